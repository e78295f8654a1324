//! The ports of the API in memory: enough of each to bring a route to every answer that it has.

mod options;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;

use bureau_simulator::signing_key;
use cardwright_app::error::PortError;
use cardwright_app::ports::{
    ActiveHolders, Answer, CallerContext, Cancelled, CardsInState, ChangeCard, Changed, Clock,
    EventContext, FollowOrder, FoundUsers, ListCards, MailAnswer, OpenOrderGuard, OrderContext,
    PlaceOrder, Placed, Placement, Producer, ProducerOrder, Quarantine, ReadCallerContext,
    ReadCard, ReadOrderContext, RecordedChange, RememberEvents, RemindOfEmails, RemindOfOrders,
    RepeatOrder, Repeated, Repetition, Result, SearchUsers, SendMail, SigningKey, SigningKeys,
    Status, Tokens,
};
use cardwright_domain::card::{Card, Event, StateKind};
use cardwright_domain::email::Message;
use cardwright_domain::ids::{CardId, ClaimToken, EventId, OrderId, ProducerOrderId, UserId};
use cardwright_domain::options::Options;
use cardwright_domain::search::{Query, entries};
use cardwright_domain::sign_in::SignIn;
use cardwright_domain::time::Time;
use cardwright_domain::user::{EmailAddress, User, UserFields, UserState};
use serde_json::{Value, json};

use super::webhook::KEY;

thread_local! {
    static REQUESTS: Cell<u64> = const { Cell::new(0) };
}

/// How many requests the ports have got on this test's thread.
pub(crate) fn requests_made() -> u64 {
    REQUESTS.get()
}

#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) users: Mutex<BTreeMap<UserId, User>>,
    pub(crate) cards: Mutex<BTreeMap<CardId, Card>>,
    pub(crate) options: Mutex<Options>,
    /// The records of their changes, oldest first.
    pub(crate) options_history: Mutex<Vec<RecordedChange>>,
    open_orders: Mutex<BTreeMap<UserId, OrderId>>,
    /// What the producer says to every order; nothing is known of them unless told otherwise.
    pub(crate) producer_says: Mutex<Option<Answer>>,
    /// What it says about every order that it accepted, likewise.
    pub(crate) producer_status: Mutex<Option<Status>>,
    /// The keys that its events are signed with, if not [`KEY`].
    pub(crate) signing_keys: Mutex<Option<String>>,
    /// Its events that were handled, and until when they are remembered.
    pub(crate) events: Mutex<HashMap<EventId, Time>>,
    pub(crate) mails: Mutex<Vec<EmailAddress>>,
    pub(crate) quarantined: Mutex<Vec<String>>,
    /// While set, no service answers.
    pub(crate) is_down: Mutex<bool>,
}

impl Memory {
    /// Ordering is enabled; `ada` and `bea` are active users, `ivo` is inactive, and `una` has no
    /// UPN.
    pub(crate) fn ready() -> Self {
        let memory = Self::default();
        memory.change_options(|options| {
            options.version = 1;
            options.use_cases.order_card.enabled = true;
        });
        memory.put_user("ada", json!({}));
        memory.put_user("bea", json!({}));
        memory.put_user("ivo", json!({"state": "inactive"}));
        memory.put_user("una", json!({"upn": null, "department": null}));
        memory
    }

    /// A user whose every attribute can be told from the others; `changes` are written over them.
    pub(crate) fn put_user(&self, id: &str, changes: Value) {
        let mut fields = json!({
            "userId": id,
            "commonName": format!("{id} Lovelace"),
            "givenName": id,
            "familyName": "Lovelace",
            "upn": format!("{id}@example.com"),
            "email": format!("{id}@mail.example.com"),
            "employeeNumber": format!("E-{id}"),
            "department": "Analysis",
        });
        for (name, value) in changes.as_object().unwrap() {
            fields[name] = value.clone();
        }
        let fields: UserFields = serde_json::from_value(fields).unwrap();
        let user_id = UserId::parse(id).unwrap();
        let user = User::parse(fields, &user_id).unwrap();
        self.users.lock().unwrap().insert(user_id, user);
    }

    pub(crate) fn change_options(&self, change: impl FnOnce(&mut Options)) {
        change(&mut self.options.lock().unwrap());
    }

    pub(crate) fn put_card(&self, card: Card) {
        self.cards.lock().unwrap().insert(card.card_id, card);
    }

    fn get_card(&self, card_id: CardId) -> Option<Card> {
        self.cards.lock().unwrap().get(&card_id).cloned()
    }

    /// Lets the user's open-order pointer name the card; `false` if the guard forbids it.
    fn point(&self, user_id: &UserId, order_id: OrderId, guard: OpenOrderGuard) -> bool {
        let mut open_orders = self.open_orders.lock().unwrap();
        if let OpenOrderGuard::OnlyIf { seen } = guard
            && open_orders.get(user_id).copied() != seen
        {
            return false;
        }
        open_orders.insert(user_id.clone(), order_id);
        true
    }

    fn ask(&self) -> Result<()> {
        REQUESTS.set(REQUESTS.get() + 1);
        let is_down = *self.is_down.lock().unwrap();
        if is_down {
            Err(PortError::new("memory.Ask", "told to fail"))
        } else {
            Ok(())
        }
    }
}

impl Clock for Memory {
    fn now(&self) -> Time {
        "2026-03-02T08:15:30.120Z".parse().unwrap()
    }
}

impl Tokens for Memory {
    fn claim_token(&self) -> ClaimToken {
        ClaimToken(uuid::Uuid::from_u128(1))
    }
}

impl SearchUsers for Memory {
    async fn search_users(
        &self,
        query: &Query,
        position: Option<&str>,
        limit: usize,
    ) -> Result<FoundUsers> {
        self.ask()?;
        let mut found = BTreeMap::new();
        for user in self.users.lock().unwrap().values() {
            for entry in entries(user) {
                let in_range =
                    entry.bucket == query.bucket && entry.text.starts_with(&query.prefix);
                if in_range && query.matches(&entry.text, entry.shared_chars) {
                    found.insert(format!("{}#{}", entry.text, user.user_id), user.clone());
                }
            }
        }
        let after = found
            .into_iter()
            .filter(|(at, _)| position.is_none_or(|before| before < at.as_str()));
        let mut page: Vec<_> = after.take(limit + 1).collect();
        let has_more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().filter(|_| has_more).map(|(at, _)| at.clone());
        Ok(FoundUsers {
            users: page.into_iter().map(|(_, user)| user).collect(),
            next,
        })
    }
}

impl ActiveHolders for Memory {
    async fn active_holders(&self, ids: &[UserId]) -> Result<HashSet<UserId>> {
        self.ask()?;
        let users = self.users.lock().unwrap();
        let active = |id: &&UserId| {
            let user = users.get(*id);
            user.is_some_and(|user| user.state == UserState::Active)
        };
        Ok(ids.iter().filter(active).cloned().collect())
    }
}

impl ReadCallerContext for Memory {
    async fn caller_context(&self, sign_in: SignIn) -> Result<CallerContext> {
        self.ask()?;
        let users = self.users.lock().unwrap();
        let mut ids = users
            .values()
            .filter(|user| user.sign_in() == Some(sign_in))
            .map(|user| user.user_id.clone());
        Ok(CallerContext {
            user_id: ids.next().filter(|_| ids.next().is_none()),
            options: self.options.lock().unwrap().clone(),
        })
    }
}

impl ReadOrderContext for Memory {
    async fn order_context(
        &self,
        user_id: &UserId,
        card_id: Option<CardId>,
    ) -> Result<OrderContext> {
        self.ask()?;
        Ok(OrderContext {
            user: self.users.lock().unwrap().get(user_id).cloned(),
            options: self.options.lock().unwrap().clone(),
            card: card_id.and_then(|card_id| self.get_card(card_id)),
            open_order: self.open_orders.lock().unwrap().get(user_id).copied(),
        })
    }
}

impl ReadCard for Memory {
    async fn card(&self, card_id: CardId) -> Result<Option<Card>> {
        self.ask()?;
        Ok(self.get_card(card_id))
    }
}

impl ListCards for Memory {
    async fn cards_of_holder(&self, user_id: &UserId, limit: usize) -> Result<Vec<Card>> {
        self.ask()?;
        let cards = self.cards.lock().unwrap();
        let is_holder = |card: &&Card| card.holder.as_ref().is_some_and(|h| h.user_id == *user_id);
        Ok(cards
            .values()
            .filter(is_holder)
            .take(limit)
            .cloned()
            .collect())
    }

    async fn cards_in_state(
        &self,
        state: StateKind,
        position: Option<&str>,
        limit: usize,
    ) -> Result<CardsInState> {
        self.ask()?;
        let cards = self.cards.lock().unwrap();
        let in_state = cards.values().filter(|card| card.state.kind() == state);
        let after = in_state.filter(|card| {
            position.is_none_or(|before| before < card.card_id.to_string().as_str())
        });
        let mut page: Vec<_> = after.take(limit + 1).cloned().collect();
        let has_more = page.len() > limit;
        page.truncate(limit);
        let next = page
            .last()
            .filter(|_| has_more)
            .map(|card| card.card_id.to_string());
        Ok(CardsInState { cards: page, next })
    }
}

impl PlaceOrder for Memory {
    async fn place_order(&self, placement: &Placement) -> Result<Placed> {
        self.ask()?;
        if let Some(card) = self.get_card(placement.card.card_id) {
            return Ok(Placed::CardExists(Box::new(card)));
        }
        let Placement { card, user_id, .. } = placement;
        if !self.point(user_id, card.order_id(), placement.guard) {
            return Ok(Placed::ContextChanged);
        }
        self.put_card(card.clone());
        Ok(Placed::Done)
    }
}

impl RepeatOrder for Memory {
    async fn repeat_order(&self, repetition: &Repetition) -> Result<Repeated> {
        self.ask()?;
        let Some(before) = self.get_card(repetition.order_id.card_id) else {
            return Ok(Repeated::ContextChanged);
        };
        let Ok(after) = before.on(&repetition.event, repetition.now) else {
            return Ok(Repeated::Conflict(Box::new(before)));
        };
        if !self.point(&repetition.user_id, after.order_id(), repetition.guard) {
            return Ok(Repeated::ContextChanged);
        }
        self.put_card(after);
        Ok(Repeated::Done)
    }
}

impl ChangeCard for Memory {
    async fn change_card(&self, card_id: CardId, event: &Event, now: Time) -> Result<Changed> {
        self.ask()?;
        let Some(before) = self.get_card(card_id) else {
            return Ok(Changed::Missing);
        };
        match before.on(event, now) {
            Ok(after) => {
                self.put_card(after.clone());
                Ok(Changed::Done(Box::new(after)))
            }
            Err(_) => Ok(Changed::Conflict(Box::new(before))),
        }
    }
}

impl RememberEvents for Memory {
    async fn event_context(&self, id: &EventId, card_id: Option<CardId>) -> Result<EventContext> {
        self.ask()?;
        Ok(EventContext {
            is_known: self.events.lock().unwrap().contains_key(id),
            card: card_id.and_then(|card_id| self.get_card(card_id)),
        })
    }

    async fn remember_event(&self, id: &EventId, until: Time) -> Result<()> {
        self.ask()?;
        self.events.lock().unwrap().insert(id.clone(), until);
        Ok(())
    }
}

impl RemindOfOrders for Memory {
    async fn remind_of_orders(&self, _: &[OrderId]) -> Result<()> {
        self.ask()
    }
}

impl RemindOfEmails for Memory {
    async fn remind_of_emails(&self, _: &[OrderId]) -> Result<()> {
        self.ask()
    }
}

impl Quarantine for Memory {
    async fn quarantine(&self, body: &[u8]) -> Result<()> {
        self.ask()?;
        let body = String::from_utf8_lossy(body).into_owned();
        self.quarantined.lock().unwrap().push(body);
        Ok(())
    }
}

impl SendMail for Memory {
    async fn send_mail(&self, to: &EmailAddress, _: &Message) -> Result<MailAnswer> {
        self.ask()?;
        self.mails.lock().unwrap().push(to.clone());
        Ok(MailAnswer::Accepted {
            message_id: "m-1".into(),
        })
    }
}

impl Producer for Memory {
    async fn submit(&self, orders: &[ProducerOrder]) -> Vec<Answer> {
        let said = self.producer_says.lock().unwrap().clone();
        vec![said.unwrap_or(Answer::Unknown); orders.len()]
    }

    async fn cancel(&self, _: OrderId) -> Cancelled {
        Cancelled::Done
    }

    fn is_available(&self) -> bool {
        true
    }
}

impl FollowOrder for Memory {
    async fn status(&self, _: &ProducerOrderId) -> Status {
        let said = self.producer_status.lock().unwrap().clone();
        said.unwrap_or(Status::Unknown)
    }
}

impl SigningKeys for Memory {
    async fn signing_keys(&self, _: bool) -> Result<Vec<SigningKey>> {
        self.ask()?;
        let words = self.signing_keys.lock().unwrap().clone();
        let words = words.unwrap_or_else(|| KEY.to_owned());
        let keys = words.split_whitespace().filter_map(signing_key);
        let keys: Vec<_> = keys.map(SigningKey::new).collect();
        if keys.is_empty() {
            return Err(PortError::new("secretsmanager.GetSecretValue", "no key"));
        }
        Ok(keys)
    }
}

pub(crate) fn accepted() -> Answer {
    Answer::Accepted(ProducerOrderId::parse("P-1").unwrap())
}
