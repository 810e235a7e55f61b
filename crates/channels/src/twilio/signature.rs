//! `X-Twilio-Signature`: did Twilio send this, to this address, with these parameters?
//!
//! 1. What is signed begins with the address as it was configured at Twilio: scheme, query byte for byte.
//! 2. A form adds, for each parameter name in byte order and each *distinct* value of it in byte order, name and value
//!    with nothing between. GET adds nothing: its parameters are in the address.
//! 3. HMAC-SHA1 with the auth token, in base64.
//! 4. Twilio signs sometimes with and sometimes without the port, standard ones included: both are tried.
//! 5. Any other body is not in the signature; its SHA-256 in the address (`bodySHA256`) is.
//! 6. `X-Twilio-Webhooks-Signature-Settings: key=…,algorithm=HMAC_SHA256` means HMAC-SHA256 with a shared key.
//!
//! Nothing in it is a time: a repeated request verifies again. That it has no second effect is `desk`'s business.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::form;
use crate::{Connection, NotAuthentic, Secret, WebhookRequest};

/// Where the signature stands.
const SIGNATURE: &str = "x-twilio-signature";
/// How it was made, when not the usual way.
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";
/// The parameter that holds the hash of a body that is not a form.
const BODY_HASH: &str = "bodySHA256";
/// Twilio's largest forms (10 files, all geography) stay under 16 KiB.
pub(super) const MAX_BODY: usize = 256 * 1_024;
/// Twilio's largest forms have some 60 parameters.
pub(super) const MAX_PARAMETERS: usize = 1_000;

/// What may verify a signature.
#[derive(Debug, Clone, Copy)]
pub struct Keys<'a> {
    /// The auth token, for HMAC-SHA1.
    pub auth_token: Option<&'a Secret>,
    /// The shared key, for HMAC-SHA256.
    pub shared_key: Option<&'a Secret>,
    /// Replaced secrets of either kind.
    pub previous: &'a [Secret],
}

impl<'a> Keys<'a> {
    /// The keys of a connection.
    #[must_use]
    pub fn of(connection: &'a Connection) -> Self {
        Self {
            auth_token: connection.credentials.secret(form::AUTH_TOKEN),
            shared_key: connection.credentials.secret(form::WEBHOOK_SECRET),
            previous: &connection.previous_secrets,
        }
    }

    /// An empty key would verify what anybody can make, so there is none.
    fn for_algorithm(&self, algorithm: Algorithm) -> impl Iterator<Item = &'a Secret> {
        let current = match algorithm {
            Algorithm::HmacSha1 => self.auth_token,
            Algorithm::HmacSha256 => self.shared_key,
        };
        current.into_iter().chain(self.previous).filter(|key| !key.is_empty())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    HmacSha1,
    HmacSha256,
}

/// Is the signature of `request` by one of `keys`?
///
/// # Errors
/// [`NotAuthentic`] says why not.
pub fn verify(request: &WebhookRequest<'_>, keys: &Keys<'_>) -> Result<(), NotAuthentic> {
    if request.body.len() > MAX_BODY || request.url.len() > MAX_BODY {
        return Err(NotAuthentic::Malformed);
    }
    let given = request.header(SIGNATURE).ok_or(NotAuthentic::Missing)?;
    let given = STANDARD.decode(given).map_err(|_| NotAuthentic::WrongSignature)?;
    if given.is_empty() {
        return Err(NotAuthentic::Missing);
    }
    let algorithm = algorithm(request.header(SETTINGS))?;
    let parameters = signed_parameters(request)?;

    let mut any_key = false;
    let mut matches = subtle::Choice::from(0);
    let addresses = addresses(request.url);
    for key in keys.for_algorithm(algorithm) {
        any_key = true;
        for address in &addresses {
            matches |= made(algorithm, key, address, &parameters).as_slice().ct_eq(&given);
        }
    }
    match (any_key, bool::from(matches)) {
        (false, _) => Err(NotAuthentic::NoSecret),
        (true, false) => Err(NotAuthentic::WrongSignature),
        (true, true) => Ok(()),
    }
}

fn algorithm(settings: Option<&str>) -> Result<Algorithm, NotAuthentic> {
    let Some(settings) = settings else { return Ok(Algorithm::HmacSha1) };
    let named = settings.split(',').find_map(|part| part.trim().strip_prefix("algorithm="));
    match named {
        Some("HMAC_SHA256") => Ok(Algorithm::HmacSha256),
        Some("HMAC_SHA1") => Ok(Algorithm::HmacSha1),
        _ => Err(NotAuthentic::UnknownAlgorithm),
    }
}

/// The part of the signed text that comes after the address (rules 2 and 5).
fn signed_parameters(request: &WebhookRequest<'_>) -> Result<String, NotAuthentic> {
    match request.method {
        "GET" if request.body.is_empty() => return Ok(String::new()),
        "POST" => {}
        _ => return Err(NotAuthentic::Malformed),
    }
    if !is_form(request) {
        let expected = url::form_urlencoded::parse(request.query().as_bytes())
            .find(|(name, _)| name == BODY_HASH)
            .map(|(_, hash)| hash.into_owned())
            .ok_or(NotAuthentic::WrongBody)?;
        let actual = hex::encode(Sha256::digest(request.body));
        let same: bool = actual.as_bytes().ct_eq(expected.as_bytes()).into();
        return if same { Ok(String::new()) } else { Err(NotAuthentic::WrongBody) };
    }
    let mut sorted: BTreeMap<Cow<'_, str>, BTreeSet<Cow<'_, str>>> = BTreeMap::new();
    for (count, (name, value)) in url::form_urlencoded::parse(request.body).enumerate() {
        if count >= MAX_PARAMETERS {
            return Err(NotAuthentic::Malformed);
        }
        sorted.entry(name).or_default().insert(value);
    }
    let mut text = String::with_capacity(request.body.len());
    for (name, values) in &sorted {
        for value in values {
            text.push_str(name);
            text.push_str(value);
        }
    }
    Ok(text)
}

/// A form, or nothing at all.
pub(super) fn is_form(request: &WebhookRequest<'_>) -> bool {
    match request.content_type().as_str() {
        "application/x-www-form-urlencoded" => true,
        "" => request.body.is_empty(),
        _ => false,
    }
}

fn made(algorithm: Algorithm, key: &Secret, address: &str, parameters: &str) -> Vec<u8> {
    fn mac<M: Mac + KeyInit>(key: &[u8], address: &str, parameters: &str) -> Vec<u8> {
        // HMAC takes keys of any length (RFC 2104, 3), so this can't fail; an empty answer equals no signature
        M::new_from_slice(key).map_or_else(
            |_| Vec::new(),
            |mac| {
                mac.chain_update(address.as_bytes())
                    .chain_update(parameters.as_bytes())
                    .finalize()
                    .into_bytes()
                    .to_vec()
            },
        )
    }
    let key = key.expose().as_bytes();
    match algorithm {
        Algorithm::HmacSha1 => mac::<Hmac<Sha1>>(key, address, parameters),
        Algorithm::HmacSha256 => mac::<Hmac<Sha256>>(key, address, parameters),
    }
}

/// The address without its fragment, as it is, without port, and with the standard port (rule 4).
fn addresses(url: &str) -> Vec<String> {
    let url = url.split('#').next().unwrap_or_default();
    let mut all = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return all };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    let at = if user.is_empty() { "" } else { "@" };
    let port_at = host.rfind(':').filter(|colon| !host[*colon..].contains(']'));
    match port_at {
        Some(colon) => all.push(format!("{scheme}://{user}{at}{}{path}", &host[..colon])),
        None => {
            let port = if scheme == "https" { 443 } else { 80 };
            all.push(format!("{scheme}://{user}{at}{host}:{port}{path}"));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_taken_off_or_put_on_whatever_stands_around_it() {
        for (url, other) in [
            ("https://h/x?y=1", "https://h:443/x?y=1"),
            ("http://h", "http://h:80"),
            ("https://h?x", "https://h:443?x"),
            ("https://h:8443/x:9", "https://h/x:9"),
            ("https://u:p@h:8443/x", "https://u:p@h/x"),
            ("https://u:p@h/x", "https://u:p@h:443/x"),
            ("https://[2001:db8::1]/x", "https://[2001:db8::1]:443/x"),
            ("https://[2001:db8::1]:8443/x", "https://[2001:db8::1]/x"),
        ] {
            assert_eq!(addresses(url), [url.to_owned(), other.to_owned()]);
        }
        assert_eq!(addresses("https://h/x#rc=3")[0], "https://h/x");
        assert_eq!(addresses("nonsense"), ["nonsense"]);
    }
}
