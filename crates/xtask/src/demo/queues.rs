//! The queues as somebody sees them who looks from outside.

use serde_json::json;

use crate::emulator::Emulator;
use crate::error::Error;

pub(super) async fn send(emulator: &Emulator, queue_url: &str, body: &str) -> Result<(), Error> {
    let message = json!({ "QueueUrl": queue_url, "MessageBody": body });
    emulator.call("AmazonSQS.SendMessage", &message).await?;
    Ok(())
}

/// The bodies of some messages; they stay in the queue.
pub(super) async fn peek(emulator: &Emulator, queue_url: &str) -> Result<Vec<String>, Error> {
    let request = json!({
        "QueueUrl": queue_url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 0,
    });
    let answer = emulator.call("AmazonSQS.ReceiveMessage", &request).await?;
    let messages = answer["Messages"].as_array().into_iter().flatten();
    let bodies = messages.filter_map(|message| message["Body"].as_str());
    Ok(bodies.map(str::to_owned).collect())
}
