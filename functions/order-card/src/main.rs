//! Shows what an order would freeze, and takes the order.

use cardwright_api::{edge::Edge, order_card};
use cardwright_aws::{Queue, System};
use lambda_http::{Error, lambda_runtime::run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("order-card")?;
    let tables = aws.tables()?;
    let queues = aws.queues(&[Queue::Order, Queue::Mail])?;
    let bureau = aws.bureau()?.direct();
    let edge = Edge::from_env(cardwright_aws::requests::made)?;
    let answer = service_fn(|event| {
        edge.answer(event, |call| {
            order_card::route(call, &tables, &queues, &bureau, &System)
        })
    });
    run(answer).await
}
