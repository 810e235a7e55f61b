use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn sizes(text: &str) -> Vec<u32> {
    let encoding = measure(text).encoding;
    segments(text).iter().map(|part| part.chars().map(|c| encoding.units(c)).sum()).collect()
}

#[test]
fn all_vectors_agree() {
    let file: Value = serde_json::from_str(include_str!("../../tests/fixtures/segment_vectors.json")).expect("JSON");
    let vectors = file["vectors"].as_array().expect("vectors");
    assert_eq!(vectors.len(), 150);
    for vector in vectors {
        let (id, text) = (&vector["id"], vector["text"].as_str().expect("text"));
        let m = measure(text);
        assert_eq!(m.encoding.as_str(), vector["encoding"], "{id}");
        assert_eq!(m.units, vector["units"], "{id}");
        assert_eq!(m.segments, vector["segments"], "{id}");
        assert_eq!(serde_json::to_value(sizes(text)).expect("numbers"), vector["segment_units"], "{id}");
        assert_eq!(segments(text).concat(), text, "{id}");
        assert_eq!(costly(text).is_empty(), m.encoding == Encoding::Gsm7, "{id}");
    }
}

#[test]
fn plain_differs_from_twilio_s_smart_encoding_only_in_composing_and_in_spaces() {
    let file: Value = serde_json::from_str(include_str!("../../tests/fixtures/segment_vectors.json")).expect("JSON");
    let mut different = Vec::new();
    for vector in file["vectors"].as_array().expect("vectors") {
        let theirs = &vector["twilio_smart_encoding"];
        let ours = measure(&plain(vector["text"].as_str().expect("text")));
        if ours.encoding.as_str() != theirs["encoding"] || ours.units != theirs["units"] {
            assert!(ours.segments <= theirs["segments"].as_u64().map_or(0, |n| n as u32), "{vector}");
            different.push(vector["id"].as_str().expect("id"));
        }
    }
    assert_eq!(different, ["combining_e", "combining_edge", "tab", "nbsp"]);
}

#[test]
fn the_rest_is_counted_to_the_next_segment() {
    let m = measure(&"a".repeat(160));
    assert_eq!((m.segments, m.limit, m.remaining), (1, 160, 0));
    let m = measure(&"a".repeat(161));
    assert_eq!((m.segments, m.limit, m.remaining), (2, 306, 145));
    // the septet that the euro sign could not use is lost to the limit too
    let m = measure(&format!("{}€{}", "a".repeat(152), "b".repeat(10)));
    assert_eq!((m.units, m.segments, m.limit, m.remaining), (164, 2, 305, 141));
    let m = measure("");
    assert_eq!((m.encoding, m.segments, m.limit, m.remaining), (Encoding::Gsm7, 0, 160, 160));
    assert!(segments("").is_empty());
}

#[test]
fn composed_before_replaced() {
    assert_eq!(plain("man\u{303}ana — fe\u{302}te"), "mañana - fête");
    assert_eq!(measure(&plain("man\u{303}ana")).encoding, Encoding::Gsm7);
    // a mark on a letter that has no composed form is left, one that stands alone is not
    assert_eq!(plain("q\u{303}"), "q\u{303}");
    assert_eq!(plain("\u{303}"), "~");
    assert_eq!(plain("e\u{200B}\u{301}"), "é");
    assert_eq!(plain("\u{212B}ngstr\u{F6}m, 5 k\u{2126}"), "Ångström, 5 kΩ");
}

#[test]
fn names_and_letters_stay() {
    for text in ["ç á í ó ú â ê ã õ", "Łukasz", "你好", "😀👨‍👩‍👧", "نمی\u{200C}خواهم", "тест", "© ® ™ °"]
    {
        assert_eq!(plain(text), text);
    }
}

#[test]
fn usual_ornaments_go() {
    assert_eq!(plain("‘a’ “b” «c» ‹d› – — • … ½ 1½ ÷"), "'a' \"b\" \"c\" <d> - - - ... 1/2 1 1/2 /");
    assert_eq!(plain("a\u{A0}b\u{2003}c\td\u{200B}e\u{FEFF}`ＯＫ！"), "a b c de'OK!");
}

#[test]
fn web_addresses_stay_as_they_are() {
    assert_eq!(plain("“see HTTPS://x.example/it’s–e\u{301} – now”"), "\"see HTTPS://x.example/it’s–e\u{301} - now\"");
    let found = costly("’ http://x.example/’");
    assert_eq!(found.iter().map(|c| c.replacement.as_deref()).collect::<Vec<_>>(), [Some("'"), None]);
}

#[test]
fn costly_characters_are_placed_by_scalars() {
    let found = costly("😀’n’ e\u{301} ê 2½");
    let shown: Vec<_> = found.iter().map(|c| (c.character, c.at.as_slice(), c.replacement.as_deref())).collect();
    let expected: [(&str, &[usize], Option<&str>); 5] = [
        ("😀", &[0], None),
        ("’", &[1, 3], Some("'")),
        ("e\u{301}", &[5], Some("é")),
        ("ê", &[8], None),
        ("½", &[11], Some(" 1/2")),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn no_replacement_at_the_price_of_a_segment() {
    // the emoji keeps it UCS-2, so three full stops for one would only make it longer
    let text = format!("😀{}", "…".repeat(68));
    assert_eq!(measure(&text).segments, 1);
    assert_eq!(plain(&text), text);
}

/// Text in which what matters is frequent: extension characters, surrogate pairs, marks, look-alikes, addresses.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z0-9 @\n]{1,40}",
        2 => "[€^{}~|\\[\\]\u{C}]{1,20}",
        2 => "[“”’…–½«»Ａ\u{A0}\t\u{200B}\u{200C}`]{1,10}",
        2 => "[\u{302}\u{303}\u{326}\u{301}\u{338}]{1,3}",
        1 => "[😀🎉𝒳]{1,40}",
        1 => "[áçêЖ中가\u{958}]{1,10}",
        1 => Just("https://x.example/’…".to_owned()),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn segments_hold_their_limit_and_join_to_the_text(text in text()) {
        let m = measure(&text);
        let parts = segments(&text);
        prop_assert_eq!(parts.concat(), text.as_str());
        prop_assert_eq!(parts.len(), m.segments as usize);
        let limit = if parts.len() > 1 { m.encoding.part() } else { m.encoding.single() };
        let sizes = sizes(&text);
        prop_assert!(sizes.iter().all(|units| (1..=limit).contains(units)), "{:?}", sizes);
        prop_assert_eq!(sizes.iter().sum::<u32>(), m.units);
        prop_assert_eq!(m.limit, m.units + m.remaining);
        if m.encoding == Encoding::Ucs2 {
            prop_assert_eq!(text.encode_utf16().count(), m.units as usize);
        }
    }

    #[test]
    fn no_segment_can_take_the_next_ones_first_character(text in text()) {
        let m = measure(&text);
        for pair in segments(&text).windows(2) {
            let used: u32 = pair[0].chars().map(|c| m.encoding.units(c)).sum();
            let next = pair[1].chars().next().map_or(0, |c| m.encoding.units(c));
            prop_assert!(used + next > m.encoding.part());
        }
    }

    #[test]
    fn as_many_units_as_remain_still_fit(before in text()) {
        let text = format!("{before}.");
        let m = measure(&text);
        let filler = "a".repeat(m.remaining as usize);
        prop_assert_eq!(measure(&format!("{text}{filler}")).segments, m.segments);
        prop_assert_eq!(measure(&format!("{text}{filler}a")).segments, m.segments + 1);
    }

    #[test]
    fn plain_is_idempotent_and_never_dearer(text in text()) {
        let once = plain(&text);
        prop_assert!(measure(&once).segments <= measure(&text).segments);
        prop_assert_eq!(plain(&once), once.as_ref());
    }

    #[test]
    fn plain_keeps_gsm_text(text in "[ -_a-~£€éñüàΔß\n]{0,200}") {
        prop_assert_eq!(plain(&text), text.as_str());
    }

    #[test]
    fn costly_places_point_at_what_they_name(text in text()) {
        let scalars: Vec<char> = text.chars().collect();
        for found in costly(&text) {
            prop_assert!(!found.at.is_empty());
            for at in &found.at {
                prop_assert!(scalars[*at..].iter().collect::<String>().starts_with(found.character));
            }
        }
    }
}
