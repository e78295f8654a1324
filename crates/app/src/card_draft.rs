//! What an order would freeze, and everything that stands against ordering now.

use std::collections::BTreeMap;

use cardwright_domain::card::Card;
use cardwright_domain::ids::{OrderId, UserId};
use cardwright_domain::options::Options;
use cardwright_domain::production_type::ProductionType;
use cardwright_domain::refusal::Refusal;

use crate::error::{Error, PortError};
use crate::ports::{OrderContext, ReadCard, ReadOrderContext};

/// The card data that an order would freeze.
#[derive(Debug)]
pub struct CardDraft {
    pub user_id: UserId,
    /// The chosen one, or the default.
    pub production_type: ProductionType,
    pub options: Options,
    /// Every field of the mapping; `None` where the user lacks an attribute.
    pub data: BTreeMap<String, Option<String>>,
    /// In the order in which an order would be refused.
    pub blockers: Vec<Refusal>,
}

/// # Errors
/// There is no such user or production type, or the store does not answer.
pub async fn draft_card(
    store: &(impl ReadOrderContext + ReadCard),
    user_id: &UserId,
    production_type: Option<&str>,
) -> Result<CardDraft, Error> {
    let context = store.order_context(user_id, None).await?;
    let blockers = blockers(store, &context, production_type).await?;
    let OrderContext { user, options, .. } = context;
    let user = user.ok_or(Refusal::UserNotFound)?;
    let chosen = options.production_type(production_type).cloned();
    let production_type = chosen.ok_or(Refusal::ProductionTypeUnknown)?;
    let data = options.mapping.draft(&user);
    Ok(CardDraft {
        user_id: user_id.clone(),
        production_type,
        options,
        data,
        blockers,
    })
}

/// All that stands against an order for the user, in the order in which it would be refused.
///
/// # Errors
/// The store does not answer.
pub async fn blockers(
    store: &impl ReadCard,
    context: &OrderContext,
    production_type: Option<&str>,
) -> Result<Vec<Refusal>, PortError> {
    let OrderContext {
        user: Some(user),
        options,
        open_order,
        ..
    } = context
    else {
        return Ok(vec![Refusal::UserNotFound]);
    };
    let mut blockers = options.order_blockers(user, production_type);
    if let (false, Some(pointer)) = (options.multiple_orders, open_order) {
        blockers.extend(self::open_order(store, *pointer).await?);
    }
    Ok(blockers)
}

/// The pointer is never cleaned up, so the card that it names says whether it still counts.
pub(crate) async fn open_order(
    store: &impl ReadCard,
    pointer: OrderId,
) -> Result<Option<Refusal>, PortError> {
    let card = store.card(pointer.card_id).await?;
    let open = card.filter(Card::is_open_order);
    Ok(open.map(|card| Refusal::OpenOrderExists {
        card_id: card.card_id,
        state: card.state.kind(),
    }))
}

#[cfg(test)]
mod tests {
    use cardwright_domain::card::{StateKind, sample};

    use super::*;
    use crate::memory::{Memory, answer};

    fn draft(memory: &Memory, user_id: &str) -> Result<CardDraft, Error> {
        let user_id = UserId::parse(user_id).unwrap();
        answer(draft_card(memory, &user_id, None))
    }

    fn blocked(memory: &Memory, user_id: &str) -> Vec<&'static str> {
        let blockers = draft(memory, user_id).unwrap().blockers;
        blockers.iter().map(Refusal::slug).collect()
    }

    #[test]
    fn a_draft_is_what_an_order_would_freeze() {
        let draft = draft(&Memory::with([]), "u1").unwrap();
        assert_eq!(draft.production_type.id.as_str(), "standard");
        assert_eq!(draft.data["commonName"].as_deref(), Some("Ada Lovelace"));
        assert_eq!(draft.blockers, []);
    }

    #[test]
    fn a_draft_is_of_a_user_and_a_type_that_there_are() {
        let memory = Memory::with([]);
        let refused = |answer: Result<CardDraft, Error>| format!("{:?}", answer.unwrap_err());
        assert_eq!(refused(draft(&memory, "u9")), "Refused(UserNotFound)");
        memory.things().options.production_types.clear();
        assert_eq!(
            refused(draft(&memory, "u1")),
            "Refused(ProductionTypeUnknown)"
        );
    }

    #[test]
    fn the_open_order_stands_last_among_what_forbids_an_order() {
        for (state, multiple_orders, blockers) in [
            (
                StateKind::Ordered,
                false,
                &["user-inactive", "open-order-exists"][..],
            ),
            (StateKind::Ordered, true, &["user-inactive"]),
            (StateKind::Produced, false, &["user-inactive"]),
        ] {
            let card = sample::card(state, "k");
            let memory = Memory::with([card.clone()]);
            memory.things().open_order = Some(card.order_id());
            memory.things().options.multiple_orders = multiple_orders;
            assert_eq!(blocked(&memory, "u2"), blockers, "{state:?}");
        }
    }
}
