//! Opening: the database, its key, the files, and a desk over them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use partyline_bucket::{S3, Trouble};
use partyline_channels::Http;
use partyline_desk::{Addresses, Clock, Desk};
use partyline_mail::Smtp;
use partyline_push::WebPush;
use partyline_store::blobs::Files;
use partyline_store::secrets::SecretKey;
use partyline_store::{Db, Location, StoreError};
use url::Url;

use crate::options::{Options, Storage};

/// Opens everything. The key is made only for an empty database; a database that has one is opened with that one or not at all.
pub async fn desk(options: &Options, listening: SocketAddr) -> anyhow::Result<Desk> {
    let (db, key) = database(options).await?;
    let files = files(options).await?;
    over(options, listening, db, key, files)
}

/// The same, to see what is wrong: where the files can't be opened, all else can be looked at, and whoever wants a file is told why not.
pub async fn desk_to_look_at(options: &Options) -> anyhow::Result<Desk> {
    let (db, key) = database(options).await?;
    let files = files(options).await.unwrap_or_else(|error| Files::nowhere(format!("{error:#}")));
    over(options, options.listen, db, key, files)
}

fn over(options: &Options, listening: SocketAddr, db: Db, key: SecretKey, files: Files) -> anyhow::Result<Desk> {
    let http = Http::new().context("the HTTP client")?;
    let desk = Desk::new(db, files, key, http.clone(), addresses(options, listening)?, Clock::System);
    desk.set_pusher(Arc::new(WebPush::new(http)));
    if let Some(settings) = &options.mail {
        desk.set_mailer(Arc::new(Smtp::new(settings.clone()).map_err(|e| anyhow!("--smtp-url: {e}"))?));
    }
    Ok(desk)
}

/// Where a server with these options is reached.
pub fn addresses(options: &Options, listening: SocketAddr) -> anyhow::Result<Addresses> {
    let local = Url::parse(&format!("http://{}", reachable(listening))).context("the listen address")?;
    Ok(Addresses { public: options.public_url.clone(), local })
}

/// Makes a folder that is not there; then only whoever runs this may look into it: everybody's texts will lie there.
fn private_folder(folder: &Path) -> anyhow::Result<()> {
    let mut make = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
    make.recursive(true).create(folder).with_context(|| format!("the folder {} can't be made", folder.display()))
}

/// The database, and its key.
async fn database(options: &Options) -> anyhow::Result<(Db, SecretKey)> {
    private_folder(&options.data_dir)?;
    let location = location(options);
    let now = Clock::System.now();
    let db = Db::open(&location, now).context("the database can't be opened")?;
    let path = key_path(options);
    let known = db.read_root(|root| root.key_fingerprint()).await?;
    let key = match known {
        None => {
            let key = if path.exists() { SecretKey::read(&path) } else { SecretKey::create(&path) };
            let key = key.with_context(|| format!("the key {}", path.display()))?;
            let fingerprint = key.fingerprint();
            db.machinery(now, move |root| root.install(&fingerprint, now)).await?;
            tracing::info!(file = %path.display(), "a new secret key was made; keep a copy of it apart from the database's");
            key
        }
        Some(known) => {
            if !path.exists() {
                let fingerprint: String = known.iter().map(|b| format!("{b:02x}")).collect();
                bail!(
                    "the key {} is missing: put back the file that this database was made with (fingerprint {fingerprint})",
                    path.display()
                );
            }
            let key = SecretKey::read(&path).with_context(|| format!("the key {}", path.display()))?;
            if key.fingerprint() != known {
                return Err(StoreError::WrongKey).with_context(|| format!("the key {}", path.display()));
            }
            key
        }
    };
    Ok((db, key))
}

/// Opens an inbox that is there: to look at it, or to add to it. Where there is none, none is made.
pub async fn present(options: &Options) -> anyhow::Result<Desk> {
    if let Location::Sqlite(path) = location(options)
        && !path.exists()
    {
        bail!("there is no inbox at {}; say where yours is with --data-dir or --database-url", path.display());
    }
    desk(options, options.listen).await
}

/// Where the database is.
pub fn location(options: &Options) -> Location {
    options.database.clone().unwrap_or_else(|| Location::Sqlite(options.data_dir.join("partyline.db")))
}

/// Where the key is, or will be.
pub fn key_path(options: &Options) -> PathBuf {
    options.key.clone().unwrap_or_else(|| options.data_dir.join("secret.key"))
}

/// Where attachments lie. A bucket that refuses us is refused; one that can't be reached now may be later, and the inbox works meanwhile.
pub async fn files(options: &Options) -> anyhow::Result<Files> {
    let settings = match &options.storage {
        Some(Storage::Bucket(settings)) => settings.as_ref().clone(),
        Some(Storage::Folder(folder)) => return Files::open(folder).context("the folder of files"),
        None => return Files::open(&options.data_dir.join("files")).context("the folder of files"),
    };
    let bucket = S3::new(settings)?;
    match bucket.check().await {
        Ok(()) => {}
        Err(trouble @ Trouble::Passing(_)) => {
            tracing::warn!(%trouble, "files can't be kept or shown yet");
        }
        Err(trouble) => return Err(trouble).context("--storage-url"),
    }
    Ok(Files::in_bucket(Arc::new(bucket)))
}

/// Holds the folder's SQLite database for this server alone, for as long as it lives. PostgreSQL is made for several.
pub fn only_server(options: &Options) -> anyhow::Result<Option<std::fs::File>> {
    let Location::Sqlite(database) = location(options) else { return Ok(None) };
    // beside the database, wherever that is: the same file with another folder of data is still the same file
    let folder = database.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    private_folder(&folder)?;
    let path = folder.join("server.lock");
    let lock = std::fs::File::create(&path).with_context(|| path.display().to_string())?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(std::fs::TryLockError::WouldBlock) => {
            bail!("another server runs on {}; stop it first, or use PostgreSQL for several", folder.display())
        }
        Err(std::fs::TryLockError::Error(error)) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// An address of this machine at which a listener on "every address" is reached.
pub fn reachable(listening: SocketAddr) -> SocketAddr {
    if listening.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], listening.port())) } else { listening }
}
