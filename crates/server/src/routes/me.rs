//! Who I am.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Response};
use partyline_desk::account::SESSION_IDLE;

use crate::api::Api;
use crate::model::me::MeOut;
use crate::problem::Problem;
use crate::seq::At;
use crate::session::{Session, cookie};

/// Who I am, where, and what waits for me
///
/// Also moves the end of the session's cookie, so that a browser that is used stays signed in.
#[utoipa::path(get, path = "/me", tag = "session", responses((status = 200, body = MeOut)))]
pub async fn me(State(api): State<Api>, session: Session) -> Result<Response, Problem> {
    let me = api.desk.me(&session.who).await?;
    let fresh = cookie(&api, &session.token, api.desk.now() + SESSION_IDLE);
    Ok((AppendHeaders([(SET_COOKIE, fresh)]), At { seq: me.seq, body: MeOut::from(me) }).into_response())
}
