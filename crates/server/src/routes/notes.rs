//! Notes: what only the team sees.

use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::{ConversationId, NoteId};

use crate::api::Api;
use crate::extract::{Id, Json, Posted};
use crate::idempotency::once;
use crate::model::Page;
use crate::model::entry::{EntryOut, NoteIn, RevisionOut};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
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

/// Rewrite a note
///
/// Its author, or an admin. What it said is kept; who is mentioned anew may see the conversation from then on, and nobody loses that.
#[utoipa::path(patch, path = "/notes/{id}", tag = "notes", params(("id" = String, Path)), request_body = NoteIn, responses(
    (status = 200, body = EntryOut),
    (status = 422, body = ProblemOut, description = "`invalid`, `not_yours`, `too_many_revisions`"),
))]
pub async fn edit(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<NoteId>,
    Json(note): Json<NoteIn>,
) -> Result<Answer<EntryOut>, Problem> {
    Ok(Answer(api.desk.edit_note(&who, id, note.text).await?.into()))
}

/// What a note said before
///
/// Oldest first; what it says now is not among it.
#[utoipa::path(get, path = "/notes/{id}/revisions", tag = "notes", params(("id" = String, Path)), responses(
    (status = 200, body = Page<RevisionOut>),
))]
pub async fn revisions(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<NoteId>,
) -> Result<At<Page<RevisionOut>>, Problem> {
    Ok(At::from_desk(api.desk.revisions(&who, id).await?, Page::whole))
}

/// React to a note
///
/// With one emoji. Nothing becomes unread by it.
#[utoipa::path(put, path = "/notes/{id}/reactions/{emoji}", tag = "notes", params(("id" = String, Path), ("emoji" = String, Path)), responses(
    (status = 200, body = EntryOut),
    (status = 422, body = ProblemOut, description = "`invalid`: it is no emoji, or the note has too many others"),
))]
pub async fn react(State(api): State<Api>, Signed(who): Signed, path: Reaction) -> Result<Answer<EntryOut>, Problem> {
    let (id, emoji) = reaction(path)?;
    Ok(Answer(api.desk.react(&who, id, &emoji, true).await?.into()))
}

/// Take a reaction back
#[utoipa::path(delete, path = "/notes/{id}/reactions/{emoji}", tag = "notes", params(("id" = String, Path), ("emoji" = String, Path)), responses(
    (status = 200, body = EntryOut),
))]
pub async fn take_back(
    State(api): State<Api>,
    Signed(who): Signed,
    path: Reaction,
) -> Result<Answer<EntryOut>, Problem> {
    let (id, emoji) = reaction(path)?;
    Ok(Answer(api.desk.react(&who, id, &emoji, false).await?.into()))
}

type Reaction = Path<(String, String)>;

fn reaction(Path((id, emoji)): Reaction) -> Result<(NoteId, String), Problem> {
    Ok((id.parse().map_err(|_| Problem::not_found("The note"))?, emoji))
}
