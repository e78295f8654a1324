//! Sample users that are there whatever the seed: the demo, examples and tests count on them.

use cardwright_domain::user::UserState;

#[derive(Debug)]
pub(crate) struct WellKnown {
    pub(crate) user_id: &'static str,
    pub(super) given_name: &'static str,
    pub(super) family_name: &'static str,
    /// Their email address, and their UPN if they have one.
    pub(crate) address: &'static str,
    pub(super) state: UserState,
    pub(super) has_upn: bool,
}

impl WellKnown {
    pub(crate) fn common_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// The first sample users, in their order.
pub(super) const ALL: [WellKnown; 8] = [ANNA, LUKASZ, OYSTEIN, ELENI, IREM, SEAN, JURGEN, ZOE];

pub(crate) const ANNA: WellKnown = WellKnown {
    user_id: "u-0000001",
    given_name: "Anna",
    family_name: "Lindqvist",
    address: "anna.lindqvist@example.com",
    state: UserState::Active,
    has_upn: true,
};

pub(crate) const LUKASZ: WellKnown = WellKnown {
    user_id: "u-0000002",
    given_name: "Łukasz",
    family_name: "Wiśniewski",
    address: "lukasz.wisniewski@example.com",
    state: UserState::Active,
    has_upn: true,
};

pub(crate) const OYSTEIN: WellKnown = WellKnown {
    user_id: "u-0000003",
    given_name: "Øystein",
    family_name: "Ødegård",
    address: "oystein.odegard@example.com",
    state: UserState::Active,
    has_upn: true,
};

pub(crate) const ELENI: WellKnown = WellKnown {
    user_id: "u-0000004",
    given_name: "Ελένη",
    family_name: "Παπαδοπούλου",
    address: "eleni.papadopoulou@example.com",
    state: UserState::Active,
    has_upn: true,
};

pub(crate) const IREM: WellKnown = WellKnown {
    user_id: "u-0000005",
    given_name: "İrem",
    family_name: "Işık",
    address: "irem.isik@example.com",
    state: UserState::Active,
    has_upn: true,
};

pub(crate) const SEAN: WellKnown = WellKnown {
    user_id: "u-0000006",
    given_name: "Seán",
    family_name: "O’Brien-Smith",
    address: "sean.obrien-smith@example.com",
    state: UserState::Active,
    has_upn: true,
};

pub(crate) const JURGEN: WellKnown = WellKnown {
    user_id: "u-0000007",
    given_name: "Jürgen",
    family_name: "Groß",
    address: "juergen.gross@example.com",
    state: UserState::Inactive,
    has_upn: true,
};

pub(crate) const ZOE: WellKnown = WellKnown {
    user_id: "u-0000008",
    given_name: "Zoë",
    family_name: "Lindqvist",
    address: "zoe.lindqvist@example.com",
    state: UserState::Active,
    has_upn: false,
};
