//! The keyboard as one person wants it: a preset, and what they have changed of it. What the commands are, the screen knows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Commands that one person gives other keys: more than there are.
pub const COMMANDS_MAX: usize = 200;
/// Keys of one command: the first is shown, the others work too.
pub const KEYS_MAX: usize = 4;
/// Characters of a command's id.
pub const ID_MAX: usize = 64;
/// Presses of a sequence.
pub const PRESSES_MAX: usize = 2;
/// Characters of one key's name: `ArrowDown`, `MediaPlayPause`.
const NAME_MAX: usize = 24;

/// With which keys somebody begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Ours.
    #[default]
    Default,
    /// As in Gmail.
    Gmail,
    /// Only keys with Ctrl or Alt.
    Modifiers,
    /// None but those that a text field needs.
    Off,
}

impl Preset {
    /// All of them.
    pub const ALL: [Preset; 4] = [Preset::Default, Preset::Gmail, Preset::Modifiers, Preset::Off];

    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Preset::Default => "default",
            Preset::Gmail => "gmail",
            Preset::Modifiers => "modifiers",
            Preset::Off => "off",
        }
    }
}

/// The keyboard of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Keys {
    /// With which keys they begin.
    pub preset: Preset,
    /// By a command's id, its keys instead: `{"conversation.close": ["Shift+X", "G X"]}`. An empty list: none.
    pub own: BTreeMap<String, Vec<String>>,
}

/// Why a keyboard can't be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKeys {
    /// More than [`COMMANDS_MAX`] commands, or [`KEYS_MAX`] keys of one.
    #[error("At most {COMMANDS_MAX} commands, and {KEYS_MAX} keys of each.")]
    TooMany,
    /// What stands there is the id of no command.
    #[error("Name a command by its id, such as conversation.close.")]
    Command,
    /// What stands there is no key.
    #[error("Write keys as Ctrl+Shift+E, or two presses as G M.")]
    Malformed,
}

impl Keys {
    /// Can it be kept?
    ///
    /// # Errors
    /// [`BadKeys`] says why not.
    pub fn check(&self) -> Result<(), BadKeys> {
        if self.own.len() > COMMANDS_MAX || self.own.values().any(|keys| keys.len() > KEYS_MAX) {
            return Err(BadKeys::TooMany);
        }
        if !self.own.keys().all(|id| is_command(id)) {
            return Err(BadKeys::Command);
        }
        if self.own.values().flatten().all(|keys| are_keys(keys)) { Ok(()) } else { Err(BadKeys::Malformed) }
    }
}

fn is_command(id: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    id.len() <= ID_MAX && id.split('.').count() == 2 && id.split('.').all(is_word)
}

fn are_keys(keys: &str) -> bool {
    keys.split(' ').count() <= PRESSES_MAX && keys.split(' ').all(is_press)
}

/// `Ctrl+Shift+E`, `?`, `+`, `Alt++`: modifiers in this order, and one key.
fn is_press(press: &str) -> bool {
    let mut rest = press;
    for modifier in ["Ctrl+", "Alt+", "Shift+"] {
        rest = rest.strip_prefix(modifier).unwrap_or(rest);
    }
    let mut letters = rest.chars();
    match (letters.next(), letters.next()) {
        (Some(one), None) => !one.is_control() && !one.is_whitespace(),
        (Some(_), Some(_)) => rest.len() <= NAME_MAX && rest.chars().all(|c| c.is_ascii_alphanumeric()),
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(id: &str, keys: &[&str]) -> Result<(), BadKeys> {
        let own = BTreeMap::from([(id.to_owned(), keys.iter().map(|k| (*k).to_owned()).collect())]);
        Keys { preset: Preset::Default, own }.check()
    }

    #[test]
    fn what_a_keyboard_can_press_is_kept_and_nothing_else() {
        for keys in ["E", "Shift+E", "Ctrl+Shift+E", "?", "+", "Ctrl++", "G M", "ArrowDown", "é", "Ctrl+1", "F6"] {
            assert_eq!(one("conversation.close", &[keys]), Ok(()), "{keys}");
        }
        for keys in ["", " ", "G", "Ctrl+", "Shift+Ctrl+E", "a b c", "two words here", "<b>", "\u{7}", &"x".repeat(25)]
        {
            let wanted = if keys == "G" { Ok(()) } else { Err(BadKeys::Malformed) };
            assert_eq!(one("conversation.close", &[keys]), wanted, "{keys:?}");
        }
        assert_eq!(one("conversation.close", &[]), Ok(()), "no keys at all");
        for id in ["", "close", "a.b.c", "a..b", "a.<b>", &format!("a.{}", "b".repeat(ID_MAX))] {
            assert_eq!(one(id, &["E"]), Err(BadKeys::Command), "{id}");
        }
        assert_eq!(one("a.b", &["1", "2", "3", "4", "5"]), Err(BadKeys::TooMany));
    }

    #[test]
    fn what_was_kept_comes_back() {
        let keys = Keys { preset: Preset::Gmail, own: BTreeMap::from([("a.b".to_owned(), vec!["G X".to_owned()])]) };
        let json = serde_json::to_string(&keys).expect("JSON");
        assert_eq!(serde_json::from_str::<Keys>(&json).expect("the same"), keys);
        assert_eq!(serde_json::from_str::<Keys>("{}").expect("nothing said"), Keys::default());
        for preset in Preset::ALL {
            assert_eq!(serde_json::to_value(preset).expect("a word"), preset.as_str());
        }
    }
}
