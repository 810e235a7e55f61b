//! `partyline jobs`: what was given up, and what becomes of it.

use anyhow::bail;
use partyline_desk::given_up::{GIVEN_UP_MAX, Settled};
use partyline_store::jobs::DeadJob;

use crate::open;
use crate::options::{JobsAct, Options};

/// Lists them, tries them again, or forgets them.
pub async fn run(options: Options, act: Option<JobsAct>) -> anyhow::Result<()> {
    let desk = open::present(&options).await?;
    let jobs = desk.given_up().await?;
    let Some(act) = act else {
        list(&jobs);
        return Ok(());
    };
    let (JobsAct::Retry { which } | JobsAct::Forget { which }) = &act;
    let chosen: Vec<DeadJob> = jobs.into_iter().filter(|job| which == "all" || *which == id(job)).collect();
    if chosen.is_empty() && which != "all" {
        bail!("no job {which} was given up; `partyline jobs` lists those that were");
    }
    let (mut done, mut stay) = (0, 0);
    for job in chosen {
        let name = format!("{} {}", id(&job), job.kind);
        let settled = match act {
            JobsAct::Retry { .. } => desk.try_again(job).await?,
            JobsAct::Forget { .. } => desk.forget(job).await?,
        };
        match settled {
            Settled::Done => done += 1,
            Settled::Stays(why) => {
                stay += 1;
                println!("{name}: {why}.");
            }
        }
    }
    let what = match act {
        JobsAct::Retry { .. } => "tried again by the server",
        JobsAct::Forget { .. } => "forgotten",
    };
    println!("{done} {what}, {stay} left as they are.");
    if stay > 0 {
        bail!("some were left as they are; each says above why");
    }
    Ok(())
}

fn list(jobs: &[DeadJob]) {
    for job in jobs {
        let why = job.error.as_deref().unwrap_or("nobody said why");
        println!("{}  {}  due {}, {} tries: {why}", id(job), job.kind, job.due, job.attempts);
    }
    match jobs.len() {
        0 => println!("Nothing was given up."),
        GIVEN_UP_MAX.. => println!("There may be more: these are the first {GIVEN_UP_MAX}."),
        _ => {}
    }
}

/// Its workspace, the event that caused it, and which of that event's jobs it is.
fn id(job: &DeadJob) -> String {
    format!("{}-{}-{}", job.workspace.0, job.seq, job.n)
}
