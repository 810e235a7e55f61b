//! What a request says, read once at the edge: ids from the path, words from the query, JSON from the body.

use std::collections::HashMap;
use std::str::FromStr;

use axum::body::Body as Incoming;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::api::Api;
use crate::idempotency::{Repeatable, repeatable};
use crate::limits;
use crate::problem::Problem;

/// The id in the path. A malformed one names nothing: 404.
pub struct Id<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<Api> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let nothing = || Problem::not_found("What this address names");
        let Path(text) = Path::<String>::from_request_parts(parts, api).await.map_err(|_| nothing())?;
        text.parse().map(Id).map_err(|_| nothing())
    }
}

/// The words after `?`, the last of each name. Unknown ones are ignored.
pub struct Query(HashMap<String, String>);

impl FromRequestParts<Api> for Query {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Query(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

impl Query {
    /// The text of a parameter; an empty one was not given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|t| !t.is_empty())
    }

    /// One word of several.
    ///
    /// # Errors
    /// 422 for another word.
    pub fn word<T: FromStr>(&self, name: &str, known: &str) -> Result<Option<T>, Problem> {
        let unknown = |_| Problem::field(name, "unknown", format!("Use one of: {known}."));
        self.text(name).map(|t| t.parse().map_err(unknown)).transpose()
    }

    /// An id to choose by.
    ///
    /// # Errors
    /// 404 for a malformed one, as everywhere.
    pub fn id<T: FromStr>(&self, name: &str, what: &str) -> Result<Option<T>, Problem> {
        self.text(name).map(|t| t.parse().map_err(|_| Problem::not_found(what))).transpose()
    }

    /// A whole number.
    ///
    /// # Errors
    /// 422 for anything else.
    pub fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let malformed = |_| Problem::field(name, "malformed", "Write a whole number.");
        self.text(name).map(|t| t.parse().map_err(malformed)).transpose()
    }

    /// How many rows: [`limits::PAGE_DEFAULT`] when unsaid, [`limits::PAGE_MAX`] when more.
    ///
    /// # Errors
    /// 422 when it is no number, or less than 1.
    pub fn limit(&self) -> Result<usize, Problem> {
        match self.number::<usize>("limit")? {
            None => Ok(limits::PAGE_DEFAULT),
            Some(0) => Err(Problem::field("limit", "too_small", "Ask for at least 1.")),
            Some(n) => Ok(n.min(limits::PAGE_MAX)),
        }
    }
}

/// A JSON body. Unknown members are ignored; no body at all is `{}`.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Api> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        Posted::from_request(request, api).await.map(|posted| Json(posted.body))
    }
}

/// The JSON body of a POST that creates or sends, with what makes it repeatable.
pub struct Posted<T> {
    /// What it says.
    pub body: T,
    /// The caller's `Idempotency-Key`, if there is one.
    pub repeatable: Option<Repeatable>,
}

impl<T: DeserializeOwned> FromRequest<Api> for Posted<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &Api) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(body, limits::JSON_BODY).await?;
        if !bytes.is_empty() {
            must_be_json(&parts.headers)?;
        }
        let repeatable = repeatable(&parts, &bytes)?;
        Ok(Posted { body: parse(if bytes.is_empty() { b"{}" } else { &bytes })?, repeatable })
    }
}

/// Reads a body of at most `limit` bytes.
///
/// # Errors
/// 413 when there is more, 408 when it takes longer than [`limits::BODY_TIME`], 400 when it breaks off.
pub async fn read(body: Incoming, limit: usize) -> Result<Bytes, Problem> {
    match tokio::time::timeout(limits::BODY_TIME, axum::body::to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(broken(&error, limit)),
        Err(_) => Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "The request took too long to arrive.")),
    }
}

/// Why a body could not be read.
pub fn broken(error: &dyn std::error::Error, limit: usize) -> Problem {
    let mut cause = Some(error);
    while let Some(e) = cause {
        if e.to_string().contains("length limit exceeded") {
            return too_large(limit);
        }
        cause = e.source();
    }
    Problem::new(StatusCode::BAD_REQUEST, "incomplete_body", "The request broke off before its end.")
}

/// 413.
pub fn too_large(limit: usize) -> Problem {
    let detail = format!("The request is larger than {} KiB.", limit / 1024);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}

fn must_be_json(headers: &HeaderMap) -> Result<(), Problem> {
    let value = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let detail = "Send JSON, with Content-Type: application/json.";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    must_be_object(bytes)?;
    no_nul(bytes)?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        refused(&path, error.inner())
    })?;
    json.end().map_err(|e| refused(".", &e))?;
    Ok(value)
}

/// A list would be read as the members in their order, which nobody means.
fn must_be_object(bytes: &[u8]) -> Result<(), Problem> {
    if bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(());
    }
    match serde_json::from_slice::<IgnoredAny>(bytes) {
        Ok(_) => Err(Problem::field("", "malformed", "Send an object: { … }.")),
        Err(error) => Err(refused(".", &error)),
    }
}

/// The databases take no character zero, and no text needs one.
fn no_nul(bytes: &[u8]) -> Result<(), Problem> {
    let escaped = br"\u0000";
    if !bytes.windows(escaped.len()).any(|w| w == escaped) {
        return Ok(());
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) if has_nul(&value) => {
            Err(Problem::field("", "malformed", "One of the texts contains the character U+0000. Take it out."))
        }
        _ => Ok(()),
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, v)| name.contains('\0') || has_nul(v)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn refused(path: &str, error: &serde_json::Error) -> Problem {
    if !error.is_data() {
        let detail = format!("The body is not JSON: line {}, column {}.", error.line(), error.column());
        return Problem::new(StatusCode::BAD_REQUEST, "malformed_json", detail);
    }
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let parent = if path == "." { "" } else { path };
    if let Some(name) = message.strip_prefix("missing field `").and_then(|m| m.split('`').next()) {
        let field = if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
        return Problem::field(field, "required", "This is needed.");
    }
    Problem::field(parent, "malformed", format!("{}.", sentence(message)))
}

fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// For `#[serde(deserialize_with)]`: a member that is there, be it null, is `Some`.
///
/// # Errors
/// As the inner type says.
pub fn present<'de, T: serde::Deserialize<'de>, D: serde::Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}
