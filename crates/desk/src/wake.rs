//! Waking what was set aside until a time.

use partyline_core::conversation::Status;
use partyline_core::event::{Actor, EventType};
use partyline_core::time::SECOND;
use partyline_store::Workspace;
use serde_json::json;

use crate::Desk;
use crate::error::{DeskError, Result};
use crate::timeline;

/// How often it is looked for what is due, in milliseconds.
pub const WAKE_EVERY: i64 = SECOND;
/// Conversations that wake in one unit of work.
const AT_ONCE: i64 = 100;

impl Desk {
    /// Opens every conversation whose time has come, with a line that says why.
    pub async fn wake(&self) -> Result<()> {
        self.for_each("wake", |workspace, _| self.wake_in(workspace)).await
    }

    async fn wake_in(&self, workspace: Workspace) -> Result<()> {
        let now = self.now();
        let due = self.inner.db.read(workspace, move |scope| Ok::<_, DeskError>(scope.due_to_wake(now, 1)?)).await?;
        if due.is_empty() {
            return Ok(());
        }
        self.inner
            .db
            .write(workspace, now, move |tx| {
                for id in tx.due_to_wake(now, AT_ONCE)? {
                    tx.change(id, |held| {
                        held.row.status = Status::Open;
                        held.row.snoozed_until = None;
                        held.row.last_activity_at = now;
                    })?;
                    let data = json!({ "reason": "due" });
                    let line =
                        timeline::line(tx, Actor::System, EventType::ConversationReopened, id, &["status"], data)?;
                    tx.change(id, |held| {
                        held.row.last_seq = line.seq;
                        held.row.unread_seq = line.seq;
                    })?;
                }
                Ok::<_, DeskError>(())
            })
            .await
    }
}
