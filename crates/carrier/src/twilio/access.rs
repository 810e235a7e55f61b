//! HTTP Basic: the account's sid and auth token, or an API key of the account in the path.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine;

use super::errors::ApiError;
use crate::config::Account;
use crate::network::Network;

/// The account of the path, whose credentials the request carries.
pub struct Access {
    pub account_sid: String,
}

impl FromRequestParts<Arc<Network>> for Access {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, network: &Arc<Network>) -> Result<Self, ApiError> {
        let Path(path) = Path::<HashMap<String, String>>::from_request_parts(parts, network)
            .await
            .map_err(|_| ApiError::not_found(parts.uri.path()))?;
        let sid = path.get("account").map(|sid| sid.strip_suffix(".json").unwrap_or(sid)).unwrap_or_default();
        network
            .account(sid)
            .filter(|account| signs_in(account, &parts.headers))
            .map(|account| Self { account_sid: account.sid.clone() })
            .ok_or_else(ApiError::unauthorized)
    }
}

fn signs_in(account: &Account, headers: &HeaderMap) -> bool {
    let Some((user, password)) = basic(headers) else {
        return false;
    };
    (user == account.sid && password == account.auth_token)
        || account.api_keys.iter().any(|key| user == key.sid && password == key.secret)
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
