//! From the plan to rows: first where everything ends, then everything in order.

use std::collections::HashMap;

use partyline_core::consent::Class;
use partyline_core::conversation::{EntryId, Priority, Status, preview};
use partyline_core::delivery::DeliveryStatus;
use partyline_core::event::{Actor, ActorKind, EventType};
use partyline_core::id::{
    AddressId, ChannelId, ConnectionId, ContactId, ConversationId, EventId, InboundId, MessageId, NoteId, TeamId,
    UserId, Uuid,
};
use partyline_core::sms;
use partyline_core::time::{DAY, HOUR, Millis};
use partyline_store::bulk::{AppliedInbound, Bulk, NewContact};
use partyline_store::contacts::{address_key, keyed_hash};
use partyline_store::conversations::{ConversationRow, Held};
use partyline_store::entries::{DeliveryRow, NewEntry, provider_key};
use partyline_store::labels::HeldLabel;
use partyline_store::tasks::TaskRow;
use partyline_store::{NewEvent, StoreError};
use serde_json::{Value, json};

use super::plan::{self, Act, Moment, Plan, Planned};
use super::words;
use crate::commands::dice::Dice;

/// How long the bytes of a webhook are kept.
const BODIES_FOR: i64 = 30 * DAY;

/// A channel to write through.
#[derive(Debug, Clone)]
pub struct Line {
    /// Which.
    pub channel: ChannelId,
    /// Of which connection.
    pub connection: ConnectionId,
    /// Its number.
    pub number: String,
}

/// Who and what there is.
#[derive(Debug, Clone)]
pub struct Cast {
    /// The people.
    pub people: Vec<UserId>,
    /// What they are called, in the same order.
    pub names: Vec<String>,
    /// The labels, each with those above it.
    pub labels: Vec<Vec<HeldLabel>>,
    /// The teams.
    pub teams: Vec<TeamId>,
    /// The channels.
    pub lines: Vec<Line>,
    /// Keys the hashes under which consent is kept.
    pub address_key: Vec<u8>,
    /// The moment at which the past ends.
    pub now: Millis,
}

/// How a conversation ends, as far as its entries say.
#[derive(Debug, Clone, Copy, Default)]
struct Ending {
    began: i64,
    last_activity: i64,
    last_seq: i64,
    last_message_seq: i64,
    last_message: Option<(u16, Act)>,
    unread_seq: i64,
    waiting_since: Option<i64>,
    answered_seq: i64,
    touched: Option<i64>,
    ended: i64,
    tasks: i64,
}

/// Writes the whole past.
pub fn write(bulk: &mut Bulk<'_>, cast: &Cast, plan: &Plan) -> Result<(), StoreError> {
    let endings = endings(plan, bulk.seq());
    let mut writer = Writer {
        bulk,
        cast,
        plan,
        endings,
        ids: vec![Uuid::nil(); plan.conversations.len()],
        named: named(plan, cast.people.len()),
        contacts: vec![None; plan.contacts as usize],
        dice: Dice::new(plan.moments.len() as u64),
    };
    for moment in &plan.moments {
        writer.live(moment)?;
    }
    Ok(())
}

/// Events that come before the event of a text, and after it.
fn around(planned: &Planned, moment: &Moment) -> (i64, i64) {
    match (moment.act, moment.entry) {
        (Act::Text, 0) => (1 + i64::from(planned.first), i64::from(planned.first) + i64::from(planned.lone_end)),
        _ => (0, i64::from(plan::is_task(moment))),
    }
}

fn endings(plan: &Plan, head: i64) -> Vec<Ending> {
    let mut seq = head;
    let mut endings = vec![Ending::default(); plan.conversations.len()];
    for moment in &plan.moments {
        let planned = &plan.conversations[moment.conversation as usize];
        let end = &mut endings[moment.conversation as usize];
        let (before, after) = around(planned, moment);
        let own = seq + before + 1;
        seq = own + after;
        if moment.act == Act::Arrived {
            continue;
        }
        end.last_seq = own;
        end.ended = moment.at;
        match moment.act {
            Act::Text | Act::Reply => {
                end.last_message_seq = own;
                end.last_message = Some((moment.entry, moment.act));
                end.last_activity = moment.at;
            }
            Act::Note => end.last_activity = moment.at,
            Act::Assign | Act::Arrived | Act::End => {}
        }
        match moment.act {
            Act::Text => {
                if moment.entry == 0 {
                    end.began = moment.at;
                }
                end.unread_seq = own;
                end.waiting_since.get_or_insert(moment.at);
            }
            Act::Reply => {
                end.waiting_since = None;
                end.answered_seq = own;
            }
            Act::Note => {
                end.unread_seq = own;
                end.answered_seq = own;
                end.tasks += i64::from(plan::is_task(moment));
            }
            Act::Assign | Act::End => end.answered_seq = own,
            Act::Arrived => {}
        }
        if moment.act != Act::Text {
            end.touched = Some(moment.at);
        }
    }
    endings
}

/// Whom the notes of each conversation name, and when.
fn named(plan: &Plan, people: usize) -> HashMap<u32, Vec<(usize, Millis)>> {
    let mut named: HashMap<u32, Vec<(usize, Millis)>> = HashMap::new();
    for moment in &plan.moments {
        if let Some(places) = plan::named(moment) {
            let planned = &plan.conversations[moment.conversation as usize];
            let who = after(planned, places, people);
            named.entry(moment.conversation).or_default().push((who, Millis(moment.at)));
        }
    }
    named
}

/// Who comes so many places after a conversation's owner.
fn after(planned: &Planned, places: u8, people: usize) -> usize {
    let first = planned.owner.map_or(planned.contact as usize, usize::from);
    (first + usize::from(places)) % people
}

struct Writer<'a, 'b> {
    bulk: &'a mut Bulk<'b>,
    cast: &'a Cast,
    plan: &'a Plan,
    endings: Vec<Ending>,
    ids: Vec<Uuid>,
    /// By conversation: places in the list of people, and when.
    named: HashMap<u32, Vec<(usize, Millis)>>,
    contacts: Vec<Option<NewContact>>,
    dice: Dice,
}

/// What is said in an entry depends on the entry alone, so that a preview is known before it is written.
fn words_of(conversation: u32, entry: u16, act: Act) -> String {
    let mut dice = Dice::new(u64::from(conversation) << 16 | u64::from(entry));
    match act {
        Act::Reply => words::answer(&mut dice),
        Act::Note => words::note(&mut dice),
        _ => words::text(&mut dice),
    }
}

fn message_id(conversation: u32, entry: u16, at: i64) -> MessageId {
    let mut dice = Dice::new(!(u64::from(conversation) << 16 | u64::from(entry)));
    MessageId::new(Millis(at), &dice.bytes())
}

impl Writer<'_, '_> {
    fn live(&mut self, moment: &Moment) -> Result<(), StoreError> {
        let cast = self.cast;
        let plan = self.plan;
        let planned = &plan.conversations[moment.conversation as usize];
        if moment.act == Act::Text && moment.entry == 0 {
            self.begin(moment, planned)?;
        }
        let id = ConversationId::from_uuid(self.ids[moment.conversation as usize]);
        let at = Millis(moment.at);
        let person = self.person(planned);
        let actor = Actor::User(person);
        match moment.act {
            Act::Text => self.text(moment, planned, id),
            Act::Reply => self.reply(moment, planned, id, person),
            Act::Arrived => {
                let sent = self.sent_at(moment);
                let message = message_id(moment.conversation, moment.entry, sent);
                let event = NewEvent::new(Actor::System, EventType::MessageDelivered).conversation(id);
                self.event(at, event.subject(message.uuid()).changed(["delivery"])).map(drop)
            }
            Act::Note => self.note(moment, planned, id, person),
            Act::Assign => self.line(
                at,
                actor,
                EventType::ConversationAssigned,
                id,
                &["assignee_ids"],
                json!({ "assignees": [person] }),
            ),
            Act::End => {
                let (kind, changed, data) = end(planned.status, wakes(moment.at, cast.now));
                self.line(at, actor, kind, id, changed, data)
            }
        }
    }

    /// A note: some name a colleague, some are a task, which is done where the conversation is over.
    fn note(
        &mut self,
        moment: &Moment,
        planned: &Planned,
        id: ConversationId,
        person: UserId,
    ) -> Result<(), StoreError> {
        let (at, actor) = (Millis(moment.at), Actor::User(person));
        let mut text = words_of(moment.conversation, moment.entry, Act::Note);
        let named = plan::named(moment).map(|places| after(planned, places, self.cast.people.len()));
        if let Some(n) = named {
            text = format!("@[{}]({}) {text}", self.cast.names[n], self.cast.people[n]);
        }
        let note = NoteId::new(at, &self.dice.bytes());
        let mut event = NewEvent::new(actor, EventType::NoteCreated).conversation(id).subject(note.uuid());
        event.content = self.contact(planned)?.salt_hash(&text);
        let seq = self.event(at, event)?;
        let data = named.map(|n| json!({ "mentions": [self.cast.people[n]] }));
        self.bulk.entry(NewEntry { text: Some(text), data, ..entry(seq, EntryId::Note(note), id, at, actor) })?;
        if !plan::is_task(moment) {
            return Ok(());
        }
        let event = NewEvent::new(actor, EventType::TaskCreated).conversation(id).subject(note.uuid());
        self.event(at, event.changed(["assignee_id", "due_at"]))?;
        let done = (!is_worked_on(planned.status)).then_some(person);
        self.bulk.task(&TaskRow {
            seq,
            conversation: id,
            assignee: Some(person),
            assignee_name: None,
            due_at: at + 3 * DAY,
            done_at: done.map(|_| Millis(self.endings[moment.conversation as usize].ended.max(moment.at))),
            done_by: done,
            done_by_name: None,
        })
    }

    fn event(&mut self, at: Millis, event: NewEvent) -> Result<i64, StoreError> {
        let id = EventId::new(at, &self.dice.bytes());
        self.bulk.event(id, at, event)
    }

    /// What happened, with its line on the timeline.
    fn line(
        &mut self,
        at: Millis,
        actor: Actor,
        kind: EventType,
        id: ConversationId,
        changed: &[&str],
        mut data: Value,
    ) -> Result<(), StoreError> {
        let event = EventId::new(at, &self.dice.bytes());
        let new = NewEvent::new(actor, kind).conversation(id).subject(id.uuid()).changed(changed.iter().copied());
        let seq = self.bulk.event(event, at, new)?;
        data["event"] = Value::from(kind.as_str());
        self.bulk.entry(NewEntry { data: Some(data), ..entry(seq, EntryId::Event(event), id, at, actor) })
    }

    /// Who acts in a conversation: its owner, or whoever was there.
    fn person(&self, planned: &Planned) -> UserId {
        let people = &self.cast.people;
        people[planned.owner.map_or(planned.contact as usize, usize::from) % people.len()]
    }

    fn contact(&self, planned: &Planned) -> Result<&NewContact, StoreError> {
        let contact = self.contacts.get(planned.contact as usize).and_then(Option::as_ref);
        contact.ok_or_else(|| StoreError::Corrupt("a contact of the plan who never wrote".into()))
    }

    fn line_of(&self, planned: &Planned) -> &Line {
        &self.cast.lines[planned.contact as usize % self.cast.lines.len()]
    }

    /// When an answer left, of which only the receipt is at hand.
    fn sent_at(&self, receipt: &Moment) -> i64 {
        receipt.at - plan::travel(receipt.conversation, receipt.entry)
    }

    fn begin(&mut self, moment: &Moment, planned: &Planned) -> Result<(), StoreError> {
        let at = Millis(moment.at);
        if planned.first {
            let phone = words::phone(planned.contact);
            let contact = NewContact {
                id: ContactId::new(at, &self.dice.bytes()),
                name: words::name(&mut self.dice),
                salt: self.dice.bytes::<16>().to_vec(),
                address: AddressId::new(at, &self.dice.bytes()),
                key: address_key(&self.cast.address_key, "phone", &phone),
                phone,
                at,
            };
            self.bulk.contact(&contact)?;
            let actor = Actor::Contact(contact.id);
            self.event(at, NewEvent::new(actor, EventType::ContactCreated).subject(contact.id.uuid()))?;
            self.contacts[planned.contact as usize] = Some(contact);
        }
        let id = ConversationId::new(at, &self.dice.bytes());
        self.ids[moment.conversation as usize] = id.uuid();
        let contact = self.contact(planned)?;
        let (actor, address) = (Actor::Contact(contact.id), contact.address);
        let mut held = self.held(moment.conversation, planned, id)?;
        let tasks = self.endings[moment.conversation as usize].tasks;
        self.bulk.conversation(&mut held, if is_worked_on(planned.status) { tasks } else { 0 })?;
        if planned.last {
            self.bulk.thread(held.row.channel, address, id)?;
        }
        self.event(at, NewEvent::new(actor, EventType::ConversationCreated).conversation(id).subject(id.uuid()))
            .map(drop)
    }

    /// A conversation as it is in the end.
    fn held(&self, conversation: u32, planned: &Planned, id: ConversationId) -> Result<Held, StoreError> {
        let end = self.endings[conversation as usize];
        let contact = self.contact(planned)?;
        let is_over = !is_worked_on(planned.status);
        let labels = planned.label.and_then(|n| self.cast.labels.get(usize::from(n))).cloned().unwrap_or_default();
        let last = end.last_message.map(|(entry, act)| words_of(conversation, entry, act)).unwrap_or_default();
        let mut held = Held {
            row: ConversationRow {
                id,
                status: planned.status,
                team: self.cast.teams.get(usize::from(planned.team) % self.cast.teams.len()).copied(),
                contact: contact.id,
                channel: self.line_of(planned).channel,
                address: contact.address,
                subject: None,
                priority: Priority::None.as_i64(),
                snoozed_until: (planned.status == Status::Snoozed).then(|| wakes(end.ended, self.cast.now)),
                closed_at: is_over.then_some(Millis(end.ended)),
                waiting_since: end.waiting_since.filter(|_| !is_over).map(Millis),
                last_activity_at: Millis(end.last_activity),
                last_seq: end.last_seq,
                unread_seq: end.unread_seq,
                preview: preview(&last),
                last_message_seq: end.last_message_seq,
                created_at: Millis(end.began),
                labels: 0,
            },
            users: Vec::new(),
            labels,
        };
        let people = &self.cast.people;
        if planned.owner.is_some() || end.touched.is_some() {
            let person = held.user(self.person(planned));
            person.assigned = planned.owner.is_some();
            person.touched_at = end.touched.map(Millis);
            person.read_seq = if is_over || planned.seen { end.last_seq } else { end.answered_seq };
        }
        if planned.status == Status::Open {
            let first = usize::from(planned.owner.unwrap_or(0)) + 1;
            for reader in 0..usize::from(planned.readers) {
                let reader = people[(first + reader) % people.len()];
                held.user(reader).read_seq = end.last_seq;
            }
        }
        for (n, at) in self.named.get(&conversation).into_iter().flatten() {
            let person = held.user(people[*n]);
            person.mentioned_at = Some(*at);
            if is_over || planned.seen {
                person.read_seq = end.last_seq;
            }
        }
        if let Some(follower) = planned.follower {
            held.user(people[usize::from(follower) % people.len()]).following = true;
        }
        Ok(held)
    }

    fn text(&mut self, moment: &Moment, planned: &Planned, id: ConversationId) -> Result<(), StoreError> {
        let at = Millis(moment.at);
        let text = words_of(moment.conversation, moment.entry, Act::Text);
        let contact = self.contact(planned)?.clone();
        let line = self.line_of(planned).clone();
        let actor = Actor::Contact(contact.id);
        let message = message_id(moment.conversation, moment.entry, moment.at);
        let provider_id = self.provider_id();
        let mut event = NewEvent::new(actor, EventType::MessageReceived).conversation(id).subject(message.uuid());
        event.content = contact.salt_hash(&text);
        let seq = self.event(at, event)?;
        let body = (self.cast.now.since(at) < BODIES_FOR)
            .then(|| words::body(&provider_id, &contact.phone, &line.number, &text));
        self.bulk.entry(NewEntry {
            direction: Some("inbound"),
            channel: Some(line.channel),
            address: Some(contact.address),
            text: Some(text),
            provider_key: Some(provider_key(line.connection, &provider_id)),
            data: Some(json!({ "provider_id": provider_id })),
            ..entry(seq, EntryId::Message(message), id, at, actor)
        })?;
        let inbound = InboundId::new(at, &self.dice.bytes());
        self.bulk.inbound(AppliedInbound { id: inbound, connection: line.connection, at, body, seq })?;
        if moment.entry == 0 && planned.first {
            let implied = NewEvent::new(actor, EventType::ConsentChanged)
                .conversation(id)
                .subject(contact.id.uuid())
                .changed(["state=implied"]);
            let seq = self.event(at, implied)?;
            self.bulk.implied_consent(&contact, seq, &provider_id)?;
        }
        if moment.entry == 0 && planned.lone_end {
            // it was closed without a word: there is no entry left for a line
            let (kind, changed, _) = end(planned.status, self.cast.now);
            let person = Actor::User(self.person(planned));
            let ended = NewEvent::new(person, kind).conversation(id).subject(id.uuid());
            self.event(at, ended.changed(changed.iter().copied()))?;
        }
        Ok(())
    }

    fn reply(
        &mut self,
        moment: &Moment,
        planned: &Planned,
        id: ConversationId,
        person: UserId,
    ) -> Result<(), StoreError> {
        let at = Millis(moment.at);
        let text = words_of(moment.conversation, moment.entry, Act::Reply);
        let contact = self.contact(planned)?.clone();
        let line = self.line_of(planned).clone();
        let actor = Actor::User(person);
        let message = message_id(moment.conversation, moment.entry, moment.at);
        let mut event = NewEvent::new(actor, EventType::MessageQueued).conversation(id).subject(message.uuid());
        event.content = contact.salt_hash(&text);
        event.changed = vec![format!("class={}", Class::Reply)];
        let seq = self.event(at, event)?;
        let provider_id = self.provider_id();
        let key = provider_key(line.connection, &provider_id);
        let delivery = DeliveryRow {
            seq,
            message,
            conversation: id,
            channel: line.channel,
            address: contact.address,
            author: Some(person),
            status: DeliveryStatus::Delivered,
            class: Class::Reply,
            send_at: at,
            attempts: 1,
            provider_id: Some(provider_id),
            segments: Some(i64::from(sms::measure(&text).segments)),
            error: None,
            confirmed: Some("[]".to_owned()),
            updated_at: at + plan::travel(moment.conversation, moment.entry),
            reason: None,
            resolved_by: None,
            cancel_on_reply: false,
        };
        self.bulk.entry(NewEntry {
            direction: Some("outbound"),
            channel: Some(line.channel),
            address: Some(contact.address),
            text: Some(text),
            ..entry(seq, EntryId::Message(message), id, at, actor)
        })?;
        self.bulk.delivery(&delivery, key)
    }

    fn provider_id(&mut self) -> String {
        format!("SM{:016x}{:016x}", self.dice.bits(), self.dice.bits())
    }
}

/// The hash by which the log knows what was said.
trait Salted {
    fn salt_hash(&self, text: &str) -> Option<[u8; 32]>;
}

impl Salted for NewContact {
    fn salt_hash(&self, text: &str) -> Option<[u8; 32]> {
        Some(keyed_hash(&self.salt, text.as_bytes()))
    }
}

/// Is there still something to do?
fn is_worked_on(status: Status) -> bool {
    matches!(status, Status::Open | Status::Snoozed)
}

/// When something that was set aside at a time wakes: after the past.
fn wakes(at: i64, now: Millis) -> Millis {
    now + HOUR + at.rem_euclid(6 * DAY)
}

/// What it is called when a conversation leaves the inbox.
fn end(status: Status, wakes: Millis) -> (EventType, &'static [&'static str], Value) {
    match status {
        Status::Snoozed => (EventType::ConversationSnoozed, &["status", "snoozed_until"], json!({ "until": wakes })),
        Status::Closed => (EventType::ConversationClosed, &["status"], json!({})),
        other => (EventType::ConversationUpdated, &["status"], json!({ "status": other.as_str() })),
    }
}

fn entry(seq: i64, id: EntryId, conversation: ConversationId, at: Millis, actor: Actor) -> NewEntry {
    let author_kind: ActorKind = actor.kind();
    NewEntry {
        seq,
        id,
        conversation,
        at,
        direction: None,
        channel: None,
        address: None,
        author_kind,
        author: actor.uuid(),
        text: None,
        provider_key: None,
        late: false,
        data: None,
    }
}
