//! Headers that tell browsers what they must not do with our answers.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use partyline_desk::Addresses;
use url::Url;

/// A file that somebody sent us may do nothing at all.
pub const FILE_POLICY: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// Nothing of the machine but the clipboard is ever asked for.
const NO_PERMISSIONS: HeaderValue =
    HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()");
/// Two years, as the preload lists want.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// The headers of every answer, unless it has its own.
#[derive(Debug, Clone)]
pub struct Headers {
    policy: HeaderValue,
    https: bool,
}

impl Headers {
    /// For a server at these addresses.
    pub fn new(addresses: &Addresses) -> Headers {
        // 'self' does not cover ws: in every browser, so the sockets of our own addresses are named
        let sockets: String =
            [addresses.public.as_ref(), Some(&addresses.local)].into_iter().flatten().filter_map(socket).collect();
        let policy = format!(
            "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
             img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'{sockets}; frame-ancestors 'none'; \
             base-uri 'none'; form-action 'self'; object-src 'none'"
        );
        Headers {
            policy: HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'self'")),
            https: addresses.public.as_ref().is_some_and(|url| url.scheme() == "https"),
        }
    }

    fn add_to(&self, headers: &mut HeaderMap, is_api: bool) {
        let mut add = |name: HeaderName, value: HeaderValue| {
            headers.entry(name).or_insert(value);
        };
        add(CONTENT_SECURITY_POLICY, self.policy.clone());
        add(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        add(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        add(PERMISSIONS_POLICY, NO_PERMISSIONS);
        add(OPENER_POLICY, HeaderValue::from_static("same-origin"));
        add(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
        if self.https {
            add(STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
        }
        if is_api {
            add(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
}

fn socket(url: &Url) -> Option<String> {
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
    Some(format!(" {scheme}://{}{port}", url.host_str()?))
}

/// Adds the headers to an answer.
pub async fn guard(State(headers): State<Headers>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    headers.add_to(response.headers_mut(), is_api);
    response
}
