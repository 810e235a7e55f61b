//! Notes: what only the team sees.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::ConversationId;

use crate::api::Api;
use crate::extract::{Id, Posted};
use crate::idempotency::once;
use crate::model::entry::{EntryOut, NoteIn};
use crate::problem::{Problem, ProblemOut};
use crate::session::Signed;

/// Write a note
///
/// Who is mentioned in it may see the conversation from then on.
#[utoipa::path(post, path = "/conversations/{id}/notes", tag = "conversations", params(("id" = String, Path)), request_body = NoteIn, responses(
    (status = 201, body = EntryOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn create(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ConversationId>,
    posted: Posted<NoteIn>,
) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::CREATED, async |key| {
        Ok(EntryOut::from(api.desk.note(&who, id, posted.body.text, key).await?))
    })
    .await
}
