//! What must hold after a storm: asked of the API, of the database, and of the carrier's own log of what customers got.

use std::collections::{HashMap, HashSet};

use partyline_carrier::{Carrier, Direction};
use partyline_desk::Desk;
use partyline_store::events::Audit;
use serde_json::Value;

use crate::person::{Person, id};
use crate::visitors::{Acknowledged, Visitors};
use crate::world::CROWD;

/// So many of a hundred replies may end as a person's work: a storm is not that bad, and a program that gives up looks tidy too.
const OPEN_OF_HUNDRED: usize = 10;
/// So many may at any rate: a few replies are no share.
const OPEN_AT_LEAST: usize = 2;

/// The messages of every customer's one conversation, by phone.
async fn inbox(olga: &Person) -> HashMap<String, Vec<Value>> {
    let mut rows = olga.view("all").await;
    rows.extend(olga.view("closed").await);
    let mut inbox = HashMap::new();
    for row in rows {
        let phone = row["contact"]["address"].as_str().unwrap().to_owned();
        let before = inbox.insert(phone, olga.messages(&id(&row)).await);
        assert!(before.is_none(), "one customer, one conversation");
    }
    inbox
}

/// What was acknowledged is there right after the storm, before anything is looked for.
pub async fn acknowledged_is_there(visitors: &Visitors) {
    let inbox = inbox(&visitors.olga).await;
    let there = |phone: &str, text: &str| {
        inbox.get(phone).is_some_and(|m| m.iter().any(|m| m["direction"] == "inbound" && m["text"] == text))
    };
    for (phone, text) in visitors.acknowledged.texts() {
        assert!(there(&phone, &text), "{text:?} of {phone} was acknowledged and is gone");
    }
    for phone in CROWD {
        for text in visitors.carrier.messages_of(phone) {
            let acknowledged = text.direction == Direction::FromPhone && text.webhook_status == Some(200);
            assert!(
                !acknowledged || there(phone, &text.text),
                "{:?} of {phone} was acknowledged and is gone",
                text.text
            );
        }
    }
}

/// Looks at everything.
pub async fn all(desk: &Desk, visitors: &Visitors) {
    let (carrier, olga, acknowledged) = (&visitors.carrier, &visitors.olga, &visitors.acknowledged);
    let mut inbox = inbox(olga).await;
    let by_hand = acknowledged.texts();
    let (mut written, mut arrived, mut open) = (0, 0, 0);
    for phone in CROWD {
        let messages = inbox.remove(phone).unwrap_or_default();
        texts_are_there_once(carrier, phone, &messages, &by_hand);
        let replies: Vec<&Value> = messages.iter().filter(|m| m["direction"] == "outbound").collect();
        let here = replies_left_once(carrier, phone, &replies);
        assert!(here > 0 || replies.is_empty(), "not one of {} replies to {phone} has arrived", replies.len());
        let is_open = |m: &&&Value| matches!(m["delivery"]["status"].as_str(), Some("failed" | "unknown"));
        open += replies.iter().filter(is_open).count();
        (written, arrived) = (written + replies.len(), arrived + here);
    }
    assert!(arrived > 0, "nothing has arrived anywhere");
    let may_be_open = OPEN_AT_LEAST.max(written * OPEN_OF_HUNDRED / 100);
    assert!(open <= may_be_open, "{open} of {written} replies failed or are unknown: no more than {may_be_open} may");
    replies_are_there(olga, acknowledged).await;
    states_moved_forward(olga).await;
    the_log_is_whole(desk).await;
    println!(
        "{} texts by hand and {} replies were acknowledged, {arrived} messages arrived, {open} are a person's work",
        by_hand.len(),
        acknowledged.replies().len()
    );
}

/// Every text is there once: those whose webhook was answered, and those that the next look at the provider's list has found.
fn texts_are_there_once(carrier: &Carrier, phone: &str, messages: &[Value], by_hand: &[(String, String)]) {
    let mut there: HashMap<&str, usize> = HashMap::new();
    for message in messages.iter().filter(|m| m["direction"] == "inbound") {
        *there.entry(message["text"].as_str().unwrap()).or_default() += 1;
    }
    let texted = carrier.messages_of(phone).into_iter().filter(|m| m.direction == Direction::FromPhone).map(|m| m.text);
    let by_hand = by_hand.iter().filter(|(from, _)| from == phone).map(|(_, text)| text.clone());
    for text in texted.chain(by_hand) {
        let times = there.remove(text.as_str()).unwrap_or(0);
        assert_eq!(times, 1, "{text:?} of {phone} is there {times} times");
    }
    // what was sent by hand and not acknowledged may be there, once
    there.retain(|text, times| !(text.starts_with("by hand") && *times == 1));
    assert!(there.is_empty(), "nobody ever sent {there:?}");
}

/// No reply reached the phone twice, all that are said to have left did, and in the order in which they were written.
fn replies_left_once(carrier: &Carrier, phone: &str, replies: &[&Value]) -> usize {
    let mut written = replies.to_vec();
    written.sort_by_key(|m| m["id"].as_str().unwrap().to_owned());
    let arrived: Vec<String> =
        carrier.messages_of(phone).into_iter().filter(|m| m.direction == Direction::ToPhone).map(|m| m.text).collect();
    let mut place = HashMap::new();
    for (n, text) in arrived.iter().enumerate() {
        assert_eq!(place.insert(text.as_str(), n), None, "{text:?} was sent twice to {phone}");
    }
    let mut last = None;
    for message in written {
        let (text, status) = (message["text"].as_str().unwrap(), message["delivery"]["status"].as_str().unwrap());
        let at = place.remove(text);
        match status {
            "sent" | "delivered" => assert!(at.is_some(), "{text:?} is {status} and on no phone"),
            "failed" | "unknown" => assert!(at.is_none() || status == "unknown", "{text:?} is {status} and arrived"),
            other => panic!("{text:?} is still {other}"),
        }
        if let Some(at) = at {
            assert!(last.is_none_or(|before| before < at), "{text:?} overtook an earlier one to {phone}: {arrived:?}");
            last = Some(at);
        }
    }
    assert!(place.is_empty(), "nobody wrote {place:?}");
    arrived.len()
}

async fn replies_are_there(olga: &Person, acknowledged: &Acknowledged) {
    let replies = acknowledged.replies();
    let mut messages = HashMap::new();
    for phone in CROWD {
        let conversation = acknowledged.conversation(phone).unwrap();
        for message in olga.messages(&conversation).await {
            messages.insert(id(&message), message["text"].as_str().unwrap().to_owned());
        }
    }
    for (text, phone, message) in replies {
        assert_eq!(messages.get(&message), Some(&text), "a reply to {phone} was acknowledged and is gone");
    }
    let mut times: HashMap<&String, usize> = HashMap::new();
    for text in messages.values() {
        *times.entry(text).or_default() += 1;
    }
    times.retain(|_, n| *n > 1);
    assert!(times.is_empty(), "one key made several messages: {times:?}");
}

/// As the log tells it: what left comes back to the queue only from `sending` (it never left) or `unknown` (it was looked for), and
/// what has left was recorded before it did.
async fn states_moved_forward(olga: &Person) {
    let mut last: HashMap<String, String> = HashMap::new();
    let mut tried: HashSet<String> = HashSet::new();
    for event in olga.events(0).await {
        let kind = event["type"].as_str().unwrap();
        let Some(state) = kind.strip_prefix("message.").filter(|s| *s != "received") else { continue };
        let message = event["subject_id"].as_str().unwrap().to_owned();
        let before = last.insert(message.clone(), state.to_owned());
        let allowed = match before.as_deref() {
            None => state == "queued",
            // a report may be faster than the look that would have found it, never than the request
            Some("queued") => {
                state != "unknown" && (tried.contains(&message) || !matches!(state, "sent" | "delivered" | "read"))
            }
            Some("sending") => !matches!(state, "cancelled" | "sending"),
            Some("unknown") => state != "sending",
            Some("sent") => matches!(state, "delivered" | "failed"),
            Some("failed") => state == "delivered",
            Some(_) => false,
        };
        if state == "sending" {
            tried.insert(message.clone());
        }
        assert!(allowed, "{message} went from {before:?} to {state} at {}", event["seq"]);
    }
}

async fn the_log_is_whole(desk: &Desk) {
    desk.seal().await.unwrap();
    let workspaces = desk.db().read_root(|root| root.workspaces()).await.unwrap();
    for (workspace, _, _) in workspaces {
        let audit = desk.audit(workspace).await.unwrap();
        assert!(matches!(audit, Audit::Whole { .. }), "{audit:?}");
        let wrong = desk.db().read(workspace, |scope| scope.wrong_tallies()).await.unwrap();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
