//! A change of the options, as the history tells it.

use cardwright_app::options_history::PastChange;
use cardwright_domain::options::difference::Change;
use cardwright_domain::time::Time;
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct PastChangeView<'a> {
    version: u64,
    at: Time,
    by: &'a str,
    changes: Option<&'a [Change]>,
}

impl<'a> From<&'a PastChange> for PastChangeView<'a> {
    fn from(past: &'a PastChange) -> Self {
        Self {
            version: past.version,
            at: past.at,
            by: past.by.as_str(),
            changes: past.changes.as_deref(),
        }
    }
}
