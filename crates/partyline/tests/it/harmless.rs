//! What comes twice, late, or in another order changes nothing that it should not.

use partyline_carrier::{Faults, demo};
use partyline_core::delivery::DeliveryStatus;
use partyline_core::time::{DAY, MINUTE};
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::hooks;
use crate::person::id;
use crate::world::{MAYA, STRANGER, WEST, World, at_once};

/// All orders of some things.
fn orders<T: Clone>(things: &[T]) -> Vec<Vec<T>> {
    if things.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for at in 0..things.len() {
        let mut rest = things.to_vec();
        let first = rest.remove(at);
        all.extend(orders(&rest).into_iter().map(|mut order| {
            order.insert(0, first.clone());
            order
        }));
    }
    all
}

/// A reply that the provider took and of which no receipt comes by itself: its id, and the provider's.
async fn taken(w: &World, conversation: &str, text: &str) -> (String, String) {
    let sent = id(&w.olga.reply(conversation, text).await.is(202));
    let message = w.delivery(conversation, &sent, "sent").await;
    (sent, message["delivery"]["provider_id"].as_str().unwrap().to_owned())
}

/// The states of a message, as the log tells of them.
async fn told(w: &World, message: &str) -> Vec<DeliveryStatus> {
    let events = w.olga.events(0).await.into_iter().filter(|e| e["subject_id"] == message);
    events.filter_map(|e| e["type"].as_str()?.strip_prefix("message.")?.parse().ok()).collect()
}

/// How far a state is on its way.
fn rank(status: DeliveryStatus) -> usize {
    let way = ["queued", "sending", "unknown", "sent", "failed", "delivered", "read"];
    way.iter().position(|s| *s == status.as_str()).unwrap()
}

behaviours! {
    async fn receipts_in_every_order_and_twice_end_in_the_same_state_and_never_go_back(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        let mut number = 0;
        for (words, end) in [(&["queued", "sent", "delivered"][..], "delivered"), (&["sent", "undelivered"], "failed"), (&["sent", "undelivered", "delivered"], "delivered")] {
            for order in orders(words) {
                number += 1;
                let (message, sid) = taken(w, &conversation, &format!("reply {number}")).await;
                for word in order.iter().chain(order.iter().rev()) {
                    w.post_hook("status", &hooks::receipt(&sid, WEST, MAYA, word)).await.is(204);
                }
                let last = w.olga.message(&conversation, &message).await;
                assert_eq!(last["delivery"]["status"], end, "{order:?}");
                let states = told(w, &message).await;
                for pair in states.windows(2) {
                    assert!(rank(pair[0]) < rank(pair[1]), "{order:?}: {states:?}");
                }
            }
        }
    }

    async fn receipts_all_at_once_end_in_the_same_state(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        let (message, sid) = taken(w, &conversation, "Once").await;
        let posts = ["queued", "sent", "delivered"].into_iter().cycle().take(24).map(|word| {
            let (http, url, fields) = (w.http.clone(), w.hook("status"), hooks::receipt(&sid, WEST, MAYA, word));
            async move { hooks::post(&http, &url, demo::AUTH_TOKEN, &fields).await.status }
        });
        assert!(at_once(posts).await.iter().all(|status| *status == 204));
        assert_eq!(w.olga.message(&conversation, &message).await["delivery"]["status"], "delivered");
        let delivered = told(w, &message).await.into_iter().filter(|s| *s == DeliveryStatus::Delivered).count();
        assert_eq!(delivered, 1, "it is told once");
    }

    async fn what_was_signed_a_day_ago_and_comes_again_leaves_no_trace(w) {
        let text = hooks::text(&hooks::sid(1), STRANGER, WEST, "STOP");
        w.post_hook("message", &text).await.is(200);
        let conversation = id(&w.conversation_with(STRANGER).await);
        w.advance(MINUTE);
        w.post_hook("message", &hooks::text(&hooks::sid(2), STRANGER, WEST, "START")).await.is(200);
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        let maya = id(&w.text(MAYA, "Hello").await);
        let (message, sid) = taken(w, &maya, "Hi Maya").await;
        let receipts: Vec<_> = ["sent", "undelivered", "delivered"].into_iter().map(|word| hooks::receipt(&sid, WEST, MAYA, word)).collect();
        w.post_hook("status", &receipts[2]).await.is(204);
        for one in [&conversation, &maya] {
            w.olga.patch(&format!("/conversations/{one}"), json!({ "status": "closed" })).await.is(200);
        }
        w.advance(DAY);
        let seq = w.olga.seq().await;
        w.post_hook("message", &text).await.is(200);
        for receipt in &receipts {
            w.post_hook("status", receipt).await.is(204);
        }
        assert_eq!(w.olga.seq().await, seq);
        assert_eq!(w.olga.conversation(&conversation).await["status"], "closed");
        assert_eq!(w.olga.conversation(&conversation).await["opted_out"], false, "the old STOP does not count again");
        assert_eq!(w.olga.message(&maya, &message).await["delivery"]["status"], "delivered");
    }

    async fn texts_that_come_by_webhook_and_by_polling_in_the_same_instant_are_there_once_each(w) {
        let connection = w.connection.parse().unwrap();
        let now = w.clock.now();
        let ways = (0..48u32).map(|n| {
            let (http, url, desk) = (w.http.clone(), w.hook("message"), w.desk());
            let (text, which) = (format!("text {}", n % 12), n % 12);
            async move {
                if n % 2 == 0 || n >= 36 {
                    let fields = hooks::text(&hooks::sid(which), STRANGER, WEST, &text);
                    hooks::post(&http, &url, demo::AUTH_TOKEN, &fields).await.is(200);
                } else {
                    desk.take(connection, vec![hooks::listed(which, WEST, &text, now)]).await.unwrap();
                }
            }
        });
        at_once(ways).await;
        let conversations = w.olga.view("all").await;
        assert_eq!(conversations.len(), 1);
        let messages = w.olga.messages(&id(&conversations[0])).await;
        let mut texts: Vec<&str> = messages.iter().map(|m| m["text"].as_str().unwrap()).collect();
        texts.sort_unstable();
        let mut wanted: Vec<String> = (0..12).map(|n| format!("text {n}")).collect();
        wanted.sort_unstable();
        assert_eq!(texts, wanted);
        let received = w.olga.events(0).await.iter().filter(|e| e["type"] == "message.received").count();
        assert_eq!(received, 12);
        assert!(w.olga.get("/inbound").await.is(200)["data"] == Value::Array(Vec::new()));
    }

    async fn a_text_that_is_called_in_while_it_is_asked_for_is_there_once(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        for n in 0..8 {
            w.advance(6 * MINUTE);
            let (desk, carrier) = (w.desk(), w.carrier.clone());
            let text = format!("text {n}");
            let sent = carrier.text(MAYA, WEST, &text, Vec::new()).unwrap().sid;
            desk.poll().await.unwrap();
            w.until("the webhook is answered", async || {
                w.carrier.messages_of(MAYA).into_iter().find(|m| m.sid == sent)?.webhook_status.filter(|s| *s == 200)
            })
            .await;
        }
        let texts: Vec<Value> = w.olga.messages(&conversation).await.iter().map(|m| m["text"].clone()).collect();
        assert_eq!(texts.len(), 9, "{texts:?}");
    }
}
