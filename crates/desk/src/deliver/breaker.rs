//! The circuit breaker of a connection: when its provider can't be reached, texts wait instead of being tried one after another.
//!
//! ```text
//! closed ─5 failures in a row─▶ open ─after a wait─▶ half open (one text tries) ─▶ closed
//!                                ▲──────────────it failed: a longer wait──┘
//! ```
//!
//! What the provider answers about a text, be it no, is no failure: it was reached. That it refuses the account is one: every text would
//! meet the same.

use partyline_channels::ProviderError;
use partyline_core::event::{Actor, EventType};
use partyline_core::id::ConnectionId;
use partyline_core::time::{HOUR, MINUTE, SECOND};
use partyline_store::breakers::{BreakerRow, BreakerState};
use partyline_store::channels::ConnectionRow;
use partyline_store::{NewEvent, StoreError, Tx};

/// Failures in a row that open it: one can be chance, and five texts lost to an outage that a person does not notice are few.
pub const OPEN_AFTER: i64 = 5;
/// The wait after it opened; doubled each time a try fails.
pub const WAIT_FIRST: i64 = 15 * SECOND;
/// The longest wait between two tries: how late an end of the trouble may be noticed.
pub const WAIT_MAX: i64 = 5 * MINUTE;
/// A provider that asks to be left alone for longer is tried after this all the same.
const ASKED_MAX: i64 = HOUR;
/// No try is put off for longer.
pub const LONGEST: i64 = if ASKED_MAX > WAIT_MAX { ASKED_MAX } else { WAIT_MAX };
/// A text that can't reach its provider for this long has failed: what it says was meant for then.
pub const KEEP_TRYING: i64 = 4 * HOUR;

/// The status of a connection whose provider was not reached.
const UNREACHABLE: &str = "unreachable";
/// The status of a connection whose provider does not let us in.
pub(super) const REFUSED: &str = "refused";
pub(crate) const CONNECTED: &str = "connected";

/// How long to wait after it opened for the `opens`-th time in a row.
fn wait(opens: i64) -> i64 {
    (WAIT_FIRST << (opens - 1).clamp(0, 10)).min(WAIT_MAX)
}

/// What a send that never left says about the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// It, and not this text, has trouble.
    Away,
    /// It answered, and wants this text later.
    There,
    /// Nothing: it was not asked.
    Nothing,
}

/// Being asked to slow down says that the provider has trouble where it says for how long; otherwise it is about the pace of one number.
pub(super) fn says(error: &ProviderError, retry_after: Option<std::time::Duration>) -> Says {
    match error {
        ProviderError::Busy { .. } if retry_after.is_none() => Says::There,
        ProviderError::Busy { .. }
        | ProviderError::Unreachable { .. }
        | ProviderError::NoAnswer { .. }
        | ProviderError::Trouble { .. } => Says::Away,
        _ => Says::Nothing,
    }
}

/// Why a send failed that tells of all others, with its stable code.
#[derive(Debug, Clone, Copy)]
pub(super) enum Why<'a> {
    /// The provider was not reached, or did not answer as it should.
    Away(&'a str),
    /// It does not let the account in.
    Refused(&'a str),
}

/// Does a breaker's reason say that the account is refused? All others are about reaching the provider.
pub(super) fn is_refusal(reason: &str) -> bool {
    !reason.starts_with("provider_")
}

impl<'a> Why<'a> {
    const fn code(self) -> &'a str {
        match self {
            Why::Away(code) | Why::Refused(code) => code,
        }
    }

    /// The status of a connection of which this was heard.
    const fn status(self) -> &'static str {
        match self {
            Why::Away(_) => UNREACHABLE,
            Why::Refused(_) => REFUSED,
        }
    }
}

/// The provider has answered.
pub(crate) fn reached(tx: &mut Tx<'_>, id: ConnectionId) -> Result<(), StoreError> {
    let before = tx.breaker(id)?;
    if before.state == BreakerState::Closed && before.failures == 0 {
        return Ok(());
    }
    tx.set_breaker(&BreakerRow::closed(id))?;
    let was_away = tx.connection(id)?.is_some_and(|c| c.status == UNREACHABLE || c.status == REFUSED);
    if before.state == BreakerState::Closed && !was_away {
        return Ok(());
    }
    if was_away {
        tx.set_connection_status(id, CONNECTED)?;
    }
    tell(tx, id, BreakerState::Closed, was_away.then_some(CONNECTED))
}

/// Nothing gets out. Says how the breaker stands now.
pub(super) fn failed(
    tx: &mut Tx<'_>,
    connection: &ConnectionRow,
    why: Why<'_>,
    retry_after: Option<std::time::Duration>,
) -> Result<BreakerRow, StoreError> {
    let now = tx.now();
    let mut breaker = tx.breaker(connection.id)?;
    breaker.failures += 1;
    let opens = match breaker.state {
        BreakerState::Closed => breaker.failures >= OPEN_AFTER,
        BreakerState::HalfOpen => true,
        // one that was in flight when it opened
        BreakerState::Open => false,
    };
    if opens {
        if breaker.state == BreakerState::Closed {
            breaker.since = Some(now);
            breaker.opens = 0;
        }
        breaker.state = BreakerState::Open;
        breaker.opens += 1;
        let asked = retry_after.and_then(|d| i64::try_from(d.as_millis()).ok()).unwrap_or(0);
        breaker.retry_at = Some(now + wait(breaker.opens).max(asked.min(ASKED_MAX)));
        breaker.reason = Some(why.code().to_owned());
    }
    tx.set_breaker(&breaker)?;
    if opens {
        let changed = tx.set_connection_status(connection.id, why.status())?;
        tell(tx, connection.id, BreakerState::Open, changed.then_some(why.status()))?;
    }
    Ok(breaker)
}

/// A text is about to try: everyone who looks at the connection sees it.
pub(super) fn tries(tx: &mut Tx<'_>, connection: ConnectionId) -> Result<(), StoreError> {
    tell(tx, connection, BreakerState::HalfOpen, None)
}

/// A person does not want to wait: the next text tries at once, be it theirs or one that has waited for longer.
pub(crate) fn hurry(tx: &mut Tx<'_>, connection: ConnectionId) -> Result<(), StoreError> {
    let mut breaker = tx.breaker(connection)?;
    if breaker.state == BreakerState::Open {
        breaker.retry_at = Some(tx.now());
        tx.set_breaker(&breaker)?;
    }
    Ok(())
}

fn tell(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    state: BreakerState,
    status: Option<&str>,
) -> Result<(), StoreError> {
    let mut changed = vec![format!("breaker={}", state.as_str())];
    changed.extend(status.map(|s| format!("status={s}")));
    tx.append(NewEvent::new(Actor::System, EventType::ConnectionUpdated).subject(connection.uuid()).changed(changed))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn waits_double_up_to_their_bound() {
        assert_eq!([1, 2, 3, 4, 5, 6, 100].map(wait), [15, 30, 60, 120, 240, 300, 300].map(|s| s * SECOND));
    }

    #[test]
    fn being_slowed_down_counts_only_with_a_time() {
        let busy = |retry_after| ProviderError::Busy { retry_after };
        assert_eq!(says(&busy(None), None), Says::There);
        assert_eq!(says(&busy(Some(Duration::from_secs(9))), Some(Duration::from_secs(9))), Says::Away);
        assert_eq!(says(&ProviderError::Unreachable { detail: String::new() }, None), Says::Away);
        assert_eq!(says(&ProviderError::CredentialsMissing("auth token"), None), Says::Nothing);
    }
}
