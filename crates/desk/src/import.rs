//! Importing a number's past: what it said before it was connected here, from its provider's log.
//!
//! It goes oldest first and remembers after each step up to where everything is here, so a process that dies in the middle costs a
//! step. What is here already is not doubled, so it may also be begun anew.

use std::collections::BTreeMap;

use partyline_channels::{PassedWhat, ProviderError, Way};
use partyline_core::event::{Actor, EventType};
use partyline_core::id::{ChannelId, ImportId};
use partyline_core::permission::Permission;
use partyline_core::time::{DAY, MINUTE, Millis, SECOND};
use partyline_store::channels::{ChannelRow, ConnectionRow};
use partyline_store::entries::provider_key;
use partyline_store::scope::entropy;
use partyline_store::turns::MESSAGES;
use partyline_store::{NewEvent, StoreError, Tx, Workspace};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::asking::messages::DEEP_OVERLAP;
use crate::asking::{LEASE, NEVER_AFTER, keeping, number_of};
use crate::error::{DeskError, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::log::{Log, Step, Steps};
use crate::receive::{Brought, PastMessage, bring_in};
use crate::view::AsOf;
use crate::{Desk, Who};

pub use partyline_store::imports::ImportRow;

/// The most days that can be asked for: providers keep longer, but what is older is hardly still wanted in an inbox.
pub const DAYS_MAX: u32 = 90;
/// Imports that are listed.
const LISTED_MAX: i64 = 50;
/// Messages brought in in one transaction.
const TOGETHER: usize = 50;
/// Between two files of the past: those of what comes in now go first.
const MEDIA_EVERY: i64 = 250;
/// The first wait after trouble at the provider; doubled each time.
const BACKOFF: i64 = 10 * SECOND;
/// The longest wait.
const BACKOFF_MAX: i64 = 5 * MINUTE;
/// Trouble in a row after which an import is given up: over an hour.
const FAILURES_MAX: i64 = 20;

const NO_CHANNEL: DeskError = DeskError::NotFound("The channel");
const NO_IMPORT: DeskError = DeskError::NotFound("The import");

/// How an import left a run.
enum Ran {
    /// All of it is here.
    Done,
    /// Somebody else has it, or it was cancelled.
    Lost,
    /// This process stops; another goes on.
    Stopped,
}

fn told(tx: &mut Tx<'_>, actor: Actor, kind: EventType, id: ImportId, changed: &[String]) -> Result<(), StoreError> {
    tx.append(NewEvent::new(actor, kind).subject(id.uuid()).changed(changed.iter().cloned())).map(drop)
}

impl Desk {
    /// Begins to import the last `days` days of a channel.
    pub async fn start_import(
        &self,
        who: &Who,
        channel: ChannelId,
        days: u32,
        key: Option<RequestKey>,
    ) -> Result<ImportRow> {
        who.must(Permission::ManageChannels)?;
        if !(1..=DAYS_MAX).contains(&days) {
            return Err(DeskError::field("days", "out_of_range", format!("From 1 to {DAYS_MAX} days.")));
        }
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                if let Some(id) = made_before::<ImportId>(tx, key.as_ref())? {
                    return tx.import(id)?.ok_or(NO_IMPORT);
                }
                let row = tx.channel(channel)?.filter(|c| c.removed_at.is_none()).ok_or(NO_CHANNEL)?;
                if tx.connection(row.connection)?.is_none_or(|c| c.credentials.is_none()) {
                    let detail = "The account of this number has no credentials. Enter them first.";
                    return Err(DeskError::refused("credentials_missing", detail));
                }
                if tx.running_import(channel)?.is_some() {
                    let detail = "This number's past is being imported already.".to_owned();
                    return Err(DeskError::Conflict { code: "import_running", detail });
                }
                let id = ImportId::new(tx.now(), &entropy());
                tx.create_import(id, channel, i64::from(days), Some(who.user))?;
                told(tx, who.actor(), EventType::ImportStarted, id, &[format!("days={days}")])?;
                made(tx, key.as_ref(), id)?;
                tx.import(id)?.ok_or(NO_IMPORT)
            })
            .await
    }

    /// A channel's imports, newest first.
    pub async fn imports(&self, who: &Who, channel: ChannelId) -> Result<AsOf<Vec<ImportRow>>> {
        who.must(Permission::ReadChannels)?;
        self.inner
            .db
            .read(who.workspace, move |scope| {
                scope.channel(channel)?.filter(|c| c.removed_at.is_none()).ok_or(NO_CHANNEL)?;
                Ok(AsOf { seq: scope.seq()?, value: scope.imports(channel, LISTED_MAX)? })
            })
            .await
    }

    /// Ends an import that runs. What it has brought in stays.
    pub async fn cancel_import(&self, who: &Who, channel: ChannelId, id: ImportId) -> Result<ImportRow> {
        who.must(Permission::ManageChannels)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                tx.import(id)?.filter(|i| i.channel == channel).ok_or(NO_IMPORT)?;
                if tx.end_import(id, "cancelled", None)? {
                    told(tx, who.actor(), EventType::ImportEnded, id, &["status=cancelled".to_owned()])?;
                }
                tx.import(id)?.ok_or(NO_IMPORT)
            })
            .await
    }

    /// Goes on with the imports that nobody works on.
    pub(crate) async fn go_on_importing(&self, tracker: &TaskTracker, stop: &CancellationToken) -> Result<()> {
        let (now, limit) = (self.now(), i64::try_from(self.inner.places.imports.available_permits()).unwrap_or(0));
        if limit == 0 {
            return Ok(());
        }
        let node = self.inner.db.node();
        let imports = self
            .inner
            .db
            .machinery(now, move |root| {
                Ok::<_, DeskError>(root.claim_imports(node, now, now + LEASE, now + NEVER_AFTER, limit)?)
            })
            .await?;
        for import in imports {
            let Ok(place) = self.inner.places.imports.clone().acquire_owned().await else { return Ok(()) };
            let (desk, stop) = (self.clone(), stop.clone());
            tracker.spawn(async move {
                if let Err(error) = desk.go_on(&import, &stop).await {
                    tracing::warn!(import = %import.id, %error, "an import could not go on; it is tried again");
                }
                drop(place);
            });
        }
        Ok(())
    }

    async fn go_on(&self, import: &ImportRow, stop: &CancellationToken) -> Result<()> {
        let id = import.channel;
        let found = self
            .inner
            .db
            .read(import.workspace, move |scope| {
                let Some(channel) = scope.channel(id)?.filter(|c| c.removed_at.is_none()) else { return Ok(None) };
                Ok::<_, DeskError>(scope.connection(channel.connection)?.map(|connection| (channel, connection)))
            })
            .await?;
        let Some((channel, connection)) = found else {
            return self.ended(import, "failed", Some("channel_gone")).await;
        };
        match self.bring_in_all(import, &channel, &connection, stop).await {
            Ok(Ran::Done) => self.ended(import, "done", None).await,
            Ok(Ran::Lost) => Ok(()),
            Ok(Ran::Stopped) => {
                let import = import.clone();
                let workspace = import.workspace;
                self.inner.db.write(workspace, self.now(), move |tx| Ok(tx.let_go_of_import(&import)?)).await
            }
            Err(DeskError::Provider(error)) if error.is_passing() && import.failures < FAILURES_MAX => {
                self.put_off_import(import, &error).await
            }
            Err(DeskError::Provider(error)) => self.ended(import, "failed", Some(error.code())).await,
            Err(error) => Err(error),
        }
    }

    async fn put_off_import(&self, import: &ImportRow, error: &ProviderError) -> Result<()> {
        let wait = BACKOFF.saturating_mul(1 << import.failures.clamp(0, 10)).min(BACKOFF_MAX);
        let (import, due, code) = (import.clone(), self.now() + wait, error.code());
        self.inner
            .db
            .write(import.workspace, self.now(), move |tx| {
                if tx.put_import_off(&import, code, due)? {
                    told(tx, Actor::System, EventType::ImportProgressed, import.id, &[format!("error={code}")])?;
                }
                Ok(())
            })
            .await
    }

    async fn ended(&self, import: &ImportRow, state: &'static str, error: Option<&'static str>) -> Result<()> {
        let import = import.clone();
        self.inner
            .db
            .write(import.workspace, self.now(), move |tx| {
                if tx.holds_import(&import)? && tx.end_import(import.id, state, error)? {
                    told(tx, Actor::System, EventType::ImportEnded, import.id, &[format!("status={state}")])?;
                }
                Ok(())
            })
            .await
    }

    async fn bring_in_all(
        &self,
        import: &ImportRow,
        channel: &ChannelRow,
        connection: &ConnectionRow,
        stop: &CancellationToken,
    ) -> Result<Ran> {
        let opened = self.open_connection(connection)?;
        let number = number_of(channel)?;
        let log = Log { http: &self.inner.http, opened: &opened, number: &number, ways: &[Way::Received, Way::Sent] };
        let (at, until) = match (import.at, import.until) {
            (Some(at), Some(until)) => (at, until),
            _ => {
                // the provider's clock says what "the last days" are
                let now = self.now();
                let until = log.read(now, None).await?.1.unwrap_or(now);
                let since = until + -(import.days * DAY);
                let import = import.clone();
                let workspace = import.workspace;
                let is_ours = self
                    .inner
                    .db
                    .write(workspace, now, move |tx| Ok::<_, DeskError>(tx.set_import_span(&import, since, until)?))
                    .await?;
                if !is_ours {
                    return Ok(Ran::Lost);
                }
                (since, until)
            }
        };
        let Some(live_from) = self.live_from(import.workspace, channel.id, until).await? else {
            // its turns are given within a minute
            return Ok(Ran::Stopped);
        };
        let mut steps = Steps::new(at, until);
        let mut media_at = self.now();
        let keep = || self.keep_import(import);
        while let Some((from, until)) = steps.next() {
            if stop.is_cancelled() {
                return Ok(Ran::Stopped);
            }
            // what comes in now is asked for beside it
            let account = self.inner.places.of_account(connection.id);
            let read = async {
                let Ok(place) = account.acquire_owned().await else { return Ok(None) };
                Ok(Some((place, log.read(from, Some(until)).await?.0)))
            };
            let Some(read) = keeping(&self.inner.clock, keep, read).await? else { return Ok(Ran::Lost) };
            let Some((_account, step)) = read else { return Ok(Ran::Stopped) };
            let Step::Whole(mut messages) = step else {
                steps.shorten();
                continue;
            };
            // each step without its first moment: that was the last one of the step before
            messages.retain(|m| m.at > from && m.at <= until);
            let found = i64::try_from(messages.len()).unwrap_or(0);
            messages.retain(|m| m.at < live_from || !matches!(m.what, PassedWhat::Received(_)));
            let mut past = Vec::new();
            let mut trouble = None;
            for message in self.not_here(import.workspace, connection, messages).await? {
                let files = if matches!(message.what, PassedWhat::Unreadable { .. }) { 0 } else { message.files };
                let listed = self.files_of(connection.id, &opened, &message.provider_id, files, message.at);
                let media = match keeping(&self.inner.clock, keep, listed).await {
                    Ok(Some(media)) => media,
                    Ok(None) => return Ok(Ran::Lost),
                    Err(error) => {
                        trouble = Some(error);
                        break;
                    }
                };
                media_at = media_at + MEDIA_EVERY * i64::from(files);
                past.push(PastMessage { message, media, media_at });
                // these stay, whatever becomes of the rest of the step
                if past.len() == TOGETHER
                    && !self.bring_in_some(import, channel, connection, std::mem::take(&mut past), (from, 0)).await?
                {
                    return Ok(Ran::Lost);
                }
            }
            if let Some(error) = trouble {
                if !past.is_empty() && !self.bring_in_some(import, channel, connection, past, (from, 0)).await? {
                    return Ok(Ran::Lost);
                }
                return Err(error);
            }
            if !self.bring_in_some(import, channel, connection, past, (until, found)).await? {
                return Ok(Ran::Lost);
            }
            steps.done();
        }
        Ok(Ran::Done)
    }

    /// From when on, by the provider's clock, a text to this number is of the present: the turns of its channel fetch it, and people
    /// are told of it. Where they have passed already, a little before that, since providers list late. `None`: it has no turns yet.
    async fn live_from(&self, workspace: Workspace, channel: ChannelId, until: Millis) -> Result<Option<Millis>> {
        let turn =
            self.inner.db.read(workspace, move |scope| Ok::<_, DeskError>(scope.turn(channel, MESSAGES)?)).await?;
        Ok(turn.map(|turn| {
            let from = turn.read_to.map_or(turn.since, |at| (at.min(until) + -DEEP_OVERLAP).max(turn.since));
            // as it is asked for: whole seconds
            Millis(from.0 - from.0.rem_euclid(SECOND))
        }))
    }

    /// Keeps the lease. `false`: it is lost.
    async fn keep_import(&self, import: &ImportRow) -> Result<bool> {
        let (import, until) = (import.clone(), self.now() + LEASE);
        let workspace = import.workspace;
        self.inner.db.write(workspace, self.now(), move |tx| Ok(tx.keep_import(&import, until)?)).await
    }

    /// Those that are not here yet.
    async fn not_here(
        &self,
        workspace: Workspace,
        connection: &ConnectionRow,
        messages: Vec<partyline_channels::Passed>,
    ) -> Result<Vec<partyline_channels::Passed>> {
        let id = connection.id;
        self.inner
            .db
            .read(workspace, move |scope| {
                let mut unknown = Vec::new();
                for message in messages {
                    let key = provider_key(id, &message.provider_id);
                    if scope.entry_of_provider(&key)?.is_none() && scope.delivery_of_provider(&key)?.is_none() {
                        unknown.push(message);
                    }
                }
                Ok(unknown)
            })
            .await
    }

    /// Brings some messages in, and notes up to where everything is here and how many the provider has shown. `false`: it is no
    /// longer ours.
    async fn bring_in_some(
        &self,
        import: &ImportRow,
        channel: &ChannelRow,
        connection: &ConnectionRow,
        past: Vec<PastMessage>,
        (at, found): (Millis, i64),
    ) -> Result<bool> {
        let (import, channel, connection) = (import.clone(), channel.clone(), connection.clone());
        let now = self.now();
        self.inner
            .db
            .write(import.workspace, now, move |tx| {
                if !tx.holds_import(&import)? {
                    return Ok(false);
                }
                let mut imported = 0;
                let mut left_out: BTreeMap<&'static str, u64> = BTreeMap::new();
                for message in past {
                    let name = message.message.provider_id.clone();
                    match tx.attempt(|tx| bring_in(tx, import.id, &connection, &channel, message))? {
                        Ok(Brought::New) => imported += 1,
                        Ok(Brought::HereAlready) => {}
                        Ok(Brought::LeftOut(why)) => *left_out.entry(why).or_default() += 1,
                        Err(DeskError::Store(e)) if e.is_passing() => return Err(DeskError::from(e)),
                        // one that can't be brought in does not keep the others out; it stays in the provider's log
                        Err(error) => {
                            *left_out.entry("failed").or_default() += 1;
                            tracing::error!(import = %import.id, message = name, %error, "a message of the past could not be brought in");
                        }
                    }
                }
                let is_ours = tx.import_came_to(&import, at, found, imported, now + LEASE)?;
                if is_ours {
                    told(tx, Actor::System, EventType::ImportProgressed, import.id, &[])?;
                    for (why, count) in left_out {
                        tracing::warn!(import = %import.id, why, count, "messages of the past were left out");
                    }
                }
                Ok(is_ours)
            })
            .await
    }
}
