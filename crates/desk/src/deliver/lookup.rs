//! A send whose outcome is not known is looked for at the provider: 2, 10 and 30 seconds after. Only when it is absent at the last
//! look is it sent once more; where the provider can't list, it stays unknown and a person decides.

use partyline_channels::{ProviderError, SentLookup, Sighting};
use partyline_core::delivery::DeliveryStatus;
use partyline_core::phone::{Party, PhoneNumber};
use partyline_core::time::{HOUR, MINUTE, Millis, SECOND};
use partyline_store::entries::{DeliveryRow, provider_key};
use partyline_store::jobs::ClaimedJob;
use partyline_store::{StoreError, Tx};

use super::{HOLD, Payload, Ready, outcome, work};
use crate::Desk;
use crate::connection::Opened;
use crate::error::Result;

/// When to look, after the request left.
const LOOKS: [i64; 3] = [2 * SECOND, 10 * SECOND, 30 * SECOND];
/// A message listed by the provider may be this much older than our attempt: its clock is not ours.
const SKEW: i64 = MINUTE;
/// How often to ask again while the provider can't be asked.
const ASK_AGAIN: i64 = 15 * SECOND;
/// The same once it holds nobody back any more.
const ASK_LATER: i64 = 5 * MINUTE;
/// After this long nobody asks any more, and a person decides.
const ASK_FOR: i64 = 4 * HOUR;
/// Why a message is unknown, while the provider is still asked: a stable word.
pub(super) const RECONCILING: &str = "reconciling";

/// Plans the first look.
pub(super) fn first(tx: &mut Tx<'_>, job: &ClaimedJob, payload: Payload) -> Result<()> {
    let at = tx.now() + LOOKS[0];
    tx.job_keeps_pace(job, None)?;
    tx.job_again(job, at, Some("unknown"), Some(&Payload { looks: 0, ..payload }.write()))?;
    Ok(())
}

impl Desk {
    pub(super) async fn look_for(&self, job: ClaimedJob, payload: Payload, ready: Ready) -> Result<()> {
        let seq = ready.delivery.seq;
        let began = self.inner.db.read(job.workspace, move |scope| scope.last_attempt(seq)).await?;
        let began = began.unwrap_or(ready.delivery.updated_at);
        let found = self.ask_for(&ready, began).await;
        self.inner.db.write(job.workspace, self.now(), move |tx| seen(tx, &job, payload, &ready, began, found)).await
    }

    /// What the provider has sent to this recipient since. A connection that can't be opened can't be asked either.
    async fn ask_for(&self, ready: &Ready, began: Millis) -> Result<Vec<Sighting>, ProviderError> {
        let unable = |detail: String| ProviderError::Unreachable { detail };
        let Opened { provider, connection } =
            self.open_connection(&ready.connection).map_err(|e| unable(e.to_string()))?;
        let from = Party::parse(&ready.channel.address).map_err(|_| unable("the channel is no number".into()))?;
        let to = PhoneNumber::from_e164(&ready.address.value).map_err(|_| unable("the address is no number".into()))?;
        provider.find_sent(&self.inner.http, &connection, &SentLookup { from, to, since: began - SKEW }).await
    }
}

/// Is this listed message the one that we sent?
fn is_ours(ready: &Ready, sighting: &Sighting, since: Millis) -> bool {
    let files = usize::try_from(sighting.media_count).unwrap_or(usize::MAX);
    // providers trim
    sighting.text.trim() == ready.text.trim()
        && files == ready.files.len()
        && sighting.created_at >= Millis(since.0 / SECOND * SECOND)
}

fn seen(
    tx: &mut Tx<'_>,
    job: &ClaimedJob,
    payload: Payload,
    ready: &Ready,
    began: Millis,
    found: Result<Vec<Sighting>, ProviderError>,
) -> Result<()> {
    if !tx.holds_job(job)? {
        return Ok(());
    }
    let Some(delivery) = tx.delivery(ready.delivery.seq)? else { return Ok(()) };
    if delivery.status != DeliveryStatus::Unknown {
        // a callback has told meanwhile
        tx.job_done(job)?;
        return Ok(());
    }
    let now = tx.now();
    let age = now.since(began);
    let sightings = match found {
        Ok(sightings) => sightings,
        Err(ProviderError::Unsupported) => return Ok(surrender(tx, job, &delivery)?),
        Err(error) if age < HOLD => {
            tx.job_again(job, now + ASK_AGAIN, Some(error.code()), None)?;
            return Ok(());
        }
        Err(error) if age < ASK_FOR => {
            // the lane goes on without it; whenever the provider can be asked again, it tells
            tx.job_takes_lane(job, None)?;
            tx.job_again(job, now + ASK_LATER, Some(error.code()), None)?;
            return Ok(());
        }
        Err(_) => return Ok(surrender(tx, job, &delivery)?),
    };
    for sighting in sightings.iter().rev().filter(|s| is_ours(ready, s, began - SKEW)) {
        let key = provider_key(ready.connection.id, &sighting.provider_id);
        if tx.is_claimed(&key, delivery.seq)? {
            continue;
        }
        let mut change = delivery.same();
        change.status = delivery.status.after_report(sighting.status).unwrap_or(DeliveryStatus::Sent);
        change.provider = Some((key, sighting.provider_id.clone()));
        change.segments = sighting.segments.map(i64::from);
        change.error = sighting.error.as_ref().map(outcome::error_json);
        outcome::settle(tx, &delivery, &change)?;
        tx.job_done(job)?;
        return Ok(());
    }
    if age >= HOLD {
        // others have gone before it by now: sending it after them would turn the order round
        return Ok(surrender(tx, job, &delivery)?);
    }
    let looks = payload.looks + 1;
    match LOOKS.get(usize::from(looks)) {
        Some(after) => {
            tx.job_again(job, (began + *after).max(now), Some("unknown"), Some(&Payload { looks, ..payload }.write()))?;
        }
        None if !payload.again => {
            // absent at the last look: it never arrived there, so it may be sent, once
            let mut change = delivery.same();
            change.status = DeliveryStatus::Queued;
            change.send_at = now;
            outcome::settle(tx, &delivery, &change)?;
            tx.job_keeps_pace(job, Some(ready.channel.id))?;
            tx.job_again(job, now, Some("absent"), Some(&Payload { looks: 0, again: true, ..payload }.write()))?;
        }
        None => surrender(tx, job, &delivery)?,
    }
    Ok(())
}

/// Nobody can find out any more: it stays unknown, holds nobody back, and comes back as work for a person to decide.
pub(super) fn surrender(tx: &mut Tx<'_>, job: &ClaimedJob, delivery: &DeliveryRow) -> Result<(), StoreError> {
    let mut change = delivery.same();
    change.status = DeliveryStatus::Unknown;
    let seq = outcome::settle(tx, delivery, &change)?;
    work::comes_back(tx, delivery, seq, work::Why::Unknown)?;
    tx.give_back_pace(job)?;
    tx.job_done(job)?;
    Ok(())
}
