//! What happened in two years: who wrote when, and what became of it. Nothing is written here; the same shape and moment give the
//! same past.

use anyhow::bail;
use partyline_core::conversation::Status;
use partyline_core::time::{DAY, HOUR, MINUTE, Millis, SECOND};

use super::words::CONTACTS_MAX;
use crate::commands::dice::Dice;

/// How far back it goes.
pub const PAST: i64 = 730 * DAY;
/// The most conversations: there are numbers for a fifth as many contacts, and a plan takes some 400 bytes of memory for each.
const CONVERSATIONS_MAX: u32 = 4_000_000;
/// The most entries.
const ENTRIES_MAX: u32 = 40_000_000;
/// Entries of one of the few conversations that never end.
const LONG: u32 = 5_000;
/// One conversation in so many never ends.
const LONG_EVERY: u32 = 25_000;
/// One in so many is recent enough to be worked on.
const RECENT_EVERY: u32 = 25;
/// A contact has had so many conversations, on average.
const PER_CONTACT: u32 = 5;
/// The most entries of any other conversation.
const LENGTH_MAX: u32 = 400;
/// One conversation in so many is of the small team, with the rare label.
const RARE_EVERY: u32 = 20_000;

// each contact has a number of their own
const _: () = assert!(CONVERSATIONS_MAX / PER_CONTACT + CONVERSATIONS_MAX / LONG_EVERY <= CONTACTS_MAX);

/// Something that happened in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// The customer wrote.
    Text,
    /// The team answered.
    Reply,
    /// The answer arrived.
    Arrived,
    /// The team noted something.
    Note,
    /// Somebody took it.
    Assign,
    /// It was closed, or left the inbox another way.
    End,
}

/// One moment of the past; they sort by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// When.
    pub at: i64,
    /// In which conversation, by its place in the plan.
    pub conversation: u32,
    /// Which of its entries this is; a receipt has the number of its answer.
    pub entry: u16,
    /// What.
    pub act: Act,
}

/// A conversation of the past.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Which contact.
    pub contact: u32,
    /// Is it the contact's first?
    pub first: bool,
    /// Is it the contact's last? Then the next text joins it.
    pub last: bool,
    /// What it is in the end.
    pub status: Status,
    /// Whose inbox: a place in the list of teams.
    pub team: u8,
    /// Who is on it: a place in the list of people.
    pub owner: Option<u8>,
    /// Has its owner seen everything?
    pub seen: bool,
    /// It ended with its only entry: nothing was written about it.
    pub lone_end: bool,
    /// Colleagues who have looked, from the one after the owner on.
    pub readers: u8,
    /// What it is about: a place in the list of labels.
    pub label: Option<u8>,
    /// Who wants to be told of it without being on it: a place in the list of people.
    pub follower: Option<u8>,
}

/// The past.
#[derive(Debug)]
pub struct Plan {
    /// Every conversation.
    pub conversations: Vec<Planned>,
    /// Everything that happened, in order.
    pub moments: Vec<Moment>,
    /// How many contacts there are.
    pub contacts: u32,
}

/// How many conversations and entries, with how many people and teams.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Conversations.
    pub conversations: u32,
    /// Entries of all of them together: messages, notes, and lines that say what was done.
    pub entries: u32,
    /// People.
    pub people: usize,
    /// Teams; the last one is small.
    pub teams: usize,
    /// Labels; the last one is rare.
    pub labels: usize,
}

impl Shape {
    /// Can it be planned?
    pub fn check(&self) -> anyhow::Result<()> {
        if self.conversations == 0 || self.conversations > CONVERSATIONS_MAX {
            bail!("--conversations: from 1 to {CONVERSATIONS_MAX}");
        }
        let most = ENTRIES_MAX.min(self.conversations.saturating_mul(LENGTH_MAX / 2));
        if self.entries < self.conversations || self.entries > most {
            bail!(
                "--entries: from {} to {most} for {} conversations; each has at least one",
                self.conversations,
                self.conversations
            );
        }
        Ok(())
    }

    fn long(&self) -> u32 {
        // they take a tenth of the entries at most
        (self.conversations / LONG_EVERY).min(self.entries / 10 / LONG)
    }
}

/// Plans a past that ends just before `now`.
pub fn plan(shape: &Shape, now: Millis) -> Plan {
    let mut dice = Dice::new(u64::from(shape.conversations) << 32 | u64::from(shape.entries));
    let long = shape.long();
    let others = shape.conversations - long;
    let contacts = (others / PER_CONTACT).max(1);
    let mut plan = Plan {
        conversations: Vec::with_capacity(shape.conversations as usize),
        moments: Vec::with_capacity(shape.entries as usize + shape.entries as usize / 2),
        contacts: contacts + long,
    };
    for n in 0..long {
        let planned =
            Planned { contact: contacts + n, first: true, last: true, status: Status::Open, ..some(shape, &mut dice) };
        let start = now.0 - PAST + dice.millis(0, 30 * DAY);
        let times = (0..LONG).map(|_| dice.millis(start, now.0 - MINUTE)).collect();
        add(&mut plan, planned, times, &mut dice);
    }
    let mut left = shape.entries - long * LONG;
    let recent = (others / RECENT_EVERY).max(1);
    for n in 0..others {
        let length = length(left, others - n, &mut dice);
        left -= length;
        let planned = Planned {
            contact: n % contacts,
            first: n < contacts,
            last: n + contacts >= others,
            status: if n >= others - recent { recent_status(&mut dice) } else { old_status(&mut dice) },
            ..some(shape, &mut dice)
        };
        let planned = if n % RARE_EVERY == RARE_EVERY / 2 { rare(shape, &planned) } else { planned };
        let start = start(n, others, now, &mut dice);
        let times = times(start, length, now, &mut dice);
        add(&mut plan, planned, times, &mut dice);
    }
    plan.moments.sort_unstable();
    plan
}

/// What does not depend on where it stands.
fn some(shape: &Shape, dice: &mut Dice) -> Planned {
    let nobody = dice.permille(300);
    let owner = place(dice.zipf(shape.people));
    let labelled = dice.permille(250);
    let label = place(dice.zipf(shape.labels - 1));
    let followed = dice.permille(20);
    let follower = place(dice.zipf(shape.people));
    Planned {
        contact: 0,
        first: false,
        last: false,
        status: Status::Open,
        team: place(dice.zipf(shape.teams - 1)),
        owner: (!nobody).then_some(owner),
        seen: dice.permille(600),
        lone_end: false,
        readers: u8::try_from(dice.below(4)).unwrap_or(0),
        label: labelled.then_some(label),
        follower: followed.then_some(follower),
    }
}

/// A place in a short list.
fn place(n: usize) -> u8 {
    u8::try_from(n).unwrap_or(0)
}

/// The same, in the small team and with the rare label.
fn rare(shape: &Shape, planned: &Planned) -> Planned {
    Planned { team: place(shape.teams - 1), label: Some(place(shape.labels - 1)), ..planned.clone() }
}

/// Is this note a task?
pub fn is_task(note: &Moment) -> bool {
    note.act == Act::Note && marks(note).permille(150)
}

/// Whom a note names: so many people after the conversation's owner.
pub fn named(note: &Moment) -> Option<u8> {
    let mut dice = marks(note);
    dice.permille(150);
    (note.act == Act::Note && dice.permille(300)).then(|| 1 + place(usize::try_from(dice.below(9)).unwrap_or(0)))
}

fn marks(note: &Moment) -> Dice {
    Dice::new(u64::from(note.conversation) << 24 | u64::from(note.entry))
}

fn recent_status(dice: &mut Dice) -> Status {
    match dice.below(100) {
        0..70 => Status::Open,
        70..80 => Status::Snoozed,
        _ => Status::Closed,
    }
}

fn old_status(dice: &mut Dice) -> Status {
    match dice.below(1_000) {
        0..3 => Status::Spam,
        3..5 => Status::Trash,
        _ => Status::Closed,
    }
}

/// Entries of one conversation: many short ones, few long ones, and all of `left` used up by the last of them.
fn length(left: u32, conversations: u32, dice: &mut Dice) -> u32 {
    let spare = left - conversations;
    if conversations == 1 {
        return left;
    }
    let mean = u64::from(spare / conversations)
        + u64::from(dice.below(u64::from(conversations)) < u64::from(spare % conversations));
    // a few are three times as long, half of them shorter: the mean stays what it is
    let extra = match dice.below(8) {
        0 => mean * 3,
        1..4 => mean,
        _ => dice.below(mean + 1),
    };
    // what is over or under is evened out by those that follow
    1 + u32::try_from(extra).unwrap_or(0).min(spare).min(LENGTH_MAX - 1)
}

/// When the n-th conversation begins: in bursts, by day more than by night.
fn start(n: u32, of: u32, now: Millis, dice: &mut Dice) -> i64 {
    let share = |n: u32| PAST * i64::from(n) / i64::from(of);
    let about = now.0 - PAST + dice.millis(share(n), share(n + 1).max(share(n) + 1));
    let hour = if dice.permille(850) { dice.millis(13 * HOUR, 25 * HOUR) } else { dice.millis(0, DAY) };
    let at = about - about.rem_euclid(DAY) + hour;
    // a burst: what comes within a quarter of an hour comes at its beginning
    let at = if dice.permille(200) { at - at.rem_euclid(15 * MINUTE) + dice.millis(0, 40 * SECOND) } else { at };
    if at < now.0 - 5 * MINUTE { at } else { now.0 - dice.millis(5 * MINUTE, 10 * HOUR) }
}

fn times(start: i64, length: u32, now: Millis, dice: &mut Dice) -> Vec<i64> {
    let mut times = Vec::with_capacity(length as usize);
    let mut at = start;
    for _ in 0..length {
        times.push(at);
        // from half a minute to some hours, short ones more often
        let scale = dice.one(&[30 * SECOND, 2 * MINUTE, 5 * MINUTE, 20 * MINUTE, 3 * HOUR]);
        at += scale + dice.millis(0, scale);
    }
    let (span, room) = (at - start, now.0 - 10 * SECOND - start);
    if span > room {
        for at in &mut times {
            *at = start + i64::try_from(i128::from(*at - start) * i128::from(room) / i128::from(span)).unwrap_or(0);
        }
    }
    times
}

/// How long an answer was under way, in milliseconds.
pub fn travel(conversation: u32, entry: u16) -> i64 {
    Dice::new(u64::from(conversation) << 20 | u64::from(entry)).millis(SECOND, 9 * SECOND)
}

fn add(plan: &mut Plan, mut planned: Planned, mut times: Vec<i64>, dice: &mut Dice) {
    times.sort_unstable();
    let conversation = u32::try_from(plan.conversations.len()).unwrap_or(u32::MAX);
    let ends = planned.status != Status::Open;
    planned.lone_end = ends && times.len() == 1;
    let mut moments = |at: i64, entry: usize, act: Act| {
        plan.moments.push(Moment { at, conversation, entry: u16::try_from(entry).unwrap_or(u16::MAX), act });
    };
    let mut assigned = planned.owner.is_none();
    let mut before = Act::Text;
    for (n, at) in times.iter().enumerate() {
        let act = match before {
            _ if n == 0 => Act::Text,
            _ if ends && n + 1 == times.len() => Act::End,
            Act::Reply if !assigned => {
                assigned = true;
                Act::Assign
            }
            _ if dice.permille(40) => Act::Note,
            // nobody's has not been answered while it is open
            Act::Text if dice.permille(800) && (ends || planned.owner.is_some()) => Act::Reply,
            _ => Act::Text,
        };
        moments(*at, n, act);
        if act == Act::Reply {
            moments(*at + travel(conversation, u16::try_from(n).unwrap_or(u16::MAX)), n, Act::Arrived);
        }
        before = act;
    }
    plan.conversations.push(planned);
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_795_500_000_000);

    fn shape(conversations: u32, entries: u32) -> Shape {
        Shape { conversations, entries, people: 30, teams: 9, labels: 12 }
    }

    #[test]
    fn there_are_as_many_entries_as_were_asked_for() {
        for (conversations, entries) in [(1, 1), (1, 40), (7, 7), (10, 50), (300, 1_500), (60_000, 250_000)] {
            let plan = plan(&shape(conversations, entries), NOW);
            assert_eq!(plan.conversations.len(), conversations as usize);
            let made = plan.moments.iter().filter(|m| m.act != Act::Arrived).count();
            assert_eq!(made, entries as usize, "{conversations}/{entries}");
        }
    }

    #[test]
    fn the_past_is_in_order_and_over() {
        let plan = plan(&shape(2_000, 9_000), NOW);
        assert!(plan.moments.is_sorted());
        assert!(plan.moments.iter().all(|m| m.at <= NOW.0 && m.at >= NOW.0 - PAST - DAY));
        let open = plan.conversations.iter().filter(|c| c.status == Status::Open).count();
        assert!((30..=80).contains(&open), "{open}");
    }

    #[test]
    fn only_the_last_conversation_of_a_contact_can_be_worked_on() {
        let plan = plan(&shape(5_000, 20_000), NOW);
        for c in plan.conversations.iter().filter(|c| matches!(c.status, Status::Open | Status::Snoozed)) {
            assert!(c.last);
        }
        let mut last: Vec<u32> = plan.conversations.iter().filter(|c| c.last).map(|c| c.contact).collect();
        last.sort_unstable();
        last.dedup();
        assert_eq!(last.len(), plan.contacts as usize, "each contact has one last conversation");
    }

    #[test]
    fn what_can_not_be_planned_is_refused() {
        assert!(shape(0, 10).check().is_err());
        assert!(shape(10, 9).check().is_err());
        assert!(shape(10, 100_000).check().is_err());
        assert!(shape(1_000_000, 5_000_000).check().is_ok());
    }
}
