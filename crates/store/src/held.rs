//! What is held in the journal because it could not go to an inbox, and what people did about it.

use partyline_core::held::{HeldReason, HeldState};
use partyline_core::id::{ConnectionId, ConversationId, InboundId, UserId};
use partyline_core::time::Millis;

use crate::error::Result;
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::{row, values};

queries! {
    PAGE = "SELECT i.id, i.connection_id, i.hook, i.received_at, i.state, i.reason, i.address, i.sender, e.conversation_id, i.settled_at, i.settled_by, length(i.body) FROM inbound i LEFT JOIN entries e ON e.workspace = i.workspace AND e.seq = i.seq WHERE i.workspace = $1 AND i.reason IS NOT NULL AND i.state = $2 AND (i.received_at, i.id) < ($3, $4) AND (i.reason = $5 OR $5 IS NULL) AND (i.connection_id = $6 OR $6 IS NULL) AND (i.address = $7 OR $7 IS NULL) ORDER BY i.received_at DESC, i.id DESC LIMIT $8";
    ONE = "SELECT i.id, i.connection_id, i.hook, i.received_at, i.state, i.reason, i.address, i.sender, e.conversation_id, i.settled_at, i.settled_by, length(i.body) FROM inbound i LEFT JOIN entries e ON e.workspace = i.workspace AND e.seq = i.seq WHERE i.workspace = $1 AND i.id = $2 AND i.reason IS NOT NULL";
    PAYLOAD = "SELECT query, content_type, body, error FROM inbound WHERE workspace = $1 AND id = $2";
    GROUPS = "SELECT reason, connection_id, address, count(*), min(received_at), max(received_at) FROM inbound WHERE workspace = $1 AND reason IS NOT NULL AND state = 'quarantined' GROUP BY reason, connection_id, address ORDER BY max(received_at) DESC, min(received_at) DESC LIMIT $2";
    NEXT = "SELECT id, received_at FROM inbound WHERE workspace = $1 AND reason IS NOT NULL AND state = 'quarantined' AND (received_at, id) > ($2, $3) AND received_at <= $4 AND reason = $5 AND connection_id = $6 AND (address = $7 OR $7 IS NULL) ORDER BY received_at, id LIMIT $8";
    SAME = "SELECT id FROM inbound WHERE workspace = $1 AND same = $2 AND state IN ('quarantined', 'dismissed') LIMIT 1";
    SETTLE = "UPDATE inbound SET state = $3, seq = $4, settled_at = $5, settled_by = $6 WHERE workspace = $1 AND id = $2";
    STILL = "UPDATE inbound SET reason = $3, error = $4, address = $5, sender = $6 WHERE workspace = $1 AND id = $2";
    FORGET = "UPDATE inbound SET body = NULL, query = '' WHERE workspace = $1 AND reason IS NOT NULL AND state IN ('replayed', 'dismissed') AND settled_at < $2 AND body IS NOT NULL";
    NAME_REASON = "UPDATE inbound SET reason = 'not_understood' WHERE workspace = $1 AND state = 'quarantined' AND reason IS NULL";
}

row! {
    /// Something that was held, without its bytes.
    pub struct HeldRow {
        /// Its id.
        pub id: InboundId,
        /// On which connection.
        pub connection: ConnectionId,
        /// `message`, `status`, `voice`; `poll` for what was fetched.
        pub hook: String,
        /// When it arrived.
        pub received_at: Millis,
        /// Where it stands.
        pub state: HeldState,
        /// Why.
        pub reason: HeldReason,
        /// Our number, where it is known.
        pub address: Option<String>,
        /// Whom it is from, part of the digits hidden.
        pub sender: Option<String>,
        /// Where the entry is that it became.
        pub conversation: Option<ConversationId>,
        /// When it was replayed or dismissed.
        pub settled_at: Option<Millis>,
        /// By whom; nobody: it came again by itself.
        pub settled_by: Option<UserId>,
        /// Its bytes; none once they were forgotten.
        pub size: Option<i64>,
    }
}

row! {
    /// What came, as it came.
    pub struct PayloadRow {
        /// What stood after the question mark.
        pub query: String,
        /// Its media type.
        pub content_type: String,
        /// Its bytes; none once they were forgotten.
        pub body: Option<Vec<u8>>,
        /// What went wrong, for who runs the server.
        pub error: Option<String>,
    }
}

row! {
    /// Held messages that are alike.
    pub struct HeldGroup {
        /// Why.
        pub reason: HeldReason,
        /// On which connection.
        pub connection: ConnectionId,
        /// Our number, where it is known.
        pub address: Option<String>,
        /// How many.
        pub count: i64,
        /// When the first of them arrived.
        pub oldest_at: Millis,
        /// When the last of them arrived.
        pub newest_at: Millis,
    }
}

/// Which held messages: what is not said does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldFilter {
    /// Why.
    pub reason: Option<HeldReason>,
    /// On which connection.
    pub connection: Option<ConnectionId>,
    /// Our number.
    pub address: Option<String>,
}

/// Those that are replayed together: alike, and in hand when it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLike {
    /// Why.
    pub reason: HeldReason,
    /// On which connection.
    pub connection: ConnectionId,
    /// Our number.
    pub address: Option<String>,
    /// None that arrived later.
    pub until: Millis,
}

/// A place in the order of arrival.
pub type HeldPlace = (Millis, InboundId);

impl Scope<'_> {
    /// A page of what is in this state, newest first, before a place.
    pub fn held_page(
        &mut self,
        state: HeldState,
        filter: &HeldFilter,
        before: HeldPlace,
        limit: i64,
    ) -> Result<Vec<HeldRow>> {
        let (at, id) = before;
        self.rows(PAGE, values![state, at, id, filter.reason, filter.connection, filter.address.clone(), limit])
    }

    /// One that is or was held.
    pub fn held(&mut self, id: InboundId) -> Result<Option<HeldRow>> {
        self.row(ONE, values![id])
    }

    /// What it brought.
    pub fn held_payload(&mut self, id: InboundId) -> Result<Option<PayloadRow>> {
        self.row(PAYLOAD, values![id])
    }

    /// What waits for a person, alike together, the newest first.
    pub fn held_groups(&mut self, limit: i64) -> Result<Vec<HeldGroup>> {
        self.rows(GROUPS, values![limit])
    }

    /// Those that are alike, oldest first, after a place.
    pub fn held_like(&mut self, like: &HeldLike, after: HeldPlace, limit: i64) -> Result<Vec<(InboundId, Millis)>> {
        let (at, id) = after;
        self.rows(NEXT, values![at, id, like.until, like.reason, like.connection, like.address.clone(), limit])
    }

    /// Is the same held, or was it dismissed?
    pub fn held_same(&mut self, same: &[u8]) -> Result<Option<InboundId>> {
        Ok(self.row::<(InboundId,)>(SAME, values![same])?.map(|(id,)| id))
    }
}

impl Tx<'_> {
    /// Writes what became of it, and who saw to it.
    pub fn settle_held(&mut self, id: InboundId, state: HeldState, seq: Option<i64>, by: Option<UserId>) -> Result<()> {
        let now = self.now();
        self.write(SETTLE, values![id, state, seq, now, by])
    }

    /// Writes why it is held still, or now.
    pub fn still_held(&mut self, id: InboundId, held: &crate::inbound::Held) -> Result<()> {
        self.write(STILL, values![id, held.reason, &held.error, held.address.clone(), held.sender.clone()])
    }

    /// Forgets the bytes of what was settled before `before`.
    pub fn forget_settled_bodies(&mut self, before: Millis) -> Result<u64> {
        self.run(FORGET, values![before])
    }

    /// Names a reason for what an older program held, so that it is listed: replaying says the true one.
    pub fn name_held_reasons(&mut self) -> Result<u64> {
        self.run(NAME_REASON, &[])
    }
}
