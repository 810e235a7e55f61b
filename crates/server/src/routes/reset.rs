//! A forgotten password.

use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::session::too_many;
use crate::api::Api;
use crate::attempts::Try;
use crate::extract::Json;
use crate::model::reset::{AskIn, NewPasswordIn, ResetOut};
use crate::problem::{Problem, ProblemOut};
use crate::session::{OwnPage, Peer};

/// Ask for a new password
///
/// Whoever has this address gets a link that works once, within an hour; the answer is the same where nobody has. Ten of an address, or
/// thirty from a network address, within a quarter of an hour, and it waits.
#[utoipa::path(post, path = "/session/reset", tag = "session", request_body = AskIn, responses(
    (status = 202, description = "If somebody has this address, they get a letter."),
    (status = 403, body = ProblemOut, description = "`foreign_origin`"),
    (status = 422, body = ProblemOut, description = "`invalid`, `mail_not_set_up`"),
    (status = 429, body = ProblemOut, description = "`too_many_attempts`; `Retry-After` says how long to wait."),
))]
pub async fn ask(
    State(api): State<Api>,
    _: OwnPage,
    Peer(ip): Peer,
    Json(ask): Json<AskIn>,
) -> Result<StatusCode, Problem> {
    // never given back: it does not fail, and each may be a letter
    let _counted = api.attempts.begin(Try::Reset(&ask.email), ip, api.desk.now()).map_err(too_many)?;
    api.desk.ask_for_reset(&ask.email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// What a link to a new password leads to
#[utoipa::path(get, path = "/reset/{token}", tag = "session", params(("token" = String, Path)), responses(
    (status = 200, body = ResetOut),
    (status = 422, body = ProblemOut, description = "`reset_unknown`, `reset_expired`, `reset_used`, `reset_inactive`"),
))]
pub async fn look(State(api): State<Api>, Path(token): Path<String>) -> Result<Answer<ResetOut>, Problem> {
    Ok(Answer(api.desk.look_at_reset(&token).await?.into()))
}

/// Choose a new password by a link
///
/// It ends all sessions of the account, in every workspace, and nobody is signed in by it.
#[utoipa::path(post, path = "/reset/{token}", tag = "session", params(("token" = String, Path)), request_body = NewPasswordIn, responses(
    (status = 204, description = "Replaced: sign in with it."),
    (status = 403, body = ProblemOut, description = "`foreign_origin`"),
    (status = 422, body = ProblemOut, description = "`invalid`, `reset_unknown`, `reset_expired`, `reset_used`, `reset_inactive`"),
))]
pub async fn choose(
    State(api): State<Api>,
    _: OwnPage,
    Path(token): Path<String>,
    Json(new): Json<NewPasswordIn>,
) -> Result<StatusCode, Problem> {
    api.desk.reset_password(&token, new.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
