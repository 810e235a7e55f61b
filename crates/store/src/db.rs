//! The database: units of work on writer threads, snapshots on reader threads.
//!
//! A unit of work is a plain closure that runs on a thread which owns a connection, so nothing in a transaction can wait for
//! anything but the database. What waits at the same moment shares one transaction, each in a savepoint of its own (a failed
//! unit rolls back alone), and is acknowledged after the commit: durable throughput grows with load.
//!
//! Writes of one workspace happen one after another, everywhere: on SQLite by the one writer thread, on PostgreSQL by the lock on
//! the workspace's head row, taken first. A use case that is right alone is right under load, on both engines alike.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use partyline_core::time::Millis;
use tokio::sync::{Notify, broadcast, oneshot};

use crate::connection::{Access, Connection, Location, postgres};
use crate::error::{Result, StoreError};
use crate::migrate;
use crate::scope::{Heads, Root, Scope, Tx, Workspace, Writing};

/// Units that may wait for a writer; one more is refused with [`StoreError::Busy`].
const WRITE_QUEUE: usize = 2_048;
/// Reads that may wait for a reader.
const READ_QUEUE: usize = 4_096;
/// Units that share one transaction: beyond this the commit is no longer what costs.
const GROUP: usize = 256;
/// Writer threads on PostgreSQL: one for machinery, the rest share the workspaces.
const POSTGRES_WRITERS: usize = 4;
/// Reader threads.
const READERS: usize = 4;
/// Hints that a slow listener may fall behind; then it asks the log, and nothing is lost.
const HINTS: usize = 1_024;
/// How long the listener waits on PostgreSQL before it looks whether it should stop.
const LISTEN_WAIT: Duration = Duration::from_millis(500);

/// "This workspace's log has grown to `seq`." A lost hint costs latency, never data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    /// Whose log.
    pub workspace: Workspace,
    /// Its newest seq.
    pub seq: i64,
}

/// An open database.
#[derive(Debug, Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    location: Location,
    writers: Vec<SyncSender<Unit>>,
    readers: SyncSender<Read>,
    hints: broadcast::Sender<Hint>,
    jobs: Arc<Notify>,
    stop: Arc<AtomicBool>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

type Tell = Box<dyn FnOnce(Result<()>) + Send>;

type Work = Box<dyn FnOnce(&mut Connection, &mut Heads, &mut After) -> Verdict + Send>;

enum Verdict {
    Keep(Tell),
    Undo(Tell),
}

struct Unit {
    scope: Option<Workspace>,
    now: Millis,
    work: Work,
    refuse: Tell,
}

type Read = Box<dyn FnOnce(Result<&mut Connection>) + Send>;

/// What is to be told after a commit.
#[derive(Debug, Default)]
pub(crate) struct After {
    pub(crate) hints: Vec<Hint>,
    pub(crate) jobs: bool,
}

impl Db {
    /// Opens the database, brings its schema up to date, and starts its threads.
    ///
    /// # Errors
    /// [`StoreError::Newer`] when a newer program wrote it, or what the engine said.
    pub fn open(location: &Location, now: Millis) -> Result<Db> {
        // on a thread of its own: a blocking connection may not be opened where async tasks run
        let opening = location.clone();
        let first = thread::spawn(move || up_to_date(&opening, now)).join().map_err(|_| StoreError::GaveUp)??;
        let hints = broadcast::Sender::new(HINTS);
        let jobs = Arc::new(Notify::new());
        let stop = Arc::new(AtomicBool::new(false));
        let mut writers = Vec::new();
        let count = if first.is_postgres() { POSTGRES_WRITERS } else { 1 };
        let mut connection = Some(first);
        for n in 0..count {
            let (sender, receiver) = sync_channel(WRITE_QUEUE);
            let writer = Writer {
                location: location.clone(),
                connection: connection.take(),
                units: receiver,
                waiting: VecDeque::new(),
                hints: hints.clone(),
                jobs: jobs.clone(),
            };
            spawn(format!("store-write-{n}"), move || writer.run())?;
            writers.push(sender);
        }
        let (readers, queue) = sync_channel::<Read>(READ_QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        for n in 0..READERS {
            let (queue, location) = (queue.clone(), location.clone());
            spawn(format!("store-read-{n}"), move || read_loop(&queue, &location))?;
        }
        if let Location::Postgres(url) = location {
            let (url, hints, jobs, stop) = (url.0.clone(), hints.clone(), jobs.clone(), stop.clone());
            spawn("store-listen".to_owned(), move || listen_loop(&url, &hints, &jobs, &stop))?;
        }
        Ok(Db { inner: Arc::new(Inner { location: location.clone(), writers, readers, hints, jobs, stop }) })
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
            tx.finish()?;
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
        match writers[index].try_send(unit) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(StoreError::Busy(WRITE_QUEUE).into()),
            Err(TrySendError::Disconnected(_)) => return Err(StoreError::GaveUp.into()),
        }
        receiver.await.unwrap_or_else(|_| Err(StoreError::GaveUp.into()))
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
        let unit: Read = Box::new(move |connection| {
            let result = connection.map_err(E::from).and_then(|connection| {
                connection.begin(Access::Read)?;
                let result = read(connection);
                connection.batch("COMMIT")?;
                result
            });
            let _ = sender.send(result);
        });
        match self.inner.readers.try_send(unit) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(StoreError::Busy(READ_QUEUE).into()),
            Err(TrySendError::Disconnected(_)) => return Err(StoreError::GaveUp.into()),
        }
        receiver.await.unwrap_or_else(|_| Err(StoreError::GaveUp.into()))
    }
}

/// The first connection, on a database whose schema is the newest.
fn up_to_date(location: &Location, now: Millis) -> Result<Connection> {
    let mut connection = Connection::open(location, Access::Write)?;
    if let Location::Sqlite(path) = location {
        keep_copy(&mut connection, path)?;
    }
    let steps = migrate::migrate(&mut connection, now.0)?;
    if steps > 0 {
        tracing::info!(
            steps,
            version = migrate::NEWEST_VERSION,
            engine = location.engine(),
            "schema brought up to date"
        );
    }
    Ok(connection)
}

/// Copies a SQLite file that is about to be migrated, so that the way back is one file.
fn keep_copy(connection: &mut Connection, path: &std::path::Path) -> Result<()> {
    let version = migrate::version(connection)?;
    if version == 0 || version >= migrate::NEWEST_VERSION {
        return Ok(());
    }
    let copy = path.with_extension(format!("before-{}.db", migrate::NEWEST_VERSION));
    if copy.exists() {
        return Ok(());
    }
    connection.batch(&format!("VACUUM INTO '{}'", copy.display().to_string().replace('\'', "''")))
}

fn spawn(name: String, run: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new().name(name).spawn(run).map(drop).map_err(StoreError::File)
}

struct Writer {
    location: Location,
    connection: Option<Connection>,
    units: Receiver<Unit>,
    waiting: VecDeque<Unit>,
    hints: broadcast::Sender<Hint>,
    jobs: Arc<Notify>,
}

impl Writer {
    fn run(mut self) {
        loop {
            let first = match self.waiting.pop_front() {
                Some(unit) => unit,
                None => match self.units.recv() {
                    Ok(unit) => unit,
                    Err(_) => return, // every handle is gone
                },
            };
            while self.waiting.len() < GROUP {
                match self.units.try_recv() {
                    Ok(unit) => self.waiting.push_back(unit),
                    Err(_) => break,
                }
            }
            let group = self.group(first);
            self.commit(group);
        }
    }

    /// What may share a transaction with `first`. On PostgreSQL that is the same workspace only, whose head is locked.
    fn group(&mut self, first: Unit) -> Vec<Unit> {
        let any = matches!(self.location, Location::Sqlite(_));
        let scope = first.scope;
        let mut group = vec![first];
        if !any && scope.is_none() {
            return group;
        }
        let mut rest = VecDeque::new();
        while let Some(unit) = self.waiting.pop_front() {
            if group.len() < GROUP && (any || unit.scope == scope) {
                group.push(unit);
            } else {
                rest.push_back(unit);
            }
        }
        self.waiting = rest;
        group
    }

    fn connection(&mut self) -> Result<Connection> {
        match self.connection.take() {
            Some(connection) if !connection.is_closed() => Ok(connection),
            _ => Connection::open(&self.location, Access::Write),
        }
    }

    fn commit(&mut self, group: Vec<Unit>) {
        let mut connection = match self.connection().and_then(|mut c| c.begin(Access::Write).map(|()| c)) {
            Ok(connection) => connection,
            Err(e) => {
                tracing::error!(error = %e, units = group.len(), "can't write");
                let text = e.to_string();
                for unit in group {
                    (unit.refuse)(Err(StoreError::Unavailable(text.clone())));
                }
                return;
            }
        };
        let mut heads = Heads::default();
        let mut after = After::default();
        let mut kept = Vec::with_capacity(group.len());
        let mut undone = Vec::new();
        for unit in group {
            match run_unit(&mut connection, unit, &mut heads, &mut after) {
                Some(Verdict::Keep(tell)) => kept.push(tell),
                Some(Verdict::Undo(tell)) => undone.push(tell),
                None => {}
            }
        }
        let committed = notify(&mut connection, &after).and_then(|()| connection.batch("COMMIT"));
        match &committed {
            Ok(()) => {
                for hint in newest(&after.hints) {
                    // nobody listens: nobody needs it
                    let _ = self.hints.send(hint);
                }
                if after.jobs {
                    self.jobs.notify_waiters();
                }
            }
            Err(e) => {
                tracing::error!(error = %e, units = kept.len(), "the commit failed");
                let _ = connection.batch("ROLLBACK");
            }
        }
        let lost = committed.err().map(|e| (connection.is_closed(), e.to_string()));
        for tell in kept {
            tell(match &lost {
                None => Ok(()),
                Some((true, text)) => Err(StoreError::Lost(text.clone())),
                Some((false, text)) => Err(StoreError::Unavailable(text.clone())),
            });
        }
        for tell in undone {
            tell(Ok(()));
        }
        self.connection = Some(connection);
    }
}

/// Runs one unit in a savepoint. `None`: it panicked, was rolled back, and its caller is told by the closed channel.
fn run_unit(connection: &mut Connection, unit: Unit, heads: &mut Heads, after: &mut After) -> Option<Verdict> {
    if let Err(e) = connection.batch("SAVEPOINT unit") {
        (unit.refuse)(Err(e));
        return None;
    }
    let before = heads.clone();
    let mut told = After::default();
    let verdict = catch_unwind(AssertUnwindSafe(|| (unit.work)(connection, heads, &mut told)));
    let keep = matches!(verdict, Ok(Verdict::Keep(_)));
    let settled = connection.batch(if keep { "RELEASE unit" } else { "ROLLBACK TO unit; RELEASE unit" });
    if keep && settled.is_ok() {
        after.hints.append(&mut told.hints);
        after.jobs |= told.jobs;
    } else {
        *heads = before;
    }
    match verdict {
        Ok(Verdict::Keep(tell)) => match settled {
            Ok(()) => Some(Verdict::Keep(tell)),
            Err(e) => {
                tell(Err(e));
                None
            }
        },
        Ok(undo) => Some(undo),
        Err(_) => {
            tracing::error!(at = %unit.now, "a unit of work panicked and was rolled back");
            None
        }
    }
}

fn newest(hints: &[Hint]) -> Vec<Hint> {
    let mut newest: HashMap<Workspace, i64> = HashMap::new();
    for hint in hints {
        let seq = newest.entry(hint.workspace).or_insert(hint.seq);
        *seq = (*seq).max(hint.seq);
    }
    newest.into_iter().map(|(workspace, seq)| Hint { workspace, seq }).collect()
}

/// The channel on which PostgreSQL carries hints between nodes.
const CHANNEL: &str = "partyline";

fn notify(connection: &mut Connection, after: &After) -> Result<()> {
    if !connection.is_postgres() {
        return Ok(());
    }
    for hint in newest(&after.hints) {
        connection.batch(&format!("NOTIFY {CHANNEL}, '{} {}'", hint.workspace.0, hint.seq))?;
    }
    if after.jobs {
        connection.batch(&format!("NOTIFY {CHANNEL}, 'jobs'"))?;
    }
    Ok(())
}

fn read_loop(queue: &Mutex<Receiver<Read>>, location: &Location) {
    let mut connection: Option<Connection> = None;
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(read) = next else { return };
        if connection.as_ref().is_none_or(Connection::is_closed) {
            connection = match Connection::open(location, Access::Read) {
                Ok(connection) => Some(connection),
                Err(e) => {
                    read(Err(e));
                    continue;
                }
            };
        }
        let finished = connection
            .as_mut()
            .is_some_and(|connection| catch_unwind(AssertUnwindSafe(|| read(Ok(connection)))).is_ok());
        if !finished {
            // it may be in the middle of a transaction
            connection = None;
        }
    }
}

fn listen_loop(url: &str, hints: &broadcast::Sender<Hint>, jobs: &Notify, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        if let Err(e) = listen(url, hints, jobs, stop) {
            tracing::warn!(error = %e, "listening for other nodes stopped; trying again");
            thread::sleep(LISTEN_WAIT);
        }
    }
}

fn listen(url: &str, hints: &broadcast::Sender<Hint>, jobs: &Notify, stop: &AtomicBool) -> Result<()> {
    let mut session = postgres::open(url)?;
    session.listen(CHANNEL)?;
    while !stop.load(Ordering::Relaxed) {
        let Some(payload) = session.wait(LISTEN_WAIT)? else { continue };
        if payload == "jobs" {
            jobs.notify_waiters();
        } else if let Some((workspace, seq)) = payload.split_once(' ')
            && let (Ok(workspace), Ok(seq)) = (workspace.parse(), seq.parse())
        {
            let _ = hints.send(Hint { workspace: Workspace(workspace), seq });
        }
    }
    Ok(())
}
