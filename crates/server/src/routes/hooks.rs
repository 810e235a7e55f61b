//! What providers call. Answered only after it is durable; a wrong signature learns nothing.

use std::time::Instant;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use partyline_core::id::ConnectionId;
use partyline_desk::connection::providers;
use partyline_desk::receive::{HookError, HookRequest};
use partyline_desk::{Answer, Hook};
use partyline_meters::figures::{WEBHOOK_SECONDS, WEBHOOKS};
use tracing::Instrument;
use tracing::field::Empty;

use crate::api::Api;
use crate::limits;
use crate::problem::Problem;

/// Why a webhook was not taken: for the figures, and for whoever called.
struct Refusal(&'static str, Problem);

/// Takes a webhook.
pub async fn take(
    State(api): State<Api>,
    Path((provider, connection, hook)): Path<(String, String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let began = Instant::now();
    let hook: Hook = hook.parse().map_err(|_| nothing())?;
    let connection: ConnectionId = connection.parse().map_err(|_| nothing())?;
    let provider = providers().iter().find(|p| p.name == provider).map(|p| p.name).ok_or_else(nothing)?;
    let span = tracing::debug_span!("webhook", %connection, %hook, outcome = Empty);
    let answer = keep(api, connection, hook, request).instrument(span.clone()).await;
    let outcome = answer.as_ref().map_or_else(|Refusal(outcome, _)| *outcome, |_| "taken");
    span.record("outcome", outcome);
    WEBHOOKS.add([provider, hook.as_str(), outcome]);
    WEBHOOK_SECONDS.since([provider, hook.as_str()], began);
    let answer = match answer {
        Ok(answer) => answer,
        Err(Refusal(_, problem)) => {
            // its body may not have been read, so nothing more can come on this connection, and who sent it must know
            let mut response = problem.into_response();
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            return Ok(response);
        }
    };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, Body::from(answer.body)).into_response();
    response.headers_mut().remove(CONTENT_TYPE);
    if let Some(content_type) = answer.content_type {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    Ok(response)
}

fn nothing() -> Problem {
    Problem::not_found("The webhook")
}

async fn keep(api: Api, connection: ConnectionId, hook: Hook, request: Request) -> Result<Answer, Refusal> {
    let (parts, body) = request.into_parts();
    let path_and_query = parts.uri.path_and_query().map_or_else(|| parts.uri.path().to_owned(), ToString::to_string);
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let head = HookRequest {
        method: parts.method.as_str().to_owned(),
        path_and_query,
        headers: headers.collect(),
        body: Bytes::new(),
    };
    let refused = |error| refusal(connection, hook, error);
    // a database that does not answer must not keep providers waiting, who come back when they are told to
    match tokio::time::timeout(limits::WEBHOOK_LOOK, api.desk.hook_announced(connection, hook, &head)).await {
        Ok(announced) => announced.map_err(refused)?,
        Err(_) => {
            tracing::warn!(%connection, %hook, "a webhook waited too long for its connection");
            return Err(Refusal("late", Problem::busy()));
        }
    }
    let read = match tokio::time::timeout(limits::WEBHOOK_READ, api.hooks.read(body)).await {
        Ok(read) => read.map_err(|problem| Refusal(problem.code(), problem))?,
        Err(_) => {
            let problem = Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "The body came too slowly.");
            return Err(Refusal("too_slow", problem));
        }
    };
    let (body, place) = api.hooks.place(read).map_err(|problem| Refusal(problem.code(), problem))?;
    let request = HookRequest { body, ..head };
    // a task of its own, which keeps its place until the work is done, though its sender hang up
    let work = async move {
        let answer = api.desk.hook(connection, hook, request).await;
        drop(place);
        answer
    };
    let answer = match tokio::time::timeout(limits::WEBHOOK_ANSWER, tokio::spawn(work.in_current_span())).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            // its own words are those of the panic, and may hold what somebody wrote
            tracing::error!(%connection, %hook, panicked = error.is_panic(), "a webhook was given up");
            return Err(Refusal("failed", Problem::busy()));
        }
        Err(_) => {
            tracing::warn!(%connection, %hook, "a webhook waited too long for its commit");
            return Err(Refusal("late", Problem::busy()));
        }
    };
    answer.map_err(refused)
}

fn refusal(connection: ConnectionId, hook: Hook, error: HookError) -> Refusal {
    match error {
        HookError::NotFound => Refusal("unknown_connection", nothing()),
        HookError::NotAuthentic(why) => {
            let detail = "The signature does not match.";
            Refusal(why.code(), Problem::new(StatusCode::FORBIDDEN, "wrong_signature", detail))
        }
        HookError::Busy => Refusal("busy", Problem::busy()),
        HookError::Failed(why) => {
            tracing::error!(%connection, %hook, why, "a webhook could not be kept");
            Refusal("failed", Problem::busy())
        }
    }
}
