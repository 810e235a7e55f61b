//! Keeping a lease while the work that it is for takes longer than it lasts.

use std::future::Future;
use std::time::Duration;

use crate::clock::Clock;
use crate::error::Result;

/// How often a lease is renewed: a few times before it ends ([`LEASE`](super::LEASE)).
const RENEW_EVERY: Duration = Duration::from_secs(15);

/// Does what may take longer than a lease lasts, and renews it meanwhile. `None`: it was lost, and the work is dropped, which must
/// do no harm.
///
/// # Errors
/// Those of the work, and of renewing.
pub(crate) async fn keeping<T, F>(
    clock: &Clock,
    renew: impl Fn() -> F,
    work: impl Future<Output = Result<T>>,
) -> Result<Option<T>>
where
    F: Future<Output = Result<bool>>,
{
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done.map(Some),
            () = clock.pause(RENEW_EVERY) => {
                if !renew().await? {
                    return Ok(None);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_of_ten_minutes_keeps_a_lease_of_one() {
        let (renewed, began) = (Cell::new(tokio::time::Instant::now()), tokio::time::Instant::now());
        let renew = || async {
            assert!(renewed.get().elapsed() < Duration::from_secs(30), "it would have been another's");
            renewed.set(tokio::time::Instant::now());
            Ok(true)
        };
        let work = async {
            for _ in 0..60 {
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
            Ok(7)
        };
        assert_eq!(keeping(&Clock::System, renew, work).await.expect("it goes well"), Some(7));
        assert!(began.elapsed() >= Duration::from_secs(600));
        assert!(renewed.get().elapsed() < Duration::from_secs(30));
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_lost_the_lease_stops() {
        let began = tokio::time::Instant::now();
        let hangs = std::future::pending::<Result<()>>();
        assert_eq!(keeping(&Clock::System, || async { Ok(false) }, hangs).await.expect("it goes well"), None);
        assert!(began.elapsed() < Duration::from_secs(60));
    }
}
