//! A standard SQS queue: at least once, in any order, invisible for a while after each receive.

use cardwright_domain::ids::OrderId;
use cardwright_domain::time::Time;
use fastrand::Rng;
use jiff::SignedDuration;

/// What a message says, or its text if nobody can read it.
pub(crate) type Body = Result<OrderId, String>;

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: u64,
    pub(crate) body: Body,
    pub(crate) visible_at: Time,
    pub(crate) receives: u32,
}

#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) messages: Vec<Message>,
    /// Moved away after too many receives.
    pub(crate) dead: Vec<Body>,
    next_id: u64,
    visibility: SignedDuration,
    max_receives: u32,
}

impl Queue {
    pub(crate) fn new(visibility: SignedDuration, max_receives: u32) -> Self {
        Self {
            messages: Vec::new(),
            dead: Vec::new(),
            next_id: 0,
            visibility,
            max_receives,
        }
    }

    pub(crate) fn send(&mut self, body: Body, now: Time) {
        self.next_id += 1;
        self.messages.push(Message {
            id: self.next_id,
            body,
            visible_at: now,
            receives: 0,
        });
    }

    /// Up to so many visible messages, any of them.
    pub(crate) fn receive(&mut self, most: usize, now: Time, rng: &mut Rng) -> Vec<Message> {
        let mut taken = Vec::new();
        while taken.len() < most {
            let visible = |message: &&Message| message.visible_at <= now;
            let number = self.messages.iter().filter(visible).count();
            if number == 0 {
                break;
            }
            let nth = rng.usize(..number);
            let mut places = self.messages.iter().enumerate();
            let place = places
                .by_ref()
                .filter(|(_, message)| message.visible_at <= now);
            let Some((at, _)) = place.into_iter().nth(nth) else {
                break;
            };
            if self.messages[at].receives >= self.max_receives {
                self.dead.push(self.messages.swap_remove(at).body);
                continue;
            }
            let message = &mut self.messages[at];
            message.receives += 1;
            message.visible_at = now.plus(self.visibility);
            taken.push(message.clone());
        }
        taken
    }

    /// A queue that shows a message although it has just been received.
    pub(crate) fn show_again(&mut self, id: u64, now: Time) {
        if let Some(message) = self.messages.iter_mut().find(|message| message.id == id) {
            message.visible_at = now;
        }
    }

    pub(crate) fn delete(&mut self, id: u64) {
        self.messages.retain(|message| message.id != id);
    }

    /// When the next message can be received.
    pub(crate) fn next_visible(&self) -> Option<Time> {
        self.messages.iter().map(|message| message.visible_at).min()
    }
}
