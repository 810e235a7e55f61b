//! Changes of many conversations at once.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::BulkId;

use crate::api::Api;
use crate::extract::{Id, Posted};
use crate::idempotency::once;
use crate::model::bulk::{BulkIn, BulkOut};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// Change many conversations
///
/// Up to 1,000, a hundred at a time. What may not be seen and what refuses is skipped and counted. `bulk.ended` says when it is done.
#[utoipa::path(post, path = "/conversations/bulk", tag = "conversations", request_body = BulkIn, responses(
    (status = 202, body = BulkOut),
    (status = 409, body = ProblemOut, description = "`too_many_under_way`"),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn start(State(api): State<Api>, Signed(who): Signed, posted: Posted<BulkIn>) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::ACCEPTED, async |key| {
        Ok(BulkOut::from(api.desk.start_bulk(&who, posted.body.into(), key).await?))
    })
    .await
}

/// How far a change of many has come
///
/// For who began it, and for admins; for a day.
#[utoipa::path(get, path = "/bulk/{id}", tag = "conversations", params(("id" = String, Path)), responses(
    (status = 200, body = BulkOut),
))]
pub async fn one(State(api): State<Api>, Signed(who): Signed, Id(id): Id<BulkId>) -> Result<At<BulkOut>, Problem> {
    Ok(At::from_desk(api.desk.bulk(&who, id).await?, BulkOut::from))
}

/// Undo a change of many
///
/// Exactly: each is set to what it was. One that was changed since is left as it is, and counted as refused. It may be undone while it
/// is still being done.
#[utoipa::path(delete, path = "/bulk/{id}", tag = "conversations", params(("id" = String, Path)), responses(
    (status = 202, body = BulkOut),
))]
pub async fn undo(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<BulkId>,
) -> Result<(StatusCode, Answer<BulkOut>), Problem> {
    Ok((StatusCode::ACCEPTED, Answer(api.desk.undo_bulk(&who, id).await?.into())))
}
