//! What a text costs, before it is sent.

use axum::Json as Answer;

use crate::extract::Json;
use crate::model::sms::{PreviewIn, PreviewOut, preview as count};
use crate::problem::{Problem, ProblemOut};
use crate::session::Signed;

/// Count a text
///
/// Its encoding and segments, and the characters that make it dear.
#[utoipa::path(post, path = "/sms/preview", tag = "conversations", request_body = PreviewIn, responses(
    (status = 200, body = PreviewOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn preview(_: Signed, Json(text): Json<PreviewIn>) -> Result<Answer<PreviewOut>, Problem> {
    Ok(Answer(count(&text.text)))
}
