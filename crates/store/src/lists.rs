//! Lists of conversations: views, sorted and paged by key, and the one predicate of who sees what.
//!
//! Every arm of a list is one range of one index with a limit of its own; arms are joined and cut again (schema.md, section 1). So a
//! page costs the same among ten conversations and among a million.

use partyline_core::conversation::{Order, Sort, Status, View};
use partyline_core::id::{ChannelId, ContactId, ConversationId, LabelId, TeamId, UserId};
use partyline_core::time::Millis;
use uuid::Uuid;

use crate::error::Result;
use crate::people::Viewer;
use crate::scope::Scope;
use crate::sql::{Sql, assembled, queries};
use crate::value::{FromRow, Row, Value, row, values};

/// The most that one page holds.
pub const PAGE_MAX: usize = 200;
/// Teams whose conversations one list can join: the most that a workspace may have.
pub const TEAMS_MAX: usize = 64;

queries! {
    SEES = "SELECT 1 FROM conversations c WHERE c.workspace = $1 AND c.id = $2 AND (c.team_id IS NULL OR $4 = 1 OR EXISTS (SELECT 1 FROM teams t WHERE t.workspace = c.workspace AND t.id = c.team_id AND (t.closed = 0 OR EXISTS (SELECT 1 FROM team_members m WHERE m.workspace = t.workspace AND m.team_id = t.id AND m.user_id = $3))) OR EXISTS (SELECT 1 FROM conversation_users u WHERE u.workspace = c.workspace AND u.conversation_id = c.id AND u.user_id = $3 AND (u.assigned = 1 OR u.access = 1)))";
}

/// Where a page begins: after the row with these keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The sort key of the last row, as [`ListedRow::key`] says it.
    pub key: i64,
    /// Its id.
    pub id: ConversationId,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct ListQuery {
    /// Which view.
    pub view: View,
    /// Of one team, or of all that are seen.
    pub team: Option<TeamId>,
    /// In which order.
    pub sort: Sort,
    /// After which row.
    pub cursor: Option<Cursor>,
    /// How many rows, at most [`PAGE_MAX`].
    pub limit: usize,
}

row! {
    /// One line of a list.
    pub struct ListedRow {
        /// Its id.
        pub id: ConversationId,
        /// What the team has done with it.
        pub status: Status,
        /// Whose inbox.
        pub team: Option<TeamId>,
        /// With whom.
        pub contact: ContactId,
        /// What they are called.
        pub contact_name: Option<String>,
        /// Where they wrote from.
        pub address: String,
        /// What it is about.
        pub subject: Option<String>,
        /// Its priority's number.
        pub priority: i64,
        /// When it wakes.
        pub snoozed_until: Option<Millis>,
        /// Since when they wait.
        pub waiting_since: Option<Millis>,
        /// When anything last happened.
        pub last_activity_at: Millis,
        /// When it began.
        pub created_at: Millis,
        /// The start of the newest message.
        pub preview: String,
        /// Has the viewer seen everything?
        pub is_read: Option<bool>,
        /// The newest entry that the viewer has seen.
        pub read_seq: Option<i64>,
        /// The newest entry.
        pub last_seq: i64,
        /// The newest message.
        pub last_message_seq: i64,
        /// Where in the log it was last unread.
        pub unread_seq: i64,
        /// The state of their consent for updates; `revoked` after STOP.
        pub consent: Option<String>,
        /// Does the provider itself refuse to text them?
        pub provider_block: Option<bool>,
        /// How many labels it has, those above them counted.
        pub labels: i64,
        /// When a note last named the viewer.
        pub mentioned_at: Option<Millis>,
        /// Does the viewer follow it?
        pub following: Option<bool>,
        /// Has the viewer muted it?
        pub muted: Option<bool>,
        /// How many of its tasks are not done.
        pub open_tasks: i64,
    }
}

impl ListedRow {
    /// What a list in this order sorts it by.
    #[must_use]
    pub fn key(&self, order: Order) -> Millis {
        match order {
            Order::Newest => self.last_activity_at,
            Order::Waiting => self.waiting_since.unwrap_or(Millis::NEVER),
            Order::Wakes => self.snoozed_until.unwrap_or(Millis::NEVER),
            Order::Mentioned => self.mentioned_at.unwrap_or(Millis(0)),
        }
    }
}

const COLUMNS: &str = "c.id, c.status, c.team_id, c.contact_id, p.name, a.value, c.subject, c.priority, c.snoozed_until, c.waiting_since, c.last_activity_at, c.created_at, c.preview, me.is_read, me.read_seq, c.last_seq, c.last_message_seq, c.unread_seq, s.update_state, s.provider_block, c.labels, me.mentioned_at, me.following, me.muted, c.open_tasks";
const JOINS: &str = "JOIN contacts p ON p.workspace = c.workspace AND p.id = c.contact_id JOIN addresses a ON a.workspace = c.workspace AND a.id = c.address_id LEFT JOIN conversation_users me ON me.workspace = c.workspace AND me.conversation_id = c.id AND me.user_id = $2 LEFT JOIN consent_states s ON s.workspace = c.workspace AND s.address_key = a.key";

/// Page sizes that stand in the text: PostgreSQL plans a page of 50 well only when it knows that it is 50.
const PAGE_SIZES: [usize; 2] = [50, PAGE_MAX];

/// Which ranges a list is made of. It decides the statement's text, and nothing else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    view: View,
    order: Order,
    size: usize,
    /// How many teams stand among the parameters.
    teams: usize,
    /// Conversations of no team too.
    without_team: bool,
    /// What is shared with the viewer from outside of the teams they see, too.
    by_access: bool,
}

impl Shape {
    /// The statement is the same for every label.
    fn key(self) -> String {
        let Shape { view, order, size, teams, without_team, by_access } = self;
        format!("list {} {order:?} {size} {teams} {without_team} {by_access}", view.as_str())
    }

    /// Where the teams begin among the parameters: after workspace, viewer, cursor, and the label if there is one.
    const fn first_team(self) -> usize {
        if matches!(self.view, View::Label(_)) { 6 } else { 5 }
    }

    /// The ranges: a table, its column with the conversation's id, and what else must hold.
    fn ranges(self) -> Vec<(&'static str, &'static str, String)> {
        const CONVERSATIONS: (&str, &str) = ("conversations", "id");
        const USERS: (&str, &str) = ("conversation_users", "conversation_id");
        const LABELS: (&str, &str) = ("conversation_labels", "conversation_id");
        // what is neither spam nor trash: people look there on purpose only
        const KEPT: &str = "x.status IN ('open', 'snoozed', 'closed')";
        let team = |n: usize| format!("x.team_id = ${}", self.first_team() + n);
        let mut ranges = Vec::new();
        let mut range = |(table, id): (&'static str, &'static str), filter: String| ranges.push((table, id, filter));
        let of_team = if self.teams > 0 { format!(" AND {}", team(0)) } else { String::new() };
        let mine = |what: &str| format!("x.user_id = $2 AND {what}{of_team}");
        let teams: Vec<String> =
            (0..self.teams).map(team).chain(self.without_team.then(|| "x.team_id IS NULL".to_owned())).collect();
        // `assigned`: which of the taken and the free; one range for each, since the index is sorted by it first
        let mut of_everybody = |status: &str, assigned: &[u8]| {
            for team in &teams {
                if status == "snoozed" {
                    range(CONVERSATIONS, format!("{team} AND x.status = 'snoozed'"));
                    continue;
                }
                for a in assigned {
                    range(CONVERSATIONS, format!("{team} AND x.assigned = {a} AND x.status = '{status}'"));
                }
            }
            if self.by_access {
                for a in assigned {
                    let shared = format!("x.user_id = $2 AND x.access = 1 AND x.taken = {a} AND x.status = '{status}'");
                    range(USERS, shared);
                }
            }
        };
        match self.view {
            View::Unassigned => of_everybody("open", &[0]),
            View::All => of_everybody("open", &[0, 1]),
            View::Closed => of_everybody("closed", &[0, 1]),
            View::Snoozed => of_everybody("snoozed", &[0, 1]),
            View::Spam => of_everybody("spam", &[0, 1]),
            View::Trash => of_everybody("trash", &[0, 1]),
            View::Mine => range(USERS, mine("x.assigned = 1 AND x.status = 'open'")),
            View::MineSnoozed => range(USERS, mine("x.assigned = 1 AND x.status = 'snoozed'")),
            View::Mentions => range(USERS, mine(&format!("x.mentioned_at IS NOT NULL AND {KEPT}"))),
            // whoever follows something may have lost sight of it since
            View::Following if self.by_access => {
                let seen = teams.iter().map(String::as_str).chain(["x.access = 1"]).collect::<Vec<_>>().join(" OR ");
                range(USERS, format!("x.user_id = $2 AND x.following = 1 AND {KEPT} AND ({seen})"));
            }
            View::Following => range(USERS, mine(&format!("x.following = 1 AND {KEPT}"))),
            View::Label(_) => {
                for team in &teams {
                    range(LABELS, format!("x.label_id = $5 AND {team} AND x.status = 'open'"));
                }
                if self.by_access {
                    let labelled = "EXISTS (SELECT 1 FROM conversation_labels l WHERE l.workspace = x.workspace AND l.conversation_id = x.conversation_id AND l.label_id = $5)";
                    for a in [0, 1] {
                        range(
                            USERS,
                            format!(
                                "x.user_id = $2 AND x.access = 1 AND x.taken = {a} AND x.status = 'open' AND {labelled}"
                            ),
                        );
                    }
                }
            }
        }
        ranges
    }

    /// `$1` workspace, `$2` viewer, `$3` and `$4` the cursor, then the label, then the teams.
    fn sql(self) -> Sql {
        assembled(&self.key(), || {
            let (column, compare, direction) = match self.order {
                Order::Newest => ("last_activity_at", "<", "DESC"),
                Order::Waiting => ("waiting_order", ">", "ASC"),
                Order::Wakes => ("snooze_order", ">", "ASC"),
                Order::Mentioned => ("mentioned_at", "<", "DESC"),
            };
            let size = self.size;
            let arm = |(n, (table, id, filter)): (usize, (&str, &str, String))| {
                format!(
                    "SELECT * FROM (SELECT x.{column} AS k, x.{id} AS id FROM {table} x WHERE x.workspace = $1 AND {filter} AND (x.{column}, x.{id}) {compare} ($3, $4) ORDER BY x.{column} {direction}, x.{id} {direction} LIMIT {size}) arm{n}"
                )
            };
            let arms: Vec<String> = self.ranges().into_iter().enumerate().map(arm).collect();
            // CROSS JOIN: the page first, then its rows. SQLite that has no statistics would walk all rows to look each up in the page
            format!(
                "SELECT {COLUMNS} FROM (SELECT DISTINCT k, id FROM ({}) u ORDER BY k {direction}, id {direction} LIMIT {size}) l CROSS JOIN conversations c {JOINS} WHERE c.workspace = $1 AND c.id = l.id ORDER BY l.k {direction}, l.id {direction}",
                arms.join(" UNION ALL ")
            )
        })
    }
}

/// Who is on each of so many conversations.
fn assignees_sql(size: usize) -> Sql {
    // the plus keeps SQLite from walking all that is assigned to anybody, by a partial index that fits `assigned = 1`
    assembled(&format!("assignees {size}"), || {
        format!(
            "SELECT u.conversation_id, u.user_id, p.name FROM conversation_users u JOIN users p ON p.workspace = u.workspace AND p.id = u.user_id WHERE u.workspace = $1 AND +u.assigned = 1 AND u.conversation_id IN ({}) ORDER BY u.user_id",
            places(2, size)
        )
    })
}

/// Every list that the tests prepare and whose plan they read: its name, its text, how many teams it asks for, and whether for a label.
#[doc(hidden)]
#[must_use]
pub fn sample_lists() -> Vec<(String, Sql, usize, bool)> {
    let mut all = vec![("assignees".to_owned(), assignees_sql(1), 0, false)];
    let label = View::Label(LabelId::from_uuid(Uuid::nil()));
    for view in View::ALL.into_iter().chain([label]) {
        for sort in [Sort::Newest, Sort::Waiting] {
            for (teams, without_team, by_access) in [(0, true, true), (1, false, false), (3, true, true)] {
                let order = view.order(sort);
                let personal = view.is_personal() && view != View::Following;
                if (personal && teams > 1) || (sort == Sort::Waiting && order != Order::Waiting) {
                    continue;
                }
                for size in PAGE_SIZES {
                    let shape = Shape { view, order, size, teams, without_team, by_access };
                    all.push((format!("{shape:?}"), shape.sql(), teams, view == label));
                }
            }
        }
    }
    all
}

/// A text with as many `$n` as `count`, from `first` on.
pub(crate) fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// Sizes that an IN list is filled up to, so that there are few texts to prepare.
pub(crate) fn padded<T: Clone + Into<Value>>(items: &[T], fixed: &[Value]) -> (usize, Vec<Value>) {
    let size = [1, 10, 50, PAGE_MAX].into_iter().find(|s| *s >= items.len()).unwrap_or(items.len());
    let mut values = fixed.to_vec();
    for n in 0..size {
        values.push(items[n.min(items.len() - 1)].clone().into());
    }
    (size, values)
}

/// Who is on each of some conversations.
#[derive(Debug, Clone, Default)]
pub struct Companions {
    /// (conversation, user, name) of assignees.
    pub assignees: Vec<(ConversationId, UserId, String)>,
    /// The channels each has used, and the contact's address there.
    pub channels: Vec<CompanionChannel>,
    /// The newest message of each.
    pub last_messages: Vec<LastMessage>,
    /// The labels that people have put on each.
    pub labels: Vec<(ConversationId, LabelId)>,
    /// Ids of entries: newest, and newest seen.
    pub entries: Vec<(ConversationId, i64, String, Uuid)>,
}

row! {
    /// A channel that a conversation has used.
    pub struct CompanionChannel {
        /// Which conversation.
        pub conversation: ConversationId,
        /// Which channel.
        pub channel: ChannelId,
        /// What it is called.
        pub name: String,
        /// Its kind.
        pub kind: String,
        /// Our number.
        pub address: String,
        /// Theirs.
        pub contact_address: String,
    }
}

row! {
    /// What a list says about the newest message.
    pub struct LastMessage {
        /// Of which conversation.
        pub conversation: ConversationId,
        /// `inbound` or `outbound`.
        pub direction: String,
        /// Who of ours wrote it.
        pub author_name: Option<String>,
        /// Where it is.
        pub delivery_status: Option<String>,
        /// Does it carry files?
        pub attachments: i64,
    }
}

struct Listed(ListedRow);

impl FromRow for Listed {
    fn from_row(row: &mut Row) -> Result<Self> {
        ListedRow::from_row(row).map(Listed)
    }
}

impl Scope<'_> {
    /// May this user see that conversation?
    pub fn sees(&mut self, viewer: Viewer, id: ConversationId) -> Result<bool> {
        Ok(self.row::<(i64,)>(SEES, values![id, viewer.user, viewer.role.sees_everything()])?.is_some())
    }

    /// One page of a view, as this user sees it.
    pub fn list(&mut self, viewer: Viewer, query: &ListQuery) -> Result<Vec<ListedRow>> {
        let visible = self.visible_teams(viewer)?;
        let everything = viewer.role.sees_everything();
        let (teams, without_team, by_access) = match query.team {
            Some(team) if visible.contains(&team) => (vec![team], false, false),
            // what is assigned to them, or names them, they see in any team
            Some(team) if query.view.is_personal() && query.view != View::Following => (vec![team], false, false),
            Some(_) => return Ok(Vec::new()),
            None if query.view == View::Following && !everything => (visible, true, true),
            None if query.view.is_personal() => (Vec::new(), false, false),
            // who sees everything finds it in the teams, and need not have all that is shared walked through
            None => (visible, true, !everything),
        };
        let teams = &teams[..teams.len().min(TEAMS_MAX)];
        let order = query.view.order(query.sort);
        let size = PAGE_SIZES.into_iter().find(|s| *s >= query.limit).unwrap_or(PAGE_MAX);
        let shape = Shape { view: query.view, order, size, teams: teams.len(), without_team, by_access };
        let (key, id) = match (query.cursor, order) {
            (Some(cursor), _) => (cursor.key, cursor.id.uuid()),
            (None, Order::Newest | Order::Mentioned) => (i64::MAX, Uuid::max()),
            (None, Order::Waiting | Order::Wakes) => (i64::MIN, Uuid::nil()),
        };
        let mut values = values![viewer.user, key, id].to_vec();
        if let View::Label(label) = query.view {
            values.push(label.into());
        }
        values.extend(teams.iter().map(|t| Value::from(*t)));
        Ok(self.rows::<Listed>(shape.sql(), &values)?.into_iter().take(query.limit).map(|l| l.0).collect())
    }

    /// One conversation as `user` would see it in a list. Whether they may see it is asked by [`Scope::sees`].
    pub fn listed(&mut self, user: UserId, id: ConversationId) -> Result<Option<ListedRow>> {
        let sql = assembled("listed one", || {
            format!("SELECT {COLUMNS} FROM conversations c {JOINS} WHERE c.workspace = $1 AND c.id = $3")
        });
        Ok(self.row::<Listed>(sql, values![user, id])?.map(|l| l.0))
    }

    /// Some conversations as `user` would see them in a list, in any order. Whether they may see them was asked before.
    pub fn listed_some(&mut self, user: UserId, ids: &[ConversationId]) -> Result<Vec<ListedRow>> {
        let mut found = Vec::new();
        for chunk in ids.chunks(PAGE_MAX) {
            let (size, values) = padded(chunk, values![user]);
            let sql = assembled(&format!("listed some {size}"), || {
                let places = places(3, size);
                format!("SELECT {COLUMNS} FROM conversations c {JOINS} WHERE c.workspace = $1 AND c.id IN ({places})")
            });
            found.extend(self.rows::<Listed>(sql, &values)?.into_iter().map(|l| l.0));
        }
        Ok(found)
    }

    /// What lists show beside the rows: assignees, channels, newest messages, ids of entries.
    pub fn companions(&mut self, rows: &[ListedRow]) -> Result<Companions> {
        if rows.is_empty() {
            return Ok(Companions::default());
        }
        let ids: Vec<ConversationId> = rows.iter().map(|r| r.id).collect();
        let (size, values) = padded(&ids, &[]);
        let assignees = assignees_sql(size);
        let channels = assembled(&format!("channels {size}"), || {
            format!(
                "SELECT x.conversation_id, h.id, h.name, h.kind, h.address, a.value FROM conversation_channels x JOIN channels h ON h.workspace = x.workspace AND h.id = x.channel_id JOIN addresses a ON a.workspace = x.workspace AND a.id = x.address_id WHERE x.workspace = $1 AND x.conversation_id IN ({}) ORDER BY x.channel_id",
                places(2, size)
            )
        });
        let seqs: Vec<i64> = rows.iter().map(|r| r.last_message_seq).filter(|s| *s > 0).collect();
        let last_messages = if seqs.is_empty() {
            Vec::new()
        } else {
            let (size, values) = padded(&seqs, &[]);
            let sql = assembled(&format!("last messages {size}"), || {
                format!(
                    "SELECT e.conversation_id, e.direction, u.name, d.status, (SELECT count(*) FROM attachments t WHERE t.workspace = e.workspace AND t.seq = e.seq) FROM entries e LEFT JOIN users u ON u.workspace = e.workspace AND u.id = e.author_id LEFT JOIN deliveries d ON d.workspace = e.workspace AND d.seq = e.seq WHERE e.workspace = $1 AND e.seq IN ({})",
                    places(2, size)
                )
            });
            self.rows(sql, &values)?
        };
        let mut seen: Vec<i64> =
            rows.iter().flat_map(|r| [r.last_seq, r.read_seq.unwrap_or(0)]).filter(|s| *s > 0).collect();
        seen.sort_unstable();
        seen.dedup();
        let mut entries = Vec::new();
        for chunk in seen.chunks(PAGE_MAX) {
            let (size, values) = padded(chunk, &[]);
            let sql = assembled(&format!("entry ids {size}"), || {
                format!(
                    "SELECT conversation_id, seq, kind, id FROM entries WHERE workspace = $1 AND seq IN ({})",
                    places(2, size)
                )
            });
            entries.extend(self.rows::<(ConversationId, i64, String, Uuid)>(sql, &values)?);
        }
        let labelled: Vec<ConversationId> = rows.iter().filter(|r| r.labels > 0).map(|r| r.id).collect();
        let labels = if labelled.is_empty() {
            Vec::new()
        } else {
            let (size, values) = padded(&labelled, &[]);
            let sql = assembled(&format!("labels {size}"), || {
                format!(
                    "SELECT x.conversation_id, x.label_id FROM conversation_labels x JOIN labels l ON l.workspace = x.workspace AND l.id = x.label_id WHERE x.workspace = $1 AND x.implied = 0 AND l.removed_at IS NULL AND x.conversation_id IN ({}) ORDER BY l.name, l.id",
                    places(2, size)
                )
            });
            self.rows(sql, &values)?
        };
        Ok(Companions {
            labels,
            assignees: self.rows(assignees, &values)?,
            channels: self.rows(channels, &values)?,
            last_messages,
            entries,
        })
    }
}
