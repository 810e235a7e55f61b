//! What providers call. Answered only after it is durable; a wrong signature learns nothing.

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use partyline_core::id::ConnectionId;
use partyline_desk::Hook;
use partyline_desk::connection::providers;
use partyline_desk::receive::{HookError, HookRequest};
use tracing::Instrument;

use crate::api::Api;
use crate::limits;
use crate::problem::Problem;

/// Takes a webhook.
pub async fn take(
    State(api): State<Api>,
    Path((provider, connection, hook)): Path<(String, String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let nothing = || Problem::not_found("The webhook");
    let hook: Hook = hook.parse().map_err(|_| nothing())?;
    let connection: ConnectionId = connection.parse().map_err(|_| nothing())?;
    if !providers().iter().any(|p| p.name == provider) {
        return Err(nothing());
    }
    let (parts, body) = request.into_parts();
    let read = tokio::time::timeout(limits::WEBHOOK_READ, api.hooks.read(body))
        .await
        .map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "The body came too slowly."))??;
    let (body, place) = api.hooks.place(read)?;
    let path_and_query = parts.uri.path_and_query().map_or_else(|| parts.uri.path().to_owned(), ToString::to_string);
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let request =
        HookRequest { method: parts.method.as_str().to_owned(), path_and_query, headers: headers.collect(), body };
    // a task of its own, which keeps its place until the work is done, though its sender hang up
    let work = async move {
        let answer = api.desk.hook(connection, hook, request).await;
        drop(place);
        answer
    };
    let answer = match tokio::time::timeout(limits::WEBHOOK_ANSWER, tokio::spawn(work.in_current_span())).await {
        Err(_) => {
            tracing::warn!(%connection, %hook, "a webhook waited too long for its commit");
            return Err(Problem::busy());
        }
        Ok(Err(error)) => {
            tracing::error!(%connection, %hook, %error, "a webhook was given up");
            return Err(Problem::busy());
        }
        Ok(Ok(answer)) => answer,
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(HookError::NotFound) => return Err(nothing()),
        Err(HookError::NotAuthentic(_)) => {
            return Err(Problem::new(StatusCode::FORBIDDEN, "wrong_signature", "The signature does not match."));
        }
        Err(HookError::Busy) => return Err(Problem::busy()),
        Err(HookError::Failed(why)) => {
            tracing::error!(%connection, %hook, why, "a webhook could not be kept");
            return Err(Problem::busy());
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
