//! The floors that need a server: axum with the same signature check and nothing else, and the same with the rows of a text written raw.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use partyline_carrier::demo;
use partyline_channels::{Connection, Credentials, Secret, WebhookRequest, provider};
use tokio::sync::oneshot;

use crate::process;
use crate::rows::{Customers, Raw};

/// Texts of one commit, at most: as the server has it.
const GROUP: usize = 256;

struct Floor {
    url: String,
    connection: Connection,
    writer: Option<std::sync::mpsc::Sender<(usize, oneshot::Sender<()>)>>,
}

/// The process: serves until its stdin closes. With a database it writes the rows of each text, in group commits.
pub fn main(database: Option<&str>, customers: &str) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let writer = database.map(|url| writer(url, customers.parse()?)).transpose()?;
        let mut credentials = Credentials::default();
        credentials.set("account_sid", Secret::new(demo::ACCOUNT_SID));
        credentials.set("auth_token", Secret::new(demo::AUTH_TOKEN));
        let connection = Connection { credentials, previous_secrets: Vec::new(), api_base_url: None };
        let floor = Arc::new(Floor { url: url.clone(), connection, writer });
        println!("{url}");
        std::io::stdout().flush()?;
        let router = axum::Router::new().route("/hook", post(take)).with_state(floor);
        tokio::spawn(async move { axum::serve(listener, router).await });
        tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
        Ok(())
    })
}

async fn take(State(floor): State<Arc<Floor>>, headers: HeaderMap, body: Bytes) -> (StatusCode, &'static str) {
    let headers: Vec<(String, String)> = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let request = WebhookRequest { method: "POST", url: &floor.url, headers: &headers, body: &body };
    let authentic = provider("twilio").is_some_and(|p| p.authenticate(&floor.connection, &request).is_ok());
    if !authentic {
        return (StatusCode::FORBIDDEN, "");
    }
    if let Some(writer) = &floor.writer {
        let (told, done) = oneshot::channel();
        if writer.send((body.len(), told)).is_err() || done.await.is_err() {
            return (StatusCode::SERVICE_UNAVAILABLE, "");
        }
    }
    (StatusCode::OK, "<Response/>")
}

/// Opens and writes on a thread of its own: the blocking client may not be used where async tasks run.
fn writer(url: &str, customers: Customers) -> Result<std::sync::mpsc::Sender<(usize, oneshot::Sender<()>)>> {
    let (sender, receiver) = std::sync::mpsc::channel::<(usize, oneshot::Sender<()>)>();
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
            if raw.commit(group.len()).is_err() {
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

/// Starts it as a process; without a database it only checks signatures. It is reached at its webhook.
pub fn start(database: Option<&str>, customers: Customers) -> Result<process::Served> {
    let customers = customers.to_string();
    let arguments: Vec<&str> = std::iter::once(customers.as_str()).chain(database).collect();
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
