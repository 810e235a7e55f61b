//! What must hold at the end of every proof, whatever it did.

use partyline_core::conversation::preview;
use partyline_store::events::Audit;
use serde_json::Value;

use crate::person::Person;
use crate::world::World;

/// Looks at everything.
pub async fn all(world: &World) {
    nothing_is_left_sending(world).await;
    log_is_whole(world).await;
    live_told_what_the_log_says(world).await;
    counts_are_right(world).await;
    provider_understood_everything(world).await;
}

/// No gaps in the log, on any workspace, and its seal fits.
async fn log_is_whole(world: &World) {
    let desk = world.desk();
    desk.seal().await.unwrap();
    for workspace in world.workspaces().await {
        match desk.audit(workspace).await.unwrap() {
            Audit::Whole { .. } => {}
            other => panic!("{other:?}"),
        }
        let wrong = desk.db().read(workspace, |scope| scope.wrong_tallies()).await.unwrap();
        assert!(wrong.is_empty(), "counters that are not what they would be if counted anew: {wrong:#?}");
    }
}

/// What an event is, apart from its data, which shows the present.
pub fn facts(event: &Value) -> Value {
    let mut facts = event.clone();
    facts.as_object_mut().unwrap().remove("data");
    facts
}

/// The frames follow each other without a gap or an overlap.
pub fn is_contiguous(frames: &[Value]) {
    for pair in frames.windows(2) {
        assert_eq!(pair[0]["seq"], pair[1]["after"], "a frame does not begin where the one before it ended");
    }
}

async fn live_told_what_the_log_says(world: &World) {
    let Some(watch) = world.take_watch() else { return };
    let seq = world.olga.seq().await;
    watch.reaches(seq).await;
    let frames = watch.event_frames();
    assert_eq!(frames[0]["after"], 0);
    is_contiguous(&frames);
    let heard: Vec<Value> = watch.events().iter().map(facts).filter(|e| e["seq"].as_i64().unwrap() <= seq).collect();
    let mut log: Vec<Value> = world.olga.events(0).await.iter().map(facts).collect();
    log.retain(|e| e["seq"].as_i64().unwrap() <= seq);
    assert_eq!(heard, log, "the socket and the log tell different stories");
    let seqs: Vec<i64> = log.iter().map(|e| e["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, (1..=seq).collect::<Vec<_>>(), "who sees everything sees every seq");
}

/// What the badges say is what the lists show, for everybody.
async fn counts_are_right(world: &World) {
    for person in world.people() {
        world.until(&format!("{}'s lists hold still", person.name), async || counts_of(&person).await).await;
    }
}

async fn counts_of(person: &Person) -> Option<()> {
    let me = person.get("/me").await.is(200);
    let mut differ = Vec::new();
    for view in ["unassigned", "mine", "all", "closed", "snoozed"] {
        let rows = person.view(view).await;
        let unread = rows.iter().filter(|c| c["unread"] == true && !matches!(view, "closed" | "snoozed")).count();
        let counted = serde_json::json!({ "total": rows.len(), "unread": unread });
        if me["counts"][view] != counted {
            differ.push(format!("{}'s {view} are counted {} and listed {counted}", person.name, me["counts"][view]));
        }
    }
    if person.get("/me").await.is(200)["seq"] != me["seq"] {
        return None;
    }
    assert!(differ.is_empty(), "{differ:#?}");
    Some(())
}

/// What a list says of a conversation is what its timeline ends with; the past that is brought into an open one changes neither.
pub async fn lists_show_the_newest(world: &World) {
    for conversation in world.olga.view("all").await {
        let mut messages = world.olga.messages(conversation["id"].as_str().unwrap()).await;
        messages.retain(|m| m["imported"] != true);
        let Some(newest) = messages.last() else { continue };
        let text = preview(newest["text"].as_str().unwrap_or_default());
        let listed = (&conversation["preview"], &conversation["last_message"]["direction"]);
        assert_eq!(listed, (&Value::from(text), &newest["direction"]), "{conversation:#}");
    }
}

/// What is on its way arrives somewhere.
async fn nothing_is_left_sending(world: &World) {
    world
        .until("nothing is left sending", async || {
            for conversation in world.olga.view("all").await {
                let messages = world.olga.messages(conversation["id"].as_str().unwrap()).await;
                if messages.iter().any(|m| m["delivery"]["status"] == "sending") {
                    return None;
                }
            }
            Some(())
        })
        .await;
}

/// Every parameter is one that the provider's API names, and every text says from whom it is and where its receipts go.
async fn provider_understood_everything(world: &World) {
    for line in world.wire().await {
        assert_eq!(line["unknown_parameters"], serde_json::json!([]), "{line}");
        if line["about"] == "send" {
            let form: Vec<(String, String)> =
                url::form_urlencoded::parse(line["request_body"].as_str().unwrap().as_bytes()).into_owned().collect();
            let has = |name: &str| form.iter().any(|(n, v)| n == name && !v.is_empty());
            assert!(has("From") && has("To") && has("StatusCallback"), "{form:?}");
        }
    }
}
