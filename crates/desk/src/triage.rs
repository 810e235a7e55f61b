//! Triage: assign, move, close, reopen, set aside, spam, trash, label, priority. One line each on the timeline.

use partyline_core::conversation::{Priority, Status};
use partyline_core::event::EventType;
use partyline_core::id::{ConversationId, LabelId, TeamId, UserId};
use partyline_core::label::LABELS_OF_ONE_MAX;
use partyline_core::permission::{Permission, may};
use partyline_core::time::{MINUTE, Millis};
use partyline_store::Tx;
use partyline_store::conversations::Held;
use partyline_store::labels::{HeldLabel, with_those_above};
use partyline_store::people::UserRow;
use serde_json::{Value, json};

use crate::error::{DeskError, Result};
use crate::timeline;
use crate::view::{ConversationView, conversation_view, see};
use crate::{Desk, Who};

/// Characters of a subject.
pub const SUBJECT_MAX: usize = 200;
/// People on one conversation.
pub const ASSIGNEES_MAX: usize = 20;

/// What changes of a conversation; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ConversationPatch {
    /// Open, snoozed, closed, spam, trash.
    pub status: Option<Status>,
    /// When it wakes; only with `snoozed`.
    pub snoozed_until: Option<Option<Millis>>,
    /// Whose inbox.
    pub team: Option<Option<TeamId>>,
    /// Who is on it: replaces who was.
    pub assignees: Option<Vec<UserId>>,
    /// How urgent.
    pub priority: Option<Priority>,
    /// What it is about.
    pub subject: Option<Option<String>>,
    /// Its labels: replaces what people had put on it.
    pub labels: Option<Vec<LabelId>>,
}

/// Opening again within this time undoes the closing: who waited then, waits as before. Later it is a new matter.
pub const UNDO_CLOSE: i64 = MINUTE;

/// A line to be written: what happened, which fields, and what to show.
type Line = (EventType, &'static [&'static str], Value);

impl Desk {
    /// Changes a conversation. What is as it was leaves no line.
    pub async fn change(&self, who: &Who, id: ConversationId, patch: ConversationPatch) -> Result<ConversationView> {
        who.must(Permission::Triage)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                see(tx, &who, id)?;
                check(tx, &patch)?;
                let labels = labels_after(tx, id, &patch)?;
                apply(tx, &who, id, &patch, labels)?;
                // moving it out of one's own sight is allowed; then it is not there any more
                conversation_view(tx, &Who { role: partyline_core::permission::Role::Owner, ..who }, id)
            })
            .await
    }
}

fn check(tx: &mut Tx<'_>, patch: &ConversationPatch) -> Result<()> {
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
    if let Some(assignees) = &patch.assignees {
        if assignees.len() > ASSIGNEES_MAX {
            return Err(DeskError::field("assignee_ids", "too_many", format!("At most {ASSIGNEES_MAX} people.")));
        }
        let users = tx.users()?;
        let can = |u: &UserRow| u.deactivated_at.is_none() && may(u.role, Permission::Triage);
        if !assignees.iter().all(|a| users.iter().any(|u| u.id == *a && can(u))) {
            return Err(DeskError::field(
                "assignee_ids",
                "unknown",
                "One of these people is not active in this workspace, or only reads here.",
            ));
        }
    }
    if let Some(Some(subject)) = &patch.subject
        && subject.chars().count() > SUBJECT_MAX
    {
        return Err(DeskError::field("subject", "too_long", format!("Shorten it to {SUBJECT_MAX} characters.")));
    }
    Ok(())
}

/// The labels that it has afterwards, those above them too; `None` where they stay.
fn labels_after(tx: &mut Tx<'_>, id: ConversationId, patch: &ConversationPatch) -> Result<Option<Vec<HeldLabel>>> {
    let Some(wanted) = &patch.labels else { return Ok(None) };
    if wanted.len() > LABELS_OF_ONE_MAX {
        return Err(DeskError::field("label_ids", "too_many", format!("At most {LABELS_OF_ONE_MAX} labels.")));
    }
    let all = tx.labels()?;
    let live = |id: &LabelId| all.iter().any(|label| label.id == *id && label.removed_at.is_none());
    if !wanted.iter().all(live) {
        return Err(DeskError::field("label_ids", "unknown", "One of these labels is not there any more. Reload."));
    }
    // those that were removed from the workspace can't be seen, and so not be kept by who asks
    let unseen = tx.labels_of(id)?.into_iter().filter(|held| !held.implied && !live(&held.label));
    let wanted: Vec<LabelId> = unseen.map(|held| held.label).chain(wanted.iter().copied()).collect();
    Ok(Some(with_those_above(&all, &wanted)))
}

fn apply(
    tx: &mut Tx<'_>,
    who: &Who,
    id: ConversationId,
    patch: &ConversationPatch,
    labels: Option<Vec<HeldLabel>>,
) -> Result<()> {
    let now = tx.now();
    let unanswered = tx.waiting_since(id)?;
    let (held, lines) = tx.change(id, |held| {
        let mut lines: Vec<Line> = Vec::new();
        let closed_at = held.row.closed_at;
        status(held, patch, now, &mut lines);
        if held.row.status == Status::Open && closed_at.is_some_and(|at| now.since(at) <= UNDO_CLOSE) {
            held.row.waiting_since = unanswered;
        }
        if let Some(team) = patch.team.filter(|t| *t != held.row.team) {
            held.row.team = team;
            lines.push((EventType::ConversationUpdated, &["team_id"], timeline::team(team)));
        }
        if let Some(wanted) = &patch.assignees {
            assignees(held, wanted, &mut lines);
        }
        if let Some(priority) = patch.priority.filter(|p| p.as_i64() != held.row.priority) {
            held.row.priority = priority.as_i64();
            lines.push((EventType::ConversationUpdated, &["priority"], json!({ "priority": priority })));
        }
        if let Some(subject) = &patch.subject {
            let subject = subject.as_deref().map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned);
            if subject != held.row.subject {
                lines.push((EventType::ConversationUpdated, &["subject"], json!({ "subject": subject })));
                held.row.subject = subject;
            }
        }
        if let Some(labels) = labels {
            let put =
                |held: &[HeldLabel]| -> Vec<LabelId> { held.iter().filter(|l| !l.implied).map(|l| l.label).collect() };
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
        if !lines.is_empty() {
            held.user(who.user).touched_at = Some(now);
        }
        lines
    })?;
    let mut last = None;
    for (kind, changed, data) in lines {
        last = Some(timeline::line(tx, who.actor(), kind, id, changed, data)?.seq);
    }
    if let Some(seq) = last {
        // who acts has seen what was there, and their own line
        let had_read = held.users.iter().any(|u| u.user == who.user && u.read_seq >= held.row.last_seq);
        tx.change(id, |held| {
            held.row.last_seq = seq;
            if had_read {
                held.user(who.user).read_seq = seq;
            }
        })?;
    }
    Ok(())
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
    lines.push(match wanted {
        Status::Closed => (EventType::ConversationClosed, &["status"], json!({})),
        Status::Snoozed => (EventType::ConversationSnoozed, &["status", "snoozed_until"], json!({ "until": until })),
        Status::Open => (EventType::ConversationReopened, &["status"], json!({ "reason": "person" })),
        _ => (EventType::ConversationUpdated, &["status"], json!({ "status": wanted.as_str() })),
    });
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
