//! What Twilio's webhooks say.
//!
//! Fields come in any order, all as text, empty ones too, and new ones "without notice": what is not known is ignored.

use std::borrow::Cow;
use std::collections::HashMap;

use partyline_core::delivery::{DeliveryError, DeliveryStatus};
use partyline_core::phone::Party;

use super::{errors, form, signature};
use crate::{
    Connection, Hook, Inbound, InboundText, MediaRef, NotAuthentic, OptOut, StatusReport, Unintelligible,
    WebhookRequest,
};

/// Twilio delivers at most 10 files; more are read in case that grows, without end they are not.
const MAX_FILES: usize = 50;

/// The fields of a request; of a repeated one, the first value.
struct Fields<'a>(HashMap<Cow<'a, str>, Cow<'a, str>>);

impl<'a> Fields<'a> {
    fn of(request: &WebhookRequest<'a>) -> Result<Self, Unintelligible> {
        let whole = request.url.split('#').next().unwrap_or_default();
        let source: &'a [u8] = match request.method {
            "GET" => whole.split_once('?').map_or("", |(_, query)| query).as_bytes(),
            _ if signature::is_form(request) => request.body,
            _ => return Err(Unintelligible::NotAForm),
        };
        if source.len() > signature::MAX_BODY {
            return Err(Unintelligible::TooLarge);
        }
        let mut fields = HashMap::new();
        for (count, (name, value)) in url::form_urlencoded::parse(source).enumerate() {
            if count >= signature::MAX_PARAMETERS {
                return Err(Unintelligible::TooLarge);
            }
            fields.entry(name).or_insert(value);
        }
        Ok(Self(fields))
    }

    /// A field that says something.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Cow::as_ref).filter(|value| !value.is_empty())
    }

    fn need(&self, name: &'static str) -> Result<&str, Unintelligible> {
        self.get(name).ok_or(Unintelligible::Missing(name))
    }

    fn party(&self, name: &'static str) -> Result<Party, Unintelligible> {
        party(self.need(name)?, name)
    }
}

/// An address as Twilio writes it: E.164, a short code or a sender's name. `whatsapp:` and the like are channels of
/// their own.
pub(super) fn party(text: &str, field: &'static str) -> Result<Party, Unintelligible> {
    match text.split_once(':') {
        Some(("whatsapp", _)) => Err(Unintelligible::Unsupported("WhatsApp messages")),
        Some(_) => Err(Unintelligible::Unsupported("messages of this kind")),
        None => Party::parse(text).map_err(|_| Unintelligible::BadAddress(field)),
    }
}

/// Is the request about the connection's own account? A parameter outside a form can't say, so it isn't.
pub(super) fn is_for_account(request: &WebhookRequest<'_>, connection: &Connection) -> Result<(), NotAuthentic> {
    let fields = Fields::of(request).map_err(|_| NotAuthentic::WrongAccount)?;
    match (fields.get("AccountSid"), connection.credentials.get(form::ACCOUNT_SID)) {
        (Some(theirs), Some(ours)) if theirs == ours => Ok(()),
        _ => Err(NotAuthentic::WrongAccount),
    }
}

pub(super) fn understand(hook: Hook, request: &WebhookRequest<'_>) -> Result<Vec<Inbound>, Unintelligible> {
    match hook {
        Hook::Message => Ok(vec![Inbound::Text(text(&Fields::of(request)?)?)]),
        Hook::Status => Ok(vec![Inbound::Status(report(&Fields::of(request)?, request.correlation())?)]),
        Hook::Voice => Err(Unintelligible::Unsupported("calls")),
    }
}

fn text(fields: &Fields<'_>) -> Result<InboundText, Unintelligible> {
    Ok(InboundText {
        provider_id: fields.need("MessageSid").or_else(|_| fields.need("SmsSid"))?.to_owned(),
        account_id: fields.need("AccountSid")?.to_owned(),
        from: fields.party("From")?,
        to: fields.party("To")?,
        text: fields.get("Body").unwrap_or_default().to_owned(),
        media: media(fields),
        sent_at: None,
        opt_out: fields.get("OptOutType").and_then(opt_out),
        segments: fields.get("NumSegments").and_then(|n| n.parse().ok()),
        service_id: fields.get("MessagingServiceSid").map(str::to_owned),
    })
}

/// `MediaUrl0`, `MediaContentType0` and so on, `NumMedia` of them.
fn media(fields: &Fields<'_>) -> Vec<MediaRef> {
    let count = fields.get("NumMedia").and_then(|n| n.parse::<usize>().ok()).unwrap_or(0).min(MAX_FILES);
    (0..count)
        .filter_map(|at| {
            Some(MediaRef {
                url: fields.get(&format!("MediaUrl{at}"))?.to_owned(),
                content_type: fields.get(&format!("MediaContentType{at}")).unwrap_or_default().to_owned(),
            })
        })
        .collect()
}

fn opt_out(word: &str) -> Option<OptOut> {
    match word.to_ascii_uppercase().as_str() {
        "STOP" => Some(OptOut::Stop),
        "START" => Some(OptOut::Start),
        "HELP" => Some(OptOut::Help),
        _ => None,
    }
}

fn report(fields: &Fields<'_>, correlation: Option<String>) -> Result<StatusReport, Unintelligible> {
    let provider_id = fields.need("MessageSid").or_else(|_| fields.need("SmsSid"))?.to_owned();
    let raw_status = fields.need("MessageStatus").or_else(|_| fields.need("SmsStatus"))?.to_owned();
    let (status, error) = state(&raw_status, fields.get("ErrorCode").and_then(|code| code.parse().ok()))
        .ok_or(Unintelligible::UnknownStatus)?;
    // RawDlrDoneDate is a carrier's clock to the minute in a zone that is not said: worse than our own arrival time
    Ok(StatusReport { provider_id, correlation, status, error, raw_status, at: None })
}

/// Twilio's state of a message of ours in our words, or `None` for a word that is not one.
///
/// Everything before `delivered` is `sent` to us: Twilio has it. `canceled` is done at Twilio, not by us, so the
/// message did not arrive.
pub(super) fn state(word: &str, error_code: Option<u32>) -> Option<(DeliveryStatus, Option<DeliveryError>)> {
    let status = match word {
        "accepted" | "scheduled" | "queued" | "sending" | "sent" | "partially_delivered" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" => DeliveryStatus::Read,
        "failed" | "undelivered" => {
            let error = error_code
                .filter(|code| *code != 0)
                .map_or_else(errors::unexplained, |code| errors::explain(code).error(code));
            return Some((DeliveryStatus::Failed, Some(error)));
        }
        "canceled" => {
            let error = DeliveryError {
                code: "cancelled_at_provider".to_owned(),
                provider_code: error_code.map(|code| code.to_string()),
                detail: "This was cancelled at Twilio before it was sent. Send it again if it is still needed."
                    .to_owned(),
            };
            return Some((DeliveryStatus::Failed, Some(error)));
        }
        _ => return None,
    };
    Some((status, None))
}
