//! Attachments, and which bytes there are. The bytes themselves lie where [`crate::blobs`] says.

use partyline_core::id::{CannedId, ConversationId, DraftId, FileId, UserId};
use partyline_core::time::Millis;

use crate::error::Result;
use crate::lists::{padded, places};
use crate::scope::{Scope, Tx};
use crate::sql::{assembled, queries};
use crate::value::{row, values};

pub use crate::blobs::{Blob, Files};

queries! {
    ATTACHMENT = "SELECT id, seq, conversation_id, uploaded_by, position, sha256, name, content_type, size, source_url, state, created_at, canned_response_id, draft_id FROM attachments WHERE workspace = $1 AND id = $2";
    CREATE = "INSERT INTO attachments (workspace, id, seq, conversation_id, uploaded_by, position, sha256, name, content_type, size, source_url, state, created_at, canned_response_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    ATTACH = "UPDATE attachments SET seq = $3, conversation_id = $4, position = $5, draft_id = NULL WHERE workspace = $1 AND id = $2 AND seq IS NULL AND canned_response_id IS NULL AND picture_of IS NULL";
    FETCHED = "UPDATE attachments SET sha256 = $3, content_type = $4, size = $5, name = $6, state = 'ready', error = NULL WHERE workspace = $1 AND id = $2";
    NOT_FETCHED = "UPDATE attachments SET state = 'failed', error = $3 WHERE workspace = $1 AND id = $2";
    FETCH_AGAIN = "UPDATE attachments SET state = 'fetching', error = NULL WHERE workspace = $1 AND id = $2 AND state = 'failed' AND source_url IS NOT NULL";
    PICTURE_OF = "SELECT picture_of FROM attachments WHERE workspace = $1 AND id = $2";
    SET_PICTURE_OF = "UPDATE attachments SET picture_of = $3 WHERE workspace = $1 AND id = $2 AND seq IS NULL";
    KEEP_BLOB = "INSERT INTO blobs (workspace, sha256, size, content_type, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    ANNOUNCE = "INSERT INTO blobs (workspace, sha256, size, content_type, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace, sha256) DO UPDATE SET created_at = excluded.created_at WHERE blobs.swept_at IS NULL";
    UNUSED = "SELECT 1 FROM blobs b WHERE b.workspace = $1 AND b.created_at < $2 AND (b.swept_at IS NULL OR b.swept_at < $3) AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.workspace = b.workspace AND a.sha256 = b.sha256) LIMIT 1";
    SWEEP = "UPDATE blobs SET swept_at = $3 WHERE workspace = $1 AND (swept_at IS NULL OR swept_at < $5) AND sha256 IN (SELECT b.sha256 FROM blobs b WHERE b.workspace = $1 AND b.created_at < $2 AND (b.swept_at IS NULL OR b.swept_at < $5) AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.workspace = b.workspace AND a.sha256 = b.sha256) ORDER BY b.created_at, b.sha256 LIMIT $4) RETURNING sha256";
    SWEEPS = "UPDATE blobs SET swept_at = swept_at WHERE workspace = $1 AND sha256 = $2 AND swept_at = $3";
    LET_GO = "UPDATE blobs SET swept_at = NULL WHERE workspace = $1 AND sha256 = $2 AND swept_at = $3";
    FORGET = "DELETE FROM blobs WHERE workspace = $1 AND sha256 = $2 AND swept_at = $3";
    LINK = "INSERT INTO file_links (token_hash, workspace, attachment_id, expires_at) VALUES ($2, $1, $3, $4)";
}

row! {
    /// A file, received or to be sent.
    pub struct AttachmentRow {
        /// Its id.
        pub id: FileId,
        /// The message it belongs to; none while it is only uploaded.
        pub seq: Option<i64>,
        /// The conversation it belongs to.
        pub conversation: Option<ConversationId>,
        /// Who uploaded it.
        pub uploaded_by: Option<UserId>,
        /// Its place in the message.
        pub position: i64,
        /// The hash of its bytes, once they are here.
        pub sha256: Option<Vec<u8>>,
        /// Its name.
        pub name: String,
        /// What it is.
        pub content_type: String,
        /// Bytes.
        pub size: i64,
        /// Where the provider keeps it.
        pub source_url: Option<String>,
        /// `fetching`, `ready`, `failed`.
        pub state: String,
        /// When it came.
        pub created_at: Millis,
        /// The canned response that it is kept for. Messages take copies of it.
        pub canned: Option<CannedId>,
        /// The draft that it is in.
        pub draft: Option<DraftId>,
    }
}

impl Scope<'_> {
    /// One file.
    pub fn attachment(&mut self, id: FileId) -> Result<Option<AttachmentRow>> {
        self.row(ATTACHMENT, values![id])
    }

    /// Whose picture a file is.
    pub fn picture_of(&mut self, id: FileId) -> Result<Option<UserId>> {
        Ok(self.row::<(Option<UserId>,)>(PICTURE_OF, values![id])?.and_then(|(user,)| user))
    }

    /// The files of some messages, in order.
    pub fn attachments_of(&mut self, seqs: &[i64]) -> Result<Vec<AttachmentRow>> {
        let mut rows = Vec::new();
        for chunk in seqs.chunks(crate::lists::PAGE_MAX) {
            let (size, values) = padded(chunk, &[]);
            let sql = assembled(&format!("attachments {size}"), || {
                format!(
                    "SELECT id, seq, conversation_id, uploaded_by, position, sha256, name, content_type, size, source_url, state, created_at, canned_response_id, draft_id FROM attachments WHERE workspace = $1 AND seq IN ({}) ORDER BY seq, position",
                    places(2, size)
                )
            });
            rows.extend(self.rows::<AttachmentRow>(sql, &values)?);
        }
        Ok(rows)
    }

    /// Are there bytes from before this time that no attachment names, and that no sweep has claimed since `claimed_before`?
    pub fn has_unused_blobs(&mut self, before: Millis, claimed_before: Millis) -> Result<bool> {
        Ok(self.row::<(i64,)>(UNUSED, values![before, claimed_before])?.is_some())
    }
}

impl Tx<'_> {
    /// Adds a file.
    pub fn create_attachment(&mut self, a: &AttachmentRow) -> Result<()> {
        self.write(
            CREATE,
            values![
                a.id,
                a.seq,
                a.conversation,
                a.uploaded_by,
                a.position,
                a.sha256.clone(),
                &a.name,
                &a.content_type,
                a.size,
                a.source_url.clone(),
                &a.state,
                a.created_at,
                a.canned,
            ],
        )
    }

    /// Puts an uploaded file onto a message. `false`: it is on one already.
    pub fn attach(&mut self, id: FileId, seq: i64, conversation: ConversationId, position: i64) -> Result<bool> {
        Ok(self.run(ATTACH, values![id, seq, conversation, position])? > 0)
    }

    /// Makes a file somebody's picture, or, with `None`, nobody's any more: it goes as unused uploads do then.
    pub fn set_picture_of(&mut self, id: FileId, user: Option<UserId>) -> Result<()> {
        self.run(SET_PICTURE_OF, values![id, user]).map(drop)
    }

    /// Says that these bytes are about to be brought: from now on they are not unused. `false`: the same ones are just being taken away.
    pub fn announce_blob(&mut self, blob: &Blob, content_type: &str) -> Result<bool> {
        let now = self.now();
        Ok(self.run(ANNOUNCE, values![blob.sha256.clone(), blob.size, content_type, now])? > 0)
    }

    /// Claims up to `limit` bytes from before this time that no attachment names, to take them away: for this moment's sweep alone,
    /// also those that a sweep before `claimed_before` has left behind.
    pub fn sweep_blobs(&mut self, before: Millis, claimed_before: Millis, limit: i64) -> Result<Vec<Vec<u8>>> {
        let now = self.now();
        let rows = self.rows::<(Vec<u8>,)>(SWEEP, values![before, now, limit, claimed_before])?;
        Ok(rows.into_iter().map(|(sha256,)| sha256).collect())
    }

    /// Are these bytes still the sweep's that claimed them at `claimed_at`? Asked right before they are taken away.
    pub fn sweeps_blob(&mut self, sha256: &[u8], claimed_at: Millis) -> Result<bool> {
        Ok(self.run(SWEEPS, values![sha256, claimed_at])? > 0)
    }

    /// Forgets bytes that the sweep of `claimed_at` has taken away.
    pub fn forget_blob(&mut self, sha256: &[u8], claimed_at: Millis) -> Result<()> {
        self.write(FORGET, values![sha256, claimed_at])
    }

    /// Lets bytes go that the sweep of `claimed_at` did not come to.
    pub fn let_blob_go(&mut self, sha256: &[u8], claimed_at: Millis) -> Result<()> {
        self.write(LET_GO, values![sha256, claimed_at])
    }

    /// Notes that these bytes are in the file store.
    pub fn keep_blob(&mut self, blob: &Blob, content_type: &str) -> Result<()> {
        let now = self.now();
        self.write(KEEP_BLOB, values![blob.sha256.clone(), blob.size, content_type, now])
    }

    /// Notes that a file was fetched.
    pub fn attachment_fetched(&mut self, id: FileId, blob: &Blob, content_type: &str, name: &str) -> Result<()> {
        self.keep_blob(blob, content_type)?;
        self.write(FETCHED, values![id, blob.sha256.clone(), content_type, blob.size, name])
    }

    /// Notes that a file can't be fetched.
    pub fn attachment_not_fetched(&mut self, id: FileId, error: &str) -> Result<()> {
        self.write(NOT_FETCHED, values![id, error])
    }

    /// Notes that a file that could not be fetched is fetched again. `false`: it did not fail, or nobody knows from where.
    pub fn fetch_again(&mut self, id: FileId) -> Result<bool> {
        Ok(self.run(FETCH_AGAIN, values![id])? > 0)
    }

    /// Gives a file an address that needs no session until `expires`.
    pub fn link_file(&mut self, token_hash: &[u8], id: FileId, expires: Millis) -> Result<()> {
        self.write(LINK, values![token_hash, id, expires])
    }
}
