//! The store on SQLite and on a real PostgreSQL: every test runs on both.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod backups;
mod consents;
mod counts;
mod drafts;
mod engines;
mod files;
mod jobs;
mod lists;
mod log;
mod mails;
mod nodes;
mod notifications;
mod schema;
mod search;
mod sent;
mod tasks;
mod tls;
mod units;
