//! `CardsAddonExtProdProcOrder`: an order is taken.
//!
//! Promises: the same caller with the same key gets the same card for ever; an order that was answered
//! is never lost; a user has one open order unless the options allow more; who may order for themself
//! alone orders for nobody else, even if their UPN changes hands meanwhile.
//!
//! | step | what | if it dies here |
//! | --- | --- | --- |
//! | 1 | read user, options, card and open order, in one strongly consistent request | nothing happened |
//! | 2 | write card and open-order pointer, if the user is active and as seen, in one transaction | the same key tells the truth |
//! | 3 | approval: nothing; the card waits for `decide_order` | |
//! | 3 | queue: send a reminder with ids only, or none if the card is held | the sweep finds the card by `due_at` |
//! | 3 | direct: the card was written with this worker's claim; ask the producer and mark | the sweep takes the claim over |
//! | 4 | answer | the same key gives the same answer |
//!
//! The card's id is derived from caller and key, so "put if absent" is the idempotency record.

use cardwright_domain::card::{Card, Event, NewCard, StateKind};
use cardwright_domain::ids::{Actor, CardId, IdempotencyKey, OrderAttempt, UserId};
use cardwright_domain::options::Options;
use cardwright_domain::production_type::{Delivery, ProductionType};
use cardwright_domain::refusal::Refusal;
use cardwright_domain::user::User;
use uuid::Uuid;

use crate::card_draft::blockers;
use crate::count::count;
use crate::error::{Error, PortError};
use crate::freeze::freeze;
use crate::hand_over::{HandOver, hand_over};
use crate::limits::{CLAIM_LEASE, ORDER_GRACE, ORDER_TRIES};
use crate::ports::{
    ChangeCard, Clock, OpenOrderGuard, OrderContext, PlaceOrder, Placed, Placement, Producer,
    ReadCard, ReadOrderContext, RemindOfEmails, RemindOfOrders, Tokens,
};
use crate::settle_orders::remind_of;

/// Tells two requests under one key apart.
const DIGEST_NAMESPACE: Uuid = Uuid::from_u128(0x2d7c_51b0_93ae_4f08_a6d4_7e19_c3f5_8b62);

#[derive(Debug)]
pub struct OrderRequest {
    pub caller: Actor,
    /// The caller may order for themself only. The user has to be who signs in by the caller's name.
    pub for_self: bool,
    pub key: IdempotencyKey,
    pub user_id: UserId,
    pub production_type: Option<String>,
    pub comment: Option<String>,
}

impl OrderRequest {
    fn digest(&self) -> String {
        let parts = (self.user_id.as_str(), &self.production_type, &self.comment);
        Uuid::new_v5(&DIGEST_NAMESPACE, format!("{parts:?}").as_bytes()).to_string()
    }
}

/// # Errors
/// A rule forbids the order and nothing was written; or a service did not answer, and the same key
/// tells later whether the order was taken.
pub async fn order_card(
    store: &(impl ReadOrderContext + ReadCard + PlaceOrder + ChangeCard),
    queues: &(impl RemindOfOrders + RemindOfEmails),
    producer: &impl Producer,
    chance: &(impl Clock + Tokens),
    request: OrderRequest,
) -> Result<Card, Error> {
    let card_id = CardId::derive(&request.caller, &request.key);
    for _ in 0..ORDER_TRIES {
        let context = store.order_context(&request.user_id, Some(card_id)).await?;
        if let Some(card) = context.card {
            return repeated(card, &request);
        }
        let placement = prepare(store, chance, context, card_id, &request).await?;
        match store.place_order(&placement).await? {
            Placed::ContextChanged => {}
            Placed::CardExists(card) => return repeated(*card, &request),
            Placed::Done => {
                count("OrdersPlaced", 1);
                return Ok(pass_on(store, queues, producer, chance, placement.card).await);
            }
        }
    }
    Err(PortError::new("order_card", "user or open order changed under every try").into())
}

fn repeated(card: Card, request: &OrderRequest) -> Result<Card, Error> {
    if card.request_digest == request.digest() {
        Ok(card)
    } else {
        Err(Refusal::IdempotencyKeyReused.into())
    }
}

async fn prepare(
    store: &impl ReadCard,
    chance: &(impl Clock + Tokens),
    context: OrderContext,
    card_id: CardId,
    request: &OrderRequest,
) -> Result<Placement, Error> {
    // As of the version that the write is bound to: the UPN may have gone to somebody else by now.
    let signs_in = context.user.as_ref().and_then(User::sign_in);
    if request.for_self && signs_in != Some(request.caller.sign_in()) {
        return Err(Refusal::UserNotFound.into());
    }
    let chosen = request.production_type.as_deref();
    if let Some(refusal) = blockers(store, &context, chosen).await?.into_iter().next() {
        return Err(refusal.into());
    }
    let OrderContext {
        user,
        options,
        open_order,
        ..
    } = context;
    let user = user.ok_or(Refusal::UserNotFound)?;
    let production_type = options
        .production_type(chosen)
        .ok_or(Refusal::ProductionTypeUnknown)?;
    let guard = OpenOrderGuard::of(&options, open_order);
    let card = new_card(chance, &user, &options, production_type, card_id, request)?;
    Ok(Placement {
        card,
        user_id: user.user_id,
        user_version: user.version,
        guard,
    })
}

fn new_card(
    chance: &(impl Clock + Tokens),
    user: &User,
    options: &Options,
    production_type: &ProductionType,
    card_id: CardId,
    request: &OrderRequest,
) -> Result<Card, Error> {
    let now = chance.now();
    let held_until = production_type.hold().map(|hold| now.plus(hold));
    let new = NewCard {
        card_id,
        frozen: freeze(user, options, production_type, &request.caller)?,
        production_type: production_type.id.clone(),
        delivery: production_type.delivery,
        requested_by: request.caller.clone(),
        held_until,
        validity_days: production_type.validity_days,
        request_digest: request.digest(),
        language: options.card_ordered_email.language,
    };
    let (by, reason) = (request.caller.clone(), request.comment.clone());
    let claim = Event::Claim {
        attempt: OrderAttempt::FIRST,
        token: chance.claim_token(),
        lease_until: now.plus(CLAIM_LEASE),
    };
    let due = held_until.unwrap_or(now.plus(ORDER_GRACE));
    let options_version = options.version;
    let request = Event::Request {
        by: by.clone(),
        reason: reason.clone(),
        options_version,
    };
    let order = Event::Order {
        by,
        reason,
        options_version,
        due,
    };
    let events = match production_type.delivery {
        _ if options.approval.single => vec![request],
        Delivery::Queue => vec![order],
        Delivery::Direct => vec![order, claim],
    };
    let registered = Card::register(new, now);
    let card = events
        .iter()
        .try_fold(registered, |card, event| card.on(event, now));
    // A registered card takes each of these, whatever it holds: the table's test says so.
    card.map_err(|refused| PortError::new("order_card", format!("{refused:?}")).into())
}

/// Brings the card on its way. What fails here is repaired by the sweep, so the order stands.
async fn pass_on(
    store: &impl ChangeCard,
    queues: &(impl RemindOfOrders + RemindOfEmails),
    producer: &impl Producer,
    clock: &impl Clock,
    card: Card,
) -> Card {
    match card.delivery {
        _ if card.state.kind() == StateKind::Requested || card.is_held(clock.now()) => card,
        Delivery::Queue => {
            remind_of(queues, &[card.order_id()]).await;
            card
        }
        Delivery::Direct => {
            let by = Actor::system("order-card");
            let HandOver { mut cards, .. } =
                hand_over(store, queues, producer, clock, &by, vec![card.clone()]).await;
            cards.pop().unwrap_or(card)
        }
    }
}

#[cfg(test)]
mod tests;
