//! Taking away the bytes of files that nothing names any more: uploads that no message used, what was erased.
//!
//! Whoever brings bytes says so first ([`Desk::keep_file`]): from then on they are safe for [`UNUSED_FOR`]. What is older and unused is first
//! claimed, by one sweep alone, then taken out of the storage, then forgotten; who brings the same bytes meanwhile waits for that. The
//! claim is looked at again right before each file goes, so nothing is taken away under somebody's hands, on several nodes too. What a
//! sweep that was broken off has claimed is another's after [`CLAIM`].

use std::time::Duration;

use partyline_core::time::{DAY, HOUR, Millis};
use partyline_store::blobs::Blob;
use partyline_store::{StoreError, Workspace};

use crate::Desk;
use crate::error::{DeskError, Result};

/// How often it is looked for files that nothing names, in milliseconds.
pub const SWEEP_EVERY: i64 = 6 * HOUR;
/// How long bytes are kept that nothing names: a week, so that a mistake can be mended from a backup of the database.
const UNUSED_FOR: i64 = 7 * DAY;
/// Files that are claimed in one unit of work.
const AT_ONCE: i64 = 100;
/// How long a sweep may take for what it has claimed: far longer than the storage may take for one request.
const CLAIM: i64 = HOUR;
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
        self.for_each("sweep", |workspace, _| async move {
            while self.sweep_some(workspace).await? {}
            Ok(())
        })
        .await
    }

    /// Takes some away. `false`: there was nothing.
    async fn sweep_some(&self, workspace: Workspace) -> Result<bool> {
        let now = self.now();
        let (before, claimed_before) = (now - UNUSED_FOR, now - CLAIM);
        let db = &self.inner.db;
        let look = db.read(workspace, move |scope| scope.has_unused_blobs(before, claimed_before)).await;
        if !look.map_err(|e: StoreError| DeskError::from(e))? {
            return Ok(false);
        }
        let claimed = db.write(workspace, now, move |tx| tx.sweep_blobs(before, claimed_before, AT_ONCE)).await;
        let mut claimed = claimed.map_err(|e: StoreError| DeskError::from(e))?.into_iter();
        let mut count = 0;
        while let Some(sha256) = claimed.next() {
            match self.take_away(workspace, &sha256, now).await {
                Ok(()) => count += 1,
                Err(error) => {
                    // the storage did not say what became of this one; the others are free again at once
                    let rest: Vec<Vec<u8>> = claimed.collect();
                    let let_go = db.write(workspace, now, move |tx| {
                        rest.iter().try_for_each(|sha256| tx.let_blob_go(sha256, now))
                    });
                    let_go.await.map_err(|e: StoreError| DeskError::from(e))?;
                    return Err(error);
                }
            }
        }
        tracing::info!(workspace = workspace.0, files = count, "files that nothing names were taken away");
        Ok(count > 0)
    }

    /// Takes one away that was claimed then, unless it was claimed anew since.
    async fn take_away(&self, workspace: Workspace, sha256: &[u8], claimed_at: Millis) -> Result<()> {
        let (ours, gone) = (sha256.to_vec(), sha256.to_vec());
        let is_ours = self.inner.db.write(workspace, claimed_at, move |tx| tx.sweeps_blob(&ours, claimed_at)).await;
        if !is_ours.map_err(|e: StoreError| DeskError::from(e))? {
            return Ok(());
        }
        self.inner.files.remove(workspace, sha256).await?;
        let forgotten = self.inner.db.write(workspace, claimed_at, move |tx| tx.forget_blob(&gone, claimed_at)).await;
        forgotten.map_err(|e: StoreError| DeskError::from(e))
    }
}
