//! Held messages: what came and could not go to an inbox.

use partyline_core::held::{HeldReason, HeldState};
use partyline_core::id::{ConnectionId, ConversationId, InboundId, UserId};
use partyline_core::time::Millis;
use partyline_desk::held::{HeldLikeIn, HeldView, Payload, PlayedAgain};
use partyline_desk::{HeldGroup, HeldRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;

/// Something that came and could not go to an inbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Held)]
pub struct HeldOut {
    /// `inb_…`
    #[schema(value_type = String)]
    pub id: InboundId,
    /// On which connection it came.
    #[schema(value_type = String)]
    pub connection_id: ConnectionId,
    /// Where it came in: `message`, `status`, `voice`, or `poll` for what was fetched.
    pub hook: String,
    /// When it came.
    #[schema(value_type = words::Time)]
    pub received_at: Millis,
    /// Where it stands.
    #[schema(value_type = words::HeldState)]
    pub state: HeldState,
    /// Why it is held.
    #[schema(value_type = words::HeldReason)]
    pub reason: HeldReason,
    /// What that means and what to do, for people.
    pub detail: String,
    /// Our number, where it is known.
    pub address: Option<String>,
    /// Whom it is from, part of the digits hidden; the payload has them all.
    pub sender: Option<String>,
    /// Bytes of what it brought; null once they were deleted.
    pub size: Option<i64>,
    /// Where it is since it was replayed.
    #[schema(value_type = Option<String>)]
    pub conversation_id: Option<ConversationId>,
    /// When it was replayed or dismissed.
    #[schema(value_type = Option<words::Time>)]
    pub settled_at: Option<Millis>,
    /// By whom; null where it came again by itself.
    #[schema(value_type = Option<String>)]
    pub settled_by: Option<UserId>,
}

impl From<HeldRow> for HeldOut {
    fn from(row: HeldRow) -> Self {
        HeldOut {
            id: row.id,
            connection_id: row.connection,
            hook: row.hook,
            received_at: row.received_at,
            state: row.state,
            reason: row.reason,
            detail: row.reason.detail(row.address.as_deref()),
            address: row.address,
            sender: row.sender,
            size: row.size,
            conversation_id: row.conversation,
            settled_at: row.settled_at,
            settled_by: row.settled_by,
        }
    }
}

/// A held message, with what it brought.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldWhole)]
pub struct HeldWholeOut {
    /// The message.
    #[serde(flatten)]
    pub held: HeldOut,
    /// What it brought; null once that was deleted.
    pub payload: Option<PayloadOut>,
    /// What went wrong, for who runs the server.
    pub error: Option<String>,
}

/// What a provider sent, as text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldPayload)]
pub struct PayloadOut {
    /// What stood after the question mark of the address.
    pub query: String,
    /// Its media type.
    pub content_type: String,
    /// The body, of which at most 64 KiB are shown.
    pub text: String,
    /// Was it longer?
    pub cut: bool,
}

impl From<HeldView> for HeldWholeOut {
    fn from(view: HeldView) -> Self {
        let payload = view.payload.map(|Payload { query, content_type, text, cut }| PayloadOut {
            query,
            content_type,
            text,
            cut,
        });
        HeldWholeOut { held: view.row.into(), payload, error: view.error }
    }
}

/// Held messages that are alike.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldGroup)]
pub struct HeldGroupOut {
    /// Why they are held.
    #[schema(value_type = words::HeldReason)]
    pub reason: HeldReason,
    /// On which connection they came.
    #[schema(value_type = String)]
    pub connection_id: ConnectionId,
    /// Our number, where it is known.
    pub address: Option<String>,
    /// How many.
    pub count: i64,
    /// When the first of them came.
    #[schema(value_type = words::Time)]
    pub oldest_at: Millis,
    /// When the last of them came.
    #[schema(value_type = words::Time)]
    pub newest_at: Millis,
}

impl From<HeldGroup> for HeldGroupOut {
    fn from(group: HeldGroup) -> Self {
        HeldGroupOut {
            reason: group.reason,
            connection_id: group.connection,
            address: group.address,
            count: group.count,
            oldest_at: group.oldest_at,
            newest_at: group.newest_at,
        }
    }
}

/// Which held messages are replayed together.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReplayAlikeIn {
    /// Those that are held for this.
    #[schema(value_type = words::HeldReason)]
    pub reason: HeldReason,
    /// Those that came on this connection.
    #[schema(value_type = String)]
    pub connection_id: ConnectionId,
    /// Those that came to this number of ours; all when left out.
    pub address: Option<String>,
}

impl From<ReplayAlikeIn> for HeldLikeIn {
    fn from(like: ReplayAlikeIn) -> Self {
        HeldLikeIn { reason: like.reason, connection: like.connection_id, address: like.address }
    }
}

/// What became of many.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Replayed)]
pub struct ReplayedOut {
    /// So many are in their inboxes.
    pub replayed: u64,
    /// So many are held still, each with its reason.
    pub still_held: u64,
    /// There are more, which follow by themselves.
    pub goes_on: bool,
}

impl From<PlayedAgain> for ReplayedOut {
    fn from(done: PlayedAgain) -> Self {
        ReplayedOut { replayed: done.replayed, still_held: done.still_held, goes_on: done.goes_on }
    }
}
