//! Workspaces' settings, users and teams.

use partyline_core::id::{AccountId, ConversationId, FileId, TeamId, UserId, WorkspaceId};
use partyline_core::permission::Role;
use partyline_core::time::Millis;

use crate::error::Result;
use crate::scope::{Scope, Tx};
use crate::sql::queries;
use crate::value::{row, values};

queries! {
    WORKSPACE = "SELECT id, name, settings, address_key, created_at FROM workspaces WHERE workspace = $1";
    SET_WORKSPACE = "UPDATE workspaces SET name = $2, settings = $3 WHERE workspace = $1";
    USERS = "SELECT id, account_id, name, email, role, away_until, created_at, deactivated_at, settings, picture_id FROM users WHERE workspace = $1 ORDER BY name, id";
    USER = "SELECT id, account_id, name, email, role, away_until, created_at, deactivated_at, settings, picture_id FROM users WHERE workspace = $1 AND id = $2";
    CREATE_USER = "INSERT INTO users (workspace, id, account_id, name, email, role, settings, created_at) VALUES ($1, $2, $3, $4, $5, $6, '{}', $7)";
    SET_USER = "UPDATE users SET name = $3, role = $4, deactivated_at = $5, away_until = $6, settings = $7, picture_id = $8 WHERE workspace = $1 AND id = $2";
    OWNERS = "SELECT count(*) FROM users WHERE workspace = $1 AND role = 'owner' AND deactivated_at IS NULL";
    TEAMS = "SELECT id, name, closed, created_at FROM teams WHERE workspace = $1 AND archived_at IS NULL ORDER BY name, id";
    TEAM = "SELECT id, name, closed, created_at FROM teams WHERE workspace = $1 AND id = $2 AND archived_at IS NULL";
    CREATE_TEAM = "INSERT INTO teams (workspace, id, name, closed, settings, created_at) VALUES ($1, $2, $3, $4, '{}', $5)";
    SET_TEAM = "UPDATE teams SET name = $3, closed = $4 WHERE workspace = $1 AND id = $2";
    MEMBERS = "SELECT team_id, user_id FROM team_members WHERE workspace = $1 ORDER BY team_id, user_id";
    OBSERVERS = "SELECT team_id, user_id FROM team_members WHERE workspace = $1 AND kind = 'observing' ORDER BY team_id, user_id";
    SET_KIND = "UPDATE team_members SET kind = $4 WHERE workspace = $1 AND team_id = $2 AND user_id = $3";
    ASSIGNED_TO = "SELECT conversation_id FROM conversation_users WHERE workspace = $1 AND user_id = $2 AND assigned = 1 AND status IN ('open', 'snoozed') ORDER BY conversation_id LIMIT $3";
    COUNTED_ON = "SELECT m.user_id FROM team_members m JOIN users u ON u.workspace = m.workspace AND u.id = m.user_id WHERE m.workspace = $1 AND m.team_id = $2 AND m.kind = 'active' AND u.deactivated_at IS NULL ORDER BY m.user_id";
    JOIN_TEAM = "INSERT INTO team_members (workspace, team_id, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    LEAVE_TEAM = "DELETE FROM team_members WHERE workspace = $1 AND team_id = $2 AND user_id = $3";
    VISIBLE_TEAMS = "SELECT t.id FROM teams t WHERE t.workspace = $1 AND t.archived_at IS NULL AND (t.closed = 0 OR $3 = 1 OR EXISTS (SELECT 1 FROM team_members m WHERE m.workspace = t.workspace AND m.team_id = t.id AND m.user_id = $2)) ORDER BY t.name, t.id";
}

row! {
    /// One business.
    pub struct WorkspaceRow {
        /// Its public id.
        pub id: WorkspaceId,
        /// What it is called.
        pub name: String,
        /// JSON; `desk` gives it its shape.
        pub settings: String,
        /// Keys the hashes under which consent is kept.
        pub address_key: Vec<u8>,
        /// When it was made.
        pub created_at: Millis,
    }
}

row! {
    /// A person of the team.
    pub struct UserRow {
        /// Their id in this workspace.
        pub id: UserId,
        /// What they sign in with.
        pub account: AccountId,
        /// What they are called.
        pub name: String,
        /// Where they are reached.
        pub email: String,
        /// What they may do.
        pub role: Role,
        /// Out of office until then.
        pub away_until: Option<Millis>,
        /// When they joined.
        pub created_at: Millis,
        /// When they left.
        pub deactivated_at: Option<Millis>,
        /// JSON; `desk` gives it its shape.
        pub settings: String,
        /// Their picture: an attachment.
        pub picture: Option<FileId>,
    }
}

row! {
    /// A group of users with an inbox.
    pub struct TeamRow {
        /// Its id.
        pub id: TeamId,
        /// What it is called.
        pub name: String,
        /// Seen by members and admins only.
        pub closed: bool,
        /// When it was made.
        pub created_at: Millis,
    }
}

/// Who looks: decides what is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: Role,
}

impl Scope<'_> {
    /// This workspace.
    pub fn workspace_row(&mut self) -> Result<WorkspaceRow> {
        self.row(WORKSPACE, &[])?.ok_or_else(|| crate::StoreError::Corrupt("the workspace is gone".into()))
    }

    /// Everyone, deactivated ones too, by name.
    pub fn users(&mut self) -> Result<Vec<UserRow>> {
        self.rows(USERS, &[])
    }

    /// One person.
    pub fn user(&mut self, id: UserId) -> Result<Option<UserRow>> {
        self.row(USER, values![id])
    }

    /// Active owners.
    pub fn owner_count(&mut self) -> Result<i64> {
        Ok(self.row::<(i64,)>(OWNERS, &[])?.map_or(0, |(n,)| n))
    }

    /// All teams, by name.
    pub fn teams(&mut self) -> Result<Vec<TeamRow>> {
        self.rows(TEAMS, &[])
    }

    /// One team.
    pub fn team(&mut self, id: TeamId) -> Result<Option<TeamRow>> {
        self.row(TEAM, values![id])
    }

    /// Who is in which team.
    pub fn memberships(&mut self) -> Result<Vec<(TeamId, UserId)>> {
        self.rows(MEMBERS, &[])
    }

    /// Who only observes which team: they see it and may answer, and are not counted on.
    pub fn observers(&mut self) -> Result<Vec<(TeamId, UserId)>> {
        self.rows(OBSERVERS, &[])
    }

    /// Open and snoozed conversations that somebody is on, at most `limit`.
    pub fn assigned_to(&mut self, user: UserId, limit: i64) -> Result<Vec<ConversationId>> {
        Ok(self.rows::<(ConversationId,)>(ASSIGNED_TO, values![user, limit])?.into_iter().map(|(id,)| id).collect())
    }

    /// The members of a team that are counted on: those who only observe it, and who have left, are left out.
    pub fn counted_on(&mut self, team: TeamId) -> Result<Vec<UserId>> {
        Ok(self.rows::<(UserId,)>(COUNTED_ON, values![team])?.into_iter().map(|(id,)| id).collect())
    }

    /// The teams that somebody sees: open ones, their own, and for admins all.
    pub fn visible_teams(&mut self, viewer: Viewer) -> Result<Vec<TeamId>> {
        Ok(self
            .rows::<(TeamId,)>(VISIBLE_TEAMS, values![viewer.user, viewer.role.sees_everything()])?
            .into_iter()
            .map(|(id,)| id)
            .collect())
    }
}

impl Tx<'_> {
    /// Renames the workspace and replaces its settings.
    pub fn set_workspace(&mut self, name: &str, settings: &str) -> Result<()> {
        self.run(SET_WORKSPACE, values![name, settings]).map(drop)
    }

    /// Adds a person.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the account is a member already.
    pub fn create_user(&mut self, id: UserId, account: AccountId, name: &str, email: &str, role: Role) -> Result<()> {
        let now = self.now();
        self.run(CREATE_USER, values![id, account, name, email, role, now]).map(drop)
    }

    /// Writes a person's name, role, settings, picture, until when they are away, and whether they are active.
    pub fn set_user(&mut self, user: &UserRow) -> Result<()> {
        let UserRow { id, name, role, deactivated_at, away_until, settings, picture, .. } = user;
        self.run(SET_USER, values![*id, name, *role, *deactivated_at, *away_until, settings, *picture]).map(drop)
    }

    /// Adds a team.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the name is taken.
    pub fn create_team(&mut self, id: TeamId, name: &str, closed: bool) -> Result<()> {
        let now = self.now();
        self.run(CREATE_TEAM, values![id, name, closed, now]).map(drop)
    }

    /// Writes a team's name and whether it is closed.
    pub fn set_team(&mut self, team: &TeamRow) -> Result<()> {
        self.run(SET_TEAM, values![team.id, &team.name, team.closed]).map(drop)
    }

    /// Puts a person into a team.
    pub fn join_team(&mut self, team: TeamId, user: UserId) -> Result<()> {
        self.run(JOIN_TEAM, values![team, user]).map(drop)
    }

    /// Says whether a member of a team only observes it.
    pub fn observe_team(&mut self, team: TeamId, user: UserId, observes: bool) -> Result<()> {
        self.run(SET_KIND, values![team, user, if observes { "observing" } else { "active" }]).map(drop)
    }

    /// Takes a person out of a team.
    pub fn leave_team(&mut self, team: TeamId, user: UserId) -> Result<()> {
        self.run(LEAVE_TEAM, values![team, user]).map(drop)
    }
}
