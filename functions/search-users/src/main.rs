//! Finds users; shows one with their cards and what can be done for them now.

use cardwright_api::{edge::Edge, search_users};
use lambda_http::{Error, lambda_runtime::run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("search-users")?;
    let tables = aws.tables()?;
    let edge = Edge::from_env(cardwright_aws::requests::made)?;
    let answer = service_fn(|event| edge.answer(event, |call| search_users::route(call, &tables)));
    run(answer).await
}
