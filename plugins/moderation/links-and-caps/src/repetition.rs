//! Characters in a row, and words or short phrases in a row.

use crate::plain::plain;

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

/// More than `max_characters` times the same character in a row, or else more than `max_words` times the same word or
/// phrase; and which of the two it is too much of.
pub fn repetition(text: &str, max_characters: usize, max_words: usize) -> Option<(Repetition, usize)> {
    if !may_repeat(text, max_characters, max_words) {
        return None;
    }
    let plain = Plain::of(text);
    let found = plain.characters(max_characters).map(|found| (found, max_characters));
    found.or_else(|| Some((plain.words(max_words)?, max_words)))
}

/// Whether there may be something, by one look at each byte: most messages have nothing, and every instruction counts.
/// A number stands for a word and 0 for every character beyond ASCII, so what differs may look alike, and what is the same
/// never differs.
fn may_repeat(text: &str, max_characters: usize, max_words: usize) -> bool {
    let mut last = 0;
    let mut count = 0;
    // The last words, the latest first, and how many of them in a row are as the one `period` words before.
    let mut words = [0_u32; MAX_PERIOD];
    let mut same = [0; MAX_PERIOD];
    let mut word = 0_u32;
    for byte in text.bytes().chain([b' ']) {
        // The second to fourth byte of a character.
        if matches!(byte, 0x80..=0xBF) {
            continue;
        }
        let byte = if byte.is_ascii() { byte.to_ascii_lowercase() } else { 0 };
        if matches!(byte, b' ' | b'\t'..=b'\r') {
            if word != 0 {
                for period in 1..=MAX_PERIOD {
                    same[period - 1] = if words[period - 1] == word { same[period - 1] + 1 } else { 0 };
                    if same[period - 1] > (max_words.max(1) - 1) * period {
                        return true;
                    }
                }
                words.rotate_right(1);
                words[0] = word;
                word = 0;
            }
            (last, count) = (byte, 0);
            continue;
        }
        count = if byte == last { count + 1 } else { 1 };
        last = byte;
        if count > max_characters {
            return true;
        }
        word = word.wrapping_mul(31).wrapping_add(u32::from(byte)) | 1 << 31;
    }
    false
}

/// A text as repetition is looked for in it: in lower case, read once.
#[derive(Debug)]
struct Plain {
    /// Each character and where it begins in the text, in bytes.
    characters: Vec<(char, usize)>,
    bytes: usize,
}

/// A word in [`Plain::characters`].
#[derive(Debug, Clone, Copy)]
struct Word {
    begin: usize,
    end: usize,
    /// Words with another one differ: most are told apart by it.
    hash: u32,
}

impl Plain {
    /// Reads `text`.
    fn of(text: &str) -> Self {
        let mut characters = Vec::with_capacity(text.len());
        characters.extend(text.char_indices().map(|(at, character)| (plain(character), at)));
        Self { characters, bytes: text.len() }
    }

    /// More than `max` times the same character in a row. Case does not count, spaces are none.
    fn characters(&self, max: usize) -> Option<Repetition> {
        let mut found = Repetition { what: "characters", count: 0, superfluous: Vec::new() };
        let mut last = ' ';
        let mut count = 0;
        for (index, &(character, _)) in self.characters.iter().enumerate() {
            if character != last {
                (last, count) = (character, 0);
            }
            count += 1;
            if count > max && !character.is_whitespace() {
                found.superfluous.push(self.place(index, index + 1));
                found.count = found.count.max(count);
            }
        }
        (!found.superfluous.is_empty()).then_some(found)
    }

    /// More than `max` times the same word, or phrase of up to four words, in a row.
    fn words(&self, max: usize) -> Option<Repetition> {
        let words = self.split();
        // The settings' schema asks for at least one.
        let max = max.max(1);
        if words.len() <= max {
            return None;
        }
        for period in 1..=MAX_PERIOD {
            let mut found = Repetition { what: "words", count: 0, superfluous: Vec::new() };
            let mut same = 0;
            for index in period..words.len() {
                let is_same = self.is_same(words[index], words[index - period]);
                same = if is_same { same + 1 } else { 0 };
                let count = same / period + 1;
                if same > (max - 1) * period {
                    found.superfluous.push(self.place(words[index].begin, words[index].end));
                    found.count = found.count.max(count);
                }
            }
            if found.count > max {
                return Some(found);
            }
        }
        None
    }

    fn split(&self) -> Vec<Word> {
        // FNV-1a, character by character.
        const EMPTY: u32 = 0x811C_9DC5;
        let mut words: Vec<Word> = Vec::new();
        let mut is_open = false;
        for (index, &(character, _)) in self.characters.iter().enumerate() {
            if character.is_whitespace() {
                is_open = false;
                continue;
            }
            if !is_open {
                words.push(Word { begin: index, end: index, hash: EMPTY });
            }
            is_open = true;
            if let Some(word) = words.last_mut() {
                word.end = index + 1;
                word.hash = (word.hash ^ u32::from(character)).wrapping_mul(0x0100_0193);
            }
        }
        words
    }

    fn is_same(&self, a: Word, b: Word) -> bool {
        let letters = |word: Word| self.characters[word.begin..word.end].iter().map(|(letter, _)| letter);
        a.hash == b.hash && letters(a).eq(letters(b))
    }

    /// From the character `begin` to the one before `end`, in bytes of the text.
    fn place(&self, begin: usize, end: usize) -> (usize, usize) {
        (self.characters[begin].1, self.characters.get(end).map_or(self.bytes, |(_, at)| *at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn characters(text: &str, max: usize) -> Option<Repetition> {
        let found = Plain::of(text).characters(max);
        assert_eq!(repetition(text, max, usize::MAX / 8).map(|(found, _)| found), found, "{text}");
        found
    }

    fn words(text: &str, max: usize) -> Option<Repetition> {
        let found = Plain::of(text).words(max);
        assert_eq!(repetition(text, usize::MAX, max).map(|(found, _)| found), found, "{text}");
        found
    }

    #[test]
    fn characters_in_a_row_are_counted_without_regard_to_case() {
        let found = characters("Nooooo!", 3).expect("a repetition");
        assert_eq!((found.count, found.superfluous), (5, vec![(4, 5), (5, 6)]));
        assert_eq!(characters("NoOoOo", 3).expect("a repetition").count, 5);
        assert_eq!(characters("äÄäÄ", 3).expect("a repetition").superfluous, [(6, 8)]);
        assert_eq!(characters("ДдДдД", 3).expect("a repetition").count, 5);
        for text in ["", "Nooo!", "привет", "日本語文字", "o o o o o", "          ", "ababab"] {
            assert_eq!(characters(text, 3), None, "{text:?}");
        }
    }

    #[test]
    fn words_and_phrases_in_a_row_are_counted() {
        let found = words("spam Spam SPAM spam!", 2).expect("a repetition");
        assert_eq!((found.count, found.superfluous), (3, vec![(10, 14)]));
        let found = words("Да да ДА", 2).expect("a repetition");
        assert_eq!((found.count, found.superfluous), (3, vec![(10, 14)]));
        let found = words("buy now buy now buy now", 2).expect("a repetition");
        assert_eq!((found.count, found.superfluous), (3, vec![(16, 19), (20, 23)]));
        for text in ["", "one", "spam spam", "buy now buy now", "a b a c a d", "no no yes no no"] {
            assert_eq!(words(text, 2), None, "{text}");
        }
    }
}
