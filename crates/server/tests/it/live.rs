//! The live socket: nothing is lost, nothing is shown to who may not see it.

use futures_util::{SinkExt, StreamExt};
use partyline_core::permission::Role;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{self, Message, client::IntoClientRequest};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::house::{House, LINE, MAYA, PATIENCE, Person};

pub struct Ear(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Ear {
    pub async fn open(house: &House, who: &Person, after: Option<i64>) -> Ear {
        let after = after.map(|a| format!("?after={a}")).unwrap_or_default();
        Ear(dial(house, &after, &[("cookie", &who.cookie)]).await.unwrap())
    }

    async fn message(&mut self) -> Message {
        self.0.next().await.expect("still open").expect("readable")
    }

    async fn frame(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.message().await {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// The first that is found in a frame.
    async fn find<T>(&mut self, what: &str, found: impl Fn(Value) -> Option<T>) -> T {
        let search = async {
            loop {
                if let Some(found) = found(self.frame().await) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search).await.unwrap_or_else(|_| panic!("{what} did not come"))
    }

    /// The next frame that has this.
    pub async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.find("the frame", |frame| wanted(&frame).then_some(frame)).await
    }

    /// The next event of this type.
    pub async fn event(&mut self, kind: &str) -> Value {
        self.find(kind, |frame| frame["events"].as_array()?.iter().find(|e| e["type"] == kind).cloned()).await
    }

    async fn say(&mut self, frame: Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// With which code it is closed.
    async fn close_code(&mut self) -> u16 {
        let search = async {
            loop {
                if let Message::Close(frame) = self.message().await {
                    return frame.map_or(0, |f| f.code.into());
                }
            }
        };
        tokio::time::timeout(PATIENCE, search).await.expect("it was closed")
    }
}

async fn dial(
    house: &House,
    query: &str,
    headers: &[(&'static str, &str)],
) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, tungstenite::Error> {
    let mut request = format!("ws://{}/api/v1/live{query}", house.address).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    tokio_tungstenite::connect_async(request).await.map(|(socket, _)| socket)
}

async fn refused(house: &House, headers: &[(&'static str, &str)]) -> u16 {
    match dial(house, "", headers).await {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_socket_needs_a_session_and_a_page_of_ours() {
    let (house, owner) = House::set_up().await;
    let cookie = owner.cookie.as_str();
    assert_eq!(refused(&house, &[]).await, 401);
    assert_eq!(refused(&house, &[("cookie", cookie), ("origin", "https://evil.example")]).await, 403);
    let own = format!("http://{}", house.address);
    assert!(dial(&house, "", &[("cookie", cookie), ("origin", &own)]).await.is_ok());
}

#[tokio::test]
async fn what_happened_before_and_what_happens_come_in_order_without_a_gap() {
    let (house, owner) = House::set_up().await;
    let mut ear = Ear::open(&house, &owner, Some(0)).await;
    let mut seq = 0;
    let mut types = Vec::new();
    for name in ["West", "East"] {
        house.post(&owner, "/teams", &json!({ "name": name })).await.expect(201);
    }
    while types.iter().filter(|t| *t == "team.created").count() < 3 {
        let frame = ear.until(|f| f["events"].is_array()).await;
        assert_eq!(frame["after"], seq, "{frame}");
        seq = frame["seq"].as_i64().unwrap();
        for event in frame["events"].as_array().unwrap() {
            types.push(event["type"].as_str().unwrap().to_owned());
            assert!(event["seq"].as_i64().unwrap() <= seq);
        }
    }
    assert_eq!(types[0], "workspace.created");
    let log = house.get(&owner, "/events?after=0").await.expect(200);
    let logged: Vec<&str> = log["data"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
    assert_eq!(types, logged);
    assert_eq!((&log["seq"], &log["next_cursor"]), (&json!(seq), &Value::Null));
    let created = log["data"].as_array().unwrap().iter().rfind(|e| e["type"] == "team.created").unwrap();
    assert_eq!(created["data"]["name"], "East");
    assert_eq!((&created["actor"]["kind"], &created["actor"]["id"]), (&json!("user"), &json!(owner.id)));
    assert_eq!(created["subject_id"], created["data"]["id"]);
}

#[tokio::test]
async fn the_log_is_read_in_pages() {
    let (house, owner) = House::set_up().await;
    for n in 0..5 {
        house.post(&owner, "/teams", &json!({ "name": format!("Team {n}") })).await.expect(201);
    }
    let whole = house.get(&owner, "/events").await.expect(200)["data"].as_array().unwrap().clone();
    let mut pages = Vec::new();
    let mut query = "after=0".to_owned();
    loop {
        let page = house.get(&owner, &format!("/events?{query}&limit=2")).await.expect(200);
        pages.extend(page["data"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(pages, whole);
}

#[tokio::test]
async fn a_seq_from_the_future_shows_as_a_gap() {
    let (house, owner) = House::set_up().await;
    let seq = house.get(&owner, "/me").await.expect(200)["seq"].clone();
    let mut ear = Ear::open(&house, &owner, Some(1_000_000)).await;
    assert_eq!(ear.frame().await, json!({ "after": seq, "seq": seq, "events": [] }));
}

#[tokio::test]
async fn counts_come_at_first_and_whenever_they_change() {
    let (house, owner, carrier) = House::connected().await;
    let mut ear = Ear::open(&house, &owner, None).await;
    let first = ear.until(|f| f["mine"]["counts"].is_object()).await;
    assert_eq!(first["mine"]["counts"]["unassigned"], json!({ "total": 0, "unread": 0 }));
    carrier.text(MAYA, LINE, "Is my order ready?", Vec::new()).unwrap();
    let changed = ear.until(|f| f["mine"]["counts"]["unassigned"]["total"] == 1).await;
    assert_eq!(changed["mine"]["counts"]["unassigned"]["unread"], 1);
    let team = changed["mine"]["counts"]["teams"].as_object().unwrap().values().next().unwrap();
    assert_eq!(team["unassigned"]["total"], 1);
}

#[tokio::test]
async fn what_i_read_is_told_to_my_other_browsers_and_to_nobody_else() {
    let (house, owner, carrier) = House::connected().await;
    let agent = house.person(&owner, Role::Agent).await;
    let (mut mine, mut theirs) = (Ear::open(&house, &owner, None).await, Ear::open(&house, &agent, None).await);
    carrier.text(MAYA, LINE, "Hello?", Vec::new()).unwrap();
    let conversation = mine.event("message.received").await["conversation_id"].as_str().unwrap().to_owned();
    let path = format!("/conversations/{conversation}/read");
    house.ask(Method::POST, Some(&owner), &path, None).await.expect(204);
    let read = mine.until(|f| f["mine"]["read"].is_object()).await;
    assert_eq!(read["mine"]["read"], json!({ "conversation_id": conversation, "unread": false, "entry_id": null }));
    house.post(&owner, &format!("/conversations/{conversation}/notes"), &json!({ "text": "mine" })).await.expect(201);
    let meanwhile = theirs.until(|f| f["mine"]["read"].is_object() || f["events"][0]["type"] == "note.created").await;
    assert!(meanwhile["mine"].is_null(), "{meanwhile}");
}

#[tokio::test]
async fn who_looks_and_who_types_is_seen_by_who_may_see_the_conversation() {
    let (house, owner, carrier) = House::connected().await;
    let agent = house.person(&owner, Role::Agent).await;
    let (mut ana, mut ben) = (Ear::open(&house, &owner, None).await, Ear::open(&house, &agent, None).await);
    carrier.text(MAYA, LINE, "Hello?", Vec::new()).unwrap();
    let conversation = ana.event("message.received").await["conversation_id"].clone();
    ben.say(json!({ "view": conversation })).await;
    let seen = ana.until(|f| f["presence"].is_object()).await;
    assert_eq!(seen["presence"]["conversation_id"], conversation);
    assert_eq!(seen["presence"]["viewers"][0]["id"], agent.id);
    ben.say(json!({ "typing": conversation })).await;
    let types = ana.until(|f| f["presence"]["typing"][0].is_object()).await;
    assert_eq!(types["presence"]["typing"][0]["id"], agent.id);
    ben.say(json!({ "view": null })).await;
    ana.until(|f| f["presence"]["viewers"] == json!([])).await;
    ben.say(json!({ "view": "conv_01h455vb4pex5vsknk084sn02q" })).await;
    ben.say(json!("nonsense")).await;
    ben.say(json!({ "view": conversation })).await;
    let back = ana.until(|f| f["presence"].is_object()).await;
    assert_eq!(back["presence"]["conversation_id"], conversation, "a conversation that is not there has no viewers");
}

#[tokio::test]
async fn who_may_not_see_a_conversation_hears_nothing_of_it() {
    let (house, owner, carrier) = House::connected().await;
    let agent = house.person(&owner, Role::Agent).await;
    let closed =
        house.post(&owner, "/teams", &json!({ "name": "Closed", "closed": true })).await.expect(201)["id"].clone();
    let (mut ana, mut ben) = (Ear::open(&house, &owner, None).await, Ear::open(&house, &agent, None).await);
    carrier.text(MAYA, LINE, "Between us", Vec::new()).unwrap();
    let received = ana.event("message.received").await;
    assert_eq!(received["data"]["entry"]["text"], "Between us");
    let conversation = received["conversation_id"].as_str().unwrap().to_owned();
    assert_eq!(ben.event("message.received").await["conversation_id"], conversation);
    ana.say(json!({ "view": conversation })).await;
    ben.until(|f| f["presence"]["viewers"][0].is_object()).await;

    house.patch(&owner, &format!("/conversations/{conversation}"), &json!({ "team_id": closed })).await.expect(200);
    let hidden = ben.event("conversation.hidden").await;
    assert_eq!((&hidden["conversation_id"], &hidden["data"]), (&json!(conversation), &Value::Null));
    house.get(&agent, &format!("/conversations/{conversation}")).await.problem(404, "not_found");

    ana.until(|f| f["presence"].is_object()).await;
    ana.say(json!({ "view": null })).await;
    ana.until(|f| f["presence"]["viewers"] == json!([])).await;
    carrier.text(MAYA, LINE, "And more", Vec::new()).unwrap();
    let more = ana.event("message.received").await;
    // a frame covers the seq and says nothing of it
    let frame = ben.until(|f| f["presence"].is_object() || f["seq"].as_i64() >= more["seq"].as_i64()).await;
    assert_eq!(frame["events"], json!([]), "{frame}");
    let log = house.get(&agent, "/events?after=0").await;
    assert!(!log.text.contains("And more") && !log.text.contains("Between us"), "{}", log.text);
}

#[tokio::test]
async fn a_session_that_ends_closes_its_sockets() {
    let (house, owner) = House::set_up().await;
    let agent = house.person(&owner, Role::Agent).await;
    let mut ear = Ear::open(&house, &agent, None).await;
    house.patch(&owner, &format!("/users/{}", agent.id), &json!({ "active": false })).await.expect(200);
    assert_eq!(ear.close_code().await, 4001);
}

#[tokio::test]
async fn signing_out_closes_its_sockets_and_not_those_of_another_browser() {
    let (house, owner) = House::set_up().await;
    let elsewhere = house.sign_in(&owner.email, crate::house::PASSWORD).await;
    let (mut here, mut there) = (Ear::open(&house, &owner, None).await, Ear::open(&house, &elsewhere, None).await);
    house.ask(Method::DELETE, Some(&owner), "/session", None).await.expect(204);
    assert_eq!(here.close_code().await, 4001);
    assert_eq!(there.event("user.signed_out").await["actor"]["id"], owner.id);
    house.get(&elsewhere, "/me").await.expect(200);
}

#[tokio::test]
async fn a_client_that_does_not_stop_talking_is_closed() {
    let (house, owner) = House::set_up().await;
    let mut ear = Ear::open(&house, &owner, None).await;
    for _ in 0..200 {
        if ear.0.send(Message::text("{\"view\":null}")).await.is_err() {
            break;
        }
    }
    assert_eq!(ear.close_code().await, 1008);
}

#[tokio::test]
async fn a_server_that_stops_says_good_bye() {
    let (house, owner) = House::set_up().await;
    let mut ear = Ear::open(&house, &owner, None).await;
    ear.until(|f| f["events"].is_array()).await;
    house.stop();
    assert_eq!(ear.close_code().await, 1001);
}
