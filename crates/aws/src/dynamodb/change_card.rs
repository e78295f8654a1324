//! One event on one card as one conditional write. The condition and the changes are derived from
//! the event here and nowhere else: the states from the domain's table, one condition from each
//! guard, the changes from the step. `tests/` holds the result against `Card::on` for every state
//! and event. A repeat does the same within its transaction.
//!
//! The write answers with the card after it, or with the card that stood against it. If the process
//! dies before it reads the answer, the event has happened or has not; nothing is ever half done.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use cardwright_app::error::PortError;
use cardwright_app::ports::{ChangeCard, Changed, Result};
use cardwright_domain::card::{Card, Due, Event, Guard, State, StateKind};
use cardwright_domain::ids::CardId;
use cardwright_domain::limits::{EMAIL_WAITS, MAX_EMAIL_TRIES};
use cardwright_domain::time::Time;

use super::item::{Item, text, to_item, to_value};
use super::keys::TimeIndex;
use super::retry::pause;
use super::update::Update;
use super::{Tables, card_item, keys};
use crate::call::port_error;
use crate::limits::TABLE_CONFLICT_TRIES;

const OPERATION: &str = "dynamodb.UpdateItem";

impl ChangeCard for Tables {
    async fn change_card(&self, card_id: CardId, event: &Event, now: Time) -> Result<Changed> {
        let update = update(card_id, event, now)?;
        let call = self
            .client
            .update_item()
            .table_name(&self.cards)
            .set_key(Some(keys::card_key(keys::card(card_id))))
            .update_expression(update.update_expression())
            .condition_expression(update.condition_expression())
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values(Some(update.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        for retry in 0..TABLE_CONFLICT_TRIES {
            match call.clone().send().await {
                Ok(answer) => {
                    let card = parse(answer.attributes.unwrap_or_default())?;
                    return Ok(Changed::Done(card));
                }
                Err(error) => match error.as_service_error() {
                    Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                        return match refused.item.clone() {
                            Some(item) => Ok(Changed::Conflict(parse(item)?)),
                            None => Ok(Changed::Missing),
                        };
                    }
                    // The card is being ordered, or ordered again.
                    Some(UpdateItemError::TransactionConflictException(_)) => pause(retry).await,
                    _ => return Err(port_error(OPERATION, error)),
                },
            }
        }
        Err(PortError::new(
            OPERATION,
            "a transaction was in the way of every try",
        ))
    }
}

fn parse(item: Item) -> Result<Box<Card>> {
    card_item::from_item(item).map(Box::new)
}

/// The event as a write: its condition, and what it changes.
pub(super) fn update(card_id: CardId, event: &Event, now: Time) -> Result<Update> {
    let mut update = Update::default();
    require(&mut update, event, now)?;
    change(&mut update, card_id, event, now)?;
    Ok(update)
}

/// The states from which the event may come, and its guards.
fn require(update: &mut Update, event: &Event, now: Time) -> Result<()> {
    let state = update.name("state");
    let from = event.kind().from().map(|state| update.value(&state));
    let from = from.collect::<Result<Vec<_>>>()?.join(", ");
    update.require(format!("{state} IN ({from})"));
    for guard in event.guards(now) {
        let condition = condition(update, &guard)?;
        update.require(condition);
    }
    Ok(())
}

/// [`Guard::holds`], in DynamoDB's words. A comparison with an attribute that is absent is false.
fn condition(update: &mut Update, guard: &Guard) -> Result<String> {
    Ok(match guard {
        Guard::Kind(kind) => format!("{} = {}", update.name("kind"), update.value(kind)?),
        Guard::HeldBy(user_id) => {
            format!(
                "{} = {}",
                update.name("holder.user_id"),
                update.value(user_id)?
            )
        }
        Guard::RequesterWhileRequested(actor) => {
            let (state, by) = (update.name("state"), update.name("requested_by"));
            let requested = update.value(&StateKind::Requested)?;
            format!("{state} <> {requested} OR {by} = {}", update.value(actor)?)
        }
        Guard::NotBarred(actor) => {
            let barred = update.name("barred_approvers");
            format!(
                "NOT contains({barred}, {})",
                update.value(&actor.caseless())?
            )
        }
        Guard::Version(version) => {
            format!("{} = {}", update.name("version"), update.value(version)?)
        }
        Guard::NoTracking => {
            format!("attribute_not_exists({})", update.name("shipment.tracking"))
        }
        Guard::DeadlineOver(now) => {
            format!(
                "{} <= {}",
                update.name(keys::DEADLINES.at),
                update.value(now)?
            )
        }
        Guard::Attempt(attempt) => {
            format!("{} = {}", update.name("attempt"), update.value(attempt)?)
        }
        Guard::Unclaimed => format!("attribute_not_exists({})", update.name("detail.claim")),
        Guard::NotHeld(now) => {
            let held = update.name("held_until");
            format!(
                "attribute_not_exists({held}) OR {held} <= {}",
                update.value(now)?
            )
        }
        Guard::NoLiveClaim(now) => {
            let claim = update.name("detail.claim");
            let lease = update.name("detail.claim.lease_until");
            format!(
                "attribute_not_exists({claim}) OR {lease} <= {}",
                update.value(now)?
            )
        }
        Guard::ClaimedBy(token) => {
            format!(
                "{} = {}",
                update.name("detail.claim.token"),
                update.value(token)?
            )
        }
        Guard::ClaimedAttempt(attempt) => {
            let (claim, present) = (update.name("detail.claim"), update.name("attempt"));
            format!(
                "attribute_exists({claim}) AND {present} = {}",
                update.value(attempt)?
            )
        }
        Guard::EmailDue(now) => {
            let (state, lease) = (update.name("email.state"), update.name("email.lease_until"));
            let (pending, sending) = (update.value(&"pending")?, update.value(&"sending")?);
            let now = update.value(now)?;
            format!("{state} = {pending} OR ({state} = {sending} AND {lease} <= {now})")
        }
        Guard::EmailTry(now) => {
            let (state, lease) = (update.name("email.state"), update.name("email.lease_until"));
            let (pending, sending) = (update.value(&"pending")?, update.value(&"sending")?);
            let (tries, most) = (update.name("email_tries"), update.value(&MAX_EMAIL_TRIES)?);
            let mut over = Vec::new();
            for (at, wait) in EMAIL_WAITS.iter().enumerate() {
                let (last, since) = (update.value(&(at + 1))?, update.value(&now.plus(-*wait))?);
                over.push(format!("({tries} <= {last} AND {lease} <= {since})"));
            }
            let over = over.join(" OR ");
            format!(
                "{tries} < {most} AND ({state} = {pending} OR ({state} = {sending} AND ({over})))"
            )
        }
        Guard::EmailAtRest(now) => {
            let (state, lease) = (update.name("email.state"), update.name("email.lease_until"));
            let (sending, now) = (update.value(&"sending")?, update.value(now)?);
            format!("{state} <> {sending} OR {lease} <= {now}")
        }
        Guard::EmailTriesUsed => {
            let most = update.value(&MAX_EMAIL_TRIES)?;
            format!("{} >= {most}", update.name("email_tries"))
        }
        Guard::EmailClaimedBy(token) => {
            let (state, owner) = (update.name("email.state"), update.name("email.token"));
            let sending = update.value(&"sending")?;
            format!("{state} = {sending} AND {owner} = {}", update.value(token)?)
        }
    })
}

/// What [`Card::on`] changes, and the attributes that keep the card in the right indexes.
fn change(update: &mut Update, card_id: CardId, event: &Event, now: Time) -> Result<()> {
    let step = event.step();
    if let Some(state) = &step.to {
        let moves = event.kind().from().any(|from| from != state.kind());
        change_state(update, card_id, state, moves, now)?;
    }
    change_time(update, &keys::DUE, step.due, card_id);
    change_time(update, &keys::DEADLINES, step.deadline, card_id);
    if let Some(valid_until) = &step.valid_until {
        update.set("valid_until", to_value(valid_until)?);
    }
    // No path may be set twice in one write, so each of these has one place.
    if let Some(requester) = &step.new_attempt {
        update.add("attempt", 1);
        update.set("claims", to_value(&0)?);
        update.set("requested_by", to_value(requester)?);
        update.remove("producer_order_id");
        update.remove("asked_since");
    } else if step.counts_claim {
        update.add("claims", 1);
        update.set_once("asked_since", to_value(&now)?);
    }
    let frozen = step.frozen.as_ref();
    if let Some(frozen) = frozen {
        update.set("data", to_value(&frozen.data)?);
        update.set("producer_fields", to_value(&frozen.producer_fields)?);
        update.set("barred_approvers", to_value(&frozen.barred_approvers)?);
        update.set("options_version", to_value(&frozen.options_version)?);
    }
    let email = frozen.map(|frozen| &frozen.email);
    if let Some(email) = step.email.as_ref().or(email) {
        update.set("email", to_value(email)?);
    }
    if step.email_tries != 0 {
        update.add("email_tries", step.email_tries);
    }
    if let Some(shipment) = &step.shipment {
        update.set("shipment", to_value(shipment)?);
    }
    if let Some(id) = &step.producer_order_id {
        update.set("producer_order_id", to_value(id)?);
    }
    let holder = frozen.map(|frozen| &frozen.holder);
    if let Some(holder) = step.holder.as_ref().or(holder) {
        update.set("holder", to_value(holder)?);
        update.set(keys::HOLDER_ID, text(holder.user_id.as_str()));
    } else if step.drops_holder {
        remove_all(update, ["holder", keys::HOLDER_ID]);
    }
    if step.waits_anew {
        update.set(keys::STATE_SORT, text(keys::state_sort(now, card_id)));
    }
    if let Some(entry) = event.entry(now) {
        update.append("timeline", to_value(&entry)?);
    }
    update.add("version", 1);
    update.set("updated_at", to_value(&now)?);
    Ok(())
}

/// `moves` is false for an event that leaves the card in its state: the card then keeps its place
/// in the list of that state, which also saves two index writes.
fn change_state(
    update: &mut Update,
    card_id: CardId,
    state: &State,
    moves: bool,
    now: Time,
) -> Result<()> {
    let mut fields = to_item(state)?;
    match fields.remove("detail") {
        Some(detail) => update.set("detail", detail),
        None => update.remove("detail"),
    }
    set_all(update, fields);
    if moves {
        match keys::in_state(state.kind(), now, card_id) {
            Some(place) => set_all(update, place),
            None => remove_all(update, [keys::STATE_SHARD, keys::STATE_SORT]),
        }
    }
    Ok(())
}

fn change_time(update: &mut Update, index: &TimeIndex, due: Due, card_id: CardId) {
    match due {
        Due::Keep => {}
        Due::At(at) => set_all(update, index.place(at, card_id)),
        Due::Clear => remove_all(update, [index.shard, index.at]),
    }
}

fn set_all<Name: AsRef<str>>(
    update: &mut Update,
    attributes: impl IntoIterator<Item = (Name, AttributeValue)>,
) {
    for (name, value) in attributes {
        update.set(name.as_ref(), value);
    }
}

fn remove_all(update: &mut Update, names: [&str; 2]) {
    for name in names {
        update.remove(name);
    }
}
