//! Who asks: the session's cookie, and the guard against requests that another site makes a browser send.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::{COOKIE, HOST, ORIGIN, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use partyline_core::time::{Millis, SECOND};
use partyline_desk::Who;
use partyline_desk::account::SessionFrom;
use url::{Host, Url};

use crate::api::Api;
use crate::problem::Problem;
use crate::routes::Access;

/// The session's cookie.
pub const COOKIE_NAME: &str = "partyline_session";
/// A page of another site can't make a browser send a header of its own invention, so its presence, with any value, says that
/// the request is ours.
pub const CSRF_HEADER: HeaderName = HeaderName::from_static("x-partyline-csrf");

/// A signed-in person who may use this route.
pub struct Signed(pub Who);

/// The same, with the session's token.
pub struct Session {
    /// What the cookie holds.
    pub token: String,
    /// Who.
    pub who: Who,
}

impl FromRequestParts<Api> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        Session::from_request_parts(parts, api).await.map(|session| Signed(session.who))
    }
}

impl FromRequestParts<Api> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let token = token(&parts.headers).ok_or(partyline_desk::DeskError::NotSignedIn)?;
        if !parts.method.is_safe() {
            if !parts.headers.contains_key(CSRF_HEADER) {
                let detail = "Send the header X-Partyline-CSRF: 1 with every request that changes something.";
                return Err(Problem::new(StatusCode::FORBIDDEN, "csrf", detail));
            }
            own_origin(&parts.headers, api)?;
        }
        let who = api.desk.who(&token).await?;
        if let Some(Access::Needs(permission)) = parts.extensions.get::<Access>() {
            who.must(*permission)?;
        }
        Ok(Session { token, who })
    }
}

/// The session's token, from whichever of the cookies.
fn token(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == COOKIE_NAME && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// A request of a page of ours, or of no page at all. For routes that have no session yet.
pub struct OwnPage;

impl FromRequestParts<Api> for OwnPage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        own_origin(&parts.headers, api).map(|()| OwnPage)
    }
}

/// Is the page that makes this request ours? Browsers say which page it is; programs say nothing.
///
/// # Errors
/// 403 for another site's.
pub fn own_origin(headers: &HeaderMap, api: &Api) -> Result<(), Problem> {
    let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().ok().and_then(|o| Url::parse(o).ok());
    let ours = origin.is_some_and(|origin| is_ours(&origin, headers.get(HOST), api));
    if ours { Ok(()) } else { Err(foreign_origin()) }
}

/// 403 for a page of another site.
pub fn foreign_origin() -> Problem {
    let detail = "This request comes from a page at another address than this server's. Open the server's own address; if that is the address you see, start the server with it as --public-url.";
    Problem::new(StatusCode::FORBIDDEN, "foreign_origin", detail)
}

fn is_ours(origin: &Url, host: Option<&HeaderValue>, api: &Api) -> bool {
    let addresses = api.desk.addresses();
    if addresses.public.as_ref().is_some_and(|public| public.origin() == origin.origin()) {
        return true;
    }
    let Some(host) = host.and_then(|h| h.to_str().ok()) else { return false };
    Url::parse(&format!("{}://{host}", origin.scheme())).is_ok_and(|url| url.origin() == origin.origin())
}

/// Is this server asked for by a name that only it can have?
///
/// A page of another site can't read our answers, unless its own name is made to point at this machine: then browsers take it
/// for ours. Such a page has no session, but it could make the first set-up where that needs no token.
pub fn own_name(headers: &HeaderMap, api: &Api) -> bool {
    let host = headers.get(HOST).and_then(|h| h.to_str().ok());
    let Some(url) = host.and_then(|h| Url::parse(&format!("http://{h}")).ok()) else { return true };
    match url.host() {
        Some(Host::Domain(name)) => {
            let public = api.desk.addresses().public.as_ref().and_then(Url::host_str);
            name == "localhost" || name.ends_with(".localhost") || public == Some(name)
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => true,
    }
}

/// Who is at the other end of the connection. A test without one is at home.
pub struct Peer(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Peer(peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip())))
    }
}

/// Where a session begins, for the list of sessions: what the browser calls itself, and its address.
pub fn sits(headers: &HeaderMap, ip: IpAddr) -> SessionFrom {
    let agent = headers.get(USER_AGENT).and_then(|v| v.to_str().ok()).map(str::to_owned);
    SessionFrom { agent, ip: Some(ip.to_string()) }
}

/// The header that gives a browser its session.
pub fn cookie(api: &Api, token: &str, expires: Millis) -> HeaderValue {
    written(api, token, expires.since(api.desk.now()) / SECOND)
}

/// The header that takes it away.
pub fn no_cookie(api: &Api) -> HeaderValue {
    written(api, "", 0)
}

fn written(api: &Api, token: &str, seconds: i64) -> HeaderValue {
    let secure = if api.config.secure_cookies { "; Secure" } else { "" };
    let text = format!("{COOKIE_NAME}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}
