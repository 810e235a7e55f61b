//! What is answered instead of what was asked for: RFC 9457 problem details, always `application/problem+json`.

use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use partyline_core::consent::Reason;
use partyline_desk::{DeskError, FieldProblem, StoreError};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::limits;
use crate::model::draft::DraftOut;
use crate::model::entry::EntryOut;

/// A problem, on its way out.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    fields: Vec<FieldOut>,
    members: Map<String, Value>,
    retry_after: Option<i64>,
}

/// A request that could not be done, as the answer's body says it. Some codes have members of their own:
/// `stale_reply` the `entries` that came since, `draft_held` and its like the `draft` as it is now, `first_contact` and its like the `reasons`, `choose_workspace` the `workspaces`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemOut {
    /// Which kind of problem: an address in this server's reference.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in a few words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened and what can be done, for people.
    detail: String,
    /// A stable word for programs.
    code: String,
    /// What is wrong field by field; only with `invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldOut>>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FieldProblem)]
pub struct FieldOut {
    /// Its name in the request; fields inside others are joined by dots.
    pub field: String,
    /// A stable word, e.g. `required`, `malformed`, `too_long`, `taken`.
    pub code: String,
    /// What to do, for people.
    pub detail: String,
}

impl From<FieldProblem> for FieldOut {
    fn from(p: FieldProblem) -> Self {
        FieldOut { field: p.field, code: p.code.to_owned(), detail: p.detail }
    }
}

impl Problem {
    /// A problem with a status, a stable word and a sentence for people.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        let detail = detail.into();
        Problem { status, code, detail, fields: Vec::new(), members: Map::new(), retry_after: None }
    }

    /// Its stable word.
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// 404 for a thing that is not there, or that this person may not see.
    pub fn not_found(what: &str) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", format!("{what} was not found."))
    }

    /// 404 for an address that nothing answers at.
    pub fn no_route() -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", "Nothing is at this address. See /api/v1/docs.")
    }

    /// 422 for one wrong field.
    pub fn field(field: impl Into<String>, code: &str, detail: impl Into<String>) -> Problem {
        let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Some fields need another look.");
        problem.fields.push(FieldOut { field: field.into(), code: code.to_owned(), detail: detail.into() });
        problem
    }

    /// 503: nothing was done; try again in a moment.
    pub fn busy() -> Problem {
        let detail = "The server is busy. Nothing was changed; try again in a moment.";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).retry_after(limits::RETRY_AFTER)
    }

    /// 500. What went wrong is in the server's log and nowhere else.
    pub fn internal() -> Problem {
        let detail = "Something went wrong on the server. Its log says what; nothing you did caused this.";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// Says after how many seconds to try again.
    pub fn retry_after(mut self, seconds: i64) -> Problem {
        self.retry_after = Some(seconds);
        self
    }

    /// Adds a member.
    pub fn with(mut self, name: &str, value: Value) -> Problem {
        self.members.insert(name.to_owned(), value);
        self
    }

    fn body(&self) -> Vec<u8> {
        let out = ProblemOut {
            kind: format!("/api/v1/docs#problem-{}", self.code),
            title: title(self.status).to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            code: self.code.to_owned(),
            errors: (!self.fields.is_empty()).then(|| self.fields.clone()),
        };
        let mut value = serde_json::to_value(out).unwrap_or_default();
        if let Value::Object(members) = &mut value {
            members.extend(self.members.clone());
        }
        value.to_string().into_bytes()
    }
}

fn title(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "The request can't be read",
        401 => "Not signed in",
        403 => "Not allowed",
        404 => "Not found",
        405 => "Not possible here",
        408 => "Too slow",
        409 => "Does not fit what is there now",
        413 => "Too large",
        415 => "Not a type that is read here",
        422 => "Can't be done as asked",
        429 => "Too many attempts",
        503 => "Busy",
        _ => "Something went wrong",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        (self.status, headers, self.body()).into_response()
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Problem {
        let detail = error.to_string();
        match error {
            DeskError::NotFound(_) => Problem::new(StatusCode::NOT_FOUND, "not_found", detail),
            DeskError::Forbidden(permission) => Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
                .with("permission", Value::from(permission.as_str())),
            DeskError::Invalid(fields) => {
                let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail);
                problem.fields = fields.into_iter().map(FieldOut::from).collect();
                problem
            }
            DeskError::Refused { code, .. } => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail),
            DeskError::Conflict { code, .. } => Problem::new(StatusCode::CONFLICT, code, detail),
            DeskError::Stale(entries) => {
                let entries: Vec<EntryOut> = entries.into_iter().map(EntryOut::from).collect();
                Problem::new(StatusCode::CONFLICT, "stale_reply", detail)
                    .with("entries", serde_json::to_value(entries).unwrap_or_default())
            }
            DeskError::Draft { code, present, .. } => {
                let draft = present.map(|view| DraftOut::from(*view));
                Problem::new(StatusCode::CONFLICT, code, detail)
                    .with("draft", serde_json::to_value(draft).unwrap_or_default())
            }
            DeskError::NeedsWord(reasons) => {
                let code = reasons.first().map_or("needs_word", |r| r.code());
                let list: Vec<Value> =
                    reasons.iter().map(|r: &Reason| json!({ "code": r.code(), "detail": r.detail() })).collect();
                Problem::new(StatusCode::CONFLICT, code, detail).with("reasons", Value::from(list))
            }
            DeskError::WrongCredentials => Problem::new(StatusCode::UNAUTHORIZED, "wrong_credentials", detail),
            DeskError::NotSignedIn => Problem::new(StatusCode::UNAUTHORIZED, "not_signed_in", detail),
            DeskError::ChooseWorkspace(memberships) => {
                let list: Vec<Value> = memberships.iter().map(|m| json!({ "id": m.id, "name": m.name })).collect();
                Problem::new(StatusCode::CONFLICT, "choose_workspace", detail).with("workspaces", Value::from(list))
            }
            DeskError::Provider(error) => {
                tracing::info!(code = error.code(), "a provider was asked in vain");
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.code(), detail)
            }
            DeskError::Store(error) => of_store(&error),
        }
    }
}

fn of_store(error: &StoreError) -> Problem {
    match error {
        StoreError::Busy(_) | StoreError::GaveUp | StoreError::Storage(_) => {
            tracing::warn!(%error, "the store is busy");
            Problem::busy()
        }
        StoreError::Unavailable(_) | StoreError::Full(_) | StoreError::ReadOnly(_) => {
            tracing::warn!(%error, "the store can't be written");
            let (code, detail) = match error {
                StoreError::Full(_) => (
                    "storage_full",
                    "The server's disk is full, so nothing can be saved. Nothing was changed. Ask whoever runs it to make room; it then goes on by itself.",
                ),
                StoreError::ReadOnly(_) => (
                    "storage_read_only",
                    "The server's disk can only be read, so nothing can be saved. Nothing was changed. Ask whoever runs it to look at the disk; it then goes on by itself.",
                ),
                _ => (
                    "database_away",
                    "The server can't reach its database. Nothing was changed. It goes on by itself as soon as the database is back.",
                ),
            };
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).retry_after(limits::RETRY_AFTER)
        }
        StoreError::Lost(_) => {
            tracing::error!(%error, "a commit has no known outcome");
            let detail = "The database went away while saving, so it may or may not be saved. Look before you repeat it, or repeat it with the same Idempotency-Key.";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown", detail).retry_after(limits::RETRY_AFTER)
        }
        StoreError::Conflict(_) => {
            tracing::warn!(%error, "a row was there already");
            Problem::new(StatusCode::CONFLICT, "already_there", "This is there already. Reload and look again.")
        }
        _ => {
            tracing::error!(%error, "the store failed");
            Problem::internal()
        }
    }
}

/// 405 for an address that answers to other methods.
pub fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This address does not answer to that method. The Allow header says to which it does.",
    )
}

/// The answer to a defect of ours that was caught.
pub fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    let mut response = Problem::internal().into_response();
    response.headers_mut().remove(ALLOW);
    response
}
