//! Which parts of a text a query has found.

use std::collections::HashMap;
use std::ops::Range;

use serde::{Serialize, Serializer};

use super::span::Point;
use super::{LONGEST_MARKED, Look, MOST_MARKS, Phrase, Query, Word, fold, number};

/// A part of a text that was found, in UTF-16 code units: what JavaScript's `slice` takes. As JSON `[from, to]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The first that belongs to it.
    pub from: usize,
    /// The first that does not any more.
    pub to: usize,
}

impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        (self.from, self.to).serialize(s)
    }
}

/// The parts of a text that a query looks for, in order, none touching another: a phrase is one mark, and so are words with
/// only space between them. Whole words are marked, also where only their beginning was asked for; of a number, the digits
/// that were. What must not be there, and what operators ask for, is not marked. At most [`MOST_MARKS`], in the first
/// [`LONGEST_MARKED`] bytes.
///
/// ```
/// use partyline_core::query::{Mark, Query, marks};
/// assert_eq!(marks("Is the Water heater old?", &Query::parse("heater water")), [Mark { from: 7, to: 19 }]);
/// ```
#[must_use]
pub fn marks(text: &str, query: &Query) -> Vec<Mark> {
    let text = text.get(..text.floor_char_boundary(LONGEST_MARKED)).unwrap_or_default();
    let looks: Vec<Look> = query.looks().into_iter().filter(|look| !look.negated).collect();
    let mut found = found_words(text, &looks);
    let mut needles = looks.iter().filter_map(|look| look.number.as_deref()).peekable();
    if needles.peek().is_some() {
        let runs: Vec<_> = number::runs(text).collect();
        for needle in needles {
            found.extend(runs.iter().flat_map(|run| run.find(needle)).take(MOST_MARKS));
        }
        found.sort_by_key(|at| at.start);
    }
    in_utf16(text, &joined(text, found))
}

/// From the first to the last word of each phrase that is there, in order; phrases that overlap are one.
fn found_words(text: &str, looks: &[Look]) -> Vec<Range<usize>> {
    let words: Vec<Word> = fold::words(text).collect();
    // the number of the first word of the longest phrase that ends here
    let mut begins: Vec<usize> = (0..words.len()).map(|n| n + 1).collect();
    for phrase in looks.iter().flat_map(|look| &look.phrases) {
        for last in ends(phrase, &words) {
            if let Some(begin) = begins.get_mut(last) {
                *begin = (*begin).min(last + 1 - phrase.words.len());
            }
        }
    }
    let mut reached = usize::MAX;
    let mut found: Vec<Range<usize>> = Vec::new();
    for (n, (word, begin)) in words.into_iter().zip(begins).enumerate().rev() {
        match found.last_mut().filter(|_| reached <= n) {
            Some(phrase) => phrase.start = word.at.start,
            None if begin <= n => found.push(word.at),
            None => {}
        }
        reached = if reached <= n { reached.min(begin) } else { begin };
    }
    found.reverse();
    found
}

/// The numbers of the words at which a phrase ends. Each bit is a beginning of the phrase that the words so far end with
/// (Baeza-Yates and Gonnet, "shift-and"), so that no text takes longer than its length.
fn ends(phrase: &Phrase, words: &[Word]) -> Vec<usize> {
    let Some((last, before)) = phrase.words.split_last() else { return Vec::new() };
    let mut places: HashMap<&str, u64> = HashMap::new();
    for (n, word) in before.iter().enumerate() {
        *places.entry(word).or_default() |= 1 << n;
    }
    let end = 1_u64 << before.len();
    let mut begun = 0_u64;
    let mut ends = Vec::new();
    for (n, word) in words.iter().enumerate() {
        begun = (begun << 1) | 1;
        let is_last = if phrase.prefix { word.text.starts_with(last.as_str()) } else { word.text == *last };
        if is_last && begun & end != 0 {
            ends.push(n);
        }
        begun &= places.get(word.text.as_str()).copied().unwrap_or_default();
    }
    ends
}

/// Without overlaps, and with what has nothing but space between it as one.
fn joined(text: &str, found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for next in found {
        if let Some(last) = joined.last_mut()
            && text.get(last.end..next.start).is_none_or(|between| between.chars().all(char::is_whitespace))
        {
            last.end = last.end.max(next.end);
        } else if joined.len() == MOST_MARKS {
            break;
        } else {
            joined.push(next);
        }
    }
    joined
}

fn in_utf16(text: &str, ranges: &[Range<usize>]) -> Vec<Mark> {
    let mut at = Point::default();
    let mut to = |byte: usize| {
        at = at.after(text.get(at.byte..byte).unwrap_or_default());
        at.utf16
    };
    ranges.iter().map(|range| Mark { from: to(range.start), to: to(range.end) }).collect()
}

#[cfg(test)]
mod tests;
