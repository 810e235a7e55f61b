//! Identifiers as the provider writes them: two letters and 32 hexadecimal digits.

/// A new identifier, unique also across restarts (an inbox tells repeated webhooks by it).
pub fn new(prefix: &str) -> String {
    format!("{prefix}{}", uuid::Uuid::now_v7().simple())
}

/// A path component that nobody can guess: 148 random bits.
pub fn unguessable() -> String {
    format!("{}{}", uuid::Uuid::now_v7().simple(), uuid::Uuid::now_v7().simple())
}

/// Whether `text` is `prefix` and 32 hexadecimal digits.
pub fn is(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Whether `text` is an E.164 number: `+`, no leading zero, 7 to 15 digits.
pub fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
    })
}
