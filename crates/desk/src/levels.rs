//! How full the queues are, for whoever looks after the installation: counted when somebody asks, and not on the road.

use std::time::Duration;

use partyline_core::time::Millis;
use partyline_meters::{figures, word};
use partyline_store::Root;
use partyline_store::levels::JobsRow;

use crate::Desk;
use crate::deliver::DELIVER;
use crate::error::{DeskError, Result};

/// How long the database may take to answer; a look that hangs must not hang whoever looks.
const PATIENCE: Duration = Duration::from_secs(2);

/// What was found.
struct Levels {
    jobs: Vec<JobsRow>,
    late: Vec<(String, Millis)>,
    quarantined: i64,
    unsealed: i64,
    read_to: Option<Millis>,
}

impl Desk {
    /// Looks at the database, and tells the figures. What can't be looked at is left out, and told so.
    pub async fn tell_levels(&self) {
        let levels = match tokio::time::timeout(PATIENCE, self.levels()).await {
            Ok(Ok(levels)) => Some(levels),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the queues could not be looked at");
                None
            }
            Err(_) => {
                tracing::warn!("the queues could not be looked at in time");
                None
            }
        };
        let now = self.now();
        figures::DATABASE_UP.set([([], f64::from(u8::from(levels.is_some())))]);
        let one = |value: Option<i64>| value.map(|n| ([], n as f64));
        figures::QUARANTINED.set(one(levels.as_ref().map(|l| l.quarantined)));
        figures::UNSEALED.set(one(levels.as_ref().map(|l| l.unsealed)));
        let read_to = levels.as_ref().and_then(|l| l.read_to);
        figures::POLLING_LAG.set(read_to.map(|at| ([], seconds_since(at, now))));
        let (jobs, late) = levels.map(|l| (l.jobs, l.late)).unwrap_or_default();
        figures::JOBS.set(jobs.iter().map(|row| ([word(&row.kind), word(&row.state)], row.count as f64)));
        figures::OLDEST_JOB.set(late.iter().map(|(kind, since)| ([word(kind)], seconds_since(*since, now))));
    }

    async fn levels(&self) -> Result<Levels> {
        let now = self.now();
        self.inner
            .db
            .read_root(move |root| {
                Ok::<_, DeskError>(Levels {
                    jobs: root.jobs_by_state(now)?,
                    late: late(root, now)?,
                    quarantined: root.quarantined_count()?,
                    unsealed: root.unsealed_count()?,
                    read_to: root.all_read_to()?,
                })
            })
            .await
    }
}

/// Since when something could have been done and was not, by kind: it is due and nothing holds it back (`partyline_store::late`).
pub(crate) fn late(root: &mut Root<'_>, now: Millis) -> Result<Vec<(String, Millis)>> {
    let mut late = root.late_jobs(now)?;
    let texts = root.late_texts(now)?;
    match late.iter_mut().find(|(kind, _)| kind == DELIVER) {
        Some((_, since)) => *since = texts.map_or(*since, |t| t.min(*since)),
        None => late.extend(texts.map(|since| (DELIVER.to_owned(), since))),
    }
    Ok(late)
}

fn seconds_since(at: Millis, now: Millis) -> f64 {
    now.since(at).max(0) as f64 / 1_000.0
}
