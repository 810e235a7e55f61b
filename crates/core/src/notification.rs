//! What a person is told of, and where: the words, and what they wish for.

use std::fmt;
use std::str::FromStr;

use crate::delivery::UnknownWord;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            /// All of them, in the order in which they rest.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word in the API and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|x| x.as_str() == word).ok_or(UnknownWord)
            }
        }
    };
}

words! {
    /// What somebody is told of. The order is kept: wishes rest as bits in it.
    Kind {
        /// A note names them, or a team of theirs.
        Mention = "mention",
        /// Somebody else put them on a conversation.
        Assigned = "assigned",
        /// A customer wrote in a conversation that is theirs, or that they follow.
        Reply = "reply",
        /// A message of theirs did not arrive, or nobody knows whether it did.
        Failed = "failed",
        /// A task of theirs is due, or somebody else gave them one.
        Task = "task",
        /// A draft waits for their review.
        DraftReview = "draft_review",
    }
}

words! {
    /// Where somebody is told. The order is kept: wishes rest as bits in it.
    Place {
        /// In the list behind the bell.
        App = "app",
        /// By the desktop, while the app is open.
        Desktop = "desktop",
        /// By push, also while it is not.
        Push = "push",
        /// In a letter, when they are away.
        Mail = "mail",
    }
}

impl Place {
    /// Its bit among a kind's places.
    #[must_use]
    pub const fn bit(self) -> i64 {
        1 << self as i64
    }
}

/// The places of one kind: a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places(pub i64);

impl Places {
    /// Is this one of them?
    #[must_use]
    pub const fn has(self, place: Place) -> bool {
        self.0 & place.bit() != 0
    }
}

/// How many values the places of one kind can have.
pub const PLACES: i64 = 16;

/// Where a person wants to be told of what: four bits for each kind, in the order of [`Kind::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wishes(pub i64);

impl Default for Wishes {
    /// Of everything and everywhere; but what customers write fills no mailbox.
    fn default() -> Self {
        let mut wishes = Wishes(0);
        for kind in Kind::ALL {
            for place in Place::ALL {
                wishes.set(*kind, *place, !(*kind == Kind::Reply && *place == Place::Mail));
            }
        }
        wishes
    }
}

impl Wishes {
    /// What the bits of a kind are multiplied by: they are found by dividing, which both engines do alike.
    #[must_use]
    pub const fn shift(kind: Kind) -> i64 {
        PLACES.pow(kind as u32)
    }

    /// Where they want to be told of this.
    #[must_use]
    pub const fn of(self, kind: Kind) -> Places {
        Places(self.0 / Self::shift(kind) % PLACES)
    }

    /// Says whether they want to be told of this there.
    pub const fn set(&mut self, kind: Kind, place: Place, told: bool) {
        let bit = place.bit() * Self::shift(kind);
        self.0 = if told { self.0 | bit } else { self.0 & !bit };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_kept_by_kind_and_place() {
        let mut wishes = Wishes(0);
        for kind in Kind::ALL {
            for place in Place::ALL {
                wishes.set(*kind, *place, true);
                assert!(wishes.of(*kind).has(*place));
                let all = Kind::ALL.iter().flat_map(|k| Place::ALL.iter().map(move |p| (*k, *p)));
                assert_eq!(all.filter(|(k, p)| wishes.of(*k).has(*p)).count(), 1, "{kind} {place}");
                wishes.set(*kind, *place, false);
            }
        }
        assert_eq!(wishes, Wishes(0));
        let default = Wishes::default();
        assert!(default.of(Kind::Mention).has(Place::Mail) && !default.of(Kind::Reply).has(Place::Mail));
        assert_eq!("draft_review".parse(), Ok(Kind::DraftReview));
    }
}
