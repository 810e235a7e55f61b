//! A fresh database on each engine.

use std::sync::atomic::{AtomicU32, Ordering};

use partyline_core::id::{
    AccountId, AddressId, ChannelId, ConnectionId, ContactId, ConversationId, LabelId, TeamId, UserId, WorkspaceId,
};
use partyline_core::label::{Colour, LabelName};
use partyline_core::permission::Role;
use partyline_core::time::Millis;
use partyline_store::channels::{ChannelRow, ConnectionRow};
use partyline_store::conversations::NewConversation;
use partyline_store::labels::LabelRow;
use partyline_store::scope::entropy;
use partyline_store::{Db, Location, StoreError, Workspace};
use postgres::NoTls;

pub const NOW: Millis = Millis(1_795_500_000_000);

/// Where `make test` has started PostgreSQL.
const SERVER: &str = "PARTYLINE_TEST_POSTGRES";

pub struct Engine {
    pub name: &'static str,
    pub db: Db,
    pub location: Location,
    /// The same, for a client of the tests' own.
    pub url: String,
    _folder: tempfile::TempDir,
}

/// Both engines, each with an empty database of its own.
pub fn engines() -> Vec<Engine> {
    [sqlite(), postgres()].into_iter().map(open).collect()
}

fn open((name, url, folder): (&'static str, String, tempfile::TempDir)) -> Engine {
    let location = Location::parse(&url).unwrap();
    let db = Db::open(&location, NOW).unwrap();
    Engine { name, db, location, url, _folder: folder }
}

fn sqlite() -> (&'static str, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    ("SQLite", format!("sqlite://{}", folder.path().join("partyline.db").display()), folder)
}

fn postgres() -> (&'static str, String, tempfile::TempDir) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var(SERVER).unwrap_or_else(|_| {
        panic!("{SERVER} is not set: run `make test`, or `eval \"$(scripts/postgres.sh start)\"` first")
    });
    let name = format!("it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
    let address = server.clone();
    let made = name.clone();
    std::thread::spawn(move || {
        let mut client = postgres::Client::connect(&address, NoTls).unwrap();
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {made} WITH (FORCE)")).unwrap();
        client.batch_execute(&format!("CREATE DATABASE {made}")).unwrap();
    })
    .join()
    .unwrap();
    let url = match server.split_once('?') {
        Some((base, query)) => format!("{}/{name}?{query}", base.trim_end_matches("/postgres")),
        None => format!("{}/{name}", server.trim_end_matches("/postgres")),
    };
    ("PostgreSQL", url, tempfile::tempdir().unwrap())
}

/// A small generator, so that a failing run can be repeated: its seed is in the message.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// A workspace with people, a team, a channel.
#[derive(Clone)]
pub struct World {
    pub db: Db,
    pub workspace: Workspace,
    pub users: Vec<UserId>,
    pub team: TeamId,
    pub channel: ChannelId,
}

pub async fn world(engine: &Engine) -> World {
    let users: Vec<UserId> = (0..4).map(|_| UserId::new(NOW, &entropy())).collect();
    let team = TeamId::new(NOW, &entropy());
    let channel = ChannelId::new(NOW, &entropy());
    let people = users.clone();
    let workspace = engine
        .db
        .machinery(NOW, move |root| {
            let workspace =
                root.create_workspace(WorkspaceId::new(NOW, &entropy()), "Harbor & Pine", "{}", &[7; 32], NOW)?;
            for (n, user) in people.iter().enumerate() {
                let account = AccountId::new(NOW, &entropy());
                root.create_account(account, &format!("{n}-{}@example.com", workspace.0), None, NOW)?;
                root.within(workspace, |tx| {
                    tx.create_user(*user, account, &format!("User {n}"), "x@example.com", Role::Agent)
                })?;
            }
            root.within(workspace, |tx| {
                tx.create_team(team, "West", false)?;
                let connection = ConnectionId::new(NOW, &entropy());
                tx.create_connection(&ConnectionRow {
                    id: connection,
                    provider: "test".into(),
                    name: "Test".into(),
                    account: None,
                    api_base_url: None,
                    credentials: None,
                    previous_secrets: None,
                    previous_until: None,
                    status: "connected".into(),
                    signature_failures: 0,
                    created_at: NOW,
                })?;
                tx.create_channel(&ChannelRow {
                    id: channel,
                    connection,
                    kind: "sms".into(),
                    provider: "test".into(),
                    name: "Main".into(),
                    address: "+14155550100".into(),
                    team: Some(team),
                    status: "connected".into(),
                    mode: "webhooks".into(),
                    settings: "{}".into(),
                    last_inbound_at: None,
                    created_at: NOW,
                    removed_at: None,
                })
            })?;
            Ok::<_, StoreError>(workspace)
        })
        .await
        .unwrap();
    World { db: engine.db.clone(), workspace, users, team, channel }
}

impl World {
    /// Labels of these names, in that order.
    pub async fn labels(&self, names: &'static [&'static str]) -> Vec<LabelRow> {
        let made = self.db.write(self.workspace, NOW, move |tx| {
            let mut made = Vec::new();
            for name in names {
                let id = LabelId::new(NOW, &entropy());
                tx.create_label(id, &LabelName::parse(name).unwrap(), Colour::Red)?;
                made.extend(tx.label(id)?);
            }
            Ok::<_, StoreError>(made)
        });
        made.await.unwrap()
    }

    /// A conversation with somebody new.
    pub async fn conversation(&self, number: u32, now: Millis) -> (ConversationId, AddressId, ContactId) {
        let (team, channel) = (self.team, self.channel);
        self.db
            .write(self.workspace, now, move |tx| {
                let (address, _) = tx.address_or_new("phone", &format!("+1415555{number:04}"), None)?;
                let id = ConversationId::new(now, &entropy());
                tx.create_conversation(NewConversation {
                    id,
                    team: Some(team),
                    contact: address.contact,
                    channel,
                    address: address.id,
                })?;
                Ok::<_, StoreError>((id, address.id, address.contact))
            })
            .await
            .unwrap()
    }
}
