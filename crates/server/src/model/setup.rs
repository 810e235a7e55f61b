//! The first set-up, and signing in.

use partyline_core::id::WorkspaceId;
use partyline_desk::account::{self, SessionFrom};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the first page needs to know, before anybody is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Setup)]
pub struct SetupOut {
    /// Is there no workspace yet?
    pub needed: bool,
    /// Must the set-up show the token that the server printed when it started?
    pub token_required: bool,
    /// The program's version.
    pub version: &'static str,
    /// What the workspace is called, where there is just one.
    pub workspace_name: Option<String>,
    /// The address that providers and customers reach.
    pub public_url: Option<String>,
    /// Is there a mail server? Without, nothing is sent to people: links are handed over by hand.
    pub mail: bool,
    /// In the demo, where the phones are.
    pub demo_phones: Option<String>,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct Check {
    /// What: `storage`, `public_url`.
    pub name: &'static str,
    /// How it is.
    pub state: CheckState,
    /// In words.
    pub detail: String,
}

/// How a thing is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// It works, but not fully.
    Warn,
    /// It does not work.
    Fail,
}

/// What the first visitor enters.
#[derive(Deserialize, ToSchema)]
pub struct SetupIn {
    /// What the business is called.
    pub workspace_name: String,
    /// What the owner is called.
    pub name: String,
    /// What the owner signs in with.
    pub email: String,
    /// 10 to 256 characters.
    pub password: String,
    /// IANA name, e.g. `America/Los_Angeles`; UTC when left out.
    pub time_zone: Option<String>,
    /// The token that the server printed when it started, where it asks for one.
    pub token: Option<String>,
}

impl SetupIn {
    /// For the desk, with where they sit.
    pub fn into_desk(self, from: SessionFrom) -> account::SetupIn {
        account::SetupIn {
            workspace_name: self.workspace_name,
            name: self.name,
            email: self.email,
            password: self.password,
            time_zone: self.time_zone,
            from,
        }
    }
}

/// Who wants in.
#[derive(Deserialize, ToSchema)]
pub struct SignInIn {
    /// In any case.
    pub email: String,
    /// The password.
    pub password: String,
    /// Which workspace, where the account belongs to several.
    #[schema(value_type = Option<String>)]
    pub workspace_id: Option<WorkspaceId>,
}

impl SignInIn {
    /// For the desk, with where they sit.
    pub fn into_desk(self, from: SessionFrom) -> account::SignIn {
        account::SignIn { email: self.email, password: self.password, workspace: self.workspace_id, from }
    }
}
