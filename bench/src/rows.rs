//! The floor of a text and of a reply: the rows that it leaves, in the same tables with the same indexes, written raw in commits of many
//! at the same durability. Nothing is looked up, decided or checked.

use std::fmt;
use std::str::FromStr;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};

/// The workspace that is measured.
const WORKSPACE: i64 = 1;
/// Conversations that texts join in turn.
const JOINED_MAX: i64 = 30_000;

/// Who texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Customers {
    /// Customers whose conversation is open.
    Known,
    /// Customers who never wrote before: each brings a contact, a consent and a conversation.
    New,
}

impl fmt::Display for Customers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Customers::Known { "known" } else { "new" })
    }
}

impl FromStr for Customers {
    type Err = anyhow::Error;
    fn from_str(word: &str) -> Result<Self> {
        match word {
            "known" => Ok(Customers::Known),
            "new" => Ok(Customers::New),
            other => bail!("customers are known or new, not {other}"),
        }
    }
}

/// One column of one row.
#[derive(Debug, Clone)]
enum Cell {
    Null,
    Int(i64),
    Text(&'static str),
    Id([u8; 16]),
    Bytes(Vec<u8>),
}

/// A statement for one row on SQLite (`sql`), for many on PostgreSQL: `head`, the rows, `tail`.
struct Statement {
    sql: &'static str,
    head: &'static str,
    tail: &'static str,
}

macro_rules! inserts {
    ($($name:ident = $table:literal $columns:literal $places:literal $tail:literal;)*) => {$(
        static $name: Statement = Statement {
            sql: concat!("INSERT INTO ", $table, " (", $columns, ") VALUES (", $places, ")", $tail),
            head: concat!("INSERT INTO ", $table, " (", $columns, ") VALUES "),
            tail: $tail,
        };
    )*};
}

inserts! {
    CONTACT = "contacts" "workspace, id, salt, fields, created_at, updated_at" "?, ?, ?, ?, ?, ?" "";
    ADDRESS = "addresses" "workspace, id, kind, value, key, contact_id, created_at" "?, ?, 'phone', ?, ?, ?, ?" "";
    CONVERSATION = "conversations" "workspace, id, status, contact_id, channel_id, address_id, waiting_since, waiting_order, last_activity_at, last_seq, unread_seq, preview, last_message_seq, created_at" "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?" "";
    THREAD = "threads" "workspace, channel_id, address_id, conversation_id" "?, ?, ?, ?" "";
    USED = "conversation_channels" "workspace, conversation_id, channel_id, address_id" "?, ?, ?, ?" "";
    EVENT = "events" "workspace, seq, id, at, actor_kind, actor_id, type, conversation_id, subject_id, changed, content" "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?" "";
    ENTRY = "entries" "workspace, seq, id, conversation_id, at, kind, direction, channel_id, address_id, author_kind, author_id, text, provider_key, data" "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?" "";
    INBOUND = "inbound" "workspace, id, connection_id, hook, received_at, query, content_type, body, state, seq" "?, ?, ?, ?, ?, ?, ?, ?, ?, ?" "";
    CONSENT = "consents" "workspace, seq, n, address_key, purpose, state, source, actor_kind, actor_id, said_at, at" "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?" "";
    CONSENT_STATE = "consent_states" "workspace, address_key, update_state, marketing_state, provider_block, seq" "?, ?, ?, ?, ?, ?" "";
    DELIVERY = "deliveries" "workspace, seq, message_id, conversation_id, channel_id, address_id, author_id, status, class, send_at, attempts, segments, confirmed, updated_at" "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?" "";
    JOB = "jobs" "workspace, seq, n, kind, lane, payload, run_at, state, attempts, lease_until, sender" "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?" "";
    ATTEMPT = "attempts" "workspace, seq, attempt, fence, started_at" "?, ?, ?, ?, ?" "";
    TAKE_UP = "conversation_users" "workspace, conversation_id, user_id, assigned, access, read_seq, is_read, status, last_activity_at, waiting_order, touched_at" "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?" " ON CONFLICT (workspace, conversation_id, user_id) DO UPDATE SET assigned = excluded.assigned, access = excluded.access, read_seq = excluded.read_seq, is_read = excluded.is_read, last_activity_at = excluded.last_activity_at, waiting_order = excluded.waiting_order, touched_at = excluded.touched_at";
}

static TOUCH: Statement = Statement {
    sql: "UPDATE conversations SET last_activity_at = ?2, last_seq = ?3, unread_seq = ?3, last_message_seq = ?3, preview = ?4, waiting_since = coalesce(waiting_since, ?2), waiting_order = coalesce(waiting_since, ?2) WHERE workspace = 1 AND id = ?1",
    head: "UPDATE conversations c SET last_activity_at = v.at, last_seq = v.seq, unread_seq = v.seq, last_message_seq = v.seq, preview = v.line, waiting_since = coalesce(c.waiting_since, v.at), waiting_order = coalesce(c.waiting_since, v.at) FROM (VALUES ",
    tail: ") AS v (id, at, seq, line) WHERE c.workspace = 1 AND c.id = v.id",
};
static TOUCH_USER: Statement = Statement {
    sql: "UPDATE conversation_users SET last_activity_at = ?2, is_read = 0 WHERE workspace = 1 AND conversation_id = ?1 AND +assigned = 1",
    head: "UPDATE conversation_users u SET last_activity_at = v.at, is_read = 0 FROM (VALUES ",
    tail: ") AS v (id, at) WHERE u.workspace = 1 AND u.conversation_id = v.id AND u.assigned = 1",
};

static ANSWER: Statement = Statement {
    sql: "UPDATE conversations SET last_activity_at = ?2, last_seq = ?3, last_message_seq = ?4, preview = ?5, waiting_since = NULL, waiting_order = 253402300799999, assigned = 1 WHERE workspace = 1 AND id = ?1",
    head: "UPDATE conversations c SET last_activity_at = v.at, last_seq = v.seq, last_message_seq = v.message, preview = v.line, waiting_since = NULL, waiting_order = 253402300799999, assigned = 1 FROM (VALUES ",
    tail: ") AS v (id, at, seq, message, line) WHERE c.workspace = 1 AND c.id = v.id",
};

/// Every statement, in an order in which what is pointed to comes first.
static STATEMENTS: [&Statement; 17] = [
    &EVENT,
    &CONTACT,
    &ADDRESS,
    &CONVERSATION,
    &ENTRY,
    &INBOUND,
    &TOUCH,
    &TOUCH_USER,
    &THREAD,
    &USED,
    &CONSENT,
    &CONSENT_STATE,
    &DELIVERY,
    &JOB,
    &ATTEMPT,
    &ANSWER,
    &TAKE_UP,
];

/// The rows of one commit, under their statements in that order.
struct Batch(Vec<(&'static Statement, Vec<Vec<Cell>>)>);

impl Batch {
    fn new() -> Batch {
        Batch(STATEMENTS.iter().map(|s| (*s, Vec::new())).collect())
    }

    fn put(&mut self, statement: &'static Statement, row: Vec<Cell>) {
        let place = self.0.iter_mut().find(|(s, _)| std::ptr::eq(*s, statement));
        place.expect("a statement of the list").1.push(row);
    }

    /// Those that have rows.
    fn filled(&self) -> impl Iterator<Item = &(&'static Statement, Vec<Vec<Cell>>)> {
        self.0.iter().filter(|(_, rows)| !rows.is_empty())
    }
}

enum Engine {
    Sqlite(Box<rusqlite::Connection>),
    Postgres(Box<postgres::Client>),
}

/// A raw writer.
pub struct Raw {
    engine: Engine,
    customers: Customers,
    joined: Vec<[[u8; 16]; 4]>,
    connection: [u8; 16],
    channel: [u8; 16],
    user: [u8; 16],
    seq: i64,
    ids: u64,
    next: usize,
}

impl Raw {
    /// Opens the database of a workspace that was set up, with its server stopped.
    pub fn open(url: &str, customers: Customers) -> Result<Raw> {
        const JOINED: &str = "SELECT id, channel_id, address_id, contact_id FROM conversations WHERE workspace = 1 AND status = 'open' ORDER BY contact_id LIMIT ";
        const CHANNEL: &str = "SELECT connection_id, id FROM channels WHERE workspace = 1";
        const USER: &str = "SELECT id FROM users WHERE workspace = 1 ORDER BY created_at, id LIMIT 1";
        const SEQ: &str = "SELECT seq FROM log_heads WHERE workspace = 1";
        let four = |a: Vec<u8>| -> Result<[u8; 16]> { a.try_into().map_err(|_| anyhow::anyhow!("not an id")) };
        let (engine, joined, (connection, channel), user, seq) = if let Some(path) = url.strip_prefix("sqlite://") {
            let db = rusqlite::Connection::open(path)?;
            db.execute_batch("PRAGMA synchronous=FULL; PRAGMA cache_size=-16000; PRAGMA mmap_size=2147418112;")?;
            let joined = db
                .prepare(&format!("{JOINED}{JOINED_MAX}"))?
                .query_map([], |r| Ok([r.get::<_, Vec<u8>>(0)?, r.get(1)?, r.get(2)?, r.get(3)?]))?
                .collect::<rusqlite::Result<Vec<_>>>()?;
            let joined = joined
                .into_iter()
                .map(|[a, b, c, d]| Ok([four(a)?, four(b)?, four(c)?, four(d)?]))
                .collect::<Result<Vec<_>>>()?;
            let channel = db.query_row(CHANNEL, [], |r| Ok((r.get::<_, Vec<u8>>(0)?, r.get::<_, Vec<u8>>(1)?)))?;
            let user = four(db.query_row(USER, [], |r| r.get(0))?)?;
            let seq = db.query_row(SEQ, [], |r| r.get(0))?;
            (Engine::Sqlite(Box::new(db)), joined, (four(channel.0)?, four(channel.1)?), user, seq)
        } else {
            let mut db = postgres::Client::connect(url, postgres::NoTls)?;
            let bytes = |text: &str| -> Result<[u8; 16]> { four(hex(text)?) };
            let mut joined = Vec::new();
            for row in simple(&mut db, &format!("{JOINED}{JOINED_MAX}"))? {
                joined.push([bytes(&row[0])?, bytes(&row[1])?, bytes(&row[2])?, bytes(&row[3])?]);
            }
            let channel = simple(&mut db, CHANNEL)?.pop().context("no channel")?;
            let user = bytes(&simple(&mut db, USER)?.pop().context("no user")?[0])?;
            let seq = simple(&mut db, SEQ)?.pop().context("no log")?[0].parse()?;
            (Engine::Postgres(Box::new(db)), joined, (bytes(&channel[0])?, bytes(&channel[1])?), user, seq)
        };
        if customers == Customers::Known && joined.is_empty() {
            bail!("no conversation is open");
        }
        // what one floor after another writes must differ
        let ids = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() & u128::from(u64::MAX))?;
        Ok(Raw { engine, customers, joined, connection, channel, user, seq, ids, next: 0 })
    }

    /// Texts a second in commits of `group`, over `count` texts.
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    pub fn rate(&mut self, group: usize, count: usize) -> Result<f64> {
        let began = Instant::now();
        for _ in 0..count / group {
            self.commit(group, 0)?;
        }
        Ok((count / group * group) as f64 / began.elapsed().as_secs_f64())
    }

    /// Writes the rows of so many texts and of so many replies, durable when it returns.
    pub fn commit(&mut self, texts: usize, replies: usize) -> Result<()> {
        let mut batch = Batch::new();
        let at = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        for _ in 0..texts {
            match self.customers {
                Customers::Known => self.known(&mut batch, at),
                Customers::New => self.new_customer(&mut batch, at),
            }
        }
        for _ in 0..replies {
            self.reply(&mut batch, at);
        }
        let head = format!("UPDATE log_heads SET seq = {} WHERE workspace = {WORKSPACE}", self.seq);
        let heard = format!("UPDATE channels SET last_inbound_at = {at} WHERE workspace = {WORKSPACE}");
        let paced = format!("UPDATE senders SET free_us = {at}000 WHERE workspace = {WORKSPACE}");
        // a new conversation is nobody's, and one that is answered is somebody's
        let new = if self.customers == Customers::New { texts } else { 0 };
        let tally = format!(
            "UPDATE tallies SET n = n + {new} - {replies} WHERE workspace = {WORKSPACE} AND cell = 'unassigned' AND owner_id = user_id"
        );
        let mut after = vec![head];
        after.extend((texts > 0).then_some(heard));
        after.extend((new + replies > 0).then_some(tally));
        after.extend((replies > 0).then_some(paced));
        match &mut self.engine {
            Engine::Sqlite(db) => commit_sqlite(db, &batch, &after),
            Engine::Postgres(db) => commit_postgres(db, &batch, &after),
        }
    }

    fn id(&mut self, at: i64) -> [u8; 16] {
        // a v7: the time, then what looks random
        self.ids = self.ids.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.ids ^ at.unsigned_abs();
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z ^= z >> 27;
        ((u128::from(at.unsigned_abs()) << 80) | (u128::from(self.ids >> 56) << 64) | u128::from(z)).to_be_bytes()
    }

    fn spread(&mut self) -> Vec<u8> {
        let id = u128::from_be_bytes(self.id(0));
        id.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes().to_vec()
    }

    /// `about`: who did it, in which conversation, to what.
    fn event(&mut self, batch: &mut Batch, at: i64, kind: &'static str, about: [[u8; 16]; 3], content: bool) -> i64 {
        let [actor, conversation, subject] = about;
        self.seq += 1;
        let id = self.id(at);
        let content = if content { Cell::Bytes(vec![7; 32]) } else { Cell::Null };
        let row = vec![
            Cell::Int(WORKSPACE),
            Cell::Int(self.seq),
            Cell::Id(id),
            Cell::Int(at),
            Cell::Text(if actor == self.user { "user" } else { "contact" }),
            Cell::Id(actor),
            Cell::Text(kind),
            Cell::Id(conversation),
            Cell::Id(subject),
            Cell::Text("[]"),
            content,
        ];
        batch.put(&EVENT, row);
        self.seq
    }

    fn message(&mut self, batch: &mut Batch, at: i64, to: [[u8; 16]; 4]) -> i64 {
        let [conversation, channel, address, contact] = to;
        let id = self.id(at);
        let seq = self.event(batch, at, "message.received", [contact, conversation, id], true);
        let entry = vec![
            Cell::Int(WORKSPACE),
            Cell::Int(seq),
            Cell::Id(id),
            Cell::Id(conversation),
            Cell::Int(at),
            Cell::Text("message"),
            Cell::Text("inbound"),
            Cell::Id(channel),
            Cell::Id(address),
            Cell::Text("contact"),
            Cell::Id(contact),
            Cell::Text("Is my order ready? I can come by after five. #000000000#"),
            Cell::Bytes(self.spread()),
            Cell::Text("{\"provider_id\":\"SM00000000000000000000000000000000\"}"),
        ];
        batch.put(&ENTRY, entry);
        let inbound = vec![
            Cell::Int(WORKSPACE),
            Cell::Id(self.id(at)),
            Cell::Id(self.connection),
            Cell::Text("message"),
            Cell::Int(at),
            Cell::Text(""),
            Cell::Text("application/x-www-form-urlencoded; charset=utf-8"),
            Cell::Bytes(vec![b'x'; 520]),
            Cell::Text("applied"),
            Cell::Int(seq),
        ];
        batch.put(&INBOUND, inbound);
        seq
    }

    fn known(&mut self, batch: &mut Batch, at: i64) {
        let to = self.joined[self.next % self.joined.len()];
        self.next += 1;
        let seq = self.message(batch, at, to);
        let line = Cell::Text("Is my order ready? I can come by after five. #000000000#");
        batch.put(&TOUCH, vec![Cell::Id(to[0]), Cell::Int(at), Cell::Int(seq), line]);
        batch.put(&TOUCH_USER, vec![Cell::Id(to[0]), Cell::Int(at)]);
    }

    /// All that is there when a reply's request leaves: queued, taken by who wrote it where nobody had it, its first attempt begun.
    fn reply(&mut self, batch: &mut Batch, at: i64) {
        let [conversation, channel, address, _] = self.joined[self.next % self.joined.len()];
        self.next += 1;
        let (workspace, user, text) = (|| Cell::Int(WORKSPACE), self.user, "Yes, until six.");
        let (message, lane) = (self.id(at), self.spread());
        let seq = self.event(batch, at, "message.queued", [user, conversation, message], true);
        let line = self.event(batch, at, "conversation.assigned", [user, conversation, conversation], false);
        self.event(batch, at, "message.sending", [user, conversation, message], false);
        let line_id = self.id(at);
        let author = || [Cell::Text("user"), Cell::Id(user)];
        let mut entry = vec![workspace(), Cell::Int(seq), Cell::Id(message), Cell::Id(conversation), Cell::Int(at)];
        entry.extend([Cell::Text("message"), Cell::Text("outbound"), Cell::Id(channel), Cell::Id(address)]);
        entry.extend(author());
        entry.extend([Cell::Text(text), Cell::Null, Cell::Null]);
        batch.put(&ENTRY, entry);
        let mut entry = vec![workspace(), Cell::Int(line), Cell::Id(line_id), Cell::Id(conversation), Cell::Int(at)];
        entry.extend([Cell::Text("event"), Cell::Null, Cell::Null, Cell::Null]);
        entry.extend(author());
        let said = "{\"assignees\":[\"00000000-0000-0000-0000-000000000000\"],\"event\":\"conversation.assigned\"}";
        entry.extend([Cell::Null, Cell::Null, Cell::Text(said)]);
        batch.put(&ENTRY, entry);
        let mut delivery = vec![workspace(), Cell::Int(seq), Cell::Id(message), Cell::Id(conversation)];
        delivery.extend([Cell::Id(channel), Cell::Id(address), Cell::Id(user), Cell::Text("sending")]);
        delivery.extend([Cell::Text("reply"), Cell::Int(at), Cell::Int(1), Cell::Int(1), Cell::Text("[]")]);
        delivery.push(Cell::Int(at));
        batch.put(&DELIVERY, delivery);
        let mut job = vec![workspace(), Cell::Int(seq), Cell::Int(0), Cell::Text("deliver"), Cell::Bytes(lane)];
        job.extend([Cell::Text("{\"seq\":1000000}"), Cell::Int(at), Cell::Text("running"), Cell::Int(1)]);
        job.extend([Cell::Int(at + 60_000), Cell::Id(channel)]);
        batch.put(&JOB, job);
        batch.put(&ATTEMPT, vec![workspace(), Cell::Int(seq), Cell::Int(1), Cell::Int(1), Cell::Int(at)]);
        let preview = Cell::Text(text);
        batch.put(&ANSWER, vec![Cell::Id(conversation), Cell::Int(at), Cell::Int(line), Cell::Int(seq), preview]);
        let mut taken = vec![workspace(), Cell::Id(conversation), Cell::Id(user), Cell::Int(1), Cell::Int(1)];
        taken.extend([Cell::Int(seq), Cell::Int(1), Cell::Text("open"), Cell::Int(at)]);
        taken.extend([Cell::Int(253_402_300_799_999), Cell::Int(at)]);
        batch.put(&TAKE_UP, taken);
    }

    fn new_customer(&mut self, batch: &mut Batch, at: i64) {
        let (contact, address, conversation) = (self.id(at), self.id(at), self.id(at));
        let (value, key) = (self.spread(), [self.spread(), self.spread()].concat());
        let workspace = || Cell::Int(WORKSPACE);
        let salt = Cell::Bytes(vec![1; 16]);
        batch.put(&CONTACT, vec![workspace(), Cell::Id(contact), salt, Cell::Text("{}"), Cell::Int(at), Cell::Int(at)]);
        let number: &'static str = Box::leak(
            format!("+1{:018}", u128::from_be_bytes(value.try_into().unwrap_or_default()) % 1_000_000_000_000_000_000)
                .into_boxed_str(),
        );
        let mut row = vec![workspace(), Cell::Id(address)];
        if matches!(self.engine, Engine::Postgres(_)) {
            row.push(Cell::Text("phone"));
        }
        row.extend([Cell::Text(number), Cell::Bytes(key.clone()), Cell::Id(contact), Cell::Int(at)]);
        batch.put(&ADDRESS, row);
        self.event(batch, at, "contact.created", [contact, conversation, contact], false);
        self.event(batch, at, "conversation.created", [contact, conversation, conversation], false);
        let seq = self.message(batch, at, [conversation, self.channel, address, contact]);
        batch.put(
            &CONVERSATION,
            vec![
                workspace(),
                Cell::Id(conversation),
                Cell::Text("open"),
                Cell::Id(contact),
                Cell::Id(self.channel),
                Cell::Id(address),
                Cell::Int(at),
                Cell::Int(at),
                Cell::Int(at),
                Cell::Int(seq),
                Cell::Int(seq),
                Cell::Text("Is my order ready? I can come by after five. #000000000#"),
                Cell::Int(seq),
                Cell::Int(at),
            ],
        );
        batch.put(&THREAD, vec![workspace(), Cell::Id(self.channel), Cell::Id(address), Cell::Id(conversation)]);
        batch.put(&USED, vec![workspace(), Cell::Id(conversation), Cell::Id(self.channel), Cell::Id(address)]);
        let seq = self.event(batch, at, "consent.changed", [contact, conversation, contact], false);
        batch.put(
            &CONSENT,
            vec![
                workspace(),
                Cell::Int(seq),
                Cell::Int(0),
                Cell::Bytes(key.clone()),
                Cell::Text("update"),
                Cell::Text("implied"),
                Cell::Text("inbound"),
                Cell::Text("contact"),
                Cell::Id(contact),
                Cell::Int(at),
                Cell::Int(at),
            ],
        );
        let state = vec![
            workspace(),
            Cell::Bytes(key),
            Cell::Text("implied"),
            Cell::Text("none"),
            Cell::Int(0),
            Cell::Int(seq),
        ];
        batch.put(&CONSENT_STATE, state);
    }
}

fn commit_sqlite(db: &mut rusqlite::Connection, batch: &Batch, after: &[String]) -> Result<()> {
    use rusqlite::types::ValueRef;
    db.execute_batch("BEGIN IMMEDIATE")?;
    for (statement, rows) in batch.filled() {
        let mut prepared = db.prepare_cached(statement.sql)?;
        for row in rows {
            for (i, cell) in row.iter().enumerate() {
                let value = match cell {
                    Cell::Null => ValueRef::Null,
                    Cell::Int(x) => ValueRef::Integer(*x),
                    Cell::Text(x) => ValueRef::Text(x.as_bytes()),
                    Cell::Id(x) => ValueRef::Blob(x),
                    Cell::Bytes(x) => ValueRef::Blob(x),
                };
                prepared.raw_bind_parameter(i + 1, rusqlite::types::ToSqlOutput::Borrowed(value))?;
            }
            prepared.raw_execute()?;
        }
    }
    for text in after {
        db.execute_batch(text)?;
    }
    db.execute_batch("COMMIT")?;
    Ok(())
}

/// Everything in one message, so that the line to the server is waited for once.
fn commit_postgres(db: &mut postgres::Client, batch: &Batch, after: &[String]) -> Result<()> {
    use std::fmt::Write as _;
    let mut text = String::from("BEGIN;");
    for (statement, rows) in batch.filled() {
        text.push_str(statement.head);
        for (n, row) in rows.iter().enumerate() {
            text.push_str(if n > 0 { ",(" } else { "(" });
            for (i, cell) in row.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                match cell {
                    Cell::Null => text.push_str("NULL"),
                    Cell::Int(x) => write!(text, "{x}")?,
                    Cell::Text(x) => write!(text, "'{x}'")?,
                    Cell::Id(x) => write!(text, "'{:032x}'::uuid", u128::from_be_bytes(*x))?,
                    Cell::Bytes(x) => {
                        text.push_str("'\\x");
                        for byte in x {
                            write!(text, "{byte:02x}")?;
                        }
                        text.push_str("'::bytea");
                    }
                }
            }
            text.push(')');
        }
        text.push_str(statement.tail);
        text.push(';');
    }
    for statement in after {
        text.push_str(statement);
        text.push(';');
    }
    text.push_str("COMMIT");
    Ok(db.batch_execute(&text)?)
}

/// The rows of a query as text.
pub fn simple(db: &mut postgres::Client, text: &str) -> Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    for message in db.simple_query(text)? {
        if let postgres::SimpleQueryMessage::Row(row) = message {
            rows.push((0..row.len()).map(|i| row.get(i).unwrap_or_default().to_owned()).collect());
        }
    }
    Ok(rows)
}

fn hex(uuid: &str) -> Result<Vec<u8>> {
    let digits: String = uuid.chars().filter(char::is_ascii_hexdigit).collect();
    (0..digits.len() / 2).map(|i| Ok(u8::from_str_radix(&digits[2 * i..2 * i + 2], 16)?)).collect()
}
