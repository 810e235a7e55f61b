//! One recipient's messages leave in the order in which they were written; nobody waits for another's.

use partyline_carrier::{Faults, Switch};
use partyline_core::time::SECOND;
use serde_json::json;

use crate::engine::behaviours;
use crate::person::id;
use crate::world::{MAYA, WREN, World};

/// Waits until nothing is due and no worker holds anything: whatever may leave by now has left.
async fn everything_waits(w: &World) {
    w.until("everything waits for its time", async || {
        let now = w.clock.now();
        let jobs = w.desk().db().read_root(move |root| root.jobs_by_state(now)).await.unwrap();
        jobs.iter().all(|row| row.state == "waiting").then_some(())
    })
    .await;
}

behaviours! {
    async fn twenty_replies_leave_in_order_and_another_recipient_is_not_held_up(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let wren = id(&w.text(WREN, "Hello").await);
        w.faults(&Faults { send_latency_ms: 40, ..Faults::default() });
        let mut last = String::new();
        for n in 0..20 {
            last = id(&w.olga.reply(&maya, &format!("{n}")).await.is(202));
        }
        let other = id(&w.olga.reply(&wren, "Not after twenty").await.is(202));
        w.delivery(&wren, &other, "delivered").await;
        w.delivery(&maya, &last, "delivered").await;
        assert_eq!(w.on_phone(MAYA), (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
        let mut requests: Vec<(f64, f64)> = Vec::new();
        for line in w.send_requests().await.iter().filter(|l| l["phone"] == MAYA) {
            let began = line["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_millisecond() as f64;
            requests.push((began, began + line["latency_ms"].as_f64().unwrap()));
        }
        assert_eq!(requests.len(), 20);
        assert!(requests.windows(2).all(|pair| pair[1].0 >= pair[0].1 - 1.0), "one request in flight at a time");
        let before = w.sent_to(WREN)[0].ordinal;
        let overtaken = w.sent_to(MAYA).iter().filter(|m| m.ordinal > before).count();
        assert!(overtaken >= 10, "it waited for {} of the other's", 20 - overtaken);
    }

    async fn a_failed_message_does_not_hold_the_next(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { refuse_opted_out: partyline_carrier::Switch::Always(false), landline: partyline_carrier::Switch::Times(1), ..Faults::default() });
        let first = id(&w.olga.reply(&maya, "first").await.is(202));
        let second = id(&w.olga.reply(&maya, "second").await.is(202));
        w.delivery(&maya, &first, "failed").await;
        w.delivery(&maya, &second, "delivered").await;
    }

    async fn a_message_in_its_undo_time_holds_back_the_one_written_after_it(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let held = w.olga.post(&format!("/conversations/{maya}/messages"), json!({ "text": "first", "undo_seconds": 5 })).await.is(202);
        let next = id(&w.olga.reply(&maya, "second").await.is(202));
        let other = id(&w.text(WREN, "Hello").await);
        let elsewhere = id(&w.olga.reply(&other, "meanwhile").await.is(202));
        w.delivery(&other, &elsewhere, "delivered").await;
        assert!(w.on_phone(MAYA).is_empty());
        w.advance(6 * SECOND);
        w.delivery(&maya, &next, "delivered").await;
        w.delivery(&maya, &id(&held), "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["first", "second"]);
    }

    async fn a_scheduled_message_that_is_leaving_holds_the_lane_like_any_other(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let at = partyline_core::time::Millis(w.clock.now().0 + 60 * SECOND);
        let body = json!({ "text": "scheduled", "send_at": serde_json::to_value(at).unwrap() });
        let scheduled = id(&w.olga.post(&format!("/conversations/{maya}/messages"), body).await.is(202));
        w.road.hold_answers();
        w.advance(61 * SECOND);
        w.until("it is on its way", async || (w.on_phone(MAYA).len() == 1).then_some(())).await;
        let next = id(&w.olga.reply(&maya, "written meanwhile").await.is(202));
        let wren = id(&w.text(WREN, "Hello").await);
        let elsewhere = id(&w.olga.reply(&wren, "meanwhile").await.is(202));
        w.until("the other lane is served", async || (w.on_phone(WREN).len() == 1).then_some(())).await;
        assert_eq!(w.on_phone(MAYA), ["scheduled"], "two requests to one recipient in flight at once");
        w.road.let_answers_through();
        w.delivery(&maya, &next, "delivered").await;
        w.delivery(&maya, &scheduled, "delivered").await;
        w.delivery(&wren, &elsewhere, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["scheduled", "written meanwhile"]);
    }

    async fn what_is_planned_leaves_by_its_time_and_for_one_time_as_it_was_written(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let (minute, path) = (w.clock.now().0 + 60 * SECOND, format!("/conversations/{maya}/messages"));
        let mut planned = Vec::new();
        for (text, at) in [("second", minute), ("third", minute), ("first", minute - 30 * SECOND)] {
            let at = serde_json::to_value(partyline_core::time::Millis(at)).unwrap();
            planned.push(id(&w.olga.post(&path, json!({ "text": text, "send_at": at })).await.is(202)));
        }
        let workspace = w.workspaces().await[0];
        let ids: Vec<_> = planned.iter().map(|id| id.parse().unwrap()).collect();
        let db = w.desk().db().clone();
        let before = db.read(workspace, move |scope| {
            let mut before = Vec::new();
            for id in ids {
                let delivery = scope.delivery_of(id)?.unwrap();
                before.push(scope.older_unsettled(&delivery, delivery.send_at)?);
            }
            Ok::<_, partyline_store::StoreError>(before)
        });
        assert_eq!(before.await.unwrap(), [1, 2, 0], "how many go before each");
        w.advance(61 * SECOND);
        w.in_time("all arrive", SECOND, async || (w.on_phone(MAYA).len() == 3).then_some(())).await;
        for id in &planned {
            w.delivery(&maya, id, "delivered").await;
        }
        assert_eq!(w.on_phone(MAYA), ["first", "second", "third"]);
    }

    async fn a_scheduled_message_waits_for_the_one_that_is_leaving(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let at = partyline_core::time::Millis(w.clock.now().0 + 30 * SECOND);
        let body = json!({ "text": "scheduled", "send_at": serde_json::to_value(at).unwrap() });
        let scheduled = id(&w.olga.post(&format!("/conversations/{maya}/messages"), body).await.is(202));
        w.road.hold_answers();
        let first = id(&w.olga.reply(&maya, "leaving").await.is(202));
        w.until("it is on its way", async || (w.on_phone(MAYA).len() == 1).then_some(())).await;
        w.advance(31 * SECOND);
        let wren = id(&w.text(WREN, "Hello").await);
        let elsewhere = id(&w.olga.reply(&wren, "meanwhile").await.is(202));
        w.until("the other lane is served", async || (w.on_phone(WREN).len() == 1).then_some(())).await;
        assert_eq!(w.on_phone(MAYA), ["leaving"], "two requests to one recipient in flight at once");
        w.road.let_answers_through();
        w.delivery(&maya, &first, "delivered").await;
        w.delivery(&wren, &elsewhere, "delivered").await;
        w.in_time("the scheduled one arrives", SECOND, async || (w.on_phone(MAYA).len() == 2).then_some(())).await;
        w.delivery(&maya, &scheduled, "delivered").await;
    }

    async fn a_scheduled_message_waits_for_an_older_one_that_may_still_be_taken_back(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{maya}/messages");
        let older = id(&w.olga.post(&path, json!({ "text": "older", "undo_seconds": 30 })).await.is(202));
        let at = partyline_core::time::Millis(w.clock.now().0 + 10 * SECOND);
        let body = json!({ "text": "scheduled", "send_at": serde_json::to_value(at).unwrap() });
        let scheduled = id(&w.olga.post(&path, body).await.is(202));
        w.advance(11 * SECOND);
        everything_waits(w).await;
        assert!(w.on_phone(MAYA).is_empty());
        w.in_time("both arrive", SECOND, async || (w.on_phone(MAYA).len() == 2).then_some(())).await;
        w.delivery(&maya, &older, "delivered").await;
        w.delivery(&maya, &scheduled, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["older", "scheduled"]);
    }

    async fn a_scheduled_message_waits_for_an_older_one_that_is_looked_for(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { drop_after_accept: Switch::Times(1), lose_receipts_percent: 100, ..Faults::default() });
        let older = id(&w.olga.reply(&maya, "older").await.is(202));
        w.delivery(&maya, &older, "unknown").await;
        // it is looked for two seconds later
        let at = partyline_core::time::Millis(w.clock.now().0 + SECOND);
        let body = json!({ "text": "scheduled", "send_at": serde_json::to_value(at).unwrap() });
        let scheduled = id(&w.olga.post(&format!("/conversations/{maya}/messages"), body).await.is(202));
        w.advance(SECOND);
        everything_waits(w).await;
        assert_eq!(w.on_phone(MAYA), ["older"]);
        w.until("both arrive", async || {
            if w.waits().await {
                w.advance(SECOND);
            }
            (w.on_phone(MAYA).len() == 2).then_some(())
        })
        .await;
        assert_ne!(w.olga.message(&maya, &older).await["delivery"]["status"], "unknown", "it was found before");
        w.delivery(&maya, &scheduled, "sent").await;
        assert_eq!(w.on_phone(MAYA), ["older", "scheduled"]);
    }

    async fn what_nobody_can_find_out_any_more_holds_back_nothing_that_is_scheduled(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { server_error: Switch::Times(2), lose_receipts_percent: 100, ..Faults::default() });
        let lost = id(&w.olga.reply(&maya, "lost").await.is(202));
        w.in_time("it was given up", SECOND, async || {
            let delivery = w.olga.message(&maya, &lost).await["delivery"].clone();
            (delivery["status"] == "unknown" && w.jobs().await == 0).then_some(())
        })
        .await;
        w.no_faults();
        let at = partyline_core::time::Millis(w.clock.now().0 + 10 * SECOND);
        let body = json!({ "text": "scheduled", "send_at": serde_json::to_value(at).unwrap() });
        let scheduled = id(&w.olga.post(&format!("/conversations/{maya}/messages"), body).await.is(202));
        w.advance(11 * SECOND);
        w.delivery(&maya, &scheduled, "delivered").await;
    }
}
