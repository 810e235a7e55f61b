//! Sending: from the outbox to the provider, in order, once.
//!
//! ```text
//! claim ─▶ prepare (gate again, attempt recorded, commit) ─▶ request leaves ─▶ finish (fenced, commit)
//!                                                          └▶ unknown ─▶ look for it ─▶ sent | sent once more | a person decides
//! ```

pub(crate) mod lookup;
pub(crate) mod outcome;

use partyline_channels::{Outbound, Outcome, ProviderError, with_correlation};
use partyline_core::consent::{Permit, Reason};
use partyline_core::delivery::DeliveryStatus;
use partyline_core::phone::{Party, PhoneNumber};
use partyline_core::time::{HOUR, MINUTE, Millis, SECOND};
use partyline_store::channels::{ChannelRow, ConnectionRow};
use partyline_store::contacts::AddressRow;
use partyline_store::entries::DeliveryRow;
use partyline_store::jobs::ClaimedJob;
use partyline_store::scope::random;
use partyline_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::connection::Opened;
use crate::error::{DeskError, Result};
use crate::gate::{self, Passed};
use crate::queue::lane;
use crate::settings::{self, ChannelSettings};
use crate::{Desk, file};

/// The job that delivers one message.
pub(crate) const DELIVER: &str = "deliver";
/// An unknown message holds back the next one to its recipient at most this long.
pub(crate) const HOLD: i64 = 5 * MINUTE;
/// How long a message waits for its turn, where nothing tells it.
const WAIT: i64 = SECOND;
/// Tries of a message that certainly never left, before it fails.
const TRIES: i64 = 12;
/// The first wait after a try that never left; doubled each time.
const BACKOFF: i64 = 2 * SECOND;
/// The longest wait between tries.
const BACKOFF_MAX: i64 = HOUR;

/// What a delivery job remembers between its runs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Payload {
    /// The message's entry.
    pub(crate) seq: i64,
    /// How often it was looked for at the provider since the last request.
    #[serde(default)]
    pub(crate) looks: u8,
    /// Was it sent a second time, after it was found absent?
    #[serde(default)]
    pub(crate) again: bool,
}

impl Payload {
    pub(crate) fn read(job: &ClaimedJob) -> Result<Payload, StoreError> {
        serde_json::from_str(&job.payload).map_err(|e| StoreError::Corrupt(format!("a delivery job: {e}")))
    }

    pub(crate) fn write(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
    }
}

/// A message that is ready to leave.
pub(crate) struct Ready {
    pub(crate) delivery: DeliveryRow,
    pub(crate) channel: ChannelRow,
    pub(crate) connection: ConnectionRow,
    pub(crate) address: AddressRow,
    pub(crate) text: String,
    pub(crate) files: Vec<partyline_core::id::FileId>,
}

/// What preparing found.
enum Prepared {
    /// It may leave.
    Send(Box<Ready>, Permit),
    /// It left before, and nobody knows how that ended.
    Look(Box<Ready>),
    /// There is nothing to do any more.
    Nothing,
}

impl Desk {
    /// Does a delivery job.
    pub(crate) async fn deliver(&self, job: ClaimedJob) -> Result<()> {
        let payload = Payload::read(&job)?;
        let claimed = job.clone();
        let prepared = self.inner.db.write(job.workspace, self.now(), move |tx| prepare(tx, &claimed, payload)).await?;
        match prepared {
            Prepared::Nothing => Ok(()),
            Prepared::Look(ready) => self.look_for(job, payload, *ready).await,
            Prepared::Send(ready, _) if !self.inner.db.is_sure(job.holder) => {
                // paused or cut off since it was claimed: another node may be at it
                let error =
                    ProviderError::Unreachable { detail: "this server was cut off from its database".to_owned() };
                self.finish(job, payload, *ready, Outcome::NeverLeft { error, retry_after: None }).await
            }
            Prepared::Send(ready, permit) => {
                // what fails before the request is made has certainly not left
                let outcome =
                    self.send(&ready, permit, job.workspace).await.unwrap_or_else(|error| Outcome::NeverLeft {
                        error: ProviderError::Unreachable { detail: error.to_string() },
                        retry_after: None,
                    });
                self.finish(job, payload, *ready, outcome).await
            }
        }
    }

    async fn send(&self, ready: &Ready, permit: Permit, workspace: partyline_store::Workspace) -> Result<Outcome> {
        let Opened { provider, connection } = self.open_connection(&ready.connection)?;
        let hooks = self.hooks(&ready.connection);
        let settings: ChannelSettings = settings::parse(&ready.channel.settings);
        let (Ok(from), Ok(to)) = (Party::parse(&ready.channel.address), PhoneNumber::from_e164(&ready.address.value))
        else {
            return Err(StoreError::Corrupt("a channel or an address that is no number".into()).into());
        };
        let media_urls = match self.inner.addresses.for_connection(&connection) {
            Some(base) => self.link_files(workspace, base, &ready.files).await?,
            None => Vec::new(),
        };
        let message = Outbound {
            from,
            to,
            text: ready.text.clone(),
            media_urls,
            status_callback: hooks.map(|h| with_correlation(&h.status, &ready.delivery.message.to_string())),
            service_id: settings.service_id,
        };
        Ok(provider.send(&self.inner.http, &connection, permit, &message).await)
    }

    /// Writes what happened, if the lease is still ours.
    async fn finish(&self, job: ClaimedJob, payload: Payload, ready: Ready, outcome: Outcome) -> Result<()> {
        if let Outcome::Refused { about: partyline_channels::RefusalAbout::Connection, .. } = &outcome {
            self.note_connection(job.workspace, &ready.connection, "refused").await?;
        }
        self.inner
            .db
            .write(job.workspace, self.now(), move |tx| outcome::write(tx, &job, payload, &ready, outcome))
            .await
    }

    async fn link_files(
        &self,
        workspace: partyline_store::Workspace,
        base: &url::Url,
        files: &[partyline_core::id::FileId],
    ) -> Result<Vec<String>> {
        let mut urls = Vec::with_capacity(files.len());
        for id in files {
            urls.push(self.link_file(workspace, base, *id, file::LINK_FOR).await?);
        }
        Ok(urls)
    }
}

/// How long to wait before try `n` (from 1), with jitter, so that many that failed together don't come back together.
pub(crate) fn backoff(n: i64) -> i64 {
    let doubled = BACKOFF.saturating_mul(1 << n.clamp(0, 20)).min(BACKOFF_MAX);
    let jitter = i64::from(u16::from_le_bytes(random::<2>())) * doubled / (2 * i64::from(u16::MAX));
    doubled / 2 + jitter
}

/// Looks at the message under the workspace's lock, asks the gate again, and records the attempt before anything leaves.
fn prepare(tx: &mut Tx<'_>, job: &ClaimedJob, payload: Payload) -> Result<Prepared> {
    if !tx.holds_job(job)? {
        return Ok(Prepared::Nothing);
    }
    let Some(delivery) = tx.delivery(payload.seq)? else {
        tx.job_done(job)?;
        return Ok(Prepared::Nothing);
    };
    match delivery.status {
        DeliveryStatus::Scheduled | DeliveryStatus::Queued => {}
        DeliveryStatus::Sending | DeliveryStatus::Unknown => {
            let ready = load(tx, delivery)?;
            if ready.delivery.status == DeliveryStatus::Sending {
                // we, or another worker, went away between the request and its answer
                tx.end_attempt(ready.delivery.seq, ready.delivery.attempts, "unknown", Some("the worker went away"))?;
                let mut change = ready.delivery.same();
                change.status = DeliveryStatus::Unknown;
                outcome::settle(tx, &ready.delivery, &change)?;
            }
            return Ok(Prepared::Look(Box::new(ready)));
        }
        _ => {
            tx.job_done(job)?;
            return Ok(Prepared::Nothing);
        }
    }
    let ready = load(tx, delivery)?;
    let lane = lane(&ready.channel, &ready.address);
    if must_wait(tx, job, &ready.delivery, &lane)? {
        let again = tx.now() + WAIT;
        tx.job_again(job, again, None, None)?;
        return Ok(Prepared::Nothing);
    }
    let mut confirmed = gate::confirmed(&words(ready.delivery.confirmed.as_deref()));
    // the time that it waited here does not make it late
    confirmed.push(Reason::LateReply);
    let permit = match gate::ask(tx, ready.delivery.class, &ready.address, &confirmed) {
        Ok(Passed::Now(permit)) => permit,
        Ok(Passed::Later(until)) => {
            tx.job_again(job, until, None, None)?;
            return Ok(Prepared::Nothing);
        }
        Err(DeskError::Refused { code, detail }) => {
            blocked(tx, job, &ready.delivery, code, &detail)?;
            return Ok(Prepared::Nothing);
        }
        Err(DeskError::NeedsWord(reasons)) => {
            let reason = reasons.first().copied().unwrap_or(Reason::FirstContact);
            blocked(tx, job, &ready.delivery, reason.code(), reason.detail())?;
            return Ok(Prepared::Nothing);
        }
        Err(e) => return Err(e),
    };
    if ready.channel.removed_at.is_some() || ready.connection.credentials.is_none() {
        blocked(
            tx,
            job,
            &ready.delivery,
            "channel_gone",
            "This number is no longer connected. Send it through another channel.",
        )?;
        return Ok(Prepared::Nothing);
    }
    let mut change = ready.delivery.same();
    change.status = DeliveryStatus::Sending;
    change.attempts += 1;
    // what comes from outside of its lane holds back the others from here on
    tx.job_takes_lane(job, &lane)?;
    tx.begin_attempt(ready.delivery.seq, change.attempts, job.fence)?;
    let attempts = change.attempts;
    outcome::settle(tx, &ready.delivery, &change)?;
    let mut ready = ready;
    ready.delivery.status = DeliveryStatus::Sending;
    ready.delivery.attempts = attempts;
    Ok(Prepared::Send(Box::new(ready), permit))
}

/// Is it another's turn? Lanes keep the order of what was queued; what was scheduled, or is sent once more, comes from outside of
/// its lane, and may find it busy.
fn must_wait(tx: &mut Tx<'_>, job: &ClaimedJob, delivery: &DeliveryRow, lane: &[u8]) -> Result<bool> {
    let held_since = tx.now() - HOLD;
    let waits = delivery.status == DeliveryStatus::Scheduled && tx.older_unsettled(delivery, held_since)? > 0;
    Ok(waits || tx.lane_is_busy(job, lane)?)
}

fn blocked(tx: &mut Tx<'_>, job: &ClaimedJob, delivery: &DeliveryRow, code: &str, detail: &str) -> Result<()> {
    let mut change = delivery.same();
    change.status = DeliveryStatus::Failed;
    change.error = Some(outcome::error_of(code, None, detail));
    outcome::settle(tx, delivery, &change)?;
    tx.job_done(job)?;
    Ok(())
}

/// Gives up a delivery whose job can't be done: what certainly never left has failed, what may have stays unknown.
pub(crate) fn give_up(tx: &mut Tx<'_>, job: &ClaimedJob, why: &str) -> Result<()> {
    if let Some(delivery) = tx.delivery(Payload::read(job)?.seq)?
        && matches!(delivery.status, DeliveryStatus::Queued | DeliveryStatus::Scheduled)
    {
        let mut change = delivery.same();
        change.status = DeliveryStatus::Failed;
        change.error = Some(outcome::error_of(
            "internal",
            None,
            "This server could not send it. Ask whoever runs it to look at its log, then try again.",
        ));
        outcome::settle(tx, &delivery, &change)?;
    }
    tx.job_dead(job, why)?;
    Ok(())
}

pub(crate) fn load(tx: &mut Tx<'_>, delivery: DeliveryRow) -> Result<Ready, StoreError> {
    let gone = |what: &str| StoreError::Corrupt(format!("the {what} of a delivery is gone"));
    let channel = tx.channel(delivery.channel)?.ok_or_else(|| gone("channel"))?;
    let connection = tx.connection(channel.connection)?.ok_or_else(|| gone("connection"))?;
    let address = tx.address(delivery.address)?.ok_or_else(|| gone("address"))?;
    let text = tx.entry(delivery.message.uuid())?.and_then(|e| e.text).unwrap_or_default();
    let files = tx.attachments_of(&[delivery.seq])?.into_iter().map(|a| a.id).collect();
    Ok(Ready { delivery, channel, connection, address, text, files })
}

fn words(json: Option<&str>) -> Vec<String> {
    json.and_then(|j| serde_json::from_str(j).ok()).unwrap_or_default()
}

/// Has it been tried as often as makes sense?
pub(crate) fn is_exhausted(attempts: i64) -> bool {
    attempts >= TRIES
}

/// When to try again.
pub(crate) fn again_at(now: Millis, attempts: i64, asked: Option<std::time::Duration>) -> Millis {
    let asked = asked.and_then(|d| i64::try_from(d.as_millis()).ok()).unwrap_or(0);
    now + backoff(attempts).max(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_with_jitter_and_stay_bounded() {
        for n in 0..40 {
            let doubled = BACKOFF.saturating_mul(1 << n.clamp(0, 20)).min(BACKOFF_MAX);
            for _ in 0..20 {
                let wait = backoff(n);
                assert!(wait >= doubled / 2 && wait <= doubled, "{n}: {wait}");
            }
        }
        let now = Millis(0);
        assert!(
            again_at(now, 0, Some(std::time::Duration::from_secs(90))) >= Millis(90_000),
            "the provider's wish is a floor"
        );
    }
}
