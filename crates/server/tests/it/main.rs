//! The outer face, as those outside see it: a real server on a real port, over a real database in a folder of its own.

#![allow(clippy::unwrap_used, reason = "a test that can't go on is a failed one")]

mod access;
mod assets;
mod document;
mod files;
mod fuzzed;
mod house;
mod live;
mod problems;
mod repeating;
mod road;
mod session;
