//! A business with one number: its server, its database, its provider, and phones that text it.

use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;

use partyline_carrier::{Carrier, Config, Direction, Faults, Message, PhoneSetup, demo};
use partyline_channels::Http;
use partyline_core::held::HeldState;
use partyline_core::id::{InboundId, Uuid};
use partyline_core::time::{MINUTE, Millis};
use partyline_desk::{Addresses, Clock, Desk, worker};
use partyline_server::Config as ServerConfig;
use partyline_store::breakers::BreakerState;
use partyline_store::files::Files;
use partyline_store::held::HeldFilter;
use partyline_store::secrets::SecretKey;
use partyline_store::{Db, StoreError};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::checks;
use crate::engine::{Engine, Place};
use crate::hooks::{self, Fields};
use crate::person::{Answer, PASSWORD, Person, id};
use crate::road::Road;
use crate::socket::Socket;

/// How long a condition may take before a proof gives up; on a quiet machine nothing waits a hundredth of this.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Looks at a condition while it is waited for: one in 5 ms, or less often where more patience is needed.
const LOOKS: u32 = 12_000;

/// The business's number.
pub const WEST: &str = "+14155550100";
/// Another of its account, without a channel until a proof connects it.
pub const LEASING: &str = "+14155550188";
/// Customers.
pub const MAYA: &str = "+14155550142";
pub const WREN: &str = "+16505550119";
pub const DANA: &str = "+14155550123";
/// More customers, where it takes a crowd.
pub const CROWD: [&str; 8] = [
    "+14155550130",
    "+14155550131",
    "+14155550132",
    "+14155550133",
    "+14155550134",
    "+14155550135",
    "+14155550136",
    "+14155550137",
];
/// Somebody whose phone the carrier does not know.
pub const STRANGER: &str = "+14155550177";

/// One process: a desk, its worker and its server, on a runtime that can be shot.
pub struct Node {
    pub desk: Desk,
    runtime: Mutex<Option<Runtime>>,
}

impl Node {
    /// Ends it in the middle of whatever it does: no drain, no good-bye.
    pub fn kill(&self) {
        if let Some(runtime) = self.runtime.lock().unwrap().take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Everything that a proof has at hand.
pub struct World {
    pub place: Place,
    pub clock: Clock,
    pub carrier: Carrier,
    /// The line to the carrier.
    pub road: Road,
    /// The carrier's own address.
    pub provider: String,
    pub http: Client,
    /// The server's address.
    pub base: String,
    node: Mutex<Option<Node>>,
    desk: Mutex<Option<Desk>>,
    /// The owner.
    pub olga: Person,
    people: Mutex<Vec<Person>>,
    /// Hears everything from the beginning.
    watch: Mutex<Option<Socket>>,
    pub team: String,
    pub connection: String,
    pub channel: String,
    stop: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Sets a world up, proves a behaviour in it, and then what must always hold.
pub fn prove(engine: Engine, proof: impl AsyncFnOnce(&World)) {
    run(async {
        let world = World::open(engine).await;
        proof(&world).await;
        checks::all(&world).await;
    });
}

/// Runs a proof on a runtime of its own, and waits for nothing that it leaves behind.
pub fn run(proof: impl Future<Output = ()>) {
    let runtime = runtime();
    runtime.block_on(proof);
    runtime.shutdown_background();
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

impl World {
    async fn open(engine: Engine) -> World {
        let place = engine.place();
        let stop = CancellationToken::new();
        let (carrier, road, provider) = carrier(&stop).await;
        let clock = Clock::manual(Clock::System.now());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let node = node(&place, listener, &clock).await;
        let http = Client::builder().no_proxy().build().unwrap();
        let setup = json!({ "workspace_name": "Harbor & Pine", "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
        let olga = Person::enter(&http, &base, "/setup", &setup).await;
        let watch = Socket::open(&olga, Some(0)).await;
        let team = id(&olga.get("/teams").await.is(200)["data"][0]);
        let connection =
            json!({ "provider": "twilio", "name": "Twilio", "credentials": credentials(), "api_base_url": road.url() });
        let connection = id(&olga.post("/connections", connection).await.is(201));
        let channel = json!({ "kind": "sms", "name": "West line", "address": WEST, "team_id": team, "connection_id": connection, "set_webhooks": true, "rate": fast() });
        let channel = id(&olga.post("/channels", channel).await.is(201));
        World {
            place,
            clock,
            carrier,
            road,
            provider,
            http,
            base,
            desk: Mutex::new(Some(node.desk.clone())),
            node: Mutex::new(Some(node)),
            people: Mutex::new(vec![olga.clone()]),
            olga,
            watch: Mutex::new(Some(watch)),
            team,
            connection,
            channel,
            stop,
        }
    }

    /// The desk of the process that runs now, or ran last.
    pub fn desk(&self) -> Desk {
        self.desk.lock().unwrap().clone().unwrap()
    }

    /// Shoots the process; the socket that watched it is gone too.
    pub fn kill(&self) {
        self.watch.lock().unwrap().take();
        self.node.lock().unwrap().take();
    }

    /// Starts the process anew, at the same address, on what the last one left.
    pub async fn start(&self) {
        let address = self.base.trim_start_matches("http://").to_owned();
        let listener = self.until("the old listener goes", async || std::net::TcpListener::bind(&address).ok()).await;
        let node = node(&self.place, listener, &self.clock).await;
        *self.desk.lock().unwrap() = Some(node.desk.clone());
        *self.node.lock().unwrap() = Some(node);
    }

    /// Everybody who was made in this world.
    pub fn people(&self) -> Vec<Person> {
        self.people.lock().unwrap().clone()
    }

    /// Somebody who can't sign in any more.
    pub fn forget(&self, person: &Person) {
        self.people.lock().unwrap().retain(|p| p.id != person.id);
    }

    /// Takes the socket that hears everything.
    pub fn take_watch(&self) -> Option<Socket> {
        self.watch.lock().unwrap().take()
    }

    /// A new colleague, signed in.
    pub async fn person(&self, name: &str, role: &str, teams: &[&str]) -> Person {
        let email = format!("{}@example.com", name.to_lowercase());
        let new = json!({ "name": name, "email": email, "password": PASSWORD, "role": role, "team_ids": teams });
        self.olga.post("/users", new).await.is(201);
        let person = Person::sign_in(&self.http, &self.base, &email).await;
        self.people.lock().unwrap().push(person.clone());
        person
    }

    /// Connects another number of the account.
    pub async fn channel(&self, name: &str, address: &str, team: &str) -> String {
        let channel = json!({ "kind": "sms", "name": name, "address": address, "team_id": team, "connection_id": self.connection, "set_webhooks": true, "rate": fast() });
        id(&self.olga.post("/channels", channel).await.is(201))
    }

    /// Moves the clock, and wakes who waits for it.
    pub fn advance(&self, millis: i64) {
        self.clock.set(self.clock.now() + millis);
        self.desk().db().jobs_added().notify_waiters();
    }

    /// Waits until `look` finds what it looks for.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        until(what, look).await
    }

    /// Lets time pass, a step at a time, until `look` finds what it looks for.
    pub async fn in_time<T>(&self, what: &str, step: i64, look: impl AsyncFn() -> Option<T>) -> T {
        until(what, async || {
            let found = look().await;
            if found.is_none() {
                self.advance(step);
            }
            found
        })
        .await
    }

    /// The account's token is replaced at the provider, and nobody has entered the new one here. Saving a wrong one is refused.
    pub async fn replace_token_elsewhere(&self) {
        let id = self.connection.parse().unwrap();
        let (workspace, db) = (self.workspaces().await[0], self.desk().db().clone());
        let row = db.read(workspace, move |scope| scope.connection(id)).await.unwrap().unwrap();
        let key = SecretKey::read(&self.place.folder.path().join("secret.key")).unwrap();
        let wrong = json!({ "account_sid": demo::ACCOUNT_SID, "auth_token": "00000000000000000000000000000000" });
        let credentials = Some(key.seal(self.connection.as_bytes(), wrong.to_string().as_bytes()));
        let row = partyline_store::channels::ConnectionRow { credentials, ..row };
        db.write(workspace, self.clock.now(), move |tx| tx.set_connection(&row)).await.unwrap();
    }

    /// Sets the carrier's faults.
    pub fn faults(&self, faults: &Faults) {
        self.carrier.set_faults(faults);
    }

    pub fn no_faults(&self) {
        self.carrier.set_faults(&Faults::default());
    }

    /// A customer texts the business, and the text has arrived.
    pub async fn text(&self, phone: &str, text: &str) -> Value {
        let sid = self.carrier.text(phone, WEST, text, Vec::new()).unwrap().sid;
        self.until("the webhook is answered", async || {
            let message = self.carrier.messages_of(phone).into_iter().find(|m| m.sid == sid)?;
            message.webhook_status.filter(|status| *status == 200)
        })
        .await;
        self.conversation_with(phone).await
    }

    /// The newest conversation with a number, open or closed.
    pub async fn conversation_with(&self, phone: &str) -> Value {
        let mut found = self.olga.view("all").await;
        found.extend(self.olga.view("closed").await);
        found.retain(|c| c["contact"]["address"] == phone);
        found.sort_by_key(|c| c["id"].as_str().unwrap().to_owned());
        found.pop().unwrap_or_else(|| panic!("no conversation with {phone}"))
    }

    /// Waits until a message's delivery is in this state, and gives the message.
    pub async fn delivery(&self, conversation: &str, message: &str, status: &str) -> Value {
        let reached = async || {
            let found = self.olga.message(conversation, message).await;
            (found["delivery"]["status"] == status).then_some(found)
        };
        match tokio::time::timeout(PATIENCE / 2, until(status, reached)).await {
            Ok(found) => found,
            Err(_) => panic!("never {status}: {:#}", self.olga.message(conversation, message).await),
        }
    }

    /// What the business's messages on a phone say, oldest first, those that arrived and those that did not.
    pub fn on_phone(&self, phone: &str) -> Vec<String> {
        self.sent_to(phone).into_iter().map(|m| m.text).collect()
    }

    /// What the business sent to a phone.
    pub fn sent_to(&self, phone: &str) -> Vec<Message> {
        self.carrier.messages_of(phone).into_iter().filter(|m| m.direction == Direction::ToPhone).collect()
    }

    /// What went over the wire, as the carrier's page shows it.
    pub async fn wire(&self) -> Vec<Value> {
        let lines = self.http.get(format!("{}/carrier/wire", self.provider)).send().await.unwrap();
        lines.json().await.unwrap()
    }

    /// The requests to send that the provider got.
    pub async fn send_requests(&self) -> Vec<Value> {
        self.wire().await.into_iter().filter(|l| l["about"] == "send").collect()
    }

    /// Where a hook of the connection is.
    pub fn hook(&self, hook: &str) -> String {
        format!("{}/hooks/twilio/{}/{hook}", self.base, self.connection)
    }

    /// Posts a webhook as the provider would.
    pub async fn post_hook(&self, hook: &str, fields: &Fields) -> Answer {
        hooks::post(&self.http, &self.hook(hook), demo::AUTH_TOKEN, fields).await
    }

    /// The workspaces of this database.
    pub async fn workspaces(&self) -> Vec<partyline_store::Workspace> {
        let all = self.desk().db().read_root(|root| root.workspaces()).await.unwrap();
        all.into_iter().map(|(workspace, _, _)| workspace).collect()
    }

    /// What waits for a person because nobody could make anything of it.
    pub async fn quarantined(&self) -> Vec<String> {
        let workspace = self.workspaces().await[0];
        let desk = self.desk();
        let read = desk.db().read(workspace, |scope| {
            let top = (Millis(i64::MAX), InboundId::from_uuid(Uuid::max()));
            let rows = scope.held_page(HeldState::Quarantined, &HeldFilter::default(), top, 100)?;
            let mut errors = Vec::new();
            for row in rows {
                errors.push(scope.held_payload(row.id)?.and_then(|p| p.error).unwrap_or_default());
            }
            Ok::<_, StoreError>(errors)
        });
        read.await.unwrap()
    }

    /// Does every job wait for its time, and no worker hold one?
    pub async fn waits(&self) -> bool {
        let now = self.clock.now();
        let (waiting, next) = self
            .desk()
            .db()
            .read_root(move |root| Ok::<_, StoreError>((root.jobs_waiting()?, root.next_job(now)?)))
            .await
            .unwrap();
        // the clock stands still: a lease that was taken now ends in exactly two minutes
        waiting == 0 || next.map_or(self.is_parked().await, |at| at > now && at.since(now) != 2 * MINUTE)
    }

    /// Do texts wait for a provider that can't be reached?
    async fn is_parked(&self) -> bool {
        let now = self.clock.now();
        let workspace = self.workspaces().await[0];
        let breakers = self.desk().db().read(workspace, |scope| scope.breakers()).await.unwrap();
        breakers.iter().any(|b| b.state == BreakerState::Open && b.retry_at.is_some_and(|at| at > now))
    }

    /// Does a worker hold a job?
    pub async fn claimed(&self) -> bool {
        self.desk().db().read_root(|root| root.jobs_running()).await.unwrap() > 0
    }

    /// Jobs that are not done and not given up.
    pub async fn jobs(&self) -> i64 {
        self.desk().db().read_root(|root| root.jobs_waiting()).await.unwrap()
    }
}

/// A rate at which nothing has to wait while the clock stands still.
pub fn fast() -> Value {
    json!({ "messages_per_second": 1_000, "segments_per_second": 1_000 })
}

/// What connects to the carrier's account.
pub fn credentials() -> Value {
    json!({ "account_sid": demo::ACCOUNT_SID, "auth_token": demo::AUTH_TOKEN })
}

/// Waits until `look` finds what it looks for.
pub async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    until_within(PATIENCE, what, look).await
}

/// The same, for what may take longer.
pub async fn until_within<T>(patience: Duration, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(patience / LOOKS).await;
        }
    };
    match tokio::time::timeout(patience, waiting).await {
        Ok(found) => found,
        Err(_) => panic!("it never came to this: {what}"),
    }
}

/// A carrier with more phones than the demo has, the line to it, and its own address.
pub async fn carrier(stop: &CancellationToken) -> (Carrier, Road, String) {
    let (mut road, near) = Road::new().await;
    let mut config = Config::instant();
    config.base_url = Some(road.url());
    let more = std::iter::once((DANA, "Dana")).chain(CROWD.map(|number| (number, "Somebody")));
    config.phones.extend(more.map(|(number, name)| PhoneSetup {
        number: number.to_owned(),
        name: name.to_owned(),
        network: "Bay Mobile".to_owned(),
        on: true,
    }));
    let carrier = Carrier::new(config).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    road.lead(near, address);
    let (serving, shutdown) = (carrier.clone(), stop.clone());
    tokio::spawn(async move { serving.serve(listener, shutdown).await });
    (carrier, road, format!("http://{address}"))
}

/// A process over what is at a place.
pub async fn node(place: &Place, listener: std::net::TcpListener, clock: &Clock) -> Node {
    let runtime = runtime();
    let desk = desk(place, listener.local_addr().unwrap(), clock).await;
    listener.set_nonblocking(true).unwrap();
    let served = desk.clone();
    runtime.spawn(async move {
        let listener = TcpListener::from_std(listener).unwrap();
        let stop = CancellationToken::new();
        let config = ServerConfig {
            secure_cookies: false,
            setup_token: None,
            version: "test",
            demo_phones: None,
            draining: stop.clone(),
        };
        let router = partyline_server::router(served.clone(), config);
        tokio::spawn(worker::run(served, stop.clone()));
        partyline_server::serve(listener, router, stop).await
    });
    Node { desk, runtime: Mutex::new(Some(runtime)) }
}

async fn desk(place: &Place, listening: std::net::SocketAddr, clock: &Clock) -> Desk {
    let now: Millis = clock.now();
    let db = Db::open(&place.location, now).unwrap();
    let path = place.folder.path().join("secret.key");
    let key = if path.exists() { SecretKey::read(&path).unwrap() } else { SecretKey::create(&path).unwrap() };
    if db.read_root(|root| root.key_fingerprint()).await.unwrap().is_none() {
        let fingerprint = key.fingerprint();
        db.machinery(now, move |root| root.install(&fingerprint, now)).await.unwrap();
    }
    let files = Files::open(&place.folder.path().join("files")).unwrap();
    let local = Url::parse(&format!("http://{listening}")).unwrap();
    let desk = Desk::new(db, files, key, Http::new().unwrap(), Addresses { public: None, local }, clock.clone());
    if let Some(mailer) = place.mailer.lock().unwrap().clone() {
        desk.set_mailer(mailer);
    }
    if let Some(pusher) = place.pusher.lock().unwrap().clone() {
        desk.set_pusher(pusher);
    }
    desk
}

/// Runs several futures at once and gives their answers in order.
pub async fn at_once<T: Send + 'static>(
    futures: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let running: Vec<_> = futures.into_iter().map(tokio::spawn).collect();
    let mut answers = Vec::with_capacity(running.len());
    for task in running {
        answers.push(task.await.unwrap());
    }
    answers
}
