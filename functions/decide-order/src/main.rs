//! Approves and rejects orders that wait for a decision.

use cardwright_api::{decide_order, edge::Edge};
use cardwright_aws::{Queue, System};
use lambda_http::{Error, lambda_runtime::run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("decide-order")?;
    let tables = aws.tables()?;
    let queues = aws.queues(&[Queue::Order, Queue::Mail])?;
    let bureau = aws.bureau()?.direct();
    let edge = Edge::from_env(cardwright_aws::requests::made)?;
    let answer = service_fn(|event| {
        edge.answer(event, |call| {
            decide_order::route(call, &tables, &queues, &bureau, &System)
        })
    });
    run(answer).await
}
