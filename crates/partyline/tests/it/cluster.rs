//! Two real processes of the program on one PostgreSQL database, that can be killed, put to sleep and woken.

use std::process::{Child, Command, Stdio};

use partyline_carrier::{Carrier, Direction, demo};
use reqwest::Client;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::engine::{Engine, Place};
use crate::hooks;
use crate::person::{PASSWORD, Person, id};
use crate::road::Road;
use crate::world::{WEST, carrier, credentials, fast, until};

/// One process; killed when dropped.
pub struct Server {
    child: Child,
    /// Its address.
    pub base: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Server {
    /// Starts a process over what is at a place, and waits until it is ready.
    pub async fn start(place: &Place, http: &Client) -> Server {
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let child = serve(place, &listen).spawn().unwrap();
        let server = Server { child, base: format!("http://{listen}") };
        until("the program is ready", async || (server.readiness(http).await == Some(200)).then_some(())).await;
        server
    }

    /// The status of its `/readyz`, if it answers.
    pub async fn readiness(&self, http: &Client) -> Option<u16> {
        let answer = http.get(format!("{}/readyz", self.base)).send().await.ok()?;
        Some(answer.status().as_u16())
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGSTOP: it stands still, with everything that it holds.
    pub fn sleep(&self) {
        self.signal("-STOP");
    }

    /// SIGCONT.
    pub fn wake(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap().success());
    }
}

/// The command that runs a server, all of them with the key and the files of the place.
pub fn serve(place: &Place, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partyline"));
    command.args(["serve", "--log", "warn", "--listen", listen, "--database-url", &place.url, "--data-dir"]);
    command.arg(place.folder.path()).current_dir(place.folder.path()).stdout(Stdio::null());
    command
}

/// A business with two servers and one number.
pub struct Cluster {
    pub carrier: Carrier,
    pub road: Road,
    pub http: Client,
    pub connection: String,
    /// The owner, at the first server.
    pub olga: Person,
    pub one: Server,
    two: Option<Server>,
    stop: CancellationToken,
    /// Last, so that it outlives the servers.
    pub place: Place,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Cluster {
    /// With the first server only; see [`Cluster::join`].
    pub async fn open() -> Cluster {
        let place = Engine::Postgres.place();
        let stop = CancellationToken::new();
        let (carrier, road, _) = carrier(&stop).await;
        let http = Client::builder().no_proxy().build().unwrap();
        let one = Server::start(&place, &http).await;
        let setup = json!({ "workspace_name": "Harbor & Pine", "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
        let olga = Person::enter(&http, &one.base, "/setup", &setup).await;
        let connection =
            json!({ "provider": "twilio", "name": "Twilio", "credentials": credentials(), "api_base_url": road.url() });
        let connection = id(&olga.post("/connections", connection).await.is(201));
        let channel = json!({ "kind": "sms", "name": "West", "address": WEST, "connection_id": connection, "set_webhooks": true, "rate": fast() });
        olga.post("/channels", channel).await.is(201);
        Cluster { carrier, road, http, connection, olga, one, two: None, stop, place }
    }

    /// Starts the second server.
    pub async fn join(&mut self) {
        self.two = Some(Server::start(&self.place, &self.http).await);
    }

    pub fn two(&self) -> &Server {
        self.two.as_ref().expect("the second server was started")
    }

    /// The same person at the second server: a session belongs to the workspace, not to a server.
    pub fn at_two(&self, person: &Person) -> Person {
        Person { base: self.two().base.clone(), ..person.clone() }
    }

    /// A customer texts, through this server, and it is acknowledged: their conversation.
    pub async fn text(&self, server: &Server, n: u32, phone: &str, text: &str) -> String {
        let hook = format!("{}/hooks/twilio/{}/message", server.base, self.connection);
        hooks::post(&self.http, &hook, demo::AUTH_TOKEN, &hooks::text(&hooks::sid(n), phone, WEST, text)).await.is(200);
        let rows = self.olga.view("all").await;
        id(rows.iter().find(|c| c["contact"]["address"] == phone).unwrap())
    }

    /// What the business sent to a phone, oldest first.
    pub fn on_phone(&self, phone: &str) -> Vec<String> {
        let sent = self.carrier.messages_of(phone).into_iter().filter(|m| m.direction == Direction::ToPhone);
        sent.map(|m| m.text).collect()
    }
}
