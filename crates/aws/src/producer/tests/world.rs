//! A producer, a Secrets Manager that knows one secret, and a client between them, all on this
//! machine.

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use cardwright_app::ports::ProducerOrder;
use cardwright_domain::ids::{OrderId, ProductionTypeId};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::local::{aws_at, serve};
use crate::producer::{Bureau, Settings, http};

pub(super) const TOKEN: &str = "t0k.en-of-the-bureau";

pub(super) struct World {
    pub(super) bureau: Bureau,
    pub(super) secrets: Arc<Secrets>,
    url: String,
    http: reqwest::Client,
    calls: Arc<AtomicUsize>,
}

/// Time enough for a busy machine, and pauses that nobody notices.
pub(super) fn patient() -> Settings {
    Settings {
        connect: Duration::from_secs(10),
        attempt: Duration::from_secs(10),
        budget: Duration::from_secs(60),
        first_pause: Duration::ZERO,
        longest_pause: Duration::ZERO,
    }
}

pub(super) fn id(number: u32) -> OrderId {
    format!("260e4468-4eb5-5ca6-a250-088199d7c8e0-{number}")
        .parse()
        .unwrap()
}

pub(super) fn orders(numbers: RangeInclusive<u32>) -> Vec<ProducerOrder> {
    let order = |number| ProducerOrder {
        order_id: id(number),
        production_type: ProductionTypeId::parse("standard").unwrap(),
        data: [("upn".to_owned(), format!("user{number}@city.example"))].into(),
    };
    numbers.map(order).collect()
}

/// The answer that accepts every order of the request, under the simulator's ids.
pub(super) fn accept_all(body: Value) -> Response {
    let accept = |order: &Value| {
        let key = order["key"].as_str().unwrap();
        json!({"key": key, "status": "accepted", "producerOrderId": format!("P-{key}")})
    };
    let answers: Vec<_> = body["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(accept)
        .collect();
    Json(json!({ "answers": answers })).into_response()
}

impl World {
    pub(super) async fn with_simulator(settings: Settings) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(bureau_simulator::serve(listener, TOKEN.to_owned()));
        Self::at(url, Arc::default(), settings).await
    }

    /// A producer that answers by the number of the call, from 1, and the request's body.
    pub(super) async fn with_stub(
        settings: Settings,
        answer: impl Fn(usize, Value) -> Response + Send + Sync + 'static,
    ) -> Self {
        let calls = Arc::new(AtomicUsize::new(0));
        let (counter, answer) = (Arc::clone(&calls), Arc::new(answer));
        let router = Router::new().fallback(move |body: String| {
            let call = counter.fetch_add(1, Ordering::Relaxed) + 1;
            let body = serde_json::from_str(&body).unwrap_or_default();
            let answer = answer(call, body);
            async move { answer }
        });
        Self::at(serve(router).await, calls, settings).await
    }

    /// A place where a producer was once.
    pub(super) async fn with_nobody(settings: Settings) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        Self::at(url, Arc::default(), settings).await
    }

    async fn at(url: String, calls: Arc<AtomicUsize>, settings: Settings) -> Self {
        let (secrets, secrets_url) = Secrets::start().await;
        let aws = aws_at(secrets_url);
        let http = http::client(&settings).unwrap();
        let bureau = Bureau::with(settings, aws.secrets(), &url, "bureau-token".into()).unwrap();
        Self {
            bureau,
            secrets,
            url,
            http,
            calls,
        }
    }

    /// How often the stub was called.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    pub(super) async fn set_fault(&self, fault: Value) {
        let post = self
            .http
            .post(format!("{}/_sim/faults", self.url))
            .json(&fault);
        assert_eq!(post.send().await.unwrap().status(), 201);
    }

    /// The order goes on, as far as the simulator is concerned.
    pub(super) async fn moves(&self, number: u32, progress: Value) {
        let state = format!("{}/_sim/orders/P-{}/state", self.url, id(number));
        let post = self.http.post(state).json(&progress);
        assert_eq!(post.send().await.unwrap().status(), 200);
    }

    /// What the simulator has seen.
    pub(super) async fn seen(&self) -> Value {
        let get = self.http.get(format!("{}/_sim/orders", self.url));
        get.send().await.unwrap().json().await.unwrap()
    }
}

/// The secret, what it changes to after it was read once, and how often it was read.
pub(super) struct Secrets {
    values: Mutex<Vec<String>>,
    reads: AtomicUsize,
}

impl Secrets {
    async fn start() -> (Arc<Self>, String) {
        let secrets = Arc::new(Self {
            values: Mutex::new(vec![TOKEN.to_owned()]),
            reads: AtomicUsize::new(0),
        });
        let shown = Arc::clone(&secrets);
        let router = Router::new().fallback(move || {
            let secret = json!({"Name": "bureau-token", "SecretString": shown.read()});
            async move { Json(secret) }
        });
        (secrets, serve(router).await)
    }

    fn read(&self) -> String {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let mut values = self.values.lock().unwrap();
        if values.len() > 1 {
            values.remove(0)
        } else {
            values[0].clone()
        }
    }

    pub(super) fn set(&self, value: &str) {
        *self.values.lock().unwrap() = vec![value.to_owned()];
    }

    pub(super) fn change_after_a_read(&self, value: &str) {
        self.values.lock().unwrap().push(value.to_owned());
    }

    pub(super) fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }
}
