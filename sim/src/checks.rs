//! What must hold at the end of every history, whatever happened in it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use anyhow::Result;
use partyline_core::time::{MINUTE, SECOND};
use partyline_store::events::Audit;

use crate::history::Seen;
use crate::ledger::{Change, Message, Stored};
use crate::network::{Look, Request, Taken, Text, network};
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
    requests: Vec<Request>,
    taken: Vec<Taken>,
    looks: Vec<Look>,
    retried: HashMap<String, u32>,
    taken_back: Vec<i64>,
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
            requests: network.requests.clone(),
            taken: network.taken.clone(),
            looks: network.looks.clone(),
            retried: world.retried.clone(),
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
        twice: counts.values().filter(|n| **n > 1).count() as u64,
        events: u64::try_from(world.ledger.head()?).unwrap_or(0),
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
        let people = evidence.retried.get(&message.id).copied().unwrap_or(0) as usize;
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
    use crate::network::Fate;
    matches!(request.fate, Fate::Taken | Fate::TakenInSilence | Fate::TakenLate | Fate::Lost)
}

/// How often it was sent once more because the last look did not show it.
fn absences(evidence: &Evidence, message: &Message) -> usize {
    let changes: Vec<&Change> = evidence.changes.iter().filter(|c| c.id == message.id).collect();
    let twins = evidence.messages.iter().filter(|m| m.to == message.to && m.text == message.text).count() > 1;
    let mut absences = 0;
    for pair in changes.windows(2) {
        if pair[0].status != "unknown" || pair[1].status != "queued" {
            continue;
        }
        let left = changes.iter().rev().find(|c| c.status == "sending" && c.seq <= pair[0].seq);
        let Some(left) = left else { continue };
        let look =
            evidence.looks.iter().rev().find(|l| l.to == message.to && l.head < pair[1].seq && l.at.0 >= left.at);
        let Some(look) = look else { continue };
        // twins say the same to the same person: which of them the list shows can't be told
        let absent = look.shown.as_ref().is_some_and(|shown| twins || !shown.contains(&message.id));
        if absent && look.at.0 - left.at >= LAST_LOOK {
            absences += 1;
        }
    }
    absences
}

/// What people are told has left, has left; what is openly unknown may have.
fn truthful(evidence: &Evidence) -> Vec<String> {
    let mut wrong = Vec::new();
    for message in &evidence.messages {
        let taken = evidence.taken.iter().any(|t| t.to == message.to && t.text == message.text);
        if matches!(message.status.as_str(), "sent" | "delivered" | "read") && !taken {
            wrong.push(format!("{} is {} and was never taken", message.id, message.status));
        }
        let requests = evidence.requests.iter().filter(|r| r.message == message.id).count();
        if message.status == "cancelled"
            && requests > 0
            && !evidence
                .changes
                .iter()
                .any(|c| c.id == message.id && matches!(c.status.as_str(), "queued" if c.seq > message.seq))
        {
            wrong.push(format!("{} was taken back and left all the same", message.id));
        }
    }
    wrong
}

fn forward(evidence: &Evidence) -> Vec<String> {
    let mut wrong = Vec::new();
    for message in &evidence.messages {
        let changes: Vec<&Change> = evidence.changes.iter().filter(|c| c.id == message.id).collect();
        let people = evidence.retried.get(&message.id).copied().unwrap_or(0) as usize;
        let mut again = 0;
        for pair in changes.windows(2) {
            let (from, to) = (pair[0].status.as_str(), pair[1].status.as_str());
            let allowed = match from {
                "scheduled" | "queued" => !matches!(to, "scheduled" | "unknown"),
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
fn in_order(evidence: &Evidence) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut history: HashMap<&str, Vec<&Change>> = HashMap::new();
    for change in &evidence.changes {
        history.entry(change.id.as_str()).or_default().push(change);
    }
    let by_people = |id: &str| evidence.retried.get(id).copied().unwrap_or(0) > 0;
    let planned = |id: &str| history.get(id).is_some_and(|h| h.first().is_some_and(|c| c.status == "scheduled"));
    let seq_of: HashMap<&str, &Message> = evidence.messages.iter().map(|m| (m.id.as_str(), m)).collect();
    for (n, request) in evidence.requests.iter().enumerate() {
        let Some(later) = seq_of.get(request.message.as_str()) else { continue };
        let sending = history
            .get(later.id.as_str())
            .and_then(|h| h.iter().rev().find(|c| c.status == "sending" && c.seq <= request.head));
        let Some(sending) = sending else {
            wrong.push(format!("a request of {} left without its attempt on record", later.id));
            continue;
        };
        for earlier in evidence.messages.iter().filter(|m| m.to == later.to && m.id != later.id) {
            // as it was when the attempt was recorded
            let state = history.get(earlier.id.as_str()).and_then(|h| h.iter().rev().find(|c| c.seq < sending.seq));
            let Some(state) = state else { continue };
            let waited = sending.at - state.at;
            // what a lost worker sent is on its way until its lease ends, or until the next process takes its job back; then nobody
            // knows, and what a person sends again need not wait for it
            let lost =
                waited >= LEASE || evidence.taken_back.iter().any(|head| (state.seq..sending.seq).contains(head));
            if state.status == "sending" && !lost {
                wrong.push(format!("{} left while {} was on its way", later.id, earlier.id));
            }
            if earlier.seq > later.seq
                || by_people(&earlier.id)
                || by_people(&later.id)
                || planned(&earlier.id)
                || planned(&later.id)
            {
                continue;
            }
            let held =
                matches!(state.status.as_str(), "queued" | "sending") || (state.status == "unknown" && waited < HOLD);
            let overtaken = evidence.requests[n..].iter().any(|r| r.message == earlier.id);
            if held && overtaken {
                wrong.push(format!("{:?} overtook {:?}, which was {}", later.text, earlier.text, state.status));
            }
        }
    }
    wrong
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
