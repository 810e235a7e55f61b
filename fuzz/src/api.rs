//! Any request to the API, by somebody who may do everything, and any webhook that the provider signed: it is done or it is refused in
//! words. Never an error of ours.

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
/// The account that the inbox is connected to, and its token.
const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "t";
/// Between the parts of an uploaded form.
const BOUNDARY: &str = "multipart/form-data; boundary=x";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
/// The largest answer that is read, in bytes.
const ANSWER_MAX: usize = 16 << 20;

/// A team, a connection, a channel, a conversation, a message of it that may or may not have left, a file, a held message, an import.
const IDS: usize = 8;

struct House {
    runtime: Runtime,
    router: Router,
    cookie: String,
    /// Ids of what is there, [`IDS`] of them: `@0` to `@7` in a body.
    ids: Vec<String>,
    /// What a team works with, by the part of a path that asks for it.
    things: Vec<(&'static str, String)>,
    asked: u32,
    _folder: TempDir,
}

/// What is knocked at.
enum Door {
    Api(&'static Route),
    /// What the provider calls.
    Hook,
}

/// The door of this number: a hash of its name, so that kept corpora go on meaning the same when there are more routes; any other
/// number counts through the table.
fn door(number: u16) -> Door {
    let table = partyline_server::routes::TABLE;
    if number == hash("POST /hooks") {
        return Door::Hook;
    }
    let named = table.iter().find(|r| hash(&format!("{} {}", r.method, r.path)) == number);
    named.or_else(|| table.get(usize::from(number) % (table.len() + 1))).map_or(Door::Hook, Door::Api)
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
        let worker = desk.clone();
        let config = Config {
            secure_cookies: false,
            setup_token: None,
            version: "fuzz",
            demo_phones: None,
            draining: Default::default(),
        };
        let router = partyline_server::router(desk, config);
        let mut house = House {
            runtime,
            router,
            cookie: String::new(),
            ids: Vec::new(),
            things: Vec::new(),
            asked: 0,
            _folder: folder,
        };
        let setup =
            r#"{"workspace_name":"H","name":"Ana","email":"ana@example.com","password":"a long enough password"}"#;
        let answer = house.ask("POST", "/api/v1/setup", JSON, None, setup.as_bytes());
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
        house.runtime.block_on(worker.work_once()).expect("it may have left");
        house.make_of(
            "/attachments",
            BOUNDARY,
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.4\r\n--x--\r\n",
        );
        // to a number that is not ours, so it is held
        house.hook("message", b"MessageSid=SM1&From=%2B14155550142&To=%2B14155550199&Body=Hello&NumMedia=0");
        let answer = house.ask("GET", "/api/v1/inbound", JSON, None, &[]);
        let held: Value = serde_json::from_slice(&house.read(answer)).expect("JSON");
        house.ids.push(held["data"][0]["id"].as_str().expect("one is held").to_owned());
        house.make(&format!("/channels/{channel}/imports"), r#"{"days":1}"#);
        assert_eq!(house.ids.len(), IDS);
        house.work();
        house
    }

    /// A label, a note that is a task, a canned response, an invitation and a change of many: what a team works with.
    fn work(&mut self) {
        let conversation = self.ids[3].clone();
        let note = format!("/conversations/{conversation}/notes");
        let bulk = format!(r#"{{"conversation_ids":["{conversation}"],"patch":{{"priority":"high"}}}}"#);
        let canned = r#"{"scope":"workspace","name":"Hours","shortcut":"hours","text":"Hello {{ contact.name }}"}"#;
        let wanted = [
            ("labels", "/labels", r#"{"name":"a/b","colour":"red"}"#, "/id"),
            ("notes", note.as_str(), r#"{"text":"Look at this"}"#, "/id"),
            ("canned_responses", "/canned_responses", canned, "/id"),
            ("invitations", "/invitations", r#"{"role":"agent"}"#, "/invitation/id"),
            ("join", "/invitations", r#"{"role":"agent"}"#, "/path"),
            ("bulk", "/conversations/bulk", bulk.as_str(), "/id"),
        ];
        for (part, path, body, named) in wanted {
            let answer = self.ask("POST", &format!("/api/v1{path}"), JSON, None, body.as_bytes());
            assert!(answer.status().is_success(), "{path}: {}", answer.status());
            let made: Value = serde_json::from_slice(&self.read(answer)).expect("JSON");
            let named = made.pointer(named).and_then(Value::as_str).expect("what was made has a name");
            self.things.push((part, named.trim_start_matches("/join/").to_owned()));
        }
        let task = format!("/api/v1/notes/{}/task", self.things[1].1);
        assert!(self.ask("PUT", &task, JSON, None, b"{}").status().is_success());
        let answer = self.ask("GET", "/api/v1/me", JSON, None, &[]);
        let me: Value = serde_json::from_slice(&self.read(answer)).expect("JSON");
        self.things.push(("users", me["user"]["id"].as_str().expect("somebody is signed in").to_owned()));
    }

    /// The id that a path asks for: most often of such a thing as it names, else of any, else the fuzzer's own word.
    fn id(&self, path: &str, which: usize, bytes: &mut Bytes<'_>) -> String {
        let thing = self.things.iter().find(|(part, _)| path.split('/').nth(1) == Some(*part));
        match (which % 8, thing) {
            (7, _) => bytes.word(),
            (0..=5, Some((_, id))) => id.clone(),
            _ => self.ids[which % self.ids.len()].clone(),
        }
    }

    fn make(&mut self, path: &str, body: &str) {
        self.make_of(path, JSON, body);
    }

    fn make_of(&mut self, path: &str, content_type: &str, body: &str) {
        let answer = self.ask("POST", &format!("/api/v1{path}"), content_type, None, body.as_bytes());
        assert_eq!(answer.status(), 201, "{path}");
        let body: Value = serde_json::from_slice(&self.read(answer)).expect("JSON");
        let ids = [&body["id"], &body["conversation"]["id"], &body["message"]["id"]];
        self.ids.extend(ids.iter().filter_map(|id| id.as_str()).map(str::to_owned));
    }

    /// What the provider calls, signed by it, about our account.
    fn hook(&self, hook: &str, body: &[u8]) -> Response<Body> {
        let path = format!("/hooks/twilio/{}/{hook}", self.ids[1]);
        let body = [format!("AccountSid={ACCOUNT}&").as_bytes(), body].concat();
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
        let signature = partyline_carrier::signing::sign(TOKEN, &format!("http://127.0.0.1:8080{path}"), &fields);
        self.ask("POST", &path, FORM, Some(&signature), &body)
    }

    fn ask(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        signature: Option<&str>,
        body: &[u8],
    ) -> Response<Body> {
        let request = Request::builder()
            .header("x-twilio-signature", signature.unwrap_or_default())
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
        let door = door(u16::from_be_bytes([bytes.byte(), bytes.byte()]));
        let which = usize::from(bytes.byte());
        let (name, answer) = match door {
            Door::Hook => {
                let hook = ["message", "status", "voice"][which % 3];
                (format!("the hook {hook}"), self.hook(hook, bytes.0))
            }
            Door::Api(route) => {
                if route.path == "/session" && route.method == "DELETE" {
                    return;
                }
                let (path, answer) = self.request(route, which, bytes);
                (format!("{} {path}", route.method), answer)
            }
        };
        let status = answer.status();
        assert!(status.as_u16() < 500, "{name} answers {status}: {}", String::from_utf8_lossy(&self.read(answer)));
        if status == 204 && name.starts_with("DELETE /api/v1/channels/") {
            // with it goes most of what there is to do
            self.asked = REQUESTS;
        }
        if status.is_client_error() && !name.starts_with("GET /api/v1/live") {
            let problem: Value = serde_json::from_slice(&self.read(answer)).unwrap_or_default();
            assert!(problem["code"].as_str().is_some_and(|c| !c.is_empty()), "{name}: {status} without a code");
        }
    }

    fn request(&self, route: &Route, which: usize, mut bytes: Bytes<'_>) -> (String, Response<Body>) {
        let id = self.id(route.path, which, &mut bytes);
        let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
        let mut path = format!("/api/v1{}", route.path.replace("{id}", &id).replace("{token}", &id));
        if path.contains("{emoji}") {
            let emoji = if (which / 8).is_multiple_of(2) {
                "%F0%9F%91%8D".to_owned()
            } else {
                url::form_urlencoded::byte_serialize(bytes.word().as_bytes()).collect()
            };
            path = path.replace("{emoji}", &emoji);
        }
        if path.contains("{import_id}") {
            path = path.replace("{import_id}", &self.ids[usize::from(bytes.byte()) % self.ids.len()]);
        }
        if route.method == "GET" {
            // printable, as an HTTP client would have it
            let print = |b: u8| if (b'!'..=b'~').contains(&b) { b } else { b'!' + b % 94 };
            let query = self.named(bytes.0).into_iter().map(|b| char::from(print(b)));
            let query: String = query.filter(|c| !"#\"<>\\^`{|}".contains(*c)).collect();
            path = format!("{path}?{query}");
        }
        let content_type = match route.path {
            _ if which / 8 % 16 == 15 => "text/plain",
            "/attachments" => BOUNDARY,
            _ => JSON,
        };
        let body = if route.method == "GET" { &[] } else { bytes.0 };
        let body = self.named(body);
        let answer = self.ask(route.method, &path, content_type, None, &body);
        (path, answer)
    }

    /// `@0` to `@9` stand for the ids of what is there, `@a` to `@g` for those of what a team works with, so that a fuzzer can write them.
    fn named(&self, body: &[u8]) -> Vec<u8> {
        let mut named = Vec::with_capacity(body.len());
        let mut rest = body;
        while let Some((first, after)) = rest.split_first() {
            match after.first() {
                Some(digit) if *first == b'@' && digit.is_ascii_digit() => {
                    named.extend_from_slice(self.ids[usize::from(digit - b'0') % self.ids.len()].as_bytes());
                    rest = &after[1..];
                }
                Some(letter @ b'a'..=b'g') if *first == b'@' => {
                    named.extend_from_slice(self.things[usize::from(letter - b'a') % self.things.len()].1.as_bytes());
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
