//! A short form of the long proof: sixty histories, and that a seed is a history.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::sync::{Mutex, PoisonError};

use partyline_sim::history::{Plan, Seen, live};

/// One history at a time: the network and the randomness are the process's.
static ALONE: Mutex<()> = Mutex::new(());
/// Histories of this short form.
const HISTORIES: u64 = 60;
/// Its first seed when nobody names one: the short form is the same for everybody, the long form begins anywhere.
const FIRST: u64 = 1_000_000;

/// `PROVE_SEED`, or the one that is always tried.
fn first() -> u64 {
    std::env::var("PROVE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(FIRST)
}

#[test]
fn random_histories_keep_every_promise() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut seen = Seen::default();
    let first = first();
    let last = first.saturating_add(HISTORIES - 1);
    println!("seeds {first} to {last}");
    for seed in first..=last {
        let told = live(&Plan { seed, ..Plan::default() }).unwrap();
        let broken: Vec<String> = told.broken.iter().map(ToString::to_string).collect();
        assert!(broken.is_empty(), "cargo run -p partyline-sim -- --seed {seed}\n{}", broken.join("\n"));
        seen += told.seen;
    }
    // it did come across what it is about
    assert!(seen.crashes > HISTORIES / 2 && seen.taken > 3 * HISTORIES && seen.twice > 0, "{seen:?}");
}

#[test]
fn the_same_seed_is_the_same_history() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for seed in [1, 2, 3] {
        let once = live(&Plan { seed, trace: true, ..Plan::default() }).unwrap();
        let twice = live(&Plan { seed, trace: true, ..Plan::default() }).unwrap();
        assert_eq!(once.trace, twice.trace);
        assert_eq!(once.log, twice.log);
    }
}
