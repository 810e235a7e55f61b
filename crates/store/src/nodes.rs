//! Nodes: servers that share one PostgreSQL database.
//!
//! Each beats once a second, on a thread and a connection of its own, by the database's clock. One that is silent for [`NODE_GONE`] is
//! gone: the others take its jobs back, with a new fence. It may only be cut off or asleep, so a node trusts itself for less long than
//! the others do ([`SURE`]), and when it was silent for longer than that it comes back as another node: what it had claimed is no
//! longer its own. A SQLite file has one server, which is always sure.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use partyline_core::time::Millis;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::Db;
use crate::connection::{Access, Connection, Location};
use crate::error::{Result, StoreError};
use crate::scope::{Root, random};
use crate::sql::{Sql, queries};
use crate::value::{row, values};

/// How often a node beats.
const BEAT_EVERY: Duration = Duration::from_secs(1);
/// A node that was silent for this long, in milliseconds, is gone: three beats, so that its jobs are taken over within five seconds.
pub const NODE_GONE: i64 = 3_000;
/// How long a node trusts itself after its last beat began: half a second less than the others do.
const SURE: Duration = Duration::from_millis(2_500);
/// Milliseconds that one beat may take.
const BEAT_TIME: i64 = 2_000;

macro_rules! postgres_now {
    () => {
        "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    };
}
macro_rules! sqlite_now {
    () => {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    };
}

queries! {
    LEAVE = "DELETE FROM nodes WHERE id = $1";
}
const BEAT: Sql = Sql::differs(
    "nodes::BEAT",
    concat!(
        "INSERT INTO nodes (id, name, version, started_at, seen_at) VALUES ($1, $2, $3, ",
        sqlite_now!(),
        ", ",
        sqlite_now!(),
        ") ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at"
    ),
    concat!(
        "INSERT INTO nodes (id, name, version, started_at, seen_at) VALUES ($1, $2, $3, ",
        postgres_now!(),
        ", ",
        postgres_now!(),
        ") ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at"
    ),
);
const FORGET: Sql = Sql::differs(
    "nodes::FORGET",
    concat!("DELETE FROM nodes WHERE seen_at < ", sqlite_now!(), " - 86400000"),
    concat!("DELETE FROM nodes WHERE seen_at < ", postgres_now!(), " - 86400000"),
);
const NODES: Sql = Sql::differs(
    "nodes::NODES",
    concat!("SELECT id, name, version, started_at, ", sqlite_now!(), " - seen_at FROM nodes ORDER BY started_at, id"),
    concat!("SELECT id, name, version, started_at, ", postgres_now!(), " - seen_at FROM nodes ORDER BY started_at, id"),
);
/// What has no holder was claimed by a program that knows no nodes, and is judged by its lease; so is what this node holds itself. A
/// node that beats and yet sits on a lease for very long has a worker that hangs.
const TAKE_BACK: Sql = Sql::differs(
    "nodes::TAKE_BACK",
    "UPDATE jobs SET state = 'ready', run_at = $1, sender = NULL, holder = NULL, fence = fence + 1 WHERE state = 'running' AND lease_until <= $1",
    concat!(
        "UPDATE jobs SET state = 'ready', run_at = $1, sender = NULL, holder = NULL, fence = fence + 1 WHERE state = 'running' AND (lease_until <= $1::bigint - CASE WHEN holder IS NULL OR holder = $2 THEN 0 ELSE 600000 END OR (holder <> $2 AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = jobs.holder AND n.seen_at > ",
        postgres_now!(),
        " - 3000)))"
    ),
);
/// Turns and imports of nodes that are gone; those of nobody, or of one that hangs, wait until their lease ends.
const TAKE_BACK_TURNS: Sql = Sql::differs(
    "nodes::TAKE_BACK_TURNS",
    "SELECT $1 WHERE 0 = 1",
    concat!(
        "UPDATE channel_turns SET lease_until = 0, fence = fence + 1 WHERE lease_until > 0 AND holder <> $1 AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = channel_turns.holder AND n.seen_at > ",
        postgres_now!(),
        " - 3000)"
    ),
);
const TAKE_BACK_IMPORTS: Sql = Sql::differs(
    "nodes::TAKE_BACK_IMPORTS",
    "SELECT $1 WHERE 0 = 1",
    concat!(
        "UPDATE imports SET lease_until = 0, fence = fence + 1 WHERE state = 'running' AND lease_until > 0 AND holder <> $1 AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.id = imports.holder AND n.seen_at > ",
        postgres_now!(),
        " - 3000)"
    ),
);
/// How far every log is.
pub(crate) const HEADS: Sql = Sql::declared("nodes::HEADS", "SELECT workspace, seq FROM log_heads ORDER BY workspace");
/// SQLite has nobody to tell.
pub(crate) const POST: Sql = Sql::differs("nodes::POST", "SELECT $1, $2", "SELECT pg_notify($1, $2)");
pub(crate) const DIFFERING: &[Sql] = &[BEAT, FORGET, NODES, TAKE_BACK, TAKE_BACK_TURNS, TAKE_BACK_IMPORTS, HEADS, POST];

row! {
    /// A server that shares this database.
    pub struct NodeRow {
        /// Its id, made when it started.
        pub id: Uuid,
        /// Where it is reached, for people.
        pub name: String,
        /// The version of its program.
        pub version: String,
        /// When it started, by the database's clock.
        pub started_at: Millis,
        /// Milliseconds since its last beat.
        pub silent_for: i64,
    }
}

impl Root<'_> {
    /// The servers that share this database; one that was silent for [`NODE_GONE`] is gone. None on SQLite.
    pub fn nodes(&mut self) -> Result<Vec<NodeRow>> {
        self.connection.rows(NODES, &[])
    }

    /// Takes back what is claimed by nodes that are gone, and what this node itself has held for too long.
    pub(crate) fn take_back(&mut self, node: Uuid, now: Millis) -> Result<u64> {
        self.connection.write(TAKE_BACK_TURNS, values![node])?;
        self.connection.write(TAKE_BACK_IMPORTS, values![node])?;
        self.connection.run(TAKE_BACK, values![now, node])
    }
}

/// What this process knows of itself as a node.
#[derive(Debug)]
pub(crate) struct Pulse {
    /// One server only: nobody could take anything over.
    alone: bool,
    state: Mutex<State>,
    member: Mutex<Weak<Membership>>,
}

#[derive(Debug)]
struct State {
    node: Uuid,
    /// When the last beat that arrived was begun. By both clocks: one stands still while the machine sleeps, the other can be set.
    beat: Option<(Instant, SystemTime)>,
}

impl State {
    fn is_sure(&self) -> bool {
        self.beat.is_some_and(|(began, at)| began.elapsed() < SURE && at.elapsed().is_ok_and(|past| past < SURE))
    }
}

impl Pulse {
    pub(crate) fn new(location: &Location) -> Pulse {
        Pulse {
            alone: matches!(location, Location::Sqlite(_)),
            state: Mutex::new(State { node: fresh(), beat: None }),
            member: Mutex::new(Weak::new()),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A beat that was begun then has arrived. `Some`: it came so late that the others may have taken over; this was our id.
    fn arrived(&self, began: (Instant, SystemTime)) -> Option<Uuid> {
        let mut state = self.state();
        let late = state.beat.is_some() && !state.is_sure();
        if late {
            let was = std::mem::replace(&mut state.node, fresh());
            state.beat = None;
            return Some(was);
        }
        state.beat = Some(began);
        None
    }

    fn stop(&self) -> Uuid {
        let mut state = self.state();
        state.beat = None;
        state.node
    }
}

fn fresh() -> Uuid {
    uuid::Builder::from_random_bytes(random()).into_uuid()
}

/// A server that takes part. When it is dropped the node leaves, and what it still holds is anybody's.
#[derive(Debug)]
pub struct Membership {
    /// Never sent to: the thread sees that this end is gone.
    _stays: SyncSender<()>,
}

impl Db {
    /// Takes part as a node, until the last membership is dropped. It returns after the first beat, or when that failed; then the
    /// beating goes on, and nothing is claimed before one has arrived. `name` is where people reach this server.
    ///
    /// # Errors
    /// When the thread can't be started.
    pub async fn join(&self, name: &str, version: &str) -> Result<Arc<Membership>> {
        let pulse = self.pulse().clone();
        let (member, begun) = {
            let mut member = pulse.member.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(there) = member.upgrade() {
                return Ok(there);
            }
            let (stays, stop) = sync_channel(0);
            let joined = Arc::new(Membership { _stays: stays });
            *member = Arc::downgrade(&joined);
            if pulse.alone {
                return Ok(joined);
            }
            let (tell, begun) = oneshot::channel();
            let heart = Heart {
                pulse: pulse.clone(),
                location: self.location().clone(),
                name: name.to_owned(),
                version: version.to_owned(),
                connection: None,
            };
            let spawned = thread::Builder::new().name("store-beat".to_owned()).spawn(move || heart.run(&stop, tell));
            spawned.map_err(StoreError::File)?;
            (joined, begun)
        };
        // a thread that is gone has said why
        let _ = begun.await;
        Ok(member)
    }

    /// As whom this process claims jobs now.
    #[must_use]
    pub fn node(&self) -> Uuid {
        self.pulse().state().node
    }

    /// Is what was claimed as `node` surely still ours? Asked right before something leaves that can't be called back. `false` also
    /// when the database has not been reached for a while: then others may have taken over.
    #[must_use]
    pub fn is_sure(&self, node: Uuid) -> bool {
        let pulse = self.pulse();
        let state = pulse.state();
        state.node == node && (pulse.alone || state.is_sure())
    }
}

/// The thread that beats.
struct Heart {
    pulse: Arc<Pulse>,
    location: Location,
    name: String,
    version: String,
    connection: Option<Connection>,
}

impl Heart {
    fn run(mut self, stop: &Receiver<()>, begun: oneshot::Sender<()>) {
        let mut begun = Some(begun);
        let mut in_trouble = false;
        loop {
            let began = Instant::now();
            let arrived = self.beat();
            if let Err(error) = &arrived {
                self.connection = None;
                if !in_trouble {
                    tracing::warn!(%error, "the database does not hear this node; the others take over what it holds");
                }
            }
            in_trouble = arrived.is_err();
            if let Some(begun) = begun.take() {
                // nobody waits: the beating goes on
                let _ = begun.send(());
            }
            if stop.recv_timeout(BEAT_EVERY.saturating_sub(began.elapsed())) == Err(RecvTimeoutError::Disconnected) {
                break;
            }
        }
        let node = self.pulse.stop();
        if let Err(error) = self.connection().and_then(|connection| connection.run(LEAVE, values![node])) {
            tracing::debug!(%error, "this node left without saying so; the others notice");
        }
    }

    fn beat(&mut self) -> Result<()> {
        let began = (Instant::now(), SystemTime::now());
        let node = self.pulse.state().node;
        let (name, version) = (self.name.clone(), self.version.clone());
        self.connection()?.run(BEAT, values![node, &name, &version])?;
        let Some(was) = self.pulse.arrived(began) else { return Ok(()) };
        tracing::warn!("this node was silent for too long; it goes on as a new one");
        let node = self.pulse.state().node;
        let began = (Instant::now(), SystemTime::now());
        let connection = self.connection()?;
        connection.write(LEAVE, values![was])?;
        connection.write(BEAT, values![node, &name, &version])?;
        self.pulse.arrived(began);
        Ok(())
    }

    fn connection(&mut self) -> Result<&mut Connection> {
        let closed = self.connection.as_ref().is_none_or(Connection::is_closed);
        if closed {
            let mut open = Connection::open(&self.location, Access::Write)?;
            open.batch(&format!("SET statement_timeout = {BEAT_TIME}; SET synchronous_commit = off"))?;
            open.write(FORGET, &[])?;
            self.connection = Some(open);
        }
        self.connection.as_mut().ok_or(StoreError::GaveUp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_was_silent_for_too_long_is_another_one_when_it_is_heard_again() {
        let pulse =
            Pulse { alone: false, state: Mutex::new(State { node: fresh(), beat: None }), member: Mutex::default() };
        let now = || (Instant::now(), SystemTime::now());
        let first = pulse.state().node;
        assert!(!pulse.state().is_sure(), "nobody has heard it");
        assert_eq!(pulse.arrived(now()), None);
        assert!(pulse.state().is_sure());
        let long_ago = (Instant::now() - SURE, SystemTime::now() - SURE);
        assert_eq!(pulse.arrived(long_ago), None, "it was in time when it arrived");
        assert!(!pulse.state().is_sure(), "but that was long ago");
        assert_eq!(pulse.arrived(now()), Some(first));
        assert!(pulse.state().node != first && !pulse.state().is_sure(), "another one, that has not been heard yet");
        let slept = (Instant::now(), SystemTime::now() - SURE);
        assert_eq!(pulse.arrived(slept), None);
        assert!(!pulse.state().is_sure(), "a machine that slept has a clock that says so");
    }
}
