use proptest::prelude::*;

use super::*;
use crate::query::{Query, document};

/// Does the index find this query in this text, as an engine would?
fn is_found(query: &str, text: &str) -> bool {
    crate::query::tests::finds(&Query::parse(query), &document(text))
}

#[test]
fn a_number_is_found_however_it_is_written_there_and_here() {
    let forms = ["(415) 555-0100", "415.555.0100", "+1 415 555 0100", "+14155550100", "4155550100", "1-415-555-0100"];
    for query in forms {
        for text in forms {
            assert!(is_found(query, &format!("Please call {text} today")), "{query} in {text}");
            assert!(is_found(&format!("\"{query}\""), text), "{query} in {text}");
        }
        assert!(!is_found(query, "(415) 555-0101"), "{query}");
    }
    let british = ["020 7946 0958", "+44 20 7946 0958", "+442079460958", "(020) 7946-0958", "٠٢٠٧٩٤٦٠٩٥٨"];
    for query in british {
        for text in british {
            assert!(is_found(query, text), "{query} in {text}");
        }
    }
    assert!(is_found("+52 1 55 1234 5678", "+52 55 1234 5678"));
}

#[test]
fn a_part_of_a_number_is_found() {
    let text = "She moved to +1 (415) 555-0142.";
    for part in ["0142", "555-0142", "5550142", "415-555", "(415) 555", "415 5550142", "1 415", "5014"] {
        assert!(is_found(part, text), "{part}");
    }
    for other in ["0143", "415 556", "142", "55"] {
        assert!(!is_found(other, text), "{other}");
    }
    // both of two that only a space parts
    for part in ["415-555-0100", "415-555-0101", "0101"] {
        assert!(is_found(part, "415-555-0100 415-555-0101"), "{part}");
    }
}

#[test]
fn numbers_that_may_be_two_things_are_both() {
    assert!(is_found("3311 2026", "invoice 3311 of March 2026"));
    assert!(is_found("3311 2026", "331-12026"));
    assert!(!is_found("\"3311 2026\"", "2026 and 3311"));
    assert!(is_found("+1 415 555 0100 +1 415 555 0101", "(415) 555-0101 or (415) 555-0100"));
}

#[test]
fn digits_that_are_no_number_are_only_words() {
    assert_eq!(
        tails("at 218 Alder, 2026; order 209811, 4,155,550,100 x41555 50100").collect::<Vec<_>>(),
        [
            // as nobody can know what it was
            "n4155550100",
            "n155550100",
            "n55550100",
            "n5550100",
            "n550100",
            "n50100",
            "n0100",
        ]
    );
    assert_eq!(digits("Dana"), None);
    assert_eq!(digits(""), None);
    assert_eq!(digits("+"), None);
    assert_eq!(digits("12"), None);
    assert_eq!(digits("1234567890123456"), None);
    assert_eq!(digits("72345").as_deref(), Some("72345"));
    assert_eq!(digits("0100").as_deref(), Some("0100"));
    assert_eq!(digits("00000000").as_deref(), Some("00000000"));
}

#[test]
fn a_stretch_of_digits_of_any_length_takes_a_word_each() {
    let text = "4".repeat(10_000);
    assert!(tails(&text).all(|tail| tail.len() <= 1 + MOST_DIGITS));
    assert_eq!(tails(&text).count(), MOST_TAILS);
    let lengths: Vec<usize> = runs(&text[..2 * LONGEST_RUN + 7]).map(|run| run.digits.len()).collect();
    assert_eq!(lengths, [LONGEST_RUN, LONGEST_RUN, 7]);
}

proptest! {
    #[test]
    fn any_part_in_any_formatting_is_found(
        digits in "[2-9][0-9]{9}",
        ornaments in proptest::collection::vec("(|[ .-]|\\) )", 10),
        from in 0_usize..7, length in 4_usize..10, plus: bool,
    ) {
        let mut text = String::from(if plus { "tel +1 " } else { "tel " });
        for (digit, ornament) in digits.chars().zip(&ornaments) {
            text.push(digit);
            text.push_str(ornament);
        }
        let to = digits.len().min(from + length);
        // a part that begins with a zero might be a whole number of elsewhere
        let part = &digits[from..to];
        prop_assert!(is_found(part, &text), "{} in {}", part, text);
    }
}
