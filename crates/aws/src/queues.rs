//! The SQS queues. A message is a reminder and nothing more: DynamoDB decides.

mod batch;
mod reminder;

use std::collections::BTreeMap;
use std::fmt;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry,
};
use cardwright_app::error::PortError;
use cardwright_app::limits::MESSAGES_PER_RECEIVE;
use cardwright_app::ports::{
    OrderInbox, Quarantine, Received, RemindOfEmails, RemindOfOrders, Result,
};
use cardwright_domain::ids::OrderId;

use self::batch::{Answer, in_batches};
pub(crate) use self::reminder::{read, written};
use crate::call::port_error;
use crate::limits::RECEIVE_WAIT_SECONDS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Queue {
    /// Reminders of orders, for the drain.
    Order,
    /// Reminders of emails, for the mail function.
    Mail,
    /// Messages that nobody can read, for a person.
    Quarantine,
}

impl Queue {
    /// The setting with the queue's URL.
    pub(crate) fn setting(self) -> &'static str {
        match self {
            Self::Order => "ORDER_QUEUE_URL",
            Self::Mail => "MAIL_QUEUE_URL",
            Self::Quarantine => "QUARANTINE_QUEUE_URL",
        }
    }
}

/// The queues that a function was given.
#[derive(Clone)]
pub struct Queues {
    client: Client,
    urls: BTreeMap<Queue, String>,
}

impl Queues {
    #[must_use]
    pub fn new(client: Client, urls: impl IntoIterator<Item = (Queue, String)>) -> Self {
        Self {
            client,
            urls: urls.into_iter().collect(),
        }
    }

    fn url(&self, queue: Queue) -> Result<&str> {
        let url = self.urls.get(&queue).map(String::as_str);
        url.ok_or_else(|| PortError::new("sqs", format!("{} was not asked for", queue.setting())))
    }

    async fn remind(&self, queue: Queue, order_ids: &[OrderId]) -> Result<()> {
        let url = self.url(queue)?;
        let bodies = order_ids.iter().copied().map(written).collect();
        in_batches("sqs.SendMessageBatch", bodies, |batch| {
            self.send_batch(url, batch)
        })
        .await
    }

    async fn send_batch(&self, url: &str, bodies: Vec<(String, String)>) -> Result<Answer> {
        const OPERATION: &str = "sqs.SendMessageBatch";
        let entries = bodies.into_iter().map(|(id, body)| {
            SendMessageBatchRequestEntry::builder()
                .id(id)
                .message_body(body)
                .build()
        });
        let entries: Vec<_> = entries
            .collect::<std::result::Result<_, _>>()
            .map_err(incomplete)?;
        let batch = self
            .client
            .send_message_batch()
            .queue_url(url)
            .set_entries(Some(entries));
        let answer = batch
            .send()
            .await
            .map_err(|error| port_error(OPERATION, error))?;
        let done = answer
            .successful()
            .iter()
            .map(|entry| entry.id().to_owned())
            .collect();
        Ok(Answer {
            done,
            code: first_code(answer.failed()),
        })
    }

    async fn delete_batch(&self, url: &str, receipts: Vec<(String, String)>) -> Result<Answer> {
        const OPERATION: &str = "sqs.DeleteMessageBatch";
        let entries = receipts.into_iter().map(|(id, receipt)| {
            DeleteMessageBatchRequestEntry::builder()
                .id(id)
                .receipt_handle(receipt)
                .build()
        });
        let entries: Vec<_> = entries
            .collect::<std::result::Result<_, _>>()
            .map_err(incomplete)?;
        let batch = self
            .client
            .delete_message_batch()
            .queue_url(url)
            .set_entries(Some(entries));
        let answer = batch
            .send()
            .await
            .map_err(|error| port_error(OPERATION, error))?;
        let done = answer
            .successful()
            .iter()
            .map(|entry| entry.id().to_owned())
            .collect();
        Ok(Answer {
            done,
            code: first_code(answer.failed()),
        })
    }
}

fn incomplete(error: BuildError) -> PortError {
    PortError::new("sqs", error)
}

fn first_code(failed: &[BatchResultErrorEntry]) -> Option<String> {
    failed.first().map(|entry| entry.code().to_owned())
}

impl RemindOfOrders for Queues {
    async fn remind_of_orders(&self, order_ids: &[OrderId]) -> Result<()> {
        self.remind(Queue::Order, order_ids).await
    }
}

impl RemindOfEmails for Queues {
    async fn remind_of_emails(&self, order_ids: &[OrderId]) -> Result<()> {
        self.remind(Queue::Mail, order_ids).await
    }
}

impl OrderInbox for Queues {
    async fn receive_orders(&self, wait: bool) -> Result<Vec<Received>> {
        let url = self.url(Queue::Order)?;
        let receive = self.client.receive_message().queue_url(url);
        let answer = receive
            .max_number_of_messages(i32::try_from(MESSAGES_PER_RECEIVE).unwrap_or(1))
            .wait_time_seconds(if wait { RECEIVE_WAIT_SECONDS } else { 0 })
            .send()
            .await
            .map_err(|error| port_error("sqs.ReceiveMessage", error))?;
        let messages = answer.messages.unwrap_or_default().into_iter();
        // Without a receipt there is nothing that could be done about a message.
        let received = messages.filter_map(|message| {
            let body = message.body.unwrap_or_default();
            Some(Received {
                receipt: message.receipt_handle?,
                body: read(&body).ok_or(body),
            })
        });
        Ok(received.collect())
    }

    async fn delete_received(&self, receipts: &[String]) -> Result<()> {
        let url = self.url(Queue::Order)?;
        let receipts = receipts.to_vec();
        in_batches("sqs.DeleteMessageBatch", receipts, |batch| {
            self.delete_batch(url, batch)
        })
        .await
    }
}

/// What SQS takes is sent as it is. A message has to have characters, and only those of XML 1.0, so that
/// anything else is put into base64.
fn sendable(body: &[u8]) -> String {
    let fits = |c: char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let fits = |c: char| fits(c) || matches!(c, '\t' | '\n' | '\r');
    match std::str::from_utf8(body) {
        Ok(text) if !text.is_empty() && text.chars().all(fits) => text.to_owned(),
        _ => format!("base64:{}", aws_smithy_types::base64::encode(body)),
    }
}

impl Quarantine for Queues {
    async fn quarantine(&self, body: &[u8]) -> Result<()> {
        let message = self
            .client
            .send_message()
            .queue_url(self.url(Queue::Quarantine)?)
            .message_body(sendable(body));
        message
            .send()
            .await
            .map_err(|error| port_error("sqs.SendMessage", error))?;
        Ok(())
    }
}

impl fmt::Debug for Queues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queues")
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
