//! The disk is full, may only be read, or the database is gone: it is said in plain words, nothing acknowledged is lost, and when it is over
//! the same process goes on. Real disks and a real PostgreSQL, since what they do in trouble is what is to be seen.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use partyline_carrier::demo;
use reqwest::{Client, multipart};
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::hooks;
use crate::person::{PASSWORD, Person, id};
use crate::world::{MAYA, WEST, carrier, credentials, fast, run, until};

/// Bytes of the small disk: the database of a small inbox, its log, and some room.
const DISK: &str = "14m";
/// Texts after which a full disk must have refused one.
const MANY: u32 = 2_000;
/// One white point.
const PICTURE: &[u8] = include_bytes!(
    "../../../store/tests/fixtures/versions/1.files/1/cd/cdb30873bdf16770bfea1fe86e44db7476e504c2dca1542b0660b20f47f523a7"
);

/// Bytes of the disk that breaks.
const IMAGE: &str = "64M";

/// A disk of its own, in a mount namespace that lives as long as this.
struct Disk {
    holder: Child,
    folder: TempDir,
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0)
}

impl Disk {
    fn small() -> Disk {
        Disk::mounted(tempfile::tempdir().unwrap(), |folder| format!("mount -t tmpfs -o size={DISK} tmpfs '{folder}'"))
    }

    /// A file system in a file, as on a disk: it can be told that its disk breaks.
    fn breakable(image: &Path) -> Disk {
        let image = image.display();
        Disk::mounted(tempfile::tempdir().unwrap(), |folder| {
            format!("mount -o loop,errors=remount-ro '{image}' '{folder}'")
        })
    }

    fn mounted(folder: TempDir, mount: impl FnOnce(&str) -> String) -> Disk {
        let script = format!("{} && echo mounted && exec cat", mount(&folder.path().display().to_string()));
        let mut holder = Command::new("unshare")
            .args([if is_root() { "-m" } else { "-rm" }, "sh", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this proof makes a small disk and needs unshare (util-linux)");
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(
            line, "mounted\n",
            "this proof makes a small disk: run it as root, or where user namespaces are allowed"
        );
        Disk { holder, folder }
    }

    /// Runs something where the disk is seen.
    fn inside(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.holder.id().to_string(), "-m"]);
        if !is_root() {
            command.args(["-U", "--preserve-credentials"]);
        }
        command.arg(program);
        command
    }

    /// A path on it, as it is seen from outside.
    fn path(&self, name: &str) -> PathBuf {
        let inside = self.folder.path().strip_prefix("/").unwrap();
        Path::new(&format!("/proc/{}/root", self.holder.id())).join(inside).join(name)
    }

    /// Writes until nothing fits any more.
    fn fill(&self) {
        let mut filler = std::fs::File::create(self.path("filler")).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            while filler.write_all(&vec![7; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.path("filler")).unwrap();
    }

    fn program(&self, act: &[&str]) -> Command {
        let mut command = self.inside(env!("CARGO_BIN_EXE_partyline"));
        command.args(act).arg("--data-dir").arg(self.folder.path()).args(["--log", "off"]);
        command
    }
}

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running inbox with one number.
struct Inbox {
    http: Client,
    base: String,
    olga: Person,
    hook: String,
    acknowledged: Vec<String>,
    next: u32,
}

async fn started(mut command: Command, listen: &str) -> Program {
    let child =
        command.args(["serve", "--listen", listen]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let running = Program(child);
    let http = Client::builder().no_proxy().build().unwrap();
    let ready = format!("http://{listen}/readyz");
    until("the program is ready", async || {
        http.get(&ready).send().await.ok().filter(|answer| answer.status() == 200).map(drop)
    })
    .await;
    running
}

impl Inbox {
    async fn set_up(listen: &str, provider: &str) -> Inbox {
        let http = Client::builder().no_proxy().build().unwrap();
        let base = format!("http://{listen}");
        let setup = json!({ "workspace_name": "Harbor & Pine", "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
        let olga = Person::enter(&http, &base, "/setup", &setup).await;
        let connection =
            json!({ "provider": "twilio", "name": "Twilio", "credentials": credentials(), "api_base_url": provider });
        let connection = id(&olga.post("/connections", connection).await.is(201));
        let channel = json!({ "kind": "sms", "name": "West", "address": WEST, "connection_id": connection, "set_webhooks": true, "rate": fast() });
        olga.post("/channels", channel).await.is(201);
        let hook = format!("{base}/hooks/twilio/{connection}/message");
        Inbox { http, base, olga, hook, acknowledged: Vec::new(), next: 0 }
    }

    /// A customer's text; `Err` is the text that was refused, which the provider sends again.
    async fn text(&mut self) -> Result<(), u32> {
        self.next += 1;
        self.text_again(self.next).await
    }

    async fn text_again(&mut self, n: u32) -> Result<(), u32> {
        let said = format!("text {n} {}", "and some more words of a customer ".repeat(8));
        let fields = hooks::text(&hooks::sid(n), MAYA, WEST, &said);
        let answer = hooks::post(&self.http, &self.hook, demo::AUTH_TOKEN, &fields).await;
        match answer.status {
            200 => {
                self.acknowledged.push(said);
                Ok(())
            }
            503 => {
                assert!(answer.headers.contains_key("retry-after"));
                Err(n)
            }
            other => panic!("a text was answered {other}: {}", answer.body),
        }
    }

    async fn is(&self, code: &str) {
        until(&format!("/readyz says {code}"), async || {
            let answer = self.http.get(format!("{}/readyz", self.base)).send().await.ok()?;
            let body: serde_json::Value = answer.json().await.ok()?;
            (body["code"] == code || body["status"] == code).then_some(())
        })
        .await;
    }

    /// Everything that was acknowledged is there once, and nothing twice.
    async fn holds_all(&self) {
        let rows = self.olga.view("all").await;
        let mut there = Vec::new();
        for row in rows {
            let messages = self.olga.messages(&id(&row)).await;
            there.extend(
                messages
                    .iter()
                    .filter(|m| m["direction"] == "inbound")
                    .map(|m| m["text"].as_str().unwrap().trim().to_owned()),
            );
        }
        for said in &self.acknowledged {
            assert_eq!(there.iter().filter(|t| **t == said.trim()).count(), 1, "{said}");
        }
        let all = there.len();
        there.sort();
        there.dedup();
        assert_eq!(there.len(), all, "something is there twice");
    }
}

fn doctor_finds_nothing_broken(mut doctor: Command) {
    let output = doctor.args(["doctor", "--json"]).output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for check in ["record", "counts", "schema", "key", "database"] {
        let found: Vec<_> = said["findings"].as_array().unwrap().iter().filter(|f| f["check"] == check).collect();
        assert!(!found.is_empty() && found.iter().all(|f| f["state"] == "ok"), "{check}: {said:#}");
    }
}

fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn a_full_disk_is_said_loses_nothing_and_is_over_when_there_is_room() {
    run(async {
        let cancelled = CancellationToken::new();
        let (_carrier, road, _) = carrier(&cancelled).await;
        let disk = Disk::small();
        let listen = free_address();
        let mut running = started(disk.program(&[]), &listen).await;
        let mut inbox = Inbox::set_up(&listen, &road.url()).await;
        for _ in 0..20 {
            inbox.text().await.unwrap();
        }
        let maya = id(&inbox.olga.view("all").await[0]);
        for round in 0..3u8 {
            disk.fill();
            let mut refused = Vec::new();
            for _ in 0..MANY {
                if let Err(n) = inbox.text().await {
                    refused.push(n);
                    if refused.len() == 3 {
                        break;
                    }
                }
            }
            assert_eq!(refused.len(), 3, "the disk was never full in round {round}");
            inbox.is("storage_full").await;
            let path = format!("/conversations/{maya}/messages");
            let problem = inbox.olga.post(&path, json!({ "text": "Can't be kept" })).await.refuses(503, "storage_full");
            assert!(problem["detail"].as_str().unwrap().contains("disk is full"), "{problem}");
            let form = multipart::Form::new()
                .part("file", multipart::Part::bytes([PICTURE, &[round; 70_000][..]].concat()).file_name("door.png"));
            let upload =
                inbox.olga.ask(inbox.olga.request(reqwest::Method::POST, "/attachments").multipart(form)).await;
            upload.refuses(503, "storage_full");
            // what is there can be read
            inbox.holds_all().await;
            disk.make_room();
            inbox.is("ready").await;
            for n in refused {
                inbox.text_again(n).await.unwrap();
            }
            inbox.text().await.unwrap();
            let form = multipart::Form::new().part("file", multipart::Part::bytes(PICTURE).file_name("door.png"));
            inbox.olga.ask(inbox.olga.request(reqwest::Method::POST, "/attachments").multipart(form)).await.is(201);
            inbox
                .olga
                .post(&path, json!({ "text": format!("Kept in round {round}"), "undo_seconds": 30 }))
                .await
                .is(202);
            inbox.holds_all().await;
        }
        // and killed right in the middle of it
        disk.fill();
        while inbox.text().await.is_ok() {}
        running.0.kill().unwrap();
        running.0.wait().unwrap();
        disk.make_room();
        let _running = started(disk.program(&[]), &listen).await;
        inbox.holds_all().await;
        let messages = inbox.olga.messages(&maya).await;
        let kept = messages.iter().filter(|m| m["text"].as_str().unwrap().starts_with("Kept in round")).count();
        assert_eq!((kept, messages.iter().filter(|m| m["text"] == "Can't be kept").count()), (3, 0));
        doctor_finds_nothing_broken(disk.program(&[]));
        cancelled.cancel();
    });
}

#[test]
fn a_disk_that_may_only_be_read_is_named_when_it_starts() {
    let disk = Disk::small();
    let folder = disk.folder.path().display().to_string();
    assert!(disk.program(&["migrate"]).output().unwrap().status.success());
    assert!(disk.inside("mount").args(["-o", "remount,ro", &folder]).status().unwrap().success());
    let output = disk.program(&["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Read-only file system") || said.contains("read-only"), "{said}");
    let output = disk.program(&["doctor"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("can't be written") && said.contains("mount the disk for writing"), "{said}");
}

/// What the kernel does when a disk fails: whoever has files open there keeps them, and nothing can be written.
#[test]
#[ignore = "needs root, to mount a file system that can break: scripts/test.sh runs it as root"]
fn a_disk_that_turns_read_only_under_it_is_said_and_everything_is_there_afterwards() {
    run(async {
        let cancelled = CancellationToken::new();
        let (_carrier, road, _) = carrier(&cancelled).await;
        let outside = tempfile::tempdir().unwrap();
        let image = outside.path().join("image");
        let made = Command::new("sh")
            .args(["-c", &format!("truncate -s {IMAGE} '{0}' && mkfs.ext4 -q -F '{0}'", image.display())])
            .status();
        assert!(made.unwrap().success(), "mkfs.ext4 (e2fsprogs)");
        let disk = Disk::breakable(&image);
        let listen = free_address();
        let mut running = started(disk.program(&[]), &listen).await;
        let mut inbox = Inbox::set_up(&listen, &road.url()).await;
        for _ in 0..20 {
            inbox.text().await.unwrap();
        }
        let maya = id(&inbox.olga.view("all").await[0]);
        let folder = disk.folder.path().display().to_string();
        assert!(disk.inside("mount").args(["-o", "remount,abort", &folder]).status().unwrap().success());
        let refused = inbox.text().await.expect_err("nothing can be kept");
        inbox.is("storage_read_only").await;
        let path = format!("/conversations/{maya}/messages");
        let problem =
            inbox.olga.post(&path, json!({ "text": "Can't be kept" })).await.refuses(503, "storage_read_only");
        assert!(problem["detail"].as_str().unwrap().contains("only be read"), "{problem}");
        inbox.holds_all().await;
        running.0.kill().unwrap();
        running.0.wait().unwrap();
        drop(disk);
        until("nobody has the disk any more", async || {
            let held = Command::new("losetup").arg("-j").arg(&image).output().unwrap();
            held.stdout.is_empty().then_some(())
        })
        .await;
        // what ends well has found, or mended, all that was wrong
        let mended = Command::new("e2fsck").arg("-fy").arg(&image).output().unwrap();
        assert!(mended.status.code().is_some_and(|code| code <= 2), "{mended:?}");
        let disk = Disk::breakable(&image);
        let _running = started(disk.program(&[]), &listen).await;
        inbox.holds_all().await;
        inbox.text_again(refused).await.unwrap();
        inbox.holds_all().await;
        doctor_finds_nothing_broken(disk.program(&[]));
        cancelled.cancel();
    });
}

/// A PostgreSQL of its own, that can be stopped.
struct Cluster {
    folder: TempDir,
    bin: PathBuf,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.control(&["-m", "immediate", "stop"]);
    }
}

impl Cluster {
    fn start() -> Cluster {
        let folder = tempfile::tempdir().unwrap();
        let versions = std::fs::read_dir("/usr/lib/postgresql")
            .map(|dir| dir.filter_map(Result::ok).map(|e| e.path().join("bin")).collect());
        let mut found: Vec<PathBuf> = versions.unwrap_or_default();
        found.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let bin = found.into_iter().find(|bin| bin.join("initdb").exists() && bin.join("postgres").exists());
        let cluster = Cluster { folder, bin: bin.expect("this proof needs PostgreSQL (apt-get install postgresql)") };
        if is_root() {
            // the server refuses to run as root
            let given = Command::new("chown").arg("postgres:").arg(cluster.folder.path()).status().unwrap();
            assert!(given.success());
        }
        let mut make = cluster.as_owner("initdb");
        make.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-D"]).arg(cluster.data());
        let made = make.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
        assert!(made.success(), "initdb");
        cluster.up();
        cluster
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn as_owner(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/");
        command
    }

    fn control(&self, act: &[&str]) -> bool {
        let mut command = self.as_owner("pg_ctl");
        command.arg("-D").arg(self.data()).arg("-w").args(act).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    fn up(&self) {
        let options = format!("-k {} -c listen_addresses='' -c fsync=on", self.folder.path().display());
        let log = self.folder.path().join("server.log");
        assert!(self.control(&["-l", log.to_str().unwrap(), "-o", &options, "start"]), "PostgreSQL starts");
    }

    fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.path().display())
    }

    fn say(&self, sql: &str) {
        let (url, sql) = (self.url(), sql.to_owned());
        let say = move || postgres::Client::connect(&url, postgres::NoTls).unwrap().batch_execute(&sql);
        std::thread::spawn(say).join().unwrap().unwrap();
    }
}

#[test]
fn a_database_that_is_gone_or_read_only_is_said_and_is_found_again_by_the_same_process() {
    run(async {
        let cancelled = CancellationToken::new();
        let (_carrier, road, _) = carrier(&cancelled).await;
        let cluster = Cluster::start();
        let folder = tempfile::tempdir().unwrap();
        let program = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_partyline"));
            command
                .arg("--data-dir")
                .arg(folder.path())
                .arg("--database-url")
                .arg(cluster.url())
                .args(["--log", "off"]);
            command
        };
        let listen = free_address();
        let _running = started(program(), &listen).await;
        let mut inbox = Inbox::set_up(&listen, &road.url()).await;
        for how in ["immediate", "fast"] {
            for _ in 0..5 {
                inbox.text().await.unwrap();
            }
            let maya = id(&inbox.olga.view("all").await[0]);
            assert!(cluster.control(&["-m", how, "stop"]));
            let refused = inbox.text().await.unwrap_err();
            inbox.is("database_away").await;
            let path = format!("/conversations/{maya}/messages");
            let problem =
                inbox.olga.post(&path, json!({ "text": "Can't be kept" })).await.refuses(503, "database_away");
            assert!(problem["detail"].as_str().unwrap().contains("can't reach its database"), "{problem}");
            inbox.olga.get("/conversations?view=all").await.refuses(503, "database_away");
            cluster.up();
            inbox.is("ready").await;
            inbox.text_again(refused).await.unwrap();
            inbox.holds_all().await;
        }
        // a standby, or an operator's hand
        let anew = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'partyline'";
        cluster.say("ALTER DATABASE postgres SET default_transaction_read_only = on");
        cluster.say(anew);
        inbox.is("storage_read_only").await;
        let refused = inbox.text().await.unwrap_err();
        cluster.say("BEGIN READ WRITE; ALTER DATABASE postgres RESET default_transaction_read_only; COMMIT");
        cluster.say(anew);
        inbox.is("ready").await;
        inbox.text_again(refused).await.unwrap();
        inbox.holds_all().await;
        doctor_finds_nothing_broken(program());
        cancelled.cancel();
    });
}
