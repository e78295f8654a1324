//! The mails that the local AWS took, instead of sending them.

use reqwest::Client;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{Context, Error};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Mail {
    pub(super) to: Vec<String>,
    pub(super) source: String,
    pub(super) subject: String,
    pub(super) body_text: String,
}

impl Mail {
    pub(super) fn is_to(&self, address: &str) -> bool {
        self.to == [address]
    }
}

pub(super) async fn mails(http: &Client, mailbox: &str) -> Result<Vec<Mail>, Error> {
    let reading = "read the mailbox";
    let answer = http.get(mailbox).send().await.doing(reading)?;
    let answer: Value = answer.json().await.doing(reading)?;
    let accounts = answer["messages"].as_object().into_iter().flatten();
    let mails = accounts.flat_map(|(_, mails)| mails.as_array().into_iter().flatten());
    let mails: Result<_, _> = mails.map(Deserialize::deserialize).collect();
    mails.doing(reading)
}
