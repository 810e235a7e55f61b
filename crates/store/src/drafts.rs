//! What is not sent yet: one draft per conversation and channel, everybody's to read and one person's to write.

use partyline_core::id::{ChannelId, ConversationId, DraftId, FileId, UserId};
use partyline_core::permission::Role;
use partyline_core::time::Millis;

use crate::error::Result;
use crate::files::AttachmentRow;
use crate::lists::{padded, places};
use crate::people::Viewer;
use crate::scope::{Scope, Tx};
use crate::sql::{Sql, assembled, queries};
use crate::value::{row, values};

/// Drafts that are counted for one person; who has more sees this many.
const COUNTED_MAX: i64 = 1_000;

/// A draft with the names of its holder and of who is to look at it.
macro_rules! draft {
    ($tail:literal) => {
        concat!("SELECT d.id, d.conversation_id, d.channel_id, d.holder_id, u.name, u.role, u.deactivated_at, d.text, d.meta, d.version, d.review_by, r.name, d.created_at, d.updated_at FROM drafts d LEFT JOIN users u ON u.workspace = d.workspace AND u.id = d.holder_id LEFT JOIN users r ON r.workspace = d.workspace AND r.id = d.review_by WHERE d.workspace = $1", $tail)
    };
}

/// What a viewer sees of drafts `d`: those of conversations that they see, by `$2` (who) and `$3` (1: everything). The words are those
/// of `lists::SEES`.
macro_rules! seen {
    ($head:literal, $tail:literal) => {
        concat!($head, " AND EXISTS (SELECT 1 FROM conversations c WHERE c.workspace = d.workspace AND c.id = d.conversation_id AND (c.team_id IS NULL OR $3 = 1 OR EXISTS (SELECT 1 FROM teams e WHERE e.workspace = c.workspace AND e.id = c.team_id AND (e.closed = 0 OR EXISTS (SELECT 1 FROM team_members m WHERE m.workspace = e.workspace AND m.team_id = e.id AND m.user_id = $2))) OR EXISTS (SELECT 1 FROM conversation_users u WHERE u.workspace = c.workspace AND u.conversation_id = c.id AND u.user_id = $2 AND u.access = 1)))", $tail)
    };
}

queries! {
    OF = draft!(" AND d.conversation_id = $2 ORDER BY d.channel_id");
    ON = draft!(" AND d.conversation_id = $2 AND d.channel_id = $3");
    ONE = draft!(" AND d.id = $2");
    CREATE = "INSERT INTO drafts (workspace, id, conversation_id, channel_id, holder_id, text, meta, version, review_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    SET = "UPDATE drafts SET holder_id = $3, text = $4, meta = $5, version = $6, review_by = $7, updated_at = $8 WHERE workspace = $1 AND id = $2";
    REMOVE = "DELETE FROM drafts WHERE workspace = $1 AND id = $2";
    FILES = "SELECT id, seq, conversation_id, uploaded_by, position, sha256, name, content_type, size, source_url, state, created_at, canned_response_id, draft_id FROM attachments WHERE workspace = $1 AND draft_id = $2 ORDER BY position, id";
    KEEP_FILE = "UPDATE attachments SET draft_id = $3, position = $4 WHERE workspace = $1 AND id = $2 AND seq IS NULL AND canned_response_id IS NULL AND picture_of IS NULL";
    LET_FILES_GO = "UPDATE attachments SET draft_id = NULL WHERE workspace = $1 AND draft_id = $2";
    HELD = seen!("SELECT d.id, d.updated_at FROM drafts d WHERE d.workspace = $1 AND d.holder_id = $2 AND (d.updated_at, d.id) < ($4, $5)", " ORDER BY d.updated_at DESC, d.id DESC LIMIT $6");
    TO_REVIEW = seen!("SELECT d.id, d.updated_at FROM drafts d WHERE d.workspace = $1 AND d.review_by = $2 AND (d.updated_at, d.id) < ($4, $5)", " ORDER BY d.updated_at DESC, d.id DESC LIMIT $6");
    LEFT = seen!("SELECT d.id, d.updated_at FROM drafts d JOIN users h ON h.workspace = d.workspace AND h.id = d.holder_id WHERE d.workspace = $1 AND h.deactivated_at IS NOT NULL AND (d.updated_at, d.id) < ($4, $5)", " ORDER BY d.updated_at DESC, d.id DESC LIMIT $6");
    COUNT_HELD = seen!("SELECT count(*) FROM (SELECT 1 AS one FROM drafts d WHERE d.workspace = $1 AND d.holder_id = $2", " LIMIT $4) x");
    COUNT_TO_REVIEW = seen!("SELECT count(*) FROM (SELECT 1 AS one FROM drafts d WHERE d.workspace = $1 AND d.review_by = $2", " LIMIT $4) x");
}

row! {
    /// What is not sent yet.
    pub struct DraftRow {
        /// Its id.
        pub id: DraftId,
        /// In which conversation.
        pub conversation: ConversationId,
        /// On which channel.
        pub channel: ChannelId,
        /// Who writes it.
        pub holder: UserId,
        /// What they are called.
        pub holder_name: Option<String>,
        /// As what they are here.
        pub holder_role: Option<Role>,
        /// When they left.
        pub holder_left: Option<Millis>,
        /// What it says.
        pub text: String,
        /// What else is kept of it, as JSON.
        pub meta: String,
        /// Grows with each change. A later draft in the same place begins above it.
        pub version: i64,
        /// Who is to look at it before it is sent.
        pub review_by: Option<UserId>,
        /// What they are called.
        pub reviewer_name: Option<String>,
        /// When it was begun.
        pub created_at: Millis,
        /// When it was last changed.
        pub updated_at: Millis,
    }
}

/// Which drafts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftList {
    /// Those that the viewer holds.
    Held,
    /// Those that the viewer is asked to look at.
    ToReview,
    /// Those whose holder has left.
    Left,
}

/// How many drafts wait for somebody; at most 1,000 of each are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DraftCount {
    /// They hold them.
    pub held: i64,
    /// They are asked to look at them.
    pub to_review: i64,
}

/// The lists whose plan the tests read.
#[doc(hidden)]
#[must_use]
pub fn sample_lists() -> [(&'static str, Sql); 3] {
    [("held", HELD), ("to review", TO_REVIEW), ("left", LEFT)]
}

impl Scope<'_> {
    /// The drafts of a conversation.
    pub fn drafts_of(&mut self, conversation: ConversationId) -> Result<Vec<DraftRow>> {
        self.rows(OF, values![conversation])
    }

    /// The draft of a conversation on one channel.
    pub fn draft_on(&mut self, conversation: ConversationId, channel: ChannelId) -> Result<Option<DraftRow>> {
        self.row(ON, values![conversation, channel])
    }

    /// One draft.
    pub fn draft(&mut self, id: DraftId) -> Result<Option<DraftRow>> {
        self.row(ONE, values![id])
    }

    /// The files of a draft, in order.
    pub fn draft_files(&mut self, id: DraftId) -> Result<Vec<AttachmentRow>> {
        self.rows(FILES, values![id])
    }

    /// Some drafts, in no order.
    pub fn drafts(&mut self, ids: &[DraftId]) -> Result<Vec<DraftRow>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (size, values) = padded(ids, &[]);
        let sql =
            assembled(&format!("drafts {size}"), || format!(concat!(draft!(""), " AND d.id IN ({})"), places(2, size)));
        self.rows(sql, &values)
    }

    /// A page of a list as this user sees it, newest first, each with the time that it is sorted by.
    pub fn draft_list(
        &mut self,
        viewer: Viewer,
        list: DraftList,
        before: (Millis, DraftId),
        limit: i64,
    ) -> Result<Vec<(DraftId, Millis)>> {
        let sql = match list {
            DraftList::Held => HELD,
            DraftList::ToReview => TO_REVIEW,
            DraftList::Left => LEFT,
        };
        self.rows(sql, values![viewer.user, viewer.role.sees_everything(), before.0, before.1, limit])
    }

    /// How many drafts wait for this user.
    pub fn draft_count(&mut self, viewer: Viewer) -> Result<DraftCount> {
        let mut count = |sql| -> Result<i64> {
            let values = values![viewer.user, viewer.role.sees_everything(), COUNTED_MAX];
            Ok(self.row::<(i64,)>(sql, values)?.map_or(0, |(n,)| n))
        };
        Ok(DraftCount { held: count(COUNT_HELD)?, to_review: count(COUNT_TO_REVIEW)? })
    }
}

impl Tx<'_> {
    /// Begins a draft.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when there is one on this channel already.
    pub fn create_draft(&mut self, d: &DraftRow) -> Result<()> {
        self.run(
            CREATE,
            values![
                d.id,
                d.conversation,
                d.channel,
                d.holder,
                &d.text,
                &d.meta,
                d.version,
                d.review_by,
                d.created_at,
                d.updated_at,
            ],
        )
        .map(drop)
    }

    /// Writes what can change of a draft.
    pub fn set_draft(&mut self, d: &DraftRow) -> Result<()> {
        self.run(SET, values![d.id, d.holder, &d.text, &d.meta, d.version, d.review_by, d.updated_at]).map(drop)
    }

    /// Takes a draft away; its files go as unused uploads do.
    pub fn remove_draft(&mut self, id: DraftId) -> Result<()> {
        self.let_draft_files_go(id)?;
        self.run(REMOVE, values![id]).map(drop)
    }

    /// Puts a file into a draft, at this place. `false`: it is on a message, or kept for a canned response.
    pub fn keep_draft_file(&mut self, file: FileId, id: DraftId, position: i64) -> Result<bool> {
        Ok(self.run(KEEP_FILE, values![file, id, position])? > 0)
    }

    /// Takes all files out of a draft.
    pub fn let_draft_files_go(&mut self, id: DraftId) -> Result<()> {
        self.run(LET_FILES_GO, values![id]).map(drop)
    }
}
