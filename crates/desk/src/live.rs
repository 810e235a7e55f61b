//! The log as people watch it: events with what they speak of, read once per node and handed to every socket; and what is fleeting,
//! who looks and who types, which never touches the database.

mod presence;
mod relay;
mod subject;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use partyline_core::conversation::EntryId;
use partyline_core::id::{ChannelId, ConversationId, UserId};
use partyline_core::permission::Permission;
use partyline_meters::figures::FRAME_SECONDS;
use partyline_store::events::EventRow;
use partyline_store::notifications::Told;
use partyline_store::{Hint, Workspace};
use tokio::sync::broadcast::{self, error::RecvError};
use tracing::Instrument;
use tracing::field::Empty;

use crate::error::{DeskError, Result};
use crate::view::AsOf;
use crate::{Desk, Who};

pub use presence::{PRESENCE_FOR, Person, PresenceView};
use relay::Room;
pub use subject::{SharedConversation, Subject};

/// Signals that a socket may fall behind; then it is told so, and its client asks the log.
const SIGNALS: usize = 1_000;
/// Events in one frame.
const FRAME_MAX: usize = 200;
/// How long to wait before the log is read again, when it could not be.
const READ_AGAIN: Duration = Duration::from_millis(500);
/// After so long without a hint the log is read anyway, where other nodes write too.
const LOOK_ANYWAY: Duration = Duration::from_secs(5);
/// Events of one page of the log.
pub const EVENTS_MAX: usize = 200;

/// An event and what it speaks of, as that is now.
#[derive(Debug, Clone)]
pub struct LiveEvent {
    /// The event.
    pub row: EventRow,
    /// What it speaks of.
    pub subject: Arc<Subject>,
}

/// Everything in (after, seq].
#[derive(Debug, Clone)]
pub struct Frame {
    /// What came before.
    pub after: i64,
    /// Up to here.
    pub seq: i64,
    /// All of it; who may not see one leaves it out.
    pub events: Vec<LiveEvent>,
    /// Whom it tells something, but those on whose screen that is.
    pub told: Vec<Told>,
}

/// A read mark of one user, for their other browsers.
#[derive(Debug, Clone, Copy)]
pub struct ReadMark {
    /// Whose.
    pub user: UserId,
    /// Where.
    pub conversation: ConversationId,
    /// Is something unread now?
    pub unread: bool,
    /// Up to which entry, if one was named.
    pub entry: Option<EntryId>,
}

/// What a user wants to hear of a conversation, for their other browsers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Attention {
    /// Whose.
    pub user: UserId,
    /// Where.
    pub conversation: ConversationId,
    /// Do they follow it?
    pub following: bool,
    /// Have they muted it?
    pub muted: bool,
    /// Is something unread now?
    pub unread: bool,
}

/// Where a draft is. It is all that is said of one on the bus: what stands there is read by whoever may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DraftPlace {
    /// In which conversation.
    pub conversation: ConversationId,
    /// On which channel.
    pub channel: ChannelId,
}

/// What a socket hears.
#[derive(Debug, Clone)]
pub enum Signal {
    /// The log has grown.
    Frame(Arc<Frame>),
    /// Somebody looks at, or types in, a conversation, or no longer does.
    Presence(Arc<PresenceView>),
    /// A user has read something.
    Read(ReadMark),
    /// A user follows or mutes something, or no longer does.
    Attention(Attention),
    /// A draft was written, taken over, sent or discarded.
    Draft(DraftPlace),
    /// This user has seen some of what they were told, or wishes to be told otherwise.
    Notifications(UserId),
    /// A session of this user has ended, or what they may do has changed: their sockets look again.
    Sessions(UserId),
    /// This socket fell behind: it missed signals, and must ask the log.
    Lagged,
}

/// One room per workspace.
#[derive(Debug)]
pub(crate) struct Hub {
    rooms: Mutex<HashMap<Workspace, Room>>,
}

impl Hub {
    pub(crate) fn new() -> Hub {
        Hub { rooms: Mutex::default() }
    }

    /// The room of a workspace; its reader of the log starts with the first who enters.
    fn room(&self, workspace: Workspace, desk: &Desk) -> Room {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        rooms
            .entry(workspace)
            .or_insert_with(|| {
                let room = Room::new();
                // from here on no hint and no post is missed, whenever the tasks begin
                let (hints, posts) = (desk.db().hints(), desk.db().posts());
                tokio::spawn(follow(desk.clone(), workspace, hints, room.clone()));
                tokio::spawn(room.clone().keep(desk.clone(), workspace, posts));
                room
            })
            .clone()
    }

    /// Sends a signal to everyone in a workspace, if anyone is there.
    pub(crate) fn send(&self, workspace: Workspace, signal: Signal) {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(room) = rooms.get(&workspace) {
            // nobody listens: nobody needs it
            let _ = room.signals.send(signal);
        }
    }
}

/// Reads a workspace's log as it grows, once for the whole node.
async fn follow(desk: Desk, workspace: Workspace, mut hints: broadcast::Receiver<Hint>, room: Room) {
    let (db, signals) = (desk.db().clone(), room.signals.clone());
    let mut after = loop {
        match db.read(workspace, |scope| scope.seq()).await {
            Ok(seq) => break seq,
            Err(error) => {
                tracing::warn!(%error, "the log can't be followed yet; trying again");
                tokio::time::sleep(READ_AGAIN).await;
            }
        }
    };
    // who read the log before this moment learns that there may be more
    let _ = signals.send(Signal::Frame(Arc::new(Frame { after, seq: after, events: Vec::new(), told: Vec::new() })));
    let mut behind = false;
    loop {
        // other nodes' hints may get lost without anybody's noticing
        let patience = if db.is_shared() { LOOK_ANYWAY } else { Duration::MAX };
        let news = tokio::time::timeout(if behind { READ_AGAIN } else { patience }, hints.recv()).await;
        match news {
            Ok(Ok(hint)) if !behind && (hint.workspace != workspace || hint.seq <= after) => continue,
            // nobody listens: whoever comes reads the log from where they are, and sees by the next frame whether more came meanwhile
            Ok(Ok(hint)) if hint.workspace == workspace && signals.receiver_count() == 0 => {
                (after, behind) = (after.max(hint.seq), false);
                continue;
            }
            Ok(Ok(_) | Err(RecvError::Lagged(_))) | Err(_) => {}
            Ok(Err(RecvError::Closed)) => return,
        }
        behind = false;
        let heard = Instant::now();
        loop {
            let reader = desk.clone();
            let span = tracing::debug_span!("frame", workspace = workspace.0, after, seq = Empty, events = Empty);
            let read = db.read(workspace, move |scope| {
                let events = subject::events(scope, &reader, after, FRAME_MAX)?;
                let told = match events.last() {
                    Some(last) => scope.told(after, last.row.seq)?,
                    None => Vec::new(),
                };
                Ok::<_, DeskError>((events, told))
            });
            let read = read.instrument(span.clone()).await;
            let (events, told) = match read {
                Ok(read) => read,
                Err(error) => {
                    tracing::warn!(%error, "a frame could not be read; trying again");
                    behind = true;
                    break;
                }
            };
            let Some(last) = events.last().map(|e| e.row.seq) else { break };
            let more = events.len() == FRAME_MAX;
            span.record("seq", last);
            span.record("events", events.len());
            let now = desk.now();
            let is_shown = |told: &Told| room.look(|board| board.looks(told.user, told.conversation, now));
            let (shown, told): (Vec<Told>, Vec<Told>) = told.into_iter().partition(is_shown);
            if !shown.is_empty() {
                let desk = desk.clone();
                tokio::spawn(async move { desk.saw(workspace, shown).await });
            }
            let frame = Frame { after, seq: last, events, told };
            after = last;
            let _ = signals.send(Signal::Frame(Arc::new(frame)));
            FRAME_SECONDS.since([], heard);
            if !more {
                break;
            }
        }
    }
}

/// A socket's ear.
#[derive(Debug)]
pub struct Subscription {
    receiver: broadcast::Receiver<Signal>,
}

impl Subscription {
    /// Signals that came and were not taken yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.receiver.len()
    }

    /// The next signal; `None` when the server stops.
    pub async fn next(&mut self) -> Option<Signal> {
        match self.receiver.recv().await {
            Ok(signal) => Some(signal),
            Err(RecvError::Lagged(_)) => Some(Signal::Lagged),
            Err(RecvError::Closed) => None,
        }
    }
}

impl Desk {
    /// Listens to a workspace from now on. Subscribe first, then read `events`: nothing falls between.
    #[must_use]
    pub fn subscribe(&self, who: &Who) -> Subscription {
        Subscription { receiver: self.inner.hub.room(who.workspace, self).signals.subscribe() }
    }

    /// The log after a seq, with what it speaks of, for this user's eyes.
    pub async fn events(&self, who: &Who, after: i64, limit: usize) -> Result<AsOf<Vec<LiveEvent>>> {
        who.must(Permission::ReadEvents)?;
        let desk = self.clone();
        let limit = limit.clamp(1, EVENTS_MAX);
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let value = subject::events(scope, &desk, after.max(0), limit)?;
                Ok(AsOf { seq: scope.seq()?, value })
            })
            .await
    }

    /// Tells a user's sockets something that is theirs alone, on this node and on the others.
    pub(crate) fn tell(&self, workspace: Workspace, signal: Signal) {
        relay::pass_on(self, workspace, &signal);
        self.inner.hub.send(workspace, signal);
    }

    /// A socket looks at a conversation, or still does, or at none.
    pub fn viewing(&self, who: &Who, socket: u64, conversation: Option<ConversationId>) {
        let now = self.now();
        self.inner.hub.room(who.workspace, self).change(|board| board.look(who, socket, conversation, now));
    }

    /// A socket types in a conversation.
    pub fn typing(&self, who: &Who, socket: u64, conversation: ConversationId) {
        let now = self.now();
        self.inner.hub.room(who.workspace, self).change(|board| board.types(who, socket, conversation, now));
    }

    /// Takes away who has not been heard from for [`PRESENCE_FOR`].
    pub fn look_round(&self, who: &Who) {
        let now = self.now();
        self.inner.hub.room(who.workspace, self).change(|board| board.look_round(now));
    }

    /// A socket is gone.
    pub fn left(&self, who: &Who, socket: u64) {
        self.inner.hub.room(who.workspace, self).change(|board| board.leave(socket));
    }

    /// Who looks at one conversation right now, here or on another node.
    #[must_use]
    pub fn presence(&self, who: &Who, conversation: ConversationId) -> PresenceView {
        let now = self.now();
        self.inner.hub.room(who.workspace, self).look(|board| board.of(conversation, now))
    }

    /// Every conversation that somebody looks at right now, here or on another node.
    #[must_use]
    pub fn presences(&self, who: &Who) -> Vec<PresenceView> {
        let now = self.now();
        self.inner.hub.room(who.workspace, self).look(|board| board.all(now))
    }
}
