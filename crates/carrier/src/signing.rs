//! `X-Twilio-Signature`, from the sender's side.
//!
//! HMAC-SHA1 over the whole URL, followed for form posts by each parameter's name and value with
//! nothing between, sorted by name (bytes, so `Body` < `a`), the values of a repeated name sorted
//! and each taken once. <https://www.twilio.com/docs/usage/security>

use std::collections::BTreeSet;

use base64::Engine;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The signature of a form post to `url` with these decoded parameters, in base64.
///
/// A GET is signed with no parameters: its query is part of the URL. `url` is taken byte for byte.
///
/// ```
/// let signature = partyline_carrier::signing::sign(
///     "12345",
///     "https://mycompany.com/myapp.php?foo=1&bar=2",
///     &[("Digits", "1234"), ("To", "+18005551212"), ("From", "+14158675309"),
///       ("Caller", "+14158675309"), ("CallSid", "CA1234567890ABCDE")],
/// );
/// assert_eq!(signature, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
/// ```
#[must_use]
pub fn sign<N: AsRef<str>, V: AsRef<str>>(auth_token: &str, url: &str, parameters: &[(N, V)]) -> String {
    let sorted: BTreeSet<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    // HMAC takes a key of any length, so this never fails; an empty string would match nothing.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()) else {
        return String::new();
    };
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}
