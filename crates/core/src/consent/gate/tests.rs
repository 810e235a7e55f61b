use super::*;
use crate::time::{HOUR, SECOND};
use ConsentState::{Express, Implied, Revoked, Written};

/// Noon in every zone of the tests.
const NOW: Millis = Millis(1_795_521_600_000);
const CONFIRMATION: Class = Class::Automatic(Automatic::StopConfirmation);
const HELP: Class = Class::Automatic(Automatic::Help);

fn ask_at(class: Class, ledger: &Ledger, to: &str, now: Millis) -> Decision {
    let to = Party::parse(to).expect("a party");
    decide(class, ledger, &ChannelFacts { to: &to, zones: &[TimeZone::UTC] }, now)
}

fn ask(class: Class, ledger: &Ledger) -> String {
    shown(&ask_at(class, ledger, "+14155550100", NOW))
}

fn shown(decision: &Decision) -> String {
    match decision {
        Decision::Allow(_) => "allow".to_owned(),
        Decision::Warn(warning) => format!("warn {}", warning.reasons()[0]),
        Decision::Defer { reason, .. } => format!("defer {reason}"),
        Decision::Block(reason) => format!("block {reason}"),
    }
}

/// Who wrote this long ago; `None` is never.
fn wrote(ago: Option<i64>) -> Ledger {
    Ledger { last_inbound_at: ago.map(|ago| NOW - ago), ..Ledger::default() }
}

#[test]
fn every_class_against_every_state() {
    // class, state of its purpose, then: never wrote, wrote an hour ago, wrote two days ago
    let table = [
        (Class::Reply, ConsentState::None, ["warn first_contact", "allow", "warn late_reply"]),
        (Class::Reply, Implied, ["warn first_contact", "allow", "warn late_reply"]),
        (Class::Reply, Express, ["allow", "allow", "allow"]),
        (Class::Reply, Written, ["allow", "allow", "allow"]),
        (Class::Reply, Revoked, ["block opted_out"; 3]),
        (Class::Update, ConsentState::None, ["warn first_contact", "block no_consent", "block no_consent"]),
        (Class::Update, Implied, ["warn first_contact", "block no_consent", "block no_consent"]),
        (Class::Update, Express, ["allow"; 3]),
        (Class::Update, Written, ["allow"; 3]),
        (Class::Update, Revoked, ["block opted_out"; 3]),
        (Class::Marketing, ConsentState::None, ["block no_written_consent"; 3]),
        (Class::Marketing, Implied, ["block no_written_consent"; 3]),
        (Class::Marketing, Express, ["block no_written_consent"; 3]),
        (Class::Marketing, Written, ["allow"; 3]),
        (Class::Marketing, Revoked, ["block opted_out"; 3]),
        (CONFIRMATION, ConsentState::None, ["block no_confirmation_due"; 3]),
        (CONFIRMATION, Implied, ["block no_confirmation_due"; 3]),
        (CONFIRMATION, Express, ["block no_confirmation_due"; 3]),
        (CONFIRMATION, Written, ["block no_confirmation_due"; 3]),
        (CONFIRMATION, Revoked, ["block no_confirmation_due"; 3]),
        (HELP, ConsentState::None, ["block no_consent", "allow", "allow"]),
        (HELP, Implied, ["block no_consent", "allow", "allow"]),
        (HELP, Express, ["block no_consent", "allow", "allow"]),
        (HELP, Written, ["block no_consent", "allow", "allow"]),
        (HELP, Revoked, ["block opted_out"; 3]),
    ];
    assert_eq!(table.len(), Class::ALL.len() * ConsentState::ALL.len());
    for (class, state, expected) in table {
        for (ago, expected) in [None, Some(HOUR), Some(48 * HOUR)].into_iter().zip(expected) {
            let ledger = match class {
                Class::Marketing => Ledger { marketing: state, ..wrote(ago) },
                _ => Ledger { update: state, ..wrote(ago) },
            };
            assert_eq!(ask(class, &ledger), expected, "{class} {state} {ago:?}");
            let blocked = Ledger { provider_blocked: true, stopped_at: Some(NOW), ..ledger };
            assert_eq!(ask(class, &blocked), "block opted_out", "{class} {state} {ago:?}, blocked by the provider");
        }
    }
}

#[test]
fn a_reply_is_one_until_a_day_has_passed() {
    assert_eq!(ask(Class::Reply, &wrote(Some(24 * HOUR))), "allow");
    assert_eq!(ask(Class::Reply, &wrote(Some(24 * HOUR + 1))), "warn late_reply");
    // a clock ahead of ours
    assert_eq!(ask(Class::Reply, &wrote(Some(-HOUR))), "allow");
}

#[test]
fn revoked_marketing_alone_stops_neither_replies_nor_updates() {
    let ledger = Ledger { marketing: Revoked, update: Express, ..wrote(Some(HOUR)) };
    assert_eq!(ask(Class::Reply, &ledger), "allow");
    assert_eq!(ask(Class::Update, &ledger), "allow");
    assert_eq!(ask(Class::Marketing, &ledger), "block opted_out");
    let ledger = Ledger { marketing: Written, update: Revoked, ..wrote(Some(HOUR)) };
    assert_eq!(ask(Class::Marketing, &ledger), "block opted_out");
}

#[test]
fn an_opted_out_address_gets_the_one_confirmation_and_nothing_else() {
    let stopped = Ledger { update: Revoked, marketing: Revoked, stopped_at: Some(NOW - SECOND), ..wrote(Some(SECOND)) };
    assert_eq!(ask(CONFIRMATION, &stopped), "allow");
    for class in Class::ALL {
        if class != CONFIRMATION {
            assert_eq!(ask(class, &stopped), "block opted_out", "{class}");
        }
        let confirmed = Ledger { stop_confirmed: true, ..stopped };
        assert!(ask(class, &confirmed).starts_with("block "), "{class}");
    }
    for (ago, expected) in [(5 * MINUTE, "allow"), (5 * MINUTE + 1, "block no_confirmation_due")] {
        let ledger = Ledger { stopped_at: Some(NOW - ago), ..stopped };
        assert_eq!(ask(CONFIRMATION, &ledger), expected, "{ago}");
    }
    // the provider has answered them, and would refuse ours
    assert_eq!(ask(CONFIRMATION, &Ledger { provider_blocked: true, ..stopped }), "block opted_out");
}

#[test]
fn marketing_waits_for_the_morning() {
    let ledger = Ledger { marketing: Written, ..wrote(None) };
    let night = Millis::parse("2026-11-24T23:00:00Z").expect("a time");
    let Decision::Defer { until, reason } = ask_at(Class::Marketing, &ledger, "+14155550100", night) else {
        panic!("it is night");
    };
    assert_eq!((until.to_string().as_str(), reason), ("2026-11-25T08:00:00Z", Reason::QuietHours));
    assert_eq!(shown(&ask_at(Class::Marketing, &ledger, "+14155550100", until)), "allow");
    // only marketing does
    let asked = Ledger { update: Express, ..wrote(Some(HOUR)) };
    for class in [Class::Reply, Class::Update, HELP] {
        assert_eq!(shown(&ask_at(class, &asked, "+14155550100", night)), "allow", "{class}");
    }
}

#[test]
fn marketing_that_can_never_go_is_blocked() {
    let ledger = Ledger { marketing: Written, ..wrote(None) };
    let to = Party::parse("+14155550100").expect("a party");
    let zones = [-8, 0, 8].map(|h| TimeZone::fixed(jiff::tz::Offset::from_hours(h).expect("an offset")));
    let decision = decide(Class::Marketing, &ledger, &ChannelFacts { to: &to, zones: &zones }, NOW);
    assert_eq!(shown(&decision), "block quiet_hours");
}

#[test]
fn what_is_no_phone_cannot_receive() {
    let ledger = Ledger { update: Written, marketing: Written, ..wrote(Some(HOUR)) };
    for to in ["72345", "ACME"] {
        for class in Class::ALL {
            assert_eq!(shown(&ask_at(class, &ledger, to, NOW)), "block cannot_receive", "{class} {to}");
        }
    }
}

#[test]
fn a_warning_becomes_a_permit_when_all_its_reasons_are_confirmed() {
    let warning = || match ask_at(Class::Reply, &wrote(None), "+14155550100", NOW) {
        Decision::Warn(warning) => warning,
        other => panic!("{other:?}"),
    };
    let again = warning().confirmed(&[Reason::LateReply]).expect_err("another reason");
    assert_eq!(again.reasons(), [Reason::FirstContact]);
    assert!(warning().confirmed(&[]).is_err());
    let permit = warning().confirmed(&[Reason::LateReply, Reason::FirstContact]).expect("confirmed");
    assert_eq!(permit.class(), Class::Reply);
}

#[test]
fn codes_come_back_and_every_reason_has_a_sentence() {
    for reason in Reason::ALL {
        let back: Reason = reason.code().parse().expect("a code");
        assert_eq!(back.code(), reason.code());
        assert!(reason.detail().ends_with('.'), "{reason}");
    }
    assert_eq!("opted_out".parse(), Ok(Reason::OptedOut));
    assert_eq!("anything".parse::<Reason>(), Err(UnknownWord));
}
