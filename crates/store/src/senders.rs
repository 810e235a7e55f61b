//! Senders: how fast each of our numbers may send, kept by all nodes together.
//!
//! Virtual scheduling: a sender has a moment from which it is free, and each text moves that moment on by what it takes of the
//! sender's time. Texts stay where they are until their sender is free, so ten thousand waiting texts of one number cost the
//! others nothing: a claim asks sender by sender, the one that has been free for longest first, and never scans a backlog.
//!
//! Providers count per second, so a sender that was idle may begin with one second's worth at once (at least one text).

use partyline_core::id::{ChannelId, ConnectionId};
use partyline_core::time::Millis;
use uuid::Uuid;

use crate::error::Result;
use crate::jobs::ClaimedJob;
use crate::scope::{Root, Tx, Workspace};
use crate::sql::{Sql, queries};
use crate::value::{FromRow, Row, values};

queries! {
    BEGIN_PACE = "INSERT INTO senders (workspace, channel_id, message_us, segment_us) VALUES ($1, $2, $3, $4) ON CONFLICT (workspace, channel_id) DO NOTHING";
    SET_PACE = "INSERT INTO senders (workspace, channel_id, message_us, segment_us) VALUES ($1, $2, $3, $4) ON CONFLICT (workspace, channel_id) DO UPDATE SET message_us = $3, segment_us = $4";
    GIVE_BACK = "UPDATE senders SET free_us = free_us - CASE WHEN segment_us * $3 > message_us THEN segment_us * $3 ELSE message_us END WHERE workspace = $1 AND channel_id = $2";
    SET_FREE = "UPDATE senders SET free_us = $3 WHERE workspace = $1 AND channel_id = $2";
    DUE = "SELECT s.workspace, s.channel_id, c.connection_id, s.free_us, s.message_us, s.segment_us FROM senders s JOIN channels c ON c.workspace = s.workspace AND c.id = s.channel_id WHERE EXISTS (SELECT 1 FROM jobs j WHERE j.workspace = s.workspace AND j.sender = s.channel_id AND j.state = 'ready' AND j.run_at <= $1) ORDER BY s.free_us, s.workspace, s.channel_id";
    IN_FLIGHT = "SELECT j.workspace, c.connection_id, count(*) FROM jobs j JOIN channels c ON c.workspace = j.workspace AND c.id = j.sender WHERE j.state = 'running' AND j.sender IS NOT NULL GROUP BY j.workspace, c.connection_id";
    TAKE = "UPDATE jobs SET state = 'running', lease_until = $4, fence = fence + 1, attempts = attempts + 1, holder = $5 WHERE workspace = $1 AND seq = $2 AND n = $3 RETURNING workspace, seq, n, kind, payload, attempts, fence, run_at, holder, sender, segments";
}

/// Another node that serves this sender right now is left to it.
const LOCK: Sql = Sql::differs(
    "senders::LOCK",
    "SELECT free_us, message_us, segment_us FROM senders WHERE workspace = $1 AND channel_id = $2",
    "SELECT free_us, message_us, segment_us FROM senders WHERE workspace = $1 AND channel_id = $2 FOR UPDATE SKIP LOCKED",
);
/// What is due of one sender, the oldest of each lane alone.
const NEXT: Sql = Sql::differs(
    "senders::NEXT",
    "SELECT j.seq, j.n, j.segments FROM jobs j WHERE j.workspace = $1 AND j.sender = $2 AND j.state = 'ready' AND j.run_at <= $3 AND (j.lane IS NULL OR NOT EXISTS (SELECT 1 FROM jobs k WHERE k.workspace = j.workspace AND k.lane = j.lane AND k.state <> 'dead' AND (k.seq, k.n) < (j.seq, j.n))) ORDER BY j.run_at, j.seq, j.n LIMIT $4",
    "SELECT j.seq, j.n, j.segments FROM jobs j WHERE j.workspace = $1 AND j.sender = $2 AND j.state = 'ready' AND j.run_at <= $3 AND (j.lane IS NULL OR NOT EXISTS (SELECT 1 FROM jobs k WHERE k.workspace = j.workspace AND k.lane = j.lane AND k.state <> 'dead' AND (k.seq, k.n) < (j.seq, j.n))) ORDER BY j.run_at, j.seq, j.n LIMIT $4 FOR UPDATE SKIP LOCKED",
);
pub(crate) const DIFFERING: &[Sql] = &[LOCK, NEXT];

/// Microseconds of a millisecond.
const MILLI: i64 = 1_000;
/// What an idle sender may begin with at once, in microseconds of its time: providers count per second.
const BURST_US: i64 = 1_000_000;
/// More segments than a text ever has: the longest that may be written is 24.
const SEGMENTS_MAX: i64 = 32;

/// What a text takes of its sender's time, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// A text, however short.
    pub message_us: i64,
    /// Each segment of it.
    pub segment_us: i64,
}

impl Pace {
    fn of(self, segments: i64) -> i64 {
        self.message_us.max(self.segment_us.saturating_mul(segments))
    }

    /// When a sender is free that says `free_us`. What is further ahead than the longest text can have moved it was said by a clock that
    /// has been set back since: it is free now.
    fn free_us(self, free_us: i64, now_us: i64) -> i64 {
        let longest = self.of(SEGMENTS_MAX).saturating_add(BURST_US);
        if free_us.saturating_sub(now_us) > longest { now_us } else { free_us }
    }
}

/// A sender that has something due.
struct DueSender {
    workspace: Workspace,
    channel: ChannelId,
    connection: ConnectionId,
    free_us: i64,
    pace: Pace,
}

impl FromRow for DueSender {
    fn from_row(row: &mut Row) -> Result<Self> {
        Ok(DueSender {
            workspace: row.get()?,
            channel: row.get()?,
            connection: row.get()?,
            free_us: row.get()?,
            pace: Pace { message_us: row.get()?, segment_us: row.get()? },
        })
    }
}

/// How many texts may be claimed.
#[derive(Debug, Clone, Copy)]
pub struct ClaimTexts {
    /// For which node.
    pub node: Uuid,
    /// What time it is.
    pub now: Millis,
    /// Until when they are ours.
    pub lease_until: Millis,
    /// In all.
    pub limit: i64,
    /// Of one connection, with those that are in flight already, on all nodes.
    pub per_connection: i64,
    /// While a connection's breaker is open, its texts wait; those that were due before this are claimed all the same, to be given up.
    pub given_up_before: Millis,
    /// A text that tries whether the provider is back has until then.
    pub probe_until: Millis,
    /// No such try is put off for longer than until then.
    pub probe_never_after: Millis,
}

/// Texts that were claimed, and when there may be more.
#[derive(Debug)]
pub struct ClaimedTexts {
    /// Ours until the lease ends.
    pub jobs: Vec<ClaimedJob>,
    /// When the next sender that has something due is free; `None` where none waits for that.
    pub next: Option<Millis>,
}

/// When the sender may begin its next text.
fn free_at(free_us: i64, message_us: i64) -> i64 {
    free_us - (BURST_US - message_us).max(0)
}

/// When a sender that says `free_us` may begin its next text.
pub(crate) fn is_free_at(free_us: i64, pace: Pace, now: Millis) -> Millis {
    let free_us = pace.free_us(free_us, now.0.saturating_mul(MILLI));
    in_millis(free_at(free_us, pace.message_us))
}

impl Root<'_> {
    /// Claims texts that are due and whose senders are free, in turns: no sender gets a second one while another waits for its first.
    pub fn claim_texts(&mut self, claim: ClaimTexts) -> Result<ClaimedTexts> {
        let now_us = claim.now.0.saturating_mul(MILLI);
        let mut claimed = ClaimedTexts { jobs: Vec::new(), next: None };
        if claim.limit <= 0 {
            return Ok(claimed);
        }
        let mut due: Vec<DueSender> = self.connection.rows(DUE, values![claim.now])?;
        for sender in &mut due {
            sender.free_us = sender.pace.free_us(sender.free_us, now_us);
        }
        let (free, busy): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|s| free_at(s.free_us, s.pace.message_us) <= now_us);
        claimed.next = busy.iter().map(|s| in_millis(free_at(s.free_us, s.pace.message_us))).min();
        if free.is_empty() {
            return Ok(claimed);
        }
        let mut in_flight: Vec<(Workspace, ConnectionId, i64)> = self.connection.rows(IN_FLIGHT, &[])?;
        let broken = self.broken()?;
        let mut probing: Vec<(Workspace, ConnectionId)> = Vec::new();
        let share = (claim.limit / i64::try_from(free.len()).unwrap_or(1)).max(1);
        for sender in free {
            let left = claim.limit - i64::try_from(claimed.jobs.len()).unwrap_or(i64::MAX);
            let at = match in_flight.iter().position(|(w, c, _)| (*w, *c) == (sender.workspace, sender.connection)) {
                Some(at) => at,
                None => {
                    in_flight.push((sender.workspace, sender.connection, 0));
                    in_flight.len() - 1
                }
            };
            let limit = share.min(left).min(claim.per_connection - in_flight[at].2);
            if limit <= 0 {
                continue;
            }
            let key = (sender.workspace, sender.connection);
            let (jobs, free_us) = match broken.iter().find(|b| (b.workspace, b.connection) == key) {
                None => self.claim_of(&sender, claim, limit, claim.now)?,
                Some(b) if !probing.contains(&key) && self.may_probe(b, claim.now, claim.probe_never_after)? => {
                    let tried = self.claim_of(&sender, claim, 1, claim.now)?;
                    if !tried.0.is_empty() {
                        self.probes(b, claim.probe_until)?;
                        probing.push(key);
                    }
                    tried
                }
                Some(b) => {
                    let again = b.retry_at.max(claim.now + 1);
                    claimed.next = Some(claimed.next.map_or(again, |n| n.min(again)));
                    self.claim_of(&sender, claim, limit, claim.given_up_before)?
                }
            };
            in_flight[at].2 += i64::try_from(jobs.len()).unwrap_or(0);
            let next = in_millis(free_at(free_us, sender.pace.message_us));
            if !jobs.is_empty() {
                claimed.next = Some(claimed.next.map_or(next, |n| n.min(next)));
            }
            claimed.jobs.extend(jobs);
        }
        Ok(claimed)
    }

    /// Claims up to `limit` texts of one sender that were `due`, and moves its free moment on by what they take.
    fn claim_of(
        &mut self,
        sender: &DueSender,
        claim: ClaimTexts,
        limit: i64,
        due: Millis,
    ) -> Result<(Vec<ClaimedJob>, i64)> {
        let (workspace, channel) = (sender.workspace, sender.channel);
        let locked: Option<(i64, i64, i64)> = self.connection.row(LOCK, values![workspace, channel])?;
        let Some((free_us, message_us, segment_us)) = locked else { return Ok((Vec::new(), sender.free_us)) };
        let pace = Pace { message_us, segment_us };
        let now_us = claim.now.0.saturating_mul(MILLI);
        let mut free_us = pace.free_us(free_us, now_us);
        let next: Vec<(i64, i64, i64)> = self.connection.rows(NEXT, values![workspace, channel, due, limit])?;
        let mut jobs = Vec::with_capacity(next.len());
        for (seq, n, segments) in next {
            if free_at(free_us, message_us) > now_us {
                break;
            }
            free_us = free_us.max(now_us) + pace.of(segments);
            jobs.extend(
                self.connection.row::<ClaimedJob>(TAKE, values![workspace, seq, n, claim.lease_until, claim.node])?,
            );
        }
        if !jobs.is_empty() {
            self.connection.write(SET_FREE, values![workspace, channel, free_us])?;
        }
        Ok((jobs, free_us))
    }
}

/// The first millisecond that is not before it.
fn in_millis(us: i64) -> Millis {
    Millis(us.div_euclid(MILLI) + i64::from(us.rem_euclid(MILLI) > 0))
}

impl Tx<'_> {
    /// Gives a channel its pace where it has none yet.
    pub fn begin_pace(&mut self, channel: ChannelId, pace: Pace) -> Result<()> {
        self.write(BEGIN_PACE, values![channel, pace.message_us, pace.segment_us])
    }

    /// Changes a channel's pace; what has left already counts as it did.
    pub fn set_pace(&mut self, channel: ChannelId, pace: Pace) -> Result<()> {
        self.write(SET_PACE, values![channel, pace.message_us, pace.segment_us])?;
        self.wake_workers();
        Ok(())
    }

    /// Gives back the time of a text that was claimed and did not leave, and its turn to try whether the provider is back.
    pub fn give_back_pace(&mut self, job: &ClaimedJob) -> Result<()> {
        self.probed_nothing(job)?;
        match job.sender {
            Some(sender) => self.write(GIVE_BACK, values![sender, job.segments]),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_takes_what_its_segments_take_and_never_less_than_a_message() {
        let pace = Pace { message_us: 500_000, segment_us: 250_000 };
        assert_eq!([1, 2, 3, 10].map(|n| pace.of(n)), [500_000, 500_000, 750_000, 2_500_000]);
    }

    #[test]
    fn a_second_s_worth_may_leave_at_once() {
        // one text a second: none before the one before it is a second old
        assert_eq!(free_at(7_000_000, 1_000_000), 7_000_000);
        // four a second: the fourth still fits
        assert_eq!(free_at(7_000_000, 250_000), 6_250_000);
        // one in ten seconds
        assert_eq!(free_at(7_000_000, 10_000_000), 7_000_000);
    }

    #[test]
    fn a_sender_that_is_put_off_for_longer_than_any_text_takes_is_free() {
        let pace = Pace { message_us: 500_000, segment_us: 250_000 };
        let longest = 32 * 250_000 + BURST_US;
        assert_eq!(
            [0, 5, longest, longest + 1].map(|ahead| pace.free_us(1_000 + ahead, 1_000)),
            [1_000, 1_005, 1_000 + longest, 1_000]
        );
    }
}
