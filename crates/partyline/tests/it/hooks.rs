//! Webhooks by hand, signed as the provider signs them: for what the carrier would never do.

use partyline_carrier::{demo, signing};
use partyline_channels::{Inbound, InboundText};
use partyline_core::phone::Party;
use partyline_core::time::Millis;
use reqwest::Client;

use crate::person::Answer;
use crate::world::STRANGER;

/// Field names and values of a form.
pub type Fields = Vec<(String, String)>;

/// The fields of an arriving text.
pub fn text(sid: &str, from: &str, to: &str, body: &str) -> Fields {
    let fields = [
        ("ToCountry", "US"),
        ("SmsMessageSid", sid),
        ("NumMedia", "0"),
        ("SmsSid", sid),
        ("SmsStatus", "received"),
        ("Body", body),
        ("To", to),
        ("NumSegments", "1"),
        ("MessageSid", sid),
        ("AccountSid", demo::ACCOUNT_SID),
        ("From", from),
        ("ApiVersion", "2010-04-01"),
    ];
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A text of the stranger's, as a list request brings it.
pub fn listed(n: u32, to: &str, text: &str, sent_at: Millis) -> Inbound {
    Inbound::Text(InboundText {
        provider_id: sid(n),
        account_id: demo::ACCOUNT_SID.to_owned(),
        from: Party::parse(STRANGER).unwrap(),
        to: Party::parse(to).unwrap(),
        text: text.to_owned(),
        media: Vec::new(),
        sent_at: Some(sent_at),
        opt_out: None,
        segments: Some(1),
        service_id: None,
    })
}

/// The fields of a receipt.
pub fn receipt(sid: &str, from: &str, to: &str, status: &str) -> Fields {
    let fields = [
        ("SmsSid", sid),
        ("SmsStatus", status),
        ("MessageStatus", status),
        ("To", to),
        ("MessageSid", sid),
        ("AccountSid", demo::ACCOUNT_SID),
        ("From", from),
        ("ApiVersion", "2010-04-01"),
    ];
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A sid that the provider could have made.
pub fn sid(n: u32) -> String {
    format!("SM{n:032x}")
}

/// Posts a form, signed with this token.
pub async fn post(http: &Client, url: &str, token: &str, fields: &Fields) -> Answer {
    let signature = signing::sign(token, url, fields);
    Answer::of(http.post(url).header("X-Twilio-Signature", signature).form(fields).send().await.unwrap()).await
}
