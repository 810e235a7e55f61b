//! Saved searches: who may save which, who sees them, and where they stand.

use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::{Person, id};
use crate::world::World;

const PATH: &str = "/saved_searches";

async fn save(who: &Person, scope: Value, name: &str) -> String {
    let mut body = json!({ "name": name, "query": format!("{name} is:open") });
    for (field, value) in scope.as_object().unwrap() {
        body[field] = value.clone();
    }
    id(&who.post(PATH, body).await.is(201))
}

fn everybodys() -> Value {
    json!({ "scope": "workspace" })
}

fn own() -> Value {
    json!({ "scope": "personal" })
}

fn of(team: &str) -> Value {
    json!({ "scope": "team", "team_id": team })
}

async fn names(who: &Person) -> Vec<String> {
    who.all(PATH).await.iter().map(|s| s["name"].as_str().unwrap().to_owned()).collect()
}

/// What somebody is told of saved searches: what happened, to which, and its name.
async fn told(who: &Person, after: i64) -> Vec<(String, String, Value)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let events = who.events(after).await;
    let of_saved = events.iter().filter(|e| e["type"].as_str().unwrap().starts_with("saved_search."));
    of_saved.map(|e| (text(&e["type"]), text(&e["subject_id"]), e["data"]["name"].clone())).collect()
}

async fn team_of(w: &World, name: &str, members: &[&str]) -> String {
    id(&w.olga.post("/teams", json!({ "name": name, "member_ids": members })).await.is(201))
}

behaviours! {
    async fn each_role_may_save_what_it_may_and_sees_what_is_theirs(w) {
        let lead = w.person("Lena", "lead", &[&w.team]).await;
        let agent = w.person("Ana", "agent", &[&w.team]).await;
        let viewer = w.person("Vera", "viewer", &[]).await;
        let east = team_of(w, "East", &[]).await;
        // who, and what they may save: everybody's, their team's, another team's, their own
        let table = [(&w.olga, [201, 201, 201, 201]), (&lead, [201, 201, 422, 201]), (&agent, [403, 403, 403, 201]), (&viewer, [403, 403, 403, 201])];
        for (who, may) in table {
            for (mut body, status) in [everybodys(), of(&w.team), of(&east), own()].into_iter().zip(may) {
                body["name"] = json!(format!("{} {}", who.name, body["scope"].as_str().unwrap()));
                body["query"] = json!("heater");
                let got = who.post(PATH, body.clone()).await;
                assert_eq!(got.status, status, "{} {body}: {}", who.name, got.body);
            }
        }
        let count = async |who: &Person| {
            let all = who.all(PATH).await;
            ["workspace", "team", "personal"].map(|s| all.iter().filter(|c| c["scope"] == s).count())
        };
        // of the teams' three, one is East's, where nobody is
        for (who, wanted) in [(&w.olga, [2, 3, 1]), (&lead, [2, 2, 1]), (&agent, [2, 2, 1]), (&viewer, [2, 0, 1])] {
            assert_eq!(count(who).await, wanted, "{}", who.name);
        }
        let (shared, elsewhere, mine) =
            (save(&w.olga, of(&w.team), "shared").await, save(&w.olga, of(&east), "elsewhere").await, save(&agent, own(), "mine").await);
        let table = [(&agent, &shared, 403), (&agent, &elsewhere, 404), (&lead, &shared, 200), (&lead, &elsewhere, 404), (&w.olga, &mine, 404), (&lead, &mine, 404), (&agent, &mine, 200)];
        for (who, saved, status) in table {
            let path = format!("{PATH}/{saved}");
            assert_eq!(who.patch(&path, json!({ "name": format!("by {}", who.name) })).await.status, status, "{} {path}", who.name);
            if status == 404 {
                who.get(&path).await.refuses(404, "not_found");
                who.delete(&path).await.refuses(404, "not_found");
            }
        }
        agent.delete(&format!("{PATH}/{shared}")).await.refuses(403, "forbidden");
    }

    async fn nobody_is_told_of_one_that_is_not_theirs_also_once_it_is_gone(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let tom = w.person("Tom", "lead", &[]).await;
        let admin = w.person("Ada", "admin", &[]).await;
        let before = w.olga.seq().await;
        let mine = save(&ana, own(), "sesame").await;
        let shared = save(&w.olga, of(&w.team), "plumber").await;
        let all = save(&w.olga, everybodys(), "failed").await;
        let event = |kind: &str, id: &str, name: &str| (format!("saved_search.{kind}"), id.to_owned(), if name.is_empty() { Value::Null } else { json!(name) });
        assert_eq!(told(&ana, before).await, [event("created", &mine, "sesame"), event("created", &shared, "plumber"), event("created", &all, "failed")]);
        assert_eq!(told(&tom, before).await, [event("created", &all, "failed")]);
        assert_eq!(told(&admin, before).await, [event("created", &mine, ""), event("created", &shared, "plumber"), event("created", &all, "failed")], "the log has no gaps for an admin, and says nothing");
        ana.patch(&format!("{PATH}/{mine}"), json!({ "query": "sesame from:dana" })).await.is(200);
        ana.delete(&format!("{PATH}/{mine}")).await.is(204);
        w.olga.delete(&format!("{PATH}/{shared}")).await.is(204);
        let of_tom = told(&tom, before).await;
        assert_eq!(of_tom, [event("created", &all, "failed")], "what is gone is not told either");
        let of_ana = told(&ana, before).await;
        let kinds: Vec<&str> = of_ana.iter().map(|(kind, _, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["saved_search.created", "saved_search.created", "saved_search.created", "saved_search.updated", "saved_search.removed", "saved_search.removed"]);
        for who in [&tom, &admin, &w.olga] {
            assert!(!json!(who.events(0).await).to_string().contains("sesame"), "{}", who.name);
        }
        ana.get(&format!("{PATH}/{mine}")).await.refuses(404, "not_found");
        // who comes into a team sees what is the team's from then on
        let leak = save(&w.olga, of(&w.team), "leak").await;
        assert_eq!(told(&tom, before).await.len(), 1);
        w.olga.patch(&format!("/users/{}", tom.id), json!({ "team_ids": [w.team] })).await.is(200);
        assert!(names(&tom).await.contains(&"leak".to_owned()));
        assert!(told(&tom, before).await.contains(&event("created", &leak, "leak")));
    }

    async fn they_stand_where_they_are_put(w) {
        let ids = [save(&w.olga, own(), "a").await, save(&w.olga, own(), "b").await, save(&w.olga, own(), "c").await];
        save(&w.olga, everybodys(), "z").await;
        let mine = async || {
            let all = w.olga.all(PATH).await;
            all.iter().filter(|s| s["scope"] == "personal").map(|s| s["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let put = async |n: usize, position: Value| w.olga.patch(&format!("{PATH}/{}", ids[n]), json!({ "position": position })).await.is(200);
        assert_eq!(mine().await, ["a", "b", "c"]);
        put(2, json!(0)).await;
        assert_eq!(mine().await, ["c", "a", "b"]);
        put(2, json!(1)).await;
        assert_eq!(mine().await, ["a", "c", "b"]);
        put(0, json!(99)).await;
        assert_eq!(mine().await, ["c", "b", "a"]);
        let unpinned = put(1, Value::Null).await;
        assert_eq!((&unpinned["position"], mine().await), (&Value::Null, vec!["c".to_owned(), "a".to_owned(), "b".to_owned()]));
        let before = w.olga.seq().await;
        put(1, Value::Null).await;
        w.olga.patch(&format!("{PATH}/{}", ids[2]), json!({ "name": "c", "position": 0 })).await.is(200);
        assert_eq!(w.olga.seq().await, before, "what is as it was makes no event");
        put(1, json!(0)).await;
        assert_eq!(mine().await, ["b", "c", "a"]);
        let place = |name: &str, all: &[Value]| all.iter().find(|s| s["name"] == name).unwrap()["position"].clone();
        assert_eq!(place("z", &w.olga.all(PATH).await), 0, "others' places are their own");
    }

    async fn what_can_not_be_saved_is_said(w) {
        let body = |name: &str, query: &str| json!({ "scope": "personal", "name": name, "query": query });
        for (name, query, field) in [(" ", "x", "name"), (&"n".repeat(61), "x", "name"), ("a\nb", "x", "name"), ("a", " ", "query"), ("a", &"q".repeat(1_001), "query")] {
            let said = w.olga.post(PATH, body(name, query)).await.refuses(422, "invalid");
            assert_eq!(said["errors"][0]["field"], field, "{said}");
        }
        w.olga.post(PATH, json!({ "scope": "team", "name": "a", "query": "x" })).await.refuses(422, "invalid");
        w.olga.post(PATH, json!({ "scope": "personal", "team_id": w.team, "name": "a", "query": "x" })).await.refuses(422, "invalid");
        let first = id(&w.olga.post_once(PATH, "k", body("once", "x")).await.is(201));
        assert_eq!(id(&w.olga.post_once(PATH, "k", body("once", "x")).await.is(201)), first);
        assert_eq!(names(&w.olga).await, ["once"]);
        for n in 1..50 {
            save(&w.olga, own(), &format!("n{n}")).await;
        }
        w.olga.post(PATH, body("one more", "x")).await.refuses(422, "too_many_saved_searches");
        save(&w.olga, everybodys(), "another owner").await;
        w.olga.delete(&format!("{PATH}/{first}")).await.is(204);
        w.olga.post(PATH, body("one more", "x")).await.is(201);
    }
}
