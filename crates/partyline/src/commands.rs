//! One file per command.

pub mod admin;
pub mod audit;
pub mod demo;
mod fill;
pub mod serve;
