//! Who said STOP is left alone; who never wrote is asked about first.

use partyline_core::time::{DAY, SECOND};
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::hooks;
use crate::person::{Answer, id};
use crate::world::{DANA, MAYA, STRANGER, WEST, WREN, World};

async fn start(w: &World, to: &str, more: Value) -> Answer {
    let mut body = json!({ "channel_id": w.channel, "to": to, "text": "Hello from Harbor & Pine" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    w.olga.post("/conversations", body).await
}

/// The states in the lines about consent, oldest first.
async fn lines(w: &World, conversation: &str) -> Vec<Value> {
    let entries = w.olga.entries(conversation).await.into_iter().filter(|e| e["event"] == "consent.changed");
    entries.map(|e| e["data"]["state"].clone()).collect()
}

behaviours! {
    async fn stop_is_heard_before_the_webhook_is_answered_and_refuses_every_way_of_sending(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.carrier.switch_phone(MAYA, false);
        let failed = id(&w.olga.reply(&conversation, "Hi").await.is(202));
        w.delivery(&conversation, &failed, "failed").await;
        w.carrier.switch_phone(MAYA, true);
        w.advance(SECOND);
        w.text(MAYA, "STOP").await;
        assert_eq!(w.olga.conversation(&conversation).await["opted_out"], true);
        w.olga.reply(&conversation, "But wait").await.refuses(422, "opted_out");
        let path = format!("/conversations/{conversation}/messages");
        for class in ["reply", "update", "marketing"] {
            let all = json!({ "text": "But wait", "class": class, "confirm": ["opted_out", "first_contact", "late_reply", "no_consent", "no_written_consent", "stale_reply"] });
            w.olga.post(&path, all).await.refuses(422, "opted_out");
        }
        start(w, MAYA, json!({ "confirm": ["first_contact"], "source": "asked us by phone" })).await.refuses(422, "opted_out");
        w.olga.post(&format!("/messages/{failed}/retry"), json!({})).await.refuses(422, "opted_out");
        assert_eq!(w.send_requests().await.len(), 1, "nothing has left since");
        assert_eq!(lines(w, &conversation).await, ["revoked"]);
        w.advance(SECOND);
        w.text(MAYA, "START").await;
        assert_eq!(w.olga.conversation(&conversation).await["opted_out"], false);
        let sent = id(&w.olga.reply(&conversation, "Welcome back").await.is(202));
        w.delivery(&conversation, &sent, "delivered").await;
        assert_eq!(lines(w, &conversation).await, ["revoked", "implied"]);
    }

    async fn the_words_that_mean_stop_are_heard_and_words_that_only_contain_them_are_not(w) {
        let say = async |n: u32, text: &str| {
            let from = format!("+1415555{:04}", 2_000 + n);
            assert_eq!(w.post_hook("message", &hooks::text(&hooks::sid(n), &from, WEST, text)).await.status, 200);
            w.conversation_with(&from).await["opted_out"] == true
        };
        for (n, word) in (0u32..).zip(["stop", "STOP.", " Unsubscribe ", "QUIT", "end", "Cancel", "revoke", "opt out", "OPTOUT", "stopall", "ARRET", "\"Stop\""]) {
            assert!(say(n, word).await, "{word:?} means stop");
        }
        for (n, words) in (100u32..).zip(["stop please by at six", "don't stop", "cancel my order", "START", "HELP", "yes", "the end"]) {
            assert!(!say(n, words).await, "{words:?} does not mean stop");
        }
    }

    async fn what_the_provider_says_of_a_text_counts_more_than_its_words(w) {
        let mut fields = hooks::text(&hooks::sid(1), STRANGER, WEST, "no more of this");
        fields.push(("OptOutType".to_owned(), "STOP".to_owned()));
        assert_eq!(w.post_hook("message", &fields).await.status, 200);
        let conversation = id(&w.conversation_with(STRANGER).await);
        w.olga.reply(&conversation, "Sorry").await.refuses(422, "opted_out");
        let mut fields = hooks::text(&hooks::sid(2), STRANGER, WEST, "STOP");
        fields.push(("OptOutType".to_owned(), "HELP".to_owned()));
        assert_eq!(w.post_hook("message", &fields).await.status, 200);
        w.advance(SECOND);
        let mut fields = hooks::text(&hooks::sid(3), STRANGER, WEST, "again please");
        fields.push(("OptOutType".to_owned(), "START".to_owned()));
        assert_eq!(w.post_hook("message", &fields).await.status, 200);
        assert_eq!(w.olga.conversation(&conversation).await["opted_out"], false);
        w.olga.reply(&conversation, "Here again").await.is(202);
    }

    async fn a_stop_that_comes_between_queueing_and_sending_stops_it(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}/messages");
        let held = id(&w.olga.post(&path, json!({ "text": "Too late", "undo_seconds": 5 })).await.is(202));
        w.text(MAYA, "Stop").await;
        w.advance(6 * SECOND);
        let failed = w.delivery(&conversation, &held, "failed").await;
        assert_eq!(failed["delivery"]["error"]["code"], "opted_out");
        assert!(w.send_requests().await.is_empty());
        assert!(w.on_phone(MAYA).is_empty());
    }

    async fn a_repeated_start_does_not_lift_a_later_stop(w) {
        let fields = |n, text: &str| hooks::text(&hooks::sid(n), STRANGER, WEST, text);
        w.post_hook("message", &fields(1, "STOP")).await.is(200);
        w.advance(SECOND);
        w.post_hook("message", &fields(2, "START")).await.is(200);
        w.advance(SECOND);
        w.post_hook("message", &fields(3, "STOP")).await.is(200);
        w.advance(SECOND);
        w.post_hook("message", &fields(2, "START")).await.is(200);
        assert_eq!(w.conversation_with(STRANGER).await["opted_out"], true);
    }

    async fn a_first_text_to_who_never_wrote_needs_a_person_s_word_and_where_it_comes_from(w) {
        let problem = start(w, DANA, json!({})).await.refuses(409, "first_contact");
        assert_eq!(problem["reasons"][0]["code"], "first_contact");
        let tom = w.person("Tom", "agent", &[&w.team]).await;
        start(w, DANA, json!({ "confirm": ["first_contact"] })).await.refuses(422, "invalid");
        start(w, DANA, json!({ "source": "asked us by phone" })).await.refuses(409, "first_contact");
        assert!(w.olga.view("all").await.is_empty(), "nothing was begun");
        assert!(w.send_requests().await.is_empty());
        let started = start(w, "(415) 555-0123", json!({ "confirm": ["first_contact"], "source": "asked us by phone", "name": "Dana Fox" })).await.is(201);
        let conversation = id(&started["conversation"]);
        assert_eq!(started["conversation"]["contact"]["name"], "Dana Fox");
        w.delivery(&conversation, &id(&started["message"]), "delivered").await;
        assert_eq!(w.on_phone(DANA), ["Hello from Harbor & Pine"]);
        assert_eq!(tom.conversation(&conversation).await["unread"], false, "there is nothing to read");
        let consent: Vec<Value> = w.olga.events(0).await.into_iter().filter(|e| e["type"] == "consent.changed").collect();
        assert_eq!(consent.len(), 1);
        assert_eq!(consent[0]["actor"]["id"], w.olga.id);
        assert_eq!(lines(w, &conversation).await, ["express"]);
        let second = start(w, DANA, json!({})).await.is(201);
        assert_eq!(id(&second["conversation"]), conversation, "it goes where they are");
        w.delivery(&conversation, &id(&second["message"]), "delivered").await;
    }

    async fn an_answer_after_a_day_asks_whether_it_still_answers(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.advance(DAY + SECOND);
        w.olga.reply(&conversation, "Sorry for the wait").await.refuses(409, "late_reply");
        let body = json!({ "text": "Sorry for the wait", "confirm": ["late_reply"] });
        let sent = id(&w.olga.post(&format!("/conversations/{conversation}/messages"), body).await.is(202));
        w.delivery(&conversation, &sent, "delivered").await;
    }

    async fn several_people_are_texted_one_by_one_each_with_a_key_and_an_outcome(w) {
        w.text(MAYA, "Hello").await;
        w.text(WREN, "Hello").await;
        w.advance(SECOND);
        w.text(WREN, "STOP").await;
        let body = |to: &str| json!({ "channel_id": w.channel, "to": to, "text": "We are closed on Monday" });
        let outcomes = async || {
            let maya = w.olga.post_once("/conversations", "key-of-maya", body(MAYA)).await.is(201);
            w.olga.post_once("/conversations", "key-of-wren", body(WREN)).await.refuses(422, "opted_out");
            w.olga.post_once("/conversations", "key-of-dana", body(DANA)).await.refuses(409, "first_contact");
            id(&maya["message"])
        };
        let first = outcomes().await;
        assert_eq!(outcomes().await, first, "asked again, nobody is texted twice");
        let mut word = body(DANA);
        word.as_object_mut().unwrap().extend(json!({ "class": "update", "confirm": ["first_contact", "no_consent"], "source": "asked at the desk" }).as_object().unwrap().clone());
        let dana = w.olga.post_once("/conversations", "another-key-of-dana", word).await.is(201);
        w.delivery(&id(&dana["conversation"]), &id(&dana["message"]), "delivered").await;
        let maya = id(&w.conversation_with(MAYA).await);
        w.delivery(&maya, &first, "delivered").await;
        for (who, texts) in [(MAYA, 1), (WREN, 0), (DANA, 1)] {
            assert_eq!(w.on_phone(who).iter().filter(|text| *text == "We are closed on Monday").count(), texts, "{who}");
        }
    }

    async fn an_update_to_who_only_wrote_needs_a_person_s_word_which_lifts_no_stop(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.advance(2 * DAY);
        start(w, MAYA, json!({})).await.refuses(409, "late_reply");
        start(w, MAYA, json!({ "class": "update" })).await.refuses(422, "no_consent");
        start(w, MAYA, json!({ "class": "update", "confirm": ["no_consent"] })).await.refuses(422, "invalid");
        start(w, MAYA, json!({ "class": "update", "source": "asked at the desk" })).await.refuses(422, "no_consent");
        start(w, MAYA, json!({ "class": "reply", "confirm": ["no_consent"], "source": "asked at the desk" })).await.refuses(409, "late_reply");
        start(w, MAYA, json!({ "class": "marketing", "confirm": ["no_consent", "no_written_consent"], "source": "asked at the desk" })).await.refuses(422, "no_written_consent");
        assert!(lines(w, &conversation).await.is_empty(), "what was refused records nothing");
        let word = json!({ "class": "update", "confirm": ["no_consent"], "source": "asked at the desk" });
        let sent = start(w, MAYA, word.clone()).await.is(201);
        assert_eq!(id(&sent["conversation"]), conversation);
        w.delivery(&conversation, &id(&sent["message"]), "delivered").await;
        assert_eq!(lines(w, &conversation).await, ["express"]);
        let again = start(w, MAYA, json!({ "class": "update" })).await.is(201);
        w.delivery(&conversation, &id(&again["message"]), "delivered").await;
        assert_eq!(lines(w, &conversation).await, ["express"], "once is enough");
        w.advance(SECOND);
        w.text(MAYA, "STOP").await;
        start(w, MAYA, word).await.refuses(422, "opted_out");
        assert_eq!(lines(w, &conversation).await, ["express", "revoked"]);
    }

    async fn who_can_t_be_texted_is_refused_before_anything_is_kept(w) {
        for (to, code) in [("12345", "invalid"), ("+1415555", "invalid"), ("hello", "invalid"), ("", "invalid")] {
            start(w, to, json!({ "confirm": ["first_contact"], "source": "x" })).await.refuses(422, code);
        }
        let code = hooks::text(&hooks::sid(1), "72975", WEST, "Your code is 123456");
        w.post_hook("message", &code).await.is(200);
        let conversation = id(&w.conversation_with("72975").await);
        w.olga.reply(&conversation, "Thanks").await.refuses(422, "cannot_receive");
        start(w, WEST, json!({ "confirm": ["first_contact"], "source": "x" })).await.refuses(422, "invalid");
    }
}
