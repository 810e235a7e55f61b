//! `partyline doctor`: looks at everything, and says of each fault how to mend it.

use std::path::Path;
use std::time::Duration;

use anyhow::bail;
use partyline_channels::Http;
use partyline_desk::Clock;
use partyline_desk::checkup::{Finding, State, clock};
use partyline_store::examine::{Examined, examine};
use partyline_store::migrate::NEWEST_VERSION;
use partyline_store::secrets::SecretKey;
use partyline_store::{Location, StoreError};

use crate::open;
use crate::options::{self, Options};

/// Less room than this will soon be none.
const ROOM_LOW: u64 = 1 << 30;
/// Less room than this stops the inbox any moment.
const ROOM_NONE: u64 = 100 << 20;
/// What is looked at in a database that can be opened.
const REST: &str = "record, counts, jobs, held messages, storage and providers";
/// How long our own address may take to answer.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// Looks, tells, and fails where there is a fault.
pub async fn run(options: Options, json: bool, repair: bool) -> anyhow::Result<()> {
    let mut found = settings();
    found.extend(folder(&options.data_dir));
    found.extend(installation(&options, repair).await);
    tell(&found, json);
    let faults = found.iter().filter(|f| f.state == State::Fault).count();
    if faults > 0 {
        bail!("{faults} fault(s) found; each says above how to mend it");
    }
    Ok(())
}

/// The database, what is in it, and what the server stands on. What can't be looked at is a fault, and the rest is looked at all the same.
async fn installation(options: &Options, repair: bool) -> Vec<Finding> {
    let location = open::location(options);
    let looked = location.clone();
    let examined = match tokio::task::spawn_blocking(move || examine(&looked)).await {
        Ok(Ok(examined)) => examined,
        Ok(Err(error)) => {
            let without = no_database(&location, &error);
            let begun = without.state == State::Fault;
            let mut found = vec![without];
            if begun {
                found.extend(addresses(options).await);
            }
            return found;
        }
        Err(_) => {
            let mend = "Report it: this is a defect of the program.";
            let mut found = vec![Finding::fault("database", "the look at it broke off", mend)];
            found.extend(addresses(options).await);
            return found;
        }
    };
    let mut found = database(&examined);
    let fits = found.iter().all(|f| f.check != "schema" || f.state != State::Fault);
    let Some(fingerprint) = &examined.key_fingerprint else {
        found.push(Finding::notice(
            "key",
            "no server has been started on this database yet",
            "Start one: `partyline serve` makes the key and shows the way on.",
        ));
        return found;
    };
    let key = key(options, fingerprint);
    let opens = key.iter().all(|f| f.state != State::Fault);
    found.extend(key);
    if fits && opens && examined.schema >= NEWEST_VERSION {
        match open::desk_to_look_at(options).await {
            Ok(desk) => found.extend(desk.checkup(repair).await),
            Err(error) => found.push(Finding::fault(
                "database",
                format!("it can't be opened, so its {REST} can't be checked: {error:#}"),
                "Mend what it says, then look again.",
            )),
        }
    } else {
        let mend = "Mend what is said of the schema and the key, then look again.";
        found.push(Finding::notice("rest", format!("the {REST} were not checked"), mend));
    }
    found.extend(addresses(options).await);
    found
}

fn tell(found: &[Finding], json: bool) {
    if json {
        let list: Vec<serde_json::Value> = found
            .iter()
            .map(|f| serde_json::json!({ "check": f.check, "state": f.state.as_str(), "detail": f.detail, "mend": f.mend }))
            .collect();
        let faults = found.iter().filter(|f| f.state == State::Fault).count();
        println!("{}", serde_json::json!({ "findings": list, "faults": faults }));
        return;
    }
    for f in found {
        let mark = match f.state {
            State::Good => "ok    ",
            State::Notice => "notice",
            State::Fault => "FAULT ",
        };
        println!("{mark}  {:<9} {}", f.check, f.detail);
        if let Some(mend) = &f.mend {
            println!("                  → {mend}");
        }
    }
}

/// Each option, and who said it.
fn settings() -> Vec<Finding> {
    let line = |o: options::Origin| Finding::good("option", format!("{} = {} ({})", o.name, o.value, o.from));
    options::origins().into_iter().map(line).collect()
}

fn folder(path: &Path) -> Vec<Finding> {
    let shown = path.display();
    if !path.exists() {
        return vec![Finding::notice("folder", format!("{shown} is not there yet"), "The first start makes it.")];
    }
    let probe = path.join(".doctor");
    let written = std::fs::write(&probe, b"may be deleted").and_then(|()| std::fs::remove_file(&probe));
    let mut found = vec![match written {
        Ok(()) => Finding::good("folder", format!("{shown} can be written")),
        Err(error) => Finding::fault(
            "folder",
            format!("{shown} can't be written: {error}"),
            "Give the folder to the user that the server runs as (chown -R), make room, or mount the disk for writing.",
        ),
    }];
    if let Ok(room) = rustix::fs::statvfs(path) {
        let free = room.f_bavail.saturating_mul(room.f_frsize);
        let said = format!("{} MB are free in {shown}", free >> 20);
        let mend = "Make room, or move the data to a larger disk. Old backups and logs are the usual suspects.";
        found.push(match free {
            ..ROOM_NONE => Finding::fault("room", said, mend),
            ROOM_NONE..ROOM_LOW => Finding::notice("room", said, mend),
            _ => Finding::good("room", said),
        });
    }
    found
}

fn no_database(location: &Location, error: &StoreError) -> Finding {
    match location {
        Location::Sqlite(path) if !path.exists() => Finding::notice(
            "database",
            format!("there is no {} yet", path.display()),
            "Start the server: it makes one. If there should be one, check --data-dir.",
        ),
        Location::Sqlite(_) => Finding::fault(
            "database",
            error.to_string(),
            "Check that this user may read the file, and that its disk is well.",
        ),
        Location::Postgres(_) => Finding::fault(
            "database",
            error.to_string(),
            "Is PostgreSQL running, and is --database-url right? Try the same address with psql.",
        ),
    }
}

fn database(examined: &Examined) -> Vec<Finding> {
    let mut found = vec![Finding::good("database", examined.engine.clone())];
    let wants = [
        ("journal_mode", "wal", "the next start of the server sets it"),
        ("fsync", "on", "set fsync = on in postgresql.conf: without it a power failure loses what was acknowledged"),
        ("full_page_writes", "on", "set full_page_writes = on in postgresql.conf, unless the disk writes pages whole"),
        ("synchronous_commit", "on", "set synchronous_commit = on: without it a crash loses what was acknowledged"),
        ("server_encoding", "UTF8", "make the database anew with ENCODING 'UTF8', and restore a backup into it"),
        ("transaction_read_only", "off", "this is a standby: give the address of the primary"),
    ];
    for (name, value) in &examined.settings {
        if let Some((_, want, mend)) = wants.iter().find(|(n, want, _)| n == name && !value.eq_ignore_ascii_case(want))
        {
            let stronger = *name == "synchronous_commit" && matches!(value.as_str(), "remote_write" | "remote_apply");
            if !stronger {
                found.push(Finding::fault("database", format!("{name} is {value}, not {want}"), *mend));
            }
        }
    }
    found.push(match &examined.fits {
        Err(why) => Finding::fault("schema", why.clone(), "Install the newer program."),
        Ok(()) if examined.schema < NEWEST_VERSION => Finding::notice(
            "schema",
            format!("the schema is {}, this program's is {NEWEST_VERSION}", examined.schema),
            "The next start brings it up to date, or `partyline migrate` does. Take a backup first.",
        ),
        Ok(()) => Finding::good("schema", format!("version {}", examined.schema)),
    });
    if let Some(theirs) = examined.clock {
        found.push(clock("the database's", Clock::System.now().since(theirs)));
    }
    found
}

fn key(options: &Options, fingerprint: &[u8]) -> Vec<Finding> {
    let path = open::key_path(options);
    let shown = path.display();
    let back = "Put back the key file that this database was made with. Without it the providers' credentials can't be opened.";
    let mut found = vec![match SecretKey::read(&path) {
        Ok(key) if key.fingerprint() == fingerprint => {
            Finding::good("key", format!("{shown} belongs to this database"))
        }
        Ok(_) => Finding::fault("key", format!("{shown} is not the key of this database"), back),
        Err(StoreError::File(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            Finding::fault("key", format!("{shown} is missing"), back)
        }
        Err(error) => Finding::fault("key", format!("{shown}: {error}"), back),
    }];
    #[cfg(unix)]
    if !is_handed_over(&path)
        && let Ok(about) = std::fs::metadata(&path)
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&about.permissions());
        if mode & 0o077 != 0 {
            found.push(Finding::fault(
                "key",
                format!("{shown} can be read by others (mode {:o})", mode & 0o777),
                format!("chmod 600 {shown}"),
            ));
        }
    }
    found
}

/// Is it in the folder of credentials that systemd makes for this service alone? There others may not even look, and the mode of a file
/// says what its list of access grants this service's own user.
#[cfg(unix)]
fn is_handed_over(path: &Path) -> bool {
    std::env::var_os("CREDENTIALS_DIRECTORY").is_some_and(|folder| path.starts_with(folder))
}

/// Is a server up, and is it reached from outside?
async fn addresses(options: &Options) -> Vec<Finding> {
    // what encrypts is chosen for the whole process by the first client to providers
    if let Err(error) = Http::new() {
        return vec![Finding::fault("server", format!("no HTTP client: {error}"), "Install ca-certificates.")];
    }
    let client =
        match reqwest::Client::builder().timeout(ANSWER_TIME).redirect(reqwest::redirect::Policy::none()).build() {
            Ok(client) => client,
            Err(error) => {
                return vec![Finding::fault("server", format!("no HTTP client: {error}"), "Install ca-certificates.")];
            }
        };
    let here = format!("http://{}/readyz", open::reachable(options.listen));
    let mut found = vec![match client.get(&here).send().await {
        Ok(answer) if answer.status() == 200 => Finding::good("server", format!("{} is ready", options.listen)),
        Ok(answer) => {
            let body: serde_json::Value = answer.json().await.unwrap_or_default();
            let why = body["detail"].as_str().unwrap_or("it is not ready").to_owned();
            Finding::fault("server", format!("{}: {why}", options.listen), "Mend what it says; it goes on by itself.")
        }
        Err(_) => Finding::notice(
            "server",
            format!("no server answers at {}", options.listen),
            "Start it, or give --listen as the server has it.",
        ),
    }];
    let Some(public) = &options.public_url else {
        found.push(Finding::notice(
            "address",
            "there is no public address: texts are fetched every few seconds, and files can't be sent",
            "Put a reverse proxy with a certificate before the server and set --public-url.",
        ));
        return found;
    };
    if open::addresses(options, options.listen).is_ok_and(|a| a.reachable().is_none()) {
        found.push(Finding::notice(
            "address",
            format!("{public} is not an https address of the open internet, so no provider can call it"),
            "Set --public-url to the https address that your reverse proxy has.",
        ));
    }
    let health = format!("{}/healthz", public.as_str().trim_end_matches('/'));
    let mend = "Check the name's DNS record, the certificate, the reverse proxy and the firewall: providers come the same way.";
    found.push(match client.get(&health).send().await {
        Ok(answer) if answer.status() == 200 => {
            let body: serde_json::Value = answer.json().await.unwrap_or_default();
            if body["status"] == "ok" {
                Finding::good("address", format!("{public} leads here"))
            } else {
                Finding::fault("address", format!("something else answers at {public}"), mend)
            }
        }
        Ok(answer) => Finding::fault("address", format!("{health} answers {}", answer.status()), mend),
        Err(error) => {
            Finding::fault("address", format!("{public} can't be reached from here: {}", error.without_url()), mend)
        }
    });
    found
}
