//! Triage in bulk: many at once, and back.

use std::time::Instant;

use partyline_carrier::demo;
use partyline_core::conversation::Status;
use partyline_core::permission::Role;
use partyline_core::time::{DAY, HOUR, MINUTE, Millis, SECOND};
use partyline_desk::Who;
use partyline_desk::bulk::BulkIn;
use partyline_desk::people::UserPatch;
use partyline_desk::triage::ConversationPatch;
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::hooks;
use crate::person::{Person, id};
use crate::world::{MAYA, WEST, WREN, World, at_once};

/// As many as may be changed at once, in ten chunks.
const MANY: u32 = 1_000;
/// Customers who write at the same time.
const TOGETHER: u32 = 50;

/// So many customers write, each from a number of their own; the conversations, in the order of those numbers.
async fn crowd(w: &World, many: u32) -> Vec<String> {
    for first in (0..many).step_by(TOGETHER as usize) {
        let texts = (first..many.min(first + TOGETHER)).map(|n| {
            let (http, hook) = (w.http.clone(), w.hook("message"));
            async move {
                let phone = format!("+1415556{n:04}");
                let fields = hooks::text(&hooks::sid(50_000 + n), &phone, WEST, &format!("text {n}"));
                hooks::post(&http, &hook, demo::AUTH_TOKEN, &fields).await.status
            }
        });
        assert!(at_once(texts).await.iter().all(|status| *status == 200));
    }
    let mut all = w.olga.view("all").await;
    all.sort_by_key(|conversation| conversation["contact"]["address"].as_str().unwrap().to_owned());
    all.iter().map(id).collect()
}

async fn begin(who: &Person, conversations: &[String], patch: Value) -> String {
    let begun = who.post("/conversations/bulk", json!({ "conversation_ids": conversations, "patch": patch })).await;
    let begun = begun.is(202);
    assert_eq!(begun["total"], conversations.len());
    id(&begun)
}

/// Waits until it is over, and gives what it says then.
async fn over(w: &World, who: &Person, bulk: &str) -> Value {
    w.until("it is over", async || {
        let now = who.get(&format!("/bulk/{bulk}")).await.is(200);
        (now["state"] == "done" || now["state"] == "undone").then_some(now)
    })
    .await
}

async fn undo(w: &World, who: &Person, bulk: &str) -> Value {
    assert_eq!(who.delete(&format!("/bulk/{bulk}")).await.is(202)["state"], "undoing");
    over(w, who, bulk).await
}

/// State, done and refused.
fn says(bulk: &Value) -> (String, i64, i64) {
    let number = |name: &str| bulk[name].as_i64().unwrap();
    (bulk["state"].as_str().unwrap().to_owned(), number("done"), number("refused"))
}

fn done(state: &str, done: i64, refused: i64) -> (String, i64, i64) {
    (state.to_owned(), done, refused)
}

/// What triage can change of each.
async fn triaged(who: &Person, conversations: &[String]) -> Vec<Value> {
    let fields =
        ["status", "snoozed_until", "team_id", "assignee_ids", "label_ids", "priority", "waiting_since", "unread"];
    let mut all = Vec::new();
    for conversation in conversations {
        let now = who.conversation(conversation).await;
        all.push(fields.iter().map(|field| now[*field].clone()).collect());
    }
    all
}

async fn lines(who: &Person, conversation: &str) -> Vec<String> {
    let entries = who.entries(conversation).await;
    entries.iter().filter(|e| e["type"] == "event").map(|e| e["event"].as_str().unwrap().to_owned()).collect()
}

async fn label(who: &Person, name: &str) -> String {
    id(&who.post("/labels", json!({ "name": name, "colour": "red" })).await.is(201))
}

behaviours! {
    async fn a_thousand_are_closed_in_chunks_and_a_kill_in_between_does_nothing_twice_and_leaves_nothing_out(w) {
        let all = crowd(w, MANY).await;
        assert_eq!(all.len(), MANY as usize);
        let before = triaged(&w.olga, &all[..20]).await;
        let (from, began) = (w.olga.seq().await, Instant::now());
        let bulk = begin(&w.olga, &all, json!({ "status": "closed", "priority": "high" })).await;
        w.until("some of it is done", async || {
            let now = w.olga.get(&format!("/bulk/{bulk}")).await.is(200)["done"].as_i64().unwrap();
            assert_eq!(now % 100, 0, "a chunk is done whole");
            (now > 0).then_some(())
        })
        .await;
        w.kill();
        let (workspace, action) = (w.workspaces().await[0], bulk.parse().unwrap());
        let row = w.desk().db().read(workspace, move |scope| scope.bulk_action(action)).await.unwrap().unwrap();
        assert!(row.done < i64::from(MANY), "it was killed in the middle: {row:?}");
        w.start().await;
        // what the killed one held is free at once, or with its lease
        w.in_time("it is done", MINUTE, async || {
            (w.olga.get(&format!("/bulk/{bulk}")).await.is(200)["state"] == "done").then_some(())
        })
        .await;
        println!("{MANY} closed, with a kill in between: {:?}", began.elapsed());
        assert_eq!(says(&w.olga.get(&format!("/bulk/{bulk}")).await.is(200)), done("done", 1_000, 0));
        assert_eq!(w.olga.view("closed").await.len(), MANY as usize);
        let log = w.olga.events(from).await;
        let of = |kind: &str| log.iter().filter(|e| e["type"] == kind).count();
        assert_eq!((of("conversation.closed"), of("conversation.updated")), (1_000, 1_000), "one line each");
        assert_eq!((of("bulk.started"), of("bulk.ended")), (1, 1));
        let began = Instant::now();
        assert_eq!(says(&undo(w, &w.olga, &bulk).await), done("undone", 1_000, 0));
        println!("{MANY} undone: {:?}", began.elapsed());
        assert_eq!(triaged(&w.olga, &all[..20]).await, before, "as if nothing had been");
        assert_eq!(w.olga.view("all").await.len(), MANY as usize);
    }

    async fn each_is_undone_to_what_it_was_and_one_that_was_changed_since_is_left(w) {
        let (vip, leak) = (label(&w.olga, "vip").await, label(&w.olga, "Repairs/Leak").await);
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let all = crowd(w, 7).await;
        let path = |n: usize| format!("/conversations/{}", all[n]);
        let until = json!(Millis(w.clock.now().0 + HOUR));
        w.olga.patch(&path(0), json!({ "label_ids": [leak], "priority": "low" })).await.is(200);
        w.olga.patch(&path(1), json!({ "status": "snoozed", "snoozed_until": until })).await.is(200);
        w.olga.patch(&path(2), json!({ "status": "closed", "assignee_ids": [ana.id] })).await.is(200);
        w.olga.patch(&path(3), json!({ "label_ids": [vip, leak] })).await.is(200);
        w.olga.reply(&all[4], "Answered").await.is(202);
        w.until("it has left", async || w.waits().await.then_some(())).await;
        // long enough that opening again would be a new matter
        w.advance(10 * MINUTE);
        let before = triaged(&w.olga, &all).await;
        let patch = json!({ "status": "trash", "add_label_ids": [vip], "remove_label_ids": [leak], "assignee_ids": [w.olga.id], "team_id": null, "priority": "urgent" });
        let bulk = begin(&w.olga, &all, patch).await;
        assert_eq!(says(&over(w, &w.olga, &bulk).await), done("done", 7, 0));
        for conversation in &all {
            let now = w.olga.conversation(conversation).await;
            assert_eq!((&now["status"], &now["label_ids"], &now["priority"]), (&json!("trash"), &json!([vip]), &json!("urgent")));
        }
        w.advance(10 * MINUTE);
        ana.patch(&path(5), json!({ "priority": "low" })).await.is(200);
        // what is only said in it is no change; a text is one where it opens it
        ana.post(&format!("{}/notes", path(0)), json!({ "text": "Why?" })).await.is(201);
        let fields = hooks::text(&hooks::sid(60_000), "+14155560006", WEST, "Hello?");
        w.post_hook("message", &fields).await.is(200);
        assert_eq!(says(&undo(w, &w.olga, &bulk).await), done("undone", 5, 2));
        let after = triaged(&w.olga, &all).await;
        let differ: Vec<usize> = (0..7).filter(|n| before[*n] != after[*n]).collect();
        assert_eq!(differ, [5, 6], "{before:#?} {after:#?}");
        assert_eq!((&after[5][0], &after[6][0]), (&json!("trash"), &json!("open")), "they are left as they are");
        // it is undone once
        assert_eq!(w.olga.delete(&format!("/bulk/{bulk}")).await.is(202)["state"], "undone");
    }

    async fn what_may_not_be_seen_is_skipped_and_counted(w) {
        let closed = id(&w.olga.post("/teams", json!({ "name": "Closed", "closed": true, "member_ids": [] })).await.is(201));
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let (hers, not_hers) = (id(&w.text(MAYA, "Hello").await), id(&w.text(WREN, "Hello").await));
        w.olga.patch(&format!("/conversations/{not_hers}"), json!({ "team_id": closed })).await.is(200);
        let nothing = "conv_01h455vb4pex5vsknk084sn02q".to_owned();
        let bulk = begin(&ana, &[not_hers.clone(), hers.clone(), nothing], json!({ "status": "closed" })).await;
        assert_eq!(says(&over(w, &ana, &bulk).await), done("done", 1, 2));
        assert_eq!(w.olga.conversation(&not_hers).await["status"], "open");
        assert_eq!(says(&undo(w, &ana, &bulk).await), done("undone", 3, 0));
        assert_eq!(w.olga.conversation(&hers).await["status"], "open");
        // what she moves out of her own sight she can still take back
        let bulk = begin(&ana, std::slice::from_ref(&hers), json!({ "team_id": closed })).await;
        assert_eq!(says(&over(w, &ana, &bulk).await), done("done", 1, 0));
        ana.get(&format!("/conversations/{hers}")).await.refuses(404, "not_found");
        assert_eq!(says(&undo(w, &ana, &bulk).await), done("undone", 1, 0));
        assert_eq!(ana.conversation(&hers).await["team_id"], json!(w.team));
    }

    async fn undoing_brings_nobody_back_to_what_they_may_not_see_or_do_any_more(w) {
        let closed = id(&w.olga.post("/teams", json!({ "name": "Closed", "closed": true, "member_ids": [] })).await.is(201));
        let ana = w.person("Ana", "agent", &[&closed]).await;
        let ben = w.person("Ben", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}");
        w.olga.patch(&path, json!({ "team_id": closed, "assignee_ids": [ana.id, ben.id] })).await.is(200);
        let taken = begin(&ana, std::slice::from_ref(&conversation), json!({ "assignee_ids": [] })).await;
        assert_eq!(says(&over(w, &ana, &taken).await), done("done", 1, 0));
        w.olga.patch(&format!("/teams/{closed}"), json!({ "member_ids": [] })).await.is(200);
        w.advance(2 * MINUTE);
        assert_eq!(says(&undo(w, &ana, &taken).await), done("undone", 0, 1));
        ana.get(&path).await.refuses(404, "not_found");
        // whoever left meanwhile is not put on it again
        w.olga.patch(&path, json!({ "assignee_ids": [ana.id, ben.id] })).await.is(200);
        let taken = begin(&w.olga, std::slice::from_ref(&conversation), json!({ "assignee_ids": [] })).await;
        over(w, &w.olga, &taken).await;
        w.olga.patch(&format!("/users/{}", ben.id), json!({ "active": false })).await.is(200);
        w.forget(&ben);
        assert_eq!(says(&undo(w, &w.olga, &taken).await), done("undone", 1, 0));
        assert_eq!(w.olga.conversation(&conversation).await["assignee_ids"], json!([ana.id]));
    }

    async fn a_viewer_changes_nothing_and_what_others_do_in_bulk_is_theirs(w) {
        let vera = w.person("Vera", "viewer", &[&w.team]).await;
        let (ana, ben) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Ben", "agent", &[&w.team]).await);
        let conversation = id(&w.text(MAYA, "Hello").await);
        let close = json!({ "conversation_ids": [conversation], "patch": { "status": "closed" } });
        vera.post("/conversations/bulk", close).await.refuses(403, "forbidden");
        let from = w.olga.seq().await;
        let bulk = begin(&ana, std::slice::from_ref(&conversation), json!({ "status": "closed" })).await;
        over(w, &ana, &bulk).await;
        for asked in [ben.get(&format!("/bulk/{bulk}")).await, ben.delete(&format!("/bulk/{bulk}")).await] {
            asked.refuses(404, "not_found");
        }
        let told = async |who: &Person| -> Vec<String> {
            let all = who.events(from).await;
            let of = all.iter().filter(|e| e["type"].as_str().unwrap().starts_with("bulk."));
            of.map(|e| e["type"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(told(&ana).await, ["bulk.started", "bulk.ended"]);
        assert_eq!(told(&ben).await, Vec::<String>::new());
        assert_eq!(told(&w.olga).await, ["bulk.started", "bulk.ended"], "who sees everything sees the whole log");
        assert_eq!(says(&undo(w, &w.olga, &bulk).await), done("undone", 1, 0));
        assert_eq!(told(&ana).await, ["bulk.started", "bulk.ended", "bulk.undone", "bulk.ended"]);
    }

    async fn what_a_person_may_not_do_any_more_is_not_done_in_their_name(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.kill();
        let (desk, workspace) = (w.desk(), w.workspaces().await[0]);
        let who = |person: &Person, role: Role| Who {
            workspace,
            user: person.id.parse().unwrap(),
            role,
            name: person.name.clone(),
        };
        let asked = BulkIn {
            conversations: vec![conversation.parse().unwrap()],
            patch: ConversationPatch { status: Some(Status::Closed), ..ConversationPatch::default() },
            unread: None,
        };
        let bulk = desk.start_bulk(&who(&ana, Role::Agent), asked, None).await.unwrap();
        let viewer = UserPatch { role: Some(Role::Viewer), ..UserPatch::default() };
        desk.change_user(&who(&w.olga, Role::Owner), ana.id.parse().unwrap(), viewer).await.unwrap();
        w.start().await;
        assert_eq!(says(&over(w, &w.olga, &bulk.id.to_string()).await), done("done", 0, 1));
        assert_eq!(w.olga.conversation(&conversation).await["status"], "open");
    }

    async fn the_same_key_begins_one(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let body = json!({ "conversation_ids": [conversation, conversation], "patch": { "priority": "high" } });
        let first = w.olga.post_once("/conversations/bulk", "k1", body.clone()).await.is(202);
        assert_eq!(first["total"], 1, "named twice is named once");
        let again = w.olga.post_once("/conversations/bulk", "k1", body).await.is(202);
        assert_eq!(id(&first), id(&again));
        over(w, &w.olga, &id(&first)).await;
        assert_eq!(lines(&w.olga, &conversation).await.len(), 1);
        let other = json!({ "conversation_ids": [conversation], "patch": { "priority": "low" } });
        w.olga.post_once("/conversations/bulk", "k1", other).await.refuses(409, "idempotency_mismatch");
    }

    async fn what_can_not_be_asked_of_any_is_refused_before_anything_is_done(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let ask = async |ids: Value, patch: Value| {
            w.olga.post("/conversations/bulk", json!({ "conversation_ids": ids, "patch": patch })).await
        };
        let vip = label(&w.olga, "vip").await;
        ask(json!([]), json!({ "status": "closed" })).await.refuses(422, "invalid");
        ask(json!([conversation]), json!({})).await.refuses(422, "invalid");
        ask(json!([conversation]), json!({ "status": "merged" })).await.refuses(422, "invalid");
        ask(json!([conversation]), json!({ "label_ids": [vip], "add_label_ids": [vip] })).await.refuses(422, "invalid");
        ask(json!([conversation]), json!({ "add_label_ids": ["label_01h455vb4pex5vsknk084sn02q"] })).await.refuses(422, "invalid");
        ask(json!(vec![&conversation; 1_001]), json!({ "status": "closed" })).await.refuses(422, "invalid");
        assert!(lines(&w.olga, &conversation).await.is_empty());
    }

    async fn one_label_and_one_person_are_put_on_beside_those_that_are(w) {
        let (vip, leak) = (label(&w.olga, "vip").await, label(&w.olga, "Leak").await);
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}");
        w.olga.patch(&path, json!({ "label_ids": [vip], "assignee_ids": [w.olga.id] })).await.is(200);
        let now = w.olga.patch(&path, json!({ "add_label_ids": [leak], "add_assignee_ids": [ana.id] })).await.is(200);
        assert_eq!(now["label_ids"], json!([leak, vip]), "by name");
        assert_eq!(now["assignee_ids"].as_array().unwrap().len(), 2);
        let now = w.olga.patch(&path, json!({ "remove_label_ids": [vip] })).await.is(200);
        assert_eq!(now["label_ids"], json!([leak]));
        w.olga.patch(&path, json!({ "assignee_ids": [], "add_assignee_ids": [ana.id] })).await.refuses(422, "invalid");
    }

    async fn a_removed_label_no_longer_keeps_a_conversation_under_its_parent(w) {
        let (leak, vip) = (label(&w.olga, "Repairs/Leak").await, label(&w.olga, "vip").await);
        let labels = w.olga.all("/labels").await;
        let repairs = id(labels.iter().find(|l| l["name"] == "Repairs").unwrap());
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}");
        w.olga.patch(&path, json!({ "label_ids": [leak] })).await.is(200);
        let under = async || w.olga.all(&format!("/conversations?view=all&label={repairs}")).await.len();
        assert_eq!(under().await, 1);
        w.olga.delete(&format!("/labels/{leak}")).await.is(204);
        assert_eq!(w.olga.patch(&path, json!({ "label_ids": [vip] })).await.is(200)["label_ids"], json!([vip]));
        assert_eq!(under().await, 0);
    }

    async fn many_are_marked_read_and_unread_again_for_one_person(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let all = crowd(w, 3).await;
        let counts = async |who: &Person| who.get("/me").await.is(200)["counts"]["all"]["unread"].take();
        let begun = ana.post("/conversations/bulk", json!({ "conversation_ids": all, "unread": false })).await.is(202);
        let bulk = id(&begun);
        assert_eq!(says(&over(w, &ana, &bulk).await), done("done", 3, 0));
        assert_eq!((counts(&ana).await, counts(&w.olga).await), (json!(0), json!(3)));
        assert_eq!(says(&undo(w, &ana, &bulk).await), done("undone", 3, 0));
        assert_eq!(counts(&ana).await, json!(3));
        assert!(lines(&w.olga, &all[0]).await.is_empty(), "it is hers alone");
    }

    async fn it_is_undone_while_it_is_being_done(w) {
        let all = crowd(w, 250).await;
        let bulk = begin(&w.olga, &all, json!({ "status": "spam" })).await;
        assert_eq!(says(&undo(w, &w.olga, &bulk).await), done("undone", 250, 0));
        assert_eq!(w.olga.view("all").await.len(), 250);
    }

    async fn it_is_forgotten_after_a_day(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let bulk = begin(&w.olga, &[conversation], json!({ "status": "closed" })).await;
        over(w, &w.olga, &bulk).await;
        w.advance(DAY - SECOND);
        w.desk().expire().await.unwrap();
        w.olga.get(&format!("/bulk/{bulk}")).await.is(200);
        w.advance(SECOND);
        w.desk().expire().await.unwrap();
        w.olga.get(&format!("/bulk/{bulk}")).await.refuses(404, "not_found");
        let (workspace, action) = (w.workspaces().await[0], bulk.parse().unwrap());
        let desk = w.desk();
        let items = desk.db().read(workspace, move |scope| scope.bulk_items(action, 0, 10));
        assert!(items.await.unwrap().is_empty());
    }
}
