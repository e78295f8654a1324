//! Answers that no emulator gives by itself: conflicts, partial batches, and answers that are lost
//! after the request was done.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use serde_json::{Value, json};

/// What happens to one request.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It is not done, and answered with this error.
    Refused(Value),
    /// It is not done, and answered with all its keys as unprocessed.
    Unprocessed,
    /// It is done, and the answer is a server error.
    Lost,
}

impl Fault {
    /// A transaction that is cancelled for these reasons, one for each action.
    pub(crate) fn cancelled(reasons: &[&str]) -> Self {
        let reasons: Vec<_> = reasons.iter().map(|code| json!({"Code": code})).collect();
        Self::Refused(json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled",
            "CancellationReasons": reasons,
        }))
    }

    pub(crate) fn error(name: &str) -> Self {
        Self::Refused(json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{name}")}))
    }
}

/// The faults of the next requests, in their order.
#[derive(Debug, Default, Clone)]
pub(crate) struct Faults {
    next: Arc<Mutex<VecDeque<Fault>>>,
    keys: Arc<Mutex<Value>>,
}

impl Faults {
    pub(crate) fn expect(&self, faults: impl IntoIterator<Item = Fault>) {
        self.next.lock().unwrap().extend(faults);
    }
}

impl Intercept for Faults {
    fn name(&self) -> &'static str {
        "Faults"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Fault::Refused(_) | Fault::Unprocessed) = self.next.lock().unwrap().front() {
            // What is sent instead changes nothing.
            let request = context.request_mut();
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
            *self.keys.lock().unwrap() = body["RequestItems"].clone();
            request
                .headers_mut()
                .insert("x-amz-target", "DynamoDB_20120810.ListTables");
            request.headers_mut().insert("content-length", "2");
            *request.body_mut() = "{}".into();
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (status, body) = match self.next.lock().unwrap().pop_front() {
            None | Some(Fault::None) => return Ok(()),
            Some(Fault::Refused(body)) => (400, body),
            Some(Fault::Unprocessed) => {
                let keys = self.keys.lock().unwrap().take();
                (200, json!({"Responses": {}, "UnprocessedKeys": keys}))
            }
            Some(Fault::Lost) => (
                500,
                json!({"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}),
            ),
        };
        let body = body.to_string().into();
        *context.response_mut() = HttpResponse::new(u16::try_into(status)?, body);
        Ok(())
    }
}
