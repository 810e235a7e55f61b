//! Entries of a timeline, and the deliveries of those that go out.

use partyline_core::consent::Class;
use partyline_core::conversation::EntryId;
use partyline_core::delivery::DeliveryStatus;
use partyline_core::event::ActorKind;
use partyline_core::id::{AddressId, CallId, ChannelId, ConversationId, EventId, MessageId, NoteId, UserId};
use partyline_core::time::Millis;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::lists::{padded, places};
use crate::scope::{Scope, Tx};
use crate::sql::{assembled, queries};
use crate::value::{Value, row, values};

queries! {
    INSERT = "INSERT INTO entries (workspace, seq, id, conversation_id, at, kind, direction, channel_id, address_id, author_kind, author_id, text, provider_key, late, data) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    BY_PROVIDER = "SELECT seq FROM entries WHERE workspace = $1 AND provider_key = $2";
    TIMELINE = "SELECT e.seq, e.id, e.conversation_id, e.at, e.kind, e.direction, e.channel_id, e.address_id, e.author_kind, e.author_id, coalesce(u.name, c.name), e.text, e.late, e.data, d.status, d.provider_id, d.segments, d.error, d.updated_at, d.send_at, coalesce(b.reason, d.reason), d.resolved_by, r.name FROM entries e LEFT JOIN users u ON u.workspace = e.workspace AND u.id = e.author_id LEFT JOIN contacts c ON c.workspace = e.workspace AND c.id = e.author_id LEFT JOIN deliveries d ON d.workspace = e.workspace AND d.seq = e.seq LEFT JOIN users r ON r.workspace = d.workspace AND r.id = d.resolved_by LEFT JOIN channels w ON w.workspace = d.workspace AND w.id = d.channel_id AND d.status = 'queued' LEFT JOIN breakers b ON b.workspace = w.workspace AND b.connection_id = w.connection_id AND b.state <> 'closed' WHERE e.workspace = $1 AND e.conversation_id = $2 AND (e.at, e.seq) < ($3, $4) ORDER BY e.at DESC, e.seq DESC LIMIT $5";
    NEWER = "SELECT e.seq, e.id, e.conversation_id, e.at, e.kind, e.direction, e.channel_id, e.address_id, e.author_kind, e.author_id, coalesce(u.name, c.name), e.text, e.late, e.data, d.status, d.provider_id, d.segments, d.error, d.updated_at, d.send_at, coalesce(b.reason, d.reason), d.resolved_by, r.name FROM entries e LEFT JOIN users u ON u.workspace = e.workspace AND u.id = e.author_id LEFT JOIN contacts c ON c.workspace = e.workspace AND c.id = e.author_id LEFT JOIN deliveries d ON d.workspace = e.workspace AND d.seq = e.seq LEFT JOIN users r ON r.workspace = d.workspace AND r.id = d.resolved_by LEFT JOIN channels w ON w.workspace = d.workspace AND w.id = d.channel_id AND d.status = 'queued' LEFT JOIN breakers b ON b.workspace = w.workspace AND b.connection_id = w.connection_id AND b.state <> 'closed' WHERE e.workspace = $1 AND e.conversation_id = $2 AND (e.at, e.seq) > ($3, $4) ORDER BY e.at, e.seq LIMIT $5";
    ENTRY = "SELECT e.seq, e.id, e.conversation_id, e.at, e.kind, e.direction, e.channel_id, e.address_id, e.author_kind, e.author_id, coalesce(u.name, c.name), e.text, e.late, e.data, d.status, d.provider_id, d.segments, d.error, d.updated_at, d.send_at, coalesce(b.reason, d.reason), d.resolved_by, r.name FROM entries e LEFT JOIN users u ON u.workspace = e.workspace AND u.id = e.author_id LEFT JOIN contacts c ON c.workspace = e.workspace AND c.id = e.author_id LEFT JOIN deliveries d ON d.workspace = e.workspace AND d.seq = e.seq LEFT JOIN users r ON r.workspace = d.workspace AND r.id = d.resolved_by LEFT JOIN channels w ON w.workspace = d.workspace AND w.id = d.channel_id AND d.status = 'queued' LEFT JOIN breakers b ON b.workspace = w.workspace AND b.connection_id = w.connection_id AND b.state <> 'closed' WHERE e.workspace = $1 AND e.id = $2";
    SINCE = "SELECT e.seq, e.id, e.conversation_id, e.at, e.kind, e.direction, e.channel_id, e.address_id, e.author_kind, e.author_id, coalesce(u.name, c.name), e.text, e.late, e.data, d.status, d.provider_id, d.segments, d.error, d.updated_at, d.send_at, coalesce(b.reason, d.reason), d.resolved_by, r.name FROM entries e LEFT JOIN users u ON u.workspace = e.workspace AND u.id = e.author_id LEFT JOIN contacts c ON c.workspace = e.workspace AND c.id = e.author_id LEFT JOIN deliveries d ON d.workspace = e.workspace AND d.seq = e.seq LEFT JOIN users r ON r.workspace = d.workspace AND r.id = d.resolved_by LEFT JOIN channels w ON w.workspace = d.workspace AND w.id = d.channel_id AND d.status = 'queued' LEFT JOIN breakers b ON b.workspace = w.workspace AND b.connection_id = w.connection_id AND b.state <> 'closed' WHERE e.workspace = $1 AND e.conversation_id = $2 AND e.seq > $3 AND e.imported = 0 AND e.kind IN ('message', 'note', 'call') AND e.author_kind <> 'system' AND (e.author_id IS NULL OR e.author_id <> $4) ORDER BY e.seq LIMIT $5";
    CREATE_DELIVERY = "INSERT INTO deliveries (workspace, seq, message_id, conversation_id, channel_id, address_id, author_id, status, class, send_at, segments, confirmed, updated_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    DELIVERY = "SELECT seq, message_id, conversation_id, channel_id, address_id, author_id, status, class, send_at, attempts, provider_id, segments, error, confirmed, updated_at, reason, resolved_by FROM deliveries WHERE workspace = $1 AND seq = $2";
    DELIVERY_OF = "SELECT d.seq, d.message_id, d.conversation_id, d.channel_id, d.address_id, d.author_id, d.status, d.class, d.send_at, d.attempts, d.provider_id, d.segments, d.error, d.confirmed, d.updated_at, d.reason, d.resolved_by FROM entries e JOIN deliveries d ON d.workspace = e.workspace AND d.seq = e.seq WHERE e.workspace = $1 AND e.id = $2";
    DELIVERY_BY_PROVIDER = "SELECT seq, message_id, conversation_id, channel_id, address_id, author_id, status, class, send_at, attempts, provider_id, segments, error, confirmed, updated_at, reason, resolved_by FROM deliveries WHERE workspace = $1 AND provider_key = $2";
    SET_DELIVERY = "UPDATE deliveries SET status = $3, attempts = $4, provider_key = coalesce($5, provider_key), provider_id = coalesce($6, provider_id), segments = coalesce($7, segments), error = $8, send_at = $9, updated_at = $10, reason = $11, resolved_by = $12 WHERE workspace = $1 AND seq = $2";
    BEGIN_ATTEMPT = "INSERT INTO attempts (workspace, seq, attempt, fence, started_at) VALUES ($1, $2, $3, $4, $5)";
    END_ATTEMPT = "UPDATE attempts SET ended_at = $4, outcome = $5, detail = $6 WHERE workspace = $1 AND seq = $2 AND attempt = $3";
    LAST_ATTEMPT = "SELECT max(started_at) FROM attempts WHERE workspace = $1 AND seq = $2";
    OLDER_UNSETTLED = "SELECT count(*) FROM deliveries WHERE workspace = $1 AND channel_id = $2 AND address_id = $3 AND status IN ('scheduled', 'queued', 'sending', 'unknown') AND ((seq < $4 AND (status IN ('queued', 'sending') OR (status = 'unknown' AND reason = 'reconciling' AND updated_at > $5))) OR (status = 'scheduled' AND (send_at < $6 OR (send_at = $6 AND seq < $4))))";
    WAITING_SINCE = "SELECT min(e.at) FROM entries e WHERE e.workspace = $1 AND e.conversation_id = $2 AND e.kind = 'message' AND e.direction = 'inbound' AND e.imported = 0 AND e.seq > coalesce((SELECT max(d.seq) FROM deliveries d JOIN entries o ON o.workspace = d.workspace AND o.seq = d.seq WHERE d.workspace = $1 AND o.conversation_id = $2 AND o.author_kind IN ('user', 'api') AND d.status NOT IN ('failed', 'cancelled')), 0)";
    CHANNEL_AT = "SELECT channel_id FROM entries WHERE workspace = $1 AND seq = $2";
    DATA_AT = "SELECT data FROM entries WHERE workspace = $1 AND seq = $2";
    MESSAGE_AT = "SELECT id FROM entries WHERE workspace = $1 AND seq = $2 AND kind = 'message'";
    CLAIMED = "SELECT 1 FROM deliveries WHERE workspace = $1 AND provider_key = $2";
    EARLIER = "SELECT seq FROM earlier_tries WHERE workspace = $1 AND provider_key = $2";
    KEEP_EARLIER = "INSERT INTO earlier_tries (workspace, provider_key, seq) SELECT workspace, provider_key, seq FROM deliveries WHERE workspace = $1 AND seq = $2 AND provider_key IS NOT NULL ON CONFLICT (workspace, provider_key) DO NOTHING";
    FORGET_PROVIDER = "UPDATE deliveries SET provider_key = NULL, provider_id = NULL WHERE workspace = $1 AND seq = $2";
}

row! {
    /// One item of a timeline.
    pub struct EntryRow {
        /// Its place in the log.
        pub seq: i64,
        /// The UUID of its id; `kind` says which kind of id.
        pub uuid: Uuid,
        /// Its home.
        pub conversation: ConversationId,
        /// When it happened.
        pub at: Millis,
        /// `message`, `note`, `call`, `event`.
        pub kind: String,
        /// `inbound`, `outbound`.
        pub direction: Option<String>,
        /// Through which channel.
        pub channel: Option<ChannelId>,
        /// With which address.
        pub address: Option<AddressId>,
        /// What kind of author.
        pub author_kind: ActorKind,
        /// Who.
        pub author: Option<Uuid>,
        /// What they are called.
        pub author_name: Option<String>,
        /// What it says.
        pub text: Option<String>,
        /// Did it come late?
        pub late: bool,
        /// JSON: what else there is.
        pub data: Option<String>,
        /// Where it is, if it goes out.
        pub status: Option<DeliveryStatus>,
        /// The provider's id of it.
        pub provider_id: Option<String>,
        /// How many segments it is.
        pub segments: Option<i64>,
        /// JSON of `core::delivery::DeliveryError`.
        pub error: Option<String>,
        /// When its delivery last changed.
        pub delivery_at: Option<Millis>,
        /// When it is due to go out.
        pub send_at: Option<Millis>,
        /// Why it waits, or is still asked for: a stable word.
        pub reason: Option<String>,
        /// Who said how it ended, when nobody could know.
        pub resolved_by: Option<UserId>,
        /// What they are called.
        pub resolved_by_name: Option<String>,
    }
}

impl EntryRow {
    /// Its id, with its kind.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a kind that there is not.
    pub fn id(&self) -> Result<EntryId> {
        entry_id(&self.kind, self.uuid)
    }
}

/// The word for an entry's kind.
pub(crate) const fn kind_of(id: EntryId) -> &'static str {
    match id {
        EntryId::Message(_) => "message",
        EntryId::Note(_) => "note",
        EntryId::Call(_) => "call",
        EntryId::Event(_) => "event",
    }
}

/// The id of an entry of a kind.
///
/// # Errors
/// [`StoreError::Corrupt`] for a kind that there is not.
pub fn entry_id(kind: &str, uuid: Uuid) -> Result<EntryId> {
    Ok(match kind {
        "message" => EntryId::Message(MessageId::from_uuid(uuid)),
        "note" => EntryId::Note(NoteId::from_uuid(uuid)),
        "call" => EntryId::Call(CallId::from_uuid(uuid)),
        "event" => EntryId::Event(EventId::from_uuid(uuid)),
        other => return Err(StoreError::Corrupt(format!("an entry of kind {other:?}"))),
    })
}

row! {
    /// The life of one outbound message.
    pub struct DeliveryRow {
        /// Its entry.
        pub seq: i64,
        /// The message.
        pub message: MessageId,
        /// Where it belongs.
        pub conversation: ConversationId,
        /// Through which channel.
        pub channel: ChannelId,
        /// To which address.
        pub address: AddressId,
        /// Who wrote it.
        pub author: Option<UserId>,
        /// Where it is.
        pub status: DeliveryStatus,
        /// Under which class the gate let it.
        pub class: Class,
        /// When it is due.
        pub send_at: Millis,
        /// How often it was tried.
        pub attempts: i64,
        /// The provider's id of it.
        pub provider_id: Option<String>,
        /// How many segments it is.
        pub segments: Option<i64>,
        /// JSON of `core::delivery::DeliveryError`.
        pub error: Option<String>,
        /// JSON list of the reasons that a person confirmed.
        pub confirmed: Option<String>,
        /// When this last changed.
        pub updated_at: Millis,
        /// Why it waits, or is still asked for: a stable word.
        pub reason: Option<String>,
        /// Who said how it ended, when nobody could know.
        pub resolved_by: Option<UserId>,
    }
}

/// An entry to be written. `seq` is the seq of the event that makes it.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Its place in the log.
    pub seq: i64,
    /// Its id.
    pub id: EntryId,
    /// Its home.
    pub conversation: ConversationId,
    /// When it happened.
    pub at: Millis,
    /// `inbound`, `outbound`; none for notes and events.
    pub direction: Option<&'static str>,
    /// Through which channel.
    pub channel: Option<ChannelId>,
    /// With which address.
    pub address: Option<AddressId>,
    /// What kind of author.
    pub author_kind: ActorKind,
    /// Who.
    pub author: Option<Uuid>,
    /// What it says.
    pub text: Option<String>,
    /// What makes it one of its kind at the provider.
    pub provider_key: Option<Vec<u8>>,
    /// Did it come late?
    pub late: bool,
    /// What else there is.
    pub data: Option<serde_json::Value>,
}

/// What makes a provider's message one of its kind: 16 bytes of SHA-256 over connection and id.
#[must_use]
pub fn provider_key(connection: partyline_core::id::ConnectionId, provider_id: &str) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(connection.uuid().as_bytes());
    hash.update(provider_id.as_bytes());
    hash.finalize()[..16].to_vec()
}

impl Scope<'_> {
    /// The seq of the entry that a provider's message became, if it came before.
    pub fn entry_of_provider(&mut self, key: &[u8]) -> Result<Option<i64>> {
        Ok(self.row::<(i64,)>(BY_PROVIDER, values![key])?.map(|(seq,)| seq))
    }

    /// A page of a timeline, newest first, before (at, seq).
    pub fn timeline(&mut self, id: ConversationId, before: Option<(Millis, i64)>, limit: i64) -> Result<Vec<EntryRow>> {
        let (at, seq) = before.map_or((i64::MAX, i64::MAX), |(at, seq)| (at.0, seq));
        self.rows(TIMELINE, values![id, at, seq, limit])
    }

    /// What comes after (at, seq) in a timeline, oldest first.
    pub fn timeline_after(&mut self, id: ConversationId, after: (Millis, i64), limit: i64) -> Result<Vec<EntryRow>> {
        self.rows(NEWER, values![id, after.0, after.1, limit])
    }

    /// One entry.
    pub fn entry(&mut self, uuid: Uuid) -> Result<Option<EntryRow>> {
        self.row(ENTRY, values![uuid])
    }

    /// Notes at some places of the log, in no order.
    pub fn notes_at(&mut self, seqs: &[i64]) -> Result<Vec<EntryRow>> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        let (size, values) = padded(seqs, &[]);
        // a note has no delivery
        let sql = assembled(&format!("notes {size}"), || {
            format!(
                "SELECT e.seq, e.id, e.conversation_id, e.at, e.kind, e.direction, e.channel_id, e.address_id, e.author_kind, e.author_id, u.name, e.text, e.late, e.data, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM entries e LEFT JOIN users u ON u.workspace = e.workspace AND u.id = e.author_id WHERE e.workspace = $1 AND e.kind = 'note' AND e.seq IN ({})",
                places(2, size)
            )
        });
        self.rows(sql, &values)
    }

    /// Messages, notes and calls of others that came after `seq`, oldest first: what compare-and-send looks at.
    pub fn entries_since(&mut self, id: ConversationId, seq: i64, mine: UserId, limit: i64) -> Result<Vec<EntryRow>> {
        self.rows(SINCE, values![id, seq, mine, limit])
    }

    /// A message's delivery.
    pub fn delivery(&mut self, seq: i64) -> Result<Option<DeliveryRow>> {
        self.row(DELIVERY, values![seq])
    }

    /// A message's delivery, by the message's id.
    pub fn delivery_of(&mut self, id: MessageId) -> Result<Option<DeliveryRow>> {
        self.row(DELIVERY_OF, values![id])
    }

    /// The delivery that a provider's id belongs to, also where it is that of an earlier try: then the row's own id is another, or none.
    pub fn delivery_of_provider(&mut self, key: &[u8]) -> Result<Option<DeliveryRow>> {
        if let Some(delivery) = self.row(DELIVERY_BY_PROVIDER, values![key])? {
            return Ok(Some(delivery));
        }
        match self.row::<(i64,)>(EARLIER, values![key])? {
            Some((seq,)) => self.delivery(seq),
            None => Ok(None),
        }
    }

    /// When a delivery was last tried.
    pub fn last_attempt(&mut self, seq: i64) -> Result<Option<Millis>> {
        Ok(self.row::<(Option<Millis>,)>(LAST_ATTEMPT, values![seq])?.and_then(|(at,)| at))
    }

    /// How many messages of the same lane must go before one that was planned: older ones that are on their way, and those that were
    /// planned for an earlier time. `unknown` ones count only while the provider is asked for them and they changed after `held_since`.
    pub fn older_unsettled(&mut self, delivery: &DeliveryRow, held_since: Millis) -> Result<i64> {
        Ok(self
            .row::<(i64,)>(
                OLDER_UNSETTLED,
                values![delivery.channel, delivery.address, delivery.seq, held_since, delivery.send_at],
            )?
            .map_or(0, |(n,)| n))
    }

    /// The channel that an entry came or goes through.
    pub fn channel_of_entry(&mut self, seq: i64) -> Result<Option<ChannelId>> {
        Ok(self.row::<(Option<ChannelId>,)>(CHANNEL_AT, values![seq])?.and_then(|(id,)| id))
    }

    /// What the provider calls the message at a place of the log: of one that came.
    pub fn provider_id_at(&mut self, seq: i64) -> Result<Option<String>> {
        let data = self.row::<(Option<String>,)>(DATA_AT, values![seq])?.and_then(|(data,)| data);
        let data: Option<serde_json::Value> = data.and_then(|data| serde_json::from_str(&data).ok());
        Ok(data.and_then(|data| Some(data.get("provider_id")?.as_str()?.to_owned())))
    }

    /// The message at a place of the log.
    pub fn message_at(&mut self, seq: i64) -> Result<Option<MessageId>> {
        Ok(self.row::<(MessageId,)>(MESSAGE_AT, values![seq])?.map(|(id,)| id))
    }

    /// The oldest customer message that no person has answered: answers that failed or were taken back don't count.
    pub fn waiting_since(&mut self, id: ConversationId) -> Result<Option<Millis>> {
        Ok(self.row::<(Option<Millis>,)>(WAITING_SINCE, values![id])?.and_then(|(at,)| at))
    }

    /// Is this provider's message known already: that of another delivery, or that of an earlier try of the same?
    pub fn is_claimed(&mut self, key: &[u8]) -> Result<bool> {
        Ok(self.row::<(i64,)>(CLAIMED, values![key])?.is_some() || self.row::<(i64,)>(EARLIER, values![key])?.is_some())
    }
}

/// What a delivery becomes.
#[derive(Debug, Clone)]
pub struct DeliveryChange {
    /// Where it is.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: i64,
    /// The provider's id of it, once known.
    pub provider: Option<(Vec<u8>, String)>,
    /// The provider's count of segments, once known.
    pub segments: Option<i64>,
    /// Why not, if it failed.
    pub error: Option<String>,
    /// When it is due.
    pub send_at: Millis,
    /// Why it waits; nothing once it does not.
    pub reason: Option<String>,
    /// Who said how it ended, when nobody could know.
    pub resolved_by: Option<UserId>,
}

impl DeliveryRow {
    /// A change that changes nothing yet, but for the reason to wait, which goes with whatever ends it.
    #[must_use]
    pub fn same(&self) -> DeliveryChange {
        DeliveryChange {
            status: self.status,
            attempts: self.attempts,
            provider: None,
            segments: None,
            error: self.error.clone(),
            send_at: self.send_at,
            reason: None,
            resolved_by: self.resolved_by,
        }
    }
}

impl Tx<'_> {
    /// Writes an entry.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the provider's message is here already.
    pub fn insert_entry(&mut self, entry: NewEntry) -> Result<()> {
        self.run(
            INSERT,
            values![
                entry.seq,
                entry.id.uuid(),
                entry.conversation,
                entry.at,
                kind_of(entry.id),
                entry.direction,
                entry.channel,
                entry.address,
                entry.author_kind,
                entry.author,
                entry.text,
                entry.provider_key,
                entry.late,
                entry.data.map(|d| d.to_string()),
            ],
        )
        .map(drop)
    }

    /// Writes the delivery of an outbound message.
    pub fn create_delivery(&mut self, d: &DeliveryRow) -> Result<()> {
        self.run(
            CREATE_DELIVERY,
            values![
                d.seq,
                d.message,
                d.conversation,
                d.channel,
                d.address,
                d.author,
                d.status,
                d.class,
                d.send_at,
                d.segments,
                d.confirmed.clone(),
                d.updated_at,
                d.reason.clone()
            ],
        )
        .map(drop)
    }

    /// Writes what a delivery became.
    pub fn set_delivery(&mut self, seq: i64, change: &DeliveryChange) -> Result<()> {
        let (key, id): (Value, Value) = match &change.provider {
            Some((key, id)) => (key.clone().into(), id.into()),
            None => (Value::Null, Value::Null),
        };
        let now = self.now();
        self.run(
            SET_DELIVERY,
            &[
                seq.into(),
                change.status.into(),
                change.attempts.into(),
                key,
                id,
                change.segments.into(),
                change.error.clone().into(),
                change.send_at.into(),
                now.into(),
                change.reason.clone().into(),
                change.resolved_by.into(),
            ],
        )
        .map(drop)
    }

    /// A person sends it once more: the provider's id of it becomes that of an earlier try.
    pub fn begin_anew(&mut self, seq: i64) -> Result<()> {
        self.run(KEEP_EARLIER, values![seq])?;
        self.run(FORGET_PROVIDER, values![seq]).map(drop)
    }

    /// Records an attempt, before its request leaves.
    pub fn begin_attempt(&mut self, seq: i64, attempt: i64, fence: i64) -> Result<()> {
        let now = self.now();
        self.run(BEGIN_ATTEMPT, values![seq, attempt, fence, now]).map(drop)
    }

    /// Records how an attempt ended.
    pub fn end_attempt(&mut self, seq: i64, attempt: i64, outcome: &str, detail: Option<&str>) -> Result<()> {
        let now = self.now();
        self.run(END_ATTEMPT, values![seq, attempt, now, outcome, detail]).map(drop)
    }
}
