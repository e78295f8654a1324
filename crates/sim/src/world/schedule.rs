//! One schedule: a scenario and every choice in it, drawn from one seed.
//!
//! Clients order, repeat, abort, approve; drains tick; emails are delivered; time passes, processes are
//! killed, late requests arrive, queues lie, users and options change. Which of these comes next, and
//! whose step it is, is chance. Then faults end, and everything has to settle.

use std::mem;

use cardwright_app::order_card::OrderRequest;
use cardwright_domain::card::{Event, StateKind};
use cardwright_domain::ids::{CardId, OrderAttempt, OrderId};
use cardwright_domain::options::Delivery;
use cardwright_domain::user::UserState;
use fastrand::Rng;
use jiff::SignedDuration;

use super::chance::Chance;
use super::executor::{Executor, Stepped};
use super::flaw::Flaw;
use super::setting::{approver, operator, options, request, user};
use super::state::{Role, Setting, State, Violation, World};
use super::tally::Tally;
use super::work::{approval, repeat};

/// Keys that clients use. Few, so that they meet.
const KEYS: usize = 4;

/// How many drains are at one queue in the schedules that are about them.
const CROWD: usize = 8;

/// What a schedule may do, drawn at its beginning.
#[derive(Debug)]
struct Limits {
    steps: u32,
    client_calls: u32,
    drains: usize,
    kills: u32,
    lies: u32,
    changes: u32,
}

/// What became of a schedule.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) violations: Vec<Violation>,
    pub(crate) timeline: Vec<String>,
}

struct Schedule {
    rng: Rng,
    executor: Executor,
    left: Limits,
}

/// Plays one schedule. What it counts is added to the tally.
pub(crate) fn play(seed: u64, flaw: Option<Flaw>, tally: &mut Tally, told: bool) -> Played {
    let mut rng = Rng::with_seed(seed);
    let (setting, hook, left) = draw(&mut rng);
    let world = World::new(setting, Box::new(hook));
    let mut state = world.state();
    state.tally = mem::take(tally);
    state.flaw = flaw;
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

fn draw(rng: &mut Rng) -> (Setting, Chance, Limits) {
    let users = 1 + rng.usize(..3);
    let users = (0..users)
        .map(|number| user(number, rng.u32(..5) > 0))
        .collect();
    let direct = rng.u32(..10) < 3;
    let mut options = options(if direct {
        Delivery::Direct
    } else {
        Delivery::Queue
    });
    options.multiple_orders = rng.u32(..10) < 3;
    options.approval.single = !direct && rng.u32(..10) < 2;
    options.card_ordered_email.enabled = rng.u32(..10) < 9;
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
    };
    let crowd = rng.u32(..100) < 3;
    let limits = Limits {
        steps: 40 + rng.u32(..160),
        client_calls: 2 + rng.u32(..6),
        drains: if crowd { CROWD } else { 1 + rng.usize(..3) },
        kills: some(rng, 3, 2),
        lies: some(rng, 3, 4),
        changes: some(rng, 3, 3),
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
        self.executor.settle();
        self.a_day_later();
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

    fn act(&mut self) {
        match self.rng.u32(..100) {
            0..70 => self.step(),
            70..80 => self.client(),
            80..85 => self.tick(),
            85..90 => self.deliver(),
            90..95 => self.pass(),
            95 => self.land(),
            96 => self.lie(),
            97 => self.change(),
            98 => self.kill(),
            _ => self.decide(),
        }
    }

    fn step(&mut self) {
        let tasks = self.executor.tasks.len();
        if tasks > 0 {
            let stepped = self.executor.step(self.rng.usize(..tasks));
            let mut state = self.executor.world.state();
            state.tally.steps += 1;
            state.tally.crashes += u64::from(stepped == Stepped::Died);
        }
    }

    fn client(&mut self) {
        if self.left.client_calls == 0 {
            return;
        }
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
        if drains < self.left.drains {
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

    fn pass(&mut self) {
        let seconds = if self.rng.u32(..10) < 6 {
            1 + self.rng.i64(0..8)
        } else {
            30 + self.rng.i64(0..170)
        };
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

    /// The queues say what is not so.
    fn lie(&mut self) {
        if self.left.lies == 0 {
            return;
        }
        self.left.lies -= 1;
        let card_id = card_id(self.rng.usize(..KEYS + 2));
        let attempt = OrderAttempt(1 + self.rng.u32(..2));
        let rng = &mut self.rng;
        let mut state = self.executor.world.state();
        let state = &mut *state;
        let (mails, now) = (rng.bool(), state.now);
        let queue = if mails {
            &mut state.mails
        } else {
            &mut state.orders
        };
        match rng.u32(..6) {
            0 => queue.send(Err("garbage".into()), now),
            1 => queue.send(Ok(OrderId { card_id, attempt }), now),
            2 => queue
                .messages
                .iter_mut()
                .for_each(|message| message.visible_at = now),
            3 => queue.messages.clear(),
            4 => {
                for message in queue.messages.clone() {
                    queue.send(message.body, now);
                }
            }
            _ => {
                queue
                    .dead
                    .extend(queue.messages.drain(..).map(|message| message.body));
                state.told.queue_lied = true;
            }
        }
        state.note(|state| {
            let (orders, mails) = (state.orders.messages.len(), state.mails.messages.len());
            format!("a queue lies: {orders} messages of orders, {mails} of emails")
        });
        state.tally.lies += 1;
    }

    /// Users, options and the producer's circuit are not what they were.
    fn change(&mut self) {
        if self.left.changes == 0 {
            return;
        }
        self.left.changes -= 1;
        let mut state = self.executor.world.state();
        match self.rng.u32(..5) {
            0 | 1 => {
                let user = self.rng.usize(..state.users.len());
                let user = &mut state.users[user];
                user.version += 1;
                user.state = match user.state {
                    UserState::Active => UserState::Inactive,
                    UserState::Inactive => UserState::Active,
                };
            }
            2 => {
                state.options.version += 1;
                state.options.multiple_orders ^= true;
            }
            3 => {
                state.options.version += 1;
                state.options.card_ordered_email.enabled ^= true;
            }
            _ => state.bureau_available ^= true,
        }
        state.note(|state| {
            let users: Vec<_> = state.users.iter().map(|user| user.state).collect();
            let (multiple, available) = (state.options.multiple_orders, state.bureau_available);
            format!("now {users:?}, multiple orders {multiple}, producer {available}")
        });
    }

    /// People decide about a card that they have just seen.
    fn decide(&mut self) {
        let card_id = card_id(self.rng.usize(..KEYS));
        let state = self.executor.world.state();
        let now = state.now;
        let Some(card) = state.cards.get(&card_id) else {
            return;
        };
        let event = match card.state.kind() {
            StateKind::Requested if self.rng.u32(..4) == 0 => Event::Reject {
                by: approver(),
                seen_version: card.version,
                reason: "no".into(),
            },
            StateKind::Requested => approval(approver(), card.version, now),
            StateKind::Failed => repeat(operator(), now),
            _ => return,
        };
        drop(state);
        self.executor.decide(Role::Decide, card_id, event);
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

/// The card that a key leads to.
fn card_id(key: usize) -> CardId {
    let user = user(0, false);
    let request = request(&user.user_id, key, None);
    CardId::derive(&request.caller, &request.key)
}
