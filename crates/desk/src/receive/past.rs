//! A message of a number's past comes in: no rules, no counts, nobody waits, nothing is unread.
//!
//! It joins the conversation that its thread has now, below what is newer and without moving it. Where the thread has none yet, the
//! past is cut into closed conversations of its own, as the present would be: by the days within which a text reopens one.

use partyline_channels::{InboundText, MediaRef, Passed, PassedWhat, SentText, StatusReport};
use partyline_core::consent::Class;
use partyline_core::conversation::{EntryId, Status, preview};
use partyline_core::event::{Actor, EventType};
use partyline_core::id::{ConversationId, FileId, ImportId, MessageId};
use partyline_core::phone::Party;
use partyline_core::time::{DAY, HOUR, MINUTE, Millis};
use partyline_store::channels::{ChannelRow, ConnectionRow};
use partyline_store::contacts::AddressRow;
use partyline_store::conversations::NewConversation;
use partyline_store::entries::{DeliveryRow, NewEntry, provider_key};
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, Tx};
use serde_json::json;

use super::{optout, status, text};
use crate::deliver::outcome;
use crate::error::Result;
use crate::media;
use crate::queue::content_hash;
use crate::settings::{self, ChannelSettings};

/// A message may be listed as this much older than our request: the provider's clock is not ours.
const SKEW: i64 = MINUTE;
/// Our clock may be this far off: what is listed within so much of a try of ours, with its words, may be that one.
const CLOCK: i64 = HOUR;

/// A message of the past, and where its files are.
pub(crate) struct PastMessage {
    pub(crate) message: Passed,
    pub(crate) media: Vec<MediaRef>,
    /// When its files are fetched: behind those of what comes in now.
    pub(crate) media_at: Millis,
}

/// Where it belongs.
struct Import<'a> {
    id: ImportId,
    channel: &'a ChannelRow,
    key: Vec<u8>,
    at: Millis,
}

/// What became of a message of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Brought {
    /// It is here now.
    New,
    /// It was here before.
    HereAlready,
    /// It is not here: a word for why.
    LeftOut(&'static str),
}

/// Brings it in.
pub(crate) fn bring_in(
    tx: &mut Tx<'_>,
    import: ImportId,
    connection: &ConnectionRow,
    channel: &ChannelRow,
    past: PastMessage,
) -> Result<Brought> {
    let Passed { provider_id, at, what, .. } = past.message;
    let key = provider_key(connection.id, &provider_id);
    if tx.entry_of_provider(&key)?.is_some() || tx.delivery_of_provider(&key)?.is_some() {
        return Ok(Brought::HereAlready);
    }
    let import = Import { id: import, channel, key, at };
    let written = match &what {
        PassedWhat::Received(text) => received(tx, &import, text)?,
        PassedWhat::Sent(sent) => {
            let address = address(tx, &sent.to)?;
            if let Some(brought) = is_one_of_ours(tx, &import, connection, &address, sent, &provider_id)? {
                return Ok(brought);
            }
            sent_by_us(tx, &import, &address, sent, &provider_id)?
        }
        PassedWhat::Unreadable { why, .. } => return Ok(Brought::LeftOut(why.code())),
    };
    let (conversation, seq) = written;
    for (position, file) in (0i64..).zip(past.media.iter().take(text::FILES_MAX)) {
        let id = FileId::new(tx.now(), &entropy());
        tx.create_attachment(&text::coming(tx.now(), id, conversation, seq, position, file))?;
        media::schedule_at(tx, seq, id, past.media_at)?;
    }
    Ok(Brought::New)
}

fn received(tx: &mut Tx<'_>, import: &Import<'_>, text: &InboundText) -> Result<(ConversationId, i64)> {
    let address = address(tx, &text.from)?;
    let from = Actor::Contact(address.contact);
    let (conversation, is_past) = place(tx, import, &address)?;
    let data = json!({ "provider_id": text.provider_id, "imported": true });
    let (_, seq) = entry(tx, import, &address, conversation, from, "inbound", &text.text, data)?;
    if is_past {
        shown(tx, import, conversation, seq, &text.text)?;
    }
    // a STOP of the past counts from when it was said; it is confirmed by nobody now
    optout::note(tx, text, &address, None, import.at)?;
    Ok((conversation, seq))
}

/// Is it a message that this inbox sent, and of which the provider's name is not known yet? One of which a person has said that it left
/// gets its name here.
fn is_one_of_ours(
    tx: &mut Tx<'_>,
    import: &Import<'_>,
    connection: &ConnectionRow,
    address: &AddressRow,
    sent: &SentText,
    provider_id: &str,
) -> Result<Option<Brought>> {
    let (channel, at) = (import.channel.id, import.at);
    if tx.is_on_its_way(channel, address.id, &sent.text, at + SKEW)? {
        // perhaps the one whose answer is still out: the look for it will find it
        return Ok(Some(Brought::LeftOut("on_its_way")));
    }
    let Some(seq) = tx.said_to_be_sent(channel, address.id, &sent.text, (at + -CLOCK, at + CLOCK))? else {
        return Ok(None);
    };
    let Some(delivery) = tx.delivery(seq)? else { return Ok(None) };
    let report = StatusReport {
        provider_id: provider_id.to_owned(),
        correlation: Some(delivery.message.to_string()),
        status: sent.status,
        error: sent.error.clone(),
        raw_status: sent.status.to_string(),
        at: None,
    };
    status::receive(tx, connection, &report)?;
    Ok(Some(Brought::HereAlready))
}

fn sent_by_us(
    tx: &mut Tx<'_>,
    import: &Import<'_>,
    address: &AddressRow,
    sent: &SentText,
    provider_id: &str,
) -> Result<(ConversationId, i64)> {
    let (conversation, is_past) = place(tx, import, address)?;
    let data = json!({ "provider_id": provider_id, "imported": true });
    let (id, seq) = entry(tx, import, address, conversation, Actor::System, "outbound", &sent.text, data)?;
    tx.create_past_delivery(
        &DeliveryRow {
            seq,
            message: id,
            conversation,
            channel: import.channel.id,
            address: address.id,
            author: None,
            status: sent.status,
            class: Class::Reply,
            send_at: import.at,
            attempts: 0,
            provider_id: Some(provider_id.to_owned()),
            segments: sent.segments.map(i64::from),
            error: sent.error.as_ref().map(outcome::error_json),
            confirmed: None,
            updated_at: import.at,
            reason: None,
            resolved_by: None,
            cancel_on_reply: false,
        },
        &import.key,
    )?;
    if is_past {
        shown(tx, import, conversation, seq, &sent.text)?;
    }
    Ok((conversation, seq))
}

fn address(tx: &mut Tx<'_>, party: &Party) -> Result<AddressRow> {
    let (address, is_new) = tx.address_or_new(party.kind(), party.value(), None)?;
    if is_new {
        let actor = Actor::Contact(address.contact);
        tx.append(NewEvent::new(actor, EventType::ContactCreated).subject(address.contact.uuid()))?;
    }
    Ok(address)
}

/// The conversation that it joins, and whether that one is of the past itself.
fn place(tx: &mut Tx<'_>, import: &Import<'_>, address: &AddressRow) -> Result<(ConversationId, bool)> {
    let settings: ChannelSettings = settings::parse(&import.channel.settings);
    if let Some(id) = tx.thread(import.channel.id, address.id)?
        && let Some(row) = tx.conversation(id)?
    {
        if row.status != Status::Closed || !tx.began_by_import(id)? {
            return Ok((id, false));
        }
        if import.at.since(row.last_activity_at) <= i64::from(settings.reopen_days) * DAY {
            return Ok((id, true));
        }
    }
    let id = ConversationId::new(tx.now(), &entropy());
    let new = NewConversation {
        id,
        team: import.channel.team,
        contact: address.contact,
        channel: import.channel.id,
        address: address.id,
    };
    tx.create_past_conversation(new, import.id, import.at)?;
    tx.change(id, |held| {
        held.row.status = Status::Closed;
        held.row.closed_at = Some(import.at);
        held.row.last_activity_at = import.at;
    })?;
    tx.append(NewEvent::new(Actor::System, EventType::ConversationCreated).conversation(id).subject(id.uuid()))?;
    Ok((id, true))
}

#[allow(clippy::too_many_arguments, reason = "what makes an entry")]
fn entry(
    tx: &mut Tx<'_>,
    import: &Import<'_>,
    address: &AddressRow,
    conversation: ConversationId,
    author: Actor,
    direction: &'static str,
    text: &str,
    data: serde_json::Value,
) -> Result<(MessageId, i64)> {
    let id = MessageId::new(tx.now(), &entropy());
    let mut event = NewEvent::new(author, EventType::MessageImported).conversation(conversation).subject(id.uuid());
    event.content = content_hash(address, text);
    let seq = tx.append(event)?.seq;
    tx.insert_entry(NewEntry {
        seq,
        id: EntryId::Message(id),
        conversation,
        at: import.at,
        direction: Some(direction),
        channel: Some(import.channel.id),
        address: Some(address.id),
        author_kind: author.kind(),
        author: author.uuid(),
        text: Some(text.to_owned()),
        provider_key: Some(import.key.clone()),
        late: false,
        data: Some(data),
    })?;
    tx.mark_imported(seq)?;
    Ok((id, seq))
}

/// What a message of the past does to its closed conversation: that was the last thing said in it.
fn shown(tx: &mut Tx<'_>, import: &Import<'_>, id: ConversationId, seq: i64, text: &str) -> Result<()> {
    let line = preview(text);
    tx.change(id, |held| {
        let row = &mut held.row;
        row.last_seq = seq;
        if import.at >= row.last_activity_at {
            row.last_activity_at = import.at;
            row.closed_at = Some(import.at);
            row.last_message_seq = seq;
            row.preview = line;
        }
    })?;
    Ok(())
}
