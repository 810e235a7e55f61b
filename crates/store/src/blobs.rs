//! Where the bytes of files lie: in a folder beside the program, or in a bucket. Under their hash, one folder per workspace, so that
//! nothing crosses; never changed, only written whole and, when nothing names them any more, taken away.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::error::{Result, StoreError};
use crate::scope::{Workspace, random};

/// Bytes that are read from a file at once.
const CHUNK: usize = 64 * 1024;

/// Bytes that lie, or will lie, in the file store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The hash they lie under.
    pub sha256: Vec<u8>,
    /// How many.
    pub size: i64,
}

impl Blob {
    /// What these bytes are called.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Blob {
        Blob { sha256: Sha256::digest(bytes).to_vec(), size: i64::try_from(bytes.len()).unwrap_or(i64::MAX) }
    }
}

/// A place for files outside of this machine. What it is asked may be asked again: names are hashes.
#[async_trait]
pub trait Bucket: fmt::Debug + Send + Sync {
    /// Writes an object whole, or not at all. `sha256` is the hash of the bytes.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    async fn put(&self, key: &str, bytes: Bytes, sha256: &[u8]) -> Result<()>;

    /// Reads an object, or a part of it. `None`: there is no such object.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Option<Box<dyn Chunks>>>;

    /// Takes an object away; one that is not there is fine.
    ///
    /// # Errors
    /// [`StoreError::Storage`].
    async fn delete(&self, key: &str) -> Result<()>;
}

/// Bytes that come bit by bit.
#[async_trait]
pub trait Chunks: Send {
    /// The next bytes; `None` at the end.
    async fn next(&mut self) -> Option<io::Result<Bytes>>;
}

/// A bucket that can't be had, and why.
#[derive(Debug)]
struct Nowhere(String);

impl Nowhere {
    fn refused<T>(&self) -> Result<T> {
        Err(StoreError::Storage(self.0.clone()))
    }
}

#[async_trait]
impl Bucket for Nowhere {
    async fn put(&self, _key: &str, _bytes: Bytes, _sha256: &[u8]) -> Result<()> {
        self.refused()
    }

    async fn get(&self, _key: &str, _range: Option<Range<u64>>) -> Result<Option<Box<dyn Chunks>>> {
        self.refused()
    }

    async fn delete(&self, _key: &str) -> Result<()> {
        self.refused()
    }
}

/// The files of every workspace.
#[derive(Debug, Clone)]
pub struct Files {
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Folder(PathBuf),
    Bucket(Arc<dyn Bucket>),
}

impl Files {
    /// Files under this folder, which is made when it is not there.
    ///
    /// # Errors
    /// What the operating system said.
    pub fn open(root: &Path) -> Result<Files> {
        std::fs::create_dir_all(root)?;
        Ok(Files { place: Place::Folder(root.to_owned()) })
    }

    /// Files in a bucket.
    #[must_use]
    pub fn in_bucket(bucket: Arc<dyn Bucket>) -> Files {
        Files { place: Place::Bucket(bucket) }
    }

    /// Files that are nowhere: whoever puts, reads or removes one is told `why`.
    #[must_use]
    pub fn nowhere(why: String) -> Files {
        Files::in_bucket(Arc::new(Nowhere(why)))
    }

    /// Writes bytes durably under their hash. The same bytes again cost nothing in a folder, and change nothing in a bucket.
    ///
    /// # Errors
    /// What the operating system or the bucket said: nothing of it is visible then.
    pub async fn put(&self, workspace: Workspace, bytes: Vec<u8>) -> Result<Blob> {
        let blob = Blob::of(&bytes);
        let key = key(workspace, &blob.sha256)?;
        match &self.place {
            Place::Folder(root) => {
                let path = root.join(key);
                tokio::task::spawn_blocking(move || write(&path, &bytes)).await.map_err(|_| StoreError::GaveUp)??;
            }
            Place::Bucket(bucket) => bucket.put(&key, bytes.into(), &blob.sha256).await?,
        }
        Ok(blob)
    }

    /// Reads the bytes under a hash, all of them, and looks whether they are what the hash says.
    ///
    /// # Errors
    /// [`StoreError::File`] when they are not there, [`StoreError::Corrupt`] when they are damaged, [`StoreError::Storage`].
    pub async fn get(&self, workspace: Workspace, sha256: &[u8]) -> Result<Vec<u8>> {
        let mut reading = self.read(workspace, sha256, None).await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = reading.next().await {
            bytes.extend_from_slice(&chunk.map_err(|e| StoreError::Storage(e.to_string()))?);
        }
        if Sha256::digest(&bytes).as_slice() == sha256 {
            Ok(bytes)
        } else {
            Err(StoreError::Corrupt(format!("the file {} is damaged", hex::encode(sha256))))
        }
    }

    /// Reads the bytes under a hash bit by bit: all, or those in a range that must lie within them.
    ///
    /// # Errors
    /// As [`Files::get`], without the look at the hash.
    pub async fn read(
        &self,
        workspace: Workspace,
        sha256: &[u8],
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn Chunks>> {
        let key = key(workspace, sha256)?;
        match &self.place {
            Place::Folder(root) => {
                let mut file = tokio::fs::File::open(root.join(key)).await?;
                let left = match range {
                    Some(range) => {
                        file.seek(io::SeekFrom::Start(range.start)).await?;
                        range.end.saturating_sub(range.start)
                    }
                    None => u64::MAX,
                };
                Ok(Box::new(FromFile { file, left }))
            }
            Place::Bucket(bucket) => {
                bucket.get(&key, range).await?.ok_or_else(|| StoreError::File(io::ErrorKind::NotFound.into()))
            }
        }
    }

    /// Takes the bytes under a hash away; those that are not there are fine.
    ///
    /// # Errors
    /// What the operating system or the bucket said.
    pub async fn remove(&self, workspace: Workspace, sha256: &[u8]) -> Result<()> {
        let key = key(workspace, sha256)?;
        match &self.place {
            Place::Folder(root) => match tokio::fs::remove_file(root.join(key)).await {
                Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e.into()),
                _ => Ok(()),
            },
            Place::Bucket(bucket) => bucket.delete(&key).await,
        }
    }
}

fn key(workspace: Workspace, sha256: &[u8]) -> Result<String> {
    let name = hex::encode(sha256);
    let folder = name.get(..2).ok_or_else(|| StoreError::Corrupt("a hash that is too short".into()))?;
    Ok(format!("{}/{folder}/{name}", workspace.0))
}

/// Under another name first, and to the disk, so that a file under its own name is always whole.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(folder)?;
    let temporary = folder.join(format!(".{}", hex::encode(random::<8>())));
    let written = (|| {
        let mut file = std::fs::File::create(&temporary)?;
        io::Write::write_all(&mut file, bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        std::fs::File::open(folder)?.sync_all()
    })();
    if written.is_err() {
        // a full disk needs the room; the first error is the one to tell
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

struct FromFile {
    file: tokio::fs::File,
    left: u64,
}

#[async_trait]
impl Chunks for FromFile {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        let want = usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK);
        let mut bytes = vec![0; want];
        match self.file.read(&mut bytes).await {
            Ok(0) => None,
            Ok(n) => {
                bytes.truncate(n);
                self.left = self.left.saturating_sub(n as u64);
                Some(Ok(bytes.into()))
            }
            Err(e) => Some(Err(e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_keeps_files_whole_gives_parts_and_says_what_is_damaged_or_missing() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::open(folder.path()).expect("opened");
        let (ours, theirs) = (Workspace(1), Workspace(2));
        let bytes: Vec<u8> = (0..200_000u32).map(|n| n.to_le_bytes()[0]).collect();
        let blob = files.put(ours, bytes.clone()).await.expect("kept");
        assert_eq!((files.put(ours, bytes.clone()).await.expect("again"), blob.size), (blob.clone(), 200_000));
        assert_eq!(files.get(ours, &blob.sha256).await.expect("read"), bytes);
        let mut part = files.read(ours, &blob.sha256, Some(99_000..170_001)).await.expect("a part");
        let mut read = Vec::new();
        while let Some(chunk) = part.next().await {
            read.extend_from_slice(&chunk.expect("read"));
        }
        assert!(read == bytes[99_000..170_001], "the part that was asked for");
        let missing = files.get(theirs, &blob.sha256).await.expect_err("another workspace's");
        assert!(matches!(missing, StoreError::File(e) if e.kind() == io::ErrorKind::NotFound));
        let path = folder.path().join(key(ours, &blob.sha256).expect("a name"));
        let beside = std::fs::read_dir(path.parent().expect("a folder")).expect("listed").count();
        assert_eq!(beside, 1, "nothing half-written is left");
        std::fs::write(&path, &bytes[1..]).expect("damaged");
        assert!(matches!(files.get(ours, &blob.sha256).await, Err(StoreError::Corrupt(_))));
        files.remove(ours, &blob.sha256).await.expect("taken away");
        files.remove(ours, &blob.sha256).await.expect("gone already");
        assert!(files.read(ours, &blob.sha256, None).await.is_err());
    }
}
