//! Search.

use axum::extract::State;
use partyline_desk::search::SearchIn;

use crate::api::Api;
use crate::extract::Query;
use crate::model::search::{FacetsOut, SearchOut};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// Search everything
///
/// Messages, notes and the names of files, by words and operators; and people by names and numbers. What was written can be found a
/// moment later. Only what the caller may see is found. Nothing of the query is an error: what it can't mean is said in `problems`.
#[utoipa::path(get, path = "/search", tag = "conversations",
    params(
        ("q" = Option<String>, Query, description = "What to look for: `water heater in:west after:2026-03-01 -is:closed`. At most 16,000 characters are read"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` or `older_cursor` of the page before"),
        ("limit" = Option<u32>, Query, description = "Hits: 50 when left out, at most 100"),
    ),
    responses(
        (status = 200, body = SearchOut),
        (status = 422, body = ProblemOut, description = "`invalid`"),
    )
)]
pub async fn search(State(api): State<Api>, Signed(who): Signed, query: Query) -> Result<At<SearchOut>, Problem> {
    let search = SearchIn {
        q: query.text("q").unwrap_or_default().to_owned(),
        cursor: query.text("cursor").map(str::to_owned),
        limit: query.limit()?,
    };
    Ok(At::from_desk(api.desk.search(&who, search).await?, SearchOut::from))
}

/// Count what a search finds
///
/// By channel, person and month; and how many there are in conversations that the caller may not see. It goes through all that is found,
/// as far as that is quick: ask `GET /search` for what is found first.
#[utoipa::path(get, path = "/search/facets", tag = "conversations",
    params(("q" = Option<String>, Query, description = "As for `GET /search`")),
    responses((status = 200, body = FacetsOut))
)]
pub async fn facets(State(api): State<Api>, Signed(who): Signed, query: Query) -> Result<At<FacetsOut>, Problem> {
    let q = query.text("q").unwrap_or_default().to_owned();
    Ok(At::from_desk(api.desk.search_facets(&who, q).await?, FacetsOut::from))
}
