//! One file per command.

pub mod admin;
pub mod audit;
pub mod backup;
pub mod demo;
mod dice;
pub mod doctor;
mod fill;
pub mod jobs;
pub mod seed;
pub mod serve;
