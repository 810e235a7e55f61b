//! Who may do what: one table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::delivery::UnknownWord;

/// A user's role in the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Answers customers.
    Agent,
    /// Leads a team: triages, writes rules and canned responses.
    Lead,
    /// Connects numbers, manages people.
    Admin,
    /// Owns the workspace.
    Owner,
}

impl Role {
    /// All of them, from least to most.
    pub const ALL: [Role; 5] = [Role::Viewer, Role::Agent, Role::Lead, Role::Admin, Role::Owner];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Agent => "agent",
            Role::Lead => "lead",
            Role::Admin => "admin",
            Role::Owner => "owner",
        }
    }

    /// Does this role see every team, closed ones too?
    #[must_use]
    pub const fn sees_everything(self) -> bool {
        matches!(self, Role::Admin | Role::Owner)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|r| r.as_str() == word).ok_or(UnknownWord)
    }
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal from $role:ident,)*) => {
        /// Something that a role may do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Permission { $($(#[$doc])* $name,)* }

        impl Permission {
            /// All of them.
            pub const ALL: &'static [Permission] = &[$(Permission::$name,)*];

            /// The word in the API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Permission::$name => $word,)* }
            }

            /// The least role that has it; every role above has it too.
            #[must_use]
            pub const fn least_role(self) -> Role {
                match self { $(Permission::$name => Role::$role,)* }
            }
        }
    };
}

permissions! {
    /// See conversations of the teams one may see.
    Read = "conversation.read" from Viewer,
    /// Answer a customer, or start a conversation.
    Reply = "conversation.reply" from Agent,
    /// Write notes.
    Note = "conversation.note" from Agent,
    /// Assign, close, reopen, move.
    Triage = "conversation.triage" from Agent,
    /// See people and teams.
    ReadPeople = "people.read" from Viewer,
    /// Add and change people.
    ManagePeople = "people.manage" from Admin,
    /// Add and change teams.
    ManageTeams = "teams.manage" from Admin,
    /// See channels.
    ReadChannels = "channels.read" from Viewer,
    /// Connect accounts and numbers.
    ManageChannels = "channels.manage" from Admin,
    /// Read the log.
    ReadEvents = "events.read" from Viewer,
    /// Make, rename, colour and remove labels.
    ManageLabels = "labels.manage" from Lead,
    /// Write the canned responses of the workspace and of teams; one's own anybody may who answers.
    ManageAnswers = "canned_responses.manage" from Lead,
    /// Look at what others want to send, before it is sent.
    ReviewDrafts = "drafts.review" from Lead,
    /// Save searches for a team or for everybody; for oneself anybody may.
    ManageSearches = "saved_searches.manage" from Lead,
    /// Change the workspace's settings.
    ManageWorkspace = "workspace.manage" from Admin,
}

/// May this role do that?
#[must_use]
pub fn may(role: Role, permission: Permission) -> bool {
    role >= permission.least_role()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table, cell by cell: viewer, agent, lead, admin, owner.
    #[test]
    fn who_may_do_what() {
        let table = [
            (Permission::Read, [true, true, true, true, true]),
            (Permission::Reply, [false, true, true, true, true]),
            (Permission::Note, [false, true, true, true, true]),
            (Permission::Triage, [false, true, true, true, true]),
            (Permission::ReadPeople, [true, true, true, true, true]),
            (Permission::ManagePeople, [false, false, false, true, true]),
            (Permission::ManageTeams, [false, false, false, true, true]),
            (Permission::ReadChannels, [true, true, true, true, true]),
            (Permission::ManageChannels, [false, false, false, true, true]),
            (Permission::ReadEvents, [true, true, true, true, true]),
            (Permission::ManageLabels, [false, false, true, true, true]),
            (Permission::ManageAnswers, [false, false, true, true, true]),
            (Permission::ReviewDrafts, [false, false, true, true, true]),
            (Permission::ManageSearches, [false, false, true, true, true]),
            (Permission::ManageWorkspace, [false, false, false, true, true]),
        ];
        assert_eq!(table.len(), Permission::ALL.len(), "a permission is missing from this table");
        for (permission, row) in table {
            for (role, expected) in Role::ALL.into_iter().zip(row) {
                assert_eq!(may(role, permission), expected, "{role} {}", permission.as_str());
            }
        }
    }
}
