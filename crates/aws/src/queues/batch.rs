//! Many entries in as few requests as possible. SQS answers each entry by itself, so each is looked
//! at.

use std::collections::HashSet;
use std::future::Future;

use cardwright_app::error::PortError;
use futures_util::{StreamExt, stream};

use crate::limits::{BATCH_TRIES, BATCHES_IN_FLIGHT, ENTRIES_PER_BATCH};

/// What SQS said about the entries of one batch.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The entries that were done. What is in neither list of the answer was not.
    pub(super) done: HashSet<String>,
    /// Why an entry was not done; of several reasons the first.
    pub(super) code: Option<String>,
}

#[derive(Debug, thiserror::Error)]
#[error("{entries} entries were not done: {code}")]
struct EntriesFailed {
    entries: usize,
    code: String,
}

/// Calls with up to [`ENTRIES_PER_BATCH`] entries at a time, several calls in flight. Entries that
/// fail are tried once more. A batch that fails does not keep the others from being done.
pub(super) async fn in_batches<F>(
    operation: &'static str,
    entries: Vec<String>,
    call: impl Fn(Vec<(String, String)>) -> F,
) -> Result<(), PortError>
where
    F: Future<Output = Result<Answer, PortError>>,
{
    let batches: Vec<Vec<String>> = entries
        .chunks(ENTRIES_PER_BATCH)
        .map(<[_]>::to_vec)
        .collect();
    let calls: Vec<_> = batches
        .into_iter()
        .map(|batch| whole_batch(operation, batch, &call))
        .collect();
    let answers: Vec<_> = stream::iter(calls)
        .buffer_unordered(BATCHES_IN_FLIGHT)
        .collect()
        .await;
    answers.into_iter().collect()
}

async fn whole_batch<F>(
    operation: &'static str,
    entries: Vec<String>,
    call: &impl Fn(Vec<(String, String)>) -> F,
) -> Result<(), PortError>
where
    F: Future<Output = Result<Answer, PortError>>,
{
    let numbered = entries.into_iter().enumerate();
    let mut left: Vec<_> = numbered
        .map(|(id, entry)| (id.to_string(), entry))
        .collect();
    let mut code = None;
    for _ in 0..BATCH_TRIES {
        let answer = call(left.clone()).await?;
        left.retain(|(id, _)| !answer.done.contains(id));
        if left.is_empty() {
            return Ok(());
        }
        code = answer.code;
    }
    let code = code.unwrap_or_else(|| "no reason given".to_owned());
    Err(PortError::new(
        operation,
        EntriesFailed {
            entries: left.len(),
            code,
        },
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Calls that do the entries for which `does(call number, entry)` is true; gives the calls that
    /// were made.
    async fn run(
        entries: usize,
        does: impl Fn(usize, &str) -> bool,
    ) -> (Result<(), PortError>, Vec<Vec<String>>) {
        let calls = Mutex::new(Vec::new());
        let entries: Vec<_> = (0..entries).map(|entry| format!("e{entry}")).collect();
        let result = in_batches("sqs.SendMessageBatch", entries, |batch| {
            let mut calls = calls.lock().unwrap();
            calls.push(batch.iter().map(|(_, entry)| entry.clone()).collect());
            let number = calls.len();
            let done = batch.iter().filter(|(_, entry)| does(number, entry));
            let done = done.map(|(id, _)| id.clone()).collect();
            async move {
                Ok(Answer {
                    done,
                    code: Some("InternalError".into()),
                })
            }
        });
        let result = result.await;
        (result, calls.into_inner().unwrap())
    }

    #[tokio::test]
    async fn entries_go_in_tens() {
        let (result, calls) = run(23, |_, _| true).await;
        result.unwrap();
        let mut sizes: Vec<_> = calls.iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [3, 10, 10]);
        assert!(run(0, |_, _| true).await.1.is_empty());
    }

    #[tokio::test]
    async fn only_failed_entries_are_tried_again() {
        let (result, calls) = run(3, |call, entry| call > 1 || entry == "e1").await;
        result.unwrap();
        assert_eq!(calls, [vec!["e0", "e1", "e2"], vec!["e0", "e2"]]);
    }

    #[tokio::test]
    async fn an_entry_that_fails_again_is_an_error_but_stops_no_other_batch() {
        let (result, calls) = run(12, |_, entry| entry != "e3").await;
        let error = result.unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(cause, "1 entries were not done: InternalError");
        assert!(
            calls.iter().any(|call| call.contains(&"e11".to_owned())),
            "{calls:?}"
        );
    }
}
