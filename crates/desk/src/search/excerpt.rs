//! The part of a text around what was found in it.

use partyline_core::query::{Mark, Query, marks};

/// Characters of an excerpt.
pub const EXCERPT_MAX: usize = 240;
/// Characters before the first mark.
const BEFORE: usize = 60;
/// What stands for what was left out.
const LEFT_OUT: char = '…';

/// A text, or the part of it around the first mark, on one line; and the marks in it.
pub(super) fn excerpt(text: &str, query: &Query) -> (String, Vec<Mark>) {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let found = marks(&line, query);
    let letters: Vec<char> = line.chars().collect();
    if letters.len() <= EXCERPT_MAX {
        return (line, found);
    }
    let first = found.first().map_or(0, |mark| letters_before(&letters, mark.from));
    let mut from = first.saturating_sub(BEFORE);
    // on the bound of a word, where there is one
    if from > 0 {
        from += letters[from..first].iter().position(|c| c.is_whitespace()).map_or(0, |n| n + 1);
    }
    let to = (from + EXCERPT_MAX).min(letters.len());
    let mut part = String::new();
    if from > 0 {
        part.push(LEFT_OUT);
    }
    part.extend(&letters[from..to]);
    if to < letters.len() {
        part.push(LEFT_OUT);
    }
    let found = marks(&part, query);
    (part, found)
}

/// How many characters lie before a place that is counted in UTF-16.
fn letters_before(letters: &[char], utf16: usize) -> usize {
    let mut units = 0;
    letters
        .iter()
        .take_while(|c| {
            units += c.len_utf16();
            units <= utf16
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, query: &str) -> (String, Vec<String>) {
        let (text, found) = excerpt(text, &Query::parse(query));
        let units: Vec<u16> = text.encode_utf16().collect();
        let parts = found.iter().map(|m| String::from_utf16(&units[m.from..m.to]).expect("whole characters")).collect();
        (text, parts)
    }

    #[test]
    fn a_short_text_is_whole_and_a_long_one_is_cut_around_what_was_found() {
        let (text, parts) = marked("The water\nheater", "heater");
        assert_eq!((text.as_str(), parts), ("The water heater", vec!["heater".to_owned()]));
        let long = format!("{} 😀 the heater leaks {}", "before ".repeat(90), "after ".repeat(90));
        let (text, parts) = marked(&long, "heater");
        assert_eq!(parts, ["heater"]);
        assert!(text.starts_with("…before") && text.ends_with('…'), "{text}");
        assert!(text.chars().count() <= EXCERPT_MAX + 2);
        let (text, parts) = marked(&long, "is:open");
        assert!(text.starts_with("before") && parts.is_empty());
    }
}
