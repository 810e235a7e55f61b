//! What people are told: a row for each person and event, written with the event.

use partyline_core::event::{ActorKind, EventType};
use partyline_core::id::{ConversationId, NoteId, UserId};
use partyline_core::notification::{Kind, PLACES, Wishes};
use partyline_core::time::{Millis, SECOND};
use uuid::Uuid;

use crate::error::Result;
use crate::lists::{padded, places};
use crate::people::Viewer;
use crate::scope::{Scope, Tx, Workspace};
use crate::sql::{Sql, assembled, queries};
use crate::value::{Value, row, values};

/// Unseen ones are counted up to this; who has more sees this many.
pub const COUNTED_MAX: i64 = 100;
/// Rows that are forgotten in one unit of work.
const FORGOTTEN_AT_ONCE: i64 = 1_000;
/// What has not been seen on an open screen by then is pushed, in milliseconds.
pub const PUSHED_AFTER: i64 = 3 * SECOND;

/// Whether somebody sees conversation `c`, by their id and by whether they see everything. The words are those of `lists::SEES`.
macro_rules! sight {
    ($user:literal, $everything:literal) => {
        concat!("(c.team_id IS NULL OR ", $everything, " OR EXISTS (SELECT 1 FROM teams t WHERE t.workspace = c.workspace AND t.id = c.team_id AND (t.closed = 0 OR EXISTS (SELECT 1 FROM team_members m WHERE m.workspace = t.workspace AND m.team_id = t.id AND m.user_id = ", $user, "))) OR EXISTS (SELECT 1 FROM conversation_users s WHERE s.workspace = c.workspace AND s.conversation_id = c.id AND s.user_id = ", $user, " AND s.access = 1))")
    };
}

/// Notifications `n` of `$2` with what they speak of, as far as they see that; `$3`: everything.
macro_rules! shown {
    ($where:literal, $tail:literal) => {
        concat!("SELECT n.seq, n.kind, n.conversation_id, n.at, n.seen_at, n.places, e.type, e.actor_kind, e.actor_id, w.name, p.name, a.value, x.kind, x.id, x.text FROM notifications n CROSS JOIN conversations c JOIN contacts p ON p.workspace = c.workspace AND p.id = c.contact_id JOIN addresses a ON a.workspace = c.workspace AND a.id = c.address_id JOIN events e ON e.workspace = n.workspace AND e.seq = n.seq LEFT JOIN users w ON w.workspace = e.workspace AND w.id = e.actor_id LEFT JOIN entries x ON x.workspace = e.workspace AND x.id = e.subject_id WHERE n.workspace = $1 AND n.user_id = $2 AND c.workspace = n.workspace AND c.id = n.conversation_id AND ", $where, " AND ", sight!("$2", "$3 = 1"), $tail)
    };
}

queries! {
    PAGE = shown!("n.places % 2 = 1 AND n.seq < $4", " ORDER BY n.seq DESC LIMIT $5");
    UNSEEN_PAGE = shown!("n.places % 2 = 1 AND n.seq < $4 AND n.seen_at IS NULL", " ORDER BY n.seq DESC LIMIT $5");
    // in the app or on the desktop
    NEW = shown!("n.places % 4 <> 0 AND n.seq >= $4 AND n.seq <= $5 AND n.seen_at IS NULL", " ORDER BY n.seq LIMIT $6");
    UNSEEN = concat!("SELECT count(*) FROM (SELECT 1 FROM notifications n CROSS JOIN conversations c WHERE n.workspace = $1 AND n.user_id = $2 AND n.seen_at IS NULL AND n.places % 2 = 1 AND c.workspace = n.workspace AND c.id = n.conversation_id AND ", sight!("$2", "$3 = 1"), " LIMIT $4) x");
    TOLD = "SELECT user_id, seq, conversation_id FROM notifications WHERE workspace = $1 AND seq > $2 AND seq <= $3 AND seen_at IS NULL ORDER BY seq, user_id";
    UNSEEN_IN = "SELECT 1 FROM notifications WHERE workspace = $1 AND user_id = $2 AND conversation_id = $3 AND seen_at IS NULL LIMIT 1";
    SEE = "UPDATE notifications SET seen_at = $4 WHERE workspace = $1 AND user_id = $2 AND seq = $3 AND seen_at IS NULL";
    SEE_ALL = "UPDATE notifications SET seen_at = $4 WHERE workspace = $1 AND user_id = $2 AND seq <= $3 AND seen_at IS NULL";
    SEE_IN = "UPDATE notifications SET seen_at = $5 WHERE workspace = $1 AND user_id = $2 AND seq <= $3 AND conversation_id = $4 AND seen_at IS NULL";
    FORGET = "DELETE FROM notifications WHERE workspace = $1 AND at < $2 AND seq IN (SELECT o.seq FROM notifications o WHERE o.workspace = $1 ORDER BY o.seq LIMIT $3)";
    AWAY = "SELECT u.id FROM users u WHERE u.workspace = $1 AND u.deactivated_at IS NULL AND EXISTS (SELECT 1 FROM notifications n WHERE n.workspace = u.workspace AND n.user_id = u.id AND n.seen_at IS NULL AND n.mailed_at IS NULL AND n.places >= 8 AND n.at > $2) AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.workspace = u.workspace AND s.user_id = u.id AND s.seen_at > $3) AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.workspace = u.workspace AND m.kind = $5 AND m.about = u.id AND (m.state = 'waiting' OR m.created_at > $4)) ORDER BY u.id LIMIT $6";
    WAS_HERE = "SELECT 1 FROM sessions WHERE workspace = $1 AND user_id = $2 AND seen_at > $3 LIMIT 1";
    UNMAILED = shown!("n.places >= 8 AND n.seen_at IS NULL AND n.mailed_at IS NULL AND n.at > $4", " ORDER BY n.seq LIMIT $5");
    UNPUSHED = shown!("n.places / 4 % 2 = 1 AND n.seen_at IS NULL AND n.seq = $4", "");
    MAILED = "UPDATE notifications SET mailed_at = $4 WHERE workspace = $1 AND user_id = $2 AND seq = $3";
    WISHES = "SELECT told FROM users WHERE workspace = $1 AND id = $2";
    SET_WISHES = "UPDATE users SET told = $3 WHERE workspace = $1 AND id = $2";
    DUE = "SELECT t.seq, t.conversation_id, t.assignee_id, t.due_at, x.id FROM tasks t JOIN entries x ON x.workspace = t.workspace AND x.seq = t.seq WHERE t.workspace = $1 AND t.done_at IS NULL AND t.assignee_id IS NOT NULL AND t.due_at > $2 AND t.due_at <= $3 AND (t.told_due_at IS NULL OR t.told_due_at <> t.due_at) ORDER BY t.due_at LIMIT $4";
    TOLD_DUE = "UPDATE tasks SET told_due_at = due_at WHERE workspace = $1 AND seq = $2";
}

/// Tells some people, each where they wish: who has left, who does not see the conversation, has muted it, or wants to hear nothing of this
/// is left out. Who is out of office finds it in the app alone. `$2` seq, `$3` kind, `$4` conversation, `$5` now, `$6` what is wished by who
/// has said nothing, `$7` the kind's place in wishes, `$8` how many values that has, `$9` after how
/// long it is pushed.
fn tell_sql(size: usize) -> Sql {
    assembled(&format!("tell {size}"), || {
        format!(
            concat!(
                "INSERT INTO notifications (workspace, user_id, seq, kind, conversation_id, at, places, push_due) SELECT w.workspace, w.id, $2, $3, $4, $5, w.places, CASE WHEN w.places / 4 % 2 = 1 AND EXISTS (SELECT 1 FROM push_subscriptions b WHERE b.workspace = w.workspace AND b.user_id = w.id) THEN $5 + $9 ELSE NULL END FROM (SELECT u.workspace, u.id, u.role, CASE WHEN u.away_until > $5 THEN COALESCE(u.told, $6) / $7 % 2 ELSE COALESCE(u.told, $6) / $7 % $8 END AS places FROM users u WHERE u.workspace = $1 AND u.deactivated_at IS NULL AND u.id IN ({})) w JOIN conversations c ON c.workspace = w.workspace WHERE c.id = $4 AND w.places <> 0 AND NOT EXISTS (SELECT 1 FROM conversation_users q WHERE q.workspace = c.workspace AND q.conversation_id = c.id AND q.user_id = w.id AND q.muted = 1) AND ",
                sight!("w.id", "w.role IN ('owner', 'admin')"),
                " ON CONFLICT (workspace, user_id, seq) DO NOTHING"
            ),
            places(10, size)
        )
    })
}

/// The statements of other modules' tests: they prepare them all.
#[doc(hidden)]
#[must_use]
pub fn sample_statements() -> Vec<Sql> {
    vec![tell_sql(1), tell_sql(10)]
}

/// What is asked often, with values, for a test that reads the plans.
#[doc(hidden)]
#[must_use]
pub fn sample_questions(
    workspace: Workspace,
    user: UserId,
    conversation: ConversationId,
) -> Vec<(&'static str, Sql, Vec<Value>)> {
    let of = |values: &[Value]| [values![workspace], values].concat();
    vec![
        ("page", PAGE, of(values![user, false, 1_000i64, 50i64])),
        ("unseen page", UNSEEN_PAGE, of(values![user, false, 1_000i64, 50i64])),
        ("new", NEW, of(values![user, false, 1_000i64, 1_010i64, 50i64])),
        ("unseen", UNSEEN, of(values![user, false, COUNTED_MAX])),
        ("unseen in", UNSEEN_IN, of(values![user, conversation])),
        ("told", TOLD, of(values![1_000i64, 1_010i64])),
    ]
}

row! {
    /// One thing that one person is told, with what it speaks of.
    pub struct NotificationRow {
        /// Of which event.
        pub seq: i64,
        /// What kind of thing.
        pub kind: Kind,
        /// Where.
        pub conversation: ConversationId,
        /// When.
        pub at: Millis,
        /// When they saw it.
        pub seen_at: Option<Millis>,
        /// Where it is told: bits of [`partyline_core::notification::Place`].
        pub places: i64,
        /// What happened.
        pub event: EventType,
        /// Who did it.
        pub actor_kind: ActorKind,
        /// Their id; the server has none.
        pub actor: Option<Uuid>,
        /// What they are called, where it was a person of the team.
        pub actor_name: Option<String>,
        /// What the customer is called.
        pub contact_name: Option<String>,
        /// Their number.
        pub contact_address: String,
        /// What kind of entry it speaks of.
        pub entry_kind: Option<String>,
        /// Which.
        pub entry: Option<Uuid>,
        /// What it says.
        pub text: Option<String>,
    }
}

row! {
    /// A task that is due, and of which its assignee has not been told.
    pub struct DueTask {
        /// The note's place in the log.
        pub seq: i64,
        /// Where it is.
        pub conversation: ConversationId,
        /// Whose it is.
        pub assignee: UserId,
        /// Since when.
        pub due_at: Millis,
        /// The note.
        pub note: NoteId,
    }
}

/// What is told, and where.
#[derive(Debug, Clone, Copy)]
pub struct News {
    /// Of which event.
    pub seq: i64,
    /// What kind of thing.
    pub kind: Kind,
    /// Where.
    pub conversation: ConversationId,
}

/// Who is away: nothing else is asked of a letter's reader.
#[derive(Debug, Clone, Copy)]
pub struct Away {
    /// They were told something after this.
    pub told_after: Millis,
    /// No session of theirs was used after this.
    pub here_after: Millis,
    /// No letter of the kind was written to them after this, and none waits.
    pub mailed_after: Millis,
}

/// Somebody who was told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Who.
    pub user: UserId,
    /// Of which event.
    pub seq: i64,
    /// Where.
    pub conversation: ConversationId,
}

impl Scope<'_> {
    /// What a person is told and still sees, the newest first, before a seq.
    pub fn notifications(
        &mut self,
        viewer: Viewer,
        before: i64,
        unseen: bool,
        limit: i64,
    ) -> Result<Vec<NotificationRow>> {
        let sql = if unseen { UNSEEN_PAGE } else { PAGE };
        self.rows(sql, values![viewer.user, viewer.role.sees_everything(), before, limit])
    }

    /// What of it is new between two seqs, for the app and the desktop, the oldest first.
    pub fn new_notifications(
        &mut self,
        viewer: Viewer,
        first: i64,
        last: i64,
        limit: i64,
    ) -> Result<Vec<NotificationRow>> {
        self.rows(NEW, values![viewer.user, viewer.role.sees_everything(), first, last, limit])
    }

    /// How many of them they have not seen, up to [`COUNTED_MAX`].
    pub fn unseen_notifications(&mut self, viewer: Viewer) -> Result<i64> {
        let values = values![viewer.user, viewer.role.sees_everything(), COUNTED_MAX];
        Ok(self.row::<(i64,)>(UNSEEN, values)?.map_or(0, |(n,)| n))
    }

    /// Is there something that they have not seen and that tells of this conversation?
    pub fn is_told_in(&mut self, user: UserId, conversation: ConversationId) -> Result<bool> {
        Ok(self.row::<(i64,)>(UNSEEN_IN, values![user, conversation])?.is_some())
    }

    /// Who was told something in (after, seq], and has not seen it.
    pub fn told(&mut self, after: i64, seq: i64) -> Result<Vec<Told>> {
        let rows = self.rows::<(UserId, i64, ConversationId)>(TOLD, values![after, seq])?;
        Ok(rows.into_iter().map(|(user, seq, conversation)| Told { user, seq, conversation }).collect())
    }

    /// Who is away and has something that they want in a letter and have not seen.
    pub fn away_and_told(&mut self, away: Away, kind: &str, limit: i64) -> Result<Vec<UserId>> {
        let Away { told_after, here_after, mailed_after } = away;
        let rows = self.rows::<(UserId,)>(AWAY, values![told_after, here_after, mailed_after, kind, limit])?;
        Ok(rows.into_iter().map(|(user,)| user).collect())
    }

    /// What is to be pushed to a person of one event, where they have not seen it.
    pub fn unpushed(&mut self, viewer: Viewer, seq: i64) -> Result<Option<NotificationRow>> {
        self.row(UNPUSHED, values![viewer.user, viewer.role.sees_everything(), seq])
    }

    /// Has a session of theirs been used after that?
    pub fn was_here(&mut self, user: UserId, after: Millis) -> Result<bool> {
        Ok(self.row::<(i64,)>(WAS_HERE, values![user, after])?.is_some())
    }

    /// What was told a person after a time, is to be in a letter, and was in none and not seen yet; the oldest first.
    pub fn unmailed(&mut self, viewer: Viewer, after: Millis, limit: i64) -> Result<Vec<NotificationRow>> {
        self.rows(UNMAILED, values![viewer.user, viewer.role.sees_everything(), after, limit])
    }

    /// What a person wishes to be told of; `None`: they have not said.
    pub fn wishes(&mut self, user: UserId) -> Result<Option<Wishes>> {
        Ok(self.row::<(Option<i64>,)>(WISHES, values![user])?.and_then(|(told,)| told).map(Wishes))
    }

    /// Tasks that became due in (after, now], and of which nobody was told.
    pub fn due_tasks(&mut self, after: Millis, now: Millis, limit: i64) -> Result<Vec<DueTask>> {
        self.rows(DUE, values![after, now, limit])
    }
}

impl Tx<'_> {
    /// Tells some people of an event of this unit, in one statement; none where there is nobody.
    pub fn tell(&mut self, news: News, people: &[UserId]) -> Result<()> {
        if people.is_empty() {
            return Ok(());
        }
        let News { seq, kind, conversation } = news;
        let now = self.now();
        let (default, shift) = (Wishes::default().0, Wishes::shift(kind));
        let fixed = values![seq, kind, conversation, now, default, shift, PLACES, PUSHED_AFTER].to_vec();
        for some in people.chunks(crate::lists::PAGE_MAX) {
            let (size, values) = padded(some, &fixed);
            self.run(tell_sql(size), &values)?;
        }
        Ok(())
    }

    /// Somebody has seen one of theirs. `false`: they had, or there is none.
    pub fn see_notification(&mut self, user: UserId, seq: i64) -> Result<bool> {
        let now = self.now();
        Ok(self.run(SEE, values![user, seq, now])? > 0)
    }

    /// Somebody has seen all of theirs up to a seq.
    pub fn see_notifications(&mut self, user: UserId, up_to: i64) -> Result<bool> {
        let now = self.now();
        Ok(self.run(SEE_ALL, values![user, up_to, now])? > 0)
    }

    /// Somebody has seen all of theirs in a conversation up to a seq.
    pub fn see_notifications_in(&mut self, user: UserId, conversation: ConversationId, up_to: i64) -> Result<bool> {
        let now = self.now();
        Ok(self.run(SEE_IN, values![user, up_to, conversation, now])? > 0)
    }

    /// It was in a letter to them.
    pub fn mailed(&mut self, user: UserId, seqs: &[i64]) -> Result<()> {
        let now = self.now();
        seqs.iter().try_for_each(|seq| self.run(MAILED, values![user, *seq, now]).map(drop))
    }

    /// Writes what a person wishes to be told of.
    pub fn set_wishes(&mut self, user: UserId, wishes: Wishes) -> Result<()> {
        self.run(SET_WISHES, values![user, wishes.0]).map(drop)
    }

    /// A task's assignee was told that it is due.
    pub fn told_due(&mut self, seq: i64) -> Result<()> {
        self.run(TOLD_DUE, values![seq]).map(drop)
    }

    /// Forgets some of what was told before a time. `false`: there is no more of it.
    pub fn forget_notifications(&mut self, before: Millis) -> Result<bool> {
        Ok(self.run(FORGET, values![before, FORGOTTEN_AT_ONCE])? > 0)
    }
}
