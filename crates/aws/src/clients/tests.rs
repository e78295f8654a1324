use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode};
use axum::{Json, Router};
use serde_json::json;

use super::*;
use crate::local::{aws_at, serve};
use crate::requests;

/// A table that never has anything; keeps the headers of the requests.
async fn empty_table() -> (String, Arc<Mutex<Vec<HeaderMap>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&seen);
    let router = Router::new().fallback(move |headers: HeaderMap| {
        keep.lock().unwrap().push(headers);
        async { Json(json!({})) }
    });
    (serve(router).await, seen)
}

fn environment(pairs: &[(&str, &str)]) -> Environment {
    let pairs = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let pairs: HashMap<String, String> = pairs.collect();
    Environment::new(move |name| pairs.get(name).cloned())
}

const KEYS: [(&str, &str); 3] = [
    ("AWS_REGION", "eu-north-1"),
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "secret"),
];

async fn look(client: &aws_sdk_dynamodb::Client) {
    client
        .describe_table()
        .table_name("cards")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn plain_http_works_and_each_request_is_counted() {
    let (url, seen) = empty_table().await;
    let client = aws_at(url).dynamodb();
    let before = requests::made();
    look(&client).await;
    look(&client).await;
    assert!(requests::made() - before >= 2);
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_function_calls_where_and_as_whom_its_environment_says() {
    let (url, seen) = empty_table().await;
    for token in ["", "the-session"] {
        let more = [
            ("AWS_ENDPOINT_URL", url.as_str()),
            ("AWS_SESSION_TOKEN", token),
        ];
        let environment = environment(&[&KEYS[..], &more].concat());
        look(&Aws::from_environment(environment).unwrap().dynamodb()).await;
    }
    let seen = seen.lock().unwrap();
    let authorization = seen[0]["authorization"].to_str().unwrap();
    assert!(
        authorization.contains("AKIDEXAMPLE") && authorization.contains("/eu-north-1/dynamodb/")
    );
    // Some runtimes set the session token to nothing, which is no token.
    assert_eq!(seen[0].get("x-amz-security-token"), None);
    assert_eq!(seen[1]["x-amz-security-token"], "the-session");
}

#[tokio::test]
async fn an_endpoint_of_the_service_counts_before_the_one_for_all() {
    let (url, seen) = empty_table().await;
    let more = [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL_DYNAMODB", url.as_str()),
    ];
    let environment = environment(&[&KEYS[..], &more].concat());
    look(&Aws::from_environment(environment).unwrap().dynamodb()).await;
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_call_is_tried_as_often_as_the_limit_says_and_keeps_the_code_only() {
    let router = Router::new().fallback(|| async {
        let error =
            json!({"__type": "com.amazonaws#InternalServerError", "message": "Ada Lovelace"});
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            [("x-amzn-requestid", "R1")],
            Json(error),
        )
    });
    let client = aws_at(serve(router).await).dynamodb();
    let before = requests::made();
    let error = client
        .describe_table()
        .table_name("cards")
        .send()
        .await
        .unwrap_err();
    assert!(requests::made() - before >= u64::from(AWS_TRIES));
    let error = crate::CallError::from(error);
    assert_eq!(error.to_string(), "InternalServerError (HTTP 500)");
    assert_eq!(error.request_id(), Some("R1"));
    assert!(!format!("{error:?}").contains("Ada"));
}

#[test]
fn what_is_missing_is_named() {
    for (name, _) in KEYS {
        let rest: Vec<_> = KEYS
            .into_iter()
            .filter(|(other, _)| *other != name)
            .collect();
        let error = Aws::from_environment(environment(&rest)).unwrap_err();
        assert_eq!(error, ConfigError::Missing { name });
    }
    let aws = Aws::from_environment(environment(&KEYS)).unwrap();
    assert_eq!(
        aws.tables().unwrap_err(),
        ConfigError::Missing {
            name: "USERS_TABLE"
        }
    );
    #[cfg(feature = "sqs")]
    assert_eq!(
        aws.queues(&[Queue::Mail]).unwrap_err(),
        ConfigError::Missing {
            name: "MAIL_QUEUE_URL"
        }
    );
    #[cfg(feature = "ses")]
    assert_eq!(
        aws.mail().unwrap_err(),
        ConfigError::Missing {
            name: "EMAIL_SENDER"
        }
    );
    #[cfg(feature = "producer")]
    assert_eq!(
        aws.bureau().unwrap_err(),
        ConfigError::Missing {
            name: "PRODUCER_URL"
        }
    );
}

#[test]
fn debug_output_has_no_secret() {
    let aws = Aws::from_environment(environment(&KEYS)).unwrap();
    let endpoint = Endpoint {
        url: "http://127.0.0.1".into(),
        region: "eu-north-1".into(),
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "s3cr3t".into(),
    };
    assert!(!format!("{aws:?} {endpoint:?} {:?}", Aws::at(endpoint.clone())).contains("s3cr3t"));
}
