//! Lists cards by state; shows one card with its timeline.

use cardwright_api::{edge::Edge, view_cards};
use lambda_http::{Error, lambda_runtime::run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("view-cards")?;
    let tables = aws.tables()?;
    let edge = Edge::from_env(cardwright_aws::requests::made)?;
    let answer = service_fn(|event| edge.answer(event, |call| view_cards::route(call, &tables)));
    run(answer).await
}
