//! Templates: the text of a canned response, with places for what differs each time.
//!
//! ```text
//! template    = { text | placeholder }
//! placeholder = "{{" ( name [ "|" "default" "(" quoted ")" ] | quoted ) "}}"
//! name        = word { "." word }            words of a to z, 0 to 9 and _; capitals are read as small letters
//! quoted      = '…' or "…"                   curly quotes too; \' is a quote in it, \\ a backslash
//! ```
//!
//! `Hi {{ contact.first_name | default('there') }}, …` is all there is: no conditions, no loops, nothing that runs. Quoted
//! text in braces is itself, so `{{ '{{' }}` is how two braces are written. One brace, `}}` and `{%` are text.
//!
//! **An unknown name is a question, not an error.** `{{ appointment.day }}` can be saved, and becomes a field of the form
//! that is filled in before the response is used. So is a known one that has no value and no fallback. A slip of the pen
//! (`contact.frist_name`) is asked for too, which is why the settings page shows what will be asked:
//! [`Template::variables`].
//!
//! [`warnings`] finds what a template must not ask for: answers that are STOP, START or HELP to the network.

mod parse;
mod render;
pub mod reserved;
mod variable;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

pub use parse::{ErrorKind, TemplateError};
pub use render::{Missing, Rendered, Values};
pub use reserved::{Warning, warnings};
pub use variable::Variable;

/// Longest template, in characters: room for an email with its mark-up. A text is bounded by its provider, far below.
pub const MAX_CHARS: usize = 50_000;
/// Most placeholders of one template, so that a form stays a form. Quoted text doesn't count.
pub const MAX_PLACEHOLDERS: usize = 100;
/// Longest name of a variable, in characters.
pub const MAX_NAME: usize = 64;

/// A stretch of a text, as indices of Unicode scalars: from `start` up to, and without, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// Of its first character.
    pub start: usize,
    /// Of the first character after it.
    pub end: usize,
}

impl Span {
    /// The span of these bytes of `text`.
    fn of(text: &str, bytes: &Range<usize>) -> Span {
        let scalars = |part: Range<usize>| text.get(part).map_or(0, |part| part.chars().count());
        let start = scalars(0..bytes.start);
        Span { start, end: start + scalars(bytes.clone()) }
    }
}

/// A text with placeholders, read and found well formed.
///
/// `Display` prints it as its author would have: it may be longer than what was read, by spaces and quotes, and parses
/// to the same as long as that is within [`MAX_CHARS`].
///
/// ```
/// use partyline_core::template::{Template, Values, Variable};
/// let template: Template = "Hi {{ contact.first_name | default('there') }}, see you {{ day }}.".parse()?;
/// let mut values = Values::default();
/// let rendered = template.render(&values);
/// assert_eq!(rendered.text, "Hi there, see you {{ day }}.");
/// assert_eq!(rendered.missing[0].name, "day");
///
/// values.set(Variable::ContactFirstName.as_str(), "Maya");
/// values.set("day", "on Monday");
/// assert_eq!(template.render(&values).text, "Hi Maya, see you on Monday.");
/// # Ok::<(), partyline_core::template::TemplateError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// No text is empty, and no two stand beside each other.
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Placeholder {
    name: String,
    fallback: Option<String>,
}

/// A name that a template uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used<'a> {
    /// As it is written in the template, in small letters.
    pub name: &'a str,
    /// What it is; `None` for a name that is always asked for.
    pub variable: Option<Variable>,
    /// It has a fallback wherever it stands, and so is never asked for.
    pub has_fallback: bool,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// The first thing that is wrong, where it stands, and what to do about it; also when the text is longer than
    /// [`MAX_CHARS`], has more than [`MAX_PLACEHOLDERS`], or a name longer than [`MAX_NAME`].
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        parse::parse(text)
    }

    /// The names that it uses, each once, in the order of their first place.
    #[must_use]
    pub fn variables(&self) -> Vec<Used<'_>> {
        let mut used: Vec<Used<'_>> = Vec::new();
        for placeholder in self.placeholders() {
            let (name, has_fallback) = (placeholder.name.as_str(), placeholder.fallback.is_some());
            match used.iter_mut().find(|u| u.name == name) {
                Some(known) => known.has_fallback &= has_fallback,
                None => used.push(Used { name, variable: name.parse().ok(), has_fallback }),
            }
        }
        used
    }

    fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.parts.iter().filter_map(|part| match part {
            Part::Placeholder(placeholder) => Some(placeholder),
            Part::Text(_) => None,
        })
    }
}

impl FromStr for Template {
    type Err = TemplateError;
    fn from_str(text: &str) -> Result<Self, TemplateError> {
        Template::parse(text)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = self.parts.iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Text(text) => write_text(f, text, parts.peek().is_some())?,
                Part::Placeholder(placeholder) => placeholder.fmt(f)?,
            }
        }
        Ok(())
    }
}

/// Writes text so that none of its braces opens a placeholder, not with those of the placeholder that follows either.
fn write_text(f: &mut fmt::Formatter<'_>, text: &str, is_followed: bool) -> fmt::Result {
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, braces) = rest.split_at(start);
        let after = braces.trim_start_matches('{');
        let braces = braces.strip_suffix(after).unwrap_or_default();
        f.write_str(before)?;
        if braces.len() > 1 || (after.is_empty() && is_followed) {
            write!(f, "{{{{ '{braces}' }}}}")?;
        } else {
            f.write_str(braces)?;
        }
        rest = after;
    }
    f.write_str(rest)
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fallback {
            None => write!(f, "{{{{ {} }}}}", self.name),
            Some(fallback) => {
                let quoted = fallback.replace('\\', r"\\").replace('\'', r"\'");
                write!(f, "{{{{ {} | default('{quoted}') }}}}", self.name)
            }
        }
    }
}

#[cfg(test)]
mod tests;
