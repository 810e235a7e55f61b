//! Channels: the numbers that messages pass through.

use std::collections::BTreeMap;

use partyline_core::id::{ChannelId, ConnectionId, TeamId};
use partyline_core::time::Millis;
use partyline_desk::settings::Price;
use partyline_desk::{channel, pace};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;
use crate::extract::present;
use crate::problem::Problem;

/// One address that messages pass through.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Channel)]
pub struct ChannelOut {
    /// `chan_…`
    #[schema(value_type = String)]
    pub id: ChannelId,
    /// Through which account.
    #[schema(value_type = String)]
    pub connection_id: ConnectionId,
    /// What passes through it.
    #[schema(value_type = words::ChannelKind)]
    pub kind: String,
    /// Which provider.
    pub provider: String,
    /// What people call it.
    pub name: String,
    /// Our number.
    pub address: String,
    /// Whose inbox its conversations begin in.
    #[schema(value_type = Option<String>)]
    pub team_id: Option<TeamId>,
    /// `connected`, or what is wrong with it.
    pub status: String,
    /// How messages come in.
    #[schema(value_type = words::ChannelMode)]
    pub mode: String,
    /// The addresses that the provider must call, by what they are for; empty where it can't reach us.
    pub webhooks: BTreeMap<String, String>,
    /// Where its number reports instead, when that is another's address: texts are fetched, and a person can take it over
    /// with `set_webhooks`.
    pub webhook_elsewhere: Option<String>,
    /// How far its provider has been asked for messages; null before the first time.
    pub reading: Option<ReadingOut>,
    /// Its settings.
    pub settings: ChannelSettingsOut,
    /// When it was made.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
    /// When something last came in.
    #[schema(value_type = Option<words::Time>)]
    pub last_inbound_at: Option<Millis>,
}

/// How far a channel's provider has been asked for messages: all of them without webhooks, and what these may have missed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelReading)]
pub struct ReadingOut {
    /// When it was last asked.
    #[schema(value_type = words::Time)]
    pub asked_at: Millis,
    /// Everything up to here is here, by the provider's clock.
    #[schema(value_type = Option<words::Time>)]
    pub read_to: Option<Millis>,
    /// Why asking failed, e.g. `provider_unreachable`; null when it worked.
    pub error: Option<String>,
    /// How often in a row it failed.
    pub failures: i64,
    /// When it is asked next.
    #[schema(value_type = words::Time)]
    pub next_at: Millis,
    /// The provider's clock minus this server's, in milliseconds, to the second.
    pub clock_skew_ms: Option<i64>,
}

/// A channel's settings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelSettings)]
pub struct ChannelSettingsOut {
    /// Days after closing within which a text reopens the conversation.
    pub reopen_days: u32,
    /// Seconds that the app asks the server to hold a message.
    pub undo_seconds: u32,
    /// Does the provider answer STOP on this number, so that we must not?
    pub provider_answers_stop: bool,
    /// Shall the number report to this server? Null where nobody has said.
    pub set_webhooks: Option<bool>,
    /// How fast it sends.
    pub rate: ChannelRateOut,
    /// What a segment costs, as its operator says.
    pub price: Option<PriceOut>,
}

/// What a segment costs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Price)]
pub struct PriceOut {
    /// Of the currency's unit; 0 to 100,000.
    pub per_segment: f64,
    /// ISO 4217: three letters, such as `USD`.
    pub currency: String,
}

/// How fast a channel sends. Both rates hold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelRate)]
pub struct ChannelRateOut {
    /// Texts per second.
    pub messages_per_second: f64,
    /// Segments per second.
    pub segments_per_second: f64,
    /// Is it what the provider allows numbers of this kind?
    pub is_usual: bool,
    /// What the provider allows numbers of this kind, in segments per second.
    pub usual: f64,
    /// What kind of number it is: `long_code`, `toll_free`, `short_code`, `sender_name`.
    pub sender_kind: &'static str,
}

impl ChannelRateOut {
    fn of(view: &channel::ChannelView) -> Self {
        let (rate, usual) = (pace::of(&view.row), pace::usual(&view.row));
        ChannelRateOut {
            messages_per_second: rate.messages_per_second,
            segments_per_second: rate.segments_per_second,
            is_usual: view.settings.rate.is_none(),
            usual: usual.segments_per_second,
            sender_kind: pace::kind(&view.row).as_str(),
        }
    }
}

impl From<channel::ChannelView> for ChannelOut {
    fn from(view: channel::ChannelView) -> Self {
        let rate = ChannelRateOut::of(&view);
        let channel::ChannelView { row, settings, hooks, turn } = view;
        let reading = turn.and_then(|t| Some((t.asked_at?, t)));
        let hooks = hooks.map(|h| [("message", h.message), ("status", h.status)]);
        ChannelOut {
            id: row.id,
            connection_id: row.connection,
            kind: row.kind,
            provider: row.provider,
            name: row.name,
            address: row.address,
            team_id: row.team,
            status: row.status,
            mode: row.mode,
            webhooks: hooks.into_iter().flatten().map(|(name, url)| (name.to_owned(), url.to_string())).collect(),
            webhook_elsewhere: settings.elsewhere,
            reading: reading.map(|(asked_at, turn)| ReadingOut {
                asked_at,
                read_to: turn.read_to,
                error: turn.error,
                failures: turn.failures,
                next_at: turn.due_at,
                clock_skew_ms: turn.skew,
            }),
            settings: ChannelSettingsOut {
                reopen_days: settings.reopen_days,
                undo_seconds: settings.undo_seconds,
                provider_answers_stop: settings.provider_answers_stop,
                set_webhooks: settings.report_here,
                rate,
                price: settings
                    .price
                    .clone()
                    .map(|price| PriceOut { per_segment: price.per_segment, currency: price.currency }),
            },
            created_at: row.created_at,
            last_inbound_at: row.last_inbound_at,
        }
    }
}

/// A new channel, of a connection that is there (`connection_id`) or of a new one in the same step (`provider` and
/// `credentials`).
#[derive(Deserialize, ToSchema)]
pub struct ChannelIn {
    /// What passes through it.
    #[schema(value_type = words::ChannelKind)]
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Our number: E.164, e.g. `+14155550100`. The account must have it.
    pub address: String,
    /// Whose inbox its conversations begin in; the first team's when left out.
    #[schema(value_type = Option<String>)]
    pub team_id: Option<TeamId>,
    /// Through which account.
    #[schema(value_type = Option<String>)]
    pub connection_id: Option<ConnectionId>,
    /// Which provider, for a new connection.
    pub provider: Option<String>,
    /// By field of the provider's form, for a new connection.
    pub credentials: Option<BTreeMap<String, String>>,
    /// Where the provider's API is, for a new connection, when not at its own address.
    pub api_base_url: Option<String>,
    /// Make the number report to us, where its provider can reach us? True when left out.
    pub set_webhooks: Option<bool>,
    /// How fast it sends; as its provider allows numbers of its kind when left out.
    pub rate: Option<RateIn>,
}

impl TryFrom<ChannelIn> for channel::ChannelIn {
    type Error = Problem;

    fn try_from(new: ChannelIn) -> Result<Self, Problem> {
        let connection = match (new.connection_id, new.provider, new.credentials) {
            (Some(id), None, None) => channel::ChannelConnection::Existing(id),
            (None, Some(provider), Some(credentials)) => {
                channel::ChannelConnection::New { provider, credentials, api_base_url: new.api_base_url }
            }
            (None, Some(_), None) => {
                return Err(Problem::field("credentials", "required", "A new connection needs its credentials."));
            }
            (None, None, _) => {
                return Err(Problem::field(
                    "connection_id",
                    "required",
                    "Name a connection, or a provider with credentials.",
                ));
            }
            (Some(_), ..) => {
                return Err(Problem::field(
                    "connection_id",
                    "conflicting",
                    "Name a connection, or a provider with credentials, not both.",
                ));
            }
        };
        Ok(channel::ChannelIn {
            kind: new.kind,
            name: new.name,
            address: new.address,
            team_id: new.team_id,
            connection,
            set_webhooks: new.set_webhooks.unwrap_or(true),
            rate: new.rate.map(pace::Rate::from),
        })
    }
}

/// What changes of a channel; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChannelPatch {
    /// What people call it.
    pub name: Option<String>,
    /// Whose inbox its conversations begin in; null: nobody's.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub team_id: Option<Option<TeamId>>,
    /// Some of its settings.
    pub settings: Option<ChannelSettingsPatch>,
    /// As in `settings`.
    pub reopen_days: Option<u32>,
    /// As in `settings`.
    pub undo_seconds: Option<u32>,
    /// True: make the number report to this server, whomever it reports to now. False: let it report where it did before, and
    /// fetch its texts.
    pub set_webhooks: Option<bool>,
    /// How fast it sends; null: as its provider allows numbers of its kind.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<RateIn>)]
    pub rate: Option<Option<RateIn>>,
    /// What a segment costs; null: nobody says.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<PriceOut>)]
    pub price: Option<Option<PriceOut>>,
}

/// How fast a channel may send; what a text takes is the longer of what both say.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
pub struct RateIn {
    /// Texts per second: 0.01 to 1,000.
    pub messages_per_second: f64,
    /// Segments per second: 0.01 to 1,000.
    pub segments_per_second: f64,
}

impl From<RateIn> for pace::Rate {
    fn from(rate: RateIn) -> Self {
        pace::Rate { messages_per_second: rate.messages_per_second, segments_per_second: rate.segments_per_second }
    }
}

/// What changes of a channel's settings; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct ChannelSettingsPatch {
    /// Days after closing within which a text reopens the conversation; at most 365.
    pub reopen_days: Option<u32>,
    /// Seconds that the app asks the server to hold a message; at most 60.
    pub undo_seconds: Option<u32>,
}

impl From<ChannelPatch> for channel::ChannelPatch {
    fn from(patch: ChannelPatch) -> Self {
        let settings = patch.settings.unwrap_or_default();
        channel::ChannelPatch {
            name: patch.name,
            team_id: patch.team_id,
            reopen_days: settings.reopen_days.or(patch.reopen_days),
            undo_seconds: settings.undo_seconds.or(patch.undo_seconds),
            set_webhooks: patch.set_webhooks,
            rate: patch.rate.map(|rate| rate.map(pace::Rate::from)),
            price: patch.price.map(|price| price.map(|p| Price { per_segment: p.per_segment, currency: p.currency })),
        }
    }
}
