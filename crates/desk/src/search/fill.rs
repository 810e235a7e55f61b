//! The worker's part that fills the index of words, behind the commit: in small units among those of everybody else, so that nothing that
//! comes in waits for it.

use std::time::Duration;

use partyline_core::time::{DAY, MINUTE, SECOND};
use partyline_store::Workspace;
use partyline_store::search::fill::Batch;
use tokio_util::sync::CancellationToken;

use crate::Desk;
use crate::error::{DeskError, Result};

/// How long what is written is gathered: it can be found this much later.
const GATHER: Duration = Duration::from_millis(300);
/// How often it is looked for what no hint has told of.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How long after its start a process merges what was taken out of the index out of its bytes, in milliseconds.
const FIRST_MERGE: i64 = 10 * MINUTE;
/// And how often then, in milliseconds.
const MERGE_EVERY: i64 = DAY;
/// How long to wait when the database can't be asked.
const TROUBLE: Duration = Duration::from_millis(SECOND.unsigned_abs());

/// Runs until `stop`.
pub(crate) async fn run(desk: Desk, stop: CancellationToken) {
    let mut merge_at = desk.now() + FIRST_MERGE;
    let mut hints = desk.inner.db.hints();
    loop {
        // whatever is written from here on is a reason to look once more
        hints = hints.resubscribe();
        let mut wait = LOOK_EVERY;
        if let Err(error) = desk.fill_index(&stop).await {
            tracing::warn!(%error, "the index for searching can't be filled; it is tried again");
            wait = TROUBLE;
        }
        if desk.now() >= merge_at {
            merge_at = desk.now() + MERGE_EVERY;
            if let Err(error) = desk.merge_index(&stop).await {
                tracing::warn!(%error, "the index for searching can't be merged; it is tried again tomorrow");
            }
        }
        let gathered = async {
            // one of many that came meanwhile says as much as each of them
            let _ = tokio::time::timeout(wait, hints.recv()).await;
            tokio::time::sleep(GATHER).await;
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = gathered => {}
        }
    }
}

impl Desk {
    /// Brings the index up to the log, in every workspace, or as far as it comes until `stop`.
    pub async fn fill_index(&self, stop: &CancellationToken) -> Result<()> {
        self.for_each("index", |workspace, _| async move {
            while !stop.is_cancelled() && self.fill_some(workspace, stop).await? {}
            Ok(())
        })
        .await
    }

    /// Brings the next batch. `false`: there is none, or somebody else is at it.
    async fn fill_some(&self, workspace: Workspace, stop: &CancellationToken) -> Result<bool> {
        let db = &self.inner.db;
        let Some(batch) = db.read(workspace, |scope| Ok::<_, DeskError>(scope.to_index()?)).await? else {
            return Ok(false);
        };
        let mut batch = batch;
        for id in std::mem::take(&mut batch.conversations) {
            let mut after = None;
            loop {
                let read = move |batch: Batch| {
                    db.read(workspace, move |scope| {
                        let (page, next) = scope.to_index_of(&batch, id, after)?;
                        Ok::<_, DeskError>((batch, page, next))
                    })
                };
                let (same, page, next) = read(batch).await?;
                batch = same;
                if stop.is_cancelled() || !self.write_batch(workspace, page).await? {
                    return Ok(false);
                }
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
        self.write_batch(workspace, batch).await
    }

    async fn write_batch(&self, workspace: Workspace, batch: Batch) -> Result<bool> {
        self.inner.db.machinery(self.now(), move |root| Ok::<_, DeskError>(root.index(workspace, &batch)?)).await
    }

    /// Merges what was taken out of the index out of its bytes, part by part.
    async fn merge_index(&self, stop: &CancellationToken) -> Result<()> {
        let db = &self.inner.db;
        if !db.read_root(|root| Ok::<_, DeskError>(root.index_is_stale()?)).await? {
            return Ok(());
        }
        let mut begin = true;
        while !stop.is_cancelled()
            && db.machinery(self.now(), move |root| Ok::<_, DeskError>(root.merge_index(begin)?)).await?
        {
            begin = false;
        }
        Ok(())
    }
}
