//! The life of one outbound message. It only moves forward, whatever order the provider's callbacks come in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where an outbound message is (api.md, "Delivery statuses").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// By us, for later.
    Scheduled,
    /// Waiting to be sent; undo time included.
    Queued,
    /// A request is in flight.
    Sending,
    /// The request left and its outcome is not known.
    Unknown,
    /// The provider took it: a 2xx with an id.
    Sent,
    /// The handset has it.
    Delivered,
    /// The person has read it.
    Read,
    /// It will not arrive; the error says why.
    Failed,
    /// Taken back before it left.
    Cancelled,
}

use DeliveryStatus::{Cancelled, Delivered, Failed, Queued, Read, Scheduled, Sending, Sent, Unknown};

impl DeliveryStatus {
    /// All of them, in order of rank.
    pub const ALL: [DeliveryStatus; 9] =
        [Scheduled, Queued, Sending, Unknown, Sent, Delivered, Read, Failed, Cancelled];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Scheduled => "scheduled",
            Queued => "queued",
            Sending => "sending",
            Unknown => "unknown",
            Sent => "sent",
            Delivered => "delivered",
            Read => "read",
            Failed => "failed",
            Cancelled => "cancelled",
        }
    }

    /// Can a person still take it back?
    #[must_use]
    pub const fn can_cancel(self) -> bool {
        matches!(self, Scheduled | Queued)
    }

    const fn rank(self) -> u8 {
        match self {
            Scheduled => 0,
            Queued => 1,
            Sending => 2,
            Unknown => 3,
            Sent => 4,
            Failed => 5,
            Delivered => 6,
            Read => 7,
            Cancelled => 8,
        }
    }

    /// The status after the provider reported `reported`, or `None` when the report is older than what we know.
    ///
    /// Rank: queued < sending < unknown < sent < delivered < read; `failed` yields only to delivered and read;
    /// what was cancelled stays so, unless it arrived: an earlier try of it, of which nobody had known, had left.
    ///
    /// ```
    /// use partyline_core::delivery::DeliveryStatus::*;
    /// assert_eq!(Delivered.after_report(Sent), None);          // a late "sent" changes nothing
    /// assert_eq!(Failed.after_report(Delivered), Some(Delivered));
    /// ```
    #[must_use]
    pub const fn after_report(self, reported: DeliveryStatus) -> Option<DeliveryStatus> {
        match self {
            Cancelled => match reported {
                Delivered | Read => Some(reported),
                _ => None,
            },
            _ if reported.rank() > self.rank() && !matches!(reported, Cancelled) => Some(reported),
            _ => None,
        }
    }
}

impl fmt::Display for DeliveryStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for DeliveryStatus {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|s| s.as_str() == word).ok_or(UnknownWord)
    }
}

/// A word that names none of the known values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known words")]
pub struct UnknownWord;

/// Why a message did not arrive: a stable code of ours, the provider's own, and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryError {
    /// Stable word, e.g. `opted_out`, `unreachable`, `landline`.
    pub code: String,
    /// The provider's code as it came, e.g. `21610`.
    pub provider_code: Option<String>,
    /// What happened and what can be done, in plain words.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn status() -> impl Strategy<Value = DeliveryStatus> {
        (0..DeliveryStatus::ALL.len()).prop_map(|i| DeliveryStatus::ALL[i])
    }

    fn settle(start: DeliveryStatus, reports: &[DeliveryStatus]) -> DeliveryStatus {
        reports.iter().fold(start, |s, r| s.after_report(*r).unwrap_or(s))
    }

    proptest! {
        #[test]
        fn reports_settle_alike_in_any_order_and_number(reports in prop::collection::vec(status(), 0..8), swap in any::<(usize, usize)>(), start in status()) {
            let mut shuffled = reports.clone();
            if !shuffled.is_empty() {
                let n = shuffled.len();
                shuffled.swap(swap.0 % n, swap.1 % n);
                shuffled.push(reports[swap.0 % n]);
            }
            prop_assert_eq!(settle(start, &reports), settle(start, &shuffled));
        }
    }

    #[test]
    fn failed_and_cancelled_yield_only_to_delivered_and_read() {
        for reported in DeliveryStatus::ALL {
            let expected = matches!(reported, Delivered | Read).then_some(reported);
            assert_eq!(Failed.after_report(reported), expected, "{reported}");
            assert_eq!(Cancelled.after_report(reported), expected, "{reported}");
        }
    }

    #[test]
    fn words_come_back() {
        for s in DeliveryStatus::ALL {
            assert_eq!(s.as_str().parse(), Ok(s));
        }
        assert_eq!("undelivered".parse::<DeliveryStatus>(), Err(UnknownWord));
    }
}
