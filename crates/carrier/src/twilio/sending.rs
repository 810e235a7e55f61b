//! `POST Messages.json`: checked as Twilio checks, taken, and on its way.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};

use super::access::Access;
use super::errors::ApiError;
use super::messages::describe;
use super::numbers::is_web_address;
use super::record::{About, Form};
use crate::inbound::add;
use crate::journey::{self, Fate, Load};
use crate::media;
use crate::network::{Direction, Message, Network, Status};
use crate::segments::segments;
use crate::sid;

/// Characters of a text.
const MAX_BODY_CHARS: usize = 1_600;
/// How far ahead a message can be scheduled.
const SCHEDULE: (SignedDuration, SignedDuration) = (SignedDuration::from_mins(15), SignedDuration::from_hours(35 * 24));

pub async fn create(State(network): State<Arc<Network>>, access: Access, form: Form) -> Result<Response, ApiError> {
    let order = Order::of(&form)?;
    let counted = segments(&order.body);
    let (message, fate) = {
        let mut state = network.state();
        let number = order.sender(&state, &access.account_sid)?;
        if number == order.to {
            return Err(ApiError::refused(21266, "'To' and 'From' number cannot be the same"));
        }
        let refused = network.take_fault_of(&mut state, |faults| &mut faults.refuse_opted_out);
        if refused || state.is_opted_out(&access.account_sid, &number, &order.to) {
            return Err(ApiError::refused(21610, "Attempt to send to unsubscribed recipient"));
        }
        let now = Timestamp::now();
        let status_callback = order.status_callback.clone().or_else(|| {
            let services = state.services.get(&access.account_sid)?;
            let service = services.iter().find(|s| Some(&s.sid) == order.service.as_ref())?;
            (!service.status_callback.is_empty()).then(|| service.status_callback.clone())
        });
        let message = Message {
            ordinal: 0,
            sid: Message::new_sid(!order.media_urls.is_empty()),
            account_sid: access.account_sid,
            service_sid: order.service,
            direction: Direction::ToPhone,
            phone: order.to,
            number,
            text: order.body,
            media: Vec::new(),
            segments: counted.count,
            status: match (order.send_at, order.chosen) {
                (Some(_), _) => Status::Scheduled,
                (None, true) => Status::Queued,
                (None, false) => Status::Accepted,
            },
            error_code: None,
            created_at: now,
            sent_at: None,
            updated_at: now,
            fails_at: None,
            webhook_status: None,
            status_callback,
        };
        let fate = Fate {
            spam: network.take_fault_of(&mut state, |faults| &mut faults.filter_as_spam),
            landline: network.take_fault_of(&mut state, |faults| &mut faults.landline),
        };
        (add(&network, &mut state, message), fate)
    };
    let mut answer = describe(&message);
    // What it carries is known before it is fetched.
    answer["num_media"] = order.media_urls.len().to_string().into();
    let mut faults = Vec::new();
    if fate.spam {
        faults.push("filter_as_spam");
    }
    if fate.landline {
        faults.push("landline");
    }
    let mut response = (StatusCode::CREATED, Json(answer)).into_response();
    response.extensions_mut().insert(About {
        message_sid: message.sid.clone(),
        phone: message.phone.clone(),
        segments: counted.count,
        encoding: counted.encoding,
        faults,
    });
    journey::carry(&network, Load { message, media_urls: order.media_urls, send_at: order.send_at, fate });
    Ok(response)
}

/// A request to send, checked as far as it goes without knowing the account.
struct Order {
    to: String,
    from: Option<String>,
    service: Option<String>,
    /// Whether the request names the sender itself.
    chosen: bool,
    body: String,
    media_urls: Vec<String>,
    status_callback: Option<String>,
    send_at: Option<Timestamp>,
}

impl Order {
    fn of(form: &Form) -> Result<Self, ApiError> {
        let refused = |code, message: String| Err(ApiError::refused(code, message));
        let Some(to) = form.given("To") else {
            return refused(21604, "A 'To' phone number is required.".into());
        };
        let Some(to) = dialled(to) else {
            return refused(21211, format!("Invalid 'To' Phone Number: {to}"));
        };
        let from = form.given("From").map(str::to_owned);
        let service = form.given("MessagingServiceSid").map(str::to_owned);
        if from.is_none() && service.is_none() {
            return refused(21603, "A 'From' phone number is required to send a message.".into());
        }
        let body = form.get("Body").unwrap_or_default().to_owned();
        let media_urls = form.all("MediaUrl");
        if body.is_empty() && media_urls.is_empty() {
            return refused(21602, "Message body is required.".into());
        }
        if body.chars().count() > MAX_BODY_CHARS {
            return refused(21617, "The concatenated message body exceeds the 1600 character limit".into());
        }
        if media_urls.len() > media::MAX_FILES {
            return refused(21623, "Number of media files exceeds allowed limit".into());
        }
        if media_urls.iter().any(|url| !is_web_address(url)) {
            return refused(21620, "Invalid media URL(s)".into());
        }
        let status_callback = form.given("StatusCallback").map(str::to_owned);
        if let Some(url) = status_callback.as_deref().filter(|url| !is_web_address(url)) {
            return refused(21609, format!("The StatusCallback URL {url} is not a valid URL."));
        }
        let send_at = scheduled(form, service.is_some())?;
        Ok(Self { to, chosen: from.is_some(), from, service, body, media_urls, status_callback, send_at })
    }

    /// The number that it goes out from: the named one, or the service's choice.
    fn sender(&self, state: &crate::network::State, account_sid: &str) -> Result<String, ApiError> {
        if let Some(sid) = &self.service {
            let service = state
                .services
                .get(account_sid)
                .and_then(|services| services.iter().find(|service| service.sid == *sid))
                .filter(|_| sid::is("MG", sid))
                .ok_or_else(|| ApiError::refused(21701, "The Messaging Service does not exist"))?;
            if self.from.is_none() {
                // The number that the phone knows already, else the first of the pool.
                let known = state
                    .messages
                    .newest_first()
                    .find(|m| m.phone == self.to && service.numbers.contains(&m.number))
                    .map(|m| &m.number);
                return known.or_else(|| service.numbers.first()).cloned().ok_or_else(|| {
                    ApiError::refused(21703, "The Messaging Service does not have any phone numbers associated with it")
                });
            }
        }
        let from = self.from.as_deref().and_then(dialled).unwrap_or_default();
        if state.number(account_sid, &from).is_none() {
            let named = self.from.as_deref().unwrap_or_default();
            return Err(ApiError::refused(
                21606,
                format!(
                    "The 'From' phone number provided ({named}) is not a valid message-capable Twilio phone number for this destination/account"
                ),
            ));
        }
        Ok(from)
    }
}

/// E.164 of a number as people may write it to Twilio: spaces, dashes, dots and brackets are
/// overlooked, a plus is not.
fn dialled(text: &str) -> Option<String> {
    let number: String = text.trim().chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
    sid::is_e164(&number).then_some(number)
}

fn scheduled(form: &Form, by_service: bool) -> Result<Option<Timestamp>, ApiError> {
    if form.given("ScheduleType").is_none() && form.given("SendAt").is_none() {
        return Ok(None);
    }
    if !by_service {
        return Err(ApiError::refused(35118, "MessagingServiceSid is required to schedule a message"));
    }
    let at = form
        .given("SendAt")
        .and_then(|text| text.parse::<Timestamp>().ok())
        .ok_or_else(|| ApiError::refused(35111, "SendAt missing or not a time"))?;
    let ahead = at.duration_since(Timestamp::now());
    if ahead < SCHEDULE.0 || ahead > SCHEDULE.1 {
        return Err(ApiError::refused(35114, "SendAt time must be between 15 minutes and 35 days ahead"));
    }
    Ok(Some(at))
}
