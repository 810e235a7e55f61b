//! What I want to hear of a conversation: follow it, or mute it. It is mine alone: it goes to my own browsers, and leaves no event.

use partyline_core::id::ConversationId;
use partyline_core::permission::Permission;

use crate::error::{DeskError, Result};
use crate::live::{Attention, Signal};
use crate::view::see;
use crate::{Desk, Who};

/// What changes; what is absent stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttentionIn {
    /// Do I want to be told of what happens there?
    pub following: Option<bool>,
    /// Do I want to hear nothing of it?
    pub muted: Option<bool>,
}

impl Desk {
    /// Follows a conversation or mutes it, or no longer does. Who follows one does not mute it, and the other way round.
    pub async fn attend(&self, who: &Who, id: ConversationId, wanted: AttentionIn) -> Result<()> {
        who.must(Permission::Read)?;
        let asker = who.clone();
        let user = who.user;
        let attention = self
            .inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                see(tx, &asker, id)?;
                let (held, ()) = tx.change(id, |held| {
                    let mine = held.user(user);
                    mine.following = wanted.following.unwrap_or(mine.following && wanted.muted != Some(true));
                    mine.muted = wanted.muted.unwrap_or(mine.muted && wanted.following != Some(true));
                })?;
                let (following, muted) =
                    held.users.iter().find(|u| u.user == user).map_or((false, false), |u| (u.following, u.muted));
                let unread = held.is_unread_by(user);
                Ok::<_, DeskError>(Attention { user, conversation: id, following, muted, unread })
            })
            .await?;
        self.tell(who.workspace, Signal::Attention(attention));
        Ok(())
    }
}
