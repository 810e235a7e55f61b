//! SQLite's write-ahead log is carried into the database file by a thread of its own, so that a commit waits for its own bytes alone.
//!
//! The thread can't begin the log anew while somebody keeps writing: that takes a moment at which all of it has been carried over. So the
//! writer takes the rest over itself once the log is long, which is then little.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::connection::{Access, Connection, Location};
use crate::error::Result;

/// Pages of the log after which some more are carried over: 4 MB.
const SOME: i32 = 1_000;
/// Pages of the log at which the writer does it: 32 MB. More make a start after a crash slower, as all are read then.
const LONG: i32 = 8_000;

/// Wakes the thread. Whoever holds one keeps it alive.
#[derive(Debug, Clone)]
pub(super) struct Carrier(SyncSender<()>);

impl Carrier {
    /// One for the thread that [`run`]s with the other end. It remembers one call: it looks at all that is there anyway.
    pub(super) fn new() -> (Carrier, Receiver<()>) {
        let (wake, woken) = sync_channel(1);
        (Carrier(wake), woken)
    }

    /// From now on the log that this connection writes is carried over behind it.
    pub(super) fn follow(&self, connection: &mut Connection) -> Result<()> {
        let wake = self.0.clone();
        let mut asked_at = 0;
        connection.at_length(move |pages| {
            // the log has begun anew
            if pages < asked_at {
                asked_at = 0;
            }
            if pages - asked_at < SOME {
                return false;
            }
            asked_at = pages;
            // it is awake already, or has ended with the process
            let _ = wake.try_send(());
            pages >= LONG
        })
    }
}

/// Carries over what there is whenever it is woken, until nobody is there to wake it. What fails is done by the next one: until then the
/// log is longer, and all of it is durable.
pub(super) fn run(woken: &Receiver<()>, location: &Location) {
    let mut kept: Option<Connection> = None;
    while woken.recv().is_ok() {
        let opened = kept.take().map_or_else(|| Connection::open(location, Access::Write), Ok);
        match opened.and_then(|mut connection| connection.carry_over().map(|()| connection)) {
            Ok(connection) => kept = Some(connection),
            Err(e) => tracing::warn!(error = %e, "the write-ahead log could not be carried over"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::time::{Duration, Instant};

    use partyline_core::time::Millis;

    use crate::sql::Sql;
    use crate::value::values;
    use crate::{Db, Location};

    const MAKE: Sql = Sql::declared("tests::make", "CREATE TABLE heap (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
    const ADD: Sql = Sql::declared("tests::add", "INSERT INTO heap (bytes) VALUES (zeroblob($1))");
    const NOW: Millis = Millis(1_795_500_000_000);
    const MEGABYTE: u64 = 1 << 20;
    /// A thread that has not done it by then does not do it.
    const PATIENCE: Duration = Duration::from_secs(30);

    fn size(path: &Path) -> u64 {
        fs::metadata(path).map_or(0, |found| found.len())
    }

    async fn write(db: &Db, megabytes: u64) {
        for _ in 0..megabytes {
            db.machinery(NOW, |root| root.connection.write(ADD, values![i64::try_from(MEGABYTE).unwrap()]))
                .await
                .unwrap();
        }
    }

    #[tokio::test]
    async fn the_log_is_carried_over_behind_the_commits_and_stays_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let (file, log) = (folder.path().join("partyline.db"), folder.path().join("partyline.db-wal"));
        let db = Db::open(&Location::Sqlite(file.clone()), NOW).unwrap();
        db.machinery(NOW, |root| root.connection.write(MAKE, &[])).await.unwrap();

        write(&db, 6).await;
        let since = Instant::now();
        while size(&file) < 3 * MEGABYTE {
            assert!(since.elapsed() < PATIENCE, "nothing was carried over");
            tokio::task::yield_now().await;
        }

        write(&db, 120).await;
        assert!(size(&log) < 64 * MEGABYTE, "the log has {} MB", size(&log) / MEGABYTE);
    }
}
