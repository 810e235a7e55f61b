//! Benchmarks. Each figure stands beside the machine's floor, measured in the same run, since the machine decides the absolute ones.
//! The program under test, the load and the floors are processes of their own, so that their CPU times stand apart.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark speaks to its terminal, and may stop"
)]

mod asked;
mod client;
mod load;
mod look;
mod measure;
mod place;
mod process;
mod profile;
mod provider;
mod raw;
mod rows;
mod server;
mod table;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

/// How much is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The program.
    pub program: PathBuf,
    /// Conversations of each database; entries are five times as many.
    pub sizes: Vec<u32>,
    /// Texts of one burst.
    pub burst: usize,
    /// Seconds of the run at a steady rate.
    pub seconds: usize,
    /// How often each burst is repeated; the median is told.
    pub repeat: usize,
    /// Only this engine.
    pub only: Option<place::Engine>,
    /// Nothing is measured; profiles of a burst are left in this folder.
    pub profile: Option<PathBuf>,
}

const USAGE: &str =
    "usage: partyline-bench PATH_TO_PARTYLINE [--full|--small] [--only sqlite|postgres] [--profile FOLDER]";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["client"] => client::main(),
        ["look", database] => look::main(database),
        ["raw", customers, rest @ ..] => raw::main(customers, rest.first().copied(), rest.get(1).copied()),
        [program, options @ ..] => {
            let plan = plan(program, options)?;
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
            match &plan.profile {
                Some(into) => runtime.block_on(measure::profile(&plan, into)),
                None => runtime.block_on(measure::run(&plan)),
            }
        }
        [] => bail!(USAGE),
    }
}

fn plan(program: &str, options: &[&str]) -> Result<Plan> {
    let mut plan = Plan {
        program: program.into(),
        sizes: vec![10_000],
        burst: 6_000,
        seconds: 10,
        repeat: 3,
        only: None,
        profile: None,
    };
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match *option {
            "--full" => {
                plan.sizes = vec![10_000, 100_000, 1_000_000];
                plan.burst = 20_000;
                plan.seconds = 20;
            }
            // says nothing of speed: whether everything is there
            "--small" => {
                plan.sizes = vec![1_000, 2_000];
                plan.burst = 640;
                plan.seconds = 2;
                plan.repeat = 1;
            }
            "--profile" => plan.profile = Some(options.next().context(USAGE)?.into()),
            "--only" => match options.next() {
                Some(&"sqlite") => plan.only = Some(place::Engine::Sqlite),
                Some(&"postgres") => plan.only = Some(place::Engine::Postgres),
                _ => bail!(USAGE),
            },
            _ => bail!(USAGE),
        }
    }
    Ok(plan)
}
