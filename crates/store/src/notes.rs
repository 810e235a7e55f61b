//! What notes said before they were edited, and what people have reacted with.

use partyline_core::id::UserId;
use partyline_core::time::Millis;

use crate::error::Result;
use crate::lists::{padded, places};
use crate::scope::{Scope, Tx};
use crate::sql::{assembled, queries};
use crate::value::{row, values};

queries! {
    SET_TEXT = "UPDATE entries SET text = $3, data = $4 WHERE workspace = $1 AND seq = $2 AND kind = 'note'";
    REVISIONS = "SELECT r.revision, r.text, r.user_id, u.name, r.at FROM note_revisions r LEFT JOIN users u ON u.workspace = r.workspace AND u.id = r.user_id WHERE r.workspace = $1 AND r.seq = $2 ORDER BY r.revision";
    NEWEST_REVISION = "SELECT max(revision) FROM note_revisions WHERE workspace = $1 AND seq = $2";
    KEEP = "INSERT INTO note_revisions (workspace, seq, revision, text, user_id, at) VALUES ($1, $2, $3, $4, $5, $6)";
    REACT = "INSERT INTO reactions (workspace, seq, user_id, emoji, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace, seq, user_id, emoji) DO NOTHING";
    TAKE_BACK = "DELETE FROM reactions WHERE workspace = $1 AND seq = $2 AND user_id = $3 AND emoji = $4";
}

row! {
    /// What a note said.
    pub struct RevisionRow {
        /// From 1 on.
        pub revision: i64,
        /// What it said.
        pub text: String,
        /// Who wrote that.
        pub user: UserId,
        /// What they are called.
        pub user_name: Option<String>,
        /// When they wrote it.
        pub at: Millis,
    }
}

row! {
    /// Somebody has reacted to a note.
    pub struct ReactionRow {
        /// The note's place in the log.
        pub seq: i64,
        /// Who.
        pub user: UserId,
        /// With what.
        pub emoji: String,
    }
}

impl Scope<'_> {
    /// What a note said before, oldest first.
    pub fn revisions(&mut self, seq: i64) -> Result<Vec<RevisionRow>> {
        self.rows(REVISIONS, values![seq])
    }

    /// How often a note was edited.
    pub fn revision_count(&mut self, seq: i64) -> Result<i64> {
        Ok(self.row::<(Option<i64>,)>(NEWEST_REVISION, values![seq])?.and_then(|(n,)| n).unwrap_or(0))
    }

    /// What people have reacted with to some notes, in the order in which they did.
    pub fn reactions(&mut self, seqs: &[i64]) -> Result<Vec<ReactionRow>> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        let (size, values) = padded(seqs, &[]);
        let sql = assembled(&format!("reactions {size}"), || {
            format!(
                "SELECT seq, user_id, emoji FROM reactions WHERE workspace = $1 AND seq IN ({}) ORDER BY at, emoji, user_id",
                places(2, size)
            )
        });
        self.rows(sql, &values)
    }
}

impl Tx<'_> {
    /// Rewrites what a note says, and what else is kept of it.
    pub fn set_note(&mut self, seq: i64, text: &str, data: &serde_json::Value) -> Result<()> {
        self.write(SET_TEXT, values![seq, text, data.to_string()])
    }

    /// Keeps what a note said until now.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when there is this revision already.
    pub fn keep_revision(&mut self, seq: i64, revision: i64, text: &str, user: UserId, at: Millis) -> Result<()> {
        self.write(KEEP, values![seq, revision, text, user, at])
    }

    /// Reacts to a note. Says whether that is new.
    pub fn react(&mut self, seq: i64, user: UserId, emoji: &str) -> Result<bool> {
        let now = self.now();
        Ok(self.run(REACT, values![seq, user, emoji, now])? > 0)
    }

    /// Takes a reaction back. Says whether there was one.
    pub fn take_reaction_back(&mut self, seq: i64, user: UserId, emoji: &str) -> Result<bool> {
        Ok(self.run(TAKE_BACK, values![seq, user, emoji])? > 0)
    }
}
