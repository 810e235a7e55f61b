//! The doctor says what is wrong, and how to mend it.

use std::process::Output;

use serde_json::{Value, json};

use crate::engine::{Engine, Place, behaviours};
use crate::killed::program;
use crate::world::{MAYA, World};

fn doctor(place: &Place, more: &[&str]) -> (Output, Value) {
    let output = program(place, &[&["doctor", "--json"], more].concat()).output().unwrap();
    let said = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    });
    (output, said)
}

fn of<'a>(said: &'a Value, check: &str) -> Vec<&'a Value> {
    said["findings"].as_array().unwrap().iter().filter(|f| f["check"] == check).collect()
}

#[track_caller]
fn is(said: &Value, check: &str, state: &str, words: &str) {
    let found = of(said, check);
    let there = found.iter().any(|f| f["state"] == state && f["detail"].as_str().unwrap().contains(words));
    assert!(there, "{check} is not {state} with {words:?}: {said:#}");
    assert!(found.iter().all(|f| f["state"] == "ok" || f["mend"].is_string()), "each fault says how to mend it");
}

/// Looks from a thread that may block, while the world goes on.
async fn look(world: &World, more: &'static [&'static str]) -> (Output, Value) {
    tokio::task::block_in_place(|| doctor(&world.place, more))
}

behaviours! {
    async fn what_is_well_is_said_and_what_is_not_says_how_to_mend_it(w) {
        w.text(MAYA, "Hello").await;
        let (output, said) = look(w, &[]).await;
        for check in ["database", "schema", "key", "record", "counts", "jobs", "held", "storage", "provider"] {
            is(&said, check, "ok", "");
        }
        is(&said, "option", "ok", "--data-dir");
        is(&said, "clock", "ok", "");
        // the number reports to the server of this proof, not to the one that the doctor has been told of
        is(&said, "webhook", "fault", "reports to 127.0.0.1 and not here");
        assert_eq!(output.status.code(), Some(1));

        w.desk().db().tamper("UPDATE tallies SET n = n + 3", false).await.unwrap();
        let (_, said) = look(w, &[]).await;
        is(&said, "counts", "fault", "are not what counting gives");
        let (_, said) = look(w, &["--repair"]).await;
        is(&said, "counts", "notice", "are mended");
        let (_, said) = look(w, &[]).await;
        is(&said, "counts", "ok", "");
        // another process wrote it: the next thing that happens here brings it along
        w.text(MAYA, "Hello again").await;
        let log = w.olga.events(0).await;
        let told = |e: &Value| e["type"] == "workspace.updated" && e.to_string().contains("counters_mended");
        assert_eq!(log.iter().filter(|e| told(e)).count(), 1, "{log:#?}");

        w.road.cut().await;
        let (_, said) = look(w, &[]).await;
        is(&said, "provider", "fault", "");
        w.road.mend().await;
    }
}

behaviours! {
    async fn what_can_t_be_looked_at_is_a_fault_and_hides_nothing_else(w) {
        w.desk().db().tamper("ALTER TABLE tallies RENAME TO elsewhere", false).await.unwrap();
        let (output, said) = look(w, &[]).await;
        w.desk().db().tamper("ALTER TABLE elsewhere RENAME TO tallies", false).await.unwrap();
        is(&said, "counts", "fault", "can't be checked");
        for check in ["database", "schema", "key", "record", "jobs", "held", "storage", "provider"] {
            is(&said, check, "ok", "");
        }
        is(&said, "server", "notice", "");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn before_the_first_start_there_is_nothing_to_mend() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let place = engine.place();
        let (output, said) = doctor(&place, &[]);
        assert_eq!((output.status.code(), &said["faults"]), (Some(0), &json!(0)), "{said:#}");
        assert!(!place.folder.path().join("secret.key").exists(), "looking makes nothing");
    }
}

#[test]
fn a_wrong_key_and_a_missing_database_are_faults() {
    let place = Engine::Sqlite.place();
    assert!(program(&place, &["migrate"]).output().unwrap().status.success());
    let key = place.folder.path().join("secret.key");
    let right = std::fs::read(&key).unwrap();
    std::fs::write(&key, format!("{}\n", "ef".repeat(32))).unwrap();
    is(&doctor(&place, &[]).1, "key", "fault", "is not the key of this database");
    std::fs::remove_file(&key).unwrap();
    is(&doctor(&place, &[]).1, "key", "fault", "is missing");
    std::fs::write(&key, right).unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&key, open).unwrap();
    is(&doctor(&place, &[]).1, "key", "fault", "can be read by others");
    // one that systemd hands over shows the rights of this service's own user as those of its group
    let mut handed_over = program(&place, &["doctor", "--json"]);
    let output = handed_over.env("CREDENTIALS_DIRECTORY", place.folder.path()).output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(of(&said, "key").iter().all(|f| f["state"] == "ok"), "{said:#}");
    let nowhere = Place::elsewhere("postgres://nobody@127.0.0.1:1/nothing");
    is(&doctor(&nowhere, &[]).1, "database", "fault", "");
}
