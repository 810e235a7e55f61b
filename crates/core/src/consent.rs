//! Consent: may this message be sent to this person, now?
//!
//! - [`words`]: STOP, START and HELP as people text them;
//! - [`ledger`]: records of what a person agreed to, and their fold to how things stand;
//! - [`gate`]: [`decide`], the one way to a [`Permit`], without which no channel sends;
//! - [`quiet`]: the hours in which nobody is sold anything.
//!
//! Law and sources: 47 CFR 64.1200(a)(10) to (12), the CTIA Messaging Principles, CASL.

pub mod gate;
pub mod ledger;
pub mod quiet;
pub mod words;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::delivery::UnknownWord;

pub use gate::{ChannelFacts, Decision, Permit, Reason, Warning, decide};
pub use ledger::{Ledger, Record, Source, fold};
pub use words::{Keyword, keyword};

/// What kind of message an outbound one is. It decides which consent it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// To what the customer asked.
    Reply,
    /// A reminder, a confirmation, a status: what they asked to be told.
    Update,
    /// Anything that sells. One such sentence in a reply makes it marketing.
    Marketing,
    /// What the law or the carriers want answered, by itself.
    Automatic(Automatic),
}

/// The two messages that nobody writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Automatic {
    /// The single text that confirms a STOP: the only one that an opted-out address may get.
    StopConfirmation,
    /// The answer to HELP.
    Help,
}

impl Class {
    /// All of them.
    pub const ALL: [Class; 5] = [
        Class::Reply,
        Class::Update,
        Class::Marketing,
        Class::Automatic(Automatic::StopConfirmation),
        Class::Automatic(Automatic::Help),
    ];

    /// The word in the database: `reply`, `update`, `marketing`, `stop_confirmation`, `help`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Class::Reply => "reply",
            Class::Update => "update",
            Class::Marketing => "marketing",
            Class::Automatic(Automatic::StopConfirmation) => "stop_confirmation",
            Class::Automatic(Automatic::Help) => "help",
        }
    }

    /// The class that a person, a rule or a token may ask for: never an automatic one, or the word alone would open
    /// the way to an opted-out address.
    #[must_use]
    pub fn chosen(word: &str) -> Option<Class> {
        [Class::Reply, Class::Update, Class::Marketing].into_iter().find(|c| c.as_str() == word)
    }
}

/// What a consent is for. Each purpose has its own state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Reminders, confirmations, status.
    Update,
    /// Sales.
    Marketing,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Purpose; 2] = [Purpose::Update, Purpose::Marketing];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Purpose::Update => "update",
            Purpose::Marketing => "marketing",
        }
    }
}

/// How far an address has agreed to a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// Nothing is known.
    #[default]
    None,
    /// They wrote to us first, and may be answered.
    Implied,
    /// They asked for it: by mouth, in a form, by text.
    Express,
    /// They signed for it, with the wording that the law wants (47 CFR 64.1200(f)(9)).
    Written,
    /// They said stop.
    Revoked,
}

impl ConsentState {
    /// All of them.
    pub const ALL: [ConsentState; 5] = [
        ConsentState::None,
        ConsentState::Implied,
        ConsentState::Express,
        ConsentState::Written,
        ConsentState::Revoked,
    ];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ConsentState::None => "none",
            ConsentState::Implied => "implied",
            ConsentState::Express => "express",
            ConsentState::Written => "written",
            ConsentState::Revoked => "revoked",
        }
    }

    /// Did they ask for it, in whatever form?
    #[must_use]
    pub const fn is_express(self) -> bool {
        matches!(self, ConsentState::Express | ConsentState::Written)
    }
}

macro_rules! words {
    ($($name:ident)*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.into_iter().find(|v| v.as_str() == word).ok_or(UnknownWord)
            }
        }
    )*};
}

words! { Class Purpose ConsentState }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for v in Class::ALL {
            assert_eq!(v.as_str().parse(), Ok(v));
        }
        for v in Purpose::ALL {
            assert_eq!(v.as_str().parse(), Ok(v));
        }
        for v in ConsentState::ALL {
            assert_eq!(v.as_str().parse(), Ok(v));
        }
        assert_eq!("Reply".parse::<Class>(), Err(UnknownWord));
    }

    #[test]
    fn nobody_can_ask_for_an_automatic_class() {
        assert_eq!(Class::chosen("update"), Some(Class::Update));
        assert_eq!(Class::chosen("stop_confirmation"), None);
        assert_eq!(Class::chosen("help"), None);
        assert_eq!(Class::chosen("automatic"), None);
    }
}
