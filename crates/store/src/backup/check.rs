//! Checking: a backup is read from end to end, and every byte of it accounted for, before anything is made of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;
use sha2::{Digest, Sha256};

use super::{BackupError, FORMAT, HEAD, Head, MANIFEST, MEMBER_MAX, Manifest, Member, Progress, Result};
use crate::migrate::NEWEST_VERSION;

/// Reads a backup through and says what it is. Nothing is changed anywhere.
///
/// # Errors
/// [`BackupError::NotOne`], [`BackupError::Damaged`], [`BackupError::Newer`], or what the operating system said.
pub fn check(path: &Path, mut tell: impl FnMut(Progress<'_>)) -> Result<(Head, Manifest)> {
    let mut head: Option<Head> = None;
    let mut manifest: Option<Manifest> = None;
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut files = BTreeSet::new();
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();
    each_member(path, |name, member, bytes| {
        if head.is_none() != (member == Member::Head) {
            return Err(BackupError::NotOne(format!("it does not begin with {HEAD}")));
        }
        if manifest.is_some() {
            return Err(BackupError::Damaged(format!("{name} comes after the end")));
        }
        match member {
            Member::Head => {
                head = Some(read_head(&bytes)?);
                seen.insert(name.to_owned(), hex::encode(Sha256::digest(&bytes)));
            }
            Member::Part { table } => {
                let count = rows.entry(table.clone()).or_default();
                *count += bytes.iter().filter(|b| **b == b'\n').count() as u64;
                tell(Progress::Rows(&table, *count));
                seen.insert(name.to_owned(), hex::encode(Sha256::digest(&bytes)));
            }
            Member::File { sha256, .. } => {
                if Sha256::digest(&bytes)[..] != sha256[..] {
                    return Err(BackupError::Damaged(format!("{name} is not what it was")));
                }
                files.insert(name.to_owned());
                tell(Progress::Files(files.len() as u64));
            }
            Member::Manifest => {
                manifest = Some(serde_json::from_slice(&bytes).map_err(|e| BackupError::Damaged(e.to_string()))?);
            }
        }
        Ok(())
    })?;
    let head = head.ok_or_else(|| BackupError::NotOne("it is empty".to_owned()))?;
    let manifest = manifest.ok_or_else(|| BackupError::Damaged(format!("it is cut off: {MANIFEST} is missing")))?;
    if let Some((name, _)) = manifest.sha256.iter().find(|(name, hash)| seen.get(*name) != Some(hash)) {
        return Err(BackupError::Damaged(format!("{name} is missing or not what it was")));
    }
    if let Some(name) = seen.keys().find(|name| !manifest.sha256.contains_key(*name)) {
        return Err(BackupError::Damaged(format!("{name} does not belong to it")));
    }
    if files.len() as u64 != manifest.files {
        return Err(BackupError::Damaged(format!("{} of {} files are there", files.len(), manifest.files)));
    }
    for (table, count) in &manifest.rows {
        if rows.get(table).copied().unwrap_or(0) != *count || !head.tables.contains_key(table) {
            return Err(BackupError::Damaged(format!("{table} does not have its {count} rows")));
        }
    }
    Ok((head, manifest))
}

fn read_head(bytes: &[u8]) -> Result<Head> {
    // the form is looked at first: a newer one may say everything else in another way
    let format = serde_json::from_slice::<serde_json::Value>(bytes).ok().and_then(|v| v["format"].as_u64());
    match format {
        None => return Err(BackupError::NotOne(format!("{HEAD} can't be read"))),
        Some(found) if found > u64::from(FORMAT) => {
            return Err(BackupError::Newer {
                found: i64::try_from(found).unwrap_or(i64::MAX),
                known: i64::from(FORMAT),
            });
        }
        Some(_) => {}
    }
    let head: Head = serde_json::from_slice(bytes).map_err(|e| BackupError::NotOne(format!("{HEAD}: {e}")))?;
    if head.schema > NEWEST_VERSION {
        return Err(BackupError::Newer { found: head.schema, known: NEWEST_VERSION });
    }
    Ok(head)
}

/// Hands over each member in order, its bytes in memory.
pub(super) fn each_member(path: &Path, mut take: impl FnMut(&str, Member, Vec<u8>) -> Result<()>) -> Result<()> {
    let file = File::open(path)?;
    let mut archive = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    let damaged = |e: std::io::Error| BackupError::Damaged(e.to_string());
    let mut any = false;
    for entry in archive.entries().map_err(damaged)? {
        let mut entry =
            entry.map_err(|e| if any { damaged(e) } else { BackupError::NotOne("it is no gzipped tar".to_owned()) })?;
        any = true;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some(member) = Member::of(&name) else {
            return Err(BackupError::NotOne(format!("nobody knows its part {name:?}")));
        };
        let size = entry.size();
        if size > MEMBER_MAX {
            return Err(BackupError::Damaged(format!("{name} is too large")));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(damaged)?;
        if bytes.len() as u64 != size {
            return Err(BackupError::Damaged(format!("{name} is cut off")));
        }
        take(&name, member, bytes)?;
    }
    // to the very end, where gzip keeps the sum of everything
    std::io::copy(&mut archive.into_inner(), &mut std::io::sink()).map_err(damaged)?;
    Ok(())
}
