//! The sealer: hashes the log behind the road, at least once a second while there is something to seal.

use partyline_core::time::SECOND;
use partyline_store::Workspace;
use partyline_store::events::{Audit, BLOCK_MAX};

use crate::Desk;
use crate::error::{DeskError, Result};

/// How often the sealer looks, in milliseconds.
pub const SEAL_EVERY: i64 = SECOND;

impl Desk {
    /// Seals what is not sealed yet, in every workspace.
    pub async fn seal(&self) -> Result<()> {
        self.for_each("seal", |workspace, _| self.seal_one(workspace)).await
    }

    async fn seal_one(&self, workspace: Workspace) -> Result<()> {
        let db = &self.inner.db;
        loop {
            let behind = db.read(workspace, |scope| {
                let (sealed, _) = scope.sealed()?;
                Ok::<_, DeskError>(scope.seq()? > sealed)
            });
            if !behind.await? {
                return Ok(());
            }
            let sealed = db.write(workspace, self.now(), |tx| Ok::<_, DeskError>(tx.seal()?)).await?;
            if i64::try_from(sealed).unwrap_or(0) < BLOCK_MAX {
                return Ok(());
            }
        }
    }

    /// Walks one workspace's log and says whether it is whole.
    pub async fn audit(&self, workspace: Workspace) -> Result<Audit> {
        self.inner.db.read(workspace, |scope| Ok(scope.audit()?)).await
    }
}
