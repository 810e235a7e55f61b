//! Who asked for a unit of work, and since when: its span and its part in the figures, from the queue to the commit.

use std::time::{Duration, Instant};

use partyline_meters::{Held, figures};
use tracing::Span;
use tracing::field::Empty;

use crate::scope::Workspace;

/// A unit that waits for its writer.
pub(super) struct Asked {
    trace: Trace,
    at: Instant,
    waiting: Held<0>,
}

/// A unit's span, closed before its caller goes on, so that the log tells them in order.
#[derive(Clone)]
pub(super) struct Trace {
    span: Span,
    /// What asked for it, where units are told apart.
    by: Span,
}

impl Asked {
    /// Asked for now, in the span that is open here.
    pub(super) fn now(scope: Option<Workspace>) -> Asked {
        let span = tracing::debug_span!(
            "unit",
            workspace = scope.map(|w| w.0),
            waited_us = Empty,
            units = Empty,
            commit_us = Empty,
            seq = Empty
        );
        // what is logged on the writer's thread says who asked for it, also where units are not told apart
        let (span, by) = if span.is_disabled() { (Span::current(), Span::none()) } else { (span, Span::current()) };
        Asked { trace: Trace { span, by }, at: Instant::now(), waiting: figures::UNITS_WAITING.hold([]) }
    }

    /// Its turn has come.
    pub(super) fn begins(self) -> Trace {
        drop(self.waiting);
        let waited = self.at.elapsed();
        figures::UNIT_WAIT.took([], waited);
        self.trace.span.record("waited_us", micros(waited));
        self.trace
    }
}

impl Trace {
    /// What happens meanwhile is logged as part of it.
    pub(super) fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        self.span.in_scope(work)
    }

    /// How far it moved the log.
    pub(super) fn reached(&self, seq: i64) {
        self.span.record("seq", seq);
    }

    /// It was committed together with others.
    pub(super) fn ends(self, units: u64, commit: Duration) {
        self.span.record("units", units);
        self.span.record("commit_us", micros(commit));
        let Trace { span, by } = self;
        by.in_scope(|| drop(span));
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
