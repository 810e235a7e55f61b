//! Reading a template: one pass, one error.

use std::ops::Range;

use super::{MAX_CHARS, MAX_NAME, MAX_PLACEHOLDERS, Part, Placeholder, Span, Template};

/// What opens a placeholder.
const OPEN: &str = "{{";
/// What closes it.
const CLOSE: &str = "}}";
/// Opening quotes, each with the one that closes it; the curly ones are what a word processor makes of the others.
const QUOTES: [(char, char); 4] = [('\'', '\''), ('"', '"'), ('‘', '’'), ('“', '”')];

/// Why a text is no template, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct TemplateError {
    /// The stretch that is wrong.
    pub span: Span,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

/// What is wrong with a template, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ErrorKind {
    /// More than [`MAX_CHARS`]; the span is what is too much.
    #[error("This is too long. Shorten it to {MAX_CHARS} characters.")]
    TooLong,
    /// More than [`MAX_PLACEHOLDERS`]; the span is the first that is too many.
    #[error("There are too many placeholders. Use at most {MAX_PLACEHOLDERS}.")]
    TooMany,
    /// Two braces that nothing closes; the span is these two.
    #[error(
        "This placeholder is not closed. End it with }}}}, or write {{{{ '{{{{' }}}} for the two braces themselves."
    )]
    Unclosed,
    /// A quote that nothing closes; the span is the quote.
    #[error("This quote is not closed. End it with the same quote.")]
    UnclosedQuote,
    /// Nothing between the braces.
    #[error("This placeholder is empty. Write a name in it, e.g. {{{{ contact.name }}}}.")]
    Empty,
    /// Something that is no name.
    #[error(
        "This is not a name. Use the letters a to z, digits and _, with dots between words, e.g. {{{{ order_number }}}}."
    )]
    Name,
    /// A name of more than [`MAX_NAME`].
    #[error("This name is too long. Shorten it to {MAX_NAME} characters.")]
    NameTooLong,
    /// Something else than `default('…')` after `|`.
    #[error("Only a fallback can stand here. Write it as | default('there').")]
    Fallback,
    /// More before the closing braces, where there can be none.
    #[error("Nothing can follow here but }}}}. Take this out.")]
    Trailing,
}

impl ErrorKind {
    /// The stable word in the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            ErrorKind::TooLong => "too_long",
            ErrorKind::TooMany => "too_many_placeholders",
            ErrorKind::Unclosed => "placeholder_not_closed",
            ErrorKind::UnclosedQuote => "quote_not_closed",
            ErrorKind::Empty => "placeholder_empty",
            ErrorKind::Name => "not_a_name",
            ErrorKind::NameTooLong => "name_too_long",
            ErrorKind::Fallback => "not_a_fallback",
            ErrorKind::Trailing => "placeholder_goes_on",
        }
    }
}

/// What is wrong, and with which bytes.
pub(super) type Wrong = (ErrorKind, Range<usize>);

pub(super) fn parse(text: &str) -> Result<Template, TemplateError> {
    let template = match text.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => Err((ErrorKind::TooLong, at..text.len())),
        None => read(text),
    };
    template.map_err(|(kind, bytes)| TemplateError { span: Span::of(text, &bytes), kind })
}

/// Reads a template of any length.
pub(super) fn read(text: &str) -> Result<Template, Wrong> {
    Reader { text, at: 0 }.template()
}

struct Reader<'a> {
    text: &'a str,
    /// Bytes that are read.
    at: usize,
}

impl<'a> Reader<'a> {
    fn template(mut self) -> Result<Template, Wrong> {
        let mut parts = Vec::new();
        let mut placeholders = 0;
        while let Some(start) = self.rest().find(OPEN) {
            let (literal, _) = self.rest().split_at(start);
            push_text(&mut parts, literal);
            self.at += start;
            let open = self.at;
            match self.placeholder()? {
                Part::Text(quoted) => push_text(&mut parts, &quoted),
                Part::Placeholder(_) if placeholders == MAX_PLACEHOLDERS => {
                    return Err((ErrorKind::TooMany, open..self.at));
                }
                placeholder => {
                    placeholders += 1;
                    parts.push(placeholder);
                }
            }
        }
        push_text(&mut parts, self.rest());
        Ok(Template { parts })
    }

    /// From its opening braces to behind its closing ones.
    fn placeholder(&mut self) -> Result<Part, Wrong> {
        let open = self.at;
        self.at += OPEN.len();
        self.skip_spaces();
        let part = match self.quoted()? {
            Some(text) => Part::Text(text),
            None => Part::Placeholder(Placeholder { name: self.name(open)?, fallback: self.fallback(open)? }),
        };
        if self.take(CLOSE) { Ok(part) } else { Err(self.wrong(ErrorKind::Trailing, open, self.at)) }
    }

    fn name(&mut self, open: usize) -> Result<String, Wrong> {
        let start = self.at;
        let name = self.rest().split(['|', '{', '}']).next().unwrap_or_default().trim_end();
        if name.is_empty() {
            return Err(match self.rest().starts_with(CLOSE) {
                true => (ErrorKind::Empty, open..start + CLOSE.len()),
                false => self.wrong(ErrorKind::Name, open, start),
            });
        }
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !name.split('.').all(is_word) {
            return Err(self.wrong(ErrorKind::Name, open, start));
        }
        if name.len() > MAX_NAME {
            return Err((ErrorKind::NameTooLong, start..start + name.len()));
        }
        self.at += name.len();
        Ok(name.to_ascii_lowercase())
    }

    fn fallback(&mut self, open: usize) -> Result<Option<String>, Wrong> {
        self.skip_spaces();
        let start = self.at;
        if !self.take("|") {
            return Ok(None);
        }
        if self.take("default") && self.take("(") {
            self.skip_spaces();
            if let Some(text) = self.quoted()?
                && self.take(")")
            {
                return Ok(Some(text));
            }
        }
        Err(self.wrong(ErrorKind::Fallback, open, start))
    }

    /// Text in quotes, if a quote is next. A backslash before anything but the closing quote or a backslash is itself.
    fn quoted(&mut self) -> Result<Option<String>, Wrong> {
        let mut chars = self.rest().char_indices().peekable();
        let Some((_, close)) = chars.next().and_then(|(_, first)| QUOTES.into_iter().find(|(open, _)| *open == first))
        else {
            return Ok(None);
        };
        let mut text = String::new();
        while let Some((at, c)) = chars.next() {
            if c == close {
                self.at += at + c.len_utf8();
                return Ok(Some(text));
            }
            let escaped = chars.next_if(|(_, next)| c == '\\' && (*next == close || *next == '\\'));
            text.push(escaped.map_or(c, |(_, escaped)| escaped));
        }
        let quote = self.rest().chars().next().map_or(0, char::len_utf8);
        Err((ErrorKind::UnclosedQuote, self.at..self.at + quote))
    }

    /// The error for what begins at `start` in the placeholder opened at `open`, up to where that closes. One that doesn't
    /// close before the next opens is the greater trouble.
    fn wrong(&self, kind: ErrorKind, open: usize, start: usize) -> Wrong {
        let rest = self.text.get(start..).unwrap_or_default();
        match (rest.find(CLOSE), rest.find(OPEN)) {
            (Some(close), next) if next.is_none_or(|next| close < next) => {
                (kind, start..start + rest.get(..close).unwrap_or_default().trim_end().len())
            }
            _ => (ErrorKind::Unclosed, open..open + OPEN.len()),
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip_spaces();
        let is_next = self.rest().starts_with(token);
        if is_next {
            self.at += token.len();
        }
        is_next
    }
}

/// Adds text to the text that stands there last.
fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => (),
        Some(Part::Text(last)) => last.push_str(text),
        _ => parts.push(Part::Text(text.to_owned())),
    }
}
