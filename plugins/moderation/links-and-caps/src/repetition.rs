//! Characters in a row, and words or short phrases in a row.

/// Words of the longest phrase whose repetition is noticed.
const MAX_PERIOD: usize = 4;

/// What there is too much of: begin and end in bytes of each superfluous part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repetition {
    /// Whether characters or words are repeated.
    pub what: &'static str,
    /// How often.
    pub count: usize,
    /// What can be cut out.
    pub superfluous: Vec<(usize, usize)>,
}

/// More than `max` times the same character in a row. Case does not count, spaces are none.
pub fn characters(text: &str, max: usize) -> Option<Repetition> {
    let mut found = Repetition { what: "characters", count: 0, superfluous: Vec::new() };
    let mut last = ' ';
    let mut count = 0;
    for (at, character) in text.char_indices() {
        let plain = plain(character);
        if character.is_whitespace() || plain != last {
            (last, count) = (plain, 0);
        }
        count += usize::from(!character.is_whitespace());
        if count > max {
            found.superfluous.push((at, at + character.len_utf8()));
            found.count = found.count.max(count);
        }
    }
    (!found.superfluous.is_empty()).then_some(found)
}

/// More than `max` times the same word, or phrase of up to four words, in a row.
pub fn words(text: &str, max: usize) -> Option<Repetition> {
    let begin = text.as_ptr() as usize;
    let words: Vec<_> = text.split_whitespace().collect();
    // The settings' schema asks for at least one.
    let max = max.max(1);
    if words.len() <= max {
        return None;
    }
    let is_same = |a: &str, b: &str| a.chars().map(plain).eq(b.chars().map(plain));
    for period in 1..=MAX_PERIOD {
        let mut found = Repetition { what: "words", count: 0, superfluous: Vec::new() };
        let mut same = 0;
        for index in period..words.len() {
            same = if is_same(words[index], words[index - period]) { same + 1 } else { 0 };
            let count = same / period + 1;
            if same > (max - 1) * period {
                let start = words[index].as_ptr() as usize - begin;
                found.superfluous.push((start, start + words[index].len()));
                found.count = found.count.max(count);
            }
        }
        if found.count > max {
            return Some(found);
        }
    }
    None
}

fn plain(character: char) -> char {
    let mut lower = character.to_lowercase();
    lower.next().filter(|_| lower.next().is_none()).unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_in_a_row_are_counted_without_regard_to_case() {
        let found = characters("Nooooo!", 3).expect("a repetition");
        assert_eq!((found.count, found.superfluous), (5, vec![(4, 5), (5, 6)]));
        assert_eq!(characters("NoOoOo", 3).expect("a repetition").count, 5);
        assert_eq!(characters("äÄäÄ", 3).expect("a repetition").superfluous, [(6, 8)]);
        for text in ["", "Nooo!", "o o o o o", "          ", "ababab"] {
            assert_eq!(characters(text, 3), None, "{text:?}");
        }
    }

    #[test]
    fn words_and_phrases_in_a_row_are_counted() {
        let found = words("spam Spam SPAM spam!", 2).expect("a repetition");
        assert_eq!((found.count, found.superfluous), (3, vec![(10, 14)]));
        let found = words("buy now buy now buy now", 2).expect("a repetition");
        assert_eq!((found.count, found.superfluous), (3, vec![(16, 19), (20, 23)]));
        for text in ["", "one", "spam spam", "buy now buy now", "a b a c a d", "no no yes no no"] {
            assert_eq!(words(text, 2), None, "{text}");
        }
    }
}
