//! Jobs that were given up: listed, tried again, or forgotten where nobody waits for them.

use bytes::Bytes;
use partyline_carrier::Picture;
use partyline_core::time::MINUTE;
use serde_json::json;

use crate::engine::behaviours;
use crate::killed::program;
use crate::media::{PNG, fetched};
use crate::person::id;
use crate::world::{MAYA, WEST, World};

/// What the command says, and whether it went well. On a thread that may block, while the world goes on.
async fn jobs(w: &World, act: &[&str]) -> (bool, String) {
    let act = [&["jobs"], act].concat();
    let output = tokio::task::block_in_place(|| program(&w.place, &act).output().unwrap());
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), said)
}

behaviours! {
    async fn a_file_that_was_given_up_is_fetched_when_it_is_tried_again(w) {
        assert_eq!(jobs(w, &[]).await, (true, "Nothing was given up.\n".to_owned()));
        w.road.hold_answers();
        w.carrier.text(MAYA, WEST, "Look", vec![Picture { bytes: Bytes::from_static(PNG) }]).unwrap();
        let conversation = id(&w.until("it came", async || w.olga.view("all").await.pop()).await);
        w.kill();
        w.road.let_answers_through();
        let db = w.desk().db().clone();
        db.tamper("UPDATE jobs SET state = 'dead', last_error = 'broken' WHERE kind = 'fetch'", false).await.unwrap();
        db.tamper("UPDATE attachments SET state = 'failed', error = 'internal'", false).await.unwrap();
        let (_, said) = jobs(w, &[]).await;
        assert!(said.contains("  fetch  due ") && said.contains(": broken"), "{said}");
        let doctor = tokio::task::block_in_place(|| program(&w.place, &["doctor"]).output().unwrap());
        assert!(String::from_utf8_lossy(&doctor.stdout).contains("`partyline jobs` says which and why"));
        let (went_well, said) = jobs(w, &["retry", "9-9-9"]).await;
        assert!(!went_well && said.contains("no job 9-9-9 was given up"), "{said}");

        db.tamper("UPDATE jobs SET kind = 'of the future' WHERE kind = 'fetch'", false).await.unwrap();
        for act in ["retry", "forget"] {
            let (went_well, said) = jobs(w, &[act, "all"]).await;
            assert!(!went_well && said.contains("does not know what it is for"), "{said}");
        }
        db.tamper("UPDATE jobs SET kind = 'fetch' WHERE kind = 'of the future'", false).await.unwrap();

        let (_, said) = jobs(w, &[]).await;
        let (went_well, said) = jobs(w, &["retry", said.split_whitespace().next().unwrap()]).await;
        assert!(went_well && said.starts_with("1 tried again"), "{said}");
        w.start().await;
        w.advance(MINUTE);
        fetched(w, &conversation).await;
        assert_eq!(jobs(w, &[]).await.1, "Nothing was given up.\n");
    }

    async fn a_text_that_was_given_up_and_has_not_left_is_never_forgotten(w) {
        let conversation = id(&w.text(MAYA, "Hello").await);
        let path = format!("/conversations/{conversation}/messages");
        let sent = id(&w.olga.post(&path, json!({ "text": "Once", "undo_seconds": 30 })).await.is(202));
        let db = w.desk().db().clone();
        db.tamper("UPDATE jobs SET state = 'dead', payload = '{}' WHERE kind = 'deliver'", false).await.unwrap();
        let (went_well, said) = jobs(w, &["forget", "all"]).await;
        assert!(!went_well && said.contains("has not left") && said.contains("0 forgotten, 1 left"), "{said}");
        assert!(jobs(w, &["retry", "all"]).await.0);
        // nobody can read what it was to do, so its message comes back to a person
        w.advance(MINUTE);
        let message = w.delivery(&conversation, &sent, "failed").await;
        assert_eq!(message["delivery"]["error"]["code"], "internal");
        assert_eq!((w.jobs().await, jobs(w, &[]).await.1.as_str()), (0, "Nothing was given up.\n"));
        w.olga.post(&format!("/messages/{sent}/retry"), json!({})).await.is(202);
        w.delivery(&conversation, &sent, "delivered").await;

        // nobody waits for these: the event is no message's, and what is to be played again is held still
        let (workspace, later) = (w.workspaces().await[0], w.clock.now() + MINUTE);
        let added = db.write(workspace, w.clock.now(), move |tx| {
            tx.add_job(1, "deliver", None, "{}", later)?;
            tx.add_job(1, "replay", None, "{}", later)
        });
        added.await.unwrap();
        db.tamper("UPDATE jobs SET state = 'dead'", false).await.unwrap();
        let (went_well, said) = jobs(w, &["forget", "all"]).await;
        assert!(went_well && said.starts_with("2 forgotten"), "{said}");
        assert_eq!(jobs(w, &[]).await.1, "Nothing was given up.\n");
        assert_eq!(w.on_phone(MAYA), ["Once"]);
    }
}
