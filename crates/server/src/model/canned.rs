//! Canned responses.

use std::collections::HashMap;

use partyline_core::canned::Scope;
use partyline_core::consent::Keyword;
use partyline_core::id::{CannedId, ChannelId, ConversationId, FileId, TeamId};
use partyline_core::sms::measure;
use partyline_core::template::Warning;
use partyline_core::time::Millis;
use partyline_desk::canned::{self, Asked, CannedView, ForWhom, Rendered};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::file::AttachmentOut;
use super::words;
use crate::extract::present;
use crate::problem::Problem;

/// A saved answer, with places for what differs each time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CannedResponse)]
pub struct CannedOut {
    /// `canned_…`
    #[schema(value_type = String)]
    pub id: CannedId,
    /// Whose it is.
    #[schema(value_type = words::CannedScope)]
    pub scope: Scope,
    /// The team, where it is a team's.
    #[schema(value_type = Option<String>)]
    pub team_id: Option<TeamId>,
    /// What it is called.
    pub name: String,
    /// What it is called after a slash, in small letters.
    pub shortcut: Option<String>,
    /// The text, with places such as `{{ contact.first_name | default('there') }}`.
    pub text: String,
    /// The subject of an email, with such places.
    pub subject: Option<String>,
    /// The body of an email, with such places. Sanitise it before it is shown.
    pub html: Option<String>,
    /// The files that go with it.
    pub attachments: Vec<AttachmentOut>,
    /// How many messages were made with it.
    pub uses: i64,
    /// When the last of them was.
    #[schema(value_type = Option<words::Time>)]
    pub used_at: Option<Millis>,
    /// What its text should not ask for.
    pub warnings: Vec<WarningOut>,
    /// When it was made.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
    /// When what it says was last changed.
    #[schema(value_type = words::Time)]
    pub updated_at: Millis,
}

impl From<CannedView> for CannedOut {
    fn from(view: CannedView) -> Self {
        let warnings = warnings(view.warnings());
        let CannedView { row, files } = view;
        CannedOut {
            id: row.id,
            scope: row.scope,
            team_id: row.team,
            name: row.name,
            shortcut: Some(row.shortcut).filter(|s| !s.is_empty()),
            text: row.text,
            subject: row.subject,
            html: row.html,
            attachments: files.into_iter().map(AttachmentOut::from).collect(),
            uses: row.uses,
            used_at: row.used_at,
            warnings,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A text asks for an answer that the network understands as a keyword.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TemplateWarning)]
pub struct WarningOut {
    /// `reserved_word`
    pub code: &'static str,
    /// The word, as it stands in the text.
    pub word: String,
    /// What an answer of this word does.
    #[schema(value_type = words::Keyword)]
    pub keyword: &'static str,
    /// Where it begins, counted in Unicode scalars.
    pub start: usize,
    /// Where it ends: the first scalar after it.
    pub end: usize,
    /// What would happen and what to do, for people.
    pub detail: String,
}

fn warnings(found: Vec<Warning>) -> Vec<WarningOut> {
    let out = |w: Warning| WarningOut {
        code: Warning::CODE,
        detail: w.detail(),
        keyword: match w.kind {
            Keyword::Stop => "stop",
            Keyword::Start { .. } => "start",
            Keyword::Help => "help",
        },
        start: w.span.start,
        end: w.span.end,
        word: w.word,
    };
    found.into_iter().map(out).collect()
}

/// A new canned response.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CannedIn {
    /// Whose it is. It stays theirs: to have it elsewhere, make one there.
    #[schema(value_type = words::CannedScope)]
    pub scope: Scope,
    /// One of my teams, with the scope `team`.
    #[schema(value_type = Option<String>)]
    pub team_id: Option<TeamId>,
    /// What it is called, in at most 80 characters.
    pub name: String,
    /// What it is called after a slash: letters, digits, `-` and `_`, at most 32. Nobody meets two that are the same.
    pub shortcut: Option<String>,
    /// The text, with places such as `{{ contact.first_name | default('there') }}`; at most 4,000 characters.
    pub text: String,
    /// The subject of an email, with such places; at most 200 characters.
    pub subject: Option<String>,
    /// The body of an email, with such places; at most 20,000 characters, and nothing that runs.
    pub html: Option<String>,
    /// Up to ten files that I uploaded.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub attachment_ids: Vec<FileId>,
}

impl From<CannedIn> for canned::CannedIn {
    fn from(new: CannedIn) -> Self {
        canned::CannedIn {
            scope: new.scope,
            team_id: new.team_id,
            name: new.name,
            shortcut: new.shortcut,
            text: new.text,
            subject: new.subject,
            html: new.html,
            attachment_ids: new.attachment_ids,
        }
    }
}

/// What changes of a canned response; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CannedPatch {
    /// What it is called.
    pub name: Option<String>,
    /// What it is called after a slash; null takes it away.
    #[serde(default, deserialize_with = "present")]
    pub shortcut: Option<Option<String>>,
    /// The text.
    pub text: Option<String>,
    /// The subject of an email; null takes it away.
    #[serde(default, deserialize_with = "present")]
    pub subject: Option<Option<String>>,
    /// The body of an email; null takes it away.
    #[serde(default, deserialize_with = "present")]
    pub html: Option<Option<String>>,
    /// All its files, in order: those that it keeps, and uploads of mine.
    #[schema(value_type = Option<Vec<String>>)]
    pub attachment_ids: Option<Vec<FileId>>,
}

impl From<CannedPatch> for canned::CannedPatch {
    fn from(patch: CannedPatch) -> Self {
        canned::CannedPatch {
            name: patch.name,
            shortcut: patch.shortcut,
            text: patch.text,
            subject: patch.subject,
            html: patch.html,
            attachment_ids: patch.attachment_ids,
        }
    }
}

/// Somebody whom no conversation is with yet.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct ForContactIn {
    /// What they are called.
    pub name: Option<String>,
    /// Their number, as people write it.
    pub number: Option<String>,
    /// The channel that will be used: its team is the team.
    #[schema(value_type = Option<String>)]
    pub channel_id: Option<ChannelId>,
}

impl From<ForContactIn> for ForWhom {
    fn from(of: ForContactIn) -> Self {
        ForWhom::Contact { name: of.name, number: of.number, channel: of.channel_id }
    }
}

/// Filling one in: for a conversation, or for a contact.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RenderIn {
    /// In which conversation it will be used.
    #[schema(value_type = Option<String>)]
    pub conversation_id: Option<ConversationId>,
    /// For whom, where there is no conversation yet.
    pub contact: Option<ForContactIn>,
    /// What a person wrote for names that were missing, of at most 500 characters each. It goes before what is known.
    #[serde(default)]
    pub values: HashMap<String, String>,
    /// Answer with copies of its files, once nothing is missing in its text: uploads of mine, which a message can take.
    #[serde(default)]
    pub take_files: bool,
}

impl TryFrom<RenderIn> for canned::RenderIn {
    type Error = Problem;

    fn try_from(asked: RenderIn) -> Result<Self, Problem> {
        let whom = match (asked.conversation_id, asked.contact) {
            (Some(id), None) => ForWhom::Conversation(id),
            (None, contact) => contact.unwrap_or_default().into(),
            (Some(_), Some(_)) => {
                let detail = "Name a conversation or a contact, not both.";
                return Err(Problem::field("contact", "not_with_conversation", detail));
            }
        };
        Ok(canned::RenderIn { whom, values: asked.values, take_files: asked.take_files })
    }
}

/// What is not saved yet, to be filled in and looked at.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CannedPreviewIn {
    /// The text, with its places.
    pub text: String,
    /// For whom.
    #[serde(default)]
    pub contact: ForContactIn,
}

impl From<CannedPreviewIn> for canned::PreviewIn {
    fn from(asked: CannedPreviewIn) -> Self {
        canned::PreviewIn { text: asked.text, whom: asked.contact.into() }
    }
}

/// A canned response, filled in as far as the values went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RenderedResponse)]
pub struct RenderedOut {
    /// The text. What is missing still stands in it as its place.
    pub text: String,
    /// The subject of an email.
    pub subject: Option<String>,
    /// The body of an email. Sanitise it before it is shown.
    pub html: Option<String>,
    /// What has neither a value nor a fallback, in the order of the template.
    pub missing: Vec<MissingOut>,
    /// What the text should not ask for.
    pub warnings: Vec<WarningOut>,
    /// Its files; with `take_files`, copies that a message can take.
    pub attachments: Vec<AttachmentOut>,
    /// Messages that the text is sent, and billed, as.
    pub segments: u32,
}

/// Something that a person has to write before it is used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MissingValue)]
pub struct MissingOut {
    /// The name in the template, for `values`.
    pub name: String,
    /// What it is; null for a name that only its author knows.
    pub label: Option<&'static str>,
    /// Does the text need it, or only the email?
    pub in_text: bool,
}

impl From<Asked> for MissingOut {
    fn from(m: Asked) -> Self {
        MissingOut { name: m.name, label: m.label, in_text: m.in_text }
    }
}

impl From<Rendered> for RenderedOut {
    fn from(of: Rendered) -> Self {
        RenderedOut {
            segments: measure(&of.text).segments,
            text: of.text,
            subject: of.subject,
            html: of.html,
            missing: of.missing.into_iter().map(MissingOut::from).collect(),
            warnings: warnings(of.warnings),
            attachments: of.files.into_iter().map(AttachmentOut::from).collect(),
        }
    }
}
