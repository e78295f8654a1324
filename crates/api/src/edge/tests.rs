use std::error::Error as StdError;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use cardwright_app::error::PortError;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use super::*;

fn edge(requests_made: fn() -> u64) -> Edge {
    let claim_names = ClaimNames {
        groups: "cognito:groups".into(),
        user_name: "username".into(),
    };
    let has_answered = AtomicBool::new(false);
    Edge {
        claim_names,
        requests_made,
        has_answered,
    }
}

fn signed_in(event: Value) -> LambdaEvent<Event> {
    let claims = json!({"username": "omar.haddad", "token_use": "access"});
    let mut event = event;
    event["requestContext"] =
        json!({"requestId": "Req=", "authorizer": {"jwt": {"claims": claims}}});
    invocation(event)
}

fn invocation(event: Value) -> LambdaEvent<Event> {
    let mut context = lambda_http::Context::default();
    context.request_id = "lambda-id".into();
    LambdaEvent::new(serde_json::from_value(event).unwrap(), context)
}

fn body(response: &Response) -> Value {
    serde_json::from_str(&response.body).unwrap()
}

fn no_answer() -> Problem {
    Problem::Unavailable(PortError::new("dynamodb.GetItem", "the wire is cut"))
}

#[tokio::test]
async fn a_good_answer_says_what_it_cost_and_is_never_cached() {
    static MADE: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(40);
    let edge = edge(|| MADE.load(Ordering::Relaxed));
    let route = async |_: Call| {
        MADE.fetch_add(2, Ordering::Relaxed);
        Reply::versioned(7, &json!({"a": 1}))
    };
    let response = edge.answer(signed_in(json!({})), route).await.unwrap();
    assert_eq!(
        serde_json::to_value(&response).unwrap(),
        json!({
            "statusCode": 200,
            "headers": {
                "content-type": "application/json",
                "cache-control": "no-store",
                "aws-requests": "2",
                "etag": "\"7\"",
            },
            "body": "{\"a\":1}",
            "isBase64Encoded": false,
        })
    );
}

#[tokio::test]
async fn a_caller_whom_the_token_does_not_name_reaches_no_route() {
    let id_token = json!({"username": "omar", "token_use": "id"});
    for event in [
        json!({}),
        json!({"requestContext": {"authorizer": null}}),
        json!({"requestContext": {"authorizer": {"jwt": null}}}),
        json!({"requestContext": {"authorizer": {"jwt": {"claims": null, "scopes": null}}}}),
        json!({"requestContext": {"authorizer": {"jwt": {"claims": id_token}}}}),
    ] {
        let route = async |_: Call| -> Result<Reply, Problem> { panic!("nobody was let in") };
        let response = edge(|| 0).answer(invocation(event), route).await.unwrap();
        assert_eq!(response.status_code, 401);
        assert_eq!(response.headers["www-authenticate"], "Bearer");
        assert_eq!(response.headers["content-type"], "application/problem+json");
        assert_eq!(response.headers["aws-requests"], "0");
        assert_eq!(body(&response)["instance"], "urn:request:lambda-id");
    }
}

#[tokio::test]
async fn a_fault_tells_the_caller_when_to_come_back_and_nothing_else() {
    let response = edge(|| 0)
        .answer(signed_in(json!({})), async |_| Err(no_answer()))
        .await
        .unwrap();
    assert_eq!(response.status_code, 503);
    assert_eq!(response.headers["retry-after"], "2");
    assert_eq!(body(&response)["retryAfterSeconds"], 2);
    assert_eq!(body(&response)["instance"], "urn:request:Req=");
    assert!(!response.body.contains("wire") && !response.body.contains("dynamodb"));
    let mistake = async |_: Call| Err(Problem::Internal("a mistake".into()));
    let response = edge(|| 0)
        .answer(signed_in(json!({})), mistake)
        .await
        .unwrap();
    assert_eq!(
        (response.status_code, response.body.contains("mistake")),
        (500, false)
    );
}

#[tokio::test(start_paused = true)]
async fn a_route_that_takes_too_long_is_answered_before_the_function_is_stopped() {
    let never = async |_: Call| std::future::pending().await;
    let response = edge(|| 0)
        .answer(signed_in(json!({})), never)
        .await
        .unwrap();
    assert_eq!(response.status_code, 503);
    assert_eq!(response.headers["retry-after"], "2");
}

/// The fields of one log line, those of the span around it included.
type Line = Vec<(String, String)>;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<Line>>>);

struct Fields(Line);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push((field.name().to_owned(), format!("{value:?}")));
    }

    fn record_error(&mut self, field: &Field, error: &(dyn StdError + 'static)) {
        let cause = error.source().map(ToString::to_string);
        self.0.push((
            field.name().to_owned(),
            format!("{error}: {}", cause.unwrap_or_default()),
        ));
    }
}

impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.0.iter().filter(|(name, _)| name != "duration_ms");
        fields
            .into_iter()
            .try_for_each(|(name, value)| write!(f, "{name}={value} "))
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(
        &self,
        attributes: &tracing::span::Attributes<'_>,
        id: &tracing::span::Id,
        context: Context<'_, S>,
    ) {
        let mut fields = Fields(Line::new());
        attributes.record(&mut fields);
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let mut line = vec![("level".to_owned(), event.metadata().level().to_string())];
        for span in context.event_scope(event).into_iter().flatten() {
            line.extend(span.extensions().get::<Fields>().unwrap().0.clone());
        }
        let mut fields = Fields(line);
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }
}

/// Everything that is logged while the edge answers twice, first as told, then well.
async fn logged(event: Value, result: Result<Reply, Problem>) -> Vec<String> {
    let lines = Lines::default();
    let subscriber = Registry::default().with(lines.clone());
    let guard = tracing::subscriber::set_default(subscriber);
    let edge = edge(|| 0);
    edge.answer(signed_in(event.clone()), async |_| result)
        .await
        .unwrap();
    edge.answer(signed_in(event), async |_| Reply::ok(&1))
        .await
        .unwrap();
    drop(guard);
    let lines = lines.0.lock().unwrap().clone();
    lines
        .into_iter()
        .map(|line| Fields(line).to_string())
        .collect()
}

#[tokio::test]
async fn one_line_tells_what_was_asked_and_how_it_ended_and_nothing_about_people() {
    let event = json!({
        "routeKey": "GET /users/{userId}",
        "rawPath": "/users/u-secret",
        "rawQueryString": "q=secret",
        "pathParameters": {"userId": "u-secret"},
        "headers": {"authorization": "Bearer secret", "idempotency-key": "secret"},
        "body": "secret",
    });
    let lines = logged(event, Err(Problem::RoleRequired(&[]))).await;
    assert_eq!(
        lines,
        [
            "level=INFO request.id=\"Req=\" cold_start=true message=answered \
             http.route=\"GET /users/{userId}\" http.status=403 problem.type=\"role-required\" \
             outcome=\"refused\" aws.requests=0 ",
            "level=INFO request.id=\"Req=\" cold_start=false message=answered \
             http.route=\"GET /users/{userId}\" http.status=200 outcome=\"ok\" aws.requests=0 ",
        ]
    );
}

#[tokio::test]
async fn a_fault_is_logged_once_with_its_chain_of_causes() {
    let lines = logged(json!({"routeKey": "GET /options"}), Err(no_answer())).await;
    let errors: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("level=ERROR"))
        .collect();
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].contains("error=dynamodb.GetItem failed: the wire is cut"),
        "{errors:?}"
    );
    assert!(
        lines[1].contains("outcome=\"failed\"") && lines.len() == 3,
        "{lines:?}"
    );
}

#[test]
fn a_claim_has_its_default_name_unless_another_is_set() {
    let name = |value: Result<&str, VarError>| {
        claim_name("GROUPS_CLAIM", value.map(str::to_owned), "cognito:groups")
    };
    assert_eq!(name(Err(VarError::NotPresent)).unwrap(), "cognito:groups");
    assert_eq!(name(Ok("roles")).unwrap(), "roles");
    for bad in [Ok(""), Err(VarError::NotUnicode("\u{fffd}".into()))] {
        let line = name(bad).unwrap_err().to_string();
        assert_eq!(
            line,
            "the setting GROUPS_CLAIM is not valid: expected the name of a claim"
        );
    }
}
