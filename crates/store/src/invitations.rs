//! Invitations: who may join, by a link that is shown once.

use partyline_core::id::{InvitationId, UserId};
use partyline_core::permission::Role;
use partyline_core::time::Millis;

use crate::error::Result;
use crate::scope::{Root, Scope, Tx, Workspace};
use crate::sql::queries;
use crate::value::{row, values};

queries! {
    INVITATIONS = "SELECT id, email, role, team_ids, invited_by, created_at, expires_at, accepted_at, accepted_by, revoked_at FROM invitations WHERE workspace = $1 AND created_at > $2 ORDER BY id DESC LIMIT $3";
    INVITATION = "SELECT id, email, role, team_ids, invited_by, created_at, expires_at, accepted_at, accepted_by, revoked_at FROM invitations WHERE workspace = $1 AND id = $2";
    CREATE = "INSERT INTO invitations (workspace, id, token_hash, email, role, team_ids, invited_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    SET = "UPDATE invitations SET accepted_at = $3, accepted_by = $4, revoked_at = $5 WHERE workspace = $1 AND id = $2";
    OF_TOKEN = "SELECT workspace, id FROM invitations WHERE token_hash = $1";
}

row! {
    /// Somebody who may join.
    pub struct InvitationRow {
        /// Its id.
        pub id: InvitationId,
        /// Whom it is for; whoever has the link where nobody is named.
        pub email: Option<String>,
        /// What they will be.
        pub role: Role,
        /// Their teams: a JSON array of ids.
        pub team_ids: String,
        /// Who invited them.
        pub invited_by: UserId,
        /// When.
        pub created_at: Millis,
        /// When the link stops working.
        pub expires_at: Millis,
        /// When somebody joined by it.
        pub accepted_at: Option<Millis>,
        /// Who that was.
        pub accepted_by: Option<UserId>,
        /// When it was taken back.
        pub revoked_at: Option<Millis>,
    }
}

impl InvitationRow {
    /// Can somebody still join by it?
    #[must_use]
    pub fn is_open(&self, now: Millis) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none() && self.expires_at > now
    }
}

impl Scope<'_> {
    /// Invitations that were made after a time, the newest first.
    pub fn invitations(&mut self, after: Millis, limit: i64) -> Result<Vec<InvitationRow>> {
        self.rows(INVITATIONS, values![after, limit])
    }

    /// One invitation.
    pub fn invitation(&mut self, id: InvitationId) -> Result<Option<InvitationRow>> {
        self.row(INVITATION, values![id])
    }
}

impl Tx<'_> {
    /// Adds an invitation. Of its link only the hash is kept.
    pub fn create_invitation(&mut self, row: &InvitationRow, token_hash: &[u8]) -> Result<()> {
        let InvitationRow { id, email, role, team_ids, invited_by, created_at, expires_at, .. } = row;
        let values = values![*id, token_hash, email.clone(), *role, team_ids, *invited_by, *created_at, *expires_at];
        self.write(CREATE, values)
    }

    /// Writes what became of an invitation.
    pub fn set_invitation(&mut self, row: &InvitationRow) -> Result<()> {
        self.write(SET, values![row.id, row.accepted_at, row.accepted_by, row.revoked_at])
    }
}

impl Root<'_> {
    /// The invitation behind a link, and where it is.
    pub fn invitation_of(&mut self, token_hash: &[u8]) -> Result<Option<(Workspace, InvitationId)>> {
        self.connection.row(OF_TOKEN, values![token_hash])
    }
}
