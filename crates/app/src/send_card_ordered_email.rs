//! The "card ordered" email: claimed, sent, recorded.
//!
//! Promise: a card that became `ordered` with the option on gets at least one email. A second one only
//! if the mail service took the first and the card could not be told. After [`MAX_EMAIL_TRIES`] tries without
//! a clear answer the sweep ends it as `undeliverable`.
//!
//! | it dies after | what is left |
//! | --- | --- |
//! | the claim | `sending` with a lease; the sweep comes again when it is over |
//! | the mail service took it | the same: this is the one window for a second email |
//! | the record | nothing |
//!
//! The card's `due_at` brings back whatever is not finished, so only a store that fails needs the
//! message to come again.
//!
//! [`MAX_EMAIL_TRIES`]: cardwright_domain::limits::MAX_EMAIL_TRIES

use cardwright_domain::card::{Card, Event};
use cardwright_domain::email::card_ordered;
use cardwright_domain::ids::{Actor, CardId, ClaimToken};

use crate::apply::{Applied, apply};
use crate::count::count;
use crate::error::PortError;
use crate::limits::{EMAIL_GRACE, EMAIL_LEASE};
use crate::ports::{ChangeCard, Clock, MailAnswer, SendMail, Tokens};

/// What became of one reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Sent,
    Undeliverable,
    /// Surely not sent; the sweep will remind of it again.
    Deferred,
    /// Perhaps sent; the sweep will remind of it again, as long as tries are left.
    Uncertain,
    /// Sent before, being sent by another worker, switched off, or no such card.
    NothingToDo,
}

/// # Errors
/// The store did not answer: the message has to come again.
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
    let answer = match send(mail, &card).await {
        Ok(answer) => answer,
        Err(error) => {
            count("EmailUncertain", 1);
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "it is not known whether the mail service took the email"
            );
            return Ok(Outcome::Uncertain);
        }
    };
    let (event, outcome) = record(answer, token, chance);
    let recorded = apply(store, card_id, &event, chance.now()).await;
    let stands = matches!(recorded, Ok(Applied::Done(_) | Applied::Already(_)));
    match outcome {
        Outcome::Sent if stands => count("EmailsSent", 1),
        // The mail is out but the card does not say so: the next worker sends a second one.
        Outcome::Sent => count("EmailUncertain", 1),
        Outcome::Undeliverable if stands => count("EmailUndeliverable", 1),
        _ => {}
    }
    recorded?;
    Ok(outcome)
}

/// The event that writes the answer down.
fn record(answer: MailAnswer, token: ClaimToken, clock: &impl Clock) -> (Event, Outcome) {
    let by = Actor::system("send-card-ordered-email");
    match answer {
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
        MailAnswer::Deferred { reason } => {
            tracing::error!(reason, "the mail service took no email for now");
            let due = clock.now().plus(EMAIL_GRACE);
            (Event::EmailDeferred { token, due }, Outcome::Deferred)
        }
    }
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
    mail.send_mail(to, &message).await
}

#[cfg(test)]
mod tests {
    use cardwright_domain::card::{Email, EventKind, Holder, StateKind, sample};

    use super::*;
    use crate::memory::{Memory, check_counts, counted};

    type Sent = (Result<Outcome, PortError>, Vec<(String, u64)>);

    fn ordered() -> Card {
        sample::card(StateKind::Ordered, "k")
    }

    fn mail(memory: &Memory) -> Sent {
        counted(send_card_ordered_email(
            memory,
            memory,
            memory,
            ordered().card_id,
        ))
    }

    #[test]
    fn each_outcome_is_counted_as_what_it_is() {
        let reason = || "why".to_owned();
        let message_id = "m-1".into();
        for (answer, outcome, count) in [
            (
                MailAnswer::Accepted { message_id },
                Outcome::Sent,
                &[("EmailsSent", 1)][..],
            ),
            (
                MailAnswer::Rejected { reason: reason() },
                Outcome::Undeliverable,
                &[("EmailUndeliverable", 1)],
            ),
            (
                MailAnswer::Deferred { reason: reason() },
                Outcome::Deferred,
                &[],
            ),
        ] {
            let memory = Memory::with([ordered()]);
            memory.things().mail = answer;
            let (sent, counts) = mail(&memory);
            assert_eq!(sent.unwrap(), outcome);
            check_counts(&counts, count);
        }
    }

    #[test]
    fn an_email_that_nobody_answered_for_is_uncertain() {
        let memory = Memory::with([ordered()]);
        memory.things().down.insert("send_mail");
        let (sent, counts) = mail(&memory);
        assert_eq!(sent.unwrap(), Outcome::Uncertain);
        check_counts(&counts, &[("EmailUncertain", 1)]);
    }

    #[test]
    fn an_answer_that_is_not_written_down_is_not_counted_as_if_it_were() {
        for (answer, count) in [
            (
                MailAnswer::Accepted {
                    message_id: "m-1".into(),
                },
                &[("EmailUncertain", 1)][..],
            ),
            (
                MailAnswer::Rejected {
                    reason: "why".into(),
                },
                &[],
            ),
        ] {
            let memory = Memory::with([ordered()]);
            memory.things().mail = answer;
            memory.things().forgets = Some(EventKind::ClaimEmail);
            let (sent, counts) = mail(&memory);
            assert!(sent.is_err());
            check_counts(&counts, count);
        }
    }

    #[test]
    fn a_holder_without_an_address_gets_no_email() {
        let mut card = ordered();
        card.holder = card.holder.map(|holder| Holder {
            email: None,
            ..holder
        });
        let memory = Memory::with([card.clone()]);
        assert_eq!(mail(&memory).0.unwrap(), Outcome::Undeliverable);
        card.email = Email::Off;
        let memory = Memory::with([card]);
        let (sent, counts) = mail(&memory);
        assert_eq!(sent.unwrap(), Outcome::NothingToDo);
        check_counts(&counts, &[]);
    }
}
