//! Sending: what is refused and how, opt-outs, services, media.

use axum::http::StatusCode;
use serde_json::Value;

use crate::api::PNG;
use crate::desk::{Desk, MAYA, WEST, WREN};

async fn refusal(desk: &Desk, form: &[(&str, &str)]) -> (u16, Option<u64>) {
    let (status, error) = desk.post("Messages.json", form).await;
    assert_eq!(error["status"], status, "{error}");
    assert!(error["message"].is_string() && error["more_info"].is_string());
    (status, error["code"].as_u64())
}

#[tokio::test]
async fn a_wrong_request_is_refused_with_twilios_code() {
    let desk = Desk::open().await;
    let long = "x".repeat(1_601);
    let to = ("To", MAYA);
    let from = ("From", WEST);
    let body = ("Body", "Hi");
    let cases: Vec<(Vec<(&str, &str)>, u64)> = vec![
        (vec![from, body], 21604),
        (vec![("To", "call me"), from, body], 21211),
        (vec![("To", "4155550142"), from, body], 21211),
        (vec![to, body], 21603),
        (vec![to, from], 21602),
        (vec![to, from, ("Body", &long)], 21617),
        (vec![to, ("From", "+19995550100"), body], 21606),
        (vec![("To", WEST), from, body], 21266),
        (vec![to, from, body, ("StatusCallback", "nope")], 21609),
        (vec![to, from, ("MediaUrl", "file:///etc/passwd")], 21620),
        (vec![to, ("MessagingServiceSid", "MG1"), body], 21701),
        (vec![to, from, body, ("SendAt", "2030-01-01T00:00:00Z")], 35118),
    ];
    for (form, code) in cases {
        assert_eq!(refusal(&desk, &form).await, (400, Some(code)), "{form:?}");
    }
    let mut eleven = vec![to, from];
    eleven.extend([("MediaUrl", "https://pictures.example/1.png"); 11]);
    assert_eq!(refusal(&desk, &eleven).await, (400, Some(21623)));

    let json = desk
        .http
        .post(desk.account_url("Messages.json"))
        .header("Content-Type", "application/json")
        .body(r#"{"To":"+14155550142"}"#);
    let (status, error) = desk.ask(json).await;
    assert_eq!((status, error["code"].as_u64()), (400, Some(21604)));
}

#[tokio::test]
async fn stop_is_answered_told_and_kept_per_pair_until_start() {
    let desk = Desk::connected().await;
    desk.text(" Stop ");
    let hooks = desk.count(1).await;
    assert_eq!(hooks[0].field("Body"), Some(" Stop "));
    assert_eq!(hooks[0].field("OptOutType"), None);
    let texts = |desk: &Desk| -> Vec<String> {
        desk.carrier.messages_of(MAYA).into_iter().map(|message| message.text).collect()
    };
    assert!(texts(&desk)[1].starts_with("You have successfully been unsubscribed."));

    let (status, error) = desk.send("are you there?").await;
    assert_eq!((status, error["code"].as_u64()), (400, Some(21610)));
    // Another number of ours and another phone are other pairs.
    for (to, from) in [(MAYA, "+14155550188"), (WREN, WEST)] {
        let form = [("To", to), ("From", from), ("Body", "Hi")];
        assert_eq!(desk.post("Messages.json", &form).await.0, 201);
    }
    // The provider's own answers are no messages of the account.
    let (_, list) = desk.get("Messages.json?To=%2B14155550142").await;
    assert_eq!(list["messages"].as_array().map(Vec::len), Some(1));

    desk.text("start");
    assert_eq!(desk.send("welcome back").await.0, 201);
    assert!(texts(&desk).iter().any(|text| text.contains("re-subscribed")));
    let before = texts(&desk).len();
    desk.text("yes");
    assert_eq!(texts(&desk).len(), before + 1, "a plain yes is not answered");
    desk.text("help");
    assert_eq!(texts(&desk).len(), before + 3);
}

#[tokio::test]
async fn advanced_opt_out_says_so_in_the_webhook() {
    let mut config = partyline_carrier::Config::instant();
    config.accounts[0].advanced_opt_out = true;
    let desk = Desk::with(config).await;
    desk.connect().await;
    desk.text("STOP");
    assert_eq!(desk.count(1).await[0].field("OptOutType"), Some("STOP"));
}

#[tokio::test]
async fn a_service_chooses_the_sender_and_shares_opt_outs() {
    let desk = Desk::open().await;
    let sid = "MG00000000000000000000000000000001";
    let service = serde_json::json!({
        "sid": sid, "friendly_name": "Pool", "numbers": [WEST, "+14155550188"],
        "inbound_url": format!("{}/hooks/service", desk.inbox_url),
    });
    let set = desk
        .http
        .put(format!("{}/carrier/services/{sid}", desk.provider))
        .json(&service)
        .send()
        .await
        .expect("an answer");
    assert_eq!(set.status(), StatusCode::OK);

    let form = [("To", MAYA), ("MessagingServiceSid", sid), ("Body", "Hi"), ("StatusCallback", &desk.callback())];
    let (status, sent) = desk.post("Messages.json", &form).await;
    assert_eq!(status, 201);
    assert_eq!(sent["status"], "accepted");
    assert_eq!(sent["from"], Value::Null);
    assert_eq!(sent["num_segments"], "0");
    desk.statuses("delivered").await;
    let path = format!("Messages/{}.json", sent["sid"].as_str().unwrap_or_default());
    assert_eq!(desk.get(&path).await.1["from"], WEST);

    desk.text("STOP");
    let inbound = desk.hooks(|hooks| hooks.iter().find(|h| h.field("Body").is_some()).cloned()).await;
    assert_eq!(inbound.field("MessagingServiceSid"), Some(sid));
    assert!(inbound.url.ends_with("/hooks/service"));
    let other = [("To", MAYA), ("From", "+14155550188"), ("Body", "Hi")];
    let (status, error) = desk.post("Messages.json", &other).await;
    assert_eq!((status, error["code"].as_u64()), (400, Some(21610)));
}

#[tokio::test]
async fn pictures_are_fetched_and_what_is_none_fails() {
    let desk = Desk::open().await;
    let files = axum::Router::new()
        .route("/a.png", axum::routing::get(|| async { PNG }))
        .route("/a.txt", axum::routing::get(|| async { "words" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, files).await });
    for (file, code) in [("a.png", None), ("a.txt", Some(12300)), ("none", Some(11200))] {
        let url = format!("{base}/{file}");
        let form = [("To", MAYA), ("From", WEST), ("MediaUrl", &url)];
        let (status, sent) = desk.post("Messages.json", &form).await;
        assert_eq!((status, sent["num_media"].as_str()), (201, Some("1")));
        let sid = sent["sid"].as_str().unwrap_or_default();
        assert!(sid.starts_with("MM"));
        let (found, media) = desk
            .message(sid, |message| {
                matches!(message.status.name(), "delivered" | "failed")
                    .then(|| (message.error_code, message.media.len()))
            })
            .await;
        assert_eq!(found, code, "{file}");
        assert_eq!(media, usize::from(code.is_none()));
    }
}

#[tokio::test]
async fn a_scheduled_message_can_be_called_back() {
    let mut config = partyline_carrier::Config::instant();
    let sid = "MG00000000000000000000000000000001";
    config.accounts[0].services = vec![partyline_carrier::Service {
        sid: sid.to_owned(),
        friendly_name: "Pool".to_owned(),
        numbers: vec![WEST.to_owned()],
        inbound_url: String::new(),
        status_callback: String::new(),
    }];
    let desk = Desk::with(config).await;
    let at = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)).to_string();
    let form =
        [("To", MAYA), ("MessagingServiceSid", sid), ("Body", "Later"), ("ScheduleType", "fixed"), ("SendAt", &at)];
    let (status, sent) = desk.post("Messages.json", &form).await;
    assert_eq!((status, sent["status"].as_str()), (201, Some("scheduled")));
    let path = format!("Messages/{}.json", sent["sid"].as_str().unwrap_or_default());
    let (status, canceled) = desk.post(&path, &[("Status", "canceled")]).await;
    assert_eq!((status, canceled["status"].as_str()), (200, Some("canceled")));
    let (status, again) = desk.post(&path, &[("Status", "canceled")]).await;
    assert_eq!((status, again["code"].as_u64()), (400, Some(30409)));
}
