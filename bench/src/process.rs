//! What the operating system says of a process.

use std::fmt;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::client::{Order, Report};

/// Clock ticks of /proc are hundredths of a second.
const TICK: u64 = 10;

fn stat(pid: u32) -> Result<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    Ok(stat.rsplit(')').next().unwrap_or_default().split_whitespace().map(str::to_owned).collect())
}

/// CPU time that a process has used, its threads included.
pub fn cpu(pid: u32) -> Result<Duration> {
    let fields = stat(pid)?;
    Ok(Duration::from_millis((fields[11].parse::<u64>()? + fields[12].parse::<u64>()?) * TICK))
}

/// CPU time of a process and its children, those that have ended included.
pub fn family_cpu(pid: u32) -> Result<Duration> {
    let own = stat(pid)?;
    let ended: u64 = own[13].parse::<u64>()? + own[14].parse::<u64>()?;
    let mut all = cpu(pid)? + Duration::from_millis(ended * TICK);
    for entry in std::fs::read_dir("/proc")? {
        let Some(child) = entry?.file_name().to_str().and_then(|n| n.parse::<u32>().ok()) else { continue };
        // it may have ended since it was listed
        if stat(child).is_ok_and(|fields| fields[1] == pid.to_string()) {
            all += cpu(child).unwrap_or_default();
        }
    }
    Ok(all)
}

/// Resident memory, in MB.
pub struct Memory {
    /// All of it.
    pub all: f64,
    /// The part that is not pages of files.
    pub own: f64,
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} MB ({:.1} MB)", self.all, self.own)
    }
}

/// What a process holds.
pub fn memory(pid: u32) -> Result<Memory> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let of = |name: &str| -> Result<f64> {
        let line = status.lines().find_map(|l| l.strip_prefix(name)).context("no such line")?;
        Ok(line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    };
    Ok(Memory { all: of("VmRSS")?, own: of("RssAnon")? })
}

/// The machine: cores and memory.
pub fn machine() -> Result<String> {
    let cores = std::thread::available_parallelism()?;
    let memory = std::fs::read_to_string("/proc/meminfo")?;
    let total = memory.lines().find_map(|l| l.strip_prefix("MemTotal:")).context("no total")?;
    let gigabytes = total.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0 / 1024.0;
    Ok(format!("{cores} cores, {gigabytes:.0} GB"))
}

/// The machine's load over the last minute.
pub fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').next().unwrap_or("?").to_owned()
}

/// This program as another process in another role.
pub fn role(name: &str, arguments: &[&str]) -> Result<(Child, ChildStdin, BufReader<ChildStdout>)> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("another process")?;
    let stdin = child.stdin.take().context("no stdin")?;
    let stdout = BufReader::new(child.stdout.take().context("no stdout")?);
    Ok((child, stdin, stdout))
}

/// A floor that serves in a process of its own. It stops when its stdin closes.
pub struct Served {
    child: Child,
    stdin: ChildStdin,
    // closed, it would end a floor that says something
    _stdout: BufReader<ChildStdout>,
    /// Where it is reached: its first line.
    pub url: String,
}

impl Served {
    /// Starts it, and waits until it says where it is reached.
    pub fn start(name: &str, arguments: &[&str]) -> Result<Served> {
        let (child, stdin, mut stdout) = role(name, arguments)?;
        let mut url = String::new();
        stdout.read_line(&mut url)?;
        let url = url.trim().to_owned();
        if url.is_empty() {
            bail!("the floor did not start");
        }
        Ok(Served { child, stdin, _stdout: stdout, url })
    }

    /// Which process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Stops it.
    pub fn stop(self) -> Result<()> {
        let Served { mut child, stdin, .. } = self;
        drop(stdin);
        child.wait().map(drop).context("the floor")
    }
}

/// Runs the load client; `start` is called when it is ready and nothing but sending is left.
pub fn load_with(order: &Order, start: impl FnOnce() -> Result<()>) -> Result<Report> {
    let (mut child, mut stdin, mut stdout) = role("client", &[])?;
    writeln!(stdin, "{}", serde_json::to_string(order)?)?;
    let mut line = String::new();
    stdout.read_line(&mut line)?;
    if line.trim() != "ready" {
        bail!("the client is not ready: {line}");
    }
    start()?;
    writeln!(stdin, "go")?;
    line.clear();
    stdout.read_line(&mut line)?;
    child.wait()?;
    serde_json::from_str(&line).with_context(|| format!("the client's report: {line:?}"))
}
