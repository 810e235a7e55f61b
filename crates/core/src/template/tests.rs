use proptest::prelude::*;

use super::*;

fn template(text: &str) -> Template {
    Template::parse(text).unwrap_or_else(|e| panic!("{text:?}: {e}"))
}

fn values(given: &[(&str, &str)]) -> Values {
    let mut values = Values::default();
    for (name, value) in given {
        values.set(name, *value);
    }
    values
}

fn missing(rendered: &Rendered) -> Vec<&str> {
    rendered.missing.iter().map(|m| m.name.as_str()).collect()
}

#[test]
fn a_template_is_read_and_printed_as_its_author_would_write_it() {
    for (text, printed) in [
        ("", ""),
        ("See you soon.", "See you soon."),
        ("Hi {{ contact.first_name | default('there') }}, we are open until {{ hours.closes_today }}.", ""),
        ("{{contact.name}}", "{{ contact.name }}"),
        ("{{\tcontact.name\n}}", "{{ contact.name }}"),
        ("{{ Contact.First_Name }}", "{{ contact.first_name }}"),
        ("{{ unit_2 }}{{ 4 }}", ""),
        ("{{contact.name|default('you')}}", "{{ contact.name | default('you') }}"),
        ("{{ a | default ( \"you\" ) }}", "{{ a | default('you') }}"),
        ("{{ a | default(‘you’) }} {{ a | default(“you”) }}", "{{ a | default('you') }} {{ a | default('you') }}"),
        ("{{ a | default('') }}", ""),
        (r#"{{ a | default("it's") }}"#, r"{{ a | default('it\'s') }}"),
        (r"{{ a | default('C:\\temp\new') }}", r"{{ a | default('C:\\temp\\new') }}"),
        ("{{ a | default('{{ b }} | }}') }}", ""),
        // braces that are text
        ("{ a } }} {% if %} {# no #} {", ""),
        ("{{ '{{' }} name }}", ""),
        ("{{ '{{{' }}{{ a }}", ""),
        ("{{ '{' }}{{ a }}", ""),
        ("{{ 'a' }}{{ \"b\" }}", "ab"),
    ] {
        let printed = if printed.is_empty() { text } else { printed };
        assert_eq!(template(text).to_string(), printed, "{text:?}");
        assert_eq!(template(printed), template(text), "{text:?}");
    }
}

#[test]
fn what_is_wrong_is_named_and_marked() {
    let long_name = format!("{{{{ {} }}}}", "n".repeat(MAX_NAME + 1));
    for (text, kind, marked) in [
        ("Hi {{ contact.name", ErrorKind::Unclosed, "{{"),
        ("Hi {{ contact.name }, {{ b }}", ErrorKind::Unclosed, "{{"),
        ("Hi {{ contact.name and {{ b }}", ErrorKind::Unclosed, "{{"),
        ("Hi {{", ErrorKind::Unclosed, "{{"),
        ("Hi {{ a | default('you')", ErrorKind::Unclosed, "{{"),
        ("Hi {{ a | default('you) }}", ErrorKind::UnclosedQuote, "'"),
        ("Hi {{ “a }}", ErrorKind::UnclosedQuote, "“"),
        (r"Hi {{ a | default('you\') }}", ErrorKind::UnclosedQuote, "'"),
        ("Hi {{ }}.", ErrorKind::Empty, "{{ }}"),
        ("Hi {{}}.", ErrorKind::Empty, "{{}}"),
        ("Hi {{ | default('you') }}", ErrorKind::Name, "| default('you')"),
        ("Hi {{ order number }}", ErrorKind::Name, "order number"),
        ("Hé {{ prénom }}", ErrorKind::Name, "prénom"),
        ("Hi {{ contact..name }}", ErrorKind::Name, "contact..name"),
        ("Hi {{ .name }}", ErrorKind::Name, ".name"),
        ("Hi {{ a-b | default('c') }}", ErrorKind::Name, "a-b | default('c')"),
        ("Hi {{{ a }}", ErrorKind::Name, "{ a"),
        ("Hi {{ contact.<b>name</b> }}", ErrorKind::Name, "contact.<b>name</b>"),
        (&long_name, ErrorKind::NameTooLong, &long_name[3..3 + MAX_NAME + 1]),
        ("Hi {{ a | upper }}", ErrorKind::Fallback, "| upper"),
        ("Hi {{ a | default }}", ErrorKind::Fallback, "| default"),
        ("Hi {{ a | default() }}", ErrorKind::Fallback, "| default()"),
        ("Hi {{ a | default(b) }}", ErrorKind::Fallback, "| default(b)"),
        ("Hi {{ a | default('b', true) }}", ErrorKind::Fallback, "| default('b', true)"),
        ("Hi {{ a | 'b' }}", ErrorKind::Fallback, "| 'b'"),
        ("Hi {{ a | default('b') | upper }}", ErrorKind::Trailing, "| upper"),
        ("Hi {{ 'a' | default('b') }}", ErrorKind::Trailing, "| default('b')"),
    ] {
        let error = Template::parse(text).expect_err(text);
        let Span { start, end } = error.span;
        let at: String = text.chars().skip(start).take(end - start).collect();
        assert_eq!((error.kind, at.as_str()), (kind, marked), "{text:?}");
    }
    let error = Template::parse("Hi {{ name").expect_err("open");
    assert_eq!(
        error.to_string(),
        "This placeholder is not closed. End it with }}, or write {{ '{{' }} for the two braces themselves."
    );
}

#[test]
fn bounds_hold_and_are_not_one_off() {
    assert!(Template::parse(&"é".repeat(MAX_CHARS)).is_ok());
    let error = Template::parse(&"é".repeat(MAX_CHARS + 2)).expect_err("too long");
    assert_eq!(error.kind, ErrorKind::TooLong);
    assert_eq!(error.span, Span { start: MAX_CHARS, end: MAX_CHARS + 2 });

    assert!(Template::parse(&"{{ a }}".repeat(MAX_PLACEHOLDERS)).is_ok());
    let error = Template::parse(&"{{ a }}".repeat(MAX_PLACEHOLDERS + 2)).expect_err("too many");
    assert_eq!(error.kind, ErrorKind::TooMany);
    assert_eq!(error.span, Span { start: 7 * MAX_PLACEHOLDERS, end: 7 * (MAX_PLACEHOLDERS + 1) });
    assert!(Template::parse(&"{{ '{{' }}".repeat(MAX_PLACEHOLDERS + 1)).is_ok(), "quoted text is no placeholder");

    assert!(Template::parse(&format!("{{{{ {} }}}}", "n".repeat(MAX_NAME))).is_ok());
}

#[test]
fn every_error_has_its_own_word_and_says_what_to_do() {
    let kinds = [
        ErrorKind::TooLong,
        ErrorKind::TooMany,
        ErrorKind::Unclosed,
        ErrorKind::UnclosedQuote,
        ErrorKind::Empty,
        ErrorKind::Name,
        ErrorKind::NameTooLong,
        ErrorKind::Fallback,
        ErrorKind::Trailing,
    ];
    let codes: std::collections::BTreeSet<&str> = kinds.iter().map(|k| k.code()).collect();
    assert_eq!(codes.len(), kinds.len());
    for kind in kinds {
        let sentences = kind.to_string();
        assert!(sentences.contains(". ") && sentences.ends_with('.'), "{sentences}");
    }
}

#[test]
fn names_are_listed_once_with_what_they_are_and_whether_they_may_be_asked_for() {
    let template = template(
        "{{ day }} {{ contact.name | default('you') }} {{ team.name | default('us') }} {{ contact.name }} {{ DAY }} {{ contact.frist_name }}",
    );
    let used: Vec<_> = template.variables().iter().map(|u| (u.name, u.variable, u.has_fallback)).collect();
    assert_eq!(
        used,
        [
            ("day", None, false),
            ("contact.name", Some(Variable::ContactName), false),
            ("team.name", Some(Variable::TeamName), true),
            ("contact.frist_name", None, false),
        ]
    );
}

#[test]
fn variables_come_back_from_their_words_and_can_be_written_in_a_template() {
    for variable in Variable::ALL {
        assert_eq!(variable.as_str().parse(), Ok(*variable));
        assert!(!variable.label().is_empty());
        let template = template(&format!("{{{{ {variable} }}}}"));
        assert_eq!(template.variables()[0].variable, Some(*variable));
        assert_eq!(template.render(&Values::default()).missing[0].label, Some(variable.label()));
    }
    assert_eq!("hours.closes_today".parse::<Variable>(), Err(crate::delivery::UnknownWord));
}

#[test]
fn a_value_goes_before_its_fallback_and_a_fallback_before_a_question() {
    let template = template("Hi {{ contact.first_name | default('there') }}, ask {{ agent.name }}.");
    for (given, text, asked) in [
        (&[("contact.first_name", "Maya"), ("agent.name", "Ana")][..], "Hi Maya, ask Ana.", &[][..]),
        (&[("agent.name", "Ana")], "Hi there, ask Ana.", &[]),
        (&[("contact.first_name", ""), ("agent.name", "Ana")], "Hi there, ask Ana.", &[]),
        (&[("contact.first_name", " \n"), ("agent.name", "Ana")], "Hi there, ask Ana.", &[]),
        (&[("contact.first_name", "Maya"), ("agent.name", " ")], "Hi Maya, ask {{ agent.name }}.", &["agent.name"]),
        (&[], "Hi there, ask {{ agent.name }}.", &["agent.name"]),
        (&[("AGENT.NAME", " Ana  R. "), ("other", "x")], "Hi there, ask  Ana  R. .", &[]),
    ] {
        let rendered = template.render(&values(given));
        assert_eq!((rendered.text.as_str(), missing(&rendered).as_slice()), (text, asked), "{given:?}");
    }
}

#[test]
fn what_is_missing_is_asked_once_in_order_and_stands_in_the_text() {
    let template = template("{{ b }}, {{ a | default('x') }}, {{a}}, {{ b }}, {{ hours.closes_today }}");
    let rendered = template.render(&Values::default());
    assert_eq!(missing(&rendered), ["b", "a", "hours.closes_today"]);
    assert_eq!(rendered.text, "{{ b }}, x, {{ a }}, {{ b }}, {{ hours.closes_today }}");
    assert!(rendered.missing.iter().all(|m| m.label.is_none()));
}

#[test]
fn what_was_written_last_counts() {
    let given = values(&[("contact.name", "maya l"), ("contact.name", "Maya Lindqvist")]);
    assert_eq!(template("{{ contact.name }}").render(&given).text, "Maya Lindqvist");
}

#[test]
fn nothing_around_a_placeholder_is_tidied() {
    let empty = Values::default();
    assert_eq!(template("Hi {{ contact.name | default('') }}, ok").render(&empty).text, "Hi , ok");
    assert_eq!(template(" {{ a | default(' ') }} \n").render(&empty).text, "   \n");
}

#[test]
fn a_value_is_never_read_as_a_template() {
    let sly = "{{ agent.name }} {{ '{{' }} }} {{ a | default('";
    let given = values(&[("contact.name", sly), ("agent.name", "Ana")]);
    assert_eq!(template("{{ contact.name }}!").render(&given).text, format!("{sly}!"));
    // not together with what stands around it either
    let given = values(&[("contact.name", "{ agent.name }"), ("agent.name", "Ana")]);
    assert_eq!(template("{{ '{' }}{{ contact.name }}}").render(&given).text, "{{ agent.name }}");
    // a fallback is text as well
    assert_eq!(template("{{ b | default('{{ agent.name }}') }}").render(&given).text, "{{ agent.name }}");
}

#[test]
fn html_escapes_values_and_leaves_the_template() {
    let given =
        values(&[("contact.name", r#"<script>"R&D" 'x'</script>"#), ("agent.signature", "Ana\r\nWest\nPhone\r1")]);
    for (text, html) in [
        ("<p>{{ contact.name }}</p>", "<p>&lt;script&gt;&quot;R&amp;D&quot; &#39;x&#39;&lt;/script&gt;</p>"),
        ("<i>{{ agent.signature }}</i>", "<i>Ana<br>West<br>Phone<br>1</i>"),
        ("<p>{{ a | default('<b>R&amp;D</b>') }}{{ '{{' }}</p>", "<p><b>R&amp;D</b>{{</p>"),
        ("<p>{{ b }}</p>", "<p>{{ b }}</p>"),
    ] {
        assert_eq!(template(text).render_html(&given).text, html, "{text}");
    }
    let plain = template("{{ contact.name }}{{ agent.signature }}").render(&given).text;
    assert_eq!(plain, "<script>\"R&D\" 'x'</script>Ana\r\nWest\nPhone\r1");
    assert_eq!(missing(&template("{{ b }}").render_html(&given)), ["b"]);
}

/// Far above the bound, where time that grows with the square of the length would not end.
#[test]
fn a_long_template_takes_time_in_proportion() {
    for piece in ["{", "{{ '{{' }}", "}}", "{ ", "{{ ''}}", "é'", "{{ a | default('", "{{ a", "{{ '", "\\"] {
        let text = piece.repeat(500_000);
        if let Ok(template) = parse::read(&text) {
            assert!(template.to_string().len() >= template.render(&Values::default()).text.len());
        }
    }
}

/// Pieces of templates, whole and broken.
const PIECES: &str = r#"(\{\{|\}\}|\{|\}|\||'|"|“|”|‘|\\|default|\(|\)|\.|a|B|_|contact\.name|é|🎉| |\n|\{\{ a \| default\('b'\) \}\}){0,30}"#;

proptest! {
    #[test]
    fn no_text_panics_and_errors_lie_within_it(text in prop_oneof![any::<String>(), PIECES.prop_map(|s| s)]) {
        if let Err(error) = Template::parse(&text) {
            prop_assert!(error.span.start < error.span.end && error.span.end <= text.chars().count(), "{:?}", error);
        }
    }

    #[test]
    fn what_is_read_prints_to_what_reads_the_same(text in PIECES) {
        if let Ok(template) = Template::parse(&text) {
            let printed = template.to_string();
            prop_assert_eq!(Template::parse(&printed), Ok(template.clone()), "{}", printed);
            prop_assert_eq!(template.to_string(), printed);
        }
    }

    #[test]
    fn every_text_and_fallback_can_be_written(text: String, fallback: String) {
        let placeholder = Placeholder { name: "a".to_owned(), fallback: Some(fallback.clone()) };
        let mut parts = vec![Part::Placeholder(placeholder)];
        if !text.is_empty() {
            parts.insert(0, Part::Text(text.clone()));
            parts.push(Part::Text(text.clone()));
        }
        let template = Template { parts };
        prop_assert_eq!(Template::parse(&template.to_string()), Ok(template.clone()));
        prop_assert_eq!(template.render(&Values::default()).text, format!("{text}{fallback}{text}"));
    }

    #[test]
    fn with_all_values_nothing_is_missing(text in PIECES, value in "\\PC*[^\\s]\\PC*") {
        if let Ok(template) = Template::parse(&text) {
            let mut values = Values::default();
            let asked = template.render(&values).missing;
            for name in &asked {
                values.set(&name.name, value.clone());
            }
            prop_assert_eq!(template.render(&values).missing, []);
            prop_assert_eq!(template.render_html(&values).missing, []);
            prop_assert!(asked.is_empty() || template.render(&values).text.contains(&value));
        }
    }
}
