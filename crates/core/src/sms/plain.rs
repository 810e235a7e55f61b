//! The same text for less: look-alikes of the GSM alphabet in place of the characters that are not in it.

use std::borrow::Cow;
use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::replacements::replacement;
use super::{Encoding, alphabet, measure};

/// Rounds in which a text may settle. A second is needed where a mark reaches its letter only once what stood between
/// them is taken out; the bound keeps a mistake in the table from turning for ever.
const ROUNDS: usize = 4;

/// A character that turns the whole message into UCS-2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Costly<'a> {
    /// As it stands in the text, with the marks that belong to it.
    pub character: &'a str,
    /// Where it stands, as indices of Unicode scalars; ascending, never empty.
    pub at: Vec<usize>,
    /// What [`plain`] puts in its first place, empty when that takes it out. `None` when it has no look-alike, or stands
    /// in a web address.
    pub replacement: Option<String>,
}

/// The characters that are not in the GSM alphabet, each once, in the order of their first place. None when the text is
/// GSM-7.
///
/// ```
/// use partyline_core::sms::costly;
/// let found = costly("It’s “ready” 🎉");
/// assert_eq!(found.len(), 4);
/// assert_eq!((found[0].character, &found[0].at[..], found[0].replacement.as_deref()), ("’", &[2][..], Some("'")));
/// assert_eq!(found[3].replacement, None);
/// ```
#[must_use]
pub fn costly(text: &str) -> Vec<Costly<'_>> {
    if Encoding::of(text) == Encoding::Gsm7 {
        return Vec::new();
    }
    let mut found: Vec<Costly<'_>> = Vec::new();
    let mut places: HashMap<(&str, bool), usize> = HashMap::new();
    let mut writer = Writer::default();
    let mut position = 0;
    for (stretch, is_address) in stretches(text) {
        for character in characters(stretch) {
            let at = position;
            position += character.chars().count();
            let written = writer.write(character, is_address);
            if character.chars().all(alphabet::contains) {
                continue;
            }
            let replacement = written.chars().all(alphabet::contains).then(|| written.to_owned());
            let place = *places.entry((character, is_address)).or_insert_with(|| {
                found.push(Costly { character, at: Vec::new(), replacement });
                found.len() - 1
            });
            if let Some(costly) = found.get_mut(place) {
                costly.at.push(at);
            }
        }
    }
    found
}

/// The text with every character that has a look-alike in the GSM alphabet replaced by it, after composing (NFC), so
/// that a decomposed `ñ` stays one.
///
/// Characters of the alphabet are not touched, nor web addresses (`http://` or `https://` up to white space), nor marks
/// on a letter. The result never has more segments: where it would, the text comes back as it was.
///
/// ```
/// use partyline_core::sms::plain;
/// assert_eq!(plain("“It’s 2½ miles…”"), "\"It's 2 1/2 miles...\"");
/// ```
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if Encoding::of(text) == Encoding::Gsm7 {
        return Cow::Borrowed(text);
    }
    let mut result = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        let next = replaced(&result);
        if next == *result {
            break;
        }
        result = Cow::Owned(next);
    }
    if measure(&result).segments > measure(text).segments { Cow::Borrowed(text) } else { result }
}

fn replaced(text: &str) -> String {
    let mut writer = Writer::default();
    for (stretch, is_address) in stretches(text) {
        writer.write(stretch, is_address);
    }
    writer.out
}

/// Writes text with its replacements; what stands before decides on some of them.
#[derive(Default)]
struct Writer {
    out: String,
    /// The last character that is no mark is a letter or a digit: a mark belongs to it.
    on_letter: bool,
}

impl Writer {
    /// Writes a stretch and gives what was written for it.
    fn write(&mut self, stretch: &str, as_it_is: bool) -> &str {
        let start = self.out.len();
        if as_it_is {
            self.out.push_str(stretch);
            self.on_letter = stretch.chars().next_back().is_some_and(char::is_alphanumeric);
        } else {
            for c in stretch.nfc() {
                self.write_character(c);
            }
        }
        self.out.get(start..).unwrap_or_default()
    }

    fn write_character(&mut self, c: char) {
        let last = self.out.chars().next_back();
        let is_mark = is_combining_mark(c);
        match replacement(c) {
            // part of a letter, which is part of a word or a name
            Some(_) if is_mark && self.on_letter => self.out.push(c),
            // the non-joiner spells words of scripts that have no look-alikes anyway
            Some("") if c == '\u{200C}' && last.is_some_and(|l| l.is_alphabetic() && !alphabet::contains(l)) => {
                self.out.push(c);
            }
            // 2½ is not 21/2
            Some(fraction) if matches!(c, '¼' | '½' | '¾') && last.is_some_and(|l| l.is_ascii_digit()) => {
                self.out.push(' ');
                self.out.push_str(fraction);
            }
            Some(alike) => self.out.push_str(alike),
            None => self.out.push(c),
        }
        if !is_mark {
            self.on_letter = self.out.chars().next_back().is_some_and(char::is_alphanumeric);
        }
    }
}

/// Cuts a text into what may be changed and, flagged, the web addresses.
fn stretches(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (end, is_address) = match address_start(rest) {
            Some(0) => (rest.find(char::is_whitespace).unwrap_or(rest.len()), true),
            Some(start) => (start, false),
            None => (rest.len(), false),
        };
        let (stretch, after) = rest.split_at(end);
        rest = after;
        Some((stretch, is_address))
    })
}

fn address_start(text: &str) -> Option<usize> {
    let begins =
        |at: usize, scheme: &str| text.get(at..at + scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme));
    text.match_indices(['h', 'H']).map(|(at, _)| at).find(|at| begins(*at, "http://") || begins(*at, "https://"))
}

/// Cuts a text into characters with the marks that follow them.
fn characters(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, c)| !is_combining_mark(*c))
            .map_or(rest.len(), |(at, _)| at)
            .max(first.len_utf8());
        let (character, after) = rest.split_at(end);
        rest = after;
        Some(character)
    })
}
