//! The carrier over HTTP, as an inbox and a person meet it.

mod api;
mod control;
mod desk;
mod faults;
mod sending;
mod signing;
mod webhooks;
