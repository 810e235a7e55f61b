//! Browsers that take push, what is to be pushed, and the key that says who sends.

use partyline_core::id::UserId;
use partyline_core::time::Millis;

use crate::error::Result;
use crate::scope::{Root, Scope, Tx, Workspace};
use crate::sql::{Sql, queries};
use crate::value::{row, values};

queries! {
    KEY = "SELECT vapid_key FROM installation WHERE one = 1";
    SET_KEY = "UPDATE installation SET vapid_key = $1 WHERE one = 1 AND vapid_key IS NULL";
    SUBSCRIBE = "INSERT INTO push_subscriptions (workspace, endpoint_hash, user_id, session_hash, sealed, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (endpoint_hash) DO UPDATE SET workspace = excluded.workspace, user_id = excluded.user_id, session_hash = excluded.session_hash, sealed = excluded.sealed, created_at = excluded.created_at";
    KEEP_NEWEST = "DELETE FROM push_subscriptions WHERE workspace = $1 AND user_id = $2 AND endpoint_hash NOT IN (SELECT p.endpoint_hash FROM push_subscriptions p WHERE p.workspace = $1 AND p.user_id = $2 ORDER BY p.created_at DESC, p.endpoint_hash LIMIT $3)";
    UNSUBSCRIBE = "DELETE FROM push_subscriptions WHERE workspace = $1 AND user_id = $2 AND endpoint_hash = $3";
    SUBSCRIBED = "SELECT p.endpoint_hash, p.sealed FROM push_subscriptions p JOIN sessions s ON s.token_hash = p.session_hash AND s.workspace = p.workspace AND s.user_id = p.user_id WHERE p.workspace = $1 AND p.user_id = $2 AND s.expires_at > $3 ORDER BY p.created_at DESC, p.endpoint_hash";
    EXPIRE = "DELETE FROM push_subscriptions WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE s.token_hash = push_subscriptions.session_hash)";
    DUE = "SELECT min(push_due) FROM notifications WHERE push_due IS NOT NULL";
    SETTLE = "UPDATE notifications SET push_due = $4 WHERE workspace = $1 AND user_id = $2 AND seq = $3";
}

const CLAIM: Sql = Sql::differs(
    "push::CLAIM",
    "UPDATE notifications SET push_due = $2, push_tries = push_tries + 1 WHERE (workspace, user_id, seq) IN (SELECT workspace, user_id, seq FROM notifications WHERE push_due <= $1 ORDER BY push_due LIMIT $3) RETURNING workspace, user_id, seq, push_tries",
    "UPDATE notifications SET push_due = $2, push_tries = push_tries + 1 WHERE (workspace, user_id, seq) IN (SELECT workspace, user_id, seq FROM notifications WHERE push_due <= $1 ORDER BY push_due LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING workspace, user_id, seq, push_tries",
);
pub(crate) const DIFFERING: &[Sql] = &[CLAIM];

row! {
    /// A browser that takes push.
    pub struct SubscriptionRow {
        /// SHA-256 of its address.
        pub endpoint_hash: Vec<u8>,
        /// Its address and keys, sealed for this row.
        pub sealed: Vec<u8>,
    }
}

row! {
    /// Something to push, ours until its lease ends.
    pub struct ClaimedPush {
        /// Where.
        pub workspace: Workspace,
        /// To whom.
        pub user: UserId,
        /// Of which event.
        pub seq: i64,
        /// How often it was tried, this time counted.
        pub tries: i64,
    }
}

impl Tx<'_> {
    /// A browser takes push from now on, while its session lasts. Only the newest `most` of a person are kept.
    pub fn subscribe(&mut self, hash: &[u8], user: UserId, session: &[u8], sealed: &[u8], most: i64) -> Result<()> {
        let now = self.now();
        self.run(SUBSCRIBE, values![hash, user, session, sealed, now])?;
        self.run(KEEP_NEWEST, values![user, most]).map(drop)
    }

    /// It takes no more. `false`: it did not.
    pub fn unsubscribe(&mut self, hash: &[u8], user: UserId) -> Result<bool> {
        Ok(self.run(UNSUBSCRIBE, values![user, hash])? > 0)
    }

    /// When a push is tried again; `None`: it is done with.
    pub fn settle_push(&mut self, user: UserId, seq: i64, due: Option<Millis>) -> Result<()> {
        self.run(SETTLE, values![user, seq, due]).map(drop)
    }
}

impl Scope<'_> {
    /// The browsers of a person that take push, those whose session lasts.
    pub fn subscriptions(&mut self, user: UserId, now: Millis) -> Result<Vec<SubscriptionRow>> {
        self.rows(SUBSCRIBED, values![user, now])
    }
}

impl Root<'_> {
    /// The key that says who sends, sealed; none yet.
    pub fn vapid_key(&mut self) -> Result<Option<Vec<u8>>> {
        Ok(self.connection.row::<(Option<Vec<u8>>,)>(KEY, &[])?.and_then(|(key,)| key))
    }

    /// Keeps a key, unless another was faster.
    pub fn set_vapid_key(&mut self, sealed: &[u8]) -> Result<()> {
        self.connection.run(SET_KEY, values![sealed]).map(drop)
    }

    /// When the next push is due, or a lease ends.
    pub fn push_due(&mut self) -> Result<Option<Millis>> {
        Ok(self.connection.row::<(Option<Millis>,)>(DUE, &[])?.and_then(|(at,)| at))
    }

    /// Claims what is to be pushed, until `lease_until`.
    pub fn claim_pushes(&mut self, now: Millis, lease_until: Millis, limit: i64) -> Result<Vec<ClaimedPush>> {
        self.connection.rows(CLAIM, values![now, lease_until, limit])
    }

    /// Forgets the subscriptions of sessions that have ended.
    pub fn expire_subscriptions(&mut self) -> Result<()> {
        self.connection.run(EXPIRE, &[]).map(drop)
    }
}
