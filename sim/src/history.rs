//! One history: steps from a seed, then peace, then the checks.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use partyline_core::time::{MINUTE, SECOND};

use crate::chance;
use crate::checks::{self, Broken};
use crate::network::network;
use crate::tasks;
use crate::turn::Moment;
use crate::world::World;

/// Steps of a history, at least.
const STEPS_MIN: usize = 40;
/// Steps of a history, at most.
const STEPS_MAX: usize = 360;
/// Rounds of peace, after which what is still under way is stuck. Each text that waits for an older one of its recipient looks once a
/// second, for up to 5 minutes, and a dozen of them may: most rounds are such looks.
const PEACE_MAX: usize = 8000;
/// How much time passes where nothing is due and something waits.
const WAITS: i64 = 15 * SECOND;

/// Which history.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Where everything comes from.
    pub seed: u64,
    /// Only so many steps of it; all when unsaid.
    pub steps: Option<usize>,
    /// Steps that are left out.
    pub without: BTreeSet<usize>,
    /// Write down what happens?
    pub trace: bool,
}

/// How it went.
#[derive(Debug, Default)]
pub struct Told {
    /// How many steps it had.
    pub steps: usize,
    /// What is wrong.
    pub broken: Vec<Broken>,
    /// What happened.
    pub trace: Vec<String>,
    /// The last seq and the newest hash of the log: the same seed gives the same.
    pub log: String,
    /// What it has come across.
    pub seen: Seen,
}

/// How much has happened: a proof that sees nothing proves nothing.
#[derive(Debug, Default, Clone)]
pub struct Seen {
    /// Steps.
    pub steps: u64,
    /// Texts that were acknowledged.
    pub texts: u64,
    /// Requests to send.
    pub requests: u64,
    /// Messages that the provider took.
    pub taken: u64,
    /// Requests that it refused because of the account.
    pub not_let_in: u64,
    /// Messages that it took more than once, each time allowed.
    pub twice: u64,
    /// Crashes of the process.
    pub crashes: u64,
    /// Events of the log.
    pub events: u64,
    /// Where tasks stood when their process died or their worker vanished, and how often: the task's kind and the moment.
    pub crashed: BTreeMap<(&'static str, Option<Moment>), u64>,
}

impl Seen {
    /// What a long proof must have come across and has not, in words.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let counts = [
            ("crash", self.crashes),
            ("message taken", self.taken),
            ("message taken twice", self.twice),
            ("account refused", self.not_let_in),
        ];
        let none = counts.iter().filter(|(_, n)| *n == 0).map(|(what, _)| format!("no {what}"));
        let points = CRASH_POINTS.iter().filter(|(kind, at)| !self.crashed.contains_key(&(*kind, Some(*at))));
        none.chain(points.map(|(kind, at)| format!("no crash with a {kind} at {at:?}"))).collect()
    }
}

/// Where a task may stand when everything stops: each of them must have come up in a long proof.
const CRASH_POINTS: &[(&str, Moment)] = &[
    ("cancel", Moment::Write),
    ("cancel", Moment::Written),
    ("close", Moment::Write),
    ("close", Moment::Written),
    ("plan", Moment::Write),
    ("plan", Moment::Written),
    ("reply", Moment::Write),
    ("reply", Moment::Written),
    ("report", Moment::Look),
    ("report", Moment::Write),
    ("report", Moment::Written),
    ("retry", Moment::Write),
    ("retry", Moment::Written),
    ("text", Moment::Look),
    ("text", Moment::Write),
    ("text", Moment::Written),
    ("upkeep", Moment::Look),
    ("upkeep", Moment::Write),
    ("upkeep", Moment::Written),
    ("upkeep", Moment::Request),
    ("worker", Moment::Look),
    ("worker", Moment::Write),
    ("worker", Moment::Written),
    ("worker", Moment::Request),
    ("worker", Moment::Answer),
    ("vanished worker", Moment::Look),
    ("vanished worker", Moment::Write),
    ("vanished worker", Moment::Written),
    ("vanished worker", Moment::Request),
    ("vanished worker", Moment::Answer),
];

impl std::ops::AddAssign for Seen {
    fn add_assign(&mut self, other: Seen) {
        self.steps += other.steps;
        self.texts += other.texts;
        self.requests += other.requests;
        self.taken += other.taken;
        self.twice += other.twice;
        self.not_let_in += other.not_let_in;
        self.crashes += other.crashes;
        self.events += other.events;
        for (point, times) in other.crashed {
            *self.crashed.entry(point).or_default() += times;
        }
    }
}

/// Lives through a history, and looks at what it left.
///
/// # Errors
/// When the simulation itself is broken: no memory, no folder.
pub fn live(plan: &Plan) -> Result<Told> {
    chance::hand_in();
    let mut first = chance::of_step(plan.seed, 0);
    chance::begin(first.u64(..));
    let all = first.usize(STEPS_MIN..=STEPS_MAX);
    let mut world = World::new(&mut first, plan.trace)?;
    let steps = plan.steps.unwrap_or(all).min(all);
    let mut crashes = 0;
    for n in 1..=steps {
        if plan.without.contains(&n) {
            continue;
        }
        let mut rng = chance::of_step(plan.seed, n);
        chance::begin(rng.u64(..));
        network().rng = Some(rng.fork());
        world.say(|| format!("-- {n}"));
        crashes += u64::from(crate::steps::step(&mut world, &mut rng)?);
    }
    chance::begin(plan.seed);
    let mut broken = peace(&mut world)?;
    let (found, mut seen) = checks::all(&mut world)?;
    broken.extend(found);
    (seen.steps, seen.crashes) = (steps as u64, crashes);
    let log = checks::log(&world)?;
    Ok(Told { steps, broken, trace: world.trace.take().unwrap_or_default(), log, seen })
}

/// Nothing goes wrong any more: everything that is under way arrives, and what was missed is fetched.
fn peace(world: &mut World) -> Result<Vec<Broken>> {
    network().faults = false;
    world.say(|| "-- peace".to_owned());
    let mut broken: Vec<Broken> = settle(world)?.into_iter().collect();
    for _ in 0..2 {
        world.pass(6 * MINUTE);
        world.tasks.push(tasks::poll(world.desk()?));
        finish(world)?;
    }
    // what came late may have made work again
    broken.extend(settle(world)?);
    world.tasks.push(tasks::seal(world.desk()?));
    finish(world)?;
    Ok(broken)
}

/// Until nothing is under way: no task, no report, no job, no request that is late.
fn settle(world: &mut World) -> Result<Option<Broken>> {
    for _ in 0..PEACE_MAX {
        finish(world)?;
        let report = network().reports.pop();
        if let Some(report) = report {
            world.say(|| format!("the provider reports {} {}", report.sid, report.status));
            let task = tasks::report(world.desk()?, world.connection, &report);
            world.tasks.push(task);
            continue;
        }
        world.tasks.push(tasks::worker(world.desk()?));
        finish(world)?;
        let now = world.clock.now().0;
        let (jobs, due) = world.ledger.jobs(now)?;
        let late = network().late.iter().map(|(at, _)| at.0).min();
        if jobs == 0 && late.is_none() && network().reports.is_empty() {
            return Ok(None);
        }
        // what waits for a provider that can't be reached is due already, and nobody says until when it waits
        let next = [due, late].into_iter().flatten().min().unwrap_or(now + WAITS);
        world.pass((next - now).clamp(1, 10 * MINUTE));
    }
    let (jobs, _) = world.ledger.jobs(0)?;
    Ok(Some(Broken { what: "settles", why: format!("{jobs} jobs never end") }))
}

/// Every task comes to its end.
fn finish(world: &mut World) -> Result<()> {
    while !world.tasks.is_empty() {
        let before = world.tasks.len();
        let mut moved = false;
        for index in (0..before).rev() {
            if index < world.tasks.len() {
                world.pass(1);
                world.go_on(index)?;
                moved |= world.tasks.get(index).is_none_or(|t| t.at != Some(Moment::Blocked));
            }
        }
        if !moved && world.tasks.len() == before {
            world.wrong.push(format!("{before} tasks wait for each other"));
            world.tasks.clear();
        }
    }
    Ok(())
}

/// The smallest history that fails in the same way: first the shortest beginning, then without every step that it does not need.
///
/// # Errors
/// When the simulation itself is broken.
pub fn shrink(plan: &Plan, what: &'static str) -> Result<Plan> {
    let fails = |plan: &Plan| -> Result<bool> { Ok(live(plan)?.broken.iter().any(|b| b.what == what)) };
    let all = live(plan)?.steps;
    let mut least = plan.clone();
    for steps in 0..=all {
        let shorter = Plan { steps: Some(steps), ..plan.clone() };
        if fails(&shorter)? {
            least = shorter;
            break;
        }
    }
    // blocks of steps first, then single ones
    let steps = least.steps.unwrap_or(all);
    for size in [16, 4, 1] {
        let mut at = 1;
        while at <= steps {
            let mut fewer = least.clone();
            fewer.without.extend(at..(at + size).min(steps + 1));
            if fewer.without.len() > least.without.len() && fails(&fewer)? {
                least = fewer;
            }
            at += size;
        }
    }
    Ok(least)
}
