//! What is going on in a process: each a future that stops at every moment.

use std::pin::Pin;

use bytes::Bytes;
use partyline_channels::Hook;
use partyline_core::conversation::Status;
use partyline_core::id::{ConnectionId, ConversationId, MessageId};
use partyline_core::time::Millis;
use partyline_desk::idempotent::RequestKey;
use partyline_desk::receive::HookRequest;
use partyline_desk::reply::ReplyIn;
use partyline_desk::triage::ConversationPatch;
use partyline_desk::{Desk, Who};

use crate::network::{NAME, Report, Text, report_body, text_body};
use crate::turn::{self, Moment};

/// What a task is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The webhook of this text.
    Text(usize),
    /// The webhook of this report.
    Report(Report),
    /// This reply.
    Reply(usize),
    /// Taking a message back.
    Cancel(MessageId),
    /// Another time for a message that waits, or now.
    Plan(MessageId),
    /// A person's "send it again".
    Retry(MessageId),
    /// A person closes a conversation.
    Close,
    /// A worker that does what is due.
    Worker,
    /// Sealing, polling, waking.
    Upkeep,
}

impl What {
    /// Which kind of task it is, in a word.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            What::Text(_) => "text",
            What::Report(_) => "report",
            What::Reply(_) => "reply",
            What::Cancel(_) => "cancel",
            What::Plan(_) => "plan",
            What::Retry(_) => "retry",
            What::Close => "close",
            What::Worker => "worker",
            What::Upkeep => "upkeep",
        }
    }
}

/// What came of it: the message that was made, if one was.
pub type End = Result<Option<MessageId>, String>;

/// One task.
pub struct Task {
    /// What it is for.
    pub what: What,
    /// Where it stands; none before it begins.
    pub at: Option<Moment>,
    future: Pin<Box<dyn Future<Output = End>>>,
}

impl Task {
    fn new(what: What, future: impl Future<Output = End> + 'static) -> Task {
        Task { what, at: None, future: Box::pin(future) }
    }

    /// Goes on to its next moment, or to its end.
    pub fn go_on(&mut self) -> Option<End> {
        match turn::go_on(self.future.as_mut()) {
            Ok(end) => Some(end),
            Err(moment) => {
                self.at = Some(moment);
                None
            }
        }
    }
}

fn hook(desk: Desk, what: What, connection: ConnectionId, hook: Hook, body: Vec<u8>) -> Task {
    let request = HookRequest {
        method: "POST".to_owned(),
        path_and_query: format!("/hooks/{NAME}/{connection}/{hook}"),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Bytes::from(body),
    };
    Task::new(what, async move { desk.hook(connection, hook, request).await.map(|_| None).map_err(|e| e.to_string()) })
}

/// A text's webhook.
#[must_use]
pub fn text(desk: Desk, connection: ConnectionId, index: usize, text: &Text) -> Task {
    hook(desk, What::Text(index), connection, Hook::Message, text_body(text))
}

/// A report's webhook.
#[must_use]
pub fn report(desk: Desk, connection: ConnectionId, report: &Report) -> Task {
    hook(desk, What::Report(report.clone()), connection, Hook::Status, report_body(report))
}

/// A reply with its key; the same again when it is repeated.
#[must_use]
pub fn reply(desk: Desk, who: Who, index: usize, conversation: ConversationId, reply: ReplyIn) -> Task {
    let key = RequestKey {
        caller: who.user,
        route: format!("POST /conversations/{conversation}/messages"),
        key: format!("key {index}"),
        hash: vec![u8::try_from(index % 256).unwrap_or(0)],
    };
    Task::new(What::Reply(index), async move {
        let made = desk.reply(&who, conversation, reply, Some(key)).await.map_err(|e| e.to_string())?;
        Ok(Some(MessageId::from_uuid(made.id.uuid())))
    })
}

/// Taking a message back.
#[must_use]
pub fn cancel(desk: Desk, who: Who, id: MessageId) -> Task {
    Task::new(What::Cancel(id), async move { desk.cancel(&who, id).await.map(|_| None).map_err(|e| e.to_string()) })
}

/// Another time for a message that waits; now without one.
#[must_use]
pub fn plan(desk: Desk, who: Who, id: MessageId, at: Option<Millis>) -> Task {
    Task::new(What::Plan(id), async move { desk.plan(&who, id, at).await.map(|_| None).map_err(|e| e.to_string()) })
}

/// A person's "send it again".
#[must_use]
pub fn retry(desk: Desk, who: Who, id: MessageId) -> Task {
    Task::new(What::Retry(id), async move { desk.retry(&who, id, None).await.map(|_| None).map_err(|e| e.to_string()) })
}

/// A person closes a conversation.
#[must_use]
pub fn close(desk: Desk, who: Who, conversation: ConversationId) -> Task {
    let patch = ConversationPatch { status: Some(Status::Closed), ..ConversationPatch::default() };
    Task::new(What::Close, async move {
        desk.change(&who, conversation, patch).await.map(|_| None).map_err(|e| e.to_string())
    })
}

/// A worker that claims what is due and does it.
#[must_use]
pub fn worker(desk: Desk) -> Task {
    Task::new(What::Worker, async move { desk.work_once().await.map(|_| None).map_err(|e| e.to_string()) })
}

/// Sealing the log.
#[must_use]
pub fn seal(desk: Desk) -> Task {
    Task::new(What::Upkeep, async move { desk.seal().await.map(|()| None).map_err(|e| e.to_string()) })
}

/// Asking the provider what has come.
#[must_use]
pub fn poll(desk: Desk) -> Task {
    Task::new(What::Upkeep, async move { desk.poll().await.map(|()| None).map_err(|e| e.to_string()) })
}

/// Waking what was set aside.
#[must_use]
pub fn wake(desk: Desk) -> Task {
    Task::new(What::Upkeep, async move { desk.wake().await.map(|()| None).map_err(|e| e.to_string()) })
}
