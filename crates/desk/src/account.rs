//! Accounts, the first set-up, sign-in and sessions.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use partyline_core::event::{Actor, EventType};
use partyline_core::id::{AccountId, TeamId, UserId, WorkspaceId};
use partyline_core::permission::Role;
use partyline_core::time::{DAY, HOUR, MINUTE, Millis};
pub use partyline_store::directory::SessionFrom;
use partyline_store::inbound::first_id_of;
use partyline_store::people::{UserRow, WorkspaceRow};
use partyline_store::scope::{entropy, random};
use partyline_store::{NewEvent, StoreError, Tx, Workspace};
use sha2::{Digest, Sha256};

use crate::error::{DeskError, FieldProblem, Result};
use crate::live::Signal;
use crate::me::UserSettings;
use crate::settings::{self, WorkspaceSettings};
use crate::view::{AsOf, Counts, counts};
use crate::{Desk, Who};

/// Password hashes computed at once: each takes 19 MiB and a core.
pub const HASHES_AT_ONCE: usize = 2;
/// Characters of a password, at least. Length beats composition (NIST SP 800-63B).
pub const PASSWORD_MIN: usize = 10;
/// Bytes of a password, at most: hashing longer ones would only cost.
pub const PASSWORD_MAX: usize = 256;
/// Characters of a name or an email.
pub const NAME_MAX: usize = 200;
/// A session ends this long after its last use.
pub const SESSION_IDLE: i64 = 14 * DAY;
/// How often the last use of a session is written down.
const SESSION_NOTE: i64 = 10 * MINUTE;
/// The team that the set-up makes.
pub const FIRST_TEAM: &str = "General";

/// Is there a workspace yet?
#[derive(Debug, Clone)]
pub struct SetupState {
    /// No: the first visitor makes it.
    pub needed: bool,
    /// What it is called, where there is just one.
    pub workspace_name: Option<String>,
    /// The database engine, for people.
    pub engine: &'static str,
}

/// What the first visitor enters.
#[derive(Clone)]
pub struct SetupIn {
    /// What the business is called.
    pub workspace_name: String,
    /// What the owner is called.
    pub name: String,
    /// What the owner signs in with.
    pub email: String,
    /// At least [`PASSWORD_MIN`] characters.
    pub password: String,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Where they sit, for the list of sessions.
    pub from: SessionFrom,
}

/// A new session.
pub struct SignedIn {
    /// The cookie: 256 random bits. Only its hash is kept.
    pub token: String,
    /// Who it is.
    pub who: Who,
    /// When it ends if it is not used.
    pub expires: Millis,
}

/// Who wants in.
#[derive(Clone)]
pub struct SignIn {
    /// Any case.
    pub email: String,
    /// As typed.
    pub password: String,
    /// Which workspace, where the account belongs to several.
    pub workspace: Option<WorkspaceId>,
    /// Where they sit, for the list of sessions.
    pub from: SessionFrom,
}

/// Who I am, where, and what waits for me.
#[derive(Debug, Clone)]
pub struct MeView {
    /// Me.
    pub user: UserRow,
    /// The teams I am in.
    pub team_ids: Vec<TeamId>,
    /// Where.
    pub workspace: WorkspaceRow,
    /// The workspace's settings.
    pub settings: WorkspaceSettings,
    /// How I want it.
    pub mine: UserSettings,
    /// What waits.
    pub counts: Counts,
}

/// An email in its one form: trimmed and lower case.
pub(crate) fn email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.rsplit_once('@')?;
    let plain = !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
    (plain && text.len() <= NAME_MAX && !text.contains(char::is_whitespace)).then_some(text)
}

/// A name in its one form, or what is wrong with it.
pub(crate) fn named(field: &str, text: &str) -> Result<String, FieldProblem> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let problem = |code, detail: &str| FieldProblem { field: field.to_owned(), code, detail: detail.to_owned() };
    match text.chars().count() {
        0 => Err(problem("required", "Write a name.")),
        n if n > NAME_MAX => Err(problem("too_long", "Shorten the name to 200 characters.")),
        _ => Ok(text),
    }
}

/// What is wrong with a password.
pub(crate) fn password_problem(field: &str, password: &str) -> Option<FieldProblem> {
    let (code, detail) = if password.chars().count() < PASSWORD_MIN {
        ("too_short", format!("Use at least {PASSWORD_MIN} characters; a few words are easy to remember."))
    } else if password.len() > PASSWORD_MAX {
        ("too_long", format!("Use at most {PASSWORD_MAX} characters."))
    } else {
        return None;
    };
    Some(FieldProblem { field: field.to_owned(), code, detail })
}

pub(crate) fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

impl Desk {
    /// Hashes a password with argon2id, off the async threads and at most [`HASHES_AT_ONCE`] at a time.
    pub(crate) async fn hash_password(&self, password: String) -> Result<String> {
        let _one = self.inner.hashing.acquire().await.map_err(|_| StoreError::GaveUp)?;
        let hash = move || Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string());
        let hashed = tokio::task::spawn_blocking(hash).await.map_err(|_| StoreError::GaveUp)?;
        hashed.map_err(|e| StoreError::Statement(format!("argon2: {e}")).into())
    }

    /// Compares a password with a hash; without one it takes as long, so that nobody learns which emails have accounts.
    pub(crate) async fn verify_password(&self, password: String, hash: Option<String>) -> Result<bool> {
        let Some(hash) = hash else {
            self.hash_password(password).await?;
            return Ok(false);
        };
        let _one = self.inner.hashing.acquire().await.map_err(|_| StoreError::GaveUp)?;
        let verify = move || {
            PasswordHash::new(&hash).is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok())
        };
        Ok(tokio::task::spawn_blocking(verify).await.map_err(|_| StoreError::GaveUp)?)
    }

    /// Is there a workspace yet?
    pub async fn setup_state(&self) -> Result<SetupState> {
        let engine = self.inner.db.engine();
        let workspaces = self.inner.db.read_root(|root| Ok::<_, DeskError>(root.workspaces()?)).await?;
        let mut names = workspaces.into_iter().map(|(_, _, name)| name);
        let first = names.next();
        Ok(SetupState { needed: first.is_none(), workspace_name: first.filter(|_| names.next().is_none()), engine })
    }

    /// The first set-up: a workspace, its owner, and a first team. Only while there is no workspace.
    pub async fn setup(&self, setup: SetupIn) -> Result<SignedIn> {
        if !self.setup_state().await?.needed {
            return Err(set_up_already());
        }
        self.create_workspace(setup, true).await
    }

    /// Makes a workspace with its owner. `only_first`: refuse when there is one already.
    pub async fn create_workspace(&self, setup: SetupIn, only_first: bool) -> Result<SignedIn> {
        let mut problems = Vec::new();
        let workspace_name =
            named("workspace_name", &setup.workspace_name).map_err(|p| problems.push(p)).unwrap_or_default();
        let name = named("name", &setup.name).map_err(|p| problems.push(p)).unwrap_or_default();
        let Some(email) = email(&setup.email) else {
            problems.push(bad_email());
            return Err(DeskError::Invalid(problems));
        };
        problems.extend(password_problem("password", &setup.password));
        if !problems.is_empty() {
            return Err(DeskError::Invalid(problems));
        }
        let settings = WorkspaceSettings {
            time_zone: setup.time_zone.filter(|z| z.len() <= NAME_MAX).unwrap_or_else(|| "UTC".to_owned()),
            ..WorkspaceSettings::default()
        };
        let wanted = email.clone();
        let known = self.inner.db.read_root(move |root| Ok::<_, DeskError>(root.account(&wanted)?)).await?;
        if known.is_some() && !self.verify_password(setup.password.clone(), known.and_then(|a| a.password_hash)).await?
        {
            let detail = "This email has an account here. Write the password that it signs in with.";
            return Err(DeskError::field("password", "wrong", detail));
        }
        let hash = self.hash_password(setup.password).await?;
        let now = self.now();
        let user = UserId::new(now, &entropy());
        let workspace = self
            .inner
            .db
            .machinery(now, move |root| {
                if only_first && root.workspace_count()? > 0 {
                    return Err(set_up_already());
                }
                let account = match root.account(&email)? {
                    Some(account) => account.id,
                    None => {
                        let id = AccountId::new(now, &entropy());
                        root.create_account(id, &email, Some(&hash), now)?;
                        id
                    }
                };
                let key: [u8; 32] = random();
                let workspace = root.create_workspace(
                    WorkspaceId::new(now, &entropy()),
                    &workspace_name,
                    &settings::write(&settings),
                    &key,
                    now,
                )?;
                root.within(workspace, |tx| first_rows(tx, user, account, &name, &email))?;
                Ok(workspace)
            })
            .await?;
        self.begin_session(workspace, user, setup.from).await
    }

    /// Signs in with email and password.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<SignedIn> {
        // one that can't be right takes as long as any
        let is_too_long = sign_in.password.len() > PASSWORD_MAX;
        let password = if is_too_long { String::new() } else { sign_in.password };
        let address = email(&sign_in.email).unwrap_or_default();
        let account = self.inner.db.read_root(move |root| Ok::<_, DeskError>(root.account(&address)?)).await?;
        let hash = account.as_ref().and_then(|a| a.password_hash.clone());
        if !self.verify_password(password, hash).await? || is_too_long {
            return Err(DeskError::WrongCredentials);
        }
        let Some(account) = account else { return Err(DeskError::WrongCredentials) };
        let memberships =
            self.inner.db.read_root(move |root| Ok::<_, DeskError>(root.memberships(account.id)?)).await?;
        let chosen = match (sign_in.workspace, memberships.as_slice()) {
            (_, []) => return Err(DeskError::WrongCredentials),
            (None, [only]) => only.clone(),
            (None, _) => return Err(DeskError::ChooseWorkspace(memberships)),
            (Some(id), all) => all.iter().find(|m| m.id == id).cloned().ok_or(DeskError::WrongCredentials)?,
        };
        self.begin_session(chosen.workspace, chosen.user, sign_in.from).await
    }

    pub(crate) async fn begin_session(
        &self,
        workspace: Workspace,
        user: UserId,
        from: SessionFrom,
    ) -> Result<SignedIn> {
        let token = hex::encode(random::<32>());
        let hash = hash_of(&token);
        let now = self.now();
        let expires = now + SESSION_IDLE;
        let from = SessionFrom { agent: from.agent.map(|a| a.chars().take(NAME_MAX).collect()), ip: from.ip };
        let (role, name) = self
            .inner
            .db
            .machinery(now, move |root| {
                root.create_session(&hash, workspace, user, now, expires, &from)?;
                root.within(workspace, |tx| {
                    tx.append(NewEvent::new(Actor::User(user), EventType::UserSignedIn).subject(user.uuid()))?;
                    let row = tx.user(user)?.ok_or(DeskError::NotSignedIn)?;
                    Ok::<_, DeskError>((row.role, row.name))
                })
            })
            .await?;
        Ok(SignedIn { token, who: Who { workspace, user, role, name }, expires })
    }

    /// Whose session this is.
    pub async fn who(&self, token: &str) -> Result<Who> {
        let hash = hash_of(token);
        let now = self.now();
        let key = hash.clone();
        let session = self.inner.db.read_root(move |root| Ok::<_, DeskError>(root.session(&key, now)?)).await?;
        let session = session.ok_or(DeskError::NotSignedIn)?;
        if now.since(session.seen_at) > SESSION_NOTE {
            self.inner
                .db
                .machinery(now, move |root| Ok::<_, DeskError>(root.seen_session(&hash, now, now + SESSION_IDLE)?))
                .await?;
        }
        Ok(Who { workspace: session.workspace, user: session.user, role: session.role, name: session.name })
    }

    /// Ends this session.
    pub async fn sign_out(&self, token: &str, who: &Who) -> Result<()> {
        let hash = hash_of(token);
        let (workspace, user) = (who.workspace, who.user);
        self.inner
            .db
            .machinery(self.now(), move |root| {
                root.end_session(&hash)?;
                root.within(workspace, |tx| {
                    tx.append(NewEvent::new(Actor::User(user), EventType::UserSignedOut).subject(user.uuid())).map(drop)
                })
            })
            .await
            .map_err(|e: StoreError| DeskError::from(e))?;
        self.tell(workspace, Signal::Sessions(user));
        Ok(())
    }

    /// Who I am, where, and what waits for me.
    pub async fn me(&self, who: &Who) -> Result<AsOf<MeView>> {
        let (who, now) = (who.clone(), self.now());
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let user = scope.user(who.user)?.ok_or(DeskError::NotSignedIn)?;
                let team_ids =
                    scope.memberships()?.into_iter().filter(|(_, u)| *u == who.user).map(|(t, _)| t).collect();
                let workspace = scope.workspace_row()?;
                let settings = settings::parse(&workspace.settings);
                let mine = settings::parse(&user.settings);
                let value = MeView { user, team_ids, workspace, settings, mine, counts: counts(scope, &who, now)? };
                Ok(AsOf { seq: scope.seq()?, value })
            })
            .await
    }

    /// Replaces an account's password, from the command line, and ends its sessions everywhere.
    pub async fn set_password(&self, address: &str, password: String) -> Result<()> {
        if let Some(problem) = password_problem("password", &password) {
            return Err(DeskError::Invalid(vec![problem]));
        }
        let Some(address) = email(address) else { return Err(DeskError::Invalid(vec![bad_email()])) };
        let hash = self.hash_password(password).await?;
        let (desk, now) = (self.clone(), self.now());
        self.inner
            .db
            .machinery(now, move |root| {
                let account = root.account(&address)?.ok_or(DeskError::NotFound("The account"))?;
                root.end_sessions_of_account(account.id)?;
                root.set_password(account.id, &hash)?;
                root.use_resets(account.id, now)?;
                desk.password_changed(root, &address)
            })
            .await
    }

    /// Deletes what has expired, and forgets the bytes of webhooks that were applied a month ago. Once an hour is enough.
    pub async fn expire(&self) -> Result<()> {
        let now = self.now();
        self.inner
            .db
            .machinery(now, move |root| {
                root.expire(now)?;
                root.expire_subscriptions()?;
                Ok::<_, DeskError>(root.expire_mails(now, "it was never tried before it was of no use")?)
            })
            .await?;
        self.for_each("forget", |workspace, _| async move {
            self.forget_bulks(workspace).await?;
            self.forget_journal(workspace, now).await?;
            self.forget_notifications(workspace, now).await
        })
        .await
    }

    /// Forgets what webhooks brought a month ago, a stretch of the journal at a time; what waits for a person stays.
    async fn forget_journal(&self, workspace: Workspace, now: Millis) -> Result<()> {
        let before = now - JOURNAL_FOR;
        let db = &self.inner.db;
        let done = db.read(workspace, |scope| Ok::<_, DeskError>(scope.cursor(FORGOTTEN)?)).await?;
        let mut from = Some(first_id_of(done.unwrap_or(Millis(0))));
        while let Some(after) = from {
            from = db
                .write(workspace, now, move |tx| {
                    let next = tx.forget_inbound_bodies(after, before, FORGET_AT_ONCE)?;
                    if next.is_none() {
                        tx.set_cursor(FORGOTTEN, before)?;
                        tx.forget_settled_bodies(before)?;
                        tx.name_held_reasons()?;
                    }
                    Ok::<_, DeskError>(next)
                })
                .await?;
        }
        Ok(())
    }
}

/// How far the journal's bytes are forgotten.
const FORGOTTEN: &str = "forgotten";
/// Rows of the journal that are looked at in one unit of work, so that nobody waits long behind them.
const FORGET_AT_ONCE: i64 = 1_000;

/// How long the raw bytes of what was applied are kept: they hold what people said.
pub const JOURNAL_FOR: i64 = 30 * DAY;

/// How often [`Desk::expire`] should run, in milliseconds.
pub const EXPIRE_EVERY: i64 = HOUR;

fn set_up_already() -> DeskError {
    DeskError::Conflict { code: "already_set_up", detail: "The workspace exists. Sign in instead.".to_owned() }
}

pub(crate) fn bad_email() -> FieldProblem {
    FieldProblem {
        field: "email".to_owned(),
        code: "malformed",
        detail: "Write an email address, such as ana@example.com.".to_owned(),
    }
}

fn first_rows(tx: &mut Tx<'_>, user: UserId, account: AccountId, name: &str, email: &str) -> Result<()> {
    let actor = Actor::User(user);
    tx.create_user(user, account, name, email, Role::Owner)?;
    tx.append(NewEvent::new(actor, EventType::WorkspaceCreated))?;
    tx.append(NewEvent::new(actor, EventType::UserCreated).subject(user.uuid()).changed(["role=owner"]))?;
    let team = TeamId::new(tx.now(), &entropy());
    tx.create_team(team, FIRST_TEAM, false)?;
    tx.join_team(team, user)?;
    tx.append(NewEvent::new(actor, EventType::TeamCreated).subject(team.uuid()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_have_one_form() {
        assert_eq!(email(" Ana@Example.COM "), Some("ana@example.com".to_owned()));
        for bad in ["", "ana", "@example.com", "ana@", "ana@localhost", "a b@example.com", "ana@.com", "ana@example."] {
            assert_eq!(email(bad), None, "{bad}");
        }
    }
}
