//! How many segments a text takes: GSM 03.38 at 160, or 153 each when it needs several; UCS-2 at
//! 70, or 67 (3GPP TS 23.038, 23.040). A pair (escape, surrogate) is never split.

const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// The alphabet a text travels in, and its segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segments {
    /// `GSM-7` or `UCS-2`.
    pub encoding: &'static str,
    /// At least 1.
    pub count: u32,
}

/// Counts a text's segments.
pub fn segments(text: &str) -> Segments {
    let septets: Option<Vec<u32>> = text.chars().map(septets).collect();
    match septets {
        Some(units) => Segments { encoding: "GSM-7", count: pack(&units, 160, 153) },
        None => Segments {
            encoding: "UCS-2",
            count: pack(&text.chars().map(|c| if c.len_utf16() == 2 { 2 } else { 1 }).collect::<Vec<u32>>(), 70, 67),
        },
    }
}

fn septets(character: char) -> Option<u32> {
    if BASIC.contains(character) {
        Some(1)
    } else if EXTENDED.contains(character) {
        Some(2)
    } else {
        None
    }
}

fn pack(units: &[u32], alone: u32, each: u32) -> u32 {
    if units.iter().sum::<u32>() <= alone {
        return 1;
    }
    let mut count = 1;
    let mut used = 0;
    for unit in units {
        if used + unit > each {
            count += 1;
            used = 0;
        }
        used += unit;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_at_the_limits_and_never_splits_a_pair() {
        let cases = [
            (String::new(), "GSM-7", 1),
            ("a".repeat(160), "GSM-7", 1),
            ("a".repeat(161), "GSM-7", 2),
            ("a".repeat(306), "GSM-7", 2),
            ("a".repeat(307), "GSM-7", 3),
            ("€".repeat(80), "GSM-7", 1),
            // 153 is odd: the pair that would straddle moves to the next segment.
            ("€".repeat(153), "GSM-7", 3),
            ("’".repeat(70), "UCS-2", 1),
            ("’".repeat(71), "UCS-2", 2),
            ("👍".repeat(35), "UCS-2", 1),
            ("👍".repeat(67), "UCS-2", 3),
        ];
        for (text, encoding, count) in cases {
            assert_eq!(segments(&text), Segments { encoding, count }, "{text}");
        }
    }
}
