//! A believable workspace for the demo: a property manager, three teams, six people, a fortnight of conversations. It goes in through
//! the same use cases as everything else, with the clock turned back.

mod script;

use std::collections::BTreeMap;

use anyhow::Context as _;
use partyline_carrier::{Past, demo as carrier};
use partyline_channels::{Inbound, InboundText, StatusReport};
use partyline_core::canned::Scope;
use partyline_core::conversation::{EntryId, Status, View};
use partyline_core::delivery::{DeliveryError, DeliveryStatus};
use partyline_core::id::{CannedId, ChannelId, ConnectionId, ConversationId, LabelId, TeamId, UserId};
use partyline_core::permission::Role;
use partyline_core::phone::Party;
use partyline_core::time::{DAY, HOUR, MINUTE, Millis, SECOND};
use partyline_desk::account::{SessionFrom, SetupIn, SignIn};
use partyline_desk::canned::CannedIn;
use partyline_desk::channel::{ChannelConnection, ChannelIn};
use partyline_desk::label::LabelIn;
use partyline_desk::people::{TeamIn, TeamPatch, UserIn};
use partyline_desk::read::ReadIn;
use partyline_desk::reply::ReplyIn;
use partyline_desk::triage::ConversationPatch;
use partyline_desk::view::{ListIn, Stretch};
use partyline_desk::{Clock, Desk, Who};

use super::admin::told;
use super::dice::Dice;
use script::{Act, CONTACTS, Canned, SCRIPTS, Script, Whose};

/// What the owner of the demo signs in with.
pub const OWNER_EMAIL: &str = "sam@harborpine.example";
/// A second person, to see two at work.
pub const SECOND_EMAIL: &str = "ana@harborpine.example";
/// Everyone's password in the demo.
pub const PASSWORD: &str = "one shared number";

/// How many conversations the past holds.
const CONVERSATIONS: usize = 110;
/// How far back it goes.
const PAST: i64 = 14 * DAY;

const PEOPLE: [(&str, &str, Role); 6] = [
    ("Sam Park", OWNER_EMAIL, Role::Owner),
    ("Ana Ruiz", SECOND_EMAIL, Role::Lead),
    ("Priya Nair", "priya@harborpine.example", Role::Agent),
    ("Tom Hale", "tom@harborpine.example", Role::Agent),
    ("Dele Adeyemi", "dele@harborpine.example", Role::Agent),
    ("Priscilla Oyelaran-Whitcombe", "priscilla@harborpine.example", Role::Agent),
];

/// The teams, and who is in each (by place in [`PEOPLE`]).
const TEAMS: [(&str, &[usize]); 3] =
    [("West", &[0, 1, 2, 3, 4]), ("Maintenance", &[0, 1, 3]), ("Leasing and renewals", &[0, 2, 4, 5])];

/// Which of the carrier's numbers is each team's.
const CHANNEL_OF_TEAM: [usize; 3] = [0, 2, 1];

/// Who holds the simulator's phones: they have texted before, so that they are known by name.
const PHONES: [(&str, &str, &str); 2] =
    [("Maya", "Lindqvist", carrier::PHONES[0].0), ("Wren", "Castellano", carrier::PHONES[1].0)];

struct Demo {
    desk: Desk,
    clock: Clock,
    people: Vec<Who>,
    teams: Vec<TeamId>,
    labels: BTreeMap<&'static str, LabelId>,
    /// The workspace's, with the words of answers that were made with them.
    canned: Vec<(CannedId, &'static [&'static str])>,
    channels: Vec<(ChannelId, ConnectionId, &'static str)>,
    texts: u32,
    dice: Dice,
}

/// Makes the demo's workspace. Only an empty installation is filled.
pub async fn workspace(desk: &Desk, carrier_url: &str) -> anyhow::Result<()> {
    let now = desk.now();
    let clock = Clock::manual(now - PAST - DAY);
    let past = desk.at(clock.clone());
    let setup = SetupIn {
        workspace_name: "Harbor & Pine".to_owned(),
        name: PEOPLE[0].0.to_owned(),
        email: OWNER_EMAIL.to_owned(),
        password: PASSWORD.to_owned(),
        time_zone: Some("America/Los_Angeles".to_owned()),
        from: SessionFrom::default(),
    };
    let owner = past.setup(setup).await.map_err(told)?.who;
    let mut demo = Demo {
        desk: past,
        clock,
        people: vec![owner],
        teams: Vec::new(),
        labels: BTreeMap::new(),
        canned: Vec::new(),
        channels: Vec::new(),
        texts: 0,
        dice: Dice::new(4821),
    };
    demo.add_people().await?;
    demo.add_labels().await?;
    demo.add_canned_responses().await?;
    demo.add_channels(carrier_url).await?;
    demo.live_through(now).await?;
    Ok(())
}

/// Signs in as the owner: to see what an earlier start has left.
pub async fn owner(desk: &Desk) -> anyhow::Result<Who> {
    let sign_in = SignIn {
        email: OWNER_EMAIL.to_owned(),
        password: PASSWORD.to_owned(),
        workspace: None,
        from: SessionFrom::default(),
    };
    Ok(desk
        .sign_in(sign_in)
        .await
        .map_err(told)
        .context("this folder holds another workspace than the demo's; choose another --data-dir")?
        .who)
}

/// What the simulator's phones and the business have said to each other so far.
pub async fn past_of_phones(desk: &Desk, owner: &Who) -> anyhow::Result<Vec<Past>> {
    let mut past = Vec::new();
    for view in [View::All, View::Closed] {
        let list = ListIn { view: Some(view), limit: 200, ..ListIn::default() };
        for conversation in desk.conversations(owner, list).await.map_err(told)?.value.rows {
            let phone = conversation.row.address;
            let Some(channel) = conversation.channels.first().filter(|_| PHONES.iter().any(|p| p.2 == phone)) else {
                continue;
            };
            let entries =
                desk.entries(owner, conversation.row.id, Stretch::Newest, 200).await.map_err(told)?.value.rows;
            past.extend(entries.into_iter().filter(|e| e.row.kind == "message").map(|e| Past {
                sid:
                    e.row.provider_id.or_else(|| e.data["provider_id"].as_str().map(str::to_owned)).unwrap_or_default(),
                phone: phone.clone(),
                number: channel.address.clone(),
                from_phone: e.row.direction.as_deref() == Some("inbound"),
                text: e.row.text.unwrap_or_default(),
                at_ms: e.row.at.0,
                lost_pictures: 0,
            }));
        }
    }
    past.sort_by_key(|p| p.at_ms);
    Ok(past)
}

impl Demo {
    async fn add_people(&mut self) -> anyhow::Result<()> {
        let owner = self.people[0].clone();
        for (name, email, role) in &PEOPLE[1..] {
            let new = UserIn {
                name: (*name).to_owned(),
                email: (*email).to_owned(),
                password: PASSWORD.to_owned(),
                role: *role,
                team_ids: Vec::new(),
            };
            let user = self.desk.create_user(&owner, new, None).await.map_err(told)?.row;
            self.people.push(Who { workspace: owner.workspace, user: user.id, role: user.role, name: user.name });
        }
        let first = self.desk.teams(&owner).await.map_err(told)?.value;
        for (n, (name, members)) in TEAMS.iter().enumerate() {
            let member_ids: Vec<UserId> = members.iter().map(|m| self.people[*m].user).collect();
            let team = match first.get(n) {
                Some(team) => {
                    let patch = TeamPatch {
                        name: Some((*name).to_owned()),
                        member_ids: Some(member_ids),
                        ..TeamPatch::default()
                    };
                    self.desk.change_team(&owner, team.row.id, patch).await.map_err(told)?
                }
                None => self
                    .desk
                    .create_team(&owner, TeamIn { name: (*name).to_owned(), closed: false, member_ids }, None)
                    .await
                    .map_err(told)?,
            };
            self.teams.push(team.row.id);
        }
        Ok(())
    }

    async fn add_labels(&mut self) -> anyhow::Result<()> {
        for (name, colour) in script::LABELS {
            let new = LabelIn { name: name.to_owned(), colour };
            let label = self.desk.create_label(&self.people[0], new, None).await.map_err(told)?;
            self.labels.insert(name, label.id);
        }
        Ok(())
    }

    async fn add_canned_responses(&mut self) -> anyhow::Result<()> {
        for Canned { whose, name, shortcut, text, used_for } in script::CANNED {
            let (scope, team_id) = match whose {
                Whose::Workspace => (Scope::Workspace, None),
                Whose::Team(team) => (Scope::Team, Some(self.teams[team])),
                Whose::Owner => (Scope::Personal, None),
            };
            let new = CannedIn {
                scope,
                team_id,
                name: name.to_owned(),
                shortcut: Some(shortcut.to_owned()),
                text: text.to_owned(),
                subject: None,
                html: None,
                attachment_ids: Vec::new(),
            };
            let made = self.desk.create_canned_response(&self.people[0], new, None).await.map_err(told)?;
            self.canned.push((made.row.id, used_for));
        }
        Ok(())
    }

    async fn add_channels(&mut self, carrier_url: &str) -> anyhow::Result<()> {
        let owner = self.people[0].clone();
        let credentials = BTreeMap::from([
            ("account_sid".to_owned(), carrier::ACCOUNT_SID.to_owned()),
            ("auth_token".to_owned(), carrier::AUTH_TOKEN.to_owned()),
        ]);
        let mut connection = ChannelConnection::New {
            provider: "twilio".to_owned(),
            credentials,
            api_base_url: Some(carrier_url.to_owned()),
        };
        for (number, name) in carrier::NUMBERS {
            let team = match name {
                n if n.starts_with("Maintenance") => self.teams[1],
                n if n.starts_with("Leasing") => self.teams[2],
                _ => self.teams[0],
            };
            let new = ChannelIn {
                kind: "sms".to_owned(),
                name: name.to_owned(),
                address: number.to_owned(),
                team_id: Some(team),
                connection: connection.clone(),
                set_webhooks: true,
                rate: None,
            };
            let channel = self
                .desk
                .create_channel(&owner, new, None)
                .await
                .map_err(told)
                .with_context(|| format!("connecting {number}"))?
                .row;
            connection = ChannelConnection::Existing(channel.connection);
            self.channels.push((channel.id, channel.connection, number));
        }
        Ok(())
    }

    /// A fortnight, conversation by conversation in the order in which they began.
    async fn live_through(&mut self, now: Millis) -> anyhow::Result<()> {
        let mut starts: Vec<i64> = (0..CONVERSATIONS).map(|_| self.dice.millis(3 * HOUR, PAST)).collect();
        starts.sort_unstable_by(|a, b| b.cmp(a));
        let quiet = starts.len() - script::WAITING.len();
        for (n, ago) in starts.into_iter().take(quiet).enumerate() {
            let script = &SCRIPTS[usize::try_from(self.dice.below(SCRIPTS.len() as u64))?];
            self.play(script, n, now - ago, now).await?;
        }
        for (n, (script, ago)) in script::WAITING.iter().enumerate() {
            self.play(script, quiet + n, now - ago * MINUTE, now).await?;
        }
        Ok(())
    }

    async fn play(&mut self, script: &Script, contact: usize, start: Millis, now: Millis) -> anyhow::Result<()> {
        let (first, last, phone) = person(contact);
        let (channel, connection, number) = self.channels[CHANNEL_OF_TEAM[script.team]];
        let members = TEAMS[script.team].1;
        let agent = self.people[members[1 + usize::try_from(self.dice.below(members.len() as u64 - 1))?]].clone();
        let mut at = start;
        let mut id: Option<ConversationId> = None;
        for act in script.acts {
            // what is still under way this morning has not happened later than now
            self.clock.set(at.min(now));
            match (act, id) {
                (Act::Customer(text), _) => {
                    self.text(connection, number, &phone, &fill_in(text, first)).await?;
                    id = Some(self.conversation(channel, &phone, id).await?);
                    self.name(id, &format!("{first} {last}")).await?;
                    at = at + self.dice.millis(2 * MINUTE, 25 * MINUTE);
                }
                (Act::Team(text), Some(id)) => {
                    self.answer(&agent, connection, id, &fill_in(text, first), None).await?;
                    at = at + self.dice.millis(3 * MINUTE, 50 * MINUTE);
                }
                (Act::TeamFails(text, code, detail), Some(id)) => {
                    let error = DeliveryError {
                        code: "unreachable".to_owned(),
                        provider_code: Some((*code).to_owned()),
                        detail: (*detail).to_owned(),
                    };
                    self.answer(&agent, connection, id, &fill_in(text, first), Some(error)).await?;
                    at = at + self.dice.millis(2 * MINUTE, 6 * MINUTE);
                }
                (Act::Note(text), Some(id)) => {
                    self.desk.note(&agent, id, (*text).to_owned(), None).await.map_err(told)?;
                    at = at + self.dice.millis(MINUTE, 10 * MINUTE);
                }
                (Act::Assign, Some(id)) => {
                    let patch = ConversationPatch { assignees: Some(vec![agent.user]), ..ConversationPatch::default() };
                    self.desk.change(&agent, id, patch).await.map_err(told)?;
                    at = at + 20 * SECOND;
                }
                (Act::Close, Some(id)) => {
                    let patch = ConversationPatch { status: Some(Status::Closed), ..ConversationPatch::default() };
                    self.desk.change(&agent, id, patch).await.map_err(told)?;
                    self.everyone_read(id).await?;
                    at = at + MINUTE;
                }
                (Act::Label(names), Some(id)) => {
                    let labels = names.iter().map(|name| self.labels[name]).collect();
                    let patch = ConversationPatch { labels: Some(labels), ..ConversationPatch::default() };
                    self.desk.change(&agent, id, patch).await.map_err(told)?;
                }
                (Act::Subject(text), Some(id)) => {
                    let patch =
                        ConversationPatch { subject: Some(Some((*text).to_owned())), ..ConversationPatch::default() };
                    self.desk.change(&agent, id, patch).await.map_err(told)?;
                }
                (_, None) => {}
            }
        }
        Ok(())
    }

    async fn text(&mut self, connection: ConnectionId, number: &str, phone: &str, text: &str) -> anyhow::Result<()> {
        self.texts += 1;
        let inbound = InboundText {
            provider_id: format!("SM{:032x}", self.texts),
            account_id: carrier::ACCOUNT_SID.to_owned(),
            from: Party::parse(phone)?,
            to: Party::parse(number)?,
            text: text.to_owned(),
            media: Vec::new(),
            sent_at: None,
            opt_out: None,
            segments: None,
            service_id: None,
        };
        self.desk.take(connection, vec![Inbound::Text(inbound)]).await.context("a text of the demo")
    }

    /// The open conversation with this phone on this channel.
    async fn conversation(
        &self,
        channel: ChannelId,
        phone: &str,
        known: Option<ConversationId>,
    ) -> anyhow::Result<ConversationId> {
        if let Some(known) = known {
            return Ok(known);
        }
        let list = ListIn { limit: CONVERSATIONS, ..ListIn::default() };
        let page = self.desk.conversations(&self.people[0], list).await.map_err(told)?.value;
        let found =
            page.rows.into_iter().find(|c| c.row.address == phone && c.channels.iter().any(|x| x.channel == channel));
        found.map(|c| c.row.id).context("a conversation of the demo")
    }

    async fn name(&self, id: Option<ConversationId>, name: &str) -> anyhow::Result<()> {
        let Some(id) = id else { return Ok(()) };
        let view = self.desk.conversation(&self.people[0], id).await.map_err(told)?.value;
        if view.row.contact_name.is_none() {
            self.desk.name_contact(&self.people[0], view.row.contact, name.to_owned()).await.map_err(told)?;
        }
        Ok(())
    }

    /// An answer of the past: it is delivered, or failed, without leaving.
    async fn answer(
        &mut self,
        agent: &Who,
        connection: ConnectionId,
        id: ConversationId,
        text: &str,
        error: Option<DeliveryError>,
    ) -> anyhow::Result<()> {
        let made_with = self.canned.iter().find(|(_, words)| words.iter().any(|word| text.contains(word)));
        let reply = ReplyIn {
            text: text.to_owned(),
            canned_response_id: made_with.map(|(id, _)| *id),
            confirm: vec!["late_reply".to_owned()],
            ..ReplyIn::default()
        };
        let entry = self.desk.reply(agent, id, reply, None).await.map_err(told)?;
        let EntryId::Message(message) = entry.id else { return Ok(()) };
        self.texts += 1;
        let report = StatusReport {
            provider_id: format!("SM{:032x}", self.texts),
            correlation: Some(message.to_string()),
            status: if error.is_some() { DeliveryStatus::Failed } else { DeliveryStatus::Delivered },
            error,
            raw_status: "demo".to_owned(),
            at: None,
        };
        self.desk.take(connection, vec![Inbound::Status(report)]).await.context("a receipt of the demo")
    }

    async fn everyone_read(&self, id: ConversationId) -> anyhow::Result<()> {
        for who in &self.people {
            self.desk.read(who, id, ReadIn::default()).await.map_err(told)?;
        }
        Ok(())
    }
}

/// The first of them hold the simulator's phones; the others are met once or twice.
fn person(n: usize) -> (&'static str, &'static str, String) {
    match PHONES.get(n) {
        Some((first, last, phone)) => (first, last, (*phone).to_owned()),
        None => {
            let (first, last) = CONTACTS[n % CONTACTS.len()];
            (first, last, format!("+1{}555{:04}", ["415", "510", "628", "650"][n % 4], 200 + (n % CONTACTS.len()) * 7))
        }
    }
}

fn fill_in(text: &str, first: &str) -> String {
    text.replace("{name}", first)
}
