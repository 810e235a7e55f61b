//! Compare and send: nobody answers over what they have not seen.

use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::{Answer, Person, id};
use crate::world::{MAYA, WREN, at_once};

async fn reply_having_seen(person: &Person, conversation: &str, seen: &Value, confirm: &[&str]) -> Answer {
    let body = json!({ "text": "An answer", "seen_entry_id": seen, "confirm": confirm });
    person.post(&format!("/conversations/{conversation}/messages"), body).await
}

behaviours! {
    async fn what_came_since_is_shown_and_a_person_s_word_goes_over_it(w) {
        let first = w.text(MAYA, "Hello").await;
        let conversation = id(&first);
        w.text(MAYA, "Never mind, I found it").await;
        let problem = reply_having_seen(&w.olga, &conversation, &first["last_entry_id"], &[]).await.refuses(409, "stale_reply");
        let shown: Vec<&str> = problem["entries"].as_array().unwrap().iter().map(|e| e["text"].as_str().unwrap()).collect();
        assert_eq!(shown, ["Never mind, I found it"]);
        assert!(w.send_requests().await.is_empty());
        let sent = id(&reply_having_seen(&w.olga, &conversation, &first["last_entry_id"], &["stale_reply"]).await.is(202));
        w.delivery(&conversation, &sent, "delivered").await;
    }

    async fn of_two_answers_to_the_same_text_one_goes_and_the_other_is_asked(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let tom = w.person("Tom", "agent", &[&w.team]).await;
        let row = w.text(MAYA, "Hello").await;
        let (conversation, seen) = (id(&row), row["last_entry_id"].clone());
        let both = [ana.clone(), tom.clone()].map(|person| {
            let (conversation, seen) = (conversation.clone(), seen.clone());
            async move { reply_having_seen(&person, &conversation, &seen, &[]).await }
        });
        let answers = at_once(both).await;
        let mut statuses: Vec<u16> = answers.iter().map(|a| a.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [202, 409]);
        for answer in answers {
            if answer.status == 409 {
                assert_eq!(answer.refuses(409, "stale_reply")["entries"][0]["text"], "An answer");
            } else {
                w.delivery(&conversation, &id(&answer.body), "delivered").await;
            }
        }
        assert_eq!(w.on_phone(MAYA).len(), 1);
    }

    async fn a_colleague_s_note_counts_and_one_s_own_messages_and_lines_do_not(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let row = w.text(MAYA, "Hello").await;
        let (conversation, seen) = (id(&row), row["last_entry_id"].clone());
        let mine = id(&reply_having_seen(&ana, &conversation, &seen, &[]).await.is(202));
        w.delivery(&conversation, &mine, "delivered").await;
        let again = id(&reply_having_seen(&ana, &conversation, &seen, &[]).await.is(202));
        w.delivery(&conversation, &again, "delivered").await;
        w.olga.patch(&format!("/conversations/{conversation}"), json!({ "assignee_ids": [] })).await.is(200);
        let third = id(&reply_having_seen(&ana, &conversation, &seen, &[]).await.is(202));
        w.delivery(&conversation, &third, "delivered").await;
        w.olga.post(&format!("/conversations/{conversation}/notes"), json!({ "text": "Leave this to me" })).await.is(201);
        reply_having_seen(&ana, &conversation, &seen, &[]).await.refuses(409, "stale_reply");
    }

    async fn however_much_one_has_written_since_what_others_said_is_not_overlooked(w) {
        let row = w.text(MAYA, "Hello").await;
        let (conversation, seen) = (id(&row), row["last_entry_id"].clone());
        for _ in 0..21 {
            reply_having_seen(&w.olga, &conversation, &seen, &[]).await.is(202);
        }
        w.until("all have left", async || (w.jobs().await == 0).then_some(())).await;
        w.text(MAYA, "Stop the delivery!").await;
        reply_having_seen(&w.olga, &conversation, &seen, &[]).await.refuses(409, "stale_reply");
    }

    async fn an_entry_of_another_conversation_is_no_answer(w) {
        let maya = id(&w.text(MAYA, "Hello").await);
        let wren = w.text(WREN, "Hello").await;
        reply_having_seen(&w.olga, &maya, &wren["last_entry_id"], &[]).await.refuses(422, "invalid");
        reply_having_seen(&w.olga, &maya, &json!("msg_01h455vb4pex5vsknk084sn02q"), &[]).await.refuses(422, "invalid");
        reply_having_seen(&w.olga, &maya, &json!("nonsense"), &[]).await.refuses(422, "invalid");
    }
}
