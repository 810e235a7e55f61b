//! What becomes of a message that left: receipts in any order, and failures that come back as work.

use partyline_carrier::{Faults, Switch, demo};
use partyline_core::time::SECOND;
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::hooks;
use crate::media::{PNG, upload};
use crate::person::id;
use crate::world::{MAYA, WEST, World};

/// The receipt of a message that did not arrive, signed as the provider signs it.
async fn undelivered(w: &World, message: &str, sid: &str, code: &str) {
    let mut fields = hooks::receipt(sid, WEST, MAYA, "undelivered");
    fields.push(("ErrorCode".to_owned(), code.to_owned()));
    let url = format!("{}?ref={message}", w.hook("status"));
    assert_eq!(hooks::post(&w.http, &url, demo::AUTH_TOKEN, &fields).await.status, 204);
}

/// A receipt, signed as the provider signs it.
async fn receipt(w: &World, message: &str, sid: &str, status: &str) {
    let url = format!("{}?ref={message}", w.hook("status"));
    let fields = hooks::receipt(sid, WEST, MAYA, status);
    assert_eq!(hooks::post(&w.http, &url, demo::AUTH_TOKEN, &fields).await.status, 204);
}

behaviours! {
    async fn receipts_that_come_twice_and_in_a_wrong_order_end_in_delivered(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { duplicate_webhooks: Switch::Always(true), shuffle_receipts: Switch::Always(true), ..Faults::default() });
        let mut sent = Vec::new();
        for n in 0..6 {
            sent.push(id(&w.olga.reply(&conversation, &format!("{n}")).await.is(202)));
        }
        for message in &sent {
            w.delivery(&conversation, message, "delivered").await;
        }
        assert_eq!(w.on_phone(MAYA).len(), 6);
        w.until("every receipt came", async || {
            let receipts = w.wire().await.into_iter().filter(|l| l["side"] == "to_inbox" && l["about"] != "inbound");
            (receipts.filter(|l| l["status"] == 204).count() >= 6 * 2 * 2).then_some(())
        })
        .await;
        for message in &sent {
            assert_eq!(w.olga.message(&conversation, message).await["delivery"]["status"], "delivered");
            let delivered = w.olga.events(0).await.into_iter().filter(|e| e["subject_id"] == *message && e["type"] == "message.delivered");
            assert_eq!(delivered.count(), 1, "a repetition leaves no trace in the log");
        }
    }

    async fn without_receipts_a_message_stays_sent(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Into the dark").await.is(202));
        let message = w.delivery(&conversation, &sent, "sent").await;
        assert_eq!(message["delivery"]["provider_id"], w.sent_to(MAYA)[0].sid);
        assert_eq!(message["delivery"]["error"], Value::Null);
    }

    async fn a_text_that_does_not_arrive_comes_back_as_work(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let waiting = ana.conversation(&conversation).await["waiting_since"].clone();
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        let sent = id(&ana.reply(&conversation, "Hi Maya").await.is(202));
        w.delivery(&conversation, &sent, "sent").await;
        ana.patch(&format!("/conversations/{conversation}"), json!({ "status": "closed" })).await.is(200);
        let sid = w.sent_to(MAYA)[0].sid.clone();
        undelivered(w, &sent, &sid, "30003").await;
        let failed = w.delivery(&conversation, &sent, "failed").await;
        assert_eq!(failed["delivery"]["error"]["provider_code"], "30003");
        assert!(failed["delivery"]["error"]["detail"].as_str().unwrap().len() > 20, "it says what to do: {failed}");
        let row = ana.conversation(&conversation).await;
        assert_eq!((&row["status"], &row["unread"]), (&json!("open"), &json!(true)));
        assert_eq!(row["waiting_since"], waiting, "she waits since she wrote");
        assert_eq!(ana.view("mine").await.len(), 1);
        w.no_faults();
        ana.post(&format!("/messages/{sent}/retry"), json!({})).await.is(202);
        w.delivery(&conversation, &sent, "delivered").await;
        let row = ana.conversation(&conversation).await;
        assert_eq!(row["waiting_since"], Value::Null);
        assert_eq!(w.on_phone(MAYA), ["Hi Maya", "Hi Maya"]);
        assert_eq!(ana.messages(&conversation).await.len(), 2, "a retry is another try of the same message");
    }

    async fn a_phone_that_is_off_makes_it_fail_and_a_retry_arrives(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        assert!(w.carrier.switch_phone(MAYA, false));
        let sent = id(&w.olga.reply(&conversation, "Are you there?").await.is(202));
        w.delivery(&conversation, &sent, "failed").await;
        assert!(w.olga.conversation(&conversation).await["waiting_since"].is_string());
        assert!(w.carrier.switch_phone(MAYA, true));
        w.olga.post(&format!("/messages/{sent}/retry"), json!({})).await.is(202);
        w.delivery(&conversation, &sent, "delivered").await;
        w.olga.post(&format!("/messages/{sent}/retry"), json!({})).await.refuses(409, "not_failed");
    }

    async fn a_late_receipt_of_the_first_try_does_not_undo_the_second(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        assert!(w.carrier.switch_phone(MAYA, false));
        let sent = id(&w.olga.reply(&conversation, "Try me").await.is(202));
        w.delivery(&conversation, &sent, "failed").await;
        let first = w.sent_to(MAYA)[0].sid.clone();
        assert!(w.carrier.switch_phone(MAYA, true));
        w.road.hold_answers();
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        w.olga.post(&format!("/messages/{sent}/retry"), json!({})).await.is(202);
        w.until("the second try is on its way", async || (w.sent_to(MAYA).len() == 2).then_some(())).await;
        undelivered(w, &sent, &first, "30003").await;
        assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "sending");
        w.road.let_answers_through();
        let message = w.delivery(&conversation, &sent, "sent").await;
        assert_eq!(message["delivery"]["provider_id"], w.sent_to(MAYA)[1].sid);
        undelivered(w, &sent, &first, "30003").await;
        assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "sent");
    }

    async fn a_text_that_arrived_after_all_is_no_longer_failed(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Slow road").await.is(202));
        w.delivery(&conversation, &sent, "sent").await;
        let sid = w.sent_to(MAYA)[0].sid.clone();
        undelivered(w, &sent, &sid, "30003").await;
        w.delivery(&conversation, &sent, "failed").await;
        let url = format!("{}?ref={sent}", w.hook("status"));
        let fields = hooks::receipt(&sid, WEST, MAYA, "delivered");
        assert_eq!(hooks::post(&w.http, &url, demo::AUTH_TOKEN, &fields).await.status, 204);
        let message = w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(message["delivery"]["error"], Value::Null);
        assert_eq!(w.olga.conversation(&conversation).await["waiting_since"], Value::Null);
    }

    async fn receipts_of_messages_that_are_not_ours_change_nothing(w) {
        w.text(MAYA, "Hello").await;
        let seq = w.olga.seq().await;
        let fields = hooks::receipt(&hooks::sid(7), WEST, MAYA, "delivered");
        assert_eq!(w.post_hook("status", &fields).await.status, 204);
        let url = format!("{}?ref=msg_01h455vb4pex5vsknk084sn02q", w.hook("status"));
        assert_eq!(hooks::post(&w.http, &url, demo::AUTH_TOKEN, &fields).await.status, 204);
        assert_eq!(w.olga.seq().await, seq);
    }

    async fn a_number_that_the_provider_calls_opted_out_is_opted_out_here_from_then_on(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { refuse_opted_out: Switch::Times(1), ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Hi").await.is(202));
        let failed = w.delivery(&conversation, &sent, "failed").await;
        assert_eq!(failed["delivery"]["error"]["code"], "opted_out");
        assert_eq!(failed["delivery"]["error"]["provider_code"], "21610");
        assert_eq!(w.olga.conversation(&conversation).await["opted_out"], true);
        w.olga.reply(&conversation, "Hello?").await.refuses(422, "opted_out");
        w.olga.post(&format!("/messages/{sent}/retry"), json!({})).await.refuses(422, "opted_out");
        let lines = w.olga.entries(&conversation).await.into_iter().filter(|e| e["event"] == "consent.changed");
        let lines: Vec<Value> = lines.map(|e| e["data"]["state"].clone()).collect();
        assert_eq!(lines, ["revoked"]);
        assert_eq!(w.send_requests().await.len(), 1);
    }

    async fn refused_credentials_show_on_the_connection_and_texts_wait_for_new_ones(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.replace_token_elsewhere().await;
        let sent = id(&w.olga.reply(&conversation, "Hi").await.is(202));
        w.until("it waits", async || {
            let delivery = w.olga.message(&conversation, &sent).await["delivery"].clone();
            (delivery["status"] == "queued" && delivery["reason"] == "credentials_refused").then_some(())
        })
        .await;
        let path = format!("/connections/{}", w.connection);
        assert_eq!(w.olga.get(&path).await.is(200)["status"], "refused");
        w.olga.patch(&path, json!({ "credentials": { "auth_token": demo::AUTH_TOKEN } })).await.is(200);
        w.in_time("it leaves", SECOND, async || (w.on_phone(MAYA).len() == 1).then_some(())).await;
        w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(w.olga.get(&path).await.is(200)["status"], "connected");
        assert_eq!(w.sent_to(MAYA).len(), 1);
    }

    async fn whatever_is_said_again_of_the_first_try_does_not_cancel_a_retry_unless_it_arrived(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        assert!(w.carrier.switch_phone(MAYA, false));
        let sent = id(&w.olga.reply(&conversation, "Try me").await.is(202));
        w.delivery(&conversation, &sent, "failed").await;
        let first = w.sent_to(MAYA)[0].sid.clone();
        assert!(w.carrier.switch_phone(MAYA, true));
        w.road.cut().await;
        let retried = w.olga.post(&format!("/messages/{sent}/retry"), json!({})).await.is(202);
        assert_eq!(retried["delivery"]["provider_id"], Value::Null);
        w.until("it has not left", async || {
            let delivery = w.olga.message(&conversation, &sent).await["delivery"].clone();
            (delivery["status"] == "queued" && delivery["reason"] == "provider_unreachable").then_some(())
        })
        .await;
        for status in ["sent", "undelivered"] {
            receipt(w, &sent, &first, status).await;
            assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "queued", "{status}");
        }
        w.road.mend().await;
        w.road.hold_answers();
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        w.in_time("the second try is on its way", SECOND, async || (w.sent_to(MAYA).len() == 2).then_some(())).await;
        receipt(w, &sent, &first, "sent").await;
        assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "sending");
        w.road.let_answers_through();
        let message = w.delivery(&conversation, &sent, "sent").await;
        let second = w.sent_to(MAYA)[1].sid.clone();
        assert_eq!(message["delivery"]["provider_id"], second);
        receipt(w, &sent, &first, "delivered").await;
        let message = w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(message["delivery"]["provider_id"], second, "it arrived, and its newest try keeps its name");
    }

    async fn what_the_provider_lists_of_the_first_try_does_not_settle_the_second(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        assert!(w.carrier.switch_phone(MAYA, false));
        let sent = id(&w.olga.reply(&conversation, "Try me").await.is(202));
        w.delivery(&conversation, &sent, "failed").await;
        let first = w.sent_to(MAYA)[0].sid.clone();
        assert!(w.carrier.switch_phone(MAYA, true));
        w.faults(&Faults { server_error: Switch::Times(1), ..Faults::default() });
        w.olga.post(&format!("/messages/{sent}/retry"), json!({})).await.is(202);
        w.delivery(&conversation, &sent, "unknown").await;
        undelivered(w, &sent, &first, "30003").await;
        assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "unknown");
        w.in_time("it is found absent, and sent once more", SECOND, async || {
            let status = w.olga.message(&conversation, &sent).await["delivery"]["status"].clone();
            assert_ne!(status, "failed", "the first try failed, and is known to have");
            (status == "delivered").then_some(())
        })
        .await;
        assert_eq!(w.sent_to(MAYA).len(), 2);
    }

    async fn a_copy_that_nobody_knew_of_has_arrived_although_the_known_one_failed(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        assert!(w.carrier.switch_phone(MAYA, false));
        let sent = id(&w.olga.reply(&conversation, "Try me").await.is(202));
        let known = w.delivery(&conversation, &sent, "failed").await["delivery"]["provider_id"].clone();
        let other = hooks::sid(77);
        receipt(w, &sent, &other, "sent").await;
        assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "failed", "that says nothing");
        receipt(w, &sent, &other, "delivered").await;
        let message = w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(message["delivery"]["provider_id"], known);
    }

    async fn files_that_the_provider_can_no_longer_fetch_are_not_left_out(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let file = id(&upload(&w.olga, "map.png", "image/png", PNG).await.is(201));
        let path = format!("/conversations/{conversation}/messages");
        let new = json!({ "text": "Here", "attachment_ids": [file], "undo_seconds": 30 });
        let sent = id(&w.olga.post(&path, new).await.is(202));
        // this server has no public address, and now its provider is not on this machine any more
        let connection = w.connection.parse().unwrap();
        let workspace = w.workspaces().await[0];
        let now = w.clock.now();
        w.desk().db().write(workspace, now, move |tx| {
            let row = tx.connection(connection)?.unwrap();
            tx.set_connection(&partyline_store::channels::ConnectionRow { api_base_url: Some("https://provider.invalid".to_owned()), ..row })
        }).await.unwrap();
        w.advance(31 * SECOND);
        let failed = w.delivery(&conversation, &sent, "failed").await;
        assert_eq!(failed["delivery"]["error"]["code"], "no_public_address");
        assert!(w.send_requests().await.is_empty());
    }
}
