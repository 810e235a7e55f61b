//! How full the queues are, over all workspaces: numbers for whoever looks after the installation, and nothing that tells whose
//! they are.

use partyline_core::time::Millis;

use crate::error::Result;
use crate::scope::Root;
use crate::sql::queries;
use crate::value::{row, values};

queries! {
    JOBS = "SELECT kind, CASE WHEN state = 'ready' AND run_at > $1 THEN 'waiting' ELSE state END AS stands, count(*) FROM jobs GROUP BY 1, 2";
    QUARANTINED = "SELECT count(*) FROM inbound WHERE state = 'quarantined'";
    UNSEALED = "SELECT CAST(coalesce(sum(h.seq - coalesce((SELECT b.last_seq FROM blocks b WHERE b.workspace = h.workspace ORDER BY b.first_seq DESC LIMIT 1), 0)), 0) AS BIGINT) FROM log_heads h";
    READ_TO = "SELECT min(coalesce(t.read_to - coalesce(t.skew, 0), t.since)) FROM channel_turns t JOIN channels c ON c.workspace = t.workspace AND c.id = t.channel_id JOIN connections n ON n.workspace = c.workspace AND n.id = c.connection_id WHERE t.about = 'messages' AND c.mode = 'polling' AND c.removed_at IS NULL AND n.credentials IS NOT NULL";
}

row! {
    /// Jobs of one kind that stand alike.
    pub struct JobsRow {
        /// What is to be done.
        pub kind: String,
        /// `ready`: it is due; `waiting`: for its time; `running`; `dead`.
        pub state: String,
        /// How many.
        pub count: i64,
    }
}

impl Root<'_> {
    /// Every job, by kind and how it stands.
    pub fn jobs_by_state(&mut self, now: Millis) -> Result<Vec<JobsRow>> {
        self.connection.rows(JOBS, values![now])
    }

    /// What waits for a person because nobody could make anything of it.
    pub fn quarantined_count(&mut self) -> Result<i64> {
        Ok(self.connection.row::<(i64,)>(QUARANTINED, &[])?.map_or(0, |(n,)| n))
    }

    /// Events that are not sealed yet.
    pub fn unsealed_count(&mut self) -> Result<i64> {
        Ok(self.connection.row::<(i64,)>(UNSEALED, &[])?.map_or(0, |(n,)| n))
    }

    /// Up to when everything is here from every channel in polling mode that can be asked, by our clock. `None`: there is none.
    pub fn all_read_to(&mut self) -> Result<Option<Millis>> {
        Ok(self.connection.row::<(Option<Millis>,)>(READ_TO, &[])?.and_then(|(at,)| at))
    }
}
