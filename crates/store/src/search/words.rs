//! Documents and queries as each engine takes them.

use partyline_core::query::{Look, document};
use uuid::Uuid;

/// What signs begin with: no letter and no digit, so that it is in no word of a query, and yet both engines take it for one.
const SIGN: char = '·';
/// The last place that a word can have on PostgreSQL (its documentation, 8.11.1).
const LAST_PLACE: usize = 16_383;

/// A word that nobody can write.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sign(String);

impl Sign {
    /// On every entry.
    pub(crate) fn entry() -> Sign {
        Sign(format!("{SIGN}e"))
    }

    /// On every note.
    pub(crate) fn note() -> Sign {
        Sign(format!("{SIGN}n"))
    }

    /// On what has a file.
    pub(crate) fn file() -> Sign {
        Sign(format!("{SIGN}f"))
    }

    pub(crate) fn author(id: Uuid) -> Sign {
        Sign::of('a', id)
    }

    pub(crate) fn team(id: Uuid) -> Sign {
        Sign::of('t', id)
    }

    pub(crate) fn label(id: Uuid) -> Sign {
        Sign::of('l', id)
    }

    /// The random half of the id: two that share it are told apart when what is found is held against its rows.
    fn of(kind: char, id: Uuid) -> Sign {
        Sign(format!("{SIGN}{kind}{:016x}", id.as_u64_pair().1))
    }
}

/// A document that is being put together.
#[derive(Debug, Default)]
pub(crate) struct Document {
    words: String,
}

impl Document {
    /// Adds a text. No phrase reaches from one into the next.
    pub(crate) fn text(&mut self, text: &str) {
        if !self.words.is_empty() {
            self.push(&SIGN.to_string());
        }
        self.push(&document(text));
    }

    /// Adds the name or number of a contact: words that no text has.
    pub(crate) fn of_contact(&mut self, text: &str) {
        if !self.words.is_empty() {
            self.push(&SIGN.to_string());
        }
        for word in document(text).split(' ').filter(|word| !word.is_empty()) {
            self.push(&of_contact(word));
        }
    }

    pub(crate) fn sign(&mut self, sign: &Sign) {
        self.push(&sign.0);
    }

    fn push(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        if !self.words.is_empty() {
            self.words.push(' ');
        }
        self.words.push_str(words);
    }

    /// As the engine takes it: FTS5 cuts at the spaces, a `tsvector` is told the place of each word.
    pub(crate) fn finish(self, postgres: bool) -> String {
        if !postgres {
            return self.words;
        }
        let words = self.words.split(' ').filter(|word| !word.is_empty()).enumerate();
        words.map(|(n, word)| format!("{word}:{}", (n + 1).min(LAST_PLACE))).collect::<Vec<_>>().join(" ")
    }
}

fn of_contact(word: &str) -> String {
    format!("{SIGN}p{word}")
}

/// What a document must have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted<'a> {
    /// Words, and words that must not be there.
    pub looks: &'a [Look],
    /// One sign at least of each of these.
    pub signs: Vec<Vec<Sign>>,
    /// Are they those of a contact?
    pub of_contact: bool,
}

impl Wanted<'_> {
    /// As FTS5's `MATCH` takes it, or as a `tsquery`.
    pub(crate) fn finish(&self, postgres: bool) -> String {
        let language: &dyn Language = if postgres { &Tsquery } else { &Fts5 };
        let mut must = Vec::new();
        for look in self.looks.iter().filter(|look| !look.negated) {
            must.push(self.look(look, language));
        }
        for signs in self.signs.iter().filter(|signs| !signs.is_empty()) {
            must.push(any(signs.iter().map(|sign| language.phrase(std::slice::from_ref(&sign.0), false)), language));
        }
        if must.is_empty() {
            must.push(language.phrase(&[Sign::entry().0], false));
        }
        let must = format!("({})", must.join(language.and()));
        let not: Vec<String> =
            self.looks.iter().filter(|look| look.negated).map(|look| self.look(look, language)).collect();
        if not.is_empty() { must } else { format!("({must}{}{})", language.and_not(), any(not.into_iter(), language)) }
    }

    fn look(&self, look: &Look, language: &dyn Language) -> String {
        let word = |word: &String| if self.of_contact { of_contact(word) } else { word.clone() };
        let phrases = look.phrases.iter().map(|phrase| {
            let words: Vec<String> = phrase.words.iter().map(word).collect();
            // names are looked for while they are being written
            language.phrase(&words, phrase.prefix || self.of_contact)
        });
        let phrases = format!("({})", phrases.collect::<Vec<_>>().join(language.and()));
        let number = look.number.as_ref().map(|number| language.phrase(&[word(number)], true));
        any([phrases].into_iter().chain(number), language)
    }
}

fn any(of: impl Iterator<Item = String>, language: &dyn Language) -> String {
    format!("({})", of.collect::<Vec<_>>().join(language.or()))
}

trait Language {
    /// Words one after the other. They are letters, digits and our sign, so nothing has to be escaped.
    fn phrase(&self, words: &[String], prefix: bool) -> String;
    fn and(&self) -> &'static str;
    fn or(&self) -> &'static str;
    fn and_not(&self) -> &'static str;
}

struct Fts5;

impl Language for Fts5 {
    fn phrase(&self, words: &[String], prefix: bool) -> String {
        format!("\"{}\"{}", words.join(" "), if prefix { "*" } else { "" })
    }

    fn and(&self) -> &'static str {
        " AND "
    }

    fn or(&self) -> &'static str {
        " OR "
    }

    fn and_not(&self) -> &'static str {
        " NOT "
    }
}

struct Tsquery;

impl Language for Tsquery {
    fn phrase(&self, words: &[String], prefix: bool) -> String {
        let words = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" <-> ");
        format!("({words}{})", if prefix { ":*" } else { "" })
    }

    fn and(&self) -> &'static str {
        " & "
    }

    fn or(&self) -> &'static str {
        " | "
    }

    fn and_not(&self) -> &'static str {
        " & !"
    }
}

#[cfg(test)]
mod tests {
    use partyline_core::query::Query;

    use super::*;

    #[test]
    fn a_query_is_put_into_each_engine_s_words() {
        let looks = Query::parse("\"water heater\" comp* -spam 0100").looks();
        let wanted = Wanted { looks: &looks, signs: vec![vec![Sign::note(), Sign::file()]], of_contact: false };
        let fts5 = "\"water heater\" AND \"comp\"* AND \"0100\" OR \"n0100\"* AND \"·n\" OR \"·f\" NOT \"spam\"";
        let bare = |text: &str| text.replace(['(', ')'], "");
        assert_eq!(bare(&wanted.finish(false)), fts5);
        assert_eq!(
            bare(&wanted.finish(true)),
            "'water' <-> 'heater' & 'comp':* & '0100' | 'n0100':* & '·n' | '·f' & !'spam'"
        );
        assert_eq!(Wanted::default().finish(true), "(('·e'))");
        let of_contact = Wanted { looks: &looks[..1], signs: Vec::new(), of_contact: true };
        assert_eq!(bare(&of_contact.finish(false)), "\"·pwater ·pheater\"*");
    }

    #[test]
    fn no_phrase_reaches_from_a_text_into_the_name_of_a_file() {
        let mut document = Document::default();
        document.text("water");
        document.text("heater.pdf");
        document.sign(&Sign::entry());
        assert_eq!(document.words, "water · heater pdf ·e");
        assert_eq!(document.finish(true), "water:1 ·:2 heater:3 pdf:4 ·e:5");
    }
}
