//! Sorting what comes in: labels, priority, spam, snooze; and what one wants to hear of it.

use partyline_core::time::{HOUR, Millis, SECOND};
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::{Person, id};
use crate::world::{MAYA, WREN, World};

async fn label(who: &Person, name: &str) -> String {
    id(&who.post("/labels", json!({ "name": name, "colour": "red" })).await.is(201))
}

async fn put(who: &Person, conversation: &str, labels: &[&String]) -> Value {
    who.patch(&format!("/conversations/{conversation}"), json!({ "label_ids": labels })).await.is(200)
}

/// The ids of a list, by what follows `/conversations?`.
async fn listed(who: &Person, query: &str) -> Vec<String> {
    who.all(&format!("/conversations?{query}")).await.iter().map(id).collect()
}

async fn counts(who: &Person) -> Value {
    who.get("/me").await.is(200)["counts"].take()
}

async fn last_line(who: &Person, conversation: &str) -> Value {
    who.entries(conversation).await.into_iter().rfind(|entry| entry["type"] == "event").unwrap()
}

fn time_in(w: &World, millis: i64) -> Value {
    json!(Millis(w.clock.now().0 + millis))
}

behaviours! {
    async fn a_label_and_those_above_it_list_and_count_what_has_it(w) {
        let leak = label(&w.olga, "Repairs/ Leak").await;
        let all = w.olga.all("/labels").await;
        assert_eq!(all.iter().map(|l| l["name"].as_str().unwrap()).collect::<Vec<_>>(), ["Repairs", "Repairs/Leak"]);
        let repairs = id(&all[0]);
        let conversation = id(&w.text(MAYA, "It drips").await);
        w.text(WREN, "Hello").await;
        let changed = put(&w.olga, &conversation, &[&leak]).await;
        assert_eq!(changed["label_ids"], json!([leak]), "those above it are not said");
        for wanted in [&leak, &repairs] {
            assert_eq!(listed(&w.olga, &format!("label={wanted}")).await, [conversation.as_str()]);
            assert_eq!(counts(&w.olga).await["labels"][wanted.as_str()], json!({ "total": 1, "unread": 1 }));
        }
        let line = last_line(&w.olga, &conversation).await;
        assert_eq!(line["event"], "conversation.labelled");
        assert_eq!(line["data"]["added"], json!([{ "id": leak, "name": "Repairs/Leak" }]));
        // what is closed is not listed, and comes back with its labels
        w.olga.patch(&format!("/conversations/{conversation}"), json!({ "status": "closed" })).await.is(200);
        assert!(listed(&w.olga, &format!("label={leak}")).await.is_empty());
        w.olga.patch(&format!("/conversations/{conversation}"), json!({ "status": "open" })).await.is(200);
        assert_eq!(listed(&w.olga, &format!("label={repairs}&view=all")).await, [conversation.as_str()]);
        w.olga.get(&format!("/conversations?label={repairs}&view=mine")).await.refuses(422, "invalid");
        assert_eq!(put(&w.olga, &conversation, &[]).await["label_ids"], json!([]));
        assert!(listed(&w.olga, &format!("label={repairs}")).await.is_empty());
        assert_eq!(counts(&w.olga).await["labels"], json!({}));
    }

    async fn a_label_is_renamed_with_those_below_it_and_removed_with_them(w) {
        let leak = label(&w.olga, "Repairs/Leak").await;
        let repairs = id(&w.olga.all("/labels").await[0]);
        let conversation = id(&w.text(MAYA, "It drips").await);
        put(&w.olga, &conversation, &[&leak]).await;
        let path = format!("/labels/{repairs}");
        assert_eq!(w.olga.patch(&path, json!({ "name": "Works", "colour": "blue" })).await.is(200)["colour"], "blue");
        assert_eq!(w.olga.get(&format!("/labels/{leak}")).await["name"], "Works/Leak");
        w.olga.patch(&path, json!({ "name": "a/b" })).await.refuses(422, "invalid");
        w.olga.post("/labels", json!({ "name": "works", "colour": "red" })).await.refuses(422, "invalid");
        w.olga.post("/labels", json!({ "name": "a//b", "colour": "red" })).await.refuses(422, "invalid");
        let before = w.olga.seq().await;
        w.olga.delete(&path).await.is(204);
        let gone: Vec<Value> = w.olga.events(before).await;
        assert_eq!(gone.iter().map(|e| e["type"].as_str().unwrap()).collect::<Vec<_>>(), ["label.removed"; 2]);
        assert_eq!(w.olga.conversation(&conversation).await["label_ids"], json!([]));
        w.olga.get(&format!("/labels/{leak}")).await.refuses(404, "not_found");
        w.olga.patch(&format!("/conversations/{conversation}"), json!({ "label_ids": [leak] })).await.refuses(422, "invalid");
        // the name is free again
        label(&w.olga, "works/leak").await;
    }

    async fn an_agent_puts_labels_and_a_lead_makes_them(w) {
        let vip = label(&w.olga, "vip").await;
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let lena = w.person("Lena", "lead", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        put(&ana, &conversation, &[&vip]).await;
        ana.post("/labels", json!({ "name": "mine", "colour": "red" })).await.refuses(403, "forbidden");
        ana.delete(&format!("/labels/{vip}")).await.refuses(403, "forbidden");
        label(&lena, "hers").await;
    }

    async fn priority_and_subject_leave_a_line_each(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}");
        w.olga.patch(&path, json!({ "priority": "urgent" })).await.is(200);
        assert_eq!(last_line(&w.olga, &conversation).await["data"]["priority"], "urgent");
        w.olga.patch(&path, json!({ "subject": " The boiler " })).await.is(200);
        assert_eq!(last_line(&w.olga, &conversation).await["data"]["subject"], "The boiler");
        let lines = w.olga.entries(&conversation).await.len();
        w.olga.patch(&path, json!({ "priority": "urgent", "subject": "The boiler" })).await.is(200);
        assert_eq!(w.olga.entries(&conversation).await.len(), lines, "what is as it was leaves no line");
    }

    async fn nobody_who_only_reads_can_be_assigned(w) {
        let vera = w.person("Vera", "viewer", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}");
        w.olga.patch(&path, json!({ "assignee_ids": [vera.id] })).await.refuses(422, "invalid");
    }

    async fn what_is_set_aside_is_listed_by_when_it_wakes_and_mine_apart(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let (first, second) = (id(&w.text(MAYA, "Later").await), id(&w.text(WREN, "Sooner").await));
        for (conversation, until) in [(&first, time_in(w, 2 * HOUR)), (&second, time_in(w, HOUR))] {
            let patch = json!({ "status": "snoozed", "snoozed_until": until });
            w.olga.patch(&format!("/conversations/{conversation}"), patch).await.is(200);
        }
        assert_eq!(listed(&w.olga, "view=snoozed").await, [second.as_str(), first.as_str()]);
        assert_eq!(listed(&w.olga, "view=snoozed&limit=1").await, [second.as_str(), first.as_str()], "page by page");
        w.olga.patch(&format!("/conversations/{first}"), json!({ "assignee_ids": [ana.id] })).await.is(200);
        assert_eq!(listed(&ana, "view=mine_snoozed").await, [first.as_str()]);
        let of_ana = counts(&ana).await;
        assert_eq!((&of_ana["mine_snoozed"]["total"], &of_ana["snoozed"]["total"]), (&json!(1), &json!(2)));
        w.advance(HOUR + SECOND);
        w.in_time("it wakes", SECOND, async || (w.olga.conversation(&second).await["status"] == "open").then_some(())).await;
        assert_eq!(listed(&w.olga, "view=snoozed").await, [first.as_str()]);
    }

    async fn who_is_named_in_a_note_finds_it_under_mentions_the_newest_first(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let (first, second) = (id(&w.text(MAYA, "One").await), id(&w.text(WREN, "Two").await));
        for conversation in [&second, &first] {
            let text = format!("@[Ana]({}) please", ana.id);
            w.olga.post(&format!("/conversations/{conversation}/notes"), json!({ "text": text })).await.is(201);
            w.advance(SECOND);
        }
        assert_eq!(listed(&ana, "view=mentions").await, [first.as_str(), second.as_str()]);
        assert!(ana.conversation(&first).await["mentioned_at"].is_string());
        assert!(w.olga.conversation(&first).await["mentioned_at"].is_null());
        // another text does not move it, and a closed one stays findable
        w.text(WREN, "Hello?").await;
        w.olga.patch(&format!("/conversations/{first}"), json!({ "status": "closed" })).await.is(200);
        assert_eq!(listed(&ana, "view=mentions").await, [first.as_str(), second.as_str()]);
        assert_eq!(counts(&ana).await["mentions"]["total"], 1, "those that are open");
    }

    async fn what_is_followed_is_listed_and_what_is_muted_counts_as_read(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}");
        ana.post(&format!("{path}/follow"), json!({})).await.is(204);
        assert_eq!(listed(&ana, "view=following").await, [conversation.as_str()]);
        assert_eq!(counts(&ana).await["following"], json!({ "total": 1, "unread": 1 }));
        assert_eq!(ana.conversation(&conversation).await["following"], true);
        assert!(listed(&w.olga, "view=following").await.is_empty(), "it is Ana's alone");
        let before = w.olga.seq().await;
        ana.post(&format!("{path}/mute"), json!({})).await.is(204);
        let muted = ana.conversation(&conversation).await;
        assert_eq!((&muted["muted"], &muted["following"], &muted["unread"]), (&json!(true), &json!(false), &json!(false)));
        w.text(MAYA, "Anybody?").await;
        assert_eq!(ana.conversation(&conversation).await["unread"], false);
        assert_eq!(counts(&ana).await["all"]["unread"], 0);
        assert_eq!(counts(&w.olga).await["all"]["unread"], 1, "for the others it is unread");
        ana.delete(&format!("{path}/mute")).await.is(204);
        assert_eq!(ana.conversation(&conversation).await["unread"], true);
        let kinds: Vec<String> =
            w.olga.events(before).await.iter().map(|e| e["type"].as_str().unwrap().to_owned()).collect();
        assert_eq!(kinds, ["message.received"], "it leaves no event");
    }

    async fn what_is_shared_from_a_closed_team_is_in_the_lists_and_counts_of_who_may_see_it_alone(w) {
        let closed = id(&w.olga.post("/teams", json!({ "name": "Closed", "closed": true, "member_ids": [] })).await.is(201));
        let (ana, ben) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Ben", "agent", &[&w.team]).await);
        let vip = label(&w.olga, "vip").await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}");
        for who in [&ana, &ben] {
            who.post(&format!("{path}/follow"), json!({})).await.is(204);
        }
        w.olga.patch(&path, json!({ "team_id": closed, "label_ids": [vip] })).await.is(200);
        let text = format!("@[Ana]({}) have a look", ana.id);
        w.olga.post(&format!("{path}/notes"), json!({ "text": text })).await.is(201);
        let by_label = format!("label={vip}");
        for query in ["view=all", "view=unassigned", "view=following", "view=mentions", &by_label] {
            assert_eq!(listed(&ana, query).await, [conversation.as_str()], "{query}");
            assert!(listed(&ben, query).await.is_empty(), "{query}");
        }
        let (of_ana, of_ben) = (counts(&ana).await, counts(&ben).await);
        for cell in ["all", "unassigned", "following", "mentions"] {
            assert_eq!((&of_ana[cell]["total"], &of_ben[cell]["total"]), (&json!(1), &json!(0)), "{cell}");
        }
        assert_eq!((&of_ana["labels"][&vip]["total"], &of_ben["labels"][&vip]), (&json!(1), &Value::Null));
        ben.post(&format!("{path}/follow"), json!({})).await.refuses(404, "not_found");
    }
}
