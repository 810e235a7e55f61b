//! Connections: accounts at providers. Checked before they are saved, sealed at rest, rotated without losing a webhook.

use std::collections::{BTreeMap, HashMap};

use partyline_channels::{
    Account, Capabilities, Connection, Credentials, Form, Provider, Secret, parse_api_base_url,
    providers as all_providers,
};
use partyline_core::event::{Actor, EventType};
use partyline_core::id::{ChannelId, ConnectionId};
use partyline_core::permission::Permission;
use partyline_core::time::{DAY, Millis};
use partyline_store::breakers::{BreakerRow, BreakerState};
use partyline_store::channels::ConnectionRow;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, Scope, StoreError, Tx, Workspace};

use crate::account::named;
use crate::deliver::breaker;
use crate::error::{DeskError, FieldProblem, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::view::AsOf;
use crate::{Desk, Who};

/// How long a secret that was replaced still verifies webhooks: what was signed before may be under way.
pub const PREVIOUS_SECRET_FOR: i64 = DAY;

/// A provider, as the set-up page shows it.
#[derive(Debug, Clone)]
pub struct ProviderView {
    /// Its name in the API.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Its settings form.
    pub form: Form,
    /// What it can carry.
    pub capabilities: Capabilities,
}

/// Every provider, in the order in which the set-up page offers them.
#[must_use]
pub fn providers() -> Vec<ProviderView> {
    let view = |p: &&'static dyn Provider| ProviderView {
        name: p.name(),
        title: p.title(),
        form: p.form(),
        capabilities: p.capabilities(),
    };
    all_providers().iter().map(view).collect()
}

/// What is to be checked.
#[derive(Clone)]
pub struct VerifyIn {
    /// Which provider.
    pub provider: String,
    /// By field of its form.
    pub credentials: BTreeMap<String, String>,
    /// Where its API is, when not at the provider's own address.
    pub api_base_url: Option<String>,
}

/// What the check found.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The account, with its numbers.
    pub account: Account,
    /// Which of its numbers are channels here already.
    pub channel_ids: HashMap<String, ChannelId>,
    /// Can the provider call us?
    pub reachable: bool,
    /// Why not, and what then.
    pub reason: Option<String>,
}

/// A new connection.
#[derive(Clone)]
pub struct ConnectionIn {
    /// Which provider.
    pub provider: String,
    /// What people call it.
    pub name: String,
    /// By field of its form.
    pub credentials: BTreeMap<String, String>,
    /// Where its API is, when not at the provider's own address.
    pub api_base_url: Option<String>,
}

/// What changes of a connection.
#[derive(Clone, Default)]
pub struct ConnectionPatch {
    /// What people call it.
    pub name: Option<String>,
    /// New values of some fields; the others stay.
    pub credentials: Option<BTreeMap<String, String>>,
    /// Another address empties the credentials, unless new ones come along.
    pub api_base_url: Option<Option<String>>,
}

/// A connection, without its secrets.
#[derive(Debug, Clone)]
pub struct ConnectionView {
    /// The row; its sealed columns are nobody's business outside.
    pub row: ConnectionRow,
    /// Its channels.
    pub channel_ids: Vec<ChannelId>,
    /// How its way to the provider is.
    pub breaker: BreakerRow,
}

/// A secret that was replaced, as it rests.
#[derive(serde::Serialize, serde::Deserialize)]
struct Previous {
    secret: Secret,
    /// Until then it verifies webhooks.
    until: Millis,
}

const NO_CONNECTION: DeskError = DeskError::NotFound("The connection");

/// Why a provider can't call us, in plain words.
pub const NOT_REACHABLE: &str = "This server has no public https address, so the provider can't call it. Messages will be fetched every few seconds instead; nothing at the provider is changed.";

pub(crate) fn connection_view(scope: &mut Scope<'_>, id: ConnectionId) -> Result<ConnectionView> {
    let row = scope.connection(id)?.ok_or(NO_CONNECTION)?;
    let channel_ids = scope.channels()?.into_iter().filter(|c| c.connection == id).map(|c| c.id).collect();
    Ok(ConnectionView { breaker: scope.breaker(id)?, row, channel_ids })
}

/// A connection opened for use, with its provider.
pub(crate) struct Opened {
    pub(crate) provider: &'static dyn Provider,
    pub(crate) connection: Connection,
}

fn shape(provider: &dyn Provider, credentials: &Credentials) -> Result<()> {
    provider.check(credentials).map_err(|problems| {
        DeskError::Invalid(
            problems
                .into_iter()
                .map(|p| FieldProblem { field: format!("credentials.{}", p.field), code: p.code, detail: p.detail })
                .collect(),
        )
    })
}

fn base_url(text: Option<&str>) -> Result<Option<url::Url>> {
    text.map(str::trim)
        .filter(|t| !t.is_empty())
        .map(|t| parse_api_base_url(t).map_err(|e| DeskError::field("api_base_url", "malformed", e.to_string())))
        .transpose()
}

impl Desk {
    fn provider_named(&self, name: &str) -> Result<&'static dyn Provider> {
        (self.inner.providers)(name).ok_or_else(|| {
            let known = all_providers().iter().map(|p| p.name()).collect::<Vec<_>>().join(", ");
            DeskError::field("provider", "unknown", format!("This provider is not known here. Choose one of: {known}."))
        })
    }

    /// Opens a connection's secrets.
    pub(crate) fn open_connection(&self, row: &ConnectionRow) -> Result<Opened> {
        let provider = (self.inner.providers)(&row.provider)
            .ok_or_else(|| StoreError::Corrupt(format!("a connection of provider {:?}", row.provider)))?;
        let context = row.id.to_string();
        let read = |sealed: &[u8]| self.inner.key.open(context.as_bytes(), sealed);
        let credentials = match &row.credentials {
            Some(sealed) => serde_json::from_slice(&read(sealed)?).map_err(|_| StoreError::WrongKey)?,
            None => Credentials::default(),
        };
        let previous_secrets = self.previous(row)?.into_iter().map(|p| p.secret).collect();
        let api_base_url = base_url(row.api_base_url.as_deref())?;
        Ok(Opened { provider, connection: Connection { credentials, previous_secrets, api_base_url } })
    }

    /// The secrets that were replaced and still verify webhooks.
    fn previous(&self, row: &ConnectionRow) -> Result<Vec<Previous>> {
        let Some(sealed) = &row.previous_secrets else { return Ok(Vec::new()) };
        let plain = self.inner.key.open(row.id.to_string().as_bytes(), sealed)?;
        let mut previous: Vec<Previous> = serde_json::from_slice(&plain).map_err(|_| StoreError::WrongKey)?;
        let now = self.now();
        previous.retain(|p| p.until > now);
        Ok(previous)
    }

    fn seal_secret<T: serde::Serialize>(&self, id: ConnectionId, secret: &T) -> Result<Vec<u8>> {
        let plain = serde_json::to_vec(secret).map_err(|e| StoreError::Statement(e.to_string()))?;
        Ok(self.inner.key.seal(id.to_string().as_bytes(), &plain))
    }

    /// Checks credentials at the provider and lists the account's numbers. Saves nothing.
    pub async fn verify(&self, who: &Who, verify: VerifyIn) -> Result<Verified> {
        who.must(Permission::ManageChannels)?;
        let provider = self.provider_named(&verify.provider)?;
        let credentials: Credentials = verify.credentials.into_iter().collect();
        shape(provider, &credentials)?;
        let connection = Connection {
            credentials,
            previous_secrets: Vec::new(),
            api_base_url: base_url(verify.api_base_url.as_deref())?,
        };
        let account = provider.verify(&self.inner.http, &connection).await?;
        let id = account.id.clone();
        let channel_ids = self
            .inner
            .db
            .read(who.workspace, move |scope| {
                let ours: Vec<ConnectionId> = scope
                    .connections()?
                    .into_iter()
                    .filter(|c| c.account.as_deref() == Some(&id))
                    .map(|c| c.id)
                    .collect();
                let channels = scope.channels()?.into_iter().filter(|c| ours.contains(&c.connection));
                Ok::<_, DeskError>(channels.map(|c| (c.address, c.id)).collect())
            })
            .await?;
        let reachable = self.inner.addresses.for_connection(&connection).is_some();
        Ok(Verified { account, channel_ids, reachable, reason: (!reachable).then(|| NOT_REACHABLE.to_owned()) })
    }

    /// All connections.
    pub async fn connections(&self, who: &Who) -> Result<AsOf<Vec<ConnectionView>>> {
        who.must(Permission::ReadChannels)?;
        self.inner
            .db
            .read(who.workspace, |scope| {
                let channels = scope.channels()?;
                let breakers = scope.breakers()?;
                let view = |row: ConnectionRow| ConnectionView {
                    breaker: breakers
                        .iter()
                        .find(|b| b.connection == row.id)
                        .cloned()
                        .unwrap_or(BreakerRow::closed(row.id)),
                    channel_ids: channels.iter().filter(|c| c.connection == row.id).map(|c| c.id).collect(),
                    row,
                };
                let value = scope.connections()?.into_iter().map(view).collect();
                Ok(AsOf { seq: scope.seq()?, value })
            })
            .await
    }

    /// One connection.
    pub async fn connection(&self, who: &Who, id: ConnectionId) -> Result<AsOf<ConnectionView>> {
        who.must(Permission::ReadChannels)?;
        self.inner
            .db
            .read(who.workspace, move |scope| Ok(AsOf { seq: scope.seq()?, value: connection_view(scope, id)? }))
            .await
    }

    /// A connection's row before it is written, its credentials checked in shape and sealed.
    pub(crate) fn new_connection(&self, new: ConnectionIn) -> Result<ConnectionRow> {
        let provider = self.provider_named(&new.provider)?;
        let name = named("name", &new.name).map_err(|p| DeskError::Invalid(vec![p]))?;
        let credentials: Credentials = new.credentials.into_iter().collect();
        shape(provider, &credentials)?;
        let api_base_url = base_url(new.api_base_url.as_deref())?;
        let now = self.now();
        let id = ConnectionId::new(now, &entropy());
        Ok(ConnectionRow {
            id,
            provider: provider.name().to_owned(),
            name,
            account: provider.account_id(&credentials),
            api_base_url: api_base_url.map(|u| u.to_string()),
            credentials: Some(self.seal_secret(id, &credentials)?),
            previous_secrets: None,
            previous_until: None,
            status: "connected".to_owned(),
            signature_failures: 0,
            created_at: now,
        })
    }

    /// Saves a connection, after the provider has accepted its credentials. An account that is connected already keeps its connection,
    /// which takes the new credentials and the new name: what came through it is known by it.
    pub async fn create_connection(
        &self,
        who: &Who,
        new: ConnectionIn,
        key: Option<RequestKey>,
    ) -> Result<ConnectionView> {
        who.must(Permission::ManageChannels)?;
        let row = self.new_connection(new)?;
        let opened = self.open_connection(&row)?;
        opened.provider.verify(&self.inner.http, &opened.connection).await?;
        let (who, desk) = (who.clone(), self.clone());
        let view = self
            .inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                if let Some(id) = made_before(tx, key.as_ref())? {
                    return connection_view(tx, id);
                }
                let id = desk.write_connection(tx, &who, &row, true)?;
                made(tx, key.as_ref(), id)?;
                connection_view(tx, id)
            })
            .await?;
        self.inner.known.forget(view.row.id);
        Ok(view)
    }

    /// Writes a new connection whose credentials the provider has accepted, and says which one it is: where the account is connected
    /// already, that one takes the credentials, and the name where a person gave it one.
    pub(crate) fn write_connection(
        &self,
        tx: &mut Tx<'_>,
        who: &Who,
        row: &ConnectionRow,
        is_named: bool,
    ) -> Result<ConnectionId> {
        let Some(mut there) = same_account(tx, row)? else {
            tx.create_connection(row)?;
            tx.append(NewEvent::new(who.actor(), EventType::ConnectionCreated).subject(row.id.uuid()))?;
            return Ok(row.id);
        };
        let mut fields = vec!["credentials"];
        if is_named && there.name != row.name {
            there.name.clone_from(&row.name);
            fields.push("name");
        }
        let credentials = self.open_connection(row)?.connection.credentials;
        self.replace_credentials(&mut there, &credentials)?;
        tx.set_connection(&there)?;
        breaker::reached(tx, there.id)?;
        tx.append(NewEvent::new(who.actor(), EventType::ConnectionUpdated).subject(there.id.uuid()).changed(fields))?;
        Ok(there.id)
    }

    /// Puts credentials into a row that the provider has accepted. The secrets that they replace verify webhooks for another day.
    fn replace_credentials(&self, row: &mut ConnectionRow, credentials: &Credentials) -> Result<()> {
        let Opened { provider, connection: before } = self.open_connection(row)?;
        let mut previous = self.previous(row)?;
        let until = self.now() + PREVIOUS_SECRET_FOR;
        for field in provider.form().fields.iter().filter(|field| field.secret) {
            if let Some(secret) = before.credentials.secret(field.name)
                && credentials.get(field.name) != Some(secret.expose())
            {
                previous.push(Previous { secret: secret.clone(), until });
            }
        }
        row.account = provider.account_id(credentials);
        row.credentials = Some(self.seal_secret(row.id, credentials)?);
        // each has its own day, however often others are replaced
        row.previous_until = previous.iter().map(|p| p.until).max();
        row.previous_secrets = if previous.is_empty() { None } else { Some(self.seal_secret(row.id, &previous)?) };
        row.status = "connected".to_owned();
        Ok(())
    }

    /// Changes a connection. New credentials are tried at the provider first; the replaced secrets verify webhooks for another day.
    pub async fn change_connection(
        &self,
        who: &Who,
        id: ConnectionId,
        patch: ConnectionPatch,
    ) -> Result<ConnectionView> {
        who.must(Permission::ManageChannels)?;
        let mut row = self.connection(who, id).await?.value.row;
        let sealed_before = row.credentials.clone();
        let account_before = (row.account.clone(), row.api_base_url.clone());
        let verified = patch.credentials.is_some();
        let mut fields = Vec::new();
        if let Some(name) = patch.name {
            row.name = named("name", &name).map_err(|p| DeskError::Invalid(vec![p]))?;
            fields.push("name");
        }
        if let Some(url) = patch.api_base_url {
            let url = base_url(url.as_deref())?.map(|u| u.to_string());
            if url != row.api_base_url {
                // another host must never be shown the secrets of this one
                row.api_base_url = url;
                row.credentials = None;
                row.previous_secrets = None;
                row.previous_until = None;
                fields.push("api_base_url");
            }
        }
        if let Some(values) = patch.credentials {
            let Opened { provider, mut connection } = self.open_connection(&row)?;
            for (field, value) in values {
                connection.credentials.set(field, Secret::new(&value));
            }
            shape(provider, &connection.credentials)?;
            provider.verify(&self.inner.http, &connection).await?;
            self.replace_credentials(&mut row, &connection.credentials)?;
            fields.push("credentials");
        } else if row.credentials.is_none() {
            row.status = "refused".to_owned();
        }
        let who = who.clone();
        let changed = self
            .inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                if tx.connection(id)?.is_none_or(|now| now.credentials != sealed_before) {
                    let detail = "Somebody changed this connection at the same moment. Reload and look again.";
                    return Err(DeskError::Conflict { code: "changed_meanwhile", detail: detail.to_owned() });
                }
                let is_another = account_before != (row.account.clone(), row.api_base_url.clone());
                if is_another && same_account(tx, &row)?.is_some() {
                    return Err(DeskError::field("credentials", "taken", "This account is connected already."));
                }
                tx.set_connection(&row)?;
                if verified {
                    breaker::reached(tx, id)?;
                }
                tx.append(NewEvent::new(who.actor(), EventType::ConnectionUpdated).subject(id.uuid()).changed(fields))?;
                connection_view(tx, id)
            })
            .await;
        self.inner.known.forget(id);
        changed
    }

    /// Notes that a provider refused, or accepts again, a connection's credentials. What is known already costs nothing.
    pub(crate) async fn note_connection(
        &self,
        workspace: Workspace,
        connection: &ConnectionRow,
        status: &'static str,
    ) -> Result<()> {
        if connection.status == status {
            return Ok(());
        }
        let id = connection.id;
        self.inner
            .db
            .write(workspace, self.now(), move |tx| {
                // what a text has met counts until one leaves: reading may be allowed where sending is not
                if status == breaker::CONNECTED && tx.breaker(id)?.state != BreakerState::Closed {
                    return Ok(());
                }
                if tx.set_connection_status(id, status)? {
                    tx.append(
                        NewEvent::new(Actor::System, EventType::ConnectionUpdated)
                            .subject(id.uuid())
                            .changed([format!("status={status}")]),
                    )?;
                }
                Ok(())
            })
            .await
    }
}

/// The connection of the account that a row is of, if there is one: the same at the same provider's same address. The oldest, where an
/// older program has made more.
fn same_account(tx: &mut Tx<'_>, row: &ConnectionRow) -> Result<Option<ConnectionRow>> {
    let of = |c: &ConnectionRow| (c.provider.clone(), c.account.clone(), c.api_base_url.clone());
    Ok(tx.connections()?.into_iter().find(|c| c.account.is_some() && of(c) == of(row)))
}
