//! What a restored outbox holds, and what is made of it: the texts that were on their way when the backup was taken.

use partyline_core::time::Millis;

use crate::entries::DeliveryRow;
use crate::error::Result;
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::values;

queries! {
    UNSETTLED = "SELECT seq FROM deliveries WHERE workspace = $1 AND seq > $2 AND status IN ('scheduled', 'queued', 'sending', 'unknown') ORDER BY seq LIMIT $3";
    SUPPOSE = "INSERT INTO attempts (workspace, seq, attempt, fence, started_at, ended_at, outcome, detail) VALUES ($1, $2, $3, 0, $4, $5, 'unknown', 'restored')";
    ONLY_LOOK = "UPDATE jobs SET state = 'ready', run_at = $4, lease_until = 0, fence = fence + 1, sender = NULL, holder = NULL, payload = $5 WHERE workspace = $1 AND seq = $2 AND kind = $3 AND state <> 'dead'";
    FREE = "UPDATE jobs SET state = 'ready', lease_until = 0, fence = fence + 1, holder = NULL WHERE workspace = $1 AND state = 'running'";
}

impl Scope<'_> {
    /// Deliveries that are not settled, after a seq, in order.
    pub fn unsettled_after(&mut self, seq: i64, limit: i64) -> Result<Vec<DeliveryRow>> {
        let seqs: Vec<(i64,)> = self.rows(UNSETTLED, values![seq, limit])?;
        let mut rows = Vec::with_capacity(seqs.len());
        for (seq,) in seqs {
            rows.extend(self.delivery(seq)?);
        }
        Ok(rows)
    }
}

impl Tx<'_> {
    /// Takes back every claim of the servers that this database was copied from.
    pub fn free_jobs(&mut self) -> Result<u64> {
        self.run(FREE, &[])
    }

    /// Notes an attempt that the time after the backup may have made.
    pub fn suppose_attempt(&mut self, seq: i64, attempt: i64, started_at: Millis) -> Result<()> {
        let now = self.now();
        self.write(SUPPOSE, values![seq, attempt, started_at, now])
    }

    /// Turns the delivery's job into one with this payload, due now. `false`: it has none.
    pub fn rewrite_job(&mut self, seq: i64, kind: &str, payload: &str) -> Result<bool> {
        let now = self.now();
        self.wake_workers();
        Ok(self.run(ONLY_LOOK, values![seq, kind, now, payload])? > 0)
    }
}
