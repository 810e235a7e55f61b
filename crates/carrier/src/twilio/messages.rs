//! `Messages`: the log. Sending stands in [`super::sending`].

use std::sync::Arc;

use axum::Json;
use axum::extract::{OriginalUri, Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::access::Access;
use super::errors::ApiError;
use super::paging::{Page, rfc2822};
use super::record::{Form, query};
use crate::network::{Change, Direction, Message, Network, Status};

pub async fn list(
    State(network): State<Arc<Network>>,
    access: Access,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    let query = query(&uri);
    let filter = Filter::of(&query)?;
    let state = network.state();
    let mut messages: Vec<&Message> =
        state.messages.newest_first().filter(|message| is_listed(message, &access) && filter.admits(message)).collect();
    // what was said long ago may have been told to us today
    messages.sort_by_key(|message| std::cmp::Reverse(message.created_at));
    Ok(Json(Page::of(uri.path().to_owned(), &query).cut(
        messages.into_iter(),
        |message| &message.sid,
        "messages",
        |message| describe(message),
    )))
}

pub async fn fetch(
    State(network): State<Arc<Network>>,
    access: Access,
    Path((_, file)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    find(&network.state().messages, &access, &file)
        .map(|message| Json(describe(message)))
        .ok_or_else(|| ApiError::not_found(uri.path()))
}

/// Redacts the text (`Body=`) or calls a scheduled message back (`Status=canceled`).
pub async fn update(
    State(network): State<Arc<Network>>,
    access: Access,
    Path((_, file)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    form: Form,
) -> Result<Json<Value>, ApiError> {
    let message =
        find(&network.state().messages, &access, &file).cloned().ok_or_else(|| ApiError::not_found(uri.path()))?;
    match (form.get("Body"), form.get("Status")) {
        (_, Some("canceled")) if message.status != Status::Scheduled => {
            return Err(ApiError::refused(30409, "Message is not in a cancelable state"));
        }
        (_, Some("canceled")) => network.change_message(message.ordinal, |message| {
            message.become_status(Status::Canceled, None);
        }),
        (Some(""), None) => network.change_message(message.ordinal, |message| {
            message.text.clear();
            message.updated_at = Timestamp::now();
        }),
        _ => {
            return Err(ApiError::refused(20001, "Only an empty Body or Status=canceled can be set"));
        }
    };
    find(&network.state().messages, &access, &file)
        .map(|message| Json(describe(message)))
        .ok_or_else(|| ApiError::not_found(uri.path()))
}

pub async fn delete(
    State(network): State<Arc<Network>>,
    access: Access,
    Path((_, file)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<StatusCode, ApiError> {
    let mut state = network.state();
    let message = find(&state.messages, &access, &file).cloned().ok_or_else(|| ApiError::not_found(uri.path()))?;
    if matches!(message.status, Status::Accepted | Status::Queued | Status::Sending | Status::Scheduled) {
        return Err(ApiError::refused(20009, "This resource cannot be deleted before it has completed"));
    }
    state.messages.remove(&message.sid);
    for media in &message.media {
        state.media.forget(&media.path);
    }
    network.tell(&Change::Deleted(&message.sid));
    Ok(StatusCode::NO_CONTENT)
}

/// The message that a path names, with or without `.json`, if it is the account's.
pub fn find<'a>(messages: &'a crate::network::Messages, access: &Access, file: &str) -> Option<&'a Message> {
    let sid = file.strip_suffix(".json").unwrap_or(file);
    messages.get(sid).filter(|message| is_listed(message, access))
}

fn is_listed(message: &Message, access: &Access) -> bool {
    message.account_sid == access.account_sid && message.direction != Direction::Automatic
}

/// As the API writes a message.
pub fn describe(message: &Message) -> Value {
    let Message { account_sid, sid, .. } = message;
    let uri = format!("/2010-04-01/Accounts/{account_sid}/Messages/{sid}");
    let by_service = message.status == Status::Accepted || message.status == Status::Scheduled;
    json!({
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": message.text,
        "date_created": rfc2822(message.created_at),
        "date_sent": message.sent_at.map(rfc2822),
        "date_updated": rfc2822(message.updated_at),
        "direction": match message.direction {
            Direction::FromPhone => "inbound",
            Direction::ToPhone | Direction::Automatic => "outbound-api",
        },
        "error_code": message.error_code,
        "error_message": message.error_code.map(error_sentence),
        "from": (!by_service).then(|| message.from()),
        "messaging_service_sid": message.service_sid,
        "num_media": message.media.len().to_string(),
        "num_segments": if by_service { "0".to_owned() } else { message.segments.to_string() },
        "price": null,
        "price_unit": "USD",
        "sid": sid,
        "status": message.status.name(),
        "subresource_uris": {"media": format!("{uri}/Media.json")},
        "to": message.to(),
        "uri": format!("{uri}.json"),
    })
}

fn error_sentence(code: u32) -> &'static str {
    match code {
        30003 => "Unreachable destination handset",
        30006 => "Landline or unreachable carrier",
        30007 => "Message filtered",
        11200 => "HTTP retrieval failure",
        11751 => "Media message - Media exceeds messaging provider size limit",
        12300 => "Invalid Content-Type",
        _ => "Unknown error",
    }
}

struct Filter {
    to: Option<String>,
    from: Option<String>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
}

impl Filter {
    /// `DateSent>` and `DateSent<` include the moment they name; `DateSent` is a whole day, UTC.
    fn of(query: &[(String, String)]) -> Result<Self, ApiError> {
        let value = |name: &str| {
            query.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
        };
        let time = |name: &str| {
            value(name)
                .map(|text| {
                    moment(text).ok_or_else(|| ApiError::refused(20001, format!("Invalid date in {name}: {text}")))
                })
                .transpose()
        };
        let mut not_before = time("DateSent>")?;
        let mut not_after = time("DateSent<")?;
        if let Some(day) = time("DateSent")? {
            not_before = Some(day);
            not_after = day.checked_add(jiff::SignedDuration::from_hours(24)).ok();
        }
        Ok(Self { to: value("To").map(str::to_owned), from: value("From").map(str::to_owned), not_before, not_after })
    }

    fn admits(&self, message: &Message) -> bool {
        // One that has not left yet is found by when it was taken.
        let at = message.sent_at.unwrap_or(message.created_at);
        self.to.as_deref().is_none_or(|to| to == message.to())
            && self
                .from
                .as_deref()
                .is_none_or(|from| from == message.from())
            // The API knows whole seconds.
            && self
                .not_before
                .is_none_or(|bound| at.as_second() >= bound.as_second())
            && self
                .not_after
                .is_none_or(|bound| at.as_second() <= bound.as_second())
    }
}

/// `2024-01-31`, `2024-01-31T10:00:00Z`, `2024-01-31 10:00:00` (UTC), or RFC 2822.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Ok(at) = jiff::fmt::rfc2822::parse(text) {
        return Some(at.timestamp());
    }
    let civil =
        if text.len() == 10 { text.parse::<Date>().ok()?.at(0, 0, 0, 0) } else { text.parse::<DateTime>().ok()? };
    TimeZone::UTC.to_timestamp(civil).ok()
}
