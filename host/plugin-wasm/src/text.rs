//! Texts of guests made fit for logs, terminals and people.

use neustream_plugin::Secrets;

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

/// The shortest secret that is looked for in texts; shorter ones would star out half a language.
const MIN_SECRET_BYTES: usize = 6;
const STARS: &str = "***";

/// `text` with every secret of the call replaced by stars.
pub(crate) fn without_secrets(text: String, secrets: &Secrets) -> String {
    match String::from_utf8(bytes_without_secrets(text.into_bytes(), secrets)) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

/// `bytes` with every secret of the call replaced by stars: as it is, percent-encoded, and as JSON text.
///
/// A second line of defence against hosts that echo what they are sent. The first is that secrets only go to the
/// hosts that the manifest binds them to; a host that wants to tell the guest a secret can always disguise it.
pub(crate) fn bytes_without_secrets(mut bytes: Vec<u8>, secrets: &Secrets) -> Vec<u8> {
    for secret in secrets.names().filter_map(|name| secrets.get(name)) {
        let secret = secret.expose();
        if secret.len() < MIN_SECRET_BYTES {
            continue;
        }
        let json = serde_json::Value::from(secret).to_string();
        let forms =
            [secret.to_owned(), crate::imports::percent_encoded(secret), json[1..json.len() - 1].to_owned()];
        for form in forms {
            bytes = replaced(bytes, form.as_bytes());
        }
    }
    bytes
}

fn replaced(bytes: Vec<u8>, needle: &[u8]) -> Vec<u8> {
    let mut found = memchr::memmem::find_iter(&bytes, needle).peekable();
    if found.peek().is_none() {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = 0;
    for at in found {
        out.extend_from_slice(&bytes[rest..at]);
        out.extend_from_slice(STARS.as_bytes());
        rest = at + needle.len();
    }
    out.extend_from_slice(&bytes[rest..]);
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use neustream_model::Secret;

    use super::*;

    #[test]
    fn escapes_and_bidirectional_controls_are_shown_and_not_obeyed() {
        assert_eq!(printable("\x1b[2Jred\u{202e}x\n", 100), "\\u{1b}[2Jred\\u{202e}x\\u{a}");
        assert_eq!(printable("größer", 100), "größer");
        assert_eq!(printable("aaaaaaaa", 4), "aaaa…");
    }

    #[test]
    fn a_secret_is_starred_in_every_form_that_is_sent() {
        let secret = Secret::new("ab\"c/d=é&");
        let secrets = Secrets::new(BTreeMap::from([("token".to_owned(), secret)]));
        let echo = r#"{"a":"ab\"c/d=é&","b":"ab%22c%2Fd%3D%C3%A9%26"} ab"c/d=é&"#;
        assert_eq!(without_secrets(echo.to_owned(), &secrets), r#"{"a":"***","b":"***"} ***"#);
    }

    #[test]
    fn a_code_that_is_no_code_becomes_the_fallback() {
        assert_eq!(code("host-denied", "x"), "host-denied");
        assert_eq!(code("Host Denied\n", "x"), "x");
    }
}
