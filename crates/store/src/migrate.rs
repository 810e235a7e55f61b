//! Bringing a database up to date. Each step is one text for both engines, and a tail for what they can't share.

use sha2::{Digest, Sha256};

use crate::connection::{Access, Connection};
use crate::error::{Result, StoreError};
use crate::sql::queries;
use crate::value::values;

struct Step {
    version: i64,
    name: &'static str,
    text: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const STEPS: &[Step] = &[
    Step {
        version: 1,
        name: "the road",
        text: include_str!("../migrations/0001_the_road.sql"),
        sqlite: include_str!("../migrations/0001_the_road.sqlite.sql"),
        postgres: include_str!("../migrations/0001_the_road.postgres.sql"),
    },
    Step {
        version: 2,
        name: "nothing lost",
        text: include_str!("../migrations/0002_nothing_lost.sql"),
        sqlite: include_str!("../migrations/0002_nothing_lost.sqlite.sql"),
        postgres: include_str!("../migrations/0002_nothing_lost.postgres.sql"),
    },
];

/// The advisory lock that keeps two nodes from migrating one PostgreSQL database at once: "party" in ASCII.
const LOCK: i64 = 0x0070_6172_7479;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS migrations (version {int} NOT NULL PRIMARY KEY, name TEXT NOT NULL, sha256 {bytes} NOT NULL, at {int} NOT NULL)";

queries! {
    NEWEST = "SELECT coalesce(max(version), 0) FROM migrations";
    RECORD = "INSERT INTO migrations (version, name, sha256, at) VALUES ($1, $2, $3, $4)";
}

/// The newest schema that this program knows.
pub const NEWEST_VERSION: i64 = STEPS[STEPS.len() - 1].version;

fn dialect(text: &str, postgres: bool) -> String {
    let words: [(&str, &str); 5] = if postgres {
        [("{int}", "BIGINT"), ("{id}", "UUID"), ("{bytes}", "BYTEA"), ("{strict}", ""), ("{rowless}", "")]
    } else {
        [
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
/// # Errors
/// [`StoreError::Newer`] when a newer program wrote this database; otherwise what the engine said.
pub(crate) fn migrate(connection: &mut Connection, now: i64) -> Result<usize> {
    let postgres = connection.is_postgres();
    connection.begin(Access::Write)?;
    let done = (|| {
        if postgres {
            connection.batch(&format!("SELECT pg_advisory_xact_lock({LOCK})"))?;
        }
        connection.batch(&dialect(CREATE, postgres))?;
        let (found,): (i64,) = connection.row(NEWEST, &[])?.unwrap_or((0,));
        if found > NEWEST_VERSION {
            return Err(StoreError::Newer { found, known: NEWEST_VERSION });
        }
        let mut count = 0;
        for step in STEPS.iter().filter(|s| s.version > found) {
            connection.batch(&dialect(step.text, postgres))?;
            connection.batch(if postgres { step.postgres } else { step.sqlite })?;
            connection.run(RECORD, values![step.version, step.name, Sha256::digest(step.text).to_vec(), now])?;
            count += 1;
        }
        Ok(count)
    })();
    match done {
        Ok(count) => connection.batch("COMMIT").map(|()| count),
        Err(e) => {
            // the first error is the one to tell; a failed rollback only means that the connection is gone
            let _ = connection.batch("ROLLBACK");
            Err(e)
        }
    }
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
