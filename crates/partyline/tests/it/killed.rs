//! The real program, killed in the middle of a burst.

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use partyline_carrier::demo;
use partyline_core::time::{MINUTE, SECOND};
use partyline_desk::Clock;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::engine::{Engine, Place};
use crate::hooks;
use crate::person::{PASSWORD, Person, id};
use crate::world::{DANA, MAYA, WEST, WREN, carrier, credentials, fast, node, run, until};

const PHONES: [&str; 3] = [MAYA, WREN, DANA];
/// Texts and replies of the burst; the program is killed after a third of them was acknowledged, and a reply to everybody.
const BURST: u32 = 90;

/// The program; killed when dropped.
pub struct Program(pub Child);

impl Program {
    /// SIGKILL, and it is gone.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Sends it a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success(), "it is still there");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program, about to do this over what is at a place.
pub fn program(place: &Place, act: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partyline"));
    command
        .args(act)
        .arg("--data-dir")
        .arg(place.folder.path())
        .arg("--database-url")
        .arg(&place.url)
        .args(["--log", "warn"]);
    command.current_dir(place.folder.path());
    command
}

/// The program, serving.
pub async fn serve(place: &Place, listen: &str, http: &Client) -> Program {
    ready(program(place, &["serve"]), listen, http).await
}

/// The program, once it is ready.
pub async fn ready(serve: Command, listen: &str, http: &Client) -> Program {
    let running = begun(serve, listen);
    let ready = format!("http://{listen}/readyz");
    until("the program is ready", async || {
        http.get(&ready).send().await.ok().filter(|answer| answer.status() == 200).map(drop)
    })
    .await;
    running
}

/// The program, which has just begun.
pub fn begun(mut serve: Command, listen: &str) -> Program {
    Program(serve.args(["--listen", listen]).stdout(Stdio::null()).spawn().unwrap())
}

/// `partyline audit verify` finds the log whole.
pub fn audit_says_whole(place: &Place) {
    let audit = program(place, &["audit", "verify"]).output().unwrap();
    let said = String::from_utf8_lossy(&audit.stdout).into_owned();
    assert!(audit.status.success() && said.contains("whole"), "{said}{}", String::from_utf8_lossy(&audit.stderr));
}

/// How often each text stands in the inbox, and each reply's delivery.
async fn inbox(olga: &Person) -> (HashMap<String, usize>, HashMap<String, String>) {
    let (mut texts, mut replies) = (HashMap::new(), HashMap::new());
    for conversation in olga.view("all").await {
        for message in olga.messages(&id(&conversation)).await {
            let text = message["text"].as_str().unwrap().to_owned();
            if message["direction"] == "inbound" {
                *texts.entry(text).or_default() += 1;
            } else {
                let before = replies.insert(text, message["delivery"]["status"].as_str().unwrap().to_owned());
                assert_eq!(before, None, "one reply, one message");
            }
        }
    }
    (texts, replies)
}

/// The number of a reply of the burst.
fn number_of(text: &str) -> Option<u32> {
    text.strip_prefix("reply ")?.parse().ok()
}

/// Was it acknowledged? Counts what had reached the program and was never answered.
fn is_done(answer: &reqwest::Result<reqwest::Response>, status: u16, cut: &AtomicU32) -> bool {
    if answer.as_ref().is_err_and(|error| !error.is_connect()) {
        cut.fetch_add(1, Ordering::Relaxed);
    }
    answer.as_ref().is_ok_and(|answer| answer.status() == status)
}

async fn acknowledged_is_kept(engine: Engine) {
    let place = engine.place();
    let stop = CancellationToken::new();
    let (carrier, road, _) = carrier(&stop).await;
    let http = Client::builder().no_proxy().build().unwrap();
    let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let base = format!("http://{listen}");
    let mut running = serve(&place, &listen, &http).await;
    let setup =
        json!({ "workspace_name": "Harbor & Pine", "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
    let olga = Person::enter(&http, &base, "/setup", &setup).await;
    let connection =
        json!({ "provider": "twilio", "name": "Twilio", "credentials": credentials(), "api_base_url": road.url() });
    let connection = id(&olga.post("/connections", connection).await.is(201));
    let channel = json!({ "kind": "sms", "name": "West", "address": WEST, "connection_id": connection, "set_webhooks": true, "rate": fast() });
    olga.post("/channels", channel).await.is(201);
    let hook = format!("{base}/hooks/twilio/{connection}/message");
    let mut conversations = Vec::new();
    for (n, phone) in (1_000u32..).zip(PHONES) {
        let fields = hooks::text(&hooks::sid(n), phone, WEST, &format!("hello {phone}"));
        assert_eq!(hooks::post(&http, &hook, demo::AUTH_TOKEN, &fields).await.status, 200);
        let rows: Vec<Value> = olga.view("all").await;
        conversations.push(id(rows.iter().find(|c| c["contact"]["address"] == phone).unwrap()));
    }
    // the burst: what is acknowledged is told to us; what is not may be there or not
    let (tell, mut acknowledged) = mpsc::unbounded_channel::<String>();
    // requests that were under way when it was killed
    let cut = Arc::new(AtomicU32::new(0));
    for n in (0..BURST).step_by(2) {
        let (tell, http, hook, cut) = (tell.clone(), http.clone(), hook.clone(), cut.clone());
        tokio::spawn(async move {
            let fields = hooks::text(&hooks::sid(n), PHONES[n as usize % 3], WEST, &format!("text {n}"));
            let signature = partyline_carrier::signing::sign(demo::AUTH_TOKEN, &hook, &fields);
            let answer = http.post(&hook).header("X-Twilio-Signature", signature).form(&fields).send().await;
            if is_done(&answer, 200, &cut) {
                let _ = tell.send(format!("text {n}"));
            }
        });
    }
    // whoever answers one customer waits until it is acknowledged, so that there is an order to keep
    for (which, conversation) in conversations.into_iter().enumerate() {
        let (tell, olga, cut) = (tell.clone(), olga.clone(), cut.clone());
        tokio::spawn(async move {
            let path = format!("/conversations/{conversation}/messages");
            for n in (1..BURST).step_by(2).filter(|n| *n as usize % 3 == which) {
                let reply = json!({ "text": format!("reply {n}") });
                let answer = olga.request(reqwest::Method::POST, &path).json(&reply).send().await;
                if !is_done(&answer, 202, &cut) {
                    return;
                }
                let _ = tell.send(format!("reply {n}"));
            }
        });
    }
    drop(tell);
    let (mut kept, mut killed) = (Vec::new(), false);
    while let Some(one) = acknowledged.recv().await {
        kept.push(one);
        let answered = |which| kept.iter().filter_map(|k| number_of(k)).any(|n| n as usize % PHONES.len() == which);
        if !killed && kept.len() >= BURST as usize / 3 && (0..PHONES.len()).all(answered) {
            running.kill();
            killed = true;
        }
    }
    assert!(
        killed && kept.len() >= BURST as usize / 3 && kept.len() < BURST as usize,
        "it was killed in the middle: {}",
        kept.len()
    );
    assert!(cut.load(Ordering::Relaxed) > 0, "something was under way when it was killed");
    audit_says_whole(&place);

    let mut running = serve(&place, &listen, &http).await;
    let (texts, replies) = inbox(&olga).await;
    for one in &kept {
        let there = if one.starts_with("text") { texts.get(one) == Some(&1) } else { replies.contains_key(one) };
        assert!(there, "{one} was acknowledged and is gone");
    }
    assert!(texts.values().all(|n| *n == 1), "{texts:?}");
    running.signal("TERM");
    assert_eq!(running.0.wait().unwrap().code(), Some(0), "it drains and goes");

    // what was in flight when it was killed is leased for two minutes: the next process lives after them
    let clock = Clock::manual(Clock::System.now() + 2 * MINUTE + SECOND);
    let listener = until("the address is free", async || std::net::TcpListener::bind(&listen).ok()).await;
    let node = node(&place, listener, &clock).await;
    let settled = until("everything has left", async || {
        let (texts, replies) = inbox(&olga).await;
        let waits = |s: &String| matches!(s.as_str(), "queued" | "sending" | "unknown");
        if replies.values().any(waits) {
            let now = clock.now();
            let jobs = node.desk.db().read_root(move |root| root.next_job(now)).await.unwrap();
            if jobs.is_some_and(|at| at > now && at.since(now) != 2 * MINUTE) {
                clock.set(now + 2 * SECOND);
                node.desk.db().jobs_added().notify_waiters();
            }
            return None;
        }
        Some((texts, replies))
    })
    .await;
    let mut phones: HashMap<String, usize> = HashMap::new();
    for phone in PHONES {
        for message in carrier.messages_of(phone) {
            if message.direction == partyline_carrier::Direction::ToPhone {
                *phones.entry(message.text).or_default() += 1;
            }
        }
    }
    assert!(phones.values().all(|n| *n == 1), "sent twice: {phones:?}");
    for (reply, status) in &settled.1 {
        assert!(phones.contains_key(reply), "{reply} is {status} and on no phone");
    }
    for phone in PHONES {
        let order: Vec<u32> = carrier.messages_of(phone).iter().filter_map(|m| number_of(&m.text)).collect();
        assert!(!order.is_empty(), "{phone} got something");
        assert!(order.is_sorted(), "{phone} got them in this order: {order:?}");
    }
    node.kill();
    drop(node);
    audit_says_whole(&place);
    stop.cancel();
}

fn prove(engine: Engine) {
    run(acknowledged_is_kept(engine));
}

mod what_was_acknowledged_survives_a_kill_and_nothing_is_sent_twice {
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
