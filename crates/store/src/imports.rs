//! Imports: a number's past, brought in from its provider's log.

use partyline_core::id::{AddressId, ChannelId, ConversationId, ImportId, UserId};
use partyline_core::time::Millis;
use uuid::Uuid;

use crate::conversations::NewConversation;
use crate::entries::DeliveryRow;
use crate::error::{Result, StoreError};
use crate::scope::{Root, Scope, Tx, Workspace};
use crate::sql::{Sql, queries};
use crate::value::{row, values};

queries! {
    CREATE = "INSERT INTO imports (workspace, id, channel_id, state, days, due_at, created_by, created_at) VALUES ($1, $2, $3, 'running', $4, $5, $6, $5)";
    IMPORTS = "SELECT workspace, id, channel_id, state, days, since, until, at, found, imported, error, failures, fence, created_by, created_at, ended_at FROM imports WHERE workspace = $1 AND channel_id = $2 ORDER BY id DESC LIMIT $3";
    IMPORT = "SELECT workspace, id, channel_id, state, days, since, until, at, found, imported, error, failures, fence, created_by, created_at, ended_at FROM imports WHERE workspace = $1 AND id = $2";
    RUNNING = "SELECT id FROM imports WHERE workspace = $1 AND channel_id = $2 AND state = 'running'";
    CLAIM = "UPDATE imports SET lease_until = $2, fence = fence + 1, holder = $5 WHERE state = 'running' AND (due_at <= $1 OR due_at > $4) AND (lease_until <= $1 OR lease_until > $4) AND (workspace, id) IN (SELECT workspace, id FROM imports WHERE state = 'running' AND (due_at <= $1 OR due_at > $4) AND (lease_until <= $1 OR lease_until > $4) ORDER BY due_at, id LIMIT $3) RETURNING workspace, id, channel_id, state, days, since, until, at, found, imported, error, failures, fence, created_by, created_at, ended_at";
    TAKE_BACK = "UPDATE imports SET lease_until = 0, fence = fence + 1 WHERE lease_until > 0";
    SPAN = "UPDATE imports SET since = $4, until = $5, at = $4 WHERE workspace = $1 AND id = $2 AND fence = $3 AND state = 'running'";
    COME_TO = "UPDATE imports SET at = $4, found = found + $5, imported = imported + $6, failures = 0, error = NULL, lease_until = $7 WHERE workspace = $1 AND id = $2 AND fence = $3 AND state = 'running'";
    KEEP = "UPDATE imports SET lease_until = $4 WHERE workspace = $1 AND id = $2 AND fence = $3 AND state = 'running'";
    PUT_OFF = "UPDATE imports SET failures = failures + 1, error = $4, due_at = $5, lease_until = 0 WHERE workspace = $1 AND id = $2 AND fence = $3 AND state = 'running'";
    LET_GO = "UPDATE imports SET lease_until = 0 WHERE workspace = $1 AND id = $2 AND fence = $3 AND state = 'running'";
    END = "UPDATE imports SET state = $3, error = $4, ended_at = $5, lease_until = 0, fence = fence + 1 WHERE workspace = $1 AND id = $2 AND state = 'running'";
    BEGUN_BY = "SELECT import_id FROM conversations WHERE workspace = $1 AND id = $2 AND import_id IS NOT NULL";
    BEGAN = "UPDATE conversations SET import_id = $3, created_at = $4 WHERE workspace = $1 AND id = $2";
    CREATE_DELIVERY = "INSERT INTO deliveries (workspace, seq, message_id, conversation_id, channel_id, address_id, status, class, send_at, provider_key, provider_id, segments, error, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $9)";
    MARK = "UPDATE entries SET imported = 1 WHERE workspace = $1 AND seq = $2";
    ON_ITS_WAY = "SELECT e.text FROM deliveries d JOIN entries e ON e.workspace = d.workspace AND e.seq = d.seq WHERE d.workspace = $1 AND d.channel_id = $2 AND d.address_id = $3 AND d.provider_key IS NULL AND d.status IN ('sending', 'unknown') AND (SELECT coalesce(max(a.started_at), 0) FROM attempts a WHERE a.workspace = d.workspace AND a.seq = d.seq) <= $4";
    SAID_TO_BE_SENT = "SELECT d.seq, e.text FROM deliveries d JOIN entries e ON e.workspace = d.workspace AND e.seq = d.seq WHERE d.workspace = $1 AND d.channel_id = $2 AND d.address_id = $3 AND d.status = 'sent' AND d.provider_key IS NULL AND (EXISTS (SELECT 1 FROM attempts a WHERE a.workspace = d.workspace AND a.seq = d.seq AND a.started_at BETWEEN $4 AND $5) OR (NOT EXISTS (SELECT 1 FROM attempts a WHERE a.workspace = d.workspace AND a.seq = d.seq) AND d.send_at <= $5 AND d.updated_at >= $4)) ORDER BY d.seq";
}

row! {
    /// One import.
    pub struct ImportRow {
        /// Whose.
        pub workspace: Workspace,
        /// Its id.
        pub id: ImportId,
        /// Of which channel.
        pub channel: ChannelId,
        /// `running`, `done`, `failed`, `cancelled`.
        pub state: String,
        /// How many days back.
        pub days: i64,
        /// Where it begins; the provider's clock, known once the provider was asked.
        pub since: Option<Millis>,
        /// Where it ends.
        pub until: Option<Millis>,
        /// Everything up to here is here.
        pub at: Option<Millis>,
        /// Messages that the provider showed.
        pub found: i64,
        /// Those of them that were not here yet.
        pub imported: i64,
        /// What went wrong last: a provider error's code.
        pub error: Option<String>,
        /// How often in a row.
        pub failures: i64,
        /// What proves that the lease is still ours.
        pub fence: i64,
        /// Who asked for it.
        pub created_by: Option<UserId>,
        /// When.
        pub created_at: Millis,
        /// When it ended.
        pub ended_at: Option<Millis>,
    }
}

/// Held until the end of the unit: nobody claims it while a part comes in, so that none comes in uncounted.
const HOLDS: Sql = Sql::differs(
    "imports::HOLDS",
    "SELECT 1 FROM imports WHERE workspace = $1 AND id = $2 AND fence = $3 AND state = 'running'",
    "SELECT 1 FROM imports WHERE workspace = $1 AND id = $2 AND fence = $3 AND state = 'running' FOR UPDATE",
);
pub(crate) const DIFFERING: &[Sql] = &[HOLDS];

impl Root<'_> {
    /// Claims for a node up to `limit` imports that run and that nobody works on; `never_after` as for turns.
    pub fn claim_imports(
        &mut self,
        node: Uuid,
        now: Millis,
        lease_until: Millis,
        never_after: Millis,
        limit: i64,
    ) -> Result<Vec<ImportRow>> {
        self.connection.rows(CLAIM, values![now, lease_until, limit, never_after, node])
    }

    /// Takes back what a process that is gone had claimed. Only where nobody else can be at work: a SQLite file has one server.
    pub fn take_back_imports(&mut self) -> Result<u64> {
        self.connection.run(TAKE_BACK, &[])
    }
}

impl Scope<'_> {
    /// The imports of a channel, newest first.
    pub fn imports(&mut self, channel: ChannelId, limit: i64) -> Result<Vec<ImportRow>> {
        self.rows(IMPORTS, values![channel, limit])
    }

    /// One import.
    pub fn import(&mut self, id: ImportId) -> Result<Option<ImportRow>> {
        self.row(IMPORT, values![id])
    }

    /// The import of a channel that runs.
    pub fn running_import(&mut self, channel: ChannelId) -> Result<Option<ImportId>> {
        Ok(self.row::<(ImportId,)>(RUNNING, values![channel])?.map(|(id,)| id))
    }

    /// Did an import begin this conversation?
    pub fn began_by_import(&mut self, id: ConversationId) -> Result<bool> {
        Ok(self.row::<(ImportId,)>(BEGUN_BY, values![id])?.is_some())
    }

    /// Is a message of ours with these words on its way to an address, tried last at `until` or before, and the provider's name of it
    /// not known yet?
    pub fn is_on_its_way(&mut self, channel: ChannelId, address: AddressId, text: &str, until: Millis) -> Result<bool> {
        let texts: Vec<(Option<String>,)> = self.rows(ON_ITS_WAY, values![channel, address, until])?;
        Ok(texts.into_iter().any(|(t,)| t.unwrap_or_default().trim() == text.trim()))
    }

    /// The oldest message of ours with these words of which a person has said that it left to an address, and which was tried between
    /// two moments; where no try of it is known, it was due and said to have left around them. The provider's name of it is not known yet.
    pub fn said_to_be_sent(
        &mut self,
        channel: ChannelId,
        address: AddressId,
        text: &str,
        between: (Millis, Millis),
    ) -> Result<Option<i64>> {
        let (from, to) = between;
        let rows: Vec<(i64, Option<String>)> = self.rows(SAID_TO_BE_SENT, values![channel, address, from, to])?;
        Ok(rows.into_iter().find(|(_, t)| t.as_deref().unwrap_or_default().trim() == text.trim()).map(|(seq, _)| seq))
    }
}

impl Tx<'_> {
    /// Adds an import, to begin at once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when one of the channel runs already.
    pub fn create_import(&mut self, id: ImportId, channel: ChannelId, days: i64, by: Option<UserId>) -> Result<()> {
        let now = self.now();
        self.write(CREATE, values![id, channel, days, now, by])
    }

    /// Sets from when to when it goes, by the provider's clock. `false`: it is no longer ours.
    pub fn set_import_span(&mut self, import: &ImportRow, since: Millis, until: Millis) -> Result<bool> {
        Ok(self.run(SPAN, values![import.id, import.fence, since, until])? > 0)
    }

    /// Notes how far it has come and keeps the lease. `false`: it was cancelled, or is another's.
    pub fn import_came_to(
        &mut self,
        import: &ImportRow,
        at: Millis,
        found: i64,
        imported: i64,
        lease_until: Millis,
    ) -> Result<bool> {
        Ok(self.run(COME_TO, values![import.id, import.fence, at, found, imported, lease_until])? > 0)
    }

    /// Keeps the lease. `false`: it was cancelled, or is another's.
    pub fn keep_import(&mut self, import: &ImportRow, lease_until: Millis) -> Result<bool> {
        Ok(self.run(KEEP, values![import.id, import.fence, lease_until])? > 0)
    }

    /// Is it still ours, and not cancelled?
    pub fn holds_import(&mut self, import: &ImportRow) -> Result<bool> {
        Ok(self.row::<(i64,)>(HOLDS, values![import.id, import.fence])?.is_some())
    }

    /// Puts it off after trouble.
    pub fn put_import_off(&mut self, import: &ImportRow, error: &str, due_at: Millis) -> Result<bool> {
        Ok(self.run(PUT_OFF, values![import.id, import.fence, error, due_at])? > 0)
    }

    /// Lets go of it, for whoever comes next.
    pub fn let_go_of_import(&mut self, import: &ImportRow) -> Result<()> {
        self.write(LET_GO, values![import.id, import.fence])
    }

    /// Ends it. `false`: it had ended.
    pub fn end_import(&mut self, id: ImportId, state: &str, error: Option<&str>) -> Result<bool> {
        let now = self.now();
        Ok(self.run(END, values![id, state, error, now])? > 0)
    }

    /// Begins a conversation of the past. The caller closes it in the same unit.
    pub fn create_past_conversation(&mut self, new: NewConversation, import: ImportId, at: Millis) -> Result<()> {
        self.create_conversation(new)?;
        match self.run(BEGAN, values![new.id, import, at])? {
            1 => Ok(()),
            _ => Err(StoreError::Corrupt("a row that was just made is gone".into())),
        }
    }

    /// Writes what became of a message that was sent from our number in the past, by whatever program.
    pub fn create_past_delivery(&mut self, d: &DeliveryRow, provider_key: &[u8]) -> Result<()> {
        self.write(
            CREATE_DELIVERY,
            values![
                d.seq,
                d.message,
                d.conversation,
                d.channel,
                d.address,
                d.status,
                d.class,
                d.send_at,
                provider_key,
                d.provider_id.clone(),
                d.segments,
                d.error.clone(),
            ],
        )
    }

    /// Marks an entry as brought in from the past: it makes nobody wait and is nothing new.
    pub fn mark_imported(&mut self, seq: i64) -> Result<()> {
        self.write(MARK, values![seq])
    }
}
