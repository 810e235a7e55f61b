//! Cutting a text into words, with what stands between them.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::vocabulary::is_number;

/// Signs that set a word off: quotes, and the marks of bold and italic.
const QUOTES: &str = "'\"‘’‚“”„«»`*_";

/// What stands before a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Space, quotes, brackets.
    None,
    /// One hyphen and nothing else: the two are one.
    Hyphen,
    /// A dash, an equals sign, whatever else.
    Pause,
    /// A comma, a slash, the end of a line: the next of several comes now.
    Comma,
    /// A colon: what was announced comes now.
    Colon,
    /// The end of a sentence or a paragraph.
    End,
}

/// A word, or a whole placeholder.
#[derive(Debug)]
pub(super) struct Word<'a> {
    pub text: &'a str,
    pub bytes: Range<usize>,
    /// In capitals and composed (NFKC). Empty for a placeholder, which is no word.
    pub folded: String,
    pub gap: Gap,
    pub opens_quote: bool,
    pub closes_quote: bool,
}

impl Word<'_> {
    pub(super) fn has_small_letters(&self) -> bool {
        !self.folded.is_empty() && self.text.chars().any(char::is_lowercase)
    }

    /// At least two letters, all of them capitals.
    pub(super) fn is_capital(&self) -> bool {
        !self.folded.is_empty()
            && !self.has_small_letters()
            && self.text.chars().filter(|c| c.is_uppercase()).count() > 1
    }

    /// One letter, or a number.
    pub(super) fn is_single(&self) -> bool {
        self.folded.chars().count() == 1 || is_number(&self.folded)
    }
}

/// The words of a text, in one pass over it.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut at = 0;
    // looked for once: behind the last pair of closing braces nothing is a placeholder
    let last_close = text.rfind("}}").unwrap_or(0);
    let mut between = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let end = if rest.starts_with("{{") && at < last_close {
            rest.find("}}").map_or(0, |close| close + 2)
        } else {
            word_len(rest)
        };
        if end == 0 {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        }
        let word = rest.get(..end).unwrap_or_default();
        let folded =
            if word.starts_with('{') { String::new() } else { word.nfkc().flat_map(char::to_uppercase).collect() };
        let before = text.get(between..at).unwrap_or_default();
        let opens_quote = before.ends_with(is_quote) || before.trim_end().ends_with('«');
        words.push(Word {
            text: word,
            bytes: at..at + end,
            folded,
            gap: gap(before, word),
            opens_quote,
            closes_quote: closes_quote(rest.get(end..).unwrap_or_default()),
        });
        at += end;
        between = at;
    }
    words
}

/// Bytes of the word that begins here; an apostrophe between letters is part of it.
fn word_len(rest: &str) -> usize {
    let mut chars = rest.char_indices().peekable();
    let mut end = 0;
    while let Some((at, c)) = chars.next() {
        let is_within =
            end > 0 && matches!(c, '\'' | '’') && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if !(c.is_alphanumeric() || is_within || (end > 0 && is_combining_mark(c))) {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

fn gap(before: &str, word: &str) -> Gap {
    let mut gap = Gap::None;
    let is_inner = before == "." && word.starts_with(char::is_alphanumeric);
    // after a colon it is what was announced
    let is_paragraph = before.matches('\n').count() > 1 && !before.contains(':');
    if before == "-" {
        return Gap::Hyphen;
    }
    for c in before.chars() {
        gap = gap.max(match c {
            '.' if is_inner => Gap::Pause,
            '.' | '!' | '?' | '…' => Gap::End,
            ':' => Gap::Colon,
            '\n' if is_paragraph => Gap::End,
            ',' | ';' | '/' | '|' | '•' | '\n' => Gap::Comma,
            c if c.is_whitespace() || is_quote(c) || "()[]<>{}".contains(c) => Gap::None,
            _ => Gap::Pause,
        });
    }
    gap
}

fn is_quote(c: char) -> bool {
    QUOTES.contains(c)
}

fn closes_quote(after: &str) -> bool {
    after.trim_start_matches(['.', ',', '!', '?']).starts_with(is_quote) || after.trim_start().starts_with('»')
}
