//! `partyline seed`: two years of a busy inbox, for trials and benchmarks. All of it is written in one transaction: a seed that is
//! interrupted leaves nothing. Then the index of words is filled,
//! so that what is measured afterwards has the machine for itself.

mod plan;
mod words;
mod write;

use std::time::Instant;

use anyhow::{Context as _, bail};
use partyline_core::event::{Actor, EventType};
use partyline_core::id::{AccountId, ChannelId, ConnectionId, LabelId, TeamId, UserId};
use partyline_core::label::{Colour, LabelName};
use partyline_core::permission::Role;
use partyline_desk::Desk;
use partyline_desk::account::{SessionFrom, SetupIn};
use partyline_store::channels::{ChannelRow, ConnectionRow};
use partyline_store::labels::with_those_above;
use partyline_store::scope::{Root, entropy};
use partyline_store::{NewEvent, StoreError, Workspace};
use tokio_util::sync::CancellationToken;

use crate::commands::admin::told;
use crate::open;
use crate::options::Options;
use plan::Shape;
use write::{Cast, Line};

/// People and teams of a workspace that is filled; the last team has hardly any work.
const PEOPLE: usize = 30;
const TEAMS: [&str; 9] = [
    "Front desk",
    "Orders",
    "Deliveries",
    "Repairs",
    "Billing",
    "Appointments",
    "Wholesale",
    "Night shift",
    "Workshop",
];
/// Labels, those above others first; the last one is rare.
const LABELS: [(&str, Colour); 12] = [
    ("Order", Colour::Blue),
    ("Repair", Colour::Orange),
    ("Repair/Urgent", Colour::Red),
    ("Question", Colour::Grey),
    ("Order/Late", Colour::Yellow),
    ("Bill", Colour::Green),
    ("Repair/Plumbing", Colour::Teal),
    ("Complaint", Colour::Purple),
    ("Bill/Dispute", Colour::Green),
    ("Praise", Colour::Pink),
    ("Repair/Heating", Colour::Orange),
    ("Insurance", Colour::Grey),
];
/// Channels of a workspace that has none yet; they have no credentials, so that nothing leaves.
const NUMBERS: [(&str, &str); 2] = [("Main line", "+14155550100"), ("Second line", "+14155550111")];
/// Who owns a workspace that is made for this.
const OWNER_EMAIL: &str = "owner@seed.example";
const PASSWORD: &str = "one shared number";

/// Fills a workspace.
pub async fn run(options: Options, conversations: u32, entries: u32, name: String) -> anyhow::Result<()> {
    let shape = Shape { conversations, entries, people: PEOPLE, teams: TEAMS.len(), labels: LABELS.len() };
    shape.check()?;
    let _only = open::only_server(&options)?;
    let desk = open::desk(&options, options.listen).await?;
    let workspace = workspace(&desk, &name).await?;
    let cast = cast(&desk, workspace).await?;
    desk.seal().await.map_err(told)?;
    let began = Instant::now();
    println!("Planning {conversations} conversations with {entries} entries…");
    let plan = plan::plan(&shape, cast.now);
    println!("Writing…");
    let rows = desk
        .db()
        .bulk(workspace, move |bulk| {
            if bulk.has_conversations()? {
                return Ok(None);
            }
            write::write(bulk, &cast, &plan)?;
            Ok::<_, StoreError>(Some(bulk.rows()))
        })
        .await
        .context("nothing was written")?;
    let Some(rows) = rows else {
        bail!("the workspace {name} holds conversations already; a trial gets a workspace of its own (--workspace)");
    };
    let took = began.elapsed();
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    let rate = rows as f64 / took.as_secs_f64();
    let began = Instant::now();
    desk.fill_index(&CancellationToken::new()).await.map_err(told)?;
    let indexed = began.elapsed().as_secs_f64();
    println!(
        "Wrote {rows} rows in {:.1} s: {rate:.0} rows/s; indexed for searching in {indexed:.1} s.",
        took.as_secs_f64()
    );
    Ok(())
}

/// The workspace of that name; it is made when there is none.
async fn workspace(desk: &Desk, name: &str) -> anyhow::Result<Workspace> {
    let named = async || -> anyhow::Result<Option<Workspace>> {
        let all = desk.db().read_root(|root| root.workspaces()).await?;
        Ok(all.into_iter().find(|(_, _, known)| known == name).map(|(number, _, _)| number))
    };
    if let Some(workspace) = named().await? {
        return Ok(workspace);
    }
    let owner = SetupIn {
        workspace_name: name.to_owned(),
        name: "Sam Park".to_owned(),
        email: OWNER_EMAIL.to_owned(),
        password: PASSWORD.to_owned(),
        time_zone: None,
        from: SessionFrom::default(),
    };
    desk.create_workspace(owner, false).await.map_err(told)?;
    println!("Made the workspace {name}; sign in as {OWNER_EMAIL} with {PASSWORD}.");
    named().await?.context("the workspace that was just made")
}

/// The people, teams and channels that the past is told with; what is missing is added.
async fn cast(desk: &Desk, workspace: Workspace) -> anyhow::Result<Cast> {
    let now = desk.now();
    desk.db()
        .machinery(now, move |root| {
            let accounts = accounts(root, now)?;
            root.within(workspace, |tx| {
                let mut people: Vec<UserId> =
                    tx.users()?.into_iter().filter(|u| u.deactivated_at.is_none()).map(|u| u.id).collect();
                for (account, name, email) in accounts {
                    if people.len() >= PEOPLE {
                        break;
                    }
                    if tx.users()?.iter().any(|u| u.account == account) {
                        continue;
                    }
                    let user = UserId::new(now, &entropy());
                    tx.create_user(user, account, &name, &email, Role::Agent)?;
                    tx.append(
                        NewEvent::new(Actor::System, EventType::UserCreated)
                            .subject(user.uuid())
                            .changed(["role=agent"]),
                    )?;
                    people.push(user);
                }
                let mut teams = tx.teams()?;
                for name in TEAMS {
                    if teams.len() >= TEAMS.len() {
                        break;
                    }
                    if teams.iter().any(|t| t.name == name) {
                        continue;
                    }
                    let team = TeamId::new(now, &entropy());
                    tx.create_team(team, name, false)?;
                    for person in &people {
                        tx.join_team(team, *person)?;
                    }
                    tx.append(NewEvent::new(Actor::System, EventType::TeamCreated).subject(team.uuid()))?;
                    teams = tx.teams()?;
                }
                if tx.channels()?.is_empty() {
                    channels(tx, teams.first().map(|t| t.id))?;
                }
                let known = tx.labels()?;
                for (name, colour) in LABELS {
                    let name = LabelName::parse(name).map_err(|e| StoreError::Corrupt(e.to_string()))?;
                    if known.iter().any(|l| l.removed_at.is_none() && l.name == name) {
                        continue;
                    }
                    let label = LabelId::new(now, &entropy());
                    tx.create_label(label, &name, colour)?;
                    tx.append(NewEvent::new(Actor::System, EventType::LabelCreated).subject(label.uuid()))?;
                }
                let all = tx.labels()?;
                let ours = LABELS.iter().filter_map(|(name, _)| {
                    all.iter().find(|l| l.removed_at.is_none() && l.name.as_str() == *name).map(|l| l.id)
                });
                let labels = ours.map(|label| with_those_above(&all, &[label])).collect();
                let line = |c: ChannelRow| Line { channel: c.id, connection: c.connection, number: c.address };
                let called = tx.users()?;
                let name_of = |user: &UserId| called.iter().find(|u| u.id == *user).map(|u| u.name.clone());
                Ok(Cast {
                    names: people.iter().map(|user| name_of(user).unwrap_or_default()).collect(),
                    labels,
                    people,
                    teams: teams.into_iter().map(|t| t.id).collect(),
                    lines: tx.channels()?.into_iter().map(line).collect(),
                    address_key: tx.workspace_row()?.address_key,
                    now,
                })
            })
        })
        .await
        .map_err(|e: StoreError| e.into())
}

/// Accounts of colleagues, who can't sign in.
fn accounts(
    root: &mut Root<'_>,
    now: partyline_core::time::Millis,
) -> Result<Vec<(AccountId, String, String)>, StoreError> {
    (0..PEOPLE)
        .map(|n| {
            let (name, local) = words::colleague(n);
            let email = format!("{local}@seed.example");
            let account = match root.account(&email)? {
                Some(account) => account.id,
                None => {
                    let id = AccountId::new(now, &entropy());
                    root.create_account(id, &email, None, now)?;
                    id
                }
            };
            Ok((account, name, email))
        })
        .collect()
}

/// A connection that nothing leaves through, and its channels.
fn channels(tx: &mut partyline_store::Tx<'_>, team: Option<TeamId>) -> Result<(), StoreError> {
    let now = tx.now();
    let connection = ConnectionId::new(now, &entropy());
    tx.create_connection(&ConnectionRow {
        id: connection,
        provider: "twilio".to_owned(),
        name: "Trial".to_owned(),
        account: None,
        api_base_url: None,
        credentials: None,
        previous_secrets: None,
        previous_until: None,
        status: "refused".to_owned(),
        signature_failures: 0,
        created_at: now,
    })?;
    tx.append(NewEvent::new(Actor::System, EventType::ConnectionCreated).subject(connection.uuid()))?;
    for (name, number) in NUMBERS {
        let id = ChannelId::new(now, &entropy());
        tx.create_channel(&ChannelRow {
            id,
            connection,
            kind: "sms".to_owned(),
            provider: "twilio".to_owned(),
            name: name.to_owned(),
            address: number.to_owned(),
            team,
            status: "connected".to_owned(),
            mode: "webhooks".to_owned(),
            settings: "{}".to_owned(),
            last_inbound_at: None,
            created_at: now,
            removed_at: None,
        })?;
        tx.append(NewEvent::new(Actor::System, EventType::ChannelCreated).subject(id.uuid()))?;
    }
    Ok(())
}
