//! Who a statement may reach: a [`Scope`] is made for one workspace and binds it as `$1` of every statement, so it can't reach
//! another. A [`Tx`] is a scope that may write and append to the log. A [`Root`] has no workspace; only `directory` uses it.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use partyline_core::event::{Actor, EventType};
use partyline_core::id::{ConversationId, Entropy, EventId};
use partyline_core::time::Millis;
use uuid::Uuid;

use crate::connection::Connection;
use crate::db::{After, Hint, OnceCommitted};
use crate::error::{Result, StoreError};
use crate::events::EventRow;
use crate::sql::{Sql, queries};
use crate::value::{FromRow, Value};

/// The number of a workspace inside this installation. Its public name is a [`partyline_core::id::WorkspaceId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Workspace(pub i64);

impl From<Workspace> for Value {
    fn from(workspace: Workspace) -> Value {
        Value::Int(workspace.0)
    }
}

impl crate::value::FromValue for Workspace {
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value).map(Workspace)
    }
}

queries! {
    EVENT = "INSERT INTO events (workspace, seq, id, at, actor_kind, actor_id, type, conversation_id, subject_id, changed, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    HEAD = "SELECT seq FROM log_heads WHERE workspace = $1";
    ADVANCE = "UPDATE log_heads SET seq = $2 WHERE workspace = $1";
}
/// The workspace's write lock on PostgreSQL; on SQLite the one writer is the lock.
const LOCK_HEAD: Sql = Sql::differs(
    "scope::LOCK_HEAD",
    "SELECT seq FROM log_heads WHERE workspace = $1",
    "SELECT seq FROM log_heads WHERE workspace = $1 FOR UPDATE",
);
pub(crate) const LOCKS: &[Sql] = &[LOCK_HEAD];

/// Ten fresh random bytes for an id.
#[must_use]
pub fn entropy() -> Entropy {
    random()
}

/// Where random bytes come from, when not from the operating system.
static HANDED_IN: OnceLock<fn(&mut [u8])> = OnceLock::new();

/// Hands in this process's randomness, once and before anything has asked for any: so a simulation can be repeated from its seed. No
/// server may do this, since its keys and tokens would be known; a test holds that none does.
pub fn hand_in_randomness(source: fn(&mut [u8])) {
    HANDED_IN.get_or_init(|| source);
}

/// Fresh random bytes from the operating system.
///
/// # Panics
/// Where the operating system has no randomness to give, nothing safe can be done.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Some(source) = HANDED_IN.get() {
        source(&mut bytes);
        return bytes;
    }
    #[allow(clippy::expect_used, reason = "without randomness no id, key or token is safe")]
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// Statements without a workspace. Only `directory` and the machinery of jobs and sessions have it.
#[derive(Debug)]
pub struct Root<'a> {
    pub(crate) connection: &'a mut Connection,
    pub(crate) writing: Option<Writing<'a>>,
}

/// What a root that may write hands on to the workspaces it enters.
#[derive(Debug)]
pub(crate) struct Writing<'a> {
    pub(crate) now: Millis,
    pub(crate) heads: &'a mut Heads,
    pub(crate) after: &'a mut After,
}

impl Root<'_> {
    /// Goes on in a workspace, in the same transaction: a new workspace and its first user are there together or not at all.
    ///
    /// # Errors
    /// The unit's own error; [`StoreError::GaveUp`] where this root only reads.
    pub fn within<T, E: From<StoreError>>(
        &mut self,
        workspace: Workspace,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(writing) = &mut self.writing else { return Err(StoreError::GaveUp.into()) };
        let mut tx = Tx::begin(self.connection, workspace, writing.now, writing.heads, writing.after)?;
        let value = unit(&mut tx)?;
        tx.finish();
        Ok(value)
    }
}

/// One workspace, to read.
#[derive(Debug)]
pub struct Scope<'a> {
    pub(crate) connection: &'a mut Connection,
    pub(crate) workspace: Workspace,
}

impl Scope<'_> {
    /// Whose rows this reaches.
    #[must_use]
    pub fn workspace(&self) -> Workspace {
        self.workspace
    }

    fn bind(&self, values: &[Value]) -> Vec<Value> {
        let mut bound = Vec::with_capacity(values.len() + 1);
        bound.push(Value::Int(self.workspace.0));
        bound.extend_from_slice(values);
        bound
    }

    /// All rows of a query whose `$1` is the workspace; `values` begin at `$2`.
    pub(crate) fn rows<T: FromRow>(&mut self, sql: Sql, values: &[Value]) -> Result<Vec<T>> {
        let bound = self.bind(values);
        self.connection.rows(sql, &bound)
    }

    /// The first row of such a query.
    pub(crate) fn row<T: FromRow>(&mut self, sql: Sql, values: &[Value]) -> Result<Option<T>> {
        let bound = self.bind(values);
        self.connection.row(sql, &bound)
    }

    /// Runs such a statement and says how many rows it touched.
    pub(crate) fn run(&mut self, sql: Sql, values: &[Value]) -> Result<u64> {
        let bound = self.bind(values);
        self.connection.run(sql, &bound)
    }

    /// Runs such a statement, whose answer nobody needs; see [`Connection::write`].
    pub(crate) fn write(&mut self, sql: Sql, values: &[Value]) -> Result<()> {
        let bound = self.bind(values);
        self.connection.write(sql, &bound)
    }

    /// The newest seq of the workspace's log in this snapshot.
    ///
    /// # Errors
    /// What the engine said.
    pub fn seq(&mut self) -> Result<i64> {
        Ok(self.row::<(i64,)>(HEAD, &[])?.map_or(0, |(seq,)| seq))
    }
}

/// Locks a workspace's log, and gives its newest seq.
pub(crate) fn lock_head(scope: &mut Scope<'_>) -> Result<i64> {
    let head: Option<(i64,)> = scope.row(LOCK_HEAD, &[])?;
    let number = scope.workspace.0;
    head.map(|(seq,)| seq).ok_or_else(|| StoreError::Corrupt(format!("workspace {number} has no log")))
}

/// Moves the head of a log that is locked.
pub(crate) fn set_head(scope: &mut Scope<'_>, seq: i64) -> Result<()> {
    scope.write(ADVANCE, &[seq.into()])
}

/// The heads that a group commit has locked, and how far it has moved them: where each was, and where it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heads(HashMap<Workspace, (i64, i64)>);

impl Heads {
    fn of(&self, workspace: Workspace) -> Option<i64> {
        self.0.get(&workspace).map(|(_, seq)| *seq)
    }

    /// Writes each head that was moved, once for the whole group.
    pub(crate) fn advance(&self, connection: &mut Connection) -> Result<()> {
        for (workspace, (from, seq)) in &self.0 {
            if seq > from {
                set_head(&mut Scope { connection: &mut *connection, workspace: *workspace }, *seq)?;
            }
        }
        Ok(())
    }
}

/// A unit of work in one workspace: reads, writes, and appends to the log.
#[derive(Debug)]
pub struct Tx<'a> {
    scope: Scope<'a>,
    now: Millis,
    heads: &'a mut Heads,
    after: &'a mut After,
    began: i64,
}

impl<'a> Deref for Tx<'a> {
    type Target = Scope<'a>;
    fn deref(&self) -> &Scope<'a> {
        &self.scope
    }
}

impl<'a> DerefMut for Tx<'a> {
    fn deref_mut(&mut self) -> &mut Scope<'a> {
        &mut self.scope
    }
}

/// What goes into the log: ids, states, numbers and names of fields, never text.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Who did it.
    pub actor: Actor,
    /// What happened.
    pub kind: EventType,
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// To what.
    pub subject: Option<Uuid>,
    /// Names of the fields that changed, or small facts as `name=value`.
    pub changed: Vec<String>,
    /// Keyed hash of the content it speaks of.
    pub content: Option<[u8; 32]>,
}

impl NewEvent {
    /// An event about something in a conversation, with nothing more to say.
    #[must_use]
    pub fn new(actor: Actor, kind: EventType) -> NewEvent {
        NewEvent { actor, kind, conversation: None, subject: None, changed: Vec::new(), content: None }
    }

    /// In this conversation.
    #[must_use]
    pub fn conversation(mut self, id: ConversationId) -> NewEvent {
        self.conversation = Some(id);
        self
    }

    /// To this.
    #[must_use]
    pub fn subject(mut self, id: Uuid) -> NewEvent {
        self.subject = Some(id);
        self
    }

    /// With these fields changed.
    #[must_use]
    pub fn changed<I: IntoIterator<Item = S>, S: Into<String>>(mut self, names: I) -> NewEvent {
        self.changed = names.into_iter().map(Into::into).collect();
        self
    }

    /// The event as it rests at a place of the log.
    pub(crate) fn row(self, seq: i64, id: EventId, at: Millis) -> EventRow {
        EventRow {
            seq,
            id,
            at,
            actor_kind: self.actor.kind(),
            actor: self.actor.uuid(),
            kind: self.kind,
            conversation: self.conversation,
            subject: self.subject,
            changed: list_of(&self.changed),
            content: self.content.map(|hash| hash.to_vec()),
        }
    }
}

/// A list of words as JSON; most events have none.
fn list_of(words: &[String]) -> String {
    if words.is_empty() { "[]".to_owned() } else { serde_json::Value::from(words).to_string() }
}

/// An event that has its place in the log.
#[derive(Debug, Clone, Copy)]
pub struct Appended {
    /// Its place.
    pub seq: i64,
    /// Its id.
    pub id: EventId,
}

impl<'a> Tx<'a> {
    pub(crate) fn begin(
        connection: &'a mut Connection,
        workspace: Workspace,
        now: Millis,
        heads: &'a mut Heads,
        after: &'a mut After,
    ) -> Result<Tx<'a>> {
        let mut scope = Scope { connection, workspace };
        let began = match heads.of(workspace) {
            Some(seq) => seq,
            None => {
                let seq = lock_head(&mut scope)?;
                heads.0.insert(workspace, (seq, seq));
                seq
            }
        };
        Ok(Tx { scope, now, heads, after, began })
    }

    /// The moment at which this unit happens.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.now
    }

    /// The newest seq, this unit's own events included.
    #[must_use]
    pub fn head(&self) -> i64 {
        self.heads.of(self.scope.workspace).unwrap_or(self.began)
    }

    /// Appends to the log, and gives the event its place.
    ///
    /// # Errors
    /// What the engine said.
    pub fn append(&mut self, event: NewEvent) -> Result<Appended> {
        let seq = self.head() + 1;
        let id = EventId::new(self.now, &entropy());
        let row = event.row(seq, id, self.now);
        self.scope.write(
            EVENT,
            &[
                row.seq.into(),
                row.id.into(),
                row.at.into(),
                row.actor_kind.into(),
                row.actor.into(),
                row.kind.into(),
                row.conversation.into(),
                row.subject.into(),
                row.changed.into(),
                row.content.into(),
            ],
        )?;
        self.heads.0.entry(self.scope.workspace).or_insert((self.began, seq)).1 = seq;
        Ok(Appended { seq, id })
    }

    /// Does a part that may fail alone: its error, or its panic, undoes the part, and the unit goes on.
    ///
    /// # Errors
    /// The outer error is the engine's; the inner one is the part's own, or [`StoreError::Panicked`].
    pub fn attempt<T, E: From<StoreError>>(
        &mut self,
        part: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<Result<T, E>> {
        self.scope.connection.soon("SAVEPOINT part")?;
        let (heads, jobs, committed) = (self.heads.clone(), self.after.jobs, self.after.committed.len());
        let done = catch_unwind(AssertUnwindSafe(|| part(self))).unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        // what was sent for it is answered here at the latest
        let done = done.and_then(|value| Ok(self.scope.connection.batch("RELEASE part").map(|()| value)?));
        if done.is_err() {
            self.scope.connection.undo("ROLLBACK TO part; RELEASE part")?;
            *self.heads = heads;
            self.after.jobs = jobs;
            self.after.committed.truncate(committed);
        }
        Ok(done)
    }

    /// Tells the workers, once this is committed, that there is something to do.
    pub(crate) fn wake_workers(&mut self) {
        self.after.jobs = true;
    }

    /// Moves a figure once this unit is committed, and not at all when it is undone.
    pub fn once_committed(&mut self, count: impl FnOnce() + Send + 'static) {
        self.after.committed.push(OnceCommitted(Box::new(count)));
    }

    pub(crate) fn finish(self) {
        let (workspace, seq) = (self.scope.workspace, self.head());
        if seq > self.began {
            self.after.hints.push(Hint { workspace, seq });
        }
    }
}
