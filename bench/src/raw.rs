//! The floors that need a server: axum with the same signature check and nothing else; the same with the rows of a text written raw, and
//! a frame to whoever listens once they are durable; and a reply's rows written raw, then a request to the provider.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::body::Bytes;
use axum::extract::ws::{Message, Utf8Bytes, WebSocketUpgrade};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{any, post};
use axum::serve::ListenerExt as _;
use partyline_carrier::demo;
use partyline_channels::{Connection, Credentials, Secret, WebhookRequest, provider};
use serde::Deserialize;
use tokio::sync::{broadcast, oneshot};

use crate::process;
use crate::rows::{Customers, Raw};

/// Texts and replies of one commit, at most: as the server has it.
const GROUP: usize = 256;
/// Frames that a socket may be behind.
const FRAMES: usize = 4_096;

/// Whose rows are to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    ByText,
    ByReply,
}

type Writer = std::sync::mpsc::Sender<(Left, oneshot::Sender<()>)>;

struct Floor {
    hook: String,
    connection: Connection,
    writer: Option<Writer>,
    frames: broadcast::Sender<Utf8Bytes>,
    provider: String,
    http: reqwest::Client,
}

/// The process: serves until its stdin closes. With a database it writes the rows of each text, in group commits; with a provider, replies
/// go to it.
pub fn main(customers: &str, database: Option<&str>, provider: Option<&str>) -> Result<()> {
    // another may have been there first
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let writer = database.map(|url| writer(url, customers.parse()?)).transpose()?;
        let mut credentials = Credentials::default();
        credentials.set("account_sid", Secret::new(demo::ACCOUNT_SID));
        credentials.set("auth_token", Secret::new(demo::AUTH_TOKEN));
        let floor = Arc::new(Floor {
            hook: format!("{url}/hook"),
            connection: Connection { credentials, previous_secrets: Vec::new(), api_base_url: None },
            writer,
            frames: broadcast::Sender::new(FRAMES),
            provider: provider.unwrap_or_default().to_owned(),
            http: reqwest::Client::builder().no_proxy().build()?,
        });
        println!("{url}");
        std::io::stdout().flush()?;
        let router = axum::Router::new()
            .route("/hook", post(take))
            .route("/live", any(live))
            .route("/reply", post(reply))
            .with_state(floor);
        // as the server does: a frame doesn't wait for the one before it
        let listener = listener.tap_io(|line| drop(line.set_nodelay(true)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
        Ok(())
    })
}

impl Floor {
    /// Writes the rows; they are durable when it gives true.
    async fn write(&self, left: Left) -> bool {
        let Some(writer) = &self.writer else { return true };
        let (told, done) = oneshot::channel();
        writer.send((left, told)).is_ok() && done.await.is_ok()
    }
}

#[derive(Deserialize)]
struct Text {
    #[serde(rename = "Body")]
    body: String,
}

async fn take(State(floor): State<Arc<Floor>>, headers: HeaderMap, body: Bytes) -> (StatusCode, &'static str) {
    let headers: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let request = WebhookRequest { method: "POST", url: &floor.hook, headers: &headers, body: &body };
    let authentic = provider("twilio").is_some_and(|p| p.authenticate(&floor.connection, &request).is_ok());
    if !authentic {
        return (StatusCode::FORBIDDEN, "");
    }
    if !floor.write(Left::ByText).await {
        return (StatusCode::SERVICE_UNAVAILABLE, "");
    }
    if floor.frames.receiver_count() > 0
        && let Some((_, text)) = url::form_urlencoded::parse(&body).find(|(name, _)| name == "Body")
    {
        // a listener may have gone
        let _ = floor.frames.send(text.as_ref().into());
    }
    (StatusCode::OK, "<Response/>")
}

/// A second browser: a first frame, and the words of each text once it is durable.
async fn live(State(floor): State<Arc<Floor>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |mut socket| {
        let mut frames = floor.frames.subscribe();
        let mut next = Ok("{}".into());
        while let Ok(frame) = next {
            if socket.send(Message::Text(frame)).await.is_err() {
                return;
            }
            next = frames.recv().await;
        }
    })
}

/// Answered when its rows are durable; its request leaves then.
async fn reply(State(floor): State<Arc<Floor>>, Form(text): Form<Text>) -> StatusCode {
    if !floor.write(Left::ByReply).await {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    tokio::spawn(async move {
        let path = format!("/2010-04-01/Accounts/{}/Messages.json", demo::ACCOUNT_SID);
        let form = [("From", demo::NUMBERS[0].0), ("To", demo::PHONES[0].0), ("Body", &text.body)];
        let request = floor.http.post(format!("{}{path}", floor.provider)).form(&form);
        request.basic_auth(demo::ACCOUNT_SID, Some(demo::AUTH_TOKEN)).send().await
    });
    StatusCode::CREATED
}

/// Opens and writes on a thread of its own: the blocking client may not be used where async tasks run.
fn writer(url: &str, customers: Customers) -> Result<Writer> {
    let (sender, receiver) = std::sync::mpsc::channel::<(Left, oneshot::Sender<()>)>();
    let (opened, told) = std::sync::mpsc::channel();
    let url = url.to_owned();
    std::thread::Builder::new().name("raw".into()).spawn(move || {
        let mut raw = match Raw::open(&url, customers) {
            Ok(raw) => raw,
            // who waits for it is told why; nobody else is there
            Err(error) => return drop(opened.send(Err(error))),
        };
        if opened.send(Ok(())).is_err() {
            return;
        }
        while let Ok(first) = receiver.recv() {
            let mut group = vec![first];
            while group.len() < GROUP {
                match receiver.try_recv() {
                    Ok(next) => group.push(next),
                    Err(_) => break,
                }
            }
            let texts = group.iter().filter(|(left, _)| *left == Left::ByText).count();
            if let Err(error) = raw.commit(texts, group.len() - texts) {
                eprintln!("the rows of the floor: {error}");
                return;
            }
            for (_, told) in group {
                // its client may have gone
                let _ = told.send(());
            }
        }
    })?;
    told.recv().context("the writer")??;
    Ok(sender)
}

/// Starts it as a process, with a database and a provider or neither; without a database it only checks signatures.
pub fn start(customers: Customers, rest: &[&str]) -> Result<process::Served> {
    let customers = customers.to_string();
    let arguments: Vec<&str> = std::iter::once(customers.as_str()).chain(rest.iter().copied()).collect();
    process::Served::start("raw", &arguments)
}

/// The median of overwriting 4 KiB and making it durable, in microseconds.
pub fn fsync(folder: &Path) -> Result<u64> {
    use std::io::{Seek as _, SeekFrom};
    let mut file = std::fs::File::create(folder.join("floor"))?;
    file.write_all(&[0; 4096])?;
    file.sync_all()?;
    let mut times = Vec::new();
    for _ in 0..500 {
        let began = std::time::Instant::now();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(crate::client::micros(began.elapsed()));
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}
