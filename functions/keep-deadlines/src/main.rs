//! Ends what time ends, such as the validity of a card.

use cardwright_aws::triggers;
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("keep-deadlines")?;
    let tables = aws.tables()?;
    run(service_fn(|event| triggers::deadline_tick(&tables, event))).await
}
