//! Orders failed cards again.

use cardwright_api::{edge::Edge, repeat_order};
use cardwright_aws::{Queue, System};
use lambda_http::{Error, lambda_runtime::run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("repeat-order")?;
    let tables = aws.tables()?;
    let queues = aws.queues(&[Queue::Order, Queue::Mail])?;
    let bureau = aws.bureau()?.direct();
    let edge = Edge::from_env(cardwright_aws::requests::made)?;
    let answer = service_fn(|event| {
        edge.answer(event, |call| {
            repeat_order::route(call, &tables, &queues, &bureau, &System)
        })
    });
    run(answer).await
}
