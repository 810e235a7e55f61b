//! What every provider can do, and why it sometimes can't.

use std::time::Duration;

use async_trait::async_trait;
use partyline_core::consent::Permit;
use partyline_core::phone::Party;

use crate::{
    Account, Answer, Capabilities, Connection, Credentials, FieldError, Form, Hook, Http, Inbound, InboundText, Media,
    MediaRef, NotAuthentic, Outbound, Outcome, PassedLookup, PassedPage, Previous, ReportLookup, SentLookup, Sighting,
    StatusReport, Unintelligible, WebhookRequest, Webhooks,
};

/// Somebody else's computer that carries messages for us.
///
/// Implementations hold no state: what they need comes in. None of the methods panics, whatever arrives.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Its name in the database, the API and webhook addresses: lower case, never changed.
    fn name(&self) -> &'static str;

    /// Its name for people.
    fn title(&self) -> &'static str;

    /// The settings form that the set-up page shows.
    fn form(&self) -> Form;

    /// What it can carry.
    fn capabilities(&self) -> Capabilities;

    /// Do the credentials have the right shape? Asks nobody.
    ///
    /// # Errors
    /// One [`FieldError`] per field that is wrong, in the order of the form.
    fn check(&self, credentials: &Credentials) -> Result<(), Vec<FieldError>>;

    /// The provider's id of the account that the credentials are for, if they say so.
    fn account_id(&self, credentials: &Credentials) -> Option<String>;

    /// Do the credentials work? With the account's numbers and where those report today.
    ///
    /// # Errors
    /// [`ProviderError::CredentialsRefused`] or what kept us from asking.
    async fn verify(&self, http: &Http, connection: &Connection) -> Result<Account, ProviderError>;

    /// Makes a number report to us, and says where it reported before.
    ///
    /// # Errors
    /// [`ProviderError::NotFound`] when the account does not have the number.
    async fn set_webhooks(
        &self,
        http: &Http,
        connection: &Connection,
        number: &Party,
        hooks: &Webhooks,
    ) -> Result<Previous, ProviderError>;

    /// Where a number reports arriving texts today; `None` when nowhere.
    ///
    /// # Errors
    /// [`ProviderError::NotFound`] when the account does not have the number.
    async fn webhook_of(
        &self,
        http: &Http,
        connection: &Connection,
        number: &Party,
    ) -> Result<Option<String>, ProviderError>;

    /// Lets a number report arriving texts where it did before us, or nowhere.
    ///
    /// # Errors
    /// As [`webhook_of`](Self::webhook_of).
    async fn put_webhook_back(
        &self,
        http: &Http,
        connection: &Connection,
        number: &Party,
        previous: Option<&str>,
    ) -> Result<(), ProviderError>;

    /// Did the provider send this, for this account? Constant time, with every secret of the connection.
    ///
    /// # Errors
    /// [`NotAuthentic`] says why not, for the log. The sender is told nothing but 403.
    fn authenticate(&self, connection: &Connection, request: &WebhookRequest<'_>) -> Result<(), NotAuthentic>;

    /// What does it say? Only for requests that [`authenticate`](Self::authenticate) let through.
    ///
    /// # Errors
    /// [`Unintelligible`]: the request is kept for people, not dropped.
    fn understand(&self, hook: Hook, request: &WebhookRequest<'_>) -> Result<Vec<Inbound>, Unintelligible>;

    /// What the provider wants to hear once we have it.
    fn answer(&self, hook: Hook) -> Answer;

    /// Sends one text. The permit comes from the consent gate and is used up.
    ///
    /// Takes at most [`Timeouts::send`](crate::Timeouts::send).
    async fn send(&self, http: &Http, connection: &Connection, permit: Permit, message: &Outbound) -> Outcome;

    /// The messages from us to one recipient that the provider has, newest first.
    ///
    /// # Errors
    /// What kept us from asking; [`ProviderError::Unsupported`] when [`Capabilities::can_list`] is false.
    async fn find_sent(
        &self,
        http: &Http,
        connection: &Connection,
        look: &SentLookup,
    ) -> Result<Vec<Sighting>, ProviderError>;

    /// One page of what passed through one of our numbers, newest first.
    ///
    /// # Errors
    /// As [`find_sent`](Self::find_sent).
    async fn list_passed(
        &self,
        http: &Http,
        connection: &Connection,
        look: &PassedLookup,
    ) -> Result<PassedPage, ProviderError>;

    /// Reads a received message of the log again, as [`list_passed`](Self::list_passed) would: without its files, which a request
    /// of their own lists.
    ///
    /// # Errors
    /// [`Unintelligible`], as when it was listed.
    fn understand_listed(&self, listed: &[u8]) -> Result<InboundText, Unintelligible>;

    /// Where the files of a listed message are.
    ///
    /// # Errors
    /// As [`find_sent`](Self::find_sent).
    async fn list_media(
        &self,
        http: &Http,
        connection: &Connection,
        provider_id: &str,
    ) -> Result<Vec<MediaRef>, ProviderError>;

    /// What became of messages of ours, asked for instead of reported. Those that the provider does not know (any more) are left
    /// out, and with very many, those that would take too many requests at once.
    ///
    /// # Errors
    /// As [`find_sent`](Self::find_sent).
    async fn find_reports(
        &self,
        http: &Http,
        connection: &Connection,
        look: &ReportLookup,
    ) -> Result<Vec<StatusReport>, ProviderError>;

    /// Fetches a file that came with a text: only from the provider's own hosts, with a limit on size and time, and
    /// with credentials only for the provider's API itself.
    ///
    /// # Errors
    /// [`ProviderError::NotAllowed`] for another host, [`ProviderError::TooLarge`], [`ProviderError::NotFound`].
    async fn fetch_media(&self, http: &Http, connection: &Connection, url: &str) -> Result<Media, ProviderError>;
}

/// Why a request to a provider did not do what it should. The sentence is for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Unknown account, wrong token, or a token that was taken back.
    #[error("{title} refused the credentials. Check {field} and connect again.")]
    CredentialsRefused {
        /// The provider's [`title`](Provider::title).
        title: &'static str,
        /// The label of the field to look at.
        field: &'static str,
    },
    /// The credentials are no longer whole: a field is missing.
    #[error("The connection has no {0} yet. Enter its credentials again.")]
    CredentialsMissing(&'static str),
    /// Too many requests; wait.
    #[error("The provider asks us to slow down. This is tried again by itself.")]
    Busy {
        /// How long it wants us to wait.
        retry_after: Option<Duration>,
    },
    /// No connection, no DNS, no TLS: nothing left.
    #[error("The provider can't be reached. Check the network of this server. This is tried again by itself.")]
    Unreachable {
        /// What failed, without addresses of customers; for the log.
        detail: String,
    },
    /// It took too long, or broke off in the middle.
    #[error("The provider did not answer in time.")]
    NoAnswer {
        /// What failed; for the log.
        detail: String,
    },
    /// 5xx.
    #[error("The provider has trouble of its own (status {status}). Try again in a minute.")]
    Trouble {
        /// The HTTP status.
        status: u16,
    },
    /// It answered something that is not in its document.
    #[error("The provider's answer could not be read.")]
    Unreadable {
        /// What was wrong with it; for the log.
        detail: String,
    },
    /// What was asked for is not there.
    #[error("The provider does not have that.")]
    NotFound,
    /// It said no, for a reason of its own.
    #[error("{detail}")]
    Refused {
        /// Our stable word.
        code: &'static str,
        /// Its own code, e.g. `21606`.
        provider_code: Option<String>,
        /// What to do.
        detail: String,
    },
    /// We don't go there.
    #[error("The file is not at the provider's own address, so it was not fetched.")]
    NotAllowed,
    /// More than we take.
    #[error("The file is larger than {limit_bytes} bytes, so it was not fetched.")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// This provider can't do that.
    #[error("The provider can't do that.")]
    Unsupported,
}

impl ProviderError {
    /// A stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CredentialsRefused { .. } => "credentials_refused",
            Self::CredentialsMissing(_) => "credentials_missing",
            Self::Busy { .. } => "provider_busy",
            Self::Unreachable { .. } => "provider_unreachable",
            Self::NoAnswer { .. } => "provider_no_answer",
            Self::Trouble { .. } => "provider_trouble",
            Self::Unreadable { .. } => "provider_unreadable",
            Self::NotFound => "not_found_at_provider",
            Self::Refused { code, .. } => code,
            Self::NotAllowed => "media_not_allowed",
            Self::TooLarge { .. } => "media_too_large",
            Self::Unsupported => "unsupported",
        }
    }

    /// May the same request work later, unchanged?
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unreachable { .. } | Self::NoAnswer { .. } | Self::Trouble { .. })
    }
}
