//! Sending one text: the request, and what its answer means.

use bytes::Bytes;
use partyline_core::consent::Permit;
use partyline_core::delivery::{DeliveryError, DeliveryStatus};
use reqwest::StatusCode;
use serde::Deserialize;

use super::api::{Api, Code, ErrorBody, MAX_ANSWER, is_busy, retry_after};
use super::{errors, inbound};
use crate::http::{BodyError, Failure, read_capped};
use crate::{Connection, Http, Outbound, Outcome, ProviderError, RefusalAbout};

/// Sends `message`. The permit is used up whatever happens.
pub(super) async fn send(http: &Http, connection: &Connection, permit: Permit, message: &Outbound) -> Outcome {
    drop(permit);
    let request = Api::new(http, connection)
        .and_then(|api| api.post(api.account_url(&["Messages.json"])?, &fields(message, &callback(message))));
    let request = match request {
        Ok(request) => request,
        Err(error) => return Outcome::NeverLeft { error, retry_after: None },
    };
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => {
            return match Failure::of(&error) {
                never_left @ Failure::NeverLeft(_) => {
                    Outcome::NeverLeft { error: never_left.into(), retry_after: None }
                }
                Failure::MayHaveLeft(detail) => Outcome::Unknown { detail },
            };
        }
    };
    let status = response.status();
    let wait = retry_after(&response);
    match read_capped(response, MAX_ANSWER).await {
        Ok(body) if status.is_success() => accepted(&body),
        Ok(body) => not_accepted(status, wait, &body),
        // the status alone says enough when it says no
        Err(_) if status.is_client_error() => not_accepted(status, wait, &Bytes::new()),
        Err(BodyError::TooLarge) => Outcome::Unknown { detail: format!("status {status}, and far too long an answer") },
        Err(BodyError::Broken(detail)) => Outcome::Unknown { detail: format!("status {status}, then: {detail}") },
    }
}

fn callback(message: &Outbound) -> String {
    message.status_callback.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// The form, in the order of Twilio's document. `From` is always there, also beside a messaging service: the customer
/// is answered from the number that they wrote to.
fn fields<'a>(message: &'a Outbound, callback: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut fields = vec![("To", message.to.as_str()), ("From", message.from.value())];
    if let Some(service) = message.service_id.as_deref().filter(|id| !id.is_empty()) {
        fields.push(("MessagingServiceSid", service));
    }
    if !callback.is_empty() {
        fields.push(("StatusCallback", callback));
    }
    if !message.text.is_empty() {
        fields.push(("Body", &message.text));
    }
    fields.extend(message.media_urls.iter().map(|url| ("MediaUrl", url.as_str())));
    fields
}

/// What is read of the answer to a send.
#[derive(Deserialize)]
struct Created {
    sid: String,
    status: Option<String>,
    num_segments: Option<Code>,
    error_code: Option<Code>,
    price: Option<String>,
    price_unit: Option<String>,
}

fn accepted(body: &[u8]) -> Outcome {
    let Ok(created) = serde_json::from_slice::<Created>(body) else {
        return Outcome::Unknown { detail: "accepted, but the answer could not be read".to_owned() };
    };
    if created.sid.is_empty() {
        return Outcome::Unknown { detail: "accepted, but without an id".to_owned() };
    }
    let code = created.error_code.as_ref().and_then(Code::number);
    // a word that is not known does not change that it was taken
    let (status, error) =
        created.status.as_deref().and_then(|word| inbound::state(word, code)).unwrap_or((DeliveryStatus::Sent, None));
    if let Some(error) = error {
        return Outcome::Refused { error, about: code.map_or(RefusalAbout::Message, |c| errors::explain(c).about) };
    }
    Outcome::Accepted {
        provider_id: created.sid,
        // "0" until a messaging service has chosen
        segments: created.num_segments.as_ref().and_then(Code::number).filter(|n| *n > 0),
        status,
        price: created.price.map(|price| match created.price_unit {
            Some(unit) => format!("{price} {unit}"),
            None => price,
        }),
    }
}

fn not_accepted(status: StatusCode, retry_after: Option<std::time::Duration>, body: &[u8]) -> Outcome {
    let code = ErrorBody::read(body);
    if is_busy(status, code) {
        return Outcome::NeverLeft { error: ProviderError::Busy { retry_after }, retry_after };
    }
    if !status.is_client_error() || status == StatusCode::REQUEST_TIMEOUT {
        return Outcome::Unknown { detail: format!("status {status}") };
    }
    let code = match (code, status) {
        (None, StatusCode::UNAUTHORIZED) => Some(errors::AUTHENTICATION),
        (code, _) => code,
    };
    match code {
        Some(code) => {
            let explained = errors::explain(code);
            Outcome::Refused { error: explained.error(code), about: explained.about }
        }
        None => Outcome::Refused {
            error: DeliveryError {
                code: "refused".to_owned(),
                provider_code: Some(format!("http_{}", status.as_u16())),
                detail: format!(
                    "Twilio's address refused this (status {}) without saying why. \
                     An admin has to check the connection and any proxy between.",
                    status.as_u16()
                ),
            },
            about: RefusalAbout::Connection,
        },
    }
}
