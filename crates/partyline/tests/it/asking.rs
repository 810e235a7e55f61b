//! Without webhooks, and between them: what the provider is asked for comes once, in order, and the switch loses nothing.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use partyline_carrier::{Faults, Past, Picture, Switch, demo};
use partyline_core::id::ChannelId;
use partyline_core::time::{DAY, HOUR, MINUTE, SECOND};
use partyline_store::StoreError;
use partyline_store::channels::ChannelRow;
use partyline_store::scope::entropy;
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::hooks;
use crate::person::id;
use crate::world::{DANA, LEASING, MAYA, WEST, WREN, World, credentials, until, until_within};

/// Texts that were missed, of which the process is killed after a part.
const MISSED: u32 = 5_000;
/// Numbers of an account whose turns are more than a process holds at once.
const MANY: u32 = 300;
/// How long thousands of texts may take.
const LONG: Duration = Duration::from_secs(300);
/// Texts of a switch, while they are under way.
const IN_FLIGHT: u32 = 120;

impl World {
    async fn channel_now(&self) -> Value {
        self.olga.get(&format!("/channels/{}", self.channel)).await.is(200)
    }

    /// Says how the number's texts shall come in, and waits until they do.
    async fn texts_come_by(&self, mode: &str) {
        let set = json!({ "set_webhooks": mode == "webhooks" });
        self.olga.patch(&format!("/channels/{}", self.channel), set).await.is(200);
        self.until(mode, async || (self.channel_now().await["mode"] == mode).then_some(())).await;
    }

    /// The number at the provider, as its API has it.
    async fn number_there(&self, address: &str) -> Value {
        let url = format!("{}/2010-04-01/Accounts/{}/IncomingPhoneNumbers.json", self.provider, demo::ACCOUNT_SID);
        let asked = self.http.get(url).basic_auth(demo::ACCOUNT_SID, Some(demo::AUTH_TOKEN)).send().await.unwrap();
        let numbers: Value = asked.json().await.unwrap();
        numbers["incoming_phone_numbers"]
            .as_array()
            .unwrap()
            .iter()
            .find(|n| n["phone_number"] == address)
            .unwrap()
            .clone()
    }

    /// Somebody sets the number's address in the provider's own console.
    async fn set_there(&self, address: &str, sms_url: &str) {
        let number = self.number_there(address).await;
        let url = format!("{}{}", self.provider, number["uri"].as_str().unwrap());
        let asked = self.http.post(url).basic_auth(demo::ACCOUNT_SID, Some(demo::AUTH_TOKEN));
        assert_eq!(asked.form(&[("SmsUrl", sms_url)]).send().await.unwrap().status(), 200);
    }

    /// How often each inbound text stands in the inbox.
    async fn came(&self) -> HashMap<String, usize> {
        let mut came = HashMap::new();
        for conversation in self.olga.view("all").await {
            for message in self.olga.messages(&id(&conversation)).await {
                if message["direction"] == "inbound" {
                    *came.entry(message["text"].as_str().unwrap().to_owned()).or_default() += 1;
                }
            }
        }
        came
    }
}

fn picture() -> Picture {
    Picture { bytes: Bytes::from([b"\x89PNG\r\n\x1a\n".as_slice(), &[0; 64]].concat()) }
}

behaviours! {
    async fn a_sent_text_becomes_delivered_or_failed_without_any_receipt(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.texts_come_by("polling").await;
        w.faults(&Faults { lose_receipts_percent: 100, ..Faults::default() });
        let mut sent = Vec::new();
        for n in 0..5 {
            let text = format!("Answer {n}");
            sent.push(id(&w.olga.reply(&conversation, &text).await.is(202)));
            w.until("the provider has it", async || w.on_phone(MAYA).contains(&text).then_some(())).await;
        }
        w.faults(&Faults { lose_receipts_percent: 100, filter_as_spam: Switch::Always(true), ..Faults::default() });
        let spam = id(&w.olga.reply(&conversation, "Buy now").await.is(202));
        w.until("the provider has it", async || (w.sent_to(MAYA).len() == 6).then_some(())).await;
        w.until("all are taken", async || {
            let messages = w.olga.messages(&conversation).await;
            let mut ours = messages.iter().filter(|m| m["direction"] == "outbound");
            ours.all(|m| m["delivery"]["provider_id"].is_string()).then_some(())
        }).await;
        w.advance(11 * SECOND);
        for message in &sent {
            w.delivery(&conversation, message, "delivered").await;
        }
        let failed = w.delivery(&conversation, &spam, "failed").await;
        assert_eq!(failed["delivery"]["error"]["provider_code"], "30007");
        assert_eq!(w.olga.conversation(&conversation).await["unread"], true, "a failure is work again");
    }

    async fn texts_and_pictures_come_in_without_a_webhook_once_each(w) {
        w.texts_come_by("polling").await;
        assert_eq!(w.number_there(WEST).await["sms_url"], "", "the number reports where it did before: nowhere");
        w.carrier.text(MAYA, WEST, "Look", vec![picture()]).unwrap();
        w.carrier.text(WREN, WEST, "Hello", Vec::new()).unwrap();
        w.advance(11 * SECOND);
        w.until("both are here", async || (w.olga.view("all").await.len() == 2).then_some(())).await;
        let conversation = id(&w.conversation_with(MAYA).await);
        w.until("the picture too", async || {
            let file = w.olga.messages(&conversation).await[0]["attachments"][0].clone();
            (file["size"].as_i64()? > 0).then_some(())
        }).await;
        for _ in 0..3 {
            w.advance(11 * SECOND);
            w.desk().poll().await.unwrap();
        }
        assert_eq!(w.came().await, HashMap::from([("Look".to_owned(), 1), ("Hello".to_owned(), 1)]));
        let listed = w.wire().await.into_iter().filter(|l| l["path"].as_str().unwrap_or_default().contains("Media.json")).count();
        assert!(listed <= 1, "the files of what is here are not asked for again: {listed}");
        assert_eq!(w.channel_now().await["reading"]["error"], Value::Null);
    }

    async fn switching_between_being_called_and_asking_loses_and_doubles_nothing(w) {
        let (carrier, phones) = (w.carrier.clone(), [MAYA, WREN, DANA]);
        let texting = tokio::spawn(async move {
            for n in 0..IN_FLIGHT {
                carrier.text(phones[n as usize % 3], WEST, &format!("text {n}"), Vec::new()).unwrap();
                tokio::task::yield_now().await;
                if n % 10 == 9 {
                    // the switch goes on meanwhile
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            }
        });
        for mode in ["polling", "webhooks", "polling", "webhooks"] {
            w.texts_come_by(mode).await;
            w.advance(11 * SECOND);
        }
        texting.await.unwrap();
        w.texts_come_by("polling").await;
        // a text that nobody was called about
        w.carrier.text(MAYA, WEST, "the last one", Vec::new()).unwrap();
        w.texts_come_by("webhooks").await;
        w.advance(11 * SECOND);
        w.until("everything is here", async || (w.came().await.len() == IN_FLIGHT as usize + 1).then_some(())).await;
        w.advance(6 * MINUTE);
        w.desk().poll().await.unwrap();
        let doubled: Vec<_> = w.came().await.into_iter().filter(|(_, n)| *n != 1).collect();
        assert_eq!(doubled, []);
        assert_eq!(w.number_there(WEST).await["sms_url"], w.hook("message"));
    }

    async fn a_new_public_address_is_set_at_the_start_and_what_came_to_the_old_one_is_fetched(w) {
        w.kill();
        // while it is down the number is called at an address where nobody is
        let old = w.hook("message").replace("127.0.0.1", "localhost");
        w.set_there(WEST, &old).await;
        w.carrier.text(MAYA, WEST, "Anybody there?", Vec::new()).unwrap();
        w.start().await;
        let wanted = w.hook("message");
        w.until("it is set anew", async || (w.number_there(WEST).await["sms_url"] == wanted).then_some(())).await;
        w.until("the text is here", async || (w.came().await.get("Anybody there?") == Some(&1)).then_some(())).await;
        assert_eq!(w.channel_now().await["mode"], "webhooks");
    }

    async fn another_s_webhook_is_left_and_shown_until_a_person_takes_it(w) {
        let theirs = "https://crm.example.com/sms";
        w.set_there(WEST, theirs).await;
        w.advance(16 * MINUTE);
        w.until("it is seen", async || (w.channel_now().await["status"] == "webhook_elsewhere").then_some(())).await;
        let channel = w.channel_now().await;
        assert_eq!((&channel["mode"], &channel["webhook_elsewhere"]), (&json!("polling"), &json!(theirs)));
        w.carrier.remember(&[past(1, MAYA, w.clock.now().0)]);
        w.advance(11 * SECOND);
        w.until("texts come all the same", async || (w.came().await.len() == 1).then_some(())).await;
        assert_eq!(w.number_there(WEST).await["sms_url"], theirs);
        w.texts_come_by("webhooks").await;
        assert_eq!(w.number_there(WEST).await["sms_url"], w.hook("message"));
        // and given back, when a person wants that
        w.texts_come_by("polling").await;
        w.until("it is put back", async || (w.number_there(WEST).await["sms_url"] == theirs).then_some(())).await;
    }

    async fn setting_that_failed_is_shown_and_tried_again(w) {
        w.set_there(WEST, "").await;
        w.faults(&Faults { down_s: 3_600, ..Faults::default() });
        w.advance(16 * MINUTE);
        w.until("it is shown", async || {
            let status = w.olga.get(&format!("/connections/{}", w.connection)).await.is(200)["status"].clone();
            (status == "unreachable").then_some(())
        }).await;
        w.no_faults();
        let wanted = w.hook("message");
        w.in_time("it is set", MINUTE, async || (w.number_there(WEST).await["sms_url"] == wanted).then_some(())).await;
        w.until("all is well", async || (w.channel_now().await["status"] == "connected").then_some(())).await;
    }

    async fn a_message_whose_files_can_t_be_listed_holds_nobody_up_for_long_and_comes_before_them(w) {
        w.texts_come_by("polling").await;
        let now = partyline_desk::Clock::System.now().0;
        let mut missed = [past(1, MAYA, now), past(2, WREN, now), past(3, DANA, now)];
        missed[1].lost_pictures = 1;
        w.carrier.remember(&missed);
        w.advance(11 * SECOND);
        w.until("the one before it is here", async || (w.came().await.get("missed 1") == Some(&1)).then_some(())).await;
        w.until("the trouble is shown", async || (w.channel_now().await["reading"]["error"] == "provider_trouble").then_some(())).await;
        assert_eq!(w.came().await.len(), 1);
        w.in_time("all are here", 10 * SECOND, async || (w.came().await.len() == 3).then_some(())).await;
        let conversation = id(&w.conversation_with(WREN).await);
        w.in_time("all is well", 10 * SECOND, async || w.channel_now().await["reading"]["error"].is_null().then_some(())).await;
        let file = async || {
            let files = w.olga.messages(&conversation).await[0]["attachments"].as_array().unwrap().clone();
            assert_eq!(files.len(), 1);
            files[0]["state"].as_str().unwrap().to_owned()
        };
        assert_eq!(file().await, "fetching", "it is still looked for");
        w.in_time("its file is given up", HOUR, async || (file().await == "failed").then_some(())).await;
        assert!(w.clock.now().0 - now > DAY);
        assert!(w.came().await.values().all(|n| *n == 1));
    }

    async fn an_account_that_hangs_does_not_hold_up_the_others(w) {
        let connection = json!({ "provider": "twilio", "name": "Second", "credentials": credentials(), "api_base_url": w.provider });
        let connection = id(&w.olga.post("/connections", connection).await.is(201));
        let other = json!({ "kind": "sms", "name": "Leasing", "address": LEASING, "team_id": w.team, "connection_id": connection, "set_webhooks": false });
        w.olga.post("/channels", other).await.is(201);
        w.road.hold_answers();
        w.advance(6 * MINUTE);
        w.carrier.text(MAYA, LEASING, "Is it free?", Vec::new()).unwrap();
        let began = std::time::Instant::now();
        w.until("it is here", async || (w.came().await.len() == 1).then_some(())).await;
        assert!(began.elapsed() < std::time::Duration::from_secs(14), "it waited for the other account's time-out");
        w.road.let_answers_through();
    }

    async fn an_account_of_many_numbers_that_hangs_does_not_hold_up_the_others(w) {
        let connection = json!({ "provider": "twilio", "name": "Second", "credentials": credentials(), "api_base_url": w.provider });
        let connection = id(&w.olga.post("/connections", connection).await.is(201));
        let other = json!({ "kind": "sms", "name": "Leasing", "address": LEASING, "team_id": w.team, "connection_id": connection, "set_webhooks": false });
        w.olga.post("/channels", other).await.is(201);
        let (first, now, desk) = (w.channel.parse::<ChannelId>().unwrap(), w.clock.now(), w.desk());
        w.road.hold_answers();
        let many = desk.db().write(w.workspaces().await[0], now, move |tx| {
            let row = tx.channel(first)?.unwrap();
            for n in 0..MANY {
                let id = ChannelId::new(now, &entropy());
                tx.create_channel(&ChannelRow { id, address: format!("+1650555{n:04}"), ..row.clone() })?;
                tx.begin_turns(id, now, now)?;
            }
            Ok::<_, StoreError>(())
        });
        many.await.unwrap();
        w.advance(6 * MINUTE);
        w.carrier.text(MAYA, LEASING, "Is it free?", Vec::new()).unwrap();
        let began = std::time::Instant::now();
        w.until("it is here", async || (w.came().await.len() == 1).then_some(())).await;
        assert!(began.elapsed() < std::time::Duration::from_secs(14), "it waited for the other account's time-out");
        w.road.let_answers_through();
    }

    async fn a_clock_of_ours_that_is_wrong_skips_nothing(w) {
        w.texts_come_by("polling").await;
        for wrong in [3 * HOUR, -6 * HOUR, 3 * HOUR] {
            w.clock.set(w.clock.now() + wrong);
            w.until("the turn is over", async || {
                w.advance(20 * SECOND);
                let skew = w.channel_now().await["reading"]["clock_skew_ms"].as_i64()?;
                let real = partyline_desk::Clock::System.now().since(w.clock.now());
                (skew.abs_diff(real) < 2 * MINUTE.unsigned_abs()).then_some(())
            }).await;
            let text = format!("at {wrong}");
            w.carrier.text(MAYA, WEST, &text, Vec::new()).unwrap();
            w.advance(11 * SECOND);
            w.until("it is here", async || w.came().await.contains_key(&text).then_some(())).await;
        }
        assert!(w.came().await.values().all(|n| *n == 1));
    }

    async fn thousands_of_missed_texts_come_in_order_once_and_late_though_the_process_is_killed_among_them(w) {
        let conversation = id(&w.text(MAYA, "Before").await);
        w.olga.reply(&conversation, "Hello").await.is(202);
        w.until("answered", async || (w.sent_to(MAYA).len() == 1).then_some(())).await;
        w.kill();
        // three hours without us: texts of three phones, some of them in one second
        let began = partyline_desk::Clock::System.now();
        let start = began.0 + SECOND;
        let missed: Vec<Past> = (0..MISSED).map(|n| {
            let at = start + i64::from(n / 5) * SECOND / 100;
            Past { at_ms: at - at % SECOND, ..past(n, [MAYA, WREN, DANA][n as usize % 3], 0) }
        }).collect();
        w.carrier.remember(&missed);
        w.clock.set(began + 3 * HOUR);
        until_real(start + i64::from(MISSED / 5) * SECOND / 100).await;
        w.start().await;
        let some = async || w.olga.seq().await;
        let before = some().await;
        until_within(LONG, "a part is here", async || (some().await > before + 1_000).then_some(())).await;
        w.kill();
        w.start().await;
        until_within(LONG, "all are here", async || {
            // all of them are asked for only when all may be here
            (some().await > i64::from(MISSED) && w.came().await.len() > MISSED as usize).then_some(())
        }).await;
        w.advance(6 * MINUTE);
        w.desk().poll().await.unwrap();
        let came = w.came().await;
        assert_eq!(came.len(), MISSED as usize + 1);
        assert!(came.values().all(|n| *n == 1), "once each");
        for phone in [MAYA, WREN, DANA] {
            let conversation = id(&w.conversation_with(phone).await);
            let mut texts = w.olga.messages(&conversation).await;
            texts.retain(|m| m["direction"] == "inbound" && m["text"] != "Before");
            let said: Vec<u32> = texts.iter().map(|m| m["text"].as_str().unwrap().trim_start_matches("missed ").parse().unwrap()).collect();
            assert!(said.is_sorted(), "in the order in which they were said");
            assert!(texts.iter().all(|m| m["late"] == true), "marked late");
            let waiting = w.olga.conversation(&conversation).await["waiting_since"].clone();
            assert_eq!(waiting, texts[0]["at"], "waiting since the customer's time");
        }
        // nobody was answered by a machine
        assert_eq!(w.sent_to(MAYA).len(), 1);
        assert_eq!(w.sent_to(WREN).len() + w.sent_to(DANA).len(), 0);
    }
}

/// A text of the past, as the provider has it.
fn past(n: u32, phone: &str, at_ms: i64) -> Past {
    Past {
        sid: hooks::sid(500_000 + n),
        phone: phone.to_owned(),
        number: WEST.to_owned(),
        from_phone: true,
        text: format!("missed {n}"),
        at_ms,
        lost_pictures: 0,
    }
}

/// Waits until a moment of the provider's clock has come.
async fn until_real(at: i64) {
    until("the time has come", async || (partyline_desk::Clock::System.now().0 > at).then_some(())).await;
}
