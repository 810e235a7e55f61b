//! Where something stands in what was written.

use std::ops::Range;

use serde::{Serialize, Serializer};

/// A stretch of the text, in both countings. As JSON `[from, to]` in UTF-16 code units, which is what JavaScript's
/// `slice` and a text field's selection take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// In bytes, on the bounds of characters.
    pub bytes: Range<usize>,
    /// In UTF-16 code units.
    pub utf16: Range<usize>,
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        (self.utf16.start, self.utf16.end).serialize(s)
    }
}

/// One point of it, in both countings.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Point {
    pub byte: usize,
    pub utf16: usize,
}

impl Point {
    /// The point after this text.
    pub fn after(self, text: &str) -> Point {
        Point { byte: self.byte + text.len(), utf16: self.utf16 + text.chars().map(char::len_utf16).sum::<usize>() }
    }

    pub fn to(self, end: Point) -> Span {
        Span { bytes: self.byte..end.byte, utf16: self.utf16..end.utf16 }
    }
}
