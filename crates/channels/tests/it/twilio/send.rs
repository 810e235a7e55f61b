use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use partyline_channels::{
    Connection, Http, Outbound, Outcome, ProviderError, RefusalAbout, Timeouts, with_correlation,
};
use partyline_core::consent::{ChannelFacts, Class, ConsentState, Decision, Ledger, Permit, decide};
use partyline_core::delivery::DeliveryStatus;
use partyline_core::phone::{Party, PhoneNumber};
use partyline_core::time::Millis;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{ACCOUNT, TOKEN, basic, connection, connection_with_key, http, path, twilio};
use crate::peer::{Peer, json, respond};

/// An answer of Twilio to a send that it took.
pub const CREATED: &str = r#"{"account_sid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","api_version":"2010-04-01","body":"Hello",
    "date_created":"Tue, 24 Nov 2026 08:01:45 +0000","date_sent":null,"date_updated":"Tue, 24 Nov 2026 08:01:45 +0000",
    "direction":"outbound-api","error_code":null,"error_message":null,"from":"+14155550100","messaging_service_sid":null,
    "num_media":"0","num_segments":"2","price":null,"price_unit":"USD","sid":"SM11111111111111111111111111111111",
    "status":"queued","subresource_uris":{"media":"/x"},"to":"+14155550142","uri":"/x"}"#;

pub fn customer() -> PhoneNumber {
    PhoneNumber::from_e164("+14155550142").expect("a number")
}

/// What the gate gives for an answer to somebody who has just written.
pub fn permit() -> Permit {
    let now = Millis(1_795_507_200_000);
    let ledger = Ledger { update: ConsentState::Implied, last_inbound_at: Some(now), ..Ledger::default() };
    let to = Party::Phone(customer());
    match decide(Class::Reply, &ledger, &ChannelFacts { to: &to, zones: &[] }, now) {
        Decision::Allow(permit) => permit,
        other => panic!("{other:?}"),
    }
}

pub fn hello() -> Outbound {
    Outbound {
        from: Party::parse("+14155550100").expect("a number"),
        to: customer(),
        text: "Hello".to_owned(),
        media_urls: Vec::new(),
        status_callback: None,
        service_id: None,
    }
}

async fn send_with(http: &Http, connection: &Connection, message: &Outbound) -> Outcome {
    twilio().send(http, connection, permit(), message).await
}

async fn send_to(peer: &Peer) -> Outcome {
    send_with(&http(), &connection(Some(peer.url())), &hello()).await
}

/// The outcome when Twilio answers like this.
async fn outcome<F>(answer: F) -> Outcome
where
    F: Fn() -> Response + Clone + Send + Sync + 'static,
{
    let peer = Peer::start(move |_, _| answer()).await;
    let outcome = send_to(&peer).await;
    assert_eq!(peer.seen().len(), 1, "one send is one request");
    outcome
}

#[tokio::test]
async fn a_text_is_one_form() {
    let peer = Peer::start(|_, _| json(201, CREATED)).await;
    let outcome = send_to(&peer).await;
    let seen = peer.only();
    assert_eq!(seen.line(), format!("POST {}", path("Messages.json")));
    assert_eq!(seen.header(axum::http::header::CONTENT_TYPE), "application/x-www-form-urlencoded");
    assert_eq!(seen.header(axum::http::header::AUTHORIZATION), basic(ACCOUNT, TOKEN));
    assert_eq!(seen.body, "To=%2B14155550142&From=%2B14155550100&Body=Hello");
    let expected = Outcome::Accepted {
        provider_id: "SM11111111111111111111111111111111".to_owned(),
        segments: Some(2),
        status: DeliveryStatus::Sent,
        price: None,
    };
    assert_eq!(outcome, expected);
}

#[tokio::test]
async fn everything_that_a_message_can_have_is_in_the_form() {
    let peer = Peer::start(|_, _| json(201, CREATED)).await;
    let hook = "https://inbox.example.com/hooks/twilio/conn_1/status".parse().expect("a URL");
    let message = Outbound {
        text: "héllo 👍 & more".to_owned(),
        media_urls: vec![
            "https://inbox.example.com/files/a".to_owned(),
            "https://inbox.example.com/files/b".to_owned(),
        ],
        status_callback: Some(with_correlation(&hook, "msg_01")),
        service_id: Some("MG1".to_owned()),
        ..hello()
    };
    send_with(&http(), &connection_with_key(Some(peer.url())), &message).await;
    let seen = peer.only();
    assert_eq!(seen.path, path("Messages.json"), "the account stays in the path when a key signs");
    assert_eq!(
        seen.header(axum::http::header::AUTHORIZATION),
        basic("SKbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "key-secret")
    );
    assert_eq!(
        seen.body,
        "To=%2B14155550142&From=%2B14155550100&MessagingServiceSid=MG1\
         &StatusCallback=https%3A%2F%2Finbox.example.com%2Fhooks%2Ftwilio%2Fconn_1%2Fstatus%3Fref%3Dmsg_01\
         &Body=h%C3%A9llo+%F0%9F%91%8D+%26+more\
         &MediaUrl=https%3A%2F%2Finbox.example.com%2Ffiles%2Fa&MediaUrl=https%3A%2F%2Finbox.example.com%2Ffiles%2Fb"
    );
}

#[tokio::test]
async fn a_picture_alone_has_no_body_field() {
    let peer = Peer::start(|_, _| json(201, CREATED)).await;
    let message = Outbound { text: String::new(), media_urls: vec!["https://h/a".to_owned()], ..hello() };
    send_with(&http(), &connection(Some(peer.url())), &message).await;
    assert_eq!(peer.only().body, "To=%2B14155550142&From=%2B14155550100&MediaUrl=https%3A%2F%2Fh%2Fa");
}

#[tokio::test]
async fn taken_is_taken_whatever_state_it_is_in() {
    let taken = |from: &'static str, to: &'static str| outcome(move || json(201, CREATED.replace(from, to)));
    let Outcome::Accepted { segments, .. } = taken(r#""num_segments":"2""#, r#""num_segments":"0""#).await else {
        panic!("accepted")
    };
    assert_eq!(segments, None, "a service has not chosen yet");
    let Outcome::Accepted { price, .. } = taken(r#""price":null"#, r#""price":"-0.0079""#).await else {
        panic!("accepted")
    };
    assert_eq!(price.as_deref(), Some("-0.0079 USD"));
    for status in ["accepted", "scheduled", "sending", "something new"] {
        let answer = CREATED.replace(r#""status":"queued""#, &format!(r#""status":"{status}""#));
        let outcome = outcome(move || json(201, answer.clone())).await;
        assert!(matches!(outcome, Outcome::Accepted { status: DeliveryStatus::Sent, .. }), "{status}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_message_that_failed_at_once_is_refused() {
    let answer = CREATED
        .replace(r#""status":"queued""#, r#""status":"failed""#)
        .replace(r#""error_code":null"#, r#""error_code":30034"#);
    let Outcome::Refused { error, about } = outcome(move || json(201, answer.clone())).await else { panic!("refused") };
    assert_eq!((error.code.as_str(), about), ("sender_unregistered", RefusalAbout::Sender));
}

#[tokio::test]
async fn a_no_is_a_stable_code_and_a_sentence() {
    for (status, number, code, about) in [
        (400, 21_211, "invalid_number", RefusalAbout::Recipient),
        (400, 21_610, "opted_out", RefusalAbout::OptOut),
        (400, 21_606, "sender_not_usable", RefusalAbout::Sender),
        (400, 21_617, "too_long", RefusalAbout::Message),
        (401, 20_003, "credentials_refused", RefusalAbout::Connection),
        (404, 20_404, "account_not_found", RefusalAbout::Connection),
        (400, 29_999, "refused", RefusalAbout::Message),
    ] {
        let body = format!(
            r#"{{"code":{number},"message":"x","more_info":"https://www.twilio.com/docs/errors/{number}","status":{status}}}"#
        );
        let Outcome::Refused { error, about: is_about } = outcome(move || json(status, body.clone())).await else {
            panic!("{number}")
        };
        assert_eq!((error.code.as_str(), is_about), (code, about), "{number}");
        assert_eq!(error.provider_code, Some(number.to_string()));
        assert!(error.detail.ends_with('.'), "{}", error.detail);
    }
}

#[tokio::test]
async fn a_no_without_twilio_s_words_is_a_no_all_the_same() {
    let Outcome::Refused { error, about } = outcome(|| respond(403, &[], "<html>proxy</html>")).await else {
        panic!("refused")
    };
    assert_eq!((error.code.as_str(), error.provider_code.as_deref()), ("refused", Some("http_403")));
    assert_eq!(about, RefusalAbout::Connection);
    let Outcome::Refused { error, .. } = outcome(|| respond(401, &[], "")).await else { panic!("refused") };
    assert_eq!(error.code, "credentials_refused");
}

#[tokio::test]
async fn too_fast_never_left() {
    let busy = r#"{"code":20429,"message":"Too Many Requests","more_info":"x","status":429}"#;
    let expected = |wait: Option<u64>| {
        let retry_after = wait.map(Duration::from_secs);
        Outcome::NeverLeft { error: ProviderError::Busy { retry_after }, retry_after }
    };
    assert_eq!(outcome(move || json(429, busy)).await, expected(None));
    assert_eq!(outcome(move || respond(429, &[("retry-after", "7")], busy)).await, expected(Some(7)));
    assert_eq!(outcome(move || respond(429, &[("retry-after", "99999999")], "")).await, expected(Some(600)));
    assert_eq!(outcome(move || respond(429, &[("retry-after", "soon")], "")).await, expected(None));
    let full = r#"{"code":21611,"message":"This 'From' number has exceeded the maximum number of queued messages","status":400}"#;
    assert_eq!(outcome(move || json(400, full)).await, expected(None));
}

#[tokio::test]
async fn anything_else_is_unknown() {
    for (name, status, body) in [
        ("trouble", 500, ""),
        ("a gateway", 503, "try later"),
        ("a slow gateway", 504, ""),
        ("a slow server", 408, ""),
        ("a redirect", 302, ""),
        ("garbage", 200, "<html>"),
        ("nothing", 201, ""),
        ("no id", 201, r#"{"status":"queued"}"#),
        ("an empty id", 201, r#"{"sid":""}"#),
        ("a list", 201, "[]"),
    ] {
        let outcome = outcome(move || respond(status, &[("location", "/elsewhere")], body)).await;
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{name}: {outcome:?}");
    }
}

#[tokio::test]
async fn no_connection_never_left() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let nobody = format!("http://{address}").parse().expect("a URL");
    let outcome = send_with(&http(), &connection(Some(nobody)), &hello()).await;
    assert!(
        matches!(&outcome, Outcome::NeverLeft { error: ProviderError::Unreachable { .. }, retry_after: None }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_name_that_does_not_resolve_never_left() {
    let nowhere = "https://api.twilio.invalid".parse().expect("a URL"); // RFC 2606
    let outcome = send_with(&http(), &connection(Some(nowhere)), &hello()).await;
    assert!(matches!(&outcome, Outcome::NeverLeft { error: ProviderError::Unreachable { .. }, .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_tls_failure_never_left() {
    // speaks, but not TLS
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let plain = format!("https://{address}").parse().expect("a URL");
    let outcome = send_with(&http(), &connection(Some(plain)), &hello()).await;
    assert!(matches!(&outcome, Outcome::NeverLeft { error: ProviderError::Unreachable { .. }, .. }), "{outcome:?}");
}

/// Reads a request to its end, then does as told.
async fn after_reading(then: &'static [u8], keep_open: bool) -> (String, tokio::sync::oneshot::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (tell, told) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let mut request = Vec::new();
        while !request.ends_with(b"Body=Hello") {
            let mut part = [0; 1_024];
            let n = socket.read(&mut part).await.expect("bytes");
            request.extend_from_slice(&part[..n]);
        }
        socket.write_all(then).await.expect("written");
        let _ = tell.send(String::from_utf8(request).expect("text"));
        if keep_open {
            std::future::pending::<()>().await;
        }
    });
    (format!("http://{address}"), told)
}

#[tokio::test]
async fn silence_after_the_request_left_is_unknown() {
    let (base, told) = after_reading(b"", true).await;
    let quick = Timeouts { send: Duration::from_millis(300), ..Timeouts::default() };
    let http = Http::with_timeouts(quick).expect("clients");
    let outcome = send_with(&http, &connection(Some(base.parse().expect("a URL"))), &hello()).await;
    let Outcome::Unknown { detail } = outcome else { panic!("{outcome:?}") };
    assert!(detail.starts_with("time limit reached"), "{detail}");
    assert!(told.await.expect("it arrived").starts_with("POST /2010-04-01/"));
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_left_is_unknown() {
    for then in [&b""[..], b"HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{\"sid\":"] {
        let (base, _told) = after_reading(then, false).await;
        let outcome = send_with(&http(), &connection(Some(base.parse().expect("a URL"))), &hello()).await;
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let endless = || {
        let chunks = std::iter::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 65_536])));
        respond(201, &[], Body::from_stream(futures_util::stream::iter(chunks)))
    };
    assert!(matches!(outcome(endless).await, Outcome::Unknown { .. }));
}

#[tokio::test]
async fn nothing_is_sent_over_plain_http_to_another_machine_or_without_credentials() {
    let plain = "http://192.0.2.1".parse().expect("a URL");
    let outcome = send_with(&http(), &connection(Some(plain)), &hello()).await;
    assert!(matches!(outcome, Outcome::NeverLeft { .. }), "{outcome:?}");
    let outcome = send_with(&http(), &Connection::default(), &hello()).await;
    let missing = ProviderError::CredentialsMissing("Account SID");
    assert_eq!(outcome, Outcome::NeverLeft { error: missing, retry_after: None });
}

#[tokio::test]
async fn neither_text_nor_number_nor_token_is_in_what_goes_wrong() {
    let (base, _told) = after_reading(b"", false).await;
    let outcome = send_with(&http(), &connection(Some(base.parse().expect("a URL"))), &hello()).await;
    let shown = format!("{outcome:?} {:?}", hello());
    for private in ["Hello", "4155550142", TOKEN, ACCOUNT] {
        assert!(!shown.contains(private), "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_answer_panics_or_is_taken_for_acceptance(status in 200u16..600, body in "[^\\{]{0,40}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let outcome = runtime.block_on(outcome(move || respond(status, &[], body.clone())));
        let accepted = matches!(outcome, Outcome::Accepted { .. });
        prop_assert!(!accepted);
        let unknown = matches!(outcome, Outcome::Unknown { .. });
        prop_assert_eq!(unknown, !(400..500).contains(&status) || status == 408);
    }
}
