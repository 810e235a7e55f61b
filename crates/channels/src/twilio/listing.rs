//! Twilio's own list of messages: to find a send whose answer got lost, and texts that no webhook brought.

use partyline_core::time::{Millis, SECOND};
use serde::Deserialize;
use url::Url;

use super::api::{Api, As, Code};
use super::inbound;
use crate::{Connection, Http, InboundText, MediaRef, ProviderError, ReceivedLookup, SentLookup, Sighting};

/// Messages per request. Between one pair of numbers, or in one interval of a poll, more are rare.
const PAGE_SIZE: &str = "50";
/// The most pages that one look reads; what is older is not looked for.
const MAX_PAGES: usize = 20;

#[derive(Deserialize)]
struct MessagesPage {
    messages: Vec<MessageBody>,
    #[serde(default)]
    next_page_uri: Option<String>,
}

#[derive(Deserialize)]
struct MessageBody {
    sid: String,
    account_sid: String,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    body: Option<String>,
    status: String,
    direction: String,
    #[serde(default)]
    num_segments: Option<Code>,
    #[serde(default)]
    num_media: Option<Code>,
    #[serde(default)]
    error_code: Option<Code>,
    #[serde(default)]
    messaging_service_sid: Option<String>,
    #[serde(default)]
    date_created: Option<String>,
    #[serde(default)]
    date_sent: Option<String>,
}

impl MessageBody {
    fn created_at(&self) -> Option<Millis> {
        self.date_created.as_deref().and_then(Millis::parse_rfc2822)
    }

    fn number(count: Option<&Code>) -> u32 {
        count.and_then(Code::number).unwrap_or(0)
    }
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

/// The list is asked for by numbers alone and cut by creation time here: `DateSent` is empty while a message waits in
/// Twilio's queue, and just that message may be the one that is looked for.
pub(super) async fn find_sent(
    http: &Http,
    connection: &Connection,
    look: &SentLookup,
) -> Result<Vec<Sighting>, ProviderError> {
    let api = Api::new(http, connection)?;
    let url = list_url(&api, &[("To", look.to.as_str()), ("From", look.from.value())])?;
    let messages = newest(&api, url, look.since).await?;
    Ok(messages.into_iter().filter(|m| m.direction.starts_with("outbound")).filter_map(sighting).collect())
}

fn sighting(message: MessageBody) -> Option<Sighting> {
    let created_at = message.created_at()?;
    let (status, error) = inbound::state(&message.status, message.error_code.as_ref().and_then(Code::number))?;
    Some(Sighting {
        created_at,
        status,
        error,
        segments: message.num_segments.as_ref().and_then(Code::number).filter(|n| *n > 0),
        media_count: MessageBody::number(message.num_media.as_ref()),
        provider_id: message.sid,
        text: message.body.unwrap_or_default(),
        raw_status: message.status,
    })
}

/// Texts that can't be understood are left out: their webhook is what quarantines them.
pub(super) async fn find_received(
    http: &Http,
    connection: &Connection,
    look: &ReceivedLookup,
) -> Result<Vec<InboundText>, ProviderError> {
    let api = Api::new(http, connection)?;
    let url = list_url(&api, &[("To", look.to.value())])?;
    let mut texts = Vec::new();
    for message in newest(&api, url, look.since).await? {
        if message.direction != "inbound" {
            continue;
        }
        let files = MessageBody::number(message.num_media.as_ref());
        let media = if files > 0 { media(&api, &message.sid).await? } else { Vec::new() };
        texts.extend(received(message, media));
    }
    texts.reverse();
    Ok(texts)
}

fn received(message: MessageBody, media: Vec<MediaRef>) -> Option<InboundText> {
    let sent_at = message.date_sent.as_deref().and_then(Millis::parse_rfc2822).or_else(|| message.created_at());
    Some(InboundText {
        from: inbound::party(message.from.as_deref()?, "from").ok()?,
        to: inbound::party(message.to.as_deref()?, "to").ok()?,
        provider_id: message.sid,
        account_id: message.account_sid,
        text: message.body.unwrap_or_default(),
        media,
        sent_at,
        opt_out: None, // lists don't say it
        segments: message.num_segments.as_ref().and_then(Code::number),
        service_id: message.messaging_service_sid.filter(|sid| !sid.is_empty()),
    })
}

async fn media(api: &Api<'_>, message_sid: &str) -> Result<Vec<MediaRef>, ProviderError> {
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

fn list_url(api: &Api<'_>, filters: &[(&str, &str)]) -> Result<Url, ProviderError> {
    let mut url = api.account_url(&["Messages.json"])?;
    url.query_pairs_mut().extend_pairs(filters).append_pair("PageSize", PAGE_SIZE);
    Ok(url)
}

/// The messages since `since`, newest first, as Twilio lists them.
async fn newest(api: &Api<'_>, first: Url, since: Millis) -> Result<Vec<MessageBody>, ProviderError> {
    let since = Millis(since.0 - since.0.rem_euclid(SECOND));
    let mut next = Some(first);
    let mut found = Vec::new();
    for _ in 0..MAX_PAGES {
        let Some(url) = next else { break };
        let page: MessagesPage = api.ask(api.get(url, As::Usual)?, As::Usual).await?;
        let (young, old): (Vec<_>, Vec<_>) = page
            .messages
            .into_iter()
            // another account's message can't be in the list; one without a time can't be placed
            .filter(|m| m.account_sid == api.account_sid())
            .partition(|m| m.created_at().is_some_and(|at| at >= since));
        let end = !old.is_empty() || young.is_empty();
        found.extend(young);
        if end {
            break;
        }
        next = api.next_page(page.next_page_uri.as_deref())?;
    }
    Ok(found)
}
