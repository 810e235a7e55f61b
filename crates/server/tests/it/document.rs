//! The API's document says what the server does.

use partyline_server::routes::{Access, TABLE};
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::House;

#[test]
fn the_document_covers_every_route_and_no_other() {
    let document = partyline_server::document();
    let paths = document["paths"].as_object().unwrap();
    let mut described: Vec<String> = Vec::new();
    for (path, item) in paths {
        for method in item.as_object().unwrap().keys() {
            described.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    let mut served: Vec<String> = TABLE.iter().map(|r| format!("{} {}", r.method, r.path)).collect();
    described.sort();
    served.sort();
    assert_eq!(described, served);
}

#[test]
fn every_route_says_what_it_does_who_may_and_what_comes_back() {
    let document = partyline_server::document();
    for route in TABLE {
        let operation = &document["paths"][route.path][route.method.to_lowercase()];
        assert!(operation["summary"].as_str().is_some_and(|s| s.len() > 3), "{route:?}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|s| s.starts_with('2') || s == "101"), "{route:?}");
        if route.access != Access::Public {
            assert!(responses.contains_key("401") && responses.contains_key("403"), "{route:?}");
        }
        if let Access::Needs(permission) = route.access {
            assert_eq!(operation["x-permission"], permission.as_str());
        }
        assert_eq!(responses.contains_key("404"), route.path.contains("{id}"), "{route:?}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = partyline_server::document();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            into.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|v| collect(v, into));
        }
        Value::Array(items) => items.iter().for_each(|v| collect(v, into)),
        _ => {}
    }
}

#[test]
fn what_we_answer_is_whole_and_words_are_listed() {
    let document = partyline_server::document();
    let schemas = &document["components"]["schemas"];
    let conversation = &schemas["Conversation"];
    let fields = conversation["properties"].as_object().unwrap().len();
    assert_eq!(conversation["required"].as_array().unwrap().len(), fields);
    assert!(schemas["ReplyIn"]["required"].is_null(), "{}", schemas["ReplyIn"]);
    let words =
        json!(["scheduled", "queued", "sending", "unknown", "sent", "delivered", "read", "failed", "cancelled"]);
    assert_eq!(schemas["DeliveryStatus"]["enum"], words);
    assert!(schemas["ClientFrame"].is_object() && schemas["ServerFrame"].is_object());
}

#[tokio::test]
async fn the_document_and_its_page_need_no_session_and_no_script() {
    let house = House::empty().await;
    let document = house.send(Method::GET, "/api/v1/openapi.json", &[], None).await;
    assert_eq!(document.json(), partyline_server::document());
    let page = house.send(Method::GET, "/api/v1/docs", &[], None).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'sha256-"));
    for part in ["/conversations/{id}/messages", "stale_reply", "conversation.reply", "id=\"schema-Conversation\""] {
        assert!(page.text.contains(part), "{part}");
    }
    assert!(!page.text.contains("<script"));
    let short = house.send(Method::GET, "/docs", &[], None).await;
    assert_eq!(short.header("location"), "/api/v1/docs");
}
