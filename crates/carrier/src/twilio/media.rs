//! The files of a message. The API's own address of a file wants the credentials (enforced since
//! 2023) and leads on to an address that does not.

use std::sync::Arc;

use axum::Json;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::access::Access;
use super::errors::ApiError;
use super::messages::find;
use super::paging::{Page, rfc2822};
use super::record::query;
use crate::network::{Change, Media, Message, Network};

pub async fn list(
    State(network): State<Arc<Network>>,
    access: Access,
    Path((_, sid)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Json<Value>, ApiError> {
    let state = network.state();
    let message = find(&state.messages, &access, &sid).ok_or_else(|| ApiError::not_found(uri.path()))?;
    if message.media.iter().any(Media::is_lost) {
        return Err(ApiError::internal());
    }
    Ok(Json(Page::of(uri.path().to_owned(), &query(&uri)).cut(
        message.media.iter(),
        |media| &media.sid,
        "media_list",
        |media| describe(message, media),
    )))
}

/// With `.json` what it is, without it the way to the file itself.
pub async fn fetch(
    State(network): State<Arc<Network>>,
    access: Access,
    Path((_, sid, file)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, ApiError> {
    let state = network.state();
    let found = find(&state.messages, &access, &sid).and_then(|message| {
        let wanted = file.strip_suffix(".json").unwrap_or(&file);
        let media = message.media.iter().find(|media| media.sid == wanted)?;
        Some((message, media))
    });
    let (message, media) = found.ok_or_else(|| ApiError::not_found(uri.path()))?;
    if file.ends_with(".json") {
        return Ok(Json(describe(message, media)).into_response());
    }
    let target = format!("{}{}", network.base_url(), media.path);
    Ok((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, target)]).into_response())
}

pub async fn delete(
    State(network): State<Arc<Network>>,
    access: Access,
    Path((_, sid, file)): Path<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<StatusCode, ApiError> {
    let wanted = file.strip_suffix(".json").unwrap_or(&file);
    let missing = || ApiError::not_found(uri.path());
    let mut state = network.state();
    let ordinal = find(&state.messages, &access, &sid).ok_or_else(missing)?.ordinal;
    let message = state.messages.at_mut(ordinal).ok_or_else(missing)?;
    let index = message.media.iter().position(|media| media.sid == wanted).ok_or_else(missing)?;
    let media = message.media.remove(index);
    network.tell(&Change::Message(message));
    state.media.forget(&media.path);
    Ok(StatusCode::NO_CONTENT)
}

fn describe(message: &Message, media: &Media) -> Value {
    let Message { account_sid, sid: parent, .. } = message;
    let created = rfc2822(message.created_at);
    json!({
        "account_sid": account_sid,
        "content_type": media.content_type,
        "date_created": created,
        "date_updated": created,
        "parent_sid": parent,
        "sid": media.sid,
        "uri": format!("/2010-04-01/Accounts/{account_sid}/Messages/{parent}/Media/{}.json", media.sid),
    })
}
