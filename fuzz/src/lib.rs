//! What must hold for any bytes at all. Each module is one door: [`webhook`] what a provider says, [`signature`] whether it was the
//! provider, [`api`] what anybody sends to the API, [`query`] what they write into the search box. The same functions replay
//! the kept corpora in `make test` (`crates/server/tests/it/fuzzed.rs`, `crates/core/tests/fuzzed.rs`).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what fails here is what was looked for")]

pub mod api;
pub mod bytes;
pub mod offline;
pub mod query;
pub mod signature;
pub mod webhook;
