//! A run in which all went well, and each way in which it may not have.

use cardwright_domain::card::{Card, Email, Event, Failure, Frozen, Holder, NewCard};
use cardwright_domain::email::Language;
use cardwright_domain::ids::{Actor, CardId, ClaimToken, IdempotencyKey, OrderId, ProducerOrderId};
use cardwright_domain::ids::{OrderAttempt, ProductionTypeId, UserId};
use cardwright_domain::production_type::Delivery;
use cardwright_domain::time::Time;
use cardwright_domain::user::EmailAddress;
use jiff::SignedDuration;

use super::*;
use crate::chaos::evidence::{Answered, Disturbance, Mail};

const KEYS: [&str; 4] = ["ordered", "another", "aborted", "failed"];

fn seconds(after: i64) -> Time {
    let start: Time = "2026-11-22T08:00:00Z".parse().unwrap();
    start.plus(SignedDuration::from_secs(after))
}

fn operator() -> Actor {
    Actor::parse("operator@example.com").unwrap()
}

fn id(key: &str) -> CardId {
    CardId::derive(&operator(), &IdempotencyKey::parse(key).unwrap())
}

fn placed(key: &str) -> Card {
    let holder = Holder {
        user_id: UserId::parse(key).unwrap(),
        common_name: key.into(),
        upn: None,
        email: Some(EmailAddress::parse("holder@example.com").unwrap()),
    };
    let card = Card::register(
        NewCard {
            card_id: id(key),
            frozen: Frozen {
                holder,
                data: BTreeMap::new(),
                producer_fields: Vec::new(),
                barred_approvers: Vec::new(),
                options_version: 1,
                email: Email::Pending,
            },
            production_type: ProductionTypeId::parse("standard").unwrap(),
            delivery: Delivery::Queue,
            requested_by: operator(),
            held_until: None,
            validity_days: 365,
            request_digest: String::new(),
            language: Language::En,
        },
        seconds(0),
    );
    let order = Event::Order {
        by: operator(),
        reason: None,
        options_version: 1,
        due: seconds(180),
    };
    card.on(&order, seconds(0)).unwrap()
}

fn token() -> ClaimToken {
    ClaimToken(*id("token").as_uuid())
}

fn claimed(key: &str) -> Card {
    let claim = Event::Claim {
        attempt: OrderAttempt::FIRST,
        token: token(),
        lease_until: seconds(90),
    };
    placed(key).on(&claim, seconds(1)).unwrap()
}

fn reference(key: &str) -> String {
    format!("P-{}", placed(key).order_id())
}

fn ordered(key: &str) -> Card {
    let card = claimed(key);
    let accept = Event::Accept {
        by: Actor::system("drain-orders"),
        attempt: card.attempt,
        producer_order_id: ProducerOrderId::parse(&reference(key)).unwrap(),
        email_due: Some(seconds(180)),
    };
    card.on(&accept, seconds(2)).unwrap()
}

fn told(key: &str) -> Card {
    let claim = Event::ClaimEmail {
        token: token(),
        lease_until: seconds(63),
    };
    let sent = Event::EmailSent {
        by: Actor::system("send-card-ordered-email"),
        token: token(),
        message_id: "1".into(),
    };
    let card = ordered(key).on(&claim, seconds(3)).unwrap();
    card.on(&sent, seconds(4)).unwrap()
}

fn aborted(key: &str) -> Card {
    let abort = Event::Abort {
        by: operator(),
        reason: None,
        held_by: None,
    };
    placed(key).on(&abort, seconds(1)).unwrap()
}

fn failed(key: &str) -> Card {
    let refuse = Event::Refuse {
        by: Actor::system("drain-orders"),
        token: token(),
        failure: Failure::producer_rejected("no photo".into()),
    };
    claimed(key).on(&refuse, seconds(2)).unwrap()
}

fn bureau_order(key: &str) -> BureauOrder {
    BureauOrder {
        order_id: placed(key).order_id(),
        producer_order_id: reference(key),
        submits: 1,
    }
}

fn mail(key: &str, at: i64) -> Mail {
    Mail {
        producer_order_id: reference(key),
        at: seconds(at),
    }
}

fn killed(at: i64, emails: usize) -> Disturbance {
    Disturbance {
        card_id: None,
        from: seconds(at),
        until: seconds(at),
        what: "process 7 killed".into(),
        emails,
    }
}

/// Two cards ordered, one aborted, one failed; everybody was told the truth, and nothing is left.
fn all_well() -> Evidence {
    let cards = [
        told(KEYS[0]),
        told(KEYS[1]),
        aborted(KEYS[2]),
        failed(KEYS[3]),
    ];
    let answers = KEYS.map(|key| Answered {
        key: key.into(),
        card_id: id(key),
    });
    Evidence {
        answers: answers.into(),
        stopped: vec![id("aborted")],
        cards: cards.into_iter().map(|card| (card.card_id, card)).collect(),
        bureau: vec![bureau_order("ordered"), bureau_order("another")],
        mails: vec![mail("ordered", 4), mail("another", 4)],
        queues: vec![("order queue", 0), ("mail queue", 0)],
        disturbances: Vec::new(),
    }
}

/// The rules that are broken after a change to what is well.
fn broken(change: impl FnOnce(&mut Evidence)) -> Vec<(Rule, Wrong)> {
    let mut evidence = all_well();
    change(&mut evidence);
    let findings = judge(&evidence).findings.into_iter();
    findings
        .map(|finding| (finding.rule, finding.wrong))
        .collect()
}

fn put(evidence: &mut Evidence, card: Card) {
    evidence.cards.insert(card.card_id, card);
}

#[test]
fn a_run_in_which_all_went_well_is_found_well_and_every_rule_was_asked() {
    let judgement = judge(&all_well());
    assert!(judgement.findings.is_empty(), "{:?}", judgement.findings);
    let asked = |rule: &Rule| {
        judgement
            .checked
            .get(rule)
            .is_some_and(|number| *number > 0)
    };
    assert!(Rule::ALL.iter().all(asked), "{:?}", judgement.checked);
}

#[test]
fn a_card_that_was_answered_and_is_gone_is_found() {
    let lost = broken(|evidence| drop(evidence.cards.remove(&id("failed"))));
    assert_eq!(lost, [(Rule::Kept, Wrong::Lost)]);
}

#[test]
fn a_card_that_did_not_end_is_found() {
    let waits = broken(|evidence| put(evidence, placed("failed")));
    assert_eq!(waits, [(Rule::Ended, Wrong::Lost)]);
    let claimed = broken(|evidence| put(evidence, claimed("failed")));
    assert_eq!(claimed, [(Rule::Ended, Wrong::Lost)]);
}

#[test]
fn two_cards_for_one_key_are_found() {
    let doubled = broken(|evidence| evidence.answers[1].key = KEYS[0].into());
    assert_eq!(doubled, [(Rule::OneCard, Wrong::Doubled)]);
}

#[test]
fn two_open_orders_of_a_user_are_found() {
    let doubled = broken(|evidence| {
        let mut card = told("another");
        card.holder = told("ordered").holder;
        put(evidence, card);
    });
    assert_eq!(doubled, [(Rule::OneOpenOrder, Wrong::Doubled)]);
}

#[test]
fn an_ordered_card_that_the_bureau_does_not_have_is_found() {
    let lost = broken(|evidence| drop(evidence.bureau.pop()));
    assert_eq!(lost, [(Rule::AtBureau, Wrong::Lost)]);
}

#[test]
fn a_second_order_at_the_bureau_is_found() {
    let doubled = broken(|evidence| {
        let first = bureau_order("ordered");
        let order_id = OrderId {
            attempt: first.order_id.attempt.next(),
            ..first.order_id
        };
        evidence.bureau.push(BureauOrder { order_id, ..first });
    });
    assert_eq!(doubled, [(Rule::AtBureau, Wrong::Doubled)]);
}

#[test]
fn another_order_at_the_bureau_than_the_card_names_is_found() {
    let other = broken(|evidence| evidence.bureau[0].producer_order_id = "P-other".into());
    assert_eq!(other, [(Rule::AtBureau, Wrong::Doubled)]);
}

#[test]
fn an_aborted_or_failed_card_that_the_bureau_has_is_found() {
    for key in ["aborted", "failed"] {
        let sent = broken(|evidence| evidence.bureau.push(bureau_order(key)));
        assert_eq!(sent, [(Rule::NotAtBureau, Wrong::Doubled)], "{key}");
    }
}

#[test]
fn an_order_at_the_bureau_of_nobodys_card_is_found() {
    let foreign = broken(|evidence| evidence.bureau.push(bureau_order("nobody")));
    assert_eq!(foreign, [(Rule::NotAtBureau, Wrong::Lost)]);
}

#[test]
fn an_abort_that_did_not_stand_is_found() {
    let undone = broken(|evidence| evidence.stopped.push(id("ordered")));
    assert_eq!(undone, [(Rule::StopStands, Wrong::Doubled)]);
}

#[test]
fn a_lost_email_is_found() {
    let lost = broken(|evidence| drop(evidence.mails.pop()));
    assert_eq!(lost, [(Rule::OneEmail, Wrong::Lost)]);
}

#[test]
fn an_email_that_nobody_wrote_down_is_found() {
    let unwritten = broken(|evidence| put(evidence, ordered("another")));
    let expected = [(Rule::Ended, Wrong::Lost), (Rule::OneEmail, Wrong::Lost)];
    assert_eq!(unwritten, expected);
}

#[test]
fn an_email_about_a_card_that_is_not_ordered_is_found() {
    for key in ["aborted", "failed", "nobody"] {
        let wrong = broken(|evidence| evidence.mails.push(mail(key, 4)));
        assert_eq!(wrong, [(Rule::NoEmail, Wrong::Doubled)], "{key}");
    }
}

#[test]
fn a_second_email_is_found_unless_the_first_ones_worker_was_disturbed() {
    let twice = |evidence: &mut Evidence| evidence.mails.push(mail("ordered", 70));
    let found = [(Rule::OneEmail, Wrong::Doubled)];
    assert_eq!(broken(twice), found);
    let with = |disturbance: Disturbance| {
        broken(|evidence| {
            twice(evidence);
            evidence.disturbances.push(disturbance);
        })
    };
    assert_eq!(with(killed(5, 2)), []);
    assert_eq!(
        with(killed(60, 2)),
        found,
        "killed long after the first email"
    );
    assert_eq!(
        with(killed(5, 0)),
        found,
        "the kill explains another one already"
    );
    let of_another = Disturbance {
        card_id: Some(id("another")),
        ..killed(5, 1)
    };
    assert_eq!(with(of_another), found, "the cause concerns another card");
    let stopped = Disturbance {
        from: seconds(-30),
        ..killed(2, 2)
    };
    assert_eq!(with(stopped), []);
}

#[test]
fn a_second_email_within_the_lease_of_the_first_is_found_whatever_was_done() {
    let early = broken(|evidence| {
        evidence.mails.push(mail("ordered", 10));
        evidence.disturbances.push(killed(5, 2));
    });
    assert_eq!(early, [(Rule::OneEmail, Wrong::Doubled)]);
}

#[test]
fn a_cause_explains_only_as_many_second_emails_as_it_can_have_made() {
    let twice = |emails: usize| {
        broken(|evidence| {
            evidence.mails.push(mail("ordered", 70));
            evidence.mails.push(mail("another", 70));
            evidence.disturbances.push(killed(5, emails));
        })
    };
    assert_eq!(twice(2), []);
    assert_eq!(twice(1), [(Rule::OneEmail, Wrong::Doubled)]);
}

#[test]
fn a_message_that_is_left_is_found() {
    let left = broken(|evidence| evidence.queues[1].1 = 1);
    assert_eq!(left, [(Rule::NothingLeft, Wrong::Lost)]);
}
