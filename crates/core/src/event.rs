//! The words of the workspace's log: what happened, by noun and past verb, and who did it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::delivery::{DeliveryStatus, UnknownWord};
use crate::id::{ContactId, UserId};

macro_rules! event_types {
    ($($name:ident = $word:literal,)*) => {
        /// What happened (api.md, "Events").
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each is its word")]
        pub enum EventType { $($name,)* }

        impl EventType {
            /// All of them.
            pub const ALL: &'static [EventType] = &[$(EventType::$name,)*];

            /// The word in the API and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(EventType::$name => $word,)* }
            }
        }
    };
}

event_types! {
    WorkspaceCreated = "workspace.created",
    WorkspaceUpdated = "workspace.updated",
    UserCreated = "user.created",
    UserUpdated = "user.updated",
    UserDeactivated = "user.deactivated",
    UserSignedIn = "user.signed_in",
    UserSignedOut = "user.signed_out",
    TeamCreated = "team.created",
    TeamUpdated = "team.updated",
    ConnectionCreated = "connection.created",
    ConnectionUpdated = "connection.updated",
    ChannelCreated = "channel.created",
    ChannelUpdated = "channel.updated",
    ChannelRemoved = "channel.removed",
    ContactCreated = "contact.created",
    ContactUpdated = "contact.updated",
    ConversationCreated = "conversation.created",
    ConversationUpdated = "conversation.updated",
    ConversationAssigned = "conversation.assigned",
    ConversationSnoozed = "conversation.snoozed",
    ConversationClosed = "conversation.closed",
    ConversationReopened = "conversation.reopened",
    ConversationLabelled = "conversation.labelled",
    MessageReceived = "message.received",
    MessageScheduled = "message.scheduled",
    MessageQueued = "message.queued",
    MessageSending = "message.sending",
    MessageSent = "message.sent",
    MessageDelivered = "message.delivered",
    MessageRead = "message.read",
    MessageFailed = "message.failed",
    MessageCancelled = "message.cancelled",
    MessageUnknown = "message.unknown",
    MessageUpdated = "message.updated",
    MessageImported = "message.imported",
    NoteCreated = "note.created",
    NoteEdited = "note.edited",
    ConsentChanged = "consent.changed",
    InboundQuarantined = "inbound.quarantined",
    InboundReplayed = "inbound.replayed",
    InboundReplayAsked = "inbound.replay_asked",
    InboundDismissed = "inbound.dismissed",
    ImportStarted = "import.started",
    ImportProgressed = "import.progressed",
    ImportEnded = "import.ended",
    LabelCreated = "label.created",
    LabelUpdated = "label.updated",
    LabelRemoved = "label.removed",
    BulkStarted = "bulk.started",
    BulkEnded = "bulk.ended",
    BulkUndone = "bulk.undone",
    NoteReacted = "note.reacted",
    TaskCreated = "task.created",
    TaskUpdated = "task.updated",
    TaskDone = "task.done",
    TaskDue = "task.due",
    DraftCreated = "draft.created",
    DraftTaken = "draft.taken",
    DraftDiscarded = "draft.discarded",
    DraftReviewAsked = "draft.review_asked",
    DraftReviewEnded = "draft.review_ended",
    CannedResponseCreated = "canned_response.created",
    CannedResponseUpdated = "canned_response.updated",
    CannedResponseRemoved = "canned_response.removed",
    InvitationCreated = "invitation.created",
    InvitationAccepted = "invitation.accepted",
    InvitationRevoked = "invitation.revoked",
    UserPasswordReset = "user.password_reset",
    SavedSearchCreated = "saved_search.created",
    SavedSearchUpdated = "saved_search.updated",
    SavedSearchRemoved = "saved_search.removed",
}

impl EventType {
    /// What a delivery that reached this status is called in the log.
    #[must_use]
    pub const fn of_delivery(status: DeliveryStatus) -> EventType {
        match status {
            DeliveryStatus::Scheduled => EventType::MessageScheduled,
            DeliveryStatus::Queued => EventType::MessageQueued,
            DeliveryStatus::Sending => EventType::MessageSending,
            DeliveryStatus::Unknown => EventType::MessageUnknown,
            DeliveryStatus::Sent => EventType::MessageSent,
            DeliveryStatus::Delivered => EventType::MessageDelivered,
            DeliveryStatus::Read => EventType::MessageRead,
            DeliveryStatus::Failed => EventType::MessageFailed,
            DeliveryStatus::Cancelled => EventType::MessageCancelled,
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventType {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL.iter().copied().find(|t| t.as_str() == word).ok_or(UnknownWord)
    }
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person of the team.
    User(UserId),
    /// The customer.
    Contact(ContactId),
    /// A program, with a token.
    Api(UserId),
    /// The server itself.
    System,
}

/// The word for a kind of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person of the team.
    User,
    /// The customer.
    Contact,
    /// A rule.
    Rule,
    /// A program.
    Api,
    /// The server itself.
    System,
}

impl ActorKind {
    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ActorKind::User => "user",
            ActorKind::Contact => "contact",
            ActorKind::Rule => "rule",
            ActorKind::Api => "api",
            ActorKind::System => "system",
        }
    }
}

impl FromStr for ActorKind {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        [ActorKind::User, ActorKind::Contact, ActorKind::Rule, ActorKind::Api, ActorKind::System]
            .into_iter()
            .find(|k| k.as_str() == word)
            .ok_or(UnknownWord)
    }
}

impl Actor {
    /// Its kind.
    #[must_use]
    pub const fn kind(self) -> ActorKind {
        match self {
            Actor::User(_) => ActorKind::User,
            Actor::Contact(_) => ActorKind::Contact,
            Actor::Api(_) => ActorKind::Api,
            Actor::System => ActorKind::System,
        }
    }

    /// The UUID of whoever it is; the server has none.
    #[must_use]
    pub const fn uuid(self) -> Option<uuid::Uuid> {
        match self {
            Actor::User(id) | Actor::Api(id) => Some(id.uuid()),
            Actor::Contact(id) => Some(id.uuid()),
            Actor::System => None,
        }
    }

    /// The user, where a person or their program acts.
    #[must_use]
    pub const fn user(self) -> Option<UserId> {
        match self {
            Actor::User(id) | Actor::Api(id) => Some(id),
            Actor::Contact(_) | Actor::System => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_noun_dot_past_verb_and_come_back() {
        for t in EventType::ALL {
            assert_eq!(t.as_str().parse(), Ok(*t));
            assert_eq!(t.as_str().split('.').count(), 2, "{t}");
        }
    }
}
