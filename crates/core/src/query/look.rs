//! What of a query is to be looked for in the index of words.

use super::{LONGEST_PHRASE, Placed, SHORTEST_PREFIX, Term, What, fold, number};

/// Something to look for among the words of [`document`](super::document). It is found where all of its phrases are, or
/// its number is; negated, it must not be found.
///
/// In FTS5's words `(water AND hea*) OR n4155550100*`, a phrase `water + heater`; in those of PostgreSQL's `tsquery`
/// `(water & hea:*) | n4155550100:*` and `water <-> heater`. Words are letters and digits, never in capitals: neither
/// takes one for its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Must it not be there?
    pub negated: bool,
    /// All of these have to be there; there is at least one.
    pub phrases: Vec<Phrase>,
    /// Or a word that begins so: a number, or a part of one.
    pub number: Option<String>,
}

/// Words that stand one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// At least one, at most [`LONGEST_PHRASE`]; of a longer phrase the first are looked for.
    pub words: Vec<String>,
    /// Is the last of them only the beginning of a word?
    pub prefix: bool,
}

impl Phrase {
    fn of(text: &str, prefix: bool) -> Option<Phrase> {
        let mut words: Vec<String> = fold::words(text).map(|word| word.text).take(LONGEST_PHRASE + 1).collect();
        let is_whole = words.len() <= LONGEST_PHRASE;
        words.truncate(LONGEST_PHRASE);
        let is_long = words.last().is_some_and(|last| last.len() >= SHORTEST_PREFIX);
        (!words.is_empty()).then_some(Phrase { words, prefix: prefix && is_whole && is_long })
    }
}

/// Terms that follow one another and make up a number, `(415) 555-0100`, are one: its parts anywhere, or the number. They
/// may have been meant as several.
pub(super) fn looks(terms: &[Placed]) -> Vec<Look> {
    let mut looks = Vec::new();
    let mut rest = terms;
    while let Some((first, others)) = rest.split_first() {
        let goes_on = |next: &&Placed| is_part(&first.term) && is_part(&next.term) && !is_beginning(&next.term);
        let parts = 1 + others.iter().take_while(goes_on).count();
        let (together, after) = rest.split_at_checked(parts).unwrap_or((rest, &[]));
        if let Some(look) = number_of(together) {
            looks.push(look);
            rest = after;
        } else {
            looks.extend(look_of(&first.term));
            rest = others;
        }
    }
    looks
}

/// Can it be a part of a number that goes on in the next term?
fn is_part(term: &Term) -> bool {
    !term.negated && matches!(&term.what, What::Text { text, .. } if number::is_part(text.as_str()))
}

/// A plus sign begins another number.
fn is_beginning(term: &Term) -> bool {
    text(term).is_some_and(|(text, _)| number::is_beginning(text))
}

/// One number out of several terms.
fn number_of(terms: &[Placed]) -> Option<Look> {
    if terms.len() < 2 {
        return None;
    }
    let texts: Vec<&str> = terms.iter().filter_map(|placed| text(&placed.term)).map(|(text, _)| text).collect();
    let number = number::needle(&texts.join(" "))?;
    let phrases = terms.iter().filter_map(|placed| phrase(&placed.term)).collect();
    Some(Look { negated: false, phrases, number: Some(number) })
}

fn look_of(term: &Term) -> Option<Look> {
    let (text, _) = text(term)?;
    let phrases = vec![phrase(term)?];
    Some(Look { negated: term.negated, phrases, number: number::needle(text) })
}

fn phrase(term: &Term) -> Option<Phrase> {
    text(term).and_then(|(text, prefix)| Phrase::of(text, prefix))
}

fn text(term: &Term) -> Option<(&str, bool)> {
    match &term.what {
        What::Text { text, prefix } => Some((text.as_str(), *prefix)),
        _ => None,
    }
}
