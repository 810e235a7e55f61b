//! People.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::UserId;

use crate::api::Api;
use crate::extract::{Id, Json, Posted};
use crate::idempotency::once;
use crate::model::Page;
use crate::model::people::{HandedOverOut, HandoverIn, UserIn, UserOut, UserPatch};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// All people
///
/// Deactivated ones too; oldest first.
#[utoipa::path(get, path = "/users", tag = "people", responses((status = 200, body = Page<UserOut>)))]
pub async fn list(State(api): State<Api>, Signed(who): Signed) -> Result<At<Page<UserOut>>, Problem> {
    Ok(At::from_desk(api.desk.users(&who).await?, Page::whole))
}

/// One person
#[utoipa::path(get, path = "/users/{id}", tag = "people", params(("id" = String, Path)), responses(
    (status = 200, body = UserOut),
))]
pub async fn one(State(api): State<Api>, Signed(who): Signed, Id(id): Id<UserId>) -> Result<At<UserOut>, Problem> {
    Ok(At::from_desk(api.desk.user(&who, id).await?, UserOut::from))
}

/// Add a person
///
/// Whoever has an account on this server already is invited instead: they join with their own password.
#[utoipa::path(post, path = "/users", tag = "people", request_body = UserIn, responses(
    (status = 201, body = UserOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn create(State(api): State<Api>, Signed(who): Signed, posted: Posted<UserIn>) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::CREATED, async |key| {
        Ok(UserOut::from(api.desk.create_user(&who, posted.body.into(), key).await?))
    })
    .await
}

/// Change a person
///
/// Name, role, teams, or whether they may sign in.
#[utoipa::path(patch, path = "/users/{id}", tag = "people", params(("id" = String, Path)), request_body = UserPatch, responses(
    (status = 200, body = UserOut),
    (status = 422, body = ProblemOut, description = "`invalid`, `last_owner`"),
))]
pub async fn change(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<UserId>,
    Json(patch): Json<UserPatch>,
) -> Result<Answer<UserOut>, Problem> {
    Ok(Answer(api.desk.change_user(&who, id, patch.into()).await?.into()))
}

/// Hand over what somebody is on
///
/// Their open and snoozed conversations, up to 2,000 at once, and what they have scheduled: it leaves at its time, and is the other's to
/// change or take back; nobody's where the other does not see the conversation. One's own anybody may who triages; those of others, who
/// manages people.
#[utoipa::path(post, path = "/users/{id}/handover", tag = "people", params(("id" = String, Path)), request_body = HandoverIn, responses(
    (status = 200, body = HandedOverOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn hand_over(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<UserId>,
    Json(to): Json<HandoverIn>,
) -> Result<Answer<HandedOverOut>, Problem> {
    Ok(Answer(api.desk.hand_over(&who, id, to.to_user_id).await?.into()))
}
