//! Who looks at what, and who types: in memory alone.

use std::collections::{BTreeMap, HashMap};

use partyline_core::id::{ConversationId, UserId, Uuid};
use partyline_core::time::{Millis, SECOND};
use serde::{Deserialize, Serialize};

use crate::Who;

/// Who has not been heard from for this long is gone: with the second in which that is noticed, ten.
pub const PRESENCE_FOR: i64 = 9 * SECOND;
/// What another node said is good for this long: it is repeated three times meanwhile.
const AFAR_FOR: i64 = 7 * SECOND;
/// Typing is shown this long after the last key.
pub const TYPING_FOR: i64 = 5 * SECOND;
/// Seats of one workspace that are remembered, all nodes together: the sockets that two of them serve.
const SEATS_MAX: usize = 20_000;
/// Characters of a name that are told to other nodes.
const NAME_MAX: usize = 100;

/// A person who is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// What they are called.
    pub name: String,
}

/// Who looks at one conversation, and who types in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresenceView {
    /// Which.
    pub conversation: ConversationId,
    /// Who looks, in order of id.
    pub viewers: Vec<Person>,
    /// Who types, in order of id.
    pub typing: Vec<Person>,
}

/// Which socket, of which process: ours, or another node's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Chair {
    node: Option<Uuid>,
    socket: u64,
}

impl Chair {
    /// How long a word about it is good. Another node repeats what it said every two seconds, and takes away whom it misses itself.
    fn good_for(self) -> i64 {
        if self.node.is_some() { AFAR_FOR } else { PRESENCE_FOR }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Seat {
    person: Person,
    at: Option<ConversationId>,
    heard: Millis,
    typed: Option<Millis>,
}

impl Seat {
    fn types(&self, now: Millis) -> bool {
        self.typed.is_some_and(|at| now.since(at) <= TYPING_FOR)
    }
}

/// What a node says of one of its sockets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SeatSaid {
    /// Its number there.
    #[serde(rename = "s")]
    socket: u64,
    /// Whose.
    #[serde(rename = "u")]
    user: UserId,
    /// What they are called.
    #[serde(rename = "n", default)]
    name: String,
    /// What they look at; when they look at nothing, or are gone, the others forget them.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    at: Option<ConversationId>,
    /// Milliseconds since they typed last, while that counts.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    typed: Option<i64>,
}

/// Every socket of a workspace, on this node and, as far as they say, on the others.
#[derive(Debug, Default)]
pub(super) struct Board {
    seats: HashMap<Chair, Seat>,
    /// Our sockets of which the other nodes have not heard how they are now, with whose they are.
    unsaid: BTreeMap<u64, Person>,
}

impl Board {
    /// A socket looks at a conversation, or still does, or at none.
    pub(super) fn look(
        &mut self,
        who: &Who,
        socket: u64,
        conversation: Option<ConversationId>,
        now: Millis,
    ) -> Vec<PresenceView> {
        let chair = Chair { node: None, socket };
        if let Some(seat) = self.seats.get_mut(&chair).filter(|seat| seat.at == conversation) {
            seat.heard = now;
            return self.look_round(now);
        }
        let person = Person { id: who.user, name: who.name.clone() };
        self.unsaid.insert(socket, person.clone());
        let seat = Seat { person, at: conversation, heard: now, typed: None };
        let before = self.seats.insert(chair, seat).and_then(|s| s.at);
        let mut touched = self.sweep(now);
        touched.extend(before.into_iter().chain(conversation));
        self.views(touched, now)
    }

    pub(super) fn types(
        &mut self,
        who: &Who,
        socket: u64,
        conversation: ConversationId,
        now: Millis,
    ) -> Vec<PresenceView> {
        let mut touched = self.sweep(now);
        let person = Person { id: who.user, name: who.name.clone() };
        self.unsaid.insert(socket, person.clone());
        let seat = self.seats.entry(Chair { node: None, socket });
        let seat = seat.or_insert(Seat { person, at: None, heard: now, typed: None });
        touched.extend(seat.at.replace(conversation));
        seat.heard = now;
        seat.typed = Some(now);
        touched.push(conversation);
        self.views(touched, now)
    }

    /// Takes away who is gone.
    pub(super) fn look_round(&mut self, now: Millis) -> Vec<PresenceView> {
        let touched = self.sweep(now);
        self.views(touched, now)
    }

    pub(super) fn leave(&mut self, socket: u64) -> Vec<PresenceView> {
        match self.seats.remove(&Chair { node: None, socket }) {
            Some(seat) => {
                let (at, heard) = (seat.at, seat.heard);
                self.unsaid.insert(socket, seat.person);
                self.views(at.into_iter().collect(), heard)
            }
            None => Vec::new(),
        }
    }

    pub(super) fn all(&self, now: Millis) -> Vec<PresenceView> {
        let looked_at = self.seats.values().filter_map(|s| s.at).collect();
        self.views(looked_at, now)
    }

    /// What another node says of its sockets.
    pub(super) fn hear(&mut self, node: Uuid, said: Vec<SeatSaid>, now: Millis) -> Vec<PresenceView> {
        let mut touched = self.sweep(now);
        for said in said {
            let chair = Chair { node: Some(node), socket: said.socket };
            let before = self.seats.get(&chair).map(|s| (s.at, s.types(now)));
            let after = match said.at {
                None => {
                    self.seats.remove(&chair);
                    None
                }
                Some(_) if before.is_none() && self.seats.len() >= SEATS_MAX => continue,
                Some(_) => {
                    let person = Person { id: said.user, name: said.name.chars().take(NAME_MAX).collect() };
                    let typed = said.typed.map(|ago| Millis(now.0 - ago.clamp(0, TYPING_FOR)));
                    let seat = Seat { person, at: said.at, heard: now, typed };
                    let after = (seat.at, seat.types(now));
                    self.seats.insert(chair, seat);
                    Some(after)
                }
            };
            if before != after {
                touched.extend(before.and_then(|(at, _)| at));
                touched.extend(said.at);
            }
        }
        self.views(touched, now)
    }

    /// Is there something to say to the other nodes?
    pub(super) fn has_news(&self) -> bool {
        !self.unsaid.is_empty()
    }

    /// What is to be said to the other nodes: what has changed, or everything.
    pub(super) fn say(&mut self, everything: bool, now: Millis) -> Vec<SeatSaid> {
        let mut sockets = std::mem::take(&mut self.unsaid);
        if everything {
            let ours = self.seats.iter().filter(|(chair, seat)| chair.node.is_none() && seat.at.is_some());
            sockets.extend(ours.map(|(chair, seat)| (chair.socket, seat.person.clone())));
        }
        let said = sockets.into_iter().map(|(socket, person)| {
            let seat = self.seats.get(&Chair { node: None, socket });
            SeatSaid {
                socket,
                user: person.id,
                name: person.name.chars().take(NAME_MAX).collect(),
                at: seat.and_then(|s| s.at),
                typed: seat.filter(|s| s.types(now)).and_then(|s| s.typed).map(|at| now.since(at)),
            }
        });
        said.collect()
    }

    /// Is this conversation on a screen of theirs, here or on another node?
    pub(super) fn looks(&self, user: UserId, conversation: ConversationId, now: Millis) -> bool {
        self.seats.iter().any(|(chair, seat)| {
            seat.person.id == user && seat.at == Some(conversation) && now.since(seat.heard) <= chair.good_for()
        })
    }

    pub(super) fn of(&self, conversation: ConversationId, now: Millis) -> PresenceView {
        let here = |(chair, seat): &(&Chair, &Seat)| {
            seat.at == Some(conversation) && now.since(seat.heard) <= chair.good_for()
        };
        let (mut viewers, mut typing) = (Vec::new(), Vec::new());
        for (_, seat) in self.seats.iter().filter(here) {
            if seat.types(now) {
                typing.push(seat.person.clone());
            }
            viewers.push(seat.person.clone());
        }
        for people in [&mut viewers, &mut typing] {
            people.sort_by_key(|p| p.id);
            people.dedup_by_key(|p| p.id);
        }
        PresenceView { conversation, viewers, typing }
    }

    /// Removes who is gone, and forgets who stopped typing; gives the conversations that this changes.
    fn sweep(&mut self, now: Millis) -> Vec<ConversationId> {
        let mut touched = Vec::new();
        let unsaid = &mut self.unsaid;
        self.seats.retain(|chair, seat| {
            let here = now.since(seat.heard) <= chair.good_for();
            if !here {
                touched.extend(seat.at);
                if chair.node.is_none() {
                    unsaid.insert(chair.socket, seat.person.clone());
                }
            }
            here
        });
        for seat in self.seats.values_mut().filter(|s| s.typed.is_some() && !s.types(now)) {
            seat.typed = None;
            touched.extend(seat.at);
        }
        touched
    }

    fn views(&self, mut touched: Vec<ConversationId>, now: Millis) -> Vec<PresenceView> {
        touched.sort_unstable();
        touched.dedup();
        touched.into_iter().map(|id| self.of(id, now)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use partyline_core::permission::Role;
    use partyline_store::Workspace;

    fn who(n: u8, name: &str) -> Who {
        Who {
            workspace: Workspace(1),
            user: UserId::new(Millis(1), &[n; 10]),
            role: Role::Agent,
            name: name.to_owned(),
        }
    }

    #[test]
    fn who_closes_the_laptop_is_gone_and_two_tabs_are_one_person() {
        let (ana, tom) = (who(1, "Ana"), who(2, "Tom"));
        let a = ConversationId::new(Millis(1), &[1; 10]);
        let b = ConversationId::new(Millis(2), &[2; 10]);
        let mut board = Board::default();
        board.look(&ana, 1, Some(a), Millis(0));
        board.look(&ana, 2, Some(a), Millis(0));
        let views = board.types(&tom, 3, a, Millis(1_000));
        assert_eq!(views.len(), 1);
        assert_eq!(views[0].viewers.len(), 2, "Ana once, Tom once");
        assert!(board.looks(ana.user, a, Millis(1_000)) && !board.looks(ana.user, b, Millis(1_000)));
        assert!(!board.looks(ana.user, a, Millis(PRESENCE_FOR + 1)), "she has not been heard from");
        assert_eq!(views[0].typing[0].name, "Tom");
        let views = board.look(&tom, 3, Some(b), Millis(2_000));
        assert_eq!(views.len(), 2, "the one that was left and the one that was entered");
        board.look(&tom, 3, Some(b), Millis(9_000));
        let views = board.look(&tom, 3, Some(b), Millis(11_000));
        assert_eq!(views, [PresenceView { conversation: a, viewers: vec![], typing: vec![] }]);
        assert_eq!(board.leave(3)[0].viewers, []);
        assert!(board.leave(3).is_empty());
    }

    #[test]
    fn who_was_silent_for_too_long_is_back_with_the_next_word() {
        let (ana, tom) = (who(1, "Ana"), who(2, "Tom"));
        let a = ConversationId::new(Millis(1), &[1; 10]);
        let mut board = Board::default();
        board.look(&ana, 1, Some(a), Millis(0));
        board.look(&tom, 2, Some(a), Millis(9_500));
        assert_eq!(board.all(Millis(9_500))[0].viewers.len(), 1, "Ana's laptop slept");
        let views = board.look(&ana, 1, Some(a), Millis(9_600));
        assert_eq!(views[0].viewers.len(), 2);
        board.types(&ana, 1, a, Millis(9_700));
        assert_eq!(board.look(&ana, 1, Some(a), Millis(9_800)), [], "still there, and still typing");
        assert_eq!(board.all(Millis(9_800))[0].typing.len(), 1);
    }

    #[test]
    fn who_is_on_another_node_is_seen_until_that_node_falls_silent() {
        let (ana, tom) = (who(1, "Ana"), who(2, "Tom"));
        let a = ConversationId::new(Millis(1), &[1; 10]);
        let (mut here, mut there) = (Board::default(), Board::default());
        let node = Uuid::from_u128(7);
        here.look(&tom, 1, Some(a), Millis(0));
        assert!(!there.has_news());
        there.look(&ana, 1, Some(a), Millis(0));
        there.types(&ana, 1, a, Millis(500));
        assert!(there.has_news());
        let said = there.say(false, Millis(1_000));
        assert!(!there.has_news() && there.say(false, Millis(1_000)).is_empty(), "it is said once");
        let views = here.hear(node, said, Millis(1_000));
        assert_eq!((views[0].viewers.len(), views[0].typing[0].name.as_str()), (2, "Ana"));
        // it is repeated, and changes nothing
        let again = there.say(true, Millis(2_000));
        assert_eq!(here.hear(node, again, Millis(2_000)), []);
        here.look(&tom, 1, Some(a), Millis(5_000));
        assert_eq!(here.look_round(Millis(5_600))[0].typing, [], "five seconds after the key, wherever it was pressed");
        // the other node says no more
        here.look(&tom, 1, Some(a), Millis(8_000));
        let views = here.look_round(Millis(9_001));
        assert_eq!(views[0].viewers.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["Tom"]);
        // and when it does, with somebody who leaves
        assert_eq!(here.hear(node, there.say(true, Millis(9_000)), Millis(9_100))[0].viewers.len(), 2);
        there.leave(1);
        assert_eq!(here.hear(node, there.say(false, Millis(9_200)), Millis(9_200))[0].viewers.len(), 1);
        assert!(here.say(true, Millis(9_300)).len() == 1, "each speaks of its own sockets only");
    }
}
