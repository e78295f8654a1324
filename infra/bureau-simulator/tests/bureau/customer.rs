//! Stands in for the customer: takes events, answers as it is told, and shows what has come.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use bureau_simulator::{sign, signing_key};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use crate::contract;
use crate::harness::Bureau;

/// The key of the test vector that the libraries for Standard Webhooks share.
pub(crate) const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Time enough for a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Customer {
    pub(crate) url: String,
    received: UnboundedReceiver<Received>,
}

#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) id: String,
    pub(crate) timestamp: i64,
    pub(crate) signature: String,
    pub(crate) body: String,
}

impl Customer {
    /// Answers the first events with these, and all others with 200.
    pub(crate) async fn answering(answers: &[StatusCode]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/producer/events", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(VecDeque::from(answers.to_vec())));
        let (sender, received) = unbounded_channel();
        let router = Router::new().fallback(move |headers: HeaderMap, body: String| {
            let answer = answers.lock().unwrap().pop_front();
            // Nobody waits for it any more when the test is over.
            let _ = sender.send(Received::new(&headers, body));
            async move { answer.unwrap_or(StatusCode::OK) }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, received }
    }

    /// The next event that comes. It is signed with [`KEY`], and as the contract describes it.
    pub(crate) async fn next(&mut self) -> Received {
        let received = self.next_unchecked().await;
        assert_eq!(received.signature, received.signature_by(KEY));
        contract::check_event(&received.event());
        received
    }

    pub(crate) async fn next_unchecked(&mut self) -> Received {
        let received = timeout(PATIENCE, self.received.recv()).await;
        received.unwrap().unwrap()
    }
}

impl Received {
    fn new(headers: &HeaderMap, body: String) -> Self {
        let text = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert_eq!(headers[header::CONTENT_TYPE], "application/json");
        Self {
            id: text("webhook-id"),
            timestamp: text("webhook-timestamp").parse().unwrap(),
            signature: text("webhook-signature"),
            body,
        }
    }

    pub(crate) fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn state(&self) -> Value {
        self.event()["data"]["state"].take()
    }

    pub(crate) fn signature_by(&self, key: &str) -> String {
        let key = signing_key(key).unwrap();
        sign(&key, &self.id, self.timestamp, self.body.as_bytes())
    }
}

impl Bureau {
    /// A bureau that has accepted the order `P-a-1` and sends events to this URL.
    pub(crate) async fn with_events_to(url: &str) -> Self {
        let bureau = Self::start().await;
        bureau.send_events(json!({ "url": url, "key": KEY })).await;
        assert_eq!(
            bureau.submit_one("a-1").await["producerOrderId"],
            order_id("a-1")
        );
        bureau
    }

    /// Sets the receiver of events, or none.
    pub(crate) async fn send_events(&self, receiver: Value) {
        let reply = self
            .control(Method::PUT, "/_sim/events", Some(&receiver))
            .await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.body);
    }

    /// Moves the order under a key.
    pub(crate) async fn moves(&self, key: &str, progress: Value) {
        let path = format!("/_sim/orders/{}/state", order_id(key));
        let reply = self.control(Method::POST, &path, Some(&progress)).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    }

    pub(crate) async fn deliveries(&self) -> Value {
        let shown = self.control(Method::GET, "/_sim/events", None).await;
        shown.body["deliveries"].clone()
    }

    /// The deliveries, once none of them is under way.
    pub(crate) async fn settled(&self) -> Value {
        let polling = async {
            loop {
                let deliveries = self.deliveries().await;
                let mut outcomes = deliveries.as_array().unwrap().iter();
                if outcomes.all(|delivery| delivery["outcome"] != "sending") {
                    return deliveries;
                }
            }
        };
        timeout(PATIENCE, polling).await.unwrap()
    }
}

fn order_id(key: &str) -> String {
    format!("P-{key}")
}
