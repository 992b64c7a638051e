//! Texts of guests made fit for logs, terminals and people.

/// `text` with control characters escaped, cut to `max_bytes`. Terminals would otherwise act on ANSI escapes, and
/// a log would have lines that nobody wrote.
pub(crate) fn printable(text: &str, max_bytes: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max_bytes));
    for c in text.chars() {
        let is_hidden = c.is_control() || is_invisible(c);
        let needed = if is_hidden { c.escape_unicode().len() } else { c.len_utf8() };
        if out.len() + needed > max_bytes {
            out.push('…');
            break;
        }
        if is_hidden {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// `text` as one person wrote it to others, without what would act on a reader's screen, cut to `max_bytes`. Line
/// ends become spaces; joiners stay, since emoji and several scripts are written with them.
pub(crate) fn shown(text: &str, max_bytes: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max_bytes));
    for c in text.chars() {
        let c = if matches!(c, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}') { ' ' } else { c };
        let is_joiner = matches!(c, '\u{200c}' | '\u{200d}');
        if c.is_control() || (is_invisible(c) && !is_joiner) {
            continue;
        }
        if out.len() + c.len_utf8() > max_bytes {
            out.push('…');
            break;
        }
        out.push(c);
    }
    out
}

/// Characters that reorder or hide text: bidirectional controls (UAX #9), zero-width and line separators.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A kebab-case code as the guest gave it, or `fallback` where it is not one.
pub(crate) fn code(text: &str, fallback: &str) -> String {
    let is_kebab = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_kebab { text.to_owned() } else { fallback.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_bidirectional_controls_are_shown_and_not_obeyed() {
        assert_eq!(printable("\x1b[2Jred\u{202e}x\n", 100), "\\u{1b}[2Jred\\u{202e}x\\u{a}");
        assert_eq!(printable("größer", 100), "größer");
        assert_eq!(printable("aaaaaaaa", 4), "aaaa…");
    }

    #[test]
    fn what_people_write_keeps_its_joiners_and_loses_what_hides_or_reorders() {
        assert_eq!(shown("a\r\nb\u{202e}c\u{200d}d\u{feff}\u{7}", 100), "a  bc\u{200d}d");
        assert_eq!(shown("ääää", 5), "ää…");
    }

    #[test]
    fn a_code_that_is_no_code_becomes_the_fallback() {
        assert_eq!(code("host-denied", "x"), "host-denied");
        assert_eq!(code("Host Denied\n", "x"), "x");
    }
}
