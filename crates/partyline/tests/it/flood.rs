//! More webhooks than can be kept, at the real program: most are told to come back, memory does not grow, people are served, and
//! everything that was acknowledged is there.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use partyline_carrier::{demo, signing};
use partyline_core::time::Millis;
use partyline_store::{Db, StoreError, Workspace};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::CancellationToken;

use crate::engine::{Engine, Place};
use crate::hooks;
use crate::killed::{Program, serve};
use crate::person::{PASSWORD, Person, id};
use crate::world::{STRANGER, WEST, carrier, credentials, fast, run, until};

/// Webhooks of the flood, each with [`PADDING`] bytes that nobody needs: 160 MB, and as much again for each copy.
const FLOOD: u32 = 4_000;
/// So many are turned away before the database lets go.
const TURNED_AWAY: usize = 300;
/// Bytes that make a webhook as long as none is.
const PADDING: usize = 40_000;
/// Webhooks on their way at once: more than are taken in hand.
const CLIENTS: usize = 560;
/// Every other sender hangs up after this; what they brought stands in the queue all the same.
const HANGS_UP: Duration = Duration::from_secs(1);
/// How often the unit that holds everybody up asks something.
const NOT_IDLE: Duration = Duration::from_millis(100);
/// Customers.
const PHONES: u32 = 8;
/// KiB that the flood may cost: what is in hand (16 MiB) a few times over, and nothing like the flood.
const GROWTH_KIB: u64 = 160 * 1024;

/// The most memory that a process has had, in KiB.
fn most_memory(program: &Program) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.0.id())).unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// Keeps every writer of a workspace waiting until the answer is dropped.
async fn block(place: &Place) -> mpsc::Sender<()> {
    let db = Db::open(&place.location, Millis(0)).unwrap();
    let workspace: Workspace = db.read_root(|root| root.workspaces()).await.unwrap()[0].0;
    let (release, wait) = mpsc::channel::<()>();
    let (tell, held) = oneshot::channel();
    tokio::spawn(async move {
        let unit = db.write(workspace, Millis(0), move |tx| {
            tell.send(()).unwrap();
            // until the other end is dropped; PostgreSQL ends a transaction that does nothing at all
            while wait.recv_timeout(NOT_IDLE) == Err(RecvTimeoutError::Timeout) {
                tx.seq()?;
            }
            Ok::<_, StoreError>(())
        });
        unit.await.unwrap();
    });
    held.await.unwrap();
    release
}

async fn a_flood_is_turned_away(engine: Engine) {
    let place = engine.place();
    let stop = CancellationToken::new();
    let (_carrier, road, _) = carrier(&stop).await;
    let http = Client::builder().no_proxy().build().unwrap();
    let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let base = format!("http://{listen}");
    let running = serve(&place, &listen, &http).await;
    let setup =
        json!({ "workspace_name": "Harbor & Pine", "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
    let olga = Person::enter(&http, &base, "/setup", &setup).await;
    let connection =
        json!({ "provider": "twilio", "name": "Twilio", "credentials": credentials(), "api_base_url": road.url() });
    let connection = id(&olga.post("/connections", connection).await.is(201));
    let channel = json!({ "kind": "sms", "name": "West", "address": WEST, "connection_id": connection, "set_webhooks": true, "rate": fast() });
    olga.post("/channels", channel).await.is(201);
    let hook = format!("{base}/hooks/twilio/{connection}/message");
    let first = hooks::text(&hooks::sid(FLOOD), STRANGER, WEST, "before the flood");
    hooks::post(&http, &hook, demo::AUTH_TOKEN, &first).await.is(200);
    let before = id(&olga.view("all").await[0]);
    let memory = most_memory(&running);

    let release = block(&place).await;
    let (room, busy) = (Arc::new(Semaphore::new(CLIENTS)), Arc::new(AtomicUsize::new(0)));
    let flood: Vec<_> = (0..FLOOD)
        .map(|n| {
            let (http, hook, room, busy) = (http.clone(), hook.clone(), room.clone(), busy.clone());
            tokio::spawn(async move {
                let _room = room.acquire().await.unwrap();
                let text = format!("text {n}");
                let mut fields = hooks::text(&hooks::sid(n), &phone(n), WEST, &text);
                fields.push(("Padding".to_owned(), "x".repeat(PADDING)));
                let signature = signing::sign(demo::AUTH_TOKEN, &hook, &fields);
                let request = http.post(&hook).header("X-Twilio-Signature", signature).form(&fields);
                let request = if n % 2 == 0 { request.timeout(HANGS_UP) } else { request };
                let Ok(answer) = request.send().await else { return None };
                if answer.status() == 503 {
                    assert_eq!(answer.headers()["retry-after"], "1");
                    busy.fetch_add(1, Ordering::Relaxed);
                    return None;
                }
                assert_eq!(answer.status(), 200);
                Some(text)
            })
        })
        .collect();
    // while nothing can be written: who does not fit is turned away at once, and people read
    until("many are turned away", async || (busy.load(Ordering::Relaxed) > TURNED_AWAY).then_some(())).await;
    assert_eq!(olga.view("all").await.len(), 1);
    // and what a person writes waits its turn behind what is in hand, no longer
    let write = {
        let olga = olga.clone();
        let path = format!("/conversations/{before}");
        tokio::spawn(async move { olga.patch(&path, json!({ "status": "closed" })).await.status })
    };
    drop(release);
    let written = write.await.unwrap();
    let mut kept = Vec::new();
    for one in flood {
        kept.extend(one.await.unwrap());
    }
    // what was turned away comes again, and then it is taken
    for n in (0..FLOOD).step_by(FLOOD as usize / 20) {
        let text = format!("text {n}");
        let fields = hooks::text(&hooks::sid(n), &phone(n), WEST, &text);
        until("it is taken", async || {
            (hooks::post(&http, &hook, demo::AUTH_TOKEN, &fields).await.status == 200).then_some(())
        })
        .await;
        kept.push(text);
    }
    let grown = most_memory(&running).saturating_sub(memory);
    eprintln!("{engine:?}: {} kept, {} turned away, {grown} KiB more", kept.len(), busy.load(Ordering::Relaxed));
    assert!(grown < GROWTH_KIB, "{grown} KiB for {} MB", FLOOD as usize * PADDING / 1_000_000);
    assert_eq!(written, 200, "a person was turned away");
    assert_eq!(olga.conversation(&before).await["status"], "closed");
    let mut there: HashMap<String, usize> = HashMap::new();
    for conversation in olga.view("all").await {
        for message in olga.messages(&id(&conversation)).await {
            *there.entry(message["text"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    for text in &kept {
        assert_eq!(there.get(text), Some(&1), "{text} was acknowledged");
    }
    let held: Value = olga.get("/inbound/groups").await.is(200)["data"].clone();
    assert_eq!(held, json!([]));
    stop.cancel();
}

fn phone(n: u32) -> String {
    format!("+1415555{:04}", 3_000 + n % PHONES)
}

fn prove(engine: Engine) {
    run(a_flood_is_turned_away(engine));
}

mod a_flood_is_turned_away_before_memory_grows_and_what_was_acknowledged_is_there {
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
