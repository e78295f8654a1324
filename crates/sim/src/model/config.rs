//! What a run of the model consists of: who takes part, what the adversary may do, what is broken
//! on purpose.

use super::state::{Email, Person};

/// A process of the modelled world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// One request to order, repeated by the client after an error. All have the same key.
    Submit,
    /// Drain ticks, one after the other.
    Worker,
    /// Runs of the function that sends emails.
    Mailer,
    Abort(Person),
    Approve(Person),
    Reject(Person),
    Repeat,
    /// Broken variants only: somebody closes an order by hand.
    CloseByHand,
}

/// What the email is when the card is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Wish {
    Off,
    NoAddress,
    Email,
}

impl Wish {
    pub(super) const ALL: [Self; 3] = [Self::Off, Self::NoAddress, Self::Email];

    pub(super) fn email(self) -> Email {
        match self {
            Self::Off => Email::Off,
            Self::NoAddress => Email::Undeliverable(super::state::NoMail::NoAddress),
            Self::Email => Email::Pending,
        }
    }
}

/// One thing that is wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Flaw {
    // Not flaws by themselves: what the first design did, for the variants that are about messages.
    /// A message stays until its card is settled.
    KeepsMessages,
    NoSweep,
    // The table of the design.
    MessageFirst,
    ClaimWithoutCondition,
    ClaimGivenBack,
    KeyPerWorker,
    MessageDeletedFirst,
    NoTakeOver,
    AbortWhileClaimed,
    AbortReadsThenWrites,
    FailedRefusalDeletesMessage,
    // What the code adds to the design.
    PlaceWithoutCondition,
    ClaimSetsNoDue,
    UnknownIsRefused,
    AcceptInAnyState,
    AcceptForgetsTheEmail,
    RefuseWithoutToken,
    InactiveWithoutFence,
    InactiveWithoutToken,
    CancelOnlyLooks,
    RepeatKeepsKey,
    RepeatOfWhatWasNotSeen,
    RepeatOfOtherDataUnapproved,
    DecisionOnWhatWasNotSeen,
    ClaimOfAnyAttempt,
    ApprovedByAnybody,
    RejectInAnyState,
    RequestAbortedByAnybody,
    EmailWithoutClaim,
    EmailClaimIgnoresLease,
    EmailRefusedWithoutToken,
    EmailDeferredWithoutToken,
    UnknownEmailIsDeferred,
    EmailNeverGivenUp,
    // A guard that nothing needs while the other guards hold.
    AcceptWithoutClaim,
    EmailSentWithoutToken,
}

#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) name: &'static str,
    pub(super) roles: Vec<Role>,
    /// The worlds to begin with differ in the email.
    pub(super) wishes: Vec<Wish>,
    /// The order waits for approval, and so does a repeat with other data.
    pub(super) approval: bool,
    /// The order function asks the producer itself.
    pub(super) direct: bool,
    pub(super) producer_rejects: bool,
    pub(super) holder_leaves: bool,
    /// The holder may have another address, or none, when the order is repeated.
    pub(super) address_changes: bool,
    pub(super) mail_rejects: bool,
    pub(super) mail_defers: bool,
    /// Attempts to order the card, at most: 1 is no repeat.
    pub(super) attempts: u8,
    /// Tries of the email, at most. The product has more; the rule is the same.
    pub(super) email_tries: u8,
    pub(super) crashes: u8,
    pub(super) losses: u8,
    /// Reminders may be lost and doubled.
    pub(super) queues_lie: bool,
    /// The order function itself may fail.
    pub(super) submit_fails: bool,
    pub(super) flaws: u64,
}

impl Config {
    /// Queues that lie, an order function that fails, a crash and a loss; nothing else happens.
    pub(super) fn new(name: &'static str, roles: &[Role]) -> Self {
        Self {
            name,
            roles: roles.to_vec(),
            wishes: vec![Wish::Off],
            approval: false,
            direct: false,
            producer_rejects: false,
            holder_leaves: false,
            address_changes: false,
            mail_rejects: false,
            mail_defers: false,
            attempts: 1,
            email_tries: 2,
            crashes: 1,
            losses: 1,
            queues_lie: true,
            submit_fails: true,
            flaws: 0,
        }
    }

    pub(super) fn faults(self, crashes: u8, losses: u8) -> Self {
        Self {
            crashes,
            losses,
            ..self
        }
    }

    pub(super) fn with(mut self, flaws: &[Flaw]) -> Self {
        self.flaws |= flaws.iter().fold(0, |bits, flaw| bits | 1 << *flaw as u64);
        self
    }

    pub(super) fn has(&self, flaw: Flaw) -> bool {
        self.flaws & (1 << flaw as u64) != 0
    }

    pub(super) fn role(&self, who: usize) -> Option<Role> {
        self.roles.get(who).copied()
    }
}
