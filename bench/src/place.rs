//! Where a measured database is: a SQLite file, or a database of its own on a PostgreSQL.

use std::path::Path;

use anyhow::{Context as _, Result};
use partyline_core::id::ConversationId;

use crate::process;
use crate::rows::simple;

/// Where a PostgreSQL for measuring stands; without it only SQLite is measured.
const SERVER: &str = "PARTYLINE_TEST_POSTGRES";

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    /// What it is called in the table.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        }
    }
}

/// The engines that there are here.
pub fn engines() -> Vec<Engine> {
    let postgres = std::env::var(SERVER).is_ok().then_some(Engine::Postgres);
    std::iter::once(Engine::Sqlite).chain(postgres).collect()
}

/// A database of its own; it is gone when this is dropped.
pub struct Place {
    /// Which engine.
    pub engine: Engine,
    /// As the command line takes it.
    pub url: String,
    made: Option<(String, String)>,
}

impl Place {
    /// An empty database.
    pub fn new(engine: Engine, folder: &Path, name: &str) -> Result<Place> {
        if engine == Engine::Sqlite {
            return Ok(Place {
                engine,
                url: format!("sqlite://{}", folder.join("partyline.db").display()),
                made: None,
            });
        }
        let server = std::env::var(SERVER).context(SERVER)?;
        let name = format!("bench_{}_{name}", std::process::id());
        batch(&server, &format!("CREATE DATABASE {name}"))?;
        let url = match server.split_once('?') {
            Some((base, query)) => format!("{}/{name}?{query}", base.trim_end_matches("/postgres")),
            None => format!("{}/{name}", server.trim_end_matches("/postgres")),
        };
        Ok(Place { engine, url, made: Some((server, name)) })
    }

    /// Its size, in MB.
    pub fn size(&self) -> Result<f64> {
        match &self.made {
            None => {
                let path = self.url.trim_start_matches("sqlite://");
                #[allow(clippy::cast_precision_loss, reason = "a size")]
                let size = std::fs::metadata(path)?.len() as f64;
                Ok(size / 1e6)
            }
            Some(_) => Ok(self.ask("SELECT pg_database_size(current_database())")?.parse::<f64>()? / 1e6),
        }
    }

    /// The engine with its version.
    pub fn version(&self) -> Result<String> {
        match &self.made {
            None => Ok(format!("{} {}", self.engine.name(), rusqlite::version())),
            Some(_) => Ok(format!("{} {}", self.engine.name(), self.ask("SHOW server_version")?)),
        }
    }

    /// The first column of the first row of a query.
    pub fn ask(&self, text: &str) -> Result<String> {
        if self.made.is_none() {
            let db = rusqlite::Connection::open(self.url.trim_start_matches("sqlite://"))?;
            return Ok(db.query_row(text, [], |r| r.get::<_, i64>(0))?.to_string());
        }
        let (url, text) = (self.url.clone(), text.to_owned());
        // the blocking client may not be used where async tasks run
        let asked = std::thread::spawn(move || -> Result<Vec<Vec<String>>> {
            simple(&mut postgres::Client::connect(&url, postgres::NoTls)?, &text)
        });
        let rows = asked.join().map_err(|_| anyhow::anyhow!("the query panicked"))??;
        rows.into_iter().flatten().next().context("no answer")
    }

    /// Conversations taken at random from the whole table.
    pub fn some_conversations(&self, count: usize) -> Result<Vec<ConversationId>> {
        let text = if self.made.is_none() { "lower(hex(id))" } else { "id::text" };
        let text = format!("SELECT {text} FROM conversations ORDER BY random() LIMIT {count}");
        let ids: Vec<String> = if self.made.is_none() {
            let db = rusqlite::Connection::open(self.url.trim_start_matches("sqlite://"))?;
            let mut statement = db.prepare(&text)?;
            statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?
        } else {
            let url = self.url.clone();
            let asked = std::thread::spawn(move || -> Result<Vec<Vec<String>>> {
                simple(&mut postgres::Client::connect(&url, postgres::NoTls)?, &text)
            });
            asked.join().map_err(|_| anyhow::anyhow!("the query panicked"))??.into_iter().flatten().collect()
        };
        ids.iter().map(|id| Ok(ConversationId::from_uuid(id.parse::<uuid::Uuid>()?))).collect()
    }

    /// On PostgreSQL the processes that serve connections to it, their numbers separated by commas.
    pub fn backends(&self) -> Result<String> {
        self.ask("SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    }

    /// CPU time of the database's own processes; none on SQLite, which works inside the server.
    pub fn cpu(&self) -> Result<std::time::Duration> {
        if self.made.is_none() {
            return Ok(std::time::Duration::ZERO);
        }
        let folder = self.ask("SHOW data_directory")?;
        let pid = std::fs::read_to_string(Path::new(&folder).join("postmaster.pid"))?;
        process::family_cpu(pid.lines().next().unwrap_or_default().parse()?)
    }
}

fn batch(server: &str, sql: &str) -> Result<()> {
    let (server, sql) = (server.to_owned(), sql.to_owned());
    let run = move || Ok(postgres::Client::connect(&server, postgres::NoTls)?.batch_execute(&sql)?);
    std::thread::spawn(run).join().map_err(|_| anyhow::anyhow!("the statement panicked"))?
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.made {
            // what can't be dropped is in a folder under /tmp
            let _ = batch(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}
