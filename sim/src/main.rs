//! `partyline-sim`: many histories, or one of them again.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use partyline_sim::history::{Plan, Seen, Told, live, shrink};

/// How often it says how far it is.
const SAY_EVERY: Duration = Duration::from_secs(30);
/// Failures after which it stops, when nobody says otherwise: more of them say the same.
const FAILURES_MAX: usize = 5;

/// A seed at random is smaller than this: a shell can count on from it.
const SEEDS: u64 = 1 << 48;

/// Lives through random histories of a whole inbox, and says which of them breaks a promise.
#[derive(Debug, Parser)]
struct Options {
    /// The first seed; at random when unsaid.
    #[arg(long, env = "PROVE_SEED")]
    seed: Option<u64>,
    /// How many histories, each from the next seed.
    #[arg(long, default_value_t = 1)]
    histories: u64,
    /// Only so many steps of each.
    #[arg(long)]
    steps: Option<usize>,
    /// Steps to leave out, by their numbers.
    #[arg(long, value_delimiter = ',')]
    without: Vec<usize>,
    /// Write down what happens.
    #[arg(long)]
    trace: bool,
    /// Don't look for the smallest history that fails.
    #[arg(long)]
    as_it_is: bool,
    /// Stop after so many that fail.
    #[arg(long, default_value_t = FAILURES_MAX)]
    failures: usize,
    /// Fail, too, when they have not come across everything that they are about: for some thousands of histories.
    #[arg(long)]
    whole: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<bool> {
    let began = Instant::now();
    let mut said = began;
    let mut seen = Seen::default();
    let (mut lived, mut failures) = (0, 0);
    let first = options.seed.unwrap_or_else(|| fastrand::u64(..SEEDS));
    println!("seeds {first} to {}", first.saturating_add(options.histories.saturating_sub(1)));
    for n in 0..options.histories {
        let plan = Plan {
            seed: first.saturating_add(n),
            steps: options.steps,
            without: options.without.iter().copied().collect::<BTreeSet<_>>(),
            trace: options.trace,
        };
        let told = live(&plan)?;
        lived += 1;
        seen += told.seen.clone();
        if options.trace {
            print_trace(&told);
        }
        if !told.broken.is_empty() {
            failures += 1;
            failed(&plan, &told, options)?;
            if failures >= options.failures {
                println!("the seeds from {} on were not tried any more", plan.seed.saturating_add(1));
                break;
            }
        }
        if said.elapsed() > SAY_EVERY {
            said = Instant::now();
            say(lived, began.elapsed(), &seen, failures);
        }
    }
    say(lived, began.elapsed(), &seen, failures);
    let missing = if options.whole { seen.missing() } else { Vec::new() };
    for missing in &missing {
        println!("this proves less than it should: {missing}");
    }
    Ok(failures == 0 && missing.is_empty())
}

fn say(histories: u64, took: Duration, seen: &Seen, failures: usize) {
    let seconds = took.as_secs_f64().max(0.001);
    println!(
        "{histories} histories in {seconds:.0} s ({:.0}/s), {failures} broken: {} steps, {} crashes, {} texts acknowledged, {} requests to send, {} taken, {} of them twice as allowed, {} events",
        histories as f64 / seconds,
        seen.steps,
        seen.crashes,
        seen.texts,
        seen.requests,
        seen.taken,
        seen.twice,
        seen.events,
    );
}

fn print_trace(told: &Told) {
    let mut out = std::io::stdout().lock();
    // whoever has read enough closes the pipe
    let _ = told.trace.iter().try_for_each(|line| writeln!(out, "{line}"));
    let _ = writeln!(out, "log: {}", told.log);
}

fn failed(plan: &Plan, told: &Told, options: &Options) -> Result<()> {
    println!("seed {} breaks a promise:", plan.seed);
    for broken in &told.broken {
        println!("  {broken}");
    }
    if options.as_it_is || options.trace {
        return Ok(());
    }
    let Some(first) = told.broken.first() else { return Ok(()) };
    let least = Plan { trace: true, ..shrink(plan, first.what)? };
    let again = live(&least)?;
    println!("the smallest history that does:");
    print_trace(&again);
    for broken in &again.broken {
        println!("  {broken}");
    }
    let without: Vec<String> = least.without.iter().map(usize::to_string).collect();
    let without = if without.is_empty() { String::new() } else { format!(" --without {}", without.join(",")) };
    let steps = least.steps.map(|n| format!(" --steps {n}")).unwrap_or_default();
    println!("again: cargo run -p partyline-sim -- --trace --seed {}{steps}{without}", plan.seed);
    Ok(())
}
