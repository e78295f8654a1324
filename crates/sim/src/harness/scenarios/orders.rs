//! Orders, and aborts of them.

use cardwright_domain::card::StateKind::{Aborted, Failed, Ordered};
use cardwright_domain::production_type::Delivery;

use super::PLAIN;
use crate::harness::scenario::Scenario;
use crate::harness::scenario::Start::{Abort, Order, OrderNext, OrderOther, Tick};
use crate::harness::stage::{self, UNREACHABLE};
use crate::world::fault::{Call, Death, Fault};

/// `order_card`. The scenarios come in pairs: the client who got no answer asks again, or never
/// does.
pub(crate) const ORDERS: &[Scenario] = &[
    Scenario {
        name: "order, queue",
        runs: &[Order(0)],
        ..PLAIN
    },
    Scenario {
        name: "order, queue; asked again",
        runs: &[Order(0)],
        again: &[Order(0), OrderOther(0)],
        ..PLAIN
    },
    Scenario {
        name: "order, direct",
        delivery: Delivery::Direct,
        runs: &[Order(0)],
        ..PLAIN
    },
    Scenario {
        name: "order, direct; asked again",
        delivery: Delivery::Direct,
        runs: &[Order(0)],
        again: &[Order(0), OrderOther(0)],
        ..PLAIN
    },
    Scenario {
        name: "order, direct, refused",
        delivery: Delivery::Direct,
        runs: &[Order(0)],
        given: &[(Call::Submit, Fault::Refused)],
        again: &[Order(0)],
        ends: &[Ordered, Failed],
        ..PLAIN
    },
    Scenario {
        name: "order, direct, taken but not answered",
        delivery: Delivery::Direct,
        runs: &[Order(0)],
        given: &[(Call::Submit, Fault::AnswerLost)],
        again: &[Order(0)],
        ..PLAIN
    },
    Scenario {
        name: "order, direct; then aborted",
        delivery: Delivery::Direct,
        runs: &[Order(0)],
        again: &[Abort(0), Order(0)],
        ends: &[Ordered, Aborted],
        ..PLAIN
    },
    Scenario {
        name: "order, queue; then aborted",
        runs: &[Order(0)],
        again: &[Abort(0), Order(0)],
        ends: &[Ordered, Aborted],
        ..PLAIN
    },
    Scenario {
        name: "order under a key that was used",
        before: |world| stage::run(world, &[Order(0)]),
        runs: &[Order(0), OrderOther(0)],
        again: &[Order(0), OrderOther(0)],
        ..PLAIN
    },
    Scenario {
        name: "the same order twice at once",
        runs: &[Order(0), Order(0)],
        again: &[Order(0)],
        ..PLAIN
    },
    Scenario {
        name: "two orders of one user at once",
        runs: &[Order(0), OrderNext(0)],
        again: &[Order(0), OrderNext(0)],
        ..PLAIN
    },
    Scenario {
        name: "order after one that was aborted",
        before: |world| stage::run(world, &[Order(0), Abort(0)]),
        runs: &[OrderNext(0)],
        again: &[OrderNext(0)],
        ends: &[Ordered, Aborted],
        ..PLAIN
    },
    Scenario {
        name: "order beside one that is open",
        before: |world| stage::run(world, &[Order(0)]),
        runs: &[OrderNext(0)],
        again: &[OrderNext(0)],
        ..PLAIN
    },
    Scenario {
        name: "order, multiple orders allowed; asked again",
        before: stage::multiple_orders,
        runs: &[Order(0)],
        again: &[Order(0), OrderOther(0)],
        ..PLAIN
    },
    Scenario {
        name: "two orders of one user at once, both allowed",
        before: stage::multiple_orders,
        runs: &[Order(0), OrderNext(0)],
        again: &[Abort(0), Order(0), OrderNext(0)],
        ends: &[Ordered, Aborted],
        ..PLAIN
    },
    Scenario {
        name: "order for a holder without an address",
        runs: &[Order(UNREACHABLE)],
        ..PLAIN
    },
];

/// `abort_order`, alone and beside a tick.
pub(crate) const ABORTS: &[Scenario] = &[
    Scenario {
        name: "abort",
        before: |world| stage::run(world, &[Order(0)]),
        runs: &[Abort(0)],
        ends: &[Ordered, Aborted],
        ..PLAIN
    },
    Scenario {
        name: "abort; asked again",
        before: |world| stage::run(world, &[Order(0)]),
        runs: &[Abort(0)],
        again: &[Abort(0)],
        ends: &[Ordered, Aborted],
        ..PLAIN
    },
    Scenario {
        name: "abort of a claimed order",
        before: |world| stage::abandoned(world, 0, Call::Submit, Death::After),
        runs: &[Abort(0)],
        again: &[Abort(0)],
        ..PLAIN
    },
    Scenario {
        name: "tick; then aborted",
        before: |world| stage::run(world, &[Order(0)]),
        runs: &[Tick],
        again: &[Abort(0)],
        ends: &[Ordered, Aborted],
        ..PLAIN
    },
    Scenario {
        name: "tick and abort at once",
        before: |world| stage::run(world, &[Order(0)]),
        runs: &[Tick, Abort(0)],
        again: &[Abort(0)],
        ends: &[Ordered, Aborted],
        ..PLAIN
    },
];
