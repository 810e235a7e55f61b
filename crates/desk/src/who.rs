//! Who asks, and what they may.

use partyline_core::event::Actor;
use partyline_core::id::UserId;
use partyline_core::permission::{Permission, Role, may};
use partyline_store::{Viewer, Workspace};

use crate::error::{DeskError, Result};

/// A signed-in person, in one workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Where.
    pub workspace: Workspace,
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: Role,
    /// What they are called.
    pub name: String,
}

impl Who {
    /// May they?
    ///
    /// # Errors
    /// [`DeskError::Forbidden`].
    pub fn must(&self, permission: Permission) -> Result<()> {
        if may(self.role, permission) { Ok(()) } else { Err(DeskError::Forbidden(permission)) }
    }

    pub(crate) fn actor(&self) -> Actor {
        Actor::User(self.user)
    }

    pub(crate) fn viewer(&self) -> Viewer {
        Viewer { user: self.user, role: self.role }
    }
}
