//! Putting a message into the outbox: its entry, its delivery and its job are written together, or not at all.

use partyline_core::consent::{Class, Reason};
use partyline_core::conversation::{EntryId, Status, preview};
use partyline_core::delivery::DeliveryStatus;
use partyline_core::event::{Actor, EventType};
use partyline_core::id::{ConversationId, FileId, MessageId};
use partyline_core::sms;
use partyline_core::time::Millis;
use partyline_store::channels::ChannelRow;
use partyline_store::contacts::{AddressRow, keyed_hash};
use partyline_store::entries::{DeliveryRow, NewEntry};
use partyline_store::jobs::Paced;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, StoreError, Tx};
use sha2::{Digest, Sha256};

use crate::deliver::{DELIVER, Payload};
use crate::error::Result;
use crate::pace;
use crate::settings::WorkspaceSettings;
use crate::timeline;

/// A message that passed the gate.
pub(crate) struct Queued<'a> {
    pub(crate) conversation: ConversationId,
    pub(crate) channel: &'a ChannelRow,
    pub(crate) address: &'a AddressRow,
    pub(crate) actor: Actor,
    pub(crate) class: Class,
    pub(crate) text: &'a str,
    pub(crate) attachments: &'a [FileId],
    /// When it may leave: now, after the undo time, or at a time that was asked for.
    pub(crate) send_at: Millis,
    /// Was a time asked for, or imposed? Then it is `scheduled`, not `queued`.
    pub(crate) scheduled: bool,
    /// Why it may not leave before that, where the gate says so.
    pub(crate) deferred: Option<Reason>,
    pub(crate) confirmed: &'a [Reason],
    /// Is it taken back when the customer writes before it is sent? Only what is scheduled.
    pub(crate) cancel_on_reply: bool,
    /// What its entry keeps of how it was made.
    pub(crate) data: Option<serde_json::Value>,
}

/// What orders a recipient's messages on a channel: 16 bytes of SHA-256 over both.
pub(crate) fn lane(channel: &ChannelRow, address: &AddressRow) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(channel.id.uuid().as_bytes());
    hash.update(address.id.uuid().as_bytes());
    hash.finalize()[..16].to_vec()
}

/// The hash by which the log knows what a message says, keyed by the contact's erasable salt.
pub(crate) fn content_hash(address: &AddressRow, text: &str) -> Option<[u8; 32]> {
    address.salt.as_ref().map(|salt| keyed_hash(salt, text.as_bytes()))
}

/// Writes the message. Returns its id.
pub(crate) fn queue(tx: &mut Tx<'_>, q: &Queued<'_>) -> Result<MessageId> {
    let now = tx.now();
    let id = MessageId::new(now, &entropy());
    let status = if q.scheduled { DeliveryStatus::Scheduled } else { DeliveryStatus::Queued };
    let mut event =
        NewEvent::new(q.actor, EventType::of_delivery(status)).conversation(q.conversation).subject(id.uuid());
    event.content = content_hash(q.address, q.text);
    event.changed = vec![format!("class={}", q.class)];
    let seq = tx.append(event)?.seq;
    tx.insert_entry(NewEntry {
        seq,
        id: EntryId::Message(id),
        conversation: q.conversation,
        at: now,
        direction: Some("outbound"),
        channel: Some(q.channel.id),
        address: Some(q.address.id),
        author_kind: q.actor.kind(),
        author: q.actor.uuid(),
        text: Some(q.text.to_owned()),
        provider_key: None,
        late: false,
        data: q.data.clone(),
    })?;
    for (position, file) in (0i64..).zip(q.attachments) {
        if !tx.attach(*file, seq, q.conversation, position)? {
            return Err(crate::DeskError::field(
                "attachment_ids",
                "used",
                "One of the files is on another message already. Upload it again.",
            ));
        }
    }
    let segments = i64::from(sms::measure(q.text).segments);
    let confirmed: Vec<&str> = q.confirmed.iter().map(|r| r.code()).collect();
    tx.create_delivery(&DeliveryRow {
        seq,
        message: id,
        conversation: q.conversation,
        channel: q.channel.id,
        address: q.address.id,
        author: q.actor.user(),
        status,
        class: q.class,
        send_at: q.send_at,
        attempts: 0,
        provider_id: None,
        segments: Some(segments),
        error: None,
        confirmed: Some(serde_json::Value::from(confirmed).to_string()),
        updated_at: now,
        reason: q.deferred.map(|r| r.code().to_owned()),
        resolved_by: None,
        cancel_on_reply: q.cancel_on_reply && q.scheduled,
    })?;
    let lane = lane(q.channel, q.address);
    // what is scheduled enters its lane only when it is due, so that it holds back nothing meanwhile
    let lane = (!q.scheduled).then_some(lane.as_slice());
    // with files it is one message, however long its text
    let takes = if q.attachments.is_empty() { segments } else { 1 };
    outbox(tx, q.channel, Payload::of(seq), lane, q.send_at, takes)?;
    tx.use_channel(q.conversation, q.channel.id, q.address.id)?;
    answered(tx, q, seq)?;
    Ok(id)
}

/// Adds the job that delivers a message, at its channel's pace.
pub(crate) fn outbox(
    tx: &mut Tx<'_>,
    channel: &ChannelRow,
    message: Payload,
    lane: Option<&[u8]>,
    run_at: Millis,
    segments: i64,
) -> Result<(), StoreError> {
    tx.begin_pace(channel.id, pace::of(channel).pace())?;
    tx.add_text_job(message.seq, DELIVER, &message.write(), run_at, Paced { lane, sender: channel.id, segments })
}

/// What an outgoing message does to its conversation.
fn answered(tx: &mut Tx<'_>, q: &Queued<'_>, seq: i64) -> Result<(), StoreError> {
    let now = tx.now();
    let settings: WorkspaceSettings = crate::settings::parse(&tx.workspace_row()?.settings);
    let author = q.actor.user();
    let line = preview(q.text);
    let (_, (reopened, assigned)) = tx.change(q.conversation, |held| {
        let row = &mut held.row;
        row.last_activity_at = now;
        row.last_seq = seq;
        row.last_message_seq = seq;
        row.preview = line;
        let Some(author) = author else { return (false, None) };
        row.waiting_since = None;
        let reopened = matches!(row.status, Status::Closed | Status::Snoozed);
        if reopened {
            row.status = Status::Open;
            row.closed_at = None;
            row.snoozed_until = None;
        }
        let nobody = held.assignees().is_empty();
        let user = held.user(author);
        user.read_seq = seq;
        user.touched_at = Some(now);
        if nobody && settings.assign_on_reply {
            user.assigned = true;
            return (reopened, Some(author));
        }
        (reopened, None)
    })?;
    let mut last = None;
    if reopened {
        let data = serde_json::json!({ "reason": "person" });
        last =
            Some(timeline::line(tx, q.actor, EventType::ConversationReopened, q.conversation, &["status"], data)?.seq);
    }
    if let Some(author) = assigned {
        let line = timeline::line(
            tx,
            q.actor,
            EventType::ConversationAssigned,
            q.conversation,
            &["assignee_ids"],
            timeline::assignees(&[author]),
        )?;
        last = Some(line.seq);
    }
    if let (Some(seq), Some(author)) = (last, author) {
        tx.change(q.conversation, |held| {
            held.row.last_seq = seq;
            held.user(author).read_seq = seq;
        })?;
    }
    Ok(())
}
