//! Circuit breakers: connections whose provider can't be reached. One row per connection for all nodes, so that one of them finds out
//! and every one of them waits.

use partyline_core::id::ConnectionId;
use partyline_core::time::Millis;

use crate::error::{Result, StoreError};
use crate::jobs::ClaimedJob;
use crate::scope::{Root, Scope, Tx, Workspace};
use crate::sql::{Sql, queries};
use crate::value::{FromValue, Value, row, values};

queries! {
    ALL = "SELECT connection_id, state, failures, opens, since, retry_at, reason FROM breakers WHERE workspace = $1";
    ONE = "SELECT connection_id, state, failures, opens, since, retry_at, reason FROM breakers WHERE workspace = $1 AND connection_id = $2";
    SET = "INSERT INTO breakers (workspace, connection_id, state, failures, opens, since, retry_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (workspace, connection_id) DO UPDATE SET state = $3, failures = $4, opens = $5, since = $6, retry_at = $7, reason = $8";
    NOT_CLOSED = "SELECT workspace, connection_id, retry_at FROM breakers WHERE state <> 'closed'";
    PROBED_NOTHING = "UPDATE breakers SET retry_at = $5 WHERE workspace = $1 AND state = 'half_open' AND EXISTS (SELECT 1 FROM jobs j JOIN channels c ON c.workspace = j.workspace AND c.id = j.sender WHERE j.workspace = $1 AND j.seq = $2 AND j.n = $3 AND j.fence = $4 AND c.connection_id = breakers.connection_id AND j.lease_until = breakers.retry_at)";
    PROBE = "UPDATE breakers SET state = 'half_open', retry_at = $3 WHERE workspace = $1 AND connection_id = $2";
}

/// Another node that is about to try is left to it.
const LOCK_DUE: Sql = Sql::differs(
    "breakers::LOCK_DUE",
    "SELECT retry_at FROM breakers WHERE workspace = $1 AND connection_id = $2 AND state <> 'closed' AND (coalesce(retry_at, 0) <= $3 OR retry_at > $4)",
    "SELECT retry_at FROM breakers WHERE workspace = $1 AND connection_id = $2 AND state <> 'closed' AND (coalesce(retry_at, 0) <= $3 OR retry_at > $4) FOR UPDATE SKIP LOCKED",
);
pub(crate) const DIFFERING: &[Sql] = &[LOCK_DUE];

/// Does a connection send?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// It sends.
    Closed,
    /// Its provider can't be reached: texts wait.
    Open,
    /// One text tries.
    HalfOpen,
}

impl BreakerState {
    /// All of them.
    pub const ALL: [BreakerState; 3] = [BreakerState::Closed, BreakerState::Open, BreakerState::HalfOpen];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            BreakerState::Closed => "closed",
            BreakerState::Open => "open",
            BreakerState::HalfOpen => "half_open",
        }
    }
}

impl FromValue for BreakerState {
    fn from_value(value: Value) -> Result<Self> {
        let word = String::from_value(value)?;
        let found = Self::ALL.into_iter().find(|s| s.as_str() == word);
        found.ok_or_else(|| StoreError::Corrupt(format!("{word:?} is no state of a breaker")))
    }
}

row! {
    /// What is known of a connection's way to its provider.
    pub struct BreakerRow {
        /// Whose.
        pub connection: ConnectionId,
        /// Does it send?
        pub state: BreakerState,
        /// Failures in a row.
        pub failures: i64,
        /// How often in a row it opened.
        pub opens: i64,
        /// When it opened.
        pub since: Option<Millis>,
        /// When the next try may be made.
        pub retry_at: Option<Millis>,
        /// Why it opened: the code of a provider error.
        pub reason: Option<String>,
    }
}

impl BreakerRow {
    /// That of a connection that has had no trouble.
    #[must_use]
    pub const fn closed(connection: ConnectionId) -> BreakerRow {
        BreakerRow {
            connection,
            state: BreakerState::Closed,
            failures: 0,
            opens: 0,
            since: None,
            retry_at: None,
            reason: None,
        }
    }
}

/// A connection that does not simply send, as a claim sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Broken {
    pub(crate) workspace: Workspace,
    pub(crate) connection: ConnectionId,
    pub(crate) retry_at: Millis,
}

impl Scope<'_> {
    /// The breakers of this workspace that ever opened or counted.
    pub fn breakers(&mut self) -> Result<Vec<BreakerRow>> {
        self.rows(ALL, &[])
    }

    /// One connection's breaker.
    pub fn breaker(&mut self, connection: ConnectionId) -> Result<BreakerRow> {
        Ok(self.row(ONE, values![connection])?.unwrap_or(BreakerRow::closed(connection)))
    }
}

impl Tx<'_> {
    /// Writes a breaker.
    pub fn set_breaker(&mut self, b: &BreakerRow) -> Result<()> {
        self.write(
            SET,
            values![b.connection, b.state.as_str(), b.failures, b.opens, b.since, b.retry_at, b.reason.clone()],
        )?;
        self.wake_workers();
        Ok(())
    }

    /// A text that was claimed does not leave. If it was the one that was to try whether the provider is back, the next one does, at once.
    pub(crate) fn probed_nothing(&mut self, job: &ClaimedJob) -> Result<()> {
        let now = self.now();
        self.write(PROBED_NOTHING, values![job.seq, job.n, job.fence, now])
    }
}

impl Root<'_> {
    pub(crate) fn broken(&mut self) -> Result<Vec<Broken>> {
        let rows: Vec<(Workspace, ConnectionId, Option<Millis>)> = self.connection.rows(NOT_CLOSED, &[])?;
        let broken = |(workspace, connection, retry_at): (_, _, Option<Millis>)| Broken {
            workspace,
            connection,
            retry_at: retry_at.unwrap_or(Millis(0)),
        };
        Ok(rows.into_iter().map(broken).collect())
    }

    /// Is it our turn to try? Once it is, nobody else tries before [`Root::probes`] says until when. A try that is put off beyond
    /// `never_after` was so by a clock that has been set back since, and is due.
    pub(crate) fn may_probe(&mut self, broken: &Broken, now: Millis, never_after: Millis) -> Result<bool> {
        let of = values![broken.workspace, broken.connection, now, never_after];
        let due = self.connection.row::<(Option<Millis>,)>(LOCK_DUE, of)?;
        Ok(due.is_some())
    }

    /// One text tries; the next may after `until`, should this one never come back.
    pub(crate) fn probes(&mut self, broken: &Broken, until: Millis) -> Result<()> {
        self.connection.write(PROBE, values![broken.workspace, broken.connection, until])
    }
}
