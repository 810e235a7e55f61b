//! What every provider can do, and the values around it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use partyline_core::consent::Permit;
use partyline_core::phone::Party;
use serde::Serialize;
use url::Url;

use crate::{
    Account, Connection, Credentials, FieldError, Form, Http, Inbound, InboundText, Media, Outbound, Outcome, Previous,
    ReceivedLookup, SentLookup, Sighting, Webhooks,
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

    /// The texts that one of our numbers received, oldest first, with their files.
    ///
    /// # Errors
    /// As [`find_sent`](Self::find_sent).
    async fn find_received(
        &self,
        http: &Http,
        connection: &Connection,
        look: &ReceivedLookup,
    ) -> Result<Vec<InboundText>, ProviderError>;

    /// Fetches a file that came with a text: only from the provider's own hosts, with a limit on size and time, and
    /// with credentials only for the provider's API itself.
    ///
    /// # Errors
    /// [`ProviderError::NotAllowed`] for another host, [`ProviderError::TooLarge`], [`ProviderError::NotFound`].
    async fn fetch_media(&self, http: &Http, connection: &Connection, url: &str) -> Result<Media, ProviderError>;
}

/// What a provider can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    /// The kinds of channel it offers.
    pub kinds: &'static [ChannelKind],
    /// The longest text, in UTF-16 code units: the strictest reading of what providers call characters.
    /// Compare with [`Capabilities::text_length`].
    pub text_limit: usize,
    /// Files.
    pub media: MediaLimits,
    /// Does it report that a handset has a text?
    pub delivery_receipts: bool,
    /// Does it report that a person has read it?
    pub read_receipts: bool,
    /// Who answers STOP.
    pub stop: StopHandling,
    /// Can it list messages ([`Provider::find_sent`], [`Provider::find_received`])?
    pub can_list: bool,
    /// How long an arriving webhook may take to be answered, in milliseconds.
    pub webhook_patience_ms: u32,
}

impl Capabilities {
    /// The length that counts against [`Capabilities::text_limit`].
    #[must_use]
    pub fn text_length(text: &str) -> usize {
        text.encode_utf16().count()
    }
}

/// What passes through a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// Texts to phones, with files.
    Sms,
}

impl ChannelKind {
    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
        }
    }
}

/// Limits on files that are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MediaLimits {
    /// The most files in one message.
    pub max_count: usize,
    /// All files of a message together, in bytes.
    pub max_total_bytes: u64,
    /// What phones are known to accept; other types may be sent and may be refused by a carrier.
    pub types: &'static [&'static str],
    /// Does the provider fetch the files from us, so that a public https address is needed?
    pub needs_public_url: bool,
}

/// Who answers STOP, by kind of sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StopHandling {
    /// An ordinary number.
    pub long_code: StopAnsweredBy,
    /// A toll-free number.
    pub toll_free: StopAnsweredBy,
    /// A short code.
    pub short_code: StopAnsweredBy,
}

/// Who sends the one confirmation after STOP, and refuses what comes after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopAnsweredBy {
    /// The provider does: we send nothing.
    Provider,
    /// The telephone network does, and can't be told not to: we send nothing; only START and UNSTOP undo it.
    Network,
    /// Nobody else does: we must.
    Us,
}

/// Which webhook of a connection was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hook {
    /// Something arrived.
    Message,
    /// Something of ours got on.
    Status,
    /// A call.
    Voice,
}

impl Hook {
    /// The last part of its address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Status => "status",
            Self::Voice => "voice",
        }
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No webhook has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a webhook")]
pub struct UnknownHook;

impl FromStr for Hook {
    type Err = UnknownHook;
    fn from_str(text: &str) -> Result<Self, UnknownHook> {
        [Self::Message, Self::Status, Self::Voice].into_iter().find(|h| h.as_str() == text).ok_or(UnknownHook)
    }
}

/// A request that came to one of our webhooks, as it came.
#[derive(Clone, Copy)]
pub struct WebhookRequest<'a> {
    /// `POST` or `GET`.
    pub method: &'a str,
    /// The address that the provider called: the *configured* public origin, then path and query byte for byte as
    /// received. Never made from `Host` or `X-Forwarded-*`.
    pub url: &'a str,
    /// The headers, in any case.
    pub headers: &'a [(String, String)],
    /// The body, untouched.
    pub body: &'a [u8],
}

impl WebhookRequest<'_> {
    /// The first header of this name; upper and lower case are alike.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The media type of the body in lower case, without parameters; `""` when unsaid.
    #[must_use]
    pub fn content_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// What stands between `?` and `#` of the address.
    #[must_use]
    pub fn query(&self) -> &str {
        let whole = self.url.split('#').next().unwrap_or_default();
        whole.split_once('?').map_or("", |(_, query)| query)
    }

    /// What [`with_correlation`] put into the address.
    #[must_use]
    pub fn correlation(&self) -> Option<String> {
        url::form_urlencoded::parse(self.query().as_bytes())
            .find(|(name, value)| name == CORRELATION_PARAM && !value.is_empty() && value.len() <= MAX_CORRELATION)
            .map(|(_, value)| value.into_owned())
    }
}

impl fmt::Debug for WebhookRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookRequest").field("method", &self.method).field("bytes", &self.body.len()).finish()
    }
}

/// The query parameter of a status callback that carries our own message id.
pub const CORRELATION_PARAM: &str = "ref";
/// Our ids are 30 bytes; what is much longer is not ours.
const MAX_CORRELATION: usize = 64;

/// `callback` with our own id in its query, so that a report finds its message even if the answer to the send got lost.
///
/// ```
/// let hook = "https://inbox.example.com/hooks/twilio/conn_1/status".parse().unwrap();
/// let url = partyline_channels::with_correlation(&hook, "msg_1");
/// assert_eq!(url.as_str(), "https://inbox.example.com/hooks/twilio/conn_1/status?ref=msg_1");
/// ```
#[must_use]
pub fn with_correlation(callback: &Url, id: &str) -> Url {
    let mut url = callback.clone();
    url.query_pairs_mut().append_pair(CORRELATION_PARAM, id);
    url
}

/// What to answer to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The media type of the body, if there is one.
    pub content_type: Option<&'static str>,
    /// The body; may be empty.
    pub body: &'static str,
}

/// Why a webhook is not believed. For logs and the connection's counter; the sender learns nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotAuthentic {
    /// No signature came along.
    #[error("there is no signature")]
    Missing,
    /// The connection has no secret to verify with.
    #[error("the connection has no secret that could verify the signature")]
    NoSecret,
    /// The signature is by another key, or over something else (often: another public address).
    #[error("the signature does not match: another auth token, or another public address than the provider calls")]
    WrongSignature,
    /// The body is not the one that was signed.
    #[error("the body is not the one that was signed")]
    WrongBody,
    /// It is signed in a way that we don't know.
    #[error("the signature is made in a way that is not known here")]
    UnknownAlgorithm,
    /// It is about another account.
    #[error("the request is for another account than the connection's")]
    WrongAccount,
    /// Neither the method nor the size of anything the provider sends.
    #[error("this is not a request that the provider makes")]
    Malformed,
}

impl NotAuthentic {
    /// A stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "signature_missing",
            Self::NoSecret => "no_secret",
            Self::WrongSignature => "wrong_signature",
            Self::WrongBody => "wrong_body",
            Self::UnknownAlgorithm => "unknown_algorithm",
            Self::WrongAccount => "wrong_account",
            Self::Malformed => "malformed",
        }
    }
}

/// Why an authentic request could not be understood. It is kept, shown to admins, and can be tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unintelligible {
    /// Neither a form nor what else the provider sends.
    #[error("the request is not a form")]
    NotAForm,
    /// A field without which nothing can be done.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field that should name a phone number, short code or sender.
    #[error("the field {0} is not an address that texts come from")]
    BadAddress(&'static str),
    /// A state that is not in the provider's document.
    #[error("the message state is not known")]
    UnknownStatus,
    /// Something that this version does not handle yet.
    #[error("{0} are not handled yet")]
    Unsupported(&'static str),
    /// More than the provider ever sends.
    #[error("the request is larger than anything the provider sends")]
    TooLarge,
}

impl Unintelligible {
    /// A stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAForm => "not_a_form",
            Self::Missing(_) => "missing_field",
            Self::BadAddress(_) => "bad_address",
            Self::UnknownStatus => "unknown_status",
            Self::Unsupported(_) => "unsupported",
            Self::TooLarge => "too_large",
        }
    }
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
