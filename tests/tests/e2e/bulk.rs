//! Many orders at once by the use case itself, where a test is about what comes after them.

use cardwright_app::order_card::{OrderRequest, order_card};
use cardwright_app::ports::{Answer, Cancelled, Producer, ProducerOrder};
use cardwright_aws::{Queue, Queues, System};
use cardwright_domain::ids::{Actor, IdempotencyKey, OrderId, UserId};
use cardwright_domain::user::User;
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::stack::Stack;

/// Queue delivery asks no producer.
struct NoProducer;

impl Producer for NoProducer {
    async fn submit(&self, orders: &[ProducerOrder]) -> Vec<Answer> {
        vec![Answer::Unknown; orders.len()]
    }

    async fn cancel(&self, _order_id: OrderId) -> Cancelled {
        Cancelled::TooLate(Answer::Unknown)
    }

    fn is_available(&self) -> bool {
        false
    }
}

impl Stack {
    /// Imports so many users and orders a card for each; gives the cards' ids.
    pub(crate) async fn place_orders(&self, number: usize) -> Vec<String> {
        let run = self.unique("bulk");
        let users: Vec<_> = (0..number)
            .map(|n| {
                let id = format!("{run}-{n}");
                user(&id, json!({"email": format!("{id}@mail.example.com")}))
            })
            .collect();
        self.place_orders_for(&users).await
    }

    /// Imports these users and orders a card for each.
    pub(crate) async fn place_orders_for(&self, users: &[User]) -> Vec<String> {
        let tables = self.tables();
        tables.import_users(users).await.unwrap();
        let urls = [
            (Queue::Order, "orderQueueUrl"),
            (Queue::Mail, "mailQueueUrl"),
        ];
        let urls = urls.map(|(queue, name)| (queue, self.setting(name).to_owned()));
        let queues = Queues::new(self.aws().sqs(), urls);
        let orders: Vec<_> = users
            .iter()
            .map(|user| {
                let request = OrderRequest {
                    caller: Actor::parse("operator@example.com").unwrap(),
                    for_self: false,
                    key: IdempotencyKey::parse(user.user_id.as_str()).unwrap(),
                    user_id: user.user_id.clone(),
                    production_type: None,
                    comment: None,
                };
                order_card(&tables, &queues, &NoProducer, &System, request)
            })
            .collect();
        let placed: Vec<_> = futures_util::stream::iter(orders)
            .buffered(16)
            .collect()
            .await;
        placed
            .into_iter()
            .map(|card| card.unwrap().card_id.to_string())
            .collect()
    }

    /// Everything that other tests have left behind is settled.
    pub(crate) async fn drained(&self) {
        loop {
            let report = self.drain().await;
            if report["received"] == 0 && report["claimed"] == 0 {
                return;
            }
        }
    }

    /// The reminder of a card's first order, as the order function writes it.
    pub(crate) async fn remind(&self, card_id: &str) {
        self.send_to("orderQueueUrl", &reminder(card_id)).await;
    }

    /// Lets the due time of a card that nobody has claimed pass, as if the clock had moved.
    pub(crate) async fn expire(&self, card_id: &str) {
        let update = json!({
            "TableName": self.setting("cardsTable"),
            "Key": {"pk": {"S": format!("card#{card_id}")}},
            "UpdateExpression": "SET due_at = :past",
            "ExpressionAttributeValues": {":past": {"S": "2026-01-01T00:00:00.000Z"}},
        });
        self.dynamodb("UpdateItem", &update).await;
    }

    /// Sends a message to the queue that this setting names.
    pub(crate) async fn send_to(&self, queue: &str, body: &str) {
        let message = json!({"QueueUrl": self.setting(queue), "MessageBody": body});
        self.sqs("SendMessage", &message).await;
    }

    /// How many messages a queue holds, those that somebody has received and not deleted too.
    pub(crate) async fn messages_in(&self, queue: &str) -> usize {
        let request = json!({"QueueUrl": self.setting(queue), "AttributeNames": ["All"]});
        let answer = self.sqs("GetQueueAttributes", &request).await;
        let count = |name: &str| -> usize {
            let number = answer["Attributes"][name].as_str().unwrap();
            number.parse().unwrap()
        };
        count("ApproximateNumberOfMessages") + count("ApproximateNumberOfMessagesNotVisible")
    }

    /// Forgets what a queue holds.
    pub(crate) async fn purge(&self, queue: &str) {
        let request = json!({"QueueUrl": self.setting(queue)});
        self.sqs("PurgeQueue", &request).await;
    }

    /// The submitted order of a card as the bureau has it, with `submits`.
    pub(crate) async fn bureau_orders(&self) -> Vec<Value> {
        let all = self
            .bureau(reqwest::Method::GET, "/_sim/orders", None)
            .await;
        all["orders"].as_array().unwrap().clone()
    }
}

/// The body of the message that reminds of a card's first order.
pub(crate) fn reminder(card_id: &str) -> String {
    json!({"cardId": card_id, "orderId": format!("{card_id}-1")}).to_string()
}

/// A user with a name, a UPN, and what `more` says.
pub(crate) fn user(id: &str, more: Value) -> User {
    let mut fields =
        json!({"userId": id, "commonName": "Bulk Order", "upn": format!("{id}@example.com")});
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    let fields = serde_json::from_value(fields).unwrap();
    User::parse(fields, &UserId::parse(id).unwrap()).unwrap()
}
