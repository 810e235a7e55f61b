//! Files behind unguessable addresses that expire, for providers; and how any file is handed out.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, IF_RANGE, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use partyline_desk::file::{FileRead, Part};

use crate::api::Api;
use crate::problem::Problem;
use crate::security::FILE_POLICY;

/// What a browser may show in its place. SVG is not among them: it is a program.
const SHOWN: [&str; 6] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/heic"];

/// Characters that stand for themselves in an extended parameter (RFC 5987, 3.2.1).
const PLAIN: &[u8] = b"!#$&+-.^_`|~";

/// Hands out the file that an address names.
pub async fn one(State(api): State<Api>, Path(token): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let mut response = answer(api.desk.shared_file(&token, wanted(&headers, None)).await?);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

/// A file as an answer: its own type and nothing guessed, shown only if it is a picture, and harmless in any case.
pub fn answer(file: FileRead) -> Response {
    let content_type = file.row.content_type;
    let kind = if SHOWN.contains(&content_type.as_str()) { "inline" } else { "attachment" };
    let mut headers = HeaderMap::new();
    let octets = HeaderValue::from_static("application/octet-stream");
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(&content_type).unwrap_or(octets));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, FILE_POLICY);
    let disposition = HeaderValue::from_str(&disposition(kind, &file.row.name));
    headers.insert(CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment")));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let size = u64::try_from(file.row.size).unwrap_or(0);
    let (status, length) = match &file.range {
        Some(range) => {
            let part = format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1));
            headers
                .insert(CONTENT_RANGE, HeaderValue::from_str(&part).unwrap_or(HeaderValue::from_static("bytes */*")));
            (StatusCode::PARTIAL_CONTENT, range.end.saturating_sub(range.start))
        }
        None => (StatusCode::OK, size),
    };
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    // what breaks off in its middle is cut short, and the length says so
    let bytes = stream::unfold(file.bytes, async |mut bytes| bytes.next().await.map(|chunk| (chunk, bytes)));
    (status, headers, Body::from_stream(bytes)).into_response()
}

/// Which part of a file a request asks for: one range of bytes (RFC 9110, 14.1.2). Anything else is asking for all of it, and so is a
/// part of another version (`If-Range`) than `tag`.
pub fn wanted(headers: &HeaderMap, tag: Option<&HeaderValue>) -> Part {
    if headers.get(IF_RANGE).is_some_and(|version| Some(version) != tag) {
        return Part::Whole;
    }
    let asked = headers.get(RANGE).and_then(|range| range.to_str().ok()).and_then(|range| range.strip_prefix("bytes="));
    let part = asked.and_then(|range| match range.trim().split_once('-')? {
        ("", last) => last.parse().ok().map(Part::Last),
        (first, "") => first.parse().ok().map(|first| Part::From(first, None)),
        (first, last) => Some(Part::From(first.parse().ok()?, Some(last.parse().ok()?))),
    });
    part.unwrap_or(Part::Whole)
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
    fn one_range_is_understood_and_everything_else_is_all() {
        let asks = |range: &str| {
            wanted(&HeaderMap::from_iter([(RANGE, HeaderValue::from_str(range).expect("a value"))]), None)
        };
        assert_eq!(asks("bytes=0-499"), Part::From(0, Some(499)));
        assert_eq!(asks("bytes=500-"), Part::From(500, None));
        assert_eq!(asks("bytes=-500"), Part::Last(500));
        for other in [
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=0-1,5-6",
            "lines=0-1",
            "bytes=--1",
            "bytes=1-99999999999999999999",
        ] {
            assert_eq!(asks(other), Part::Whole, "{other}");
        }
        let tag = HeaderValue::from_static("\"one\"");
        let mut headers =
            HeaderMap::from_iter([(RANGE, HeaderValue::from_static("bytes=0-1")), (IF_RANGE, tag.clone())]);
        assert_eq!(wanted(&headers, Some(&tag)), Part::From(0, Some(1)));
        headers.insert(IF_RANGE, HeaderValue::from_static("\"another\""));
        assert_eq!(wanted(&headers, Some(&tag)), Part::Whole);
    }

    #[test]
    fn a_name_can_t_break_out_of_its_header() {
        assert_eq!(disposition("inline", "map.png"), "inline; filename=\"map.png\"; filename*=UTF-8''map.png");
        assert_eq!(
            disposition("attachment", "é\"; x=\r\n.pdf"),
            "attachment; filename=\"__; x=__.pdf\"; filename*=UTF-8''%C3%A9%22%3B%20x%3D%0D%0A.pdf"
        );
    }
}
