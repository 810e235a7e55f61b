//! The walk over what the index finds, the newest first: each find is held against its rows, until a page is full, or so many were looked
//! at, or so much time has gone by; then it says where to go on.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use partyline_core::conversation::Status;
use partyline_core::id::{AddressId, ChannelId, ConversationId, LabelId, TeamId, UserId};
use partyline_core::query::Look;
use partyline_core::time::{DAY, HOUR, Millis};
use uuid::Uuid;

use super::words::{Sign, Wanted};
use super::{AT_SEQ, BUCKET_BITS, FIND, HAS_IMPORTS, SEEN_TEAMS};
use crate::error::Result;
use crate::lists::{PAGE_MAX, padded, places};
use crate::people::Viewer;
use crate::scope::Scope;
use crate::sql::assembled;
use crate::value::{FromRow, Row, Value, values};

/// Finds that are taken from the index at first, and at most: few for the first page of a common word, many where most are left out.
const CHUNKS: (usize, usize) = (100, 800);
/// Authors whose signs are looked for; of more people each find is held against the list.
const SIGNS_MAX: usize = 20;
/// An entry may say it is this much newer than the event that made it: a provider's clock is not ours.
const AHEAD: i64 = HOUR;
/// A message may come this much later than it says it was sent. Of the past that is imported nothing is assumed.
const LATE: i64 = 30 * DAY;

/// When a walk stops.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// After so many finds.
    pub candidates: usize,
    /// After so long. The statement that is running then is waited for.
    pub time: Duration,
}

/// A range of seqs, without its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Only what is above.
    pub above: i64,
    /// Only what is below.
    pub before: i64,
}

/// What can be asked of an entry and its conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the query's operators say what they ask for")]
pub enum Test {
    All(Vec<Test>),
    /// Written by one of these: users or contacts.
    Author(HashSet<Uuid>),
    Outbound,
    Inbound,
    /// To one of these addresses, or through one of these channels to us.
    To(HashSet<AddressId>, HashSet<ChannelId>),
    /// A note that names them.
    Names(UserId),
    Team(HashSet<TeamId>),
    Label(HashSet<LabelId>),
    Assigned(HashSet<UserId>),
    Unassigned,
    Through(HashSet<ChannelId>),
    Note,
    Is(Status),
    Unread,
    Waiting,
    Mine,
    Following,
    Mentioned,
    Priority(i64),
    Failed,
    File,
    Picture,
    Task,
    Draft,
    DraftOf(UserId),
    Planned,
    Since(Millis),
    Before(Millis),
}

/// One of these has to hold, or, negated, none may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Of nothing, nothing holds.
    pub any: Vec<Test>,
    /// Must none hold?
    pub negated: bool,
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Seek {
    /// Words.
    pub looks: Vec<Look>,
    /// What else has to hold.
    pub conditions: Vec<Condition>,
    /// Where.
    pub range: Range,
}

/// What a walk brought.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Entries: seq and conversation, the newest first.
    pub hits: Vec<(i64, ConversationId)>,
    /// Below which seq the next page begins; `None` where this was the last, or `older` is there.
    pub next: Option<i64>,
    /// The walk stopped at a bound: below this seq it can go on.
    pub older: Option<i64>,
    /// Finds that were looked at.
    pub candidates: usize,
}

/// What all that is found has in common, as far as a walk went.
#[derive(Debug, Clone, Default)]
pub struct Surveyed {
    /// Entries.
    pub hits: usize,
    /// Conversations that they are in.
    pub conversations: HashSet<ConversationId>,
    /// Entries that are like those, in conversations that the viewer may not see.
    pub hidden: usize,
    /// Per channel; `None`: notes, and what else came through none.
    pub channels: HashMap<Option<ChannelId>, usize>,
    /// Per author: users and contacts.
    pub authors: HashMap<Uuid, usize>,
    /// When each of them was.
    pub times: Vec<Millis>,
    /// Did the walk stop at a bound, so that there may be more of everything?
    pub is_capped: bool,
}

/// What a find is held against.
#[derive(Debug)]
struct Facts {
    seq: i64,
    at: Millis,
    kind: String,
    direction: Option<String>,
    channel: Option<ChannelId>,
    address: Option<AddressId>,
    author: Option<Uuid>,
    erased_at: Option<Millis>,
    conversation: ConversationId,
    team: Option<TeamId>,
    status: Status,
    priority: i64,
    assigned: bool,
    waiting_since: Option<Millis>,
    unread_seq: i64,
    mine: Option<bool>,
    access: Option<bool>,
    is_read: Option<bool>,
    following: Option<bool>,
    mentioned_at: Option<Millis>,
}

impl FromRow for Facts {
    fn from_row(row: &mut Row) -> Result<Self> {
        Ok(Facts {
            seq: row.get()?,
            at: row.get()?,
            kind: row.get()?,
            direction: row.get()?,
            channel: row.get()?,
            address: row.get()?,
            author: row.get()?,
            erased_at: row.get()?,
            conversation: row.get()?,
            team: row.get()?,
            status: row.get()?,
            priority: row.get()?,
            assigned: row.get()?,
            waiting_since: row.get()?,
            unread_seq: row.get()?,
            mine: row.get()?,
            access: row.get()?,
            is_read: row.get()?,
            following: row.get()?,
            mentioned_at: row.get()?,
        })
    }
}

/// What has to be asked of other tables, for some finds.
#[derive(Debug, Default)]
struct Beside {
    labels: HashSet<(ConversationId, LabelId)>,
    assigned: HashSet<(ConversationId, UserId)>,
    files: HashSet<i64>,
    pictures: HashSet<i64>,
    tasks: HashSet<i64>,
    drafts: HashSet<(ConversationId, UserId)>,
    failed: HashSet<ConversationId>,
    planned: HashSet<i64>,
    naming: HashSet<(i64, UserId)>,
}

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Need {
    Labels,
    Assigned,
    Files,
    Tasks,
    Drafts,
    Failed,
    Planned,
    Naming(UserId),
}

impl Test {
    fn needs(&self, needs: &mut HashSet<Need>) {
        match self {
            Test::All(tests) => tests.iter().for_each(|test| test.needs(needs)),
            Test::Label(_) => drop(needs.insert(Need::Labels)),
            Test::Assigned(_) => drop(needs.insert(Need::Assigned)),
            Test::File | Test::Picture => drop(needs.insert(Need::Files)),
            Test::Task => drop(needs.insert(Need::Tasks)),
            Test::Draft | Test::DraftOf(_) => drop(needs.insert(Need::Drafts)),
            Test::Failed => drop(needs.insert(Need::Failed)),
            Test::Planned => drop(needs.insert(Need::Planned)),
            Test::Names(user) => drop(needs.insert(Need::Naming(*user))),
            _ => {}
        }
    }

    /// Signs of which what holds has one at least; `None` where it need not have any.
    fn signs(&self) -> Option<Vec<Sign>> {
        match self {
            Test::All(tests) => tests.iter().find_map(Test::signs),
            Test::Author(ids) if ids.len() <= SIGNS_MAX => Some(ids.iter().map(|id| Sign::author(*id)).collect()),
            Test::Team(ids) => Some(ids.iter().map(|id| Sign::team(id.uuid())).collect()),
            Test::Label(ids) => Some(ids.iter().map(|id| Sign::label(id.uuid())).collect()),
            Test::Note | Test::Task | Test::Names(_) => Some(vec![Sign::note()]),
            Test::File | Test::Picture => Some(vec![Sign::file()]),
            _ => None,
        }
    }

    fn holds(&self, f: &Facts, beside: &Beside) -> bool {
        match self {
            Test::All(tests) => tests.iter().all(|test| test.holds(f, beside)),
            Test::Author(ids) => f.author.is_some_and(|id| ids.contains(&id)),
            Test::Outbound => f.direction.as_deref() == Some("outbound"),
            Test::Inbound => f.direction.as_deref() == Some("inbound"),
            Test::To(addresses, channels) => match f.direction.as_deref() {
                Some("outbound") => f.address.is_some_and(|id| addresses.contains(&id)),
                Some("inbound") => f.channel.is_some_and(|id| channels.contains(&id)),
                _ => false,
            },
            Test::Names(user) => beside.naming.contains(&(f.seq, *user)),
            Test::Team(ids) => f.team.is_some_and(|id| ids.contains(&id)),
            Test::Label(ids) => ids.iter().any(|id| beside.labels.contains(&(f.conversation, *id))),
            Test::Assigned(ids) => ids.iter().any(|id| beside.assigned.contains(&(f.conversation, *id))),
            Test::Unassigned => !f.assigned,
            Test::Through(ids) => f.channel.is_some_and(|id| ids.contains(&id)),
            Test::Note => f.kind == "note",
            Test::Is(status) => f.status == *status,
            Test::Unread => f.unread_seq > 0 && f.is_read != Some(true),
            Test::Waiting => f.waiting_since.is_some(),
            Test::Mine => f.mine == Some(true),
            Test::Following => f.following == Some(true),
            Test::Mentioned => f.mentioned_at.is_some(),
            Test::Priority(priority) => f.priority == *priority,
            Test::Failed => beside.failed.contains(&f.conversation),
            Test::File => beside.files.contains(&f.seq),
            Test::Picture => beside.pictures.contains(&f.seq),
            Test::Task => beside.tasks.contains(&f.seq),
            Test::Draft => beside.drafts.iter().any(|(id, _)| *id == f.conversation),
            Test::DraftOf(user) => beside.drafts.contains(&(f.conversation, *user)),
            Test::Planned => beside.planned.contains(&f.seq),
            Test::Since(at) => f.at >= *at,
            Test::Before(at) => f.at < *at,
        }
    }
}

impl Condition {
    /// Any one of them has to hold.
    #[must_use]
    pub fn any(any: Vec<Test>) -> Condition {
        Condition { any, negated: false }
    }

    /// None of them may hold.
    #[must_use]
    pub fn none(any: Vec<Test>) -> Condition {
        Condition { any, negated: true }
    }

    fn holds(&self, f: &Facts, beside: &Beside) -> bool {
        self.any.iter().any(|test| test.holds(f, beside)) != self.negated
    }

    fn signs(&self) -> Option<Vec<Sign>> {
        if self.negated {
            return None;
        }
        let signs: Option<Vec<Vec<Sign>>> = self.any.iter().map(Test::signs).collect();
        signs.map(|signs| signs.concat())
    }

    /// Can it hold for nothing?
    fn is_empty(&self) -> bool {
        !self.negated && self.any.is_empty()
    }
}

/// Who sees what: the predicate of [`Scope::sees`], with the teams looked up once.
#[derive(Debug)]
struct Sight {
    everything: bool,
    teams: HashSet<TeamId>,
}

impl Sight {
    fn sees(&self, f: &Facts) -> bool {
        self.everything
            || f.team.is_none_or(|team| self.teams.contains(&team))
            || f.mine == Some(true)
            || f.access == Some(true)
    }
}

/// Goes through the index.
#[derive(Debug)]
pub(super) struct Seeker {
    text: String,
    range: Range,
    bounds: Bounds,
    began: Instant,
    looked_at: usize,
    chunk: usize,
    /// On PostgreSQL: how many buckets are looked at together. So no statement is long, whatever is in the index.
    buckets: Option<i64>,
    is_at_end: bool,
    is_capped: bool,
}

impl Seeker {
    pub(super) fn new(scope: &Scope<'_>, wanted: &Wanted<'_>, range: Range, bounds: Bounds) -> Seeker {
        let postgres = scope.connection.is_postgres();
        Seeker {
            text: wanted.finish(postgres),
            range,
            bounds,
            began: Instant::now(),
            looked_at: 0,
            chunk: CHUNKS.0,
            buckets: postgres.then_some(1),
            is_at_end: range.before - 1 <= range.above,
            is_capped: false,
        }
    }

    /// The next finds, the newest first, never none; `None` at the end or at a bound.
    pub(super) fn next(&mut self, scope: &mut Scope<'_>) -> Result<Option<Vec<i64>>> {
        while !self.is_at_end {
            let room = self.bounds.candidates.saturating_sub(self.looked_at);
            if room == 0 || (self.looked_at > 0 || self.buckets.is_some_and(|n| n > 1)) && self.is_late() {
                self.is_capped = true;
                return Ok(None);
            }
            let limit = self.chunk.min(room);
            let above = self.window();
            let (low, high) = ((above + 1) >> BUCKET_BITS, (self.range.before - 1) >> BUCKET_BITS);
            let rows = scope.rows::<(i64,)>(
                FIND,
                values![&self.text, above, self.range.before, i64::try_from(limit).unwrap_or(i64::MAX), low, high],
            )?;
            let seqs: Vec<i64> = rows.into_iter().map(|(seq,)| seq).collect();
            self.looked_at += seqs.len();
            self.chunk = (self.chunk * 2).min(CHUNKS.1);
            match seqs.last() {
                Some(last) if seqs.len() == limit => self.range.before = *last,
                _ => {
                    self.range.before = above + 1;
                    self.buckets = self.buckets.map(|n| n * 2);
                }
            }
            self.is_at_end = self.range.before - 1 <= self.range.above;
            if !seqs.is_empty() {
                return Ok(Some(seqs));
            }
        }
        Ok(None)
    }

    fn is_late(&self) -> bool {
        self.began.elapsed() >= self.bounds.time
    }

    /// Above which seq this step looks.
    fn window(&self) -> i64 {
        let Some(buckets) = self.buckets else { return self.range.above };
        let first = ((self.range.before - 1) >> BUCKET_BITS) + 1 - buckets;
        (first.max(0) << BUCKET_BITS).saturating_sub(1).max(self.range.above)
    }
}

impl Scope<'_> {
    /// Walks over what is found, as this user may see it, until there are `limit` or a bound is reached.
    pub fn seek(&mut self, viewer: Viewer, seek: &Seek, limit: usize, bounds: Bounds) -> Result<Found> {
        let mut found = Found::default();
        let walk = self.walk(viewer, seek, bounds, false, |f, _| {
            if found.hits.len() == limit {
                found.next = found.hits.last().map(|(seq, _)| *seq);
                return ControlFlow::Break(());
            }
            found.hits.push((f.seq, f.conversation));
            ControlFlow::Continue(())
        })?;
        if let Some(seeker) = walk {
            found.candidates = seeker.looked_at;
            found.older = (seeker.is_capped && found.next.is_none()).then_some(seeker.range.before);
        }
        Ok(found)
    }

    /// Walks over all that is found until a bound is reached, and counts it; also what this user may not see.
    pub fn survey(&mut self, viewer: Viewer, seek: &Seek, bounds: Bounds) -> Result<Surveyed> {
        let mut found = Surveyed::default();
        let walk = self.walk(viewer, seek, bounds, true, |f, is_seen| {
            if is_seen {
                found.hits += 1;
                found.conversations.insert(f.conversation);
                *found.channels.entry(f.channel).or_default() += 1;
                if let Some(author) = f.author {
                    *found.authors.entry(author).or_default() += 1;
                }
                found.times.push(f.at);
            } else {
                found.hidden += 1;
            }
            ControlFlow::Continue(())
        })?;
        found.is_capped = walk.is_some_and(|seeker| seeker.is_capped);
        Ok(found)
    }

    /// Hands over each find for which the query holds, and whether this user sees it; those they don't only where `hidden` is asked
    /// for. `None`: the query can hold for nothing.
    fn walk(
        &mut self,
        viewer: Viewer,
        seek: &Seek,
        bounds: Bounds,
        hidden: bool,
        mut visit: impl FnMut(&Facts, bool) -> ControlFlow<()>,
    ) -> Result<Option<Seeker>> {
        if seek.conditions.iter().any(Condition::is_empty) {
            return Ok(None);
        }
        if self.connection.is_postgres() {
            // how many rows a word has decides the plan
            self.connection.batch("SET LOCAL plan_cache_mode = force_custom_plan")?;
        }
        let sight = self.sight(viewer)?;
        let signs = seek.conditions.iter().filter_map(Condition::signs).collect();
        let wanted = Wanted { looks: &seek.looks, signs, of_contact: false };
        let mut needs = HashSet::new();
        seek.conditions.iter().flat_map(|condition| &condition.any).for_each(|test| test.needs(&mut needs));
        let mut seeker = Seeker::new(self, &wanted, seek.range, bounds);
        'walk: while let Some(seqs) = seeker.next(self)? {
            for chunk in seqs.chunks(PAGE_MAX) {
                let facts = self.facts(viewer.user, chunk)?;
                let wanted: Vec<(Facts, bool)> = facts
                    .into_iter()
                    .map(|f| {
                        let is_seen = sight.sees(&f);
                        (f, is_seen)
                    })
                    .filter(|(_, is_seen)| *is_seen || hidden)
                    .collect();
                let beside = self.beside(&needs, &wanted)?;
                for (f, is_seen) in wanted {
                    let holds = seek.conditions.iter().all(|condition| condition.holds(&f, &beside));
                    if holds && visit(&f, is_seen).is_break() {
                        break 'walk;
                    }
                }
            }
        }
        Ok(Some(seeker))
    }

    fn sight(&mut self, viewer: Viewer) -> Result<Sight> {
        let everything = viewer.role.sees_everything();
        let teams = self.rows::<(TeamId,)>(SEEN_TEAMS, values![viewer.user, everything])?;
        Ok(Sight { everything, teams: teams.into_iter().map(|(id,)| id).collect() })
    }

    /// What is known of some entries, the newest first; those that were erased or merged away are left out.
    fn facts(&mut self, user: UserId, seqs: &[i64]) -> Result<Vec<Facts>> {
        if seqs.is_empty() {
            return Ok(Vec::new());
        }
        let (size, values) = padded(seqs, values![user]);
        let sql = assembled(&format!("facts {size}"), || {
            format!(
                "SELECT e.seq, e.at, e.kind, e.direction, e.channel_id, e.address_id, e.author_id, e.erased_at, c.id, c.team_id, c.status, c.priority, c.assigned, c.waiting_since, c.unread_seq, me.assigned, me.access, me.is_read, me.following, me.mentioned_at FROM entries e JOIN conversations c ON c.workspace = e.workspace AND c.id = e.conversation_id LEFT JOIN conversation_users me ON me.workspace = c.workspace AND me.conversation_id = c.id AND me.user_id = $2 WHERE e.workspace = $1 AND e.seq IN ({})",
                places(3, size)
            )
        });
        let mut facts = self.rows::<Facts>(sql, &values)?;
        facts.retain(|f| f.erased_at.is_none() && f.status != Status::Merged && f.kind != "event");
        facts.sort_unstable_by_key(|f| std::cmp::Reverse(f.seq));
        Ok(facts)
    }

    fn beside(&mut self, needs: &HashSet<Need>, facts: &[(Facts, bool)]) -> Result<Beside> {
        let mut beside = Beside::default();
        if facts.is_empty() {
            return Ok(beside);
        }
        let seqs: Vec<i64> = facts.iter().map(|(f, _)| f.seq).collect();
        let mut ids: Vec<ConversationId> = facts.iter().map(|(f, _)| f.conversation).collect();
        ids.sort_unstable();
        ids.dedup();
        for need in needs {
            match need {
                Need::Labels => {
                    let text = "SELECT conversation_id, label_id FROM conversation_labels WHERE workspace = $1 AND conversation_id IN";
                    beside.labels.extend(self.of::<(ConversationId, LabelId), _>(text, "", &ids, &[])?);
                }
                Need::Assigned => {
                    let text = "SELECT conversation_id, user_id FROM conversation_users WHERE workspace = $1 AND +assigned = 1 AND conversation_id IN";
                    beside.assigned.extend(self.of::<(ConversationId, UserId), _>(text, "", &ids, &[])?);
                }
                Need::Drafts => {
                    let text =
                        "SELECT conversation_id, holder_id FROM drafts WHERE workspace = $1 AND conversation_id IN";
                    beside.drafts.extend(self.of::<(ConversationId, UserId), _>(text, "", &ids, &[])?);
                }
                Need::Failed => {
                    let text = "SELECT conversation_id FROM deliveries WHERE workspace = $1 AND status = 'failed' AND conversation_id IN";
                    let failed = self.of::<(ConversationId,), _>(text, "GROUP BY conversation_id", &ids, &[])?;
                    beside.failed.extend(failed.into_iter().map(|(id,)| id));
                }
                Need::Files => {
                    let text = "SELECT seq, content_type FROM attachments WHERE workspace = $1 AND seq IN";
                    for (seq, content_type) in self.of::<(i64, String), _>(text, "", &seqs, &[])? {
                        beside.files.insert(seq);
                        if content_type.starts_with("image/") {
                            beside.pictures.insert(seq);
                        }
                    }
                }
                Need::Tasks => {
                    let text = "SELECT seq FROM tasks WHERE workspace = $1 AND seq IN";
                    beside.tasks.extend(self.of::<(i64,), _>(text, "", &seqs, &[])?.into_iter().map(|(seq,)| seq));
                }
                Need::Planned => {
                    let text = "SELECT seq FROM deliveries WHERE workspace = $1 AND status = 'scheduled' AND seq IN";
                    beside.planned.extend(self.of::<(i64,), _>(text, "", &seqs, &[])?.into_iter().map(|(seq,)| seq));
                }
                Need::Naming(user) => {
                    let text =
                        "SELECT seq FROM entries WHERE workspace = $1 AND kind = 'note' AND data LIKE $2 AND seq IN";
                    let like = format!("%{user}%");
                    let named = self.of::<(i64,), _>(text, "", &seqs, values![like])?;
                    beside.naming.extend(named.into_iter().map(|(seq,)| (seq, *user)));
                }
            }
        }
        Ok(beside)
    }

    /// The rows of a statement that ends with a list.
    fn of<T: FromRow, I: Clone + Into<Value>>(
        &mut self,
        text: &'static str,
        tail: &'static str,
        items: &[I],
        fixed: &[Value],
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        for chunk in items.chunks(PAGE_MAX) {
            let (size, values) = padded(chunk, fixed);
            let first = 2 + fixed.len();
            let sql = assembled(&format!("{text} {size}"), || format!("{text} ({}) {tail}", places(first, size)));
            found.extend(self.rows::<T>(sql, &values)?);
        }
        Ok(found)
    }

    /// The range of seqs in which entries of a period can be, so that no walk goes where none are. Both ends may be open.
    pub fn range_of(&mut self, since: Option<Millis>, before: Option<Millis>) -> Result<Range> {
        let end = self.seq()?.saturating_add(1);
        let mut range = Range { above: 0, before: end };
        if let Some(since) = since {
            range.above = self.seq_at(since - AHEAD, end)?.saturating_sub(1);
        }
        if let Some(before) = before
            && self.row::<(i64,)>(HAS_IMPORTS, &[])?.is_none()
        {
            range.before = self.seq_at(before + LATE, end)?;
        }
        Ok(range)
    }

    /// The first seq whose event is not before a moment, by halving: the log's times grow.
    fn seq_at(&mut self, at: Millis, end: i64) -> Result<i64> {
        let (mut low, mut high) = (1, end);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.row::<(Millis,)>(AT_SEQ, values![middle])? {
                Some((found,)) if found < at => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }
}
