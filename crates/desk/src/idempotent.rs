//! Doing a thing once, however often it is asked with the same key.
//!
//! The key is claimed in the transaction that does the work and holds the id of what was made, so that not even a crash between
//! doing and answering can do it twice. The server then keeps the answer it gave, word for word.

use partyline_store::Tx;
use partyline_store::idempotency::Known;

use crate::error::{DeskError, Result};
use crate::{Desk, Who};

pub use partyline_store::idempotency::RequestKey;

/// Marks an answer that is only the id of what was made.
const MADE: &str = "made ";

fn mismatch() -> DeskError {
    DeskError::Conflict {
        code: "idempotency_mismatch",
        detail: "This Idempotency-Key was used with another request. Use a new key for a new request.".to_owned(),
    }
}

/// Claims the key: `Some(id)` of what the first request made, or `None`: it is ours to make.
pub(crate) fn made_before<T: std::str::FromStr>(tx: &mut Tx<'_>, key: Option<&RequestKey>) -> Result<Option<T>> {
    let Some(key) = key else { return Ok(None) };
    match tx.claim_key(key)? {
        Known::New | Known::Pending => Ok(None),
        Known::Mismatch => Err(mismatch()),
        Known::Answered { body, .. } => {
            let id = body.strip_prefix(MADE).map(str::to_owned).or_else(|| id_of_answer(&body));
            Ok(id.and_then(|id| id.parse().ok()))
        }
    }
}

/// Notes what was made under the key.
pub(crate) fn made(tx: &mut Tx<'_>, key: Option<&RequestKey>, id: impl std::fmt::Display) -> Result<()> {
    match key {
        Some(key) => Ok(tx.keep_answer(key, 0, &format!("{MADE}{id}"))?),
        None => Ok(()),
    }
}

/// The id in an answer that was kept: its own, or that of the message in it.
fn id_of_answer(body: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(body).ok()?;
    let id = value.get("id").or_else(|| value.get("message").and_then(|m| m.get("id")))?;
    id.as_str().map(str::to_owned)
}

impl Desk {
    /// The answer that was kept under this key: status and body.
    pub async fn known_answer(&self, who: &Who, key: &RequestKey) -> Result<Option<(u16, String)>> {
        let wanted = key.clone();
        let now = self.now();
        let known = self
            .inner
            .db
            .read(who.workspace, move |scope| Ok::<_, DeskError>(scope.known_answer(&wanted, now)?))
            .await?;
        match known {
            Some(Known::Mismatch) => Err(mismatch()),
            Some(Known::Answered { status, body }) if !body.starts_with(MADE) => {
                Ok(u16::try_from(status).ok().map(|s| (s, body)))
            }
            _ => Ok(None),
        }
    }

    /// Keeps the answer that was given.
    pub async fn keep_answer(&self, who: &Who, key: &RequestKey, status: u16, body: &str) -> Result<()> {
        let (key, body) = (key.clone(), body.to_owned());
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| Ok(tx.keep_answer(&key, i64::from(status), &body)?))
            .await
    }
}
