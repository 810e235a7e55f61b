//! STOP, START and HELP, when they are the whole message. What people say in sentences is not understood here.
//!
//! The lists are the union of what has to be honoured and what the providers act on by themselves, so that no address is
//! blocked there and free here: 47 CFR 64.1200(a)(10) (stop, quit, end, revoke, opt out, cancel, unsubscribe), Twilio's
//! default keywords, and ARRET for Canada.

use unicode_normalization::UnicodeNormalization;

/// In capitals; a phrase has one space between its words.
const STOP: [&str; 12] = [
    "STOP",
    "STOPALL",
    "STOP ALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "OPT OUT",
    "ARRET",
    "ARRÊT",
];
const START: [&str; 2] = ["START", "UNSTOP"];
const WEAK_START: &str = "YES";
const HELP: [&str; 2] = ["HELP", "INFO"];
/// Bytes of the longest of them, and of one written with a space after each letter.
const LONGEST: usize = 2 * "UNSUBSCRIBE".len();

/// What a message that is nothing but a keyword asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// Send nothing more.
    Stop,
    /// Send again.
    Start {
        /// YES, which is mostly the answer to a question: see [`Keyword::lifts`].
        weak: bool,
    },
    /// Who are you, and how do I reach you?
    Help,
}

impl Keyword {
    /// Does this word lift an opt-out?
    ///
    /// YES only does for those who have opted out; for all others it is a message. It never does on a toll-free number,
    /// where the network itself keeps the block and knows START and UNSTOP only.
    #[must_use]
    pub const fn lifts(self, opted_out: bool, toll_free: bool) -> bool {
        match self {
            Keyword::Start { weak } => opted_out && !(weak && toll_free),
            Keyword::Stop | Keyword::Help => false,
        }
    }
}

/// The keyword that a message is, if it is nothing else.
///
/// Case, white space, quotes, punctuation and emoji around it don't matter, nor full-width letters, nor one sign or space
/// between single letters.
///
/// ```
/// use partyline_core::consent::{Keyword, keyword};
/// assert_eq!(keyword(" “Stop!” "), Some(Keyword::Stop));
/// assert_eq!(keyword("opt-out"), Some(Keyword::Stop));
/// assert_eq!(keyword("s t o p"), Some(Keyword::Stop));
/// assert_eq!(keyword("don't stop"), None);
/// assert_eq!(keyword("cancel my order"), None);
/// ```
#[must_use]
pub fn keyword(text: &str) -> Option<Keyword> {
    let words = words(text)?;
    let is_spelled = words.contains(' ') && words.split(' ').all(|word| word.chars().count() == 1);
    let words = if is_spelled { words.replace(' ', "") } else { words };
    let words = words.as_str();
    if STOP.contains(&words) {
        Some(Keyword::Stop)
    } else if START.contains(&words) || words == WEAK_START {
        Some(Keyword::Start { weak: words == WEAK_START })
    } else if HELP.contains(&words) {
        Some(Keyword::Help)
    } else {
        None
    }
}

/// The words in capitals with one space between them; `None` when there are more than any keyword has.
fn words(text: &str) -> Option<String> {
    let mut words = String::with_capacity(LONGEST + 4);
    let mut in_word = false;
    for c in text.nfkc().filter(|c| !is_invisible(*c)) {
        if c.is_alphanumeric() {
            if !in_word && !words.is_empty() {
                words.push(' ');
            }
            words.extend(c.to_uppercase());
            if words.len() > LONGEST {
                return None;
            }
        }
        in_word = c.is_alphanumeric();
    }
    Some(words)
}

/// Characters that take no place, and come along when text is copied.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const PHRASES: &str = include_str!("../../tests/fixtures/optout_phrases.tsv");

    /// Rows labelled `stop` that are a keyword and nothing else. The others, 022 to 101 apart from 094 and 095, and
    /// 013, 018, 022, 023 and 026 to 033, are said in other words, with a typing error or with more around: free text.
    const STOP_KEYWORDS: [&str; 21] = [
        "001", "002", "003", "004", "005", "006", "007", "008", "009", "010", "011", "012", "014", "015", "016", "017",
        "019", "020", "021", "024", "025",
    ];

    fn rows() -> BTreeMap<&'static str, (&'static str, String)> {
        let rows = PHRASES.lines().filter(|l| !l.starts_with('#')).skip(1).map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            (cells[0], (cells[1], cells[3].replace("\\n", "\n").replace("\\t", "\t")))
        });
        rows.collect()
    }

    #[test]
    fn every_labelled_phrase_is_a_keyword_or_free_text() {
        let rows = rows();
        assert_eq!(rows.len(), 194);
        for (id, (label, text)) in &rows {
            let expected = match (*label, *id) {
                ("stop", "094" | "095") => Some(Keyword::Stop),
                ("stop", id) if STOP_KEYWORDS.contains(&id) => Some(Keyword::Stop),
                ("start", "179" | "180" | "181") => Some(Keyword::Start { weak: false }),
                ("start", "182") => Some(Keyword::Start { weak: true }),
                ("help", _) => Some(Keyword::Help),
                _ => None,
            };
            assert_eq!(keyword(text), expected, "{id} {label} {text:?}");
        }
    }

    #[test]
    fn the_words_of_the_law_and_of_the_providers_are_all_known() {
        for word in "stop quit end revoke cancel unsubscribe optout stopall arret arrêt ARRÊT".split(' ') {
            assert_eq!(keyword(word), Some(Keyword::Stop), "{word}");
        }
        for phrase in [
            "opt out",
            "Opt  Out.",
            "OPT_OUT",
            "stop\u{200B}",
            "\u{feff}STOP\r\n",
            "*stop*",
            "E.N.D.",
            "arre\u{302}t",
            "𝐒𝐓𝐎𝐏",
        ] {
            assert_eq!(keyword(phrase), Some(Keyword::Stop), "{phrase}");
        }
        for word in ["START", "unstop", "Start!"] {
            assert_eq!(keyword(word), Some(Keyword::Start { weak: false }), "{word}");
        }
        assert_eq!(keyword("info"), Some(Keyword::Help));
    }

    #[test]
    fn near_misses_are_messages() {
        for text in [
            "",
            "  ",
            "?!",
            "🛑",
            "STOP PLEASE",
            "don't stop",
            "cancel my order",
            "stop stop",
            "start stop",
            "the end",
            "yes please",
            "st op",
            "in fo",
            "STOPP",
            "2 STOP",
            "endend",
            "opt",
            "out",
            "unsubscribe unsubscribe unsubscribe",
        ] {
            assert_eq!(keyword(text), None, "{text}");
        }
    }

    #[test]
    fn yes_lifts_only_where_it_can() {
        let (yes, start) = (Keyword::Start { weak: true }, Keyword::Start { weak: false });
        assert!(yes.lifts(true, false) && start.lifts(true, false) && start.lifts(true, true));
        assert!(!yes.lifts(false, false) && !yes.lifts(true, true));
        assert!(!Keyword::Stop.lifts(true, false) && !Keyword::Help.lifts(true, false));
    }

    proptest! {
        #[test]
        fn surroundings_do_not_hide_a_keyword(before in "[ \\t\\n.,!?“”'\"(*🛑-]{0,6}", after in "[ \\t\\n.,!?“”'\")*🛑-]{0,6}", upper: bool) {
            let word = if upper { "UNSUBSCRIBE" } else { "unsubscribe" };
            prop_assert_eq!(keyword(&format!("{before}{word}{after}")), Some(Keyword::Stop));
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = keyword(&text);
        }
    }
}
