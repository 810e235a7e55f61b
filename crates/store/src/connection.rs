//! The one place that knows two engines: a blocking connection, on a thread of its own, that runs the same SQL text.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::path::PathBuf;

use partyline_meters::figures::DATABASE_CONNECTIONS;

use crate::error::{Result, StoreError, Trouble};
use crate::sql::Sql;
use crate::value::{FromRow, Row, Value};

/// Where the database is.
#[derive(Debug, Clone)]
pub enum Location {
    /// A file beside the program.
    Sqlite(PathBuf),
    /// A server; the connection string may hold a password, so it is never logged.
    Postgres(Secretive),
}

/// A text that does not show itself.
#[derive(Clone)]
pub struct Secretive(pub(crate) String);

impl std::fmt::Debug for Secretive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("•••")
    }
}

impl Location {
    /// Reads `sqlite://path` or `postgres://…`.
    ///
    /// # Errors
    /// A sentence that says which two forms there are.
    pub fn parse(url: &str) -> Result<Location, String> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            return Ok(Location::Sqlite(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Location::Postgres(Secretive(url.to_owned())));
        }
        Err("write sqlite://FILE or postgres://USER@HOST/DATABASE".to_owned())
    }

    /// The engine's name, for people.
    #[must_use]
    pub const fn engine(&self) -> &'static str {
        match self {
            Location::Sqlite(_) => "SQLite",
            Location::Postgres(_) => "PostgreSQL",
        }
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// A blocking connection to either engine.
pub struct Connection {
    engine: Engine,
    /// What the newest statement that failed for the database's own trouble said.
    trouble: Option<(Trouble, String)>,
    /// Has rolling back failed? Then nobody can say what a commit would keep.
    adrift: bool,
}

enum Engine {
    Sqlite(rusqlite::Connection),
    Postgres(Box<postgres::Session>),
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_postgres() { "Connection(PostgreSQL)" } else { "Connection(SQLite)" })
    }
}

impl Connection {
    pub(crate) fn open(location: &Location, access: Access) -> Result<Connection> {
        let engine = match location {
            Location::Sqlite(path) => sqlite::open(path, access).map(Engine::Sqlite),
            Location::Postgres(url) => postgres::open(&url.0).map(|session| Engine::Postgres(Box::new(session))),
        };
        DATABASE_CONNECTIONS.add([if engine.is_ok() { "opened" } else { "failed" }]);
        Ok(Connection { engine: engine?, trouble: None, adrift: false })
    }

    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Notes what is not the statement's fault.
    fn noted<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result
            && let Some(trouble) = error.trouble()
        {
            self.trouble = Some((trouble, error.to_string()));
        }
        result
    }

    /// What was wrong with the database since this was asked last.
    pub(crate) fn take_trouble(&mut self) -> Option<(Trouble, String)> {
        self.trouble.take()
    }

    /// Is the transaction still there, and whole? SQLite rolls all of it back by itself when its disk fails in the middle.
    pub(crate) fn in_transaction(&self) -> bool {
        if self.adrift {
            return false;
        }
        match &self.engine {
            Engine::Sqlite(db) => !db.is_autocommit(),
            Engine::Postgres(session) => !session.is_closed(),
        }
    }

    /// Has the server hung up?
    pub(crate) fn is_closed(&self) -> bool {
        match &self.engine {
            Engine::Sqlite(_) => false,
            Engine::Postgres(session) => session.is_closed(),
        }
    }

    /// Asks after each commit, with the pages that the write-ahead log has then, whether to carry it over at once; SQLite only.
    pub(crate) fn at_length(&mut self, ask: impl FnMut(i32) -> bool + Send + 'static) -> Result<()> {
        match &mut self.engine {
            Engine::Sqlite(db) => sqlite::at_length(db, ask),
            Engine::Postgres(_) => Ok(()),
        }
    }

    /// Carries the write-ahead log over into the database, as far as nobody reads what was before; SQLite only.
    pub(crate) fn carry_over(&mut self) -> Result<()> {
        match &self.engine {
            Engine::Sqlite(db) => sqlite::carry_over(db),
            Engine::Postgres(_) => Ok(()),
        }
    }

    fn raw_rows(&mut self, sql: Sql, values: &[Value]) -> Result<Vec<Vec<Value>>> {
        let result = match &mut self.engine {
            Engine::Sqlite(db) => sqlite::rows(db, sql.text, values),
            Engine::Postgres(session) => session.rows(sql.postgres.unwrap_or(sql.text), values),
        };
        self.noted(result).map_err(|e| named(sql.name, e))
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// [`StoreError`], with the statement's name.
    pub fn rows<T: FromRow>(&mut self, sql: Sql, values: &[Value]) -> Result<Vec<T>> {
        let rows = self.raw_rows(sql, values)?;
        rows.into_iter()
            .map(|columns| T::from_row(&mut Row::new(columns)))
            .collect::<Result<_>>()
            .map_err(|e| named(sql.name, e))
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// [`StoreError`], with the statement's name.
    pub fn row<T: FromRow>(&mut self, sql: Sql, values: &[Value]) -> Result<Option<T>> {
        let mut rows = self.raw_rows(sql, values)?;
        if rows.is_empty() {
            return Ok(None);
        }
        T::from_row(&mut Row::new(rows.swap_remove(0))).map(Some).map_err(|e| named(sql.name, e))
    }

    /// Runs a statement and says how many rows it touched.
    ///
    /// # Errors
    /// [`StoreError`], with the statement's name.
    pub fn run(&mut self, sql: Sql, values: &[Value]) -> Result<u64> {
        let result = match &mut self.engine {
            Engine::Sqlite(db) => sqlite::run(db, sql.text, values),
            Engine::Postgres(session) => session.run(sql.postgres.unwrap_or(sql.text), values),
        };
        self.noted(result).map_err(|e| named(sql.name, e))
    }

    /// Runs a statement whose answer nobody needs. PostgreSQL is not waited for: an error is told by what is asked next, and before the
    /// transaction is committed.
    ///
    /// # Errors
    /// [`StoreError`], with the statement's name.
    pub fn write(&mut self, sql: Sql, values: &[Value]) -> Result<()> {
        let result = match &mut self.engine {
            Engine::Sqlite(db) => sqlite::run(db, sql.text, values).map(drop),
            Engine::Postgres(session) => session.write(sql.name, sql.postgres.unwrap_or(sql.text), values),
        };
        self.noted(result).map_err(|e| named(sql.name, e))
    }

    /// Runs statements without parameters whose answers nobody needs, as [`Connection::write`] does.
    pub(crate) fn soon(&mut self, text: &'static str) -> Result<()> {
        let result = match &mut self.engine {
            Engine::Sqlite(db) => sqlite::batch(db, text),
            Engine::Postgres(session) => session.soon(text),
        };
        self.noted(result)
    }

    /// Rolls something back, and forgets what went wrong in it.
    pub(crate) fn undo(&mut self, text: &str) -> Result<()> {
        let result = match &mut self.engine {
            Engine::Sqlite(db) => sqlite::batch(db, text),
            Engine::Postgres(session) => session.undo(text),
        };
        self.adrift |= result.is_err();
        self.noted(result)
    }

    /// Writes many rows by one INSERT, or the COPY that takes the same columns.
    pub(crate) fn fill(&mut self, insert: Sql, rows: &[Vec<Value>]) -> Result<()> {
        let result = match &mut self.engine {
            Engine::Sqlite(db) => sqlite::fill(db, insert.text, rows),
            Engine::Postgres(session) => session.fill(insert.text, rows),
        };
        result.map_err(|e| named(insert.name, e))
    }

    /// Runs statements without parameters: transactions and migrations.
    pub(crate) fn batch(&mut self, text: &str) -> Result<()> {
        let result = match &mut self.engine {
            Engine::Sqlite(db) => sqlite::batch(db, text),
            Engine::Postgres(session) => session.batch(text),
        };
        self.noted(result)
    }

    pub(crate) fn begin(&mut self, access: Access) -> Result<()> {
        let text = match (&self.engine, access) {
            (Engine::Sqlite(_), Access::Write) => "BEGIN IMMEDIATE",
            (Engine::Sqlite(_), Access::Read) | (Engine::Postgres(_), Access::Write) => "BEGIN",
            (Engine::Postgres(_), Access::Read) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        self.batch(text)
    }

    /// Prepares a statement and forgets it: for the test that every text is understood by this engine.
    ///
    /// # Errors
    /// [`StoreError::Statement`] with the engine's own words.
    pub fn prepare(&mut self, sql: Sql) -> Result<()> {
        let result = match &mut self.engine {
            Engine::Sqlite(db) => sqlite::prepare(db, sql.text),
            Engine::Postgres(session) => session.prepare(sql.postgres.unwrap_or(sql.text)),
        };
        result.map_err(|e| named(sql.name, e))
    }

    /// Lets the engine count its rows, so that it plans as it would on a large database.
    ///
    /// # Errors
    /// What the engine said.
    pub fn analyze(&mut self) -> Result<()> {
        self.batch("ANALYZE")
    }

    /// The lines of the engine's plan for a statement.
    ///
    /// # Errors
    /// [`StoreError::Statement`] with the engine's own words.
    pub fn plan(&mut self, sql: Sql, values: &[Value]) -> Result<Vec<String>> {
        match &mut self.engine {
            Engine::Sqlite(db) => {
                let rows = sqlite::rows(db, &format!("EXPLAIN QUERY PLAN {}", sql.text), values)?;
                Ok(rows
                    .into_iter()
                    .filter_map(|mut row| match row.pop() {
                        Some(Value::Text(line)) => Some(line),
                        _ => None,
                    })
                    .collect())
            }
            Engine::Postgres(session) => session.plan(sql.postgres.unwrap_or(sql.text), values),
        }
    }
}

/// An error with the statement's name before it. What was sent earlier, and failed, has its own name there already.
fn named(name: &str, error: StoreError) -> StoreError {
    match error {
        StoreError::Statement(text) => StoreError::Statement(format!("{name}: {text}")),
        StoreError::Corrupt(text) => StoreError::Corrupt(format!("{name}: {text}")),
        other => other,
    }
}
