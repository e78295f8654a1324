use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Json, Router};
use serde_json::json;

use super::*;
use crate::local::{aws_at, serve};

/// Keys in a Secrets Manager that changes them with every read, and how often they were read.
async fn keys() -> (WebhookKeys, Arc<AtomicUsize>) {
    let reads = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&reads);
    let router = Router::new().fallback(move || {
        let read = counter.fetch_add(1, Ordering::Relaxed) + 1;
        async move { Json(json!({"Name": "keys", "SecretString": format!("keys {read}")})) }
    });
    let secrets = aws_at(serve(router).await).secrets();
    (WebhookKeys::new(secrets, "keys".into()), reads)
}

#[tokio::test]
async fn keys_are_read_once_and_not_again_for_what_anybody_can_send() {
    let (keys, reads) = keys().await;
    for did_not_fit in [false, false, true, true] {
        let known = keys.signing_keys(did_not_fit).await.unwrap();
        assert_eq!(known.reveal(), "keys 1");
    }
    assert_eq!(reads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn keys_that_do_not_fit_are_read_again_once_they_have_been_known_for_a_while() {
    let (keys, _) = keys().await;
    keys.signing_keys(false).await.unwrap();
    tokio::time::pause();
    tokio::time::advance(WEBHOOK_KEYS_AGE).await;
    tokio::time::resume();
    let known = keys.signing_keys(false).await.unwrap();
    assert_eq!(known.reveal(), "keys 1");
    for did_not_fit in [true, false, true] {
        let known = keys.signing_keys(did_not_fit).await.unwrap();
        assert_eq!(known.reveal(), "keys 2");
    }
}

#[tokio::test]
async fn the_keys_stay_out_of_debug_output() {
    let (keys, _) = keys().await;
    keys.signing_keys(false).await.unwrap();
    assert!(!format!("{keys:?}").contains("keys 1"));
}
