//! What is asked of providers about channels, by turns. A turn is a lease with a fence, so that one node asks at a time, and
//! remembers how far it has come: by the provider's clock, since ours may be wrong.

use partyline_core::id::ChannelId;
use partyline_core::time::Millis;
use uuid::Uuid;

use crate::error::Result;
use crate::scope::{Root, Scope, Tx, Workspace};
use crate::sql::queries;
use crate::value::{row, values};

queries! {
    BEGIN = "INSERT INTO channel_turns (workspace, channel_id, about, since, due_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace, channel_id, about) DO UPDATE SET since = excluded.since, read_to = NULL, due_at = excluded.due_at, failures = 0, error = NULL, fence = channel_turns.fence + 1";
    MISSING = "SELECT c.id, c.created_at FROM channels c WHERE c.workspace = $1 AND c.removed_at IS NULL AND NOT EXISTS (SELECT 1 FROM channel_turns t WHERE t.workspace = c.workspace AND t.channel_id = c.id) ORDER BY c.id";
    TURN = "SELECT workspace, channel_id, about, since, read_to, deep_at, skew, due_at, asked_at, failures, error, fence FROM channel_turns WHERE workspace = $1 AND channel_id = $2 AND about = $3";
    CLAIM = "UPDATE channel_turns SET lease_until = $2, fence = fence + 1, holder = $5 WHERE (due_at <= $1 OR due_at > $4) AND (lease_until <= $1 OR lease_until > $4) AND (workspace, channel_id, about) IN (SELECT workspace, channel_id, about FROM channel_turns WHERE (due_at <= $1 OR due_at > $4) AND (lease_until <= $1 OR lease_until > $4) ORDER BY due_at, channel_id, about LIMIT $3) RETURNING workspace, channel_id, about, since, read_to, deep_at, skew, due_at, asked_at, failures, error, fence";
    TAKE_BACK = "UPDATE channel_turns SET lease_until = 0, fence = fence + 1 WHERE lease_until > 0";
    ALL_DUE = "UPDATE channel_turns SET due_at = 0 WHERE due_at > 0";
    DUE = "UPDATE channel_turns SET due_at = $4, failures = 0 WHERE workspace = $1 AND channel_id = $2 AND about = $3";
    HOLD = "UPDATE channel_turns SET read_to = $5, lease_until = $6 WHERE workspace = $1 AND channel_id = $2 AND about = $3 AND fence = $4";
    END = "UPDATE channel_turns SET lease_until = 0, read_to = coalesce($5, read_to), deep_at = $6, skew = coalesce($7, skew), due_at = CASE WHEN due_at <> $12 AND due_at < $8 THEN due_at ELSE $8 END, asked_at = $9, failures = $10, error = $11 WHERE workspace = $1 AND channel_id = $2 AND about = $3 AND fence = $4";
    PUT_OFF = "UPDATE channel_turns SET lease_until = 0, due_at = $5 WHERE workspace = $1 AND channel_id = $2 AND about = $3 AND fence = $4";
    FORGET = "DELETE FROM channel_turns WHERE workspace = $1 AND channel_id = $2";
    WITHOUT_RECEIPT = "SELECT seq, provider_id, updated_at FROM deliveries WHERE workspace = $1 AND channel_id = $2 AND status = 'sent' AND provider_id IS NOT NULL AND updated_at > $3 ORDER BY seq DESC LIMIT $4";
}

/// What a turn is about: its messages.
pub const MESSAGES: &str = "messages";
/// What a turn is about: where its number reports.
pub const WEBHOOK: &str = "webhook";

row! {
    /// One channel's turn.
    pub struct TurnRow {
        /// Whose.
        pub workspace: Workspace,
        /// Which channel.
        pub channel: ChannelId,
        /// [`MESSAGES`] or [`WEBHOOK`].
        pub about: String,
        /// Nothing older is asked for. The provider's clock.
        pub since: Millis,
        /// Everything up to here is here. The provider's clock.
        pub read_to: Option<Millis>,
        /// When it was last looked further back than usual.
        pub deep_at: Millis,
        /// The provider's clock minus ours, in milliseconds.
        pub skew: Option<i64>,
        /// When it is next asked.
        pub due_at: Millis,
        /// When it was last asked.
        pub asked_at: Option<Millis>,
        /// How often in a row that failed.
        pub failures: i64,
        /// Why it last failed: a provider error's code.
        pub error: Option<String>,
        /// What proves that the lease is still ours.
        pub fence: i64,
    }
}

row! {
    /// A message of ours that the provider took, and of which no receipt has come.
    pub struct WithoutReceipt {
        /// Its entry.
        pub seq: i64,
        /// The provider's id.
        pub provider_id: String,
        /// When its delivery last changed.
        pub updated_at: Millis,
    }
}

/// How a turn ended.
#[derive(Debug, Clone)]
pub struct TurnEnd {
    /// How far it has come, if that is known.
    pub read_to: Option<Millis>,
    /// When it was last looked further back than usual.
    pub deep_at: Millis,
    /// The provider's clock minus ours, if that is known.
    pub skew: Option<i64>,
    /// When the next one is due.
    pub due_at: Millis,
    /// How often in a row it has failed.
    pub failures: i64,
    /// Why it failed.
    pub error: Option<&'static str>,
}

impl Root<'_> {
    /// Claims for a node up to `limit` turns that are due, those longest due first. What is put off beyond `never_after` was so by a clock that
    /// has been set back since, and is due.
    pub fn claim_turns(
        &mut self,
        node: Uuid,
        now: Millis,
        lease_until: Millis,
        never_after: Millis,
        limit: i64,
    ) -> Result<Vec<TurnRow>> {
        self.connection.rows(CLAIM, values![now, lease_until, limit, never_after, node])
    }

    /// Takes back what a process that is gone had claimed. Only where nobody else can be at work: a SQLite file has one server.
    pub fn take_back_turns(&mut self) -> Result<u64> {
        self.connection.run(TAKE_BACK, &[])
    }

    /// Makes every turn due, as at a start: nobody knows what came while nothing ran, nor whether the address is still the same.
    pub fn make_turns_due(&mut self) -> Result<u64> {
        self.connection.run(ALL_DUE, &[])
    }
}

impl Scope<'_> {
    /// A channel's turn.
    pub fn turn(&mut self, channel: ChannelId, about: &str) -> Result<Option<TurnRow>> {
        self.row(TURN, values![channel, about])
    }

    /// Channels that have no turns yet, and when they were made: those of an earlier version.
    pub fn channels_without_turns(&mut self) -> Result<Vec<(ChannelId, Millis)>> {
        self.rows(MISSING, &[])
    }

    /// Messages of a channel that the provider took and that changed after `after`, without a receipt; newest first.
    pub fn without_receipt(&mut self, channel: ChannelId, after: Millis, limit: i64) -> Result<Vec<WithoutReceipt>> {
        self.rows(WITHOUT_RECEIPT, values![channel, after, limit])
    }
}

impl Tx<'_> {
    /// Begins a channel's turns, or begins them anew: what was said before `since` (the provider's clock) is not asked for.
    pub fn begin_turns(&mut self, channel: ChannelId, since: Millis, due_at: Millis) -> Result<()> {
        for about in [MESSAGES, WEBHOOK] {
            self.write(BEGIN, values![channel, about, since, due_at])?;
        }
        Ok(())
    }

    /// Makes a channel's turn due at a time, whatever it was before.
    pub fn make_turn_due(&mut self, channel: ChannelId, about: &str, due_at: Millis) -> Result<()> {
        self.write(DUE, values![channel, about, due_at])
    }

    /// Notes how far a turn has come, and keeps its lease. `false`: the lease was lost.
    pub fn hold_turn(&mut self, turn: &TurnRow, read_to: Option<Millis>, lease_until: Millis) -> Result<bool> {
        Ok(self.run(HOLD, values![turn.channel, &turn.about, turn.fence, read_to, lease_until])? > 0)
    }

    /// Lets go of a turn that was not begun: it is due again at a time. Nothing where the lease was lost.
    pub fn put_turn_off(&mut self, turn: &TurnRow, due_at: Millis) -> Result<()> {
        self.write(PUT_OFF, values![turn.channel, &turn.about, turn.fence, due_at])
    }

    /// Ends a turn. One that was made due meanwhile stays due then. `false`: the lease was lost, and another's word stands.
    pub fn end_turn(&mut self, turn: &TurnRow, end: &TurnEnd) -> Result<bool> {
        let now = self.now();
        let done = self.run(
            END,
            values![
                turn.channel,
                &turn.about,
                turn.fence,
                end.read_to,
                end.deep_at,
                end.skew,
                end.due_at,
                now,
                end.failures,
                end.error,
                turn.due_at
            ],
        )?;
        Ok(done > 0)
    }

    /// Forgets the turns of a channel that is gone.
    pub fn forget_turns(&mut self, channel: ChannelId) -> Result<()> {
        self.write(FORGET, values![channel])
    }
}
