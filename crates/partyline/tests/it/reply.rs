//! A person answers.

use partyline_core::time::SECOND;
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::id;
use crate::world::{LEASING, MAYA, WEST};

/// The form of a request to send.
fn form(line: &Value) -> Vec<(String, String)> {
    url::form_urlencoded::parse(line["request_body"].as_str().unwrap().as_bytes()).into_owned().collect()
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    form.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
}

behaviours! {
    async fn a_reply_is_queued_sent_from_the_number_they_wrote_to_and_delivered(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Is my order ready?").await);
        let queued = ana.reply(&conversation, "Yes, until six.").await.is(202);
        assert_eq!(queued["delivery"]["status"], "queued");
        assert_eq!(queued["author"], json!({ "kind": "user", "id": ana.id, "name": "Ana" }));
        let message = w.delivery(&conversation, &id(&queued), "delivered").await;
        let sent = w.sent_to(MAYA);
        assert_eq!(sent.len(), 1);
        assert_eq!((sent[0].text.as_str(), sent[0].number.as_str()), ("Yes, until six.", WEST));
        assert_eq!(message["delivery"]["provider_id"], sent[0].sid);
        let requests = w.send_requests().await;
        assert_eq!(requests.len(), 1);
        let form = form(&requests[0]);
        assert_eq!((field(&form, "From"), field(&form, "To")), (WEST, MAYA));
        assert_eq!(field(&form, "StatusCallback"), format!("{}?ref={}", w.hook("status"), id(&queued)));
        let about_it: Vec<Value> =
            w.olga.events(0).await.into_iter().filter(|e| e["subject_id"] == id(&queued)).map(|e| e["type"].clone()).collect();
        assert_eq!(about_it.first().unwrap(), "message.queued");
        assert_eq!(about_it.last().unwrap(), "message.delivered");
    }

    async fn whoever_answers_first_has_the_conversation_and_nobody_waits_any_more(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let conversation = id(&w.text(MAYA, "Hello").await);
        let sent = id(&ana.reply(&conversation, "Hi!").await.is(202));
        let row = ana.conversation(&conversation).await;
        assert_eq!(row["assignee_ids"], json!([ana.id]));
        assert_eq!((&row["waiting_since"], &row["unread"]), (&Value::Null, &json!(false)));
        assert_eq!(ana.view("mine").await.len(), 1);
        assert!(w.olga.view("unassigned").await.is_empty());
        w.delivery(&conversation, &sent, "delivered").await;
        let tom = w.person("Tom", "agent", &[&w.team]).await;
        let second = id(&tom.reply(&conversation, "Me too").await.is(202));
        assert_eq!(ana.conversation(&conversation).await["assignee_ids"], json!([ana.id]), "it stays hers");
        w.delivery(&conversation, &second, "delivered").await;
    }

    async fn a_message_can_be_taken_back_within_the_undo_time_and_then_it_never_leaves(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let waiting = w.olga.conversation(&conversation).await["waiting_since"].clone();
        let path = format!("/conversations/{conversation}/messages");
        let held = w.olga.post(&path, json!({ "text": "Oops", "undo_seconds": 5 })).await.is(202);
        let message = format!("/messages/{}", id(&held));
        w.advance(4 * SECOND);
        let cancelled = w.olga.delete(&message).await.is(200);
        assert_eq!(cancelled["delivery"]["status"], "cancelled");
        assert_eq!(w.olga.delete(&message).await.is(200)["delivery"]["status"], "cancelled", "twice is once");
        assert_eq!(w.olga.conversation(&conversation).await["waiting_since"], waiting, "they still wait");
        w.advance(60 * SECOND);
        let after = id(&w.olga.reply(&conversation, "What I meant").await.is(202));
        w.delivery(&conversation, &after, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["What I meant"]);
        assert_eq!(w.jobs().await, 0);
    }

    async fn what_has_left_can_t_be_taken_back(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}/messages");
        let held = id(&w.olga.post(&path, json!({ "text": "Final", "undo_seconds": 5 })).await.is(202));
        w.advance(6 * SECOND);
        w.delivery(&conversation, &held, "delivered").await;
        w.olga.delete(&format!("/messages/{held}")).await.refuses(409, "too_late");
        let other = w.person("Tom", "agent", &[&w.team]).await;
        other.delete(&format!("/messages/{held}")).await.refuses(409, "too_late");
    }

    async fn while_a_request_is_in_flight_it_is_too_late(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.road.hold_answers();
        let sent = id(&w.olga.reply(&conversation, "Leaving").await.is(202));
        w.until("the provider has it", async || (!w.sent_to(MAYA).is_empty()).then_some(())).await;
        w.olga.delete(&format!("/messages/{sent}")).await.refuses(409, "too_late");
        w.road.let_answers_through();
        w.delivery(&conversation, &sent, "delivered").await;
    }

    async fn each_number_of_the_business_answers_for_itself(w) {
        w.channel("Leasing", LEASING, &w.team).await;
        w.text(MAYA, "To West").await;
        let sid = w.carrier.text(MAYA, LEASING, "To Leasing", Vec::new()).unwrap().sid;
        w.until("it came", async || w.carrier.messages_of(MAYA).into_iter().find(|m| m.sid == sid)?.webhook_status).await;
        let rows = w.olga.view("all").await;
        assert_eq!(rows.len(), 2, "a number is a place of its own");
        for row in rows {
            let sent = id(&w.olga.reply(&id(&row), "Answered").await.is(202));
            w.delivery(&id(&row), &sent, "delivered").await;
        }
        let mut from: Vec<String> = w.sent_to(MAYA).into_iter().map(|m| m.number).collect();
        from.sort();
        assert_eq!(from, [WEST, LEASING]);
    }

    async fn a_message_for_later_leaves_at_its_time_and_not_before(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let at = partyline_core::time::Millis(w.clock.now().0 + 3_600 * SECOND);
        let path = format!("/conversations/{conversation}/messages");
        let body = json!({ "text": "In an hour", "send_at": serde_json::to_value(at).unwrap() });
        let later = w.olga.post(&path, body).await.is(202);
        assert_eq!(later["delivery"]["status"], "scheduled");
        let now = id(&w.olga.reply(&conversation, "Now").await.is(202));
        w.delivery(&conversation, &now, "delivered").await;
        w.advance(3_599 * SECOND);
        assert_eq!(w.on_phone(MAYA), ["Now"]);
        w.advance(2 * SECOND);
        w.delivery(&conversation, &id(&later), "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["Now", "In an hour"]);
    }

    async fn nonsense_is_refused_with_what_to_do(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.olga.reply(&conversation, "  ").await.refuses(422, "invalid");
        w.olga.reply(&conversation, &"x".repeat(1_601)).await.refuses(422, "too_long");
        let path = format!("/conversations/{conversation}/messages");
        w.olga.post(&path, json!({ "text": "x", "undo_seconds": 61 })).await.refuses(422, "invalid");
        w.olga.post(&path, json!({ "text": "x", "class": "spam" })).await.refuses(422, "invalid");
        w.olga.post(&path, json!({ "text": "x", "channel_id": "chan_01h455vb4pex5vsknk084sn02q" })).await.refuses(422, "invalid");
        w.olga.post(&path, json!({ "text": "x", "attachment_ids": ["file_01h455vb4pex5vsknk084sn02q"] })).await.refuses(422, "invalid");
        let viewer = w.person("Vic", "viewer", &[&w.team]).await;
        assert_eq!(viewer.reply(&conversation, "May I?").await.status, 403);
        assert!(w.send_requests().await.is_empty());
    }
}
