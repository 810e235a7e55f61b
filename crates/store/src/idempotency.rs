//! The first answer to a request that is repeated with the same key.

use partyline_core::id::UserId;
use partyline_core::time::{DAY, Millis};

use crate::error::Result;
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::values;

/// How long an answer is kept.
pub const KEPT_FOR: i64 = DAY;

queries! {
    CLAIM = "INSERT INTO idempotency_keys (workspace, caller, route, key, request_hash, expires_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    KNOWN = "SELECT request_hash, status, answer, expires_at FROM idempotency_keys WHERE workspace = $1 AND caller = $2 AND route = $3 AND key = $4";
    ANSWER = "UPDATE idempotency_keys SET status = $5, answer = $6 WHERE workspace = $1 AND caller = $2 AND route = $3 AND key = $4";
    FORGET = "DELETE FROM idempotency_keys WHERE workspace = $1 AND caller = $2 AND route = $3 AND key = $4";
}

/// Which request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// Who asks.
    pub caller: UserId,
    /// Method and path.
    pub route: String,
    /// The caller's key.
    pub key: String,
    /// SHA-256 of the body.
    pub hash: Vec<u8>,
}

/// What is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it is ours to answer.
    New,
    /// It was answered so.
    Answered {
        /// The status.
        status: i64,
        /// The body.
        body: String,
    },
    /// It is being answered right now, or the server stopped in the middle of it.
    Pending,
    /// The key was used with another body.
    Mismatch,
}

/// Hash, status, answer and end of a key that is there.
type Kept = (Vec<u8>, Option<i64>, Option<String>, Millis);

impl Tx<'_> {
    /// Claims a key, or says what is known of it.
    pub fn claim_key(&mut self, request: &RequestKey) -> Result<Known> {
        let now = self.now();
        let expires = now + KEPT_FOR;
        if self.run(CLAIM, values![request.caller, &request.route, &request.key, request.hash.clone(), expires])? > 0 {
            return Ok(Known::New);
        }
        let found: Option<Kept> = self.row(KNOWN, values![request.caller, &request.route, &request.key])?;
        Ok(match found {
            Some((_, _, _, expires)) if expires <= now => {
                self.forget_key(request)?;
                return self.claim_key(request);
            }
            Some((hash, _, _, _)) if hash != request.hash => Known::Mismatch,
            Some((_, Some(status), Some(body), _)) => Known::Answered { status, body },
            _ => Known::Pending,
        })
    }

    /// Keeps the answer.
    pub fn keep_answer(&mut self, request: &RequestKey, status: i64, body: &str) -> Result<()> {
        self.write(ANSWER, values![request.caller, &request.route, &request.key, status, body])
    }

    /// Forgets a key, so that it may be used again.
    pub fn forget_key(&mut self, request: &RequestKey) -> Result<()> {
        self.write(FORGET, values![request.caller, &request.route, &request.key])
    }
}

impl Scope<'_> {
    /// What is known of a request, without claiming it; `None` when nothing is.
    pub fn known_answer(&mut self, request: &RequestKey, now: Millis) -> Result<Option<Known>> {
        let found: Option<Kept> = self.row(KNOWN, values![request.caller, &request.route, &request.key])?;
        Ok(found.filter(|(_, _, _, expires)| *expires > now).map(|(hash, status, body, _)| match (status, body) {
            _ if hash != request.hash => Known::Mismatch,
            (Some(status), Some(body)) => Known::Answered { status, body },
            _ => Known::Pending,
        }))
    }
}
