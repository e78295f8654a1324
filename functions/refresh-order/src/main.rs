//! Asks the producer how far it is with an order.

use cardwright_api::{edge::Edge, refresh_order};
use cardwright_aws::System;
use lambda_http::{Error, lambda_runtime::run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("refresh-order")?;
    let tables = aws.tables()?;
    let bureau = aws.bureau()?.direct();
    let edge = Edge::from_env(cardwright_aws::requests::made)?;
    let answer = service_fn(|event| {
        edge.answer(event, |call| {
            refresh_order::route(call, &tables, &bureau, &System)
        })
    });
    run(answer).await
}
