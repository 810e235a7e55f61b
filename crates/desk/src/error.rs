//! What a use case can answer instead of doing it. Each has a stable code and a sentence for the person who asked.

use partyline_channels::ProviderError;
use partyline_core::consent::Reason;
use partyline_core::permission::Permission;
use partyline_store::StoreError;
use partyline_store::directory::Membership;

use crate::draft::DraftView;
use crate::view::EntryView;

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Its name in the request.
    pub field: String,
    /// A stable word: `required`, `malformed`, `too_long`, `taken`, …
    pub code: &'static str,
    /// What to do.
    pub detail: String,
}

/// Why a use case was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// There is no such thing, or this person may not see it: 404.
    #[error("{0} was not found.")]
    NotFound(&'static str),
    /// Their role may not do that: 403.
    #[error("Your role may not do this. Ask an admin of the workspace.")]
    Forbidden(Permission),
    /// Fields are wrong: 422 `invalid`.
    #[error("Some fields need another look.")]
    Invalid(Vec<FieldProblem>),
    /// It can't be done, whatever is confirmed: 422 with this code.
    #[error("{detail}")]
    Refused {
        /// A stable word, e.g. `opted_out`, `channel_required`.
        code: &'static str,
        /// What to do.
        detail: String,
    },
    /// It does not fit what is there now: 409 with this code.
    #[error("{detail}")]
    Conflict {
        /// A stable word, e.g. `too_late`.
        code: &'static str,
        /// What to do.
        detail: String,
    },
    /// Something came since the author last looked: 409 `stale_reply`.
    #[error("Something has come in since you last looked. Read it, then send again.")]
    Stale(Vec<EntryView>),
    /// The draft is not as they think it is: 409 with this code.
    #[error("{detail}")]
    Draft {
        /// `draft_held`, `draft_changed`, `draft_in_review`.
        code: &'static str,
        /// What to do.
        detail: String,
        /// As it is now; none: it was sent or discarded.
        present: Option<Box<DraftView>>,
    },
    /// A person has to confirm these reasons: 409 with the first one's code.
    #[error("{}", .0.first().map_or("This needs your word.", |r| r.detail()))]
    NeedsWord(Vec<Reason>),
    /// Email or password is wrong: 401.
    #[error("The email or the password is wrong.")]
    WrongCredentials,
    /// There is no session, or it has ended: 401.
    #[error("Sign in first.")]
    NotSignedIn,
    /// The account belongs to several workspaces: 409 `choose_workspace`.
    #[error("Choose a workspace.")]
    ChooseWorkspace(Vec<Membership>),
    /// The provider said no, or can't be asked: 422 with the provider error's code.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The store: 503 when it is busy or away, else 500.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DeskError {
    /// A refusal.
    pub(crate) fn refused(code: &'static str, detail: impl Into<String>) -> DeskError {
        DeskError::Refused { code, detail: detail.into() }
    }

    /// One wrong field.
    pub(crate) fn field(field: &str, code: &'static str, detail: impl Into<String>) -> DeskError {
        DeskError::Invalid(vec![FieldProblem { field: field.to_owned(), code, detail: detail.into() }])
    }
}

/// A use case's answer.
pub type Result<T, E = DeskError> = std::result::Result<T, E>;
