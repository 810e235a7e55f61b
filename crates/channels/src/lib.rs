//! How it travels: one folder per provider, wire formats only. No database, no decisions.
//!
//! A *provider* is somebody else's computer that carries messages for us. Everything that is peculiar to one (names
//! of fields, signatures, limits, error codes, the form a person fills in to connect it) stands in its own folder and
//! nowhere else; the rest of the program knows the [`Provider`] trait and its values.
//!
//! The road of a text that arrives:
//! `server` reads the raw bytes → [`Provider::authenticate`] says whether the provider sent them →
//! `desk` keeps them → [`Provider::understand`] makes [`Inbound`] values → [`Provider::answer`] is what the provider
//! wants to hear after the commit. A file that came along is brought by [`Provider::fetch_media`] later.
//!
//! The road of a text that leaves: the consent gate gives a [`Permit`](partyline_core::consent::Permit), which
//! [`Provider::send`] takes by value; so nothing can be sent that was not let through, and nothing twice with one
//! permit. [`Outcome`] says which of four things happened. The one that matters most is [`Outcome::Unknown`]: the
//! request may have been taken. It is never repeated blindly; [`Provider::find_sent`] looks for it at the provider.
//!
//! # How to add a provider
//!
//! 1. Make `src/<name>.rs` and a folder `src/<name>/` beside it, in the shape of `twilio`: `form` (the fields and
//!    their checks, capabilities), `signature` (is this webhook theirs?), `inbound` (what does it say?), `send`
//!    (request, and the answer's [`Outcome`]), `numbers` (verify, set webhooks), `media`, `errors` (their codes in
//!    our words). Each is a few pure functions over bytes and one thin asynchronous one.
//! 2. Implement [`Provider`] on a unit struct and name it in `PROVIDERS` below. The set-up page is drawn from
//!    [`Provider::form`]; no other crate has to change.
//! 3. Hold to the rules that every provider shares:
//!    - Requests go to `connection.api_base_url` when there is one, else to the provider's own; through [`Http`],
//!      whose clients have time limits and follow no redirect.
//!    - Verify signatures over the *configured* public address ([`WebhookRequest::url`]), in constant time, with every
//!      secret of the connection (the previous one is good for a day after rotation), and refuse a payload of another
//!      account. A secret that is missing or empty verifies nothing.
//!    - Read what arrives leniently (unknown fields are ignored) but never guess: what can't be understood is
//!      [`Unintelligible`], and is kept for people to look at. No input may panic.
//!    - An outcome is `NeverLeft` only if no byte of the request can have been acted on (connect, DNS and TLS
//!      failures, 429), `Refused` only if the provider said no, and `Unknown` in every other case but success.
//!    - Give each error a stable code and a sentence that says what to do. Codes that mean the same have the same
//!      name at every provider (see `twilio::errors`).
//!    - Send only fields that the provider's own document names. A fixture lists the names, a test holds them to it.
//! 4. Test with exact wire bodies (`tests/it/<name>/`), the provider's signature vectors, a property test that no
//!    bytes make `understand` or `authenticate` panic, and the outcomes: time-out after acceptance, 429, 500,
//!    unreadable 2xx, connection refused.

mod capabilities;
mod connection;
mod http;
mod measured;
mod message;
mod provider;
pub mod twilio;
mod webhook;

pub use capabilities::{Capabilities, ChannelKind, MediaLimits, SendRates, StopAnsweredBy, StopHandling};
pub use connection::{
    BaseUrlError, Connection, Credentials, Field, FieldError, Form, Secret, is_loopback, parse_api_base_url,
};
pub use http::{Http, HttpSetupError, Strange, Timeouts};
pub use message::{
    Account, Inbound, InboundText, Listed, Media, MediaRef, Number, NumberCan, OptOut, Outbound, Outcome, Passed,
    PassedLookup, PassedPage, PassedWhat, Previous, RefusalAbout, ReportLookup, SentLookup, SentText, Sighting,
    StatusReport, Way, Webhooks,
};
pub use provider::{Provider, ProviderError};
pub use webhook::{
    Answer, CORRELATION_PARAM, Hook, NotAuthentic, Unintelligible, UnknownHook, WebhookRequest, with_correlation,
};

/// Every provider, in the order in which the set-up page offers them.
static PROVIDERS: [&dyn Provider; 1] = [&measured::Measured(twilio::Twilio)];

/// Every provider, in the order in which the set-up page offers them.
#[must_use]
pub fn providers() -> &'static [&'static dyn Provider] {
    &PROVIDERS
}

/// The provider of this name, as it stands in the database and in webhook addresses.
///
/// ```
/// assert_eq!(partyline_channels::provider("twilio").map(|p| p.title()), Some("Twilio"));
/// assert!(partyline_channels::provider("carrier-pigeon").is_none());
/// ```
#[must_use]
pub fn provider(name: &str) -> Option<&'static dyn Provider> {
    PROVIDERS.iter().copied().find(|p| p.name() == name)
}
