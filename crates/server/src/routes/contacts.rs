//! Contacts.

use axum::extract::State;

use crate::api::Api;
use crate::extract::Query;
use crate::model::Page;
use crate::model::search::FoundContactOut;
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// Find people
///
/// By the beginnings of their names, and by numbers or parts of them in any formatting; the newest first. Who is only in conversations
/// that the caller may not see is not found.
#[utoipa::path(get, path = "/contacts", tag = "conversations",
    params(
        ("q" = Option<String>, Query, description = "A name or a number, or a part of one; without it there are none"),
        ("limit" = Option<u32>, Query, description = "Rows: 50 when left out, at most 100"),
    ),
    responses(
        (status = 200, body = Page<FoundContactOut>),
        (status = 422, body = ProblemOut, description = "`invalid`"),
    )
)]
pub async fn list(
    State(api): State<Api>,
    Signed(who): Signed,
    query: Query,
) -> Result<At<Page<FoundContactOut>>, Problem> {
    let q = query.text("q").unwrap_or_default().to_owned();
    let found = api.desk.contacts(&who, q, query.limit()?).await?;
    Ok(At::from_desk(found, |people| Page {
        data: people.into_iter().map(FoundContactOut::from).collect(),
        next_cursor: None,
    }))
}
