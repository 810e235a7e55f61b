//! Conversations: their rows, their place in lists, their counts.
//!
//! [`Tx::change`] is the only way to change one. It loads the row and everyone's state on it, lets the caller change them, and then
//! writes every copy and every count that follows, so that lists and counts can't drift apart.

use std::collections::HashMap;

use partyline_core::conversation::{Cell, Counted, Priority, Status, cells};
use partyline_core::id::{AddressId, ChannelId, ContactId, ConversationId, LabelId, TeamId, UserId};
use partyline_core::time::Millis;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::labels::HeldLabel;
use crate::scope::{Scope, Tx};
use crate::sql::{assembled, queries};
use crate::value::{FromRow, Row, Value, row, values};

queries! {
    CONVERSATION = "SELECT id, status, team_id, contact_id, channel_id, address_id, subject, priority, snoozed_until, closed_at, waiting_since, last_activity_at, last_seq, unread_seq, preview, last_message_seq, created_at, labels FROM conversations WHERE workspace = $1 AND id = $2";
    CREATE = "INSERT INTO conversations (workspace, id, status, team_id, contact_id, channel_id, address_id, last_activity_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)";
    UPDATE = "UPDATE conversations SET status = $3, team_id = $4, channel_id = $5, address_id = $6, subject = $7, priority = $8, snoozed_until = $9, closed_at = $10, waiting_since = $11, waiting_order = $12, assigned = $13, last_activity_at = $14, last_seq = $15, unread_seq = $16, preview = $17, last_message_seq = $18, snooze_order = $19, labels = $20 WHERE workspace = $1 AND id = $2";
    TOUCH = "UPDATE conversations SET channel_id = $3, address_id = $4, last_activity_at = $5, last_seq = $6, unread_seq = $7, preview = $8, last_message_seq = $9 WHERE workspace = $1 AND id = $2";
    LAST_MESSAGE_AT = "SELECT e.at FROM conversations c JOIN entries e ON e.workspace = c.workspace AND e.seq = c.last_message_seq WHERE c.workspace = $1 AND c.id = $2";
    USERS = "SELECT user_id, assigned, mentioned_at, following, muted, read_seq, is_read, touched_at FROM conversation_users WHERE workspace = $1 AND conversation_id = $2 ORDER BY user_id";
    PUT_USER = "INSERT INTO conversation_users (workspace, conversation_id, user_id, assigned, mentioned, access, read_seq, is_read, status, team_id, last_activity_at, waiting_order, touched_at, mentioned_at, following, muted, snooze_order, taken) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) ON CONFLICT (workspace, conversation_id, user_id) DO UPDATE SET assigned = excluded.assigned, mentioned = excluded.mentioned, access = excluded.access, read_seq = excluded.read_seq, is_read = excluded.is_read, status = excluded.status, team_id = excluded.team_id, last_activity_at = excluded.last_activity_at, waiting_order = excluded.waiting_order, touched_at = excluded.touched_at, mentioned_at = excluded.mentioned_at, following = excluded.following, muted = excluded.muted, snooze_order = excluded.snooze_order, taken = excluded.taken";
    TOUCH_USER = "UPDATE conversation_users SET read_seq = $4, is_read = $5, last_activity_at = $6, touched_at = $7 WHERE workspace = $1 AND conversation_id = $2 AND user_id = $3";
    THREAD = "SELECT conversation_id FROM threads WHERE workspace = $1 AND channel_id = $2 AND address_id = $3";
    POINT_THREAD = "INSERT INTO threads (workspace, channel_id, address_id, conversation_id) VALUES ($1, $2, $3, $4) ON CONFLICT (workspace, channel_id, address_id) DO UPDATE SET conversation_id = excluded.conversation_id";
    USE_CHANNEL = "INSERT INTO conversation_channels (workspace, conversation_id, channel_id, address_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    DUE = "SELECT id FROM conversations WHERE workspace = $1 AND status = 'snoozed' AND snoozed_until IS NOT NULL AND snoozed_until <= $2 ORDER BY snoozed_until, id LIMIT $3";
    ROUTES = "SELECT channel_id, address_id FROM conversation_channels WHERE workspace = $1 AND conversation_id = $2 ORDER BY channel_id, address_id";
    TALLIES = "SELECT user_id, cell, team_id, owner_id, n FROM tallies WHERE workspace = $1 AND (user_id = $2 OR user_id = $3 OR user_id = $4) AND (owner_id = $2 OR owner_id = $3 OR cell = 'label') AND n <> 0";
    OUTSIDE = "SELECT c.status, c.assigned, u.following, CASE WHEN u.is_read = 1 OR c.unread_seq = 0 THEN 1 ELSE 0 END AS has_read, count(*) FROM teams t CROSS JOIN conversation_users u CROSS JOIN conversations c WHERE t.workspace = $1 AND t.closed = 1 AND NOT EXISTS (SELECT 1 FROM team_members m WHERE m.workspace = t.workspace AND m.team_id = t.id AND m.user_id = $2) AND u.workspace = t.workspace AND u.user_id = $2 AND u.team_id = t.id AND u.access = 1 AND u.status IN ('open', 'snoozed', 'closed') AND c.workspace = u.workspace AND c.id = u.conversation_id GROUP BY c.status, c.assigned, u.following, has_read";
    OUTSIDE_LABELS = "SELECT l.label_id, CASE WHEN u.is_read = 1 OR c.unread_seq = 0 THEN 1 ELSE 0 END AS has_read, count(*) FROM teams t CROSS JOIN conversation_users u CROSS JOIN conversations c CROSS JOIN conversation_labels l WHERE t.workspace = $1 AND t.closed = 1 AND NOT EXISTS (SELECT 1 FROM team_members m WHERE m.workspace = t.workspace AND m.team_id = t.id AND m.user_id = $2) AND u.workspace = t.workspace AND u.user_id = $2 AND u.team_id = t.id AND u.access = 1 AND u.status = 'open' AND c.workspace = u.workspace AND c.id = u.conversation_id AND l.workspace = c.workspace AND l.conversation_id = c.id GROUP BY l.label_id, has_read";
}

/// Counters that are written by one statement. One text wants a few; only labels times readers make more.
const TALLIES_AT_ONCE: usize = 32;
const TALLY_INTO: &str = "INSERT INTO tallies (workspace, user_id, cell, team_id, owner_id, n) VALUES";
const TALLY_ADD: &str =
    "ON CONFLICT (workspace, user_id, cell, team_id, owner_id) DO UPDATE SET n = tallies.n + excluded.n";

row! {
    /// A conversation as it rests.
    pub struct ConversationRow {
        /// Its id.
        pub id: ConversationId,
        /// What the team has done with it.
        pub status: Status,
        /// Whose inbox it is in.
        pub team: Option<TeamId>,
        /// With whom.
        pub contact: ContactId,
        /// The channel of the newest customer message.
        pub channel: ChannelId,
        /// The address that wrote it.
        pub address: AddressId,
        /// What it is about.
        pub subject: Option<String>,
        /// [`Priority`] as its number.
        pub priority: i64,
        /// When it wakes.
        pub snoozed_until: Option<Millis>,
        /// When it was closed or trashed.
        pub closed_at: Option<Millis>,
        /// Since when the customer waits for a person.
        pub waiting_since: Option<Millis>,
        /// When anything last happened.
        pub last_activity_at: Millis,
        /// Newest entry.
        pub last_seq: i64,
        /// Newest entry that makes it unread.
        pub unread_seq: i64,
        /// The start of the newest message.
        pub preview: String,
        /// Newest message.
        pub last_message_seq: i64,
        /// When it began.
        pub created_at: Millis,
        /// COPY: how many labels it has, those above them counted.
        pub labels: i64,
    }
}

impl ConversationRow {
    /// How urgent the team says it is.
    #[must_use]
    pub fn priority(&self) -> Priority {
        Priority::from_i64(self.priority)
    }

    pub(crate) fn waiting_order(&self) -> Millis {
        self.waiting_since.unwrap_or(Millis::NEVER)
    }

    /// When it wakes, or never: where it waits for an answer, and where it is not set aside.
    pub(crate) fn snooze_order(&self) -> Millis {
        self.snoozed_until.unwrap_or(Millis::NEVER)
    }
}

/// All that one user has to do with one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserState {
    /// Who.
    pub user: UserId,
    /// Are they on it?
    pub assigned: bool,
    /// When a note last named them. Then they see it from outside its team, for good.
    pub mentioned_at: Option<Millis>,
    /// Do they want to be told of what happens here?
    pub following: bool,
    /// Do they want to hear nothing of it? Then it counts as read, whatever comes.
    pub muted: bool,
    /// The newest entry they have seen.
    pub read_seq: i64,
    /// When they last answered, noted or triaged here.
    pub touched_at: Option<Millis>,
    /// COPY: nothing that makes it unread came after `read_seq`.
    is_read: bool,
}

impl UserState {
    /// Do they see it from outside its team?
    #[must_use]
    pub const fn has_access(&self) -> bool {
        self.assigned || self.mentioned_at.is_some()
    }

    /// Is it in a list of theirs, so that their row has its keys?
    const fn is_listed(&self) -> bool {
        self.has_access() || self.following
    }

    /// Have they seen everything that makes it unread, or do they not want to?
    #[must_use]
    pub const fn has_read(&self) -> bool {
        self.is_read
    }

    /// Is it the same in everything that lists are made of?
    fn stands_as(&self, other: &UserState) -> bool {
        let state = |u: &UserState| (u.assigned, u.mentioned_at, u.following, u.muted);
        state(self) == state(other)
    }
}

impl FromRow for UserState {
    fn from_row(row: &mut Row) -> Result<Self> {
        Ok(UserState {
            user: row.get()?,
            assigned: row.get()?,
            mentioned_at: row.get()?,
            following: row.get()?,
            muted: row.get()?,
            read_seq: row.get()?,
            is_read: row.get()?,
            touched_at: row.get()?,
        })
    }
}

/// A conversation and everyone's state on it, for [`Tx::change`].
#[derive(Debug, Clone)]
pub struct Held {
    /// The row.
    pub row: ConversationRow,
    /// Everyone who has something to do with it.
    pub users: Vec<UserState>,
    /// Its labels, and those above them, in order of id.
    pub labels: Vec<HeldLabel>,
}

impl Held {
    /// A user's state, made when there is none.
    pub fn user(&mut self, user: UserId) -> &mut UserState {
        let at = match self.users.iter().position(|u| u.user == user) {
            Some(at) => at,
            None => {
                self.users.push(UserState {
                    user,
                    assigned: false,
                    mentioned_at: None,
                    following: false,
                    muted: false,
                    read_seq: 0,
                    touched_at: None,
                    is_read: false,
                });
                self.users.len() - 1
            }
        };
        &mut self.users[at]
    }

    /// Who is on it, in order of id.
    #[must_use]
    pub fn assignees(&self) -> Vec<UserId> {
        self.who(|u| u.assigned)
    }

    /// Those of whom something is so, in order of id.
    fn who(&self, is: impl Fn(&UserState) -> bool) -> Vec<UserId> {
        let mut who: Vec<UserId> = self.users.iter().filter(|u| is(u)).map(|u| u.user).collect();
        who.sort_unstable();
        who
    }

    /// Is there something that this user has not seen, and wants to?
    #[must_use]
    pub fn is_unread_by(&self, user: UserId) -> bool {
        self.row.unread_seq > 0 && self.users.iter().find(|u| u.user == user).is_none_or(|u| !u.is_read)
    }

    /// Writes what follows from the rest: who has read it, how many labels there are.
    pub(crate) fn settle(&mut self) {
        for user in &mut self.users {
            user.is_read = user.muted || user.read_seq >= self.row.unread_seq;
        }
        self.row.labels = i64::try_from(self.labels.len()).unwrap_or(i64::MAX);
    }

    /// What decides where it is counted.
    fn counted(&self) -> Counted {
        Counted {
            assignees: self.assignees(),
            mentioned: self.who(|u| u.mentioned_at.is_some()),
            following: self.who(|u| u.following),
            labels: self.labels.iter().map(|l| l.label).collect(),
        }
    }

    /// Is it where it was in every list but for the time of its last activity, and shown there with the same state?
    fn stands_as(&self, after: &Held) -> bool {
        let state = |held: &Held| {
            let row = &held.row;
            let times = (row.snoozed_until, row.closed_at, row.waiting_since);
            (row.status, row.team, row.priority, times, held.is_assigned())
        };
        state(self) == state(after) && self.row.subject == after.row.subject && self.labels == after.labels
    }

    pub(crate) fn is_assigned(&self) -> bool {
        self.users.iter().any(|u| u.assigned)
    }

    /// A user's row, with its copies of the conversation's keys.
    pub(crate) fn copies(&self, user: &UserState) -> [Value; 17] {
        let row = &self.row;
        [
            row.id.into(),
            user.user.into(),
            user.assigned.into(),
            user.mentioned_at.is_some().into(),
            user.has_access().into(),
            user.read_seq.into(),
            user.is_read.into(),
            row.status.into(),
            row.team.into(),
            row.last_activity_at.into(),
            row.waiting_order().into(),
            user.touched_at.into(),
            user.mentioned_at.into(),
            user.following.into(),
            user.muted.into(),
            row.snooze_order().into(),
            self.is_assigned().into(),
        ]
    }
}

impl Held {
    /// A label's row, with its copies of the conversation's keys.
    pub(crate) fn label_copies(&self, label: &HeldLabel) -> [Value; 7] {
        let row = &self.row;
        [
            row.id.into(),
            label.label.into(),
            label.implied.into(),
            row.team.into(),
            row.status.into(),
            row.last_activity_at.into(),
            row.waiting_order().into(),
        ]
    }
}

pub(crate) type Key = (Uuid, &'static str, Uuid, Uuid);

/// Stands for every reader at once, where there is nothing to read: nobody has written to us yet, and no colleague has noted anything.
pub(crate) const EVERY_READER: Uuid = Uuid::max();

/// What this conversation adds to the counts: once for everyone, and once per reader who has read it.
pub(crate) fn contributions(held: &Held) -> HashMap<Key, i64> {
    let team = held.row.team.map_or(Uuid::nil(), TeamId::uuid);
    let mut counts = HashMap::new();
    let key = |reader: Uuid, cell: Cell| (reader, cell.as_str(), team, cell.owner());
    for cell in cells(held.row.status, &held.counted()) {
        counts.insert(key(Uuid::nil(), cell), 1);
        if held.row.status != Status::Open {
            continue;
        }
        if held.row.unread_seq == 0 {
            counts.insert(key(EVERY_READER, cell), 1);
            continue;
        }
        for reader in held.users.iter().filter(|u| u.is_read) {
            if cell.person().is_none_or(|person| person == reader.user) {
                counts.insert(key(reader.user.uuid(), cell), 1);
            }
        }
    }
    counts
}

/// One counter, for a user's own view of the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The cell's word.
    pub cell: Cell,
    /// Which team's; none for conversations of no team.
    pub team: Option<TeamId>,
    /// How many there are.
    pub total: i64,
    /// How many of them the user has read.
    pub read: i64,
}

impl Scope<'_> {
    /// One conversation.
    pub fn conversation(&mut self, id: ConversationId) -> Result<Option<ConversationRow>> {
        self.row(CONVERSATION, values![id])
    }

    /// When the message happened that lists show of a conversation; `None` where there is none yet.
    pub fn last_message_at(&mut self, id: ConversationId) -> Result<Option<Millis>> {
        Ok(self.row::<(Millis,)>(LAST_MESSAGE_AT, values![id])?.map(|(at,)| at))
    }

    /// Everyone's state on a conversation.
    pub fn conversation_users(&mut self, id: ConversationId) -> Result<Vec<UserState>> {
        self.rows(USERS, values![id])
    }

    /// The conversation that a channel's thread with an address points to.
    pub fn thread(&mut self, channel: ChannelId, address: AddressId) -> Result<Option<ConversationId>> {
        Ok(self.row::<(ConversationId,)>(THREAD, values![channel, address])?.map(|(id,)| id))
    }

    /// Conversations that were set aside until now, longest ago first.
    pub fn due_to_wake(&mut self, now: Millis, limit: i64) -> Result<Vec<ConversationId>> {
        Ok(self.rows::<(ConversationId,)>(DUE, values![now, limit])?.into_iter().map(|(id,)| id).collect())
    }

    /// Every channel and address that a conversation has used.
    pub fn routes(&mut self, id: ConversationId) -> Result<Vec<(ChannelId, AddressId)>> {
        self.rows(ROUTES, values![id])
    }

    /// The counts that a user's lists show.
    pub fn tallies(&mut self, user: UserId) -> Result<Vec<Tally>> {
        let rows: Vec<(Uuid, String, Uuid, Uuid, i64)> =
            self.rows(TALLIES, values![user, Uuid::nil(), EVERY_READER])?;
        let mut tallies: HashMap<(Cell, Uuid), (i64, i64)> = HashMap::new();
        for (reader, word, team, owner, n) in rows {
            let Some(cell) = Cell::from_word(&word, owner) else { continue };
            let (total, read) = tallies.entry((cell, team)).or_default();
            *(if reader.is_nil() { total } else { read }) += n;
        }
        let team = |team: Uuid| (!team.is_nil()).then(|| TeamId::from_uuid(team));
        Ok(tallies.into_iter().map(|((cell, of), (total, read))| Tally { cell, team: team(of), total, read }).collect())
    }

    /// What a user sees from outside of its closed team: they were assigned it, or mentioned in it. Few, and in no counter of theirs. What
    /// is counted as theirs wherever it is, is left out, and so is what no list of theirs has a number for: spam and trash.
    pub fn tallies_outside(&mut self, user: UserId) -> Result<Vec<Tally>> {
        let mut tallies = Vec::new();
        for (status, assigned, following, has_read, n) in
            self.rows::<(Status, bool, bool, bool, i64)>(OUTSIDE, values![user])?
        {
            let counted = Counted {
                // whose it is does not matter here: a stranger's is as assigned as one's own
                assignees: if assigned { vec![user] } else { Vec::new() },
                mentioned: Vec::new(),
                following: if following { vec![user] } else { Vec::new() },
                labels: Vec::new(),
            };
            let read = if has_read { n } else { 0 };
            let not_counted_yet = |cell: &Cell| cell.person().is_none() || matches!(cell, Cell::Following(_));
            let cells = cells(status, &counted).into_iter().filter(not_counted_yet);
            tallies.extend(cells.map(|cell| Tally { cell, team: None, total: n, read }));
        }
        for (label, has_read, n) in self.rows::<(LabelId, bool, i64)>(OUTSIDE_LABELS, values![user])? {
            tallies.push(Tally { cell: Cell::Label(label), team: None, total: n, read: if has_read { n } else { 0 } });
        }
        Ok(tallies)
    }
}

/// Where a new conversation begins.
#[derive(Debug, Clone, Copy)]
pub struct NewConversation {
    /// Its id.
    pub id: ConversationId,
    /// Whose inbox.
    pub team: Option<TeamId>,
    /// With whom.
    pub contact: ContactId,
    /// Through which of our addresses.
    pub channel: ChannelId,
    /// With which of theirs.
    pub address: AddressId,
}

impl Tx<'_> {
    /// Begins a conversation, open and nobody's, and points the thread at it.
    pub fn create_conversation(&mut self, new: NewConversation) -> Result<()> {
        let now = self.now();
        self.write(CREATE, values![new.id, Status::Open, new.team, new.contact, new.channel, new.address, now])?;
        self.write(POINT_THREAD, values![new.channel, new.address, new.id])?;
        self.write(USE_CHANNEL, values![new.id, new.channel, new.address])?;
        let row =
            self.conversation(new.id)?.ok_or_else(|| StoreError::Corrupt("a row that was just made is gone".into()))?;
        self.count(&HashMap::new(), &contributions(&Held { row, users: Vec::new(), labels: Vec::new() }))
    }

    /// Changes a conversation and everything that follows from it: copies, lists and counts.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when there is no such conversation.
    pub fn change<T>(&mut self, id: ConversationId, change: impl FnOnce(&mut Held) -> T) -> Result<(Held, T)> {
        let row = self.conversation(id)?.ok_or_else(|| StoreError::Corrupt(format!("{id} is gone")))?;
        let labels = if row.labels > 0 { self.labels_of(id)? } else { Vec::new() };
        let mut held = Held { row, users: self.conversation_users(id)?, labels };
        let before = held.clone();
        let answer = change(&mut held);
        self.place(&before, &mut held)?;
        Ok((held, answer))
    }

    /// Writes a conversation's row, its copies in other tables, and the counts.
    fn place(&mut self, before: &Held, after: &mut Held) -> Result<()> {
        after.settle();
        let row = &after.row;
        let assigned = after.is_assigned();
        let stays = before.stands_as(after);
        if stays {
            self.touch(row)?;
        } else {
            self.rewrite(row, assigned)?;
        }
        let moved = !stays || before.row.last_activity_at != row.last_activity_at;
        for user in &after.users {
            let was = before.users.iter().find(|u| u.user == user.user);
            if (moved && user.is_listed()) || was != Some(user) {
                if stays && was.is_some_and(|w| w.stands_as(user)) {
                    let at = row.last_activity_at;
                    self.write(
                        TOUCH_USER,
                        values![row.id, user.user, user.read_seq, user.is_read, at, user.touched_at],
                    )?;
                } else {
                    self.write(PUT_USER, &after.copies(user))?;
                }
            }
        }
        self.place_labels(before, after, moved)?;
        self.count(&contributions(before), &contributions(after))
    }

    /// Writes what a message changes and nothing more: SQLite moves a row in each index of which a column is written, changed or not.
    fn touch(&mut self, row: &ConversationRow) -> Result<()> {
        self.write(
            TOUCH,
            values![
                row.id,
                row.channel,
                row.address,
                row.last_activity_at,
                row.last_seq,
                row.unread_seq,
                &row.preview,
                row.last_message_seq
            ],
        )
    }

    fn rewrite(&mut self, row: &ConversationRow, assigned: bool) -> Result<()> {
        self.write(
            UPDATE,
            values![
                row.id,
                row.status,
                row.team,
                row.channel,
                row.address,
                row.subject.clone(),
                row.priority,
                row.snoozed_until,
                row.closed_at,
                row.waiting_since,
                row.waiting_order(),
                assigned,
                row.last_activity_at,
                row.last_seq,
                row.unread_seq,
                &row.preview,
                row.last_message_seq,
                row.snooze_order(),
                row.labels,
            ],
        )
    }

    fn count(&mut self, before: &HashMap<Key, i64>, after: &HashMap<Key, i64>) -> Result<()> {
        let of = |counts: &HashMap<Key, i64>, key: &Key| counts.get(key).copied().unwrap_or(0);
        let mut deltas: Vec<(Key, i64)> = after.iter().map(|(key, n)| (*key, n - of(before, key))).collect();
        deltas.extend(before.iter().filter(|(key, _)| !after.contains_key(*key)).map(|(key, n)| (*key, -n)));
        deltas.retain(|(_, delta)| *delta != 0);
        self.tally(&deltas)
    }

    fn tally(&mut self, deltas: &[(Key, i64)]) -> Result<()> {
        for some in deltas.chunks(TALLIES_AT_ONCE) {
            let sql = assembled(&format!("tallies {}", some.len()), || {
                let row = |n: usize| {
                    let at = 2 + n * 5;
                    format!("($1, ${at}, ${}, ${}, ${}, ${})", at + 1, at + 2, at + 3, at + 4)
                };
                let rows: Vec<String> = (0..some.len()).map(row).collect();
                format!("{TALLY_INTO} {} {TALLY_ADD}", rows.join(", "))
            });
            let values: Vec<Value> = some
                .iter()
                .flat_map(|((reader, cell, team, owner), n)| -> [Value; 5] {
                    [(*reader).into(), (*cell).into(), (*team).into(), (*owner).into(), (*n).into()]
                })
                .collect();
            self.write(sql, &values)?;
        }
        Ok(())
    }

    /// Notes that a conversation uses a channel and an address.
    pub fn use_channel(&mut self, id: ConversationId, channel: ChannelId, address: AddressId) -> Result<()> {
        self.write(USE_CHANNEL, values![id, channel, address])
    }
}
