//! A backup is taken while texts come in, and restored on either engine: what was acknowledged before it is there, once.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use partyline_carrier::{Direction, Faults, demo};
use partyline_core::time::SECOND;
use partyline_desk::Clock;
use reqwest::{Client, multipart};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::engine::{Engine, Place};
use crate::hooks;
use crate::killed::{Program, audit_says_whole, program, serve};
use crate::person::{Answer, PASSWORD, Person, id};
use crate::world::{DANA, MAYA, WEST, WREN, carrier, credentials, fast, node, run, until};

/// Texts that must have been acknowledged before the backup begins.
const BEFORE: usize = 60;
/// Between two texts: fifty a second.
const PACE: Duration = Duration::from_millis(20);
/// How long a reply is held before it leaves.
const UNDO: u32 = 5;
/// One white point.
const PICTURE: &[u8] = include_bytes!(
    "../../../store/tests/fixtures/versions/1.files/1/cd/cdb30873bdf16770bfea1fe86e44db7476e504c2dca1542b0660b20f47f523a7"
);

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn done(output: &Output) -> String {
    let said = said(output);
    assert!(output.status.success(), "{said}");
    said
}

#[track_caller]
fn refused(output: &Output, words: &str) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(words), "{words:?} is not in: {said}");
}

fn backup(place: &Place, file: &Path) -> Output {
    program(place, &["backup", file.to_str().unwrap()]).output().unwrap()
}

fn restore(place: &Place, file: &Path, more: &[&str]) -> Output {
    program(place, &[&["restore", file.to_str().unwrap()], more].concat()).output().unwrap()
}

fn bring_key(from: &Place, to: &Place) {
    std::fs::copy(from.folder.path().join("secret.key"), to.folder.path().join("secret.key")).unwrap();
}

async fn stop(mut running: Program) {
    let pid = running.0.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(running.0.wait().unwrap().code(), Some(0));
}

fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

async fn set_up(http: &Client, base: &str, provider: &str) -> (Person, String) {
    let setup =
        json!({ "workspace_name": "Harbor & Pine", "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
    let olga = Person::enter(http, base, "/setup", &setup).await;
    let connection =
        json!({ "provider": "twilio", "name": "Twilio", "credentials": credentials(), "api_base_url": provider });
    let connection = id(&olga.post("/connections", connection).await.is(201));
    let channel = json!({ "kind": "sms", "name": "West", "address": WEST, "connection_id": connection, "set_webhooks": true, "rate": fast() });
    olga.post("/channels", channel).await.is(201);
    (olga, format!("{base}/hooks/twilio/{connection}/message"))
}

async fn text(http: &Client, hook: &str, n: u32, phone: &str, text: &str) -> Answer {
    hooks::post(http, hook, demo::AUTH_TOKEN, &hooks::text(&hooks::sid(n), phone, WEST, text)).await
}

async fn conversation_with(person: &Person, phone: &str) -> String {
    let rows = person.view("all").await;
    id(rows.iter().find(|c| c["contact"]["address"] == phone).unwrap())
}

async fn texts_of(person: &Person, phone: &str) -> Vec<String> {
    let messages = person.messages(&conversation_with(person, phone).await).await;
    let texts = messages.iter().filter(|m| m["direction"] == "inbound");
    texts.map(|m| m["text"].as_str().unwrap().to_owned()).collect()
}

async fn moves_whole(from: Engine, to: Engine) {
    let (old, new) = (from.place(), to.place());
    let cancelled = CancellationToken::new();
    let (carrier, road, _) = carrier(&cancelled).await;
    let http = Client::builder().no_proxy().build().unwrap();
    let listen = free_address();
    let base = format!("http://{listen}");
    let running = serve(&old, &listen, &http).await;
    let (olga, hook) = set_up(&http, &base, &road.url()).await;
    for (n, phone) in [(1_001, MAYA), (1_002, WREN), (1_003, DANA)] {
        assert_eq!(text(&http, &hook, n, phone, "hello").await.status, 200);
    }
    let (maya, wren) = (conversation_with(&olga, MAYA).await, conversation_with(&olga, WREN).await);
    let form = multipart::Form::new().part("file", multipart::Part::bytes(PICTURE).file_name("door.png"));
    let file = olga.ask(olga.request(reqwest::Method::POST, "/attachments").multipart(form)).await;
    let file = id(&file.is(201));
    let path = format!("/conversations/{maya}/messages");
    let picture = id(&olga.post(&path, json!({ "text": "The door", "attachment_ids": [file] })).await.is(202));
    until("the picture is delivered", async || {
        (olga.message(&maya, &picture).await["delivery"]["status"] == "delivered").then_some(())
    })
    .await;
    let later = (Clock::System.now() + 3_600 * SECOND).to_string();
    let later = id(&olga.post(&path, json!({ "text": "Later", "send_at": later })).await.is(202));

    // fifty texts a second, as long as it takes
    let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
    let enough = Arc::new(AtomicBool::new(false));
    let load = tokio::spawn({
        let (acknowledged, enough, http, hook) = (acknowledged.clone(), enough.clone(), http.clone(), hook.clone());
        async move {
            let (mut pace, mut n) = (tokio::time::interval(PACE), 0u32);
            while !enough.load(Ordering::SeqCst) {
                pace.tick().await;
                n += 1;
                let said = format!("text {n}");
                if text(&http, &hook, n, DANA, &said).await.status == 200 {
                    acknowledged.lock().unwrap().push(said);
                }
            }
        }
    });
    let count = || acknowledged.lock().unwrap().len();
    until("texts come in", async || (count() >= BEFORE).then_some(())).await;
    // two that wait when the backup is taken: one leaves from the old server afterwards, the other never does
    let leaves = id(&olga.post(&path, json!({ "text": "Left after all", "undo_seconds": UNDO })).await.is(202));
    let other = format!("/conversations/{wren}/messages");
    let stays = id(&olga.post(&other, json!({ "text": "Never left", "undo_seconds": 30 })).await.is(202));
    let before = acknowledged.lock().unwrap().clone();
    let archive = old.folder.path().join("inbox.partyline");
    let (saved, place) = tokio::task::spawn_blocking({
        let archive = archive.clone();
        move || (backup(&old, &archive), old)
    })
    .await
    .unwrap();
    let old = place;
    let words = done(&saved);
    assert!(words.contains("Harbor & Pine") && words.contains("secret key is not in it"), "{words}");
    let seen = count();
    until("texts still come in", async || (count() > seen + 10).then_some(())).await;
    enough.store(true, Ordering::SeqCst);
    load.await.unwrap();
    let on_phone = |phone: &str, said: &str| {
        let messages = carrier.messages_of(phone);
        messages.iter().filter(|m| m.direction == Direction::ToPhone && m.text == said).count()
    };
    until("the old server sends it", async || (on_phone(MAYA, "Left after all") == 1).then_some(())).await;
    stop(running).await;

    bring_key(&old, &new);
    let words = done(&restore(&new, &archive, &[]));
    assert!(words.contains("the record is whole") && words.contains("2 texts were on their way"), "{words}");
    audit_says_whole(&new);
    refused(&restore(&new, &archive, &[]), "the database is not empty");

    carrier.set_faults(&Faults { down_s: 3_600, ..Faults::default() });
    // the world goes on at a later time, so that looks at the provider need not be waited for
    let clock = Clock::manual(Clock::System.now() + 60 * SECOND);
    let listener = until("the address is free", async || std::net::TcpListener::bind(&listen).ok()).await;
    let running = node(&new, listener, &clock).await;
    assert_eq!(olga.get("/me").await.status, 401, "a session of the old server is over");
    let olga = Person::sign_in(&http, &base, "olga@example.com").await;
    let there = texts_of(&olga, DANA).await;
    for said in &before {
        assert_eq!(there.iter().filter(|t| *t == said).count(), 1, "{said}");
    }
    let bytes = olga.request(reqwest::Method::GET, &format!("/attachments/{file}")).send().await.unwrap();
    assert_eq!(bytes.bytes().await.unwrap(), PICTURE);
    // nobody sends again what is still looked for
    let refused = olga.post(&format!("/messages/{stays}/retry"), json!({})).await;
    refused.refuses(409, "still_asking");
    carrier.set_faults(&Faults::default());
    until("it is found at the provider", async || {
        clock.set(clock.now() + 5 * SECOND);
        running.desk.db().jobs_added().notify_waiters();
        (olga.message(&maya, &leaves).await["delivery"]["provider_id"].is_string()).then_some(())
    })
    .await;
    until("nothing is looked for any more", async || {
        clock.set(clock.now() + 5 * SECOND);
        running.desk.db().jobs_added().notify_waiters();
        let left = running.desk.db().read_root(|root| root.jobs_waiting()).await.unwrap();
        (left == 1).then_some(())
    })
    .await;
    let held = &olga.message(&wren, &stays).await["delivery"];
    assert_eq!(held["status"], "unknown", "{held}");
    assert_eq!(held["error"]["code"], "restored", "{held}");
    assert_eq!(olga.message(&maya, &later).await["delivery"]["status"], "scheduled");
    assert_eq!((on_phone(MAYA, "Left after all"), on_phone(WREN, "Never left"), on_phone(MAYA, "Later")), (1, 0, 0));
    // a person decides, and it leaves once
    olga.post(&format!("/messages/{stays}/retry"), json!({})).await.is(202);
    until("it is sent", async || (on_phone(WREN, "Never left") == 1).then_some(())).await;
    // and the inbox lives
    assert_eq!(text(&http, &hook, 900_000, MAYA, "Are you still there?").await.status, 200);
    for workspace in running.desk.db().read_root(|root| root.workspaces()).await.unwrap() {
        let wrong = running.desk.db().read(workspace.0, |scope| scope.wrong_tallies()).await.unwrap();
        assert_eq!(wrong, Vec::<String>::new());
    }
    running.kill();
    drop(running);
    audit_says_whole(&new);
    cancelled.cancel();
}

mod what_was_acknowledged_before_a_backup_is_there_once_after_it_is_restored {
    use super::*;

    #[test]
    fn from_sqlite_to_postgres() {
        run(moves_whole(Engine::Sqlite, Engine::Postgres));
    }

    #[test]
    fn from_postgres_to_sqlite() {
        run(moves_whole(Engine::Postgres, Engine::Sqlite));
    }

    #[test]
    fn from_sqlite_to_sqlite() {
        run(moves_whole(Engine::Sqlite, Engine::Sqlite));
    }
}

/// A stopped inbox with one text that waits, its backup, and how many texts are on the customer's phone.
struct Kept {
    old: Place,
    archive: PathBuf,
}

async fn kept(engine: Engine, provider: &str, waiting: bool) -> Kept {
    let old = engine.place();
    let http = Client::builder().no_proxy().build().unwrap();
    let listen = free_address();
    let running = serve(&old, &listen, &http).await;
    let (olga, hook) = set_up(&http, &format!("http://{listen}"), provider).await;
    assert_eq!(text(&http, &hook, 1, MAYA, "hello").await.status, 200);
    if waiting {
        let maya = conversation_with(&olga, MAYA).await;
        let reply = json!({ "text": "On its way", "undo_seconds": 30 });
        olga.post(&format!("/conversations/{maya}/messages"), reply).await.is(202);
    }
    stop(running).await;
    let archive = old.folder.path().join("inbox.partyline");
    done(&backup(&old, &archive));
    Kept { old, archive }
}

#[test]
fn a_move_that_stopped_the_old_server_first_sends_what_waited() {
    run(async {
        let cancelled = CancellationToken::new();
        let (carrier, road, _) = carrier(&cancelled).await;
        let Kept { old, archive } = kept(Engine::Sqlite, &road.url(), true).await;
        let new = Engine::Postgres.place();
        bring_key(&old, &new);
        let words = done(&restore(&new, &archive, &["--resume-sending"]));
        assert!(words.contains("1 texts that were waiting go on"), "{words}");
        let clock = Clock::manual(Clock::System.now() + 60 * SECOND);
        let running = node(&new, std::net::TcpListener::bind("127.0.0.1:0").unwrap(), &clock).await;
        let sent = || carrier.messages_of(MAYA).iter().filter(|m| m.text == "On its way").count();
        until("it leaves", async || (sent() == 1).then_some(())).await;
        running.kill();
        cancelled.cancel();
    });
}

#[test]
fn what_is_not_whole_is_not_restored_and_leaves_nothing_behind() {
    run(async {
        let cancelled = CancellationToken::new();
        let (_carrier, road, _) = carrier(&cancelled).await;
        let Kept { old, archive } = kept(Engine::Sqlite, &road.url(), false).await;
        let bytes = std::fs::read(&archive).unwrap();
        let damaged = old.folder.path().join("damaged.partyline");
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let new = engine.place();
            for n in 1..8 {
                let mut changed = bytes.clone();
                // several bytes: a single bit may be one that says nothing, and then the backup is whole
                changed[bytes.len() * n / 8..][..8].iter_mut().for_each(|byte| *byte ^= 0xff);
                std::fs::write(&damaged, &changed).unwrap();
                refused(&restore(&new, &damaged, &[]), "nothing was restored");
                std::fs::write(&damaged, &bytes[..bytes.len() * n / 8]).unwrap();
                refused(&restore(&new, &damaged, &[]), "nothing was restored");
            }
            std::fs::write(&damaged, b"not a backup at all").unwrap();
            refused(&restore(&new, &damaged, &[]), "no backup of Partyline");
            std::fs::write(new.folder.path().join("secret.key"), format!("{}\n", "ab".repeat(32))).unwrap();
            refused(&restore(&new, &archive, &[]), "is not the one that this backup belongs to");
            std::fs::remove_file(new.folder.path().join("secret.key")).unwrap();
            // the database is as empty as it was: the whole one still goes in, and says what is missing
            let words = done(&restore(&new, &archive, &[]));
            assert!(words.contains("One thing is missing: the secret key"), "{words}");
            let serving = program(&new, &["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
            refused(&serving, "is missing: put back the file that this database was made with");
        }
        cancelled.cancel();
    });
}

#[test]
fn there_is_nothing_to_save_where_there_is_no_inbox() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let place = engine.place();
        let file = place.folder.path().join("none.partyline");
        refused(&backup(&place, &file), "nothing to back up");
        assert!(!file.exists() && !place.folder.path().join("none.partyline.partial").exists());
        assert!(!place.folder.path().join("secret.key").exists(), "and none is made by asking");
    }
}

#[test]
fn another_key_and_a_newer_schema_are_refused_in_plain_words() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let place = engine.place();
        done(&program(&place, &["migrate"]).output().unwrap());
        let key = place.folder.path().join("secret.key");
        let right = std::fs::read(&key).unwrap();
        std::fs::write(&key, format!("{}\n", "cd".repeat(32))).unwrap();
        let words = "the secret key does not belong to this database: put back the key file that it was made with";
        refused(&program(&place, &["serve", "--listen", "127.0.0.1:0"]).output().unwrap(), words);
        std::fs::write(&key, "no key\n").unwrap();
        refused(&program(&place, &["serve", "--listen", "127.0.0.1:0"]).output().unwrap(), "the secret key");
        std::fs::write(&key, right).unwrap();
        done(&program(&place, &["migrate"]).output().unwrap());
        let location = place.location.clone();
        run(async move {
            let db = partyline_store::Db::open(&location, Clock::System.now()).unwrap();
            db.pretend_step(9999, None).await.unwrap();
        });
        let words = "this database has schema 9999, this program knows up to";
        refused(&program(&place, &["serve", "--listen", "127.0.0.1:0"]).output().unwrap(), words);
        refused(&backup(&place, &place.folder.path().join("x")), "the database has schema 9999");
    }
}
