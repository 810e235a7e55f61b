//! The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1). The escape character itself is no
//! character.

/// Septets of each ASCII character; 0 where the alphabet has none.
const ASCII: [u8; 128] = ascii();

const fn ascii() -> [u8; 128] {
    let mut septets = [0; 128];
    let mut c = 0x20;
    while c < 0x7F {
        septets[c] = 1;
        c += 1;
    }
    septets[b'`' as usize] = 0;
    septets[b'\n' as usize] = 1;
    septets[b'\r' as usize] = 1;
    let extended = b"\x0C^{}\\[~]|";
    let mut i = 0;
    while i < extended.len() {
        septets[extended[i] as usize] = 2;
        i += 1;
    }
    septets
}

/// Septets of a character, if the alphabet has it.
pub fn septets(c: char) -> Option<u32> {
    if c.is_ascii() {
        return match ASCII[c as usize] {
            0 => None,
            n => Some(u32::from(n)),
        };
    }
    match c {
        '£' | '¥' | '§' | '¤' | '¡' | '¿' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | 'Æ' | 'æ'
        | 'ß' | 'É' | 'Ä' | 'Ö' | 'Ñ' | 'Ü' | 'ä' | 'ö' | 'ñ' | 'ü' | 'à' | 'Δ' | 'Φ' | 'Γ' | 'Λ' | 'Ω' | 'Π' | 'Ψ'
        | 'Σ' | 'Θ' | 'Ξ' => Some(1),
        '€' => Some(2),
        _ => None,
    }
}

/// Does the alphabet have this character?
pub fn contains(c: char) -> bool {
    septets(c).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_127_characters_and_ten_more_behind_the_escape() {
        let sizes: Vec<u32> = (0..=0x10_FFFF).filter_map(char::from_u32).filter_map(septets).collect();
        assert_eq!(sizes.iter().filter(|s| **s == 1).count(), 127);
        assert_eq!(sizes.iter().filter(|s| **s == 2).count(), 10);
    }

    #[test]
    fn look_alikes_are_not_in_it() {
        for c in "`\tçáíóúâêãõÀÂ“”‘’…–—•©®™°½\u{1b}\0\u{7f}ΑΒω".chars() {
            assert_eq!(septets(c), None, "{c:?}");
        }
    }
}
