//! A backup: one file that holds everything but the secret key, the same for both engines, so that an inbox that began on SQLite
//! grows into PostgreSQL by way of it, and back.
//!
//! It is a gzipped tar, so that any system can look into it:
//!
//! ```text
//! partyline-backup.json            what made it, from which schema, how far each workspace's log went
//! tables/entries/000001.jsonl      rows in the order of their key, each a JSON array; bytes and ids are [hexadecimal]
//! files/1/<SHA-256>                attachments, by workspace
//! manifest.json                    last: how many rows each table has, and the SHA-256 of each part
//! ```
//!
//! [`save`] reads all rows in one snapshot while the server goes on writing, and the files after it: what a row names was there
//! before the row. [`check`] reads a backup from end to end without touching anything; [`load`] fills an empty database with it, all or
//! nothing. Memory does not grow with the number of rows.

mod check;
mod load;
mod save;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::connection::Connection;
use crate::error::{Result as StoreResult, StoreError};
use crate::sql::{Sql, assembled};
use crate::value::{Value, values};

pub use check::check;
pub use load::{Loaded, Target, load};
pub use save::{Saved, save};

/// The form of the file. A program reads this one and those before it.
pub const FORMAT: u32 = 1;
/// The first member.
const HEAD: &str = "partyline-backup.json";
/// The last member.
const MANIFEST: &str = "manifest.json";
/// Rows that are read at once.
const PAGE: i64 = 500;
/// A part of a table is closed when it has this many bytes.
const PART_BYTES: usize = 4 << 20;
/// No member of an honest backup is larger: files are bounded by what a message may carry, parts by a page of rows.
const MEMBER_MAX: u64 = 1 << 30;

/// What becomes of a table in a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its rows are taken, in the order of these columns, its primary key.
    Taken(&'static [&'static str]),
    /// It is of this installation at this moment, and begins empty in the next.
    Left,
}

use Fate::{Left, Taken};

/// Every table, those that are named by others first. A test holds the list to the schema: who adds a table decides here.
pub const TABLES: &[(&str, Fate)] = &[
    ("migrations", Left), // made by the steps themselves
    ("nodes", Left),      // servers that run now
    ("sessions", Left),   // one that was ended after the backup must not come back; everybody signs in again
    ("installation", Taken(&["one"])),
    ("accounts", Taken(&["id"])),
    ("workspaces", Taken(&["workspace"])),
    ("log_heads", Taken(&["workspace"])),
    ("users", Taken(&["workspace", "id"])),
    ("invitations", Taken(&["workspace", "id"])),
    ("teams", Taken(&["workspace", "id"])),
    ("team_members", Taken(&["workspace", "team_id", "user_id"])),
    ("connections", Taken(&["workspace", "id"])),
    ("channels", Taken(&["workspace", "id"])),
    ("senders", Taken(&["workspace", "channel_id"])), // what waits in the outbox waits for them
    ("breakers", Left),                               // whether a provider can be reached is found out anew
    ("contacts", Taken(&["workspace", "id"])),
    ("addresses", Taken(&["workspace", "id"])),
    ("conversations", Taken(&["workspace", "id"])),
    ("labels", Taken(&["workspace", "id"])),
    ("conversation_labels", Taken(&["workspace", "conversation_id", "label_id"])),
    ("saved_searches", Taken(&["workspace", "id"])),
    ("bulk_actions", Taken(&["workspace", "id"])), // what is under way goes on, as its job does, and can still be undone
    ("bulk_items", Taken(&["workspace", "bulk_id", "n"])),
    ("canned_responses", Taken(&["workspace", "id"])),
    ("drafts", Taken(&["workspace", "id"])),
    ("threads", Taken(&["workspace", "channel_id", "address_id"])),
    ("conversation_channels", Taken(&["workspace", "conversation_id", "channel_id", "address_id"])),
    ("conversation_users", Taken(&["workspace", "conversation_id", "user_id"])),
    ("tallies", Taken(&["workspace", "user_id", "cell", "team_id", "owner_id"])),
    ("entries", Taken(&["workspace", "seq"])),
    ("note_revisions", Taken(&["workspace", "seq", "revision"])),
    ("reactions", Taken(&["workspace", "seq", "user_id", "emoji"])),
    ("tasks", Taken(&["workspace", "seq"])),
    ("deliveries", Taken(&["workspace", "seq"])),
    ("attempts", Taken(&["workspace", "seq", "attempt"])),
    ("earlier_tries", Taken(&["workspace", "provider_key"])),
    ("blobs", Taken(&["workspace", "sha256"])),
    ("attachments", Taken(&["workspace", "id"])),
    ("file_links", Taken(&["token_hash"])), // they end by themselves; a provider may be fetching from one
    ("events", Taken(&["workspace", "seq"])),
    ("blocks", Taken(&["workspace", "first_seq"])),
    ("inbound", Taken(&["workspace", "id"])),
    ("jobs", Taken(&["workspace", "seq", "n"])),
    ("cursors", Taken(&["workspace", "reader"])), // so that what came since the backup is fetched from the provider again
    ("channel_turns", Taken(&["workspace", "channel_id", "about"])), // the same
    ("imports", Taken(&["workspace", "id"])),     // go on where they were
    ("idempotency_keys", Taken(&["workspace", "caller", "route", "key"])), // what is repeated after a restore is not done twice
    ("consents", Taken(&["workspace", "seq", "n"])),
    ("notifications", Taken(&["workspace", "user_id", "seq"])),
    ("consent_states", Taken(&["workspace", "address_key"])),
    ("mails", Left),           // letters that wait hold links, and went out from the other installation
    ("password_resets", Left), // as sessions
    ("push_subscriptions", Left), // as the sessions that they belong to
    ("contact_docs", Left),    // the index of words is filled anew, from the beginning of the log
    ("entry_search", Left),
];

/// What made the backup, and of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The form of this file.
    pub format: u32,
    /// The schema of the rows.
    pub schema: i64,
    /// The program's version.
    pub program: String,
    /// The engine it was read from, for people.
    pub engine: String,
    /// When the snapshot was taken, in milliseconds UTC.
    pub made_at: i64,
    /// The fingerprint of the secret key, hexadecimal. The key itself is never here.
    pub key_fingerprint: String,
    /// How far each workspace's log went.
    pub workspaces: Vec<Mark>,
    /// The columns of each table, in the order of the rows' values.
    pub tables: BTreeMap<String, Vec<String>>,
}

/// How far the log of a workspace went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Its number in the installation.
    pub workspace: i64,
    /// What it is called.
    pub name: String,
    /// Its newest event.
    pub head: i64,
    /// The last event that is sealed.
    pub sealed: i64,
    /// The hash of the last block, hexadecimal.
    pub hash: String,
}

/// What a whole backup holds. It comes last, so a backup without it was cut off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// SHA-256 of each member but the files, which are named by theirs; hexadecimal.
    pub sha256: BTreeMap<String, String>,
    /// How many files there are.
    pub files: u64,
    /// Files that a row names and the storage did not have.
    pub missing: Vec<String>,
}

/// Why a backup could not be made, read or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is nothing to back up.
    #[error("there is no inbox in this database yet, so there is nothing to back up")]
    Nothing,
    /// It is no backup of ours.
    #[error("this is no backup of Partyline ({0}); nothing was restored")]
    NotOne(String),
    /// Bytes have changed or are missing.
    #[error("the backup is damaged ({0}); nothing was restored. Take another copy of it, or an older one")]
    Damaged(String),
    /// A newer program made it.
    #[error("the backup is of schema {found}, this program knows up to {known}: restore it with the newer program")]
    Newer {
        /// Its schema, or its form.
        found: i64,
        /// What this program knows.
        known: i64,
    },
    /// The database is of another version than the program.
    #[error(
        "the database has schema {found} and this program writes {known}: back it up with the program that serves it, or start this one's `partyline migrate` first"
    )]
    OtherSchema {
        /// The database's.
        found: i64,
        /// The program's.
        known: i64,
    },
    /// There is something in the database.
    #[error(
        "the database is not empty: {0}. A backup is restored into an empty one only, so that nothing is overwritten"
    )]
    NotEmpty(String),
    /// The rows that were restored are not those that were saved.
    #[error("the restored rows are not whole ({0}); nothing was kept")]
    NotWhole(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Reading or writing the backup failed.
    #[error("the backup: {0}")]
    File(#[from] std::io::Error),
}

/// The result of saving, checking and loading.
pub type Result<T, E = BackupError> = std::result::Result<T, E>;

/// How far it is: for a terminal.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// So many rows of a table.
    Rows(&'a str, u64),
    /// So many files.
    Files(u64),
}

/// A table's columns, in order.
const COLUMNS: Sql = Sql::differs(
    "backup::COLUMNS",
    "SELECT name FROM pragma_table_info($1) ORDER BY cid",
    "SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
);
pub(crate) const DIFFERING: &[Sql] = &[COLUMNS];

fn columns(connection: &mut Connection, table: &str) -> StoreResult<Vec<String>> {
    Ok(connection.rows::<(String,)>(COLUMNS, values![table])?.into_iter().map(|(name,)| name).collect())
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// The next page of a table in the order of its key.
fn page_after(table: &str, key: &[&str], columns: &[String], first: bool) -> Sql {
    assembled(&format!("backup {table} {first}"), || {
        let key: Vec<String> = key.iter().map(|name| (*name).to_owned()).collect();
        let (order, width) = (list(&key), key.len());
        let after = (1..=width).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
        let place = if first { String::new() } else { format!(" WHERE ({order}) > ({after})") };
        let limit = if first { 1 } else { width + 1 };
        format!("SELECT {} FROM {table}{place} ORDER BY {order} LIMIT ${limit}", list(columns))
    })
}

/// A value as it stands in a backup. Ids are bytes there, as they are on SQLite.
fn to_json(value: Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Int(x) => x.into(),
        Value::Text(x) => x.into(),
        Value::Bytes(x) => vec![hex::encode(x)].into(),
        Value::Id(x) => vec![hex::encode(x.as_bytes())].into(),
    }
}

/// The way back; `None` for what no backup of ours holds.
fn from_json(value: serde_json::Value) -> Option<Value> {
    use serde_json::Value as Json;
    Some(match value {
        Json::Null => Value::Null,
        Json::Number(x) => Value::Int(x.as_i64()?),
        Json::String(x) => Value::Text(x),
        Json::Array(x) => match x.as_slice() {
            [Json::String(bytes)] => Value::Bytes(hex::decode(bytes).ok()?),
            _ => return None,
        },
        Json::Bool(_) | Json::Object(_) => return None,
    })
}

/// What a member is, by its name.
#[derive(Debug, PartialEq, Eq)]
enum Member {
    Head,
    Part { table: String },
    File { workspace: i64, sha256: Vec<u8> },
    Manifest,
}

impl Member {
    fn of(name: &str) -> Option<Member> {
        if name == HEAD {
            return Some(Member::Head);
        }
        if name == MANIFEST {
            return Some(Member::Manifest);
        }
        let mut parts = name.split('/');
        let member = match (parts.next()?, parts.next()?, parts.next()?) {
            ("tables", table, part) if part.ends_with(".jsonl") => Member::Part { table: table.to_owned() },
            ("files", workspace, sha256) => Member::File {
                workspace: workspace.parse().ok()?,
                sha256: hex::decode(sha256).ok().filter(|hash| hash.len() == 32)?,
            },
            _ => return None,
        };
        parts.next().is_none().then_some(member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were() {
        for value in [Value::Null, Value::Int(-7), Value::Text("☺ \u{1}\"".into()), Value::Bytes(vec![0, 255])] {
            assert_eq!(from_json(to_json(value.clone())), Some(value));
        }
        let id = uuid::Uuid::from_bytes([9; 16]);
        assert_eq!(from_json(to_json(Value::Id(id))), Some(Value::Bytes(vec![9; 16])), "an id is its bytes");
        for wrong in ["true", "{}", "[]", "[1]", "[\"zz\"]", "1.5"] {
            assert_eq!(from_json(serde_json::from_str(wrong).expect("JSON")), None, "{wrong}");
        }
    }

    #[test]
    fn a_member_is_known_by_its_name_and_no_other_is_read() {
        assert_eq!(Member::of("tables/entries/000001.jsonl"), Some(Member::Part { table: "entries".into() }));
        for wrong in
            ["tables/../../etc/passwd.jsonl", "files/1/abc", "files/x/../../y", "/etc/passwd", "", "tables/a/b/c.jsonl"]
        {
            assert_eq!(Member::of(wrong), None, "{wrong}");
        }
    }
}
