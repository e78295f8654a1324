use std::sync::Arc;

use cardwright_app::order_card::{OrderRequest, order_card};
use cardwright_app::ports::{Answer, Cancelled, Producer, ProducerOrder};
use cardwright_aws::{Queue, Queues, System};
use cardwright_domain::ids::{Actor, IdempotencyKey, OrderId, UserId};
use cardwright_domain::user::User;
use futures_util::StreamExt;
use serde_json::json;

use super::stack::Stack;

const ORDERS: usize = 1_000;

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

#[tokio::test]
async fn a_drain_of_a_thousand_orders_costs_at_most_2_4_requests_an_order() {
    let stack = Arc::new(Stack::ready().await);
    // What other tests have left is not counted here.
    stack.drain().await;
    let run = stack.unique("bulk");
    let users: Vec<_> = (0..ORDERS).map(|n| user(&format!("{run}-{n}"))).collect();
    stack.tables().import_users(&users).await.unwrap();
    let tables = stack.tables();
    let urls = [
        (Queue::Order, "orderQueueUrl"),
        (Queue::Mail, "mailQueueUrl"),
    ];
    let urls = urls.map(|(queue, name)| (queue, stack.setting(name).to_owned()));
    let queues = Queues::new(stack.aws().sqs(), urls);
    let orders = users.iter().map(|user| {
        let request = OrderRequest {
            caller: Actor::parse("operator@example.com").unwrap(),
            key: IdempotencyKey::parse(user.user_id.as_str()).unwrap(),
            user_id: user.user_id.clone(),
            production_type: None,
            comment: None,
        };
        order_card(&tables, &queues, &NoProducer, &System, request)
    });
    let orders: Vec<_> = orders.collect();
    let placed: Vec<_> = futures_util::stream::iter(orders)
        .buffer_unordered(16)
        .collect()
        .await;
    assert!(
        placed.iter().all(Result::is_ok),
        "{:?}",
        placed.iter().find(|order| order.is_err())
    );

    let (mut accepted, mut requests) = (0, 0);
    for _tick in 0..20 {
        let report = stack.drain().await;
        accepted += report["accepted"].as_u64().unwrap();
        requests += report["awsRequests"].as_u64().unwrap();
        if accepted >= ORDERS as u64 {
            break;
        }
    }
    assert_eq!(accepted, ORDERS as u64);
    let tenths = requests * 10 / ORDERS as u64;
    assert!(tenths <= 24, "{requests} requests for {ORDERS} orders");
    println!("{requests} AWS requests for {ORDERS} drained orders");
}

fn user(id: &str) -> User {
    let fields =
        json!({"userId": id, "commonName": "Bulk Order", "upn": format!("{id}@example.com")});
    let fields = serde_json::from_value(fields).unwrap();
    User::parse(fields, &UserId::parse(id).unwrap()).unwrap()
}
