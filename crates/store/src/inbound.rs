//! The raw journal: what webhooks brought, byte for byte, beside what was made of it.

use partyline_core::held::HeldReason;
use partyline_core::id::{ConnectionId, InboundId, Uuid};
use partyline_core::time::Millis;

use crate::error::Result;
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::values;

queries! {
    KEEP = "INSERT INTO inbound (workspace, id, connection_id, hook, received_at, query, content_type, body, state, error, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    CURSOR = "SELECT at FROM cursors WHERE workspace = $1 AND reader = $2";
    SET_CURSOR = "INSERT INTO cursors (workspace, reader, at) VALUES ($1, $2, $3) ON CONFLICT (workspace, reader) DO UPDATE SET at = excluded.at";
    BODIES = "SELECT count(*) FROM inbound WHERE workspace = $1 AND body IS NOT NULL";
    KNOWN = "SELECT 1 FROM inbound WHERE workspace = $1 AND id = $2";
    HOLD = "INSERT INTO inbound (workspace, id, connection_id, hook, received_at, query, content_type, body, state, error, reason, address, sender, same) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'quarantined', $9, $10, $11, $12, $13)";
    ARRIVED = "SELECT id FROM inbound WHERE workspace = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4";
    FORGET = "UPDATE inbound SET body = NULL, query = '' WHERE workspace = $1 AND id > $2 AND id <= $3 AND state IN ('applied', 'duplicate') AND body IS NOT NULL";
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
    /// It is held: kept for people.
    Held(Held),
    /// The same is held already.
    HeldAlready,
}

/// Why something is held, and what there is to know it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Why.
    pub reason: HeldReason,
    /// What went wrong, for who runs the server.
    pub error: String,
    /// Our number, where it is known.
    pub address: Option<String>,
    /// Whom it is from, part of the digits hidden.
    pub sender: Option<String>,
    /// 16 bytes that are the same when the same comes again.
    pub same: Vec<u8>,
}

impl Tx<'_> {
    /// Forgets the bytes of what was applied and arrived between two moments, at most `limit` of the journal's rows: they hold what
    /// people said. What is held stays. Answers up to when it came; `None`: all of it is done.
    pub fn forget_inbound_bodies(&mut self, from: InboundId, before: Millis, limit: i64) -> Result<Option<InboundId>> {
        let ids: Vec<(InboundId,)> = self.rows(ARRIVED, values![from, first_id_of(before), limit])?;
        let Some((last,)) = ids.last() else { return Ok(None) };
        self.write(FORGET, values![from, *last])?;
        Ok((i64::try_from(ids.len()).unwrap_or(0) == limit).then_some(*last))
    }

    /// Notes how far a reader has come.
    pub fn set_cursor(&mut self, reader: &str, at: Millis) -> Result<()> {
        self.write(SET_CURSOR, values![reader, at])
    }

    /// Keeps what came, and says what became of it.
    pub fn keep_inbound(&mut self, new: NewInbound, became: &Became) -> Result<()> {
        let (state, seq) = match became {
            Became::Applied(seq) => ("applied", *seq),
            Became::Duplicate(seq) => ("duplicate", Some(*seq)),
            Became::HeldAlready => ("duplicate", None),
            Became::Held(held) => return self.hold_inbound(new, held),
        };
        self.once_committed(move || partyline_meters::figures::INBOUND.add([state]));
        self.write(
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
                None::<String>,
                seq
            ],
        )
    }

    fn hold_inbound(&mut self, new: NewInbound, held: &Held) -> Result<()> {
        self.once_committed(|| partyline_meters::figures::INBOUND.add(["quarantined"]));
        self.write(
            HOLD,
            values![
                new.id,
                new.connection,
                new.hook,
                new.received_at,
                new.query,
                new.content_type,
                new.body,
                &held.error,
                held.reason,
                held.address.clone(),
                held.sender.clone(),
                held.same.clone()
            ],
        )
    }
}

/// The least id that something which arrives then can have; ids begin with the time (RFC 9562, 5.7).
#[must_use]
pub fn first_id_of(at: Millis) -> InboundId {
    InboundId::from_uuid(Uuid::from_u128(u128::from(u64::try_from(at.0).unwrap_or(0)) << 80))
}

impl Scope<'_> {
    /// Was this kept before?
    pub fn knows_inbound(&mut self, id: InboundId) -> Result<bool> {
        Ok(self.row::<(i64,)>(KNOWN, values![id])?.is_some())
    }

    /// How much of the journal still has its bytes: for tests and for who looks for what a database keeps.
    pub fn inbound_bodies(&mut self) -> Result<i64> {
        Ok(self.row::<(i64,)>(BODIES, &[])?.map_or(0, |(n,)| n))
    }

    /// How far a reader has come.
    pub fn cursor(&mut self, reader: &str) -> Result<Option<Millis>> {
        Ok(self.row::<(Millis,)>(CURSOR, values![reader])?.map(|(at,)| at))
    }
}
