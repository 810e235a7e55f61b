//! Quiet hours: nothing is sold before 8:00 or after 21:00 where the recipient is (47 CFR 64.1200(c)(1)). Stricter
//! states and holidays are not known here yet.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use crate::time::Millis;

/// First hour of the day at which a recipient may be disturbed.
const OPENS: i8 = 8;
/// First hour at which not any more.
const CLOSES: i8 = 21;
/// Offsets of the farthest zones of the fifty states, in hours: eastern summer time and Hawaii. What is open in both is
/// open in all between them.
const ANYWHERE: [i8; 2] = [-4, -10];
/// Days that are tried: three zones around the earth are never open together.
const DAYS: usize = 7;

/// The first moment from `now` on at which it is between 8:00 and 21:00 in every one of the zones; `now` itself when it
/// is. Without zones: in all of the United States.
///
/// `None` when the zones are never open together, or the time is outside the calendar.
#[must_use]
pub fn next_open(zones: &[TimeZone], now: Millis) -> Option<Millis> {
    let anywhere = ANYWHERE.map(|hours| TimeZone::fixed(Offset::from_hours(hours).unwrap_or(Offset::UTC)));
    let zones = if zones.is_empty() { &anywhere } else { zones };
    let mut at = now;
    for _ in 0..DAYS * 2 {
        let mut latest = at;
        for zone in zones {
            latest = latest.max(opening(zone, at)?);
        }
        if latest == at {
            return Some(at);
        }
        at = latest;
    }
    None
}

/// The first moment from `at` on that is open in one zone.
fn opening(zone: &TimeZone, at: Millis) -> Option<Millis> {
    let local = zone.to_datetime(Timestamp::from_millisecond(at.0).ok()?);
    if (OPENS..CLOSES).contains(&local.hour()) {
        return Some(at);
    }
    let day = if local.hour() < OPENS { local.date() } else { local.date().tomorrow().ok()? };
    let opening = zone.to_timestamp(day.at(OPENS, 0, 0, 0)).ok()?;
    Some(Millis(opening.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eastern() -> TimeZone {
        TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").expect("a POSIX zone")
    }

    fn pacific() -> TimeZone {
        TimeZone::posix("PST8PDT,M3.2.0,M11.1.0").expect("a POSIX zone")
    }

    fn open(zones: &[TimeZone], now: &str) -> Option<String> {
        next_open(zones, Millis::parse(now).expect("a time")).map(|t| t.to_string())
    }

    #[test]
    fn open_from_eight_until_nine_in_the_evening() {
        let zone = [eastern()];
        for (now, expected) in [
            ("2026-11-24T07:59:59.999-05:00", "2026-11-24T13:00:00Z"),
            ("2026-11-24T08:00:00-05:00", "2026-11-24T13:00:00Z"),
            ("2026-11-24T20:59:59-05:00", "2026-11-25T01:59:59Z"),
            ("2026-11-24T21:00:00-05:00", "2026-11-25T13:00:00Z"),
            ("2026-11-24T00:00:00-05:00", "2026-11-24T13:00:00Z"),
        ] {
            assert_eq!(open(&zone, now).as_deref(), Some(expected), "{now}");
        }
    }

    #[test]
    fn the_night_of_the_changed_clock_ends_at_eight_by_the_new_one() {
        let zone = [eastern()];
        assert_eq!(open(&zone, "2026-03-07T22:00:00-05:00").as_deref(), Some("2026-03-08T12:00:00Z"));
        assert_eq!(open(&zone, "2026-10-31T22:00:00-04:00").as_deref(), Some("2026-11-01T13:00:00Z"));
    }

    #[test]
    fn every_zone_has_to_be_open() {
        let both = [eastern(), pacific()];
        assert_eq!(open(&both, "2026-11-24T08:00:00-05:00").as_deref(), Some("2026-11-24T16:00:00Z"));
        // evening in the east, afternoon in the west: not before eight in the west
        assert_eq!(open(&both, "2026-11-24T21:30:00-05:00").as_deref(), Some("2026-11-25T16:00:00Z"));
    }

    #[test]
    fn an_unknown_place_is_all_of_the_country() {
        assert_eq!(open(&[], "2026-11-24T12:00:00Z").as_deref(), Some("2026-11-24T18:00:00Z"));
        assert_eq!(open(&[], "2026-11-25T01:00:00Z").as_deref(), Some("2026-11-25T18:00:00Z"));
    }

    #[test]
    fn zones_that_are_never_open_together_have_no_opening() {
        let far = [-8, 0, 8].map(|h| TimeZone::fixed(Offset::from_hours(h).expect("an offset")));
        assert_eq!(open(&far, "2026-11-24T12:00:00Z"), None);
        assert_eq!(next_open(&far, Millis(i64::MAX)), None);
    }

    proptest! {
        #[test]
        fn what_is_answered_is_open_and_not_in_the_past(now in 0i64..4_000_000_000_000) {
            let zones = [eastern(), pacific()];
            let at = next_open(&zones, Millis(now)).expect("they overlap");
            prop_assert!(at >= Millis(now));
            prop_assert_eq!(next_open(&zones, at), Some(at));
        }
    }
}
