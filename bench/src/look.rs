//! The floor of a look: axum, and the rows of a page or of a conversation read raw by their index. Nothing is joined, decided or written
//! as JSON, and nobody is signed in.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
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

/// The newest entries with one of two words.
const WORDS: [&str; 2] = ["sofa", "parking"];
const FOUND_SQLITE: &str = "SELECT rowid FROM entry_search WHERE entry_search MATCH ?1 ORDER BY rowid DESC LIMIT 50";
const FOUND_POSTGRES: &str =
    "SELECT seq::text FROM entry_search WHERE workspace = 1 AND words @@ $1::text::tsquery ORDER BY seq DESC LIMIT 50";
/// Threads that read.
const READERS: usize = 4;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    Page,
    One(ConversationId),
    Word(usize),
}

enum Reader {
    Sqlite(Box<rusqlite::Connection>),
    Postgres(Box<postgres::Client>, [postgres::Statement; 4]),
}

impl Reader {
    fn open(url: &str) -> Result<Reader> {
        let Some(path) = url.strip_prefix("sqlite://") else {
            let mut db = postgres::Client::connect(url, postgres::NoTls)?;
            let mut prepared =
                |text: &str| db.prepare(&text.replace("{row}", "c::text").replace("{id}", "$1::text::uuid"));
            let statements = [prepared(PAGE)?, prepared(ONE)?, prepared(ENTRIES)?, prepared(FOUND_POSTGRES)?];
            return Ok(Reader::Postgres(Box::new(db), statements));
        };
        let db = rusqlite::Connection::open(path)?;
        db.execute_batch("PRAGMA cache_size=-16000; PRAGMA mmap_size=2147418112; PRAGMA query_only=ON;")?;
        Ok(Reader::Sqlite(Box::new(db)))
    }

    /// The bytes of a page, of a conversation and its newest entries, or of what a word finds.
    fn read(&mut self, wanted: Wanted) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let id = if let Wanted::One(id) = wanted { Some(id) } else { None };
        let word = if let Wanted::Word(n) = wanted { Some(WORDS[n % WORDS.len()]) } else { None };
        let wanted: &[usize] = match wanted {
            Wanted::Page => &[0],
            Wanted::One(_) => &[1, 2],
            Wanted::Word(_) => &[3],
        };
        for n in wanted {
            match self {
                Reader::Sqlite(db) => {
                    let text = [PAGE, ONE, ENTRIES, FOUND_SQLITE][*n].replace("{row}", "*").replace("{id}", "?1");
                    let mut statement = db.prepare_cached(&text)?;
                    let width = statement.column_count();
                    let key = id.map(|id| id.uuid().as_bytes().to_vec());
                    let mut rows = match (&key, word) {
                        (Some(key), _) => statement.query([key])?,
                        (_, Some(word)) => statement.query([word])?,
                        _ => statement.query([])?,
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
                    let key = id.map(|id| id.uuid().to_string()).or(word.map(str::to_owned));
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

type Ask = (Wanted, oneshot::Sender<Result<Vec<u8>>>);
type Reads = Arc<std::sync::mpsc::Sender<Ask>>;

/// The process: serves until its stdin closes.
pub fn main(database: &str) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let (sender, receiver) = std::sync::mpsc::channel::<Ask>();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..READERS {
            let (url, receiver) = (database.to_owned(), receiver.clone());
            // the blocking client may not be used where async tasks run
            std::thread::Builder::new().name("reader".into()).spawn(move || -> Result<()> {
                let mut reader = Reader::open(&url)?;
                loop {
                    let asked = receiver.lock().map_err(|_| anyhow::anyhow!("another reader panicked"))?.recv();
                    let Ok((wanted, told)) = asked else { return Ok(()) };
                    // its client may have gone
                    let _ = told.send(reader.read(wanted));
                }
            })?;
        }
        let router = axum::Router::new()
            .route("/page", get(|State(reads): State<Reads>| answer(reads, Wanted::Page)))
            .route(
                "/one/{id}",
                get(|State(reads): State<Reads>, Path(id): Path<ConversationId>| answer(reads, Wanted::One(id))),
            )
            .route("/word/{n}", get(|State(reads): State<Reads>, Path(n): Path<usize>| answer(reads, Wanted::Word(n))))
            .with_state(Arc::new(sender));
        println!("http://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        tokio::spawn(async move { axum::serve(listener, router).await });
        tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
        Ok(())
    })
}

async fn answer(reads: Reads, wanted: Wanted) -> (StatusCode, Vec<u8>) {
    let (told, read) = oneshot::channel();
    match reads.send((wanted, told)) {
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
    /// How long first pages took when as many as in the crowded run were asked for at once.
    pub crowded: Vec<u64>,
    /// The same of what words find.
    pub found: Vec<u64>,
}

/// Starts it, and looks as often as people looked at the program; `crowd`: how many at once.
pub async fn run(database: &str, pages: usize, opened: &[ConversationId], crowd: usize) -> Result<Looked> {
    let began = Instant::now();
    let floor = process::Served::start("look", &[database])?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let get = async |path: &str| -> Result<u64> {
        let began = Instant::now();
        let answer = http.get(format!("{}{path}", floor.url)).send().await?.error_for_status()?;
        answer.bytes().await?;
        Ok(micros(began.elapsed()))
    };
    get("/page").await?;
    let ready_after = began.elapsed();
    let memory = process::memory(floor.pid())?;
    let mut looked =
        Looked { ready_after, memory, pages: Vec::new(), opened: Vec::new(), crowded: Vec::new(), found: Vec::new() };
    for _ in 0..pages {
        looked.pages.push(get("/page").await?);
    }
    for id in opened {
        looked.opened.push(get(&format!("/one/{id}")).await?);
    }
    for (words, times) in [(false, &mut looked.crowded), (true, &mut looked.found)] {
        let one = async |person: usize| -> Result<Vec<u64>> {
            let mut times = Vec::new();
            for turn in 0..pages / crowd.max(1) {
                let word = format!("/word/{}", person + turn);
                times.push(get(if words { &word } else { "/page" }).await?);
            }
            Ok(times)
        };
        *times = futures_util::future::try_join_all((0..crowd).map(one)).await?.into_iter().flatten().collect();
        times.sort_unstable();
    }
    looked.pages.sort_unstable();
    looked.opened.sort_unstable();
    floor.stop()?;
    Ok(looked)
}
