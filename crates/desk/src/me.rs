//! What is mine alone: my profile, my password, my sessions, the other workspaces I am in.

use partyline_core::event::{Actor, EventType};
use partyline_core::id::{SessionId, Uuid, WorkspaceId};
use partyline_core::keys::Keys;
use partyline_core::time::Millis;
use partyline_store::NewEvent;
pub use partyline_store::directory::Membership;
use partyline_store::directory::{ListedSession, SessionFrom};
use serde::{Deserialize, Serialize};

use crate::account::{SignedIn, hash_of, named, password_problem};
use crate::error::{DeskError, FieldProblem, Result};
use crate::live::Signal;
use crate::settings;
use crate::{Desk, Who};

/// Characters of a signature.
pub const SIGNATURE_MAX: usize = 1_000;
/// The furthest that a return from being away can lie, in ms.
pub const AWAY_MAX: i64 = 366 * partyline_core::time::DAY;

/// How one person wants it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserSettings {
    /// IANA name; the workspace's where it is absent.
    pub time_zone: Option<String>,
    /// Stands under their emails, and in canned responses.
    pub signature: Option<String>,
    /// Their keyboard.
    pub keys: Keys,
}

/// What changes of me; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct MePatch {
    /// What I am called.
    pub name: Option<String>,
    /// IANA name; null: the workspace's.
    pub time_zone: Option<Option<String>>,
    /// Null takes it away.
    pub signature: Option<Option<String>>,
    /// Out of office until then; null: back.
    pub away_until: Option<Option<Millis>>,
    /// My keyboard, whole.
    pub keys: Option<Keys>,
}

/// A browser that is signed in as me.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// Its id. It can't be turned back into the cookie.
    pub id: SessionId,
    /// The row.
    pub row: ListedSession,
    /// Is it the one that asks?
    pub current: bool,
}

fn session_id(token_hash: &[u8]) -> SessionId {
    let bytes = token_hash.first_chunk::<16>().copied().unwrap_or_default();
    SessionId::from_uuid(Uuid::from_bytes(bytes))
}

/// What is wrong with a time zone.
pub(crate) fn zone_problem(zone: &str) -> Option<FieldProblem> {
    let problem = FieldProblem {
        field: "time_zone".to_owned(),
        code: "unknown",
        detail: "Write a time zone's name, such as America/Los_Angeles.".to_owned(),
    };
    (!partyline_core::time::is_zone(zone)).then_some(problem)
}

/// What is wrong with a time until which somebody is away.
pub(crate) fn away_problem(until: Millis, now: Millis) -> Option<FieldProblem> {
    let (code, detail) = if until <= now {
        ("past", "Choose a time that is still to come.")
    } else if until.since(now) > AWAY_MAX {
        ("too_far", "Choose a time within a year.")
    } else {
        return None;
    };
    Some(FieldProblem { field: "away_until".to_owned(), code, detail: detail.to_owned() })
}

impl Desk {
    /// Changes my profile.
    pub async fn change_me(&self, who: &Who, patch: MePatch) -> Result<()> {
        let now = self.now();
        let mut problems = Vec::new();
        let name = patch.name.as_deref().and_then(|n| named("name", n).map_err(|p| problems.push(p)).ok());
        problems.extend(patch.time_zone.iter().flatten().filter_map(|zone| zone_problem(zone)));
        problems.extend(patch.away_until.iter().flatten().filter_map(|until| away_problem(*until, now)));
        let signature = patch.signature.map(|s| s.map(|s| s.trim_end().to_owned()).filter(|s| !s.is_empty()));
        if signature.iter().flatten().any(|s| s.chars().count() > SIGNATURE_MAX) {
            problems.push(FieldProblem {
                field: "signature".to_owned(),
                code: "too_long",
                detail: format!("Shorten it to {SIGNATURE_MAX} characters."),
            });
        }
        if let Some(Err(bad)) = patch.keys.as_ref().map(Keys::check) {
            problems.push(FieldProblem { field: "keys".to_owned(), code: "malformed", detail: bad.to_string() });
        }
        if !problems.is_empty() {
            return Err(DeskError::Invalid(problems));
        }
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, now, move |tx| {
                let mut row = tx.user(who.user)?.ok_or(DeskError::NotSignedIn)?;
                let mut changed = Vec::new();
                let before = settings::parse::<UserSettings>(&row.settings);
                let mut mine = before.clone();
                if let Some(zone) = patch.time_zone {
                    mine.time_zone = zone;
                }
                if let Some(signature) = signature {
                    mine.signature = signature;
                }
                if let Some(keys) = patch.keys {
                    mine.keys = keys;
                }
                if let Some(name) = name.filter(|n| *n != row.name) {
                    row.name = name;
                    changed.push("name");
                }
                if let Some(until) = patch.away_until.filter(|until| *until != row.away_until) {
                    row.away_until = until;
                    changed.push("away_until");
                }
                if mine != before {
                    row.settings = settings::write(&mine);
                    changed.push("settings");
                }
                if !changed.is_empty() {
                    tx.set_user(&row)?;
                    let event = NewEvent::new(who.actor(), EventType::UserUpdated).subject(who.user.uuid());
                    tx.append(event.changed(changed))?;
                }
                Ok(())
            })
            .await
    }

    /// Replaces my password, and ends all my other sessions, in every workspace. `current` must be the one before.
    pub async fn change_password(&self, who: &Who, token: &str, current: String, new: String) -> Result<()> {
        if let Some(problem) = password_problem("new", &new) {
            return Err(DeskError::Invalid(vec![problem]));
        }
        let user = who.user;
        let account = self
            .inner
            .db
            .read(who.workspace, move |scope| {
                Ok::<_, DeskError>(scope.user(user)?.ok_or(DeskError::NotSignedIn)?.account)
            })
            .await?;
        let hash = self.inner.db.read_root(move |root| Ok::<_, DeskError>(root.password_of(account)?)).await?;
        if !self.verify_password(current, hash).await? {
            return Err(DeskError::field("current", "wrong", "That is not the password you sign in with."));
        }
        let hash = self.hash_password(new).await?;
        let token_hash = hash_of(token);
        let workspace = who.workspace;
        let (desk, now) = (self.clone(), self.now());
        let everywhere = self
            .inner
            .db
            .machinery(now, move |root| {
                root.set_password(account, &hash)?;
                root.use_resets(account, now)?;
                root.end_other_sessions_of_account(account, &token_hash)?;
                root.within(workspace, |tx| {
                    let event = NewEvent::new(Actor::User(user), EventType::UserUpdated).subject(user.uuid());
                    tx.append(event.changed(["password"])).map(drop)
                })?;
                if let Some(email) = root.email_of(account)? {
                    desk.password_changed(root, &email)?;
                }
                Ok::<_, DeskError>(root.memberships(account)?)
            })
            .await?;
        for place in everywhere {
            self.tell(place.workspace, Signal::Sessions(place.user));
        }
        Ok(())
    }

    /// The browsers that are signed in as me, the last used first.
    pub async fn sessions(&self, who: &Who, token: &str) -> Result<Vec<SessionView>> {
        let (workspace, user, now, own) = (who.workspace, who.user, self.now(), hash_of(token));
        let rows =
            self.inner.db.read_root(move |root| Ok::<_, DeskError>(root.sessions_of(workspace, user, now)?)).await?;
        let view =
            |row: ListedSession| SessionView { id: session_id(&row.token_hash), current: row.token_hash == own, row };
        Ok(rows.into_iter().map(view).collect())
    }

    /// Ends one of my sessions.
    pub async fn end_my_session(&self, who: &Who, id: SessionId) -> Result<()> {
        let (workspace, user, now) = (who.workspace, who.user, self.now());
        self.inner
            .db
            .machinery(now, move |root| {
                let sessions = root.sessions_of(workspace, user, now)?;
                let found = sessions.iter().find(|s| session_id(&s.token_hash) == id);
                let session = found.ok_or(DeskError::NotFound("The session"))?;
                root.end_session(&session.token_hash)?;
                root.within(workspace, |tx| {
                    tx.append(NewEvent::new(Actor::User(user), EventType::UserSignedOut).subject(user.uuid())).map(drop)
                })?;
                Ok::<_, DeskError>(())
            })
            .await?;
        self.tell(workspace, Signal::Sessions(user));
        Ok(())
    }

    /// The workspaces that my account is active in.
    pub async fn my_workspaces(&self, who: &Who) -> Result<Vec<Membership>> {
        let user = who.user;
        let account = self
            .inner
            .db
            .read(who.workspace, move |scope| {
                Ok::<_, DeskError>(scope.user(user)?.ok_or(DeskError::NotSignedIn)?.account)
            })
            .await?;
        self.inner.db.read_root(move |root| Ok::<_, DeskError>(root.memberships(account)?)).await
    }

    /// Goes over to another workspace of my account: a new session there, and this one ends.
    pub async fn switch_workspace(
        &self,
        who: &Who,
        token: &str,
        to: WorkspaceId,
        from: SessionFrom,
    ) -> Result<SignedIn> {
        let memberships = self.my_workspaces(who).await?;
        let chosen = memberships.into_iter().find(|m| m.id == to).ok_or(DeskError::NotFound("The workspace"))?;
        let signed_in = self.begin_session(chosen.workspace, chosen.user, from).await?;
        self.sign_out(token, who).await?;
        Ok(signed_in)
    }
}
