//! Settings that can break the road.

use partyline_carrier::demo;
use partyline_core::time::{DAY, HOUR, SECOND};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::engine::behaviours;
use crate::hooks;
use crate::person::id;
use crate::world::{LEASING, MAYA, STRANGER, WEST, carrier, credentials};

/// The primary token that the account gets when its old one is replaced. The carrier signs with the old one still.
const OLD: &str = "0123456789abcdef0123456789abcdef";

behaviours! {
    async fn the_price_of_a_segment_is_what_its_operator_says(w) {
        let path = format!("/channels/{}", id(&w.olga.all("/channels").await[0]));
        let price = json!({ "per_segment": 0.0079, "currency": "usd" });
        let channel = w.olga.patch(&path, json!({ "price": price })).await.is(200);
        assert_eq!(channel["settings"]["price"], json!({ "per_segment": 0.0079, "currency": "USD" }));
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        assert_eq!(ana.get(&path).await["settings"]["price"]["currency"], "USD", "who writes sees what it costs");
        for wrong in [json!({ "per_segment": -1, "currency": "USD" }), json!({ "per_segment": 1, "currency": "US$" })] {
            w.olga.patch(&path, json!({ "price": wrong })).await.refuses(422, "invalid");
        }
        assert_eq!(w.olga.patch(&path, json!({ "price": null })).await["settings"]["price"], Value::Null);
    }

    async fn after_a_rotation_the_old_token_verifies_webhooks_for_a_day_and_not_longer(w) {
        let path = format!("/connections/{}", w.connection);
        // the connection knows a token that the provider has replaced: made so below the API, which would try it first
        let connection = w.connection.parse().unwrap();
        let workspace = w.workspaces().await[0];
        let row = w.desk().db().read(workspace, move |scope| scope.connection(connection)).await.unwrap().unwrap();
        let key = partyline_store::secrets::SecretKey::read(&w.place.folder.path().join("secret.key")).unwrap();
        let sealed = key.seal(w.connection.as_bytes(), json!({ "account_sid": demo::ACCOUNT_SID, "auth_token": OLD }).to_string().as_bytes());
        w.desk().db().write(workspace, w.clock.now(), move |tx| {
            tx.set_connection(&partyline_store::channels::ConnectionRow { credentials: Some(sealed), ..row })
        }).await.unwrap();
        let text = |n| hooks::text(&hooks::sid(n), STRANGER, WEST, "Hello");
        let (url, http) = (w.hook("message"), &w.http);
        assert_eq!(hooks::post(http, &url, OLD, &text(1)).await.status, 200);
        assert_eq!(hooks::post(http, &url, demo::AUTH_TOKEN, &text(2)).await.status, 403);
        let changed = w.olga.patch(&path, json!({ "credentials": { "auth_token": demo::AUTH_TOKEN } })).await.is(200);
        assert!(changed["previous_secret_until"].is_string());
        assert!(!changed.to_string().contains(demo::AUTH_TOKEN) && !changed.to_string().contains(OLD), "secrets are never told");
        assert_eq!(hooks::post(http, &url, demo::AUTH_TOKEN, &text(3)).await.status, 200);
        assert_eq!(hooks::post(http, &url, OLD, &text(4)).await.status, 200, "what was signed before is under way");
        w.advance(12 * HOUR);
        // another change in between does not give the old one more time
        w.olga.patch(&path, json!({ "name": "Twilio, main", "credentials": { "auth_token": demo::AUTH_TOKEN } })).await.is(200);
        w.advance(12 * HOUR - SECOND);
        assert_eq!(hooks::post(http, &url, OLD, &text(5)).await.status, 200);
        w.advance(2 * SECOND);
        assert_eq!(hooks::post(http, &url, OLD, &text(6)).await.status, 403);
        assert_eq!(hooks::post(http, &url, demo::AUTH_TOKEN, &text(7)).await.status, 200);
    }

    async fn another_api_address_never_sees_the_credentials_of_the_first(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let stop = CancellationToken::new();
        let (_other, road, provider) = carrier(&stop).await;
        let path = format!("/connections/{}", w.connection);
        let changed = w.olga.patch(&path, json!({ "api_base_url": road.url() })).await.is(200);
        assert_eq!(changed["api_base_url"].as_str().unwrap().trim_end_matches('/'), road.url());
        assert_eq!(changed["status"], "refused");
        let sent = id(&w.olga.reply(&conversation, "To whom?").await.is(202));
        w.delivery(&conversation, &sent, "failed").await;
        let wire: Vec<Value> = w.http.get(format!("{provider}/carrier/wire")).send().await.unwrap().json().await.unwrap();
        assert_eq!(wire, Vec::<Value>::new(), "the new address was asked something");
        assert_eq!(w.post_hook("message", &hooks::text(&hooks::sid(1), STRANGER, WEST, "Hello")).await.status, 403);
        let back = json!({ "api_base_url": w.road.url(), "credentials": crate::world::credentials() });
        w.olga.patch(&path, back).await.is(200);
        w.olga.post(&format!("/messages/{sent}/retry"), json!({})).await.is(202);
        w.delivery(&conversation, &sent, "delivered").await;
        stop.cancel();
    }

    async fn wrong_credentials_are_refused_and_nothing_is_saved(w) {
        let wrong = json!({ "account_sid": demo::ACCOUNT_SID, "auth_token": OLD });
        let body = json!({ "provider": "twilio", "name": "x", "credentials": wrong, "api_base_url": w.road.url() });
        w.olga.post("/connections/verify", body.clone()).await.refuses(422, "credentials_refused");
        w.olga.post("/connections", body).await.refuses(422, "credentials_refused");
        assert_eq!(w.olga.all("/connections").await.len(), 1);
        let path = format!("/connections/{}", w.connection);
        w.olga.patch(&path, json!({ "credentials": { "auth_token": OLD } })).await.refuses(422, "credentials_refused");
        let conversation = id(&w.text(MAYA, "Hello").await);
        let sent = id(&w.olga.reply(&conversation, "Still here").await.is(202));
        w.delivery(&conversation, &sent, "delivered").await;
    }

    async fn an_account_that_is_connected_already_keeps_its_connection_and_takes_the_new_credentials(w) {
        w.text(MAYA, "Hello").await;
        w.post_hook("message", &hooks::text(&hooks::sid(1), STRANGER, LEASING, "Is this Leasing?")).await.is(200);
        let found = w.olga.events(0).await.len();
        w.olga.delete(&format!("/channels/{}", w.channel)).await.is(204);
        let through = |name: &str, address: &str| {
            json!({ "kind": "sms", "name": name, "address": address, "provider": "twilio", "credentials": credentials(), "api_base_url": w.road.url(), "set_webhooks": true })
        };
        let back = w.olga.post("/channels", through("West line", WEST)).await.is(201);
        assert_eq!((&back["id"], &back["connection_id"]), (&json!(w.channel), &json!(w.connection)));
        let told: Vec<Value> = w.olga.events(0).await[found..].iter().map(|e| e["type"].clone()).collect();
        assert!(told.contains(&json!("connection.updated")) && !told.contains(&json!("connection.created")), "{told:?}");
        // nothing is doubled by an import, and what was held under the account comes to its number
        w.advance(SECOND);
        w.olga.post(&format!("/channels/{}/imports", w.channel), json!({ "days": 90 })).await.is(201);
        let imports = format!("/channels/{}/imports", w.channel);
        let done = w.until("it is done", async || {
            let newest = w.olga.get(&imports).await.is(200)["data"][0].clone();
            (newest["status"] == "done").then_some(newest)
        }).await;
        assert_eq!(done["imported"], 0);
        w.olga.post("/channels", through("Leasing line", LEASING)).await.is(201);
        let like = json!({ "reason": "no_channel", "connection_id": w.connection, "address": LEASING });
        assert_eq!(w.olga.post("/inbound/replay", like).await.is(200)["replayed"], 1);
        // the same by the other way, which names it
        let again = json!({ "provider": "twilio", "name": "Main account", "credentials": credentials(), "api_base_url": w.road.url() });
        let again = w.olga.post("/connections", again).await.is(201);
        assert_eq!((&again["id"], &again["name"]), (&json!(w.connection), &json!("Main account")));
        assert_eq!(again["previous_secret_until"], Value::Null, "nothing was replaced");
        assert_eq!(w.olga.all("/connections").await.len(), 1);
    }

    async fn what_a_connection_takes_over_replaces_its_token_as_a_change_would(w) {
        let connection = w.connection.parse().unwrap();
        let workspace = w.workspaces().await[0];
        let row = w.desk().db().read(workspace, move |scope| scope.connection(connection)).await.unwrap().unwrap();
        let key = partyline_store::secrets::SecretKey::read(&w.place.folder.path().join("secret.key")).unwrap();
        let sealed = key.seal(w.connection.as_bytes(), json!({ "account_sid": demo::ACCOUNT_SID, "auth_token": OLD }).to_string().as_bytes());
        w.desk().db().write(workspace, w.clock.now(), move |tx| {
            tx.set_connection(&partyline_store::channels::ConnectionRow { credentials: Some(sealed), status: "refused".to_owned(), ..row })
        }).await.unwrap();
        let body = json!({ "provider": "twilio", "name": "Twilio", "credentials": credentials(), "api_base_url": w.road.url() });
        let taken = w.olga.post("/connections", body).await.is(201);
        assert_eq!((&taken["id"], &taken["status"]), (&json!(w.connection), &json!("connected")));
        assert!(taken["previous_secret_until"].is_string());
        let (url, http) = (w.hook("message"), &w.http);
        for (n, token) in [(1, demo::AUTH_TOKEN), (2, OLD)] {
            assert_eq!(hooks::post(http, &url, token, &hooks::text(&hooks::sid(n), STRANGER, WEST, "Hello")).await.status, 200);
        }
        // and no connection becomes a second one of an account
        let other = json!({ "provider": "twilio", "name": "Elsewhere", "credentials": credentials(), "api_base_url": w.provider });
        let other = id(&w.olga.post("/connections", other).await.is(201));
        let moved = json!({ "api_base_url": w.road.url(), "credentials": credentials() });
        w.olga.patch(&format!("/connections/{other}"), moved).await.refuses(422, "invalid");
    }

    async fn a_removed_channel_neither_receives_nor_sends_and_its_past_stays(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}/messages");
        let held = id(&w.olga.post(&path, json!({ "text": "In five", "undo_seconds": 5 })).await.is(202));
        assert_eq!(w.olga.delete(&format!("/channels/{}", w.channel)).await.status, 204);
        w.advance(6 * SECOND);
        w.delivery(&conversation, &held, "failed").await;
        w.olga.reply(&conversation, "Hello?").await.refuses(422, "channel_gone");
        w.olga.post(&format!("/messages/{held}/retry"), json!({})).await.refuses(422, "channel_gone");
        assert_eq!(w.post_hook("message", &hooks::text(&hooks::sid(1), STRANGER, WEST, "Hello")).await.status, 200);
        assert_eq!(w.quarantined().await.len(), 1);
        assert_eq!(w.olga.messages(&conversation).await.len(), 2);
        assert!(w.send_requests().await.is_empty());
        w.channel("West again", WEST, &w.team).await;
        w.text(MAYA, "Hello again").await;
        w.advance(DAY);
    }

    async fn a_colleague_who_left_is_signed_out_and_nothing_goes_back_to_them(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let sent = id(&ana.reply(&conversation, "Hi").await.is(202));
        w.delivery(&conversation, &sent, "delivered").await;
        ana.patch(&format!("/conversations/{conversation}"), json!({ "status": "closed" })).await.is(200);
        w.olga.patch(&format!("/users/{}", ana.id), json!({ "active": false })).await.is(200);
        assert_eq!(ana.get("/me").await.status, 401);
        w.forget(&ana);
        let again = w.text(MAYA, "One more thing").await;
        assert_eq!((&again["id"], &again["assignee_ids"]), (&json!(conversation), &json!([])));
        assert_eq!(w.olga.view("unassigned").await.len(), 1);
    }
}
