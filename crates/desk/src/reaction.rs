//! Reactions to notes. They tell the author something and nobody else to look: nothing becomes unread.

use partyline_core::conversation::EntryId;
use partyline_core::emoji::Emoji;
use partyline_core::event::EventType;
use partyline_core::id::NoteId;
use partyline_core::permission::Permission;
use partyline_store::NewEvent;

use crate::error::{DeskError, Result};
use crate::note::note_row;
use crate::view::{EntryView, entry_view};
use crate::{Desk, Who};

/// Different emoji on one note.
pub const KINDS_MAX: usize = 20;

impl Desk {
    /// Reacts to a note with one emoji, or takes that back. What is so already changes nothing.
    ///
    /// # Errors
    /// `invalid` for anything but one emoji, and where the note has [`KINDS_MAX`] others.
    pub async fn react(&self, who: &Who, id: NoteId, emoji: &str, with: bool) -> Result<EntryView> {
        who.must(Permission::Note)?;
        let emoji: Emoji = emoji
            .parse()
            .map_err(|_| DeskError::field("emoji", "malformed", "React with one emoji, and nothing else."))?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let note = note_row(tx, &who, id)?;
                let view = entry_view(tx, EntryId::Note(id))?;
                let changed = if with {
                    if view.reactions.iter().all(|r| r.emoji != emoji.as_str()) && view.reactions.len() >= KINDS_MAX {
                        let detail =
                            format!("A note has at most {KINDS_MAX} different reactions. Use one that is there.");
                        return Err(DeskError::field("emoji", "too_many", detail));
                    }
                    tx.react(note.seq, who.user, emoji.as_str())?
                } else {
                    tx.take_reaction_back(note.seq, who.user, emoji.as_str())?
                };
                if !changed {
                    return Ok(view);
                }
                let event = NewEvent::new(who.actor(), EventType::NoteReacted).conversation(note.conversation);
                tx.append(event.subject(id.uuid()).changed(["reactions"]))?;
                entry_view(tx, EntryId::Note(id))
            })
            .await
    }
}
