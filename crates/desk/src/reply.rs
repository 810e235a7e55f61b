//! Replying: compare with what has come since, ask the gate, queue.

use partyline_channels::Capabilities;
use partyline_core::consent::Class;
use partyline_core::conversation::{EntryId, Status};
use partyline_core::delivery::DeliveryStatus;
use partyline_core::id::{AddressId, CannedId, ChannelId, ConversationId, FileId, MessageId};
use partyline_core::permission::Permission;
use partyline_core::time::{DAY, Millis, SECOND};
use partyline_store::channels::ChannelRow;
use partyline_store::contacts::AddressRow;
use partyline_store::entries::DeliveryRow;
use partyline_store::files::AttachmentRow;
use partyline_store::{Scope, StoreError, Tx};

use crate::canned;
use crate::deliver::{DELIVER, outcome};
use crate::draft::{self, DraftRow};
use crate::error::{DeskError, Result};
use crate::gate::{self, Passed};
use crate::idempotent::{RequestKey, made, made_before};
use crate::live::{DraftPlace, Signal};
use crate::queue::{Queued, queue};
use crate::settings::UNDO_SECONDS_MAX;
use crate::triage::{self, ConversationPatch};
use crate::view::{EntryView, entry_view, entry_views, see};
use crate::{Desk, Who};

/// How far ahead a message may be scheduled.
pub const SCHEDULE_MAX: i64 = 365 * DAY;
/// Entries that a stale reply shows at most.
const STALE_MAX: i64 = 20;

/// A reply.
#[derive(Debug, Clone, Default)]
pub struct ReplyIn {
    /// What to say.
    pub text: String,
    /// Through which channel; may be left out where the conversation has one.
    pub channel_id: Option<ChannelId>,
    /// Files that were uploaded.
    pub attachment_ids: Vec<FileId>,
    /// The canned response that it was made with: counted, and kept with the message.
    pub canned_response_id: Option<CannedId>,
    /// When to send it; now when unsaid.
    pub send_at: Option<Millis>,
    /// The version of the draft on this channel that it is: the draft goes with it.
    pub draft_version: Option<i64>,
    /// The newest entry that the author has seen.
    pub seen_entry_id: Option<EntryId>,
    /// What the author has confirmed.
    pub confirm: Vec<String>,
    /// How long the server holds it, so that it can be taken back.
    pub undo_seconds: u32,
    /// `reply` (the default), `update`, `marketing`.
    pub class: Option<String>,
    /// Is it taken back when the customer writes before it is sent? Only what is scheduled.
    pub cancel_on_reply: bool,
    /// Is the conversation closed with it, in the same transaction?
    pub close: bool,
}

/// Text and files, checked against what the channel's provider carries.
pub(crate) fn content(
    scope: &mut Scope<'_>,
    desk: &Desk,
    who: &Who,
    channel: &ChannelRow,
    text: &str,
    files: &[FileId],
    draft: Option<&DraftRow>,
) -> Result<()> {
    let provider = (desk.inner.providers)(&channel.provider)
        .ok_or_else(|| StoreError::Corrupt(format!("a channel of provider {:?}", channel.provider)))?;
    let capabilities = provider.capabilities();
    if says_nothing(text) && files.is_empty() {
        return Err(DeskError::field("text", "required", "Write something, or add a file."));
    }
    let length = Capabilities::text_length(text);
    if length > capabilities.text_limit {
        let over = length - capabilities.text_limit;
        let detail = format!(
            "{} takes {} characters at most. Shorten the text by {over}.",
            provider.title(),
            capabilities.text_limit
        );
        return Err(DeskError::refused("too_long", detail));
    }
    if files.is_empty() {
        return Ok(());
    }
    let media = capabilities.media;
    if files.len() > media.max_count {
        return Err(DeskError::refused(
            "too_many_attachments",
            format!("At most {} files go with one message.", media.max_count),
        ));
    }
    let mut total = 0;
    for id in files {
        let in_draft = draft.map(|draft| draft.id);
        let is_theirs = |f: &AttachmentRow| match f.draft {
            None => f.uploaded_by == Some(who.user),
            some => some == in_draft,
        };
        let is_free = |f: &AttachmentRow| f.seq.is_none() && f.canned.is_none() && is_theirs(f);
        let file = scope.attachment(*id)?.filter(|f| f.state == "ready" && is_free(f));
        let file = file.ok_or_else(|| {
            DeskError::field("attachment_ids", "unknown", "One of the files is not here. Upload it again.")
        })?;
        total += u64::try_from(file.size).unwrap_or(u64::MAX);
    }
    if total > media.max_total_bytes {
        let detail = format!(
            "The files are {} MB together; {} takes {} MB.",
            total.div_ceil(1 << 20),
            provider.title(),
            media.max_total_bytes >> 20
        );
        return Err(DeskError::refused("attachment_too_large", detail));
    }
    if media.needs_public_url {
        let connection = scope
            .connection(channel.connection)?
            .ok_or_else(|| StoreError::Corrupt("a channel without a connection".into()))?;
        if desk.hooks(&connection).is_none() {
            let detail = "The provider fetches files from this server, which has no public https address. Set --public-url, or send a link.";
            return Err(DeskError::refused("needs_public_url", detail));
        }
    }
    Ok(())
}

/// Is there nothing to see in it? Characters without width are nothing.
pub(crate) fn says_nothing(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'))
}

/// The class that was asked for; `reply` when nothing was.
pub(crate) fn class(word: Option<&str>) -> Result<Class> {
    match word {
        None => Ok(Class::Reply),
        Some(word) => Class::chosen(word)
            .ok_or_else(|| DeskError::field("class", "unknown", "Choose reply, update or marketing.")),
    }
}

/// A time after [`SCHEDULE_MAX`].
pub(crate) fn too_far_ahead() -> DeskError {
    DeskError::field("send_at", "too_late", "Choose a time within a year.")
}

/// When it leaves, and whether that is a schedule.
fn when(now: Millis, send_at: Option<Millis>, undo_seconds: u32) -> Result<(Millis, bool)> {
    if undo_seconds > UNDO_SECONDS_MAX {
        return Err(DeskError::field("undo_seconds", "too_large", format!("At most {UNDO_SECONDS_MAX} seconds.")));
    }
    match send_at {
        Some(at) if at.since(now) > SCHEDULE_MAX => Err(too_far_ahead()),
        Some(at) if at > now => Ok((at, true)),
        _ => Ok((now + i64::from(undo_seconds) * SECOND, false)),
    }
}

/// The channel and address that a reply takes.
fn route(scope: &mut Scope<'_>, id: ConversationId, wanted: Option<ChannelId>) -> Result<(ChannelRow, AddressRow)> {
    let routes = scope.routes(id)?;
    let mut live: Vec<(ChannelRow, AddressId)> = Vec::new();
    for (channel, address) in &routes {
        if let Some(row) = scope.channel(*channel)?.filter(|c| c.removed_at.is_none()) {
            live.push((row, *address));
        }
    }
    let chosen = match wanted {
        Some(wanted) => live.into_iter().find(|(c, _)| c.id == wanted),
        None if live.len() == 1 => live.pop(),
        None if live.is_empty() => {
            return Err(DeskError::refused(
                "channel_gone",
                "The number of this conversation is no longer connected. Connect it again, or start a new conversation.",
            ));
        }
        None => {
            return Err(DeskError::refused(
                "channel_required",
                "This conversation has several channels. Say which one to answer on.",
            ));
        }
    };
    let (channel, address) = chosen
        .ok_or_else(|| DeskError::field("channel_id", "unknown", "This conversation does not use that channel."))?;
    let address = scope.address(address)?.ok_or_else(|| StoreError::Corrupt("an address is gone".into()))?;
    Ok((channel, address))
}

/// What came since the author last looked, by others.
fn stale(scope: &mut Scope<'_>, who: &Who, id: ConversationId, seen: EntryId) -> Result<Vec<EntryView>> {
    let seen = scope.entry(seen.uuid())?.filter(|e| e.conversation == id);
    let seen = seen.ok_or_else(|| {
        DeskError::field("seen_entry_id", "unknown", "This entry is not in the conversation. Reload it.")
    })?;
    let since = scope.entries_since(id, seen.seq, who.user, STALE_MAX)?;
    Ok(entry_views(scope, since)?)
}

impl Desk {
    /// Answers the customer. It is queued, with everything that follows from it, or nothing has happened.
    pub async fn reply(
        &self,
        who: &Who,
        id: ConversationId,
        reply: ReplyIn,
        key: Option<RequestKey>,
    ) -> Result<EntryView> {
        who.must(Permission::Reply)?;
        if reply.close {
            who.must(Permission::Triage)?;
        }
        let desk = self.clone();
        let who = who.clone();
        let workspace = who.workspace;
        let (view, draft) = self
            .inner
            .db
            .write(workspace, self.now(), move |tx| {
                see(tx, &who, id)?;
                if let Some(message) = made_before(tx, key.as_ref())? {
                    return Ok::<_, DeskError>((entry_view(tx, EntryId::Message(message))?, None));
                }
                let (message, draft) = write(tx, &desk, &who, id, &reply)?;
                made(tx, key.as_ref(), message)?;
                Ok((entry_view(tx, EntryId::Message(message))?, draft))
            })
            .await?;
        if let Some(place) = draft {
            self.tell(workspace, Signal::Draft(place));
        }
        Ok(view)
    }

    /// Takes back a message that has not left yet.
    pub async fn cancel(&self, who: &Who, id: MessageId) -> Result<EntryView> {
        who.must(Permission::Reply)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let delivery = own(tx, &who, id)?;
                if delivery.status == DeliveryStatus::Cancelled {
                    return entry_view(tx, EntryId::Message(id));
                }
                // a job that a worker holds is leaving right now
                if !delivery.status.can_cancel() || !tx.withdraw_job(delivery.seq, DELIVER)? {
                    return Err(DeskError::Conflict {
                        code: "too_late",
                        detail: "It has left already and can't be taken back.".to_owned(),
                    });
                }
                let mut change = delivery.same();
                change.status = DeliveryStatus::Cancelled;
                outcome::settle(tx, &delivery, &change)?;
                entry_view(tx, EntryId::Message(id))
            })
            .await
    }
}

/// The message, and the place of the draft that went with it.
fn write(
    tx: &mut Tx<'_>,
    desk: &Desk,
    who: &Who,
    id: ConversationId,
    reply: &ReplyIn,
) -> Result<(MessageId, Option<DraftPlace>)> {
    let (channel, address) = route(tx, id, reply.channel_id)?;
    let place = DraftPlace { conversation: id, channel: channel.id };
    let draft = tx.draft_on(id, channel.id)?;
    content(tx, desk, who, &channel, &reply.text, &reply.attachment_ids, draft.as_ref())?;
    if let Some(seen) = reply.seen_entry_id
        && !reply.confirm.iter().any(|c| c == "stale_reply")
    {
        let since = stale(tx, who, id, seen)?;
        if !since.is_empty() {
            return Err(DeskError::Stale(since));
        }
    }
    let draft = draft::sent_by(tx, who, draft, reply)?;
    let wanted = Wanted {
        conversation: id,
        channel: &channel,
        address: &address,
        text: &reply.text,
        attachments: &reply.attachment_ids,
        canned: reply.canned_response_id,
        cancel_on_reply: reply.cancel_on_reply,
        class: reply.class.as_deref(),
        confirm: &reply.confirm,
        send_at: reply.send_at,
        undo_seconds: reply.undo_seconds,
    };
    let message = through_the_gate(tx, who, &wanted)?;
    if let Some(draft) = &draft {
        tx.remove_draft(draft.id)?;
    }
    if reply.close {
        close(tx, who, id)?;
    }
    Ok((message, draft.map(|_| place)))
}

/// What a person wants to send, whichever way they came to it.
pub(crate) struct Wanted<'a> {
    pub(crate) conversation: ConversationId,
    pub(crate) channel: &'a ChannelRow,
    pub(crate) address: &'a AddressRow,
    pub(crate) text: &'a str,
    pub(crate) attachments: &'a [FileId],
    pub(crate) canned: Option<CannedId>,
    pub(crate) cancel_on_reply: bool,
    pub(crate) class: Option<&'a str>,
    pub(crate) confirm: &'a [String],
    pub(crate) send_at: Option<Millis>,
    pub(crate) undo_seconds: u32,
}

/// Asks the gate and queues what it lets through, at once or for when it may go.
pub(crate) fn through_the_gate(tx: &mut Tx<'_>, who: &Who, wanted: &Wanted<'_>) -> Result<MessageId> {
    let class = class(wanted.class)?;
    let confirmed = gate::confirmed(wanted.confirm);
    let (mut send_at, mut scheduled) = when(tx.now(), wanted.send_at, wanted.undo_seconds)?;
    let mut deferred = None;
    if let Passed::Later(until, reason) = gate::ask(tx, class, wanted.address, &confirmed)? {
        send_at = send_at.max(until);
        scheduled = true;
        deferred = Some(reason);
    }
    let data = wanted.canned.map(|id| canned::used(tx, who, id, wanted.text)).transpose()?;
    queue(
        tx,
        &Queued {
            conversation: wanted.conversation,
            channel: wanted.channel,
            address: wanted.address,
            actor: who.actor(),
            class,
            text: wanted.text,
            attachments: wanted.attachments,
            send_at,
            scheduled,
            deferred,
            confirmed: &confirmed,
            data,
            cancel_on_reply: wanted.cancel_on_reply,
        },
    )
}

/// Closes the conversation with the answer.
fn close(tx: &mut Tx<'_>, who: &Who, id: ConversationId) -> Result<()> {
    let patch = ConversationPatch { status: Some(Status::Closed), ..ConversationPatch::default() };
    let checked = triage::check(tx, &patch)?;
    triage::apply(tx, who, id, &checked).map(drop)
}

/// A message of ours that this person may see.
pub(crate) fn own(tx: &mut Tx<'_>, who: &Who, id: MessageId) -> Result<DeliveryRow> {
    let delivery = tx.delivery_of(id)?.ok_or(DeskError::NotFound("The message"))?;
    see(tx, who, delivery.conversation)?;
    Ok(delivery)
}
