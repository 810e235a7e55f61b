//! Sending a message once more, because a person says so.

use partyline_core::consent::Reason;
use partyline_core::conversation::EntryId;
use partyline_core::delivery::DeliveryStatus;
use partyline_core::id::MessageId;
use partyline_core::permission::Permission;
use partyline_store::Tx;

use crate::deliver::{DELIVER, Payload, breaker, outcome};
use crate::error::{DeskError, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::queue::{lane, outbox};
use crate::reply::own;
use crate::view::{EntryView, entry_view};
use crate::{Desk, Who, gate, resolve};

impl Desk {
    /// Sends a failed message once more, or one whose outcome nobody knows: a new attempt of the same message. While the provider can't be
    /// reached, the next text tries at once: this one, or one that has waited for longer.
    ///
    /// # Errors
    /// 409 `still_asking` while the provider is asked what became of it.
    pub async fn retry(&self, who: &Who, id: MessageId, key: Option<RequestKey>) -> Result<EntryView> {
        who.must(Permission::Reply)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                own(tx, &who, id)?;
                if let Some(message) = made_before(tx, key.as_ref())? {
                    return entry_view(tx, EntryId::Message(message));
                }
                again(tx, &who, id)?;
                made(tx, key.as_ref(), id)?;
                entry_view(tx, EntryId::Message(id))
            })
            .await
    }
}

fn again(tx: &mut Tx<'_>, who: &Who, id: MessageId) -> Result<()> {
    let delivery = own(tx, who, id)?;
    if !matches!(delivery.status, DeliveryStatus::Failed | DeliveryStatus::Unknown) {
        return Err(DeskError::Conflict {
            code: "not_failed",
            detail: "Only a message that failed, or of which nobody knows, can be sent again.".to_owned(),
        });
    }
    resolve::not_while_asking(&delivery)?;
    let address = tx.address(delivery.address)?.ok_or(DeskError::NotFound("The contact"))?;
    let channel = tx.channel(delivery.channel)?.filter(|c| c.removed_at.is_none());
    let channel = channel.ok_or_else(|| {
        DeskError::refused("channel_gone", "The number that it was sent from is no longer connected.")
    })?;
    let words: Vec<String> =
        delivery.confirmed.as_deref().and_then(|j| serde_json::from_str(j).ok()).unwrap_or_default();
    let mut confirmed = gate::confirmed(&words);
    confirmed.push(Reason::LateReply);
    gate::ask(tx, delivery.class, &address, &confirmed)?;
    let now = tx.now();
    let mut change = delivery.same();
    change.status = DeliveryStatus::Queued;
    change.error = None;
    change.resolved_by = None;
    change.send_at = now;
    // a person wants it to leave, whoever has written meanwhile
    change.cancel_on_reply = false;
    outcome::settle_by(tx, who.actor(), &delivery, &change)?;
    tx.begin_anew(delivery.seq)?;
    tx.withdraw_job(delivery.seq, DELIVER)?;
    let has_files = !tx.attachments_of(&[delivery.seq])?.is_empty();
    let segments = if has_files { 1 } else { delivery.segments.unwrap_or(1) };
    outbox(tx, &channel, Payload::of(delivery.seq), Some(&lane(&channel, &address)), now, segments)?;
    breaker::hurry(tx, channel.connection)?;
    let waiting = tx.waiting_since(delivery.conversation)?;
    tx.change(delivery.conversation, |held| {
        held.row.waiting_since = waiting;
        held.user(who.user).touched_at = Some(now);
    })?;
    Ok(())
}
