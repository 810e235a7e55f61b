//! Options: a flag, else an environment variable, else `partyline.toml`, else the default.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use partyline_store::Location;
use serde::Deserialize;
use url::Url;

use crate::log::Log;

/// Where the server listens when nobody says otherwise.
const LISTEN: &str = "127.0.0.1:8080";
/// An address for the figures, as an example.
const METRICS: &str = "127.0.0.1:9090";
/// Seconds of `--drain-wait`, at most.
const DRAIN_WAIT_MAX: u64 = 600;
/// The file that is read when none is named.
const FILE: &str = "partyline.toml";

/// A team inbox for businesses whose customers text.
#[derive(Debug, Parser)]
#[command(name = "partyline", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How.
    #[command(flatten)]
    pub settings: Settings,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server.
    Serve,
    /// Run the server with a filled demo workspace, a simulated carrier, and phones to text from in the browser.
    Demo {
        /// Where the simulated carrier and its phones listen.
        #[arg(long, env = "PARTYLINE_CARRIER_LISTEN", default_value = "127.0.0.1:8081")]
        carrier_listen: SocketAddr,
    },
    /// Bring the schema up to date (serve does this itself).
    Migrate,
    /// Workspaces.
    Workspace {
        /// What.
        #[command(subcommand)]
        act: WorkspaceAct,
    },
    /// People.
    User {
        /// What.
        #[command(subcommand)]
        act: UserAct,
    },
    /// Save everything but the secret key into one file, while the server runs.
    Backup {
        /// Where to; `-` is standard output.
        file: PathBuf,
    },
    /// Fill an empty database from a backup, on either engine.
    Restore {
        /// The backup.
        file: PathBuf,
        /// Send what was waiting: only when the old server was stopped before the backup was taken, else it may go out twice.
        #[arg(long)]
        resume_sending: bool,
    },
    /// Check configuration, database, storage, providers, addresses and clocks; say how to mend each fault.
    Doctor {
        /// For programs.
        #[arg(long)]
        json: bool,
        /// Mend counts that are wrong.
        #[arg(long)]
        repair: bool,
    },
    /// Mail.
    Mail {
        /// What.
        #[command(subcommand)]
        act: MailAct,
    },
    /// List the jobs that were given up, try them again, or forget them.
    Jobs {
        /// What; without it they are listed.
        #[command(subcommand)]
        act: Option<JobsAct>,
    },
    /// The record.
    Audit {
        /// What.
        #[command(subcommand)]
        act: AuditAct,
    },
    /// Fill a workspace with two years of conversations, for trials and benchmarks. It is made when there is none of that name.
    Seed {
        /// How many conversations.
        #[arg(long, default_value_t = 1_000)]
        conversations: u32,
        /// How many entries they have together: messages, notes, and lines that say what was done.
        #[arg(long, default_value_t = 5_000)]
        entries: u32,
        /// Which workspace. One that holds conversations already is left alone.
        #[arg(long, default_value = "Trial")]
        workspace: String,
    },
    /// Print the OpenAPI document.
    Openapi,
}

/// What can be done with workspaces.
#[derive(Debug, Subcommand)]
pub enum WorkspaceAct {
    /// Make one, with its owner. The owner's password is read from standard input.
    Create {
        /// What the business is called.
        #[arg(long)]
        name: String,
        /// What the owner is called.
        #[arg(long)]
        owner: String,
        /// What the owner signs in with.
        #[arg(long)]
        email: String,
    },
    /// List them.
    List,
}

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub enum UserAct {
    /// List the people of every workspace.
    List,
    /// Replace a password, which is read from standard input.
    SetPassword {
        /// Whose.
        #[arg(long)]
        email: String,
    },
    /// Print a link by which somebody chooses a new password, once, within an hour: where there is no mail server.
    Reset {
        /// Whose.
        #[arg(long)]
        email: String,
    },
}

/// What can be done with mail.
#[derive(Debug, Subcommand)]
pub enum MailAct {
    /// Send a test letter, and say what the mail server said.
    Test {
        /// To whom.
        to: String,
    },
}

/// What can be done with jobs that were given up.
#[derive(Debug, Subcommand)]
pub enum JobsAct {
    /// Try again what was given up.
    Retry {
        /// Which: an id from the list, or `all`.
        which: String,
    },
    /// Forget what was given up, unless somebody waits for it.
    Forget {
        /// Which: an id from the list, or `all`.
        which: String,
    },
}

/// What can be done with the record.
#[derive(Debug, Subcommand)]
pub enum AuditAct {
    /// Walk the event chain and say whether it is whole.
    Verify,
}

/// The options, each also an environment variable and a key of the file.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", default)]
pub struct Settings {
    /// A file of settings [default: partyline.toml, where it exists]
    #[arg(long, global = true, env = "PARTYLINE_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Address of the HTTP server [default: 127.0.0.1:8080]
    #[arg(long, global = true, env = "PARTYLINE_LISTEN")]
    pub listen: Option<String>,
    /// The https address that customers' browsers and providers reach
    #[arg(long, global = true, env = "PARTYLINE_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Folder of the SQLite file and attachments [default: ./data]
    #[arg(long, global = true, env = "PARTYLINE_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// sqlite://FILE or postgres://USER@HOST/DATABASE [default: sqlite://DATA_DIR/partyline.db]
    #[arg(long, global = true, env = "PARTYLINE_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Where attachments lie: file://FOLDER, or s3://BUCKET/PREFIX with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and, for
    /// other servers than Amazon's, AWS_ENDPOINT_URL in the environment [default: file://DATA_DIR/files]
    #[arg(long, global = true, env = "PARTYLINE_STORAGE_URL")]
    pub storage_url: Option<String>,
    /// The key that seals credentials [default: DATA_DIR/secret.key]
    #[arg(long, global = true, env = "PARTYLINE_SECRET_KEY_FILE")]
    pub secret_key_file: Option<PathBuf>,
    /// The mail server, for invitations and new passwords: smtp://USER:PASSWORD@HOST:587 (STARTTLS), or smtps://… [default: none]
    #[arg(long, global = true, env = "PARTYLINE_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// From whom letters come, such as "Harbor & Pine <inbox@example.com>"; needed with --smtp-url
    #[arg(long, global = true, env = "PARTYLINE_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// Address at which Prometheus finds the figures [default: none]
    #[arg(long, global = true, env = "PARTYLINE_METRICS_LISTEN")]
    pub metrics_listen: Option<String>,
    /// Seconds for which a server that was told to stop says at /readyz that it drains, and still takes what comes [default: 0]
    #[arg(long, global = true, env = "PARTYLINE_DRAIN_WAIT")]
    pub drain_wait: Option<String>,
    /// Which log lines are written [default: info]
    #[arg(long, global = true, env = "PARTYLINE_LOG")]
    pub log: Option<String>,
    /// text or json [default: text]
    #[arg(long, global = true, env = "PARTYLINE_LOG_FORMAT")]
    pub log_format: Option<String>,
}

/// What the program runs with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address of the HTTP server.
    pub listen: SocketAddr,
    /// The address that others reach.
    pub public_url: Option<Url>,
    /// Folder of everything.
    pub data_dir: PathBuf,
    /// Was it said, or is it the default?
    pub data_dir_said: bool,
    /// The database, where it was said.
    pub database: Option<Location>,
    /// Where attachments lie, if it was said.
    pub storage: Option<Storage>,
    /// The key file, where it was said.
    pub key: Option<PathBuf>,
    /// The mail server, where there is one.
    pub mail: Option<partyline_mail::Settings>,
    /// Address of the figures, where they are wanted.
    pub metrics: Option<SocketAddr>,
    /// How long what comes is still taken after the server was told to stop.
    pub drain_wait: Duration,
    /// How to log.
    pub log: Log,
}

/// Where attachments lie.
#[derive(Debug, Clone)]
pub enum Storage {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket of an S3 server.
    Bucket(Box<partyline_bucket::Settings>),
}

impl Options {
    /// Reads what was said, wherever it was said.
    ///
    /// # Errors
    /// One sentence that names the option and how to write it.
    pub fn from(flags: &Settings) -> Result<Options, String> {
        let file = read_file(flags.config.as_deref())?;
        let either = |a: &Option<String>, b: &Option<String>| a.clone().or_else(|| b.clone());
        let path = |a: &Option<PathBuf>, b: &Option<PathBuf>| a.clone().or_else(|| b.clone());
        let listen = either(&flags.listen, &file.listen).unwrap_or_else(|| LISTEN.to_owned());
        let listen = address("--listen", &listen, LISTEN)?;
        let public_url = either(&flags.public_url, &file.public_url).map(|text| public_url(&text)).transpose()?;
        let data_dir = path(&flags.data_dir, &file.data_dir);
        let database = either(&flags.database_url, &file.database_url);
        let database =
            database.map(|text| Location::parse(&text).map_err(|e| format!("--database-url: {e}"))).transpose()?;
        let storage = either(&flags.storage_url, &file.storage_url).map(|text| storage(&text)).transpose()?;
        let log = Log::parse(either(&flags.log, &file.log), either(&flags.log_format, &file.log_format).as_deref())?;
        let metrics = either(&flags.metrics_listen, &file.metrics_listen);
        let metrics = metrics.map(|text| address("--metrics-listen", &text, METRICS)).transpose()?;
        let mail = mail(either(&flags.smtp_url, &file.smtp_url), either(&flags.mail_from, &file.mail_from))?;
        Ok(Options {
            listen,
            public_url,
            data_dir_said: data_dir.is_some(),
            data_dir: data_dir.unwrap_or_else(|| PathBuf::from("data")),
            database,
            storage,
            key: path(&flags.secret_key_file, &file.secret_key_file),
            mail,
            metrics,
            drain_wait: either(&flags.drain_wait, &file.drain_wait)
                .map_or(Ok(Duration::ZERO), |text| drain_wait(&text))?,
            log,
        })
    }
}

/// An option, as it is, and where that was said.
#[derive(Debug)]
pub struct Origin {
    /// As it is written on the command line.
    pub name: String,
    /// Its value, without what is secret in it.
    pub value: String,
    /// `flag`, `environment`, the file, or `default`.
    pub from: String,
}

/// Each option that was said, and where; what nobody said is left to its default.
pub fn origins() -> Vec<Origin> {
    let command = Cli::command();
    let Ok(matches) = command.clone().try_get_matches() else { return Vec::new() };
    // a global option stands with the command that was given
    let given = matches.subcommand().map_or(&matches, |(_, below)| below);
    let path = given.get_one::<PathBuf>("config").cloned();
    let shown = path.as_deref().unwrap_or(Path::new(FILE)).display().to_string();
    let text = std::fs::read_to_string(path.as_deref().unwrap_or(Path::new(FILE))).unwrap_or_default();
    let file: toml::Table = toml::from_str(&text).unwrap_or_default();
    let mut origins = Vec::new();
    for option in command.get_arguments().filter(|a| a.is_global_set()) {
        let id = option.get_id().as_str();
        let name = format!("--{}", option.get_long().unwrap_or(id));
        let said = given.try_get_raw(id).ok().flatten().and_then(|mut values| values.next());
        let said = said.map(|value| value.to_string_lossy().into_owned());
        let (value, from) = match (said, given.value_source(id), file.get(id)) {
            (Some(value), Some(ValueSource::EnvVariable), _) => (value, "environment".to_owned()),
            (Some(value), ..) => (value, "flag".to_owned()),
            (None, _, Some(value)) => (value.as_str().map_or_else(|| value.to_string(), str::to_owned), shown.clone()),
            (None, _, None) => ("not said".to_owned(), "default".to_owned()),
        };
        origins.push(Origin { name, value: without_secrets(&value), from });
    }
    origins
}

/// An address without its password and its parameters.
fn without_secrets(value: &str) -> String {
    match Url::parse(value) {
        Ok(mut url) if url.has_host() || url.password().is_some() || url.query().is_some() => {
            if url.password().is_some() && url.set_password(Some("•••")).is_err() {
                return "•••".to_owned();
            }
            if url.query().is_some() {
                url.set_query(Some("•••"));
            }
            url.to_string()
        }
        _ => value.to_owned(),
    }
}

fn address(option: &str, text: &str, such_as: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("{option} {text}: write an address and a port, such as {such_as}"))
}

fn drain_wait(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds <= DRAIN_WAIT_MAX);
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| format!("--drain-wait {text}: write a number of seconds from 0 to {DRAIN_WAIT_MAX}"))
}

fn read_file(named: Option<&Path>) -> Result<Settings, String> {
    let path = named.unwrap_or(Path::new(FILE));
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(|e| format!("{}: {}", path.display(), e.message())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && named.is_none() => Ok(Settings::default()),
        Err(e) => Err(format!("{}: {e}", path.display())),
    }
}

fn public_url(text: &str) -> Result<Url, String> {
    let hint = "write the whole address, such as https://inbox.example.com";
    let url = Url::parse(text).map_err(|_| format!("--public-url {text}: {hint}"))?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    if plain { Ok(url) } else { Err(format!("--public-url {text}: {hint}")) }
}

fn storage(text: &str) -> Result<Storage, String> {
    match text.strip_prefix("file://") {
        Some(path) if !path.is_empty() => Ok(Storage::Folder(PathBuf::from(path))),
        None if text.starts_with("s3://") => partyline_bucket::Settings::read(text, |name| std::env::var(name).ok())
            .map(|settings| Storage::Bucket(Box::new(settings)))
            .map_err(|e| format!("--storage-url {e}")),
        _ => Err(format!("--storage-url {text}: write file://FOLDER or s3://BUCKET/PREFIX")),
    }
}

fn mail(url: Option<String>, from: Option<String>) -> Result<Option<partyline_mail::Settings>, String> {
    match (url.filter(|url| !url.is_empty()), from) {
        (None, _) => Ok(None),
        (Some(url), Some(from)) => partyline_mail::Settings::read(&url, &from).map(Some),
        (Some(_), None) => {
            Err("--smtp-url: say with --mail-from from whom letters come, such as inbox@example.com".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_options_say_how_to_write_them() {
        let wrong = |settings: Settings| Options::from(&settings).expect_err("wrong");
        assert!(wrong(Settings { listen: Some("8080".into()), ..Settings::default() }).contains("127.0.0.1:8080"));
        assert!(
            wrong(Settings { public_url: Some("inbox.example.com".into()), ..Settings::default() })
                .contains("https://")
        );
        assert!(
            wrong(Settings { database_url: Some("mysql://x".into()), ..Settings::default() }).contains("postgres://")
        );
        assert!(wrong(Settings { storage_url: Some("ftp://x".into()), ..Settings::default() }).contains("file://"));
        assert!(
            wrong(Settings { metrics_listen: Some("9090".into()), ..Settings::default() }).contains("--metrics-listen")
        );
        for wait in ["15s", "-1", "601"] {
            let said = wrong(Settings { drain_wait: Some(wait.into()), ..Settings::default() });
            assert!(said.contains("0 to 600"), "{said}");
        }
        let smtp_url = Some("smtp://ana:hunter2@mail.example.com".to_owned());
        assert!(wrong(Settings { smtp_url: smtp_url.clone(), ..Settings::default() }).contains("--mail-from"));
        let said = wrong(Settings { smtp_url, mail_from: Some("nobody".into()), ..Settings::default() });
        assert!(said.contains("--mail-from") && !said.contains("hunter2"), "{said}");
        assert!(wrong(Settings { log_format: Some("xml".into()), ..Settings::default() }).contains("json"));
    }

    #[test]
    fn what_is_secret_in_an_address_is_not_shown() {
        let shown = without_secrets("postgres://inbox:hunter2@db.example/inbox?sslkey=abc");
        assert!(shown.contains("db.example") && !shown.contains("hunter2") && !shown.contains("abc"), "{shown}");
        assert_eq!(without_secrets("127.0.0.1:8080"), "127.0.0.1:8080");
        assert_eq!(without_secrets("./data"), "./data");
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
