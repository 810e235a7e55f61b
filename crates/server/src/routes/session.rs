//! Signing in and out.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use partyline_desk::DeskError;

use crate::api::Api;
use crate::attempts::{TooMany, Try};
use crate::extract::Json;
use crate::model::me::MeOut;
use crate::model::setup::SignInIn;
use crate::problem::{Problem, ProblemOut};
use crate::session::{OwnPage, Peer, Session, cookie, no_cookie, sits};

/// Sign in
///
/// Ten failures of an account, or thirty from an address, within a quarter of an hour, and it waits.
#[utoipa::path(post, path = "/session", tag = "session", request_body = SignInIn, responses(
    (status = 200, body = MeOut, description = "Signed in; the answer carries the session's cookie."),
    (status = 401, body = ProblemOut, description = "`wrong_credentials`"),
    (status = 403, body = ProblemOut, description = "`foreign_origin`"),
    (status = 409, body = ProblemOut, description = "`choose_workspace`, with `workspaces`: repeat it with `workspace_id`."),
    (status = 422, body = ProblemOut, description = "`invalid`"),
    (status = 429, body = ProblemOut, description = "`too_many_attempts`; `Retry-After` says how long to wait."),
))]
pub async fn sign_in(
    State(api): State<Api>,
    _: OwnPage,
    Peer(ip): Peer,
    headers: HeaderMap,
    Json(sign_in): Json<SignInIn>,
) -> Result<Response, Problem> {
    let attempt = api.attempts.begin(Try::SignIn(&sign_in.email), ip, api.desk.now()).map_err(too_many)?;
    let signed_in = match api.desk.sign_in(sign_in.into_desk(sits(&headers, ip))).await {
        // the password was right
        Err(error @ DeskError::ChooseWorkspace(_)) => {
            api.attempts.succeeded(&attempt);
            return Err(error.into());
        }
        other => other?,
    };
    api.attempts.succeeded(&attempt);
    let me = MeOut::from(api.desk.me(&signed_in.who).await?);
    let cookie = cookie(&api, &signed_in.token, signed_in.expires);
    Ok((StatusCode::OK, [(SET_COOKIE, cookie)], Answer(me)).into_response())
}

pub fn too_many(TooMany(seconds): TooMany) -> Problem {
    let detail = "Too many attempts have failed. Wait a while, then try again.";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", detail).retry_after(seconds)
}

/// Sign out
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204, description = "Signed out.")))]
pub async fn sign_out(State(api): State<Api>, session: Session) -> Result<Response, Problem> {
    api.desk.sign_out(&session.token, &session.who).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, no_cookie(&api))]).into_response())
}
