//! The consent ledger: records that are only ever added, and their fold.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use super::{ConsentState, Purpose};
use crate::delivery::UnknownWord;
use crate::time::Millis;

/// How things stand with one address: the fold of its records, and what the gate needs beside it. A plain value that
/// rests in the database as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Consent to updates. Revoked here also stops replies.
    pub update: ConsentState,
    /// Consent to marketing.
    pub marketing: ConsentState,
    /// The provider refuses to send to them, whatever we hold.
    pub provider_blocked: bool,
    /// When they last said stop, if that still holds; `None` when they have opted back in.
    pub stopped_at: Option<Millis>,
    /// A confirmation has left, or may have, since they opted out; saying STOP again earns no second one. False again
    /// once they have opted back in. Not part of the fold.
    pub stop_confirmed: bool,
    /// When they last wrote to the business. Not part of the fold.
    pub last_inbound_at: Option<Millis>,
}

/// Where a record came from. It decides whether the record may lift a STOP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// They texted STOP or START, and we read it.
    Keyword,
    /// The provider told: an opt-out notice, an opt-out list, a refused send (Twilio 21610).
    Provider,
    /// They wrote to us.
    Inbound,
    /// They filled in a form or signed.
    Form,
    /// One of the team wrote down what they said, e.g. on the telephone; also the confirmation of a first contact.
    Person,
    /// A file of contacts.
    Import,
}

impl Source {
    /// All of them.
    pub const ALL: [Source; 6] =
        [Source::Keyword, Source::Provider, Source::Inbound, Source::Form, Source::Person, Source::Import];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Source::Keyword => "keyword",
            Source::Provider => "provider",
            Source::Inbound => "inbound",
            Source::Form => "form",
            Source::Person => "person",
            Source::Import => "import",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Source {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|s| s.as_str() == word).ok_or(UnknownWord)
    }
}

/// One line of the ledger: what an address agreed to, or took back, for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is about. A STOP, like a START, is two records.
    pub purpose: Purpose,
    /// What was agreed. A START is [`ConsentState::Implied`] from [`Source::Keyword`] or [`Source::Provider`].
    pub state: ConsentState,
    /// How we know.
    pub source: Source,
    /// When they said it: see [`said_at`].
    pub said_at: Millis,
    /// The order in which it was written down.
    pub seq: u64,
    /// The provider's message id, where a message said it. The same message counts once, however often it is delivered.
    pub reference: Option<String>,
}

impl Record {
    /// The records of a STOP: it counts for every purpose.
    #[must_use]
    pub fn stop(source: Source, said_at: Millis, seq: u64, reference: Option<&str>) -> [Record; 2] {
        Purpose::ALL.map(|purpose| Record {
            purpose,
            state: ConsentState::Revoked,
            source,
            said_at,
            seq,
            reference: reference.map(str::to_owned),
        })
    }

    /// The records of a START.
    #[must_use]
    pub fn start(source: Source, said_at: Millis, seq: u64, reference: Option<&str>) -> [Record; 2] {
        Record::stop(source, said_at, seq, reference).map(|r| Record { state: ConsentState::Implied, ..r })
    }

    fn is_start(&self) -> bool {
        self.state == ConsentState::Implied && matches!(self.source, Source::Keyword | Source::Provider)
    }
}

/// When a message was said: the provider's time where it gives one that does not lie after the arrival, else the
/// arrival.
#[must_use]
pub fn said_at(provider_at: Option<Millis>, arrived_at: Millis) -> Millis {
    provider_at.filter(|at| *at <= arrived_at).unwrap_or(arrived_at)
}

/// How things stand after these records, in whatever order they were read.
///
/// They count in the order in which they were *said*, and at the same moment a STOP counts last, so a START that is
/// delivered late, or played again, lifts no later STOP. Then:
///
/// - A STOP revokes, whatever was agreed before.
/// - A START undoes a STOP for updates: what was agreed before is back, at least [`ConsentState::Implied`]. It adds
///   nothing more, and marketing begins at none: the written agreement was withdrawn, and one word is not a new one.
/// - Nothing else lifts a STOP but a form that they filled in themselves: no import, no note of the team, no later
///   message. Even that form leaves the provider's own block.
/// - Otherwise the stronger agreement holds; a team member's [`ConsentState::None`] takes back what was noted in error.
#[must_use]
pub fn fold(records: &[Record]) -> Ledger {
    let mut written: Vec<&Record> = records.iter().collect();
    written.sort_by_key(|r| r.seq);
    let mut seen = HashSet::new();
    written.retain(|r| r.reference.as_deref().is_none_or(|id| seen.insert((r.purpose, r.source, id))));
    written.sort_by_key(|r| (r.said_at, r.state == ConsentState::Revoked, r.seq));

    let mut ledger = Ledger::default();
    let mut update_before_stop = ConsentState::None;
    for record in written {
        let now = match record.purpose {
            Purpose::Update => ledger.update,
            Purpose::Marketing => ledger.marketing,
        };
        let next = after(now, record, update_before_stop);
        if next == ConsentState::Revoked && now != ConsentState::Revoked && record.purpose == Purpose::Update {
            update_before_stop = now;
        }
        match record.purpose {
            Purpose::Update => ledger.update = next,
            Purpose::Marketing => ledger.marketing = next,
        }
        if record.state == ConsentState::Revoked {
            ledger.stopped_at = Some(record.said_at);
            ledger.provider_blocked |= record.source == Source::Provider;
        } else if record.is_start() {
            ledger.provider_blocked = false;
        }
        if ledger.update != ConsentState::Revoked && ledger.marketing != ConsentState::Revoked {
            ledger.stopped_at = None;
        }
    }
    ledger
}

/// The state of one purpose after one more record.
fn after(now: ConsentState, record: &Record, before_stop: ConsentState) -> ConsentState {
    let stopped = now == ConsentState::Revoked;
    match record.state {
        ConsentState::Revoked => ConsentState::Revoked,
        ConsentState::Implied if stopped && record.is_start() => match record.purpose {
            Purpose::Update => stronger(before_stop, ConsentState::Implied),
            Purpose::Marketing => ConsentState::None,
        },
        // a START where nothing was stopped is a message like any other, and no agreement to marketing
        ConsentState::Implied if record.is_start() && record.purpose == Purpose::Marketing => now,
        ConsentState::Express | ConsentState::Written if stopped && record.source == Source::Form => record.state,
        _ if stopped => now,
        ConsentState::None if record.source == Source::Person => ConsentState::None,
        agreed => stronger(now, agreed),
    }
}

fn stronger(a: ConsentState, b: ConsentState) -> ConsentState {
    let rank = |state| ConsentState::ALL.iter().position(|s| *s == state);
    if rank(b) > rank(a) { b } else { a }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(purpose: Purpose, state: ConsentState, source: Source, at: i64) -> Record {
        Record { purpose, state, source, said_at: Millis(at), seq: at.unsigned_abs(), reference: None }
    }

    fn states(records: &[Record]) -> (ConsentState, ConsentState) {
        let ledger = fold(records);
        (ledger.update, ledger.marketing)
    }

    use ConsentState::{Express, Implied, Revoked, Written};
    use Purpose::{Marketing, Update};

    #[test]
    fn a_stop_counts_for_every_purpose() {
        let mut records = vec![record(Marketing, Written, Source::Form, 1)];
        records.extend(Record::stop(Source::Keyword, Millis(2), 2, None));
        let ledger = fold(&records);
        assert_eq!((ledger.update, ledger.marketing), (Revoked, Revoked));
        assert_eq!((ledger.stopped_at, ledger.provider_blocked), (Some(Millis(2)), false));
    }

    #[test]
    fn a_start_brings_back_updates_but_not_marketing() {
        let mut records = vec![record(Update, Express, Source::Person, 1), record(Marketing, Written, Source::Form, 1)];
        records.extend(Record::stop(Source::Provider, Millis(2), 2, None));
        assert!(fold(&records).provider_blocked);
        records.extend(Record::start(Source::Keyword, Millis(3), 3, None));
        assert_eq!(states(&records), (Express, ConsentState::None));
        assert_eq!((fold(&records).stopped_at, fold(&records).provider_blocked), (None, false));

        let mut unknown = Record::stop(Source::Keyword, Millis(2), 2, None).to_vec();
        unknown.extend(Record::start(Source::Keyword, Millis(3), 3, None));
        assert_eq!(states(&unknown), (Implied, ConsentState::None));
    }

    #[test]
    fn a_start_lowers_nothing_that_stands() {
        let mut records = vec![record(Update, Written, Source::Form, 1), record(Marketing, Written, Source::Form, 1)];
        records.extend(Record::start(Source::Keyword, Millis(2), 2, None));
        assert_eq!(states(&records), (Written, Written));
    }

    #[test]
    fn a_replayed_or_late_start_does_not_lift_a_later_stop() {
        let start = Record::start(Source::Keyword, Millis(1), 1, Some("SM1"));
        let stop = Record::stop(Source::Keyword, Millis(2), 2, Some("SM2"));
        // the same message again, without a time of the provider's: it seems to be new
        let replayed = Record::start(Source::Keyword, Millis(3), 3, Some("SM1"));
        assert_eq!(states(&[start.clone(), stop.clone(), replayed].concat()), (Revoked, Revoked));
        // delivered after the STOP, said before it
        let late = Record::start(Source::Keyword, Millis(1), 9, Some("SM3"));
        assert_eq!(states(&[stop.clone(), late].concat()), (Revoked, Revoked));
        // said in the same second
        let tie = Record::start(Source::Keyword, Millis(2), 9, Some("SM4"));
        assert_eq!(states(&[stop, tie].concat()), (Revoked, Revoked));
    }

    #[test]
    fn only_they_can_lift_a_stop() {
        let stop = Record::stop(Source::Provider, Millis(1), 1, None);
        for state in [Implied, Express, Written, ConsentState::None] {
            for source in [Source::Inbound, Source::Person, Source::Import] {
                let mut records = stop.to_vec();
                records.extend(Purpose::ALL.map(|purpose| record(purpose, state, source, 2)));
                assert_eq!(states(&records), (Revoked, Revoked), "{state} {source}");
            }
        }
        let mut records = stop.to_vec();
        records.push(record(Marketing, Written, Source::Form, 2));
        assert_eq!(states(&records), (Revoked, Written));
        assert!(fold(&records).provider_blocked, "the provider knows nothing of our form");
        assert_eq!(fold(&records).stopped_at, Some(Millis(1)));
    }

    #[test]
    fn the_stronger_agreement_holds_until_taken_back() {
        let mut records = vec![record(Update, Express, Source::Person, 1), record(Update, Implied, Source::Inbound, 2)];
        assert_eq!(states(&records).0, Express);
        records.push(record(Update, ConsentState::None, Source::Import, 3));
        assert_eq!(states(&records).0, Express);
        records.push(record(Update, ConsentState::None, Source::Person, 4));
        assert_eq!(states(&records).0, ConsentState::None);
    }

    #[test]
    fn the_provider_s_time_is_taken_unless_it_lies_ahead() {
        assert_eq!(said_at(Some(Millis(5)), Millis(9)), Millis(5));
        assert_eq!(said_at(Some(Millis(10)), Millis(9)), Millis(9));
        assert_eq!(said_at(None, Millis(9)), Millis(9));
    }

    fn any_record() -> impl Strategy<Value = Record> {
        let purpose = prop::sample::select(Purpose::ALL.to_vec());
        let state = prop::sample::select(ConsentState::ALL.to_vec());
        let source = prop::sample::select(Source::ALL.to_vec());
        let reference = prop::option::of("SM[0-3]");
        (purpose, state, source, 0i64..20, reference).prop_map(|(purpose, state, source, at, reference)| Record {
            purpose,
            state,
            source,
            said_at: Millis(at),
            seq: 0,
            reference,
        })
    }

    proptest! {
        #[test]
        fn the_order_of_reading_does_not_matter(
            records in prop::collection::vec(any_record(), 0..12), swaps in prop::collection::vec(any::<(usize, usize)>(), 0..12),
        ) {
            let mut records = records;
            for (seq, record) in (0..).zip(&mut records) {
                record.seq = seq;
            }
            let mut shuffled = records.clone();
            for (a, b) in swaps {
                if !shuffled.is_empty() {
                    let n = shuffled.len();
                    shuffled.swap(a % n, b % n);
                }
            }
            prop_assert_eq!(fold(&records), fold(&shuffled));
        }

        #[test]
        fn whatever_was_said_a_stop_said_last_holds(records in prop::collection::vec(any_record(), 0..12)) {
            let mut records = records;
            records.extend(Record::stop(Source::Keyword, Millis(20), 99, None));
            prop_assert_eq!(states(&records), (Revoked, Revoked));
            prop_assert_eq!(fold(&records).stopped_at, Some(Millis(20)));
        }
    }
}
