//! A forgotten password.

use partyline_desk::reset::ResetView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who can't get in.
#[derive(Deserialize, ToSchema)]
#[schema(as = AskForReset)]
pub struct AskIn {
    /// What they sign in with, in any case.
    pub email: String,
}

/// What a link leads to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reset)]
pub struct ResetOut {
    /// Whose password it replaces.
    pub email: String,
}

impl From<ResetView> for ResetOut {
    fn from(view: ResetView) -> Self {
        ResetOut { email: view.email }
    }
}

/// The password that comes in the place of the forgotten one.
#[derive(Deserialize, ToSchema)]
#[schema(as = NewPassword)]
pub struct NewPasswordIn {
    /// 10 to 256 characters.
    pub password: String,
}
