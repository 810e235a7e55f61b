//! `GET /Accounts/{AC}.json`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::access::Access;
use super::errors::ApiError;
use super::paging::rfc2822;
use crate::network::Network;

pub async fn fetch(State(network): State<Arc<Network>>, access: Access) -> Result<Json<Value>, ApiError> {
    let sid = access.account_sid;
    let account = network.account(&sid).ok_or_else(ApiError::unauthorized)?;
    let uri = format!("/2010-04-01/Accounts/{sid}");
    // An account has no time of its own here; its first number's will do.
    let created = network
        .state()
        .numbers
        .iter()
        .find(|number| number.account_sid == sid)
        .map(|number| rfc2822(number.created_at));
    Ok(Json(json!({
        "sid": sid,
        "owner_account_sid": sid,
        "friendly_name": account.friendly_name,
        "auth_token": account.auth_token,
        "status": "active",
        "type": "Full",
        "date_created": created,
        "date_updated": created,
        "uri": format!("{uri}.json"),
        "subresource_uris": {
            "incoming_phone_numbers": format!("{uri}/IncomingPhoneNumbers.json"),
            "messages": format!("{uri}/Messages.json"),
        },
    })))
}
