//! What is not sent yet: shared by the team, held by one, and never lost.

use partyline_core::time::DAY;
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::media::{PNG, upload};
use crate::person::{Answer, Person, id};
use crate::socket::Socket;
use crate::world::{LEASING, MAYA, WREN, World};

fn path(w: &World, conversation: &str) -> String {
    format!("/conversations/{conversation}/drafts/{}", w.channel)
}

async fn write(w: &World, who: &Person, conversation: &str, text: &str, version: &Value) -> Answer {
    who.put(&path(w, conversation), json!({ "text": text, "version": version })).await
}

/// Begins a draft.
async fn begin(w: &World, who: &Person, conversation: &str, text: &str) -> Value {
    write(w, who, conversation, text, &Value::Null).await.is(200)
}

async fn drafts(who: &Person, conversation: &str) -> Vec<Value> {
    who.get(&format!("/conversations/{conversation}/drafts")).await.is(200)["data"].as_array().unwrap().clone()
}

async fn listed(who: &Person, query: &str) -> Vec<Value> {
    who.all(&format!("/drafts?{query}")).await
}

async fn counts(who: &Person) -> Value {
    who.get("/me").await.is(200)["counts"]["drafts"].take()
}

async fn send(who: &Person, conversation: &str, body: Value) -> Answer {
    who.post(&format!("/conversations/{conversation}/messages"), body).await
}

/// A socket with a conversation on its screen.
async fn looks_at(who: &Person, conversation: &str) -> Socket {
    let socket = Socket::open(who, None).await;
    socket.say(&json!({ "view": conversation }));
    socket
        .hears("who is there", |s| {
            frame(s, "presence", |p| {
                p["viewers"].as_array().is_some_and(|v| v.iter().any(|v| v["id"] == who.id.as_str()))
            })
        })
        .await;
    socket
}

/// The newest frame of a kind that is as it is looked for.
fn frame(socket: &Socket, kind: &str, found: impl Fn(&Value) -> bool) -> Option<Value> {
    socket.frames().into_iter().rev().filter_map(|f| f.get(kind).cloned()).find(|f| found(f))
}

async fn hears_draft(socket: &Socket, what: &str, found: impl Fn(&Value) -> bool) -> Value {
    socket.hears(what, |s| frame(s, "draft", |frame| found(&frame["draft"]))).await
}

async fn closed_team(w: &World, members: &[&Person]) -> String {
    let ids: Vec<&str> = members.iter().map(|p| p.id.as_str()).collect();
    id(&w.olga.post("/teams", json!({ "name": "Legal", "closed": true, "member_ids": ids })).await.is(201))
}

behaviours! {
    async fn what_was_typed_is_there_after_a_crash_and_goes_with_what_is_sent(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "When?").await);
        let first = begin(w, &ana, &conversation, "We are op").await;
        let written = write(w, &ana, &conversation, "We are open until six", &first["version"]).await.is(200);
        assert!(written["version"].as_i64() > first["version"].as_i64());
        w.kill();
        w.start().await;
        let kept = drafts(&ana, &conversation).await;
        assert_eq!(kept, std::slice::from_ref(&written));
        assert_eq!(kept[0]["holder"], json!({ "id": ana.id, "name": "Ana" }));
        assert_eq!(counts(&ana).await, json!({ "mine": 1, "review": 0 }));
        let sent = send(&ana, &conversation, json!({ "text": "We are open until six", "draft_version": written["version"] })).await.is(202);
        assert!(drafts(&ana, &conversation).await.is_empty());
        assert_eq!(counts(&ana).await, json!({ "mine": 0, "review": 0 }));
        w.delivery(&conversation, &id(&sent), "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["We are open until six"]);
        // an answer to a late key does not bring it back
        write(w, &ana, &conversation, "We are open until six.", &written["version"]).await.refuses(409, "draft_changed");
        let begun = begin(w, &ana, &conversation, "Or later").await;
        assert!(begun["version"].as_i64() > written["version"].as_i64(), "what comes later stands above what was sent");
    }

    async fn ones_own_last_words_are_sent_although_one_had_no_answer_to_them(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "When?").await);
        let known = begin(w, &ana, &conversation, "At").await;
        write(w, &ana, &conversation, "At six ", &known["version"]).await.is(200);
        let of = |text: &str| json!({ "text": text, "draft_version": known["version"] });
        send(&ana, &conversation, of("At seven")).await.refuses(409, "draft_changed");
        send(&w.olga, &conversation, of("At six")).await.refuses(409, "draft_held");
        let sent = send(&ana, &conversation, of("At six")).await.is(202);
        assert!(drafts(&ana, &conversation).await.is_empty());
        w.delivery(&conversation, &id(&sent), "delivered").await;
    }

    async fn a_message_that_is_refused_leaves_its_draft(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let long = "a".repeat(2_000);
        let draft = begin(w, &w.olga, &conversation, &long).await;
        send(&w.olga, &conversation, json!({ "text": long, "draft_version": draft["version"] })).await.refuses(422, "too_long");
        assert_eq!(drafts(&w.olga, &conversation).await, std::slice::from_ref(&draft));
        // a text that came meanwhile holds the message back, and the draft stays
        let seen = w.conversation_with(MAYA).await["last_entry_id"].clone();
        w.text(MAYA, "Are you there?").await;
        let body = json!({ "text": "Yes", "draft_version": draft["version"], "seen_entry_id": seen });
        send(&w.olga, &conversation, body.clone()).await.refuses(409, "stale_reply");
        assert_eq!(drafts(&w.olga, &conversation).await.len(), 1);
        let mut confirmed = body;
        confirmed["confirm"] = json!(["stale_reply"]);
        send(&w.olga, &conversation, confirmed).await.is(202);
        assert!(drafts(&w.olga, &conversation).await.is_empty());
    }

    async fn two_write_in_turn_and_neither_text_is_dropped(w) {
        let (ana, ben) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Ben", "agent", &[&w.team]).await);
        let vera = w.person("Vera", "viewer", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "When?").await);
        let hers = begin(w, &ana, &conversation, "At six").await;
        // begun by both in the same moment: the second is told who was first, and what she wrote
        let told = write(w, &ben, &conversation, "At seven", &Value::Null).await.refuses(409, "draft_held");
        assert_eq!((&told["draft"]["holder"]["name"], &told["draft"]["text"]), (&json!("Ana"), &json!("At six")));
        write(w, &ben, &conversation, "At seven", &hers["version"]).await.refuses(409, "draft_held");
        ben.delete(&path(w, &conversation)).await.refuses(409, "draft_held");
        assert_eq!(drafts(&vera, &conversation).await, std::slice::from_ref(&hers), "who only reads reads it too");
        write(w, &vera, &conversation, "x", &hers["version"]).await.refuses(403, "forbidden");
        vera.post(&format!("{}/take", path(w, &conversation)), json!({})).await.refuses(403, "forbidden");
        let take = format!("{}/take", path(w, &conversation));
        let since = w.olga.seq().await;
        let his = ben.post(&take, json!({ "holder_id": ana.id })).await.is(200);
        assert_eq!((&his["text"], &his["holder"]["name"]), (&json!("At six"), &json!("Ben")));
        // what she typed last comes too late, and she is told
        let told = write(w, &ana, &conversation, "At six sharp", &hers["version"]).await.refuses(409, "draft_held");
        assert_eq!(told["draft"]["holder"]["id"], ben.id.as_str());
        send(&ana, &conversation, json!({ "text": "At six sharp", "draft_version": hers["version"] })).await.refuses(409, "draft_held");
        // a third takes it from whom she sees, or not at all
        w.olga.post(&take, json!({ "holder_id": ana.id })).await.refuses(409, "draft_held");
        // in his other browser he changes a version that is no longer
        let more = write(w, &ben, &conversation, "At six. Come by the gate", &his["version"]).await.is(200);
        let told = write(w, &ben, &conversation, "At six!", &his["version"]).await.refuses(409, "draft_changed");
        assert_eq!(told["draft"]["text"], "At six. Come by the gate");
        ben.delete(&format!("{}?version={}", path(w, &conversation), his["version"])).await.refuses(409, "draft_changed");
        send(&ben, &conversation, json!({ "text": "At six!", "draft_version": his["version"] })).await.refuses(409, "draft_changed");
        // she sends hers all the same, and his stays
        let body = json!({ "text": "At six sharp", "draft_version": hers["version"], "confirm": ["draft_held"] });
        send(&ana, &conversation, body).await.is(202);
        assert_eq!(drafts(&ben, &conversation).await, [more]);
        ben.delete(&path(w, &conversation)).await.is(204);
        ben.delete(&path(w, &conversation)).await.is(204);
        let told: Vec<Value> = w.olga.events(since).await;
        let told: Vec<&Value> = told.iter().filter(|e| e["type"].as_str().unwrap().starts_with("draft.")).collect();
        assert_eq!(told.iter().map(|e| e["type"].as_str().unwrap()).collect::<Vec<_>>(), ["draft.taken", "draft.discarded"]);
        assert_eq!(told[0]["changed"], json!(["holder_id", format!("from={}", ana.id)]));
        assert_eq!(told[0]["subject_id"], his["id"]);
        assert!(!json!(told).to_string().contains("six."), "the log has its words without its text");
    }

    async fn a_reply_that_knows_of_no_draft_takes_its_own_along_and_no_other(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "When?").await);
        begin(w, &ana, &conversation, "At six").await;
        send(&w.olga, &conversation, json!({ "text": "At six" })).await.is(202);
        assert_eq!(drafts(&ana, &conversation).await.len(), 1, "hers is not the owner's");
        send(&ana, &conversation, json!({ "text": "Soon" })).await.is(202);
        assert_eq!(drafts(&ana, &conversation).await.len(), 1, "what she wrote there is something else");
        send(&ana, &conversation, json!({ "text": "At six" })).await.is(202);
        assert!(drafts(&ana, &conversation).await.is_empty());
    }

    async fn a_reply_that_is_repeated_takes_no_later_draft_along(w) {
        let conversation = id(&w.text(MAYA, "When?").await);
        let draft = begin(w, &w.olga, &conversation, "At six").await;
        let body = json!({ "text": "At six", "draft_version": draft["version"] });
        let to = format!("/conversations/{conversation}/messages");
        let first = w.olga.post_once(&to, "one", body.clone()).await.is(202);
        begin(w, &w.olga, &conversation, "At six").await;
        assert_eq!(w.olga.post_once(&to, "one", body).await.is(202)["id"], first["id"]);
        assert_eq!(drafts(&w.olga, &conversation).await.len(), 1);
    }

    async fn keys_reach_who_has_it_on_the_screen_and_its_holder_is_told_when_it_is_taken(w) {
        let (ana, ben) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Ben", "agent", &[&w.team]).await);
        let conversation = id(&w.text(MAYA, "When?").await);
        let other = id(&w.text(WREN, "Hello").await);
        let (hers, his, elsewhere) = (looks_at(&ana, &conversation).await, looks_at(&ben, &conversation).await, looks_at(&w.olga, &other).await);
        let first = begin(w, &ana, &conversation, "At s").await;
        write(w, &ana, &conversation, "At six", &first["version"]).await.is(200);
        let told = hears_draft(&his, "her keys", |draft| draft["text"] == "At six").await;
        assert_eq!((&told["conversation_id"], &told["channel_id"]), (&json!(conversation), &json!(w.channel)));
        ben.post(&format!("{}/take", path(w, &conversation)), json!({})).await.is(200);
        hears_draft(&hers, "that he took it over", |draft| draft["holder"]["id"] == ben.id.as_str()).await;
        ben.delete(&path(w, &conversation)).await.is(204);
        hears_draft(&hers, "that it is gone", Value::is_null).await;
        // who looks elsewhere is told the fact, and no word of it
        elsewhere.reaches(w.olga.seq().await).await;
        assert!(frame(&elsewhere, "draft", |_| true).is_none(), "{:#?}", elsewhere.frames());
        assert!(!json!(elsewhere.frames()).to_string().contains("At six"));
        assert!(elsewhere.events().iter().any(|e| e["type"] == "draft.taken"));
    }

    async fn who_does_not_see_the_conversation_sees_nothing_of_what_is_written_in_it(w) {
        let (ana, tom) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Tom", "agent", &[&w.team]).await);
        let conversation = id(&w.text(MAYA, "My lawyer says").await);
        let screen = looks_at(&tom, &conversation).await;
        let file = id(&upload(&ana, "deed.png", "image/png", PNG).await.is(201));
        let begun = begin(w, &tom, &conversation, "Tom's own").await;
        let taken = ana.post(&format!("{}/take", path(w, &conversation)), json!({})).await.is(200);
        let body = json!({ "text": "Tom's own", "version": taken["version"], "attachment_ids": [file] });
        let written = ana.put(&path(w, &conversation), body).await.is(200);
        assert_eq!(written["attachments"][0]["id"], file.as_str());
        assert_eq!(tom.get(&format!("/attachments/{file}")).await.status, 200);
        hears_draft(&screen, "the file", |draft| draft["attachments"][0]["id"] == file.as_str()).await;
        let found = async |who: &Person| who.get("/search?q=has:draft").await.is(200)["data"].as_array().unwrap().len();
        w.until("the index has it", async || (found(&tom).await == 1).then_some(())).await;
        let closed = closed_team(w, &[&ana]).await;
        w.olga.patch(&format!("/conversations/{conversation}"), json!({ "team_id": closed })).await.is(200);
        let heard = screen.frames().len();
        let secret = write(w, &ana, &conversation, "Not for Tom", &written["version"]).await.is(200);
        let version = &secret["version"];
        for answer in [
            tom.get(&format!("/conversations/{conversation}/drafts")).await,
            write(w, &tom, &conversation, "x", version).await,
            tom.delete(&path(w, &conversation)).await,
            tom.post(&format!("{}/take", path(w, &conversation)), json!({})).await,
            tom.post(&format!("{}/review", path(w, &conversation)), json!({})).await,
            tom.post(&format!("{}/review/end", path(w, &conversation)), json!({})).await,
            send(&tom, &conversation, json!({ "text": "x", "draft_version": version })).await,
            tom.get(&format!("/attachments/{file}")).await,
        ] {
            answer.refuses(404, "not_found");
        }
        assert!(listed(&tom, "list=mine").await.is_empty() && listed(&tom, "list=left").await.is_empty());
        assert_eq!(counts(&tom).await, json!({ "mine": 0, "review": 0 }));
        assert_eq!(found(&tom).await, 0);
        assert_eq!(found(&ana).await, 1);
        screen.reaches(w.olga.seq().await).await;
        let since = json!(screen.frames()[heard..]).to_string();
        assert!(!since.contains("Not for Tom") && !since.contains(begun["id"].as_str().unwrap()), "{since}");
        // his own, in what he sees no more, is not counted either
        let free = ana.delete(&path(w, &conversation)).await;
        free.is(204);
        assert_eq!(ana.get(&format!("/attachments/{file}")).await.status, 200, "it is hers again");
        assert_eq!(tom.get(&format!("/attachments/{file}")).await.status, 404);
    }

    async fn a_draft_that_was_held_in_what_is_closed_now_is_nobody_s_business_but_the_team_s(w) {
        let (ana, tom) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Tom", "agent", &[&w.team]).await);
        let conversation = id(&w.text(MAYA, "Hello").await);
        begin(w, &tom, &conversation, "Tom's").await;
        assert_eq!(counts(&tom).await["mine"], 1);
        assert_eq!(listed(&tom, "list=mine").await.len(), 1);
        let closed = closed_team(w, &[&ana]).await;
        w.olga.patch(&format!("/conversations/{conversation}"), json!({ "team_id": closed })).await.is(200);
        assert_eq!(counts(&tom).await["mine"], 0);
        assert!(listed(&tom, "list=mine").await.is_empty());
        assert_eq!(drafts(&ana, &conversation).await[0]["holder"]["id"], tom.id.as_str());
    }

    async fn files_go_with_a_draft_and_with_its_message(w) {
        let (ana, ben) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Ben", "agent", &[&w.team]).await);
        let conversation = id(&w.text(MAYA, "A picture?").await);
        let [hers, his] = [
            id(&upload(&ana, "a.png", "image/png", PNG).await.is(201)),
            id(&upload(&ben, "b.png", "image/png", &[PNG, b"b"].concat()).await.is(201)),
        ];
        let to = path(w, &conversation);
        ana.put(&to, json!({ "attachment_ids": [his] })).await.refuses(422, "invalid");
        assert!(drafts(&ana, &conversation).await.is_empty(), "nothing was begun");
        ana.put(&to, json!({})).await.refuses(422, "invalid");
        ana.put(&to, json!({ "text": "a".repeat(20_001) })).await.refuses(422, "invalid");
        let draft = ana.put(&to, json!({ "attachment_ids": [hers] })).await.is(200);
        // it is not sent elsewhere, nor taken away after a day as an upload is that nothing uses
        let other = id(&w.text(WREN, "Hello").await);
        send(&ana, &other, json!({ "text": "x", "attachment_ids": [hers] })).await.refuses(422, "invalid");
        w.advance(3 * DAY);
        w.desk().expire().await.unwrap();
        w.desk().sweep().await.unwrap();
        let taken = ben.post(&format!("{to}/take"), json!({})).await.is(200);
        assert_eq!(taken["attachments"][0]["name"], "a.png");
        ben.put(&to, json!({ "text": "Both", "attachment_ids": [hers, his], "version": taken["version"] })).await.refuses(422, "invalid");
        let now = drafts(&ben, &conversation).await.remove(0);
        assert!(now["version"].as_i64() > draft["version"].as_i64());
        // his draft's file is not hers to send any more
        send(&ana, &conversation, json!({ "text": "Mine", "attachment_ids": [hers] })).await.refuses(422, "invalid");
        let body = json!({ "text": "Here", "attachment_ids": [hers], "draft_version": now["version"], "confirm": ["late_reply"] });
        let sent = send(&ben, &conversation, body).await.is(202);
        assert_eq!(sent["attachments"][0]["id"], hers.as_str());
        assert!(drafts(&ben, &conversation).await.is_empty());
    }

    async fn who_has_left_holds_nothing_any_more(w) {
        let (ana, ben) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Ben", "agent", &[&w.team]).await);
        let conversation = id(&w.text(MAYA, "Hello").await);
        let hers = begin(w, &ana, &conversation, "Hello Maya").await;
        assert_eq!(hers["free"], false);
        w.olga.patch(&format!("/users/{}", ana.id), json!({ "active": false })).await.is(200);
        w.forget(&ana);
        let left = listed(&ben, "list=left").await;
        assert_eq!((left.len(), &left[0]["draft"]["free"], &left[0]["conversation"]["id"]), (1, &json!(true), &json!(conversation)));
        let since = w.olga.seq().await;
        let his = write(w, &ben, &conversation, "Hello Maya, Ben here", &hers["version"]).await.is(200);
        assert_eq!((&his["holder"]["name"], &his["free"]), (&json!("Ben"), &json!(false)));
        assert_eq!(w.olga.events(since).await[0]["type"], "draft.taken");
        assert!(listed(&ben, "list=left").await.is_empty());
        assert_eq!(listed(&ben, "").await[0]["draft"]["text"], "Hello Maya, Ben here");
        // who only reads now writes none either
        w.olga.patch(&format!("/users/{}", ben.id), json!({ "role": "viewer" })).await.is(200);
        let now = drafts(&w.olga, &conversation).await.remove(0);
        assert_eq!(now["free"], true);
        w.olga.delete(&path(w, &conversation)).await.is(204);
    }

    async fn a_lead_looks_before_it_is_sent(w) {
        let (ana, lena) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Lena", "lead", &[&w.team]).await);
        let ben = w.person("Ben", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "I want my money back").await);
        let draft = begin(w, &ana, &conversation, "All of it").await;
        let (to, end) = (format!("{}/review", path(w, &conversation)), format!("{}/review/end", path(w, &conversation)));
        ben.post(&to, json!({ "reviewer_id": lena.id })).await.refuses(409, "draft_held");
        ana.post(&to, json!({ "reviewer_id": ben.id })).await.refuses(422, "invalid");
        ana.post(&to, json!({})).await.refuses(422, "invalid");
        let asked = ana.post(&to, json!({ "reviewer_id": lena.id })).await.is(200);
        assert_eq!(asked["review"], json!({ "reviewer": { "id": lena.id, "name": "Lena" }, "asked_by": ana.id }));
        assert_eq!(counts(&lena).await, json!({ "mine": 0, "review": 1 }));
        let told = lena.all("/notifications").await;
        assert_eq!((told.len(), &told[0]["kind"], &told[0]["conversation_id"]), (1, &json!("draft_review"), &json!(conversation)));
        assert_eq!(listed(&lena, "list=review").await[0]["draft"]["id"], draft["id"]);
        // neither as the draft nor past it
        for body in [json!({ "text": "All of it", "draft_version": asked["version"] }), json!({ "text": "All of it" }), json!({ "text": "Half", "confirm": ["draft_held", "draft_changed"] })] {
            send(&ana, &conversation, body).await.refuses(409, "draft_in_review");
        }
        ben.post(&end, json!({})).await.refuses(403, "forbidden");
        // sent back with a word, which reaches her and not the customer
        let back = lena.post(&end, json!({ "text": "Half of it, please" })).await.is(200);
        assert_eq!(back["review"], Value::Null);
        let note = ana.entries(&conversation).await.pop().unwrap();
        assert_eq!((&note["type"], note["mentions"][0]["id"].as_str().unwrap()), (&json!("note"), ana.id.as_str()));
        // and approved by sending it
        let half = write(w, &ana, &conversation, "Half of it", &back["version"]).await.is(200);
        let asked = ana.post(&to, json!({ "reviewer_id": lena.id })).await.is(200);
        assert!(asked["version"].as_i64() > half["version"].as_i64());
        send(&ben, &conversation, json!({ "text": "Half of it", "draft_version": asked["version"] })).await.refuses(409, "draft_held");
        let sent = send(&lena, &conversation, json!({ "text": "Half of it", "draft_version": asked["version"] })).await.is(202);
        w.delivery(&conversation, &id(&sent), "delivered").await;
        assert!(drafts(&ana, &conversation).await.is_empty());
        assert_eq!(w.on_phone(MAYA), ["Half of it"]);
        // a lead asks to see it, and who holds it does not take that back alone
        begin(w, &ana, &conversation, "And a voucher").await;
        lena.post(&to, json!({})).await.is(200);
        ana.post(&end, json!({})).await.refuses(403, "forbidden");
        assert_eq!(lena.post(&end, json!({})).await.is(200)["review"], Value::Null);
        send(&ana, &conversation, json!({ "text": "And a voucher" })).await.is(202);
    }

    async fn each_channel_has_its_own_and_one_that_is_not_used_has_none(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let leasing = w.channel("Leasing", LEASING, &w.team).await;
        let to = |channel: &str| format!("/conversations/{conversation}/drafts/{channel}");
        w.olga.put(&to(&leasing), json!({ "text": "x" })).await.refuses(404, "not_found");
        w.olga.put(&to("chan_01h455vb4pex5vsknk084sn02q"), json!({ "text": "x" })).await.refuses(404, "not_found");
        w.olga.put(&to("nonsense"), json!({ "text": "x" })).await.refuses(404, "not_found");
        w.olga.post(&format!("{}/take", to(&leasing)), json!({})).await.refuses(404, "not_found");
        let pages = [MAYA, WREN].len();
        let other = id(&w.text(WREN, "Hello").await);
        for conversation in [&conversation, &other] {
            begin(w, &w.olga, conversation, "Hello").await;
            w.advance(1_000);
        }
        let first = w.olga.get("/drafts?limit=1").await.is(200);
        assert_eq!(first["data"][0]["conversation"]["id"], other.as_str(), "the newest first");
        let next = first["next_cursor"].as_str().unwrap();
        let second = w.olga.get(&format!("/drafts?limit=1&cursor={next}")).await.is(200);
        assert_eq!(second["data"][0]["conversation"]["id"], conversation.as_str());
        assert_eq!(listed(&w.olga, "").await.len(), pages);
        w.olga.get("/drafts?list=all").await.refuses(422, "invalid");
        w.olga.get("/drafts?cursor=x").await.refuses(422, "invalid");
    }
}
