//! The program as it ships, in a process of its own, with a number connected to a simulated carrier.

use std::io::Write as _;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use partyline_carrier::demo;
use serde_json::{Value, json};

use crate::client::PATIENCE;
use crate::place::Place;

/// The workspace that is measured.
const WORKSPACE: &str = "Bench";
/// Who looks.
const EMAIL: &str = "ana@example.com";
const PASSWORD: &str = "one shared number";

/// What is set up once per database.
pub struct Site<'a> {
    program: PathBuf,
    folder: PathBuf,
    place: &'a Place,
    port: u16,
}

impl<'a> Site<'a> {
    /// A folder and a database for the program.
    pub fn new(program: &Path, folder: &Path, place: &'a Place) -> Result<Site<'a>> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Site { program: program.to_owned(), folder: folder.to_owned(), place, port })
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args([verb, "--log", "warn", "--database-url", &self.place.url, "--data-dir"]).arg(&self.folder);
        command
    }

    /// Starts the program, and waits until it says that it is ready.
    pub async fn serve(&self) -> Result<Server> {
        let began = Instant::now();
        let child = self
            .command("serve")
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .stdout(Stdio::null())
            .spawn()
            .context("the program can't be started")?;
        let origin = format!("http://127.0.0.1:{}", self.port);
        let http = reqwest::Client::builder().no_proxy().build()?;
        while http.get(format!("{origin}/readyz")).send().await.is_ok_and(|r| r.status().is_success()).eq(&false) {
            if began.elapsed() > PATIENCE {
                bail!("the server is not ready");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let seat = Seat { origin, http, cookie: String::new() };
        Ok(Server { child, seat, ready_after: began.elapsed() })
    }

    /// Gives somebody the password of the bench.
    pub fn set_password(&self, email: &str) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.args(["user", "set-password", "--email", email, "--log", "warn"]);
        command.args(["--database-url", &self.place.url, "--data-dir"]).arg(&self.folder);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            writeln!(stdin, "{PASSWORD}")?;
        }
        if !child.wait()?.success() {
            bail!("{email} has no password");
        }
        Ok(())
    }

    /// Fills the workspace with a past; gives rows a second, as the program says it.
    pub fn seed(&self, conversations: u32, entries: u32) -> Result<String> {
        let done = self
            .command("seed")
            .args(["--workspace", WORKSPACE, "--conversations", &conversations.to_string()])
            .args(["--entries", &entries.to_string()])
            .stderr(Stdio::inherit())
            .output()?;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        if !done.status.success() {
            bail!("the seed failed: {said}");
        }
        Ok(said.lines().last().unwrap_or_default().to_owned())
    }
}

/// The running program, with its owner's seat.
pub struct Server {
    child: Child,
    seat: Seat,
    /// From its start until it was ready.
    pub ready_after: Duration,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Seat {
    /// Where the server is reached.
    pub origin: String,
    http: reqwest::Client,
    cookie: String,
}

impl Deref for Server {
    type Target = Seat;

    fn deref(&self) -> &Seat {
        &self.seat
    }
}

impl Server {
    /// Which process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Makes the workspace, with one number.
    pub async fn set_up(&mut self, provider: &str) -> Result<()> {
        let body = json!({"workspace_name": WORKSPACE, "name": "Ana", "email": EMAIL, "password": PASSWORD});
        self.seat.cookie = cookie(self.http.post(format!("{}/api/v1/setup", self.origin)).json(&body).send().await?)?;
        let body = json!({"kind": "sms", "name": "Main", "address": demo::NUMBERS[0].0, "provider": "twilio", "api_base_url": provider,
            // the pace of a long code would be what is measured
            "rate": {"messages_per_second": 1_000, "segments_per_second": 1_000},
            "credentials": {"account_sid": demo::ACCOUNT_SID, "auth_token": demo::AUTH_TOKEN}});
        self.post("/channels", &body).await.map(drop)
    }

    /// Signs in again, after a restart.
    pub async fn sign_in(&mut self) -> Result<()> {
        self.seat = self.seat_of(EMAIL).await?;
        Ok(())
    }

    /// Signs somebody in who has the password of the bench.
    pub async fn seat_of(&self, email: &str) -> Result<Seat> {
        let body = json!({"email": email, "password": PASSWORD});
        let cookie = cookie(self.http.post(format!("{}/api/v1/session", self.origin)).json(&body).send().await?)?;
        Ok(Seat { cookie, ..self.seat.clone() })
    }

    /// Stops it as an operator would.
    pub fn stop(mut self) -> Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Seat {
    /// The webhook of the number.
    pub async fn hook(&self) -> Result<String> {
        let channels = self.get("/channels").await?;
        Ok(channels["data"][0]["webhooks"]["message"].as_str().context("no webhook")?.to_owned())
    }

    /// Asks the API.
    pub async fn get(&self, path: &str) -> Result<Value> {
        Ok(serde_json::from_slice(&self.get_raw(path).await?)?)
    }

    /// Asks the API, and leaves the answer as it is.
    pub async fn get_raw(&self, path: &str) -> Result<Vec<u8>> {
        let request = self.http.get(format!("{}/api/v1{path}", self.origin)).header("cookie", &self.cookie);
        Ok(request.send().await?.error_for_status()?.bytes().await?.to_vec())
    }

    /// Sends something to the API.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self
            .http
            .post(format!("{}/api/v1{path}", self.origin))
            .header("cookie", &self.cookie)
            .header("x-partyline-csrf", "1");
        let answer = request.json(body).send().await?;
        let status = answer.status();
        let value: Value = answer.json().await?;
        if !status.is_success() {
            bail!("{path}: {status} {value}");
        }
        Ok(value)
    }

    /// What a second browser needs to listen: address, origin, cookie.
    pub fn watch(&self) -> (String, String, String) {
        let url = format!("{}/api/v1/live", self.origin.replace("http", "ws"));
        (url, self.origin.clone(), self.cookie.clone())
    }
}

fn cookie(answer: reqwest::Response) -> Result<String> {
    let answer = answer.error_for_status()?;
    let cookie = answer.headers().get("set-cookie").context("no session")?.to_str()?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}
