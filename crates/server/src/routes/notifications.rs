//! What I am told. Mine alone.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use partyline_desk::notify::NotificationsIn;

use crate::api::Api;
use crate::extract::{Json, Query};
use crate::model::notification::{NotificationSettingsOut, NotificationSettingsPatch, NotificationsOut, SeenIn};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// One page of what I am told
///
/// Mentions, what others gave me, customers who wrote in what is mine or what I follow, messages of mine that did not arrive, tasks that
/// are due. The newest first, for 30 days. What I can't see any more is left out.
#[utoipa::path(get, path = "/notifications", tag = "notifications",
    params(
        ("unseen" = Option<bool>, Query, description = "Only what I have not seen"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("limit" = Option<u32>, Query, description = "Rows: 50 when left out, at most 200"),
    ),
    responses(
        (status = 200, body = NotificationsOut),
        (status = 422, body = ProblemOut, description = "`invalid`"),
    )
)]
pub async fn list(State(api): State<Api>, Signed(who): Signed, query: Query) -> Result<At<NotificationsOut>, Problem> {
    let unseen = match query.text("unseen") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Problem::field("unseen", "unknown", "Use one of: true, false.")),
    };
    let before = match query.text("cursor") {
        None => None,
        Some(text) => Some(
            text.parse()
                .map_err(|_| Problem::field("cursor", "malformed", "Leave the cursor out to begin at the top."))?,
        ),
    };
    let asked = NotificationsIn { unseen, before, limit: query.limit()? };
    Ok(At::from_desk(api.desk.notifications(&who, asked).await?, |(page, unseen)| NotificationsOut {
        data: page.rows.into_iter().map(Into::into).collect(),
        next_cursor: page.next,
        unseen,
    }))
}

/// I have seen it
///
/// One of them, all up to one, or all. What tells of a conversation is seen when that is read, too.
#[utoipa::path(post, path = "/notifications/seen", tag = "notifications", request_body = SeenIn, responses(
    (status = 204, description = "Seen; my other browsers are told."),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn see(State(api): State<Api>, Signed(who): Signed, Json(said): Json<SeenIn>) -> Result<StatusCode, Problem> {
    api.desk.see_notifications(&who, said.try_into()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What I want to be told of, and where
#[utoipa::path(get, path = "/notifications/settings", tag = "notifications", responses(
    (status = 200, body = NotificationSettingsOut),
))]
pub async fn settings(State(api): State<Api>, Signed(who): Signed) -> Result<At<NotificationSettingsOut>, Problem> {
    Ok(At::from_desk(api.desk.wishes(&who).await?, NotificationSettingsOut::from))
}

/// Change what I want to be told of, and where
///
/// While I am out of office I find it in the app alone, whatever I want otherwise.
#[utoipa::path(patch, path = "/notifications/settings", tag = "notifications", request_body = NotificationSettingsPatch, responses(
    (status = 200, body = NotificationSettingsOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn change(
    State(api): State<Api>,
    Signed(who): Signed,
    Json(patch): Json<NotificationSettingsPatch>,
) -> Result<Answer<NotificationSettingsOut>, Problem> {
    Ok(Answer(api.desk.wish(&who, patch.try_into()?).await?.into()))
}
