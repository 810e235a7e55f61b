//! Invitations.

use partyline_core::id::{InvitationId, TeamId, UserId};
use partyline_core::permission::Role;
use partyline_core::time::Millis;
use partyline_desk::account::SessionFrom;
use partyline_desk::invitation::{self, InvitationView, Invited, Listed};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mail::LetterOut;
use super::words;

/// Somebody who may join.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationOut {
    /// `inv_…`
    #[schema(value_type = String)]
    pub id: InvitationId,
    /// Whom it is for; null: whoever has the link.
    pub email: Option<String>,
    /// What they will be.
    #[schema(value_type = words::Role)]
    pub role: Role,
    /// Their teams.
    #[schema(value_type = Vec<String>)]
    pub team_ids: Vec<TeamId>,
    /// Who invited them.
    #[schema(value_type = String)]
    pub invited_by: UserId,
    /// When.
    #[schema(value_type = words::Time)]
    pub created_at: Millis,
    /// When the link stops working.
    #[schema(value_type = words::Time)]
    pub expires_at: Millis,
    /// When somebody joined by it.
    #[schema(value_type = Option<words::Time>)]
    pub accepted_at: Option<Millis>,
    /// Who that was.
    #[schema(value_type = Option<String>)]
    pub accepted_by: Option<UserId>,
    /// When it was taken back.
    #[schema(value_type = Option<words::Time>)]
    pub revoked_at: Option<Millis>,
    /// What became of its letter; null: none was sent.
    pub mail: Option<LetterOut>,
}

impl From<Listed> for InvitationOut {
    fn from(Listed { row, mail }: Listed) -> Self {
        InvitationOut {
            id: row.id,
            email: row.email,
            role: row.role,
            team_ids: serde_json::from_str(&row.team_ids).unwrap_or_default(),
            invited_by: row.invited_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            accepted_at: row.accepted_at,
            accepted_by: row.accepted_by,
            revoked_at: row.revoked_at,
            mail: mail.map(Into::into),
        }
    }
}

/// An invitation that was just made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invited)]
pub struct InvitedOut {
    /// The invitation.
    pub invitation: InvitationOut,
    /// The link's path at this server: whoever has it can join, for a week. It is shown now and never again.
    pub path: String,
}

impl From<Invited> for InvitedOut {
    fn from(invited: Invited) -> Self {
        InvitedOut { path: format!("/join/{}", invited.token), invitation: invited.listed.into() }
    }
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
pub struct InvitationIn {
    /// Whom it is for; whoever has the link, when left out.
    pub email: Option<String>,
    /// What they will be.
    #[schema(value_type = words::Role)]
    pub role: Role,
    /// Their teams.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub team_ids: Vec<TeamId>,
    /// Is the link sent to that email too?
    #[serde(default)]
    pub send: bool,
}

impl From<InvitationIn> for invitation::InvitationIn {
    fn from(new: InvitationIn) -> Self {
        invitation::InvitationIn { email: new.email, role: new.role, team_ids: new.team_ids, send: new.send }
    }
}

/// What a link leads to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JoinView)]
pub struct JoinOut {
    /// Where they are invited to.
    pub workspace_name: String,
    /// By whom.
    pub invited_by: String,
    /// As what.
    #[schema(value_type = words::Role)]
    pub role: Role,
    /// Whom it is for, where somebody was named.
    pub email: Option<String>,
    /// Does that email have an account here already? Then its password is asked for.
    pub has_account: bool,
}

impl From<InvitationView> for JoinOut {
    fn from(view: InvitationView) -> Self {
        let InvitationView { workspace_name, invited_by, role, email, has_account } = view;
        JoinOut { workspace_name, invited_by, role, email, has_account }
    }
}

/// What somebody enters who joins.
#[derive(Deserialize, ToSchema)]
pub struct JoinIn {
    /// What they are called; up to 200 characters.
    pub name: String,
    /// What they sign in with; left out where the invitation names it.
    pub email: Option<String>,
    /// A new one of 10 to 256 characters, or the one of the account that there is.
    pub password: String,
}

impl JoinIn {
    /// For the desk, with where they sit.
    pub fn into_desk(self, from: SessionFrom) -> invitation::JoinIn {
        invitation::JoinIn { name: self.name, email: self.email, password: self.password, from }
    }
}
