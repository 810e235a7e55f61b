//! Tasks: notes that somebody has to do something about.

use std::collections::HashMap;

use partyline_core::conversation::EntryId;
use partyline_core::event::EventType;
use partyline_core::id::{ConversationId, NoteId, UserId};
use partyline_core::permission::{Permission, may};
use partyline_core::time::Millis;
use partyline_store::entries::EntryRow;
use partyline_store::tasks::TaskQuery;
pub use partyline_store::tasks::TaskRow;
use partyline_store::{NewEvent, Tx, Viewer};

use crate::error::{DeskError, Result};
use crate::note::note_row;
use crate::notify;
use crate::view::{AsOf, ConversationView, EntryView, Page, conversation_views, entry_view, entry_views, read_pair};
use crate::{Desk, Who};

/// A task is due at most this far away: 10 years. What is planned for later is a mistake.
const DUE_MAX: i64 = 10 * 366 * partyline_core::time::DAY;

/// What makes a note a task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskIn {
    /// Whose it is; nobody's yet when absent.
    pub assignee: Option<UserId>,
    /// When it is due; no time when absent.
    pub due_at: Option<Millis>,
}

/// Which tasks are asked for.
#[derive(Debug, Clone, Default)]
pub struct TasksIn {
    /// Whose; nobody's when absent.
    pub assignee: Option<UserId>,
    /// Those that are done, newest first; else those that are not, next to be due first.
    pub done: bool,
    /// What the page before said comes next.
    pub cursor: Option<String>,
    /// How many.
    pub limit: usize,
}

/// A task in a list: its note, and where that is.
#[derive(Debug, Clone)]
pub struct TaskView {
    /// The note.
    pub entry: EntryView,
    /// Its conversation.
    pub conversation: ConversationView,
}

impl Desk {
    /// Makes a note a task, or says anew whose it is and until when. Who gets it may see the conversation from then on.
    pub async fn put_task(&self, who: &Who, id: NoteId, new: TaskIn) -> Result<EntryView> {
        who.must(Permission::Note)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let note = note_row(tx, &who, id)?;
                check(tx, &new)?;
                let before = tx.task(note.seq)?;
                let due_at = new.due_at.unwrap_or(Millis::NEVER);
                let mut changed = Vec::new();
                if before.as_ref().is_none_or(|task| task.assignee != new.assignee) {
                    changed.push("assignee_id");
                }
                if before.as_ref().is_none_or(|task| task.due_at != due_at) {
                    changed.push("due_at");
                }
                if !changed.is_empty() {
                    let kind = if before.is_some() { EventType::TaskUpdated } else { EventType::TaskCreated };
                    let had = before.as_ref().and_then(|task| task.assignee);
                    let task = TaskRow { assignee: new.assignee, due_at, ..before.unwrap_or_else(|| mere(&note)) };
                    tx.put_task(&task)?;
                    give_access(tx, note.conversation, new.assignee)?;
                    let seq = tell(tx, &who, id, &note, kind, &changed)?;
                    let new = new.assignee.filter(|user| had != Some(*user) && task.done_at.is_none());
                    notify::given(tx, seq, note.conversation, new, who.actor())?;
                }
                entry_view(tx, EntryId::Note(id))
            })
            .await
    }

    /// Makes a task a mere note again.
    pub async fn remove_task(&self, who: &Who, id: NoteId) -> Result<EntryView> {
        who.must(Permission::Note)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let note = note_row(tx, &who, id)?;
                if let Some(task) = tx.task(note.seq)? {
                    tx.remove_task(&task)?;
                    tell(tx, &who, id, &note, EventType::TaskUpdated, &["removed"])?;
                }
                entry_view(tx, EntryId::Note(id))
            })
            .await
    }

    /// Says that a task is done, or is not after all.
    pub async fn finish_task(&self, who: &Who, id: NoteId, done: bool) -> Result<EntryView> {
        who.must(Permission::Note)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let note = note_row(tx, &who, id)?;
                let mut task = tx.task(note.seq)?.ok_or(DeskError::NotFound("The task"))?;
                if task.done_at.is_some() != done {
                    task.done_at = done.then_some(tx.now());
                    task.done_by = done.then_some(who.user);
                    tx.put_task(&task)?;
                    let kind = if done { EventType::TaskDone } else { EventType::TaskUpdated };
                    tell(tx, &who, id, &note, kind, &["done"])?;
                }
                entry_view(tx, EntryId::Note(id))
            })
            .await
    }

    /// One page of somebody's tasks, or of nobody's: those of conversations that one sees.
    pub async fn tasks(&self, who: &Who, asked: TasksIn) -> Result<AsOf<Page<TaskView>>> {
        who.must(Permission::Read)?;
        let cursor =
            match &asked.cursor {
                None => None,
                Some(text) => Some(read_pair(text).map(|(key, seq)| (Millis(key), seq)).ok_or_else(|| {
                    DeskError::field("cursor", "malformed", "Leave the cursor out to begin at the top.")
                })?),
            };
        let limit = i64::try_from(asked.limit).unwrap_or(i64::MAX);
        let query = TaskQuery { assignee: asked.assignee, done: asked.done, cursor, limit };
        let who = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let keys = scope.task_list(who.viewer(), &query)?;
                let next =
                    (keys.len() == asked.limit).then(|| keys.last().map(|(seq, key)| format!("{}.{seq}", key.0)));
                let seqs: Vec<i64> = keys.iter().map(|(seq, _)| *seq).collect();
                let notes = scope.notes_at(&seqs)?;
                let mut listed = Vec::new();
                for note in &notes {
                    if listed.iter().all(|(id, _)| *id != note.conversation) {
                        listed.extend(scope.listed(who.user, note.conversation)?.map(|row| (note.conversation, row)));
                    }
                }
                let views = conversation_views(scope, listed.into_iter().map(|(_, row)| row).collect())?;
                let conversations: HashMap<ConversationId, ConversationView> =
                    views.into_iter().map(|view| (view.row.id, view)).collect();
                let mut entries: HashMap<i64, EntryView> =
                    entry_views(scope, notes)?.into_iter().map(|entry| (entry.row.seq, entry)).collect();
                let task = |seq: i64| {
                    let entry = entries.remove(&seq)?;
                    let conversation = conversations.get(&entry.row.conversation)?.clone();
                    Some(TaskView { entry, conversation })
                };
                let rows = seqs.into_iter().filter_map(task).collect();
                Ok(AsOf { seq: scope.seq()?, value: Page { rows, next: next.flatten() } })
            })
            .await
    }
}

/// A task of nobody, without a time.
fn mere(note: &EntryRow) -> TaskRow {
    TaskRow {
        seq: note.seq,
        conversation: note.conversation,
        assignee: None,
        assignee_name: None,
        due_at: Millis::NEVER,
        done_at: None,
        done_by: None,
        done_by_name: None,
    }
}

fn check(tx: &mut Tx<'_>, new: &TaskIn) -> Result<()> {
    if let Some(assignee) = new.assignee {
        let user = tx.user(assignee)?.filter(|u| u.deactivated_at.is_none() && may(u.role, Permission::Note));
        if user.is_none() {
            let detail = "This person is not active in this workspace, or only reads here.";
            return Err(DeskError::field("assignee_id", "unknown", detail));
        }
    }
    if new.due_at.is_some_and(|at| at.since(tx.now()) > DUE_MAX || at.0 < 0) {
        return Err(DeskError::field("due_at", "out_of_range", "Choose a time within the next ten years."));
    }
    Ok(())
}

/// Who can't see the conversation gets in as if a note had named them.
fn give_access(tx: &mut Tx<'_>, conversation: ConversationId, assignee: Option<UserId>) -> Result<()> {
    let Some(user) = assignee else { return Ok(()) };
    let Some(row) = tx.user(user)? else { return Ok(()) };
    if !tx.sees(Viewer { user, role: row.role }, conversation)? {
        let now = tx.now();
        tx.change(conversation, |held| held.user(user).mentioned_at = Some(now))?;
    }
    Ok(())
}

fn tell(tx: &mut Tx<'_>, who: &Who, id: NoteId, note: &EntryRow, kind: EventType, changed: &[&str]) -> Result<i64> {
    let event = NewEvent::new(who.actor(), kind).conversation(note.conversation).subject(id.uuid());
    Ok(tx.append(event.changed(changed.iter().copied()))?.seq)
}
