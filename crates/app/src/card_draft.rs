//! What an order would freeze, and everything that stands against ordering now.

use std::collections::BTreeMap;

use cardwright_domain::ids::UserId;
use cardwright_domain::options::{Options, ProductionType};
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
    if let (false, Some(open)) = (options.multiple_orders, open_order) {
        // The pointer is never cleaned up, so the card it names says whether it still counts.
        let card = store.card(*open).await?.filter(|card| card.is_open_order());
        blockers.extend(card.map(|card| Refusal::OpenOrderExists {
            card_id: card.card_id,
            state: card.state.kind(),
        }));
    }
    Ok(blockers)
}
