//! Labels of the workspace.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::LabelId;

use crate::api::Api;
use crate::extract::{Id, Json, Posted};
use crate::idempotency::once;
use crate::model::Page;
use crate::model::label::{LabelIn, LabelOut, LabelPatch};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// All labels
#[utoipa::path(get, path = "/labels", tag = "labels", responses((status = 200, body = Page<LabelOut>)))]
pub async fn list(State(api): State<Api>, Signed(who): Signed) -> Result<At<Page<LabelOut>>, Problem> {
    Ok(At::from_desk(api.desk.labels(&who).await?, Page::whole))
}

/// One label
#[utoipa::path(get, path = "/labels/{id}", tag = "labels", params(("id" = String, Path)), responses(
    (status = 200, body = LabelOut),
))]
pub async fn one(State(api): State<Api>, Signed(who): Signed, Id(id): Id<LabelId>) -> Result<At<LabelOut>, Problem> {
    Ok(At::from_desk(api.desk.label(&who, id).await?, LabelOut::from))
}

/// Make a label
#[utoipa::path(post, path = "/labels", tag = "labels", request_body = LabelIn, responses(
    (status = 201, body = LabelOut),
    (status = 422, body = ProblemOut, description = "`invalid`, `too_many_labels`"),
))]
pub async fn create(State(api): State<Api>, Signed(who): Signed, posted: Posted<LabelIn>) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::CREATED, async |key| {
        Ok(LabelOut::from(api.desk.create_label(&who, posted.body.into(), key).await?))
    })
    .await
}

/// Rename or colour a label
#[utoipa::path(patch, path = "/labels/{id}", tag = "labels", params(("id" = String, Path)), request_body = LabelPatch, responses(
    (status = 200, body = LabelOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn change(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<LabelId>,
    Json(patch): Json<LabelPatch>,
) -> Result<Answer<LabelOut>, Problem> {
    Ok(Answer(api.desk.change_label(&who, id, patch.into()).await?.into()))
}

/// Remove a label
///
/// It and those below it are offered no more, and no conversation shows them.
#[utoipa::path(delete, path = "/labels/{id}", tag = "labels", params(("id" = String, Path)), responses(
    (status = 204, description = "Removed."),
))]
pub async fn remove(State(api): State<Api>, Signed(who): Signed, Id(id): Id<LabelId>) -> Result<StatusCode, Problem> {
    api.desk.remove_label(&who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
