//! The workspace's log.

use axum::extract::State;
use partyline_desk::Who;

use crate::api::Api;
use crate::extract::Query;
use crate::model::event::{EventsOut, shown};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

/// A stretch of the log
///
/// What happened after a seq, oldest first: also the way to fill a gap in the live feed.
#[utoipa::path(get, path = "/events", tag = "events",
    params(
        ("after" = Option<i64>, Query, description = "The seq after which to begin; the beginning when left out"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before, instead of `after`"),
        ("limit" = Option<u32>, Query, description = "Events to go through: 50 when left out, at most 200"),
    ),
    responses(
        (status = 200, body = EventsOut),
        (status = 422, body = ProblemOut, description = "`invalid`"),
    )
)]
pub async fn list(State(api): State<Api>, Signed(who): Signed, query: Query) -> Result<At<EventsOut>, Problem> {
    let after = match query.number::<i64>("cursor")? {
        Some(seq) => seq,
        None => query.number::<i64>("after")?.unwrap_or(0),
    };
    let limit = query.limit()?;
    let read = api.desk.events(&who, after.max(0), limit).await?;
    // a full page covers up to its last event, whether or not that one may be seen; any other covers everything
    let last = read.value.last().map(|event| event.row.seq);
    let seq = last.filter(|_| read.value.len() == limit).unwrap_or(read.seq);
    let next_cursor = (seq < read.seq).then(|| seq.to_string());
    let data = read.value.iter().filter_map(|event| shown(event, &who)).collect();
    Ok(At { seq: read.seq, body: EventsOut { data, next_cursor, seq } })
}

/// The workspace's newest seq, for answers that are read from elsewhere.
pub async fn newest(api: &Api, who: &Who) -> Result<i64, Problem> {
    Ok(api.desk.events(who, i64::MAX, 1).await?.seq)
}
