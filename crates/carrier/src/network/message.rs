//! A message in the log.

use jiff::Timestamp;
use serde::Serialize;

/// Who wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From a phone to the business.
    FromPhone,
    /// From the business to a phone.
    ToPhone,
    /// What the provider itself answered to STOP, START or HELP. The API does not list these.
    Automatic,
}

/// Where it is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A service has it and has not yet chosen a sender.
    Accepted,
    /// It waits for its time.
    Scheduled,
    /// Taken.
    Queued,
    /// On its way to the network.
    Sending,
    /// The network has it.
    Sent,
    /// The phone has it.
    Delivered,
    /// The network could not deliver it.
    Undelivered,
    /// It never left the provider.
    Failed,
    /// Called back before its time.
    Canceled,
    /// From a phone, and here.
    Received,
}

impl Status {
    /// As the API and the webhooks write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Received => "received",
        }
    }
}

/// A picture or another file of a message.
#[derive(Clone, Debug, Serialize)]
pub struct Media {
    /// `ME…`.
    pub sid: String,
    /// What it really is, `image/jpeg`.
    pub content_type: String,
    /// Where it is served without signing in.
    pub path: String,
}

impl Media {
    /// One that the provider counts and has no more.
    pub fn lost() -> Media {
        Media { sid: String::new(), content_type: "image/jpeg".to_owned(), path: String::new() }
    }

    /// Is it one of those?
    pub fn is_lost(&self) -> bool {
        self.sid.is_empty()
    }
}

/// A message, from either side. `Debug` shows no text and no number.
#[derive(Clone, Serialize)]
pub struct Message {
    /// Its place in the log.
    pub ordinal: u64,
    /// `SM…` or `MM…`.
    pub sid: String,
    /// The account.
    pub account_sid: String,
    /// The service it was sent through or came in by.
    pub service_sid: Option<String>,
    /// Who wrote it.
    pub direction: Direction,
    /// The phone's number, E.164.
    pub phone: String,
    /// The business's number, or whatever the sender is.
    pub number: String,
    /// The text.
    pub text: String,
    /// Its files.
    pub media: Vec<Media>,
    /// Segments on the network; at least 1.
    pub segments: u32,
    /// Where it is.
    pub status: Status,
    /// Why it failed.
    pub error_code: Option<u32>,
    /// When it was taken.
    #[serde(serialize_with = "crate::moment::text")]
    pub created_at: Timestamp,
    /// When it left for the network.
    #[serde(serialize_with = "crate::moment::text_or_null")]
    pub sent_at: Option<Timestamp>,
    /// When it last changed.
    #[serde(serialize_with = "crate::moment::text")]
    pub updated_at: Timestamp,
    /// When a phone that is off makes it fail.
    #[serde(serialize_with = "crate::moment::text_or_null")]
    pub fails_at: Option<Timestamp>,
    /// For a text from a phone: the last HTTP status with which its webhook was answered, 0 when
    /// there was no answer; `None` while none was tried.
    pub webhook_status: Option<u16>,
    /// Where receipts go.
    #[serde(skip)]
    pub status_callback: Option<String>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("sid", &self.sid)
            .field("direction", &self.direction)
            .field("status", &self.status)
            .field("error_code", &self.error_code)
            .finish_non_exhaustive()
    }
}

impl Message {
    /// The sender, as the API says it.
    pub fn from(&self) -> &str {
        match self.direction {
            Direction::FromPhone => &self.phone,
            Direction::ToPhone | Direction::Automatic => &self.number,
        }
    }

    /// The recipient, as the API says it.
    pub fn to(&self) -> &str {
        match self.direction {
            Direction::FromPhone => &self.number,
            Direction::ToPhone | Direction::Automatic => &self.phone,
        }
    }

    /// Moves on to `status`.
    pub fn become_status(&mut self, status: Status, error_code: Option<u32>) {
        let now = Timestamp::now();
        self.status = status;
        self.error_code = error_code;
        self.updated_at = now;
        self.fails_at = None;
        if matches!(status, Status::Sent) {
            self.sent_at = Some(now);
        }
    }
}
