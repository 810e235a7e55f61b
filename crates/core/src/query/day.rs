//! A day, as people name it.

use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::time::Millis;

/// Digits of the days in `7d`: enough for a lifetime of nearly thirty years.
const MOST_DIGITS: usize = 4;

/// A day of the calendar, or one that moves with today, so that a saved search stays what it was meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Day {
    /// This one.
    On(Date),
    /// So many days before today; today is 0.
    Ago(u16),
}

impl Day {
    /// Reads `2026-11-24` (also `2026-3-1`, and with `/` or `.`), `2026-11` and `2026` (their first days), `today`,
    /// `yesterday`, `7d`. A day that begins with anything but its year is not guessed at.
    #[must_use]
    pub fn read(text: &str) -> Option<Day> {
        if text.eq_ignore_ascii_case("today") {
            return Some(Day::Ago(0));
        }
        if text.eq_ignore_ascii_case("yesterday") {
            return Some(Day::Ago(1));
        }
        if let Some(days) = text.strip_suffix(['d', 'D']) {
            return is_number(days, 1..=MOST_DIGITS).then(|| days.parse().ok().map(Day::Ago)).flatten();
        }
        let separator = text.chars().find(|c| matches!(c, '-' | '/' | '.')).unwrap_or('-');
        let mut parts = text.split(separator);
        let year = parts.next().filter(|year| is_number(year, 4..=4))?.parse().ok()?;
        let mut next = || parts.next().map_or(Some(1), |part| part.parse().ok().filter(|_| is_number(part, 1..=2)));
        let (month, day) = (next()?, next()?);
        if parts.next().is_some() {
            return None;
        }
        Date::new(year, month, day).ok().map(Day::On)
    }

    /// The date that it is on a `today`.
    #[must_use]
    pub fn on(self, today: Date) -> Date {
        match self {
            Day::On(date) => date,
            Day::Ago(days) => today.saturating_sub(i32::from(days).days()),
        }
    }

    /// Its first moment in a time zone, where it is `now`.
    ///
    /// `None` when `now` or the day is outside of the calendar.
    #[must_use]
    pub fn begins(self, now: Millis, zone: &TimeZone) -> Option<Millis> {
        let today = zone.to_datetime(Timestamp::from_millisecond(now.0).ok()?).date();
        let first = zone.to_timestamp(self.on(today).at(0, 0, 0, 0)).ok()?;
        Some(Millis(first.as_millisecond()))
    }
}

fn is_number(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Day::On(date) => date.fmt(f),
            Day::Ago(0) => f.write_str("today"),
            Day::Ago(1) => f.write_str("yesterday"),
            Day::Ago(days) => write!(f, "{days}d"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_printed_in_one_form() {
        for (text, expected) in [
            ("2026-11-24", "2026-11-24"),
            ("2026-3-1", "2026-03-01"),
            ("2026/03/01", "2026-03-01"),
            ("2026.3.1", "2026-03-01"),
            ("2026-11", "2026-11-01"),
            ("2026", "2026-01-01"),
            ("2028-02-29", "2028-02-29"),
            ("Today", "today"),
            ("yesterday", "yesterday"),
            ("0d", "today"),
            ("1D", "yesterday"),
            ("7d", "7d"),
            ("007d", "7d"),
            ("9999d", "9999d"),
        ] {
            let day = Day::read(text).expect(text);
            assert_eq!(day.to_string(), expected, "{text}");
            assert_eq!(Day::read(expected), Some(day), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_or_could_be_two_is_not_guessed_at() {
        for text in [
            "",
            "d",
            "-",
            "3/1/2026",
            "24.11.2026",
            "26-11-24",
            "2026-13-01",
            "2026-02-29",
            "2026-00-10",
            "2026-11-24-1",
            "2026-11/24",
            "2026-",
            "2026--1",
            "2026-+1-1",
            "10000d",
            "-7d",
            "+7d",
            "7",
            "tomorrow",
            "２０２６",
            "2026-11-24T08:00",
        ] {
            assert_eq!(Day::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_begins_where_the_team_is() {
        let eastern = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").expect("a POSIX zone");
        let now = Millis::parse("2026-11-24T02:00:00Z").expect("a time");
        for (text, expected) in [
            // it is still the 23rd there
            ("today", "2026-11-23T05:00:00Z"),
            ("yesterday", "2026-11-22T05:00:00Z"),
            // before the clocks went back
            ("30d", "2026-10-24T04:00:00Z"),
            ("2026-03-01", "2026-03-01T05:00:00Z"),
        ] {
            let begins = Day::read(text).and_then(|day| day.begins(now, &eastern));
            assert_eq!(begins.map(|t| t.to_string()).as_deref(), Some(expected), "{text}");
        }
        // midnight does not exist there on this day
        let beirut = TimeZone::posix("EET-2EEST,M3.5.0/0,M10.5.0/0").expect("a POSIX zone");
        let begins = Day::read("2026-03-29").and_then(|day| day.begins(now, &beirut));
        assert_eq!(begins, Millis::parse("2026-03-29T01:00:00+03:00"));
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        let utc = TimeZone::UTC;
        for now in [Millis(i64::MIN), Millis(i64::MAX), Millis::NEVER, Millis(-62_135_596_800_000)] {
            for day in [Day::Ago(u16::MAX), Day::On(Date::MIN), Day::On(Date::MAX)] {
                let _ = day.begins(now, &utc);
            }
        }
        assert_eq!(Day::Ago(1).on(Date::MIN), Date::MIN);
    }
}
