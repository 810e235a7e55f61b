//! A number's past, brought in: both ways, once, closed, and nobody is bothered by it.

use std::collections::BTreeMap;

use partyline_carrier::{Faults, Past, Switch};
use partyline_core::time::{DAY, HOUR, MINUTE, SECOND};
use partyline_desk::Clock;
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::hooks;
use crate::person::id;
use crate::world::{DANA, LEASING, MAYA, WEST, WREN, World};

/// A past that takes more than one step, of which the process is killed in the middle.
const LONG: u32 = 1_500;

/// What was said with a phone, at a time before now.
fn said(n: u32, phone: &str, from_phone: bool, text: &str, ago: i64) -> Past {
    // to the second, as the provider has it
    let at = Clock::System.now().0 - ago;
    Past {
        sid: hooks::sid(700_000 + n),
        phone: phone.to_owned(),
        number: WEST.to_owned(),
        from_phone,
        text: text.to_owned(),
        at_ms: at - at % 1_000,
        lost_pictures: 0,
    }
}

impl World {
    async fn import(&self, days: u32) -> String {
        // ids of one moment have no order
        self.advance(SECOND);
        id(&self.olga.post(&format!("/channels/{}/imports", self.channel), json!({ "days": days })).await.is(201))
    }

    async fn imports(&self) -> Vec<Value> {
        let page = self.olga.get(&format!("/channels/{}/imports", self.channel)).await.is(200);
        page["data"].as_array().unwrap().clone()
    }

    /// Waits until the newest import is in this state.
    async fn import_is(&self, status: &str) -> Value {
        self.until(status, async || self.imports().await.into_iter().next().filter(|i| i["status"] == status)).await
    }

    async fn imported(&self, days: u32) -> Value {
        self.import(days).await;
        self.import_is("done").await
    }
}

fn texts(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|m| m["text"].as_str().unwrap()).collect()
}

behaviours! {
    async fn both_ways_come_closed_read_and_without_anybody_waiting(w) {
        w.carrier.remember(&[
            said(1, MAYA, true, "Do you have a two bedroom?", 40 * DAY),
            said(2, MAYA, false, "Yes, from March.", 40 * DAY - HOUR),
            said(3, MAYA, true, "Still there?", 10 * DAY),
            said(4, WREN, true, "My tap drips", 5 * DAY),
            said(5, DANA, true, "Too long ago", 100 * DAY),
        ]);
        let counts = w.olga.get("/me").await.is(200)["counts"].clone();
        let done = w.imported(90).await;
        assert_eq!((&done["found"], &done["imported"], &done["error"]), (&json!(4), &json!(4), &Value::Null));
        assert_eq!(w.olga.view("all").await.len(), 0, "nothing is open");
        let now = w.olga.get("/me").await.is(200)["counts"].clone();
        for list in ["unassigned", "mine", "all"] {
            assert_eq!(now[list], counts[list], "{list}");
        }
        let closed = w.olga.view("closed").await;
        assert_eq!(closed.len(), 3, "Maya's past is cut where she was silent");
        for conversation in &closed {
            assert_eq!((&conversation["unread"], &conversation["waiting_since"]), (&json!(false), &Value::Null));
        }
        // newest first, each where it was said
        assert_eq!(closed.iter().map(|c| c["preview"].as_str().unwrap()).collect::<Vec<_>>(), ["My tap drips", "Still there?", "Yes, from March."]);
        let messages = w.olga.messages(&id(&closed[2])).await;
        assert_eq!(texts(&messages), ["Do you have a two bedroom?", "Yes, from March."]);
        assert_eq!((&messages[1]["author"]["kind"], &messages[1]["imported"]), (&json!("system"), &json!(true)));
        assert_eq!(messages[1]["delivery"]["status"], "delivered");
        assert_eq!(messages[0]["late"], false);
        assert_eq!(closed[2]["last_activity_at"], messages[1]["at"]);
        let told: Vec<Value> = w.olga.events(0).await.into_iter().filter(|e| e["type"] == "message.received").collect();
        assert_eq!(told, Vec::<Value>::new(), "no rule and no notification hears of it");
        assert_eq!(w.jobs().await, 0);
    }

    async fn what_is_here_is_not_doubled_however_often_it_is_imported(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let sent = id(&w.olga.reply(&conversation, "Hi Maya").await.is(202));
        w.delivery(&conversation, &sent, "delivered").await;
        w.carrier.remember(&[said(1, MAYA, true, "An old question", 20 * DAY), said(2, WREN, true, "Older", 30 * DAY)]);
        let first = w.imported(25).await;
        assert_eq!((&first["found"], &first["imported"]), (&json!(3), &json!(1)));
        let second = w.imported(90).await;
        assert_eq!((&second["found"], &second["imported"]), (&json!(4), &json!(1)));
        let third = w.imported(90).await;
        assert_eq!((&third["found"], &third["imported"]), (&json!(4), &json!(0)));
        let mut all = w.olga.messages(&conversation).await;
        all.extend(w.olga.messages(&id(&w.conversation_with(WREN).await)).await);
        let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
        for text in texts(&all) {
            *counted.entry(text).or_default() += 1;
        }
        assert_eq!(counted, BTreeMap::from([("An old question", 1), ("Hello", 1), ("Hi Maya", 1), ("Older", 1)]));
    }

    async fn the_past_of_an_open_conversation_goes_below_it_and_moves_nothing(w) {
        let conversation = id(&w.text(MAYA, "Is it free?").await);
        w.advance(MINUTE);
        w.text(WREN, "Hello").await;
        let before = w.olga.conversation(&conversation).await;
        w.carrier.remember(&[
            said(1, MAYA, true, "An old question", 20 * DAY),
            said(2, MAYA, false, "An old answer", 20 * DAY - HOUR),
        ]);
        w.imported(90).await;
        let after = w.olga.conversation(&conversation).await;
        for field in ["status", "unread", "waiting_since", "last_activity_at", "preview", "assignee_ids"] {
            assert_eq!(after[field], before[field], "{field}");
        }
        let messages = w.olga.messages(&conversation).await;
        assert_eq!(texts(&messages), ["An old question", "An old answer", "Is it free?"]);
        assert_eq!(texts(&w.olga.view("all").await.iter().map(|c| json!({ "text": c["preview"] })).collect::<Vec<_>>()), ["Hello", "Is it free?"]);
        // and an answer that was begun before is not out of date
        let body = json!({ "text": "Yes it is", "seen_entry_id": messages[2]["id"] });
        let sent = id(&w.olga.post(&format!("/conversations/{conversation}/messages"), body).await.is(202));
        w.delivery(&conversation, &sent, "delivered").await;
        // one that fails makes them wait again since they wrote, not since the past
        w.faults(&Faults { landline: Switch::Always(true), ..Faults::default() });
        w.advance(MINUTE);
        let asked = w.text(MAYA, "Great").await;
        let failing = id(&w.olga.reply(&conversation, "See you").await.is(202));
        w.delivery(&conversation, &failing, "failed").await;
        assert_eq!(w.olga.conversation(&conversation).await["waiting_since"], asked["waiting_since"]);
    }

    async fn a_stop_of_the_past_holds_and_a_later_start_lifts_it(w) {
        w.carrier.remember(&[
            said(1, MAYA, true, "STOP", 20 * DAY),
            said(2, WREN, true, "STOP", 20 * DAY),
            said(3, WREN, true, "START", 10 * DAY),
        ]);
        w.text(DANA, "Hello").await;
        w.imported(90).await;
        let maya = w.conversation_with(MAYA).await;
        let wren = w.conversation_with(WREN).await;
        assert_eq!((&maya["opted_out"], &wren["opted_out"]), (&json!(true), &json!(false)));
        w.olga.reply(&id(&maya), "Hello?").await.refuses(422, "opted_out");
        assert_eq!(w.sent_to(MAYA).len() + w.sent_to(WREN).len(), 0, "nobody is told so now");
        // they come back by saying so
        w.text(MAYA, "START").await;
        assert_eq!(w.conversation_with(MAYA).await["opted_out"], false);
    }

    async fn a_start_of_the_past_lifts_no_stop_of_today(w) {
        w.text(MAYA, "STOP").await;
        w.carrier.remember(&[said(1, MAYA, true, "START", 10 * DAY)]);
        w.imported(90).await;
        assert_eq!(w.conversation_with(MAYA).await["opted_out"], true);
    }

    async fn an_import_goes_on_where_a_killed_process_left_it(w) {
        let past: Vec<Past> = (0..LONG).map(|n| {
            let phone = [MAYA, WREN, DANA][n as usize % 3];
            said(n, phone, n % 2 == 0, &format!("line {n}"), 80 * DAY - i64::from(n) * HOUR)
        }).collect();
        w.carrier.remember(&past);
        w.import(90).await;
        w.until("a part is here", async || (w.imports().await[0]["imported"].as_i64() > Some(200)).then_some(())).await;
        w.kill();
        w.start().await;
        let done = w.import_is("done").await;
        assert_eq!((&done["found"], &done["imported"]), (&json!(LONG), &json!(LONG)));
        let mut lines = Vec::new();
        for conversation in w.olga.view("closed").await {
            let messages = w.olga.messages(&id(&conversation)).await;
            let said: Vec<u32> = texts(&messages).iter().map(|t| t.trim_start_matches("line ").parse().unwrap()).collect();
            assert!(said.is_sorted(), "in the order in which it was said");
            lines.extend(said);
        }
        lines.sort_unstable();
        assert_eq!(lines, (0..LONG).collect::<Vec<_>>(), "once each");
        let steps = w.olga.events(0).await.into_iter().filter(|e| e["type"] == "import.progressed").count();
        assert!(steps > 4, "its progress is told");
    }

    async fn an_import_is_cancelled_and_only_one_runs(w) {
        w.carrier.remember(&[said(1, MAYA, true, "An old question", 20 * DAY)]);
        // it can't get anywhere
        w.faults(&Faults { down_s: 3_600, ..Faults::default() });
        let import = w.import(30).await;
        let path = format!("/channels/{}/imports", w.channel);
        w.olga.post(&path, json!({ "days": 30 })).await.refuses(409, "import_running");
        w.until("the trouble is shown", async || (w.imports().await[0]["error"] == "provider_trouble").then_some(())).await;
        assert_eq!(w.olga.delete(&format!("{path}/{import}")).await.is(200)["status"], "cancelled");
        w.no_faults();
        w.advance(HOUR);
        w.desk().poll().await.unwrap();
        assert_eq!(w.olga.view("closed").await.len(), 0);
        let done = w.imported(30).await;
        assert_eq!(done["imported"], 1);
        assert_eq!(w.imports().await.len(), 2);
    }

    async fn trouble_at_the_provider_puts_an_import_off(w) {
        w.carrier.remember(&[said(1, MAYA, true, "An old question", 20 * DAY)]);
        w.faults(&Faults { down_s: 3_600, ..Faults::default() });
        w.import(30).await;
        w.until("the trouble is shown", async || (w.imports().await[0]["error"] == "provider_trouble").then_some(())).await;
        w.no_faults();
        let done = w.in_time("it goes on", 10 * SECOND, async || w.imports().await.into_iter().find(|i| i["status"] == "done")).await;
        assert_eq!((&done["imported"], &done["error"]), (&json!(1), &Value::Null));
    }

    async fn a_text_that_comes_while_the_past_does_begins_its_own_conversation(w) {
        w.carrier.remember(&[said(1, MAYA, true, "An old question", 20 * DAY)]);
        w.imported(90).await;
        w.advance(SECOND);
        let new = w.text(MAYA, "A new one").await;
        assert_eq!(new["status"], "open");
        let closed = w.olga.view("closed").await;
        assert_eq!(closed.len(), 1);
        assert_eq!(texts(&w.olga.messages(&id(&new)).await), ["A new one"]);
        assert_eq!(texts(&w.olga.messages(&id(&closed[0])).await), ["An old question"]);
    }

    async fn a_text_that_nobody_was_called_about_is_no_past(w) {
        w.carrier.remember(&[said(1, MAYA, true, "An old question", 20 * DAY)]);
        w.faults(&Faults { wrong_signature: Switch::Always(true), ..Faults::default() });
        let sent = w.carrier.text(MAYA, WEST, "Anybody there?", Vec::new()).unwrap().sid;
        w.until("the webhook is refused", async || {
            let there = w.carrier.messages_of(MAYA).into_iter().find(|m| m.sid == sent)?;
            (there.webhook_status == Some(403)).then_some(())
        }).await;
        w.no_faults();
        // the number has not been asked about yet
        let done = w.imported(90).await;
        assert_eq!((&done["found"], &done["imported"]), (&json!(2), &json!(1)));
        assert_eq!(w.olga.view("all").await, Vec::<Value>::new());
        w.advance(6 * MINUTE);
        w.until("it is fetched", async || (w.olga.view("all").await.len() == 1).then_some(())).await;
        let conversation = w.conversation_with(MAYA).await;
        let messages = w.olga.messages(&id(&conversation)).await;
        assert_eq!(texts(&messages), ["Anybody there?"]);
        assert_eq!((&messages[0]["late"], &messages[0]["imported"]), (&json!(true), &json!(false)));
        assert_eq!((&conversation["status"], &conversation["unread"]), (&json!("open"), &json!(true)));
        assert_eq!(conversation["waiting_since"], messages[0]["at"]);
        // nor is it doubled by an import after it
        assert_eq!(w.imported(90).await["imported"], 0);
    }

    async fn what_comes_before_a_message_of_the_past_that_fails_is_here_and_it_comes_before_its_files(w) {
        let mut past: Vec<Past> = (0..60).map(|n| said(n, MAYA, true, &format!("line {n}"), 20 * DAY - i64::from(n) * SECOND)).collect();
        past[54].lost_pictures = 2;
        w.carrier.remember(&past);
        w.import(90).await;
        let stuck = w.until("the trouble is shown", async || w.imports().await.into_iter().find(|i| i["error"] == "provider_trouble")).await;
        assert_eq!((&stuck["imported"], &stuck["found"]), (&json!(54), &json!(0)), "those before it are here");
        let done = w.in_time("it goes on", 10 * SECOND, async || w.imports().await.into_iter().find(|i| i["status"] == "done")).await;
        assert_eq!((&done["imported"], &done["found"], &done["error"]), (&json!(60), &json!(60), &Value::Null));
        let conversation = id(&w.olga.view("closed").await[0]);
        w.in_time("its files are given up after a day", HOUR, async || {
            let messages = w.olga.messages(&conversation).await;
            let failed = messages.iter().find(|m| m["text"] == "line 54")?["attachments"].as_array().unwrap().clone();
            (failed.len() == 2 && failed.iter().all(|f| f["state"] == "failed")).then_some(())
        }).await;
    }

    async fn an_old_message_with_the_words_of_one_on_its_way_is_brought_in(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { drop_after_accept: Switch::Always(true), lose_receipts_percent: 100, ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Thank you").await.is(202));
        w.delivery(&conversation, &sent, "unknown").await;
        w.carrier.remember(&[said(1, MAYA, false, "Thank you", 20 * DAY)]);
        let done = w.imported(90).await;
        assert_eq!((&done["found"], &done["imported"]), (&json!(3), &json!(1)), "the old one, and not the one on its way");
        w.no_faults();
        w.in_time("it is found", SECOND, async || {
            let message = w.olga.message(&conversation, &sent).await;
            (message["delivery"]["status"] != "unknown").then_some(())
        }).await;
        assert_eq!(w.imported(90).await["imported"], 0);
        assert_eq!(texts(&w.olga.messages(&conversation).await), ["Thank you", "Hello", "Thank you"]);
    }

    async fn what_a_person_said_was_sent_is_not_doubled_and_gets_its_name(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { drop_after_accept: Switch::Always(true), lose_receipts_percent: 100, ..Faults::default() });
        let mut ours = Vec::new();
        for _ in 0..2 {
            let sent = id(&w.olga.reply(&conversation, "Thank you").await.is(202));
            w.delivery(&conversation, &sent, "unknown").await;
            let resolved = w.olga.post(&format!("/messages/{sent}/resolve"), json!({ "as": "sent" })).await.is(200);
            assert_eq!(resolved["delivery"]["provider_id"], Value::Null);
            ours.push(sent);
        }
        w.carrier.remember(&[said(1, MAYA, false, "Thank you", 20 * DAY)]);
        let done = w.imported(90).await;
        assert_eq!((&done["found"], &done["imported"]), (&json!(4), &json!(1)), "the old one alone is new");
        let there = w.sent_to(MAYA).into_iter().map(|m| m.sid).filter(|sid| *sid != hooks::sid(700_001));
        for (message, sid) in ours.iter().zip(there) {
            let delivery = w.olga.message(&conversation, message).await["delivery"].clone();
            assert_eq!((&delivery["provider_id"], &delivery["status"]), (&json!(sid), &json!("delivered")));
            assert_eq!(delivery["resolved_by"]["name"], "Olga");
        }
        assert_eq!(w.imported(90).await["imported"], 0);
        assert_eq!(texts(&w.olga.messages(&conversation).await), ["Thank you", "Hello", "Thank you", "Thank you"]);
    }

    async fn who_may_not_manage_channels_imports_nothing_and_days_have_a_limit(w) {
        let path = format!("/channels/{}/imports", w.channel);
        let tom = w.person("Tom", "agent", &[&w.team]).await;
        tom.post(&path, json!({ "days": 30 })).await.is(403);
        for days in [0, 91] {
            w.olga.post(&path, json!({ "days": days })).await.refuses(422, "invalid");
        }
        let other = w.channel("Leasing", LEASING, &w.team).await;
        let import = w.import(1).await;
        w.olga.delete(&format!("/channels/{other}/imports/{import}")).await.is(404);
        w.import_is("done").await;
    }
}
