use axum::http::header::AUTHORIZATION;
use axum::response::Response;
use partyline_channels::{Account, NumberCan, ProviderError, Webhooks};
use partyline_core::phone::Party;

use super::{ACCOUNT, TOKEN, basic, connection, connection_with_key, http, path, twilio};
use crate::peer::{Peer, Seen, json};

const ACCOUNT_BODY: &str = r#"{"sid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","friendly_name":"Harbor & Pine","status":"active",
    "type":"Full","auth_token":"x","owner_account_sid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","date_created":"x"}"#;

fn number(sid: &str, address: &str, name: &str, url: &str, app: &str) -> String {
    format!(
        r#"{{"sid":"{sid}","account_sid":"{ACCOUNT}","phone_number":"{address}","friendly_name":"{name}",
        "capabilities":{{"voice":true,"sms":true,"mms":false,"fax":false}},"sms_url":"{url}","sms_method":"POST",
        "sms_application_sid":"{app}","status_callback":"https://old.example.com/calls","voice_url":null,"beta":false}}"#
    )
}

fn page(numbers: &[String], next: Option<&str>) -> Response {
    let next = next.map_or("null".to_owned(), |n| format!("\"{n}\""));
    json(200, format!(r#"{{"incoming_phone_numbers":[{}],"next_page_uri":{next},"page":0}}"#, numbers.join(",")))
}

async fn verify(peer: &Peer) -> Result<Account, ProviderError> {
    twilio().verify(&http(), &connection(Some(peer.url()))).await
}

fn is_account(seen: &Seen) -> bool {
    seen.path.ends_with(&format!("/{ACCOUNT}.json"))
}

#[tokio::test]
async fn the_account_and_all_pages_of_its_numbers_are_listed() {
    let next = path("IncomingPhoneNumbers.json?PageSize=100&Page=1");
    let peer = Peer::start(move |seen, before| match before {
        0 => json(200, ACCOUNT_BODY),
        1 => page(&[number("PN1", "+14155550100", "West line", "", "")], Some(&next)),
        _ => {
            assert!(seen.query.contains("Page=1"));
            page(&[number("PN2", "+14155550188", "", "https://old.example.com/sms", "AP1")], None)
        }
    })
    .await;
    let account = twilio().verify(&http(), &connection_with_key(Some(peer.url()))).await.expect("an account");
    assert_eq!(
        (account.id.as_str(), account.name.as_str(), account.status.as_str()),
        (ACCOUNT, "Harbor & Pine", "active")
    );
    assert_eq!((account.detail, account.more_numbers), (None, false));
    let [west, leasing] = &account.numbers[..] else { panic!("two numbers") };
    assert_eq!(
        (west.address.value(), west.name.as_str(), west.provider_id.as_str()),
        ("+14155550100", "West line", "PN1")
    );
    assert_eq!(west.can, [NumberCan::Sms, NumberCan::Voice]);
    assert_eq!((&west.webhook, &west.caution), (&None, &None));
    assert_eq!(leasing.name, "+14155550188");
    assert_eq!(leasing.webhook.as_deref(), Some("https://old.example.com/sms"));
    assert!(leasing.caution.as_ref().is_some_and(|c| c.contains("AP1")));

    let seen = peer.seen();
    assert_eq!(seen[0].line(), format!("GET /2010-04-01/Accounts/{ACCOUNT}.json"));
    assert_eq!(seen[0].header(AUTHORIZATION), basic(ACCOUNT, TOKEN), "the token is proved");
    assert_eq!(seen[1].line(), format!("GET {}", path("IncomingPhoneNumbers.json?PageSize=100")));
    let key = basic("SKbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "key-secret");
    assert_eq!(seen[1].header(AUTHORIZATION), key, "and the key");
}

#[tokio::test]
async fn wrong_credentials_are_named() {
    let peer = Peer::start(|_, _| json(401, r#"{"code":20003,"message":"Authenticate","status":401}"#)).await;
    let error = verify(&peer).await.expect_err("refused");
    assert_eq!(error.code(), "credentials_refused");
    assert_eq!(
        error.to_string(),
        "Twilio refused the credentials. Check the Account SID and the auth token and connect again."
    );

    let peer = Peer::start(|_, _| json(404, r#"{"code":20404,"message":"not found","status":404}"#)).await;
    assert_eq!(verify(&peer).await.expect_err("refused").code(), "credentials_refused");

    let wrong_key =
        Peer::start(|seen, _| if is_account(seen) { json(200, ACCOUNT_BODY) } else { json(401, r#"{"code":20003}"#) })
            .await;
    let error = twilio().verify(&http(), &connection_with_key(Some(wrong_key.url()))).await.expect_err("refused");
    assert!(error.to_string().contains("Check the API key"), "{error}");
}

#[tokio::test]
async fn trouble_is_told_apart() {
    for (status, body, code) in [
        (429, "{}", "provider_busy"),
        (500, "", "provider_trouble"),
        (200, "<html>", "provider_unreadable"),
        (200, "{}", "provider_unreadable"),
        (302, "", "provider_unreadable"),
    ] {
        let peer = Peer::start(move |_, _| json(status, body)).await;
        assert_eq!(verify(&peer).await.expect_err("trouble").code(), code, "{status} {body}");
    }
}

#[tokio::test]
async fn what_a_person_should_know_about_the_account_is_said() {
    for (from, to, word) in
        [("active", "suspended", "suspended"), ("active", "closed", "closed"), ("Full", "Trial", "trial account")]
    {
        let body = ACCOUNT_BODY.replace(from, to);
        let peer =
            Peer::start(move |seen, _| if is_account(seen) { json(200, body.clone()) } else { page(&[], None) }).await;
        let detail = verify(&peer).await.expect("an account").detail.expect("a sentence");
        assert!(detail.contains(word), "{detail}");
    }
}

#[tokio::test]
async fn a_list_that_never_ends_is_left() {
    let next = path("IncomingPhoneNumbers.json?Page=1");
    let peer = Peer::start(move |seen, _| {
        let full: Vec<String> = (0..100).map(|n| number("PN1", &format!("+1415555{n:04}"), "", "", "")).collect();
        if is_account(seen) { json(200, ACCOUNT_BODY) } else { page(&full, Some(&next)) }
    })
    .await;
    let account = verify(&peer).await.expect("an account");
    assert_eq!((account.numbers.len(), account.more_numbers), (1_000, true));
}

fn hooks(voice: Option<&str>) -> Webhooks {
    Webhooks {
        message: "https://inbox.example.com/hooks/twilio/conn_1/message".parse().expect("a URL"),
        status: Some("https://inbox.example.com/hooks/twilio/conn_1/status".parse().expect("a URL")),
        voice: voice.map(|url| url.parse().expect("a URL")),
    }
}

fn west() -> Party {
    Party::parse("+14155550100").expect("a number")
}

#[tokio::test]
async fn a_number_s_webhook_is_set_and_the_old_one_told() {
    let peer = Peer::start(|_, before| match before {
        // Twilio's filter finds parts of numbers too
        0 => page(
            &[
                number("PN9", "+141555501009", "", "", ""),
                number("PN1", "+14155550100", "", "https://old.example.com/sms", ""),
            ],
            None,
        ),
        _ => json(200, number("PN1", "+14155550100", "", "https://inbox.example.com/hooks/twilio/conn_1/message", "")),
    })
    .await;
    let connection = connection(Some(peer.url()));
    let previous = twilio().set_webhooks(&http(), &connection, &west(), &hooks(None)).await.expect("set");
    assert_eq!(previous.message.as_deref(), Some("https://old.example.com/sms"));
    assert_eq!((previous.voice, previous.application), (None, None), "calls were left alone");
    let seen = peer.seen();
    assert_eq!(seen[0].line(), format!("GET {}", path("IncomingPhoneNumbers.json?PhoneNumber=%2B14155550100")));
    assert_eq!(seen[1].line(), format!("POST {}", path("IncomingPhoneNumbers/PN1.json")));
    assert_eq!(
        seen[1].body,
        "SmsUrl=https%3A%2F%2Finbox.example.com%2Fhooks%2Ftwilio%2Fconn_1%2Fmessage&SmsMethod=POST"
    );
}

#[tokio::test]
async fn an_app_is_taken_off_and_calls_are_reported_when_wanted() {
    let peer = Peer::start(|_, before| match before {
        0 => page(&[number("PN1", "+14155550100", "", "", "AP1")], None),
        _ => json(200, number("PN1", "+14155550100", "", "https://inbox.example.com/hooks/twilio/conn_1/message", "")),
    })
    .await;
    let hooks = hooks(Some("https://inbox.example.com/hooks/twilio/conn_1/voice"));
    let connection = connection(Some(peer.url()));
    let previous = twilio().set_webhooks(&http(), &connection, &west(), &hooks).await.expect("set");
    assert_eq!(previous.application.as_deref(), Some("AP1"));
    assert_eq!(previous.voice.as_deref(), Some("https://old.example.com/calls"));
    assert_eq!(
        peer.seen()[1].body,
        "SmsUrl=https%3A%2F%2Finbox.example.com%2Fhooks%2Ftwilio%2Fconn_1%2Fmessage&SmsMethod=POST&SmsApplicationSid=\
         &StatusCallback=https%3A%2F%2Finbox.example.com%2Fhooks%2Ftwilio%2Fconn_1%2Fvoice&StatusCallbackMethod=POST"
    );
}

#[tokio::test]
async fn a_number_that_is_not_there_or_a_change_that_did_not_happen_is_an_error() {
    let peer = Peer::start(|_, _| page(&[], None)).await;
    let set = |peer: &Peer| {
        let connection = connection(Some(peer.url()));
        async move { twilio().set_webhooks(&http(), &connection, &west(), &hooks(None)).await }
    };
    assert_eq!(set(&peer).await, Err(ProviderError::NotFound));
    let peer = Peer::start(|_, before| match before {
        0 => page(&[number("PN1", "+14155550100", "", "", "")], None),
        _ => json(200, number("PN1", "+14155550100", "", "https://another.example.com", "")),
    })
    .await;
    assert_eq!(set(&peer).await.expect_err("not set").code(), "webhook_not_set");
}
