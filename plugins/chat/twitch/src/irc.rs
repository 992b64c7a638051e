//! Lines out of frames, and what a line says: RFC 1459 2.3.1 with IRCv3 message tags.
//!
//! Borrowed from the frame; only tag values with escapes are copied.

use std::borrow::Cow;

/// The longest line that is waited for: 8191 bytes of tags (IRCv3) and 512 of the rest, which Twitch takes as
/// 500 characters. What goes on without an end is dropped.
const MAX_LINE_BYTES: usize = 8191 + 2512;

/// Splits `partial` and `frame` together into whole lines and leaves the rest, without an end as yet, in
/// `partial`. Lines have neither CR nor LF; empty ones are left out.
pub fn lines(partial: &mut String, frame: &str) -> Vec<String> {
    partial.push_str(frame);
    let Some(end) = partial.rfind('\n') else {
        if partial.len() > MAX_LINE_BYTES {
            partial.clear();
        }
        return Vec::new();
    };
    let rest = partial.split_off(end + 1);
    let whole = std::mem::replace(partial, rest);
    if partial.len() > MAX_LINE_BYTES {
        partial.clear();
    }
    let lines = whole.split('\n').map(|line| line.trim_end_matches('\r'));
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// The tags, still escaped.
    tags: &'a str,
    /// `nick!user@host` or a server's name; empty where there is none.
    pub prefix: &'a str,
    /// `PRIVMSG`, `001`, ...
    pub command: &'a str,
    /// Parameters before the last.
    middle: &'a str,
    /// The last parameter, where it is marked with a colon.
    trailing: Option<&'a str>,
}

impl<'a> Line<'a> {
    /// Reads a line; none when it has no command.
    pub fn parse(line: &'a str) -> Option<Self> {
        let (tags, rest) = match line.strip_prefix('@') {
            Some(tagged) => tagged.split_once(' ')?,
            None => ("", line),
        };
        let rest = rest.trim_start_matches(' ');
        let (prefix, rest) = match rest.strip_prefix(':') {
            Some(prefixed) => prefixed.split_once(' ')?,
            None => ("", rest),
        };
        let rest = rest.trim_start_matches(' ');
        let (command, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        if command.is_empty() || !command.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return None;
        }
        let (middle, trailing) = match rest.strip_prefix(':') {
            Some(trailing) => ("", Some(trailing)),
            None => match rest.split_once(" :") {
                Some((middle, trailing)) => (middle, Some(trailing)),
                None => (rest, None),
            },
        };
        Some(Self { tags, prefix, command, middle, trailing })
    }

    /// The parameter at `index`, from 0.
    pub fn parameter(&self, index: usize) -> Option<&'a str> {
        let mut middle = self.middle.split(' ').filter(|parameter| !parameter.is_empty());
        let count = middle.clone().count();
        if index < count { middle.nth(index) } else { self.trailing.filter(|_| index == count) }
    }

    /// The last parameter as a text: what was said.
    pub fn text(&self) -> &'a str {
        self.trailing.or_else(|| self.middle.split(' ').rfind(|word| !word.is_empty())).unwrap_or_default()
    }

    /// The nickname in front of the line.
    pub fn nick(&self) -> &'a str {
        self.prefix.split(['!', '@']).next().unwrap_or_default()
    }

    /// The value of a tag; none when it is missing or empty, which IRCv3 treats alike.
    pub fn tag(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut tags = self.tags.split(';').map(|tag| tag.split_once('=').unwrap_or((tag, "")));
        let (_, value) = tags.rfind(|(key, _)| *key == name)?;
        if value.is_empty() { None } else { Some(unescape(value)) }
    }

    /// Whether a tag is `1`.
    pub fn has(&self, name: &str) -> bool {
        self.tag(name).as_deref() == Some("1")
    }
}

/// IRCv3 message tags, "Escaping values": a backslash at the end is dropped, one before an unknown character
/// only disappears.
fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some(':') => text.push(';'),
            Some('s') => text.push(' '),
            Some('r') => text.push('\r'),
            Some('n') => text.push('\n'),
            Some(other) => text.push(other),
            None => {}
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let line =
            "@id=a-b;display-name=Some\\sBody;empty=;flag :nick!user@host PRIVMSG #channel :hello : world";
        let line = Line::parse(line).expect("a line");
        assert_eq!((line.command, line.nick()), ("PRIVMSG", "nick"));
        assert_eq!(line.parameter(0), Some("#channel"));
        assert_eq!(line.parameter(1), Some("hello : world"));
        assert_eq!(line.parameter(2), None);
        assert_eq!(line.tag("id").as_deref(), Some("a-b"));
        assert_eq!(line.tag("display-name").as_deref(), Some("Some Body"));
        assert_eq!((line.tag("empty"), line.tag("flag"), line.tag("missing")), (None, None, None));
    }

    #[test]
    fn parameters_are_found_with_and_without_a_colon() {
        let line = Line::parse("PING tmi.twitch.tv").expect("a line");
        assert_eq!((line.text(), line.prefix), ("tmi.twitch.tv", ""));
        let line = Line::parse("PING :tmi.twitch.tv").expect("a line");
        assert_eq!((line.text(), line.parameter(0)), ("tmi.twitch.tv", Some("tmi.twitch.tv")));
        let line = Line::parse(":tmi.twitch.tv 001 ronni :Welcome, GLHF!").expect("a line");
        assert_eq!((line.command, line.parameter(0)), ("001", Some("ronni")));
        let line = Line::parse("RECONNECT").expect("a line");
        assert_eq!((line.text(), line.parameter(0)), ("", None));
    }

    #[test]
    fn tag_values_are_unescaped_as_ircv3_says() {
        for (escaped, expected) in [
            (r"a\:b", "a;b"),
            (r"a\sb", "a b"),
            (r"a\\b", r"a\b"),
            (r"a\r\nb", "a\r\nb"),
            (r"a\bc", "abc"),
            (r"a\", "a"),
            (r"\\s", r"\s"),
            ("plain", "plain"),
        ] {
            assert_eq!(unescape(escaped), expected, "{escaped}");
        }
    }

    #[test]
    fn what_is_no_line_is_none() {
        for text in
            ["", "@", "@a=b", ":prefix", ": ", "@a=b :prefix", "\u{1}", "PRI VMSG".trim_start_matches('P')]
        {
            if text.starts_with("RI") {
                assert!(Line::parse(text).is_some());
            } else {
                assert_eq!(Line::parse(text), None, "{text:?}");
            }
        }
    }

    #[test]
    fn half_a_line_waits_for_its_end() {
        let mut partial = String::new();
        assert_eq!(lines(&mut partial, "PING :a\r\nPI"), ["PING :a"]);
        assert_eq!(lines(&mut partial, "NG"), Vec::<String>::new());
        assert_eq!(lines(&mut partial, " :b\r"), Vec::<String>::new());
        assert_eq!(lines(&mut partial, "\n\r\n"), ["PING :b"]);
        assert_eq!(partial, "");
    }

    #[test]
    fn a_line_without_end_is_dropped() {
        let mut partial = String::new();
        for _ in 0..100 {
            lines(&mut partial, &"x".repeat(1000));
            assert!(partial.len() <= MAX_LINE_BYTES);
        }
    }
}
