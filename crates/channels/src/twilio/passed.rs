//! Twilio's log of one number, page by page.

use partyline_core::time::{Millis, SECOND};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::api::{Api, As, Code, unreadable};
use super::inbound;
use super::listing::MessageBody;
use crate::{
    Connection, Http, InboundText, Listed, MediaRef, Passed, PassedLookup, PassedPage, PassedWhat, ProviderError,
    SentText, Unintelligible, Way,
};

/// Messages per request. Twilio gives up to 1,000, which is a megabyte and more of its time.
const PAGE_SIZE: &str = "200";

/// Each message by itself, so that one of another shape does not hide the others.
#[derive(Deserialize)]
struct LogPage {
    messages: Vec<Value>,
    #[serde(default)]
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct MediaPage {
    media_list: Vec<MediaBody>,
}

#[derive(Deserialize)]
struct MediaBody {
    sid: String,
    #[serde(default)]
    content_type: Option<String>,
}

/// Twilio's document promises no more of `DateSent>` and `DateSent<` than the day. So what is not in the interval is left out here
/// too, and whoever asks is told when a smaller interval would save nothing.
pub(super) async fn list(
    http: &Http,
    connection: &Connection,
    look: &PassedLookup,
) -> Result<PassedPage, ProviderError> {
    let api = Api::new(http, connection)?;
    let from = Millis(look.from.0 - look.from.0.rem_euclid(SECOND));
    let until = look.until.map(|at| Millis(at.0 + (-at.0).rem_euclid(SECOND)));
    let url = match &look.page {
        Some(page) => api.next_page(Some(page))?.ok_or(ProviderError::NotFound)?,
        None => first_page(&api, look, from, until)?,
    };
    let (page, provider_now): (LogPage, _) = api.ask_dated(api.get(url, As::Usual)?, As::Usual).await?;
    let mut passed = PassedPage {
        messages: Vec::new(),
        next: page.next_page_uri.filter(|n| !n.is_empty()),
        is_coarse: false,
        provider_now,
    };
    if page.messages.is_empty() {
        passed.next = None;
    }
    for listed in page.messages {
        let (is_ours, at) = match MessageBody::deserialize(&listed) {
            Ok(message) => (message.account_sid == api.account_sid(), message.at()),
            Err(_) => (word(&listed, "account_sid").is_none_or(|id| id == api.account_sid()), time(&listed)),
        };
        // another account's message can't be in the list; one without a time can't be placed
        let Some(at) = at.filter(|_| is_ours) else { continue };
        if at < from {
            // the list goes on into the past
            passed.next = None;
        } else if until.is_some_and(|until| at > until) {
            passed.is_coarse = true;
        } else {
            passed.messages.extend(one(&listed, at, look.way)?);
        }
    }
    Ok(passed)
}

fn first_page(api: &Api<'_>, look: &PassedLookup, from: Millis, until: Option<Millis>) -> Result<Url, ProviderError> {
    let side = match look.way {
        Way::Received => "To",
        Way::Sent => "From",
    };
    let mut url = api.account_url(&["Messages.json"])?;
    {
        let mut query = url.query_pairs_mut();
        query.append_pair(side, look.number.value()).append_pair("DateSent>", &from.to_string());
        if let Some(until) = until {
            query.append_pair("DateSent<", &until.to_string());
        }
        query.append_pair("PageSize", PAGE_SIZE);
    }
    Ok(url)
}

fn word<'a>(listed: &'a Value, field: &str) -> Option<&'a str> {
    listed.get(field).and_then(Value::as_str)
}

fn time(listed: &Value) -> Option<Millis> {
    ["date_sent", "date_created"].into_iter().find_map(|field| word(listed, field).and_then(Millis::parse_rfc2822))
}

fn one(listed: &Value, at: Millis, way: Way) -> Result<Option<Passed>, ProviderError> {
    let Some(provider_id) = word(listed, "sid").map(str::to_owned) else {
        return Err(unreadable("a message without a name in the log"));
    };
    if word(listed, "direction").is_some_and(|direction| (direction == "inbound") != (way == Way::Received)) {
        return Ok(None);
    }
    let read = MessageBody::deserialize(listed).map_err(|_| Unintelligible::Malformed);
    let files = listed.get("num_media").and_then(|count| Code::deserialize(count).ok());
    let files = MessageBody::number(files.as_ref());
    let what = read.and_then(|message| match way {
        Way::Received => received(message, at).map(PassedWhat::Received),
        Way::Sent => sent(message).map(PassedWhat::Sent),
    });
    let what = what.unwrap_or_else(|why| PassedWhat::Unreadable { why, listed: Listed(listed.to_string()) });
    Ok(Some(Passed { provider_id, at, files, what }))
}

/// Reads a received message of the log again.
pub(super) fn understand(listed: &[u8]) -> Result<InboundText, Unintelligible> {
    let message: MessageBody = serde_json::from_slice(listed).map_err(|_| Unintelligible::Malformed)?;
    let at = message.at().ok_or(Unintelligible::Missing("date_sent"))?;
    received(message, at)
}

fn received(message: MessageBody, at: Millis) -> Result<InboundText, Unintelligible> {
    Ok(InboundText {
        from: inbound::party(message.from.as_deref().ok_or(Unintelligible::Missing("from"))?, "from")?,
        to: inbound::party(message.to.as_deref().ok_or(Unintelligible::Missing("to"))?, "to")?,
        segments: message.segments(),
        provider_id: message.sid,
        account_id: message.account_sid,
        text: message.body.unwrap_or_default(),
        media: Vec::new(),
        sent_at: Some(at),
        opt_out: None, // lists don't say it
        service_id: message.messaging_service_sid.filter(|sid| !sid.is_empty()),
    })
}

fn sent(message: MessageBody) -> Result<SentText, Unintelligible> {
    let (status, error) = message.state().ok_or(Unintelligible::UnknownStatus)?;
    Ok(SentText {
        to: inbound::party(message.to.as_deref().ok_or(Unintelligible::Missing("to"))?, "to")?,
        segments: message.segments(),
        text: message.body.unwrap_or_default(),
        status,
        error,
    })
}

/// Where the files of a message are.
pub(super) async fn media(
    http: &Http,
    connection: &Connection,
    message_sid: &str,
) -> Result<Vec<MediaRef>, ProviderError> {
    let api = Api::new(http, connection)?;
    let url = api.account_url(&["Messages", message_sid, "Media.json"])?;
    let page: MediaPage = api.ask(api.get(url, As::Usual)?, As::Usual).await?;
    page.media_list
        .into_iter()
        .map(|file| {
            Ok(MediaRef {
                url: api.account_url(&["Messages", message_sid, "Media", &file.sid])?.into(),
                content_type: file.content_type.unwrap_or_default(),
            })
        })
        .collect()
}
