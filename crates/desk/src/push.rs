//! Push: what somebody is told, shown by a browser that is not open.
//!
//! A browser subscribes by its session, and takes no more when that ends or the push service says that it is gone. What is pushed is
//! looked up by whoever sends it: what was seen meanwhile is not.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use partyline_core::id::UserId;
use partyline_core::time::{MINUTE, Millis, SECOND};
use partyline_meters::figures;
use partyline_store::notifications::NotificationRow;
use partyline_store::people::Viewer;
use partyline_store::push::ClaimedPush;
use partyline_store::{Scope, StoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::account::hash_of;
use crate::error::{DeskError, Result};
use crate::notify::NotificationView;
use crate::settings::{self, WorkspaceSettings};
use crate::{Desk, Who};

/// Browsers of one person that take push: older ones are forgotten.
pub const SUBSCRIPTIONS_MAX: i64 = 10;
/// Characters of an address: push services' have some hundreds.
const ENDPOINT_MAX: usize = 2_000;
/// Pushes on their way at once, from this server.
const AT_ONCE: usize = 8;
/// A push is ours for this long: longer than all of a person's browsers take together.
const LEASE: i64 = 3 * MINUTE;
/// Bytes of a hash that make a topic: 32 characters, as many as it may have (RFC 8030, 5.4).
const TOPIC: usize = 16;
/// How often it is looked whether something is to be pushed.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Waits between the tries of one push; after the last it is given up: it is in the app.
const WAITS: [i64; 3] = [10 * SECOND, MINUTE, 5 * MINUTE];
/// What the key that says who sends is sealed for.
const KEY: &[u8] = b"installation.vapid_key";

/// A browser's address at its push service, and its keys (base64url).
#[derive(Clone, Serialize, Deserialize)]
pub struct Subscription {
    /// Where its push service takes messages for it.
    pub endpoint: String,
    /// Its public key: a point of P-256.
    pub p256dh: String,
    /// Its secret.
    pub auth: String,
}

impl Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscription(•••)")
    }
}

/// Why a push service did not take something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushTrouble {
    /// The browser is not there any more.
    Gone,
    /// It may take it later.
    Passing,
    /// It never will.
    Lasting,
}

/// Whoever speaks to push services.
#[async_trait]
pub trait Pusher: Debug + Send + Sync {
    /// A new key that says who sends.
    fn new_key(&self) -> Option<Vec<u8>>;
    /// What browsers are told of it.
    fn public_key(&self, key: &[u8]) -> Option<String>;
    /// Can anything be sent there?
    fn is_usable(&self, to: &Subscription) -> bool;
    /// Sends.
    async fn send(
        &self,
        from: Sender<'_>,
        to: &Subscription,
        message: &Message,
        now: Millis,
    ) -> Result<(), PushTrouble>;
}

/// Who sends, for a push service.
#[derive(Clone, Copy)]
pub struct Sender<'a> {
    /// The installation's private key.
    pub key: &'a [u8],
    /// Whom a push service may turn to: an address of ours.
    pub contact: &'a str,
}

impl Debug for Sender<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sender({})", self.contact)
    }
}

/// What is pushed.
pub struct Message {
    /// What the browser reads, and nobody before it.
    pub payload: Vec<u8>,
    /// What a push service still holds under the same word is replaced by this; it says nothing of what it is about. 32 characters
    /// of base64url at most (RFC 8030, 5.4).
    pub topic: String,
}

/// What a browser is sent; it makes the sentence.
#[derive(Debug, Serialize)]
struct Payload<'a> {
    seq: i64,
    kind: &'static str,
    event: &'static str,
    actor: Option<&'a str>,
    contact: Option<&'a str>,
    conversation_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

fn hash(endpoint: &str) -> Vec<u8> {
    Sha256::digest(endpoint.as_bytes()).to_vec()
}

fn not_set_up() -> DeskError {
    DeskError::refused("push_not_set_up", "This server sends no push.")
}

impl Desk {
    /// Sets who speaks to push services, once, before anything runs. Without, nothing is pushed.
    pub fn set_pusher(&self, pusher: Arc<dyn Pusher>) {
        if self.inner.pusher.set(pusher).is_err() {
            tracing::error!("a second pusher was set; the first one stays");
        }
    }

    /// Who speaks to push services, where somebody does.
    #[must_use]
    pub fn pusher(&self) -> Option<&Arc<dyn Pusher>> {
        self.inner.pusher.get()
    }

    /// The installation's key, made when there is none.
    async fn vapid_key(&self, pusher: &Arc<dyn Pusher>) -> Result<Vec<u8>> {
        let read = || self.inner.db.read_root(|root| Ok::<_, DeskError>(root.vapid_key()?));
        let sealed = match read().await? {
            Some(sealed) => sealed,
            None => {
                let new = pusher.new_key().ok_or_else(not_set_up)?;
                let sealed = self.inner.key.seal(KEY, &new);
                let write =
                    move |root: &mut partyline_store::Root<'_>| Ok::<_, DeskError>(root.set_vapid_key(&sealed)?);
                self.inner.db.machinery(self.now(), write).await?;
                // another server may have been faster
                read().await?.ok_or_else(not_set_up)?
            }
        };
        Ok(self.inner.key.open(KEY, &sealed)?)
    }

    /// What a browser needs to know of us before it subscribes.
    pub async fn push_key(&self) -> Result<String> {
        let pusher = self.pusher().ok_or_else(not_set_up)?;
        let key = self.vapid_key(pusher).await?;
        pusher.public_key(&key).ok_or_else(not_set_up)
    }

    /// This browser takes push from now on, as long as I am signed in with it. Gives the subscription's name.
    pub async fn subscribe_push(&self, who: &Who, token: &str, to: Subscription) -> Result<String> {
        let pusher = self.pusher().ok_or_else(not_set_up)?;
        if to.endpoint.len() > ENDPOINT_MAX || !pusher.is_usable(&to) {
            return Err(DeskError::field(
                "endpoint",
                "unusable",
                "Nothing can be sent to this address with these keys.",
            ));
        }
        let hash = hash(&to.endpoint);
        let plain = serde_json::to_vec(&to).unwrap_or_default();
        let (sealed, session, user) = (self.inner.key.seal(&hash, &plain), hash_of(token), who.user);
        let name = hex::encode(&hash);
        let kept = self.inner.db.write(who.workspace, self.now(), move |tx| {
            tx.subscribe(&hash, user, &session, &sealed, SUBSCRIPTIONS_MAX)
        });
        kept.await.map_err(|e: StoreError| DeskError::from(e))?;
        Ok(name)
    }

    /// A browser of mine takes push no more.
    pub async fn unsubscribe_push(&self, who: &Who, name: &str) -> Result<()> {
        let (user, hash) = (who.user, hex::decode(name).unwrap_or_default());
        let gone = self.inner.db.write(who.workspace, self.now(), move |tx| tx.unsubscribe(&hash, user)).await;
        if gone.map_err(|e: StoreError| DeskError::from(e))? { Ok(()) } else { Err(DeskError::NotFound("The browser")) }
    }

    async fn claim_pushes(&self, hands: usize) -> Result<Vec<ClaimedPush>> {
        let now = self.now();
        // looking is a read: claiming would write every second
        let due = self.inner.db.read_root(|root| Ok::<_, DeskError>(root.push_due()?)).await?;
        if hands == 0 || due.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let hands = i64::try_from(hands).unwrap_or(1);
        self.inner.db.machinery(now, move |root| Ok::<_, DeskError>(root.claim_pushes(now, now + LEASE, hands)?)).await
    }

    async fn push(&self, claimed: ClaimedPush) {
        if let Err(error) = self.try_push(claimed).await {
            tracing::warn!(%error, "a push failed; its lease ends, and it is tried again");
        }
    }

    async fn try_push(&self, claimed: ClaimedPush) -> Result<()> {
        let ClaimedPush { workspace, user, seq, tries } = claimed;
        let Some(pusher) = self.pusher() else { return Ok(()) };
        let now = self.now();
        let tries = usize::try_from(tries).unwrap_or(usize::MAX);
        let read = self.inner.db.read(workspace, move |scope| {
            let Some(message) = message(scope, user, seq)? else { return Ok(None) };
            Ok::<_, DeskError>(Some((message, scope.subscriptions(user, now)?)))
        });
        let mut due = None;
        let mut gone = Vec::new();
        if let Some((message, rows)) = read.await?
            && tries <= WAITS.len() + 1
            && !rows.is_empty()
        {
            let key = self.vapid_key(pusher).await?;
            let contact = self.link("");
            let from = Sender { key: &key, contact: &contact };
            for row in rows {
                let plain = self.inner.key.open(&row.endpoint_hash, &row.sealed).ok();
                let to = plain.and_then(|plain| serde_json::from_slice::<Subscription>(&plain).ok());
                let Some(to) = to else {
                    gone.push(row.endpoint_hash);
                    continue;
                };
                let outcome = match pusher.send(from, &to, &message, now).await {
                    Ok(()) => "sent",
                    Err(PushTrouble::Lasting) => "failed",
                    Err(PushTrouble::Gone) => {
                        gone.push(row.endpoint_hash);
                        "gone"
                    }
                    // the person's other browsers show it again in the same place
                    Err(PushTrouble::Passing) => {
                        due = WAITS.get(tries.saturating_sub(1)).map(|wait| now + *wait);
                        if due.is_some() { "again" } else { "failed" }
                    }
                };
                figures::PUSHES.add([outcome]);
            }
        }
        let settled = self.inner.db.write(workspace, now, move |tx| {
            gone.iter().try_for_each(|hash| tx.unsubscribe(hash, user).map(drop))?;
            tx.settle_push(user, seq, due)
        });
        settled.await.map_err(|e: StoreError| DeskError::from(e))
    }
}

/// What is pushed; `None` where it was seen meanwhile, or is not theirs to see.
fn message(scope: &mut Scope<'_>, user: UserId, seq: i64) -> Result<Option<Message>> {
    let Some(person) = scope.user(user)?.filter(|u| u.deactivated_at.is_none()) else { return Ok(None) };
    let row: Option<NotificationRow> = scope.unpushed(Viewer { user, role: person.role }, seq)?;
    let Some(row) = row else { return Ok(None) };
    let view = NotificationView::of(row)?;
    let with_text = settings::parse::<WorkspaceSettings>(&scope.workspace_row()?.settings).texts_outside;
    let (actor, contact) = (first(view.row.actor_name.as_deref()), first(view.row.contact_name.as_deref()));
    let conversation_id = view.row.conversation.to_string();
    let topic = hex::encode(&hash(&conversation_id)[..TOPIC]);
    let payload = Payload {
        seq,
        kind: view.row.kind.as_str(),
        event: view.row.event.as_str(),
        actor,
        contact,
        conversation_id,
        text: view.text.as_deref().filter(|_| with_text),
    };
    Ok(serde_json::to_vec(&payload).ok().map(|payload| Message { payload, topic }))
}

/// The first of somebody's names; nothing where that is a number.
fn first(name: Option<&str>) -> Option<&str> {
    name.and_then(|name| name.split_whitespace().next()).filter(|name| name.chars().any(char::is_alphabetic))
}

/// Pushes what is due until `stop`, then finishes what is in hand.
pub(crate) async fn run(desk: Desk, stop: CancellationToken) {
    if desk.pusher().is_none() {
        stop.cancelled().await;
        return;
    }
    let mut pushing = JoinSet::new();
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = looks.tick() => {}
            Some(_) = pushing.join_next() => {}
        }
        match desk.claim_pushes(AT_ONCE.saturating_sub(pushing.len())).await {
            Ok(claimed) => {
                for one in claimed {
                    let desk = desk.clone();
                    pushing.spawn(async move { desk.push(one).await });
                }
            }
            Err(error) => tracing::warn!(%error, "what is to be pushed can't be claimed; trying again"),
        }
    }
    while pushing.join_next().await.is_some() {}
}
