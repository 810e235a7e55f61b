//! The live socket's door.

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::api::Api;
use crate::extract::Query;
use crate::limits;
use crate::live::{self, Stop};
use crate::model::event::FrameOut;
use crate::problem::{Problem, ProblemOut};
use crate::session::{Session, own_origin};

/// What happens, as it happens
///
/// A WebSocket. The server sends `ServerFrame`s, the client `ClientFrame`s. A frame with events covers everything in
/// (`after`, `seq`]; what the client may not see of it is left out. Where `after` is more than the client's last seq, it has
/// missed something and asks `/events`. Closed with 4008 when the client is too slow, and with 4001 when its session has ended.
#[utoipa::path(get, path = "/live", tag = "events",
    params(("after" = Option<i64>, Query, description = "The last seq that the client knows; from now on when left out")),
    responses(
        (status = 101, body = FrameOut, description = "A WebSocket from here on."),
        (status = 403, body = ProblemOut, description = "`foreign_origin`"),
        (status = 422, body = ProblemOut, description = "`invalid`"),
        (status = 426, body = ProblemOut, description = "`websocket_expected`"),
    )
)]
pub async fn live(
    State(api): State<Api>,
    session: Session,
    query: Query,
    headers: HeaderMap,
    stop: Option<Extension<Stop>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    own_origin(&headers, &api)?;
    let after = query.number::<i64>("after")?;
    let upgrade = upgrade.map_err(|_| {
        Problem::new(StatusCode::UPGRADE_REQUIRED, "websocket_expected", "Open this address as a WebSocket.")
    })?;
    let Ok(room) = api.sockets.clone().try_acquire_owned() else { return Err(Problem::busy()) };
    let stop = stop.map(|Extension(stop)| stop).unwrap_or_default();
    let upgrade = upgrade.max_message_size(limits::SOCKET_FRAME).max_frame_size(limits::SOCKET_FRAME);
    Ok(upgrade.on_upgrade(move |socket| {
        stop.open.clone().track_future(async move {
            live::serve(api, session, after, socket, stop.told).await;
            drop(room);
        })
    }))
}
