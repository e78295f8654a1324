//! Tells the holder that the card is ordered.

use cardwright_aws::{Queue, triggers};
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("send-card-ordered-email")?;
    let tables = aws.tables()?;
    let queues = aws.queues(&[Queue::Quarantine])?;
    let mail = aws.mail()?;
    run(service_fn(|event| {
        triggers::mail_queue(&tables, &mail, &queues, event)
    }))
    .await
}
