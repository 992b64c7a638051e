//! `plugin.toml` as a file with lines: reads the manifest, and finds the line of each of its keys.

use std::ops::Range;

use neustream_contract::Manifest;
use neustream_contract::manifest::ManifestError;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::Diagnostic;

/// The file's name.
pub const MANIFEST_FILE: &str = "plugin.toml";

/// Reads the manifest in `text`.
///
/// # Errors
/// What is wrong, with its line.
pub(crate) fn read(text: &str) -> Result<Manifest, Diagnostic> {
    if let Err(error) = DeTable::parse(text) {
        let line = error.span().map(|span| line_at(text, span.start));
        let message = format!("is not TOML: {}", error.message().trim().replace('\n', "; "));
        return Err(Diagnostic::new("manifest-invalid", message).at(MANIFEST_FILE, line));
    }
    Manifest::from_toml(text).map_err(|error| {
        let (line, message) = match &error {
            ManifestError::Key { key, problem } => told(text, key, problem),
            other => (None, other.to_string()),
        };
        let problem = Diagnostic::new("manifest-invalid", message).at(MANIFEST_FILE, line);
        match advice(&error) {
            Some(help) => problem.help(help),
            None => problem,
        }
    })
}

/// The line and the words for what is wrong with `key`.
fn told(text: &str, key: &str, problem: &str) -> (Option<usize>, String) {
    // serde names the table, and the key only in its sentence.
    let named = problem.split('`').nth(1).unwrap_or_default();
    let inner = if key == "." { named.to_owned() } else { format!("{key}.{named}") };
    if problem.starts_with("missing field") {
        return (line_of_key(text, key), format!("`{inner}` is missing"));
    }
    if let Some(known) = problem.strip_prefix("unknown field") {
        let known = known.split_once(", ").map(|(_, known)| format!(" ({known})")).unwrap_or_default();
        let key = if key.rsplit('.').next() == Some(named) { key } else { &inner };
        return (line_of_key(text, key), format!("`{key}` is not a key of a manifest{known}"));
    }
    (line_of_key(text, key), format!("`{key}` {problem}"))
}

fn advice(error: &ManifestError) -> Option<&'static str> {
    let ManifestError::Key { key, problem } = error else { return None };
    match key.as_str() {
        "id" => Some("write `id = \"<your namespace>/<name>\"`"),
        "version" => Some("write three numbers, such as `version = \"0.1.0\"`"),
        "kind" if problem.contains("unknown variant") => {
            Some("write destination, chat, moderation or payment")
        }
        _ if problem.contains("bound to nothing") => {
            Some("say where the host may put the secret, such as `hosts = [\"api.example.com\"]`")
        }
        _ => None,
    }
}

/// The line of a key path such as `capabilities.http.hosts[0]` in the TOML `text`, or of the nearest table around
/// it that is there.
pub(crate) fn line_of_key(text: &str, path: &str) -> Option<usize> {
    let table = DeTable::parse(text).ok()?;
    let span = span_in_table(table.get_ref(), path)?;
    Some(line_at(text, span.start))
}

/// Keys may have dots in them, so the path is compared with the keys that are there.
fn span_in_table(table: &DeTable<'_>, path: &str) -> Option<Range<usize>> {
    let of_key = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key_text: &str = AsRef::<str>::as_ref(key.get_ref());
        let rest = path.strip_prefix(key_text)?;
        match rest.as_bytes().first() {
            None => Some(key.span()),
            Some(b'.') => Some(span_in(value, &rest[1..]).unwrap_or_else(|| key.span())),
            Some(b'[') => Some(span_in(value, rest).unwrap_or_else(|| key.span())),
            Some(_) => None,
        }
    };
    table.iter().find_map(of_key)
}

fn span_in(value: &Spanned<DeValue<'_>>, path: &str) -> Option<Range<usize>> {
    match value.get_ref() {
        DeValue::Table(table) => span_in_table(table, path),
        DeValue::Array(items) => {
            let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
            let item = items.get(index.parse::<usize>().ok()?)?;
            match rest.strip_prefix('.').unwrap_or(rest) {
                "" => Some(item.span()),
                rest => Some(span_in(item, rest).unwrap_or_else(|| item.span())),
            }
        }
        _ => None,
    }
}

/// The line, from 1, of the byte `offset`.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).fold(0, |lines, byte| lines + usize::from(byte == b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"schema = 1
id = "acme/odysee"
version = "1.4.0"
kind = "destination"
name = "Odysee"
license = "Apache-2.0"

[capabilities.http]
hosts = [
    "https://api.odysee.com",
    "https://cdn.odysee.com",
]
methods = ["GET", "POST"]
reason = "Create broadcasts"

[capabilities.secrets.api-token]
kind = "oauth2"
authorize-url = "https://odysee.com/authorize"
token-url = "https://odysee.com/token"
authorize-parameters = { "access.type" = "offline" }
hosts = ["api.odysee.com"]
"#;

    fn problem(from: &str, to: &str) -> String {
        assert!(TEXT.contains(from), "{from}");
        read(&TEXT.replace(from, to)).unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_key_is_told_with_its_line() {
        assert!(read(TEXT).is_ok());
        for (from, to, told) in [
            ("\"1.4.0\"", "\"1.4\"", "plugin.toml:3: `version` `1.4` is not a semantic version"),
            ("https://cdn.odysee.com", "https://*", "plugin.toml:11: `capabilities.http.hosts[1]` "),
            ("\"POST\"", "\"BREW\"", "plugin.toml:13: `capabilities.http.methods[1]` `BREW`"),
            ("reason = \"Create broadcasts\"", "", "plugin.toml:8: `capabilities.http.reason` is missing"),
            ("reason =", "why =", "plugin.toml:14: `capabilities.http.why` is not a key of a manifest"),
            ("license = \"Apache-2.0\"", "", "plugin.toml: `license` is missing"),
            ("license", "licence", "plugin.toml:6: `licence` is not a key of a manifest"),
            (
                "\"access.type\"",
                "redirect_uri",
                "plugin.toml:20: `capabilities.secrets.api-token.authorize-parameters.redirect_uri` is set by the host",
            ),
            (
                "hosts = [\"api.",
                "hosts = [\"evil.",
                "plugin.toml:21: `capabilities.secrets.api-token.hosts[0]` ",
            ),
            ("token-url = \"https://odysee.com/token\"", "", "plugin.toml:16: "),
            ("kind = \"destination\"", "kind = \"virus\"", "plugin.toml:4: `kind` unknown variant `virus`"),
            ("schema = 1", "schema = \"one\"", "plugin.toml:1: `schema` invalid type"),
        ] {
            let problem = problem(from, to);
            assert!(problem.starts_with(told), "{to}: {problem}");
        }
    }

    #[test]
    fn what_is_not_toml_is_told_with_its_line() {
        assert!(problem("name = ", "name ").starts_with("plugin.toml:5: is not TOML: "));
        assert!(
            problem("[capabilities.http]", "[capabilities.http").starts_with("plugin.toml:8: is not TOML: ")
        );
        let twice = problem("name = \"Odysee\"", "name = \"Odysee\"\nname = \"Again\"");
        assert!(twice.starts_with("plugin.toml:6: is not TOML: "), "{twice}");
    }

    #[test]
    fn a_key_with_dots_and_a_table_that_is_not_there_have_a_line() {
        let path = "capabilities.secrets.api-token.authorize-parameters.access.type";
        assert_eq!(line_of_key(TEXT, path), Some(20));
        assert_eq!(line_of_key(TEXT, "capabilities.http.hosts[7]"), Some(9));
        assert_eq!(line_of_key(TEXT, "limits.memory-mib"), None);
    }
}
