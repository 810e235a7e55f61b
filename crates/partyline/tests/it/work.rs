//! A text that does not arrive is work for somebody: for its sender if they are there, else for the team.

use partyline_carrier::Faults;
use partyline_core::time::MINUTE;
use serde_json::json;

use crate::engine::behaviours;
use crate::hooks;
use crate::person::{Person, id};
use crate::world::{MAYA, WEST, World};

/// Sent, closed, and then told to have failed.
pub async fn fails_after_closing(w: &World, who: &Person, between: impl AsyncFnOnce(&str)) -> String {
    let conversation = id(&w.text(MAYA, "Hello").await);
    w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
    let sent = id(&who.reply(&conversation, "Hi Maya").await.is(202));
    w.delivery(&conversation, &sent, "sent").await;
    let sid = w.sent_to(MAYA)[0].sid.clone();
    w.olga.patch(&format!("/conversations/{conversation}"), json!({ "status": "closed" })).await.is(200);
    between(&conversation).await;
    let mut fields = hooks::receipt(&sid, WEST, MAYA, "undelivered");
    fields.push(("ErrorCode".to_owned(), "30006".to_owned()));
    assert_eq!(w.post_hook("status", &fields).await.status, 204);
    w.delivery(&conversation, &sent, "failed").await;
    conversation
}

async fn assignees(w: &World, conversation: &str) -> Vec<String> {
    let row = w.olga.conversation(conversation).await;
    assert_eq!(row["status"], "open");
    assert!(row["waiting_since"].is_string());
    row["assignee_ids"].as_array().unwrap().iter().map(|a| a.as_str().unwrap().to_owned()).collect()
}

behaviours! {
    async fn it_goes_to_its_sender_who_is_there_also_where_nobody_was_on_it(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = fails_after_closing(w, &ana, async |c: &str| {
            w.olga.patch(&format!("/conversations/{c}"), json!({ "assignee_ids": [] })).await.is(200);
        })
        .await;
        assert_eq!(assignees(w, &conversation).await, std::slice::from_ref(&ana.id));
        assert_eq!(ana.conversation(&conversation).await["unread"], true);
        let line = ana.entries(&conversation).await.pop().unwrap();
        assert_eq!((&line["event"], &line["author"]["kind"]), (&json!("conversation.assigned"), &json!("system")));
    }

    async fn it_goes_to_the_team_when_its_sender_is_gone(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = fails_after_closing(w, &ana, async |_: &str| {
            w.olga.patch(&format!("/users/{}", ana.id), json!({ "active": false })).await.is(200);
            w.forget(&ana);
        })
        .await;
        assert!(assignees(w, &conversation).await.is_empty());
        assert_eq!(w.olga.view("unassigned").await.len(), 1);
    }

    async fn it_goes_to_the_team_when_its_sender_may_not_answer_any_more(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = fails_after_closing(w, &ana, async |_: &str| {
            w.olga.patch(&format!("/users/{}", ana.id), json!({ "role": "viewer" })).await.is(200);
        })
        .await;
        assert!(assignees(w, &conversation).await.is_empty());
    }

    async fn who_has_taken_it_over_keeps_it(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let ben = w.person("Ben", "agent", &[&w.team]).await;
        let conversation = fails_after_closing(w, &ana, async |c: &str| {
            let path = format!("/conversations/{c}");
            w.olga.patch(&path, json!({ "status": "open" })).await.is(200);
            w.olga.patch(&path, json!({ "assignee_ids": [ben.id] })).await.is(200);
        })
        .await;
        assert_eq!(assignees(w, &conversation).await, std::slice::from_ref(&ben.id));
    }

    async fn a_text_that_this_server_can_not_send_fails_openly(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let connection = w.connection.parse().unwrap();
        let workspace = w.workspaces().await[0];
        let row = w.desk().db().read(workspace, move |scope| scope.connection(connection)).await.unwrap().unwrap();
        let now = w.clock.now();
        w.desk()
            .db()
            .write(workspace, now, move |tx| {
                // sealed with another key: a restored database without its key
                let row = partyline_store::channels::ConnectionRow { credentials: Some(vec![7; 64]), ..row };
                tx.set_connection(&row)
            })
            .await
            .unwrap();
        let sent = id(&w.olga.reply(&conversation, "Into the void").await.is(202));
        let next = id(&w.olga.reply(&conversation, "And this").await.is(202));
        for message in [&sent, &next] {
            w.until("it fails", async || {
                let delivery = w.olga.message(&conversation, message).await["delivery"].clone();
                if delivery["status"] == "queued" && w.waits().await {
                    w.advance(MINUTE);
                }
                (delivery["status"] == "failed" && delivery["error"]["code"] == "internal").then_some(())
            })
            .await;
        }
        assert_eq!(w.jobs().await, 0);
        assert!(w.on_phone(MAYA).is_empty());
        let health = w.olga.get(&format!("/connections/{}", w.connection)).await.is(200)["health"].clone();
        assert_eq!(health["breaker"], "closed", "that is not the provider's trouble");
    }
}
