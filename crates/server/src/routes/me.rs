//! Who I am.

use axum::extract::State;

use crate::api::Api;
use crate::model::me::MeOut;
use crate::problem::Problem;
use crate::seq::At;
use crate::session::Signed;

/// Who I am, where, and what waits for me
#[utoipa::path(get, path = "/me", tag = "session", responses((status = 200, body = MeOut)))]
pub async fn me(State(api): State<Api>, Signed(who): Signed) -> Result<At<MeOut>, Problem> {
    let me = api.desk.me(&who).await?;
    Ok(At { seq: me.seq, body: me.into() })
}
