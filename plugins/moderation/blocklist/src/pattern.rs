//! Globs in linear time, read over what a text looks like.
//!
//! | Sign | Stands for |
//! |---|---|
//! | `*` | any characters but white space, or none |
//! | `?` | one character but white space |
//! | `#` | one digit |
//! | `[abc]`, `[a-f]`, `[!abc]` | one of these characters, one of this range, one but these |
//! | space | any white space |
//! | `\` | before a sign: the sign itself |
//! | anything else | itself, and whatever looks like it |
//!
//! A pattern begins and ends with words, except where it begins or ends with `*`.
//!
//! All states of a pattern are the bits of one number (Shift-And), so a
//! character costs the same whatever the pattern: there is nothing to blow up.

#[cfg(doc)]
use crate::skeleton::Skeleton;
use crate::skeleton::{Reading, reading};

/// Signs of a pattern; the state behind the last one needs a bit, too.
pub const MAX_SIGNS: usize = 63;

/// Characters of one range of a set: the longest alphabets have fewer.
const MAX_MEMBERS: usize = 256;

/// Stands for punctuation that has no sign of its own.
const OTHER: char = '\u{FFFD}';

/// A text as patterns read it.
#[derive(Debug, Default)]
pub struct Plain {
    characters: Vec<char>,
    /// Where each character begins and ends in the text, in bytes.
    places: Vec<(u32, u32)>,
}

impl Plain {
    /// Takes `text` in: look-alikes as what they look like, white space as one space.
    pub fn read(&mut self, text: &str) {
        self.characters.clear();
        self.places.clear();
        for (start, character) in text.char_indices() {
            let end = (start + character.len_utf8()) as u32;
            let Some(plain) = plain(character) else {
                if let Some(last) = self.places.last_mut() {
                    last.1 = end;
                }
                continue;
            };
            if plain == ' ' && self.characters.last() == Some(&' ') {
                continue;
            }
            self.characters.push(plain);
            self.places.push((start as u32, end));
        }
    }
}

/// What a character looks like; none when it is not to be seen.
fn plain(character: char) -> Option<char> {
    match reading(character) {
        Reading::Unit { exact, .. } => Some(exact),
        Reading::Space => Some(' '),
        Reading::Ignored => None,
        Reading::Punctuation if character.is_ascii() => Some(character),
        // Full width forms.
        Reading::Punctuation => Some(
            (character as u32)
                .checked_sub(0xFEE0)
                .and_then(|code| u8::try_from(code).ok())
                .filter(u8::is_ascii_graphic)
                .map_or(OTHER, char::from),
        ),
    }
}

/// A pattern, prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// As the tenant wrote it.
    pub text: String,
    /// The index of its rule.
    pub rule: u16,
    /// For every ASCII character the signs that take it.
    takes: Box<[u64; 128]>,
    /// The same for other characters, in ascending order; those that are not here are taken by `takes_others`.
    takes_beyond: Vec<(char, u64)>,
    takes_others: u64,
    /// Signs that may be repeated or left out: `*`.
    stars: u64,
    /// The state behind the last sign.
    last: u64,
    begins_word: bool,
    ends_word: bool,
    /// Classes without which it cannot be found, as in [`Skeleton::present`].
    needs: u32,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternInvalid {
    /// It takes everything.
    Empty,
    /// More than [`MAX_SIGNS`] signs.
    TooLong,
    /// A `[` without its `]`, or a set without characters.
    Set,
    /// A `\` at the end.
    Escape,
}

impl std::fmt::Display for PatternInvalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "the pattern would match everything",
            Self::TooLong => "the pattern has more than 63 signs",
            Self::Set => "a set needs [, characters and ]",
            Self::Escape => "there is nothing behind the last \\",
        })
    }
}

/// One sign of a pattern.
enum Sign {
    Star,
    One(Set),
}

enum Set {
    /// This character.
    Exactly(char),
    /// Anything but white space.
    Visible,
    Digit,
    /// One of these (or, where it is negated, none of these), and no white space.
    OneOf {
        members: Vec<char>,
        is_negated: bool,
    },
}

impl Pattern {
    /// Prepares a pattern.
    pub fn new(text: &str, rule: u16) -> Result<Self, PatternInvalid> {
        let mut signs = signs(text.trim())?;
        let begins_with_star = matches!(signs.first(), Some(Sign::Star));
        let ends_with_star = matches!(signs.last(), Some(Sign::Star));
        if begins_with_star {
            signs.remove(0);
        }
        if ends_with_star {
            signs.pop();
        }
        let takes_something = signs.iter().any(|sign| !matches!(sign, Sign::Star | Sign::One(Set::Visible)));
        if !takes_something {
            return Err(PatternInvalid::Empty);
        }
        if signs.len() > MAX_SIGNS {
            return Err(PatternInvalid::TooLong);
        }
        let mut pattern = Self {
            text: text.trim().to_owned(),
            rule,
            takes: Box::new([0; 128]),
            takes_beyond: Vec::new(),
            takes_others: 0,
            stars: 0,
            last: 1 << signs.len(),
            begins_word: !begins_with_star,
            ends_word: !ends_with_star,
            needs: 0,
        };
        pattern.fill(&signs);
        Ok(pattern)
    }

    fn fill(&mut self, signs: &[Sign]) {
        let visible = signs.iter().enumerate().filter(|(_, sign)| match sign {
            Sign::Star => true,
            Sign::One(set) => matches!(set, Set::Visible | Set::OneOf { is_negated: true, .. }),
        });
        let visible = visible.fold(0, |bits, (index, _)| bits | 1 << index);
        *self.takes = [visible; 128];
        self.takes[usize::from(b' ')] = 0;
        self.takes_others = visible;
        for (index, sign) in signs.iter().enumerate() {
            let bit = 1 << index;
            match sign {
                Sign::Star => self.stars |= bit,
                Sign::One(Set::Visible) => {}
                Sign::One(Set::Digit) => {
                    self.takes[usize::from(b'0')..=usize::from(b'9')]
                        .iter_mut()
                        .for_each(|mask| *mask |= bit);
                    self.needs |= 1;
                }
                Sign::One(Set::Exactly(character)) => {
                    *self.mask_mut(*character) |= bit;
                    self.needs |= needs(*character);
                }
                Sign::One(Set::OneOf { members, .. }) => {
                    // What is taken unless it is named becomes refused, and the other way round.
                    members.iter().filter(|c| **c != ' ').for_each(|c| *self.mask_mut(*c) ^= bit);
                }
            }
        }
    }

    fn mask_mut(&mut self, character: char) -> &mut u64 {
        if character.is_ascii() {
            return &mut self.takes[character as usize];
        }
        let others = self.takes_others;
        let beyond = &mut self.takes_beyond;
        let index = beyond.binary_search_by_key(&character, |(other, _)| *other).unwrap_or_else(|index| {
            beyond.insert(index, (character, others));
            index
        });
        &mut beyond[index].1
    }

    fn mask(&self, character: char) -> u64 {
        match self.takes.get(character as usize) {
            Some(mask) => *mask,
            None => match self.takes_beyond.binary_search_by_key(&character, |(other, _)| *other) {
                Ok(index) => self.takes_beyond[index].1,
                Err(_) => self.takes_others,
            },
        }
    }

    /// Whether a text may hold the pattern, by what is [present](Skeleton::present) in it.
    pub fn may_be_in(&self, present: u32) -> bool {
        self.needs & !present == 0
    }

    /// The first place of the pattern in `text`: begin and end in bytes.
    pub fn find(&self, text: &Plain) -> Option<(usize, usize)> {
        let characters = &text.characters[..];
        let end = self.end_of_match(characters)?;
        let begin = self.begin_of_match(characters, end);
        Some((text.places[begin].0 as usize, text.places[end].1 as usize))
    }

    /// The index of the last character of the first match.
    fn end_of_match(&self, characters: &[char]) -> Option<usize> {
        let first = self.skip_stars(1);
        let mut states = 0;
        let mut before = ' ';
        for (index, &character) in characters.iter().enumerate() {
            let mask = self.mask(character);
            if mask & first != 0 && (!self.begins_word || is_border(before, character)) {
                states |= first;
            }
            before = character;
            if states == 0 {
                continue;
            }
            states = self.step(states, mask);
            if states & self.last != 0 {
                let next = characters.get(index + 1).copied().unwrap_or(' ');
                if !self.ends_word || is_border(character, next) {
                    return Some(index);
                }
            }
        }
        None
    }

    /// The index of the first character of the shortest match that ends at `end`. At most once a text and pattern.
    fn begin_of_match(&self, characters: &[char], end: usize) -> usize {
        let is_match = |begin: usize| {
            let before = begin.checked_sub(1).map_or(' ', |index| characters[index]);
            if self.begins_word && !is_border(before, characters[begin]) {
                return false;
            }
            let mut states = self.skip_stars(1);
            for character in &characters[begin..=end] {
                states = self.step(states, self.mask(*character));
            }
            states & self.last != 0
        };
        // Longer matches than this are masked from here on only; the search stays linear.
        let first = end.saturating_sub(4 * MAX_SIGNS);
        (first..=end).rev().find(|begin| is_match(*begin)).unwrap_or(first)
    }

    #[inline]
    fn step(&self, states: u64, mask: u64) -> u64 {
        let taken = states & mask;
        let moved = (taken & !self.stars) << 1;
        self.skip_stars(moved | taken & self.stars)
    }

    /// A `*` may stand for nothing. Two in a row are one, so one step is enough.
    #[inline]
    fn skip_stars(&self, states: u64) -> u64 {
        states | (states & self.stars) << 1
    }
}

/// The class that a text with `character` has, as a bit.
fn needs(character: char) -> u32 {
    match reading(character) {
        Reading::Unit { class, .. } => 1 << class,
        _ => 0,
    }
}

/// Whether a word begins or ends between two characters.
fn is_border(before: char, after: char) -> bool {
    !(before.is_alphanumeric() && after.is_alphanumeric())
}

fn signs(text: &str) -> Result<Vec<Sign>, PatternInvalid> {
    let mut signs = Vec::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let sign = match character {
            '*' if matches!(signs.last(), Some(Sign::Star)) => continue,
            '*' => Sign::Star,
            '?' => Sign::One(Set::Visible),
            '#' => Sign::One(Set::Digit),
            '[' => Sign::One(set(&mut characters)?),
            '\\' => Sign::One(Set::Exactly(characters.next().and_then(plain).ok_or(PatternInvalid::Escape)?)),
            _ => match plain(character) {
                Some(' ') if matches!(signs.last(), Some(Sign::One(Set::Exactly(' ')))) => continue,
                Some(exact) => Sign::One(Set::Exactly(exact)),
                None => continue,
            },
        };
        signs.push(sign);
        if signs.len() > MAX_SIGNS + 2 {
            return Err(PatternInvalid::TooLong);
        }
    }
    Ok(signs)
}

fn set(characters: &mut std::str::Chars<'_>) -> Result<Set, PatternInvalid> {
    let rest = characters.as_str();
    let end = rest.find(']').ok_or(PatternInvalid::Set)?;
    let (is_negated, inner) = match rest[..end].strip_prefix('!') {
        Some(inner) => (true, inner),
        None => (false, &rest[..end]),
    };
    *characters = rest[end + 1..].chars();
    let inner: Vec<char> = inner.chars().collect();
    let mut inner = &inner[..];
    let mut members = Vec::new();
    while let [first, rest @ ..] = inner {
        let (last, rest) = if let ['-', last, rest @ ..] = rest { (last, rest) } else { (first, rest) };
        members.extend((*first.min(last)..=*first.max(last)).take(MAX_MEMBERS).filter_map(plain));
        inner = rest;
    }
    members.sort_unstable();
    members.dedup();
    if members.is_empty() { Err(PatternInvalid::Set) } else { Ok(Set::OneOf { members, is_negated }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(pattern: &str, text: &'a str) -> Option<&'a str> {
        let mut plain = Plain::default();
        plain.read(text);
        let pattern = Pattern::new(pattern, 0).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        pattern.find(&plain).map(|(start, end)| &text[start..end])
    }

    #[test]
    fn signs_stand_for_what_the_table_says() {
        for (pattern, text, expected) in [
            ("free coins", "get FREE   coins now", Some("FREE   coins")),
            ("free coins", "freecoins", None),
            ("free*coins", "get free-gold-coins now", Some("free-gold-coins")),
            ("free*coins", "freecoins", Some("freecoins")),
            ("free*coins", "free gold coins", None),
            ("c?t", "a cut", Some("cut")),
            ("c?t", "ct", None),
            ("###-####", "call 555-1234!", Some("555-1234")),
            ("###-####", "call 5555-1234", None),
            ("*###-####", "call 5555-1234", Some("555-1234")),
            ("[bc]at", "the cat", Some("cat")),
            ("[!bc]at", "a cat sat", Some("sat")),
            ("[a-c]#", "b7", Some("b7")),
            ("*.ru", "visit evil.ru today", Some(".ru")),
            ("buy*", "buyers beware", Some("buy")),
            ("wow \\?", "wow ?", Some("wow ?")),
            ("100\\*", "100*", Some("100*")),
            ("[а-я]*", "это", Some("э")),
        ] {
            assert_eq!(found(pattern, text), expected, "{pattern} in {text}");
        }
    }

    #[test]
    fn words_are_whole_unless_the_pattern_says_otherwise() {
        assert_eq!(found("cat", "concatenate"), None);
        assert_eq!(found("*cat*", "concatenate"), Some("cat"));
        assert_eq!(found("cat*", "cats"), Some("cat"));
        assert_eq!(found("*cat", "cats"), None);
        assert_eq!(found("cat", "(cat)"), Some("cat"));
    }

    #[test]
    fn look_alikes_are_taken_for_what_they_look_like() {
        assert_eq!(found("free coins", "ＦＲＥＥ ｃоіn\u{200B}s"), Some("ＦＲＥＥ ｃоіn\u{200B}s"));
        assert_eq!(found("a/b", "а／b"), Some("а／b"));
    }

    #[test]
    fn patterns_that_cannot_be_used_are_refused() {
        for (pattern, expected) in [
            ("", PatternInvalid::Empty),
            ("*", PatternInvalid::Empty),
            ("*?*", PatternInvalid::Empty),
            ("[abc", PatternInvalid::Set),
            ("[]", PatternInvalid::Set),
            ("a\\", PatternInvalid::Escape),
            (&"a".repeat(64), PatternInvalid::TooLong),
        ] {
            assert_eq!(Pattern::new(pattern, 0), Err(expected), "{pattern}");
        }
        assert!(Pattern::new(&"a".repeat(MAX_SIGNS), 0).is_ok());
        assert!(Pattern::new(&format!("*{}*", "a".repeat(MAX_SIGNS)), 0).is_ok());
    }

    #[test]
    fn a_pattern_that_would_blow_up_a_regular_expression_is_read_in_one_pass() {
        let text = "a".repeat(100_000) + "!";
        assert_eq!(found("a*a*a*a*a*a*a*a*b", &text), None);
        assert!(found("*a*a*a*a*a*!", &text).is_some());
    }
}
