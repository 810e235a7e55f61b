//! Who looks at what, and who types: in memory alone.

use std::collections::HashMap;

use partyline_core::id::{ConversationId, UserId};
use partyline_core::time::{Millis, SECOND};

use crate::Who;

/// Who has not been heard from for this long is gone.
pub const PRESENCE_FOR: i64 = 10 * SECOND;
/// Typing is shown this long after the last key.
pub const TYPING_FOR: i64 = 5 * SECOND;

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

#[derive(Debug)]
struct Seat {
    person: Person,
    at: Option<ConversationId>,
    heard: Millis,
    typed: Option<Millis>,
}

/// Every socket of a workspace on this node.
#[derive(Debug, Default)]
pub(super) struct Board {
    seats: HashMap<u64, Seat>,
}

impl Board {
    pub(super) fn look(
        &mut self,
        who: &Who,
        socket: u64,
        conversation: Option<ConversationId>,
        now: Millis,
    ) -> Vec<PresenceView> {
        let person = Person { id: who.user, name: who.name.clone() };
        let before =
            self.seats.insert(socket, Seat { person, at: conversation, heard: now, typed: None }).and_then(|s| s.at);
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
        let seat = self.seats.entry(socket).or_insert_with(|| Seat {
            person: Person { id: who.user, name: who.name.clone() },
            at: None,
            heard: now,
            typed: None,
        });
        touched.extend(seat.at.replace(conversation));
        seat.heard = now;
        seat.typed = Some(now);
        touched.push(conversation);
        self.views(touched, now)
    }

    pub(super) fn still_here(&mut self, socket: u64, now: Millis) -> Vec<PresenceView> {
        if let Some(seat) = self.seats.get_mut(&socket) {
            seat.heard = now;
        }
        let touched = self.sweep(now);
        self.views(touched, now)
    }

    pub(super) fn leave(&mut self, socket: u64) -> Vec<PresenceView> {
        match self.seats.remove(&socket) {
            Some(seat) => self.views(seat.at.into_iter().collect(), seat.heard),
            None => Vec::new(),
        }
    }

    pub(super) fn all(&self, now: Millis) -> Vec<PresenceView> {
        let looked_at = self.seats.values().filter_map(|s| s.at).collect();
        self.views(looked_at, now)
    }

    fn of(&self, conversation: ConversationId, now: Millis) -> PresenceView {
        let here = self.seats.values().filter(|s| s.at == Some(conversation) && now.since(s.heard) <= PRESENCE_FOR);
        let (mut viewers, mut typing) = (Vec::new(), Vec::new());
        for seat in here {
            if seat.typed.is_some_and(|at| now.since(at) <= TYPING_FOR) {
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
        self.seats.retain(|_, seat| {
            let here = now.since(seat.heard) <= PRESENCE_FOR;
            if !here {
                touched.extend(seat.at);
            }
            here
        });
        for seat in self.seats.values_mut().filter(|s| s.typed.is_some_and(|at| now.since(at) > TYPING_FOR)) {
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
        assert_eq!(views[0].typing[0].name, "Tom");
        let views = board.look(&tom, 3, Some(b), Millis(2_000));
        assert_eq!(views.len(), 2, "the one that was left and the one that was entered");
        board.still_here(3, Millis(9_000));
        let views = board.still_here(3, Millis(11_000));
        assert_eq!(views, [PresenceView { conversation: a, viewers: vec![], typing: vec![] }]);
        assert_eq!(board.leave(3)[0].viewers, []);
        assert!(board.leave(3).is_empty());
    }
}
