//! Providers that accounts can be connected of.

use axum::extract::State;
use partyline_desk::connection::providers;

use crate::api::Api;
use crate::model::Page;
use crate::model::connection::ProviderOut;
use crate::problem::Problem;
use crate::seq::At;
use crate::session::Signed;

/// All providers
///
/// With the form that connects an account of each, and what it can carry.
#[utoipa::path(get, path = "/providers", tag = "channels", responses((status = 200, body = Page<ProviderOut>)))]
pub async fn list(State(api): State<Api>, Signed(who): Signed) -> Result<At<Page<ProviderOut>>, Problem> {
    let seq = super::events::newest(&api, &who).await?;
    Ok(At { seq, body: Page::whole(providers()) })
}
