//! What disturbs a schedule without being a fault of a call: queues that lie, users and options that
//! change under an order, a producer that is left alone.

use cardwright_domain::ids::{OrderAttempt, OrderId, UserId};
use cardwright_domain::user::{User, UserState};
use fastrand::Rng;

use super::schedule::{KEYS, Schedule, card_id};
use super::setting::{change_address, rename};
use super::state::State;

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
        match self.rng.u32(..7) {
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
            4 | 5 => {
                let user = self.rng.usize(..state.users.len());
                alter(&mut self.rng, &mut state.users[user]);
            }
            _ => state.bureau_available ^= true,
        }
        state.note(|state| {
            let (multiple, available) = (state.options.multiple_orders, state.bureau_available);
            let users = state.users_shown();
            format!("now {users}, multiple orders {multiple}, producer {available}")
        });
    }

    /// Somebody sets right what a failed order was about, more or less.
    pub(super) fn correct(&mut self, user_id: &UserId) {
        let mut state = self.executor.world.state();
        let users = state.users.iter_mut();
        for user in users.filter(|user| user.user_id == *user_id) {
            alter(&mut self.rng, user);
        }
        if self.rng.u32(..4) == 0 {
            state.options.version += 1;
            state.options.card_ordered_email.enabled ^= true;
        }
        state.note(|state| format!("now {}", state.users_shown()));
    }
}

impl State {
    fn users_shown(&self) -> String {
        let shown = |user: &User| format!("{:?} {:?}", user.state, user.common_name);
        let users: Vec<_> = self.users.iter().map(shown).collect();
        users.join(", ")
    }
}

/// An order would freeze something else of the user.
fn alter(rng: &mut Rng, user: &mut User) {
    user.version += 1;
    let what = rng.u32(..3);
    if what != 0 {
        rename(user);
    }
    if what != 1 {
        change_address(user);
    }
}
