//! What goes wrong on demand.
//!
//! Chances are decided by the seed and the message's place in the log, never by the order in which
//! tasks happen to run: the same texts with the same seed meet the same fate.

use serde::{Deserialize, Serialize};

/// Longest latency that can be asked for, in milliseconds: beyond it every client has given up.
pub const MAX_LATENCY_MS: u64 = 60_000;
/// Longest time for which receipts are held back, in seconds.
pub const MAX_HOLD_S: u64 = 3_600;
/// Longest outage, in seconds.
pub const MAX_DOWN_S: u64 = 86_400;

/// A fault that is off, on, or on for the next few times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Switch {
    /// `false`, `true`.
    Always(bool),
    /// A number: so many times more.
    Times(u32),
}

impl Default for Switch {
    fn default() -> Self {
        Self::Always(false)
    }
}

impl Switch {
    /// Whether it is on.
    #[must_use]
    pub const fn is_on(self) -> bool {
        match self {
            Self::Always(on) => on,
            Self::Times(left) => left > 0,
        }
    }

    /// Whether it is on, counting this as one time.
    pub fn take(&mut self) -> bool {
        let on = self.is_on();
        if let Self::Times(left) = self {
            *left = left.saturating_sub(1);
            if *left == 0 {
                *self = Self::Always(false);
            }
        }
        on
    }
}

/// The state of every fault. Amounts of zero are off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// Each send is answered this much later, in milliseconds (0 to 60,000).
    pub send_latency_ms: u64,
    /// Sends are answered 429 and not taken.
    pub too_many_requests: Switch,
    /// Those answers ask to wait so many seconds (`Retry-After`, 0 to 3,600); 0: they don't say.
    pub retry_after_s: u64,
    /// Sends are answered 500 and not taken.
    pub server_error: Switch,
    /// Sends are taken, then the connection is dropped without an answer.
    pub drop_after_accept: Switch,
    /// Each webhook comes twice.
    pub duplicate_webhooks: Switch,
    /// Receipts come this much later, in seconds (0 to 3,600).
    pub hold_receipts_s: u64,
    /// A message's receipts come in a wrong order.
    pub shuffle_receipts: Switch,
    /// So many receipts of a hundred never come (0 to 100).
    pub lose_receipts_percent: u8,
    /// Webhooks are signed with a key that is not the account's.
    pub wrong_signature: Switch,
    /// Sends end undelivered, 30007, and no phone shows them.
    pub filter_as_spam: Switch,
    /// Sends end undelivered, 30006: nobody reads texts there.
    pub landline: Switch,
    /// Sends are refused with 21610, as if the recipient had texted STOP.
    pub refuse_opted_out: Switch,
    /// Seconds for which the provider stays down: its API answers 503 and no webhook leaves.
    /// Texts from phones stay in the log, where a list request finds them afterwards.
    pub down_s: u64,
}

/// A change to some faults; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultsPatch {
    send_latency_ms: Option<u64>,
    too_many_requests: Option<Switch>,
    retry_after_s: Option<u64>,
    server_error: Option<Switch>,
    drop_after_accept: Option<Switch>,
    duplicate_webhooks: Option<Switch>,
    hold_receipts_s: Option<u64>,
    shuffle_receipts: Option<Switch>,
    lose_receipts_percent: Option<u8>,
    wrong_signature: Option<Switch>,
    filter_as_spam: Option<Switch>,
    landline: Option<Switch>,
    refuse_opted_out: Option<Switch>,
    /// How long the outage lasts from now, if the patch names it.
    pub down_s: Option<u64>,
}

impl From<&Faults> for FaultsPatch {
    fn from(faults: &Faults) -> Self {
        Self {
            send_latency_ms: Some(faults.send_latency_ms),
            too_many_requests: Some(faults.too_many_requests),
            retry_after_s: Some(faults.retry_after_s),
            server_error: Some(faults.server_error),
            drop_after_accept: Some(faults.drop_after_accept),
            duplicate_webhooks: Some(faults.duplicate_webhooks),
            hold_receipts_s: Some(faults.hold_receipts_s),
            shuffle_receipts: Some(faults.shuffle_receipts),
            lose_receipts_percent: Some(faults.lose_receipts_percent),
            wrong_signature: Some(faults.wrong_signature),
            filter_as_spam: Some(faults.filter_as_spam),
            landline: Some(faults.landline),
            refuse_opted_out: Some(faults.refuse_opted_out),
            down_s: Some(faults.down_s),
        }
    }
}

impl Faults {
    /// Applies a change, amounts cut to their bounds. An outage's end is for the caller to keep.
    pub fn apply(&mut self, patch: &FaultsPatch) {
        fn set<T: Copy>(field: &mut T, change: Option<T>) {
            if let Some(value) = change {
                *field = value;
            }
        }
        set(&mut self.send_latency_ms, patch.send_latency_ms.map(|ms| ms.min(MAX_LATENCY_MS)));
        set(&mut self.too_many_requests, patch.too_many_requests);
        set(&mut self.retry_after_s, patch.retry_after_s.map(|s| s.min(MAX_HOLD_S)));
        set(&mut self.server_error, patch.server_error);
        set(&mut self.drop_after_accept, patch.drop_after_accept);
        set(&mut self.duplicate_webhooks, patch.duplicate_webhooks);
        set(&mut self.hold_receipts_s, patch.hold_receipts_s.map(|s| s.min(MAX_HOLD_S)));
        set(&mut self.shuffle_receipts, patch.shuffle_receipts);
        set(&mut self.lose_receipts_percent, patch.lose_receipts_percent.map(|percent| percent.min(100)));
        set(&mut self.wrong_signature, patch.wrong_signature);
        set(&mut self.filter_as_spam, patch.filter_as_spam);
        set(&mut self.landline, patch.landline);
        set(&mut self.refuse_opted_out, patch.refuse_opted_out);
        set(&mut self.down_s, patch.down_s.map(|s| s.min(MAX_DOWN_S)));
    }
}

/// A number that looks random and depends on nothing but its inputs (SplitMix64 over each part).
pub fn chance(seed: u64, ordinal: u64, what: &str) -> u64 {
    let mut state = mix(seed ^ mix(ordinal));
    for byte in what.bytes() {
        state = mix(state ^ u64::from(byte));
    }
    state
}

const fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// An order of `count` things that is not the one they came in (for two and more).
pub fn wrong_order(seed: u64, ordinal: u64, count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        let bound = u64::try_from(last + 1).unwrap_or(u64::MAX);
        let pick = chance(seed, ordinal, &format!("shuffle {last}"));
        order.swap(last, usize::try_from(pick % bound).unwrap_or(0));
    }
    if order.is_sorted() {
        order.reverse();
    }
    order
}
