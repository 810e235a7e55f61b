//! What must not be missed: a STOP to a number that is gone, a text that can't be kept as it is, one whose webhook never came,
//! a conversation that was set aside.

use partyline_core::id::ConnectionId;
use partyline_core::time::{MINUTE, SECOND};
use serde_json::json;

use crate::checks;
use crate::engine::behaviours;
use crate::hooks;
use crate::person::id;
use crate::world::{MAYA, STRANGER, WEST};

behaviours! {
    async fn a_stop_to_a_number_that_was_removed_counts_for_the_whole_business(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let other = w.channel("Leasing line", "+14155550188", &w.team).await;
        w.olga.delete(&format!("/channels/{}", w.channel)).await.is(204);
        w.post_hook("message", &hooks::text(&hooks::sid(7), MAYA, WEST, "STOP")).await.is(200);
        let start = json!({ "channel_id": other, "to": MAYA, "text": "Hello again", "confirm": ["first_contact"], "source": "x" });
        w.olga.post("/conversations", start).await.refuses(422, "opted_out");
        assert_eq!(w.olga.messages(&conversation).await.len(), 1);
    }

    async fn a_text_that_holds_a_nul_is_kept(w) {
        w.post_hook("message", &hooks::text(&hooks::sid(1), STRANGER, WEST, "a\0b")).await.is(200);
        let conversation = id(&w.conversation_with(STRANGER).await);
        assert_eq!(w.olga.messages(&conversation).await[0]["text"], "a\u{fffd}b");
        assert_eq!(w.quarantined().await, Vec::<String>::new());
    }

    async fn a_text_whose_webhook_never_came_is_fetched_once(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&partyline_carrier::Faults { wrong_signature: partyline_carrier::Switch::Always(true), ..Default::default() });
        w.carrier.text(MAYA, WEST, "Did you get this?", Vec::new()).unwrap();
        w.until("the webhook was refused", async || {
            let refused = w.olga.get(&format!("/connections/{}", w.connection)).await.is(200)["signature_failures"].as_i64();
            (refused > Some(0)).then_some(())
        }).await;
        w.no_faults();
        assert_eq!(w.olga.messages(&conversation).await.len(), 1);
        w.advance(6 * MINUTE);
        w.until("it is fetched", async || (w.olga.messages(&conversation).await.len() == 2).then_some(())).await;
        w.advance(6 * MINUTE);
        w.desk().poll().await.unwrap();
        let texts: Vec<_> = w.olga.messages(&conversation).await.iter().map(|m| m["text"].clone()).collect();
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(texts.contains(&json!("Did you get this?")));
    }

    async fn a_text_that_comes_after_a_newer_one_is_unread_and_waited_for_but_not_the_newest(w) {
        let connection: ConnectionId = w.connection.parse().unwrap();
        let missed = w.clock.now();
        w.advance(10 * MINUTE);
        w.post_hook("message", &hooks::text(&hooks::sid(2), STRANGER, WEST, "The newer one")).await.is(200);
        let conversation = id(&w.conversation_with(STRANGER).await);
        w.olga.post(&format!("/conversations/{conversation}/read"), json!({})).await.is(204);
        w.advance(MINUTE);
        let late = hooks::listed(1, WEST, "The one that was missed", missed);
        w.desk().take(connection, vec![late]).await.unwrap();
        let row = w.olga.conversation(&conversation).await;
        assert_eq!((&row["preview"], &row["unread"]), (&json!("The newer one"), &json!(true)));
        assert_eq!(row["waiting_since"], missed.to_string());
        assert_eq!(row["last_activity_at"], w.clock.now().to_string(), "it is news all the same");
        let messages = w.olga.messages(&conversation).await;
        let texts: Vec<_> = messages.iter().map(|m| m["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["The one that was missed", "The newer one"]);
        // an answer stays the newest too, and what is missed after it is waited for
        let sent = id(&w.olga.reply(&conversation, "Yes to both").await.is(202));
        w.delivery(&conversation, &sent, "delivered").await;
        w.advance(MINUTE);
        let late = hooks::listed(3, WEST, "A third one", missed + MINUTE);
        w.desk().take(connection, vec![late]).await.unwrap();
        let row = w.olga.conversation(&conversation).await;
        assert_eq!((&row["preview"], &row["last_message"]["direction"]), (&json!("Yes to both"), &json!("outbound")));
        assert_eq!(row["waiting_since"], (missed + MINUTE).to_string());
        // of one moment, the one that came last stands last
        let same = hooks::listed(4, WEST, "And one more", w.clock.now());
        w.post_hook("message", &hooks::text(&hooks::sid(5), STRANGER, WEST, "Now")).await.is(200);
        w.desk().take(connection, vec![same]).await.unwrap();
        assert_eq!(w.olga.conversation(&conversation).await["preview"], "And one more");
        checks::lists_show_the_newest(w).await;
    }

    async fn what_is_set_aside_wakes_when_its_time_has_come(w) {
        let conversation = id(&w.text(MAYA, "Call me on Monday").await);
        let path = format!("/conversations/{conversation}");
        let until = (w.clock.now() + MINUTE).to_string();
        w.olga.patch(&path, json!({ "status": "snoozed", "snoozed_until": until })).await.is(200);
        w.advance(MINUTE - SECOND);
        w.desk().wake().await.unwrap();
        assert_eq!(w.olga.conversation(&conversation).await["status"], "snoozed");
        w.advance(SECOND);
        w.until("it is open again", async || (w.olga.conversation(&conversation).await["status"] == "open").then_some(())).await;
        let line = w.olga.entries(&conversation).await.into_iter().find(|e| e["event"] == "conversation.reopened").unwrap();
        assert_eq!(line["data"]["reason"], "due");
    }

    async fn a_number_is_connected_once_and_keeps_its_conversations_when_it_comes_back(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let again = json!({ "kind": "sms", "name": "Again", "address": WEST, "connection_id": w.connection });
        w.olga.post("/channels", again.clone()).await.refuses(422, "invalid");
        w.olga.delete(&format!("/channels/{}", w.channel)).await.is(204);
        w.olga.reply(&conversation, "Anybody there?").await.refuses(422, "channel_gone");
        assert_eq!(id(&w.olga.post("/channels", again).await.is(201)), w.channel);
        let sent = id(&w.olga.reply(&conversation, "Here we are again").await.is(202));
        w.delivery(&conversation, &sent, "delivered").await;
    }

    async fn an_upload_is_its_uploader_s_alone_until_it_is_sent(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let tom = w.person("Tom", "agent", &[&w.team]).await;
        let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 64]].concat();
        let part = reqwest::multipart::Part::bytes(png).file_name("a.png");
        let form = reqwest::multipart::Form::new().part("file", part);
        let file = id(&w.olga.ask(w.olga.request(reqwest::Method::POST, "/attachments").multipart(form)).await.is(201));
        let body = json!({ "text": "", "attachment_ids": [file] });
        tom.post(&format!("/conversations/{conversation}/messages"), body).await.refuses(422, "invalid");
    }

    async fn text_without_anything_to_see_is_refused(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        for nothing in ["", "  \n", "\u{200b}", "\u{feff}\u{2060}"] {
            w.olga.reply(&conversation, nothing).await.refuses(422, "invalid");
        }
    }
}
