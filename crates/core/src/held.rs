//! What came and could not be delivered to an inbox: why it is held, and what a person has done about it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::delivery::UnknownWord;

/// Why a message is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldReason {
    /// The number that it came to is not connected.
    NoChannel,
    /// This version does not know what the provider sent.
    NotUnderstood,
    /// It was understood, and saving it failed.
    NotApplied,
}

impl HeldReason {
    /// All of them.
    pub const ALL: [HeldReason; 3] = [HeldReason::NoChannel, HeldReason::NotUnderstood, HeldReason::NotApplied];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            HeldReason::NoChannel => "no_channel",
            HeldReason::NotUnderstood => "not_understood",
            HeldReason::NotApplied => "not_applied",
        }
    }

    /// What it means and what to do, for people. `address` is our number, where it is known.
    #[must_use]
    pub fn detail(self, address: Option<&str>) -> String {
        match self {
            HeldReason::NoChannel => {
                format!("{} has no channel yet. Connect it, then replay this.", address.unwrap_or("The number"))
            }
            HeldReason::NotUnderstood => {
                "This version does not understand what the provider sent. Replay it after an update.".to_owned()
            }
            HeldReason::NotApplied => {
                "It could not be saved. Replay it; when that fails again, the server's log says why.".to_owned()
            }
        }
    }
}

/// Where a held message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldState {
    /// It waits for a person.
    Quarantined,
    /// It was played again and is in an inbox.
    Replayed,
    /// A person said that it does not matter. It can still be replayed.
    Dismissed,
}

impl HeldState {
    /// All of them.
    pub const ALL: [HeldState; 3] = [HeldState::Quarantined, HeldState::Replayed, HeldState::Dismissed];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            HeldState::Quarantined => "quarantined",
            HeldState::Replayed => "replayed",
            HeldState::Dismissed => "dismissed",
        }
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
                Self::ALL.into_iter().find(|w| w.as_str() == word).ok_or(UnknownWord)
            }
        }
    )*};
}
words! { HeldReason HeldState }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for reason in HeldReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
        for state in HeldState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
    }

    #[test]
    fn a_number_without_a_channel_is_named() {
        let detail = HeldReason::NoChannel.detail(Some("+14155550188"));
        assert!(detail.starts_with("+14155550188 has no channel yet."), "{detail}");
    }
}
