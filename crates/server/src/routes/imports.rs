//! Importing a number's past.

use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use partyline_core::id::{ChannelId, ImportId};

use crate::api::Api;
use crate::extract::{Id, Posted};
use crate::idempotency::once;
use crate::model::Page;
use crate::model::import::{ImportIn, ImportOut};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// A channel's imports
///
/// Newest first.
#[utoipa::path(get, path = "/channels/{id}/imports", tag = "channels", params(("id" = String, Path)), responses(
    (status = 200, body = Page<ImportOut>),
))]
pub async fn list(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ChannelId>,
) -> Result<At<Page<ImportOut>>, Problem> {
    Ok(At::from_desk(api.desk.imports(&who, id).await?, Page::whole))
}

/// Import a number's past
///
/// Both directions, from the provider's log. One import of a channel runs at a time; a second one is 409 `import_running`. What is
/// here already is not doubled.
#[utoipa::path(post, path = "/channels/{id}/imports", tag = "channels", params(("id" = String, Path)), request_body = ImportIn, responses(
    (status = 201, body = ImportOut),
    (status = 409, body = ProblemOut, description = "`import_running`"),
    (status = 422, body = ProblemOut, description = "`invalid`, `credentials_missing`"),
))]
pub async fn start(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<ChannelId>,
    posted: Posted<ImportIn>,
) -> Result<Response, Problem> {
    once(&api.desk, &who, posted.repeatable, StatusCode::CREATED, async |key| {
        Ok(ImportOut::from(api.desk.start_import(&who, id, posted.body.days, key).await?))
    })
    .await
}

/// Cancel an import
///
/// What it has brought in stays. One that has ended is left as it is.
#[utoipa::path(delete, path = "/channels/{id}/imports/{import_id}", tag = "channels", params(("id" = String, Path), ("import_id" = String, Path)), responses(
    (status = 200, body = ImportOut),
))]
pub async fn cancel(
    State(api): State<Api>,
    Signed(who): Signed,
    Path((channel, import)): Path<(String, String)>,
) -> Result<Answer<ImportOut>, Problem> {
    let (Ok(channel), Ok(import)) = (channel.parse::<ChannelId>(), import.parse::<ImportId>()) else {
        return Err(Problem::not_found("The import"));
    };
    Ok(Answer(api.desk.cancel_import(&who, channel, import).await?.into()))
}
