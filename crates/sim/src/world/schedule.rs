//! One schedule: a scenario and every choice in it, drawn from one seed.
//!
//! Clients order, ask again, abort, approve, repeat what failed; drains tick; emails are delivered; time passes, processes are
//! killed, late requests arrive, queues lie, users and options change. Which of these comes next, and
//! whose step it is, is chance. Then faults end, and everything has to settle.

use std::collections::BTreeMap;
use std::mem;

use cardwright_app::apply::Seen;
use cardwright_app::decide_order::Decision;
use cardwright_app::order_card::OrderRequest;
use cardwright_domain::card::{Card, StateKind};
use cardwright_domain::ids::CardId;
use cardwright_domain::production_type::Delivery;
use fastrand::Rng;
use jiff::SignedDuration;

use super::chance::Chance;
use super::executor::{Executor, Stepped};
use super::flaw::Flaw;
use super::setting::{operator, options, request, user};
use super::settle::OUTLASTED_SILENCE;
use super::state::{Role, Setting, State, Violation, World};
use super::tally::Tally;

/// Keys that clients use. Few, so that they meet.
pub(super) const KEYS: usize = 4;

/// How many drains are at one queue in the schedules that are about them.
const CROWD: usize = 8;

/// What a schedule may do, drawn at its beginning.
#[derive(Debug)]
pub(super) struct Limits {
    pub(super) steps: u32,
    /// How many choices in a hundred let those go on who are at work, before anything else begins.
    pub(super) patience: u32,
    pub(super) client_calls: u32,
    pub(super) drains: usize,
    pub(super) kills: u32,
    pub(super) lies: u32,
    pub(super) changes: u32,
}

/// What became of a schedule.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) violations: Vec<Violation>,
    pub(crate) timeline: Vec<String>,
}

pub(super) struct Schedule {
    pub(super) rng: Rng,
    pub(super) executor: Executor,
    pub(super) left: Limits,
    /// Failed cards that were ordered again, each as it was seen then.
    repeated: BTreeMap<CardId, u64>,
}

/// Plays one schedule. What it counts is added to the tally.
pub(crate) fn play(seed: u64, flaw: Option<Flaw>, tally: &mut Tally, told: bool) -> Played {
    let mut rng = Rng::with_seed(seed);
    let (setting, hook, left) = draw(&mut rng);
    let world = World::new(setting, Box::new(hook));
    let mut state = world.state();
    state.tally = mem::take(tally);
    state.flaw = flaw;
    state.mail_silence = mail_silence(&mut rng);
    if told {
        let now = state.now;
        state.timeline.begin(now);
        let shown = format!("seed {seed}: {left:?}, {:?}", state.options);
        state.note(|_| shown);
    }
    drop(state);
    let executor = Executor::new(world);
    let mut schedule = Schedule {
        rng,
        executor,
        left,
        repeated: BTreeMap::new(),
    };
    schedule.run();
    let mut state = schedule.executor.world.state();
    state.tally.schedules += 1;
    *tally = mem::take(&mut state.tally);
    Played {
        violations: mem::take(&mut state.violations),
        timeline: state.timeline.lines().to_vec(),
    }
}

/// Mostly none. Some outlast the tries of an email.
fn mail_silence(rng: &mut Rng) -> SignedDuration {
    match rng.u32(..300) {
        0 => SignedDuration::from_hours(24),
        1..10 => SignedDuration::from_mins(rng.i64(1..=OUTLASTED_SILENCE.as_mins())),
        _ => SignedDuration::ZERO,
    }
}

fn draw(rng: &mut Rng) -> (Setting, Chance, Limits) {
    let users = 1 + rng.usize(..3);
    let users = (0..users)
        .map(|number| user(number, rng.u32(..4) > 0))
        .collect();
    let direct = rng.u32(..10) < 3;
    let mut options = options(if direct {
        Delivery::Direct
    } else {
        Delivery::Queue
    });
    if !direct && rng.u32(..10) < 2 {
        options.production_types[0].hold_minutes = 1 + rng.u32(..10);
    }
    options.multiple_orders = rng.u32(..10) < 3;
    options.approval.single = rng.u32(..10) < 2;
    options.card_ordered_email.enabled = rng.u32(..10) < 8;
    let setting = Setting {
        users,
        options,
        seed: rng.u64(..),
    };
    let some = |rng: &mut Rng, in_ten: u32, most: u32| {
        if rng.u32(..10) < in_ten {
            1 + rng.u32(..most)
        } else {
            0
        }
    };
    let hook = Chance {
        rng: rng.fork(),
        faults_left: some(rng, 8, 6),
        deaths_left: some(rng, 4, 2),
        percent: [3, 10, 40][rng.usize(..3)],
        mostly_late: rng.u32(..5) == 0,
        refuses_percent: [0, 5, 30][rng.usize(..3)],
    };
    let crowd = rng.u32(..100) < 3;
    let limits = Limits {
        steps: 50 + rng.u32(..250),
        patience: [30, 60, 85, 95][rng.usize(..4)],
        client_calls: 2 + rng.u32(..8),
        drains: if crowd { CROWD } else { 1 + rng.usize(..3) },
        kills: some(rng, 3, 2),
        lies: some(rng, 3, 4),
        changes: some(rng, 4, 4),
    };
    (setting, hook, limits)
}

impl Schedule {
    fn run(&mut self) {
        if self.left.drains == CROWD {
            self.crowd();
        }
        for _ in 0..self.left.steps {
            self.act();
            if !self.executor.world.state().violations.is_empty() {
                return;
            }
        }
        self.let_late_ones_arrive();
        self.executor.settle();
        self.a_day_later();
    }

    /// What is still on its way may arrive when the leases of its senders are over.
    fn let_late_ones_arrive(&mut self) {
        if self.rng.u32(..3) > 0 {
            return;
        }
        self.executor.pass(SignedDuration::from_secs(120));
        let mut state = self.executor.world.state();
        while !state.late.is_empty() {
            state.land(0);
        }
    }

    /// All drains begin at once, on a queue that holds some orders.
    fn crowd(&mut self) {
        self.executor.world.state().options.multiple_orders = true;
        for key in 0..KEYS {
            self.order(key, None);
        }
        self.executor.run();
        for _ in 0..CROWD {
            self.executor.tick();
        }
        let mut state = self.executor.world.state();
        state.tally.crowds += u64::from(!state.orders.messages.is_empty());
    }

    /// Mostly whoever is at work goes on; if nobody is, somebody begins.
    fn act(&mut self) {
        let busy = !self.executor.tasks.is_empty();
        if busy && self.rng.u32(..100) < self.left.patience {
            return self.step();
        }
        match self.rng.u32(..100) {
            0..45 if self.left.client_calls > 0 => self.client(),
            0..60 => self.tick(),
            60..75 => self.deliver(),
            75..82 => self.pass(),
            82..86 => self.land(),
            86..89 => self.lie(),
            89..92 => self.change(),
            92..95 => self.kill(),
            _ => self.decide(),
        }
    }

    fn step(&mut self) {
        let task = self.rng.usize(..self.executor.tasks.len());
        let stepped = self.executor.step(task);
        let mut state = self.executor.world.state();
        state.tally.steps += 1;
        state.tally.crashes += u64::from(stepped == Stepped::Died);
    }

    fn client(&mut self) {
        self.left.client_calls -= 1;
        let key = self.rng.usize(..KEYS);
        match self.rng.u32(..10) {
            0..7 => {
                let comment = (self.rng.u32(..6) == 0).then_some("another body");
                self.order(key, comment);
            }
            _ => {
                self.executor.abort(card_id(key), operator());
            }
        }
    }

    /// A key mostly belongs to one user, as it does with a client that repeats its request.
    fn order(&mut self, key: usize, comment: Option<&str>) {
        let request = self.request(key, comment);
        self.executor.order(request);
    }

    fn request(&self, key: usize, comment: Option<&str>) -> OrderRequest {
        let state = self.executor.world.state();
        let user = &state.users[key % state.users.len()].user_id;
        request(user, key, comment)
    }

    fn tick(&mut self) {
        let state = self.executor.world.state();
        let is_drain =
            |task: &&super::executor::Task| state.process(task.worker).role == Role::Drain;
        let drains = self.executor.tasks.iter().filter(is_drain).count();
        drop(state);
        let idle = !self.executor.world.state().has_work();
        if drains < self.left.drains && (!idle || self.rng.u32(..4) == 0) {
            self.executor.tick();
        }
    }

    fn deliver(&mut self) {
        let mut state = self.executor.world.state();
        let State {
            mails, rng, now, ..
        } = &mut *state;
        let message = mails.receive(1, *now, rng).pop();
        drop(state);
        if let Some(message) = message {
            self.executor.mail(message);
        }
    }

    /// A moment, or enough for leases and visibility timeouts to end.
    fn pass(&mut self) {
        let long = self.rng.u32(..10) < if self.executor.tasks.is_empty() { 7 } else { 2 };
        let seconds = if long { 30..200 } else { 1..9 };
        let seconds = self.rng.i64(seconds);
        self.executor.pass(SignedDuration::from_secs(seconds));
    }

    fn land(&mut self) {
        let mut state = self.executor.world.state();
        let late = state.late.len();
        if late > 0 {
            state.land(self.rng.usize(..late));
        }
    }

    fn kill(&mut self) {
        let tasks = self.executor.tasks.len();
        if tasks > 0 && self.left.kills > 0 {
            self.left.kills -= 1;
            self.executor.kill(self.rng.usize(..tasks));
            self.executor.world.state().tally.crashes += 1;
        }
    }

    /// People decide about cards that they have just seen.
    fn decide(&mut self) {
        let waiting = self.executor.world.state().waiting_for_approval();
        if waiting.len() > 1 && self.rng.bool() {
            let decision = self.decision();
            self.executor.decide_many(waiting, decision);
            return;
        }
        let state = self.executor.world.state();
        let wait = |id: &CardId| state.cards.get(id).is_some_and(waits_for_people);
        let keys = (0..KEYS).map(card_id);
        let waiting: Vec<_> = keys.filter(wait).collect();
        let some = !waiting.is_empty() && self.rng.u32(..4) > 0;
        let card_id = if some {
            waiting[self.rng.usize(..waiting.len())]
        } else {
            card_id(self.rng.usize(..KEYS))
        };
        let Some(card) = state.cards.get(&card_id) else {
            return;
        };
        let version = card.version;
        match card.state.kind() {
            StateKind::Requested => {
                drop(state);
                let decision = self.decision();
                self.executor.decide(Seen { card_id, version }, decision);
            }
            StateKind::Failed => {
                let holder = card.holder.as_ref().map(|holder| holder.user_id.clone());
                drop(state);
                if let Some(user_id) = holder.filter(|_| self.rng.u32(..3) == 0) {
                    self.correct(&user_id);
                }
                self.repeated.insert(card_id, version);
                self.repeat(Seen { card_id, version });
            }
            _ => {
                drop(state);
                // What is answered is not always heard.
                if let Some(version) = self.repeated.get(&card_id).copied() {
                    self.repeat(Seen { card_id, version });
                }
            }
        }
    }

    fn repeat(&mut self, seen: Seen) {
        let refresh = self.rng.bool();
        self.executor.repeat(seen, refresh);
    }

    fn decision(&mut self) -> Decision {
        match self.rng.u32(..4) {
            0 => Decision::Reject {
                reason: "no".into(),
            },
            _ => Decision::Approve { comment: None },
        }
    }

    /// The keys still lead where they led, and to nothing else.
    fn a_day_later(&mut self) {
        self.executor.pass(SignedDuration::from_hours(24));
        let key = self.rng.usize(..KEYS);
        for comment in [None, Some("another body")] {
            let request = self.request(key, comment);
            if self
                .executor
                .world
                .state()
                .cards
                .contains_key(&card_id(key))
            {
                self.executor.order(request);
                self.executor.run();
            }
        }
    }
}

fn waits_for_people(card: &Card) -> bool {
    matches!(card.state.kind(), StateKind::Requested | StateKind::Failed)
}

/// The card that a key leads to.
pub(super) fn card_id(key: usize) -> CardId {
    let user = user(0, false);
    let request = request(&user.user_id, key, None);
    CardId::derive(&request.caller, &request.key)
}
