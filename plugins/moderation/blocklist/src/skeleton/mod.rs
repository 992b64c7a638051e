//! A text as units: what each character stands for, how often in a row, behind which gap.
//!
//! "B-á-ａa  d" becomes the units `b`, `a` (behind punctuation), `aa`, `d` (behind
//! a space). Terms are turned into units the same way, so that whatever two
//! texts look alike by is not seen by either.

mod look_alikes;

use look_alikes::RANGES;

/// What stands before a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// Another unit, directly.
    None,
    /// Punctuation, symbols, emoji.
    Punctuation,
    /// White space, or the beginning.
    Space,
}

/// Equal characters in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// What the character stands for, in lower case.
    pub exact: char,
    /// Where it begins in the text, in bytes.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// From 1 to 31: letters, digits and symbols that may stand for each other have the same.
    pub class: u8,
    /// How many there are; 255 stands for more.
    pub run: u8,
    /// What stands before it.
    pub gap: Gap,
    /// Whether it is punctuation that may stand for a letter, and so also ends words.
    pub is_symbol: bool,
    /// Whether it belongs to letters that were written one by one, and are repeated here as one word.
    pub is_spelled: bool,
}

/// Letters written one by one are a word from so many on.
const SPELLED: usize = 3;

/// The units of a text. Keeps its memory from text to text.
#[derive(Debug, Default)]
pub struct Skeleton {
    /// The text's own units; behind them, as one word each, the letters that were written one by one.
    pub units: Vec<Unit>,
    /// One bit for every class that occurs, and bit 0 for digits. What needs others is not in the text.
    pub present: u32,
    spelled: Vec<(usize, usize)>,
}

/// Units without a gap between them.
#[derive(Debug, Clone, Copy, Default)]
struct Piece {
    units: usize,
    /// Those that are no symbols.
    letters: usize,
}

impl Piece {
    /// Whether it is one letter, perhaps with a `!` behind it, or one symbol.
    fn is_single(self) -> bool {
        self.letters == 1 || (self.letters == 0 && self.units == 1)
    }
}

/// Single pieces in a row.
#[derive(Debug, Clone, Copy, Default)]
struct Singles {
    pieces: usize,
    units: usize,
}

impl Skeleton {
    /// Takes the units of `text` in.
    pub fn read(&mut self, text: &str) {
        self.units.clear();
        self.spelled.clear();
        self.present = 0;
        self.units.reserve(text.len());
        let mut gap = Gap::Space;
        let mut piece = Piece::default();
        let mut singles = Singles::default();
        let mut last = '\0';
        let mut end = 0;
        while let Some(&byte) = text.as_bytes().get(end) {
            let start = end;
            // Most characters are ASCII: they are looked up without being decoded.
            let (exact, code) = if byte < 128 {
                end += 1;
                let (exact, code) = ASCII[usize::from(byte)];
                (char::from(exact), code)
            } else {
                let Some(character) = text[start..].chars().next() else { break };
                end += character.len_utf8();
                read_beyond_ascii(character)
            };
            if code > LAST_CODE {
                match code {
                    SPACE => gap = Gap::Space,
                    PUNCTUATION => gap = gap.max(Gap::Punctuation),
                    // A mark belongs to what it stands on.
                    _ => {
                        if let Some(unit) = self.units.last_mut().filter(|_| gap == Gap::None) {
                            unit.end = end as u32;
                        }
                    }
                }
                continue;
            }
            if gap == Gap::None
                && exact == last
                && let Some(unit) = self.units.last_mut()
            {
                unit.run = unit.run.saturating_add(1);
                unit.end = end as u32;
                continue;
            }
            if gap != Gap::None {
                self.end_piece(piece, &mut singles);
                piece = Piece::default();
            }
            let (class, is_symbol) = (code & CLASS, code & SYMBOL != 0);
            self.present |= 1 << class | u32::from(exact.is_ascii_digit());
            piece.units += 1;
            piece.letters += usize::from(!is_symbol);
            let (start, end) = (start as u32, end as u32);
            self.units.push(Unit { exact, start, end, class, run: 1, gap, is_symbol, is_spelled: false });
            (gap, last) = (Gap::None, exact);
        }
        self.end_piece(piece, &mut singles);
        self.end_piece(Piece::default(), &mut singles);
        self.repeat_spelled();
    }

    /// How many units are the text's own.
    pub fn own(&self) -> usize {
        self.units.iter().position(|unit| unit.is_spelled).unwrap_or(self.units.len())
    }

    /// Counts letters that stand alone, in a row.
    fn end_piece(&mut self, piece: Piece, singles: &mut Singles) {
        if piece.is_single() {
            singles.pieces += 1;
            singles.units += piece.units;
            return;
        }
        if singles.pieces >= SPELLED {
            let end = self.units.len() - piece.units;
            self.spelled.push((end - singles.units, end));
        }
        *singles = Singles::default();
    }

    fn repeat_spelled(&mut self) {
        for index in 0..self.spelled.len() {
            let (begin, end) = self.spelled[index];
            let first = self.units.len();
            for source in begin..end {
                let unit = self.units[source];
                match self.units[first..].last_mut() {
                    Some(last) if last.exact == unit.exact => {
                        last.run = last.run.saturating_add(unit.run);
                        last.end = unit.end;
                    }
                    last => {
                        let gap = if last.is_none() { Gap::Space } else { Gap::None };
                        self.units.push(Unit { gap, is_spelled: true, ..unit });
                    }
                }
            }
        }
    }
}

/// What a character is for the reader's eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A letter, a digit, or a symbol that may stand for a letter.
    Unit {
        /// What it stands for.
        exact: char,
        /// Its class.
        class: u8,
    },
    /// Nothing: zero width, a mark on another character.
    Ignored,
    /// Something that separates.
    Punctuation,
    /// White space.
    Space,
}

/// Reads a character.
pub fn reading(character: char) -> Reading {
    let (exact, code) = match ASCII.get(character as usize) {
        Some(&(exact, code)) => (char::from(exact), code),
        None => read_beyond_ascii(character),
    };
    match code {
        PUNCTUATION => Reading::Punctuation,
        SPACE => Reading::Space,
        IGNORED => Reading::Ignored,
        code => Reading::Unit { exact, class: code & CLASS },
    }
}

/// Classes of characters outside `a` to `z`.
const FIRST_OTHER: u8 = 27;
/// The bits of a class in a code, and the one that marks symbols.
const CLASS: u8 = 31;
const SYMBOL: u8 = 32;
const LAST_CODE: u8 = CLASS | SYMBOL;
/// Codes of what is no unit.
const PUNCTUATION: u8 = 253;
const SPACE: u8 = 254;
const IGNORED: u8 = 255;

/// What each ASCII character stands for, and its code: a class, or what else it is.
static ASCII: [(u8, u8); 128] = {
    let mut table = [(0, PUNCTUATION); 128];
    let mut code = 0;
    while code < 128 {
        let byte = code as u8;
        let exact = byte.to_ascii_lowercase();
        table[code] = match byte {
            b' ' | b'\t'..=b'\r' => (exact, SPACE),
            0..=8 | 14..=31 | 127 => (exact, IGNORED),
            b'@' | b'$' | b'!' | b'|' | b'+' => (exact, ascii_class(exact) | SYMBOL),
            _ => (exact, ascii_class(exact)),
        };
        code += 1;
    }
    table
};

/// The class of a letter, and of what may stand for it.
const fn ascii_class(exact: u8) -> u8 {
    let letter = match exact {
        b'a'..=b'z' => exact,
        b'0' => b'o',
        b'1' | b'!' | b'|' => b'i',
        b'2' => b'z',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'6' | b'8' => b'b',
        b'7' | b'+' => b't',
        b'9' => b'g',
        _ => return PUNCTUATION,
    };
    // A small L looks like a capital I.
    let letter = if letter == b'l' { b'i' } else { letter };
    letter - b'a' + 1
}

/// Whether what is written as `written` can be read as `meant`.
pub fn can_be_read_as(written: char, meant: char) -> bool {
    written == meant
        || matches!(
            (written, meant),
            ('0', 'o')
                | ('1' | '!' | '|', 'i' | 'l')
                | ('l', 'i')
                | ('i', 'l')
                | ('2', 'z')
                | ('3', 'e')
                | ('4' | '@', 'a')
                | ('5' | '$', 's')
                | ('6' | '8', 'b')
                | ('7' | '+', 't')
                | ('9', 'g')
        )
}

/// What a character beyond ASCII stands for, and its code.
fn read_beyond_ascii(character: char) -> (char, u8) {
    let code = character as u32;
    match code {
        // Full width forms of ASCII.
        0xFF01..=0xFF5E => {
            let (exact, code) = ASCII[(code - 0xFEE0) as usize];
            return (char::from(exact), code);
        }
        0x00AD
        | 0x034F
        | 0x061C
        | 0x115F
        | 0x1160
        | 0x17B4
        | 0x17B5
        | 0x3164
        | 0xFEFF
        | 0xFFA0
        | 0x0300..=0x036F
        | 0x0483..=0x0489
        | 0x0591..=0x05BD
        | 0x064B..=0x065F
        | 0x0670
        | 0x180B..=0x180F
        | 0x1AB0..=0x1AFF
        | 0x1DC0..=0x1DFF
        | 0x200B..=0x200F
        | 0x202A..=0x202E
        | 0x2060..=0x206F
        | 0x20D0..=0x20FF
        | 0xFE00..=0xFE0F
        | 0xFE20..=0xFE2F
        | 0x1F3FB..=0x1F3FF
        | 0xE0000..=0xE0FFF => return (character, IGNORED),
        0x00A0 | 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x2800 | 0x3000 => {
            return (character, SPACE);
        }
        _ => {}
    }
    if let Some(latin) = look_alike(code) {
        return (char::from(latin), ascii_class(latin));
    }
    if !character.is_alphanumeric() {
        return (character, PUNCTUATION);
    }
    let mut lower = character.to_lowercase();
    let exact = lower.next().filter(|_| lower.next().is_none()).unwrap_or(character);
    (exact, FIRST_OTHER + (exact as u32 % 5) as u8)
}

/// The letter or digit that a character beyond ASCII looks like.
fn look_alike(code: u32) -> Option<u8> {
    let after = RANGES.partition_point(|(first, _)| *first <= code);
    let (first, alike) = RANGES.get(after.checked_sub(1)?)?;
    let latin = *alike.as_bytes().get((code - first) as usize)?;
    (latin != b'.').then_some(latin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skeleton(text: &str) -> String {
        let mut skeleton = Skeleton::default();
        skeleton.read(text);
        let mut out = String::new();
        for unit in &skeleton.units {
            match unit.gap {
                Gap::None => {}
                Gap::Punctuation => out.push('.'),
                Gap::Space => out.push(' '),
            }
            out.extend((0..unit.run).map(|_| unit.exact));
        }
        out.trim_start().to_owned()
    }

    #[test]
    fn look_alikes_of_every_script_become_the_letters_that_they_look_like() {
        for (text, expected) in [
            ("BAD", "bad"),
            ("bád bâd bäd bąd", "bad bad bad bad"),
            ("ｂａｄ ＢＡＤ", "bad bad"),
            ("𝐛𝐚𝐝 𝒷𝒶𝒹 𝔟𝔞𝔡 𝕓𝕒𝕕 𝖇𝖆𝖉 𝗯𝗮𝗱 𝘣𝘢𝘥 𝚋𝚊𝚍", "bad bad bad bad bad bad bad bad"),
            ("ⓑⓐⓓ 🅑🅐🅓 🅱🅰🅳", "bad bad bad"),
            ("аԁ ᏴАᎠ", "ad bad"),
            ("ВАΒΕ соре", "babe cope"),
            ("ᴮᵃᵈ ᴀʙᴄ", "bad abc"),
            ("ɓɐɗ", "bad"),
        ] {
            assert_eq!(skeleton(text), expected, "{text}");
        }
    }

    #[test]
    fn letters_that_resemble_none_stay_what_they_are() {
        assert_eq!(skeleton("Привет ПРИВЕТ"), skeleton("привет привет"));
        assert_eq!(skeleton("日本語"), "日本語");
        assert_eq!(skeleton("λΛ"), skeleton("λλ"));
    }

    #[test]
    fn what_has_no_width_is_not_there() {
        for text in ["b\u{200B}a\u{200D}d", "b\u{AD}ad", "b̶a̶d̶", "ba\u{FEFF}d", "b\u{FE0F}ad", "\u{202E}bad"]
        {
            assert_eq!(skeleton(text), "bad", "{text:?}");
        }
    }

    #[test]
    fn repetitions_and_gaps_are_counted() {
        assert_eq!(skeleton("baaad"), "baaad");
        assert_eq!(skeleton("b-a_d  x…y"), "b.a.d x.y badxy");
        assert_eq!(skeleton("one🍎two"), "one.two");
        let mut units = Skeleton::default();
        units.read("aaa");
        assert_eq!((units.units.len(), units.units[0].run, units.units[0].end), (1, 3, 3));
        units.read(&"a".repeat(1000));
        assert_eq!(units.units[0].run, 255);
    }

    #[test]
    fn letters_written_one_by_one_are_repeated_as_a_word() {
        assert_eq!(skeleton("so b a d it is"), "so b a d it is bad");
        assert_eq!(skeleton("b.a.a.d"), "b.a.a.d baad");
        assert_eq!(skeleton("b a"), "b a", "two letters are none");
        assert_eq!(skeleton("b a d! ok"), "b a d! ok bad!");
        assert_eq!(skeleton("a b c de f g h"), "a b c de f g h abc fgh");
    }

    #[test]
    fn units_know_their_place_in_the_text() {
        let mut units = Skeleton::default();
        let text = "x Bä\u{308}ä d";
        units.read(text);
        let places: Vec<_> =
            units.units.iter().map(|unit| &text[unit.start as usize..unit.end as usize]).collect();
        assert_eq!(places[..4], ["x", "B", "ä\u{308}ä", "d"]);
    }

    #[test]
    fn the_table_of_look_alikes_is_in_order_and_leads_to_letters_and_digits() {
        for pair in RANGES.windows(2) {
            assert!(pair[0].0 + (pair[0].1.len() as u32) <= pair[1].0);
        }
        for (_, alike) in RANGES {
            assert!(alike.bytes().all(|b| b == b'.' || b.is_ascii_lowercase() || b.is_ascii_digit()));
        }
    }
}
