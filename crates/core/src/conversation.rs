//! A conversation: one matter with one customer. Which one does a text join, and what wakes it?

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::delivery::UnknownWord;
use uuid::Uuid;

use crate::id::{ChannelId, ContactId, EventId, LabelId, MessageId, TeamId, UserId};
use crate::time::{DAY, Millis};

/// Days after closing within which a text reopens the old conversation, where the channel says nothing else.
pub const REOPEN_DAYS: u32 = 3;
/// Days after their last touch within which a reopened conversation goes back to its assignee.
pub const STALE_OWNER_DAYS: u32 = 7;
/// A message this much older than its arrival came late: it is marked and triggers no automatic answer.
pub const LATE_AFTER: i64 = 2 * crate::time::MINUTE;
/// Characters of the newest message that lists show.
pub const PREVIEW_CHARACTERS: usize = 140;

/// What the team has done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// To be worked on.
    Open,
    /// Set aside until a time, or until the customer writes.
    Snoozed,
    /// Finished for now, for everyone.
    Closed,
    /// Unwanted: what comes here stays here.
    Spam,
    /// To be forgotten.
    Trash,
    /// A tombstone that points to the conversation it was merged into.
    Merged,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 6] =
        [Status::Open, Status::Snoozed, Status::Closed, Status::Spam, Status::Trash, Status::Merged];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Snoozed => "snoozed",
            Status::Closed => "closed",
            Status::Spam => "spam",
            Status::Trash => "trash",
            Status::Merged => "merged",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|s| s.as_str() == word).ok_or(UnknownWord)
    }
}

/// How urgent the team says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Not said.
    #[default]
    None,
    /// Can wait.
    Low,
    /// Should not wait.
    High,
    /// Must not wait.
    Urgent,
}

impl Priority {
    /// All of them, in order.
    pub const ALL: [Priority; 4] = [Priority::None, Priority::Low, Priority::High, Priority::Urgent];

    /// Its number in the database.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self as i64
    }

    /// The priority of a database number; unknown numbers are `None`.
    #[must_use]
    pub fn from_i64(n: i64) -> Priority {
        Self::ALL.into_iter().find(|p| p.as_i64() == n).unwrap_or_default()
    }
}

/// What a customer's message does to the conversation its thread points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// It goes there, and nothing else changes.
    Stay,
    /// It goes there, and the conversation is open again.
    Reopen,
    /// It begins a new conversation.
    New,
}

/// Does a message that arrives `now` join the conversation that its thread points to?
///
/// Open and spam ones are joined as they are; snoozed ones wake; closed and trashed ones reopen when they were closed
/// less than `reopen_days` days ago, and otherwise a new one begins (product.md, "Threading").
#[must_use]
pub fn join(status: Status, closed_at: Option<Millis>, reopen_days: u32, now: Millis) -> Join {
    match status {
        Status::Open | Status::Spam => Join::Stay,
        Status::Snoozed => Join::Reopen,
        Status::Closed | Status::Trash => match closed_at {
            Some(at) if now.since(at) < i64::from(reopen_days) * DAY => Join::Reopen,
            _ => Join::New,
        },
        // the caller follows the pointer before it asks; a tombstone itself is never joined
        Status::Merged => Join::New,
    }
}

/// One who is assigned to a conversation that reopens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// May they still sign in?
    pub active: bool,
    /// Out of office until then.
    pub away_until: Option<Millis>,
    /// When they last answered, noted or triaged here.
    pub touched_at: Option<Millis>,
}

/// Does a reopened conversation go back to this assignee? Only if they are active, not away, and touched it within
/// `stale_days` (product.md, "Stale owner").
#[must_use]
pub fn goes_back_to(owner: &Owner, stale_days: u32, now: Millis) -> bool {
    owner.active
        && owner.away_until.is_none_or(|until| until <= now)
        && owner.touched_at.is_some_and(|at| now.since(at) < i64::from(stale_days) * DAY)
}

/// When an entry happened: the provider's time where it is given and not later than arrival, else arrival.
#[must_use]
pub fn happened_at(provider: Option<Millis>, arrived: Millis) -> Millis {
    provider.map_or(arrived, |at| at.min(arrived))
}

/// Did it come so late that it must be marked and must not be answered by a machine?
#[must_use]
pub fn is_late(happened: Millis, arrived: Millis) -> bool {
    arrived.since(happened) > LATE_AFTER
}

/// The start of a message, on one line, for lists.
#[must_use]
pub fn preview(text: &str) -> String {
    let mut line = String::with_capacity(PREVIEW_CHARACTERS);
    let mut count = 0;
    for word in text.split_whitespace() {
        if count > 0 {
            line.push(' ');
            count += 1;
        }
        for c in word.chars() {
            if count >= PREVIEW_CHARACTERS {
                line.push('…');
                return line;
            }
            line.push(c);
            count += 1;
        }
    }
    line
}

/// The id of something on a timeline: what `seen_entry_id` may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryId {
    /// A message.
    Message(MessageId),
    /// A note.
    Note(crate::id::NoteId),
    /// A call.
    Call(crate::id::CallId),
    /// An event in one line.
    Event(EventId),
}

impl EntryId {
    /// The UUID inside, whatever the kind.
    #[must_use]
    pub const fn uuid(self) -> uuid::Uuid {
        match self {
            EntryId::Message(id) => id.uuid(),
            EntryId::Note(id) => id.uuid(),
            EntryId::Call(id) => id.uuid(),
            EntryId::Event(id) => id.uuid(),
        }
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EntryId::Message(id) => id.fmt(f),
            EntryId::Note(id) => id.fmt(f),
            EntryId::Call(id) => id.fmt(f),
            EntryId::Event(id) => id.fmt(f),
        }
    }
}

impl FromStr for EntryId {
    type Err = crate::id::InvalidId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('_').map(|(prefix, _)| prefix) {
            Some(MessageId::PREFIX) => text.parse().map(EntryId::Message),
            Some(crate::id::NoteId::PREFIX) => text.parse().map(EntryId::Note),
            Some(crate::id::CallId::PREFIX) => text.parse().map(EntryId::Call),
            Some(EventId::PREFIX) => text.parse().map(EntryId::Event),
            _ => Err(crate::id::InvalidId),
        }
    }
}

/// One range of a list: where exactly a conversation is counted. It is in one team cell, and beside it in one per person and per label
/// that has something to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cell {
    /// Open, nobody on it.
    Unassigned,
    /// Open, somebody on it.
    Assigned,
    /// Set aside.
    Snoozed,
    /// Finished.
    Closed,
    /// Unwanted.
    Spam,
    /// To be forgotten.
    Trash,
    /// Open and this user's.
    Mine(UserId),
    /// Set aside and this user's.
    MineSnoozed(UserId),
    /// Open, and a note in it has named this user.
    Mentions(UserId),
    /// Open, and this user follows it.
    Following(UserId),
    /// Open, with this label or one below it.
    Label(LabelId),
}

impl Cell {
    /// Its word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Cell::Unassigned => "unassigned",
            Cell::Assigned => "assigned",
            Cell::Snoozed => "snoozed",
            Cell::Closed => "closed",
            Cell::Spam => "spam",
            Cell::Trash => "trash",
            Cell::Mine(_) => "mine",
            Cell::MineSnoozed(_) => "mine_snoozed",
            Cell::Mentions(_) => "mentions",
            Cell::Following(_) => "following",
            Cell::Label(_) => "label",
        }
    }

    /// The cell of a word in the database and the user or label beside it.
    #[must_use]
    pub fn from_word(word: &str, owner: Uuid) -> Option<Cell> {
        Some(match word {
            "unassigned" => Cell::Unassigned,
            "assigned" => Cell::Assigned,
            "snoozed" => Cell::Snoozed,
            "closed" => Cell::Closed,
            "spam" => Cell::Spam,
            "trash" => Cell::Trash,
            "mine" => Cell::Mine(UserId::from_uuid(owner)),
            "mine_snoozed" => Cell::MineSnoozed(UserId::from_uuid(owner)),
            "mentions" => Cell::Mentions(UserId::from_uuid(owner)),
            "following" => Cell::Following(UserId::from_uuid(owner)),
            "label" => Cell::Label(LabelId::from_uuid(owner)),
            _ => return None,
        })
    }

    /// Whose it is, for the cells that are one person's: nobody else counts what they have read there.
    #[must_use]
    pub const fn person(self) -> Option<UserId> {
        match self {
            Cell::Mine(user) | Cell::MineSnoozed(user) | Cell::Mentions(user) | Cell::Following(user) => Some(user),
            _ => None,
        }
    }

    /// The user or label that stands beside its word; the nil UUID where there is none.
    #[must_use]
    pub const fn owner(self) -> Uuid {
        match (self, self.person()) {
            (Cell::Label(label), _) => label.uuid(),
            (_, Some(user)) => user.uuid(),
            _ => Uuid::nil(),
        }
    }
}

/// What decides the cells of a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Who is on it.
    pub assignees: Vec<UserId>,
    /// Whom a note in it has named.
    pub mentioned: Vec<UserId>,
    /// Who follows it.
    pub following: Vec<UserId>,
    /// Its labels, and those above them.
    pub labels: Vec<LabelId>,
}

/// The cells that a conversation is counted in.
#[must_use]
pub fn cells(status: Status, of: &Counted) -> Vec<Cell> {
    let people = |users: &[UserId], cell: fn(UserId) -> Cell| users.iter().copied().map(cell).collect::<Vec<_>>();
    let mut cells = match status {
        Status::Open if of.assignees.is_empty() => vec![Cell::Unassigned],
        Status::Open => vec![Cell::Assigned],
        Status::Snoozed => vec![Cell::Snoozed],
        Status::Closed => vec![Cell::Closed],
        Status::Spam => vec![Cell::Spam],
        Status::Trash => vec![Cell::Trash],
        Status::Merged => Vec::new(),
    };
    match status {
        Status::Open => {
            cells.extend(people(&of.assignees, Cell::Mine));
            cells.extend(people(&of.mentioned, Cell::Mentions));
            cells.extend(people(&of.following, Cell::Following));
            cells.extend(of.labels.iter().copied().map(Cell::Label));
        }
        Status::Snoozed => cells.extend(people(&of.assignees, Cell::MineSnoozed)),
        _ => {}
    }
    cells
}

/// What a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// Open and nobody's: triage.
    Unassigned,
    /// Open and mine.
    Mine,
    /// All open.
    All,
    /// Closed.
    Closed,
    /// Set aside.
    Snoozed,
    /// Unwanted.
    Spam,
    /// To be forgotten.
    Trash,
    /// Set aside and mine.
    MineSnoozed,
    /// A note in it has named me; the newest such note first. Spam and trash are left out.
    Mentions,
    /// I follow it. Spam and trash are left out.
    Following,
    /// Open, with this label or one below it.
    Label(LabelId),
}

impl View {
    /// Those of which there is one for everybody: all but the labels.
    pub const ALL: [View; 10] = [
        View::Unassigned,
        View::Mine,
        View::All,
        View::Closed,
        View::Snoozed,
        View::Spam,
        View::Trash,
        View::MineSnoozed,
        View::Mentions,
        View::Following,
    ];

    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            View::Unassigned => "unassigned",
            View::Mine => "mine",
            View::All => "all",
            View::Closed => "closed",
            View::Snoozed => "snoozed",
            View::Spam => "spam",
            View::Trash => "trash",
            View::MineSnoozed => "mine_snoozed",
            View::Mentions => "mentions",
            View::Following => "following",
            View::Label(_) => "label",
        }
    }

    /// Does it show what is mine alone, whatever the team?
    #[must_use]
    pub const fn is_personal(self) -> bool {
        matches!(self, View::Mine | View::MineSnoozed | View::Mentions | View::Following)
    }

    /// The order that this view has: who waits is known of open conversations only, what is set aside is shown by when it wakes.
    #[must_use]
    pub const fn order(self, wanted: Sort) -> Order {
        match (self, wanted) {
            (View::Unassigned | View::Mine | View::All | View::Label(_), Sort::Waiting) => Order::Waiting,
            (View::Snoozed | View::MineSnoozed, _) => Order::Wakes,
            (View::Mentions, _) => Order::Mentioned,
            _ => Order::Newest,
        }
    }
}

impl FromStr for View {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|view| view.as_str() == word).ok_or(UnknownWord)
    }
}

/// The order of a list, as its reader may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// Newest activity first.
    #[default]
    Newest,
    /// Waiting longest first; who does not wait comes after.
    Waiting,
}

/// The order that a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Newest activity first.
    Newest,
    /// Waiting longest first; who does not wait comes after.
    Waiting,
    /// Next to wake first; what waits for an answer comes after.
    Wakes,
    /// Whose newest mention of the reader is newest, first.
    Mentioned,
}

impl FromStr for Sort {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        match word {
            "newest" => Ok(Sort::Newest),
            "waiting" => Ok(Sort::Waiting),
            _ => Err(UnknownWord),
        }
    }
}

/// A conversation's place: what decides which lists it is in and who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What the team has done with it.
    pub status: Status,
    /// Whose inbox it is in; in none when absent.
    pub team: Option<TeamId>,
    /// Who is on it, in order of id.
    pub assignees: Vec<UserId>,
}

/// Where a reply may go out: a channel of ours and the contact at its other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    /// Our address.
    pub channel: ChannelId,
    /// Theirs.
    pub contact: ContactId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;

    const NOW: Millis = Millis(1_800_000_000_000);

    #[test]
    fn a_text_joins_reopens_or_begins() {
        let cases = [
            (Status::Open, None, Join::Stay),
            (Status::Spam, None, Join::Stay),
            (Status::Snoozed, None, Join::Reopen),
            (Status::Closed, Some(NOW - (3 * DAY - 1)), Join::Reopen),
            (Status::Closed, Some(NOW - 3 * DAY), Join::New),
            (Status::Closed, None, Join::New),
            (Status::Trash, Some(NOW - HOUR), Join::Reopen),
            (Status::Trash, Some(NOW - 4 * DAY), Join::New),
            (Status::Merged, None, Join::New),
        ];
        for (status, closed_at, expected) in cases {
            assert_eq!(join(status, closed_at, REOPEN_DAYS, NOW), expected, "{status} {closed_at:?}");
        }
        assert_eq!(join(Status::Closed, Some(NOW), 0, NOW), Join::New, "0 days: never reopen");
    }

    #[test]
    fn a_stale_owner_does_not_get_it_back() {
        let fresh = Owner { active: true, away_until: None, touched_at: Some(NOW - DAY) };
        let cases = [
            (fresh, true),
            (Owner { active: false, ..fresh }, false),
            (Owner { away_until: Some(NOW + 1), ..fresh }, false),
            (Owner { away_until: Some(NOW), ..fresh }, true),
            (Owner { touched_at: Some(NOW - 7 * DAY), ..fresh }, false),
            (Owner { touched_at: None, ..fresh }, false),
        ];
        for (owner, expected) in cases {
            assert_eq!(goes_back_to(&owner, STALE_OWNER_DAYS, NOW), expected, "{owner:?}");
        }
    }

    #[test]
    fn a_provider_s_clock_never_dates_a_message_into_the_future() {
        assert_eq!(happened_at(Some(NOW + HOUR), NOW), NOW);
        assert_eq!(happened_at(Some(NOW - HOUR), NOW), NOW - HOUR);
        assert_eq!(happened_at(None, NOW), NOW);
        assert!(is_late(NOW - LATE_AFTER - 1, NOW));
        assert!(!is_late(NOW - LATE_AFTER, NOW));
    }

    #[test]
    fn preview_is_one_line_of_bounded_length() {
        assert_eq!(preview("  a\n\n b\tc "), "a b c");
        let long = preview(&"é".repeat(500));
        assert_eq!(long.chars().count(), PREVIEW_CHARACTERS + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn every_conversation_is_in_one_team_cell_and_one_per_person_and_label_that_has_to_do_with_it() {
        let (ana, sam) = (UserId::new(NOW, &[1; 10]), UserId::new(NOW, &[2; 10]));
        let leak = LabelId::new(NOW, &[3; 10]);
        let of = Counted { assignees: vec![ana], mentioned: vec![ana, sam], following: vec![sam], labels: vec![leak] };
        assert_eq!(cells(Status::Open, &Counted::default()), [Cell::Unassigned]);
        assert_eq!(
            cells(Status::Open, &of),
            [
                Cell::Assigned,
                Cell::Mine(ana),
                Cell::Mentions(ana),
                Cell::Mentions(sam),
                Cell::Following(sam),
                Cell::Label(leak)
            ]
        );
        assert_eq!(cells(Status::Snoozed, &of), [Cell::Snoozed, Cell::MineSnoozed(ana)]);
        assert_eq!(cells(Status::Closed, &of), [Cell::Closed]);
        assert!(cells(Status::Merged, &of).is_empty());
        for cell in cells(Status::Open, &of).into_iter().chain(cells(Status::Snoozed, &of)) {
            assert_eq!(Cell::from_word(cell.as_str(), cell.owner()), Some(cell));
        }
    }
}
