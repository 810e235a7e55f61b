//! A text arrives.

use partyline_channels::{InboundText, MediaRef, StopHandling};
use partyline_core::conversation::{EntryId, Status, preview};
use partyline_core::event::{Actor, ActorKind, EventType};
use partyline_core::id::{ConversationId, FileId, MessageId};
use partyline_core::time::Millis;
use partyline_store::channels::{ChannelRow, ConnectionRow};
use partyline_store::contacts::AddressRow;
use partyline_store::entries::{NewEntry, provider_key};
use partyline_store::files::AttachmentRow;
use partyline_store::inbound::Became;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, Tx};

use serde_json::json;

use super::place::{self, Placed};
use super::{hold, moment, optout};
use crate::error::Result;
use crate::later;
use crate::media;
use crate::notify;
use crate::queue::content_hash;
use crate::settings::{self, ChannelSettings};

/// Files of one message that are kept; providers send ten at most.
pub(crate) const FILES_MAX: usize = 10;

pub(super) fn receive(
    tx: &mut Tx<'_>,
    connection: &ConnectionRow,
    stop: StopHandling,
    text: &InboundText,
    arrived: Millis,
) -> Result<Became> {
    let key = provider_key(connection.id, &text.provider_id);
    if let Some(seq) = tx.entry_of_provider(&key)? {
        return Ok(Became::Duplicate(seq));
    }
    let Some(channel) = tx.channel_at(connection.id, "sms", text.to.value())? else {
        if tx.held_same(&key)?.is_none() {
            optout::listen_without_channel(tx, text, arrived)?;
        }
        return Ok(Became::Held(hold::without_channel(text, key)));
    };
    let (at, late) = moment(text.sent_at, arrived, tx.now());
    let (address, is_new) = tx.address_or_new(text.from.kind(), text.from.value(), None)?;
    let from = Actor::Contact(address.contact);
    if is_new {
        tx.append(NewEvent::new(from, EventType::ContactCreated).subject(address.contact.uuid()))?;
    }
    let mut channel = channel;
    let mut settings: ChannelSettings = settings::parse(&channel.settings);
    if text.service_id.is_some() && text.service_id != settings.service_id {
        // the number stands behind a service: answers name it too
        settings.service_id.clone_from(&text.service_id);
        channel.settings = settings::write(&settings);
        tx.set_channel(&channel)?;
        tx.append(
            NewEvent::new(Actor::System, EventType::ChannelUpdated).subject(channel.id.uuid()).changed(["service_id"]),
        )?;
    }
    let placed = place::conversation(tx, &channel, &settings, &address, arrived)?;
    let seq = entry(tx, &channel, &address, placed.id, text, key, at, late)?;
    files(tx, placed.id, seq, text)?;
    shown(tx, &channel, &address, &placed, seq, at, text)?;
    if placed.planned {
        later::they_wrote(tx, channel.id, &address)?;
    }
    if let Some(had) = &placed.reopened {
        place::reopened(tx, placed.id, from, had)?;
    }
    let said = optout::Said {
        text,
        channel: &channel,
        address: &address,
        conversation: placed.id,
        settings: &settings,
        arrived,
        late,
    };
    optout::listen(tx, stop, &said)?;
    tx.heard_from_channel(&channel, arrived)?;
    Ok(Became::Applied(Some(seq)))
}

#[allow(clippy::too_many_arguments, reason = "what makes an entry")]
fn entry(
    tx: &mut Tx<'_>,
    channel: &ChannelRow,
    address: &AddressRow,
    conversation: ConversationId,
    text: &InboundText,
    provider_key: Vec<u8>,
    at: Millis,
    late: bool,
) -> Result<i64> {
    let id = MessageId::new(tx.now(), &entropy());
    let mut event = NewEvent::new(Actor::Contact(address.contact), EventType::MessageReceived)
        .conversation(conversation)
        .subject(id.uuid());
    event.content = content_hash(address, &text.text);
    let seq = tx.append(event)?.seq;
    tx.insert_entry(NewEntry {
        seq,
        id: EntryId::Message(id),
        conversation,
        at,
        direction: Some("inbound"),
        channel: Some(channel.id),
        address: Some(address.id),
        author_kind: ActorKind::Contact,
        author: Some(address.contact.uuid()),
        text: Some(text.text.clone()),
        provider_key: Some(provider_key),
        late,
        // the provider's own id, for who asks the provider about it
        data: Some(json!({ "provider_id": text.provider_id })),
    })?;
    Ok(seq)
}

/// Its files are fetched behind the answer; until then they are shown as coming.
fn files(tx: &mut Tx<'_>, conversation: ConversationId, seq: i64, text: &InboundText) -> Result<()> {
    for (position, file) in (0i64..).zip(text.media.iter().take(FILES_MAX)) {
        let id = FileId::new(tx.now(), &entropy());
        tx.create_attachment(&coming(tx.now(), id, conversation, seq, position, file))?;
        media::schedule(tx, seq, id)?;
    }
    Ok(())
}

/// A file that is still at the provider.
pub(super) fn coming(
    now: Millis,
    id: FileId,
    conversation: ConversationId,
    seq: i64,
    position: i64,
    file: &MediaRef,
) -> AttachmentRow {
    AttachmentRow {
        id,
        seq: Some(seq),
        conversation: Some(conversation),
        uploaded_by: None,
        position,
        sha256: None,
        name: media::name_of(position, &file.content_type),
        content_type: if file.content_type.is_empty() {
            "application/octet-stream".to_owned()
        } else {
            file.content_type.clone()
        },
        size: 0,
        source_url: Some(file.url.clone()),
        state: "fetching".to_owned(),
        created_at: now,
        canned: None,
        draft: None,
    }
}

/// What a customer's message does to its conversation. What comes to spam stays there, and wakes nobody. One that comes after what was
/// said later makes them wait and is unread, but is not the newest.
fn shown(
    tx: &mut Tx<'_>,
    channel: &ChannelRow,
    address: &AddressRow,
    placed: &Placed,
    seq: i64,
    at: Millis,
    text: &InboundText,
) -> Result<()> {
    let line = preview(&text.text);
    let now = tx.now();
    let is_newest = at >= placed.active_at || tx.last_message_at(placed.id)?.is_none_or(|newest| at >= newest);
    let (held, ()) = tx.change(placed.id, |held| {
        let row = &mut held.row;
        if is_newest {
            row.channel = channel.id;
            row.address = address.id;
            row.last_message_seq = seq;
            row.preview = line;
        }
        row.last_activity_at = row.last_activity_at.max(now);
        row.last_seq = seq;
        if row.status != Status::Spam {
            row.unread_seq = seq;
            row.waiting_since = Some(row.waiting_since.map_or(at, |since| since.min(at)));
        }
    })?;
    if held.row.status != Status::Spam {
        notify::wrote(tx, &held, seq, Actor::Contact(address.contact))?;
    }
    Ok(())
}
