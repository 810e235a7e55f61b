//! One emoji: what people react with.

use std::fmt;
use std::str::FromStr;

/// Characters of one emoji at most: a family of four with skin tones has 11, a flag of a region 7.
const CHARACTERS_MAX: usize = 16;

/// Asks for the coloured form of what stands among text, such as ❤.
const COLOURED: char = '\u{fe0f}';
const JOINER: char = '\u{200d}';
const KEYCAP: char = '\u{20e3}';
const END_OF_TAGS: char = '\u{e007f}';

/// What may stand alone as an emoji: blocks of Unicode 17 that hold pictures (`emoji-data.txt`, `Extended_Pictographic`), without flags'
/// letters and skin tones, which never stand alone.
const PICTURES: &[(u32, u32)] = &[
    (0xa9, 0xa9),
    (0xae, 0xae),
    (0x203c, 0x203c),
    (0x2049, 0x2049),
    (0x2122, 0x2122),
    (0x2139, 0x2139),
    (0x2194, 0x21aa),
    (0x231a, 0x23ff),
    (0x24c2, 0x24c2),
    (0x25aa, 0x25fe),
    (0x2600, 0x27bf),
    (0x2934, 0x2935),
    (0x2b05, 0x2b55),
    (0x3030, 0x3030),
    (0x303d, 0x303d),
    (0x3297, 0x3297),
    (0x3299, 0x3299),
    (0x1f000, 0x1f1e5),
    (0x1f200, 0x1f3fa),
    (0x1f400, 0x1faff),
];

/// One emoji, written in one way only, so that the same one is counted once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Emoji(String);

/// This is no emoji, or more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOneEmoji;

impl Emoji {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Emoji {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_picture(c: char) -> bool {
    let code = u32::from(c);
    PICTURES.iter().any(|(from, to)| (*from..=*to).contains(&code))
}

fn is_skin_tone(c: char) -> bool {
    ('\u{1f3fb}'..='\u{1f3ff}').contains(&c)
}

fn is_letter_of_a_flag(c: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)
}

fn is_tag(c: char) -> bool {
    ('\u{e0020}'..='\u{e007e}').contains(&c)
}

impl FromStr for Emoji {
    type Err = NotOneEmoji;

    /// UTS #51, "emoji sequence": a flag, a keycap, or pictures that are joined, each with a skin tone or tags.
    fn from_str(text: &str) -> Result<Self, NotOneEmoji> {
        let mut rest = Vec::with_capacity(CHARACTERS_MAX);
        for c in text.chars() {
            if rest.len() == CHARACTERS_MAX {
                return Err(NotOneEmoji);
            }
            rest.push(c);
        }
        match rest.as_slice() {
            [a, b] if is_letter_of_a_flag(*a) && is_letter_of_a_flag(*b) => return Ok(Emoji(text.to_owned())),
            [key @ ('0'..='9' | '#' | '*'), KEYCAP] | [key @ ('0'..='9' | '#' | '*'), COLOURED, KEYCAP] => {
                return Ok(Emoji(format!("{key}{COLOURED}{KEYCAP}")));
            }
            _ => {}
        }
        let mut emoji = String::with_capacity(text.len() + 3);
        let mut rest = rest.into_iter().peekable();
        loop {
            let picture = rest.next().filter(|c| is_picture(*c)).ok_or(NotOneEmoji)?;
            emoji.push(picture);
            let coloured = rest.next_if_eq(&COLOURED).is_some();
            if let Some(tone) = rest.next_if(|c| is_skin_tone(*c)) {
                emoji.push(tone);
            } else if coloured || u32::from(picture) < 0x1f000 {
                emoji.push(COLOURED);
            }
            let mut tagged = false;
            while let Some(tag) = rest.next_if(|c| is_tag(*c)) {
                tagged = true;
                emoji.push(tag);
            }
            if tagged {
                emoji.push(rest.next_if_eq(&END_OF_TAGS).ok_or(NotOneEmoji)?);
            }
            match rest.next() {
                None => return Ok(Emoji(emoji)),
                Some(JOINER) => emoji.push(JOINER),
                Some(_) => return Err(NotOneEmoji),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_is_one_whatever_it_is_made_of() {
        for text in [
            "👍",
            "👍🏽",
            "🎉",
            "👀",
            "✅",
            "❤️",
            "🙏",
            "🇩🇪",
            "1️⃣",
            "#️⃣",
            "👨‍👩‍👧‍👦",
            "👩🏽‍💻",
            "🏳️‍🌈",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "❤️‍🔥",
            "🕊️",
            "☕",
            "⭐",
            "🫡",
            "🧑🏿‍❤️‍💋‍🧑🏻",
        ] {
            let emoji: Emoji = text.parse().unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(emoji.as_str().parse(), Ok(emoji.clone()), "{text} comes back");
        }
        let same = |a: &str, b: &str| assert_eq!(a.parse::<Emoji>(), b.parse::<Emoji>());
        same("❤", "❤\u{fe0f}");
        same("1\u{20e3}", "1\u{fe0f}\u{20e3}");
        same("☝\u{fe0f}🏽", "☝🏽");
    }

    #[test]
    fn what_is_none_or_several_is_refused() {
        let long = "👩‍".repeat(CHARACTERS_MAX);
        for text in [
            "",
            " ",
            "a",
            "1",
            "ok",
            "👍👍",
            "👍 ",
            " 👍",
            "👍a",
            "🇩",
            "🇩🇪🇩🇪",
            "🏽",
            "\u{fe0f}",
            "👩\u{200d}",
            "\u{200d}👩",
            "<b>",
            "/",
            "🏴\u{e0067}",
            &long,
        ] {
            assert_eq!(text.parse::<Emoji>(), Err(NotOneEmoji), "{text:?}");
        }
    }
}
