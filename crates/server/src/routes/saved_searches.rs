//! Saved searches.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::SavedSearchId;

use crate::api::Api;
use crate::extract::{Id, Json, Posted};
use crate::idempotency::once;
use crate::model::Page;
use crate::model::saved::{SavedOut, SavedSearchIn, SavedSearchPatch};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// Those that I see
///
/// My own, my teams' and everybody's; an admin's list has those of all teams. Pinned ones first, in their order.
#[utoipa::path(get, path = "/saved_searches", tag = "saved searches", responses((status = 200, body = Page<SavedOut>)))]
pub async fn list(State(api): State<Api>, Signed(who): Signed) -> Result<At<Page<SavedOut>>, Problem> {
    Ok(At::from_desk(api.desk.saved_searches(&who).await?, Page::whole))
}

/// One saved search
#[utoipa::path(get, path = "/saved_searches/{id}", tag = "saved searches", params(("id" = String, Path)), responses(
    (status = 200, body = SavedOut),
))]
pub async fn one(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<SavedSearchId>,
) -> Result<At<SavedOut>, Problem> {
    Ok(At::from_desk(api.desk.saved_search(&who, id).await?, SavedOut::from))
}

/// Save a search
///
/// For oneself anybody may; for a team or for everybody it needs `saved_searches.manage`. At most 50 of one owner.
#[utoipa::path(post, path = "/saved_searches", tag = "saved searches", request_body = SavedSearchIn, responses(
    (status = 201, body = SavedOut),
    (status = 422, body = ProblemOut, description = "`invalid`, `too_many_saved_searches`"),
))]
pub async fn create(
    State(api): State<Api>,
    Signed(who): Signed,
    posted: Posted<SavedSearchIn>,
) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::CREATED, async |key| {
        Ok(SavedOut::from(api.desk.create_saved_search(&who, posted.body.into(), key).await?))
    })
    .await
}

/// Change a saved search
///
/// Its name, what it looks for, or its place.
#[utoipa::path(patch, path = "/saved_searches/{id}", tag = "saved searches", params(("id" = String, Path)), request_body = SavedSearchPatch, responses(
    (status = 200, body = SavedOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn change(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<SavedSearchId>,
    Json(patch): Json<SavedSearchPatch>,
) -> Result<Answer<SavedOut>, Problem> {
    Ok(Answer(api.desk.change_saved_search(&who, id, patch.into()).await?.into()))
}

/// Remove a saved search
#[utoipa::path(delete, path = "/saved_searches/{id}", tag = "saved searches", params(("id" = String, Path)), responses(
    (status = 204, description = "Removed."),
))]
pub async fn remove(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<SavedSearchId>,
) -> Result<StatusCode, Problem> {
    api.desk.remove_saved_search(&who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
