//! Bringing a database up to date. Each step is one text for both engines, and a tail for what they can't share.
//!
//! A step that only expands lets older programs work on: it says from which schema on they may, and the database remembers that, so that
//! an older program can tell. Nodes are then upgraded one after another: the first of the new ones migrates while the old ones serve.

use sha2::{Digest, Sha256};

use crate::connection::{Access, Connection};
use crate::error::{Result, StoreError};
use crate::scope::Root;
use crate::sql::queries;
use crate::value::values;

struct Step {
    version: i64,
    name: &'static str,
    /// The oldest schema whose programs work on a database that has this step: this one's own where it takes something away.
    oldest: i64,
    text: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const STEPS: &[Step] = &[
    Step {
        version: 1,
        name: "the road",
        oldest: 1,
        text: include_str!("../migrations/0001_the_road.sql"),
        sqlite: include_str!("../migrations/0001_the_road.sqlite.sql"),
        postgres: include_str!("../migrations/0001_the_road.postgres.sql"),
    },
    Step {
        version: 2,
        name: "nothing lost",
        oldest: 1,
        text: include_str!("../migrations/0002_nothing_lost.sql"),
        sqlite: include_str!("../migrations/0002_nothing_lost.sqlite.sql"),
        postgres: include_str!("../migrations/0002_nothing_lost.postgres.sql"),
    },
    Step {
        version: 3,
        name: "a team",
        oldest: 3,
        text: include_str!("../migrations/0003_a_team.sql"),
        sqlite: include_str!("../migrations/0003_a_team.sqlite.sql"),
        postgres: include_str!("../migrations/0003_a_team.postgres.sql"),
    },
    Step {
        version: 4,
        name: "word gets about",
        oldest: 3,
        text: include_str!("../migrations/0004_word_gets_about.sql"),
        sqlite: include_str!("../migrations/0004_word_gets_about.sqlite.sql"),
        postgres: include_str!("../migrations/0004_word_gets_about.postgres.sql"),
    },
];

/// The advisory lock that keeps two nodes from migrating one PostgreSQL database at once: "party" in ASCII.
const LOCK: i64 = 0x0070_6172_7479;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS migrations (version {int} NOT NULL PRIMARY KEY, name TEXT NOT NULL, sha256 {bytes} NOT NULL, at {int} NOT NULL)";

queries! {
    NEWEST = "SELECT coalesce(max(version), 0) FROM migrations";
    RECORD = "INSERT INTO migrations (version, name, sha256, at, oldest) VALUES ($1, $2, $3, $4, $5)";
    CLOSED = "SELECT count(*) FROM migrations WHERE version > $1 AND (oldest IS NULL OR oldest > $1)";
}

/// The newest schema that this program knows.
pub const NEWEST_VERSION: i64 = STEPS[STEPS.len() - 1].version;

fn dialect(text: &str, postgres: bool) -> String {
    let words: [(&str, &str); 7] = if postgres {
        [
            ("{int}", "BIGINT"),
            ("{id}", "UUID"),
            ("{bytes}", "BYTEA"),
            ("{strict}", ""),
            ("{rowless}", ""),
            ("{nil}", "'00000000-0000-0000-0000-000000000000'::uuid"),
            ("{everyone}", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid"),
        ]
    } else {
        [
            ("{nil}", "x'00000000000000000000000000000000'"),
            ("{everyone}", "x'ffffffffffffffffffffffffffffffff'"),
            ("{int}", "INTEGER"),
            ("{id}", "BLOB"),
            ("{bytes}", "BLOB"),
            ("{strict}", " STRICT"),
            ("{rowless}", " STRICT, WITHOUT ROWID"),
        ]
    };
    words.iter().fold(text.to_owned(), |text, (word, replacement)| text.replace(word, replacement))
}

/// Runs the steps that the database lacks, in one transaction, and says how many there were.
///
/// A newer database is left as it is.
///
/// # Errors
/// [`StoreError::Newer`] when a newer program has changed this database so that this one can't work on it; otherwise what the engine said.
pub(crate) fn migrate(connection: &mut Connection, now: i64) -> Result<usize> {
    let postgres = connection.is_postgres();
    connection.begin(Access::Write)?;
    let done = (|| {
        if postgres {
            connection.batch(&format!("SELECT pg_advisory_xact_lock({LOCK})"))?;
        }
        connection.batch(&dialect(CREATE, postgres))?;
        let (found,): (i64,) = connection.row(NEWEST, &[])?.unwrap_or((0,));
        fits(connection, found)?;
        steps(connection, found, NEWEST_VERSION, now)
    })();
    match done {
        Ok(count) => connection.batch("COMMIT").map(|()| count),
        Err(e) => {
            // the first error is the one to tell; a failed rollback only means that the connection is gone
            let _ = connection.undo("ROLLBACK");
            Err(e)
        }
    }
}

/// Makes the tables of an old version in an empty database, in a transaction that is open.
pub(crate) fn begin_at(connection: &mut Connection, version: i64, now: i64) -> Result<()> {
    let postgres = connection.is_postgres();
    if postgres {
        connection.batch(&format!("SELECT pg_advisory_xact_lock({LOCK})"))?;
    }
    connection.batch(&dialect(CREATE, postgres))?;
    steps(connection, 0, version, now).map(drop)
}

/// Runs the steps after `from` up to `to`, in a transaction that is open, and says how many there were.
pub(crate) fn steps(connection: &mut Connection, from: i64, to: i64, now: i64) -> Result<usize> {
    let postgres = connection.is_postgres();
    let steps: Vec<&Step> = STEPS.iter().filter(|s| s.version > from && s.version <= to).collect();
    for step in &steps {
        connection.batch(&dialect(step.text, postgres))?;
        connection.batch(if postgres { step.postgres } else { step.sqlite })?;
    }
    // after the last, because a step may have changed what is recorded
    for step in &steps {
        let sha256 = Sha256::digest(step.text).to_vec();
        connection.run(RECORD, values![step.version, step.name, sha256, now, step.oldest])?;
    }
    Ok(steps.len())
}

/// The version of a database, 0 when it is empty.
///
/// # Errors
/// What the engine said.
pub(crate) fn version(connection: &mut Connection) -> Result<i64> {
    match connection.row::<(i64,)>(NEWEST, &[]) {
        Ok(row) => Ok(row.map_or(0, |(v,)| v)),
        Err(StoreError::Statement(_)) => Ok(0),
        Err(e) => Err(e),
    }
}

/// Can this program work on a database whose newest step is `found`? On a newer one only where every newer step says so.
fn fits(connection: &mut Connection, found: i64) -> Result<()> {
    if found <= NEWEST_VERSION {
        return Ok(());
    }
    let closed = connection.row::<(i64,)>(CLOSED, values![NEWEST_VERSION])?.is_none_or(|(steps,)| steps > 0);
    if closed { Err(StoreError::Newer { found, known: NEWEST_VERSION }) } else { Ok(()) }
}

impl Root<'_> {
    /// Is the schema one that this program can work on: its own, or a newer one whose steps let it work on?
    ///
    /// # Errors
    /// [`StoreError::Newer`] when a newer program has closed the database to this one, [`StoreError::Older`] when its steps have not
    /// been run, or what the engine said.
    pub fn schema_fits(&mut self) -> Result<()> {
        let (found,) = self.connection.row::<(i64,)>(NEWEST, &[])?.unwrap_or((0,));
        if found < NEWEST_VERSION {
            return Err(StoreError::Older { found, known: NEWEST_VERSION });
        }
        fits(self.connection, found)
    }
}
