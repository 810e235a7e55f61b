//! Drafts: what is not sent yet.

use partyline_core::id::{CannedId, ChannelId, ConversationId, DraftId, FileId, UserId};
use partyline_core::time::Millis;
use partyline_desk::draft::{self, DraftView, ListedDraft};
use partyline_desk::live::DraftPlace;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conversation::ConversationOut;
use super::file::AttachmentOut;
use super::{Named, words};

/// What is not sent yet: one per conversation and channel, everybody's to read and its holder's to write.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Draft)]
pub struct DraftOut {
    /// `draft_…`
    #[schema(value_type = String)]
    pub id: DraftId,
    /// In which conversation.
    #[schema(value_type = String)]
    pub conversation_id: ConversationId,
    /// On which channel.
    #[schema(value_type = String)]
    pub channel_id: ChannelId,
    /// Who writes it.
    pub holder: Named,
    /// Its holder has left, or only reads here now: whoever answers may write it without taking it over.
    pub free: bool,
    /// What it says.
    pub text: String,
    /// Its files, in order.
    pub attachments: Vec<AttachmentOut>,
    /// The canned response that it was made with.
    #[schema(value_type = Option<String>)]
    pub canned_response_id: Option<CannedId>,
    /// Grows with each change, and never goes back in one place, also when a draft is sent and another begun.
    pub version: i64,
    /// Who looks at it before it is sent.
    pub review: Option<ReviewOut>,
    /// When it was begun.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
    /// When it was last changed.
    #[schema(value_type = words::Time)]
    pub updated_at: Millis,
}

/// Who looks at a draft before it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DraftReview)]
pub struct ReviewOut {
    /// Who looks.
    pub reviewer: Named,
    /// Who has asked for it.
    #[schema(value_type = Option<String>)]
    pub asked_by: Option<UserId>,
}

impl From<DraftView> for DraftOut {
    fn from(view: DraftView) -> Self {
        let free = view.is_free();
        let DraftView { row, files, canned, asked_by } = view;
        let named = |id: UserId, name: Option<String>| Named { id: id.to_string(), name: name.unwrap_or_default() };
        DraftOut {
            id: row.id,
            conversation_id: row.conversation,
            channel_id: row.channel,
            holder: named(row.holder, row.holder_name),
            free,
            text: row.text,
            attachments: files.into_iter().map(AttachmentOut::from).collect(),
            canned_response_id: canned,
            version: row.version,
            review: row.review_by.map(|id| ReviewOut { reviewer: named(id, row.reviewer_name), asked_by }),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// What a draft says.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DraftIn {
    /// The text, up to 20,000 characters.
    #[serde(default)]
    pub text: String,
    /// Its files, in order: uploads of mine, and what it has already. At most 10.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub attachment_ids: Vec<FileId>,
    /// The canned response that it was made with.
    #[schema(value_type = Option<String>)]
    pub canned_response_id: Option<CannedId>,
    /// The `version` that this changes; left out, or null: there was no draft.
    pub version: Option<i64>,
}

impl From<DraftIn> for draft::DraftIn {
    fn from(new: DraftIn) -> Self {
        let DraftIn { text, attachment_ids, canned_response_id, version } = new;
        draft::DraftIn { text, attachment_ids, canned_response_id, version }
    }
}

/// From whom a draft is taken over.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TakeIn {
    /// Who holds it, as far as I know; left out: whoever does.
    #[schema(value_type = Option<String>)]
    pub holder_id: Option<UserId>,
}

/// Who is to look at a draft.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReviewIn {
    /// A lead or an admin who sees the conversation; left out: I.
    #[schema(value_type = Option<String>)]
    pub reviewer_id: Option<UserId>,
}

/// How a review ends without sending.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReviewEndIn {
    /// What its holder is told, in a note that only the team sees.
    pub text: Option<String>,
}

/// A draft in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedDraft)]
pub struct ListedDraftOut {
    /// The draft.
    pub draft: DraftOut,
    /// Where it is.
    pub conversation: ConversationOut,
}

impl From<ListedDraft> for ListedDraftOut {
    fn from(listed: ListedDraft) -> Self {
        ListedDraftOut { draft: listed.draft.into(), conversation: listed.conversation.into() }
    }
}

/// What stands in the place of a draft now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DraftNow)]
pub struct DraftNowOut {
    /// In which conversation.
    #[schema(value_type = String)]
    pub conversation_id: ConversationId,
    /// On which channel.
    #[schema(value_type = String)]
    pub channel_id: ChannelId,
    /// The draft; null: it was sent or discarded.
    pub draft: Option<DraftOut>,
}

impl DraftNowOut {
    /// What was found there.
    pub fn at(place: DraftPlace, draft: Option<DraftView>) -> DraftNowOut {
        DraftNowOut { conversation_id: place.conversation, channel_id: place.channel, draft: draft.map(DraftOut::from) }
    }
}
