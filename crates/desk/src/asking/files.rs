//! Where the files of listed messages are: a request for each message, and one that always fails must not hold back the others.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use partyline_channels::{MediaRef, ProviderError};
use partyline_core::id::ConnectionId;
use partyline_core::time::{HOUR, Millis};

use crate::Desk;
use crate::connection::Opened;
use crate::error::Result;
use crate::receive::FILES_MAX;

/// So many turns may fail because one message's files can't be listed; then it comes before them, and each is looked for by a job of its
/// own. With the growing waits between turns that is two or three minutes.
const TRIES: u32 = 5;
/// Messages that are counted at once.
const COUNTED_MAX: usize = 1_000;
/// The files of a message younger than this may not be listed yet.
const MAY_COME: i64 = HOUR;

/// How often the files of a message could not be listed. Counted by this process: the next one begins anew.
#[derive(Debug, Default)]
pub(super) struct Tries(Mutex<HashMap<(ConnectionId, String), u32>>);

impl Tries {
    /// Counts one more, and says how many that makes.
    fn add(&self, connection: ConnectionId, message: &str) -> u32 {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= COUNTED_MAX {
            tries.clear();
        }
        let count = tries.entry((connection, message.to_owned())).or_default();
        *count += 1;
        *count
    }

    fn forget(&self, connection: ConnectionId, message: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(connection, message.to_owned()));
    }
}

impl Desk {
    /// Where the files of a listed message of `at` are. When they can't be listed, now and [`TRIES`] times, the message comes with files
    /// without an address, which the fetch of each looks up.
    ///
    /// # Errors
    /// What kept us from asking, as long as asking again may help.
    pub(crate) async fn files_of(
        &self,
        connection: ConnectionId,
        opened: &Opened,
        message: &str,
        files: u32,
        at: Millis,
    ) -> Result<Vec<MediaRef>> {
        if files == 0 {
            return Ok(Vec::new());
        }
        let tries = &self.inner.places.files;
        let error = match opened.provider.list_media(&self.inner.http, &opened.connection, message).await {
            Ok(media) => {
                tries.forget(connection, message);
                return Ok(media);
            }
            Err(error @ (ProviderError::CredentialsRefused { .. } | ProviderError::CredentialsMissing(_))) => {
                // that is about the account
                return Err(error.into());
            }
            Err(error) => error,
        };
        let may_come = match &error {
            ProviderError::NotFound => self.now().since(at) < MAY_COME,
            error => error.is_passing(),
        };
        if may_come && tries.add(connection, message) < TRIES {
            return Err(error.into());
        }
        tries.forget(connection, message);
        tracing::warn!(%connection, message, error = error.code(), "the files of a message can't be listed; it comes before them");
        let count = usize::try_from(files).unwrap_or(FILES_MAX).min(FILES_MAX);
        Ok(vec![MediaRef { url: String::new(), content_type: String::new() }; count])
    }
}
