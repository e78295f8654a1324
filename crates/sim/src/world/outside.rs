//! The ports to the world outside: the producer and the mail service.

use cardwright_app::ports::{
    Answer, Cancelled, MailAnswer, Producer, ProducerOrder, Result, SendMail,
};
use cardwright_domain::email::Message;
use cardwright_domain::ids::OrderId;
use cardwright_domain::user::EmailAddress;

use super::bureau::Key;
use super::fault::{Call, Fault};
use super::late::Effect;
use super::ports::lost;
use super::post::{Mail, reference};
use super::state::{State, Worker};

impl Producer for Worker {
    async fn submit(&self, orders: &[ProducerOrder]) -> Vec<Answer> {
        self.at(Call::Submit, |state, fault| {
            let keys: Vec<Key> = orders
                .iter()
                .map(|order| state.key(order.order_id))
                .collect();
            ask(state, keys, fault)
        })
        .await
    }

    async fn cancel(&self, order_id: OrderId) -> Cancelled {
        self.at(Call::Cancel, |state, fault| {
            let key = state.key(order_id);
            match fault {
                None => return state.cancel(key),
                Some(Fault::AnswerLost) => drop(state.cancel(key)),
                Some(Fault::AppliedLate) => state.late.push(Effect::Cancel(key)),
                Some(_) => {}
            }
            Cancelled::TooLate(Answer::Unknown)
        })
        .await
    }

    fn is_available(&self) -> bool {
        self.world.state().bureau_available
    }
}

/// An answer for each order; what the fault leaves open is not known.
fn ask(state: &mut State, keys: Vec<Key>, fault: Option<Fault>) -> Vec<Answer> {
    let unknown = vec![Answer::Unknown; keys.len()];
    // A partial answer is one about every other order; a refusal is one about the first.
    let decides = |nth: usize| match fault {
        None | Some(Fault::Refused | Fault::AnswerLost) => true,
        Some(Fault::Partial) => nth.is_multiple_of(2),
        Some(_) => false,
    };
    if fault == Some(Fault::AppliedLate) {
        state.late.push(Effect::Submit(keys));
        return unknown;
    }
    let entries = keys.into_iter().enumerate();
    let answers = entries.map(|(nth, key)| {
        let rejects = nth == 0 && fault == Some(Fault::Refused);
        if decides(nth) {
            state.submit(key, rejects)
        } else {
            Answer::Unknown
        }
    });
    let answers: Vec<_> = answers.collect();
    if fault == Some(Fault::AnswerLost) {
        unknown
    } else {
        answers
    }
}

impl SendMail for Worker {
    async fn send_mail(&self, _: &EmailAddress, message: &Message) -> Result<MailAnswer> {
        self.at(Call::SendMail, |state, fault| {
            let order = state.bureau.order(reference(message));
            let mail = Mail {
                order,
                sender: self.id,
            };
            let reason = fault.map_or("", Fault::as_str).to_owned();
            match fault {
                None => {
                    state.take_mail(mail);
                    let message_id = format!("m-{}", state.post.taken.len());
                    return Ok(MailAnswer::Accepted { message_id });
                }
                Some(Fault::Refused) => return Ok(MailAnswer::Rejected { reason }),
                Some(Fault::Throttled | Fault::Deferred) => {
                    return Ok(MailAnswer::Deferred { reason });
                }
                Some(Fault::AnswerLost) => state.take_mail(mail),
                Some(Fault::AppliedLate) => state.late.push(Effect::Mail(mail)),
                Some(_) => {}
            }
            lost("ses.SendEmail", fault.unwrap_or(Fault::NotApplied))
        })
        .await
    }
}
