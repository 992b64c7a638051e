//! The words of letters, and how they become mails.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The words of one letter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub subject: String,
    pub body: String,
}

#[derive(Deserialize)]
pub(super) struct Book {
    pub footer: String,
    #[serde(flatten)]
    pub letters: BTreeMap<String, Words>,
}

/// Checked by a test: it is read as it was built in.
pub(super) static ENGLISH: LazyLock<Book> =
    LazyLock::new(|| toml::from_str(include_str!("en.toml")).expect("the words that are built in are TOML"));

/// What stands for the names in braces.
pub(super) type Values<'a> = BTreeMap<&'static str, String>;

/// `text` with every `{name}` replaced. Values are not looked at again, so that none can bring a name in.
pub(super) fn filled(text: &str, values: &Values<'_>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(values.get(name).map_or("", String::as_str));
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

/// The names in braces of a text.
#[cfg(test)]
pub(super) fn names(text: &str) -> Vec<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

/// The body as plain text.
pub(super) fn text(body: &str, footer: &str, values: &Values<'_>) -> String {
    format!("{}\n\n-- \n{}\n", filled(body.trim(), values), filled(footer, values))
}

/// The body as HTML, without anything that is fetched or run. Colours are the reader's own.
pub(super) fn html(body: &str, footer: &str, values: &Values<'_>) -> String {
    let paragraph = |text: &str| match text.trim() {
        "{link}" => {
            let link = escaped(values.get("link").map_or("", String::as_str));
            format!("<p><a href=\"{link}\" style=\"font-weight:bold\">{link}</a></p>\n")
        }
        "{code}" => {
            let code = escaped(values.get("code").map_or("", String::as_str));
            format!("<p style=\"font-size:2em;letter-spacing:.2em;font-family:monospace\">{code}</p>\n")
        }
        text => format!("<p>{}</p>\n", escaped(&filled(text, values))),
    };
    let paragraphs: String = body.trim().split("\n\n").map(paragraph).collect();
    let footer = escaped(&filled(footer, values));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<body style=\"font-family:sans-serif;line-height:1.5;max-width:36em\">\n\
         {paragraphs}<p style=\"font-size:.8em;opacity:.7\">{footer}</p>\n</body>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
