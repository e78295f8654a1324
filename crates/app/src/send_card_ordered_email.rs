//! The "card ordered" email: claimed, sent, recorded.
//!
//! Promise: a card that became `ordered` with the option on gets at least one email; a second one only if
//! the mail service took the first and its answer was lost. Both are counted (`EmailUncertain`).
//!
//! | it dies after | what is left |
//! | --- | --- |
//! | the claim | `sending` with a lease; the message or the sweep comes again when it is over |
//! | the mail service took it | the same: this is the one window for a second email |
//! | the record | nothing |

use cardwright_domain::card::{Card, Event};
use cardwright_domain::email::card_ordered;
use cardwright_domain::ids::{Actor, CardId};

use crate::apply::{Applied, apply};
use crate::count::count;
use crate::error::PortError;
use crate::limits::EMAIL_LEASE;
use crate::ports::{ChangeCard, Clock, MailAnswer, SendMail, Tokens};

/// What became of one reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Sent,
    Undeliverable,
    /// Sent before, being sent by another worker, switched off, or no such card.
    NothingToDo,
}

/// # Errors
/// A service did not answer: the message has to come again.
pub async fn send_card_ordered_email(
    store: &impl ChangeCard,
    mail: &impl SendMail,
    chance: &(impl Clock + Tokens),
    card_id: CardId,
) -> Result<Outcome, PortError> {
    let now = chance.now();
    let token = chance.claim_token();
    let claim = Event::ClaimEmail {
        token,
        lease_until: now.plus(EMAIL_LEASE),
    };
    let card = match apply(store, card_id, &claim, now).await? {
        Applied::Done(card) | Applied::Already(card) => card,
        Applied::Refused(..) | Applied::Missing => return Ok(Outcome::NothingToDo),
    };
    let by = Actor::system("send-card-ordered-email");
    let (event, outcome) = match send(mail, &card).await? {
        MailAnswer::Accepted { message_id } => (
            Event::EmailSent {
                by,
                token,
                message_id,
            },
            Outcome::Sent,
        ),
        MailAnswer::Rejected { reason } => (
            Event::EmailUndeliverable { by, token, reason },
            Outcome::Undeliverable,
        ),
    };
    match outcome {
        Outcome::Sent => count("EmailsSent", 1),
        Outcome::Undeliverable => count("EmailUndeliverable", 1),
        Outcome::NothingToDo => {}
    }
    let recorded = apply(store, card_id, &event, chance.now()).await;
    if outcome == Outcome::Sent && !matches!(recorded, Ok(Applied::Done(_) | Applied::Already(_))) {
        // The mail is out but the card does not say so: the next worker will send a second one.
        count("EmailUncertain", 1);
    }
    recorded?;
    Ok(outcome)
}

async fn send(mail: &impl SendMail, card: &Card) -> Result<MailAnswer, PortError> {
    let holder = card.holder.as_ref();
    let Some((holder, to)) = holder.and_then(|holder| Some((holder, holder.email.as_ref()?)))
    else {
        return Ok(MailAnswer::Rejected {
            reason: "the holder has no address".into(),
        });
    };
    let reference = card.producer_order_id.as_ref().map_or("", |id| id.as_str());
    let message = card_ordered(card.language, &holder.common_name, reference);
    let answer = mail.send_mail(to, &message).await;
    if answer.is_err() {
        // It is not known whether the mail went out, and it will be tried again.
        count("EmailUncertain", 1);
    }
    answer
}
