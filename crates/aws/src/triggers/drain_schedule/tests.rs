use std::collections::HashSet;

use cardwright_app::ports::{Answer, Cancelled, Changed, ProducerOrder, Received, Result};
use cardwright_domain::card::{Card, Event};
use cardwright_domain::ids::{CardId, OrderId, UserId};
use cardwright_domain::time::Time;
use lambda_runtime::Context;
use serde_json::json;

use super::*;

/// Nothing is due and nothing waits; `down` if even that can't be told.
struct World {
    down: bool,
}

impl DueCards for World {
    async fn due_cards(&self, _now: Time, _limit: usize) -> Result<Vec<Card>> {
        if self.down {
            return Err(PortError::new("dynamodb.Query", "no answer"));
        }
        Ok(Vec::new())
    }
}

impl ChangeCard for World {
    async fn change_card(&self, _card: CardId, _event: &Event, _now: Time) -> Result<Changed> {
        Ok(Changed::Missing)
    }
}

impl ActiveHolders for World {
    async fn active_holders(&self, _ids: &[UserId]) -> Result<HashSet<UserId>> {
        Ok(HashSet::new())
    }
}

impl OrderInbox for World {
    async fn receive_orders(&self, _wait: bool) -> Result<Vec<Received>> {
        Ok(Vec::new())
    }

    async fn delete_received(&self, _receipts: &[String]) -> Result<()> {
        Ok(())
    }
}

impl Quarantine for World {
    async fn quarantine(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl RemindOfEmails for World {
    async fn remind_of_emails(&self, _ids: &[OrderId]) -> Result<()> {
        Ok(())
    }
}

impl Producer for World {
    async fn submit(&self, orders: &[ProducerOrder]) -> Vec<Answer> {
        vec![Answer::Unknown; orders.len()]
    }

    async fn cancel(&self, _order_id: OrderId) -> Cancelled {
        Cancelled::TooLate(Answer::Unknown)
    }

    fn is_available(&self) -> bool {
        true
    }
}

async fn tick(world: World) -> std::result::Result<TickAnswer<Report>, Error> {
    let mut context = Context::default();
    context.deadline = 4_102_444_800_000;
    let event = include_str!("../../../../../events/drain-orders/scheduled.json");
    let event = LambdaEvent::new(serde_json::from_str(event).unwrap(), context);
    drain_tick(&world, &world, &world, event).await
}

#[tokio::test]
async fn a_tick_answers_what_it_did_and_cost() {
    let answer = serde_json::to_value(tick(World { down: false }).await.unwrap()).unwrap();
    for number in [
        "received",
        "accepted",
        "sweptOrders",
        "awsRequests",
        "producerRequests",
    ] {
        assert_eq!(answer[number], json!(0), "{number} in {answer}");
    }
}

#[tokio::test]
async fn a_tick_that_fails_fails_the_function() {
    let error = tick(World { down: true }).await.unwrap_err();
    assert_eq!(error.to_string(), "dynamodb.Query failed");
}
