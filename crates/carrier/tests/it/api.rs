//! Answers of the API have exactly the properties that Twilio's document names.

use partyline_carrier::demo;
use serde_json::{Map, Value};

use crate::desk::{Desk, MAYA, WEST};

fn document() -> Value {
    serde_json::from_str(include_str!("../fixtures/response_properties.json")).expect("the fixture")
}

/// Every property is there, none is unknown, and each is of its type.
fn assert_shape(value: &Value, kind: &str) {
    let document = document();
    let wanted = document[kind].as_object().expect("a kind");
    let found = value.as_object().unwrap_or_else(|| panic!("{kind}: {value}"));
    let names = |object: &Map<String, Value>| {
        let mut names: Vec<String> = object.keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(names(found), names(wanted), "{kind}");
    for (name, rule) in wanted {
        let value = &found[name];
        if value.is_null() {
            assert!(rule["nullable"] == true, "{kind}.{name} is null");
            continue;
        }
        let fits = match rule["type"].as_str() {
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("boolean") => value.is_boolean(),
            Some("object") => value.is_object(),
            _ => false,
        };
        assert!(fits, "{kind}.{name}: {value}");
        if let Some(allowed) = rule["enum"].as_array() {
            assert!(allowed.contains(value), "{kind}.{name}: {value}");
        }
        let text = value.as_str().unwrap_or_default();
        // Twilio's own example of a number has an empty application.
        if let Some(pattern) = rule["pattern"].as_str().filter(|_| !text.is_empty()) {
            let digits = &text[2.min(text.len())..];
            assert!(
                pattern.contains(&text[..2]) && digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()),
                "{kind}.{name}: {text} against {pattern}"
            );
        }
        if rule["format"] == "rfc2822" {
            assert!(jiff::fmt::rfc2822::parse(text).is_ok() && text.ends_with("+0000"), "{kind}.{name}: {text}");
        }
    }
}

fn assert_list(answer: &Value, key: &str, kind: &str) {
    let mut list = answer.as_object().expect("a list").clone();
    let items = list.remove(key).expect("its items");
    assert_shape(&Value::Object(list), "list");
    for item in items.as_array().expect("items") {
        assert_shape(item, kind);
    }
}

#[tokio::test]
async fn account_has_the_documented_shape() {
    let desk = Desk::open().await;
    let url = format!("{}/2010-04-01/Accounts/{}.json", desk.provider, demo::ACCOUNT_SID);
    let (status, account) = desk.ask(desk.http.get(url)).await;
    assert_eq!(status, 200);
    assert_shape(&account, "account");
    assert_eq!(account["friendly_name"], demo::ACCOUNT_NAME);
}

#[tokio::test]
async fn numbers_have_the_documented_shape_and_can_be_set() {
    let desk = Desk::open().await;
    let (status, list) = desk.get("IncomingPhoneNumbers.json").await;
    assert_eq!(status, 200);
    assert_list(&list, "incoming_phone_numbers", "incoming_phone_number");
    assert_eq!(list["incoming_phone_numbers"].as_array().map(Vec::len), Some(3));

    let (status, number) = desk.set_number(&[("SmsUrl", "https://inbox.example/h"), ("SmsMethod", "get")]).await;
    assert_eq!(status, 200);
    assert_shape(&number, "incoming_phone_number");
    assert_eq!(number["sms_url"], "https://inbox.example/h");
    assert_eq!(number["sms_method"], "GET");

    let (status, error) = desk.set_number(&[("SmsUrl", "ftp://x")]).await;
    assert_eq!((status, error["code"].as_u64()), (400, Some(21502)));
}

#[tokio::test]
async fn messages_have_the_documented_shape() {
    let desk = Desk::open().await;
    let (status, sent) = desk.send("Hello").await;
    assert_eq!(status, 201);
    assert_shape(&sent, "message");
    assert_eq!(sent["num_segments"], "1");
    assert_eq!(sent["num_media"], "0");
    assert_eq!(sent["direction"], "outbound-api");
    desk.text("Hi");
    let (_, list) = desk.get("Messages.json").await;
    assert_list(&list, "messages", "message");
    let sid = sent["sid"].as_str().unwrap_or_default();
    let (status, one) = desk.get(&format!("Messages/{sid}.json")).await;
    assert_eq!(status, 200);
    assert_shape(&one, "message");
}

#[tokio::test]
async fn a_list_is_paged_newest_first_and_filtered() {
    let desk = Desk::open().await;
    for index in 0..5 {
        desk.text(&format!("text {index}"));
    }
    desk.send("out").await;
    let mut bodies = Vec::new();
    let mut next =
        Some(format!("/2010-04-01/Accounts/{}/Messages.json?From=%2B14155550142&PageSize=2", demo::ACCOUNT_SID));
    while let Some(uri) = next {
        let (_, page) = desk.ask(desk.http.get(format!("{}{uri}", desk.provider))).await;
        for message in page["messages"].as_array().expect("messages") {
            bodies.push(message["body"].as_str().unwrap_or_default().to_owned());
        }
        // What arrives meanwhile does not shift the pages behind it.
        if bodies.len() == 2 {
            desk.text("late");
        }
        next = page["next_page_uri"].as_str().map(str::to_owned);
    }
    assert_eq!(bodies, ["text 4", "text 3", "text 2", "text 1", "text 0"]);

    for (query, count) in [
        ("To=%2B14155550142", 1),
        ("DateSent%3E=2999-01-01", 0),
        ("DateSent%3E=2020-01-01T00:00:00Z", 7),
        ("DateSent%3C=2020-01-01", 0),
        ("DateSent=1999-05-05", 0),
    ] {
        let (status, page) = desk.get(&format!("Messages.json?{query}")).await;
        assert_eq!(status, 200, "{query}");
        assert_eq!(page["messages"].as_array().map(Vec::len), Some(count), "{query}");
    }
    let (status, error) = desk.get("Messages.json?DateSent%3E=yesterday").await;
    assert_eq!((status, error["code"].as_u64()), (400, Some(20001)));
}

#[tokio::test]
async fn who_does_not_sign_in_gets_20003() {
    let desk = Desk::open().await;
    let url = desk.account_url("Messages.json");
    let wrong = [
        desk.http.get(&url),
        desk.http.get(&url).basic_auth(demo::ACCOUNT_SID, Some("no")),
        desk.http.get(&url).header("Authorization", "Basic ???"),
        desk.http.get(url.replace(demo::ACCOUNT_SID, "ACother")).basic_auth(demo::ACCOUNT_SID, Some(demo::AUTH_TOKEN)),
    ];
    for request in wrong {
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 401);
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body["code"], 20003);
        assert_eq!(body["status"], 401);
        assert_eq!(body["more_info"], "https://www.twilio.com/docs/errors/20003");
    }
    let key =
        desk.http.get(&url).basic_auth(demo::API_KEY_SID, Some(demo::API_KEY_SECRET)).send().await.expect("an answer");
    assert_eq!(key.status(), 200);
}

#[tokio::test]
async fn what_is_not_there_is_20404() {
    let desk = Desk::open().await;
    for path in [
        "Nothing.json",
        "Messages/SM00000000000000000000000000000000.json",
        "IncomingPhoneNumbers/PN0.json",
        "Messages/SM0/Media.json",
    ] {
        let (status, error) = desk.get(path).await;
        assert_eq!((status, error["code"].as_u64()), (404, Some(20404)), "{path}");
    }
}

#[tokio::test]
async fn a_message_can_be_redacted_and_deleted() {
    let desk = Desk::open().await;
    let sid = desk.text("secret");
    let path = format!("Messages/{sid}.json");
    let (status, redacted) = desk.post(&path, &[("Body", "")]).await;
    assert_eq!((status, redacted["body"].as_str()), (200, Some("")));
    let (status, _) = desk.ask(desk.http.delete(desk.account_url(&path))).await;
    assert_eq!(status, 204);
    assert_eq!(desk.get(&path).await.0, 404);
    assert!(desk.carrier.messages_of(MAYA).is_empty());
    assert!(desk.carrier.text(MAYA, WEST, "after", Vec::new()).is_ok());
}

#[tokio::test]
async fn media_wants_credentials_and_leads_to_a_place_that_does_not() {
    let desk = Desk::open().await;
    let picture = partyline_carrier::Picture { bytes: axum::body::Bytes::from_static(PNG) };
    let message = desk.carrier.text(MAYA, WEST, "", vec![picture]).expect("a text");
    assert!(message.sid.starts_with("MM"));
    let base = format!("Messages/{}/Media", message.sid);
    let (_, list) = desk.get(&format!("{base}.json")).await;
    assert_list(&list, "media_list", "media");
    let path = format!("{base}/{}", message.media[0].sid);
    assert_shape(&desk.get(&format!("{path}.json")).await.1, "media");

    let url = desk.account_url(&path);
    let refused = desk.http.get(&url).send().await.expect("an answer");
    assert_eq!(refused.status(), 401);
    let led =
        desk.http.get(&url).basic_auth(demo::ACCOUNT_SID, Some(demo::AUTH_TOKEN)).send().await.expect("an answer");
    assert_eq!(led.status(), 307);
    let place = led.headers()["location"].to_str().expect("an address");
    let file = desk.http.get(place).send().await.expect("an answer");
    assert_eq!(file.headers()["content-type"], "image/png");
    assert_eq!(file.bytes().await.expect("bytes"), PNG);

    let (status, _) = desk.ask(desk.http.delete(url)).await;
    assert_eq!(status, 204);
    let gone = desk.http.get(place).send().await.expect("an answer");
    assert_eq!(gone.status(), 404);
}

/// The head of a PNG is enough to be one.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";
