//! What goes through a provider, in our words: texts, receipts, numbers, outcomes.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use partyline_core::delivery::{DeliveryError, DeliveryStatus};
use partyline_core::phone::{Party, PhoneNumber};
use partyline_core::time::Millis;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{ProviderError, Unintelligible};

/// One thing that a provider told us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbound {
    /// A text arrived.
    Text(InboundText),
    /// One of ours got on, or failed.
    Status(StatusReport),
}

/// A text from outside. Its `Debug` does not show what it says; its JSON is what is kept of one that was fetched and could not be
/// delivered, so fields may be added (with a default) and never renamed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundText {
    /// The provider's id; unique within the connection, and what duplicates are known by.
    pub provider_id: String,
    /// The provider's id of the account.
    pub account_id: String,
    /// Who wrote.
    pub from: Party,
    /// Our number.
    pub to: Party,
    /// What they wrote; empty when they sent files only.
    pub text: String,
    /// Files that can be fetched.
    pub media: Vec<MediaRef>,
    /// When the provider took it, if it says so. Webhooks of Twilio don't.
    pub sent_at: Option<Millis>,
    /// The provider has handled this as an opt-out word and *has already answered*: we must not.
    pub opt_out: Option<OptOut>,
    /// As how many segments it came.
    pub segments: Option<u32>,
    /// The messaging service that our number stands behind, if it came through one.
    pub service_id: Option<String>,
}

impl Inbound {
    /// The provider's id of the message.
    #[must_use]
    pub fn provider_id(&self) -> &str {
        match self {
            Inbound::Text(text) => &text.provider_id,
            Inbound::Status(report) => &report.provider_id,
        }
    }
}

impl fmt::Debug for InboundText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundText")
            .field("provider_id", &self.provider_id)
            .field("account_id", &self.account_id)
            .field("from", &self.from)
            .field("to", &self.to)
            .field("characters", &self.text.chars().count())
            .field("media", &self.media.len())
            .field("sent_at", &self.sent_at)
            .field("opt_out", &self.opt_out)
            .finish_non_exhaustive()
    }
}

/// A file that came with a text and is still at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRef {
    /// Where it is. Only [`fetch_media`](crate::Provider::fetch_media) may go there: it checks the host.
    pub url: String,
    /// What the sender says it is; not to be trusted. `""` when unsaid.
    pub content_type: String,
}

/// An opt-out word that the provider recognised and answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptOut {
    /// They want no more texts.
    Stop,
    /// They want texts again.
    Start,
    /// They asked who this is.
    Help,
}

/// What became of a text of ours. Its JSON is what is kept of one that was fetched and could not be saved, as for [`InboundText`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusReport {
    /// The provider's id of the message.
    pub provider_id: String,
    /// What [`with_correlation`](crate::with_correlation) put into the callback: our own message id, as text.
    pub correlation: Option<String>,
    /// The same in our words. Only ever moves forward: see [`DeliveryStatus::after_report`].
    pub status: DeliveryStatus,
    /// Why it failed.
    pub error: Option<DeliveryError>,
    /// The provider's own word, for the record.
    pub raw_status: String,
    /// When it happened, if the provider says so.
    pub at: Option<Millis>,
}

/// A text to be sent. Its `Debug` does not show what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Outbound {
    /// Our number: the one the customer wrote to.
    pub from: Party,
    /// The customer.
    pub to: PhoneNumber,
    /// What to say; may be empty when there are files.
    pub text: String,
    /// Public addresses of files, which the provider fetches.
    pub media_urls: Vec<String>,
    /// Where to report; already carries our id (see [`with_correlation`](crate::with_correlation)).
    /// `None` without a public address.
    pub status_callback: Option<Url>,
    /// The messaging service that our number stands behind, if any.
    pub service_id: Option<String>,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("from", &self.from)
            .field("to", &self.to)
            .field("characters", &self.text.chars().count())
            .field("media", &self.media_urls.len())
            .finish_non_exhaustive()
    }
}

/// What happened to a send. Exactly one of four things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider took it.
    Accepted {
        /// The provider's id.
        provider_id: String,
        /// Into how many segments it was cut; `None` when not decided yet.
        segments: Option<u32>,
        /// [`DeliveryStatus::Sent`], or further if the provider says so at once.
        status: DeliveryStatus,
        /// The price as the provider writes it with its currency, e.g. `-0.0079 USD`; often comes later.
        price: Option<String>,
    },
    /// Certainly not sent: it can be tried again, no earlier than `retry_after` where given.
    NeverLeft {
        /// Why.
        error: ProviderError,
        /// How long the provider wants us to wait.
        retry_after: Option<Duration>,
    },
    /// The provider said no: trying again unchanged is pointless.
    Refused {
        /// Why, and what to do.
        error: DeliveryError,
        /// What must change.
        about: RefusalAbout,
    },
    /// It may have been sent, or not. Look with [`find_sent`](crate::Provider::find_sent) before anything else.
    Unknown {
        /// What went wrong, without message text or addresses.
        detail: String,
    },
}

/// What a refusal, or a failure reported later, is about: whose turn it is to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalAbout {
    /// This message: too long, a file that can't be fetched.
    Message,
    /// This recipient: a landline, an unknown number.
    Recipient,
    /// This recipient has opted out: write it in the ledger; only they can undo it.
    OptOut,
    /// Our number: not registered, not allowed to text there.
    Sender,
    /// The account or its credentials: nothing gets out until an admin mends it.
    Connection,
    /// A limit of the moment: later it may pass.
    Pace,
}

/// What to look for when the outcome of a send is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentLookup {
    /// Our number.
    pub from: Party,
    /// The customer.
    pub to: PhoneNumber,
    /// Nothing created before this; rounded down to the second, as finely as providers tell time.
    pub since: Millis,
}

/// A message of ours, as the provider lists it. Its `Debug` does not show what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The provider's id.
    pub provider_id: String,
    /// What it says: with `created_at`, how a lost send is recognised.
    pub text: String,
    /// When the provider took it, to the second.
    pub created_at: Millis,
    /// Where it is now.
    pub status: DeliveryStatus,
    /// Why it failed.
    pub error: Option<DeliveryError>,
    /// The provider's own word.
    pub raw_status: String,
    /// Into how many segments it was cut.
    pub segments: Option<u32>,
    /// How many files it has.
    pub media_count: u32,
}

impl fmt::Debug for Sighting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sighting")
            .field("provider_id", &self.provider_id)
            .field("created_at", &self.created_at)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// To us.
    Received,
    /// From us.
    Sent,
}

/// What passed through one of our numbers in an interval: how texts come in without a public address, how the lost are found, and
/// how a number's past is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedLookup {
    /// Our number.
    pub number: Party,
    /// Which way.
    pub way: Way,
    /// Nothing before this, by the provider's clock; rounded down to the second.
    pub from: Millis,
    /// Nothing after this, by the provider's clock; rounded up to the second. `None`: up to now.
    pub until: Option<Millis>,
    /// The page to read, as the one before it named it; `None` is the first.
    pub page: Option<String>,
}

/// One page of what passed, newest first.
#[derive(Debug, Clone)]
pub struct PassedPage {
    /// The messages.
    pub messages: Vec<Passed>,
    /// The next page, if there is one that may hold more of the interval.
    pub next: Option<String>,
    /// The provider showed messages from after the interval: it does not filter as finely as it was asked to, and a smaller
    /// interval saves nothing.
    pub is_coarse: bool,
    /// What the provider's clock showed, to the second.
    pub provider_now: Option<Millis>,
}

/// One message of the provider's log.
#[derive(Debug, Clone)]
pub struct Passed {
    /// The provider's id.
    pub provider_id: String,
    /// When, by the provider's clock.
    pub at: Millis,
    /// How many files it has; [`list_media`](crate::Provider::list_media) says where they are.
    pub files: u32,
    /// What it is.
    pub what: PassedWhat,
}

/// What a message of the provider's log is.
#[derive(Debug, Clone)]
pub enum PassedWhat {
    /// A text to us; its `media` is empty.
    Received(InboundText),
    /// A text from us.
    Sent(SentText),
    /// Something that this version does not understand.
    Unreadable {
        /// Why not.
        why: Unintelligible,
        /// The message itself, to be read again by a version that does.
        listed: Listed,
    },
}

/// A message of the provider's log as the provider wrote it. Its `Debug` does not show what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed(pub String);

impl fmt::Debug for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listed").field("size", &self.0.len()).finish()
    }
}

/// A text from us, sent by whatever program. Its `Debug` does not show what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct SentText {
    /// To whom.
    pub to: Party,
    /// What it says.
    pub text: String,
    /// Where it is now.
    pub status: DeliveryStatus,
    /// Why it failed.
    pub error: Option<DeliveryError>,
    /// Into how many segments it was cut.
    pub segments: Option<u32>,
}

impl fmt::Debug for SentText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentText").field("to", &self.to).field("status", &self.status).finish_non_exhaustive()
    }
}

/// Which of our messages to ask about, because no receipt has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLookup {
    /// Our number.
    pub from: Party,
    /// None of them was made before this.
    pub since: Millis,
    /// The provider's ids.
    pub ids: Vec<String>,
}

/// A fetched file.
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    /// What the provider says it is; not to be trusted.
    pub content_type: Option<String>,
    /// All of it.
    pub bytes: Bytes,
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media").field("content_type", &self.content_type).field("size", &self.bytes.len()).finish()
    }
}

/// An account at a provider, as its credentials show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's id.
    pub id: String,
    /// The provider's name for it.
    pub name: String,
    /// The provider's word: `active`, `suspended`, `closed`.
    pub status: String,
    /// What a person should know before going on, e.g. that it is a trial account.
    pub detail: Option<String>,
    /// What the provider's clock showed, to the second.
    pub provider_now: Option<Millis>,
    /// Its numbers, at most [`MAX_NUMBERS`](crate::twilio::MAX_NUMBERS).
    pub numbers: Vec<Number>,
    /// Are there more numbers than were listed?
    pub more_numbers: bool,
}

/// A number of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The number itself.
    pub address: Party,
    /// The provider's name for it.
    pub name: String,
    /// The provider's id.
    pub provider_id: String,
    /// What it can do.
    pub can: Vec<NumberCan>,
    /// Where arriving texts are sent today.
    pub webhook: Option<String>,
    /// Why setting a webhook on the number may have no effect, in plain words.
    pub caution: Option<String>,
}

/// What a number can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberCan {
    /// Texts.
    Sms,
    /// Pictures and other files.
    Mms,
    /// Calls.
    Voice,
}

/// Where a number should report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhooks {
    /// Arriving texts.
    pub message: Url,
    /// What became of ours, for providers that set it per number and not per message.
    pub status: Option<Url>,
    /// Calls that ended; `None` leaves what is there alone.
    pub voice: Option<Url>,
}

/// Where a number reported before, so that it can be put back and shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Previous {
    /// Arriving texts.
    pub message: Option<String>,
    /// Calls that ended; `None` also when it was left alone.
    pub voice: Option<String>,
    /// The provider-side application that answered texts and was taken off the number.
    pub application: Option<String>,
}
