//! What became of messages of ours, asked for where no callback reaches us.

use std::collections::HashSet;

use super::api::{Api, As};
use super::listing::{MessageBody, newest};
use crate::{Connection, Http, ProviderError, ReportLookup, StatusReport};

/// Up to so many are asked for one by one: fewer bytes than a page of the list.
const ONE_BY_ONE: usize = 3;
/// Messages per page of the list.
const PAGE_SIZE: &str = "200";
/// Pages of the list in one look.
const MAX_PAGES: usize = 5;
/// Those that the list does not show are asked for one by one, so many in one look.
const MAX_LEFT: usize = 20;

/// The list is cut by creation time here, since `DateSent` is empty while a message waits in Twilio's queue.
pub(super) async fn find(
    http: &Http,
    connection: &Connection,
    look: &ReportLookup,
) -> Result<Vec<StatusReport>, ProviderError> {
    let api = Api::new(http, connection)?;
    let mut left: HashSet<&str> = look.ids.iter().map(String::as_str).collect();
    let mut reports = Vec::new();
    if left.len() > ONE_BY_ONE {
        let mut url = api.account_url(&["Messages.json"])?;
        url.query_pairs_mut().append_pair("From", look.from.value()).append_pair("PageSize", PAGE_SIZE);
        for message in newest(&api, url, look.since, MAX_PAGES).await?.0 {
            if left.remove(message.sid.as_str()) {
                reports.extend(report(message));
            }
        }
    }
    for sid in look.ids.iter().filter(|sid| left.contains(sid.as_str())).take(MAX_LEFT) {
        let url = api.account_url(&["Messages", &format!("{sid}.json")])?;
        match api.ask(api.get(url, As::Usual)?, As::Usual).await {
            Ok(message) => reports.extend(report(message)),
            // it was deleted there: nobody can say any more what became of it
            Err(ProviderError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(reports)
}

fn report(message: MessageBody) -> Option<StatusReport> {
    let (status, error) = message.state()?;
    Some(StatusReport {
        provider_id: message.sid,
        correlation: None,
        status,
        error,
        raw_status: message.status,
        at: None,
    })
}
