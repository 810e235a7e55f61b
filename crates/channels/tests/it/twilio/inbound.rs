use partyline_channels::{
    Hook, Inbound, InboundText, MediaRef, OptOut, StatusReport, Unintelligible, WebhookRequest, with_correlation,
};
use partyline_core::delivery::DeliveryStatus;
use proptest::prelude::*;

use super::{ACCOUNT, twilio};

const URL: &str = "https://inbox.example.com/hooks/twilio/conn_1/message";
const SMS: &str = "ToCountry=US&ToState=CA&SmsMessageSid=SM1&NumMedia=0&ToCity=&FromZip=94105&SmsSid=SM1&FromState=CA\
    &SmsStatus=received&FromCity=SAN+FRANCISCO&Body=caf%C3%A9+%F0%9F%8C%AE&FromCountry=US&To=%2B14155550100\
    &MessagingServiceSid=MG1&ToZip=&NumSegments=2&MessageSid=SM1&AccountSid=ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\
    &From=%2B14155550199&ApiVersion=2010-04-01&SomethingNew=x";

fn understand_at(hook: Hook, url: &str, body: &str) -> Result<Inbound, Unintelligible> {
    let headers = [("content-type".to_owned(), "application/x-www-form-urlencoded; charset=UTF-8".to_owned())];
    let request = WebhookRequest { method: "POST", url, headers: &headers, body: body.as_bytes() };
    let mut all = twilio().understand(hook, &request)?;
    assert_eq!(all.len(), 1);
    Ok(all.remove(0))
}

fn text(body: &str) -> Result<InboundText, Unintelligible> {
    match understand_at(Hook::Message, URL, body)? {
        Inbound::Text(text) => Ok(text),
        Inbound::Status(_) => panic!("a status"),
    }
}

fn report(body: &str) -> Result<StatusReport, Unintelligible> {
    let hook = "https://inbox.example.com/hooks/twilio/conn_1/status".parse().expect("a URL");
    match understand_at(Hook::Status, with_correlation(&hook, "msg_01").as_str(), body)? {
        Inbound::Status(report) => Ok(report),
        Inbound::Text(_) => panic!("a text"),
    }
}

#[test]
fn a_text_is_understood_in_any_order_of_fields() {
    let all = text(SMS).expect("understood");
    assert_eq!(all.provider_id, "SM1");
    assert_eq!(all.account_id, ACCOUNT);
    assert_eq!((all.from.value(), all.to.value()), ("+14155550199", "+14155550100"));
    assert_eq!(all.text, "café 🌮");
    assert_eq!((all.segments, all.service_id.as_deref()), (Some(2), Some("MG1")));
    assert_eq!((all.opt_out, all.sent_at), (None, None));
    assert!(all.media.is_empty());

    let reversed = SMS.split('&').rev().collect::<Vec<_>>().join("&");
    assert_eq!(text(&reversed), Ok(all));
}

#[test]
fn the_same_by_get() {
    let url = format!("{URL}?{SMS}");
    let request = WebhookRequest { method: "GET", url: &url, headers: &[], body: b"" };
    let understood = twilio().understand(Hook::Message, &request);
    assert_eq!(understood, Ok(vec![Inbound::Text(text(SMS).expect("understood"))]));
}

#[test]
fn files_come_with_what_the_sender_calls_them() {
    let body = SMS.replace("NumMedia=0", "NumMedia=3")
        + "&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2Fa&MediaContentType0=image%2Fjpeg&MediaUrl1=https%3A%2F%2Fapi.twilio.com%2Fb";
    let file = |url: &str, kind: &str| MediaRef { url: url.to_owned(), content_type: kind.to_owned() };
    let expected = vec![file("https://api.twilio.com/a", "image/jpeg"), file("https://api.twilio.com/b", "")];
    assert_eq!(text(&body).expect("understood").media, expected);

    let endless = SMS.replace("NumMedia=0", "NumMedia=18446744073709551615");
    assert!(text(&endless).expect("understood").media.is_empty());
}

#[test]
fn opt_out_words_that_twilio_answered_are_marked() {
    for (word, expected) in [
        ("STOP", Some(OptOut::Stop)),
        ("START", Some(OptOut::Start)),
        ("HELP", Some(OptOut::Help)),
        ("", None),
        ("X", None),
    ] {
        assert_eq!(text(&format!("{SMS}&OptOutType={word}")).expect("understood").opt_out, expected);
    }
}

#[test]
fn senders_that_are_not_telephones_are_understood() {
    for (sender, kind) in [("72345", "short_code"), ("Pharmacy+1", "sender_name"), ("%2B266696687", "phone")] {
        let body = SMS.replace("%2B14155550199", sender);
        assert_eq!(text(&body).expect("understood").from.kind(), kind);
    }
}

#[test]
fn what_can_t_be_understood_says_why() {
    let whatsapp = SMS.replace("From=%2B", "From=whatsapp%3A%2B");
    assert_eq!(text(&whatsapp), Err(Unintelligible::Unsupported("WhatsApp messages")));
    assert_eq!(text(&SMS.replace("From=%2B14155550199", "From=")), Err(Unintelligible::Missing("From")));
    assert_eq!(text(&SMS.replace("From=%2B14155550199", "From=%2B1")), Err(Unintelligible::BadAddress("From")));
    assert_eq!(text(""), Err(Unintelligible::Missing("SmsSid")));
    assert_eq!(report("MessageSid=SM1&MessageStatus=exploded"), Err(Unintelligible::UnknownStatus));
    assert_eq!(report("MessageSid=SM1&MessageStatus=received"), Err(Unintelligible::UnknownStatus));
    assert_eq!(understand_at(Hook::Voice, URL, SMS), Err(Unintelligible::Unsupported("calls")));
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    let json = WebhookRequest { method: "POST", url: URL, headers: &headers, body: b"{}" };
    assert_eq!(twilio().understand(Hook::Message, &json), Err(Unintelligible::NotAForm));
}

#[test]
fn a_report_finds_its_message_by_our_own_id_too() {
    let report =
        report("MessageSid=SM1&MessageStatus=delivered&SmsStatus=sent&RawDlrDoneDate=2611240900").expect("understood");
    assert_eq!(report.provider_id, "SM1");
    assert_eq!(report.correlation.as_deref(), Some("msg_01"));
    assert_eq!((report.status, report.raw_status.as_str()), (DeliveryStatus::Delivered, "delivered"));
    assert_eq!(report.error, None);
}

#[test]
fn every_state_of_twilio_s_document_has_a_meaning() {
    use DeliveryStatus::{Delivered, Failed, Read, Sent};
    for (word, expected) in [
        ("accepted", Sent),
        ("scheduled", Sent),
        ("queued", Sent),
        ("sending", Sent),
        ("sent", Sent),
        ("partially_delivered", Sent),
        ("delivered", Delivered),
        ("read", Read),
        ("undelivered", Failed),
        ("failed", Failed),
        ("canceled", Failed),
    ] {
        let report = report(&format!("MessageSid=SM1&MessageStatus={word}")).expect("understood");
        assert_eq!(report.status, expected, "{word}");
        assert_eq!(report.error.is_some(), expected == Failed, "{word}");
    }
}

#[test]
fn a_failure_says_why_in_plain_words() {
    let error = |code: &str| {
        report(&format!("MessageSid=SM1&MessageStatus=undelivered&ErrorCode={code}"))
            .expect("understood")
            .error
            .expect("an error")
    };
    let unreachable = error("30003");
    assert_eq!((unreachable.code.as_str(), unreachable.provider_code.as_deref()), ("unreachable", Some("30003")));
    assert_eq!(unreachable.detail, "Their phone can't be reached: it is off or has no signal. Try again later.");
    assert_eq!(error("31999").code, "refused");
    assert_eq!(error("").code, "carrier_error");
    assert_eq!(error("-1").code, "carrier_error");
}

#[test]
fn texts_and_secrets_are_not_in_what_is_logged() {
    let shown = format!("{:?}", text(SMS).expect("understood"));
    assert!(!shown.contains("café") && !shown.contains("4155550199"), "{shown}");
}

#[test]
fn the_answers_are_what_twilio_expects() {
    let answer = twilio().answer(Hook::Message);
    assert_eq!((answer.status, answer.content_type), (200, Some("text/xml")));
    assert_eq!(answer.body, r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#);
    let answer = twilio().answer(Hook::Status);
    assert_eq!((answer.status, answer.content_type, answer.body), (204, None, ""));
}

proptest! {
    #[test]
    fn no_bytes_panic(
        body in prop::collection::vec(any::<u8>(), 0..400),
        url in ".{0,40}",
        method in prop_oneof![Just("POST"), Just("GET"), Just("")],
    ) {
        let headers = [("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        let request = WebhookRequest { method, url: &url, headers: &headers, body: &body };
        for hook in [Hook::Message, Hook::Status, Hook::Voice] {
            let _ = twilio().understand(hook, &request);
        }
    }

    #[test]
    fn no_value_of_any_field_panics(at in 0usize..24, value in ".{0,12}") {
        let mut fields: Vec<(String, String)> =
            url::form_urlencoded::parse(SMS.as_bytes()).into_owned().collect();
        let at = at % fields.len();
        fields[at].1 = value;
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let _ = text(&body);
    }

    #[test]
    fn what_they_wrote_arrives_unchanged(words in "[^\u{0}]{0,80}") {
        let body = url::form_urlencoded::Serializer::new(SMS.replace("&Body=", "&_=")).append_pair("Body", &words).finish();
        prop_assert_eq!(text(&body).expect("understood").text, words);
    }
}
