//! Starting a conversation with a number. One that never wrote needs a person's word, and where it came from.

use partyline_core::consent::{Class, Reason};
use partyline_core::conversation::{EntryId, Status};
use partyline_core::event::EventType;
use partyline_core::id::{CannedId, ChannelId, FileId, MessageId};
use partyline_core::permission::Permission;
use partyline_core::phone::PhoneNumber;
use partyline_store::contacts::AddressRow;
use partyline_store::{NewEvent, Tx};

use crate::account::named;
use crate::error::{DeskError, Result};
use crate::gate::{self, SOURCE_MAX};
use crate::idempotent::{RequestKey, made, made_before};
use crate::receive;
use crate::reply::{self, Wanted};
use crate::settings::{self, WorkspaceSettings};
use crate::view::{ConversationView, EntryView, conversation_view, entry_view};
use crate::{Desk, Who};

/// A first text.
#[derive(Debug, Clone)]
pub struct StartIn {
    /// Through which channel.
    pub channel_id: ChannelId,
    /// To which number, as a person writes it.
    pub to: String,
    /// What to call them, if they have no name yet.
    pub name: Option<String>,
    /// What to say.
    pub text: String,
    /// Files that were uploaded.
    pub attachment_ids: Vec<FileId>,
    /// The canned response that it was made with: counted, and kept with the message.
    pub canned_response_id: Option<CannedId>,
    /// `reply` (the default), `update`, `marketing`.
    pub class: Option<String>,
    /// What the author has confirmed.
    pub confirm: Vec<String>,
    /// How we know that they want to be texted; needed with `first_contact`, and with `no_consent` for an update.
    pub source: Option<String>,
    /// How long the server holds it.
    pub undo_seconds: u32,
}

/// What was started.
#[derive(Debug, Clone)]
pub struct Started {
    /// Where.
    pub conversation: ConversationView,
    /// What.
    pub message: EntryView,
}

impl Desk {
    /// Texts a number. It goes into the open conversation with that number on that channel, or begins one.
    pub async fn start(&self, who: &Who, start: StartIn, key: Option<RequestKey>) -> Result<Started> {
        who.must(Permission::Reply)?;
        let desk = self.clone();
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let message: MessageId = match made_before(tx, key.as_ref())? {
                    Some(message) => message,
                    None => {
                        let message = write(tx, &desk, &who, &start)?;
                        made(tx, key.as_ref(), message)?;
                        message
                    }
                };
                let message = entry_view(tx, EntryId::Message(message))?;
                Ok(Started { conversation: conversation_view(tx, &who, message.row.conversation)?, message })
            })
            .await
    }
}

fn write(tx: &mut Tx<'_>, desk: &Desk, who: &Who, start: &StartIn) -> Result<MessageId> {
    let channel = tx.channel(start.channel_id)?.filter(|c| c.removed_at.is_none());
    let channel = channel.ok_or_else(|| DeskError::field("channel_id", "unknown", "There is no such channel."))?;
    let settings: WorkspaceSettings = settings::parse(&tx.workspace_row()?.settings);
    let to = PhoneNumber::parse(&start.to, Some(&settings.region))
        .map_err(|e| DeskError::field("to", e.code(), e.to_string()))?;
    if tx.channels()?.iter().any(|c| c.address == to.as_str()) {
        return Err(DeskError::field("to", "own_number", "This is one of your own numbers."));
    }
    let name = start.name.as_deref().filter(|n| !n.trim().is_empty()).map(|n| named("name", n)).transpose();
    let name = name.map_err(|p| DeskError::Invalid(vec![p]))?;
    reply::content(tx, desk, who, &channel, &start.text, &start.attachment_ids, None)?;
    let (address, is_new) = tx.address_or_new("phone", to.as_str(), name.as_deref())?;
    if is_new {
        tx.append(NewEvent::new(who.actor(), EventType::ContactCreated).subject(address.contact.uuid()))?;
    } else if let (Some(name), None) = (&name, &address.name) {
        tx.name_contact(address.contact, name)?;
        tx.append(
            NewEvent::new(who.actor(), EventType::ContactUpdated).subject(address.contact.uuid()).changed(["name"]),
        )?;
    }
    let open = match tx.thread(channel.id, address.id)? {
        Some(id) => tx.conversation(id)?.filter(|c| matches!(c.status, Status::Open | Status::Snoozed)).map(|c| c.id),
        None => None,
    };
    let id = match open {
        Some(id) if tx.sees(who.viewer(), id)? => id,
        Some(_) => return Err(DeskError::NotFound("The conversation")),
        None => receive::begin(tx, &channel, &address, who.actor())?,
    };
    if needs_word(tx, start, &address)? {
        let source = start.source.as_deref().map(str::trim).filter(|s| !s.is_empty());
        let source = source.ok_or_else(|| {
            DeskError::field(
                "source",
                "required",
                "Say how you know that they want to be texted, e.g. \"asked us by phone\".",
            )
        })?;
        if source.chars().count() > SOURCE_MAX {
            return Err(DeskError::field("source", "too_long", format!("Shorten it to {SOURCE_MAX} characters.")));
        }
        gate::their_word(tx, who.actor(), &address, id, source)?;
    }
    let wanted = Wanted {
        conversation: id,
        channel: &channel,
        address: &address,
        text: &start.text,
        attachments: &start.attachment_ids,
        canned: start.canned_response_id,
        cancel_on_reply: false,
        class: start.class.as_deref(),
        confirm: &start.confirm,
        send_at: None,
        undo_seconds: start.undo_seconds,
    };
    reply::through_the_gate(tx, who, &wanted)
}

/// Is this a person's word that they want to be texted? Of a number that never wrote, or of one that wrote and gets an update for the first
/// time. What they revoked it doesn't bring back.
fn needs_word(tx: &mut Tx<'_>, start: &StartIn, address: &AddressRow) -> Result<bool> {
    let confirmed = gate::confirmed(&start.confirm);
    let ledger = tx.ledger(address)?;
    if ledger.last_inbound_at.is_none() && confirmed.contains(&Reason::FirstContact) {
        return Ok(true);
    }
    let is_update = reply::class(start.class.as_deref())? == Class::Update;
    Ok(is_update && !ledger.update.is_express() && confirmed.contains(&Reason::NoConsent))
}
