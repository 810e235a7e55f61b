//! Search: an index of words over all that a team keeps, filled behind the commit, and the walk over what is found in it.
//!
//! Each entry but the lines of events has a document in the index, under its seq: its words and the ends of its numbers as
//! [`partyline_core::query::document`] gives them, those of its files' names, and *signs*, words that nobody can write: of its author,
//! the conversation's team and its labels. A contact has one too, of names and numbers, under the seq of an event about it.
//!
//! Signs only make a walk short. They lag behind by as much as the index does, so everything that is found is held against the rows
//! themselves before it is shown: who may see it, and every condition of the query.
//!
//! - [`fill`] brings documents up to the log; how far it has come stands in the cursor `search`.
//! - [`walk`] looks for them, the newest first, and stops after so many or so long.
//! - [`people`] looks for contacts.

pub mod fill;
pub mod hits;
pub mod people;
pub mod walk;
mod words;

use crate::sql::{Sql, queries};

queries! {
    EVENTS = "SELECT seq, type, conversation_id, subject_id, changed FROM events WHERE workspace = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    ENTRIES = "SELECT e.seq, e.at, e.kind, e.text, e.author_id, e.erased_at, e.conversation_id, c.team_id FROM entries e JOIN conversations c ON c.workspace = e.workspace AND c.id = e.conversation_id WHERE e.workspace = $1 AND e.seq > $2 AND e.seq <= $3 AND e.kind <> 'event' ORDER BY e.seq";
    ENTRY = "SELECT e.seq, e.at, e.kind, e.text, e.author_id, e.erased_at, e.conversation_id, c.team_id FROM entries e JOIN conversations c ON c.workspace = e.workspace AND c.id = e.conversation_id WHERE e.workspace = $1 AND e.id = $2 AND e.kind <> 'event'";
    OF_CONVERSATION = "SELECT e.seq, e.at, e.kind, e.text, e.author_id, e.erased_at, e.conversation_id, c.team_id FROM entries e JOIN conversations c ON c.workspace = e.workspace AND c.id = e.conversation_id WHERE e.workspace = $1 AND e.conversation_id = $2 AND (e.at, e.seq) > ($3, $4) AND e.kind <> 'event' ORDER BY e.at, e.seq LIMIT $5";
    BEGIN = "INSERT INTO cursors (workspace, reader, at) VALUES ($1, 'search', 0) ON CONFLICT (workspace, reader) DO NOTHING";
    ADVANCE = "UPDATE cursors SET at = $3 WHERE workspace = $1 AND reader = 'search' AND at = $2";
    REACHED = "SELECT at FROM cursors WHERE workspace = $1 AND reader = 'search'";
    FORGET_CURSORS = "DELETE FROM cursors WHERE reader = 'search'";
    MARK_STALE = "INSERT INTO cursors (workspace, reader, at) VALUES ($1, 'search stale', 1) ON CONFLICT (workspace, reader) DO UPDATE SET at = 1";
    STALE = "SELECT count(*) FROM cursors WHERE reader = 'search stale'";
    BEGIN_MERGE = "UPDATE cursors SET at = 2 WHERE reader = 'search stale'";
    END_MERGE = "DELETE FROM cursors WHERE reader = 'search stale' AND at = 2";
    CONTACT = "SELECT name, erased_at FROM contacts WHERE workspace = $1 AND id = $2";
    ADDRESSES = "SELECT value FROM addresses WHERE workspace = $1 AND contact_id = $2 ORDER BY created_at, id";
    CONTACT_DOC = "SELECT seq FROM contact_docs WHERE workspace = $1 AND contact_id = $2";
    KEEP_CONTACT_DOC = "INSERT INTO contact_docs (workspace, contact_id, seq) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    FORGET_CONTACT_DOC = "DELETE FROM contact_docs WHERE workspace = $1 AND contact_id = $2";
    AT_SEQ = "SELECT at FROM events WHERE workspace = $1 AND seq = $2";
    HAS_IMPORTS = "SELECT 1 FROM imports WHERE workspace = $1 LIMIT 1";
    SEEN_TEAMS = "SELECT t.id FROM teams t WHERE t.workspace = $1 AND (t.closed = 0 OR $3 = 1 OR EXISTS (SELECT 1 FROM team_members m WHERE m.workspace = t.workspace AND m.team_id = t.id AND m.user_id = $2)) ORDER BY t.id";
    SEEN_OF_CONTACT = "SELECT c.id FROM conversations c WHERE c.workspace = $1 AND c.contact_id = $2 AND c.status <> 'merged' AND (c.team_id IS NULL OR $4 = 1 OR EXISTS (SELECT 1 FROM teams t WHERE t.workspace = c.workspace AND t.id = c.team_id AND (t.closed = 0 OR EXISTS (SELECT 1 FROM team_members m WHERE m.workspace = t.workspace AND m.team_id = t.id AND m.user_id = $3))) OR EXISTS (SELECT 1 FROM conversation_users u WHERE u.workspace = c.workspace AND u.conversation_id = c.id AND u.user_id = $3 AND (u.assigned = 1 OR u.access = 1))) ORDER BY c.last_activity_at DESC, c.id DESC LIMIT 1";
    HAS_CONVERSATION = "SELECT 1 FROM conversations WHERE workspace = $1 AND contact_id = $2 LIMIT 1";
}

/// Puts a document in, or in the place of the one that is there. `$3` is [`words::Document::text`].
const KEEP: Sql = Sql::differs(
    "search::KEEP",
    "INSERT OR REPLACE INTO entry_search (rowid, words) VALUES (($1 << 40) | $2, $3)",
    "INSERT INTO entry_search (workspace, seq, bucket, words) VALUES ($1, $2, ($2::bigint >> 17)::int, $3::text::tsvector) ON CONFLICT (workspace, seq) DO UPDATE SET words = excluded.words",
);
const FORGET: Sql = Sql::differs(
    "search::FORGET",
    "DELETE FROM entry_search WHERE rowid = ($1 << 40) | $2",
    "DELETE FROM entry_search WHERE workspace = $1 AND seq = $2",
);
/// The newest documents of `$2` in a range of seqs without its ends. PostgreSQL is told the range of buckets too.
const FIND: Sql = Sql::differs(
    "search::FIND",
    "SELECT rowid - ($1 << 40) FROM entry_search WHERE entry_search MATCH $2 AND rowid > ($1 << 40) + $3 AND rowid < ($1 << 40) + $4 ORDER BY rowid DESC LIMIT $5",
    "SELECT seq FROM entry_search WHERE workspace = $1 AND words @@ $2::text::tsquery AND seq > $3 AND seq < $4 AND bucket BETWEEN $6 AND $7 ORDER BY seq DESC LIMIT $5",
);
pub(crate) const DIFFERING: &[Sql] = &[KEEP, FORGET, FIND];
/// Entries of one bucket, as a power of two.
const BUCKET_BITS: u32 = 17;
/// What the tests look up the plan of.
#[doc(hidden)]
#[must_use]
pub fn sample() -> Sql {
    FIND
}
