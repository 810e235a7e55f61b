//! Canned responses: who may write and use which, what they say when they are used, and what becomes of their files.

use partyline_core::time::{DAY, SECOND};
use reqwest::Method;
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::media::{PNG, upload};
use crate::person::{Person, id};
use crate::world::{MAYA, World};

const PATH: &str = "/canned_responses";

async fn write(who: &Person, scope: Value, shortcut: &str, text: &str) -> String {
    let mut body = json!({ "name": shortcut, "shortcut": shortcut, "text": text });
    for (name, value) in scope.as_object().unwrap() {
        body[name] = value.clone();
    }
    id(&who.post(PATH, body).await.is(201))
}

fn workspace() -> Value {
    json!({ "scope": "workspace" })
}

fn personal() -> Value {
    json!({ "scope": "personal" })
}

fn of(team: &str) -> Value {
    json!({ "scope": "team", "team_id": team })
}

async fn names(who: &Person) -> Vec<String> {
    who.all(PATH).await.iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect()
}

/// The canned responses that events speak of, to this person.
async fn told(who: &Person, after: i64) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let events = who.events(after).await;
    let of_canned = events.iter().filter(|e| e["type"].as_str().unwrap().starts_with("canned_response."));
    of_canned.map(|e| (text(&e["type"]), text(&e["subject_id"]))).collect()
}

async fn render(who: &Person, canned: &str, asked: Value) -> Value {
    who.post(&format!("{PATH}/{canned}/render"), asked).await.is(200)
}

/// Names the contact of a conversation, as somebody who starts one does.
async fn named(w: &World, phone: &str, name: &str) -> String {
    let start = json!({ "channel_id": w.channel, "to": phone, "name": name, "text": "Hello", "confirm": ["first_contact"], "source": "asked us by phone" });
    id(&w.olga.post("/conversations", start).await.is(201)["conversation"])
}

behaviours! {
    async fn an_answer_goes_out_as_it_was_filled_in_and_is_counted(w) {
        let conversation = named(w, MAYA, "Dr. Maya Lindqvist").await;
        let text = "Hi {{ contact.first_name | default('there') }}, {{ agent.first_name }} of {{ workspace.name }} ({{ team.name }}) comes on {{ day }}. We text {{ contact.number }}.";
        let visit = write(&w.olga, workspace(), "visit", text).await;
        let asked = render(&w.olga, &visit, json!({ "conversation_id": conversation })).await;
        assert_eq!(asked["missing"], json!([{ "name": "day", "label": null, "in_text": true }]));
        let whole = render(&w.olga, &visit, json!({ "conversation_id": conversation, "values": { "day": " Monday {{ x }} " } })).await;
        assert_eq!(whole["missing"], json!([]));
        let team = w.olga.get(&format!("/teams/{}", w.team)).await["name"].as_str().unwrap().to_owned();
        let wanted = format!("Hi Maya, Olga of Harbor & Pine ({team}) comes on Monday {{{{ x }}}}. We text (415) 555-0142.");
        assert_eq!(whole["text"], json!(wanted));
        assert_eq!(w.olga.get(&format!("{PATH}/{visit}")).await["uses"], 0, "filling it in is no use of it");
        let path = format!("/conversations/{conversation}/messages");
        // what is still to be filled in does not leave
        let open = json!({ "text": asked["text"], "canned_response_id": visit });
        w.olga.post(&path, open).await.refuses(422, "invalid");
        let sent = w.olga.post_once(&path, "k1", json!({ "text": wanted, "canned_response_id": visit })).await;
        w.olga.post_once(&path, "k1", json!({ "text": wanted, "canned_response_id": visit })).await.is(202);
        w.delivery(&conversation, &id(&sent.is(202)), "delivered").await;
        assert_eq!(w.on_phone(MAYA).last().unwrap(), &wanted);
        let used = w.olga.get(&format!("{PATH}/{visit}")).await;
        assert_eq!(used["uses"], 1, "a repeated request counts once");
        assert!(used["used_at"].is_string());
        let start = json!({ "channel_id": w.channel, "to": MAYA, "text": wanted, "canned_response_id": visit });
        w.olga.post("/conversations", start).await.is(201);
        assert_eq!(w.olga.get(&format!("{PATH}/{visit}")).await["uses"], 2);
    }

    async fn who_is_not_texted_yet_is_greeted_by_what_is_known(w) {
        let hello = write(&w.olga, workspace(), "hello", "Hi {{ contact.first_name }}, {{ contact.number }}: {{ team.name }}").await;
        let team = w.olga.get(&format!("/teams/{}", w.team)).await["name"].as_str().unwrap().to_owned();
        let contact = json!({ "name": "Wren", "number": "650 555 0119", "channel_id": w.channel });
        assert_eq!(render(&w.olga, &hello, json!({ "contact": contact })).await["text"], json!(format!("Hi Wren, (650) 555-0119: {team}")));
        let nobody = render(&w.olga, &hello, json!({})).await;
        let missing: Vec<&str> = nobody["missing"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect();
        assert_eq!(missing, ["contact.first_name", "contact.number", "team.name"]);
        assert_eq!(nobody["missing"][0]["label"], "Contact’s first name");
        let path = format!("{PATH}/{hello}/render");
        w.olga.post(&path, json!({ "values": { "x": "y".repeat(501) } })).await.refuses(422, "invalid");
        w.olga.post(&path, json!({ "contact": { "name": "y".repeat(501) } })).await.refuses(422, "invalid");
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.olga.post(&path, json!({ "conversation_id": conversation, "contact": {} })).await.refuses(422, "invalid");
    }

    async fn each_role_may_what_it_may_and_sees_what_it_may_use(w) {
        let east = id(&w.olga.post("/teams", json!({ "name": "East", "member_ids": [] })).await.is(201));
        let admin = w.person("Ada", "admin", &[]).await;
        let lead = w.person("Lena", "lead", &[&w.team]).await;
        let agent = w.person("Ana", "agent", &[&w.team]).await;
        let viewer = w.person("Vera", "viewer", &[&w.team]).await;
        let mine = |name: &str, scope: &Value| json!({ "name": name, "text": "x", "scope": scope["scope"], "team_id": scope["team_id"] });
        // who, and what they may make: the workspace's, their team's, another team's, their own
        let table = [(&w.olga, [201, 201, 201, 201]), (&admin, [201, 201, 201, 201]), (&lead, [201, 201, 422, 201]), (&agent, [403, 403, 403, 201]), (&viewer, [403, 403, 403, 403])];
        for (who, may) in table {
            for (scope, status) in [workspace(), of(&w.team), of(&east), personal()].iter().zip(may) {
                let got = who.post(PATH, mine(&who.name, scope)).await;
                assert_eq!(got.status, status, "{} {scope}: {}", who.name, got.body);
            }
        }
        let scopes = async |who: &Person| {
            let all = who.all(PATH).await;
            ["workspace", "team", "personal"].map(|s| all.iter().filter(|c| c["scope"] == s).count())
        };
        // of the teams' five, two are East's, where nobody is
        for (who, wanted) in [(&w.olga, [3, 5, 1]), (&admin, [3, 5, 1]), (&lead, [3, 3, 1]), (&agent, [3, 3, 1])] {
            assert_eq!(scopes(who).await, wanted, "{}", who.name);
        }
        viewer.get(PATH).await.refuses(403, "forbidden");
        // what one may use but not manage is not changed; what one may not use is not there
        let shared = write(&w.olga, of(&w.team), "shared", "x").await;
        let elsewhere = write(&w.olga, of(&east), "elsewhere", "x").await;
        let own = write(&agent, personal(), "own", "x").await;
        for (who, canned, status) in [(&agent, &shared, 403), (&agent, &elsewhere, 404), (&lead, &shared, 200), (&lead, &elsewhere, 404), (&lead, &own, 404), (&w.olga, &own, 404), (&agent, &own, 200), (&admin, &elsewhere, 200)] {
            let path = format!("{PATH}/{canned}");
            assert_eq!(who.patch(&path, json!({ "text": format!("by {}", who.name) })).await.status, status, "{} {path}", who.name);
        }
        lead.post(&format!("{PATH}/{own}/render"), json!({})).await.refuses(404, "not_found");
        lead.delete(&format!("{PATH}/{own}")).await.refuses(404, "not_found");
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}/messages");
        lead.post(&path, json!({ "text": "x", "canned_response_id": own })).await.refuses(422, "invalid");
        agent.post(&path, json!({ "text": "x", "canned_response_id": own })).await.is(202);
    }

    async fn only_who_may_use_one_is_told_of_it(w) {
        let lead = w.person("Lena", "lead", &[]).await;
        let agent = w.person("Ana", "agent", &[&w.team]).await;
        let other = w.person("Tom", "agent", &[]).await;
        let viewer = w.person("Vera", "viewer", &[&w.team]).await;
        let before = w.olga.seq().await;
        let all = write(&w.olga, workspace(), "all", "x").await;
        let team = write(&w.olga, of(&w.team), "team", "x").await;
        let own = write(&agent, personal(), "own", "sesame").await;
        agent.patch(&format!("{PATH}/{own}"), json!({ "text": "sesame too" })).await.is(200);
        let texts = async |who: &Person| who.events(before).await.iter().map(|e| e["data"]["text"].clone()).collect::<Vec<_>>();
        assert_eq!(texts(&agent).await, ["x", "x", "sesame too", "sesame too"]);
        assert_eq!(texts(&w.olga).await, [json!("x"), json!("x"), Value::Null, Value::Null]);
        agent.delete(&format!("{PATH}/{own}")).await.is(204);
        let (made, changed, removed) = ("canned_response.created", "canned_response.updated", "canned_response.removed");
        let event = |kind: &str, id: &str| (kind.to_owned(), id.to_owned());
        let shared = [event(made, &all), event(made, &team)];
        let mine = [event(made, &own), event(changed, &own), event(removed, &own)];
        assert_eq!(told(&agent, before).await, [shared.as_slice(), mine.as_slice()].concat());
        for outside in [&lead, &other] {
            assert_eq!(told(outside, before).await, shared[..1], "{}", outside.name);
        }
        assert!(told(&viewer, before).await.is_empty());
        let events = agent.events(before).await;
        let data = |id: &str| events.iter().filter(|e| e["subject_id"] == id).map(|e| e["data"]["text"].clone()).collect::<Vec<_>>();
        assert_eq!(data(&all), ["x"]);
        assert_eq!(data(&own), [Value::Null, Value::Null, Value::Null], "what is removed is not shown");
        // who sees everything is told that there was something, and nothing of it
        assert_eq!(told(&w.olga, before).await, told(&agent, before).await);
        for who in [&lead, &w.olga] {
            assert!(!json!(who.events(0).await).to_string().contains("sesame"), "{}", who.name);
        }
    }

    async fn a_shortcut_is_free_where_nobody_meets_it_twice(w) {
        let east = id(&w.olga.post("/teams", json!({ "name": "East", "member_ids": [] })).await.is(201));
        let lena = w.person("Lena", "lead", &[&w.team]).await;
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let post = async |who: &Person, mut scope: Value, shortcut: &str| {
            (scope["name"], scope["text"], scope["shortcut"]) = (json!("n"), json!("t"), json!(shortcut));
            who.post(PATH, scope).await
        };
        write(&w.olga, workspace(), "hours", "x").await;
        for (who, scope) in [(&w.olga, workspace()), (&w.olga, of(&w.team)), (&ana, personal())] {
            let said = post(who, scope, "/Hours").await.refuses(422, "invalid");
            assert_eq!((&said["errors"][0]["field"], &said["errors"][0]["code"]), (&json!("shortcut"), &json!("taken")), "{said}");
        }
        // two teams with the same word, until somebody is in both
        post(&w.olga, of(&w.team), "place").await.is(201);
        let elsewhere = id(&post(&w.olga, of(&east), "place").await.is(201));
        post(&lena, of(&w.team), "place").await.refuses(422, "invalid");
        post(&ana, personal(), "place").await.refuses(422, "invalid");
        w.olga.patch(&format!("/teams/{east}"), json!({ "member_ids": [ana.id] })).await.is(200);
        w.olga.patch(&format!("{PATH}/{elsewhere}"), json!({ "text": "its own is no other" })).await.is(200);
        w.olga.delete(&format!("{PATH}/{elsewhere}")).await.is(204);
        post(&w.olga, of(&east), "place").await.refuses(422, "invalid");
        // nobody is told of what is somebody's own
        post(&ana, personal(), "mine").await.is(201);
        post(&ana, personal(), "mine").await.refuses(422, "invalid");
        post(&lena, personal(), "mine").await.is(201);
        post(&lena, workspace(), "mine").await.refuses(422, "invalid");
        post(&w.olga, workspace(), "mine").await.is(201);
        // without one there is nothing to meet
        for _ in 0..2 {
            post(&w.olga, workspace(), "").await.is(201);
        }
    }

    async fn what_is_wrong_with_one_is_said_field_by_field(w) {
        let problems = async |body: Value| {
            let said = w.olga.post(PATH, body).await.refuses(422, "invalid");
            said["errors"].as_array().unwrap().iter().map(|e| format!("{} {}", e["field"].as_str().unwrap(), e["code"].as_str().unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(problems(json!({ "scope": "workspace", "name": " ", "text": " \n", "shortcut": "a b" })).await, ["name required", "shortcut malformed", "text required"]);
        assert_eq!(problems(json!({ "scope": "workspace", "name": "n".repeat(81), "text": "t".repeat(4_001) })).await, ["name too_long", "text too_long"]);
        assert_eq!(problems(json!({ "scope": "workspace", "name": "n", "text": "{{ contact.", "subject": "{{", "html": "<b onclick=x>{{ }}</b>" })).await, ["text malformed_template", "subject malformed_template", "html malformed_template", "html active_content"]);
        assert_eq!(problems(json!({ "scope": "team", "name": "n", "text": "t" })).await, ["team_id required"]);
        assert_eq!(problems(json!({ "scope": "personal", "team_id": w.team, "name": "n", "text": "t" })).await, ["team_id not_a_team_s"]);
        let body = json!({ "scope": "workspace", "name": " Visit  day ", "text": "Reply YES to confirm", "subject": " Your visit ", "html": "<p>Hi {{ contact.name }}</p>" });
        let made = w.olga.post(PATH, body).await.is(201);
        assert_eq!((&made["name"], &made["shortcut"], &made["subject"]), (&json!("Visit day"), &Value::Null, &json!("Your visit")));
        let warning = &made["warnings"][0];
        assert_eq!((&warning["code"], &warning["word"], &warning["start"], &warning["end"]), (&json!("reserved_word"), &json!("YES"), &json!(6), &json!(9)));
        let html = render(&w.olga, &id(&made), json!({ "contact": { "name": "<b>&" } })).await;
        assert_eq!((&html["html"], &html["subject"]), (&json!("<p>Hi &lt;b&gt;&amp;</p>"), &json!("Your visit")));
        let only_in_email = render(&w.olga, &id(&made), json!({})).await;
        assert_eq!(only_in_email["missing"], json!([{ "name": "contact.name", "label": "Contact’s name", "in_text": false }]));
        let path = format!("{PATH}/{}", id(&made));
        let before = w.olga.seq().await;
        w.olga.patch(&path, json!({ "name": "Visit day", "subject": "Your visit" })).await.is(200);
        assert!(told(&w.olga, before).await.is_empty(), "what is as it was is no event");
        let changed = w.olga.patch(&path, json!({ "text": "Reply C to confirm", "subject": null, "html": null, "shortcut": "visit" })).await.is(200);
        assert_eq!((&changed["warnings"], &changed["subject"], &changed["html"], &changed["shortcut"]), (&json!([]), &Value::Null, &Value::Null, &json!("visit")));
        assert_eq!(w.olga.events(before).await[0]["changed"], json!(["shortcut", "text", "subject", "html"]));
        w.olga.patch(&path, json!({ "text": "" })).await.refuses(422, "invalid");
        let seen = w.olga.post(&format!("{PATH}/preview"), json!({ "text": "Hi {{ contact.first_name }}, text STOP now {{ day }}", "contact": { "name": "Maya L" } })).await.is(200);
        assert_eq!((&seen["text"], &seen["segments"], &seen["missing"][0]["name"], &seen["warnings"][0]["word"]), (&json!("Hi Maya, text STOP now {{ day }}"), &json!(1), &json!("day"), &json!("STOP")));
        w.olga.post(&format!("{PATH}/preview"), json!({ "text": "{{" })).await.refuses(422, "invalid");
    }

    async fn one_that_was_removed_can_t_be_used(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let gone = write(&w.olga, workspace(), "gone", "Bye").await;
        w.olga.delete(&format!("{PATH}/{gone}")).await.is(204);
        assert!(names(&w.olga).await.is_empty());
        for method in [Method::GET, Method::DELETE] {
            let answer = w.olga.ask(w.olga.request(method, &format!("{PATH}/{gone}"))).await;
            answer.refuses(404, "not_found");
        }
        w.olga.post(&format!("{PATH}/{gone}/render"), json!({ "conversation_id": conversation })).await.refuses(404, "not_found");
        let reply = json!({ "text": "Bye", "canned_response_id": gone });
        let said = w.olga.post(&format!("/conversations/{conversation}/messages"), reply).await.refuses(422, "invalid");
        assert_eq!(said["errors"][0]["field"], "canned_response_id");
        assert!(w.sent_to(MAYA).is_empty());
        write(&w.olga, workspace(), "gone", "its shortcut is free again").await;
    }

    async fn its_files_stay_and_a_message_takes_copies_of_them(w) {
        let agent = w.person("Ana", "agent", &[&w.team]).await;
        let stranger = w.person("Tom", "agent", &[]).await;
        let conversation = id(&w.text(MAYA, "Where?").await);
        let (map, unused) = (id(&upload(&w.olga, "map.png", "image/png", PNG).await.is(201)), id(&upload(&w.olga, "no.png", "image/png", PNG).await.is(201)));
        let body = json!({ "scope": "team", "team_id": w.team, "name": "Place", "text": "Here", "attachment_ids": [map] });
        let place = w.olga.post(PATH, body).await.is(201);
        assert_eq!(place["attachments"][0]["name"], "map.png");
        w.advance(DAY + SECOND);
        w.desk().expire().await.unwrap();
        let of_file = |file: &str| format!("/attachments/{file}");
        assert_eq!(w.olga.get(&of_file(&unused)).await.status, 404, "an upload that nothing used is gone");
        assert_eq!(agent.get(&of_file(&map)).await.status, 200, "who may use it sees its file");
        assert_eq!(stranger.get(&of_file(&map)).await.status, 404);
        // the file itself is not given away, not even by who uploaded it
        let path = format!("/conversations/{conversation}/messages");
        w.olga.post(&path, json!({ "text": "Here", "attachment_ids": [map] })).await.refuses(422, "invalid");
        let asked = json!({ "conversation_id": conversation, "take_files": true });
        for _ in 0..2 {
            let taken = render(&agent, &id(&place), asked.clone()).await;
            let copy = id(&taken["attachments"][0]);
            assert_ne!(copy, map);
            let reply = json!({ "text": taken["text"], "attachment_ids": [copy], "canned_response_id": id(&place), "confirm": ["late_reply"] });
            let sent = id(&agent.post(&path, reply).await.is(202));
            w.delivery(&conversation, &sent, "delivered").await;
        }
        assert_eq!(w.sent_to(MAYA).iter().map(|m| m.media.len()).collect::<Vec<_>>(), [1, 1]);
        let looked = render(&agent, &id(&place), json!({ "conversation_id": conversation })).await;
        assert_eq!(id(&looked["attachments"][0]), map, "looking takes nothing");
        // another's upload is not taken in; what is taken out goes as uploads do
        let hers = id(&upload(&agent, "hers.png", "image/png", PNG).await.is(201));
        let path = format!("{PATH}/{}", id(&place));
        w.olga.patch(&path, json!({ "attachment_ids": [map, hers] })).await.refuses(422, "invalid");
        assert_eq!(w.olga.patch(&path, json!({ "attachment_ids": [] })).await.is(200)["attachments"], json!([]));
        w.desk().expire().await.unwrap();
        assert_eq!(w.olga.get(&of_file(&map)).await.status, 404);
        assert_eq!(w.olga.messages(&conversation).await.last().unwrap()["attachments"][0]["state"], "ready");
    }
}
