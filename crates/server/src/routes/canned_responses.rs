//! Canned responses.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::CannedId;

use crate::api::Api;
use crate::extract::{Id, Json, Posted};
use crate::idempotency::once;
use crate::model::Page;
use crate::model::canned::{CannedIn, CannedOut, CannedPatch, CannedPreviewIn, RenderIn, RenderedOut};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// Those that I may use
///
/// The workspace's, my teams' and my own, by name. An admin's list has those of all teams.
#[utoipa::path(get, path = "/canned_responses", tag = "canned responses", responses((status = 200, body = Page<CannedOut>)))]
pub async fn list(State(api): State<Api>, Signed(who): Signed) -> Result<At<Page<CannedOut>>, Problem> {
    Ok(At::from_desk(api.desk.canned_responses(&who).await?, Page::whole))
}

/// One canned response
#[utoipa::path(get, path = "/canned_responses/{id}", tag = "canned responses", params(("id" = String, Path)), responses(
    (status = 200, body = CannedOut),
))]
pub async fn one(State(api): State<Api>, Signed(who): Signed, Id(id): Id<CannedId>) -> Result<At<CannedOut>, Problem> {
    Ok(At::from_desk(api.desk.canned_response(&who, id).await?, CannedOut::from))
}

/// Write a canned response
///
/// A personal one anybody who answers customers may write; those of the workspace and of teams need
/// `canned_responses.manage`.
#[utoipa::path(post, path = "/canned_responses", tag = "canned responses", request_body = CannedIn, responses(
    (status = 201, body = CannedOut),
    (status = 422, body = ProblemOut, description = "`invalid`, `too_many_canned_responses`"),
))]
pub async fn create(
    State(api): State<Api>,
    Signed(who): Signed,
    posted: Posted<CannedIn>,
) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::CREATED, async |key| {
        Ok(CannedOut::from(api.desk.create_canned_response(&who, posted.body.into(), key).await?))
    })
    .await
}

/// Change a canned response
#[utoipa::path(patch, path = "/canned_responses/{id}", tag = "canned responses", params(("id" = String, Path)), request_body = CannedPatch, responses(
    (status = 200, body = CannedOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn change(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<CannedId>,
    Json(patch): Json<CannedPatch>,
) -> Result<Answer<CannedOut>, Problem> {
    Ok(Answer(api.desk.change_canned_response(&who, id, patch.into()).await?.into()))
}

/// Remove a canned response
///
/// Messages that were made with it stay as they are.
#[utoipa::path(delete, path = "/canned_responses/{id}", tag = "canned responses", params(("id" = String, Path)), responses(
    (status = 204, description = "Removed."),
))]
pub async fn remove(State(api): State<Api>, Signed(who): Signed, Id(id): Id<CannedId>) -> Result<StatusCode, Problem> {
    api.desk.remove_canned_response(&who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Fill a canned response in
///
/// Sends nothing, and counts nothing: name it as `canned_response_id` of the message. What is `missing` is asked for, and
/// sent again as `values`.
#[utoipa::path(post, path = "/canned_responses/{id}/render", tag = "canned responses", params(("id" = String, Path)), request_body = RenderIn, responses(
    (status = 200, body = RenderedOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn render(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<CannedId>,
    Json(asked): Json<RenderIn>,
) -> Result<Answer<RenderedOut>, Problem> {
    Ok(Answer(api.desk.render_canned_response(&who, id, asked.try_into()?).await?.into()))
}

/// Fill in what is not saved
#[utoipa::path(post, path = "/canned_responses/preview", tag = "canned responses", request_body = CannedPreviewIn, responses(
    (status = 200, body = RenderedOut),
    (status = 422, body = ProblemOut, description = "`invalid`: with `malformed_template`, what is wrong with it and where"),
))]
pub async fn preview(
    State(api): State<Api>,
    Signed(who): Signed,
    Json(asked): Json<CannedPreviewIn>,
) -> Result<Answer<RenderedOut>, Problem> {
    Ok(Answer(api.desk.preview_canned_response(&who, asked.into()).await?.into()))
}
