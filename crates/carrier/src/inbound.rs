//! A phone texts the business: into the log, keywords answered, the webhook called.

use std::sync::Arc;

use axum::body::Bytes;
use jiff::Timestamp;

use crate::keywords::{self, Keyword};
use crate::media;
use crate::network::{Change, Direction, Message, Network, State, Status};
use crate::places::{Place, place};
use crate::segments::segments;
use crate::webhooks::{self, Webhook};

/// Characters of a text from a phone: ten segments and more, as handsets allow.
pub const MAX_TEXT_CHARS: usize = 1_600;

/// A picture, or another file that MMS carries.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Its bytes; what it is, is seen from them.
    pub bytes: Bytes,
}

/// Why the network does not take a text from a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextRefused {
    /// There is no such phone.
    #[error("There is no phone with this number. Add it first.")]
    NoSuchPhone,
    /// Nobody has the number that it texts.
    #[error("Nobody has the number that this phone is texting.")]
    NoSuchNumber,
    /// The phone is off.
    #[error("This phone is off. Switch it on to text.")]
    PhoneOff,
    /// Neither text nor picture.
    #[error("Write a text or add a picture.")]
    Empty,
    /// Over 1,600 characters.
    #[error("The text is longer than 1,600 characters.")]
    TooLong,
    /// Over ten files, or one over 5 MB.
    #[error("At most 10 files of 5 MB each fit into one message.")]
    TooMuchMedia,
    /// A file that MMS does not carry.
    #[error("Only pictures, sound, video and PDF can be sent.")]
    UnknownMedia,
}

impl TextRefused {
    /// A stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSuchPhone => "no_such_phone",
            Self::NoSuchNumber => "no_such_number",
            Self::PhoneOff => "phone_off",
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::TooMuchMedia => "too_much_media",
            Self::UnknownMedia => "unknown_media",
        }
    }
}

/// Takes a text from a phone. The webhook is called behind this.
pub fn text(
    network: &Arc<Network>,
    phone: &str,
    number: &str,
    text: &str,
    pictures: Vec<Picture>,
) -> Result<Message, TextRefused> {
    let kinds = check(text, &pictures)?;
    let mut state = network.state();
    match state.phones.iter().find(|p| p.number == phone) {
        None => return Err(TextRefused::NoSuchPhone),
        Some(phone) if !phone.on => return Err(TextRefused::PhoneOff),
        Some(_) => {}
    }
    let account_sid = state
        .numbers
        .iter()
        .find(|n| n.phone_number == number)
        .map(|n| n.account_sid.clone())
        .ok_or(TextRefused::NoSuchNumber)?;
    let now = Timestamp::now();
    let message = Message {
        ordinal: 0,
        sid: Message::new_sid(!pictures.is_empty()),
        service_sid: state.service_of(&account_sid, number).map(|service| service.sid.clone()),
        account_sid,
        direction: Direction::FromPhone,
        phone: phone.to_owned(),
        number: number.to_owned(),
        text: text.to_owned(),
        media: kinds.into_iter().zip(pictures).map(|(kind, picture)| state.media.keep(kind, picture.bytes)).collect(),
        segments: segments(text).count,
        status: Status::Received,
        error_code: None,
        created_at: now,
        sent_at: Some(now),
        updated_at: now,
        fails_at: None,
        webhook_status: None,
        status_callback: None,
    };
    let message = add(network, &mut state, message);
    let keyword = keywords::keyword(text, number);
    if let Some(keyword) = keyword {
        heed(network, &mut state, &message, keyword);
    }
    drop(state);
    let network = Arc::clone(network);
    let told = message.clone();
    tokio::spawn(async move { tell_inbox(&network, &told, keyword).await });
    Ok(message)
}

/// Puts a message into the log and tells listeners.
pub fn add(network: &Network, state: &mut State, message: Message) -> Message {
    let (message, oldest) = state.messages.add(message);
    for media in oldest.into_iter().flat_map(|message| message.media) {
        state.media.forget(&media.path);
    }
    network.tell(&Change::Message(&message));
    message
}

fn check(text: &str, pictures: &[Picture]) -> Result<Vec<&'static str>, TextRefused> {
    if text.trim().is_empty() && pictures.is_empty() {
        return Err(TextRefused::Empty);
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(TextRefused::TooLong);
    }
    if pictures.len() > media::MAX_FILES || pictures.iter().any(|picture| picture.bytes.len() > media::MAX_FILE_BYTES) {
        return Err(TextRefused::TooMuchMedia);
    }
    pictures.iter().map(|picture| media::content_type(&picture.bytes).ok_or(TextRefused::UnknownMedia)).collect()
}

/// What the provider does with a keyword by itself: it keeps the list and answers the phone.
/// A STOP that changes nothing is not answered again; START and YES from somebody who never left
/// are ordinary words.
fn heed(network: &Network, state: &mut State, message: &Message, keyword: Keyword) {
    let answered = match keyword {
        Keyword::Help => true,
        Keyword::Stop | Keyword::Start => {
            state.set_opted_out(&message.account_sid, &message.number, &message.phone, keyword == Keyword::Stop)
        }
    };
    if !answered {
        return;
    }
    if let Some(phone) = state.phones.iter().find(|p| p.number == message.phone) {
        network.tell(&Change::Phone(phone));
    }
    let now = Timestamp::now();
    let reply = Message {
        sid: Message::new_sid(false),
        direction: Direction::Automatic,
        text: keyword.reply().to_owned(),
        media: Vec::new(),
        segments: segments(keyword.reply()).count,
        status: Status::Delivered,
        created_at: now,
        sent_at: Some(now),
        updated_at: now,
        ..message.clone()
    };
    add(network, state, reply);
}

async fn tell_inbox(network: &Arc<Network>, message: &Message, keyword: Option<Keyword>) {
    let Some(hook) = hook(network, message) else {
        return;
    };
    let parameters = parameters(network, message, keyword);
    let mut outcome = webhooks::call(
        network,
        message,
        Webhook {
            account_sid: message.account_sid.clone(),
            url: hook.url.clone(),
            method: hook.method,
            parameters: parameters.clone(),
            about: "inbound".to_owned(),
            faults: Vec::new(),
        },
    )
    .await;
    if !outcome.is_success() && !hook.fallback_url.is_empty() && !network.is_down() {
        let mut parameters = parameters;
        parameters.push(("ErrorCode".to_owned(), "11200".to_owned()));
        parameters.push(("ErrorUrl".to_owned(), hook.url));
        outcome = webhooks::call(
            network,
            message,
            Webhook {
                account_sid: message.account_sid.clone(),
                url: hook.fallback_url,
                method: hook.fallback_method,
                parameters,
                about: "inbound".to_owned(),
                faults: Vec::new(),
            },
        )
        .await;
    }
    network.change_message(message.ordinal, |message| {
        message.webhook_status = Some(outcome.status());
    });
}

struct Hook {
    url: String,
    method: String,
    fallback_url: String,
    fallback_method: String,
}

fn hook(network: &Network, message: &Message) -> Option<Hook> {
    let state = network.state();
    let number = state.number(&message.account_sid, &message.number)?;
    let service_url = state
        .service_of(&message.account_sid, &message.number)
        .map(|service| service.inbound_url.clone())
        .filter(|url| !url.is_empty());
    let (url, method) = match service_url {
        Some(url) => (url, "POST".to_owned()),
        None => (number.sms_url.clone(), number.sms_method.clone()),
    };
    (!url.is_empty()).then(|| Hook {
        url,
        method,
        fallback_url: number.sms_fallback_url.clone(),
        fallback_method: number.sms_fallback_method.clone(),
    })
}

/// The fields of an inbound webhook; those without a value are sent empty, as Twilio does.
fn parameters(network: &Network, message: &Message, keyword: Option<Keyword>) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::with_capacity(24);
    let mut put = |name: &str, value: &str| fields.push((name.to_owned(), value.to_owned()));
    let mut put_place = |side: &str, place: Place| {
        put(&format!("{side}Country"), place.country);
        put(&format!("{side}State"), place.state);
        put(&format!("{side}City"), place.city);
        put(&format!("{side}Zip"), place.zip);
    };
    put_place("To", place(&message.number));
    put_place("From", place(&message.phone));
    put("SmsMessageSid", &message.sid);
    put("SmsSid", &message.sid);
    put("MessageSid", &message.sid);
    put("AccountSid", &message.account_sid);
    put("From", &message.phone);
    put("To", &message.number);
    put("Body", &message.text);
    put("NumMedia", &message.media.len().to_string());
    put("NumSegments", &message.segments.to_string());
    put("SmsStatus", "received");
    put("ApiVersion", "2010-04-01");
    if let Some(service) = &message.service_sid {
        put("MessagingServiceSid", service);
    }
    for (index, media) in message.media.iter().enumerate() {
        let url = format!(
            "{}/2010-04-01/Accounts/{}/Messages/{}/Media/{}",
            network.base_url(),
            message.account_sid,
            message.sid,
            media.sid
        );
        put(&format!("MediaContentType{index}"), &media.content_type);
        put(&format!("MediaUrl{index}"), &url);
    }
    let advanced = network.account(&message.account_sid).is_some_and(|account| account.advanced_opt_out);
    if let (true, Some(keyword)) = (advanced, keyword) {
        put("OptOutType", keyword.name());
    }
    fields
}
