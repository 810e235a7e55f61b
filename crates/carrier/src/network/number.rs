//! A number that an account owns, with the webhooks set on it.

use jiff::Timestamp;
use serde::Serialize;

use crate::config::NumberSetup;
use crate::sid;

/// A number. Addresses that are not set are empty.
#[derive(Clone, Debug, Serialize)]
pub struct Number {
    /// `PN…`.
    pub sid: String,
    /// Whose it is.
    pub account_sid: String,
    /// E.164.
    pub phone_number: String,
    /// Shown to people.
    pub friendly_name: String,
    /// The webhook for texts.
    pub sms_url: String,
    /// GET or POST.
    pub sms_method: String,
    /// Asked when the first one fails.
    pub sms_fallback_url: String,
    /// GET or POST.
    pub sms_fallback_method: String,
    /// Told of calls.
    pub status_callback: String,
    /// GET or POST.
    pub status_callback_method: String,
    /// The webhook for calls.
    pub voice_url: String,
    /// GET or POST.
    pub voice_method: String,
    /// Asked when the first one fails.
    pub voice_fallback_url: String,
    /// GET or POST.
    pub voice_fallback_method: String,
    /// When it was bought.
    #[serde(serialize_with = "crate::moment::text")]
    pub created_at: Timestamp,
    /// When it was last set.
    #[serde(serialize_with = "crate::moment::text")]
    pub updated_at: Timestamp,
}

impl Number {
    pub fn new(account_sid: &str, setup: &NumberSetup) -> Self {
        let now = Timestamp::now();
        let post = || "POST".to_owned();
        Self {
            sid: sid::new("PN"),
            account_sid: account_sid.to_owned(),
            phone_number: setup.number.clone(),
            friendly_name: setup.friendly_name.clone(),
            sms_url: setup.sms_url.clone(),
            sms_method: post(),
            sms_fallback_url: String::new(),
            sms_fallback_method: post(),
            status_callback: String::new(),
            status_callback_method: post(),
            voice_url: String::new(),
            voice_method: post(),
            voice_fallback_url: String::new(),
            voice_fallback_method: post(),
            created_at: now,
            updated_at: now,
        }
    }
}
