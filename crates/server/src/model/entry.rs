//! Entries: the items of a timeline.

use std::str::FromStr;

use partyline_core::conversation::EntryId;
use partyline_core::delivery::{DeliveryError, DeliveryStatus};
use partyline_core::event::ActorKind;
use partyline_core::id::{CannedId, ChannelId, ContactId, ConversationId, FileId, UserId, Uuid};
use partyline_core::time::Millis;
use partyline_desk::note::RevisionRow;
use partyline_desk::sent::SentView;
use partyline_desk::task::{self, TaskRow, TaskView};
use partyline_desk::view::{EntryView, Timeline};
use partyline_desk::{read, reply, resolve};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::conversation::ConversationOut;
use super::file::AttachmentOut;
use super::{Named, words};
use crate::extract::present;
use crate::problem::Problem;

/// One item on a conversation's timeline.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Entry)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EntryOut {
    /// What came from or goes to a contact.
    Message(Box<MessageOut>),
    /// What only the team sees.
    Note(Box<NoteOut>),
    /// What happened, in one line.
    Event(EventEntryOut),
}

/// One page of a timeline.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EntryPage)]
pub struct EntryPageOut {
    /// The entries, newest first.
    pub data: Vec<EntryOut>,
    /// Where what is older begins, for `?cursor=`; null at the beginning, and on a page that was asked for by `newer_cursor`.
    pub next_cursor: Option<String>,
    /// Where what is newer begins, for `?cursor=`; null at the newest, and on a page that was asked for by `next_cursor`.
    pub newer_cursor: Option<String>,
}

impl From<Timeline> for EntryPageOut {
    fn from(page: Timeline) -> Self {
        let data = page.rows.into_iter().map(EntryOut::from).collect();
        EntryPageOut { data, next_cursor: page.older, newer_cursor: page.newer }
    }
}

/// What came from or goes to a contact.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageOut {
    /// `msg_…`
    pub id: String,
    /// On which conversation.
    #[schema(value_type = String)]
    pub conversation_id: ConversationId,
    /// When it happened.
    #[schema(value_type = words::Time)]
    pub at: Millis,
    /// Who wrote it.
    pub author: AuthorOut,
    /// Which way it went.
    #[schema(value_type = words::Direction)]
    pub direction: String,
    /// Through which channel.
    #[schema(value_type = Option<String>)]
    pub channel_id: Option<ChannelId>,
    /// What it says; empty beside a file.
    pub text: String,
    /// What it says, formatted; email only.
    pub html: Option<String>,
    /// Its files.
    pub attachments: Vec<AttachmentOut>,
    /// Where it is; null on inbound ones.
    pub delivery: Option<DeliveryOut>,
    /// Did it come more than 2 minutes after it was sent?
    pub late: bool,
    /// Was it brought in from the number's past? An outbound one was then sent by another program, or by this one's earlier life.
    pub imported: bool,
}

/// What only the team sees.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Note)]
pub struct NoteOut {
    /// `note_…`
    pub id: String,
    /// On which conversation.
    #[schema(value_type = String)]
    pub conversation_id: ConversationId,
    /// When it was written.
    #[schema(value_type = words::Time)]
    pub at: Millis,
    /// Who wrote it.
    pub author: AuthorOut,
    /// What it says, in Markdown; mentions are written `@[Name](user_…)` and `@[Name](team_…)`.
    pub text: String,
    /// Who is mentioned: people and teams.
    pub mentions: Vec<MentionOut>,
    /// When it was last edited; null: never. What it said before is at `/notes/{id}/revisions`.
    #[schema(value_type = Option<words::Time>)]
    pub edited_at: Option<Millis>,
    /// Who did.
    pub edited_by: Option<Named>,
    /// What people have reacted with, in the order in which they did.
    pub reactions: Vec<ReactionOut>,
    /// Whose task it is, and until when; null: it is no task.
    pub task: Option<TaskOut>,
}

/// What people have reacted with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reaction)]
pub struct ReactionOut {
    /// One emoji.
    pub emoji: String,
    /// Who, in the order in which they did.
    #[schema(value_type = Vec<String>)]
    pub user_ids: Vec<UserId>,
}

/// What makes a note a task.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Task)]
pub struct TaskOut {
    /// Whose it is; null: nobody's yet.
    pub assignee: Option<Named>,
    /// When it is due; null: no time was said.
    #[schema(value_type = Option<words::Time>)]
    pub due_at: Option<Millis>,
    /// When it was done; null: it is not.
    #[schema(value_type = Option<words::Time>)]
    pub done_at: Option<Millis>,
    /// Who did it.
    pub done_by: Option<Named>,
}

impl From<TaskRow> for TaskOut {
    fn from(task: TaskRow) -> Self {
        let named = |id: Option<UserId>, name: Option<String>| {
            id.map(|id| Named { id: id.to_string(), name: name.unwrap_or_default() })
        };
        TaskOut {
            assignee: named(task.assignee, task.assignee_name),
            due_at: Some(task.due_at).filter(|at| *at != Millis::NEVER),
            done_at: task.done_at,
            done_by: named(task.done_by, task.done_by_name),
        }
    }
}

/// Somebody who is mentioned.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mention)]
pub struct MentionOut {
    /// `user_…` or `team_…`
    pub id: String,
    /// What they are called.
    pub name: Option<String>,
}

/// What happened, in one line. The reader writes the sentence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventEntry)]
pub struct EventEntryOut {
    /// `evt_…`
    pub id: String,
    /// On which conversation.
    #[schema(value_type = String)]
    pub conversation_id: ConversationId,
    /// When.
    #[schema(value_type = words::Time)]
    pub at: Millis,
    /// Who did it.
    pub author: AuthorOut,
    /// What: the type of an event of the log.
    pub event: String,
    /// What else there is, by event; people and teams with their names.
    #[schema(value_type = Object)]
    pub data: Value,
}

/// Who wrote an entry, or did what it says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Author)]
pub struct AuthorOut {
    /// What kind.
    #[schema(value_type = words::ActorKind)]
    pub kind: &'static str,
    /// Who.
    pub id: Option<String>,
    /// What they are called.
    pub name: Option<String>,
}

impl AuthorOut {
    /// Of what a row says.
    pub fn of(kind: ActorKind, id: Option<Uuid>, name: Option<String>) -> AuthorOut {
        AuthorOut { kind: kind.as_str(), id: actor_id(kind, id), name }
    }
}

/// The life of an outbound message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryOut {
    /// Where it is.
    #[schema(value_type = words::DeliveryStatus)]
    pub status: DeliveryStatus,
    /// The provider's id of it.
    pub provider_id: Option<String>,
    /// How many segments it is.
    pub segments: Option<i64>,
    /// Why it did not arrive.
    pub error: Option<DeliveryErrorOut>,
    /// When this last changed.
    #[schema(value_type = words::Time)]
    pub at: Millis,
    /// When it is due: until then it can be taken back.
    #[schema(value_type = Option<words::Time>)]
    pub send_at: Option<Millis>,
    /// Why it was taken back by itself: `they_wrote`. Or why it waits: `quiet_hours`, `provider_unreachable`, `provider_no_answer`, `provider_busy`, or what the account is refused for,
    /// e.g. `credentials_refused`; of an unknown one, `reconciling` while the provider is still asked.
    pub reason: Option<String>,
    /// Who said how it ended, when the provider could not.
    pub resolved_by: Option<Named>,
    /// Is it taken back when they write before it is sent?
    pub cancel_on_reply: bool,
}

/// Why a message did not arrive.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryError)]
pub struct DeliveryErrorOut {
    /// A stable word, e.g. `opted_out`.
    pub code: String,
    /// The provider's own code.
    pub provider_code: Option<String>,
    /// What happened and what can be done, for people.
    pub detail: Option<String>,
}

/// The public id of an author or actor.
pub(crate) fn actor_id(kind: ActorKind, uuid: Option<Uuid>) -> Option<String> {
    let uuid = uuid?;
    match kind {
        ActorKind::User | ActorKind::Api => Some(UserId::from_uuid(uuid).to_string()),
        ActorKind::Contact => Some(ContactId::from_uuid(uuid).to_string()),
        ActorKind::Rule | ActorKind::System => None,
    }
}

impl From<EntryView> for EntryOut {
    fn from(view: EntryView) -> Self {
        let EntryView { row, id, attachments, data, reactions, task } = view;
        let author = AuthorOut::of(row.author_kind, row.author, row.author_name);
        let (conversation_id, at) = (row.conversation, row.at);
        match id {
            EntryId::Message(id) => EntryOut::Message(Box::new(MessageOut {
                id: id.to_string(),
                conversation_id,
                at,
                author,
                direction: row.direction.unwrap_or_else(|| "inbound".to_owned()),
                channel_id: row.channel,
                text: row.text.unwrap_or_default(),
                html: None,
                attachments: attachments.into_iter().map(AttachmentOut::from).collect(),
                delivery: row.status.map(|status| DeliveryOut {
                    status,
                    provider_id: row.provider_id,
                    segments: row.segments,
                    error: row.error.as_deref().and_then(delivery_error),
                    at: row.delivery_at.unwrap_or(at),
                    send_at: row.send_at,
                    reason: row.reason,
                    resolved_by: row
                        .resolved_by
                        .map(|id| Named { id: id.to_string(), name: row.resolved_by_name.unwrap_or_default() }),
                    cancel_on_reply: row.cancel_on_reply.unwrap_or(false),
                }),
                late: row.late,
                imported: data["imported"] == true,
            })),
            EntryId::Note(id) => EntryOut::Note(Box::new(NoteOut {
                id: id.to_string(),
                conversation_id,
                at,
                author,
                text: row.text.unwrap_or_default(),
                mentions: mentions(&data),
                edited_at: data["edited_at"].as_i64().map(Millis),
                edited_by: named(&data["edited_by"]),
                reactions: reactions.into_iter().map(|r| ReactionOut { emoji: r.emoji, user_ids: r.users }).collect(),
                task: task.map(TaskOut::from),
            })),
            EntryId::Event(_) | EntryId::Call(_) => {
                let (event, data) = event(data, &row.kind);
                EntryOut::Event(EventEntryOut { id: id.to_string(), conversation_id, at, author, event, data })
            }
        }
    }
}

fn delivery_error(json: &str) -> Option<DeliveryErrorOut> {
    let error: DeliveryError = serde_json::from_str(json).ok()?;
    Some(DeliveryErrorOut { code: error.code, provider_code: error.provider_code, detail: Some(error.detail) })
}

fn named(value: &Value) -> Option<Named> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Named { id: text("id")?, name: text("name").unwrap_or_default() })
}

fn mentions(data: &Value) -> Vec<MentionOut> {
    let list = data.get("mentions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    list.iter().filter_map(|m| Some(MentionOut { id: text(m, "id")?, name: text(m, "name") })).collect()
}

/// Takes the event's word out of its data.
fn event(data: Value, kind: &str) -> (String, Value) {
    let Value::Object(mut members) = data else { return (kind.to_owned(), Value::Object(serde_json::Map::new())) };
    let word = match members.remove("event") {
        Some(Value::String(word)) => word,
        _ => kind.to_owned(),
    };
    (word, Value::Object(members))
}

/// An answer to a customer.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReplyIn {
    /// What it says; may be empty beside a file.
    #[serde(default)]
    pub text: String,
    /// Through which channel; may be left out where the conversation has used only one.
    #[schema(value_type = Option<String>)]
    pub channel_id: Option<ChannelId>,
    /// Files that were uploaded.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub attachment_ids: Vec<FileId>,
    /// The canned response that it was made with; counted.
    #[schema(value_type = Option<String>)]
    pub canned_response_id: Option<CannedId>,
    /// When to send it; at once when left out.
    #[schema(value_type = Option<words::Time>)]
    pub send_at: Option<Millis>,
    /// The `version` of the draft on this channel that it is: the draft goes with it. Another one there now makes the answer 409
    /// `draft_changed` or `draft_held`, unless that is confirmed; the other then stays. Left out: my draft goes when it says the same.
    pub draft_version: Option<i64>,
    /// The newest entry that its author has seen. What came after it makes the answer 409 `stale_reply`.
    pub seen_entry_id: Option<String>,
    /// The codes of what a person has confirmed, e.g. `stale_reply`.
    #[serde(default)]
    pub confirm: Vec<String>,
    /// Seconds that the server holds it, so that it can be taken back; none when left out.
    pub undo_seconds: Option<u32>,
    /// `reply`, `update` or `marketing`.
    pub class: Option<String>,
    /// Take it back when they write before it is sent. Only what is scheduled.
    #[serde(default)]
    pub cancel_on_reply: bool,
    /// Close the conversation with it: both happen, or neither.
    #[serde(default)]
    pub close: bool,
}

/// When to send a message that waits.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PlanIn {
    /// Another time, at most a year away; null: now. It must be said: a request that says nothing sends nothing.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<words::Time>)]
    pub send_at: Option<Option<Millis>>,
}

/// A message in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedMessage)]
pub struct ListedMessageOut {
    /// The message.
    pub entry: EntryOut,
    /// Where it is.
    pub conversation: ConversationOut,
}

impl From<SentView> for ListedMessageOut {
    fn from(view: SentView) -> Self {
        ListedMessageOut { entry: view.entry.into(), conversation: view.conversation.into() }
    }
}

impl TryFrom<ReplyIn> for reply::ReplyIn {
    type Error = Problem;

    fn try_from(new: ReplyIn) -> Result<Self, Problem> {
        Ok(reply::ReplyIn {
            text: new.text,
            channel_id: new.channel_id,
            attachment_ids: new.attachment_ids,
            canned_response_id: new.canned_response_id,
            send_at: new.send_at,
            draft_version: new.draft_version,
            seen_entry_id: entry_id("seen_entry_id", new.seen_entry_id.as_deref())?,
            confirm: new.confirm,
            undo_seconds: new.undo_seconds.unwrap_or(0),
            class: new.class,
            cancel_on_reply: new.cancel_on_reply,
            close: new.close,
        })
    }
}

/// A request that says nothing but its address.
#[derive(Debug, Deserialize)]
pub struct NothingIn {}

/// What a person says of a message whose outcome is not known.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct ResolveIn {
    /// Did it leave?
    #[serde(rename = "as")]
    pub resolution: ResolutionIn,
}

/// Did it leave?
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Resolution)]
pub enum ResolutionIn {
    /// It did.
    Sent,
    /// It did not.
    NotSent,
}

impl From<ResolutionIn> for resolve::Resolution {
    fn from(said: ResolutionIn) -> Self {
        match said {
            ResolutionIn::Sent => resolve::Resolution::Sent,
            ResolutionIn::NotSent => resolve::Resolution::NotSent,
        }
    }
}

/// A note.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NoteIn {
    /// What it says, in Markdown; mentions are written `@[Name](user_…)` and `@[Name](team_…)`.
    pub text: String,
}

/// What a note said.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Revision)]
pub struct RevisionOut {
    /// From 1 on.
    pub revision: i64,
    /// What it said.
    pub text: String,
    /// Who wrote that.
    pub author: Named,
    /// When.
    #[schema(value_type = words::Time)]
    pub at: Millis,
}

impl From<RevisionRow> for RevisionOut {
    fn from(row: RevisionRow) -> Self {
        let RevisionRow { revision, text, user, user_name, at } = row;
        let author = Named { id: user.to_string(), name: user_name.unwrap_or_default() };
        RevisionOut { revision, text, author, at }
    }
}

/// What makes a note a task.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TaskIn {
    /// Whose it is; null, or left out: nobody's yet.
    #[schema(value_type = Option<String>)]
    pub assignee_id: Option<UserId>,
    /// When it is due; null, or left out: no time.
    #[schema(value_type = Option<words::Time>)]
    pub due_at: Option<Millis>,
}

impl From<TaskIn> for task::TaskIn {
    fn from(new: TaskIn) -> Self {
        task::TaskIn { assignee: new.assignee_id, due_at: new.due_at }
    }
}

/// Is a task done?
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct DoneIn {
    /// It is, or it is not after all.
    pub done: bool,
}

/// A task in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedTask)]
pub struct ListedTaskOut {
    /// The note, with its `task`.
    pub entry: EntryOut,
    /// Where it is.
    pub conversation: ConversationOut,
}

impl From<TaskView> for ListedTaskOut {
    fn from(view: TaskView) -> Self {
        ListedTaskOut { entry: view.entry.into(), conversation: view.conversation.into() }
    }
}

/// How far I have read.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReadIn {
    /// The newest entry that I have seen; the newest there is when left out.
    pub entry_id: Option<String>,
    /// Mark it unread instead?
    #[serde(default)]
    pub unread: bool,
}

impl TryFrom<ReadIn> for read::ReadIn {
    type Error = Problem;

    fn try_from(read: ReadIn) -> Result<Self, Problem> {
        Ok(read::ReadIn { entry: entry_id("entry_id", read.entry_id.as_deref())?, unread: read.unread })
    }
}

fn entry_id(field: &str, text: Option<&str>) -> Result<Option<EntryId>, Problem> {
    let malformed = |_| Problem::field(field, "malformed", "This is not the id of an entry, such as msg_… or note_….");
    text.map(|t| EntryId::from_str(t).map_err(malformed)).transpose()
}
