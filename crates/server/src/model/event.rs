//! The log, as one user sees it, and the frames of the live socket.

use std::borrow::Cow;

use partyline_core::conversation::EntryId;
use partyline_core::event::EventType;
use partyline_core::id::{
    BulkId, CannedId, ChannelId, ConnectionId, ContactId, ConversationId, DraftId, EventId, ImportId, InboundId,
    InvitationId, LabelId, MessageId, NoteId, SavedSearchId, TeamId, UserId, Uuid,
};
use partyline_core::time::Millis;
use partyline_desk::Who;
use partyline_desk::live::{Attention, LiveEvent, PresenceView, ReadMark, Subject};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

use super::bulk::BulkOut;
use super::canned::CannedOut;
use super::channel::ChannelOut;
use super::connection::ConnectionOut;
use super::conversation::ConversationOut;
use super::draft::DraftNowOut;
use super::entry::{EntryOut, actor_id};
use super::held::HeldOut;
use super::import::ImportOut;
use super::label::LabelOut;
use super::me::CountsOut;
use super::notification::NotifiedOut;
use super::people::{TeamOut, UserOut};
use super::saved::SavedOut;
use super::{Named, words};

/// What is said to somebody who can't see a conversation any more.
const HIDDEN: &str = "conversation.hidden";

/// One fact of the log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogEvent)]
pub struct EventOut {
    /// Its place; no gaps within a workspace.
    pub seq: i64,
    /// `evt_…`
    #[schema(value_type = String)]
    pub id: EventId,
    /// When.
    #[schema(value_type = words::Time)]
    pub at: Millis,
    /// Who did it.
    pub actor: ActorOut,
    /// What: noun and past verb, e.g. `message.received`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// In which conversation.
    #[schema(value_type = Option<String>)]
    pub conversation_id: Option<ConversationId>,
    /// To what.
    pub subject_id: Option<String>,
    /// What changed: names of fields, some with their new value (`role=lead`).
    pub changed: Vec<String>,
    /// The subject as it is now; null when it is erased or can't be seen.
    pub data: Option<DataOut>,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Actor)]
pub struct ActorOut {
    /// What kind.
    #[schema(value_type = words::ActorKind)]
    pub kind: &'static str,
    /// Who; null for the server itself.
    pub id: Option<String>,
}

/// What an event speaks of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventData)]
#[serde(untagged)]
pub enum DataOut {
    /// Of `message.*`, `note.*` and `task.*`.
    Entry {
        /// The entry.
        entry: Box<EntryOut>,
        /// Where it is.
        conversation: Box<ConversationOut>,
    },
    /// Of `conversation.*`, `consent.*` and `draft.*`.
    Conversation {
        /// The conversation.
        conversation: Box<ConversationOut>,
    },
    /// Of `channel.*`.
    Channel(Box<ChannelOut>),
    /// Of `connection.*`.
    Connection(Box<ConnectionOut>),
    /// Of `import.*`.
    Import(Box<ImportOut>),
    /// Of `team.*`.
    Team(TeamOut),
    /// Of `user.*`.
    User(UserOut),
    /// Of `inbound.*`, which only who manages channels is told.
    Held(Box<HeldOut>),
    /// Of `label.*`.
    Label(LabelOut),
    /// Of `bulk.*`, which only who began it and admins are told.
    Bulk(BulkOut),
    /// Of `canned_response.*`, which only who may use it is told; of a personal one, admins are told the bare fact.
    Canned(Box<CannedOut>),
    /// Of `saved_search.*`, which only who sees it is told; of one that is not theirs, admins are told the bare fact.
    Search(SavedOut),
}

/// A stretch of the log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventPage)]
pub struct EventsOut {
    /// The events that I may see, oldest first.
    pub data: Vec<EventOut>,
    /// Where the next stretch begins, for `?cursor=`; null when this is all.
    pub next_cursor: Option<String>,
    /// Everything up to here is covered, also where I may see nothing of it.
    pub seq: i64,
}

/// One event for this user's eyes; `None` when they may not see it.
pub fn shown(event: &LiveEvent, who: &Who) -> Option<EventOut> {
    let row = &event.row;
    if !event.is_visible_to(who) {
        return leaves_sight(event).then(|| EventOut {
            seq: row.seq,
            id: row.id,
            at: row.at,
            actor: ActorOut { kind: "system", id: None },
            kind: HIDDEN,
            conversation_id: row.conversation,
            subject_id: row.conversation.map(|id| id.to_string()),
            changed: Vec::new(),
            data: None,
        });
    }
    Some(EventOut {
        seq: row.seq,
        id: row.id,
        at: row.at,
        actor: ActorOut { kind: row.actor_kind.as_str(), id: actor_id(row.actor_kind, row.actor) },
        kind: row.kind.as_str(),
        conversation_id: row.conversation,
        subject_id: row.subject.and_then(|uuid| subject_id(row.kind, uuid)),
        changed: changed(&row.changed),
        data: data(&event.subject, who),
    })
}

/// Can this event have taken a conversation out of somebody's sight? Nobody's eyes are remembered, so whoever can't see it now
/// is told its bare id; a client that never had it has nothing to forget.
fn leaves_sight(event: &LiveEvent) -> bool {
    let moves = matches!(event.row.kind, EventType::ConversationUpdated | EventType::ConversationAssigned);
    moves && changed(&event.row.changed).iter().any(|c| c.starts_with("team_id") || c.starts_with("assignee_ids"))
}

fn changed(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}

fn data(subject: &Subject, who: &Who) -> Option<DataOut> {
    Some(match subject {
        Subject::Conversation(shared) => {
            DataOut::Conversation { conversation: Box::new(shared.view_for(who.user).into()) }
        }
        Subject::Entry { entry, conversation } => DataOut::Entry {
            entry: Box::new((**entry).clone().into()),
            conversation: Box::new(conversation.view_for(who.user).into()),
        },
        Subject::Channel(view) => DataOut::Channel(Box::new((**view).clone().into())),
        Subject::Connection(view) => DataOut::Connection(Box::new((**view).clone().into())),
        Subject::Import(row) => DataOut::Import(Box::new((**row).clone().into())),
        Subject::Team(view) => DataOut::Team((**view).clone().into()),
        Subject::User(view) => DataOut::User((**view).clone().into()),
        Subject::Held(row) => DataOut::Held(Box::new((**row).clone().into())),
        Subject::Canned(shared) => DataOut::Canned(Box::new(shared.view_for(who)?.clone().into())),
        Subject::Search(shared) => DataOut::Search(shared.view_for(who)?.clone().into()),
        Subject::Label(row) => DataOut::Label((**row).clone().into()),
        Subject::Bulk(row) => DataOut::Bulk((**row).clone().into()),
        Subject::None => return None,
    })
}

/// The public id of what an event speaks of: its type says what that is.
fn subject_id(kind: EventType, uuid: Uuid) -> Option<String> {
    let noun = kind.as_str().split('.').next().unwrap_or_default();
    Some(match noun {
        "conversation" => ConversationId::from_uuid(uuid).to_string(),
        "message" => EntryId::Message(MessageId::from_uuid(uuid)).to_string(),
        "note" | "task" => EntryId::Note(NoteId::from_uuid(uuid)).to_string(),
        "user" => UserId::from_uuid(uuid).to_string(),
        "team" => TeamId::from_uuid(uuid).to_string(),
        "channel" => ChannelId::from_uuid(uuid).to_string(),
        "connection" => ConnectionId::from_uuid(uuid).to_string(),
        "contact" => ContactId::from_uuid(uuid).to_string(),
        "import" => ImportId::from_uuid(uuid).to_string(),
        "invitation" => InvitationId::from_uuid(uuid).to_string(),
        "canned_response" => CannedId::from_uuid(uuid).to_string(),
        "draft" => DraftId::from_uuid(uuid).to_string(),
        "saved_search" => SavedSearchId::from_uuid(uuid).to_string(),
        "label" => LabelId::from_uuid(uuid).to_string(),
        "bulk" => BulkId::from_uuid(uuid).to_string(),
        "inbound" => InboundId::from_uuid(uuid).to_string(),
        _ => return None,
    })
}

/// What the server says on a socket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ServerFrame)]
#[serde(untagged)]
pub enum FrameOut {
    /// The log has grown.
    Events {
        /// Everything after this
        after: i64,
        /// and up to this is covered.
        seq: i64,
        /// What of it I may see.
        events: Vec<EventOut>,
    },
    /// What is mine alone.
    Mine {
        /// Counts, or a read mark.
        mine: MineOut,
    },
    /// Who is there.
    Presence {
        /// In one conversation.
        presence: PresenceOut,
    },
    /// A draft was written, taken over, sent or discarded. Told to who has its conversation on the screen, with what it says.
    Draft {
        /// As it is now.
        draft: DraftNowOut,
    },
}

/// What is mine alone; it has no seq.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mine)]
#[serde(rename_all = "snake_case")]
pub enum MineOut {
    /// My counts have changed.
    Counts(CountsOut),
    /// I have read something, perhaps in another browser.
    Read(ReadMarkOut),
    /// I follow or mute something, or no longer do, perhaps in another browser.
    Attention(AttentionOut),
    /// I was told something, or have seen some of it, perhaps in another browser.
    Notifications(NotifiedOut),
}

/// What I want to hear of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attention)]
pub struct AttentionOut {
    /// Which.
    #[schema(value_type = String)]
    pub conversation_id: ConversationId,
    /// Am I told of what happens there?
    pub following: bool,
    /// Does it count as read, whatever comes?
    pub muted: bool,
    /// Is something unread now?
    pub unread: bool,
}

impl From<Attention> for AttentionOut {
    fn from(of: Attention) -> Self {
        let Attention { conversation, following, muted, unread, .. } = of;
        AttentionOut { conversation_id: conversation, following, muted, unread }
    }
}

/// How far I have read a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReadMark)]
pub struct ReadMarkOut {
    /// Which.
    #[schema(value_type = String)]
    pub conversation_id: ConversationId,
    /// Is something unread now?
    pub unread: bool,
    /// Up to which entry; null: up to the newest.
    pub entry_id: Option<String>,
}

impl From<ReadMark> for ReadMarkOut {
    fn from(mark: ReadMark) -> Self {
        let entry_id = mark.entry.map(|e| e.to_string());
        ReadMarkOut { conversation_id: mark.conversation, unread: mark.unread, entry_id }
    }
}

/// Who is at a conversation right now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Presence)]
pub struct PresenceOut {
    /// Which.
    #[schema(value_type = String)]
    pub conversation_id: ConversationId,
    /// Who looks at it.
    pub viewers: Vec<Named>,
    /// Who types in it.
    pub typing: Vec<Named>,
}

impl From<&PresenceView> for PresenceOut {
    fn from(view: &PresenceView) -> Self {
        let names = |people: &[partyline_desk::live::Person]| {
            people.iter().map(|p| Named { id: p.id.to_string(), name: p.name.clone() }).collect()
        };
        PresenceOut { conversation_id: view.conversation, viewers: names(&view.viewers), typing: names(&view.typing) }
    }
}

/// What a client says on a socket; anything else is ignored.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameIn {
    /// This conversation is on the screen, or none is.
    View(Option<ConversationId>),
    /// Somebody types in this conversation.
    Typing(ConversationId),
}

impl PartialSchema for FrameIn {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let id_or_null = text().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
        let view = ObjectBuilder::new()
            .property("view", id_or_null)
            .required("view")
            .description(Some("This conversation is on the screen, or none is."));
        let typing = ObjectBuilder::new()
            .property("typing", text())
            .required("typing")
            .description(Some("Somebody types in this conversation."));
        OneOfBuilder::new()
            .item(view)
            .item(typing)
            .description(Some("What the client says on a socket; anything else is ignored."))
            .into()
    }
}

impl ToSchema for FrameIn {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ClientFrame")
    }
}
