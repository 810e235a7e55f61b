//! The log, read: by clients that fill a gap, by live sockets, by the sealer and the auditor.

use partyline_core::event::{ActorKind, EventType};
use partyline_core::id::{ConversationId, EventId};
use partyline_core::time::Millis;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::Result;
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::{row, values};

/// Events that one block of the seal covers at most.
pub const BLOCK_MAX: i64 = 1_000;

queries! {
    AFTER = "SELECT seq, id, at, actor_kind, actor_id, type, conversation_id, subject_id, changed, content FROM events WHERE workspace = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    LAST_BLOCK = "SELECT last_seq, hash FROM blocks WHERE workspace = $1 ORDER BY first_seq DESC LIMIT 1";
    BLOCKS = "SELECT first_seq, last_seq, hash FROM blocks WHERE workspace = $1 AND first_seq > $2 ORDER BY first_seq LIMIT $3";
    SEAL = "INSERT INTO blocks (workspace, first_seq, last_seq, hash, at) VALUES ($1, $2, $3, $4, $5)";
}

row! {
    /// One fact of the log.
    pub struct EventRow {
        /// Its place; no gaps within a workspace.
        pub seq: i64,
        /// Its id.
        pub id: EventId,
        /// When.
        pub at: Millis,
        /// Who: which kind.
        pub actor_kind: ActorKind,
        /// Who.
        pub actor: Option<Uuid>,
        /// What.
        pub kind: EventType,
        /// In which conversation.
        pub conversation: Option<ConversationId>,
        /// To what.
        pub subject: Option<Uuid>,
        /// JSON list of fields that changed.
        pub changed: String,
        /// Keyed hash of the content it speaks of.
        pub content: Option<Vec<u8>>,
    }
}

impl EventRow {
    /// The one text form that is hashed: a JSON array, in this order, so that any program can check it.
    #[must_use]
    pub fn canonical(&self) -> String {
        serde_json::json!([
            self.seq,
            self.id.to_string(),
            self.at.0,
            self.actor_kind.as_str(),
            self.actor.map(|a| a.to_string()),
            self.kind.as_str(),
            self.conversation.map(|c| c.to_string()),
            self.subject.map(|s| s.to_string()),
            self.changed,
            self.content.as_ref().map(hex::encode),
        ])
        .to_string()
    }
}

/// What the auditor found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audit {
    /// Everything up to `sealed` is as it was written; `head` is the newest event.
    Whole {
        /// The last event that a block covers.
        sealed: i64,
        /// The newest event.
        head: i64,
        /// The hash that stands for all of it.
        hash: Vec<u8>,
    },
    /// An event is missing: this seq.
    Gap(i64),
    /// The events of this block are not those that were sealed.
    Broken {
        /// First seq of the block.
        first: i64,
        /// Last seq of the block.
        last: i64,
    },
}

/// The hash of a block: SHA-256 of the hash before it, and the canonical form of each event, one a line.
#[must_use]
pub fn block_hash(before: &[u8], events: &[EventRow]) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(before);
    for event in events {
        hash.update(event.canonical().as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().to_vec()
}

impl Scope<'_> {
    /// Events after a seq, oldest first.
    pub fn events_after(&mut self, seq: i64, limit: i64) -> Result<Vec<EventRow>> {
        self.rows(AFTER, values![seq, limit])
    }

    /// The last seq that is sealed, and the hash up to it.
    pub fn sealed(&mut self) -> Result<(i64, Vec<u8>)> {
        Ok(self.row::<(i64, Vec<u8>)>(LAST_BLOCK, &[])?.unwrap_or_default())
    }

    /// Walks the whole log and says whether it is as it was written.
    pub fn audit(&mut self) -> Result<Audit> {
        let head = self.seq()?;
        let mut hash = Vec::new();
        let mut next = 1;
        let mut from = 0;
        loop {
            let blocks: Vec<(i64, i64, Vec<u8>)> = self.rows(BLOCKS, values![from, 100i64])?;
            let Some((last_first, _, _)) = blocks.last() else { break };
            from = *last_first;
            for (first, last, expected) in blocks {
                let events = self.events_after(first - 1, last - first + 1)?;
                if first != next {
                    return Ok(Audit::Gap(next));
                }
                if let Some(gap) = gap(next, &events, last) {
                    return Ok(Audit::Gap(gap));
                }
                hash = block_hash(&hash, &events);
                if hash != expected {
                    return Ok(Audit::Broken { first, last });
                }
                next = last + 1;
            }
        }
        let sealed = next - 1;
        // what is not sealed yet must at least be there
        while next <= head {
            let events = self.events_after(next - 1, BLOCK_MAX)?;
            let last = head.min(next + BLOCK_MAX - 1);
            if let Some(gap) = gap(next, &events, last) {
                return Ok(Audit::Gap(gap));
            }
            next = last + 1;
        }
        Ok(Audit::Whole { sealed, head, hash })
    }
}

/// The first seq that is missing between `first` and `last`.
fn gap(first: i64, events: &[EventRow], last: i64) -> Option<i64> {
    (first..=last)
        .zip(events.iter().map(|e| Some(e.seq)).chain(std::iter::repeat(None)))
        .find(|(expected, found)| *found != Some(*expected))
        .map(|(e, _)| e)
}

impl Tx<'_> {
    /// Seals what is not sealed yet, at most [`BLOCK_MAX`] events, and says how many that were.
    pub fn seal(&mut self) -> Result<usize> {
        let (sealed, before) = self.sealed()?;
        let events = self.events_after(sealed, BLOCK_MAX)?;
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(0) };
        let now = self.now();
        let (first, last) = (first.seq, last.seq);
        self.write(SEAL, values![first, last, block_hash(&before, &events), now])?;
        Ok(events.len())
    }
}
