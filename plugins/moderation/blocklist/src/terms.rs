//! Finding terms among the units of a text.
//!
//! The first three classes of a term select it: most places of a text are done
//! with one look into a table of bits. Only what is selected is taken apart and
//! compared unit by unit. The cost of a text therefore hardly depends on the
//! number of terms, and a term that nothing resembles costs next to nothing:
//! the host makes a fresh instance for every batch, so preparing counts, too.

use std::ops::Range;

use crate::skeleton::{Gap, Reading, Skeleton, Unit, can_be_read_as, reading};

/// A term, prepared.
#[derive(Debug, Clone)]
pub struct Term {
    /// The index of its rule.
    pub rule: u16,
    /// Whether it counts inside of longer words, too.
    is_inside_words: bool,
    /// As the tenant wrote it: its place in [`Terms::texts`].
    written: Range<u32>,
    /// As it is compared: the same, or another spelling.
    spelled: Range<u32>,
    key: u32,
    /// The next term of the same chain, plus one.
    next: u32,
}

/// Whether a unit of a term can be read from `written`. Digits are no letters that are drawn out: 88 is not 888.
fn can_be_read(meant: &Unit, written: &Unit) -> bool {
    let is_run =
        if meant.exact.is_ascii_digit() { written.run == meant.run } else { written.run >= meant.run };
    is_run && can_be_read_as(written.exact, meant.exact)
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

/// Three classes in one number; a missing one is 0, which no unit has.
fn key(first: u8, second: u8, third: u8) -> u32 {
    u32::from(first) << 10 | u32::from(second) << 5 | u32::from(third)
}

/// The classes of the first three units of a term; none when it has no letter or digit.
fn first_classes(term: &str) -> Option<[u8; 3]> {
    let mut classes = [0; 3];
    let mut count = 0;
    let mut has_letter = false;
    let mut last = None;
    for character in term.chars() {
        match reading(character) {
            Reading::Unit { exact, class } => {
                has_letter |= exact.is_alphanumeric();
                // As in the skeleton, equal characters in a row are one unit.
                if last != Some(exact) {
                    if let Some(place) = classes.get_mut(count) {
                        *place = class;
                    }
                    count += 1;
                }
                last = Some(exact);
            }
            Reading::Ignored => {}
            Reading::Punctuation | Reading::Space => last = None,
        }
        if has_letter && count > classes.len() {
            break;
        }
    }
    has_letter.then_some(classes)
}

const KEYS: usize = 1 << 15;
const CHAINS: usize = 1 << 10;

/// A place of a text where a term was found.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The term.
    pub term: &'a Term,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// Terms that can be found.
#[derive(Debug)]
pub struct Terms {
    list: Vec<Term>,
    /// All terms.
    texts: String,
    /// Where the terms with a key begin: the index of the first, plus one; 0 for none. Keys share chains.
    chains: Vec<u32>,
    /// One bit a key.
    bits: Vec<u64>,
    /// Whether there are terms of one unit, and of two.
    has_short: [bool; 2],
}

impl Terms {
    /// With room for terms of so many bytes together.
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            list: Vec::with_capacity(bytes / 12),
            texts: String::with_capacity(bytes),
            chains: vec![0; CHAINS],
            bits: vec![0; KEYS / 64],
            has_short: [false; 2],
        }
    }

    /// Adds a term: in lower case, in capitals and with a capital first letter, as far as these look different (a
    /// capital Greek nu looks like N, a small one like v). False when it has no letter.
    pub fn add(&mut self, text: &str, rule: u16, is_inside_words: bool) -> bool {
        let text = text.trim();
        let Some(classes) = first_classes(text) else { return false };
        let written = self.keep(text);
        self.link(
            classes,
            Term {
                rule,
                is_inside_words,
                spelled: written.clone(),
                written: written.clone(),
                key: 0,
                next: 0,
            },
        );
        if text.is_ascii() {
            return true;
        }
        let lower = text.to_lowercase();
        let mut rest = lower.chars();
        let title: String = rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect();
        let mut known = vec![units_of(text)];
        for spelled in [text.to_uppercase(), title, lower] {
            let units = units_of(&spelled);
            if let Some(classes) = first_classes(&spelled).filter(|_| !known.contains(&units)) {
                known.push(units);
                let spelled = self.keep(&spelled);
                self.link(
                    classes,
                    Term { rule, is_inside_words, spelled, written: written.clone(), key: 0, next: 0 },
                );
            }
        }
        true
    }

    fn keep(&mut self, text: &str) -> Range<u32> {
        let begin = self.texts.len() as u32;
        self.texts.push_str(text);
        begin..self.texts.len() as u32
    }

    fn link(&mut self, [first, second, third]: [u8; 3], term: Term) {
        let key = key(first, second, third);
        self.bits[key as usize / 64] |= 1 << (key % 64);
        self.has_short[0] |= second == 0;
        self.has_short[1] |= second != 0 && third == 0;
        let chain = &mut self.chains[key as usize % CHAINS];
        let next = std::mem::replace(chain, self.list.len() as u32 + 1);
        self.list.push(Term { key, next, ..term });
    }

    fn kept(&self, range: &Range<u32>) -> &str {
        &self.texts[range.start as usize..range.end as usize]
    }

    /// A term as the tenant wrote it.
    pub fn text(&self, term: &Term) -> &str {
        self.kept(&term.written)
    }

    /// Calls `found` for every place of a term in the text of `skeleton`, from the front.
    pub fn find<'a>(&'a self, skeleton: &Skeleton, mut found: impl FnMut(Found<'a>)) {
        if self.list.is_empty() {
            return;
        }
        let units = &skeleton.units[..];
        let class = |index: usize| units.get(index).map_or(0, |unit| unit.class);
        let (mut first, mut second) = (class(0), class(1));
        for begin in 0..units.len() {
            let third = class(begin + 2);
            self.look(key(first, second, third), units, begin, &mut found);
            if self.has_short[1] && third != 0 {
                self.look(key(first, second, 0), units, begin, &mut found);
            }
            if self.has_short[0] && second != 0 {
                self.look(key(first, 0, 0), units, begin, &mut found);
            }
            (first, second) = (second, third);
        }
    }

    #[inline]
    fn look<'a>(&'a self, key: u32, units: &[Unit], begin: usize, found: &mut impl FnMut(Found<'a>)) {
        if self.bits[key as usize / 64] >> (key % 64) & 1 != 0 {
            self.compare(key, units, begin, found);
        }
    }

    #[cold]
    fn compare<'a>(&'a self, key: u32, units: &[Unit], begin: usize, found: &mut impl FnMut(Found<'a>)) {
        let mut next = self.chains[key as usize % CHAINS];
        while let Some(term) = (next as usize).checked_sub(1).and_then(|index| self.list.get(index)) {
            next = term.next;
            if term.key == key
                && let Some(end) = self.end_of_match(term, units, begin)
            {
                found(Found { term, start: units[begin].start as usize, end: units[end - 1].end as usize });
            }
        }
    }

    /// Where `term`, if it begins with the unit at `begin`, ends: the index behind its last unit.
    fn end_of_match(&self, term: &Term, units: &[Unit], begin: usize) -> Option<usize> {
        let meant = units_of(self.kept(&term.spelled));
        let end = begin + meant.len();
        let written = units.get(begin..end)?;
        for (index, (written, meant)) in written.iter().zip(&meant).enumerate() {
            let is_apart = index > 0 && written.gap == Gap::Space && meant.gap != Gap::Space;
            if is_apart || !can_be_read(meant, written) {
                return None;
            }
        }
        let is_whole = term.is_inside_words || (is_begin(units, begin) && is_end(units, end));
        is_whole.then_some(end)
    }
}

/// The units of a term, without those that letters written one by one would add.
fn units_of(term: &str) -> Vec<Unit> {
    let mut skeleton = Skeleton::default();
    skeleton.read(term);
    skeleton.units.truncate(skeleton.own());
    skeleton.units
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(term: &str, is_inside_words: bool) -> Terms {
        let mut terms = Terms::with_capacity(0);
        terms.add(term, 0, is_inside_words);
        terms
    }

    fn is_found(term: &str, is_inside_words: bool, text: &str) -> bool {
        let terms = prepared(term, is_inside_words);
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
                let terms = prepared(term, false);
                let mut skeleton = Skeleton::default();
                skeleton.read(text);
                let mut count = 0;
                terms.find(&skeleton, |_| count += 1);
                assert_eq!(count, 1, "{term} in {text}");
            }
        }
        assert_eq!(prepared("Badger", false).list.len(), 1);
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
            assert!(!Terms::with_capacity(0).add(text, 0, true), "{text:?}");
        }
    }
}
