//! PostgreSQL: blocking, on a thread of its own, with every statement prepared once per connection.
//!
//! What nobody needs the answer of ([`Session::write`], [`Session::soon`]) is sent and not waited for. The answers come with the next thing
//! that is waited for, in one way there and back; when one of them is an error, that is what the next thing says.

mod address;
mod line;

use std::collections::HashMap;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use bytes::{Bytes, BytesMut};
use futures_util::SinkExt as _;
use futures_util::future::{MaybeDone, join, maybe_done};
use tokio::runtime::Runtime;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use self::line::Line;
use crate::bulk::{copy_line, copy_of};
use crate::error::{Result, StoreError};
use crate::value::Value;

/// No statement of ours takes longer; a lock that is held for ever must not hold us.
const STATEMENT_SECONDS: u64 = 30;
/// Statements that are sent before their answers are waited for.
const DEFERRED_MAX: usize = 128;
/// Bytes of a COPY that are sent at once.
const COPY_BYTES: usize = 64 * 1024;

pub(crate) struct Session {
    /// Runs only while something is waited for.
    runtime: Runtime,
    client: Arc<Client>,
    line: Line,
    prepared: HashMap<String, Statement>,
    deferred: Vec<Deferred>,
}

type Answer = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send>>;

/// A statement that was sent, and whose answer nobody has waited for yet.
struct Deferred {
    name: &'static str,
    answer: MaybeDone<Answer>,
}

/// For bringing a schema up to date: an index over much may take as long as it takes, but the servers that run meanwhile wait behind a
/// lock that this one waits for, so it gives up soon and tries again.
pub(crate) const PATIENT: &str = "SET statement_timeout = 0; SET lock_timeout = '2s'";

/// Back to what every other statement has.
pub(crate) fn impatient() -> String {
    format!("SET statement_timeout = '{STATEMENT_SECONDS}s'; SET lock_timeout = 0")
}

pub(crate) fn open(url: &str) -> Result<Session> {
    let address = address::read(url)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| StoreError::Unavailable(e.to_string()))?;
    let (client, line) = runtime.block_on(address.connect()).map_err(|e| error(&e))?;
    let mut session =
        Session { runtime, client: Arc::new(client), line, prepared: HashMap::new(), deferred: Vec::new() };
    session.batch(&format!("SET statement_timeout = '{STATEMENT_SECONDS}s'"))?;
    Ok(session)
}

/// Waits for every answer; the first error is the one to tell.
async fn answers(deferred: Vec<Deferred>) -> Result<(), (&'static str, tokio_postgres::Error)> {
    let mut first = Ok(());
    for Deferred { name, mut answer } in deferred {
        (&mut answer).await;
        if let (Ok(()), Some(Err(e))) = (&first, Pin::new(&mut answer).take_output()) {
            first = Err((name, e));
        }
    }
    first
}

impl Session {
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Waits for something, and for the answers to all that was sent before it: what went wrong there is told first.
    fn wait_for<T>(&mut self, last: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T> {
        let deferred = std::mem::take(&mut self.deferred);
        // the first poll of each sends it, so the order of the two is the order on the line
        let (before, last) = self.runtime.block_on(join(answers(deferred), last));
        if let Err((name, e)) = before {
            return Err(crate::connection::named(name, self.error(&e)));
        }
        last.map_err(|e| self.error(&e))
    }

    /// What the driver said; of a line that ended, what the server said about it.
    fn error(&self, e: &tokio_postgres::Error) -> StoreError {
        match self.line.ended() {
            Some(why) if e.is_closed() => StoreError::Unavailable(format!("the connection ended: {why}")),
            _ => error(e),
        }
    }

    fn defer(&mut self, name: &'static str, answer: Answer) -> Result<()> {
        let mut answer = maybe_done(answer);
        // hands it to the line; the answer is looked for when it is waited for
        let _ = Pin::new(&mut answer).poll(&mut Context::from_waker(Waker::noop()));
        self.deferred.push(Deferred { name, answer });
        if self.deferred.len() < DEFERRED_MAX {
            return Ok(());
        }
        self.wait_for(async { Ok(()) })
    }

    fn statement(&mut self, text: &str) -> Result<Statement> {
        if let Some(statement) = self.prepared.get(text) {
            return Ok(statement.clone());
        }
        let client = self.client.clone();
        let statement = self.wait_for(client.prepare(text))?;
        self.prepared.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(crate) fn rows(&mut self, text: &str, values: &[Value]) -> Result<Vec<Vec<Value>>> {
        let statement = self.statement(text)?;
        let client = self.client.clone();
        let rows = self.wait_for(client.query(&statement, &parameters(values, &statement)))?;
        rows.iter()
            .map(|row| (0..row.len()).map(|i| row.try_get::<_, Value>(i).map_err(|e| error(&e))).collect())
            .collect()
    }

    pub(super) fn run(&mut self, text: &str, values: &[Value]) -> Result<u64> {
        let statement = self.statement(text)?;
        let client = self.client.clone();
        self.wait_for(client.execute(&statement, &parameters(values, &statement)))
    }

    /// Sends a statement without waiting for its answer.
    pub(super) fn write(&mut self, name: &'static str, text: &str, values: &[Value]) -> Result<()> {
        let statement = self.statement(text)?;
        let (client, values) = (self.client.clone(), values.to_vec());
        self.defer(
            name,
            Box::pin(async move { client.execute(&statement, &parameters(&values, &statement)).await.map(drop) }),
        )
    }

    /// Sends statements without parameters, and does not wait for them.
    pub(super) fn soon(&mut self, text: &'static str) -> Result<()> {
        let client = self.client.clone();
        self.defer(text, Box::pin(async move { client.batch_execute(text).await }))
    }

    /// Rolls back: what went wrong in what is undone does not matter any more.
    pub(super) fn undo(&mut self, text: &str) -> Result<()> {
        let deferred = std::mem::take(&mut self.deferred);
        let client = self.client.clone();
        let (_, undone) = self.runtime.block_on(join(answers(deferred), client.batch_execute(text)));
        undone.map_err(|e| self.error(&e))
    }

    /// Writes many rows by the COPY that takes the same columns as an INSERT.
    pub(super) fn fill(&mut self, insert: &str, rows: &[Vec<Value>]) -> Result<()> {
        let copy = copy_of(insert).ok_or_else(|| StoreError::Statement("no INSERT to copy from".into()))?;
        let client = self.client.clone();
        self.wait_for(async {
            let mut sink = Box::pin(client.copy_in::<_, Bytes>(&copy).await?);
            let mut lines = String::new();
            for row in rows {
                copy_line(row, &mut lines);
                if lines.len() >= COPY_BYTES {
                    sink.send(Bytes::from(std::mem::take(&mut lines))).await?;
                }
            }
            if !lines.is_empty() {
                sink.send(Bytes::from(lines)).await?;
            }
            sink.as_mut().finish().await.map(drop)
        })
    }

    pub(super) fn batch(&mut self, text: &str) -> Result<()> {
        let client = self.client.clone();
        self.wait_for(client.batch_execute(text))
    }

    pub(super) fn prepare(&mut self, text: &str) -> Result<()> {
        let client = self.client.clone();
        self.wait_for(client.prepare(text)).map(drop)
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
        let heard = &mut self.line.heard;
        match self.runtime.block_on(async { tokio::time::timeout(timeout, heard.recv()).await }) {
            Ok(Some(n)) => Ok(Some((n.channel().to_owned(), n.payload().to_owned()))),
            Ok(None) => {
                let why = self.line.ended().unwrap_or("the server has hung up");
                Err(StoreError::Unavailable(format!("the connection ended: {why}")))
            }
            Err(_) => Ok(None),
        }
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

/// What the driver said, and what it had heard itself.
fn words(e: &tokio_postgres::Error) -> String {
    match (e.as_db_error(), e.source()) {
        (Some(db), _) => db.message().to_owned(),
        (None, Some(source)) => format!("{e}: {source}"),
        (None, None) => e.to_string(),
    }
}

fn error(e: &tokio_postgres::Error) -> StoreError {
    let Some(db) = e.as_db_error() else {
        let text = words(e);
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

fn source_is_io(e: &tokio_postgres::Error) -> bool {
    let mut source = e.source();
    while let Some(inner) = source {
        if inner.is::<std::io::Error>() {
            return true;
        }
        source = inner.source();
    }
    false
}
