//! API Gateway as the functions see it: a request becomes an event, the route decides whose it is.

use cardwright_api::call::Call;
use cardwright_api::edge::Edge;
use cardwright_api::event::{Event, Response};
use cardwright_api::problem::Problem;
use cardwright_api::reply::Reply;
use cardwright_api::{
    abort_order, decide_order, manage_card, manage_options, order_card, receive_producer_event,
    refresh_order, repeat_order, search_users, view_cards,
};
use cardwright_aws::producer;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};

use super::memory::{Memory, requests_made};
use super::webhook::signed;

/// The caller of every request, if not told otherwise.
pub(crate) const OPERATOR: &str = "omar.haddad";

/// A request after the gateway's authorizer, as the event that it becomes.
#[derive(Clone)]
pub(crate) struct Request(pub(crate) Value);

impl Request {
    /// By an operator, without path parameters, query or body.
    pub(crate) fn new(route_key: &str) -> Self {
        let mut event = json!({
            "version": "2.0",
            "routeKey": route_key,
            "rawQueryString": "",
            "headers": {},
            "requestContext": {"requestId": "LUxiaohB988fc98="},
            "isBase64Encoded": false,
        });
        event["pathParameters"] = Value::Null;
        Self(event).by(OPERATOR, &["operator"])
    }

    pub(crate) fn by(mut self, name: &str, groups: &[&str]) -> Self {
        let mut claims = json!({"token_use": "access", "username": name});
        if !groups.is_empty() {
            claims["cognito:groups"] = format!("[{}]", groups.join(" ")).into();
        }
        self.0["requestContext"]["authorizer"] = json!({"jwt": {"claims": claims, "scopes": null}});
        self
    }

    pub(crate) fn claim(mut self, name: &str, value: &str) -> Self {
        self.0["requestContext"]["authorizer"]["jwt"]["claims"][name] = value.into();
        self
    }

    pub(crate) fn by_nobody(mut self) -> Self {
        self.0["requestContext"]["authorizer"] = Value::Null;
        self
    }

    pub(crate) fn path(mut self, name: &str, value: impl ToString) -> Self {
        self.0["pathParameters"] = json!({name: value.to_string()});
        self
    }

    pub(crate) fn query(mut self, query: &str) -> Self {
        self.0["rawQueryString"] = query.into();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.0["headers"][name] = value.into();
        self
    }

    pub(crate) fn without_header(mut self, name: &str) -> Self {
        self.0["headers"].as_object_mut().unwrap().remove(name);
        self
    }

    pub(crate) fn body(mut self, body: impl ToString) -> Self {
        self.0["body"] = body.to_string().into();
        self
    }

    pub(crate) fn route_key(&self) -> &str {
        self.0["routeKey"].as_str().unwrap()
    }

    /// Answers by the function that has the route.
    pub(crate) async fn send(self, memory: &Memory) -> Response {
        let function = function(self.route_key());
        self.send_to(function, memory).await
    }

    /// Answers by this function, whether it has the route or not.
    pub(crate) async fn send_to(self, function: &str, memory: &Memory) -> Response {
        if function == "receive-producer-event" {
            return self.deliver(memory).await;
        }
        self.answer(async |call: Call| match function {
            "search-users" => search_users::route(call, memory).await,
            "order-card" => order_card::route(call, memory, memory, memory, memory).await,
            "abort-order" => abort_order::route(call, memory, memory).await,
            "decide-order" => decide_order::route(call, memory, memory, memory, memory).await,
            "repeat-order" => repeat_order::route(call, memory, memory, memory, memory).await,
            "refresh-order" => refresh_order::route(call, memory, memory, memory).await,
            "manage-card" => manage_card::route(call, memory, memory).await,
            "view-cards" => view_cards::route(call, memory).await,
            "manage-options" => manage_options::route(call, memory, memory).await,
            other => panic!("there is no function {other}"),
        })
        .await
    }

    /// Answers by the function whose callers sign.
    async fn deliver(self, memory: &Memory) -> Response {
        let route = |delivery| {
            receive_producer_event::route(delivery, memory, memory, memory, producer::event)
        };
        let (edge, invocation) = self.invoked();
        let answered = edge.answer_signed(invocation, memory, memory, route);
        answered.await.unwrap()
    }

    /// Answers by this route, whatever it is.
    pub(crate) async fn answer<Answering>(self, route: impl FnOnce(Call) -> Answering) -> Response
    where
        Answering: Future<Output = Result<Reply, Problem>>,
    {
        let (edge, invocation) = self.invoked();
        edge.answer(invocation, route).await.unwrap()
    }

    /// Answers by a route that makes a mistake.
    pub(crate) async fn answer_badly(self, memory: &Memory) -> Response {
        let mistake = || Err(Problem::Internal("a mistake".into()));
        if function(self.route_key()) != "receive-producer-event" {
            return self.answer(async |_| mistake()).await;
        }
        let (edge, invocation) = self.invoked();
        let answered = edge.answer_signed(invocation, memory, memory, async |_| mistake());
        answered.await.unwrap()
    }

    fn invoked(self) -> (Edge, LambdaEvent<Event>) {
        let edge = Edge::from_env(requests_made).unwrap();
        let event = serde_json::from_value(signed(self.0)).unwrap();
        (edge, LambdaEvent::new(event, Context::default()))
    }
}

/// The functions behind the API.
pub(crate) const FUNCTIONS: [&str; 10] = [
    "search-users",
    "order-card",
    "abort-order",
    "decide-order",
    "repeat-order",
    "refresh-order",
    "receive-producer-event",
    "manage-card",
    "view-cards",
    "manage-options",
];

/// The function behind a route, as `infra/template.yaml` has it.
pub(crate) fn function(route_key: &str) -> &'static str {
    match route_key {
        "GET /me" | "GET /users" | "GET /users/{userId}" => "search-users",
        "GET /users/{userId}/card-draft" | "POST /users/{userId}/cards" => "order-card",
        "POST /cards/{cardId}/abort" => "abort-order",
        "POST /cards/{cardId}/approve" | "POST /cards/{cardId}/reject" | "POST /card-decisions" => {
            "decide-order"
        }
        "POST /cards/{cardId}/repeat" => "repeat-order",
        "POST /cards/{cardId}/refresh" => "refresh-order",
        "POST /cards/{cardId}/activate"
        | "POST /cards/{cardId}/deactivate"
        | "POST /cards/{cardId}/reactivate"
        | "POST /cards/{cardId}/lock" => "manage-card",
        "POST /producer/events" => "receive-producer-event",
        "GET /cards" | "GET /cards/{cardId}" => "view-cards",
        "GET /options" | "PUT /options" | "GET /options/history" => "manage-options",
        other => panic!("no function has the route {other}"),
    }
}
