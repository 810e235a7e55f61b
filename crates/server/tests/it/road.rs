//! One text in, one text out, over HTTP alone.

use partyline_core::permission::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, LINE, MAYA};
use crate::live::Ear;

#[tokio::test]
async fn a_text_comes_in_is_taken_noted_answered_and_arrives() {
    let (house, owner, carrier) = House::connected().await;
    let agent = house.person(&owner, Role::Agent).await;
    let mut ear = Ear::open(&house, &agent, None).await;
    carrier.text(MAYA, LINE, "Is my order ready?", Vec::new()).unwrap();
    let received = ear.event("message.received").await;
    assert_eq!(received["data"]["entry"]["delivery"], Value::Null);
    let id = received["conversation_id"].as_str().unwrap().to_owned();

    let list = house.get(&agent, "/conversations?view=unassigned").await.expect(200);
    let listed = &list["data"][0];
    assert_eq!(*listed, received["data"]["conversation"], "a snapshot and the feed say the same");
    assert_eq!((&listed["id"], &listed["unread"], &listed["status"]), (&json!(id), &json!(true), &json!("open")));
    assert_eq!(listed["contact"]["address"], MAYA);
    assert_eq!(listed["participants"], json!([MAYA]));
    assert_eq!(listed["channels"][0]["address"], LINE);
    assert_eq!(listed["last_message"]["direction"], "inbound");
    assert!(listed["waiting_since"].is_string() && listed["seen_entry_id"].is_null());

    let path = format!("/conversations/{id}");
    let taken =
        house.patch(&agent, &path, &json!({ "assignee_ids": [agent.id], "priority": "high" })).await.expect(200);
    assert_eq!((&taken["assignees"][0]["id"], &taken["priority"]), (&json!(agent.id), &json!("high")));
    let text = format!("@[Ana]({}) knows them", owner.id);
    let note = house.post(&agent, &format!("{path}/notes"), &json!({ "text": text })).await.expect(201);
    assert_eq!((&note["type"], &note["mentions"]), (&json!("note"), &json!([{ "id": owner.id, "name": "Ana" }])));

    let seen = house.get(&agent, &path).await.expect(200)["last_entry_id"].clone();
    let reply = json!({ "text": "Yes, until six.", "seen_entry_id": seen });
    let sent = house.post(&agent, &format!("{path}/messages"), &reply).await.expect(202);
    assert_eq!((&sent["type"], &sent["direction"]), (&json!("message"), &json!("outbound")));
    assert_eq!((&sent["delivery"]["status"], &sent["delivery"]["segments"]), (&json!("queued"), &json!(1)));
    let delivered = ear.event("message.delivered").await;
    assert_eq!(delivered["subject_id"], sent["id"]);
    assert_eq!(delivered["data"]["conversation"]["waiting_since"], Value::Null);
    assert!(carrier.messages_of(MAYA).iter().any(|m| m.text == "Yes, until six."));

    let entries = house.get(&agent, &format!("{path}/entries")).await.expect(200);
    let kinds: Vec<&str> = entries["data"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|k| **k == "message").count(), 2);
    assert_eq!(entries["data"][0]["delivery"]["status"], "delivered");
    let assigned = entries["data"].as_array().unwrap().iter().find(|e| e["event"] == "conversation.assigned").unwrap();
    assert_eq!(assigned["data"], json!({ "assignees": [{ "id": agent.id, "name": "agent 0" }] }));

    let cursor = async |query: &str| house.get(&agent, &format!("{path}/entries?limit=1{query}")).await.expect(200);
    let first = cursor("").await;
    assert_eq!(first["data"][0], entries["data"][0]);
    let second = cursor(&format!("&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    assert_eq!(second["data"][0], entries["data"][1]);

    let closed = house.patch(&agent, &path, &json!({ "status": "closed" })).await.expect(200);
    assert_eq!(closed["status"], "closed");
    assert_eq!(house.get(&agent, "/conversations").await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn an_answer_to_what_one_has_not_seen_is_asked_about() {
    let (house, owner, carrier) = House::connected().await;
    let mut ear = Ear::open(&house, &owner, None).await;
    carrier.text(MAYA, LINE, "First", Vec::new()).unwrap();
    let first = ear.event("message.received").await;
    carrier.text(MAYA, LINE, "Second", Vec::new()).unwrap();
    let second = ear.event("message.received").await;
    let path = format!("/conversations/{}/messages", first["conversation_id"].as_str().unwrap());
    let mut reply = json!({ "text": "To the first", "seen_entry_id": first["subject_id"] });
    let problem = house.post(&owner, &path, &reply).await.problem(409, "stale_reply");
    assert_eq!(problem["entries"][0], second["data"]["entry"]);
    reply["confirm"] = json!(["stale_reply"]);
    house.post(&owner, &path, &reply).await.expect(202);
    let problem =
        house.post(&owner, &path, &json!({ "text": "x", "seen_entry_id": "x" })).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["field"], "seen_entry_id");
}

#[tokio::test]
async fn a_message_that_is_held_can_be_taken_back() {
    let (house, owner, carrier) = House::connected().await;
    let mut ear = Ear::open(&house, &owner, None).await;
    carrier.text(MAYA, LINE, "Hello?", Vec::new()).unwrap();
    let id = ear.event("message.received").await["conversation_id"].as_str().unwrap().to_owned();
    let reply = json!({ "text": "Oops", "undo_seconds": 60 });
    let held = house.post(&owner, &format!("/conversations/{id}/messages"), &reply).await.expect(202);
    assert!(held["delivery"]["send_at"].as_str() > held["at"].as_str(), "{held}");
    let path = format!("/messages/{}", held["id"].as_str().unwrap());
    let taken_back = house.ask(Method::DELETE, Some(&owner), &path, None).await.expect(200);
    assert_eq!(taken_back["delivery"]["status"], "cancelled");
    let again = house.ask(Method::DELETE, Some(&owner), &path, None).await.expect(200);
    assert_eq!(again, taken_back, "taking back twice is taking back");

    let gone =
        house.post(&owner, &format!("/conversations/{id}/messages"), &json!({ "text": "Yes" })).await.expect(202);
    ear.event("message.delivered").await;
    let path = format!("/messages/{}", gone["id"].as_str().unwrap());
    house.ask(Method::DELETE, Some(&owner), &path, None).await.problem(409, "too_late");
    assert!(!carrier.messages_of(MAYA).iter().any(|m| m.text == "Oops"));
}

#[tokio::test]
async fn a_first_text_needs_a_word_and_stop_ends_it() {
    let (house, owner, carrier) = House::connected().await;
    let mut ear = Ear::open(&house, &owner, None).await;
    let channel = house.get(&owner, "/channels").await.expect(200)["data"][0]["id"].clone();
    let mut start =
        json!({ "channel_id": channel, "to": "(415) 555-0142", "text": "Your order is ready", "name": "Maya" });
    let problem = house.post(&owner, "/conversations", &start).await.problem(409, "first_contact");
    assert_eq!(problem["reasons"][0]["code"], "first_contact");
    start["confirm"] = json!(["first_contact"]);
    start["source"] = json!("asked us by phone");
    let started = house.post(&owner, "/conversations", &start).await.expect(201);
    assert_eq!(started["conversation"]["contact"]["name"], "Maya");
    assert_eq!(started["message"]["conversation_id"], started["conversation"]["id"]);
    ear.event("message.delivered").await;

    carrier.text(MAYA, LINE, "STOP", Vec::new()).unwrap();
    let changed = ear.event("consent.changed").await;
    assert_eq!(changed["data"]["conversation"]["opted_out"], true);
    let path = format!("/conversations/{}/messages", started["conversation"]["id"].as_str().unwrap());
    house.post(&owner, &path, &json!({ "text": "But" })).await.problem(422, "opted_out");
}

#[tokio::test]
async fn credentials_are_checked_and_never_shown() {
    let (house, owner, _carrier) = House::connected().await;
    let connections = house.get(&owner, "/connections").await;
    assert!(!connections.text.contains(partyline_carrier::demo::AUTH_TOKEN));
    let connection = connections.json()["data"][0].clone();
    let verify = async |token: &str| {
        let credentials = json!({ "account_sid": partyline_carrier::demo::ACCOUNT_SID, "auth_token": token });
        let body =
            json!({ "provider": "twilio", "credentials": credentials, "api_base_url": connection["api_base_url"] });
        house.post(&owner, "/connections/verify", &body).await
    };
    let found = verify(partyline_carrier::demo::AUTH_TOKEN).await.expect(200);
    assert_eq!(found["account"]["id"], partyline_carrier::demo::ACCOUNT_SID);
    let line = found["numbers"].as_array().unwrap().iter().find(|n| n["address"] == LINE).unwrap();
    assert_eq!(line["channel_id"], connection["channel_ids"][0]);
    assert!(line["can"].as_array().unwrap().contains(&json!("sms")));
    assert_eq!(found["webhooks"], json!({ "mode": "webhooks", "reason": null }));
    verify(&"0".repeat(32)).await.problem(422, "credentials_refused");
    let body = json!({ "provider": "twilio", "credentials": { "account_sid": "AC1" } });
    let problem = house.post(&owner, "/connections/verify", &body).await.problem(422, "invalid");
    let fields: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["credentials.account_sid", "credentials.auth_token"]);

    let providers = house.get(&owner, "/providers").await.expect(200);
    let twilio = &providers["data"][0];
    assert_eq!((&twilio["name"], &twilio["kinds"]), (&json!("twilio"), &json!(["sms"])));
    let token = twilio["fields"].as_array().unwrap().iter().find(|f| f["name"] == "auth_token").unwrap();
    assert_eq!((&token["secret"], &token["required"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn a_text_is_counted_before_it_is_sent() {
    let (house, owner) = House::set_up().await;
    let counted = house.post(&owner, "/sms/preview", &json!({ "text": "It’s ready 🎉" })).await.expect(200);
    assert_eq!(
        (&counted["encoding"], &counted["units"], &counted["segments"]),
        (&json!("UCS-2"), &json!(13), &json!(1))
    );
    assert_eq!(counted["replaceable"], json!([{ "character": "’", "replacement": "'", "at": [2] }]));
    assert_eq!(counted["costly"].as_array().unwrap().len(), 2);
    assert_eq!(counted["plain"]["text"], "It's ready 🎉");
}

#[tokio::test]
async fn a_list_is_read_in_pages_without_a_row_lost_or_twice() {
    let (house, owner, _carrier) = House::connected().await;
    let channel = house.get(&owner, "/channels").await.expect(200)["data"][0]["id"].clone();
    for n in 0..5 {
        let start = json!({
            "channel_id": channel, "to": format!("+1415555015{n}"), "text": "Your order is ready", "undo_seconds": 60,
            "confirm": ["first_contact"], "source": "asked us by phone",
        });
        house.post(&owner, "/conversations", &start).await.expect(201);
    }
    for sort in ["newest", "waiting"] {
        let whole = house.get(&owner, &format!("/conversations?view=mine&sort={sort}")).await.expect(200);
        assert_eq!(whole["next_cursor"], Value::Null);
        let mut rows = Vec::new();
        let mut cursor = String::new();
        loop {
            let query = format!("/conversations?view=mine&sort={sort}&limit=2{cursor}");
            let page = house.get(&owner, &query).await.expect(200);
            rows.extend(page["data"].as_array().unwrap().clone());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!((rows.len(), &json!(rows)), (5, &whole["data"]), "{sort}");
    }
}
