//! Aborts an order that the producer has not got yet.

use cardwright_api::{abort_order, edge::Edge};
use cardwright_aws::System;
use lambda_http::{Error, lambda_runtime::run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("abort-order")?;
    let tables = aws.tables()?;
    let edge = Edge::from_env(cardwright_aws::requests::made)?;
    let answer =
        service_fn(|event| edge.answer(event, |call| abort_order::route(call, &tables, &System)));
    run(answer).await
}
