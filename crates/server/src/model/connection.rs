//! Providers, and accounts at them. Secrets go in and never come out.

use std::collections::BTreeMap;

use partyline_core::id::{ChannelId, ConnectionId};
use partyline_core::time::Millis;
use partyline_desk::connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{word, words};
use crate::extract::present;

/// A provider, with the form that connects an account of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Provider)]
pub struct ProviderOut {
    /// Its name in the API.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The kinds of channel that it offers.
    #[schema(value_type = Vec<words::ChannelKind>)]
    pub kinds: Vec<&'static str>,
    /// The fields of its form, in order.
    pub fields: Vec<ProviderFieldOut>,
    /// What it can carry.
    #[schema(value_type = Object)]
    pub capabilities: Value,
}

/// One field of a provider's form.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderField)]
pub struct ProviderFieldOut {
    /// Its key in `credentials`.
    pub name: &'static str,
    /// What stands over it.
    pub label: &'static str,
    /// Where a person finds the value.
    pub help: &'static str,
    /// Is it hidden while typed, and never shown again?
    pub secret: bool,
    /// Can the form not be sent without it?
    pub required: bool,
    /// What the empty field shows; empty for nothing.
    pub placeholder: &'static str,
    /// A regular expression that the whole value matches.
    pub pattern: Option<&'static str>,
}

impl From<connection::ProviderView> for ProviderOut {
    fn from(view: connection::ProviderView) -> Self {
        let fields = view.form.fields.iter().map(|f| ProviderFieldOut {
            name: f.name,
            label: f.label,
            help: f.help,
            secret: f.secret,
            required: f.required,
            placeholder: f.placeholder,
            pattern: f.pattern,
        });
        ProviderOut {
            name: view.name,
            title: view.title,
            kinds: view.capabilities.kinds.iter().map(|k| k.as_str()).collect(),
            fields: fields.collect(),
            capabilities: serde_json::to_value(view.capabilities).unwrap_or_default(),
        }
    }
}

/// Credentials to be checked at the provider.
#[derive(Deserialize, ToSchema)]
pub struct VerifyIn {
    /// Which provider.
    pub provider: String,
    /// By field of its form.
    pub credentials: BTreeMap<String, String>,
    /// Where its API is, when not at the provider's own address.
    pub api_base_url: Option<String>,
}

impl From<VerifyIn> for connection::VerifyIn {
    fn from(v: VerifyIn) -> Self {
        connection::VerifyIn { provider: v.provider, credentials: v.credentials, api_base_url: v.api_base_url }
    }
}

/// What the check found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Verification)]
pub struct VerifiedOut {
    /// The account.
    pub account: AccountOut,
    /// Its numbers.
    pub numbers: Vec<NumberOut>,
    /// Are there more numbers than were listed?
    pub more_numbers: bool,
    /// How its messages would come in.
    pub webhooks: ReachOut,
}

/// An account at a provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountOut {
    /// The provider's id.
    pub id: String,
    /// The provider's name for it.
    pub name: String,
    /// The provider's word, e.g. `active`.
    pub status: String,
    /// What a person should know before going on.
    pub detail: Option<String>,
}

/// A number of an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Number)]
pub struct NumberOut {
    /// The number itself.
    pub address: String,
    /// The provider's name for it.
    pub name: String,
    /// The provider's id.
    pub provider_id: String,
    /// What it can do: `sms`, `mms`, `voice`.
    pub can: Vec<String>,
    /// Where arriving texts are sent today.
    pub webhook: Option<String>,
    /// Why setting a webhook on the number may have no effect.
    pub caution: Option<String>,
    /// The channel that it is here already.
    #[schema(value_type = Option<String>)]
    pub channel_id: Option<ChannelId>,
}

/// How messages come in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reach)]
pub struct ReachOut {
    /// The provider calls us, or we ask it.
    #[schema(value_type = words::ChannelMode)]
    pub mode: &'static str,
    /// Why we have to ask.
    pub reason: Option<String>,
}

impl From<connection::Verified> for VerifiedOut {
    fn from(verified: connection::Verified) -> Self {
        let connection::Verified { account, channel_ids, reachable, reason } = verified;
        let numbers = account.numbers.into_iter().map(|n| {
            let address = n.address.to_string();
            NumberOut {
                channel_id: channel_ids.get(&address).copied(),
                address,
                name: n.name,
                provider_id: n.provider_id,
                can: n.can.iter().map(word).collect(),
                webhook: n.webhook,
                caution: n.caution,
            }
        });
        VerifiedOut {
            numbers: numbers.collect(),
            more_numbers: account.more_numbers,
            account: AccountOut { id: account.id, name: account.name, status: account.status, detail: account.detail },
            webhooks: ReachOut { mode: if reachable { "webhooks" } else { "polling" }, reason },
        }
    }
}

/// One account at a provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connection)]
pub struct ConnectionOut {
    /// `conn_…`
    #[schema(value_type = String)]
    pub id: ConnectionId,
    /// Which provider.
    pub provider: String,
    /// What people call it.
    pub name: String,
    /// The provider's id of the account.
    pub account_id: Option<String>,
    /// Where its API is, when not at the provider's own address.
    pub api_base_url: Option<String>,
    /// `connected`, `refused` or `unreachable`.
    pub status: String,
    /// How its way to the provider is.
    pub health: ConnectionHealthOut,
    /// Its channels.
    #[schema(value_type = Vec<String>)]
    pub channel_ids: Vec<ChannelId>,
    /// When it was made.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
    /// Webhooks refused for a wrong signature.
    pub signature_failures: i64,
    /// Until when a secret that was replaced still verifies webhooks.
    #[schema(value_type = Option<words::Time>)]
    pub previous_secret_until: Option<Millis>,
}

/// How a connection's way to its provider is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectionHealth)]
pub struct ConnectionHealthOut {
    /// What the provider last said to us.
    #[schema(value_type = words::ConnectionState)]
    pub state: String,
    /// Do texts leave, wait, or does one of them try?
    #[schema(value_type = words::BreakerState)]
    pub breaker: &'static str,
    /// Since when texts wait; null while they leave.
    #[schema(value_type = Option<words::Time>)]
    pub since: Option<Millis>,
    /// When the next one tries.
    #[schema(value_type = Option<words::Time>)]
    pub retry_at: Option<Millis>,
    /// Why they wait: `provider_unreachable`, `provider_no_answer`, `provider_busy`, or what the account is refused for, e.g. `credentials_refused`.
    pub reason: Option<String>,
}

impl From<connection::ConnectionView> for ConnectionOut {
    fn from(view: connection::ConnectionView) -> Self {
        let (row, breaker) = (view.row, view.breaker);
        let health = ConnectionHealthOut {
            state: row.status.clone(),
            breaker: breaker.state.as_str(),
            since: breaker.since,
            retry_at: breaker.retry_at,
            reason: breaker.reason,
        };
        ConnectionOut {
            id: row.id,
            provider: row.provider,
            name: row.name,
            account_id: row.account,
            api_base_url: row.api_base_url,
            status: row.status,
            health,
            channel_ids: view.channel_ids,
            created_at: row.created_at,
            signature_failures: row.signature_failures,
            previous_secret_until: row.previous_until,
        }
    }
}

/// A new connection. Its credentials are tried at the provider before it is saved.
#[derive(Deserialize, ToSchema)]
pub struct ConnectionIn {
    /// Which provider.
    pub provider: String,
    /// What people call it.
    pub name: String,
    /// By field of the provider's form.
    pub credentials: BTreeMap<String, String>,
    /// Where its API is, when not at the provider's own address.
    pub api_base_url: Option<String>,
}

impl From<ConnectionIn> for connection::ConnectionIn {
    fn from(new: ConnectionIn) -> Self {
        connection::ConnectionIn {
            provider: new.provider,
            name: new.name,
            credentials: new.credentials,
            api_base_url: new.api_base_url,
        }
    }
}

/// What changes of a connection; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub struct ConnectionPatch {
    /// What people call it.
    pub name: Option<String>,
    /// New values of some fields. The replaced ones verify webhooks for 24 hours more.
    pub credentials: Option<BTreeMap<String, String>>,
    /// Another address empties the credentials, unless new ones come along. Null: the provider's own.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub api_base_url: Option<Option<String>>,
}

impl From<ConnectionPatch> for connection::ConnectionPatch {
    fn from(p: ConnectionPatch) -> Self {
        connection::ConnectionPatch { name: p.name, credentials: p.credentials, api_base_url: p.api_base_url }
    }
}
