//! The control desk, `/carrier/…`: the state, texting from a phone, faults, the wire, live changes.
//!
//! It is made for this machine and has no sign-in; a page of another site is refused.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post, put};
use axum::{Json, Router};
use futures_util::{Stream, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use crate::config::{Past, PhoneSetup, Service};
use crate::faults::{Faults, FaultsPatch};
use crate::inbound::{self, Picture, TextRefused};
use crate::media::{MAX_FILE_BYTES, MAX_FILES};
use crate::network::{Change, MAX_PHONES, Message, Network, Phone};
use crate::sid;
use crate::wire::WireEntry;

/// Bytes of an upload: every file at its limit, and the form around them.
const MAX_UPLOAD: usize = MAX_FILES * MAX_FILE_BYTES + 64 * 1024;
/// Messages that the state holds; a page shows no more.
const MESSAGES_SHOWN: usize = 2_000;
/// Texts of the past taken at once.
const MAX_PAST: usize = 10_000;
/// Lines of the wire that the state holds.
const LINES_SHOWN: usize = 200;
/// Characters of a phone's name and network.
const MAX_NAME_CHARS: usize = 60;

pub fn routes() -> Router<Arc<Network>> {
    Router::new()
        .route("/carrier/state", get(state))
        .route("/carrier/phones", post(add_phone))
        .route("/carrier/phones/{number}", patch(change_phone))
        .route("/carrier/phones/{number}/messages", post(text))
        .route("/carrier/past", post(remember))
        .route("/carrier/services/{sid}", put(set_service))
        .route("/carrier/faults", get(faults).patch(change_faults))
        .route("/carrier/wire", get(wire))
        .route("/carrier/live", get(live))
        .route("/carrier/reset", post(reset))
        .layer(DefaultBodyLimit::max(MAX_UPLOAD))
        .layer(middleware::from_fn(own_pages_only))
}

/// Why the control desk did not do it.
struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refused {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, code, message: message.into() }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({"code": self.code, "message": self.message});
        (self.status, Json(body)).into_response()
    }
}

impl From<TextRefused> for Refused {
    fn from(refused: TextRefused) -> Self {
        Self::new(refused.code(), refused.to_string())
    }
}

impl From<MultipartError> for Refused {
    fn from(error: MultipartError) -> Self {
        Self { status: error.status(), code: "bad_upload", message: error.body_text() }
    }
}

async fn own_pages_only(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_own = match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            origin.strip_prefix("http://") == Some(host) || origin.strip_prefix("https://") == Some(host)
        }
        (Some(_), None) => false,
    };
    if is_own {
        return next.run(request).await;
    }
    Refused {
        status: StatusCode::FORBIDDEN,
        code: "other_site",
        message: "Only this carrier's own page may do this.".to_owned(),
    }
    .into_response()
}

async fn state(State(network): State<Arc<Network>>) -> Json<Value> {
    let state = network.state();
    let mut messages: Vec<&Message> = state.messages.newest_first().take(MESSAGES_SHOWN).collect();
    messages.reverse();
    let mut lines: Vec<&WireEntry> = state.wire.since(0).rev().take(LINES_SHOWN).collect();
    lines.reverse();
    Json(json!({
        "seed": network.config.seed,
        "inbox_url": network.config.inbox_url,
        "accounts": network.config.accounts.iter().map(|account| json!({
            "sid": account.sid,
            "friendly_name": account.friendly_name,
            "services": state.services.get(&account.sid),
        })).collect::<Vec<_>>(),
        "numbers": state.numbers,
        "phones": state.phones,
        "messages": messages,
        "faults": state.faults_now(),
        "wire": lines,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPhone {
    number: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    network: String,
}

async fn add_phone(
    State(network): State<Arc<Network>>,
    Json(new): Json<NewPhone>,
) -> Result<(StatusCode, Json<Phone>), Refused> {
    if !sid::is_e164(&new.number) {
        return Err(Refused::new("bad_number", "Write the number with a plus and the country, such as +14155550123."));
    }
    if [&new.name, &new.network].iter().any(|text| text.chars().count() > MAX_NAME_CHARS) {
        return Err(Refused::new("too_long", "Names have at most 60 characters."));
    }
    let mut state = network.state();
    if state.phones.len() >= MAX_PHONES {
        return Err(Refused::new("too_many_phones", "There are 200 phones already."));
    }
    let is_taken = state.phones.iter().any(|phone| phone.number == new.number)
        || state.numbers.iter().any(|number| number.phone_number == new.number);
    if is_taken {
        return Err(Refused::new("number_taken", "Somebody has this number already."));
    }
    let phone = Phone::new(&PhoneSetup {
        name: if new.name.is_empty() { new.number.clone() } else { new.name },
        number: new.number,
        network: new.network,
        on: true,
    });
    state.phones.push(phone.clone());
    network.tell(&Change::Phone(&phone));
    Ok((StatusCode::CREATED, Json(phone)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhoneChange {
    on: bool,
}

async fn change_phone(
    State(network): State<Arc<Network>>,
    Path(number): Path<String>,
    Json(change): Json<PhoneChange>,
) -> Result<Json<Phone>, Refused> {
    switch_phone(&network, &number, change.on).map(Json).ok_or_else(|| TextRefused::NoSuchPhone.into())
}

/// Switches a phone; answers it, or nothing when there is none.
pub fn switch_phone(network: &Network, number: &str, on: bool) -> Option<Phone> {
    let phone = {
        let mut state = network.state();
        let phone = state.phones.iter_mut().find(|p| p.number == number)?;
        phone.on = on;
        network.tell(&Change::Phone(phone));
        phone.clone()
    };
    network.switched.notify_waiters();
    Some(phone)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    to: String,
    #[serde(default)]
    text: String,
}

/// A text as JSON, or as a multipart form with files named `media`.
async fn text(
    State(network): State<Arc<Network>>,
    Path(phone): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<(StatusCode, Json<Message>), Refused> {
    let is_upload = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let (to, text, pictures) = if is_upload {
        upload(request).await?
    } else {
        let Json(text) = Json::<Text>::from_request(request, &()).await.map_err(|error| Refused {
            status: error.status(),
            code: "bad_body",
            message: error.body_text(),
        })?;
        (text.to, text.text, Vec::new())
    };
    let message = inbound::text(&network, &phone, &to, &text, pictures)?;
    Ok((StatusCode::CREATED, Json(message)))
}

async fn upload(request: Request) -> Result<(String, String, Vec<Picture>), Refused> {
    let mut form =
        Multipart::from_request(request, &()).await.map_err(|error| Refused::new("bad_upload", error.body_text()))?;
    let (mut to, mut text, mut pictures) = (String::new(), String::new(), Vec::new());
    while let Some(field) = form.next_field().await? {
        match field.name() {
            Some("to") => to = field.text().await?,
            Some("text") => text = field.text().await?,
            Some("media") => pictures.push(Picture { bytes: field.bytes().await? }),
            _ => {
                return Err(Refused::new("unknown_field", "A text has the fields to, text and media."));
            }
        }
    }
    Ok((to, text, pictures))
}

/// Puts texts of the past into the log, as a number has them that was in use before: they arrived, and nobody is called about them.
async fn remember(State(network): State<Arc<Network>>, Json(past): Json<Vec<Past>>) -> Result<StatusCode, Refused> {
    if past.len() > MAX_PAST {
        return Err(Refused::new("too_many", "At most 10,000 texts at once."));
    }
    if past.iter().any(|text| !sid::is("SM", &text.sid)) {
        return Err(Refused::new("bad_sid", "A text is named SM and 32 hexadecimal digits."));
    }
    let is_ours = |number: &str| {
        network.config.accounts.iter().any(|account| account.numbers.iter().any(|ours| ours.number == number))
    };
    if past.iter().any(|text| !is_ours(&text.number)) {
        return Err(Refused::new("no_such_number", "A text of the past is of a number that an account has."));
    }
    network.remember(&past);
    network.tell(&Change::Reset);
    Ok(StatusCode::CREATED)
}

/// Sets a messaging service up, or changes it. With several accounts it is the first one's.
async fn set_service(
    State(network): State<Arc<Network>>,
    Path(service_sid): Path<String>,
    Json(service): Json<Service>,
) -> Result<Json<Service>, Refused> {
    if !sid::is("MG", &service_sid) || service.sid != service_sid {
        return Err(Refused::new("bad_sid", "A messaging service is named MG and 32 hexadecimal digits."));
    }
    let mut state = network.state();
    let account_sid = network.config.accounts.first().map(|account| account.sid.clone()).unwrap_or_default();
    if service.numbers.iter().any(|number| state.number(&account_sid, number).is_none()) {
        return Err(Refused::new("no_such_number", "A service can only have numbers of its account."));
    }
    let services = state.services.entry(account_sid).or_default();
    services.retain(|other| other.sid != service.sid);
    services.push(service.clone());
    Ok(Json(service))
}

async fn faults(State(network): State<Arc<Network>>) -> Json<Faults> {
    Json(network.state().faults_now())
}

async fn change_faults(State(network): State<Arc<Network>>, Json(patch): Json<FaultsPatch>) -> Json<Faults> {
    Json(network.change_faults(&patch))
}

#[derive(Deserialize)]
struct After {
    /// The last line that is known already.
    after: Option<u64>,
}

async fn wire(State(network): State<Arc<Network>>, Query(query): Query<After>) -> Json<Vec<WireEntry>> {
    let from = query.after.map_or(0, |after| after.saturating_add(1));
    Json(network.state().wire.since(from).cloned().collect())
}

async fn reset(State(network): State<Arc<Network>>) -> StatusCode {
    network.reset();
    StatusCode::NO_CONTENT
}

/// Changes as server-sent events. A listener that fell behind is told to read the state anew.
async fn live(State(network): State<Arc<Network>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = network.listen();
    let stop = network.stop.clone();
    let events = stream::unfold((changes, stop), |(mut changes, stop)| async move {
        let data = tokio::select! {
            () = stop.cancelled() => return None,
            change = changes.recv() => match change {
                Ok(text) => text,
                Err(RecvError::Lagged(_)) => Arc::from(r#"{"kind":"reset"}"#),
                Err(RecvError::Closed) => return None,
            },
        };
        Some((Ok(Event::default().data(data)), (changes, stop)))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
