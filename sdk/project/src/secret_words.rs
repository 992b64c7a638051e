//! Settings that hold a secret. A setting is stored and shown as it is, so what is secret belongs into
//! `[capabilities.secrets]`, where it is sealed and the plugin only names it.

use serde_json::{Map, Value};

/// A property of a schema that holds a secret.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SecretProperty {
    /// JSON pointer to it in the schema.
    pub(crate) pointer: String,
    /// Its name.
    pub(crate) name: String,
    /// How it was told, as the end of "its ... ".
    pub(crate) sign: &'static str,
}

/// What says of a property that it is no secret, in spite of its name.
pub(crate) const NOT_SECRET: &str = "x-secret";

/// The properties of `schema` that hold a secret, however deep.
pub(crate) fn secret_properties(schema: &Value) -> Vec<SecretProperty> {
    let mut found = Vec::new();
    walk(schema, "", None, &mut found);
    found
}

fn walk(schema: &Value, pointer: &str, name: Option<&str>, found: &mut Vec<SecretProperty>) {
    match schema {
        Value::Object(object) => {
            if let Some(name) = name
                && let Some(sign) = sign_of_secret(name, object)
            {
                found.push(SecretProperty { pointer: pointer.to_owned(), name: name.to_owned(), sign });
                return;
            }
            for (key, inner) in object {
                let at = format!("{pointer}/{}", escaped(key));
                match inner {
                    Value::Object(properties) if key == "properties" => {
                        for (name, property) in properties {
                            walk(property, &format!("{at}/{}", escaped(name)), Some(name), found);
                        }
                    }
                    // A list of tokens holds tokens.
                    _ if key == "items" => walk(inner, &at, name, found),
                    _ => walk(inner, &at, None, found),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{pointer}/{index}"), None, found);
            }
        }
        _ => {}
    }
}

/// RFC 6901, section 3.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn sign_of_secret(name: &str, property: &Map<String, Value>) -> Option<&'static str> {
    let text = |key: &str| property.get(key).and_then(Value::as_str);
    if property.get(NOT_SECRET) == Some(&Value::Bool(false)) {
        return None;
    }
    if ["default", "const"].iter().any(|key| text(key).is_some_and(looks_secret)) {
        return Some("default");
    }
    if property.get("enum").is_some() || !matches!(text("type"), Some("string") | None) {
        return None;
    }
    let is_plain = property.contains_key("$ref") || property.contains_key("properties");
    match () {
        () if text("format") == Some("password") => Some("format"),
        () if matches!(text("x-widget"), Some("password" | "secret")) => Some("x-widget"),
        () if property.get("writeOnly") == Some(&Value::Bool(true)) => Some("writeOnly"),
        () if !is_plain && is_secret_name(name) => Some("name"),
        () => None,
    }
}

/// Whether `name` ends with a word for secrets: `api_token`, `clientSecret`, `stream-key`; not `token_url`.
pub(crate) fn is_secret_name(name: &str) -> bool {
    const ALONE: [&str; 9] =
        ["password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "streamkey", "jwt"];
    const BEFORE_KEY: [&str; 9] =
        ["api", "stream", "private", "access", "signing", "secret", "encryption", "auth", "webhook"];
    let words = words_of(name);
    let words: Vec<_> = words.iter().map(|word| word.strip_suffix('s').unwrap_or(word)).collect();
    match words.as_slice() {
        [.., before, "key"] => BEFORE_KEY.contains(before) || *before == "acces",
        [.., last] => ALONE.contains(last),
        [] => false,
    }
}

/// The words of a name in any usual case, in lower case.
pub(crate) fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for char in name.chars() {
        let begins_word = !char.is_alphanumeric() || (char.is_uppercase() && was_lower);
        if begins_word {
            words.push(String::new());
        }
        was_lower = char.is_lowercase() || char.is_ascii_digit();
        if char.is_alphanumeric() {
            words.last_mut().expect("there is one from the beginning").extend(char.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether `text` is a credential as well-known services write them, or a private key.
pub(crate) fn looks_secret(text: &str) -> bool {
    const BEGINNINGS: [&str; 14] = [
        "sk_live_",
        "sk_test_",
        "rk_live_",
        "whsec_",
        "ghp_",
        "gho_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "AKIA",
        "ya29.",
        "live_",
        "npm_",
    ];
    let is_token = |text: &str| {
        text.len() >= 16
            && text.bytes().any(|byte| byte.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    let is_jwt = text.starts_with("eyJ") && text.matches('.').count() == 2;
    (BEGINNINGS.iter().any(|beginning| text.starts_with(beginning)) || is_jwt) && is_token(text)
        || text.starts_with("-----BEGIN ") && text.contains("PRIVATE KEY")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_any_case() {
        for name in [
            "password",
            "api_token",
            "clientSecret",
            "stream-key",
            "API_KEYS",
            "bot.tokens",
            "accessKey",
            "apikey",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in
            ["token_url", "key", "key_id", "publishable_key", "secretary", "rtmp_url", "sort_key", "", "-"]
        {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn a_secret_is_found_however_deep_and_whichever_way_it_is_told() {
        let schema = json!({
            "type": "object",
            "properties": {
                "account": { "type": "object", "properties": {
                    "name": { "type": "string" },
                    "api/token": { "type": "string" },
                } },
                "tokens": { "type": "array", "items": { "type": "string" } },
                "pin": { "type": "string", "format": "password" },
                "word": { "type": "string", "x-widget": "password" },
                "region": { "type": "string", "default": "ghp_0123456789abcdef0123" },
                "max_token": { "type": "integer" },
                "secret": { "enum": ["allow", "forbid"] },
                "invite_token": { "type": "string", "x-secret": false },
            },
        });
        let found: Vec<_> = secret_properties(&schema).into_iter().map(|it| (it.pointer, it.sign)).collect();
        let mut found: Vec<_> = found.iter().map(|(pointer, sign)| (pointer.as_str(), *sign)).collect();
        found.sort_unstable();
        assert_eq!(
            found,
            [
                ("/properties/account/properties/api~1token", "name"),
                ("/properties/pin", "format"),
                ("/properties/region", "default"),
                ("/properties/tokens/items", "name"),
                ("/properties/word", "x-widget"),
            ]
        );
    }

    #[test]
    fn credentials_are_known_by_their_form() {
        for text in [
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "live_104957361_9dj2kf7GhT",
            "-----BEGIN PRIVATE KEY-----\nMC4",
        ] {
            assert!(looks_secret(text), "{text}");
        }
        for text in ["live_from_berlin", "https://api.example.com", "eyJ", "AKIA", ""] {
            assert!(!looks_secret(text), "{text}");
        }
    }
}
