//! The provider has trouble: what certainly never left is tried again, what may have left is looked for.

use partyline_carrier::{Faults, Switch};
use partyline_core::time::{MINUTE, SECOND};

use crate::engine::behaviours;
use crate::person::id;
use crate::world::{MAYA, World};

/// Answers to a list request that looked for a message.
async fn looks(w: &World) -> usize {
    w.wire().await.iter().filter(|l| l["about"] == "list" && l["status"] == 200).count()
}

async fn after_looks(w: &World, wanted: usize) {
    w.until(&format!("look {wanted}"), async || (looks(w).await >= wanted).then_some(())).await;
}

/// How often the log says this of a message.
async fn told(w: &World, message: &str, kind: &str) -> usize {
    w.olga.events(0).await.iter().filter(|e| e["subject_id"] == message && e["type"] == kind).count()
}

behaviours! {
    async fn too_many_requests_is_tried_again_and_delivered_once(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { too_many_requests: Switch::Times(2), ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Patience").await.is(202));
        w.in_time("it is delivered", SECOND, async || {
            let message = w.olga.message(&conversation, &sent).await;
            (message["delivery"]["status"] == "delivered").then_some(())
        })
        .await;
        assert_eq!(w.on_phone(MAYA), ["Patience"]);
        assert_eq!(w.send_requests().await.len(), 3);
    }

    async fn a_provider_that_can_t_be_reached_is_tried_again(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.road.cut().await;
        let sent = id(&w.olga.reply(&conversation, "Through the storm").await.is(202));
        w.until("a try has failed", async || (told(w, &sent, "message.queued").await >= 2).then_some(())).await;
        assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "queued");
        w.road.mend().await;
        w.in_time("it is delivered", SECOND, async || (w.on_phone(MAYA).len() == 1).then_some(())).await;
        w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(told(w, &sent, "message.unknown").await, 0);
    }

    async fn a_provider_that_stays_away_makes_it_fail_in_the_end(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.road.cut().await;
        let sent = id(&w.olga.reply(&conversation, "Anybody there?").await.is(202));
        w.until("it fails", async || {
            let status = w.olga.message(&conversation, &sent).await["delivery"]["status"].clone();
            // never while a request is in flight: its lease would run out
            if status == "queued" && w.waits().await {
                w.advance(10 * MINUTE);
            }
            (status == "failed").then_some(())
        })
        .await;
        let row = w.olga.conversation(&conversation).await;
        assert!(row["waiting_since"].is_string(), "the customer waits as if nobody had answered");
        w.road.mend().await;
        w.olga.post(&format!("/messages/{sent}/retry"), serde_json::json!({})).await.is(202);
        w.delivery(&conversation, &sent, "delivered").await;
    }

    async fn taken_but_never_answered_is_found_by_listing_and_not_sent_again(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { drop_after_accept: Switch::Times(1), lose_receipts_percent: 100, ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Did you get it?").await.is(202));
        w.delivery(&conversation, &sent, "unknown").await;
        w.advance(2 * SECOND);
        after_looks(w, 1).await;
        let found = w.until("it is found", async || {
            let message = w.olga.message(&conversation, &sent).await;
            message["delivery"]["provider_id"].is_string().then_some(message)
        })
        .await;
        assert!(["sent", "delivered"].contains(&found["delivery"]["status"].as_str().unwrap()), "{found}");
        assert_eq!(w.on_phone(MAYA), ["Did you get it?"]);
        assert_eq!(w.send_requests().await.len(), 1);
        assert_eq!(w.jobs().await, 0);
    }

    async fn two_equal_texts_that_were_never_answered_are_each_found(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { drop_after_accept: Switch::Always(true), lose_receipts_percent: 100, ..Faults::default() });
        let first = id(&w.olga.reply(&conversation, "ok").await.is(202));
        let second = id(&w.olga.reply(&conversation, "ok").await.is(202));
        w.delivery(&conversation, &first, "unknown").await;
        w.advance(2 * SECOND);
        w.delivery(&conversation, &second, "unknown").await;
        w.advance(2 * SECOND);
        let ids = w.until("both are found", async || {
            let messages = w.olga.messages(&conversation).await;
            let ids: Vec<String> = messages.iter().filter_map(|m| m["delivery"]["provider_id"].as_str().map(str::to_owned)).collect();
            (ids.len() == 2).then_some(ids)
        })
        .await;
        let sids: Vec<String> = w.sent_to(MAYA).into_iter().map(|m| m.sid).collect();
        assert_eq!(ids, sids, "each is the one that it is");
    }

    async fn a_receipt_instead_of_an_answer_is_enough(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { drop_after_accept: Switch::Times(1), ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Receipt follows").await.is(202));
        let message = w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(message["delivery"]["provider_id"], w.sent_to(MAYA)[0].sid);
        w.in_time("nothing is left to do", SECOND, async || (w.jobs().await == 0).then_some(())).await;
        assert_eq!(w.on_phone(MAYA), ["Receipt follows"]);
    }

    async fn receipts_that_are_faster_than_the_answer_are_believed(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.road.hold_answers();
        let sent = id(&w.olga.reply(&conversation, "Quick").await.is(202));
        w.delivery(&conversation, &sent, "delivered").await;
        w.road.let_answers_through();
        w.until("the answer came too", async || (w.jobs().await == 0).then_some(())).await;
        assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "delivered");
        assert_eq!(told(w, &sent, "message.delivered").await, 1);
        assert_eq!(w.on_phone(MAYA), ["Quick"]);
    }

    async fn not_taken_is_absent_at_every_look_and_sent_once_more(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { server_error: Switch::Times(1), ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Second time lucky").await.is(202));
        w.delivery(&conversation, &sent, "unknown").await;
        assert_eq!(looks(w).await, 0, "the first look is after two seconds");
        w.advance(2 * SECOND);
        after_looks(w, 1).await;
        w.until("the next look is planned", async || w.waits().await.then_some(())).await;
        w.advance(7 * SECOND);
        w.until("nothing is due", async || w.waits().await.then_some(())).await;
        assert_eq!(looks(w).await, 1, "the second look is after ten seconds");
        w.advance(SECOND);
        after_looks(w, 2).await;
        w.until("the next look is planned", async || w.waits().await.then_some(())).await;
        assert_eq!(w.send_requests().await.len(), 1, "it is not sent again before the last look");
        w.advance(20 * SECOND);
        w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(looks(w).await, 3);
        assert_eq!(w.send_requests().await.len(), 2);
        assert_eq!(w.on_phone(MAYA), ["Second time lucky"]);
    }

    async fn absent_twice_stays_unknown_until_a_person_decides_and_holds_nobody_back(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { server_error: Switch::Times(2), ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Lost").await.is(202));
        let next = id(&w.olga.reply(&conversation, "After it").await.is(202));
        w.in_time("it was given up", 2 * SECOND, async || {
            let next = w.olga.message(&conversation, &next).await;
            (next["delivery"]["status"] == "delivered").then_some(())
        })
        .await;
        assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "unknown");
        assert_eq!(w.on_phone(MAYA), ["After it"]);
        w.olga.post(&format!("/messages/{sent}/retry"), serde_json::json!({})).await.is(202);
        w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["After it", "Lost"]);
    }

    async fn a_provider_that_can_t_be_asked_holds_the_lane_for_five_minutes_at_most(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { drop_after_accept: Switch::Times(1), lose_receipts_percent: 100, ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "First").await.is(202));
        w.delivery(&conversation, &sent, "unknown").await;
        w.road.cut().await;
        let next = id(&w.olga.reply(&conversation, "Second").await.is(202));
        for _ in 0..8 {
            w.advance(30 * SECOND);
            w.until("nothing is due", async || w.waits().await.then_some(())).await;
        }
        assert_eq!(w.olga.message(&conversation, &next).await["delivery"]["status"], "queued");
        w.road.mend().await;
        w.road.cut().await;
        w.in_time("the next is tried", 10 * SECOND, async || (told(w, &next, "message.queued").await > 1).then_some(())).await;
        w.road.mend().await;
        w.in_time("the next is sent", SECOND, async || (w.on_phone(MAYA).len() == 2).then_some(())).await;
        assert_eq!(w.on_phone(MAYA), ["First", "Second"]);
        assert_eq!(w.olga.message(&conversation, &sent).await["delivery"]["status"], "unknown");
    }
}
