//! A storm: customers text and agents answer while the real program is killed at random moments, again and again, and the provider
//! refuses, drops, delays and doubles. What must hold afterwards stands in [`aftermath`](crate::aftermath).
//!
//! `PROVE_KILLS` says how often it is killed (a few times in the short form), `PROVE_SEED` what the moments are drawn from.

use std::collections::HashMap;
use std::time::Duration;

use fastrand::Rng;
use partyline_carrier::{Faults, Switch};
use partyline_core::time::{MINUTE, SECOND};
use partyline_desk::Clock;
use partyline_store::StoreError;
use reqwest::Client;
use tokio_util::sync::CancellationToken;

use crate::aftermath;
use crate::engine::{Engine, Place};
use crate::killed::{audit_says_whole, begun, program, serve};
use crate::visitors::Visitors;
use crate::world::{carrier, node, run, until};

/// Kills of the short form.
const KILLS: usize = 5;
/// Things that are done between two kills, at most.
const PEACE_MAX: u64 = 12;
/// Milliseconds by which a kill misses the moment of an acknowledgement, at most.
const MISS_MAX: u64 = 25;

/// Seconds for which receipts are held back, at most.
const HELD_MAX: u64 = 2;
/// Every so many rounds it is killed once more while it starts.
const EARLY_EVERY: usize = 5;
/// Milliseconds after its start within which it is killed then: sooner than it is ready, or just after.
const EARLY_MAX: u64 = 300;
/// Rounds from which on a storm must have met every fault that it is about.
const LONG: usize = 30;
/// The faults that it is about, by their names on the carrier's wire.
const ABOUT: [&str; 4] = ["drop_after_accept", "too_many_requests", "server_error", "duplicate_webhooks"];

/// A number that whoever runs the long form has set.
pub fn wanted(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

/// What a storm draws its moments from, small enough for a shell to count on from; a test that fails prints it.
pub fn seed() -> Rng {
    let seed = wanted("PROVE_SEED").unwrap_or_else(|| Rng::new().u64(..1 << 48));
    println!("PROVE_SEED={seed}");
    Rng::with_seed(seed)
}

/// What the provider does wrong for a while.
pub fn faults(rng: &mut Rng) -> Faults {
    let times = |rng: &mut Rng, often: u8, most: u32| {
        if rng.u8(0..100) < often { Switch::Times(rng.u32(1..=most)) } else { Switch::Always(false) }
    };
    Faults {
        drop_after_accept: times(rng, 40, 2),
        too_many_requests: times(rng, 30, 3),
        server_error: times(rng, 20, 1),
        duplicate_webhooks: times(rng, 50, 20),
        shuffle_receipts: times(rng, 50, 20),
        lose_receipts_percent: rng.u8(0..40),
        hold_receipts_s: if rng.u8(0..100) < 20 { rng.u64(1..=HELD_MAX) } else { 0 },
        send_latency_ms: rng.u64(0..30),
        ..Faults::default()
    }
}

/// How often each fault has really happened, as the carrier's wire tells it.
pub struct Met {
    http: Client,
    carrier: String,
    /// The last line that was counted.
    seen: u64,
    times: HashMap<String, usize>,
}

impl Met {
    /// Nothing yet. `carrier`: its own address, without anything between.
    pub fn new(http: &Client, carrier: &str) -> Met {
        Met { http: http.clone(), carrier: carrier.to_owned(), seen: 0, times: HashMap::new() }
    }

    /// Counts what is new on the wire, which keeps its last lines only.
    pub async fn count(&mut self) {
        let wire = format!("{}/carrier/wire?after={}", self.carrier, self.seen);
        let lines: Vec<serde_json::Value> = self.http.get(wire).send().await.unwrap().json().await.unwrap();
        for line in lines {
            self.seen = self.seen.max(line["id"].as_u64().unwrap());
            for fault in line["faults"].as_array().unwrap() {
                *self.times.entry(fault.as_str().unwrap().to_owned()).or_default() += 1;
            }
        }
    }

    /// A storm of so many rounds has been what it says.
    pub fn prove(&self, rounds: usize) {
        println!("faults met: {:?}", self.times);
        let missing = ABOUT.iter().find(|fault| !self.times.contains_key(**fault));
        assert!(rounds < LONG || missing.is_none(), "never met: {missing:?}");
    }
}

async fn rages(engine: Engine) {
    let mut rng = seed();
    let kills = wanted("PROVE_KILLS").map_or(KILLS, |n| usize::try_from(n).unwrap_or(KILLS));
    let place = engine.place();
    let stop = CancellationToken::new();
    let (carrier, road, address) = carrier(&stop).await;
    let http = Client::builder().no_proxy().build().unwrap();
    let listen = free_address();
    let mut running = serve(&place, &listen, &http).await;
    let visitors = Visitors::arrive(&carrier, &format!("http://{listen}"), &road.url()).await;
    let mut met = Met::new(&http, &address);
    visitors.begin(&mut rng);
    for round in 1..=kills {
        carrier.set_faults(&faults(&mut rng));
        visitors.have_done(rng.u64(1..=PEACE_MAX)).await;
        tokio::time::sleep(Duration::from_millis(rng.u64(0..=MISS_MAX))).await;
        running.kill();
        met.count().await;
        if round % EARLY_EVERY == 0 {
            let mut early = begun(program(&place, &["serve"]), &listen);
            tokio::time::sleep(Duration::from_millis(rng.u64(0..=EARLY_MAX))).await;
            early.kill();
        }
        running = serve(&place, &listen, &http).await;
    }
    visitors.leave().await;
    running.kill();
    met.prove(kills);
    calm(&place, &listen, &visitors).await;
    stop.cancel();
}

/// An address that nobody listens at.
pub fn free_address() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// The storm is over: time passes quickly, everything that is under way arrives, what was missed is fetched, and it is counted.
pub async fn calm(place: &Place, listen: &str, visitors: &Visitors) {
    visitors.carrier.set_faults(&Faults::default());
    // whatever the last process had claimed is free again by then
    let clock = Clock::manual(Clock::System.now() + 2 * MINUTE + SECOND);
    let listener = until("the address is free", async || std::net::TcpListener::bind(listen).ok()).await;
    let node = node(place, listener, &clock).await;
    aftermath::acknowledged_is_there(visitors).await;
    until("nothing is under way", async || {
        let now = clock.now();
        let looked =
            node.desk.db().read_root(move |root| Ok::<_, StoreError>((root.jobs_waiting()?, root.next_job(now)?)));
        let (waiting, next) = looked.await.unwrap();
        // what a worker holds right now is leased for exactly two minutes; the clock stands still meanwhile
        if waiting > 0 && next.is_some_and(|at| at > now && at.since(now) != 2 * MINUTE) {
            clock.set(now + SECOND);
            node.desk.db().jobs_added().notify_waiters();
        }
        (waiting == 0).then_some(())
    })
    .await;
    clock.set(clock.now() + 6 * MINUTE);
    node.desk.poll().await.unwrap();
    aftermath::all(&node.desk, visitors).await;
    node.kill();
    drop(node);
    audit_says_whole(place);
}

fn prove(engine: Engine) {
    run(rages(engine));
}

mod nothing_is_lost_or_sent_twice_in_a_storm_of_kills {
    use super::*;

    #[test]
    fn on_sqlite() {
        prove(Engine::Sqlite);
    }

    #[test]
    fn on_postgres() {
        prove(Engine::Postgres);
    }
}
