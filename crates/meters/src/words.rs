//! Words from outside, as values of a label: few, and harmless.

use std::collections::HashSet;
use std::sync::{LazyLock, PoisonError, RwLock};

/// How many words from outside there can be in one process; one more is "other". Providers have some sixty codes that texts meet.
pub const WORDS_MAX: usize = 256;
/// Bytes of a word; our own codes are shorter.
const LONGEST: usize = 40;

static WORDS: LazyLock<RwLock<HashSet<&'static str>>> = LazyLock::new(RwLock::default);

/// `text` as a label's value, if it is a word in lower case (letters and `_`), else "other". So no number can be one.
#[must_use]
pub fn word(text: &str) -> &'static str {
    let is_word =
        !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if !is_word {
        return "other";
    }
    if let Some(known) = WORDS.read().unwrap_or_else(PoisonError::into_inner).get(text) {
        return known;
    }
    let mut words = WORDS.write().unwrap_or_else(PoisonError::into_inner);
    match words.get(text) {
        Some(known) => known,
        None if words.len() >= WORDS_MAX => "other",
        None => {
            let kept: &'static str = Box::leak(text.to_owned().into_boxed_str());
            words.insert(kept);
            kept
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_are_labels_and_not_without_end() {
        assert_eq!(word("opted_out"), "opted_out");
        for other in ["", "+14155550100", "21610", "Hello", "two words", "ana@example.com", &"x".repeat(LONGEST + 1)] {
            assert_eq!(word(other), "other", "{other}");
        }
        let letters =
            |n: usize| format!("w_{}", n.to_string().bytes().map(|b| char::from(b - b'0' + b'a')).collect::<String>());
        let kept: HashSet<&str> = (0..2 * WORDS_MAX).map(|n| word(&letters(n))).collect();
        assert!(kept.len() <= WORDS_MAX + 1 && kept.contains("other"), "{}", kept.len());
    }
}
