//! Texts from before the carrier started.

use jiff::Timestamp;

use super::{Direction, Media, Message, Status};
use crate::config::Past;
use crate::segments::segments;

/// A text of the past as it rests in the log: it arrived, and everybody was told.
pub fn remembered(account_sid: &str, past: &Past) -> Message {
    let at = Timestamp::from_millisecond(past.at_ms).unwrap_or_default();
    Message {
        ordinal: 0,
        sid: past.sid.clone(),
        account_sid: account_sid.to_owned(),
        service_sid: None,
        direction: if past.from_phone { Direction::FromPhone } else { Direction::ToPhone },
        phone: past.phone.clone(),
        number: past.number.clone(),
        text: past.text.clone(),
        media: (0..past.lost_pictures).map(|_| Media::lost()).collect(),
        segments: segments(&past.text).count,
        status: if past.from_phone { Status::Received } else { Status::Delivered },
        error_code: None,
        created_at: at,
        sent_at: Some(at),
        updated_at: at,
        fails_at: None,
        webhook_status: past.from_phone.then_some(200),
        status_callback: None,
    }
}
