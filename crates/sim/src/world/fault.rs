//! What can happen to a call on its way, and who decides it.
//!
//! Every method of a port is one *point*: it pauses, takes effect, pauses again, and answers. At each
//! point a [`Faults`] hook is asked for a [`Plan`]. The seeded hook draws it; a harness that walks all
//! points or the whole matrix of calls and faults scripts it.

use cardwright_domain::card::EventKind;

use super::state::WorkerId;

/// A call to a service, as one row of the matrix of calls and faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Call {
    OrderContext,
    ReadCard,
    PlaceOrder,
    RepeatOrder,
    ChangeCard(EventKind),
    DueCards,
    ActiveHolders,
    RemindOfOrders,
    RemindOfEmails,
    ReceiveOrders,
    DeleteReceived,
    Quarantine,
    Submit,
    Cancel,
    SendMail,
    /// What the event source does with the message of an email that is done.
    DeleteMail,
}

/// What goes wrong at a call. Each call can have those that [`Call::faults`] lists; any other one
/// counts as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fault {
    /// The request never arrived.
    NotApplied,
    /// Too much at once: surely nothing was done.
    Throttled,
    /// It was done, and the answer was lost.
    AnswerLost,
    /// The caller gave up; the request arrives later, perhaps after its sender's death.
    AppliedLate,
    /// A transaction of somebody else was in the way.
    Conflict,
    /// The SDK's own retry: done, answer lost, sent again, and only the second answer arrives.
    Twice,
    /// Only a part of the entries was taken, or came.
    Partial,
    /// Answered as done, and then gone: a queue that loses a message.
    Lost,
    /// A queue that brings, or keeps, one message more.
    Doubled,
    /// The index lags: entries are missing.
    Stale,
    /// A definite no of the producer or the mail service.
    Refused,
    /// The service says that it decided nothing for now.
    Deferred,
}

use Fault::*;

impl Fault {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            NotApplied => "not applied",
            Throttled => "throttled",
            AnswerLost => "answer lost",
            AppliedLate => "applied late",
            Conflict => "conflict",
            Twice => "applied twice",
            Partial => "partial batch",
            Lost => "message lost",
            Doubled => "message doubled",
            Stale => "stale index",
            Refused => "refused",
            Deferred => "deferred",
        }
    }
}

impl Call {
    pub(crate) fn faults(self) -> &'static [Fault] {
        match self {
            Self::OrderContext | Self::ReadCard | Self::ActiveHolders => &[NotApplied, Throttled],
            Self::DueCards => &[NotApplied, Throttled, Stale],
            Self::PlaceOrder | Self::RepeatOrder => {
                &[NotApplied, Throttled, AnswerLost, AppliedLate, Conflict]
            }
            Self::ChangeCard(_) => &[
                NotApplied,
                Throttled,
                AnswerLost,
                AppliedLate,
                Conflict,
                Twice,
            ],
            Self::RemindOfOrders | Self::RemindOfEmails => &[
                NotApplied,
                Throttled,
                AnswerLost,
                AppliedLate,
                Lost,
                Doubled,
                Partial,
            ],
            Self::ReceiveOrders => &[NotApplied, Throttled, AnswerLost, Doubled, Partial],
            Self::DeleteReceived => &[NotApplied, Throttled, AnswerLost, AppliedLate, Partial],
            Self::Quarantine => &[NotApplied, Throttled, AnswerLost, AppliedLate],
            Self::Submit => &[
                NotApplied,
                Throttled,
                AnswerLost,
                AppliedLate,
                Partial,
                Refused,
                Deferred,
            ],
            Self::Cancel => &[NotApplied, Throttled, AnswerLost, AppliedLate],
            Self::SendMail => &[
                NotApplied,
                Throttled,
                AnswerLost,
                AppliedLate,
                Refused,
                Deferred,
            ],
            Self::DeleteMail => &[NotApplied],
        }
    }
}

/// Where a process dies at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Death {
    /// Before the request leaves.
    Before,
    /// After it took effect, and before the answer is read.
    After,
}

/// What happens at a point. The number of pauses decides how the calls of one worker interleave.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Plan {
    pub(crate) fault: Option<Fault>,
    pub(crate) death: Option<Death>,
    pub(crate) pauses_before: u8,
    pub(crate) pauses_after: u8,
}

pub(crate) trait Faults: Send {
    /// `number` says which of this worker's calls it is, from 0, in the order in which they begin.
    fn plan(&mut self, worker: WorkerId, number: u32, call: Call) -> Plan;
}

/// Nothing goes wrong; each call pauses once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calm;

impl Faults for Calm {
    fn plan(&mut self, _: WorkerId, _: u32, _: Call) -> Plan {
        Plan {
            pauses_before: 1,
            ..Plan::default()
        }
    }
}
