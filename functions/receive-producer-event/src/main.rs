//! Takes what the producer tells by itself about an order.

use cardwright_api::{edge::Edge, receive_producer_event};
use cardwright_aws::{Queue, System, producer};
use lambda_http::{Error, lambda_runtime::run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = cardwright_aws::start("receive-producer-event")?;
    let tables = aws.tables()?;
    let queues = aws.queues(&[Queue::Quarantine])?;
    let keys = aws.webhook_keys()?;
    let edge = Edge::from_env(cardwright_aws::requests::made)?;
    let answer = service_fn(|event| {
        edge.answer_signed(event, &keys, &System, |delivery| {
            receive_producer_event::route(delivery, &tables, &queues, &System, producer::event)
        })
    });
    run(answer).await
}
