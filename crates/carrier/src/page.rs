//! The phones page, from inside the binary (from disk in debug builds).

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

use crate::network::Network;

/// Everything from here and nothing inline; pictures are also shown before they are sent.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// A file that a text brought may be anything; it runs nothing and loads nothing.
const MEDIA_POLICY: &str = "default-src 'none'; sandbox";

#[derive(RustEmbed)]
#[folder = "../../web/phones/dist"]
struct Dist;

pub fn routes() -> Router<Arc<Network>> {
    Router::new()
        .route("/", get(|| async { file("index.html") }))
        .route("/assets/{*path}", get(|Path(path): Path<String>| async move { file(&format!("assets/{path}")) }))
        .route("/{file}", get(|Path(name): Path<String>| async move { file(&name) }))
        .route("/cdn/{key}", get(media))
}

fn file(path: &str) -> Response {
    let Some(found) = Dist::get(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let caching = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => found.metadata.mimetype(),
    }
    .to_owned();
    let mut response = found.data.into_owned().into_response();
    put(&mut response, header::CONTENT_TYPE, &kind);
    put(&mut response, header::CACHE_CONTROL, caching);
    put(&mut response, header::CONTENT_SECURITY_POLICY, POLICY);
    put(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(&mut response, header::REFERRER_POLICY, "no-referrer");
    response
}

/// A file of a message, for whoever has its address, as a provider's CDN serves it.
async fn media(State(network): State<Arc<Network>>, Path(key): Path<String>) -> Response {
    let Some((kind, bytes)) = network.state().media.get(&key) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = bytes.into_response();
    put(&mut response, header::CONTENT_TYPE, &kind);
    put(&mut response, header::CONTENT_SECURITY_POLICY, MEDIA_POLICY);
    put(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

fn put(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
