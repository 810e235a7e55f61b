//! What a text costs: its encoding, its segments, and the characters that make it dear.
//!
//! 3GPP TS 23.038: a message all of whose characters are in the GSM 7-bit alphabet has 160 septets, or 153 in each part
//! of several; one other character turns the whole message into UTF-16 (still called UCS-2) with 70 units, or 67.
//! National shift tables are not counted with: the providers do not use them.

mod alphabet;
mod plain;
mod replacements;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use plain::{Costly, costly, plain};

/// How a message is written on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Encoding {
    /// The GSM 7-bit alphabet; units are septets, two for a character of the extension table.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// Everything else; units are UTF-16 code units.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

impl Encoding {
    /// Units in a message of one segment.
    #[must_use]
    pub const fn single(self) -> u32 {
        match self {
            Encoding::Gsm7 => 160,
            Encoding::Ucs2 => 70,
        }
    }

    /// Units in each segment of a longer message: the header that joins them takes six octets.
    #[must_use]
    pub const fn part(self) -> u32 {
        match self {
            Encoding::Gsm7 => 153,
            Encoding::Ucs2 => 67,
        }
    }

    /// The name in the API: `GSM-7` or `UCS-2`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Encoding::Gsm7 => "GSM-7",
            Encoding::Ucs2 => "UCS-2",
        }
    }

    /// Units of one character: 1 or 2, and never split between segments.
    fn units(self, c: char) -> u32 {
        match self {
            Encoding::Gsm7 => alphabet::septets(c).unwrap_or(1),
            Encoding::Ucs2 => {
                if c as u32 > 0xFFFF {
                    2
                } else {
                    1
                }
            }
        }
    }

    fn of(text: &str) -> Encoding {
        if text.chars().all(alphabet::contains) { Encoding::Gsm7 } else { Encoding::Ucs2 }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The size of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// How it is written on the air.
    pub encoding: Encoding,
    /// Septets (GSM-7) or UTF-16 units (UCS-2), without the ones lost at a segment's end.
    pub units: u32,
    /// Messages that it is sent, and billed, as. Empty text has none.
    pub segments: u32,
    /// Units that fit before there is one segment more: [`units`](Self::units) and [`remaining`](Self::remaining).
    pub limit: u32,
    /// Units still free in the last segment.
    pub remaining: u32,
}

/// Counts a message. Empty text is 0 segments: it is sent only beside a picture, or not at all.
///
/// ```
/// use partyline_core::sms::{Encoding, measure};
/// let m = measure("Yes, until six.");
/// assert_eq!((m.encoding, m.units, m.segments, m.remaining), (Encoding::Gsm7, 15, 1, 145));
/// assert_eq!(measure("Yes, until six…").encoding, Encoding::Ucs2);
/// assert_eq!(measure("").segments, 0);
/// ```
#[must_use]
pub fn measure(text: &str) -> Measure {
    let encoding = Encoding::of(text);
    let mut filling = Filling::new(encoding);
    let mut units = 0u32;
    for c in text.chars() {
        let size = encoding.units(c);
        units = units.saturating_add(size);
        filling.add(size);
    }
    let (segments, remaining) = if units <= encoding.single() {
        (u32::from(units > 0), encoding.single() - units)
    } else {
        (filling.segments, encoding.part() - filling.used)
    };
    Measure { encoding, units, segments, limit: units.saturating_add(remaining), remaining }
}

/// The parts that a message is sent as, in order. Joined, they are the text again; empty text has none.
#[must_use]
pub fn segments(text: &str) -> Vec<&str> {
    let measure = measure(text);
    if measure.segments < 2 {
        return if text.is_empty() { Vec::new() } else { vec![text] };
    }
    let mut parts = Vec::with_capacity(measure.segments as usize);
    let mut filling = Filling::new(measure.encoding);
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if filling.add(measure.encoding.units(c)) {
            parts.push(&text[start..at]);
            start = at;
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Fills segments of a long message one character after the other. A character of two units that does not fit moves
/// whole, and its place stays empty.
struct Filling {
    part: u32,
    used: u32,
    segments: u32,
}

impl Filling {
    fn new(encoding: Encoding) -> Self {
        Filling { part: encoding.part(), used: 0, segments: 1 }
    }

    /// Adds a character; true when it begins a new segment.
    fn add(&mut self, units: u32) -> bool {
        let fits = self.used + units <= self.part;
        if fits {
            self.used += units;
        } else {
            self.used = units;
            self.segments = self.segments.saturating_add(1);
        }
        !fits
    }
}

#[cfg(test)]
mod tests;
