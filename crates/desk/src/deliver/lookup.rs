//! A send whose outcome is not known is looked for at the provider: 2, 10 and 30 seconds after. Only when it is absent at the last
//! look is it sent once more; where the provider can't list, it stays unknown and a person decides.

use partyline_channels::{ProviderError, SentLookup, Sighting};
use partyline_core::delivery::DeliveryStatus;
use partyline_core::phone::{Party, PhoneNumber};
use partyline_core::time::{MINUTE, Millis, SECOND};
use partyline_store::entries::provider_key;
use partyline_store::jobs::ClaimedJob;
use partyline_store::{StoreError, Tx};

use super::{HOLD, Payload, Ready, outcome};
use crate::Desk;
use crate::connection::Opened;
use crate::error::Result;

/// When to look, after the request left.
const LOOKS: [i64; 3] = [2 * SECOND, 10 * SECOND, 30 * SECOND];
/// A message listed by the provider may be this much older than our attempt: its clock is not ours.
const SKEW: i64 = MINUTE;
/// How often to ask again while the provider can't be asked.
const ASK_AGAIN: i64 = 15 * SECOND;

/// Plans the first look.
pub(super) fn first(tx: &mut Tx<'_>, job: &ClaimedJob, payload: Payload) -> Result<()> {
    let at = tx.now() + LOOKS[0];
    tx.job_again(job, at, Some("unknown"), Some(&Payload { looks: 0, ..payload }.write()))?;
    Ok(())
}

impl Desk {
    pub(super) async fn look_for(&self, job: ClaimedJob, payload: Payload, ready: Ready) -> Result<()> {
        let seq = ready.delivery.seq;
        let began = self.inner.db.read(job.workspace, move |scope| scope.last_attempt(seq)).await?;
        let began = began.unwrap_or(ready.delivery.updated_at);
        let Opened { provider, connection } = self.open_connection(&ready.connection)?;
        let (Ok(from), Ok(to)) = (Party::parse(&ready.channel.address), PhoneNumber::from_e164(&ready.address.value))
        else {
            return Err(StoreError::Corrupt("a channel or an address that is no number".into()).into());
        };
        let since = began - SKEW;
        let found = provider.find_sent(&self.inner.http, &connection, &SentLookup { from, to, since }).await;
        self.inner.db.write(job.workspace, self.now(), move |tx| seen(tx, &job, payload, &ready, began, found)).await
    }
}

/// Is this listed message the one that we sent?
fn is_ours(ready: &Ready, sighting: &Sighting, since: Millis) -> bool {
    let files = usize::try_from(sighting.media_count).unwrap_or(usize::MAX);
    // a trial account puts a line of its own before the text, and providers trim
    let same = sighting.text.trim().ends_with(ready.text.trim()) && sighting.text.is_empty() == ready.text.is_empty();
    same && files == ready.files.len() && sighting.created_at >= Millis(since.0 / SECOND * SECOND)
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
    let sightings = match found {
        Ok(sightings) => sightings,
        Err(ProviderError::Unsupported) => {
            tx.job_done(job)?;
            return Ok(());
        }
        Err(error) if now.since(began) < HOLD => {
            tx.job_again(job, now + ASK_AGAIN, Some(error.code()), None)?;
            return Ok(());
        }
        Err(error) => {
            // the lane goes on; a person sees that it is unknown, and decides
            tx.job_dead(job, error.code())?;
            return Ok(());
        }
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
            tx.job_again(job, now, Some("absent"), Some(&Payload { looks: 0, again: true, ..payload }.write()))?;
        }
        None => {
            tx.job_dead(job, "unknown twice")?;
        }
    }
    Ok(())
}
