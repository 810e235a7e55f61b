//! The database seen with other eyes: no query of the program's own, so that they are not wrong together.

use std::path::Path;

use anyhow::Result;
use partyline_core::id::{ConversationId, MessageId, Uuid};
use rusqlite::{Connection, OptionalExtension as _, params};

/// A text that rests in the inbox.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its place in the log.
    pub seq: i64,
    /// The provider's id.
    pub sid: String,
    /// From whom.
    pub from: String,
    /// What it says.
    pub text: String,
    /// When it was said.
    pub at: i64,
}

/// A message of ours as it rests.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its place in the log: the order in which people wrote.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// To whom.
    pub to: String,
    /// What it says.
    pub text: String,
    /// What it is for.
    pub class: String,
    /// Where it is.
    pub status: String,
    /// Why it failed, in a word.
    pub error: Option<String>,
}

/// A try to send a message, as it was recorded before it left.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The message.
    pub id: String,
    /// When it was recorded.
    pub at: i64,
    /// When it was known how it ended.
    pub ended_at: Option<i64>,
    /// How it ended, in a word.
    pub outcome: Option<String>,
}

/// One state that a message was in.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its place in the log.
    pub seq: i64,
    /// When.
    pub at: i64,
    /// The message.
    pub id: String,
    /// The state.
    pub status: String,
    /// Did a person bring it there?
    pub by_person: bool,
}

/// A connection of our own.
pub struct Ledger(Connection);

fn message_id(bytes: &[u8]) -> String {
    Uuid::from_slice(bytes).map(|u| MessageId::from_uuid(u).to_string()).unwrap_or_default()
}

impl Ledger {
    /// Opens it.
    ///
    /// # Errors
    /// What the engine said.
    pub fn open(path: &Path) -> Result<Ledger> {
        Ok(Ledger(Connection::open(path)?))
    }

    /// The newest seq.
    ///
    /// # Errors
    /// What the engine said.
    pub fn head(&self) -> Result<i64> {
        Ok(self.0.prepare_cached("SELECT seq FROM log_heads WHERE workspace = 1")?.query_row([], |r| r.get(0))?)
    }

    /// How many events there are, the first and the last seq of them.
    ///
    /// # Errors
    /// What the engine said.
    pub fn events(&self) -> Result<(i64, i64, i64)> {
        let sql = "SELECT count(*), coalesce(min(seq), 0), coalesce(max(seq), 0) FROM events WHERE workspace = 1";
        Ok(self.0.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?)
    }

    /// The conversation that a customer's next text would join.
    ///
    /// # Errors
    /// What the engine said.
    pub fn conversation(&self, phone: &str) -> Result<Option<ConversationId>> {
        let sql = "SELECT t.conversation_id FROM threads t JOIN addresses a ON a.workspace = t.workspace AND a.id = t.address_id WHERE a.value = ?1";
        let found: Option<Vec<u8>> = self.0.prepare_cached(sql)?.query_row([phone], |r| r.get(0)).optional()?;
        Ok(found.and_then(|bytes| Uuid::from_slice(&bytes).ok()).map(ConversationId::from_uuid))
    }

    /// The messages in one of these states, oldest first.
    ///
    /// # Errors
    /// What the engine said.
    pub fn in_state(&self, states: [&str; 2]) -> Result<Vec<MessageId>> {
        let sql = "SELECT message_id FROM deliveries WHERE status IN (?1, ?2) ORDER BY seq";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map(params![states[0], states[1]], |r| r.get::<_, Vec<u8>>(0))?;
        let ids = rows.collect::<Result<Vec<_>, _>>()?;
        Ok(ids.iter().filter_map(|b| Uuid::from_slice(b).ok()).map(MessageId::from_uuid).collect())
    }

    /// Is the text with this id of the provider there?
    ///
    /// # Errors
    /// What the engine said.
    pub fn has(&self, sid: &str) -> Result<bool> {
        let sql =
            "SELECT count(*) FROM entries WHERE direction = 'inbound' AND json_extract(data, '$.provider_id') = ?1";
        Ok(self.0.prepare_cached(sql)?.query_row([sid], |r| r.get::<_, i64>(0))? > 0)
    }

    /// Every text from outside.
    ///
    /// # Errors
    /// What the engine said.
    pub fn stored(&self) -> Result<Vec<Stored>> {
        let sql = "SELECT e.seq, json_extract(e.data, '$.provider_id'), a.value, e.text, e.at FROM entries e JOIN addresses a ON a.workspace = e.workspace AND a.id = e.address_id WHERE e.direction = 'inbound' ORDER BY e.seq";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map([], |r| {
            Ok(Stored { seq: r.get(0)?, sid: r.get(1)?, from: r.get(2)?, text: r.get(3)?, at: r.get(4)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every message of ours, in the order in which they were written.
    ///
    /// # Errors
    /// What the engine said.
    pub fn messages(&self) -> Result<Vec<Message>> {
        let sql = "SELECT d.seq, d.message_id, a.value, e.text, d.class, d.status, json_extract(d.error, '$.code') FROM deliveries d JOIN entries e ON e.workspace = d.workspace AND e.seq = d.seq JOIN addresses a ON a.workspace = d.workspace AND a.id = d.address_id ORDER BY d.seq";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map([], |r| {
            Ok(Message {
                seq: r.get(0)?,
                id: message_id(&r.get::<_, Vec<u8>>(1)?),
                to: r.get(2)?,
                text: r.get(3)?,
                class: r.get(4)?,
                status: r.get(5)?,
                error: r.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every try to send, in the order in which they were recorded.
    ///
    /// # Errors
    /// What the engine said.
    pub fn attempts(&self) -> Result<Vec<Attempt>> {
        let sql = "SELECT d.message_id, a.started_at, a.ended_at, a.outcome FROM attempts a JOIN deliveries d ON d.workspace = a.workspace AND d.seq = a.seq ORDER BY a.started_at, a.seq, a.attempt";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map([], |r| {
            let id = message_id(&r.get::<_, Vec<u8>>(0)?);
            Ok(Attempt { id, at: r.get(1)?, ended_at: r.get(2)?, outcome: r.get(3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Every state that a message of ours was ever in, oldest first.
    ///
    /// # Errors
    /// What the engine said.
    pub fn changes(&self) -> Result<Vec<Change>> {
        let sql = "SELECT v.seq, v.at, v.subject_id, substr(v.type, 9), v.actor_kind = 'user' FROM events v JOIN deliveries d ON d.workspace = v.workspace AND d.message_id = v.subject_id WHERE v.type LIKE 'message.%' ORDER BY v.seq";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map([], |r| {
            let id = message_id(&r.get::<_, Vec<u8>>(2)?);
            Ok(Change { seq: r.get(0)?, at: r.get(1)?, id, status: r.get(3)?, by_person: r.get(4)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Jobs that are not given up, and when after `now` the next of them is due or its lease ends.
    ///
    /// # Errors
    /// What the engine said.
    pub fn jobs(&self, now: i64) -> Result<(i64, Option<i64>)> {
        let sql = "SELECT count(*), min(CASE WHEN state = 'running' AND lease_until > ?1 THEN lease_until WHEN state = 'ready' AND run_at > ?1 THEN run_at END) FROM jobs WHERE state <> 'dead'";
        Ok(self.0.prepare_cached(sql)?.query_row([now], |r| Ok((r.get(0)?, r.get(1)?)))?)
    }

    /// The messages that workers hold, and until when.
    ///
    /// # Errors
    /// What the engine said.
    pub fn leases(&self) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT d.message_id, j.lease_until FROM jobs j JOIN deliveries d ON d.workspace = j.workspace AND d.seq = j.seq WHERE j.state = 'running' AND j.kind = 'deliver'";
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map([], |r| Ok((message_id(&r.get::<_, Vec<u8>>(0)?), r.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What waits for a person because nobody could make anything of it.
    ///
    /// # Errors
    /// What the engine said.
    pub fn quarantined(&self) -> Result<i64> {
        let sql = "SELECT count(*) FROM inbound WHERE state = 'quarantined'";
        Ok(self.0.query_row(sql, [], |r| r.get(0))?)
    }
}
