//! Held messages: what came and could not go to an inbox. People see why, play it again once the cause is mended, or set it aside.
//!
//! Playing again takes the same steps as the arrival did ([`crate::receive`]), with the moment of the arrival; so a text stands where it
//! belongs in its conversation, is marked late, and no machine answers it. The unique key of a provider's message makes that once,
//! whoever else plays it, and whatever came by polling meanwhile.

use partyline_channels::provider;
use partyline_core::event::{Actor, EventType};
use partyline_core::held::{HeldReason, HeldState};
use partyline_core::id::{ConnectionId, InboundId, UserId, Uuid};
use partyline_core::permission::Permission;
use partyline_core::time::Millis;
use partyline_store::held::{HeldFilter, HeldGroup, HeldLike, HeldPlace, HeldRow, PayloadRow};
use partyline_store::inbound::{Became, Held};
use partyline_store::jobs::ClaimedJob;
use partyline_store::{NewEvent, Scope, StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::error::{DeskError, Result};
use crate::receive::{apply, not_applied, not_understood, understand};
use crate::view::{AsOf, Page};
use crate::{Desk, Who};

/// The kind of job that plays the rest of many again.
pub(crate) const REPLAY: &str = "replay";
/// Messages played again in one unit of work: a few tens of milliseconds, so that nobody waits long behind them.
const CHUNK: i64 = 50;
/// Groups that are told apart; a list of more says nothing to anybody.
const GROUPS_MAX: i64 = 100;
/// Bytes of a payload that are shown: the longest text that a provider carries is a tenth.
pub const PAYLOAD_SHOWN: usize = 64 * 1024;

/// One held message, whole.
#[derive(Debug, Clone)]
pub struct HeldView {
    /// The row.
    pub row: HeldRow,
    /// What it brought; `None` once its bytes were forgotten.
    pub payload: Option<Payload>,
    /// What went wrong, for who runs the server.
    pub error: Option<String>,
}

/// What came, as text.
#[derive(Debug, Clone)]
pub struct Payload {
    /// What stood after the question mark of the address.
    pub query: String,
    /// Its media type.
    pub content_type: String,
    /// The body; what is not UTF-8 has marks in its place.
    pub text: String,
    /// Was it longer than [`PAYLOAD_SHOWN`]?
    pub cut: bool,
}

/// Which held messages, and which page of them.
#[derive(Debug, Clone)]
pub struct HeldIn {
    /// In which state.
    pub state: HeldState,
    /// Which of those.
    pub filter: HeldFilter,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Rows, at most.
    pub limit: usize,
}

/// Which held messages are played again together.
#[derive(Debug, Clone)]
pub struct HeldLikeIn {
    /// Held for this.
    pub reason: HeldReason,
    /// On this connection.
    pub connection: ConnectionId,
    /// For this number of ours; all when unsaid.
    pub address: Option<String>,
}

/// What became of many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlayedAgain {
    /// So many are in their inboxes.
    pub replayed: u64,
    /// So many are held still.
    pub still_held: u64,
    /// The rest follows by itself.
    pub goes_on: bool,
}

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Played {
    /// It is in its inbox, now or since before.
    There,
    /// It is held still.
    Still(HeldReason, Option<String>),
    /// It can't be played: this is why.
    Never(&'static str, &'static str),
}

const NOT_THERE: DeskError = DeskError::NotFound("The held message");

impl Desk {
    /// A page of held messages, newest first.
    pub async fn held_page(&self, who: &Who, list: HeldIn) -> Result<AsOf<Page<HeldRow>>> {
        who.must(Permission::ManageChannels)?;
        let before = match &list.cursor {
            None => (Millis(i64::MAX), InboundId::from_uuid(Uuid::max())),
            Some(text) => read_cursor(text)
                .ok_or_else(|| DeskError::field("cursor", "malformed", "Leave the cursor out to begin at the top."))?,
        };
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let limit = i64::try_from(list.limit).unwrap_or(i64::MAX);
                let rows = scope.held_page(list.state, &list.filter, before, limit)?;
                let next = rows.last().filter(|_| rows.len() == list.limit).map(cursor);
                Ok(AsOf { seq: scope.seq()?, value: Page { rows, next } })
            })
            .await
    }

    /// What waits for a person, alike together.
    pub async fn held_groups(&self, who: &Who) -> Result<AsOf<Vec<HeldGroup>>> {
        who.must(Permission::ManageChannels)?;
        self.inner
            .db
            .read(who.workspace, |scope| Ok(AsOf { seq: scope.seq()?, value: scope.held_groups(GROUPS_MAX)? }))
            .await
    }

    /// One held message, with what it brought.
    pub async fn held(&self, who: &Who, id: InboundId) -> Result<AsOf<HeldView>> {
        who.must(Permission::ManageChannels)?;
        self.inner
            .db
            .read(who.workspace, move |scope| Ok(AsOf { seq: scope.seq()?, value: held_view(scope, id)? }))
            .await
    }

    /// Plays one again. What is in its inbox already stays as it is.
    pub async fn replay_held(&self, who: &Who, id: InboundId) -> Result<HeldView> {
        who.must(Permission::ManageChannels)?;
        let user = who.user;
        let (played, view) = self
            .inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let played = play(tx, id, user)?;
                Ok::<_, DeskError>((played, held_view(tx, id)?))
            })
            .await?;
        match played {
            Played::There => Ok(view),
            Played::Still(reason, address) => {
                Err(DeskError::Conflict { code: "still_held", detail: reason.detail(address.as_deref()) })
            }
            Played::Never(code, detail) => Err(DeskError::Conflict { code, detail: detail.to_owned() }),
        }
    }

    /// Plays again all that are alike: the first at once, the rest by a job.
    pub async fn replay_held_like(&self, who: &Who, like: HeldLikeIn) -> Result<PlayedAgain> {
        who.must(Permission::ManageChannels)?;
        let now = self.now();
        let rest = Rest {
            reason: like.reason,
            connection: like.connection,
            address: like.address,
            until: now,
            after: Millis(0),
            after_id: InboundId::from_uuid(Uuid::nil()),
            by: who.user,
        };
        self.inner
            .db
            .write(who.workspace, now, move |tx| {
                let asked = NewEvent::new(Actor::User(rest.by), EventType::InboundReplayAsked);
                let about = [format!("reason={}", rest.reason), format!("connection_id={}", rest.connection)];
                let asked = asked.changed(about);
                let seq = tx.append(asked)?.seq;
                let (mut done, next) = chunk(tx, &rest)?;
                if let Some(rest) = next {
                    tx.add_job(seq, REPLAY, None, &rest.written(), now)?;
                    done.goes_on = true;
                }
                Ok(done)
            })
            .await
    }

    /// Goes on with many, a chunk in each unit of work, each with a job of its own.
    pub(crate) async fn go_on_replaying(&self, job: ClaimedJob) -> Result<()> {
        let rest: Rest = serde_json::from_str(&job.payload)
            .map_err(|e| StoreError::Corrupt(format!("what a replay still has to do: {e}")))?;
        self.inner
            .db
            .write(job.workspace, self.now(), move |tx| {
                if !tx.holds_job(&job)? {
                    return Ok(());
                }
                let (_, next) = chunk(tx, &rest)?;
                if let Some(rest) = next {
                    let now = tx.now();
                    tx.add_job(job.seq, REPLAY, None, &rest.written(), now)?;
                }
                tx.job_done(&job)?;
                Ok(())
            })
            .await
    }

    /// Sets one aside: nobody has to see to it. It is kept, and can be played again.
    pub async fn dismiss_held(&self, who: &Who, id: InboundId) -> Result<HeldView> {
        who.must(Permission::ManageChannels)?;
        let user = who.user;
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                match tx.held(id)?.ok_or(NOT_THERE)?.state {
                    HeldState::Dismissed => {}
                    HeldState::Replayed => {
                        let detail = "It was replayed, so there is nothing to dismiss.".to_owned();
                        return Err(DeskError::Conflict { code: "already_replayed", detail });
                    }
                    HeldState::Quarantined => {
                        tx.settle_held(id, HeldState::Dismissed, None, Some(user))?;
                        tx.append(NewEvent::new(Actor::User(user), EventType::InboundDismissed).subject(id.uuid()))?;
                    }
                }
                held_view(tx, id)
            })
            .await
    }
}

/// What is still to be played again of many, as its job keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rest {
    reason: HeldReason,
    connection: ConnectionId,
    address: Option<String>,
    until: Millis,
    after: Millis,
    after_id: InboundId,
    by: UserId,
}

impl Rest {
    fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Plays a chunk again, oldest first; answers what is left.
fn chunk(tx: &mut Tx<'_>, rest: &Rest) -> Result<(PlayedAgain, Option<Rest>)> {
    let like =
        HeldLike { reason: rest.reason, connection: rest.connection, address: rest.address.clone(), until: rest.until };
    let ids = tx.held_like(&like, (rest.after, rest.after_id), CHUNK)?;
    let mut done = PlayedAgain::default();
    for (id, _) in &ids {
        match play(tx, *id, rest.by)? {
            Played::There => done.replayed += 1,
            Played::Still(..) | Played::Never(..) => done.still_held += 1,
        }
    }
    let full = i64::try_from(ids.len()).unwrap_or(0) == CHUNK;
    let next = ids.last().filter(|_| full).map(|(id, at)| Rest { after: *at, after_id: *id, ..rest.clone() });
    Ok((done, next))
}

/// Plays one again, as it came and when it came.
fn play(tx: &mut Tx<'_>, id: InboundId, by: UserId) -> Result<Played> {
    let row = tx.held(id)?.ok_or(NOT_THERE)?;
    if row.state == HeldState::Replayed {
        return Ok(Played::There);
    }
    let Some(connection) = tx.connection(row.connection)? else {
        return Ok(Played::Never("connection_gone", "Its account is not connected any more."));
    };
    let Some(provider) = provider(&connection.provider) else {
        return Ok(Played::Never("connection_gone", "This version does not know its provider."));
    };
    let Some(payload) = tx.held_payload(id)?.filter(|p| p.body.is_some()) else {
        return Ok(Played::Never("payload_gone", "What it brought was deleted 30 days after it was dismissed."));
    };
    let stop = provider.capabilities().stop;
    let held = match understand(&connection, &row.hook, &payload) {
        Err(why) => not_understood(Vec::new(), why),
        Ok(inbounds) => {
            let part = |tx: &mut Tx<'_>| match apply(tx, &connection, stop, &inbounds, row.received_at)? {
                Became::Held(held) => Err(Undone::Held(held)),
                Became::Applied(seq) => Ok(seq),
                Became::Duplicate(seq) => Ok(Some(seq)),
                Became::HeldAlready => Ok(None),
            };
            match tx.attempt(part)? {
                Ok(seq) => {
                    tx.settle_held(id, HeldState::Replayed, seq, Some(by))?;
                    tx.append(NewEvent::new(Actor::User(by), EventType::InboundReplayed).subject(id.uuid()))?;
                    return Ok(Played::There);
                }
                Err(Undone::Held(held)) => held,
                Err(Undone::Failed(error)) => not_applied(&connection, &inbounds, None, error)?,
            }
        }
    };
    still(tx, &row, held)
}

/// Why a part was undone.
enum Undone {
    Held(Held),
    Failed(DeskError),
}

impl From<DeskError> for Undone {
    fn from(error: DeskError) -> Undone {
        Undone::Failed(error)
    }
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Undone {
        Undone::Failed(error.into())
    }
}

/// It is held still; perhaps for another reason now.
fn still(tx: &mut Tx<'_>, row: &HeldRow, held: Held) -> Result<Played> {
    tx.still_held(row.id, &held)?;
    if held.reason != row.reason && row.state == HeldState::Quarantined {
        let reason = format!("reason={}", held.reason);
        tx.append(
            NewEvent::new(Actor::System, EventType::InboundQuarantined).subject(row.id.uuid()).changed([reason]),
        )?;
    }
    Ok(Played::Still(held.reason, held.address))
}

fn held_view(scope: &mut Scope<'_>, id: InboundId) -> Result<HeldView> {
    let row = scope.held(id)?.ok_or(NOT_THERE)?;
    let (payload, error) = match scope.held_payload(id)? {
        Some(PayloadRow { query, content_type, body, error }) => {
            (body.map(|body| shown(query, content_type, &body)), error)
        }
        None => (None, None),
    };
    Ok(HeldView { row, payload, error })
}

fn shown(query: String, content_type: String, body: &[u8]) -> Payload {
    let cut = body.len() > PAYLOAD_SHOWN;
    let text = String::from_utf8_lossy(&body[..body.len().min(PAYLOAD_SHOWN)]).into_owned();
    Payload { query, content_type, text, cut }
}

/// For the live view: a held message without what it brought.
pub(crate) fn held_row(scope: &mut Scope<'_>, id: InboundId) -> Result<HeldRow> {
    scope.held(id)?.ok_or(NOT_THERE)
}

fn cursor(row: &HeldRow) -> String {
    format!("{}.{}", row.received_at.0, row.id)
}

fn read_cursor(text: &str) -> Option<HeldPlace> {
    let (at, id) = text.split_once('.')?;
    Some((Millis(at.parse().ok()?), id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_shown_up_to_its_bound_and_whatever_its_bytes() {
        let long = vec![b'x'; PAYLOAD_SHOWN + 1];
        let payload = shown(String::new(), String::new(), &long);
        assert_eq!((payload.text.len(), payload.cut), (PAYLOAD_SHOWN, true));
        let odd = shown(String::new(), String::new(), &[0xff, b'a']);
        assert_eq!((odd.text.as_str(), odd.cut), ("\u{fffd}a", false));
    }

    #[test]
    fn a_cursor_comes_back_and_what_is_none_is_none() {
        let place = (Millis(1_764_000_000_000), InboundId::from_uuid(Uuid::from_u128(7)));
        assert_eq!(read_cursor(&format!("{}.{}", place.0.0, place.1)), Some(place));
        for bad in ["", ".", "1.", "x.inb_00000000000000000000000007", "1.conv_00000000000000000000000007"] {
            assert_eq!(read_cursor(bad), None, "{bad}");
        }
    }
}
