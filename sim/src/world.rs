//! One process over one database, and what people and customers have done with it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use fastrand::Rng;
use partyline_channels::Http;
use partyline_core::id::{ConnectionId, ConversationId, MessageId};
use partyline_core::time::{HOUR, Millis};
use partyline_desk::account::{SessionFrom, SetupIn};
use partyline_desk::channel::{ChannelConnection, ChannelIn};
use partyline_desk::connection::ConnectionIn;
use partyline_desk::pace::Rate;
use partyline_desk::reply::ReplyIn;
use partyline_desk::{Addresses, Clock, Desk, Who};
use partyline_store::files::Files;
use partyline_store::secrets::SecretKey;
use partyline_store::{Db, Location};
use tempfile::TempDir;
use url::Url;

use crate::ledger::Ledger;
use crate::network::{self, NAME, OURS, Report, find, network};
use crate::tasks::{End, Task, What};
use crate::turn::{self, Moment};

/// When every history begins: 2026-01-15 17:00 UTC, in nobody's quiet hours in North America.
const BEGINNING: Millis = Millis(1_768_496_400_000);
/// Customers.
pub const PHONES: [&str; 3] = ["+14155550142", "+16505550119", "+14155550123"];

/// A reply that somebody has written.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Where.
    pub conversation: ConversationId,
    /// What was asked for.
    pub wanted: ReplyIn,
    /// The message, once somebody was told so.
    pub message: Option<MessageId>,
}

/// An empty inbox with one number, as every history finds it.
struct Beginning {
    /// The database's files by the end of their names.
    files: Vec<(&'static str, Vec<u8>)>,
    who: Who,
    connection: ConnectionId,
    http: Http,
}

/// Everything of one history.
pub struct World {
    folder: TempDir,
    /// The time.
    pub clock: Clock,
    desk: Option<Desk>,
    /// What is going on.
    pub tasks: Vec<Task>,
    /// The database, looked at with other eyes.
    pub ledger: Ledger,
    /// Who works here.
    pub who: Who,
    /// The account at the provider.
    pub connection: ConnectionId,
    /// How often each text was acknowledged to the provider.
    pub acknowledged: BTreeMap<usize, u32>,
    /// What people wrote.
    pub replies: Vec<Reply>,
    /// How often people had a message sent again, or may have.
    pub retried: HashMap<String, u32>,
    /// Messages that people have planned for another time, or may have.
    pub planned: HashSet<String>,
    /// Reports that were acknowledged to the provider.
    pub told: Vec<Report>,
    /// Messages that a worker held, where the log ended then, and the end of its lease.
    pub leases: Vec<(String, i64, i64)>,
    /// Where a task stood when the process died or its worker vanished: its kind, the moment, and how often.
    pub crashed: BTreeMap<(&'static str, Option<Moment>), u64>,
    /// Where the log ended each time that a process took back what a dead one had claimed.
    pub taken_back: Vec<i64>,
    /// What is already wrong.
    pub wrong: Vec<String>,
    /// What happened, when somebody wants to read it.
    pub trace: Option<Vec<String>>,
}

fn database(folder: &Path) -> PathBuf {
    folder.join("partyline.db")
}

/// A folder in memory where there is one: durability is not what is looked at here.
fn folder() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    Ok(if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }?)
}

fn desk(folder: &Path, db: Db, http: &Http, clock: &Clock) -> Result<Desk> {
    let files = Files::open(&folder.join("files"))?;
    let local = Url::parse("http://127.0.0.1:8080")?;
    let addresses = Addresses { public: None, local };
    let key = SecretKey::from_bytes([7; 32]);
    Ok(Desk::with_providers(db, files, key, http.clone(), addresses, clock.clone(), find))
}

async fn set_up() -> Result<Beginning> {
    let folder = folder()?;
    let http = Http::new()?;
    let clock = Clock::simulated(Millis(BEGINNING.0 - HOUR));
    let db = Db::open(&Location::Sqlite(database(folder.path())), clock.now())?;
    let (fingerprint, now) = (SecretKey::from_bytes([7; 32]).fingerprint(), clock.now());
    db.machinery(now, move |root| root.install(&fingerprint, now)).await?;
    let desk = desk(folder.path(), db, &http, &clock)?;
    let setup = SetupIn {
        workspace_name: "Harbor & Pine".to_owned(),
        name: "Ana".to_owned(),
        email: "ana@example.com".to_owned(),
        password: "a long enough password".to_owned(),
        time_zone: None,
        from: SessionFrom::default(),
    };
    let who = desk.setup(setup).await?.who;
    let connection = ConnectionIn {
        provider: NAME.to_owned(),
        name: "Simulated".to_owned(),
        credentials: BTreeMap::new(),
        api_base_url: Some("http://127.0.0.1:9".to_owned()),
    };
    let connection = desk.create_connection(&who, connection, None).await?.row.id;
    let channel = ChannelIn {
        kind: "sms".to_owned(),
        name: "West".to_owned(),
        address: OURS.to_owned(),
        team_id: None,
        connection: ChannelConnection::Existing(connection),
        set_webhooks: true,
        // how fast a number sends is proven elsewhere; here everything may happen at any moment
        rate: Some(Rate { messages_per_second: 1_000.0, segments_per_second: 1_000.0 }),
    };
    desk.create_channel(&who, channel, None).await?;
    desk.seal().await?;
    let copy = folder.path().join("copy.db");
    rusqlite::Connection::open(database(folder.path()))?
        .execute("VACUUM INTO ?1", [copy.to_str().context("the folder's name")?])?;
    let files = vec![("", std::fs::read(&copy)?)];
    Ok(Beginning { files, who, connection, http })
}

fn beginning() -> Result<&'static Beginning> {
    static BEGINNING: OnceLock<Result<Beginning, String>> = OnceLock::new();
    let made = BEGINNING.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        runtime.block_on(set_up()).map_err(|e| format!("{e:#}"))
    });
    made.as_ref().map_err(|e| anyhow::anyhow!("the inbox could not be set up: {e}"))
}

impl World {
    /// An empty inbox with one number, and a process that serves it.
    ///
    /// # Errors
    /// When the folder or the database can't be made.
    pub fn new(rng: &mut Rng, trace: bool) -> Result<World> {
        let beginning = beginning()?;
        let folder = folder()?;
        for (ending, bytes) in &beginning.files {
            std::fs::write(folder.path().join(format!("partyline.db{ending}")), bytes)?;
        }
        let clock = Clock::simulated(BEGINNING);
        // mostly like a machine that is set by the network, sometimes like one that is not
        let off = if rng.i64(0..=3) == 0 { 600_000 } else { 20_000 };
        network::anew(BEGINNING, rng.i64(-off..=off));
        let ledger = Ledger::open(&database(folder.path()))?;
        let mut world = World {
            folder,
            clock,
            desk: None,
            tasks: Vec::new(),
            ledger,
            who: beginning.who.clone(),
            connection: beginning.connection,
            acknowledged: BTreeMap::new(),
            replies: Vec::new(),
            retried: HashMap::new(),
            planned: HashSet::new(),
            told: Vec::new(),
            leases: Vec::new(),
            crashed: BTreeMap::new(),
            taken_back: Vec::new(),
            wrong: Vec::new(),
            trace: trace.then(Vec::new),
        };
        world.start()?;
        Ok(world)
    }

    fn start(&mut self) -> Result<()> {
        let location = Location::Sqlite(database(self.folder.path()));
        let db = Db::open_in_turns(&location, self.clock.now(), turn::store)?;
        self.desk = Some(desk(self.folder.path(), db, &beginning()?.http, &self.clock)?);
        Ok(())
    }

    /// The process that runs.
    ///
    /// # Errors
    /// When none does: the simulation is broken.
    pub fn desk(&self) -> Result<Desk> {
        self.desk.clone().context("no process runs")
    }

    /// The process dies in the middle of everything, and another one starts on what it left. `alone`: the new one knows that nobody
    /// else is at work, and takes back what was claimed; otherwise that waits for its lease.
    ///
    /// # Errors
    /// When the next one can't start.
    pub fn crash(&mut self, alone: bool) -> Result<()> {
        for task in self.tasks.drain(..) {
            *self.crashed.entry((task.what.kind(), task.at)).or_default() += 1;
        }
        self.desk = None;
        self.start()?;
        if alone {
            self.taken_back.push(self.ledger.head()?);
            turn::to_the_end(self.desk()?.take_back())?;
        }
        Ok(())
    }

    /// Lets time pass.
    pub fn pass(&mut self, millis: i64) {
        let now = self.clock.now() + millis;
        self.clock.set(now);
        network().at(now);
    }

    /// Says what happens, when somebody wants to read it.
    pub fn say(&mut self, what: impl FnOnce() -> String) {
        let now = self.clock.now().since(BEGINNING);
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>5}.{:03} s  {}", now / 1_000, now % 1_000, what()));
        }
    }

    /// Lets a task go on to its next moment.
    ///
    /// # Errors
    /// When the database can't be looked at.
    pub fn go_on(&mut self, index: usize) -> Result<()> {
        let (requests, looks) = {
            let mut network = network();
            network.head = self.ledger.head()?;
            (network.requests.len(), network.looks.len())
        };
        let before = self.tasks[index].at;
        if before == Some(Moment::Write)
            && let What::Retry(id) = &self.tasks[index].what
        {
            // from here on it may be durable, whether or not the person is told
            *self.retried.entry(id.to_string()).or_default() += 1;
        }
        if before == Some(Moment::Write)
            && let What::Plan(id) = &self.tasks[index].what
        {
            self.planned.insert(id.to_string());
        }
        let end = self.tasks[index].go_on();
        if self.tasks[index].what == What::Worker && before == Some(Moment::Write) {
            let head = self.ledger.head()?;
            self.leases.extend(self.ledger.leases()?.into_iter().map(|(id, until)| (id, head, until)));
        }
        let (what, at) = (self.tasks[index].what.clone(), self.tasks[index].at);
        if self.trace.is_some() {
            self.tell_requests(requests, looks);
        }
        match end {
            None => self.say(|| format!("{what:?} goes on: {before:?} -> {at:?}")),
            Some(end) => {
                self.say(|| format!("{what:?} ends: {end:?}"));
                self.tasks.swap_remove(index);
                self.ended(what, end)?;
            }
        }
        Ok(())
    }

    /// What the provider was asked since, and what it did.
    fn tell_requests(&mut self, requests: usize, looks: usize) {
        let network = network();
        let asked = network.requests[requests..]
            .iter()
            .map(|r| format!("    a request of {} to {}: {:?}", r.message, r.to, r.fate));
        let looked = network.looks[looks..].iter().map(|l| format!("    a look at what {} got: {:?}", l.to, l.shown));
        let lines: Vec<String> = asked.chain(looked).collect();
        drop(network);
        for line in lines {
            self.say(|| line);
        }
    }

    fn ended(&mut self, what: What, end: End) -> Result<()> {
        match (what, end) {
            (What::Text(index), Ok(_)) => {
                *self.acknowledged.entry(index).or_default() += 1;
                // now, and not only once the next look has found it
                let sid = network().texts[index].sid.clone();
                if !self.ledger.has(&sid)? {
                    self.wrong.push(format!("{sid} was acknowledged before it was there"));
                }
            }
            (What::Report(report), Ok(_)) => self.told.push(report),
            (What::Reply(index), Ok(Some(id))) => {
                if let Some(before) = self.replies[index].message.replace(id).filter(|before| *before != id) {
                    self.wrong.push(format!("one key made two messages: {before} and {id}"));
                }
            }
            (What::Retry(id), Err(_)) => {
                if let Some(times) = self.retried.get_mut(&id.to_string()) {
                    *times = times.saturating_sub(1);
                }
            }
            // the provider may be away; nothing else may go wrong behind people's backs
            (What::Worker | What::Upkeep, Err(error)) if !error.contains("provider") => {
                self.wrong.push(format!("work failed: {error}"));
            }
            _ => {}
        }
        Ok(())
    }
}
