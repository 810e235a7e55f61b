//! How it is reached: HTTP, sessions, the live socket, the API's document, the web app.
//!
//! Start at [`routes`]: the table of addresses, with who may ask. A handler reads: authorise, parse, call, answer; what is
//! decided, the desk decides.

mod api;
mod assets;
mod attempts;
mod extract;
mod idempotency;
pub mod limits;
mod live;
mod model;
mod openapi;
mod problem;
mod reference;
pub mod routes;
mod security;
mod seq;
mod session;

use std::net::SocketAddr;

use axum::middleware;
use axum::{Extension, Router};
use partyline_desk::Desk;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

pub use api::Config;
pub use openapi::{document, openapi};

/// Everything that this server answers.
pub fn router(desk: Desk, config: Config) -> Router {
    let headers = security::Headers::new(desk.addresses());
    routes::router()
        .method_not_allowed_fallback(problem::wrong_method)
        .fallback(assets::serve)
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(middleware::from_fn_with_state(headers, security::guard))
        .with_state(api::Api::new(desk, config))
}

/// Serves until `shutdown`, then lets what is in hand finish, for at most [`limits::DRAIN`].
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) -> std::io::Result<()> {
    let router = router.layer(Extension(live::Stop(shutdown.clone())));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let stop = shutdown.clone();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move { stop.cancelled().await });
    let mut serving = std::pin::pin!(serving.into_future());
    tokio::select! {
        done = &mut serving => return done,
        () = shutdown.cancelled() => {}
    }
    match tokio::time::timeout(limits::DRAIN, serving).await {
        Ok(done) => done,
        Err(_) => {
            tracing::warn!("some requests took too long and were cut off");
            Ok(())
        }
    }
}
