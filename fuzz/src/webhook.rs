//! A webhook with any body: it is understood or it is not, always alike, and never says what it must not.

use partyline_channels::{Connection, Credentials, Hook, Inbound, InboundText, NotAuthentic, WebhookRequest, provider};

use super::bytes::Bytes;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const ACCOUNT: &str = "AC00000000000000000000000000000001";
const ADDRESS: &str = "https://inbox.example.com/hooks/twilio/conn_1/message?ref=msg_1";
const FORM: &str = "application/x-www-form-urlencoded";

/// The account that the kept corpora are about.
pub fn connection() -> Connection {
    let credentials: Credentials = [("account_sid", ACCOUNT), ("auth_token", TOKEN)].into_iter().collect();
    Connection { credentials, ..Connection::default() }
}

/// Takes any bytes for a webhook.
pub fn look(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let hook = bytes.one(&[Hook::Message, Hook::Status, Hook::Voice]);
    let content_type = bytes.one(&[FORM, FORM, FORM, "application/json", "", "text/plain; charset=utf-16"]);
    let body = bytes.0;
    let twilio = provider("twilio").expect("it is there");
    let mut headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
    let request = WebhookRequest { method: "POST", url: ADDRESS, headers: &headers, body };
    let understood = twilio.understand(hook, &request);
    assert_eq!(understood, twilio.understand(hook, &request), "the same bytes say the same");
    if let Ok(inbounds) = &understood {
        for inbound in inbounds {
            match inbound {
                Inbound::Text(text) => {
                    assert!(!text.provider_id.is_empty(), "what has no id can't be known from its double");
                    // another text of the same length: the log must not tell them apart
                    let other = text.text.chars().map(|c| if c == 'x' { 'y' } else { 'x' }).collect();
                    let other = InboundText { text: other, ..text.clone() };
                    assert_eq!(format!("{text:?}"), format!("{other:?}"), "the log would hold what they said");
                }
                Inbound::Status(report) => assert!(!report.provider_id.is_empty()),
            }
        }
    }
    assert!(twilio.authenticate(&connection(), &request).is_err(), "nobody signed it");
    if content_type != FORM {
        return;
    }
    // signed by the other implementation there is: only the account may be another
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
    headers.push(("X-Twilio-Signature".to_owned(), partyline_carrier::signing::sign(TOKEN, ADDRESS, &fields)));
    let request = WebhookRequest { method: "POST", url: ADDRESS, headers: &headers, body };
    match twilio.authenticate(&connection(), &request) {
        Ok(()) => assert!(fields.iter().any(|(name, value)| name == "AccountSid" && value == ACCOUNT)),
        Err(NotAuthentic::WrongAccount | NotAuthentic::Malformed) => {}
        Err(other) => panic!("both sign alike, and yet {other}"),
    }
}
