//! Webhooks that are not believed: counted in memory, and written together once a second, so that a flood of them takes no writer's time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use partyline_core::id::ConnectionId;
use partyline_core::time::{Millis, SECOND};

use crate::Desk;
use crate::error::{DeskError, Result};

/// How often the counts are written, where there are any: how late a person sees them.
pub(crate) const NOTE_EVERY: i64 = SECOND;

/// How many of each connection's were refused since the counts were last written, and when the last one was. It holds connections that
/// exist, and no others.
#[derive(Debug, Default)]
pub(crate) struct Refused(Mutex<HashMap<ConnectionId, (i64, Millis)>>);

impl Refused {
    pub(super) fn count(&self, id: ConnectionId, count: i64, at: Millis) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (counted, last) = counts.entry(id).or_insert((0, at));
        *counted += count;
        *last = at.max(*last);
    }

    fn take(&self) -> HashMap<ConnectionId, (i64, Millis)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Desk {
    /// Writes how many webhooks were refused since the last time: each second while it works, and before it ends. What can't be written
    /// is counted on.
    pub async fn note_refused(&self) -> Result<()> {
        let counts = self.inner.refused.take();
        if counts.is_empty() {
            return Ok(());
        }
        let written = counts.clone();
        let done = self.inner.db.machinery(self.now(), move |root| {
            for (id, (count, at)) in written {
                root.count_signature_failures(id, count, at)?;
            }
            Ok::<_, DeskError>(())
        });
        done.await.inspect_err(|_| {
            for (id, (count, at)) in counts {
                self.inner.refused.count(id, count, at);
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_counted_once_and_the_last_moment_stays() {
        let (one, two) = (
            "conn_00000000000000000000000000".parse().expect("an id"),
            "conn_00000000000000000000000001".parse().expect("an id"),
        );
        let refused = Refused::default();
        for at in [5, 9, 7] {
            refused.count(one, 1, Millis(at));
        }
        refused.count(two, 1, Millis(3));
        assert_eq!(refused.take(), HashMap::from([(one, (3, Millis(9))), (two, (1, Millis(3)))]));
        assert!(refused.take().is_empty());
    }
}
