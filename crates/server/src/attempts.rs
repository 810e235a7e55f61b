//! Failed sign-ins, counted per account and per network address, so that passwords can't be guessed.
//!
//! An attempt is counted when it begins, so that a hundred at once are a hundred, and given back when it succeeds, so that
//! signing in often is no offence. What is counted is forgotten after [`SIGN_IN_WINDOW`].

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use partyline_core::id::UserId;
use partyline_core::time::{Millis, SECOND};

use crate::limits::{SIGN_IN_KEYS, SIGN_IN_WINDOW, SIGN_INS_PER_ACCOUNT, SIGN_INS_PER_ADDRESS};

/// Characters of an email that are told apart: no account has a longer one.
const EMAIL_MAX: usize = 200;

/// The counts.
#[derive(Debug, Default)]
pub struct Attempts {
    seen: Mutex<HashMap<Key, Vec<Millis>>>,
}

/// Whose attempts are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Invitation(String),
    Password(UserId),
    Reset(String),
    TestMail(UserId),
    Address(IpAddr),
}

/// What is attempted; each is counted by itself.
#[derive(Debug, Clone, Copy)]
pub enum Try<'a> {
    /// To sign in with this email.
    SignIn(&'a str),
    /// To join by this token, of an invitation that stands: what is written at random is not kept.
    Join(&'a str),
    /// To replace the password of this user.
    Password(UserId),
    /// To have a link sent to this email.
    Reset(&'a str),
    /// To have a test letter sent to this user.
    TestMail(UserId),
}

impl Try<'_> {
    fn key(self) -> Key {
        match self {
            Try::SignIn(email) => Key::Account(one_form(email)),
            Try::Reset(email) => Key::Reset(one_form(email)),
            Try::TestMail(user) => Key::TestMail(user),
            Try::Join(token) => Key::Invitation(token.to_owned()),
            Try::Password(user) => Key::Password(user),
        }
    }
}

fn one_form(email: &str) -> String {
    email.trim().chars().take(EMAIL_MAX).collect::<String>().to_lowercase()
}

impl Key {
    const fn limit(&self) -> usize {
        match self {
            Key::Account(_) | Key::Invitation(_) | Key::Password(_) | Key::Reset(_) | Key::TestMail(_) => {
                SIGN_INS_PER_ACCOUNT
            }
            Key::Address(_) => SIGN_INS_PER_ADDRESS,
        }
    }
}

/// Too many; try again after this many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany(pub i64);

/// An attempt that was counted.
#[derive(Debug)]
#[must_use = "an attempt that succeeded is given back"]
pub struct Attempt {
    keys: Vec<Key>,
    at: Millis,
}

impl Attempts {
    /// Counts an attempt of `what` from `ip`.
    ///
    /// A loopback address is not counted: behind a proxy on this machine it stands for everybody.
    ///
    /// # Errors
    /// [`TooMany`] when the account or the address has used up its attempts; nothing is counted then.
    pub fn begin(&self, what: Try<'_>, ip: IpAddr, now: Millis) -> Result<Attempt, TooMany> {
        let mut keys = vec![what.key()];
        let ip = network(ip);
        if !ip.is_loopback() {
            keys.push(Key::Address(ip));
        }
        let mut seen = self.lock();
        for key in &keys {
            let Some(times) = seen.get_mut(key) else { continue };
            times.retain(|at| now.since(*at) < SIGN_IN_WINDOW);
            if times.len() >= key.limit() {
                let oldest = times.first().copied().unwrap_or(now);
                return Err(wait_until(oldest + SIGN_IN_WINDOW, now));
            }
        }
        if seen.len() + keys.len() > SIGN_IN_KEYS {
            seen.retain(|_, times| times.last().is_some_and(|at| now.since(*at) < SIGN_IN_WINDOW));
            if seen.len() + keys.len() > SIGN_IN_KEYS {
                return Err(wait_until(now + SIGN_IN_WINDOW, now));
            }
        }
        for key in &keys {
            seen.entry(key.clone()).or_default().push(now);
        }
        Ok(Attempt { keys, at: now })
    }

    /// Gives an attempt back, because the password was right.
    pub fn succeeded(&self, attempt: &Attempt) {
        let mut seen = self.lock();
        for key in &attempt.keys {
            let Some(times) = seen.get_mut(key) else { continue };
            if let Some(place) = times.iter().position(|at| *at == attempt.at) {
                times.remove(place);
            }
            if times.is_empty() {
                seen.remove(key);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Vec<Millis>>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait_until(then: Millis, now: Millis) -> TooMany {
    TooMany((then.since(now) / SECOND).max(0) + 1)
}

/// The address that stands for a household: of IPv6 its /64, of which everybody has a whole one.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_800_000_000_000);
    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn an_account_has_ten_failures_and_waits_until_the_first_is_forgotten() {
        let attempts = Attempts::default();
        for i in 0..10 {
            assert!(attempts.begin(Try::SignIn("ana@example.com"), HOME, NOW + i).is_ok(), "{i}");
        }
        assert_eq!(attempts.begin(Try::SignIn(" Ana@Example.com "), HOME, NOW + 10).err(), Some(TooMany(900)));
        assert!(
            attempts.begin(Try::SignIn("ben@example.com"), HOME, NOW + 10).is_ok(),
            "another account is not held up"
        );
        assert!(attempts.begin(Try::SignIn("ana@example.com"), HOME, NOW + SIGN_IN_WINDOW).is_ok());
    }

    #[test]
    fn a_success_is_not_counted() {
        let attempts = Attempts::default();
        for _ in 0..100 {
            let attempt = attempts.begin(Try::SignIn("ana@example.com"), HOME, NOW).expect("not held up");
            attempts.succeeded(&attempt);
        }
        assert!(attempts.lock().is_empty());
    }

    #[test]
    fn an_address_has_thirty_failures_over_all_accounts() {
        let attempts = Attempts::default();
        let ip = |host: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, host]);
        for i in 0..30 {
            assert!(attempts.begin(Try::SignIn(&format!("a{i}@example.com")), ip(i), NOW).is_ok(), "{i}");
        }
        assert!(attempts.begin(Try::SignIn("b@example.com"), ip(99), NOW).is_err(), "a /64 is one address");
        assert!(attempts.begin(Try::SignIn("b@example.com"), IpAddr::from([192, 0, 2, 1]), NOW).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let attempts = Attempts::default();
        for i in 0..SIGN_IN_KEYS {
            assert!(attempts.begin(Try::SignIn(&format!("a{i}@example.com")), HOME, NOW).is_ok());
        }
        assert!(attempts.begin(Try::SignIn("z@example.com"), HOME, NOW).is_err());
        assert!(
            attempts.begin(Try::SignIn("z@example.com"), HOME, NOW + SIGN_IN_WINDOW).is_ok(),
            "the old ones make room"
        );
    }
}
