//! Reader threads: each owns a connection and looks at snapshots.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};

use crate::connection::{Access, Connection, Location};
use crate::error::Result;

/// A look at the database, or what keeps it from being taken.
pub(super) type Read = Box<dyn FnOnce(Result<&mut Connection>) + Send>;

/// Takes what waits until every handle of the database is gone. Each look begins in a snapshot of its own.
pub(super) fn run(queue: &Mutex<Receiver<Read>>, location: &Location) {
    let mut connection: Option<Connection> = None;
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(read) = next else { return };
        let mut begun = match begun(connection.take(), location, Access::Read, |_| Ok(())) {
            Ok(begun) => begun,
            Err(e) => {
                read(Err(e));
                continue;
            }
        };
        // one that panicked may be in the middle of a transaction
        if catch_unwind(AssertUnwindSafe(|| read(Ok(&mut begun)))).is_ok() {
            connection = Some(begun);
        }
    }
}

/// A connection in a new transaction. One that broke while nobody used it shows so only now, and is made anew: nothing was asked of it
/// yet. `prepare` is for a connection that is new.
pub(super) fn begun(
    kept: Option<Connection>,
    location: &Location,
    access: Access,
    prepare: impl Fn(&mut Connection) -> Result<()>,
) -> Result<Connection> {
    if let Some(mut kept) = kept.filter(|kept| !kept.is_closed())
        && kept.begin(access).is_ok()
    {
        return Ok(kept);
    }
    let mut fresh = Connection::open(location, access)?;
    prepare(&mut fresh)?;
    fresh.begin(access)?;
    Ok(fresh)
}
