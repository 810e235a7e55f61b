//! The web app, inside the binary. In a debug build it is read from disk, so that a fresh build of it is seen at once.

use axum::extract::Request;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

use crate::problem::{Problem, wrong_method};

#[derive(Embed)]
#[folder = "../../web/inbox/dist"]
struct Dist;

const INDEX: &str = "index.html";
const PLACEHOLDER: &str = include_str!("placeholder.html");
/// The folder whose files carry the hash of their content in their name, and so never change.
const HASHED: &str = "assets/";
/// How the ready-made packed copies are called, best first.
const PACKED: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Answers what no route answers: a file of the web app, the app itself for a page of it, or 404.
pub async fn serve(request: Request) -> Response {
    answer::<Dist>(&request)
}

fn answer<Files: Embed>(request: &Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return Problem::no_route().into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return wrong_method().into_response();
    }
    let headers = request.headers();
    if let Some(response) = file::<Files>(path, headers) {
        return response;
    }
    if path.is_empty() || (wants_page(headers) && !looks_like_file(path)) {
        return file::<Files>(INDEX, headers).unwrap_or_else(|| page(PLACEHOLDER));
    }
    Problem::new(StatusCode::NOT_FOUND, "not_found", "Nothing is at this address.").into_response()
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

fn looks_like_file(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

fn page(html: &'static str) -> Response {
    ([(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, "no-cache")], html).into_response()
}

fn file<Files: Embed>(path: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = Files::get(path)?;
    let content_type = HeaderValue::from_str(plain.metadata.mimetype()).ok()?;
    let (coding, chosen) = packed::<Files>(path, headers).map_or((None, plain), |(coding, file)| (Some(coding), file));
    let tag = HeaderValue::from_str(&format!("\"{}\"", hex::encode(&chosen.metadata.sha256_hash()[..16]))).ok()?;
    let kept = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };

    let mut answer = HeaderMap::new();
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    let known = headers.get(IF_NONE_MATCH).is_some_and(|known| names(known, &tag));
    answer.insert(ETAG, tag);
    if known {
        return Some((StatusCode::NOT_MODIFIED, answer).into_response());
    }
    answer.insert(CONTENT_TYPE, with_charset(content_type));
    if let Some(coding) = coding {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    Some((answer, chosen.data).into_response())
}

fn packed<Files: Embed>(path: &str, headers: &HeaderMap) -> Option<(&'static str, EmbeddedFile)> {
    let accepted = headers.get(ACCEPT_ENCODING)?.to_str().ok()?;
    PACKED
        .into_iter()
        .filter(|(coding, _)| accepts(accepted, coding))
        .find_map(|(coding, suffix)| Some((coding, Files::get(&format!("{path}{suffix}"))?)))
}

/// Does an `Accept-Encoding` name this coding, and not with a weight of zero (RFC 9110, 12.5.3)?
fn accepts(header: &str, coding: &str) -> bool {
    header.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        named && !parts.any(|p| p.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0)))
    })
}

fn names(header: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(header), Ok(tag)) = (header.to_str(), tag.to_str()) else { return false };
    header.split(',').map(|t| t.trim().trim_start_matches("W/")).any(|t| t == tag || t == "*")
}

fn with_charset(content_type: HeaderValue) -> HeaderValue {
    match content_type.as_bytes() {
        b"text/html" => HeaderValue::from_static("text/html; charset=utf-8"),
        b"text/javascript" | b"application/javascript" => HeaderValue::from_static("text/javascript; charset=utf-8"),
        b"text/css" => HeaderValue::from_static("text/css; charset=utf-8"),
        _ => content_type,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[derive(Embed)]
    #[folder = "tests/fixtures/dist"]
    struct Fixture;

    #[derive(Embed)]
    #[folder = "tests/fixtures/nothing"]
    #[allow_missing = true]
    struct Nothing;

    fn get<Files: Embed>(path: &str, headers: &[(&str, &str)]) -> Response {
        let request = headers.iter().fold(Request::get(path), |r, (name, value)| r.header(*name, *value));
        answer::<Files>(&request.body(Body::empty()).expect("a request"))
    }

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), 4096).await.expect("a body");
        String::from_utf8(bytes.to_vec()).expect("text")
    }

    fn header<'a>(response: &'a Response, name: &str) -> &'a str {
        response.headers().get(name).map_or("", |v| v.to_str().expect("text"))
    }

    #[tokio::test]
    async fn a_file_with_a_hash_in_its_name_is_kept_for_ever() {
        let plain = get::<Fixture>("/assets/app-1a2b3c.js", &[]);
        assert_eq!(header(&plain, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(header(&plain, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(header(&plain, "content-encoding"), "");
        assert_eq!(text(plain).await, "console.log(\"plain\");\n");
    }

    #[tokio::test]
    async fn the_packed_copy_is_handed_out_where_it_is_understood() {
        for (accept, coding, body) in [
            ("gzip, deflate, br, zstd", "br", "packed by brotli"),
            ("gzip", "gzip", "packed by gzip"),
            ("br;q=0, gzip", "gzip", "packed by gzip"),
            ("identity", "", "console.log(\"plain\");\n"),
        ] {
            let answer = get::<Fixture>("/assets/app-1a2b3c.js", &[("accept-encoding", accept)]);
            assert_eq!(header(&answer, "content-encoding"), coding, "{accept}");
            assert_eq!(header(&answer, "content-type"), "text/javascript; charset=utf-8");
            assert_eq!(header(&answer, "vary"), "accept-encoding");
            assert_eq!(text(answer).await, body, "{accept}");
        }
        let unpacked = get::<Fixture>("/assets/only-9f.css", &[("accept-encoding", "br, gzip")]);
        assert_eq!(header(&unpacked, "content-encoding"), "");
    }

    #[tokio::test]
    async fn the_app_is_asked_for_again_and_not_sent_again() {
        let first = get::<Fixture>("/", &[]);
        assert_eq!(header(&first, "cache-control"), "no-cache");
        let tag = header(&first, "etag").to_owned();
        assert!(text(first).await.contains("fixture"));
        let again = get::<Fixture>("/mine", &[("accept", "text/html"), ("if-none-match", &tag)]);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(header(&get::<Fixture>("/favicon.svg", &[]), "content-type"), "image/svg+xml");
    }

    #[test]
    fn what_is_no_page_is_not_the_app() {
        for (path, accept) in
            [("/api/v1/x", "text/html"), ("/old.js", "text/html"), ("/mine", "application/json"), ("/mine", "*/*")]
        {
            assert_eq!(get::<Fixture>(path, &[("accept", accept)]).status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn without_a_build_of_the_app_a_page_says_so() {
        let page = get::<Nothing>("/", &[]);
        assert_eq!(page.status(), StatusCode::OK);
        assert!(text(page).await.contains("no web app inside"));
    }

    #[test]
    fn a_coding_is_taken_when_it_is_named_and_not_refused() {
        for (header, expected) in [
            ("gzip, deflate, br", true),
            ("BR", true),
            ("br;q=0.1", true),
            ("br;q=0", false),
            ("br; q=0.000", false),
            ("gzip", false),
            ("brotli", false),
            ("", false),
        ] {
            assert_eq!(accepts(header, "br"), expected, "{header}");
        }
    }

    #[test]
    fn a_tag_is_known_in_any_spelling() {
        let tag = HeaderValue::from_static("\"abc\"");
        for (header, expected) in
            [("\"abc\"", true), ("W/\"abc\"", true), ("\"x\", \"abc\"", true), ("*", true), ("\"abcd\"", false)]
        {
            assert_eq!(names(&HeaderValue::from_static(header), &tag), expected, "{header}");
        }
    }
}
