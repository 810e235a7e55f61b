//! What an operator wants to know of a database before it is trusted: read on a connection of its own, nothing is changed.

use partyline_core::time::Millis;

use crate::connection::{Access, Connection, Location};
use crate::error::{Result, StoreError};
use crate::migrate;
use crate::scope::Root;
use crate::sql::{Sql, queries};

queries! {
    DEAD_JOBS = "SELECT kind, count(*) FROM jobs WHERE state = 'dead' GROUP BY kind ORDER BY kind";
    HELD_INBOUND = "SELECT count(*) FROM inbound WHERE state = 'quarantined'";
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The engine and its version, for people.
    pub engine: String,
    /// Its schema; 0 when it is empty.
    pub schema: i64,
    /// Is the schema one that this program works on, or can bring up to date? Else why not.
    pub fits: std::result::Result<(), String>,
    /// The fingerprint of its key; `None` when no server has been started on it.
    pub key_fingerprint: Option<Vec<u8>>,
    /// Settings of the engine that matter, and their values.
    pub settings: Vec<(&'static str, String)>,
    /// What the database server's clock said, where it has one of its own.
    pub clock: Option<Millis>,
}

/// Looks at a database that may be anything. It blocks: run it on a thread of its own.
///
/// # Errors
/// What the engine said when it can't be reached or read.
pub fn examine(location: &Location) -> Result<Examined> {
    if let Location::Sqlite(path) = location
        && !path.exists()
    {
        return Err(StoreError::Unavailable(format!("there is no file {} yet", path.display())));
    }
    let mut connection = Connection::open(location, Access::Read)?;
    let postgres = connection.is_postgres();
    let texts: &[(&'static str, &'static str)] = if postgres {
        &[
            ("server_version", "SELECT current_setting('server_version')"),
            ("fsync", "SELECT current_setting('fsync')"),
            ("full_page_writes", "SELECT current_setting('full_page_writes')"),
            ("synchronous_commit", "SELECT current_setting('synchronous_commit')"),
            ("server_encoding", "SELECT current_setting('server_encoding')"),
            ("transaction_read_only", "SELECT current_setting('transaction_read_only')"),
        ]
    } else {
        &[("version", "SELECT sqlite_version()"), ("journal_mode", "SELECT journal_mode FROM pragma_journal_mode")]
    };
    let mut settings = Vec::new();
    for &(name, text) in texts {
        let row = connection.row::<(String,)>(Sql::declared("examine::setting", text), &[])?;
        settings.push((name, row.map(|(value,)| value).unwrap_or_default()));
    }
    let clock = if postgres {
        let text = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        connection.row::<(Millis,)>(Sql::declared("examine::clock", text), &[])?.map(|(at,)| at)
    } else {
        None
    };
    let engine = format!("{} {}", location.engine(), settings.first().map(|(_, v)| v.as_str()).unwrap_or_default());
    let schema = migrate::version(&mut connection)?;
    let mut root = Root { connection: &mut connection, writing: None };
    let fits = if schema > migrate::NEWEST_VERSION { root.schema_fits().map_err(|e| e.to_string()) } else { Ok(()) };
    let key_fingerprint = if schema > 0 { root.key_fingerprint()? } else { None };
    Ok(Examined { engine, schema, fits, key_fingerprint, settings, clock })
}

impl Root<'_> {
    /// Jobs that were given up, by kind.
    pub fn dead_jobs(&mut self) -> Result<Vec<(String, i64)>> {
        self.connection.rows(DEAD_JOBS, &[])
    }

    /// Inbound messages that nobody could make anything of.
    pub fn held_inbound(&mut self) -> Result<i64> {
        Ok(self.connection.row::<(i64,)>(HELD_INBOUND, &[])?.map_or(0, |(n,)| n))
    }
}
