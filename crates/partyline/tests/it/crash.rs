//! The process is shot between a request and its answer. Nothing is sent twice, and nothing is forgotten.

use partyline_carrier::{Faults, Switch};
use partyline_core::time::{MINUTE, SECOND};
use serde_json::json;

use crate::engine::behaviours;
use crate::person::id;
use crate::world::{MAYA, WREN};

behaviours! {
    async fn what_the_provider_took_before_the_crash_is_found_and_not_sent_again(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        w.road.hold_answers();
        let sent = id(&w.olga.reply(&conversation, "Did it leave?").await.is(202));
        w.until("the provider has it", async || (w.on_phone(MAYA).len() == 1).then_some(())).await;
        w.kill();
        w.road.let_answers_through();
        w.start().await;
        let status = w.olga.message(&conversation, &sent).await["delivery"]["status"].clone();
        assert!(status == "sending" || status == "unknown", "nobody knows yet: {status}");
        w.advance(2 * MINUTE + SECOND);
        w.in_time("it is found", 10 * SECOND, async || w.olga.message(&conversation, &sent).await["delivery"]["provider_id"].as_str().map(drop)).await;
        assert_eq!(w.on_phone(MAYA), ["Did it leave?"]);
        assert_eq!(w.send_requests().await.len(), 1);
        let next = id(&w.olga.reply(&conversation, "And on it goes").await.is(202));
        w.delivery(&conversation, &next, "sent").await;
    }

    async fn what_the_provider_never_took_is_sent_after_the_last_look(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        // the provider thinks about it for longer than we live
        w.faults(&Faults { send_latency_ms: 60_000, ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Nobody heard").await.is(202));
        let after = id(&w.olga.reply(&conversation, "Nor this").await.is(202));
        w.delivery(&conversation, &sent, "sending").await;
        w.kill();
        w.no_faults();
        w.road.cut().await;
        w.road.mend().await;
        w.start().await;
        w.advance(2 * MINUTE + SECOND);
        w.until("it was looked for and sent", async || {
            if w.waits().await {
                w.advance(10 * SECOND);
            }
            (w.on_phone(MAYA).len() == 2).then_some(())
        })
        .await;
        w.delivery(&conversation, &sent, "delivered").await;
        w.delivery(&conversation, &after, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["Nobody heard", "Nor this"]);
    }

    async fn what_waited_when_the_process_died_leaves_when_the_next_one_starts(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}/messages");
        let held = id(&w.olga.post(&path, json!({ "text": "Waiting", "undo_seconds": 30 })).await.is(202));
        w.kill();
        w.clock.set(w.clock.now() + 31 * SECOND);
        w.start().await;
        w.delivery(&conversation, &held, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["Waiting"]);
    }

    async fn a_worker_that_lost_its_lease_writes_nothing(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        w.road.hold_answers();
        let sent = id(&w.olga.reply(&conversation, "Slow answer").await.is(202));
        w.until("the provider has it", async || (w.on_phone(MAYA).len() == 1).then_some(())).await;
        w.advance(2 * MINUTE + SECOND);
        w.delivery(&conversation, &sent, "unknown").await;
        w.road.let_answers_through();
        w.in_time("it is found", 10 * SECOND, async || w.olga.message(&conversation, &sent).await["delivery"]["provider_id"].as_str().map(drop)).await;
        assert_eq!(w.on_phone(MAYA), ["Slow answer"]);
        let wren = id(&w.text(WREN, "Hello").await);
        let other = id(&w.olga.reply(&wren, "Next").await.is(202));
        w.delivery(&wren, &other, "sent").await;
    }

    async fn an_answer_that_comes_after_the_lease_was_lost_decides_nothing(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        // it says that the text was not taken: whoever believed it now would end the search that another has begun
        w.faults(&Faults { too_many_requests: Switch::Times(1), ..Faults::default() });
        w.road.hold_answers();
        let sent = id(&w.olga.reply(&conversation, "Slow answer").await.is(202));
        w.until("the provider was asked", async || (w.send_requests().await.len() == 1).then_some(())).await;
        w.advance(2 * MINUTE + SECOND);
        w.delivery(&conversation, &sent, "unknown").await;
        w.road.let_answers_through();
        w.until("it was looked for and sent", async || {
            if w.waits().await {
                w.advance(10 * SECOND);
            }
            (w.on_phone(MAYA).len() == 1).then_some(())
        })
        .await;
        w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["Slow answer"]);
    }
}
