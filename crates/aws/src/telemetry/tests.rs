use std::error::Error;
use std::sync::{Arc, Mutex};

use cardwright_app::count::{count, gauge};
use cardwright_app::error::PortError;
use serde_json::json;

use super::*;

fn noon() -> Timestamp {
    "2026-11-22T12:00:00.5Z".parse().unwrap()
}

/// The lines that `act` writes at this level.
fn written(level: LevelFilter, act: impl FnOnce()) -> Vec<Value> {
    let text = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&text);
    let write = Box::new(move |line: &str| sink.lock().unwrap().push_str(line));
    let lines = Lines {
        function: "drain-orders",
        stage: "test".into(),
        level,
        now: noon,
        write,
    };
    tracing::subscriber::with_default(Registry::default().with(lines), act);
    let text = text.lock().unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_line_has_the_fields_of_the_spans_around_it() {
    let lines = written(LevelFilter::INFO, || {
        let outer = tracing::info_span!(
            "invocation",
            request.id = "r-1",
            outcome = tracing::field::Empty
        );
        let _outer = outer.enter();
        let _inner = tracing::info_span!("card", card.id = %"c-1").entered();
        outer.record("outcome", "ok");
        tracing::warn!(cold_start = true, duration_ms = 12_u64, "it took long");
    });
    let expected = json!({
        "timestamp": "2026-11-22T12:00:00.500Z",
        "level": "WARN",
        "message": "it took long",
        "function": "drain-orders",
        "stage": "test",
        "request.id": "r-1",
        "card.id": "c-1",
        "outcome": "ok",
        "cold_start": true,
        "duration_ms": 12,
    });
    assert_eq!(lines, [expected]);
}

#[test]
fn an_error_is_logged_with_the_whole_chain_of_its_causes() {
    let cause = std::io::Error::other("the wire is cut");
    let call = CallErrorOf::no_answer(cause);
    let refused = crate::CallError::Refused {
        code: "ThrottlingException".into(),
        status: 400,
        request_id: Some("A1".into()),
    };
    let lines = written(LevelFilter::INFO, || {
        for error in [
            PortError::new("sqs.SendMessage", call),
            PortError::new("dynamodb.Query", refused),
        ] {
            tracing::error!(error = &error as &dyn Error, "not sent");
        }
    });
    assert_eq!(
        lines[0]["error"],
        "sqs.SendMessage failed: no answer: the wire is cut"
    );
    assert_eq!(lines[0].get("error.code"), None);
    assert_eq!(
        lines[1]["error"],
        "dynamodb.Query failed: ThrottlingException (HTTP 400)"
    );
    assert_eq!(lines[1]["error.code"], "ThrottlingException");
    assert_eq!(lines[1]["aws.request.id"], "A1");
}

struct CallErrorOf;

impl CallErrorOf {
    fn no_answer(cause: std::io::Error) -> crate::CallError {
        crate::CallError::NoAnswer(Box::new(cause))
    }
}

#[test]
fn other_crates_are_heard_from_warnings_upwards_and_without_their_spans() {
    let lines = written(LevelFilter::TRACE, || {
        let _span =
            tracing::error_span!(target: "lambda_runtime", "invoke", requestId = "r-1").entered();
        tracing::info!(target: "hyper", "a body");
        tracing::error!(target: "lambda_runtime::layers::panic", "said by the handler");
        tracing::warn!(target: "hyper", "a warning");
        tracing::trace!("ours");
    });
    let messages: Vec<_> = lines.iter().map(|line| &line["message"]).collect();
    assert_eq!(messages, ["a warning", "ours"]);
    assert!(lines.iter().all(|line| line.get("requestId").is_none()));
}

#[test]
fn the_level_decides_about_lines_but_not_about_metrics() {
    let lines = written(LevelFilter::ERROR, || {
        tracing::warn!("left out");
        count("OrdersPlaced", 1);
    });
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["OrdersPlaced"], 1);
}

#[test]
fn a_counter_is_exactly_what_cloudwatch_reads() {
    let lines = written(LevelFilter::INFO, || {
        let _span = tracing::info_span!("invocation", request.id = "r-1").entered();
        count("OrdersHandedOver", 42);
        count("OrdersRefused", 0);
        gauge("OldestDueSeconds", 0);
    });
    let expected = |name: &str, unit: &str, value: u64| {
        json!({
            "_aws": {
                "Timestamp": 1_795_348_800_500_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "Cardwright",
                    "Dimensions": [["Stage"], ["Stage", "Function"]],
                    "Metrics": [{"Name": name, "Unit": unit}],
                }],
            },
            "Stage": "test",
            "Function": "drain-orders",
            name: value,
        })
    };
    let handed_over = expected("OrdersHandedOver", "Count", 42);
    assert_eq!(
        lines,
        [handed_over, expected("OldestDueSeconds", "Seconds", 0)]
    );
}

#[test]
fn an_unknown_level_is_a_clear_error() {
    let environment = Environment::new(|_| Some("loud".to_owned()));
    let error = install("drain-orders", &environment).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the setting LOG_LEVEL is not valid: expected off, error, warn, info, debug or trace"
    );
}
