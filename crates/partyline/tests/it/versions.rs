//! Databases that earlier versions have left are opened by this one, on both engines, and lived in.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use partyline_carrier::demo;
use partyline_core::id::{ConnectionId, ConversationId};
use partyline_desk::Clock;
use partyline_store::events::Audit;
use reqwest::Client;
use tokio_util::sync::CancellationToken;

use crate::engine::{Engine, Place};
use crate::hooks;
use crate::person::{Person, id};
use crate::world::{MAYA, WEST, WREN, carrier, node, run, until};

/// Every version that was ever released, by its schema. A release adds its own (CONTRIBUTING.md).
const VERSIONS: [i64; 3] = [1, 2, 3];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/tests/fixtures/versions")
}

fn unpacked(name: &str) -> Vec<u8> {
    let packed = std::fs::File::open(fixtures().join(name)).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Lays the database of a version, its key and its files out as its program has left them.
fn lay(engine: Engine, version: i64) -> Place {
    let place = engine.place();
    let folder = place.folder.path();
    match engine {
        Engine::Sqlite => {
            std::fs::write(folder.join("partyline.db"), unpacked(&format!("{version}.sqlite.db.gz"))).unwrap();
        }
        Engine::Postgres => {
            let (url, sql) = (place.url.clone(), unpacked(&format!("{version}.postgres.sql.gz")));
            let sql = String::from_utf8(sql).unwrap();
            let load = move || postgres::Client::connect(&url, postgres::NoTls).unwrap().batch_execute(&sql).unwrap();
            std::thread::spawn(load).join().unwrap();
        }
    }
    let word = if engine == Engine::Sqlite { "sqlite" } else { "postgres" };
    std::fs::copy(fixtures().join(format!("{version}.{word}.key")), folder.join("secret.key")).unwrap();
    copy(&fixtures().join(format!("{version}.files")), &folder.join("files"));
    place
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|e| (e.path(), e.file_name())).unwrap();
        if path.is_dir() { copy(&path, &to.join(name)) } else { std::fs::copy(&path, to.join(name)).map(drop).unwrap() }
    }
}

async fn lives_on(engine: Engine, version: i64) {
    let place = lay(engine, version);
    let cancelled = CancellationToken::new();
    let (carrier, road, _) = carrier(&cancelled).await;
    let clock = Clock::manual(Clock::System.now());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let running = node(&place, listener, &clock).await;
    if engine == Engine::Sqlite {
        let copy = std::fs::read_dir(place.folder.path()).unwrap().filter_map(Result::ok);
        let copies = copy.filter(|e| e.file_name().to_string_lossy().contains(".before-")).count();
        assert_eq!(copies, 1, "the way back is kept");
    }
    let db = running.desk.db().clone();
    for (workspace, _, _) in db.read_root(|root| root.workspaces()).await.unwrap() {
        let audit = running.desk.audit(workspace).await.unwrap();
        assert!(matches!(audit, Audit::Whole { sealed, .. } if sealed > 20), "{audit:?}");
        let wrong = db.read(workspace, |scope| scope.wrong_tallies()).await.unwrap();
        assert_eq!(wrong, Vec::<String>::new());
    }
    // the simulator stands at another address today
    db.point_connections_to(road.url()).await.unwrap();
    let http = Client::builder().no_proxy().build().unwrap();
    let olga = Person::sign_in(&http, &base, "olga@example.com").await;
    let open = olga.view("all").await;
    let maya = open.iter().find(|c| c["contact"]["address"] == MAYA).unwrap();
    assert_eq!(maya["assignees"][0]["name"], "Ana", "{maya}");
    let maya = id(maya);
    assert!(maya.parse::<ConversationId>().is_ok());
    let entries = olga.entries(&maya).await;
    let said: Vec<&str> = entries.iter().filter_map(|e| e["text"].as_str()).collect();
    for text in
        ["Hi! Is the two-bedroom on Larkin still free? ☺", "Maya comes on Thursday; bring both keys.", "How to find us"]
    {
        assert!(said.contains(&text), "{text:?} is not in {said:?}");
    }
    let scheduled = entries.iter().find(|e| e["text"] == "See you today at 5!").unwrap();
    assert_eq!(scheduled["delivery"]["status"], "scheduled");
    let picture = entries.iter().find(|e| e["text"] == "How to find us").unwrap();
    let file = id(&picture["attachments"][0]);
    let bytes = olga.request(reqwest::Method::GET, &format!("/attachments/{file}")).send().await.unwrap();
    assert_eq!(bytes.bytes().await.unwrap().len(), 70);
    let wren = olga.view("closed").await;
    let wren = id(wren.iter().find(|c| c["contact"]["address"] == WREN).unwrap());
    olga.reply(&wren, "May we?").await.refuses(422, "opted_out");

    let connections = olga.get("/connections").await.is(200);
    let connection = id(&connections["data"][0]);
    assert!(connection.parse::<ConnectionId>().is_ok());
    let hook = format!("{base}/hooks/twilio/{connection}/message");
    let fields = hooks::text(&hooks::sid(77), MAYA, WEST, "I am at the door");
    assert_eq!(hooks::post(&http, &hook, demo::AUTH_TOKEN, &fields).await.status, 200);
    // the same text that the old version received is still known
    let fields = hooks::text(&hooks::sid(1), MAYA, WEST, "Hi! Is the two-bedroom on Larkin still free? ☺");
    assert_eq!(hooks::post(&http, &hook, demo::AUTH_TOKEN, &fields).await.status, 200);
    let entries = olga.entries(&maya).await;
    assert_eq!(entries.iter().filter(|e| e["text"] == "I am at the door").count(), 1);
    assert_eq!(entries.iter().filter(|e| e["text"].as_str().is_some_and(|t| t.starts_with("Hi! Is"))).count(), 1);
    let sent = id(&olga.reply(&maya, "Coming down").await.is(202));
    until("the answer is on the phone", async || {
        let on_phone = carrier.messages_of(MAYA).iter().filter(|m| m.text == "Coming down").count();
        let status = olga.message(&maya, &sent).await["delivery"]["status"].clone();
        (on_phone == 1 && status == "delivered").then_some(())
    })
    .await;
    running.desk.seal().await.unwrap();
    for (workspace, _, _) in db.read_root(|root| root.workspaces()).await.unwrap() {
        assert!(matches!(running.desk.audit(workspace).await.unwrap(), Audit::Whole { .. }));
        assert_eq!(db.read(workspace, |scope| scope.wrong_tallies()).await.unwrap(), Vec::<String>::new());
    }
    running.kill();
    cancelled.cancel();
}

fn prove(engine: Engine) {
    for version in VERSIONS {
        run(lives_on(engine, version));
    }
}

mod the_database_of_every_earlier_version_is_brought_up_to_date_and_lived_in {
    use super::*;

    #[test]
    fn on_sqlite() {
        prove(Engine::Sqlite);
    }

    #[test]
    fn on_postgres() {
        prove(Engine::Postgres);
    }
}

/// A schema without a fixture is one that nobody has proven the way from.
#[test]
fn every_schema_before_this_one_has_its_fixture() {
    let released: Vec<i64> = (1..partyline_store::migrate::NEWEST_VERSION).collect();
    assert_eq!(VERSIONS.to_vec(), released);
}
