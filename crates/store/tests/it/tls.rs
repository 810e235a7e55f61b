//! The line to PostgreSQL, encrypted as managed servers ask for it.

use partyline_store::{Db, Location, StoreError};
use postgres::NoTls;

use crate::engines::NOW;

/// Where `make test` has started PostgreSQL, over TLS.
const SERVER: &str = "PARTYLINE_TEST_POSTGRES_TLS";

fn address() -> String {
    std::env::var(SERVER)
        .unwrap_or_else(|_| panic!("{SERVER} is not set: run `eval \"$(scripts/postgres.sh start)\"` first"))
}

fn opened(url: &str) -> Result<Db, StoreError> {
    Db::open(&Location::parse(url).unwrap(), NOW)
}

fn said(refused: Result<Db, StoreError>) -> String {
    match refused {
        Ok(_) => panic!("it was trusted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_line_is_encrypted_and_the_certificate_is_checked() {
    let address = address();
    let database = format!("tls_{}", std::process::id());
    let (base, query) = address.split_once('?').unwrap();
    let plain = format!("{base}?sslmode=disable");
    let mut client = postgres::Client::connect(&plain, NoTls).unwrap();
    client.batch_execute(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)")).unwrap();
    client.batch_execute(&format!("CREATE DATABASE {database}")).unwrap();
    let url = |query: &str| {
        let (server, _) = address.split_once("/postgres?").unwrap();
        format!("{server}/{database}?{query}")
    };

    let db = opened(&url(query)).unwrap();
    let lines = client
        .query("SELECT s.ssl FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) WHERE a.datname = $1", &[&database])
        .unwrap();
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| line.get::<_, bool>(0)), "a line is not encrypted");
    drop(db);

    let unknown = said(opened(&url("sslmode=require")));
    assert!(unknown.contains("certificate") || unknown.contains("trusts no"), "{unknown}");
    let other_name = said(opened(&url(query).replace("@localhost:", "@127.0.0.1:")));
    assert!(other_name.contains("certificate"), "{other_name}");
    let no_file = said(opened(&url("sslmode=require&sslrootcert=/nowhere.pem")));
    assert!(no_file.contains("/nowhere.pem"), "{no_file}");
}
