//! Any request to the API, by somebody who may do everything: it is done or it is refused in words. Never an error of ours.

use std::cell::RefCell;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, header};
use partyline_channels::Http;
use partyline_desk::{Addresses, Clock, Desk};
use partyline_server::Config;
use partyline_server::routes::Route;
use partyline_store::files::Files;
use partyline_store::secrets::SecretKey;
use partyline_store::{Db, Location};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use super::bytes::Bytes;
use super::offline;

/// Requests to one inbox, after which there is a new one: what was made would only slow it down.
const REQUESTS: u32 = 5_000;
/// The largest answer that is read, in bytes.
const ANSWER_MAX: usize = 16 << 20;

struct House {
    runtime: Runtime,
    router: Router,
    cookie: String,
    /// Ids of what is there.
    ids: Vec<String>,
    asked: u32,
    _folder: TempDir,
}

/// The route of this number: a hash of its name, so that kept corpora go on meaning the same when there are more routes; any other
/// number counts through the table.
fn route(number: u16) -> &'static Route {
    let table = partyline_server::routes::TABLE;
    let named = table.iter().find(|r| hash(&format!("{} {}", r.method, r.path)) == number);
    named.unwrap_or(&table[usize::from(number) % table.len()])
}

/// FNV-1a, folded to 16 bits.
fn hash(name: &str) -> u16 {
    let hash = name.bytes().fold(0x811c_9dc5u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    u16::try_from((hash >> 16) ^ (hash & 0xffff)).unwrap_or(0)
}

thread_local! {
    static HOUSE: RefCell<Option<House>> = const { RefCell::new(None) };
}

/// Takes any bytes for a request.
pub fn look(bytes: &[u8]) {
    HOUSE.with_borrow_mut(|house| {
        if house.as_ref().is_none_or(|h| h.asked >= REQUESTS) {
            *house = None;
            *house = Some(House::new());
        }
        if let Some(house) = house {
            house.take(bytes);
        }
    });
}

fn folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a folder")
}

async fn desk(folder: &TempDir) -> Desk {
    let db = Db::open(&Location::Sqlite(folder.path().join("partyline.db")), Clock::System.now()).expect("a database");
    let files = Files::open(&folder.path().join("files")).expect("a folder");
    let local = "http://127.0.0.1:8080".parse().expect("an address");
    let addresses = Addresses { public: None, local };
    let (key, http) = (SecretKey::from_bytes([7; 32]), Http::new().expect("clients"));
    Desk::with_providers(db, files, key, http, addresses, Clock::System, offline::find)
}

impl House {
    fn new() -> House {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let folder = folder();
        let desk = runtime.block_on(desk(&folder));
        let config = Config { secure_cookies: false, setup_token: None, version: "fuzz", demo_phones: None };
        let router = partyline_server::router(desk, config);
        let mut house = House { runtime, router, cookie: String::new(), ids: Vec::new(), asked: 0, _folder: folder };
        let setup =
            r#"{"workspace_name":"H","name":"Ana","email":"ana@example.com","password":"a long enough password"}"#;
        let answer = house.ask("POST", "/api/v1/setup", "application/json", setup.as_bytes());
        let cookie = answer.headers()[header::SET_COOKIE].to_str().expect("text").split(';').next();
        house.cookie = cookie.expect("a cookie").to_owned();
        let made = [
            ("/teams", r#"{"name":"East"}"#),
            (
                "/connections",
                r#"{"provider":"twilio","name":"T","credentials":{"account_sid":"AC00000000000000000000000000000001","auth_token":"t"},"api_base_url":"http://127.0.0.1:9"}"#,
            ),
        ];
        for (path, body) in made {
            house.make(path, body);
        }
        let connection = house.ids.last().cloned().unwrap_or_default();
        house.make(
            "/channels",
            &format!(r#"{{"kind":"sms","name":"W","address":"+14155550100","connection_id":"{connection}"}}"#),
        );
        let channel = house.ids.last().cloned().unwrap_or_default();
        house.make("/conversations", &format!(r#"{{"channel_id":"{channel}","to":"+14155550142","text":"Hello","confirm":["first_contact"],"source":"x"}}"#));
        house
    }

    fn make(&mut self, path: &str, body: &str) {
        let answer = self.ask("POST", &format!("/api/v1{path}"), "application/json", body.as_bytes());
        assert_eq!(answer.status(), 201, "{path}");
        let body: Value = serde_json::from_slice(&self.read(answer)).expect("JSON");
        let ids = [&body["id"], &body["conversation"]["id"], &body["message"]["id"]];
        self.ids.extend(ids.iter().filter_map(|id| id.as_str()).map(str::to_owned));
    }

    fn ask(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Response<Body> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::CONTENT_TYPE, content_type)
            .header("x-partyline-csrf", "1")
            .header(header::COOKIE, &self.cookie)
            .body(Body::from(body.to_vec()));
        let Ok(mut request) = request else { return Response::new(Body::empty()) };
        let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 40_000));
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        self.runtime.block_on(self.router.clone().oneshot(request)).unwrap_or_else(|never| match never {})
    }

    fn read(&self, answer: Response<Body>) -> Vec<u8> {
        self.runtime.block_on(to_bytes(answer.into_body(), ANSWER_MAX)).expect("a body").to_vec()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.asked += 1;
        let mut bytes = Bytes(bytes);
        let route = route(u16::from_be_bytes([bytes.byte(), bytes.byte()]));
        let which = usize::from(bytes.byte());
        // most ids name something, some are the fuzzer's own words
        let id = if which % 8 == 7 { bytes.word() } else { self.ids[which % self.ids.len()].clone() };
        let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
        let mut path = format!("/api/v1{}", route.path.replace("{id}", &id));
        if route.method == "GET" {
            // printable, as an HTTP client would have it
            let query: String =
                bytes.0.iter().map(|b| char::from(b'!' + b % 94)).filter(|c| !"#\"<>\\^`{|}".contains(*c)).collect();
            path = format!("{path}?{query}");
        }
        let content_type = if which / 8 % 16 == 15 { "text/plain" } else { "application/json" };
        let body = if route.method == "GET" { &[] } else { bytes.0 };
        // the bodies of the kept corpora name things that are there by their number
        let body = self.named(body);
        if route.path == "/session" && route.method == "DELETE" {
            return;
        }
        let answer = self.ask(route.method, &path, content_type, &body);
        let status = answer.status();
        assert!(
            status.as_u16() < 500,
            "{} {path} answers {status}: {}",
            route.method,
            String::from_utf8_lossy(&self.read(answer))
        );
        if status.is_client_error() && !path.starts_with("/api/v1/live") {
            let problem: Value = serde_json::from_slice(&self.read(answer)).unwrap_or_default();
            assert!(
                problem["code"].as_str().is_some_and(|c| !c.is_empty()),
                "{} {path}: {status} without a code",
                route.method
            );
        }
    }

    /// `@0` to `@9` stand for the ids of what is there, so that a fuzzer can write them.
    fn named(&self, body: &[u8]) -> Vec<u8> {
        let mut named = Vec::with_capacity(body.len());
        let mut rest = body;
        while let Some((first, after)) = rest.split_first() {
            match after.first() {
                Some(digit) if *first == b'@' && digit.is_ascii_digit() => {
                    named.extend_from_slice(self.ids[usize::from(digit - b'0') % self.ids.len()].as_bytes());
                    rest = &after[1..];
                }
                _ => {
                    named.push(*first);
                    rest = after;
                }
            }
        }
        named
    }
}
