//! The shapes of what rests as JSON: a workspace's and a channel's settings. Missing fields have their defaults, so that old rows
//! stay readable.

use partyline_core::conversation::{REOPEN_DAYS, STALE_OWNER_DAYS};
use serde::{Deserialize, Serialize};

use crate::error::{DeskError, Result};
use crate::pace::Rate;

/// Seconds that the server holds what people send in the app, so that it can be taken back.
pub const UNDO_SECONDS: u32 = 5;
/// The longest that may be asked for.
pub const UNDO_SECONDS_MAX: u32 = 60;

/// A workspace's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkspaceSettings {
    /// IANA name, e.g. `America/Los_Angeles`.
    pub time_zone: String,
    /// Where numbers without a country code are from: ISO 3166.
    pub region: String,
    /// How long the app asks the server to hold a message.
    pub undo_seconds: u32,
    /// Does an answer to nobody's conversation assign its author?
    pub assign_on_reply: bool,
    /// Days after which a reopened conversation does not go back to its assignee.
    pub stale_owner_days: u32,
    /// May what customers and colleagues write stand in letters and on locked screens?
    pub texts_outside: bool,
}

impl Default for WorkspaceSettings {
    fn default() -> Self {
        WorkspaceSettings {
            time_zone: "UTC".to_owned(),
            region: "US".to_owned(),
            undo_seconds: UNDO_SECONDS,
            assign_on_reply: true,
            stale_owner_days: STALE_OWNER_DAYS,
            texts_outside: false,
        }
    }
}

/// A channel's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelSettings {
    /// Days after closing within which a text reopens the conversation.
    pub reopen_days: u32,
    /// How long the app asks the server to hold a message.
    pub undo_seconds: u32,
    /// Does the provider answer STOP on this number, so that we must not?
    pub provider_answers_stop: bool,
    /// The provider's service that the number stands behind.
    pub service_id: Option<String>,
    /// Where the number reported before we set its webhooks, so that it can be put back.
    pub previous_webhook: Option<String>,
    /// Shall the number report to us? What a person said; nobody has, on numbers of an earlier version.
    pub report_here: Option<bool>,
    /// A person said that another's address may be taken, and it has not been yet.
    pub take_over: bool,
    /// A person said that the number shall report where it did before us, and it does not yet.
    pub put_back: bool,
    /// The address that we set last.
    pub pointed_to: Option<String>,
    /// Whom the number reports to instead of us.
    pub elsewhere: Option<String>,
    /// How fast it sends, where that is not what its provider allows numbers of its kind.
    pub rate: Option<Rate>,
    /// What a segment costs, as its operator says.
    pub price: Option<Price>,
}

/// What a segment costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// Of the currency's unit; 0 to [`PRICE_MAX`].
    pub per_segment: f64,
    /// ISO 4217: three letters, such as `USD`.
    pub currency: String,
}

/// No segment costs more, in whatever currency.
pub const PRICE_MAX: f64 = 100_000.0;

impl Price {
    /// The same, if it is a price.
    ///
    /// # Errors
    /// 422 with the field that is not.
    pub fn check(self) -> Result<Price> {
        if !(0.0..=PRICE_MAX).contains(&self.per_segment) {
            let detail = format!("Write a price from 0 to {PRICE_MAX}.");
            return Err(DeskError::field("price.per_segment", "out_of_range", detail));
        }
        let currency = self.currency.trim().to_ascii_uppercase();
        if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(DeskError::field(
                "price.currency",
                "unknown",
                "Write a currency as three letters, such as USD.",
            ));
        }
        Ok(Price { currency, ..self })
    }
}

impl Default for ChannelSettings {
    fn default() -> Self {
        ChannelSettings {
            reopen_days: REOPEN_DAYS,
            undo_seconds: UNDO_SECONDS,
            provider_answers_stop: true,
            service_id: None,
            previous_webhook: None,
            report_here: None,
            take_over: false,
            put_back: false,
            pointed_to: None,
            elsewhere: None,
            rate: None,
            price: None,
        }
    }
}

/// Reads settings; what can't be read is as if it had never been set, and is logged.
pub(crate) fn parse<T: Default + for<'de> Deserialize<'de>>(json: &str) -> T {
    serde_json::from_str(json).unwrap_or_else(|error| {
        // the library's words may show what stands there
        let (kind, column) = (error.classify(), error.column());
        tracing::error!(?kind, column, "settings can't be read; their defaults are used");
        T::default()
    })
}

pub(crate) fn write<T: Serialize>(settings: &T) -> String {
    serde_json::to_string(settings).unwrap_or_else(|_| "{}".to_owned())
}
