//! What a send came to, written down.

use partyline_channels::{Outcome, RefusalAbout};
use partyline_core::consent::{Automatic, Class, Record, Source};
use partyline_core::conversation::Status;
use partyline_core::delivery::{DeliveryError, DeliveryStatus};
use partyline_core::event::{Actor, EventType};
use partyline_meters::figures::DELIVERIES;
use partyline_meters::word;
use partyline_store::entries::{DeliveryChange, DeliveryRow, provider_key};
use partyline_store::jobs::ClaimedJob;
use partyline_store::{NewEvent, StoreError, Tx};
use serde_json::json;

use super::{Payload, Ready, again_at, is_exhausted, lookup};
use crate::error::Result;
use crate::gate;
use crate::timeline;

/// A delivery error as it rests.
pub(crate) fn error_json(error: &DeliveryError) -> String {
    serde_json::to_string(error).unwrap_or_default()
}

pub(crate) fn error_of(code: &str, provider_code: Option<String>, detail: &str) -> String {
    error_json(&DeliveryError { code: code.to_owned(), provider_code, detail: detail.to_owned() })
}

/// Writes a delivery's new state with its event. A failure comes back as work: the conversation is open and unread again, and the
/// customer waits as if nobody had answered.
pub(crate) fn settle(tx: &mut Tx<'_>, delivery: &DeliveryRow, change: &DeliveryChange) -> Result<(), StoreError> {
    let status = change.status;
    let event = NewEvent::new(Actor::System, EventType::of_delivery(status))
        .conversation(delivery.conversation)
        .subject(delivery.message.uuid());
    let seq = tx.append(event.changed(["delivery"]))?.seq;
    tx.set_delivery(delivery.seq, change)?;
    let why = change.error.as_deref().filter(|_| status == DeliveryStatus::Failed);
    let why = why.and_then(|error| serde_json::from_str::<DeliveryError>(error).ok());
    let code = why.map_or("none", |error| word(&error.code));
    tx.once_committed(move || DELIVERIES.add([status.as_str(), code]));
    if matches!(status, DeliveryStatus::Sending | DeliveryStatus::Sent | DeliveryStatus::Unknown)
        && delivery.class == Class::Automatic(Automatic::StopConfirmation)
        && let Some(address) = tx.address(delivery.address)?
    {
        tx.stop_was_confirmed(&address)?;
    }
    match status {
        DeliveryStatus::Failed => failed(tx, delivery, seq),
        DeliveryStatus::Cancelled => waits_again(tx, delivery),
        // it did arrive after all
        DeliveryStatus::Delivered | DeliveryStatus::Read if delivery.status == DeliveryStatus::Failed => {
            waits_again(tx, delivery)
        }
        _ => Ok(()),
    }
}

fn failed(tx: &mut Tx<'_>, delivery: &DeliveryRow, seq: i64) -> Result<(), StoreError> {
    let waiting = tx.waiting_since(delivery.conversation)?;
    let now = tx.now();
    let (_, reopened) = tx.change(delivery.conversation, |held| {
        let row = &mut held.row;
        let reopened = matches!(row.status, Status::Closed | Status::Snoozed);
        if reopened {
            row.status = Status::Open;
            row.closed_at = None;
            row.snoozed_until = None;
        }
        row.waiting_since = waiting;
        row.unread_seq = seq;
        row.last_activity_at = now;
        reopened
    })?;
    if reopened {
        let line = timeline::line(
            tx,
            Actor::System,
            EventType::ConversationReopened,
            delivery.conversation,
            &["status"],
            json!({ "reason": "failed" }),
        )?;
        tx.change(delivery.conversation, |held| held.row.last_seq = line.seq)?;
    }
    Ok(())
}

fn waits_again(tx: &mut Tx<'_>, delivery: &DeliveryRow) -> Result<(), StoreError> {
    let waiting = tx.waiting_since(delivery.conversation)?;
    tx.change(delivery.conversation, |held| held.row.waiting_since = waiting)?;
    Ok(())
}

/// The provider says that they opted out: the ledger learns it at once.
pub(crate) fn opted_out(tx: &mut Tx<'_>, delivery: &DeliveryRow) -> Result<(), StoreError> {
    let Some(address) = tx.address(delivery.address)? else { return Ok(()) };
    let now = tx.now();
    let reference = format!("refused {} {}", delivery.message, delivery.attempts);
    let records = |seq| Record::stop(Source::Provider, now, seq, Some(&reference)).to_vec();
    gate::record(
        tx,
        Actor::System,
        &address,
        Some(delivery.conversation),
        records,
        Some("the provider refused to send"),
    )?;
    Ok(())
}

/// Writes how an attempt ended. Without the lease it is thrown away: whoever has it now decides.
pub(super) fn write(
    tx: &mut Tx<'_>,
    job: &ClaimedJob,
    payload: Payload,
    ready: &Ready,
    outcome: Outcome,
) -> Result<()> {
    if !tx.holds_job(job)? {
        tracing::warn!(message = %ready.delivery.message, "the lease was lost while sending; the outcome is left to its new holder");
        return Ok(());
    }
    // a callback may have been faster than the answer
    let Some(delivery) = tx.delivery(ready.delivery.seq)? else { return Ok(()) };
    let mut change = delivery.same();
    let attempt = ready.delivery.attempts;
    match outcome {
        Outcome::Accepted { provider_id, segments, status, .. } => {
            tx.end_attempt(delivery.seq, attempt, "accepted", None)?;
            change.provider = Some((provider_key(ready.connection.id, &provider_id), provider_id));
            change.segments = segments.map(i64::from);
            match delivery.status.after_report(status) {
                Some(status) => {
                    change.status = status;
                    change.error = None;
                    settle(tx, &delivery, &change)?;
                }
                None => tx.set_delivery(delivery.seq, &change)?,
            }
            tx.job_done(job)?;
        }
        Outcome::Refused { error, about } => {
            tx.end_attempt(delivery.seq, attempt, "refused", Some(&error.code))?;
            if delivery.status.after_report(DeliveryStatus::Failed).is_some() {
                change.status = DeliveryStatus::Failed;
                change.error = Some(error_json(&error));
                settle(tx, &delivery, &change)?;
            }
            if about == RefusalAbout::OptOut {
                opted_out(tx, &delivery)?;
            }
            tx.job_done(job)?;
        }
        Outcome::NeverLeft { error, retry_after } => {
            tx.end_attempt(delivery.seq, attempt, "never_left", Some(error.code()))?;
            if is_exhausted(attempt) {
                change.status = DeliveryStatus::Failed;
                change.error = Some(error_of(
                    error.code(),
                    None,
                    "The provider could not be reached for a long time. Try again, or use another channel.",
                ));
                settle(tx, &delivery, &change)?;
                tx.job_done(job)?;
            } else if delivery.status == DeliveryStatus::Sending {
                change.status = DeliveryStatus::Queued;
                change.send_at = again_at(tx.now(), attempt, retry_after);
                let at = change.send_at;
                settle(tx, &delivery, &change)?;
                tx.job_again(job, at, Some(error.code()), None)?;
            } else {
                tx.job_done(job)?;
            }
        }
        Outcome::Unknown { detail } => {
            tx.end_attempt(delivery.seq, attempt, "unknown", Some(&detail))?;
            if delivery.status == DeliveryStatus::Sending {
                change.status = DeliveryStatus::Unknown;
                settle(tx, &delivery, &change)?;
            }
            lookup::first(tx, job, payload)?;
        }
    }
    Ok(())
}
