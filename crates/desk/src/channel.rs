//! Channels: the numbers that messages pass through.

use std::collections::BTreeMap;

use partyline_channels::Hook;
use partyline_core::event::EventType;
use partyline_core::id::{ChannelId, ConnectionId, TeamId};
use partyline_core::permission::Permission;
use partyline_core::phone::Party;
use partyline_store::channels::{ChannelRow, ConnectionRow};
use partyline_store::scope::entropy;
use partyline_store::turns::{MESSAGES, TurnRow, WEBHOOK};
use partyline_store::{NewEvent, Scope, StoreError};
use url::Url;

use crate::account::{NAME_MAX, named};
use crate::asking::{POLL_EVERY, pointing};
use crate::connection::{ConnectionIn, Opened};
use crate::error::{DeskError, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::pace::{self, Rate};
use crate::settings::{self, ChannelSettings, Price, UNDO_SECONDS_MAX};
use crate::view::AsOf;
use crate::{Desk, Who};

/// The longest time after closing within which a text may reopen a conversation, in days.
pub const REOPEN_DAYS_MAX: u32 = 365;

/// The addresses that the provider must call.
#[derive(Debug, Clone)]
pub struct Hooks {
    /// For arriving texts.
    pub message: Url,
    /// For what became of ours.
    pub status: Url,
}

/// A channel, with what its JSON says and where its provider reports.
#[derive(Debug, Clone)]
pub struct ChannelView {
    /// The row.
    pub row: ChannelRow,
    /// Its settings.
    pub settings: ChannelSettings,
    /// Where its provider reports; none without an address that it can reach.
    pub hooks: Option<Hooks>,
    /// How far its messages have been asked for.
    pub turn: Option<TurnRow>,
}

/// Through which account.
#[derive(Clone)]
pub enum ChannelConnection {
    /// One that is there.
    Existing(ConnectionId),
    /// One of these credentials, in the same step: a new one, unless the account is connected already.
    New {
        /// Which provider.
        provider: String,
        /// By field of its form.
        credentials: BTreeMap<String, String>,
        /// Where its API is, when not at the provider's own address.
        api_base_url: Option<String>,
    },
}

/// A new channel.
#[derive(Clone)]
pub struct ChannelIn {
    /// `sms`.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Our number.
    pub address: String,
    /// Whose inbox its conversations begin in; the oldest team's when unsaid.
    pub team_id: Option<TeamId>,
    /// Through which account.
    pub connection: ChannelConnection,
    /// Make the number report to us?
    pub set_webhooks: bool,
    /// How fast it sends; as its provider allows numbers of its kind when unsaid.
    pub rate: Option<Rate>,
}

/// What changes of a channel.
#[derive(Debug, Clone, Default)]
pub struct ChannelPatch {
    /// What people call it.
    pub name: Option<String>,
    /// Whose inbox its conversations begin in.
    pub team_id: Option<Option<TeamId>>,
    /// Days after closing within which a text reopens the conversation.
    pub reopen_days: Option<u32>,
    /// How long the app asks the server to hold a message.
    pub undo_seconds: Option<u32>,
    /// Shall the number report to us, whomever it reports to now? `false` sets it to where it was before us.
    pub set_webhooks: Option<bool>,
    /// How fast it sends; `None` inside: as its provider allows numbers of its kind.
    pub rate: Option<Option<Rate>>,
    /// What a segment costs; `None` inside: nobody says.
    pub price: Option<Option<Price>>,
}

const NO_CHANNEL: DeskError = DeskError::NotFound("The channel");

fn hook_url(base: &Url, provider: &str, connection: ConnectionId, hook: Hook) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/hooks/{provider}/{connection}/{hook}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url
}

impl Desk {
    /// Where a connection's provider reports, if it can reach us.
    pub(crate) fn hooks(&self, row: &ConnectionRow) -> Option<Hooks> {
        let loopback = row
            .api_base_url
            .as_deref()
            .and_then(|u| Url::parse(u).ok())
            .is_some_and(|u| partyline_channels::is_loopback(&u));
        let connection = partyline_channels::Connection {
            api_base_url: loopback.then(|| self.inner.addresses.local.clone()),
            ..Default::default()
        };
        let base = self.inner.addresses.for_connection(&connection)?;
        Some(Hooks {
            message: hook_url(base, &row.provider, row.id, Hook::Message),
            status: hook_url(base, &row.provider, row.id, Hook::Status),
        })
    }

    pub(crate) fn channel_view(&self, scope: &mut Scope<'_>, row: ChannelRow) -> Result<ChannelView> {
        let hooks = scope.connection(row.connection)?.and_then(|c| self.hooks(&c));
        let turn = scope.turn(row.id, MESSAGES)?;
        Ok(ChannelView { settings: settings::parse(&row.settings), row, hooks, turn })
    }

    /// All channels.
    pub async fn channels(&self, who: &Who) -> Result<AsOf<Vec<ChannelView>>> {
        who.must(Permission::ReadChannels)?;
        let desk = self.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let rows = scope.channels()?;
                let value = rows.into_iter().map(|row| desk.channel_view(scope, row)).collect::<Result<_>>()?;
                Ok(AsOf { seq: scope.seq()?, value })
            })
            .await
    }

    /// One channel.
    pub async fn channel(&self, who: &Who, id: ChannelId) -> Result<AsOf<ChannelView>> {
        who.must(Permission::ReadChannels)?;
        let desk = self.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let row = scope.channel(id)?.filter(|c| c.removed_at.is_none()).ok_or(NO_CHANNEL)?;
                Ok(AsOf { seq: scope.seq()?, value: desk.channel_view(scope, row)? })
            })
            .await
    }

    /// Connects a number: the account must have it. Its webhooks are set only where the provider can reach us.
    pub async fn create_channel(&self, who: &Who, new: ChannelIn, key: Option<RequestKey>) -> Result<ChannelView> {
        who.must(Permission::ManageChannels)?;
        let name = named("name", &new.name).map_err(|p| DeskError::Invalid(vec![p]))?;
        let address =
            Party::parse(&new.address).map_err(|e| DeskError::field("address", "malformed", e.to_string()))?;
        let (mut connection, is_new) = match new.connection {
            ChannelConnection::Existing(id) => {
                let connections =
                    self.inner.db.read(who.workspace, move |scope| Ok::<_, DeskError>(scope.connection(id)?)).await?;
                (
                    connections
                        .ok_or_else(|| DeskError::field("connection_id", "unknown", "There is no such connection."))?,
                    false,
                )
            }
            ChannelConnection::New { provider, credentials, api_base_url } => {
                (self.new_connection(ConnectionIn { provider, name: name.clone(), credentials, api_base_url })?, true)
            }
        };
        let Opened { provider, connection: opened } = self.open_connection(&connection)?;
        let kind = provider.capabilities().kinds.iter().find(|k| k.as_str() == new.kind).copied();
        let kind = kind.ok_or_else(|| {
            DeskError::field("kind", "unknown", format!("{} carries no channels of this kind.", provider.title()))
        })?;
        let account = provider.verify(&self.inner.http, &opened).await?;
        let has_it = account.numbers.iter().any(|n| n.address == address);
        if !has_it && !account.more_numbers {
            return Err(DeskError::field(
                "address",
                "not_in_account",
                format!("This {} account does not have that number.", provider.title()),
            ));
        }
        if is_new && !account.name.is_empty() {
            // the account's own name says more than that of its first number
            connection.name = account.name.chars().take(NAME_MAX).collect();
        }
        let rate = new.rate.map(Rate::check).transpose()?;
        let is_set = new.set_webhooks && self.hooks(&connection).is_some();
        let settings = ChannelSettings {
            report_here: Some(new.set_webhooks),
            take_over: new.set_webhooks,
            rate,
            ..Default::default()
        };
        let who = who.clone();
        let now = self.now();
        let desk = self.clone();
        let row = ChannelRow {
            id: ChannelId::new(now, &entropy()),
            connection: connection.id,
            kind: kind.as_str().to_owned(),
            provider: connection.provider.clone(),
            name,
            address: address.value().to_owned(),
            team: new.team_id,
            status: if is_set { pointing::NOT_SET } else { pointing::CONNECTED }.to_owned(),
            // until its number reports here, it is asked about
            mode: "polling".to_owned(),
            settings: settings::write(&settings),
            last_inbound_at: None,
            created_at: now,
            removed_at: None,
        };
        // what was said before is history, which is imported on request
        let since = account.provider_now.unwrap_or(now);
        let view = self
            .inner
            .db
            .write(who.workspace, now, move |tx| {
                if let Some(id) = made_before::<ChannelId>(tx, key.as_ref())? {
                    let row = tx.channel(id)?.ok_or(NO_CHANNEL)?;
                    return desk.channel_view(tx, row);
                }
                let mut row = row;
                let teams = tx.teams()?;
                match row.team {
                    Some(id) if !teams.iter().any(|t| t.id == id) => {
                        return Err(DeskError::field("team_id", "unknown", "There is no such team."));
                    }
                    Some(_) => {}
                    None => row.team = teams.iter().map(|t| t.id).min(),
                }
                if is_new {
                    row.connection = desk.write_connection(tx, &who, &connection, false)?;
                }
                let taken = || DeskError::field("address", "taken", "This number is connected already.");
                match tx.channel_by_address(&row.provider, &row.kind, &row.address)? {
                    Some(there) if there.removed_at.is_none() => return Err(taken()),
                    // the number was here before: its conversations go on
                    Some(there) => {
                        row.id = there.id;
                        row.last_inbound_at = there.last_inbound_at;
                        tx.move_channel(row.id, row.connection)?;
                        tx.set_channel(&row)?;
                    }
                    None => tx.create_channel(&row).map_err(|e| match e {
                        StoreError::Conflict(_) => taken(),
                        other => other.into(),
                    })?,
                }
                tx.begin_turns(row.id, since, tx.now() + POLL_EVERY)?;
                tx.set_pace(row.id, pace::of(&row).pace())?;
                tx.append(NewEvent::new(who.actor(), EventType::ChannelCreated).subject(row.id.uuid()))?;
                made(tx, key.as_ref(), row.id)?;
                desk.channel_view(tx, row)
            })
            .await?;
        self.inner.known.forget(view.row.connection);
        if view.row.status == pointing::NOT_SET { self.point_number(&view.row).await } else { Ok(view) }
    }

    /// Makes a new number report to us. Where the provider refuses, the channel stays, says what is wrong, and it is tried again.
    async fn point_number(&self, row: &ChannelRow) -> Result<ChannelView> {
        let (id, connection) = (row.id, row.connection);
        let workspace = self.workspace_of(&connection).await?;
        let connection = self.inner.db.read(workspace, move |scope| Ok::<_, DeskError>(scope.connection(connection)?));
        if let Some(connection) = connection.await?
            && let Err(error) = self.see_to_webhook(workspace, row, &connection).await
        {
            tracing::warn!(channel = %id, %error, "the number could not be pointed here; it is tried again");
        }
        let desk = self.clone();
        self.inner
            .db
            .read(workspace, move |scope| {
                let row = scope.channel(id)?.ok_or(NO_CHANNEL)?;
                desk.channel_view(scope, row)
            })
            .await
    }

    pub(crate) async fn workspace_of(&self, connection: &ConnectionId) -> Result<partyline_store::Workspace> {
        let id = *connection;
        let workspace =
            self.inner.db.read_root(move |root| Ok::<_, DeskError>(root.workspace_of_connection(id)?)).await?;
        workspace.ok_or(DeskError::NotFound("The connection"))
    }

    /// Changes a channel.
    pub async fn change_channel(&self, who: &Who, id: ChannelId, patch: ChannelPatch) -> Result<ChannelView> {
        who.must(Permission::ManageChannels)?;
        let name =
            patch.name.as_deref().map(|n| named("name", n)).transpose().map_err(|p| DeskError::Invalid(vec![p]))?;
        let within = |field: &str, value: Option<u32>, max: u32| match value {
            Some(v) if v > max => Err(DeskError::field(field, "too_large", format!("At most {max}."))),
            _ => Ok(()),
        };
        within("reopen_days", patch.reopen_days, REOPEN_DAYS_MAX)?;
        within("undo_seconds", patch.undo_seconds, UNDO_SECONDS_MAX)?;
        let rate = patch.rate.map(|rate| rate.map(Rate::check).transpose()).transpose()?;
        let price = patch.price.map(|price| price.map(Price::check).transpose()).transpose()?;
        let who = who.clone();
        let desk = self.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let mut row = tx.channel(id)?.filter(|c| c.removed_at.is_none()).ok_or(NO_CHANNEL)?;
                let mut settings: ChannelSettings = settings::parse(&row.settings);
                let mut changed = Vec::new();
                if let Some(name) = name {
                    row.name = name;
                    changed.push("name");
                }
                if let Some(team) = patch.team_id {
                    if let Some(team) = team {
                        tx.team(team)?
                            .ok_or_else(|| DeskError::field("team_id", "unknown", "There is no such team."))?;
                    }
                    row.team = team;
                    changed.push("team_id");
                }
                if let Some(days) = patch.reopen_days {
                    settings.reopen_days = days;
                    changed.push("reopen_days");
                }
                if let Some(seconds) = patch.undo_seconds {
                    settings.undo_seconds = seconds;
                    changed.push("undo_seconds");
                }
                if let Some(here) = patch.set_webhooks {
                    settings.report_here = Some(here);
                    settings.take_over = here;
                    settings.put_back = !here;
                    tx.make_turn_due(id, WEBHOOK, tx.now())?;
                    changed.push("set_webhooks");
                }
                if let Some(rate) = rate {
                    settings.rate = rate;
                    changed.push("rate");
                }
                if let Some(price) = price {
                    settings.price = price;
                    changed.push("price");
                }
                row.settings = settings::write(&settings);
                tx.set_channel(&row)?;
                tx.set_pace(row.id, pace::of(&row).pace())?;
                tx.append(NewEvent::new(who.actor(), EventType::ChannelUpdated).subject(id.uuid()).changed(changed))?;
                desk.channel_view(tx, row)
            })
            .await
    }

    /// Removes a channel: nothing comes in or goes out through it any more; its entries stay.
    pub async fn remove_channel(&self, who: &Who, id: ChannelId) -> Result<()> {
        who.must(Permission::ManageChannels)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let mut row = tx.channel(id)?.filter(|c| c.removed_at.is_none()).ok_or(NO_CHANNEL)?;
                row.removed_at = Some(tx.now());
                tx.set_channel(&row)?;
                tx.append(NewEvent::new(who.actor(), EventType::ChannelRemoved).subject(id.uuid()))?;
                Ok(())
            })
            .await
    }
}
