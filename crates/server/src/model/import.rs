//! Imports: a number's past, brought in from its provider's log.

use partyline_core::id::{ChannelId, ImportId, UserId};
use partyline_core::time::Millis;
use partyline_desk::import::ImportRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;

/// One import of a number's past. Its conversations arrive closed, without rules, counts or notifications.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
pub struct ImportOut {
    /// `imp_…`
    #[schema(value_type = String)]
    pub id: ImportId,
    /// Of which channel.
    #[schema(value_type = String)]
    pub channel_id: ChannelId,
    /// Where it stands.
    #[schema(value_type = words::ImportStatus)]
    pub status: String,
    /// How many days back it was asked for.
    pub days: i64,
    /// From when, by the provider's clock; null until the provider was asked.
    #[schema(value_type = Option<words::Time>)]
    pub since: Option<Millis>,
    /// Until when.
    #[schema(value_type = Option<words::Time>)]
    pub until: Option<Millis>,
    /// Everything from `since` to here is here: it goes oldest first.
    #[schema(value_type = Option<words::Time>)]
    pub at: Option<Millis>,
    /// Messages that the provider has shown.
    pub found: i64,
    /// Those of them that were not here yet.
    pub imported: i64,
    /// What went wrong last, e.g. `provider_unreachable`. While it runs it is tried again by itself.
    pub error: Option<String>,
    /// Who asked for it.
    #[schema(value_type = Option<String>)]
    pub created_by: Option<UserId>,
    /// When.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
    /// When it ended.
    #[schema(value_type = Option<words::Time>)]
    pub ended_at: Option<Millis>,
}

impl From<ImportRow> for ImportOut {
    fn from(row: ImportRow) -> Self {
        ImportOut {
            id: row.id,
            channel_id: row.channel,
            status: row.state,
            days: row.days,
            since: row.since,
            until: row.until,
            at: row.at,
            found: row.found,
            imported: row.imported,
            error: row.error,
            created_by: row.created_by,
            created_at: row.created_at,
            ended_at: row.ended_at,
        }
    }
}

/// How far back.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ImportIn {
    /// From 1 to 90.
    pub days: u32,
}
