//! What becomes of a restored database before anybody works with it (docs/decisions/0006-a-restored-outbox-waits.md).
//!
//! A backup is older than the world. What was waiting to leave when it was taken has left since, as far as anybody knows, and must
//! not leave again by itself. So each such text becomes `unknown`; it is looked for at the provider, which settles it when it
//! is found there, and otherwise a person decides. What is scheduled for a time that has not come yet can't have left, and stays.

use partyline_core::delivery::DeliveryStatus;
use partyline_core::event::{Actor, EventType};
use partyline_core::time::Millis;
use partyline_store::entries::DeliveryRow;
use partyline_store::scope::Root;
use partyline_store::{NewEvent, Tx};

use crate::deliver::lookup::RECONCILING;
use crate::deliver::{DELIVER, Payload, outcome};
use crate::error::Result;

/// Deliveries that are looked at in one go.
const PAGE: i64 = 500;

/// May what waited in the outbox leave?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outbox {
    /// No: it may have left since the backup.
    Held,
    /// Yes: nothing has left since, because the old server was stopped before the backup was taken.
    Resumed,
}

/// What was made of a restored database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Texts that may have left, and now wait for a look at the provider or for a person.
    pub held: u64,
    /// Texts that are scheduled for later and stay so.
    pub scheduled: u64,
    /// Texts that go on as they were.
    pub resumed: u64,
    /// Counters that were wrong and were mended.
    pub counters: usize,
}

/// Settles everything that a restore brings back, in the transaction that restores it.
///
/// # Errors
/// What the store said: then nothing is restored.
pub fn settle(root: &mut Root<'_>, made_at: Millis, outbox: Outbox) -> Result<Settled> {
    let mut settled = Settled::default();
    for (workspace, _, _) in root.workspaces()? {
        root.within(workspace, |tx| {
            tx.free_jobs()?;
            settle_outbox(tx, made_at, outbox, &mut settled)?;
            let counters = tx.repair_tallies()?;
            settled.counters += counters;
            let mut changed = vec![format!("restored_from={made_at}")];
            if counters > 0 {
                changed.push(format!("counters_mended={counters}"));
            }
            tx.append(NewEvent::new(Actor::System, EventType::WorkspaceUpdated).changed(changed))?;
            Ok::<_, crate::DeskError>(())
        })?;
    }
    Ok(settled)
}

fn settle_outbox(tx: &mut Tx<'_>, made_at: Millis, outbox: Outbox, settled: &mut Settled) -> Result<()> {
    let mut after = 0;
    loop {
        let page = tx.unsettled_after(after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.seq;
        for delivery in page {
            if outbox == Outbox::Resumed {
                settled.resumed += 1;
            } else if delivery.status == DeliveryStatus::Scheduled && delivery.send_at > tx.now() {
                settled.scheduled += 1;
            } else {
                settled.held += u64::from(hold(tx, &delivery, made_at)?);
            }
        }
    }
}

/// It may have left after the backup: it is looked for, and never sent by itself. `false`: a person was to decide already, and still is.
fn hold(tx: &mut Tx<'_>, delivery: &DeliveryRow, made_at: Millis) -> Result<bool> {
    // `again`: what is absent at the last look is not sent a second time
    let payload = Payload { again: true, ..Payload::of(delivery.seq) }.write();
    if !tx.rewrite_job(delivery.seq, DELIVER, &payload)? {
        if delivery.status == DeliveryStatus::Unknown {
            return Ok(false);
        }
        tx.add_job(delivery.seq, DELIVER, None, &payload, tx.now())?;
    }
    let mut change = delivery.same();
    match delivery.status {
        DeliveryStatus::Unknown => {}
        DeliveryStatus::Sending => {
            tx.end_attempt(delivery.seq, delivery.attempts, "unknown", Some("restored"))?;
        }
        _ => {
            change.attempts += 1;
            tx.suppose_attempt(delivery.seq, change.attempts, made_at)?;
        }
    }
    // until it has been looked for, nobody sends it again
    change.reason = Some(RECONCILING.to_owned());
    if delivery.status != DeliveryStatus::Unknown {
        change.status = DeliveryStatus::Unknown;
        change.error = Some(outcome::error_of(
            "restored",
            None,
            "This inbox was restored from a backup in which this text was still waiting. It may have left since. Look at the answer, or ask, before you send it again.",
        ));
    }
    outcome::settle(tx, delivery, &change)?;
    Ok(true)
}
