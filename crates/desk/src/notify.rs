//! What people are told: of mentions, of what others give them, of customers who write in what is theirs, of what did not arrive, of tasks
//! that are due.
//!
//! A notification is written with the event that it tells of, and goes with that event to the person's own sockets. Nobody is told of what
//! they did themselves, nor of what they have muted, nor of what is on their screen just then.

use std::collections::BTreeSet;

use partyline_core::conversation::{EntryId, preview};
use partyline_core::event::{Actor, EventType};
use partyline_core::id::{ConversationId, UserId};
use partyline_core::notification::{Kind, Place, Places, Wishes};
use partyline_core::time::{DAY, Millis, SECOND};
use partyline_store::conversations::Held;
use partyline_store::entries::entry_id;
use partyline_store::notifications::{News, NotificationRow, Told};
use partyline_store::{NewEvent, StoreError, Tx, Workspace};

use crate::error::{DeskError, Result};
use crate::live::Signal;
use crate::note;
use crate::view::{AsOf, Page};
use crate::{Desk, Who};

/// Notifications are kept this long.
pub const KEPT_FOR: i64 = 30 * DAY;
/// A task that became due longer ago than this, while no server ran, is told of no more.
const DUE_FOR: i64 = DAY;
/// How often it is looked for tasks that are due, in milliseconds.
pub const REMIND_EVERY: i64 = SECOND;
/// Tasks that are told of in one unit of work.
const DUE_AT_ONCE: i64 = 100;
/// Wishes of one request: each kind and place once.
pub const WISHES_MAX: usize = Kind::ALL.len() * Place::ALL.len();

/// One thing that I am told.
#[derive(Debug, Clone)]
pub struct NotificationView {
    /// The row.
    pub row: NotificationRow,
    /// What it speaks of, where that is on a timeline.
    pub entry: Option<EntryId>,
    /// How that begins.
    pub text: Option<String>,
}

impl NotificationView {
    pub(crate) fn of(row: NotificationRow) -> Result<NotificationView, StoreError> {
        let entry = match (&row.entry_kind, row.entry) {
            (Some(kind), Some(id)) => Some(entry_id(kind, id)?),
            _ => None,
        };
        let text = row.text.as_deref().map(|text| preview(&note::spoken(text))).filter(|text| !text.is_empty());
        Ok(NotificationView { row, entry, text })
    }

    /// Is it told here?
    #[must_use]
    pub const fn is_told(&self, place: Place) -> bool {
        Places(self.row.places).has(place)
    }
}

/// What came, and how many of all are unseen.
#[derive(Debug, Clone, Default)]
pub struct Notified {
    /// Unseen ones, up to [`partyline_store::notifications::COUNTED_MAX`].
    pub unseen: i64,
    /// Those that are new, the oldest first.
    pub new: Vec<NotificationView>,
}

/// A page of what I am told.
#[derive(Debug, Clone, Copy, Default)]
pub struct NotificationsIn {
    /// Only what I have not seen.
    pub unseen: bool,
    /// Before this seq: what the page before said comes next.
    pub before: Option<i64>,
    /// How many.
    pub limit: usize,
}

/// Which of mine I have seen.
#[derive(Debug, Clone, Copy)]
pub enum Seen {
    /// This one.
    One(i64),
    /// All up to this one.
    UpTo(i64),
    /// All.
    All,
}

/// Somebody may be told, unless they did it themselves.
fn tell(tx: &mut Tx<'_>, news: News, people: impl IntoIterator<Item = UserId>, by: Actor) -> Result<(), StoreError> {
    let people: BTreeSet<UserId> = people.into_iter().filter(|user| by.user() != Some(*user)).collect();
    tx.tell(news, &people.into_iter().collect::<Vec<_>>())
}

/// A customer wrote: those are told whose conversation it is, or who follow it. Where there is nobody, nothing is asked.
pub(crate) fn wrote(tx: &mut Tx<'_>, held: &Held, seq: i64, by: Actor) -> Result<(), StoreError> {
    let news = News { seq, kind: Kind::Reply, conversation: held.row.id };
    let concerned = held.users.iter().filter(|u| (u.assigned || u.following) && !u.muted);
    tell(tx, news, concerned.map(|u| u.user), by)
}

/// A note names people.
pub(crate) fn named(
    tx: &mut Tx<'_>,
    seq: i64,
    conversation: ConversationId,
    people: &[UserId],
    by: Actor,
) -> Result<(), StoreError> {
    tell(tx, News { seq, kind: Kind::Mention, conversation }, people.iter().copied(), by)
}

/// People were put on a conversation.
pub(crate) fn assigned(
    tx: &mut Tx<'_>,
    seq: i64,
    conversation: ConversationId,
    people: impl IntoIterator<Item = UserId>,
    by: Actor,
) -> Result<(), StoreError> {
    tell(tx, News { seq, kind: Kind::Assigned, conversation }, people, by)
}

/// A message of somebody's did not arrive, or nobody knows whether it did.
pub(crate) fn failed(
    tx: &mut Tx<'_>,
    seq: i64,
    conversation: ConversationId,
    author: Option<UserId>,
) -> Result<(), StoreError> {
    tell(tx, News { seq, kind: Kind::Failed, conversation }, author, Actor::System)
}

/// A task is somebody's now.
pub(crate) fn given(
    tx: &mut Tx<'_>,
    seq: i64,
    conversation: ConversationId,
    assignee: Option<UserId>,
    by: Actor,
) -> Result<(), StoreError> {
    tell(tx, News { seq, kind: Kind::Task, conversation }, assignee, by)
}

/// A draft waits for somebody's review.
pub(crate) fn to_review(
    tx: &mut Tx<'_>,
    seq: i64,
    conversation: ConversationId,
    reviewer: UserId,
    by: Actor,
) -> Result<(), StoreError> {
    tell(tx, News { seq, kind: Kind::DraftReview, conversation }, [reviewer], by)
}

impl Desk {
    /// One page of what I am told, the newest first, and how many of all I have not seen.
    pub async fn notifications(
        &self,
        who: &Who,
        asked: NotificationsIn,
    ) -> Result<AsOf<(Page<NotificationView>, i64)>> {
        let viewer = who.viewer();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let limit = i64::try_from(asked.limit).unwrap_or(i64::MAX);
                let rows = scope.notifications(viewer, asked.before.unwrap_or(i64::MAX), asked.unseen, limit)?;
                let next = (rows.len() == asked.limit).then(|| rows.last().map(|row| row.seq.to_string())).flatten();
                let rows = rows.into_iter().map(NotificationView::of).collect::<Result<_, _>>()?;
                let unseen = scope.unseen_notifications(viewer)?;
                Ok(AsOf { seq: scope.seq()?, value: (Page { rows, next }, unseen) })
            })
            .await
    }

    /// What I was told between two places of the log, and how many of all I have not seen: for my sockets.
    pub async fn notified(&self, who: &Who, seqs: &[i64]) -> Result<Notified> {
        let viewer = who.viewer();
        let (first, last) = (seqs.iter().min().copied(), seqs.iter().max().copied());
        let most = i64::try_from(seqs.len()).unwrap_or(i64::MAX);
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let unseen = scope.unseen_notifications(viewer)?;
                let rows = match (first, last) {
                    (Some(first), Some(last)) => scope.new_notifications(viewer, first, last, most)?,
                    _ => Vec::new(),
                };
                let new = rows.into_iter().map(NotificationView::of).collect::<Result<_, _>>()?;
                Ok(Notified { unseen, new })
            })
            .await
    }

    /// I have seen some of what I was told.
    pub async fn see_notifications(&self, who: &Who, seen: Seen) -> Result<()> {
        let user = who.user;
        let changed = self.inner.db.write(who.workspace, self.now(), move |tx| match seen {
            Seen::One(seq) => tx.see_notification(user, seq),
            Seen::UpTo(seq) => tx.see_notifications(user, seq),
            Seen::All => tx.see_notifications(user, i64::MAX),
        });
        if changed.await.map_err(|e: StoreError| DeskError::from(e))? {
            self.tell(who.workspace, Signal::Notifications(user));
        }
        Ok(())
    }

    /// A conversation has come onto a screen of mine: what tells of it is seen.
    pub async fn looked_at(&self, who: &Who, conversation: ConversationId) -> Result<()> {
        let (user, db) = (who.user, &self.inner.db);
        let told = db.read(who.workspace, move |scope| scope.is_told_in(user, conversation)).await;
        if !told.map_err(|e: StoreError| DeskError::from(e))? {
            return Ok(());
        }
        let seen = db.write(who.workspace, self.now(), move |tx| tx.see_notifications_in(user, conversation, i64::MAX));
        if seen.await.map_err(|e: StoreError| DeskError::from(e))? {
            self.tell(who.workspace, Signal::Notifications(user));
        }
        Ok(())
    }

    /// What I want to be told of, and where.
    pub async fn wishes(&self, who: &Who) -> Result<AsOf<Wishes>> {
        let user = who.user;
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let wishes = scope.wishes(user)?.unwrap_or_default();
                Ok(AsOf { seq: scope.seq()?, value: wishes })
            })
            .await
    }

    /// Says of some kinds whether I want to be told of them at some places; of the others it stays. It is mine alone, and leaves no event.
    pub async fn wish(&self, who: &Who, wanted: Vec<(Kind, Place, bool)>) -> Result<Wishes> {
        let user = who.user;
        let wishes = self
            .inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let mut wishes = tx.wishes(user)?.unwrap_or_default();
                for (kind, place, told) in wanted {
                    wishes.set(kind, place, told);
                }
                tx.set_wishes(user, wishes)?;
                Ok::<_, DeskError>(wishes)
            })
            .await?;
        self.tell(who.workspace, Signal::Notifications(user));
        Ok(wishes)
    }

    /// Tells everybody whose task has become due.
    pub async fn remind(&self) -> Result<()> {
        self.for_each("remind", |workspace, _| self.remind_in(workspace)).await
    }

    async fn remind_in(&self, workspace: Workspace) -> Result<()> {
        let now = self.now();
        let due = move |limit| move |scope: &mut partyline_store::Scope<'_>| scope.due_tasks(now - DUE_FOR, now, limit);
        let look = self.inner.db.read(workspace, due(1)).await.map_err(|e: StoreError| DeskError::from(e))?;
        if look.is_empty() {
            return Ok(());
        }
        self.inner
            .db
            .write(workspace, now, move |tx| {
                for task in tx.due_tasks(now - DUE_FOR, now, DUE_AT_ONCE)? {
                    let event = NewEvent::new(Actor::System, EventType::TaskDue);
                    let seq = tx.append(event.conversation(task.conversation).subject(task.note.uuid()))?.seq;
                    given(tx, seq, task.conversation, Some(task.assignee), Actor::System)?;
                    tx.told_due(task.seq)?;
                }
                Ok::<_, StoreError>(())
            })
            .await
            .map_err(|e: StoreError| DeskError::from(e))
    }

    /// Forgets what people were told long ago.
    pub(crate) async fn forget_notifications(&self, workspace: Workspace, now: Millis) -> Result<()> {
        let before = now - KEPT_FOR;
        loop {
            let more = self.inner.db.write(workspace, now, move |tx| tx.forget_notifications(before)).await;
            if !more.map_err(|e: StoreError| DeskError::from(e))? {
                return Ok(());
            }
        }
    }

    /// What was told to those on whose screen it is: they have seen it.
    pub(crate) async fn saw(&self, workspace: Workspace, told: Vec<Told>) {
        let users: BTreeSet<UserId> = told.iter().map(|told| told.user).collect();
        let seen = self.inner.db.write(workspace, self.now(), move |tx| {
            told.iter().try_for_each(|told| tx.see_notification(told.user, told.seq).map(drop))
        });
        match seen.await.map_err(|e: StoreError| DeskError::from(e)) {
            Ok(()) => users.into_iter().for_each(|user| self.tell(workspace, Signal::Notifications(user))),
            Err(error) => tracing::warn!(%error, "what is on somebody's screen could not be marked as seen"),
        }
    }
}
