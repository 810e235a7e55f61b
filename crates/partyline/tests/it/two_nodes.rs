//! A storm over two nodes on one PostgreSQL: by turns one is killed, one is cut off from the database, and one is stopped for longer
//! than the others wait, and goes on as if nothing had been. Clients come to an address behind which both are.
//!
//! `PROVE_TURNS` says how many turns there are.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fastrand::Rng;
use reqwest::Client;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::engine::{Engine, Place};
use crate::killed::{Program, ready};
use crate::road::Road;
use crate::storm::{Met, calm, faults, free_address, seed, wanted};
use crate::visitors::Visitors;
use crate::world::{carrier, run};

/// Turns of the short form: each blow once.
const TURNS: usize = 3;
/// How long a node is cut off or stopped, in milliseconds: from shorter than the others wait for it to much longer.
const AWAY: std::ops::RangeInclusive<u64> = 1_000..=5_500;

/// The program as it is built now.
pub const OURS: &str = env!("CARGO_BIN_EXE_partyline");

/// What happens to a node.
#[derive(Debug, Clone, Copy)]
enum Blow {
    Kill,
    Cut,
    Stop,
}

/// One node, and its own line to the database.
pub struct Node {
    listen: String,
    line: Road,
    database: String,
    pub running: Option<Program>,
}

impl Node {
    pub async fn new(place: &Place) -> Node {
        let (mut line, near) = Road::new().await;
        line.lead(near, postgres_address(&place.url));
        let name = place.url.rsplit('/').find_map(|part| part.split('?').next().filter(|n| n.starts_with("road_")));
        let address = line.url().trim_start_matches("http://").to_owned();
        let database = format!("postgres://postgres@{address}/{}?sslmode=disable", name.unwrap());
        Node { listen: free_address(), line, database, running: None }
    }

    /// Starts this program of ours or of before, and waits until it is ready.
    pub async fn start(&mut self, program: &str, place: &Place, public: &str, http: &Client) {
        let mut serve = Command::new(program);
        serve.arg("serve").arg("--data-dir").arg(place.folder.path()).args(["--database-url", &self.database]);
        serve.args(["--public-url", public]).stderr(std::process::Stdio::null()).current_dir(place.folder.path());
        self.running = Some(ready(serve, &self.listen, http).await);
    }
}

/// Where the server of a connection string listens on TCP: on this machine, at the port that it names.
fn postgres_address(url: &str) -> SocketAddr {
    let named = url.split(['?', '&']).find_map(|part| part.strip_prefix("port=")?.parse::<u16>().ok());
    let in_authority = || url.split('@').nth(1)?.split('/').next()?.rsplit(':').next()?.parse::<u16>().ok();
    SocketAddr::from(([127, 0, 0, 1], named.or_else(in_authority).unwrap_or(5_432)))
}

/// Who stands before both: each connection goes to the next node that takes it.
pub struct Balancer {
    pub address: String,
    /// Who gets nobody sent.
    pub out: Arc<[AtomicBool; 2]>,
    pub running: JoinHandle<()>,
}

impl Balancer {
    pub async fn before(nodes: &[Node; 2]) -> Balancer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let out: Arc<[AtomicBool; 2]> = Arc::default();
        let targets = [nodes[0].listen.clone(), nodes[1].listen.clone()];
        let skips = out.clone();
        let running = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            let mut next = 0;
            while let Ok((near, _)) = listener.accept().await {
                next += 1;
                let (targets, skips) = (targets.clone(), skips.clone());
                connections.spawn(async move {
                    for n in [next % 2, (next + 1) % 2] {
                        if skips[n].load(Ordering::Relaxed) {
                            continue;
                        }
                        if let Ok(far) = TcpStream::connect(&targets[n]).await {
                            let (mut near, mut far) = (near, far);
                            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                            return;
                        }
                    }
                });
            }
        });
        Balancer { address, out, running }
    }
}

async fn rages() {
    let mut rng = seed();
    let turns = wanted("PROVE_TURNS").map_or(TURNS, |n| usize::try_from(n).unwrap_or(TURNS));
    let place = Engine::Postgres.place();
    let stop = CancellationToken::new();
    let (carrier, road, address) = carrier(&stop).await;
    let http = Client::builder().no_proxy().build().unwrap();
    let mut nodes = [Node::new(&place).await, Node::new(&place).await];
    let balancer = Balancer::before(&nodes).await;
    let base = format!("http://{}", balancer.address);
    for node in &mut nodes {
        node.start(OURS, &place, &base, &http).await;
    }
    let visitors = Visitors::arrive(&carrier, &base, &road.url()).await;
    let mut met = Met::new(&http, &address);
    visitors.begin(&mut rng);
    for turn in 0..turns {
        carrier.set_faults(&faults(&mut rng));
        visitors.have_done(rng.u64(1..=20)).await;
        let blow = [Blow::Kill, Blow::Cut, Blow::Stop][turn % 3];
        let struck = turn % 2;
        strike(&mut nodes[struck], blow, &balancer.out[struck], &mut rng).await;
        met.count().await;
        if nodes[struck].running.is_none() {
            nodes[struck].start(OURS, &place, &base, &http).await;
        }
    }
    visitors.leave().await;
    met.prove(turns);
    for node in &mut nodes {
        node.running.take();
    }
    balancer.running.abort();
    calm(&place, &balancer.address, &visitors).await;
    stop.cancel();
}

async fn strike(node: &mut Node, blow: Blow, out: &AtomicBool, rng: &mut Rng) {
    let away = Duration::from_millis(rng.u64(AWAY));
    match blow {
        Blow::Kill => {
            node.running.take();
            tokio::time::sleep(away / 4).await;
        }
        Blow::Cut => {
            node.line.cut().await;
            tokio::time::sleep(away).await;
            node.line.mend().await;
        }
        Blow::Stop => {
            let running = node.running.as_ref().unwrap();
            running.signal("STOP");
            // whoever looks after the nodes sends nobody there any more
            out.store(true, Ordering::Relaxed);
            tokio::time::sleep(away).await;
            running.signal("CONT");
            out.store(false, Ordering::Relaxed);
        }
    }
}

#[test]
fn nothing_is_lost_or_sent_twice_when_nodes_die_and_are_cut_off_by_turns() {
    run(rages());
}
