//! Shows and replaces the options.

use cardwright_api::{edge::Edge, manage_options};
use lambda_http::{Error, lambda_runtime::run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("manage-options")?;
    let tables = aws.tables()?;
    let edge = Edge::from_env(cardwright_aws::requests::made)?;
    let answer =
        service_fn(|event| edge.answer(event, |call| manage_options::route(call, &tables)));
    run(answer).await
}
