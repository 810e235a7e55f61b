//! A server to be asked, and people to ask as.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use partyline_carrier::{Carrier, demo};
use partyline_channels::Http;
use partyline_core::permission::Role;
use partyline_core::time::Millis;
use partyline_desk::{Addresses, Clock, Desk, worker};
use partyline_server::Config;
use partyline_store::files::Files;
use partyline_store::secrets::SecretKey;
use partyline_store::{Db, Location};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

/// How long a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(30);
pub const PASSWORD: &str = "correct horse battery";
pub const LINE: &str = demo::NUMBERS[0].0;
pub const MAYA: &str = demo::PHONES[0].0;

/// A server.
pub struct House {
    pub address: SocketAddr,
    pub clock: Clock,
    http: reqwest::Client,
    stop: CancellationToken,
    people: AtomicU32,
    _folder: tempfile::TempDir,
}

/// Somebody who is signed in.
#[derive(Clone)]
pub struct Person {
    pub id: String,
    pub email: String,
    pub cookie: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// Its JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.text))
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    /// The JSON, of an answer that must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Checks that it is a problem with this status and code, and gives it.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{} {}", self.status, self.text);
        let problem = self.json();
        assert_eq!((self.status.as_u16(), problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert_eq!(problem["status"], status);
        for member in ["type", "title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|t| !t.is_empty()), "{member}: {problem}");
        }
        problem
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl House {
    /// A server without a workspace, at a time that stands still.
    pub async fn empty() -> House {
        House::with(Clock::manual(Millis::parse("2026-11-24T08:00:00Z").unwrap()), None, None).await
    }

    /// The same with a set-up token.
    pub async fn guarded(token: &str) -> House {
        House::with(Clock::default(), Some(token.to_owned()), None).await
    }

    /// A server that others reach over https.
    pub async fn public(url: &str) -> House {
        House::with(Clock::default(), None, Some(url)).await
    }

    /// A server with a workspace, and its owner.
    pub async fn set_up() -> (House, Person) {
        let house = House::empty().await;
        let owner = house.first_person().await;
        (house, owner)
    }

    /// A server with a workspace, whose worker works, and a carrier that it has a line of.
    pub async fn connected() -> (House, Person, Carrier) {
        let house = House::with(Clock::default(), None, None).await;
        let owner = house.first_person().await;
        let carrier = Carrier::new(partyline_carrier::Config::instant()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = format!("http://{}", listener.local_addr().unwrap());
        let (network, stop) = (carrier.clone(), house.stop.clone());
        tokio::spawn(async move { network.serve(listener, stop).await });
        let channel = json!({
            "kind": "sms", "provider": "twilio", "name": "West", "address": LINE, "api_base_url": api,
            "credentials": { "account_sid": demo::ACCOUNT_SID, "auth_token": demo::AUTH_TOKEN },
        });
        let channel = house.post(&owner, "/channels", &channel).await.expect(201);
        assert_eq!(channel["mode"], "webhooks", "{channel}");
        (house, owner, carrier)
    }

    async fn with(clock: Clock, setup_token: Option<String>, public: Option<&str>) -> House {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // the carrier's and the tests' clients need one too
        let _ = Carrier::new(partyline_carrier::Config::instant());
        let db = Db::open(&Location::Sqlite(folder.path().join("partyline.db")), clock.now()).unwrap();
        let files = Files::open(&folder.path().join("files")).unwrap();
        let local = Url::parse(&format!("http://{address}")).unwrap();
        let addresses = Addresses { public: public.map(|url| url.parse().unwrap()), local };
        let desk = Desk::new(db, files, SecretKey::from_bytes([7; 32]), Http::new().unwrap(), addresses, clock.clone());
        let stop = CancellationToken::new();
        let config = Config {
            secure_cookies: public.is_some(),
            setup_token,
            version: "0.0.0-test",
            demo_phones: None,
            draining: stop.clone(),
        };
        tokio::spawn(worker::run(desk.clone(), stop.clone()));
        tokio::spawn(partyline_server::serve(listener, partyline_server::router(desk, config), stop.clone()));
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        House { address, clock, http, stop, people: AtomicU32::new(0), _folder: folder }
    }

    /// Stops it.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// What the first visitor sends.
    pub fn set_up_body() -> Value {
        json!({ "workspace_name": "Harbor & Pine", "name": "Ana", "email": "ana@example.com", "password": PASSWORD })
    }

    async fn first_person(&self) -> Person {
        let answer = self.send(Method::POST, "/api/v1/setup", &[], Some(&House::set_up_body())).await;
        person(answer, 201)
    }

    /// A new person with this role, signed in.
    pub async fn person(&self, owner: &Person, role: Role) -> Person {
        let n = self.people.fetch_add(1, Ordering::Relaxed);
        let email = format!("{role}{n}@example.com");
        let new = json!({ "name": format!("{role} {n}"), "email": email, "password": PASSWORD, "role": role });
        self.post(owner, "/users", &new).await.expect(201);
        self.sign_in(&email, PASSWORD).await
    }

    /// Signs somebody in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Person {
        let body = json!({ "email": email, "password": password });
        person(self.send(Method::POST, "/api/v1/session", &[], Some(&body)).await, 200)
    }

    /// A GET of the API.
    pub async fn get(&self, who: &Person, path: &str) -> Answer {
        self.ask(Method::GET, Some(who), path, None).await
    }

    /// A POST of the API.
    pub async fn post(&self, who: &Person, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, Some(who), path, Some(body)).await
    }

    /// A PATCH of the API.
    pub async fn patch(&self, who: &Person, path: &str, body: &Value) -> Answer {
        self.ask(Method::PATCH, Some(who), path, Some(body)).await
    }

    /// A request of the API, as the web app makes it.
    pub async fn ask(&self, method: Method, who: Option<&Person>, path: &str, body: Option<&Value>) -> Answer {
        let mut headers = vec![("x-partyline-csrf", "1")];
        if let Some(who) = who {
            headers.push(("cookie", &who.cookie));
        }
        self.send(method, &format!("/api/v1{path}"), &headers, body).await
    }

    /// Any request.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let mut request = self.request(method, path, headers);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        answer(request).await
    }

    /// A request to be completed.
    pub fn request(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: reqwest::header::HeaderName = name.parse().unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        self.http.request(method, format!("http://{}{path}", self.address)).headers(map)
    }
}

/// Sends a request.
pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

#[track_caller]
fn person(answer: Answer, status: u16) -> Person {
    let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    let me = answer.expect(status);
    let text = |name: &str| me["user"][name].as_str().unwrap().to_owned();
    Person { id: text("id"), email: text("email"), cookie }
}
