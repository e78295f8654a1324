//! Failed cards that are ordered again.

use cardwright_domain::card::EventKind;
use cardwright_domain::card::StateKind::{Aborted, Failed, Ordered, Rejected, Requested};
use cardwright_domain::production_type::Delivery;

use super::PLAIN;
use crate::harness::scenario::Scenario;
use crate::harness::scenario::Start::{
    Abort, Approve, ApproveAll, Order, OrderNext, Refresh, RefreshNow, RejectAll, Repeat,
    RepeatNow, Tick,
};
use crate::harness::stage::{self, UNREACHABLE};
use crate::world::executor::Executor;
use crate::world::fault::{Call, Fault};

const FAILED: Scenario = Scenario {
    before: |world| stage::refused(world, Order(0)),
    ..PLAIN
};

const FAILED_DIRECT: Scenario = Scenario {
    delivery: Delivery::Direct,
    ..FAILED
};

/// What is frozen anew is not what it was, and has to be approved.
const TO_APPROVE: Scenario = Scenario {
    before: |world| {
        stage::refused(world, Order(0));
        stage::renamed(world, 0);
        stage::approval(world);
    },
    ..PLAIN
};

const TO_APPROVE_DIRECT: Scenario = Scenario {
    delivery: Delivery::Direct,
    ..TO_APPROVE
};

/// Both orders of one user failed. The pointer names the second one.
fn two_failed(world: &mut Executor) {
    stage::refused(world, Order(0));
    stage::refused(world, OrderNext(0));
}

/// The second card of the first user.
const NEXT: usize = stage::next(0);

/// `repeat_order`. An operator who got no answer asks again, twice because one of the two may be struck
/// as well, or never does.
pub(crate) const REPEATS: &[Scenario] = &[
    Scenario {
        name: "repeat, queue",
        runs: &[Repeat(0)],
        ends: &[Failed, Ordered],
        ..FAILED
    },
    Scenario {
        name: "repeat, queue; asked again",
        runs: &[Repeat(0)],
        again: &[Repeat(0), Repeat(0)],
        ..FAILED
    },
    Scenario {
        name: "repeat, queue; then aborted",
        runs: &[Repeat(0)],
        again: &[Abort(0), Repeat(0)],
        ends: &[Failed, Ordered, Aborted],
        ..FAILED
    },
    Scenario {
        name: "repeat, direct",
        runs: &[Repeat(0)],
        ends: &[Failed, Ordered],
        ..FAILED_DIRECT
    },
    Scenario {
        name: "repeat, direct; asked again",
        runs: &[Repeat(0)],
        again: &[Repeat(0), Repeat(0)],
        ..FAILED_DIRECT
    },
    Scenario {
        name: "repeat, direct, refused again; asked again and repeated again",
        runs: &[Repeat(0)],
        given: &[(Call::Submit, Fault::Refused)],
        again: &[Repeat(0), RepeatNow(0), RepeatNow(0)],
        ends: &[Ordered, Failed],
        ..FAILED_DIRECT
    },
    Scenario {
        name: "repeat, direct, taken but not answered; asked again",
        runs: &[Repeat(0)],
        given: &[(Call::Submit, Fault::AnswerLost)],
        again: &[Repeat(0), Repeat(0)],
        ..FAILED_DIRECT
    },
    Scenario {
        name: "repeat with fresh data; asked again",
        before: |world| {
            (FAILED.before)(world);
            stage::renamed(world, 0);
        },
        runs: &[Refresh(0)],
        again: &[Refresh(0), Repeat(0)],
        ..PLAIN
    },
    Scenario {
        name: "repeat with fresh data for a holder who has an address by now; asked again",
        before: |world| {
            stage::refused(world, Order(UNREACHABLE));
            stage::readdressed(world, UNREACHABLE);
        },
        runs: &[Refresh(UNREACHABLE)],
        again: &[Refresh(UNREACHABLE), Refresh(UNREACHABLE)],
        ..PLAIN
    },
    Scenario {
        name: "repeat with fresh data, the email sent before and the address lost between",
        before: |world| {
            stage::run(world, &[Order(0)]);
            stage::failed_in_production(world, 0);
            stage::readdressed(world, 0);
            stage::run(world, &[RefreshNow(0)]);
            stage::failed_in_production(world, 0);
            stage::readdressed(world, 0);
        },
        runs: &[RefreshNow(0)],
        ends: &[Failed, Ordered],
        ..PLAIN
    },
    Scenario {
        name: "repeat with data as it was, approval on; asked again",
        before: |world| {
            (FAILED.before)(world);
            stage::approval(world);
        },
        runs: &[Refresh(0)],
        again: &[Refresh(0), Refresh(0)],
        ..PLAIN
    },
    Scenario {
        name: "repeat to be approved",
        runs: &[Refresh(0)],
        ends: &[Failed, Requested],
        ..TO_APPROVE
    },
    Scenario {
        name: "repeat to be approved; asked again and approved",
        runs: &[Refresh(0)],
        again: &[Refresh(0), ApproveAll, Refresh(0), ApproveAll],
        ..TO_APPROVE
    },
    Scenario {
        name: "repeat to be approved, direct; asked again and approved",
        runs: &[Refresh(0)],
        again: &[Refresh(0), ApproveAll, Refresh(0), ApproveAll],
        ..TO_APPROVE_DIRECT
    },
    Scenario {
        name: "repeat to be approved; asked again and rejected",
        runs: &[Refresh(0)],
        again: &[Refresh(0), RejectAll, Refresh(0), RejectAll],
        ends: &[Rejected],
        ..TO_APPROVE
    },
    Scenario {
        name: "repeat to be approved and a late approval of the order before",
        before: |world| {
            stage::approval(world);
            stage::run(world, &[Order(0)]);
            let approve = Call::ChangeCard(EventKind::Approve);
            stage::meets(world, Approve(0), approve, Fault::AppliedLate);
            stage::refused(world, Approve(0));
            stage::renamed(world, 0);
        },
        runs: &[RefreshNow(0)],
        ends: &[Failed, Requested],
        ..PLAIN
    },
    Scenario {
        name: "repeat and tick at once",
        runs: &[Repeat(0), Tick],
        again: &[Repeat(0), Repeat(0)],
        ..FAILED_DIRECT
    },
    Scenario {
        name: "repeat twice at once",
        runs: &[Repeat(0), Repeat(0)],
        again: &[Repeat(0), Repeat(0)],
        ..FAILED
    },
    Scenario {
        name: "repeat twice at once, direct, with fresh data and without",
        before: |world| {
            (FAILED.before)(world);
            stage::renamed(world, 0);
        },
        runs: &[Repeat(0), Refresh(0)],
        again: &[Repeat(0), Refresh(0)],
        ..FAILED_DIRECT
    },
    Scenario {
        name: "repeat of a holder who left; asked again",
        before: |world| {
            (FAILED.before)(world);
            stage::leaves(world, 0);
        },
        runs: &[Repeat(0)],
        again: &[Repeat(0)],
        ends: &[Failed],
        ..PLAIN
    },
    Scenario {
        name: "repeat and another order of the same user at once",
        runs: &[Repeat(0), OrderNext(0)],
        again: &[Repeat(0), OrderNext(0)],
        ends: &[Failed, Ordered],
        ..FAILED
    },
    Scenario {
        name: "repeat and another order of the same user at once, both allowed",
        before: |world| {
            (FAILED.before)(world);
            stage::multiple_orders(world);
        },
        runs: &[Repeat(0), OrderNext(0)],
        again: &[Repeat(0), OrderNext(0), Repeat(0)],
        ..PLAIN
    },
    Scenario {
        name: "repeat beside an order that is open",
        before: |world| {
            (FAILED.before)(world);
            stage::run(world, &[OrderNext(0)]);
        },
        runs: &[Repeat(0)],
        again: &[Repeat(0)],
        ends: &[Failed, Ordered],
        ..PLAIN
    },
    Scenario {
        name: "repeat after another order that was aborted",
        before: |world| {
            (FAILED.before)(world);
            stage::run(world, &[OrderNext(0), Abort(NEXT)]);
        },
        runs: &[Repeat(0)],
        again: &[Repeat(0), Repeat(0)],
        ends: &[Ordered, Aborted],
        ..PLAIN
    },
    Scenario {
        name: "two failed orders of one user repeated at once",
        before: two_failed,
        runs: &[Repeat(NEXT), Repeat(0)],
        again: &[Repeat(0), Repeat(NEXT)],
        ends: &[Failed, Ordered],
        ..PLAIN
    },
];
