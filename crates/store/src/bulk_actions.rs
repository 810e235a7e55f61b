//! Changes of many conversations at once: what was asked, how far it has come, and what each was before, so that it can be undone.

use partyline_core::id::{BulkId, ConversationId, UserId};
use partyline_core::time::Millis;

use crate::error::{Result, StoreError};
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::{FromValue, Value, row, values};

queries! {
    CREATE = "INSERT INTO bulk_actions (workspace, id, user_id, patch, state, total, created_at) VALUES ($1, $2, $3, $4, 'running', $5, $6)";
    ADD_ITEM = "INSERT INTO bulk_items (workspace, bulk_id, n, conversation_id) VALUES ($1, $2, $3, $4)";
    ACTION = "SELECT id, user_id, patch, state, total, done, refused, created_at, ended_at FROM bulk_actions WHERE workspace = $1 AND id = $2";
    SET = "UPDATE bulk_actions SET state = $3, done = $4, refused = $5, ended_at = $6 WHERE workspace = $1 AND id = $2";
    ITEMS = "SELECT n, conversation_id, before, after_seq FROM bulk_items WHERE workspace = $1 AND bulk_id = $2 AND n >= $3 ORDER BY n LIMIT $4";
    SET_ITEM = "UPDATE bulk_items SET before = $4, after_seq = $5, error = $6 WHERE workspace = $1 AND bulk_id = $2 AND n = $3";
    UNDER_WAY = "SELECT count(*) FROM bulk_actions WHERE workspace = $1 AND user_id = $2 AND state IN ('running', 'undoing')";
    IS_CHANGED = "SELECT 1 FROM entries e JOIN events v ON v.workspace = e.workspace AND v.seq = e.seq WHERE e.workspace = $1 AND e.conversation_id = $2 AND e.at >= $3 AND e.seq > $4 AND e.kind = 'event' AND v.type LIKE 'conversation.%' LIMIT 1";
    OLDER = "SELECT id FROM bulk_actions WHERE workspace = $1 AND created_at <= $2 ORDER BY created_at LIMIT $3";
    FORGET_ITEMS = "DELETE FROM bulk_items WHERE workspace = $1 AND bulk_id = $2";
    FORGET = "DELETE FROM bulk_actions WHERE workspace = $1 AND id = $2";
}

/// Where a change of many stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkState {
    /// It is being done.
    Running,
    /// It is done.
    Done,
    /// It is being undone.
    Undoing,
    /// It is undone.
    Undone,
}

impl BulkState {
    /// All of them.
    pub const ALL: [BulkState; 4] = [BulkState::Running, BulkState::Done, BulkState::Undoing, BulkState::Undone];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            BulkState::Running => "running",
            BulkState::Done => "done",
            BulkState::Undoing => "undoing",
            BulkState::Undone => "undone",
        }
    }
}

impl FromValue for BulkState {
    fn from_value(value: Value) -> Result<Self> {
        let word = String::from_value(value)?;
        let found = Self::ALL.into_iter().find(|s| s.as_str() == word);
        found.ok_or_else(|| StoreError::Corrupt(format!("{word:?} is no state of a bulk action")))
    }
}

row! {
    /// A change of many.
    pub struct BulkRow {
        /// Its id.
        pub id: BulkId,
        /// Who began it.
        pub user: UserId,
        /// What is changed: JSON of `desk`.
        pub patch: String,
        /// Where it stands.
        pub state: BulkState,
        /// How many conversations were named.
        pub total: i64,
        /// How many of them are as they were asked to be; while it is undone, as they were before.
        pub done: i64,
        /// How many were left as they are.
        pub refused: i64,
        /// When it began.
        pub created_at: Millis,
        /// When it was done, or undone.
        pub ended_at: Option<Millis>,
    }
}

row! {
    /// One conversation of it.
    pub struct BulkItem {
        /// Its place, from 0.
        pub n: i64,
        /// Which.
        pub conversation: ConversationId,
        /// What it was before, JSON of `desk`; `None` where nothing was changed.
        pub before: Option<String>,
        /// The newest seq of the log when it was changed.
        pub after_seq: Option<i64>,
    }
}

impl Scope<'_> {
    /// One change of many.
    pub fn bulk_action(&mut self, id: BulkId) -> Result<Option<BulkRow>> {
        self.row(ACTION, values![id])
    }

    /// Up to `limit` of its conversations, from a place on.
    pub fn bulk_items(&mut self, id: BulkId, from: i64, limit: i64) -> Result<Vec<BulkItem>> {
        self.rows(ITEMS, values![id, from, limit])
    }

    /// How many of a person's are being done or undone.
    pub fn bulk_under_way(&mut self, user: UserId) -> Result<i64> {
        Ok(self.row::<(i64,)>(UNDER_WAY, values![user])?.map_or(0, |(n,)| n))
    }

    /// Did anybody, or a text, change a conversation after a place in the log, which is not before a moment? What was only said in it
    /// is no change.
    pub fn is_changed_since(&mut self, id: ConversationId, seq: i64, at: Millis) -> Result<bool> {
        Ok(self.row::<(i64,)>(IS_CHANGED, values![id, at, seq])?.is_some())
    }

    /// Up to `limit` changes of many that began before a moment, the oldest first.
    pub fn bulk_older(&mut self, before: Millis, limit: i64) -> Result<Vec<BulkId>> {
        Ok(self.rows::<(BulkId,)>(OLDER, values![before, limit])?.into_iter().map(|(id,)| id).collect())
    }
}

impl Tx<'_> {
    /// Adds a change of many, to be done in this order.
    pub fn create_bulk(&mut self, id: BulkId, user: UserId, patch: &str, of: &[ConversationId]) -> Result<()> {
        let now = self.now();
        let total = i64::try_from(of.len()).unwrap_or(i64::MAX);
        self.write(CREATE, values![id, user, patch, total, now])?;
        for (n, conversation) in (0i64..).zip(of) {
            self.write(ADD_ITEM, values![id, n, *conversation])?;
        }
        Ok(())
    }

    /// Writes where it stands.
    pub fn set_bulk(&mut self, row: &BulkRow) -> Result<()> {
        self.write(SET, values![row.id, row.state.as_str(), row.done, row.refused, row.ended_at])
    }

    /// Writes what one of its conversations was before, and up to where the log knows of that; or why it was left.
    pub fn set_bulk_item(&mut self, id: BulkId, item: &BulkItem, error: Option<&str>) -> Result<()> {
        self.write(SET_ITEM, values![id, item.n, item.before.clone(), item.after_seq, error])
    }

    /// Forgets one; it can't be undone any more.
    pub fn forget_bulk(&mut self, id: BulkId) -> Result<()> {
        self.write(FORGET_ITEMS, values![id])?;
        self.write(FORGET, values![id])
    }
}
