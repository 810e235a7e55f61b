//! What is measured, in order, for each engine and size.

use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::Plan;
use crate::asked;
use crate::client::{Order, PATIENCE, micros};
use crate::load::{Run, middle};
use crate::look;
use crate::place::{Engine, Place, engines};
use crate::process;
use crate::profile::Recorder;
use crate::provider::Provider;
use crate::raw;
use crate::rows::{Customers, Raw};
use crate::server::{Seat, Server, Site};
use crate::table::{Table, grouped, millis};

/// Clients of a burst.
const CLIENTS: usize = 64;
/// Texts a second of the steady run.
const RATE: u32 = 200;
/// Answers whose way to the provider is timed.
const REPLIES: usize = 100;
/// What they say.
const REPLY: &str = "Yes, until six.";
/// Requests of one view, and conversations that are opened.
const LOOKS: usize = 300;
/// People who look at once in the crowded run.
const CROWD: usize = 8;
/// Texts of a commit in the raw rows: as many as there are clients.
const GROUP: usize = CLIENTS;
/// Texts with which a floor begins that are not measured.
const WARM: usize = 2_000;
/// How long memory may settle after a start.
const SETTLE: Duration = Duration::from_secs(3);
/// Views with the order that people look at them in.
const VIEWS: [(&str, &str); 9] = [
    ("unassigned", "newest"),
    ("unassigned", "waiting"),
    ("mine", "newest"),
    ("all", "newest"),
    ("all", "waiting"),
    ("closed", "newest"),
    ("snoozed", "newest"),
    ("spam", "newest"),
    ("trash", "newest"),
];

/// What is wanted of SQLite on two cores.
const WANTED: &[(&str, &str)] = &[
    ("durable texts a second", "5,000; 0.5 of the floor"),
    ("CPU per text against", "1.2x"),
    ("200 texts/s: sent to seen", "p99 50 ms"),
    ("first page", "p99 10 ms"),
    ("200th page", "p99 10 ms"),
    ("all my counts", "p99 10 ms"),
    ("search: ", "p99 100 ms"),
    ("a conversation at random", "p99 10 ms"),
    ("start to ready", "300 ms"),
    ("memory, idle", "60 MB"),
];

/// Measures everything and prints the tables.
pub async fn run(plan: &Plan) -> Result<()> {
    let began = Instant::now();
    let before = process::load();
    let mut tables = Vec::new();
    let mut versions = Vec::new();
    let stop = CancellationToken::new();
    let provider = Provider::start(&stop).await?;
    for engine in engines().into_iter().filter(|e| plan.only.is_none_or(|only| only == *e)) {
        let mut table = Table::new(engine.name(), if engine == Engine::Sqlite { WANTED } else { &[] });
        let mut first = None;
        for size in &plan.sizes {
            let folder = tempfile::tempdir()?;
            let place = Place::new(engine, folder.path(), &size.to_string())?;
            if first.is_none() {
                versions.push(place.version()?);
            }
            table.begin(*size);
            let mut bench = Bench { plan, place: &place, folder: folder.path(), size: *size, sent: 0 };
            let cost = bench.run(&provider, first, &mut table).await?;
            first = first.or(Some((*size, cost)));
        }
        tables.push(table);
    }
    stop.cancel();
    let fsync = raw::fsync(tempfile::tempdir()?.path())?;
    println!(
        "{}, a write and its fsync {}; {}. {} minutes; load of the machine before {before}, after {}.\n",
        process::machine()?,
        millis(fsync),
        versions.join(", "),
        began.elapsed().as_secs().div_ceil(60),
        process::load()
    );
    for table in &tables {
        println!("{}", table.markdown());
    }
    Ok(())
}

/// Takes a profile of the server on each engine while a burst runs; its files are left in a folder.
pub async fn profile(plan: &Plan, into: &Path) -> Result<()> {
    let stop = CancellationToken::new();
    let provider = Provider::start(&stop).await?;
    for engine in engines().into_iter().filter(|e| plan.only.is_none_or(|only| only == *e)) {
        let size = plan.sizes.first().copied().context("no size")?;
        let folder = tempfile::tempdir()?;
        let place = Place::new(engine, folder.path(), "profile")?;
        let mut bench = Bench { plan, place: &place, folder: folder.path(), size, sent: 0 };
        let server = bench.seeded(&provider, None).await?;
        let known = numbers(&server).await?;
        // what is slow only once is not asked for
        bench.send(&server, &known, false).await?;
        let file = |whose: &str| into.join(format!("{}-{whose}.perf", engine.name()));
        let mut recorders = vec![Recorder::start(&server.pid().to_string(), &file("server")).await?];
        if engine == Engine::Postgres {
            recorders.push(Recorder::start(&place.backends()?, &file("database")).await?);
        }
        let run = bench.send(&server, &known, false).await?;
        recorders.into_iter().try_for_each(Recorder::stop)?;
        eprintln!("{}: {:.0} texts/s while recorded, {} of CPU per text", engine.name(), run.rate(), run.cpu());
        server.stop()?;
    }
    stop.cancel();
    Ok(())
}

struct Bench<'a> {
    plan: &'a Plan,
    place: &'a Place,
    folder: &'a Path,
    size: u32,
    /// Texts that were sent so far: each has a number of its own.
    sent: usize,
}

/// CPU time per text of the server and of its floor, in microseconds.
type Cost = (f64, f64);

impl Bench<'_> {
    /// Measures one database; `first`: what a text cost in the smallest.
    async fn run(&mut self, provider: &Provider, first: Option<(u32, Cost)>, table: &mut Table) -> Result<Cost> {
        let server = self.seeded(provider, Some((first.is_none(), &mut *table))).await?;
        self.started("seeded", &server, table).await?;

        let known = numbers(&server).await?;
        let steady = self.send(&server, &known, true).await?;
        let open = self.bursts(&server, &known).await?;
        let new = match first {
            None => {
                let newcomers: Vec<String> = (0..self.burst() * self.plan.repeat).map(newcomer).collect();
                Some(self.bursts(&server, &newcomers).await?)
            }
            Some(_) => None,
        };
        let loaded = process::memory(server.pid())?;
        let replies = replies(&server, provider).await?;
        self.looks(&server, table).await?;
        server.stop()?;

        let floor = self.floor(Customers::Known, Some(&self.place.url), true)?;
        table.times(
            &format!("{RATE} texts/s: sent to answered, p50 and p99"),
            &steady.report.answered_us,
            &floor.report.answered_us,
        );
        table.times(
            &format!("{RATE} texts/s: sent to seen in a second browser, p50 and p99"),
            &steady.report.seen_us,
            &floor.report.seen_us,
        );
        spent(table, &format!("{RATE} texts/s"), &steady, &floor);
        let floor = self.replies_floor(provider).await?;
        table.times("reply to request at the provider, p50 and p99", &replies, &floor);
        let floor = self.beside(&open, Customers::Known, "open conversations", table)?;
        table.add("memory after the bursts", &loaded.to_string(), &floor.memory.to_string());
        let cost = (open.0.cpu_per_text(), floor.cpu_per_text());
        if let Some((size, (own, least))) = first {
            let what = format!("CPU per text against {} conversations", grouped(size.into()));
            table.add(&what, &format!("{:.2}x", cost.0 / own), &format!("{:.2}x", cost.1 / least));
        }
        if let Some(new) = new {
            self.beside(&new, Customers::New, "new customers", table)?;
        }
        Ok(cost)
    }

    /// The program on a database with a past. With a table: what is measured on the way, the empty one too where it is the first.
    async fn seeded(&self, provider: &Provider, mut told: Option<(bool, &mut Table)>) -> Result<Server> {
        let site = Site::new(&self.plan.program, self.folder, self.place)?;
        let mut server = site.serve().await?;
        server.set_up(&provider.url).await?;
        if let Some((true, table)) = &mut told {
            tokio::time::sleep(SETTLE).await;
            self.started("empty", &server, table).await?;
        }
        server.stop()?;
        let said = site.seed(self.size, self.size * 5)?;
        if let Some((_, table)) = told {
            table.plain("seed", &format!("{said} {:.0} MB", self.place.size()?));
        }
        let mut server = site.serve().await?;
        server.sign_in().await?;
        tokio::time::sleep(SETTLE).await;
        Ok(server)
    }

    /// How long it took to be ready and what it holds, beside axum that has opened the same database.
    async fn started(&self, which: &str, server: &Server, table: &mut Table) -> Result<()> {
        let floor = look::run(&self.place.url, 0, &[], 0).await?;
        let (ready, least) = (micros(server.ready_after), micros(floor.ready_after));
        table.add(&format!("start to ready, {which}"), &millis(ready), &millis(least));
        let memory = process::memory(server.pid())?;
        table.add(&format!("memory, idle, {which}"), &memory.to_string(), &floor.memory.to_string());
        Ok(())
    }

    /// Texts of one burst.
    fn burst(&self) -> usize {
        match self.place.engine {
            Engine::Sqlite => self.plan.burst,
            // it takes several times as long for each
            Engine::Postgres => self.plan.burst / 2,
        }
    }

    /// A burst; or, with somebody who watches, the steady rate.
    fn order(&mut self, hook: &str, numbers: &[String], watch: Option<(String, String, String)>) -> Order {
        let rate = watch.is_some().then_some(RATE);
        let count = rate.map_or(self.burst(), |rate| rate as usize * self.plan.seconds);
        let first = self.sent;
        self.sent += count;
        Order { hook: hook.to_owned(), count, first, clients: CLIENTS, rate, numbers: numbers.to_vec(), watch }
    }

    /// Sends a burst, or at the steady rate with a second browser that listens, and looks that everything which was acknowledged is there
    /// once.
    async fn send(&mut self, server: &Server, numbers: &[String], watched: bool) -> Result<Run> {
        const INBOUND: &str = "SELECT count(*) FROM entries WHERE direction = 'inbound'";
        const DOUBLED: &str = "SELECT count(*) - count(DISTINCT provider_key) FROM entries WHERE direction = 'inbound'";
        let order = self.order(&server.hook().await?, numbers, watched.then(|| server.watch()));
        let before: usize = self.place.ask(INBOUND)?.parse()?;
        let run = Run::of(&order, server.pid(), self.place)?;
        let there = self.place.ask(INBOUND)?.parse::<usize>()? - before;
        let acknowledged = run.report.acknowledged;
        ensure!(there == acknowledged, "{acknowledged} were acknowledged, {there} are there");
        ensure!(self.place.ask(DOUBLED)? == "0", "a text is there twice");
        Ok(run)
    }

    async fn bursts(&mut self, server: &Server, numbers: &[String]) -> Result<(Run, String)> {
        let mut runs = Vec::new();
        for _ in 0..self.plan.repeat {
            runs.push(self.send(server, numbers, false).await?);
        }
        Ok(middle(runs))
    }

    /// First pages, and conversations opened: by one person, and by several at once.
    async fn looks(&self, server: &Server, table: &mut Table) -> Result<()> {
        let some = self.place.some_conversations(LOOKS)?;
        let floor = look::run(&self.place.url, LOOKS, &some, CROWD).await?;
        let mut everything = Vec::new();
        for (view, sort) in VIEWS {
            let path = format!("/conversations?view={view}&sort={sort}&limit=50");
            let paths = vec![path; LOOKS];
            table.times(&format!("first page of {view}, {sort}"), &timed(server, &paths).await?, &floor.pages);
            everything.extend(paths.into_iter().take(LOOKS / 3));
        }
        // from the whole table, so that what is opened is not what was just written
        let mut opened = Vec::new();
        let mut times = Vec::new();
        for id in some {
            let both = [format!("/conversations/{id}"), format!("/conversations/{id}/entries?limit=50")];
            times.push(timed(server, &both).await?.iter().sum());
            opened.extend(both);
        }
        times.sort_unstable();
        table.times("a conversation at random and its newest entries", &times, &floor.opened);
        everything.extend(opened);
        let times = at_once(server, &everything).await?;
        table.times(&format!("all of these, {CROWD} people at once"), &times, &floor.crowded);
        self.team(server, &floor, table).await
    }

    /// What a team looks at all day, by several people at once: as the owner, who sees everything, and as an agent.
    async fn team(&self, server: &Server, floor: &look::Looked, table: &mut Table) -> Result<()> {
        let users = server.get("/users").await?;
        let agent = users["data"].as_array().and_then(|all| all.iter().find(|u| u["role"] == "agent"));
        let email = agent.and_then(|agent| agent["email"].as_str()).context("no agent")?;
        Site::new(&self.plan.program, self.folder, self.place)?.set_password(email)?;
        let agent = server.seat_of(email).await?;
        let owner: &Seat = server;
        for (who, seat) in [("owner", owner), ("agent", &agent)] {
            for (what, path) in asked::lists(seat).await? {
                let times = at_once(seat, &vec![path; LOOKS]).await?;
                table.times(&format!("{what}; {who}, {CROWD} at once"), &times, &floor.crowded);
            }
            for (what, path) in asked::searches(seat).await? {
                let times = at_once(seat, &vec![path; LOOKS]).await?;
                table.times(&format!("search: {what}; {who}, {CROWD} at once"), &times, &floor.found);
            }
        }
        Ok(())
    }

    /// A burst beside its floors: axum, the same signature check and the same rows raw, which is given; and each of these alone.
    fn beside(&mut self, burst: &(Run, String), customers: Customers, who: &str, table: &mut Table) -> Result<Run> {
        let url = self.place.url.as_str();
        let runs = (0..self.plan.repeat).map(|_| self.floor(customers, Some(url), false));
        let (floor, each) = middle(runs.collect::<Result<_>>()?);
        let (burst, all) = burst;
        let rate = burst.rate();
        let beside = |least: f64| format!("{} ({:.2})", whole(least), rate / least);
        table.add(&format!("durable texts a second, {CLIENTS} clients, {who}"), &whole(rate), &beside(floor.rate()));
        table.add(&format!("each run, {who}"), all, &each);
        let count = self.burst();
        let rows = |group: usize, count: usize| -> Result<f64> {
            let url = url.to_owned();
            // the blocking client may not be used where async tasks run
            let run = std::thread::spawn(move || Raw::open(&url, customers)?.rate(group, count));
            run.join().map_err(|_| anyhow::anyhow!("the floor panicked"))?
        };
        table.add(&format!("the rows alone, {GROUP} a commit, {who}"), "", &beside(rows(GROUP, count)?));
        table.add(&format!("the rows alone, 1 a commit, {who}"), "", &beside(rows(1, count / 4)?));
        let signed = self.floor(customers, None, false)?;
        table.add(&format!("axum and signature alone, {who}"), "", &beside(signed.rate()));
        let answered = format!("{CLIENTS} clients: sent to answered, {who}, p50 and p99");
        table.times(&answered, &burst.report.answered_us, &floor.report.answered_us);
        spent(table, who, burst, &floor);
        Ok(floor)
    }

    /// The same load against axum with the same signature check, and with the same rows raw where there is a database.
    fn floor(&mut self, customers: Customers, database: Option<&str>, watched: bool) -> Result<Run> {
        let floor = raw::start(customers, database.as_slice())?;
        let watch =
            watched.then(|| (format!("{}/live", floor.url.replace("http", "ws")), floor.url.clone(), String::new()));
        let hook = format!("{}/hook", floor.url);
        // not measured: what it is compared with has run for a while, too
        let warm = Order { count: WARM, ..self.order(&hook, &[newcomer(0)], None) };
        Run::of(&warm, floor.pid(), self.place)?;
        let order = self.order(&hook, &[newcomer(0)], watch);
        let run = Run::of(&order, floor.pid(), self.place)?;
        floor.stop()?;
        Ok(run)
    }

    /// The rows of a reply raw, then a request to the same provider.
    async fn replies_floor(&self, provider: &Provider) -> Result<Vec<u64>> {
        let floor = raw::start(Customers::Known, &[&self.place.url, &provider.url])?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        let mut times = Vec::new();
        for _ in 0..REPLIES {
            let reply = http.post(format!("{}/reply", floor.url)).form(&[("Body", REPLY)]);
            times.push(arrival(provider, async { Ok(reply.send().await?.error_for_status().map(drop)?) }).await?);
        }
        times.sort_unstable();
        floor.stop()?;
        Ok(times)
    }
}

/// From a person's click to the request at the provider, sorted, in microseconds.
async fn replies(server: &Server, provider: &Provider) -> Result<Vec<u64>> {
    let page = server.get(&format!("/conversations?view=all&sort=newest&limit={REPLIES}")).await?;
    let mut times = Vec::new();
    for conversation in page["data"].as_array().context("no conversations")? {
        let path = format!("/conversations/{}/messages", conversation["id"].as_str().unwrap_or_default());
        let reply = json!({"text": REPLY, "undo_seconds": 0, "seen_entry_id": conversation["last_entry_id"]});
        times.push(arrival(provider, async { server.post(&path, &reply).await.map(drop) }).await?);
    }
    times.sort_unstable();
    Ok(times)
}

/// How long after a click begins the next request arrives at the provider, in microseconds.
async fn arrival(provider: &Provider, click: impl Future<Output = Result<()>>) -> Result<u64> {
    let n = provider.count();
    let began = Instant::now();
    click.await?;
    let arrived = tokio::time::timeout(PATIENCE, provider.nth(n)).await?;
    Ok(micros(arrived.saturating_duration_since(began)))
}

/// CPU time per text, of the server and apart from it of the clients.
fn spent(table: &mut Table, who: &str, run: &Run, floor: &Run) {
    let more = run.cpu_per_text() / floor.cpu_per_text();
    table.add(&format!("CPU per text, {who}"), &run.cpu(), &format!("{} ({more:.1}x)", floor.cpu()));
    table.add(&format!("CPU of the clients per text, {who}"), &run.client_cpu(), &floor.client_cpu());
}

/// A rate as people read it.
fn whole(rate: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate")]
    let rate = rate.round() as u64;
    grouped(rate)
}

/// The number of somebody who never wrote before.
fn newcomer(n: usize) -> String {
    format!("+1628{:07}", 2_000_000 + n)
}

/// Everyone whose conversation is open.
async fn numbers(server: &Server) -> Result<Vec<String>> {
    let mut numbers = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = server.get(&format!("/conversations?view=all&sort=newest&limit=200{cursor}")).await?;
        let rows = page["data"].as_array().context("no conversations")?;
        numbers.extend(rows.iter().filter_map(|c| c["contact"]["address"].as_str().map(str::to_owned)));
        match &page["next_cursor"] {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => return Ok(spread_out(&numbers)),
        }
    }
}

/// Not in the order of the list, so that neighbours in the database do not follow each other.
fn spread_out(numbers: &[String]) -> Vec<String> {
    let step = (0..)
        .map(|n| 7_919 + 2 * n)
        .find(|s| !numbers.len().is_multiple_of(*s) && gcd(numbers.len(), *s) == 1)
        .unwrap_or(1);
    (0..numbers.len()).map(|n| numbers[n * step % numbers.len()].clone()).collect()
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// How long each request took, sorted, in microseconds.
async fn timed(seat: &Seat, paths: &[impl AsRef<str>]) -> Result<Vec<u64>> {
    let mut times = Vec::with_capacity(paths.len());
    for path in paths {
        let began = Instant::now();
        seat.get_raw(path.as_ref()).await?;
        times.push(micros(began.elapsed()));
    }
    times.sort_unstable();
    Ok(times)
}

/// The same by several people at once, who share the paths between them.
async fn at_once(seat: &Seat, paths: &[String]) -> Result<Vec<u64>> {
    let shares: Vec<Vec<&String>> = (0..CROWD).map(|n| paths.iter().skip(n).step_by(CROWD).collect()).collect();
    let crowd = shares.iter().map(|share| timed(seat, share));
    let mut times: Vec<u64> = futures_util::future::try_join_all(crowd).await?.into_iter().flatten().collect();
    times.sort_unstable();
    Ok(times)
}
