//! Canned responses, and the files that are kept for them.

use partyline_core::canned;
use partyline_core::id::{CannedId, FileId, TeamId, UserId};
use partyline_core::time::Millis;

use crate::error::Result;
use crate::files::AttachmentRow;
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::{row, values};

queries! {
    LIVE = "SELECT id, scope, team_id, user_id, name, shortcut, text, subject, html, uses, used_at, created_by, created_at, updated_at, removed_at FROM canned_responses WHERE workspace = $1 AND removed_at IS NULL AND (scope <> 'personal' OR user_id = $2) ORDER BY shortcut, id";
    ONE = "SELECT id, scope, team_id, user_id, name, shortcut, text, subject, html, uses, used_at, created_by, created_at, updated_at, removed_at FROM canned_responses WHERE workspace = $1 AND id = $2";
    CREATE = "INSERT INTO canned_responses (workspace, id, scope, team_id, user_id, name, shortcut, text, subject, html, uses, used_at, created_by, created_at, updated_at, removed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    SET = "UPDATE canned_responses SET name = $3, shortcut = $4, text = $5, subject = $6, html = $7, updated_at = $8, removed_at = $9 WHERE workspace = $1 AND id = $2";
    USED = "UPDATE canned_responses SET uses = uses + 1, used_at = $3 WHERE workspace = $1 AND id = $2";
    FILES = "SELECT id, seq, conversation_id, uploaded_by, position, sha256, name, content_type, size, source_url, state, created_at, canned_response_id, draft_id FROM attachments WHERE workspace = $1 AND canned_response_id = $2 ORDER BY position, id";
    ALL_FILES = "SELECT id, seq, conversation_id, uploaded_by, position, sha256, name, content_type, size, source_url, state, created_at, canned_response_id, draft_id FROM attachments WHERE workspace = $1 AND canned_response_id IS NOT NULL ORDER BY position, id";
    KEEP_FILE = "UPDATE attachments SET canned_response_id = $3, position = $4 WHERE workspace = $1 AND id = $2 AND seq IS NULL AND draft_id IS NULL AND picture_of IS NULL";
    LET_FILE_GO = "UPDATE attachments SET canned_response_id = NULL WHERE workspace = $1 AND id = $2 AND canned_response_id IS NOT NULL";
}

row! {
    /// A saved answer.
    pub struct CannedRow {
        /// Its id.
        pub id: CannedId,
        /// Whose it is.
        pub scope: canned::Scope,
        /// The team, where it is a team's.
        pub team: Option<TeamId>,
        /// The person, where it is personal.
        pub user: Option<UserId>,
        /// What it is called.
        pub name: String,
        /// What it is called after a slash; empty where nothing.
        pub shortcut: String,
        /// The template of a text.
        pub text: String,
        /// The template of an email's subject.
        pub subject: Option<String>,
        /// The template of an email's body.
        pub html: Option<String>,
        /// How often it was used.
        pub uses: i64,
        /// When it was last used.
        pub used_at: Option<Millis>,
        /// Who made it.
        pub created_by: Option<UserId>,
        /// When it was made.
        pub created_at: Millis,
        /// When what it says was last changed.
        pub updated_at: Millis,
        /// When it was removed.
        pub removed_at: Option<Millis>,
    }
}

impl Scope<'_> {
    /// All that are not removed, without the personal ones of others; by shortcut.
    pub fn canned_responses(&mut self, user: UserId) -> Result<Vec<CannedRow>> {
        self.rows(LIVE, values![user])
    }

    /// One of them, also when it is removed.
    pub fn canned_response(&mut self, id: CannedId) -> Result<Option<CannedRow>> {
        self.row(ONE, values![id])
    }

    /// The files of one, in order.
    pub fn canned_files(&mut self, id: CannedId) -> Result<Vec<AttachmentRow>> {
        self.rows(FILES, values![id])
    }

    /// The files of all, in order.
    pub fn all_canned_files(&mut self) -> Result<Vec<AttachmentRow>> {
        self.rows(ALL_FILES, &[])
    }
}

impl Tx<'_> {
    /// Adds one.
    pub fn create_canned_response(&mut self, c: &CannedRow) -> Result<()> {
        self.write(
            CREATE,
            values![
                c.id,
                c.scope,
                c.team,
                c.user,
                &c.name,
                &c.shortcut,
                &c.text,
                c.subject.clone(),
                c.html.clone(),
                c.uses,
                c.used_at,
                c.created_by,
                c.created_at,
                c.updated_at,
                c.removed_at,
            ],
        )
    }

    /// Writes its name, what it says, and whether it is removed.
    pub fn set_canned_response(&mut self, c: &CannedRow) -> Result<()> {
        let (subject, html) = (c.subject.clone(), c.html.clone());
        let what = values![c.id, &c.name, &c.shortcut, &c.text, subject, html, c.updated_at, c.removed_at];
        self.write(SET, what)
    }

    /// Counts one use.
    pub fn canned_response_used(&mut self, id: CannedId) -> Result<()> {
        let now = self.now();
        self.write(USED, values![id, now])
    }

    /// Keeps an uploaded file for a canned response, at this place. `false`: it is on a message.
    pub fn keep_canned_file(&mut self, file: FileId, id: CannedId, position: i64) -> Result<bool> {
        Ok(self.run(KEEP_FILE, values![file, id, position])? > 0)
    }

    /// A file is kept for no canned response any more: it goes as unused uploads do.
    pub fn let_canned_file_go(&mut self, file: FileId) -> Result<()> {
        self.write(LET_FILE_GO, values![file])
    }
}
