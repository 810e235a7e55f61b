//! Telephone numbers in texts and in queries, in any formatting, whole or in part.
//!
//! The index keeps, for every digit of a number in a text, the digits from there on as a word of its own; so any part of
//! the number is the beginning of one of these words. They are marked by a letter, so that the part `2026` of a number is
//! not the word `2026`.

use std::ops::Range;
use std::str::CharIndices;

use super::MOST_TAILS;
use super::fold::{digit, is_invisible};
use crate::phone::PhoneNumber;

/// Digits of what may be a number in a text: fewer are no subscriber's.
const LEAST_DIGITS: usize = 7;
/// Digits of the longest number (ITU-T E.164, 6.2).
const MOST_DIGITS: usize = 15;
/// Digits of the shortest part that is looked for inside of numbers in texts; people know each other's last four.
const LEAST_PART: usize = 4;
/// Digits of the shortest part by which a person is looked for: an area code, a short code.
const LEAST_OF_PERSON: usize = 3;
/// Characters between two digits of one number: `) - ` has four.
const MOST_BETWEEN: usize = 4;
/// Digits that are looked at together: of more, as only programs write them, what follows is taken for another number.
const LONGEST_RUN: usize = 1_000;
/// What an index's word for digits begins with.
const MARKER: char = 'n';
/// The calling code of North America, which is also what is dialled before a number there.
const NORTH_AMERICA: char = '1';
/// Digits of a number there, with that.
const NORTH_AMERICAN_DIGITS: usize = 11;

/// What stands in and around numbers and means nothing.
fn is_ornament(c: char) -> bool {
    matches!(
        c,
        ' ' | '\u{A0}' | '\u{202F}' | '(' | ')' | '[' | ']' | '-' | '.' | '/' | '+' | '\u{2010}'
            ..='\u{2015}' | '\u{2212}' | '（' | '）' | '－' | '．' | '＋'
    ) || is_invisible(c)
}

/// The digits to look for in people's numbers, when a text is a number or a part of one (3 to 15 digits, and what stands
/// in and around numbers): those that it has in any formatting, with or without its country. A zero, a one or a country
/// code that is not always written is left off.
///
/// ```
/// use partyline_core::query::digits;
/// assert_eq!(digits("+1 (415) 555-0100").as_deref(), Some("4155550100"));
/// assert_eq!(digits("020 7946 0958").as_deref(), Some("2079460958"));
/// assert_eq!(digits("415").as_deref(), Some("415"));
/// assert_eq!(digits("route 415"), None);
/// ```
#[must_use]
pub fn digits(text: &str) -> Option<String> {
    let digits = all_digits(text).filter(|digits| (LEAST_OF_PERSON..=MOST_DIGITS).contains(&digits.len()))?;
    Some(significant(digits, is_beginning(text)))
}

/// What to look for in the index, as the beginning of a word, when a text is a number or a part of one.
pub(super) fn needle(text: &str) -> Option<String> {
    let digits = digits(text).filter(|digits| digits.len() >= LEAST_PART)?;
    Some(format!("{MARKER}{digits}"))
}

/// Is it nothing but digits and what stands in and around numbers?
pub(super) fn is_part(text: &str) -> bool {
    text.chars().all(|c| digit(c).is_some() || is_ornament(c))
}

/// Does it begin a number of its own?
pub(super) fn is_beginning(text: &str) -> bool {
    text.trim_start_matches(|c| is_ornament(c) && !is_plus(c)).starts_with(is_plus)
}

/// What belongs to the digit behind it, where that is marked.
fn opens(c: char) -> bool {
    is_plus(c) || matches!(c, '(' | '[' | '（')
}

fn is_plus(c: char) -> bool {
    matches!(c, '+' | '＋')
}

fn all_digits(text: &str) -> Option<String> {
    let mut digits = String::new();
    for c in text.chars() {
        match digit(c) {
            Some(digit) => digits.push(digit),
            None if is_ornament(c) => {}
            None => return None,
        }
    }
    Some(digits)
}

/// Without what is not always written before a number. Of a short part nothing is taken.
fn significant(digits: String, has_plus: bool) -> String {
    if digits.len() < LEAST_DIGITS {
        return digits;
    }
    let national = if has_plus {
        national(&digits)
    } else if digits.len() == NORTH_AMERICAN_DIGITS && digits.starts_with(NORTH_AMERICA) {
        digits.strip_prefix(NORTH_AMERICA).map(str::to_owned)
    } else {
        Some(digits.trim_start_matches('0').to_owned())
    };
    national.filter(|national| national.len() >= LEAST_PART).unwrap_or(digits)
}

/// Without the country code.
fn national(digits: &str) -> Option<String> {
    let number = PhoneNumber::from_e164(&format!("+{digits}")).ok()?;
    number.as_str().strip_prefix(&format!("+{}", number.country_code())).map(str::to_owned)
}

/// Digits that belong together in a text, and where each stands.
#[derive(Debug, Default)]
pub(super) struct Run {
    digits: String,
    at: Vec<Range<usize>>,
}

impl Run {
    /// Where a needle's digits stand in it, each place once.
    pub fn find<'a>(&'a self, needle: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let digits = needle.strip_prefix(MARKER).unwrap_or(needle);
        self.digits.match_indices(digits).filter_map(|(from, found)| {
            let last = from + found.len().checked_sub(1)?;
            Some(self.at.get(from)?.start..self.at.get(last)?.end)
        })
    }

    fn tails(self) -> impl Iterator<Item = String> {
        let ends = 0..(self.digits.len() + 1).saturating_sub(LEAST_PART);
        ends.map(move |from| {
            let to = self.digits.len().min(from + MOST_DIGITS);
            format!("{MARKER}{}", self.digits.get(from..to).unwrap_or_default())
        })
    }
}

/// The runs of digits in a text that are long enough for a number. Two numbers with only a space between them are one run;
/// parts of both are found all the same.
pub(super) struct Runs<'a> {
    chars: CharIndices<'a>,
}

pub(super) fn runs(text: &str) -> Runs<'_> {
    Runs { chars: text.char_indices() }
}

impl Iterator for Runs<'_> {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        let (mut run, mut between, mut opened) = (Run::default(), 0, None);
        loop {
            let next = self.chars.next();
            if let Some((at, c)) = next
                && let Some(digit) = digit(c)
            {
                run.digits.push(digit);
                run.at.push(opened.take().unwrap_or(at)..at + c.len_utf8());
                between = 0;
                if run.digits.len() < LONGEST_RUN {
                    continue;
                }
                return Some(run);
            }
            between += 1;
            opened = next.filter(|(_, c)| opens(*c)).map(|(at, _)| at);
            if next.is_some_and(|(_, c)| is_ornament(c)) && between <= MOST_BETWEEN {
                continue;
            }
            if run.digits.len() >= LEAST_DIGITS {
                return Some(run);
            }
            run = Run::default();
            next?;
        }
    }
}

/// The words by which a text's numbers are found, at most [`MOST_TAILS`].
pub(super) fn tails(text: &str) -> impl Iterator<Item = String> {
    runs(text).flat_map(Run::tails).take(MOST_TAILS)
}

#[cfg(test)]
mod tests;
