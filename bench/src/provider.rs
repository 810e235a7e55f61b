//! The provider: the simulated carrier, behind a line that notes when a request to send arrives.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::Result;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use partyline_carrier::{Carrier, Config};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Bytes of a request to the provider.
const BODY_MAX: usize = 1024 * 1024;

/// The line.
#[derive(Clone)]
pub struct Provider {
    /// Where it is reached.
    pub url: String,
    carrier: String,
    http: reqwest::Client,
    sent: Arc<Mutex<Vec<Instant>>>,
    told: Arc<Notify>,
}

impl Provider {
    /// Starts a carrier and the line to it; both live until `stop`.
    pub async fn start(stop: &CancellationToken) -> Result<Provider> {
        let carrier = Carrier::new(Config::instant())?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        tokio::spawn({
            let stop = stop.clone();
            async move { carrier.serve(listener, stop).await }
        });
        let line = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let provider = Provider {
            url: format!("http://{}", line.local_addr()?),
            carrier: address,
            http: reqwest::Client::builder().no_proxy().build()?,
            sent: Arc::default(),
            told: Arc::default(),
        };
        let router = axum::Router::new().fallback(pass).with_state(provider.clone());
        let stop = stop.clone();
        tokio::spawn(async move { axum::serve(line, router).with_graceful_shutdown(stop.cancelled_owned()).await });
        Ok(provider)
    }

    /// When the n-th request to send arrived.
    pub async fn nth(&self, n: usize) -> Instant {
        loop {
            let told = self.told.notified();
            if let Some(at) = self.sent.lock().unwrap_or_else(PoisonError::into_inner).get(n) {
                return *at;
            }
            told.await;
        }
    }

    /// How many requests to send have arrived.
    pub fn count(&self) -> usize {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

async fn pass(State(provider): State<Provider>, request: Request) -> Response {
    let arrived = Instant::now();
    let is_send = request.method() == Method::POST && request.uri().path().ends_with("/Messages.json");
    match forward(&provider, request).await {
        Ok(answer) => {
            if is_send {
                provider.sent.lock().unwrap_or_else(PoisonError::into_inner).push(arrived);
                provider.told.notify_waiters();
            }
            answer
        }
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

async fn forward(provider: &Provider, request: Request) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_MAX).await?;
    let path = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let mut headers = parts.headers;
    headers.remove("host");
    let sent = provider.http.request(parts.method, format!("{}{path}", provider.carrier)).headers(headers).body(body);
    let answer = sent.send().await?;
    let mut response = Response::builder().status(answer.status());
    if let Some(kind) = answer.headers().get("content-type") {
        response = response.header("content-type", kind);
    }
    Ok(response.body(Body::from(answer.bytes().await?))?)
}
