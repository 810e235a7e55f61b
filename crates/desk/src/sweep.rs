//! Taking away the bytes of files that nothing names any more: uploads that no message used, what was erased.
//!
//! Whoever brings bytes says so first ([`Desk::keep_file`]): from then on they are safe for [`UNUSED_FOR`]. What is older and unused is first
//! marked, then taken out of the storage, then forgotten; who brings the same bytes meanwhile waits for that. So nothing is taken away
//! under somebody's hands, on several nodes too, and a sweep that was broken off is gone on with by the next one.

use std::time::Duration;

use partyline_core::time::{DAY, HOUR};
use partyline_store::blobs::Blob;
use partyline_store::{StoreError, Workspace};

use crate::Desk;
use crate::error::{DeskError, Result};

/// How often it is looked for files that nothing names, in milliseconds.
pub const SWEEP_EVERY: i64 = 6 * HOUR;
/// How long bytes are kept that nothing names: a week, so that a mistake can be mended from a backup of the database.
const UNUSED_FOR: i64 = 7 * DAY;
/// Files that are marked in one unit of work.
const AT_ONCE: i64 = 100;
/// Waits for a sweep that is just taking the same bytes away.
const WAITS: u32 = 50;
/// The time of one wait.
const WAIT: Duration = Duration::from_millis(100);

impl Desk {
    /// Brings bytes to rest, before the commit that names them.
    ///
    /// # Errors
    /// [`StoreError::Storage`] or [`StoreError::File`] when they can't be kept; nothing names them then.
    pub(crate) async fn keep_file(&self, workspace: Workspace, bytes: Vec<u8>, content_type: &str) -> Result<Blob> {
        let blob = Blob::of(&bytes);
        let mut waits = 0;
        loop {
            let (announced, kind) = (blob.clone(), content_type.to_owned());
            let free = self.inner.db.write(workspace, self.now(), move |tx| tx.announce_blob(&announced, &kind)).await;
            match free.map_err(|e: StoreError| DeskError::from(e))? {
                true => break,
                false if waits < WAITS => waits += 1,
                false => return Err(StoreError::Storage("the same file is being taken away".to_owned()).into()),
            }
            tokio::time::sleep(WAIT).await;
        }
        Ok(self.inner.files.put(workspace, bytes).await?)
    }

    /// Takes away what nothing has named for a week.
    pub async fn sweep(&self) -> Result<()> {
        let now = self.now();
        let before = now - UNUSED_FOR;
        let workspaces = self.inner.db.read_root(|root| Ok::<_, DeskError>(root.workspaces()?)).await?;
        for (workspace, _, _) in workspaces {
            loop {
                let look = self.inner.db.read(workspace, move |scope| scope.has_unused_blobs(before)).await;
                if !look.map_err(|e: StoreError| DeskError::from(e))? {
                    break;
                }
                let marked = self.inner.db.write(workspace, now, move |tx| tx.mark_unused_blobs(before, AT_ONCE)).await;
                let marked = marked.map_err(|e: StoreError| DeskError::from(e))?;
                for sha256 in &marked {
                    self.inner.files.remove(workspace, sha256).await?;
                }
                let count = marked.len();
                let forget = self.inner.db.write(workspace, now, move |tx| tx.forget_blobs(&marked)).await;
                forget.map_err(|e: StoreError| DeskError::from(e))?;
                tracing::info!(workspace = workspace.0, files = count, "files that nothing names were taken away");
            }
        }
        Ok(())
    }
}
