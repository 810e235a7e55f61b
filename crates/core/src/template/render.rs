//! Filling a template in.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Part, Placeholder, Template, Variable};

/// What stands for each name: what the inbox knows, and what a person wrote into the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// Gives a name its value, in place of the one it had: set what a person wrote after what is known. A name that the
    /// template doesn't use does nothing. Lengths are the caller's to bound.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_ascii_lowercase(), value.into());
    }

    /// The value, if there is more to it than white space.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }
}

/// A template filled in, as far as the values went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The text. What is missing still stands in it as its placeholder, for all to see.
    pub text: String,
    /// What has neither value nor fallback, each once, in the order of their first place. A text is not sent before this
    /// is empty.
    pub missing: Vec<Missing>,
}

/// A name without a value: a field of the form that asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// As in the template; [`Values::set`] takes it back.
    pub name: String,
    /// What it is, for people; `None` for a name that only its author knows.
    pub label: Option<&'static str>,
}

impl Template {
    /// Fills in the text of a message. Values stand in it as they are and are never read as templates.
    ///
    /// A value of nothing but white space counts as none, and its fallback is used. Nothing around a placeholder is
    /// tidied: `Hi {{ contact.name | default('') }},` becomes `Hi ,` when the name is missing, so the fallback is the
    /// place for a word that fits.
    #[must_use]
    pub fn render(&self, values: &Values) -> Rendered {
        self.fill(values, |value| Cow::Borrowed(value))
    }

    /// Fills in the HTML body of an email. The template, its fallbacks too, is HTML as its author wrote it; values are
    /// text, and are escaped, for an attribute as well; their line breaks become `<br>`.
    ///
    /// Sanitise what comes out, not only what goes in: a value may stand where an address is expected
    /// (`href="{{ link }}"`), and quoted text may join two pieces into a tag.
    #[must_use]
    pub fn render_html(&self, values: &Values) -> Rendered {
        self.fill(values, |value| Cow::Owned(escaped(value)))
    }

    fn fill(&self, values: &Values, written: impl Fn(&str) -> Cow<'_, str>) -> Rendered {
        let mut text = String::new();
        let mut missing: Vec<Missing> = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Placeholder(Placeholder { name, fallback }) => match (values.get(name), fallback) {
                    (Some(value), _) => text.push_str(&written(value)),
                    (None, Some(fallback)) => text.push_str(fallback),
                    (None, None) => {
                        text.push_str(&format!("{{{{ {name} }}}}"));
                        if missing.iter().all(|m| m.name != *name) {
                            let label = name.parse().ok().map(Variable::label);
                            missing.push(Missing { name: name.clone(), label });
                        }
                    }
                },
            }
        }
        Rendered { text, missing }
    }
}

fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.replace("\r\n", "\n").chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\r' => out.push_str("<br>"),
            c => out.push(c),
        }
    }
    out
}
