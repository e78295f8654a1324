//! A bureau on a free port, and a client that knows its token.

use std::net::{Ipv4Addr, SocketAddr};

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::contract;

pub(crate) const TOKEN: &str = "test-token";

pub(crate) struct Bureau {
    pub(crate) address: SocketAddr,
    http: Client,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Bureau {
    /// Starts a bureau that lives as long as the test's runtime.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(bureau_simulator::serve(listener, TOKEN.to_owned()));
        Self {
            address,
            http: client(),
        }
    }

    /// A request without a token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("http://{}{path}", self.address))
    }

    /// Calls an operation of the producer API and holds the answer against the contract.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        let request = self.request(method.clone(), path).bearer_auth(TOKEN);
        let reply = send(with_body(request, body)).await;
        contract::check(&method, path, &reply);
        reply
    }

    pub(crate) async fn submit(&self, orders: Value) -> Reply {
        self.call(Method::POST, "/orders", Some(&json!({ "orders": orders })))
            .await
    }

    /// Submits one order and gives its entry of the answer.
    pub(crate) async fn submit_one(&self, key: &str) -> Value {
        let reply = self.submit(json!([order(key)])).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        reply.body["answers"][0].clone()
    }

    pub(crate) async fn look_up(&self, key: &str) -> Reply {
        self.call(Method::GET, &format!("/orders/by-key/{key}"), None)
            .await
    }

    pub(crate) async fn cancel(&self, key: &str) -> Value {
        let reply = self
            .call(Method::POST, &format!("/orders/by-key/{key}/cancel"), None)
            .await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        reply.body
    }

    /// Calls a control endpoint, which is not part of the contract.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        send(with_body(self.request(method, path), body)).await
    }

    pub(crate) async fn set_fault(&self, fault: Value) {
        let reply = self
            .control(Method::POST, "/_sim/faults", Some(&fault))
            .await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    }

    pub(crate) async fn faults(&self) -> Value {
        self.control(Method::GET, "/_sim/faults", None).await.body["faults"].take()
    }

    /// What `GET /_sim/orders` shows.
    pub(crate) async fn seen(&self) -> Value {
        self.control(Method::GET, "/_sim/orders", None).await.body
    }
}

pub(crate) fn order(key: &str) -> Value {
    json!({
        "key": key,
        "productionType": "standard",
        "data": { "commonName": "Anna Lindqvist", "upn": format!("{key}@city.example") },
    })
}

pub(crate) fn client() -> Client {
    // Plain HTTP needs no TLS, but the client refuses to be built without a provider. A second
    // test in the same process finds it installed, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

pub(crate) async fn send(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    let body = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&bytes).unwrap()
    };
    Reply {
        status,
        headers,
        body,
    }
}

fn with_body(request: RequestBuilder, body: Option<&Value>) -> RequestBuilder {
    match body {
        Some(body) => request.json(body),
        None => request,
    }
}
