//! Twilio's error codes in our words.
//!
//! The stable words are shared by all providers; the sentences say what happened and what can be done. Source of the
//! codes: <https://www.twilio.com/docs/api/errors>.

use partyline_core::delivery::DeliveryError;

use crate::RefusalAbout;
use crate::RefusalAbout::{Connection, Message, OptOut, Pace, Recipient, Sender};

/// One of Twilio's codes, explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explained {
    /// Our stable word.
    pub code: &'static str,
    /// Whose turn it is to act.
    pub about: RefusalAbout,
    /// What happened and what to do, for people; `None` for a code that is not in the table.
    detail: Option<&'static str>,
}

/// Unknown account or wrong token: HTTP 401.
pub(super) const AUTHENTICATION: u32 = 20_003;
/// Too many requests: HTTP 429.
pub(super) const TOO_MANY_REQUESTS: u32 = 20_429;
/// The queue of the sender is full: refused before it was taken, so it can be tried again.
pub(super) const QUEUE_FULL: u32 = 21_611;

/// By code, ascending.
#[rustfmt::skip]
const TABLE: &[(u32, &str, RefusalAbout, &str)] = &[
    (11_751, "files_too_large", Message, "The files are larger than 5 MB together. Send fewer or smaller ones."),
    (20_003, "credentials_refused", Connection, "Twilio refused the credentials of this connection. An admin has to enter the auth token again."),
    (20_005, "account_inactive", Connection, "Twilio has suspended or closed this account. An admin has to settle it with Twilio."),
    (20_404, "account_not_found", Connection, "Twilio does not know this account or address. An admin has to check the connection."),
    (20_429, "provider_busy", Pace, "Twilio asks us to slow down."),
    (21_211, "invalid_number", Recipient, "This is not a number that can be texted. Check it for a missing or wrong digit."),
    (21_212, "sender_not_usable", Sender, "The number this was sent from is not valid at Twilio. An admin has to check the channel."),
    (21_408, "region_not_allowed", Sender, "Texting this country is switched off in the Twilio account. An admin can allow it under Messaging Geo Permissions."),
    (21_601, "sender_not_usable", Sender, "The number this was sent from can't send texts. An admin has to check it at Twilio."),
    (21_602, "empty", Message, "There is nothing in this message. Write something or add a file."),
    (21_603, "sender_not_usable", Sender, "Twilio did not get a number to send from. An admin has to check the channel."),
    (21_604, "invalid_number", Recipient, "Twilio did not get a number to send to. Check the contact."),
    (21_606, "sender_not_usable", Sender, "The number this was sent from does not belong to the Twilio account or can't send texts there. An admin has to check the channel."),
    (21_608, "trial_unverified", Sender, "This is a Twilio trial account: it can only text numbers that are verified at Twilio. Verify this one, or upgrade the account."),
    (21_609, "callback_refused", Connection, "Twilio refused our address for delivery reports. An admin has to check the public address of this server."),
    (21_610, "opted_out", OptOut, "They have opted out by texting STOP. Only they can undo this: they must text START to this number."),
    (21_611, "queue_full", Pace, "Too many texts are waiting at Twilio for this number."),
    (21_612, "unroutable", Recipient, "Twilio has no way from this number to theirs. Try another of your numbers, or call."),
    (21_614, "not_mobile", Recipient, "This number can't receive texts. Ask for a mobile number, or call."),
    (21_617, "too_long", Message, "The text is longer than 1,600 characters. Shorten it or send it in two."),
    (21_619, "empty", Message, "There is nothing in this message. Write something or add a file."),
    (21_620, "file_unfetchable", Message, "Twilio could not fetch a file. An admin has to check that the public address of this server is reachable."),
    (21_623, "too_many_files", Message, "A message can have 10 files. Send the rest in another one."),
    (21_635, "landline", Recipient, "This is a landline: it can't receive texts. Ask for a mobile number, or call."),
    (21_659, "sender_not_usable", Sender, "The number this was sent from does not belong to the Twilio account. An admin has to check the channel."),
    (21_660, "sender_not_usable", Sender, "The number this was sent from belongs to another Twilio account. An admin has to check the channel."),
    (30_001, "queue_full", Pace, "Too many texts were waiting at Twilio, and this one was dropped. Send it again later."),
    (30_002, "account_inactive", Connection, "Twilio suspended the account while this text was waiting. An admin has to settle it with Twilio."),
    (30_003, "unreachable", Recipient, "Their phone can't be reached: it is off or has no signal. Try again later."),
    (30_004, "blocked", Recipient, "They or their carrier block texts from this number. Call, or write to them in another way."),
    (30_005, "unknown_number", Recipient, "This number does not exist or is no longer in use. Check it with the customer."),
    (30_006, "landline", Recipient, "This is a landline, or a carrier that takes no texts. Ask for a mobile number, or call."),
    (30_007, "filtered", Message, "The carrier held this text back as spam. Write it differently, without shortened links."),
    (30_008, "carrier_error", Recipient, "The carrier did not say why this failed. Try once more."),
    (30_019, "files_too_large", Message, "The files are larger than their carrier takes. Send fewer or smaller ones."),
    (30_022, "daily_limit", Pace, "The registered campaign of this number has reached its limit. Send it again later."),
    (30_023, "daily_limit", Pace, "This number's brand has reached its daily limit at the carrier. Send it again tomorrow."),
    (30_027, "daily_limit", Pace, "This number's campaign has reached its daily limit at T-Mobile. Send it again tomorrow."),
    (30_032, "sender_unregistered", Sender, "Carriers block this toll-free number because it is not verified. An admin has to verify it at Twilio."),
    (30_034, "sender_unregistered", Sender, "US carriers block this number because it is not registered (A2P 10DLC). An admin has to register it at Twilio."),
    (30_410, "carrier_error", Pace, "The carrier did not answer in time. Try again later."),
];

/// What a code of Twilio means.
#[must_use]
pub fn explain(provider_code: u32) -> Explained {
    TABLE.binary_search_by_key(&provider_code, |row| row.0).ok().and_then(|at| TABLE.get(at)).map_or(
        Explained { code: "refused", about: Message, detail: None },
        |(_, code, about, detail)| Explained { code, about: *about, detail: Some(detail) },
    )
}

impl Explained {
    /// The error as it is kept with the message.
    pub(super) fn error(&self, provider_code: u32) -> DeliveryError {
        let detail = self.detail.map_or_else(
            || {
                format!(
                    "Twilio did not send this (error {provider_code}). \
                     See https://www.twilio.com/docs/api/errors/{provider_code} or try another way."
                )
            },
            str::to_owned,
        );
        DeliveryError { code: self.code.to_owned(), provider_code: Some(provider_code.to_string()), detail }
    }
}

/// The error of a message that failed without saying why.
pub(super) fn unexplained() -> DeliveryError {
    DeliveryError {
        code: "carrier_error".to_owned(),
        provider_code: None,
        detail: "Twilio did not say why this failed. Try once more.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_speaks_in_sentences() {
        assert!(TABLE.windows(2).all(|rows| rows[0].0 < rows[1].0));
        for (number, code, _, detail) in TABLE {
            assert!(code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{number}");
            assert!(detail.ends_with('.') && !detail.contains(&number.to_string()), "{number}");
        }
    }

    #[test]
    fn a_code_that_is_not_in_the_table_is_named_in_the_sentence() {
        let error = explain(30_999).error(30_999);
        assert_eq!((error.code.as_str(), error.provider_code.as_deref()), ("refused", Some("30999")));
        assert!(error.detail.contains("30999"), "{}", error.detail);
    }
}
