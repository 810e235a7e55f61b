//! Push to my browsers. Mine alone.

use axum::Json as Answer;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::api::Api;
use crate::extract::Json;
use crate::model::push::{PushKeyOut, PushSubscriptionIn, PushSubscriptionOut};
use crate::problem::{Problem, ProblemOut};
use crate::session::{Session, Signed};

/// The key that a browser subscribes with
#[utoipa::path(get, path = "/push/key", tag = "notifications", responses(
    (status = 200, body = PushKeyOut),
    (status = 422, body = ProblemOut, description = "`push_not_set_up`"),
))]
pub async fn key(State(api): State<Api>, Signed(_who): Signed) -> Result<Answer<PushKeyOut>, Problem> {
    Ok(Answer(PushKeyOut { key: api.desk.push_key().await? }))
}

/// Push to this browser
///
/// As long as I am signed in with it, and until its push service says that it is gone. The ten newest of mine are kept.
#[utoipa::path(post, path = "/push/subscriptions", tag = "notifications", request_body = PushSubscriptionIn, responses(
    (status = 200, body = PushSubscriptionOut),
    (status = 422, body = ProblemOut, description = "`invalid`, `push_not_set_up`"),
))]
pub async fn subscribe(
    State(api): State<Api>,
    session: Session,
    Json(subscription): Json<PushSubscriptionIn>,
) -> Result<Answer<PushSubscriptionOut>, Problem> {
    let id = api.desk.subscribe_push(&session.who, &session.token, subscription.into()).await?;
    Ok(Answer(PushSubscriptionOut { id }))
}

/// Push to a browser no more
#[utoipa::path(delete, path = "/push/subscriptions/{id}", tag = "notifications", params(("id" = String, Path)), responses(
    (status = 204, description = "No more."),
))]
pub async fn unsubscribe(
    State(api): State<Api>,
    Signed(who): Signed,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    api.desk.unsubscribe_push(&who, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
