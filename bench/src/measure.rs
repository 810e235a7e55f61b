//! What is measured, in order, for each engine and size.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::Plan;
use crate::client::{Order, Report, micros};
use crate::look;
use crate::place::{Place, engines};
use crate::process;
use crate::provider::Provider;
use crate::raw;
use crate::rows::{Customers, Raw};
use crate::server::{Server, Site};
use crate::table::{Table, at, each, millis, spread};

/// Clients of a burst.
const CLIENTS: usize = 64;
/// Texts a second of the steady run.
const RATE: u32 = 200;
/// Answers whose way to the provider is timed.
const REPLIES: usize = 100;
/// Requests of one view, and conversations that are opened.
const LOOKS: usize = 300;
/// People who look at once in the crowded run.
const CROWD: usize = 8;
/// Texts of a commit in the raw rows: as many as there are clients.
const GROUP: usize = CLIENTS;
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

pub async fn run(plan: &Plan) -> Result<()> {
    let mut table = Table::default();
    let stop = CancellationToken::new();
    let before = process::load();
    let provider = Provider::start(&stop).await?;
    for engine in engines().into_iter().filter(|e| plan.only.is_none_or(|only| only == *e)) {
        let mut costs = Vec::new();
        for (n, size) in plan.sizes.iter().enumerate() {
            let folder = tempfile::tempdir()?;
            let place = Place::new(engine, folder.path(), &size.to_string())?;
            let mut bench =
                Bench { plan, place: &place, folder: folder.path(), size: *size, sent: 0, table: &mut table };
            costs.push((*size, bench.run(&provider, n == 0).await?));
        }
        if let [(small, first), .., (big, last)] = costs.as_slice() {
            let ratio = format!("{:.2}x", last / first);
            table.add(
                &format!("{}: CPU per text at {big} against {small} conversations", engine.name()),
                &format!("{last:.0} us"),
                &format!("{first:.0} us"),
                &ratio,
            );
        }
    }
    stop.cancel();
    println!(
        "Load of the machine before {before}, after {}; 2 cores share the server, the load and the floors.\n",
        process::load()
    );
    table.print();
    Ok(())
}

struct Bench<'a> {
    plan: &'a Plan,
    place: &'a Place,
    folder: &'a Path,
    size: u32,
    /// Texts that were sent so far: each has a number of its own.
    sent: usize,
    table: &'a mut Table,
}

/// One burst: what the client reports, and what the server and its database spent.
struct Burst {
    report: Report,
    server: Duration,
    database: Duration,
}

impl Burst {
    fn rate(&self) -> f64 {
        self.report.acknowledged as f64 * 1e6 / self.report.took_us.max(1) as f64
    }

    fn cpu_per_text(&self) -> f64 {
        each(self.server + self.database, self.report.acknowledged)
    }
}

/// What a floor did with the same load.
struct Served {
    report: Report,
    cpu: Duration,
}

impl Served {
    fn rate(&self) -> f64 {
        self.report.acknowledged as f64 * 1e6 / self.report.took_us.max(1) as f64
    }
}

impl Bench<'_> {
    /// Measures one database; gives the CPU time per text, in microseconds.
    async fn run(&mut self, provider: &Provider, first: bool) -> Result<f64> {
        let (plan, size) = (self.plan, self.size);
        let engine = self.place.engine.name();
        self.table.head(&format!("{engine}, {size} conversations, {} entries", size * 5));
        let site = Site::new(&plan.program, self.folder, self.place)?;
        let mut server = site.serve().await?;
        server.set_up(&provider.url).await?;
        tokio::time::sleep(SETTLE).await;
        if first {
            self.started("empty", &server).await?;
        }
        server.stop()?;
        let seeded = site.seed(size, size * 5)?;
        self.table.plain("seed", &format!("{seeded} {:.0} MB", self.place.size()?));
        let mut server = site.serve().await?;
        server.sign_in().await?;
        tokio::time::sleep(SETTLE).await;
        self.started("seeded", &server).await?;

        let known = numbers(&server).await?;
        let fsync = raw::fsync(self.folder)?;
        self.steady(&server, &known, fsync).await?;
        let burst = self.bursts(&server, &known, "customers whose conversation is open").await?;
        let newcomers: Vec<String> = (0..plan.burst * plan.repeat).map(newcomer).collect();
        let new = if first { Some(self.bursts(&server, &newcomers, "new customers").await?) } else { None };
        self.memory("memory after the bursts", &server, "")?;
        self.replies(&server, provider, fsync).await?;
        self.looks(&server).await?;
        server.stop()?;

        self.floors(&burst, Customers::Known, "open conversations")?;
        if let Some(new) = new {
            self.floors(&new, Customers::New, "new customers")?;
        }
        Ok(burst.cpu_per_text())
    }

    /// How long it took to be ready and what it holds, beside axum that has opened the same database.
    async fn started(&mut self, which: &str, server: &Server) -> Result<()> {
        let floor = look::run(&self.place.url, 0, &[]).await?;
        let (ready, least) = (micros(server.ready_after), micros(floor.ready_after));
        self.table.add(&format!("start to ready, {which}"), &millis(ready), &millis(least), &times(ready, least));
        let (all, own) = floor.memory;
        let floor = format!("{all:.1} MB ({own:.1} MB)");
        self.memory(&format!("memory, idle, {which}"), server, &floor)
    }

    fn memory(&mut self, what: &str, server: &Server, floor: &str) -> Result<()> {
        let (all, own, most) = process::memory(server.pid())?;
        let figure = format!("{all:.1} MB ({own:.1} MB without pages of files), at most {most:.1} MB so far");
        self.table.add(what, &figure, floor, "");
        Ok(())
    }

    fn order(&mut self, hook: &str, count: usize, numbers: &[String]) -> Order {
        let first = self.sent;
        self.sent += count;
        Order {
            hook: hook.to_owned(),
            count,
            first,
            clients: CLIENTS,
            rate: None,
            numbers: numbers.to_vec(),
            watch: None,
        }
    }

    /// Sends what is ordered, and looks that everything which was acknowledged is there once.
    async fn send(&self, order: Order, server: u32) -> Result<Burst> {
        let place = self.place;
        let inbound = "SELECT count(*) FROM entries WHERE direction = 'inbound'";
        let before: usize = place.ask(inbound)?.parse()?;
        let mut spent = (Duration::ZERO, Duration::ZERO);
        let report = tokio::task::block_in_place(|| {
            process::load_with(&order, || {
                spent = (process::cpu(server)?, place.cpu()?);
                Ok(())
            })
        })?;
        let burst = Burst {
            server: process::cpu(server)?.saturating_sub(spent.0),
            database: place.cpu()?.saturating_sub(spent.1),
            report,
        };
        let after: usize = place.ask(inbound)?.parse()?;
        let there = after - before;
        let acknowledged = burst.report.acknowledged;
        ensure!(there == acknowledged, "{acknowledged} were acknowledged, {there} are there");
        let doubled = "SELECT count(*) - count(DISTINCT provider_key) FROM entries WHERE direction = 'inbound'";
        ensure!(place.ask(doubled)? == "0", "a text is there twice");
        ensure!(burst.report.refused == 0, "{} were refused", burst.report.refused);
        Ok(burst)
    }

    /// 200 texts a second, with a second browser that listens.
    async fn steady(&mut self, server: &Server, known: &[String], fsync: u64) -> Result<()> {
        let mut order = self.order(&server.hook().await?, RATE as usize * self.plan.seconds, known);
        order.rate = Some(RATE);
        order.watch = Some(server.watch());
        let burst = self.send(order, server.pid()).await?;
        let floor = format!("write and fsync p50 {}", millis(fsync));
        let report = &burst.report;
        self.table.add(&format!("{RATE} texts/s: sent to answered"), &spread(&report.answered_us), &floor, "");
        self.table.add(
            &format!("{RATE} texts/s: sent to seen in a second browser"),
            &spread(&report.seen_us),
            &floor,
            "",
        );
        self.table.plain(&format!("{RATE} texts/s: server CPU per text"), &format!("{:.0} us", burst.cpu_per_text()));
        Ok(())
    }

    async fn bursts(&mut self, server: &Server, numbers: &[String], who: &str) -> Result<Burst> {
        let hook = server.hook().await?;
        let mut bursts = Vec::new();
        for _ in 0..self.plan.repeat {
            let order = self.order(&hook, self.plan.burst, numbers);
            bursts.push(self.send(order, server.pid()).await?);
        }
        bursts.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
        let all = bursts.iter().map(|b| format!("{:.0}", b.rate())).collect::<Vec<_>>().join(", ");
        let burst = bursts.swap_remove(self.plan.repeat / 2);
        self.table.plain(&format!("{CLIENTS} clients, {who}: each run"), &format!("{all} texts/s"));
        Ok(burst)
    }

    /// From a person's click to the request at the provider.
    async fn replies(&mut self, server: &Server, provider: &Provider, fsync: u64) -> Result<()> {
        let page = server.get(&format!("/conversations?view=all&sort=newest&limit={REPLIES}")).await?;
        let mut times = Vec::new();
        for conversation in page["data"].as_array().context("no conversations")? {
            let path = format!("/conversations/{}/messages", conversation["id"].as_str().unwrap_or_default());
            let n = provider.count();
            let began = Instant::now();
            let reply =
                json!({"text": "Yes, until six.", "undo_seconds": 0, "seen_entry_id": conversation["last_entry_id"]});
            server.post(&path, &reply).await?;
            let arrived = tokio::time::timeout(crate::client::PATIENCE, provider.nth(n)).await?;
            times.push(micros(arrived.saturating_duration_since(began)));
        }
        times.sort_unstable();
        let floor = format!("write and fsync p50 {}", millis(fsync));
        self.table.add("reply sent to request at the provider", &spread(&times), &floor, "");
        Ok(())
    }

    /// First pages, and conversations opened: by one person, and by several at once.
    async fn looks(&mut self, server: &Server) -> Result<()> {
        let some = self.place.some_conversations(LOOKS)?;
        let floor = look::run(&self.place.url, LOOKS, &some).await?;
        let mut everything = Vec::new();
        for (view, sort) in VIEWS {
            let path = format!("/conversations?view={view}&sort={sort}&limit=50");
            let paths = vec![path; LOOKS];
            self.look(&format!("first page of {view}, {sort}"), &timed(server, &paths).await?, &floor.pages);
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
        self.look("a conversation opened at random: it, and its newest entries", &times, &floor.opened);
        everything.extend(opened);
        let shares: Vec<Vec<&String>> =
            (0..CROWD).map(|n| everything.iter().skip(n).step_by(CROWD).collect()).collect();
        let crowd = shares.iter().map(|share| timed(server, share));
        let mut times: Vec<u64> = futures_util::future::try_join_all(crowd).await?.into_iter().flatten().collect();
        times.sort_unstable();
        self.table.plain(&format!("all of these, {CROWD} people at once"), &spread(&times));
        Ok(())
    }

    fn look(&mut self, what: &str, took: &[u64], floor: &[u64]) {
        self.table.add(what, &spread(took), &spread(floor), &times(at(took, 0.5), at(floor, 0.5)));
    }

    /// The same rows raw; raw axum with the same signature check; both together.
    fn floors(&mut self, burst: &Burst, customers: Customers, who: &str) -> Result<()> {
        let url = self.place.url.as_str();
        let raw = |group: usize, count: usize| -> Result<f64> {
            let (url, run) = (url.to_owned(), move |url: &str| Raw::open(url, customers)?.rate(group, count));
            std::thread::spawn(move || run(&url)).join().map_err(|_| anyhow::anyhow!("the floor panicked"))?
        };
        let grouped = self.middle(|bench| raw(GROUP, bench.plan.burst), |rate| *rate)?;
        let single = self.middle(|bench| raw(1, bench.plan.burst / 4), |rate| *rate)?;
        let signed = self.middle(|bench| bench.served(None, customers), Served::rate)?.rate();
        let floor = self.middle(|bench| bench.served(Some(url), customers), Served::rate)?;
        let (both, cpu) = (floor.rate(), each(floor.cpu, floor.report.acknowledged));
        let rate = burst.rate();
        let of = |floor: f64| format!("{:.2}", rate / floor);
        let figure = format!("{rate:.0} texts/s");
        let what = |floor: &str| format!("durable texts, {CLIENTS} clients, {who}: against {floor}");
        self.table.add(&what("axum, signature and the same rows raw"), &figure, &format!("{both:.0}/s"), &of(both));
        self.table.add(&what("the same rows raw, 64 a commit"), &figure, &format!("{grouped:.0}/s"), &of(grouped));
        self.table.add(&what("the same rows raw, 1 a commit"), &figure, &format!("{single:.0}/s"), &of(single));
        self.table.add(&what("axum and signature, no rows"), &figure, &format!("{signed:.0}/s"), &of(signed));
        let answered = format!("{CLIENTS} clients, {who}: sent to answered");
        self.table.add(&answered, &spread(&burst.report.answered_us), &spread(&floor.report.answered_us), "");
        let texts = burst.report.acknowledged;
        let database = match burst.database {
            Duration::ZERO => String::new(),
            spent => format!(" + {:.0} us of the database", each(spent, texts)),
        };
        self.table.add(
            &format!("CPU per text, {who}"),
            &format!("{:.0} us{database}", each(burst.server, texts)),
            &format!("{cpu:.0} us"),
            &format!("{:.1}x", burst.cpu_per_text() / cpu),
        );
        self.table.plain(
            &format!("CPU of the load per text, {who}"),
            &format!("{:.0} us", each(Duration::from_micros(burst.report.cpu_us), texts)),
        );
        Ok(())
    }

    /// Measures as often as the program was measured, and gives the run in the middle.
    fn middle<T>(&mut self, run: impl Fn(&mut Self) -> Result<T>, rate: impl Fn(&T) -> f64) -> Result<T> {
        let mut runs = (0..self.plan.repeat).map(|_| run(self)).collect::<Result<Vec<T>>>()?;
        runs.sort_by(|a, b| rate(a).total_cmp(&rate(b)));
        Ok(runs.swap_remove(self.plan.repeat / 2))
    }

    /// The same load against a floor.
    fn served(&mut self, database: Option<&str>, customers: Customers) -> Result<Served> {
        let floor = raw::start(database, customers)?;
        let order = self.order(&floor.url.clone(), self.plan.burst, &[newcomer(0)]);
        let mut spent = (Duration::ZERO, Duration::ZERO);
        let report = tokio::task::block_in_place(|| {
            process::load_with(&order, || {
                spent = (process::cpu(floor.pid())?, self.place.cpu()?);
                Ok(())
            })
        })?;
        ensure!(report.refused == 0, "the floor refused {}", report.refused);
        let cpu = process::cpu(floor.pid())?.saturating_sub(spent.0) + self.place.cpu()?.saturating_sub(spent.1);
        floor.stop()?;
        Ok(Served { report, cpu })
    }
}

/// How many times as long.
fn times(took: u64, floor: u64) -> String {
    format!("{:.1}x", took as f64 / floor.max(1) as f64)
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
async fn timed(server: &Server, paths: &[impl AsRef<str>]) -> Result<Vec<u64>> {
    let mut times = Vec::with_capacity(paths.len());
    for path in paths {
        let began = Instant::now();
        server.get_raw(path.as_ref()).await?;
        times.push(micros(began.elapsed()));
    }
    times.sort_unstable();
    Ok(times)
}
