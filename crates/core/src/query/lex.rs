//! A query's text, cut into terms that nobody has understood yet. Every text can be cut.

use super::Operator;
use super::span::{Point, Span};

/// What may open a quote and close it: telephones write curved ones by themselves.
const QUOTES: [char; 4] = ['"', '“', '”', '„'];
/// Turns the next term round when it stands for itself.
const NOT: &str = "NOT";
/// Letters before a colon that may have been meant as an operator; one is a drive or an abbreviation.
const LEAST_LETTERS: usize = 2;

/// One term as it was written.
#[derive(Debug)]
pub(super) struct Lexeme {
    pub negated: bool,
    pub operator: Option<Operator>,
    /// Without its quotes and escapes.
    pub value: String,
    pub is_quoted: bool,
    /// With a star behind it.
    pub prefix: bool,
    pub span: Span,
    /// A quote that nobody closed.
    pub unclosed: Option<Span>,
    /// A word and a colon that is no operator.
    pub unknown: Option<Span>,
}

/// What stands between terms.
pub(super) fn is_gap(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

pub(super) fn is_quote(c: char) -> bool {
    QUOTES.contains(&c)
}

/// Would this be read as something else than a bare word?
pub(super) fn is_special(text: &str) -> bool {
    text.starts_with('-')
        || text.starts_with(is_quote)
        || text.ends_with('*')
        || text == NOT
        || operator(text).is_some()
}

/// The operator that a text begins with, and how long it is with its colon.
fn operator(text: &str) -> Option<(Operator, usize)> {
    let colon = text.find(':')?;
    let operator = Operator::read(text.get(..colon)?)?;
    Some((operator, colon + 1))
}

/// The terms of a text, from left to right.
pub(super) struct Lexer<'a> {
    rest: &'a str,
    at: Point,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str) -> Lexer<'a> {
        Lexer { rest: text, at: Point::default() }
    }

    /// Takes so many bytes.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.at = self.at.after(taken);
        self.rest = rest;
        taken
    }

    fn take_gap(&mut self) {
        let gap = self.rest.find(|c| !is_gap(c)).unwrap_or(self.rest.len());
        self.take(gap);
    }

    /// A minus right before something, or NOT and a gap.
    fn takes_negation(&mut self) -> bool {
        if let Some(rest) = self.rest.strip_prefix('-') {
            let negates = rest.starts_with(|c| !is_gap(c));
            self.take(usize::from(negates));
            return negates;
        }
        let negates =
            self.rest.strip_prefix(NOT).is_some_and(|rest| rest.starts_with(is_gap) && rest.contains(|c| !is_gap(c)));
        if negates {
            self.take(NOT.len());
            self.take_gap();
        }
        negates
    }

    /// What stands between a quote and the next, and the place of the first when there is no next.
    fn quoted(&mut self) -> (String, Option<Span>) {
        let opened = self.at;
        self.take(self.rest.chars().next().map_or(0, char::len_utf8));
        let inside = self.at;
        let mut value = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            if is_quote(c) {
                self.take(at + c.len_utf8());
                return (value, None);
            }
            let escaped =
                (c == '\\').then(|| chars.clone().next()).flatten().filter(|(_, c)| *c == '\\' || is_quote(*c));
            match escaped {
                Some((_, escaped)) => {
                    chars.next();
                    value.push(escaped);
                }
                None => value.push(c),
            }
        }
        self.take(self.rest.len());
        (value, Some(opened.to(inside)))
    }

    /// Everything up to the next gap.
    fn bare(&mut self) -> &'a str {
        self.take(self.rest.find(is_gap).unwrap_or(self.rest.len()))
    }

    /// The letters and the colon of an operator that there is not. `https://` and `Re:` were not meant as one.
    fn unknown_operator(&self) -> Option<Span> {
        let letters = self.rest.find(|c: char| !c.is_ascii_alphabetic())?;
        let value = self.rest.get(letters..)?.strip_prefix(':')?;
        let is_meant = letters >= LEAST_LETTERS && value.starts_with(|c| !is_gap(c) && c != '/');
        is_meant.then(|| self.at.to(self.at.after(self.rest.get(..=letters).unwrap_or_default())))
    }
}

impl Iterator for Lexer<'_> {
    type Item = Lexeme;

    fn next(&mut self) -> Option<Lexeme> {
        self.take_gap();
        if self.rest.is_empty() {
            return None;
        }
        let from = self.at;
        let negated = self.takes_negation();
        let operator = operator(self.rest).map(|(operator, length)| {
            self.take(length);
            operator
        });
        let is_quoted = self.rest.starts_with(is_quote);
        let (mut unclosed, mut unknown, mut prefix) = (None, None, false);
        let value = if is_quoted {
            let (value, open) = self.quoted();
            unclosed = open;
            if operator.is_none() && self.rest.starts_with('*') {
                self.take(1);
                prefix = true;
            }
            value
        } else if operator.is_some() {
            self.bare().to_owned()
        } else {
            unknown = self.unknown_operator();
            let word = self.bare();
            let stem = word.strip_suffix('*').filter(|stem| !stem.is_empty());
            prefix = stem.is_some();
            stem.unwrap_or(word).to_owned()
        };
        Some(Lexeme { negated, operator, value, is_quoted, prefix, span: from.to(self.at), unclosed, unknown })
    }
}
