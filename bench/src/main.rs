//! Benchmarks. Each figure stands beside the machine's floor, measured in the same run, since the machine decides the absolute ones.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a benchmark speaks to its terminal, and may stop"
)]

mod floor;
mod server;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// Texts of the throughput run.
const TEXTS: usize = 4_000;
/// Clients that send them at once.
const CLIENTS: usize = 64;
/// Texts of the latency run, one after another.
const SINGLE: usize = 200;

fn main() -> Result<()> {
    let program = std::env::args().nth(1).context("usage: partyline-bench PATH_TO_PARTYLINE")?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(&program))
}

/// The value at a share of the sorted list.
fn at(sorted: &[Duration], share: f64) -> Duration {
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a short list"
    )]
    let place = ((sorted.len() - 1) as f64 * share) as usize;
    sorted[place]
}

fn millis(d: Duration) -> String {
    format!("{:.2} ms", d.as_secs_f64() * 1_000.0)
}

#[allow(clippy::cast_precision_loss, reason = "rates")]
fn per_second(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

fn row(what: &str, figure: &str, floor: &str, ratio: &str) {
    println!("| {what:<52} | {figure:>22} | {floor:>26} | {ratio:>8} |");
}

async fn run(program: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let fsync = floor::fsync(folder.path())?;
    let single = floor::rows(folder.path(), 1, 2_000)?;
    let grouped = floor::rows(folder.path(), CLIENTS, 20_000)?;

    let server = server::Server::start(program, folder.path()).await?;
    let idle = server.memory()?;

    let mut alone = Vec::with_capacity(SINGLE);
    let mut seen = Vec::with_capacity(SINGLE);
    let mut socket = server.listen().await?;
    for n in 0..SINGLE {
        let began = Instant::now();
        server.text(n).await?;
        alone.push(began.elapsed());
        socket.until_message().await?;
        seen.push(began.elapsed());
    }
    drop(socket);
    alone.sort_unstable();
    seen.sort_unstable();

    let cpu_before = server.cpu()?;
    let began = Instant::now();
    let mut latencies = server.burst(SINGLE, TEXTS, CLIENTS).await?;
    let took = began.elapsed();
    let cpu = server.cpu()? - cpu_before;
    latencies.sort_unstable();
    let loaded = server.memory()?;
    let rate = per_second(TEXTS, took);

    let mut pages = Vec::new();
    for _ in 0..100 {
        let began = Instant::now();
        server.get("/api/v1/conversations?view=all&sort=waiting&limit=50").await?;
        pages.push(began.elapsed());
    }
    pages.sort_unstable();

    println!();
    row("SQLite, one process", "figure", "floor, same run", "ratio");
    row(&"-".repeat(52), &"-".repeat(22), &"-".repeat(26), &"-".repeat(8));
    row("start to ready (empty database)", &millis(server.ready_after), "-", "-");
    row("idle memory", &format!("{:.1} MB", idle), "-", "-");
    row("memory after the burst", &format!("{:.1} MB", loaded), "-", "-");
    row(
        "webhook answered, one client, p50",
        &millis(at(&alone, 0.5)),
        &format!("fsync {}", millis(fsync)),
        &format!("{:.1}x", at(&alone, 0.5).as_secs_f64() / fsync.as_secs_f64()),
    );
    row("webhook to a second browser's socket, p50", &millis(at(&seen, 0.5)), &format!("fsync {}", millis(fsync)), "-");
    row("webhook to a second browser's socket, p99", &millis(at(&seen, 0.99)), "-", "-");
    row(
        &format!("durable texts a second, {CLIENTS} clients"),
        &format!("{rate:.0}/s"),
        &format!("{grouped:.0} raw rows/s"),
        &format!("{:.3}", rate / grouped),
    );
    row("", "", &format!("{single:.0} raw rows/s, 1 a commit"), &format!("{:.3}", rate / single));
    row(&format!("webhook answered, {CLIENTS} clients, p50"), &millis(at(&latencies, 0.5)), "-", "-");
    row(&format!("webhook answered, {CLIENTS} clients, p99"), &millis(at(&latencies, 0.99)), "-", "-");
    #[allow(clippy::cast_precision_loss, reason = "a mean")]
    let per_text = cpu.as_secs_f64() * 1e6 / TEXTS as f64;
    row("server CPU per text", &format!("{per_text:.0} us"), "-", "-");
    row(&format!("first page of All, {} conversations, p50", TEXTS + SINGLE), &millis(at(&pages, 0.5)), "-", "-");
    row(&format!("first page of All, {} conversations, p99", TEXTS + SINGLE), &millis(at(&pages, 0.99)), "-", "-");
    println!();
    server.stop().await
}
