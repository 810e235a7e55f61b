//! One line in the log for every request: which route, how it went, how long it took. Never the address itself: it may hold a
//! token, and the query of a webhook holds numbers.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

/// Logs a request when it is answered.
pub async fn trace(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let (status, route) = (response.status().as_u16(), route.as_ref().map_or("page", MatchedPath::as_str));
    let ms = began.elapsed().as_millis();
    if status >= 500 {
        tracing::warn!(%method, route, status, ms, "answered");
    } else {
        tracing::debug!(%method, route, status, ms, "answered");
    }
    response
}
