//! The control desk: state, texting, uploads, the wire, live changes, who may use it.

use futures_util::StreamExt;
use partyline_carrier::{Carrier, Config, Past, demo};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::api::PNG;
use crate::desk::{Desk, MAYA, WEST};

#[tokio::test]
async fn the_state_shows_everything_but_secrets() {
    let desk = Desk::connected().await;
    desk.text("Hi");
    desk.count(1).await;
    let url = format!("{}/2010-04-01/Accounts/{}.json", desk.provider, partyline_carrier::demo::ACCOUNT_SID);
    desk.ask(desk.http.get(url)).await;
    let state = desk.control("state").await;
    assert_eq!(state["phones"][0]["name"], "Maya");
    assert_eq!(state["numbers"][0]["phone_number"], WEST);
    assert_eq!(state["messages"][0]["text"], "Hi");
    assert_eq!(state["seed"], 4821);
    let text = state.to_string();
    assert!(!text.contains(partyline_carrier::demo::AUTH_TOKEN));
    assert!(!text.contains(partyline_carrier::demo::API_KEY_SECRET));
    assert!(text.contains("Basic ••••••"));
}

#[tokio::test]
async fn a_phone_texts_as_json_and_with_a_picture() {
    let desk = Desk::open().await;
    let url = format!("{}/carrier/phones/%2B14155550142/messages", desk.provider);
    let texted = desk.http.post(&url).json(&json!({"to": WEST, "text": "Hi"})).send().await.expect("an answer");
    assert_eq!(texted.status(), 201);

    let part = reqwest::multipart::Part::bytes(PNG).file_name("leak.png");
    let form = reqwest::multipart::Form::new().text("to", WEST).text("text", "look").part("media", part);
    let sent: Value = desk.http.post(&url).multipart(form).send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(sent["media"][0]["content_type"], "image/png");
    let path = sent["media"][0]["path"].as_str().unwrap_or_default();
    let file = desk.http.get(format!("{}{path}", desk.provider)).send().await.expect("an answer");
    assert_eq!(file.bytes().await.expect("bytes"), PNG);
}

#[tokio::test]
async fn what_cannot_be_texted_says_why() {
    let desk = Desk::open().await;
    let post = async |phone: &str, body: Value| {
        let answer = desk
            .http
            .post(format!("{}/carrier/phones/{phone}/messages", desk.provider))
            .json(&body)
            .send()
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.expect("JSON");
        (status, body["code"].as_str().unwrap_or_default().to_owned())
    };
    let maya = "%2B14155550142";
    for (phone, body, code) in [
        ("%2B19995550000", json!({"to": WEST, "text": "x"}), "no_such_phone"),
        (maya, json!({"to": "+19995550000", "text": "x"}), "no_such_number"),
        (maya, json!({"to": WEST, "text": " "}), "empty"),
        (maya, json!({"to": WEST, "text": "x".repeat(1_601)}), "too_long"),
        (maya, json!({"to": WEST, "surprise": 1}), "bad_body"),
    ] {
        assert_eq!(post(phone, body).await, (422, code.to_owned()));
    }
    desk.carrier.switch_phone(MAYA, false);
    let (status, code) = post(maya, json!({"to": WEST, "text": "x"})).await;
    assert_eq!((status, code.as_str()), (422, "phone_off"));
}

#[tokio::test]
async fn phones_are_added_once_and_switched() {
    let desk = Desk::open().await;
    let add = async |number: &str| {
        desk.http
            .post(format!("{}/carrier/phones", desk.provider))
            .json(&json!({"number": number}))
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16()
    };
    assert_eq!(add("+16505550110").await, 201);
    assert_eq!(add("+16505550110").await, 422);
    assert_eq!(add(WEST).await, 422);
    assert_eq!(add("6505550110").await, 422);
    let switched: Value = desk
        .http
        .patch(format!("{}/carrier/phones/%2B16505550110", desk.provider))
        .json(&json!({"on": false}))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(switched["on"], false);
}

#[tokio::test]
async fn an_unknown_fault_is_refused() {
    let desk = Desk::open().await;
    let answer = desk
        .http
        .patch(format!("{}/carrier/faults", desk.provider))
        .json(&json!({"gremlins": true}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 422);
}

#[tokio::test]
async fn the_wire_is_read_from_where_one_is() {
    let desk = Desk::open().await;
    desk.send("one").await;
    let lines = desk.control("wire").await;
    let last = lines.as_array().and_then(|l| l.last()).expect("a line")["id"].as_u64().unwrap_or_default();
    desk.get("Messages.json").await;
    let news = desk.control(&format!("wire?after={last}")).await;
    assert!(news.as_array().is_some_and(|lines| lines.iter().any(|line| line["about"] == "list")
        && lines.iter().all(|line| line["id"].as_u64() > Some(last))));
}

#[tokio::test]
async fn a_live_listener_hears_of_changes_and_of_a_new_start() {
    let desk = Desk::connected().await;
    let answer = desk.http.get(format!("{}/carrier/live", desk.provider)).send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut stream = answer.bytes_stream();
    desk.text("Hi");
    desk.carrier.reset();
    let mut heard = String::new();
    while !heard.contains(r#""kind":"reset""#) {
        let chunk = stream.next().await.expect("more").expect("bytes");
        heard.push_str(&String::from_utf8_lossy(&chunk));
    }
    assert!(heard.contains(r#""kind":"message""#));
    let state = desk.control("state").await;
    assert_eq!(state["messages"], json!([]));
    assert_ne!(state["numbers"][0]["sms_url"], "", "numbers stay connected");
}

#[tokio::test]
async fn a_misspelt_parameter_is_seen_on_the_wire() {
    let desk = Desk::open().await;
    let form = [("To", MAYA), ("From", WEST), ("Body", "Hi"), ("StatusCalback", "https://inbox.example/")];
    assert_eq!(desk.post("Messages.json", &form).await.0, 201);
    let wire = desk.control("wire").await;
    assert_eq!(wire[0]["unknown_parameters"], json!(["StatusCalback"]));
}

#[tokio::test]
async fn texts_of_the_past_are_on_the_phone_and_in_the_list_also_after_a_new_start() {
    let past = |sid: &str, number: &str, from_phone: bool, at_ms: i64| Past {
        sid: format!("SM{sid:0>32}"),
        phone: MAYA.to_owned(),
        number: number.to_owned(),
        from_phone,
        text: format!("text {sid}"),
        at_ms,
        lost_pictures: 0,
    };
    let desk = Desk::with(Config {
        history: vec![
            past("1", WEST, true, 1_700_000_000_000),
            past("2", WEST, false, 1_700_000_060_000),
            past("3", "+19995550100", true, 1_700_000_120_000),
        ],
        ..Config::instant()
    })
    .await;
    desk.text("now");
    desk.carrier.reset();
    let texts: Vec<String> = desk.carrier.messages_of(MAYA).into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["text 1", "text 2"]);
    let (_, list) = desk.get("Messages.json?DateSent=2023-11-14").await;
    assert_eq!(list["messages"][0]["status"], "delivered");
    assert_eq!(list["messages"][1]["date_sent"], "Tue, 14 Nov 2023 22:13:20 +0000");
}

#[tokio::test]
async fn texts_of_the_past_are_added_while_it_runs_and_nobody_is_called() {
    let desk = Desk::connected().await;
    let add = async |past: Value| {
        let answer = desk.http.post(format!("{}/carrier/past", desk.provider)).json(&past).send().await;
        answer.expect("an answer").status().as_u16()
    };
    let past = |sid: &str, number: &str| {
        let at = 1_700_000_000_000_i64;
        json!([{"sid": sid, "phone": MAYA, "number": number, "from_phone": true, "text": "long ago", "at_ms": at}])
    };
    let sid = format!("SM{:0>32}", 1);
    assert_eq!(add(past("SM1", WEST)).await, 422);
    assert_eq!(add(past(&sid, "+19995550100")).await, 422);
    assert_eq!(add(past(&sid, WEST)).await, 201);
    let (_, list) = desk.get("Messages.json?DateSent=2023-11-14").await;
    assert_eq!(list["messages"][0]["body"], "long ago");
    desk.text("now");
    let called: Vec<_> = desk.count(1).await.iter().filter_map(|hook| hook.field("Body").map(str::to_owned)).collect();
    assert_eq!(called, ["now"]);
}

#[tokio::test]
async fn it_stops_though_somebody_listens_and_messages_are_under_way() {
    let mut config = Config::demo();
    config.delays.step = std::time::Duration::from_secs(3_600);
    let carrier = Carrier::new(config).expect("a carrier");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let shutdown = CancellationToken::new();
    let (serving, stop) = (carrier.clone(), shutdown.clone());
    let served = tokio::spawn(async move { serving.serve(listener, stop).await });
    let http = reqwest::Client::new();
    let _live = http.get(format!("http://{address}/carrier/live")).send().await.expect("a stream");
    let sent = http
        .post(format!("http://{address}/2010-04-01/Accounts/{}/Messages.json", demo::ACCOUNT_SID))
        .basic_auth(demo::ACCOUNT_SID, Some(demo::AUTH_TOKEN))
        .form(&[("To", MAYA), ("From", WEST), ("Body", "Hi")])
        .send()
        .await
        .expect("an answer");
    assert_eq!(sent.status(), 201);
    shutdown.cancel();
    served.await.expect("it ends").expect("without trouble");
}

#[tokio::test]
async fn a_page_of_another_site_is_refused() {
    let desk = Desk::open().await;
    let reset =
        |origin: &str| desk.http.post(format!("{}/carrier/reset", desk.provider)).header("Origin", origin).send();
    assert_eq!(reset("https://evil.example").await.expect("an answer").status(), 403);
    assert_eq!(reset(&desk.provider).await.expect("an answer").status(), 204);
}

#[tokio::test]
async fn the_page_is_served_under_a_strict_policy() {
    let desk = Desk::open().await;
    let page = desk.http.get(&desk.provider).send().await.expect("an answer");
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
    let missing = desk.http.get(format!("{}/assets/none.js", desk.provider)).send().await.expect("an answer");
    assert_eq!(missing.status(), 404);
}
