//! Emails, and ticks of the drain that find late ones.

use cardwright_app::limits::{EMAIL_GRACE, ORDER_GRACE};
use cardwright_domain::card::EventKind;

use super::PLAIN;
use crate::harness::scenario::Scenario;
use crate::harness::scenario::Start::{Mails, Order, Tick};
use crate::harness::stage;
use crate::world::fault::{Call, Death, Fault};

/// `send_card_ordered_email`, and `Drain::tick` on late emails.
pub(crate) const EMAILS: &[Scenario] = &[
    Scenario {
        name: "email",
        before: |world| stage::ordered(world, 0),
        runs: &[Mails],
        ..PLAIN
    },
    Scenario {
        name: "email, deferred",
        before: |world| stage::ordered(world, 0),
        runs: &[Mails],
        given: &[(Call::SendMail, Fault::Deferred)],
        ..PLAIN
    },
    Scenario {
        name: "email, rejected",
        before: |world| stage::ordered(world, 0),
        runs: &[Mails],
        given: &[(Call::SendMail, Fault::Refused)],
        ..PLAIN
    },
    Scenario {
        name: "email, taken but not answered",
        before: |world| stage::ordered(world, 0),
        runs: &[Mails],
        given: &[(Call::SendMail, Fault::AnswerLost)],
        ..PLAIN
    },
    Scenario {
        name: "email, not taken and not answered",
        before: |world| stage::ordered(world, 0),
        runs: &[Mails],
        given: &[(Call::SendMail, Fault::NotApplied)],
        ..PLAIN
    },
    Scenario {
        name: "email, claim over",
        before: |world| stage::abandoned_email(world, 0, Call::SendMail, Death::Before),
        runs: &[Mails],
        ..PLAIN
    },
    Scenario {
        name: "email, sent before",
        before: |world| {
            let record = Call::ChangeCard(EventKind::EmailSent);
            stage::abandoned_email(world, 0, record, Death::After);
        },
        runs: &[Mails],
        ..PLAIN
    },
    Scenario {
        name: "two messages of one email at once, and garbage",
        before: |world| {
            stage::ordered(world, 0);
            stage::run(world, &[Order(1), Tick, Tick]);
            stage::doubled_mails(world);
            stage::garbage(world);
        },
        runs: &[Mails],
        ..PLAIN
    },
    Scenario {
        name: "email and tick at once, email late",
        before: |world| {
            stage::ordered(world, 0);
            world.pass(EMAIL_GRACE);
        },
        runs: &[Mails, Tick],
        ..PLAIN
    },
    Scenario {
        name: "tick, late emails and a late order",
        before: |world| {
            stage::ordered_without_reminder(world, 0);
            stage::ordered_without_reminder(world, 1);
            stage::order_without_reminder(world, 2);
            world.pass(ORDER_GRACE);
        },
        runs: &[Tick],
        ..PLAIN
    },
    Scenario {
        name: "tick, email tried in vain",
        before: |world| stage::email_tried_in_vain(world, 0),
        runs: &[Tick],
        ..PLAIN
    },
];
