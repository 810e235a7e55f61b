//! Teams.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::TeamId;

use crate::api::Api;
use crate::extract::{Id, Json, Posted};
use crate::idempotency::once;
use crate::model::Page;
use crate::model::people::{TeamIn, TeamOut, TeamPatch};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// All teams
#[utoipa::path(get, path = "/teams", tag = "people", responses((status = 200, body = Page<TeamOut>)))]
pub async fn list(State(api): State<Api>, Signed(who): Signed) -> Result<At<Page<TeamOut>>, Problem> {
    Ok(At::from_desk(api.desk.teams(&who).await?, Page::whole))
}

/// One team
#[utoipa::path(get, path = "/teams/{id}", tag = "people", params(("id" = String, Path)), responses(
    (status = 200, body = TeamOut),
))]
pub async fn one(State(api): State<Api>, Signed(who): Signed, Id(id): Id<TeamId>) -> Result<At<TeamOut>, Problem> {
    Ok(At::from_desk(api.desk.team(&who, id).await?, TeamOut::from))
}

/// Add a team
#[utoipa::path(post, path = "/teams", tag = "people", request_body = TeamIn, responses(
    (status = 201, body = TeamOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn create(State(api): State<Api>, Signed(who): Signed, posted: Posted<TeamIn>) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::CREATED, async |key| {
        Ok(TeamOut::from(api.desk.create_team(&who, posted.body.into(), key).await?))
    })
    .await
}

/// Change a team
///
/// Name, members, or who sees it.
#[utoipa::path(patch, path = "/teams/{id}", tag = "people", params(("id" = String, Path)), request_body = TeamPatch, responses(
    (status = 200, body = TeamOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn change(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<TeamId>,
    Json(patch): Json<TeamPatch>,
) -> Result<Answer<TeamOut>, Problem> {
    Ok(Answer(api.desk.change_team(&who, id, patch.into()).await?.into()))
}
