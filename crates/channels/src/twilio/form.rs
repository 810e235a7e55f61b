//! What a person enters to connect Twilio, and what Twilio can carry.

use crate::{
    Capabilities, ChannelKind, Credentials, Field, FieldError, Form, MediaLimits, SendRates, StopAnsweredBy,
    StopHandling,
};

/// `AC` and 32 hex digits.
pub(super) const ACCOUNT_SID: &str = "account_sid";
/// Signs webhooks; signs requests too, when there is no API key.
pub(super) const AUTH_TOKEN: &str = "auth_token";
/// `SK` and 32 hex digits: signs requests instead of the auth token.
pub(super) const API_KEY_SID: &str = "api_key_sid";
/// Belongs to the API key.
pub(super) const API_KEY_SECRET: &str = "api_key_secret";
/// A webhook shared key, for accounts that sign with HMAC-SHA256.
pub(super) const WEBHOOK_SECRET: &str = "webhook_secret";

pub(super) const FORM: Form = Form {
    fields: &[
        Field {
            name: ACCOUNT_SID,
            label: "Account SID",
            help: "On the first page of the Twilio Console, under Account Info.",
            secret: false,
            required: true,
            placeholder: "AC…",
            pattern: Some("^AC[0-9a-fA-F]{32}$"),
        },
        Field {
            name: AUTH_TOKEN,
            label: "Auth token",
            help: "Beside the Account SID. It is also what proves that an arriving text comes from Twilio.",
            secret: true,
            required: true,
            placeholder: "",
            pattern: None,
        },
        Field {
            name: API_KEY_SID,
            label: "API key SID",
            help: "Optional: requests are then signed with this key, which you can take back without changing the auth token.",
            secret: false,
            required: false,
            placeholder: "SK…",
            pattern: Some("^SK[0-9a-fA-F]{32}$"),
        },
        Field {
            name: API_KEY_SECRET,
            label: "API key secret",
            help: "Shown once by Twilio, when the key is made.",
            secret: true,
            required: false,
            placeholder: "",
            pattern: None,
        },
        Field {
            name: WEBHOOK_SECRET,
            label: "Webhook shared key",
            help: "Optional: only if the account signs its webhooks with HMAC-SHA256.",
            secret: true,
            required: false,
            placeholder: "",
            pattern: None,
        },
    ],
};

pub(super) const CAPABILITIES: Capabilities = Capabilities {
    kinds: &[ChannelKind::Sms],
    text_limit: 1_600, // error 21617 beyond
    media: MediaLimits {
        max_count: 10,                      // error 21623 beyond
        max_total_bytes: 5 * 1_024 * 1_024, // error 11751 beyond
        types: &[
            "image/jpeg",
            "image/png",
            "image/gif",
            "video/mp4",
            "video/3gpp",
            "audio/mpeg",
            "audio/mp4",
            "audio/ogg",
            "audio/amr",
            "application/pdf",
            "text/vcard",
            "text/calendar",
            "text/plain",
        ],
        needs_public_url: true,
    },
    delivery_receipts: true,
    read_receipts: false,
    stop: StopHandling {
        long_code: StopAnsweredBy::Provider,
        toll_free: StopAnsweredBy::Network,
        short_code: StopAnsweredBy::Us, // unless switched on at Twilio: compliance differs per code
    },
    // https://www.twilio.com/docs/messaging/guides/scaling-queueing-latency: counted in segments; 10DLC campaigns differ
    rates: SendRates { long_code: 1, toll_free: 3, short_code: 100, sender_name: 10 },
    can_list: true,
    webhook_patience_ms: 15_000,
};

/// Longer than anything Twilio gives out; keeps a pasted document out of headers.
const MAX_VALUE: usize = 128;

pub(super) fn check(credentials: &Credentials) -> Result<(), Vec<FieldError>> {
    let mut errors: Vec<FieldError> =
        FORM.fields.iter().filter_map(|field| check_field(field, credentials.get(field.name))).collect();
    for (one, other, label) in
        [(API_KEY_SID, API_KEY_SECRET, "API key secret"), (API_KEY_SECRET, API_KEY_SID, "API key SID")]
    {
        if credentials.get(one).is_some() && credentials.get(other).is_none() {
            let detail = format!("An API key has two parts: enter the {label} too, or leave both empty.");
            errors.push(FieldError { field: other, code: "needs_other", detail });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check_field(field: &Field, value: Option<&str>) -> Option<FieldError> {
    let error = |code, detail| Some(FieldError { field: field.name, code, detail });
    let Some(value) = value else {
        return if field.required { error("required", format!("Enter the {}.", field.label)) } else { None };
    };
    let fits = match field.name {
        ACCOUNT_SID => is_sid(value, "AC"),
        API_KEY_SID => is_sid(value, "SK"),
        _ => value.len() <= MAX_VALUE && value.bytes().all(|b| b.is_ascii_graphic()),
    };
    if fits {
        return None;
    }
    let detail = match field.name {
        ACCOUNT_SID => {
            "An Account SID is AC and 32 digits or letters from a to f. Copy it again from the Twilio Console."
        }
        API_KEY_SID => {
            "An API key SID is SK and 32 digits or letters from a to f. Copy it again from the Twilio Console."
        }
        _ => "This has characters that Twilio does not use. Copy it again, without spaces or line breaks.",
    };
    error("malformed", detail.to_owned())
}

/// Is this `prefix` and 32 hex digits? Such a text is safe in a path.
pub(super) fn is_sid(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}
