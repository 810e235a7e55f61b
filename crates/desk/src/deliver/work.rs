//! A message that did not arrive, or of which nobody knows, comes back as work: to whoever sent it, or to the team.

use partyline_core::conversation::{Owner, Status, goes_back_to};
use partyline_core::event::{Actor, EventType};
use partyline_core::id::{ConversationId, UserId};
use partyline_core::permission::{Permission, may};
use partyline_store::entries::DeliveryRow;
use partyline_store::people::Viewer;
use partyline_store::{StoreError, Tx};
use serde_json::json;

use crate::notify;
use crate::timeline;

/// Why it comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It will not arrive.
    Failed,
    /// Nobody can find out whether it did.
    Unknown,
}

/// The conversation is open and unread again, and the customer waits as if nobody had answered. What was closed or set aside goes to
/// its sender, if they are there and may answer; else, with nobody on it who can, to the team. `seq` is that of the event that tells it.
pub(super) fn comes_back(tx: &mut Tx<'_>, delivery: &DeliveryRow, seq: i64, why: Why) -> Result<(), StoreError> {
    let id = delivery.conversation;
    let waiting = tx.waiting_since(id)?;
    let Some(row) = tx.conversation(id)? else { return Ok(()) };
    let reopens = matches!(row.status, Status::Closed | Status::Snoozed);
    let before: Vec<UserId> = tx.conversation_users(id)?.iter().filter(|u| u.assigned).map(|u| u.user).collect();
    // what nobody works on stays where it is
    let is_worked_on = reopens || row.status == Status::Open;
    let mut after = Vec::new();
    for user in &before {
        if !is_worked_on || is_able(tx, *user, id, true)? {
            after.push(*user);
        }
    }
    if let Some(sender) = delivery.author
        && !after.contains(&sender)
        && (reopens || (after.is_empty() && !before.is_empty()))
        && is_able(tx, sender, id, false)?
    {
        after.push(sender);
    }
    after.sort_unstable();
    let now = tx.now();
    let (held, ()) = tx.change(id, |held| {
        let row = &mut held.row;
        if reopens {
            row.status = Status::Open;
            row.closed_at = None;
            row.snoozed_until = None;
        }
        if why == Why::Failed {
            row.waiting_since = waiting;
        }
        row.unread_seq = seq;
        row.last_activity_at = now;
        for user in before.iter().filter(|u| !after.contains(u)) {
            held.user(*user).assigned = false;
        }
        for user in &after {
            held.user(*user).assigned = true;
        }
    })?;
    let mut last = None;
    if reopens {
        let reason = match why {
            Why::Failed => "failed",
            Why::Unknown => "unknown",
        };
        let data = json!({ "reason": reason });
        last = Some(timeline::line(tx, Actor::System, EventType::ConversationReopened, id, &["status"], data)?.seq);
    }
    let mut was = before;
    was.sort_unstable();
    if was != held.assignees() {
        let data = timeline::assignees(&held.assignees());
        let line = timeline::line(tx, Actor::System, EventType::ConversationAssigned, id, &["assignee_ids"], data)?;
        last = Some(line.seq);
    }
    if let Some(last) = last {
        tx.change(id, |held| held.row.last_seq = last)?;
    }
    notify::failed(tx, seq, id, delivery.author)
}

/// Is this person here, and may they answer in this conversation? Who is on it already has access to it.
fn is_able(tx: &mut Tx<'_>, user: UserId, conversation: ConversationId, assigned: bool) -> Result<bool, StoreError> {
    let Some(user) = tx.user(user)? else { return Ok(false) };
    let now = tx.now();
    // the failure is news of today: when they last touched the conversation does not matter
    let owner = Owner { active: user.deactivated_at.is_none(), away_until: user.away_until, touched_at: Some(now) };
    if !goes_back_to(&owner, 1, now) || !may(user.role, Permission::Reply) {
        return Ok(false);
    }
    Ok(assigned || tx.sees(Viewer { user: user.id, role: user.role }, conversation)?)
}
