//! Web push: notifications to browsers that are not open.
//!
//! A browser names a push service of its own (RFC 8030); what we send it is encrypted for the browser (RFC 8291) and signed as ours
//! (VAPID, RFC 8292). The address is what a browser says, so nothing but the open internet is ever asked.

mod encryption;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use partyline_channels::{Http, Strange};
use partyline_core::time::{HOUR, Millis};
use partyline_desk::push::{Message, PushTrouble, Pusher, Sender, Subscription};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use url::Url;

pub use encryption::PAYLOAD_MAX;

/// How long a token is good; at most a day (RFC 8292, 2).
const TOKEN_FOR: i64 = 12 * HOUR;
/// Seconds that a push service keeps what a browser does not fetch: later it is in the app anyway.
const KEPT_SECONDS: u32 = 24 * 60 * 60;
/// What a token is (RFC 8292, 2).
const HEAD: &[u8] = br#"{"typ":"JWT","alg":"ES256"}"#;

/// The push services of the world.
#[derive(Debug)]
pub struct WebPush {
    http: Http,
    /// Receivers on this machine, in the clear: for tests alone.
    local: bool,
}

impl WebPush {
    /// Over these clients.
    #[must_use]
    pub fn new(http: Http) -> WebPush {
        WebPush { http, local: false }
    }

    /// The same, to a receiver on this machine, such as a test has.
    #[must_use]
    pub fn to_this_machine(http: Http) -> WebPush {
        WebPush { http, local: true }
    }
}

/// base64url without padding, as keys of subscriptions are written.
pub(crate) fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

fn pair(key: &[u8]) -> Option<EcdsaKeyPair> {
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key, &SystemRandom::new()).ok()
}

/// Who sends, for a push service (RFC 8292, 2 and 3).
fn authorization(from: Sender<'_>, endpoint: &Url, now: Millis) -> Option<String> {
    let pair = pair(from.key)?;
    let claims = serde_json::json!({
        "aud": endpoint.origin().ascii_serialization(),
        "exp": (now.0 + TOKEN_FOR) / 1_000,
        "sub": from.contact,
    });
    let head = URL_SAFE_NO_PAD.encode(HEAD);
    let said = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = pair.sign(&SystemRandom::new(), said.as_bytes()).ok()?;
    let ours = URL_SAFE_NO_PAD.encode(pair.public_key());
    Some(format!("vapid t={said}.{}, k={ours}", URL_SAFE_NO_PAD.encode(signature)))
}

#[async_trait]
impl Pusher for WebPush {
    fn new_key(&self) -> Option<Vec<u8>> {
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Some(key.ok()?.as_ref().to_vec())
    }

    fn public_key(&self, key: &[u8]) -> Option<String> {
        Some(URL_SAFE_NO_PAD.encode(pair(key)?.public_key()))
    }

    fn is_usable(&self, to: &Subscription) -> bool {
        let keys = (decoded(&to.p256dh), decoded(&to.auth));
        let address = Url::parse(&to.endpoint).is_ok_and(|url| self.http.may_reach(&url, self.local));
        let (Some(theirs), Some(secret)) = keys else { return false };
        address && encryption::encrypt(&theirs, &secret, b"").is_ok()
    }

    async fn send(
        &self,
        from: Sender<'_>,
        to: &Subscription,
        message: &Message,
        now: Millis,
    ) -> Result<(), PushTrouble> {
        let (theirs, secret) = (decoded(&to.p256dh).unwrap_or_default(), decoded(&to.auth).unwrap_or_default());
        let Ok(body) = encryption::encrypt(&theirs, &secret, &message.payload) else { return Err(PushTrouble::Gone) };
        let Ok(url) = Url::parse(&to.endpoint) else { return Err(PushTrouble::Gone) };
        let authorization = authorization(from, &url, now).ok_or(PushTrouble::Lasting)?;
        let headers = [
            ("authorization", authorization),
            ("content-encoding", "aes128gcm".to_owned()),
            ("content-type", "application/octet-stream".to_owned()),
            ("ttl", KEPT_SECONDS.to_string()),
            ("urgency", "high".to_owned()),
            ("topic", message.topic.clone()),
        ];
        match self.http.post_to_stranger(&url, &headers, body, self.local).await {
            Strange::Answered(200..=299) => Ok(()),
            // RFC 8030, 7.3: the browser has taken it back
            Strange::Answered(404 | 410) => Err(PushTrouble::Gone),
            Strange::Answered(408 | 429 | 500..=599) | Strange::NotReached => Err(PushTrouble::Passing),
            Strange::Answered(_) | Strange::Refused => Err(PushTrouble::Lasting),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    fn push() -> WebPush {
        WebPush::new(Http::new().expect("clients"))
    }

    #[test]
    fn a_token_names_the_push_service_and_is_signed_by_the_key_beside_it() {
        let key = push().new_key().expect("a key");
        let endpoint = Url::parse("https://push.example.net:8443/send/abc").expect("a URL");
        let now = Millis(1_764_000_000_000);
        let from = Sender { key: &key, contact: "https://inbox.example.com" };
        let header = authorization(from, &endpoint, now).expect("a header");
        let (token, public) = header.strip_prefix("vapid t=").expect("vapid").split_once(", k=").expect("a key");
        assert_eq!(Some(public.to_owned()), push().public_key(&key));
        let (said, signature) = token.rsplit_once('.').expect("a signature");
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decoded(public).expect("a key"));
        public.verify(said.as_bytes(), &decoded(signature).expect("a signature")).expect("it is ours");
        let claims = decoded(said.split_once('.').expect("claims").1).expect("claims");
        let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
        assert_eq!(claims["aud"], "https://push.example.net:8443");
        assert_eq!(claims["exp"], 1_764_000_000 + 12 * 60 * 60);
        assert_eq!(claims["sub"], "https://inbox.example.com");
    }

    /// RFC 8292, 2.4: what a push service does with the example is what it does with ours.
    #[test]
    fn the_example_of_the_rfc_is_read_as_ours_is() {
        let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA";
        let key = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
        let (said, signature) = token.rsplit_once('.').expect("a signature");
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decoded(key).expect("a key"));
        public.verify(said.as_bytes(), &decoded(signature).expect("a signature")).expect("it is theirs");
        assert_eq!(HEAD, decoded(token.split_once('.').expect("a head").0).expect("text").as_slice());
    }

    #[test]
    fn only_the_open_internet_is_reached() {
        let keys = |endpoint: &str| Subscription {
            endpoint: endpoint.to_owned(),
            p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
                .to_owned(),
            auth: "BTBZMqHH6r4Tts7J_aSIgg".to_owned(),
        };
        assert!(push().is_usable(&keys("https://push.example.net/abc")));
        for wrong in [
            "http://push.example.net/abc",
            "https://127.0.0.1/abc",
            "https://10.1.2.3/abc",
            "https://[::1]/abc",
            "https://169.254.169.254/latest",
            "https://localhost/abc",
            "ftp://push.example.net",
            "nonsense",
        ] {
            assert!(!push().is_usable(&keys(wrong)), "{wrong}");
        }
        let mut broken = keys("https://push.example.net/abc");
        broken.auth = "short".to_owned();
        assert!(!push().is_usable(&broken));
    }
}
