//! People: how they come, who they are, what they may, and what becomes of their work when they are away or gone.

use partyline_core::time::{DAY, Millis};
use partyline_desk::account::{SessionFrom, SetupIn};
use reqwest::Client;
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::{Answer, Person, id};
use crate::world::{MAYA, WREN, World};

/// A new person's password.
const PASSWORD: &str = "a pass phrase of theirs";

async fn invite(w: &World, body: Value) -> String {
    let invited = w.olga.post("/invitations", body).await.is(201);
    invited["path"].as_str().unwrap().strip_prefix("/join/").unwrap().to_owned()
}

async fn join(w: &World, token: &str, body: Value) -> Answer {
    let url = format!("{}/api/v1/join/{token}", w.olga.base);
    Answer::of(Client::new().post(url).json(&body).send().await.unwrap()).await
}

async fn look(w: &World, token: &str) -> Answer {
    Answer::of(Client::new().get(format!("{}/api/v1/join/{token}", w.olga.base)).send().await.unwrap()).await
}

async fn assign(w: &World, conversation: &str, to: &[&str]) {
    w.olga.patch(&format!("/conversations/{conversation}"), json!({ "assignee_ids": to })).await.is(200);
}

async fn names_on(w: &World, conversation: &str) -> Vec<String> {
    let row = w.olga.conversation(conversation).await;
    row["assignees"].as_array().unwrap().iter().map(|a| a["name"].as_str().unwrap().to_owned()).collect()
}

behaviours! {
    async fn an_invitation_lets_one_person_join_once(w) {
        let token = invite(w, json!({ "email": "Ana@Example.com", "role": "agent", "team_ids": [w.team] })).await;
        let seen = look(w, &token).await.is(200);
        assert_eq!((&seen["email"], &seen["role"], &seen["has_account"]), (&json!("ana@example.com"), &json!("agent"), &json!(false)));
        assert_eq!(seen["invited_by"], w.olga.name.as_str());
        join(w, &token, json!({ "name": "Ana", "password": "short" })).await.refuses(422, "invalid");
        join(w, &token, json!({ "name": " ", "password": PASSWORD })).await.refuses(422, "invalid");
        let me = join(w, &token, json!({ "name": "Ana", "email": "else@example.com", "password": PASSWORD })).await.is(201);
        assert_eq!((&me["user"]["email"], &me["user"]["role"]), (&json!("ana@example.com"), &json!("agent")), "the invitation's");
        assert_eq!(me["user"]["team_ids"], json!([w.team]));
        join(w, &token, json!({ "name": "Eve", "password": PASSWORD })).await.refuses(422, "invitation_over");
        look(w, &token).await.refuses(422, "invitation_over");
        let all = w.olga.all("/invitations").await;
        assert_eq!((all.len(), &all[0]["accepted_by"]), (1, &me["user"]["id"]));
        assert!(!all[0].to_string().contains(&token), "the link is shown once");
        w.olga.post("/invitations", json!({ "email": "ana@example.com", "role": "agent" })).await.refuses(422, "invalid");
    }

    async fn an_invitation_that_was_taken_back_or_is_a_week_old_is_over(w) {
        let token = invite(w, json!({ "role": "viewer" })).await;
        let first = id(&w.olga.all("/invitations").await[0]);
        w.olga.delete(&format!("/invitations/{first}")).await.is(204);
        join(w, &token, json!({ "name": "Eve", "email": "eve@example.com", "password": PASSWORD })).await.refuses(422, "invitation_over");
        let token = invite(w, json!({ "role": "viewer" })).await;
        w.advance(7 * DAY);
        join(w, &token, json!({ "name": "Eve", "email": "eve@example.com", "password": PASSWORD })).await.refuses(422, "invitation_over");
        look(w, &"0".repeat(64)).await.refuses(422, "invitation_over");
    }

    async fn whoever_has_an_account_here_joins_with_its_password(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let email = w.olga.get(&format!("/users/{}", ana.id)).await["email"].as_str().unwrap().to_owned();
        w.olga.patch(&format!("/users/{}", ana.id), json!({ "active": false })).await.is(200);
        w.forget(&ana);
        let token = invite(w, json!({ "email": email, "role": "lead" })).await;
        assert_eq!(look(w, &token).await["has_account"], true);
        join(w, &token, json!({ "name": "Ana", "password": "not hers at all" })).await.refuses(422, "invalid");
        let me = join(w, &token, json!({ "name": "Ana Ruiz", "password": crate::person::PASSWORD })).await.is(201);
        assert_eq!((&me["user"]["id"], &me["user"]["role"]), (&json!(ana.id), &json!("lead")), "who was here before comes back");
        assert_eq!(me["user"]["team_ids"], json!([]), "to the teams of the invitation, not to those of before");
    }

    async fn an_invitation_stands_while_who_gave_it_out_may_invite(w) {
        let adam = w.person("Adam", "admin", &[]).await;
        let given = adam.post("/invitations", json!({ "role": "admin" })).await.is(201);
        let token = given["path"].as_str().unwrap().strip_prefix("/join/").unwrap();
        look(w, token).await.is(200);
        let eve = || json!({ "name": "Eve", "email": "eve@example.com", "password": PASSWORD });
        w.olga.patch(&format!("/users/{}", adam.id), json!({ "role": "agent" })).await.is(200);
        look(w, token).await.refuses(422, "invitation_over");
        join(w, token, eve()).await.refuses(422, "invitation_over");
        w.olga.patch(&format!("/users/{}", adam.id), json!({ "role": "admin" })).await.is(200);
        look(w, token).await.is(200);
        w.olga.patch(&format!("/users/{}", adam.id), json!({ "active": false })).await.is(200);
        w.forget(&adam);
        join(w, token, eve()).await.refuses(422, "invitation_over");
    }

    async fn links_that_lead_nowhere_hold_up_nobody(w) {
        for n in 0..12 {
            let wrong = format!("{n}{}", "0".repeat(63));
            join(w, &wrong, json!({ "name": "Eve", "email": "eve@example.com", "password": PASSWORD })).await.refuses(422, "invitation_over");
            join(w, "olga@example.com", json!({ "name": "E", "email": "e@example.com", "password": PASSWORD })).await.refuses(422, "invitation_over");
        }
        w.person("Ana", "agent", &[]).await;
    }

    async fn nobody_elses_word_joins_an_account_to_a_business(w) {
        let setup = SetupIn {
            workspace_name: "Other".into(),
            name: "Boss".into(),
            email: "boss@example.com".into(),
            password: PASSWORD.into(),
            time_zone: None,
            from: SessionFrom::default(),
        };
        w.desk().create_workspace(setup.clone(), false).await.unwrap();
        let boss = json!({ "name": "Boss", "email": "boss@example.com", "role": "admin", "password": "somebody's first word" });
        let refused = w.olga.post("/users", boss).await.refuses(422, "invalid");
        assert_eq!(refused["errors"][0]["code"], "has_account");
        let mistaken = SetupIn { workspace_name: "Third".into(), password: "not the boss's".into(), ..setup };
        assert!(w.desk().create_workspace(mistaken, false).await.is_err());
    }

    async fn only_who_manages_people_invites_and_only_an_owner_an_owner(w) {
        let (adam, lena) = (w.person("Adam", "admin", &[]).await, w.person("Lena", "lead", &[]).await);
        lena.post("/invitations", json!({ "role": "agent" })).await.refuses(403, "forbidden");
        lena.get("/invitations").await.refuses(403, "forbidden");
        adam.post("/invitations", json!({ "role": "owner" })).await.refuses(403, "forbidden");
        let before = w.olga.seq().await;
        adam.post("/invitations", json!({ "role": "admin" })).await.is(201);
        assert_eq!(w.olga.events(before).await.len(), 1);
        assert!(lena.events(before).await.is_empty(), "leads are not told of invitations");
    }

    async fn my_profile_is_mine_and_what_is_wrong_with_it_is_said(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let until = json!(Millis(w.clock.now().0 + 3 * DAY));
        let patch = json!({ "name": "Ana Ruiz", "time_zone": "America/New_York", "signature": "Ana\nHarbor & Pine", "away_until": until });
        let me = ana.patch("/me", patch).await.is(200);
        assert_eq!((&me["user"]["name"], &me["settings"]["time_zone"]), (&json!("Ana Ruiz"), &json!("America/New_York")));
        assert_eq!(me["settings"]["signature"], "Ana\nHarbor & Pine");
        assert_eq!(w.olga.get(&format!("/users/{}", ana.id)).await["away_until"], until, "everybody sees that she is away");
        assert!(w.olga.get(&format!("/users/{}", ana.id)).await["settings"].is_null(), "and nothing else");
        let me = ana.patch("/me", json!({ "time_zone": null, "away_until": null })).await.is(200);
        assert_eq!((&me["settings"]["time_zone"], &me["user"]["away_until"]), (&Value::Null, &Value::Null));
        for wrong in [
            json!({ "time_zone": "Mars/Olympus" }),
            json!({ "name": "" }),
            json!({ "signature": "x".repeat(1_001) }),
            json!({ "away_until": Millis(w.clock.now().0 - 1) }),
            json!({ "away_until": Millis(w.clock.now().0 + 400 * DAY) }),
        ] {
            ana.patch("/me", wrong).await.refuses(422, "invalid");
        }
    }

    async fn a_new_password_ends_my_other_sessions_and_the_old_one_works_no_more(w) {
        let ana = w.person("Ana", "agent", &[]).await;
        let email = ana.get("/me").await["user"]["email"].as_str().unwrap().to_owned();
        let phone = Person::sign_in(&ana.http, &ana.base, &email).await;
        assert_eq!(ana.all("/me/sessions").await.len(), 2);
        ana.post("/me/password", json!({ "current": "not this one", "new": PASSWORD })).await.refuses(422, "invalid");
        ana.post("/me/password", json!({ "current": crate::person::PASSWORD, "new": "short" })).await.refuses(422, "invalid");
        ana.post("/me/password", json!({ "current": crate::person::PASSWORD, "new": PASSWORD })).await.is(204);
        phone.get("/me").await.refuses(401, "not_signed_in");
        let left = ana.all("/me/sessions").await;
        assert_eq!((left.len(), &left[0]["current"]), (1, &json!(true)));
        let url = format!("{}/api/v1/session", ana.base);
        let old = json!({ "email": email, "password": crate::person::PASSWORD });
        Answer::of(ana.http.post(&url).json(&old).send().await.unwrap()).await.refuses(401, "wrong_credentials");
        let new = json!({ "email": email, "password": PASSWORD });
        Answer::of(ana.http.post(&url).json(&new).send().await.unwrap()).await.is(200);
    }

    async fn a_session_is_listed_and_ended_and_only_one_s_own(w) {
        let ana = w.person("Ana", "agent", &[]).await;
        let email = ana.get("/me").await["user"]["email"].as_str().unwrap().to_owned();
        let phone = Person::sign_in(&ana.http, &ana.base, &email).await;
        let all = ana.all("/me/sessions").await;
        let other = all.iter().find(|s| s["current"] == false).unwrap();
        assert!(other["ip"].is_string());
        w.olga.delete(&format!("/me/sessions/{}", id(other))).await.refuses(404, "not_found");
        ana.delete(&format!("/me/sessions/{}", id(other))).await.is(204);
        phone.get("/me").await.refuses(401, "not_signed_in");
        ana.get("/me").await.is(200);
    }

    async fn the_workspace_s_settings_are_changed_by_who_may(w) {
        let lena = w.person("Lena", "lead", &[]).await;
        lena.patch("/workspace", json!({ "name": "Hers" })).await.refuses(403, "forbidden");
        let patch = json!({ "name": "Harbor", "time_zone": "America/Denver", "region": "gb", "undo_seconds": 0, "assign_on_reply": false, "stale_owner_days": 1 });
        let me = w.olga.patch("/workspace", patch).await.is(200);
        assert_eq!((&me["workspace"]["name"], &me["workspace"]["time_zone"]), (&json!("Harbor"), &json!("America/Denver")));
        let settings = &me["workspace"]["settings"];
        assert_eq!(settings, &json!({ "undo_seconds": 0, "assign_on_reply": false, "region": "GB", "stale_owner_days": 1, "texts_outside": false }));
        for wrong in [json!({ "region": "XX" }), json!({ "undo_seconds": 61 }), json!({ "time_zone": "" }), json!({ "stale_owner_days": 366 })] {
            w.olga.patch("/workspace", wrong).await.refuses(422, "invalid");
        }
        // it has effect: who answers does not get it
        let conversation = id(&w.text(MAYA, "Hello").await);
        lena.reply(&conversation, "Hi").await.is(202);
        assert!(names_on(w, &conversation).await.is_empty());
    }

    async fn what_somebody_is_on_is_handed_over_to_a_colleague_or_to_the_teams(w) {
        let (ana, ben) = (w.person("Ana", "agent", &[&w.team]).await, w.person("Ben", "agent", &[&w.team]).await);
        let vera = w.person("Vera", "viewer", &[&w.team]).await;
        let (one, two) = (id(&w.text(MAYA, "One").await), id(&w.text(WREN, "Two").await));
        assign(w, &one, &[&ana.id]).await;
        assign(w, &two, &[&ana.id, &ben.id]).await;
        let path = format!("/users/{}/handover", ana.id);
        ben.post(&path, json!({ "to_user_id": ben.id })).await.refuses(403, "forbidden");
        w.olga.post(&path, json!({ "to_user_id": vera.id })).await.refuses(422, "invalid");
        w.olga.post(&path, json!({ "to_user_id": ana.id })).await.refuses(422, "invalid");
        assert_eq!(ana.post(&path, json!({ "to_user_id": ben.id })).await.is(200), json!({ "moved": 2, "messages": 0, "more": false }));
        assert_eq!((names_on(w, &one).await, names_on(w, &two).await), (vec!["Ben".to_owned()], vec!["Ben".to_owned()]));
        let line = w.olga.entries(&one).await.pop().unwrap();
        assert_eq!((&line["event"], &line["author"]["id"]), (&json!("conversation.assigned"), &json!(ana.id)));
        let path = format!("/users/{}/handover", ben.id);
        assert_eq!(w.olga.post(&path, json!({ "to_user_id": null })).await["moved"], 2);
        assert_eq!(w.olga.view("unassigned").await.len(), 2);
        assert_eq!(w.olga.post(&path, json!({ "to_user_id": null })).await["moved"], 0);
    }

    async fn what_is_reopened_while_its_owner_is_away_goes_to_the_team_and_says_who_had_it(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        assign(w, &conversation, &[&ana.id]).await;
        ana.patch(&format!("/conversations/{conversation}"), json!({ "status": "closed" })).await.is(200);
        ana.patch("/me", json!({ "away_until": Millis(w.clock.now().0 + DAY) })).await.is(200);
        w.text(MAYA, "Again").await;
        assert!(names_on(w, &conversation).await.is_empty());
        let line = w.olga.entries(&conversation).await.into_iter().rfind(|e| e["event"] == "conversation.reopened").unwrap();
        assert_eq!(line["data"]["had"], json!([{ "id": ana.id, "name": "Ana" }]));
    }

    async fn who_observes_a_team_is_a_member_all_the_same(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let path = format!("/teams/{}", w.team);
        let stranger = w.person("Ben", "agent", &[]).await;
        w.olga.patch(&path, json!({ "observer_ids": [stranger.id] })).await.refuses(422, "invalid");
        let team = w.olga.patch(&path, json!({ "observer_ids": [ana.id], "closed": true })).await.is(200);
        assert_eq!(team["observer_ids"], json!([ana.id]));
        let conversation = id(&w.text(MAYA, "Hello").await);
        ana.reply(&conversation, "Hi").await.is(202);
        assert_eq!(w.olga.patch(&path, json!({ "observer_ids": [] })).await["observer_ids"], json!([]));
    }
}
