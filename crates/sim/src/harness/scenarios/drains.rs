//! Ticks of the drain that find orders.

use cardwright_app::limits::{CLAIM_LEASE, ORDER_GRACE};
use cardwright_domain::card::StateKind::{Aborted, Failed, Ordered};

use super::PLAIN;
use crate::harness::scenario::Scenario;
use crate::harness::scenario::Start::{Abort, Order, Tick};
use crate::harness::stage;
use crate::world::fault::{Call, Death, Fault};

/// `Drain::tick` on orders.
pub(crate) const DRAINS: &[Scenario] = &[
    Scenario {
        name: "tick, fresh message",
        before: |world| stage::run(world, &[Order(0)]),
        runs: &[Tick],
        ..PLAIN
    },
    Scenario {
        name: "tick, late order without message",
        before: |world| {
            stage::order_without_reminder(world, 0);
            world.pass(ORDER_GRACE);
        },
        runs: &[Tick],
        ..PLAIN
    },
    Scenario {
        name: "tick, claim over, not asked",
        before: |world| stage::abandoned(world, 0, Call::Submit, Death::Before),
        runs: &[Tick],
        ..PLAIN
    },
    Scenario {
        name: "tick, claim over, taken",
        before: |world| stage::abandoned(world, 0, Call::Submit, Death::After),
        runs: &[Tick],
        ..PLAIN
    },
    Scenario {
        name: "tick, rejected",
        before: |world| stage::run(world, &[Order(0)]),
        runs: &[Tick],
        given: &[(Call::Submit, Fault::Refused)],
        ends: &[Ordered, Failed],
        ..PLAIN
    },
    Scenario {
        name: "tick, taken but not answered",
        before: |world| stage::run(world, &[Order(0)]),
        runs: &[Tick],
        given: &[(Call::Submit, Fault::AnswerLost)],
        ..PLAIN
    },
    Scenario {
        name: "tick, not taken and not answered; then aborted",
        before: |world| stage::run(world, &[Order(0)]),
        runs: &[Tick],
        given: &[(Call::Submit, Fault::NotApplied)],
        again: &[Abort(0)],
        ends: &[Ordered, Aborted],
        ..PLAIN
    },
    Scenario {
        name: "tick, garbage beside an order",
        before: |world| {
            stage::run(world, &[Order(0)]);
            stage::garbage(world);
        },
        runs: &[Tick],
        ..PLAIN
    },
    Scenario {
        name: "tick, doubled message",
        before: |world| {
            stage::run(world, &[Order(0)]);
            stage::doubled(world, 2);
        },
        runs: &[Tick],
        ..PLAIN
    },
    Scenario {
        name: "tick, message of an aborted order",
        before: |world| stage::run(world, &[Order(0), Abort(0)]),
        runs: &[Tick],
        ends: &[Aborted],
        ..PLAIN
    },
    Scenario {
        name: "tick, second attempt",
        before: |world| stage::ordered_again(world, 0),
        runs: &[Tick],
        ..PLAIN
    },
    Scenario {
        name: "tick, circuit open",
        before: |world| {
            stage::run(world, &[Order(0)]);
            world.world.state().bureau_available = false;
        },
        runs: &[Tick],
        ..PLAIN
    },
    Scenario {
        name: "tick, a wave: three orders, an inactive holder, garbage, 13 messages",
        before: |world| {
            stage::run(world, &[Order(0), Order(1), Order(2)]);
            stage::doubled(world, 4);
            stage::leaves(world, 1);
            stage::garbage(world);
        },
        runs: &[Tick],
        ends: &[Ordered, Failed],
        ..PLAIN
    },
    Scenario {
        name: "tick, a wave of which the first is rejected",
        before: |world| stage::run(world, &[Order(0), Order(1), Order(2)]),
        runs: &[Tick],
        given: &[(Call::Submit, Fault::Refused)],
        ends: &[Ordered, Failed],
        ..PLAIN
    },
    Scenario {
        name: "tick, a wave answered in part",
        before: |world| stage::run(world, &[Order(0), Order(1), Order(2)]),
        runs: &[Tick],
        given: &[(Call::Submit, Fault::Partial)],
        ..PLAIN
    },
    Scenario {
        name: "two ticks at once on one message twice",
        before: |world| {
            stage::run(world, &[Order(0)]);
            stage::doubled(world, 2);
        },
        runs: &[Tick, Tick],
        ..PLAIN
    },
    Scenario {
        name: "two ticks at once on a claim that is over",
        before: |world| stage::abandoned(world, 0, Call::Submit, Death::After),
        runs: &[Tick, Tick],
        ..PLAIN
    },
];

/// `Drain::tick` on the cards of inactive holders.
pub(crate) const STOPS: &[Scenario] = &[
    Scenario {
        name: "tick, inactive holder, first claim",
        before: |world| {
            stage::run(world, &[Order(0)]);
            stage::leaves(world, 0);
        },
        runs: &[Tick],
        ends: &[Failed],
        ..PLAIN
    },
    Scenario {
        name: "tick, inactive holder, an earlier worker did not ask",
        before: |world| {
            stage::abandoned(world, 0, Call::Submit, Death::Before);
            stage::leaves(world, 0);
        },
        runs: &[Tick],
        ends: &[Failed],
        ..PLAIN
    },
    Scenario {
        name: "tick, inactive holder, an earlier worker's order was taken",
        before: |world| {
            stage::abandoned(world, 0, Call::Submit, Death::After);
            stage::leaves(world, 0);
        },
        runs: &[Tick],
        ..PLAIN
    },
    Scenario {
        name: "tick, inactive holder, an earlier worker's order was rejected",
        before: |world| {
            stage::run(world, &[Order(0)]);
            stage::rejected_unheard(world);
            stage::leaves(world, 0);
        },
        runs: &[Tick],
        ends: &[Failed],
        ..PLAIN
    },
    Scenario {
        name: "tick, inactive holder, an earlier worker's order is still on its way",
        before: |world| {
            stage::run(world, &[Order(0)]);
            stage::meets(world, Tick, Call::Submit, Fault::AppliedLate);
            world.pass(CLAIM_LEASE);
            stage::leaves(world, 0);
        },
        runs: &[Tick],
        ends: &[Ordered, Failed],
        ..PLAIN
    },
];
