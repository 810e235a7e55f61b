//! The provider's API, version 2010-04-01, on its real wire format.
//!
//! Form bodies in, JSON out; counts are strings and dates RFC 2822, as Twilio writes them.

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{any, get};

use crate::network::Network;

mod access;
mod accounts;
mod errors;
mod media;
mod messages;
mod numbers;
mod paging;
mod parameters;
mod record;
mod sending;

/// The routes of the API.
pub fn routes(network: Arc<Network>) -> Router<Arc<Network>> {
    let version = Router::new()
        .route("/Accounts/{account}", get(accounts::fetch))
        .route("/Accounts/{account}/IncomingPhoneNumbers.json", get(numbers::list))
        .route("/Accounts/{account}/IncomingPhoneNumbers/{number}", get(numbers::fetch).post(numbers::update))
        .route("/Accounts/{account}/Messages.json", get(messages::list).post(sending::create))
        .route(
            "/Accounts/{account}/Messages/{message}",
            get(messages::fetch).post(messages::update).delete(messages::delete),
        )
        .route("/Accounts/{account}/Messages/{message}/Media.json", get(media::list))
        .route("/Accounts/{account}/Messages/{message}/Media/{media}", get(media::fetch).delete(media::delete))
        .fallback(any(errors::not_found))
        .method_not_allowed_fallback(errors::method_not_allowed)
        .layer(middleware::from_fn_with_state(network, record::record));
    Router::new().nest("/2010-04-01", version)
}
