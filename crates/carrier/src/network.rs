//! What the simulated network holds: accounts, numbers, phones, messages, opt-outs, faults, the
//! wire. One lock around it all, held for moments and never across a wait.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::sync::{Notify, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;

use crate::config::{Account, Config, Past, PhoneSetup, Service};
use crate::faults::{Faults, FaultsPatch, Switch};
use crate::media::Store;
use crate::sid;
use crate::wire::{Wire, WireEntry};

mod history;
mod message;
mod number;

pub use message::{Direction, Media, Message, Status};
pub use number::Number;

/// Messages kept; the oldest go first. A day of a busy desk, in a few tens of megabytes.
const MESSAGES_KEPT: usize = 100_000;
/// Changes that a slow live listener may be behind before it is told to read everything anew.
const CHANGES_BUFFERED: usize = 1_024;
/// Webhooks under way at once, as a provider's per-account concurrency.
const WEBHOOKS_AT_ONCE: usize = 64;
/// Phones that can be added, so that a page stays readable and memory bounded.
pub const MAX_PHONES: usize = 200;

/// A phone, as the control desk shows it.
#[derive(Clone, Debug, Serialize)]
pub struct Phone {
    /// E.164.
    pub number: String,
    /// Whose it is.
    pub name: String,
    /// What its status bar says.
    pub network: String,
    /// Whether it is switched on.
    pub on: bool,
    /// The numbers of the business that it has opted out of.
    pub opted_out: Vec<String>,
}

/// What changed, for live listeners.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum Change<'a> {
    /// A message is new or has moved on.
    Message(&'a Message),
    /// A message was deleted at the provider.
    Deleted(&'a str),
    /// A phone is new or was switched.
    Phone(&'a Phone),
    /// A number's settings.
    Number(&'a Number),
    /// The faults.
    Faults(&'a Faults),
    /// A line on the wire is new or was answered.
    Wire(&'a WireEntry),
    /// Everything starts anew: read the state again.
    Reset,
}

/// The shared network.
pub struct Network {
    pub config: Config,
    pub http: reqwest::Client,
    pub stop: CancellationToken,
    pub webhook_slots: Semaphore,
    /// Rings when a phone is switched.
    pub switched: Notify,
    changes: broadcast::Sender<Arc<str>>,
    listening_at: OnceLock<String>,
    state: Mutex<State>,
}

/// Everything that changes.
pub struct State {
    pub numbers: Vec<Number>,
    pub services: HashMap<String, Vec<Service>>,
    pub phones: Vec<Phone>,
    pub messages: Messages,
    pub media: Store,
    pub faults: Faults,
    pub down_until: Option<Timestamp>,
    pub wire: Wire,
    /// (account, sender: a number or a service, phone).
    opted_out: HashSet<(String, String, String)>,
}

impl Network {
    pub fn new(config: Config, http: reqwest::Client) -> Arc<Self> {
        let state = State::new(&config);
        Arc::new(Self {
            config,
            http,
            stop: CancellationToken::new(),
            webhook_slots: Semaphore::new(WEBHOOKS_AT_ONCE),
            switched: Notify::new(),
            changes: broadcast::channel(CHANGES_BUFFERED).0,
            listening_at: OnceLock::new(),
            state: Mutex::new(state),
        })
    }

    /// The state, locked. A panic elsewhere leaves values that are whole, so it is no reason to stop.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells live listeners.
    pub fn tell(&self, change: &Change<'_>) {
        if self.changes.receiver_count() == 0 {
            return;
        }
        if let Ok(text) = serde_json::to_string(change) {
            // An error says that the last listener has just left.
            let _ = self.changes.send(Arc::from(text));
        }
    }

    pub fn listen(&self) -> broadcast::Receiver<Arc<str>> {
        self.changes.subscribe()
    }

    /// The address under which the inbox reaches this carrier.
    pub fn base_url(&self) -> &str {
        self.config
            .base_url
            .as_deref()
            .unwrap_or_else(|| self.listening_at.get().map_or("http://127.0.0.1", String::as_str))
    }

    pub fn set_listening_at(&self, url: String) {
        // A carrier that is served twice keeps its first address.
        let _ = self.listening_at.set(url);
    }

    pub fn account(&self, account_sid: &str) -> Option<&Account> {
        self.config.accounts.iter().find(|a| a.sid == account_sid)
    }

    /// Changes one message and tells listeners; `None` when it is gone.
    pub fn change_message<T>(&self, ordinal: u64, change: impl FnOnce(&mut Message) -> T) -> Option<T> {
        let mut state = self.state();
        let message = state.messages.at_mut(ordinal)?;
        let result = change(message);
        self.tell(&Change::Message(message));
        Some(result)
    }

    /// Applies a change of faults and answers all of them.
    pub fn change_faults(self: &Arc<Self>, patch: &FaultsPatch) -> Faults {
        let faults = {
            let mut state = self.state();
            state.faults.apply(patch);
            if patch.down_s.is_some() {
                let seconds = i64::try_from(state.faults.down_s).unwrap_or(i64::MAX);
                state.down_until = (seconds > 0)
                    .then(|| Timestamp::now() + SignedDuration::from_secs(seconds))
                    .filter(|until| *until > Timestamp::now());
                if let Some(until) = state.down_until {
                    self.tell_when_up(until);
                }
            }
            state.faults_now()
        };
        self.tell(&Change::Faults(&faults));
        faults
    }

    /// Whether a fault is on; uses a counted one up and tells listeners of the new count.
    pub fn take_fault(&self, pick: impl FnOnce(&mut Faults) -> &mut Switch) -> bool {
        self.take_fault_of(&mut self.state(), pick)
    }

    /// As [`Network::take_fault`], for who holds the state already.
    pub fn take_fault_of(&self, state: &mut State, pick: impl FnOnce(&mut Faults) -> &mut Switch) -> bool {
        let switch = pick(&mut state.faults);
        let before = *switch;
        let on = switch.take();
        if *switch != before {
            self.tell(&Change::Faults(&state.faults_now()));
        }
        on
    }

    pub fn is_down(&self) -> bool {
        self.state().is_down()
    }

    /// Takes in texts of the past.
    pub fn remember(&self, past: &[Past]) {
        self.state().messages.remember(&self.config, past);
    }

    /// Back to the beginning: texts, media, opt-outs, faults and the wire are gone, phones are as
    /// configured. Numbers keep their webhooks, for the inbox is still connected.
    pub fn reset(&self) {
        let mut state = self.state();
        let numbers = std::mem::take(&mut state.numbers);
        let services = std::mem::take(&mut state.services);
        let next_wire = state.wire.next_id();
        *state = State::new(&self.config);
        state.numbers = numbers;
        state.services = services;
        state.wire.start_at(next_wire);
        self.tell(&Change::Reset);
        self.switched.notify_waiters();
    }

    fn tell_when_up(self: &Arc<Self>, until: Timestamp) {
        let network = Arc::clone(self);
        tokio::spawn(async move {
            let wait = until.duration_since(Timestamp::now());
            let wait = std::time::Duration::try_from(wait).unwrap_or_default();
            tokio::select! {
                () = tokio::time::sleep(wait) => {
                    let faults = network.state().faults_now();
                    network.tell(&Change::Faults(&faults));
                }
                () = network.stop.cancelled() => {}
            }
        });
    }
}

impl State {
    fn new(config: &Config) -> Self {
        let mut messages = Messages::default();
        messages.remember(config, &config.history);
        Self {
            numbers: config
                .accounts
                .iter()
                .flat_map(|account| account.numbers.iter().map(|number| Number::new(&account.sid, number)))
                .collect(),
            services: config.accounts.iter().map(|account| (account.sid.clone(), account.services.clone())).collect(),
            phones: config.phones.iter().map(Phone::new).collect(),
            messages,
            media: Store::default(),
            faults: Faults::default(),
            down_until: None,
            wire: Wire::default(),
            opted_out: HashSet::new(),
        }
    }

    pub fn is_down(&self) -> bool {
        self.down_until.is_some_and(|until| until > Timestamp::now())
    }

    /// The faults, with what is left of an outage.
    pub fn faults_now(&self) -> Faults {
        let left = self.down_until.map_or(0, |until| until.duration_since(Timestamp::now()).as_secs());
        Faults {
            down_s: if self.is_down() { u64::try_from(left.max(0)).unwrap_or(0) + 1 } else { 0 },
            ..self.faults.clone()
        }
    }

    pub fn number(&self, account_sid: &str, number: &str) -> Option<&Number> {
        self.numbers.iter().find(|n| n.account_sid == account_sid && n.phone_number == number)
    }

    /// The service that a number sits behind.
    pub fn service_of(&self, account_sid: &str, number: &str) -> Option<&Service> {
        self.services.get(account_sid)?.iter().find(|service| service.numbers.iter().any(|n| n == number))
    }

    /// Whether the phone has opted out of this number, or of the whole service it sits behind.
    pub fn is_opted_out(&self, account_sid: &str, number: &str, phone: &str) -> bool {
        self.opted_out.contains(&self.opt_out_key(account_sid, number, phone))
    }

    /// Notes an opt-out, or takes it back; says whether that changed anything.
    pub fn set_opted_out(&mut self, account_sid: &str, number: &str, phone: &str, out: bool) -> bool {
        let key = self.opt_out_key(account_sid, number, phone);
        let changed = if out { self.opted_out.insert(key) } else { self.opted_out.remove(&key) };
        if changed {
            let numbers: Vec<String> = self
                .numbers
                .iter()
                .filter(|n| self.is_opted_out(&n.account_sid, &n.phone_number, phone))
                .map(|n| n.phone_number.clone())
                .collect();
            if let Some(phone) = self.phones.iter_mut().find(|p| p.number == phone) {
                phone.opted_out = numbers;
            }
        }
        changed
    }

    fn opt_out_key(&self, account_sid: &str, number: &str, phone: &str) -> (String, String, String) {
        let sender = self.service_of(account_sid, number).map_or(number, |service| &service.sid);
        (account_sid.to_owned(), sender.to_owned(), phone.to_owned())
    }

    /// Whether a phone is on. One that nobody has opened here is somebody's, and on.
    pub fn is_on(&self, phone: &str) -> bool {
        self.phones.iter().find(|p| p.number == phone).is_none_or(|p| p.on)
    }
}

impl Phone {
    pub fn new(setup: &PhoneSetup) -> Self {
        Self {
            number: setup.number.clone(),
            name: setup.name.clone(),
            network: setup.network.clone(),
            on: setup.on,
            opted_out: Vec::new(),
        }
    }
}

/// The log of messages, in the order in which they were taken.
#[derive(Default)]
pub struct Messages {
    by_ordinal: BTreeMap<u64, Message>,
    by_sid: HashMap<String, u64>,
    next: u64,
}

impl Messages {
    /// Takes in texts of the past that an account's number exchanged.
    fn remember(&mut self, config: &Config, history: &[Past]) {
        for past in history {
            let owner = config.accounts.iter().find(|account| account.numbers.iter().any(|n| n.number == past.number));
            if let Some(account) = owner {
                self.add(history::remembered(&account.sid, past));
            }
        }
    }

    /// Takes a message in; answers it with its place, and what fell out at the end.
    pub fn add(&mut self, mut message: Message) -> (Message, Option<Message>) {
        let ordinal = self.next;
        self.next += 1;
        message.ordinal = ordinal;
        self.by_sid.insert(message.sid.clone(), ordinal);
        self.by_ordinal.insert(ordinal, message.clone());
        let oldest = if self.by_ordinal.len() > MESSAGES_KEPT {
            self.by_ordinal.pop_first().map(|(_, message)| message)
        } else {
            None
        };
        if let Some(gone) = &oldest {
            self.by_sid.remove(&gone.sid);
        }
        (message, oldest)
    }

    pub fn get(&self, sid: &str) -> Option<&Message> {
        self.by_ordinal.get(self.by_sid.get(sid)?)
    }

    pub fn at_mut(&mut self, ordinal: u64) -> Option<&mut Message> {
        self.by_ordinal.get_mut(&ordinal)
    }

    pub fn remove(&mut self, sid: &str) -> Option<Message> {
        let ordinal = self.by_sid.remove(sid)?;
        self.by_ordinal.remove(&ordinal)
    }

    /// Newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Message> {
        self.by_ordinal.values().rev()
    }
}

impl Message {
    /// A new identifier of the right kind: MM with media, SM without.
    pub fn new_sid(with_media: bool) -> String {
        sid::new(if with_media { "MM" } else { "SM" })
    }
}
