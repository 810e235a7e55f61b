use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<String, PhoneError> {
    PhoneNumber::parse(text, Some("US")).map(|n| n.to_string())
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::from_e164(text).expect("E.164")
}

#[test]
fn what_people_write_is_understood() {
    for (text, expected) in [
        ("(415) 555-0100", "+14155550100"),
        ("415.555.0100", "+14155550100"),
        ("1-415-555-0100", "+14155550100"),
        (" +1 415 555 0100 ", "+14155550100"),
        ("whatsapp:+14155550100", "+14155550100"),
        ("WhatsApp: +1 415 555 0100", "+14155550100"),
        ("tel:+1-415-555-0100", "+14155550100"),
        ("＋１４１５５５５０１００", "+14155550100"),
        // as address books copy it
        ("\u{202A}+1 (415) 555\u{2011}0100\u{202C}", "+14155550100"),
        ("++1 415\u{2012}555\u{2012}0100", "+14155550100"),
        ("011 44 20 7946 0958", "+442079460958"),
        ("1-800-FLOWERS", "+18003569377"),
        // a default region must not eat another country's digits
        ("+49 1512 3456789", "+4915123456789"),
        ("+55 11 91234-5678", "+5511912345678"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("+39 06 6982", "+39066982"),
        ("+52 1 55 1234 5678", "+525512345678"),
    ] {
        assert_eq!(parse(text).as_deref(), Ok(expected), "{text}");
    }
    assert_eq!(PhoneNumber::parse("020 7946 0958", Some("GB")).map(|n| n.to_string()).as_deref(), Ok("+442079460958"));
}

#[test]
fn what_cannot_be_texted_says_why() {
    for (text, expected) in [
        ("", PhoneError::Empty),
        (" tel: ", PhoneError::Empty),
        ("Dana Fox", PhoneError::NotANumber),
        ("call 415 555 0100", PhoneError::NotANumber),
        ("555-0100", PhoneError::TooShort),
        ("72345", PhoneError::TooShort),
        ("415 555 01000", PhoneError::TooLong),
        ("+1 999 555 0100", PhoneError::Unassigned),
        ("+999 415 555 0100", PhoneError::CountryCode),
        ("415 555 0100 ext. 5", PhoneError::Extension),
        ("tel:+1-415-555-0100;ext=5", PhoneError::Extension),
        (&"1".repeat(200), PhoneError::NotANumber),
    ] {
        assert_eq!(parse(text), Err(expected), "{text}");
    }
    assert_eq!(PhoneNumber::parse("(415) 555-0100", None), Err(PhoneError::CountryCode));
    assert_eq!(PhoneNumber::parse("(415) 555-0100", Some("nowhere")), Err(PhoneError::CountryCode));
}

#[test]
fn numbers_of_fiction_work() {
    for area in ["212", "310", "415", "650", "800"] {
        for line in ["0100", "0142", "0199"] {
            let e164 = format!("+1{area}555{line}");
            assert_eq!(parse(&format!("({area}) 555-{line}")).as_deref(), Ok(e164.as_str()));
        }
    }
    // not in the plan, and a provider sends it all the same
    assert_eq!(number("+15005550006").as_str(), "+15005550006");
}

#[test]
fn e164_is_strict() {
    for text in [
        "",
        "+",
        "14155550100",
        "+1415555010a",
        "+04155550100",
        "+123456",
        "+1234567890123456",
        " +14155550100",
        "+1 415",
        "+１４１５５５５０１００",
    ] {
        assert_eq!(PhoneNumber::from_e164(text), Err(PhoneError::NotANumber), "{text}");
    }
    assert!(PhoneNumber::from_e164("+1234567").is_ok() && PhoneNumber::from_e164("+123456789012345").is_ok());
    assert_eq!(number("+5215512345678"), number("+525512345678"));
}

#[test]
fn debug_hides_digits() {
    assert_eq!(format!("{:?}", number("+14155550123")), "+1415•••0123");
    assert_eq!(format!("{:?}", number("+1234567")), "+12•••67");
    assert_eq!(format!("{:?}", number("+123456789012345")), "+1234•••2345");
    assert_eq!(format!("{:?}", Party::from(number("+14155550123"))), "Phone(+1415•••0123)");
}

#[test]
fn codes_are_found() {
    for (text, country, area) in [
        ("+14155550100", 1, Some("415")),
        ("+442079460958", 44, None),
        ("+79991234567", 7, None),
        ("+4915123456789", 49, None),
        ("+35312345678", 353, None),
        ("+1234567", 1, None),
    ] {
        assert_eq!((number(text).country_code(), number(text).area_code()), (country, area), "{text}");
    }
}

#[test]
fn calling_codes_are_those_of_the_metadata() {
    for code in 1..1000u16 {
        let known = PHONE_NUMBER_UTIL.get_region_for_country_code(i32::from(code)).is_some();
        let text = format!("+{code}000000000");
        if known {
            assert_eq!(number(&text).country_code(), code);
        }
    }
}

#[test]
fn numbers_are_shown_as_people_of_the_region_write_them() {
    assert_eq!(number("+14155550100").pretty(Some("US")), "(415) 555-0100");
    assert_eq!(number("+14155550100").pretty(Some("GB")), "+1 415-555-0100");
    assert_eq!(number("+14155550100").pretty(None), "+1 415-555-0100");
    assert_eq!(number("+442079460958").pretty(Some("GB")), "020 7946 0958");
    assert_eq!(number("+14165550100").pretty(Some("US")), "+1 416-555-0100");
    assert!(!number("+999999999999999").pretty(Some("US")).is_empty());
}

#[test]
fn parties_are_told_apart() {
    for (text, kind, value, answerable) in [
        ("+14155550100", "phone", "+14155550100", true),
        ("whatsapp:+14155550100", "phone", "+14155550100", true),
        ("72345", "short_code", "72345", false),
        ("911", "short_code", "911", false),
        ("ACME Bank", "sender_name", "ACME Bank", false),
        ("4Sale", "sender_name", "4Sale", false),
    ] {
        let party = Party::parse(text).expect(text);
        assert_eq!((party.kind(), party.value(), party.can_be_answered()), (kind, value, answerable));
        assert_eq!(Party::from_parts(kind, value).as_ref(), Ok(&party));
        assert_eq!(party.phone().is_some(), answerable);
    }
    for text in ["12", "1234567", "14155550100", "a name of twelve", "Café", "a_b", "+1", "\u{0}"] {
        assert_eq!(Party::parse(text), Err(PhoneError::NotAParty), "{text}");
    }
    assert_eq!(Party::parse("  "), Err(PhoneError::Empty));
    assert_eq!(Party::from_parts("phone", "72345"), Err(PhoneError::NotANumber));
    assert_eq!(Party::from_parts("fax", "72345"), Err(PhoneError::NotAParty));
}

#[test]
fn a_number_is_a_plain_string_in_json() {
    let json = serde_json::to_string(&number("+14155550100")).expect("JSON");
    assert_eq!(json, "\"+14155550100\"");
    assert_eq!(serde_json::from_str::<PhoneNumber>(&json).expect("a number"), number("+14155550100"));
    assert_eq!(serde_json::from_str::<Party>("\"72345\"").expect("a party").kind(), "short_code");
    let refused = serde_json::from_str::<PhoneNumber>("\"(415) 555-0100\"").expect_err("not E.164").to_string();
    assert!(!refused.contains("0100\"") && refused.contains("phone number"), "{refused}");
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,40}", region in prop::option::of("[A-Za-z]{0,3}")) {
        let _ = (PhoneNumber::parse(&text, region.as_deref()), Party::parse(&text));
    }

    #[test]
    fn nor_does_what_looks_like_a_number(text in "[+0-9() .x;#*-]{0,30}", region in prop::option::of("US|GB|MX|AR|IT")) {
        if let Ok(number) = PhoneNumber::parse(&text, region.as_deref()) {
            // what was understood is understood again, the same
            let again = PhoneNumber::parse(number.as_str(), None);
            prop_assert_eq!(again.as_ref(), Ok(&number));
            let pretty = PhoneNumber::parse(&number.pretty(region.as_deref()), region.as_deref());
            prop_assert_eq!(pretty, Ok(number));
        }
    }

    #[test]
    fn every_e164_text_is_taken_and_shown(text in "\\+[1-9][0-9]{6,14}") {
        let number = PhoneNumber::from_e164(&text).expect("E.164");
        prop_assert!(text.starts_with("+521") || number.as_str() == text);
        prop_assert!(number.country_code() > 0);
        prop_assert!(!number.pretty(Some("US")).is_empty());
        let debug = format!("{number:?}");
        prop_assert!(!debug.contains(number.as_str()));
        prop_assert_eq!(PhoneNumber::from_e164(number.as_str()), Ok(number));
    }
}
