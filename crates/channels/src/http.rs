//! The one way out: HTTP clients with time limits, without redirects and without hidden repeats.

use std::error::Error as _;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use partyline_core::time::Millis;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::DATE;
use reqwest::{Client, ClientBuilder, Response, redirect, retry};
use url::{Host, Url};

use crate::{Connection, ProviderError};

/// How long a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// DNS, TCP and TLS together. Past it nothing has left, so the send is simply tried again.
    pub connect: Duration,
    /// A whole request to an API. Providers answer a send within 2 s; past 15 s we go and look instead.
    pub send: Duration,
    /// A whole file: 5 MB over a slow line.
    pub media: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), send: Duration::from_secs(15), media: Duration::from_secs(60) }
    }
}

/// An idle connection is closed by us before a provider's load balancer does it (60 s at the usual ones), because a
/// request that meets a closing connection has an unknown outcome.
const POOL_IDLE: Duration = Duration::from_secs(20);
/// Idle connections kept per host; more than one worker pool of sends needs.
const POOL_PER_HOST: usize = 16;
const USER_AGENT: &str = concat!("partyline/", env!("CARGO_PKG_VERSION"));

/// The HTTP client could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP client could not be set up: {0}")]
pub struct HttpSetupError(String);

/// The clients that every provider uses. Make one and share it: it holds the connection pools.
///
/// No client follows a redirect (credentials would go along, and a POST would become a GET) or repeats a request.
#[derive(Debug, Clone)]
pub struct Http {
    /// To providers' APIs, through the proxy of the environment if there is one.
    api: Result<Client, String>,
    /// For files: resolves a name once, and connects to public addresses only. Behind a proxy that is the proxy's task.
    media: Result<Client, String>,
    /// To a simulator on this machine, in the clear: it trusts no certificate.
    local: Client,
    timeouts: Timeouts,
    /// How far our clock is ahead of the one in the newest answer's `Date`, in milliseconds.
    ahead: Arc<Mutex<Option<i64>>>,
}

/// What became of a request to an address that somebody else chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strange {
    /// With this status.
    Answered(u16),
    /// Nobody answered in time.
    NotReached,
    /// We do not ask there.
    Refused,
}

impl Http {
    /// Clients with the usual [`Timeouts`].
    ///
    /// # Errors
    /// [`HttpSetupError`] when not even the client for this machine can be made. A machine without certificate
    /// authorities gets its clients all the same; requests to providers then say what is missing.
    pub fn new() -> Result<Self, HttpSetupError> {
        Self::with_timeouts(Timeouts::default())
    }

    /// Clients with other time limits.
    ///
    /// # Errors
    /// As [`Http::new`].
    pub fn with_timeouts(timeouts: Timeouts) -> Result<Self, HttpSetupError> {
        // a second call finds the first one's provider; both are the same
        let _ = rustls::crypto::ring::default_provider().install_default();
        let certificates = "no certificate authorities on this machine (install the package ca-certificates)";
        let secure = |builder: ClientBuilder| builder.build().map_err(|e| format!("{certificates}: {}", describe(&e)));
        Ok(Self {
            api: secure(base(timeouts).timeout(timeouts.send)),
            media: secure(to_public(base(timeouts).timeout(timeouts.media).https_only(true))),
            local: base(timeouts)
                .timeout(timeouts.send)
                .no_proxy()
                .tls_certs_only([])
                .build()
                .map_err(|e| HttpSetupError(describe(&e)))?,
            timeouts,
            ahead: Arc::default(),
        })
    }

    /// How far this machine's clock is ahead of the provider that answered last, in milliseconds and to about a second; `None`
    /// when none has said what time it is.
    #[must_use]
    pub fn clock_ahead(&self) -> Option<i64> {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what time the other side says it is.
    pub(crate) fn heard(&self, response: &Response) {
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok()).and_then(Millis::parse_rfc2822);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|d| i64::try_from(d.as_millis()).ok());
        if let (Some(date), Some(now)) = (date, now) {
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(now - date.0);
        }
    }

    /// The time limits.
    #[must_use]
    pub fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// May we ask an address that somebody else chose? https, of the open internet; `local`: on this machine, in the clear, instead.
    #[must_use]
    pub fn may_reach(&self, url: &Url, local: bool) -> bool {
        if local {
            return url.scheme() == "http" && crate::is_loopback(url);
        }
        let open = match url.host() {
            Some(Host::Ipv4(ip)) => is_public(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => is_public(IpAddr::V6(ip)),
            // where a name leads is looked at when it is asked
            Some(Host::Domain(name)) => name.contains('.') && name != "localhost",
            None => false,
        };
        url.scheme() == "https" && open
    }

    /// Posts to an address that somebody else chose, within the time of a send. Nothing of the answer is read but its status.
    pub async fn post_to_stranger(
        &self,
        url: &Url,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
        local: bool,
    ) -> Strange {
        if !self.may_reach(url, local) {
            return Strange::Refused;
        }
        let client = match (local, &self.media) {
            (true, _) => &self.local,
            (false, Ok(client)) => client,
            (false, Err(_)) => return Strange::NotReached,
        };
        let mut request = client.post(url.clone()).timeout(self.timeouts.send).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        match request.send().await {
            Ok(response) => Strange::Answered(response.status().as_u16()),
            Err(_) => Strange::NotReached,
        }
    }

    /// The client for a connection's API.
    pub(crate) fn api(&self, connection: &Connection) -> Result<&Client, ProviderError> {
        if connection.is_loopback() { Ok(&self.local) } else { usable(&self.api) }
    }

    /// The client for a connection's files.
    pub(crate) fn media(&self, connection: &Connection) -> Result<&Client, ProviderError> {
        if connection.is_loopback() { Ok(&self.local) } else { usable(&self.media) }
    }
}

/// Where the environment names a proxy (the variables that reqwest reads), names are resolved by it and the proxy's own
/// may be private; only the host list of the provider protects then.
fn to_public(builder: ClientBuilder) -> ClientBuilder {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].iter().any(is_set) {
        builder
    } else {
        builder.dns_resolver(PublicOnly)
    }
}

fn usable(client: &Result<Client, String>) -> Result<&Client, ProviderError> {
    client.as_ref().map_err(|detail| ProviderError::Unreachable { detail: detail.clone() })
}

fn base(timeouts: Timeouts) -> ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(timeouts.connect)
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(POOL_PER_HOST)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
}

/// Did a request that failed leave this machine?
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Not a byte of it can have been acted on.
    NeverLeft(String),
    /// It may have been read and acted on.
    MayHaveLeft(String),
}

impl Failure {
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        let detail = describe(error);
        if error.is_connect() || error.is_builder() { Self::NeverLeft(detail) } else { Self::MayHaveLeft(detail) }
    }
}

impl From<Failure> for ProviderError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NeverLeft(detail) => Self::Unreachable { detail },
            Failure::MayHaveLeft(detail) => Self::NoAnswer { detail },
        }
    }
}

/// The chain of causes, without the address: its path and query can hold people's numbers.
fn describe(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() {
        "time limit reached".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "request broken off".to_owned()
    };
    let mut cause = error.source();
    while let Some(next) = cause {
        let _ = write!(text, ": {next}");
        cause = next.source();
    }
    text
}

/// Why a body was not read to its end.
pub(crate) enum BodyError {
    TooLarge,
    Broken(String),
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read_capped(mut response: Response, limit: u64) -> Result<Bytes, BodyError> {
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(BodyError::TooLarge);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| BodyError::Broken(describe(&e)))? {
        if (body.len() + chunk.len()) as u64 > limit {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// A resolver that gives public addresses only. The connection is made to what it gave, so a name can't be resolved
/// once for the check and again, to something else, for the connection.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|e| Arc::new(e) as Arc<dyn std::error::Error + Send + Sync>)?
                .filter(|address| is_public(address.ip()))
                .collect();
            if found.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Is this an address of the open internet? Everything of the IANA special-purpose registries is not (RFC 6890).
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = a == 0
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || (a == 100 && (64..128).contains(&b)) // carrier-grade NAT
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99) // 6to4 relays
        || (a == 198 && (18..20).contains(&b)) // benchmarks
        || a >= 224; // multicast, reserved, broadcast
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let segments = ip.segments();
    let global_unicast = segments[0] & 0xe000 == 0x2000;
    let special = match segments[0] {
        0x2001 => segments[1] < 0x0200 || segments[1] == 0x0db8, // Teredo, ORCHID and other protocols; documentation
        0x2002 => true,                                          // 6to4 can wrap a private address
        0x3fff => segments[1] < 0x1000,                          // documentation
        _ => false,
    };
    global_unicast && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_resolved() {
        assert!(PublicOnly.resolve("localhost".parse().expect("a name")).await.is_err());
    }

    #[test]
    fn only_addresses_of_the_open_internet_are_public() {
        for public in ["8.8.8.8", "54.172.60.0", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(public.parse().expect("an address")), "{public}");
        }
        for not in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!is_public(not.parse().expect("an address")), "{not}");
        }
    }
}
