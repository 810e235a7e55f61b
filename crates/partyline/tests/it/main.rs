//! The road, proven: a real server over a real database, against the simulated carrier, spoken to as its clients speak to it.
//!
//! Every behaviour is proven on SQLite and on a real PostgreSQL. At the end of each, [`checks`] looks at what must always hold:
//! the log has no gaps and is what the live socket sent, the counts are what they would be if counted anew, nothing is left in
//! `sending`, and the provider was never told anything that its API does not know.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "tests")]

mod aftermath;
mod checks;
mod cluster;
mod engine;
mod hooks;
mod mailbox;
mod person;
mod program;
mod road;
mod rolling;
mod socket;
mod visitors;
mod world;

mod asking;
mod backup;
mod breaker;
mod bucket;
mod bulk;
mod canned;
mod consent;
mod crash;
mod delivery;
mod digest;
mod doctor;
mod drafts;
mod drained;
mod events;
mod faults;
mod flood;
mod given_up;
mod harmless;
mod held;
mod importing;
mod inbound;
mod isolation;
mod killed;
mod later;
mod mail;
mod media;
mod missed;
mod nodes;
mod notes;
mod notifications;
mod opening;
mod order;
mod pace;
mod people;
mod pictures;
mod push;
mod repeat;
mod reply;
mod resolve;
mod saved;
mod search;
mod seed;
mod settings;
mod sight;
mod stale;
mod storm;
mod timeline;
mod triage;
mod trouble;
mod two_nodes;
mod versions;
mod watched;
mod work;
