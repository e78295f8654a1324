//! What the answers show (`infra/api.yaml`). Every member is always there; what has no value is
//! `null`.

pub(crate) mod card;
pub(crate) mod draft;
pub(crate) mod me;
pub(crate) mod past_change;
pub(crate) mod user;

use cardwright_app::page::Page;
use serde::Serialize;

/// One page of a list.
#[derive(Serialize)]
pub(crate) struct PageView<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl<'a, Item, View: From<&'a Item>> From<&'a Page<Item>> for PageView<View> {
    fn from(page: &'a Page<Item>) -> Self {
        Self {
            items: page.items.iter().map(View::from).collect(),
            next: page.next.clone(),
        }
    }
}
