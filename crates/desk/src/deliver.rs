//! Sending: from the outbox to the provider, in order, once.
//!
//! ```text
//! claim ─▶ prepare (gate again, attempt recorded, commit) ─▶ request leaves ─▶ finish (fenced, commit)
//!                                                          └▶ unknown ─▶ look for it ─▶ sent | sent once more | a person decides
//! ```

pub mod breaker;
pub(crate) mod lookup;
pub(crate) mod outcome;
mod work;

use std::sync::Arc;
use std::time::Duration;

use partyline_channels::{Outbound, Outcome, with_correlation};
use partyline_core::consent::{Permit, Reason};
use partyline_core::delivery::DeliveryStatus;
use partyline_core::phone::{Party, PhoneNumber};
use partyline_core::time::{HOUR, MINUTE, Millis, SECOND};
use partyline_store::breakers::BreakerState;
use partyline_store::channels::{ChannelRow, ConnectionRow};
use partyline_store::contacts::AddressRow;
use partyline_store::entries::DeliveryRow;
use partyline_store::jobs::ClaimedJob;
use partyline_store::scope::random;
use partyline_store::{StoreError, Tx, Workspace};
use serde::{Deserialize, Serialize};

use crate::connection::Opened;
use crate::error::{DeskError, Result};
use crate::gate::{self, Passed};
use crate::pace;
use crate::queue::lane;
use crate::settings::{self, ChannelSettings};
use crate::{Desk, file};

/// The job that delivers one message.
pub(crate) const DELIVER: &str = "deliver";
/// An unknown message holds back the next one to its recipient at most this long.
pub(crate) const HOLD: i64 = 5 * MINUTE;
/// How long a message waits for its turn, where nothing tells it.
const WAIT: i64 = SECOND;
/// Tries of a message that certainly never left, before it fails. While its provider can't be reached at all it waits, and that is
/// bounded by [`breaker::KEEP_TRYING`].
const TRIES: i64 = 12;
/// Faults of this server at one message, after which it is given up.
const FAULTS: u8 = 8;
/// How often a write is tried again while the database has trouble that may pass, and how long is waited between: together half as long as
/// a job is leased.
const WRITES: u32 = 60;
const WRITE_AGAIN: Duration = Duration::from_secs(1);
/// The first wait after a try that never left; doubled each time.
const BACKOFF: i64 = 2 * SECOND;
/// The longest wait between tries.
const BACKOFF_MAX: i64 = HOUR;

/// Nothing is remembered of it: as most jobs end with their first run, they are kept short.
fn is_unset<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What a delivery job remembers between its runs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Payload {
    /// The message's entry.
    pub(crate) seq: i64,
    /// How often it was looked for at the provider since the last request.
    #[serde(default, skip_serializing_if = "is_unset")]
    pub(crate) looks: u8,
    /// Was it sent a second time, after it was found absent?
    #[serde(default, skip_serializing_if = "is_unset")]
    pub(crate) again: bool,
    /// How often this server could not do its part.
    #[serde(default, skip_serializing_if = "is_unset")]
    pub(crate) faults: u8,
    /// How often it was tried and never left, since a person last said that it be sent.
    #[serde(default, skip_serializing_if = "is_unset")]
    pub(crate) tries: i64,
    /// When it was taken over in the middle of its request, by the clock of who took it over: the request may have been under way until
    /// then.
    #[serde(default, skip_serializing_if = "is_unset")]
    pub(crate) taken_at: Option<Millis>,
    /// Was it given to people to decide, while it is still looked for?
    #[serde(default, skip_serializing_if = "is_unset")]
    pub(crate) told: bool,
    /// Since when the provider could not be asked about it.
    #[serde(default, skip_serializing_if = "is_unset")]
    pub(crate) asked_since: Option<Millis>,
    /// Since when it waits for an account that is refused, where other texts have gone before it meanwhile.
    #[serde(default, skip_serializing_if = "is_unset")]
    pub(crate) due: Option<Millis>,
}

impl Payload {
    pub(crate) fn read(job: &ClaimedJob) -> Result<Payload, StoreError> {
        serde_json::from_str(&job.payload).map_err(|e| StoreError::Corrupt(format!("a delivery job: {e}")))
    }

    /// Of a message of which nothing is known yet.
    pub(crate) const fn of(seq: i64) -> Payload {
        Payload {
            seq,
            looks: 0,
            again: false,
            faults: 0,
            tries: 0,
            taken_at: None,
            told: false,
            asked_since: None,
            due: None,
        }
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
    /// It left before, and nobody knows how that ended. With what the job now remembers.
    Look(Box<Ready>, Payload),
    /// There is nothing to do any more.
    Nothing,
}

impl Desk {
    /// Does a delivery job.
    pub(crate) async fn deliver(&self, job: ClaimedJob) -> Result<()> {
        let payload = Payload::read(&job)?;
        let (claimed, workspace) = (job.clone(), job.workspace);
        let prepared = self.patiently(workspace, move |tx| prepare(tx, &claimed, payload)).await?;
        match prepared {
            Prepared::Nothing => Ok(()),
            Prepared::Look(ready, payload) => self.look_for(job, payload, *ready).await,
            Prepared::Send(ready, permit) => {
                let (Opened { provider, connection }, message) = match self.request(&ready, workspace).await {
                    Ok(Some(request)) => request,
                    Ok(None) => {
                        let failed = move |tx: &mut Tx<'_>| outcome::without_address(tx, &job, &ready);
                        return self.inner.db.write(workspace, self.now(), failed).await;
                    }
                    // what fails before the request is made has certainly not left; that is this server's trouble, not the provider's
                    Err(error) => {
                        let unmade = move |tx: &mut Tx<'_>| outcome::unmade(tx, &job, &ready);
                        self.inner.db.write(workspace, self.now(), unmade).await?;
                        return Err(error);
                    }
                };
                // asked last of all: making the request has waited for the database too
                if !self.inner.db.is_sure(job.holder) {
                    // paused or cut off since it was claimed: another node may be at it
                    let cut_off = move |tx: &mut Tx<'_>| {
                        outcome::unmade(tx, &job, &ready)?;
                        let at = tx.now() + BACKOFF;
                        Ok(tx.job_again(&job, at, Some("cut off from the database"), None).map(drop)?)
                    };
                    return self.inner.db.write(workspace, self.now(), cut_off).await;
                }
                let outcome = provider.send(&self.inner.http, &connection, permit, &message).await;
                self.finish(job, payload, *ready, outcome).await
            }
        }
    }

    /// Makes the request, and sends nothing. `None`: it has files, and the provider can't fetch them from here.
    async fn request(&self, ready: &Ready, workspace: Workspace) -> Result<Option<(Opened, Outbound)>> {
        let opened = self.open_connection(&ready.connection)?;
        let hooks = self.hooks(&ready.connection);
        let settings: ChannelSettings = settings::parse(&ready.channel.settings);
        let (Ok(from), Ok(to)) = (Party::parse(&ready.channel.address), PhoneNumber::from_e164(&ready.address.value))
        else {
            return Err(StoreError::Corrupt("a channel or an address that is no number".into()).into());
        };
        let media_urls = match self.inner.addresses.for_connection(&opened.connection) {
            Some(base) => self.link_files(workspace, base, &ready.files).await?,
            None if ready.files.is_empty() => Vec::new(),
            None => return Ok(None),
        };
        let message = Outbound {
            from,
            to,
            text: ready.text.clone(),
            media_urls,
            status_callback: hooks.map(|h| with_correlation(&h.status, &ready.delivery.message.to_string())),
            service_id: settings.service_id,
        };
        Ok(Some((opened, message)))
    }

    /// Writes what happened, if the lease is still ours.
    async fn finish(&self, job: ClaimedJob, payload: Payload, ready: Ready, outcome: Outcome) -> Result<()> {
        if let Outcome::Refused { about: partyline_channels::RefusalAbout::Connection, .. } = &outcome {
            self.note_connection(job.workspace, &ready.connection, breaker::REFUSED).await?;
        }
        let (workspace, what) = (job.workspace, Arc::new((job, ready, outcome)));
        self.patiently(workspace, move |tx| outcome::write(tx, &what.0, payload, &what.1, what.2.clone())).await
    }

    /// Writes, and writes again while the database can't take it and that may pass: what is known of a message that has left is not thrown
    /// away for a moment's trouble. A unit that was committed all the same finds that it no longer holds its job.
    async fn patiently<T: Send + 'static>(
        &self,
        workspace: Workspace,
        unit: impl Fn(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
    ) -> Result<T> {
        let mut tries = 0;
        loop {
            let unit = unit.clone();
            match self.inner.db.write(workspace, self.now(), move |tx| unit(tx)).await {
                Err(DeskError::Store(error)) if error.is_passing() && tries < WRITES => {
                    tries += 1;
                    tracing::warn!(%error, tries, "what became of a message can't be written yet; it is tried again");
                    tokio::time::sleep(WRITE_AGAIN).await;
                }
                done => return done,
            }
        }
    }

    async fn link_files(
        &self,
        workspace: Workspace,
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
fn prepare(tx: &mut Tx<'_>, job: &ClaimedJob, mut payload: Payload) -> Result<Prepared> {
    if !tx.holds_job(job)? {
        return Ok(Prepared::Nothing);
    }
    let Some(delivery) = tx.delivery(payload.seq)? else {
        return nothing(tx, job);
    };
    match delivery.status {
        DeliveryStatus::Scheduled | DeliveryStatus::Queued => {}
        DeliveryStatus::Sending | DeliveryStatus::Unknown => {
            // looking keeps no pace
            tx.give_back_pace(job)?;
            tx.job_keeps_pace(job, None)?;
            let ready = load(tx, delivery)?;
            if ready.delivery.status == DeliveryStatus::Sending {
                // we, or another worker, went away between the request and its answer
                payload.taken_at = Some(tx.now());
                tx.end_attempt(ready.delivery.seq, ready.delivery.attempts, "unknown", Some("the worker went away"))?;
                let mut change = ready.delivery.same();
                change.status = DeliveryStatus::Unknown;
                change.reason = Some(lookup::RECONCILING.to_owned());
                outcome::settle(tx, &ready.delivery, &change)?;
            }
            return Ok(Prepared::Look(Box::new(ready), payload));
        }
        _ => return nothing(tx, job),
    }
    let ready = load(tx, delivery)?;
    if job.sender.is_none() {
        // it was taken back from a worker that had not begun, or queued by a program that knew no paces
        tx.begin_pace(ready.channel.id, pace::of(&ready.channel).pace())?;
        tx.job_keeps_pace(job, Some(ready.channel.id))?;
        tx.job_waits(job, job.run_at)?;
        return Ok(Prepared::Nothing);
    }
    let lane = lane(&ready.channel, &ready.address);
    if must_wait(tx, job, &ready.delivery, &lane)? {
        return later(tx, job, tx.now() + WAIT);
    }
    let mut confirmed = gate::confirmed(&words(ready.delivery.confirmed.as_deref()));
    // the time that it waited here does not make it late
    confirmed.push(Reason::LateReply);
    let permit = match gate::ask(tx, ready.delivery.class, &ready.address, &confirmed) {
        Ok(Passed::Now(permit)) => permit,
        Ok(Passed::Later(until, reason)) => {
            let mut change = ready.delivery.same();
            change.status = DeliveryStatus::Scheduled;
            change.send_at = until;
            change.reason = Some(reason.code().to_owned());
            outcome::settle(tx, &ready.delivery, &change)?;
            // what is planned for later holds nobody back
            tx.job_takes_lane(job, None)?;
            return later(tx, job, until);
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
    let breaker = tx.breaker(ready.connection.id)?;
    match breaker.state {
        BreakerState::Closed => {}
        BreakerState::HalfOpen => breaker::tries(tx, ready.connection.id)?,
        BreakerState::Open if tx.now().since(payload.due.unwrap_or(job.run_at)) >= breaker::KEEP_TRYING => {
            let (code, detail) = match breaker.reason.as_deref().filter(|reason| breaker::is_refusal(reason)) {
                Some(reason) => (reason, REFUSED),
                None => ("provider_unreachable", NOT_REACHED),
            };
            blocked(tx, job, &ready.delivery, code, detail)?;
            return Ok(Prepared::Nothing);
        }
        // it opened after this was claimed
        BreakerState::Open => return later(tx, job, job.run_at),
    }
    let mut change = ready.delivery.same();
    change.status = DeliveryStatus::Sending;
    change.attempts += 1;
    // what comes from outside of its lane holds back the others from here on
    tx.job_takes_lane(job, Some(&lane))?;
    tx.begin_attempt(ready.delivery.seq, change.attempts, job.fence)?;
    let attempts = change.attempts;
    outcome::settle(tx, &ready.delivery, &change)?;
    let mut ready = ready;
    ready.delivery.status = DeliveryStatus::Sending;
    ready.delivery.attempts = attempts;
    Ok(Prepared::Send(Box::new(ready), permit))
}

/// There is nothing to send any more.
fn nothing(tx: &mut Tx<'_>, job: &ClaimedJob) -> Result<Prepared> {
    tx.give_back_pace(job)?;
    tx.job_done(job)?;
    Ok(Prepared::Nothing)
}

/// It may not leave yet: its sender's time goes to another, and this turn does not count.
fn later(tx: &mut Tx<'_>, job: &ClaimedJob, run_at: Millis) -> Result<Prepared> {
    tx.give_back_pace(job)?;
    tx.job_waits(job, run_at)?;
    Ok(Prepared::Nothing)
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
    tx.give_back_pace(job)?;
    tx.job_done(job)?;
    Ok(())
}

/// What a person reads when this server could not do its part.
const INTERNAL: &str = "This server could not send it. Ask whoever runs it to look at its log, then try again.";
/// What a person reads when its files can't be fetched from here.
const NO_ADDRESS: &str = "This server has no public address any more, so the provider can't fetch its files. Send it without files, or ask an admin.";
/// What a person reads when the provider did not let the account in for as long.
const REFUSED: &str =
    "The provider has refused this account for a long time. Ask an admin to look at the connection, then try again.";
/// What a person reads when the provider stayed away.
const NOT_REACHED: &str = "The provider could not be reached for a long time. Try again, or use another channel.";

/// This server could not do its part for a delivery: it tries again, and gives up in the end. What certainly never left has failed then,
/// and what may have left is for a person to decide, so nothing dies unseen.
pub(crate) fn fault(tx: &mut Tx<'_>, job: &ClaimedJob, why: &str) -> Result<()> {
    if !tx.holds_job(job)? {
        return Ok(());
    }
    // a job that nobody can read will not be readable later; whose it is says the event that caused it
    let (payload, is_readable) = match Payload::read(job) {
        Ok(payload) => (payload, true),
        Err(_) => (Payload::of(job.seq), false),
    };
    let faults = payload.faults.saturating_add(1);
    if is_readable && faults < FAULTS {
        let at = tx.now() + backoff(i64::from(faults));
        tx.job_again(job, at, Some(why), Some(&Payload { faults, ..payload }.write()))?;
        return Ok(());
    }
    let Some(delivery) = tx.delivery(payload.seq)? else {
        tx.job_dead(job, why)?;
        return Ok(());
    };
    match delivery.status {
        DeliveryStatus::Queued | DeliveryStatus::Scheduled => blocked(tx, job, &delivery, "internal", INTERNAL),
        DeliveryStatus::Sending | DeliveryStatus::Unknown => Ok(lookup::surrender(tx, job, payload, &delivery)?),
        _ => Ok(tx.job_done(job).map(drop)?),
    }
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

pub(crate) fn words(json: Option<&str>) -> Vec<String> {
    json.and_then(|j| serde_json::from_str(j).ok()).unwrap_or_default()
}

/// Has it been tried as often as makes sense, since a person last said that it be sent?
pub(crate) fn is_exhausted(tries: i64) -> bool {
    tries >= TRIES
}

/// When to try again.
pub(crate) fn again_at(now: Millis, tries: i64, asked: Option<std::time::Duration>) -> Millis {
    let asked = asked.and_then(|d| i64::try_from(d.as_millis()).ok()).unwrap_or(0);
    now + backoff(tries).max(asked)
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
