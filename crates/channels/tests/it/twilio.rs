//! Twilio's wire format.

mod fields;
mod inbound;
mod listing;
mod media;
mod numbers;
mod passed;
mod send;
mod signature;

use partyline_channels::{Connection, Http, Provider, Secret, provider};
use url::Url;

pub const ACCOUNT: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
pub const TOKEN: &str = "1c892n40nd03kdnc0112slzkl3091j20";

pub fn twilio() -> &'static dyn Provider {
    provider("twilio").expect("it is there")
}

pub fn http() -> Http {
    Http::new().expect("clients")
}

/// A connection with the auth token alone.
pub fn connection(base: Option<Url>) -> Connection {
    Connection {
        credentials: [("account_sid", ACCOUNT), ("auth_token", TOKEN)].into_iter().collect(),
        previous_secrets: Vec::new(),
        api_base_url: base,
    }
}

/// The same with an API key.
pub fn connection_with_key(base: Option<Url>) -> Connection {
    let mut connection = connection(base);
    connection.credentials.set("api_key_sid", Secret::new("SKbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"));
    connection.credentials.set("api_key_secret", Secret::new("key-secret"));
    connection
}

/// HTTP Basic, written out.
pub fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

/// `/2010-04-01/Accounts/AC…/{rest}`
pub fn path(rest: &str) -> String {
    format!("/2010-04-01/Accounts/{ACCOUNT}/{rest}")
}
