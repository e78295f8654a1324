//! The mail workers' half of the processes.

use super::config::{Config, Flaw};
use super::process::Answer;
use super::state::{MANY, MESSAGES, Pc, Proc, State};

impl State {
    pub(super) fn after_sending(&mut self, config: &Config, who: usize, answer: Answer) -> Pc {
        match (self.procs[who].pc, answer) {
            (Pc::ClaimEmail, Answer::Yes) => Pc::Send,
            (Pc::ClaimEmail, Answer::Error) => {
                self.mailer_ends(who, false);
                Pc::Idle
            }
            (Pc::Send, Answer::Accepted) => Pc::RecordSent,
            (Pc::Send, Answer::Rejected) => Pc::RecordRefused,
            (Pc::Send, Answer::Deferred) => Pc::RecordDeferred,
            (Pc::Send, _) if config.has(Flaw::UnknownEmailIsDeferred) => Pc::RecordDeferred,
            // Nothing to do, or not known: the message goes, the sweep comes.
            _ => Pc::Idle,
        }
    }

    pub(super) fn mailer_ends(&mut self, who: usize, done: bool) {
        if !done && self.procs[who].message {
            self.mails = (self.mails + 1).min(MESSAGES);
        }
        self.procs[who] = Proc::at(Pc::Idle);
    }

    /// An email was taken, and nobody will write that down.
    pub(super) fn is_uncertain(&mut self) {
        self.uncertain = (self.uncertain + 1).min(MANY);
    }
}
