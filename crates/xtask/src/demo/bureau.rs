//! The bureau simulator beside the stack: what it was asked, and which faults it is to have.

use reqwest::Client;
use serde_json::Value;

use crate::error::{Context, Error};

#[derive(Debug)]
pub(super) struct Bureau {
    http: Client,
    url: String,
}

impl Bureau {
    pub(super) fn new(http: Client, url: &str) -> Self {
        Self {
            http,
            url: url.to_owned(),
        }
    }

    /// See `infra/bureau-simulator/README.md` for the faults there are.
    pub(super) async fn set_fault(&self, fault: &Value) -> Result<(), Error> {
        let setting = "set a fault of the bureau";
        let request = self.http.post(self.faults()).json(fault);
        let answer = request.send().await.doing(setting)?;
        answer.error_for_status().doing(setting)?;
        Ok(())
    }

    pub(super) async fn clear_faults(&self) -> Result<(), Error> {
        let clearing = "clear the faults of the bureau";
        let answer = self
            .http
            .delete(self.faults())
            .send()
            .await
            .doing(clearing)?;
        answer.error_for_status().doing(clearing)?;
        Ok(())
    }

    /// It goes on with an order that it has accepted.
    pub(super) async fn moves(&self, producer_order_id: &str, state: &str) -> Result<(), Error> {
        let moving = "let the bureau go on with an order";
        let url = format!("{}/_sim/orders/{producer_order_id}/state", self.url);
        let progress = serde_json::json!({ "state": state });
        let answer = self.http.post(url).json(&progress).send().await;
        answer.doing(moving)?.error_for_status().doing(moving)?;
        Ok(())
    }

    /// The orders that it accepted, the keys that it has seen, and how often it was asked.
    pub(super) async fn seen(&self) -> Result<Value, Error> {
        let asking = "ask the bureau what it has seen";
        let answer = self
            .http
            .get(format!("{}/_sim/orders", self.url))
            .send()
            .await;
        answer.doing(asking)?.json().await.doing(asking)
    }

    fn faults(&self) -> String {
        format!("{}/_sim/faults", self.url)
    }
}
