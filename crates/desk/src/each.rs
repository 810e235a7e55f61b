//! Upkeep of every workspace, one after the other.

use std::future::Future;

use partyline_core::id::WorkspaceId;
use partyline_store::Workspace;

use crate::Desk;
use crate::error::{DeskError, Result};

impl Desk {
    /// Does something for each workspace. Trouble with one is told, and keeps no other waiting; where the database can't be reached, all
    /// wait.
    pub(crate) async fn for_each<F>(&self, what: &'static str, work: impl Fn(Workspace, WorkspaceId) -> F) -> Result<()>
    where
        F: Future<Output = Result<()>>,
    {
        let workspaces = self.inner.db.read_root(|root| Ok::<_, DeskError>(root.workspaces()?)).await?;
        for (workspace, id, _) in workspaces {
            match work(workspace, id).await {
                Err(DeskError::Store(error)) if error.is_passing() => return Err(error.into()),
                Err(error) => tracing::error!(workspace = workspace.0, what, %error, "upkeep failed in one workspace"),
                Ok(()) => {}
            }
        }
        Ok(())
    }
}
