//! Conversations: lists, one, its timeline, what changes of it, and a new one.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::conversation::{EntryId, Sort, View};
use partyline_core::id::{ConversationId, LabelId};
use partyline_desk::view::{self, Stretch};

use crate::api::Api;
use crate::extract::{Id, Json, Posted, Query};
use crate::idempotency::once;
use crate::model::Page;
use crate::model::conversation::{ConversationOut, ConversationPatch, StartIn, StartedOut};
use crate::model::entry::EntryPageOut;
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

const VIEWS: &str = "unassigned, mine, all, closed, snoozed, spam, trash, mine_snoozed, mentions, following";

/// One page of a view
#[utoipa::path(get, path = "/conversations", tag = "conversations",
    params(
        ("view" = Option<String>, Query, description = "`unassigned`, `mine`, `all` (all open ones; when left out), `closed`, `snoozed`, `spam`, `trash`, `mine_snoozed`, `mentions`, `following`"),
        ("label" = Option<String>, Query, description = "Open ones with this label or one below it"),
        ("team" = Option<String>, Query, description = "Only of this team"),
        ("sort" = Option<String>, Query, description = "`newest` activity first (when left out), or `waiting` longest first"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("limit" = Option<u32>, Query, description = "Rows: 50 when left out, at most 200"),
    ),
    responses(
        (status = 200, body = Page<ConversationOut>),
        (status = 422, body = ProblemOut, description = "`invalid`"),
    )
)]
pub async fn list(
    State(api): State<Api>,
    Signed(who): Signed,
    query: Query,
) -> Result<At<Page<ConversationOut>>, Problem> {
    let label: Option<LabelId> = query.id("label", "The label")?;
    let view: Option<View> = query.word("view", VIEWS)?;
    if label.is_some() && view.is_some_and(|view| view != View::All) {
        let detail = "With a label, choose `all` or leave the view out: it shows the open ones.";
        return Err(Problem::field("view", "not_with_label", detail));
    }
    let list = view::ListIn {
        view: label.map(View::Label).or(view),
        team: query.id("team", "The team")?,
        sort: query.word::<Sort>("sort", "newest, waiting")?.unwrap_or_default(),
        cursor: query.text("cursor").map(str::to_owned),
        limit: query.limit()?,
    };
    Ok(At::from_desk(api.desk.conversations(&who, list).await?, page))
}

fn page<R, T: From<R>>(page: view::Page<R>) -> Page<T> {
    Page { data: page.rows.into_iter().map(T::from).collect(), next_cursor: page.next }
}

/// One conversation
#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations", params(("id" = String, Path)), responses(
    (status = 200, body = ConversationOut),
))]
pub async fn one(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ConversationId>,
) -> Result<At<ConversationOut>, Problem> {
    Ok(At::from_desk(api.desk.conversation(&who, id).await?, ConversationOut::from))
}

/// Its timeline
///
/// Messages, notes and what happened, newest first. A page around an entry goes on to both sides: `next_cursor` to what is older,
/// `newer_cursor` to what is newer.
#[utoipa::path(get, path = "/conversations/{id}/entries", tag = "conversations",
    params(
        ("id" = String, Path),
        ("cursor" = Option<String>, Query, description = "`next_cursor` or `newer_cursor` of the page before"),
        ("around" = Option<String>, Query, description = "An entry of the conversation that the page is to have in its middle; not with a cursor"),
        ("limit" = Option<u32>, Query, description = "Rows: 50 when left out, at most 200"),
    ),
    responses(
        (status = 200, body = EntryPageOut),
        (status = 422, body = ProblemOut, description = "`invalid`"),
    )
)]
pub async fn entries(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ConversationId>,
    query: Query,
) -> Result<At<EntryPageOut>, Problem> {
    let around: Option<EntryId> = query.id("around", "The entry")?;
    let part = match (query.text("cursor"), around) {
        (Some(_), Some(_)) => {
            return Err(Problem::field("around", "not_with_cursor", "Leave the cursor out, or the entry."));
        }
        (Some(cursor), None) => Stretch::From(cursor.to_owned()),
        (None, Some(entry)) => Stretch::Around(entry),
        (None, None) => Stretch::Newest,
    };
    Ok(At::from_desk(api.desk.entries(&who, id, part, query.limit()?).await?, EntryPageOut::from))
}

/// Change a conversation
///
/// Close and reopen it, set it aside, assign it, move it to another team.
#[utoipa::path(patch, path = "/conversations/{id}", tag = "conversations", params(("id" = String, Path)), request_body = ConversationPatch, responses(
    (status = 200, body = ConversationOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn change(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ConversationId>,
    Json(patch): Json<ConversationPatch>,
) -> Result<Answer<ConversationOut>, Problem> {
    Ok(Answer(api.desk.change(&who, id, patch.into()).await?.into()))
}

/// Text a number
///
/// Goes into the open conversation with that number on that channel, or begins one.
#[utoipa::path(post, path = "/conversations", tag = "conversations", request_body = StartIn, responses(
    (status = 201, body = StartedOut),
    (status = 409, body = ProblemOut, description = "`first_contact` and its like, with `reasons`: repeat it with `confirm`, and with `source`."),
    (status = 422, body = ProblemOut, description = "`invalid`, `opted_out`, `cannot_receive`, `too_long`, `needs_public_url`, `attachment_too_large`, …"),
))]
pub async fn start(State(api): State<Api>, Signed(who): Signed, posted: Posted<StartIn>) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::CREATED, async |key| {
        Ok(StartedOut::from(api.desk.start(&who, posted.body.into(), key).await?))
    })
    .await
}
