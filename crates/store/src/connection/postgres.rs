//! PostgreSQL: blocking, on a thread of its own, with every statement prepared once per connection.

mod address;

use std::collections::HashMap;
use std::error::Error;
use std::io::Write as _;

use ::postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use ::postgres::{Client, Statement};
use bytes::BytesMut;
use uuid::Uuid;

use crate::bulk::{copy_line, copy_of};
use crate::error::{Result, StoreError};
use crate::value::Value;

/// No statement of ours takes longer; a lock that is held for ever must not hold us.
const STATEMENT_SECONDS: u64 = 30;

pub(crate) struct Session {
    client: Client,
    prepared: HashMap<String, Statement>,
}

/// For bringing a schema up to date: an index over much may take as long as it takes, but the servers that run meanwhile wait behind a
/// lock that this one waits for, so it gives up soon and tries again.
pub(crate) const PATIENT: &str = "SET statement_timeout = 0; SET lock_timeout = '2s'";

/// Back to what every other statement has.
pub(crate) fn impatient() -> String {
    format!("SET statement_timeout = '{STATEMENT_SECONDS}s'; SET lock_timeout = 0")
}

pub(crate) fn open(url: &str) -> Result<Session> {
    let mut client = address::read(url)?.connect().map_err(|e| error(&e))?;
    client.batch_execute(&format!("SET statement_timeout = '{STATEMENT_SECONDS}s'")).map_err(|e| error(&e))?;
    Ok(Session { client, prepared: HashMap::new() })
}

impl Session {
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    fn statement(&mut self, text: &str) -> Result<Statement> {
        if let Some(statement) = self.prepared.get(text) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(text).map_err(|e| error(&e))?;
        self.prepared.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(crate) fn rows(&mut self, text: &str, values: &[Value]) -> Result<Vec<Vec<Value>>> {
        let statement = self.statement(text)?;
        let rows = self.client.query(&statement, &parameters(values, &statement)).map_err(|e| error(&e))?;
        rows.iter()
            .map(|row| (0..row.len()).map(|i| row.try_get::<_, Value>(i).map_err(|e| error(&e))).collect())
            .collect()
    }

    pub(super) fn run(&mut self, text: &str, values: &[Value]) -> Result<u64> {
        let statement = self.statement(text)?;
        self.client.execute(&statement, &parameters(values, &statement)).map_err(|e| error(&e))
    }

    /// Writes many rows by the COPY that takes the same columns as an INSERT.
    pub(super) fn fill(&mut self, insert: &str, rows: &[Vec<Value>]) -> Result<()> {
        let copy = copy_of(insert).ok_or_else(|| StoreError::Statement("no INSERT to copy from".into()))?;
        let mut sink = self.client.copy_in(&copy).map_err(|e| error(&e))?;
        let mut line = String::new();
        for row in rows {
            line.clear();
            copy_line(row, &mut line);
            sink.write_all(line.as_bytes())?;
        }
        sink.finish().map(drop).map_err(|e| error(&e))
    }

    pub(super) fn batch(&mut self, text: &str) -> Result<()> {
        self.client.batch_execute(text).map_err(|e| error(&e))
    }

    pub(super) fn prepare(&mut self, text: &str) -> Result<()> {
        self.client.prepare(text).map(drop).map_err(|e| error(&e))
    }

    pub(super) fn plan(&mut self, text: &str, values: &[Value]) -> Result<Vec<String>> {
        let rows = self.rows(&format!("EXPLAIN {text}"), values)?;
        Ok(rows
            .into_iter()
            .flatten()
            .filter_map(|v| if let Value::Text(line) = v { Some(line) } else { None })
            .collect())
    }

    /// Subscribes to a channel of notifications.
    pub(crate) fn listen(&mut self, channel: &str) -> Result<()> {
        self.batch(&format!("LISTEN {channel}"))
    }

    /// Waits for a notification on a channel that was LISTENed to: which channel, and what.
    pub(crate) fn wait(&mut self, timeout: std::time::Duration) -> Result<Option<(String, String)>> {
        use ::postgres::fallible_iterator::FallibleIterator as _;
        let mut notifications = self.client.notifications();
        let mut waiting = notifications.timeout_iter(timeout);
        waiting.next().map(|n| n.map(|n| (n.channel().to_owned(), n.payload().to_owned()))).map_err(|e| error(&e))
    }
}

fn parameters<'a>(values: &'a [Value], statement: &Statement) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().take(statement.params().len()).map(|v| v as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(x) if *ty == Type::INT4 => i32::try_from(*x)?.to_sql(ty, out),
            Value::Int(x) if *ty == Type::INT2 => i16::try_from(*x)?.to_sql(ty, out),
            Value::Int(x) => x.to_sql(ty, out),
            Value::Text(x) => x.as_str().to_sql(ty, out),
            Value::Bytes(x) if *ty == Type::UUID => {
                out.extend_from_slice(Uuid::from_slice(x)?.as_bytes());
                Ok(IsNull::No)
            }
            Value::Bytes(x) => x.as_slice().to_sql(ty, out),
            Value::Id(x) => {
                out.extend_from_slice(x.as_bytes());
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Value, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i64::from(i32::from_sql(ty, raw)?)),
            Type::INT2 => Value::Int(i64::from(i16::from_sql(ty, raw)?)),
            Type::BOOL => Value::Int(i64::from(bool::from_sql(ty, raw)?)),
            Type::BYTEA => Value::Bytes(raw.to_vec()),
            Type::UUID => Value::Id(Uuid::from_slice(raw)?),
            _ => Value::Text(String::from_sql(&Type::TEXT, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Value, Box<dyn Error + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn error(e: &::postgres::Error) -> StoreError {
    let Some(db) = e.as_db_error() else {
        let mut text = e.to_string();
        if let Some(source) = e.source() {
            text = format!("{text}: {source}");
        }
        return if e.is_closed() || source_is_io(e) {
            StoreError::Unavailable(text)
        } else {
            StoreError::Statement(text)
        };
    };
    let text = db.message().to_owned();
    match db.code().code() {
        "23505" => StoreError::Conflict(text),
        "53100" => StoreError::Full(text),
        "25006" => StoreError::ReadOnly(text),
        // connection exceptions, insufficient resources, operator intervention, deadlock, serialization
        code if code.starts_with("08")
            || code.starts_with("53")
            || code.starts_with("57")
            // a transaction that stood still was undone
            || code == "25P03"
            // a lock was not to be had in time
            || code == "55P03"
            || code.starts_with("40") =>
        {
            StoreError::Unavailable(text)
        }
        // of a value that does not fit, the engine shows the value
        code if code.starts_with("22") => StoreError::Statement(format!("a value that does not fit ({code})")),
        code => StoreError::Statement(format!("{text} ({code})")),
    }
}

fn source_is_io(e: &::postgres::Error) -> bool {
    let mut source = e.source();
    while let Some(inner) = source {
        if inner.is::<std::io::Error>() {
            return true;
        }
        source = inner.source();
    }
    false
}
