//! Twilio's own list of messages, and a look for a send whose answer got lost.

use partyline_core::delivery::{DeliveryError, DeliveryStatus};
use partyline_core::time::{Millis, SECOND};
use serde::Deserialize;
use url::Url;

use super::api::{Api, As, Code};
use super::inbound;
use crate::{Connection, Http, ProviderError, SentLookup, Sighting};

/// Messages per request. Between one pair of numbers more are rare.
const PAGE_SIZE: &str = "50";
/// The most pages that one look reads; what is older is not looked for.
const MAX_PAGES: usize = 20;

#[derive(Deserialize)]
pub(super) struct MessagesPage {
    pub(super) messages: Vec<MessageBody>,
    #[serde(default)]
    pub(super) next_page_uri: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct MessageBody {
    pub(super) sid: String,
    pub(super) account_sid: String,
    #[serde(default)]
    pub(super) from: Option<String>,
    #[serde(default)]
    pub(super) to: Option<String>,
    #[serde(default)]
    pub(super) body: Option<String>,
    pub(super) status: String,
    pub(super) direction: String,
    #[serde(default)]
    pub(super) num_segments: Option<Code>,
    #[serde(default)]
    pub(super) num_media: Option<Code>,
    #[serde(default)]
    pub(super) error_code: Option<Code>,
    #[serde(default)]
    pub(super) messaging_service_sid: Option<String>,
    #[serde(default)]
    pub(super) date_created: Option<String>,
    #[serde(default)]
    pub(super) date_sent: Option<String>,
}

impl MessageBody {
    pub(super) fn created_at(&self) -> Option<Millis> {
        self.date_created.as_deref().and_then(Millis::parse_rfc2822)
    }

    /// The moment that Twilio's `DateSent` filters go by: when it left, or for one that has not left yet, when it was taken.
    pub(super) fn at(&self) -> Option<Millis> {
        self.date_sent.as_deref().and_then(Millis::parse_rfc2822).or_else(|| self.created_at())
    }

    /// Our error and status of a message from us, if Twilio's word is one that we know.
    pub(super) fn state(&self) -> Option<(DeliveryStatus, Option<DeliveryError>)> {
        inbound::state(&self.status, self.error_code.as_ref().and_then(Code::number))
    }

    /// Into how many segments it was cut, once that is decided.
    pub(super) fn segments(&self) -> Option<u32> {
        self.num_segments.as_ref().and_then(Code::number).filter(|n| *n > 0)
    }

    pub(super) fn number(count: Option<&Code>) -> u32 {
        count.and_then(Code::number).unwrap_or(0)
    }
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
    let (messages, is_whole) = newest(&api, url, look.since, MAX_PAGES).await?;
    if !is_whole {
        // what was not read may be there
        return Err(ProviderError::Unreachable { detail: "more messages than one look reads".to_owned() });
    }
    Ok(messages.into_iter().filter(|m| m.direction.starts_with("outbound")).map(sighting).collect())
}

/// What a trial account puts before every text, which is not part of what was sent.
const TRIAL_LINE: &str = "Sent from your Twilio trial account - ";

fn without_trial_line(body: &str) -> &str {
    body.strip_prefix(TRIAL_LINE).unwrap_or(body)
}

fn sighting(message: MessageBody) -> Sighting {
    // without a time it may be any: that of long ago leaves it to a person
    let created_at = message.created_at().unwrap_or(Millis(0));
    // whatever a word that we don't know means, it was taken
    let (status, error) = message.state().unwrap_or((DeliveryStatus::Sent, None));
    Sighting {
        created_at,
        status,
        error,
        segments: message.segments(),
        media_count: MessageBody::number(message.num_media.as_ref()),
        provider_id: message.sid,
        text: message.body.map(|body| without_trial_line(&body).to_owned()).unwrap_or_default(),
        raw_status: message.status,
    }
}

fn list_url(api: &Api<'_>, filters: &[(&str, &str)]) -> Result<Url, ProviderError> {
    let mut url = api.account_url(&["Messages.json"])?;
    url.query_pairs_mut().extend_pairs(filters).append_pair("PageSize", PAGE_SIZE);
    Ok(url)
}

/// The messages since `since`, newest first, as Twilio lists them, those without a time among them; and whether these are all.
pub(super) async fn newest(
    api: &Api<'_>,
    first: Url,
    since: Millis,
    pages: usize,
) -> Result<(Vec<MessageBody>, bool), ProviderError> {
    let since = Millis(since.0 - since.0.rem_euclid(SECOND));
    let mut next = Some(first);
    let mut found = Vec::new();
    for _ in 0..pages {
        let Some(url) = next else { return Ok((found, true)) };
        let page: MessagesPage = api.ask(api.get(url, As::Usual)?, As::Usual).await?;
        let (young, old): (Vec<_>, Vec<_>) = page
            .messages
            .into_iter()
            // another account's message can't be in the list
            .filter(|m| m.account_sid == api.account_sid())
            .partition(|m| m.created_at().is_none_or(|at| at >= since));
        let end = !old.is_empty() || young.is_empty();
        found.extend(young);
        if end {
            return Ok((found, true));
        }
        next = api.next_page(page.next_page_uri.as_deref())?;
    }
    Ok((found, next.is_none()))
}
