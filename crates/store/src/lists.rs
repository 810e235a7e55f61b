//! Lists of conversations: views, sorted and paged by key, and the one predicate of who sees what.
//!
//! Every arm of a list is one range of one index with a limit of its own; arms are joined and cut again (schema.md, section 1). So a
//! page costs the same among ten conversations and among a million.

use partyline_core::conversation::{Sort, Status, View};
use partyline_core::id::{ChannelId, ContactId, ConversationId, TeamId, UserId};
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
    /// The sort key of the last row: time of activity, or waiting order.
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
    }
}

const COLUMNS: &str = "c.id, c.status, c.team_id, c.contact_id, p.name, a.value, c.subject, c.priority, c.snoozed_until, c.waiting_since, c.last_activity_at, c.created_at, c.preview, me.is_read, me.read_seq, c.last_seq, c.last_message_seq, c.unread_seq, s.update_state, s.provider_block";
const JOINS: &str = "JOIN contacts p ON p.workspace = c.workspace AND p.id = c.contact_id JOIN addresses a ON a.workspace = c.workspace AND a.id = c.address_id LEFT JOIN conversation_users me ON me.workspace = c.workspace AND me.conversation_id = c.id AND me.user_id = $2 LEFT JOIN consent_states s ON s.workspace = c.workspace AND s.address_key = a.key";

/// Page sizes that stand in the text: PostgreSQL plans a page of 50 well only when it knows that it is 50.
const PAGE_SIZES: [usize; 2] = [50, PAGE_MAX];

/// `$1` workspace, `$2` viewer, `$3` and `$4` the cursor, then the teams.
fn list_sql(view: View, sort: Sort, size: usize, teams: usize, without_team: bool, by_access: bool) -> Sql {
    let key = format!("list {view:?} {sort:?} {size} {teams} {without_team} {by_access}");
    assembled(&key, || {
        let (column, compare, direction) = match sort {
            Sort::Newest => ("last_activity_at", "<", "DESC"),
            Sort::Waiting => ("waiting_order", ">", "ASC"),
        };
        let (status, assigned): (&str, &[u8]) = match view {
            View::Unassigned => ("open", &[0]),
            View::All => ("open", &[0, 1]),
            View::Mine => ("open", &[]),
            View::Closed => ("closed", &[0, 1]),
            View::Snoozed => ("snoozed", &[0, 1]),
            View::Spam => ("spam", &[0, 1]),
            View::Trash => ("trash", &[0, 1]),
        };
        let mut arms = Vec::new();
        let mut arm = |from: &str, id: &str, filter: &str| {
            arms.push(format!(
                "SELECT * FROM (SELECT x.{column} AS k, x.{id} AS id FROM {from} x WHERE x.workspace = $1 AND {filter} AND x.status = '{status}' AND (x.{column}, x.{id}) {compare} ($3, $4) ORDER BY x.{column} {direction}, x.{id} {direction} LIMIT {size}) arm{}",
                arms.len()
            ));
        };
        if view == View::Mine {
            let team = if teams > 0 { " AND x.team_id = $5" } else { "" };
            arm("conversation_users", "conversation_id", &format!("x.user_id = $2 AND x.assigned = 1{team}"));
        } else {
            for n in 0..teams {
                for a in assigned {
                    arm("conversations", "id", &format!("x.team_id = ${} AND x.assigned = {a}", n + 5));
                }
            }
            if without_team {
                for a in assigned {
                    arm("conversations", "id", &format!("x.team_id IS NULL AND x.assigned = {a}"));
                }
            }
            if by_access {
                let assigned = if view == View::Unassigned {
                    "EXISTS (SELECT 1 FROM conversations c WHERE c.workspace = x.workspace AND c.id = x.conversation_id AND c.assigned = 0)"
                } else {
                    "x.assigned IN (0, 1)"
                };
                arm(
                    "conversation_users",
                    "conversation_id",
                    &format!("x.user_id = $2 AND x.access = 1 AND {assigned}"),
                );
            }
        }
        // CROSS JOIN: the page first, then its rows. SQLite that has no statistics would walk all rows to look each up in the page
        format!(
            "SELECT {COLUMNS} FROM (SELECT DISTINCT k, id FROM ({}) u ORDER BY k {direction}, id {direction} LIMIT {size}) l CROSS JOIN conversations c {JOINS} WHERE c.workspace = $1 AND c.id = l.id ORDER BY l.k {direction}, l.id {direction}",
            arms.join(" UNION ALL ")
        )
    })
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

/// Every list that the tests prepare and whose plan they read.
#[doc(hidden)]
#[must_use]
pub fn sample_lists() -> Vec<(String, Sql, usize)> {
    let mut all = vec![("assignees".to_owned(), assignees_sql(1), 0)];
    for view in [View::Unassigned, View::Mine, View::All, View::Closed, View::Snoozed, View::Spam, View::Trash] {
        for sort in [Sort::Newest, Sort::Waiting] {
            for (teams, without, access) in [(0, true, true), (1, false, false), (3, true, true)] {
                if (view == View::Mine && teams > 1) || view.order(sort) != sort {
                    continue;
                }
                for size in PAGE_SIZES {
                    let sql = list_sql(view, sort, size, teams, without, access);
                    all.push((format!("{view:?} {sort:?} {size} {teams}"), sql, teams));
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
        let (teams, without_team, by_access) = match query.team {
            Some(team) if query.view == View::Mine => (vec![team], false, false),
            Some(team) if visible.contains(&team) => (vec![team], false, false),
            Some(_) => return Ok(Vec::new()),
            None if query.view == View::Mine => (Vec::new(), false, false),
            // who sees everything finds it in the teams, and need not have all that is shared walked through
            None => (visible, true, !viewer.role.sees_everything()),
        };
        let teams = &teams[..teams.len().min(TEAMS_MAX)];
        let sort = query.view.order(query.sort);
        let size = PAGE_SIZES.into_iter().find(|s| *s >= query.limit).unwrap_or(PAGE_MAX);
        let sql = list_sql(query.view, sort, size, teams.len(), without_team, by_access);
        let (key, id) = match (query.cursor, sort) {
            (Some(cursor), _) => (cursor.key, cursor.id.uuid()),
            (None, Sort::Newest) => (i64::MAX, Uuid::max()),
            (None, Sort::Waiting) => (i64::MIN, Uuid::nil()),
        };
        let mut values = values![viewer.user, key, id].to_vec();
        values.extend(teams.iter().map(|t| Value::from(*t)));
        Ok(self.rows::<Listed>(sql, &values)?.into_iter().take(query.limit).map(|l| l.0).collect())
    }

    /// One conversation as `user` would see it in a list. Whether they may see it is asked by [`Scope::sees`].
    pub fn listed(&mut self, user: UserId, id: ConversationId) -> Result<Option<ListedRow>> {
        let sql = assembled("listed one", || {
            format!("SELECT {COLUMNS} FROM conversations c {JOINS} WHERE c.workspace = $1 AND c.id = $3")
        });
        Ok(self.row::<Listed>(sql, values![user, id])?.map(|l| l.0))
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
        Ok(Companions {
            assignees: self.rows(assignees, &values)?,
            channels: self.rows(channels, &values)?,
            last_messages,
            entries,
        })
    }
}
