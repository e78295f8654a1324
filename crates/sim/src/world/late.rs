//! Requests that arrive after their caller has given up on them, or has died.

use cardwright_app::ports::{OpenOrderGuard, Placement, Repetition};
use cardwright_domain::card::{Card, Event};
use cardwright_domain::ids::{CardId, OrderId, UserId};
use cardwright_domain::time::Time;

use super::bureau::Key;
use super::post::Mail;
use super::state::State;

#[derive(Debug)]
pub(crate) enum Effect {
    Place(Box<Card>, UserId, u64, OpenOrderGuard),
    Repeat(Box<Repetition>),
    Change(CardId, Box<Event>, Time),
    SendOrders(Vec<OrderId>),
    SendEmails(Vec<OrderId>),
    Delete(Vec<u64>),
    Quarantine(String),
    Submit(Vec<Key>),
    Cancel(Key),
    Mail(Mail),
}

impl State {
    /// One of the late requests arrives.
    pub(crate) fn land(&mut self, at: usize) {
        let effect = self.late.swap_remove(at);
        self.note(|_| "a late request arrives".into());
        match effect {
            Effect::Place(card, user_id, user_version, guard) => {
                let card = *card;
                let placement = Placement {
                    card,
                    user_id,
                    user_version,
                    guard,
                };
                self.place(&placement);
            }
            Effect::Repeat(repetition) => {
                self.repeat(&repetition);
            }
            Effect::Change(card_id, event, now) => {
                self.change(card_id, &event, now);
            }
            Effect::SendOrders(order_ids) => {
                for order_id in order_ids {
                    self.orders.send(Ok(order_id), self.now);
                }
            }
            Effect::SendEmails(order_ids) => {
                for order_id in order_ids {
                    self.mails.send(Ok(order_id), self.now);
                }
            }
            Effect::Delete(receipts) => {
                for receipt in receipts {
                    self.orders.delete(receipt);
                }
            }
            Effect::Quarantine(body) => self.quarantined.push(body),
            Effect::Submit(keys) => {
                for key in keys {
                    self.submit(key, false);
                }
            }
            Effect::Cancel(key) => {
                self.cancel(key);
            }
            Effect::Mail(mail) => self.take_mail(mail),
        }
    }
}
