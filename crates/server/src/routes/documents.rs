//! The API's document, and a page to read it on.

use std::sync::LazyLock;

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};

use crate::openapi::{document, openapi};
use crate::reference;

static DOCUMENT: LazyLock<String> = LazyLock::new(openapi);
static PAGE: LazyLock<reference::Page> = LazyLock::new(|| reference::page(&document()));

/// The OpenAPI document
#[utoipa::path(get, path = "/openapi.json", tag = "documents", responses(
    (status = 200, content_type = "application/json", body = Object),
))]
pub async fn whole() -> Response {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")], DOCUMENT.as_str()).into_response()
}

/// The same, to be read
#[utoipa::path(get, path = "/docs", tag = "documents", responses(
    (status = 200, content_type = "text/html", body = String),
))]
pub async fn reference() -> Response {
    let policy = HeaderValue::from_str(&PAGE.policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let kept = HeaderValue::from_static("no-cache");
    ([(CONTENT_TYPE, html), (CACHE_CONTROL, kept), (CONTENT_SECURITY_POLICY, policy)], PAGE.html.as_str())
        .into_response()
}

/// From the short address to the page.
pub async fn to_reference() -> Redirect {
    Redirect::permanent("/api/v1/docs")
}
