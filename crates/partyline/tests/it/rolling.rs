//! Two nodes are upgraded one after the other while customers text and agents answer: the first of the new ones migrates while the old one
//! serves on, and both serve beside each other for a while, killed by turns.
//!
//! `PROVE_BEFORE` is the program of the schema before this one; `scripts/before.sh` builds it.

use std::sync::atomic::Ordering;

use reqwest::Client;
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;
use crate::storm::{Met, calm, faults, seed, wanted};
use crate::two_nodes::{Balancer, Node, OURS};
use crate::visitors::Visitors;
use crate::world::{carrier, run};

/// Things that are done between two steps of an upgrade, at least.
const PEACE: u64 = 60;
/// Kills while old and new serve beside each other, in the short form.
const KILLS: u64 = 6;

async fn rolls(before: &str) {
    let mut rng = seed();
    let kills = wanted("PROVE_TURNS").unwrap_or(KILLS);
    let place = Engine::Postgres.place();
    let stop = CancellationToken::new();
    let (carrier, road, address) = carrier(&stop).await;
    let http = Client::builder().no_proxy().build().unwrap();
    let mut nodes = [Node::new(&place).await, Node::new(&place).await];
    let balancer = Balancer::before(&nodes).await;
    let base = format!("http://{}", balancer.address);
    for node in &mut nodes {
        node.start(before, &place, &base, &http).await;
    }
    let visitors = Visitors::arrive(&carrier, &base, &road.url()).await;
    let mut met = Met::new(&http, &address);
    visitors.begin(&mut rng);
    carrier.set_faults(&faults(&mut rng));
    visitors.have_done(PEACE).await;
    upgrade(&mut nodes[0], &balancer, 0, async |node| node.start(OURS, &place, &base, &http).await).await;
    for kill in 0..kills {
        carrier.set_faults(&faults(&mut rng));
        visitors.have_done(PEACE / 3).await;
        let (struck, program) = if kill % 2 == 0 { (0, OURS) } else { (1, before) };
        nodes[struck].running.take();
        visitors.have_done(rng.u64(1..=5)).await;
        nodes[struck].start(program, &place, &base, &http).await;
        met.count().await;
    }
    upgrade(&mut nodes[1], &balancer, 1, async |node| node.start(OURS, &place, &base, &http).await).await;
    visitors.have_done(PEACE).await;
    visitors.leave().await;
    for node in &mut nodes {
        node.running.take();
    }
    balancer.running.abort();
    calm(&place, &balancer.address, &visitors).await;
    stop.cancel();
}

/// Nobody is sent to it any more, it finishes what it holds, and another program comes up in its place.
async fn upgrade(node: &mut Node, balancer: &Balancer, which: usize, start: impl AsyncFnOnce(&mut Node)) {
    balancer.out[which].store(true, Ordering::Relaxed);
    let mut running = node.running.take().unwrap();
    running.signal("TERM");
    let ended = tokio::task::spawn_blocking(move || running.0.wait()).await.unwrap().unwrap();
    assert!(ended.success(), "it was stopped, and ended in order");
    start(node).await;
    balancer.out[which].store(false, Ordering::Relaxed);
}

#[test]
#[ignore = "needs the program of the schema before this one: scripts/before.sh builds it, make prove runs it"]
fn nothing_is_lost_or_sent_twice_while_nodes_are_upgraded_one_after_the_other() {
    let before = std::env::var("PROVE_BEFORE").expect("PROVE_BEFORE: the path of the program of before");
    run(rolls(&before));
}
