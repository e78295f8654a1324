//! What disturbs a schedule without being a fault of a call: queues that lie, users and options that
//! change under an order, a producer that is left alone.

use cardwright_domain::ids::{OrderAttempt, OrderId};
use cardwright_domain::user::UserState;

use super::schedule::{KEYS, Schedule, card_id};

impl Schedule {
    /// The queues say what is not so.
    pub(super) fn lie(&mut self) {
        if self.left.lies == 0 {
            return;
        }
        self.left.lies -= 1;
        let card_id = card_id(self.rng.usize(..KEYS + 2));
        let attempt = OrderAttempt(1 + self.rng.u32(..2));
        let rng = &mut self.rng;
        let mut state = self.executor.world.state();
        let state = &mut *state;
        let (mails, now) = (rng.bool(), state.now);
        let queue = if mails {
            &mut state.mails
        } else {
            &mut state.orders
        };
        match rng.u32(..6) {
            0 => queue.send(Err("garbage".into()), now),
            1 => queue.send(Ok(OrderId { card_id, attempt }), now),
            2 => queue
                .messages
                .iter_mut()
                .for_each(|message| message.visible_at = now),
            3 => queue.messages.clear(),
            4 => {
                for message in queue.messages.clone() {
                    queue.send(message.body, now);
                }
            }
            _ => {
                queue
                    .dead
                    .extend(queue.messages.drain(..).map(|message| message.body));
                state.told.queue_lied = true;
            }
        }
        state.note(|state| {
            let (orders, mails) = (state.orders.messages.len(), state.mails.messages.len());
            format!("a queue lies: {orders} messages of orders, {mails} of emails")
        });
        state.tally.lies += 1;
    }

    /// Users, options and the producer's circuit are not what they were.
    pub(super) fn change(&mut self) {
        if self.left.changes == 0 {
            return;
        }
        self.left.changes -= 1;
        let mut state = self.executor.world.state();
        match self.rng.u32(..5) {
            0 | 1 => {
                let user = self.rng.usize(..state.users.len());
                let user = &mut state.users[user];
                user.version += 1;
                user.state = match user.state {
                    UserState::Active => UserState::Inactive,
                    UserState::Inactive => UserState::Active,
                };
            }
            2 => {
                state.options.version += 1;
                state.options.multiple_orders ^= true;
            }
            3 => {
                state.options.version += 1;
                state.options.card_ordered_email.enabled ^= true;
            }
            _ => state.bureau_available ^= true,
        }
        state.note(|state| {
            let users: Vec<_> = state.users.iter().map(|user| user.state).collect();
            let (multiple, available) = (state.options.multiple_orders, state.bureau_available);
            format!("now {users:?}, multiple orders {multiple}, producer {available}")
        });
    }
}
