//! Search: what was written is found, by whoever may see it, and by nobody else.

use std::collections::HashSet;

use partyline_core::permission::Role;
use partyline_core::time::{DAY, SECOND};
use partyline_desk::Who;
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::media::{PNG, upload};
use crate::person::{Person, id};
use crate::world::{CROWD, DANA, LEASING, MAYA, WREN, World};

async fn search(who: &Person, q: &str, more: &str) -> Value {
    let q: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
    who.get(&format!("/search?q={q}&{more}")).await.is(200)
}

/// The texts that are found, the newest first.
async fn found(who: &Person, q: &str) -> Vec<String> {
    let found = search(who, q, "limit=100").await;
    found["data"].as_array().unwrap().iter().map(|hit| hit["entry"]["text"].as_str().unwrap().to_owned()).collect()
}

/// The same once there is something.
async fn finds(w: &World, who: &Person, q: &str) -> Vec<String> {
    w.until(q, async || Some(found(who, q).await).filter(|found| !found.is_empty())).await
}

/// Waits until the index has seen everything that was written.
async fn filled(w: &World) {
    let workspace = w.workspaces().await[0];
    w.until("the index is filled", async || {
        let behind = w.desk().db().read(workspace, |scope| scope.index_behind()).await.unwrap();
        (behind == 0).then_some(())
    })
    .await;
}

/// What was marked in a hit.
fn marked(hit: &Value) -> Vec<String> {
    let text: Vec<u16> = hit["entry"]["text"].as_str().unwrap().encode_utf16().collect();
    let at = |mark: &Value, n: usize| usize::try_from(mark[n].as_u64().unwrap()).unwrap();
    hit["marks"].as_array().unwrap().iter().map(|m| String::from_utf16(&text[at(m, 0)..at(m, 1)]).unwrap()).collect()
}

async fn note(who: &Person, conversation: &str, text: &str) -> String {
    id(&who.post(&format!("/conversations/{conversation}/notes"), json!({ "text": text })).await.is(201))
}

behaviours! {
    async fn words_are_found_where_they_were_written_and_marked(w) {
        let conversation = id(&w.text(MAYA, "😀 The water heater leaks").await);
        note(&w.olga, &conversation, "The heater is *old*, says the plumber").await;
        w.olga.reply(&conversation, "A plumber comes at noon").await.is(202);
        filled(w).await;
        let answer = search(&w.olga, "heater", "").await;
        let hits = answer["data"].as_array().unwrap();
        assert_eq!(hits.iter().map(|h| h["entry"]["type"].as_str().unwrap()).collect::<Vec<_>>(), ["note", "message"]);
        assert_eq!(marked(&hits[1]), ["heater"]);
        assert_eq!((&hits[1]["conversation"]["id"], &hits[1]["field"]), (&json!(conversation), &json!("text")));
        assert_eq!(hits[0]["entry"]["author"]["name"], "Olga");
        assert_eq!(answer["terms"][0]["text"], "heater");
        assert!(answer["took_ms"].is_u64() && answer["next_cursor"].is_null() && answer["older_cursor"].is_null());
        assert_eq!(found(&w.olga, "\"water heater\"").await.len(), 1);
        assert_eq!(found(&w.olga, "plumber -heater").await, ["A plumber comes at noon"]);
        assert_eq!(found(&w.olga, "").await, Vec::<String>::new());
        w.olga.get("/search?q=x&cursor=x").await.refuses(422, "invalid");
    }

    async fn a_number_is_found_in_any_form_and_so_is_who_has_it(w) {
        w.text(MAYA, "My landlord is at (650) 555-0119, ask there").await;
        filled(w).await;
        for q in ["6505550119", "+1 650 555 0119", "650.555.0119", "0119"] {
            assert_eq!(found(&w.olga, q).await.len(), 1, "{q}");
        }
        for q in ["415 555 0142", "+14155550142", "5550142", "0142"] {
            let answer = search(&w.olga, q, "").await;
            let people: Vec<&Value> = answer["people"].as_array().unwrap().iter().map(|p| &p["address"]).collect();
            assert_eq!(people, [MAYA], "{q}");
            assert!(!answer["people"][0]["address_marks"].as_array().unwrap().is_empty(), "{q}");
        }
        assert_eq!(found(&w.olga, "from:0142").await.len(), 1);
        assert_eq!(found(&w.olga, "from:\"(415) 555-0142\" landlord").await.len(), 1);
        assert_eq!(w.olga.get("/contacts?q=142").await["data"], json!([]));
        assert_eq!(w.olga.get("/contacts?q=0142").await["data"][0]["address"], MAYA);
    }

    async fn the_name_of_a_file_is_found(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let file = id(&upload(&w.olga, "Lease_2026-final.png", "image/png", PNG).await.is(201));
        let body = json!({ "text": "Here it is", "attachment_ids": [file] });
        w.olga.post(&format!("/conversations/{conversation}/messages"), body).await.is(202);
        filled(w).await;
        let answer = search(&w.olga, "lease final", "").await;
        assert_eq!((&answer["data"][0]["field"], &answer["data"][0]["entry"]["text"]), (&json!("file"), &json!("Lease_2026-final.png")));
        assert_eq!(found(&w.olga, "has:picture").await.len(), 1);
        assert_eq!(found(&w.olga, "\"it is lease\"").await, Vec::<String>::new());
    }

    async fn what_is_found_is_counted_and_what_is_hidden_only_counted(w) {
        let closed = id(&w.olga.post("/teams", json!({ "name": "Leasing", "closed": true })).await.is(201));
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let hidden = id(&w.text(MAYA, "my heater").await);
        w.olga.patch(&format!("/conversations/{hidden}"), json!({ "team_id": closed })).await.is(200);
        let open = id(&w.text(DANA, "the heater").await);
        w.text(DANA, "the heater again").await;
        note(&ana, &open, "a heater, noted").await;
        for _ in 0..4 {
            w.advance(10 * DAY);
            for who in w.people() {
                who.get("/me").await.is(200);
            }
        }
        note(&ana, &open, "a heater, much later").await;
        filled(w).await;
        let facets = async |who: &Person, q: &str| {
            let q: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
            who.get(&format!("/search/facets?q={q}")).await.is(200)
        };
        let of_ana = facets(&ana, "heater").await;
        assert_eq!((&of_ana["hits"], &of_ana["conversations"], &of_ana["hidden"], &of_ana["complete"]), (&json!(4), &json!(1), &json!(1), &json!(true)));
        let rows = |facets: &Value, of: &str| facets[of]["data"].as_array().unwrap().iter().map(|f| (f["value"].as_str().unwrap().to_owned(), f["count"].as_u64().unwrap())).collect::<Vec<_>>();
        let mut channels = rows(&of_ana, "channels");
        channels.sort();
        assert_eq!(channels, [("notes".to_owned(), 2), ("sms".to_owned(), 2)]);
        let mut people = rows(&of_ana, "people");
        people.sort();
        assert_eq!(people, [(DANA.to_owned(), 2), ("Ana".to_owned(), 2)]);
        let months = rows(&of_ana, "months");
        assert_eq!(months.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [1, 3]);
        assert!(months[0].0 > months[1].0);
        // each is a filter as it stands there
        for q in [format!("heater from:{DANA}"), "heater channel:sms".to_owned(), format!("heater after:{}", months[0].0)] {
            let wanted = if q.contains("after") { 1 } else { 2 };
            assert_eq!(found(&ana, &q).await.len(), wanted, "{q}");
        }
        let of_olga = facets(&w.olga, "heater").await;
        assert_eq!((&of_olga["hits"], &of_olga["hidden"]), (&json!(5), &json!(0)), "who sees everything has nothing hidden");
        assert_eq!(facets(&ana, "").await["hits"], 0);
        assert_eq!(facets(&ana, "from:nobody heater").await["hidden"], 0);
        assert_eq!(facets(&ana, &format!("from:{MAYA}")).await["hidden"], 0, "that there is such a person is not told");
    }

    async fn who_may_not_see_a_conversation_finds_nothing_of_it(w) {
        let closed = id(&w.olga.post("/teams", json!({ "name": "Leasing", "closed": true })).await.is(201));
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let lena = w.person("Lena", "agent", &[&closed]).await;
        let (hidden, shared, open) =
            (id(&w.text(MAYA, "my heater").await), id(&w.text(WREN, "our heater").await), id(&w.text(DANA, "the heater").await));
        for conversation in [&hidden, &shared] {
            w.olga.patch(&format!("/conversations/{conversation}"), json!({ "team_id": closed })).await.is(200);
        }
        note(&w.olga, &shared, &format!("@[Ana]({}) please look at the heater", ana.id)).await;
        filled(w).await;
        assert_eq!(found(&w.olga, "heater").await.len(), 4);
        assert_eq!(found(&lena, "heater").await.len(), 4, "a member, and what is in open teams");
        let mut of_ana = found(&ana, "heater").await;
        of_ana.sort();
        assert_eq!(of_ana, ["@Ana please look at the heater", "our heater", "the heater"]);
        // nor by its number, its team's name, nor by saying so
        assert_eq!(search(&ana, "0142", "").await["people"], json!([]));
        assert_eq!(ana.get("/contacts?q=0142").await["data"], json!([]));
        let (known, unknown) = (search(&ana, "from:0142", "").await, search(&ana, "from:0199", "").await);
        assert_eq!(known["problems"][0]["code"], unknown["problems"][0]["code"]);
        assert_eq!(search(&ana, "in:leasing heater", "").await["problems"][0]["code"], "unknown_name");
        assert_eq!(found(&lena, "in:leasing heater").await.len(), 3);
        // what is found can be opened, whoever looks
        for who in [&w.olga, &lena, &ana] {
            for hit in search(who, "heater", "").await["data"].as_array().unwrap() {
                who.get(&format!("/conversations/{}", id(&hit["conversation"]))).await.is(200);
            }
        }
        let vera = w.person("Vera", "viewer", &[&w.team]).await;
        assert_eq!(found(&vera, "heater").await, ["the heater"]);
        vera.get("/contacts?q=0142").await.refuses(403, "forbidden");
        w.olga.patch(&format!("/conversations/{open}"), json!({ "team_id": closed })).await.is(200);
        assert_eq!(found(&vera, "heater").await, Vec::<String>::new(), "at once, whatever the index knows");
    }

    async fn operators_mean_what_they_say(w) {
        let label = id(&w.olga.post("/labels", json!({ "name": "Repairs/Leak", "colour": "red" })).await.is(201));
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let (maya, wren) = (id(&w.text(MAYA, "drip one").await), id(&w.text(WREN, "drip two").await));
        let patch = json!({ "label_ids": [label], "assignee_ids": [ana.id], "priority": "urgent" });
        w.olga.patch(&format!("/conversations/{maya}"), patch).await.is(200);
        note(&ana, &wren, "drip three").await;
        w.advance(2 * DAY);
        w.channel("Second line", LEASING, &w.team).await;
        w.text(MAYA, "drip four").await;
        w.olga.patch(&format!("/conversations/{wren}"), json!({ "status": "spam" })).await.is(200);
        filled(w).await;
        for (q, expected) in [
            ("drip", &["drip four", "drip one"][..]),
            ("drip in:spam", &["drip three", "drip two"]),
            ("is:spam has:note", &["drip three"]),
            ("is:spam -has:note", &["drip two"]),
            ("label:leak", &["drip four", "drip one"]),
            ("label:repairs/leak", &["drip four", "drip one"]),
            ("label:repairs", &["drip four", "drip one"]),
            ("-label:leak drip", &[]),
            ("assignee:ana", &["drip four", "drip one"]),
            ("assignee:nobody drip", &[]),
            ("from:an in:spam", &["drip three"]),
            ("from:me", &[]),
            ("is:urgent", &["drip four", "drip one"]),
            ("to:\"west line\"", &["drip four", "drip one"]),
            ("to:\"second line\"", &[]),
            ("to:4155550100", &["drip four", "drip one"]),
            ("channel:sms drip", &["drip four", "drip one"]),
            ("channel:\"west line\" channel:email drip", &["drip four", "drip one"]),
            ("channel:notes in:spam", &["drip three"]),
            ("after:today", &["drip four"]),
            ("before:today", &["drip one"]),
            ("-after:today drip", &["drip one"]),
            ("after:3d before:1d", &["drip one"]),
            ("is:waiting is:open", &["drip four", "drip one"]),
            ("is:unread -is:mine", &["drip four", "drip one"]),
            ("in:unassigned", &[]),
            ("from:0142 from:0119", &["drip four", "drip one"]),
        ] {
            assert_eq!(found(&w.olga, q).await, expected, "{q}");
        }
        assert_eq!(found(&ana, "is:mine").await.len(), 2);
        let answer = search(&w.olga, "label:nothing before:tomorow drip", "").await;
        let codes: Vec<&Value> = answer["problems"].as_array().unwrap().iter().map(|p| &p["code"]).collect();
        assert_eq!(codes, ["unknown_name", "bad_date"]);
        assert_eq!(answer["problems"][0]["span"], json!([0, 13]));
        assert_eq!(answer["data"], json!([]));
        // a label that is taken off
        w.olga.patch(&format!("/conversations/{maya}"), json!({ "label_ids": [] })).await.is(200);
        assert_eq!(found(&w.olga, "label:leak").await, Vec::<String>::new());
    }

    async fn people_are_found_by_the_beginnings_of_their_names(w) {
        let new = json!({ "channel_id": w.channel, "to": DANA, "name": "Dana Álvarez", "text": "Hello", "confirm": ["first_contact"], "source": "asked by phone" });
        w.olga.post("/conversations", new).await.is(201);
        filled(w).await;
        for q in ["dana", "alv", "dana alv", "\"dana alvarez\""] {
            let people = w.olga.get(&format!("/contacts?q={}", q.replace(' ', "+"))).await["data"].clone();
            assert_eq!((people.as_array().unwrap().len(), &people[0]["name"]), (1, &json!("Dana Álvarez")), "{q}");
        }
        assert_eq!(search(&w.olga, "alv", "").await["people"][0]["name_marks"], json!([[5, 12]]));
        assert_eq!(w.olga.get("/contacts?q=lvarez").await["data"], json!([]));
        assert_eq!(w.olga.get("/contacts").await["data"], json!([]));
        assert_eq!(found(&w.olga, "to:alvarez").await, ["Hello"]);
        let contact = search(&w.olga, "dana", "").await["people"][0]["id"].as_str().unwrap().parse().unwrap();
        let user = w.olga.id.parse().unwrap();
        let who = Who { workspace: w.workspaces().await[0], user, role: Role::Owner, name: w.olga.name.clone() };
        w.desk().name_contact(&who, contact, "Ximena".to_owned()).await.unwrap();
        filled(w).await;
        assert_eq!(w.olga.get("/contacts?q=dana").await["data"], json!([]));
        assert_eq!(w.olga.get("/contacts?q=xim").await["data"].as_array().unwrap().len(), 1);
    }

    async fn pages_and_older_pages_walk_over_everything_once(w) {
        let conversation = id(&w.text(MAYA, "tick 0").await);
        for n in 1..12 {
            note(&w.olga, &conversation, &format!("tick {n}")).await;
        }
        filled(w).await;
        let (mut texts, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = search(&w.olga, "tick", &format!("limit=5{cursor}")).await;
            texts.extend(page["data"].as_array().unwrap().iter().map(|h| h["entry"]["text"].as_str().unwrap().to_owned()));
            let Some(next) = page["next_cursor"].as_str().or(page["older_cursor"].as_str()) else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(texts, (0..12).rev().map(|n| format!("tick {n}")).collect::<Vec<_>>());
    }

    async fn a_server_that_is_shot_while_it_fills_loses_nothing_and_doubles_nothing(w) {
        let mut expected = HashSet::new();
        for round in 0..3 {
            for (n, phone) in CROWD.iter().enumerate() {
                let text = format!("word {round} of {n}");
                w.text(phone, &text).await;
                expected.insert(text);
            }
            w.kill();
            w.start().await;
        }
        filled(w).await;
        let found = found(&w.olga, "word").await;
        assert_eq!(found.len(), expected.len());
        assert_eq!(found.into_iter().collect::<HashSet<_>>(), expected);
        // an index that is lost is filled from the beginning
        w.desk().db().machinery(w.clock.now(), |root| root.index_anew()).await.unwrap();
        filled(w).await;
        assert_eq!(self::found(&w.olga, "word").await.len(), expected.len());
        w.advance(SECOND);
        finds(w, &w.olga, "word").await;
    }
}
