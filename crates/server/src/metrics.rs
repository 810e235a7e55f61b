//! The figures, for Prometheus, at an address of their own: whoever reaches the inbox does not see them.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use partyline_desk::Desk;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::serve::serve;

/// The queues are looked at no more often than this, however many ask.
const LOOK_EVERY: Duration = Duration::from_secs(5);

#[derive(Clone)]
struct Scraped {
    desk: Desk,
    looked: Arc<Mutex<Option<Instant>>>,
}

/// Serves `/metrics` until `stop`.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve_metrics(listener: TcpListener, desk: Desk, stop: CancellationToken) -> io::Result<()> {
    let router = Router::new().route("/metrics", get(metrics)).with_state(Scraped { desk, looked: Arc::default() });
    serve(listener, router, stop).await
}

async fn metrics(State(scraped): State<Scraped>) -> impl IntoResponse {
    // who asks while another looks waits for what that one finds
    let mut looked = scraped.looked.lock().await;
    if looked.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
        scraped.desk.tell_levels().await;
        *looked = Some(Instant::now());
    }
    drop(looked);
    ([(CONTENT_TYPE, partyline_meters::CONTENT_TYPE)], partyline_meters::text())
}
