//! A simulated telephone network and provider APIs, with faults on demand.
//!
//! One [`Carrier`] is three things on one address:
//!
//! - the *provider*: Twilio's REST API `/2010-04-01/…` on its real wire format, which calls the
//!   webhooks that are set on its numbers, signed as Twilio signs them;
//! - the *phones*: people with a number who text the business and read what it answers;
//! - the *control desk*: `/carrier/…` and a page at `/` that shows the phones, the faults and the
//!   exact bytes on the wire.
//!
//! It shares no code with the inbox that it plays the peer of, or both would be wrong together.
//! Everything is kept in memory, bounded, and gone when it stops.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use partyline_carrier::{Carrier, Config};
//! use tokio_util::sync::CancellationToken;
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8081").await?;
//! let carrier = Carrier::new(Config::demo())?;
//! carrier.serve(listener, CancellationToken::new()).await?;
//! # Ok(())
//! # }
//! ```

mod carrier;
mod config;
mod control;
pub mod demo;
mod faults;
mod inbound;
mod journey;
mod keywords;
mod listener;
mod media;
mod moment;
mod network;
mod page;
mod places;
mod receipts;
mod segments;
mod sid;
pub mod signing;
mod twilio;
mod webhooks;
mod wire;

pub use carrier::{Carrier, SetupError};
pub use config::{Account, ApiKey, Config, Delays, NumberSetup, Past, PhoneSetup, Service};
pub use faults::{Faults, Switch};
pub use inbound::{Picture, TextRefused};
pub use network::{Direction, Media, Message, Status};
pub use wire::{WireEntry, WireSide};
