//! What I want to hear of a conversation. Mine alone.

use axum::extract::State;
use axum::http::StatusCode;
use partyline_core::id::ConversationId;
use partyline_desk::attention::AttentionIn;

use crate::api::Api;
use crate::extract::Id;
use crate::problem::Problem;
use crate::session::Signed;

/// Follow a conversation
///
/// I am told of what happens there. It ends a mute.
#[utoipa::path(post, path = "/conversations/{id}/follow", tag = "conversations", params(("id" = String, Path)), responses(
    (status = 204, description = "Followed; my other browsers are told."),
))]
pub async fn follow(api: State<Api>, who: Signed, id: Id<ConversationId>) -> Result<StatusCode, Problem> {
    attend(api, who, id, AttentionIn { following: Some(true), muted: None }).await
}

/// Follow a conversation no more
#[utoipa::path(delete, path = "/conversations/{id}/follow", tag = "conversations", params(("id" = String, Path)), responses(
    (status = 204, description = "No more; my other browsers are told."),
))]
pub async fn unfollow(api: State<Api>, who: Signed, id: Id<ConversationId>) -> Result<StatusCode, Problem> {
    attend(api, who, id, AttentionIn { following: Some(false), muted: None }).await
}

/// Mute a conversation
///
/// It counts as read for me, whatever comes, and I am told nothing of it. It ends following it.
#[utoipa::path(post, path = "/conversations/{id}/mute", tag = "conversations", params(("id" = String, Path)), responses(
    (status = 204, description = "Muted; my other browsers are told."),
))]
pub async fn mute(api: State<Api>, who: Signed, id: Id<ConversationId>) -> Result<StatusCode, Problem> {
    attend(api, who, id, AttentionIn { following: None, muted: Some(true) }).await
}

/// Mute a conversation no more
#[utoipa::path(delete, path = "/conversations/{id}/mute", tag = "conversations", params(("id" = String, Path)), responses(
    (status = 204, description = "No more; my other browsers are told."),
))]
pub async fn unmute(api: State<Api>, who: Signed, id: Id<ConversationId>) -> Result<StatusCode, Problem> {
    attend(api, who, id, AttentionIn { following: None, muted: Some(false) }).await
}

async fn attend(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ConversationId>,
    wanted: AttentionIn,
) -> Result<StatusCode, Problem> {
    api.desk.attend(&who, id, wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}
