//! Saving: one snapshot of the rows, then the files that they name.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use partyline_core::time::Millis;
use sha2::{Digest, Sha256};

use super::{
    BackupError, FORMAT, Fate, HEAD, Head, MANIFEST, Manifest, Mark, PAGE, PART_BYTES, Progress, Result, TABLES,
    columns, page_after, to_json,
};
use crate::connection::{Access, Connection, Location};
use crate::error::Result as StoreResult;
use crate::migrate;
use crate::scope::{Root, Scope, Workspace};
use crate::value::{FromRow, FromValue, Row, Value};

/// What was saved.
#[derive(Debug)]
pub struct Saved {
    /// What it says of itself.
    pub head: Head,
    /// What it holds.
    pub manifest: Manifest,
    /// SHA-256 of the whole file, hexadecimal.
    pub sha256: String,
    /// Bytes of the whole file.
    pub size: u64,
}

/// Writes a backup of the database at `location` to `out`. `fetch` brings a file from the storage; `None`: it is not there.
/// It blocks: run it on a thread of its own.
///
/// # Errors
/// As [`BackupError`] says; what was written until then is no backup, since its last member is missing.
pub fn save(
    location: &Location,
    program: &str,
    now: Millis,
    out: impl Write,
    mut fetch: impl FnMut(Workspace, &[u8]) -> StoreResult<Option<Vec<u8>>>,
    mut tell: impl FnMut(Progress<'_>),
) -> Result<Saved> {
    if let Location::Sqlite(path) = location
        && !path.exists()
    {
        return Err(BackupError::Nothing);
    }
    let mut connection = Connection::open(location, Access::Read)?;
    connection.begin(Access::Read)?;
    let head = head(&mut connection, location, program, now)?;
    let mut archive = Archive::new(out, now, head.clone())?;
    let mut files = Vec::new();
    for (table, fate) in TABLES {
        if let Fate::Taken(key) = fate {
            archive.table(&mut connection, table, key, &mut files, &mut tell)?;
        }
    }
    // the snapshot is let go before the files, so that a large storage does not hold the database's log back
    connection.batch("COMMIT")?;
    drop(connection);
    files.sort();
    files.dedup();
    for (workspace, sha256) in files {
        match fetch(workspace, &sha256)? {
            Some(bytes) if Sha256::digest(&bytes)[..] == sha256[..] => {
                archive.member(&format!("files/{}/{}", workspace.0, hex::encode(&sha256)), &bytes)?;
                archive.manifest.files += 1;
                tell(Progress::Files(archive.manifest.files));
            }
            _ => archive.manifest.missing.push(format!("{}/{}", workspace.0, hex::encode(&sha256))),
        }
    }
    let (manifest, sha256, size) = archive.finish()?;
    Ok(Saved { head, manifest, sha256, size })
}

fn head(connection: &mut Connection, location: &Location, program: &str, now: Millis) -> Result<Head> {
    let schema = migrate::version(connection)?;
    if schema == 0 {
        return Err(BackupError::Nothing);
    }
    if schema != migrate::NEWEST_VERSION {
        return Err(BackupError::OtherSchema { found: schema, known: migrate::NEWEST_VERSION });
    }
    let mut root = Root { connection, writing: None };
    let fingerprint = root.key_fingerprint()?.ok_or(BackupError::Nothing)?;
    let mut workspaces = Vec::new();
    for (workspace, _, name) in root.workspaces()? {
        let mut scope = Scope { connection: &mut *root.connection, workspace };
        let head = scope.seq()?;
        let (sealed, hash) = scope.sealed()?;
        workspaces.push(Mark { workspace: workspace.0, name, head, sealed, hash: hex::encode(hash) });
    }
    let mut head = Head {
        format: FORMAT,
        schema,
        program: program.to_owned(),
        engine: location.engine().to_owned(),
        made_at: now.0,
        key_fingerprint: hex::encode(fingerprint),
        workspaces,
        tables: std::collections::BTreeMap::new(),
    };
    for (table, fate) in TABLES {
        if matches!(fate, Fate::Taken(_)) {
            head.tables.insert((*table).to_owned(), columns(connection, table)?);
        }
    }
    Ok(head)
}

/// A row as its values.
struct Values(Vec<Value>);

impl FromRow for Values {
    fn from_row(row: &mut Row) -> StoreResult<Values> {
        Ok(Values(row.rest()))
    }
}

/// Counts and hashes what passes through.
struct Measured<W> {
    out: W,
    hash: Sha256,
    size: u64,
}

impl<W: Write> Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.hash.update(&bytes[..n]);
        self.size += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

struct Archive<W: Write> {
    tar: tar::Builder<GzEncoder<Measured<W>>>,
    head: Head,
    manifest: Manifest,
    seconds: u64,
}

impl<W: Write> Archive<W> {
    fn new(out: W, now: Millis, head: Head) -> Result<Archive<W>> {
        let measured = Measured { out, hash: Sha256::new(), size: 0 };
        let tar = tar::Builder::new(GzEncoder::new(measured, Compression::fast()));
        let seconds = u64::try_from(now.0 / 1_000).unwrap_or(0);
        let mut archive = Archive { tar, head, manifest: Manifest::default(), seconds };
        let first = json(&archive.head)?;
        archive.hashed(HEAD, &first)?;
        Ok(archive)
    }

    fn member(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(self.seconds);
        Ok(self.tar.append_data(&mut header, name, bytes)?)
    }

    fn hashed(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.manifest.sha256.insert(name.to_owned(), hex::encode(Sha256::digest(bytes)));
        self.member(name, bytes)
    }

    /// Writes a table in parts, and notes which files it names.
    fn table(
        &mut self,
        connection: &mut Connection,
        table: &str,
        key: &[&str],
        files: &mut Vec<(Workspace, Vec<u8>)>,
        tell: &mut impl FnMut(Progress<'_>),
    ) -> Result<()> {
        let names = self.head.tables.get(table).cloned().unwrap_or_default();
        let places: Vec<usize> = key.iter().filter_map(|k| names.iter().position(|name| name == k)).collect();
        // bytes that no attachment names may not be there yet, or no more
        let place = |name: &str| names.iter().position(|n| n == name).filter(|_| table == "attachments");
        let named = place("workspace").zip(place("sha256"));
        let (mut rows, mut parts, mut part) = (0u64, 0u32, Vec::new());
        let mut after: Option<Vec<Value>> = None;
        loop {
            let mut values = after.clone().unwrap_or_default();
            values.push(Value::Int(PAGE));
            let page: Vec<Values> = connection.rows(page_after(table, key, &names, after.is_none()), &values)?;
            let full = page.len() as i64 == PAGE;
            for Values(row) in page {
                if let Some((workspace, sha256)) = named
                    && let Some(sha256) = Option::<Vec<u8>>::from_value(row[sha256].clone())?
                {
                    files.push((Workspace(i64::from_value(row[workspace].clone())?), sha256));
                }
                after = Some(places.iter().map(|place| row[*place].clone()).collect());
                let line = serde_json::Value::from(row.into_iter().map(to_json).collect::<Vec<_>>());
                part.extend_from_slice(line.to_string().as_bytes());
                part.push(b'\n');
                rows += 1;
                if part.len() >= PART_BYTES {
                    parts += 1;
                    self.hashed(&format!("tables/{table}/{parts:06}.jsonl"), &part)?;
                    part.clear();
                }
            }
            tell(Progress::Rows(table, rows));
            if !full {
                break;
            }
        }
        if !part.is_empty() {
            self.hashed(&format!("tables/{table}/{:06}.jsonl", parts + 1), &part)?;
        }
        self.manifest.rows.insert(table.to_owned(), rows);
        Ok(())
    }

    fn finish(mut self) -> Result<(Manifest, String, u64)> {
        let last = json(&self.manifest)?;
        self.member(MANIFEST, &last)?;
        let mut measured = self.tar.into_inner()?.finish()?;
        measured.flush()?;
        Ok((self.manifest, hex::encode(measured.hash.finalize()), measured.size))
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(|e| BackupError::File(e.into()))
}
