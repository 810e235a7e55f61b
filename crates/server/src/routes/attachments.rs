//! Files: uploaded by people, shown to who may see them.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use partyline_core::id::FileId;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::api::Api;
use crate::extract::{self, Id};
use crate::idempotency::{once, repeatable};
use crate::limits;
use crate::model::file::AttachmentOut;
use crate::problem::{Problem, ProblemOut};
use crate::seq::PARTYLINE_SEQ;
use crate::session::Signed;

/// How long a browser may show somebody's picture without asking: everybody here may see it, and another one has another id. A day, so
/// that one that was taken away is gone tomorrow.
const FACE: &str = "private, max-age=86400, immutable";

/// The form that brings a file, as the document describes it.
pub struct UploadForm;

impl PartialSchema for UploadForm {
    fn schema() -> RefOr<Schema> {
        let octets = SchemaFormat::KnownFormat(KnownFormat::Binary);
        let file = ObjectBuilder::new().schema_type(Type::String).format(Some(octets));
        let file = file.description(Some("The file, of at most 16 MiB."));
        ObjectBuilder::new().property("file", file).required("file").into()
    }
}

impl ToSchema for UploadForm {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("UploadIn")
    }
}

/// Upload a file
///
/// It is nobody's until a message uses it.
#[utoipa::path(post, path = "/attachments", tag = "files", request_body(content = UploadForm, content_type = "multipart/form-data"), responses(
    (status = 201, body = AttachmentOut),
    (status = 422, body = ProblemOut, description = "`invalid`, `attachment_type`, `attachment_too_large`"),
))]
pub async fn upload(State(api): State<Api>, Signed(who): Signed, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let file = sent(&parts, body, limits::UPLOAD).await?;
    // the boundary of a repeated upload is another one, its file is not
    let repeatable = repeatable(&parts, &[file.name.as_bytes(), b"\0", &file.bytes].concat())?;
    once(&api.desk, &who, repeatable, StatusCode::CREATED, async |key| {
        Ok(AttachmentOut::from(api.desk.upload(&who, file.name, file.declared, file.bytes, key).await?))
    })
    .await
}

/// A file as a form brought it.
pub struct Uploaded {
    name: String,
    declared: Option<String>,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// The file of a form, of at most so many bytes.
///
/// # Errors
/// 413 when there are more, 415 when it is no form, 422 when there is no file in it.
pub async fn sent(parts: &Parts, body: Body, most: usize) -> Result<Uploaded, Problem> {
    let bytes = extract::read(body, most + limits::UPLOAD_WRAPPING).await?;
    let mut request = Request::from_parts(parts.clone(), bytes.into());
    // the body has been read within our own bound; the extractor's is 2 MB
    DefaultBodyLimit::disable().apply(&mut request);
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| {
        let detail = "Send multipart/form-data with one field, file.";
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    })?;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some("file") {
            return read(field, most).await;
        }
    }
    Err(Problem::field("file", "required", "Send the file in the field named file."))
}

async fn read(field: Field<'_>, most: usize) -> Result<Uploaded, Problem> {
    let name =
        field.file_name().unwrap_or("file").chars().filter(|c| !c.is_control()).take(limits::FILE_NAME).collect();
    let declared = field.content_type().map(str::to_owned);
    let bytes = field.bytes().await.map_err(broken)?.to_vec();
    if bytes.len() > most {
        return Err(extract::too_large(most));
    }
    Ok(Uploaded { name, declared, bytes })
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn broken(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return extract::too_large(limits::UPLOAD);
    }
    Problem::new(StatusCode::BAD_REQUEST, "malformed_multipart", "The form is broken off or malformed.")
}

/// A file
///
/// Of a conversation that I may see, of a canned response that I may use, a picture of somebody, or one that I uploaded.
#[utoipa::path(get, path = "/attachments/{id}", tag = "files", params(("id" = String, Path)), responses(
    (status = 200, content_type = "application/octet-stream", body = Vec<u8>, description = "The file, with its own type."),
    (status = 206, content_type = "application/octet-stream", body = Vec<u8>, description = "The part that `Range` asks for."),
    (status = 304, description = "It is the one that you have."),
))]
pub async fn one(
    State(api): State<Api>,
    Signed(who): Signed,
    Id(id): Id<FileId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let seq = HeaderValue::from(super::events::newest(&api, &who).await?);
    // what an id names never changes, but who may see it does: a browser keeps it and asks again
    let tag = HeaderValue::from_str(&format!("\"{id}\"")).unwrap_or(HeaderValue::from_static("\"\""));
    let file = api.desk.file(&who, id, super::files::wanted(&headers, Some(&tag))).await?;
    let is_face = file.is_picture_of_somebody;
    let known = headers.get(IF_NONE_MATCH).is_some_and(|known| *known == tag);
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { super::files::answer(file) };
    let answer = response.headers_mut();
    answer.insert(ETAG, tag);
    answer.insert(PARTYLINE_SEQ, seq);
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(if is_face { FACE } else { "private, no-cache" }));
    Ok(response)
}
