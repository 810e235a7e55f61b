use proptest::prelude::*;

use super::*;
use crate::query::fold::tests::any_text;

/// The text with its marks in brackets.
fn marked(text: &str, query: &str) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let part = |from: usize, to: usize| String::from_utf16(&units[from..to]).expect("whole characters");
    let (mut out, mut at) = (String::new(), 0);
    for mark in marks(text, &Query::parse(query)) {
        out += &format!("{}[{}]", part(at, mark.from), part(mark.from, mark.to));
        at = mark.to;
    }
    out + &part(at, units.len())
}

#[test]
fn what_was_found_is_marked() {
    for (query, text, expected) in [
        ("water heater", "The water heater in 4B", "The [water heater] in 4B"),
        ("water heater", "the heater again, there is water", "the [heater] again, there is [water]"),
        ("\"water heater\"", "water, a heater; Water-heater", "water, a heater; [Water-heater]"),
        ("comp*", "Complete, completely. A comp", "[Complete], [completely]. A [comp]"),
        ("\"water hea\"*", "water heater, water hose", "[water heater], water hose"),
        ("joaquin", "Joaquín wrote", "[Joaquín] wrote"),
        ("Lease_2026-final.pdf", "see lease 2026 Final.PDF!", "see [lease 2026 Final.PDF]!"),
        // what overlaps is one
        ("\"a b\" \"b c\"", "a b c b", "[a b c] b"),
        ("\"a a\"", "a a a b a", "[a a a] b a"),
        ("a \"a b c\"", "a b a b c", "[a] b [a b c]"),
        ("\"a b\" \"b c d\"", "a-b-c-d-a b-c", "[a-b-c-d]-[a b]-c"),
        // two words that happen to be neighbours
        ("water heater", "water-heater", "[water]-[heater]"),
        // units of UTF-16, past what takes two
        ("heater", "🎉🎉 héáter", "🎉🎉 [héáter]"),
        ("京", "東京 tokyo", "東[京] tokyo"),
        ("東京", "在東京都", "在[東京]都"),
        // numbers
        ("415-555-0100", "call (415) 555 0100 or 415", "call [(415) 555 0100] or 415"),
        ("(415) 555-0100", "+14155550100", "+1[4155550100]"),
        ("1415", "+14155550100 x+1(415)5550101", "[+1415]5550100 x[+1(415])5550101"),
        ("0100", "4155550100 and 0100", "415555[0100] and [0100]"),
        // what must not be there, and what is no text
        ("-water heater", "water heater", "water [heater]"),
        ("from:water in:heater", "water heater", "water heater"),
        ("", "water", "water"),
        ("water", "", ""),
        ("🎉", "🎉", "🎉"),
        // a character with two words in it
        ("2", "½ cup", "[½] cup"),
    ] {
        assert_eq!(marked(text, query), expected, "{query} in {text}");
    }
}

#[test]
fn a_mark_is_a_pair_in_json() {
    let marks = marks("🎉 water", &Query::parse("water"));
    assert_eq!(serde_json::to_string(&marks).expect("JSON"), "[[3,8]]");
}

#[test]
fn hostile_texts_have_their_bounds() {
    let query =
        format!("{} 4444 a", (2..=MAX_PHRASES).map(|n| format!("\"{}\"", "a ".repeat(n * 3))).collect::<String>());
    let text = "a b ".repeat(LONGEST_MARKED);
    assert_eq!(marks(&text, &Query::parse(&query)).len(), MOST_MARKS);
    let all = "a ".repeat(LONGEST_MARKED);
    assert_eq!(marks(&all, &Query::parse(&query)), [Mark { from: 0, to: LONGEST_MARKED - 1 }]);
    let digits = "4".repeat(LONGEST_MARKED);
    assert_eq!(marks(&digits, &Query::parse("4444")).len(), 1);
}

const MAX_PHRASES: usize = 30;

proptest! {
    #[test]
    fn marks_are_whole_characters_in_order(text in any_text(), query in any_text()) {
        let query = Query::parse(&query);
        let units = text.encode_utf16().count();
        let mut bounds: Vec<usize> = vec![0];
        bounds.extend(text.chars().scan(0, |at, c| { *at += c.len_utf16(); Some(*at) }));
        let mut last = 0;
        for Mark { from, to } in marks(&text, &query) {
            prop_assert!(last <= from && from < to && to <= units);
            prop_assert!(bounds.binary_search(&from).is_ok() && bounds.binary_search(&to).is_ok());
            last = to + 1;
        }
    }

    #[test]
    fn a_text_that_is_searched_for_is_marked(text in "[a-d ]{0,30}", query in "[a-d]( [a-d]){0,3}") {
        let phrase = format!("\"{query}\"");
        let spaced = |text: &str| format!(" {} ", fold::plain(text));
        let is_there = spaced(&text).contains(&spaced(&query));
        prop_assert_eq!(!marks(&text, &Query::parse(&phrase)).is_empty(), is_there);
    }
}
