//! Jobs: what is still to be done, in the same transaction as the reason for it.
//!
//! A lane is one recipient on one channel. Of a lane only the oldest job runs, so texts arrive in the order in which they were written.
//! A claim is a lease with a fence: who lost its lease can't finish the job.

use partyline_core::id::ChannelId;
use partyline_core::time::Millis;
use uuid::Uuid;

use crate::error::Result;
use crate::scope::{Root, Tx, Workspace};
use crate::sql::{Sql, queries};
use crate::value::{row, values};

// what nobody holds has no holder: a program that knows no nodes claims without naming one, and must not seem to be one that is gone
queries! {
    ADD = "INSERT INTO jobs (workspace, seq, n, kind, lane, payload, run_at, state, fence) VALUES ($1, $2, (SELECT coalesce(max(n), -1) + 1 FROM jobs WHERE workspace = $1 AND seq = $2), $3, $4, $5, $6, 'ready', $7)";
    ADD_TEXT = "INSERT INTO jobs (workspace, seq, n, kind, lane, payload, run_at, state, sender, segments, fence) VALUES ($1, $2, (SELECT coalesce(max(n), -1) + 1 FROM jobs WHERE workspace = $1 AND seq = $2), $3, $4, $5, $6, 'ready', $7, $8, $9)";
    NEXT_DUE = "SELECT min(run_at) FROM jobs WHERE state = 'ready' AND run_at > $1";
    NEXT_LEASE = "SELECT min(lease_until) FROM jobs WHERE state = 'running' AND lease_until > $1";
    TAKE_ALL_BACK = "UPDATE jobs SET state = 'ready', run_at = $1, sender = NULL, holder = NULL, fence = fence + 1 WHERE state = 'running'";
    DONE = "DELETE FROM jobs WHERE workspace = $1 AND seq = $2 AND n = $3 AND fence = $4";
    AGAIN = "UPDATE jobs SET state = 'ready', holder = NULL, run_at = $5, last_error = $6, payload = coalesce($7, payload) WHERE workspace = $1 AND seq = $2 AND n = $3 AND fence = $4";
    WAITS = "UPDATE jobs SET state = 'ready', holder = NULL, run_at = $5, attempts = attempts - 1 WHERE workspace = $1 AND seq = $2 AND n = $3 AND fence = $4";
    KEEP_PACE = "UPDATE jobs SET sender = $5 WHERE workspace = $1 AND seq = $2 AND n = $3 AND fence = $4";
    BUSY = "SELECT 1 FROM jobs WHERE workspace = $1 AND lane = $2 AND state = 'running' AND (seq, n) <> ($3, $4) LIMIT 1";
    TAKE_LANE = "UPDATE jobs SET lane = $5 WHERE workspace = $1 AND seq = $2 AND n = $3 AND fence = $4";
    GIVE_UP = "UPDATE jobs SET state = 'dead', last_error = $5 WHERE workspace = $1 AND seq = $2 AND n = $3 AND fence = $4";
    HOLDS = "SELECT 1 FROM jobs WHERE workspace = $1 AND seq = $2 AND n = $3 AND fence = $4 AND state = 'running'";
    PAYLOAD = "SELECT payload FROM jobs WHERE workspace = $1 AND seq = $2 AND kind = $3 AND state = 'ready' ORDER BY n LIMIT 1";
    WITHDRAW = "DELETE FROM jobs WHERE workspace = $1 AND seq = $2 AND kind = $3 AND state = 'ready'";
    GIVEN_UP = "SELECT workspace, seq, n, kind, payload, attempts, run_at, last_error FROM jobs WHERE state = 'dead' ORDER BY workspace, seq, n LIMIT $1";
    REVIVE = "UPDATE jobs SET state = 'ready', run_at = $4, attempts = 0, holder = NULL, fence = fence + 1 WHERE workspace = $1 AND seq = $2 AND n = $3 AND state = 'dead'";
    FORGET = "DELETE FROM jobs WHERE workspace = $1 AND seq = $2 AND n = $3 AND state = 'dead'";
    ALIVE = "SELECT 1 FROM jobs WHERE workspace = $1 AND seq = $2 AND kind = $3 AND state <> 'dead' LIMIT 1";
    RUNNING = "SELECT count(*) FROM jobs WHERE state = 'running'";
    WAITING = "SELECT count(*) FROM jobs WHERE state <> 'dead'";
}

const CLAIM: Sql = Sql::differs(
    "jobs::CLAIM",
    "UPDATE jobs SET state = 'running', lease_until = $2, fence = fence + 1, attempts = attempts + 1, holder = $4 WHERE (workspace, seq, n) IN (SELECT j.workspace, j.seq, j.n FROM jobs j WHERE j.state = 'ready' AND j.sender IS NULL AND j.kind = $5 AND j.run_at <= $1 AND (j.lane IS NULL OR NOT EXISTS (SELECT 1 FROM jobs k WHERE k.workspace = j.workspace AND k.lane = j.lane AND k.state <> 'dead' AND (k.seq, k.n) < (j.seq, j.n))) ORDER BY j.run_at, j.workspace, j.seq, j.n LIMIT $3) RETURNING workspace, seq, n, kind, payload, attempts, fence, run_at, holder, sender, segments",
    "UPDATE jobs SET state = 'running', lease_until = $2, fence = fence + 1, attempts = attempts + 1, holder = $4 WHERE (workspace, seq, n) IN (SELECT j.workspace, j.seq, j.n FROM jobs j WHERE j.state = 'ready' AND j.sender IS NULL AND j.kind = $5 AND j.run_at <= $1 AND (j.lane IS NULL OR NOT EXISTS (SELECT 1 FROM jobs k WHERE k.workspace = j.workspace AND k.lane = j.lane AND k.state <> 'dead' AND (k.seq, k.n) < (j.seq, j.n))) ORDER BY j.run_at, j.workspace, j.seq, j.n LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING workspace, seq, n, kind, payload, attempts, fence, run_at, holder, sender, segments",
);
pub(crate) const DIFFERING: &[Sql] = &[CLAIM];

row! {
    /// A job that this worker holds.
    pub struct ClaimedJob {
        /// Whose.
        pub workspace: Workspace,
        /// The event that caused it.
        pub seq: i64,
        /// Which of that event's jobs.
        pub n: i64,
        /// What is to be done.
        pub kind: String,
        /// JSON for whoever does it.
        pub payload: String,
        /// How often it was claimed, this time included.
        pub attempts: i64,
        /// What proves that the lease is still ours.
        pub fence: i64,
        /// When it was due.
        pub run_at: Millis,
        /// As whom we claimed it.
        pub holder: Uuid,
        /// The channel whose pace it keeps; none for what sends nothing.
        pub sender: Option<ChannelId>,
        /// What it takes of its sender's time.
        pub segments: i64,
    }
}

row! {
    /// A job that was given up.
    pub struct DeadJob {
        /// Whose.
        pub workspace: Workspace,
        /// The event that caused it.
        pub seq: i64,
        /// Which of that event's jobs.
        pub n: i64,
        /// What was to be done.
        pub kind: String,
        /// JSON for whoever does it.
        pub payload: String,
        /// How often it was claimed.
        pub attempts: i64,
        /// When it was due for the last time.
        pub due: Millis,
        /// Why it was given up, for who runs the server.
        pub error: Option<String>,
    }
}

impl Root<'_> {
    /// Up to `limit` jobs that were given up, the oldest of each workspace first.
    pub fn given_up(&mut self, limit: i64) -> Result<Vec<DeadJob>> {
        self.connection.rows(GIVEN_UP, values![limit])
    }

    /// Takes back what a node that is gone had claimed, and what was claimed for too long. It keeps no pace until somebody has looked at
    /// it: it may have left.
    pub fn take_back_expired(&mut self, node: Uuid, now: Millis) -> Result<u64> {
        self.take_back(node, now)
    }

    /// Claims up to `limit` jobs of a kind that are due and keep no pace, for `node`, until `lease_until` by this node's own clock. Texts
    /// that leave are claimed by [`Root::claim_texts`].
    pub fn claim_jobs(
        &mut self,
        node: Uuid,
        now: Millis,
        lease_until: Millis,
        kind: &str,
        limit: i64,
    ) -> Result<Vec<ClaimedJob>> {
        if limit <= 0 {
            return Ok(Vec::new());
        }
        self.connection.rows(CLAIM, values![now, lease_until, limit, node, kind])
    }

    /// Takes back what a process that is gone had claimed. Only where nobody else can be at work: a SQLite file has one server.
    /// Who works after all finds its fence gone and can't finish.
    pub fn take_back_jobs(&mut self, now: Millis) -> Result<u64> {
        self.connection.run(TAKE_ALL_BACK, values![now])
    }

    /// When the next job is due or the next lease ends.
    pub fn next_job(&mut self, now: Millis) -> Result<Option<Millis>> {
        let due = self.connection.row::<(Option<Millis>,)>(NEXT_DUE, values![now])?.and_then(|(at,)| at);
        let lease = self.connection.row::<(Option<Millis>,)>(NEXT_LEASE, values![now])?.and_then(|(at,)| at);
        Ok(due.into_iter().chain(lease).min())
    }

    /// Jobs that somebody holds.
    pub fn jobs_running(&mut self) -> Result<i64> {
        Ok(self.connection.row::<(i64,)>(RUNNING, &[])?.map_or(0, |(n,)| n))
    }

    /// Jobs that are not done and not dead.
    pub fn jobs_waiting(&mut self) -> Result<i64> {
        Ok(self.connection.row::<(i64,)>(WAITING, &[])?.map_or(0, |(n,)| n))
    }
}

/// Claims of a job for which there is room before the next millisecond's fences begin.
const CLAIMS_BITS: u32 = 10;

/// Where the fence of a new job begins. A job may stand in the place of one that was taken back or done, with the same seq and n: were it
/// to begin at 0 there, who lost the lease of the first could hold the number of the second's claim.
fn first_fence(now: Millis) -> i64 {
    now.0 << CLAIMS_BITS
}

/// A text in the queue of its sender.
#[derive(Debug, Clone, Copy)]
pub struct Paced<'a> {
    /// Whom it waits behind; `None`: nobody, until it is due.
    pub lane: Option<&'a [u8]>,
    /// Whose pace it keeps.
    pub sender: ChannelId,
    /// What it takes of that.
    pub segments: i64,
}

impl Tx<'_> {
    /// Adds a job, due at `run_at`, caused by the event `seq`.
    pub fn add_job(&mut self, seq: i64, kind: &str, lane: Option<&[u8]>, payload: &str, run_at: Millis) -> Result<()> {
        let fence = first_fence(self.now());
        self.write(ADD, values![seq, kind, lane, payload, run_at, fence])?;
        self.wake_workers();
        Ok(())
    }

    /// Adds a job that sends a text through a channel, at that channel's pace.
    pub fn add_text_job(&mut self, seq: i64, kind: &str, payload: &str, run_at: Millis, text: Paced<'_>) -> Result<()> {
        let Paced { lane, sender, segments } = text;
        let fence = first_fence(self.now());
        self.write(ADD_TEXT, values![seq, kind, lane, payload, run_at, sender, segments, fence])?;
        self.wake_workers();
        Ok(())
    }

    /// Do we still hold it? Asked in the transaction that acts on it.
    pub fn holds_job(&mut self, job: &ClaimedJob) -> Result<bool> {
        Ok(self.row::<(i64,)>(HOLDS, values![job.seq, job.n, job.fence])?.is_some())
    }

    /// It is done. `false`: the lease was lost, and what we did must be thrown away.
    pub fn job_done(&mut self, job: &ClaimedJob) -> Result<bool> {
        let gone = self.run(DONE, values![job.seq, job.n, job.fence])? > 0;
        // the next one of the lane may be due
        self.wake_workers();
        Ok(gone)
    }

    /// It is to be tried again at `run_at`, with what was learnt meanwhile as its new payload.
    pub fn job_again(
        &mut self,
        job: &ClaimedJob,
        run_at: Millis,
        error: Option<&str>,
        payload: Option<&str>,
    ) -> Result<bool> {
        self.wake_workers();
        Ok(self.run(AGAIN, values![job.seq, job.n, job.fence, run_at, error, payload])? > 0)
    }

    /// It is not its turn yet: it is due again at `run_at`, and this claim does not count.
    pub fn job_waits(&mut self, job: &ClaimedJob, run_at: Millis) -> Result<bool> {
        self.wake_workers();
        Ok(self.run(WAITS, values![job.seq, job.n, job.fence, run_at])? > 0)
    }

    /// From here on it keeps the pace of a channel, or none.
    pub fn job_keeps_pace(&mut self, job: &ClaimedJob, sender: Option<ChannelId>) -> Result<bool> {
        Ok(self.run(KEEP_PACE, values![job.seq, job.n, job.fence, sender])? > 0)
    }

    /// Does a worker hold another job of this lane?
    pub fn lane_is_busy(&mut self, job: &ClaimedJob, lane: &[u8]) -> Result<bool> {
        Ok(self.row::<(i64,)>(BUSY, values![lane, job.seq, job.n])?.is_some())
    }

    /// It enters a lane, and holds back what is newer there; or it leaves its lane.
    pub fn job_takes_lane(&mut self, job: &ClaimedJob, lane: Option<&[u8]>) -> Result<bool> {
        self.wake_workers();
        Ok(self.run(TAKE_LANE, values![job.seq, job.n, job.fence, lane])? > 0)
    }

    /// It can't be done; it stays for a person and does not hold its lane.
    pub fn job_dead(&mut self, job: &ClaimedJob, error: &str) -> Result<bool> {
        self.wake_workers();
        Ok(self.run(GIVE_UP, values![job.seq, job.n, job.fence, error])? > 0)
    }

    /// A job that was given up is due again, as if it had never been tried. `false`: it is not dead any more.
    pub fn revive_job(&mut self, job: &DeadJob) -> Result<bool> {
        self.wake_workers();
        let now = self.now();
        Ok(self.run(REVIVE, values![job.seq, job.n, now])? > 0)
    }

    /// A job that was given up is forgotten. `false`: it is not dead any more.
    pub fn forget_job(&mut self, job: &DeadJob) -> Result<bool> {
        Ok(self.run(FORGET, values![job.seq, job.n])? > 0)
    }

    /// Is there a job of this kind for the same event that was not given up?
    pub fn has_living_job(&mut self, seq: i64, kind: &str) -> Result<bool> {
        Ok(self.row::<(i64,)>(ALIVE, values![seq, kind])?.is_some())
    }

    /// What a job that no worker holds remembers.
    pub fn job_payload(&mut self, seq: i64, kind: &str) -> Result<Option<String>> {
        Ok(self.row::<(String,)>(PAYLOAD, values![seq, kind])?.map(|(payload,)| payload))
    }

    /// Takes back a job that no worker holds. `false`: there is none.
    pub fn withdraw_job(&mut self, seq: i64, kind: &str) -> Result<bool> {
        let gone = self.run(WITHDRAW, values![seq, kind])? > 0;
        if gone {
            self.wake_workers();
        }
        Ok(gone)
    }
}
