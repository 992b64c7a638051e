//! Finding links: with a scheme, with `www.`, as a bare name, in other alphabets, and obfuscated as
//! `example [dot] com`, `example(.)com`, `example . com` or with full stops of other scripts.
//!
//! Addresses of mail are no links.

use crate::domains::{Ending, ending};
use crate::plain::plain;

/// A text as an address reads it: lower case, full width and invisible characters resolved, ways to write a dot
/// as a dot. Every character knows its place.
#[derive(Debug, Default)]
struct Readable {
    characters: Vec<char>,
    places: Vec<(usize, usize)>,
}

/// A link in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its host in lower case.
    pub host: String,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// The links of `text`, from the front.
pub fn links(text: &str) -> Vec<Link> {
    if !may_have_links(text) {
        return Vec::new();
    }
    let readable = Readable::of(text);
    let mut links = Vec::new();
    let mut index = 0;
    while index < readable.characters.len() {
        let (found, next) = if readable.characters[index] == ':' && readable.has_at(SCHEME, index) {
            let from = links.last().map_or(0, |(_, end)| *end);
            (readable.link_behind_scheme(from, index), index + SCHEME.len())
        } else if is_host_character(readable.characters[index]) {
            let end = readable.end_of(index, is_host_character);
            (readable.bare_link(index, end), end)
        } else {
            (None, index + 1)
        };
        index = found.as_ref().map_or(next, |(_, end)| *end);
        links.extend(found);
    }
    links.into_iter().map(|(link, _)| link).collect()
}

/// What stands between a scheme and a host.
const SCHEME: &str = "://";

/// A link has a scheme or a dot that does not end a sentence; most messages have neither.
fn may_have_links(text: &str) -> bool {
    let bytes = text.as_bytes();
    let at = |index: Option<usize>| index.and_then(|index| bytes.get(index)).copied().unwrap_or(b' ');
    let may_join = |index: usize| match at(Some(index + 1)) {
        b' ' => at(index.checked_sub(1)) == b' ',
        next => next.is_ascii_alphanumeric() || !next.is_ascii() || matches!(next, b']' | b')' | b'}' | b'>'),
    };
    bytes.iter().enumerate().any(|(index, byte)| match byte {
        b'.' => may_join(index),
        b':' => bytes[index..].starts_with(b"://"),
        b'd' | b'D' => bytes[index..].get(..3).is_some_and(|three| three.eq_ignore_ascii_case(b"dot")),
        // The first bytes of the other full stops, and of the wide letter o.
        0xE2 | 0xE3 | 0xEF => text[index..].starts_with(['。', '．', '｡', '․', 'ｏ']),
        _ => false,
    })
}

fn is_host_character(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '.' | '-')
}

/// What may follow a host: a path, a query, a port.
fn is_tail_character(character: char) -> bool {
    !character.is_whitespace() && !matches!(character, '<' | '>' | '"' | '|' | '`')
}

impl Readable {
    fn of(text: &str) -> Self {
        let mut readable = Self::with_capacity(text.len());
        for (start, character) in text.char_indices() {
            let end = start + character.len_utf8();
            let resolved = match character {
                '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FE0F}' => {
                    continue;
                }
                // IDNA takes these for full stops (UTS #46).
                '。' | '．' | '｡' | '․' => '.',
                '\u{FF01}'..='\u{FF5E}' => char::from((character as u32 - 0xFEE0) as u8),
                other => other,
            };
            readable.characters.push(plain(resolved));
            readable.places.push((start, end));
        }
        readable.join_dots();
        readable
    }

    fn with_capacity(characters: usize) -> Self {
        Self { characters: Vec::with_capacity(characters), places: Vec::with_capacity(characters) }
    }

    /// Writes a dot where one is spelled: `[dot]`, `(.)`, ` dot `, ` . `.
    fn join_dots(&mut self) {
        let mut index = 1;
        while index < self.characters.len() {
            if let Some(end) = self.end_of_spelled_dot(index) {
                self.characters[index] = '.';
                self.places[index].1 = self.places[end - 1].1;
                self.characters.drain(index + 1..end);
                self.places.drain(index + 1..end);
            }
            index += 1;
        }
    }

    /// The end of a dot that is spelled from `begin` on. Without brackets it needs spaces on both sides and a sure
    /// ending behind it.
    fn end_of_spelled_dot(&self, begin: usize) -> Option<usize> {
        if !matches!(self.characters[begin], ' ' | '[' | '(' | '{' | '<') {
            return None;
        }
        let is_space = |character: char| character == ' ';
        let mut at = self.end_of(begin, is_space);
        let bracket = self.characters.get(at).copied().filter(|c| matches!(c, '[' | '(' | '{' | '<'));
        if bracket.is_some() {
            at = self.end_of(at + 1, is_space);
        }
        at += match &self.characters[at..] {
            ['.', ..] => 1,
            ['d', 'o', 't', ..] => 3,
            _ => return None,
        };
        let has_space_behind = self.characters.get(at) == Some(&' ');
        at = self.end_of(at, is_space);
        if bracket.is_some() {
            self.characters.get(at).filter(|c| matches!(c, ']' | ')' | '}' | '>'))?;
            return Some(self.end_of(at + 1, is_space));
        }
        let label: String = self.characters[at..self.end_of(at, char::is_alphanumeric)].iter().collect();
        (has_space_behind && ending(&label) == Ending::Sure).then_some(at)
    }

    /// The end of the characters from `begin` on that are `wanted`.
    fn end_of(&self, begin: usize, wanted: impl Fn(char) -> bool) -> usize {
        let rest = self.characters.get(begin..).unwrap_or_default();
        begin + rest.iter().take_while(|character| wanted(**character)).count()
    }

    /// Whether `text` stands at `index`.
    fn has_at(&self, text: &str, index: usize) -> bool {
        let mut rest = self.characters.iter().skip(index).copied();
        text.chars().all(|character| rest.next() == Some(character))
    }

    /// The link whose `://` stands at `middle` and whose scheme begins at `from` or later, and where it ends.
    fn link_behind_scheme(&self, from: usize, middle: usize) -> Option<(Link, usize)> {
        let is_scheme = |c: &&char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '*');
        let scheme = self.characters[from..middle].iter().rev().take_while(is_scheme).count();
        let begin = middle + SCHEME.len();
        let end = self.end_of(begin, |c| is_tail_character(c) && !matches!(c, '/' | '?' | '#'));
        let authority = &self.characters[begin..end];
        // What stands before an @ is a user's name (RFC 3986 3.2.1), behind a colon a port.
        let host = authority.iter().rposition(|c| *c == '@').map_or(authority, |at| &authority[at + 1..]);
        let host: String = host.iter().take_while(|c| is_host_character(**c)).collect();
        let host = host.trim_matches(['.', '-']);
        if host.is_empty() {
            return None;
        }
        Some(self.found(host, middle - scheme, self.end_of(end, is_tail_character)))
    }

    /// The first link without a scheme whose host lies in `begin..end`, and where it ends. Dots in a row
    /// ("wait...") separate names.
    fn bare_link(&self, begin: usize, end: usize) -> Option<(Link, usize)> {
        if !self.characters[begin..end].contains(&'.') {
            return None;
        }
        let is_mail = begin > 0 && self.characters[begin - 1] == '@' || self.has_at("@", end);
        if is_mail || self.has_at(SCHEME, end) {
            return None;
        }
        let mut from = begin;
        while from < end {
            let is_separator = |index: &usize| {
                self.characters[*index] == '.' && (*index + 1 >= end || self.characters[*index + 1] == '.')
            };
            let to = (from..end).find(is_separator).unwrap_or(end);
            let name: String = self.characters[from..to].iter().collect();
            let host = name.trim_matches(['.', '-']);
            let has_path =
                to == end && self.characters.get(end).is_some_and(|c| matches!(c, '/' | '?' | ':' | '#'));
            if is_domain(host, has_path) {
                let before = name.chars().take_while(|c| matches!(c, '.' | '-')).count();
                let to = if has_path { self.end_of(end, is_tail_character) } else { to };
                return Some(self.found(host, from + before, to));
            }
            from = to + 1;
        }
        None
    }

    /// A link and where it ends. A sentence's own punctuation is not the link's.
    fn found(&self, host: &str, begin: usize, mut end: usize) -> (Link, usize) {
        let is_sentence = |c: char| matches!(c, '.' | ',' | ')' | ']' | '!' | '?' | ':' | ';' | '\'' | '-');
        while end > begin + 1 && is_sentence(self.characters[end - 1]) {
            end -= 1;
        }
        (Link { host: host.to_owned(), start: self.places[begin].0, end: self.places[end - 1].1 }, end)
    }
}

/// Whether a name without a scheme is a domain.
fn is_domain(host: &str, has_path: bool) -> bool {
    let mut labels = host.rsplit('.');
    let last = labels.next().unwrap_or_default();
    let count = labels.clone().count();
    if count == 0 || labels.any(str::is_empty) {
        return false;
    }
    match ending(last) {
        Ending::Sure => true,
        Ending::Doubtful => has_path || count >= 2 || host.starts_with("www."),
        Ending::No => host.starts_with("www.") && count >= 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, &str)> {
        links(text).into_iter().map(|link| (link.host, &text[link.start..link.end])).collect()
    }

    fn hosts(text: &str) -> Vec<String> {
        links(text).into_iter().map(|link| link.host).collect()
    }

    #[test]
    fn links_are_found_with_and_without_a_scheme() {
        for (text, host, link) in [
            ("see https://Example.com/a?b=c#d!", "example.com", "https://Example.com/a?b=c#d"),
            ("http://localhost:8080/x", "localhost", "http://localhost:8080/x"),
            ("hxxp://1.2.3.4/x", "1.2.3.4", "hxxp://1.2.3.4/x"),
            ("www.example.whatever", "www.example.whatever", "www.example.whatever"),
            ("go to example.com.", "example.com", "example.com"),
            ("(example.com/path)", "example.com", "example.com/path"),
            ("sub.example.co.uk:8443/x y", "sub.example.co.uk", "sub.example.co.uk:8443/x"),
            ("wait...example.com", "example.com", "example.com"),
            ("youtu.be/abc", "youtu.be", "youtu.be/abc"),
            ("EXAMPLE.COM", "example.com", "EXAMPLE.COM"),
            ("https://youtube.com:x@evil.net/", "evil.net", "https://youtube.com:x@evil.net/"),
            ("https://https://a.b", "https", "https://https://a.b"),
            ("see: //a https://a_b@c.d", "c.d", "https://a_b@c.d"),
        ] {
            assert_eq!(found(text), [(host.to_owned(), link)], "{text}");
        }
    }

    #[test]
    fn names_in_other_alphabets_are_links() {
        for (text, host) in [
            ("пример.рф", "пример.рф"),
            ("münchen.de", "münchen.de"),
            ("例え.com", "例え.com"),
            ("例え。ｃｏｍ", "例え.com"),
            ("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai"),
        ] {
            assert_eq!(hosts(text), [host], "{text}");
        }
    }

    #[test]
    fn obfuscated_links_are_found_where_they_stand() {
        for text in [
            "example [dot] com",
            "example[.]com",
            "example(dot)com",
            "example {DOT} com",
            "example dot com",
            "example . com",
            "exam\u{200B}ple.c\u{200D}om",
            "ｅｘａｍｐｌｅ．ｃｏｍ",
        ] {
            assert_eq!(hosts(text), ["example.com"], "{text}");
            let around = format!("go {text} now");
            assert_eq!(found(&around)[0].1, text, "{text}");
        }
    }

    #[test]
    fn what_only_resembles_a_link_is_none() {
        for text in [
            "",
            "Hello. How are you?",
            "ok.so what",
            "it.is",
            "3.14",
            "1.2.3",
            "wait...what",
            "...",
            "e.g. this",
            "main.rs and lib.py",
            "me@example.com",
            "at 5 p.m. or 6.am",
            "a dot and a comma",
            "connect the dot it is",
            "v1.0.2-beta",
            "://",
            "- . -",
        ] {
            assert_eq!(hosts(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn several_links_are_all_found() {
        assert_eq!(hosts("a.com, b.net and https://c.org/x.y"), ["a.com", "b.net", "c.org"]);
    }
}
