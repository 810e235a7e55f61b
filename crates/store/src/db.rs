//! The database: units of work on writer threads, snapshots on reader threads.
//!
//! A unit of work is a plain closure that runs on a thread which owns a connection, so nothing in a transaction can wait for
//! anything but the database. What waits at the same moment shares one transaction, each in a savepoint of its own (a failed
//! unit rolls back alone), and is acknowledged after the commit: durable throughput grows with load.
//!
//! Writes of one workspace happen one after another, everywhere: on SQLite by the one writer thread, on PostgreSQL by the lock on
//! the workspace's head row, taken first. A use case that is right alone is right under load, on both engines alike.

mod asked;
mod checkpoint;
mod listener;
mod reader;
mod writer;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use partyline_core::time::Millis;
use partyline_meters::figures;
use tokio::sync::{Notify, broadcast, oneshot};
use uuid::Uuid;

use crate::connection::{Access, Connection, Location, postgres};
use crate::error::{Result, StoreError};
use crate::health::Health;
use crate::migrate;
use crate::nodes::Pulse;
use crate::scope::{Heads, Root, Scope, Tx, Workspace, Writing, random};
use asked::Asked;
pub(crate) use writer::{After, OnceCommitted};
use writer::{Unit, Verdict, Writer};

pub use listener::{POST_MAX, Post};

/// Units that may wait for a writer; one more is refused with [`StoreError::Busy`].
const WRITE_QUEUE: usize = 2_048;
/// Reads that may wait for a reader.
const READ_QUEUE: usize = 4_096;
/// Writer threads on PostgreSQL: one for machinery, the rest share the workspaces.
const POSTGRES_WRITERS: usize = 4;
/// Reader threads.
const READERS: usize = 4;
/// How often a migration is tried among others.
const MIGRATION_TRIES: u32 = 200;
/// Between two tries, beside the two seconds of one.
const MIGRATION_WAIT: Duration = Duration::from_secs(1);
/// Hints that a slow listener may fall behind; then it asks the log, and nothing is lost.
const HINTS: usize = 1_024;
/// Posts that may wait to be said, or to be heard; one more is dropped.
const POSTS: usize = 1_024;

/// "This workspace's log has grown to `seq`." A lost hint costs latency, never data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    /// Whose log.
    pub workspace: Workspace,
    /// Its newest seq.
    pub seq: i64,
}

/// Where a unit of work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It is about to read.
    Look,
    /// It has read.
    Looked,
    /// It is about to be handed to a writer; nothing of it is durable.
    Write,
    /// It is committed or undone; its caller does not know yet.
    Written,
}

/// Asked at every [`Moment`] of every unit, and waited for. So a simulation decides in which order things happen and between which of
/// them a process dies; in a server nobody is asked.
pub type Turn = fn(Moment) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// An open database.
#[derive(Debug, Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    location: Location,
    writers: Vec<SyncSender<Unit>>,
    readers: SyncSender<reader::Read>,
    hints: broadcast::Sender<Hint>,
    /// What other nodes say.
    posts: broadcast::Sender<Post>,
    /// What we say to them; nobody is there on SQLite.
    says: Option<SyncSender<Post>>,
    /// This process, as the others know it from its posts.
    myself: Uuid,
    pulse: Arc<Pulse>,
    jobs: Arc<Notify>,
    health: Arc<Health>,
    stop: Arc<AtomicBool>,
    turn: Option<Turn>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Db {
    /// Opens the database, brings its schema up to date, and starts its threads.
    ///
    /// # Errors
    /// [`StoreError::Newer`] when a newer program wrote it, or what the engine said.
    pub fn open(location: &Location, now: Millis) -> Result<Db> {
        Self::open_with(location, now, None)
    }

    /// The same, for a simulation that says whose turn it is.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_in_turns(location: &Location, now: Millis, turn: Turn) -> Result<Db> {
        Self::open_with(location, now, Some(turn))
    }

    fn open_with(location: &Location, now: Millis, turn: Option<Turn>) -> Result<Db> {
        // on a thread of its own: a blocking connection may not be opened where async tasks run
        let opening = location.clone();
        let mut first = thread::spawn(move || up_to_date(&opening, now)).join().map_err(|_| StoreError::GaveUp)??;
        let hints = broadcast::Sender::new(HINTS);
        let jobs = Arc::new(Notify::new());
        let stop = Arc::new(AtomicBool::new(false));
        let health = Arc::new(Health::default());
        let mut writers = Vec::new();
        let count = if first.is_postgres() { POSTGRES_WRITERS } else { 1 };
        let mut carrier = None;
        if let Location::Sqlite(_) = location {
            let (wake, woken) = checkpoint::Carrier::new();
            wake.follow(&mut first)?;
            carrier = Some(wake);
            let location = location.clone();
            spawn("store-checkpoint".to_owned(), move || checkpoint::run(&woken, &location))?;
        }
        let mut connection = Some(first);
        for n in 0..count {
            let (sender, receiver) = sync_channel(WRITE_QUEUE);
            let writer = Writer {
                location: location.clone(),
                connection: connection.take(),
                carrier: carrier.clone(),
                units: receiver,
                waiting: VecDeque::new(),
                hints: hints.clone(),
                jobs: jobs.clone(),
                health: health.clone(),
            };
            spawn(format!("store-write-{n}"), move || writer.run())?;
            writers.push(sender);
        }
        let (readers, queue) = sync_channel::<reader::Read>(READ_QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        for n in 0..READERS {
            let (queue, location) = (queue.clone(), location.clone());
            spawn(format!("store-read-{n}"), move || reader::run(&queue, &location))?;
        }
        let myself = uuid::Builder::from_random_bytes(random()).into_uuid();
        let posts = broadcast::Sender::new(POSTS);
        let mut says = None;
        if let Location::Postgres(url) = location {
            let (hints, posts, jobs, stop) = (hints.clone(), posts.clone(), jobs.clone(), stop.clone());
            let (url, quiet) = (url.0.clone(), stop.clone());
            let ears = listener::Ears { myself, hints, posts, jobs, stop };
            spawn("store-listen".to_owned(), move || ears.run(&url))?;
            let (sender, queue) = sync_channel(POSTS);
            let location = location.clone();
            spawn("store-say".to_owned(), move || listener::say(&location, &queue, &quiet))?;
            says = Some(sender);
        }
        let pulse = Arc::new(Pulse::new(location));
        let location = location.clone();
        let inner = Inner { location, writers, readers, hints, posts, says, myself, pulse, jobs, health, stop, turn };
        Ok(Db { inner: Arc::new(inner) })
    }

    pub(crate) fn health(&self) -> &Health {
        &self.inner.health
    }

    /// The engine's name, for people.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        self.inner.location.engine()
    }

    /// Where it is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.inner.location
    }

    /// Hints of every workspace from now on.
    #[must_use]
    pub fn hints(&self) -> broadcast::Receiver<Hint> {
        self.inner.hints.subscribe()
    }

    /// What other nodes say from now on.
    #[must_use]
    pub fn posts(&self) -> broadcast::Receiver<Post> {
        self.inner.posts.subscribe()
    }

    /// Says something fleeting to the other nodes, at most [`POST_MAX`] bytes. It may be lost: it is dropped when it is too long, when
    /// more than a thousand wait, and while the database is away.
    pub fn post(&self, workspace: Workspace, text: &str) {
        if let Some(says) = &self.inner.says {
            let fits = text.len() <= POST_MAX;
            let post = Post { from: self.inner.myself, workspace, text: text.into() };
            if !fits || says.try_send(post).is_err() {
                tracing::debug!(bytes = text.len(), "a post was dropped");
            }
        }
    }

    /// Are there, or may there be, other nodes?
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.inner.says.is_some()
    }

    pub(crate) fn pulse(&self) -> &Arc<Pulse> {
        &self.inner.pulse
    }

    /// Told whenever jobs were added.
    #[must_use]
    pub fn jobs_added(&self) -> Arc<Notify> {
        self.inner.jobs.clone()
    }

    /// Runs one unit of work in a workspace. It returns after the commit: `Ok` is durable. An `Err` of the unit undoes the unit.
    ///
    /// # Errors
    /// The unit's own error, or [`StoreError`] when it could not be run or committed.
    pub async fn write<T, E>(
        &self,
        workspace: Workspace,
        now: Millis,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(Some(workspace), now, move |connection, heads, after| {
            let mut tx = Tx::begin(connection, workspace, now, heads, after)?;
            let value = unit(&mut tx)?;
            tx.finish();
            Ok(value)
        })
        .await
    }

    /// Runs one unit of machinery: sessions, leases, keys. It belongs to no workspace and appends no event.
    ///
    /// # Errors
    /// The unit's own error, or [`StoreError`] when it could not be run or committed.
    pub async fn machinery<T, E>(
        &self,
        now: Millis,
        unit: impl FnOnce(&mut Root<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(None, now, move |connection, heads, after| {
            unit(&mut Root { connection, writing: Some(Writing { now, heads, after }) })
        })
        .await
    }

    async fn submit<T, E>(
        &self,
        scope: Option<Workspace>,
        now: Millis,
        unit: impl FnOnce(&mut Connection, &mut Heads, &mut After) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel::<Result<T, E>>();
        // shared with the refusal, since either may have to answer
        let sender = Arc::new(Mutex::new(Some(sender)));
        let answer = |sender: &Mutex<Option<oneshot::Sender<Result<T, E>>>>, result| {
            if let Some(sender) = sender.lock().unwrap_or_else(PoisonError::into_inner).take() {
                // the caller may have gone; the work stands all the same
                let _ = sender.send(result);
            }
        };
        let refused = sender.clone();
        let unit = Unit {
            scope,
            now,
            asked: Asked::now(scope),
            work: Box::new(move |connection, heads, after| match unit(connection, heads, after) {
                Ok(value) => {
                    Verdict::Keep(Box::new(move |commit| answer(&sender, commit.map(|()| value).map_err(E::from))))
                }
                Err(e) => Verdict::Undo(Box::new(move |_| answer(&sender, Err(e)))),
            }),
            refuse: Box::new(move |reason| {
                if let Err(e) = reason {
                    answer(&refused, Err(e.into()));
                }
            }),
        };
        let writers = &self.inner.writers;
        let index = match scope {
            Some(workspace) if writers.len() > 1 => 1 + usize::try_from(workspace.0).unwrap_or(0) % (writers.len() - 1),
            _ => 0,
        };
        self.turn(Moment::Write).await;
        match writers[index].try_send(unit) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                figures::UNITS.add(["refused"]);
                return Err(StoreError::Busy(WRITE_QUEUE).into());
            }
            Err(TrySendError::Disconnected(_)) => return Err(StoreError::GaveUp.into()),
        }
        let answer = receiver.await.unwrap_or_else(|_| Err(StoreError::GaveUp.into()));
        self.turn(Moment::Written).await;
        answer
    }

    async fn turn(&self, moment: Moment) {
        if let Some(turn) = self.inner.turn {
            turn(moment).await;
        }
    }

    /// Reads one workspace in a snapshot: everything in it was true at the same moment.
    ///
    /// # Errors
    /// The closure's own error, or [`StoreError`] when the database can't be reached.
    pub async fn read<T, E>(
        &self,
        workspace: Workspace,
        read: impl FnOnce(&mut Scope<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.look(move |connection| read(&mut Scope { connection, workspace })).await
    }

    /// Reads what belongs to no workspace: sessions, the directory of accounts.
    ///
    /// # Errors
    /// The closure's own error, or [`StoreError`] when the database can't be reached.
    pub async fn read_root<T, E>(
        &self,
        read: impl FnOnce(&mut Root<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.look(move |connection| read(&mut Root { connection, writing: None })).await
    }

    async fn look<T, E>(&self, read: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let waiting = figures::READS_WAITING.hold([]);
        let unit: reader::Read = Box::new(move |connection| {
            drop(waiting);
            let (_busy, began) = (figures::READERS_BUSY.hold([]), Instant::now());
            let result = connection.map_err(E::from).and_then(|connection| {
                let result = catch_unwind(AssertUnwindSafe(|| read(connection)));
                let result = result.unwrap_or_else(|_| Err(StoreError::Panicked.into()));
                if let Err(e) = connection.batch("COMMIT") {
                    // what the reader said first is what matters; the next one must not find an open transaction
                    let _ = connection.undo("ROLLBACK");
                    return result.and(Err(e.into()));
                }
                result
            });
            figures::READ_SECONDS.since([], began);
            let _ = sender.send(result);
        });
        self.turn(Moment::Look).await;
        match self.inner.readers.try_send(unit) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(StoreError::Busy(READ_QUEUE).into()),
            Err(TrySendError::Disconnected(_)) => return Err(StoreError::GaveUp.into()),
        }
        let answer = receiver.await.unwrap_or_else(|_| Err(StoreError::GaveUp.into()));
        self.turn(Moment::Looked).await;
        answer
    }
}

/// The first connection, on a database whose schema is the newest.
fn up_to_date(location: &Location, now: Millis) -> Result<Connection> {
    let mut connection = Connection::open(location, Access::Write)?;
    if let Location::Sqlite(path) = location {
        keep_copy(&mut connection, path, now)?;
    }
    let steps = if connection.is_postgres() {
        migrate_among_others(&mut connection, now)?
    } else {
        migrate::migrate(&mut connection, now.0)?
    };
    if steps > 0 {
        tracing::info!(
            steps,
            version = migrate::NEWEST_VERSION,
            engine = location.engine(),
            "schema brought up to date"
        );
    }
    writer::let_go_in_time(&mut connection)?;
    Ok(connection)
}

/// Brings a PostgreSQL schema up to date while other servers, or a backup, work on the database: where a table is not to be had, it tries
/// again after a second, for ten minutes.
fn migrate_among_others(connection: &mut Connection, now: Millis) -> Result<usize> {
    connection.batch(postgres::PATIENT)?;
    let mut tries = 0;
    let steps = loop {
        match migrate::migrate(connection, now.0) {
            Err(StoreError::Unavailable(why)) if !connection.is_closed() && tries < MIGRATION_TRIES => {
                tries += 1;
                tracing::warn!(why, tries, "the schema can't be brought up to date yet; it is tried again");
                thread::sleep(MIGRATION_WAIT);
            }
            done => break done?,
        }
    };
    connection.batch(&postgres::impatient())?;
    Ok(steps)
}

/// Copies a SQLite file that is about to be migrated, so that the way back is one file.
fn keep_copy(connection: &mut Connection, path: &std::path::Path, now: Millis) -> Result<()> {
    let version = migrate::version(connection)?;
    if version == 0 || version >= migrate::NEWEST_VERSION {
        return Ok(());
    }
    let mut copy = path.with_extension(format!("before-{}.db", migrate::NEWEST_VERSION));
    if copy.exists() {
        // somebody went back, and forth again: what was written between is in this one alone
        copy = path.with_extension(format!("before-{}-{}.db", migrate::NEWEST_VERSION, now.0));
    }
    // a copy that was broken off must not be taken for one
    let partial = path.with_extension("before.partial");
    let _ = std::fs::remove_file(&partial);
    let copied = connection.batch(&format!("VACUUM INTO '{}'", partial.display().to_string().replace('\'', "''")));
    if let Err(e) = copied.and_then(|()| Ok(std::fs::rename(&partial, &copy)?)) {
        let _ = std::fs::remove_file(&partial);
        return Err(e);
    }
    Ok(())
}

fn spawn(name: String, run: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new().name(name).spawn(run).map(drop).map_err(StoreError::File)
}
