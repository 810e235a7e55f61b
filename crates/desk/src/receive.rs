//! Receiving: a webhook comes in, is believed, understood, and rests before it is answered.
//!
//! The steps of a text, each in its file: [`text`] (dedupe, contact, thread, entry), [`optout`] (STOP and START before anything else
//! is made of it), [`place`] (which conversation, and whose). [`status`] is for what became of ours. What can't go to an inbox is
//! held for people ([`hold`]), who play it again with the same steps ([`crate::held`]).

mod hold;
mod known;
mod optout;
mod past;
mod place;
mod refused;
mod status;
mod text;

pub(crate) use hold::{not_applied, not_understood, understand};
pub(crate) use known::{Known, Receiving};
pub(crate) use past::{Brought, PastMessage, bring_in};
pub(crate) use place::begin;
pub(crate) use refused::{NOTE_EVERY, Refused};
pub(crate) use text::FILES_MAX;

use std::sync::Arc;

use bytes::Bytes;
use partyline_channels::{Answer, Hook, Inbound, Listed, MediaRef, NotAuthentic, StopHandling, WebhookRequest};
use partyline_core::id::{ConnectionId, InboundId, Uuid};
use partyline_core::time::Millis;
use partyline_store::channels::ConnectionRow;
use partyline_store::entries::provider_key;
use partyline_store::inbound::{Became, NewInbound};
use partyline_store::scope::entropy;
use partyline_store::{StoreError, Tx};

use crate::Desk;
use crate::error::{DeskError, Result};

/// A request to one of our webhooks, as it came.
#[derive(Clone)]
pub struct HookRequest {
    /// `POST` or `GET`.
    pub method: String,
    /// Path and query, byte for byte.
    pub path_and_query: String,
    /// In any case.
    pub headers: Vec<(String, String)>,
    /// Untouched.
    pub body: Bytes,
}

impl HookRequest {
    fn seen<'a>(&'a self, url: &'a str) -> WebhookRequest<'a> {
        WebhookRequest { method: &self.method, url, headers: &self.headers, body: &self.body }
    }
}

/// Why a webhook was not taken.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// There is no such connection: 404.
    #[error("there is no such connection")]
    NotFound,
    /// The provider did not send this: 403, and nothing is kept but a counter.
    #[error(transparent)]
    NotAuthentic(NotAuthentic),
    /// Too much waits already: 503. A provider may try again; what it does not, the next look at its list finds (`poll`).
    #[error("too much is waiting")]
    Busy,
    /// The database is away: 503. A provider may try again; what it does not, the next look at its list finds (`poll`).
    #[error("it could not be kept: {0}")]
    Failed(String),
}

impl From<StoreError> for HookError {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Busy(_) => HookError::Busy,
            other => HookError::Failed(other.to_string()),
        }
    }
}

impl From<DeskError> for HookError {
    fn from(e: DeskError) -> Self {
        match e {
            DeskError::Store(e) => e.into(),
            other => HookError::Failed(other.to_string()),
        }
    }
}

impl Desk {
    /// Looks at the head of a webhook before its body is read, so that nobody waits for the body of one that can't be believed:
    /// `request` has no body yet.
    ///
    /// # Errors
    /// There is no such connection, or there is no signature.
    pub async fn hook_announced(
        &self,
        connection: ConnectionId,
        hook: Hook,
        request: &HookRequest,
    ) -> Result<(), HookError> {
        let receiving = self.receiving(connection).await?;
        let url = self.called(&receiving, request);
        match self.authentic(&receiving, request, url.as_deref()) {
            Err(why @ NotAuthentic::Missing) => Err(self.refuse(connection, hook, why)),
            // what the signature is worth shows with the body
            _ => Ok(()),
        }
    }

    /// Takes a webhook. `Ok` is the provider's answer, and everything is durable.
    pub async fn hook(&self, connection: ConnectionId, hook: Hook, request: HookRequest) -> Result<Answer, HookError> {
        let mut receiving = self.receiving(connection).await?;
        let mut url = self.called(&receiving, &request);
        if self.authentic(&receiving, &request, url.as_deref()).is_err()
            && self.inner.known.may_look_again(connection, std::time::Instant::now())
        {
            // its secret may have been replaced a moment ago, by another node
            receiving = self.receiving_now(connection).await?;
            url = self.called(&receiving, &request);
        }
        if let Err(why) = self.authentic(&receiving, &request, url.as_deref()) {
            return Err(self.refuse(connection, hook, why));
        }
        let url = url.unwrap_or_default();
        let seen = request.seen(&url);
        let provider = receiving.opened.provider;
        let understood = provider.understand(hook, &seen).map_err(|e| format!("{}: {e}", e.code()));
        let kept = NewInbound {
            id: InboundId::new(self.now(), &entropy()),
            connection,
            hook: hook.as_str(),
            received_at: self.now(),
            query: seen.query().to_owned(),
            content_type: seen.content_type(),
            body: request.body.to_vec(),
        };
        self.keep(receiving, kept, understood).await?;
        Ok(provider.answer(hook))
    }

    /// Counts one that is not believed.
    fn refuse(&self, connection: ConnectionId, hook: Hook, why: NotAuthentic) -> HookError {
        tracing::warn!(%connection, %hook, reason = why.code(), "a webhook was refused");
        self.inner.refused.count(connection, 1, self.now());
        HookError::NotAuthentic(why)
    }

    /// The address that the provider called, as it was configured there; `None` where it can have none.
    fn called(&self, receiving: &Receiving, request: &HookRequest) -> Option<String> {
        let addresses = &self.inner.addresses;
        let base = addresses.for_connection(&receiving.opened.connection).or(addresses.public.as_ref())?;
        Some(format!("{}{}", base.as_str().trim_end_matches('/'), request.path_and_query))
    }

    fn authentic(&self, receiving: &Receiving, request: &HookRequest, url: Option<&str>) -> Result<(), NotAuthentic> {
        let url = url.ok_or(NotAuthentic::WrongSignature)?;
        receiving.opened.provider.authenticate(&receiving.opened.connection, &request.seen(url))
    }

    /// Applies what was brought from elsewhere and not called in: what fills a demo. The same message again changes nothing.
    pub async fn take(&self, connection: ConnectionId, inbounds: Vec<Inbound>) -> Result<(), HookError> {
        let receiving = self.receiving(connection).await?;
        let workspace = receiving.workspace;
        let stop = receiving.opened.provider.capabilities().stop;
        let taken = move |tx: &mut Tx<'_>| {
            for inbound in inbounds {
                let provider_id = inbound.provider_id().to_owned();
                fetched(tx, &receiving.row, stop, Fetched { provider_id, what: Ok(inbound) })?;
            }
            Ok::<_, DeskError>(())
        };
        self.inner.db.write(workspace, self.now(), taken).await.map_err(HookError::from)
    }

    /// Keeps what came and applies it, in one transaction.
    async fn keep(
        &self,
        receiving: Arc<Receiving>,
        kept: NewInbound,
        understood: Result<Vec<Inbound>, String>,
    ) -> Result<(), HookError> {
        let workspace = receiving.workspace;
        let stop = receiving.opened.provider.capabilities().stop;
        let now = kept.received_at;
        self.inner
            .db
            .write(workspace, now, move |tx| {
                let became = match understood {
                    Err(why) => Became::Held(not_understood(hold::same_bytes(&kept), why)),
                    Ok(inbounds) => apply_alone(tx, &receiving.row, stop, &inbounds, Some(&kept))?,
                };
                match became {
                    Became::Held(held) => hold::hold(tx, kept, held)?,
                    became => tx.keep_inbound(kept, &became)?,
                }
                Ok::<_, DeskError>(())
            })
            .await
            .map_err(HookError::from)
    }
}

/// Something that was fetched from a provider and not called in.
pub(crate) struct Fetched {
    /// The provider's id of it.
    pub(crate) provider_id: String,
    /// What it is, or why it could not be understood.
    pub(crate) what: Result<Inbound, Unread>,
}

/// Something that was fetched and could not be understood.
pub(crate) struct Unread {
    /// Why not: a stable word and a sentence.
    pub(crate) why: String,
    /// The provider's own words, to be read again by a version that understands them.
    pub(crate) listed: Option<Listed>,
    /// Where its files are.
    pub(crate) media: Vec<MediaRef>,
}

/// Applies what was fetched. The same message again changes nothing.
pub(crate) fn fetched(tx: &mut Tx<'_>, connection: &ConnectionRow, stop: StopHandling, it: Fetched) -> Result<()> {
    let key = provider_key(connection.id, &it.provider_id);
    // the same message has the same name in the journal, however often it is listed; of ours, each thing that became of it
    let (name, is_report) = match &it.what {
        Ok(Inbound::Status(report)) => {
            (provider_key(connection.id, &format!("{} {}", it.provider_id, report.status)), true)
        }
        _ => (key.clone(), false),
    };
    let id = InboundId::from_uuid(Uuid::from_slice(&name).unwrap_or_default());
    let is_known = tx.knows_inbound(id)?;
    // a report is tried each time: what is saved moves nothing back, and what is held may be saved by now
    if is_known && !is_report {
        return Ok(());
    }
    let now = tx.now();
    let inbound = match it.what {
        Ok(inbound) => inbound,
        Err(unread) => {
            let kept = hold::unreadable(id, connection.id, now, &it.provider_id, &unread);
            return hold::hold(tx, kept, not_understood(key, unread.why));
        }
    };
    match apply_alone(tx, connection, stop, std::slice::from_ref(&inbound), None)? {
        Became::Held(held) if !is_known && tx.held_same(&held.same)?.is_none() => {
            hold::hold(tx, hold::polled(id, connection.id, now, &inbound), held)
        }
        Became::Held(_) | Became::HeldAlready => Ok(()),
        Became::Applied(seq) => hold::came_again(tx, &key, seq),
        Became::Duplicate(seq) => hold::came_again(tx, &key, Some(seq)),
    }
}

/// Applies what came; what can't be applied is undone and held, so that its bytes are kept all the same. Only when the database
/// itself is away is nothing kept, and the provider is told so.
fn apply_alone(
    tx: &mut Tx<'_>,
    connection: &ConnectionRow,
    stop: StopHandling,
    inbounds: &[Inbound],
    kept: Option<&NewInbound>,
) -> Result<Became> {
    let now = tx.now();
    match tx.attempt(|tx| apply(tx, connection, stop, inbounds, now))? {
        Ok(became) => Ok(became),
        Err(error) => Ok(Became::Held(not_applied(connection, inbounds, kept, error)?)),
    }
}

/// Applies what came at `arrived`, which is now, or long ago where a person plays it again. What is held of it holds it whole: the
/// rest is known when it comes again.
pub(crate) fn apply(
    tx: &mut Tx<'_>,
    connection: &ConnectionRow,
    stop: StopHandling,
    inbounds: &[Inbound],
    arrived: Millis,
) -> Result<Became> {
    let mut all = Became::Applied(None);
    for inbound in inbounds {
        let became = match inbound {
            Inbound::Text(text) => text::receive(tx, connection, stop, text, arrived)?,
            Inbound::Status(report) => status::receive(tx, connection, report)?,
        };
        if !matches!(all, Became::Held(_)) {
            all = became;
        }
    }
    Ok(all)
}

/// When it happened, by the provider's word or else its arrival, and whether that is long before `now`.
pub(crate) fn moment(provider: Option<Millis>, arrived: Millis, now: Millis) -> (Millis, bool) {
    let at = partyline_core::conversation::happened_at(provider, arrived);
    (at, partyline_core::conversation::is_late(at, now))
}
