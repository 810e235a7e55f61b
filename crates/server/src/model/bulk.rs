//! Changes of many conversations at once.

use partyline_core::id::{BulkId, ConversationId, UserId};
use partyline_core::time::Millis;
use partyline_desk::bulk::{self, BulkRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conversation::ConversationPatch;
use super::words;

/// A change of many conversations.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Bulk)]
pub struct BulkOut {
    /// `bulk_…`
    #[schema(value_type = String)]
    pub id: BulkId,
    /// Where it stands.
    #[schema(value_type = words::BulkState)]
    pub state: &'static str,
    /// How many conversations were named.
    pub total: i64,
    /// How many of them are as they were asked to be; while it is undone, how many are as they were before.
    pub done: i64,
    /// How many were left as they are: they may not be seen, or they refuse it; while it is undone, somebody has changed them since.
    pub refused: i64,
    /// Who began it.
    #[schema(value_type = String)]
    pub created_by: UserId,
    /// When.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
    /// When it was done, or undone.
    #[schema(value_type = Option<words::Time>)]
    pub ended_at: Option<Millis>,
}

impl From<BulkRow> for BulkOut {
    fn from(row: BulkRow) -> Self {
        BulkOut {
            id: row.id,
            state: row.state.as_str(),
            total: row.total,
            done: row.done,
            refused: row.refused,
            created_by: row.user,
            created_at: row.created_at,
            ended_at: row.ended_at,
        }
    }
}

/// What changes, and of which conversations.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BulkIn {
    /// 1 to 1,000.
    #[schema(value_type = Vec<String>)]
    pub conversation_ids: Vec<ConversationId>,
    /// What changes of each.
    #[serde(default)]
    pub patch: ConversationPatch,
    /// Mark each read or unread for me.
    pub unread: Option<bool>,
}

impl From<BulkIn> for bulk::BulkIn {
    fn from(asked: BulkIn) -> Self {
        bulk::BulkIn { conversations: asked.conversation_ids, patch: asked.patch.into(), unread: asked.unread }
    }
}
