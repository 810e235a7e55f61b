//! Messages that wait for their time: sent at another or now, and taken back when the customer writes first.

use partyline_core::consent::Reason;
use partyline_core::conversation::EntryId;
use partyline_core::delivery::DeliveryStatus;
use partyline_core::event::{Actor, EventType};
use partyline_core::id::{ChannelId, ConversationId, MessageId};
use partyline_core::permission::Permission;
use partyline_core::time::Millis;
use partyline_store::Tx;
use partyline_store::contacts::AddressRow;
use serde_json::json;

use crate::deliver::{DELIVER, Payload, outcome, words};
use crate::error::{DeskError, Result};
use crate::gate::{self, Passed};
use crate::queue::{lane, outbox};
use crate::reply::{SCHEDULE_MAX, own, too_far_ahead};
use crate::timeline;
use crate::view::{EntryView, entry_view};
use crate::{Desk, Who};

/// Why a message was taken back by itself.
pub const THEY_WROTE: &str = "they_wrote";

impl Desk {
    /// Plans a message that waits for another time, at most [`SCHEDULE_MAX`] ahead; sends it now when `send_at` is absent or over. The
    /// gate is asked again, and may put it off further.
    ///
    /// # Errors
    /// 409 `too_late` when it does not wait any more, or a worker holds it at this moment.
    pub async fn plan(&self, who: &Who, id: MessageId, send_at: Option<Millis>) -> Result<EntryView> {
        who.must(Permission::Reply)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                replan(tx, &who, id, send_at)?;
                entry_view(tx, EntryId::Message(id))
            })
            .await
    }
}

fn replan(tx: &mut Tx<'_>, who: &Who, id: MessageId, send_at: Option<Millis>) -> Result<()> {
    let delivery = own(tx, who, id)?;
    let now = tx.now();
    if send_at.is_some_and(|at| at.since(now) > SCHEDULE_MAX) {
        return Err(too_far_ahead());
    }
    let is_scheduled = delivery.status == DeliveryStatus::Scheduled;
    if is_scheduled && delivery.reason.is_none() && send_at == Some(delivery.send_at) && delivery.send_at > now {
        return Ok(());
    }
    let remembered = tx.job_payload(delivery.seq, DELIVER)?;
    // a job that a worker holds is leaving right now
    if !delivery.status.can_cancel() || !tx.withdraw_job(delivery.seq, DELIVER)? {
        return Err(DeskError::Conflict {
            code: "too_late",
            detail: "It does not wait any more: it has left, or was taken back.".to_owned(),
        });
    }
    let address = tx.address(delivery.address)?.ok_or(DeskError::NotFound("The contact"))?;
    let channel = tx.channel(delivery.channel)?.filter(|c| c.removed_at.is_none());
    let channel = channel
        .ok_or_else(|| DeskError::refused("channel_gone", "The number that it is sent from is no longer connected."))?;
    let mut confirmed = gate::confirmed(&words(delivery.confirmed.as_deref()));
    // the time that it waited here does not make it late
    confirmed.push(Reason::LateReply);
    let mut change = delivery.same();
    let mut at = send_at.filter(|at| *at > now);
    if at.is_none() {
        // a person wants it to leave, whoever writes meanwhile
        change.cancel_on_reply = false;
    }
    if let Passed::Later(until, reason) = gate::ask(tx, delivery.class, &address, &confirmed)? {
        at = Some(at.map_or(until, |at| at.max(until)));
        change.reason = Some(reason.code().to_owned());
    }
    change.send_at = at.unwrap_or(now);
    change.status = if at.is_some() { DeliveryStatus::Scheduled } else { DeliveryStatus::Queued };
    outcome::settle_by(tx, who.actor(), &delivery, &change)?;
    // what is scheduled enters its lane only when it is due
    let line = at.is_none().then(|| lane(&channel, &address));
    let has_files = !tx.attachments_of(&[delivery.seq])?.is_empty();
    let segments = if has_files { 1 } else { delivery.segments.unwrap_or(1) };
    // once more by itself is once more, whenever that is
    let again = remembered.and_then(|was| serde_json::from_str::<Payload>(&was).ok()).is_some_and(|was| was.again);
    let payload = Payload { again, ..Payload::of(delivery.seq) };
    Ok(outbox(tx, &channel, payload, line.as_deref(), change.send_at, segments)?)
}

/// The customer has written: what waits for them unless they write is taken back, with a line that says why. One that leaves at this very
/// moment is too late.
pub(crate) fn they_wrote(tx: &mut Tx<'_>, channel: ChannelId, address: &AddressRow) -> Result<()> {
    for seq in tx.planned_unless_they_write(channel, address.id)? {
        let Some(delivery) = tx.delivery(seq)? else { continue };
        if !delivery.status.can_cancel() || !tx.withdraw_job(seq, DELIVER)? {
            continue;
        }
        let mut change = delivery.same();
        change.status = DeliveryStatus::Cancelled;
        change.reason = Some(THEY_WROTE.to_owned());
        outcome::settle(tx, &delivery, &change)?;
        tell(tx, delivery.conversation, delivery.message)?;
    }
    Ok(())
}

fn tell(tx: &mut Tx<'_>, conversation: ConversationId, message: MessageId) -> Result<()> {
    let data = json!({ "taken_back": THEY_WROTE, "message_id": message });
    let kind = EventType::ConversationUpdated;
    let line = timeline::line(tx, Actor::System, kind, conversation, &["messages"], data)?;
    tx.change(conversation, |held| held.row.last_seq = line.seq)?;
    Ok(())
}
