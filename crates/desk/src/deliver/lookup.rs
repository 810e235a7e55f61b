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
/// Our clock may be this far off, and what is listed as so much older may still be our attempt: nobody takes it for that one, and
/// nobody concludes that it is absent.
const CLOCK: i64 = HOUR;
/// How often to ask again while the provider can't be asked.
const ASK_AGAIN: i64 = 15 * SECOND;
/// The same once it holds nobody back any more.
const ASK_LATER: i64 = 5 * MINUTE;
/// After this long in which the provider could not be asked nobody asks any more, and a person decides.
const ASK_FOR: i64 = 4 * HOUR;
/// Why a message is unknown, while the provider is still asked: a stable word.
pub(crate) const RECONCILING: &str = "reconciling";

/// Plans the first look.
pub(super) fn first(tx: &mut Tx<'_>, job: &ClaimedJob, payload: Payload) -> Result<()> {
    let at = tx.now() + LOOKS[0];
    tx.job_keeps_pace(job, None)?;
    tx.job_again(job, at, Some("unknown"), Some(&Payload { looks: 0, taken_at: None, ..payload }.write()))?;
    Ok(())
}

impl Desk {
    pub(super) async fn look_for(&self, job: ClaimedJob, payload: Payload, ready: Ready) -> Result<()> {
        let seq = ready.delivery.seq;
        let began = self.inner.db.read(job.workspace, move |scope| scope.last_attempt(seq)).await?;
        let began = began.unwrap_or(ready.delivery.updated_at);
        let left = Left { began, known: payload.taken_at.unwrap_or(began) };
        let found = self.ask_for(&ready, left.first()).await;
        self.inner.db.write(job.workspace, self.now(), move |tx| seen(tx, &job, payload, &ready, left, found)).await
    }

    /// What the provider has sent to this recipient since. A connection that can't be opened can't be asked either.
    async fn ask_for(&self, ready: &Ready, began: Millis) -> Result<Vec<Sighting>, ProviderError> {
        let unable = |detail: String| ProviderError::Unreachable { detail };
        let Opened { provider, connection } =
            self.open_connection(&ready.connection).map_err(|e| unable(e.to_string()))?;
        let from = Party::parse(&ready.channel.address).map_err(|_| unable("the channel is no number".into()))?;
        let to = PhoneNumber::from_e164(&ready.address.value).map_err(|_| unable("the address is no number".into()))?;
        provider.find_sent(&self.inner.http, &connection, &SentLookup { from, to, since: began - CLOCK }).await
    }
}

/// When the request left. Nodes' clocks differ.
#[derive(Debug, Clone, Copy)]
struct Left {
    /// When the attempt began, by the clock of who made it.
    began: Millis,
    /// When it was known to be on its way: the same, or the time of who took it over in the middle of it. The looks count from here.
    known: Millis,
}

impl Left {
    /// Not before this, whichever clock is right.
    fn first(self) -> Millis {
        self.began.min(self.known)
    }

    /// When to look for the time `n` (from 0), after a look at `now`: never sooner after the one before than the looks are apart, so that
    /// a clock that is ahead does not look thrice at once.
    fn look_at(self, n: usize, now: Millis) -> Option<Millis> {
        let after = LOOKS.get(n)?;
        let before = n.checked_sub(1).and_then(|n| LOOKS.get(n)).unwrap_or(&0);
        Some((self.known + *after).max(now + (after - before)))
    }
}

/// How much a listed message is like the one that we sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// It is that one, unless it is known to be another.
    Same,
    /// It says the same, with other spaces or signs, another number of files or a time before the attempt: it may be that one, and a
    /// person must tell.
    Near,
    /// Another.
    Other,
}

/// What a provider that replaces characters leaves as it is.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphanumeric())
}

fn likeness(text: &str, files: usize, sighting: &Sighting, since: Millis) -> Likeness {
    let is_older = sighting.created_at < Millis(since.0 / SECOND * SECOND);
    let has_its_files = usize::try_from(sighting.media_count).is_ok_and(|n| n == files);
    // providers trim
    if has_its_files && sighting.text.trim() == text.trim() && !is_older {
        Likeness::Same
    } else if letters(&sighting.text).eq(letters(text)) {
        Likeness::Near
    } else {
        Likeness::Other
    }
}

fn seen(
    tx: &mut Tx<'_>,
    job: &ClaimedJob,
    payload: Payload,
    ready: &Ready,
    left: Left,
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
    let age = now.since(left.first());
    // not since it left: a restored one may have left long ago
    let asked_since = payload.asked_since.unwrap_or(now);
    let sightings = match found {
        Ok(sightings) => sightings,
        Err(ProviderError::Unsupported) => return Ok(surrender(tx, job, payload, &delivery)?),
        Err(error) if age < HOLD => {
            tx.job_again(job, now + ASK_AGAIN, Some(error.code()), Some(&payload.write()))?;
            return Ok(());
        }
        Err(error) if now.since(asked_since) < ASK_FOR => {
            // the lane goes on without it, and people may decide; whenever the provider can be asked again, it tells
            tx.job_takes_lane(job, None)?;
            if !payload.told {
                to_people(tx, &delivery)?;
            }
            let payload = Payload { told: true, asked_since: Some(asked_since), ..payload };
            tx.job_again(job, now + ASK_LATER, Some(error.code()), Some(&payload.write()))?;
            return Ok(());
        }
        Err(_) => return Ok(surrender(tx, job, payload, &delivery)?),
    };
    let mut may_be_there = false;
    for sighting in sightings.iter().rev() {
        let likeness = likeness(&ready.text, ready.files.len(), sighting, left.first() - SKEW);
        let key = provider_key(ready.connection.id, &sighting.provider_id);
        // also those of earlier tries of this one
        if likeness == Likeness::Other || tx.is_claimed(&key)? {
            continue;
        }
        if likeness == Likeness::Near {
            may_be_there = true;
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
        return Ok(surrender(tx, job, payload, &delivery)?);
    }
    let looks = payload.looks + 1;
    match left.look_at(usize::from(looks), now) {
        Some(at) => {
            tx.job_again(job, at, Some("unknown"), Some(&Payload { looks, ..payload }.write()))?;
        }
        // who was told may have been told by a server whose clock is ahead of ours
        None if !payload.again && !may_be_there && !payload.told => {
            // absent at the last look: it never arrived there, so it may be sent, once
            let mut change = delivery.same();
            change.status = DeliveryStatus::Queued;
            change.send_at = now;
            outcome::settle(tx, &delivery, &change)?;
            tx.job_keeps_pace(job, Some(ready.channel.id))?;
            tx.job_again(
                job,
                now,
                Some("absent"),
                Some(&Payload { looks: 0, again: true, taken_at: None, ..payload }.write()),
            )?;
        }
        None => surrender(tx, job, payload, &delivery)?,
    }
    Ok(())
}

/// Nobody can find out any more: it stays unknown, holds nobody back, and comes back as work for a person to decide.
pub(super) fn surrender(
    tx: &mut Tx<'_>,
    job: &ClaimedJob,
    payload: Payload,
    delivery: &DeliveryRow,
) -> Result<(), StoreError> {
    if !payload.told {
        to_people(tx, delivery)?;
    }
    tx.give_back_pace(job)?;
    tx.job_done(job)?;
    Ok(())
}

/// It stays unknown, and comes back as work: from here on a person may say how it ended, or send it again.
fn to_people(tx: &mut Tx<'_>, delivery: &DeliveryRow) -> Result<(), StoreError> {
    let mut change = delivery.same();
    change.status = DeliveryStatus::Unknown;
    let seq = outcome::settle(tx, delivery, &change)?;
    work::comes_back(tx, delivery, seq, work::Why::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting(text: &str, media_count: u32, created_at: i64) -> Sighting {
        Sighting {
            provider_id: "SM1".to_owned(),
            text: text.to_owned(),
            media_count,
            created_at: Millis(created_at),
            raw_status: "sent".to_owned(),
            status: DeliveryStatus::Sent,
            segments: None,
            error: None,
        }
    }

    #[test]
    fn what_differs_in_spaces_or_files_alone_is_near_and_never_absent() {
        let like = |s: &Sighting| likeness("One\ntwo ", 1, s, Millis(5_400));
        assert_eq!(like(&sighting(" One\ntwo", 1, 5_000)), Likeness::Same, "providers trim, and tell whole seconds");
        assert_eq!(like(&sighting("One two", 1, 9_000)), Likeness::Near);
        assert_eq!(like(&sighting("One\ntwo", 0, 9_000)), Likeness::Near);
        let smart = |listed: &str| likeness("“One” – it’s two…", 0, &sighting(listed, 0, 9_000), Millis(5_400));
        assert_eq!(smart("\"One\" - it's two..."), Likeness::Near, "signs that the provider has replaced");
        assert_eq!(like(&sighting("One three", 1, 9_000)), Likeness::Other);
        assert_eq!(
            like(&sighting("One\ntwo", 1, 4_999)),
            Likeness::Near,
            "older than the attempt, unless our clock is ahead"
        );
    }

    #[test]
    fn looks_are_apart_whatever_the_clocks_say() {
        let left = Left { began: Millis(0), known: Millis(0) };
        assert_eq!(left.look_at(1, Millis(2_000)), Some(Millis(10_000)));
        assert_eq!(left.look_at(2, Millis(10_000)), Some(Millis(30_000)));
        assert_eq!(left.look_at(3, Millis(30_000)), None);
        // a node whose clock is a minute ahead
        assert_eq!(left.look_at(1, Millis(60_000)), Some(Millis(68_000)));
        // taken over by a node whose clock is ahead, and by one whose clock is behind
        let left = Left { began: Millis(0), known: Millis(60_000) };
        assert_eq!((left.look_at(1, Millis(60_100)), left.first()), (Some(Millis(70_000)), Millis(0)));
        let left = Left { began: Millis(60_000), known: Millis(0) };
        assert_eq!((left.look_at(1, Millis(100)), left.first()), (Some(Millis(10_000)), Millis(0)));
    }
}
