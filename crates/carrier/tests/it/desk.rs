//! What every test starts from: a carrier, and an inbox that writes down which webhooks it gets.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::IntoResponse;
use partyline_carrier::{Carrier, Config, demo, signing};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The business's first number.
pub const WEST: &str = "+14155550100";
/// A phone.
pub const MAYA: &str = "+14155550142";
/// Another.
pub const WREN: &str = "+16505550119";

/// How long a condition may take before a test gives up; nothing ever waits that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A webhook as it arrived.
#[derive(Clone, Debug)]
pub struct Hook {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub fields: Vec<(String, String)>,
}

impl Hook {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn is_signed(&self) -> bool {
        let fields: &[(String, String)] = if self.method == Method::GET { &[] } else { &self.fields };
        let expected = signing::sign(demo::AUTH_TOKEN, &self.url, fields);
        self.header("X-Twilio-Signature") == Some(expected.as_str())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

#[derive(Clone)]
struct Inbox {
    base: String,
    answer: Arc<Mutex<StatusCode>>,
    hooks: Arc<watch::Sender<Vec<Hook>>>,
}

pub struct Desk {
    pub carrier: Carrier,
    pub http: reqwest::Client,
    pub provider: String,
    pub inbox_url: String,
    inbox: Inbox,
    _stop: DropGuard,
}

impl Desk {
    pub async fn open() -> Self {
        Self::with(Config::instant()).await
    }

    pub async fn with(config: Config) -> Self {
        let stop = CancellationToken::new();
        let carrier = Carrier::new(config).expect("a carrier");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let provider = format!("http://{}", listener.local_addr().expect("an address"));
        let serving = carrier.clone();
        let shutdown = stop.clone();
        tokio::spawn(async move { serving.serve(listener, shutdown).await });

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let inbox_url = format!("http://{}", listener.local_addr().expect("an address"));
        let inbox = Inbox {
            base: inbox_url.clone(),
            answer: Arc::new(Mutex::new(StatusCode::OK)),
            hooks: Arc::new(watch::channel(Vec::new()).0),
        };
        let app = Router::new().fallback(take).with_state(inbox.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            carrier,
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
                .expect("a client"),
            provider,
            inbox_url,
            inbox,
            _stop: stop.drop_guard(),
        }
    }

    /// With the first number's texts going to the inbox.
    pub async fn connected() -> Self {
        let desk = Self::open().await;
        desk.connect().await;
        desk
    }

    pub async fn connect(&self) {
        let hook = format!("{}/hooks/in?c=1", self.inbox_url);
        self.set_number(&[("SmsUrl", &hook)]).await;
    }

    pub async fn set_number(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let (_, list) = self.get("IncomingPhoneNumbers.json?PhoneNumber=%2B14155550100").await;
        let sid = list["incoming_phone_numbers"][0]["sid"].as_str().unwrap_or_default().to_owned();
        self.post(&format!("IncomingPhoneNumbers/{sid}.json"), form).await
    }

    pub fn account_url(&self, path: &str) -> String {
        format!("{}/2010-04-01/Accounts/{}/{path}", self.provider, demo::ACCOUNT_SID)
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(self.http.get(self.account_url(path))).await
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        self.ask(self.http.post(self.account_url(path)).form(form)).await
    }

    pub async fn ask(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let answer = request.basic_auth(demo::ACCOUNT_SID, Some(demo::AUTH_TOKEN)).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Sends to Maya with receipts to the inbox.
    pub async fn send(&self, body: &str) -> (u16, Value) {
        let callback = self.callback();
        self.post("Messages.json", &[("To", MAYA), ("From", WEST), ("Body", body), ("StatusCallback", &callback)]).await
    }

    pub fn callback(&self) -> String {
        format!("{}/hooks/status?m=01J9", self.inbox_url)
    }

    pub fn text(&self, text: &str) -> String {
        self.carrier.text(MAYA, WEST, text, Vec::new()).expect("a text").sid
    }

    /// What the inbox answers from now on.
    pub fn answer(&self, status: StatusCode) {
        *self.inbox.answer.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    /// Waits until the inbox has what `found` looks for.
    pub async fn hooks<T>(&self, found: impl Fn(&[Hook]) -> Option<T>) -> T {
        let mut hooks = self.inbox.hooks.subscribe();
        let result = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(result) = found(&hooks.borrow_and_update()) {
                    return result;
                }
                hooks.changed().await.expect("the inbox");
            }
        })
        .await;
        result.unwrap_or_else(|_| panic!("not among {:?}", self.inbox.hooks.borrow()))
    }

    /// Waits for so many webhooks in all.
    pub async fn count(&self, count: usize) -> Vec<Hook> {
        self.hooks(|hooks| (hooks.len() >= count).then(|| hooks.to_vec())).await
    }

    /// Waits until the receipts of one message say this.
    pub async fn statuses(&self, until: &str) -> Vec<String> {
        self.hooks(|hooks| {
            let statuses: Vec<String> =
                hooks.iter().filter_map(|hook| hook.field("MessageStatus")).map(str::to_owned).collect();
            statuses.iter().any(|s| s == until).then_some(statuses)
        })
        .await
    }

    /// Waits until the carrier's own record of a message is as `found` looks for.
    pub async fn message<T>(&self, sid: &str, found: impl Fn(&partyline_carrier::Message) -> Option<T>) -> T {
        let mut changes = self.carrier.changes();
        let look = || {
            [MAYA, WREN]
                .iter()
                .flat_map(|phone| self.carrier.messages_of(phone))
                .find(|message| message.sid == sid)
                .and_then(|message| found(&message))
        };
        tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(result) = look() {
                    return result;
                }
                // A lagging listener simply looks again.
                let _ = changes.recv().await;
            }
        })
        .await
        .expect("the message gets there")
    }

    pub async fn control(&self, path: &str) -> Value {
        self.http
            .get(format!("{}/carrier/{path}", self.provider))
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    }

    pub async fn faults(&self, patch: Value) -> Value {
        self.http
            .patch(format!("{}/carrier/faults", self.provider))
            .json(&patch)
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON")
    }
}

async fn take(
    State(inbox): State<Inbox>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> impl IntoResponse {
    let form = if method == Method::GET { uri.query().unwrap_or_default().to_owned() } else { body };
    let hook = Hook {
        method,
        url: format!("{}{uri}", inbox.base),
        headers,
        fields: url::form_urlencoded::parse(form.as_bytes()).into_owned().collect(),
    };
    inbox.hooks.send_modify(|hooks| hooks.push(hook));
    let answer = *inbox.answer.lock().unwrap_or_else(PoisonError::into_inner);
    (answer, [("Content-Type", "text/xml")], "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response></Response>")
}
