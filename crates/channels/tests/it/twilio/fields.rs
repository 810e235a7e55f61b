//! Every field that we send is one that Twilio's document names: the real API ignores a misspelt one in silence.

use std::collections::BTreeMap;

use partyline_channels::{Outbound, PassedLookup, ReportLookup, SentLookup, Way, Webhooks, provider};

use super::send::{CREATED, customer, hello, permit};
use super::{ACCOUNT, connection, http, twilio};
use crate::peer::{Peer, Seen, json};

/// Names only; made from Twilio's API document.
const FIELDS: &str = include_str!("../../fixtures/twilio_fields.txt");

/// The names by request, e.g. `POST Messages.json`.
fn documented() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut section = "";
    for line in FIELDS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(name) => section = name,
            None => all.entry(section).or_default().push(line),
        }
    }
    all
}

/// The heading under which a request's fields are listed.
fn section(seen: &Seen) -> String {
    let path = seen.path.trim_start_matches("/2010-04-01/Accounts/");
    let path = path.strip_prefix(ACCOUNT).expect("our account").trim_start_matches('/');
    let path = path.replace("PN1", "{Sid}").replace("MM1", "{MessageSid}");
    let path = if path == ".json" { "Accounts/{Sid}.json" } else { &path };
    format!("{} {path}", seen.method)
}

#[tokio::test]
async fn every_field_that_is_sent_is_in_twilio_s_document() {
    let sms_url = "https://inbox.example.com/hooks/twilio/conn_1/message";
    let number =
        format!(r#"{{"sid":"PN1","phone_number":"+14155550100","sms_url":"{sms_url}","sms_application_sid":"AP1"}}"#);
    let received = format!(
        r#"{{"sid":"MM1","account_sid":"{ACCOUNT}","from":"+14155550142","to":"+14155550100","status":"received",
        "direction":"inbound","num_media":"1","date_created":"Tue, 24 Nov 2026 08:00:00 +0000"}}"#
    );
    let peer = Peer::start(move |seen, _| {
        let last = seen.path.rsplit('/').next().unwrap_or_default();
        match (seen.method.as_str(), last) {
            ("POST", "Messages.json") => json(201, CREATED),
            (_, "Messages.json") => json(200, format!(r#"{{"messages":[{received}]}}"#)),
            (_, "Media.json") => json(200, r#"{"media_list":[]}"#),
            (_, "IncomingPhoneNumbers.json") => json(200, format!(r#"{{"incoming_phone_numbers":[{number}]}}"#)),
            (_, "PN1.json") => json(200, number.clone()),
            ("GET", sid) if seen.path.contains("/Messages/") && sid != "MM1.json" => json(404, "{}"),
            (_, "MM1.json") => json(200, received.clone()),
            _ => json(200, r#"{"sid":"AC1"}"#),
        }
    })
    .await;
    let (http, connection) = (http(), connection(Some(peer.url())));
    let twilio = twilio();
    twilio.verify(&http, &connection).await.expect("an account");
    let url = |text: &str| text.parse().expect("a URL");
    let hooks = Webhooks {
        message: url(sms_url),
        status: Some(url("https://inbox.example.com/status")),
        voice: Some(url("https://inbox.example.com/voice")),
    };
    twilio.set_webhooks(&http, &connection, &hello().from, &hooks).await.expect("set");
    let message = Outbound {
        media_urls: vec!["https://inbox.example.com/files/a".to_owned()],
        status_callback: Some(url("https://inbox.example.com/status?ref=msg_1")),
        service_id: Some("MG1".to_owned()),
        ..hello()
    };
    twilio.send(&http, &connection, permit(), &message).await;
    let since = partyline_core::time::Millis(0);
    let sent = SentLookup { from: hello().from, to: customer(), since };
    twilio.find_sent(&http, &connection, &sent).await.expect("a list");
    let until = Some(partyline_core::time::Millis(i64::from(i32::MAX)));
    for way in [Way::Received, Way::Sent] {
        let look = PassedLookup { number: hello().from, way, from: since, until, page: None };
        twilio.list_passed(&http, &connection, &look).await.expect("a list");
    }
    twilio.list_media(&http, &connection, "MM1").await.expect("a list");
    for ids in [1, 4] {
        let ids = (0..ids).map(|_| "MM1".to_owned()).chain((0..ids).map(|n| format!("SM{n}"))).collect();
        let look = ReportLookup { from: hello().from, since, ids };
        twilio.find_reports(&http, &connection, &look).await.expect("reports");
    }
    twilio.webhook_of(&http, &connection, &hello().from).await.expect("an address");
    twilio.put_webhook_back(&http, &connection, &hello().from, None).await.expect("put back");

    let documented = documented();
    let mut checked = 0;
    for seen in peer.seen() {
        let section = section(&seen);
        let known = documented.get(section.as_str()).map(Vec::as_slice).unwrap_or_default();
        let text = if seen.method == "POST" { &seen.body } else { &seen.query };
        for (name, _) in url::form_urlencoded::parse(text.as_bytes()) {
            assert!(known.contains(&name.as_ref()), "{section}: {name}");
            checked += 1;
        }
    }
    assert_eq!(checked, 30, "a request was left out of this test, or a field was added");
}

#[test]
fn the_form_and_its_check_agree() {
    let form = twilio().form();
    let names: Vec<_> = form.fields.iter().map(|f| f.name).collect();
    assert_eq!(names, ["account_sid", "auth_token", "api_key_sid", "api_key_secret", "webhook_secret"]);
    let check = |pairs: &[(&str, &str)]| {
        let credentials = pairs.iter().copied().collect();
        match twilio().check(&credentials) {
            Ok(()) => Vec::new(),
            Err(errors) => errors.into_iter().map(|e| (e.field, e.code)).collect(),
        }
    };
    let good = [("account_sid", ACCOUNT), ("auth_token", "t0ken")];
    assert_eq!(check(&good), []);
    assert_eq!(check(&[]), [("account_sid", "required"), ("auth_token", "required")]);
    for bad in [
        "AC1",
        "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaag",
        "ACééééééééééééééééééééééééééééé",
    ] {
        assert_eq!(check(&[("account_sid", bad), good[1]]), [("account_sid", "malformed")], "{bad}");
    }
    assert_eq!(check(&[good[0], ("auth_token", "two words")]), [("auth_token", "malformed")]);
    assert_eq!(check(&[good[0], ("auth_token", "a\u{0}b")]), [("auth_token", "malformed")]);
    let half = [good[0], good[1], ("api_key_sid", "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")];
    assert_eq!(check(&half), [("api_key_secret", "needs_other")]);
    assert_eq!(check(&[good[0], good[1], ("api_key_secret", "x")]), [("api_key_sid", "needs_other")]);
    // what the page shows as JSON
    let shown = serde_json::to_value(form).expect("JSON");
    assert_eq!(shown["fields"][0]["pattern"], "^AC[0-9a-fA-F]{32}$");
    assert_eq!(shown["fields"][1]["secret"], true);
}

#[test]
fn providers_have_names_of_their_own() {
    assert_eq!(provider("twilio").map(partyline_channels::Provider::title), Some("Twilio"));
    assert!(provider("Twilio").is_none());
    let capabilities = serde_json::to_value(twilio().capabilities()).expect("JSON");
    assert_eq!(capabilities["kinds"][0], "sms");
    assert_eq!(capabilities["media"]["max_count"], 10);
    assert_eq!(capabilities["stop"]["toll_free"], "network");
    assert_eq!(twilio().account_id(&connection(None).credentials).as_deref(), Some(ACCOUNT));
}
