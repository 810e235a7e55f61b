//! `IncomingPhoneNumbers`: which numbers the account has and which webhooks are set on them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{OriginalUri, Path, State};
use serde_json::{Value, json};

use super::access::Access;
use super::errors::ApiError;
use super::paging::{Page, rfc2822};
use super::record::Form;
use crate::network::{Change, Network, Number};

pub async fn list(State(network): State<Arc<Network>>, access: Access, OriginalUri(uri): OriginalUri) -> Json<Value> {
    let query = super::record::query(&uri);
    let wanted = |name: &str| {
        query.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    };
    let state = network.state();
    let numbers = state.numbers.iter().filter(|number| number.account_sid == access.account_sid).filter(|number| {
        // A part of a number is enough, as at Twilio.
        wanted("PhoneNumber").is_none_or(|part| number.phone_number.contains(part))
            && wanted("FriendlyName").is_none_or(|name| number.friendly_name == name)
    });
    Json(Page::of(uri.path().to_owned(), &query).cut(
        numbers,
        |number| &number.sid,
        "incoming_phone_numbers",
        |number| describe(number),
    ))
}

pub async fn fetch(
    State(network): State<Arc<Network>>,
    access: Access,
    Path((_, file)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    let sid = file.strip_suffix(".json").unwrap_or(&file);
    network
        .state()
        .numbers
        .iter()
        .find(|number| number.sid == sid && number.account_sid == access.account_sid)
        .map(|number| Json(describe(number)))
        .ok_or_else(|| ApiError::not_found(uri.path()))
}

pub async fn update(
    State(network): State<Arc<Network>>,
    access: Access,
    Path((_, file)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    form: Form,
) -> Result<Json<Value>, ApiError> {
    let sid = file.strip_suffix(".json").unwrap_or(&file);
    let mut state = network.state();
    let number = state
        .numbers
        .iter_mut()
        .find(|number| number.sid == sid && number.account_sid == access.account_sid)
        .ok_or_else(|| ApiError::not_found(uri.path()))?;
    let mut changed = number.clone();
    for (name, value) in &form.0 {
        set(&mut changed, name, value)?;
    }
    changed.updated_at = jiff::Timestamp::now();
    *number = changed;
    network.tell(&Change::Number(number));
    Ok(Json(describe(number)))
}

fn set(number: &mut Number, name: &str, value: &str) -> Result<(), ApiError> {
    let field = match name {
        "FriendlyName" => {
            value.clone_into(&mut number.friendly_name);
            return Ok(());
        }
        "SmsUrl" => &mut number.sms_url,
        "SmsFallbackUrl" => &mut number.sms_fallback_url,
        "StatusCallback" => &mut number.status_callback,
        "VoiceUrl" => &mut number.voice_url,
        "VoiceFallbackUrl" => &mut number.voice_fallback_url,
        "SmsMethod" => return method(&mut number.sms_method, value),
        "SmsFallbackMethod" => return method(&mut number.sms_fallback_method, value),
        "StatusCallbackMethod" => return method(&mut number.status_callback_method, value),
        "VoiceMethod" => return method(&mut number.voice_method, value),
        "VoiceFallbackMethod" => return method(&mut number.voice_fallback_method, value),
        // Twilio ignores what it does not know.
        _ => return Ok(()),
    };
    if !value.is_empty() && !is_web_address(value) {
        return Err(ApiError::refused(21502, format!("{name} is not a valid URL: {value}")));
    }
    value.clone_into(field);
    Ok(())
}

fn method(field: &mut String, value: &str) -> Result<(), ApiError> {
    let upper = value.to_ascii_uppercase();
    if upper != "GET" && upper != "POST" {
        return Err(ApiError::refused(20001, format!("Method must be GET or POST, not {value}")));
    }
    *field = upper;
    Ok(())
}

/// Whether the provider can call this address.
pub fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn describe(number: &Number) -> Value {
    let Number { account_sid, sid, .. } = number;
    json!({
        "account_sid": account_sid,
        "address_requirements": "none",
        "address_sid": null,
        "api_version": "2010-04-01",
        "beta": false,
        "bundle_sid": null,
        "capabilities": {"fax": false, "mms": true, "sms": true, "voice": true},
        "date_created": rfc2822(number.created_at),
        "date_updated": rfc2822(number.updated_at),
        "emergency_address_sid": null,
        "emergency_address_status": "unregistered",
        "emergency_status": "Inactive",
        "friendly_name": number.friendly_name,
        "identity_sid": null,
        "origin": "twilio",
        "phone_number": number.phone_number,
        "sid": sid,
        "sms_application_sid": "",
        "sms_fallback_method": number.sms_fallback_method,
        "sms_fallback_url": number.sms_fallback_url,
        "sms_method": number.sms_method,
        "sms_url": number.sms_url,
        "status": "in-use",
        "status_callback": number.status_callback,
        "status_callback_method": number.status_callback_method,
        "trunk_sid": null,
        "type": "local",
        "uri": format!("/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers/{sid}.json"),
        "voice_application_sid": "",
        "voice_caller_id_lookup": false,
        "voice_fallback_method": number.voice_fallback_method,
        "voice_fallback_url": number.voice_fallback_url,
        "voice_method": number.voice_method,
        "voice_receive_mode": "voice",
        "voice_url": number.voice_url,
    })
}
