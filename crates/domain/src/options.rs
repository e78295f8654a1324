//! What administrators decide: typed, validated and versioned. Every order records the version it was made under.

pub mod difference;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::email::Language;
use crate::ids::ProductionTypeId;
use crate::limits::{DEFAULT_VALIDITY_DAYS, MAX_PRODUCTION_TYPES};
use crate::mapping::Mapping;
use crate::production_type::{Delivery, ProductionType};
use crate::refusal::{FieldError, Refusal};
use crate::user::{User, UserState};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct UseCase {
    pub enabled: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct UseCases {
    /// `CardsAddonExtProdProcOrder`, for users in state `active`.
    pub order_card: UseCase,
    /// The same for cards in state `failed`.
    pub repeat_order: UseCase,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Approval {
    /// An order for one user waits in `requested` until an approver decides.
    pub single: bool,
    pub batch: bool,
    /// Whether an approver may decide about an order that they made or that is for themselves.
    pub own_orders: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct CardOrderedEmail {
    pub enabled: bool,
    pub language: Language,
}

impl Default for CardOrderedEmail {
    fn default() -> Self {
        Self {
            enabled: true,
            language: Language::En,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Options {
    /// 0 until an administrator has stored something.
    pub version: u64,
    pub use_cases: UseCases,
    pub multiple_orders: bool,
    pub approval: Approval,
    pub card_ordered_email: CardOrderedEmail,
    /// Holders may see and order for themselves.
    pub self_service: bool,
    pub production_types: Vec<ProductionType>,
    pub mapping: Mapping,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: 0,
            use_cases: UseCases::default(),
            multiple_orders: false,
            approval: Approval::default(),
            card_ordered_email: CardOrderedEmail::default(),
            self_service: false,
            production_types: standard_card().into_iter().collect(),
            mapping: Mapping::default(),
        }
    }
}

fn standard_card() -> Option<ProductionType> {
    Some(ProductionType {
        id: ProductionTypeId::parse("standard").ok()?,
        name: "Standard card".into(),
        default: true,
        enabled: true,
        delivery: Delivery::Queue,
        hold_minutes: 0,
        validity_days: DEFAULT_VALIDITY_DAYS,
        fields: vec!["commonName".into(), "upn".into()],
        rules: BTreeMap::new(),
    })
}

impl Options {
    /// Everything that is wrong with the document, by JSON pointers into it.
    #[must_use]
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = self.mapping.errors();
        // An option whose function does not exist yet is refused: an order must never wait for nobody.
        if self.approval.batch {
            let detail = "is not available in this release";
            errors.push(FieldError::new("/approval/batch", detail));
        }
        errors.extend(self.production_types_errors());
        errors
    }

    fn production_types_errors(&self) -> Vec<FieldError> {
        let types = &self.production_types;
        if !(1..=MAX_PRODUCTION_TYPES).contains(&types.len()) {
            let detail = format!("needs 1 to {MAX_PRODUCTION_TYPES} entries");
            return vec![FieldError::new("/productionTypes", detail)];
        }
        let mut errors = Vec::new();
        let defaults = types.iter().filter(|each| each.default && each.enabled);
        if defaults.count() != 1 || types.iter().filter(|each| each.default).count() != 1 {
            let detail = "needs exactly one default, and that one enabled";
            errors.push(FieldError::new("/productionTypes", detail));
        }
        for (at, each) in types.iter().enumerate() {
            let pointer = format!("/productionTypes/{at}");
            if types[..at].iter().any(|before| before.id == each.id) {
                errors.push(FieldError::new(format!("{pointer}/id"), "is there twice"));
            }
            let wrong = each.errors(&self.mapping).into_iter();
            errors.extend(wrong.map(|error| error.below(&pointer)));
        }
        errors
    }

    /// What stands against an order for this user, apart from an open order, in the order of refusal.
    #[must_use]
    pub fn order_blockers(&self, user: &User, production_type: Option<&str>) -> Vec<Refusal> {
        let mut blockers = blockers(&self.use_cases.order_card, "orderCard", user);
        match self.production_type(production_type) {
            None => blockers.push(Refusal::ProductionTypeUnknown),
            Some(chosen) => {
                let unfit = chosen.card_data(&self.mapping, user).err();
                blockers.extend(unfit.into_iter().flatten());
            }
        }
        blockers
    }

    /// What stands against the order of a failed card again, apart from an open order and from data that
    /// is to be frozen anew.
    #[must_use]
    pub fn repeat_blockers(&self, user: &User, production_type: &ProductionTypeId) -> Vec<Refusal> {
        let mut blockers = blockers(&self.use_cases.repeat_order, "repeatOrder", user);
        if self
            .production_type(Some(production_type.as_str()))
            .is_none()
        {
            blockers.push(Refusal::ProductionTypeUnknown);
        }
        blockers
    }

    /// The production type that an orderer chose, or the default one if they chose none.
    #[must_use]
    pub fn production_type(&self, chosen: Option<&str>) -> Option<&ProductionType> {
        let wanted = |candidate: &&ProductionType| match chosen {
            Some(id) => candidate.id.as_str() == id,
            None => candidate.default,
        };
        self.production_types
            .iter()
            .filter(|candidate| candidate.enabled)
            .find(wanted)
    }
}

fn blockers(use_case: &UseCase, name: &'static str, user: &User) -> Vec<Refusal> {
    let mut blockers = Vec::new();
    if !use_case.enabled {
        blockers.push(Refusal::UseCaseDisabled { use_case: name });
    }
    if user.state != UserState::Active {
        blockers.push(Refusal::UserInactive);
    }
    blockers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::UserId;

    fn pointers(json: &str) -> Vec<String> {
        let options: Options = serde_json::from_str(json).unwrap();
        options
            .errors()
            .into_iter()
            .map(|error| error.pointer)
            .collect()
    }

    #[test]
    fn the_defaults_are_valid_and_offer_nothing() {
        let options = Options::default();
        assert_eq!(options.errors(), []);
        assert!(!options.use_cases.order_card.enabled && !options.multiple_orders);
        assert!(options.card_ordered_email.enabled);
        assert_eq!(
            options.production_type(None).unwrap().id.as_str(),
            "standard"
        );
    }

    #[test]
    fn absent_fields_take_their_defaults_and_unknown_ones_are_refused() {
        let options: Options =
            serde_json::from_str(r#"{"useCases":{"orderCard":{"enabled":true}}}"#).unwrap();
        assert!(options.use_cases.order_card.enabled && options.card_ordered_email.enabled);
        assert!(serde_json::from_str::<Options>(r#"{"usecases":{}}"#).is_err());
    }

    #[test]
    fn every_wrong_part_is_named() {
        let none: [&str; 0] = [];
        assert_eq!(pointers(r#"{"multipleOrders":true}"#), none);
        assert_eq!(
            pointers(r#"{"approval":{"batch":true}}"#),
            ["/approval/batch"]
        );
        assert_eq!(pointers(r#"{"selfService":true}"#), none);
        assert_eq!(pointers(r#"{"productionTypes":[]}"#), ["/productionTypes"]);
        assert_eq!(
            pointers(
                r#"{"productionTypes":[{"id":"a","name":" ","fields":["upn","photo","upn"]}],
                    "mapping":{"upn":"{upn}","9":"x"}}"#
            ),
            [
                "/mapping/9",
                "/productionTypes",
                "/productionTypes/0/name",
                "/productionTypes/0/fields/1",
                "/productionTypes/0/fields/2"
            ]
        );
    }

    #[test]
    fn one_of_up_to_twenty_types_is_the_default_and_is_enabled() {
        let entry = |id: &str, default: bool, enabled: bool| {
            format!(
                r#"{{"id":"{id}","name":"x","default":{default},"enabled":{enabled},"fields":["upn"]}}"#
            )
        };
        let gold = |default, enabled| entry("gold", default, enabled);
        let more = |count| (0..count).map(|at| entry(&format!("t{at}"), false, false));
        for (entries, wrong) in [
            (vec![gold(true, true)], vec![]),
            (vec![gold(true, true), entry("red", false, true)], vec![]),
            (vec![gold(true, false)], vec!["/productionTypes"]),
            (vec![gold(false, true)], vec!["/productionTypes"]),
            (
                vec![gold(true, true), entry("red", true, true)],
                vec!["/productionTypes"],
            ),
            (
                vec![gold(true, true), entry("red", true, false)],
                vec!["/productionTypes"],
            ),
            (
                vec![gold(true, true), gold(false, true)],
                vec!["/productionTypes/1/id"],
            ),
            (more(19).chain([gold(true, true)]).collect(), vec![]),
            (
                more(20).chain([gold(true, true)]).collect(),
                vec!["/productionTypes"],
            ),
        ] {
            let json = format!(r#"{{"productionTypes":[{}]}}"#, entries.join(","));
            assert_eq!(pointers(&json), wrong, "{json}");
        }
    }

    #[test]
    fn only_an_enabled_type_can_be_chosen() {
        let mut options = Options::default();
        assert!(options.production_type(Some("standard")).is_some());
        assert!(options.production_type(Some("other")).is_none());
        let gold = ProductionType {
            id: ProductionTypeId::parse("gold").unwrap(),
            ..options.production_types[0].clone()
        };
        options.production_types[0].default = false;
        options.production_types.push(gold);
        let chosen = |options: &Options, id| {
            let chosen = options.production_type(id);
            chosen.map(|chosen| chosen.id.as_str().to_owned())
        };
        assert_eq!(
            chosen(&options, None).as_deref(),
            Some("gold"),
            "the default"
        );
        assert_eq!(
            chosen(&options, Some("standard")).as_deref(),
            Some("standard")
        );
        options.production_types[0].enabled = false;
        assert_eq!(chosen(&options, Some("standard")), None);
        options.production_types[1].enabled = false;
        assert!(options.production_type(None).is_none());
    }

    fn user(state: UserState, upn: Option<&str>) -> User {
        User {
            user_id: UserId::parse("u1").unwrap(),
            state,
            version: 1,
            common_name: "Ada Lovelace".into(),
            given_name: None,
            family_name: None,
            upn: upn.map(str::to_owned),
            email: None,
            employee_number: None,
            department: None,
        }
    }

    #[test]
    fn all_that_stands_against_an_order_is_told_in_the_order_of_refusal() {
        let mut options = Options::default();
        let slugs = |options: &Options, user: &User, production_type: Option<&str>| {
            let blockers = options.order_blockers(user, production_type);
            blockers.iter().map(Refusal::slug).collect::<Vec<_>>()
        };
        assert_eq!(
            slugs(&options, &user(UserState::Inactive, None), Some("gold")),
            [
                "use-case-disabled",
                "user-inactive",
                "production-type-unknown",
            ]
        );
        assert_eq!(
            slugs(&options, &user(UserState::Inactive, None), None),
            [
                "use-case-disabled",
                "user-inactive",
                "user-attribute-missing",
            ]
        );
        options.use_cases.order_card.enabled = true;
        let ada = user(UserState::Active, Some("ada@example.com"));
        assert_eq!(slugs(&options, &ada, None), [""; 0]);
    }

    #[test]
    fn all_that_stands_against_a_repeat_is_told_in_the_order_of_refusal() {
        let mut options = Options::default();
        let refused = |options: &Options, state, production_type| {
            let production_type = ProductionTypeId::parse(production_type).unwrap();
            options.repeat_blockers(&user(state, None), &production_type)
        };
        assert_eq!(
            refused(&options, UserState::Inactive, "gold"),
            [
                Refusal::UseCaseDisabled {
                    use_case: "repeatOrder"
                },
                Refusal::UserInactive,
                Refusal::ProductionTypeUnknown,
            ]
        );
        options.use_cases.repeat_order.enabled = true;
        assert_eq!(refused(&options, UserState::Active, "standard"), []);
    }
}
