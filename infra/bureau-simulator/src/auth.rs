//! The bearer token of the producer API.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Bureau;
use crate::problem::Problem;

/// Answers 401 before anything of the request's body is read.
pub(crate) async fn require_token(
    State(bureau): State<Arc<Bureau>>,
    request: Request,
    next: Next,
) -> Response {
    if bearer_token(request.headers()) != Some(&bureau.token) {
        return Problem::unauthenticated().into_response();
    }
    next.run(request).await
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
