//! Decisions about orders that wait for approval.

use cardwright_domain::card::StateKind::{Aborted, Failed, Ordered, Rejected, Requested};
use cardwright_domain::production_type::Delivery;

use super::PLAIN;
use crate::harness::scenario::Scenario;
use crate::harness::scenario::Start::{Abort, Approve, ApproveAll, Order, Reject, RejectAll, Tick};
use crate::harness::stage;
use crate::world::fault::{Call, Fault};

const WAITING: Scenario = Scenario {
    before: |world| {
        stage::approval(world);
        stage::run(world, &[Order(0)]);
    },
    ..PLAIN
};

const TWO_WAITING: Scenario = Scenario {
    before: |world| {
        stage::approval(world);
        stage::run(world, &[Order(0), Order(1)]);
    },
    ..PLAIN
};

const WAITING_DIRECT: Scenario = Scenario {
    delivery: Delivery::Direct,
    ..WAITING
};

/// `decide_orders`. An approver who got no answer asks again, twice because one of the two may be struck
/// as well, or never does.
pub(crate) const DECISIONS: &[Scenario] = &[
    Scenario {
        name: "order that waits for approval; asked again",
        before: stage::approval,
        runs: &[Order(0)],
        again: &[Order(0)],
        ends: &[Requested],
        ..PLAIN
    },
    Scenario {
        name: "approval, queue",
        runs: &[Approve(0)],
        ends: &[Requested, Ordered],
        ..WAITING
    },
    Scenario {
        name: "approval, queue; asked again",
        runs: &[Approve(0)],
        again: &[Approve(0), Approve(0)],
        ..WAITING
    },
    Scenario {
        name: "approval, direct",
        runs: &[Approve(0)],
        ends: &[Requested, Ordered],
        ..WAITING_DIRECT
    },
    Scenario {
        name: "approval, direct; asked again",
        runs: &[Approve(0)],
        again: &[Approve(0), Approve(0)],
        ..WAITING_DIRECT
    },
    Scenario {
        name: "approval, direct, refused; asked again",
        runs: &[Approve(0)],
        given: &[(Call::Submit, Fault::Refused)],
        again: &[Approve(0), Approve(0)],
        ends: &[Ordered, Failed],
        ..WAITING_DIRECT
    },
    Scenario {
        name: "approval, direct, taken but not answered; asked again",
        runs: &[Approve(0)],
        given: &[(Call::Submit, Fault::AnswerLost)],
        again: &[Approve(0), Approve(0)],
        ..WAITING_DIRECT
    },
    Scenario {
        name: "approval, direct, of a holder who left; asked again",
        before: |world| {
            (WAITING_DIRECT.before)(world);
            stage::leaves(world, 0);
        },
        runs: &[Approve(0)],
        again: &[Approve(0), Approve(0)],
        ends: &[Failed],
        ..WAITING_DIRECT
    },
    Scenario {
        name: "approval and tick at once",
        runs: &[Approve(0), Tick],
        again: &[Approve(0), Approve(0)],
        ..WAITING_DIRECT
    },
    Scenario {
        name: "approval twice at once",
        runs: &[Approve(0), Approve(0)],
        again: &[Approve(0), Approve(0)],
        ..WAITING_DIRECT
    },
    Scenario {
        name: "rejection; asked again",
        runs: &[Reject(0)],
        again: &[Reject(0), Reject(0)],
        ends: &[Rejected],
        ..WAITING
    },
    Scenario {
        name: "approval and rejection at once",
        runs: &[Approve(0), Reject(0)],
        again: &[Approve(0), Reject(0), Approve(0)],
        ends: &[Ordered, Rejected],
        ..WAITING
    },
    Scenario {
        name: "approval and abort at once",
        runs: &[Approve(0), Abort(0)],
        again: &[Approve(0), Abort(0), Approve(0)],
        ends: &[Ordered, Aborted],
        ..WAITING
    },
    Scenario {
        name: "approval of two in one request; asked again",
        runs: &[ApproveAll],
        again: &[Approve(0), Approve(1), Approve(0), Approve(1)],
        ..TWO_WAITING
    },
    Scenario {
        name: "rejection of two in one request; asked again",
        runs: &[RejectAll],
        again: &[Reject(0), Reject(1), Reject(0), Reject(1)],
        ends: &[Rejected],
        ..TWO_WAITING
    },
    Scenario {
        name: "approval of two in one request and abort of one at once",
        runs: &[ApproveAll, Abort(0)],
        again: &[ApproveAll, Abort(0), ApproveAll],
        ends: &[Ordered, Aborted],
        ..TWO_WAITING
    },
];
