//! Reading WIT values from JSON: every error says where, as a JSON pointer, and what was expected.

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use neustream_contract::{Field, Value as Named};
use serde_json::{Map, Value};

/// A JSON value that is not what the interface says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", if .pointer.is_empty() { "/" } else { .pointer.as_str() })]
pub struct Malformed {
    /// Where: a JSON pointer (RFC 6901); empty for the whole.
    pub pointer: String,
    /// What was expected there, in a sentence.
    pub message: String,
}

/// A JSON value and where it stands.
#[derive(Debug, Clone)]
pub struct At<'a> {
    value: &'a Value,
    pointer: String,
}

/// Reads into `T`, or says why not.
pub type Read<T> = Result<T, Malformed>;

impl<'a> At<'a> {
    /// `value` as a whole.
    pub fn root(value: &'a Value) -> Self {
        Self::standing(value, "")
    }

    /// `value`, which stands at `pointer`.
    pub fn standing(value: &'a Value, pointer: impl Into<String>) -> Self {
        Self { value, pointer: pointer.into() }
    }

    /// The value itself.
    pub fn json(&self) -> &'a Value {
        self.value
    }

    /// What is wrong here.
    pub fn malformed(&self, message: impl fmt::Display) -> Malformed {
        Malformed { pointer: self.pointer.clone(), message: message.to_string() }
    }

    fn expected(&self, what: &str) -> Malformed {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.malformed(format!("expected {what}, found {found}"))
    }

    fn child(&self, key: &str, value: &'a Value) -> Self {
        // RFC 6901, section 3.
        Self { value, pointer: format!("{}/{}", self.pointer, key.replace('~', "~0").replace('/', "~1")) }
    }

    fn object(&self) -> Read<&'a Map<String, Value>> {
        self.value.as_object().ok_or_else(|| self.expected("an object"))
    }

    /// An object with no other keys than these; who misspells one learns it.
    pub fn with_keys(self, known: &[&str]) -> Read<Self> {
        match self.object()?.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => {
                let known = known.join("`, `");
                Err(self
                    .child(key, self.value)
                    .malformed(format!("there is no `{key}` here; there are `{known}`")))
            }
            None => Ok(self),
        }
    }

    /// The member `key`, which must be there.
    pub fn field(&self, key: &str) -> Read<Self> {
        self.optional(key)?.ok_or_else(|| self.malformed(format!("`{key}` is missing")))
    }

    /// The member `key`; none where it is absent or null.
    pub fn optional(&self, key: &str) -> Read<Option<Self>> {
        let member = self.object()?.get(key).filter(|value| !value.is_null());
        Ok(member.map(|value| self.child(key, value)))
    }

    /// All members.
    pub fn members(&self) -> Read<Vec<(&'a str, Self)>> {
        Ok(self.object()?.iter().map(|(key, value)| (key.as_str(), self.child(key, value))).collect())
    }

    /// A text.
    pub fn text(&self) -> Read<String> {
        self.value.as_str().map(str::to_owned).ok_or_else(|| self.expected("a text"))
    }

    /// A whole number from 0.
    pub fn number<N: TryFrom<u64>>(&self) -> Read<N> {
        let number = self.value.as_u64().ok_or_else(|| self.expected("a whole number from 0"))?;
        N::try_from(number).map_err(|_| self.malformed(format!("{number} is too large here")))
    }

    /// The elements of a list.
    pub fn list(&self) -> Read<Vec<Self>> {
        let list = self.value.as_array().ok_or_else(|| self.expected("a list"))?;
        Ok(list.iter().enumerate().map(|(index, value)| self.child(&index.to_string(), value)).collect())
    }

    /// The elements of a list, each read by `read`.
    pub fn list_of<T>(&self, read: impl Fn(&Self) -> Read<T>) -> Read<Vec<T>> {
        self.list()?.iter().map(read).collect()
    }

    /// The elements of the list `key`; none where it is absent.
    pub fn optional_list<T>(&self, key: &str, read: impl Fn(&Self) -> Read<T>) -> Read<Vec<T>> {
        self.optional(key)?.map_or_else(|| Ok(Vec::new()), |list| list.list_of(read))
    }

    /// A list of two.
    pub fn pair(&self) -> Read<(Self, Self)> {
        match self.list()?.as_slice() {
            [first, second] => Ok((first.clone(), second.clone())),
            other => Err(self.malformed(format!("expected a list of two, found one of {}", other.len()))),
        }
    }

    /// A pair of texts, such as a header.
    pub fn texts(&self) -> Read<(String, String)> {
        let (first, second) = self.pair()?;
        Ok((first.text()?, second.text()?))
    }

    /// A variant: `"name"`, or `{"name": payload}`.
    pub fn variant(&self) -> Read<(&'a str, Option<Self>)> {
        if let Some(name) = self.value.as_str() {
            return Ok((name, None));
        }
        match self.members()?.as_slice() {
            [(name, payload)] => Ok((name, Some(payload.clone()))),
            _ => Err(self.malformed("expected a variant: its name, or an object with its name alone as key")),
        }
    }

    /// The payload of the case `name`, which must be there.
    pub fn payload(&self, name: &str, payload: Option<Self>) -> Read<Self> {
        payload.ok_or_else(|| self.malformed(format!("`{name}` needs a value: {{ \"{name}\": ... }}")))
    }

    /// Bytes: a text, `{"base64": "..."}` or `{"json": ...}`; none where it is null.
    pub fn bytes(&self) -> Read<Vec<u8>> {
        match self.value {
            Value::Null => Ok(Vec::new()),
            Value::String(text) => Ok(text.clone().into_bytes()),
            Value::Object(members) if members.len() == 1 => match members.iter().next() {
                Some((key, Value::String(text))) if key == "base64" => BASE64_STANDARD
                    .decode(text)
                    .map_err(|error| self.child(key, self.value).malformed(format!("not base64: {error}"))),
                Some((key, json)) if key == "json" => Ok(json.to_string().into_bytes()),
                _ => Err(self.expected_bytes()),
            },
            _ => Err(self.expected_bytes()),
        }
    }

    fn expected_bytes(&self) -> Malformed {
        self.expected("bytes: a text, { \"base64\": \"...\" } or { \"json\": ... }")
    }

    /// The bytes `key`; none where it is absent.
    pub fn optional_bytes(&self, key: &str) -> Read<Vec<u8>> {
        self.optional(key)?.map_or_else(|| Ok(Vec::new()), |bytes| bytes.bytes())
    }

    /// A value that may name a secret: the text itself, `{"secret": "name"}`, `{"prefixed": ["Bearer ", "name"]}`,
    /// `{"basic": ["user", "name"]}`.
    pub fn value(&self) -> Read<Named> {
        if let Some(text) = self.value.as_str() {
            return Ok(Named::Plain(text.to_owned()));
        }
        let (name, payload) = self.variant()?;
        let payload = self.payload(name, payload)?;
        Ok(match name {
            "secret" => Named::Secret(payload.text()?),
            "prefixed" => payload.texts().map(|(text, name)| Named::Prefixed(text, name))?,
            "basic" => payload.texts().map(|(user, name)| Named::Basic(user, name))?,
            _ => {
                let message = "expected a text, or an object with `secret`, `prefixed` or `basic`";
                return Err(self.malformed(message));
            }
        })
    }

    /// A header, a query parameter: `["name", value]`.
    pub fn named_field(&self) -> Read<Field> {
        let (name, value) = self.pair()?;
        Ok(Field { name: name.text()?, value: value.value()? })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_says_where_and_what_was_expected() {
        let value = json!({ "broadcast": { "id": 7, "a/b": [["x"]] } });
        let broadcast = At::root(&value).field("broadcast").unwrap();
        let error = broadcast.field("id").and_then(|id| id.text()).unwrap_err();
        assert_eq!(error.to_string(), "/broadcast/id: expected a text, found a number");
        let pair = broadcast.field("a/b").unwrap().list_of(At::texts).unwrap_err();
        assert_eq!(pair.to_string(), "/broadcast/a~1b/0: expected a list of two, found one of 1");
        assert_eq!(broadcast.field("title").unwrap_err().message, "`title` is missing");
        let unknown = broadcast.with_keys(&["id", "title"]).unwrap_err();
        assert!(unknown.message.contains("there is no `a/b` here"), "{unknown}");
    }

    #[test]
    fn bytes_are_texts_base64_or_json() {
        for (value, bytes) in [
            (json!("ä"), "ä".as_bytes()),
            (json!({"base64": "AP8="}), &[0, 255]),
            (json!({"json": {"a": [1]}}), br#"{"a":[1]}"#),
            (Value::Null, b""),
        ] {
            assert_eq!(At::root(&value).bytes().unwrap(), bytes);
        }
        for bad in [json!({"base64": "?"}), json!([1]), json!({"json": 1, "base64": ""})] {
            assert!(At::root(&bad).bytes().is_err(), "{bad}");
        }
    }
}
