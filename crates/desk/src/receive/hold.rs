//! What can't go to an inbox is held for people, with what they need to know it by.

use partyline_channels::{Hook, Inbound, InboundText, MediaRef, StatusReport, WebhookRequest, provider};
use partyline_core::event::{Actor, EventType};
use partyline_core::held::{HeldReason, HeldState};
use partyline_core::id::{ConnectionId, InboundId};
use partyline_core::phone::Party;
use partyline_core::time::Millis;
use partyline_store::channels::ConnectionRow;
use partyline_store::entries::provider_key;
use partyline_store::held::PayloadRow;
use partyline_store::inbound::{Became, Held, NewInbound};
use partyline_store::{NewEvent, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Unread;
use crate::error::{DeskError, Result};

/// What the journal calls something that was fetched and not called in.
const POLLED: &str = "poll";
/// The media type of what was fetched, as the journal keeps it.
const JSON: &str = "application/json";

/// Keeps it for people to see; once, however often it comes.
pub(super) fn hold(tx: &mut Tx<'_>, kept: NewInbound, held: Held) -> Result<()> {
    let became = if tx.held_same(&held.same)?.is_some() {
        Became::HeldAlready
    } else {
        let reason = format!("reason={}", held.reason);
        tx.append(
            NewEvent::new(Actor::System, EventType::InboundQuarantined).subject(kept.id.uuid()).changed([reason]),
        )?;
        Became::Held(held)
    };
    Ok(tx.keep_inbound(kept, &became)?)
}

/// What was held has come again by another way and is in its inbox: nobody has to see to it any more.
pub(super) fn came_again(tx: &mut Tx<'_>, same: &[u8], seq: Option<i64>) -> Result<()> {
    let Some(id) = tx.held_same(same)? else { return Ok(()) };
    tx.settle_held(id, HeldState::Replayed, seq, None)?;
    tx.append(NewEvent::new(Actor::System, EventType::InboundReplayed).subject(id.uuid()))?;
    Ok(())
}

/// Its number is not connected.
pub(super) fn without_channel(text: &InboundText, same: Vec<u8>) -> Held {
    Held {
        reason: HeldReason::NoChannel,
        error: format!("{} has no channel yet", text.to.value()),
        address: Some(text.to.value().to_owned()),
        sender: Some(hidden(&text.from)),
        same,
    }
}

/// Nobody knows what it says.
pub(crate) fn not_understood(same: Vec<u8>, why: String) -> Held {
    Held { reason: HeldReason::NotUnderstood, error: why, address: None, sender: None, same }
}

/// Saving it failed, and not because the database is away.
///
/// # Errors
/// When the database is away: then it is not held but refused, and comes again.
pub(crate) fn not_applied(
    connection: &ConnectionRow,
    inbounds: &[Inbound],
    kept: Option<&NewInbound>,
    error: DeskError,
) -> Result<Held> {
    let error = match error {
        DeskError::Store(e) if e.is_passing() => return Err(e.into()),
        other => other,
    };
    tracing::error!(connection = %connection.id, %error, "what came could not be applied; it is held");
    let text = inbounds.iter().find_map(|i| match i {
        Inbound::Text(text) => Some(text),
        Inbound::Status(_) => None,
    });
    let same = match (text, kept) {
        (Some(text), _) => provider_key(connection.id, &text.provider_id),
        (None, Some(kept)) => same_bytes(kept),
        (None, None) => inbounds.first().map_or_else(Vec::new, |i| provider_key(connection.id, i.provider_id())),
    };
    Ok(Held {
        reason: HeldReason::NotApplied,
        error: format!("could not be applied: {error}"),
        address: text.map(|t| t.to.value().to_owned()),
        sender: text.map(|t| hidden(&t.from)),
        same,
    })
}

/// What bytes are known by that nobody understood: themselves.
pub(super) fn same_bytes(kept: &NewInbound) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(kept.connection.uuid().as_bytes());
    for part in [kept.hook.as_bytes(), kept.query.as_bytes(), &kept.body] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize()[..16].to_vec()
}

/// A telephone number with the middle hidden; short codes and names are nobody's secret.
fn hidden(from: &Party) -> String {
    match from {
        Party::Phone(number) => format!("{number:?}"),
        other => other.value().to_owned(),
    }
}

/// A fetched report of what became of a message of ours, as the journal keeps it.
#[derive(Serialize, Deserialize)]
struct KeptReport {
    report: StatusReport,
}

/// What was fetched, as the journal keeps it: whole, so that it can be played again.
pub(super) fn polled(id: InboundId, connection: ConnectionId, now: Millis, inbound: &Inbound) -> NewInbound {
    let body = match inbound {
        Inbound::Text(text) => serde_json::to_vec_pretty(text),
        Inbound::Status(report) => serde_json::to_vec_pretty(&KeptReport { report: report.clone() }),
    };
    NewInbound {
        id,
        connection,
        hook: POLLED,
        received_at: now,
        query: String::new(),
        content_type: JSON.to_owned(),
        body: body.unwrap_or_default(),
    }
}

/// What was listed and could not be understood, as the journal keeps it.
#[derive(Serialize, Deserialize)]
struct KeptListed {
    /// The provider's own object.
    listed: Value,
    /// Where its files are: the object itself does not say it.
    #[serde(default)]
    media: Vec<MediaRef>,
}

/// What was listed and could not be understood: whole, so that it can be read again.
pub(super) fn unreadable(
    id: InboundId,
    connection: ConnectionId,
    now: Millis,
    provider_id: &str,
    unread: &Unread,
) -> NewInbound {
    let listed = unread.listed.as_ref().and_then(|listed| serde_json::from_str(&listed.0).ok());
    let body = match listed {
        Some(listed) => serde_json::to_vec_pretty(&KeptListed { listed, media: unread.media.clone() }),
        None => serde_json::to_vec_pretty(&json!({ "provider_id": provider_id })),
    };
    NewInbound {
        id,
        connection,
        hook: POLLED,
        received_at: now,
        query: String::new(),
        content_type: JSON.to_owned(),
        body: body.unwrap_or_default(),
    }
}

/// Reads again what the journal kept, as the webhook or the poll did when it came. `Err` says why it is not understood.
pub(crate) fn understand(connection: &ConnectionRow, hook: &str, kept: &PayloadRow) -> Result<Vec<Inbound>, String> {
    let body = kept.body.as_deref().unwrap_or_default();
    let provider =
        provider(&connection.provider).ok_or_else(|| format!("unknown_provider: {}", connection.provider))?;
    if hook == POLLED {
        if let Ok(KeptListed { listed, media }) = serde_json::from_slice(body) {
            let text = provider.understand_listed(listed.to_string().as_bytes());
            let text = text.map_err(|e| format!("{}: {e}", e.code()))?;
            return Ok(vec![Inbound::Text(InboundText { media, ..text })]);
        }
        if let Ok(KeptReport { report }) = serde_json::from_slice(body) {
            return Ok(vec![Inbound::Status(report)]);
        }
        let text: InboundText = serde_json::from_slice(body).map_err(|e| format!("not_a_text: {e}"))?;
        return Ok(vec![Inbound::Text(text)]);
    }
    let hook: Hook = hook.parse().map_err(|_| format!("unknown_hook: {hook}"))?;
    // only the query of the address is read, and a request without a body said everything there
    let url = format!("https://kept.invalid/?{}", kept.query);
    let headers = [("content-type".to_owned(), kept.content_type.clone())];
    let method = if body.is_empty() { "GET" } else { "POST" };
    let request = WebhookRequest { method, url: &url, headers: &headers, body };
    provider.understand(hook, &request).map_err(|e| format!("{}: {e}", e.code()))
}
