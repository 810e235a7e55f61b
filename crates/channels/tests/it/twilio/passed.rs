use axum::http::HeaderValue;
use partyline_channels::{PassedLookup, PassedPage, PassedWhat, ReportLookup, Way};
use partyline_core::delivery::DeliveryStatus;
use partyline_core::phone::Party;
use serde_json::{Value, json as more};

use super::listing::{at, message, page};
use super::{connection, http, path, twilio};
use crate::peer::{Peer, Seen, json};

fn look(way: Way, until: Option<&str>) -> PassedLookup {
    PassedLookup {
        number: Party::parse("+14155550100").expect("a number"),
        way,
        from: at("2026-11-24T08:01:00.900Z"),
        until: until.map(at),
        page: None,
    }
}

async fn list(peer: &Peer, look: &PassedLookup) -> PassedPage {
    twilio().list_passed(&http(), &connection(Some(peer.url())), look).await.expect("a page")
}

fn ids(page: &PassedPage) -> Vec<&str> {
    page.messages.iter().map(|m| m.provider_id.as_str()).collect()
}

#[tokio::test]
async fn a_page_holds_one_way_of_one_interval_newest_first_and_says_what_time_it_is_there() {
    let next = path("Messages.json?Page=1");
    let peer = Peer::start(move |_, _| {
        let late = more!({"num_media": "2", "date_sent": "Tue, 24 Nov 2026 08:03:30 +0000"});
        let mut answer = page(
            &[
                message("MM3", "inbound", 3, "received", &late),
                message("SM2", "outbound-api", 2, "sent", &Value::Null),
                message("SM1", "inbound", 1, "received", &more!({"messaging_service_sid": "MG1"})),
            ],
            Some(&next),
        );
        answer.headers_mut().insert("date", HeaderValue::from_static("Tue, 24 Nov 2026 08:04:05 GMT"));
        answer
    })
    .await;
    let found = list(&peer, &look(Way::Received, Some("2026-11-24T08:05:00.100Z"))).await;
    assert_eq!(ids(&found), ["MM3", "SM1"]);
    assert_eq!((found.messages[0].at, found.messages[0].files), (at("2026-11-24T08:03:30Z"), 2));
    assert_eq!((found.provider_now, found.is_coarse), (Some(at("2026-11-24T08:04:05Z")), false));
    let PassedWhat::Received(text) = &found.messages[1].what else { panic!("{found:?}") };
    assert_eq!((text.from.value(), text.to.value()), ("+14155550142", "+14155550100"));
    assert_eq!((text.sent_at, text.service_id.as_deref()), (Some(at("2026-11-24T08:01:00Z")), Some("MG1")));
    // the whole seconds around what was asked for
    let asked = "Messages.json?To=%2B14155550100&DateSent%3E=2026-11-24T08%3A01%3A00Z&DateSent%3C=2026-11-24T08%3A05%3A01Z&PageSize=200";
    assert_eq!(peer.only().line(), format!("GET {}", path(asked)));
    assert_eq!(found.next, Some(path("Messages.json?Page=1")));
}

#[tokio::test]
async fn what_was_sent_from_a_number_is_listed_with_what_became_of_it() {
    let peer = Peer::start(|_, _| {
        page(
            &[
                message("SM3", "outbound-api", 3, "undelivered", &more!({"error_code": 30006})),
                message("SM2", "inbound", 2, "received", &Value::Null),
                message("SM1", "outbound-reply", 2, "delivered", &Value::Null),
            ],
            None,
        )
    })
    .await;
    let found = list(&peer, &look(Way::Sent, None)).await;
    let states: Vec<_> = found
        .messages
        .iter()
        .filter_map(|m| match &m.what {
            PassedWhat::Sent(sent) => {
                Some((m.provider_id.as_str(), sent.status, sent.error.as_ref().map(|e| e.code.as_str())))
            }
            _ => None,
        })
        .collect();
    assert_eq!(states, [("SM3", DeliveryStatus::Failed, Some("landline")), ("SM1", DeliveryStatus::Delivered, None)]);
    assert!(peer.only().query.starts_with("From=%2B14155550100&DateSent%3E="), "{}", peer.only().query);
}

#[tokio::test]
async fn a_list_that_is_cut_by_days_is_cut_again_here_and_said_to_be_coarse() {
    let next = path("Messages.json?Page=1");
    let peer = Peer::start(move |_, _| {
        page(
            &[
                message("SM9", "inbound", 9, "received", &Value::Null),
                message("SM2", "inbound", 2, "received", &Value::Null),
                message("SM0", "inbound", 0, "received", &Value::Null),
            ],
            Some(&next),
        )
    })
    .await;
    let found = list(&peer, &look(Way::Received, Some("2026-11-24T08:05:00Z"))).await;
    assert_eq!((ids(&found), found.is_coarse, &found.next), (vec!["SM2"], true, &None));
}

#[tokio::test]
async fn a_message_that_can_t_be_understood_is_listed_as_such() {
    let peer = Peer::start(|_, _| {
        page(
            &[
                message("SM4", "inbound", 4, "received", &more!({"status": 7})),
                message("SM3", "inbound", 3, "received", &Value::Null),
                message("SM2", "inbound", 2, "received", &more!({"from": "whatsapp:+14155550142"})),
            ],
            None,
        )
    })
    .await;
    let found = list(&peer, &look(Way::Received, None)).await;
    assert_eq!(ids(&found), ["SM4", "SM3", "SM2"], "one that is not as documented hides no others");
    assert!(matches!(found.messages[1].what, PassedWhat::Received(_)), "{found:?}");
    for (unreadable, code) in [(&found.messages[0], "malformed_field"), (&found.messages[2], "unsupported")] {
        let PassedWhat::Unreadable { why, listed } = &unreadable.what else { panic!("{found:?}") };
        assert_eq!(why.code(), code);
        assert_eq!(twilio().understand_listed(listed.0.as_bytes()).as_ref(), Err(why));
    }
    // once the reader is mended, what was kept is the message that was listed
    let PassedWhat::Unreadable { listed, .. } = &found.messages[2].what else { panic!("{found:?}") };
    let mended = listed.0.replace("whatsapp:", "");
    let text = twilio().understand_listed(mended.as_bytes()).expect("a text");
    assert_eq!((text.from.value(), text.sent_at), ("+14155550142", Some(at("2026-11-24T08:02:00Z"))));
    assert!(!format!("{found:?}").contains("text of SM2"), "what somebody wrote is not logged");
}

#[tokio::test]
async fn the_files_of_a_message_are_listed_at_twilio_s_own_address() {
    let peer = Peer::start(|_, _| {
        json(200, r#"{"media_list":[{"sid":"ME1","content_type":"image/png","uri":"x"},{"sid":"ME2"}]}"#)
    })
    .await;
    let media = twilio().list_media(&http(), &connection(Some(peer.url())), "MM3").await.expect("a list");
    let urls: Vec<_> = media.iter().map(|m| (m.url.as_str(), m.content_type.as_str())).collect();
    let base = format!("http://{}{}", peer.address, path("Messages/MM3/Media"));
    assert_eq!(urls, [(format!("{base}/ME1").as_str(), "image/png"), (format!("{base}/ME2").as_str(), "")]);
}

fn reports_of(ids: &[&str]) -> ReportLookup {
    ReportLookup {
        from: Party::parse("+14155550100").expect("a number"),
        since: at("2026-11-24T08:00:00Z"),
        ids: ids.iter().map(|&id| id.to_owned()).collect(),
    }
}

#[tokio::test]
async fn few_receipts_are_asked_for_one_by_one_and_many_by_a_list() {
    let peer = Peer::start(|seen, _| match seen.path.rsplit('/').next().unwrap_or_default() {
        "Messages.json" => page(
            &[
                message("SM4", "outbound-api", 4, "delivered", &Value::Null),
                message("SM3", "outbound-api", 3, "sent", &Value::Null),
                message("SM2", "outbound-api", 2, "undelivered", &more!({"error_code": 30003})),
            ],
            None,
        ),
        "SM1.json" => json(200, message("SM1", "outbound-api", 1, "delivered", &Value::Null)),
        _ => json(404, r#"{"code":20404}"#),
    })
    .await;
    let twilio = twilio();
    let connection = connection(Some(peer.url()));
    let told = twilio.find_reports(&http(), &connection, &reports_of(&["SM1", "SM0"])).await.expect("reports");
    assert_eq!(
        told.iter().map(|r| (r.provider_id.as_str(), r.status)).collect::<Vec<_>>(),
        [("SM1", DeliveryStatus::Delivered)]
    );
    let told =
        twilio.find_reports(&http(), &connection, &reports_of(&["SM1", "SM2", "SM3", "SM4"])).await.expect("reports");
    let told: Vec<_> = told.iter().map(|r| (r.provider_id.as_str(), r.status)).collect();
    assert_eq!(
        told,
        [
            ("SM4", DeliveryStatus::Delivered),
            ("SM3", DeliveryStatus::Sent),
            ("SM2", DeliveryStatus::Failed),
            ("SM1", DeliveryStatus::Delivered)
        ]
    );
    let lines: Vec<_> = peer.seen().iter().map(Seen::line).collect();
    assert_eq!(lines[2], format!("GET {}", path("Messages.json?From=%2B14155550100&PageSize=200")));
    assert_eq!(lines.len(), 4);
}
