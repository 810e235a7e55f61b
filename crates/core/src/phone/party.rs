//! What can stand in the `From` of an inbound text.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{PhoneError, PhoneNumber, without_scheme};

/// Digits of a short code: three to six in the United States and Canada.
const SHORT_CODE_DIGITS: std::ops::RangeInclusive<usize> = 3..=6;
/// Longest sender name, in characters: what an SMS has room for (3GPP TS 23.040, 9.1.2.5).
const SENDER_NAME_MAX: usize = 11;

/// A short code such as `72345`: it sends texts and cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShortCode(Box<str>);

impl ShortCode {
    /// Three to six digits.
    ///
    /// # Errors
    /// [`PhoneError::NotAParty`] for anything else.
    pub fn parse(text: &str) -> Result<ShortCode, PhoneError> {
        let formed = SHORT_CODE_DIGITS.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if formed { Ok(ShortCode(text.into())) } else { Err(PhoneError::NotAParty) }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name in place of a number, such as `ACME Bank`: it can be neither answered nor told to stop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SenderName(Box<str>);

impl SenderName {
    /// One to eleven of letters, digits and spaces, at least one of them a letter.
    ///
    /// # Errors
    /// [`PhoneError::NotAParty`] for anything else.
    pub fn parse(text: &str) -> Result<SenderName, PhoneError> {
        let formed = text.len() <= SENDER_NAME_MAX
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ')
            && text.bytes().any(|b| b.is_ascii_alphabetic());
        if formed { Ok(SenderName(text.into())) } else { Err(PhoneError::NotAParty) }
    }

    /// The name as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The area codes of toll-free numbers in North America (NANPA, "Non-Geographic 8YY").
const TOLL_FREE: [&str; 7] = ["800", "833", "844", "855", "866", "877", "888"];

/// What kind of sender a number is: the network treats each in its own way (who answers STOP, how fast it may send).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SenderKind {
    /// An ordinary number.
    LongCode,
    /// A toll-free number of North America.
    TollFree,
    /// A short code.
    ShortCode,
    /// A name.
    Name,
}

impl SenderKind {
    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            SenderKind::LongCode => "long_code",
            SenderKind::TollFree => "toll_free",
            SenderKind::ShortCode => "short_code",
            SenderKind::Name => "sender_name",
        }
    }
}

/// The other end of a text message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// A telephone.
    Phone(PhoneNumber),
    /// A short code.
    ShortCode(ShortCode),
    /// A sender's name.
    Name(SenderName),
}

impl Party {
    /// Reads what a provider gives as sender or recipient: E.164 (also after `whatsapp:` or `tel:`), a short code, or a
    /// name.
    ///
    /// # Errors
    /// [`PhoneError::Empty`], or [`PhoneError::NotAParty`].
    pub fn parse(text: &str) -> Result<Party, PhoneError> {
        let text = without_scheme(text);
        if text.is_empty() {
            return Err(PhoneError::Empty);
        }
        PhoneNumber::from_e164(text)
            .map(Party::Phone)
            .or_else(|_| ShortCode::parse(text).map(Party::ShortCode))
            .or_else(|_| SenderName::parse(text).map(Party::Name))
    }

    /// The party that rests in the database as these two.
    ///
    /// # Errors
    /// [`PhoneError::NotAParty`] for an unknown kind, or the error of the value.
    pub fn from_parts(kind: &str, value: &str) -> Result<Party, PhoneError> {
        match kind {
            "phone" => PhoneNumber::from_e164(value).map(Party::Phone),
            "short_code" => ShortCode::parse(value).map(Party::ShortCode),
            "sender_name" => SenderName::parse(value).map(Party::Name),
            _ => Err(PhoneError::NotAParty),
        }
    }

    /// The word in the database: `phone`, `short_code` or `sender_name`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Party::Phone(_) => "phone",
            Party::ShortCode(_) => "short_code",
            Party::Name(_) => "sender_name",
        }
    }

    /// The number, the digits, or the name.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Party::Phone(number) => number.as_str(),
            Party::ShortCode(code) => code.as_str(),
            Party::Name(name) => name.as_str(),
        }
    }

    /// Can a text be sent to it? Only to a telephone.
    #[must_use]
    pub const fn can_be_answered(&self) -> bool {
        matches!(self, Party::Phone(_))
    }

    /// What kind of sender it is.
    #[must_use]
    pub fn sender_kind(&self) -> SenderKind {
        match self {
            Party::ShortCode(_) => SenderKind::ShortCode,
            Party::Name(_) => SenderKind::Name,
            Party::Phone(phone)
                if phone.country_code() == 1 && phone.area_code().is_some_and(|a| TOLL_FREE.contains(&a)) =>
            {
                SenderKind::TollFree
            }
            Party::Phone(_) => SenderKind::LongCode,
        }
    }

    /// The number, when it is one.
    #[must_use]
    pub const fn phone(&self) -> Option<&PhoneNumber> {
        match self {
            Party::Phone(number) => Some(number),
            Party::ShortCode(_) | Party::Name(_) => None,
        }
    }
}

impl From<PhoneNumber> for Party {
    fn from(number: PhoneNumber) -> Party {
        Party::Phone(number)
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.value())
    }
}

impl Serialize for Party {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.value())
    }
}

impl<'de> Deserialize<'de> for Party {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        Party::parse(&text).map_err(de::Error::custom)
    }
}
