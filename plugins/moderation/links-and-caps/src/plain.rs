//! Characters without their case.

/// `character` in lower case, where that is one character.
pub fn plain(character: char) -> char {
    match character {
        '\0'..='\x7F' => return character.to_ascii_lowercase(),
        // Scripts without case and emoji, which need no search in a table.
        '\u{2E80}'..='\u{A63F}' | '\u{AC00}'..='\u{FAFF}' | '\u{1D000}'..='\u{1E8FF}' | '\u{1EA00}'.. => {
            return character;
        }
        _ => {}
    }
    let mut lower = character.to_lowercase();
    lower.next().filter(|_| lower.next().is_none()).unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_of_the_search_has_no_case() {
        for character in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let mut lower = character.to_lowercase();
            let expected = lower.next().filter(|_| lower.next().is_none()).unwrap_or(character);
            assert_eq!(plain(character), expected, "{character:?}");
        }
    }
}
