//! What became of a message of ours.

use partyline_channels::StatusReport;
use partyline_core::delivery::DeliveryStatus;
use partyline_core::id::MessageId;
use partyline_store::Tx;
use partyline_store::channels::ConnectionRow;
use partyline_store::entries::provider_key;
use partyline_store::inbound::Became;

use crate::deliver::outcome;
use crate::error::Result;

/// Moves the delivery forward. The report finds its message by the provider's id, or by our own id in the callback, which is there
/// even when the answer to the send was lost. What is said of an earlier try counts only where that one arrived after all.
pub(super) fn receive(tx: &mut Tx<'_>, connection: &ConnectionRow, report: &StatusReport) -> Result<Became> {
    let key = provider_key(connection.id, &report.provider_id);
    let by_provider = tx.delivery_of_provider(&key)?;
    let is_known = by_provider.is_some();
    let delivery = match by_provider {
        Some(delivery) => Some(delivery),
        None => match report.correlation.as_deref().and_then(|id| id.parse::<MessageId>().ok()) {
            // it may have another id by now: then this is a copy that was taken for lost
            Some(id) => tx.delivery_of(id)?,
            None => None,
        },
    };
    // a message that some other program sent from our number
    let Some(delivery) = delivery else { return Ok(Became::Applied(None)) };
    // a person has said that it left: what the provider calls it is news
    let is_unnamed = delivery.status == DeliveryStatus::Sent && delivery.provider_id.is_none() && !is_known;
    let status = match delivery.status.after_report(report.status) {
        Some(status) => status,
        None if is_unnamed => delivery.status,
        None => return Ok(Became::Duplicate(delivery.seq)),
    };
    let is_its_own = delivery.provider_id.as_deref() == Some(report.provider_id.as_str());
    // what has not got an answer yet has no id of its own either: an older program left that of the try before
    let is_under_way =
        matches!(delivery.status, DeliveryStatus::Queued | DeliveryStatus::Sending | DeliveryStatus::Unknown);
    // and where it has one, another's report is of a try that was thought lost
    let is_earlier = if is_its_own { is_under_way } else { is_known || delivery.provider_id.is_some() };
    if is_earlier && !matches!(status, DeliveryStatus::Delivered | DeliveryStatus::Read) {
        // it says nothing of the try that a person asked for since
        return Ok(Became::Duplicate(delivery.seq));
    }
    let mut change = delivery.same();
    change.status = status;
    change.error = report.error.as_ref().map(outcome::error_json);
    if is_its_own || delivery.provider_id.is_none() {
        change.provider = Some((key, report.provider_id.clone()));
    }
    outcome::settle(tx, &delivery, &change)?;
    if report.error.as_ref().is_some_and(|e| e.code == "opted_out") {
        outcome::opted_out(tx, &delivery)?;
    }
    Ok(Became::Applied(Some(delivery.seq)))
}
