//! Notes: what only the team sees. A note has no channel, no address and no delivery, so it can't leave.

use partyline_core::conversation::EntryId;
use partyline_core::event::EventType;
use partyline_core::id::{ConversationId, NoteId, TeamId, UserId};
use partyline_core::permission::Permission;
use partyline_core::time::Millis;
use partyline_store::entries::{EntryRow, NewEntry};
pub use partyline_store::notes::RevisionRow;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, Scope, StoreError, Tx};
use serde_json::{Map, Value, json};

use crate::error::{DeskError, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::notify;
use crate::view::{AsOf, EntryView, entry_view, see};
use crate::{Desk, Who};

/// Characters of a note.
pub const NOTE_MAX: usize = 20_000;
/// People and teams that one note may mention; the rest is text.
pub const MENTIONS_MAX: usize = 50;
/// People that one note may reach, through the teams that it mentions: each of them is written to.
pub const REACHED_MAX: usize = 500;
/// How often a note may be edited: its history is read whole.
pub const REVISIONS_MAX: i64 = 100;

const NO_NOTE: DeskError = DeskError::NotFound("The note");

/// Who is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mention {
    User(UserId),
    Team(TeamId),
}

impl Mention {
    fn parse(id: &str) -> Option<Mention> {
        id.parse().map(Mention::User).or_else(|_| id.parse().map(Mention::Team)).ok()
    }
}

impl std::fmt::Display for Mention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Mention::User(id) => id.fmt(f),
            Mention::Team(id) => id.fmt(f),
        }
    }
}

/// Who a text names: people as `@[Name](user_…)`, teams as `@[Name](team_…)`.
fn mentions(text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    for part in text.split("@[").skip(1) {
        let id =
            part.split_once("](").and_then(|(_, rest)| rest.split_once(')')).and_then(|(id, _)| Mention::parse(id));
        if let Some(id) = id
            && !found.contains(&id)
            && found.len() < MENTIONS_MAX
        {
            found.push(id);
        }
    }
    found
}

/// A text as it is read aloud: of who is named, the name alone.
pub(crate) fn spoken(text: &str) -> String {
    let mut spoken = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@[") {
        spoken.push_str(before);
        spoken.push('@');
        let named = after.split_once("](").and_then(|(name, tail)| {
            let (id, tail) = tail.split_once(')')?;
            Mention::parse(id).map(|_| (name, tail))
        });
        match named {
            Some((name, tail)) => {
                spoken.push_str(name);
                rest = tail;
            }
            None => {
                spoken.push('[');
                rest = after;
            }
        }
    }
    spoken + rest
}

impl Desk {
    /// Writes a note. Who is mentioned may see the conversation from then on.
    pub async fn note(
        &self,
        who: &Who,
        id: ConversationId,
        text: String,
        key: Option<RequestKey>,
    ) -> Result<EntryView> {
        who.must(Permission::Note)?;
        check(&text)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                see(tx, &who, id)?;
                let note = match made_before(tx, key.as_ref())? {
                    Some(note) => note,
                    None => {
                        let note = write(tx, &who, id, &text)?;
                        made(tx, key.as_ref(), note)?;
                        note
                    }
                };
                entry_view(tx, EntryId::Note(note))
            })
            .await
    }

    /// Rewrites a note, its author or an admin. What it said is kept; who is mentioned anew is told now, and nobody loses what a mention
    /// gave them. The same text again changes nothing.
    pub async fn edit_note(&self, who: &Who, id: NoteId, text: String) -> Result<EntryView> {
        who.must(Permission::Note)?;
        check(&text)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let note = note_row(tx, &who, id)?;
                if note.author != Some(who.user.uuid()) && !who.role.sees_everything() {
                    return Err(DeskError::refused(
                        "not_yours",
                        "Only who wrote a note, and an admin, can change it. Write another one.",
                    ));
                }
                if note.text.as_deref() != Some(text.as_str()) {
                    edit(tx, &who, id, &note, &text)?;
                }
                entry_view(tx, EntryId::Note(id))
            })
            .await
    }

    /// What a note said before, oldest first.
    pub async fn revisions(&self, who: &Who, id: NoteId) -> Result<AsOf<Vec<RevisionRow>>> {
        who.must(Permission::Read)?;
        let who = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let note = note_row(scope, &who, id)?;
                Ok(AsOf { seq: scope.seq()?, value: scope.revisions(note.seq)? })
            })
            .await
    }
}

pub(crate) fn check(text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(DeskError::field("text", "required", "Write something."));
    }
    if text.chars().count() > NOTE_MAX {
        return Err(DeskError::field("text", "too_long", format!("A note has at most {NOTE_MAX} characters.")));
    }
    Ok(())
}

/// A note that they may see and whose text is there; otherwise there is none.
pub(crate) fn note_row(scope: &mut Scope<'_>, who: &Who, id: NoteId) -> Result<EntryRow> {
    let note = scope.entry(id.uuid())?.filter(|entry| entry.kind == "note" && entry.text.is_some()).ok_or(NO_NOTE)?;
    if scope.sees(who.viewer(), note.conversation)? { Ok(note) } else { Err(NO_NOTE) }
}

/// Whom a note names: those of its mentions that there are, and whom these reach. A closed team that its author can't see is text, as is
/// whoever has left.
struct Named {
    mentions: Vec<Mention>,
    people: Vec<UserId>,
}

fn named(tx: &mut Tx<'_>, who: &Who, text: &str, before: &[Mention]) -> Result<Named> {
    let mut named = Named { mentions: Vec::new(), people: Vec::new() };
    let wanted = mentions(text);
    if wanted.is_empty() {
        return Ok(named);
    }
    let users = tx.users()?;
    let teams = tx.visible_teams(who.viewer())?;
    for mention in wanted {
        let reached = match mention {
            Mention::User(id) if users.iter().any(|u| u.id == id && u.deactivated_at.is_none()) => vec![id],
            // who writes to their own team does not write to themselves
            Mention::Team(id) if teams.contains(&id) => {
                tx.counted_on(id)?.into_iter().filter(|user| *user != who.user).collect()
            }
            Mention::User(_) | Mention::Team(_) => continue,
        };
        named.mentions.push(mention);
        if !before.contains(&mention) {
            named.people.extend(reached);
        }
    }
    named.people.sort_unstable();
    named.people.dedup();
    if named.people.len() > REACHED_MAX {
        let detail = format!("This would reach {} people; a note may reach {REACHED_MAX}.", named.people.len());
        return Err(DeskError::field("text", "too_many_mentions", detail));
    }
    Ok(named)
}

fn ids(mentions: &[Mention]) -> Vec<String> {
    mentions.iter().map(Mention::to_string).collect()
}

/// A fact about a note, with the hash by which the log knows what it says.
fn content(tx: &mut Tx<'_>, conversation: ConversationId, text: &str) -> Result<Option<[u8; 32]>, StoreError> {
    let Some(row) = tx.conversation(conversation)? else { return Ok(None) };
    Ok(tx.address(row.address)?.and_then(|address| crate::queue::content_hash(&address, text)))
}

pub(crate) fn write(tx: &mut Tx<'_>, who: &Who, id: ConversationId, text: &str) -> Result<NoteId> {
    let named = named(tx, who, text, &[])?;
    let note = NoteId::new(tx.now(), &entropy());
    let mut event = NewEvent::new(who.actor(), EventType::NoteCreated).conversation(id).subject(note.uuid());
    event.content = content(tx, id, text)?;
    let seq = tx.append(event)?.seq;
    let now = tx.now();
    tx.insert_entry(NewEntry {
        seq,
        id: EntryId::Note(note),
        conversation: id,
        at: now,
        direction: None,
        channel: None,
        address: None,
        author_kind: who.actor().kind(),
        author: who.actor().uuid(),
        text: Some(text.to_owned()),
        provider_key: None,
        late: false,
        data: (!named.mentions.is_empty()).then(|| json!({ "mentions": ids(&named.mentions) })),
    })?;
    tx.change(id, |held| {
        held.row.last_activity_at = now;
        held.row.last_seq = seq;
        held.row.unread_seq = seq;
        for user in &named.people {
            held.user(*user).mentioned_at = Some(now);
        }
        let author = held.user(who.user);
        author.read_seq = seq;
        author.touched_at = Some(now);
    })?;
    notify::named(tx, seq, id, &named.people, who.actor())?;
    Ok(note)
}

fn edit(tx: &mut Tx<'_>, who: &Who, id: NoteId, note: &EntryRow, text: &str) -> Result<()> {
    let revision = tx.revision_count(note.seq)? + 1;
    if revision > REVISIONS_MAX {
        let detail = format!("This note was edited {REVISIONS_MAX} times. Write another one.");
        return Err(DeskError::refused("too_many_revisions", detail));
    }
    let data: Option<Value> = note.data.as_deref().and_then(|data| serde_json::from_str(data).ok());
    let mut data = match data {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let before = mentioned_in(&data);
    let named = named(tx, who, text, &before)?;
    // who wrote what stands there now, and when
    let editor = data.get("edited_by").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let edited_at = data.get("edited_at").and_then(Value::as_i64).map(Millis);
    let author = editor.or(note.author.map(UserId::from_uuid)).unwrap_or(who.user);
    let said = note.text.as_deref().unwrap_or_default();
    tx.keep_revision(note.seq, revision, said, author, edited_at.unwrap_or(note.at))?;
    let now = tx.now();
    data.insert("mentions".to_owned(), json!(ids(&named.mentions)));
    data.insert("edited_at".to_owned(), json!(now.0));
    data.insert("edited_by".to_owned(), json!(who.user));
    tx.set_note(note.seq, text, &Value::Object(data))?;
    let mut event = NewEvent::new(who.actor(), EventType::NoteEdited).conversation(note.conversation);
    event = event.subject(id.uuid()).changed(["text"]);
    event.content = content(tx, note.conversation, text)?;
    let seq = tx.append(event)?.seq;
    tx.change(note.conversation, |held| {
        let unread_seq = held.row.unread_seq;
        for user in &named.people {
            let user = held.user(*user);
            user.mentioned_at = Some(now);
            // it is news to them alone
            if user.user != who.user {
                user.read_seq = user.read_seq.min(unread_seq - 1);
            }
        }
        held.user(who.user).touched_at = Some(now);
    })?;
    notify::named(tx, seq, note.conversation, &named.people, who.actor())?;
    Ok(())
}

fn mentioned_in(data: &Map<String, Value>) -> Vec<Mention> {
    let list = data.get("mentions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|id| Mention::parse(id.as_str()?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use partyline_core::time::Millis;

    #[test]
    fn mentions_are_read_and_bad_ones_are_text() {
        let ana = UserId::new(Millis(1), &[1; 10]);
        let tom = UserId::new(Millis(2), &[2; 10]);
        let west = TeamId::new(Millis(3), &[3; 10]);
        assert_eq!(
            mentions(&format!("@[Ana]({ana}) and @[Tom]({tom}), @[Ana]({ana}) again, @[West]({west})")),
            [Mention::User(ana), Mention::User(tom), Mention::Team(west)]
        );
        for text in [
            "",
            "@",
            "@[",
            "@[Ana]",
            "@[Ana](",
            "@[Ana](user_x)",
            "mail a@[b](c)",
            "@[Ana](label_01h455vb4pex5vsknk084sn02q)",
        ] {
            assert!(mentions(text).is_empty(), "{text}");
            assert_eq!(spoken(text), text);
        }
        assert_eq!(spoken(&format!("Ask @[Ana]({ana}), or @[West]({west}).")), "Ask @Ana, or @West.");
    }
}
