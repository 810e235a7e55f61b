//! Handing over what somebody is on: to a colleague, or back to the teams.

use partyline_core::event::EventType;
use partyline_core::id::UserId;
use partyline_core::permission::{Permission, may};

use crate::error::{DeskError, Result};
use crate::notify;
use crate::timeline;
use crate::{Desk, Who};

/// Conversations that are handed over in one transaction.
const AT_ONCE: i64 = 100;
/// Conversations that one request hands over; the answer says whether there are more.
pub const HANDOVER_MAX: usize = 2_000;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandedOver {
    /// How many conversations.
    pub moved: usize,
    /// Is there more? Ask again.
    pub more: bool,
}

impl Desk {
    /// Hands the open and snoozed conversations that somebody is on to a colleague; to nobody, so that their teams see them in
    /// Unassigned, when `to` is absent. One's own anybody may who triages; those of others, who manages people.
    pub async fn hand_over(&self, who: &Who, from: UserId, to: Option<UserId>) -> Result<HandedOver> {
        who.must(if from == who.user { Permission::Triage } else { Permission::ManagePeople })?;
        if to == Some(from) {
            return Err(DeskError::field("to_user_id", "same", "Choose somebody else."));
        }
        let mut moved = 0;
        loop {
            let asker = who.clone();
            let some = self
                .inner
                .db
                .write(who.workspace, self.now(), move |tx| {
                    let users = tx.users()?;
                    if !users.iter().any(|u| u.id == from) {
                        return Err(DeskError::NotFound("The person"));
                    }
                    let able = |id| {
                        users
                            .iter()
                            .any(|u| u.id == id && u.deactivated_at.is_none() && may(u.role, Permission::Triage))
                    };
                    if to.is_some_and(|to| !able(to)) {
                        let detail = "This person is not active in this workspace, or only reads here.";
                        return Err(DeskError::field("to_user_id", "unknown", detail));
                    }
                    let found = tx.assigned_to(from, AT_ONCE)?;
                    for id in &found {
                        let (_, assignees) = tx.change(*id, |held| {
                            held.user(from).assigned = false;
                            if let Some(to) = to {
                                held.user(to).assigned = true;
                            }
                            held.assignees()
                        })?;
                        let data = timeline::assignees(&assignees);
                        let kind = EventType::ConversationAssigned;
                        let line = timeline::line(tx, asker.actor(), kind, *id, &["assignee_ids"], data)?;
                        tx.change(*id, |held| held.row.last_seq = line.seq)?;
                        notify::assigned(tx, line.seq, *id, to, asker.actor())?;
                    }
                    Ok(found.len())
                })
                .await?;
            moved += some;
            if some < usize::try_from(AT_ONCE).unwrap_or(usize::MAX) {
                return Ok(HandedOver { moved, more: false });
            }
            if moved >= HANDOVER_MAX {
                return Ok(HandedOver { moved, more: true });
            }
        }
    }
}
