//! People and teams.

use partyline_core::event::EventType;
use partyline_core::id::{AccountId, TeamId, UserId};
use partyline_core::permission::{Permission, Role};
use partyline_core::time::Millis;
use partyline_store::lists::TEAMS_MAX;
use partyline_store::people::{TeamRow, UserRow};
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, Scope, StoreError};

use crate::account::{bad_email, email, named, password_problem};
use crate::error::{DeskError, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::live::Signal;
use crate::me::away_problem;
use crate::view::AsOf;
use crate::{Desk, Who};

/// A person, with their teams.
#[derive(Debug, Clone)]
pub struct UserView {
    /// The row.
    pub row: UserRow,
    /// Their teams.
    pub team_ids: Vec<TeamId>,
}

/// A team, with its members.
#[derive(Debug, Clone)]
pub struct TeamView {
    /// The row.
    pub row: TeamRow,
    /// Its members.
    pub member_ids: Vec<UserId>,
    /// Those of them who only observe: they see it and may answer, and are not counted on.
    pub observer_ids: Vec<UserId>,
}

/// A new person.
#[derive(Clone)]
pub struct UserIn {
    /// What they are called.
    pub name: String,
    /// What they sign in with.
    pub email: String,
    /// Their first password; left out where the account exists already.
    pub password: String,
    /// What they may do.
    pub role: Role,
    /// Their teams.
    pub team_ids: Vec<TeamId>,
}

/// What changes of a person.
#[derive(Debug, Clone, Default)]
pub struct UserPatch {
    /// What they are called.
    pub name: Option<String>,
    /// What they may do.
    pub role: Option<Role>,
    /// May they sign in?
    pub active: Option<bool>,
    /// Their teams.
    pub team_ids: Option<Vec<TeamId>>,
    /// Out of office until then; null: back.
    pub away_until: Option<Option<Millis>>,
}

/// A new team.
#[derive(Debug, Clone)]
pub struct TeamIn {
    /// What it is called.
    pub name: String,
    /// Seen by members and admins only.
    pub closed: bool,
    /// Its members.
    pub member_ids: Vec<UserId>,
}

/// What changes of a team.
#[derive(Debug, Clone, Default)]
pub struct TeamPatch {
    /// What it is called.
    pub name: Option<String>,
    /// Seen by members and admins only.
    pub closed: Option<bool>,
    /// Its members.
    pub member_ids: Option<Vec<UserId>>,
    /// Those of them who only observe.
    pub observer_ids: Option<Vec<UserId>>,
}

const NO_USER: DeskError = DeskError::NotFound("The person");
const NO_TEAM: DeskError = DeskError::NotFound("The team");

pub(crate) fn user_view(scope: &mut Scope<'_>, id: UserId) -> Result<UserView> {
    let row = scope.user(id)?.ok_or(NO_USER)?;
    let team_ids = scope.memberships()?.into_iter().filter(|(_, user)| *user == id).map(|(team, _)| team).collect();
    Ok(UserView { row, team_ids })
}

pub(crate) fn team_view(scope: &mut Scope<'_>, id: TeamId) -> Result<TeamView> {
    let row = scope.team(id)?.ok_or(NO_TEAM)?;
    let of_team =
        |all: Vec<(TeamId, UserId)>| all.into_iter().filter(|(team, _)| *team == id).map(|(_, user)| user).collect();
    Ok(TeamView { row, member_ids: of_team(scope.memberships()?), observer_ids: of_team(scope.observers()?) })
}

/// The ids of people and teams must name some.
fn known<T: Copy + PartialEq>(field: &str, wanted: &[T], there: &[T]) -> Result<()> {
    if wanted.iter().all(|id| there.contains(id)) {
        return Ok(());
    }
    Err(DeskError::field(field, "unknown", "One of these is not in this workspace. Reload and choose again."))
}

fn taken(field: &str, detail: &str) -> impl Fn(StoreError) -> DeskError {
    let (field, detail) = (field.to_owned(), detail.to_owned());
    move |e| match e {
        StoreError::Conflict(_) => DeskError::field(&field, "taken", detail.clone()),
        other => other.into(),
    }
}

impl Desk {
    /// Everyone, deactivated ones too.
    pub async fn users(&self, who: &Who) -> Result<AsOf<Vec<UserView>>> {
        who.must(Permission::ReadPeople)?;
        self.inner
            .db
            .read(who.workspace, |scope| {
                let memberships = scope.memberships()?;
                let view = |row: UserRow| UserView {
                    team_ids: memberships.iter().filter(|(_, u)| *u == row.id).map(|(t, _)| *t).collect(),
                    row,
                };
                let value = scope.users()?.into_iter().map(view).collect();
                Ok(AsOf { seq: scope.seq()?, value })
            })
            .await
    }

    /// One person.
    pub async fn user(&self, who: &Who, id: UserId) -> Result<AsOf<UserView>> {
        who.must(Permission::ReadPeople)?;
        self.inner
            .db
            .read(who.workspace, move |scope| Ok(AsOf { seq: scope.seq()?, value: user_view(scope, id)? }))
            .await
    }

    /// Adds a person with a first password. Whoever has an account on this server already is invited instead: nobody else's word joins
    /// an account to a workspace.
    pub async fn create_user(&self, who: &Who, new: UserIn, key: Option<RequestKey>) -> Result<UserView> {
        who.must(Permission::ManagePeople)?;
        let mut problems = Vec::new();
        let name = named("name", &new.name).map_err(|p| problems.push(p)).unwrap_or_default();
        let address = email(&new.email);
        if address.is_none() {
            problems.push(bad_email());
        }
        problems.extend(password_problem("password", &new.password));
        let (Some(address), true) = (address, problems.is_empty()) else { return Err(DeskError::Invalid(problems)) };
        if new.role == Role::Owner && who.role != Role::Owner {
            return Err(DeskError::Forbidden(Permission::ManagePeople));
        }
        let hash = self.hash_password(new.password).await?;
        let now = self.now();
        let who = who.clone();
        self.inner
            .db
            .machinery(now, move |root| {
                let known_account = root.account(&address)?.map(|a| a.id);
                let account = known_account.unwrap_or_else(|| AccountId::new(now, &entropy()));
                if known_account.is_none() {
                    root.create_account(account, &address, Some(&hash), now)?;
                }
                root.within(who.workspace, |tx| {
                    if let Some(id) = made_before(tx, key.as_ref())? {
                        return user_view(tx, id);
                    }
                    let teams: Vec<TeamId> = tx.teams()?.into_iter().map(|t| t.id).collect();
                    known("team_ids", &new.team_ids, &teams)?;
                    if tx.users()?.iter().any(|u| u.account == account) {
                        return Err(DeskError::field("email", "taken", "This person is in the workspace already."));
                    }
                    if known_account.is_some() {
                        let detail =
                            "This email has an account on this server. Invite them: they join with their own password.";
                        return Err(DeskError::field("email", "has_account", detail));
                    }
                    let id = UserId::new(now, &entropy());
                    tx.create_user(id, account, &name, &address, new.role)?;
                    for team in &new.team_ids {
                        tx.join_team(*team, id)?;
                    }
                    tx.append(
                        NewEvent::new(who.actor(), EventType::UserCreated)
                            .subject(id.uuid())
                            .changed([format!("role={}", new.role)]),
                    )?;
                    made(tx, key.as_ref(), id)?;
                    user_view(tx, id)
                })
            })
            .await
    }

    /// Changes a person: name, role, teams, or whether they may sign in.
    pub async fn change_user(&self, who: &Who, id: UserId, patch: UserPatch) -> Result<UserView> {
        who.must(Permission::ManagePeople)?;
        let name =
            patch.name.as_deref().map(|n| named("name", n)).transpose().map_err(|p| DeskError::Invalid(vec![p]))?;
        let who = who.clone();
        let now = self.now();
        if let Some(problem) = patch.away_until.flatten().and_then(|until| away_problem(until, now)) {
            return Err(DeskError::Invalid(vec![problem]));
        }
        let workspace = who.workspace;
        let view = self
            .inner
            .db
            .machinery(now, move |root| {
                let ends = patch.active == Some(false);
                if ends {
                    root.end_sessions_of(who.workspace, id)?;
                }
                root.within(who.workspace, |tx| {
                    let mut row = tx.user(id)?.ok_or(NO_USER)?;
                    let mut changed = Vec::new();
                    let owners = row.role == Role::Owner || patch.role == Some(Role::Owner);
                    if owners && who.role != Role::Owner {
                        return Err(DeskError::Forbidden(Permission::ManagePeople));
                    }
                    let was_owner = row.role == Role::Owner && row.deactivated_at.is_none();
                    if let Some(name) = name.filter(|n| *n != row.name) {
                        row.name = name;
                        changed.push("name".to_owned());
                    }
                    if let Some(role) = patch.role.filter(|r| *r != row.role) {
                        row.role = role;
                        changed.push(format!("role={role}"));
                    }
                    if let Some(active) = patch.active.filter(|a| *a == row.deactivated_at.is_some()) {
                        row.deactivated_at = (!active).then_some(now);
                        changed.push(format!("active={active}"));
                    }
                    if let Some(until) = patch.away_until.filter(|until| *until != row.away_until) {
                        row.away_until = until;
                        changed.push("away_until".to_owned());
                    }
                    let is_owner = row.role == Role::Owner && row.deactivated_at.is_none();
                    if was_owner && !is_owner && tx.owner_count()? == 1 {
                        return Err(DeskError::refused(
                            "last_owner",
                            "A workspace needs an owner. Make somebody else owner first.",
                        ));
                    }
                    if let Some(wanted) = &patch.team_ids {
                        let teams: Vec<TeamId> = tx.teams()?.into_iter().map(|t| t.id).collect();
                        known("team_ids", wanted, &teams)?;
                        let current = user_view(tx, id)?.team_ids;
                        for team in current.iter().filter(|t| !wanted.contains(t)) {
                            tx.leave_team(*team, id)?;
                        }
                        for team in wanted.iter().filter(|t| !current.contains(t)) {
                            tx.join_team(*team, id)?;
                        }
                        changed.push("team_ids".to_owned());
                    }
                    if !changed.is_empty() {
                        tx.set_user(&row)?;
                        let kind = if ends { EventType::UserDeactivated } else { EventType::UserUpdated };
                        tx.append(NewEvent::new(who.actor(), kind).subject(id.uuid()).changed(changed))?;
                    }
                    user_view(tx, id)
                })
            })
            .await?;
        self.tell(workspace, Signal::Sessions(id));
        Ok(view)
    }

    /// All teams.
    pub async fn teams(&self, who: &Who) -> Result<AsOf<Vec<TeamView>>> {
        who.must(Permission::ReadPeople)?;
        self.inner
            .db
            .read(who.workspace, |scope| {
                let memberships = scope.memberships()?;
                let observers = scope.observers()?;
                let of = |all: &[(TeamId, UserId)], id| all.iter().filter(|(t, _)| *t == id).map(|(_, u)| *u).collect();
                let view = |row: TeamRow| TeamView {
                    member_ids: of(&memberships, row.id),
                    observer_ids: of(&observers, row.id),
                    row,
                };
                let value = scope.teams()?.into_iter().map(view).collect();
                Ok(AsOf { seq: scope.seq()?, value })
            })
            .await
    }

    /// One team.
    pub async fn team(&self, who: &Who, id: TeamId) -> Result<AsOf<TeamView>> {
        who.must(Permission::ReadPeople)?;
        self.inner
            .db
            .read(who.workspace, move |scope| Ok(AsOf { seq: scope.seq()?, value: team_view(scope, id)? }))
            .await
    }

    /// Adds a team.
    pub async fn create_team(&self, who: &Who, new: TeamIn, key: Option<RequestKey>) -> Result<TeamView> {
        who.must(Permission::ManageTeams)?;
        let name = named("name", &new.name).map_err(|p| DeskError::Invalid(vec![p]))?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                if let Some(id) = made_before(tx, key.as_ref())? {
                    return team_view(tx, id);
                }
                let users: Vec<UserId> = tx.users()?.into_iter().map(|u| u.id).collect();
                known("member_ids", &new.member_ids, &users)?;
                if tx.teams()?.len() >= TEAMS_MAX {
                    let detail = format!("A workspace has at most {TEAMS_MAX} teams.");
                    return Err(DeskError::refused("too_many_teams", detail));
                }
                let id = TeamId::new(tx.now(), &entropy());
                tx.create_team(id, &name, new.closed).map_err(taken("name", "There is a team with this name."))?;
                for user in &new.member_ids {
                    tx.join_team(id, *user)?;
                }
                tx.append(NewEvent::new(who.actor(), EventType::TeamCreated).subject(id.uuid()))?;
                made(tx, key.as_ref(), id)?;
                team_view(tx, id)
            })
            .await
    }

    /// Changes a team: name, members, or who sees it.
    pub async fn change_team(&self, who: &Who, id: TeamId, patch: TeamPatch) -> Result<TeamView> {
        who.must(Permission::ManageTeams)?;
        let name =
            patch.name.as_deref().map(|n| named("name", n)).transpose().map_err(|p| DeskError::Invalid(vec![p]))?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let TeamView { mut row, member_ids, observer_ids } = team_view(tx, id)?;
                let mut changed = Vec::new();
                if let Some(name) = name.filter(|n| *n != row.name) {
                    row.name = name;
                    changed.push("name");
                }
                if let Some(closed) = patch.closed.filter(|c| *c != row.closed) {
                    row.closed = closed;
                    changed.push("closed");
                }
                if let Some(wanted) = &patch.member_ids {
                    let users: Vec<UserId> = tx.users()?.into_iter().map(|u| u.id).collect();
                    known("member_ids", wanted, &users)?;
                    for user in member_ids.iter().filter(|u| !wanted.contains(u)) {
                        tx.leave_team(id, *user)?;
                    }
                    for user in wanted.iter().filter(|u| !member_ids.contains(u)) {
                        tx.join_team(id, *user)?;
                    }
                    changed.push("member_ids");
                }
                if let Some(wanted) = &patch.observer_ids {
                    let members = team_view(tx, id)?.member_ids;
                    if !wanted.iter().all(|user| members.contains(user)) {
                        return Err(DeskError::field("observer_ids", "not_members", "Only members can observe."));
                    }
                    for user in members.iter().filter(|u| wanted.contains(u) != observer_ids.contains(u)) {
                        tx.observe_team(id, *user, wanted.contains(user))?;
                    }
                    changed.push("observer_ids");
                }
                if !changed.is_empty() {
                    tx.set_team(&row).map_err(taken("name", "There is a team with this name."))?;
                    tx.append(NewEvent::new(who.actor(), EventType::TeamUpdated).subject(id.uuid()).changed(changed))?;
                }
                team_view(tx, id)
            })
            .await
    }
}
