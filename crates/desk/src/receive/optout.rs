//! STOP, START and HELP: the ledger is written before the webhook is answered.

use partyline_channels::{InboundText, OptOut, StopAnsweredBy, StopHandling};
use partyline_core::consent::{Automatic, Class, Keyword, Record, Source, keyword};
use partyline_core::consent::{ConsentState, Purpose};
use partyline_core::event::Actor;
use partyline_core::id::ConversationId;
use partyline_core::phone::{Party, SenderKind};
use partyline_core::time::Millis;
use partyline_store::Tx;
use partyline_store::channels::ChannelRow;
use partyline_store::contacts::AddressRow;

use crate::error::{DeskError, Result};
use crate::gate::{self, Passed};
use crate::queue::{Queued, queue};
use crate::settings::ChannelSettings;

/// What was said, and where.
pub(super) struct Said<'a> {
    pub(super) text: &'a InboundText,
    pub(super) channel: &'a ChannelRow,
    pub(super) address: &'a AddressRow,
    pub(super) conversation: ConversationId,
    pub(super) settings: &'a ChannelSettings,
    pub(super) arrived: Millis,
    pub(super) late: bool,
}

/// Who answers STOP on this number.
fn answered_by(stop: StopHandling, number: &Party) -> StopAnsweredBy {
    match number.sender_kind() {
        SenderKind::ShortCode => stop.short_code,
        SenderKind::TollFree => stop.toll_free,
        SenderKind::LongCode | SenderKind::Name => stop.long_code,
    }
}

fn is_toll_free(number: &Party) -> bool {
    number.sender_kind() == SenderKind::TollFree
}

/// What the text says about consent: who heard it, and whether it is a STOP. `None`: nothing.
fn heard(text: &InboundText, opted_out: bool) -> Option<(Source, bool)> {
    match text.opt_out {
        Some(OptOut::Stop) => Some((Source::Provider, true)),
        Some(OptOut::Start) => Some((Source::Provider, false)),
        Some(OptOut::Help) => None,
        None => match keyword(&text.text) {
            Some(Keyword::Stop) => Some((Source::Keyword, true)),
            Some(word @ Keyword::Start { .. }) if word.lifts(opted_out, is_toll_free(&text.to)) => {
                Some((Source::Keyword, false))
            }
            _ => None,
        },
    }
}

/// Writes what the text says into the ledger. `true`: it was a STOP.
pub(super) fn note(
    tx: &mut Tx<'_>,
    text: &InboundText,
    address: &AddressRow,
    conversation: Option<ConversationId>,
    arrived: Millis,
) -> Result<bool> {
    let ledger = tx.consent(address)?;
    let opted_out = ledger.update == ConsentState::Revoked || ledger.provider_blocked;
    let actor = Actor::Contact(address.contact);
    let at = partyline_core::consent::ledger::said_at(text.sent_at, arrived);
    let reference = text.provider_id.clone();
    let heard = heard(text, opted_out);
    let records = |seq| match heard {
        Some((source, true)) => Record::stop(source, at, seq, Some(&reference)).to_vec(),
        Some((source, false)) => Record::start(source, at, seq, Some(&reference)).to_vec(),
        None => vec![Record {
            purpose: Purpose::Update,
            state: ConsentState::Implied,
            source: Source::Inbound,
            said_at: at,
            seq,
            reference: Some(reference),
        }],
    };
    // a message that says nothing of it implies that they may be answered, once
    if heard.is_some() || ledger.update == ConsentState::None {
        gate::record(tx, actor, address, conversation, records, None)?;
    }
    Ok(matches!(heard, Some((_, true))))
}

/// A STOP counts for the whole business, also when it comes to a number that is no channel (any more).
pub(super) fn listen_without_channel(tx: &mut Tx<'_>, text: &InboundText, arrived: Millis) -> Result<()> {
    if heard(text, false).is_some_and(|(_, stop)| stop) {
        let (address, _) = tx.address_or_new(text.from.kind(), text.from.value(), None)?;
        note(tx, text, &address, None, arrived)?;
    }
    Ok(())
}

/// Writes what the text says about consent, and confirms a STOP where nobody else does.
pub(super) fn listen(tx: &mut Tx<'_>, stop: StopHandling, said: &Said<'_>) -> Result<()> {
    let is_stop = note(tx, said.text, said.address, Some(said.conversation), said.arrived)?;
    let told_by_provider = said.text.opt_out.is_some();
    let ours = answered_by(stop, &said.text.to) == StopAnsweredBy::Us || !said.settings.provider_answers_stop;
    if is_stop && ours && !said.late && !told_by_provider {
        confirm(tx, said)?;
    }
    Ok(())
}

/// The single confirmation of a STOP, where nobody else sends it.
fn confirm(tx: &mut Tx<'_>, said: &Said<'_>) -> Result<()> {
    let class = Class::Automatic(Automatic::StopConfirmation);
    match gate::ask(tx, class, said.address, &[]) {
        Ok(Passed::Now(_)) => {}
        Ok(Passed::Later(..)) | Err(DeskError::Refused { .. } | DeskError::NeedsWord(_)) => return Ok(()),
        Err(e) => return Err(e),
    }
    let business = tx.workspace_row()?.name;
    let now = tx.now();
    let text = format!("{business}: you won't get any more texts from us. Text START to undo this.");
    queue(
        tx,
        &Queued {
            conversation: said.conversation,
            channel: said.channel,
            address: said.address,
            actor: Actor::System,
            class,
            text: &text,
            attachments: &[],
            send_at: now,
            scheduled: false,
            deferred: None,
            cancel_on_reply: false,
            confirmed: &[],
            data: None,
        },
    )?;
    Ok(())
}
