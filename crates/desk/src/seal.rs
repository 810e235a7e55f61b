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
        let workspaces = self.inner.db.read_root(|root| Ok::<_, DeskError>(root.workspaces()?)).await?;
        for (workspace, _, _) in workspaces {
            loop {
                let behind = self
                    .inner
                    .db
                    .read(workspace, |scope| {
                        let (sealed, _) = scope.sealed()?;
                        Ok::<_, DeskError>(scope.seq()? > sealed)
                    })
                    .await?;
                if !behind {
                    break;
                }
                let sealed = self.inner.db.write(workspace, self.now(), |tx| Ok::<_, DeskError>(tx.seal()?)).await?;
                if i64::try_from(sealed).unwrap_or(0) < BLOCK_MAX {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Walks one workspace's log and says whether it is whole.
    pub async fn audit(&self, workspace: Workspace) -> Result<Audit> {
        self.inner.db.read(workspace, |scope| Ok(scope.audit()?)).await
    }
}
