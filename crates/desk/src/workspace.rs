//! The workspace's name and settings.

use partyline_core::conversation::STALE_OWNER_DAYS;
use partyline_core::event::EventType;
use partyline_core::permission::Permission;
use partyline_store::NewEvent;

use crate::account::named;
use crate::error::{DeskError, FieldProblem, Result};
use crate::me::zone_problem;
use crate::settings::{self, UNDO_SECONDS_MAX, WorkspaceSettings};
use crate::{Desk, Who};

/// The most days after which a reopened conversation may still go back to its assignee.
pub const STALE_OWNER_DAYS_MAX: u32 = 365;

/// What changes of the workspace; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct WorkspacePatch {
    /// What it is called.
    pub name: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Where numbers without a country code are from: two letters, ISO 3166.
    pub region: Option<String>,
    /// Seconds that the app asks the server to hold a message; 0 for none, at most [`UNDO_SECONDS_MAX`].
    pub undo_seconds: Option<u32>,
    /// Does an answer to nobody's conversation assign its author?
    pub assign_on_reply: Option<bool>,
    /// Days within which a reopened conversation goes back to its assignee; at most [`STALE_OWNER_DAYS_MAX`].
    pub stale_owner_days: Option<u32>,
    /// May what customers and colleagues write stand in letters and on locked screens?
    pub texts_outside: Option<bool>,
}

fn too_many(field: &str, most: u32) -> FieldProblem {
    FieldProblem { field: field.to_owned(), code: "too_many", detail: format!("At most {most}.") }
}

impl Desk {
    /// Changes the workspace's name and settings.
    pub async fn change_workspace(&self, who: &Who, patch: WorkspacePatch) -> Result<()> {
        who.must(Permission::ManageWorkspace)?;
        let mut problems = Vec::new();
        let name = patch.name.as_deref().and_then(|n| named("name", n).map_err(|p| problems.push(p)).ok());
        problems.extend(patch.time_zone.as_deref().and_then(zone_problem));
        let region = patch.region.map(|r| r.trim().to_uppercase());
        if region.as_deref().is_some_and(|r| !partyline_core::phone::is_region(r)) {
            problems.push(FieldProblem {
                field: "region".to_owned(),
                code: "unknown",
                detail: "Write a country as two letters, such as US.".to_owned(),
            });
        }
        if patch.undo_seconds.is_some_and(|n| n > UNDO_SECONDS_MAX) {
            problems.push(too_many("undo_seconds", UNDO_SECONDS_MAX));
        }
        if patch.stale_owner_days.is_some_and(|n| n > STALE_OWNER_DAYS_MAX) {
            problems.push(too_many("stale_owner_days", STALE_OWNER_DAYS_MAX));
        }
        if !problems.is_empty() {
            return Err(DeskError::Invalid(problems));
        }
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let row = tx.workspace_row()?;
                let before = settings::parse::<WorkspaceSettings>(&row.settings);
                let after = WorkspaceSettings {
                    time_zone: patch.time_zone.unwrap_or_else(|| before.time_zone.clone()),
                    region: region.unwrap_or_else(|| before.region.clone()),
                    undo_seconds: patch.undo_seconds.unwrap_or(before.undo_seconds),
                    assign_on_reply: patch.assign_on_reply.unwrap_or(before.assign_on_reply),
                    stale_owner_days: patch.stale_owner_days.unwrap_or(before.stale_owner_days),
                    texts_outside: patch.texts_outside.unwrap_or(before.texts_outside),
                };
                let name = name.unwrap_or_else(|| row.name.clone());
                let mut changed = Vec::new();
                if name != row.name {
                    changed.push("name");
                }
                if after != before {
                    changed.push("settings");
                }
                if !changed.is_empty() {
                    tx.set_workspace(&name, &settings::write(&after))?;
                    tx.append(NewEvent::new(who.actor(), EventType::WorkspaceUpdated).changed(changed))?;
                }
                Ok(())
            })
            .await
    }
}

const _: () = assert!(STALE_OWNER_DAYS <= STALE_OWNER_DAYS_MAX);
