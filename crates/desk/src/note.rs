//! Notes: what only the team sees. A note has no channel, no address and no delivery, so it can't leave.

use partyline_core::conversation::EntryId;
use partyline_core::event::EventType;
use partyline_core::id::{ConversationId, NoteId, UserId};
use partyline_core::permission::Permission;
use partyline_store::entries::NewEntry;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, Tx};
use serde_json::json;

use crate::error::{DeskError, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::view::{EntryView, entry_view, see};
use crate::{Desk, Who};

/// Characters of a note.
pub const NOTE_MAX: usize = 20_000;
/// People that one note may mention.
pub const MENTIONS_MAX: usize = 50;

/// The people that a note mentions, written as `@[Name](user_…)`.
fn mentions(text: &str) -> Vec<UserId> {
    let mut found = Vec::new();
    for part in text.split("@[").skip(1) {
        let id = part.split_once("](").and_then(|(_, rest)| rest.split_once(')')).and_then(|(id, _)| id.parse().ok());
        if let Some(id) = id
            && !found.contains(&id)
            && found.len() < MENTIONS_MAX
        {
            found.push(id);
        }
    }
    found
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
        if text.trim().is_empty() {
            return Err(DeskError::field("text", "required", "Write something."));
        }
        if text.chars().count() > NOTE_MAX {
            return Err(DeskError::field("text", "too_long", format!("A note has at most {NOTE_MAX} characters.")));
        }
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
}

fn write(tx: &mut Tx<'_>, who: &Who, id: ConversationId, text: &str) -> Result<NoteId> {
    let users = tx.users()?;
    let mentioned: Vec<UserId> =
        mentions(text).into_iter().filter(|m| users.iter().any(|u| u.id == *m && u.deactivated_at.is_none())).collect();
    let note = NoteId::new(tx.now(), &entropy());
    let contact = tx.conversation(id)?.map(|c| c.address);
    let mut event = NewEvent::new(who.actor(), EventType::NoteCreated).conversation(id).subject(note.uuid());
    if let Some(address) = contact
        && let Some(address) = tx.address(address)?
    {
        event.content = crate::queue::content_hash(&address, text);
    }
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
        data: (!mentioned.is_empty()).then(|| json!({ "mentions": mentioned })),
    })?;
    tx.change(id, |held| {
        held.row.last_activity_at = now;
        held.row.last_seq = seq;
        held.row.unread_seq = seq;
        for user in &mentioned {
            held.user(*user).mentioned_at = Some(now);
        }
        let author = held.user(who.user);
        author.read_seq = seq;
        author.touched_at = Some(now);
    })?;
    Ok(note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use partyline_core::time::Millis;

    #[test]
    fn mentions_are_read_and_bad_ones_are_text() {
        let ana = UserId::new(Millis(1), &[1; 10]);
        let tom = UserId::new(Millis(2), &[2; 10]);
        assert_eq!(mentions(&format!("@[Ana]({ana}) and @[Tom]({tom}), @[Ana]({ana}) again")), [ana, tom]);
        for text in [
            "",
            "@",
            "@[",
            "@[Ana]",
            "@[Ana](",
            "@[Ana](user_x)",
            "mail a@[b](c)",
            "@[Ana](team_01h455vb4pex5vsknk084sn02q)",
        ] {
            assert!(mentions(text).is_empty(), "{text}");
        }
    }
}
