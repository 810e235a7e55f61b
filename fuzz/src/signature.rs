//! A request with any signature: without the secret nothing gets in, and a right signature does not survive a change.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use partyline_channels::{Connection, Credentials, Secret, WebhookRequest, provider};

use super::bytes::Bytes;

const TOKEN: &str = "7f1e5c3b9d0a8f6e4c2b1a0d9e8f7c6b";
const ACCOUNT: &str = "AC00000000000000000000000000000001";

fn connection() -> Connection {
    let credentials: Credentials =
        [("account_sid", ACCOUNT), ("auth_token", TOKEN), ("webhook_secret", "another-shared-secret")]
            .into_iter()
            .collect();
    Connection { credentials, previous_secrets: vec![Secret::new("the-secret-of-yesterday")], api_base_url: None }
}

/// Takes any bytes for a signature, an address and a body.
pub fn look(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let method = bytes.one(&["POST", "POST", "GET", "PUT"]);
    let content_type = bytes.one(&["application/x-www-form-urlencoded", "application/json", ""]);
    let settings = bytes.one(&["", "", "key=1,algorithm=HMAC_SHA256", "algorithm=HMAC_SHA1", "algorithm=none"]);
    let flip = usize::from(bytes.byte());
    let signature = bytes.word();
    let url = format!("https://inbox.example.com/{}", bytes.word());
    let body = bytes.0;
    let twilio = provider("twilio").expect("it is there");
    let headers = |signature: &str| {
        let mut headers = vec![
            ("content-type".to_owned(), content_type.to_owned()),
            ("x-twilio-signature".to_owned(), signature.to_owned()),
        ];
        if !settings.is_empty() {
            headers.push(("X-Twilio-Webhooks-Signature-Settings".to_owned(), settings.to_owned()));
        }
        headers
    };
    let given = headers(&signature);
    let request = WebhookRequest { method, url: &url, headers: &given, body };
    assert!(twilio.authenticate(&connection(), &request).is_err(), "a signature without the secret");

    let fields: Vec<(String, String)> = match method {
        "GET" => Vec::new(),
        _ => url::form_urlencoded::parse(body).into_owned().collect(),
    };
    let right = partyline_carrier::signing::sign(TOKEN, &url, &fields);
    let mut wrong = STANDARD.decode(&right).expect("base64");
    let bit = flip % (wrong.len() * 8);
    wrong[bit / 8] ^= 1 << (bit % 8);
    let changed = headers(&STANDARD.encode(wrong));
    let request = WebhookRequest { method, url: &url, headers: &changed, body };
    assert!(twilio.authenticate(&connection(), &request).is_err(), "one bit of the signature is another");
    let right = headers(&right);
    let elsewhere = format!("{url}x");
    let request = WebhookRequest { method, url: &elsewhere, headers: &right, body };
    assert!(twilio.authenticate(&connection(), &request).is_err(), "signed for another address");
}
