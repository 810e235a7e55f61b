//! From what was written to what was meant.

use super::lex::{Lexeme, Lexer};
use super::span::Point;
use super::{
    Assignee, Channel, Day, Kind, LONGEST_QUERY, MOST_TERMS, Operator, Person, Place, Placed, Problem, ProblemKind,
    Query, State, Term, Thing, Value, What, Where, fold,
};

pub(super) fn read(text: &str) -> Query {
    let mut query = Query::default();
    let cut = text.char_indices().nth(LONGEST_QUERY).map_or(text.len(), |(at, _)| at);
    let (within, beyond) = text.split_at_checked(cut).unwrap_or((text, ""));
    for (n, lexeme) in Lexer::new(within).enumerate() {
        if n == MOST_TERMS {
            let from = Point { byte: lexeme.span.bytes.start, utf16: lexeme.span.utf16.start };
            let rest = within.get(from.byte..).unwrap_or_default().trim_end();
            query.problems.push(Problem { kind: ProblemKind::TooManyTerms, span: from.to(from.after(rest)) });
            break;
        }
        query.take(lexeme);
    }
    if !beyond.is_empty() {
        let from = Point::default().after(within);
        query.problems.push(Problem { kind: ProblemKind::TooLong, span: from.to(from.after(beyond)) });
    }
    query.problems.sort_by_key(|problem| problem.span.bytes.start);
    query
}

impl Query {
    fn take(&mut self, lexeme: Lexeme) {
        let (value, is_cut) = Value::cut(&lexeme.value);
        let read = match (lexeme.operator, value) {
            (Some(operator), None) => Err(ProblemKind::MissingValue(operator)),
            (Some(operator), Some(value)) => asked(operator, value, lexeme.is_quoted),
            (None, None) => Err(ProblemKind::NothingToFind),
            (None, Some(text)) => Ok(What::Text { text, prefix: lexeme.prefix }),
        };
        let here = |kind| Problem { kind, span: lexeme.span.clone() };
        self.problems.extend(lexeme.unknown.map(|span| Problem { kind: ProblemKind::UnknownOperator, span }));
        if is_cut {
            self.problems.push(here(ProblemKind::ValueTooLong));
        }
        match read {
            Err(kind) => self.problems.push(here(kind)),
            Ok(what) => {
                if let What::Text { text, .. } = &what
                    && fold::words(text.as_str()).next().is_none()
                {
                    self.problems.push(here(ProblemKind::NothingToFind));
                }
                self.terms.push(Placed { term: Term { what, negated: lexeme.negated }, span: lexeme.span.clone() });
            }
        }
        self.problems.extend(lexeme.unclosed.map(|span| Problem { kind: ProblemKind::UnclosedQuote, span }));
    }
}

/// What an operator asks for with a value. In quotes a value of an open list is never one of the operator's own words.
fn asked(operator: Operator, value: Value, is_quoted: bool) -> Result<What, ProblemKind> {
    let text = value.as_str();
    let own = (!is_quoted).then_some(text);
    let day = || Day::read(text).ok_or(ProblemKind::BadDate(operator));
    let unknown = ProblemKind::UnknownValue(operator);
    Ok(match operator {
        Operator::From => What::From(person(value, is_quoted)),
        Operator::To => What::To(person(value, is_quoted)),
        Operator::In => What::In(own.and_then(Place::read).map_or_else(|| Where::Team(value), Where::Place)),
        Operator::Label => What::Label(value),
        Operator::Assignee => What::Assignee(own.and_then(Assignee::read).unwrap_or(Assignee::User(value))),
        Operator::Channel => {
            What::Channel(own.and_then(Kind::read).map_or_else(|| Channel::Named(value), Channel::Kind))
        }
        Operator::Is => What::Is(State::read(text).ok_or(unknown)?),
        Operator::Has => What::Has(Thing::read(text).ok_or(unknown)?),
        Operator::Before => What::Before(day()?),
        Operator::After => What::After(day()?),
    })
}

fn person(value: Value, is_quoted: bool) -> Person {
    if !is_quoted && Person::is_me(value.as_str()) { Person::Me } else { Person::Other(value) }
}
