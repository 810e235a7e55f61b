//! A channel's messages: what has come, and what became of ours.
//!
//! How far everything is here is kept by the provider's clock, which its answers carry: a wrong clock of ours delays nothing and
//! skips nothing. What is asked for overlaps with what was read before, since providers list late; what is here already changes
//! nothing.

use partyline_channels::{Inbound, Passed, PassedWhat, ReportLookup, StopHandling, Way};
use partyline_core::delivery::DeliveryStatus;
use partyline_core::time::{DAY, MINUTE, Millis};
use partyline_store::channels::{ChannelRow, ConnectionRow};
use partyline_store::entries::provider_key;
use partyline_store::turns::TurnRow;
use tokio_util::sync::CancellationToken;

use super::{Asked, LEASE, POLL_EVERY, keeping, number_of};
use crate::Desk;
use crate::connection::Opened;
use crate::error::{DeskError, Result};
use crate::log::{Log, Step, Steps};
use crate::receive::{Fetched, Unread, fetched};

/// How often a channel whose provider calls us is asked what we may have missed, and how often every one is looked at further back.
const DEEP_EVERY: i64 = 5 * MINUTE;
/// How far a question reaches back behind the last answer.
const OVERLAP: i64 = 2 * MINUTE;
/// How far it reaches back every few minutes: a text may be listed late.
pub(crate) const DEEP_OVERLAP: i64 = 15 * MINUTE;
/// Messages applied in one transaction.
const TOGETHER: usize = 50;
/// A receipt that has not come after this long does not come: many networks give none.
const RECEIPT_WITHIN: i64 = DAY;
/// Younger messages are asked about each time, older ones every few minutes.
const RECEIPT_SOON: i64 = 2 * MINUTE;
/// A provider that calls us has this long to report by itself.
const RECEIPT_CALLED_IN: i64 = MINUTE;
/// Messages whose receipts are asked for in one turn.
const RECEIPTS_MAX: i64 = 500;
/// A message may be listed as this much older than our request: the provider's clock is not ours.
const SKEW: i64 = MINUTE;

impl Desk {
    /// Reads what has come, page by page, and then asks for receipts. `None`: the lease was lost.
    pub(super) async fn read_messages(
        &self,
        turn: &TurnRow,
        channel: &ChannelRow,
        connection: &ConnectionRow,
        stop: &CancellationToken,
    ) -> Result<Option<Asked>> {
        let again_in = if channel.mode == "polling" { POLL_EVERY } else { DEEP_EVERY };
        // a moment that lies ahead was written by a clock that has been set back
        let since_deep = self.now().since(turn.deep_at);
        let is_deep = !(0..DEEP_EVERY).contains(&since_deep) || channel.mode != "polling";
        let deep_at = if is_deep { self.now() } else { turn.deep_at };
        if connection.credentials.is_none() {
            return Ok(Some(Asked { read_to: None, deep_at, skew: None, again_in }));
        }
        let opened = self.open_connection(connection)?;
        let number = number_of(channel)?;
        let log = Log { http: &self.inner.http, opened: &opened, number: &number, ways: &[Way::Received] };
        let began = self.now();
        // a clock of the provider's that was set back must not make us wait for it to catch up
        let there = began + turn.skew.unwrap_or(0);
        let overlap = if is_deep { DEEP_OVERLAP } else { OVERLAP };
        let from = turn.read_to.map_or(turn.since, |at| (at.min(there.max(turn.since)) + -overlap).max(turn.since));
        let keep = |read_to| move || self.keep_turn(turn, read_to);
        let read = async { Ok(log.read(from, None).await?) };
        let Some((step, provider_now)) = keeping(&self.inner.clock, keep(turn.read_to), read).await? else {
            return Ok(None);
        };
        let end = provider_now.unwrap_or(began);
        let skew = provider_now.map(|at| at.since(began));
        let mut read_to = turn.read_to;
        match step {
            Step::Whole(messages) => {
                if !self.take_step(turn, connection, &opened, messages, read_to).await? {
                    return Ok(None);
                }
                read_to = Some(end);
            }
            Step::TooMuch => {
                let mut steps = Steps::new(from, end);
                while let Some((from, until)) = steps.next() {
                    if stop.is_cancelled() {
                        // the next to take this turn goes on from here
                        return Ok(Some(Asked { read_to, deep_at: turn.deep_at, skew, again_in: 0 }));
                    }
                    let read = async { Ok(log.read(from, Some(until)).await?.0) };
                    let Some(step) = keeping(&self.inner.clock, keep(read_to), read).await? else { return Ok(None) };
                    match step {
                        Step::TooMuch => steps.shorten(),
                        Step::Whole(messages) => {
                            if !self.take_step(turn, connection, &opened, messages, read_to).await? {
                                return Ok(None);
                            }
                            read_to = Some(read_to.map_or(until, |at| at.max(until)));
                            if !self.keep_turn(turn, read_to).await? {
                                return Ok(None);
                            }
                            steps.done();
                        }
                    }
                }
                read_to = Some(end);
            }
        }
        let receipts = self.ask_for_receipts(channel, connection, &opened, is_deep);
        match keeping(&self.inner.clock, keep(read_to), receipts).await {
            Ok(Some(())) => {}
            Ok(None) => return Ok(None),
            // what came is here all the same, and the next turn asks for the receipts again
            Err(DeskError::Provider(error)) => {
                tracing::warn!(channel = %turn.channel, error = error.code(), "receipts could not be asked for");
            }
            Err(error) => return Err(error),
        }
        Ok(Some(Asked { read_to, deep_at, skew, again_in }))
    }

    /// Applies one step's messages, oldest first. `false`: the lease was lost.
    async fn take_step(
        &self,
        turn: &TurnRow,
        connection: &ConnectionRow,
        opened: &Opened,
        messages: Vec<Passed>,
        read_to: Option<Millis>,
    ) -> Result<bool> {
        let stop = opened.provider.capabilities().stop;
        let mut waiting = Vec::new();
        let mut trouble = None;
        for message in self.unknown(turn, connection, messages).await? {
            match keeping(
                &self.inner.clock,
                || self.keep_turn(turn, read_to),
                self.with_media(connection, opened, message),
            )
            .await
            {
                Ok(Some(one)) => waiting.push(one),
                Ok(None) => return Ok(false),
                Err(error) => {
                    // those before it come all the same, and the next turn begins with it
                    trouble = Some(error);
                    break;
                }
            }
            let is_full = waiting.len() == TOGETHER;
            if is_full && !self.apply_fetched(turn, connection, stop, std::mem::take(&mut waiting), read_to).await? {
                return Ok(false);
            }
        }
        if !waiting.is_empty() && !self.apply_fetched(turn, connection, stop, waiting, read_to).await? {
            return Ok(false);
        }
        trouble.map_or(Ok(true), Err)
    }

    async fn apply_fetched(
        &self,
        turn: &TurnRow,
        connection: &ConnectionRow,
        stop: StopHandling,
        waiting: Vec<Fetched>,
        read_to: Option<Millis>,
    ) -> Result<bool> {
        let (now, turn, row) = (self.now(), turn.clone(), connection.clone());
        self.inner
            .db
            .write(turn.workspace, now, move |tx| {
                for one in waiting {
                    fetched(tx, &row, stop, one)?;
                }
                Ok::<_, DeskError>(tx.hold_turn(&turn, read_to, now + LEASE)?)
            })
            .await
    }

    /// Those that are not here yet.
    async fn unknown(&self, turn: &TurnRow, connection: &ConnectionRow, messages: Vec<Passed>) -> Result<Vec<Passed>> {
        if messages.is_empty() {
            return Ok(messages);
        }
        let id = connection.id;
        self.inner
            .db
            .read(turn.workspace, move |scope| {
                let mut unknown = Vec::new();
                for message in messages {
                    if scope.entry_of_provider(&provider_key(id, &message.provider_id))?.is_none() {
                        unknown.push(message);
                    }
                }
                Ok(unknown)
            })
            .await
    }

    /// A listed message as something that came, with where its files are.
    async fn with_media(&self, connection: &ConnectionRow, opened: &Opened, message: Passed) -> Result<Fetched> {
        let Passed { provider_id, files, what, at } = message;
        let what = match what {
            PassedWhat::Received(mut text) => {
                text.media = self.files_of(connection.id, opened, &provider_id, files, at).await?;
                Ok(Inbound::Text(text))
            }
            PassedWhat::Unreadable { why, listed } => Err(Unread {
                why: format!("{}: {why}", why.code()),
                listed: Some(listed),
                media: self.files_of(connection.id, opened, &provider_id, files, at).await?,
            }),
            PassedWhat::Sent(_) => Err(Unread {
                why: "a message of ours among those that came".to_owned(),
                listed: None,
                media: Vec::new(),
            }),
        };
        Ok(Fetched { provider_id, what })
    }

    /// Asks what became of messages that the provider took and of which no receipt has come.
    async fn ask_for_receipts(
        &self,
        channel: &ChannelRow,
        connection: &ConnectionRow,
        opened: &Opened,
        is_deep: bool,
    ) -> Result<()> {
        let (id, now) = (channel.id, self.now());
        let within = if is_deep { RECEIPT_WITHIN } else { RECEIPT_SOON };
        let workspace = self.workspace_of(&connection.id).await?;
        let waiting = self
            .inner
            .db
            .read(workspace, move |scope| Ok::<_, DeskError>(scope.without_receipt(id, now + -within, RECEIPTS_MAX)?))
            .await?;
        let is_called = channel.mode != "polling";
        let waiting: Vec<_> =
            waiting.into_iter().filter(|w| !is_called || now.since(w.updated_at) > RECEIPT_CALLED_IN).collect();
        let Some(oldest) = waiting.iter().map(|w| w.updated_at).min() else { return Ok(()) };
        let look = ReportLookup {
            from: number_of(channel)?,
            since: oldest + -SKEW,
            ids: waiting.into_iter().map(|w| w.provider_id).collect(),
        };
        let mut reports = opened.provider.find_reports(&self.inner.http, &opened.connection, &look).await?;
        // that it was taken is known already
        reports.retain(|report| report.status != DeliveryStatus::Sent);
        let stop = opened.provider.capabilities().stop;
        while !reports.is_empty() {
            let rest = reports.split_off(reports.len().min(TOGETHER));
            let row = connection.clone();
            self.inner
                .db
                .write(workspace, self.now(), move |tx| {
                    for report in reports {
                        let provider_id = report.provider_id.clone();
                        fetched(tx, &row, stop, Fetched { provider_id, what: Ok(Inbound::Status(report)) })?;
                    }
                    Ok::<_, DeskError>(())
                })
                .await?;
            reports = rest;
        }
        Ok(())
    }
}
