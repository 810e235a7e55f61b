//! Requests to Twilio's REST API: where it is, who asks, and what its answers mean.

use bytes::Bytes;
use partyline_core::time::Millis;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::Url;

use super::{TITLE, errors, form};
use crate::http::{BodyError, Failure, read_capped};
use crate::{Connection, Http, ProviderError};

/// Twilio's own address.
const BASE_URL: &str = "https://api.twilio.com";
/// The version, which is part of every path.
const VERSION: &str = "2010-04-01";
/// A page of 100 numbers is about 250 KiB.
pub(super) const MAX_ANSWER: u64 = 4 * 1_024 * 1_024;
/// The longest that we let ourselves be told to wait; longer would look like a stop.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(600);

/// Which of the two secrets signs a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    /// The API key where there is one, else the auth token.
    Usual,
    /// The auth token: account settings are closed to standard API keys.
    Account,
}

/// The API, for one connection.
pub(super) struct Api<'a> {
    http: &'a Http,
    connection: &'a Connection,
    account_sid: &'a str,
    base: Url,
}

impl<'a> Api<'a> {
    pub(super) fn new(http: &'a Http, connection: &'a Connection) -> Result<Self, ProviderError> {
        let account_sid =
            connection.credentials.get(form::ACCOUNT_SID).ok_or(ProviderError::CredentialsMissing("Account SID"))?;
        Ok(Self { http, connection, account_sid, base: base_url(connection)? })
    }

    pub(super) fn account_sid(&self) -> &str {
        self.account_sid
    }

    /// `{base}/2010-04-01/Accounts/{sid}{.json | /rest…}`
    pub(super) fn account_url(&self, rest: &[&str]) -> Result<Url, ProviderError> {
        let mut url = self.base.clone();
        {
            let mut path = url.path_segments_mut().map_err(|()| unreadable("the API address can't have a path"))?;
            path.pop_if_empty().extend([VERSION, "Accounts"]);
            if rest.is_empty() {
                path.push(&format!("{}.json", self.account_sid));
            } else {
                path.push(self.account_sid).extend(rest);
            }
        }
        Ok(url)
    }

    pub(super) fn get(&self, url: Url, who: As) -> Result<RequestBuilder, ProviderError> {
        self.signed(self.http.api(self.connection)?.get(url), who)
    }

    pub(super) fn post(&self, url: Url, fields: &[(&str, &str)]) -> Result<RequestBuilder, ProviderError> {
        self.signed(self.http.api(self.connection)?.post(url).form(fields), As::Usual)
    }

    /// HTTP Basic, as Twilio wants it.
    pub(super) fn signed(&self, request: RequestBuilder, who: As) -> Result<RequestBuilder, ProviderError> {
        let credentials = &self.connection.credentials;
        let key = credentials.get(form::API_KEY_SID).zip(credentials.get(form::API_KEY_SECRET));
        let (user, password) = match (who, key) {
            (As::Usual, Some(key)) => key,
            _ => {
                let token = credentials.get(form::AUTH_TOKEN).ok_or(ProviderError::CredentialsMissing("Auth token"))?;
                (self.account_sid, token)
            }
        };
        Ok(request.basic_auth(user, Some(password)))
    }

    /// Sends a request that may be repeated, and reads the JSON of its answer.
    pub(super) async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder, who: As) -> Result<T, ProviderError> {
        self.ask_dated(request, who).await.map(|(answer, _)| answer)
    }

    /// The same, with what Twilio's clock showed.
    pub(super) async fn ask_dated<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        who: As,
    ) -> Result<(T, Option<Millis>), ProviderError> {
        let response = request.send().await.map_err(|e| ProviderError::from(Failure::of(&e)))?;
        self.http.heard(&response);
        let date = date(&response);
        let status = response.status();
        let retry_after = retry_after(&response);
        let body = read_capped(response, MAX_ANSWER).await.map_err(|e| match e {
            BodyError::TooLarge => unreadable("more than 4 MiB"),
            BodyError::Broken(detail) => ProviderError::NoAnswer { detail },
        })?;
        if status.is_success() {
            let answer = serde_json::from_slice(&body);
            return answer.map(|a| (a, date)).map_err(|e| unreadable(&format!("{:?} in JSON", e.classify())));
        }
        Err(self.refusal(status, retry_after, &body, who))
    }

    fn refusal(&self, status: StatusCode, retry_after: Option<Duration>, body: &Bytes, who: As) -> ProviderError {
        let told = ErrorBody::read(body);
        if is_busy(status, told) {
            return ProviderError::Busy { retry_after };
        }
        if status == StatusCode::UNAUTHORIZED || told == Some(errors::AUTHENTICATION) {
            let has_key = self.connection.credentials.get(form::API_KEY_SID).is_some();
            let field = if who == As::Usual && has_key { "the API key" } else { "the Account SID and the auth token" };
            return ProviderError::CredentialsRefused { title: TITLE, field };
        }
        if status == StatusCode::NOT_FOUND {
            return ProviderError::NotFound;
        }
        if status.is_server_error() {
            return ProviderError::Trouble { status: status.as_u16() };
        }
        match told {
            Some(code) => {
                let explained = errors::explain(code);
                let error = explained.error(code);
                ProviderError::Refused {
                    code: explained.code,
                    provider_code: error.provider_code,
                    detail: error.detail,
                }
            }
            None => unreadable(&format!("status {status}")),
        }
    }

    /// The next page of a list. Twilio names it relative to its host; a name that leads elsewhere is not followed.
    pub(super) fn next_page(&self, next: Option<&str>) -> Result<Option<Url>, ProviderError> {
        let Some(next) = next.filter(|n| !n.is_empty()) else { return Ok(None) };
        let elsewhere = || unreadable("the next page is at another address");
        let (path, query) = next.split_once('?').unwrap_or((next, ""));
        let accounts = format!("/{VERSION}/Accounts/{}/", self.account_sid);
        if !path.starts_with(&accounts) || path.contains("..") || path.contains('\\') {
            return Err(elsewhere());
        }
        let mut url = self.base.clone();
        let prefix = self.base.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        url.set_query((!query.is_empty()).then_some(query));
        Ok(Some(url))
    }
}

/// Twilio's address, or the connection's own.
pub(super) fn base_url(connection: &Connection) -> Result<Url, ProviderError> {
    match &connection.api_base_url {
        Some(url) if url.scheme() == "https" || crate::is_loopback(url) => Ok(url.clone()),
        Some(_) => Err(ProviderError::Unreachable { detail: "the API address is neither https nor local".to_owned() }),
        None => Url::parse(BASE_URL).map_err(|_| unreadable("the API address is not one")),
    }
}

/// Was it refused for its pace alone? Then nothing was taken.
pub(super) fn is_busy(status: StatusCode, code: Option<u32>) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || (status.is_client_error() && matches!(code, Some(errors::TOO_MANY_REQUESTS | errors::QUEUE_FULL)))
}

/// `Retry-After` in seconds. Twilio often leaves it out; the date form is not used by it.
pub(super) fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(reqwest::header::RETRY_AFTER)?.to_str().ok()?;
    let seconds: u64 = value.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
}

pub(super) fn unreadable(detail: &str) -> ProviderError {
    ProviderError::Unreadable { detail: detail.to_owned() }
}

/// `Date` (RFC 9110, section 6.6.1). HTTP writes `GMT` where mail writes an offset.
fn date(response: &Response) -> Option<Millis> {
    let value = response.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    Millis::parse_rfc2822(&value.replace("GMT", "+0000"))
}

/// What Twilio says when it says no: `{"code":21211,"message":…,"more_info":…,"status":400}`.
#[derive(Deserialize)]
pub(super) struct ErrorBody {
    #[serde(default)]
    code: Option<Code>,
}

/// Counts and codes come as numbers in some answers and as text in others.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Code {
    Number(u32),
    Text(String),
}

impl Code {
    pub(super) fn number(&self) -> Option<u32> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

impl ErrorBody {
    /// Its code, if it is what it should be.
    pub(super) fn read(body: &[u8]) -> Option<u32> {
        serde_json::from_slice::<Self>(body).ok()?.code?.number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(base: &str) -> Connection {
        Connection {
            credentials: [(form::ACCOUNT_SID, "AC00000000000000000000000000000001"), (form::AUTH_TOKEN, "t")]
                .into_iter()
                .collect(),
            previous_secrets: Vec::new(),
            api_base_url: Some(base.parse().expect("a URL")),
        }
    }

    #[test]
    fn paths_stand_behind_the_base_address_whatever_it_ends_with() {
        let http = Http::new().expect("clients");
        for base in ["http://localhost:1/x", "http://localhost:1/x/"] {
            let connection = connection(base);
            let api = Api::new(&http, &connection).expect("an API");
            let account = api.account_url(&[]).expect("a URL");
            assert_eq!(account.path(), "/x/2010-04-01/Accounts/AC00000000000000000000000000000001.json");
            let messages = api.account_url(&["Messages.json"]).expect("a URL");
            assert_eq!(messages.path(), "/x/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json");
        }
    }

    #[test]
    fn a_next_page_stays_on_the_host_and_in_the_account() {
        let http = Http::new().expect("clients");
        let connection = connection("http://localhost:1/");
        let api = Api::new(&http, &connection).expect("an API");
        let good = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json?Page=1&To=%2B1";
        let url = api.next_page(Some(good)).expect("followed").expect("a URL");
        assert_eq!(url.as_str(), format!("http://localhost:1{good}"));
        assert_eq!(api.next_page(None), Ok(None));
        for bad in [
            "//evil.example/2010-04-01/Accounts/AC00000000000000000000000000000001/",
            "https://evil.example/",
            "@evil.example/",
            "/2010-04-01/Accounts/AC00000000000000000000000000000001/../../x",
            "/2010-04-01/Accounts/AC00000000000000000000000000000002/Messages.json",
        ] {
            assert!(api.next_page(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn codes_are_read_as_number_and_as_text() {
        assert_eq!(ErrorBody::read(br#"{"code":21211,"message":"x"}"#), Some(21_211));
        assert_eq!(ErrorBody::read(br#"{"code":"21211"}"#), Some(21_211));
        for other in [&b"<html>"[..], b"{}", b"[]", br#"{"code":-1}"#, br#"{"code":null}"#] {
            assert_eq!(ErrorBody::read(other), None);
        }
    }
}
