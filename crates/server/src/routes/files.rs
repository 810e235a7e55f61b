//! Files behind unguessable addresses that expire, for providers; and how any file is handed out.

use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use partyline_desk::file::FileBytes;

use crate::api::Api;
use crate::problem::Problem;
use crate::security::FILE_POLICY;

/// What a browser may show in its place. SVG is not among them: it is a program.
const SHOWN: [&str; 6] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/heic"];

/// Characters that stand for themselves in an extended parameter (RFC 5987, 3.2.1).
const PLAIN: &[u8] = b"!#$&+-.^_`|~";

/// Hands out the file that an address names.
pub async fn one(State(api): State<Api>, Path(token): Path<String>) -> Result<Response, Problem> {
    let mut response = answer(api.desk.shared_file(&token).await?);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

/// A file as an answer: its own type and nothing guessed, shown only if it is a picture, and harmless in any case.
pub fn answer(file: FileBytes) -> Response {
    let content_type = file.row.content_type;
    let kind = if SHOWN.contains(&content_type.as_str()) { "inline" } else { "attachment" };
    let mut headers = HeaderMap::new();
    let octets = HeaderValue::from_static("application/octet-stream");
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(&content_type).unwrap_or(octets));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, FILE_POLICY);
    let disposition = HeaderValue::from_str(&disposition(kind, &file.row.name));
    headers.insert(CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment")));
    (headers, file.bytes).into_response()
}

/// `Content-Disposition` with the name twice: for old readers in ASCII, and in full (RFC 6266, appendix D).
fn disposition(kind: &str, name: &str) -> String {
    let ascii: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' })
        .collect();
    let mut full = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            full.push(char::from(byte));
        } else {
            full.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_t_break_out_of_its_header() {
        assert_eq!(disposition("inline", "map.png"), "inline; filename=\"map.png\"; filename*=UTF-8''map.png");
        assert_eq!(
            disposition("attachment", "é\"; x=\r\n.pdf"),
            "attachment; filename=\"__; x=__.pdf\"; filename*=UTF-8''%C3%A9%22%3B%20x%3D%0D%0A.pdf"
        );
    }
}
