use std::collections::BTreeMap;
use std::sync::Mutex;

use cardwright_app::ports::{Changed, MailAnswer, Result};
use cardwright_domain::card::sample::{card_ready_for, now};
use cardwright_domain::card::{Card, Email, Event, EventKind, StateKind};
use cardwright_domain::email::Message;
use cardwright_domain::ids::CardId;
use cardwright_domain::user::EmailAddress;
use lambda_runtime::Context;
use serde_json::{Value, json};

use super::*;

/// Cards, the emails that went out, and what was put aside.
#[derive(Default)]
struct World {
    cards: Mutex<BTreeMap<CardId, Card>>,
    emails: Mutex<u32>,
    aside: Mutex<Vec<String>>,
    store_fails: bool,
    mail_fails: bool,
    quarantine_fails: bool,
}

impl World {
    fn with(cards: Vec<Card>) -> Self {
        let cards = cards.into_iter().map(|card| (card.card_id, card)).collect();
        Self {
            cards: Mutex::new(cards),
            ..Self::default()
        }
    }

    /// The ids of the messages that have to come again.
    async fn run(&self, event: Value, deadline: u64) -> Value {
        let mut context = Context::default();
        context.deadline = deadline;
        let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), context);
        let answer = mail_queue(self, self, self, event).await.unwrap();
        serde_json::to_value(answer).unwrap()
    }

    fn email_of(&self, card: &Card) -> Email {
        self.cards.lock().unwrap()[&card.card_id].email.clone()
    }
}

impl ChangeCard for World {
    async fn change_card(&self, card_id: CardId, event: &Event, _now: Time) -> Result<Changed> {
        if self.store_fails {
            return Err(PortError::new("dynamodb.UpdateItem", "throttled"));
        }
        let mut cards = self.cards.lock().unwrap();
        let Some(card) = cards.get_mut(&card_id) else {
            return Ok(Changed::Missing);
        };
        Ok(match card.on(event, now()) {
            Ok(after) => {
                *card = after.clone();
                Changed::Done(Box::new(after))
            }
            Err(_) => Changed::Conflict(Box::new(card.clone())),
        })
    }
}

impl SendMail for World {
    async fn send_mail(&self, _to: &EmailAddress, _message: &Message) -> Result<MailAnswer> {
        if self.mail_fails {
            return Err(PortError::new("ses.SendEmail", "no answer"));
        }
        let mut emails = self.emails.lock().unwrap();
        *emails += 1;
        Ok(MailAnswer::Accepted {
            message_id: format!("m-{emails}"),
        })
    }
}

impl Quarantine for World {
    async fn quarantine(&self, body: &[u8]) -> Result<()> {
        if self.quarantine_fails {
            return Err(PortError::new("sqs.SendMessage", "no right"));
        }
        let text = String::from_utf8(body.to_vec()).unwrap();
        self.aside.lock().unwrap().push(text);
        Ok(())
    }
}

const NO_HURRY: u64 = 4_102_444_800_000;

fn ordered(key: &str) -> Card {
    card_ready_for(StateKind::Ordered, EventKind::ClaimEmail, key)
}

fn event(messages: &[(&str, String)]) -> Value {
    let record = |(id, body): &(&str, String)| json!({"messageId": id, "body": body});
    json!({"Records": messages.iter().map(record).collect::<Vec<_>>()})
}

fn reminder(card: &Card) -> String {
    queues::written(card.order_id())
}

fn failures(ids: &[&str]) -> Value {
    let failures: Vec<_> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({ "batchItemFailures": failures })
}

#[tokio::test]
async fn each_reminder_sends_one_email() {
    let (one, two) = (ordered("1"), ordered("2"));
    let world = World::with(vec![one.clone(), two.clone()]);
    let reminders = event(&[
        ("a", reminder(&one)),
        ("b", reminder(&two)),
        ("c", reminder(&one)),
    ]);
    assert_eq!(world.run(reminders, NO_HURRY).await, failures(&[]));
    assert_eq!(*world.emails.lock().unwrap(), 2);
    assert!(matches!(world.email_of(&two), Email::Sent { .. }));
}

#[tokio::test]
async fn only_what_failed_comes_again() {
    let card = ordered("1");
    let world = World {
        store_fails: true,
        ..World::with(vec![card.clone()])
    };
    let messages = event(&[("a", reminder(&card)), ("b", "garbage".into())]);
    assert_eq!(world.run(messages, NO_HURRY).await, failures(&["a"]));
}

#[tokio::test]
async fn an_email_without_a_clear_answer_is_left_to_the_sweep() {
    let card = ordered("1");
    let world = World {
        mail_fails: true,
        ..World::with(vec![card.clone()])
    };
    let messages = event(&[("a", reminder(&card))]);
    assert_eq!(world.run(messages, NO_HURRY).await, failures(&[]));
    assert!(matches!(world.email_of(&card), Email::Sending { .. }));
    assert!(world.cards.lock().unwrap()[&card.card_id].due_at.is_some());
}

#[tokio::test]
async fn garbage_is_put_aside_and_does_not_come_again() {
    let events = include_str!("../../../../../events/send-card-ordered-email/garbage.json");
    let world = World::default();
    let answer = world
        .run(serde_json::from_str(events).unwrap(), NO_HURRY)
        .await;
    assert_eq!(answer, failures(&[]));
    assert_eq!(world.aside.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn garbage_that_can_not_be_put_aside_comes_again() {
    let world = World {
        quarantine_fails: true,
        ..World::default()
    };
    let answer = world.run(event(&[("a", "hello".into())]), NO_HURRY).await;
    assert_eq!(answer, failures(&["a"]));
}

#[tokio::test]
async fn nothing_is_begun_when_the_time_is_over() {
    let card = ordered("1");
    let world = World::with(vec![card.clone()]);
    assert_eq!(
        world.run(event(&[("a", reminder(&card))]), 0).await,
        failures(&["a"])
    );
    assert_eq!(world.email_of(&card), Email::Pending);
}
