//! All that there is in the world: tables, queues, bureau, mail service, time, and who is at work.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cardwright_app::apply::Seen;
use cardwright_domain::card::{Card, StateKind};
use cardwright_domain::ids::{CardId, OrderId, UserId};
use cardwright_domain::options::Options;
use cardwright_domain::time::Time;
use cardwright_domain::user::User;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

use super::bureau::Bureau;
use super::fault::{Call, Death, Fault, Faults, Plan};
use super::flaw::Flaw;
use super::late::Effect;
use super::post::Post;
use super::promises::Told;
use super::queue::Queue;
use super::tally::Tally;
use super::timeline::Timeline;

/// Visibility timeout and receives of the order queue (infra/template.yaml).
const ORDER_VISIBILITY: SignedDuration = SignedDuration::from_secs(120);
const ORDER_RECEIVES: u32 = 20;

/// The same of the mail queue.
const MAIL_VISIBILITY: SignedDuration = SignedDuration::from_secs(180);
const MAIL_RECEIVES: u32 = 20;

/// A process: one invocation of a function, or one request of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct WorkerId(pub(crate) u32);

/// What kind of process it is, and so how long it may run (infra/template.yaml).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Role {
    Order,
    Abort,
    Decide,
    Repeat,
    Drain,
    Mail,
}

impl Role {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Abort => "abort",
            Self::Decide => "decide",
            Self::Repeat => "repeat",
            Self::Drain => "drain",
            Self::Mail => "mail",
        }
    }

    pub(crate) fn limit(self) -> SignedDuration {
        SignedDuration::from_secs(match self {
            Self::Order | Self::Abort | Self::Decide | Self::Repeat => 10,
            Self::Drain => 55,
            Self::Mail => 30,
        })
    }
}

#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) role: Role,
    pub(crate) started: Time,
    pub(crate) alive: bool,
    pub(crate) calls: u32,
    /// A fault or its death left open whether its email went out.
    pub(crate) email_uncertain: bool,
}

/// A promise that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) promise: &'static str,
    pub(crate) detail: String,
}

pub(crate) struct State {
    pub(crate) now: Time,
    pub(crate) users: Vec<User>,
    pub(crate) options: Options,
    pub(crate) cards: BTreeMap<CardId, Card>,
    pub(crate) pointers: BTreeMap<UserId, OrderId>,
    pub(crate) orders: Queue,
    pub(crate) mails: Queue,
    pub(crate) quarantined: Vec<String>,
    pub(crate) bureau: Bureau,
    /// Whether the producer's circuit lets requests through.
    pub(crate) bureau_available: bool,
    pub(crate) post: Post,
    /// Requests that outlived their callers.
    pub(crate) late: Vec<Effect>,
    pub(crate) processes: Vec<Process>,
    /// Whose call is taking effect; `None` for a late one.
    pub(crate) acting: Option<WorkerId>,
    pub(crate) hook: Box<dyn Faults>,
    /// What this world does wrong on purpose, to show that the checks see it.
    pub(crate) flaw: Option<Flaw>,
    /// Choices that are no faults: which message comes first.
    pub(crate) rng: Rng,
    pub(crate) tokens: u128,
    pub(crate) violations: Vec<Violation>,
    /// How long the mail service takes nothing and says nothing after the other faults have ended.
    pub(crate) mail_silence: SignedDuration,
    /// No more faults: whatever goes wrong now is a fault of the code.
    pub(crate) calm: bool,
    pub(crate) told: Told,
    pub(crate) tally: Tally,
    pub(crate) timeline: Timeline,
}

impl State {
    pub(crate) fn violate(&mut self, promise: &'static str, detail: String) {
        self.note(|_| format!("VIOLATED: {promise}: {detail}"));
        self.violations.push(Violation { promise, detail });
    }

    /// The cards that wait for a decision, as they are.
    pub(crate) fn waiting_for_approval(&self) -> Vec<Seen> {
        let waits = |card: &&Card| card.state.kind() == StateKind::Requested;
        let waiting = self.cards.values().filter(waits);
        let seen = waiting.map(|card| Seen {
            card_id: card.card_id,
            version: card.version,
        });
        seen.collect()
    }

    pub(crate) fn process(&self, worker: WorkerId) -> &Process {
        &self.processes[worker.0 as usize]
    }

    pub(crate) fn process_mut(&mut self, worker: WorkerId) -> &mut Process {
        &mut self.processes[worker.0 as usize]
    }

    pub(crate) fn kill(&mut self, worker: WorkerId) {
        let process = self.process_mut(worker);
        process.alive = false;
        process.email_uncertain |= process.role == Role::Mail;
    }

    /// A line of the timeline, written only if somebody will read it.
    pub(crate) fn note(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.timeline.is_on() {
            let who = self.acting.map_or_else(String::new, |id| self.name(id));
            let line = line(self);
            self.timeline.write(self.now, &who, &line);
        }
    }

    pub(crate) fn name(&self, worker: WorkerId) -> String {
        format!("{}-{}", self.process(worker).role.as_str(), worker.0)
    }

    fn plan(&mut self, worker: WorkerId, call: Call) -> Plan {
        let process = self.process_mut(worker);
        let number = process.calls;
        process.calls += 1;
        let mut plan = self.hook.plan(worker, number, call);
        plan.fault = plan.fault.filter(|fault| call.faults().contains(fault));
        if let Some(fault) = plan.fault {
            self.tally.fault(fault);
        }
        plan
    }

    fn mark_uncertain(&mut self, worker: WorkerId, call: Call, fault: Option<Fault>) {
        use cardwright_domain::card::EventKind::EmailSent;
        if fault.is_some() && matches!(call, Call::SendMail | Call::ChangeCard(EmailSent)) {
            self.process_mut(worker).email_uncertain = true;
        }
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// The world, as its processes share it. Only one of them runs at a time.
#[derive(Debug, Clone)]
pub(crate) struct World(Arc<Mutex<State>>);

/// What the world begins with.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) users: Vec<User>,
    pub(crate) options: Options,
    /// Decides what is left to chance and is no fault.
    pub(crate) seed: u64,
}

impl World {
    pub(crate) fn new(setting: Setting, hook: Box<dyn Faults>) -> Self {
        let state = State {
            now: beginning(),
            users: setting.users,
            options: setting.options,
            cards: BTreeMap::new(),
            pointers: BTreeMap::new(),
            orders: Queue::new(ORDER_VISIBILITY, ORDER_RECEIVES),
            mails: Queue::new(MAIL_VISIBILITY, MAIL_RECEIVES),
            quarantined: Vec::new(),
            bureau: Bureau::default(),
            bureau_available: true,
            post: Post::default(),
            late: Vec::new(),
            processes: Vec::new(),
            acting: None,
            hook,
            flaw: None,
            rng: Rng::with_seed(setting.seed),
            tokens: 0,
            violations: Vec::new(),
            mail_silence: SignedDuration::ZERO,
            calm: false,
            told: Told::default(),
            tally: Tally::default(),
            timeline: Timeline::default(),
        };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Held for one effect only, and never across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A process begins.
    pub(crate) fn worker(&self, role: Role) -> Worker {
        let mut state = self.state();
        let id = WorkerId(u32::try_from(state.processes.len()).unwrap_or(u32::MAX));
        let started = state.now;
        state.processes.push(Process {
            role,
            started,
            alive: true,
            calls: 0,
            email_uncertain: false,
        });
        drop(state);
        let world = self.clone();
        Worker { world, id }
    }
}

fn beginning() -> Time {
    // 2026-11-22T08:00:00Z; any time does.
    Time::new(Timestamp::from_second(1_795_334_400).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// A process's view of the world: it has every port.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    pub(crate) world: World,
    pub(crate) id: WorkerId,
}

impl Worker {
    /// One point: pauses, the effect, pauses, the answer. A dead process does nothing any more, not
    /// even in those of its calls that are still polled before it is dropped.
    pub(crate) async fn at<T>(
        &self,
        call: Call,
        act: impl FnOnce(&mut State, Option<Fault>) -> T + Send,
    ) -> T {
        let plan = self.world.state().plan(self.id, call);
        Pauses(plan.pauses_before).await;
        let answer = self.act(call, plan, act);
        let Some(answer) = answer else {
            return std::future::pending().await;
        };
        Pauses(plan.pauses_after).await;
        answer
    }

    fn act<T>(
        &self,
        call: Call,
        plan: Plan,
        act: impl FnOnce(&mut State, Option<Fault>) -> T,
    ) -> Option<T> {
        let mut state = self.world.state();
        if plan.death == Some(Death::Before) {
            state.kill(self.id);
        }
        if !state.process(self.id).alive {
            return None;
        }
        state.acting = Some(self.id);
        state.tally.points += 1;
        state.mark_uncertain(self.id, call, plan.fault);
        if let Some(fault) = plan.fault {
            state.note(|_| format!("{call:?}: {}", fault.as_str()));
        }
        let answer = act(&mut state, plan.fault);
        if plan.death == Some(Death::After) {
            state.kill(self.id);
        }
        state.acting = None;
        state.process(self.id).alive.then_some(answer)
    }
}

/// Gives way so many times. It wakes itself, so that a set of futures inside a use case polls it again.
struct Pauses(u8);

impl Future for Pauses {
    type Output = ();

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        if self.0 == 0 {
            return std::task::Poll::Ready(());
        }
        self.0 -= 1;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    }
}
