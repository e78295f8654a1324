//! The hook of the harness: it counts the calls of one phase of a run, and strikes at one of them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cardwright_domain::card::EventKind;

use crate::world::fault::{Call, Death, Fault, Faults, Plan};
use crate::world::state::WorkerId;

/// How calls that a process makes at once get on. The effects of such calls come in the order of
/// their pauses, so each gait leaves other halves done at a cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gait {
    /// Each pauses once before its effect and once before its answer is read.
    Together,
    /// In the order in which they begin, one effect after the other.
    InTurn,
    /// Those that begin last take effect first.
    Reversed,
}

/// Calls that begin at once, at most, without two of them having the same number of pauses.
const STEPS: u32 = 16;

impl Gait {
    pub(crate) const ALL: [Self; 3] = [Self::Together, Self::InTurn, Self::Reversed];

    /// Before and after the effect of a process's call with this number.
    fn pauses(self, number: u32) -> (u8, u8) {
        let step = number % STEPS;
        let pauses = |number| u8::try_from(number).unwrap_or(u8::MAX);
        match self {
            Self::Together => (1, 1),
            Self::InTurn => (pauses(1 + step), 0),
            Self::Reversed => (pauses(STEPS - step), 0),
        }
    }
}

/// Which call of a phase is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// The one with this number, from 0, in the order in which the calls begin.
    Number(usize),
    /// The first of its kind.
    First(Call),
    /// All of a kind.
    Every(Call),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) at: At,
    pub(crate) fault: Option<Fault>,
    pub(crate) death: Option<Death>,
}

impl Strike {
    pub(crate) fn death(at: At, death: Death) -> Self {
        Self {
            at,
            fault: None,
            death: Some(death),
        }
    }

    pub(crate) fn fault(at: At, fault: Fault) -> Self {
        Self {
            at,
            fault: Some(fault),
            death: None,
        }
    }
}

/// What a phase was like.
#[derive(Debug, Default, Clone)]
pub(crate) struct Seen {
    /// The calls, in the order in which they began.
    pub(crate) calls: Vec<Call>,
    /// How many of them were struck.
    pub(crate) struck: usize,
    /// How many faults and deaths left open whether an email went out: each excuses one more email.
    pub(crate) windows: usize,
}

#[derive(Debug)]
struct Inner {
    gait: Gait,
    given: &'static [(Call, Fault)],
    strike: Option<Strike>,
    seen: Seen,
}

/// One phase of a run. Clones are one: the world holds one, the harness reads the other.
#[derive(Debug, Clone)]
pub(crate) struct Script(Arc<Mutex<Inner>>);

impl Script {
    /// `given` are the faults that make the situation; they befall every such call.
    pub(crate) fn new(gait: Gait, given: &'static [(Call, Fault)], strike: Option<Strike>) -> Self {
        let seen = Seen::default();
        Self(Arc::new(Mutex::new(Inner {
            gait,
            given,
            strike,
            seen,
        })))
    }

    pub(crate) fn seen(&self) -> Seen {
        self.inner().seen.clone()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Faults for Script {
    fn plan(&mut self, _: WorkerId, number: u32, call: Call) -> Plan {
        self.inner().plan(number, call)
    }
}

impl Inner {
    fn plan(&mut self, of_worker: u32, call: Call) -> Plan {
        let number = self.seen.calls.len();
        self.seen.calls.push(call);
        let (pauses_before, pauses_after) = self.gait.pauses(of_worker);
        let strike = self.strike.filter(|strike| match strike.at {
            At::Number(at) => at == number,
            At::First(kind) => kind == call && self.seen.struck == 0,
            At::Every(kind) => kind == call,
        });
        self.seen.struck += usize::from(strike.is_some());
        let given = self.given.iter().find(|(kind, _)| *kind == call);
        let fault = strike.and_then(|strike| strike.fault);
        let fault = fault.or(given.map(|(_, fault)| *fault));
        let death = strike.and_then(|strike| strike.death);
        self.seen.windows += usize::from(leaves_email_open(call, fault, death));
        Plan {
            fault,
            death,
            pauses_before,
            pauses_after,
        }
    }
}

/// The named window: the mail service may have taken the email, and nobody will know of it.
fn leaves_email_open(call: Call, fault: Option<Fault>, death: Option<Death>) -> bool {
    match call {
        Call::SendMail => {
            let sent = matches!(fault, None | Some(Fault::AnswerLost | Fault::AppliedLate));
            let heard = fault.is_none() && death.is_none();
            sent && !heard && death != Some(Death::Before)
        }
        Call::ChangeCard(EventKind::EmailSent) => {
            let recorded = matches!(fault, None | Some(Fault::AnswerLost | Fault::Twice));
            !recorded || death == Some(Death::Before)
        }
        _ => false,
    }
}
