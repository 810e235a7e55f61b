//! Labels: shared by the workspace, nested with `/`, coloured.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::delivery::UnknownWord;

/// Characters of one part of a name, between the slashes.
pub const PART_MAX: usize = 40;
/// Parts of a name.
pub const DEPTH_MAX: usize = 5;
/// Labels of a workspace.
pub const LABELS_MAX: usize = 500;
/// Labels on one conversation, those above them not counted.
pub const LABELS_OF_ONE_MAX: usize = 30;

/// The colour of a label. Which shade that is, in light and in dark, is the screen's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is its word")]
pub enum Colour {
    Red,
    Orange,
    Yellow,
    Green,
    Teal,
    Blue,
    Purple,
    Pink,
    Grey,
}

impl Colour {
    /// All of them.
    pub const ALL: [Colour; 9] = [
        Colour::Red,
        Colour::Orange,
        Colour::Yellow,
        Colour::Green,
        Colour::Teal,
        Colour::Blue,
        Colour::Purple,
        Colour::Pink,
        Colour::Grey,
    ];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Colour::Red => "red",
            Colour::Orange => "orange",
            Colour::Yellow => "yellow",
            Colour::Green => "green",
            Colour::Teal => "teal",
            Colour::Blue => "blue",
            Colour::Purple => "purple",
            Colour::Pink => "pink",
            Colour::Grey => "grey",
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Colour {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|colour| colour.as_str() == word).ok_or(UnknownWord)
    }
}

/// Why a text is no label's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// A part is empty.
    #[error("Write a name; between two slashes there must be one too.")]
    Empty,
    /// A part is longer than [`PART_MAX`].
    #[error("Shorten it: at most {PART_MAX} characters between the slashes.")]
    TooLong,
    /// More parts than [`DEPTH_MAX`].
    #[error("At most {DEPTH_MAX} levels.")]
    TooDeep,
}

/// A label's name with all that is above it: `Home/Repairs/Leak`. Two that differ in capitals only are the same.
#[derive(Debug, Clone, Eq)]
pub struct LabelName(String);

impl LabelName {
    /// Reads a name as people write it: spaces are trimmed and joined, also around the slashes.
    ///
    /// # Errors
    /// [`BadName`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<LabelName, BadName> {
        let parts: Vec<String> =
            text.split('/').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        if parts.iter().any(String::is_empty) {
            return Err(BadName::Empty);
        }
        if parts.len() > DEPTH_MAX {
            return Err(BadName::TooDeep);
        }
        if parts.iter().any(|part| part.chars().count() > PART_MAX) {
            return Err(BadName::TooLong);
        }
        Ok(LabelName(parts.join("/")))
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The label that it is directly below of.
    #[must_use]
    pub fn parent(&self) -> Option<LabelName> {
        self.0.rsplit_once('/').map(|(above, _)| LabelName(above.to_owned()))
    }

    /// All that it is below of, the outermost first.
    #[must_use]
    pub fn above(&self) -> Vec<LabelName> {
        self.0.match_indices('/').map(|(at, _)| LabelName(self.0[..at].to_owned())).collect()
    }

    /// Is it below of that label?
    #[must_use]
    pub fn is_below(&self, other: &LabelName) -> bool {
        self.above().contains(other)
    }

    /// Its name when a label above it is called `to` instead; itself where `from` is not above it.
    #[must_use]
    pub fn moved(&self, from: &LabelName, to: &LabelName) -> LabelName {
        if !self.is_below(from) {
            return self.clone();
        }
        let depth = from.0.matches('/').count() + 1;
        let rest: Vec<&str> = self.0.split('/').skip(depth).collect();
        LabelName(format!("{}/{}", to.0, rest.join("/")))
    }
}

impl PartialEq for LabelName {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

impl fmt::Display for LabelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> LabelName {
        LabelName::parse(text).expect("a name")
    }

    #[test]
    fn a_name_is_read_as_people_write_it() {
        assert_eq!(name(" Home /  needs   a visit ").as_str(), "Home/needs a visit");
        assert_eq!(name("LEAK"), name("leak"));
        let cases = [
            ("", BadName::Empty),
            ("  ", BadName::Empty),
            ("a//b", BadName::Empty),
            ("a/", BadName::Empty),
            ("a/b/c/d/e/f", BadName::TooDeep),
            (&"x".repeat(PART_MAX + 1), BadName::TooLong),
        ];
        for (text, why) in cases {
            assert_eq!(LabelName::parse(text), Err(why), "{text}");
        }
        assert!(LabelName::parse(&"é".repeat(PART_MAX)).is_ok(), "characters are counted, not bytes");
    }

    #[test]
    fn a_name_knows_what_is_above_it() {
        let leak = name("Home/Repairs/Leak");
        assert_eq!(leak.parent(), Some(name("home/repairs")));
        assert_eq!(leak.above(), [name("Home"), name("Home/Repairs")]);
        assert!(leak.is_below(&name("HOME")) && !leak.is_below(&leak) && !name("Homes/x").is_below(&name("Home")));
        assert_eq!(name("Home").parent(), None);
    }

    #[test]
    fn what_is_below_moves_along_when_a_label_is_renamed() {
        assert_eq!(name("Home/Repairs/Leak").moved(&name("home"), &name("Houses")).as_str(), "Houses/Repairs/Leak");
        assert_eq!(name("Homes/x").moved(&name("Home"), &name("Houses")).as_str(), "Homes/x");
        assert_eq!(name("Home").moved(&name("Home"), &name("Houses")).as_str(), "Home");
    }
}
