//! A request to one of our webhooks: which, as it came, what to answer, and why it may not be believed or understood.

use std::fmt;
use std::str::FromStr;

use url::Url;

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
    /// All of them.
    pub const ALL: [NotAuthentic; 7] = [
        Self::Missing,
        Self::NoSecret,
        Self::WrongSignature,
        Self::WrongBody,
        Self::UnknownAlgorithm,
        Self::WrongAccount,
        Self::Malformed,
    ];

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
    /// A field of another kind than the provider's document says.
    #[error("a field is not of the kind that the provider's document says")]
    Malformed,
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
            Self::Malformed => "malformed_field",
            Self::UnknownStatus => "unknown_status",
            Self::Unsupported(_) => "unsupported",
            Self::TooLarge => "too_large",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One that nobody is alerted of may go on for weeks: a firewall that takes the signature away, say.
    #[test]
    fn whoever_operates_the_server_is_alerted_of_every_reason_not_to_believe_a_webhook() {
        let alerts = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../packaging/alerts.yml"))
            .expect("the alerts");
        let mut lines = alerts.lines().skip_while(|line| !line.contains("alert: PartylineSignaturesWrong"));
        let expr = lines.find(|line| line.trim().starts_with("expr:")).expect("its expression");
        let (_, listed) = expr.split_once("outcome=~\"").expect("its outcomes");
        let (listed, _) = listed.split_once('"').expect("their end");
        let mut listed: Vec<&str> = listed.split('|').collect();
        let mut all = NotAuthentic::ALL.map(NotAuthentic::code);
        listed.sort_unstable();
        all.sort_unstable();
        assert_eq!(listed, all);
        // a new one is missed here by the compiler: then it belongs into `ALL`
        for why in NotAuthentic::ALL {
            match why {
                NotAuthentic::Missing
                | NotAuthentic::NoSecret
                | NotAuthentic::WrongSignature
                | NotAuthentic::WrongBody
                | NotAuthentic::UnknownAlgorithm
                | NotAuthentic::WrongAccount
                | NotAuthentic::Malformed => {}
            }
        }
    }
}
