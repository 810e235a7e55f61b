//! Reserved words: "Reply CANCEL to cancel your visit" opts out whoever does as they are told.
//!
//! CTIA Messaging Principles; compliance.md, R24. The words are those of [`keyword`], so a warning and what an answer does
//! can't drift apart. English, and French for ARRET.
//!
//! `words` cuts a text into words, `vocabulary` lists the words around a keyword that tell an instruction from a
//! sentence and an honest "Reply STOP to opt out" from a trap.

mod vocabulary;
mod words;

use std::collections::BTreeMap;
use std::ops::Range;

use super::Span;
use crate::consent::{Keyword, keyword};
use vocabulary::Verb;
use words::{Gap, Word};

/// Words between a verb and the answer that it asks for: "reply to this message with the word".
const MAX_LEAD: usize = 12;
/// Words after a verb in which another answer is looked for: "… or CANCEL to cancel".
const MAX_REACH: usize = 40;
/// Words after a keyword that say what it does: "to no longer receive any of our messages".
const MAX_CLAUSE: usize = 12;

/// A text asks for an answer that is a keyword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The word, without its quotes.
    pub span: Span,
    /// As it stands in the text.
    pub word: String,
    /// What an answer of this word does.
    pub kind: Keyword,
}

impl Warning {
    /// The stable word in the API.
    pub const CODE: &'static str = "reserved_word";

    /// What would happen and what to do, for people.
    #[must_use]
    pub fn detail(&self) -> String {
        let word = &self.word;
        match self.kind {
            Keyword::Stop => format!(
                "Who answers “{word}” opts out, and can’t be texted any more. Ask for another word, e.g. C, 1 or CONFIRM."
            ),
            Keyword::Start { .. } => format!(
                "To the network “{word}” means: send me texts again. Ask for another word, e.g. C, 1 or CONFIRM."
            ),
            Keyword::Help => {
                format!("Who answers “{word}” gets the automatic answer to HELP. Ask for another word, e.g. MORE or 1.")
            }
        }
    }
}

/// The keywords that a text tells its reader to answer with, in their order. For texts, not for emails: keywords mean
/// nothing there.
///
/// A word that is said to do what it does is left alone: STOP for opting out and HELP for help have to be named (R19).
/// What stands in a placeholder is not looked at.
///
/// Capitals and quotes make any keyword stand out. Without them it has to follow the verb and to be all that is asked
/// for: "reply yes to confirm", not "I said yes" or "send help desk tickets".
/// A question that names its answers without a verb, "Coming (YES/NO)?", is not found: this is a hint, not a gate.
///
/// ```
/// use partyline_core::template::warnings;
/// let found = warnings("Reply C to confirm or CANCEL to cancel.");
/// assert_eq!((found[0].word.as_str(), found[0].span.start), ("CANCEL", 22));
/// assert!(warnings("Reply STOP to opt out.").is_empty());
/// assert!(warnings("Please reply soon.").is_empty());
/// ```
#[must_use]
pub fn warnings(text: &str) -> Vec<Warning> {
    let words = words::words(text);
    let sentence = Sentence { text, words: &words, has_small_letters: words.iter().any(Word::has_small_letters) };
    let mut found = BTreeMap::new();
    for (at, word) in words.iter().enumerate() {
        if let Some(verb) = vocabulary::verb(&word.folded) {
            sentence.answers_to(at, verb, &mut found);
        }
    }
    located(text, found.into_values())
}

/// A keyword in a text, and how many words it has.
#[derive(Debug, Clone, Copy)]
struct Answer {
    kind: Keyword,
    len: usize,
}

struct Sentence<'a> {
    text: &'a str,
    words: &'a [Word<'a>],
    /// Where all is written in capitals, capitals mean nothing.
    has_small_letters: bool,
}

/// By the index of its first word: two verbs may ask for the same answer.
type Found = BTreeMap<usize, (Range<usize>, Keyword)>;

impl Sentence<'_> {
    /// Finds what the verb at `verb_at` asks to be answered with.
    fn answers_to(&self, verb_at: usize, verb: Verb, found: &mut Found) {
        if self.is_forbidden(verb_at) {
            return;
        }
        let Some((first, is_apart)) = self.after_lead(verb_at) else { return };
        let is_order = self.is_order(verb_at);
        let mut is_choice = self.stands_out(first, 1) || self.word(first).is_some_and(Word::is_single);
        if let Some(answer) = self.answer_at(first)
            && (self.stands_out(first, answer.len)
                || (is_order && !is_apart && self.is_all_that_is_asked(verb_at, verb, first, answer)))
        {
            is_choice = true;
            self.note(verb_at, first, answer, found);
        }
        self.other_answers(verb_at, first, is_choice, found);
    }

    /// "… or CANCEL to cancel": the answers after the first, up to the end of the sentence or the next verb. `is_choice`:
    /// the first is an answer too, a keyword or not.
    fn other_answers(&self, verb_at: usize, first: usize, is_choice: bool, found: &mut Found) {
        let is_order = self.is_order(verb_at);
        for at in first + 1..(first + MAX_REACH).min(self.words.len()) {
            let word = &self.words[at];
            if word.gap == Gap::End || vocabulary::verb(&word.folded).is_some() {
                return;
            }
            let is_after_or = vocabulary::is_or(&self.words[at - 1].folded);
            if !is_after_or && word.gap != Gap::Comma {
                continue;
            }
            let Some(answer) = self.answer_at(at) else { continue };
            let next = self.word(at + answer.len);
            let has_purpose = next.is_none_or(|n| n.gap > Gap::Hyphen || vocabulary::gives_purpose(&n.folded));
            let is_asked = if self.stands_out(at, answer.len) {
                is_choice || has_purpose
            } else {
                is_choice && has_purpose && is_after_or && is_order
            };
            if is_asked {
                self.note(verb_at, at, answer, found);
            }
        }
    }

    /// Skips "back", "us", "with the word", "to this message with": where the answer would stand, and whether a pause
    /// comes before it.
    fn after_lead(&self, verb_at: usize) -> Option<(usize, bool)> {
        let mut at = verb_at + 1;
        let mut is_apart = false;
        while at <= verb_at + MAX_LEAD {
            let word = self.word(at)?;
            if word.gap == Gap::End {
                return None;
            }
            // the slash of "w/ yes" is no pause
            is_apart |= word.gap > Gap::Hyphen && self.words[at - 1].folded != "W";
            if vocabulary::is_to(&word.folded) {
                let ahead = self.words.get(at..(at + MAX_LEAD).min(self.words.len()))?;
                let length = ahead.iter().skip(1).take_while(|w| w.gap != Gap::End).count();
                let mut sentence = at + 1..=at + length;
                at = match sentence.clone().find(|i| vocabulary::is_with(&self.words[*i].folded)) {
                    Some(with) => with + 1,
                    None => sentence.find(|i| *i > at + 1 && self.stands_out(*i, 1) && self.answer_at(*i).is_some())?,
                };
            } else if vocabulary::leads(&word.folded) && !self.is_choice(at) {
                at += 1;
            } else {
                return Some((at, is_apart));
            }
        }
        None
    }

    /// "Reply A for the morning": a letter that is an answer, though it may be a word.
    fn is_choice(&self, at: usize) -> bool {
        let is_last = |n: &Word<'_>| n.gap != Gap::None || vocabulary::gives_purpose(&n.folded);
        let is_letter = |w: &Word<'_>| w.is_single() && !vocabulary::is_with(&w.folded);
        self.word(at).is_some_and(is_letter) && self.word(at + 1).is_none_or(is_last)
    }

    /// The longest keyword that begins here.
    fn answer_at(&self, at: usize) -> Option<Answer> {
        [2, 1].into_iter().find_map(|len| {
            let last = self.word(at + len - 1)?;
            let is_one = len == 1 || last.gap <= Gap::Hyphen;
            let text = self.text.get(self.word(at)?.bytes.start..last.bytes.end)?;
            is_one.then(|| keyword(text)).flatten().map(|kind| Answer { kind, len })
        })
    }

    fn note(&self, verb_at: usize, at: usize, answer: Answer, found: &mut Found) {
        if self.says_what_it_does(verb_at, at, answer) {
            return;
        }
        if let (Some(first), Some(last)) = (self.word(at), self.word(at + answer.len - 1)) {
            found.insert(at, (first.bytes.start..last.bytes.end, answer.kind));
        }
    }

    /// "STOP to opt out", "To opt out, reply STOP". In "STOP or END to end messages", what is said of the last counts for
    /// the others of its kind.
    fn says_what_it_does(&self, verb_at: usize, at: usize, answer: Answer) -> bool {
        let word = self.words.get(at..at + answer.len).unwrap_or_default();
        let is_plain = vocabulary::is_plain(&word.iter().map(|w| w.folded.as_str()).collect::<Vec<_>>().join(" "));
        let mut clause = at + answer.len;
        for _ in 0..MAX_CLAUSE {
            let next = clause + usize::from(self.word(clause).is_some_and(|w| vocabulary::is_or(&w.folded)));
            let is_joined = next > clause || self.word(next).is_some_and(|w| w.gap == Gap::Comma);
            match self.answer_at(next) {
                Some(same) if is_joined && same.kind == answer.kind => clause = next + same.len,
                _ => break,
            }
        }
        let mut words: Vec<&str> = (clause..(clause + MAX_CLAUSE).min(self.words.len()))
            .take_while(|at| self.words[*at].gap <= Gap::Hyphen && !self.is_other_answer(*at))
            .map(|at| self.words[at].folded.as_str())
            .collect();
        if words.is_empty() {
            words = self.purpose_before(verb_at);
        }
        vocabulary::says_so(answer.kind, is_plain, &words)
    }

    /// "To opt out, (reply …)": from the last "to" or "for" of the sentence before the verb.
    fn purpose_before(&self, verb_at: usize) -> Vec<&str> {
        let is_same_sentence = |at: &usize| self.words[at + 1].gap != Gap::End;
        let mut before = (verb_at.saturating_sub(MAX_CLAUSE)..verb_at).rev().take_while(is_same_sentence);
        let Some(start) = before.find(|at| vocabulary::gives_aim(&self.words[*at].folded)) else { return Vec::new() };
        let rest = (start + 1..verb_at).take_while(|at| self.words[*at].gap <= Gap::Hyphen);
        std::iter::once(start).chain(rest).map(|at| self.words[at].folded.as_str()).collect()
    }

    /// "or CANCEL": what follows is said of another word.
    fn is_other_answer(&self, at: usize) -> bool {
        self.word(at).is_some_and(|w| vocabulary::is_or(&w.folded)) && self.stands_out(at + 1, 1)
    }

    /// Is a keyword in small letters the whole of what is asked for, and not the beginning of something else ("end date")?
    fn is_all_that_is_asked(&self, verb_at: usize, verb: Verb, at: usize, answer: Answer) -> bool {
        let is_named = self.word(at - 1).is_some_and(|w| vocabulary::names_a_word(&w.folded));
        let next = self.word(at + answer.len).filter(|n| n.gap <= Gap::Hyphen);
        let folded = self.word(at).map_or("", |w| w.folded.as_str());
        let is_thing = vocabulary::is_thing(folded);
        if is_named {
            true
        } else if is_thing && answer.kind == Keyword::Help {
            // help and information are what one sends and texts, and what one is asked to reply with
            verb == Verb::Answers && at == verb_at + 1 && goes_on(next)
        } else if is_thing && verb == Verb::Gives {
            next.is_none_or(|n| n.gap == Gap::None && vocabulary::gives_purpose(&n.folded))
        } else {
            goes_on(next)
        }
    }

    /// Is the reader told to do it? Not in "we will text", nor in "your reply".
    fn is_order(&self, verb_at: usize) -> bool {
        let is_noun = self.before(verb_at, 1).any(|w| vocabulary::is_article(&w.folded));
        let subject = self.before(verb_at, 4).find_map(|w| vocabulary::is_sender(&w.folded));
        !is_noun && subject != Some(true)
    }

    /// "Don't reply STOP".
    fn is_forbidden(&self, verb_at: usize) -> bool {
        self.before(verb_at, 2).any(|w| vocabulary::is_no(&w.folded))
    }

    /// The words before one, the nearest first, as far as nothing but space and hyphens parts them.
    fn before(&self, at: usize, count: usize) -> impl Iterator<Item = &Word<'_>> {
        let is_near = move |i: &usize| self.word(i + 1).is_some_and(|w| w.gap <= Gap::Hyphen);
        (at.saturating_sub(count)..at).rev().take_while(is_near).filter_map(|i| self.word(i))
    }

    /// In quotes, or in capitals among small letters.
    fn stands_out(&self, at: usize, len: usize) -> bool {
        let words = self.words.get(at..at + len).unwrap_or_default();
        let is_quoted = words.first().is_some_and(|w| w.opens_quote) && words.last().is_some_and(|w| w.closes_quote);
        is_quoted || (self.has_small_letters && !words.is_empty() && words.iter().all(Word::is_capital))
    }

    fn word(&self, at: usize) -> Option<&Word<'_>> {
        self.words.get(at)
    }
}

fn goes_on(next: Option<&Word<'_>>) -> bool {
    next.is_none_or(|n| n.gap == Gap::None && vocabulary::goes_on(&n.folded))
}

/// Counts characters once for all of them: they come in their order.
fn located(text: &str, found: impl Iterator<Item = (Range<usize>, Keyword)>) -> Vec<Warning> {
    let (mut bytes, mut scalars) = (0, 0);
    found
        .filter_map(|(range, kind)| {
            let word = text.get(range.clone())?;
            scalars += text.get(bytes..range.start)?.chars().count();
            bytes = range.start;
            let span = Span { start: scalars, end: scalars + word.chars().count() };
            Some(Warning { span, word: word.to_owned(), kind })
        })
        .collect()
}

#[cfg(test)]
mod tests;
