//! Answers to customers: sent, planned, taken back, tried again.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::{ConversationId, MessageId, UserId};
use partyline_desk::sent::{SentIn, SentList};

use crate::api::Api;
use crate::extract::{Id, Json, Posted, Query};
use crate::idempotency::once;
use crate::model::Page;
use crate::model::entry::{EntryOut, ListedMessageOut, NothingIn, PlanIn, ReplyIn, ResolveIn};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// Answer
///
/// The message is kept and queued before this is answered; what becomes of it is told by events.
#[utoipa::path(post, path = "/conversations/{id}/messages", tag = "conversations", params(("id" = String, Path)), request_body = ReplyIn, responses(
    (status = 202, body = EntryOut, description = "Queued, or scheduled for `delivery.send_at`."),
    (status = 409, body = ProblemOut, description = "`stale_reply`, with `entries`: what came since. `late_reply` and its like, with `reasons`. Repeat it with `confirm`."),
    (status = 422, body = ProblemOut, description = "`invalid`, `opted_out`, `channel_required`, `too_long`, `needs_public_url`, `attachment_too_large`, …"),
))]
pub async fn reply(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ConversationId>,
    posted: Posted<ReplyIn>,
) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::ACCEPTED, async |key| {
        Ok(EntryOut::from(api.desk.reply(&who, id, posted.body.try_into()?, key).await?))
    })
    .await
}

/// Take a message back
///
/// While it is scheduled or queued.
#[utoipa::path(delete, path = "/messages/{id}", tag = "conversations", params(("id" = String, Path)), responses(
    (status = 200, body = EntryOut, description = "It is cancelled."),
    (status = 409, body = ProblemOut, description = "`too_late`"),
))]
pub async fn cancel(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<MessageId>,
) -> Result<Answer<EntryOut>, Problem> {
    Ok(Answer(api.desk.cancel(&who, id).await?.into()))
}

/// Send it at another time, or now
///
/// What is scheduled or queued. The gate is asked again, as it is when the message leaves: what may not leave yet is scheduled for when it
/// may, with the reason.
#[utoipa::path(patch, path = "/messages/{id}", tag = "conversations", params(("id" = String, Path)), request_body = PlanIn, responses(
    (status = 200, body = EntryOut, description = "Queued, or scheduled for `delivery.send_at`."),
    (status = 409, body = ProblemOut, description = "`too_late`: it is leaving, or has left, failed or been taken back."),
    (status = 422, body = ProblemOut, description = "`invalid`, `opted_out`, `channel_gone`, …"),
))]
pub async fn plan(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<MessageId>,
    Json(plan): Json<PlanIn>,
) -> Result<Answer<EntryOut>, Problem> {
    let send_at = plan.send_at.ok_or_else(|| Problem::field("send_at", "required", "Say when; null means now."))?;
    Ok(Answer(api.desk.plan(&who, id, send_at).await?.into()))
}

/// One page of somebody's messages
///
/// Those of conversations that I see. What is scheduled comes by its time, what is sent the newest first, by when it was written.
#[utoipa::path(get, path = "/messages", tag = "conversations",
    params(
        ("view" = String, Query, description = "`scheduled`, or `sent`: all that was to leave, failed ones too"),
        ("author" = Option<String>, Query, description = "`me` (when left out), `user_…`, or of what is scheduled `nobody`"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("limit" = Option<u32>, Query, description = "Rows: 50 when left out, at most 200"),
    ),
    responses(
        (status = 200, body = Page<ListedMessageOut>),
        (status = 422, body = ProblemOut, description = "`invalid`"),
    )
)]
pub async fn list(
    State(api): State<Api>,
    Signed(who): Signed,
    query: Query,
) -> Result<At<Page<ListedMessageOut>>, Problem> {
    let author: Option<UserId> = match query.text("author") {
        None | Some("me") => Some(who.user),
        Some("nobody") => None,
        Some(_) => query.id("author", "The person")?,
    };
    let view = match (query.text("view"), author) {
        (Some("scheduled"), author) => SentList::Scheduled(author),
        (Some("sent"), Some(author)) => SentList::Sent(author),
        (Some("sent"), None) => return Err(Problem::field("author", "unknown", "Say whose.")),
        _ => return Err(Problem::field("view", "unknown", "Use one of: scheduled, sent.")),
    };
    let asked = SentIn { list: view, cursor: query.text("cursor").map(str::to_owned), limit: query.limit()? };
    Ok(At::from_desk(api.desk.sent(&who, asked).await?, |page| Page {
        data: page.rows.into_iter().map(ListedMessageOut::from).collect(),
        next_cursor: page.next,
    }))
}

/// Send a message again
///
/// One that failed, or whose outcome is not known: a new attempt of the same message. It may then arrive twice.
#[utoipa::path(post, path = "/messages/{id}/retry", tag = "conversations", params(("id" = String, Path)), responses(
    (status = 202, body = EntryOut, description = "Queued again."),
    (status = 409, body = ProblemOut, description = "`not_failed`, `still_asking` while the provider is asked what became of it, or a person's word is needed."),
    (status = 422, body = ProblemOut, description = "`opted_out`, `channel_gone`, …"),
))]
pub async fn retry(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<MessageId>,
    posted: Posted<NothingIn>,
) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::ACCEPTED, async |key| {
        Ok(EntryOut::from(api.desk.retry(&who, id, key).await?))
    })
    .await
}

/// Say how a message ended
///
/// One whose outcome is not known, after asking the customer or looking at the provider: `sent` or `not_sent`. What the provider tells
/// later still moves it forward.
#[utoipa::path(post, path = "/messages/{id}/resolve", tag = "conversations", params(("id" = String, Path)), request_body = ResolveIn, responses(
    (status = 200, body = EntryOut, description = "It is `sent`, or `failed` with the code `not_sent`."),
    (status = 409, body = ProblemOut, description = "`not_unknown`, or for `not_sent` `still_asking` while the provider is asked."),
))]
pub async fn resolve(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<MessageId>,
    posted: Posted<ResolveIn>,
) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::OK, async |key| {
        Ok(EntryOut::from(api.desk.resolve(&who, id, posted.body.resolution.into(), key).await?))
    })
    .await
}
