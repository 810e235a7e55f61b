//! The real program, started as people start it, and watched: what it logs, what it counts, how it ends.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use partyline_carrier::{Carrier, demo};
use reqwest::Client;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::engine::{Engine, Place};
use crate::hooks::{self, Fields};
use crate::person::{Answer, PASSWORD, Person, id};
use crate::road::Road;
use crate::world::{MAYA, WEST, carrier, credentials, fast, until};

/// A server process; killed when dropped.
pub struct Program {
    child: Child,
    /// Its address.
    pub base: String,
    /// Where its figures are.
    pub metrics: String,
    said: Arc<Mutex<Vec<String>>>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Starts `partyline serve` on what is at a place, and waits until it is ready.
    pub async fn start(place: &Place, http: &Client, listen: &str, log: &str) -> Program {
        Program::start_with(place, http, listen, log, &[]).await
    }

    /// The same, with options of its own.
    pub async fn start_with(place: &Place, http: &Client, listen: &str, log: &str, options: &[&str]) -> Program {
        let metrics = free_address();
        let mut child = Command::new(env!("CARGO_BIN_EXE_partyline"))
            .args(["serve", "--listen", listen, "--metrics-listen", &metrics, "--log", log, "--log-format", "json"])
            .args(options)
            .arg("--data-dir")
            .arg(place.folder.path())
            .arg("--database-url")
            .arg(&place.url)
            .current_dir(place.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said: Arc<Mutex<Vec<String>>> = Arc::default();
        let (lines, kept) = (BufReader::new(child.stderr.take().unwrap()), said.clone());
        std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                kept.lock().unwrap().push(line);
            }
        });
        let program = Program { child, base: format!("http://{listen}"), metrics: format!("http://{metrics}"), said };
        let ready = format!("{}/readyz", program.base);
        until("the program is ready", async || {
            http.get(&ready).send().await.ok().filter(|answer| answer.status() == 200).map(drop)
        })
        .await;
        program
    }

    /// What it has logged so far.
    pub fn lines(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// The same, read as JSON, which each line is.
    pub fn events(&self) -> Vec<Value> {
        let parse = |line: &String| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        self.lines().iter().map(parse).collect()
    }

    /// Its figures now.
    pub async fn figures(&self, http: &Client) -> Figures {
        let answer = http.get(format!("{}/metrics", self.metrics)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        Figures(answer.text().await.unwrap())
    }

    /// Sends it SIGTERM.
    pub fn terminate(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> ExitStatus {
        let child = Mutex::new(&mut self.child);
        until("the program ends", async || child.lock().unwrap().try_wait().unwrap()).await
    }
}

/// The text of a scrape.
pub struct Figures(pub String);

impl Figures {
    /// The value of a row, as it stands before the space.
    pub fn get(&self, row: &str) -> Option<f64> {
        self.0.lines().find_map(|line| line.strip_prefix(row)?.strip_prefix(' ')?.parse().ok())
    }
}

/// An address that nobody listens on.
pub fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A business that runs the real program, with one number.
pub struct Business {
    pub place: Place,
    pub carrier: Carrier,
    pub road: Road,
    pub http: Client,
    pub listen: String,
    pub program: Program,
    pub olga: Person,
    pub connection: String,
    stop: CancellationToken,
}

impl Drop for Business {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Business {
    pub async fn open(engine: Engine, log: &str) -> Business {
        let place = engine.place();
        let stop = CancellationToken::new();
        let (carrier, road, _) = carrier(&stop).await;
        let http = Client::builder().no_proxy().build().unwrap();
        let listen = free_address();
        let program = Program::start(&place, &http, &listen, log).await;
        let setup = json!({ "workspace_name": "Harbor & Pine", "name": "Olga Novak", "email": "olga@example.com", "password": PASSWORD });
        let olga = Person::enter(&http, &program.base, "/setup", &setup).await;
        let connection =
            json!({ "provider": "twilio", "name": "Twilio", "credentials": credentials(), "api_base_url": road.url() });
        let connection = id(&olga.post("/connections", connection).await.is(201));
        let channel = json!({ "kind": "sms", "name": "West", "address": WEST, "connection_id": connection, "set_webhooks": true, "rate": fast() });
        olga.post("/channels", channel).await.is(201);
        Business { place, carrier, road, http, listen, program, olga, connection, stop }
    }

    /// Posts a webhook, signed with this token.
    pub async fn hook(&self, token: &str, fields: &Fields) -> Answer {
        let url = format!("{}/hooks/twilio/{}/message", self.program.base, self.connection);
        hooks::post(&self.http, &url, token, fields).await
    }

    /// Maya texts, and it has arrived: her conversation.
    pub async fn text(&self, n: u32, text: &str) -> String {
        self.hook(demo::AUTH_TOKEN, &hooks::text(&hooks::sid(n), MAYA, WEST, text)).await.is(200);
        let rows = self.olga.view("all").await;
        id(rows.iter().find(|c| c["contact"]["address"] == MAYA).unwrap())
    }

    /// Waits until a reply's delivery has come to this.
    pub async fn delivery(&self, conversation: &str, message: &str, status: &str) {
        until(status, async || {
            let found = self.olga.message(conversation, message).await;
            (found["delivery"]["status"] == status).then_some(())
        })
        .await;
    }
}
