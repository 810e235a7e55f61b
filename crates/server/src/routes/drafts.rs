//! Drafts: what is not sent yet, shared by the team.

use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use partyline_core::id::{ChannelId, ConversationId};
use partyline_desk::draft::{DraftList, DraftsIn};

use crate::api::Api;
use crate::extract::{Id, Json, Query};
use crate::model::Page;
use crate::model::draft::{DraftIn, DraftOut, ListedDraftOut, ReviewEndIn, ReviewIn, TakeIn};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// A conversation, and a channel of it.
type Place = Path<(String, String)>;

fn place(Path((id, channel)): Place) -> Result<(ConversationId, ChannelId), Problem> {
    match (id.parse(), channel.parse()) {
        (Ok(id), Ok(channel)) => Ok((id, channel)),
        _ => Err(Problem::not_found("The draft")),
    }
}

/// The drafts of a conversation
///
/// One per channel at most. Who sees the conversation sees what is being written in it.
#[utoipa::path(get, path = "/conversations/{id}/drafts", tag = "drafts", params(("id" = String, Path)), responses(
    (status = 200, body = Page<DraftOut>),
))]
pub async fn of(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ConversationId>,
) -> Result<At<Page<DraftOut>>, Problem> {
    Ok(At::from_desk(api.desk.drafts_of(&who, id).await?, Page::whole))
}

/// Write a draft
///
/// The first words begin it, and who writes them holds it. `version` is the one that is changed. Name the newest one as `draft_version` of the
/// message that it becomes: it then goes with it.
#[utoipa::path(put, path = "/conversations/{id}/drafts/{channel_id}", tag = "drafts", params(("id" = String, Path), ("channel_id" = String, Path)), request_body = DraftIn, responses(
    (status = 200, body = DraftOut),
    (status = 409, body = ProblemOut, description = "`draft_held` by somebody else, `draft_changed` since this version; both with `draft` as it is now, which is null once it was sent or discarded."),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn put(
    State(api): State<Api>,
    Signed(who): Signed,
    at: Place,
    Json(new): Json<DraftIn>,
) -> Result<Answer<DraftOut>, Problem> {
    let (id, channel) = place(at)?;
    Ok(Answer(api.desk.write_draft(&who, id, channel, new.into()).await?.into()))
}

/// Discard a draft
///
/// One of mine, or one whose holder has left. `?version=` discards that one only.
#[utoipa::path(delete, path = "/conversations/{id}/drafts/{channel_id}", tag = "drafts", params(("id" = String, Path), ("channel_id" = String, Path), ("version" = Option<i64>, Query)), responses(
    (status = 204, description = "There is none any more."),
    (status = 409, body = ProblemOut, description = "`draft_held`, `draft_changed`, with `draft` as it is now."),
))]
pub async fn discard(
    State(api): State<Api>,
    Signed(who): Signed,
    at: Place,
    query: Query,
) -> Result<StatusCode, Problem> {
    let (id, channel) = place(at)?;
    api.desk.discard_draft(&who, id, channel, query.number("version")?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a draft over
///
/// It says what it said; its holder is told at once, and writes it no more.
#[utoipa::path(post, path = "/conversations/{id}/drafts/{channel_id}/take", tag = "drafts", params(("id" = String, Path), ("channel_id" = String, Path)), request_body = TakeIn, responses(
    (status = 200, body = DraftOut),
    (status = 409, body = ProblemOut, description = "`draft_held` by another than I thought, with `draft` as it is now."),
))]
pub async fn take(
    State(api): State<Api>,
    Signed(who): Signed,
    at: Place,
    Json(asked): Json<TakeIn>,
) -> Result<Answer<DraftOut>, Problem> {
    let (id, channel) = place(at)?;
    Ok(Answer(api.desk.take_draft(&who, id, channel, asked.holder_id).await?.into()))
}

/// Ask somebody to look at a draft before it is sent
///
/// Its holder asks a lead, or a lead asks to see it. Until they send it, or the review ends, its holder can't.
#[utoipa::path(post, path = "/conversations/{id}/drafts/{channel_id}/review", tag = "drafts", params(("id" = String, Path), ("channel_id" = String, Path)), request_body = ReviewIn, responses(
    (status = 200, body = DraftOut),
    (status = 409, body = ProblemOut, description = "`draft_held`, with `draft` as it is now."),
    (status = 422, body = ProblemOut, description = "`invalid`: who is asked does not see the conversation, or may not look at drafts."),
))]
pub async fn ask_for_review(
    State(api): State<Api>,
    Signed(who): Signed,
    at: Place,
    Json(asked): Json<ReviewIn>,
) -> Result<Answer<DraftOut>, Problem> {
    let (id, channel) = place(at)?;
    Ok(Answer(api.desk.ask_for_review(&who, id, channel, asked.reviewer_id).await?.into()))
}

/// End a review without sending
///
/// Who asked takes the question back; who looks sends the draft back, with a note that mentions its holder. Sending the draft ends it too.
#[utoipa::path(post, path = "/conversations/{id}/drafts/{channel_id}/review/end", tag = "drafts", params(("id" = String, Path), ("channel_id" = String, Path)), request_body = ReviewEndIn, responses(
    (status = 200, body = DraftOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn end_review(
    State(api): State<Api>,
    Signed(who): Signed,
    at: Place,
    Json(said): Json<ReviewEndIn>,
) -> Result<Answer<DraftOut>, Problem> {
    let (id, channel) = place(at)?;
    Ok(Answer(api.desk.end_review(&who, id, channel, said.text).await?.into()))
}

/// One page of drafts
///
/// Those of conversations that I see, the newest first.
#[utoipa::path(get, path = "/drafts", tag = "drafts",
    params(
        ("list" = Option<String>, Query, description = "`mine` (when left out), `review` (those that I am asked to look at), or `left` (those whose holder has left)"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("limit" = Option<u32>, Query, description = "Rows: 50 when left out, at most 200"),
    ),
    responses(
        (status = 200, body = Page<ListedDraftOut>),
        (status = 422, body = ProblemOut, description = "`invalid`"),
    )
)]
pub async fn list(
    State(api): State<Api>,
    Signed(who): Signed,
    query: Query,
) -> Result<At<Page<ListedDraftOut>>, Problem> {
    let list = match query.text("list") {
        None | Some("mine") => DraftList::Held,
        Some("review") => DraftList::ToReview,
        Some("left") => DraftList::Left,
        Some(_) => return Err(Problem::field("list", "unknown", "Use one of: mine, review, left.")),
    };
    let cursor = query.text("cursor").map(str::to_owned);
    let asked = DraftsIn { list, cursor, limit: query.limit()? };
    Ok(At::from_desk(api.desk.drafts(&who, asked).await?, |page| Page {
        data: page.rows.into_iter().map(ListedDraftOut::from).collect(),
        next_cursor: page.next,
    }))
}
