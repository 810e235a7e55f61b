//! A query's canonical text. Reading it gives the same query.

use std::fmt::{self, Display, Formatter, Write as _};

use super::lex::{is_quote, is_special};
use super::{Assignee, Channel, Kind, Person, Place, Query, Term, Value, What, Where};

/// The words for whoever searches and for nobody; others that are read as well would only be more to learn.
const ME: &str = "me";
const NOBODY: &str = "nobody";

impl Person {
    pub(super) fn is_me(text: &str) -> bool {
        text.eq_ignore_ascii_case(ME)
    }
}

impl Assignee {
    /// The one of its own words that is written so.
    pub(super) fn read(text: &str) -> Option<Assignee> {
        if text.eq_ignore_ascii_case(ME) {
            Some(Assignee::Me)
        } else {
            text.eq_ignore_ascii_case(NOBODY).then_some(Assignee::Nobody)
        }
    }
}

/// How a value is printed.
enum Printed<'a> {
    /// As one of the operator's own words.
    Own(String),
    /// As text; one that reads like an own word needs its quotes.
    Text(&'a Value, bool),
}

impl What {
    fn printed(&self) -> Printed<'_> {
        match self {
            What::Text { text, .. } => Printed::Text(text, is_special(text.as_str())),
            What::Label(value) => Printed::Text(value, false),
            What::From(Person::Me) | What::To(Person::Me) | What::Assignee(Assignee::Me) => Printed::Own(ME.into()),
            What::From(Person::Other(value)) | What::To(Person::Other(value)) => {
                Printed::Text(value, Person::is_me(value.as_str()))
            }
            What::In(Where::Place(place)) => Printed::Own(place.as_str().into()),
            What::In(Where::Team(value)) => Printed::Text(value, Place::read(value.as_str()).is_some()),
            What::Assignee(Assignee::Nobody) => Printed::Own(NOBODY.into()),
            What::Assignee(Assignee::User(value)) => Printed::Text(value, Assignee::read(value.as_str()).is_some()),
            What::Channel(Channel::Kind(kind)) => Printed::Own(kind.as_str().into()),
            What::Channel(Channel::Named(value)) => Printed::Text(value, Kind::read(value.as_str()).is_some()),
            What::Is(state) => Printed::Own(state.as_str().into()),
            What::Has(thing) => Printed::Own(thing.as_str().into()),
            What::Before(day) | What::After(day) => Printed::Own(day.to_string()),
        }
    }

    /// Its value, without quotes.
    pub(super) fn value(&self) -> String {
        match self.printed() {
            Printed::Own(word) => word,
            Printed::Text(value, _) => value.as_str().into(),
        }
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_char('-')?;
        }
        if let Some(operator) = self.what.operator() {
            write!(f, "{}:", operator.as_str())?;
        }
        match self.what.printed() {
            Printed::Own(word) => f.write_str(&word)?,
            Printed::Text(value, needs_quotes) => {
                let text = value.as_str();
                if needs_quotes || text.contains(' ') || text.starts_with(is_quote) {
                    quoted(text, f)?;
                } else {
                    f.write_str(text)?;
                }
            }
        }
        if let What::Text { prefix: true, .. } = self.what {
            f.write_char('*')?;
        }
        Ok(())
    }
}

fn quoted(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if c == '\\' || is_quote(c) {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

/// Terms with a space between them.
pub(super) fn joined<'a>(terms: impl IntoIterator<Item = &'a Term>) -> String {
    let mut text = String::new();
    for term in terms {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&term.to_string());
    }
    text
}

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&joined(self.terms.iter().map(|placed| &placed.term)))
    }
}
