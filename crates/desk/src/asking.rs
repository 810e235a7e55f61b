//! Asking providers, by turns: for what has come, for receipts, and where a number reports.
//!
//! Without a public address the provider can't call us, so each number is asked about every few seconds. The others are asked at the
//! start and every few minutes: a webhook that found us down, or busy, may not be tried again. Each channel has its turn and its own
//! pace; one that fails is asked less and less often and holds up nobody.

mod files;
mod lease;
pub(crate) mod messages;
pub(crate) mod pointing;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use partyline_channels::ProviderError;
use partyline_core::id::ConnectionId;
use partyline_core::time::{MINUTE, Millis, SECOND};
use partyline_store::channels::{ChannelRow, ConnectionRow};
use partyline_store::turns::{TurnEnd, TurnRow, WEBHOOK};
use partyline_store::{Location, Workspace};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Desk;
use crate::error::{DeskError, Result};

use files::Tries;
pub(crate) use lease::keeping;

/// How often a channel is asked about whose provider can't call us.
pub(crate) const POLL_EVERY: i64 = 10 * SECOND;
/// How often it is looked whose turn it is.
const TICK: Duration = Duration::from_secs(1);
/// How often channels of an earlier version are given their turns.
const BEGIN_EVERY: u32 = 60;
/// Turns that this process may hold at once; more wait where they are.
const HELD_MAX: usize = 256;
/// Turns of one account that are held at once: those of one that hangs leave room for the others.
const HELD_PER_ACCOUNT: usize = 64;
/// A turn that finds no room among its account's comes again after this.
const NO_ROOM: i64 = 5 * SECOND;
/// Channels asked about at once.
const AT_ONCE: usize = 16;
/// Of one account: fewer than a provider allows, and one that hangs leaves room for the others.
const AT_ONCE_PER_ACCOUNT: usize = 4;
/// Imports at once in this process: each is as busy as a provider allows.
const IMPORTS_AT_ONCE: usize = 2;
/// A turn is ours for this long after each step: more than the longest request.
pub(crate) const LEASE: i64 = MINUTE;
/// Nothing is put off longer than this. What seems to be was put off by a clock that has been set back since.
pub(crate) const NEVER_AFTER: i64 = 16 * MINUTE;
/// The first wait after a turn that failed; doubled each time.
const BACKOFF: i64 = 10 * SECOND;
/// The longest wait.
const BACKOFF_MAX: i64 = 5 * MINUTE;

/// Room of one account.
#[derive(Debug, Clone)]
struct Account {
    /// Turns of it that are held.
    held: Arc<Semaphore>,
    /// Requests for it that are made now.
    asking: Arc<Semaphore>,
}

/// Who may ask now: a place for each account, and a place in the whole.
#[derive(Debug)]
pub(crate) struct Places {
    held: Arc<Semaphore>,
    all: Arc<Semaphore>,
    accounts: Mutex<HashMap<ConnectionId, Account>>,
    files: Tries,
    pub(crate) imports: Arc<Semaphore>,
}

impl Places {
    pub(crate) fn new() -> Places {
        Places {
            held: Arc::new(Semaphore::new(HELD_MAX)),
            all: Arc::new(Semaphore::new(AT_ONCE)),
            accounts: Mutex::default(),
            files: Tries::default(),
            imports: Arc::new(Semaphore::new(IMPORTS_AT_ONCE)),
        }
    }

    /// Places to ask an account.
    pub(crate) fn of_account(&self, id: ConnectionId) -> Arc<Semaphore> {
        self.account(id).asking
    }

    fn account(&self, id: ConnectionId) -> Account {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Account {
            held: Arc::new(Semaphore::new(HELD_PER_ACCOUNT)),
            asking: Arc::new(Semaphore::new(AT_ONCE_PER_ACCOUNT)),
        };
        accounts.entry(id).or_insert_with(new).clone()
    }
}

/// What a turn came to.
pub(crate) struct Asked {
    pub(crate) read_to: Option<Millis>,
    pub(crate) deep_at: Millis,
    pub(crate) skew: Option<i64>,
    /// When to ask again, from now.
    pub(crate) again_in: i64,
}

/// Asks until `stop`.
pub(crate) async fn run(desk: Desk, stop: CancellationToken) {
    let tracker = TaskTracker::new();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut count = 0u32;
    let mut has_begun = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => {}
        }
        let turn = async {
            if !has_begun {
                desk.begin_asking().await?;
                has_begun = true;
            }
            if count.is_multiple_of(BEGIN_EVERY) {
                desk.give_turns().await?;
            }
            desk.ask(&tracker, &stop).await?;
            desk.go_on_importing(&tracker, &stop).await
        };
        match turn.await {
            Ok(()) => count = count.wrapping_add(1),
            Err(error) => tracing::warn!(%error, "providers can't be asked; it is tried again"),
        }
    }
    tracker.close();
    tracker.wait().await;
}

impl Desk {
    /// At a start everything is asked at once: nobody knows what came meanwhile, nor whether the public address is the same.
    async fn begin_asking(&self) -> Result<()> {
        // a SQLite file has one server: what is still claimed when it starts was claimed by one that is gone
        let is_alone = matches!(self.inner.db.location(), Location::Sqlite(_));
        self.inner
            .db
            .machinery(self.now(), move |root| {
                if is_alone {
                    root.take_back_turns()?;
                    root.take_back_imports()?;
                }
                root.make_turns_due()?;
                Ok(())
            })
            .await
    }

    /// Channels that an earlier version made, or connected meanwhile, get their turns.
    async fn give_turns(&self) -> Result<()> {
        self.for_each("turns", |workspace, _| self.give_turns_in(workspace)).await
    }

    async fn give_turns_in(&self, workspace: Workspace) -> Result<()> {
        let missing = self
            .inner
            .db
            .read(workspace, |scope| {
                let mut missing = scope.channels_without_turns()?;
                for (channel, since) in &mut missing {
                    // as far as the earlier version has read, if it did
                    *since = scope.cursor(&format!("poll {channel}"))?.map_or(*since, |at| at.max(*since));
                }
                Ok::<_, DeskError>(missing)
            })
            .await?;
        if missing.is_empty() {
            return Ok(());
        }
        self.inner
            .db
            .write(workspace, self.now(), move |tx| {
                for (channel, since) in missing {
                    tx.begin_turns(channel, since, tx.now())?;
                }
                Ok::<_, DeskError>(())
            })
            .await
    }

    /// Takes the turns that are due and begins them.
    async fn ask(&self, tracker: &TaskTracker, stop: &CancellationToken) -> Result<()> {
        for turn in self.due_turns(self.inner.places.held.available_permits()).await? {
            let Ok(held) = self.inner.places.held.clone().acquire_owned().await else { break };
            let (desk, stop) = (self.clone(), stop.clone());
            tracker.spawn(async move {
                desk.take_or_tell(&turn, &stop).await;
                drop(held);
            });
        }
        Ok(())
    }

    async fn due_turns(&self, limit: usize) -> Result<Vec<TurnRow>> {
        let (now, limit) = (self.now(), i64::try_from(limit).unwrap_or(0));
        if limit == 0 {
            return Ok(Vec::new());
        }
        let node = self.inner.db.node();
        self.inner
            .db
            .machinery(now, move |root| {
                Ok::<_, DeskError>(root.claim_turns(node, now, now + LEASE, now + NEVER_AFTER, limit)?)
            })
            .await
    }

    async fn take_or_tell(&self, turn: &TurnRow, stop: &CancellationToken) {
        if let Err(error) = self.take_turn(turn, stop).await {
            tracing::warn!(channel = %turn.channel, about = turn.about, %error, "a turn could not be taken; it is taken again");
        }
    }

    /// Asks about every channel whose turn it is now, one after the other, behind those that are asked about already, and waits for
    /// it: for tests and for filling a demo.
    pub async fn poll(&self) -> Result<()> {
        self.give_turns().await?;
        let all = u32::try_from(HELD_MAX).unwrap_or(u32::MAX);
        let Ok(_all) = self.inner.places.held.acquire_many(all).await else { return Ok(()) };
        for turn in self.due_turns(HELD_MAX).await? {
            self.take_or_tell(&turn, &CancellationToken::new()).await;
        }
        Ok(())
    }

    async fn take_turn(&self, turn: &TurnRow, stop: &CancellationToken) -> Result<()> {
        let id = turn.channel;
        let (channel, connection) = self
            .inner
            .db
            .read(turn.workspace, move |scope| {
                let channel = scope.channel(id)?.filter(|c| c.removed_at.is_none());
                let connection = match &channel {
                    Some(channel) => scope.connection(channel.connection)?,
                    None => None,
                };
                Ok::<_, DeskError>((channel, connection))
            })
            .await?;
        let (Some(channel), Some(connection)) = (channel, connection) else {
            return self.inner.db.write(turn.workspace, self.now(), move |tx| Ok(tx.forget_turns(id)?)).await;
        };
        let account = self.inner.places.account(connection.id);
        let Ok(_held) = account.held.try_acquire_owned() else {
            let (turn, due_at) = (turn.clone(), self.now() + NO_ROOM);
            let workspace = turn.workspace;
            return self.inner.db.write(workspace, self.now(), move |tx| Ok(tx.put_turn_off(&turn, due_at)?)).await;
        };
        let room =
            async { Ok((account.asking.acquire_owned().await, self.inner.places.all.clone().acquire_owned().await)) };
        let Some((Ok(_account), Ok(_place))) =
            keeping(&self.inner.clock, || self.keep_turn(turn, turn.read_to), room).await?
        else {
            return Ok(());
        };
        let asked = if turn.about == WEBHOOK {
            self.see_to_webhook(turn.workspace, &channel, &connection).await.map(Some)
        } else {
            self.read_messages(turn, &channel, &connection, stop).await
        };
        self.note_answer(turn.workspace, &connection, &asked).await?;
        match asked {
            // the lease was lost: another's word stands
            Ok(None) => Ok(()),
            Ok(Some(asked)) => {
                let end = TurnEnd {
                    read_to: asked.read_to,
                    deep_at: asked.deep_at,
                    skew: asked.skew,
                    due_at: self.now() + asked.again_in,
                    failures: 0,
                    error: None,
                };
                self.end_turn(turn, end).await
            }
            Err(DeskError::Provider(error)) => {
                tracing::warn!(channel = %turn.channel, about = turn.about, error = error.code(), "a provider could not be asked; it is asked again");
                self.end_turn(turn, self.put_off(turn, &error)).await
            }
            Err(error) => Err(error),
        }
    }

    fn put_off(&self, turn: &TurnRow, error: &ProviderError) -> TurnEnd {
        let doubled = BACKOFF.saturating_mul(1 << turn.failures.clamp(0, 10)).min(BACKOFF_MAX);
        let asked_for = match error {
            ProviderError::Busy { retry_after: Some(after) } => i64::try_from(after.as_millis()).unwrap_or(BACKOFF_MAX),
            _ => 0,
        };
        TurnEnd {
            read_to: None,
            deep_at: turn.deep_at,
            skew: None,
            due_at: self.now() + doubled.max(asked_for),
            failures: turn.failures + 1,
            error: Some(error.code()),
        }
    }

    async fn end_turn(&self, turn: &TurnRow, end: TurnEnd) -> Result<()> {
        let turn = turn.clone();
        self.inner.db.write(turn.workspace, self.now(), move |tx| Ok(tx.end_turn(&turn, &end).map(drop)?)).await
    }

    /// Notes how far a turn has come and keeps its lease. `false`: it is lost.
    async fn keep_turn(&self, turn: &TurnRow, read_to: Option<Millis>) -> Result<bool> {
        let turn = turn.clone();
        let until = self.now() + LEASE;
        self.inner.db.write(turn.workspace, self.now(), move |tx| Ok(tx.hold_turn(&turn, read_to, until)?)).await
    }

    /// What an answer says of the account as a whole.
    async fn note_answer<T>(&self, workspace: Workspace, connection: &ConnectionRow, asked: &Result<T>) -> Result<()> {
        let status = match asked {
            Ok(_) => "connected",
            Err(DeskError::Provider(ProviderError::CredentialsRefused { .. })) => "refused",
            Err(DeskError::Provider(error)) if error.is_passing() => "unreachable",
            Err(_) => return Ok(()),
        };
        if connection.credentials.is_none() {
            return Ok(());
        }
        self.note_connection(workspace, connection, status).await
    }
}

/// What a reader of the past and of the present have in common: whose number it is.
pub(crate) fn number_of(channel: &ChannelRow) -> Result<partyline_core::phone::Party> {
    partyline_core::phone::Party::parse(&channel.address)
        .map_err(|_| partyline_store::StoreError::Corrupt("a channel that is no number".into()).into())
}
