//! What can happen next.

use anyhow::Result;
use fastrand::Rng;
use partyline_core::time::{MINUTE, SECOND};
use partyline_desk::reply::ReplyIn;

use crate::chance::{one, percent};
use crate::network::{Text, network};
use crate::tasks::{self, Task, What};
use crate::world::{PHONES, Reply, World};

/// Workers at once.
const WORKERS: usize = 3;
/// Moments that a task passes in one step, at most.
const RUN: usize = 7;
/// Tasks at once, of every kind.
const TASKS: usize = 12;

/// Does one thing, drawn from `rng`, and says whether the process died of it.
///
/// # Errors
/// When the simulation itself is broken.
pub fn step(world: &mut World, rng: &mut Rng) -> Result<bool> {
    world.pass(rng.i64(1..=20));
    match rng.u32(0..1_000) {
        0..530 => go_on(world, rng)?,
        530..540 => plan(world, rng)?,
        540..610 => new_text(world, rng)?,
        610..635 => text_again(world, rng)?,
        635..700 => report(world, rng)?,
        700..780 => new_reply(world, rng)?,
        780..800 => reply_again(world, rng)?,
        800..815 => cancel(world, rng)?,
        815..840 => retry(world, rng)?,
        840..848 => close(world, rng)?,
        848..920 => worker(world)?,
        920..930 => add(world, tasks::seal)?,
        930..942 => add(world, tasks::poll)?,
        942..945 => add(world, tasks::wake)?,
        945..948 => shut(world, rng),
        948..980 => time(world, rng),
        980..988 => vanish(world, rng),
        _ => {
            crash(world, rng)?;
            return Ok(true);
        }
    }
    Ok(false)
}

fn spawn(world: &mut World, task: Task) {
    if world.tasks.len() < TASKS {
        world.say(|| format!("{:?} begins", task.what));
        world.tasks.push(task);
    }
}

fn add(world: &mut World, make: fn(partyline_desk::Desk) -> Task) -> Result<()> {
    let task = make(world.desk()?);
    spawn(world, task);
    Ok(())
}

fn go_on(world: &mut World, rng: &mut Rng) -> Result<()> {
    if world.tasks.is_empty() {
        return worker(world);
    }
    // workers have the longest way, and most of what can go wrong is theirs
    let workers = workers(world);
    let index = match one(rng, &workers) {
        Some(worker) if percent(rng, 50) => *worker,
        _ => rng.usize(0..world.tasks.len()),
    };
    // one moment, or several in a row: else what takes long would hardly ever come to its end
    for _ in 0..rng.usize(1..=RUN) {
        let before = world.tasks.len();
        world.go_on(index)?;
        if world.tasks.len() < before {
            break;
        }
        world.pass(rng.i64(1..=20));
    }
    Ok(())
}

fn new_text(world: &mut World, rng: &mut Rng) -> Result<()> {
    let phone = PHONES[rng.usize(0..PHONES.len())];
    let now = world.clock.now();
    let (index, text) = {
        let mut network = network();
        let index = network.texts.len();
        let body = match rng.u32(0..100) {
            0..70 => format!("text {index}"),
            70..82 => "ok".to_owned(),
            82..92 => "STOP".to_owned(),
            _ => "START".to_owned(),
        };
        let listed_at = if percent(rng, 20) { now + rng.i64(1..=30 * SECOND) } else { now };
        let text = Text { sid: format!("IN{index:06}"), from: phone.to_owned(), body, created_at: now, listed_at };
        network.texts.push(text.clone());
        (index, text)
    };
    world.say(|| format!("{phone} texts {:?} ({})", text.body, text.sid));
    if percent(rng, 92) {
        let task = tasks::text(world.desk()?, world.connection, index, &text);
        spawn(world, task);
    }
    Ok(())
}

fn text_again(world: &mut World, rng: &mut Rng) -> Result<()> {
    let texts = network().texts.clone();
    if texts.is_empty() {
        return Ok(());
    }
    let index = rng.usize(0..texts.len());
    let task = tasks::text(world.desk()?, world.connection, index, &texts[index]);
    spawn(world, task);
    Ok(())
}

fn report(world: &mut World, rng: &mut Rng) -> Result<()> {
    let report = {
        let mut network = network();
        let count = network.reports.len();
        if count == 0 {
            return Ok(());
        }
        let index = rng.usize(0..count);
        // some come twice
        if percent(rng, 85) { network.reports.swap_remove(index) } else { network.reports[index].clone() }
    };
    world.say(|| format!("the provider reports {} {}", report.sid, report.status));
    let task = tasks::report(world.desk()?, world.connection, &report);
    spawn(world, task);
    Ok(())
}

fn new_reply(world: &mut World, rng: &mut Rng) -> Result<()> {
    let phone = PHONES[rng.usize(0..PHONES.len())];
    let Some(conversation) = world.ledger.conversation(phone)? else { return new_text(world, rng) };
    let index = world.replies.len();
    let send_at = percent(rng, 8).then(|| world.clock.now() + rng.i64(5 * SECOND..=2 * MINUTE));
    let wanted = ReplyIn {
        text: if percent(rng, 85) { format!("reply {index}") } else { "On my way".to_owned() },
        confirm: vec!["late_reply".to_owned()],
        undo_seconds: if percent(rng, 15) { 5 } else { 0 },
        send_at,
        cancel_on_reply: send_at.is_some() && percent(rng, 50),
        close: percent(rng, 5),
        ..ReplyIn::default()
    };
    world.say(|| {
        format!("Ana writes {:?} to {phone} (undo {} s, at {:?})", wanted.text, wanted.undo_seconds, wanted.send_at)
    });
    let task = tasks::reply(world.desk()?, world.who.clone(), index, conversation, wanted.clone());
    world.replies.push(Reply { conversation, wanted, message: None });
    spawn(world, task);
    Ok(())
}

fn reply_again(world: &mut World, rng: &mut Rng) -> Result<()> {
    if world.replies.is_empty() {
        return Ok(());
    }
    let index = rng.usize(0..world.replies.len());
    let Reply { conversation, wanted, .. } = world.replies[index].clone();
    let task = tasks::reply(world.desk()?, world.who.clone(), index, conversation, wanted);
    spawn(world, task);
    Ok(())
}

fn cancel(world: &mut World, rng: &mut Rng) -> Result<()> {
    let waiting = world.ledger.in_state(["queued", "scheduled"])?;
    let Some(id) = one(rng, &waiting).copied() else { return Ok(()) };
    let task = tasks::cancel(world.desk()?, world.who.clone(), id);
    spawn(world, task);
    Ok(())
}

/// Another time for what waits, or now.
fn plan(world: &mut World, rng: &mut Rng) -> Result<()> {
    let waiting = world.ledger.in_state(["queued", "scheduled"])?;
    let Some(id) = one(rng, &waiting).copied() else { return Ok(()) };
    let at = percent(rng, 60).then(|| world.clock.now() + rng.i64(SECOND..=2 * MINUTE));
    world.say(|| format!("Ana plans {id} for {at:?}"));
    let task = tasks::plan(world.desk()?, world.who.clone(), id, at);
    spawn(world, task);
    Ok(())
}

fn retry(world: &mut World, rng: &mut Rng) -> Result<()> {
    let failed = world.ledger.in_state(["failed", "unknown"])?;
    let Some(id) = one(rng, &failed).copied() else { return Ok(()) };
    let task = tasks::retry(world.desk()?, world.who.clone(), id);
    spawn(world, task);
    Ok(())
}

fn close(world: &mut World, rng: &mut Rng) -> Result<()> {
    let phone = PHONES[rng.usize(0..PHONES.len())];
    let Some(conversation) = world.ledger.conversation(phone)? else { return Ok(()) };
    let task = tasks::close(world.desk()?, world.who.clone(), conversation);
    spawn(world, task);
    Ok(())
}

fn workers(world: &World) -> Vec<usize> {
    (0..world.tasks.len()).filter(|i| world.tasks[*i].what == What::Worker).collect()
}

fn worker(world: &mut World) -> Result<()> {
    if workers(world).len() < WORKERS {
        add(world, tasks::worker)?;
    }
    Ok(())
}

fn time(world: &mut World, rng: &mut Rng) {
    let millis = match rng.u32(0..100) {
        0..40 => rng.i64(1..=3 * SECOND),
        40..70 => rng.i64(3 * SECOND..=35 * SECOND),
        70..90 => rng.i64(35 * SECOND..=2 * MINUTE),
        _ => rng.i64(2 * MINUTE..=7 * MINUTE),
    };
    world.pass(millis);
    world.say(|| format!("{} s pass", millis / SECOND));
}

/// The provider does not let the account in any more, or lets it in again.
fn shut(world: &mut World, rng: &mut Rng) {
    let shut = {
        let mut network = network();
        network.shut = !network.shut && percent(rng, 50);
        network.shut
    };
    world.say(|| format!("the account is shut: {shut}"));
}

/// A worker of another machine is gone: what it held waits for its lease.
fn vanish(world: &mut World, rng: &mut Rng) {
    let workers: Vec<usize> = (0..world.tasks.len()).filter(|i| world.tasks[*i].what == What::Worker).collect();
    if let Some(index) = one(rng, &workers) {
        let at = world.tasks[*index].at;
        *world.crashed.entry(("vanished worker", at)).or_default() += 1;
        world.tasks.swap_remove(*index);
        world.say(|| format!("a worker vanishes at {at:?}"));
    }
}

fn crash(world: &mut World, rng: &mut Rng) -> Result<()> {
    let alone = percent(rng, 50);
    let held: Vec<String> = world.tasks.iter().map(|t| format!("{:?} at {:?}", t.what, t.at)).collect();
    world.say(|| format!("CRASH (takes back: {alone}) with {held:?}"));
    world.crash(alone)
}
