//! The share of capitals.

/// Letters of a text that have a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letters {
    /// Capitals.
    pub capital: u32,
    /// All of them.
    pub all: u32,
}

impl Letters {
    /// Counts those of `text`.
    pub fn of(text: &str) -> Self {
        let mut letters = Self { capital: 0, all: 0 };
        for character in text.chars() {
            let (is_capital, is_small) = if character.is_ascii() {
                (character.is_ascii_uppercase(), character.is_ascii_lowercase())
            } else {
                (character.is_uppercase(), character.is_lowercase())
            };
            letters.capital += u32::from(is_capital);
            letters.all += u32::from(is_capital || is_small);
        }
        letters
    }

    /// The share of capitals, rounded down.
    pub fn percent(self) -> u32 {
        (self.capital * 100).checked_div(self.all).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_with_a_case_are_counted_in_every_alphabet() {
        for (text, capital, all, percent) in [
            ("", 0, 0, 0),
            ("123 !?", 0, 0, 0),
            ("Hello", 1, 5, 20),
            ("STOP IT", 6, 6, 100),
            ("ПРИВЕТ мир", 6, 9, 66),
            ("日本語 A", 1, 1, 100),
        ] {
            let letters = Letters::of(text);
            assert_eq!((letters, letters.percent()), (Letters { capital, all }, percent), "{text}");
        }
    }
}
