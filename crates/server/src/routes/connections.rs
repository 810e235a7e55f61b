//! Connections: accounts at providers.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::ConnectionId;

use crate::api::Api;
use crate::extract::{Id, Json, Posted};
use crate::idempotency::once;
use crate::model::Page;
use crate::model::connection::{ConnectionIn, ConnectionOut, ConnectionPatch, VerifiedOut, VerifyIn};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// Check credentials at the provider
///
/// Lists the account's numbers. Saves nothing.
#[utoipa::path(post, path = "/connections/verify", tag = "channels", request_body = VerifyIn, responses(
    (status = 200, body = VerifiedOut),
    (status = 422, body = ProblemOut, description = "`invalid`, `credentials_refused`, `provider_unreachable`, `provider_no_answer`, `provider_trouble`"),
))]
pub async fn verify(
    State(api): State<Api>,
    Signed(who): Signed,
    Json(verify): Json<VerifyIn>,
) -> Result<Answer<VerifiedOut>, Problem> {
    Ok(Answer(api.desk.verify(&who, verify.into()).await?.into()))
}

/// All connections
///
/// Without their credentials, which are never shown.
#[utoipa::path(get, path = "/connections", tag = "channels", responses((status = 200, body = Page<ConnectionOut>)))]
pub async fn list(State(api): State<Api>, Signed(who): Signed) -> Result<At<Page<ConnectionOut>>, Problem> {
    Ok(At::from_desk(api.desk.connections(&who).await?, Page::whole))
}

/// One connection
#[utoipa::path(get, path = "/connections/{id}", tag = "channels", params(("id" = String, Path)), responses(
    (status = 200, body = ConnectionOut),
))]
pub async fn one(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ConnectionId>,
) -> Result<At<ConnectionOut>, Problem> {
    Ok(At::from_desk(api.desk.connection(&who, id).await?, ConnectionOut::from))
}

/// Connect an account
///
/// Its credentials are tried at the provider before it is saved. An account that is connected already keeps its connection, which takes
/// the new credentials and the new name and is the answer.
#[utoipa::path(post, path = "/connections", tag = "channels", request_body = ConnectionIn, responses(
    (status = 201, body = ConnectionOut),
    (status = 422, body = ProblemOut, description = "`invalid`, `credentials_refused`, `provider_unreachable`, …"),
))]
pub async fn create(
    State(api): State<Api>,
    Signed(who): Signed,
    posted: Posted<ConnectionIn>,
) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::CREATED, async |key| {
        Ok(ConnectionOut::from(api.desk.create_connection(&who, posted.body.into(), key).await?))
    })
    .await
}

/// Change a connection
///
/// New credentials are tried at the provider first; webhooks signed with the replaced ones are believed for 24 hours more.
#[utoipa::path(patch, path = "/connections/{id}", tag = "channels", params(("id" = String, Path)), request_body = ConnectionPatch, responses(
    (status = 200, body = ConnectionOut),
    (status = 422, body = ProblemOut, description = "`invalid`, `credentials_refused`, `provider_unreachable`, …"),
))]
pub async fn change(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ConnectionId>,
    Json(patch): Json<ConnectionPatch>,
) -> Result<Answer<ConnectionOut>, Problem> {
    Ok(Answer(api.desk.change_connection(&who, id, patch.into()).await?.into()))
}
