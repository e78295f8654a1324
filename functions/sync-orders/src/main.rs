//! Asks the producer about orders of which nothing was heard for long.

use cardwright_aws::triggers;
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("sync-orders")?;
    let tables = aws.tables()?;
    let bureau = aws.bureau()?;
    run(service_fn(|event| {
        triggers::sync_tick(&tables, &bureau, event)
    }))
    .await
}
