//! One workspace's room on this node, and its word with the same room on the others: who is there, what was read, whose session ended.
//!
//! Nothing of it rests anywhere, and a word may be lost; so who is there is said again every two seconds.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use partyline_core::id::{ConversationId, UserId};
use partyline_store::{POST_MAX, Post, Workspace};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::{Instant, MissedTickBehavior};

use super::presence::{Board, PresenceView, SeatSaid};
use super::{Attention, DraftPlace, ReadMark, SIGNALS, Signal};
use crate::Desk;

/// How often it is looked who is gone.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Looks after which everybody who is here is told to the other nodes again.
const SAY_ALL: u32 = 2;
/// What changes within this time goes to the other nodes together.
const SAY_EVERY: Duration = Duration::from_millis(100);

/// What nodes say to each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    /// How some sockets are now.
    Here(Vec<SeatSaid>),
    /// Who is there? Asked by a room that has just opened.
    Who,
    /// A user has read something.
    Read { user: UserId, conversation: ConversationId, unread: bool, entry: Option<String> },
    /// A user follows or mutes something, or no longer does.
    Attention(Attention),
    /// A draft was written, taken over, sent or discarded.
    Draft(DraftPlace),
    /// A user has seen some of what they were told, or wishes to be told otherwise.
    Notifications(UserId),
    /// A session of a user has ended, or what they may do has changed.
    Sessions(UserId),
}

/// Everybody of one workspace on this node.
#[derive(Debug, Clone)]
pub(super) struct Room {
    pub(super) signals: broadcast::Sender<Signal>,
    board: Arc<Mutex<Board>>,
    news: Arc<Notify>,
}

impl Room {
    pub(super) fn new() -> Room {
        Room { signals: broadcast::Sender::new(SIGNALS), board: Arc::default(), news: Arc::default() }
    }

    /// Changes who is there, and tells everyone in the room.
    pub(super) fn change(&self, change: impl FnOnce(&mut Board) -> Vec<PresenceView>) {
        let (changed, news) = {
            let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
            (change(&mut board), board.has_news())
        };
        if news {
            self.news.notify_one();
        }
        for view in changed {
            // nobody listens: nobody needs it
            let _ = self.signals.send(Signal::Presence(Arc::new(view)));
        }
    }

    /// Looks at who is there.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Board) -> T) -> T {
        look(&self.board.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notices who is gone, hears the other nodes, and tells them of us, for as long as the server runs.
    pub(super) async fn keep(self, desk: Desk, workspace: Workspace, mut posts: broadcast::Receiver<Post>) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut said = Instant::now() - SAY_EVERY;
        let (mut due, mut everything, mut turn) = (None, false, 0);
        say(&desk, workspace, &Said::Who);
        loop {
            tokio::select! {
                post = posts.recv() => match post {
                    Ok(post) if post.workspace == workspace => {
                        if self.hear(&desk, &post) {
                            everything = true;
                            due.get_or_insert(said + SAY_EVERY);
                        }
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
                _ = looks.tick() => {
                    self.change(|board| board.look_round(desk.now()));
                    turn += 1;
                    if turn % SAY_ALL == 0 {
                        everything = true;
                        due.get_or_insert(said + SAY_EVERY);
                    }
                }
                () = self.news.notified() => {
                    due.get_or_insert(said + SAY_EVERY);
                }
                () = at(due), if due.is_some() => {
                    due = None;
                    said = Instant::now();
                    let seats = self.board.lock().unwrap_or_else(PoisonError::into_inner).say(everything, desk.now());
                    everything = false;
                    say_seats(&desk, workspace, &seats);
                }
            }
        }
    }

    /// Hears another node. `true`: it asks who is here.
    fn hear(&self, desk: &Desk, post: &Post) -> bool {
        // a newer program may say more than we know
        let Ok(said) = serde_json::from_str::<Said>(&post.text) else { return false };
        let signal = match said {
            Said::Who => return true,
            Said::Here(seats) => {
                self.change(|board| board.hear(post.from, seats, desk.now()));
                return false;
            }
            Said::Sessions(user) => Signal::Sessions(user),
            Said::Notifications(user) => Signal::Notifications(user),
            Said::Attention(attention) => Signal::Attention(attention),
            Said::Draft(place) => Signal::Draft(place),
            Said::Read { user, conversation, unread, entry } => {
                let entry = entry.and_then(|entry| entry.parse().ok());
                Signal::Read(ReadMark { user, conversation, unread, entry })
            }
        };
        let _ = self.signals.send(signal);
        false
    }
}

async fn at(due: Option<Instant>) {
    if let Some(due) = due {
        tokio::time::sleep_until(due).await;
    }
}

/// Tells the other nodes what this one's sockets were told: a user's own, wherever their browsers are.
pub(super) fn pass_on(desk: &Desk, workspace: Workspace, signal: &Signal) {
    let said = match signal {
        Signal::Read(mark) => Said::Read {
            user: mark.user,
            conversation: mark.conversation,
            unread: mark.unread,
            entry: mark.entry.map(|entry| entry.to_string()),
        },
        Signal::Sessions(user) => Said::Sessions(*user),
        Signal::Notifications(user) => Said::Notifications(*user),
        Signal::Attention(attention) => Said::Attention(*attention),
        Signal::Draft(place) => Said::Draft(*place),
        // each node reads the log itself, and says who is there itself
        Signal::Frame(_) | Signal::Presence(_) | Signal::Lagged => return,
    };
    say(desk, workspace, &said);
}

fn say(desk: &Desk, workspace: Workspace, said: &Said) {
    if desk.db().is_shared()
        && let Ok(text) = serde_json::to_string(said)
    {
        desk.db().post(workspace, &text);
    }
}

/// As many posts as it takes.
fn say_seats(desk: &Desk, workspace: Workspace, seats: &[SeatSaid]) {
    if !desk.db().is_shared() {
        return;
    }
    for text in posts_of(seats) {
        desk.db().post(workspace, &text);
    }
}

fn posts_of(seats: &[SeatSaid]) -> Vec<String> {
    let (mut posts, mut together): (Vec<String>, String) = (Vec::new(), String::new());
    let close = |together: &mut String| format!("{{\"here\":[{}]}}", std::mem::take(together));
    // the frame around them, and a comma
    let room = POST_MAX - 16;
    for seat in seats.iter().filter_map(|seat| serde_json::to_string(seat).ok()).filter(|seat| seat.len() <= room) {
        if !together.is_empty() && together.len() + seat.len() > room {
            posts.push(close(&mut together));
        }
        if !together.is_empty() {
            together.push(',');
        }
        together.push_str(&seat);
    }
    if !together.is_empty() {
        posts.push(close(&mut together));
    }
    posts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Who;
    use partyline_core::permission::Role;
    use partyline_core::time::Millis;

    #[test]
    fn everybody_fits_into_posts_and_is_read_again() {
        let mut board = Board::default();
        let now = Millis(1_000);
        for n in 0..300u64 {
            let id = |n: u64| UserId::new(Millis(i64::try_from(n).unwrap_or(0)), &[3; 10]);
            let name = "\u{1F98A}\"".repeat(if n % 7 == 0 { 80 } else { 2 });
            let who = Who { workspace: Workspace(1), user: id(n), role: Role::Agent, name };
            board.look(&who, n, Some(ConversationId::new(now, &[1; 10])), now);
        }
        let seats = board.say(false, now);
        let posts = posts_of(&seats);
        assert!(posts.len() > 3 && posts.iter().all(|post| post.len() <= POST_MAX), "{}", posts.len());
        let read = posts.iter().flat_map(|post| match serde_json::from_str(post) {
            Ok(Said::Here(seats)) => seats,
            other => panic!("{other:?}"),
        });
        assert_eq!(read.collect::<Vec<_>>(), seats);
        assert!(posts_of(&[]).is_empty());
    }
}
