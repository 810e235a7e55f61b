//! The schemas of values that the core has a type for. They are made from the core's own lists, so they can't drift from it.

use std::borrow::Cow;

use partyline_core::canned;
use partyline_core::conversation;
use partyline_core::delivery;
use partyline_core::held;
use partyline_core::keys;
use partyline_core::label;
use partyline_core::notification;
use partyline_core::permission;
use partyline_core::template;
use partyline_desk::breakers;
use partyline_desk::bulk;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
    ($($(#[doc = $doc:literal])* $name:ident = $values:expr;)*) => {$(
        $(#[doc = $doc])*
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let doc = [$($doc),*].concat();
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some($values)).description(Some(doc.trim())).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

words! {
    /// What a person may do.
    Role = permission::Role::ALL.map(permission::Role::as_str);
    /// What the team has done with a conversation.
    Status = conversation::Status::ALL.map(conversation::Status::as_str);
    /// How urgent the team says it is.
    Priority = conversation::Priority::ALL.map(|p| super::word(&p));
    /// Where an outbound message is.
    DeliveryStatus = delivery::DeliveryStatus::ALL.map(delivery::DeliveryStatus::as_str);
    /// Something that a role may do.
    Permission = permission::Permission::ALL.iter().map(|p| p.as_str());
    /// Which way a message went.
    Direction = ["inbound", "outbound"];
    /// What kind of author or actor.
    ActorKind = ["user", "contact", "rule", "api", "system"];
    /// What colour a label has.
    LabelColour = label::Colour::ALL.map(label::Colour::as_str);
    /// Whose a canned response is.
    CannedScope = canned::Scope::ALL.map(canned::Scope::as_str);
    /// With which keys somebody begins.
    KeyPreset = keys::Preset::ALL.map(keys::Preset::as_str);
    /// What an answer of a reserved word does: opts out, in, or asks for help.
    Keyword = ["stop", "start", "help"];
    /// Something that a canned response can name and the inbox knows.
    TemplateVariable = template::Variable::ALL.iter().map(|v| v.as_str());
    /// What passes through a channel.
    ChannelKind = ["sms"];
    /// How messages come in: the provider calls us, or we ask it every few seconds.
    ChannelMode = ["webhooks", "polling"];
    /// Why a message is held.
    HeldReason = held::HeldReason::ALL.map(held::HeldReason::as_str);
    /// Where a held message stands.
    HeldState = held::HeldState::ALL.map(held::HeldState::as_str);
    /// Where an import stands.
    ImportStatus = ["running", "done", "failed", "cancelled"];
    /// What a provider last said to a connection of ours.
    ConnectionState = ["connected", "refused", "unreachable"];
    /// Do a connection's texts leave, wait, or does one of them try?
    BreakerState = breakers::BreakerState::ALL.map(breakers::BreakerState::as_str);
    /// Where a change of many conversations stands.
    BulkState = bulk::BulkState::ALL.map(bulk::BulkState::as_str);
    /// What I am told of.
    NotificationKind = notification::Kind::ALL.iter().map(|kind| kind.as_str());
    /// How a text is written on the air.
    Encoding = ["GSM-7", "UCS-2"];
}

/// A time: RFC 3339, in UTC.
pub struct Time;

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).examples(["2026-11-24T08:00:00Z"]).into()
    }
}

impl ToSchema for Time {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Time")
    }
}
