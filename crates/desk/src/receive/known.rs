//! Connections as webhooks need them: whose they are, and opened. Looked up once a second at most, and not for every text.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use partyline_core::id::ConnectionId;
use partyline_core::time::Millis;
use partyline_store::Workspace;
use partyline_store::channels::ConnectionRow;

use super::HookError;
use crate::Desk;
use crate::connection::Opened;
use crate::error::DeskError;

/// How long a connection is taken to be as it was. What this node changes is forgotten at once; this bounds what another node does.
/// A secret that it has replaced verifies for a day longer anyway, and a new one that is not known here yet is looked up again.
const KNOWN_FOR: Duration = Duration::from_secs(1);
/// How often a connection is looked up again because of signatures that don't match: a flood of them must not keep the readers busy. Who
/// signs with a secret that another node has learnt a moment ago may be refused for so long while such a flood comes.
const AGAIN_EVERY: Duration = Duration::from_secs(1);
/// Connections that are remembered: a megabyte or two.
const KNOWN_MAX: usize = 1_000;

/// Whose webhook it is.
pub(crate) struct Receiving {
    pub(crate) workspace: Workspace,
    pub(crate) row: ConnectionRow,
    pub(crate) opened: Opened,
    /// The desk's time when it was opened: secrets that were replaced end at a time.
    opened_at: Millis,
}

/// The connections that were asked for lately.
#[derive(Default)]
pub(crate) struct Known {
    connections: Mutex<HashMap<ConnectionId, (Instant, Arc<Receiving>)>>,
    /// When each was last looked up because a signature did not match.
    again: Mutex<HashMap<ConnectionId, Instant>>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known(•••)")
    }
}

impl Known {
    fn get(&self, id: ConnectionId, now: Millis) -> Option<Arc<Receiving>> {
        let known = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, receiving) = known.get(&id)?;
        let age = u128::from(now.since(receiving.opened_at).unsigned_abs());
        (since.elapsed() < KNOWN_FOR && age < KNOWN_FOR.as_millis()).then(|| receiving.clone())
    }

    fn keep(&self, id: ConnectionId, since: Instant, receiving: Arc<Receiving>) {
        let mut known = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(id, (since, receiving));
    }

    /// May it be looked up because a signature does not match? Once in [`AGAIN_EVERY`].
    pub(super) fn may_look_again(&self, id: ConnectionId, now: Instant) -> bool {
        let mut again = self.again.lock().unwrap_or_else(PoisonError::into_inner);
        if again.get(&id).is_some_and(|at| now.saturating_duration_since(*at) < AGAIN_EVERY) {
            return false;
        }
        if again.len() >= KNOWN_MAX {
            again.clear();
        }
        again.insert(id, now);
        true
    }

    /// It has changed: the next webhook looks it up.
    pub(crate) fn forget(&self, id: ConnectionId) {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

impl Desk {
    /// The connection, as it was within [`KNOWN_FOR`].
    pub(super) async fn receiving(&self, connection: ConnectionId) -> Result<Arc<Receiving>, HookError> {
        match self.inner.known.get(connection, self.now()) {
            Some(receiving) => Ok(receiving),
            None => self.receiving_now(connection).await,
        }
    }

    /// The connection as it is now.
    pub(super) async fn receiving_now(&self, connection: ConnectionId) -> Result<Arc<Receiving>, HookError> {
        let db = &self.inner.db;
        let (since, opened_at) = (Instant::now(), self.now());
        let workspace = db.read_root(move |root| Ok::<_, DeskError>(root.workspace_of_connection(connection)?)).await?;
        let workspace = workspace.ok_or(HookError::NotFound)?;
        let row = db.read(workspace, move |scope| Ok::<_, DeskError>(scope.connection(connection)?)).await?;
        let row = row.ok_or(HookError::NotFound)?;
        let opened = self.open_connection(&row)?;
        let receiving = Arc::new(Receiving { workspace, row, opened, opened_at });
        self.inner.known.keep(connection, since, receiving.clone());
        Ok(receiving)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_wrong_signatures_has_each_connection_looked_up_once_a_second() {
        let (one, two) = (
            "conn_00000000000000000000000000".parse().expect("an id"),
            "conn_00000000000000000000000001".parse().expect("an id"),
        );
        let (known, now) = (Known::default(), Instant::now());
        assert_eq!((0..1_000).filter(|_| known.may_look_again(one, now)).count(), 1);
        assert!(known.may_look_again(two, now), "one's flood is not the other's");
        assert!(!known.may_look_again(one, now + AGAIN_EVERY / 2));
        assert!(known.may_look_again(one, now + AGAIN_EVERY));
    }
}
