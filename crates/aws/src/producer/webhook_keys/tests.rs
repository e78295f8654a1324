use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::json;

use super::*;
use crate::local::{aws_at, serve};

const FIRST: &str = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";
const SECOND: &str = "whsec_AgICAgICAgICAgICAgICAgICAgICAgIC";

/// Keys in a Secrets Manager that tells by the number of the read, from 1, what the secret is, and how
/// often it was read.
async fn keys_in(
    secret: impl Fn(usize) -> Option<String> + Send + Sync + 'static,
) -> (WebhookKeys, Arc<AtomicUsize>) {
    let reads = Arc::new(AtomicUsize::new(0));
    let (counter, secret) = (Arc::clone(&reads), Arc::new(secret));
    let router = Router::new().fallback(move || {
        let answer: Response = match secret(counter.fetch_add(1, Ordering::Relaxed) + 1) {
            Some(text) => Json(json!({"Name": "keys", "SecretString": text})).into_response(),
            None => StatusCode::BAD_REQUEST.into_response(),
        };
        async move { answer }
    });
    let secrets = aws_at(serve(router).await).secrets();
    (WebhookKeys::new(secrets, "keys".into()), reads)
}

fn first_then_second(read: usize) -> Option<String> {
    Some([FIRST, SECOND][usize::from(read > 1)].to_owned())
}

async fn age() {
    tokio::time::pause();
    tokio::time::advance(WEBHOOK_KEYS_AGE).await;
    tokio::time::resume();
}

/// The byte of which each known key consists.
async fn known(keys: &WebhookKeys, did_not_fit: bool) -> Result<Vec<u8>> {
    let keys = keys.signing_keys(did_not_fit).await?;
    Ok(keys.iter().map(|key| key.reveal()[0]).collect())
}

#[tokio::test]
async fn keys_are_read_once_and_not_again_for_what_anybody_can_send() {
    let (keys, reads) = keys_in(first_then_second).await;
    for did_not_fit in [false, false, true, true] {
        assert_eq!(known(&keys, did_not_fit).await.unwrap(), [1]);
    }
    assert_eq!(reads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn keys_that_do_not_fit_are_read_again_once_they_have_been_known_for_a_while() {
    let (keys, _) = keys_in(first_then_second).await;
    known(&keys, false).await.unwrap();
    age().await;
    assert_eq!(known(&keys, false).await.unwrap(), [1]);
    for did_not_fit in [true, false, true] {
        assert_eq!(known(&keys, did_not_fit).await.unwrap(), [2]);
    }
}

#[tokio::test]
async fn known_keys_outlast_a_secret_that_can_not_be_read() {
    let (keys, reads) =
        keys_in(|read| (read != 2).then(|| first_then_second(read)).flatten()).await;
    known(&keys, false).await.unwrap();
    age().await;
    for did_not_fit in [true, true, false] {
        assert_eq!(known(&keys, did_not_fit).await.unwrap(), [1]);
    }
    assert_eq!(reads.load(Ordering::Relaxed), 2);
    age().await;
    assert_eq!(known(&keys, true).await.unwrap(), [2]);
}

#[tokio::test]
async fn a_secret_without_a_key_is_our_fault_and_not_the_senders() {
    let (keys, reads) = keys_in(|_| Some("  \n".into())).await;
    for did_not_fit in [false, true, false] {
        assert!(known(&keys, did_not_fit).await.is_err());
    }
    assert_eq!(reads.load(Ordering::Relaxed), 1);
    age().await;
    assert!(known(&keys, false).await.is_err());
    assert_eq!(reads.load(Ordering::Relaxed), 2);
    let (keys, _) = keys_in(|_| None).await;
    assert!(known(&keys, false).await.is_err());
}

#[test]
fn only_a_whole_key_counts() {
    let words = |text: &str| {
        let keys = keys(&Secret::new(text.to_owned()));
        keys.iter()
            .map(|key| key.reveal().len())
            .collect::<Vec<_>>()
    };
    assert_eq!(words(&format!(" {FIRST}\n{SECOND}\n")), [24, 24]);
    let with = |bytes: usize| format!("whsec_{}", aws_smithy_types::base64::encode(vec![7; bytes]));
    for (bytes, fits) in [(23, false), (24, true), (64, true), (65, false)] {
        assert_eq!(words(&with(bytes)).len(), usize::from(fits), "{bytes}");
    }
    let bare = FIRST.trim_start_matches("whsec_");
    assert_eq!(words(&format!("{bare} whsec_? {SECOND}")), [24]);
}

#[tokio::test]
async fn the_keys_stay_out_of_debug_output() {
    let (keys, _) = keys_in(first_then_second).await;
    let read = keys.signing_keys(false).await.unwrap();
    assert_eq!(format!("{read:?}"), "[SigningKey(redacted)]");
    assert!(!format!("{keys:?}").contains("[1, 1"));
}
