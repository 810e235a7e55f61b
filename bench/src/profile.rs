//! A profile of processes, recorded by `perf` while something else goes on.

use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

/// Samples a second: in step with nothing that ticks.
const HERTZ: &str = "499";
/// Callers are found by the stack that comes with each sample, so that no binary needs to be built for it; some bytes of it.
const STACK: &str = "dwarf,16384";
/// How long it takes until samples are taken.
const READY: Duration = Duration::from_secs(1);

/// A profile that is being recorded.
pub struct Recorder(Child);

impl Recorder {
    /// Of processes, their numbers separated by commas, into a file.
    pub async fn start(processes: &str, file: &Path) -> Result<Recorder> {
        let perf = Command::new("perf")
            .args(["record", "--quiet", "-F", HERTZ, "--call-graph", STACK, "-p", processes, "-o"])
            .arg(file)
            .spawn()
            .context("perf (Debian: linux-perf)")?;
        tokio::time::sleep(READY).await;
        Ok(Recorder(perf))
    }

    /// Ends it; the file is whole then.
    pub fn stop(mut self) -> Result<()> {
        ensure!(self.0.try_wait()?.is_none(), "perf has ended too early");
        Command::new("kill").args(["-INT", &self.0.id().to_string()]).status()?;
        self.0.wait()?;
        Ok(())
    }
}
