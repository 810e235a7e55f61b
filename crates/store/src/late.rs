//! What is late: due for a while though nothing holds it back.
//!
//! That a job has been due for long says nothing by itself: seven hundred texts of a number that sends one a second take twelve minutes,
//! and texts whose provider can't be reached wait until it is back. So a text is late from the moment at which its turn in its lane had
//! come, its sender was free and, where its breaker is open, the next try was due: each text that leaves, and each try, moves that
//! moment on. Work that keeps no pace is late while nobody does any of its kind.

use partyline_core::id::ConnectionId;
use partyline_core::time::Millis;

use crate::error::Result;
use crate::scope::{Root, Workspace};
use crate::senders::{Pace, is_free_at};
use crate::sql::queries;
use crate::value::{FromRow, Row, row, values};

queries! {
    FREE = "SELECT j.kind, min(j.run_at) FROM jobs j WHERE j.state = 'ready' AND j.sender IS NULL AND j.run_at <= $1 AND (j.lane IS NULL OR NOT EXISTS (SELECT 1 FROM jobs k WHERE k.workspace = j.workspace AND k.lane = j.lane AND k.state <> 'dead' AND (k.seq, k.n) < (j.seq, j.n))) GROUP BY j.kind ORDER BY j.kind";
    IN_HAND = "SELECT DISTINCT kind FROM jobs WHERE state = 'running' AND sender IS NULL AND lease_until > $1";
    TEXTS = "SELECT (SELECT j.run_at FROM jobs j WHERE j.workspace = s.workspace AND j.sender = s.channel_id AND j.state = 'ready' AND j.run_at <= $1 AND (j.lane IS NULL OR NOT EXISTS (SELECT 1 FROM jobs k WHERE k.workspace = j.workspace AND k.lane = j.lane AND k.state <> 'dead' AND (k.seq, k.n) < (j.seq, j.n))) ORDER BY j.run_at, j.seq, j.n LIMIT 1), s.free_us, s.message_us, s.segment_us, (SELECT coalesce(b.retry_at, 0) FROM breakers b WHERE b.workspace = c.workspace AND b.connection_id = c.connection_id AND b.state <> 'closed') FROM senders s JOIN channels c ON c.workspace = s.workspace AND c.id = s.channel_id";
    PARKED = "SELECT b.workspace, b.connection_id, n.name, b.since, b.reason FROM breakers b JOIN connections n ON n.workspace = b.workspace AND n.id = b.connection_id WHERE b.state <> 'closed' AND EXISTS (SELECT 1 FROM channels c JOIN jobs j ON j.workspace = c.workspace AND j.sender = c.id WHERE c.workspace = b.workspace AND c.connection_id = b.connection_id AND j.state = 'ready' AND j.run_at <= $1) ORDER BY b.workspace, b.connection_id";
}

/// The oldest text of a sender whose turn in its lane has come.
struct NextText {
    due: Option<Millis>,
    free_us: i64,
    pace: Pace,
    /// When the next try is due; `None` where the connection simply sends.
    retry_at: Option<Millis>,
}

impl FromRow for NextText {
    fn from_row(row: &mut Row) -> Result<Self> {
        Ok(NextText {
            due: row.get()?,
            free_us: row.get()?,
            pace: Pace { message_us: row.get()?, segment_us: row.get()? },
            retry_at: row.get()?,
        })
    }
}

row! {
    /// A connection whose texts wait because its provider can't be reached.
    pub struct ParkedRow {
        /// Whose.
        pub workspace: Workspace,
        /// Which.
        pub connection: ConnectionId,
        /// What people call it.
        pub name: String,
        /// When the breaker opened.
        pub since: Option<Millis>,
        /// Why: the code of a provider error.
        pub reason: Option<String>,
    }
}

impl Root<'_> {
    /// Since when something could have been done that keeps no pace, by kind. Left out: kinds of which somebody does some, and what
    /// waits behind another of its lane.
    pub fn late_jobs(&mut self, now: Millis) -> Result<Vec<(String, Millis)>> {
        let in_hand: Vec<(String,)> = self.connection.rows(IN_HAND, values![now])?;
        let mut late: Vec<(String, Millis)> = self.connection.rows(FREE, values![now])?;
        late.retain(|(kind, _)| !in_hand.iter().any(|(k,)| k == kind));
        Ok(late)
    }

    /// Since when a text could have left whose sender is free and whose connection may try. After `now` where a sender's next turn is
    /// yet to come; `None` where no text is due.
    pub fn late_texts(&mut self, now: Millis) -> Result<Option<Millis>> {
        let next: Vec<NextText> = self.connection.rows(TEXTS, values![now])?;
        let could_leave = |text: NextText| {
            let free = is_free_at(text.free_us, text.pace, now);
            Some(text.due?.max(free).max(text.retry_at.unwrap_or_default()))
        };
        Ok(next.into_iter().filter_map(could_leave).min())
    }

    /// Connections whose texts are due and wait until their provider can be reached.
    pub fn parked_connections(&mut self, now: Millis) -> Result<Vec<ParkedRow>> {
        self.connection.rows(PARKED, values![now])
    }
}
