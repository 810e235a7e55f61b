//! Each fault does what it says, and is to be seen on the wire.

use partyline_carrier::{Carrier, Config, Delays, Faults, Switch};
use serde_json::{Value, json};
use std::time::Duration;

use crate::desk::{Desk, MAYA, WEST};

/// Lines of the wire that a fault touched.
async fn touched(desk: &Desk, fault: &str) -> Vec<Value> {
    let wire = desk.control("wire").await;
    wire.as_array()
        .expect("lines")
        .iter()
        .filter(|line| line["faults"].as_array().is_some_and(|faults| faults.iter().any(|name| name == fault)))
        .cloned()
        .collect()
}

#[tokio::test]
async fn sends_are_answered_429_so_many_times() {
    let desk = Desk::open().await;
    desk.faults(json!({"too_many_requests": 2})).await;
    for _ in 0..2 {
        let (status, error) = desk.send("Hi").await;
        assert_eq!((status, error["code"].as_u64()), (429, Some(20429)));
    }
    assert_eq!(desk.send("Hi").await.0, 201);
    assert_eq!(desk.carrier.messages_of(MAYA).len(), 1);
    assert_eq!(touched(&desk, "too_many_requests").await.len(), 2);
}

#[tokio::test]
async fn sends_are_answered_500_and_not_taken() {
    let desk = Desk::open().await;
    desk.faults(json!({"server_error": true})).await;
    let (status, error) = desk.send("Hi").await;
    assert_eq!((status, error["code"].as_u64()), (500, Some(20500)));
    assert!(desk.carrier.messages_of(MAYA).is_empty());
    desk.faults(json!({"server_error": false})).await;
    assert_eq!(desk.send("Hi").await.0, 201);
}

#[tokio::test]
async fn a_send_is_taken_and_the_connection_dropped() {
    let desk = Desk::open().await;
    desk.faults(json!({"drop_after_accept": 1})).await;
    let answer = desk
        .http
        .post(desk.account_url("Messages.json"))
        .basic_auth(partyline_carrier::demo::ACCOUNT_SID, Some(partyline_carrier::demo::AUTH_TOKEN))
        .form(&[("To", MAYA), ("From", WEST), ("Body", "Hi")])
        .send()
        .await;
    let error = answer.expect_err("no answer");
    assert!(!error.is_connect(), "it was connected: {error:?}");
    let (_, list) = desk.get("Messages.json?To=%2B14155550142").await;
    assert_eq!(list["messages"][0]["body"], "Hi");
    assert_eq!(touched(&desk, "drop_after_accept").await[0]["status"], Value::Null);
}

#[tokio::test]
async fn an_answer_comes_late() {
    let desk = Desk::open().await;
    desk.faults(json!({"send_latency_ms": 30})).await;
    assert_eq!(desk.send("Hi").await.0, 201);
    let line = touched(&desk, "send_latency_ms").await.remove(0);
    assert!(line["latency_ms"].as_u64() >= Some(30), "{line}");
}

#[tokio::test]
async fn each_webhook_comes_twice_with_the_same_token() {
    let desk = Desk::connected().await;
    desk.faults(json!({"duplicate_webhooks": true})).await;
    let sid = desk.text("Hi");
    let hooks = desk.count(2).await;
    for hook in &hooks {
        assert_eq!(hook.field("MessageSid"), Some(sid.as_str()));
        assert!(hook.is_signed());
    }
    assert_eq!(hooks[0].header("I-Twilio-Idempotency-Token"), hooks[1].header("I-Twilio-Idempotency-Token"));
    assert_eq!(touched(&desk, "duplicate_webhooks").await.len(), 1);
}

#[tokio::test]
async fn webhooks_are_signed_with_a_wrong_key() {
    let desk = Desk::connected().await;
    desk.faults(json!({"wrong_signature": 1})).await;
    desk.text("one");
    assert!(!desk.count(1).await[0].is_signed());
    desk.text("two");
    assert!(desk.count(2).await[1].is_signed());
}

#[tokio::test]
async fn receipts_are_shuffled_the_same_way_for_the_same_seed() {
    let order = async || {
        let desk = Desk::open().await;
        desk.faults(json!({"shuffle_receipts": true})).await;
        desk.send("Hi").await;
        let hooks = desk.count(4).await;
        hooks.iter().map(|hook| hook.field("MessageStatus").unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let first = order().await;
    assert_ne!(first, ["queued", "sending", "sent", "delivered"]);
    assert_eq!(first, order().await);
}

#[tokio::test]
async fn receipts_are_lost() {
    let desk = Desk::open().await;
    desk.faults(json!({"lose_receipts_percent": 100})).await;
    let (_, sent) = desk.send("Hi").await;
    let sid = sent["sid"].as_str().unwrap_or_default();
    desk.message(sid, |message| (message.status.name() == "delivered").then_some(())).await;
    desk.faults(json!({"lose_receipts_percent": 0})).await;
    desk.send("Hi again").await;
    desk.statuses("delivered").await;
    let of_the_first = desk.count(1).await.into_iter().filter(|hook| hook.field("MessageSid") == Some(sid)).count();
    assert_eq!(of_the_first, 0);
}

#[tokio::test]
async fn receipts_are_held_back() {
    let desk = Desk::open().await;
    desk.faults(json!({"hold_receipts_s": 1})).await;
    let began = std::time::Instant::now();
    desk.send("Hi").await;
    let statuses = desk.statuses("delivered").await;
    assert_eq!(statuses, ["queued", "sending", "sent", "delivered"]);
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(touched(&desk, "hold_receipts_s").await.len(), 4);
}

#[tokio::test]
async fn a_phone_that_is_off_fails_with_30003_unless_it_comes_on() {
    let desk = Desk::open().await;
    desk.carrier.switch_phone(MAYA, false);
    desk.send("Hi").await;
    desk.statuses("undelivered").await;
    let last =
        desk.hooks(|hooks| hooks.iter().find(|hook| hook.field("MessageStatus") == Some("undelivered")).cloned()).await;
    assert_eq!(last.field("ErrorCode"), Some("30003"));

    let mut config = Config::instant();
    config.delays = Delays { off_fails_after: Duration::from_secs(3_600), ..Delays::none() };
    let desk = Desk::with(config).await;
    desk.carrier.switch_phone(MAYA, false);
    let (_, sent) = desk.send("Hi").await;
    let sid = sent["sid"].as_str().unwrap_or_default();
    desk.message(sid, |message| message.fails_at).await;
    desk.carrier.switch_phone(MAYA, true);
    desk.statuses("delivered").await;
}

#[tokio::test]
async fn spam_and_landlines_end_undelivered() {
    let desk = Desk::open().await;
    for (fault, code) in [("filter_as_spam", 30007), ("landline", 30006)] {
        desk.faults(json!({fault: 1})).await;
        let (status, sent) = desk.send("Hi").await;
        assert_eq!(status, 201);
        let sid = sent["sid"].as_str().unwrap_or_default();
        let found = desk.message(sid, |message| message.error_code).await;
        assert_eq!(found, code);
        let (_, fetched) = desk.get(&format!("Messages/{sid}.json")).await;
        assert_eq!(fetched["status"], "undelivered");
        assert_eq!(fetched["error_code"], code);
        assert!(fetched["error_message"].is_string());
    }
}

#[tokio::test]
async fn a_send_is_refused_as_opted_out() {
    let desk = Desk::open().await;
    desk.faults(json!({"refuse_opted_out": true})).await;
    let (status, error) = desk.send("Hi").await;
    assert_eq!((status, error["code"].as_u64()), (400, Some(21610)));
}

#[tokio::test]
async fn while_down_nothing_comes_or_goes_and_afterwards_the_list_has_it() {
    let desk = Desk::connected().await;
    let faults = desk.faults(json!({"down_s": 3600})).await;
    assert!(faults["down_s"].as_u64() > Some(3_500));
    assert_eq!(desk.send("Hi").await.0, 503);
    let sid = desk.text("are you there?");
    assert_eq!(desk.message(&sid, |message| message.webhook_status).await, 0);
    desk.faults(json!({"down_s": 0})).await;
    let (status, list) = desk.get("Messages.json?To=%2B14155550100").await;
    assert_eq!(status, 200);
    assert_eq!(list["messages"][0]["sid"], sid.as_str());
    desk.text("and now");
    let hooks = desk.count(1).await;
    assert_eq!(hooks[0].field("Body"), Some("and now"));
}

#[test]
fn amounts_are_cut_to_their_bounds() {
    let carrier = Carrier::new(Config::instant()).expect("a carrier");
    let mut changes = carrier.changes();
    carrier.set_faults(&Faults {
        lose_receipts_percent: 250,
        send_latency_ms: u64::MAX,
        too_many_requests: Switch::Times(3),
        ..Faults::default()
    });
    let change: Value = serde_json::from_str(&changes.try_recv().expect("a change")).expect("JSON");
    assert_eq!(change["data"]["lose_receipts_percent"], 100);
    assert_eq!(change["data"]["send_latency_ms"], 60_000);
    assert_eq!(change["data"]["too_many_requests"], 3);
}
