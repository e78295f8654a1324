use cardwright_app::ports::{Changed, Result};
use cardwright_domain::card::{Card, Event};
use cardwright_domain::ids::CardId;
use cardwright_domain::time::Time;
use lambda_runtime::Context;
use serde_json::json;

use super::*;

/// No deadline is over; `down` if even that can't be told.
struct World {
    down: bool,
}

impl PassedDeadlines for World {
    async fn passed_deadlines(&self, _now: Time, _limit: usize) -> Result<Vec<Card>> {
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

async fn tick(world: World) -> std::result::Result<TickAnswer<Report>, Error> {
    let mut context = Context::default();
    context.deadline = 4_102_444_800_000;
    let event = include_str!("../../../../../events/keep-deadlines/scheduled.json");
    let event = LambdaEvent::new(serde_json::from_str(event).unwrap(), context);
    deadline_tick(&world, event).await
}

#[tokio::test]
async fn a_tick_answers_what_it_did_and_cost() {
    let answer = serde_json::to_value(tick(World { down: false }).await.unwrap()).unwrap();
    for number in [
        "expired",
        "assignmentsEnded",
        "left",
        "failed",
        "awsRequests",
    ] {
        assert_eq!(answer[number], json!(0), "{number} in {answer}");
    }
}

#[tokio::test]
async fn a_tick_that_fails_fails_the_function() {
    let error = tick(World { down: true }).await.unwrap_err();
    assert_eq!(error.to_string(), "dynamodb.Query failed");
}
