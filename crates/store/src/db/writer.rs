//! Writer threads: units that wait together share one transaction, each in a savepoint of its own, and are acknowledged after the commit.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use partyline_core::time::Millis;
use tokio::sync::{Notify, broadcast};

use super::listener::HINTS_CHANNEL;
use super::{Hint, Workspace};
use crate::connection::{Access, Connection, Location};
use crate::error::{Result, StoreError};
use crate::scope::Heads;

/// Units that share one transaction: beyond this the commit is no longer what costs.
const GROUP: usize = 256;

/// Milliseconds for which a transaction may stand still, before the database undoes it: as long as a node may be silent.
const IDLE_MILLIS: i64 = crate::nodes::NODE_GONE;

/// Answers whoever waits for a unit, once it is known what became of the commit.
pub(super) type Tell = Box<dyn FnOnce(Result<()>) + Send>;

pub(super) type Work = Box<dyn FnOnce(&mut Connection, &mut Heads, &mut After) -> Verdict + Send>;

/// What becomes of a unit that has run.
pub(super) enum Verdict {
    Keep(Tell),
    Undo(Tell),
}

/// A unit of work in the queue.
pub(super) struct Unit {
    pub(super) scope: Option<Workspace>,
    pub(super) now: Millis,
    pub(super) work: Work,
    pub(super) refuse: Tell,
}

/// What is to be told after a commit.
#[derive(Debug, Default)]
pub(crate) struct After {
    pub(crate) hints: Vec<Hint>,
    pub(crate) jobs: bool,
}

/// One writer thread.
pub(super) struct Writer {
    pub(super) location: Location,
    pub(super) connection: Option<Connection>,
    pub(super) units: Receiver<Unit>,
    pub(super) waiting: VecDeque<Unit>,
    pub(super) hints: broadcast::Sender<Hint>,
    pub(super) jobs: Arc<Notify>,
}

impl Writer {
    /// Runs until every handle of the database is gone.
    pub(super) fn run(mut self) {
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
            _ => {
                let mut connection = Connection::open(&self.location, Access::Write)?;
                let_go_in_time(&mut connection)?;
                Ok(connection)
            }
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

/// A node that sleeps, or is cut off, in the middle of a unit must not hold its workspace's lock.
pub(super) fn let_go_in_time(connection: &mut Connection) -> Result<()> {
    if connection.is_postgres() {
        connection.batch(&format!("SET idle_in_transaction_session_timeout = {IDLE_MILLIS}"))?;
    }
    Ok(())
}

fn newest(hints: &[Hint]) -> Vec<Hint> {
    let mut newest: HashMap<Workspace, i64> = HashMap::new();
    for hint in hints {
        let seq = newest.entry(hint.workspace).or_insert(hint.seq);
        *seq = (*seq).max(hint.seq);
    }
    newest.into_iter().map(|(workspace, seq)| Hint { workspace, seq }).collect()
}

fn notify(connection: &mut Connection, after: &After) -> Result<()> {
    if !connection.is_postgres() {
        return Ok(());
    }
    for hint in newest(&after.hints) {
        connection.batch(&format!("NOTIFY {HINTS_CHANNEL}, '{} {}'", hint.workspace.0, hint.seq))?;
    }
    if after.jobs {
        connection.batch(&format!("NOTIFY {HINTS_CHANNEL}, 'jobs'"))?;
    }
    Ok(())
}
