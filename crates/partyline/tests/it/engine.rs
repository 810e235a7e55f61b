//! A database of its own for every proof, on either engine.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use partyline_desk::mail::Mailer;
use partyline_desk::push::Pusher;
use partyline_store::Location;
use postgres::NoTls;
use tempfile::TempDir;

/// Where `make test` has started PostgreSQL.
const SERVER: &str = "PARTYLINE_TEST_POSTGRES";

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Where a database is; it is gone when this is dropped.
pub struct Place {
    pub location: Location,
    /// The same, as the command line takes it.
    pub url: String,
    pub folder: TempDir,
    /// The mail server of the processes that start here.
    pub mailer: Mutex<Option<Arc<dyn Mailer>>>,
    /// What they speak to push services with.
    pub pusher: Mutex<Option<Arc<dyn Pusher>>>,
    made: Option<(String, String)>,
}

impl Engine {
    /// An empty database.
    pub fn place(self) -> Place {
        let folder = tempfile::tempdir().unwrap();
        match self {
            Engine::Sqlite => {
                let path = folder.path().join("partyline.db");
                Place {
                    url: format!("sqlite://{}", path.display()),
                    location: Location::Sqlite(path),
                    folder,
                    mailer: Mutex::default(),
                    pusher: Mutex::default(),
                    made: None,
                }
            }
            Engine::Postgres => {
                let (url, server, name) = new_database();
                let location = Location::parse(&url).unwrap();
                Place {
                    location,
                    url,
                    folder,
                    mailer: Mutex::default(),
                    pusher: Mutex::default(),
                    made: Some((server, name)),
                }
            }
        }
    }
}

impl Place {
    /// A folder, and a database somewhere else, or nowhere.
    pub fn elsewhere(url: &str) -> Place {
        let location = Location::parse(url).unwrap();
        Place {
            location,
            url: url.to_owned(),
            folder: tempfile::tempdir().unwrap(),
            mailer: Mutex::default(),
            pusher: Mutex::default(),
            made: None,
        }
    }
}

/// The address of a new database on the PostgreSQL of the tests, that server's own address, and the database's name.
fn new_database() -> (String, String, String) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var(SERVER).unwrap_or_else(|_| {
        panic!("{SERVER} is not set: run `make test`, or `eval \"$(scripts/postgres.sh start)\"` first")
    });
    let name = format!("road_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    batch(&server, &format!("CREATE DATABASE {name}"));
    let url = match server.split_once('?') {
        Some((base, query)) => format!("{}/{name}?{query}", base.trim_end_matches("/postgres")),
        None => format!("{}/{name}", server.trim_end_matches("/postgres")),
    };
    (url, server, name)
}

fn batch(server: &str, sql: &str) {
    // the blocking client may not be used where async tasks run
    let (server, sql) = (server.to_owned(), sql.to_owned());
    std::thread::spawn(move || postgres::Client::connect(&server, NoTls).unwrap().batch_execute(&sql).unwrap())
        .join()
        .unwrap();
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.made {
            batch(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Proves behaviours, each on both engines, and then what must always hold.
macro_rules! behaviours {
    ($($(#[$note:meta])* async fn $name:ident($world:ident) $body:block)*) => {$(
        $(#[$note])*
        mod $name {
            #[allow(unused_imports, reason = "each proof takes what it needs")]
            use super::*;

            async fn proof($world: &crate::world::World) $body

            #[test]
            fn on_sqlite() {
                crate::world::prove(crate::engine::Engine::Sqlite, proof);
            }

            #[test]
            fn on_postgres() {
                crate::world::prove(crate::engine::Engine::Postgres, proof);
            }
        }
    )*};
}
pub(crate) use behaviours;
