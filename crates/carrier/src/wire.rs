//! The exact payloads that went over the wire, for people to read. Secrets are left out.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::Serialize;

/// Lines kept; the oldest go first.
const LINES_KEPT: usize = 2_000;
/// Bytes of a body that are kept; a longer one is cut, and says so.
const BODY_KEPT: usize = 16 * 1024;

/// Who spoke first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WireSide {
    /// The inbox asked the provider.
    ToProvider,
    /// The provider called a webhook of the inbox.
    ToInbox,
}

/// One request and, when there is one, its answer.
#[derive(Clone, Debug, Serialize)]
pub struct WireEntry {
    /// Grows by one with each line.
    pub id: u64,
    /// When it began.
    #[serde(serialize_with = "crate::moment::text")]
    pub at: Timestamp,
    /// Who spoke first.
    pub side: WireSide,
    /// What it is about: `send`, `list`, `fetch`, `numbers`, `account`, `media`, `change`,
    /// `inbound`, or a receipt's status (`delivered`).
    pub about: String,
    /// The method.
    pub method: String,
    /// Path and query; for a webhook the whole address.
    pub target: String,
    /// Headers, the credentials in them blackened.
    pub request_headers: Vec<(String, String)>,
    /// The body as it was.
    pub request_body: String,
    /// The answer's status; `None` while it is awaited or when none came.
    pub status: Option<u16>,
    /// Why none came: `timeout`, `connect`, `dropped`, `down`, `lost`.
    pub trouble: Option<&'static str>,
    /// The answer's body as it was.
    pub response_body: String,
    /// Milliseconds until the answer.
    pub latency_ms: Option<u64>,
    /// The message it is about.
    pub message_sid: Option<String>,
    /// The phone it is about, E.164.
    pub phone: Option<String>,
    /// Segments of the message, where known.
    pub segments: Option<u32>,
    /// The alphabet of the message, where known.
    pub encoding: Option<&'static str>,
    /// The faults that touched it, by their names in the fault list.
    pub faults: Vec<&'static str>,
    /// Parameters of a form that the provider's API document does not name: the provider overlooks
    /// them, so that a misspelt one would go unnoticed anywhere else.
    pub unknown_parameters: Vec<String>,
}

impl WireEntry {
    pub(crate) fn new(side: WireSide, about: &str, method: &str, target: &str) -> Self {
        Self {
            id: 0,
            at: Timestamp::now(),
            side,
            about: about.to_owned(),
            method: method.to_owned(),
            target: target.to_owned(),
            request_headers: Vec::new(),
            request_body: String::new(),
            status: None,
            trouble: None,
            response_body: String::new(),
            latency_ms: None,
            message_sid: None,
            phone: None,
            segments: None,
            encoding: None,
            faults: Vec::new(),
            unknown_parameters: Vec::new(),
        }
    }
}

/// The lines.
#[derive(Default)]
pub struct Wire {
    lines: VecDeque<WireEntry>,
    next: u64,
}

impl Wire {
    /// Adds a line and answers its id.
    pub fn add(&mut self, mut entry: WireEntry) -> u64 {
        let id = self.next;
        self.next += 1;
        entry.id = id;
        self.lines.push_back(entry);
        if self.lines.len() > LINES_KEPT {
            self.lines.pop_front();
        }
        id
    }

    pub fn get_mut(&mut self, id: u64) -> Option<&mut WireEntry> {
        let first = self.lines.front()?.id;
        let index = usize::try_from(id.checked_sub(first)?).ok()?;
        self.lines.get_mut(index)
    }

    /// Lines with an id of at least `from`, oldest first.
    pub fn since(&self, from: u64) -> impl DoubleEndedIterator<Item = &WireEntry> {
        self.lines.iter().filter(move |entry| entry.id >= from)
    }

    pub fn next_id(&self) -> u64 {
        self.next
    }

    /// Goes on counting from here, so that a page never takes a new line for an old one.
    pub fn start_at(&mut self, next: u64) {
        self.next = next;
    }
}

/// A body as text, cut to its bound; bytes that are no text are only counted.
pub fn readable(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.len() <= BODY_KEPT => text.to_owned(),
        Ok(text) => {
            let cut = text.floor_char_boundary(BODY_KEPT);
            format!("{}… ({} bytes)", &text[..cut], text.len())
        }
        Err(_) => format!("({} bytes)", bytes.len()),
    }
}

/// A header's value, blackened where it is a credential.
pub fn redacted(name: &str, value: &str) -> String {
    if name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("cookie") {
        let scheme = value.split(' ').next().unwrap_or_default();
        format!("{scheme} ••••••")
    } else {
        value.to_owned()
    }
}
