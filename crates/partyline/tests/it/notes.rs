//! Notes: who is mentioned, what was edited, reactions, tasks; and that none of it ever leaves.

use partyline_core::permission::Permission;
use partyline_core::time::{DAY, HOUR, Millis};
use partyline_server::routes::{Access, TABLE};
use reqwest::Method;
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::{Answer, Person, id};
use crate::world::{DANA, MAYA, WREN, World};

async fn note(who: &Person, conversation: &str, text: &str) -> Value {
    who.post(&format!("/conversations/{conversation}/notes"), json!({ "text": text })).await.is(201)
}

async fn edit(who: &Person, note: &str, text: &str) -> Answer {
    who.patch(&format!("/notes/{note}"), json!({ "text": text })).await
}

async fn task(who: &Person, note: &str, assignee: Option<&str>, due_at: Option<Value>) -> Answer {
    who.put(&format!("/notes/{note}/task"), json!({ "assignee_id": assignee, "due_at": due_at })).await
}

async fn done(who: &Person, note: &str, done: bool) -> Answer {
    who.post(&format!("/notes/{note}/task/done"), json!({ "done": done })).await
}

/// The notes of a list of tasks, by what follows `/tasks?`.
async fn tasks(who: &Person, query: &str) -> Vec<String> {
    who.all(&format!("/tasks?{query}")).await.iter().map(|task| id(&task["entry"])).collect()
}

async fn tasks_of(who: &Person) -> Value {
    who.get("/me").await.is(200)["counts"]["tasks"].take()
}

async fn entry(who: &Person, conversation: &str, note: &str) -> Value {
    who.entries(conversation).await.into_iter().find(|entry| entry["id"] == note).unwrap()
}

async fn kinds(who: &Person, after: i64) -> Vec<String> {
    who.events(after).await.iter().map(|e| e["type"].as_str().unwrap().to_owned()).collect()
}

fn time_in(w: &World, millis: i64) -> Value {
    json!(Millis(w.clock.now().0 + millis))
}

fn at(person: &Person) -> String {
    format!("@[{}]({})", person.name, person.id)
}

/// What a client sends as one segment of a path.
fn segment(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn closed_team(w: &World, members: &[&str]) -> String {
    id(&w.olga.post("/teams", json!({ "name": "Closed", "closed": true, "member_ids": members })).await.is(201))
}

behaviours! {
    async fn a_team_that_is_mentioned_brings_in_those_who_are_counted_on(w) {
        let (ana, ben) = (w.person("Ana", "agent", &[]).await, w.person("Ben", "agent", &[]).await);
        let gone = w.person("Gone", "agent", &[]).await;
        let members = json!({ "name": "West", "member_ids": [ana.id, gone.id, w.olga.id] });
        let west = id(&w.olga.post("/teams", members).await.is(201));
        w.olga.patch(&format!("/users/{}", gone.id), json!({ "active": false })).await.is(200);
        w.forget(&gone);
        let closed = closed_team(w, &[]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.olga.patch(&format!("/conversations/{conversation}"), json!({ "team_id": closed })).await.is(200);
        assert_eq!(ana.get(&format!("/conversations/{conversation}")).await.status, 404);
        let written = note(&w.olga, &conversation, &format!("@[West]({west}) and @[Nobody](user_x)")).await;
        assert_eq!(written["mentions"], json!([{ "id": west, "name": "West" }]));
        assert!(ana.conversation(&conversation).await["mentioned_at"].is_string(), "she sees it now");
        assert_eq!(ben.get(&format!("/conversations/{conversation}")).await.status, 404);
        assert_eq!(w.olga.get("/me").await["counts"]["mentions"]["total"], 0, "one does not call oneself");
        // whom nobody may see is text, as is one who has left or was never here
        let hidden = id(&w.olga.post("/teams", json!({ "name": "Board", "closed": true, "member_ids": [ben.id] })).await.is(201));
        let text = format!("@[Board]({hidden}) @[Gone]({}) @[X](user_01h455vb4pex5vsknk084sn02q)", gone.id);
        assert_eq!(note(&ana, &conversation, &text).await["mentions"], json!([]));
        assert_eq!(ben.get(&format!("/conversations/{conversation}")).await.status, 404);
    }

    async fn an_edit_keeps_what_was_said_and_brings_in_who_is_new(w) {
        let (ana, ben) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Ben", "agent", &[&w.team]).await);
        let conversation = id(&w.text(MAYA, "Hello").await);
        let first = note(&ana, &conversation, &format!("{} owes us for March", at(&w.olga))).await;
        assert_eq!((&first["edited_at"], &first["edited_by"]), (&Value::Null, &Value::Null));
        let note = id(&first);
        for who in [&ben, &w.olga] {
            who.post(&format!("/conversations/{conversation}/read"), json!({})).await.is(204);
        }
        let (before, seq) = (w.clock.now(), w.olga.seq().await);
        w.advance(HOUR);
        let text = format!("{} owes us for April", at(&ben));
        let second = edit(&ana, &note, &text).await.is(200);
        assert_eq!(second["text"], text);
        assert_eq!(second["mentions"], json!([{ "id": ben.id, "name": "Ben" }]));
        assert_eq!(second["edited_by"], json!({ "id": ana.id, "name": "Ana" }));
        assert_eq!(second["edited_at"], json!(w.clock.now()));
        assert_eq!(entry(&w.olga, &conversation, &note).await["text"], text);
        // it is news to who is new, and to nobody else; who was named stays named
        let (of_ben, of_olga) = (ben.conversation(&conversation).await, w.olga.conversation(&conversation).await);
        assert!(of_ben["mentioned_at"].is_string() && of_olga["mentioned_at"].is_string());
        assert_eq!((&of_ben["unread"], &of_olga["unread"]), (&json!(true), &json!(false)));
        let event = w.olga.events(seq).await.pop().unwrap();
        assert_eq!((&event["type"], &event["subject_id"]), (&json!("note.edited"), &json!(note)));
        assert_eq!(event["data"]["entry"]["text"], text);
        // the same again changes nothing
        edit(&ana, &note, &text).await.is(200);
        assert_eq!(w.olga.seq().await, event["seq"].as_i64().unwrap());
        // an admin may, and each text stands under who wrote it
        w.advance(HOUR);
        edit(&w.olga, &note, "Paid").await.is(200);
        let revisions = w.olga.get(&format!("/notes/{note}/revisions")).await.is(200);
        let said: Vec<(&str, &str)> = revisions["data"].as_array().unwrap().iter().map(|r| (r["text"].as_str().unwrap(), r["author"]["name"].as_str().unwrap())).collect();
        assert_eq!(said, [(first["text"].as_str().unwrap(), "Ana"), (text.as_str(), "Ana")]);
        assert_eq!(revisions["data"][0]["at"], json!(before));
        assert_eq!(w.olga.conversation(&conversation).await["last_activity_at"], of_olga["last_activity_at"], "it moves nothing");
    }

    async fn a_note_is_changed_by_its_author_and_admins_and_seen_by_who_sees_the_conversation(w) {
        let (ana, ben) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Ben", "lead", &[&w.team]).await);
        let vera = w.person("Vera", "viewer", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let written = id(&note(&ana, &conversation, "Careful").await);
        edit(&ben, &written, "Mine").await.refuses(422, "not_yours");
        edit(&vera, &written, "Mine").await.refuses(403, "forbidden");
        edit(&ana, &written, " ").await.refuses(422, "invalid");
        edit(&ana, &written, &"x".repeat(20_001)).await.refuses(422, "invalid");
        vera.get(&format!("/notes/{written}/revisions")).await.is(200);
        vera.put(&format!("/notes/{written}/reactions/{}", segment("👍")), json!({})).await.refuses(403, "forbidden");
        task(&vera, &written, None, None).await.refuses(403, "forbidden");
        done(&vera, &written, true).await.refuses(403, "forbidden");
        // from a closed team it is not there, whatever one asks; nor is what is no note
        let closed = closed_team(w, &[]).await;
        w.olga.patch(&format!("/conversations/{conversation}"), json!({ "team_id": closed })).await.is(200);
        let elsewhere = id(&w.text(WREN, "Hi").await);
        let message = id(&w.olga.messages(&elsewhere).await[0]).replacen("msg_", "note_", 1);
        for none in [&written, &message, &"note_01h455vb4pex5vsknk084sn02q".to_owned(), &"note_x".to_owned(), &conversation] {
            let thumb = format!("/notes/{none}/reactions/{}", segment("👍"));
            edit(&ana, none, "x").await.refuses(404, "not_found");
            ana.get(&format!("/notes/{none}/revisions")).await.refuses(404, "not_found");
            ana.put(&thumb, json!({})).await.refuses(404, "not_found");
            ana.delete(&thumb).await.refuses(404, "not_found");
            task(&ana, none, None, None).await.refuses(404, "not_found");
            ana.delete(&format!("/notes/{none}/task")).await.refuses(404, "not_found");
            done(&ana, none, true).await.refuses(404, "not_found");
        }
        assert_eq!(entry(&w.olga, &conversation, &written).await["text"], "Careful");
    }

    async fn a_note_has_a_bounded_history(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let written = id(&note(&w.olga, &conversation, "0").await);
        for n in 1..=partyline_desk::note::REVISIONS_MAX {
            edit(&w.olga, &written, &n.to_string()).await.is(200);
        }
        edit(&w.olga, &written, "once more").await.refuses(422, "too_many_revisions");
        assert_eq!(w.olga.all(&format!("/notes/{written}/revisions")).await.len(), 100);
    }

    async fn a_reaction_is_one_emoji_once_and_makes_nothing_unread(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let written = id(&note(&w.olga, &conversation, "Done!").await);
        let path = |emoji: &str| format!("/notes/{written}/reactions/{}", segment(emoji));
        ana.post(&format!("/conversations/{conversation}/read"), json!({})).await.is(204);
        let seq = w.olga.seq().await;
        for (who, emoji) in [(&ana, "👍"), (&w.olga, "👍"), (&ana, "👍"), (&ana, "❤"), (&ana, "❤️")] {
            who.put(&path(emoji), json!({})).await.is(200);
            w.advance(1);
        }
        let expected = json!([{ "emoji": "👍", "user_ids": [ana.id, w.olga.id] }, { "emoji": "❤️", "user_ids": [ana.id] }]);
        assert_eq!(entry(&ana, &conversation, &written).await["reactions"], expected);
        assert_eq!(kinds(&ana, seq).await, ["note.reacted"; 3], "each once");
        for who in [&ana, &w.olga] {
            assert_eq!(who.conversation(&conversation).await["unread"], false, "{}", who.name);
        }
        ana.delete(&path("👍")).await.is(200);
        ana.delete(&path("👍")).await.is(200);
        assert_eq!(entry(&ana, &conversation, &written).await["reactions"][0]["user_ids"], json!([w.olga.id]));
        assert_eq!(kinds(&ana, seq).await.len(), 4);
        for wrong in ["a", "👍👍", "<b>", " ", "x👍", "👍".repeat(100).as_str()] {
            ana.put(&path(wrong), json!({})).await.refuses(422, "invalid");
        }
        for n in 0..18 {
            let emoji = char::from_u32(0x1f400 + n).unwrap().to_string();
            ana.put(&path(&emoji), json!({})).await.is(200);
        }
        ana.put(&path("🎉"), json!({})).await.refuses(422, "invalid");
        ana.put(&path("👍"), json!({})).await.is(200);
    }

    async fn a_task_waits_for_its_assignee_until_it_is_done(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let (first, second) = (id(&w.text(MAYA, "Hello").await), id(&w.text(WREN, "Hi").await));
        let notes = [note(&w.olga, &first, "Call").await, note(&w.olga, &second, "Ship").await, note(&w.olga, &first, "Bill").await].map(|n| id(&n));
        let [call, ship, bill] = &notes;
        let seq = w.olga.seq().await;
        let made = task(&w.olga, call, Some(&ana.id), Some(time_in(w, 2 * HOUR))).await.is(200);
        assert_eq!(made["task"], json!({ "assignee": { "id": ana.id, "name": "Ana" }, "due_at": time_in(w, 2 * HOUR), "done_at": null, "done_by": null }));
        task(&w.olga, ship, Some(&ana.id), Some(time_in(w, HOUR))).await.is(200);
        task(&w.olga, bill, Some(&ana.id), None).await.is(200);
        assert_eq!(tasks(&ana, "").await, [ship.as_str(), call, bill], "next to be due first, whenever last");
        assert_eq!(tasks(&ana, "limit=1").await, [ship.as_str(), call, bill], "page by page");
        assert_eq!(tasks(&w.olga, &format!("assignee={}", ana.id)).await.len(), 3);
        assert!(tasks(&w.olga, "assignee=me").await.is_empty());
        assert_eq!(tasks_of(&ana).await, json!({ "open": 3, "overdue": 0 }));
        let conversation = ana.conversation(&first).await;
        assert_eq!((&conversation["open_tasks"], &conversation["mentioned_at"]), (&json!(2), &Value::Null));
        assert_eq!(ana.all("/tasks").await[1]["conversation"]["id"], json!(first));
        w.advance(2 * HOUR);
        assert_eq!(tasks_of(&ana).await, json!({ "open": 3, "overdue": 2 }));
        // done, and not after all
        let ended = done(&ana, call, true).await.is(200);
        assert_eq!(ended["task"]["done_by"], json!({ "id": ana.id, "name": "Ana" }));
        done(&ana, call, true).await.is(200);
        done(&w.olga, ship, true).await.is(200);
        assert_eq!(tasks(&ana, "state=open").await, [bill.as_str()]);
        assert_eq!(tasks(&ana, "state=done").await, [ship.as_str(), call], "the last one first");
        assert_eq!(tasks(&ana, "state=done&limit=1").await, [ship.as_str(), call]);
        assert_eq!(ana.conversation(&first).await["open_tasks"], 1);
        done(&ana, call, false).await.is(200);
        assert_eq!(ana.conversation(&first).await["open_tasks"], 2);
        // to nobody, and a mere note again
        task(&ana, bill, None, None).await.is(200);
        assert_eq!(tasks(&ana, "assignee=nobody").await, [bill.as_str()]);
        ana.delete(&format!("/notes/{bill}/task")).await.is(200);
        ana.delete(&format!("/notes/{bill}/task")).await.is(200);
        assert_eq!(entry(&ana, &first, bill).await["task"], Value::Null);
        done(&ana, bill, true).await.refuses(404, "not_found");
        assert_eq!(ana.conversation(&first).await["open_tasks"], 1);
        let expected = ["task.created", "task.created", "task.created", "task.done", "task.done", "task.updated", "task.updated", "task.updated"];
        assert_eq!(kinds(&w.olga, seq).await, expected);
        let told = w.olga.events(seq).await;
        assert_eq!((&told[3]["subject_id"], &told[3]["data"]["entry"]["id"]), (&json!(call), &json!(call)));
        w.olga.get("/tasks?state=all").await.refuses(422, "invalid");
        w.olga.get("/tasks?cursor=x").await.refuses(422, "invalid");
    }

    async fn a_task_is_given_to_who_can_do_it_and_seen_with_its_conversation(w) {
        let (ana, ben) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Ben", "agent", &[&w.team]).await);
        let vera = w.person("Vera", "viewer", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let [kept, given] = [note(&w.olga, &conversation, "One").await, note(&w.olga, &conversation, "Two").await].map(|n| id(&n));
        for wrong in [vera.id.as_str(), "user_01h455vb4pex5vsknk084sn02q"] {
            task(&w.olga, &kept, Some(wrong), None).await.refuses(422, "invalid");
        }
        task(&w.olga, &kept, None, Some(json!("9999-01-01T00:00:00Z"))).await.refuses(422, "invalid");
        task(&w.olga, &kept, Some(&ben.id), Some(time_in(w, -DAY))).await.is(200);
        assert_eq!(tasks_of(&ben).await, json!({ "open": 1, "overdue": 1 }));
        // it goes out of their sight, and the other's task brings her in
        let closed = closed_team(w, &[]).await;
        w.olga.patch(&format!("/conversations/{conversation}"), json!({ "team_id": closed })).await.is(200);
        assert_eq!(tasks_of(&ben).await, json!({ "open": 0, "overdue": 0 }));
        assert!(tasks(&ben, "").await.is_empty());
        task(&w.olga, &given, Some(&ana.id), None).await.is(200);
        assert_eq!(tasks(&ana, "").await, [given.as_str()]);
        assert!(ana.conversation(&conversation).await["mentioned_at"].is_string());
        assert!(tasks(&vera, &format!("assignee={}", ana.id)).await.is_empty());
        assert_eq!(tasks(&w.olga, &format!("assignee={}", ben.id)).await, [kept.as_str()]);
    }

    async fn a_note_never_leaves(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let written = note(&w.olga, &conversation, "Owes us for March").await;
        let note = id(&written);
        edit(&w.olga, &note, "Owes us for March and April").await.is(200);
        let named = |prefix: &str| note.replacen("note", prefix, 1);
        // everything by which a request can name it, and no words of its own
        let common = json!({
            "as": "sent", "channel_id": w.channel, "source": "asked", "to": DANA,
            "confirm": ["stale_reply", "first_contact", "late_reply", "quiet_hours"],
        });
        let mut whole = written.clone();
        whole.as_object_mut().unwrap().remove("text");
        let mut bodies = vec![whole, json!({ "as": "not_sent" }), json!({ "send_at": null })];
        for (field, value) in [
            ("attachment_ids", json!([named("file")])),
            ("canned_response_id", json!(named("canned"))),
            ("draft_id", json!(named("draft"))),
            ("draft_version", json!(1)),
            ("holder_id", json!(named("user"))),
            ("entry_id", json!(note)),
            ("entry_ids", json!([note])),
            ("message_id", json!(named("msg"))),
            ("note_id", json!(note)),
            ("patch", json!({ "status": "open" })),
            ("seen_entry_id", json!(note)),
        ] {
            let mut body = common.clone();
            body[field] = value;
            body["conversation_ids"] = json!([conversation]);
            bodies.push(body);
        }
        let mut sends = 0;
        let works = [Permission::Reply, Permission::Note, Permission::Triage].map(Access::Needs);
        for route in TABLE.iter().filter(|route| works.contains(&route.access)) {
            sends += usize::from(route.access == works[0] && route.method != "GET");
            for named in [conversation.clone(), note.clone(), named("msg"), named("conv"), named("draft")] {
                let mut path = route.path.replace("{id}", &named);
                while let Some((before, after)) = path.split_once('{').map(|(a, b)| (a.to_owned(), b.to_owned())) {
                    path = format!("{before}{note}{}", after.split_once('}').unwrap().1);
                }
                for body in &bodies {
                    let method: Method = route.method.parse().unwrap();
                    let answer = w.olga.ask(w.olga.request(method, &path).json(body)).await;
                    assert!(answer.status < 500, "{route:?} {}", answer.body);
                    let sends = route.access == works[0] && route.method != "GET";
                    let sent = sends && (200..300).contains(&answer.status);
                    assert!(!sent, "{} {path} takes a note: {}", route.method, answer.body);
                }
            }
        }
        assert!(sends >= 6, "the routes that send are tried: {sends}");
        w.advance(DAY);
        let sent = id(&w.olga.reply(&conversation, "All is well").await.is(202));
        w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["All is well"]);
        assert!(w.on_phone(DANA).is_empty());
        for line in w.wire().await {
            let request = line["request_body"].as_str().unwrap();
            assert!(!request.contains("March") && !request.contains(&note[5..]), "{request}");
        }
    }
}
