//! Saying how an unknown message ended: a person has asked the customer, or looked in the provider's console.

use partyline_core::conversation::EntryId;
use partyline_core::delivery::DeliveryStatus;
use partyline_core::id::MessageId;
use partyline_core::permission::Permission;
use partyline_store::Tx;
use partyline_store::entries::DeliveryRow;

use crate::deliver::{DELIVER, lookup, outcome};
use crate::error::{DeskError, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::reply::own;
use crate::view::{EntryView, entry_view};
use crate::{Desk, Who};

/// What a person says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// It left.
    Sent,
    /// It did not.
    NotSent,
}

/// What a person reads who did not say so.
const NOT_SENT: &str = "Somebody of the team has checked: it did not leave. Send it again, or use another channel.";

impl Desk {
    /// Settles an unknown message. What the provider tells later still moves it forward, and never back.
    ///
    /// # Errors
    /// 409 `still_asking` for [`Resolution::NotSent`] while the provider is asked: what is called lost would be sent again.
    pub async fn resolve(
        &self,
        who: &Who,
        id: MessageId,
        resolution: Resolution,
        key: Option<RequestKey>,
    ) -> Result<EntryView> {
        who.must(Permission::Reply)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                own(tx, &who, id)?;
                if made_before::<MessageId>(tx, key.as_ref())?.is_none() {
                    settle(tx, &who, id, resolution)?;
                    made(tx, key.as_ref(), id)?;
                }
                entry_view(tx, EntryId::Message(id))
            })
            .await
    }
}

/// While the provider is asked what became of a message it may have left, and is not sent again.
///
/// # Errors
/// 409 `still_asking`.
pub(crate) fn not_while_asking(delivery: &DeliveryRow) -> Result<()> {
    let is_asked =
        delivery.status == DeliveryStatus::Unknown && delivery.reason.as_deref() == Some(lookup::RECONCILING);
    if !is_asked {
        return Ok(());
    }
    Err(DeskError::Conflict {
        code: "still_asking",
        detail: "The provider is still being asked whether this message left. Wait for its answer, or it may reach them twice."
            .to_owned(),
    })
}

fn settle(tx: &mut Tx<'_>, who: &Who, id: MessageId, resolution: Resolution) -> Result<()> {
    let delivery = own(tx, who, id)?;
    if delivery.status != DeliveryStatus::Unknown {
        return Err(DeskError::Conflict {
            code: "not_unknown",
            detail: "What became of this message is known already. Reload to see it.".to_owned(),
        });
    }
    if resolution == Resolution::NotSent {
        not_while_asking(&delivery)?;
    }
    let mut change = delivery.same();
    change.resolved_by = Some(who.user);
    (change.status, change.error) = match resolution {
        Resolution::Sent => (DeliveryStatus::Sent, None),
        Resolution::NotSent => (DeliveryStatus::Failed, Some(outcome::error_of("not_sent", None, NOT_SENT))),
    };
    let seq = outcome::settle_by(tx, who.actor(), &delivery, &change)?;
    // it holds back nobody any more; a look that is under way finds that it is settled
    tx.withdraw_job(delivery.seq, DELIVER)?;
    let now = tx.now();
    tx.change(delivery.conversation, |held| {
        let newest = held.row.last_seq.max(seq);
        let user = held.user(who.user);
        user.touched_at = Some(now);
        // who says it has seen it
        user.read_seq = user.read_seq.max(newest);
    })?;
    Ok(())
}
