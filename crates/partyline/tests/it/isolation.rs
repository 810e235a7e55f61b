//! Another business in the same installation: nothing of one can be reached from the other.

use partyline_desk::account::{SessionFrom, SetupIn};
use partyline_server::routes::TABLE;
use reqwest::Method;
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::{PASSWORD, Person, id};
use crate::socket::Socket;
use crate::world::{MAYA, WREN, World};

/// Another business with an owner of its own.
async fn another(w: &World) -> Person {
    let setup = SetupIn {
        workspace_name: "Elm & Sons".to_owned(),
        name: "Eve".to_owned(),
        email: "eve@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        time_zone: None,
        from: SessionFrom::default(),
    };
    w.desk().create_workspace(setup, false).await.unwrap();
    Person::sign_in(&w.http, &w.base, "eve@example.com").await
}

behaviours! {
    async fn no_id_of_one_business_means_anything_in_another(w) {
        let eve = another(w).await;
        let eves_log = Socket::open(&eve, Some(0)).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let sent = id(&w.olga.reply(&conversation, "Hi").await.is(202));
        w.delivery(&conversation, &sent, "delivered").await;
        let note = id(&w.olga.post(&format!("/conversations/{conversation}/notes"), json!({ "text": "Secret" })).await.is(201));
        let part = reqwest::multipart::Part::bytes(b"hello".to_vec()).file_name("a.txt").mime_str("text/plain").unwrap();
        let form = reqwest::multipart::Form::new().part("file", part);
        let file = id(&w.olga.ask(w.olga.request(Method::POST, "/attachments").multipart(form)).await.is(201));
        let ids = [&conversation, &sent, &note, &file, &w.olga.id, &w.team, &w.connection, &w.channel];
        for route in TABLE {
            if !route.path.contains("{id}") {
                continue;
            }
            for thing in ids {
                let path = route.path.replace("{id}", thing).replace("{emoji}", "%F0%9F%91%8D");
                let method: Method = route.method.parse().unwrap();
                let request = eve.request(method, &path).json(&json!({ "text": "x", "name": "x", "status": "closed", "as": "sent", "days": 1, "done": true, "send_at": null }));
                let answer = eve.ask(request).await;
                assert_eq!(answer.status, 404, "{} {path}: {}", route.method, answer.body);
            }
        }
        for list in ["/conversations", "/channels", "/connections", "/users", "/teams"] {
            for row in eve.all(list).await {
                assert!(!ids.contains(&&id(&row)), "{list}");
            }
        }
        assert_eq!(eve.get("/me").await.is(200)["counts"]["all"]["total"], 0);
        let body = json!({ "channel_id": w.channel, "to": WREN, "text": "Hi", "confirm": ["first_contact"], "source": "x" });
        eve.post("/conversations", body).await.refuses(422, "invalid");
        let team = json!({ "name": "Elm", "member_ids": [w.olga.id] });
        eve.post("/teams", team).await.refuses(422, "invalid");
        let channel = json!({ "kind": "sms", "name": "x", "address": "+14155550188", "team_id": w.team, "connection_id": w.connection });
        eve.post("/channels", channel).await.refuses(422, "invalid");
        let seq = eve.seq().await;
        eves_log.reaches(seq).await;
        let said = Value::from(eves_log.frames()).to_string();
        for thing in ids {
            assert!(!said.contains(thing.as_str()), "{thing} was told to another business");
        }
    }

    async fn the_same_number_writes_to_each_business_apart(w) {
        let eve = another(w).await;
        let seqs = (w.olga.seq().await, eve.seq().await);
        w.text(MAYA, "STOP").await;
        assert!(w.olga.seq().await > seqs.0);
        assert_eq!(eve.seq().await, seqs.1, "each log counts for itself");
        let connection = json!({ "provider": "twilio", "name": "Twilio", "credentials": crate::world::credentials(), "api_base_url": w.road.url() });
        let connection = id(&eve.post("/connections", connection).await.is(201));
        let channel = json!({ "kind": "sms", "name": "Elm line", "address": "+16285550146", "connection_id": connection, "set_webhooks": true });
        let channel = id(&eve.post("/channels", channel).await.is(201));
        let body = json!({ "channel_id": channel, "to": MAYA, "text": "Hello from Elm", "confirm": ["first_contact"], "source": "asked us" });
        let started = eve.post("/conversations", body).await.is(201);
        w.until("it arrives", async || w.on_phone(MAYA).contains(&"Hello from Elm".to_owned()).then_some(())).await;
        assert_eq!(started["conversation"]["opted_out"], false, "a STOP to one business is a STOP to that one");
    }
}
