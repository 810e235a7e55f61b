//! What anybody writes into the search box, over any text: it is read, printed and read again as the same, and what the
//! index finds is what is marked.

use partyline_core::query::{Look, MOST_TAILS, Phrase, Query, document, marks, plain, words};

use super::bytes::Bytes;

/// Takes any bytes for a query and, after a zero, a text to look in.
pub fn look(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let written = bytes.word();
    let text = String::from_utf8_lossy(bytes.0).into_owned();
    let query = Query::parse(&written);
    let printed = query.to_string();
    let again = Query::parse(&printed);
    assert!(again == query, "printed as {printed:?} it is another");
    assert_eq!(again.to_string(), printed, "its print is not its own");
    has_its_places(&query, &written);
    for word in words(&text) {
        let found: Vec<_> = words(&word.text).map(|word| word.text).collect();
        assert_eq!(found, [word.text], "a word is not that one word");
    }
    is_marked_where_it_is_found(&query, &text);
}

/// Every span is a part of what was written, and a term read alone is that term.
fn has_its_places(query: &Query, written: &str) {
    let mut last = 0;
    for placed in &query.terms {
        assert!(last <= placed.span.bytes.start, "terms overlap");
        last = placed.span.bytes.end;
        let alone = Query::parse(&written[placed.span.bytes.clone()]);
        assert!(alone.terms.iter().map(|placed| &placed.term).eq([&placed.term]), "alone it is another");
    }
    let units: Vec<u16> = written.encode_utf16().collect();
    for span in query.terms.iter().map(|p| &p.span).chain(query.problems.iter().map(|p| &p.span)) {
        let part = &written[span.bytes.clone()];
        assert!(!part.is_empty(), "a place without anything");
        assert_eq!(
            String::from_utf16(&units[span.utf16.clone()]).expect("whole characters"),
            part,
            "the countings differ"
        );
    }
}

/// There is a mark exactly when something that is looked for is in the index.
fn is_marked_where_it_is_found(query: &Query, text: &str) {
    let (plain, document) = (plain(text), document(text));
    let words: Vec<&str> = plain.split(' ').collect();
    let tails: Vec<&str> = document.strip_prefix(&*plain).expect("words come first").split(' ').collect();
    let has = |phrase: &Phrase| {
        words.windows(phrase.words.len()).any(|window| {
            let ((last, before), (asked, asked_before)) =
                (window.split_last().expect("a phrase"), phrase.words.split_last().expect("a phrase"));
            before == asked_before && if phrase.prefix { last.starts_with(&**asked) } else { last == asked }
        })
    };
    let is_there = |look: &Look| {
        let number = look.number.as_ref();
        look.phrases.iter().any(has)
            || number.is_some_and(|number| tails.iter().any(|tail| tail.starts_with(&**number)))
    };
    let looks = query.looks();
    let is_found = looks.iter().any(|look| !look.negated && is_there(look));
    let marks = marks(text, query);
    if is_found || tails.len() < MOST_TAILS {
        assert_eq!(!marks.is_empty(), is_found, "the marks and the index differ");
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut last = 0;
    for mark in marks {
        assert!(last <= mark.from && mark.from < mark.to, "marks touch");
        assert!(String::from_utf16(&units[mark.from..mark.to]).is_ok(), "half a character is marked");
        last = mark.to + 1;
    }
}
