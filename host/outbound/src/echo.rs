//! Secrets taken out of what comes back: stars in their place, in every form in which an honest server repeats them.
//!
//! A second line of defence. The first is that secrets only go to the hosts that the manifest binds them to; a host
//! that wants to tell a guest a secret can always disguise it. This is against servers that echo: error pages with
//! the request's headers, mirrors, debug fields, `WWW-Authenticate` answers with the credentials in them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, Engine as _};
use neustream_contract::Secrets;
use url::form_urlencoded;

/// The shortest secret that is looked for; shorter ones would star out half a language.
const MIN_SECRET_BYTES: usize = 6;
/// The shortest form that is looked for: what is left of a short secret in the middle of Base64.
const MIN_FORM_BYTES: usize = 6;
const STARS: &str = "***";

/// The secrets of one call, as they may come back. Prints nothing of them.
pub struct Echoes(Option<AhoCorasick>);

impl Echoes {
    /// What to look for: every secret as it is; percent-encoded (URL standard and RFC 3986, hexadecimal digits of
    /// either case); as JSON text, with and without escaped slashes and non-ASCII; as HTML text; in hexadecimal; and
    /// as the inside of any Base64, such as that of Basic credentials (RFC 7617).
    pub fn of(secrets: &Secrets) -> Self {
        let mut forms = BTreeSet::new();
        for secret in secrets.names().filter_map(|name| secrets.get(name)) {
            if secret.expose().len() >= MIN_SECRET_BYTES {
                add_forms(secret.expose(), &mut forms);
            }
        }
        if forms.is_empty() {
            return Self(None);
        }
        // The longest wins: a secret that begins with another leaves no tail.
        let searcher = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(forms);
        Self(Some(searcher.expect("a hundred short patterns fit an automaton")))
    }

    /// `bytes` with stars in place of every secret.
    pub fn starred(&self, bytes: Vec<u8>) -> Vec<u8> {
        match &self.0 {
            Some(searcher) if searcher.is_match(&bytes) => {
                let mut out = Vec::with_capacity(bytes.len());
                searcher.replace_all_with_bytes(&bytes, &mut out, |_, _, out| {
                    out.extend_from_slice(STARS.as_bytes());
                    true
                });
                out
            }
            _ => bytes,
        }
    }

    /// `text` with stars in place of every secret.
    pub fn starred_text(&self, text: String) -> String {
        match String::from_utf8(self.starred(text.into_bytes())) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }
    }
}

fn add_forms(secret: &str, forms: &mut BTreeSet<Vec<u8>>) {
    let form_encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let json = json_inside(secret);
    let ascii_json = ascii(&json);
    let texts = [
        secret.to_owned(),
        // Header names, and hosts, come back in lower case.
        secret.to_ascii_lowercase(),
        with_lower_hex(&form_encoded),
        form_encoded.replace('+', "%20"),
        form_encoded,
        with_lower_hex(&percent_encoded(secret)),
        percent_encoded(secret),
        json.replace('/', "\\/"),
        ascii_json.replace('/', "\\/"),
        ascii_json,
        json,
        html(secret, "&quot;", "&#39;"),
        html(secret, "&#34;", "&#x27;"),
        hex(secret, false),
        hex(secret, true),
    ];
    forms.extend(texts.into_iter().map(String::into_bytes));
    forms.extend(inside_base64(secret));
}

/// RFC 3986: everything but the unreserved characters.
fn percent_encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Percent-encoded text with the hexadecimal digits in lower case.
fn with_lower_hex(text: &str) -> String {
    let mut digits = 0;
    let lower = |c: char| {
        if c == '%' {
            digits = 2;
            return c;
        }
        if digits > 0 {
            digits -= 1;
            return c.to_ascii_lowercase();
        }
        c
    };
    text.chars().map(lower).collect()
}

/// The text as it stands between the quotes of a JSON string.
fn json_inside(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// JSON text with `\u` escapes in place of what is not ASCII (RFC 8259, section 7).
fn ascii(json: &str) -> String {
    let mut out = String::new();
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

fn html(text: &str, quote: &str, apostrophe: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('"', quote).replace('\'', apostrophe)
}

fn hex(text: &str, is_upper: bool) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        let _ = if is_upper { write!(out, "{byte:02X}") } else { write!(out, "{byte:02x}") };
        out
    })
}

/// What the Base64 (RFC 4648) of any text shows of `secret` when the secret stands in it: one form for each of the
/// three places that it can have among the groups of three bytes, without the characters that its neighbours share.
fn inside_base64(secret: &str) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let text = [&vec![0; before][..], secret.as_bytes()].concat();
        let whole_groups = text.len() / 3 * 4;
        let skipped = if before == 0 { 0 } else { 4 };
        for engine in [&BASE64_STANDARD, &BASE64_URL_SAFE] {
            let encoded = engine.encode(&text);
            if whole_groups >= skipped + MIN_FORM_BYTES {
                forms.push(encoded.as_bytes()[skipped..whole_groups].to_vec());
            }
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use neustream_model::Secret;
    use proptest::prelude::*;

    use super::*;

    fn echoes(secrets: &[&str]) -> Echoes {
        let named = secrets.iter().enumerate().map(|(n, secret)| (format!("s{n}"), Secret::new(*secret)));
        Echoes::of(&Secrets::new(named.collect::<BTreeMap<_, _>>()))
    }

    fn starred(secret: &str, echo: &str) -> String {
        echoes(&[secret]).starred_text(echo.to_owned())
    }

    #[test]
    fn a_secret_is_starred_in_every_form_in_which_it_is_sent() {
        let echo = r#"{"a":"ab\"c/d=é&","b":"ab%22c%2Fd%3D%C3%A9%26"} ab"c/d=é&"#;
        assert_eq!(starred("ab\"c/d=é&", echo), r#"{"a":"***","b":"***"} ***"#);
    }

    #[test]
    fn other_spellings_of_the_same_are_starred_too() {
        let secret = "tok/en+ é\"<1>";
        for echo in [
            "tok%2fen%2b%20%c3%a9%22%3c1%3e",
            "tok%2Fen%2B+%C3%A9%22%3C1%3E",
            r#"tok\/en+ é\"<1>"#,
            r#"tok/en+ \u00e9\"<1>"#,
            "tok/en+ é&quot;&lt;1&gt;",
            "746f6b2f656e2b20c3a9223c313e",
        ] {
            assert_eq!(starred(secret, echo), "***", "{echo}");
        }
    }

    #[test]
    fn basic_credentials_are_starred_whoever_the_user_is() {
        let secret = "correct horse battery staple";
        for user in ["", "u", "us", "use", "user"] {
            let credentials = BASE64_STANDARD.encode(format!("{user}:{secret}"));
            let shown = starred(secret, &format!("authorization: Basic {credentials}"));
            let left = shown.strip_prefix("authorization: Basic ").unwrap();
            let told = BASE64_STANDARD.decode(left.replace("***", "")).unwrap_or_default();
            let told = String::from_utf8_lossy(&told).into_owned();
            assert!(shown.contains("***") && !told.contains("horse"), "{shown} tells {told}");
        }
    }

    #[test]
    fn a_secret_that_begins_with_another_leaves_no_tail() {
        let echoes = echoes(&["abcdef", "abcdefghijkl"]);
        assert_eq!(echoes.starred_text("abcdefghijkl abcdef".to_owned()), "*** ***");
    }

    #[test]
    fn what_is_too_short_to_be_told_from_words_stays() {
        assert_eq!(starred("abc", "abcabc"), "abcabc");
        assert_eq!(echoes(&[]).starred(b"text".to_vec()), b"text");
    }

    proptest! {
        #[test]
        fn no_secret_survives_as_it_is(secret in "[ -~]{6,40}", before in "[ -~]{0,20}", after in "[ -~]{0,20}") {
            let shown = echoes(&[&secret]).starred_text(format!("{before}{secret}{after}"));
            // Stars may by chance complete a secret that is made of stars.
            prop_assume!(!secret.contains('*'));
            prop_assert!(!shown.contains(&secret), "{shown}");
        }
    }
}
