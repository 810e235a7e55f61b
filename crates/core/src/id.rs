//! Identifiers: UUIDv7 inside, [TypeID](https://github.com/jetify-com/typeid/tree/main/spec) outside.
//!
//! `conv_01jd…` says what it names, sorts by the time it was made, and can't be mistaken for another kind: each kind
//! is its own type. The text form is a prefix and 26 lower-case Crockford base32 digits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
pub use uuid::Uuid;

use crate::time::Millis;

/// Digits of the text form, in order of value.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 128 bits in groups of five.
const DIGITS: usize = 26;

/// The text is not an identifier of the wanted kind. Callers answer "not found", since nothing can have that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of this kind")]
pub struct InvalidId;

/// The 26 digits of a UUID, most significant first.
#[must_use]
pub fn encode(uuid: Uuid) -> String {
    let mut rest = uuid.as_u128();
    let mut digits = [0u8; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    digits.iter().map(|d| char::from(*d)).collect()
}

/// Reads 26 digits; upper case, other lengths and values over 128 bits are refused.
///
/// # Errors
/// [`InvalidId`] when the text is anything but the one form that [`encode`] gives.
pub fn decode(text: &str) -> Result<Uuid, InvalidId> {
    if text.len() != DIGITS || text.as_bytes()[0] > b'7' {
        return Err(InvalidId);
    }
    let mut value = 0u128;
    for byte in text.bytes() {
        let digit = ALPHABET.iter().position(|a| *a == byte).ok_or(InvalidId)?;
        value = (value << 5) | digit as u128;
    }
    Ok(Uuid::from_u128(value))
}

/// Ten random bytes that make an id unique within its millisecond. Handed in, so that tests can repeat themselves.
pub type Entropy = [u8; 10];

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// What the text form begins with, before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id that sorts by `now`.
            #[must_use]
            pub fn new(now: Millis, entropy: &Entropy) -> Self {
                let millis = u64::try_from(now.0).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, entropy).into_uuid())
            }

            /// The id that rests in the database as this UUID.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let digits = text.strip_prefix(concat!($prefix, "_")).ok_or(InvalidId)?;
                decode(digits).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(d)?;
                text.parse().map_err(|_| de::Error::custom(concat!("expected an id that begins with ", $prefix, "_")))
            }
        }
    )*};
}

ids! {
    /// An account: signs in; its membership of a workspace is a user.
    AccountId = "acct";
    /// One business.
    WorkspaceId = "work";
    /// A person with a role in a workspace.
    UserId = "user";
    /// A group of users that owns a team inbox.
    TeamId = "team";
    /// One account at a provider.
    ConnectionId = "conn";
    /// One address of a connection that messages pass through.
    ChannelId = "chan";
    /// A person outside.
    ContactId = "cont";
    /// Where a person can be reached.
    AddressId = "addr";
    /// The thread a team works on.
    ConversationId = "conv";
    /// A message on a timeline.
    MessageId = "msg";
    /// A note on a timeline, which only the team sees.
    NoteId = "note";
    /// A call on a timeline.
    CallId = "call";
    /// An event of the log, and the entry that shows it.
    EventId = "evt";
    /// A file, received or to be sent.
    FileId = "file";
    /// What a webhook brought, kept as it came.
    InboundId = "inb";
    /// A number's past, brought in from its provider's log.
    ImportId = "imp";
    /// A label of the workspace.
    LabelId = "label";
    /// A change of many conversations at once.
    BulkId = "bulk";
    /// A saved answer.
    CannedId = "canned";
    /// What is not sent yet.
    DraftId = "draft";
    /// Somebody who may join.
    InvitationId = "inv";
    /// A letter to one of the people here.
    MailId = "mail";
    /// A browser that is signed in.
    SessionId = "sess";
    /// A search that is kept.
    SavedSearchId = "saved";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_form_is_the_typeid_specification_s() {
        // vectors "max-uuid" and "valid-uuidv7" of the TypeID specification
        assert_eq!(encode(Uuid::from_u128(u128::MAX)), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
        let uuid: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().expect("a UUID");
        assert_eq!(encode(uuid), "01h455vb4pex5vsknk084sn02q");
    }

    #[test]
    fn another_kind_or_a_malformed_id_is_refused() {
        let id = ConversationId::new(Millis(1_764_000_000_000), &[7; 10]);
        assert_eq!(id.to_string().parse::<ConversationId>(), Ok(id));
        for bad in [
            id.to_string().replace("conv_", "chan_"),
            id.to_string().to_uppercase(),
            id.to_string()[..30].to_owned(),
            format!("{id}0"),
            "conv_8zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned(),
            String::new(),
            "conv_".to_owned(),
        ] {
            assert_eq!(bad.parse::<ConversationId>(), Err(InvalidId), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_uuid_comes_back(value: u128) {
            prop_assert_eq!(decode(&encode(Uuid::from_u128(value))), Ok(Uuid::from_u128(value)));
        }

        #[test]
        fn ids_sort_by_time(a in 0i64..1 << 47, b in 0i64..1 << 47, x: [u8; 10], y: [u8; 10]) {
            prop_assume!(a != b);
            let (i, j) = (MessageId::new(Millis(a), &x), MessageId::new(Millis(b), &y));
            prop_assert_eq!(a < b, i < j);
            prop_assert_eq!(a < b, i.to_string() < j.to_string());
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = text.parse::<ConversationId>();
        }
    }
}
