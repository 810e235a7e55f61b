//! `partyline backup` and `partyline restore`.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use partyline_core::time::Millis;
use partyline_desk::restored::{self, Outbox, Settled};
use partyline_desk::{Clock, DeskError};
use partyline_store::backup::{self, BackupError, Head, Manifest, Progress, Saved, Target};
use partyline_store::secrets::SecretKey;
use partyline_store::{StoreError, Workspace};
use tokio::runtime::Handle;

use crate::open;
use crate::options::Options;

/// Between two lines about how far it is.
const TELL_EVERY: Duration = Duration::from_secs(2);
/// What stands for standard output.
const STDOUT: &str = "-";

/// Saves everything but the key into one file while the server runs.
pub async fn backup(options: Options, to: PathBuf) -> anyhow::Result<()> {
    let saved = tokio::task::spawn_blocking(move || save(&options, &to)).await.context("the backup")??;
    let Saved { head, manifest, sha256, size } = saved;
    let rows: u64 = manifest.rows.values().sum();
    eprintln!("Saved {rows} rows and {} files of {} in {} MB.", manifest.files, names(&head), size.div_ceil(1 << 20));
    for mark in head.workspaces.iter().filter(|mark| mark.head > mark.sealed) {
        eprintln!("{}: events {} to {} were not sealed yet.", mark.name, mark.sealed + 1, mark.head);
    }
    if !manifest.missing.is_empty() {
        eprintln!(
            "{} file(s) that messages name are missing from the storage: {}",
            manifest.missing.len(),
            manifest.missing.join(", ")
        );
    }
    eprintln!("SHA-256 {sha256}");
    eprintln!(
        "The secret key is not in it (fingerprint {}): keep a copy of the key file in another place. Without it the providers' credentials can't be opened.",
        head.key_fingerprint
    );
    if !manifest.missing.is_empty() {
        bail!("the backup is kept, but not all of its files are in it: is --storage-url the server's own?");
    }
    Ok(())
}

fn save(options: &Options, to: &Path) -> anyhow::Result<Saved> {
    let location = open::location(options);
    let runtime = Handle::current();
    let files = runtime.block_on(open::files(options))?;
    let fetch = |workspace: Workspace, sha256: &[u8]| match runtime.block_on(files.get(workspace, sha256)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(StoreError::File(e)) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(StoreError::Corrupt(why)) => {
            tracing::warn!(why, "it is left out");
            Ok(None)
        }
        Err(e) => Err(e),
    };
    let now = Clock::System.now();
    let version = env!("CARGO_PKG_VERSION");
    if to == Path::new(STDOUT) {
        let out = std::io::stdout().lock();
        return Ok(backup::save(&location, version, now, BufWriter::new(out), fetch, told())?);
    }
    let mut partial = to.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let written = (|| {
        let file = private(&partial).with_context(|| partial.display().to_string())?;
        let mut out = BufWriter::new(file);
        let saved = backup::save(&location, version, now, &mut out, fetch, told())?;
        let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        std::fs::rename(&partial, to)?;
        let folder = to.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(folder)?.sync_all()?;
        Ok(saved)
    })();
    if written.is_err() {
        // a part of a backup is none; the error is what matters
        let _ = std::fs::remove_file(&partial);
    }
    written
}

/// A new file that only this user reads: everything that customers have written is in it.
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Fills an empty database from a backup.
pub async fn restore(options: Options, from: PathBuf, outbox: Outbox) -> anyhow::Result<()> {
    let _only = open::only_server(&options)?;
    let key = open::key_path(&options);
    let (head, manifest, loaded) =
        tokio::task::spawn_blocking(move || load(&options, &from, outbox)).await.context("the restore")??;
    let rows: u64 = manifest.rows.values().sum();
    eprintln!("Restored {rows} rows and {} files of {}, as of {}.", loaded.files, names(&head), Millis(head.made_at));
    for mark in &head.workspaces {
        eprintln!("{}: the record is whole, sealed up to {} of {}. {}", mark.name, mark.sealed, mark.head, mark.hash);
    }
    tell_settled(loaded.last, outbox);
    for missing in &manifest.missing {
        eprintln!("The file {missing} was missing from the storage already when the backup was taken.");
    }
    eprintln!(
        "Everybody signs in again. What customers have texted since is fetched from the provider when the server starts."
    );
    if !key.exists() {
        eprintln!(
            "One thing is missing: the secret key. Put the old installation's key file (fingerprint {}) at {} before you start the server.",
            head.key_fingerprint,
            key.display()
        );
    }
    Ok(())
}

fn tell_settled(settled: Settled, outbox: Outbox) {
    match outbox {
        Outbox::Resumed => eprintln!("{} texts that were waiting go on as they were.", settled.resumed),
        Outbox::Held => eprintln!(
            "{} texts were on their way and may have left since: they are looked for at the provider, and those that are not found there wait for a person. {} are scheduled for later and stay so.",
            settled.held, settled.scheduled
        ),
    }
    if settled.counters > 0 {
        eprintln!("{} counters were wrong in the backup and are mended.", settled.counters);
    }
}

type Loaded = backup::Loaded<Settled>;

fn load(options: &Options, from: &Path, outbox: Outbox) -> anyhow::Result<(Head, Manifest, Loaded)> {
    let location = open::location(options);
    let target = Target::empty(&location).context("restoring")?;
    eprintln!("Checking {}…", from.display());
    let (head, manifest) = backup::check(from, told()).with_context(|| from.display().to_string())?;
    let key = open::key_path(options);
    if key.exists() {
        let known = SecretKey::read(&key).with_context(|| format!("the key {}", key.display()))?;
        if hex_of(&known.fingerprint()) != head.key_fingerprint {
            bail!(
                "the key {} is not the one that this backup belongs to (fingerprint {}); put that one there, or take yours away",
                key.display(),
                head.key_fingerprint
            );
        }
    }
    eprintln!("It is whole, of {}. Restoring…", Millis(head.made_at));
    let runtime = Handle::current();
    let files = runtime.block_on(open::files(options))?;
    let keep = |workspace: Workspace, bytes: Vec<u8>| runtime.block_on(files.put(workspace, bytes)).map(drop);
    let made_at = Millis(head.made_at);
    let settle = |root: &mut partyline_store::Root<'_>| restored::settle(root, made_at, outbox).map_err(Failed::Desk);
    let loaded = backup::load(&target, from, (&head, &manifest), Clock::System.now(), keep, settle, told())?;
    Ok((head, manifest, loaded))
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Desk(DeskError),
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn names(head: &Head) -> String {
    let names: Vec<&str> = head.workspaces.iter().map(|mark| mark.name.as_str()).collect();
    if names.is_empty() { "no workspace".to_owned() } else { names.join(", ") }
}

/// Says every now and then on standard error how far it is.
fn told() -> impl FnMut(Progress<'_>) {
    let mut last = Instant::now();
    move |progress| {
        if last.elapsed() < TELL_EVERY {
            return;
        }
        last = Instant::now();
        match progress {
            Progress::Rows(table, rows) => eprintln!("  {table}: {rows} rows"),
            Progress::Files(files) => eprintln!("  {files} files"),
        }
        // a terminal that is gone is no reason to stop
        let _ = std::io::stderr().flush();
    }
}
