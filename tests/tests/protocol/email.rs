use cardwright_app::limits::EMAIL_LEASE;
use cardwright_app::ports::{Clock, Tokens};
use cardwright_app::send_card_ordered_email::Outcome;
use cardwright_domain::card::{Card, Email, Event, Failure};
use cardwright_domain::email::Language;
use cardwright_domain::limits::{EMAIL_WAITS, MAX_EMAIL_TRIES};

use super::world::{World, operator};

async fn ordered(world: &World) -> Card {
    let card = world.order("ada", "k").await.unwrap();
    world.drain().await;
    world.card(card.card_id).await
}

#[tokio::test]
async fn the_holder_gets_one_email_in_the_chosen_language() {
    let world = World::new().await;
    world
        .change_options(|options| options.card_ordered_email.language = Language::Sv)
        .await;
    let card = ordered(&world).await;
    world
        .queues
        .emails
        .lock()
        .unwrap()
        .push_back(card.order_id());
    assert_eq!(
        world.send_emails().await,
        [Outcome::Sent, Outcome::NothingToDo]
    );
    let sent = world.mailbox.sent.lock().unwrap().clone();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].0, "ada@mail.example.com");
    assert_eq!(sent[0].1.subject, "Ditt kort är beställt");
    assert!(sent[0].1.text.contains("ada Lovelace"));
    world.assert_settled().await;
}

#[tokio::test]
async fn no_email_is_sent_when_the_option_was_off_at_order_time() {
    let world = World::new().await;
    world
        .change_options(|options| options.card_ordered_email.enabled = false)
        .await;
    let card = ordered(&world).await;
    assert_eq!(card.email, Email::Off);
    world
        .queues
        .emails
        .lock()
        .unwrap()
        .push_back(card.order_id());
    assert_eq!(world.send_emails().await, [Outcome::NothingToDo]);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_lost_reminder_is_repaired_by_the_sweep() {
    let world = World::new().await;
    let card = ordered(&world).await;
    world.queues.emails.lock().unwrap().clear();
    assert_eq!(world.drain().await.swept_emails, 0, "it is not late yet");
    world.pass(181);
    assert_eq!(world.drain().await.swept_emails, 1);
    assert_eq!(
        world.drain().await.swept_emails,
        0,
        "one reminder is enough for a while"
    );
    assert_eq!(world.send_emails().await, [Outcome::Sent]);
    assert!(matches!(
        world.card(card.card_id).await.email,
        Email::Sent { .. }
    ));
    world.assert_settled().await;
}

#[tokio::test]
async fn an_address_that_is_refused_for_good_is_undeliverable() {
    let world = World::new().await;
    let card = ordered(&world).await;
    *world.mailbox.refuse.lock().unwrap() = true;
    assert_eq!(world.send_emails().await, [Outcome::Undeliverable]);
    assert!(matches!(
        world.card(card.card_id).await.email,
        Email::Undeliverable { .. }
    ));
    world.assert_settled().await;
}

#[tokio::test]
async fn a_holder_without_an_address_still_gets_the_card() {
    let world = World::new().await;
    world.put_user("ada", r#""email":null"#).await;
    let card = ordered(&world).await;
    assert!(matches!(card.email, Email::Undeliverable { .. }));
    world.assert_settled().await;
}

#[tokio::test]
async fn a_second_email_needs_a_lost_answer_and_the_end_of_the_lease() {
    let world = World::new().await;
    let card = ordered(&world).await;
    *world.mailbox.lose_answer.lock().unwrap() = true;
    assert_eq!(world.send_emails().await, [Outcome::Uncertain]);
    *world.mailbox.lose_answer.lock().unwrap() = false;
    world
        .queues
        .emails
        .lock()
        .unwrap()
        .push_back(card.order_id());
    assert_eq!(
        world.send_emails().await,
        [Outcome::NothingToDo],
        "the lease is running"
    );
    world.pass(61);
    assert_eq!(world.drain().await.swept_emails, 1);
    assert_eq!(world.send_emails().await, [Outcome::Sent]);
    assert_eq!(world.mailbox.sent.lock().unwrap().len(), 2);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_mail_service_that_never_answers_clearly_is_given_up_after_a_few_tries() {
    let world = World::new().await;
    let card = ordered(&world).await;
    *world.mailbox.lose_answer.lock().unwrap() = true;
    for wait in EMAIL_WAITS {
        assert_eq!(world.send_emails().await, [Outcome::Uncertain]);
        world.pass(61);
        let at_once = u64::from(wait.is_zero());
        assert_eq!(world.drain().await.swept_emails, at_once, "{wait}");
        world.pass(wait.as_secs());
        assert_eq!(world.drain().await.swept_emails, 1 - at_once, "{wait}");
    }
    assert_eq!(world.send_emails().await, [Outcome::Uncertain]);
    world.pass(61);
    world.drain().await;
    assert_eq!(world.card(card.card_id).await.email, Email::given_up());
    assert_eq!(
        world.mailbox.sent.lock().unwrap().len(),
        MAX_EMAIL_TRIES as usize
    );
    world.assert_settled().await;
}

#[tokio::test]
async fn an_email_that_surely_was_not_sent_is_tried_for_as_long_as_it_takes() {
    let world = World::new().await;
    let card = ordered(&world).await;
    *world.mailbox.busy.lock().unwrap() = true;
    for _ in 0..2 * MAX_EMAIL_TRIES {
        assert_eq!(world.send_emails().await, [Outcome::Deferred]);
        assert_eq!(world.drain().await.swept_emails, 0, "it is not late yet");
        world.pass(181);
        assert_eq!(world.drain().await.swept_emails, 1);
    }
    *world.mailbox.busy.lock().unwrap() = false;
    assert_eq!(world.send_emails().await, [Outcome::Sent]);
    assert_eq!(world.mailbox.sent.lock().unwrap().len(), 1);
    assert_eq!(world.card(card.card_id).await.email_tries, 1);
    world.assert_settled().await;
}

#[tokio::test]
async fn an_email_whose_worker_died_is_sent_when_the_card_is_ordered_again() {
    let world = World::new().await;
    let card = ordered(&world).await;
    world.queues.emails.lock().unwrap().clear();
    let by = operator();
    let token = world.chance.claim_token();
    let lease_until = world.chance.now().plus(EMAIL_LEASE);
    let failure = Failure::producer_rejected("the printer broke".into());
    for event in [
        Event::ClaimEmail { token, lease_until },
        Event::ProductionFailed {
            by: by.clone(),
            attempt: card.attempt,
            failure,
        },
    ] {
        world.change(&card, &event).await;
    }
    world.pass(61);
    let seen_version = world.card(card.card_id).await.version;
    let due = world.chance.now();
    let repeat = Event::Repeat {
        by,
        seen_version,
        reason: None,
        frozen: None,
        due,
    };
    world.change(&card, &repeat).await;
    world.drain().await;
    world.pass(181);
    world.drain().await;
    assert_eq!(world.send_emails().await, [Outcome::Sent]);
    world.assert_settled().await;
}
