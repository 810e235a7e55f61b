//! SQLite: a file, one writer, many readers (WAL, `synchronous=FULL`).

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ErrorCode, OpenFlags, Statement, ToSql};

use crate::connection::Access;
use crate::error::{Result, StoreError};
use crate::value::Value;

/// Page cache of one connection, in KiB (negative: KiB, by SQLite's own convention).
const CACHE_KIB: i64 = -16_000;
/// Bytes of the file that are mapped into memory: all that SQLite maps at most. What is mapped is read without being copied.
const MMAP_BYTES: i64 = 0x7fff_0000;
/// Milliseconds to wait for another process (a backup, a migration) to let go.
const BUSY_MILLIS: i64 = 5_000;
/// Prepared statements kept per connection.
const STATEMENTS: usize = 256;

pub(super) fn open(path: &Path, access: Access) -> Result<rusqlite::Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags |= match access {
        Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let db = rusqlite::Connection::open_with_flags(path, flags).map_err(error)?;
    db.execute_batch(&format!(
        "PRAGMA busy_timeout={BUSY_MILLIS}; PRAGMA cache_size={CACHE_KIB}; PRAGMA mmap_size={MMAP_BYTES}; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON;"
    ))
    .map_err(error)?;
    match access {
        Access::Write => db.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"),
        Access::Read => db.execute_batch("PRAGMA query_only=ON;"),
    }
    .map_err(error)?;
    // plans without a look at the values: else a statement whose value was compared with a partial index is planned anew each time
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(error)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(db)
}

/// Asks after each commit, with the pages that the write-ahead log has then, whether to carry it over at once, in the place of SQLite's own
/// rule.
pub(super) fn at_length(
    db: &mut rusqlite::Connection,
    mut ask: impl FnMut(i32) -> bool + Send + 'static,
) -> Result<()> {
    db.wal_hook(Some(move |log: &mut Wal, pages| {
        if ask(pages) {
            // what fails here is no failure of the commit, which is durable, and is done the next time
            let _ = log.checkpoint();
        }
        Ok(())
    }))
    .map_err(error)
}

/// Carries the write-ahead log over into the database file, as far as nobody reads what was before.
pub(super) fn carry_over(db: &rusqlite::Connection) -> Result<()> {
    db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).map_err(error)
}

/// The words around units of work.
const EVERY_TIME: [&str; 7] =
    ["BEGIN", "BEGIN IMMEDIATE", "COMMIT", "SAVEPOINT unit", "RELEASE unit", "SAVEPOINT part", "RELEASE part"];

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(x) => ValueRef::Integer(*x),
            Value::Text(x) => ValueRef::Text(x.as_bytes()),
            Value::Bytes(x) => ValueRef::Blob(x),
            Value::Id(x) => ValueRef::Blob(x.as_bytes()),
        }))
    }
}

/// `$1` is a *name* to SQLite, numbered by its first appearance; going by the name keeps both engines' meaning.
fn bind(statement: &mut Statement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for index in 1..=statement.parameter_count() {
        let place = statement.parameter_name(index).and_then(|name| name[1..].parse::<usize>().ok());
        if let Some(value) = place.and_then(|place| values.get(place.wrapping_sub(1))) {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    Ok(())
}

/// Writes many rows by one statement.
pub(super) fn fill(db: &rusqlite::Connection, insert: &str, rows: &[Vec<Value>]) -> Result<()> {
    let write = || -> rusqlite::Result<()> {
        let mut statement = db.prepare_cached(insert)?;
        for row in rows {
            bind(&mut statement, row)?;
            statement.raw_execute()?;
        }
        Ok(())
    };
    write().map_err(error)
}

pub(super) fn rows(db: &rusqlite::Connection, text: &str, values: &[Value]) -> Result<Vec<Vec<Value>>> {
    let read = || -> rusqlite::Result<Vec<Vec<Value>>> {
        let mut statement = db.prepare_cached(text)?;
        bind(&mut statement, values)?;
        let width = statement.column_count();
        let mut cursor = statement.raw_query();
        let mut out = Vec::new();
        while let Some(row) = cursor.next()? {
            let mut columns = Vec::with_capacity(width);
            for i in 0..width {
                columns.push(match row.get_ref(i)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(x) => Value::Int(x),
                    ValueRef::Real(x) => Value::Text(x.to_string()),
                    ValueRef::Text(x) => Value::Text(String::from_utf8_lossy(x).into_owned()),
                    ValueRef::Blob(x) => Value::Bytes(x.to_vec()),
                });
            }
            out.push(columns);
        }
        Ok(out)
    };
    read().map_err(error)
}

pub(super) fn run(db: &rusqlite::Connection, text: &str, values: &[Value]) -> Result<u64> {
    let execute = || -> rusqlite::Result<usize> {
        let mut statement = db.prepare_cached(text)?;
        bind(&mut statement, values)?;
        statement.raw_execute()
    };
    execute().map(|n| n as u64).map_err(error)
}

/// What every unit of work says is prepared once; other texts are read anew each time.
pub(super) fn batch(db: &rusqlite::Connection, text: &str) -> Result<()> {
    if !EVERY_TIME.contains(&text) {
        return db.execute_batch(text).map_err(error);
    }
    let execute = || db.prepare_cached(text)?.raw_execute();
    execute().map(drop).map_err(error)
}

pub(super) fn prepare(db: &rusqlite::Connection, text: &str) -> Result<()> {
    db.prepare(text).map(drop).map_err(error)
}

#[allow(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
pub(super) fn error(e: rusqlite::Error) -> StoreError {
    let text = e.to_string();
    match e.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) if text.contains("UNIQUE") || text.contains("PRIMARY KEY") => {
            StoreError::Conflict(text)
        }
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::OutOfMemory,
        ) => StoreError::Unavailable(text),
        Some(ErrorCode::DiskFull) => StoreError::Full(text),
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly(text),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt(text),
        _ => StoreError::Statement(text),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use partyline_core::time::Millis;

    use super::*;
    use crate::sql::Sql;
    use crate::{Db, Location};

    /// `PRAGMA synchronous`: a commit has reached the disk when it is told.
    const FULL: i64 = 2;

    const DURABILITY: Sql = Sql::declared(
        "tests::durability",
        "SELECT s.synchronous, j.journal_mode FROM pragma_synchronous s, pragma_journal_mode j",
    );

    #[test]
    fn a_writer_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("partyline.db");
        let opened = open(&path, Access::Write).unwrap();
        let found: (i64, String) = opened.query_row(DURABILITY.text, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(found, (FULL, "wal".to_owned()), "as it is opened");
        drop(opened);
        // and as the server writes with it
        let db = Db::open(&Location::Sqlite(path), Millis(0)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let asked = db.machinery(Millis(0), |root| root.connection.row::<(i64, String)>(DURABILITY, &[]));
        assert_eq!(runtime.block_on(asked).unwrap(), Some((FULL, "wal".to_owned())), "as it is written with");
    }
}
