//! What must hold at the end of every history, whatever happened in it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use anyhow::Result;
use partyline_core::delivery::DeliveryStatus;
use partyline_core::time::{MINUTE, SECOND};
use partyline_store::events::Audit;

use crate::history::Seen;
use crate::ledger::{Attempt, Change, Message, Stored};
use crate::network::{Fate, Look, Report, Request, Taken, Text, network};
use crate::turn;
use crate::world::World;

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which promise.
    pub what: &'static str,
    /// What was seen.
    pub why: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

/// An unknown message holds back the next one to its recipient at most this long.
const HOLD: i64 = 5 * MINUTE;
/// A worker holds what it has claimed for this long.
const LEASE: i64 = 2 * MINUTE;
/// The last look is this long after the request.
const LAST_LOOK: i64 = 30 * SECOND;

/// Everything that the checks look at.
struct Evidence {
    texts: Vec<Text>,
    stored: Vec<Stored>,
    messages: Vec<Message>,
    changes: Vec<Change>,
    attempts: Vec<Attempt>,
    requests: Vec<Request>,
    taken: Vec<Taken>,
    looks: Vec<Look>,
    told: Vec<Report>,
    leases: Vec<(String, i64, i64)>,
    retried: HashMap<String, u32>,
    planned: HashSet<String>,
    /// Messages that were planned unless they write.
    unless: Vec<String>,
    taken_back: Vec<i64>,
}

impl Evidence {
    /// What happened to a message, oldest first.
    fn changes_of<'a>(&'a self, id: &'a str) -> impl DoubleEndedIterator<Item = &'a Change> {
        self.changes.iter().filter(move |c| c.id == id)
    }

    /// How often a person had it sent once more, or may have.
    fn people(&self, id: &str) -> usize {
        self.retried.get(id).copied().unwrap_or(0) as usize
    }

    /// It and the others that say the same to the same person: which of them a look has shown can't be told.
    fn twins(&self, message: &Message) -> Vec<&Message> {
        self.messages.iter().filter(|m| m.to == message.to && m.text == message.text).collect()
    }
}

/// Looks at everything.
///
/// # Errors
/// When the database can't be looked at.
pub fn all(world: &mut World) -> Result<(Vec<Broken>, Seen)> {
    let evidence = {
        let network = network();
        Evidence {
            texts: network.texts.clone(),
            stored: world.ledger.stored()?,
            messages: world.ledger.messages()?,
            changes: world.ledger.changes()?,
            attempts: world.ledger.attempts()?,
            requests: network.requests.clone(),
            taken: network.taken.clone(),
            looks: network.looks.clone(),
            told: world.told.clone(),
            leases: world.leases.clone(),
            retried: world.retried.clone(),
            planned: world.planned.clone(),
            unless: world
                .replies
                .iter()
                .filter(|reply| reply.wanted.cancel_on_reply)
                .filter_map(|reply| reply.message.map(|id| id.to_string()))
                .collect(),
            taken_back: world.taken_back.clone(),
        }
    };
    let mut broken: Vec<Broken> = world.wrong.iter().map(|why| Broken { what: "works", why: why.clone() }).collect();
    let mut say =
        |what: &'static str, found: Vec<String>| broken.extend(found.into_iter().map(|why| Broken { what, why }));
    say("acknowledged texts are there once", texts_once(&evidence, world));
    say("acknowledged replies are there once", replies_once(&evidence, world));
    say("sent at most once", sent_once(&evidence));
    say("told the truth", truthful(&evidence));
    say("states move forward", forward(&evidence));
    say("in order", in_order(&evidence));
    say("consent", consent(&evidence));
    say("unless they write", unless_they_write(&evidence));
    say("settles", settled(&evidence));
    say("the log", the_log(world)?);
    let counts: BTreeMap<&str, u64> = evidence.taken.iter().fold(BTreeMap::new(), |mut counts, t| {
        *counts.entry(t.message.as_str()).or_default() += 1;
        counts
    });
    let seen = Seen {
        texts: world.acknowledged.len() as u64,
        requests: evidence.requests.len() as u64,
        taken: evidence.taken.len() as u64,
        not_let_in: evidence.requests.iter().filter(|r| r.fate == Fate::NotLetIn).count() as u64,
        twice: counts.values().filter(|n| **n > 1).count() as u64,
        events: u64::try_from(world.ledger.head()?).unwrap_or(0),
        crashed: world.crashed.clone(),
        ..Seen::default()
    };
    Ok((broken, seen))
}

/// Every text that the provider has is in the inbox once: what was acknowledged, and what the next look at its list has found.
fn texts_once(evidence: &Evidence, world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut times: HashMap<&str, Vec<&Stored>> = HashMap::new();
    for stored in &evidence.stored {
        times.entry(stored.sid.as_str()).or_default().push(stored);
    }
    for (index, text) in evidence.texts.iter().enumerate() {
        let there = times.remove(text.sid.as_str()).unwrap_or_default();
        let acknowledged = world.acknowledged.get(&index).copied().unwrap_or(0);
        if there.len() != 1 {
            wrong.push(format!(
                "{} was acknowledged {acknowledged} times and is there {} times",
                text.sid,
                there.len()
            ));
        }
        if there.iter().any(|s| s.text != text.body || s.from != text.from) {
            wrong.push(format!("{} is not what was sent", text.sid));
        }
    }
    wrong.extend(times.keys().map(|sid| format!("{sid} was never sent")));
    wrong
}

fn replies_once(evidence: &Evidence, world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    for (index, reply) in world.replies.iter().enumerate() {
        let unique = reply.wanted.text.starts_with("reply ");
        let there = evidence.messages.iter().filter(|m| unique && m.text == reply.wanted.text).count();
        if there > 1 {
            wrong.push(format!("reply {index} is there {there} times"));
        }
        if let Some(id) = reply.message.map(|id| id.to_string())
            && !evidence.messages.iter().any(|m| m.id == id && m.text == reply.wanted.text)
        {
            wrong.push(format!("reply {index} was acknowledged as {id} and is gone"));
        }
    }
    wrong
}

/// A message is taken once, and once more only where the last look did not show it, or a person said so.
fn sent_once(evidence: &Evidence) -> Vec<String> {
    let mut wrong = Vec::new();
    for message in &evidence.messages {
        let requests: Vec<&Request> = evidence.requests.iter().filter(|r| r.message == message.id).collect();
        let taken: Vec<&Taken> = evidence.taken.iter().filter(|t| t.message == message.id).collect();
        let people = evidence.people(&message.id);
        let absences = absences(evidence, message);
        if taken.len() > 1 + people + absences {
            wrong.push(format!(
                "{} ({:?}) was taken {} times, though {people} times a person and {absences} times a look allowed it",
                message.id,
                message.text,
                taken.len()
            ));
        }
        if absences > 1 + people {
            wrong.push(format!("{} was sent once more by itself {absences} times", message.id));
        }
        // what may have left is not repeated without a look
        let blind = requests.iter().filter(|r| is_open(r)).count();
        if blind > 1 + people + absences {
            wrong.push(format!("{} was repeated {blind} times, with {absences} looks", message.id));
        }
    }
    for taken in &evidence.taken {
        let right = evidence.messages.iter().any(|m| m.id == taken.message && m.to == taken.to && m.text == taken.text);
        if !right {
            wrong.push(format!("{} was sent to {} and belongs to nobody", taken.sid, taken.to));
        }
    }
    wrong
}

/// May it have been taken?
fn is_open(request: &Request) -> bool {
    matches!(request.fate, Fate::Taken | Fate::TakenInSilence | Fate::TakenLate | Fate::Lost)
}

/// How often it was sent once more because the last look did not show it.
fn absences(evidence: &Evidence, message: &Message) -> usize {
    let changes: Vec<&Change> = evidence.changes_of(&message.id).collect();
    let mut absences = 0;
    for pair in changes.windows(2) {
        // what a person sends once more is theirs, whatever a look has shown before
        if pair[0].status != "unknown" || pair[1].status != "queued" || pair[1].by_person {
            continue;
        }
        let left = changes.iter().rev().find(|c| c.status == "sending" && c.seq <= pair[0].seq);
        let Some(left) = left else { continue };
        let look =
            evidence.looks.iter().rev().find(|l| l.to == message.to && l.head < pair[1].seq && l.at.0 >= left.at);
        let Some(look) = look else { continue };
        if look.at.0 - left.at >= LAST_LOOK && is_absent(evidence, message, look, left) {
            absences += 1;
        }
    }
    absences
}

/// Did a look not show it? Of twins one is missing where the look shows fewer copies than there are requests of theirs that may have
/// been taken.
fn is_absent(evidence: &Evidence, message: &Message, look: &Look, left: &Change) -> bool {
    let Some(shown) = &look.shown else { return false };
    let changes: Vec<&Change> = evidence.changes_of(&message.id).collect();
    let twins: HashSet<&str> = evidence.twins(message).iter().map(|m| m.id.as_str()).collect();
    if twins.len() == 1 {
        // a copy of an earlier try, of which we had heard before a person had it sent once more, is not what was looked for
        let is_earlier = |sid: &str| {
            let request = evidence.requests.iter().find(|r| r.sid == sid);
            let seen = |l: &Look| l.shown.as_ref().is_some_and(|shown| shown.iter().any(|copy| copy.sid == sid));
            let heard = request.is_some_and(|r| r.fate == Fate::Taken)
                || evidence.told.iter().any(|r| r.sid == sid)
                // the report was written, and its process died before it could say so
                || request.is_some_and(|r| changes.iter().any(|c| c.status == "failed" && c.seq > r.head && c.seq < left.seq)
                    && evidence.taken.iter().any(|t| t.sid == sid && t.status == DeliveryStatus::Failed))
                || evidence.looks.iter().any(|l| l.head < left.seq && seen(l));
            evidence.people(&message.id) > 0 && heard && request.is_some_and(|r| r.head < left.seq)
        };
        return !shown.iter().any(|copy| copy.message == message.id && !is_earlier(&copy.sid));
    }
    let copies = shown.iter().filter(|copy| twins.contains(copy.message.as_str())).count();
    let certain = |a: &Attempt| matches!(a.outcome.as_deref(), Some("refused" | "never_left"));
    let is_over = |a: &Attempt| certain(a) && a.ended_at.is_some_and(|at| at <= look.at.0);
    let open = evidence.attempts.iter().filter(|a| twins.contains(a.id.as_str()) && a.at <= look.at.0 && !is_over(a));
    // older ones than it asked for can't be shown
    let older = |t: &&Taken| twins.contains(t.message.as_str()) && t.created_at < look.since;
    let older = evidence.taken.iter().filter(older).count();
    copies + older < open.count()
}

/// What people are told has left, has left; what is said to have failed has not arrived; what is openly unknown may have.
fn truthful(evidence: &Evidence) -> Vec<String> {
    let mut wrong = Vec::new();
    for message in &evidence.messages {
        let twins = evidence.twins(message);
        let copies = evidence.taken.iter().filter(|t| t.to == message.to && t.text == message.text).count();
        let left = twins.iter().filter(|m| has_left(m)).count();
        if has_left(message) && left > copies {
            wrong.push(format!("{} is {} and was never taken", message.id, message.status));
        }
        let requests = evidence.requests.iter().filter(|r| r.message == message.id).count();
        if message.status == "cancelled"
            && requests > 0
            && !evidence.changes_of(&message.id).any(|c| c.status == "queued" && c.seq > message.seq)
        {
            wrong.push(format!("{} was taken back and left all the same", message.id));
        }
        if message.status == "failed" {
            wrong.extend(not_failed(evidence, message, &twins));
        }
    }
    wrong
}

fn has_left(message: &Message) -> bool {
    matches!(message.status.as_str(), "sent" | "delivered" | "read")
}

/// Why what is said to have failed has not.
fn not_failed(evidence: &Evidence, message: &Message, twins: &[&Message]) -> Vec<String> {
    let mut wrong = Vec::new();
    let changes: Vec<&Change> = evidence.changes_of(&message.id).collect();
    let last = changes.iter().rev().find(|c| c.status == "sending").map_or(0, |c| c.seq);
    let refused =
        |r: &Request| matches!(r.fate, Fate::Refused | Fate::OptedOut | Fate::NeverLeft | Fate::Busy | Fate::NotLetIn);
    let refused = evidence.requests.iter().any(|r| r.message == message.id && r.head >= last && refused(r));
    let ids: HashSet<&str> = twins.iter().map(|m| m.id.as_str()).collect();
    let copies: Vec<&Taken> = evidence.taken.iter().filter(|t| ids.contains(t.message.as_str())).collect();
    let ended = copies.iter().any(|t| t.status == DeliveryStatus::Failed);
    // from the queue: it had not left, or not again
    let before = changes.iter().rev().nth(1).map(|c| c.status.as_str());
    let stopped =
        matches!(before, None | Some("queued" | "scheduled")) && message.error.as_deref() != Some("unreachable");
    if !(refused || ended || stopped) {
        wrong.push(format!("{} failed ({:?}) and nobody refused it", message.id, message.error));
    }
    // a copy that has arrived, and we were told so
    let arrived = |t: &&&Taken| t.status == DeliveryStatus::Delivered;
    let told = |t: &&Taken| evidence.told.iter().any(|r| r.sid == t.sid && r.status == DeliveryStatus::Delivered);
    let told: HashSet<&str> = copies.iter().filter(arrived).filter(|t| told(t)).map(|t| t.message.as_str()).collect();
    let known = twins.iter().filter(|m| matches!(m.status.as_str(), "delivered" | "read")).count();
    if told.contains(message.id.as_str()) && known < told.len() {
        wrong.push(format!("{} failed, and the provider has said that it arrived", message.id));
    }
    // or a look has shown it while it was looked for, and no person had it sent once more since
    let shown = |look: &&Look, copy: &Taken| {
        let state = changes.iter().rev().find(|c| c.seq <= look.head);
        look.shown.as_ref().is_some_and(|shown| shown.iter().any(|s| s.sid == copy.sid))
            && state.is_some_and(|c| c.status == "unknown")
    };
    let seen = copies.iter().filter(arrived).find(|t| evidence.looks.iter().any(|look| shown(&look, t)));
    if let Some(copy) = seen.filter(|_| twins.len() == 1 && evidence.people(&message.id) == 0) {
        wrong.push(format!("{} failed, and a look has shown that {} arrived", message.id, copy.sid));
    }
    wrong
}

fn forward(evidence: &Evidence) -> Vec<String> {
    let mut wrong = Vec::new();
    for message in &evidence.messages {
        let changes: Vec<&Change> = evidence.changes_of(&message.id).collect();
        let people = evidence.people(&message.id);
        let mut again = 0;
        for pair in changes.windows(2) {
            let (from, to) = (pair[0].status.as_str(), pair[1].status.as_str());
            let allowed = match from {
                "scheduled" | "queued" => {
                    to != "unknown" && (to != "scheduled" || evidence.planned.contains(&message.id))
                }
                "sending" => !matches!(to, "scheduled" | "cancelled" | "sending"),
                // said again when it comes back as a person's work
                "unknown" => matches!(to, "unknown" | "sent" | "delivered" | "read" | "failed" | "queued"),
                "sent" => matches!(to, "delivered" | "read" | "failed"),
                "failed" => {
                    again += usize::from(to == "queued");
                    matches!(to, "delivered" | "read") || (to == "queued" && again <= people)
                }
                "delivered" => to == "read",
                _ => false,
            };
            if !allowed {
                wrong.push(format!("{} went from {from} to {to} at seq {}", message.id, pair[1].seq));
            }
        }
        if changes.last().is_some_and(|c| c.status != message.status) {
            wrong.push(format!("{} is {} and its last event says otherwise", message.id, message.status));
        }
    }
    wrong
}

/// First in, first out to each recipient, one request at a time; what failed holds nobody, and what is unknown five minutes at most.
/// What a person has sent once more keeps no place in line, and what is planned has none.
fn in_order(evidence: &Evidence) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = Lines::of(evidence);
    for (n, request) in evidence.requests.iter().enumerate() {
        let Some(later) = lines.messages.get(request.message.as_str()) else { continue };
        let Some(sending) = lines.attempt(&later.id, request.head) else {
            wrong.push(format!("a request of {} left without its attempt on record", later.id));
            continue;
        };
        for earlier in evidence.messages.iter().filter(|m| m.to == later.to && m.id != later.id) {
            // as it was when the attempt was recorded
            let Some(state) = lines.state(&earlier.id, sending.seq) else { continue };
            // what a lost worker sent is on its way until its lease ends, or until the next process takes its job back; then nobody
            // knows, and what a person sends again need not wait for it
            let lost = || {
                lines.lease_ends(&earlier.id, state) <= sending.at
                    || evidence.taken_back.iter().any(|head| (state.seq..sending.seq).contains(head))
            };
            if state.status == "sending" && !lost() {
                wrong.push(format!("{} left while {} was on its way", later.id, earlier.id));
            }
            if !lines.is_bound(earlier, later, sending.seq) {
                continue;
            }
            let again = evidence.requests[n..].iter().any(|r| r.message == earlier.id);
            let held = match state.status.as_str() {
                "queued" | "sending" => again,
                "unknown" => lines.holds(earlier, sending),
                _ => false,
            };
            if held {
                wrong.push(format!("{:?} overtook {:?}, which was {}", later.text, earlier.text, state.status));
            }
        }
    }
    wrong.extend(taken_in_order(evidence, &lines));
    wrong
}

/// Of two texts to one person the older one was taken first.
fn taken_in_order(evidence: &Evidence, lines: &Lines<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut first: HashMap<&str, &Taken> = HashMap::new();
    for taken in &evidence.taken {
        let first = first.entry(taken.message.as_str()).or_insert(taken);
        if taken.taken_at < first.taken_at {
            *first = taken;
        }
    }
    for later in &evidence.messages {
        let Some(taken) = first.get(later.id.as_str()) else { continue };
        let request = evidence.requests.iter().find(|r| r.sid == taken.sid);
        let Some(sending) = request.and_then(|r| lines.attempt(&later.id, r.head)) else { continue };
        for earlier in evidence.messages.iter().filter(|m| m.to == later.to && m.seq < later.seq) {
            let Some(before) = first.get(earlier.id.as_str()) else { continue };
            if before.taken_at <= taken.taken_at || !lines.is_bound(earlier, later, sending.seq) {
                continue;
            }
            let gone = lines.state(&earlier.id, sending.seq).is_some_and(|state| match state.status.as_str() {
                "failed" | "cancelled" => true,
                "unknown" => !lines.holds(earlier, sending),
                _ => false,
            });
            if !gone {
                wrong.push(format!("{:?} was taken before {:?}", later.text, earlier.text));
            }
        }
    }
    wrong
}

/// Who stood where, and when.
struct Lines<'a> {
    evidence: &'a Evidence,
    messages: HashMap<&'a str, &'a Message>,
    history: HashMap<&'a str, Vec<&'a Change>>,
}

impl<'a> Lines<'a> {
    fn of(evidence: &'a Evidence) -> Lines<'a> {
        let mut history: HashMap<&str, Vec<&Change>> = HashMap::new();
        for change in &evidence.changes {
            history.entry(change.id.as_str()).or_default().push(change);
        }
        Lines { evidence, messages: evidence.messages.iter().map(|m| (m.id.as_str(), m)).collect(), history }
    }

    fn history(&self, id: &str) -> &[&'a Change] {
        self.history.get(id).map_or(&[], Vec::as_slice)
    }

    /// The attempt that was recorded last when the log ended there.
    fn attempt(&self, id: &str, head: i64) -> Option<&'a Change> {
        self.history(id).iter().rev().find(|c| c.status == "sending" && c.seq <= head).copied()
    }

    /// Where it was just before this place of the log.
    fn state(&self, id: &str, seq: i64) -> Option<&'a Change> {
        self.history(id).iter().rev().find(|c| c.seq < seq).copied()
    }

    /// When the lease of the worker ends that has recorded this attempt: it began with the claim, a little earlier.
    fn lease_ends(&self, id: &str, sending: &Change) -> i64 {
        let of_it = |(held, head, _): &&(String, i64, i64)| held == id && *head >= sending.seq;
        self.evidence.leases.iter().find(of_it).map_or(sending.at + LEASE, |(_, _, until)| *until)
    }

    /// Has the older one to be first?
    fn is_bound(&self, earlier: &Message, later: &Message, seq: i64) -> bool {
        let planned = |id: &str| {
            self.evidence.planned.contains(id) || self.history(id).first().is_some_and(|c| c.status == "scheduled")
        };
        // queued once more before that, and a person has done so, or may have
        let again = |id: &str| {
            let came_back = |pair: &[&Change]| {
                matches!(pair[0].status.as_str(), "failed" | "unknown")
                    && pair[1].status == "queued"
                    && pair[1].seq < seq
            };
            self.evidence.people(id) > 0 && self.history(id).windows(2).any(came_back)
        };
        let free = |id: &str| planned(id) || again(id);
        earlier.seq < later.seq && !free(&earlier.id) && !free(&later.id)
    }

    /// Does an unknown one still hold back the others? Not once it has come back as a person's work, which the log says by a second
    /// `unknown`.
    fn holds(&self, earlier: &Message, sending: &Change) -> bool {
        let before: Vec<&&Change> = self.history(&earlier.id).iter().filter(|c| c.seq < sending.seq).collect();
        let surrendered = before.iter().rev().take(2).filter(|c| c.status == "unknown").count() == 2;
        let left = before.iter().rev().find(|c| c.status == "sending");
        !surrendered && left.is_some_and(|left| sending.at - left.at < HOLD)
    }
}

/// After a STOP nothing leaves but its one confirmation.
fn consent(evidence: &Evidence) -> Vec<String> {
    let mut wrong = Vec::new();
    let messages: HashMap<&str, &Message> = evidence.messages.iter().map(|m| (m.id.as_str(), m)).collect();
    let mut confirmed: HashMap<&str, Vec<&str>> = HashMap::new();
    for request in &evidence.requests {
        let Some(message) = messages.get(request.message.as_str()) else { continue };
        if message.class == "stop_confirmation" {
            let confirmations = confirmed.entry(message.to.as_str()).or_default();
            if !confirmations.contains(&message.id.as_str()) {
                confirmations.push(&message.id);
            }
            continue;
        }
        // the gate is asked in the transaction that records the attempt
        let asked = evidence
            .changes
            .iter()
            .rev()
            .find(|c| c.id == message.id && c.status == "sending" && c.seq <= request.head);
        let asked = asked.map_or(request.head, |c| c.seq);
        let words = evidence.stored.iter().filter(|s| s.from == message.to && s.seq < asked);
        let words = words.filter(|s| matches!(s.text.as_str(), "STOP" | "START"));
        let last = words.max_by_key(|s| (s.at, s.text == "STOP", s.seq));
        if let Some(stop) = last.filter(|s| s.text == "STOP") {
            wrong.push(format!("{} left after {} had said STOP ({})", message.id, message.to, stop.sid));
        }
    }
    for (to, confirmations) in confirmed {
        let starts = evidence.stored.iter().filter(|s| s.from == to && s.text == "START").count();
        if confirmations.len() > 1 + starts {
            wrong.push(format!("{to} got {} confirmations of STOP, with {starts} STARTs", confirmations.len()));
        }
    }
    wrong
}

/// What was planned unless they write does not leave once they have: only what a worker held by then, or a person planned anew.
fn unless_they_write(evidence: &Evidence) -> Vec<String> {
    let mut wrong = Vec::new();
    let planned = evidence.messages.iter().filter(|m| evidence.unless.contains(&m.id));
    for message in planned.filter(|m| !evidence.planned.contains(&m.id) && evidence.people(&m.id) == 0) {
        // its time was over when it was written
        if evidence.changes_of(&message.id).next().is_none_or(|first| first.status != "scheduled") {
            continue;
        }
        let Some(left) = evidence.changes_of(&message.id).find(|c| c.status == "sending") else { continue };
        let wrote = evidence.stored.iter().filter(|s| s.from == message.to && s.seq > message.seq && s.seq < left.seq);
        let Some(wrote) = wrote.min_by_key(|s| s.seq) else { continue };
        let held = evidence.leases.iter().any(|(id, head, _)| *id == message.id && *head < wrote.seq);
        if !held {
            wrong.push(format!("{} left after {} had written {}", message.id, message.to, wrote.sid));
        }
    }
    wrong
}

fn settled(evidence: &Evidence) -> Vec<String> {
    let open = evidence.messages.iter().filter(|m| matches!(m.status.as_str(), "scheduled" | "queued" | "sending"));
    open.map(|m| format!("{} is still {}", m.id, m.status)).collect()
}

fn the_log(world: &mut World) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let (count, first, last) = world.ledger.events()?;
    let head = world.ledger.head()?;
    if count != head || first != 1 || last != head {
        wrong.push(format!("{count} events from {first} to {last}, and the head is {head}"));
    }
    let desk = world.desk()?;
    match turn::to_the_end(desk.audit(world.who.workspace))? {
        Audit::Whole { sealed, head, .. } if sealed == head => {}
        other => wrong.push(format!("the chain: {other:?}")),
    }
    let tallies = turn::to_the_end(desk.db().read(world.who.workspace, |scope| scope.wrong_tallies()))?;
    wrong.extend(tallies.iter().map(|t| format!("a tally: {t:?}")));
    if world.ledger.quarantined()? > 0 {
        wrong.push("something could not be understood".to_owned());
    }
    Ok(wrong)
}

/// What stands for the whole history: the seal of its log.
///
/// # Errors
/// When the database can't be looked at.
pub fn log(world: &World) -> Result<String> {
    let audit = turn::to_the_end(world.desk()?.audit(world.who.workspace))?;
    Ok(match audit {
        Audit::Whole { head, hash, .. } => {
            format!("{head} {}", hash.iter().take(8).map(|b| format!("{b:02x}")).collect::<String>())
        }
        other => format!("{other:?}"),
    })
}
