//! The whole inbox in one process, lived through at random: the real core, store and desk on SQLite, with a simulated provider, clock,
//! randomness and crashes. Every history comes from a seed and is the same each time, so what fails once can be looked at.
//!
//! ```text
//! history  draws steps from a seed ─▶ world  a process over a database; its tasks go from moment to moment when they are told to
//!                                     network  the provider: takes, refuses, loses, lists late, reports twice
//!          and in the end ──────────▶ checks  what must hold, asked of the database in words of its own
//! ```
//!
//! Nothing happens at the same time: a task (a webhook, a reply, a worker) stops before and after each use of the database and of the
//! provider ([`turn`]), and only the history says who goes on. Between any two such moments the process may die, or a worker vanish.
//! So every interleaving of whole transactions can come up, and every place of a crash; what happens *inside* a transaction is left
//! to the engine, and to the proofs that kill the real program (`crates/partyline/tests/it/storm.rs`).

pub mod chance;
pub mod checks;
pub mod history;
pub mod ledger;
pub mod network;
pub mod steps;
pub mod tasks;
pub mod turn;
pub mod world;
