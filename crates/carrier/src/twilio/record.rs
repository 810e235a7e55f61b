//! Around every request of the API: written down, and met by the faults that befall requests.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, FromRequest, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::errors::ApiError;
use super::parameters;
use crate::journey::pause;
use crate::listener::Cut;
use crate::network::{Change, Network};
use crate::wire::{self, WireEntry, WireSide};

/// Bytes of a request's body: 1,600 characters and ten addresses fit many times over.
const MAX_BODY: usize = 256 * 1024;
/// Bytes of an answer: a page of 1,000 messages of 1,600 characters.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// The parameters of a form body, in order; none when the body is no form.
pub struct Form(pub Vec<(String, String)>);

impl Form {
    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a name that is not empty.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Every value of a name.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| ApiError::refused(20001, "The body could not be read"))?;
        Ok(Self(if is_form { url::form_urlencoded::parse(&body).into_owned().collect() } else { Vec::new() }))
    }
}

/// The parameters of a query, decoded.
pub fn query(uri: &Uri) -> Vec<(String, String)> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}

/// What a handler tells the record about the message it made.
#[derive(Clone)]
pub struct About {
    pub message_sid: String,
    pub phone: String,
    pub segments: u32,
    pub encoding: &'static str,
    /// Faults that the handler met.
    pub faults: Vec<&'static str>,
}

/// Takes the request down, lets it through unless a fault is in the way, takes the answer down.
pub async fn record(State(network): State<Arc<Network>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let cut = request.extensions().get::<ConnectInfo<Cut>>().map(|info| info.0.clone());
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let uri = parts
        .extensions
        .get::<axum::extract::OriginalUri>()
        .map_or_else(|| parts.uri.clone(), |original| original.0.clone());
    let about = about(&parts.method, parts.uri.path());
    let mut entry = WireEntry::new(
        WireSide::ToProvider,
        about,
        parts.method.as_str(),
        uri.path_and_query().map_or("/", |target| target.as_str()),
    );
    entry.request_headers = readable_headers(&parts.headers);
    entry.request_body = wire::readable(&bytes);
    entry.unknown_parameters = parameters::unknown(about, &bytes);

    let mut response = match in_the_way(&network, about, &mut entry).await {
        Some(error) => error.into_response(),
        None => {
            let request = Request::from_parts(parts, Body::from(bytes));
            next.run(request).await
        }
    };
    if let Some(about) = response.extensions_mut().remove::<About>() {
        entry.message_sid = Some(about.message_sid);
        entry.phone = Some(about.phone);
        entry.segments = Some(about.segments);
        entry.encoding = Some(about.encoding);
        entry.faults.extend(about.faults);
    }
    let dropped = about == "send"
        && response.status() == StatusCode::CREATED
        && network.take_fault(|faults| &mut faults.drop_after_accept);
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_ANSWER).await.unwrap_or_default();
    if dropped {
        entry.faults.push("drop_after_accept");
        entry.trouble = Some("dropped");
    } else {
        entry.status = Some(parts.status.as_u16());
        entry.response_body = without_secrets(about, &wire::readable(&bytes));
    }
    entry.latency_ms = Some(u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
    {
        let mut state = network.state();
        let id = state.wire.add(entry);
        if let Some(entry) = state.wire.get_mut(id) {
            network.tell(&Change::Wire(entry));
        }
    }
    if dropped {
        if let Some(cut) = cut {
            cut.now();
        }
        return StatusCode::GATEWAY_TIMEOUT.into_response();
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// The faults that befall a request before anything is done about it.
async fn in_the_way(network: &Network, about: &str, entry: &mut WireEntry) -> Option<ApiError> {
    if network.is_down() {
        entry.faults.push("down_s");
        return Some(ApiError::unavailable());
    }
    if about != "send" {
        return None;
    }
    let latency = network.state().faults.send_latency_ms;
    if latency > 0 {
        entry.faults.push("send_latency_ms");
        pause(Duration::from_millis(latency)).await;
    }
    if network.take_fault(|faults| &mut faults.too_many_requests) {
        entry.faults.push("too_many_requests");
        let wait = network.state().faults.retry_after_s;
        return Some(ApiError::too_many_requests(wait));
    }
    if network.take_fault(|faults| &mut faults.server_error) {
        entry.faults.push("server_error");
        return Some(ApiError::internal());
    }
    None
}

fn about(method: &Method, path: &str) -> &'static str {
    if path.contains("/Media") {
        "media"
    } else if path.ends_with("/Messages.json") {
        if method == Method::POST { "send" } else { "list" }
    } else if path.contains("/Messages/") {
        if method == Method::GET { "fetch" } else { "change" }
    } else if path.contains("/IncomingPhoneNumbers") {
        "numbers"
    } else {
        "account"
    }
}

fn readable_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.to_string(), wire::redacted(name.as_str(), &value))
        })
        .collect()
}

/// An account's answer holds its auth token.
fn without_secrets(about: &str, body: &str) -> String {
    if about != "account" {
        return body.to_owned();
    }
    match serde_json::from_str::<serde_json::Value>(body) {
        Ok(mut value) => {
            if let Some(token) = value.get_mut("auth_token") {
                *token = "••••••".into();
            }
            value.to_string()
        }
        Err(_) => body.to_owned(),
    }
}
