//! Inviting people, and joining.

use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use partyline_core::id::InvitationId;

use super::session::too_many;
use crate::api::Api;
use crate::attempts::Try;
use crate::extract::{Id, Json};
use crate::model::Page;
use crate::model::invitation::{InvitationIn, InvitationOut, InvitedOut, JoinIn, JoinOut};
use crate::model::me::MeOut;
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::{OwnPage, Peer, Signed, cookie, sits};

/// All invitations of the last month
#[utoipa::path(get, path = "/invitations", tag = "people", responses((status = 200, body = Page<InvitationOut>)))]
pub async fn list(State(api): State<Api>, Signed(who): Signed) -> Result<At<Page<InvitationOut>>, Problem> {
    Ok(At::from_desk(api.desk.invitations(&who).await?, Page::whole))
}

/// Invite somebody
///
/// The answer has a link that is shown once; with `send` it goes to them by mail too, and the invitation's `mail` says what became of
/// that. There is no `Idempotency-Key` here: its answer would be kept.
#[utoipa::path(post, path = "/invitations", tag = "people", request_body = InvitationIn, responses(
    (status = 201, body = InvitedOut),
    (status = 422, body = ProblemOut, description = "`invalid`; with `send`: `mail_not_set_up`, `too_many_letters`"),
))]
pub async fn create(
    State(api): State<Api>,
    Signed(who): Signed,
    Json(new): Json<InvitationIn>,
) -> Result<(StatusCode, Answer<InvitedOut>), Problem> {
    Ok((StatusCode::CREATED, Answer(api.desk.invite(&who, new.into()).await?.into())))
}

/// Take an invitation back
#[utoipa::path(delete, path = "/invitations/{id}", tag = "people", params(("id" = String, Path)), responses(
    (status = 204, description = "The link works no more."),
))]
pub async fn revoke(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<InvitationId>,
) -> Result<StatusCode, Problem> {
    api.desk.revoke_invitation(&who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a link leads to
#[utoipa::path(get, path = "/join/{token}", tag = "session", params(("token" = String, Path)), responses(
    (status = 200, body = JoinOut),
    (status = 422, body = ProblemOut, description = "`invitation_over`"),
))]
pub async fn look(State(api): State<Api>, Path(token): Path<String>) -> Result<Answer<JoinOut>, Problem> {
    Ok(Answer(api.desk.invitation(&token).await?.into()))
}

/// Join by a link, and sign in
///
/// Failures count as those of signing in do.
#[utoipa::path(post, path = "/join/{token}", tag = "session", params(("token" = String, Path)), request_body = JoinIn, responses(
    (status = 201, body = MeOut, description = "Joined; the answer carries the session's cookie."),
    (status = 422, body = ProblemOut, description = "`invitation_over`, `invalid`"),
    (status = 429, body = ProblemOut, description = "`too_many_attempts`; `Retry-After` says how long to wait."),
))]
pub async fn join(
    State(api): State<Api>,
    _: OwnPage,
    Peer(ip): Peer,
    Path(token): Path<String>,
    headers: HeaderMap,
    Json(join): Json<JoinIn>,
) -> Result<Response, Problem> {
    api.desk.invitation(&token).await?;
    let attempt = api.attempts.begin(Try::Join(&token), ip, api.desk.now()).map_err(too_many)?;
    let signed_in = api.desk.accept_invitation(&token, join.into_desk(sits(&headers, ip))).await?;
    api.attempts.succeeded(&attempt);
    let me = MeOut::from(api.desk.me(&signed_in.who).await?);
    let cookie = cookie(&api, &signed_in.token, signed_in.expires);
    Ok((StatusCode::CREATED, [(SET_COOKIE, cookie)], Answer(me)).into_response())
}
