//! Writer threads: units that wait together share one transaction, each in a savepoint of its own, and are acknowledged after the commit.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use partyline_core::time::Millis;
use partyline_meters::figures;
use tokio::sync::{Notify, broadcast};

use super::asked::{Asked, Trace};
use super::checkpoint::Carrier;
use super::listener::HINTS_CHANNEL;
use super::reader::begun;
use super::{Hint, Workspace};
use crate::connection::{Access, Connection, Location};
use crate::error::{Result, StoreError, Trouble};
use crate::health::{Health, trouble_of_disk};
use crate::nodes::POST;
use crate::scope::Heads;
use crate::value::values;

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
    pub(super) asked: Asked,
}

/// What is to be told after a commit.
#[derive(Debug, Default)]
pub(crate) struct After {
    pub(crate) hints: Vec<Hint>,
    pub(crate) jobs: bool,
    /// Was anything written for certain, so that the commit shows that the disk takes it?
    pub(crate) wrote: bool,
    pub(crate) committed: Vec<OnceCommitted>,
}

/// A figure that counts what was committed.
pub(crate) struct OnceCommitted(pub(crate) Box<dyn FnOnce() + Send>);

impl std::fmt::Debug for OnceCommitted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OnceCommitted")
    }
}

/// One writer thread.
pub(super) struct Writer {
    pub(super) location: Location,
    pub(super) connection: Option<Connection>,
    /// Who carries over what it writes; on SQLite.
    pub(super) carrier: Option<Carrier>,
    pub(super) units: Receiver<Unit>,
    pub(super) waiting: VecDeque<Unit>,
    pub(super) hints: broadcast::Sender<Hint>,
    pub(super) jobs: Arc<Notify>,
    pub(super) health: Arc<Health>,
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

    fn commit(&mut self, group: Vec<Unit>) {
        let count = group.len() as u64;
        figures::COMMIT_UNITS.observe([], count as f64);
        let prepare = |fresh: &mut Connection| {
            let_go_in_time(fresh)?;
            self.carrier.as_ref().map_or(Ok(()), |carrier| carrier.follow(fresh))
        };
        let mut connection = match begun(self.connection.take(), &self.location, Access::Write, prepare) {
            Ok(connection) => connection,
            Err(e) => {
                tracing::error!(error = %e, units = count, "can't write");
                figures::UNITS.add_many(["unavailable"], count);
                let text = e.to_string();
                let trouble = self.ill(e.trouble().unwrap_or(Trouble::Away), &text);
                for unit in group {
                    (unit.refuse)(Err(trouble.error(text.clone())));
                }
                return;
            }
        };
        let mut heads = Heads::default();
        let mut after = After::default();
        let mut kept = Vec::with_capacity(group.len());
        let mut undone = Vec::new();
        let mut units = group.into_iter();
        for unit in units.by_ref() {
            match run_unit(&mut connection, unit, &mut heads, &mut after) {
                Some((Verdict::Keep(tell), trace)) => kept.push((tell, trace)),
                Some((Verdict::Undo(tell), _)) => undone.push(tell),
                None => {}
            }
            if !connection.in_transaction() {
                break;
            }
        }
        let asked = Instant::now();
        let outcome = if connection.in_transaction() {
            self.end(&mut connection, &heads, after)
        } else {
            // the engine has undone all of it by itself, those before included; another unit would begin a transaction of its own
            let why = connection.take_trouble();
            let (trouble, text) = why.unwrap_or((Trouble::Away, "the transaction was rolled back".to_owned()));
            let trouble = self.ill(trouble, &text);
            for unit in units {
                figures::UNITS.add(["unavailable"]);
                (unit.refuse)(Err(trouble.error(text.clone())));
            }
            Err(Undone::Certainly(trouble, text))
        };
        let commit = asked.elapsed();
        figures::COMMIT_SECONDS.took([], commit);
        let ended = match outcome {
            Ok(()) => "committed",
            Err(Undone::Certainly(..)) => "unavailable",
            Err(Undone::Perhaps(_)) => "lost",
        };
        figures::UNITS.add_many([ended], kept.len() as u64);
        figures::UNITS.add_many(["undone"], undone.len() as u64);
        for (tell, trace) in kept {
            trace.ends(count, commit);
            tell(match &outcome {
                Ok(()) => Ok(()),
                Err(Undone::Certainly(trouble, text)) => Err(trouble.error(text.clone())),
                Err(Undone::Perhaps(text)) => Err(StoreError::Lost(text.clone())),
            });
        }
        for tell in undone {
            tell(Ok(()));
        }
        // after a failure it is opened anew: what it believes of the disk may not be so
        self.connection = outcome.is_ok().then_some(connection);
    }

    /// Commits, and tells who is to be told.
    fn end(&self, connection: &mut Connection, heads: &Heads, after: After) -> std::result::Result<(), Undone> {
        let told = heads.advance(connection).and_then(|()| notify(connection, &after));
        let committed = told.and_then(|()| connection.batch("COMMIT"));
        if let Err(e) = committed {
            // the first error is the one to tell
            let _ = connection.undo("ROLLBACK");
            let text = e.to_string();
            tracing::error!(error = text, "the commit failed");
            let said = e.trouble().unwrap_or(Trouble::Away);
            self.ill(said, &text);
            // who hung up may have committed first; a disk that could not sync may have kept it all the same
            let perhaps = connection.is_closed() || (!connection.is_postgres() && said == Trouble::Away);
            return Err(if perhaps { Undone::Perhaps(text) } else { Undone::Certainly(said, text) });
        }
        if after.wrote || !after.hints.is_empty() {
            self.health.well();
        } else if let Some((trouble, text)) = connection.take_trouble() {
            self.ill(trouble, &text);
        }
        for hint in newest(&after.hints) {
            // nobody listens: nobody needs it
            let _ = self.hints.send(hint);
        }
        if after.jobs {
            self.jobs.notify_waiters();
        }
        for OnceCommitted(count) in after.committed {
            count();
        }
        Ok(())
    }

    fn ill(&self, trouble: Trouble, text: &str) -> Trouble {
        let trouble = trouble_of_disk(&self.location, trouble);
        self.health.ill(trouble, text.to_owned());
        trouble
    }
}

/// A group that was not committed.
enum Undone {
    /// Nothing of it is there.
    Certainly(Trouble, String),
    /// Nobody can say.
    Perhaps(String),
}

/// Runs one unit in a savepoint. `None`: it was rolled back, and its caller has been told why.
fn run_unit(connection: &mut Connection, unit: Unit, heads: &mut Heads, after: &mut After) -> Option<(Verdict, Trace)> {
    let trace = unit.asked.begins();
    if let Err(e) = connection.soon("SAVEPOINT unit") {
        figures::UNITS.add(["unavailable"]);
        (unit.refuse)(Err(e));
        return None;
    }
    let before = heads.clone();
    let mut told = After::default();
    let work = AssertUnwindSafe(|| (unit.work)(connection, heads, &mut told));
    let verdict = trace.within(|| catch_unwind(work));
    let keep = matches!(verdict, Ok(Verdict::Keep(_)));
    // what was sent for it is answered here at the latest
    let settled = if keep { connection.batch("RELEASE unit") } else { Ok(()) };
    if (!keep || settled.is_err()) && connection.in_transaction() {
        // where this fails, the group is given up
        let _ = connection.undo("ROLLBACK TO unit; RELEASE unit");
    }
    if keep && settled.is_ok() {
        if let Some(hint) = told.hints.last() {
            trace.reached(hint.seq);
        }
        after.hints.append(&mut told.hints);
        after.committed.append(&mut told.committed);
        after.jobs |= told.jobs;
        after.wrote |= told.wrote;
    } else {
        *heads = before;
    }
    match verdict {
        Ok(Verdict::Keep(tell)) => match settled {
            Ok(()) => Some((Verdict::Keep(tell), trace)),
            Err(e) => {
                figures::UNITS.add(["unavailable"]);
                tell(Err(e));
                None
            }
        },
        Ok(undo) => Some((undo, trace)),
        Err(_) => {
            figures::UNITS.add(["panicked"]);
            trace.within(|| tracing::error!(at = %unit.now, "a unit of work panicked and was rolled back"));
            (unit.refuse)(Err(StoreError::Panicked));
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
        connection.write(POST, values![HINTS_CHANNEL, format!("{} {}", hint.workspace.0, hint.seq)])?;
    }
    if after.jobs {
        connection.write(POST, values![HINTS_CHANNEL, "jobs"])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use partyline_core::event::Actor;
    use partyline_core::event::EventType;
    use partyline_core::id::WorkspaceId;

    use super::*;
    use crate::events::Audit;
    use crate::scope::entropy;
    use crate::{Db, NewEvent};

    const NOW: Millis = Millis(1_795_500_000_000);

    async fn append(db: &Db, workspace: Workspace) -> Result<()> {
        let event = NewEvent::new(Actor::System, EventType::WorkspaceUpdated);
        db.write(workspace, NOW, move |tx| tx.append(event).map(drop)).await
    }

    /// SQLite undoes the whole transaction when its disk is full in the middle of it, and says so to one statement only.
    #[tokio::test(flavor = "multi_thread")]
    async fn who_shares_a_transaction_with_a_full_disk_is_told_so_and_the_log_has_no_gap() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("partyline.db"));
        let db = Db::open(&location, NOW).expect("opens");
        let id = WorkspaceId::new(NOW, &entropy());
        let made = db.machinery(NOW, move |root| root.create_workspace(id, "Harbor & Pine", "{}", &[7; 32], NOW));
        let workspace: Workspace = made.await.expect("a workspace");
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let (busy, held) = (db.clone(), tokio::sync::Notify::new());
        let held = Arc::new(held);
        let at_work = held.clone();
        let first = tokio::spawn(async move {
            let block = move |_: &mut crate::Root<'_>| {
                at_work.notify_one();
                wait.recv().map_err(|_| StoreError::GaveUp)
            };
            busy.machinery(NOW, block).await
        });
        held.notified().await;
        // the next three wait together, and share what follows
        let full = db.write(workspace, NOW, |tx| {
            tx.connection.batch("PRAGMA max_page_count = 1")?;
            for _ in 0..5_000 {
                tx.append(NewEvent::new(Actor::System, EventType::WorkspaceUpdated))?;
            }
            Ok::<_, StoreError>(())
        });
        let (before, full, after, ()) = tokio::join!(append(&db, workspace), full, append(&db, workspace), async {
            go.send(()).expect("the writer waits");
        });
        first.await.expect("it ran").expect("it was alone");
        for told in [before, full, after] {
            assert!(matches!(told, Err(StoreError::Full(_))), "{told:?}");
        }
        assert!(matches!(db.writable(), Err(StoreError::Full(_))), "it is known");
        append(&db, workspace).await.expect("there is room again");
        assert!(db.writable().is_ok());
        let audit = db.read(workspace, |scope| scope.audit()).await.expect("read");
        assert!(matches!(audit, Audit::Whole { head: 1, .. }), "{audit:?}");
    }
}
