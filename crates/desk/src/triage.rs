//! Triage: assign, move, close, reopen, set aside, spam, trash, label, priority. One line each on the timeline.

use partyline_core::conversation::{Priority, Status};
use partyline_core::event::EventType;
use partyline_core::id::{ConversationId, LabelId, TeamId, UserId};
use partyline_core::label::LABELS_OF_ONE_MAX;
use partyline_core::permission::{Permission, may};
use partyline_core::time::{MINUTE, Millis};
use partyline_store::Tx;
use partyline_store::conversations::Held;
use partyline_store::labels::{HeldLabel, LabelRow, with_those_above};
use partyline_store::people::UserRow;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::error::{DeskError, Result};
use crate::notify;
use crate::timeline;
use crate::view::{ConversationView, conversation_view, see};
use crate::{Desk, Who};

/// Characters of a subject.
pub const SUBJECT_MAX: usize = 200;
/// People on one conversation.
pub const ASSIGNEES_MAX: usize = 20;

/// What changes of a conversation; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConversationPatch {
    /// Open, snoozed, closed, spam, trash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// When it wakes; only with `snoozed`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub snoozed_until: Option<Option<Millis>>,
    /// Whose inbox.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub team: Option<Option<TeamId>>,
    /// Who is on it: replaces who was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignees: Option<Vec<UserId>>,
    /// Who is on it beside those who are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add_assignees: Vec<UserId>,
    /// How urgent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub subject: Option<Option<String>>,
    /// Its labels: replaces what people had put on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<LabelId>>,
    /// Labels that are put on it beside those it has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add_labels: Vec<LabelId>,
    /// Labels that are taken off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove_labels: Vec<LabelId>,
}

/// What is there was said, be it null.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

impl ConversationPatch {
    const fn names_labels(&self) -> bool {
        self.labels.is_some() || !self.add_labels.is_empty() || !self.remove_labels.is_empty()
    }

    const fn names_assignees(&self) -> bool {
        self.assignees.is_some() || !self.add_assignees.is_empty()
    }

    const fn names_status(&self) -> bool {
        self.status.is_some() || matches!(self.snoozed_until, Some(Some(_)))
    }
}

/// Opening again within this time undoes the closing: who waited then, waits as before. Later it is a new matter.
pub const UNDO_CLOSE: i64 = MINUTE;

/// A line to be written: what happened, which fields, and what to show.
type Line = (EventType, &'static [&'static str], Value);

/// A patch that can be carried out here, and what it takes.
pub(crate) struct Checked<'a> {
    patch: &'a ConversationPatch,
    /// All labels of the workspace, where the patch names some.
    labels: Vec<LabelRow>,
}

/// What triage can change of a conversation, as it was before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Before {
    status: Status,
    snoozed_until: Option<Millis>,
    closed_at: Option<Millis>,
    waiting_since: Option<Millis>,
    /// Whoever wrote since waits otherwise.
    last_message_seq: i64,
    pub(crate) team: Option<TeamId>,
    assignees: Vec<UserId>,
    priority: i64,
    subject: Option<String>,
    labels: Vec<LabelId>,
}

impl Before {
    fn of(held: &Held) -> Before {
        let row = &held.row;
        Before {
            status: row.status,
            snoozed_until: row.snoozed_until,
            closed_at: row.closed_at,
            waiting_since: row.waiting_since,
            last_message_seq: row.last_message_seq,
            team: row.team,
            assignees: held.assignees(),
            priority: row.priority,
            subject: row.subject.clone(),
            labels: put(&held.labels),
        }
    }
}

/// The labels that people have put on it.
fn put(held: &[HeldLabel]) -> Vec<LabelId> {
    held.iter().filter(|l| !l.implied).map(|l| l.label).collect()
}

impl Desk {
    /// Changes a conversation. What is as it was leaves no line.
    pub async fn change(&self, who: &Who, id: ConversationId, patch: ConversationPatch) -> Result<ConversationView> {
        who.must(Permission::Triage)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                see(tx, &who, id)?;
                let checked = check(tx, &patch)?;
                apply(tx, &who, id, &checked)?;
                // moving it out of one's own sight is allowed; then it is not there any more
                conversation_view(tx, &Who { role: partyline_core::permission::Role::Owner, ..who }, id)
            })
            .await
    }
}

/// Can it be carried out, whatever the conversation?
pub(crate) fn check<'a>(tx: &mut Tx<'_>, patch: &'a ConversationPatch) -> Result<Checked<'a>> {
    if patch.status == Some(Status::Merged) {
        return Err(DeskError::field("status", "unknown", "Choose open, snoozed, closed, spam or trash."));
    }
    if let Some(Some(until)) = patch.snoozed_until
        && until <= tx.now()
    {
        return Err(DeskError::field("snoozed_until", "past", "Choose a time that is still to come."));
    }
    if let Some(Some(team)) = patch.team
        && tx.team(team)?.is_none()
    {
        return Err(DeskError::field("team_id", "unknown", "There is no such team."));
    }
    for (field, people) in [
        ("assignee_ids", patch.assignees.as_deref().unwrap_or_default()),
        ("add_assignee_ids", patch.add_assignees.as_slice()),
    ] {
        check_assignees(tx, field, people)?;
    }
    if patch.assignees.is_some() && !patch.add_assignees.is_empty() {
        return Err(DeskError::field(
            "add_assignee_ids",
            "not_with_assignee_ids",
            "Name all of them, or those to add.",
        ));
    }
    if let Some(Some(subject)) = &patch.subject
        && subject.chars().count() > SUBJECT_MAX
    {
        return Err(DeskError::field("subject", "too_long", format!("Shorten it to {SUBJECT_MAX} characters.")));
    }
    let labels = check_labels(tx, patch)?;
    Ok(Checked { patch, labels })
}

fn check_assignees(tx: &mut Tx<'_>, field: &'static str, people: &[UserId]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    if people.len() > ASSIGNEES_MAX {
        return Err(DeskError::field(field, "too_many", format!("At most {ASSIGNEES_MAX} people.")));
    }
    let users = tx.users()?;
    let can = |u: &UserRow| u.deactivated_at.is_none() && may(u.role, Permission::Triage);
    if people.iter().all(|a| users.iter().any(|u| u.id == *a && can(u))) {
        return Ok(());
    }
    let detail = "One of these people is not active in this workspace, or only reads here.";
    Err(DeskError::field(field, "unknown", detail))
}

fn check_labels(tx: &mut Tx<'_>, patch: &ConversationPatch) -> Result<Vec<LabelRow>> {
    if !patch.names_labels() {
        return Ok(Vec::new());
    }
    let all = tx.labels()?;
    for (field, wanted) in [
        ("label_ids", patch.labels.as_deref().unwrap_or_default()),
        ("add_label_ids", patch.add_labels.as_slice()),
        ("remove_label_ids", patch.remove_labels.as_slice()),
    ] {
        if wanted.len() > LABELS_OF_ONE_MAX {
            return Err(DeskError::field(field, "too_many", format!("At most {LABELS_OF_ONE_MAX} labels.")));
        }
        if !wanted.iter().all(|id| is_live(&all, *id)) {
            return Err(DeskError::field(field, "unknown", "One of these labels is not there any more. Reload."));
        }
        if field != "label_ids" && patch.labels.is_some() && !wanted.is_empty() {
            return Err(DeskError::field(field, "not_with_label_ids", "Name all of them, or those that change."));
        }
    }
    Ok(all)
}

fn is_live(all: &[LabelRow], id: LabelId) -> bool {
    all.iter().any(|label| label.id == id && label.removed_at.is_none())
}

/// The labels that it has afterwards, those above them too; `None` where they stay.
fn labels_after(tx: &mut Tx<'_>, id: ConversationId, checked: &Checked<'_>) -> Result<Option<Vec<HeldLabel>>> {
    let Checked { patch, labels: all } = checked;
    if !patch.names_labels() {
        return Ok(None);
    }
    let had = put(&tx.labels_of(id)?);
    let mut wanted: Vec<LabelId> = match &patch.labels {
        // those that were removed from the workspace can't be seen, and so not be kept by who asks
        Some(wanted) => had.into_iter().filter(|label| !is_live(all, *label)).chain(wanted.iter().copied()).collect(),
        None => had.into_iter().filter(|label| !patch.remove_labels.contains(label)).collect(),
    };
    for label in &patch.add_labels {
        if !wanted.contains(label) {
            wanted.push(*label);
        }
    }
    if !patch.add_labels.is_empty() && wanted.iter().filter(|label| is_live(all, **label)).count() > LABELS_OF_ONE_MAX {
        return Err(DeskError::field("add_label_ids", "too_many", format!("At most {LABELS_OF_ONE_MAX} labels.")));
    }
    Ok(Some(with_those_above(all, &wanted)))
}

/// Who is on it afterwards; `None` where they stay.
fn assignees_after(tx: &mut Tx<'_>, id: ConversationId, patch: &ConversationPatch) -> Result<Option<Vec<UserId>>> {
    if patch.add_assignees.is_empty() {
        return Ok(patch.assignees.clone());
    }
    let on = tx.conversation_users(id)?.into_iter().filter(|u| u.assigned).map(|u| u.user);
    let mut wanted: Vec<UserId> = on.chain(patch.add_assignees.iter().copied()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.len() > ASSIGNEES_MAX {
        return Err(DeskError::field("add_assignee_ids", "too_many", format!("At most {ASSIGNEES_MAX} people.")));
    }
    Ok(Some(wanted))
}

/// Carries it out. `Some`: what it was before, where something was changed.
pub(crate) fn apply(tx: &mut Tx<'_>, who: &Who, id: ConversationId, checked: &Checked<'_>) -> Result<Option<Before>> {
    let now = tx.now();
    let patch = checked.patch;
    let labels = labels_after(tx, id, checked)?;
    let people = assignees_after(tx, id, patch)?;
    let opens = patch.status == Some(Status::Open);
    // asked only where it was closed a moment ago: it reads the whole conversation
    let closed_at = if opens { tx.conversation(id)?.and_then(|row| row.closed_at) } else { None };
    let unanswered = if closed_at.is_some_and(|at| now.since(at) <= UNDO_CLOSE) { tx.waiting_since(id)? } else { None };
    write(tx, who, id, true, |held| {
        let mut lines: Vec<Line> = Vec::new();
        let closed_at = held.row.closed_at;
        status(held, patch, now, &mut lines);
        if opens && closed_at.is_some_and(|at| now.since(at) <= UNDO_CLOSE) {
            held.row.waiting_since = unanswered;
        }
        if let Some(team) = patch.team {
            move_to(held, team, &mut lines);
        }
        if let Some(wanted) = &people {
            assignees(held, wanted, &mut lines);
        }
        if let Some(priority) = patch.priority {
            prioritise(held, priority.as_i64(), &mut lines);
        }
        if let Some(subject) = &patch.subject {
            entitle(held, subject.as_deref().map(str::trim).filter(|s| !s.is_empty()), &mut lines);
        }
        if let Some(labels) = labels {
            label(held, labels, &mut lines);
        }
        lines
    })
}

/// Sets what a patch has changed to what it was before.
pub(crate) fn restore(
    tx: &mut Tx<'_>,
    who: &Who,
    id: ConversationId,
    patch: &ConversationPatch,
    before: &Before,
) -> Result<()> {
    let labels = if patch.names_labels() { Some(with_those_above(&tx.labels()?, &before.labels)) } else { None };
    // asked only where something was said meanwhile: it reads the whole conversation
    let spoke = tx.conversation(id)?.is_some_and(|row| row.last_message_seq != before.last_message_seq);
    let unanswered = if patch.names_status() && spoke { tx.waiting_since(id)? } else { None };
    // who has left since, or may not be on it any more, does not come back
    let able: Vec<UserId> = if patch.names_assignees() {
        let able = |u: &UserRow| u.deactivated_at.is_none() && may(u.role, Permission::Triage);
        tx.users()?.into_iter().filter(able).map(|u| u.id).collect()
    } else {
        Vec::new()
    };
    let back: Vec<UserId> = before.assignees.iter().copied().filter(|id| able.contains(id)).collect();
    // what is as it was is no news
    write(tx, who, id, false, |held| {
        let mut lines: Vec<Line> = Vec::new();
        let row = &mut held.row;
        if patch.names_status() {
            if (row.status, row.snoozed_until) != (before.status, before.snoozed_until) {
                lines.push(status_line(before.status, before.snoozed_until));
            }
            (row.status, row.snoozed_until, row.closed_at) = (before.status, before.snoozed_until, before.closed_at);
            let is_silent = row.last_message_seq == before.last_message_seq;
            row.waiting_since = if is_silent { before.waiting_since } else { unanswered };
        }
        if patch.team.is_some() {
            move_to(held, before.team, &mut lines);
        }
        if patch.names_assignees() {
            assignees(held, &back, &mut lines);
        }
        if patch.priority.is_some() {
            prioritise(held, before.priority, &mut lines);
        }
        if patch.subject.is_some() {
            entitle(held, before.subject.as_deref(), &mut lines);
        }
        if let Some(labels) = labels {
            label(held, labels, &mut lines);
        }
        lines
    })
    .map(drop)
}

/// Changes a conversation and writes the lines that say so; `tells`: who is put on it is told. `Some`: what it was before, where there are any.
fn write(
    tx: &mut Tx<'_>,
    who: &Who,
    id: ConversationId,
    tells: bool,
    change: impl FnOnce(&mut Held) -> Vec<Line>,
) -> Result<Option<Before>> {
    let now = tx.now();
    let (held, (before, lines)) = tx.change(id, |held| {
        let before = Before::of(held);
        let lines = change(held);
        if !lines.is_empty() {
            held.user(who.user).touched_at = Some(now);
        }
        (before, lines)
    })?;
    let mut last = None;
    for (kind, changed, data) in lines {
        let seq = timeline::line(tx, who.actor(), kind, id, changed, data)?.seq;
        if tells && kind == EventType::ConversationAssigned {
            let new = held.assignees().into_iter().filter(|user| !before.assignees.contains(user));
            notify::assigned(tx, seq, id, new, who.actor())?;
        }
        last = Some(seq);
    }
    let Some(seq) = last else { return Ok(None) };
    // who acts has seen what was there, and their own line
    let had_read = held.users.iter().any(|u| u.user == who.user && u.read_seq >= held.row.last_seq);
    tx.change(id, |held| {
        held.row.last_seq = seq;
        if had_read {
            held.user(who.user).read_seq = seq;
        }
    })?;
    Ok(Some(before))
}

fn status(held: &mut Held, patch: &ConversationPatch, now: Millis, lines: &mut Vec<Line>) {
    let Some(wanted) = patch.status.or(patch.snoozed_until.flatten().map(|_| Status::Snoozed)) else { return };
    let until = patch.snoozed_until.flatten();
    let row = &mut held.row;
    if row.status == wanted && (wanted != Status::Snoozed || row.snoozed_until == until) {
        return;
    }
    row.status = wanted;
    row.snoozed_until = if wanted == Status::Snoozed { until } else { None };
    row.closed_at = matches!(wanted, Status::Closed | Status::Trash | Status::Spam).then_some(now);
    if matches!(wanted, Status::Closed | Status::Trash | Status::Spam) {
        row.waiting_since = None;
    }
    lines.push(status_line(wanted, until));
}

fn status_line(status: Status, until: Option<Millis>) -> Line {
    match status {
        Status::Closed => (EventType::ConversationClosed, &["status"], json!({})),
        Status::Snoozed => (EventType::ConversationSnoozed, &["status", "snoozed_until"], json!({ "until": until })),
        Status::Open => (EventType::ConversationReopened, &["status"], json!({ "reason": "person" })),
        _ => (EventType::ConversationUpdated, &["status"], json!({ "status": status.as_str() })),
    }
}

fn move_to(held: &mut Held, team: Option<TeamId>, lines: &mut Vec<Line>) {
    if held.row.team != team {
        held.row.team = team;
        lines.push((EventType::ConversationUpdated, &["team_id"], timeline::team(team)));
    }
}

fn prioritise(held: &mut Held, priority: i64, lines: &mut Vec<Line>) {
    if held.row.priority != priority {
        held.row.priority = priority;
        let data = json!({ "priority": held.row.priority() });
        lines.push((EventType::ConversationUpdated, &["priority"], data));
    }
}

fn entitle(held: &mut Held, subject: Option<&str>, lines: &mut Vec<Line>) {
    if held.row.subject.as_deref() != subject {
        held.row.subject = subject.map(str::to_owned);
        lines.push((EventType::ConversationUpdated, &["subject"], json!({ "subject": subject })));
    }
}

fn label(held: &mut Held, labels: Vec<HeldLabel>, lines: &mut Vec<Line>) {
    let (before, after) = (put(&held.labels), put(&labels));
    if before != after {
        let without = |these: &[LabelId], those: &[LabelId]| -> Vec<LabelId> {
            these.iter().filter(|l| !those.contains(l)).copied().collect()
        };
        let data = json!({ "added": without(&after, &before), "removed": without(&before, &after) });
        lines.push((EventType::ConversationLabelled, &["label_ids"], data));
    }
    held.labels = labels;
}

fn assignees(held: &mut Held, wanted: &[UserId], lines: &mut Vec<Line>) {
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let before = held.assignees();
    if before == wanted {
        return;
    }
    for user in before.iter().filter(|u| !wanted.contains(u)) {
        held.user(*user).assigned = false;
    }
    for user in wanted.iter().filter(|u| !before.contains(u)) {
        held.user(*user).assigned = true;
    }
    lines.push((EventType::ConversationAssigned, &["assignee_ids"], timeline::assignees(&wanted)));
}
