use axum::response::Response;
use partyline_channels::{ProviderError, SentLookup};
use partyline_core::delivery::DeliveryStatus;
use partyline_core::phone::{Party, PhoneNumber};
use partyline_core::time::Millis;
use serde_json::{Value, json as more};

use super::{ACCOUNT, connection, http, path, twilio};
use crate::peer::{Peer, json};

pub fn message(sid: &str, direction: &str, minute: u8, status: &str, more: &Value) -> String {
    let (from, to) = match direction {
        "inbound" => ("+14155550142", "+14155550100"),
        _ => ("+14155550100", "+14155550142"),
    };
    let mut message = serde_json::json!({
        "sid": sid, "account_sid": ACCOUNT, "from": from, "to": to, "body": format!("text of {sid}"), "status": status,
        "direction": direction, "num_segments": "1", "num_media": "0", "error_code": null, "messaging_service_sid": null,
        "date_created": format!("Tue, 24 Nov 2026 08:{minute:02}:00 +0000"), "date_sent": null,
    });
    if let (Some(message), Some(more)) = (message.as_object_mut(), more.as_object()) {
        message.extend(more.clone());
    }
    message.to_string()
}

pub fn page(messages: &[String], next: Option<&str>) -> Response {
    let next = next.map_or("null".to_owned(), |n| format!("\"{n}\""));
    json(200, format!(r#"{{"messages":[{}],"next_page_uri":{next},"page":0,"page_size":50}}"#, messages.join(",")))
}

pub fn at(time: &str) -> Millis {
    Millis::parse(time).expect("a time")
}

fn sent_since(time: &str) -> SentLookup {
    SentLookup {
        from: Party::parse("+14155550100").expect("a number"),
        to: PhoneNumber::from_e164("+14155550142").expect("a number"),
        since: at(time),
    }
}

#[tokio::test]
async fn a_lost_send_is_found_even_while_twilio_has_not_sent_it() {
    let peer = Peer::start(|_, _| {
        page(
            &[
                message("SM3", "outbound-api", 3, "queued", &Value::Null),
                message("SM2", "outbound-reply", 2, "delivered", &Value::Null),
                message("SM1", "outbound-api", 1, "undelivered", &more!({"error_code": 30006})),
                message("SM0", "outbound-api", 0, "delivered", &Value::Null),
            ],
            Some("/2010-04-01/not-asked-for"),
        )
    })
    .await;
    // half a second later than SM1's second
    let look = sent_since("2026-11-24T08:01:00.500Z");
    let found = twilio().find_sent(&http(), &connection(Some(peer.url())), &look).await.expect("a list");
    let ids: Vec<_> = found.iter().map(|s| (s.provider_id.as_str(), s.status)).collect();
    assert_eq!(
        ids,
        [("SM3", DeliveryStatus::Sent), ("SM2", DeliveryStatus::Delivered), ("SM1", DeliveryStatus::Failed)]
    );
    assert_eq!((found[0].text.as_str(), found[0].created_at), ("text of SM3", at("2026-11-24T08:03:00Z")));
    assert_eq!(found[2].error.as_ref().map(|e| e.code.as_str()), Some("landline"));
    assert_eq!(
        peer.only().line(),
        format!("GET {}", path("Messages.json?To=%2B14155550142&From=%2B14155550100&PageSize=50"))
    );
}

#[tokio::test]
async fn later_pages_are_read_until_they_are_too_old() {
    let next = path("Messages.json?PageSize=50&Page=1&PageToken=x");
    let peer = Peer::start(move |_, before| match before {
        0 => page(&[message("SM9", "outbound-api", 9, "sent", &Value::Null)], Some(&next)),
        _ => page(
            &[
                message("SM8", "outbound-api", 8, "sent", &Value::Null),
                message("SM1", "outbound-api", 1, "sent", &Value::Null),
            ],
            Some(&next),
        ),
    })
    .await;
    let look = sent_since("2026-11-24T08:05:00Z");
    let found = twilio().find_sent(&http(), &connection(Some(peer.url())), &look).await.expect("a list");
    assert_eq!(found.iter().map(|s| s.provider_id.as_str()).collect::<Vec<_>>(), ["SM9", "SM8"]);
    assert_eq!(peer.seen().len(), 2);
}

#[tokio::test]
async fn what_has_no_time_or_a_new_status_is_there_all_the_same() {
    let peer = Peer::start(|_, _| {
        let timeless = message("SM2", "outbound-api", 2, "sent", &serde_json::json!({ "date_created": null }));
        let new = message("SM3", "outbound-api", 3, "levitating", &Value::Null);
        page(&[new, timeless, message("SM1", "outbound-api", 1, "sent", &Value::Null)], None)
    })
    .await;
    let look = sent_since("2026-11-24T08:00:00Z");
    let found = twilio().find_sent(&http(), &connection(Some(peer.url())), &look).await.expect("a list");
    assert_eq!(
        found.iter().map(|s| (s.provider_id.as_str(), s.status, s.created_at.0 == 0)).collect::<Vec<_>>(),
        [
            ("SM3", DeliveryStatus::Sent, false),
            ("SM2", DeliveryStatus::Sent, true),
            ("SM1", DeliveryStatus::Sent, false)
        ]
    );
}

#[tokio::test]
async fn a_list_that_never_ends_is_left() {
    let next = path("Messages.json?Page=1");
    let peer =
        Peer::start(move |_, _| page(&[message("SM9", "outbound-api", 9, "sent", &Value::Null)], Some(&next))).await;
    let look = sent_since("2026-11-24T08:00:00Z");
    let found = twilio().find_sent(&http(), &connection(Some(peer.url())), &look).await;
    assert!(found.is_err(), "what was not read may be there");
    assert_eq!(peer.seen().len(), 20);
}

#[tokio::test]
async fn a_list_that_can_t_be_had_is_an_error_and_not_an_empty_list() {
    for (status, body) in [(500, ""), (200, "{}"), (200, "<html>"), (401, "{}")] {
        let peer = Peer::start(move |_, _| json(status, body)).await;
        let look = sent_since("2026-11-24T08:00:00Z");
        let found = twilio().find_sent(&http(), &connection(Some(peer.url())), &look).await;
        assert!(found.is_err(), "{status} {body}");
    }
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_followed() {
    let peer = Peer::start(|_, _| {
        page(&[message("SM9", "outbound-api", 9, "sent", &Value::Null)], Some("https://evil.example/2010-04-01/"))
    })
    .await;
    let look = sent_since("2026-11-24T08:00:00Z");
    let found = twilio().find_sent(&http(), &connection(Some(peer.url())), &look).await;
    assert!(matches!(found, Err(ProviderError::Unreadable { .. })), "{found:?}");
}
