//! Saved searches.

use partyline_core::canned::Scope;
use partyline_core::id::{SavedSearchId, TeamId, UserId};
use partyline_core::time::Millis;
use partyline_desk::saved::{self, SavedRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;
use crate::extract::present;

/// A saved search.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavedSearch)]
pub struct SavedOut {
    /// `saved_…`
    #[schema(value_type = String)]
    pub id: SavedSearchId,
    /// Whose it is.
    #[schema(value_type = words::CannedScope)]
    pub scope: Scope,
    /// The team, where it is a team's.
    #[schema(value_type = Option<String>)]
    pub team_id: Option<TeamId>,
    /// What it is called.
    pub name: String,
    /// What it looks for, for `GET /search?q=`.
    pub query: String,
    /// Its place in the sidebar among those of the same owner, smaller ones first; null: it is not pinned.
    pub position: Option<i64>,
    /// Who saved it.
    #[schema(value_type = String)]
    pub created_by: UserId,
    /// When.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
}

impl From<SavedRow> for SavedOut {
    fn from(row: SavedRow) -> Self {
        SavedOut {
            id: row.id,
            scope: row.scope(),
            team_id: row.team,
            name: row.name,
            query: row.query,
            position: row.position,
            created_by: row.created_by,
            created_at: row.created_at,
        }
    }
}

/// A search to be saved.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SavedSearchIn {
    /// Whose it is. It stays theirs.
    #[schema(value_type = words::CannedScope)]
    pub scope: Scope,
    /// The team, where it is a team's.
    #[schema(value_type = Option<String>)]
    pub team_id: Option<TeamId>,
    /// What it is called; up to 60 characters.
    pub name: String,
    /// What it looks for; up to 1,000 characters.
    pub query: String,
    /// Does it stand in the sidebar, below the others? It does when left out.
    pub pinned: Option<bool>,
}

impl From<SavedSearchIn> for saved::SavedIn {
    fn from(new: SavedSearchIn) -> Self {
        let SavedSearchIn { scope, team_id, name, query, pinned } = new;
        saved::SavedIn { scope, team_id, name, query, pinned: pinned.unwrap_or(true) }
    }
}

/// What changes of a saved search; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SavedSearchPatch {
    /// What it is called.
    pub name: Option<String>,
    /// What it looks for.
    pub query: Option<String>,
    /// Its place among the pinned ones of the same owner, from 0: those from there on move down. Null: it is not pinned any more.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>)]
    pub position: Option<Option<u32>>,
}

impl From<SavedSearchPatch> for saved::SavedPatch {
    fn from(patch: SavedSearchPatch) -> Self {
        let SavedSearchPatch { name, query, position } = patch;
        let place = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
        saved::SavedPatch { name, query, position: position.map(|p| p.map(place)) }
    }
}
