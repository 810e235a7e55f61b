//! The few queries that have no workspace yet: who signs in, which session is it, whose webhook is this, what keeps the installation.
//! Everything else goes through a [`crate::scope::Scope`].

use partyline_core::id::{AccountId, ConnectionId, UserId, WorkspaceId};
use partyline_core::permission::Role;
use partyline_core::time::{DAY, Millis};

use crate::error::Result;
use crate::scope::{Root, Workspace};
use crate::sql::queries;
use crate::value::{row, values};

queries! {
    INSTALLATION = "SELECT key_fingerprint FROM installation WHERE one = 1";
    INSTALL = "INSERT INTO installation (one, key_fingerprint, created_at) VALUES (1, $1, $2)";
    WORKSPACE_COUNT = "SELECT count(*) FROM workspaces";
    WORKSPACES = "SELECT workspace, id, name FROM workspaces ORDER BY workspace";
    NEXT_WORKSPACE = "SELECT coalesce(max(workspace), 0) + 1 FROM workspaces";
    CREATE_WORKSPACE = "INSERT INTO workspaces (workspace, id, name, settings, address_key, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    CREATE_HEAD = "INSERT INTO log_heads (workspace, seq) VALUES ($1, 0)";
    ACCOUNT = "SELECT id, password_hash FROM accounts WHERE email = $1";
    CREATE_ACCOUNT = "INSERT INTO accounts (id, email, password_hash, created_at) VALUES ($1, $2, $3, $4)";
    SET_PASSWORD = "UPDATE accounts SET password_hash = $2 WHERE id = $1";
    MEMBERSHIPS = "SELECT u.workspace, u.id, w.id, w.name FROM users u JOIN workspaces w ON w.workspace = u.workspace WHERE u.account_id = $1 AND u.deactivated_at IS NULL ORDER BY u.workspace";
    SESSION = "SELECT s.workspace, s.user_id, u.role, u.name, s.seen_at, s.expires_at FROM sessions s JOIN users u ON u.workspace = s.workspace AND u.id = s.user_id WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.deactivated_at IS NULL";
    CREATE_SESSION = "INSERT INTO sessions (token_hash, workspace, user_id, created_at, seen_at, expires_at, agent, ip) VALUES ($1, $2, $3, $4, $4, $5, $6, $7)";
    SESSIONS_OF = "SELECT token_hash, created_at, seen_at, agent, ip FROM sessions WHERE workspace = $1 AND user_id = $2 AND expires_at > $3 ORDER BY seen_at DESC, token_hash";
    END_OTHER_SESSIONS_OF_ACCOUNT = "DELETE FROM sessions WHERE token_hash <> $2 AND EXISTS (SELECT 1 FROM users u WHERE u.workspace = sessions.workspace AND u.id = sessions.user_id AND u.account_id = $1)";
    PASSWORD = "SELECT password_hash FROM accounts WHERE id = $1";
    SEEN_SESSION = "UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE token_hash = $1";
    END_SESSION = "DELETE FROM sessions WHERE token_hash = $1";
    END_SESSIONS_OF = "DELETE FROM sessions WHERE workspace = $1 AND user_id = $2";
    END_SESSIONS_OF_ACCOUNT = "DELETE FROM sessions WHERE EXISTS (SELECT 1 FROM users u WHERE u.workspace = sessions.workspace AND u.id = sessions.user_id AND u.account_id = $1)";
    EXPIRE_SESSIONS = "DELETE FROM sessions WHERE expires_at <= $1";
    EXPIRE_KEYS = "DELETE FROM idempotency_keys WHERE expires_at <= $1";
    EXPIRE_UPLOADS = "DELETE FROM attachments WHERE seq IS NULL AND created_at <= $1 AND canned_response_id IS NULL AND draft_id IS NULL AND picture_of IS NULL";
    EXPIRE_LINKS = "DELETE FROM file_links WHERE expires_at <= $1";
    CONNECTION = "SELECT workspace FROM connections WHERE id = $1 AND removed_at IS NULL";
    COUNT_SIGNATURE_FAILURES = "UPDATE connections SET signature_failures = signature_failures + $2, last_failure_at = $3 WHERE id = $1";
    FILE_LINK = "SELECT workspace, attachment_id FROM file_links WHERE token_hash = $1 AND expires_at > $2";
    PING = "SELECT 1";
}

row! {
    /// A session that is still good.
    pub struct SessionRow {
        /// Where the user is a member.
        pub workspace: Workspace,
        /// Who it is.
        pub user: UserId,
        /// What they may do.
        pub role: Role,
        /// What they are called.
        pub name: String,
        /// When it was last used.
        pub seen_at: Millis,
        /// When it ends by itself.
        pub expires_at: Millis,
    }
}

row! {
    /// A session of a user, for their list.
    pub struct ListedSession {
        /// What its cookie hashes to.
        pub token_hash: Vec<u8>,
        /// When it began.
        pub created_at: Millis,
        /// When it was last used, to ten minutes.
        pub seen_at: Millis,
        /// What the browser calls itself.
        pub agent: Option<String>,
        /// Where it began.
        pub ip: Option<String>,
    }
}

row! {
    /// A workspace that an account belongs to.
    pub struct Membership {
        /// Where.
        pub workspace: Workspace,
        /// As whom.
        pub user: UserId,
        /// The workspace's public id.
        pub id: WorkspaceId,
        /// What it is called.
        pub name: String,
    }
}

row! {
    /// An account, by email.
    pub struct AccountRow {
        /// Its id.
        pub id: AccountId,
        /// argon2id, in PHC form.
        pub password_hash: Option<String>,
    }
}

/// Where a session begins, for the list of sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFrom {
    /// What the browser calls itself.
    pub agent: Option<String>,
    /// Its network address.
    pub ip: Option<String>,
}

impl Root<'_> {
    /// The fingerprint of the key that this database was made with; `None` on an empty one.
    pub fn key_fingerprint(&mut self) -> Result<Option<Vec<u8>>> {
        Ok(self.connection.row::<(Vec<u8>,)>(INSTALLATION, &[])?.map(|(f,)| f))
    }

    /// Binds an empty database to its key.
    pub fn install(&mut self, fingerprint: &[u8], now: Millis) -> Result<()> {
        self.connection.write(INSTALL, values![fingerprint, now])
    }

    /// How many workspaces there are.
    pub fn workspace_count(&mut self) -> Result<i64> {
        Ok(self.connection.row::<(i64,)>(WORKSPACE_COUNT, &[])?.map_or(0, |(n,)| n))
    }

    /// All workspaces: number, id, name.
    pub fn workspaces(&mut self) -> Result<Vec<(Workspace, WorkspaceId, String)>> {
        self.connection.rows(WORKSPACES, &[])
    }

    /// Makes a workspace with an empty log.
    pub fn create_workspace(
        &mut self,
        id: WorkspaceId,
        name: &str,
        settings: &str,
        address_key: &[u8],
        now: Millis,
    ) -> Result<Workspace> {
        let (number,) = self.connection.row::<(i64,)>(NEXT_WORKSPACE, &[])?.unwrap_or((1,));
        self.connection.write(CREATE_WORKSPACE, values![number, id, name, settings, address_key, now])?;
        self.connection.write(CREATE_HEAD, values![number])?;
        Ok(Workspace(number))
    }

    /// The account with this (lower-case) email.
    pub fn account(&mut self, email: &str) -> Result<Option<AccountRow>> {
        self.connection.row(ACCOUNT, values![email])
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the email is taken.
    pub fn create_account(
        &mut self,
        id: AccountId,
        email: &str,
        password_hash: Option<&str>,
        now: Millis,
    ) -> Result<()> {
        self.connection.write(CREATE_ACCOUNT, values![id, email, password_hash, now])
    }

    /// Ends all sessions of an account, everywhere.
    pub fn end_sessions_of_account(&mut self, id: AccountId) -> Result<()> {
        self.connection.write(END_SESSIONS_OF_ACCOUNT, values![id])
    }

    /// Replaces an account's password.
    pub fn set_password(&mut self, id: AccountId, password_hash: &str) -> Result<()> {
        self.connection.write(SET_PASSWORD, values![id, password_hash])
    }

    /// Where an account is an active member.
    pub fn memberships(&mut self, account: AccountId) -> Result<Vec<Membership>> {
        self.connection.rows(MEMBERSHIPS, values![account])
    }

    /// The session with this token hash, if it has not ended and its user is active.
    pub fn session(&mut self, token_hash: &[u8], now: Millis) -> Result<Option<SessionRow>> {
        self.connection.row(SESSION, values![token_hash, now])
    }

    /// Begins a session.
    pub fn create_session(
        &mut self,
        token_hash: &[u8],
        workspace: Workspace,
        user: UserId,
        now: Millis,
        expires: Millis,
        from: &SessionFrom,
    ) -> Result<()> {
        let SessionFrom { agent, ip } = from;
        let values = values![token_hash, workspace, user, now, expires, agent.clone(), ip.clone()];
        self.connection.write(CREATE_SESSION, values)
    }

    /// The sessions of a user that have not ended, the last used first.
    pub fn sessions_of(&mut self, workspace: Workspace, user: UserId, now: Millis) -> Result<Vec<ListedSession>> {
        self.connection.rows(SESSIONS_OF, values![workspace, user, now])
    }

    /// Ends all sessions of an account, everywhere, but this one.
    pub fn end_other_sessions_of_account(&mut self, id: AccountId, token_hash: &[u8]) -> Result<()> {
        self.connection.write(END_OTHER_SESSIONS_OF_ACCOUNT, values![id, token_hash])
    }

    /// What an account's password hashes to.
    pub fn password_of(&mut self, id: AccountId) -> Result<Option<String>> {
        Ok(self.connection.row::<(Option<String>,)>(PASSWORD, values![id])?.and_then(|(hash,)| hash))
    }

    /// Notes that a session was used, and moves its end.
    pub fn seen_session(&mut self, token_hash: &[u8], now: Millis, expires: Millis) -> Result<()> {
        self.connection.write(SEEN_SESSION, values![token_hash, now, expires])
    }

    /// Ends a session.
    pub fn end_session(&mut self, token_hash: &[u8]) -> Result<()> {
        self.connection.write(END_SESSION, values![token_hash])
    }

    /// Ends all sessions of a user.
    pub fn end_sessions_of(&mut self, workspace: Workspace, user: UserId) -> Result<()> {
        self.connection.write(END_SESSIONS_OF, values![workspace, user])
    }

    /// Deletes what has expired: sessions, idempotency keys, file links, uploads that nothing used within a day.
    pub fn expire(&mut self, now: Millis) -> Result<u64> {
        let mut n = self.connection.run(EXPIRE_SESSIONS, values![now])?;
        n += self.connection.run(EXPIRE_KEYS, values![now])?;
        n += self.connection.run(EXPIRE_LINKS, values![now])?;
        n += self.connection.run(EXPIRE_UPLOADS, values![now - DAY])?;
        Ok(n)
    }

    /// Whose connection this is: a webhook names nothing else.
    pub fn workspace_of_connection(&mut self, id: ConnectionId) -> Result<Option<Workspace>> {
        Ok(self.connection.row::<(Workspace,)>(CONNECTION, values![id])?.map(|(w,)| w))
    }

    /// Counts webhooks that were not believed, the last of them at `at`: the only thing that is kept of them.
    pub fn count_signature_failures(&mut self, id: ConnectionId, count: i64, at: Millis) -> Result<()> {
        self.connection.write(COUNT_SIGNATURE_FAILURES, values![id, count, at])
    }

    /// The file that an expiring address names.
    pub fn file_link(
        &mut self,
        token_hash: &[u8],
        now: Millis,
    ) -> Result<Option<(Workspace, partyline_core::id::FileId)>> {
        self.connection.row(FILE_LINK, values![token_hash, now])
    }

    /// Is the database there?
    pub fn ping(&mut self) -> Result<()> {
        self.connection.row::<(i64,)>(PING, &[]).map(drop)
    }

    /// The version of the schema.
    pub fn schema_version(&mut self) -> Result<i64> {
        crate::migrate::version(self.connection)
    }
}
