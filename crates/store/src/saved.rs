//! Saved searches: queries with a name, of one person, a team or everybody, and their places in the sidebar.

use partyline_core::canned;
use partyline_core::id::{SavedSearchId, TeamId, UserId};
use partyline_core::time::Millis;

use crate::error::Result;
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::{row, values};

queries! {
    OWN = "SELECT id, user_id, team_id, name, query, position, created_by, created_at, removed_at FROM saved_searches WHERE workspace = $1 AND user_id = $2 AND removed_at IS NULL ORDER BY id";
    SHARED = "SELECT id, user_id, team_id, name, query, position, created_by, created_at, removed_at FROM saved_searches WHERE workspace = $1 AND user_id IS NULL AND removed_at IS NULL ORDER BY id";
    ONE = "SELECT id, user_id, team_id, name, query, position, created_by, created_at, removed_at FROM saved_searches WHERE workspace = $1 AND id = $2";
    CREATE = "INSERT INTO saved_searches (workspace, id, user_id, team_id, name, query, position, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    SET = "UPDATE saved_searches SET name = $3, query = $4, position = $5, removed_at = $6 WHERE workspace = $1 AND id = $2";
}

row! {
    /// A saved search.
    #[derive(PartialEq, Eq)]
    pub struct SavedRow {
        /// Its id.
        pub id: SavedSearchId,
        /// Whose it is, where it is somebody's own.
        pub user: Option<UserId>,
        /// Whose it is, where it is a team's.
        pub team: Option<TeamId>,
        /// What it is called.
        pub name: String,
        /// What it looks for.
        pub query: String,
        /// Its place among those of the same owner; none: it is not pinned.
        pub position: Option<i64>,
        /// Who saved it.
        pub created_by: UserId,
        /// When.
        pub created_at: Millis,
        /// When it was removed. What it said is gone then.
        pub removed_at: Option<Millis>,
    }
}

impl SavedRow {
    /// Whose it is.
    #[must_use]
    pub const fn scope(&self) -> canned::Scope {
        match (self.user, self.team) {
            (Some(_), _) => canned::Scope::Personal,
            (None, Some(_)) => canned::Scope::Team,
            (None, None) => canned::Scope::Workspace,
        }
    }

    /// Have they the same owner?
    #[must_use]
    pub fn is_beside(&self, other: &SavedRow) -> bool {
        (self.user, self.team) == (other.user, other.team)
    }
}

impl Scope<'_> {
    /// Those of one person, and those of all teams and of everybody; removed ones are left out.
    pub fn saved_searches(&mut self, user: UserId) -> Result<Vec<SavedRow>> {
        let mut rows = self.rows::<SavedRow>(OWN, values![user])?;
        rows.extend(self.rows::<SavedRow>(SHARED, &[])?);
        Ok(rows)
    }

    /// One of them, also when it is removed.
    pub fn saved_search(&mut self, id: SavedSearchId) -> Result<Option<SavedRow>> {
        self.row(ONE, values![id])
    }
}

impl Tx<'_> {
    /// Adds one.
    pub fn create_saved_search(&mut self, s: &SavedRow) -> Result<()> {
        let what = values![s.id, s.user, s.team, &s.name, &s.query, s.position, s.created_by, s.created_at];
        self.run(CREATE, what).map(drop)
    }

    /// Writes its name, what it looks for, its place, and whether it is removed.
    pub fn set_saved_search(&mut self, s: &SavedRow) -> Result<()> {
        self.run(SET, values![s.id, &s.name, &s.query, s.position, s.removed_at]).map(drop)
    }
}
