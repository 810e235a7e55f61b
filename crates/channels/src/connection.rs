//! One account at a provider: its secrets, and the form in which a person enters them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// A value that is never shown: its `Debug` is a row of dots.
///
/// It serialises as the plain text, so that `store` can seal it; nothing else may serialise it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Keeps `value`, without the white space around it that pasting brings along.
    #[must_use]
    pub fn new(value: impl AsRef<str>) -> Self {
        Self(value.as_ref().trim().to_owned())
    }

    /// The plain text, for a request to the provider or a signature. Never for a log or an answer.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Was nothing entered?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(•••)")
    }
}

/// What a person entered in the provider's [`Form`], by field name. All of it is treated as secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credentials(BTreeMap<String, Secret>);

impl Credentials {
    /// The value of a field, or `None` when it is missing or empty.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(Secret::expose).filter(|v| !v.is_empty())
    }

    /// The same as a [`Secret`].
    #[must_use]
    pub fn secret(&self, field: &str) -> Option<&Secret> {
        self.0.get(field).filter(|v| !v.is_empty())
    }

    /// Sets a field and gives back what stood there.
    pub fn set(&mut self, field: impl Into<String>, value: Secret) -> Option<Secret> {
        self.0.insert(field.into(), value)
    }

    /// The names of the fields that hold something.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, v)| !v.is_empty()).map(|(name, _)| name.as_str())
    }
}

impl<N: Into<String>, V: AsRef<str>> FromIterator<(N, V)> for Credentials {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), Secret::new(value))).collect())
    }
}

/// One account at a provider, opened for use.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// What signs requests, and verifies webhooks.
    pub credentials: Credentials,
    /// Secrets that were replaced and still verify webhooks. `desk` leaves out those older than a day.
    pub previous_secrets: Vec<Secret>,
    /// Where the provider's API is, when not at the provider's own address. See [`parse_api_base_url`].
    pub api_base_url: Option<Url>,
}

impl Connection {
    /// Does this connection talk to a simulator on this machine? Only then is plain `http` allowed.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.api_base_url.as_ref().is_some_and(is_loopback)
    }
}

/// Is the host of `url` this machine: `localhost`, `127.0.0.0/8` or `::1`?
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Why an API address can't be used. The sentence is for the person who entered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Not an address at all.
    #[error("Write the whole address, for example https://api.twilio.com")]
    NotAnAddress,
    /// Plain `http` to another machine would show the credentials to everybody between.
    #[error("The address must begin with https:// (http:// only for this machine itself)")]
    NotHttps,
    /// A user name, a query or a fragment has no place there.
    #[error("The address must be plain: no user name, no question mark, no #")]
    NotPlain,
}

/// Reads the address of a provider's API: `https`, or `http` to this machine.
///
/// # Errors
/// [`BaseUrlError`] says what to mend.
pub fn parse_api_base_url(text: &str) -> Result<Url, BaseUrlError> {
    let url = Url::parse(text.trim()).map_err(|_| BaseUrlError::NotAnAddress)?;
    if !url.has_host() {
        return Err(BaseUrlError::NotAnAddress);
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        _ => return Err(BaseUrlError::NotHttps),
    }
    let plain = url.username().is_empty() && url.password().is_none();
    if !plain || url.query().is_some() || url.fragment().is_some() {
        return Err(BaseUrlError::NotPlain);
    }
    Ok(url)
}

/// The settings form of a provider. The set-up page is drawn from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Form {
    /// The fields, in order.
    pub fields: &'static [Field],
}

/// One field of a [`Form`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its key in [`Credentials`].
    pub name: &'static str,
    /// What stands over it.
    pub label: &'static str,
    /// Where a person finds the value.
    pub help: &'static str,
    /// Is it hidden while typed, and never shown again?
    pub secret: bool,
    /// Can the form not be sent without it?
    pub required: bool,
    /// What the empty field shows; `""` for nothing.
    pub placeholder: &'static str,
    /// A regular expression that the whole value matches, in the dialect that browsers and Rust share.
    pub pattern: Option<&'static str>,
}

/// What is wrong with one field. `detail` is for the person who filled it in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The name of the field.
    pub field: &'static str,
    /// `required`, `malformed` or `needs_other`.
    pub code: &'static str,
    /// What to do.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown_but_can_be_sealed_and_opened() {
        let credentials: Credentials = [("auth_token", " s3cret-value \n")].into_iter().collect();
        let connection =
            Connection { previous_secrets: vec![Secret::new("older-value")], credentials, api_base_url: None };
        let shown = format!("{connection:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("older"), "{shown}");

        let sealed = serde_json::to_string(&connection.credentials).expect("JSON");
        assert_eq!(sealed, r#"{"auth_token":"s3cret-value"}"#);
        let opened: Credentials = serde_json::from_str(&sealed).expect("credentials");
        assert_eq!(opened, connection.credentials);
    }

    #[test]
    fn an_empty_field_is_a_missing_one() {
        let credentials: Credentials = [("auth_token", "  ")].into_iter().collect();
        assert_eq!(credentials.get("auth_token"), None);
        assert_eq!(credentials.fields().count(), 0);
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in ["https://api.twilio.com", "http://127.0.0.1:8081/x", "http://localhost:1", "http://[::1]:80"] {
            assert!(parse_api_base_url(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("http://api.twilio.com", BaseUrlError::NotHttps),
            ("http://localhost.example.com", BaseUrlError::NotHttps),
            ("http://169.254.169.254", BaseUrlError::NotHttps),
            ("ftp://localhost", BaseUrlError::NotHttps),
            ("https://user:pass@api.twilio.com", BaseUrlError::NotPlain),
            ("https://api.twilio.com/?x=1", BaseUrlError::NotPlain),
            ("https://api.twilio.com/#x", BaseUrlError::NotPlain),
            ("api.twilio.com", BaseUrlError::NotAnAddress),
            ("data:text/plain,x", BaseUrlError::NotAnAddress),
            ("", BaseUrlError::NotAnAddress),
        ] {
            assert_eq!(parse_api_base_url(bad), Err(why), "{bad}");
        }
    }
}
