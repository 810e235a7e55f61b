//! One load against a server, whichever it is: what the clients report, and what was spent meanwhile.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::client::{Order, Report};
use crate::place::Place;
use crate::process;
use crate::table::each;

/// What came of it.
pub struct Run {
    /// What the clients say.
    pub report: Report,
    /// CPU time of the server.
    pub server: Duration,
    /// CPU time of its database's own processes.
    pub database: Duration,
    /// The server's memory at its end.
    pub memory: process::Memory,
}

impl Run {
    /// Sends what is ordered to the process; nothing of it may be refused.
    pub fn of(order: &Order, server: u32, place: &Place) -> Result<Run> {
        let mut before = (Duration::ZERO, Duration::ZERO);
        let report = tokio::task::block_in_place(|| {
            process::load_with(order, || {
                before = (process::cpu(server)?, place.cpu()?);
                Ok(())
            })
        })?;
        ensure!(report.refused == 0, "{} were refused", report.refused);
        Ok(Run {
            server: process::cpu(server)?.saturating_sub(before.0),
            database: place.cpu()?.saturating_sub(before.1),
            memory: process::memory(server)?,
            report,
        })
    }

    /// Texts a second.
    pub fn rate(&self) -> f64 {
        self.report.acknowledged as f64 * 1e6 / self.report.took_us.max(1) as f64
    }

    /// Of the server and its database, in microseconds.
    pub fn cpu_per_text(&self) -> f64 {
        each(self.server + self.database, self.report.acknowledged)
    }

    /// The same as people read it, each apart.
    pub fn cpu(&self) -> String {
        let texts = self.report.acknowledged;
        match self.database {
            Duration::ZERO => format!("{:.0} us", each(self.server, texts)),
            spent => format!("{:.0} + {:.0} us", each(self.server, texts), each(spent, texts)),
        }
    }

    /// Of the clients.
    pub fn client_cpu(&self) -> String {
        format!("{:.0} us", each(Duration::from_micros(self.report.cpu_us), self.report.acknowledged))
    }
}

/// The one in the middle of several runs, by their rate, and the rates of all.
pub fn middle(mut runs: Vec<Run>) -> (Run, String) {
    runs.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
    let all = runs.iter().map(|run| format!("{:.0}", run.rate())).collect::<Vec<_>>().join(", ");
    (runs.swap_remove(runs.len() / 2), all)
}
