//! Answers to customers: sent, taken back, tried again.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::{ConversationId, MessageId};

use crate::api::Api;
use crate::extract::{Id, Posted};
use crate::idempotency::once;
use crate::model::entry::{EntryOut, NothingIn, ReplyIn, ResolveIn};
use crate::problem::{Problem, ProblemOut};
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
