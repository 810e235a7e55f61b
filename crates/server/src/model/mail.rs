//! Mail.

use partyline_core::time::Millis;
use partyline_desk::invitation::MailRow;
use partyline_desk::mail::MailView;
use serde::Serialize;
use utoipa::ToSchema;

use super::words;

/// How mail is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mail)]
pub struct MailOut {
    /// The server that letters are handed to; null: mail is not set up.
    pub server: Option<String>,
    /// The address that letters come from.
    pub from: Option<String>,
    /// Where links in letters lead.
    pub links: String,
    /// Letters that wait for the mail server.
    pub waiting: i64,
    /// Why the first of those that were tried waits.
    pub reason: Option<String>,
    /// Letters that were given up within a week.
    pub failed: i64,
}

impl From<MailView> for MailOut {
    fn from(view: MailView) -> Self {
        let MailView { server, from, links, waiting, reason, failed } = view;
        MailOut { server, from, links, waiting, reason, failed }
    }
}

/// A test letter was taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailTest)]
pub struct TestOut {
    /// To which address it goes.
    pub to: String,
}

/// What became of a letter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Letter)]
pub struct LetterOut {
    /// How it is.
    pub state: LetterState,
    /// Why it waits, or was given up.
    pub reason: Option<String>,
    /// When the mail server took it, or it was given up; until then when it was written.
    #[schema(value_type = words::Time)]
    pub at: Millis,
}

/// How a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LetterState {
    /// It is under way, or waits for the mail server.
    Waiting,
    /// The mail server took it.
    Sent,
    /// It was given up.
    Failed,
}

impl From<MailRow> for LetterOut {
    fn from(row: MailRow) -> Self {
        let state = match row.state.as_str() {
            "sent" => LetterState::Sent,
            "failed" => LetterState::Failed,
            _ => LetterState::Waiting,
        };
        LetterOut { state, reason: row.reason, at: row.ended_at.unwrap_or(row.created_at) }
    }
}
