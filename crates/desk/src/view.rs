//! What people are shown: conversations in lists, timelines, counts. Read in one snapshot, with the seq it was true at.

use std::collections::{HashMap, HashSet};

use partyline_core::conversation::{Cell, EntryId, Order, Sort, View};
use partyline_core::id::{ConversationId, LabelId, TeamId, UserId};
use partyline_core::permission::Permission;
use partyline_core::time::Millis;
use partyline_store::drafts::DraftCount;
use partyline_store::entries::{EntryRow, entry_id};
use partyline_store::files::AttachmentRow;
use partyline_store::lists::{CompanionChannel, Cursor, LastMessage, ListQuery, ListedRow};
use partyline_store::tasks::{TaskCount, TaskRow};
use partyline_store::{Scope, StoreError};

use crate::error::{DeskError, Result};
use crate::{Desk, Who};

/// Entries on one page of a timeline, at most.
pub const ENTRIES_MAX: usize = 200;

/// A value, and the seq of the snapshot that it was read in.
#[derive(Debug, Clone)]
pub struct AsOf<T> {
    /// The workspace's newest seq at that moment.
    pub seq: i64,
    /// What was read.
    pub value: T,
}

/// A conversation as one user sees it.
#[derive(Debug, Clone)]
pub struct ConversationView {
    /// The row.
    pub row: ListedRow,
    /// Who is on it.
    pub assignees: Vec<(UserId, String)>,
    /// The channels it has used, with the contact's address on each.
    pub channels: Vec<CompanionChannel>,
    /// The labels that people have put on it, by name.
    pub labels: Vec<LabelId>,
    /// The newest message.
    pub last_message: Option<LastMessage>,
    /// The newest entry.
    pub last_entry: Option<EntryId>,
    /// The newest entry that this user has seen.
    pub seen_entry: Option<EntryId>,
}

impl ConversationView {
    /// Is there something that this user has not seen?
    #[must_use]
    pub fn unread(&self) -> bool {
        self.row.unread_seq > 0 && !self.row.is_read.unwrap_or(false)
    }

    /// Have they said STOP?
    #[must_use]
    pub fn opted_out(&self) -> bool {
        self.row.consent.as_deref() == Some("revoked") || self.row.provider_block == Some(true)
    }
}

/// An entry of a timeline, with what belongs to it.
#[derive(Debug, Clone)]
pub struct EntryView {
    /// The row.
    pub row: EntryRow,
    /// Its id.
    pub id: EntryId,
    /// Its files.
    pub attachments: Vec<AttachmentRow>,
    /// What else there is, with ids resolved to names: of an event, what happened; of a note, who is mentioned.
    pub data: serde_json::Value,
    /// Of a note: what people have reacted with, and who, each in the order in which they did.
    pub reactions: Vec<Reaction>,
    /// Of a note that is a task: whose, and until when.
    pub task: Option<TaskRow>,
}

/// What people have reacted with to a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// One emoji.
    pub emoji: String,
    /// Who.
    pub users: Vec<UserId>,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// A page of a timeline, newest first.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// The entries.
    pub rows: Vec<EntryView>,
    /// Where what is older begins; `None` at the beginning, and on a page towards the newest.
    pub older: Option<String>,
    /// Where what is newer begins; `None` at the newest, and on a page towards the oldest.
    pub newer: Option<String>,
}

/// Which part of a timeline is wanted.
#[derive(Debug, Clone)]
pub enum Stretch {
    /// The newest.
    Newest,
    /// Where a page before goes on, to either side.
    From(String),
    /// An entry, with as much before as after it.
    Around(EntryId),
}

/// Marks a cursor that goes towards the newest.
const NEWER: char = 'n';

/// How many there are in a view, and how many of them this user has not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// All.
    pub total: i64,
    /// Not read.
    pub unread: i64,
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        self.total += other.total;
        self.unread += other.unread;
    }
}

/// The counts of one group of views: a team's, or all that a user sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ViewCounts {
    /// Open and nobody's.
    pub unassigned: Count,
    /// Open and mine.
    pub mine: Count,
    /// All open.
    pub all: Count,
    /// Closed; read or not is not counted.
    pub closed: Count,
    /// Set aside.
    pub snoozed: Count,
}

/// All counts of one user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Over everything they see.
    pub all: ViewCounts,
    /// Set aside, and mine.
    pub mine_snoozed: Count,
    /// Open, and a note in it has named me.
    pub mentions: Count,
    /// Open, and I follow it.
    pub following: Count,
    /// Tasks of mine that are not done.
    pub tasks: TaskCount,
    /// Messages of mine that wait for their time; at most 1,000 are counted.
    pub scheduled: i64,
    /// Drafts that wait for me.
    pub drafts: DraftCount,
    /// Per team.
    pub teams: HashMap<TeamId, ViewCounts>,
    /// Open, per label; what has one below it is counted too.
    pub labels: HashMap<LabelId, Count>,
}

/// What a list request asks for.
#[derive(Debug, Clone, Default)]
pub struct ListIn {
    /// Which view; all open ones when unsaid.
    pub view: Option<View>,
    /// Of one team.
    pub team: Option<TeamId>,
    /// In which order.
    pub sort: Sort,
    /// What the page before said comes next.
    pub cursor: Option<String>,
    /// How many.
    pub limit: usize,
}

impl Desk {
    /// One page of a view.
    pub async fn conversations(&self, who: &Who, list: ListIn) -> Result<AsOf<Page<ConversationView>>> {
        who.must(Permission::Read)?;
        let view = list.view.unwrap_or(View::All);
        let order = view.order(list.sort);
        let cursor =
            match &list.cursor {
                None => None,
                Some(text) => Some(read_list_cursor(text).ok_or_else(|| {
                    DeskError::field("cursor", "malformed", "Leave the cursor out to begin at the top.")
                })?),
            };
        let query = ListQuery { view, team: list.team, sort: list.sort, cursor, limit: list.limit };
        let viewer = who.viewer();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let rows = scope.list(viewer, &query)?;
                let next = (rows.len() == query.limit).then(|| rows.last().map(|r| list_cursor(order, r))).flatten();
                let rows = conversation_views(scope, rows)?;
                Ok(AsOf { seq: scope.seq()?, value: Page { rows, next } })
            })
            .await
    }

    /// One conversation.
    pub async fn conversation(&self, who: &Who, id: ConversationId) -> Result<AsOf<ConversationView>> {
        who.must(Permission::Read)?;
        let who = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                Ok(AsOf { seq: scope.seq()?, value: conversation_view(scope, &who, id)? })
            })
            .await
    }

    /// One page of a timeline, newest first.
    pub async fn entries(&self, who: &Who, id: ConversationId, part: Stretch, limit: usize) -> Result<AsOf<Timeline>> {
        who.must(Permission::Read)?;
        let limit = limit.clamp(1, ENTRIES_MAX);
        let who = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                see(scope, &who, id)?;
                let stretch = stretch(scope, id, part, limit)?;
                let rows = entry_views(scope, stretch.rows)?;
                let value = Timeline { rows, older: stretch.older, newer: stretch.newer };
                Ok(AsOf { seq: scope.seq()?, value })
            })
            .await
    }

    /// All counts of this user.
    pub async fn counts(&self, who: &Who) -> Result<AsOf<Counts>> {
        let (who, now) = (who.clone(), self.now());
        self.inner
            .db
            .read(who.workspace, move |scope| Ok(AsOf { seq: scope.seq()?, value: counts(scope, &who, now)? }))
            .await
    }
}

/// A stretch of a timeline, newest first, and where it goes on.
struct Rows {
    rows: Vec<EntryRow>,
    older: Option<String>,
    newer: Option<String>,
}

/// Reads a stretch of a timeline.
fn stretch(scope: &mut Scope<'_>, id: ConversationId, part: Stretch, limit: usize) -> Result<Rows> {
    let place = |row: &EntryRow| (row.at, row.seq);
    let named = |row: Option<&EntryRow>| row.map(|row| format!("{}.{}", row.at.0, row.seq));
    let count = |n: usize| i64::try_from(n).unwrap_or(0);
    let malformed = || DeskError::field("cursor", "malformed", "Leave the cursor out to begin with the newest.");
    match part {
        Stretch::Newest => {
            let rows = scope.timeline(id, None, count(limit))?;
            Ok(Rows { older: named(rows.last().filter(|_| rows.len() == limit)), newer: None, rows })
        }
        Stretch::From(cursor) => match cursor.strip_prefix(NEWER) {
            None => {
                let before = read_pair(&cursor).map(|(at, seq)| (Millis(at), seq)).ok_or_else(malformed)?;
                let rows = scope.timeline(id, Some(before), count(limit))?;
                Ok(Rows { older: named(rows.last().filter(|_| rows.len() == limit)), newer: None, rows })
            }
            Some(cursor) => {
                let after = read_pair(cursor).map(|(at, seq)| (Millis(at), seq)).ok_or_else(malformed)?;
                let mut rows = scope.timeline_after(id, after, count(limit))?;
                rows.reverse();
                let newer = named(rows.first().filter(|_| rows.len() == limit)).map(|at| format!("{NEWER}{at}"));
                Ok(Rows { older: None, newer, rows })
            }
        },
        Stretch::Around(entry) => {
            let middle = scope.entry(entry.uuid())?.filter(|row| row.conversation == id);
            let middle = middle.ok_or(DeskError::NotFound("The entry"))?;
            // the entry stands among the newer ones, so that a page of one is the entry itself
            let above = limit.div_ceil(2) - 1;
            let mut rows = scope.timeline_after(id, place(&middle), count(above))?;
            rows.reverse();
            let is_full = rows.len() == above;
            let newest = rows.first().unwrap_or(&middle);
            let newer = named(Some(newest).filter(|_| is_full)).map(|at| format!("{NEWER}{at}"));
            let below = limit - rows.len() - 1;
            let older = scope.timeline(id, Some(place(&middle)), count(below))?;
            let is_full = older.len() == below;
            rows.push(middle);
            rows.extend(older);
            Ok(Rows { older: named(rows.last().filter(|_| is_full)), newer, rows })
        }
    }
}

fn list_cursor(order: Order, row: &ListedRow) -> String {
    format!("{}.{}", row.key(order).0, row.id)
}

fn read_list_cursor(text: &str) -> Option<Cursor> {
    let (key, id) = text.split_once('.')?;
    Some(Cursor { key: key.parse().ok()?, id: id.parse().ok()? })
}

pub(crate) fn read_pair(text: &str) -> Option<(i64, i64)> {
    let (a, b) = text.split_once('.')?;
    Some((a.parse().ok()?, b.parse().ok()?))
}

/// May they see it? Otherwise it is not there.
pub(crate) fn see(scope: &mut Scope<'_>, who: &Who, id: ConversationId) -> Result<()> {
    if scope.sees(who.viewer(), id)? { Ok(()) } else { Err(DeskError::NotFound("The conversation")) }
}

/// One conversation as this user sees it.
pub(crate) fn conversation_view(scope: &mut Scope<'_>, who: &Who, id: ConversationId) -> Result<ConversationView> {
    see(scope, who, id)?;
    let row = scope.listed(who.user, id)?.ok_or(DeskError::NotFound("The conversation"))?;
    conversation_views(scope, vec![row])?.pop().ok_or(DeskError::NotFound("The conversation"))
}

/// Rows of a list, with what belongs to them.
pub(crate) fn conversation_views(
    scope: &mut Scope<'_>,
    rows: Vec<ListedRow>,
) -> Result<Vec<ConversationView>, StoreError> {
    let companions = scope.companions(&rows)?;
    let mut assignees: HashMap<ConversationId, Vec<(UserId, String)>> = HashMap::new();
    for (conversation, user, name) in companions.assignees {
        assignees.entry(conversation).or_default().push((user, name));
    }
    let mut channels: HashMap<ConversationId, Vec<CompanionChannel>> = HashMap::new();
    for channel in companions.channels {
        channels.entry(channel.conversation).or_default().push(channel);
    }
    let mut labels: HashMap<ConversationId, Vec<LabelId>> = HashMap::new();
    for (conversation, label) in companions.labels {
        labels.entry(conversation).or_default().push(label);
    }
    let mut last: HashMap<ConversationId, LastMessage> =
        companions.last_messages.into_iter().map(|m| (m.conversation, m)).collect();
    let mut ids = HashMap::new();
    for (_, seq, kind, uuid) in companions.entries {
        ids.insert(seq, entry_id(&kind, uuid)?);
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let last_entry = ids.get(&row.last_seq).copied();
            let seen_entry = match row.read_seq {
                Some(seq) if seq >= row.last_seq => last_entry,
                Some(seq) => ids.get(&seq).copied(),
                None => None,
            };
            ConversationView {
                assignees: assignees.remove(&row.id).unwrap_or_default(),
                channels: channels.remove(&row.id).unwrap_or_default(),
                labels: labels.remove(&row.id).unwrap_or_default(),
                last_message: last.remove(&row.id),
                last_entry,
                seen_entry,
                row,
            }
        })
        .collect())
}

/// Entries, with their files, and names for the ids in their data.
pub(crate) fn entry_views(scope: &mut Scope<'_>, rows: Vec<EntryRow>) -> Result<Vec<EntryView>, StoreError> {
    let messages: Vec<i64> = rows.iter().filter(|r| r.kind == "message").map(|r| r.seq).collect();
    let mut files: HashMap<i64, Vec<AttachmentRow>> = HashMap::new();
    if !messages.is_empty() {
        for file in scope.attachments_of(&messages)? {
            if let Some(seq) = file.seq {
                files.entry(seq).or_default().push(file);
            }
        }
    }
    let notes: Vec<i64> = rows.iter().filter(|r| r.kind == "note").map(|r| r.seq).collect();
    let mut reactions = reactions(scope, &notes)?;
    let mut tasks: HashMap<i64, TaskRow> = scope.tasks_of(&notes)?.into_iter().map(|task| (task.seq, task)).collect();
    let names = if rows.iter().any(|r| r.kind != "message" && r.data.is_some()) {
        crate::timeline::Names::load(scope)?
    } else {
        crate::timeline::Names::default()
    };
    rows.into_iter()
        .map(|row| {
            let data = row.data.as_deref().map_or(serde_json::Value::Null, |d| names.resolve(d));
            Ok(EntryView {
                id: row.id()?,
                attachments: files.remove(&row.seq).unwrap_or_default(),
                data,
                reactions: reactions.remove(&row.seq).unwrap_or_default(),
                task: tasks.remove(&row.seq),
                row,
            })
        })
        .collect()
}

/// What people have reacted with to some notes, by the note's seq.
fn reactions(scope: &mut Scope<'_>, notes: &[i64]) -> Result<HashMap<i64, Vec<Reaction>>, StoreError> {
    let mut of: HashMap<i64, Vec<Reaction>> = HashMap::new();
    for row in scope.reactions(notes)? {
        let reactions = of.entry(row.seq).or_default();
        match reactions.iter_mut().find(|r| r.emoji == row.emoji) {
            Some(known) => known.users.push(row.user),
            None => reactions.push(Reaction { emoji: row.emoji, users: vec![row.user] }),
        }
    }
    Ok(of)
}

/// One entry as it is now.
pub(crate) fn entry_view(scope: &mut Scope<'_>, id: EntryId) -> Result<EntryView> {
    let row = scope.entry(id.uuid())?.ok_or(DeskError::NotFound("The entry"))?;
    entry_views(scope, vec![row])?.pop().ok_or(DeskError::NotFound("The entry"))
}

/// All counts of this user: sums of the kept counters over what they see, and the tasks that wait for them now.
pub(crate) fn counts(scope: &mut Scope<'_>, who: &Who, now: Millis) -> Result<Counts> {
    let visible: HashSet<TeamId> = scope.visible_teams(who.viewer())?.into_iter().collect();
    let mut counts = Counts {
        tasks: scope.task_count(who.viewer(), now)?,
        scheduled: scope.scheduled_count(who.viewer())?,
        drafts: scope.draft_count(who.viewer())?,
        ..Counts::default()
    };
    for team in &visible {
        counts.teams.insert(*team, ViewCounts::default());
    }
    if !who.role.sees_everything() {
        for tally in scope.tallies_outside(who.user)? {
            counts.add(tally.cell, Count { total: tally.total, unread: tally.total - tally.read });
        }
    }
    for tally in scope.tallies(who.user)? {
        let count = Count { total: tally.total, unread: (tally.total - tally.read).max(0) };
        // what is assigned to them, or names them, they see wherever it is
        let always = matches!(tally.cell, Cell::Mine(_) | Cell::MineSnoozed(_) | Cell::Mentions(_));
        if always || tally.team.is_none_or(|t| visible.contains(&t)) {
            counts.add(tally.cell, count);
        }
        if let Some(team) = tally.team.and_then(|t| counts.teams.get_mut(&t)) {
            add(team, tally.cell, count);
        }
    }
    Ok(counts)
}

impl Counts {
    fn add(&mut self, cell: Cell, count: Count) {
        let total = Count { total: count.total, unread: 0 };
        match cell {
            Cell::MineSnoozed(_) => self.mine_snoozed += total,
            Cell::Mentions(_) => self.mentions += count,
            Cell::Following(_) => self.following += count,
            Cell::Label(label) => *self.labels.entry(label).or_default() += count,
            _ => add(&mut self.all, cell, count),
        }
    }
}

fn add(views: &mut ViewCounts, cell: Cell, count: Count) {
    match cell {
        Cell::Unassigned => {
            views.unassigned += count;
            views.all += count;
        }
        Cell::Assigned => views.all += count,
        Cell::Mine(_) => views.mine += count,
        Cell::Closed => views.closed += Count { total: count.total, unread: 0 },
        Cell::Snoozed => views.snoozed += Count { total: count.total, unread: 0 },
        Cell::Spam | Cell::Trash | Cell::MineSnoozed(_) | Cell::Mentions(_) | Cell::Following(_) | Cell::Label(_) => {}
    }
}
