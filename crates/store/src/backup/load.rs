//! Loading: an empty database is filled from a backup that was checked, all or nothing.

use std::path::{Path, PathBuf};

use partyline_core::time::Millis;

use super::check::each_member;
use super::{BackupError, Fate, Head, Manifest, Member, Progress, Result, TABLES, columns, from_json, list};
use crate::connection::{Access, Connection, Location};
use crate::db::After;
use crate::error::Result as StoreResult;
use crate::events::Audit;
use crate::migrate::{self, NEWEST_VERSION};
use crate::scope::{Heads, Root, Scope, Workspace, Writing};
use crate::sql::{Sql, assembled};
use crate::value::Value;

/// Parameters of one INSERT on PostgreSQL, which takes 65,535: enough that the way there and back costs nothing.
const PARAMETERS: usize = 2_000;

/// Where a backup goes: an empty database, and what stands ready beside it until everything is right.
#[derive(Debug)]
pub struct Target {
    location: Location,
    /// SQLite is filled beside its place, and put there when it is whole.
    beside: Option<(PathBuf, PathBuf)>,
}

/// What was loaded.
#[derive(Debug)]
pub struct Loaded<T> {
    /// Files that were kept.
    pub files: u64,
    /// What the last step answered.
    pub last: T,
}

impl Target {
    /// An empty database.
    ///
    /// # Errors
    /// [`BackupError::NotEmpty`] when there is something in it.
    pub fn empty(location: &Location) -> Result<Target> {
        if let Location::Sqlite(path) = location {
            if path.exists() {
                must_be_empty(&mut Connection::open(location, Access::Read)?)?;
            }
            let beside = path.with_extension("restoring");
            remove(&beside)?;
            let target = Location::Sqlite(beside.clone());
            return Ok(Target { location: target, beside: Some((beside, path.clone())) });
        }
        must_be_empty(&mut Connection::open(location, Access::Read)?)?;
        Ok(Target { location: location.clone(), beside: None })
    }

    /// Everything is right: it takes its place.
    fn keep(&self) -> Result<()> {
        let Some((beside, path)) = &self.beside else { return Ok(()) };
        std::fs::File::open(beside)?.sync_all()?;
        // a log that an empty database left would be read into this one
        remove(path)?;
        std::fs::rename(beside, path)?;
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

/// Deletes a SQLite file and what SQLite keeps beside it.
fn remove(path: &Path) -> Result<()> {
    for end in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        match std::fs::remove_file(&name) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
            _ => {}
        }
    }
    Ok(())
}

fn must_be_empty(connection: &mut Connection) -> Result<()> {
    let version = migrate::version(connection)?;
    if version == 0 {
        return Ok(());
    }
    let postgres = connection.is_postgres();
    let mut root = Root { connection, writing: None };
    let names: Vec<String> = root.workspaces()?.into_iter().map(|(_, _, name)| name).collect();
    if !names.is_empty() {
        return Err(BackupError::NotEmpty(format!("the workspace {} is in it", names.join(", "))));
    }
    if root.key_fingerprint()?.is_some() {
        let how = "a server has been started on it. Use a new folder or a new database";
        return Err(BackupError::NotEmpty(how.to_owned()));
    }
    if postgres {
        return Err(BackupError::NotEmpty("it has tables. Drop it and make it anew".to_owned()));
    }
    Ok(())
}

/// Fills an empty database from a backup that [`super::check`] has read. `keep` puts a file into the storage. When every row is in
/// and the logs and the references are proven whole, `last` runs in the same transaction; only then is anything kept.
/// It blocks: run it on a thread of its own.
///
/// # Errors
/// As [`BackupError`] says, or `last`'s own. The database is then as empty as it was; files that were put into the storage lie there
/// under their hash and are found by the next try.
pub fn load<T, E: From<BackupError>>(
    target: &Target,
    path: &Path,
    (head, manifest): (&Head, &Manifest),
    now: Millis,
    mut keep: impl FnMut(Workspace, Vec<u8>) -> StoreResult<()>,
    last: impl FnOnce(&mut Root<'_>) -> Result<T, E>,
    mut tell: impl FnMut(Progress<'_>),
) -> Result<Loaded<T>, E> {
    let done = fill(target, path, (head, manifest), now, &mut keep, last, &mut tell);
    if done.is_err()
        && let Some((beside, _)) = &target.beside
    {
        // the first error is the one to tell; what stays is removed by the next try
        let _ = remove(beside);
    }
    done
}

fn fill<T, E: From<BackupError>>(
    target: &Target,
    path: &Path,
    (head, manifest): (&Head, &Manifest),
    now: Millis,
    keep: &mut impl FnMut(Workspace, Vec<u8>) -> StoreResult<()>,
    last: impl FnOnce(&mut Root<'_>) -> Result<T, E>,
    tell: &mut impl FnMut(Progress<'_>),
) -> Result<Loaded<T>, E> {
    let mut connection = Connection::open(&target.location, Access::Write).map_err(BackupError::from)?;
    let (files, last) = (|| {
        if target.beside.is_some() {
            // nobody else sees it, and a half of it is thrown away
            let alone =
                "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA mmap_size=0";
            connection.batch(alone).map_err(BackupError::from)?;
        }
        connection.begin(Access::Write).map_err(BackupError::from)?;
        migrate::begin_at(&mut connection, head.schema, now.0).map_err(BackupError::from)?;
        let files = rows_and_files(&mut connection, path, head, keep, tell)?;
        migrate::steps(&mut connection, head.schema, NEWEST_VERSION, now.0).map_err(BackupError::from)?;
        must_be_whole(&mut connection, head, manifest)?;
        Root { connection: &mut connection, writing: None }.index_anew().map_err(BackupError::from)?;
        let (mut heads, mut after) = (Heads::default(), After::default());
        let writing = Writing { now, heads: &mut heads, after: &mut after };
        let last = last(&mut Root { connection: &mut connection, writing: Some(writing) })?;
        heads.advance(&mut connection).map_err(BackupError::from)?;
        connection.batch("COMMIT").map_err(BackupError::from)?;
        Ok::<_, E>((files, last))
    })()
    .inspect_err(|_| {
        // the connection ends here, and with it what it has begun
        let _ = connection.undo("ROLLBACK");
    })?;
    drop(connection);
    target.keep()?;
    Ok(Loaded { files, last })
}

fn rows_and_files(
    connection: &mut Connection,
    path: &Path,
    head: &Head,
    keep: &mut impl FnMut(Workspace, Vec<u8>) -> StoreResult<()>,
    tell: &mut impl FnMut(Progress<'_>),
) -> Result<u64> {
    let (mut files, mut filling): (u64, Option<Filling>) = (0, None);
    each_member(path, |name, member, bytes| {
        match member {
            Member::Part { table } => {
                if filling.as_ref().is_none_or(|f| f.table != table) {
                    filling = Some(Filling::begin(connection, &table, head)?);
                }
                if let Some(filling) = &mut filling {
                    filling.lines(connection, name, &bytes)?;
                    tell(Progress::Rows(&table, filling.rows));
                }
            }
            Member::File { workspace, .. } => {
                keep(Workspace(workspace), bytes)?;
                files += 1;
                tell(Progress::Files(files));
            }
            Member::Head | Member::Manifest => {}
        }
        Ok(())
    })?;
    Ok(files)
}

/// A table that is being filled.
struct Filling {
    table: String,
    columns: Vec<String>,
    /// Rows of one statement.
    at_once: usize,
    rows: u64,
}

impl Filling {
    /// Names come from the file: only those that the schema has reach a statement.
    fn begin(connection: &mut Connection, table: &str, head: &Head) -> Result<Filling> {
        let taken = TABLES.iter().any(|(name, fate)| *name == table && matches!(fate, Fate::Taken(_)));
        let named = head.tables.get(table).cloned().unwrap_or_default();
        let known = if taken { columns(connection, table)? } else { Vec::new() };
        if named.is_empty() || !named.iter().all(|name| known.contains(name)) {
            return Err(BackupError::NotOne(format!("its table {table} is not of schema {}", head.schema)));
        }
        let at_once = if connection.is_postgres() { (PARAMETERS / named.len()).max(1) } else { 1 };
        Ok(Filling { table: table.to_owned(), columns: named, at_once, rows: 0 })
    }

    fn insert(&self, rows: usize) -> Sql {
        let width = self.columns.len();
        assembled(&format!("restore {} {rows} {}", self.table, self.columns.join(" ")), || {
            let row = |n: usize| {
                let places: Vec<String> = (1..=width).map(|i| format!("${}", n * width + i)).collect();
                format!("({})", places.join(", "))
            };
            let all: Vec<String> = (0..rows).map(row).collect();
            format!("INSERT INTO {} ({}) VALUES {}", self.table, list(&self.columns), all.join(", "))
        })
    }

    fn lines(&mut self, connection: &mut Connection, name: &str, bytes: &[u8]) -> Result<()> {
        let mut waiting: Vec<Value> = Vec::new();
        for line in bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            let wrong = || BackupError::Damaged(format!("a row of {name} can't be read"));
            let row: Vec<serde_json::Value> = serde_json::from_slice(line).map_err(|_| wrong())?;
            if row.len() != self.columns.len() {
                return Err(wrong());
            }
            for value in row {
                waiting.push(from_json(value).ok_or_else(wrong)?);
            }
            self.rows += 1;
            if waiting.len() == self.at_once * self.columns.len() {
                connection.run(self.insert(self.at_once), &waiting)?;
                waiting.clear();
            }
        }
        let one = self.insert(1);
        for row in waiting.chunks(self.columns.len()) {
            connection.run(one, row)?;
        }
        Ok(())
    }
}

/// The rows are as many as there were, nothing points nowhere, and each log is the one that was saved.
fn must_be_whole(connection: &mut Connection, head: &Head, manifest: &Manifest) -> Result<()> {
    for (table, expected) in &manifest.rows {
        let count = assembled(&format!("count {table}"), || format!("SELECT count(*) FROM {table}"));
        let (found,): (i64,) = connection.row(count, &[])?.unwrap_or((0,));
        if u64::try_from(found).ok() != Some(*expected) {
            return Err(BackupError::NotWhole(format!("{table} has {found} rows and had {expected}")));
        }
    }
    if !connection.is_postgres() {
        const ORPHANS: Sql =
            Sql::declared("backup::ORPHANS", "SELECT \"table\", parent FROM pragma_foreign_key_check LIMIT 1");
        if let Some((table, parent)) = connection.row::<(String, String)>(ORPHANS, &[])? {
            return Err(BackupError::NotWhole(format!("a row of {table} names one of {parent} that is not there")));
        }
    }
    for mark in &head.workspaces {
        let mut scope = Scope { connection, workspace: Workspace(mark.workspace) };
        match scope.audit()? {
            Audit::Whole { sealed, head, hash }
                if (sealed, head, hex::encode(&hash)) == (mark.sealed, mark.head, mark.hash.clone()) => {}
            Audit::Whole { .. } => {
                return Err(BackupError::NotWhole(format!("the log of {} is another than was saved", mark.name)));
            }
            Audit::Gap(seq) => {
                return Err(BackupError::NotWhole(format!("event {seq} of {} is missing", mark.name)));
            }
            Audit::Broken { first, last } => {
                return Err(BackupError::NotWhole(format!(
                    "events {first} to {last} of {} are not those that were sealed",
                    mark.name
                )));
            }
        }
    }
    Ok(())
}
