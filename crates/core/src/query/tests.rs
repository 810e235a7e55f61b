use jiff::civil::Date;
use proptest::prelude::*;

use super::fold::tests::any_text;
use super::*;

fn printed(text: &str) -> String {
    Query::parse(text).to_string()
}

fn codes(text: &str) -> Vec<&'static str> {
    Query::parse(text).problems.iter().map(|problem| problem.kind.code()).collect()
}

fn value(text: &str) -> Value {
    Value::new(text).expect("not empty")
}

fn only(text: &str) -> What {
    let query = Query::parse(text);
    assert_eq!((query.terms.len(), &query.problems), (1, &vec![]), "{text}");
    query.terms[0].term.what.clone()
}

/// What an engine does with a document, spelled out.
pub fn finds(query: &Query, document: &str) -> bool {
    let words: Vec<&str> = document.split(' ').collect();
    let has = |phrase: &Phrase| {
        words.windows(phrase.words.len()).any(|window| {
            let (last, before) = window.split_last().expect("a phrase is not empty");
            let (last_asked, before_asked) = phrase.words.split_last().expect("a phrase is not empty");
            let is_last = if phrase.prefix { last.starts_with(last_asked.as_str()) } else { last == last_asked };
            is_last && before == before_asked
        })
    };
    query.looks().iter().all(|look| {
        let number = look.number.as_ref();
        let is_there = look.phrases.iter().all(has)
            || number.is_some_and(|number| words.iter().any(|word| word.starts_with(number.as_str())));
        is_there != look.negated
    })
}

#[test]
fn what_people_write_has_one_canonical_form() {
    for (text, expected) in [
        ("water heater", "water heater"),
        ("  water \t heater\n", "water heater"),
        ("\"water  heater\"", "\"water heater\""),
        // quotes that say nothing
        ("\"water\"", "water"),
        ("label:\"urgent\"", "label:urgent"),
        // quotes as telephones write them
        ("“water heater” „zu spät“", "\"water heater\" \"zu spät\""),
        ("\"water heater\"now", "\"water heater\" now"),
        ("\"say \\\"hi\\\" to C:\\\\\"", "\"say \\\"hi\\\" to C:\\\\\""),
        ("comp*", "comp*"),
        ("\"water hea\"*", "\"water hea\"*"),
        ("\"5*\"", "\"5*\""),
        ("5\" pipe", "5\" pipe"),
        // turned round
        ("-water", "-water"),
        ("NOT water", "-water"),
        ("NOT is:open", "-is:open"),
        ("not water", "not water"),
        ("-\"water heater\"", "-\"water heater\""),
        ("-from:dana", "-from:dana"),
        ("water NOT", "water \"NOT\""),
        ("\"NOT\" water", "\"NOT\" water"),
        ("--water", "-\"-water\""),
        ("\"-water\"", "\"-water\""),
        ("4-B", "4-B"),
        // operators
        ("From:Dana TO:me", "from:Dana to:me"),
        ("from:\"Dana Fox\"", "from:\"Dana Fox\""),
        ("from:“Dana Fox”", "from:\"Dana Fox\""),
        ("from:\"me\"", "from:\"me\""),
        ("team:west", "in:west"),
        ("in:Spam in:\"spam\"", "in:spam in:\"spam\""),
        ("label:work/urgent label:\"needs a visit\"", "label:work/urgent label:\"needs a visit\""),
        ("assignee:ME assignee:nobody assignee:\"nobody\"", "assignee:me assignee:nobody assignee:\"nobody\""),
        (
            "channel:MMS channel:\"West line\" channel:+14155550100",
            "channel:sms channel:\"West line\" channel:+14155550100",
        ),
        ("is:done is:\"open\"", "is:closed is:open"),
        ("has:file has:photos has:note", "has:attachment has:picture has:note"),
        ("before:2026-3-1 after:2026-11 after:Today", "before:2026-03-01 after:2026-11-01 after:today"),
        // what only looks like one
        ("https://example.com 10:30 Re: a:b", "https://example.com 10:30 Re: a:b"),
        ("\"from:dana\"", "\"from:dana\""),
        ("subject:lease", "subject:lease"),
        ("", ""),
        ("   ", ""),
    ] {
        assert_eq!(printed(text), expected, "{text}");
        assert_eq!(printed(expected), expected, "{text}");
    }
}

#[test]
fn operators_are_understood() {
    let dana = || Person::Other(value("dana"));
    for (text, expected) in [
        ("from:me", What::From(Person::Me)),
        ("from:dana", What::From(dana())),
        ("to:dana", What::To(dana())),
        ("in:west", What::In(Where::Team(value("west")))),
        ("in:trash", What::In(Where::Place(Place::Trash))),
        ("team:\"Trash\"", What::In(Where::Team(value("Trash")))),
        ("label:work/urgent", What::Label(value("work/urgent"))),
        ("assignee:Nobody", What::Assignee(Assignee::Nobody)),
        ("assignee:\"me\"", What::Assignee(Assignee::User(value("me")))),
        ("channel:email", What::Channel(Channel::Kind(Kind::Email))),
        ("channel:notes", What::Channel(Channel::Kind(Kind::Notes))),
        ("channel:\"email\"", What::Channel(Channel::Named(value("email")))),
        ("is:unread", What::Is(State::Unread)),
        ("has:task", What::Has(Thing::Task)),
        ("before:7d", What::Before(Day::Ago(7))),
        ("after:2026-11-24", What::After(Day::On(Date::constant(2026, 11, 24)))),
        ("water", What::Text { text: value("water"), prefix: false }),
        ("\"water hea\"*", What::Text { text: value("water hea"), prefix: true }),
    ] {
        assert_eq!(only(text), expected, "{text}");
    }
}

#[test]
fn every_word_of_a_closed_list_is_read() {
    for state in State::ALL {
        assert_eq!(only(&format!("is:{}", state.as_str())), What::Is(*state));
    }
    for thing in Thing::ALL {
        assert_eq!(only(&format!("has:{}", thing.as_str())), What::Has(*thing));
    }
    for place in Place::ALL {
        assert_eq!(only(&format!("in:{}", place.as_str())), What::In(Where::Place(*place)));
    }
    for kind in Kind::ALL {
        assert_eq!(only(&format!("channel:{}", kind.as_str())), What::Channel(Channel::Kind(*kind)));
    }
    for operator in Operator::ALL {
        assert_eq!(codes(&format!("{}:", operator.as_str())), ["missing_value"]);
    }
}

#[test]
fn people_are_reached_by_what_was_written() {
    for (text, expected) in [
        ("from:me", Reach::Me),
        ("from:\"(415) 555-0100\"", Reach::Number("4155550100".into())),
        ("from:+14155550100", Reach::Number("4155550100".into())),
        ("from:415", Reach::Number("415".into())),
        ("from:Dana@Example.com", Reach::Email("dana@example.com".into())),
        ("from:@example.com", Reach::Email("@example.com".into())),
        ("from:\"Dana Fox\"", Reach::Name("Dana Fox")),
        ("from:\"Dana @ work\"", Reach::Name("Dana @ work")),
        ("from:@", Reach::Name("@")),
        ("from:42", Reach::Name("42")),
    ] {
        let What::From(person) = only(text) else { panic!("{text}") };
        assert_eq!(person.reach(), expected, "{text}");
    }
}

#[test]
fn what_is_not_understood_is_told_with_its_place() {
    for (text, expected, place, left) in [
        ("\"water heater", "unclosed_quote", "\"", "\"water heater\""),
        ("x label:\"needs a", "unclosed_quote", "\"", "x label:\"needs a\""),
        ("subject:lease", "unknown_operator", "subject:", "subject:lease"),
        ("-form:dana x", "unknown_operator", "form:", "-form:dana x"),
        ("x label:", "missing_value", "label:", "x"),
        ("from: dana", "missing_value", "from:", "dana"),
        ("from:\"\" dana", "missing_value", "from:\"\"", "dana"),
        ("is:opne water", "unknown_value", "is:opne", "water"),
        ("-has:boat", "unknown_value", "-has:boat", ""),
        ("after:3/1/2026", "bad_date", "after:3/1/2026", ""),
        ("water & fire", "nothing_to_find", "&", "water & fire"),
        ("🎉", "nothing_to_find", "🎉", "🎉"),
        ("\"\" x", "nothing_to_find", "\"\"", "x"),
        ("-", "nothing_to_find", "-", "\"-\""),
        ("*", "nothing_to_find", "*", "\"*\""),
    ] {
        let query = Query::parse(text);
        let [Problem { kind, span }] = &query.problems[..] else { panic!("{text}: {:?}", query.problems) };
        assert_eq!(
            (kind.code(), &text[span.bytes.clone()], query.to_string().as_str()),
            (expected, place, left),
            "{text}"
        );
        assert_eq!(query.leaves_out(), kind.leaves_out());
        assert!(kind.to_string().ends_with('.'), "{kind}");
    }
    assert_eq!(codes("https://example.com 10:30 re: C:\\ x:y 5\""), [""; 0]);
}

#[test]
fn only_what_narrowed_the_search_is_missed() {
    for (text, expected) in [
        ("is:opne", true),
        ("before:soon", true),
        ("from:", true),
        ("\"water", false),
        ("subject:lease", false),
        ("water", false),
    ] {
        assert_eq!(Query::parse(text).leaves_out(), expected, "{text}");
    }
}

#[test]
fn messages_say_what_there_is() {
    let message = |text: &str| Query::parse(text).problems[0].kind.to_string();
    assert!(
        message("is:x").starts_with("is: does not know this. It knows open, snoozed, closed, spam, trash, unread,")
    );
    assert!(message("has:x").ends_with("It knows attachment, picture, note, task, draft."));
    assert_eq!(
        message("before:x"),
        "There is no such day. Write it like before:2026-11-24, before:2026-11, before:yesterday or before:7d."
    );
    assert!(
        message("subject:x").ends_with("There are from: to: in: label: assignee: channel: is: has: before: after:.")
    );
}

#[test]
fn what_is_too_much_is_cut_there() {
    let long = "x".repeat(LONGEST_VALUE + 1);
    assert_eq!((codes(&long), printed(&long).len()), (vec!["value_too_long"], LONGEST_VALUE));
    assert_eq!(codes(&long[1..]), [""; 0]);
    // no half of a space is left
    assert_eq!(printed(&format!("\"{} y\"", &long[2..])), long[2..]);

    let many = "w ".repeat(MOST_TERMS + 3);
    let query = Query::parse(&many);
    assert_eq!((query.terms.len(), codes(&many)), (MOST_TERMS, vec!["too_many_terms"]));
    assert_eq!(query.problems[0].span.bytes, 2 * MOST_TERMS..many.len() - 1);
    assert_eq!(codes(&"w ".repeat(MOST_TERMS)), [""; 0]);

    let far = format!("{}x", "é".repeat(LONGEST_QUERY));
    let query = Query::parse(&far);
    assert_eq!(codes(&far), ["value_too_long", "query_too_long"]);
    assert_eq!(query.problems[1].span.bytes, 2 * LONGEST_QUERY..2 * LONGEST_QUERY + 1);
    assert_eq!(codes(&format!("{}x", " ".repeat(LONGEST_QUERY - 1))), [""; 0]);
}

#[test]
fn the_longest_query_can_be_printed_and_read() {
    let term = Term { what: What::Assignee(Assignee::User(value(&"\" ".repeat(LONGEST_VALUE)))), negated: true };
    let query = Query::of(&vec![term; MOST_TERMS]);
    assert_eq!((query.terms.len(), &query.problems), (MOST_TERMS, &vec![]));
    assert_eq!(Query::parse(&query.to_string()), query);
}

#[test]
fn a_term_says_where_it_stood_in_javascripts_units() {
    let query = Query::parse("🎉é -from:\"Dana Fox\" is:opne");
    let json = serde_json::to_value(&query).expect("JSON");
    assert_eq!(
        json,
        serde_json::json!({
            "text": "🎉é -from:\"Dana Fox\"",
            "terms": [
                {"kind": "word", "operator": null, "value": "🎉é", "prefix": false, "negated": false, "text": "🎉é", "span": [0, 3]},
                {"kind": "operator", "operator": "from", "value": "Dana Fox", "prefix": false, "negated": true,
                 "text": "-from:\"Dana Fox\"", "span": [4, 20]},
            ],
            "problems": [
                {"code": "unknown_value", "span": [21, 28],
                 "message": ProblemKind::UnknownValue(Operator::Is).to_string()},
            ],
        })
    );
    let json = serde_json::to_value(Query::parse("\"water hea\"*")).expect("JSON");
    assert_eq!((&json["terms"][0]["kind"], &json["terms"][0]["prefix"]), (&"phrase".into(), &true.into()));
}

#[test]
fn chips_become_text() {
    let chips = [
        Term { what: What::In(Where::Team(value("west"))), negated: false },
        Term { what: What::Text { text: value("from:me"), prefix: false }, negated: true },
    ];
    let query = Query::of(&chips);
    assert_eq!(query.to_string(), "in:west -\"from:me\"");
    assert_eq!(query.terms[1].span.bytes, 8..18);
}

#[test]
fn debug_shows_nobody() {
    assert_eq!(format!("{:?}", Query::parse("from:+14155550100 is:x")), "Query(1 terms, 1 problems)");
}

#[test]
fn alternatives_are_those_that_nothing_could_be_at_once() {
    let alternates: Vec<&str> = Operator::ALL.iter().filter(|o| o.alternates()).map(|o| o.as_str()).collect();
    assert_eq!(alternates, ["from", "to", "in", "assignee", "channel"]);
}

#[test]
fn a_query_finds_what_it_says() {
    let text = "Replaced T&P valve on 40 gal water heater, unit 4B. See Lease_2026-final.pdf, Joaquín";
    let document = document(text);
    for query in [
        "water heater",
        "heater water",
        "\"water heater\"",
        "hea*",
        "\"gal water hea\"*",
        "lease",
        "final pdf",
        "Lease_2026-final.pdf",
        "lease_20*",
        "T&P",
        "JOAQUIN",
        "-boiler",
        "-\"heater water\"",
        "water NOT boiler",
        "is:open from:dana water",
        "water &",
        "",
    ] {
        assert!(finds(&Query::parse(query), &document), "{query}");
    }
    for query in
        ["boiler", "\"heater water\"", "hea", "-water", "water -valve", "P&T", "\"lease final\"", "NOT hea*", "h*"]
    {
        assert!(!finds(&Query::parse(query), &document), "{query}");
    }
}

#[test]
fn a_phrase_is_looked_for_by_its_first_words() {
    let phrase: String = "㍿".repeat(40);
    let looks = Query::parse(&format!("{phrase}*")).looks();
    assert_eq!((looks[0].phrases[0].words.len(), looks[0].phrases[0].prefix), (LONGEST_PHRASE, false));
}

fn any_value() -> impl Strategy<Value = Value> {
    let words = prop_oneof![
        Just("me"),
        Just("Nobody"),
        Just("spam"),
        Just("sms"),
        Just("NOT"),
        Just("from:"),
        Just("is:open"),
        Just("-x"),
        Just("7d"),
    ];
    prop_oneof![any_text(), words.prop_map(str::to_owned)].prop_filter_map("empty", |text| Value::new(&text))
}

fn any_day() -> impl Strategy<Value = Day> {
    let date = (1_i16..=9999, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| Day::On(Date::constant(y, m, d)));
    prop_oneof![date, (0_u16..=9999).prop_map(Day::Ago)]
}

fn any_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(all)
}

fn any_term() -> impl Strategy<Value = Term> {
    let person = || prop_oneof![Just(Person::Me), any_value().prop_map(Person::Other)];
    let place = prop_oneof![any_of(Place::ALL).prop_map(Where::Place), any_value().prop_map(Where::Team)];
    let assignee = prop_oneof![Just(Assignee::Me), Just(Assignee::Nobody), any_value().prop_map(Assignee::User)];
    let channel = prop_oneof![any_of(Kind::ALL).prop_map(Channel::Kind), any_value().prop_map(Channel::Named)];
    let what = prop_oneof![
        4 => (any_value(), any::<bool>()).prop_map(|(text, prefix)| What::Text { text, prefix }),
        1 => person().prop_map(What::From),
        1 => person().prop_map(What::To),
        1 => place.prop_map(What::In),
        1 => any_value().prop_map(What::Label),
        1 => assignee.prop_map(What::Assignee),
        1 => channel.prop_map(What::Channel),
        1 => any_of(State::ALL).prop_map(What::Is),
        1 => any_of(Thing::ALL).prop_map(What::Has),
        1 => any_day().prop_map(What::Before),
        1 => any_day().prop_map(What::After),
    ];
    (what, any::<bool>()).prop_map(|(what, negated)| Term { what, negated })
}

/// Text in which much of it means something.
fn any_query() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        any_text(),
        proptest::sample::select(
            &[
                "from:",
                "TO:",
                "in:",
                "team:",
                "label:",
                "assignee:",
                "channel:",
                "is:",
                "has:",
                "before:",
                "after:",
                "-",
                "NOT ",
                "\"",
                "“",
                "\\",
                "*",
                " ",
                "me",
                "open",
                "spam",
                "2026-11-24",
                "7d",
                "(415) ",
                "555-0100",
                "\u{85}",
                "\0",
            ][..]
        )
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(terms in proptest::collection::vec(any_term(), 0..8)) {
        let query = Query::of(&terms);
        let read: Vec<&Term> = query.terms.iter().map(|placed| &placed.term).collect();
        prop_assert_eq!(read, terms.iter().collect::<Vec<_>>());
        prop_assert!(!query.leaves_out() || query.problems.iter().all(|p| p.kind == ProblemKind::NothingToFind));
    }

    #[test]
    fn any_text_is_read_and_its_print_is_its_own(text in any_query()) {
        let query = Query::parse(&text);
        let printed = query.to_string();
        let again = Query::parse(&printed);
        prop_assert_eq!(&again, &query, "{}", printed);
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn every_span_is_a_part_of_the_text(text in any_query()) {
        let query = Query::parse(&text);
        let mut last = 0;
        for span in query.terms.iter().map(|placed| &placed.span) {
            prop_assert!(last <= span.bytes.start && span.bytes.start < span.bytes.end);
            last = span.bytes.end;
        }
        prop_assert!(query.problems.is_sorted_by_key(|problem| problem.span.bytes.start));
        for span in query.terms.iter().map(|p| &p.span).chain(query.problems.iter().map(|p| &p.span)) {
            let part = text.get(span.bytes.clone());
            prop_assert!(part.is_some_and(|part| !part.is_empty()));
            let before: usize = text[..span.bytes.start].encode_utf16().count();
            prop_assert_eq!(span.utf16.clone(), before..before + part.unwrap_or_default().encode_utf16().count());
        }
    }

    #[test]
    fn a_part_of_a_query_means_what_it_means_alone(text in any_query()) {
        let query = Query::parse(&text);
        for placed in &query.terms {
            let alone = Query::parse(&text[placed.span.bytes.clone()]);
            prop_assert_eq!(alone.terms.iter().map(|p| &p.term).collect::<Vec<_>>(), [&placed.term]);
        }
    }
}
