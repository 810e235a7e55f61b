//! What every handler has at hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use partyline_desk::Desk;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::attempts::Attempts;
use crate::hand::Hand;
use crate::limits;

/// How this server is run.
#[derive(Debug, Clone)]
pub struct Config {
    /// Are browsers told to send the cookie over https only?
    pub secure_cookies: bool,
    /// What the first set-up has to show, where anybody could reach it.
    pub setup_token: Option<String>,
    /// The program's version.
    pub version: &'static str,
    /// In the demo, where the phones are.
    pub demo_phones: Option<Url>,
    /// Cancelled when this server is to stop: from then on it says that it is not ready, for a balancer to send its traffic elsewhere.
    pub draining: CancellationToken,
}

/// The desk, and what this process counts.
#[derive(Debug, Clone)]
pub struct Api {
    /// What can be done.
    pub desk: Desk,
    /// How this server is run.
    pub config: Arc<Config>,
    /// Failed sign-ins.
    pub attempts: Arc<Attempts>,
    /// Room for webhooks.
    pub hooks: Hand,
    /// Room for live sockets.
    pub sockets: Arc<Semaphore>,
    last_socket: Arc<AtomicU64>,
}

impl Api {
    pub(crate) fn new(desk: Desk, config: Config) -> Api {
        Api {
            desk,
            config: Arc::new(config),
            attempts: Arc::default(),
            hooks: Hand::default(),
            sockets: Arc::new(Semaphore::new(limits::SOCKETS)),
            last_socket: Arc::default(),
        }
    }

    /// A number for a socket, of this process.
    pub fn next_socket(&self) -> u64 {
        self.last_socket.fetch_add(1, Ordering::Relaxed)
    }
}
