//! The ports in memory, for tests of what the simulator does not look at: counters, reports, pages.
//! Every call answers at once, so a use case is over when it is first asked.

mod counts;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::future::Future;
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard};

use cardwright_domain::card::{Card, Event, EventKind, StateKind, sample};
use cardwright_domain::email::Message;
use cardwright_domain::ids::{CardId, ClaimToken, EventId, OrderId, ProducerOrderId, UserId};
use cardwright_domain::options::Options;
use cardwright_domain::search::Query;
use cardwright_domain::sign_in::SignIn;
use cardwright_domain::time::Time;
use cardwright_domain::user::{EmailAddress, User, UserState};
use futures_util::FutureExt;

pub(crate) use self::counts::{check_counts, counted};
use crate::error::PortError;
use crate::ports::{
    ActiveHolders, Answer, CallerContext, Cancelled, CardsInState, ChangeCard, Changed, Clock,
    DueCards, EventContext, FollowOrder, FoundUsers, ListCards, MailAnswer, OpenOrderGuard,
    OptionsChange, OrderContext, OrderInbox, PassedDeadlines, PlaceOrder, Placed, Placement,
    Producer, ProducerOrder, Quarantine, ReadCallerContext, ReadCard, ReadOptions,
    ReadOptionsHistory, ReadOrderContext, Received, RecordedChange, RememberEvents, RemindOfEmails,
    RemindOfOrders, RepeatOrder, Repeated, Repetition, Result, SearchUsers, SendMail, SilentOrders,
    Status, StoreOptions, Tokens,
};

/// More than any test's queue is asked: a drain that never stops asking fails its test.
const MAX_RECEIVES: u32 = 500;

#[derive(Debug)]
pub(crate) struct Things {
    tokens: u128,
    pub(crate) users: Vec<User>,
    pub(crate) options: Options,
    /// The records of their changes, oldest first.
    pub(crate) history: Vec<RecordedChange>,
    pub(crate) open_order: Option<OrderId>,
    pub(crate) cards: BTreeMap<CardId, Card>,
    /// The store answers no change of these.
    pub(crate) silent: HashSet<CardId>,
    /// After this event the store answers no change of its card.
    pub(crate) forgets: Option<EventKind>,
    /// What fails: `due_cards`, `passed_deadlines`, `active_holders`, `receive`, `quarantine`, `remind`, `remember` or
    /// `send_mail`.
    pub(crate) down: HashSet<&'static str>,
    /// What each receive call brings.
    pub(crate) inbox: VecDeque<Vec<Received>>,
    receives: u32,
    pub(crate) deleted: Vec<String>,
    pub(crate) reminded: Vec<OrderId>,
    /// What the producer says to a submit, if it does not accept.
    pub(crate) answers: HashMap<CardId, Answer>,
    pub(crate) cancels: HashMap<CardId, Cancelled>,
    /// The cards that are there no more once the producer was asked.
    pub(crate) gone: HashSet<CardId>,
    /// How many orders each request had.
    pub(crate) submitted: Vec<usize>,
    pub(crate) cancelled: Vec<OrderId>,
    pub(crate) available: bool,
    /// What the producer says about an order, if it says no [`Things::status`] of its own.
    pub(crate) statuses: HashMap<ProducerOrderId, Status>,
    /// What the producer says about every other order.
    pub(crate) status: Status,
    /// How often the producer was asked about an order.
    pub(crate) asked: u32,
    pub(crate) quarantined: Vec<String>,
    /// The events that were handled, and until when they are remembered.
    pub(crate) events: HashMap<EventId, Time>,
    pub(crate) mail: MailAnswer,
    /// The position and the limit of the last list.
    pub(crate) listed: Option<(Option<String>, usize)>,
    /// The place after the last entry of every list.
    pub(crate) next: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Memory(Mutex<Things>);

/// A user who may hold a card.
pub(crate) fn user(id: &str, state: UserState) -> User {
    let holder = sample::holder();
    User {
        user_id: UserId::parse(id).unwrap(),
        state,
        version: 1,
        common_name: holder.common_name,
        given_name: None,
        family_name: None,
        upn: holder.upn,
        email: holder.email,
        employee_number: None,
        department: None,
    }
}

impl Memory {
    /// Ordering is enabled, `u1` is active, `u2` is not, and everything answers well.
    pub(crate) fn with(cards: impl IntoIterator<Item = Card>) -> Self {
        let mut options = Options::default();
        options.use_cases.order_card.enabled = true;
        Self(Mutex::new(Things {
            tokens: 100,
            users: vec![
                user("u1", UserState::Active),
                user("u2", UserState::Inactive),
            ],
            options,
            history: Vec::new(),
            open_order: None,
            cards: cards.into_iter().map(|card| (card.card_id, card)).collect(),
            silent: HashSet::new(),
            forgets: None,
            down: HashSet::new(),
            inbox: VecDeque::new(),
            receives: 0,
            deleted: Vec::new(),
            reminded: Vec::new(),
            answers: HashMap::new(),
            cancels: HashMap::new(),
            gone: HashSet::new(),
            submitted: Vec::new(),
            cancelled: Vec::new(),
            available: true,
            statuses: HashMap::new(),
            status: Status::Unknown,
            asked: 0,
            quarantined: Vec::new(),
            events: HashMap::new(),
            mail: MailAnswer::Accepted {
                message_id: "m-1".into(),
            },
            listed: None,
            next: None,
        }))
    }

    pub(crate) fn things(&self) -> MutexGuard<'_, Things> {
        self.0.lock().unwrap()
    }

    fn unless_down(&self, call: &'static str) -> Result<MutexGuard<'_, Things>> {
        let things = self.things();
        if things.down.contains(call) {
            return Err(PortError::new(call, "down"));
        }
        Ok(things)
    }
}

/// What a use case answers.
#[track_caller]
pub(crate) fn answer<T>(use_case: impl Future<Output = T>) -> T {
    use_case.now_or_never().unwrap()
}

impl Clock for Memory {
    fn now(&self) -> Time {
        sample::now()
    }
}

impl Tokens for Memory {
    fn claim_token(&self) -> ClaimToken {
        let mut things = self.things();
        things.tokens += 1;
        ClaimToken(uuid::Uuid::from_u128(things.tokens))
    }
}

impl SearchUsers for Memory {
    async fn search_users(
        &self,
        _: &Query,
        position: Option<&str>,
        limit: usize,
    ) -> Result<FoundUsers> {
        let mut things = self.things();
        things.listed = Some((position.map(str::to_owned), limit));
        Ok(FoundUsers {
            users: things.users.clone(),
            next: things.next.clone(),
        })
    }
}

impl ActiveHolders for Memory {
    async fn active_holders(&self, ids: &[UserId]) -> Result<HashSet<UserId>> {
        let things = self.unless_down("active_holders")?;
        let active = |user: &&User| user.state == UserState::Active && ids.contains(&user.user_id);
        let users = things.users.iter().filter(active);
        Ok(users.map(|user| user.user_id.clone()).collect())
    }
}

impl ReadCallerContext for Memory {
    async fn caller_context(&self, sign_in: SignIn) -> Result<CallerContext> {
        let things = self.things();
        let signs_in = |user: &&User| user.sign_in() == Some(sign_in);
        let users: Vec<_> = things.users.iter().filter(signs_in).collect();
        let only = users.first().filter(|_| users.len() == 1);
        Ok(CallerContext {
            user_id: only.map(|user| user.user_id.clone()),
            options: things.options.clone(),
        })
    }
}

impl ReadOrderContext for Memory {
    async fn order_context(
        &self,
        user_id: &UserId,
        card_id: Option<CardId>,
    ) -> Result<OrderContext> {
        let things = self.things();
        let user = things.users.iter().find(|user| user.user_id == *user_id);
        Ok(OrderContext {
            user: user.cloned(),
            options: things.options.clone(),
            card: card_id.and_then(|id| things.cards.get(&id).cloned()),
            open_order: things.open_order,
        })
    }
}

impl ReadCard for Memory {
    async fn card(&self, card_id: CardId) -> Result<Option<Card>> {
        Ok(self.things().cards.get(&card_id).cloned())
    }
}

impl ListCards for Memory {
    async fn cards_of_holder(&self, _: &UserId, limit: usize) -> Result<Vec<Card>> {
        Ok(self.things().cards.values().take(limit).cloned().collect())
    }

    async fn cards_in_state(
        &self,
        state: StateKind,
        position: Option<&str>,
        limit: usize,
    ) -> Result<CardsInState> {
        let mut things = self.things();
        things.listed = Some((position.map(str::to_owned), limit));
        let cards = things.cards.values();
        let cards = cards.filter(|card| card.state.kind() == state).cloned();
        Ok(CardsInState {
            cards: cards.collect(),
            next: things.next.clone(),
        })
    }
}

impl DueCards for Memory {
    async fn due_cards(&self, now: Time, limit: usize) -> Result<Vec<Card>> {
        let things = self.unless_down("due_cards")?;
        let due = |card: &&Card| card.due_at.is_some_and(|due| due <= now);
        let cards = things.cards.values().filter(due);
        Ok(cards.take(limit).cloned().collect())
    }
}

impl PassedDeadlines for Memory {
    async fn passed_deadlines(&self, now: Time, limit: usize) -> Result<Vec<Card>> {
        let things = self.unless_down("passed_deadlines")?;
        let over = |card: &&Card| card.deadline_at.is_some_and(|deadline| deadline <= now);
        let cards = things.cards.values().filter(over);
        Ok(cards.take(limit).cloned().collect())
    }
}

impl PlaceOrder for Memory {
    async fn place_order(&self, placement: &Placement) -> Result<Placed> {
        let mut things = self.things();
        if let OpenOrderGuard::OnlyIf { seen } = placement.guard
            && seen != things.open_order
        {
            return Ok(Placed::ContextChanged);
        }
        let card = placement.card.clone();
        things.open_order = Some(card.order_id());
        things.cards.insert(card.card_id, card);
        Ok(Placed::Done)
    }
}

impl RepeatOrder for Memory {
    async fn repeat_order(&self, repetition: &Repetition) -> Result<Repeated> {
        let mut things = self.things();
        if let OpenOrderGuard::OnlyIf { seen } = repetition.guard
            && seen != things.open_order
        {
            return Ok(Repeated::ContextChanged);
        }
        let Some(card) = things.cards.get_mut(&repetition.order_id.card_id) else {
            return Ok(Repeated::ContextChanged);
        };
        match card.on(&repetition.event, repetition.now) {
            Ok(after) => *card = after,
            Err(_) => return Ok(Repeated::Conflict(Box::new(card.clone()))),
        }
        things.open_order = Some(repetition.order_id);
        Ok(Repeated::Done)
    }
}

impl ChangeCard for Memory {
    async fn change_card(&self, card_id: CardId, event: &Event, now: Time) -> Result<Changed> {
        let mut things = self.things();
        if things.silent.contains(&card_id) {
            return Err(PortError::new("change_card", "silent"));
        }
        if things.forgets == Some(event.kind()) {
            things.silent.insert(card_id);
        }
        let Some(card) = things.cards.get_mut(&card_id) else {
            return Ok(Changed::Missing);
        };
        Ok(match card.on(event, now) {
            Ok(after) => {
                *card = after.clone();
                Changed::Done(Box::new(after))
            }
            Err(_) => Changed::Conflict(Box::new(card.clone())),
        })
    }
}

impl ReadOptions for Memory {
    async fn options(&self) -> Result<Options> {
        Ok(self.things().options.clone())
    }
}

impl StoreOptions for Memory {
    async fn store_options(&self, change: &OptionsChange) -> Result<bool> {
        let OptionsChange { options, at, by } = change.clone();
        let mut things = self.things();
        let follows = things.options.version + 1 == options.version;
        if follows {
            things.history.push(RecordedChange {
                version: options.version,
                at,
                by,
                document: serde_json::to_value(&options).unwrap(),
            });
            things.options = options;
        }
        Ok(follows)
    }
}

impl ReadOptionsHistory for Memory {
    async fn options_history(&self, versions: RangeInclusive<u64>) -> Result<Vec<RecordedChange>> {
        let things = self.things();
        let newest_first = things.history.iter().rev();
        let wanted = newest_first.filter(|record| versions.contains(&record.version));
        Ok(wanted.cloned().collect())
    }
}

impl RemindOfOrders for Memory {
    async fn remind_of_orders(&self, order_ids: &[OrderId]) -> Result<()> {
        self.unless_down("remind")?.reminded.extend(order_ids);
        Ok(())
    }
}

impl RemindOfEmails for Memory {
    async fn remind_of_emails(&self, order_ids: &[OrderId]) -> Result<()> {
        self.unless_down("remind")?.reminded.extend(order_ids);
        Ok(())
    }
}

impl OrderInbox for Memory {
    async fn receive_orders(&self, _: bool) -> Result<Vec<Received>> {
        let mut things = self.unless_down("receive")?;
        things.receives += 1;
        assert!(things.receives < MAX_RECEIVES, "asked for ever");
        Ok(things.inbox.pop_front().unwrap_or_default())
    }

    async fn delete_received(&self, receipts: &[String]) -> Result<()> {
        self.things().deleted.extend_from_slice(receipts);
        Ok(())
    }
}

impl Quarantine for Memory {
    async fn quarantine(&self, body: &[u8]) -> Result<()> {
        let mut things = self.unless_down("quarantine")?;
        let text = String::from_utf8_lossy(body);
        things.quarantined.push(text.into_owned());
        Ok(())
    }
}

impl Producer for Memory {
    async fn submit(&self, orders: &[ProducerOrder]) -> Vec<Answer> {
        let mut things = self.things();
        things.submitted.push(orders.len());
        let Things { cards, gone, .. } = &mut *things;
        cards.retain(|id, _| !gone.contains(id));
        let accepted = Answer::Accepted(sample::producer_order_id());
        let answer = |order: &ProducerOrder| things.answers.get(&order.order_id.card_id).cloned();
        let answers = orders.iter().map(answer);
        answers
            .map(|said| said.unwrap_or_else(|| accepted.clone()))
            .collect()
    }

    async fn cancel(&self, order_id: OrderId) -> Cancelled {
        let mut things = self.things();
        things.cancelled.push(order_id);
        let said = things.cancels.get(&order_id.card_id);
        said.cloned().unwrap_or(Cancelled::Done)
    }

    fn is_available(&self) -> bool {
        self.things().available
    }
}

impl FollowOrder for Memory {
    async fn status(&self, id: &ProducerOrderId) -> Status {
        let mut things = self.things();
        things.asked += 1;
        things.statuses.get(id).unwrap_or(&things.status).clone()
    }
}

impl SilentOrders for Memory {
    async fn silent_orders(&self, since: Time, limit: usize) -> Result<Vec<Card>> {
        let things = self.things();
        let silent = |card: &&Card| card.in_producers_hands().is_some() && card.updated_at <= since;
        let mut cards: Vec<_> = things.cards.values().filter(silent).cloned().collect();
        cards.sort_by_key(|card| card.updated_at);
        cards.truncate(limit);
        Ok(cards)
    }
}

impl RememberEvents for Memory {
    async fn event_context(&self, id: &EventId, card_id: Option<CardId>) -> Result<EventContext> {
        let things = self.things();
        Ok(EventContext {
            is_known: things.events.contains_key(id),
            card: card_id.and_then(|id| things.cards.get(&id).cloned()),
        })
    }

    async fn remember_event(&self, id: &EventId, until: Time) -> Result<()> {
        let mut things = self.unless_down("remember")?;
        things.events.insert(id.clone(), until);
        Ok(())
    }
}

impl SendMail for Memory {
    async fn send_mail(&self, _: &EmailAddress, _: &Message) -> Result<MailAnswer> {
        Ok(self.unless_down("send_mail")?.mail.clone())
    }
}
