//! Connections (accounts at providers) and channels (their addresses).

use partyline_core::id::{ChannelId, ConnectionId, TeamId};
use partyline_core::time::{Millis, SECOND};

use crate::error::Result;
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::{row, values};

/// How exactly it is known when something last came in, in milliseconds.
const HEARD_WITHIN: i64 = SECOND;

queries! {
    CONNECTIONS = "SELECT id, provider, name, account, api_base_url, credentials, previous_secrets, previous_until, status, signature_failures, created_at FROM connections WHERE workspace = $1 AND removed_at IS NULL ORDER BY id";
    CONNECTION = "SELECT id, provider, name, account, api_base_url, credentials, previous_secrets, previous_until, status, signature_failures, created_at FROM connections WHERE workspace = $1 AND id = $2 AND removed_at IS NULL";
    CREATE_CONNECTION = "INSERT INTO connections (workspace, id, provider, name, account, api_base_url, credentials, status, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    SET_CONNECTION = "UPDATE connections SET name = $3, account = $4, api_base_url = $5, credentials = $6, previous_secrets = $7, previous_until = $8, status = $9 WHERE workspace = $1 AND id = $2";
    SET_CONNECTION_STATUS = "UPDATE connections SET status = $3 WHERE workspace = $1 AND id = $2 AND status <> $3";
    CHANNELS = "SELECT id, connection_id, kind, provider, name, address, team_id, status, mode, settings, last_inbound_at, created_at, removed_at FROM channels WHERE workspace = $1 AND removed_at IS NULL ORDER BY name, id";
    CHANNEL = "SELECT id, connection_id, kind, provider, name, address, team_id, status, mode, settings, last_inbound_at, created_at, removed_at FROM channels WHERE workspace = $1 AND id = $2";
    CHANNEL_AT = "SELECT id, connection_id, kind, provider, name, address, team_id, status, mode, settings, last_inbound_at, created_at, removed_at FROM channels WHERE workspace = $1 AND connection_id = $2 AND kind = $3 AND address = $4 AND removed_at IS NULL";
    CHANNEL_BY_ADDRESS = "SELECT id, connection_id, kind, provider, name, address, team_id, status, mode, settings, last_inbound_at, created_at, removed_at FROM channels WHERE workspace = $1 AND provider = $2 AND kind = $3 AND address = $4 ORDER BY coalesce(removed_at, 253402300799999) DESC, id DESC LIMIT 1";
    MOVE_CHANNEL = "UPDATE channels SET connection_id = $3 WHERE workspace = $1 AND id = $2";
    CREATE_CHANNEL = "INSERT INTO channels (workspace, id, connection_id, kind, provider, name, address, team_id, status, mode, settings, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    SET_CHANNEL = "UPDATE channels SET name = $3, team_id = $4, status = $5, mode = $6, settings = $7, removed_at = $8 WHERE workspace = $1 AND id = $2";
    HEARD = "UPDATE channels SET last_inbound_at = $3 WHERE workspace = $1 AND id = $2 AND coalesce(last_inbound_at, 0) < $3";
}

row! {
    /// One account at a provider.
    pub struct ConnectionRow {
        /// Its id; part of the webhook addresses.
        pub id: ConnectionId,
        /// Which provider.
        pub provider: String,
        /// What people call it.
        pub name: String,
        /// The provider's id of the account.
        pub account: Option<String>,
        /// Where its API is, when not at the provider's own address.
        pub api_base_url: Option<String>,
        /// Sealed JSON; `None` after they were emptied.
        pub credentials: Option<Vec<u8>>,
        /// Sealed JSON list of secrets that still verify webhooks.
        pub previous_secrets: Option<Vec<u8>>,
        /// Until when they do.
        pub previous_until: Option<Millis>,
        /// `connected`, `refused`, `unreachable`.
        pub status: String,
        /// Webhooks refused for a wrong signature.
        pub signature_failures: i64,
        /// When it was made.
        pub created_at: Millis,
    }
}

row! {
    /// One address that messages pass through.
    pub struct ChannelRow {
        /// Its id.
        pub id: ChannelId,
        /// Through which account.
        pub connection: ConnectionId,
        /// `sms`, `email`, …
        pub kind: String,
        /// Which provider.
        pub provider: String,
        /// What people call it.
        pub name: String,
        /// Our number, as the provider writes it.
        pub address: String,
        /// Whose inbox its conversations begin in.
        pub team: Option<TeamId>,
        /// `connected`, `warning`, `down`.
        pub status: String,
        /// `webhooks` or `polling`.
        pub mode: String,
        /// JSON; `desk` gives it its shape.
        pub settings: String,
        /// When something last came in.
        pub last_inbound_at: Option<Millis>,
        /// When it was made.
        pub created_at: Millis,
        /// When it was removed; its entries stay.
        pub removed_at: Option<Millis>,
    }
}

impl Scope<'_> {
    /// All connections, oldest first.
    pub fn connections(&mut self) -> Result<Vec<ConnectionRow>> {
        self.rows(CONNECTIONS, &[])
    }

    /// One connection.
    pub fn connection(&mut self, id: ConnectionId) -> Result<Option<ConnectionRow>> {
        self.row(CONNECTION, values![id])
    }

    /// All channels that were not removed, by name.
    pub fn channels(&mut self) -> Result<Vec<ChannelRow>> {
        self.rows(CHANNELS, &[])
    }

    /// One channel, removed ones too.
    pub fn channel(&mut self, id: ChannelId) -> Result<Option<ChannelRow>> {
        self.row(CHANNEL, values![id])
    }

    /// The channel at an address of a connection.
    pub fn channel_at(&mut self, connection: ConnectionId, kind: &str, address: &str) -> Result<Option<ChannelRow>> {
        self.row(CHANNEL_AT, values![connection, kind, address])
    }
}

impl Scope<'_> {
    /// The channel that has, or last had, this number at this provider.
    pub fn channel_by_address(&mut self, provider: &str, kind: &str, address: &str) -> Result<Option<ChannelRow>> {
        self.row(CHANNEL_BY_ADDRESS, values![provider, kind, address])
    }
}

impl Tx<'_> {
    /// Connects a channel through another account.
    pub fn move_channel(&mut self, id: ChannelId, connection: ConnectionId) -> Result<()> {
        self.write(MOVE_CHANNEL, values![id, connection])
    }

    /// Adds a connection.
    pub fn create_connection(&mut self, c: &ConnectionRow) -> Result<()> {
        self.write(
            CREATE_CONNECTION,
            values![
                c.id,
                &c.provider,
                &c.name,
                c.account.clone(),
                c.api_base_url.clone(),
                c.credentials.clone(),
                &c.status,
                c.created_at
            ],
        )
    }

    /// Writes what may change of a connection.
    pub fn set_connection(&mut self, c: &ConnectionRow) -> Result<()> {
        self.write(
            SET_CONNECTION,
            values![
                c.id,
                &c.name,
                c.account.clone(),
                c.api_base_url.clone(),
                c.credentials.clone(),
                c.previous_secrets.clone(),
                c.previous_until,
                &c.status
            ],
        )
    }

    /// Writes a connection's status, and says whether that changed it.
    pub fn set_connection_status(&mut self, id: ConnectionId, status: &str) -> Result<bool> {
        Ok(self.run(SET_CONNECTION_STATUS, values![id, status])? > 0)
    }

    /// Adds a channel.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the connection has that address already.
    pub fn create_channel(&mut self, c: &ChannelRow) -> Result<()> {
        self.run(
            CREATE_CHANNEL,
            values![
                c.id,
                c.connection,
                &c.kind,
                &c.provider,
                &c.name,
                &c.address,
                c.team,
                &c.status,
                &c.mode,
                &c.settings,
                c.created_at
            ],
        )
        .map(drop)
    }

    /// Writes what may change of a channel.
    pub fn set_channel(&mut self, c: &ChannelRow) -> Result<()> {
        self.write(SET_CHANNEL, values![c.id, &c.name, c.team, &c.status, &c.mode, &c.settings, c.removed_at])
    }

    /// Notes when something came in on a channel, to within [`HEARD_WITHIN`]: a busy one is not written for every text.
    pub fn heard_from_channel(&mut self, channel: &ChannelRow, arrived: Millis) -> Result<()> {
        if channel.last_inbound_at.is_some_and(|at| arrived.since(at) < HEARD_WITHIN) {
            return Ok(());
        }
        self.write(HEARD, values![channel.id, arrived])
    }
}
