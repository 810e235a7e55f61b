//! Messages that wait for their time: planned anew, taken back when the customer writes first, listed, handed over.

use partyline_carrier::{Faults, Switch};
use partyline_core::time::{DAY, HOUR, MINUTE, Millis, SECOND};
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::{Answer, Person, id};
use crate::world::{MAYA, WREN, World};

fn time_in(w: &World, millis: i64) -> Value {
    json!(Millis(w.clock.now().0 + millis))
}

/// Plans a text, and says what else of it.
async fn planned(w: &World, who: &Person, conversation: &str, text: &str, millis: i64, more: Value) -> Value {
    let mut body = json!({ "text": text, "send_at": time_in(w, millis) });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let message = who.post(&format!("/conversations/{conversation}/messages"), body).await.is(202);
    assert_eq!(message["delivery"]["status"], "scheduled");
    message
}

async fn plan(who: &Person, message: &str, send_at: Value) -> Answer {
    who.patch(&format!("/messages/{message}"), json!({ "send_at": send_at })).await
}

async fn status(w: &World, conversation: &str, message: &str) -> String {
    w.olga.message(conversation, message).await["delivery"]["status"].as_str().unwrap().to_owned()
}

/// The lines that say that something was taken back.
async fn lines(who: &Person, conversation: &str) -> Vec<Value> {
    let entries = who.entries(conversation).await;
    entries.into_iter().filter(|e| e["type"] == "event" && e["data"]["taken_back"].is_string()).collect()
}

/// The ids of the messages in a list.
async fn listed(who: &Person, query: &str) -> Vec<String> {
    who.all(&format!("/messages?{query}")).await.iter().map(|row| id(&row["entry"])).collect()
}

async fn count(who: &Person) -> Value {
    who.get("/me").await.is(200)["counts"]["scheduled"].take()
}

behaviours! {
    async fn what_is_planned_leaves_at_another_time_or_now(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let sooner = id(&planned(w, &w.olga, &maya, "sooner", 2 * HOUR, json!({})).await);
        let now = id(&planned(w, &w.olga, &maya, "now", HOUR, json!({ "cancel_on_reply": true })).await);
        let at = time_in(w, HOUR);
        let moved = plan(&w.olga, &sooner, at.clone()).await.is(200);
        assert_eq!((&moved["delivery"]["status"], &moved["delivery"]["send_at"]), (&json!("scheduled"), &at));
        let before = w.olga.seq().await;
        plan(&w.olga, &sooner, at).await.is(200);
        assert_eq!(w.olga.seq().await, before, "what is as it was leaves no event");
        let left = plan(&w.olga, &now, Value::Null).await.is(200);
        assert_eq!((&left["delivery"]["status"], &left["delivery"]["cancel_on_reply"]), (&json!("queued"), &json!(false)));
        w.delivery(&maya, &now, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["now"]);
        w.advance(HOUR + SECOND);
        w.delivery(&maya, &sooner, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["now", "sooner"]);
        let told: Vec<Value> = w.olga.events(before).await;
        let told: Vec<&Value> = told.iter().filter(|e| e["subject_id"] == now && e["type"] == "message.queued").collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["actor"]["id"], json!(w.olga.id), "it says who");
    }

    async fn a_time_that_is_over_means_now_and_nothing_is_planned_by_a_request_that_says_nothing(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let message = id(&planned(w, &w.olga, &maya, "later", HOUR, json!({})).await);
        w.olga.patch(&format!("/messages/{message}"), json!({})).await.refuses(422, "invalid");
        plan(&w.olga, &message, json!("tomorrow")).await.refuses(422, "invalid");
        plan(&w.olga, &message, time_in(w, 366 * DAY)).await.refuses(422, "invalid");
        let vic = w.person("Vic", "viewer", &[&w.team]).await;
        plan(&vic, &message, Value::Null).await.refuses(403, "forbidden");
        assert_eq!(status(w, &maya, &message).await, "scheduled");
        plan(&w.olga, &message, time_in(w, -HOUR)).await.is(200);
        w.delivery(&maya, &message, "delivered").await;
    }

    async fn what_is_in_its_undo_time_can_be_put_off_and_holds_back_nobody_then(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{maya}/messages");
        let first = id(&w.olga.post(&path, json!({ "text": "first", "undo_seconds": 60 })).await.is(202));
        let second = id(&w.olga.reply(&maya, "second").await.is(202));
        let put_off = plan(&w.olga, &first, time_in(w, HOUR)).await.is(200);
        assert_eq!(put_off["delivery"]["status"], "scheduled");
        w.delivery(&maya, &second, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["second"]);
        w.advance(HOUR + SECOND);
        w.delivery(&maya, &first, "delivered").await;
    }

    async fn what_is_leaving_or_has_left_is_too_late_to_plan(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let message = id(&planned(w, &w.olga, &maya, "leaving", MINUTE, json!({ "cancel_on_reply": true })).await);
        let back = id(&planned(w, &w.olga, &maya, "back", HOUR, json!({})).await);
        w.olga.delete(&format!("/messages/{back}")).await.is(200);
        plan(&w.olga, &back, Value::Null).await.refuses(409, "too_late");
        w.road.hold_answers();
        w.advance(MINUTE + SECOND);
        w.until("it is on its way", async || (w.on_phone(MAYA).len() == 1).then_some(())).await;
        plan(&w.olga, &message, time_in(w, HOUR)).await.refuses(409, "too_late");
        w.text(MAYA, "Wait").await;
        assert_ne!(status(w, &maya, &message).await, "cancelled", "it is too late to take it back");
        assert!(lines(&w.olga, &maya).await.is_empty());
        w.road.let_answers_through();
        w.delivery(&maya, &message, "delivered").await;
        plan(&w.olga, &message, Value::Null).await.refuses(409, "too_late");
        assert_eq!(w.on_phone(MAYA), ["leaving"], "once");
    }

    async fn planning_anew_what_was_sent_once_more_by_itself_allows_no_third_time(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { server_error: Switch::Times(1), ..Faults::default() });
        let message = id(&w.olga.reply(&maya, "Lost").await.is(202));
        w.delivery(&maya, &message, "unknown").await;
        w.faults(&Faults { too_many_requests: Switch::Always(true), ..Faults::default() });
        w.in_time("it is absent, and waits to be sent once more", SECOND, async || {
            (w.send_requests().await.len() > 1).then_some(())
        })
        .await;
        w.delivery(&maya, &message, "queued").await;
        w.until("nobody holds it", async || w.waits().await.then_some(())).await;
        plan(&w.olga, &message, time_in(w, HOUR)).await.is(200);
        let before = w.send_requests().await.len();
        w.faults(&Faults { server_error: Switch::Times(1), ..Faults::default() });
        w.advance(HOUR);
        w.in_time("it is a person's", SECOND, async || (w.jobs().await == 0).then_some(())).await;
        assert_eq!(status(w, &maya, &message).await, "unknown");
        assert_eq!(w.send_requests().await.len(), before + 1, "it was not sent a third time");
        assert!(w.on_phone(MAYA).is_empty());
    }

    async fn what_is_planned_unless_they_write_is_taken_back_when_they_do(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let (maya, wren) = (id(&w.text(MAYA, "Hello").await), id(&w.text(WREN, "Hello").await));
        let unless = json!({ "cancel_on_reply": true });
        let given = planned(w, &ana, &maya, "Still there?", HOUR, unless.clone()).await;
        assert_eq!(given["delivery"]["cancel_on_reply"], true);
        let stays = id(&planned(w, &ana, &maya, "See you at ten", HOUR, json!({})).await);
        let other = id(&planned(w, &ana, &wren, "And you?", HOUR, unless).await);
        assert!(w.olga.conversation(&maya).await["waiting_since"].is_null());
        let before = w.olga.seq().await;
        w.text(MAYA, "Yes, I am here").await;
        let taken = w.olga.message(&maya, &id(&given)).await["delivery"].clone();
        assert_eq!((&taken["status"], &taken["reason"]), (&json!("cancelled"), &json!("they_wrote")));
        assert_eq!((status(w, &maya, &stays).await, status(w, &wren, &other).await), ("scheduled".into(), "scheduled".into()));
        assert!(w.olga.conversation(&maya).await["waiting_since"].is_string());
        // its author sees why, at the end of the conversation
        let last = ana.entries(&maya).await.pop().unwrap();
        assert_eq!((&last["event"], &last["author"]["kind"]), (&json!("conversation.updated"), &json!("system")));
        assert_eq!(last["data"], json!({ "taken_back": "they_wrote", "message_id": id(&given) }));
        let events = w.olga.events(before).await;
        let kinds: Vec<&str> = events.iter().map(|e| e["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["message.received", "message.cancelled", "conversation.updated"]);
        w.advance(2 * HOUR);
        w.delivery(&maya, &stays, "delivered").await;
        w.delivery(&wren, &other, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["See you at ten"]);
    }

    async fn what_was_planned_in_a_matter_that_is_over_is_taken_back_by_a_new_one(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let more = json!({ "cancel_on_reply": true, "close": true });
        let message = id(&planned(w, &w.olga, &maya, "How did it go?", 10 * DAY, more).await);
        assert_eq!(w.olga.conversation(&maya).await["status"], "closed");
        // longer than what reopens it
        w.advance(5 * DAY);
        let next = id(&w.text(MAYA, "It went well").await);
        assert_ne!(next, maya, "another conversation");
        assert_eq!(status(w, &maya, &message).await, "cancelled");
        assert_eq!(lines(&w.olga, &maya).await.len(), 1);
        let sent = id(&w.olga.reply(&next, "Good!").await.is(202));
        w.advance(10 * DAY);
        w.delivery(&next, &sent, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["Good!"]);
    }

    async fn what_a_person_sends_now_is_not_taken_back_however_long_it_waits_for_its_provider(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let message = id(&planned(w, &w.olga, &maya, "now", HOUR, json!({ "cancel_on_reply": true })).await);
        let held = id(&w.olga.post(&format!("/conversations/{maya}/messages"), json!({ "text": "held", "undo_seconds": 60 })).await.is(202));
        // the one before it in its lane waits
        plan(&w.olga, &message, Value::Null).await.is(200);
        w.text(MAYA, "Hm").await;
        assert!(lines(&w.olga, &maya).await.is_empty());
        w.advance(61 * SECOND);
        w.delivery(&maya, &message, "delivered").await;
        w.delivery(&maya, &held, "delivered").await;
    }

    async fn the_gate_is_asked_again_when_it_leaves_and_when_it_is_planned_anew(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let at_its_time = id(&planned(w, &w.olga, &maya, "later", HOUR, json!({})).await);
        let now = id(&planned(w, &w.olga, &maya, "now", 2 * HOUR, json!({})).await);
        w.text(MAYA, "STOP").await;
        plan(&w.olga, &now, Value::Null).await.refuses(422, "opted_out");
        assert_eq!(status(w, &maya, &now).await, "scheduled", "it stays as it was");
        w.advance(HOUR + SECOND);
        let failed = w.delivery(&maya, &at_its_time, "failed").await;
        assert_eq!(failed["delivery"]["error"]["code"], "opted_out");
        assert!(w.on_phone(MAYA).iter().all(|text| text != "later" && text != "now"));
    }

    async fn an_answer_that_closes_does_both_or_nothing(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{maya}/messages");
        let seen = id(&w.olga.entries(&maya).await[0]);
        w.text(MAYA, "And another thing").await;
        let body = json!({ "text": "Done", "close": true, "seen_entry_id": seen });
        w.olga.post(&path, body.clone()).await.refuses(409, "stale_reply");
        assert_eq!(w.olga.conversation(&maya).await["status"], "open");
        let mut body = body;
        body["confirm"] = json!(["stale_reply"]);
        let before = w.olga.seq().await;
        let sent = id(&w.olga.post_once(&path, "once", body.clone()).await.is(202));
        assert_eq!(id(&w.olga.post_once(&path, "once", body).await.is(202)), sent);
        let conversation = w.olga.conversation(&maya).await;
        assert_eq!((&conversation["status"], &conversation["waiting_since"]), (&json!("closed"), &Value::Null));
        w.delivery(&maya, &sent, "delivered").await;
        let closed: Vec<Value> = w.olga.events(before).await;
        assert_eq!(closed.iter().filter(|e| e["type"] == "conversation.closed").count(), 1);
        assert_eq!(w.on_phone(MAYA), ["Done"]);
    }

    async fn what_waits_and_what_was_sent_is_listed_for_who_wrote_it(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let (maya, wren) = (id(&w.text(MAYA, "Hello").await), id(&w.text(WREN, "Hello").await));
        let second = id(&planned(w, &ana, &maya, "second", 2 * HOUR, json!({})).await);
        let first = id(&planned(w, &ana, &wren, "first", HOUR, json!({})).await);
        let others = id(&planned(w, &w.olga, &wren, "olga's", HOUR, json!({})).await);
        assert_eq!(listed(&ana, "view=scheduled").await, [first.as_str(), second.as_str()]);
        let mut pages = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = ana.get(&format!("/messages?view=scheduled&limit=1{cursor}")).await.is(200);
            pages.extend(page["data"].as_array().unwrap().iter().map(|row| id(&row["entry"])));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(pages, [first.as_str(), second.as_str()], "page by page");
        assert_eq!(listed(&w.olga, &format!("view=scheduled&author={}", ana.id)).await, [first.as_str(), second.as_str()]);
        assert_eq!(listed(&w.olga, "view=scheduled").await, [others.as_str()]);
        assert_eq!((count(&ana).await, count(&w.olga).await), (json!(2), json!(1)));
        assert!(listed(&ana, "view=sent").await.is_empty(), "what waits is not sent");
        let row = ana.get("/messages?view=scheduled").await.is(200)["data"][0].take();
        assert_eq!((&row["entry"]["text"], &row["conversation"]["id"]), (&json!("first"), &json!(wren)));
        plan(&ana, &second, Value::Null).await.is(200);
        w.delivery(&maya, &second, "delivered").await;
        let newest = id(&ana.reply(&wren, "newest").await.is(202));
        w.delivery(&wren, &newest, "delivered").await;
        assert_eq!(listed(&ana, "view=sent").await, [newest.as_str(), second.as_str()]);
        assert_eq!(count(&ana).await, json!(1));
        // what goes out of their sight is not shown, and not counted
        let closed = id(&w.olga.post("/teams", json!({ "name": "Closed", "closed": true })).await.is(201));
        let patch = json!({ "team_id": closed, "assignee_ids": [] });
        w.olga.patch(&format!("/conversations/{wren}"), patch).await.is(200);
        assert!(listed(&ana, "view=scheduled").await.is_empty());
        assert_eq!(count(&ana).await, json!(0));
        assert_eq!(listed(&ana, "view=sent").await, [second.as_str()]);
        for query in ["", "?view=lost", "?view=sent&author=nobody", "?view=sent&author=x", "?view=sent&cursor=x"] {
            let answer = ana.get(&format!("/messages{query}")).await;
            assert!(answer.status == 422 || answer.status == 404, "{query}: {}", answer.body);
        }
    }

    async fn what_somebody_who_leaves_has_planned_is_handed_over_and_still_leaves(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let ben = w.person("Ben", "agent", &[&w.team]).await;
        let (maya, wren) = (id(&w.text(MAYA, "Hello").await), id(&w.text(WREN, "Hello").await));
        let given = id(&planned(w, &ana, &maya, "given", HOUR, json!({})).await);
        let unseen = id(&planned(w, &ana, &wren, "unseen", HOUR, json!({})).await);
        // hers no more, and where Ben does not see it
        let closed = id(&w.olga.post("/teams", json!({ "name": "Closed", "closed": true })).await.is(201));
        w.olga.patch(&format!("/conversations/{wren}"), json!({ "team_id": closed, "assignee_ids": [] })).await.is(200);
        w.olga.patch(&format!("/users/{}", ana.id), json!({ "active": false })).await.is(200);
        w.forget(&ana);
        let before = w.olga.seq().await;
        let path = format!("/users/{}/handover", ana.id);
        let done = w.olga.post(&path, json!({ "to_user_id": ben.id })).await.is(200);
        assert_eq!(done, json!({ "moved": 1, "messages": 2, "more": false }));
        assert_eq!(listed(&ben, "view=scheduled").await, [given.as_str()]);
        assert_eq!(listed(&w.olga, "view=scheduled&author=nobody").await, [unseen.as_str()]);
        assert!(listed(&w.olga, &format!("view=scheduled&author={}", ana.id)).await.is_empty());
        let events = w.olga.events(before).await;
        assert_eq!(events.iter().filter(|e| e["type"] == "message.updated").count(), 2);
        assert_eq!(ben.message(&maya, &given).await["author"]["name"], "Ana", "who wrote it stays as it is");
        plan(&ben, &given, time_in(w, 2 * HOUR)).await.is(200);
        w.advance(HOUR + SECOND);
        w.delivery(&wren, &unseen, "delivered").await;
        w.advance(HOUR);
        w.delivery(&maya, &given, "delivered").await;
        assert_eq!((w.on_phone(MAYA), w.on_phone(WREN)), (vec!["given".to_owned()], vec!["unseen".to_owned()]));
    }
}
