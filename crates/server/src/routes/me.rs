//! Who I am, and what is mine alone.

use axum::Json as Answer;
use axum::extract::{Request, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use partyline_core::id::SessionId;
use partyline_desk::account::SESSION_IDLE;
use partyline_desk::picture::PICTURE_MAX;

use super::attachments::{UploadForm, sent};
use super::session::too_many;
use crate::api::Api;
use crate::attempts::Try;
use crate::extract::{Id, Json};
use crate::model::Page;
use crate::model::me::{MeOut, MePatch, MyWorkspaceOut, PasswordIn, SessionOut, SwitchIn, WorkspacePatch};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::{Peer, Session, Signed, cookie, sits};

/// Who I am, where, and what waits for me
///
/// Also moves the end of the session's cookie, so that a browser that is used stays signed in.
#[utoipa::path(get, path = "/me", tag = "session", responses((status = 200, body = MeOut)))]
pub async fn me(State(api): State<Api>, session: Session) -> Result<Response, Problem> {
    let me = api.desk.me(&session.who).await?;
    let fresh = cookie(&api, &session.token, api.desk.now() + SESSION_IDLE);
    Ok((AppendHeaders([(SET_COOKIE, fresh)]), At { seq: me.seq, body: MeOut::from(me) }).into_response())
}

/// Change my profile
///
/// Name, time zone, signature, and until when I am out of office.
#[utoipa::path(patch, path = "/me", tag = "session", request_body = MePatch, responses(
    (status = 200, body = MeOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn change(
    State(api): State<Api>,
    Signed(who): Signed,
    Json(patch): Json<MePatch>,
) -> Result<Answer<MeOut>, Problem> {
    api.desk.change_me(&who, patch.into()).await?;
    Ok(Answer(api.desk.me(&who).await?.into()))
}

/// Give me a picture
///
/// A PNG, a JPEG or a WebP: a square of 64 to 1,024 points a side, of at most 512 KiB. It takes the place of the one before.
#[utoipa::path(put, path = "/me/picture", tag = "session", request_body(content = UploadForm, content_type = "multipart/form-data"), responses(
    (status = 200, body = MeOut),
    (status = 422, body = ProblemOut, description = "`invalid`: with `unknown_type`, `wrong_size` or `too_large` of `file`"),
))]
pub async fn set_picture(
    State(api): State<Api>,
    Signed(who): Signed,
    request: Request,
) -> Result<Answer<MeOut>, Problem> {
    let (parts, body) = request.into_parts();
    let file = sent(&parts, body, PICTURE_MAX).await?;
    api.desk.set_picture(&who, file.bytes).await?;
    Ok(Answer(api.desk.me(&who).await?.into()))
}

/// Take my picture away
#[utoipa::path(delete, path = "/me/picture", tag = "session", responses(
    (status = 204, description = "Gone."),
))]
pub async fn remove_picture(State(api): State<Api>, Signed(who): Signed) -> Result<StatusCode, Problem> {
    api.desk.remove_picture(&who).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replace my password
///
/// It ends all my other sessions, in every workspace. Failures count as those of signing in do.
#[utoipa::path(post, path = "/me/password", tag = "session", request_body = PasswordIn, responses(
    (status = 204, description = "Replaced."),
    (status = 422, body = ProblemOut, description = "`invalid`"),
    (status = 429, body = ProblemOut, description = "`too_many_attempts`; `Retry-After` says how long to wait."),
))]
pub async fn password(
    State(api): State<Api>,
    session: Session,
    Peer(ip): Peer,
    Json(password): Json<PasswordIn>,
) -> Result<StatusCode, Problem> {
    let attempt = api.attempts.begin(Try::Password(session.who.user), ip, api.desk.now()).map_err(too_many)?;
    api.desk.change_password(&session.who, &session.token, password.current, password.new).await?;
    api.attempts.succeeded(&attempt);
    Ok(StatusCode::NO_CONTENT)
}

/// The browsers that are signed in as me
#[utoipa::path(get, path = "/me/sessions", tag = "session", responses((status = 200, body = Page<SessionOut>)))]
pub async fn sessions(State(api): State<Api>, session: Session) -> Result<Answer<Page<SessionOut>>, Problem> {
    Ok(Answer(Page::whole(api.desk.sessions(&session.who, &session.token).await?)))
}

/// End one of my sessions
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "session", params(("id" = String, Path)), responses(
    (status = 204, description = "Signed out there, at once."),
))]
pub async fn end_session(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Problem> {
    api.desk.end_my_session(&who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The workspaces that I am in
#[utoipa::path(get, path = "/me/workspaces", tag = "session", responses((status = 200, body = Page<MyWorkspaceOut>)))]
pub async fn workspaces(State(api): State<Api>, Signed(who): Signed) -> Result<Answer<Page<MyWorkspaceOut>>, Problem> {
    Ok(Answer(Page::whole(api.desk.my_workspaces(&who).await?)))
}

/// Go over to another of my workspaces
///
/// A session begins there, and this one ends.
#[utoipa::path(post, path = "/session/workspace", tag = "session", request_body = SwitchIn, responses(
    (status = 200, body = MeOut, description = "There; the answer carries the new session's cookie."),
))]
pub async fn switch(
    State(api): State<Api>,
    session: Session,
    Peer(ip): Peer,
    headers: HeaderMap,
    Json(to): Json<SwitchIn>,
) -> Result<Response, Problem> {
    let from = sits(&headers, ip);
    let there = api.desk.switch_workspace(&session.who, &session.token, to.workspace_id, from).await?;
    let me = MeOut::from(api.desk.me(&there.who).await?);
    Ok(([(SET_COOKIE, cookie(&api, &there.token, there.expires))], Answer(me)).into_response())
}

/// Change the workspace
///
/// Its name, and how it works.
#[utoipa::path(patch, path = "/workspace", tag = "people", request_body = WorkspacePatch, responses(
    (status = 200, body = MeOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn change_workspace(
    State(api): State<Api>,
    Signed(who): Signed,
    Json(patch): Json<WorkspacePatch>,
) -> Result<Answer<MeOut>, Problem> {
    api.desk.change_workspace(&who, patch.into()).await?;
    Ok(Answer(api.desk.me(&who).await?.into()))
}
