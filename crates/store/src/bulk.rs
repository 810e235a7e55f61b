//! Writing much at once: a past of years for trials, in one transaction that is there as a whole or not at all.
//!
//! Rows are gathered per table and handed over in groups: COPY on PostgreSQL, one prepared INSERT on SQLite. What [`crate::Tx`] keeps
//! true row by row is kept true here too: the log has no gap and is sealed, every copy is what its original says, and the counts are
//! what counting would give.

use std::collections::HashMap;

use partyline_core::conversation::EntryId;
use partyline_core::event::Actor;
use partyline_core::id::{AddressId, ChannelId, ContactId, ConversationId, EventId, InboundId};
use partyline_core::time::Millis;
use sha2::{Digest, Sha256};

use crate::connection::{Access, Connection};
use crate::conversations::{Held, Key, contributions};
use crate::entries::{DeliveryRow, NewEntry, kind_of};
use crate::error::{Result, StoreError};
use crate::events::BLOCK_MAX;
use crate::scope::{NewEvent, Scope, Workspace, lock_head, set_head};
use crate::sql::{Sql, queries};
use crate::tasks::TaskRow;
use crate::value::{Value, values};
use crate::{Db, Location};

/// Rows that are gathered before they are handed over.
const GATHER: usize = 50_000;
/// Page cache of the SQLite connection that writes, in KiB: indexes in random order stay in memory.
const CACHE_KIB: u32 = 512 << 10;

queries! {
    ANY_CONVERSATION = "SELECT 1 FROM conversations WHERE workspace = $1 LIMIT 1";
    CONTACTS = "INSERT INTO contacts (workspace, id, name, salt, fields, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    ADDRESSES = "INSERT INTO addresses (workspace, id, kind, value, key, contact_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    CONVERSATIONS = "INSERT INTO conversations (workspace, id, status, team_id, contact_id, channel_id, address_id, subject, priority, snoozed_until, closed_at, waiting_since, waiting_order, assigned, last_activity_at, last_seq, unread_seq, preview, last_message_seq, created_at, snooze_order, labels, open_tasks) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)";
    THREADS = "INSERT INTO threads (workspace, channel_id, address_id, conversation_id) VALUES ($1, $2, $3, $4)";
    CHANNELS = "INSERT INTO conversation_channels (workspace, conversation_id, channel_id, address_id) VALUES ($1, $2, $3, $4)";
    USERS = "INSERT INTO conversation_users (workspace, conversation_id, user_id, assigned, mentioned, access, read_seq, is_read, status, team_id, last_activity_at, waiting_order, touched_at, mentioned_at, following, muted, snooze_order, taken) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
    LABELS = "INSERT INTO conversation_labels (workspace, conversation_id, label_id, implied, team_id, status, last_activity_at, waiting_order) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    ENTRIES = "INSERT INTO entries (workspace, seq, id, conversation_id, at, kind, direction, channel_id, address_id, author_kind, author_id, text, provider_key, late, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    TASKS = "INSERT INTO tasks (workspace, seq, conversation_id, assignee_id, due_at, done_at, done_by) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    DELIVERIES = "INSERT INTO deliveries (workspace, seq, message_id, conversation_id, channel_id, address_id, author_id, status, class, send_at, attempts, provider_key, provider_id, segments, confirmed, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    ATTEMPTS = "INSERT INTO attempts (workspace, seq, attempt, fence, started_at, ended_at, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    EVENTS = "INSERT INTO events (workspace, seq, id, at, actor_kind, actor_id, type, conversation_id, subject_id, changed, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    BLOCKS = "INSERT INTO blocks (workspace, first_seq, last_seq, hash, at) VALUES ($1, $2, $3, $4, $5)";
    INBOUND = "INSERT INTO inbound (workspace, id, connection_id, hook, received_at, query, content_type, body, state, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    CONSENTS = "INSERT INTO consents (workspace, seq, n, address_key, purpose, state, source, reference, actor_kind, actor_id, said_at, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    CONSENT_STATES = "INSERT INTO consent_states (workspace, address_key, update_state, marketing_state, provider_block, seq) VALUES ($1, $2, $3, $4, $5, $6)";
    TALLIES = "INSERT INTO tallies (workspace, user_id, cell, team_id, owner_id, n) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (workspace, user_id, cell, team_id, owner_id) DO UPDATE SET n = tallies.n + excluded.n";
}

/// The tables, in an order in which what is pointed to comes before what points.
const TABLES: [Sql; 16] = [
    CONTACTS,
    ADDRESSES,
    CONVERSATIONS,
    THREADS,
    CHANNELS,
    USERS,
    LABELS,
    ENTRIES,
    TASKS,
    DELIVERIES,
    ATTEMPTS,
    EVENTS,
    BLOCKS,
    INBOUND,
    CONSENTS,
    CONSENT_STATES,
];

/// Somebody outside, with the address they are reached at.
#[derive(Debug, Clone)]
pub struct NewContact {
    /// Who.
    pub id: ContactId,
    /// What they are called, if that is known.
    pub name: Option<String>,
    /// Keys the log's hashes of what they said.
    pub salt: Vec<u8>,
    /// Their address.
    pub address: AddressId,
    /// E.164.
    pub phone: String,
    /// What consent is kept under: [`crate::contacts::address_key`].
    pub key: Vec<u8>,
    /// When they first wrote.
    pub at: Millis,
}

/// A webhook of the past that was applied.
#[derive(Debug, Clone)]
pub struct AppliedInbound {
    /// Its id.
    pub id: InboundId,
    /// On which connection.
    pub connection: partyline_core::id::ConnectionId,
    /// When it arrived.
    pub at: Millis,
    /// Its bytes, while they are kept.
    pub body: Option<Vec<u8>>,
    /// The entry it became.
    pub seq: i64,
}

/// One workspace, to be filled.
#[derive(Debug)]
pub struct Bulk<'a> {
    connection: &'a mut Connection,
    workspace: Workspace,
    gathered: Vec<Vec<Vec<Value>>>,
    waiting: usize,
    rows: u64,
    seq: i64,
    sealing: Sealing,
    counts: HashMap<Key, i64>,
}

/// The block of the seal that is being filled.
#[derive(Debug)]
struct Sealing {
    first: i64,
    hash: Sha256,
    at: Millis,
}

impl Sealing {
    fn after(hash: &[u8], first: i64) -> Sealing {
        Sealing { first, hash: Sha256::new_with_prefix(hash), at: Millis(0) }
    }
}

impl Db {
    /// Fills a workspace in one transaction, on a connection of its own. Other writers of the workspace wait until it is done; on
    /// SQLite all writers do.
    ///
    /// # Errors
    /// The closure's own error, or [`StoreError`] when the database can't be written; nothing is written then.
    pub async fn bulk<T, E>(
        &self,
        workspace: Workspace,
        fill: impl FnOnce(&mut Bulk<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let location = self.location().clone();
        let run = move || {
            let mut connection = Connection::open(&location, Access::Write)?;
            if let Location::Sqlite(_) = location {
                connection.batch(&format!("PRAGMA cache_size=-{CACHE_KIB}"))?;
            }
            connection.begin(Access::Write)?;
            let mut bulk = Bulk::begin(&mut connection, workspace)?;
            let value = fill(&mut bulk)?;
            bulk.finish()?;
            connection.batch("COMMIT")?;
            match location {
                // the log of what was written is as large as the database
                Location::Sqlite(_) => connection.batch("PRAGMA wal_checkpoint(TRUNCATE)")?,
                // plans are made for what is there now; SQLite's do not ask for it
                Location::Postgres(_) => connection.analyze()?,
            }
            Ok(value)
        };
        tokio::task::spawn_blocking(run).await.map_err(|_| StoreError::GaveUp)?
    }
}

impl<'a> Bulk<'a> {
    fn begin(connection: &'a mut Connection, workspace: Workspace) -> Result<Bulk<'a>> {
        let mut scope = Scope { connection: &mut *connection, workspace };
        let seq = lock_head(&mut scope)?;
        let (sealed, hash) = scope.sealed()?;
        let mut sealing = Sealing::after(&hash, sealed + 1);
        // what is not sealed yet goes into the first block
        for event in scope.events_after(sealed, BLOCK_MAX)? {
            sealing.hash.update(event.canonical());
            sealing.hash.update(b"\n");
        }
        if seq - sealed >= BLOCK_MAX {
            return Err(StoreError::Busy(usize::try_from(seq - sealed).unwrap_or(0)));
        }
        let gathered = TABLES.iter().map(|_| Vec::new()).collect();
        Ok(Bulk { connection, workspace, gathered, waiting: 0, rows: 0, seq, sealing, counts: HashMap::new() })
    }

    /// How many rows were written.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The newest seq.
    #[must_use]
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Does the workspace hold conversations already?
    pub fn has_conversations(&mut self) -> Result<bool> {
        let mut scope = Scope { connection: &mut *self.connection, workspace: self.workspace };
        Ok(scope.row::<(i64,)>(ANY_CONVERSATION, &[])?.is_some())
    }

    fn put(&mut self, table: Sql, values: &[Value]) -> Result<()> {
        let Some(place) = TABLES.iter().position(|t| *t == table) else { return Err(StoreError::GaveUp) };
        let mut row = Vec::with_capacity(values.len() + 1);
        row.push(Value::Int(self.workspace.0));
        row.extend_from_slice(values);
        self.gathered[place].push(row);
        self.waiting += 1;
        self.rows += 1;
        if self.waiting < GATHER { Ok(()) } else { self.hand_over() }
    }

    fn hand_over(&mut self) -> Result<()> {
        for (table, rows) in TABLES.iter().zip(&mut self.gathered) {
            if !rows.is_empty() {
                self.connection.fill(*table, rows)?;
                rows.clear();
            }
        }
        self.waiting = 0;
        Ok(())
    }

    /// Appends to the log, and gives the event its seq.
    pub fn event(&mut self, id: EventId, at: Millis, event: NewEvent) -> Result<i64> {
        self.seq += 1;
        let row = event.row(self.seq, id, at);
        self.sealing.hash.update(row.canonical());
        self.sealing.hash.update(b"\n");
        self.sealing.at = at;
        self.put(
            EVENTS,
            values![
                row.seq,
                row.id,
                row.at,
                row.actor_kind,
                row.actor,
                row.kind,
                row.conversation,
                row.subject,
                row.changed,
                row.content
            ],
        )?;
        if self.seq - self.sealing.first + 1 == BLOCK_MAX {
            self.seal()?;
        }
        Ok(self.seq)
    }

    fn seal(&mut self) -> Result<()> {
        let hash = self.sealing.hash.finalize_reset().to_vec();
        self.put(BLOCKS, values![self.sealing.first, self.seq, hash.clone(), self.sealing.at])?;
        self.sealing = Sealing::after(&hash, self.seq + 1);
        Ok(())
    }

    /// Adds somebody outside.
    pub fn contact(&mut self, c: &NewContact) -> Result<()> {
        self.put(CONTACTS, values![c.id, c.name.clone(), c.salt.clone(), "{}", c.at, c.at])?;
        self.put(ADDRESSES, values![c.address, "phone", &c.phone, c.key.clone(), c.id, c.at])
    }

    /// Notes that somebody's first message implies that they may be answered.
    pub fn implied_consent(&mut self, c: &NewContact, seq: i64, reference: &str) -> Result<()> {
        let actor = Actor::Contact(c.id);
        let said = values![
            seq,
            0i64,
            c.key.clone(),
            "update",
            "implied",
            "inbound",
            reference,
            actor.kind(),
            actor.uuid(),
            c.at,
            c.at
        ];
        self.put(CONSENTS, said)?;
        self.put(CONSENT_STATES, values![c.key.clone(), "implied", "none", false, seq])
    }

    /// Adds a conversation as it is in the end, with everyone's state on it, and counts it; `tasks`: how many of its tasks are not done. Its last seqs
    /// may still lie ahead.
    pub fn conversation(&mut self, held: &mut Held, tasks: i64) -> Result<()> {
        held.settle();
        let row = &held.row;
        self.put(
            CONVERSATIONS,
            values![
                row.id,
                row.status,
                row.team,
                row.contact,
                row.channel,
                row.address,
                row.subject.clone(),
                row.priority,
                row.snoozed_until,
                row.closed_at,
                row.waiting_since,
                row.waiting_order(),
                held.is_assigned(),
                row.last_activity_at,
                row.last_seq,
                row.unread_seq,
                &row.preview,
                row.last_message_seq,
                row.created_at,
                row.snooze_order(),
                row.labels,
                tasks
            ],
        )?;
        self.put(CHANNELS, values![row.id, row.channel, row.address])?;
        for user in &held.users {
            self.put(USERS, &held.copies(user))?;
        }
        for label in &held.labels {
            self.put(LABELS, &held.label_copies(label))?;
        }
        for (key, n) in contributions(held) {
            *self.counts.entry(key).or_default() += n;
        }
        Ok(())
    }

    /// Points a thread at the conversation that its next message joins.
    pub fn thread(&mut self, channel: ChannelId, address: AddressId, conversation: ConversationId) -> Result<()> {
        self.put(THREADS, values![channel, address, conversation])
    }

    /// Adds an entry; its seq is that of the event that made it.
    pub fn entry(&mut self, e: NewEntry) -> Result<()> {
        self.put(
            ENTRIES,
            values![
                e.seq,
                match e.id {
                    EntryId::Message(id) => id.uuid(),
                    EntryId::Note(id) => id.uuid(),
                    EntryId::Call(id) => id.uuid(),
                    EntryId::Event(id) => id.uuid(),
                },
                e.conversation,
                e.at,
                kind_of(e.id),
                e.direction,
                e.channel,
                e.address,
                e.author_kind,
                e.author,
                e.text,
                e.provider_key,
                e.late,
                e.data.map(|d| d.to_string())
            ],
        )
    }

    /// Adds a task; it belongs to a note.
    pub fn task(&mut self, task: &TaskRow) -> Result<()> {
        self.put(TASKS, values![task.seq, task.conversation, task.assignee, task.due_at, task.done_at, task.done_by])
    }

    /// Adds a delivery that was settled at its first attempt, with that attempt.
    pub fn delivery(&mut self, d: &DeliveryRow, provider_key: Vec<u8>) -> Result<()> {
        self.put(
            DELIVERIES,
            values![
                d.seq,
                d.message,
                d.conversation,
                d.channel,
                d.address,
                d.author,
                d.status,
                d.class,
                d.send_at,
                1i64,
                provider_key,
                d.provider_id.clone(),
                d.segments,
                d.confirmed.clone(),
                d.updated_at
            ],
        )?;
        self.put(ATTEMPTS, values![d.seq, 1i64, 1i64, d.send_at, d.send_at, "accepted"])
    }

    /// Adds what a webhook brought.
    pub fn inbound(&mut self, i: AppliedInbound) -> Result<()> {
        let form = "application/x-www-form-urlencoded";
        self.put(INBOUND, values![i.id, i.connection, "message", i.at, "", form, i.body, "applied", i.seq])
    }

    fn finish(mut self) -> Result<()> {
        if self.seq >= self.sealing.first {
            self.seal()?;
        }
        self.hand_over()?;
        let mut scope = Scope { connection: &mut *self.connection, workspace: self.workspace };
        for ((reader, cell, team, owner), n) in self.counts {
            scope.run(TALLIES, values![reader, cell, team, owner, n])?;
        }
        set_head(&mut scope, self.seq)
    }
}

/// The COPY that takes the same columns as an INSERT.
pub(crate) fn copy_of(insert: &str) -> Option<String> {
    let (head, _) = insert.split_once(" VALUES ")?;
    Some(format!("COPY {} FROM STDIN", head.strip_prefix("INSERT INTO ")?))
}

/// A row as COPY's text format has it.
pub(crate) fn copy_line(row: &[Value], line: &mut String) {
    use std::fmt::Write as _;
    for (n, value) in row.iter().enumerate() {
        if n > 0 {
            line.push('\t');
        }
        match value {
            Value::Null => line.push_str("\\N"),
            // writing into a String can't fail
            Value::Int(x) => drop(write!(line, "{x}")),
            Value::Id(x) => drop(write!(line, "{x}")),
            Value::Bytes(x) => {
                line.push_str("\\\\x");
                line.push_str(&hex::encode(x));
            }
            Value::Text(x) => {
                for c in x.chars() {
                    match c {
                        '\\' => line.push_str("\\\\"),
                        '\t' => line.push_str("\\t"),
                        '\n' => line.push_str("\\n"),
                        '\r' => line.push_str("\\r"),
                        other => line.push(other),
                    }
                }
            }
        }
    }
    line.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_a_copy() {
        for table in TABLES {
            let copy = copy_of(table.text).expect("an INSERT");
            assert!(copy.starts_with("COPY ") && copy.ends_with(") FROM STDIN"), "{copy}");
        }
    }

    #[test]
    fn what_would_break_a_line_is_escaped() {
        let mut line = String::new();
        let row = [Value::Text("a\tb\\N\nc".into()), Value::Null, Value::Bytes(vec![0, 255]), Value::Int(-1)];
        copy_line(&row, &mut line);
        assert_eq!(line, "a\\tb\\\\N\\nc\t\\N\t\\\\x00ff\t-1\n");
    }
}
