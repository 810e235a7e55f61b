//! The log, and everybody's live view of it.

use partyline_core::time::SECOND;
use serde_json::{Value, json};

use crate::checks::{facts, is_contiguous};
use crate::engine::behaviours;
use crate::person::id;
use crate::socket::Socket;
use crate::world::{LEASING, MAYA, WREN};

behaviours! {
    async fn a_socket_that_was_cut_resumes_with_exactly_what_it_missed(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let socket = Socket::open(&ana, None).await;
        socket.hears("where it stands", |s| (s.seq() >= 0).then_some(())).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let before = ana.seq().await;
        socket.reaches(before).await;
        let heard = socket.seq();
        drop(socket);
        w.olga.post(&format!("/conversations/{conversation}/notes"), json!({ "text": "Nobody is looking" })).await.is(201);
        w.olga.patch(&format!("/conversations/{conversation}"), json!({ "assignee_ids": [ana.id] })).await.is(200);
        let missed = ana.seq().await;
        let socket = Socket::open(&ana, Some(heard)).await;
        socket.reaches(missed).await;
        let frames = socket.event_frames();
        assert_eq!(frames[0]["after"], heard);
        is_contiguous(&frames);
        let seqs: Vec<i64> = socket.events().iter().map(|e| e["seq"].as_i64().unwrap()).collect();
        assert_eq!(seqs, (heard + 1..=missed).collect::<Vec<_>>());
        let log: Vec<Value> = ana.events(heard).await.iter().map(facts).collect();
        assert_eq!(socket.events().iter().map(facts).collect::<Vec<_>>(), log);
    }

    async fn a_client_that_claims_the_future_is_told_where_the_log_is(w) {
        let socket = Socket::open(&w.olga, Some(1_000_000)).await;
        let seq = w.olga.seq().await;
        socket.hears("the truth", |s| (s.seq() == seq).then_some(())).await;
        w.text(MAYA, "Hello").await;
        let seq = w.olga.seq().await;
        socket.reaches(seq).await;
        is_contiguous(&socket.event_frames());
    }

    async fn what_happens_in_a_closed_team_is_seen_by_its_members_and_by_nobody_else(w) {
        let ana = w.person("Ana", "agent", &[]).await;
        let tom = w.person("Tom", "agent", &[&w.team]).await;
        let closed = id(&w.olga.post("/teams", json!({ "name": "Legal", "closed": true, "member_ids": [ana.id] })).await.is(201));
        w.channel("Leasing", LEASING, &closed).await;
        let (hers, his) = (Socket::open(&ana, None).await, Socket::open(&tom, None).await);
        for socket in [&hers, &his] {
            socket.hears("where it stands", |s| (s.seq() >= 0).then_some(())).await;
        }
        let begin = w.olga.seq().await;
        let sid = w.carrier.text(MAYA, LEASING, "In confidence", Vec::new()).unwrap().sid;
        w.until("it came", async || w.carrier.messages_of(MAYA).into_iter().find(|m| m.sid == sid)?.webhook_status).await;
        let secret = id(&ana.view("all").await[0]);
        let sent = id(&ana.reply(&secret, "Of course").await.is(202));
        w.delivery(&secret, &sent, "delivered").await;
        w.olga.post(&format!("/conversations/{secret}/notes"), json!({ "text": "Privileged" })).await.is(201);
        let open = w.text(WREN, "Hello").await;
        let seq = w.olga.seq().await;
        his.reaches(seq).await;
        hers.reaches(seq).await;
        assert_eq!(tom.view("all").await.len(), 1);
        assert_eq!(tom.get("/me").await.is(200)["counts"]["all"]["total"], 1);
        for path in ["", "/entries"] {
            assert_eq!(tom.get(&format!("/conversations/{secret}{path}")).await.status, 404);
        }
        assert_eq!(tom.reply(&secret, "Let me in").await.status, 404);
        assert_eq!(tom.delete(&format!("/messages/{sent}")).await.status, 404);
        assert_eq!(tom.post(&format!("/messages/{sent}/retry"), json!({})).await.status, 404);
        assert_eq!(tom.post(&format!("/conversations/{secret}/read"), json!({})).await.status, 404);
        assert_eq!(tom.post(&format!("/conversations/{secret}/notes"), json!({ "text": "x" })).await.status, 404);
        assert_eq!(tom.patch(&format!("/conversations/{secret}"), json!({ "assignee_ids": [tom.id] })).await.status, 404);
        let log = tom.events(begin).await;
        assert_eq!(his.events().iter().filter(|e| e["seq"].as_i64() > Some(begin)).map(facts).collect::<Vec<_>>(), log.iter().map(facts).collect::<Vec<_>>());
        let about_it = |events: &[Value]| events.iter().filter(|e| e["conversation_id"] == secret && e["type"] != "conversation.hidden").count();
        assert_eq!(about_it(&log), 0, "an outsider's log says nothing of it");
        for text in ["In confidence", "Of course", "Privileged"] {
            assert!(!his.frames().iter().any(|f| f.to_string().contains(text)), "{text}");
        }
        assert!(about_it(&hers.events()) >= 5);
        is_contiguous(&his.event_frames());
        // an assignee sees it from outside of the team, and only as long as they are on it
        ana.patch(&format!("/conversations/{secret}"), json!({ "assignee_ids": [ana.id, tom.id] })).await.is(200);
        assert_eq!(tom.conversation(&secret).await["id"], secret);
        assert_eq!(tom.view("mine").await.len(), 1);
        w.olga.patch(&format!("/conversations/{}", id(&open)), json!({ "team_id": closed })).await.is(200);
        let seq = w.olga.seq().await;
        his.reaches(seq).await;
        let hidden: Vec<Value> = his.events().into_iter().filter(|e| e["type"] == "conversation.hidden").collect();
        assert_eq!(hidden.last().unwrap()["conversation_id"], open["id"], "what leaves one's sight is said to have left");
    }

    async fn read_marks_go_to_one_s_own_browsers_and_to_no_log(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let tom = w.person("Tom", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let (hers, other, his) = (Socket::open(&ana, None).await, Socket::open(&ana, None).await, Socket::open(&tom, None).await);
        for socket in [&hers, &other, &his] {
            socket.hears("where it stands", |s| (s.seq() >= 0).then_some(())).await;
        }
        let seq = w.olga.seq().await;
        assert_eq!(ana.post(&format!("/conversations/{conversation}/read"), json!({})).await.status, 204);
        for socket in [&hers, &other] {
            let marks = |s: &Socket| s.frames().into_iter().find(|f| f["mine"]["read"]["conversation_id"] == conversation);
            assert_eq!(socket.hears("the read mark", marks).await["mine"]["read"]["unread"], false);
            socket.hears("the new counts", |s| s.frames().into_iter().find(|f| f["mine"]["counts"]["unassigned"] == json!({ "total": 1, "unread": 0 }))).await;
        }
        assert_eq!(w.olga.seq().await, seq, "what one has read is nobody's business");
        assert_eq!(ana.conversation(&conversation).await["unread"], false);
        assert_eq!(tom.conversation(&conversation).await["unread"], true);
        assert_eq!(ana.post(&format!("/conversations/{conversation}/read"), json!({ "unread": true })).await.status, 204);
        assert_eq!(ana.conversation(&conversation).await["unread"], true);
        w.text(MAYA, "Hello?").await;
        let seq = w.olga.seq().await;
        his.reaches(seq).await;
        assert!(his.frames().iter().all(|f| f["mine"]["read"].is_null()), "a colleague hears nothing of it");
    }

    async fn who_looks_and_who_types_is_seen_by_who_may_see_the_conversation(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let hers = Socket::open(&ana, None).await;
        let owner = Socket::open(&w.olga, None).await;
        for socket in [&hers, &owner] {
            socket.hears("where it stands", |s| (s.seq() >= 0).then_some(())).await;
        }
        hers.say(&json!({ "view": conversation }));
        let people = |name: &'static str, socket: &Socket| {
            socket.frames().into_iter().rev().find(|f| f["presence"]["conversation_id"] == conversation).filter(|f| f["presence"][name][0]["name"] == "Ana")
        };
        owner.hears("who looks", |s| people("viewers", s)).await;
        hers.say(&json!({ "typing": conversation }));
        owner.hears("who types", |s| people("typing", s)).await;
        hers.say(&json!({ "nonsense": [1, 2, 3] }));
        drop(hers);
        owner.hears("who left", |s| {
            let last = s.frames().into_iter().rev().find(|f| f["presence"]["conversation_id"] == conversation)?;
            (last["presence"]["viewers"] == json!([])).then_some(())
        })
        .await;
    }

    async fn every_list_of_events_pages_without_a_gap(w) {
        for n in 0..15 {
            w.text(MAYA, &format!("{n}")).await;
            w.advance(SECOND);
        }
        let (mut after, mut seqs) = (0, Vec::new());
        loop {
            let page = w.olga.get(&format!("/events?after={after}&limit=7")).await.is(200);
            seqs.extend(page["data"].as_array().unwrap().iter().map(|e| e["seq"].as_i64().unwrap()));
            if page["next_cursor"].is_null() {
                break;
            }
            after = page["seq"].as_i64().unwrap();
        }
        assert_eq!(seqs, (1..=w.olga.seq().await).collect::<Vec<_>>());
    }

    async fn a_storm_of_texts_replies_and_notes_reaches_every_browser_once(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let hers = Socket::open(&ana, Some(0)).await;
        let maya = id(&w.text(MAYA, "Hello").await);
        let wren = id(&w.text(WREN, "Hello").await);
        let works = (0..40u32).map(|n| {
            let (person, http, hook) = (if n % 2 == 0 { ana.clone() } else { w.olga.clone() }, w.http.clone(), w.hook("message"));
            let conversation = if n % 3 == 0 { maya.clone() } else { wren.clone() };
            async move {
                match n % 4 {
                    0 => person.reply(&conversation, &format!("reply {n}")).await.status == 202,
                    1 => person.post(&format!("/conversations/{conversation}/notes"), json!({ "text": format!("note {n}") })).await.status == 201,
                    2 => person.post(&format!("/conversations/{conversation}/read"), json!({})).await.status == 204,
                    _ => {
                        let fields = crate::hooks::text(&crate::hooks::sid(n), MAYA, crate::world::WEST, &format!("text {n}"));
                        crate::hooks::post(&http, &hook, partyline_carrier::demo::AUTH_TOKEN, &fields).await.status == 200
                    }
                }
            }
        });
        assert!(crate::world::at_once(works).await.into_iter().all(|ok| ok));
        w.until("everything has left", async || (w.jobs().await == 0).then_some(())).await;
        let seq = w.olga.seq().await;
        hers.reaches(seq).await;
        is_contiguous(&hers.event_frames());
        assert_eq!(w.on_phone(MAYA).len() + w.on_phone(WREN).len(), 10);
    }
}
