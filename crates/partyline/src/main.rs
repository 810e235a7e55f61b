//! `partyline`: the command line.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to its terminal")]

mod commands;
mod log;
mod open;
mod options;

use std::process::ExitCode;

use clap::Parser;

use commands::{admin, audit, backup, demo, doctor, jobs, seed, serve};
use options::{Cli, Command};
use partyline_desk::restored::Outbox;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// It failed.
const FAILED: u8 = 1;
/// It was asked wrongly, or is configured wrongly.
const WRONG_USAGE: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let options = match options::Options::from(&cli.settings) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("partyline: {error}");
            return ExitCode::from(WRONG_USAGE);
        }
    };
    let log = options.log.clone();
    log.start();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            log.failed(&format!("the runtime can't start: {error}"));
            return ExitCode::from(FAILED);
        }
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve => serve::run(options).await,
            Command::Demo { carrier_listen } => demo::run(options, carrier_listen).await,
            Command::Migrate => admin::migrate(options).await,
            Command::Workspace { act } => admin::workspace(options, act).await,
            Command::User { act } => admin::user(options, act).await,
            Command::Backup { file } => backup::backup(options, file).await,
            Command::Restore { file, resume_sending } => {
                backup::restore(options, file, if resume_sending { Outbox::Resumed } else { Outbox::Held }).await
            }
            Command::Doctor { json, repair } => doctor::run(options, json, repair).await,
            Command::Mail { act } => admin::mail(options, act).await,
            Command::Jobs { act } => jobs::run(options, act).await,
            Command::Audit { act } => audit::run(options, act).await,
            Command::Seed { conversations, entries, workspace } => {
                seed::run(options, conversations, entries, workspace).await
            }
            Command::Openapi => {
                println!("{}", partyline_server::openapi());
                Ok(())
            }
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log.failed(&sentence(&error));
            ExitCode::from(FAILED)
        }
    }
}

/// An error and what caused it, on one readable line.
fn sentence(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if parts.last().is_none_or(|last| !last.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}
