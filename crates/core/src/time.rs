//! Points in time: UTC milliseconds inside, RFC 3339 outside.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Millis(pub i64);

/// A time zone by its IANA name, e.g. `America/Los_Angeles`; of one that is not known, UTC.
#[must_use]
pub fn zone(name: &str) -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get(name).unwrap_or(jiff::tz::TimeZone::UTC)
}

/// One second in milliseconds.
pub const SECOND: i64 = 1_000;
/// One minute in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day in milliseconds.
pub const DAY: i64 = 24 * HOUR;

impl Millis {
    /// Year 9999: the sort key of "never", so that ordered lists need no nulls.
    pub const NEVER: Millis = Millis(253_402_300_799_999);

    /// Milliseconds from `earlier` to `self`; negative when it lies after.
    #[must_use]
    pub const fn since(self, earlier: Millis) -> i64 {
        self.0 - earlier.0
    }

    /// Reads RFC 3339 with any offset.
    #[must_use]
    pub fn parse(text: &str) -> Option<Millis> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Millis(t.as_millisecond()))
    }

    /// Reads RFC 2822 (`Thu, 24 Aug 2023 05:01:45 +0000`), as telephone providers write it.
    #[must_use]
    pub fn parse_rfc2822(text: &str) -> Option<Millis> {
        jiff::fmt::rfc2822::parse(text).ok().map(|z| Millis(z.timestamp().as_millisecond()))
    }
}

impl Millis {
    /// The month in a time zone, as `2026-11`. `None` outside of the calendar.
    ///
    /// ```
    /// use partyline_core::time::{Millis, zone};
    /// let at = Millis::parse("2026-12-01T02:00:00Z").unwrap();
    /// assert_eq!(at.month(&zone("America/Los_Angeles")).as_deref(), Some("2026-11"));
    /// ```
    #[must_use]
    pub fn month(self, zone: &jiff::tz::TimeZone) -> Option<String> {
        let date = zone.to_datetime(jiff::Timestamp::from_millisecond(self.0).ok()?).date();
        Some(format!("{:04}-{:02}", date.year(), date.month()))
    }
}

/// Is this the IANA name of a time zone, such as `America/Los_Angeles`?
#[must_use]
pub fn is_zone(name: &str) -> bool {
    name.is_ascii() && jiff::tz::TimeZone::get(name).is_ok()
}

impl Add<i64> for Millis {
    type Output = Millis;
    fn add(self, millis: i64) -> Millis {
        Millis(self.0.saturating_add(millis))
    }
}

impl Sub<i64> for Millis {
    type Output = Millis;
    fn sub(self, millis: i64) -> Millis {
        Millis(self.0.saturating_sub(millis))
    }
}

impl fmt::Display for Millis {
    /// RFC 3339 in UTC, with milliseconds only where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clamped = self.0.clamp(-62_135_596_800_000, Self::NEVER.0 - DAY);
        match jiff::Timestamp::from_millisecond(clamped) {
            Ok(t) => t.fmt(f),
            Err(_) => f.write_str("1970-01-01T00:00:00Z"),
        }
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        Millis::parse(&text).ok_or_else(|| de::Error::custom("expected an RFC 3339 time such as 2026-11-24T08:00:00Z"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_rfc_3339_and_read_back() {
        assert_eq!(Millis(1_795_507_200_000).to_string(), "2026-11-24T08:00:00Z");
        assert_eq!(Millis::parse("2026-11-24T09:00:00+01:00"), Some(Millis(1_795_507_200_000)));
        assert_eq!(Millis::parse("yesterday"), None);
        assert_eq!(Millis::parse_rfc2822("Thu, 24 Aug 2023 05:01:45 +0000"), Millis::parse("2023-08-24T05:01:45Z"));
    }

    #[test]
    fn the_ends_of_time_are_written_without_a_panic() {
        for t in [Millis(i64::MIN), Millis(i64::MAX), Millis::NEVER] {
            assert!(!t.to_string().is_empty());
        }
    }
}
