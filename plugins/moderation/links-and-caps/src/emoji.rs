//! How many emoji there are for the eye: a family joined by U+200D, a flag of two letters, a skin tone are one.

/// Where each emoji begins in `text`, in bytes.
pub fn emoji(text: &str) -> Vec<usize> {
    if text.is_ascii() {
        return Vec::new();
    }
    let mut places = Vec::new();
    let mut is_joined = false;
    let mut is_half_flag = false;
    for (at, character) in text.char_indices() {
        match character as u32 {
            0x200D => {
                is_joined = true;
                continue;
            }
            // Skin tones, presentation, tags and keycaps belong to what stands before them.
            0x1F3FB..=0x1F3FF | 0xFE0E | 0xFE0F | 0xE0020..=0xE007F | 0x20E3 => continue,
            0x1F1E6..=0x1F1FF => {
                if !is_half_flag {
                    places.push(at);
                }
                is_half_flag = !is_half_flag;
                is_joined = false;
                continue;
            }
            code if is_emoji(code) && !is_joined => places.push(at),
            _ => {}
        }
        (is_joined, is_half_flag) = (false, false);
    }
    places
}

/// Blocks of the Unicode Character Database whose characters are shown as emoji or like them.
fn is_emoji(code: u32) -> bool {
    // Nearly all letters.
    if code < 0x203C || (0x3300..0x1F000).contains(&code) {
        return false;
    }
    matches!(
        code,
        0x203C | 0x2049 | 0x2139
            | 0x2194..=0x21AA
            | 0x231A..=0x23FF
            | 0x25AA..=0x25FE
            | 0x2600..=0x27BF
            | 0x2934..=0x2935
            | 0x2B05..=0x2B55
            | 0x3030 | 0x303D | 0x3297 | 0x3299
            | 0x1F000..=0x1F0FF
            | 0x1F170..=0x1F19A
            | 0x1F200..=0x1F2FF
            | 0x1F300..=0x1FAFF
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_are_counted_as_people_see_them() {
        for (text, count) in [
            ("", 0),
            ("no emoji :-)", 0),
            ("naïve ©", 0),
            ("😀😀 😀", 3),
            ("👍🏽", 1),
            ("👨‍👩‍👧‍👦", 1),
            ("🇩🇪🇫🇷", 2),
            ("❤️‍🔥", 1),
            ("❤️❤️", 2),
            ("😀‍ 😀", 2),
        ] {
            assert_eq!(emoji(text).len(), count, "{text}");
        }
    }

    #[test]
    fn places_are_those_of_the_first_character() {
        assert_eq!(emoji("a👍🏽b😀"), [1, 10]);
    }
}
