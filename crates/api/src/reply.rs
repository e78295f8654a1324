//! A good answer, before the edge has put on it what every answer carries.

use cardwright_domain::ids::CardId;
use serde::Serialize;

use crate::problem::Problem;

#[derive(Debug)]
pub struct Reply {
    pub(crate) status: u16,
    pub(crate) header: Option<(&'static str, String)>,
    pub(crate) body: String,
}

impl Reply {
    /// # Errors
    /// The body can't be written as JSON, which is a mistake of ours.
    pub fn ok(body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self {
            status: 200,
            header: None,
            body: serde_json::to_string(body).map_err(|error| Problem::Internal(error.into()))?,
        })
    }

    /// # Errors
    /// As for [`Reply::ok`].
    pub fn created(card_id: CardId, body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self {
            status: 201,
            header: Some(("location", format!("/cards/{card_id}"))),
            ..Self::ok(body)?
        })
    }

    /// # Errors
    /// As for [`Reply::ok`].
    pub fn versioned(version: u64, body: &impl Serialize) -> Result<Self, Problem> {
        Ok(Self {
            header: Some(("etag", format!("\"{version}\""))),
            ..Self::ok(body)?
        })
    }
}
