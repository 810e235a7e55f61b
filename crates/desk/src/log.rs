//! Reading a provider's log of a number in the order in which things happened.
//!
//! Providers list newest first, page by page, and what came has to be taken oldest first. So a stretch of time is read in steps that
//! are short enough for one page: memory stays bounded however long the stretch is, and after each step it is known up to where
//! everything is here.

use partyline_channels::{Http, Passed, PassedLookup, ProviderError, Way};
use partyline_core::phone::Party;
use partyline_core::time::{Millis, SECOND};

use crate::connection::Opened;

/// Pages of one step that can't be made shorter: a hundred thousand messages in one second, or in one day at a provider that only
/// cuts by days.
const PAGES_MAX: usize = 500;

/// A number's log at its provider.
pub(crate) struct Log<'a> {
    pub(crate) http: &'a Http,
    pub(crate) opened: &'a Opened,
    pub(crate) number: &'a Party,
    pub(crate) ways: &'a [Way],
}

/// What a step brought.
pub(crate) enum Step {
    /// All of it, oldest first.
    Whole(Vec<Passed>),
    /// More than one page: take a shorter step.
    TooMuch,
}

impl Log<'_> {
    /// Reads from `from` to `until`, both included; without `until` up to now. Also what the provider's clock showed.
    pub(crate) async fn read(
        &self,
        from: Millis,
        until: Option<Millis>,
    ) -> Result<(Step, Option<Millis>), ProviderError> {
        let mut all = Vec::new();
        let mut provider_now = None;
        for way in self.ways {
            let mut look = PassedLookup { number: self.number.clone(), way: *way, from, until, page: None };
            for page in 0.. {
                let Opened { provider, connection } = self.opened;
                let found = provider.list_passed(self.http, connection, &look).await?;
                provider_now = provider_now.or(found.provider_now);
                let can_be_shorter = !found.is_coarse && until.is_none_or(|until| until.since(from) > SECOND);
                if page == 0 && found.next.is_some() && can_be_shorter {
                    return Ok((Step::TooMuch, provider_now));
                }
                all.extend(found.messages);
                look.page = found.next;
                if look.page.is_none() {
                    break;
                }
                if page == PAGES_MAX {
                    let detail = "more messages in one moment than can be read at once".to_owned();
                    return Err(ProviderError::Unreadable { detail });
                }
            }
        }
        // newest first within the same second too
        all.reverse();
        all.sort_by_key(|message| message.at);
        Ok((Step::Whole(all), provider_now))
    }
}

/// The steps through a stretch of time: shorter where much was said, longer where little was.
#[derive(Debug, Clone)]
pub(crate) struct Steps {
    at: Millis,
    end: Millis,
    width: i64,
}

impl Steps {
    pub(crate) fn new(from: Millis, end: Millis) -> Steps {
        Steps { at: from, end, width: end.since(from).max(SECOND) }
    }

    /// The step that is next; `None` at the end.
    pub(crate) fn next(&self) -> Option<(Millis, Millis)> {
        (self.at < self.end).then(|| (self.at, (self.at + self.width).min(self.end)))
    }

    /// The step was read.
    pub(crate) fn done(&mut self) {
        self.at = (self.at + self.width).min(self.end);
        self.width = self.width.saturating_mul(2);
    }

    /// The step was too long.
    pub(crate) fn shorten(&mut self) {
        self.width = (self.width.min(self.end.since(self.at)) / 2).max(SECOND);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn steps_leave_nothing_out_and_come_to_an_end(from in 0i64..1_000_000, length in 0i64..1_000_000, short in prop::collection::vec(any::<bool>(), 0..64)) {
            let end = Millis(from + length);
            let mut steps = Steps::new(Millis(from), end);
            let mut reached = Millis(from);
            let mut short = short.into_iter();
            let mut count = 0;
            while let Some((a, b)) = steps.next() {
                prop_assert_eq!(a, reached);
                prop_assert!(a < b && b <= end);
                count += 1;
                prop_assert!(count < 3_000);
                if b.since(a) > SECOND && short.next().unwrap_or(false) {
                    steps.shorten();
                } else {
                    reached = b;
                    steps.done();
                }
            }
            prop_assert_eq!(reached, end);
        }
    }
}
