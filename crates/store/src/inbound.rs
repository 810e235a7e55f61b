//! The raw journal: what webhooks brought, byte for byte, beside what was made of it.

use partyline_core::id::{ConnectionId, InboundId};
use partyline_core::time::Millis;

use crate::error::Result;
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::{row, values};

queries! {
    KEEP = "INSERT INTO inbound (workspace, id, connection_id, hook, received_at, query, content_type, body, state, error, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    CURSOR = "SELECT at FROM cursors WHERE workspace = $1 AND reader = $2";
    SET_CURSOR = "INSERT INTO cursors (workspace, reader, at) VALUES ($1, $2, $3) ON CONFLICT (workspace, reader) DO UPDATE SET at = excluded.at";
    KNOWN = "SELECT 1 FROM inbound WHERE workspace = $1 AND id = $2";
    FORGET_BODIES = "UPDATE inbound SET body = NULL WHERE workspace = $1 AND state IN ('applied', 'duplicate') AND received_at < $2 AND body IS NOT NULL";
    QUARANTINED = "SELECT id, connection_id, hook, received_at, query, content_type, body, error FROM inbound WHERE workspace = $1 AND state = 'quarantined' ORDER BY id DESC LIMIT $2";
}

/// What a webhook brought, to be kept.
#[derive(Debug, Clone)]
pub struct NewInbound {
    /// Its id.
    pub id: InboundId,
    /// On which connection.
    pub connection: ConnectionId,
    /// `message`, `status`, `voice`.
    pub hook: &'static str,
    /// When it arrived.
    pub received_at: Millis,
    /// What stood after the question mark.
    pub query: String,
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Became {
    /// An entry or a change.
    Applied(Option<i64>),
    /// It was here before.
    Duplicate(i64),
    /// Nobody understood it, or nobody has its number: kept for people.
    Quarantined(String),
}

row! {
    /// Something that waits for a person.
    pub struct QuarantinedRow {
        /// Its id.
        pub id: InboundId,
        /// On which connection.
        pub connection: ConnectionId,
        /// `message`, `status`, `voice`.
        pub hook: String,
        /// When it arrived.
        pub received_at: Millis,
        /// What stood after the question mark.
        pub query: String,
        /// Its media type.
        pub content_type: String,
        /// Its bytes.
        pub body: Option<Vec<u8>>,
        /// Why.
        pub error: Option<String>,
    }
}

impl Tx<'_> {
    /// Forgets the bytes of what was applied before `before`: they hold what people said. What waits for a person stays.
    pub fn forget_inbound_bodies(&mut self, before: Millis) -> Result<u64> {
        self.run(FORGET_BODIES, values![before])
    }

    /// Notes how far a reader has come.
    pub fn set_cursor(&mut self, reader: &str, at: Millis) -> Result<()> {
        self.run(SET_CURSOR, values![reader, at]).map(drop)
    }

    /// Keeps what came, and says what became of it.
    pub fn keep_inbound(&mut self, new: NewInbound, became: &Became) -> Result<()> {
        let (state, error, seq) = match became {
            Became::Applied(seq) => ("applied", None, *seq),
            Became::Duplicate(seq) => ("duplicate", None, Some(*seq)),
            Became::Quarantined(why) => ("quarantined", Some(why.clone()), None),
        };
        self.run(
            KEEP,
            values![
                new.id,
                new.connection,
                new.hook,
                new.received_at,
                new.query,
                new.content_type,
                new.body,
                state,
                error,
                seq
            ],
        )
        .map(drop)
    }
}

impl Scope<'_> {
    /// Was this kept before?
    pub fn knows_inbound(&mut self, id: InboundId) -> Result<bool> {
        Ok(self.row::<(i64,)>(KNOWN, values![id])?.is_some())
    }

    /// How far a reader has come.
    pub fn cursor(&mut self, reader: &str) -> Result<Option<Millis>> {
        Ok(self.row::<(Millis,)>(CURSOR, values![reader])?.map(|(at,)| at))
    }

    /// What waits for a person, newest first.
    pub fn quarantined(&mut self, limit: i64) -> Result<Vec<QuarantinedRow>> {
        self.rows(QUARANTINED, values![limit])
    }
}
