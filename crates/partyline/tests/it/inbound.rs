//! A text comes in.

use std::time::Duration;

use partyline_carrier::{Faults, Switch};
use partyline_core::time::DAY;
use partyline_store::StoreError;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::engine::behaviours;
use crate::hooks;
use crate::person::id;
use crate::world::{MAYA, STRANGER, WEST, World, at_once};

/// Bytes of the longest body that a webhook may have.
const LONGEST: usize = 1024 * 1024;

/// Begins a webhook by hand, with all of its head and nothing of its body.
async fn begin(w: &World, headers: &str) -> TcpStream {
    let (url, host) = (w.hook("message"), w.base.trim_start_matches("http://"));
    let path = url.trim_start_matches(&w.base);
    let mut line = TcpStream::connect(host).await.unwrap();
    let form = "Content-Type: application/x-www-form-urlencoded";
    let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\n{form}\r\n{headers}Content-Length: {LONGEST}\r\n\r\n");
    line.write_all(head.as_bytes()).await.unwrap();
    line
}

/// Webhooks that were not believed, as an admin sees it.
async fn refused(w: &World) -> i64 {
    w.olga.get(&format!("/connections/{}", w.connection)).await.is(200)["signature_failures"].as_i64().unwrap()
}

behaviours! {
    async fn a_text_begins_a_conversation_that_is_nobodys_unread_and_waiting(w) {
        let conversation = w.text(MAYA, "Is my order ready?").await;
        let unassigned = w.olga.view("unassigned").await;
        assert_eq!(unassigned.len(), 1);
        assert_eq!(unassigned[0]["id"], conversation["id"]);
        assert_eq!(conversation["status"], "open");
        assert_eq!(conversation["unread"], true);
        assert_eq!(conversation["team_id"], w.team);
        assert_eq!(conversation["assignee_ids"], json!([]));
        assert_eq!(conversation["preview"], "Is my order ready?");
        assert_eq!(conversation["contact"]["address"], MAYA);
        assert_eq!(conversation["participants"], json!([MAYA]));
        assert!(conversation["waiting_since"].is_string());
        let messages = w.olga.messages(&id(&conversation)).await;
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0]["direction"], "inbound");
        assert_eq!(messages[0]["text"], "Is my order ready?");
        assert_eq!(messages[0]["author"]["kind"], "contact");
        assert_eq!(messages[0]["delivery"], Value::Null);
        let counts = &w.olga.get("/me").await.is(200)["counts"]["unassigned"];
        assert_eq!(*counts, json!({ "total": 1, "unread": 1 }));
    }

    async fn texts_of_one_instant_from_a_new_number_make_one_conversation_and_each_is_there_once(w) {
        let url = w.hook("message");
        let posts = (0..32u32).map(|n| {
            let (http, url) = (w.http.clone(), url.clone());
            let fields = hooks::text(&hooks::sid(n % 8), STRANGER, WEST, &format!("text {}", n % 8));
            async move { hooks::post(&http, &url, partyline_carrier::demo::AUTH_TOKEN, &fields).await.status }
        });
        assert!(at_once(posts).await.iter().all(|status| *status == 200));
        let conversations = w.olga.view("all").await;
        assert_eq!(conversations.len(), 1);
        let mut texts: Vec<String> =
            w.olga.messages(&id(&conversations[0])).await.iter().map(|m| m["text"].as_str().unwrap().to_owned()).collect();
        texts.sort();
        assert_eq!(texts, (0..8).map(|n| format!("text {n}")).collect::<Vec<_>>());
    }

    async fn the_same_message_again_is_answered_200_and_stored_once(w) {
        let fields = hooks::text(&hooks::sid(1), STRANGER, WEST, "Hello?");
        let first = w.post_hook("message", &fields).await;
        assert_eq!(first.status, 200);
        let seq = w.olga.seq().await;
        let second = w.post_hook("message", &fields).await;
        assert_eq!((second.status, &second.body), (200, &first.body));
        assert_eq!(w.olga.seq().await, seq, "a repetition leaves no trace in the log");
        assert_eq!(w.olga.messages(&id(&w.conversation_with(STRANGER).await)).await.len(), 1);
    }

    async fn a_webhook_that_comes_twice_is_one_text(w) {
        w.faults(&Faults { duplicate_webhooks: Switch::Always(true), ..Faults::default() });
        let conversation = w.text(MAYA, "Once, please").await;
        w.until("the webhook came twice", async || {
            let wire = w.wire().await;
            (wire.iter().filter(|l| l["about"] == "inbound" && l["status"] == 200).count() == 2).then_some(())
        })
        .await;
        assert_eq!(w.olga.messages(&id(&conversation)).await.len(), 1);
    }

    async fn a_wrong_signature_is_403_and_leaves_nothing_but_a_counter(w) {
        let seq = w.olga.seq().await;
        let fields = hooks::text(&hooks::sid(1), STRANGER, WEST, "Believe me");
        let answer = hooks::post(&w.http, &w.hook("message"), "another token", &fields).await;
        assert_eq!(answer.status, 403);
        let unsigned = w.http.post(w.hook("message")).form(&fields).send().await.unwrap();
        assert_eq!(unsigned.status(), 403);
        assert_eq!(w.olga.seq().await, seq);
        assert_eq!(w.olga.view("all").await, Vec::<Value>::new());
        assert_eq!(w.quarantined().await, Vec::<String>::new());
        w.until("both are counted", async || (refused(w).await == 2).then_some(())).await;
    }

    async fn a_flood_of_wrong_signatures_waits_for_no_writer_and_each_is_counted(w) {
        // the writer that claims jobs and signs people in has something else to do
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let (desk, now) = (w.desk(), w.clock.now());
        let busy = tokio::spawn(async move {
            desk.db().machinery(now, move |_| { let _ = wait.recv(); Ok::<_, StoreError>(()) }).await
        });
        let url = w.hook("message");
        let posts = (0..200u32).map(|n| {
            let (http, url) = (w.http.clone(), url.clone());
            let fields = hooks::text(&hooks::sid(n), STRANGER, WEST, "Believe me");
            async move { hooks::post(&http, &url, "another token", &fields).await.status }
        });
        let answers = tokio::time::timeout(Duration::from_secs(5), at_once(posts)).await;
        go.send(()).unwrap();
        busy.await.unwrap().unwrap();
        assert!(answers.expect("nobody waits").iter().all(|status| *status == 403));
        w.until("each is counted", async || (refused(w).await == 200).then_some(())).await;
        // and a genuine one is taken as ever
        w.post_hook("message", &hooks::text(&hooks::sid(1), STRANGER, WEST, "Hello?")).await.is(200);
    }

    async fn a_text_to_a_number_without_a_channel_is_kept_for_an_admin(w) {
        let fields = hooks::text(&hooks::sid(1), STRANGER, "+14155550188", "Is this Leasing?");
        assert_eq!(w.post_hook("message", &fields).await.status, 200);
        assert_eq!(w.quarantined().await, ["+14155550188 has no channel yet"]);
        assert_eq!(w.olga.view("all").await, Vec::<Value>::new());
        let events = w.olga.events(0).await;
        assert_eq!(events.last().unwrap()["type"], "inbound.quarantined");
    }

    async fn a_body_that_nobody_understands_is_kept_for_an_admin(w) {
        let account = ("AccountSid".to_owned(), partyline_carrier::demo::ACCOUNT_SID.to_owned());
        let garbage = vec![account, ("Nothing".to_owned(), "of use \u{1F916}".to_owned())];
        assert_eq!(w.post_hook("message", &garbage).await.status, 200);
        assert_eq!(w.quarantined().await.len(), 1);
        assert_eq!(w.olga.view("all").await, Vec::<Value>::new());
    }

    async fn a_body_that_is_too_large_is_413(w) {
        let fields = hooks::text(&hooks::sid(1), STRANGER, WEST, &"x".repeat(1024 * 1024));
        assert_eq!(w.post_hook("message", &fields).await.status, 413);
        assert_eq!(w.olga.view("all").await, Vec::<Value>::new());
    }

    async fn who_sends_slowly_keeps_no_webhook_out(w) {
        // all but the last byte, with a signature that is not looked at before that
        let mut slow = Vec::new();
        let mut large = hooks::text(&hooks::sid(1), STRANGER, WEST, "Hello?");
        large.push(("Padding".to_owned(), "x".repeat(LONGEST - 4_096)));
        // as many as fit, until there is no room for a large one
        while slow.len() < 16 || w.post_hook("message", &large).await.status != 503 {
            assert!(slow.len() < 200, "there is room for all of them");
            let mut line = begin(w, "X-Twilio-Signature: AAAA\r\n").await;
            // one that does not fit is hung up
            let _ = line.write_all(&vec![b'x'; LONGEST - 1]).await;
            slow.push(line);
        }
        w.post_hook("message", &hooks::text(&hooks::sid(2), STRANGER, WEST, "Hello?")).await.is(200);
        assert_eq!(w.olga.messages(&id(&w.conversation_with(STRANGER).await)).await.len(), 1);
        // without a signature nobody waits for the body
        let mut unsigned = begin(w, "").await;
        let mut answer = [0; 12];
        unsigned.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 403");
        drop(slow);
    }

    async fn a_webhook_for_nobody_is_404(w) {
        for path in ["twilio/conn_01h455vb4pex5vsknk084sn02q/message", "twilio/nonsense/message", "nobody/x/message"] {
            let url = format!("{}/hooks/{path}", w.base);
            let fields = hooks::text(&hooks::sid(1), STRANGER, WEST, "Hello?");
            assert_eq!(hooks::post(&w.http, &url, partyline_carrier::demo::AUTH_TOKEN, &fields).await.status, 404, "{path}");
        }
        let url = w.hook("nonsense");
        assert_eq!(hooks::post(&w.http, &url, partyline_carrier::demo::AUTH_TOKEN, &Vec::new()).await.status, 404);
    }

    async fn texts_with_any_characters_come_through_as_they_are(w) {
        let texts = ["\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} ok?", "a\nb\tc", " leading and trailing ", "'; DROP TABLE entries; --", "a+b=c&d%20e", "\u{202E}right to left"];
        for (n, text) in (0u32..).zip(texts) {
            assert_eq!(w.post_hook("message", &hooks::text(&hooks::sid(n), STRANGER, WEST, text)).await.status, 200);
        }
        let messages = w.olga.messages(&id(&w.conversation_with(STRANGER).await)).await;
        let came: Vec<&str> = messages.iter().map(|m| m["text"].as_str().unwrap()).collect();
        assert_eq!(came, texts);
    }

    async fn a_text_within_three_days_of_closing_reopens_for_the_one_who_had_it_and_later_begins_anew(w) {
        let ana = w.person("Ana", "agent", &[&w.team]).await;
        let first = id(&w.text(MAYA, "Hello").await);
        let sent = id(&ana.reply(&first, "Hi Maya").await.is(202));
        w.delivery(&first, &sent, "delivered").await;
        ana.patch(&format!("/conversations/{first}"), json!({ "status": "closed" })).await.is(200);
        assert_eq!(ana.view("closed").await.len(), 1);
        w.advance(2 * DAY);
        let again = w.text(MAYA, "One more thing").await;
        assert_eq!(again["id"], first);
        assert_eq!((&again["status"], &again["unread"]), (&json!("open"), &json!(true)));
        assert_eq!(again["assignee_ids"], json!([ana.id]), "it goes back to the one who had it");
        assert!(again["waiting_since"].is_string());
        let lines: Vec<Value> = w.olga.entries(&first).await.into_iter().filter(|e| e["event"] == "conversation.reopened").collect();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["data"], json!({ "reason": "inbound" }));
        ana.patch(&format!("/conversations/{first}"), json!({ "status": "closed" })).await.is(200);
        w.advance(3 * DAY + 1);
        let anew = w.text(MAYA, "Hello again").await;
        assert_ne!(anew["id"], first);
        assert_eq!(anew["assignee_ids"], json!([]));
    }
}
