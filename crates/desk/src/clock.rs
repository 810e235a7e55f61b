//! The clock, handed in: hours, retries and undo times are tested without waiting for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use partyline_core::time::Millis;

/// Where `now` comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The operating system's.
    #[default]
    System,
    /// One that a test, or the filler of a demo workspace, moves by hand.
    Manual(Arc<AtomicI64>),
    /// One that a simulation moves by hand. Nothing takes real time there.
    Simulated(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now` until it is moved.
    #[must_use]
    pub fn manual(now: Millis) -> Clock {
        Clock::Manual(Arc::new(AtomicI64::new(now.0)))
    }

    /// The same for a simulation, which has no runtime that could wake anybody.
    #[must_use]
    pub fn simulated(now: Millis) -> Clock {
        Clock::Simulated(Arc::new(AtomicI64::new(now.0)))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Millis {
        match self {
            Clock::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Clock::Manual(at) | Clock::Simulated(at) => Millis(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock; the system's is not ours to move.
    pub fn set(&self, now: Millis) {
        if let Clock::Manual(at) | Clock::Simulated(at) = self {
            at.store(now.0, Ordering::SeqCst);
        }
    }

    /// Waits for that much real time, whatever a manual clock says. In a simulation it never comes.
    pub(crate) async fn pause(&self, length: Duration) {
        match self {
            Clock::System | Clock::Manual(_) => tokio::time::sleep(length).await,
            Clock::Simulated(_) => std::future::pending().await,
        }
    }
}
