//! The history of the options: who made which version, when, and what it changed.
//!
//! Versions follow each other without a gap, so the records of a page are known by their keys. What a
//! change changed is found when it is read: each record has the whole document, and the one before it
//! is the other side. A change whose predecessor was never recorded says that this is not known.

use std::collections::BTreeMap;

use cardwright_domain::ids::Actor;
use cardwright_domain::options::Options;
use cardwright_domain::options::difference::{Change, difference};
use cardwright_domain::refusal::Refusal;
use cardwright_domain::time::Time;
use serde_json::Value;

use crate::error::Error;
use crate::page::{Page, cursor, position};
use crate::ports::{ReadOptions, ReadOptionsHistory, RecordedChange};

/// What the cursors are of. The position is a version that has been shown.
const LIST: &str = "options history";

/// One version of the options, and how it came to be.
#[derive(Debug)]
pub struct PastChange {
    pub version: u64,
    pub at: Time,
    pub by: Actor,
    /// Empty if the same was stored again; `None` if the version before was not recorded.
    pub changes: Option<Vec<Change>>,
}

/// The changes of the options, newest first. Versions that were stored before there was a history are
/// left out, so a page may be short and have a `next` nevertheless.
///
/// # Errors
/// The cursor is of another list, or the store does not answer.
pub async fn list_options_history(
    store: &(impl ReadOptions + ReadOptionsHistory),
    after: Option<&str>,
    limit: usize,
) -> Result<Page<PastChange>, Error> {
    let newest = match after {
        Some(cursor) => below(cursor)?,
        None => store.options().await?.version,
    };
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let oldest = newest.saturating_sub(limit).saturating_add(1);
    // One version more than the page shows: the other side of its last difference.
    let versions = oldest.saturating_sub(1).max(1)..=newest;
    let records = store.options_history(versions).await?;
    Ok(Page {
        items: past_changes(&records, oldest),
        next: (oldest > 1).then(|| cursor(LIST, &oldest.to_string())),
    })
}

/// The newest version of the page that follows.
fn below(cursor: &str) -> Result<u64, Refusal> {
    let shown = position(LIST, cursor)?.parse::<u64>();
    let shown = shown.map_err(|_| Refusal::CursorInvalid)?;
    Ok(shown.saturating_sub(1))
}

/// The records from this version on, each with what it changed.
fn past_changes(records: &[RecordedChange], oldest: u64) -> Vec<PastChange> {
    // Version 0 was never stored: it is what counts until something is.
    let defaults = serde_json::to_value(Options::default()).ok();
    let mut documents: BTreeMap<u64, &Value> = defaults.iter().map(|all| (0, all)).collect();
    documents.extend(records.iter().map(|one| (one.version, &one.document)));
    let shown = records.iter().filter(|record| record.version >= oldest);
    let past = shown.map(|record| {
        let before = documents.get(&record.version.saturating_sub(1));
        PastChange {
            version: record.version,
            at: record.at,
            by: record.by.clone(),
            changes: before.map(|before| difference(before, &record.document)),
        }
    });
    past.collect()
}

#[cfg(test)]
mod tests {
    use cardwright_domain::card::sample;

    use super::*;
    use crate::manage_options::replace_options;
    use crate::memory::{Memory, answer};

    /// Options that were replaced so often: every third time they allow several orders.
    fn replaced(times: u64) -> Memory {
        let memory = Memory::with([]);
        for seen in 0..times {
            let options = Options {
                multiple_orders: seen.is_multiple_of(3),
                ..Options::default()
            };
            let by = sample::operator();
            answer(replace_options(&memory, &memory, options, Some(seen), by)).unwrap();
        }
        memory
    }

    fn history(memory: &Memory, after: Option<&str>, limit: usize) -> Page<PastChange> {
        answer(list_options_history(memory, after, limit)).unwrap()
    }

    /// The version and what it changed.
    fn told(past: &PastChange) -> String {
        let Some(changes) = &past.changes else {
            return format!("{}: unknown", past.version);
        };
        let told = changes
            .iter()
            .map(|one| format!(" {} {} {}", one.pointer, one.before, one.after));
        format!("{}:{}", past.version, told.collect::<String>())
    }

    fn all_told(page: &Page<PastChange>) -> Vec<String> {
        page.items.iter().map(told).collect()
    }

    #[test]
    fn each_change_is_told_with_its_author_its_time_and_what_it_changed() {
        let page = history(&replaced(3), None, 25);
        let expected = [
            "3:",
            "2: /multipleOrders true false",
            "1: /multipleOrders false true",
        ];
        assert_eq!(all_told(&page), expected);
        assert_eq!(page.next, None);
        for past in page.items {
            assert_eq!((past.by, past.at), (sample::operator(), sample::now()));
        }
    }

    #[test]
    fn pages_follow_each_other_without_a_gap() {
        let memory = replaced(7);
        let all = all_told(&history(&memory, None, 25));
        assert_eq!(all.len(), 7);
        for limit in 1..9 {
            let mut found = Vec::new();
            let mut page = history(&memory, None, limit);
            found.extend(all_told(&page));
            while let Some(next) = page.next {
                assert_eq!(page.items.len(), limit);
                page = history(&memory, Some(&next), limit);
                found.extend(all_told(&page));
            }
            assert!(!page.items.is_empty(), "{limit} on a page");
            assert_eq!(found, all, "{limit} on a page");
        }
    }

    #[test]
    fn what_was_not_recorded_is_left_out_and_nothing_is_made_up_for_it() {
        let memory = replaced(6);
        memory.things().history.retain(|record| record.version > 3);
        let page = history(&memory, None, 4);
        let expected = ["6:", "5: /multipleOrders true false", "4: unknown"];
        assert_eq!(all_told(&page), expected);
        let page = history(&memory, page.next.as_deref(), 4);
        assert!(page.items.is_empty() && page.next.is_none());
    }

    #[test]
    fn before_the_first_change_there_is_no_history() {
        let page = history(&replaced(0), None, 25);
        assert!(page.items.is_empty() && page.next.is_none());
    }

    #[test]
    fn a_cursor_that_is_not_of_the_history_is_refused() {
        let memory = replaced(1);
        let of_another_list = cursor("cards failed", "1");
        let of_no_version = cursor(LIST, "one");
        for foreign in [of_another_list.as_str(), &of_no_version, "!"] {
            let refused = answer(list_options_history(&memory, Some(foreign), 25));
            let refused = format!("{:?}", refused.unwrap_err());
            assert_eq!(refused, "Refused(CursorInvalid)", "{foreign}");
        }
        let of_no_version_yet = cursor(LIST, &u64::MAX.to_string());
        let page = history(&memory, Some(&of_no_version_yet), 100);
        assert!(page.items.is_empty());
    }
}
