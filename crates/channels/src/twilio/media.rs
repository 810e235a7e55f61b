//! Files that came with a text.
//!
//! A file's address comes from outside, so nothing is believed about it: only Twilio's own hosts, only https, only
//! public addresses (by the client's resolver), each redirect judged anew, and credentials only for the account's own
//! part of the API. For a simulator on this machine it is that very host and port, and nothing else.

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, LOCATION};
use url::{Host, Url};

use super::api::{Api, As, base_url, unreadable};
use crate::http::{BodyError, Failure, is_public, read_capped};
use crate::{Connection, Http, Media, ProviderError};

/// Twilio takes 5 MB over MMS and 16 MB over WhatsApp; what is larger is not a message.
pub const MAX_MEDIA_BYTES: u64 = 16 * 1_024 * 1_024;
/// API → content network, and one for a move of theirs.
const MAX_REDIRECTS: usize = 3;
/// Where Twilio keeps files: the API, its content network, and a folder of a storage service.
const HOSTS: [(&str, &str); 4] = [
    ("api.twilio.com", "/"),
    ("mms.twiliocdn.com", "/"),
    ("media.twiliocdn.com", "/"),
    ("s3-external-1.amazonaws.com", "/media.twiliocdn.com/"),
];

pub(super) async fn fetch(http: &Http, connection: &Connection, url: &str) -> Result<Media, ProviderError> {
    let api = Api::new(http, connection)?;
    let base = base_url(connection)?;
    let account = api.account_url(&["Messages", ""])?;
    let client = http.media(connection)?;
    let mut url = Url::parse(url).map_err(|_| ProviderError::NotAllowed)?;
    for _ in 0..=MAX_REDIRECTS {
        if !is_allowed(&url, &base) {
            return Err(ProviderError::NotAllowed);
        }
        let request = client.get(url.clone()).timeout(http.timeouts().media);
        let request = if is_ours(&url, &account) { api.signed(request, As::Usual)? } else { request };
        let response = request.send().await.map_err(|e| ProviderError::from(Failure::of(&e)))?;
        let status = response.status();
        if status.is_redirection() {
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let location = location.ok_or_else(|| unreadable("a redirect to nowhere"))?;
            url = url.join(location).map_err(|_| ProviderError::NotAllowed)?;
            continue;
        }
        if !status.is_success() {
            return Err(refusal(status, is_ours(&url, &account)));
        }
        let content_type =
            response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let bytes = read_capped(response, MAX_MEDIA_BYTES).await.map_err(|error| match error {
            BodyError::TooLarge => ProviderError::TooLarge { limit_bytes: MAX_MEDIA_BYTES },
            BodyError::Broken(detail) => ProviderError::NoAnswer { detail },
        })?;
        return Ok(Media { content_type, bytes });
    }
    Err(unreadable("too many redirects"))
}

fn is_allowed(url: &Url, base: &Url) -> bool {
    if !url.username().is_empty() || url.password().is_some() {
        return false;
    }
    if crate::is_loopback(base) {
        return url.origin() == base.origin();
    }
    // a name is looked at when it is resolved; an address in numbers would not be
    let is_private = match url.host() {
        Some(Host::Ipv4(ip)) => !is_public(ip.into()),
        Some(Host::Ipv6(ip)) => !is_public(ip.into()),
        Some(Host::Domain(_)) => false,
        None => true,
    };
    if url.scheme() != "https" || is_private {
        return false;
    }
    let is_base = url.origin() == base.origin();
    let is_twilio_s = url.port().is_none()
        && HOSTS.iter().any(|(host, path)| url.host_str() == Some(host) && url.path().starts_with(path));
    is_base || is_twilio_s
}

/// Is it in the account's own part of the API? Only there do the credentials go.
fn is_ours(url: &Url, account: &Url) -> bool {
    url.origin() == account.origin() && url.path().starts_with(account.path())
}

fn refusal(status: StatusCode, with_credentials: bool) -> ProviderError {
    match status {
        StatusCode::UNAUTHORIZED if with_credentials => {
            ProviderError::CredentialsRefused { title: super::TITLE, field: "the API key or the auth token" }
        }
        StatusCode::NOT_FOUND | StatusCode::GONE => ProviderError::NotFound,
        StatusCode::TOO_MANY_REQUESTS => ProviderError::Busy { retry_after: None },
        _ if status.is_server_error() => ProviderError::Trouble { status: status.as_u16() },
        _ => unreadable(&format!("status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("a URL")
    }

    #[test]
    fn only_twilio_s_own_hosts_over_https_are_visited() {
        let base = url("https://api.twilio.com");
        for good in [
            "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1",
            "https://mms.twiliocdn.com/AC1/x?Expires=1",
            "https://media.twiliocdn.com/AC1/x",
            "https://s3-external-1.amazonaws.com/media.twiliocdn.com/AC1/x",
        ] {
            assert!(is_allowed(&url(good), &base), "{good}");
        }
        for bad in [
            "http://api.twilio.com/x",
            "https://api.twilio.com:8443/x",
            "https://api.twilio.com.evil.example/x",
            "https://evil.example/api.twilio.com",
            "https://api.twilio.com@evil.example/",
            "https://user@api.twilio.com/",
            "https://s3-external-1.amazonaws.com/other-bucket/x",
            "https://s3-external-1.amazonaws.com/media.twiliocdn.com/../other/x",
            "https://169.254.169.254/latest/meta-data",
            "https://localhost/x",
            "http://127.0.0.1:8081/x",
            "file:///etc/passwd",
            "data:text/plain,x",
        ] {
            assert!(!is_allowed(&url(bad), &base), "{bad}");
        }
    }

    #[test]
    fn a_private_address_serves_no_files_though_the_api_is_there() {
        for base in ["https://10.1.2.3", "https://169.254.169.254", "https://[fd00::1]:8443"] {
            assert!(!is_allowed(&url(base), &url(base)), "{base}");
        }
        assert!(is_allowed(&url("https://mirror.example.com:8443/x"), &url("https://mirror.example.com:8443")));
    }

    #[test]
    fn a_local_simulator_serves_its_own_files_and_opens_nothing_else() {
        let base = url("http://127.0.0.1:8081");
        assert!(is_allowed(&url("http://127.0.0.1:8081/cdn/x"), &base));
        for bad in [
            "http://127.0.0.1:8082/x",
            "http://localhost:8081/x",
            "http://169.254.169.254/",
            "https://api.twilio.com/x",
        ] {
            assert!(!is_allowed(&url(bad), &base), "{bad}");
        }
    }
}
