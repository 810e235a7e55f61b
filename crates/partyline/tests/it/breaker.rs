//! A provider that can't be reached: texts wait instead of being tried one after another, everybody sees why, and they go out by
//! themselves.

use partyline_carrier::{Faults, Switch, demo};
use partyline_core::time::{HOUR, MINUTE, Millis, SECOND};
use partyline_desk::checkup::{Finding, State};
use serde_json::{Value, json};

use crate::engine::behaviours;
use crate::person::id;
use crate::world::{CROWD, DANA, MAYA, WREN, World};

async fn health(w: &World) -> Value {
    w.olga.get(&format!("/connections/{}", w.connection)).await.is(200)["health"].clone()
}

async fn breaker(w: &World, state: &str) -> Value {
    w.until(&format!("the breaker is {state}"), async || {
        let health = health(w).await;
        (health["breaker"] == state).then_some(health)
    })
    .await
}

/// What the log says of the breaker.
async fn told(w: &World) -> Vec<String> {
    let events = w.olga.events(0).await.into_iter().filter(|e| e["type"] == "connection.updated");
    let words = events.flat_map(|e| e["changed"].as_array().unwrap().clone());
    words.filter_map(|c| c.as_str()?.strip_prefix("breaker=").map(str::to_owned)).collect()
}

async fn sendings(w: &World, message: &str) -> usize {
    w.olga.events(0).await.iter().filter(|e| e["subject_id"] == message && e["type"] == "message.sending").count()
}

/// Three conversations.
async fn three(w: &World) -> [String; 3] {
    [id(&w.text(MAYA, "Hello").await), id(&w.text(WREN, "Hello").await), id(&w.text(DANA, "Hello").await)]
}

/// One text to each of three people, until the breaker opens.
async fn open(w: &World, to: &[String; 3]) -> Vec<String> {
    let mut sent = Vec::new();
    for conversation in to {
        sent.push(id(&w.olga.reply(conversation, "first").await.is(202)));
    }
    w.in_time("the breaker opens", SECOND, async || (health(w).await["breaker"] == "open").then_some(())).await;
    sent
}

fn at(value: &Value) -> Millis {
    Millis::parse(value.as_str().unwrap()).unwrap()
}

behaviours! {
    async fn five_failures_open_it_texts_wait_one_tries_and_all_go_out_in_order(w) {
        let to = three(w).await;
        assert_eq!(health(w).await, json!({ "state": "connected", "breaker": "closed", "since": null, "retry_at": null, "reason": null }));
        w.road.cut().await;
        let first = open(w, &to).await;
        let opened = health(w).await;
        assert_eq!((&opened["state"], &opened["reason"]), (&json!("unreachable"), &json!("provider_unreachable")));
        assert_eq!(at(&opened["retry_at"]).since(at(&opened["since"])), 15 * SECOND);
        // a text that comes now waits, and says why
        let waiting = id(&w.olga.reply(&to[0], "second").await.is(202));
        w.until("nothing is due", async || w.waits().await.then_some(())).await;
        let message = w.olga.message(&to[0], &waiting).await;
        assert_eq!((&message["delivery"]["status"], &message["delivery"]["reason"]), (&json!("queued"), &json!("provider_unreachable")));
        assert_eq!(sendings(w, &waiting).await, 0, "it burns no attempt");
        let tries = async || {
            let mut n = 0;
            for message in &first {
                n += sendings(w, message).await;
            }
            n
        };
        let before = tries().await;
        assert!((5..=8).contains(&before), "{before}: five in a row, and those that were in flight");
        // one tries, fails, and the wait doubles
        w.advance(at(&opened["retry_at"]).since(w.clock.now()));
        w.until("it opened again", async || (health(w).await["retry_at"] != opened["retry_at"] && health(w).await["breaker"] == "open").then_some(())).await;
        assert_eq!(tries().await, before + 1, "one text tries");
        let again = health(w).await;
        assert_eq!(again["since"], opened["since"], "since it began");
        assert_eq!(at(&again["retry_at"]).since(w.clock.now()), 30 * SECOND);
        // the provider is back
        w.road.mend().await;
        w.advance(30 * SECOND - 1);
        w.until("nothing is due", async || w.waits().await.then_some(())).await;
        assert_eq!(tries().await, before + 1, "not before its time");
        w.advance(1);
        breaker(w, "closed").await;
        for (conversation, message) in to.iter().zip(&first) {
            w.delivery(conversation, message, "delivered").await;
        }
        w.delivery(&to[0], &waiting, "delivered").await;
        assert_eq!(w.on_phone(MAYA), ["first", "second"]);
        assert_eq!((w.on_phone(WREN), w.on_phone(DANA)), (vec!["first".to_owned()], vec!["first".to_owned()]));
        assert_eq!(told(w).await, ["open", "half_open", "open", "half_open", "closed"]);
        assert_eq!(health(w).await, json!({ "state": "connected", "breaker": "closed", "since": null, "retry_at": null, "reason": null }));
        assert_eq!(w.olga.message(&to[0], &waiting).await["delivery"]["reason"], Value::Null);
    }

    async fn texts_that_it_holds_are_told_and_are_no_fault(w) {
        let to = three(w).await;
        w.road.cut().await;
        open(w, &to).await;
        for _ in 0..11 {
            w.until("nothing is due", async || w.waits().await.then_some(())).await;
            w.advance(MINUTE);
        }
        w.until("nothing is due", async || w.waits().await.then_some(())).await;
        let jobs = async || w.desk().checkup(false).await.into_iter().filter(|f| f.check == "jobs").collect::<Vec<_>>();
        let found = jobs().await;
        let told = |f: &Finding| f.state == State::Notice && f.detail.contains("has not been reached for 1");
        assert!(found.len() == 1 && told(&found[0]), "{found:?}");
        // nobody tries any more
        w.kill();
        w.clock.set(w.clock.now() + 16 * MINUTE);
        assert!(jobs().await.iter().any(|f| f.state == State::Fault), "{:?}", jobs().await);
        w.road.mend().await;
        w.start().await;
        w.in_time("they go out", MINUTE, async || ([MAYA, WREN, DANA].map(|p| w.on_phone(p).len()) == [1, 1, 1]).then_some(())).await;
    }

    async fn errors_of_the_provider_open_it_too_and_nothing_is_sent_twice(w) {
        let to = three(w).await;
        w.faults(&Faults { server_error: Switch::Always(true), ..Faults::default() });
        // with two more it is five people, so that none of the texts is tried twice
        for number in ["+14155550171", "+14155550172"] {
            let new = json!({ "channel_id": w.channel, "to": number, "text": "Hello", "confirm": ["first_contact"], "source": "by telephone" });
            w.olga.post("/conversations", new).await.is(201);
        }
        let sent = open(w, &to).await;
        assert_eq!(health(w).await["reason"], "provider_no_answer");
        w.no_faults();
        w.in_time("they go out", SECOND, async || {
            let phones = [MAYA, WREN, DANA].map(|p| w.on_phone(p).len());
            (phones == [1, 1, 1]).then_some(())
        })
        .await;
        breaker(w, "closed").await;
        for (conversation, message) in to.iter().zip(&sent) {
            w.delivery(conversation, message, "delivered").await;
        }
        w.in_time("nothing is left to do", SECOND, async || (w.jobs().await == 0).then_some(())).await;
        assert_eq!([MAYA, WREN, DANA].map(|p| w.on_phone(p).len()), [1, 1, 1]);
    }

    async fn being_slowed_down_for_a_time_opens_it_for_that_time(w) {
        let to = three(w).await;
        w.faults(&Faults { too_many_requests: Switch::Always(true), retry_after_s: 90, ..Faults::default() });
        open(w, &to).await;
        let opened = health(w).await;
        assert_eq!(opened["reason"], "provider_busy");
        assert_eq!(at(&opened["retry_at"]).since(at(&opened["since"])), 90 * SECOND);
        w.no_faults();
        w.in_time("they go out", 10 * SECOND, async || ([MAYA, WREN, DANA].map(|p| w.on_phone(p).len()) == [1, 1, 1]).then_some(())).await;
    }

    async fn a_refused_account_holds_everything_until_it_is_let_in_again(w) {
        let to = three(w).await;
        w.replace_token_elsewhere().await;
        for number in ["+14155550171", "+14155550172"] {
            let new = json!({ "channel_id": w.channel, "to": number, "text": "Hello", "confirm": ["first_contact"], "source": "by telephone" });
            w.olga.post("/conversations", new).await.is(201);
        }
        let sent = open(w, &to).await;
        let opened = health(w).await;
        assert_eq!((&opened["state"], &opened["reason"]), (&json!("refused"), &json!("credentials_refused")));
        // each time another one tries
        let (mut retry_at, mut tries) = (opened["retry_at"].clone(), Vec::new());
        for message in &sent {
            tries.push(sendings(w, message).await);
        }
        for _ in 0..2 {
            w.advance(at(&retry_at).since(w.clock.now()));
            w.until("it opened again", async || {
                let health = health(w).await;
                (health["retry_at"] != retry_at && health["breaker"] == "open").then_some(())
            })
            .await;
            retry_at = health(w).await["retry_at"].clone();
        }
        for (message, before) in sent.iter().zip(tries) {
            assert!(sendings(w, message).await <= before + 1, "one of them tried twice");
        }
        let credentials = json!({ "credentials": { "auth_token": demo::AUTH_TOKEN } });
        w.olga.patch(&format!("/connections/{}", w.connection), credentials).await.is(200);
        w.in_time("they go out", SECOND, async || ([MAYA, WREN, DANA].map(|p| w.on_phone(p).len()) == [1, 1, 1]).then_some(())).await;
        for (conversation, message) in to.iter().zip(&sent) {
            w.delivery(conversation, message, "delivered").await;
        }
        assert_eq!(health(w).await["state"], "connected");
    }

    async fn a_no_is_an_answer_and_opens_nothing(w) {
        let to = three(w).await;
        w.faults(&Faults { refuse_opted_out: Switch::Always(true), ..Faults::default() });
        for conversation in &to {
            let sent = id(&w.olga.reply(conversation, "Hi").await.is(202));
            w.delivery(conversation, &sent, "failed").await;
        }
        assert_eq!(health(w).await["breaker"], "closed");
        assert!(told(w).await.is_empty());
    }

    async fn it_stays_open_over_a_restart_and_a_person_who_tries_again_need_not_wait(w) {
        let to = three(w).await;
        w.road.cut().await;
        let sent = open(w, &to).await;
        w.kill();
        w.start().await;
        assert_eq!(health(w).await["breaker"], "open");
        // what fails in the end can be tried at once
        w.until("it fails", async || {
            let status = w.olga.message(&to[0], &sent[0]).await["delivery"]["status"].clone();
            if status == "queued" && w.waits().await {
                w.advance(20 * MINUTE);
            }
            (status == "failed").then_some(())
        })
        .await;
        w.until("the breaker is open", async || (health(w).await["breaker"] == "open").then_some(())).await;
        w.road.mend().await;
        w.olga.post(&format!("/messages/{}/retry", sent[0]), json!({})).await.is(202);
        w.delivery(&to[0], &sent[0], "delivered").await;
        breaker(w, "closed").await;
    }

    async fn one_that_may_not_leave_any_more_lets_the_next_one_try(w) {
        let to = three(w).await;
        w.road.cut().await;
        let sent = open(w, &to).await;
        let other = id(&w.text(CROWD[0], "Hello").await);
        let last = id(&w.olga.reply(&other, "last").await.is(202));
        for number in [MAYA, WREN, DANA] {
            w.text(number, "STOP").await;
        }
        w.until("nothing is due", async || w.waits().await.then_some(())).await;
        w.road.mend().await;
        w.advance(at(&health(w).await["retry_at"]).since(w.clock.now()));
        // the clock stands still: whoever waited for the ones that don't leave would wait for ever
        w.delivery(&other, &last, "delivered").await;
        for (conversation, message) in to.iter().zip(&sent) {
            w.delivery(conversation, message, "failed").await;
        }
        breaker(w, "closed").await;
    }

    async fn a_clock_that_is_set_back_does_not_keep_it_open(w) {
        let to = three(w).await;
        w.road.cut().await;
        open(w, &to).await;
        w.until("nothing is due", async || w.waits().await.then_some(())).await;
        w.road.mend().await;
        w.clock.set(w.clock.now() + -2 * HOUR);
        let other = id(&w.text(CROWD[0], "Hello").await);
        let sent = id(&w.olga.reply(&other, "now").await.is(202));
        w.delivery(&other, &sent, "delivered").await;
        breaker(w, "closed").await;
    }

    async fn a_retry_has_as_many_tries_as_the_first_time(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        w.faults(&Faults { too_many_requests: Switch::Always(true), retry_after_s: 0, ..Faults::default() });
        let sent = id(&w.olga.reply(&conversation, "Hi").await.is(202));
        let becomes = async |status: &str| {
            w.until(status, async || {
                let now = w.olga.message(&conversation, &sent).await["delivery"]["status"].clone();
                if now == "queued" && w.waits().await {
                    w.advance(10 * MINUTE);
                }
                (now == status).then_some(())
            })
            .await;
        };
        becomes("failed").await;
        let tries = sendings(w, &sent).await;
        assert_eq!((tries, health(w).await["breaker"].clone()), (12, json!("closed")));
        w.faults(&Faults { too_many_requests: Switch::Times(3), retry_after_s: 0, ..Faults::default() });
        w.olga.post(&format!("/messages/{sent}/retry"), json!({})).await.is(202);
        becomes("delivered").await;
        assert_eq!(sendings(w, &sent).await, tries + 4);
    }
}
