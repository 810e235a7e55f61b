//! What can't go to an inbox is held: seen by admins, played again as it came, once, or set aside.

use std::collections::HashMap;

use partyline_carrier::{Past, demo};
use partyline_channels::{Inbound, StatusReport};
use partyline_core::consent::Class;
use partyline_core::delivery::DeliveryStatus;
use partyline_core::held::HeldReason;
use partyline_core::id::{ChannelId, ConversationId, InboundId, MessageId};
use partyline_core::time::{DAY, HOUR, MINUTE, Millis};
use partyline_desk::{Clock, DeskError};
use partyline_store::conversations::NewConversation;
use partyline_store::entries::{DeliveryRow, provider_key};
use partyline_store::inbound::{Became, Held, NewInbound};
use serde_json::{Value, json};

use crate::checks;
use crate::engine::behaviours;
use crate::hooks;
use crate::person::id;
use crate::world::{LEASING, MAYA, STRANGER, WEST, World, at_once};

/// A text to the number that has no channel yet, by webhook.
async fn to_leasing(w: &World, n: u32, text: &str) {
    w.post_hook("message", &hooks::text(&hooks::sid(n), STRANGER, LEASING, text)).await.is(200);
}

async fn held(w: &World, state: &str) -> Vec<Value> {
    w.olga.all(&format!("/inbound?state={state}")).await
}

/// A webhook that an older program did not understand, of which this one understands every word.
async fn held_by_an_older_program(w: &World, n: u32, text: &str, at: Millis) -> String {
    let fields = hooks::text(&hooks::sid(n), STRANGER, WEST, text);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish().into_bytes();
    kept_as_held(w, n, "message", "application/x-www-form-urlencoded", body, at).await
}

/// Something that an older program did not understand.
async fn kept_as_held(w: &World, n: u32, hook: &'static str, content_type: &str, body: Vec<u8>, at: Millis) -> String {
    let kept = NewInbound {
        id: InboundId::new(at, &[u8::try_from(n).unwrap(); 10]),
        connection: w.connection.parse().unwrap(),
        hook,
        received_at: at,
        query: String::new(),
        content_type: content_type.to_owned(),
        body,
    };
    let why = Held {
        reason: HeldReason::NotUnderstood,
        error: "missing_field: the field Colour is missing".to_owned(),
        address: None,
        sender: None,
        same: vec![u8::try_from(n).unwrap(); 16],
    };
    let name = kept.id.to_string();
    let desk = w.desk();
    let keep = desk.db().write(w.workspaces().await[0], at, move |tx| {
        tx.keep_inbound(kept, &Became::Held(why))?;
        Ok::<_, DeskError>(())
    });
    keep.await.unwrap();
    name
}

/// A message of ours that failed, in a conversation that is not there: no report of it can be saved.
async fn sent_elsewhere(w: &World, n: u32, conversation: ConversationId) -> i64 {
    let (connection, channel) = (w.connection.parse().unwrap(), w.channel.parse().unwrap());
    w.text(MAYA, &format!("Hello {n}")).await;
    let (provider_id, now) = (hooks::sid(n), w.clock.now());
    let desk = w.desk();
    let write = desk.db().write(w.workspaces().await[0], now, move |tx| {
        let seq = tx.seq()?;
        let (address, _) = tx.address_or_new("phone", MAYA, None)?;
        let delivery = DeliveryRow {
            seq,
            message: MessageId::new(now, &[u8::try_from(n).unwrap(); 10]),
            conversation,
            channel,
            address: address.id,
            author: None,
            status: DeliveryStatus::Failed,
            class: Class::Reply,
            send_at: now,
            attempts: 1,
            provider_id: Some(provider_id.clone()),
            segments: None,
            error: None,
            confirmed: None,
            updated_at: now,
            reason: None,
            resolved_by: None,
            cancel_on_reply: false,
        };
        tx.create_past_delivery(&delivery, &provider_key(connection, &provider_id))?;
        Ok::<_, DeskError>(seq)
    });
    write.await.unwrap()
}

/// Begins the conversation that was not there.
async fn begin(w: &World, id: ConversationId) {
    let (team, channel) = (w.team.parse().unwrap(), w.channel.parse().unwrap());
    let desk = w.desk();
    let write = desk.db().write(w.workspaces().await[0], w.clock.now(), move |tx| {
        let (address, _) = tx.address_or_new("phone", MAYA, None)?;
        let new = NewConversation { id, team: Some(team), contact: address.contact, channel, address: address.id };
        Ok::<_, DeskError>(tx.create_conversation(new)?)
    });
    write.await.unwrap();
}

async fn delivery_of(w: &World, seq: i64) -> DeliveryStatus {
    let desk = w.desk();
    let read = desk.db().read(w.workspaces().await[0], move |scope| Ok::<_, DeskError>(scope.delivery(seq)?));
    read.await.unwrap().unwrap().status
}

/// What became of a message of ours, as a list request brings it.
fn reported(n: u32, status: DeliveryStatus) -> Inbound {
    Inbound::Status(StatusReport {
        provider_id: hooks::sid(n),
        correlation: None,
        status,
        error: None,
        raw_status: status.to_string(),
        at: None,
    })
}

/// On this number nobody but us would confirm a STOP.
async fn we_answer_stop(w: &World, channel: &str) {
    let channel: ChannelId = channel.parse().unwrap();
    let desk = w.desk();
    let set = desk.db().write(w.workspaces().await[0], w.clock.now(), move |tx| {
        let mut row = tx.channel(channel)?.unwrap();
        row.settings = row.settings.replace("\"provider_answers_stop\":true", "\"provider_answers_stop\":false");
        assert!(row.settings.contains("false"), "{}", row.settings);
        Ok::<_, DeskError>(tx.set_channel(&row)?)
    });
    set.await.unwrap();
}

behaviours! {
    async fn a_held_text_says_why_and_only_admins_see_it(w) {
        to_leasing(w, 1, "Is this Leasing?").await;
        let rows = held(w, "quarantined").await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["reason"], "no_channel");
        assert_eq!(rows[0]["detail"], "+14155550188 has no channel yet. Connect it, then replay this.");
        assert_eq!(rows[0]["address"], LEASING);
        assert_eq!(rows[0]["sender"], "+1415•••0177", "a list shows no whole number of a customer");
        assert_eq!(rows[0]["connection_id"], w.connection);
        assert!(rows[0]["payload"].is_null());
        let whole = w.olga.get(&format!("/inbound/{}", id(&rows[0]))).await.is(200);
        assert!(whole["payload"]["text"].as_str().unwrap().contains("Is+this+Leasing%3F"), "{whole}");
        assert_eq!(whole["error"], "+14155550188 has no channel yet");
        let groups = w.olga.get("/inbound/groups").await.is(200)["data"].clone();
        assert_eq!((groups[0]["count"].as_i64(), groups[0]["address"].as_str()), (Some(1), Some(LEASING)));
        let event = w.olga.events(0).await.pop().unwrap();
        assert_eq!((&event["type"], &event["data"]["id"]), (&json!("inbound.quarantined"), &rows[0]["id"]));

        let lead = w.person("Lea", "lead", &[&w.team]).await;
        for path in ["/inbound", "/inbound/groups", &format!("/inbound/{}", id(&rows[0]))] {
            lead.get(path).await.refuses(403, "forbidden");
        }
        for path in ["replay", "dismiss"] {
            lead.post(&format!("/inbound/{}/{path}", id(&rows[0])), json!({})).await.refuses(403, "forbidden");
        }
        assert!(lead.events(0).await.iter().all(|e| e["type"] != "inbound.quarantined"), "and the log is silent for others");
    }

    async fn what_is_replayed_stands_where_it_came_is_late_and_nobody_answers_it(w) {
        let came = w.clock.now();
        to_leasing(w, 1, "STOP sending me to the wrong office").await;
        w.advance(MINUTE);
        to_leasing(w, 2, "Quit").await;
        w.advance(HOUR);
        let leasing = w.channel("Leasing line", LEASING, &w.team).await;
        we_answer_stop(w, &leasing).await;
        w.advance(MINUTE);
        to_leasing(w, 3, "Anybody there?").await;
        w.advance(HOUR);
        let like = json!({ "reason": "no_channel", "connection_id": w.connection, "address": LEASING });
        let done = w.olga.post("/inbound/replay", like).await.is(200);
        assert_eq!(done, json!({ "replayed": 2, "still_held": 0, "goes_on": false }));
        let conversation = w.conversation_with(STRANGER).await;
        let messages = w.olga.messages(&id(&conversation)).await;
        let texts: Vec<&str> = messages.iter().map(|m| m["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["STOP sending me to the wrong office", "Quit", "Anybody there?"]);
        assert_eq!(messages[0]["at"], came.to_string());
        assert_eq!(messages[1]["at"], (came + MINUTE).to_string());
        assert_eq!([&messages[0]["late"], &messages[1]["late"], &messages[2]["late"]], [true, true, false]);
        assert_eq!(conversation["waiting_since"], came.to_string());
        assert_eq!((&conversation["status"], &conversation["unread"]), (&json!("open"), &json!(true)));
        assert_eq!(conversation["opted_out"], true, "the STOP was heard when it came");
        assert!(w.send_requests().await.is_empty(), "nothing is answered by itself");
        checks::lists_show_the_newest(w).await;
        let row = w.olga.get(&format!("/channels/{leasing}")).await.is(200);
        assert_eq!(row["last_inbound_at"], (came + MINUTE + HOUR + MINUTE).to_string(), "an old text says nothing of today");
        let settled = held(w, "replayed").await;
        assert_eq!(settled.len(), 2);
        assert_eq!((&settled[0]["settled_by"], &settled[0]["conversation_id"]), (&json!(w.olga.id), &conversation["id"]));
        assert!(held(w, "quarantined").await.is_empty());
    }

    async fn what_is_replayed_at_once_by_many_and_comes_by_polling_meanwhile_is_there_once(w) {
        let came = w.clock.now();
        to_leasing(w, 1, "Only once").await;
        let one = id(&held(w, "quarantined").await[0]);
        w.channel("Leasing line", LEASING, &w.team).await;
        let posts = (0..12).map(|n| {
            let (olga, one, desk, connection) = (w.olga.clone(), one.clone(), w.desk(), w.connection.parse().unwrap());
            async move {
                if n % 3 == 2 {
                    desk.take(connection, vec![hooks::listed(1, LEASING, "Only once", came)]).await.unwrap();
                    200
                } else {
                    olga.post(&format!("/inbound/{one}/replay"), json!({})).await.status
                }
            }
        });
        let answers = at_once(posts).await;
        assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
        w.post_hook("message", &hooks::text(&hooks::sid(1), STRANGER, LEASING, "Only once")).await.is(200);
        assert_eq!(w.olga.messages(&id(&w.conversation_with(STRANGER).await)).await.len(), 1);
        assert_eq!(held(w, "replayed").await.len(), 1);
        let told = w.olga.events(0).await.iter().filter(|e| e["type"] == "inbound.replayed").count();
        assert_eq!(told, 1);
    }

    async fn what_an_older_program_did_not_understand_keeps_its_arrival(w) {
        let came = w.clock.now();
        let conversation = id(&w.text(MAYA, "Another matter").await);
        let one = held_by_an_older_program(w, 7, "From the past", came).await;
        w.advance(3 * DAY);
        w.olga.post(&format!("/inbound/{one}/replay"), json!({})).await.is(200);
        let there = w.conversation_with(STRANGER).await;
        assert_ne!(there["id"], conversation);
        let messages = w.olga.messages(&id(&there)).await;
        assert_eq!((&messages[0]["text"], &messages[0]["at"], &messages[0]["late"]), (&json!("From the past"), &json!(came.to_string()), &json!(true)));
        assert_eq!(there["waiting_since"], came.to_string());
    }

    async fn what_still_can_t_go_anywhere_stays_held_and_says_so(w) {
        to_leasing(w, 1, "Hello?").await;
        let account = ("AccountSid".to_owned(), demo::ACCOUNT_SID.to_owned());
        w.post_hook("message", &vec![account, ("Nothing".to_owned(), "of use".to_owned())]).await.is(200);
        let rows = held(w, "quarantined").await;
        let reasons: Vec<&str> = rows.iter().map(|r| r["reason"].as_str().unwrap()).collect();
        assert_eq!(rows.len(), 2, "{reasons:?}");
        let seq = w.olga.seq().await;
        for row in &rows {
            let problem = w.olga.post(&format!("/inbound/{}/replay", id(row)), json!({})).await.refuses(409, "still_held");
            assert_eq!(problem["detail"], row["detail"]);
        }
        assert_eq!(w.olga.seq().await, seq, "trying leaves no trace");
        assert_eq!(held(w, "quarantined").await, rows);
        assert!(w.olga.view("all").await.is_empty());
    }

    async fn many_are_replayed_in_order_the_rest_by_itself(w) {
        for n in 0..120u32 {
            to_leasing(w, n, &format!("text {n}")).await;
            w.clock.set(w.clock.now() + 1);
        }
        let groups = w.olga.get("/inbound/groups").await.is(200)["data"].clone();
        assert_eq!((groups.as_array().unwrap().len(), groups[0]["count"].as_i64()), (1, Some(120)));
        w.channel("Leasing line", LEASING, &w.team).await;
        let like = json!({ "reason": "no_channel", "connection_id": w.connection });
        let done = w.olga.post("/inbound/replay", like).await.is(200);
        assert_eq!(done, json!({ "replayed": 50, "still_held": 0, "goes_on": true }));
        w.until("nothing is held", async || held(w, "quarantined").await.is_empty().then_some(())).await;
        let messages = w.olga.messages(&id(&w.conversation_with(STRANGER).await)).await;
        let texts: Vec<&str> = messages.iter().map(|m| m["text"].as_str().unwrap()).collect();
        assert_eq!(texts, (0..120).map(|n| format!("text {n}")).collect::<Vec<_>>());
        assert_eq!(w.jobs().await, 0);
    }

    async fn what_is_dismissed_is_kept_with_who_and_when_and_replaying_undoes_it(w) {
        to_leasing(w, 1, "Hello?").await;
        let one = id(&held(w, "quarantined").await[0]);
        w.advance(MINUTE);
        for _ in 0..2 {
            let dismissed = w.olga.post(&format!("/inbound/{one}/dismiss"), json!({})).await.is(200);
            assert_eq!((&dismissed["state"], &dismissed["settled_by"]), (&json!("dismissed"), &json!(w.olga.id)));
            assert_eq!(dismissed["settled_at"], w.clock.now().to_string());
        }
        assert!(held(w, "quarantined").await.is_empty());
        to_leasing(w, 1, "Hello?").await;
        assert!(held(w, "quarantined").await.is_empty(), "the same again is dismissed too");
        w.channel("Leasing line", LEASING, &w.team).await;
        w.olga.post(&format!("/inbound/{one}/replay"), json!({})).await.is(200);
        assert_eq!(w.olga.messages(&id(&w.conversation_with(STRANGER).await)).await.len(), 1);
        w.olga.post(&format!("/inbound/{one}/dismiss"), json!({})).await.refuses(409, "already_replayed");
        let kinds: Vec<Value> = w.olga.events(0).await.iter().map(|e| e["type"].clone()).filter(|t| t.as_str().unwrap().starts_with("inbound.")).collect();
        assert_eq!(kinds, ["inbound.quarantined", "inbound.dismissed", "inbound.replayed"]);
    }

    async fn what_was_fetched_and_has_no_channel_is_kept_whole(w) {
        let sent = w.clock.now() - MINUTE;
        let connection = w.connection.parse().unwrap();
        for _ in 0..3 {
            w.desk().take(connection, vec![hooks::listed(5, LEASING, "By the back door", sent)]).await.unwrap();
        }
        to_leasing(w, 5, "By the back door").await;
        let rows = held(w, "quarantined").await;
        assert_eq!((rows.len(), &rows[0]["hook"]), (1, &json!("poll")), "held once, by whichever way it came");
        w.channel("Leasing line", LEASING, &w.team).await;
        w.advance(HOUR);
        w.olga.post(&format!("/inbound/{}/replay", id(&rows[0])), json!({})).await.is(200);
        let messages = w.olga.messages(&id(&w.conversation_with(STRANGER).await)).await;
        assert_eq!((&messages[0]["text"], &messages[0]["at"]), (&json!("By the back door"), &json!(sent.to_string())));
    }

    async fn what_was_listed_and_not_understood_is_kept_whole_and_replayed_once_it_is(w) {
        let sent = Millis(Clock::System.now().0 / 1_000 * 1_000);
        w.carrier.remember(&[Past {
            sid: hooks::sid(900),
            phone: format!("whatsapp:{MAYA}"),
            number: WEST.to_owned(),
            from_phone: true,
            text: "Is it free?".to_owned(),
            at_ms: sent.0,
            lost_pictures: 0,
        }]);
        w.advance(6 * MINUTE);
        let row = w.until("it is held", async || held(w, "quarantined").await.pop()).await;
        assert_eq!((&row["reason"], &row["hook"]), (&json!("not_understood"), &json!("poll")));
        let whole = w.olga.get(&format!("/inbound/{}", id(&row))).await.is(200);
        assert_eq!(whole["error"], "unsupported: WhatsApp messages are not handled yet");
        let payload = whole["payload"]["text"].as_str().unwrap().to_owned();
        assert_eq!(serde_json::from_str::<Value>(&payload).unwrap()["listed"]["body"], "Is it free?");
        w.olga.post(&format!("/inbound/{}/replay", id(&row)), json!({})).await.refuses(409, "still_held");
        w.advance(6 * MINUTE);
        w.desk().poll().await.unwrap();
        assert_eq!(held(w, "quarantined").await.len(), 1, "once, however often it is listed");
        // the same, of which this program understands every word
        let (at, body) = (sent, payload.replace("whatsapp:", "").into_bytes());
        let one = kept_as_held(w, 7, "poll", "application/json", body, at).await;
        w.olga.post(&format!("/inbound/{one}/replay"), json!({})).await.is(200);
        let conversation = w.conversation_with(MAYA).await;
        let messages = w.olga.messages(&id(&conversation)).await;
        assert_eq!((&messages[0]["text"], &messages[0]["at"], &messages[0]["late"]), (&json!("Is it free?"), &json!(sent.to_string()), &json!(true)));
        assert_eq!((&conversation["unread"], &conversation["waiting_since"]), (&json!(true), &messages[0]["at"]));
    }

    async fn a_report_that_was_fetched_and_not_saved_is_kept_whole_and_stops_no_other(w) {
        let (connection, elsewhere) = (w.connection.parse().unwrap(), ConversationId::new(w.clock.now(), &[7; 10]));
        let first = sent_elsewhere(w, 1, elsewhere).await;
        let second = sent_elsewhere(w, 2, elsewhere).await;
        for n in [1, 2, 1] {
            w.desk().take(connection, vec![reported(n, DeliveryStatus::Delivered)]).await.unwrap();
        }
        let rows = held(w, "quarantined").await;
        let reasons: Vec<_> = rows.iter().map(|r| (&r["reason"], &r["hook"])).collect();
        assert_eq!(reasons, [(&json!("not_applied"), &json!("poll")); 2], "each once");
        let mut ids = HashMap::new();
        for row in &rows {
            let whole = w.olga.get(&format!("/inbound/{}", id(row))).await.is(200);
            let report = serde_json::from_str::<Value>(whole["payload"]["text"].as_str().unwrap()).unwrap()["report"].clone();
            assert_eq!(report["status"], "delivered");
            ids.insert(report["provider_id"].as_str().unwrap().to_owned(), id(row));
        }
        let replay = format!("/inbound/{}/replay", ids[&hooks::sid(1)]);
        w.olga.post(&replay, json!({})).await.refuses(409, "still_held");
        let row = w.olga.get(&format!("/inbound/{}", ids[&hooks::sid(1)])).await.is(200);
        assert_eq!(row["reason"], "not_applied", "it is understood");
        begin(w, elsewhere).await;
        w.olga.post(&replay, json!({})).await.is(200);
        assert_eq!(delivery_of(w, first).await, DeliveryStatus::Delivered);
        // the same again is saved by itself, and so is what became of it then
        w.desk().take(connection, vec![reported(2, DeliveryStatus::Delivered)]).await.unwrap();
        assert_eq!(delivery_of(w, second).await, DeliveryStatus::Delivered);
        assert!(held(w, "quarantined").await.is_empty());
        assert_eq!(held(w, "replayed").await.len(), 2);
        for (n, seq) in [(1, first), (2, second)] {
            w.desk().take(connection, vec![reported(n, DeliveryStatus::Read)]).await.unwrap();
            assert_eq!(delivery_of(w, seq).await, DeliveryStatus::Read);
        }
    }

    async fn what_was_held_and_comes_again_by_polling_is_no_longer_held(w) {
        let came = w.clock.now();
        to_leasing(w, 5, "Hello?").await;
        w.channel("Leasing line", LEASING, &w.team).await;
        w.desk().take(w.connection.parse().unwrap(), vec![hooks::listed(5, LEASING, "Hello?", came)]).await.unwrap();
        assert!(held(w, "quarantined").await.is_empty());
        let settled = held(w, "replayed").await;
        assert_eq!((settled.len(), &settled[0]["settled_by"]), (1, &Value::Null));
    }

    async fn the_same_webhook_twenty_times_at_once_is_held_once(w) {
        let fields = hooks::text(&hooks::sid(1), STRANGER, LEASING, "STOP");
        let posts = (0..20).map(|_| {
            let (http, url, fields) = (w.http.clone(), w.hook("message"), fields.clone());
            async move { hooks::post(&http, &url, demo::AUTH_TOKEN, &fields).await.status }
        });
        assert!(at_once(posts).await.iter().all(|status| *status == 200));
        assert_eq!(held(w, "quarantined").await.len(), 1);
        let heard = w.olga.events(0).await.iter().filter(|e| e["type"] == "consent.changed").count();
        assert_eq!(heard, 1, "and the STOP is written down once");
    }

    async fn what_was_applied_or_settled_is_forgotten_after_a_month_and_what_is_held_never(w) {
        w.post_hook("message", &hooks::text(&hooks::sid(1), STRANGER, WEST, "In the inbox")).await.is(200);
        for n in 2..5 {
            to_leasing(w, n, "Hello?").await;
            w.clock.set(w.clock.now() + 1);
        }
        let rows = held(w, "quarantined").await;
        let (stays, dismissed) = (id(&rows[0]), id(&rows[1]));
        w.olga.post(&format!("/inbound/{dismissed}/dismiss"), json!({})).await.is(200);
        days(w, 29).await;
        w.desk().expire().await.unwrap();
        assert_eq!(bodies(w).await, 4);
        w.advance(DAY + MINUTE);
        w.desk().expire().await.unwrap();
        assert_eq!(bodies(w).await, 2, "the applied and the dismissed one are forgotten");
        w.olga.post(&format!("/inbound/{dismissed}/replay"), json!({})).await.refuses(409, "payload_gone");
        assert!(w.olga.get(&format!("/inbound/{dismissed}")).await.is(200)["payload"].is_null());
        w.channel("Leasing line", LEASING, &w.team).await;
        w.olga.post(&format!("/inbound/{stays}/replay"), json!({})).await.is(200);
        w.post_hook("message", &hooks::text(&hooks::sid(9), MAYA, WEST, "Another day")).await.is(200);
        days(w, 31).await;
        w.desk().expire().await.unwrap();
        assert_eq!(bodies(w).await, 1, "what was replayed is forgotten a month after");
    }
}

/// Lets days pass, in which Olga looks in now and then and stays signed in.
async fn days(w: &World, days: i64) {
    for _ in 0..days {
        w.advance(DAY);
        w.olga.get("/me").await.is(200);
    }
}

/// Rows of the journal whose bytes are kept.
async fn bodies(w: &World) -> i64 {
    let workspace = w.workspaces().await[0];
    w.desk().db().read(workspace, |scope| Ok::<_, DeskError>(scope.inbound_bodies()?)).await.unwrap()
}
