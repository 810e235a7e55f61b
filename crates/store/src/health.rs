//! Can it be written? Known from the writes themselves: a disk that is full, a database that is gone, and when it is over.

use std::sync::{Mutex, PoisonError};

use crate::Db;
use crate::connection::Location;
use crate::error::{Result, StoreError, Trouble};
use crate::scope::Root;
use crate::sql::queries;

queries! {
    // writes a page without changing anything; what is full or read-only refuses it
    TOUCH = "UPDATE installation SET created_at = created_at WHERE one = 1";
}

/// What keeps the store from writing now, if anything does.
#[derive(Debug, Default)]
pub(crate) struct Health(Mutex<Option<(Trouble, String)>>);

impl Health {
    /// A write has failed for this.
    pub(crate) fn ill(&self, trouble: Trouble, text: String) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.as_ref().is_none_or(|(before, _)| *before != trouble) {
            tracing::error!(?trouble, error = text, "nothing can be written; it goes on by itself when this is over");
        }
        *state = Some((trouble, text));
    }

    /// Something was written and committed.
    pub(crate) fn well(&self) {
        if let Some((trouble, _)) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            tracing::info!(?trouble, "writing goes on");
        }
    }
}

/// SQLite calls a disk that turned read-only "an I/O error": the disk itself is asked what it is.
pub(crate) fn trouble_of_disk(location: &Location, said: Trouble) -> Trouble {
    let Location::Sqlite(path) = location else { return said };
    if said != Trouble::Away {
        return said;
    }
    let probe = path.with_extension("probe");
    let tried = std::fs::write(&probe, [0; 512]).map_err(StoreError::from);
    // what can't be deleted is overwritten by the next
    let _ = std::fs::remove_file(&probe);
    tried.err().and_then(|e| e.trouble()).unwrap_or(said)
}

impl Db {
    /// Can it be written, as far as the newest write has shown?
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::ReadOnly`] or [`StoreError::Unavailable`].
    pub fn writable(&self) -> Result<()> {
        match &*self.health().0.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(()),
            Some((trouble, text)) => Err(trouble.error(text.clone())),
        }
    }

    /// Writes something that changes nothing, so that trouble is seen before somebody has it, and its end as soon as it is over.
    pub async fn touch(&self, now: partyline_core::time::Millis) -> Result<()> {
        self.machinery(now, |root| root.touch()).await
    }
}

impl Root<'_> {
    fn touch(&mut self) -> Result<()> {
        self.connection.write(TOUCH, &[])?;
        let Some(writing) = &mut self.writing else { return Err(StoreError::GaveUp) };
        writing.after.wrote = true;
        Ok(())
    }
}
