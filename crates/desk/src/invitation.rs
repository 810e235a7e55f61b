//! Inviting people: a link that lets one person join, for a week.

use partyline_core::event::EventType;
use partyline_core::id::{AccountId, InvitationId, TeamId, UserId};
use partyline_core::permission::{Permission, Role, may};
use partyline_core::time::{DAY, HOUR, Millis};
use partyline_store::directory::SessionFrom;
pub use partyline_store::invitations::InvitationRow;
pub use partyline_store::mails::MailRow;
use partyline_store::scope::{entropy, random};
use partyline_store::{NewEvent, Scope, Workspace};

use crate::account::{PASSWORD_MAX, SignedIn, bad_email, email, hash_of, named, password_problem};
use crate::error::{DeskError, Result};
use crate::mail::{self, Content, INVITATION, TRIED_FOR, Text, not_set_up};
use crate::view::AsOf;
use crate::{Desk, Who};

/// An invitation's link works for this long.
pub const INVITATION_FOR: i64 = 7 * DAY;
/// Invitations that are over are shown for this long.
pub const INVITATIONS_SHOWN: i64 = 30 * DAY;
/// The most that are shown; older ones are left out.
pub const INVITATIONS_MAX: i64 = 200;
/// Letters with invitations that a workspace sends within an hour, so that nobody writes to the whole world through it.
pub const INVITATION_LETTERS_PER_HOUR: i64 = 50;

/// Whom to invite.
#[derive(Debug, Clone)]
pub struct InvitationIn {
    /// Whom it is for; whoever has the link, when unsaid.
    pub email: Option<String>,
    /// What they will be.
    pub role: Role,
    /// Their teams.
    pub team_ids: Vec<TeamId>,
    /// Is the link sent to that email?
    pub send: bool,
}

/// An invitation, with what became of its letter.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The row.
    pub row: InvitationRow,
    /// The letter, where one was written.
    pub mail: Option<MailRow>,
}

/// An invitation that was just made: its link is shown now and never again.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The row, with its letter.
    pub listed: Listed,
    /// What the link holds.
    pub token: String,
}

/// What somebody sees who opens the link.
#[derive(Debug, Clone)]
pub struct InvitationView {
    /// Where they are invited to.
    pub workspace_name: String,
    /// By whom.
    pub invited_by: String,
    /// As what.
    pub role: Role,
    /// Whom it is for, where somebody was named.
    pub email: Option<String>,
    /// Does that email have an account here already? Then its password is asked for.
    pub has_account: bool,
}

/// What somebody enters who joins.
#[derive(Clone)]
pub struct JoinIn {
    /// What they are called.
    pub name: String,
    /// What they sign in with; left out where the invitation names it.
    pub email: Option<String>,
    /// A new one, or the one of the account that there is.
    pub password: String,
    /// Where they sit.
    pub from: SessionFrom,
}

/// Does an invitation stand? Only while whoever gave it out could give it out again: what somebody may who has left, or is less than
/// they were, is not handed on.
fn stands(scope: &mut Scope<'_>, row: &InvitationRow, now: Millis) -> Result<bool> {
    let by = scope.user(row.invited_by)?.filter(|u| u.deactivated_at.is_none());
    let may_invite =
        by.is_some_and(|u| may(u.role, Permission::ManagePeople) && (row.role != Role::Owner || u.role == Role::Owner));
    Ok(may_invite && row.is_open(now))
}

fn over() -> DeskError {
    DeskError::refused("invitation_over", "This invitation was used, taken back, or is too old. Ask for a new one.")
}

fn too_many_letters() -> DeskError {
    let detail =
        "Many invitations were sent within the last hour. Make the link, and send it yourself, or wait an hour.";
    DeskError::refused("too_many_letters", detail)
}

fn letter(workspace: &str, by: &str, row: &InvitationRow, to: String, link: &str) -> Text {
    let text = format!(
        "{by} invites you to the team inbox of {workspace}, as {}.\n\n\
         Join here:\n{link}\n\n\
         The link works once, within a week, and for you alone. If you don't know {by}, do nothing.\n",
        row.role,
    );
    Text { to, name: None, subject: format!("{by} invites you to {workspace}"), text }
}

impl Desk {
    /// Invitations of the last month, the newest first.
    pub async fn invitations(&self, who: &Who) -> Result<AsOf<Vec<Listed>>> {
        who.must(Permission::ManagePeople)?;
        let after = self.now() - INVITATIONS_SHOWN;
        self.inner
            .db
            .read(who.workspace, move |scope| {
                let mut mails = mail::newest(scope, INVITATION, after, INVITATIONS_MAX)?;
                let rows = scope.invitations(after, INVITATIONS_MAX)?;
                let listed = |row: InvitationRow| Listed { mail: mails.remove(&row.id.uuid()), row };
                Ok(AsOf { seq: scope.seq()?, value: rows.into_iter().map(listed).collect() })
            })
            .await
    }

    /// Invites somebody. Only an owner invites an owner.
    pub async fn invite(&self, who: &Who, new: InvitationIn) -> Result<Invited> {
        who.must(Permission::ManagePeople)?;
        if new.role == Role::Owner && who.role != Role::Owner {
            return Err(DeskError::Forbidden(Permission::ManagePeople));
        }
        let address = match new.email.as_deref().map(str::trim).filter(|e| !e.is_empty()) {
            Some(text) => Some(email(text).ok_or_else(|| DeskError::Invalid(vec![bad_email()]))?),
            None => None,
        };
        if new.send && self.mailer().is_none() {
            return Err(not_set_up());
        }
        if new.send && address.is_none() {
            return Err(DeskError::field("email", "required", "Write the address that the invitation goes to."));
        }
        let token = hex::encode(random::<32>());
        let token_hash = hash_of(&token);
        let now = self.now();
        let (who, desk, link) = (who.clone(), self.clone(), self.link(&format!("/join/{token}")));
        let listed = self
            .inner
            .db
            .write(who.workspace, now, move |tx| {
                let teams = tx.teams()?;
                if !new.team_ids.iter().all(|id| teams.iter().any(|team| team.id == *id)) {
                    return Err(DeskError::field("team_ids", "unknown", "One of these teams is not there. Reload."));
                }
                let taken = |u: &partyline_store::people::UserRow| {
                    u.deactivated_at.is_none() && Some(&u.email) == address.as_ref()
                };
                if tx.users()?.iter().any(taken) {
                    return Err(DeskError::field("email", "taken", "This person is in the workspace already."));
                }
                let row = InvitationRow {
                    id: InvitationId::new(now, &entropy()),
                    email: address.clone(),
                    role: new.role,
                    team_ids: serde_json::to_string(&new.team_ids).unwrap_or_else(|_| "[]".to_owned()),
                    invited_by: who.user,
                    created_at: now,
                    expires_at: now + INVITATION_FOR,
                    accepted_at: None,
                    accepted_by: None,
                    revoked_at: None,
                };
                tx.create_invitation(&row, &token_hash)?;
                let event = NewEvent::new(who.actor(), EventType::InvitationCreated).subject(row.id.uuid());
                tx.append(event.changed([format!("role={}", row.role)]))?;
                if let Some(to) = address.filter(|_| new.send) {
                    if tx.mails_written(INVITATION, now - HOUR)? >= INVITATION_LETTERS_PER_HOUR {
                        return Err(too_many_letters());
                    }
                    let text = letter(&tx.workspace_row()?.name, &who.name, &row, to, &link);
                    tx.add_mail(desk.new_mail(
                        INVITATION,
                        Some(row.id.uuid()),
                        &Content::Letter(text),
                        now + TRIED_FOR,
                    ))?;
                }
                let mail = mail::newest(tx, INVITATION, now - 1, INVITATIONS_MAX)?.remove(&row.id.uuid());
                Ok(Listed { row, mail })
            })
            .await?;
        Ok(Invited { listed, token })
    }

    /// Takes an invitation back. One that is over stays as it is.
    pub async fn revoke_invitation(&self, who: &Who, id: InvitationId) -> Result<()> {
        who.must(Permission::ManagePeople)?;
        let who = who.clone();
        self.inner
            .db
            .write(who.workspace, self.now(), move |tx| {
                let now = tx.now();
                let mut row = tx.invitation(id)?.ok_or(DeskError::NotFound("The invitation"))?;
                if row.is_open(now) {
                    row.revoked_at = Some(now);
                    tx.set_invitation(&row)?;
                    tx.withdraw_mail(INVITATION, id.uuid(), "the invitation was taken back")?;
                    tx.append(NewEvent::new(who.actor(), EventType::InvitationRevoked).subject(id.uuid()))?;
                }
                Ok(())
            })
            .await
    }

    /// What a link leads to.
    pub async fn invitation(&self, token: &str) -> Result<InvitationView> {
        let (workspace, row) = self.open_invitation(token).await?;
        let (invited_by, address) = (row.invited_by, row.email.clone());
        let (workspace_name, inviter) = self
            .inner
            .db
            .read(workspace, move |scope| Ok::<_, DeskError>((scope.workspace_row()?.name, scope.user(invited_by)?)))
            .await?;
        let has_account = match address {
            Some(address) => {
                self.inner
                    .db
                    .read_root(move |root| {
                        Ok::<_, DeskError>(root.account(&address)?.is_some_and(|a| a.password_hash.is_some()))
                    })
                    .await?
            }
            None => false,
        };
        Ok(InvitationView {
            workspace_name,
            invited_by: inviter.map(|u| u.name).unwrap_or_default(),
            role: row.role,
            email: row.email,
            has_account,
        })
    }

    async fn open_invitation(&self, token: &str) -> Result<(Workspace, InvitationRow)> {
        let hash = hash_of(token);
        let found = self.inner.db.read_root(move |root| Ok::<_, DeskError>(root.invitation_of(&hash)?)).await?;
        let (workspace, id) = found.ok_or_else(over)?;
        let now = self.now();
        let row = self
            .inner
            .db
            .read(workspace, move |scope| {
                let Some(row) = scope.invitation(id)? else { return Ok::<_, DeskError>(None) };
                Ok(stands(scope, &row, now)?.then_some(row))
            })
            .await?;
        Ok((workspace, row.ok_or_else(over)?))
    }

    /// Joins by a link, and signs in. Whoever has an account here proves it by its password, and keeps it.
    pub async fn accept_invitation(&self, token: &str, join: JoinIn) -> Result<SignedIn> {
        let (workspace, row) = self.open_invitation(token).await?;
        let mut problems = Vec::new();
        let name = named("name", &join.name).map_err(|p| problems.push(p)).unwrap_or_default();
        let address = match &row.email {
            Some(address) => Some(address.clone()),
            None => join.email.as_deref().and_then(email),
        };
        let Some(address) = address else {
            problems.push(bad_email());
            return Err(DeskError::Invalid(problems));
        };
        if join.password.len() > PASSWORD_MAX {
            problems.extend(password_problem("password", &join.password));
        }
        if !problems.is_empty() {
            return Err(DeskError::Invalid(problems));
        }
        let wanted = address.clone();
        let account = self.inner.db.read_root(move |root| Ok::<_, DeskError>(root.account(&wanted)?)).await?;
        let known = account.filter(|a| a.password_hash.is_some());
        let hash = match &known {
            Some(account) => {
                if !self.verify_password(join.password, account.password_hash.clone()).await? {
                    let detail = "This email has an account here. Write the password that it signs in with.";
                    return Err(DeskError::field("password", "wrong", detail));
                }
                None
            }
            None => match password_problem("password", &join.password) {
                Some(problem) => return Err(DeskError::Invalid(vec![problem])),
                None => Some(self.hash_password(join.password).await?),
            },
        };
        let now = self.now();
        let (id, team_ids) = (row.id, serde_json::from_str::<Vec<TeamId>>(&row.team_ids).unwrap_or_default());
        let user = self
            .inner
            .db
            .machinery(now, move |root| {
                let account = match (root.account(&address)?, hash) {
                    (Some(account), None) => account.id,
                    // somebody made this account while its password was being hashed
                    (Some(account), Some(_)) if account.password_hash.is_some() => {
                        return Err(DeskError::field("email", "taken", "This email has an account now. Try again."));
                    }
                    (Some(account), Some(hash)) => {
                        root.set_password(account.id, &hash)?;
                        account.id
                    }
                    (None, hash) => {
                        let id = AccountId::new(now, &entropy());
                        root.create_account(id, &address, hash.as_deref(), now)?;
                        id
                    }
                };
                root.within(workspace, |tx| {
                    let mut row = tx.invitation(id)?.ok_or_else(over)?;
                    if !stands(tx, &row, now)? {
                        return Err(over());
                    }
                    let user = match tx.users()?.into_iter().find(|u| u.account == account) {
                        Some(u) if u.deactivated_at.is_none() => {
                            return Err(DeskError::field("email", "taken", "You are in this workspace already."));
                        }
                        // who was here before comes back as who they were, but only to the teams of the invitation
                        Some(mut u) => {
                            (u.name, u.role, u.deactivated_at) = (name.clone(), row.role, None);
                            tx.set_user(&u)?;
                            for (team, _) in tx.memberships()?.into_iter().filter(|(_, member)| *member == u.id) {
                                tx.leave_team(team, u.id)?;
                            }
                            u.id
                        }
                        None => {
                            let user = UserId::new(now, &entropy());
                            tx.create_user(user, account, &name, &address, row.role)?;
                            user
                        }
                    };
                    let teams = tx.teams()?;
                    for team in team_ids.iter().filter(|id| teams.iter().any(|team| team.id == **id)) {
                        tx.join_team(*team, user)?;
                    }
                    row.accepted_at = Some(now);
                    row.accepted_by = Some(user);
                    tx.set_invitation(&row)?;
                    let actor = partyline_core::event::Actor::User(user);
                    let created = NewEvent::new(actor, EventType::UserCreated).subject(user.uuid());
                    tx.append(created.changed([format!("role={}", row.role)]))?;
                    tx.append(NewEvent::new(actor, EventType::InvitationAccepted).subject(id.uuid()))?;
                    Ok(user)
                })
            })
            .await?;
        self.begin_session(workspace, user, join.from).await
    }
}
