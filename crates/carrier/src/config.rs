//! What a carrier is set up with.

use std::time::Duration;

use crate::demo;

/// Everything that a [`Carrier`](crate::Carrier) starts from; a reset returns to it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Decides each chance (which receipts are lost, in which order they are shuffled).
    pub seed: u64,
    /// Accounts with their numbers and services.
    pub accounts: Vec<Account>,
    /// Phones that are there from the start.
    pub phones: Vec<PhoneSetup>,
    /// Texts from before the start, oldest first, so that a phone shows what the inbox has of it.
    /// Those with a number that no account owns are left out.
    pub history: Vec<Past>,
    /// How long things take.
    pub delays: Delays,
    /// Where the page's link "Open the inbox beside it" leads; without it there is no link.
    pub inbox_url: Option<String>,
    /// The address under which this carrier is reached (`http://127.0.0.1:8081`, no slash at the
    /// end). Without it, the address of the listener.
    pub base_url: Option<String>,
}

impl Config {
    /// The demo: one account, three numbers, two phones, delays that a person can follow.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            seed: demo::SEED,
            accounts: vec![Account::demo()],
            phones: demo::PHONES
                .iter()
                .map(|(number, name, network)| PhoneSetup {
                    number: (*number).to_owned(),
                    name: (*name).to_owned(),
                    network: (*network).to_owned(),
                    on: true,
                })
                .collect(),
            history: Vec::new(),
            delays: Delays::lifelike(),
            inbox_url: None,
            base_url: None,
        }
    }

    /// The demo without any waiting, for tests.
    #[must_use]
    pub fn instant() -> Self {
        Self { delays: Delays::none(), ..Self::demo() }
    }
}

/// An account at the provider.
#[derive(Clone)]
pub struct Account {
    /// `AC` and 32 hexadecimal digits.
    pub sid: String,
    /// Signs in with the sid, and signs webhooks.
    pub auth_token: String,
    /// Further ways to sign in.
    pub api_keys: Vec<ApiKey>,
    /// Shown to people.
    pub friendly_name: String,
    /// Its numbers.
    pub numbers: Vec<NumberSetup>,
    /// Its messaging services.
    pub services: Vec<Service>,
    /// Whether webhooks carry `OptOutType` (Twilio's Advanced Opt-Out).
    pub advanced_opt_out: bool,
}

impl Account {
    /// The account of the demo.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            sid: demo::ACCOUNT_SID.to_owned(),
            auth_token: demo::AUTH_TOKEN.to_owned(),
            api_keys: vec![ApiKey { sid: demo::API_KEY_SID.to_owned(), secret: demo::API_KEY_SECRET.to_owned() }],
            friendly_name: demo::ACCOUNT_NAME.to_owned(),
            numbers: demo::NUMBERS
                .iter()
                .map(|(number, name)| NumberSetup {
                    number: (*number).to_owned(),
                    friendly_name: (*name).to_owned(),
                    sms_url: String::new(),
                })
                .collect(),
            services: Vec::new(),
            advanced_opt_out: false,
        }
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("sid", &self.sid).field("numbers", &self.numbers.len()).finish_non_exhaustive()
    }
}

/// An API key: signs in like the account, signs no webhooks.
#[derive(Clone)]
pub struct ApiKey {
    /// `SK` and 32 hexadecimal digits.
    pub sid: String,
    /// Its secret.
    pub secret: String,
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKey").field("sid", &self.sid).finish_non_exhaustive()
    }
}

/// A number of an account.
#[derive(Clone, Debug)]
pub struct NumberSetup {
    /// E.164.
    pub number: String,
    /// Shown to people.
    pub friendly_name: String,
    /// The webhook for texts; empty for none.
    pub sms_url: String,
}

/// A messaging service: a pool of numbers that shares opt-outs and, where set, a webhook.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Service {
    /// `MG` and 32 hexadecimal digits.
    pub sid: String,
    /// Shown to people.
    pub friendly_name: String,
    /// Its numbers, E.164; each must be one of the account's.
    pub numbers: Vec<String>,
    /// The webhook for texts to any of its numbers; empty to use each number's own.
    #[serde(default)]
    pub inbound_url: String,
    /// Where receipts go when a message names no address of its own; empty for nowhere.
    #[serde(default)]
    pub status_callback: String,
}

/// A phone in somebody's pocket.
#[derive(Clone, Debug)]
pub struct PhoneSetup {
    /// E.164.
    pub number: String,
    /// Whose it is.
    pub name: String,
    /// What its status bar says.
    pub network: String,
    /// Whether it is switched on.
    pub on: bool,
}

/// A text that was exchanged before the carrier started.
#[derive(Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Past {
    /// `SM` and 32 hexadecimal digits; the same as the inbox has for it.
    pub sid: String,
    /// The phone, E.164.
    pub phone: String,
    /// The business's number, E.164.
    pub number: String,
    /// Whether the phone wrote it.
    pub from_phone: bool,
    /// The text.
    pub text: String,
    /// When, in milliseconds since 1970, UTC.
    pub at_ms: i64,
    /// Pictures of it that the provider has lost: the log counts them, and who asks where they are is answered 500.
    #[serde(default)]
    pub lost_pictures: u8,
}

impl std::fmt::Debug for Past {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Past").field("sid", &self.sid).finish_non_exhaustive()
    }
}

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub struct Delays {
    /// From one state of a message to the next (queued, sending, sent, delivered).
    pub step: Duration,
    /// From `sent` to `undelivered` when the phone is off.
    pub off_fails_after: Duration,
    /// Before a webhook that could not connect is tried the one more time.
    pub webhook_retry: Duration,
}

impl Delays {
    /// As a person would see it.
    #[must_use]
    pub const fn lifelike() -> Self {
        Self {
            step: Duration::from_millis(350),
            off_fails_after: Duration::from_secs(20),
            webhook_retry: Duration::from_secs(1),
        }
    }

    /// No waiting at all.
    #[must_use]
    pub const fn none() -> Self {
        Self { step: Duration::ZERO, off_fails_after: Duration::ZERO, webhook_retry: Duration::ZERO }
    }
}
