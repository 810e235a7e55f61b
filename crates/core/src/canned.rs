//! Canned responses: whose they are, how they are called, and what an email body of one may not hold. Their texts are
//! [`crate::template`]s.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::delivery::UnknownWord;

/// Characters of a name.
pub const NAME_MAX: usize = 80;
/// Characters of a shortcut.
pub const SHORTCUT_MAX: usize = 32;
/// Characters of a text before it is filled in: above what any provider takes.
pub const TEXT_MAX: usize = 4_000;
/// Characters of an email's subject before it is filled in.
pub const SUBJECT_MAX: usize = 200;
/// Characters of an email's body before it is filled in.
pub const HTML_MAX: usize = 20_000;
/// Files of one: as many as a message takes.
pub const FILES_MAX: usize = 10;
/// Those of the workspace and of all its teams together: a list is sent whole.
pub const SHARED_MAX: usize = 500;
/// Personal ones of one person.
pub const PERSONAL_MAX: usize = 200;
/// Characters of one value that fills a place.
pub const VALUE_MAX: usize = 500;

/// Whose a canned response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everybody's.
    Workspace,
    /// A team's.
    Team,
    /// One person's; nobody else sees it.
    Personal,
}

impl Scope {
    /// All of them.
    pub const ALL: [Scope; 3] = [Scope::Workspace, Scope::Team, Scope::Personal];

    /// The word in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::Workspace => "workspace",
            Scope::Team => "team",
            Scope::Personal => "personal",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = UnknownWord;
    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word).ok_or(UnknownWord)
    }
}

/// Why a text is no shortcut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadShortcut {
    /// It holds more than letters, digits, `-` and `_`.
    #[error("Use letters, digits, - and _ only: it is typed after a slash, as one word.")]
    Malformed,
    /// Longer than [`SHORTCUT_MAX`].
    #[error("Shorten it to {SHORTCUT_MAX} characters.")]
    TooLong,
}

/// A shortcut in its one form: small letters, without the slash that people may write before it. `None`: there is none.
///
/// # Errors
/// [`BadShortcut`] says what is wrong with it.
pub fn shortcut(text: &str) -> Result<Option<String>, BadShortcut> {
    let text = text.trim();
    let text = text.strip_prefix('/').unwrap_or(text).to_lowercase();
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().count() > SHORTCUT_MAX {
        return Err(BadShortcut::TooLong);
    }
    if text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_')) {
        Ok(Some(text))
    } else {
        Err(BadShortcut::Malformed)
    }
}

/// Elements that run, fetch or ask for something by themselves.
const ACTIVE: [&str; 12] =
    ["script", "iframe", "frame", "object", "embed", "applet", "form", "base", "meta", "link", "svg", "math"];
/// Where an address begins that runs something.
const RUNNING: [&str; 3] = ["javascript:", "vbscript:", "data:text/html"];

/// The first thing in an email's body that could run: an element, an attribute (`onclick=`), or an address.
///
/// It keeps honest authors from pasting a page with its scripts. It is no sanitiser: whatever shows the body to somebody has
/// to sanitise what comes out of the template.
#[must_use]
pub fn active_content(html: &str) -> Option<String> {
    let lower = html.to_lowercase();
    // browsers skip white space and controls inside an address
    let tight: String = lower.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    if let Some(found) = RUNNING.iter().find(|address| tight.contains(**address)) {
        return Some((*found).to_owned());
    }
    let mut rest = lower.as_str();
    while let Some((_, after)) = rest.split_once('<') {
        let after = after.strip_prefix('/').unwrap_or(after);
        let end = after.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(after.len());
        let (name, attributes) = after.split_at(end);
        if ACTIVE.contains(&name) {
            return Some(format!("<{name}>"));
        }
        rest = after;
        if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            match handler(attributes) {
                Ok(end) => rest = end,
                Err(found) => return Some(found),
            }
        }
    }
    None
}

/// Reads the attributes of a tag, as browsers do (HTML, 13.2.5.32). `Ok`: what follows the tag; `Err`: the one that runs something, e.g.
/// `onload=`.
fn handler(attributes: &str) -> Result<&str, String> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return Ok(rest);
        }
        // a name may begin with "="
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let tail = rest.get(first..).unwrap_or_default();
        let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '>' | '=');
        let (name, after) = rest.split_at(first + tail.find(ends).unwrap_or(tail.len()));
        rest = after;
        let Some(value) = after.trim_start().strip_prefix('=') else { continue };
        if name.starts_with("on") && name.len() > 2 {
            return Err(format!("{name}="));
        }
        let value = value.trim_start();
        let quoted = ['"', '\''].into_iter().find_map(|quote| Some((quote, value.strip_prefix(quote)?)));
        rest = match quoted {
            Some((quote, inside)) => inside.split_once(quote).map_or("", |(_, after)| after),
            None => value.trim_start_matches(|c: char| !c.is_whitespace() && c != '>'),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortcut_is_one_word_in_small_letters() {
        let cases = [
            ("hours", Ok(Some("hours"))),
            (" /Opening-Hours ", Ok(Some("opening-hours"))),
            ("Öffnung_1", Ok(Some("öffnung_1"))),
            ("", Ok(None)),
            ("/", Ok(None)),
            ("two words", Err(BadShortcut::Malformed)),
            ("a/b", Err(BadShortcut::Malformed)),
            ("//a", Err(BadShortcut::Malformed)),
        ];
        for (text, wanted) in cases {
            assert_eq!(shortcut(text), wanted.map(|w| w.map(str::to_owned)), "{text:?}");
        }
        assert!(shortcut(&"é".repeat(SHORTCUT_MAX)).is_ok(), "characters are counted, not bytes");
        assert_eq!(shortcut(&"x".repeat(SHORTCUT_MAX + 1)), Err(BadShortcut::TooLong));
    }

    #[test]
    fn what_could_run_is_found_in_an_email_s_body_and_plain_words_are_not() {
        let cases = [
            ("<p>Hi <b>Maya</b>, <a href=\"https://example.com/?on=1\">look</a></p>", None),
            ("<p>We are on = off; 1 < 2, online=yes</p>", None),
            ("<p data-on=\"x\" title='once = enough'>a</p>", None),
            ("<SCRIPT>alert(1)</SCRIPT>", Some("<script>")),
            ("<p>a</p><iframe src=x>", Some("<iframe>")),
            ("<scripted>", None),
            ("<img src=x onerror=alert(1)>", Some("onerror=")),
            ("<img/onload = 'x'>", Some("onload=")),
            ("<img src=\"x\"onerror=y", Some("onerror=")),
            ("<a title=\">\" onclick=x>", Some("onclick=")),
            ("<a title='a' b='onx=' c=onx=1>onx=1", None),
            ("<a title='never closed onx=1", None),
            ("<a =onx=1 é=1 onx =1>", Some("onx=")),
            ("<", None),
            ("</", None),
            ("<b", None),
            ("<a href=\" java\tscript:alert(1)\">", Some("javascript:")),
            ("<a href='DATA:text/html,x'>", Some("data:text/html")),
            ("", None),
        ];
        for (html, wanted) in cases {
            assert_eq!(active_content(html).as_deref(), wanted, "{html}");
        }
    }

    #[test]
    fn words_come_back() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
    }
}
