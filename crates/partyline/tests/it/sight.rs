//! Who sees what is one thing, wherever it is asked: in the lists, in the numbers beside them, by its address, in its timeline, in the
//! log that the sockets read, and in its files.

use std::collections::BTreeSet;

use bytes::Bytes;
use partyline_carrier::Picture;
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::media::{PNG, fetched};
use crate::person::{Person, id};
use crate::world::{CROWD, WEST, World};

/// A small generator, so that what failed fails again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }
}

/// A conversation with a picture in it.
struct Subject {
    conversation: String,
    file: String,
}

async fn subjects(w: &World) -> Vec<Subject> {
    let mut all = Vec::new();
    for phone in CROWD {
        let picture = Picture { bytes: Bytes::from_static(PNG) };
        w.carrier.text(phone, WEST, "Look", vec![picture]).unwrap();
        let conversation = id(&w
            .until("it came", async || w.olga.view("all").await.into_iter().find(|c| c["contact"]["address"] == phone))
            .await);
        let file = id(&fetched(w, &conversation).await);
        all.push(Subject { conversation, file });
    }
    all
}

async fn ids(who: &Person, view: &str) -> BTreeSet<String> {
    who.view(view).await.iter().map(id).collect()
}

/// What this person is shown of all of them, by each of the ways; they must say the same.
async fn seen(who: &Person, all: &[Subject], label: &str, since: i64) -> BTreeSet<String> {
    let open = ids(who, "all").await;
    let closed = ids(who, "closed").await;
    let listed: BTreeSet<String> = open.union(&closed).cloned().collect();
    let counts = who.get("/me").await.is(200)["counts"].take();
    assert_eq!(counts["all"]["total"], open.len(), "{}: the number beside All", who.name);
    assert_eq!(counts["closed"]["total"], closed.len(), "{}: the number beside Closed", who.name);
    assert_eq!(counts["unassigned"]["total"], who.view("unassigned").await.len(), "{}", who.name);
    let labelled = who.all(&format!("/conversations?label={label}")).await;
    let unread = labelled.iter().filter(|c| c["unread"] == true).count();
    let number = match counts["labels"].get(label) {
        Some(number) => (number["total"].as_u64(), number["unread"].as_u64()),
        None => (Some(0), Some(0)),
    };
    assert_eq!(number, (Some(labelled.len() as u64), Some(unread as u64)), "{}: the number beside the label", who.name);
    let log = who.events(since).await;
    let told: BTreeSet<&str> = log
        .iter()
        .filter(|e| e["type"] != "conversation.hidden" && !e["data"].is_null())
        .filter_map(|e| e["conversation_id"].as_str())
        .collect();
    for Subject { conversation, file } in all {
        let is_listed = listed.contains(conversation);
        let status = if is_listed { 200 } else { 404 };
        for path in [
            format!("/conversations/{conversation}"),
            format!("/conversations/{conversation}/entries"),
            format!("/attachments/{file}"),
        ] {
            assert_eq!(who.get(&path).await.status, status, "{}: {path}", who.name);
        }
        assert_eq!(told.contains(conversation.as_str()), is_listed, "{}: the log of {conversation}", who.name);
    }
    listed
}

behaviours! {
    async fn lists_numbers_links_timelines_files_and_the_log_agree_about_who_sees_what(w) {
        let legal = id(&w.olga.post("/teams", json!({ "name": "Legal", "closed": true, "member_ids": [] })).await.is(201));
        let people = [
            w.person("Inga", "agent", &[&legal]).await,
            w.person("Otto", "agent", &[&w.team]).await,
            w.person("Vera", "viewer", &[]).await,
            w.person("Adam", "admin", &[]).await,
        ];
        let since = w.olga.seq().await;
        let all = subjects(w).await;
        let leak = id(&w.olga.post("/labels", json!({ "name": "Leak", "colour": "red" })).await.is(201));
        for subject in all.iter().skip(1) {
            w.olga.patch(&format!("/conversations/{}", subject.conversation), json!({ "label_ids": [leak] })).await.is(200);
        }
        let mut dice = Dice(0x51_6874);
        let teams = [json!(w.team), json!(legal), Value::Null];
        for subject in all.iter().step_by(2) {
            w.olga.patch(&format!("/conversations/{}", subject.conversation), json!({ "team_id": legal })).await.is(200);
        }
        for _ in 0..3 {
            for _ in 0..14 {
                let path = format!("/conversations/{}", all[dice.below(all.len())].conversation);
                let who = &people[dice.below(2)];
                let act = match dice.below(7) {
                    0..=2 => json!({ "team_id": teams[dice.below(3)] }),
                    3 => json!({ "assignee_ids": [who.id] }),
                    4 | 5 => json!({ "assignee_ids": [], "status": if dice.below(2) == 0 { "open" } else { "closed" } }),
                    _ => {
                        let named = &people[dice.below(3)];
                        let text = format!("@[{}]({}) look", named.name, named.id);
                        w.olga.post(&format!("{path}/notes"), json!({ "text": text })).await.is(201);
                        continue;
                    }
                };
                w.olga.patch(&path, act).await.is(200);
            }
            let everything: BTreeSet<String> = all.iter().map(|s| s.conversation.clone()).collect();
            let mut some = 0;
            for who in &people {
                let seen = seen(who, &all, &leak, since).await;
                if who.name == "Adam" {
                    assert_eq!(seen, everything, "an admin sees all");
                } else {
                    some += usize::from(!seen.is_empty() && seen != everything);
                }
            }
            assert!(some > 0, "the dice hid nothing from anybody");
        }
    }
}
