//! How it is reached: HTTP, sessions, the live socket, the API's document, the web app.
//!
//! Start at [`routes`]: the table of addresses, with who may ask. A handler reads: authorise, parse, call, answer; what is
//! decided, the desk decides.

mod api;
mod assets;
mod attempts;
mod extract;
mod hand;
mod idempotency;
pub mod limits;
mod live;
mod metrics;
mod model;
mod openapi;
mod problem;
mod reference;
pub mod routes;
mod security;
mod seq;
mod serve;
mod session;
mod trace;

use axum::Router;
use axum::middleware;
use partyline_desk::Desk;
use tower_http::catch_panic::CatchPanicLayer;

pub use api::Config;
pub use metrics::serve_metrics;
pub use openapi::{document, openapi};
pub use serve::serve;

/// Everything that this server answers.
pub fn router(desk: Desk, config: Config) -> Router {
    let headers = security::Headers::new(desk.addresses());
    routes::router()
        .method_not_allowed_fallback(async || problem::wrong_method())
        .fallback(assets::serve)
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(middleware::from_fn(trace::trace))
        .layer(middleware::from_fn_with_state(headers, security::guard))
        .with_state(api::Api::new(desk, config))
}
