//! Webhooks have the shape of Twilio's, are signed, and are tried once more when nobody is there.

use axum::http::{Method, StatusCode};

use crate::api::PNG;
use crate::desk::{Desk, MAYA, WEST};

#[tokio::test]
async fn an_inbound_text_has_every_field_and_is_signed() {
    let desk = Desk::connected().await;
    let sid = desk.text("Hé, the heater 👍");
    let hook = desk.count(1).await.remove(0);
    let mut names: Vec<&str> = hook.fields.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "AccountSid",
            "ApiVersion",
            "Body",
            "From",
            "FromCity",
            "FromCountry",
            "FromState",
            "FromZip",
            "MessageSid",
            "NumMedia",
            "NumSegments",
            "SmsMessageSid",
            "SmsSid",
            "SmsStatus",
            "To",
            "ToCity",
            "ToCountry",
            "ToState",
            "ToZip",
        ]
    );
    for (name, value) in [
        ("Body", "Hé, the heater 👍"),
        ("MessageSid", &sid),
        ("SmsSid", &sid),
        ("From", MAYA),
        ("To", WEST),
        ("NumMedia", "0"),
        ("SmsStatus", "received"),
        ("FromCity", "SAN FRANCISCO"),
        ("FromCountry", "US"),
    ] {
        assert_eq!(hook.field(name), Some(value), "{name}");
    }
    assert!(hook.url.ends_with("/hooks/in?c=1"));
    assert!(hook.is_signed());
    assert!(hook.header("I-Twilio-Idempotency-Token").is_some());
    assert_eq!(hook.header("Content-Type"), Some("application/x-www-form-urlencoded; charset=UTF-8"));
    let answered = desk.message(&sid, |message| message.webhook_status).await;
    assert_eq!(answered, 200);
}

#[tokio::test]
async fn fields_without_a_value_are_sent_empty() {
    let desk = Desk::connected().await;
    let added = desk
        .http
        .post(format!("{}/carrier/phones", desk.provider))
        .json(&serde_json::json!({"number": "+14475550101", "name": "Far"}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(added.status(), 201);
    desk.carrier.text("+14475550101", WEST, "hi", Vec::new()).expect("a text");
    let hook = desk.count(1).await.remove(0);
    assert_eq!(hook.field("FromCity"), Some(""));
    assert!(hook.is_signed());
}

#[tokio::test]
async fn pictures_come_as_addresses() {
    let desk = Desk::connected().await;
    let picture = partyline_carrier::Picture { bytes: axum::body::Bytes::from_static(PNG) };
    desk.carrier.text(MAYA, WEST, "look", vec![picture.clone(), picture]).expect("a text");
    let hook = desk.count(1).await.remove(0);
    assert_eq!(hook.field("NumMedia"), Some("2"));
    assert_eq!(hook.field("MediaContentType1"), Some("image/png"));
    let url = hook.field("MediaUrl1").expect("an address");
    assert!(url.starts_with(&desk.account_url("Messages/MM")), "{url}");
    assert_eq!(desk.ask(desk.http.get(url)).await.0, 307);
}

#[tokio::test]
async fn a_number_may_ask_for_get_and_overrides_stay_at_home() {
    let desk = Desk::open().await;
    let url = format!("{}/hooks/in?c=1#rc=3&rp=all", desk.inbox_url);
    desk.set_number(&[("SmsUrl", &url), ("SmsMethod", "GET")]).await;
    desk.text("hi");
    let hook = desk.count(1).await.remove(0);
    assert_eq!(hook.method, Method::GET);
    assert_eq!(hook.field("Body"), Some("hi"));
    assert!(hook.is_signed());
}

#[tokio::test]
async fn a_failing_webhook_falls_back() {
    let desk = Desk::open().await;
    desk.answer(StatusCode::INTERNAL_SERVER_ERROR);
    let url = format!("{}/first", desk.inbox_url);
    let fallback = format!("{}/second", desk.inbox_url);
    desk.set_number(&[("SmsUrl", &url), ("SmsFallbackUrl", &fallback)]).await;
    let sid = desk.text("hi");
    let hooks = desk.count(2).await;
    assert!(hooks[1].url.ends_with("/second"));
    assert_eq!(hooks[1].field("ErrorCode"), Some("11200"));
    assert_eq!(hooks[1].field("ErrorUrl"), Some(url.as_str()));
    let answered = desk.message(&sid, |message| message.webhook_status).await;
    assert_eq!(answered, 500, "a 500 is not tried again");
}

#[tokio::test]
async fn where_nobody_listens_it_is_tried_once_more() {
    let desk = Desk::open().await;
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("an address")
    };
    desk.set_number(&[("SmsUrl", &format!("http://{closed}/"))]).await;
    let sid = desk.text("hi");
    let status = desk.message(&sid, |message| message.webhook_status).await;
    assert_eq!(status, 0);
    let wire = desk.control("wire").await;
    let tries = wire
        .as_array()
        .expect("lines")
        .iter()
        .filter(|line| line["about"] == "inbound" && line["trouble"] == "connect")
        .count();
    assert_eq!(tries, 2);
}

#[tokio::test]
async fn receipts_come_in_order_with_our_query_and_are_signed() {
    let desk = Desk::open().await;
    let (_, sent) = desk.send("Hello").await;
    let statuses = desk.statuses("delivered").await;
    assert_eq!(statuses, ["queued", "sending", "sent", "delivered"]);
    for hook in desk.count(4).await {
        assert!(hook.url.ends_with("/hooks/status?m=01J9"));
        assert!(hook.is_signed());
        assert_eq!(hook.field("MessageSid"), sent["sid"].as_str());
        assert_eq!(hook.field("SmsStatus"), hook.field("MessageStatus"));
        assert_eq!(hook.field("ErrorCode"), None);
        let is_done = hook.field("MessageStatus") == Some("delivered");
        assert_eq!(hook.field("RawDlrDoneDate").map(str::len), is_done.then_some(10));
    }
}
