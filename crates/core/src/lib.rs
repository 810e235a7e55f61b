//! What a team inbox *is*: values and pure functions.
//!
//! Nothing here does IO, waits, or reads a clock: `now` is always a parameter. A rule of the business
//! (which conversation does a text join? may this be sent? which delivery status wins?) is answered here, and
//! nowhere else.

pub mod canned;
pub mod consent;
pub mod conversation;
pub mod delivery;
pub mod emoji;
pub mod event;
pub mod held;
pub mod id;
pub mod keys;
pub mod label;
pub mod name;
pub mod notification;
pub mod permission;
pub mod phone;
pub mod query;
pub mod saved;
pub mod sms;
pub mod template;
pub mod time;
