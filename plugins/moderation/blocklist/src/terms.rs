//! Finding terms among the units of a text.
//!
//! The first three classes of a term select it: most places of a text are done
//! with one look into a table of bits. What is selected is compared unit by
//! unit. The cost of a text therefore hardly depends on the number of terms.

use crate::skeleton::{Gap, Skeleton, Unit, can_be_read_as};

/// A term, prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// As the tenant wrote it.
    pub text: String,
    /// The index of its rule.
    pub rule: u16,
    /// Whether it counts inside of longer words, too.
    pub is_inside_words: bool,
    units: Vec<TermUnit>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct TermUnit {
    exact: char,
    class: u8,
    run: u8,
    /// Whether a new word begins here.
    begins_word: bool,
}

impl Term {
    /// Adds a term to `terms`: in lower case, in capitals and with a capital first letter, as far as these look
    /// different (a capital Greek nu looks like N, a small one like v). False when it has no letter. `skeleton` is
    /// where it is taken apart.
    pub fn add(
        terms: &mut Vec<Self>,
        skeleton: &mut Skeleton,
        text: &str,
        rule: u16,
        is_inside_words: bool,
    ) -> bool {
        let own = terms.len();
        let mut add = |spelled: &str| {
            let units = units_of(skeleton, spelled);
            let is_known = terms[own..].iter().any(|term| term.units == units);
            if !is_known && units.iter().any(|unit| unit.exact.is_alphanumeric()) {
                terms.push(Self { text: text.trim().to_owned(), rule, is_inside_words, units });
            }
        };
        add(text);
        if !text.is_ascii() {
            let lower = text.to_lowercase();
            let mut rest = lower.chars();
            let title: String = rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect();
            for spelled in [text.to_uppercase(), title, lower] {
                add(&spelled);
            }
        }
        terms.len() > own
    }

    fn key(&self) -> u32 {
        key(self.units.iter().map(|unit| unit.class))
    }

    /// Where the term that begins with the unit at `begin` ends: the index behind its last unit.
    fn end_of_match(&self, units: &[Unit], begin: usize) -> Option<usize> {
        let end = begin + self.units.len();
        let written = units.get(begin..end)?;
        for (index, (written, meant)) in written.iter().zip(&self.units).enumerate() {
            let is_apart = index > 0 && written.gap == Gap::Space && !meant.begins_word;
            // Digits are no letters that are drawn out: 88 is not 888.
            let is_run = if meant.exact.is_ascii_digit() {
                written.run == meant.run
            } else {
                written.run >= meant.run
            };
            if is_apart || !is_run || !can_be_read_as(written.exact, meant.exact) {
                return None;
            }
        }
        let is_whole = self.is_inside_words || (is_begin(units, begin) && is_end(units, end));
        is_whole.then_some(end)
    }
}

fn units_of(skeleton: &mut Skeleton, text: &str) -> Vec<TermUnit> {
    skeleton.read(text);
    let own = skeleton.units.iter().take_while(|unit| !unit.is_spelled);
    own.map(|unit| TermUnit {
        exact: unit.exact,
        class: unit.class,
        run: unit.run,
        begins_word: unit.gap == Gap::Space,
    })
    .collect()
}

/// Whether a word may begin with the unit at `index`.
fn is_begin(units: &[Unit], index: usize) -> bool {
    let unit = &units[index];
    unit.is_spelled
        || unit.gap != Gap::None
        || index.checked_sub(1).is_none_or(|before| units[before].is_symbol)
}

/// Whether a word may end before the unit at `index`.
fn is_end(units: &[Unit], index: usize) -> bool {
    let last = &units[index - 1];
    last.is_spelled || units.get(index).is_none_or(|next| next.gap != Gap::None || next.is_symbol)
}

/// Up to three classes in one number; a missing one is 0, which no unit has.
fn key(classes: impl Iterator<Item = u8>) -> u32 {
    let mut classes = classes.map(u32::from);
    let mut next = || classes.next().unwrap_or(0);
    let (first, second, third) = (next(), next(), next());
    first << 10 | second << 5 | third
}

const KEYS: usize = 1 << 15;

/// A place of a text where a term was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The term's index.
    pub term: usize,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// Terms that can be found.
#[derive(Debug)]
pub struct Terms {
    list: Vec<Term>,
    /// Keys in ascending order with the indices of their terms.
    index: Vec<(u32, u32)>,
    /// One bit a key.
    bits: Vec<u64>,
    /// Whether there are terms of one unit, and of two.
    has_short: [bool; 2],
}

impl Terms {
    /// Prepares terms.
    pub fn new(terms: Vec<Term>) -> Self {
        let mut index: Vec<_> = terms.iter().zip(0..).map(|(term, number)| (term.key(), number)).collect();
        index.sort_unstable();
        let mut bits = vec![0; KEYS / 64];
        for (key, _) in &index {
            bits[*key as usize / 64] |= 1 << (key % 64);
        }
        let has = |length: usize| terms.iter().any(|term| term.units.len() == length);
        Self { has_short: [has(1), has(2)], list: terms, index, bits }
    }

    /// The term at `index`.
    pub fn term(&self, index: usize) -> &Term {
        &self.list[index]
    }

    /// Calls `found` for every place of a term in the text of `skeleton`, from the front.
    pub fn find(&self, skeleton: &Skeleton, mut found: impl FnMut(Found)) {
        if self.list.is_empty() {
            return;
        }
        let units = &skeleton.units[..];
        let class = |index: usize| units.get(index).map_or(0, |unit| u32::from(unit.class));
        let (mut first, mut second) = (class(0), class(1));
        for begin in 0..units.len() {
            let third = class(begin + 2);
            let pair = first << 10 | second << 5;
            self.look(pair | third, units, begin, &mut found);
            if self.has_short[1] && third != 0 {
                self.look(pair, units, begin, &mut found);
            }
            if self.has_short[0] && second != 0 {
                self.look(first << 10, units, begin, &mut found);
            }
            (first, second) = (second, third);
        }
    }

    #[inline]
    fn look(&self, key: u32, units: &[Unit], begin: usize, found: &mut impl FnMut(Found)) {
        if self.bits[key as usize / 64] >> (key % 64) & 1 != 0 {
            self.compare(key, units, begin, found);
        }
    }

    #[cold]
    fn compare(&self, key: u32, units: &[Unit], begin: usize, found: &mut impl FnMut(Found)) {
        let from = self.index.partition_point(|(other, _)| *other < key);
        let selected = self.index[from..].iter().take_while(|(other, _)| *other == key);
        for (_, term) in selected {
            let term = *term as usize;
            if let Some(end) = self.list[term].end_of_match(units, begin) {
                found(Found { term, start: units[begin].start as usize, end: units[end - 1].end as usize });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(term: &str, is_inside_words: bool) -> Vec<Term> {
        let mut terms = Vec::new();
        Term::add(&mut terms, &mut Skeleton::default(), term, 0, is_inside_words);
        terms
    }

    fn is_found(term: &str, is_inside_words: bool, text: &str) -> bool {
        let terms = Terms::new(prepared(term, is_inside_words));
        let mut skeleton = Skeleton::default();
        skeleton.read(text);
        let mut is_found = false;
        terms.find(&skeleton, |_| is_found = true);
        is_found
    }

    fn finds(term: &str, text: &str) -> bool {
        is_found(term, false, text)
    }

    #[test]
    fn a_term_is_found_however_it_is_dressed() {
        for text in [
            "badger",
            "BADGER!",
            "so, badger.",
            "b4dg3r",
            "8adger",
            "b@dger",
            "baaaadger",
            "b a d g e r",
            "b.a.d.g.e.r",
            "b-adger",
            "bad_ger",
            "b\u{200B}adger",
            "bádgér",
            "bаdgеr",
            "𝕓𝕒𝕕𝕘𝕖𝕣",
            "x b a a d g e r y z",
        ] {
            assert!(finds("badger", text), "{text}");
        }
    }

    #[test]
    fn letters_whose_cases_look_like_different_ones_are_found_in_either_case() {
        for term in ["νίκη", "ΝΙΚΗ"] {
            for text in ["νίκη", "ΝΊΚΗ", "Νίκη"] {
                let terms = Terms::new(prepared(term, false));
                let mut skeleton = Skeleton::default();
                skeleton.read(text);
                let mut count = 0;
                terms.find(&skeleton, |_| count += 1);
                assert_eq!(count, 1, "{term} in {text}");
            }
        }
        assert_eq!(prepared("Badger", false).len(), 1);
    }

    #[test]
    fn what_only_resembles_a_term_is_not_found() {
        for text in ["badge", "badgers", "abadger", "bad ger", "b ad ger", "badgr", "", "   ", "bud ger"] {
            assert!(!finds("badger", text), "{text}");
        }
        assert!(!finds("ass", "as"), "a letter cannot stand for two");
        assert!(!finds("ass", "pass as assessment"));
        assert!(!finds("good", "god"));
        assert!(finds("ass", "a55"));
        assert!(finds("ass", "aaaasssss"));
    }

    #[test]
    fn inside_of_words_a_term_is_found_where_the_tenant_wants_it() {
        assert!(is_found("cat", true, "concatenate"));
        assert!(!is_found("cat", false, "concatenate"));
        assert!(!is_found("cat", true, "lilac at noon"), "not across words");
    }

    #[test]
    fn punctuation_that_may_be_a_letter_also_ends_words() {
        for text in ["bad!", "!bad", "bad!bad", "$bad$", "(bad)", "bad@home"] {
            assert!(finds("bad", text), "{text}");
        }
        assert!(finds("shit", "$h!t") && finds("bill", "b!||") && finds("bill", "BIll"));
    }

    #[test]
    fn digits_of_a_term_mean_themselves() {
        assert!(finds("88", "hh 88 hh"));
        for text in ["bb", "888", "b8", "1888", "8 9"] {
            assert!(!finds("88", text), "{text}");
        }
        assert!(finds("1488", "1488!") && !finds("1488", "i4bb"));
    }

    #[test]
    fn terms_of_several_words_are_found_across_any_gap() {
        for text in ["kill yourself", "KILL   YOURSELF", "kill, yourself!", "kill-yourself", "killyourself"] {
            assert!(finds("kill yourself", text), "{text}");
        }
        assert!(!finds("kill yourself", "kill it yourself"));
        assert!(!finds("kill yourself", "skill yourself"));
    }

    #[test]
    fn short_terms_and_other_alphabets_are_found() {
        assert!(finds("x", "a x b") && !finds("x", "ax"));
        assert!(finds("kk", "kk") && finds("kk", "so kkkk!") && !finds("kk", "k"));
        assert!(finds("плохо", "Это ПЛОХО!") && !finds("плохо", "неплохо"));
        assert!(is_found("笨蛋", true, "你是笨蛋吗"));
    }

    #[test]
    fn what_has_no_letter_is_no_term() {
        for text in ["", " ", "...", "!!!", "$", "\u{200B}"] {
            assert_eq!(prepared(text, true), [], "{text:?}");
        }
    }
}
