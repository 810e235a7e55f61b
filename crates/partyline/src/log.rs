//! What is logged, and how: lines on standard error, as text for people or as JSON for machines.

use std::io::IsTerminal;

use partyline_meters::figures::PANICS;
use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged when nobody says otherwise.
const USUAL: &str = "info";

/// How to log.
#[derive(Debug, Clone)]
pub struct Log {
    filter: String,
    json: bool,
}

impl Log {
    /// Reads `--log` and `--log-format`.
    ///
    /// # Errors
    /// One sentence that says how to write them.
    pub fn parse(filter: Option<String>, format: Option<&str>) -> Result<Log, String> {
        let filter = filter.unwrap_or_else(|| USUAL.to_owned());
        if EnvFilter::try_new(&filter).is_err() {
            return Err(format!(
                "--log {filter}: write error, warn, info, debug or trace, or info,partyline_desk=debug"
            ));
        }
        let json = match format {
            None | Some("text") => false,
            Some("json") => true,
            Some(other) => return Err(format!("--log-format {other}: write text or json")),
        };
        Ok(Log { filter, json })
    }

    /// Starts logging. From `debug` on, the end of every span is a line, with the time that it took.
    pub fn start(&self) {
        let filter = EnvFilter::try_new(&self.filter).unwrap_or_else(|_| EnvFilter::new(USUAL));
        let is_detailed = filter.max_level_hint().is_none_or(|level| level >= LevelFilter::DEBUG);
        let ends = if is_detailed { FmtSpan::CLOSE } else { FmtSpan::NONE };
        let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_span_events(ends);
        let log = tracing_subscriber::registry()
            .with(filter_fn(|about| may_be_told(about.target(), *about.level())))
            .with(filter);
        // a second start can only happen in a test, and the first one stands
        let _ = if self.json {
            log.with(lines.json()).try_init()
        } else {
            let colours = std::io::stderr().is_terminal();
            log.with(lines.compact().with_target(false).with_ansi(colours)).try_init()
        };
        std::panic::set_hook(Box::new(panicked));
    }

    /// Tells why the program ends.
    pub fn failed(&self, why: &str) {
        if self.json {
            tracing::error!(why, "partyline failed");
        } else {
            eprintln!("partyline: {why}");
        }
    }
}

/// What other people's crates say in detail holds statements with their values, frames, addresses: it is not logged, whatever the
/// filter says.
fn may_be_told(target: &str, level: Level) -> bool {
    target.starts_with("partyline") || level <= Level::INFO
}

/// A panic is a line like any other. Its message is told only where it stands in the program: one that was put together at run time
/// may hold what somebody wrote.
fn panicked(panic: &std::panic::PanicHookInfo<'_>) {
    PANICS.add([]);
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(not told)");
    let thread = std::thread::current();
    tracing::error!(place, thread = thread.name().unwrap_or_default(), message, "a fault of the program was caught");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_filter_or_format_says_how_to_write_it() {
        assert!(Log::parse(Some("info,partyline_desk=debug".into()), Some("json")).is_ok());
        assert!(Log::parse(Some("partyline=loud".into()), None).expect_err("wrong").contains("debug"));
        assert!(Log::parse(None, Some("xml")).expect_err("wrong").contains("json"));
    }

    #[test]
    fn the_details_of_other_crates_are_never_told() {
        assert!(may_be_told("partyline_desk::receive", Level::TRACE));
        assert!(may_be_told("tokio_postgres::connection", Level::INFO));
        assert!(!may_be_told("tokio_postgres::query", Level::DEBUG));
        assert!(!may_be_told("tungstenite::protocol", Level::TRACE));
    }
}
