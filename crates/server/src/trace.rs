//! Every request has an id, a span that what happens in it is logged under, and its place in the figures. What is told of it is its
//! route, never its address: that may hold a token, and the query of a webhook holds numbers.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use partyline_core::id::Uuid;
use partyline_meters::figures::{REQUEST_SECONDS, REQUESTS};
use tracing::Instrument;

use crate::routes;

/// Where a request's id stands: in the answer, and in the request where a proxy has given it one.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Logs and counts a request when it is answered.
pub async fn trace(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (method, id) = (name_of(request.method()), id_of(request.headers()));
    let route = request.extensions().get::<MatchedPath>().map_or("page", |path| routes::named(path.as_str()));
    let span = tracing::info_span!("request", id, method, route);
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| {
        if status >= 500 {
            tracing::warn!(status, ms, "answered");
        } else {
            tracing::debug!(status, ms, "answered");
        }
    });
    REQUESTS.add([method, route, class_of(status)]);
    REQUEST_SECONDS.since([route], began);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The id that a proxy gave it, if that is a UUID and so can't be anything else; else one of our own.
fn id_of(headers: &HeaderMap) -> String {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let given = headers.get(REQUEST_ID).and_then(|id| Uuid::try_parse_ascii(id.as_bytes()).ok());
    match given {
        Some(id) => id.simple().to_string(),
        None => format!("{:016x}{:08x}", *PROCESS, NEXT.fetch_add(1, Ordering::Relaxed)),
    }
}

fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

const fn class_of(status: u16) -> &'static str {
    match status {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_id_is_kept_when_it_is_a_uuid_and_nothing_else() {
        let with = |id: &'static str| HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static(id))]);
        assert_eq!(id_of(&with("018f3a3c-1b2d-7c4e-8f5a-6b7c8d9e0f1a")), "018f3a3c1b2d7c4e8f5a6b7c8d9e0f1a");
        for other in ["+14155550100", "Ana asks", "", "018f3a3c"] {
            let id = id_of(&with(other));
            assert!(id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{other}: {id}");
        }
        assert_ne!(id_of(&HeaderMap::new()), id_of(&HeaderMap::new()));
    }
}
