//! Channels: the numbers that messages pass through.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::ChannelId;

use crate::api::Api;
use crate::extract::{Id, Json, Posted};
use crate::idempotency::once;
use crate::model::Page;
use crate::model::channel::{ChannelIn, ChannelOut, ChannelPatch};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// All channels
#[utoipa::path(get, path = "/channels", tag = "channels", responses((status = 200, body = Page<ChannelOut>)))]
pub async fn list(State(api): State<Api>, Signed(who): Signed) -> Result<At<Page<ChannelOut>>, Problem> {
    Ok(At::from_desk(api.desk.channels(&who).await?, Page::whole))
}

/// One channel
#[utoipa::path(get, path = "/channels/{id}", tag = "channels", params(("id" = String, Path)), responses(
    (status = 200, body = ChannelOut),
))]
pub async fn one(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ChannelId>,
) -> Result<At<ChannelOut>, Problem> {
    Ok(At::from_desk(api.desk.channel(&who, id).await?, ChannelOut::from))
}

/// Connect a number
///
/// The account must have it. Its webhooks are set only where the provider can reach this server. With credentials in place of a
/// connection, the account is connected in the same step; one that is connected already takes them.
#[utoipa::path(post, path = "/channels", tag = "channels", request_body = ChannelIn, responses(
    (status = 201, body = ChannelOut),
    (status = 422, body = ProblemOut, description = "`invalid`, `credentials_refused`, `provider_unreachable`, …"),
))]
pub async fn create(
    State(api): State<Api>,
    Signed(who): Signed,
    posted: Posted<ChannelIn>,
) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::CREATED, async |key| {
        Ok(ChannelOut::from(api.desk.create_channel(&who, posted.body.try_into()?, key).await?))
    })
    .await
}

/// Change a channel
#[utoipa::path(patch, path = "/channels/{id}", tag = "channels", params(("id" = String, Path)), request_body = ChannelPatch, responses(
    (status = 200, body = ChannelOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn change(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ChannelId>,
    Json(patch): Json<ChannelPatch>,
) -> Result<Answer<ChannelOut>, Problem> {
    Ok(Answer(api.desk.change_channel(&who, id, patch.into()).await?.into()))
}

/// Remove a channel
///
/// Nothing comes in or goes out through it any more. What came and went stays.
#[utoipa::path(delete, path = "/channels/{id}", tag = "channels", params(("id" = String, Path)), responses(
    (status = 204, description = "Removed."),
))]
pub async fn remove(State(api): State<Api>, Signed(who): Signed, Id(id): Id<ChannelId>) -> Result<StatusCode, Problem> {
    api.desk.remove_channel(&who, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
