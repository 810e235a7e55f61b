//! Whose turn it is: a task stops at each moment, and goes on only when the history lets it.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use partyline_store::Moment as Stored;

/// How long a thread of the store may take before something is wrong with the simulation itself.
const STUCK: Duration = Duration::from_secs(30);

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// It is about to read from the database.
    Look,
    /// It is about to write; nothing of it is durable.
    Write,
    /// Its write is committed or undone, and it does not know yet.
    Written,
    /// A request to the provider is about to leave.
    Request,
    /// The provider has done what it does, and the answer has not arrived.
    Answer,
    /// It waits for another task.
    Blocked,
}

thread_local! {
    /// The moment at which the task that was polled last has stopped.
    static HELD: Cell<Option<Moment>> = const { Cell::new(None) };
    /// Does a thread of the store have work of the task that is being polled?
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Stops at a moment until the task is polled again.
struct Hold(Option<Moment>);

impl Future for Hold {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match self.0.take() {
            Some(moment) => {
                HELD.set(Some(moment));
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

/// Stops here until it is told to go on.
pub async fn hold(at: Moment) {
    Hold(Some(at)).await;
}

/// What the store asks.
#[must_use]
pub fn store(moment: Stored) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        match moment {
            Stored::Look => hold(Moment::Look).await,
            Stored::Write => hold(Moment::Write).await,
            Stored::Looked => {
                AT_WORK.set(false);
                return;
            }
            Stored::Written => {
                AT_WORK.set(false);
                hold(Moment::Written).await;
                return;
            }
        }
        AT_WORK.set(true);
    })
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Lets a task go on to its next moment. `Ready`: it is done.
///
/// # Panics
/// When a thread of the store does not answer: the simulation itself is broken.
pub fn go_on<T>(task: Pin<&mut (dyn Future<Output = T> + '_)>) -> Result<T, Moment> {
    let mut task = task;
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut waits = 0u32;
    loop {
        HELD.set(None);
        match task.as_mut().poll(&mut context) {
            Poll::Ready(value) => {
                AT_WORK.set(false);
                return Ok(value);
            }
            Poll::Pending => {}
        }
        if let Some(moment) = HELD.take() {
            return Err(moment);
        }
        if !AT_WORK.get() {
            return Err(Moment::Blocked);
        }
        thread::park_timeout(STUCK);
        waits += 1;
        assert!(waits < 1_000, "the store does not answer");
    }
}

/// Runs something to its end, whatever moments it passes: for what the simulation itself asks.
///
/// # Panics
/// When it waits for a task that nobody lets go on.
pub fn to_the_end<T>(task: impl Future<Output = T>) -> T {
    let mut task = std::pin::pin!(task);
    for _ in 0..1_000_000 {
        match go_on(task.as_mut()) {
            Ok(value) => return value,
            Err(Moment::Blocked) => break,
            Err(_) => {}
        }
    }
    panic!("it waits for somebody who does not come");
}
