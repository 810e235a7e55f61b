//! Twilio's log of one number, page by page.

use partyline_core::time::{Millis, SECOND};
use serde::Deserialize;
use url::Url;

use super::api::{Api, As};
use super::inbound;
use super::listing::{MessageBody, MessagesPage};
use crate::{
    Connection, Http, InboundText, MediaRef, Passed, PassedLookup, PassedPage, PassedWhat, ProviderError, SentText,
    Unintelligible, Way,
};

/// Messages per request. Twilio gives up to 1,000, which is a megabyte and more of its time.
const PAGE_SIZE: &str = "200";

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
    let (page, provider_now): (MessagesPage, _) = api.ask_dated(api.get(url, As::Usual)?, As::Usual).await?;
    let mut passed = PassedPage {
        messages: Vec::new(),
        next: page.next_page_uri.filter(|n| !n.is_empty()),
        is_coarse: false,
        provider_now,
    };
    if page.messages.is_empty() {
        passed.next = None;
    }
    for message in page.messages {
        // another account's message can't be in the list; one without a time can't be placed
        let Some(at) = message.at().filter(|_| message.account_sid == api.account_sid()) else { continue };
        if at < from {
            // the list goes on into the past
            passed.next = None;
        } else if until.is_some_and(|until| at > until) {
            passed.is_coarse = true;
        } else {
            passed.messages.extend(one(message, at, look.way));
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

fn one(message: MessageBody, at: Millis, way: Way) -> Option<Passed> {
    if (message.direction == "inbound") != (way == Way::Received) {
        return None;
    }
    let files = MessageBody::number(message.num_media.as_ref());
    let provider_id = message.sid.clone();
    let what = match way {
        Way::Received => received(message, at).map(PassedWhat::Received),
        Way::Sent => sent(message).map(PassedWhat::Sent),
    };
    Some(Passed { provider_id, at, files, what: what.unwrap_or_else(PassedWhat::Unreadable) })
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
