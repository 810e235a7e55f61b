//! How fast our numbers send, and that none of them waits for another's backlog.

use std::time::Duration;

use partyline_carrier::Faults;
use partyline_core::consent::Class;
use partyline_core::conversation::EntryId;
use partyline_core::delivery::DeliveryStatus;
use partyline_core::event::{Actor, ActorKind, EventType};
use partyline_core::id::{ChannelId, ConversationId, MessageId};
use partyline_core::time::{MINUTE, SECOND};
use partyline_desk::checkup::State;
use partyline_store::entries::{DeliveryRow, NewEntry};
use partyline_store::jobs::Paced;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, StoreError};
use serde_json::{Value, json};

use crate::engine::{Engine, behaviours};
use crate::person::id;
use crate::world::{DANA, LEASING, MAYA, WREN, World, credentials, fast, node, prove};

/// Sets the rate of the business's number.
async fn rate(w: &World, rate: Value) -> Value {
    w.olga.patch(&format!("/channels/{}", w.channel), json!({ "rate": rate })).await.is(200)["settings"]["rate"].clone()
}

fn per_second(n: f64) -> Value {
    json!({ "messages_per_second": n, "segments_per_second": n })
}

/// Another number, on a connection of its own; a text through it shows that the worker has come by.
struct Other {
    conversation: String,
}

impl Other {
    async fn open(w: &World) -> Other {
        let connection =
            json!({ "provider": "twilio", "name": "Second", "credentials": credentials(), "api_base_url": w.provider });
        let connection = id(&w.olga.post("/connections", connection).await.is(201));
        let channel = json!({ "kind": "sms", "name": "Leasing line", "address": LEASING, "team_id": w.team, "connection_id": connection, "set_webhooks": true, "rate": fast() });
        w.olga.post("/channels", channel).await.is(201);
        let sid = w.carrier.text(DANA, LEASING, "Hi", Vec::new()).unwrap().sid;
        w.until("her text is here", async || {
            let message = w.carrier.messages_of(DANA).into_iter().find(|m| m.sid == sid)?;
            message.webhook_status.filter(|status| *status == 200)
        })
        .await;
        let conversation = id(&w.conversation_with(DANA).await);
        Other { conversation }
    }

    /// The same where no receipts come.
    async fn leaves(&self, w: &World) {
        let before = w.on_phone(DANA).len();
        w.olga.reply(&self.conversation, "marker").await.is(202);
        w.until("the marker left", async || (w.on_phone(DANA).len() > before).then_some(())).await;
    }

    async fn arrives(&self, w: &World) {
        let text = format!("marker at {}", w.clock.now());
        let sent = id(&w.olga.reply(&self.conversation, &text).await.is(202));
        w.delivery(&self.conversation, &sent, "delivered").await;
    }
}

/// Puts `count` texts to as many people into the outbox at once, as if somebody had sent them one after the other.
async fn flood(w: &World, conversation: &str, count: usize) {
    let workspace = w.workspaces().await[0];
    let conversation: ConversationId = conversation.parse().unwrap();
    let channel: ChannelId = w.channel.parse().unwrap();
    w.desk()
        .db()
        .write(workspace, w.clock.now(), move |tx| {
            let now = tx.now();
            for n in 0..count {
                let message = MessageId::new(now, &entropy());
                let number = format!("+1415{}", 2_000_000 + n);
                let (address, _) = tx.address_or_new("phone", &number, None)?;
                let event = NewEvent::new(Actor::System, EventType::MessageQueued);
                let seq = tx.append(event.conversation(conversation).subject(message.uuid()))?.seq;
                tx.insert_entry(NewEntry {
                    seq,
                    id: EntryId::Message(message),
                    conversation,
                    at: now,
                    direction: Some("outbound"),
                    channel: Some(channel),
                    address: Some(address.id),
                    author_kind: ActorKind::System,
                    author: None,
                    text: Some(format!("flood {n}")),
                    provider_key: None,
                    late: false,
                    data: None,
                })?;
                tx.create_delivery(&DeliveryRow {
                    seq,
                    message,
                    conversation,
                    channel,
                    address: address.id,
                    author: None,
                    status: DeliveryStatus::Queued,
                    class: Class::Reply,
                    send_at: now,
                    attempts: 0,
                    provider_id: None,
                    segments: Some(1),
                    error: None,
                    confirmed: Some(json!(["first_contact"]).to_string()),
                    updated_at: now,
                    reason: None,
                    resolved_by: None,
                    cancel_on_reply: false,
                })?;
                let payload = json!({ "seq": seq }).to_string();
                let lane = address.id.uuid();
                let text = Paced { lane: Some(&lane.as_bytes()[..]), sender: channel, segments: 1 };
                tx.add_text_job(seq, "deliver", &payload, now, text)?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

/// What was sent from the business's first number.
async fn sent(w: &World) -> usize {
    let body = "From=%2B14155550100";
    w.send_requests().await.iter().filter(|l| l["request_body"].as_str().unwrap().contains(body)).count()
}

/// What the check-up says of the jobs, and for how long a text could have left, as the figures say it, in milliseconds.
async fn jobs_are(w: &World) -> (Vec<(State, String)>, Option<i64>) {
    let found = w.desk().checkup(false).await.into_iter().filter(|f| f.check == "jobs");
    let now = w.clock.now();
    let late = w.desk().db().read_root(move |root| root.late_texts(now)).await.unwrap();
    (found.map(|f| (f.state, f.detail)).collect(), late.map(|since| now.since(since)))
}

behaviours! {
    async fn texts_that_leave_at_their_number_s_pace_are_not_late_and_those_that_could_leave_are(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        rate(w, per_second(0.01)).await;
        flood(w, &conversation, 12).await;
        // each takes a hundred seconds of its number
        for n in 1..=8 {
            w.until("the next one leaves", async || (sent(w).await == n).then_some(())).await;
            w.advance(100 * SECOND);
        }
        w.until("the ninth leaves", async || (sent(w).await == 9).then_some(())).await;
        let (jobs, late) = jobs_are(w).await;
        assert_eq!(jobs, [(State::Good, "nothing is given up, nothing is stuck".to_owned())]);
        assert_eq!(late, Some(-100 * SECOND), "the tenth has its turn");
        w.until("its answer has come", async || (!w.claimed().await).then_some(())).await;
        w.kill();
        // free again after a hundred seconds, and nothing has left since
        w.clock.set(w.clock.now() + 100 * SECOND + 11 * MINUTE);
        let (jobs, late) = jobs_are(w).await;
        assert!(jobs.iter().any(|(s, d)| *s == State::Fault && d.contains("has waited for 11 minutes")), "{jobs:?}");
        assert_eq!(late, Some(11 * MINUTE));
        w.start().await;
        rate(w, fast()).await;
        w.until("they leave", async || (sent(w).await == 12).then_some(())).await;
    }

    async fn a_number_sends_no_faster_than_its_kind_may_unless_an_admin_says_so(w) {
        let shown = rate(w, Value::Null).await;
        assert_eq!(shown, json!({ "messages_per_second": 1.0, "segments_per_second": 1.0, "is_usual": true, "usual": 1.0, "sender_kind": "long_code" }));
        let other = Other::open(w).await;
        let maya = id(&w.text(MAYA, "Hello").await);
        let wren = id(&w.text(WREN, "Hello").await);
        for n in 0..3 {
            w.olga.reply(&maya, &format!("m{n}")).await.is(202);
            w.olga.reply(&wren, &format!("w{n}")).await.is(202);
        }
        for second in 1..=6 {
            w.until("this second's text", async || (sent(w).await == second).then_some(())).await;
            w.advance(SECOND - 1);
            other.arrives(w).await;
            assert_eq!(sent(w).await, second, "the next one is not due before the second is over");
            w.advance(1);
        }
        w.until("all of them", async || (w.on_phone(MAYA).len() + w.on_phone(WREN).len() == 6).then_some(())).await;
        assert_eq!(w.on_phone(MAYA), ["m0", "m1", "m2"]);
        assert_eq!(w.on_phone(WREN), ["w0", "w1", "w2"]);
        let shown = rate(w, json!({ "messages_per_second": 4.5, "segments_per_second": 9 })).await;
        assert_eq!((&shown["messages_per_second"], &shown["segments_per_second"], &shown["is_usual"]), (&json!(4.5), &json!(9.0), &json!(false)));
        let refused = w.olga.patch(&format!("/channels/{}", w.channel), json!({ "rate": per_second(0.0) })).await.refuses(422, "invalid");
        assert_eq!(refused["errors"][0]["field"], "rate.messages_per_second");
    }

    async fn a_long_text_takes_the_time_of_its_segments(w) {
        rate(w, json!({ "messages_per_second": 10, "segments_per_second": 1 })).await;
        let other = Other::open(w).await;
        let maya = id(&w.text(MAYA, "Hello").await);
        let wren = id(&w.text(WREN, "Hello").await);
        w.olga.reply(&maya, &"long ".repeat(80)).await.is(202);
        w.until("the long one left", async || (sent(w).await == 1).then_some(())).await;
        w.olga.reply(&wren, "short").await.is(202);
        // 400 characters are three segments; a tenth of a second is what a text takes at least
        w.advance(3 * SECOND - 901);
        other.arrives(w).await;
        assert_eq!(sent(w).await, 1, "three segments take three seconds");
        w.advance(1);
        w.until("the short one left", async || (sent(w).await == 2).then_some(())).await;
    }

    async fn a_text_that_is_taken_back_gives_its_time_to_the_next(w) {
        rate(w, per_second(0.1)).await;
        let maya = id(&w.text(MAYA, "Hello").await);
        let wren = id(&w.text(WREN, "Hello").await);
        w.olga.reply(&maya, "first").await.is(202);
        w.until("the first left", async || (sent(w).await == 1).then_some(())).await;
        let second = id(&w.olga.reply(&maya, "second").await.is(202));
        w.olga.reply(&wren, "third").await.is(202);
        w.olga.delete(&format!("/messages/{second}")).await.is(200);
        w.advance(10 * SECOND);
        w.until("the third left in its stead", async || (w.on_phone(WREN) == ["third"]).then_some(())).await;
        assert_eq!(w.on_phone(MAYA), ["first"]);
    }

    async fn a_clock_that_is_set_back_makes_no_number_wait(w) {
        rate(w, per_second(1.0)).await;
        let other = Other::open(w).await;
        let maya = id(&w.text(MAYA, "Hello").await);
        w.olga.reply(&maya, "before").await.is(202);
        w.until("it left", async || (sent(w).await == 1).then_some(())).await;
        w.clock.set(w.clock.now() + -3_600 * SECOND);
        w.olga.reply(&maya, "after").await.is(202);
        w.until("the next left", async || (sent(w).await == 2).then_some(())).await;
        w.olga.reply(&maya, "in its turn").await.is(202);
        w.advance(SECOND - 1);
        other.arrives(w).await;
        assert_eq!(sent(w).await, 2, "and the pace is kept from then on");
        w.advance(1);
        w.until("all left", async || (w.on_phone(MAYA) == ["before", "after", "in its turn"]).then_some(())).await;
    }

    async fn ten_thousand_waiting_texts_of_one_number_do_not_delay_another_s_first(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let other = Other::open(w).await;
        rate(w, per_second(1.0)).await;
        flood(w, &maya, 10_000).await;
        w.until("one of them left", async || (sent(w).await == 1).then_some(())).await;
        let began = std::time::Instant::now();
        // the clock stands still: whatever waited for the backlog would wait for ever
        for _ in 0..3 {
            other.arrives(w).await;
        }
        assert!(began.elapsed() < Duration::from_secs(5), "three texts took {:?}", began.elapsed());
        assert_eq!(sent(w).await, 1);
        // and the backlog itself is not worked through at once when it may go faster
        rate(w, per_second(1_000.0)).await;
        w.faults(&Faults { send_latency_ms: 100, lose_receipts_percent: 100, ..Faults::default() });
        w.advance(SECOND);
        w.until("it flows", async || (sent(w).await > 20).then_some(())).await;
        let before = sent(w).await;
        other.leaves(w).await;
        let meanwhile = sent(w).await - before;
        assert!(meanwhile < 100, "{meanwhile} of the backlog went first");
        rate(w, per_second(0.01)).await;
    }

    async fn of_one_connection_sixteen_requests_are_in_flight_and_another_one_is_served_meanwhile(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let other = Other::open(w).await;
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        w.road.hold_answers();
        flood(w, &maya, 40).await;
        w.until("as many as may are on their way", async || (sent(w).await == 16).then_some(())).await;
        other.leaves(w).await;
        other.leaves(w).await;
        assert_eq!(sent(w).await, 16, "no more than sixteen wait for their answers");
        w.road.let_answers_through();
        w.until("all are sent", async || (sent(w).await == 40).then_some(())).await;
    }
}

/// Two processes on one database, one rate.
#[test]
fn two_nodes_share_one_number_s_rate() {
    prove(Engine::Postgres, async |w: &World| {
        let maya = id(&w.text(MAYA, "Hello").await);
        rate(w, per_second(1.0)).await;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let second = node(&w.place, listener, &w.clock).await;
        flood(w, &maya, 12).await;
        for expected in 1..=12 {
            w.until("this second's text", async || (sent(w).await >= expected).then_some(())).await;
            // both have looked more than once by then
            for _ in 0..2 {
                w.desk().db().jobs_added().notify_waiters();
                second.desk.db().jobs_added().notify_waiters();
                w.olga.get("/me").await.is(200);
            }
            assert_eq!(sent(w).await, expected, "one a second, from both together");
            w.advance(SECOND);
            second.desk.db().jobs_added().notify_waiters();
        }
        w.until("nothing is left", async || (w.jobs().await == 0).then_some(())).await;
    });
}
