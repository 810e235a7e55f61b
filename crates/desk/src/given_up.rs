//! Jobs that were given up: what `partyline jobs` shows, tries again and forgets.
//!
//! Nothing that a person waits for is forgotten: a text that has not left, or of which nobody knows, is tried again, and fails or is
//! unknown in the inbox when that does not help.

use partyline_core::delivery::DeliveryStatus;
use partyline_store::Tx;
use partyline_store::jobs::DeadJob;

use crate::Desk;
use crate::bulk::BULK;
use crate::deliver::{DELIVER, lookup};
use crate::error::{DeskError, Result};
use crate::held::REPLAY;
use crate::media::{self, FETCH};

/// Jobs that are shown, tried again or forgotten at once.
pub const GIVEN_UP_MAX: usize = 1_000;

/// What became of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// What was asked for.
    Done,
    /// It stays as it is: this is why.
    Stays(&'static str),
}

const GONE: Settled = Settled::Stays("it is not given up any more");
const OTHER_JOB: Settled =
    Settled::Stays("its message is being sent by another job; it can be forgotten when that is over");
const WAITED_FOR: Settled = Settled::Stays("its message has not left, or nobody knows whether it has; try it again");
const NOT_OURS: Settled = Settled::Stays("this version does not know what it is for");

impl Desk {
    /// Jobs that were given up, the oldest of each workspace first, at most [`GIVEN_UP_MAX`].
    pub async fn given_up(&self) -> Result<Vec<DeadJob>> {
        let limit = i64::try_from(GIVEN_UP_MAX).unwrap_or(i64::MAX);
        self.inner.db.read_root(move |root| Ok(root.given_up(limit)?)).await
    }

    /// Tries one again, as if it had never been tried.
    pub async fn try_again(&self, job: DeadJob) -> Result<Settled> {
        self.inner.db.write(job.workspace, self.now(), move |tx| again(tx, &job)).await
    }

    /// Forgets one, unless somebody waits for what it was to do.
    pub async fn forget(&self, job: DeadJob) -> Result<Settled> {
        self.inner.db.write(job.workspace, self.now(), move |tx| forgotten(tx, &job)).await
    }
}

fn again(tx: &mut Tx<'_>, job: &DeadJob) -> Result<Settled> {
    match job.kind.as_str() {
        // a person has sent it again meanwhile: two at once would not know of each other
        DELIVER if tx.has_living_job(job.seq, DELIVER)? => return Ok(OTHER_JOB),
        DELIVER | REPLAY | BULK => {}
        FETCH => media::again(tx, &job.payload)?,
        _ => return Ok(NOT_OURS),
    }
    Ok(if tx.revive_job(job)? { Settled::Done } else { GONE })
}

fn forgotten(tx: &mut Tx<'_>, job: &DeadJob) -> Result<Settled> {
    match job.kind.as_str() {
        DELIVER if is_waited_for(tx, job.seq)? => return Ok(WAITED_FOR),
        // what it was to play again is held still, and can be played again; what is done of a bulk action can be undone
        DELIVER | REPLAY | BULK => {}
        FETCH => media::given_up(tx, &job.payload)?,
        _ => return Ok(NOT_OURS),
    }
    Ok(if tx.forget_job(job)? { Settled::Done } else { GONE })
}

/// Would nobody but this job say what became of its message?
fn is_waited_for(tx: &mut Tx<'_>, seq: i64) -> Result<bool, DeskError> {
    let Some(delivery) = tx.delivery(seq)? else { return Ok(false) };
    Ok(match delivery.status {
        DeliveryStatus::Scheduled | DeliveryStatus::Queued | DeliveryStatus::Sending => true,
        // once it is a person's work the inbox shows it
        DeliveryStatus::Unknown => delivery.reason.as_deref() == Some(lookup::RECONCILING),
        _ => false,
    } && !tx.has_living_job(seq, DELIVER)?)
}
