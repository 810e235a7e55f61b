//! The worker: claims what is due, does it, sleeps until the next is due. Several may run; leases and lanes keep them apart.

use std::sync::Arc;
use std::time::{Duration, Instant};

use partyline_core::time::{MINUTE, SECOND};
use partyline_meters::{figures, word};
use partyline_store::jobs::ClaimedJob;
use partyline_store::nodes::Membership;
use partyline_store::senders::ClaimTexts;
use partyline_store::{Location, StoreError};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::Desk;
use crate::account::EXPIRE_EVERY;
use crate::asking;
use crate::bulk::BULK;
use crate::deliver::breaker::{KEEP_TRYING, LONGEST};
use crate::deliver::{DELIVER, fault};
use crate::digest::DIGEST_EVERY;
use crate::error::{DeskError, Result};
use crate::held::REPLAY;
use crate::mail;
use crate::media::{self, FETCH};
use crate::notify::REMIND_EVERY;
use crate::push;
use crate::receive::NOTE_EVERY;
use crate::seal::SEAL_EVERY;
use crate::search;
use crate::sweep::SWEEP_EVERY;
use crate::wake::WAKE_EVERY;

/// Texts on their way at once, from this server: sixteen to each of four providers that answer slowly.
const TEXTS_AT_ONCE: usize = 64;
/// Texts of one connection on their way at once, from all servers: a provider that answers in 200 ms takes 80 a second this way, and
/// one that never answers holds up nobody else.
const TEXTS_PER_CONNECTION: i64 = 16;
/// Looks for lost texts at once.
const LOOKS_AT_ONCE: usize = 8;
/// Files fetched at once: each is up to 5 MB in memory.
const FILES_AT_ONCE: usize = 8;
/// Held messages that are played again at once.
const REPLAYS_AT_ONCE: usize = 2;
/// Changes of many conversations at once: each of them waits for the same log.
const BULKS_AT_ONCE: usize = 2;
/// Jobs of a kind that are claimed in one go.
const CLAIM: i64 = 16;
/// A job is ours for this long: twice the longest request to a provider, and more than the drain.
const LEASE: i64 = 2 * MINUTE;
/// The longest sleep, should a hint be lost.
const NAP_MAX: i64 = SECOND;
/// Claims of a job that always fails, and that nobody knows how to give up.
const CLAIMS_MAX: i64 = 200;
/// How long to wait while the others may think that this node is gone.
const NAP_UNSURE: Duration = Duration::from_millis(50);
/// How often it is looked whether a database in trouble can be written again.
const TOUCH_EVERY: i64 = SECOND;
/// How often it is looked whether one that is well still can.
const TOUCH_WELL_EVERY: i64 = 10;
/// How long to wait when the database can't be asked.
const NAP_TROUBLE: Duration = Duration::from_secs(1);

/// Runs until `stop`, then finishes what it holds.
///
/// # Errors
/// When a part of it ended by itself, by a fault of ours: what it does would be done by nobody.
pub async fn run(desk: Desk, stop: CancellationToken) -> Result<()> {
    // as long as this is held, what we claim is ours
    let member = desk.join().await;
    if let Err(error) = desk.take_back().await {
        tracing::warn!(%error, "what an earlier process left behind waits for its lease");
    }
    let tracker = TaskTracker::new();
    let mut parts = JoinSet::new();
    parts.spawn(deliveries(desk.clone(), stop.clone(), tracker.clone()));
    parts.spawn(every(SEAL_EVERY, stop.clone(), desk.clone(), |desk| async move { desk.seal().await }));
    parts.spawn(every(WAKE_EVERY, stop.clone(), desk.clone(), |desk| async move { desk.wake().await }));
    parts.spawn(every(DIGEST_EVERY, stop.clone(), desk.clone(), |desk| async move { desk.digest().await }));
    parts.spawn(every(REMIND_EVERY, stop.clone(), desk.clone(), |desk| async move { desk.remind().await }));
    parts.spawn(asking::run(desk.clone(), stop.clone()));
    parts.spawn(search::fill::run(desk.clone(), stop.clone()));
    parts.spawn(mail::run(desk.clone(), stop.clone()));
    parts.spawn(push::run(desk.clone(), stop.clone()));
    parts.spawn(every(TOUCH_EVERY, stop.clone(), desk.clone(), |desk| async move { desk.touch().await }));
    parts.spawn(every(NOTE_EVERY, stop.clone(), desk.clone(), |desk| async move { desk.note_refused().await }));
    parts.spawn(every(EXPIRE_EVERY, stop.clone(), desk.clone(), |desk| async move { desk.expire().await }));
    parts.spawn(every(SWEEP_EVERY, stop.clone(), desk.clone(), |desk| async move { desk.sweep().await }));
    let ended = tokio::select! {
        () = stop.cancelled() => false,
        _ = parts.join_next() => !stop.is_cancelled(),
    };
    if ended {
        return Err(DeskError::refused("worker_ended", "A part of the worker ended by itself."));
    }
    while parts.join_next().await.is_some() {}
    tracker.close();
    tracker.wait().await;
    // what the last jobs did is sealed too
    if let Err(error) = desk.seal().await {
        tracing::warn!(%error, "the log could not be sealed before the end");
    }
    drop(member);
    Ok(())
}

async fn every<F: Future<Output = Result<()>>>(
    millis: i64,
    stop: CancellationToken,
    desk: Desk,
    what: impl Fn(Desk) -> F,
) {
    let period = Duration::from_millis(u64::try_from(millis).unwrap_or(1));
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = what(desk.clone()).await {
            tracing::warn!(%error, "upkeep failed; it is tried again");
        }
    }
}

async fn deliveries(desk: Desk, stop: CancellationToken, tracker: TaskTracker) {
    let pools = Pools::new();
    let added = desk.db().jobs_added();
    loop {
        let woken = added.notified();
        tokio::pin!(woken);
        // from here on an added job wakes us, also one that is added while we claim
        woken.as_mut().enable();
        let nap = match desk.claim(pools.free()).await {
            Ok((jobs, nap)) => {
                for job in jobs {
                    let Ok(permit) = pools.of(&job).clone().acquire_owned().await else { return };
                    let desk = desk.clone();
                    tracker.spawn(async move {
                        desk.do_job(job).await;
                        drop(permit);
                    });
                }
                nap
            }
            Err(error) => {
                tracing::warn!(%error, "jobs can't be claimed; trying again");
                NAP_TROUBLE
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = woken => {}
            () = tokio::time::sleep(nap) => {}
        }
    }
}

/// What may be done at once. Each has its own permits, so that none of them can keep the others from work.
struct Pools {
    texts: Arc<Semaphore>,
    looks: Arc<Semaphore>,
    files: Arc<Semaphore>,
    replays: Arc<Semaphore>,
    bulks: Arc<Semaphore>,
}

/// How many jobs may be claimed of each kind.
#[derive(Debug, Clone, Copy)]
struct Free {
    texts: i64,
    looks: i64,
    files: i64,
    replays: i64,
    bulks: i64,
}

impl Free {
    /// As many of each as are claimed in one go.
    const ALL: Free = Free { texts: CLAIM, looks: CLAIM, files: CLAIM, replays: CLAIM, bulks: CLAIM };
}

impl Pools {
    fn new() -> Pools {
        let pool = |permits| Arc::new(Semaphore::new(permits));
        Pools {
            texts: pool(TEXTS_AT_ONCE),
            looks: pool(LOOKS_AT_ONCE),
            files: pool(FILES_AT_ONCE),
            replays: pool(REPLAYS_AT_ONCE),
            bulks: pool(BULKS_AT_ONCE),
        }
    }

    fn free(&self) -> Free {
        let free = |pool: &Semaphore| i64::try_from(pool.available_permits()).unwrap_or(CLAIM).min(CLAIM);
        Free {
            texts: free(&self.texts),
            looks: free(&self.looks),
            files: free(&self.files),
            replays: free(&self.replays),
            bulks: free(&self.bulks),
        }
    }

    fn of(&self, job: &ClaimedJob) -> &Arc<Semaphore> {
        match job.kind.as_str() {
            DELIVER if job.sender.is_some() => &self.texts,
            FETCH => &self.files,
            REPLAY => &self.replays,
            BULK => &self.bulks,
            _ => &self.looks,
        }
    }
}

impl Desk {
    /// A SQLite file has one server: what is still claimed when it starts was claimed by one that is gone.
    pub async fn take_back(&self) -> Result<()> {
        if !matches!(self.inner.db.location(), Location::Sqlite(_)) {
            return Ok(());
        }
        let now = self.now();
        self.inner
            .db
            .machinery(now, move |root| {
                root.take_back_mails(now, now + mail::LEASE)?;
                Ok::<_, DeskError>(root.take_back_jobs(now)?)
            })
            .await
            .map(drop)
    }

    /// Takes part as a node. Without, this server claims nothing.
    async fn join(&self) -> Option<Arc<Membership>> {
        let joined = self.inner.db.join(self.inner.addresses.local.as_str(), env!("CARGO_PKG_VERSION")).await;
        joined.inspect_err(|error| tracing::error!(%error, "this server can't take part, and sends nothing")).ok()
    }

    /// Claims what is due, and says how long to sleep: until the next is due, a sender is free again, or a lease ends. Where the hands
    /// are full, whatever is done wakes us.
    async fn claim(&self, free: Free) -> Result<(Vec<ClaimedJob>, Duration)> {
        let now = self.now();
        let node = self.inner.db.node();
        if !self.inner.db.is_sure(node) {
            // cut off: what we claimed now would be taken back at once
            return Ok((Vec::new(), NAP_UNSURE));
        }
        let lease_until = now + LEASE;
        let texts = ClaimTexts {
            node,
            now,
            lease_until,
            limit: free.texts,
            per_connection: TEXTS_PER_CONNECTION,
            given_up_before: now - KEEP_TRYING,
            probe_until: lease_until,
            probe_never_after: now + LONGEST,
        };
        self.inner
            .db
            .machinery(now, move |root| {
                root.take_back_expired(node, now)?;
                let mut jobs = root.claim_jobs(node, now, lease_until, DELIVER, free.looks)?;
                jobs.extend(root.claim_jobs(node, now, lease_until, FETCH, free.files)?);
                jobs.extend(root.claim_jobs(node, now, lease_until, REPLAY, free.replays)?);
                jobs.extend(root.claim_jobs(node, now, lease_until, BULK, free.bulks)?);
                let claimed = root.claim_texts(texts)?;
                jobs.extend(claimed.jobs);
                let next = root.next_job(now)?.into_iter().chain(claimed.next).min();
                let nap = next.map_or(NAP_MAX, |at| at.since(now).clamp(1, NAP_MAX));
                Ok::<_, DeskError>((jobs, Duration::from_millis(u64::try_from(nap).unwrap_or(1))))
            })
            .await
    }

    async fn do_job(&self, job: ClaimedJob) {
        let (kind, began) = (word(&job.kind), Instant::now());
        let span =
            tracing::info_span!("job", kind, workspace = job.workspace.0, cause = job.seq, attempts = job.attempts);
        self.attempt_job(job).instrument(span).await;
        figures::JOB_SECONDS.since([kind], began);
    }

    async fn attempt_job(&self, job: ClaimedJob) {
        let held = job.clone();
        let done = match job.kind.as_str() {
            DELIVER => self.deliver(job).await,
            FETCH => self.fetch(job).await,
            REPLAY => self.go_on_replaying(job).await,
            BULK => self.go_on_with_bulk(job).await,
            other => Err(StoreError::Corrupt(format!("nobody does jobs of kind {other:?}")).into()),
        };
        let Err(error) = done else { return };
        tracing::error!(%error, "a job failed");
        figures::JOBS_FAILED.add([word(&held.kind)]);
        if is_of_the_moment(&error) {
            // the lease ends, and it is tried again
            return;
        }
        let (why, is_storage) = (error.to_string(), media::is_of_the_storage(&error));
        let written = self.inner.db.write(held.workspace, self.now(), move |tx| match held.kind.as_str() {
            DELIVER => fault(tx, &held, &why),
            FETCH => media::fault(tx, &held, &why, is_storage),
            _ if held.attempts < CLAIMS_MAX => Ok(()),
            _ => Ok(tx.job_dead(&held, &why).map(drop)?),
        });
        if let Err(error) = written.await {
            tracing::error!(%error, "that a job failed could not be written; its lease ends, and it is tried again");
        }
    }

    /// Does what is due right now and waits for it: for tests and for filling a demo.
    pub async fn work_once(&self) -> Result<usize> {
        let _member = self.join().await;
        let (jobs, _) = self.claim(Free::ALL).await?;
        let count = jobs.len();
        for job in jobs {
            self.do_job(job).await;
        }
        Ok(count)
    }

    /// Writes something that changes nothing, every second while nothing can be written and now and then while all is well.
    async fn touch(&self) -> Result<()> {
        let now = self.now();
        if self.inner.db.writable().is_ok() && now.0.div_euclid(SECOND) % TOUCH_WELL_EVERY != 0 {
            return Ok(());
        }
        match self.inner.db.touch(now).await {
            // the store has said so, and says when it is over
            Err(error) if error.is_passing() => Ok(()),
            other => Ok(other?),
        }
    }

    /// Can this server do its work? The database answers, and its schema is one that we can work on, and it hears us beat.
    pub async fn ready(&self) -> Result<()> {
        let read = self.inner.db.read_root(|root| {
            root.ping()?;
            root.schema_fits()
        });
        read.await?;
        self.inner.db.writable()?;
        if self.inner.db.is_sure(self.inner.db.node()) {
            return Ok(());
        }
        Err(DeskError::refused("cut_off", "The database does not hear this server, so it sends nothing."))
    }
}

/// Trouble of the database that passes and says nothing about the job.
fn is_of_the_moment(error: &DeskError) -> bool {
    matches!(
        error,
        DeskError::Store(StoreError::Busy(_) | StoreError::Unavailable(_) | StoreError::Lost(_) | StoreError::GaveUp)
    )
}
