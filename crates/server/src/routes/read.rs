//! What I have read. Mine alone.

use axum::extract::State;
use axum::http::StatusCode;
use partyline_core::id::ConversationId;

use crate::api::Api;
use crate::extract::{Id, Json};
use crate::model::entry::ReadIn;
use crate::problem::{Problem, ProblemOut};
use crate::session::Signed;

/// Mark a conversation read, or unread
#[utoipa::path(post, path = "/conversations/{id}/read", tag = "conversations", params(("id" = String, Path)), request_body = ReadIn, responses(
    (status = 204, description = "Marked; my other browsers are told."),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn read(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ConversationId>,
    Json(read): Json<ReadIn>,
) -> Result<StatusCode, Problem> {
    api.desk.read(&who, id, read.try_into()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
