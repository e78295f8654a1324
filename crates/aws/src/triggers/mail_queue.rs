//! A batch of reminders from the mail queue. Each is answered for by itself: what failed comes
//! again, what nobody can read is put aside, and the rest is done.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use cardwright_app::count::count;
use cardwright_app::error::PortError;
use cardwright_app::ports::{ChangeCard, Clock, Quarantine, SendMail};
use cardwright_app::send_card_ordered_email::{Outcome, send_card_ordered_email};
use cardwright_domain::time::Time;
use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use lambda_runtime::{Error, LambdaEvent};
use tracing::field::{Empty, display};
use tracing::{Instrument, Span};

use super::{Invocation, deadline, span};
use crate::limits::{MAIL_MARGIN, MAILS_IN_FLIGHT};
use crate::queues;
use crate::system::System;

/// Sends the emails that the messages remind of, a few at a time.
///
/// # Errors
/// None: what failed stands in the answer, so that SQS brings these messages again and no others.
pub async fn mail_queue(
    store: &impl ChangeCard,
    mail: &impl SendMail,
    quarantine: &impl Quarantine,
    event: LambdaEvent<SqsEvent>,
) -> Result<SqsBatchResponse, Error> {
    let LambdaEvent {
        payload, context, ..
    } = event;
    let deadline = deadline(&context, MAIL_MARGIN);
    let batch = async {
        let invocation = Invocation::begin();
        let messages: Vec<_> = payload
            .records
            .into_iter()
            .map(|message| failed_id(store, mail, quarantine, deadline, message))
            .collect();
        let failed: Vec<_> = stream::iter(messages)
            .buffer_unordered(MAILS_IN_FLIGHT)
            .collect()
            .await;
        let failed: Vec<String> = failed.into_iter().flatten().collect();
        tracing::info!(
            outcome = if failed.is_empty() { "ok" } else { "failed" },
            duration_ms = invocation.duration_ms(),
            aws.requests = invocation.aws_requests(),
            "emails"
        );
        let mut answer = SqsBatchResponse::default();
        answer.set_failures(failed);
        Ok(answer)
    };
    batch.instrument(span(&context)).await
}

/// The message's id if it has to come again.
async fn failed_id(
    store: &impl ChangeCard,
    mail: &impl SendMail,
    quarantine: &impl Quarantine,
    deadline: Time,
    message: SqsMessage,
) -> Option<String> {
    let id = message.message_id.unwrap_or_default();
    // What is not begun is not half done: better all of it next time than to be stopped in the
    // middle.
    if deadline.since(System.now()) <= SignedDuration::ZERO {
        return Some(id);
    }
    let span = tracing::info_span!("email", card.id = Empty, message.id = id);
    let comes_again = async {
        let body = message.body.unwrap_or_default();
        let result = match queues::read(&body) {
            Some(order_id) => {
                let card_id = order_id.card_id;
                Span::current().record("card.id", display(card_id));
                let outcome = send_card_ordered_email(store, mail, &System, card_id).await;
                outcome.map(unfinished)
            }
            None => put_aside(quarantine, &body).await.map(|()| false),
        };
        let failed = result.as_ref().copied().unwrap_or(true);
        count("EmailsFailed", u64::from(failed));
        result.inspect_err(|error| {
            let error = error as &dyn std::error::Error;
            tracing::error!(error, "the message comes again");
        })
    };
    let comes_again = comes_again.instrument(span).await.is_err();
    comes_again.then_some(id)
}

/// The sweep comes back to these, so their message is done.
fn unfinished(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Deferred | Outcome::Uncertain)
}

async fn put_aside(quarantine: &impl Quarantine, body: &str) -> Result<(), PortError> {
    quarantine.quarantine(body.as_bytes()).await?;
    count("MessagesQuarantined", 1);
    tracing::warn!("a message that can't be read was put aside");
    Ok(())
}

#[cfg(test)]
mod tests;
