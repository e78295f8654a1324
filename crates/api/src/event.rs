//! What API Gateway sends and what it gets back: HTTP API, payload format 2.0
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).
//!
//! The event is read here, and not by the conversion of `lambda_http`, whose runtime is used: that conversion
//! builds a URI from the path and the query as they were sent and panics where they make none, so one bad
//! request would end the process.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::problem::Problem;

/// A request, as far as the edge looks at it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Event {
    /// Method and path template of the route that the gateway chose, such as `GET /users/{userId}`.
    pub(crate) route_key: String,
    /// As sent: still percent-encoded, unlike `queryStringParameters`, which joins repeats by
    /// commas.
    pub(crate) raw_query_string: String,
    /// Names are in lower case; a header that is repeated has its values joined by commas.
    pub(crate) headers: BTreeMap<String, String>,
    /// Percent-decoded.
    pub(crate) path_parameters: Option<BTreeMap<String, String>>,
    pub(crate) body: Option<String>,
    pub(crate) is_base64_encoded: bool,
    pub(crate) request_context: RequestContext,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RequestContext {
    pub(crate) request_id: Option<String>,
    authorizer: Option<Authorizer>,
}

#[derive(Deserialize)]
struct Authorizer {
    jwt: Option<Jwt>,
}

#[derive(Deserialize)]
struct Jwt {
    claims: Option<BTreeMap<String, Value>>,
}

impl Event {
    /// The claims of the token, which the gateway has verified.
    pub(crate) fn claims(&self) -> Option<&BTreeMap<String, Value>> {
        let authorizer = self.request_context.authorizer.as_ref()?;
        authorizer.jwt.as_ref()?.claims.as_ref()
    }

    /// The gateway encodes what its content type does not show to be text; the type itself is not
    /// looked at.
    ///
    /// # Errors
    /// It says that it is encoded, and is not.
    pub(crate) fn body_bytes(&self) -> Result<Vec<u8>, Problem> {
        let text = self.body.as_deref().unwrap_or_default();
        if self.is_base64_encoded {
            STANDARD.decode(text).map_err(|_| Problem::BodyMalformed)
        } else {
            Ok(text.as_bytes().to_vec())
        }
    }
}

/// Nearly all of a request is personal or secret, so none of it is shown.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Event(redacted)")
    }
}

/// An answer, as the gateway takes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    pub status_code: u16,
    pub headers: BTreeMap<&'static str, String>,
    pub body: String,
    pub is_base64_encoded: bool,
}

/// Answers are personal too.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status_code", &self.status_code)
            .finish_non_exhaustive()
    }
}
