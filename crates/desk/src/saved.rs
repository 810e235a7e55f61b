//! Saved searches: queries with a name, pinned in the sidebar of one person, of a team, or of everybody.
//!
//! One's own anybody may save who may search; those of teams and of everybody need a permission. Nothing of one is said to who may not
//! see it, not even that there is one: what was removed keeps its owner, so that this holds for the log too. They have no counts: a
//! search is a walk, and a number beside each would be one walk for each of them after every message.

use partyline_core::canned::Scope as Whose;
use partyline_core::event::EventType;
use partyline_core::id::{SavedSearchId, TeamId, UserId};
use partyline_core::permission::{Permission, Role, may};
use partyline_core::query::Query;
use partyline_core::saved::{NAME_MAX, QUERY_MAX, SAVED_MAX};
pub use partyline_store::saved::SavedRow;
use partyline_store::scope::entropy;
use partyline_store::{NewEvent, Scope, Tx};

use crate::error::{DeskError, FieldProblem, Result};
use crate::idempotent::{RequestKey, made, made_before};
use crate::view::AsOf;
use crate::{Desk, Who};

/// A new one.
#[derive(Debug, Clone)]
pub struct SavedIn {
    /// Whose it is. It stays theirs.
    pub scope: Whose,
    /// The team, where it is a team's.
    pub team_id: Option<TeamId>,
    /// What it is called.
    pub name: String,
    /// What it looks for.
    pub query: String,
    /// Does it stand in the sidebar?
    pub pinned: bool,
}

/// What changes of one.
#[derive(Debug, Clone, Default)]
pub struct SavedPatch {
    /// What it is called.
    pub name: Option<String>,
    /// What it looks for.
    pub query: Option<String>,
    /// Its place among the pinned ones of the same owner, from 0; `Some(None)`: it is pinned no more.
    pub position: Option<Option<usize>>,
}

const GONE: DeskError = DeskError::NotFound("The saved search");

/// May this person see it? `is_member` answers for the team that it is of.
pub(crate) fn is_seen(row: &SavedRow, user: UserId, role: Role, is_member: impl Fn(TeamId) -> bool) -> bool {
    let theirs = match (row.user, row.team) {
        (Some(owner), _) => owner == user,
        (None, Some(team)) => role.sees_everything() || is_member(team),
        (None, None) => true,
    };
    theirs && may(role, Permission::Read)
}

fn teams_of(scope: &mut Scope<'_>, user: UserId) -> Result<Vec<TeamId>> {
    Ok(scope.memberships()?.into_iter().filter(|(_, member)| *member == user).map(|(team, _)| team).collect())
}

/// One that is not removed and that this person sees.
fn saved_row(scope: &mut Scope<'_>, who: &Who, id: SavedSearchId) -> Result<SavedRow> {
    let row = scope.saved_search(id)?.filter(|row| row.removed_at.is_none()).ok_or(GONE)?;
    let teams = teams_of(scope, who.user)?;
    if is_seen(&row, who.user, who.role, |team| teams.contains(&team)) { Ok(row) } else { Err(GONE) }
}

/// One that this person may change.
fn managed(scope: &mut Scope<'_>, who: &Who, id: SavedSearchId) -> Result<SavedRow> {
    let row = saved_row(scope, who, id)?;
    if row.scope() != Whose::Personal {
        who.must(Permission::ManageSearches)?;
    }
    Ok(row)
}

/// Pinned ones first, in their order; then the others as they were made.
fn in_order(rows: &mut [SavedRow]) {
    rows.sort_by_key(|row| (row.position.is_none(), row.position, row.id));
}

/// Those that have the same owner as this one, without it.
fn beside(scope: &mut Scope<'_>, row: &SavedRow, asker: UserId) -> Result<Vec<SavedRow>> {
    let mut rows = scope.saved_searches(row.user.unwrap_or(asker))?;
    rows.retain(|other| other.is_beside(row) && other.id != row.id);
    in_order(&mut rows);
    Ok(rows)
}

impl Desk {
    /// Those that this person sees: their own, their teams' and everybody's; an admin's list has those of all teams. Pinned ones first.
    pub async fn saved_searches(&self, who: &Who) -> Result<AsOf<Vec<SavedRow>>> {
        who.must(Permission::Read)?;
        let asker = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let teams = teams_of(scope, asker.user)?;
                let mut rows = scope.saved_searches(asker.user)?;
                rows.retain(|row| is_seen(row, asker.user, asker.role, |team| teams.contains(&team)));
                in_order(&mut rows);
                Ok(AsOf { seq: scope.seq()?, value: rows })
            })
            .await
    }

    /// One of them.
    pub async fn saved_search(&self, who: &Who, id: SavedSearchId) -> Result<AsOf<SavedRow>> {
        who.must(Permission::Read)?;
        let asker = who.clone();
        self.inner
            .db
            .read(who.workspace, move |scope| Ok(AsOf { seq: scope.seq()?, value: saved_row(scope, &asker, id)? }))
            .await
    }

    /// Saves a search.
    pub async fn create_saved_search(&self, who: &Who, new: SavedIn, key: Option<RequestKey>) -> Result<SavedRow> {
        who.must(if new.scope == Whose::Personal { Permission::Read } else { Permission::ManageSearches })?;
        let (name, query) = says(&new.name, &new.query)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                if let Some(id) = made_before(tx, key.as_ref())? {
                    return saved_row(tx, &who, id);
                }
                let now = tx.now();
                let mut row = SavedRow {
                    id: SavedSearchId::new(now, &entropy()),
                    user: (new.scope == Whose::Personal).then_some(who.user),
                    team: team(tx, &who, &new)?,
                    name,
                    query,
                    position: None,
                    created_by: who.user,
                    created_at: now,
                    removed_at: None,
                };
                let others = beside(tx, &row, who.user)?;
                if others.len() >= SAVED_MAX {
                    let detail =
                        format!("There are {SAVED_MAX} saved searches here already. Remove one that is not used.");
                    return Err(DeskError::refused("too_many_saved_searches", detail));
                }
                if new.pinned {
                    row.position =
                        Some(others.iter().filter_map(|other| other.position).max().map_or(0, |last| last + 1));
                }
                tx.create_saved_search(&row)?;
                tx.append(NewEvent::new(who.actor(), EventType::SavedSearchCreated).subject(row.id.uuid()))?;
                made(tx, key.as_ref(), row.id)?;
                Ok(row)
            })
            .await
    }

    /// Renames one, changes what it looks for, or its place. Whose it is stays.
    pub async fn change_saved_search(&self, who: &Who, id: SavedSearchId, patch: SavedPatch) -> Result<SavedRow> {
        who.must(Permission::Read)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let before = managed(tx, &who, id)?;
                let (name, query) =
                    says(patch.name.as_ref().unwrap_or(&before.name), patch.query.as_ref().unwrap_or(&before.query))?;
                let mut row = SavedRow { name, query, ..before.clone() };
                let mut changed = Vec::new();
                if row.name != before.name {
                    changed.push("name");
                }
                if row.query != before.query {
                    changed.push("query");
                }
                match patch.position {
                    None => {}
                    Some(None) => row.position = None,
                    Some(Some(place)) => row.position = Some(make_room(tx, &who, &before, place)?),
                }
                if row.position != before.position {
                    changed.push("position");
                }
                if !changed.is_empty() {
                    set(tx, &who, &row, &changed)?;
                }
                Ok(row)
            })
            .await
    }

    /// Removes one.
    pub async fn remove_saved_search(&self, who: &Who, id: SavedSearchId) -> Result<()> {
        who.must(Permission::Read)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let row = managed(tx, &who, id)?;
                let now = tx.now();
                let gone = SavedRow {
                    name: String::new(),
                    query: String::new(),
                    position: None,
                    removed_at: Some(now),
                    ..row
                };
                tx.set_saved_search(&gone)?;
                tx.append(NewEvent::new(who.actor(), EventType::SavedSearchRemoved).subject(id.uuid()))?;
                Ok(())
            })
            .await
    }
}

/// Puts the pinned ones beside it where they stand once it comes to this place, and answers its own position.
fn make_room(tx: &mut Tx<'_>, who: &Who, row: &SavedRow, place: usize) -> Result<i64> {
    let others: Vec<SavedRow> =
        beside(tx, row, who.user)?.into_iter().filter(|other| other.position.is_some()).collect();
    let place = place.min(others.len());
    let stands =
        row.position.map(|own| (own, others.iter().filter(|o| (o.position, o.id) < (Some(own), row.id)).count()));
    if let Some((own, _)) = stands.filter(|(_, at)| *at == place) {
        return Ok(own);
    }
    let at = |index: usize| i64::try_from(index).unwrap_or(i64::MAX);
    for (index, other) in others.into_iter().enumerate() {
        let wanted = Some(at(if index < place { index } else { index + 1 }));
        if other.position != wanted {
            set(tx, who, &SavedRow { position: wanted, ..other }, &["position"])?;
        }
    }
    Ok(at(place))
}

fn set(tx: &mut Tx<'_>, who: &Who, row: &SavedRow, changed: &[&'static str]) -> Result<()> {
    tx.set_saved_search(row)?;
    let event = NewEvent::new(who.actor(), EventType::SavedSearchUpdated).subject(row.id.uuid());
    tx.append(event.changed(changed.iter().copied()))?;
    Ok(())
}

/// The team that a new one is of: one that they see, and are in unless they see everything.
fn team(scope: &mut Scope<'_>, who: &Who, new: &SavedIn) -> Result<Option<TeamId>> {
    let problem = |code, detail: &str| Err(DeskError::field("team_id", code, detail));
    match (new.scope, new.team_id) {
        (Whose::Team, None) => problem("required", "Choose the team that it is for."),
        (Whose::Team, Some(id)) => {
            let is_theirs = who.role.sees_everything() || teams_of(scope, who.user)?.contains(&id);
            if is_theirs && scope.team(id)?.is_some() {
                Ok(Some(id))
            } else {
                problem("unknown", "Choose a team that you are in.")
            }
        }
        (_, Some(_)) => problem("not_here", "Leave the team out: this one is not a team's."),
        (_, None) => Ok(None),
    }
}

/// What it is called and looks for, trimmed.
fn says(name: &str, query: &str) -> Result<(String, String)> {
    let (name, query) = (name.trim(), query.trim());
    let mut problems = Vec::new();
    let mut problem = |field: &str, code, detail: String| {
        problems.push(FieldProblem { field: field.to_owned(), code, detail });
    };
    match name.chars().count() {
        0 => problem("name", "required", "Write a name.".to_owned()),
        n if n > NAME_MAX => problem("name", "too_long", format!("Shorten it to {NAME_MAX} characters.")),
        _ if name.chars().any(char::is_control) => problem("name", "malformed", "Write it on one line.".to_owned()),
        _ => {}
    }
    if query.chars().count() > QUERY_MAX {
        problem("query", "too_long", format!("Shorten it to {QUERY_MAX} characters."));
    } else if Query::parse(query).terms.is_empty() {
        problem("query", "required", "Write what to look for.".to_owned());
    }
    if problems.is_empty() { Ok((name.to_owned(), query.to_owned())) } else { Err(DeskError::Invalid(problems)) }
}
