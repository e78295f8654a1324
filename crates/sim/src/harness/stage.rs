//! How the world gets into a situation: mostly by the use cases themselves, without faults or with
//! a death at a chosen call.

use cardwright_app::apply::Seen;
use cardwright_app::limits::{CLAIM_LEASE, EMAIL_LEASE, ORDER_GRACE};
use cardwright_app::order_card::OrderRequest;
use cardwright_domain::card::{Event, Failure};
use cardwright_domain::ids::{Actor, CardId, ClaimToken};
use cardwright_domain::limits::{EMAIL_WAITS, MAX_EMAIL_TRIES};
use cardwright_domain::production_type::Delivery;
use cardwright_domain::time::Time;
use cardwright_domain::user::{User, UserState};

use super::scenario::Start;
use super::script::{At, Gait, Script, Strike};
use crate::world::executor::Executor;
use crate::world::fault::{Call, Calm, Death, Fault};
use crate::world::queue::Queue;
use crate::world::setting::{self, options};
use crate::world::state::{Setting, State, World};

/// The one without an email address.
pub(crate) const UNREACHABLE: usize = 3;

const USERS: usize = 4;

/// Apart from those that workers take: they count from 1.
const STRANGER: ClaimToken = ClaimToken(uuid::Uuid::from_u128(1 << 64));

pub(crate) fn world(delivery: Delivery) -> Executor {
    let user = |number| setting::user(number, number != UNREACHABLE);
    let setting = Setting {
        users: (0..USERS).map(user).collect(),
        options: options(delivery),
        seed: 1,
    };
    Executor::new(World::new(setting, Box::new(Calm)))
}

// ---- what clients ask for ----

pub(crate) fn request(user: usize) -> OrderRequest {
    setting::request(&setting::user(user, true).user_id, user, None)
}

pub(crate) fn other_request(user: usize) -> OrderRequest {
    setting::request(
        &setting::user(user, true).user_id,
        user,
        Some("another body"),
    )
}

pub(crate) fn next_request(user: usize) -> OrderRequest {
    setting::request(&setting::user(user, true).user_id, next(user), None)
}

pub(crate) fn card_id(user: usize) -> CardId {
    let OrderRequest { caller, key, .. } = request(user);
    CardId::derive(&caller, &key)
}

/// The second card of a user, as if it were the first one of another.
pub(crate) const fn next(user: usize) -> usize {
    USERS + user
}

/// The card as its order made it.
pub(crate) fn seen(user: usize) -> Seen {
    Seen {
        card_id: card_id(user),
        version: 1,
    }
}

/// The card as it was when its first attempt had failed: it had been placed, claimed and refused.
pub(crate) fn seen_failed(user: usize) -> Seen {
    Seen {
        card_id: card_id(user),
        version: 3,
    }
}

/// The card as it is.
pub(crate) fn seen_now(executor: &Executor, user: usize) -> Seen {
    let state = executor.world.state();
    let card_id = card_id(user);
    Seen {
        card_id,
        version: state.cards.get(&card_id).map_or(0, |card| card.version),
    }
}

// ---- what has happened before ----

/// The processes run to their end, one after the other.
pub(crate) fn run(executor: &mut Executor, starts: &[Start]) {
    for start in starts {
        start.start(executor);
        executor.run();
    }
}

/// The process dies at its first such call.
pub(crate) fn dies(executor: &mut Executor, start: Start, call: Call, death: Death) {
    strikes(executor, start, Strike::death(At::First(call), death));
}

/// The process meets a fault at its first such call, and goes on.
pub(crate) fn meets(executor: &mut Executor, start: Start, call: Call, fault: Fault) {
    strikes(executor, start, Strike::fault(At::First(call), fault));
}

fn strikes(executor: &mut Executor, start: Start, strike: Strike) {
    let script = Script::new(Gait::Together, &[], Some(strike));
    executor.world.state().hook = Box::new(script);
    run(executor, &[start]);
    executor.world.state().hook = Box::new(Calm);
}

/// An order was taken, and its reminder is lost.
pub(crate) fn order_without_reminder(executor: &mut Executor, user: usize) {
    run(executor, &[Start::Order(user)]);
    executor.world.state().orders.messages.clear();
}

/// An order whose worker died with the claim in its hands, a lease ago.
pub(crate) fn abandoned(executor: &mut Executor, user: usize, call: Call, death: Death) {
    run(executor, &[Start::Order(user)]);
    dies(executor, Start::Tick, call, death);
    executor.pass(CLAIM_LEASE);
}

/// The producer refused the order, and its worker died before it was written down, a lease ago.
pub(crate) fn rejected_unheard(executor: &mut Executor) {
    let strike = Strike {
        at: At::First(Call::Submit),
        fault: Some(Fault::Refused),
        death: Some(Death::After),
    };
    strikes(executor, Start::Tick, strike);
    executor.pass(CLAIM_LEASE);
}

/// A card that the producer took, and whose email waits for its message.
pub(crate) fn ordered(executor: &mut Executor, user: usize) {
    run(executor, &[Start::Order(user), Start::Tick]);
}

/// The same, and the message of the email is lost.
pub(crate) fn ordered_without_reminder(executor: &mut Executor, user: usize) {
    ordered(executor, user);
    executor.world.state().mails.messages.clear();
}

/// The function that sends the email died with the claim in its hands. Its message comes again by
/// the time that the lease is over.
pub(crate) fn abandoned_email(executor: &mut Executor, user: usize, call: Call, death: Death) {
    ordered(executor, user);
    dies(executor, Start::Mails, call, death);
    executor.pass(ORDER_GRACE);
}

/// Nobody ever learned whether the mail service took the email.
pub(crate) fn email_tried_in_vain(executor: &mut Executor, user: usize) {
    ordered_without_reminder(executor, user);
    for tries in 0..MAX_EMAIL_TRIES {
        let mut state = executor.world.state();
        let now = state.now;
        let claim = Event::ClaimEmail {
            token: STRANGER,
            lease_until: now.plus(EMAIL_LEASE),
        };
        state.change(card_id(user), &claim, now);
        drop(state);
        let wait = EMAIL_WAITS.get(tries as usize).copied();
        executor.pass(EMAIL_LEASE + wait.unwrap_or_default());
    }
}

/// The producer refused the order, whether a tick asked for it or the order itself.
pub(crate) fn refused(executor: &mut Executor, order: Start) {
    for start in [order, Start::Tick] {
        meets(executor, start, Call::Submit, Fault::Refused);
    }
}

/// The producer took the order, the email was sent, and then the card could not be made.
pub(crate) fn failed_in_production(executor: &mut Executor, user: usize) {
    run(executor, &[Start::Tick, Start::Mails]);
    let mut state = executor.world.state();
    let now = state.now;
    let failed = Event::ProductionFailed {
        by: Actor::system("harness"),
        attempt: state.cards[&card_id(user)].attempt,
        failure: Failure::producer_rejected("broken".into()),
    };
    state.change(card_id(user), &failed, now);
}

/// An order that the producer refused, and that somebody orders again.
pub(crate) fn ordered_again(executor: &mut Executor, user: usize) {
    refused(executor, Start::Order(user));
    run(executor, &[Start::Repeat(user)]);
    executor.pass(ORDER_GRACE);
}

pub(crate) fn multiple_orders(executor: &mut Executor) {
    executor.world.state().options.multiple_orders = true;
}

pub(crate) fn approval(executor: &mut Executor) {
    executor.world.state().options.approval.single = true;
}

/// The user has another name than when the card was ordered.
pub(crate) fn renamed(executor: &mut Executor, user: usize) {
    changed(executor, user, setting::rename);
}

/// The user without an address gets one, or the other way round.
pub(crate) fn readdressed(executor: &mut Executor, user: usize) {
    changed(executor, user, setting::change_address);
}

pub(crate) fn leaves(executor: &mut Executor, user: usize) {
    changed(executor, user, |user| user.state = UserState::Inactive);
}

fn changed(executor: &mut Executor, user: usize, change: fn(&mut User)) {
    let mut state = executor.world.state();
    if let Some(user) = state.users.get_mut(user) {
        change(user);
        user.version += 1;
    }
}

/// The message of every order comes so many times.
pub(crate) fn doubled(executor: &mut Executor, times: usize) {
    let mut state = executor.world.state();
    let now = state.now;
    repeat(&mut state.orders, times, now);
}

/// The message of every email comes twice.
pub(crate) fn doubled_mails(executor: &mut Executor) {
    let mut state = executor.world.state();
    let now = state.now;
    repeat(&mut state.mails, 2, now);
}

fn repeat(queue: &mut Queue, times: usize, now: Time) {
    let bodies: Vec<_> = queue
        .messages
        .iter()
        .map(|message| message.body.clone())
        .collect();
    for body in bodies {
        for _ in 1..times {
            queue.send(body.clone(), now);
        }
    }
}

/// A message in each queue that nobody can read.
pub(crate) fn garbage(executor: &mut Executor) {
    let mut state = executor.world.state();
    let now = state.now;
    state.orders.send(Err(GARBAGE.into()), now);
    state.mails.send(Err(GARBAGE.into()), now);
}

pub(crate) const GARBAGE: &str = "{";

/// Starts a process for each message of the mail queue that is visible.
pub(crate) fn deliver_mails(executor: &mut Executor) {
    let mut state = executor.world.state();
    let State {
        mails, rng, now, ..
    } = &mut *state;
    let messages = mails.receive(usize::MAX, *now, rng);
    drop(state);
    for message in messages {
        executor.mail(message);
    }
}
