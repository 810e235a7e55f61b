//! People and teams.

use partyline_core::id::{FileId, TeamId, UserId};
use partyline_core::permission::Role;
use partyline_core::time::Millis;
use partyline_desk::{handover, people};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;
use crate::extract::present;

/// A person of the team.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserOut {
    /// `user_…`
    #[schema(value_type = String)]
    pub id: UserId,
    /// What they are called.
    pub name: String,
    /// What they sign in with.
    pub email: String,
    /// What they may do.
    #[schema(value_type = words::Role)]
    pub role: Role,
    /// May they sign in?
    pub active: bool,
    /// When they joined.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
    /// Their teams.
    #[schema(value_type = Vec<String>)]
    pub team_ids: Vec<TeamId>,
    /// Out of office until then.
    #[schema(value_type = Option<words::Time>)]
    pub away_until: Option<Millis>,
    /// Their picture, for `GET /attachments/{id}`: a square. Another picture has another id.
    #[schema(value_type = Option<String>)]
    pub picture_id: Option<FileId>,
}

impl From<people::UserView> for UserOut {
    fn from(view: people::UserView) -> Self {
        let row = view.row;
        UserOut {
            id: row.id,
            name: row.name,
            email: row.email,
            role: row.role,
            active: row.deactivated_at.is_none(),
            created_at: row.created_at,
            team_ids: view.team_ids,
            away_until: row.away_until,
            picture_id: row.picture,
        }
    }
}

/// A new person.
#[derive(Deserialize, ToSchema)]
pub struct UserIn {
    /// What they are called; up to 200 characters.
    pub name: String,
    /// What they sign in with.
    pub email: String,
    /// Their first password; 10 to 256 characters.
    pub password: String,
    /// What they may do.
    #[schema(value_type = words::Role)]
    pub role: Role,
    /// Their teams.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub team_ids: Vec<TeamId>,
}

impl From<UserIn> for people::UserIn {
    fn from(new: UserIn) -> Self {
        people::UserIn {
            name: new.name,
            email: new.email,
            password: new.password,
            role: new.role,
            team_ids: new.team_ids,
        }
    }
}

/// What changes of a person; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UserPatch {
    /// What they are called.
    pub name: Option<String>,
    /// What they may do.
    #[schema(value_type = Option<words::Role>)]
    pub role: Option<Role>,
    /// May they sign in? False ends their sessions.
    pub active: Option<bool>,
    /// All their teams.
    #[schema(value_type = Option<Vec<String>>)]
    pub team_ids: Option<Vec<TeamId>>,
    /// Out of office until then, within a year; null: back.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<words::Time>)]
    pub away_until: Option<Option<Millis>>,
}

impl From<UserPatch> for people::UserPatch {
    fn from(patch: UserPatch) -> Self {
        people::UserPatch {
            name: patch.name,
            role: patch.role,
            active: patch.active,
            team_ids: patch.team_ids,
            away_until: patch.away_until,
        }
    }
}

/// A group of users with an inbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Team)]
pub struct TeamOut {
    /// `team_…`
    #[schema(value_type = String)]
    pub id: TeamId,
    /// What it is called.
    pub name: String,
    /// Its members.
    #[schema(value_type = Vec<String>)]
    pub member_ids: Vec<UserId>,
    /// Those of them who only observe: they see it and may answer, and are not counted on.
    #[schema(value_type = Vec<String>)]
    pub observer_ids: Vec<UserId>,
    /// Is it seen by its members and admins only?
    pub closed: bool,
    /// When it was made.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
}

impl From<people::TeamView> for TeamOut {
    fn from(view: people::TeamView) -> Self {
        let row = view.row;
        TeamOut {
            id: row.id,
            name: row.name,
            member_ids: view.member_ids,
            observer_ids: view.observer_ids,
            closed: row.closed,
            created_at: row.created_at,
        }
    }
}

/// A new team.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TeamIn {
    /// What it is called; up to 200 characters, not yet used in the workspace.
    pub name: String,
    /// Seen by its members and admins only?
    #[serde(default)]
    pub closed: bool,
    /// Its members.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub member_ids: Vec<UserId>,
}

impl From<TeamIn> for people::TeamIn {
    fn from(new: TeamIn) -> Self {
        people::TeamIn { name: new.name, closed: new.closed, member_ids: new.member_ids }
    }
}

/// What changes of a team; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TeamPatch {
    /// What it is called.
    pub name: Option<String>,
    /// Seen by its members and admins only?
    pub closed: Option<bool>,
    /// All its members.
    #[schema(value_type = Option<Vec<String>>)]
    pub member_ids: Option<Vec<UserId>>,
    /// All who only observe it; members.
    #[schema(value_type = Option<Vec<String>>)]
    pub observer_ids: Option<Vec<UserId>>,
}

impl From<TeamPatch> for people::TeamPatch {
    fn from(patch: TeamPatch) -> Self {
        people::TeamPatch {
            name: patch.name,
            closed: patch.closed,
            member_ids: patch.member_ids,
            observer_ids: patch.observer_ids,
        }
    }
}

/// To whom.
#[derive(Debug, Deserialize, ToSchema)]
pub struct HandoverIn {
    /// Who takes over; null: nobody, so that the teams see it in Unassigned.
    #[schema(value_type = Option<String>)]
    pub to_user_id: Option<UserId>,
}

/// What was handed over.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HandedOver)]
pub struct HandedOverOut {
    /// How many conversations.
    pub moved: usize,
    /// Is there more? Ask again.
    pub more: bool,
}

impl From<handover::HandedOver> for HandedOverOut {
    fn from(done: handover::HandedOver) -> Self {
        HandedOverOut { moved: done.moved, more: done.more }
    }
}
