//! What people do with a team inbox. One file per use case: each loads rows under the workspace's lock, asks the core what follows,
//! writes it with its events, and tells whoever has to be told.

#![allow(clippy::missing_errors_doc, reason = "every use case fails as DeskError says")]

pub mod account;
mod asking;
pub mod attention;
pub mod bulk;
pub mod canned;
pub mod channel;
pub mod checkup;
pub mod clock;
pub mod connection;
pub mod contact;
pub mod deliver;
pub mod digest;
pub mod draft;
mod each;
mod error;
pub mod file;
mod gate;
pub mod given_up;
pub mod handover;
pub mod held;
pub mod idempotent;
pub mod import;
pub mod invitation;
pub mod label;
pub mod later;
mod levels;
pub mod live;
mod log;
pub mod mail;
pub mod me;
mod media;
pub mod note;
pub mod notify;
pub mod pace;
pub mod people;
pub mod picture;
pub mod push;
mod queue;
pub mod reaction;
pub mod read;
pub mod receive;
pub mod reply;
pub mod reset;
pub mod resolve;
pub mod restored;
pub mod retry;
pub mod saved;
pub mod seal;
pub mod search;
pub mod sent;
pub mod settings;
pub mod start;
mod sweep;
pub mod task;
mod timeline;
pub mod triage;
pub mod view;
pub mod wake;
mod who;
pub mod worker;
pub mod workspace;

use std::sync::{Arc, OnceLock};

use partyline_channels::{Http, Provider, is_loopback};
use partyline_store::Db;
use partyline_store::blobs::Files;
use partyline_store::secrets::SecretKey;
use url::Url;

pub use clock::Clock;
pub use error::{DeskError, FieldProblem, Result};
pub use partyline_channels::{Answer, Hook};
pub use partyline_store::StoreError;
pub use partyline_store::breakers;
pub use partyline_store::files::AttachmentRow;
pub use partyline_store::held::{HeldFilter, HeldGroup, HeldRow};
pub use who::Who;

/// Where this server is reached.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The https address that providers and customers reach, if there is one.
    pub public: Option<Url>,
    /// The address that this machine reaches: `http://127.0.0.1:8080`.
    pub local: Url,
}

impl Addresses {
    /// The public address, when it really is one: https, and not this machine or a private network.
    #[must_use]
    pub fn reachable(&self) -> Option<&Url> {
        self.public.as_ref().filter(|url| url.scheme() == "https" && !is_loopback(url) && !is_private(url))
    }

    /// Where a provider reaches us: the public address, or for a simulator on this machine the local one.
    #[must_use]
    pub fn for_connection(&self, connection: &partyline_channels::Connection) -> Option<&Url> {
        if connection.is_loopback() {
            Some(self.public.as_ref().filter(|url| is_loopback(url)).unwrap_or(&self.local))
        } else {
            self.reachable()
        }
    }
}

fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        Some(url::Host::Ipv6(ip)) => ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified(),
        Some(url::Host::Domain(name)) => !name.contains('.') || name.ends_with(".local") || name.ends_with(".internal"),
        None => true,
    }
}

/// Finds a provider by its name.
pub type Providers = fn(&str) -> Option<&'static dyn Provider>;

/// The desk: everything that a use case needs.
#[derive(Debug, Clone)]
pub struct Desk {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) db: Db,
    pub(crate) files: Files,
    pub(crate) key: SecretKey,
    pub(crate) http: Http,
    pub(crate) addresses: Addresses,
    pub(crate) clock: Clock,
    pub(crate) providers: Providers,
    pub(crate) hub: live::Hub,
    pub(crate) known: receive::Known,
    pub(crate) refused: receive::Refused,
    pub(crate) hashing: tokio::sync::Semaphore,
    pub(crate) places: asking::Places,
    pub(crate) mailer: OnceLock<Arc<dyn mail::Mailer>>,
    pub(crate) pusher: OnceLock<Arc<dyn push::Pusher>>,
}

impl Desk {
    /// A desk over an open database.
    #[must_use]
    pub fn new(db: Db, files: Files, key: SecretKey, http: Http, addresses: Addresses, clock: Clock) -> Desk {
        Self::with_providers(db, files, key, http, addresses, clock, partyline_channels::provider)
    }

    /// The same with other providers: a simulation hands in its own.
    #[must_use]
    pub fn with_providers(
        db: Db,
        files: Files,
        key: SecretKey,
        http: Http,
        addresses: Addresses,
        clock: Clock,
        providers: Providers,
    ) -> Desk {
        let hub = live::Hub::new();
        let hashing = tokio::sync::Semaphore::new(account::HASHES_AT_ONCE);
        Desk {
            inner: Arc::new(Inner {
                db,
                files,
                key,
                http,
                addresses,
                clock,
                providers,
                hub,
                known: receive::Known::default(),
                refused: receive::Refused::default(),
                hashing,
                places: asking::Places::new(),
                mailer: OnceLock::new(),
                pusher: OnceLock::new(),
            }),
        }
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.inner.db
    }

    /// The same desk at another time: what fills a demo with a past.
    #[must_use]
    pub fn at(&self, clock: Clock) -> Desk {
        let inner = &self.inner;
        let desk = Desk::with_providers(
            inner.db.clone(),
            inner.files.clone(),
            inner.key.clone(),
            inner.http.clone(),
            inner.addresses.clone(),
            clock,
            inner.providers,
        );
        if let Some(mailer) = self.mailer() {
            desk.set_mailer(mailer.clone());
        }
        if let Some(pusher) = self.pusher() {
            desk.set_pusher(pusher.clone());
        }
        desk
    }

    /// Where this server is reached.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.inner.addresses
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> partyline_core::time::Millis {
        self.inner.clock.now()
    }
}
