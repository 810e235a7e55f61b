use partyline_channels::twilio::signature::{Keys, verify};
use partyline_channels::{Connection, NotAuthentic, Secret, WebhookRequest};
use proptest::prelude::*;
use serde::Deserialize;

use super::{ACCOUNT, TOKEN, connection, twilio};

/// Made with Twilio's own libraries.
const VECTORS: &str = include_str!("../../fixtures/twilio_signatures.json");

#[derive(Deserialize, Clone)]
struct Vector {
    name: String,
    method: String,
    url: String,
    content_type: String,
    body: String,
    key: String,
    signature: String,
    valid: bool,
    #[serde(default)]
    extra_headers: std::collections::BTreeMap<String, String>,
}

impl Vector {
    fn headers(&self) -> Vec<(String, String)> {
        let mut headers = vec![
            ("Content-Type".to_owned(), self.content_type.clone()),
            ("X-Twilio-Signature".to_owned(), self.signature.clone()),
        ];
        headers.extend(self.extra_headers.clone());
        headers
    }

    fn check(&self, keys: &Keys<'_>) -> Result<(), NotAuthentic> {
        verify(&request(&self.method, &self.url, &self.headers(), self.body.as_bytes()), keys)
    }
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(VECTORS).expect("vectors")
}

fn vector(name: &str) -> Vector {
    vectors().into_iter().find(|v| v.name.starts_with(name)).expect("a vector of this name")
}

fn request<'a>(method: &'a str, url: &'a str, headers: &'a [(String, String)], body: &'a [u8]) -> WebhookRequest<'a> {
    WebhookRequest { method, url, headers, body }
}

fn both<'a>(key: &'a Secret, previous: &'a [Secret]) -> Keys<'a> {
    Keys { auth_token: Some(key), shared_key: Some(key), previous }
}

#[test]
fn every_vector_is_judged_as_twilio_s_library_does() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 15);
    for vector in vectors {
        let result = vector.check(&both(&Secret::new(&vector.key), &[]));
        assert_eq!(result.is_ok(), vector.valid, "{}: {result:?}", vector.name);
    }
}

#[test]
fn any_change_is_noticed() {
    for vector in vectors().into_iter().filter(|v| v.valid) {
        let key = Secret::new(&vector.key);
        let change = |change: &dyn Fn(&mut Vector)| {
            let mut changed = vector.clone();
            change(&mut changed);
            changed.check(&both(&key, &[])).is_err()
        };
        assert!(change(&|v| v.body.push_str("&X=1")), "{}", vector.name);
        assert!(change(&|v| v.url = v.url.replace("https", "http")), "{}", vector.name);
        assert!(change(&|v| v.url.push('/')), "{}", vector.name);
        assert!(change(&|v| v.signature = v.signature.to_uppercase()), "{}", vector.name);
        assert!(change(&|v| v.signature.clear()), "{}", vector.name);
        assert!(vector.check(&both(&Secret::new("another"), &[])).is_err(), "{}", vector.name);
    }
}

#[test]
fn the_previous_secret_is_good_during_rotation() {
    let vector = vector("inbound-sms-ascii");
    let (new, old) = (Secret::new("the new token"), [Secret::new("older still"), Secret::new(TOKEN)]);
    assert_eq!(vector.check(&both(&new, &[])), Err(NotAuthentic::WrongSignature));
    assert_eq!(vector.check(&both(&new, &old)), Ok(()));
}

#[test]
fn the_shared_key_and_the_auth_token_do_not_stand_in_for_each_other() {
    let vector = vector("SharedKey");
    let key = Secret::new(&vector.key);
    let only_token = Keys { auth_token: Some(&key), shared_key: None, previous: &[] };
    assert_eq!(vector.check(&only_token), Err(NotAuthentic::NoSecret));

    let mut stripped = vector.clone();
    stripped.extra_headers.clear();
    assert_eq!(stripped.check(&both(&key, &[])), Err(NotAuthentic::WrongSignature));

    let mut unknown = vector;
    unknown.extra_headers.values_mut().for_each(|v| *v = v.replace("SHA256", "MD5"));
    assert_eq!(unknown.check(&both(&key, &[])), Err(NotAuthentic::UnknownAlgorithm));
}

#[test]
fn an_empty_secret_verifies_nothing() {
    use base64::Engine as _;
    use hmac::{Hmac, KeyInit, Mac};
    let url = "https://inbox.example.com/hooks/twilio/sms";
    let forged = Hmac::<sha1::Sha1>::new_from_slice(b"").expect("a key").chain_update(url).finalize().into_bytes();
    let forged = base64::engine::general_purpose::STANDARD.encode(forged);
    let headers = [("x-twilio-signature".to_owned(), forged)];
    let empty = Secret::new("");
    let result = verify(&request("GET", url, &headers, b""), &both(&empty, std::slice::from_ref(&empty)));
    assert_eq!(result, Err(NotAuthentic::NoSecret));

    let mut without = connection(None);
    without.credentials.set("auth_token", Secret::new(""));
    assert_eq!(twilio().authenticate(&without, &request("GET", url, &headers, b"")), Err(NotAuthentic::NoSecret));
}

#[test]
fn without_a_signature_or_with_another_method_it_is_not_theirs() {
    let key = Secret::new(TOKEN);
    let vector = vector("inbound-sms-ascii");
    let bare = [("Content-Type".to_owned(), vector.content_type.clone())];
    let result = verify(&request("POST", &vector.url, &bare, vector.body.as_bytes()), &both(&key, &[]));
    assert_eq!(result, Err(NotAuthentic::Missing));
    let result = verify(&request("PUT", &vector.url, &vector.headers(), vector.body.as_bytes()), &both(&key, &[]));
    assert_eq!(result, Err(NotAuthentic::Malformed));
    let huge = vec![b'a'; 300 * 1_024];
    let result = verify(&request("POST", &vector.url, &vector.headers(), &huge), &both(&key, &[]));
    assert_eq!(result, Err(NotAuthentic::Malformed));
}

#[test]
fn a_get_signs_its_address_alone() {
    use base64::Engine as _;
    use hmac::{Hmac, KeyInit, Mac};
    let url = format!("https://inbox.example.com/hooks/twilio/sms?AccountSid={ACCOUNT}&Body=a%20b+c");
    let mac = Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).expect("a key").chain_update(&url);
    let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    let headers = [("X-TWILIO-SIGNATURE".to_owned(), signature)];
    assert_eq!(twilio().authenticate(&connection(None), &request("GET", &url, &headers, b"")), Ok(()));
}

#[test]
fn a_payload_of_another_account_is_refused_though_the_signature_is_right() {
    let vector = vector("inbound-sms-ascii");
    let headers = vector.headers();
    let request = request("POST", &vector.url, &headers, vector.body.as_bytes());
    assert_eq!(twilio().authenticate(&connection(None), &request), Ok(()));

    let mut other = connection(None);
    other.credentials.set("account_sid", Secret::new("ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"));
    assert_eq!(twilio().authenticate(&other, &request), Err(NotAuthentic::WrongAccount));

    // no account named at all, as in the vector of repeated parameters
    let nameless = self::vector("repeated param");
    let headers = nameless.headers();
    let request = self::request("POST", &nameless.url, &headers, nameless.body.as_bytes());
    assert_eq!(twilio().authenticate(&connection(None), &request), Err(NotAuthentic::WrongAccount));
}

proptest! {
    #[test]
    fn nothing_panics(
        method in prop_oneof![Just("POST"), Just("GET"), Just(""), Just("PUT")],
        url in ".{0,60}",
        content_type in prop_oneof![Just("application/x-www-form-urlencoded".to_owned()), ".{0,20}"],
        signature in prop_oneof!["[A-Za-z0-9+/=]{0,40}", ".{0,20}"],
        settings in prop::option::of(".{0,40}"),
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut headers = vec![
            ("content-type".to_owned(), content_type),
            ("x-twilio-signature".to_owned(), signature),
        ];
        headers.extend(settings.map(|s| ("X-Twilio-Webhooks-Signature-Settings".to_owned(), s)));
        let result = twilio().authenticate(&Connection::default(), &request(method, &url, &headers, &body));
        prop_assert!(result.is_err());
        prop_assert!(twilio().authenticate(&connection(None), &request(method, &url, &headers, &body)).is_err());
    }

    #[test]
    fn the_order_of_parameters_does_not_matter(mut pairs in prop::collection::vec(("[A-Za-z]{1,3}", "[a-z0-9é ]{0,4}"), 1..8), seed: u64) {
        let text = |pairs: &[(String, String)]| {
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        };
        let first = text(&pairs);
        let signature = sign("https://h/x", &pairs);
        let at = usize::try_from(seed % pairs.len() as u64).expect("small");
        pairs.rotate_left(at);
        pairs.push(pairs[0].clone()); // said twice counts once
        let headers = vec![
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ("x-twilio-signature".to_owned(), signature),
        ];
        let key = Secret::new(TOKEN);
        for body in [first, text(&pairs)] {
            prop_assert_eq!(verify(&request("POST", "https://h/x", &headers, body.as_bytes()), &both(&key, &[])), Ok(()));
        }
    }
}

/// Twilio's rule, written the plain way.
fn sign(url: &str, pairs: &[(String, String)]) -> String {
    use base64::Engine as _;
    use hmac::{Hmac, KeyInit, Mac};
    let mut sorted = pairs.to_vec();
    sorted.sort();
    sorted.dedup();
    let text = sorted.iter().fold(url.to_owned(), |text, (name, value)| text + name + value);
    let mac = Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).expect("a key").chain_update(text);
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}
