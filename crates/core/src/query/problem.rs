//! What was not understood, and what to do about it.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::{LONGEST_QUERY, LONGEST_VALUE, MOST_TERMS, Operator, Span, State, Thing};

/// Something to underline. As JSON `{"code", "message", "span"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is the matter.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
}

/// What can be the matter; `Display` says it to whoever wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProblemKind {
    /// A quote that was opened and not closed.
    #[error("The quotes are not closed. All that follows is looked for as one phrase.")]
    UnclosedQuote,
    /// A word and a colon that is no operator.
    #[error("There is no such operator, so this is looked for as words. There are {}.", operators())]
    UnknownOperator,
    /// An operator with nothing behind its colon.
    #[error("Write what to look for right after {}:, without a space.", .0.as_str())]
    MissingValue(Operator),
    /// A word that is not on the operator's list.
    #[error("{}: does not know this. It knows {}.", .0.as_str(), choices(*.0))]
    UnknownValue(Operator),
    /// No day.
    #[error("There is no such day. Write it like {word}:2026-11-24, {word}:2026-11, {word}:yesterday or {word}:7d.", word = .0.as_str())]
    BadDate(Operator),
    /// Neither a letter nor a digit in it.
    #[error("Only words and numbers can be looked for.")]
    NothingToFind,
    /// More than [`LONGEST_VALUE`] characters.
    #[error("This is too long: only the first {LONGEST_VALUE} characters are looked for.")]
    ValueTooLong,
    /// More than [`MOST_TERMS`].
    #[error("These are too many terms: only the first {MOST_TERMS} are looked for.")]
    TooManyTerms,
    /// More than [`LONGEST_QUERY`] characters.
    #[error("This is too long: only the first {LONGEST_QUERY} characters are read.")]
    TooLong,
}

impl ProblemKind {
    /// The stable word in the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            ProblemKind::UnclosedQuote => "unclosed_quote",
            ProblemKind::UnknownOperator => "unknown_operator",
            ProblemKind::MissingValue(_) => "missing_value",
            ProblemKind::UnknownValue(_) => "unknown_value",
            ProblemKind::BadDate(_) => "bad_date",
            ProblemKind::NothingToFind => "nothing_to_find",
            ProblemKind::ValueTooLong => "value_too_long",
            ProblemKind::TooManyTerms => "too_many_terms",
            ProblemKind::TooLong => "query_too_long",
        }
    }

    /// Is what it is about left out of the search, or a part of it?
    #[must_use]
    pub const fn leaves_out(self) -> bool {
        !matches!(self, ProblemKind::UnclosedQuote | ProblemKind::UnknownOperator)
    }
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

fn operators() -> String {
    Operator::ALL.iter().map(|operator| format!("{}:", operator.as_str())).collect::<Vec<_>>().join(" ")
}

fn choices(operator: Operator) -> String {
    match operator {
        Operator::Has => listed(Thing::ALL.iter().map(|thing| thing.as_str())),
        _ => listed(State::ALL.iter().map(|state| state.as_str())),
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut fields = s.serialize_struct("Problem", 3)?;
        fields.serialize_field("code", self.kind.code())?;
        fields.serialize_field("message", &self.kind.to_string())?;
        fields.serialize_field("span", &self.span)?;
        fields.end()
    }
}
