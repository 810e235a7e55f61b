//! Filling the index, behind the commit and from the log, so that it can be filled anew at any time.
//!
//! What a batch brings is written together with how far it goes, and only where nobody has come further meanwhile: whatever is broken
//! off is done again, and nothing old is written over something newer. A document is made from the rows as they are now, so doing it
//! twice makes the same.

use std::collections::{BTreeSet, HashMap, HashSet};

use partyline_core::event::EventType;
use partyline_core::id::{ContactId, ConversationId, LabelId, TeamId};
use partyline_core::time::Millis;
use uuid::Uuid;

use super::words::{Document, Sign};
use super::{
    ADDRESSES, ADVANCE, BEGIN, BEGIN_MERGE, CONTACT, CONTACT_DOC, END_MERGE, ENTRIES, ENTRY, EVENTS, FORGET,
    FORGET_CONTACT_DOC, FORGET_CURSORS, KEEP, KEEP_CONTACT_DOC, MARK_STALE, OF_CONVERSATION, REACHED, STALE,
};
use crate::error::Result;
use crate::lists::{PAGE_MAX, padded, places};
use crate::scope::{Root, Scope, Workspace};
use crate::sql::{Sql, assembled};
use crate::value::{row, values};

/// Events that are read for one batch; each makes one document at most, but for what moves a whole conversation.
pub const EVENTS_AT_ONCE: i64 = 400;
/// Entries of a conversation whose signs change that are written at once.
pub const ENTRIES_AT_ONCE: i64 = 400;
/// Pages of SQLite's index that are merged at once: some milliseconds.
const MERGE_PAGES: i64 = 200;

row! {
    /// What a document is made of.
    pub struct EntryToIndex {
        /// Its place in the log.
        pub seq: i64,
        /// When it happened.
        pub at: Millis,
        /// `message`, `note`, `call`.
        pub kind: String,
        /// What it says.
        pub text: Option<String>,
        /// Who wrote it.
        pub author: Option<Uuid>,
        /// When it was erased.
        pub erased_at: Option<Millis>,
        /// Its home.
        pub conversation: ConversationId,
        /// Whose inbox that is in.
        pub team: Option<TeamId>,
    }
}

/// A document under its seq; `None`: there is nothing to find any more.
#[derive(Debug, Clone)]
struct Doc {
    seq: i64,
    text: Option<String>,
}

/// A part of the log, read for the index.
#[derive(Debug)]
pub struct Batch {
    from: i64,
    to: i64,
    docs: Vec<Doc>,
    contacts: Vec<(ContactId, i64, Option<String>)>,
    /// Conversations whose team or labels have changed: all of their entries are written anew first, page by page.
    pub conversations: Vec<ConversationId>,
}

impl Batch {
    /// How many documents it brings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.docs.len() + self.contacts.len()
    }

    /// Does it bring none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Up to which seq it goes.
    #[must_use]
    pub fn reaches(&self) -> i64 {
        self.to
    }

    /// Does it put a document in the place of one with other words? The signs of a conversation's entries are no words.
    fn takes_out(&self) -> bool {
        self.to > self.from && self.docs.iter().any(|doc| doc.seq <= self.from)
    }

    /// The same place of the log with a page of a conversation, and where the next page begins.
    fn page(&self, docs: Vec<Doc>) -> Batch {
        Batch { from: self.from, to: self.from, docs, contacts: Vec::new(), conversations: Vec::new() }
    }
}

/// Where in a conversation a page ends.
pub type After = (Millis, i64);

impl Scope<'_> {
    /// How many events the index is behind the log.
    pub fn index_behind(&mut self) -> Result<i64> {
        Ok(self.seq()? - self.index_reaches()?)
    }

    fn index_reaches(&mut self) -> Result<i64> {
        Ok(self.row::<(i64,)>(REACHED, &[])?.map_or(0, |(at,)| at))
    }

    /// The next part of the log that the index has not seen; `None`: it has seen everything.
    pub fn to_index(&mut self) -> Result<Option<Batch>> {
        let from = self.index_reaches()?;
        if self.seq()? <= from {
            return Ok(None);
        }
        type Event = (i64, EventType, Option<ConversationId>, Option<Uuid>, String);
        let events = self.rows::<Event>(EVENTS, values![from, EVENTS_AT_ONCE])?;
        let Some((to, ..)) = events.last() else { return Ok(None) };
        let to = *to;
        let mut entries = self.rows::<EntryToIndex>(ENTRIES, values![from, to])?;
        let mut known: HashSet<i64> = entries.iter().map(|entry| entry.seq).collect();
        let (mut conversations, mut contacts) = (BTreeSet::new(), HashMap::new());
        for (seq, kind, conversation, subject, changed) in events {
            match (kind, conversation, subject) {
                (EventType::NoteEdited | EventType::MessageUpdated, _, Some(id)) => {
                    entries.extend(self.row::<EntryToIndex>(ENTRY, values![id])?.filter(|e| known.insert(e.seq)));
                }
                (EventType::ConversationLabelled, Some(id), _) => drop(conversations.insert(id)),
                (EventType::ConversationUpdated, Some(id), _) if changed.contains("\"team_id\"") => {
                    conversations.insert(id);
                }
                (EventType::ContactCreated | EventType::ContactUpdated, _, Some(id)) => {
                    contacts.insert(ContactId::from_uuid(id), seq);
                }
                _ => {}
            }
        }
        let docs = self.documents(&entries)?;
        let mut of_contacts = Vec::new();
        for (id, seq) in contacts {
            of_contacts.push((id, seq, self.contact_document(id)?));
        }
        Ok(Some(Batch { from, to, docs, contacts: of_contacts, conversations: conversations.into_iter().collect() }))
    }

    /// A page of one of a batch's conversations, to be written before the batch itself; and after what the next page begins.
    pub fn to_index_of(
        &mut self,
        batch: &Batch,
        id: ConversationId,
        after: Option<After>,
    ) -> Result<(Batch, Option<After>)> {
        let (at, seq) = after.unwrap_or((Millis(i64::MIN), 0));
        let entries = self.rows::<EntryToIndex>(OF_CONVERSATION, values![id, at, seq, ENTRIES_AT_ONCE])?;
        let is_full = i64::try_from(entries.len()).unwrap_or(0) == ENTRIES_AT_ONCE;
        let next = entries.last().filter(|_| is_full).map(|entry| (entry.at, entry.seq));
        Ok((batch.page(self.documents(&entries)?), next))
    }

    fn documents(&mut self, entries: &[EntryToIndex]) -> Result<Vec<Doc>> {
        let postgres = self.connection.is_postgres();
        let mut ids: Vec<ConversationId> = entries.iter().map(|entry| entry.conversation).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut labels: HashMap<ConversationId, Vec<LabelId>> = HashMap::new();
        for chunk in ids.chunks(PAGE_MAX) {
            let (size, values) = padded(chunk, &[]);
            let sql = assembled(&format!("labels to index {size}"), || {
                format!(
                    "SELECT conversation_id, label_id FROM conversation_labels WHERE workspace = $1 AND conversation_id IN ({})",
                    places(2, size)
                )
            });
            for (conversation, label) in self.rows::<(ConversationId, LabelId)>(sql, &values)? {
                labels.entry(conversation).or_default().push(label);
            }
        }
        let seqs: Vec<i64> = entries.iter().map(|entry| entry.seq).collect();
        let mut files: HashMap<i64, Vec<String>> = HashMap::new();
        for file in self.attachments_of(&seqs)? {
            files.entry(file.seq.unwrap_or_default()).or_default().push(file.name);
        }
        let mut docs = Vec::with_capacity(entries.len());
        for entry in entries {
            if entry.erased_at.is_some() {
                docs.push(Doc { seq: entry.seq, text: None });
                continue;
            }
            let mut doc = Document::default();
            if let Some(text) = &entry.text {
                doc.text(&spoken(text));
            }
            let names = files.remove(&entry.seq).unwrap_or_default();
            for name in &names {
                doc.text(name);
            }
            doc.sign(&Sign::entry());
            if entry.kind == "note" {
                doc.sign(&Sign::note());
            }
            if !names.is_empty() {
                doc.sign(&Sign::file());
            }
            if let Some(author) = entry.author {
                doc.sign(&Sign::author(author));
            }
            if let Some(team) = entry.team {
                doc.sign(&Sign::team(team.uuid()));
            }
            for label in labels.get(&entry.conversation).into_iter().flatten() {
                doc.sign(&Sign::label(label.uuid()));
            }
            docs.push(Doc { seq: entry.seq, text: Some(doc.finish(postgres)) });
        }
        Ok(docs)
    }

    fn contact_document(&mut self, id: ContactId) -> Result<Option<String>> {
        let Some((name, erased_at)) = self.row::<(Option<String>, Option<Millis>)>(CONTACT, values![id])? else {
            return Ok(None);
        };
        if erased_at.is_some() {
            return Ok(None);
        }
        let mut doc = Document::default();
        if let Some(name) = name {
            doc.of_contact(&name);
        }
        for (value,) in self.rows::<(String,)>(ADDRESSES, values![id])? {
            doc.of_contact(&value);
        }
        Ok(Some(doc.finish(self.connection.is_postgres())))
    }

    /// Notes that words were taken out of SQLite's index.
    fn mark_stale(&mut self) -> Result<()> {
        if self.connection.is_postgres() {
            return Ok(());
        }
        self.write(MARK_STALE, &[])
    }

    fn keep(&mut self, doc: &Doc) -> Result<()> {
        match &doc.text {
            Some(text) => self.run(KEEP, values![doc.seq, text]),
            None => self.run(FORGET, values![doc.seq]),
        }
        .map(drop)
    }

    /// A contact keeps the place that it has, so that it is there once.
    fn keep_contact(&mut self, id: ContactId, seq: i64, text: Option<&String>) -> Result<()> {
        if self.run(KEEP_CONTACT_DOC, values![id, seq])? == 0 {
            self.mark_stale()?;
        }
        let Some((seq,)) = self.row::<(i64,)>(CONTACT_DOC, values![id])? else { return Ok(()) };
        self.keep(&Doc { seq, text: text.cloned() })?;
        if text.is_none() {
            self.write(FORGET_CONTACT_DOC, values![id])?;
        }
        Ok(())
    }
}

impl Root<'_> {
    /// Writes what a batch brings. `false`: somebody else has come further meanwhile, and nothing was written.
    pub fn index(&mut self, workspace: Workspace, batch: &Batch) -> Result<bool> {
        let mut scope = Scope { connection: &mut *self.connection, workspace };
        if batch.from == 0 {
            scope.write(BEGIN, &[])?;
        }
        // it also locks the cursor, so that of two who have read the same only one writes
        if scope.run(ADVANCE, values![batch.from, batch.to])? == 0 {
            return Ok(false);
        }
        for doc in &batch.docs {
            scope.keep(doc)?;
        }
        if batch.takes_out() {
            scope.mark_stale()?;
        }
        for (id, seq, text) in &batch.contacts {
            scope.keep_contact(*id, *seq, text.as_ref())?;
        }
        Ok(true)
    }

    /// Lets the index be filled from the beginning: after a restore it is empty.
    pub fn index_anew(&mut self) -> Result<()> {
        self.connection.write(FORGET_CURSORS, &[])
    }

    /// Were words taken out of SQLite's index since they were last merged away? They are in its bytes until then. PostgreSQL's own upkeep
    /// sees to its index.
    pub fn index_is_stale(&mut self) -> Result<bool> {
        Ok(self.connection.row::<(i64,)>(STALE, &[])?.is_some_and(|(n,)| n > 0))
    }

    /// Merges a part of SQLite's index, some milliseconds of work. The first part, which says `begin`, makes all that is there be merged.
    /// `true`: there is more.
    pub fn merge_index(&mut self, begin: bool) -> Result<bool> {
        if self.connection.is_postgres() {
            return Ok(false);
        }
        if begin {
            // what is taken out from now on is marked anew, and the mark that is here goes when all of it is merged
            self.connection.run(BEGIN_MERGE, &[])?;
        }
        let pages = if begin { -MERGE_PAGES } else { MERGE_PAGES };
        let changes = Sql::declared("search::changes", "SELECT total_changes()");
        let before = self.connection.row::<(i64,)>(changes, &[])?;
        self.connection.batch(&format!("INSERT INTO entry_search (entry_search, rank) VALUES ('merge', {pages})"))?;
        let after = self.connection.row::<(i64,)>(changes, &[])?;
        // FTS5's documentation, 6.7: one change is only the INSERT itself
        let more = begin || after.zip(before).is_some_and(|((after,), (before,))| after - before > 1);
        if !more {
            self.connection.write(END_MERGE, &[])?;
        }
        Ok(more)
    }
}

/// A text as people read it: of a mention, `@[Name](user_…)`, only the name.
#[must_use]
pub fn spoken(text: &str) -> String {
    let mut spoken = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@[") {
        spoken.push_str(before);
        spoken.push('@');
        rest = match after.split_once("](").and_then(|(name, tail)| Some((name, tail.split_once(')')?))) {
            Some((name, (id, tail))) if is_id(id) && !name.contains("@[") => {
                spoken.push_str(name);
                tail
            }
            _ => {
                spoken.push('[');
                after
            }
        };
    }
    spoken.push_str(rest);
    spoken
}

/// `user_…` or `team_…`.
fn is_id(text: &str) -> bool {
    let digits = text.strip_prefix("user_").or_else(|| text.strip_prefix("team_"));
    digits.is_some_and(|digits| digits.len() == 26 && digits.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_mention_only_the_name_is_read() {
        let id = "user_01h455vb4pex5vsknk084sn02q";
        assert_eq!(spoken(&format!("@[Ana Ruiz]({id}), see @[x](y) @[")), "@Ana Ruiz, see @[x](y) @[");
        assert_eq!(spoken("plain"), "plain");
        assert_eq!(spoken(&format!("@[a @[Ana]({id})")), "@[a @Ana");
    }
}
