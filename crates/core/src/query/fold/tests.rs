use proptest::prelude::*;

use super::*;

fn found(text: &str) -> Vec<String> {
    words(text).map(|word| word.text).collect()
}

#[test]
fn words_are_found_however_they_are_written() {
    for (text, expected) in [
        ("Water HEATER", "water heater"),
        ("", ""),
        ("  \t\n ", ""),
        ("Lease_2026-final.pdf", "lease 2026 final pdf"),
        ("dana.fox@example.com", "dana fox example com"),
        ("T&P valve, 4B; $1,900.50", "t p valve 4b 1 900 50"),
        ("there’s O'Brien and the Beltránʼs", "there s o brien and the beltran s"),
        // marks, in either form
        ("Joaquín Beltrán", "joaquin beltran"),
        ("Joaqui\u{301}n", "joaquin"),
        ("ｆｕｌｌ ｗｉｄｔｈ １２", "full width 12"),
        ("ﬁnal ﬀ ℃ Ⅷ", "final ff c viii"),
        ("𝐛𝐨𝐥𝐝 ① ½", "bold 1 1 2"),
        // letters that Unicode does not take apart
        ("Łódź Sørensen Đorđe Þór Æsir œuvre", "lodz sorensen dorde thor aesir oeuvre"),
        // case, folded in full
        ("Straße STRASSE STRAẞE", "strasse strasse strasse"),
        ("Ὀδυσσεύς ΟΔΥΣΣΕΥΣ", "οδυσσευσ οδυσσευσ"),
        ("İstanbul ISPARTA ısparta", "istanbul isparta isparta"),
        ("Ёлка ЁЛКА елка", "елка елка елка"),
        // what takes no place
        ("so\u{AD}ft \u{202A}left\u{202C} zero\u{200B}width", "soft left zero width"),
        ("٠٩١٢ ۰۹۱۲", "0912 0912"),
        // no spaces between words: letter by letter
        ("東京タワー", "東 京 タ ワ ー"),
        ("東京tower東京", "東 京 tower 東 京"),
        ("が か\u{3099} ｶﾞ", "が が ガ"),
        ("a\u{3099}b \u{3099}", "ab"),
        ("ไทย", "ไ ท ย"),
        ("한국어 \u{1112}\u{1161}\u{11AB}국", "한국어 한국"),
        // marks of vowels go: more is found than was written, never less
        ("किताब", "कतब"),
        ("عَرَبِيّ", "عربي"),
        // no words
        ("🎉 👍🏽 🇩🇪 € — … !!! 🅰", ""),
        ("1\u{FE0F}\u{20E3}", "1"),
    ] {
        assert_eq!(plain(text), expected, "{text}");
    }
}

#[test]
fn a_word_knows_where_it_stands() {
    let text = "Zoë’s ½ ﬁn, 東京";
    let places: Vec<(String, &str)> = words(text).map(|word| (word.text, &text[word.at])).collect();
    let expected = [("zoe", "Zoë"), ("s", "s"), ("1", "½"), ("2", "½"), ("fin", "ﬁn"), ("東", "東"), ("京", "京")];
    assert_eq!(places, expected.map(|(word, part)| (word.to_owned(), part)));
    // a mark of its own belongs to the letter before it
    assert_eq!(words("e\u{301} x").next(), Some(Word { text: "e".into(), at: 0..3 }));
}

#[test]
fn long_words_are_cut_alike_and_keep_their_place() {
    let long = "x".repeat(LONGEST_WORD + 9);
    let text = format!("{long} y");
    let found: Vec<Word> = words(&text).collect();
    assert_eq!((found[0].text.len(), found[0].at.clone()), (LONGEST_WORD, 0..long.len()));
    assert_eq!(found[1].text, "y");
    assert_eq!(plain(&long), plain(&format!("{long}z")));
    assert_ne!(plain(&long), plain(&long[..LONGEST_WORD - 1]));
    // what one letter drags along is cut as well
    assert_eq!(found_length(&format!("か{}", "\u{3099}".repeat(5_000))), 1);
}

fn found_length(text: &str) -> usize {
    assert!(words(text).all(|word| word.text.chars().count() <= LONGEST_WORD), "longer than any word");
    words(text).count()
}

#[test]
fn a_document_has_the_words_and_the_ends_of_the_numbers() {
    assert_eq!(document("Call 555-0100!"), "call 555 0100 n5550100 n550100 n50100 n0100");
    assert_eq!(document("in 2026, at 218 Alder"), "in 2026 at 218 alder");
}

#[test]
fn a_document_has_its_bounds() {
    let long = "lease ".repeat(LONGEST_DOCUMENT);
    let document = document(&long);
    assert!((LONGEST_DOCUMENT - 10..=LONGEST_DOCUMENT).contains(&document.len()), "{}", document.len());
    assert!(document.ends_with(" lease"));
    let digits = super::document(&"4155550100 ".repeat(2_000));
    assert_eq!(digits.split(' ').filter(|word| word.starts_with('n')).count(), crate::query::MOST_TAILS);
}

#[test]
fn every_character_folds_to_what_stays() {
    for c in '\0'..=char::MAX {
        for word in words(c.encode_utf8(&mut [0; 4])) {
            assert_eq!(found(&word.text), [word.text.as_str()], "{c:?} {:x}", u32::from(c));
            assert!(word.text.chars().all(char::is_alphanumeric), "{c:?} {:x}", u32::from(c));
        }
    }
}

/// Text with what is hard in it.
pub fn any_text() -> impl Strategy<Value = String> {
    let hard =
        "[a-cA-C0-9 .,_'’“”\"*\\\\\\-:+()\u{301}\u{3099}\u{AD}\u{200B}éßøﬁ½İΣçか東ไ한\u{1112}\u{1161}🎉👍🏽٣１]{0,40}";
    prop_oneof![3 => hard, 1 => any::<String>()]
}

proptest! {
    #[test]
    fn words_stay_what_they_are(text in any_text()) {
        let words: Vec<Word> = words(&text).collect();
        let mut last = 0..0;
        for word in &words {
            prop_assert_eq!(found(&word.text), [word.text.as_str()]);
            prop_assert!(text.get(word.at.clone()).is_some_and(|part| !part.is_empty()));
            prop_assert!(last.start <= word.at.start && last.end <= word.at.end, "{:?} {:?}", last, word.at);
            last = word.at.clone();
        }
        prop_assert_eq!(plain(&plain(&text)), plain(&text));
    }

    #[test]
    fn neither_form_of_unicode_nor_capitals_hide_a_word(text in "[a-zàéîõüçñåžščğ가-힣か-んа-яё]{1,20}") {
        let expected = plain(&text);
        prop_assert_eq!(plain(&text.nfd().collect::<String>()), expected.clone());
        prop_assert_eq!(plain(&text.nfc().collect::<String>()), expected.clone());
        prop_assert_eq!(plain(&text.to_uppercase()), expected);
    }
}
