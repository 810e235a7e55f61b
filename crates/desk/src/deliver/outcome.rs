//! What a send came to, written down.

use partyline_channels::{Outcome, RefusalAbout};
use partyline_core::consent::{Automatic, Class, Record, Source};
use partyline_core::delivery::{DeliveryError, DeliveryStatus};
use partyline_core::event::{Actor, EventType};
use partyline_meters::figures::DELIVERIES;
use partyline_meters::word;
use partyline_store::breakers::BreakerState;
use partyline_store::entries::{DeliveryChange, DeliveryRow, provider_key};
use partyline_store::jobs::ClaimedJob;
use partyline_store::{NewEvent, StoreError, Tx};

use super::breaker::Says;
use super::{NO_ADDRESS, NOT_REACHED, Payload, Ready, again_at, blocked, breaker, is_exhausted, lookup, work};
use crate::error::Result;
use crate::gate;

/// Why a breaker opens that nothing but silence opened.
const NO_ANSWER: &str = "provider_no_answer";

/// A delivery error as it rests.
pub(crate) fn error_json(error: &DeliveryError) -> String {
    serde_json::to_string(error).unwrap_or_default()
}

pub(crate) fn error_of(code: &str, provider_code: Option<String>, detail: &str) -> String {
    error_json(&DeliveryError { code: code.to_owned(), provider_code, detail: detail.to_owned() })
}

/// Writes a delivery's new state with its event, and gives its seq. A failure comes back as work.
pub(crate) fn settle(tx: &mut Tx<'_>, delivery: &DeliveryRow, change: &DeliveryChange) -> Result<i64, StoreError> {
    settle_by(tx, Actor::System, delivery, change)
}

/// The same, where a person did it.
pub(crate) fn settle_by(
    tx: &mut Tx<'_>,
    actor: Actor,
    delivery: &DeliveryRow,
    change: &DeliveryChange,
) -> Result<i64, StoreError> {
    let status = change.status;
    let event = NewEvent::new(actor, EventType::of_delivery(status))
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
        DeliveryStatus::Failed => work::comes_back(tx, delivery, seq, work::Why::Failed)?,
        DeliveryStatus::Cancelled => waits_again(tx, delivery)?,
        // it did arrive after all
        DeliveryStatus::Delivered | DeliveryStatus::Read if delivery.status == DeliveryStatus::Failed => {
            waits_again(tx, delivery)?;
        }
        _ => {}
    }
    Ok(seq)
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
            breaker::reached(tx, ready.connection.id)?;
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
        // nothing of this account gets out until somebody mends it: what is said about this text counts for all of them
        Outcome::Refused { error, about: RefusalAbout::Connection } => {
            tx.end_attempt(delivery.seq, attempt, "refused", Some(&error.code))?;
            let before = tx.breaker(ready.connection.id)?.state;
            // once per text: one that a filter on the way dislikes must not stop the others by itself
            let state = if payload.tries == 0 || before == BreakerState::HalfOpen {
                breaker::failed(tx, &ready.connection, breaker::Why::Refused(&error.code), None)?.state
            } else {
                before
            };
            stays(tx, job, payload, &delivery, Stay { breaker: state, retry_after: None, error, behind: true })?;
        }
        Outcome::Refused { error, about } => {
            tx.end_attempt(delivery.seq, attempt, "refused", Some(&error.code))?;
            breaker::reached(tx, ready.connection.id)?;
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
            let state = match breaker::says(&error, retry_after) {
                Says::Away => {
                    breaker::failed(tx, &ready.connection, breaker::Why::Away(error.code()), retry_after)?.state
                }
                Says::There => {
                    breaker::reached(tx, ready.connection.id)?;
                    BreakerState::Closed
                }
                Says::Nothing => tx.breaker(ready.connection.id)?.state,
            };
            let error =
                DeliveryError { code: error.code().to_owned(), provider_code: None, detail: NOT_REACHED.to_owned() };
            stays(tx, job, payload, &delivery, Stay { breaker: state, retry_after, error, behind: false })?;
        }
        Outcome::Unknown { detail } => {
            tx.end_attempt(delivery.seq, attempt, "unknown", Some(&detail))?;
            breaker::failed(tx, &ready.connection, breaker::Why::Away(NO_ANSWER), None)?;
            if delivery.status == DeliveryStatus::Sending {
                change.status = DeliveryStatus::Unknown;
                change.reason = Some(lookup::RECONCILING.to_owned());
                settle(tx, &delivery, &change)?;
            }
            lookup::first(tx, job, payload)?;
        }
    }
    Ok(())
}

/// How a text that certainly did not leave waits for its next try.
struct Stay {
    /// How the breaker stands now.
    breaker: BreakerState,
    /// What the provider asked for.
    retry_after: Option<std::time::Duration>,
    /// What is said of it when it has waited for too long.
    error: DeliveryError,
    /// While the breaker is open another text tries next.
    behind: bool,
}

/// It certainly did not leave, and waits for its next try, until it has waited for too long. While the provider can't be reached it keeps
/// its place: the breaker says when the next one tries, and such tries are not this text's.
fn stays(tx: &mut Tx<'_>, job: &ClaimedJob, payload: Payload, delivery: &DeliveryRow, stay: Stay) -> Result<()> {
    if delivery.status != DeliveryStatus::Sending {
        tx.job_done(job)?;
        return Ok(());
    }
    let Stay { breaker, retry_after, error, behind } = stay;
    let is_closed = breaker == BreakerState::Closed;
    let tries = payload.tries.saturating_add(i64::from(is_closed));
    let due = payload.due.unwrap_or(job.run_at);
    let is_over = if is_closed { is_exhausted(tries) } else { tx.now().since(due) >= breaker::KEEP_TRYING };
    let mut change = delivery.same();
    if is_over {
        change.status = DeliveryStatus::Failed;
        change.error = Some(error_json(&error));
        settle(tx, delivery, &change)?;
        tx.job_done(job)?;
        return Ok(());
    }
    let at = again_at(tx.now(), tries, retry_after);
    change.status = DeliveryStatus::Queued;
    change.reason = Some(error.code.clone());
    change.send_at = at;
    settle(tx, delivery, &change)?;
    let (at, due) = match (is_closed, behind) {
        (true, _) => (at, None),
        (false, true) => (tx.now(), Some(due)),
        (false, false) => (job.run_at, payload.due),
    };
    tx.job_again(job, at, Some(&error.code), Some(&Payload { tries, due, ..payload }.write()))?;
    Ok(())
}

/// The request was never made, and will not be: its files can't be fetched from here.
pub(super) fn without_address(tx: &mut Tx<'_>, job: &ClaimedJob, ready: &Ready) -> Result<()> {
    if !tx.holds_job(job)? {
        return Ok(());
    }
    tx.end_attempt(ready.delivery.seq, ready.delivery.attempts, "never_left", Some("no_public_address"))?;
    match tx.delivery(ready.delivery.seq)?.filter(|d| d.status == DeliveryStatus::Sending) {
        Some(delivery) => blocked(tx, job, &delivery, "no_public_address", NO_ADDRESS),
        None => Ok(tx.job_done(job).map(drop)?),
    }
}

/// The request was never made: this server had trouble before it. The attempt is over, and the message waits as before.
pub(super) fn unmade(tx: &mut Tx<'_>, job: &ClaimedJob, ready: &Ready) -> Result<()> {
    if !tx.holds_job(job)? {
        return Ok(());
    }
    tx.give_back_pace(job)?;
    tx.end_attempt(ready.delivery.seq, ready.delivery.attempts, "never_left", Some("internal"))?;
    let Some(delivery) = tx.delivery(ready.delivery.seq)?.filter(|d| d.status == DeliveryStatus::Sending) else {
        return Ok(());
    };
    let mut change = delivery.same();
    change.status = DeliveryStatus::Queued;
    settle(tx, &delivery, &change)?;
    Ok(())
}
