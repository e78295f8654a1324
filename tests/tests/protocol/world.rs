//! The use cases on the real tables (embedded DynamoDB), with queues, producer, mailbox and clock in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use cardwright_app::abort_order::abort_order;
use cardwright_app::apply::Seen;
use cardwright_app::decide_order::{Decision, decide_order};
use cardwright_app::drain_orders::{Drain, Report};
use cardwright_app::error::{Error, PortError};
use cardwright_app::manage_options::replace_options;
use cardwright_app::order_card::{OrderRequest, order_card};
use cardwright_app::ports::{
    ChangeCard, Changed, Clock, MailAnswer, OrderInbox, Quarantine, ReadCard, ReadOptions,
    Received, RemindOfEmails, RemindOfOrders, Result, SendMail, Tokens,
};
use cardwright_app::repeat_order::{RepeatRequest, repeat_order};
use cardwright_app::self_service::Reach;
use cardwright_app::send_card_ordered_email::{Outcome, send_card_ordered_email};
use cardwright_app::settle_orders::Worker;
use cardwright_aws::dynamodb::Tables;
use cardwright_domain::card::{Card, Event};
use cardwright_domain::email::Message;
use cardwright_domain::ids::{Actor, CardId, ClaimToken, IdempotencyKey, OrderId, UserId};
use cardwright_domain::options::Options;
use cardwright_domain::time::Time;
use cardwright_domain::user::{EmailAddress, User, UserFields};
use jiff::SignedDuration;

use super::bureau::Bureau;
use crate::support::dynamo::Database;

/// Time that stands still unless a test moves it, and tokens that never repeat.
pub(crate) struct Chance {
    now: Mutex<Time>,
    tokens: AtomicU64,
}

impl Clock for Chance {
    fn now(&self) -> Time {
        *self.now.lock().unwrap()
    }
}

impl Tokens for Chance {
    fn claim_token(&self) -> ClaimToken {
        ClaimToken(uuid::Uuid::from_u128(
            self.tokens.fetch_add(1, Ordering::Relaxed).into(),
        ))
    }
}

/// The queues, with every failure that a test asks for.
#[derive(Default)]
pub(crate) struct Queues {
    pub(crate) waiting: Mutex<VecDeque<String>>,
    in_flight: Mutex<BTreeMap<String, String>>,
    receipts: AtomicU64,
    pub(crate) quarantined: Mutex<Vec<String>>,
    pub(crate) emails: Mutex<VecDeque<OrderId>>,
    /// While set, every message that is sent gets lost with an error.
    pub(crate) broken: Mutex<bool>,
}

impl Queues {
    pub(crate) fn put(&self, body: impl ToString) {
        self.waiting.lock().unwrap().push_back(body.to_string());
    }

    /// The visibility timeout passes: what was not deleted comes again.
    pub(crate) fn redeliver(&self) -> usize {
        let back = std::mem::take(&mut *self.in_flight.lock().unwrap());
        let number = back.len();
        self.waiting.lock().unwrap().extend(back.into_values());
        number
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.lock().unwrap().is_empty() && self.in_flight.lock().unwrap().is_empty()
    }

    fn check(&self) -> Result<()> {
        let broken = *self.broken.lock().unwrap();
        if broken {
            Err(PortError::new("queues", "told to fail"))
        } else {
            Ok(())
        }
    }
}

impl RemindOfOrders for Queues {
    async fn remind_of_orders(&self, order_ids: &[OrderId]) -> Result<()> {
        self.check()?;
        order_ids.iter().for_each(|order_id| self.put(*order_id));
        Ok(())
    }
}

impl RemindOfEmails for Queues {
    async fn remind_of_emails(&self, order_ids: &[OrderId]) -> Result<()> {
        self.check()?;
        self.emails.lock().unwrap().extend(order_ids);
        Ok(())
    }
}

impl OrderInbox for Queues {
    async fn receive_orders(&self, _wait: bool) -> Result<Vec<Received>> {
        let mut waiting = self.waiting.lock().unwrap();
        let number = waiting.len().min(10);
        let received = waiting.drain(..number).map(|body| {
            let receipt = self.receipts.fetch_add(1, Ordering::Relaxed).to_string();
            self.in_flight
                .lock()
                .unwrap()
                .insert(receipt.clone(), body.clone());
            Received {
                receipt,
                body: body.parse().map_err(|_| body),
            }
        });
        Ok(received.collect())
    }

    async fn delete_received(&self, receipts: &[String]) -> Result<()> {
        self.in_flight
            .lock()
            .unwrap()
            .retain(|receipt, _| !receipts.contains(receipt));
        Ok(())
    }
}

impl Quarantine for Queues {
    async fn quarantine(&self, body: &[u8]) -> Result<()> {
        let body = String::from_utf8_lossy(body).into_owned();
        self.quarantined.lock().unwrap().push(body);
        Ok(())
    }
}

/// Sent mail, and what happens to the next.
#[derive(Default)]
pub(crate) struct Mailbox {
    pub(crate) sent: Mutex<Vec<(String, Message)>>,
    pub(crate) refuse: Mutex<bool>,
    /// Nothing is taken for now.
    pub(crate) busy: Mutex<bool>,
    /// The mail goes out, but the answer is lost.
    pub(crate) lose_answer: Mutex<bool>,
}

impl SendMail for Mailbox {
    async fn send_mail(&self, to: &EmailAddress, message: &Message) -> Result<MailAnswer> {
        if *self.refuse.lock().unwrap() {
            return Ok(MailAnswer::Rejected {
                reason: "MessageRejected".into(),
            });
        }
        if *self.busy.lock().unwrap() {
            return Ok(MailAnswer::Deferred {
                reason: "Throttling".into(),
            });
        }
        let mut sent = self.sent.lock().unwrap();
        sent.push((to.as_str().to_owned(), message.clone()));
        if *self.lose_answer.lock().unwrap() {
            return Err(PortError::new("mail", "answer lost"));
        }
        Ok(MailAnswer::Accepted {
            message_id: format!("m-{}", sent.len()),
        })
    }
}

pub(crate) struct World {
    _database: Database,
    pub(crate) tables: Tables,
    pub(crate) queues: Queues,
    pub(crate) bureau: Bureau,
    pub(crate) mailbox: Mailbox,
    pub(crate) chance: Chance,
}

impl World {
    /// Orders and repeats enabled, and one active user, `ada`.
    pub(crate) async fn new() -> Self {
        let database = Database::start().await;
        let world = Self {
            tables: database.tables(),
            _database: database,
            queues: Queues::default(),
            bureau: Bureau::new(),
            mailbox: Mailbox::default(),
            chance: Chance {
                now: Mutex::new("2026-11-22T08:00:00Z".parse().unwrap()),
                tokens: AtomicU64::new(1),
            },
        };
        world
            .change_options(|options| {
                options.use_cases.order_card.enabled = true;
                options.use_cases.repeat_order.enabled = true;
            })
            .await;
        world.put_user("ada", "").await;
        world
    }

    pub(crate) fn pass(&self, seconds: i64) {
        let mut now = self.chance.now.lock().unwrap();
        *now = now.plus(SignedDuration::from_secs(seconds));
    }

    pub(crate) async fn change_options(&self, change: impl FnOnce(&mut Options)) {
        let mut options = self.tables.options().await.unwrap();
        let seen = options.version;
        change(&mut options);
        let by = Actor::parse("ada.kovacs").unwrap();
        replace_options(&self.tables, &self.chance, options, Some(seen), by)
            .await
            .unwrap();
    }

    /// Puts a user with name, UPN and address, and what `more` says (JSON members).
    pub(crate) async fn put_user(&self, id: &str, more: &str) {
        let more = if more.is_empty() {
            String::new()
        } else {
            format!(",{more}")
        };
        let mut json = serde_json::json!({
            "userId": id, "commonName": format!("{id} Lovelace"),
            "upn": format!("{id}@example.com"), "email": format!("{id}@mail.example.com"),
        });
        let more: serde_json::Value = serde_json::from_str(&format!("{{\"_\":0{more}}}")).unwrap();
        for (name, value) in more
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| *name != "_")
        {
            json[name] = value.clone();
        }
        let fields: UserFields = serde_json::from_value(json).unwrap();
        let user = User::parse(fields, &UserId::parse(id).unwrap()).unwrap();
        let imported = self.tables.import_users(&[user]).await.unwrap();
        assert_eq!(imported.upn_shared, []);
    }

    pub(crate) async fn order(&self, user: &str, key: &str) -> std::result::Result<Card, Error> {
        self.order_as(request(user, key)).await
    }

    pub(crate) async fn order_as(&self, request: OrderRequest) -> std::result::Result<Card, Error> {
        order_card(
            &self.tables,
            &self.queues,
            &self.bureau,
            &self.chance,
            request,
        )
        .await
    }

    pub(crate) async fn abort(&self, card: &Card) -> std::result::Result<Card, Error> {
        self.abort_within(&Reach::Everybody, card, operator()).await
    }

    pub(crate) async fn abort_within(
        &self,
        reach: &Reach,
        card: &Card,
        by: Actor,
    ) -> std::result::Result<Card, Error> {
        abort_order(&self.tables, &self.chance, reach, card.card_id, by, None).await
    }

    /// What this function settles orders with.
    fn worker(&self, function: &'static str) -> Worker<'_, Tables, Queues, Bureau, Chance> {
        Worker {
            store: &self.tables,
            queues: &self.queues,
            producer: &self.bureau,
            chance: &self.chance,
            by: Actor::system(function),
        }
    }

    /// An approver decides about the card as it is.
    pub(crate) async fn decide(
        &self,
        card: &Card,
        decision: &Decision,
    ) -> std::result::Result<Card, Error> {
        let seen = Seen {
            card_id: card.card_id,
            version: card.version,
        };
        let worker = self.worker("decide-order");
        decide_order(&worker, &approver(), decision, seen).await
    }

    /// The operator orders the card, as it was seen here, again.
    pub(crate) async fn repeat(
        &self,
        card: &Card,
        refresh: bool,
    ) -> std::result::Result<Card, Error> {
        self.repeat_as(operator(), card, refresh).await
    }

    pub(crate) async fn repeat_as(
        &self,
        by: Actor,
        card: &Card,
        refresh: bool,
    ) -> std::result::Result<Card, Error> {
        let request = RepeatRequest {
            by,
            seen: Seen {
                card_id: card.card_id,
                version: card.version,
            },
            refresh,
            comment: None,
        };
        repeat_order(&self.worker("repeat-order"), &request).await
    }

    /// One tick with plenty of time.
    pub(crate) async fn drain(&self) -> Report {
        self.drain_with_time(50).await
    }

    pub(crate) async fn drain_with_time(&self, seconds: i64) -> Report {
        let drain = Drain {
            worker: self.worker("drain-orders"),
            deadline: self.chance.now().plus(SignedDuration::from_secs(seconds)),
        };
        drain.tick().await.unwrap()
    }

    /// Handles the email reminders that wait.
    pub(crate) async fn send_emails(&self) -> Vec<Outcome> {
        let ids = std::mem::take(&mut *self.queues.emails.lock().unwrap());
        let mut outcomes = Vec::new();
        for id in ids {
            let (tables, mail) = (&self.tables, &self.mailbox);
            match send_card_ordered_email(tables, mail, &self.chance, id.card_id).await {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) => panic!("the tables never fail here: {error}"),
            }
        }
        outcomes
    }

    /// Lets an event happen that no use case brings about yet.
    pub(crate) async fn change(&self, card: &Card, event: &Event) {
        let changed = self
            .tables
            .change_card(card.card_id, event, self.chance.now());
        let changed = changed.await.unwrap();
        assert!(matches!(changed, Changed::Done(_)), "{changed:?}");
    }

    pub(crate) async fn card(&self, card_id: CardId) -> Card {
        self.tables.card(card_id).await.unwrap().unwrap()
    }

    /// Nothing waits and nothing is due, however long one looks.
    pub(crate) async fn assert_settled(&self) {
        self.pass(100_000);
        assert!(self.queues.is_empty(), "messages are left");
        assert_eq!(
            self.drain().await,
            Report::default(),
            "something was still due"
        );
    }
}

pub(crate) fn operator() -> Actor {
    Actor::parse("operator@example.com").unwrap()
}

pub(crate) fn approver() -> Actor {
    Actor::parse("approver@example.com").unwrap()
}

pub(crate) fn request(user: &str, key: &str) -> OrderRequest {
    OrderRequest {
        caller: operator(),
        for_self: false,
        key: IdempotencyKey::parse(key).unwrap(),
        user_id: UserId::parse(user).unwrap(),
        production_type: None,
        comment: None,
    }
}

/// The problem type of a refusal.
pub(crate) fn slug<T: std::fmt::Debug>(result: std::result::Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Refused(refusal)) => refusal.slug(),
        other => panic!("expected a refusal: {other:?}"),
    }
}
