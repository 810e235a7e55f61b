//! What a provider can carry, and who answers STOP there.

use serde::Serialize;

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
    /// How fast its numbers send.
    pub rates: SendRates,
    /// Can it list messages ([`find_sent`](crate::Provider::find_sent), [`find_received`](crate::Provider::find_received))?
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

/// How fast a number sends unless the account has another rate, by kind of sender: segments per second (a text is one at least).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SendRates {
    /// An ordinary number.
    pub long_code: u32,
    /// A toll-free number.
    pub toll_free: u32,
    /// A short code.
    pub short_code: u32,
    /// A name in place of a number.
    pub sender_name: u32,
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
