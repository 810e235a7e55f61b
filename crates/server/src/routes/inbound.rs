//! Held messages: what came and could not go to an inbox, and what admins do about it.

use axum::Json as Answer;
use axum::extract::State;
use partyline_core::held::HeldState;
use partyline_core::id::InboundId;
use partyline_desk::HeldFilter;
use partyline_desk::held::HeldIn;

use crate::api::Api;
use crate::extract::{Id, Json, Query};
use crate::model::Page;
use crate::model::held::{HeldGroupOut, HeldOut, HeldWholeOut, ReplayAlikeIn, ReplayedOut};
use crate::problem::{Problem, ProblemOut};
use crate::seq::At;
use crate::session::Signed;

const STATES: &str = "quarantined, replayed, dismissed";
const REASONS: &str = "no_channel, not_understood, not_applied";

/// One page of held messages
///
/// Newest first.
#[utoipa::path(get, path = "/inbound", tag = "held messages",
    params(
        ("state" = Option<String>, Query, description = "`quarantined` (waiting for somebody; when left out), `replayed`, `dismissed`"),
        ("reason" = Option<String>, Query, description = "Only those held for this: `no_channel`, `not_understood`, `not_applied`"),
        ("connection" = Option<String>, Query, description = "Only of this connection"),
        ("address" = Option<String>, Query, description = "Only those to this number of ours"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("limit" = Option<u32>, Query, description = "Rows: 50 when left out, at most 200"),
    ),
    responses(
        (status = 200, body = Page<HeldOut>),
        (status = 422, body = ProblemOut, description = "`invalid`"),
    )
)]
pub async fn list(State(api): State<Api>, Signed(who): Signed, query: Query) -> Result<At<Page<HeldOut>>, Problem> {
    let list = HeldIn {
        state: query.word("state", STATES)?.unwrap_or(HeldState::Quarantined),
        filter: HeldFilter {
            reason: query.word("reason", REASONS)?,
            connection: query.id("connection", "The connection")?,
            address: query.text("address").map(str::to_owned),
        },
        cursor: query.text("cursor").map(str::to_owned),
        limit: query.limit()?,
    };
    Ok(At::from_desk(api.desk.held_page(&who, list).await?, |page| Page {
        data: page.rows.into_iter().map(HeldOut::from).collect(),
        next_cursor: page.next,
    }))
}

/// What waits for somebody, alike together
///
/// The newest first, at most 100 groups.
#[utoipa::path(get, path = "/inbound/groups", tag = "held messages", responses((status = 200, body = Page<HeldGroupOut>)))]
pub async fn groups(State(api): State<Api>, Signed(who): Signed) -> Result<At<Page<HeldGroupOut>>, Problem> {
    Ok(At::from_desk(api.desk.held_groups(&who).await?, Page::whole))
}

/// One held message, with what it brought
#[utoipa::path(get, path = "/inbound/{id}", tag = "held messages", params(("id" = String, Path)), responses(
    (status = 200, body = HeldWholeOut),
))]
pub async fn one(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<InboundId>,
) -> Result<At<HeldWholeOut>, Problem> {
    Ok(At::from_desk(api.desk.held(&who, id).await?, HeldWholeOut::from))
}

/// Replay it
///
/// As it came and when it came: it stands at its time in the conversation. Again changes nothing.
#[utoipa::path(post, path = "/inbound/{id}/replay", tag = "held messages", params(("id" = String, Path)), responses(
    (status = 200, body = HeldWholeOut),
    (status = 409, body = ProblemOut, description = "`still_held`: for the reason that `detail` says. `payload_gone`, `connection_gone`"),
))]
pub async fn replay(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<InboundId>,
) -> Result<Answer<HeldWholeOut>, Problem> {
    Ok(Answer(api.desk.replay_held(&who, id).await?.into()))
}

/// Replay all that are alike
///
/// Oldest first. The first fifty at once; the rest follows by itself.
#[utoipa::path(post, path = "/inbound/replay", tag = "held messages", request_body = ReplayAlikeIn, responses(
    (status = 200, body = ReplayedOut),
    (status = 422, body = ProblemOut, description = "`invalid`"),
))]
pub async fn replay_alike(
    State(api): State<Api>,
    Signed(who): Signed,
    Json(like): Json<ReplayAlikeIn>,
) -> Result<Answer<ReplayedOut>, Problem> {
    Ok(Answer(api.desk.replay_held_like(&who, like.into()).await?.into()))
}

/// Dismiss it
///
/// It is kept, with who dismissed it and when; replaying undoes it, as long as what it brought is there (30 days).
#[utoipa::path(post, path = "/inbound/{id}/dismiss", tag = "held messages", params(("id" = String, Path)), responses(
    (status = 200, body = HeldWholeOut),
    (status = 409, body = ProblemOut, description = "`already_replayed`"),
))]
pub async fn dismiss(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<InboundId>,
) -> Result<Answer<HeldWholeOut>, Problem> {
    Ok(Answer(api.desk.dismiss_held(&who, id).await?.into()))
}
