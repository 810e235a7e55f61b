//! The program as it ships, in a process of its own, with a number connected to a simulated carrier.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures_util::StreamExt as _;
use partyline_carrier::{Carrier, Config, demo, signing};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_util::sync::CancellationToken;

/// How long anything may take before the benchmark gives up.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Server {
    child: Child,
    origin: String,
    hook: String,
    http: reqwest::Client,
    cookie: String,
    stop: CancellationToken,
    pub ready_after: Duration,
}

impl Server {
    pub async fn start(program: &str, folder: &Path) -> Result<Server> {
        let stop = CancellationToken::new();
        let carrier = Carrier::new(Config::instant())?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let api = format!("http://{}", listener.local_addr()?);
        tokio::spawn({
            let stop = stop.clone();
            async move { carrier.serve(listener, stop).await }
        });
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let origin = format!("http://127.0.0.1:{port}");
        let began = Instant::now();
        let child = Command::new(program)
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--log", "warn"])
            .arg("--data-dir")
            .arg(folder.join("data"))
            .stdout(Stdio::null())
            .spawn()
            .context("the program can't be started")?;
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(128).build()?;
        while http.get(format!("{origin}/readyz")).send().await.is_ok_and(|r| r.status().is_success()).eq(&false) {
            if began.elapsed() > PATIENCE {
                bail!("the server is not ready");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let ready_after = began.elapsed();
        let mut server = Server { child, origin, hook: String::new(), http, cookie: String::new(), stop, ready_after };
        server.set_up(&api).await?;
        Ok(server)
    }

    async fn set_up(&mut self, api: &str) -> Result<()> {
        let body = json!({"workspace_name": "Bench", "name": "Ana", "email": "ana@example.com", "password": "one shared number"});
        let answer =
            self.http.post(format!("{}/api/v1/setup", self.origin)).json(&body).send().await?.error_for_status()?;
        let cookie = answer.headers().get("set-cookie").context("no session")?.to_str()?;
        self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let body = json!({"kind": "sms", "name": "Main", "address": demo::NUMBERS[0].0, "provider": "twilio", "api_base_url": api,
            "credentials": {"account_sid": demo::ACCOUNT_SID, "auth_token": demo::AUTH_TOKEN}});
        let request = self
            .http
            .post(format!("{}/api/v1/channels", self.origin))
            .header("cookie", &self.cookie)
            .header("x-partyline-csrf", "1");
        let channel: Value = request.json(&body).send().await?.error_for_status()?.json().await?;
        self.hook = channel["webhooks"]["message"].as_str().context("no webhook")?.to_owned();
        Ok(())
    }

    /// One signed text from a customer of its own.
    pub async fn text(&self, n: usize) -> Result<()> {
        send(&self.http, &self.hook, n).await
    }

    /// `count` texts by `clients` at once; gives how long each was waited for.
    pub async fn burst(&self, first: usize, count: usize, clients: usize) -> Result<Vec<Duration>> {
        let next = Arc::new(AtomicUsize::new(first));
        let mut tasks = Vec::new();
        for _ in 0..clients {
            let (next, http, hook) = (next.clone(), self.http.clone(), self.hook.clone());
            tasks.push(tokio::spawn(async move {
                let mut times = Vec::new();
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= first + count {
                        return Ok::<_, anyhow::Error>(times);
                    }
                    let began = Instant::now();
                    send(&http, &hook, n).await?;
                    times.push(began.elapsed());
                }
            }));
        }
        let mut all = Vec::with_capacity(count);
        for task in tasks {
            all.extend(task.await??);
        }
        Ok(all)
    }

    pub async fn get(&self, path: &str) -> Result<()> {
        let answer = self
            .http
            .get(format!("{}{path}", self.origin))
            .header("cookie", &self.cookie)
            .send()
            .await?
            .error_for_status()?;
        answer.bytes().await?;
        Ok(())
    }

    /// A second browser's socket.
    pub async fn listen(&self) -> Result<Socket> {
        let url = format!("{}/api/v1/live?after=0", self.origin.replace("http", "ws"));
        let mut request = url.into_client_request()?;
        request.headers_mut().insert("cookie", self.cookie.parse()?);
        request.headers_mut().insert("origin", self.origin.parse()?);
        let (stream, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Socket { stream })
    }

    /// Resident memory, in MB.
    pub fn memory(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kib / 1024.0)
    }

    /// CPU time that the server has used.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        Ok(Duration::from_millis(ticks * 10))
    }

    pub async fn stop(mut self) -> Result<()> {
        self.stop.cancel();
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

async fn send(http: &reqwest::Client, hook: &str, n: usize) -> Result<()> {
    let (sid, from) = (format!("SM{n:032x}"), format!("+1415{:07}", 2_000_000 + n));
    let form = [
        ("MessageSid", sid.as_str()),
        ("SmsSid", &sid),
        ("SmsMessageSid", &sid),
        ("AccountSid", demo::ACCOUNT_SID),
        ("From", &from),
        ("To", demo::NUMBERS[0].0),
        ("Body", "Is my order ready? I can come by after five."),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("SmsStatus", "received"),
        ("ApiVersion", "2010-04-01"),
    ];
    let signature = signing::sign(demo::AUTH_TOKEN, hook, &form);
    http.post(hook).header("x-twilio-signature", signature).form(&form).send().await?.error_for_status()?;
    Ok(())
}

pub struct Socket {
    stream: tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>,
}

impl Socket {
    /// Waits for the next frame that tells of a received text.
    pub async fn until_message(&mut self) -> Result<()> {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.stream.next()).await?.context("the socket closed")??;
            if frame.to_text().is_ok_and(|t| t.contains("message.received")) {
                return Ok(());
            }
        }
    }
}
