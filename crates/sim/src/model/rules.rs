//! The conditional writes: what the table of cards does with each event. Written from the design,
//! not by the domain's own rules, so that the comparison of the two says something.

use super::config::{Config, Flaw};
use super::process::Answer;
use super::state::{Card, Due, Email, Kind, MANY, NOBODY, NoMail, Person, State, Why};
use super::triples::Change;

/// The card after the event, or why not.
pub(super) enum Written {
    Done(Card),
    /// The very same event had happened before.
    Already,
    No,
}

use Written::{Already, Done, No};

impl Card {
    pub(super) fn email_waits(&self) -> bool {
        matches!(self.email, Email::Pending | Email::Sending { .. })
    }

    fn email_is_due(&self) -> bool {
        matches!(
            self.email,
            Email::Pending | Email::Sending { over: true, .. }
        )
    }

    /// The token of the claim whose lease is over now.
    pub(super) fn claim_that_is_over(&self) -> u8 {
        match self.kind {
            Kind::Claimed(token) if self.due == Due::Now => token,
            _ => NOBODY,
        }
    }

    pub(super) fn email_claim_that_is_over(&self) -> u8 {
        match self.email {
            Email::Sending { token, over: true } => token,
            _ => NOBODY,
        }
    }

    fn to(self, kind: Kind, due: Due) -> Written {
        Done(Self { kind, due, ..self })
    }

    pub(super) fn place(self, config: &Config, token: u8) -> Card {
        let (kind, due) = match (config.approval, config.direct) {
            (true, _) => (Kind::Requested, Due::No),
            (false, false) => (Kind::Queued, Due::Later),
            (false, true) => (Kind::Claimed(token), Due::Later),
        };
        let claims = u8::from(matches!(kind, Kind::Claimed(_)));
        Card {
            kind,
            due,
            claims,
            ..self
        }
    }

    /// `seen` is the claim that was over by the clock of the worker who asks.
    pub(super) fn claim(self, config: &Config, token: u8, seen: u8, attempt: u8) -> Written {
        if self.attempt != attempt && !config.has(Flaw::ClaimOfAnyAttempt) {
            return No;
        }
        let free = match self.kind {
            Kind::Queued => true,
            Kind::Claimed(owner) if owner == token => return Already,
            Kind::Claimed(owner) => owner == seen && !config.has(Flaw::NoTakeOver),
            Kind::Absent => return No,
            _ => false,
        };
        if !free && !config.has(Flaw::ClaimWithoutCondition) {
            return No;
        }
        let due = if config.has(Flaw::ClaimSetsNoDue) {
            Due::No
        } else {
            Due::Later
        };
        Done(Card {
            kind: Kind::Claimed(token),
            claims: (self.claims + 1).min(2),
            due,
            ..self
        })
    }

    pub(super) fn give_back(self, token: u8) -> Written {
        if self.kind == Kind::Claimed(token) {
            self.to(Kind::Queued, Due::Later)
        } else {
            No
        }
    }

    pub(super) fn abort(self, config: &Config, by: Person) -> Written {
        let allowed = match self.kind {
            Kind::Aborted(before) if before == by => return Already,
            Kind::Requested => by == Person::Requester || config.has(Flaw::RequestAbortedByAnybody),
            Kind::Queued => true,
            Kind::Claimed(_) => config.has(Flaw::AbortWhileClaimed),
            _ => false,
        };
        if allowed {
            self.to(Kind::Aborted(by), Due::No)
        } else {
            No
        }
    }

    fn is_as_seen(&self, config: &Config, seen: u8) -> bool {
        self.attempt == seen || config.has(Flaw::DecisionOnWhatWasNotSeen)
    }

    pub(super) fn approve(self, config: &Config, by: Person, seen: u8) -> Written {
        let allowed = by == Person::Other || config.has(Flaw::ApprovedByAnybody);
        if self.kind == Kind::Requested && allowed && self.is_as_seen(config, seen) {
            self.to(Kind::Queued, Due::Later)
        } else {
            No
        }
    }

    pub(super) fn reject(self, config: &Config, by: Person, seen: u8) -> Written {
        let waits = match self.kind {
            Kind::Requested => true,
            Kind::Queued | Kind::Claimed(_) => config.has(Flaw::RejectInAnyState),
            _ => false,
        };
        if waits && by == Person::Other && self.is_as_seen(config, seen) {
            self.to(Kind::Rejected, Due::No)
        } else {
            No
        }
    }

    pub(super) fn accept(self, config: &Config, attempt: u8) -> Written {
        let same = self.attempt == attempt;
        let anyhow = config.has(Flaw::AcceptInAnyState);
        let allowed = match self.kind {
            Kind::Claimed(_) => same || config.has(Flaw::AcceptWithoutClaim),
            Kind::Queued => config.has(Flaw::AcceptWithoutClaim),
            Kind::Ordered if same && !anyhow => return Already,
            Kind::Absent => false,
            _ => anyhow,
        };
        if !allowed {
            return No;
        }
        // Whether an email was wanted does not change until the card is ordered.
        let wanted = !matches!(
            self.email,
            Email::Off | Email::Undeliverable(NoMail::NoAddress)
        );
        let due = if wanted && !config.has(Flaw::AcceptForgetsTheEmail) {
            Due::Later
        } else {
            Due::No
        };
        self.to(Kind::Ordered, due)
    }

    pub(super) fn refuse(self, config: &Config, token: u8) -> Written {
        self.fail(token, Why::Refused, config.has(Flaw::RefuseWithoutToken))
    }

    pub(super) fn inactive(self, config: &Config, token: u8) -> Written {
        self.fail(token, Why::Inactive, config.has(Flaw::InactiveWithoutToken))
    }

    fn fail(self, token: u8, why: Why, anyhow: bool) -> Written {
        match self.kind {
            Kind::Claimed(owner) if owner == token || anyhow => self.to(Kind::Failed(why), Due::No),
            Kind::Queued if anyhow => self.to(Kind::Failed(why), Due::No),
            Kind::Failed(before) if before == why => Already,
            _ => No,
        }
    }

    pub(super) fn claim_email(self, config: &Config, token: u8, seen: u8) -> Written {
        let free = match self.email {
            Email::Sending { token: owner, .. } if owner == token => return Already,
            Email::Sending { token: owner, .. } => {
                owner == seen || config.has(Flaw::EmailClaimIgnoresLease)
            }
            _ => self.email_is_due(),
        };
        if self.kind != Kind::Ordered || !free || self.tries >= config.email_tries {
            return No;
        }
        Done(Card {
            email: Email::Sending { token, over: false },
            tries: self.tries + 1,
            due: Due::Later,
            ..self
        })
    }

    pub(super) fn email_is_late(self) -> Written {
        if self.kind == Kind::Ordered && self.email_is_due() {
            self.to(Kind::Ordered, Due::Later)
        } else {
            No
        }
    }

    pub(super) fn give_up_email(self, config: &Config) -> Written {
        let used = self.tries >= config.email_tries;
        if self.kind == Kind::Ordered && self.email_is_due() && used {
            self.email_ends(Email::Undeliverable(NoMail::GivenUp))
        } else {
            No
        }
    }

    fn email_ends(self, email: Email) -> Written {
        Done(Card {
            email,
            due: Due::No,
            ..self
        })
    }

    fn sends_email(self, token: u8, anyhow: bool) -> bool {
        match self.email {
            Email::Sending { token: owner, .. } => owner == token || anyhow,
            Email::Pending => anyhow,
            _ => false,
        }
    }

    pub(super) fn email_sent(self, config: &Config, token: u8) -> Written {
        let anyhow = config.has(Flaw::EmailSentWithoutToken) || config.has(Flaw::EmailWithoutClaim);
        if self.sends_email(token, anyhow) {
            self.email_ends(Email::Sent)
        } else if self.email == Email::Sent {
            Already
        } else {
            No
        }
    }

    pub(super) fn email_refused(self, config: &Config, token: u8) -> Written {
        if self.sends_email(token, config.has(Flaw::EmailRefusedWithoutToken)) {
            self.email_ends(Email::Undeliverable(NoMail::Refused))
        } else {
            No
        }
    }

    pub(super) fn email_deferred(self, config: &Config, token: u8) -> Written {
        if self.sends_email(token, config.has(Flaw::EmailDeferredWithoutToken)) {
            Done(Card {
                email: Email::Pending,
                tries: self.tries.saturating_sub(1),
                due: Due::Later,
                ..self
            })
        } else {
            No
        }
    }
}

impl State {
    /// Brings the outcome of a write into the world.
    pub(super) fn write(&mut self, written: Written, change: Change) -> (Answer, Option<Change>) {
        match written {
            Done(card) => {
                self.card = card;
                (Answer::Yes, Some(change))
            }
            Already => (Answer::Yes, None),
            No => (Answer::No, None),
        }
    }

    pub(super) fn place(&mut self, config: &Config, token: u8) -> (Answer, Option<Change>) {
        let fresh = self.card.kind == Kind::Absent;
        if !fresh && !config.has(Flaw::PlaceWithoutCondition) {
            return (Answer::Exists, None);
        }
        if !self.holder_active {
            return (Answer::No, None);
        }
        self.card = self.card.place(config, token);
        self.placed = (self.placed + 1).min(MANY);
        self.unapproved = config.approval;
        let change = if config.approval {
            Change::Request
        } else {
            Change::Order
        };
        (Answer::Yes, Some(change))
    }
}
