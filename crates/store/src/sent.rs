//! Messages that we wrote: what a person has sent, what waits for its time, and what of that is taken back when the customer writes.

use partyline_core::id::{AddressId, ChannelId, ConversationId, MessageId, UserId};
use partyline_core::time::Millis;

use crate::entries::EntryRow;
use crate::error::Result;
use crate::lists::{padded, places};
use crate::people::Viewer;
use crate::scope::{Scope, Tx};
use crate::sql::{Sql, assembled, queries};
use crate::tasks::seen;
use crate::value::values;

/// Messages that are counted for one person; who has scheduled more sees this many.
const COUNTED_MAX: i64 = 1_000;

queries! {
    SCHEDULED = seen!("SELECT t.seq, t.send_at FROM deliveries t WHERE t.workspace = $1 AND t.author_id = $4 AND t.status = 'scheduled' AND (t.send_at, t.seq) > ($5, $6)", " ORDER BY t.send_at, t.seq LIMIT $7");
    SCHEDULED_OF_NOBODY = seen!("SELECT t.seq, t.send_at FROM deliveries t WHERE t.workspace = $1 AND t.author_id IS NULL AND t.status = 'scheduled' AND (t.send_at, t.seq) > ($4, $5)", " ORDER BY t.send_at, t.seq LIMIT $6");
    SENT = seen!("SELECT t.seq, t.at FROM entries t WHERE t.workspace = $1 AND t.author_id = $4 AND t.direction = 'outbound' AND t.author_kind = 'user' AND t.seq < $5 AND EXISTS (SELECT 1 FROM deliveries d WHERE d.workspace = t.workspace AND d.seq = t.seq AND d.status NOT IN ('scheduled', 'cancelled'))", " ORDER BY t.seq DESC LIMIT $6");
    COUNT = seen!("SELECT count(*) FROM (SELECT t.seq FROM deliveries t WHERE t.workspace = $1 AND t.author_id = $2 AND t.status = 'scheduled'", " LIMIT $4) x");
    SCHEDULED_BY = "SELECT seq, message_id, conversation_id FROM deliveries WHERE workspace = $1 AND author_id = $2 AND status = 'scheduled' ORDER BY send_at, seq LIMIT $3";
    THREAD_AND_PLANS = "SELECT t.conversation_id, (SELECT count(*) FROM deliveries d WHERE d.workspace = t.workspace AND d.channel_id = t.channel_id AND d.address_id = t.address_id AND d.status IN ('scheduled', 'queued', 'sending', 'unknown') AND d.cancel_on_reply = 1) FROM threads t WHERE t.workspace = $1 AND t.channel_id = $2 AND t.address_id = $3";
    TAKEN_BACK = "SELECT seq FROM deliveries WHERE workspace = $1 AND channel_id = $2 AND address_id = $3 AND status IN ('scheduled', 'queued', 'sending', 'unknown') AND status IN ('scheduled', 'queued') AND cancel_on_reply = 1 ORDER BY seq";
    GIVE = "UPDATE deliveries SET author_id = $3 WHERE workspace = $1 AND seq = $2";
}

/// The lists whose plan the tests read: its name, and its text.
#[doc(hidden)]
#[must_use]
pub fn sample_lists() -> [(&'static str, Sql); 7] {
    [
        ("scheduled", SCHEDULED),
        ("scheduled of nobody", SCHEDULED_OF_NOBODY),
        ("sent", SENT),
        ("count", COUNT),
        ("scheduled by", SCHEDULED_BY),
        ("thread and plans", THREAD_AND_PLANS),
        ("taken back", TAKEN_BACK),
    ]
}

/// Which messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentList {
    /// What waits for its time, the next to leave first: of somebody, or of nobody.
    Scheduled(Option<UserId>),
    /// What somebody has sent, the newest first: by when it was written.
    Sent(UserId),
}

impl Scope<'_> {
    /// One page of a list: each message's seq with the key that it is sorted by.
    pub fn sent_list(
        &mut self,
        viewer: Viewer,
        list: SentList,
        cursor: Option<(Millis, i64)>,
        limit: i64,
    ) -> Result<Vec<(i64, Millis)>> {
        let everything = viewer.role.sees_everything();
        match list {
            SentList::Scheduled(whose) => {
                let (at, seq) = cursor.unwrap_or((Millis(i64::MIN), 0));
                match whose {
                    Some(whose) => self.rows(SCHEDULED, values![viewer.user, everything, whose, at, seq, limit]),
                    None => self.rows(SCHEDULED_OF_NOBODY, values![viewer.user, everything, at, seq, limit]),
                }
            }
            SentList::Sent(whose) => {
                let seq = cursor.map_or(i64::MAX, |(_, seq)| seq);
                self.rows(SENT, values![viewer.user, everything, whose, seq, limit])
            }
        }
    }

    /// How many messages of this user wait for their time.
    pub fn scheduled_count(&mut self, viewer: Viewer) -> Result<i64> {
        let everything = viewer.role.sees_everything();
        Ok(self.row::<(i64,)>(COUNT, values![viewer.user, everything, COUNTED_MAX])?.map_or(0, |(n,)| n))
    }

    /// The conversation that the next message between this channel and this address joins, and whether something waits to be sent there
    /// that is taken back when they write: one row, which every text that comes in reads.
    pub fn thread_and_plans(
        &mut self,
        channel: ChannelId,
        address: AddressId,
    ) -> Result<Option<(ConversationId, bool)>> {
        let row: Option<(ConversationId, i64)> = self.row(THREAD_AND_PLANS, values![channel, address])?;
        Ok(row.map(|(id, plans)| (id, plans > 0)))
    }

    /// What waits to be sent to this address through this channel, and is taken back when they write.
    pub fn planned_unless_they_write(&mut self, channel: ChannelId, address: AddressId) -> Result<Vec<i64>> {
        Ok(self.rows::<(i64,)>(TAKEN_BACK, values![channel, address])?.into_iter().map(|(seq,)| seq).collect())
    }

    /// What somebody has scheduled, in every conversation: seq, message and conversation, the next to leave first.
    pub fn scheduled_by(&mut self, user: UserId, limit: i64) -> Result<Vec<(i64, MessageId, ConversationId)>> {
        self.rows(SCHEDULED_BY, values![user, limit])
    }

    /// Messages that go out, at some places of the log, in no order.
    pub fn messages_at(&mut self, seqs: &[i64]) -> Result<Vec<EntryRow>> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        let (size, values) = padded(seqs, &[]);
        let sql = assembled(&format!("messages {size}"), || {
            format!(
                "SELECT e.seq, e.id, e.conversation_id, e.at, e.kind, e.direction, e.channel_id, e.address_id, e.author_kind, e.author_id, u.name, e.text, e.late, e.data, d.status, d.provider_id, d.segments, d.error, d.updated_at, d.send_at, coalesce(b.reason, d.reason), d.resolved_by, r.name, d.cancel_on_reply FROM entries e JOIN deliveries d ON d.workspace = e.workspace AND d.seq = e.seq LEFT JOIN users u ON u.workspace = e.workspace AND u.id = e.author_id LEFT JOIN users r ON r.workspace = d.workspace AND r.id = d.resolved_by LEFT JOIN channels w ON w.workspace = d.workspace AND w.id = d.channel_id AND d.status = 'queued' LEFT JOIN breakers b ON b.workspace = w.workspace AND b.connection_id = w.connection_id AND b.state <> 'closed' WHERE e.workspace = $1 AND e.kind = 'message' AND e.seq IN ({})",
                places(2, size)
            )
        });
        self.rows(sql, &values)
    }
}

impl Tx<'_> {
    /// Who answers for a message from here on: it comes back to them if it fails. Who wrote it stays as it is.
    pub fn give_delivery(&mut self, seq: i64, to: Option<UserId>) -> Result<()> {
        self.run(GIVE, values![seq, to]).map(drop)
    }
}
