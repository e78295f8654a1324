//! What an order would freeze, and what stands in its way.

use std::collections::BTreeMap;

use cardwright_app::card_draft::CardDraft;
use cardwright_domain::ids::{ProductionTypeId, UserId};
use cardwright_domain::production_type::{Delivery, ProductionType};
use cardwright_domain::refusal::{Refusal, problem_type};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DraftView<'a> {
    user_id: &'a UserId,
    production_type: &'a ProductionTypeId,
    production_types: Vec<ProductionTypeView<'a>>,
    delivery: Delivery,
    /// Whether the order would wait for an approver.
    approval: bool,
    data: &'a BTreeMap<String, Option<String>>,
    blockers: Vec<BlockerView<'a>>,
    options_version: u64,
}

#[derive(Serialize)]
struct ProductionTypeView<'a> {
    id: &'a ProductionTypeId,
    name: &'a str,
    default: bool,
}

#[derive(Serialize)]
struct BlockerView<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    pointer: Option<&'a str>,
}

impl<'a> From<&'a CardDraft> for DraftView<'a> {
    fn from(draft: &'a CardDraft) -> Self {
        let offered = draft
            .options
            .production_types
            .iter()
            .filter(|offered| offered.enabled);
        Self {
            user_id: &draft.user_id,
            production_type: &draft.production_type.id,
            production_types: offered.map(ProductionTypeView::from).collect(),
            delivery: draft.production_type.delivery,
            approval: draft.options.approval.single,
            data: &draft.data,
            blockers: draft.blockers.iter().flat_map(blockers).collect(),
            options_version: draft.options.version,
        }
    }
}

impl<'a> From<&'a ProductionType> for ProductionTypeView<'a> {
    fn from(production_type: &'a ProductionType) -> Self {
        Self {
            id: &production_type.id,
            name: &production_type.name,
            default: production_type.default,
        }
    }
}

/// One blocker for a refusal; for card data one for each field that can't be made or does not fit.
fn blockers(refusal: &Refusal) -> Vec<BlockerView<'_>> {
    let pointers = match refusal {
        Refusal::UserAttributeMissing { errors } | Refusal::CardDataInvalid { errors } => errors
            .iter()
            .map(|error| Some(error.pointer.as_str()))
            .collect(),
        _ => vec![None],
    };
    let view = |pointer| BlockerView {
        kind: problem_type(refusal.slug()),
        title: refusal.title(),
        pointer,
    };
    pointers.into_iter().map(view).collect()
}
