//! Notes that are tasks.

use partyline_core::id::{ConversationId, UserId};
use partyline_core::time::Millis;

use crate::error::Result;
use crate::lists::{padded, places};
use crate::people::Viewer;
use crate::scope::{Scope, Tx};
use crate::sql::{Sql, assembled, queries};
use crate::value::{row, values};

/// Open tasks that are counted for one person; who has more sees this many.
const COUNTED_MAX: i64 = 1_000;

/// What a viewer sees of rows `t` that have a conversation: those of conversations that they see, by `$2` (who) and `$3` (1: everything). The words are those
/// of `lists::SEES`.
macro_rules! seen {
    ($head:literal, $tail:literal) => {
        concat!($head, " AND EXISTS (SELECT 1 FROM conversations c WHERE c.workspace = t.workspace AND c.id = t.conversation_id AND (c.team_id IS NULL OR $3 = 1 OR EXISTS (SELECT 1 FROM teams e WHERE e.workspace = c.workspace AND e.id = c.team_id AND (e.closed = 0 OR EXISTS (SELECT 1 FROM team_members m WHERE m.workspace = e.workspace AND m.team_id = e.id AND m.user_id = $2))) OR EXISTS (SELECT 1 FROM conversation_users u WHERE u.workspace = c.workspace AND u.conversation_id = c.id AND u.user_id = $2 AND u.access = 1)))", $tail)
    };
}
pub(crate) use seen;

queries! {
    TASK = "SELECT t.seq, t.conversation_id, t.assignee_id, a.name, t.due_at, t.done_at, t.done_by, d.name FROM tasks t LEFT JOIN users a ON a.workspace = t.workspace AND a.id = t.assignee_id LEFT JOIN users d ON d.workspace = t.workspace AND d.id = t.done_by WHERE t.workspace = $1 AND t.seq = $2";
    PUT = "INSERT INTO tasks (workspace, seq, conversation_id, assignee_id, due_at, done_at, done_by) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace, seq) DO UPDATE SET assignee_id = excluded.assignee_id, due_at = excluded.due_at, done_at = excluded.done_at, done_by = excluded.done_by";
    REMOVE = "DELETE FROM tasks WHERE workspace = $1 AND seq = $2";
    COUNT_OPEN = "UPDATE conversations SET open_tasks = (SELECT count(*) FROM tasks t WHERE t.workspace = $1 AND t.conversation_id = $2 AND t.done_at IS NULL) WHERE workspace = $1 AND id = $2";
    OPEN = seen!("SELECT t.seq, t.due_at FROM tasks t WHERE t.workspace = $1 AND t.assignee_id = $4 AND t.done_at IS NULL AND (t.due_at, t.seq) > ($5, $6)", " ORDER BY t.due_at, t.seq LIMIT $7");
    OPEN_OF_NOBODY = seen!("SELECT t.seq, t.due_at FROM tasks t WHERE t.workspace = $1 AND t.assignee_id IS NULL AND t.done_at IS NULL AND (t.due_at, t.seq) > ($4, $5)", " ORDER BY t.due_at, t.seq LIMIT $6");
    DONE = seen!("SELECT t.seq, t.done_at FROM tasks t WHERE t.workspace = $1 AND t.assignee_id = $4 AND t.done_at IS NOT NULL AND (t.done_at, t.seq) < ($5, $6)", " ORDER BY t.done_at DESC, t.seq DESC LIMIT $7");
    DONE_OF_NOBODY = seen!("SELECT t.seq, t.done_at FROM tasks t WHERE t.workspace = $1 AND t.assignee_id IS NULL AND t.done_at IS NOT NULL AND (t.done_at, t.seq) < ($4, $5)", " ORDER BY t.done_at DESC, t.seq DESC LIMIT $6");
    COUNT = seen!("SELECT count(*), coalesce(sum(CASE WHEN x.due_at <= $4 THEN 1 ELSE 0 END), 0) FROM (SELECT t.due_at FROM tasks t WHERE t.workspace = $1 AND t.assignee_id = $2 AND t.done_at IS NULL", " ORDER BY t.due_at, t.seq LIMIT $5) x");
}

row! {
    /// A note that is a task.
    pub struct TaskRow {
        /// The note's place in the log.
        pub seq: i64,
        /// Where the note is.
        pub conversation: ConversationId,
        /// Whose it is; nobody's when absent.
        pub assignee: Option<UserId>,
        /// What they are called.
        pub assignee_name: Option<String>,
        /// When it is due; never: [`Millis::NEVER`].
        pub due_at: Millis,
        /// When it was done.
        pub done_at: Option<Millis>,
        /// Who did it.
        pub done_by: Option<UserId>,
        /// What they are called.
        pub done_by_name: Option<String>,
    }
}

/// The lists whose plan the tests read: its name, its text, and whether it is somebody's.
#[doc(hidden)]
#[must_use]
pub fn sample_lists() -> [(&'static str, Sql, bool); 4] {
    [
        ("open", OPEN, true),
        ("open of nobody", OPEN_OF_NOBODY, false),
        ("done", DONE, true),
        ("done of nobody", DONE_OF_NOBODY, false),
    ]
}

/// A list of tasks.
#[derive(Debug, Clone, Copy)]
pub struct TaskQuery {
    /// Whose; nobody's when absent.
    pub assignee: Option<UserId>,
    /// Those that are done, newest first; else those that are not, next to be due first.
    pub done: bool,
    /// After the row with this key and seq.
    pub cursor: Option<(Millis, i64)>,
    /// How many rows.
    pub limit: i64,
}

/// How many tasks wait for somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskCount {
    /// Not done; at most 1,000 are counted.
    pub open: i64,
    /// Of these, due by now.
    pub overdue: i64,
}

impl Scope<'_> {
    /// What makes a note a task, if it is one.
    pub fn task(&mut self, seq: i64) -> Result<Option<TaskRow>> {
        self.row(TASK, values![seq])
    }

    /// The tasks among some notes.
    pub fn tasks_of(&mut self, seqs: &[i64]) -> Result<Vec<TaskRow>> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        let (size, values) = padded(seqs, &[]);
        let sql = assembled(&format!("tasks {size}"), || {
            format!(
                "SELECT t.seq, t.conversation_id, t.assignee_id, a.name, t.due_at, t.done_at, t.done_by, d.name FROM tasks t LEFT JOIN users a ON a.workspace = t.workspace AND a.id = t.assignee_id LEFT JOIN users d ON d.workspace = t.workspace AND d.id = t.done_by WHERE t.workspace = $1 AND t.seq IN ({})",
                places(2, size)
            )
        });
        self.rows(sql, &values)
    }

    /// The notes of one page of tasks, each with the key that it is sorted by: when it is due, or was done.
    pub fn task_list(&mut self, viewer: Viewer, query: &TaskQuery) -> Result<Vec<(i64, Millis)>> {
        let TaskQuery { assignee, done, cursor, limit } = *query;
        let first = if done { (Millis(i64::MAX), i64::MAX) } else { (Millis(i64::MIN), 0) };
        let (key, seq) = cursor.unwrap_or(first);
        let everything = viewer.role.sees_everything();
        match assignee {
            Some(whose) => {
                let sql = if done { DONE } else { OPEN };
                self.rows(sql, values![viewer.user, everything, whose, key, seq, limit])
            }
            None => {
                let sql = if done { DONE_OF_NOBODY } else { OPEN_OF_NOBODY };
                self.rows(sql, values![viewer.user, everything, key, seq, limit])
            }
        }
    }

    /// How many tasks wait for this user.
    pub fn task_count(&mut self, viewer: Viewer, now: Millis) -> Result<TaskCount> {
        let everything = viewer.role.sees_everything();
        let count: Option<(i64, i64)> = self.row(COUNT, values![viewer.user, everything, now, COUNTED_MAX])?;
        Ok(count.map_or_else(TaskCount::default, |(open, overdue)| TaskCount { open, overdue }))
    }
}

impl Tx<'_> {
    /// Makes a note a task, or changes it as one.
    pub fn put_task(&mut self, task: &TaskRow) -> Result<()> {
        self.write(PUT, values![task.seq, task.conversation, task.assignee, task.due_at, task.done_at, task.done_by])?;
        self.write(COUNT_OPEN, values![task.conversation])
    }

    /// Makes it a mere note again.
    pub fn remove_task(&mut self, task: &TaskRow) -> Result<()> {
        self.write(REMOVE, values![task.seq])?;
        self.write(COUNT_OPEN, values![task.conversation])
    }
}
