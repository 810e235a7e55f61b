//! How fast a channel sends: what its provider allows numbers of its kind, unless an admin says what was agreed for this one.

use partyline_channels::provider;
use partyline_core::phone::{Party, SenderKind};
use partyline_store::channels::ChannelRow;
use partyline_store::senders::Pace;
use serde::{Deserialize, Serialize};

use crate::error::{DeskError, Result};
use crate::settings::{self, ChannelSettings};

/// The slowest rate that can be set: a text in a hundred seconds.
pub const RATE_MIN: f64 = 0.01;
/// The fastest rate that can be set. No provider sends faster from one number.
pub const RATE_MAX: f64 = 1_000.0;
/// The rate of a number of a provider that says nothing: what the slowest kind of number has.
const RATE_UNKNOWN: u32 = 1;
/// Microseconds of a second.
const SECOND_US: f64 = 1_000_000.0;

/// How fast a channel sends. Both hold; a text takes the longer of what they say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Texts per second, [`RATE_MIN`] to [`RATE_MAX`].
    pub messages_per_second: f64,
    /// Segments per second, within the same bounds.
    pub segments_per_second: f64,
}

impl Rate {
    /// The same rate of texts and of segments.
    fn of_segments(per_second: u32) -> Rate {
        let rate = f64::from(per_second);
        Rate { messages_per_second: rate, segments_per_second: rate }
    }

    /// Is it within the bounds?
    ///
    /// # Errors
    /// 422 with the field that is not.
    pub fn check(self) -> Result<Rate> {
        let fields =
            [("messages_per_second", self.messages_per_second), ("segments_per_second", self.segments_per_second)];
        for (name, rate) in fields {
            if !(RATE_MIN..=RATE_MAX).contains(&rate) {
                let detail = format!("Between {RATE_MIN} and {RATE_MAX} a second.");
                return Err(DeskError::field(&format!("rate.{name}"), "out_of_range", detail));
            }
        }
        Ok(self)
    }

    /// What a text and a segment take of the sender's time.
    pub(crate) fn pace(self) -> Pace {
        Pace { message_us: takes(self.messages_per_second), segment_us: takes(self.segments_per_second) }
    }
}

/// Microseconds between two at this rate, rounded up, so that it is never exceeded.
#[allow(clippy::cast_possible_truncation, reason = "within 1e3 and 1e8")]
fn takes(per_second: f64) -> i64 {
    (SECOND_US / per_second.clamp(RATE_MIN, RATE_MAX)).ceil() as i64
}

/// What kind of number a channel has; an ordinary one where it can't be told.
#[must_use]
pub fn kind(channel: &ChannelRow) -> SenderKind {
    Party::parse(&channel.address).map_or(SenderKind::LongCode, |number| number.sender_kind())
}

/// What the provider allows numbers of this kind.
#[must_use]
pub fn usual(channel: &ChannelRow) -> Rate {
    let per_second = provider(&channel.provider).map_or(RATE_UNKNOWN, |p| {
        let rates = p.capabilities().rates;
        match kind(channel) {
            SenderKind::LongCode => rates.long_code,
            SenderKind::TollFree => rates.toll_free,
            SenderKind::ShortCode => rates.short_code,
            SenderKind::Name => rates.sender_name,
        }
    });
    Rate::of_segments(per_second)
}

/// How fast this channel sends.
#[must_use]
pub fn of(channel: &ChannelRow) -> Rate {
    settings::parse::<ChannelSettings>(&channel.settings).rate.unwrap_or_else(|| usual(channel))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_never_exceeded_by_rounding() {
        assert_eq!([1.0, 3.0, 4.5, 100.0, 0.01].map(takes), [1_000_000, 333_334, 222_223, 10_000, 100_000_000]);
    }

    #[test]
    fn rates_have_bounds() {
        for rate in [0.0, -1.0, 0.009, 1_000.1, f64::NAN, f64::INFINITY] {
            let rate = Rate { messages_per_second: 1.0, segments_per_second: rate };
            assert!(rate.check().is_err(), "{rate:?}");
        }
        assert!(Rate::of_segments(100).check().is_ok());
    }
}
