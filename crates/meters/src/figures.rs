//! Every figure. What to do about them stands in docs/operate.md, whose list a test compares with this one.

use crate::kinds::{Counter, Figure, Gauge, Histogram, Level};

/// Seconds of something inside this machine: from 100 µs, where a commit of a fast disk lies, to 5 s, where people have given up.
const INSIDE: &[f64] = &[0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];
/// Seconds of an answer to somebody outside.
const ANSWER: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Seconds of a request to a provider, which is given up after 15, and a file's after 60.
const PROVIDER: &[f64] = &[0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];
/// Units in one transaction, at most 256.
const GROUP: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

macro_rules! figures {
    ($($(#[$doc:meta])* $constant:ident: $kind:ident<$n:literal> = $name:literal $labels:tt $(, $buckets:ident)?, $help:literal;)*) => {
        $(
            #[doc = $help]
            $(#[$doc])*
            pub static $constant: $kind<$n> = $kind::new($name, $labels, $($buckets,)? $help);
        )*
        /// All of them.
        pub static ALL: &[&dyn Figure] = &[$(&$constant),*];
    };
}

figures! {
    // what comes in
    WEBHOOKS: Counter<3> = "partyline_webhooks_total" ["provider", "hook", "outcome"],
        "Webhooks that were answered, by what they were told: taken, why it was not believed (wrong_signature, signature_missing, …), unknown_connection, too_large, too_slow, busy, late (its commit took too long), failed.";
    WEBHOOK_SECONDS: Histogram<2> = "partyline_webhook_seconds" ["provider", "hook"], ANSWER,
        "Seconds from a webhook's head to its answer, which comes after the commit.";
    INBOUND: Counter<1> = "partyline_inbound_total" ["state"],
        "What providers brought, by what was made of it: applied, duplicate, quarantined.";
    QUARANTINED: Level<0> = "partyline_quarantined" [],
        "What providers brought and nobody could make anything of, waiting for a person.";
    POLLING_LAG: Level<0> = "partyline_polling_lag_seconds" [],
        "Seconds for which it is not known whether something came, of the channel in polling mode that is furthest behind.";

    // what goes out
    DELIVERIES: Counter<2> = "partyline_deliveries_total" ["status", "code"],
        "Steps of outgoing messages, by the state they came to and for failed ones why.";
    PROVIDER_REQUESTS: Counter<3> = "partyline_provider_requests_total" ["provider", "operation", "outcome"],
        "Requests to providers, by how they ended: ok, accepted, refused, never_left, unknown, or why not.";
    PROVIDER_SECONDS: Histogram<2> = "partyline_provider_request_seconds" ["provider", "operation"], PROVIDER,
        "Seconds of a request to a provider.";

    MAILS: Counter<2> = "partyline_mails_total" ["kind", "outcome"],
        "Letters to people of this server, by what the mail server made of them: sent, again (it is tried later), failed (given up).";

    PUSHES: Counter<1> = "partyline_pushes_total" ["outcome"],
        "Notifications to browsers, by what their push services made of them: sent, again (it is tried later), failed (given up), gone (the browser takes no more, and is forgotten).";

    // jobs
    JOBS: Level<2> = "partyline_jobs" ["kind", "state"],
        "Jobs in the database: ready (due), waiting (for their time), running, dead (given up, for a person). The same on every node.";
    OLDEST_JOB: Level<1> = "partyline_job_oldest_seconds" ["kind"],
        "Seconds for which a job has been due that nothing holds back: its sender is free, no open breaker makes it wait, and nobody does another of its kind that keeps no pace. The same on every node.";
    JOB_SECONDS: Histogram<1> = "partyline_job_seconds" ["kind"], PROVIDER,
        "Seconds of a job, its requests to providers included.";
    JOBS_FAILED: Counter<1> = "partyline_jobs_failed_total" ["kind"],
        "Jobs that failed by a fault of this server and are tried again after their lease.";

    // the database
    DATABASE_UP: Level<0> = "partyline_database_up" [],
        "1: the database answered this look within its time. 0: it did not, and what it knows is left out.";
    UNITS: Counter<1> = "partyline_units_total" ["outcome"],
        "Units of work, by how they ended: committed, undone (by its own error), refused (queue full), unavailable, lost (the commit's outcome is not known), panicked.";
    UNIT_WAIT: Histogram<0> = "partyline_unit_wait_seconds" [], INSIDE,
        "Seconds that a unit of work waited for a writer.";
    UNITS_WAITING: Gauge<0> = "partyline_units_waiting" [],
        "Units of work that wait for a writer; at 2,048 of one writer the next is refused.";
    COMMIT_UNITS: Histogram<0> = "partyline_commit_units" [], GROUP,
        "Units of work that shared a transaction.";
    COMMIT_SECONDS: Histogram<0> = "partyline_commit_seconds" [], INSIDE,
        "Seconds of a commit alone: until the disk, or PostgreSQL, says that it is durable.";
    READS_WAITING: Gauge<0> = "partyline_reads_waiting" [],
        "Reads that wait for one of the readers; at 4,096 the next is refused.";
    READERS_BUSY: Gauge<0> = "partyline_readers_busy" [],
        "Readers at work, of 4.";
    READ_SECONDS: Histogram<0> = "partyline_read_seconds" [], INSIDE,
        "Seconds of a read, without its wait.";
    DATABASE_CONNECTIONS: Counter<1> = "partyline_database_connections_total" ["outcome"],
        "Connections to the database that were opened: opened, failed.";

    // the log and who follows it
    UNSEALED: Level<0> = "partyline_unsealed_events" [],
        "Events that are not sealed yet, of all workspaces. The same on every node.";
    SOCKETS: Gauge<0> = "partyline_sockets" [],
        "Live sockets that are open.";
    SOCKET_BACKLOG: Gauge<0> = "partyline_socket_frames_waiting" [],
        "Signals that sockets have not been sent yet, together; at 1,000 of one socket it is closed.";
    FRAMES: Counter<1> = "partyline_socket_frames_total" ["kind"],
        "Frames that were sent to sockets: events, mine, presence, draft.";
    SOCKETS_ENDED: Counter<1> = "partyline_sockets_ended_total" ["reason"],
        "Sockets that ended: gone, session, too_slow, policy, stopping, trouble.";
    FRAME_SECONDS: Histogram<0> = "partyline_live_frame_seconds" [], INSIDE,
        "Seconds from hearing of a commit to handing its frame to the sockets.";

    // people and programs
    REQUESTS: Counter<3> = "partyline_http_requests_total" ["method", "route", "status"],
        "Requests that were answered, by route and class of status (2xx, 4xx, 5xx).";
    REQUEST_SECONDS: Histogram<1> = "partyline_http_request_seconds" ["route"], ANSWER,
        "Seconds of a request, without its body's way to the client.";

    // the process
    RUNNING: Level<2> = "partyline_build_info" ["version", "engine"],
        "1; what runs: its version, and SQLite or PostgreSQL.";
    DRAINING: Level<0> = "partyline_draining" [],
        "1 while the server finishes what it holds before it stops.";
    PANICS: Counter<0> = "partyline_panics_total" [],
        "Panics: faults of the program that were caught. Never normal.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn names_follow_the_conventions_and_each_is_there_once() {
        let mut names: Vec<&str> = ALL.iter().map(|f| f.name()).collect();
        for figure in ALL {
            let name = figure.name();
            assert!(name.starts_with("partyline_"), "{name}");
            assert_eq!(figure.kind() == Kind::Counter, name.ends_with("_total"), "{name}");
            assert!(!figure.labels().iter().any(|l| ["workspace", "number", "user"].contains(l)), "{name}");
            assert!(figure.help().ends_with('.'), "{name}");
            // making it proves that name and labels are well formed
            assert_eq!(figure.collector().desc().len(), 1, "{name}");
        }
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn the_operators_page_lists_each_as_it_is_and_no_other() {
        let page =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operate.md")).expect("the page");
        let listed: Vec<&str> = page.lines().filter(|line| line.starts_with("| `partyline_")).collect();
        let are: Vec<String> = ALL
            .iter()
            .map(|f| format!("| `{}` | {} | {} | {} |", f.name(), f.kind().as_str(), f.labels().join(", "), f.help()))
            .collect();
        assert_eq!(listed, are);
    }

    #[test]
    fn alerts_speak_of_figures_that_are_there() {
        let alerts = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../packaging/alerts.yml"))
            .expect("alerts");
        let page =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operate.md")).expect("the page");
        for line in alerts.lines() {
            if let Some(alert) = line.trim().strip_prefix("- alert: ") {
                assert!(page.contains(&format!("| {alert} |")), "{alert} is not explained");
            }
            for name in
                line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|n| n.starts_with("partyline_"))
            {
                let is = |f: &&dyn Figure| name == f.name() || name.strip_suffix("_bucket") == Some(f.name());
                assert!(ALL.iter().any(is), "{name} is no figure");
            }
        }
    }

    #[test]
    fn what_is_counted_is_told() {
        INBOUND.add(["applied"]);
        INBOUND.add_many(["applied"], 2);
        COMMIT_UNITS.observe([], 3.0);
        JOBS.set([(["deliver", "ready"], 4.0)]);
        JOBS.set([(["fetch", "ready"], 5.0)]);
        let held = SOCKETS.hold([]);
        let text = String::from_utf8(crate::text()).expect("text");
        for line in [
            "# TYPE partyline_inbound_total counter",
            "partyline_inbound_total{state=\"applied\"} 3",
            "partyline_commit_units_bucket{le=\"4\"} 1",
            "partyline_jobs{kind=\"fetch\",state=\"ready\"} 5",
            "partyline_sockets 1",
            "partyline_panics_total 0",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("deliver"), "what was set before is gone");
        drop(held);
        assert!(String::from_utf8(crate::text()).expect("text").contains("partyline_sockets 0\n"));
        #[cfg(target_os = "linux")]
        for name in ["process_resident_memory_bytes", "process_cpu_seconds_total", "process_start_time_seconds"] {
            assert!(text.contains(&format!("\n{name} ")), "{name}");
        }
    }
}
