//! A message of which nobody knows whether it left: a person finds out, and says so.

use partyline_carrier::{Faults, Switch, demo};
use partyline_core::time::{MINUTE, SECOND};
use partyline_desk::restored::{self, Outbox};
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::hooks;
use crate::person::{Person, id};
use crate::world::{MAYA, WEST, World};

/// A message that the provider refuses to know of: sent twice, and twice without a trace.
async fn lost(w: &World, who: &Person, conversation: &str, text: &str) -> String {
    w.faults(&Faults { server_error: Switch::Times(2), lose_receipts_percent: 100, ..Faults::default() });
    let sent = id(&who.reply(conversation, text).await.is(202));
    w.in_time("it was given up", 2 * SECOND, async || {
        let status = w.olga.message(conversation, &sent).await["delivery"].clone();
        (status["status"] == "unknown" && w.jobs().await == 0).then_some(())
    })
    .await;
    sent
}

async fn receipt(w: &World, message: &str, status: &str) {
    let fields = hooks::receipt(&hooks::sid(77), WEST, MAYA, status);
    let url = format!("{}?ref={message}", w.hook("status"));
    assert_eq!(hooks::post(&w.http, &url, demo::AUTH_TOKEN, &fields).await.status, 204);
}

async fn resolve(who: &Person, message: &str, resolution: &str) -> crate::person::Answer {
    who.post(&format!("/messages/{message}/resolve"), json!({ "as": resolution })).await
}

behaviours! {
    async fn who_knows_that_it_arrived_says_so_and_a_receipt_still_moves_it_on(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let sent = lost(w, &w.olga, &conversation, "Did you get it?").await;
        let resolved = resolve(&w.olga, &sent, "sent").await.is(200);
        assert_eq!(resolved["delivery"]["status"], "sent");
        assert_eq!(resolved["delivery"]["resolved_by"], json!({ "id": w.olga.id, "name": "Olga" }));
        let events = w.olga.events(0).await;
        let event = events.iter().find(|e| e["subject_id"] == sent && e["type"] == "message.sent").unwrap();
        assert_eq!(event["actor"], json!({ "kind": "user", "id": w.olga.id }));
        receipt(w, &sent, "sent").await;
        let delivery = w.olga.message(&conversation, &sent).await["delivery"].clone();
        assert_eq!((&delivery["status"], &delivery["provider_id"]), (&json!("sent"), &json!(hooks::sid(77))));
        receipt(w, &sent, "delivered").await;
        w.delivery(&conversation, &sent, "delivered").await;
        resolve(&w.olga, &sent, "not_sent").await.refuses(409, "not_unknown");
    }

    async fn who_knows_that_it_did_not_can_send_it_again(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let sent = lost(w, &w.olga, &conversation, "Lost").await;
        let resolved = resolve(&w.olga, &sent, "not_sent").await.is(200);
        assert_eq!((&resolved["delivery"]["status"], &resolved["delivery"]["error"]["code"]), (&json!("failed"), &json!("not_sent")));
        let row = w.olga.conversation(&conversation).await;
        assert!(row["waiting_since"].is_string(), "she waits as if nobody had answered");
        assert_eq!(row["unread"], false, "who says it has seen it");
        w.no_faults();
        let retried = w.olga.post(&format!("/messages/{sent}/retry"), json!({})).await.is(202);
        assert_eq!(retried["delivery"]["resolved_by"], Value::Null);
        w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["Lost"]);
    }

    async fn what_was_called_lost_and_arrives_after_all_is_delivered(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let sent = lost(w, &w.olga, &conversation, "Slow road").await;
        resolve(&w.olga, &sent, "not_sent").await.is(200);
        receipt(w, &sent, "sent").await;
        assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "failed", "an older word changes nothing");
        receipt(w, &sent, "delivered").await;
        let message = w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(message["delivery"]["error"], Value::Null);
    }

    async fn what_a_person_was_to_decide_before_a_restore_is_theirs_after_it(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let sent = lost(w, &w.olga, &conversation, "Lost").await;
        let now = w.clock.now();
        let settled = w.desk().db().machinery(now, move |root| restored::settle(root, now, Outbox::Held)).await.unwrap();
        assert_eq!(settled.held, 0, "{settled:?}");
        w.no_faults();
        w.olga.post(&format!("/messages/{sent}/retry"), json!({})).await.is(202);
        w.delivery(&conversation, &sent, "delivered").await;
    }

    async fn saying_so_while_it_is_still_looked_for_frees_the_next_one(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { drop_after_accept: Switch::Times(1), lose_receipts_percent: 100, ..Faults::default() });
        let first = id(&w.olga.reply(&conversation, "First").await.is(202));
        let message = w.delivery(&conversation, &first, "unknown").await;
        assert_eq!(message["delivery"]["reason"], "reconciling");
        let next = id(&w.olga.reply(&conversation, "Second").await.is(202));
        resolve(&w.olga, &first, "sent").await.is(200);
        w.delivery(&conversation, &next, "sent").await;
        assert_eq!(w.on_phone(MAYA), ["First", "Second"]);
        w.advance(MINUTE);
        w.until("nothing is left to do", async || (w.jobs().await == 0).then_some(())).await;
        assert_eq!(w.on_phone(MAYA), ["First", "Second"]);
    }

    async fn the_same_key_resolves_and_retries_once(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let sent = lost(w, &w.olga, &conversation, "Once").await;
        let path = format!("/messages/{sent}/resolve");
        let first = w.olga.post_once(&path, "r", json!({ "as": "not_sent" })).await.is(200);
        assert_eq!(w.olga.post_once(&path, "r", json!({ "as": "not_sent" })).await.is(200), first);
        w.olga.post_once(&path, "r", json!({ "as": "sent" })).await.refuses(409, "idempotency_mismatch");
        w.olga.post(&path, json!({ "as": "perhaps" })).await.refuses(422, "invalid");
        w.no_faults();
        let path = format!("/messages/{sent}/retry");
        w.olga.post_once(&path, "again", json!({})).await.is(202);
        w.delivery(&conversation, &sent, "delivered").await;
        w.olga.post_once(&path, "again", json!({})).await.is(202);
        w.olga.post_once(&path, "another", json!({})).await.refuses(409, "not_failed");
        assert_eq!(w.on_phone(MAYA), ["Once"]);
    }

    async fn what_nobody_can_find_out_comes_back_to_its_sender(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { server_error: Switch::Times(2), lose_receipts_percent: 100, ..Faults::default() });
        let sent = id(&ana.reply(&conversation, "Hm").await.is(202));
        w.delivery(&conversation, &sent, "unknown").await;
        ana.patch(&format!("/conversations/{conversation}"), json!({ "status": "closed" })).await.is(200);
        w.in_time("it was given up", 2 * SECOND, async || (w.jobs().await == 0).then_some(())).await;
        let row = ana.conversation(&conversation).await;
        assert_eq!((&row["status"], &row["unread"]), (&json!("open"), &json!(true)));
        assert_eq!(ana.view("mine").await.len(), 1);
        assert_eq!(ana.message(&conversation, &sent).await["delivery"]["reason"], Value::Null);
        let line = ana.entries(&conversation).await.into_iter().rfind(|e| e["event"] == "conversation.reopened").unwrap();
        assert_eq!(line["data"]["reason"], "unknown");
    }

    async fn where_the_provider_stays_away_people_may_decide_and_it_is_still_looked_for(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { drop_after_accept: Switch::Times(1), lose_receipts_percent: 100, ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Hm").await.is(202));
        w.delivery(&conversation, &sent, "unknown").await;
        w.faults(&Faults { down_s: 3_600, lose_receipts_percent: 100, ..Faults::default() });
        w.olga.patch(&format!("/conversations/{conversation}"), json!({ "status": "closed" })).await.is(200);
        w.in_time("people may decide", 10 * SECOND, async || {
            (w.olga.message(&conversation, &sent).await["delivery"]["reason"] == Value::Null).then_some(())
        }).await;
        assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "unknown");
        assert_eq!(w.olga.conversation(&conversation).await["status"], "open", "it came back as work");
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        w.in_time("it is found", MINUTE, async || (w.jobs().await == 0).then_some(())).await;
        assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "delivered");
        assert_eq!(w.on_phone(MAYA), ["Hm"]);
    }

    async fn while_the_provider_is_asked_it_is_neither_called_lost_nor_sent_again(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { server_error: Switch::Times(2), lose_receipts_percent: 100, ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Once").await.is(202));
        w.delivery(&conversation, &sent, "unknown").await;
        let path = format!("/messages/{sent}/retry");
        w.olga.post(&path, json!({})).await.refuses(409, "still_asking");
        resolve(&w.olga, &sent, "not_sent").await.refuses(409, "still_asking");
        w.in_time("it was given up", 2 * SECOND, async || {
            let status = w.olga.message(&conversation, &sent).await["delivery"].clone();
            (status["status"] == "unknown" && w.jobs().await == 0).then_some(())
        })
        .await;
        w.no_faults();
        w.olga.post(&path, json!({})).await.is(202);
        w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["Once"]);
    }

    async fn who_takes_it_over_looks_for_as_long_as_whoever_began_it_would(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { server_error: Switch::Times(1), ..Faults::default() });
        w.road.hold_answers();
        let sent = id(&w.olga.reply(&conversation, "Once").await.is(202));
        w.until("it is on its way", async || (w.send_requests().await.len() == 1).then_some(())).await;
        w.kill();
        w.road.let_answers_through();
        // the clock of who takes it over is ahead
        w.clock.set(w.clock.now() + 40 * SECOND);
        w.start().await;
        w.delivery(&conversation, &sent, "unknown").await;
        for after in [10 * SECOND, 20 * SECOND] {
            w.until("nothing is due", async || w.waits().await.then_some(())).await;
            assert_eq!(w.send_requests().await.len(), 1, "its request may still be under way");
            w.advance(after);
        }
        w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["Once"]);
    }
}
