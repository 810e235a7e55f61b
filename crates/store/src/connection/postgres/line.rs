//! The line to the server: it carries bytes whenever the runtime that it was left with runs.

use std::future::poll_fn;
use std::sync::{Arc, OnceLock};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_postgres::{AsyncMessage, Connection, Notification};

/// What comes over a line by itself: notifications, and why it ended.
pub(super) struct Line {
    pub(super) heard: UnboundedReceiver<Notification>,
    ended: Arc<OnceLock<String>>,
}

impl Line {
    pub(super) fn carry<S, T>(connection: Connection<S, T>) -> Line
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (hear, heard) = unbounded_channel();
        let ended = Arc::new(OnceLock::new());
        tokio::spawn(carry(connection, hear, ended.clone()));
        Line { heard, ended }
    }

    /// What the server said when it hung up.
    pub(super) fn ended(&self) -> Option<&str> {
        self.ended.get().map(String::as_str)
    }
}

async fn carry<S, T>(
    mut connection: Connection<S, T>,
    hear: UnboundedSender<Notification>,
    ended: Arc<OnceLock<String>>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
        match message {
            // nobody waits for it: nobody needs it
            Ok(AsyncMessage::Notification(notification)) => drop(hear.send(notification)),
            Ok(_) => {}
            Err(e) => {
                let _ = ended.set(super::words(&e));
                return;
            }
        }
    }
}
