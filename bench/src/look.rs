//! The floor of a look: axum, and the rows of a page or of a conversation read raw by their index. Nothing is joined, decided or written
//! as JSON, and nobody is signed in.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use partyline_core::id::ConversationId;
use tokio::sync::oneshot;

use crate::client::micros;
use crate::process;

/// The page of one team's open conversations that nobody has.
const PAGE: &str = "SELECT {row} FROM conversations c WHERE c.workspace = 1 AND c.team_id = (SELECT team_id FROM conversations WHERE workspace = 1 AND status = 'open' AND assigned = 0 LIMIT 1) AND c.status = 'open' AND c.assigned = 0 ORDER BY c.last_activity_at DESC, c.id DESC LIMIT 50";
/// A conversation.
const ONE: &str = "SELECT {row} FROM conversations c WHERE c.workspace = 1 AND c.id = {id}";
/// Its newest entries.
const ENTRIES: &str = "SELECT {row} FROM entries c WHERE c.workspace = 1 AND c.conversation_id = {id} ORDER BY c.at DESC, c.seq DESC LIMIT 50";

enum Reader {
    Sqlite(Box<rusqlite::Connection>),
    Postgres(Box<postgres::Client>, [postgres::Statement; 3]),
}

impl Reader {
    fn open(url: &str) -> Result<Reader> {
        let Some(path) = url.strip_prefix("sqlite://") else {
            let mut db = postgres::Client::connect(url, postgres::NoTls)?;
            let mut prepared =
                |text: &str| db.prepare(&text.replace("{row}", "c::text").replace("{id}", "$1::text::uuid"));
            let statements = [prepared(PAGE)?, prepared(ONE)?, prepared(ENTRIES)?];
            return Ok(Reader::Postgres(Box::new(db), statements));
        };
        let db = rusqlite::Connection::open(path)?;
        db.execute_batch("PRAGMA cache_size=-16000; PRAGMA mmap_size=268435456; PRAGMA query_only=ON;")?;
        Ok(Reader::Sqlite(Box::new(db)))
    }

    /// The bytes of a page, or of a conversation and its newest entries.
    fn read(&mut self, id: Option<ConversationId>) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let wanted: &[usize] = if id.is_some() { &[1, 2] } else { &[0] };
        for n in wanted {
            match self {
                Reader::Sqlite(db) => {
                    let text = [PAGE, ONE, ENTRIES][*n].replace("{row}", "*").replace("{id}", "?1");
                    let mut statement = db.prepare_cached(&text)?;
                    let width = statement.column_count();
                    let key = id.map(|id| id.uuid().as_bytes().to_vec());
                    let mut rows = match &key {
                        Some(key) => statement.query([key])?,
                        None => statement.query([])?,
                    };
                    while let Some(row) = rows.next()? {
                        for column in 0..width {
                            use rusqlite::types::ValueRef;
                            match row.get_ref(column)? {
                                ValueRef::Null => bytes.push(b'-'),
                                ValueRef::Integer(x) => bytes.extend(x.to_le_bytes()),
                                ValueRef::Real(x) => bytes.extend(x.to_le_bytes()),
                                ValueRef::Text(x) | ValueRef::Blob(x) => bytes.extend(x),
                            }
                        }
                    }
                }
                Reader::Postgres(db, statements) => {
                    let key = id.map(|id| id.uuid().to_string());
                    let rows = match &key {
                        Some(key) => db.query(&statements[*n], &[key])?,
                        None => db.query(&statements[*n], &[])?,
                    };
                    for row in rows {
                        bytes.extend(row.get::<_, String>(0).into_bytes());
                    }
                }
            }
        }
        Ok(bytes)
    }
}

type Ask = (Option<ConversationId>, oneshot::Sender<Result<Vec<u8>>>);
type Reads = Arc<std::sync::mpsc::Sender<Ask>>;

/// The process: serves until its stdin closes.
pub fn main(database: &str) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let (sender, receiver) = std::sync::mpsc::channel::<Ask>();
        let url = database.to_owned();
        // the blocking client may not be used where async tasks run
        std::thread::Builder::new().name("reader".into()).spawn(move || -> Result<()> {
            let mut reader = Reader::open(&url)?;
            while let Ok((id, told)) = receiver.recv() {
                // its client may have gone
                let _ = told.send(reader.read(id));
            }
            Ok(())
        })?;
        let router = axum::Router::new()
            .route("/page", get(|State(reads): State<Reads>| answer(reads, None)))
            .route(
                "/one/{id}",
                get(|State(reads): State<Reads>, Path(id): Path<ConversationId>| answer(reads, Some(id))),
            )
            .with_state(Arc::new(sender));
        println!("http://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
        Ok(())
    })
}

async fn answer(reads: Reads, id: Option<ConversationId>) -> (StatusCode, Vec<u8>) {
    let (told, read) = oneshot::channel();
    match reads.send((id, told)) {
        Ok(()) => match read.await {
            Ok(Ok(bytes)) => (StatusCode::OK, bytes),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, Vec::new()),
        },
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Vec::new()),
    }
}

/// What the floor did.
pub struct Looked {
    /// From its start to its first page.
    pub ready_after: Duration,
    /// Resident memory then.
    pub memory: process::Memory,
    /// How long first pages took, sorted, in microseconds.
    pub pages: Vec<u64>,
    /// How long conversations with their entries took, sorted, in microseconds.
    pub opened: Vec<u64>,
}

/// Starts it, and looks as often as people looked at the program.
pub async fn run(database: &str, pages: usize, opened: &[ConversationId]) -> Result<Looked> {
    let began = Instant::now();
    let floor = process::Served::start("look", &[database])?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let get = async |path: String| -> Result<u64> {
        let began = Instant::now();
        let answer = http.get(format!("{}{path}", floor.url)).send().await?.error_for_status()?;
        answer.bytes().await?;
        Ok(micros(began.elapsed()))
    };
    get("/page".to_owned()).await?;
    let ready_after = began.elapsed();
    let memory = process::memory(floor.pid())?;
    let mut looked = Looked { ready_after, memory, pages: Vec::new(), opened: Vec::new() };
    for _ in 0..pages {
        looked.pages.push(get("/page".to_owned()).await?);
    }
    for id in opened {
        looked.opened.push(get(format!("/one/{id}")).await?);
    }
    looked.pages.sort_unstable();
    looked.opened.sort_unstable();
    floor.stop()?;
    Ok(looked)
}
