//! Which conversation does a text join, and whose is it then?

use partyline_core::conversation::{Join, Owner, Status, goes_back_to, join};
use partyline_core::event::{Actor, EventType};
use partyline_core::id::{ConversationId, UserId};
use partyline_core::time::Millis;
use partyline_store::channels::ChannelRow;
use partyline_store::contacts::AddressRow;
use partyline_store::conversations::NewConversation;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, Tx};
use serde_json::json;

use crate::error::Result;
use crate::settings::{self, ChannelSettings, WorkspaceSettings};
use crate::timeline;

/// Where a text goes.
pub(super) struct Placed {
    pub(super) id: ConversationId,
    /// It was set aside, closed or trashed, and is open again; with those who had it and do not get it back.
    pub(super) reopened: Option<Vec<UserId>>,
    /// When anything last happened in it, before this.
    pub(super) active_at: Millis,
    /// Was something planned for them, unless they write?
    pub(super) planned: bool,
}

/// The conversation that a message from this address on this channel joins; a new one where there is none to join.
pub(super) fn conversation(
    tx: &mut Tx<'_>,
    channel: &ChannelRow,
    settings: &ChannelSettings,
    address: &AddressRow,
    arrived: Millis,
) -> Result<Placed> {
    let thread = tx.thread_and_plans(channel.id, address.id)?;
    let planned = thread.is_some_and(|(_, planned)| planned);
    if let Some((id, _)) = thread
        && let Some(row) = tx.conversation(id)?
    {
        match join(row.status, row.closed_at, settings.reopen_days, arrived) {
            Join::Stay => return Ok(Placed { id, reopened: None, active_at: row.last_activity_at, planned }),
            Join::Reopen => {
                let had = reopen(tx, id)?;
                return Ok(Placed { id, reopened: Some(had), active_at: row.last_activity_at, planned });
            }
            Join::New => {}
        }
    }
    let id = begin(tx, channel, address, Actor::Contact(address.contact))?;
    Ok(Placed { id, reopened: None, active_at: Millis(0), planned })
}

/// Begins a conversation in the channel's team.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    channel: &ChannelRow,
    address: &AddressRow,
    actor: Actor,
) -> Result<ConversationId> {
    let id = ConversationId::new(tx.now(), &entropy());
    tx.create_conversation(NewConversation {
        id,
        team: channel.team,
        contact: address.contact,
        channel: channel.id,
        address: address.id,
    })?;
    tx.append(NewEvent::new(actor, EventType::ConversationCreated).conversation(id).subject(id.uuid()))?;
    Ok(id)
}

/// Opens it again. It goes back to those who may have it back; with none of them it is nobody's. Answers who had it and does not get
/// it back.
fn reopen(tx: &mut Tx<'_>, id: ConversationId) -> Result<Vec<UserId>> {
    let stale_days = settings::parse::<WorkspaceSettings>(&tx.workspace_row()?.settings).stale_owner_days;
    let now = tx.now();
    let mut gone: Vec<UserId> = Vec::new();
    for state in tx.conversation_users(id)?.into_iter().filter(|s| s.assigned) {
        let back = match tx.user(state.user)? {
            Some(user) => goes_back_to(
                &Owner {
                    active: user.deactivated_at.is_none(),
                    away_until: user.away_until,
                    touched_at: state.touched_at,
                },
                stale_days,
                now,
            ),
            None => false,
        };
        if !back {
            gone.push(state.user);
        }
    }
    // setting aside is a pause of the same people; only what was closed can go stale
    if tx.conversation(id)?.is_some_and(|c| c.status == Status::Snoozed) {
        gone.clear();
    }
    tx.change(id, |held| {
        held.row.status = Status::Open;
        held.row.closed_at = None;
        held.row.snoozed_until = None;
        for user in &gone {
            held.user(*user).assigned = false;
        }
    })?;
    Ok(gone)
}

/// Shows on the timeline that the customer opened it again, and who had it before.
pub(super) fn reopened(tx: &mut Tx<'_>, id: ConversationId, actor: Actor, had: &[UserId]) -> Result<()> {
    let (data, changed): (_, &[&str]) = if had.is_empty() {
        (json!({ "reason": "inbound" }), &["status"])
    } else {
        (json!({ "reason": "inbound", "had": had }), &["status", "assignee_ids"])
    };
    let line = timeline::line(tx, actor, EventType::ConversationReopened, id, changed, data)?;
    tx.change(id, |held| held.row.last_seq = line.seq)?;
    Ok(())
}
