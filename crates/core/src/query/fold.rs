//! Text as the index has it: words in their plainest form. What is searched and what is searched for go through here, so
//! that both engines, the query and the marks mean the same by a word.
//!
//! - NFKD, marks off, so that *é*, full-width *Ｅ* and *ﬁ* become *e*, *e* and *fi*; letters that Unicode does not take
//!   apart become those that people type for them (*Łódź*: `lodz`, *Æsir*: `aesir`); case folded (*ß*: `ss`). The
//!   marks of Indic vowels go as well: more is found there than was written, never less. The voicing marks of kana stay,
//!   as they make other letters; hangul is put together again.
//! - Everything but letters and digits ends a word, the low line and the apostrophe too: `Lease_2026-final.pdf` is
//!   `lease`, `2026`, `final`, `pdf`. What takes no place (soft hyphens, marks of direction) is not seen.
//! - Han, kana, Thai, Lao, Khmer and Burmese put no space between words: each of their letters is a word, and several
//!   in a query are a phrase.
//! - Emoji, signs of currency and punctuation are no words and can't be found.

use std::collections::VecDeque;
use std::ops::Range;
use std::str::CharIndices;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use super::{LONGEST_DOCUMENT, LONGEST_WORD, number};

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// In its plainest form: letters and digits only, at most [`LONGEST_WORD`] of them. Made into words again it is this
    /// one word.
    pub text: String,
    /// Where it stands in the text, in bytes, on the bounds of characters; all of it, also when it is long and was cut.
    pub at: Range<usize>,
}

/// The words of a text, in its order; neither their beginnings nor their ends go back. Two can share a character: *½* is
/// `1` and `2`.
///
/// ```
/// use partyline_core::query::words;
/// let found: Vec<String> = words("Zoë’s Lease_2026-final.pdf").map(|word| word.text).collect();
/// assert_eq!(found, ["zoe", "s", "lease", "2026", "final", "pdf"]);
/// ```
#[must_use]
pub fn words(text: &str) -> Words<'_> {
    Words { chars: text.char_indices(), open: None, ready: VecDeque::new() }
}

/// What the index keeps of a text: its words, then the ends of its numbers (see [`Look`](super::Look)), with one space
/// between them. At most [`LONGEST_DOCUMENT`] bytes; what is beyond is not indexed.
///
/// An engine has only to cut at the spaces. FTS5's tokenizer `ascii` does just that (`unicode61` takes 21 letters for signs),
/// and so does PostgreSQL's cast to `tsvector`, where each word still needs its place.
#[must_use]
pub fn document(text: &str) -> String {
    spaced(words(text).map(|word| word.text).chain(number::tails(text)))
}

/// A name, address or label in its plainest form, to be compared as a whole or in part: its words with one space between
/// them.
#[must_use]
pub fn plain(text: &str) -> String {
    spaced(words(text).map(|word| word.text))
}

fn spaced(words: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for word in words {
        if text.len() + word.len() >= LONGEST_DOCUMENT {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word);
    }
    text
}

/// See [`words`].
#[derive(Debug)]
pub struct Words<'a> {
    chars: CharIndices<'a>,
    open: Option<Open>,
    ready: VecDeque<Word>,
}

/// A word that may go on.
#[derive(Debug)]
struct Open {
    word: Word,
    letters: usize,
    stands_alone: bool,
}

impl Words<'_> {
    /// Takes a character that stands `at` a place.
    fn take(&mut self, c: char, at: &Range<usize>) {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() { self.push(c.to_ascii_lowercase(), at) } else { self.close() }
        } else if !is_invisible(c) {
            decompose_compatible(c, |part| self.take_part(part, at));
        }
    }

    fn take_part(&mut self, part: char, at: &Range<usize>) {
        if is_combining_mark(part) {
            if let Some(open) = &mut self.open {
                open.word.at.end = at.end;
                if open.stands_alone && is_voicing(part) {
                    open.push(part);
                }
            }
        } else if is_letter(part) {
            for lower in part.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase) {
                // what case folding adds is looked at once more
                if is_letter(lower) && !is_combining_mark(lower) {
                    without_stroke(lower, |letter| self.push(letter, at));
                }
            }
        } else {
            self.close();
        }
    }

    fn push(&mut self, letter: char, at: &Range<usize>) {
        let stands_alone = is_unspaced(letter);
        if stands_alone || self.open.as_ref().is_some_and(|open| open.stands_alone) {
            self.close();
        }
        let open = self.open.get_or_insert_with(|| Open {
            word: Word { text: String::new(), at: at.clone() },
            letters: 0,
            stands_alone,
        });
        open.push(letter);
        open.word.at.end = at.end;
    }

    fn close(&mut self) {
        let Some(Open { mut word, .. }) = self.open.take() else { return };
        if !word.text.is_ascii() {
            word.text = word.text.nfc().collect();
        }
        self.ready.push_back(word);
    }
}

impl Open {
    fn push(&mut self, letter: char) {
        if self.letters < LONGEST_WORD {
            self.word.text.push(letter);
            self.letters += 1;
        }
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        while self.ready.is_empty() {
            let Some((at, c)) = self.chars.next() else {
                self.close();
                break;
            };
            self.take(c, &(at..at + c.len_utf8()));
        }
        self.ready.pop_front()
    }
}

/// What makes a word: a letter or a digit. Not the letters in circles and boxes that are signs, nor the modifier letters
/// that stand for apostrophes.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '\u{1F130}'..='\u{1F189}' | '\u{2BB}' | '\u{2BC}')
}

/// Characters that take no place.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200C}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// か and this are が.
fn is_voicing(c: char) -> bool {
    matches!(c, '\u{3099}' | '\u{309A}')
}

/// Letters of scripts without spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{E00}'..='\u{EFF}'          // Thai, Lao
        | '\u{1000}'..='\u{109F}'      // Burmese
        | '\u{1780}'..='\u{17FF}'      // Khmer
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{312F}' | '\u{31A0}'..='\u{31FF}' // signs of repetition, kana, bopomofo
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' // Han
        | '\u{1AFF0}'..='\u{1B16F}' | '\u{20000}'..='\u{3FFFF}')
}

/// Letters that Unicode does not take apart, as people type them who don't have them; and the digits of Arabic and Persian.
fn without_stroke(c: char, mut take: impl FnMut(char)) {
    let plain = match c {
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ł' => "l",
        'ŧ' => "t",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => return take(digit(c).unwrap_or(c)),
    };
    plain.chars().for_each(take);
}

/// The ASCII digit that a digit of a telephone number stands for: full-width, Arabic and Persian ones are dialled as well.
pub(super) fn digit(c: char) -> Option<char> {
    let value = match c {
        '0'..='9' => return Some(c),
        '０'..='９' => u32::from(c) - u32::from('０'),
        '٠'..='٩' => u32::from(c) - u32::from('٠'),
        '۰'..='۹' => u32::from(c) - u32::from('۰'),
        _ => return None,
    };
    char::from_digit(value, 10)
}

#[cfg(test)]
pub(super) mod tests;
