//! Triage in bulk: the same change of up to a thousand conversations at once, and its undoing.
//!
//! It is written down first, then done a chunk in each unit of work, so that nobody waits long behind it. How far it has come is kept in
//! the transaction of each chunk: a process that dies in the middle has done nothing twice and leaves nothing out. What each
//! conversation was before is kept beside it for a day, so that undoing is exact; one that was changed since is left as it is.

use std::collections::HashSet;

use partyline_core::event::{Actor, EventType};
use partyline_core::id::{BulkId, ConversationId, UserId};
use partyline_core::permission::{Permission, may};
use partyline_core::time::{DAY, HOUR, MINUTE};
use partyline_store::bulk_actions::BulkItem;
use partyline_store::jobs::ClaimedJob;
use partyline_store::scope::{Appended, entropy};
use partyline_store::{NewEvent, Scope, StoreError, Tx, Workspace};
use serde::{Deserialize, Serialize};

use crate::error::{DeskError, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::live::{ReadMark, Signal};
use crate::triage::{Before, Checked, ConversationPatch, apply, check, restore};
use crate::view::{AsOf, see};
use crate::{Desk, Who};

pub use partyline_store::bulk_actions::{BulkRow, BulkState};

/// The kind of job that goes on with one.
pub(crate) const BULK: &str = "bulk";
/// Conversations of one: more than anybody looks through, and done in a second or two.
pub const BULK_MAX: usize = 1_000;
/// Conversations that are changed in one unit of work: a few tens of milliseconds, so that nobody waits long behind them.
pub const BULK_CHUNK: i64 = 100;
/// How many of one person may be under way: far more than hands can start before the first has ended.
const UNDER_WAY_MAX: i64 = 20;
/// How long one is kept, and can be undone.
const KEPT_FOR: i64 = DAY;
/// How long undoing asks for no sight of a conversation, in ms.
const UNDO_UNSEEN: i64 = MINUTE;
/// Old ones that are forgotten in one unit of work.
const FORGET_AT_ONCE: i64 = 10;

/// How far the clocks of two nodes may be apart.
const CLOCKS_APART: i64 = HOUR;

const FORBIDDEN: &str = "forbidden";
const NOT_THERE: DeskError = DeskError::NotFound("The bulk action");

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct BulkIn {
    /// Of which conversations, at most [`BULK_MAX`]; one that is named twice is one.
    pub conversations: Vec<ConversationId>,
    /// What changes of each.
    pub patch: ConversationPatch,
    /// Mark each read or unread for who asks.
    pub unread: Option<bool>,
}

/// What is done to each, as it rests.
#[derive(Debug, Serialize, Deserialize)]
struct Act {
    patch: ConversationPatch,
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<bool>,
}

/// What one was before, as it rests.
#[derive(Debug, Serialize, Deserialize)]
struct Was {
    /// Where the patch has changed something.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Before>,
    /// Up to where it was read, and up to where it was read afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<(i64, i64)>,
}

/// What is still to be done, as its job keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Work {
    bulk: BulkId,
    /// Done or undone by them.
    by: UserId,
    undo: bool,
}

impl Desk {
    /// Begins to change many conversations. What they may not see and what refuses is skipped and counted.
    pub async fn start_bulk(&self, who: &Who, asked: BulkIn, key: Option<RequestKey>) -> Result<BulkRow> {
        who.must(Permission::Triage)?;
        if asked.conversations.len() > BULK_MAX {
            let detail = format!("At most {BULK_MAX} conversations at once.");
            return Err(DeskError::field("conversation_ids", "too_many", detail));
        }
        if asked.conversations.is_empty() {
            return Err(DeskError::field("conversation_ids", "required", "Name at least one conversation."));
        }
        if asked.patch == ConversationPatch::default() && asked.unread.is_none() {
            return Err(DeskError::field("patch", "required", "Say what changes."));
        }
        let mut named = HashSet::new();
        let conversations: Vec<ConversationId> =
            asked.conversations.into_iter().filter(|id| named.insert(*id)).collect();
        let act = Act { patch: asked.patch, unread: asked.unread };
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                if let Some(id) = made_before::<BulkId>(tx, key.as_ref())? {
                    return tx.bulk_action(id)?.ok_or(NOT_THERE);
                }
                check(tx, &act.patch)?;
                not_too_many(tx, &who)?;
                let id = BulkId::new(tx.now(), &entropy());
                tx.create_bulk(id, who.user, &written(&act)?, &conversations)?;
                let total = format!("total={}", conversations.len());
                let event = told(tx, who.actor(), EventType::BulkStarted, id, &[total])?;
                add_job(tx, event.seq, &Work { bulk: id, by: who.user, undo: false })?;
                made(tx, key.as_ref(), id)?;
                tx.bulk_action(id)?.ok_or(NOT_THERE)
            })
            .await
    }

    /// How far one has come: for who began it, and for admins.
    pub async fn bulk(&self, who: &Who, id: BulkId) -> Result<AsOf<BulkRow>> {
        who.must(Permission::Triage)?;
        let who = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| Ok(AsOf { seq: scope.seq()?, value: theirs(scope, &who, id)? }))
            .await
    }

    /// Begins to undo one; what of it is not done yet is not done any more. One that is undone stays so.
    pub async fn undo_bulk(&self, who: &Who, id: BulkId) -> Result<BulkRow> {
        who.must(Permission::Triage)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let mut row = theirs(tx, &who, id)?;
                if matches!(row.state, BulkState::Undoing | BulkState::Undone) {
                    return Ok(row);
                }
                (row.state, row.done, row.refused, row.ended_at) = (BulkState::Undoing, 0, 0, None);
                tx.set_bulk(&row)?;
                let event = told(tx, who.actor(), EventType::BulkUndone, id, &[])?;
                add_job(tx, event.seq, &Work { bulk: id, by: who.user, undo: true })?;
                Ok(row)
            })
            .await
    }

    /// Goes on with one, a chunk in one unit of work.
    pub(crate) async fn go_on_with_bulk(&self, job: ClaimedJob) -> Result<()> {
        let work: Work = read(&job.payload)?;
        let workspace = job.workspace;
        let marks = self
            .inner
            .db
            .write(workspace, self.now(), move |tx| {
                if !tx.holds_job(&job)? {
                    return Ok(Vec::new());
                }
                let (marks, more) = go_on(tx, &work)?;
                if more {
                    let now = tx.now();
                    tx.job_again(&job, now, None, None)?;
                } else {
                    tx.job_done(&job)?;
                }
                Ok::<_, DeskError>(marks)
            })
            .await?;
        for mark in marks {
            self.tell(workspace, Signal::Read(mark));
        }
        Ok(())
    }

    /// Forgets those that are older than a day.
    pub(crate) async fn forget_bulks(&self, workspace: Workspace) -> Result<()> {
        let now = self.now();
        let before = now - KEPT_FOR;
        let db = &self.inner.db;
        while !db.read(workspace, move |scope| Ok::<_, DeskError>(scope.bulk_older(before, 1)?)).await?.is_empty() {
            db.write(workspace, now, move |tx| {
                for id in tx.bulk_older(before, FORGET_AT_ONCE)? {
                    tx.forget_bulk(id)?;
                }
                Ok::<_, DeskError>(())
            })
            .await?;
        }
        Ok(())
    }
}

/// One that this person may look at and undo; others are not there.
fn theirs(scope: &mut Scope<'_>, who: &Who, id: BulkId) -> Result<BulkRow> {
    scope.bulk_action(id)?.filter(|row| row.user == who.user || who.role.sees_everything()).ok_or(NOT_THERE)
}

fn not_too_many(tx: &mut Tx<'_>, who: &Who) -> Result<()> {
    if tx.bulk_under_way(who.user)? < UNDER_WAY_MAX {
        return Ok(());
    }
    let detail = "Too much of yours is being changed right now. Try again in a moment.".to_owned();
    Err(DeskError::Conflict { code: "too_many_under_way", detail })
}

fn told(tx: &mut Tx<'_>, actor: Actor, kind: EventType, id: BulkId, changed: &[String]) -> Result<Appended> {
    Ok(tx.append(NewEvent::new(actor, kind).subject(id.uuid()).changed(changed.iter().cloned()))?)
}

fn add_job(tx: &mut Tx<'_>, seq: i64, work: &Work) -> Result<()> {
    let now = tx.now();
    Ok(tx.add_job(seq, BULK, None, &written(work)?, now)?)
}

fn written(value: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string(value).map_err(|e| StoreError::Corrupt(format!("a bulk action can't be written: {e}")))?)
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T> {
    Ok(serde_json::from_str(json).map_err(|e| StoreError::Corrupt(format!("what a bulk action has to do: {e}")))?)
}

/// Does the next chunk; answers what is read or unread by that, and whether there is more to do.
fn go_on(tx: &mut Tx<'_>, work: &Work) -> Result<(Vec<ReadMark>, bool)> {
    let doing = if work.undo { BulkState::Undoing } else { BulkState::Running };
    let Some(mut row) = tx.bulk_action(work.bulk)?.filter(|row| row.state == doing) else {
        // it was undone before it was done, or it is forgotten
        return Ok((Vec::new(), false));
    };
    let act: Act = read(&row.patch)?;
    let who = actor(tx, work)?;
    let checked = match &who {
        None => Err(FORBIDDEN.to_owned()),
        Some(_) if work.undo => Ok(None),
        // what was possible when it began may not be any more
        Some(_) => refusal(check(tx, &act.patch))?.map(Some),
    };
    let mut marks = Vec::new();
    let items = tx.bulk_items(row.id, row.done + row.refused, BULK_CHUNK)?;
    let is_last = items.is_empty();
    for mut item in items {
        let done = match (&checked, &who) {
            (Err(code), _) => Err(code.clone()),
            (Ok(Some(checked)), Some(who)) => refusal(do_one(tx, who, checked, &act, &mut item, &mut marks))?,
            (Ok(None), Some(who)) => undo_one(tx, who, &row, &act, &item, &mut marks)?,
            (Ok(_), None) => Err(FORBIDDEN.to_owned()),
        };
        *(if done.is_ok() { &mut row.done } else { &mut row.refused }) += 1;
        tx.set_bulk_item(row.id, &item, done.err().as_deref())?;
    }
    let more = !is_last && row.done + row.refused < row.total;
    if !more {
        row.state = if work.undo { BulkState::Undone } else { BulkState::Done };
        row.ended_at = Some(tx.now());
    }
    tx.set_bulk(&row)?;
    if !more {
        let facts =
            [format!("state={}", row.state.as_str()), format!("done={}", row.done), format!("refused={}", row.refused)];
        told(tx, Actor::System, EventType::BulkEnded, row.id, &facts)?;
    }
    Ok((marks, more))
}

/// Who does it, as what they are now; `None` when they may not any more.
fn actor(tx: &mut Tx<'_>, work: &Work) -> Result<Option<Who>> {
    let workspace = tx.workspace();
    let user = tx.user(work.by)?.filter(|u| u.deactivated_at.is_none() && may(u.role, Permission::Triage));
    Ok(user.map(|u| Who { workspace, user: u.id, role: u.role, name: u.name }))
}

/// A refusal as its code, where it says something of this conversation; the database's trouble is everybody's.
fn refusal<T>(result: Result<T>) -> Result<Result<T, String>> {
    let code = match result {
        Ok(value) => return Ok(Ok(value)),
        Err(DeskError::NotFound(_)) => "not_found",
        Err(DeskError::Forbidden(_)) => "forbidden",
        Err(DeskError::Invalid(problems)) => problems.first().map_or("invalid", |problem| problem.code),
        Err(DeskError::Refused { code, .. } | DeskError::Conflict { code, .. }) => code,
        Err(other) => return Err(other),
    };
    Ok(Err(code.to_owned()))
}

fn do_one(
    tx: &mut Tx<'_>,
    who: &Who,
    checked: &Checked<'_>,
    act: &Act,
    item: &mut BulkItem,
    marks: &mut Vec<ReadMark>,
) -> Result<()> {
    let id = item.conversation;
    see(tx, who, id)?;
    let state = apply(tx, who, id, checked)?;
    let read = match act.unread {
        Some(unread) => {
            Some(mark(tx, who.user, id, marks, |newest, unread_seq, _| if unread { unread_seq - 1 } else { newest })?)
        }
        None => None,
    };
    if state.is_some() || read.is_some() {
        item.before = Some(written(&Was { state, read })?);
        item.after_seq = Some(tx.head());
    }
    Ok(())
}

/// Sets one to what it was. Just after, it need not be in their sight: they may have moved it out of it just so. Later it must be, or
/// have been in a team that they still see: who was taken out of a team does not come back to its conversations by undoing.
fn undo_one(
    tx: &mut Tx<'_>,
    who: &Who,
    row: &BulkRow,
    act: &Act,
    item: &BulkItem,
    marks: &mut Vec<ReadMark>,
) -> Result<Result<(), String>> {
    // nothing was changed of it
    let (Some(before), Some(seq)) = (&item.before, item.after_seq) else { return Ok(Ok(())) };
    let (id, was) = (item.conversation, read::<Was>(before)?);
    if tx.conversation(id)?.is_none() {
        return Ok(Err("not_found".to_owned()));
    }
    if tx.now().since(row.created_at) > UNDO_UNSEEN && !tx.sees(who.viewer(), id)? {
        let team = was.state.as_ref().map(|state| state.team);
        let visible = tx.visible_teams(who.viewer())?;
        if !team.is_some_and(|team| team.is_none_or(|team| visible.contains(&team))) {
            return Ok(Err("not_found".to_owned()));
        }
    }
    if was.state.is_some() && tx.is_changed_since(id, seq, row.created_at + -CLOCKS_APART)? {
        return Ok(Err("changed_since".to_owned()));
    }
    if let Some((before, after)) = was.read {
        // what was read further since stays read
        mark(tx, row.user, id, marks, |_, _, at| if at == after { before } else { at })?;
    }
    if let Some(state) = &was.state {
        restore(tx, who, id, &act.patch, state)?;
    }
    Ok(Ok(()))
}

/// Sets up to where somebody has read, from the newest entry, what makes it unread, and where it was. Answers where it was, and is.
fn mark(
    tx: &mut Tx<'_>,
    user: UserId,
    id: ConversationId,
    marks: &mut Vec<ReadMark>,
    to: impl FnOnce(i64, i64, i64) -> i64,
) -> Result<(i64, i64)> {
    let (held, read) = tx.change(id, |held| {
        let (newest, unread_seq) = (held.row.last_seq.max(held.row.unread_seq), held.row.unread_seq);
        let mine = held.user(user);
        let before = mine.read_seq;
        mine.read_seq = to(newest, unread_seq, before);
        (before, mine.read_seq)
    })?;
    let unread = held.is_unread_by(user);
    marks.push(ReadMark { user, conversation: id, unread, entry: None });
    Ok(read)
}
