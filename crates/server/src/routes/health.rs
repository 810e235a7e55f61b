//! For whoever looks after the process.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use partyline_desk::DeskError;
use serde_json::{Value, json};

use crate::api::Api;
use crate::limits;
use crate::problem::Problem;

/// The process is up.
pub async fn up() -> Answer<Value> {
    Answer(json!({ "status": "ok" }))
}

/// It can do its work: the database answers, its schema is the one that we know, and nobody has told it to stop.
pub async fn ready(State(api): State<Api>) -> Result<Answer<Value>, Problem> {
    if api.config.draining.is_cancelled() {
        let detail = "The server finishes what it holds and stops.";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "draining", detail));
    }
    match api.desk.ready().await {
        Ok(()) => Ok(Answer(json!({ "status": "ready" }))),
        // which of the troubles it is stands in its code
        Err(DeskError::Store(error)) if error.trouble().is_some() => Err(Problem::from(DeskError::Store(error))),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let detail = "The server can't do its work right now. Its log says why.";
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", detail).retry_after(limits::RETRY_AFTER))
        }
    }
}
