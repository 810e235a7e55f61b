//! The way to the gate: what the ledger says, and what the core decides. Everything that sends comes through here twice, when it is
//! queued and when it leaves.

use partyline_core::consent::{ChannelFacts, Decision, Ledger, Permit, Reason, Record, Source, decide};
use partyline_core::consent::{Class, ConsentState, Purpose};
use partyline_core::event::{Actor, EventType};
use partyline_core::id::ConversationId;
use partyline_core::phone::Party;
use partyline_store::contacts::AddressRow;
use partyline_store::{NewEvent, StoreError, Tx};
use serde_json::json;

use crate::error::{DeskError, Result};
use crate::timeline;

/// Characters of what a person writes about where a consent came from.
pub(crate) const SOURCE_MAX: usize = 500;

/// What the gate lets through.
pub(crate) enum Passed {
    /// Now.
    Now(Permit),
    /// Not before this, and why.
    Later(partyline_core::time::Millis, Reason),
}

/// Asks the gate about a message to this address.
pub(crate) fn ask(tx: &mut Tx<'_>, class: Class, address: &AddressRow, confirmed: &[Reason]) -> Result<Passed> {
    let to = Party::from_parts(&address.kind, &address.value)
        .map_err(|_| StoreError::Corrupt("an address of no known kind".into()))?;
    let ledger = tx.ledger(address)?;
    match decide(class, &ledger, &ChannelFacts { to: &to, zones: &[] }, tx.now()) {
        Decision::Allow(permit) => Ok(Passed::Now(permit)),
        Decision::Defer { until, reason } => Ok(Passed::Later(until, reason)),
        Decision::Block(reason) => Err(DeskError::refused(reason.code(), reason.detail())),
        Decision::Warn(warning) => {
            warning.confirmed(confirmed).map(Passed::Now).map_err(|w| DeskError::NeedsWord(w.reasons().to_vec()))
        }
    }
}

/// Reads the reasons that a person confirmed; words that are no reason (`stale_reply`) are somebody else's.
pub(crate) fn confirmed(words: &[String]) -> Vec<Reason> {
    words.iter().filter_map(|w| w.parse().ok()).collect()
}

/// Writes consent records with their event, and a line on the conversation when what may be sent has changed.
pub(crate) fn record(
    tx: &mut Tx<'_>,
    actor: Actor,
    address: &AddressRow,
    conversation: Option<ConversationId>,
    records: impl FnOnce(u64) -> Vec<Record>,
    evidence: Option<&str>,
) -> Result<Ledger, StoreError> {
    let next = u64::try_from(tx.head() + 1).unwrap_or(0);
    let records = records(next);
    let source = records.first().map_or(Source::Person, |r| r.source);
    let state = records.first().map_or(ConsentState::None, |r| r.state);
    let changed = format!("state={state}");
    let before = tx.consent(address)?;
    let seq = match conversation {
        Some(id) if shows(&before, state) => {
            let data = json!({ "state": state.as_str(), "source": source.as_str(), "evidence": evidence });
            let line = timeline::line(tx, actor, EventType::ConsentChanged, id, &[&changed], data)?;
            tx.change(id, |held| held.row.last_seq = line.seq)?;
            line.seq
        }
        _ => {
            let mut event =
                NewEvent::new(actor, EventType::ConsentChanged).subject(address.contact.uuid()).changed([changed]);
            event.conversation = conversation;
            tx.append(event)?.seq
        }
    };
    let (_, after) = tx.add_consents(address, seq, actor, &records, evidence)?;
    Ok(after)
}

/// Is it worth a line? A first message that only implies consent is not.
fn shows(before: &Ledger, state: ConsentState) -> bool {
    match state {
        ConsentState::Revoked => before.update != ConsentState::Revoked || !before.provider_blocked,
        ConsentState::Implied => before.update == ConsentState::Revoked,
        ConsentState::None | ConsentState::Express | ConsentState::Written => true,
    }
}

/// The record of a person's word that somebody wants to be texted.
pub(crate) fn their_word(
    tx: &mut Tx<'_>,
    actor: Actor,
    address: &AddressRow,
    conversation: ConversationId,
    source: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    let records = |seq| {
        vec![Record {
            purpose: Purpose::Update,
            state: ConsentState::Express,
            source: Source::Person,
            said_at: now,
            seq,
            reference: None,
        }]
    };
    record(tx, actor, address, Some(conversation), records, Some(source)).map(drop)
}
