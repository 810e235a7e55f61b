//! What nodes tell each other through PostgreSQL: that a log has grown, that there are jobs, and what is fleeting (posts).
//!
//! A notification that nobody received is lost. So whoever begins to listen, or begins again, looks at every log's head first; what is
//! fleeting is said again by whoever says it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tokio::sync::{Notify, broadcast};
use uuid::Uuid;

use super::{Hint, Workspace};
use crate::connection::{Access, Connection, Location, postgres};
use crate::error::Result;
use crate::nodes::{HEADS, POST};
use crate::value::{FromRow, Row, values};

/// The channel on which PostgreSQL carries hints between nodes.
pub(super) const HINTS_CHANNEL: &str = "partyline";
/// The channel of what is fleeting.
const POSTS_CHANNEL: &str = "partyline_posts";
/// How long the listener waits before it looks whether it should stop.
const LISTEN_WAIT: Duration = Duration::from_millis(500);
/// How long to wait before a connection that broke is tried again.
const AGAIN: Duration = Duration::from_millis(250);
/// Posts that go out in one transaction.
const POSTS_TOGETHER: usize = 64;

/// Bytes of one post: PostgreSQL takes fewer than 8,000 in a notification, and who says it, to which workspace, needs a few.
pub const POST_MAX: usize = 7_900;

/// Something fleeting that another node said. It rests nowhere.
#[derive(Debug, Clone)]
pub struct Post {
    /// Which process said it.
    pub from: Uuid,
    /// To whom.
    pub workspace: Workspace,
    /// What.
    pub text: Arc<str>,
}

/// Where what was heard goes.
pub(super) struct Ears {
    pub(super) myself: Uuid,
    pub(super) hints: broadcast::Sender<Hint>,
    pub(super) posts: broadcast::Sender<Post>,
    pub(super) jobs: Arc<Notify>,
    pub(super) stop: Arc<AtomicBool>,
}

impl Ears {
    /// Listens until the database is closed.
    pub(super) fn run(&self, url: &str) {
        while !self.stop.load(Ordering::Relaxed) {
            if let Err(error) = self.listen(url) {
                tracing::warn!(%error, "listening to other nodes stopped; trying again");
                thread::sleep(AGAIN);
            }
        }
    }

    fn listen(&self, url: &str) -> Result<()> {
        let mut session = postgres::open(url)?;
        session.listen(HINTS_CHANNEL)?;
        session.listen(POSTS_CHANNEL)?;
        // what was said while nobody listened
        for columns in session.rows(HEADS.text, &[])? {
            let (workspace, seq) = FromRow::from_row(&mut Row::new(columns))?;
            let _ = self.hints.send(Hint { workspace, seq });
        }
        self.jobs.notify_waiters();
        while !self.stop.load(Ordering::Relaxed) {
            if let Some((channel, payload)) = session.wait(LISTEN_WAIT)? {
                self.hear(&channel, &payload);
            }
        }
        Ok(())
    }

    /// What can't be read was said by a program that knows more than we do.
    fn hear(&self, channel: &str, payload: &str) {
        if channel == POSTS_CHANNEL {
            if let Some(post) = Post::read(payload).filter(|post| post.from != self.myself) {
                // nobody listens: nobody needs it
                let _ = self.posts.send(post);
            }
        } else if payload == "jobs" {
            self.jobs.notify_waiters();
        } else if let Some((workspace, seq)) = payload.split_once(' ')
            && let (Ok(workspace), Ok(seq)) = (workspace.parse(), seq.parse())
        {
            let _ = self.hints.send(Hint { workspace: Workspace(workspace), seq });
        }
    }
}

impl Post {
    fn write(&self) -> String {
        format!("{} {} {}", self.from.simple(), self.workspace.0, self.text)
    }

    fn read(payload: &str) -> Option<Post> {
        let mut parts = payload.splitn(3, ' ');
        let from = Uuid::parse_str(parts.next()?).ok()?;
        let workspace = Workspace(parts.next()?.parse().ok()?);
        Some(Post { from, workspace, text: parts.next()?.into() })
    }
}

/// Says what is fleeting, on a connection of its own. What can't be said is dropped: it would be stale when it could.
pub(super) fn say(location: &Location, posts: &Receiver<Post>, stop: &AtomicBool) {
    let mut connection: Option<Connection> = None;
    loop {
        let first = match posts.recv_timeout(LISTEN_WAIT) {
            Ok(post) => post,
            Err(RecvTimeoutError::Timeout) if !stop.load(Ordering::Relaxed) => continue,
            Err(_) => return,
        };
        let together: Vec<Post> = std::iter::once(first).chain(posts.try_iter()).take(POSTS_TOGETHER).collect();
        if let Err(error) = post(&mut connection, location, &together) {
            tracing::debug!(%error, posts = together.len(), "posts were dropped");
            connection = None;
            thread::sleep(AGAIN);
        }
    }
}

fn post(connection: &mut Option<Connection>, location: &Location, posts: &[Post]) -> Result<()> {
    let open = match connection {
        Some(open) => open,
        None => {
            let mut open = Connection::open(location, Access::Write)?;
            // nothing is written that would have to be kept
            open.batch("SET synchronous_commit = off")?;
            connection.insert(open)
        }
    };
    open.begin(Access::Write)?;
    for post in posts {
        open.write(POST, values![POSTS_CHANNEL, post.write()])?;
    }
    open.batch("COMMIT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_read_as_it_was_written_and_nonsense_is_none() {
        let post = Post { from: Uuid::from_u128(7), workspace: Workspace(3), text: "{\"a b\": 1}".into() };
        let read = Post::read(&post.write()).expect("a post");
        assert_eq!((read.from, read.workspace, &*read.text), (post.from, post.workspace, &*post.text));
        for nonsense in ["", "jobs", "3 4", "00000000000000000000000000000007", "00000000000000000000000000000007 x y"]
        {
            assert!(Post::read(nonsense).is_none(), "{nonsense}");
        }
        let longest = Post { from: Uuid::max(), workspace: Workspace(i64::MIN), text: "x".repeat(POST_MAX).into() };
        assert!(longest.write().len() < 8_000);
    }
}
