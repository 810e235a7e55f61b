//! The carrier as a whole: set up, serve, and a few handles for tests and demos.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Past};
use crate::faults::Faults;
use crate::inbound::{self, Picture, TextRefused};
use crate::listener::{Cut, Lines};
use crate::network::{Message, Network};
use crate::{control, page, twilio};

/// How long a webhook may take to connect (Twilio: 5 s).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A simulated telephone network. Cheap to clone; all clones are the same network.
///
/// It works within a Tokio runtime: deliveries and webhooks are tasks of it.
#[derive(Clone)]
pub struct Carrier {
    network: Arc<Network>,
}

/// The carrier could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The client that calls webhooks could not be made; on a usual system it always can.
    #[error("the HTTP client could not be set up: {0}")]
    Client(#[from] reqwest::Error),
}

impl Carrier {
    /// Sets a network up.
    ///
    /// # Errors
    /// [`SetupError::Client`] when no HTTP client can be made (no certificates on the system).
    pub fn new(config: Config) -> Result<Self, SetupError> {
        // An error says that a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent("TwilioProxy/1.1")
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { network: Network::new(config, http) })
    }

    /// The provider's API, the control API and the page.
    ///
    /// The fault "taken, but no answer" needs [`Carrier::serve`], which can cut a connection; under
    /// another server it answers 504 instead.
    pub fn router(&self) -> Router {
        Router::new()
            .merge(twilio::routes(Arc::clone(&self.network)))
            .merge(control::routes())
            .merge(page::routes())
            .with_state(Arc::clone(&self.network))
    }

    /// Serves on `listener` until `shutdown` is cancelled, then ends what is under way.
    ///
    /// # Errors
    /// What the listener says.
    pub async fn serve(&self, listener: tokio::net::TcpListener, shutdown: CancellationToken) -> std::io::Result<()> {
        let address = listener.local_addr()?;
        self.network.set_listening_at(format!("http://{address}"));
        let service = self.router().into_make_service_with_connect_info::<Cut>();
        let stop = self.network.stop.clone();
        axum::serve(Lines(listener), service)
            .with_graceful_shutdown(async move {
                shutdown.cancelled().await;
                // Live streams and waiting deliveries end by this.
                stop.cancel();
            })
            .await
    }

    /// A phone texts a number of the business. Answers at once; the webhook follows.
    ///
    /// # Errors
    /// [`TextRefused`] says why the network does not take it.
    pub fn text(&self, phone: &str, number: &str, text: &str, pictures: Vec<Picture>) -> Result<Message, TextRefused> {
        inbound::text(&self.network, phone, number, text, pictures)
    }

    /// Texts that were exchanged before now, or while nobody was told: they stand in the log, and no webhook speaks of them. Those
    /// with a number that no account owns are left out.
    pub fn remember(&self, past: &[Past]) {
        self.network.remember(past);
    }

    /// Every message of a phone, oldest first.
    #[must_use]
    pub fn messages_of(&self, phone: &str) -> Vec<Message> {
        let state = self.network.state();
        let mut messages: Vec<Message> =
            state.messages.newest_first().filter(|message| message.phone == phone).cloned().collect();
        messages.reverse();
        messages
    }

    /// Sets every fault; an outage counts from now.
    pub fn set_faults(&self, faults: &Faults) {
        self.network.change_faults(&faults.into());
    }

    /// Switches a phone on or off; says whether there is such a phone.
    pub fn switch_phone(&self, phone: &str, on: bool) -> bool {
        control::switch_phone(&self.network, phone, on).is_some()
    }

    /// Changes as they happen, each a line of JSON as the live stream has it.
    #[must_use]
    pub fn changes(&self) -> tokio::sync::broadcast::Receiver<Arc<str>> {
        self.network.listen()
    }

    /// Back to the beginning, numbers keep their webhooks.
    pub fn reset(&self) {
        self.network.reset();
    }
}
