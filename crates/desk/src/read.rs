//! What I have read. It is mine alone: it goes to my own browsers, and leaves no event.

use partyline_core::conversation::EntryId;
use partyline_core::id::ConversationId;
use partyline_core::permission::Permission;

use crate::error::{DeskError, Result};
use crate::live::{ReadMark, Signal};
use crate::view::see;
use crate::{Desk, Who};

/// What was read.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadIn {
    /// Up to this entry; everything when unsaid.
    pub entry: Option<EntryId>,
    /// Mark it unread instead.
    pub unread: bool,
}

impl Desk {
    /// Marks a conversation read up to an entry, or unread. Reading never goes back by itself.
    pub async fn read(&self, who: &Who, id: ConversationId, read: ReadIn) -> Result<()> {
        who.must(Permission::Read)?;
        let user = who.user;
        let asker = who.clone();
        let (unread, saw) = self
            .inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                see(tx, &asker, id)?;
                let up_to = match read.entry {
                    Some(entry) => {
                        let entry = tx.entry(entry.uuid())?.filter(|e| e.conversation == id);
                        Some(
                            entry
                                .ok_or_else(|| {
                                    DeskError::field("entry_id", "unknown", "This entry is not in the conversation.")
                                })?
                                .seq,
                        )
                    }
                    None => None,
                };
                let (held, ()) = tx.change(id, |held| {
                    let newest = held.row.last_seq.max(held.row.unread_seq);
                    let unread_seq = held.row.unread_seq;
                    let last_seq = held.row.last_seq;
                    let mine = held.user(user);
                    mine.read_seq = match (read.unread, up_to) {
                        (true, _) => unread_seq - 1,
                        (false, Some(seq)) if seq >= last_seq => newest,
                        (false, Some(seq)) => mine.read_seq.max(seq),
                        (false, None) => newest,
                    };
                })?;
                // what tells of it was seen with it, also of what is on no timeline
                let seen = match (read.unread, up_to) {
                    (true, _) => None,
                    (false, Some(seq)) if seq < held.row.last_seq => Some(seq),
                    (false, _) => Some(i64::MAX),
                };
                let saw = match seen {
                    Some(seq) => tx.see_notifications_in(user, id, seq)?,
                    None => false,
                };
                Ok::<_, DeskError>((held.is_unread_by(user), saw))
            })
            .await?;
        self.tell(who.workspace, Signal::Read(ReadMark { user, conversation: id, unread, entry: read.entry }));
        if saw {
            self.tell(who.workspace, Signal::Notifications(user));
        }
        Ok(())
    }
}
