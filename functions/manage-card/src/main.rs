//! Activates, deactivates, reactivates and locks cards that were made.

use cardwright_api::{edge::Edge, manage_card};
use cardwright_aws::System;
use lambda_http::{Error, lambda_runtime::run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("manage-card")?;
    let tables = aws.tables()?;
    let edge = Edge::from_env(cardwright_aws::requests::made)?;
    let answer =
        service_fn(|event| edge.answer(event, |call| manage_card::route(call, &tables, &System)));
    run(answer).await
}
