//! Takes queued orders to the producer and repairs what is late.

use cardwright_aws::{Queue, triggers};
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("drain-orders")?;
    let tables = aws.tables()?;
    let queues = aws.queues(&[Queue::Order, Queue::Mail, Queue::Quarantine])?;
    let bureau = aws.bureau()?;
    run(service_fn(|event| {
        triggers::drain_tick(&tables, &queues, &bureau, event)
    }))
    .await
}
