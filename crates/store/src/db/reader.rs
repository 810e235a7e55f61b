//! Reader threads: each owns a connection and looks at snapshots.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};

use crate::connection::{Access, Connection, Location};
use crate::error::Result;

/// A look at the database, or what keeps it from being taken.
pub(super) type Read = Box<dyn FnOnce(Result<&mut Connection>) + Send>;

/// Takes what waits until every handle of the database is gone.
pub(super) fn run(queue: &Mutex<Receiver<Read>>, location: &Location) {
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
