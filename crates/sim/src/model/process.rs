//! The processes: what each asks for next, and where the answer leads. They keep to the use cases
//! of `crates/app`, one step for each call of a port.

use super::config::{Config, Flaw, Role};
use super::state::{Email, FRESH, Kind, MESSAGES, NOBODY, Pc, Proc, Request, State};

/// What a service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    /// The condition did not hold.
    No,
    /// The card was there already.
    Exists,
    Accepted,
    Rejected,
    Cancelled,
    /// The mail service took nothing, surely.
    Deferred,
    /// Nothing is known of what became of the request.
    Error,
}

/// What wakes a worker that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Source {
    Queue,
    Sweep,
}

impl Role {
    /// Where a process of this role begins, and begins again after it died.
    pub(super) fn begins(self, config: &Config) -> Pc {
        match self {
            Self::Submit if config.has(Flaw::MessageFirst) => Pc::RemindFirst,
            Self::Submit => Pc::Place,
            Self::Worker | Self::Mailer => Pc::Idle,
            Self::Abort(_) if config.has(Flaw::AbortReadsThenWrites) => Pc::Look,
            Self::CloseByHand => Pc::Look,
            Self::Abort(_) | Self::Approve(_) | Self::Reject(_) | Self::Repeat => Pc::Write,
        }
    }
}

/// What the process asks for next; nothing if it waits or has ended.
pub(super) fn request(config: &Config, state: &State, who: usize) -> Option<Request> {
    let (role, proc) = (config.role(who)?, state.procs[who]);
    let Proc {
        token,
        attempt,
        asked,
        ..
    } = proc;
    let worker = u8::try_from(who).unwrap_or(0);
    let seen = state.card.attempt;
    Some(match proc.pc {
        Pc::Idle | Pc::Answered | Pc::Declined | Pc::Yes => return None,
        Pc::Place => Request::Place(FRESH),
        Pc::RemindFirst | Pc::Remind => Request::RemindOfOrder,
        Pc::Claim => Request::Claim {
            token,
            seen: asked.unwrap_or(state.card.claim_that_is_over()),
            attempt,
        },
        Pc::Check => Request::Check,
        Pc::Delete | Pc::DeleteEarly => Request::Delete,
        Pc::Ask => Request::Ask { attempt, worker },
        Pc::Cancel => Request::Cancel { attempt },
        Pc::MarkAccepted | Pc::StopAccepted => Request::Accept { attempt },
        Pc::MarkRefused => Request::Refuse(token),
        Pc::MarkInactive => Request::Inactive(token),
        Pc::GiveBack => Request::GiveBack(token),
        Pc::RemindEmail => Request::RemindOfEmail,
        Pc::SweepRemind => Request::EmailIsLate,
        Pc::SweepGiveUp => Request::GiveUpEmail,
        Pc::ClaimEmail => Request::ClaimEmail {
            token,
            seen: asked.unwrap_or(state.card.email_claim_that_is_over()),
        },
        Pc::Send => Request::Mail,
        Pc::RecordSent => Request::EmailSent(token),
        Pc::RecordRefused => Request::EmailRefused(token),
        Pc::RecordDeferred => Request::EmailDeferred(token),
        Pc::Look if role == Role::CloseByHand => Request::LookAtProducer,
        Pc::Look => Request::LookAtCard,
        Pc::Write => match role {
            Role::Abort(_) if config.has(Flaw::AbortReadsThenWrites) => Request::AbortBlindly,
            Role::Abort(by) => Request::Abort(by),
            Role::Approve(by) => Request::Approve { by, attempt: seen },
            Role::Reject(by) => Request::Reject { by, attempt: seen },
            Role::Repeat => Request::Repeat { attempt: seen },
            Role::CloseByHand => Request::AbortBlindly,
            Role::Submit | Role::Worker | Role::Mailer => return None,
        },
    })
}

/// Whether somebody has to want it: a client, an operator, an approver. All else the system does
/// by itself.
pub(super) fn is_wanted_by_people(config: &Config, state: &State, who: usize) -> bool {
    match state.procs[who].pc {
        Pc::RemindFirst | Pc::Look | Pc::Write => true,
        Pc::Place => !config.has(Flaw::MessageFirst),
        _ => false,
    }
}

impl State {
    /// A worker that waits finds something to do.
    pub(super) fn wake(&mut self, config: &Config, who: usize, source: Source) -> bool {
        let Some(role) = config.role(who) else {
            return false;
        };
        if self.procs[who].pc != Pc::Idle {
            return false;
        }
        let next = match (role, source) {
            (Role::Worker, Source::Queue) if self.orders > 0 => {
                self.orders -= 1;
                Pc::Claim
            }
            (Role::Mailer, Source::Queue) if self.mails > 0 => {
                self.mails -= 1;
                // Broken: whoever gets a message sends.
                if config.has(Flaw::EmailWithoutClaim) {
                    Pc::Send
                } else {
                    Pc::ClaimEmail
                }
            }
            (Role::Worker, Source::Sweep) => match self.finds_by_sweep(config) {
                Some(pc) => pc,
                None => return false,
            },
            _ => return false,
        };
        self.procs[who] = Proc {
            message: source == Source::Queue,
            token: if next == Pc::SweepRemind || next == Pc::SweepGiveUp {
                NOBODY
            } else {
                FRESH
            },
            attempt: if role == Role::Worker {
                self.card.attempt
            } else {
                0
            },
            ..Proc::at(next)
        };
        true
    }

    fn finds_by_sweep(&self, config: &Config) -> Option<Pc> {
        if config.has(Flaw::NoSweep) || self.card.due != super::state::Due::Now {
            return None;
        }
        match self.card.kind {
            Kind::Queued | Kind::Claimed(_) => Some(Pc::Claim),
            Kind::Ordered if !self.card.email_waits() => None,
            Kind::Ordered if self.card.tries < config.email_tries => Some(Pc::SweepRemind),
            Kind::Ordered if config.has(Flaw::EmailNeverGivenUp) => Some(Pc::SweepRemind),
            Kind::Ordered => Some(Pc::SweepGiveUp),
            _ => None,
        }
    }

    /// The process learns the answer and goes on.
    pub(super) fn resume(&mut self, config: &Config, who: usize, answer: Answer) {
        let proc = self.procs[who];
        let next = match proc.pc {
            Pc::Claim | Pc::Check | Pc::DeleteEarly | Pc::Ask | Pc::Cancel => {
                self.after_asking(config, who, answer)
            }
            Pc::MarkAccepted
            | Pc::StopAccepted
            | Pc::MarkRefused
            | Pc::MarkInactive
            | Pc::GiveBack => self.after_marking(config, who, answer),
            Pc::ClaimEmail | Pc::Send => self.after_sending(config, who, answer),
            Pc::RecordSent | Pc::RecordRefused | Pc::RecordDeferred => {
                let stands = answer == Answer::Yes || self.card.email == Email::Sent;
                if proc.pc == Pc::RecordSent && !stands {
                    self.is_uncertain();
                }
                return self.mailer_ends(who, answer != Answer::Error);
            }
            Pc::Place => return self.after_placing(config, who, answer),
            Pc::RemindFirst if answer == Answer::Error => Pc::RemindFirst,
            Pc::RemindFirst => Pc::Place,
            Pc::Remind => match config.role(who) {
                Some(Role::Submit) => Pc::Answered,
                _ => Pc::Yes,
            },
            Pc::RemindEmail => return self.handed_over(config, who),
            Pc::SweepRemind if answer == Answer::Yes => Pc::RemindEmail,
            Pc::SweepRemind | Pc::SweepGiveUp => Pc::Idle,
            // A message whose deletion failed comes again.
            Pc::Delete => return self.ends(who, answer == Answer::Error),
            Pc::Look if answer == Answer::Yes => Pc::Write,
            Pc::Look => Pc::Look,
            Pc::Write if answer == Answer::Yes => match config.role(who) {
                // A repeat that waits for approval reminds nobody.
                _ if self.card.kind == Kind::Requested => Pc::Yes,
                Some(Role::Approve(_) | Role::Repeat) => Pc::Remind,
                _ => Pc::Yes,
            },
            Pc::Write => config
                .role(who)
                .map_or(Pc::Write, |role| role.begins(config)),
            Pc::Idle | Pc::Answered | Pc::Declined | Pc::Yes => proc.pc,
        };
        self.go(config, who, next);
    }

    fn go(&mut self, config: &Config, who: usize, next: Pc) {
        match next {
            Pc::Delete => self.deletes(config, who),
            Pc::Idle | Pc::Answered | Pc::Yes | Pc::Look | Pc::Write | Pc::RemindFirst => {
                self.procs[who] = Proc::at(next);
            }
            // What a process no longer needs would only make states differ that are the same.
            Pc::RemindEmail => {
                self.procs[who] = Proc {
                    message: self.procs[who].message,
                    ..Proc::at(next)
                };
            }
            _ => {
                let proc = &mut self.procs[who];
                proc.pc = next;
                proc.asked = None;
                proc.first &= matches!(next, Pc::Check | Pc::DeleteEarly);
                if matches!(next, Pc::MarkAccepted | Pc::StopAccepted) {
                    proc.token = NOBODY;
                }
            }
        }
    }

    fn after_asking(&mut self, config: &Config, who: usize, answer: Answer) -> Pc {
        let unknown = if config.has(Flaw::ClaimGivenBack) {
            Pc::GiveBack
        } else if config.has(Flaw::UnknownIsRefused) {
            Pc::MarkRefused
        } else {
            Pc::Delete
        };
        let proc = &mut self.procs[who];
        match (proc.pc, answer) {
            (Pc::Claim, Answer::Yes) => {
                proc.first = self.card.claims == 1;
                proc.attempt = self.card.attempt;
                if proc.message && config.has(Flaw::MessageDeletedFirst) {
                    Pc::DeleteEarly
                } else {
                    Pc::Check
                }
            }
            (Pc::Claim | Pc::Check, Answer::Error) => {
                self.ends(who, true);
                self.procs[who].pc
            }
            (Pc::Claim, _) => Pc::Delete,
            (Pc::DeleteEarly, _) => {
                proc.message = false;
                Pc::Check
            }
            (Pc::Check, Answer::Yes) => Pc::Ask,
            (Pc::Check, _) if proc.first || config.has(Flaw::InactiveWithoutFence) => {
                Pc::MarkInactive
            }
            (Pc::Check, _) => Pc::Cancel,
            (Pc::Ask, Answer::Accepted) => Pc::MarkAccepted,
            (Pc::Cancel, Answer::Accepted) => Pc::StopAccepted,
            (_, Answer::Rejected) => Pc::MarkRefused,
            (_, Answer::Cancelled) => Pc::MarkInactive,
            _ if config.role(who) == Some(Role::Submit) => Pc::Answered,
            _ => unknown,
        }
    }

    fn after_marking(&mut self, config: &Config, who: usize, answer: Answer) -> Pc {
        let proc = self.procs[who];
        let submit = config.role(who) == Some(Role::Submit);
        let forgets = proc.pc == Pc::MarkRefused && config.has(Flaw::FailedRefusalDeletesMessage);
        match answer {
            Answer::Yes if proc.pc == Pc::MarkAccepted && self.card.email == Email::Pending => {
                Pc::RemindEmail
            }
            _ if submit => Pc::Answered,
            Answer::Error if !forgets => {
                self.ends(who, true);
                Pc::Idle
            }
            _ => Pc::Delete,
        }
    }

    fn after_placing(&mut self, config: &Config, who: usize, answer: Answer) {
        self.procs[who] = match answer {
            Answer::Yes if config.approval || config.has(Flaw::MessageFirst) => {
                Proc::at(Pc::Answered)
            }
            Answer::Yes if config.direct => Proc {
                token: match self.card.kind {
                    Kind::Claimed(token) => token,
                    _ => NOBODY,
                },
                first: true,
                ..Proc::at(Pc::Ask)
            },
            Answer::Yes => Proc::at(Pc::Remind),
            Answer::Exists => Proc::at(Pc::Answered),
            Answer::Error => Proc::at(Role::Submit.begins(config)),
            _ => Proc::at(Pc::Declined),
        };
    }

    fn handed_over(&mut self, config: &Config, who: usize) {
        match config.role(who) {
            Some(Role::Submit) => self.procs[who] = Proc::at(Pc::Answered),
            _ => self.deletes(config, who),
        }
    }

    /// The worker has done what it could: its message goes.
    fn deletes(&mut self, config: &Config, who: usize) {
        let works = matches!(self.card.kind, Kind::Queued | Kind::Claimed(_));
        let forgets =
            config.has(Flaw::FailedRefusalDeletesMessage) && self.procs[who].pc == Pc::MarkRefused;
        if config.has(Flaw::KeepsMessages) && works && !forgets {
            return self.ends(who, true);
        }
        if self.procs[who].message {
            self.procs[who] = Proc {
                message: true,
                ..Proc::at(Pc::Delete)
            };
        } else {
            self.ends(who, false);
        }
    }

    /// The worker waits for the next tick; a message that it held may come again.
    fn ends(&mut self, who: usize, again: bool) {
        if again && self.procs[who].message {
            self.orders = (self.orders + 1).min(MESSAGES);
        }
        self.procs[who] = Proc::at(Pc::Idle);
    }

    /// The process is gone with all that it knew. Its message comes again.
    pub(super) fn die(&mut self, config: &Config, who: usize) {
        let (Some(role), proc) = (config.role(who), self.procs[who]) else {
            return;
        };
        if proc.pc == Pc::RecordSent {
            self.is_uncertain();
        }
        match role {
            Role::Mailer => self.mailer_ends(who, false),
            Role::Worker => self.ends(who, true),
            _ => self.procs[who] = Proc::at(role.begins(config)),
        }
    }
}
