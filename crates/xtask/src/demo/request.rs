//! A request to the HTTP API, and its answer.

use reqwest::{Client, Method};
use serde_json::Value;

use crate::error::{Context, Error};
use crate::token::Role;

/// What a step sends. The path is the contract's; its one parameter is filled in.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) by: Role,
    method: Method,
    path: &'static str,
    parameter: String,
    query: Vec<(&'static str, &'static str)>,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl Request {
    pub(super) fn get(by: Role, path: &'static str, parameter: &str) -> Self {
        Self::new(by, Method::GET, path, parameter)
    }

    pub(super) fn post(by: Role, path: &'static str, parameter: &str) -> Self {
        Self::new(by, Method::POST, path, parameter)
    }

    pub(super) fn put(by: Role, path: &'static str) -> Self {
        Self::new(by, Method::PUT, path, "")
    }

    fn new(by: Role, method: Method, path: &'static str, parameter: &str) -> Self {
        Self {
            by,
            method,
            path,
            parameter: parameter.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        }
    }

    pub(super) fn query(mut self, name: &'static str, value: &'static str) -> Self {
        self.query.push((name, value));
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Such as `POST /cards/{cardId}/abort`.
    pub(super) fn operation(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn filled_path(&self) -> String {
        match (self.path.find('{'), self.path.find('}')) {
            (Some(from), Some(to)) => {
                let (before, after) = (&self.path[..from], &self.path[to + 1..]);
                format!("{before}{}{after}", self.parameter)
            }
            _ => self.path.to_owned(),
        }
    }

    pub(super) async fn send(
        &self,
        http: &Client,
        api_url: &str,
        token: &str,
    ) -> Result<Answer, Error> {
        let url = format!("{api_url}{}", self.filled_path());
        let mut request = http.request(self.method.clone(), url).bearer_auth(token);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.query.is_empty() {
            request = request.query(&self.query);
        }
        if let Some(body) = &self.body {
            request = request.json(body);
        }
        let asking = || format!("ask the API for {}", self.operation());
        let answer = request.send().await.doing(asking())?;
        let header = |name: &str| {
            let value = answer.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let (etag, aws_requests) = (header("etag"), header("aws-requests"));
        Ok(Answer {
            status: answer.status().as_u16(),
            etag: etag.unwrap_or_default(),
            aws_requests: aws_requests.and_then(|count| count.parse().ok()),
            body: answer.json().await.doing(asking())?,
        })
    }
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) etag: String,
    /// How many requests the function made to AWS; it says so itself.
    pub(super) aws_requests: Option<u64>,
    pub(super) body: Value,
}
