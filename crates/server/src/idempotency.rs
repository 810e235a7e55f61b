//! The same request with the same `Idempotency-Key` is done once and answered twice.
//!
//! The key goes into the transaction that does the work, so that not even a crash in between can do it twice; the answer's
//! body is kept beside it after a 2xx. A 4xx is not kept, so the key may be used again with `confirm`.

use std::future::Future;

use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use partyline_desk::idempotent::RequestKey;
use partyline_desk::{Desk, Who};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::limits;
use crate::problem::Problem;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that this is an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A request that its caller may repeat: the key, where it went, and the hash of what it said.
#[derive(Debug, Clone)]
pub struct Repeatable {
    key: String,
    route: String,
    hash: Vec<u8>,
}

impl Repeatable {
    /// The same, as the store knows it: keys of different people are different.
    pub fn of(self, who: &Who) -> RequestKey {
        RequestKey { caller: who.user, route: self.route, key: self.key, hash: self.hash }
    }
}

/// Reads the header.
///
/// # Errors
/// 400 for a key that is empty, too long or not plain text.
pub fn repeatable(parts: &Parts, body: &[u8]) -> Result<Option<Repeatable>, Problem> {
    let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value.to_str().ok().map(str::trim).filter(|k| !k.is_empty() && k.len() <= limits::IDEMPOTENCY_KEY);
    let Some(key) = key else {
        let detail = format!("An Idempotency-Key is 1 to {} plain characters.", limits::IDEMPOTENCY_KEY);
        return Err(Problem::new(StatusCode::BAD_REQUEST, "malformed_idempotency_key", detail));
    };
    let route = format!("{} {}", parts.method, parts.uri.path());
    Ok(Some(Repeatable { key: key.to_owned(), route, hash: Sha256::digest(body).to_vec() }))
}

/// Does the work, or gives the answer that was given before.
///
/// # Errors
/// What the work says; 409 `idempotency_mismatch` when the key was used with another body.
pub async fn once<T, W, F>(
    desk: &Desk,
    who: &Who,
    repeatable: Option<Repeatable>,
    status: StatusCode,
    work: W,
) -> Result<Response, Problem>
where
    T: Serialize,
    W: FnOnce(Option<RequestKey>) -> F,
    F: Future<Output = Result<T, Problem>>,
{
    let key = repeatable.map(|r| r.of(who));
    if let Some(key) = &key
        && let Some((status, body)) = desk.known_answer(who, key).await?
    {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let mut response = json(status, body);
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        return Ok(response);
    }
    let made = work(key.clone()).await?;
    let Ok(body) = serde_json::to_string(&made) else { return Err(Problem::internal()) };
    if let Some(key) = &key
        && let Err(error) = desk.keep_answer(who, key, status.as_u16(), &body).await
    {
        // the work is done and its key claimed: a repetition is answered from what was made
        tracing::warn!(%error, "an answer could not be kept");
    }
    Ok(json(status, body))
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}
