//! Conversations, as one user sees them.

use partyline_core::conversation::{Priority, Status};
use partyline_core::id::{CannedId, ChannelId, ContactId, ConversationId, FileId, LabelId, TeamId, UserId};
use partyline_core::time::Millis;
use partyline_desk::view::ConversationView;
use partyline_desk::{start, triage};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::entry::EntryOut;
use super::{Named, words};
use crate::extract::present;

/// The thread a team works on, as I see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Conversation)]
pub struct ConversationOut {
    /// `conv_…`
    #[schema(value_type = String)]
    pub id: ConversationId,
    /// What it is about.
    pub subject: Option<String>,
    /// What the team has done with it.
    #[schema(value_type = words::Status)]
    pub status: Status,
    /// When it wakes.
    #[schema(value_type = Option<words::Time>)]
    pub snoozed_until: Option<Millis>,
    /// Whose inbox it is in.
    #[schema(value_type = Option<String>)]
    pub team_id: Option<TeamId>,
    /// Who is on it.
    #[schema(value_type = Vec<String>)]
    pub assignee_ids: Vec<UserId>,
    /// The same with names.
    pub assignees: Vec<Named>,
    /// Its labels, by name; those above them are left out.
    #[schema(value_type = Vec<String>)]
    pub label_ids: Vec<LabelId>,
    /// How urgent the team says it is.
    #[schema(value_type = words::Priority)]
    pub priority: Priority,
    /// With whom.
    pub contact: ContactOut,
    /// The channels it has used.
    #[schema(value_type = Vec<String>)]
    pub channel_ids: Vec<ChannelId>,
    /// The same with what they are.
    pub channels: Vec<UsedChannelOut>,
    /// The start of the newest message.
    pub preview: String,
    /// The addresses of the contact in it.
    pub participants: Vec<String>,
    /// The conversation that it was merged into.
    pub merged_into: Option<String>,
    /// Is there something that I have not seen?
    pub unread: bool,
    /// Since when the customer waits for an answer; null when answered.
    #[schema(value_type = Option<words::Time>)]
    pub waiting_since: Option<Millis>,
    /// When anything last happened.
    #[schema(value_type = words::Time)]
    pub last_activity_at: Millis,
    /// When it began.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
    /// What a list says about the newest message.
    pub last_message: Option<LastMessageOut>,
    /// The newest entry that I have seen.
    pub seen_entry_id: Option<String>,
    /// The newest entry.
    pub last_entry_id: Option<String>,
    /// Have they said STOP, so that nothing can be sent?
    pub opted_out: bool,
    /// When a note last named me.
    #[schema(value_type = Option<words::Time>)]
    pub mentioned_at: Option<Millis>,
    /// Am I told of what happens here?
    pub following: bool,
    /// Does it count as read for me, whatever comes?
    pub muted: bool,
    /// How many tasks of it are not done.
    pub open_tasks: i64,
}

/// With whom.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactInConversation)]
pub struct ContactOut {
    /// `cont_…`
    #[schema(value_type = String)]
    pub id: ContactId,
    /// What they are called.
    pub name: Option<String>,
    /// Where they wrote from.
    pub address: String,
}

/// A channel that a conversation has used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsedChannel)]
pub struct UsedChannelOut {
    /// `chan_…`
    #[schema(value_type = String)]
    pub id: ChannelId,
    /// What it is called.
    pub name: String,
    /// What passes through it.
    #[schema(value_type = words::ChannelKind)]
    pub kind: String,
    /// Our number.
    pub address: String,
}

/// What a list says about the newest message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LastMessage)]
pub struct LastMessageOut {
    /// Which way it went.
    #[schema(value_type = words::Direction)]
    pub direction: String,
    /// Who of ours wrote it.
    pub author_name: Option<String>,
    /// Where it is, if it is outbound.
    #[schema(value_type = Option<words::DeliveryStatus>)]
    pub delivery_status: Option<String>,
    /// Does it carry files?
    pub has_attachments: bool,
}

impl From<ConversationView> for ConversationOut {
    fn from(view: ConversationView) -> Self {
        let (unread, opted_out) = (view.unread(), view.opted_out());
        let row = view.row;
        let mut participants: Vec<String> = view.channels.iter().map(|c| c.contact_address.clone()).collect();
        participants.push(row.address.clone());
        participants.sort();
        participants.dedup();
        ConversationOut {
            id: row.id,
            subject: row.subject,
            status: row.status,
            snoozed_until: row.snoozed_until,
            team_id: row.team,
            assignee_ids: view.assignees.iter().map(|(id, _)| *id).collect(),
            assignees: view.assignees.into_iter().map(|(id, name)| Named { id: id.to_string(), name }).collect(),
            label_ids: view.labels,
            priority: Priority::from_i64(row.priority),
            contact: ContactOut { id: row.contact, name: row.contact_name, address: row.address },
            channel_ids: view.channels.iter().map(|c| c.channel).collect(),
            channels: view
                .channels
                .into_iter()
                .map(|c| UsedChannelOut { id: c.channel, name: c.name, kind: c.kind, address: c.address })
                .collect(),
            preview: row.preview,
            participants,
            merged_into: None,
            unread,
            waiting_since: row.waiting_since,
            last_activity_at: row.last_activity_at,
            created_at: row.created_at,
            last_message: view.last_message.map(|m| LastMessageOut {
                direction: m.direction,
                author_name: m.author_name,
                delivery_status: m.delivery_status,
                has_attachments: m.attachments > 0,
            }),
            seen_entry_id: view.seen_entry.map(|id| id.to_string()),
            last_entry_id: view.last_entry.map(|id| id.to_string()),
            opted_out,
            mentioned_at: row.mentioned_at,
            following: row.following.unwrap_or(false),
            muted: row.muted.unwrap_or(false),
            open_tasks: row.open_tasks,
        }
    }
}

/// What changes of a conversation; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct ConversationPatch {
    /// `open`, `snoozed` (with `snoozed_until`, or until they write), `closed`, `spam`, `trash`.
    #[schema(value_type = Option<words::Status>)]
    pub status: Option<Status>,
    /// When it wakes; null: when they write.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<words::Time>)]
    pub snoozed_until: Option<Option<Millis>>,
    /// Whose inbox it goes to; null: nobody's.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub team_id: Option<Option<TeamId>>,
    /// All who are on it.
    #[schema(value_type = Option<Vec<String>>)]
    pub assignee_ids: Option<Vec<UserId>>,
    /// Who is on it beside those who are.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub add_assignee_ids: Vec<UserId>,
    /// How urgent it is.
    #[schema(value_type = Option<words::Priority>)]
    pub priority: Option<Priority>,
    /// What it is about; null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub subject: Option<Option<String>>,
    /// All its labels.
    #[schema(value_type = Option<Vec<String>>)]
    pub label_ids: Option<Vec<LabelId>>,
    /// Labels that are put on it beside those it has.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub add_label_ids: Vec<LabelId>,
    /// Labels that are taken off.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub remove_label_ids: Vec<LabelId>,
}

impl From<ConversationPatch> for triage::ConversationPatch {
    fn from(p: ConversationPatch) -> Self {
        triage::ConversationPatch {
            status: p.status,
            snoozed_until: p.snoozed_until,
            team: p.team_id,
            assignees: p.assignee_ids,
            add_assignees: p.add_assignee_ids,
            priority: p.priority,
            subject: p.subject,
            labels: p.label_ids,
            add_labels: p.add_label_ids,
            remove_labels: p.remove_label_ids,
        }
    }
}

/// The first message of a conversation.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StartIn {
    /// Through which channel.
    #[schema(value_type = String)]
    pub channel_id: ChannelId,
    /// To whom: a number, as people write it.
    pub to: String,
    /// What they are called, where that is known.
    pub name: Option<String>,
    /// What it says; may be empty beside a file.
    #[serde(default)]
    pub text: String,
    /// Files that were uploaded.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub attachment_ids: Vec<FileId>,
    /// The canned response that it was made with; counted.
    #[schema(value_type = Option<String>)]
    pub canned_response_id: Option<CannedId>,
    /// `reply`, `update` or `marketing`.
    pub class: Option<String>,
    /// The codes of what a person has confirmed, e.g. `first_contact`.
    #[serde(default)]
    pub confirm: Vec<String>,
    /// With `first_contact`, and of an update with `no_consent`: how they asked to be texted, e.g. `asked us by phone`. Kept as the record.
    pub source: Option<String>,
    /// Seconds that the server holds it, so that it can be taken back; none when left out.
    pub undo_seconds: Option<u32>,
}

impl From<StartIn> for start::StartIn {
    fn from(new: StartIn) -> Self {
        start::StartIn {
            channel_id: new.channel_id,
            to: new.to,
            name: new.name,
            text: new.text,
            attachment_ids: new.attachment_ids,
            canned_response_id: new.canned_response_id,
            class: new.class,
            confirm: new.confirm,
            source: new.source,
            undo_seconds: new.undo_seconds.unwrap_or(0),
        }
    }
}

/// A conversation that was started, with its first message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Started)]
pub struct StartedOut {
    /// The conversation.
    pub conversation: ConversationOut,
    /// The message.
    pub message: EntryOut,
}

impl From<start::Started> for StartedOut {
    fn from(started: start::Started) -> Self {
        StartedOut { conversation: started.conversation.into(), message: started.message.into() }
    }
}
