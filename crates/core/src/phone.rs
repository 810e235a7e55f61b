//! Who is at the other end of a text: a telephone number in E.164, a short code, or a sender's name.
//!
//! Numbers are parsed once, at the edge, by libphonenumber's rules; inside there is only the one form `+14155550100`.

mod party;

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber as Parsed, PhoneNumberFormat, Region, ValidationError,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use party::{Party, SenderKind, SenderName, ShortCode};

/// Longest text that is looked at as a number, in bytes. The longest number with every usual ornament has about 40.
const MAX_TEXT: usize = 100;
/// Digits of an E.164 number after the plus sign (ITU-T E.164, 6.2); fewer than seven are no subscriber's.
const E164_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Why a text is no address that can be texted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Nothing was written.
    #[error("Write a phone number, e.g. +1 415 555 0100.")]
    Empty,
    /// Something else than a number.
    #[error("This is not a phone number. Write it like +1 415 555 0100.")]
    NotANumber,
    /// A national number, and no region to read it by; or a country code that does not exist.
    #[error("The country is missing: write the number with its country code, e.g. +1 415 555 0100.")]
    CountryCode,
    /// Digits are missing.
    #[error("This number is too short. Write it with its area code, e.g. +1 415 555 0100.")]
    TooShort,
    /// Too many digits.
    #[error("This number is too long. Check its digits.")]
    TooLong,
    /// The right length, but the numbering plan of its country has no such number.
    #[error("There is no such phone number. Check its digits.")]
    Unassigned,
    /// It has an extension, which a text cannot reach.
    #[error("A text can't reach an extension. Write the number without it.")]
    Extension,
    /// Neither a number, nor three to six digits, nor a name of at most eleven letters and digits.
    #[error("This is neither a phone number, nor a short code, nor a sender name.")]
    NotAParty,
}

impl PhoneError {
    /// The stable word in the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            PhoneError::Empty => "number_missing",
            PhoneError::NotANumber => "not_a_number",
            PhoneError::CountryCode => "country_code_missing",
            PhoneError::TooShort => "number_too_short",
            PhoneError::TooLong => "number_too_long",
            PhoneError::Unassigned => "no_such_number",
            PhoneError::Extension => "number_with_extension",
            PhoneError::NotAParty => "not_an_address",
        }
    }
}

/// A telephone number in E.164: a plus sign and 7 to 15 digits, the first not zero.
///
/// `Display` is that form; `Debug` hides digits, so that a log cannot hold a whole number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(Box<str>);

impl PhoneNumber {
    /// Reads what a person wrote. `region` (ISO 3166, e.g. `US`) is the country of a number without a country code.
    ///
    /// The prefixes `whatsapp:` and `tel:` are taken off. The number has to be one that its country's plan can assign.
    ///
    /// ```
    /// use partyline_core::phone::{PhoneError, PhoneNumber};
    /// assert_eq!(PhoneNumber::parse("(415) 555-0100", Some("US"))?.as_str(), "+14155550100");
    /// assert_eq!(PhoneNumber::parse("+44 20 7946 0958", Some("US"))?.as_str(), "+442079460958");
    /// assert_eq!(PhoneNumber::parse("(415) 555-0100", None), Err(PhoneError::CountryCode));
    /// # Ok::<(), PhoneError>(())
    /// ```
    ///
    /// # Errors
    /// A [`PhoneError`] that says what to change.
    pub fn parse(text: &str, region: Option<&str>) -> Result<PhoneNumber, PhoneError> {
        let text = without_scheme(text).trim_start_matches(is_ornament);
        if text.is_empty() {
            return Err(PhoneError::Empty);
        }
        if text.len() > MAX_TEXT || !text.starts_with(begins_a_number) {
            return Err(PhoneError::NotANumber);
        }
        let region = region.and_then(|r| Region::from_code(r).ok());
        let parsed = PHONE_NUMBER_UTIL.parse(text, region).map_err(|error| explain(&error, text, region))?;
        if parsed.extension.is_some() {
            return Err(PhoneError::Extension);
        }
        if !PHONE_NUMBER_UTIL.is_valid_number(&parsed) {
            return without_mexican_mobile_one(&parsed.format_as(PhoneNumberFormat::E164))
                .ok_or_else(|| length_error(&parsed));
        }
        PhoneNumber::from_e164(&parsed.format_as(PhoneNumberFormat::E164))
    }

    /// Reads a number that the database or a provider gives. Anything of the form is taken, also when the numbering
    /// plan that we know has no such number: plans grow, and tests use invented numbers.
    ///
    /// A Mexican number in the form of before 2019, `+52 1` and ten digits, becomes today's, so that one person has one
    /// number.
    ///
    /// # Errors
    /// [`PhoneError::NotANumber`] for anything but `+` and 7 to 15 digits that do not begin with zero.
    pub fn from_e164(text: &str) -> Result<PhoneNumber, PhoneError> {
        let digits = text.strip_prefix('+').ok_or(PhoneError::NotANumber)?;
        let formed = E164_DIGITS.contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if !formed {
            return Err(PhoneError::NotANumber);
        }
        Ok(without_mexican_mobile_one(text).unwrap_or_else(|| PhoneNumber(text.into())))
    }

    /// E.164, e.g. `+14155550100`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn digits(&self) -> &str {
        self.0.get(1..).unwrap_or_default()
    }

    /// The country calling code: 1 for the United States and Canada, 44 for Britain and its islands.
    #[must_use]
    pub fn country_code(&self) -> u16 {
        let digits = self.digits();
        digits.get(..calling_code_length(digits)).and_then(|code| code.parse().ok()).unwrap_or_default()
    }

    /// The area code, for numbers of the North American plan. It says where a number was given out, not where its owner
    /// is.
    #[must_use]
    pub fn area_code(&self) -> Option<&str> {
        let digits = self.digits();
        if digits.len() == 11 && digits.starts_with('1') { digits.get(1..4) } else { None }
    }

    /// As people write it: the national form for a number of `region`, else the international one.
    #[must_use]
    pub fn pretty(&self, region: Option<&str>) -> String {
        let Ok(parsed) = PHONE_NUMBER_UTIL.parse(&*self.0, None) else {
            return self.0.to_string();
        };
        let home = region.and_then(|r| Region::from_code(r).ok());
        let format = match parsed.get_region_code() {
            Some(own) if Some(own) == home => PhoneNumberFormat::National,
            _ => PhoneNumberFormat::International,
        };
        parsed.format_as(format).into_owned()
    }
}

/// Takes off what providers and links put before a number, whatever its case, and surrounding white space.
fn without_scheme(text: &str) -> &str {
    let text = text.trim();
    for scheme in ["whatsapp:", "tel:"] {
        if let Some((head, rest)) = text.split_at_checked(scheme.len())
            && head.eq_ignore_ascii_case(scheme)
        {
            return rest.trim_start();
        }
    }
    text
}

/// What may stand before a number and means nothing: bullets, dashes, the invisible direction marks of address books.
fn is_ornament(c: char) -> bool {
    !c.is_alphanumeric() && !begins_a_number(c)
}

/// The library skips to the first thing that looks like a number; a text that has to be skipped is not one.
fn begins_a_number(c: char) -> bool {
    matches!(c, '+' | '＋' | '(' | '（' | '[' | '0'..='9' | '０'..='９' | '٠'..='٩' | '۰'..='۹')
}

/// Is this a country's code as numbers are read by it: two letters of ISO 3166, such as `US`?
#[must_use]
pub fn is_region(code: &str) -> bool {
    Region::from_code(code).is_ok_and(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(region).is_some())
}

fn explain(error: &ParseError, text: &str, region: Option<Region>) -> PhoneError {
    match error {
        ParseError::InvalidCountryCode if region.is_none() || text.starts_with(['+', '＋']) => PhoneError::CountryCode,
        ParseError::InvalidCountryCode | ParseError::NotANumber(_) => PhoneError::NotANumber,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => PhoneError::TooShort,
        ParseError::TooLongNsn => PhoneError::TooLong,
    }
}

fn length_error(parsed: &Parsed) -> PhoneError {
    match parsed.is_possible_with_reason() {
        Err(ValidationError::TooShort) | Ok(NumberLengthType::IsPossibleLocalOnly) => PhoneError::TooShort,
        Err(ValidationError::TooLong) => PhoneError::TooLong,
        Err(ValidationError::InvalidCountryCode) => PhoneError::CountryCode,
        _ => PhoneError::Unassigned,
    }
}

/// Mexico dropped the `1` before mobile numbers in 2019; some networks still send it, and the library refuses it.
fn without_mexican_mobile_one(e164: &str) -> Option<PhoneNumber> {
    let national = e164.strip_prefix("+521").filter(|rest| rest.len() == 10)?;
    Some(PhoneNumber(format!("+52{national}").into()))
}

/// Calling codes are free of prefixes: the first digits decide the length (ITU-T E.164, list of assigned codes).
fn calling_code_length(digits: &str) -> usize {
    match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PhoneNumber {
    /// `+1415•••0100`: at least three digits are hidden.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        let shown = (digits.len().saturating_sub(3) / 2).min(4);
        let head = digits.get(..shown).unwrap_or_default();
        let tail = digits.get(digits.len() - shown..).unwrap_or_default();
        write!(f, "+{head}•••{tail}")
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneError;
    fn from_str(text: &str) -> Result<Self, PhoneError> {
        PhoneNumber::from_e164(text)
    }
}

impl Serialize for PhoneNumber {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        PhoneNumber::from_e164(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
