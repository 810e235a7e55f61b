//! What people write into the search box, understood: words, "phrases" and operators, over everything that a team keeps.
//!
//! ```text
//! water heater                  both words, in any order
//! "water heater"                one after the other
//! comp*   "water hea"*          the last word is only the beginning of one
//! -spam   NOT spam   -is:open   without it; any term can be turned round so
//! Lease_2026-final.pdf          its words, one after the other; so with T&P, O'Brien and dana@example.com
//! (415) 555-0100   0100         a number, or a part of one, however it was written there and here
//! label:"needs a visit"         a value with spaces stands in quotes; \" and \\ are a quote and a backslash in them
//! ```
//!
//! | operator | takes |
//! | --- | --- |
//! | `from:` `to:` | a name, a number or a part of one, a mail address or a part of one; `me` |
//! | `in:` (or `team:`) | a place of the side bar ([`Place`]), else a team's name |
//! | `label:` | a label's path, `work/urgent` |
//! | `assignee:` | a name; `me`, `nobody` |
//! | `channel:` | a kind ([`Kind`]), else a channel's name or address |
//! | `is:` | what the conversation is ([`State`]) |
//! | `has:` | what was found with it ([`Thing`]) |
//! | `before:` `after:` | a [`Day`]: `2026-11-24`, `2026-11`, `2026`, `today`, `yesterday`, `7d` |
//!
//! `after:` counts the day itself, `before:` does not. All terms have to hold. Only what nothing could be twice is an
//! alternative when it stands twice ([`Operator::alternates`]): `channel:sms channel:email` is either. Names of operators
//! and words of closed lists are read in any case. In quotes a value is only text: `in:"spam"` is the team that somebody
//! called spam.
//!
//! **Reading never fails.** What is not understood is told as a [`Problem`], with its place, beside what is:
//! - an unknown operator stays as words (`re:lease` was no operator), and so does a quote inside of a word (`5"`);
//! - an open quote ends with the text: it is still being written;
//! - an operator without its value, or with one that it does not know (`is:opne`, `before:tomorow`), is left out of
//!   the search, so that the list does not jump while it is being written. What acts on all that is found must not
//!   go on while [`Query::leaves_out`] holds;
//! - a text without a letter or a digit (`&`, an emoji) can't be looked for: it stays, and does not count;
//! - what goes over a bound is cut there.
//!
//! Reading takes time and memory by the length of the text, whatever is in it.

mod day;
mod fold;
mod lex;
mod look;
mod marks;
mod number;
mod print;
mod problem;
mod read;
mod span;
mod term;

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

pub use day::Day;
pub use fold::{Word, Words, document, plain, words};
pub use look::{Look, Phrase};
pub use marks::{Mark, marks};
pub use number::digits;
pub use problem::{Problem, ProblemKind};
pub use span::Span;
pub use term::{
    Assignee, Channel, Kind, Operator, Person, Place, Placed, Reach, State, Term, Thing, Value, What, Where,
};

/// Characters of the text that are read. Every query within the two bounds below can be printed in so many.
pub const LONGEST_QUERY: usize = 16_000;
/// Terms that are read: more than anybody writes, few enough for any engine.
pub const MOST_TERMS: usize = 32;
/// Characters of a word, a phrase or an operator's value: an address from a browser fits.
pub const LONGEST_VALUE: usize = 200;
/// Characters of an index's word; of longer ones the rest is not looked at, neither here nor there.
pub const LONGEST_WORD: usize = 64;
/// Words of a phrase that are looked for, one bit each.
pub const LONGEST_PHRASE: usize = 64;
/// The shortest beginning of a word that is looked for, in bytes of UTF-8, so that one Chinese character is enough; a shorter one is a
/// word: there would be no end to what begins with it.
pub const SHORTEST_PREFIX: usize = 2;
/// Bytes of [`document`]: a quarter of what PostgreSQL takes for one row (1 MiB), as it keeps places beside the words.
pub const LONGEST_DOCUMENT: usize = 256 * 1024;
/// Ends of numbers in [`document`]: some hundred numbers.
pub const MOST_TAILS: usize = 1_000;
/// Bytes of a text in which [`marks`] are set.
pub const LONGEST_MARKED: usize = 256 * 1024;
/// [`marks`] in one text.
pub const MOST_MARKS: usize = 1_000;

/// A minus, the longest operator with its colon, two quotes, a star and a space; in quotes each character may need a
/// backslash.
const LONGEST_PRINTED_TERM: usize = 2 * LONGEST_VALUE + 1 + "assignee:".len() + 2 + 1 + 1;
const _: () = assert!(MOST_TERMS * LONGEST_PRINTED_TERM <= LONGEST_QUERY, "or what is printed could not be read");

/// A search, understood. Two are equal when their terms are; where these stood, and what was not understood, don't count.
///
/// `Display` is the canonical text, and reading that gives the same query again. As JSON it is what a search box needs for
/// its chips: `{"text", "terms": [{"kind": "word" | "phrase" | "operator", "operator": "from" | … | null, "value",
/// "prefix", "negated", "text", "span": [from, to]}], "problems": [{"code", "message", "span"}]}`, where each `text` is
/// canonical and each `span` a pair of JavaScript's string offsets into what was written. `Debug` shows none of it: people
/// search for numbers and names.
///
/// ```
/// use partyline_core::query::Query;
/// let query = Query::parse("From:dana  NOT is:spam “water heater");
/// assert_eq!(query.to_string(), r#"from:dana -is:spam "water heater""#);
/// assert_eq!(Query::parse(&query.to_string()), query);
/// assert_eq!(query.problems[0].kind.code(), "unclosed_quote");
/// ```
#[derive(Clone, Default)]
pub struct Query {
    /// What was understood, in the order in which it was written.
    pub terms: Vec<Placed>,
    /// What was not, in the order of its places.
    pub problems: Vec<Problem>,
}

impl Query {
    /// Reads what somebody wrote; see the module's page for the language.
    #[must_use]
    pub fn parse(text: &str) -> Query {
        read::read(text)
    }

    /// The query of these terms, as chips give them; their places are those in its canonical text. Of more than
    /// [`MOST_TERMS`] the rest is a problem.
    #[must_use]
    pub fn of(terms: &[Term]) -> Query {
        Query::parse(&print::joined(terms))
    }

    /// Is something left out that was meant to narrow the search, so that more is found than was asked for?
    #[must_use]
    pub fn leaves_out(&self) -> bool {
        self.problems.iter().any(|problem| problem.kind.leaves_out())
    }

    /// What has to be looked for in the index of words, in order: all of it has to hold.
    #[must_use]
    pub fn looks(&self) -> Vec<Look> {
        look::looks(&self.terms)
    }
}

impl PartialEq for Query {
    fn eq(&self, other: &Query) -> bool {
        self.terms.iter().map(|placed| &placed.term).eq(other.terms.iter().map(|placed| &placed.term))
    }
}

impl Eq for Query {}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Query({} terms, {} problems)", self.terms.len(), self.problems.len())
    }
}

impl Serialize for Query {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut fields = s.serialize_struct("Query", 3)?;
        fields.serialize_field("text", &self.to_string())?;
        fields.serialize_field("terms", &self.terms)?;
        fields.serialize_field("problems", &self.problems)?;
        fields.end()
    }
}

#[cfg(test)]
mod tests;
