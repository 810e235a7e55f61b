//! One browser tab's socket: the log as it grows, what is mine, and who is there.

mod sight;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use partyline_core::id::ConversationId;
use partyline_desk::live::{DraftPlace, LiveEvent, PRESENCE_FOR, Signal, Subscription};
use partyline_desk::{DeskError, Who};
use partyline_meters::figures::{FRAMES, SOCKET_BACKLOG, SOCKETS, SOCKETS_ENDED};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::api::Api;
use crate::limits;
use crate::model::draft::DraftNowOut;
use crate::model::event::{FrameIn, FrameOut, MineOut, shown};
use crate::model::me::CountsOut;
use crate::session::Session;
use sight::Sight;

/// The session has ended (our own code).
const SESSION_ENDED: u16 = 4001;
/// The client is too slow, and missed signals (api.md).
const TOO_SLOW: u16 = 4008;
/// It says more than any browser would (RFC 6455, 7.4.1).
const POLICY: u16 = 1008;
/// The server stops (RFC 6455, 7.4.1).
const GOING_AWAY: u16 = 1001;
/// Something failed here, and a new socket may do (IANA's registry).
const TROUBLE: u16 = 1012;
/// Frames of a client within one second; a person at the keyboard makes a tenth.
const FRAMES_PER_SECOND: u32 = 50;

/// How the server tells its sockets to say good-bye, and knows when they have.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// Cancelled when the server stops.
    pub told: CancellationToken,
    /// The sockets that are open.
    pub open: TaskTracker,
}

/// Why a socket is over.
enum End {
    /// The other end is gone, or can't be spoken to.
    Gone,
    /// We close it, with this code.
    Close(u16),
}

impl End {
    /// In a word, for the figures.
    const fn reason(&self) -> &'static str {
        match self {
            End::Gone => "gone",
            End::Close(SESSION_ENDED) => "session",
            End::Close(TOO_SLOW) => "too_slow",
            End::Close(POLICY) => "policy",
            End::Close(GOING_AWAY) => "stopping",
            End::Close(_) => "trouble",
        }
    }
}

/// What one socket has not been sent yet, as its part of the figure for all.
struct Backlog(i64);

impl Backlog {
    fn is(&mut self, waiting: usize) {
        let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
        if waiting != self.0 {
            SOCKET_BACKLOG.change([], waiting - self.0);
            self.0 = waiting;
        }
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        self.is(0);
    }
}

type Outcome<T = ()> = Result<T, End>;

/// Serves a socket until one side closes it.
pub async fn serve(api: Api, session: Session, after: Option<i64>, socket: WebSocket, stop: CancellationToken) {
    let _open = SOCKETS.hold([]);
    let number = api.next_socket();
    let (sink, stream) = socket.split();
    let subscription = api.desk.subscribe(&session.who);
    let mut client = Client {
        sight: Sight::default(),
        at: after.unwrap_or(i64::MAX),
        counts: None,
        counts_due: Some(Instant::now()),
        viewing: None,
        opened: None,
        presences_due: BTreeSet::new(),
        second: (Instant::now(), 0),
        session,
        number,
        sink,
        api,
    };
    let Err(end) = client.run(subscription, stream, stop).await;
    SOCKETS_ENDED.add([end.reason()]);
    client.api.desk.left(&client.session.who, number);
    if let End::Close(code) = end {
        let close = Message::Close(Some(CloseFrame { code, reason: "".into() }));
        // whoever does not read this either is gone
        let _ = tokio::time::timeout(limits::SOCKET_SEND, client.sink.send(close)).await;
    }
}

struct Client {
    api: Api,
    session: Session,
    number: u64,
    sink: SplitSink<WebSocket, Message>,
    sight: Sight,
    /// Everything up to this seq was sent.
    at: i64,
    /// The counts that were sent last.
    counts: Option<CountsOut>,
    /// When they may have changed and are to be looked at again.
    counts_due: Option<Instant>,
    /// What is on the client's screen, and when it last said so.
    viewing: Option<(ConversationId, Instant)>,
    /// Which conversation it said last.
    opened: Option<ConversationId>,
    /// Conversations of which this client could not be told who is there: the store did not say whether they may see them.
    presences_due: BTreeSet<ConversationId>,
    /// When this second began, and the frames in it.
    second: (Instant, u32),
}

impl Client {
    fn who(&self) -> &Who {
        &self.session.who
    }

    async fn run(
        &mut self,
        mut subscription: Subscription,
        mut stream: SplitStream<WebSocket>,
        stop: CancellationToken,
    ) -> Result<std::convert::Infallible, End> {
        self.catch_up(true).await?;
        self.send_notified(&[]).await?;
        for view in self.api.desk.presences(self.who()) {
            self.tell(Signal::Presence(Arc::new(view))).await?;
        }
        let mut pings = every(limits::SOCKET_PING);
        let mut checks = every(limits::SESSION_CHECK);
        let mut heard = Instant::now();
        let mut backlog = Backlog(0);
        loop {
            let counts_due = self.counts_due;
            tokio::select! {
                () = stop.cancelled() => return Err(End::Close(GOING_AWAY)),
                signal = subscription.next() => {
                    backlog.is(subscription.waiting());
                    self.tell(signal.ok_or(End::Close(GOING_AWAY))?).await?;
                }
                message = stream.next() => {
                    heard = Instant::now();
                    self.hear(message.ok_or(End::Gone)?.map_err(|_| End::Gone)?).await?;
                }
                _ = pings.tick() => {
                    if heard.elapsed() > limits::SOCKET_SILENCE {
                        return Err(End::Gone);
                    }
                    self.ping().await?;
                }
                _ = checks.tick() => self.check_session().await?,
                () = at(counts_due), if counts_due.is_some() => self.send_counts().await?,
            }
        }
    }

    /// Sends what the client has not seen yet. `always`: also when that is nothing, so that it knows where it stands.
    async fn catch_up(&mut self, always: bool) -> Outcome {
        let mut always = always;
        loop {
            let read = self.api.desk.events(self.who(), self.at, limits::CATCH_UP_PAGE).await;
            let read = read.map_err(|error| ended(&error))?;
            let full = read.value.len() == limits::CATCH_UP_PAGE;
            let seq = read.value.last().filter(|_| full).map_or(read.seq, |last| last.row.seq);
            // a seq that was never given out is where we are, not where the client says it is
            let after = self.at.min(seq);
            self.at = after;
            if always || seq > after {
                self.send_events(after, seq, &read.value).await?;
            }
            always = false;
            if !full {
                return Ok(());
            }
        }
    }

    async fn tell(&mut self, signal: Signal) -> Outcome {
        match signal {
            Signal::Frame(frame) if frame.seq <= self.at => Ok(()),
            Signal::Frame(frame) => {
                if frame.after > self.at {
                    self.catch_up(false).await?;
                } else {
                    let (after, seq) = (self.at, frame.seq);
                    let new = frame.events.iter().position(|e| e.row.seq > after).unwrap_or(frame.events.len());
                    self.send_events(after, seq, &frame.events[new..]).await?;
                }
                let me = self.who().user;
                let told: Vec<i64> = frame.told.iter().filter(|told| told.user == me).map(|told| told.seq).collect();
                if told.is_empty() { Ok(()) } else { self.send_notified(&told).await }
            }
            Signal::Notifications(user) if user == self.who().user => self.send_notified(&[]).await,
            Signal::Read(mark) if mark.user == self.who().user => {
                self.counts_change();
                self.send(&FrameOut::Mine { mine: MineOut::Read(mark.into()) }).await
            }
            Signal::Sessions(user) if user == self.who().user => self.check_session().await,
            Signal::Attention(attention) if attention.user == self.who().user => {
                self.counts_change();
                self.send(&FrameOut::Mine { mine: MineOut::Attention(attention.into()) }).await
            }
            Signal::Read(_) | Signal::Attention(_) | Signal::Notifications(_) | Signal::Sessions(_) => Ok(()),
            Signal::Draft(place) => self.tell_draft(place).await,
            Signal::Presence(view) => {
                match self.sight.reaches(&self.api.desk, &self.session.who, view.conversation).await {
                    Some(true) => self.send(&FrameOut::Presence { presence: (&*view).into() }).await,
                    Some(false) => Ok(()),
                    None => {
                        self.presences_due.insert(view.conversation);
                        Ok(())
                    }
                }
            }
            Signal::Lagged => Err(End::Close(TOO_SLOW)),
        }
    }

    /// Says what stands in a draft, to who has its conversation on the screen. It is text: whether they may see it is looked at anew.
    async fn tell_draft(&mut self, place: DraftPlace) -> Outcome {
        if self.viewing.is_none_or(|(id, _)| id != place.conversation) {
            return Ok(());
        }
        match self.api.desk.draft_at(self.who(), place).await {
            Ok(draft) => self.send(&FrameOut::Draft { draft: DraftNowOut::at(place, draft) }).await,
            // out of sight, or the store is busy: whoever looks at the draft itself sees how it is
            Err(_) => Ok(()),
        }
    }

    /// Says who is where, of what could not be told before; as far as the store answers.
    async fn tell_presences(&mut self) -> Outcome {
        while let Some(id) = self.presences_due.pop_first() {
            let view = self.api.desk.presence(self.who(), id);
            self.tell(Signal::Presence(Arc::new(view))).await?;
            if self.presences_due.contains(&id) {
                break;
            }
        }
        Ok(())
    }

    async fn send_events(&mut self, after: i64, seq: i64, events: &[LiveEvent]) -> Outcome {
        let events_out = events.iter().filter_map(|event| shown(event, self.who())).collect();
        let span = tracing::debug_span!("socket", workspace = self.who().workspace.0, socket = self.number, after, seq);
        self.send(&FrameOut::Events { after, seq, events: events_out }).instrument(span).await?;
        self.at = seq;
        for event in events {
            if let Some(id) = event.row.conversation {
                self.sight.learn(id, event.is_visible_to(&self.session.who));
            }
        }
        if events.iter().any(|e| e.row.conversation.is_some()) {
            self.counts_change();
        }
        let me = self.who().user.uuid();
        let noun = |e: &LiveEvent| e.row.kind.as_str().split('.').next().unwrap_or_default();
        if events.iter().any(|e| noun(e) == "team" || (noun(e) == "user" && e.row.subject == Some(me))) {
            self.sight.forget();
            self.counts_change();
            self.check_session().await?;
        }
        Ok(())
    }

    fn counts_change(&mut self) {
        self.counts_due.get_or_insert_with(|| Instant::now() + limits::COUNTS_EVERY);
    }

    async fn send_counts(&mut self) -> Outcome {
        self.counts_due = None;
        let counts = self.api.desk.counts(self.who()).await.map_err(|error| ended(&error))?;
        let counts = CountsOut::from(counts.value);
        if self.counts.as_ref() == Some(&counts) {
            return Ok(());
        }
        self.counts = Some(counts.clone());
        self.send(&FrameOut::Mine { mine: MineOut::Counts(counts) }).await
    }

    /// Says what I was told at these places of the log, and how many of all I have not seen.
    async fn send_notified(&mut self, seqs: &[i64]) -> Outcome {
        let notified = self.api.desk.notified(self.who(), seqs).await.map_err(|error| ended(&error))?;
        self.send(&FrameOut::Mine { mine: MineOut::Notifications(notified.into()) }).await
    }

    async fn hear(&mut self, message: Message) -> Outcome {
        let text = match message {
            Message::Text(text) => text,
            Message::Close(_) => return Err(End::Gone),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        self.not_too_much()?;
        // a newer client may say more than we know
        let Ok(frame) = serde_json::from_str::<FrameIn>(&text) else { return Ok(()) };
        let (FrameIn::View(Some(id)) | FrameIn::Typing(id)) = frame else {
            self.look_away();
            return Ok(());
        };
        // a browser says it again after a few seconds
        if self.sight.reaches(&self.api.desk, &self.session.who, id).await != Some(true) {
            return Ok(());
        }
        let desk = &self.api.desk;
        match frame {
            FrameIn::Typing(_) => desk.typing(&self.session.who, self.number, id),
            FrameIn::View(_) => {
                desk.viewing(&self.session.who, self.number, Some(id));
                if self.opened.replace(id) != Some(id)
                    && let Err(error) = desk.looked_at(&self.session.who, id).await
                {
                    tracing::warn!(%error, "what tells of an opened conversation could not be marked as seen");
                }
            }
        }
        self.viewing = Some((id, Instant::now()));
        Ok(())
    }

    fn not_too_much(&mut self) -> Outcome {
        let (since, frames) = &mut self.second;
        if since.elapsed() >= Duration::from_secs(1) {
            (*since, *frames) = (Instant::now(), 0);
        }
        *frames += 1;
        if *frames > FRAMES_PER_SECOND { Err(End::Close(POLICY)) } else { Ok(()) }
    }

    fn look_away(&mut self) {
        self.opened = None;
        if self.viewing.take().is_some() {
            self.api.desk.viewing(&self.session.who, self.number, None);
        }
    }

    /// Asks whether anybody is there, and lets go of a screen that has not been spoken of for too long.
    async fn ping(&mut self) -> Outcome {
        let for_long = Duration::from_millis(u64::try_from(PRESENCE_FOR).unwrap_or(0));
        match self.viewing {
            Some((_, said)) if said.elapsed() > for_long => self.look_away(),
            Some(_) => {}
            None => self.api.desk.look_round(&self.session.who),
        }
        self.tell_presences().await?;
        self.write(Message::Ping(bytes::Bytes::new())).await
    }

    /// Is the session still good, and what may they do now?
    async fn check_session(&mut self) -> Outcome {
        match self.api.desk.who(&self.session.token).await {
            Ok(who) => {
                if who.role != self.session.who.role {
                    self.sight.forget();
                    self.counts_change();
                }
                self.session.who = who;
                Ok(())
            }
            Err(error) => match ended(&error) {
                end @ End::Close(SESSION_ENDED) => Err(end),
                // the store is busy: the next look will do
                _ => Ok(()),
            },
        }
    }

    async fn send(&mut self, frame: &FrameOut) -> Outcome {
        let text = serde_json::to_string(frame).map_err(|error| {
            tracing::error!(%error, "a frame can't be written");
            End::Gone
        })?;
        FRAMES.add([match frame {
            FrameOut::Events { .. } => "events",
            FrameOut::Mine { .. } => "mine",
            FrameOut::Presence { .. } => "presence",
            FrameOut::Draft { .. } => "draft",
        }]);
        self.write(Message::Text(text.into())).await
    }

    async fn write(&mut self, message: Message) -> Outcome {
        match tokio::time::timeout(limits::SOCKET_SEND, self.sink.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Close(TOO_SLOW)),
        }
    }
}

fn ended(error: &DeskError) -> End {
    match error {
        DeskError::NotSignedIn | DeskError::Forbidden(_) => End::Close(SESSION_ENDED),
        _ => {
            tracing::warn!(%error, "a socket could not be served; its client comes back");
            End::Close(TROUBLE)
        }
    }
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn at(due: Option<Instant>) {
    if let Some(due) = due {
        tokio::time::sleep_until(due).await;
    }
}
