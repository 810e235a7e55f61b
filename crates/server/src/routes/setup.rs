//! The first set-up. Only while there is no workspace.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::api::Api;
use crate::extract::Json;
use crate::model::me::MeOut;
use crate::model::setup::{Check, CheckState, SetupIn, SetupOut};
use crate::problem::{Problem, ProblemOut};
use crate::session::{OwnPage, Peer, cookie, foreign_origin, own_name, sits};

/// What the first page needs to know
///
/// Is there a workspace yet, and what is this server like? Answers without a session.
#[utoipa::path(get, path = "/setup", tag = "session", responses((status = 200, body = SetupOut)))]
pub async fn state(State(api): State<Api>) -> Result<Answer<SetupOut>, Problem> {
    let state = api.desk.setup_state().await?;
    let addresses = api.desk.addresses();
    let storage = match api.desk.ready().await {
        Ok(()) => {
            Check { name: "storage", state: CheckState::Ok, detail: format!("Everything rests in {}.", state.engine) }
        }
        Err(error) => {
            tracing::warn!(%error, "storage is not as it should be");
            let detail = "The database is not as this program expects it. The server's log says why.";
            Check { name: "storage", state: CheckState::Fail, detail: detail.to_owned() }
        }
    };
    let reach = if addresses.reachable().is_some() {
        Check { name: "public_url", state: CheckState::Ok, detail: "Providers can call this server.".to_owned() }
    } else {
        let detail = "This server has no public https address, so messages of providers are fetched every few seconds.";
        Check { name: "public_url", state: CheckState::Warn, detail: detail.to_owned() }
    };
    Ok(Answer(SetupOut {
        token_required: state.needed && api.config.setup_token.is_some(),
        needed: state.needed,
        version: api.config.version,
        workspace_name: state.workspace_name,
        public_url: addresses.public.as_ref().map(ToString::to_string),
        mail: api.desk.mailer().is_some(),
        demo_phones: api.config.demo_phones.as_ref().map(ToString::to_string),
        checks: vec![storage, reach],
    }))
}

/// Make the workspace
///
/// Makes the first workspace, its owner and a team, and signs the owner in. Only while there is no workspace.
#[utoipa::path(post, path = "/setup", tag = "session", request_body = SetupIn, responses(
    (status = 201, body = MeOut, description = "It is made; the answer carries the session's cookie."),
    (status = 403, body = ProblemOut, description = "`setup_token`: the token is missing or wrong. `foreign_origin`."),
    (status = 409, body = ProblemOut, description = "`already_set_up`"),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn set_up(
    State(api): State<Api>,
    _: OwnPage,
    Peer(ip): Peer,
    headers: HeaderMap,
    Json(setup): Json<SetupIn>,
) -> Result<Response, Problem> {
    match &api.config.setup_token {
        Some(wanted) if !same(wanted, setup.token.as_deref().unwrap_or_default()) => {
            let detail = "The set-up needs the token that the server printed when it started.";
            return Err(Problem::new(StatusCode::FORBIDDEN, "setup_token", detail));
        }
        None if !own_name(&headers, &api) => return Err(foreign_origin()),
        _ => {}
    }
    let signed_in = api.desk.setup(setup.into_desk(sits(&headers, ip))).await?;
    let me = MeOut::from(api.desk.me(&signed_in.who).await?);
    let cookie = cookie(&api, &signed_in.token, signed_in.expires);
    Ok((StatusCode::CREATED, [(SET_COOKIE, cookie)], Answer(me)).into_response())
}

/// Compares hashes, whose first different byte says nothing about the token's.
fn same(a: &str, b: &str) -> bool {
    Sha256::digest(a.as_bytes()) == Sha256::digest(b.trim().as_bytes())
}
