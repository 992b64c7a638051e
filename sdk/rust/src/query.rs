//! Query strings and form bodies (`application/x-www-form-urlencoded`).
//!
//! A request's own query and form need none of this: the host encodes
//! [`Request::query`](crate::Request::query) and
//! [`Request::form`](crate::Request::form). It is for what comes in (a webhook's
//! form, a link of a next page) and for names in a URL's path.
//!
//! ```
//! use neustream_plugin::{Request, query};
//!
//! let next = "https://api.example/v1/chat?after=a%2Fb&limit=100";
//! let after = query::get(next, "after").unwrap();
//! assert_eq!(after, "a/b");
//!
//! let channel = query::escape("ä/b");
//! let request = Request::get(format!("https://api.example/v1/channels/{channel}")).query("after", after);
//! assert_eq!(request.url, "https://api.example/v1/channels/%C3%A4%2Fb");
//! ```

/// Names and values of a query or form, decoded, in their order. Of a whole URL, what stands between `?` and `#`.
/// What is no UTF-8 becomes U+FFFD.
///
/// ```
/// use neustream_plugin::query;
///
/// let pairs: Vec<_> = query::pairs("status=paid&note=thank+you%21&flag").collect();
/// assert_eq!(pairs[1], ("note".to_owned(), "thank you!".to_owned()));
/// assert_eq!(pairs[2], ("flag".to_owned(), String::new()));
/// ```
pub fn pairs(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    let text = text.split_once('#').map_or(text, |(before, _)| before);
    let text = text.split_once('?').map_or(text, |(_, query)| query);
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

/// The first value of `name` in a query, form or URL, decoded.
///
/// ```
/// use neustream_plugin::query;
///
/// assert_eq!(query::get("https://www.example/watch?v=x1&t=7", "v"), Some("x1".to_owned()));
/// assert_eq!(query::get("a=1", "b"), None);
/// ```
pub fn get(text: &str, name: &str) -> Option<String> {
    pairs(text).find(|(other, _)| other == name).map(|(_, value)| value)
}

/// A query or form of these names and values.
///
/// ```
/// use neustream_plugin::query;
///
/// assert_eq!(query::encode([("text", "a & b"), ("reply", "7")]), "text=a%20%26%20b&reply=7");
/// ```
pub fn encode<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.extend([&escape(name.as_ref()), "=", &escape(value.as_ref())]);
    }
    text
}

/// `text` as it may stand anywhere in a URL: every byte but the unreserved ones of RFC 3986 as `%XX`.
///
/// ```
/// use neustream_plugin::query;
///
/// assert_eq!(query::escape("../x y"), "..%2Fx%20y");
/// ```
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.extend([byte >> 4, byte & 15].map(hex_digit));
        }
    }
    escaped
}

use crate::hex::byte as hex_byte;

fn hex_digit(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16).unwrap_or_default().to_ascii_uppercase()
}

fn decoded(text: &str) -> String {
    let mut rest = text.as_bytes();
    let mut out = Vec::with_capacity(text.len());
    while let [first, behind @ ..] = rest {
        rest = behind;
        match (first, behind) {
            (b'%', [high, low, behind @ ..]) if let Some(byte) = hex_byte(*high, *low) => {
                out.push(byte);
                rest = behind;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(*first),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_read_again() {
        for text in ["", "a", "a b", "ä€😀", "%", "%2", "+&=?#/", "\u{0}\r\n"] {
            let query = encode([(text, text)]);
            assert_eq!(pairs(&query).next(), (!query.is_empty()).then(|| (text.to_owned(), text.to_owned())));
            assert!(query.is_ascii() && !query.contains(['+', '#', '?', ' ']));
        }
    }

    #[test]
    fn nonsense_is_read_without_a_panic() {
        for (text, expected) in [
            ("a=%", "%"),
            ("a=%4", "%4"),
            ("a=%zz", "%zz"),
            ("a=%é9", "%é9"),
            ("a=%ff", "\u{FFFD}"),
            ("a=1=2", "1=2"),
            ("?a=1#b", "1"),
            ("&&a=1", "1"),
        ] {
            assert_eq!(get(text, "a").as_deref(), Some(expected), "{text}");
        }
        assert_eq!(get("", ""), None);
    }
}
